//! The SDK for programs without an async runtime: everything runs on one background thread, and calls from any other thread
//! wait for it.
//!
//! * [`Streams`] gives iterators over streams, and REST requests that block.
//! * [`CallbackManager`] calls functions with what arrives: `start_trade_socket(…)`, `stop_socket(…)`, `stop()`, `join()`.
//!
//! None of it may be used inside an async runtime: blocking there would stop the runtime's own tasks.

mod callbacks;
mod iterator;
mod thread;

pub use callbacks::{CallbackManager, SocketError};
pub use iterator::{Events, Streams};
pub use thread::StartError;
