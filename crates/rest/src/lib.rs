//! The REST transport of binance-kit: one client that sends the requests of all products, each to its host, and gives typed
//! answers, within the exchange's rate limits and with its clock.
//!
//! It is no list of endpoints: requests are values of the model crate, types of the caller, or written on the spot with
//! [`RestClient::raw`]. Lists that are longer than one answer are read by [`RestClient::items`] and [`RestClient::pages`].
//!
//! ```no_run
//! use binance_kit_core::{Api, HttpMethod};
//! use binance_kit_net::{Context, Environment};
//! use binance_kit_rest::RestClient;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = RestClient::builder(&Context::new()?, &Environment::production()).build()?;
//! let time: serde_json::Value = client.raw(Api::Spot, HttpMethod::Get, "/api/v3/time").await?;
//! println!("{time}");
//! # Ok(())
//! # }
//! ```
//!
//! ```text
//!  request ─► check, write parameters ─► limits (wait) ─► sign ─► pool of the host ─► exchange
//!                                                          ▲                             │
//!          again, where that is harmless ──────────────────┴──── classify ◄── answer ◄───┘
//!                                                                   │
//!  RestResponse<T> or Error ◄───────── decode ◄─────────────────────┘
//! ```
//!
//! Invariants:
//!
//! * **A request that may have reached the exchange is not sent again**, unless it is a query. Each failure says whether
//!   a byte may have left ([`Error::delivery`]).
//! * The bytes that are signed are the bytes that are sent, and they are signed after all waiting, at the moment of
//!   sending.
//! * No redirect is followed, no compression is asked for, and every buffer that the server could make grow has a cap.
//! * Keys, signatures and parameter values appear in no log line, no error text and no `Debug` output, even where the
//!   exchange echoes them.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod classify;
mod client;
mod config;
mod connect;
mod decode;
mod exchange;
mod headers;
mod hosts;
mod pages;
mod prepared;
mod raw;
mod response;
mod send;

/// The failures of all transports.
pub use binance_kit_core::{Error, ErrorKind};
pub use builder::RestClientBuilder;
pub use client::RestClient;
pub use config::RestConfig;
pub use pages::{Items, Pages};
pub use raw::RawCall;
pub use response::RestResponse;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
