//! What every layer of binance-kit shares: exact values, identifiers, times, products and topics, the request and event traits,
//! the failure vocabulary, the parameter writer, limit counters, and the primitives that decode and encode JSON and SBE.
//!
//! It is not a client: sockets, async runtimes, clocks and cryptography are absent. Everything here is a value or a state machine
//! that takes bytes and times as arguments.
//!
//! ```
//! use binance_kit_core::{Api, Cost, HttpMethod, ParamWriter, RawRequest, Request, Security, dec};
//!
//! let request = RawRequest::<Vec<u64>>::new(Api::Spot, HttpMethod::Get, "/api/v3/depth", Security::None)
//!     .with("symbol", "BTCUSDT")
//!     .with_cost(Cost::ip(5));
//! let mut params = ParamWriter::new();
//! request.write(&mut params);
//! assert_eq!(params.to_query(), "symbol=BTCUSDT");
//! assert_eq!((dec!(60123.45) * dec!(0.001)).to_string(), "60.12345");
//! ```
//!
//! ```text
//! request ─► api, cost, security, parameters ─► transports ─► answer ─► Decoder ─► typed answer or Error
//! topic   ─► name, api, route, cadence ───────► streams ────► frame ──► Codec ───► event, time, sequence
//! ```

pub mod cost;
pub mod decimal;
pub mod decode;
pub mod encode;
pub mod error;
pub mod event;
pub mod failure;
pub mod id;
pub mod limit;
mod list;
pub mod page;
pub mod params;
pub mod printable;
pub mod product;
pub mod request;
pub mod sbe;
pub mod scrub;
pub mod sequence;
pub mod tap;
pub mod text;
pub mod time;
pub mod topic;

pub use cost::{Cost, Pool};
pub use decimal::Decimal;
pub use decode::{Decode, DecodeError, Decoder};
pub use encode::{Encode, JsonWriter};
pub use error::{ApiError, Delivery, ErrorCode, InvalidRequest};
pub use event::{HEAP_FACTOR, InvalidStreamName, StreamEvent, StreamName};
pub use failure::{Error, ErrorKind, RequestName, Responsible};
pub use limit::{RateLimit, RateLimitInterval, RateLimitKind};
pub use list::{List, UnreadableElement};
pub use page::{Cursor, InvalidCursor, PageError, Paged};
pub use params::ParamWriter;
pub use printable::{Printable, printable, printable_json};
pub use product::{Api, Product};
pub use request::{HttpMethod, RawRequest, RawWsRequest, Request, RestRequest, Security, WsRequest};
pub use sbe::Encoding;
pub use sequence::{Position, Sequence};
pub use text::{Asset, ClientOrderId, Symbol};
pub use time::{TimeUnit, Timestamp};
pub use topic::{Codec, Decoded, IntoTopic, MixedTopic, RawEvent, Record, Route, StreamInfo, Topic};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
