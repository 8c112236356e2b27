//! What a stream yields.

use binance_kit_core::{ApiError, DecodeError, Position, StreamName, Timestamp};
use std::time::Duration;

/// An event and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Event<E> {
    /// The stream.
    pub stream: StreamName,
    /// The event.
    pub event: E,
    /// When the frame was read, by our wall clock.
    pub received_at: Timestamp,
    /// Which connection it came on.
    pub connection: ConnectionId,
    /// Whether it was missed and fetched afterwards; see [`crate::Backfill`].
    pub recovered: bool,
}

/// Which connection of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ConnectionId {
    /// The place among the connections over which the streams are spread, from 0.
    pub connection: usize,
    /// The leg, where the same streams come over several connections at once, from 0.
    pub leg: usize,
    /// How many connections came before it in its place.
    pub generation: u64,
}

/// One item of a stream. Consumers that care for events only can use [`Item::into_event`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Item<E> {
    /// An event. Each comes once, and those of a stream come in order.
    Event(Event<E>),
    /// The connection came up or went down. Between `Disconnected` and the next `Connected` events may be missing.
    State(StateChange),
    /// Events of a stream are missing, as their ids show, or may be missing, where a connection was lost and there are no
    /// ids that show more.
    Gap {
        /// The stream.
        stream: StreamName,
        /// The first place that is missing. For streams without ids, the time of the last event before the hole; for
        /// candles, when the first one begins of which something is missing.
        from: Position,
        /// The last place that is missing. For streams without ids, the time of the first event behind the hole.
        to: Position,
        /// Whether what was missing has been delivered just before, fetched by a [`crate::Backfill`].
        recovered: bool,
    },
    /// A stream is acknowledged by the exchange, and silent for longer than it ever is. It is being looked after: the
    /// exchange is asked, the stream subscribed anew, and moved to a new connection.
    Stale {
        /// The stream.
        stream: StreamName,
        /// When it last spoke, by our wall clock.
        since: Timestamp,
    },
    /// A stream that was stale speaks again.
    Recovered {
        /// The stream.
        stream: StreamName,
    },
    /// A frame that could not be read. The stream goes on.
    Malformed {
        /// The stream, where the frame says so much.
        stream: Option<StreamName>,
        /// What is wrong with it.
        error: DecodeError,
        /// The frame as it came, up to 16 KiB of it; up to 256 bytes where many items wait.
        raw: Vec<u8>,
    },
    /// The exchange refused streams, or does not deliver them though they were asked for. They are no longer wanted.
    Refused {
        /// The streams.
        streams: Vec<StreamName>,
        /// What the exchange said; `None` when it just left them out.
        error: Option<ApiError>,
    },
    /// The consumer was too slow, and this many events (and frames that could not be read) were dropped here, as its overflow
    /// policy asks. Where thousands of gaps wait, the oldest of them are counted here, too, each as one.
    Lagged(u64),
    /// The consumer was too slow, and its policy is [`crate::Overflow::Fail`]: this many events did not fit, and the
    /// connections were closed. Nothing follows.
    Overflowed(u64),
}

impl<E> Item<E> {
    /// The event, if it is one.
    pub fn into_event(self) -> Option<Event<E>> {
        match self {
            Self::Event(event) => Some(event),
            _ => None,
        }
    }
}

/// Why a connection is replaced while it is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RotationReason {
    /// It is near the age at which the exchange cuts connections.
    Age,
    /// The exchange announced that the server shuts down.
    ServerShutdown,
    /// The program asked for it.
    Asked,
    /// Streams on it are silent for longer than they ever are.
    Silent,
    /// Our pings are not answered any more: what we send is lost.
    Unanswered,
}

/// A change of the state of a connection. `connection` numbers the connections of one stream, from 0.
#[derive(Debug)]
#[non_exhaustive]
pub enum StateChange {
    /// Connected, and subscribed to everything that is wanted.
    Connected {
        /// Which connection.
        connection: usize,
        /// How many connections came before it in its place; 0 for the first.
        generation: u64,
    },
    /// The connection ended.
    Disconnected {
        /// Which connection.
        connection: usize,
        /// Why.
        error: binance_kit_net::Error,
    },
    /// The next attempt follows after a while.
    Reconnecting {
        /// Which connection.
        connection: usize,
        /// The number of the attempt since the last stable connection.
        attempt: u32,
        /// How long it waits.
        delay: Duration,
    },
    /// A new connection is being made; the old one goes when the new one is heard.
    Rotating {
        /// Which connection.
        connection: usize,
        /// Which leg of it.
        leg: usize,
        /// Why.
        reason: RotationReason,
    },
    /// The new connection has taken over. Nothing is missing but what is reported as a gap.
    Rotated {
        /// Which connection.
        connection: usize,
        /// Which leg of it.
        leg: usize,
        /// How many connections came before it in its place.
        generation: u64,
    },
    /// One of several legs came up.
    LegConnected {
        /// Which connection.
        connection: usize,
        /// Which leg of it.
        leg: usize,
        /// How many connections came before it in its place.
        generation: u64,
    },
    /// One of several legs ended; the others go on.
    LegDisconnected {
        /// Which connection.
        connection: usize,
        /// Which leg of it.
        leg: usize,
        /// Why.
        error: binance_kit_net::Error,
    },
}
