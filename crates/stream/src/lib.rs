//! Market streams: typed events from any number of streams of all products, over connections that are maintained by the client.
//!
//! This crate is the transport of the streams: it plans topics over hosts and routes, keeps connections up and replaces them
//! before they end, watches each stream, and delivers every event once and in order, or reports what is missing. It is not a
//! model: it knows no event types, but decodes whatever implements [`StreamEvent`](binance_kit_core::StreamEvent). User data
//! on the WebSocket API and order books are other crates.
//!
//! ```no_run
//! # async fn run(context: binance_kit_net::Context) -> Result<(), binance_kit_core::Error> {
//! use binance_kit_core::{Api, RawEvent, Route, Topic};
//! use binance_kit_net::Environment;
//! use binance_kit_stream::{Item, StreamClient};
//!
//! let client = StreamClient::new(&context, &Environment::production())?;
//! let topics = [
//!     Topic::<RawEvent>::raw(Api::Spot, "btcusdt@trade"),
//!     Topic::<RawEvent>::raw(Api::UsdmFutures, "btcusdt@markPrice").on(Route::Market),
//! ];
//! let mut stream = client.subscribe(topics).await?;
//! while let Some(item) = stream.next().await {
//!     match item {
//!         Item::Event(event) => println!("{} {}", event.stream, event.json),
//!         other => println!("{other}"),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Where the data flows:
//!
//! ```text
//!  topics ──► plan ──► connections ──► batches of frames ──► delivery ──► order ──► queue ──► EventStream
//!             host,    open, rotate,   stream, bytes,        decode       first     bounded,  StreamPart
//!             route    subscribe,      time received         (the only    copy,     overflow
//!                      watch                                 typed part)  gaps      policy    PullStream
//!                                                                                   (without queue)
//! ```
//!
//! [`StreamClient::subscribe`] gives an [`EventStream`]: a task drives the connections and fills a bounded queue.
//! [`StreamClient::pull`] gives a [`PullStream`]: the caller's own task drives the connections, without a queue between.
//!
//! Which task that is decides over the delay of an event. On a runtime with several threads the main task of `#[tokio::main]` runs
//! on a thread that no socket wakes: each event that comes alone is first seen by a worker, which then wakes that thread.
//! [Spawn](tokio::spawn) the task, or use `#[tokio::main(flavor = "current_thread")]`. An [`EventStream`] hands each event from one
//! task to another, which on several threads wakes another core; a [`PullStream`] in a task of its own does not. For the least
//! delay give that task a runtime and a thread of its own, and perhaps a core
//! ([`TcpDial::busy_poll`](binance_kit_net::TcpDial::busy_poll)): the example `low_latency`.
//!
//! Both yield [`Item`]s: events, and what a consumer must know to trust them: changes of state, gaps, silent streams, frames
//! that cannot be read, streams that the exchange refused, events that were dropped.
//!
//! Invariants:
//!
//! * Each event is delivered once and in the order of its stream, or its loss is reported: a gap, a lost connection, a dropped
//!   event, an unreadable frame are items.
//! * The set of subscribed streams is data; it is subscribed on every new connection.
//! * Attempts to connect do not end; only the consumer ends a stream.
//! * A connection is replaced before it ends, and closed only when the new one is acknowledged and known to overlap.
//! * Decisions are made by state machines without I/O (order, watchdog, cadence, subscriptions); the connections execute
//!   them.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod backfill;
mod client;
mod config;
mod connections;
mod control;
mod delivery;
mod drive;
mod error;
mod event_stream;
mod filter;
mod item;
mod meter;
mod part;
mod plan;
mod playback;
mod pull;
mod queue;
mod skipped;
mod status;

pub use backfill::{Backfill, Fetched, Fetching, Missing};
pub use client::{StreamClient, StreamClientBuilder, SubscriptionBuilder};
pub use config::{Overflow, StreamConfig};
pub use control::StreamControl;
pub use event_stream::EventStream;
pub use filter::EventFilter;
pub use item::{
    ConnectionId, ControlMethod, Event, Gap, Item, Lagged, Malformed, Overflowed, Refused, Resumed,
    RotationReason, Stale, StateChange, Unanswered,
};
pub use part::StreamPart;
pub use playback::Playback;
pub use pull::PullStream;
pub use skipped::Skipped;
pub use status::{ConnectionState, ConnectionStatus, RaceStatus, Status, StreamStatus};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
