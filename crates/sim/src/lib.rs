//! An embedded exchange on loopback that serves the Binance protocols.
//!
//! It matches orders by price and time in exact decimals, verifies the signatures of its accounts' API keys, serves market
//! streams, REST and the WebSocket API on one port, and has a seeded market. Tests inject faults into it and read its accounts.
//! It serves the Spot product. It is not a back-test engine, has no view of the real market unless a recording is replayed
//! ([`RecordedMarket`]), and shares no transport code with the clients that are tested with it.
//!
//! ```
//! use binance_kit_sim::{AccountConfig, Exchange};
//! use binance_kit_core::Decimal;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let alice = AccountConfig::new("alice")
//!     .balance("USDT", Decimal::new(10_000, 0))
//!     .hmac_key("aliceKey", "aliceSecret")?;
//! let exchange = Exchange::builder().seed(7).account(alice).start().await?;
//! let book = exchange.order_book("BTCUSDT")?;
//! assert!(book.bids[0].0 < book.asks[0].0);
//! exchange.shutdown().await;
//! # Ok::<(), binance_kit_sim::SimError>(())
//! # }).unwrap();
//! ```
//!
//! ```text
//! TCP, TLS ─┐            ┌─ REST ──────────┐
//!           ├─ faults ─ HTTP               gate ─ matching engine ─ clearing (balances)
//! memory  ──┘            ├─ WebSocket API ─┘            │ events
//!                        └─ streams ◄──────────────── hub, journal
//!           seeded market, recordings, admin ────────► matching engine
//! ```
//!
//! # Tests of your own program
//!
//! [`Exchange::connect`] opens a link in memory instead of a TCP connection. In a runtime with paused time
//! (`#[tokio::test(start_paused = true)]`) the exchange starts at a fixed time and follows tokio's clock, so that the same seed
//! gives the same market in each run, and hours pass in milliseconds. [`Exchange::account`] reads orders and balances and adds
//! funds; [`Exchange::inject`] orders a fault.
//!
//! ```
//! use binance_kit_core::Decimal;
//! use binance_kit_sim::{Exchange, Fault};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let exchange = Exchange::builder().seed(7).in_memory().start().await?;
//! exchange.inject(Fault::lose_response().on_request("order.place").once());
//! // … the program under test places an order, loses the answer, and asks for its state …
//! let demo = exchange.account("demo")?;
//! assert_eq!(demo.orders().len(), 0);
//! assert_eq!(demo.balance("USDT").free, Decimal::new(1_000_000, 0));
//! # Ok::<(), binance_kit_sim::SimError>(())
//! # }).unwrap();
//! ```
//!
//! # Faults
//!
//! What can go wrong between an exchange and its clients is injected with [`Exchange::inject`]: a [`Fault`] states what, where,
//! when and how often. It takes effect in memory under paused time and on real sockets alike. The handle counts how often it
//! happened; [`Exchange::keep_journal`] keeps the events that were sent, whether or not a fault withheld them.
//!
//! ```
//! use binance_kit_sim::{Exchange, Fault};
//! use std::time::Duration;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let exchange = Exchange::builder().in_memory().start().await?;
//! exchange.keep_journal(["btcusdt@trade"], 10_000)?;
//! // A bad minute: every tenth trade is lost, after 20 seconds the connections are cut, and the next two
//! // attempts to connect are answered with 503.
//! let losses = exchange.inject(Fault::gap().on_stream("btcusdt@trade").always().probability(0.1, 42));
//! exchange.inject(Fault::reset().at(Duration::from_secs(20)));
//! exchange.inject(Fault::unavailable(None).on_handshake().times(2));
//! // … the client under test runs here …
//! exchange.clear_faults();
//! assert_eq!(losses.hits(), 0, "no client was connected");
//! // The same as data, for files and for the control API.
//! let list = r#"[{"fault": "half_open", "at_millis": 5000, "lasting_millis": 30000},
//!                  {"fault": "lose", "executed": true, "on": {"request": "order.place"}}]"#;
//! for fault in Fault::list_from_json(list)? {
//!     exchange.inject(fault);
//! }
//! # Ok::<(), binance_kit_sim::SimError>(())
//! # }).unwrap();
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]

mod account;
mod accounts;
mod admin;
mod builder;
mod clearing;
mod clock;
pub mod control;
mod counters;
mod engine;
mod error;
mod exchange;
mod faults;
mod journal;
mod json;
mod limits;
mod market;
mod random;
mod sbe;
mod server;
mod setup;
mod shared;
mod state;
mod task;
#[cfg(feature = "tls")]
mod tls;

pub use binance_kit_model::common::Level;

pub use account::{AccountHandle, AccountOrder, AssetBalance};
pub use accounts::{AccountConfig, CommissionConfig, DemoAccount};
pub use admin::{AdminOrder, AdminOrderResult};
pub use builder::ExchangeBuilder;
pub use clock::{ManualClock, SimClock, SystemClock, TokioClock};
pub use counters::Counts;
pub use engine::{Feature, SymbolConfig, SymbolStatus};
pub use error::{SimError, SimErrorKind};
pub use exchange::{Connector, Exchange, ExchangeBook};
pub use faults::{ConnectionInfo, Direction, Fault, FaultHandle, FaultInForce, FaultKind, Scope, Times};
pub use journal::{Journal, JournalEvent};
pub use limits::Limits;
pub use market::{MarketConfig, RecordedMarket};
pub use server::link::MemoryLink;
#[cfg(feature = "tls")]
pub use tls::TlsConfig;

/// The example of the README is compiled with the documentation's tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
