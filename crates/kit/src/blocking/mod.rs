//! The SDK for programs without an async runtime: everything runs on one background thread, and calls from any other thread
//! wait for it.
//!
//! [`Binance`] is the way in, with the methods of [`crate::Binance`]: [`rest`](Binance::rest), [`ws_api`](Binance::ws_api),
//! [`orders`](Binance::orders), [`account`](Binance::account), [`books`](Binance::books), and
//! [`subscribe`](Binance::subscribe) for streams as iterators. Each gives the blocking form of what the async method gives, under
//! the same name. [`Binance::callbacks`] gives a [`Callbacks`], which calls functions with what arrives, as python-binance's
//! `ThreadedWebsocketManager` does.
//!
//! ```no_run
//! use binance_kit::{blocking, spot};
//!
//! fn main() -> binance_kit::Result {
//!     let binance = blocking::Binance::production()?;
//!     for trade in binance.subscribe([spot::stream::trade("BTCUSDT")])?.events() {
//!         println!("{}", trade?.price);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! Callers wait for the background thread. In a program that has an async runtime, that stops the runtime's own tasks meanwhile:
//! use the clients themselves there.

#[cfg(feature = "account")]
mod account;
#[cfg(feature = "book")]
mod books;
mod callbacks;
mod client;
mod error;
mod items;
mod rest;
mod subscription;
mod thread;
#[cfg(feature = "ws-api")]
mod user;
mod wait;
#[cfg(feature = "ws-api")]
mod ws_api;

#[cfg(feature = "account")]
pub use account::{AccountEvents, AccountStream, Orders};
#[cfg(feature = "book")]
pub use books::Books;
pub use callbacks::Callbacks;
pub use client::Binance;
pub use error::BlockingError;
pub use items::{Items, Pages};
pub use rest::{RawCall, RestClient};
pub use subscription::{Events, Subscription};
#[cfg(feature = "ws-api")]
pub use ws_api::{UserDataStream, WsApiClient};
