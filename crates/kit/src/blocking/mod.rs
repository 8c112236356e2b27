//! The SDK for programs without an async runtime: everything runs on one background thread, and calls from any other thread
//! wait for it.
//!
//! * [`Streams`] gives iterators over streams and over lists that come in pages, and REST requests that block.
//!   With the feature `book` they keep local order books, too (`Streams::books`).
//! * [`CallbackManager`] calls functions with what arrives: `start_trade_socket(…)`, `stop_socket(…)`, `stop()`, `join()`.
//!
//! Callers wait for the background thread. In a program that has an async runtime, that stops the runtime's own tasks meanwhile:
//! use the clients themselves there.

#[cfg(feature = "book")]
mod books;
mod callbacks;
mod items;
mod iterator;
mod thread;
#[cfg(feature = "ws-api")]
mod user;
mod wait;

#[cfg(feature = "book")]
pub use books::Books;
pub use callbacks::{CallbackManager, SocketError};
pub use items::Items;
pub use iterator::{Events, Streams, StreamsError};
pub use thread::StartError;
