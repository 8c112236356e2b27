//! Market streams: typed events from as many streams as one likes, over connections that come back by themselves.
//!
//! [`StreamClient::subscribe`] gives an [`EventStream`]: a task drives each connection and fills a bounded queue.
//! [`StreamClient::pull`] gives a [`PullStream`]: the caller's own task drives the connection, without a queue between.
//! Both yield [`Item`]s: events, and what else a consumer must know to trust them — changes of state, frames that
//! could not be read, streams that the exchange refused, events that were dropped.
//!
//! The crate knows no event types: it decodes whatever implements
//! [`StreamEvent`](binance_kit_core::StreamEvent).
//!
//! Invariants:
//!
//! * What a consumer does not get, it is told of: a lost connection, a dropped event, an unreadable frame are items.
//! * The set of streams wanted is data ([`subscription`]); it is replayed on every new connection.
//! * Attempts to connect do not end; only the consumer ends a stream.

pub mod client;
pub mod config;
pub mod connection;
pub mod error;
pub mod item;
pub mod queue;
pub mod subscription;

pub use client::{EventStream, StreamClient, StreamClientBuilder, StreamControl};
pub use config::{Overflow, StreamConfig};
pub use connection::PullStream;
pub use error::{Error, ErrorKind};
pub use item::{Event, Item, StateChange};
