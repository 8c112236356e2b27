//! Settings of the stream client.

use binance_kit_core::TimeUnit;
use binance_kit_net::BackoffPolicy;
use binance_kit_net::ws::WsConfig;
use std::time::Duration;

/// What happens when the queue of a consumer is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Overflow {
    /// The connection is not read until there is room. Nothing is dropped, but the exchange cuts off connections that
    /// are not read for long.
    #[default]
    Block,
    /// The oldest event is dropped; the consumer gets [`crate::Item::Lagged`] in its place.
    DropOldest,
    /// The newest event is dropped; the consumer gets [`crate::Item::Lagged`] in its place.
    DropNewest,
}

/// Settings of the stream client.
#[derive(Debug, Clone)]
pub struct StreamConfig {
    /// How many items the queue of an [`crate::EventStream`] holds.
    pub queue: usize,
    /// What happens when it is full.
    pub overflow: Overflow,
    /// How many streams one connection carries; the exchange allows 1,024.
    pub streams_per_connection: usize,
    /// The unit in which the exchange is asked to write times.
    pub time_unit: TimeUnit,
    /// The waits between attempts to connect.
    pub backoff: BackoffPolicy,
    /// A connection on which nothing at all arrives for this long is given up. The exchange pings every 20 seconds, and
    /// we ping after half of this time.
    pub idle_timeout: Duration,
    /// How long to wait for the acknowledgement of a control message.
    pub acknowledge_timeout: Duration,
    /// Whether subscribing goes on trying when the very first attempt to connect fails, instead of returning the error.
    pub retry_first_connection: bool,
    /// Caps of the WebSocket connection.
    pub web_socket: WsConfig,
}

impl Default for StreamConfig {
    fn default() -> Self {
        Self {
            queue: 4096,
            overflow: Overflow::Block,
            streams_per_connection: 1024,
            time_unit: TimeUnit::Millisecond,
            backoff: BackoffPolicy::default(),
            idle_timeout: Duration::from_secs(25),
            acknowledge_timeout: Duration::from_secs(10),
            retry_first_connection: false,
            web_socket: WsConfig::default(),
        }
    }
}
