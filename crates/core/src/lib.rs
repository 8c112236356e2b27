//! What every layer of binance-kit shares: exact values, identifiers, times, the request and event
//! traits, the parameter writer, the exchange's error payload, limit accounting, and the primitives
//! that decode and encode JSON.
//!
//! What is deliberately absent: sockets, async runtimes, clocks and cryptography. Everything here is a
//! value or a state machine that is handed bytes and times.

pub mod cost;
pub mod decimal;
pub mod decode;
pub mod encode;
pub mod error;
pub mod event;
pub mod failure;
pub mod id;
pub mod limit;
pub mod page;
pub mod params;
pub mod product;
pub mod request;
pub mod sbe;
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
pub use event::{InvalidStreamName, StreamEvent, StreamName};
pub use failure::{Error, ErrorKind, RequestName, Responsible};
pub use limit::{RateLimit, RateLimitInterval, RateLimitKind};
pub use page::{Cursor, InvalidCursor, PageError, Paged};
pub use params::ParamWriter;
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
