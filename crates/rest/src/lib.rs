//! The REST transport of binance-kit: one client that sends any request type of `binance-kit-core` and gives its typed
//! answer, with the exchange's rate limits, clock and error codes looked after.
//!
//! It knows no endpoint: requests are values of the model crate, or of the caller's own, or a
//! [`RawRequest`](binance_kit_core::RawRequest) made on the spot.
//!
//! Lists that are longer than one answer are walked through by [`RestClient::items`] and [`RestClient::pages`].
//!
//! Invariants:
//!
//! * **A request that may have reached the exchange is not sent again**, unless it is a query. Each failure says whether
//!   a byte may have left ([`Error::delivery`]).
//! * The bytes that are signed are the bytes that are sent, and they are signed after all waiting, at the moment of
//!   sending.
//! * No redirect is followed, no compression is asked for, and every buffer that the server could make grow has a cap.
//! * Keys, signatures, parameter values and bodies appear in no log line, no error text and no `Debug` output.

mod builder;
mod client;
mod connect;
mod decode;
mod error;
mod exchange;
mod headers;
mod judge;
mod outgoing;
mod pages;
mod response;

pub use builder::RestClientBuilder;
pub use client::RestClient;
pub use error::{Error, ErrorKind};
pub use pages::{Items, Pages};
pub use response::Response;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
