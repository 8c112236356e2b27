//! Request and response over the WebSocket APIs of the exchange: orders and queries on one connection, any number in flight,
//! and (for Spot) the account's own events on the same connection.
//!
//! It is no list of endpoints: it sends values that implement [`WsRequest`](binance_kit_core::WsRequest), those of the model
//! crate or of the caller. A client belongs to one product, and requests of another do not compile.
//!
//! ```no_run
//! use binance_kit_core::{RawWsRequest, Security};
//! use binance_kit_net::Environment;
//! use binance_kit_ws_api::{Context, WsApiClient};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = WsApiClient::builder(&Context::new()?, &Environment::production()).connect().await?;
//! let request: RawWsRequest<serde_json::Value> = RawWsRequest::new("time", Security::None).query();
//! println!("{}", client.send(request).await?.value().0);
//! # Ok(())
//! # }
//! ```
//!
//! ```text
//!  callers: send(request) ─► check, limits (wait) ─► channel ─► task: sign ─► socket ─► exchange
//!                 ▲                                               │                        │
//!                 └── WsResponse<T> or Error ◄── decode ◄── requests in flight ◄── frame ◄─┤
//!  UserDataStream ◄── queue ◄── decode ◄── subscription ◄──────────────────────── event ◄──┘
//! ```
//!
//! Invariants:
//!
//! * A request belongs to the connection it was written on. When that is lost, the request fails and states whether the
//!   exchange may have seen it; nothing is ever replayed on a new connection.
//! * A request is signed when it is written, not when it is made.
//! * Ids are never used twice in a process.
//! * One task owns the socket; the futures of callers hold nothing but the end of a channel.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod actor;
mod call;
mod client;
mod config;
mod correlator;
mod protocol;
mod response;
mod user_data;

/// The failures of all transports.
pub use binance_kit_core::{Error, ErrorKind};
/// What a client is built on: clock, randomness, dialling and the limits.
pub use binance_kit_net::{Charge, Context};
pub use client::{WsApiBuilder, WsApiClient};
pub use config::{SessionState, WsApiConfig};
pub use response::WsResponse;
pub use user_data::{UserDataItem, UserDataStream};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
