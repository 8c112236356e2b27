//! What every transport of binance-kit stands on: environments and URLs, dialling (TCP, proxies), TLS, the WebSocket
//! connection, and the seams through which time, randomness and tasks come in.
//!
//! Invariants:
//!
//! * Nothing here reads the wall clock, draws randomness or spawns a task but through [`clock`], [`random`] and [`task`].
//! * A connection is anything that is `AsyncRead + AsyncWrite`; see [`io::Dial`].
//! * Plain text is spoken to loopback addresses only.

pub mod attempts;
pub mod backoff;
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
pub use clock::Clock;
pub use context::{Context, ContextBuilder};
pub use endpoint::{Endpoint, Scheme};
pub use environment::{Environment, stream_base_url};
pub use error::{Error, ErrorKind};
pub use governor::{AccountKey, LimitGovernor};
pub use in_flight::{InFlight, InFlightGuard};
pub use io::{BoxIo, Dial, Io};
pub use random::Random;
pub use tcp::TcpDial;
pub use tls::Tls;
pub use ws::{Message, Payload, Sent, WebSocket, WsConfig};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
