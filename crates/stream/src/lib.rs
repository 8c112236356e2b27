//! Market streams: typed events from as many streams as one likes, over connections that come back by themselves.
//!
//! [`StreamClient::subscribe`] gives an [`EventStream`]: a task drives the connections and fills a bounded queue.
//! [`StreamClient::pull`] gives a [`PullStream`]: the caller's own task drives the connection, without a queue between.
//! Both yield [`Item`]s: events, and what else a consumer must know to trust them — changes of state, gaps, silent
//! streams, frames that could not be read, streams that the exchange refused, events that were dropped.
//!
//! The crate knows no event types: it decodes whatever implements
//! [`StreamEvent`](binance_kit_core::StreamEvent), and tells events apart by their
//! [`Sequence`](binance_kit_core::Sequence).
//!
//! Invariants:
//!
//! * Each event is delivered once and in the order of its stream, or the consumer is told exactly what was not: a gap, a lost
//!   connection, a dropped event, an unreadable frame are items.
//! * The set of streams wanted is data ([`subscription`]); it is replayed on every new connection.
//! * Attempts to connect do not end; only the consumer ends a stream.
//! * A connection is replaced before it ends, and goes only when the new one is acknowledged and known to overlap.
//! * Decisions are made by state machines without I/O (`tracker`, `watch`, [`cadence`], [`subscription`]); the engine
//!   carries them out.

mod backfill;
pub mod cadence;
pub mod client;
pub mod config;
mod engine;
pub mod error;
mod filter;
pub mod item;
mod meter;
mod part;
mod pull;
mod queue;
mod ready;
pub mod status;
pub mod subscription;
mod tracker;
mod watch;

pub use backfill::{Backfill, Fetched, Fetching, Missing};
pub use client::{EventStream, StreamClient, StreamClientBuilder, StreamControl, Subscription};
pub use config::{Overflow, StreamConfig};
pub use error::{Error, ErrorKind};
pub use filter::EventFilter;
pub use item::{ConnectionId, Event, Item, RotationReason, StateChange};
pub use part::StreamPart;
pub use pull::PullStream;
pub use status::Status;
