//! Request and response over the WebSocket API: orders and queries on one connection, any number in flight, and the
//! account's own events on the same connection.
//!
//! Invariants:
//!
//! * A request belongs to the connection it was written on. When that is lost, the request fails and says whether the
//!   exchange may have seen it; nothing is ever replayed on a new connection.
//! * A request is signed when it is written, not when it is made.
//! * Ids are never used twice in a process.
//! * One task owns the socket; the futures of callers hold nothing but the end of a channel.
//!
//! The crate knows no request types: it sends whatever implements [`WsRequest`](binance_kit_core::WsRequest).

pub mod client;
pub mod config;
pub mod error;
pub mod response;
pub mod user_data;

mod actor;
mod call;
mod correlator;

/// What a client is built on: clock, randomness, dialling and the governor of request weight.
pub use binance_kit_net::Context;
pub use client::{WsApiBuilder, WsApiClient};
pub use config::{SessionState, WsApiConfig};
pub use error::{Error, ErrorKind};
pub use response::Response;
pub use user_data::{UserDataItem, UserDataStream};
