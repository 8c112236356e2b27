//! An SDK for the Binance exchange.
//!
//! It streams market data and the account's own events, trades over the WebSocket API and REST, keeps verified local order
//! books, and ships an embedded exchange for programs and tests that run without a network, a key or money. It is not
//! affiliated with the exchange, and no strategy or charting library.
//!
//! | I want to … | use |
//! |---|---|
//! | stream trades, best prices, books, candles | [`Binance::subscribe`], topics from [`spot::stream`] |
//! | keep a local order book | [`Binance::books`], [`book`] |
//! | query something once (candles, balances, rules) | [`Binance::rest`], requests from [`spot`] |
//! | read all candles, trades or orders on record | [`rest::RestClient::items`], `history()` of the requests in [`spot`] |
//! | check and round an order by the filters of its symbol | [`Binance::rules`], [`spot::SymbolRules`] |
//! | place orders, with an outcome that is never guessed | [`Binance::orders`], [`account`] |
//! | follow my orders and balances | [`Binance::account`], [`account`] |
//! | send any request with the least delay | [`Binance::ws_api`] |
//! | do all that without `async` | [`blocking`] |
//! | test my program without the exchange | [`Binance::embedded_in`], [`sim`] |
//!
//! One request type serves both transports: `rest.send(request)` and `ws_api.send(request)` take the same value and give the
//! same typed answer. One [`Error`] type serves all transports.
//!
//! ```text
//!                          ┌─► rest     requests of all products, one pool per host ──────► answers
//! Environment ─┐           │
//! Credentials ─┼─► Binance ┼─► streams  topics planned over hosts, routes, connections ──► events, gaps, states
//! Context ─────┘           │                └─► books    snapshots from rest, changes from streams
//!                          └─► ws_api   one connection per product, logged on ────────────► answers, user data
//!                                           └─► orders, account: outcomes, snapshot and events
//! ```
//!
//! # A program
//!
//! Against the embedded exchange, so that it runs anywhere; with [`Binance::production`] or [`Binance::testnet`] in the place
//! of [`Binance::embedded`] it runs against the real one.
//!
//! ```
//! use binance_kit::prelude::*;
//!
//! #[tokio::main]
//! async fn main() -> binance_kit::Result {
//!     let binance = Binance::embedded().await?;
//!
//!     // Query something once, over REST.
//!     let book = binance.rest().send(spot::Depth::new("BTCUSDT").limit(5)).await?;
//!     for level in &book.bids {
//!         println!("{} × {}", level.price, level.quantity);
//!     }
//!
//!     // Stream.
//!     let mut trades = binance.subscribe([spot::stream::trade("BTCUSDT")]).await?;
//!     for _ in 0..3 {
//!         let trade = trades.next_event().await?.ok_or("the stream was closed")?;
//!         println!("{} × {}", trade.price, trade.quantity);
//!     }
//!
//!     // Trade, over the WebSocket API.
//!     let orders = binance.orders().await?;
//!     match orders.place(spot::NewOrder::market_buy("BTCUSDT").quantity("0.001")).await {
//!         Outcome::Confirmed(order) => println!("order {} is {:?}", order.order_id, order.status),
//!         Outcome::Rejected(error) => println!("{error}"),
//!         other => println!("{other:?}"),
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # Features
//!
//! Layers: `rest`, `stream`, `ws-api`, `book`, `account`, `record`, `blocking`, `sim`; `metrics` counts what streams do, `sbe`
//! brings the binary encoding, `serde` serialises public values. Products: `spot`, `usdm`, `coinm`. Root certificates:
//! `webpki-roots` (built in, the default) or `native-roots` (the platform's). `full` is all of them. Without default features the
//! crate is what the layers share.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(all(feature = "rest", feature = "stream", feature = "spot"))]
mod backfill;
#[cfg(any(feature = "rest", feature = "stream", feature = "ws-api"))]
mod both;
mod builder;
mod client;
#[cfg(feature = "sim")]
mod embedded;
#[cfg(all(doctest, feature = "full"))]
mod misuse;
mod product_client;
mod report;
#[cfg(feature = "ws-api")]
mod ws_apis;

#[cfg(feature = "blocking")]
pub mod blocking;
pub mod prelude;

pub use builder::BinanceBuilder;
pub use client::Binance;
pub use product_client::ProductClient;
pub use report::{Report, Result};

#[doc(inline)]
pub use binance_kit_core::{
    Api, ApiError, Asset, ClientOrderId, Cost, Decimal, Delivery, Error, ErrorCode, ErrorKind, MixedTopic,
    RawEvent, RawRequest, RawWsRequest, Responsible, Route, StreamName, Symbol, Timestamp, Topic, dec,
};
#[doc(inline)]
pub use binance_kit_net::{Context, Environment};
#[doc(inline)]
pub use binance_kit_sign::Credentials;

#[cfg(feature = "coinm")]
#[doc(inline)]
pub use binance_kit_model::coinm;
#[cfg(feature = "spot")]
#[doc(inline)]
pub use binance_kit_model::spot;
#[cfg(feature = "usdm")]
#[doc(inline)]
pub use binance_kit_model::usdm;
#[cfg(any(feature = "spot", feature = "usdm", feature = "coinm"))]
#[doc(inline)]
pub use binance_kit_model::{MarketEvent, common};

/// What is below the clients: the traits of requests and events, parameters, decoding, identifiers, limits.
pub mod core {
    #[doc(inline)]
    pub use binance_kit_core::{
        Codec, Cursor, Decode, DecodeError, Decoded, Decoder, Encode, Encoding, HttpMethod, IntoTopic,
        InvalidCursor, InvalidRequest, InvalidStreamName, JsonWriter, List, PageError, Paged, ParamWriter,
        Pool, Position, Printable, RateLimit, RateLimitInterval, RateLimitKind, Record, Request, RequestName,
        RestRequest, Security, Sequence, StreamEvent, StreamInfo, TimeUnit, UnreadableElement, WsRequest, id,
        printable, printable_json, product, sbe, tap,
    };
    /// Reading decimals from texts.
    pub mod decimal {
        #[doc(inline)]
        pub use binance_kit_core::decimal::{DecimalError, parse};
    }
    /// Reading JSON by hand, for event types and answers of one's own.
    pub mod decode {
        #[doc(inline)]
        pub use binance_kit_core::decode::{
            Array, DecodeErrorKind, DecodeInOrder, EventFrame, FastReader, Frame, FrameId, Json, Object,
            ResponseFrame, Value, ValueKind, field, from_value, none_if_negative, optional, required,
        };
    }
}
/// How connections are made: dialling, proxies, TLS, clock, randomness, limits.
pub mod net {
    #[doc(inline)]
    pub use binance_kit_net::{
        AccountKey, AttemptLimits, Attempts, Backoff, BackoffPolicy, ByteBudget, Clock, ContextBuilder, Dial,
        Endpoint, FrameLayer, LimitGovernor, Priority, Random, Scheme, TcpDial, Tls, WebSocket, WsConfig,
        clock, io, random, stream_base_url, task, without_user_info,
    };
    /// A failure below the clients; the cause of an [`Error`](crate::Error).
    pub use binance_kit_net::{Error as NetError, ErrorKind as NetErrorKind};
}
/// Keys and signatures.
pub mod sign {
    #[doc(inline)]
    pub use binance_kit_sign::{
        Algorithm, ApiKey, Ed25519Pair, KeyFile, SecretBytes, SignError, SignErrorKind, Signature, Signer,
        VerifyError, VerifyErrorKind, VerifyingKey,
    };
}

/// Requests over REST; see [`Binance::rest`].
#[cfg(feature = "rest")]
pub mod rest {
    #[doc(inline)]
    pub use binance_kit_rest::{
        Items, Pages, RawCall, RestClient, RestClientBuilder, RestConfig, RestResponse,
    };
}
/// Requests and user data over the WebSocket API; see [`Binance::ws_api`].
#[cfg(feature = "ws-api")]
pub mod ws_api {
    pub use crate::ws_apis::WsApiProduct;
    #[doc(inline)]
    pub use binance_kit_ws_api::{
        SessionState, UserDataItem, UserDataStream, WsApiBuilder, WsApiClient, WsApiConfig, WsResponse,
    };
}

/// Subscriptions and what they deliver; see [`Binance::subscribe`].
#[cfg(feature = "stream")]
pub mod stream {
    #[cfg(all(feature = "rest", feature = "spot"))]
    pub use crate::backfill::RestBackfill;
    #[doc(inline)]
    pub use binance_kit_stream::{
        Backfill, ConnectionId, ControlMethod, Event, EventFilter, EventStream, Fetched, Fetching, Gap, Item,
        Lagged, Malformed, Missing, Overflow, Overflowed, Playback, PullStream, Refused, Resumed,
        RotationReason, Skipped, Stale, StateChange, Status, StreamClient, StreamClientBuilder, StreamConfig,
        StreamControl, StreamPart, SubscriptionBuilder, Unanswered,
    };
}

/// Local order books; see [`Binance::books`].
#[cfg(feature = "book")]
pub mod book {
    #[doc(inline)]
    pub use binance_kit_book::{
        BestPrices, BookDepth, BookEvent, BookEvents, BookHandle, BookProduct, BookSide, BookState, BookSync,
        BookView, Books, BooksBuilder, Change, CostError, DepthDiff, DepthSnapshot, Diff, Error as BookError,
        ErrorKind as BookErrorKind, FillEstimate, IdHole, IdSequence, Levels, Mismatch, OrderBook,
        ReplayAudit, Side, Snapshot, SnapshotFault, SnapshotTicket, StaleBook, StaleReason, SymbolReport,
        SyncOptions, SyncOutcome, SyncRule, SyncStats, Touch, UpdateGap, Volume,
    };
}
/// Orders and the account's events; see [`Binance::orders`] and [`Binance::account`].
#[cfg(feature = "account")]
pub mod account {
    #[doc(inline)]
    pub use binance_kit_account::*;
}
/// Recordings of raw frames.
#[cfg(feature = "record")]
pub mod record {
    #[doc(inline)]
    pub use binance_kit_record::*;
}
/// The embedded exchange; see [`Binance::embedded_in`].
#[cfg(feature = "sim")]
pub mod sim {
    #[doc(inline)]
    pub use binance_kit_sim::*;
}

/// The programs in README.md compile.
#[cfg(all(doctest, feature = "full"))]
#[doc = include_str!("../README.md")]
struct Readme;
