//! An SDK for the Binance exchange.
//!
//! It streams market data and the account's own events, trades over the WebSocket API and REST, keeps verified local order
//! books, and ships an embedded exchange for programs and tests that run without a network, a key or money. It is not
//! affiliated with the exchange.
//!
//! | I want to … | use |
//! |---|---|
//! | stream trades, tickers, books, candles | [`Binance::streams`], names from [`spot::stream`] |
//! | keep a local order book | [`book`] |
//! | ask something once (candles, balances, rules) | [`Binance::rest`], requests from [`spot`] |
//! | walk through all candles, trades or orders on record | [`rest::RestClient::items`], `history()` of the requests in [`spot`] |
//! | check and round an order by the symbol's filters | [`spot::SymbolRules`] |
//! | place orders with the least delay | [`Binance::ws_api`] |
//! | follow my orders and balances | [`account`] |
//! | do all that without `async` | [`blocking`] |
//! | test my program without the exchange | [`sim`] |
//!
//! One request type serves both transports: `rest.send(request)` and `ws_api.send(request)` take the same value and give the
//! same typed answer.
//!
//! # A program
//!
//! Against the embedded exchange, so that it runs anywhere; with [`Binance::production`] or [`Binance::testnet`] in the place
//! of [`Binance::simulated`] it runs against the real one.
//!
//! ```
//! use binance_kit::account::{OrderOutcome, Orders};
//! use binance_kit::{Binance, Credentials, Decimal, sim, spot};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let exchange = sim::Exchange::builder().seed(7).start().await?;
//! let demo = exchange.demo_account().ok_or("there is one by default")?;
//! let key = Credentials::ed25519_pem(&demo.ed25519_api_key, &demo.ed25519_private_pem)?;
//! let binance = Binance::simulated(&exchange)?.with_credentials(key);
//!
//! // Ask something once, over REST.
//! let book = binance.rest()?.send(spot::Depth::new("BTCUSDT").limit(5)).await?;
//! for level in &book.bids {
//!     println!("{} × {}", level.price, level.quantity);
//! }
//!
//! // Stream.
//! let mut trades = binance.streams()?.subscribe::<spot::TradeEvent>([spot::stream::trade("BTCUSDT")?]).await?;
//! for _ in 0..3 {
//!     let trade = trades.next_event().await.ok_or("the stream was closed")?;
//!     println!("{} × {}", trade.event.price, trade.event.quantity);
//! }
//!
//! // Trade, over the WebSocket API.
//! let ws_api = binance.ws_api().await?;
//! let orders = Orders::new(&ws_api, binance.context(), "doc");
//! match orders.place(spot::NewOrder::market_buy("BTCUSDT", Decimal::new(1, 3))).await {
//!     OrderOutcome::Confirmed(order) => println!("order {} is {:?}", order.order_id, order.status),
//!     OrderOutcome::Rejected(why) => println!("refused: {why}"),
//!     other => println!("{other:?}"),
//! }
//! exchange.shutdown().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! Layers: `rest`, `stream`, `ws-api`, `book`, `account`, `record`, `blocking`, `sim`; `metrics` counts what streams do, `sbe` brings the binary encoding. Products: `spot`, `usdm`, `coinm`. Root
//! certificates: `webpki-roots` (built in, the default) or `native-roots` (the platform's). `full` is all of them. Without default
//! features the crate is what the layers share.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(all(feature = "rest", feature = "stream", feature = "spot"))]
mod backfill;
mod client;

#[cfg(feature = "blocking")]
pub mod blocking;
pub mod prelude;

pub use binance_kit_core as core;
pub use binance_kit_net as net;
pub use binance_kit_sign as sign;

#[cfg(all(feature = "rest", feature = "stream", feature = "spot"))]
pub use backfill::RestBackfill;
pub use binance_kit_core::{
    ApiError, Asset, ClientOrderId, Cursor, Decimal, Delivery, ErrorCode, PageError, Paged, RateLimit,
    RawRequest, Security, StreamName, Symbol, TimeUnit, Timestamp, decimal, id,
};
pub use binance_kit_net::{Context, Environment};
pub use binance_kit_sign::Credentials;
pub use client::Binance;

#[cfg(feature = "coinm")]
pub use binance_kit_model::coinm;
#[cfg(feature = "spot")]
pub use binance_kit_model::spot;
#[cfg(feature = "usdm")]
pub use binance_kit_model::usdm;

/// What the types of all products are made of.
#[cfg(any(feature = "spot", feature = "usdm", feature = "coinm"))]
pub use binance_kit_model::{Activation, Level, Map, OneOrMany, Refusal, UnknownEvent, UnknownObject};

#[cfg(feature = "account")]
pub use binance_kit_account as account;
#[cfg(feature = "book")]
pub use binance_kit_book as book;
#[cfg(feature = "record")]
pub use binance_kit_record as record;
#[cfg(feature = "rest")]
pub use binance_kit_rest as rest;
#[cfg(feature = "sim")]
pub use binance_kit_sim as sim;
#[cfg(feature = "stream")]
pub use binance_kit_stream as stream;
#[cfg(feature = "ws-api")]
pub use binance_kit_ws_api as ws_api;

/// The program in README.md compiles.
#[cfg(all(doctest, feature = "stream", feature = "rest", feature = "spot"))]
#[doc = include_str!("../README.md")]
struct Readme;
