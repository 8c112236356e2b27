//! What every transport of binance-kit uses: environments and URLs, dialling (TCP, proxies), TLS, the WebSocket connection, the
//! governor of the exchange's limits, and the places where time, randomness and tasks come from.
//!
//! It has no requests, no streams and no JSON: those are in the crates above. A [`Context`] holds what all clients of a program
//! share, and an [`Environment`] the URLs of the exchange's products:
//!
//! ```
//! use binance_kit_core::{Api, Cost};
//! use binance_kit_net::{Context, Environment, TcpDial};
//!
//! # fn main() -> Result<(), binance_kit_net::Error> {
//! let local = [[192, 0, 2, 1].into(), [192, 0, 2, 2].into()];
//! let context = Context::builder().dial(TcpDial::new().local_addresses(local)).build()?;
//! let environment = Environment::production();
//! assert_eq!(environment.rest_url(Api::UsdmFutures), Some("https://fapi.binance.com"));
//! context.governor().try_acquire(Api::UsdmFutures, None, &Cost::ip(5)).unwrap();
//! # Ok(())
//! # }
//! ```
//!
//! ```text
//!               Context: clock, randomness, limits, attempts to connect
//!                  │
//!  Environment ─► Endpoint ─► Dial (TCP, proxy, memory) ─► Tls ─┬─► HTTP, in the crate `rest`
//!   (product ×                                                  └─► WebSocket ─► messages
//!    transport)
//! ```
//!
//! Invariants:
//!
//! * Nothing here reads the wall clock, draws randomness or spawns a task but through [`clock`], [`random`] and [`task`].
//! * A connection is anything that is `AsyncRead + AsyncWrite`; see [`io::Dial`].
//! * Plain text is sent to loopback addresses only.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod attempts;
pub mod backoff;
mod budget;
mod busy;
pub mod clock;
pub mod context;
pub mod endpoint;
pub mod environment;
pub mod error;
pub mod governor;
mod http_head;
pub mod in_flight;
pub mod io;
mod proxy;
pub mod random;
pub mod task;
pub mod tcp;
pub mod tls;
pub mod ws;

pub use attempts::{AttemptLimits, Attempts, Priority};
pub use backoff::{Backoff, BackoffPolicy};
pub use budget::{ByteBudget, ByteShare, Charge, SplitShare};
pub use clock::Clock;
pub use context::{Context, ContextBuilder};
pub use endpoint::{Endpoint, Scheme, without_user_info};
pub use environment::{Environment, stream_base_url};
pub use error::{Error, ErrorKind};
pub use governor::{AccountKey, LimitGovernor};
pub use in_flight::{InFlight, InFlightGuard};
pub use io::{BoxIo, Dial, Io};
pub use random::Random;
pub use tcp::TcpDial;
pub use tls::Tls;
pub use ws::{FrameLayer, MessageBytes, Sent, WebSocket, WsConfig, WsMessage};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
