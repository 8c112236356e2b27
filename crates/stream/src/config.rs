//! Settings of the stream client.

use binance_kit_core::tap::FrameTap;
use binance_kit_core::{Encoding, TimeUnit};
use binance_kit_net::ws::WsConfig;
use binance_kit_net::{BackoffPolicy, Priority};
use binance_kit_sign::ApiKey;
use std::sync::Arc;
use std::time::Duration;

/// What happens when the queue of a consumer is full. Memory is bounded under all of them, and what is dropped is counted.
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
    /// Of each stream only the latest event waits: a newer one takes the place of the one before, whether or not the queue is
    /// full. The consumer gets [`crate::Item::Lagged`] with the number of those it did not see.
    KeepLatest,
    /// The stream ends: the connections are closed, and behind what is queued the consumer gets
    /// [`crate::Item::Overflowed`].
    Fail,
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
    /// The encoding of the events. The streams in SBE are another host's, which [`crate::StreamClientBuilder`] takes from
    /// the environment, has few streams, and wants [`Self::api_key`]. What comes as JSON all the same is read as JSON.
    pub encoding: Encoding,
    /// The API key to show when connecting; the streams in SBE want one of an Ed25519 key. Nothing is signed.
    pub api_key: Option<ApiKey>,
    /// The waits between attempts to connect: up to 30 s, begun anew after a connection that lasted for 60 s.
    pub backoff: BackoffPolicy,
    /// A connection on which nothing at all arrives for this long is given up. The exchange pings every 20 seconds, and
    /// we ping after half of this time.
    pub idle_timeout: Duration,
    /// How often the way to the exchange and back is tried by a ping of ours: 10 s. On a connection that was seen to answer, and
    /// on which events go on to arrive 5 s after a ping without its answer, what we send is lost; it is replaced without
    /// losing an event. `None` leaves that to the exchange, which closes such a connection within 80 s.
    pub ping_every: Option<Duration>,
    /// How long to wait for the acknowledgement of a control message.
    pub acknowledge_timeout: Duration,
    /// How long a call that changes the subscriptions may take in all, reconnecting included: 60 s. A call that takes
    /// longer fails, and is taken back.
    pub call_timeout: Duration,
    /// Whether subscribing goes on trying when the very first attempt to connect fails, instead of returning the error.
    pub retry_first_connection: bool,
    /// After how long a connection is replaced by a new one, without a loss; the exchange cuts connections after 24 hours.
    /// 23 hours, each connection up to [`Self::rotate_jitter`] sooner or later. `None` leaves it to the exchange.
    pub rotate_after: Option<Duration>,
    /// How far the ages at which connections are replaced are spread: 30 minutes.
    pub rotate_jitter: Duration,
    /// How long a new connection may take to be heard on all its streams before the old one goes all the same: 10 s. Streams
    /// that have nothing to say are not waited for any longer.
    pub hear_within: Duration,
    /// The shortest silence of a stream that is suspicious: 5 s. How long a silence must be for a stream is documented or
    /// learned; see [`crate::cadence`]. `None` switches the watchdog off.
    pub watchdog: Option<Duration>,
    /// How many events may be kept back in all, while it is not known yet whether they are in order: 100,000.
    pub most_held: usize,
    /// How long events behind a hole in the ids are kept back, in case what is missing comes out of order on the only connection:
    /// 100 ms. With nothing, a hole is reported at once.
    pub reorder_grace: Duration,
    /// How long filling a gap may take: 30 s.
    pub backfill_timeout: Duration,
    /// A wall clock that goes this much further than the monotonic clock was set, or the machine slept: all connections are
    /// then under suspicion. 10 s.
    pub clock_jump: Duration,
    /// Who is shown every frame as it came, before it is decoded, de-duplicated or filtered: a recorder, say. Answers to control
    /// messages are among them.
    pub tap: Option<Arc<dyn FrameTap>>,
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
            encoding: Encoding::Json,
            api_key: None,
            backoff: BackoffPolicy { stable_after: Duration::from_secs(60), ..BackoffPolicy::default() },
            idle_timeout: Duration::from_secs(25),
            ping_every: Some(Duration::from_secs(10)),
            acknowledge_timeout: Duration::from_secs(10),
            call_timeout: Duration::from_secs(60),
            retry_first_connection: false,
            rotate_after: Some(Duration::from_secs(23 * 3600)),
            rotate_jitter: Duration::from_secs(30 * 60),
            hear_within: Duration::from_secs(10),
            watchdog: Some(Duration::from_secs(5)),
            most_held: 100_000,
            reorder_grace: crate::tracker::REORDER_GRACE,
            backfill_timeout: Duration::from_secs(30),
            clock_jump: Duration::from_secs(10),
            tap: None,
            web_socket: WsConfig {
                // Pongs share the 5 control messages of a second with what we send.
                pong_interval: Duration::from_secs(1),
                priority: Priority::Background,
                ..WsConfig::default()
            },
        }
    }
}
