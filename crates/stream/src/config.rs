//! Settings of the stream client.

use binance_kit_core::tap::FrameTap;
use binance_kit_core::{Encoding, TimeUnit};
use binance_kit_net::ws::WsConfig;
use binance_kit_net::{BackoffPolicy, Priority};
use binance_kit_sign::ApiKey;
use std::sync::Arc;
use std::time::Duration;

/// What happens when the queue of a consumer is full. Memory is bounded under all policies, and dropped events are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Overflow {
    /// The connection is not read until there is room. Nothing is dropped, but the exchange closes connections that are not
    /// read for long.
    #[default]
    Block,
    /// The oldest event is dropped; the consumer gets [`crate::Item::Lagged`] in its place.
    DropOldest,
    /// The newest event is dropped; the consumer gets [`crate::Item::Lagged`] in its place.
    DropNewest,
    /// Of each stream only the latest event is queued: a newer one replaces the one before, whether or not the queue is full.
    /// The consumer gets [`crate::Item::Lagged`] with the number of events it did not see.
    KeepLatest,
    /// The stream ends: the connections are closed, and behind what is queued the consumer gets
    /// [`crate::Item::Overflowed`].
    Fail,
}

/// Settings of the stream client.
#[derive(Debug, Clone)]
pub struct StreamConfig {
    /// Capacity of the queue of an [`crate::EventStream`] in events: 4,096.
    pub queue: usize,
    /// What the events in the queue of an [`crate::EventStream`] may take in all, with those of its parts, in bytes: 64 MiB. Beyond it
    /// the queue is full, as with too many events. What an event takes is an upper bound: its size, and 16 times its frame
    /// where the type cannot say more ([`binance_kit_core::StreamEvent::heap_size`]). A queue that is empty takes any event, and beside a
    /// full one each takes 1 MiB (or a sixteenth of this). The queues of all subscriptions together are bounded by
    /// [`binance_kit_net::ContextBuilder::queues`]. A consumer may hold up to 16 events and 16 KiB beside it, which it has taken
    /// out already.
    pub queue_bytes: usize,
    /// What happens when it is full.
    pub overflow: Overflow,
    /// Maximum number of streams on one connection; the exchange allows 1,024.
    pub streams_per_connection: usize,
    /// The unit of times that is requested from the exchange.
    pub time_unit: TimeUnit,
    /// The encoding of the events. Streams in SBE are served by another host, which is taken from the environment, offers few
    /// streams, and requires [`Self::api_key`]. Frames that arrive as JSON nevertheless are read as JSON.
    pub encoding: Encoding,
    /// The API key sent when connecting; streams in SBE require that of an Ed25519 key. Nothing is signed.
    pub api_key: Option<ApiKey>,
    /// The waits between attempts to connect: none before the first, then up to 30 s; reset by a connection that delivered events
    /// and lasted for a second, or lasted for ten.
    pub backoff: BackoffPolicy,
    /// A connection on which nothing arrives for this long is given up: 25 s. The exchange pings every 20 seconds; a ping is
    /// sent after half of this time.
    pub idle_timeout: Duration,
    /// Interval of the pings that check the round trip to the exchange: 10 s. When a connection has answered before, and other
    /// messages still arrive 5 s after an unanswered ping, what is sent is lost; the connection is replaced without losing an
    /// event. `None` leaves that to the exchange, which closes such a connection within 80 s.
    pub ping_every: Option<Duration>,
    /// Maximum wait for the acknowledgement of a control message: 10 s. Then it is reported ([`crate::Item::Unanswered`]), and a call that
    /// waits for it fails.
    pub acknowledge_timeout: Duration,
    /// Maximum duration of a call that changes the subscriptions, reconnecting included: 60 s. A call that takes longer fails,
    /// and its changes are reverted.
    pub call_timeout: Duration,
    /// Whether subscribing continues to try when the first attempt to connect fails, instead of returning the error.
    pub retry_first_connection: bool,
    /// Age at which a connection is replaced by a new one without a loss: 23 hours, each connection up to
    /// [`Self::rotate_jitter`] sooner or later. The exchange closes connections after 24 hours; `None` leaves it to that.
    pub rotate_after: Option<Duration>,
    /// Spread of the ages at which connections are replaced: 30 minutes.
    pub rotate_jitter: Duration,
    /// How long a new connection and the old one overlap at most until all streams have delivered on the new one: 10 s. Streams
    /// without events are not waited for any longer.
    pub overlap_timeout: Duration,
    /// The shortest silence of a stream that the watchdog acts on: 5 s. The silence that counts for a stream follows from its
    /// documented cadence and its observed intervals. `None` switches the watchdog off.
    pub watchdog: Option<Duration>,
    /// Maximum number of events held in all until their order is known: 100,000.
    pub max_held: usize,
    /// What the events held until their order is known may take in all, in bytes, counted as in [`Self::queue_bytes`]: 64 MiB. Beyond
    /// it, as beyond [`Self::max_held`], they are delivered as far as they have come, with gaps.
    pub max_held_bytes: usize,
    /// How long events after a hole in the ids are held, in case the missing ones arrive out of order on the only connection:
    /// 100 ms. With zero, a hole is reported at once.
    pub reorder_grace: Duration,
    /// Maximum duration of filling a gap: 30 s.
    pub backfill_timeout: Duration,
    /// When the wall clock advances by this much more than the monotonic clock, it was set, or the machine was suspended: all
    /// connections are then probed. 10 s.
    pub clock_jump: Duration,
    /// Sees every frame as received, before it is decoded, de-duplicated or filtered; for recorders. Answers to control messages
    /// are among them.
    pub tap: Option<Arc<dyn FrameTap>>,
    /// Limits of the WebSocket connection.
    pub web_socket: WsConfig,
}

impl Default for StreamConfig {
    fn default() -> Self {
        Self {
            queue: 4096,
            queue_bytes: 64 << 20,
            overflow: Overflow::Block,
            streams_per_connection: 1024,
            time_unit: TimeUnit::Millisecond,
            encoding: Encoding::Json,
            api_key: None,
            backoff: BackoffPolicy::default(),
            idle_timeout: Duration::from_secs(25),
            ping_every: Some(Duration::from_secs(10)),
            acknowledge_timeout: Duration::from_secs(10),
            call_timeout: Duration::from_secs(60),
            retry_first_connection: false,
            rotate_after: Some(Duration::from_secs(23 * 3600)),
            rotate_jitter: Duration::from_secs(30 * 60),
            overlap_timeout: Duration::from_secs(10),
            watchdog: Some(Duration::from_secs(5)),
            max_held: 100_000,
            max_held_bytes: 64 << 20,
            reorder_grace: crate::delivery::order::REORDER_GRACE,
            backfill_timeout: Duration::from_secs(30),
            clock_jump: Duration::from_secs(10),
            tap: None,
            web_socket: WsConfig {
                // Pongs count against the 5 control messages a second.
                pong_interval: Duration::from_secs(1),
                priority: Priority::Background,
                ..WsConfig::default()
            },
        }
    }
}
