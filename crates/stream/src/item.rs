//! What a stream yields.

use binance_kit_core::product::Api;
use binance_kit_core::{ApiError, DecodeError, Error, Position, StreamName, Timestamp, UnreadableElement};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

/// An event and where it came from. Dereferences to the event itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Event<E> {
    /// The event.
    pub data: E,
    /// The stream.
    pub stream: StreamName,
    /// The API the stream belongs to: the same name can be a stream of several products.
    pub api: Api,
    /// When the frame was read, by the local wall clock.
    pub received_at: Timestamp,
    /// The connection it arrived on.
    pub connection: ConnectionId,
    /// Whether it was missed on the stream and fetched afterwards; see [`crate::Backfill`].
    pub backfilled: bool,
}

impl<E> Deref for Event<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.data
    }
}

impl<E> DerefMut for Event<E> {
    fn deref_mut(&mut self) -> &mut E {
        &mut self.data
    }
}

/// One connection of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ConnectionId {
    /// The place among the connections over which the streams are spread, from 0.
    pub connection: usize,
    /// The replica, where the same streams arrive over several connections at once, from 0.
    pub replica: usize,
    /// Number of earlier connections in this place.
    pub generation: u64,
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        place(f, self.connection, self.replica)?;
        write!(f, ", generation {}", self.generation)
    }
}

/// One item of a stream. Consumers that need events only use `next_event` or [`Item::into_event`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Item<E> {
    /// An event. Each is delivered once, and those of a stream in order.
    Event(Event<E>),
    /// A connection came up or went down. Between `Disconnected` and the next `Connected` events may be missing.
    State(StateChange),
    /// Events of a stream are missing, or may be missing.
    Gap(Gap),
    /// A stream is silent for longer than usual.
    Stale(Stale),
    /// A stale stream delivers events again.
    Resumed(Resumed),
    /// A frame that cannot be read. The stream continues.
    Malformed(Malformed),
    /// Streams were refused, and are no longer subscribed.
    Refused(Refused),
    /// The exchange did not answer a control message. Events are delivered nevertheless.
    Unanswered(Unanswered),
    /// Events were dropped because the consumer is too slow.
    Lagged(Lagged),
    /// The stream ended because the consumer is too slow. Nothing follows.
    Overflowed(Overflowed),
}

/// Events of a stream that are missing, as their ids show; or that may be missing, where a connection was lost and the events
/// have no ids.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// The stream.
    pub stream: StreamName,
    /// The API of the stream.
    pub api: Api,
    /// First missing position. For streams without ids, the time of the last event before the gap; for candles, the open time
    /// of the first incomplete one.
    pub from: Position,
    /// Last missing position. For streams without ids, the time of the first event after the gap.
    pub to: Position,
    /// Whether the missing events were fetched by a [`crate::Backfill`] and delivered just before this item.
    pub backfilled: bool,
}

/// A stream that is acknowledged by the exchange and silent for longer than usual. The watchdog lists the subscriptions,
/// subscribes the stream again, and finally moves it to a new connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stale {
    /// The stream.
    pub stream: StreamName,
    /// The API of the stream.
    pub api: Api,
    /// Time of the last event, by the local wall clock.
    pub since: Timestamp,
}

/// A stale stream that delivers events again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resumed {
    /// The stream.
    pub stream: StreamName,
    /// The API of the stream.
    pub api: Api,
}

/// A frame that cannot be read, or an element of a list in an event ([`List`](binance_kit_core::List)) that was delivered with the
/// others.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Malformed {
    /// The stream and its API, where the frame names a stream that is subscribed.
    pub stream: Option<(Api, StreamName)>,
    /// Why it cannot be read.
    pub error: DecodeError,
    /// The frame: up to 16 KiB of it; up to 256 bytes while many items are queued. Of an element of a list its text, up to 4 KiB.
    pub raw: Vec<u8>,
    /// Number of frames of the stream in a row that cannot be read, this one included; 0 without a stream, and of an element.
    pub in_a_row: u64,
    /// Whether an earlier frame of the stream was read.
    pub was_readable: bool,
}

impl Malformed {
    /// Of an element of a list, with at most so many bytes of it.
    pub(crate) fn of_element(
        stream: Option<(Api, StreamName)>,
        element: &UnreadableElement,
        max_bytes: usize,
    ) -> Self {
        let text = element.text.as_bytes();
        Self {
            stream,
            error: element.error.clone().at_index(element.index),
            raw: text.get(..max_bytes).unwrap_or(text).to_vec(),
            in_a_row: 0,
            was_readable: true,
        }
    }
}

/// Streams that the exchange refused, or does not list after they were requested. They are no longer subscribed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// The streams.
    pub streams: Vec<StreamName>,
    /// The API of the streams.
    pub api: Api,
    /// The error of the exchange; `None` when it just left them out.
    pub error: Option<ApiError>,
}

/// The method of a control message, by which streams are subscribed on a connection that is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ControlMethod {
    /// `SUBSCRIBE`.
    Subscribe,
    /// `UNSUBSCRIBE`.
    Unsubscribe,
    /// `LIST_SUBSCRIPTIONS`: sent on each new connection, to find streams in its URL that the exchange has left out.
    List,
}

impl ControlMethod {
    /// The name of the method as the exchange writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subscribe => "SUBSCRIBE",
            Self::Unsubscribe => "UNSUBSCRIBE",
            Self::List => "LIST_SUBSCRIPTIONS",
        }
    }
}

impl fmt::Display for ControlMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A control message that the exchange did not answer within
/// [`StreamConfig::acknowledge_timeout`](crate::StreamConfig::acknowledge_timeout). Events of the streams are delivered all the same,
/// if they are sent. A connection on which other control messages were answered is replaced without losing an event; a call
/// that waits for the answer fails.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unanswered {
    /// The connection.
    pub connection: ConnectionId,
    /// The API of the streams.
    pub api: Api,
    /// What was sent.
    pub method: ControlMethod,
    /// The streams whose state at the exchange is not known: those that the message named, or for
    /// [`ControlMethod::List`] those of the URL. Streams that delivered events are not among them.
    pub streams: Vec<StreamName>,
    /// How long an answer was waited for.
    pub waited: Duration,
}

/// Events (and frames that cannot be read) that were dropped because the consumer is too slow, according to its overflow policy.
/// Where thousands of gaps are queued, the oldest of them are counted here, too, each as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lagged {
    /// Number of dropped events.
    pub count: u64,
}

/// The end of a stream whose consumer is too slow and has the policy [`crate::Overflow::Fail`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overflowed {
    /// Number of events that did not fit.
    pub count: u64,
}

impl<E> Item<E> {
    /// The event, if it is one.
    pub fn into_event(self) -> Option<Event<E>> {
        match self {
            Self::Event(event) => Some(event),
            _ => None,
        }
    }

    /// The same item with other data; `None` where `change` gives none.
    pub(crate) fn with<T>(self, change: impl FnOnce(E) -> Option<T>) -> Option<Item<T>> {
        Some(match self {
            Self::Event(Event { data, stream, api, received_at, connection, backfilled }) => {
                Item::Event(Event { data: change(data)?, stream, api, received_at, connection, backfilled })
            }
            Self::State(change) => Item::State(change),
            Self::Gap(gap) => Item::Gap(gap),
            Self::Stale(stale) => Item::Stale(stale),
            Self::Resumed(resumed) => Item::Resumed(resumed),
            Self::Malformed(malformed) => Item::Malformed(malformed),
            Self::Refused(refused) => Item::Refused(refused),
            Self::Unanswered(unanswered) => Item::Unanswered(unanswered),
            Self::Lagged(lagged) => Item::Lagged(lagged),
            Self::Overflowed(overflowed) => Item::Overflowed(overflowed),
        })
    }
}

impl<E: fmt::Debug> fmt::Display for Item<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(event) => write!(f, "{event}"),
            Self::State(change) => write!(f, "{change}"),
            Self::Gap(gap) => write!(f, "{gap}"),
            Self::Stale(stale) => write!(f, "{stale}"),
            Self::Resumed(resumed) => write!(f, "{resumed}"),
            Self::Malformed(malformed) => write!(f, "{malformed}"),
            Self::Refused(refused) => write!(f, "{refused}"),
            Self::Unanswered(unanswered) => write!(f, "{unanswered}"),
            Self::Lagged(lagged) => write!(f, "{lagged}"),
            Self::Overflowed(overflowed) => write!(f, "{overflowed}"),
        }
    }
}

impl<E: fmt::Debug> fmt::Display for Event<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.stream, self.data)
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: gap from {} to {}", self.stream, Shown(self.from), Shown(self.to))?;
        f.write_str(if self.backfilled { ", backfilled" } else { "" })
    }
}

/// A position in a text.
struct Shown(Position);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Position::Id(id) => write!(f, "{id}"),
            Position::Time(time) => write!(f, "{time}"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: stale since {}", self.stream, self.since)
    }
}

impl fmt::Display for Resumed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: resumed", self.stream)
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((_, stream)) = &self.stream {
            write!(f, "{stream}: ")?;
        }
        write!(f, "cannot read a frame: {}", self.error)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, stream) in self.streams.iter().enumerate() {
            write!(f, "{}{stream}", if index > 0 { ", " } else { "" })?;
        }
        match &self.error {
            Some(error) => write!(f, ": refused: {error}"),
            None => f.write_str(": refused: not listed by the exchange"),
        }
    }
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connection, method, streams, waited, .. } = self;
        write!(f, "connection {connection}: {method} not answered for {} s", waited.as_secs())?;
        for (index, stream) in streams.iter().enumerate() {
            write!(f, "{}{stream}", if index > 0 { ", " } else { ": unconfirmed " })?;
        }
        Ok(())
    }
}

impl fmt::Display for Lagged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "consumer too slow: {} events dropped", self.count)
    }
}

impl fmt::Display for Overflowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "consumer too slow: stream ended, {} events dropped", self.count)
    }
}

/// Why a connection is replaced while it is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RotationReason {
    /// It is near the age at which the exchange closes connections.
    Age,
    /// The exchange announced that the server shuts down.
    ServerShutdown,
    /// The program requested it.
    Requested,
    /// Streams on it are silent for longer than usual.
    Silent,
    /// Pings or control messages are no longer answered: what is sent is lost.
    Unanswered,
}

impl fmt::Display for RotationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Age => "age",
            Self::ServerShutdown => "server shutdown",
            Self::Requested => "requested",
            Self::Silent => "silent streams",
            Self::Unanswered => "unanswered messages",
        })
    }
}

/// A change of the state of a connection. `connection` numbers the connections of one subscription, from 0.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StateChange {
    /// Connected, and everything is subscribed.
    Connected {
        /// The connection.
        connection: usize,
        /// Number of earlier connections in this place; 0 for the first.
        generation: u64,
    },
    /// The connection ended.
    Disconnected {
        /// The connection.
        connection: usize,
        /// Why it ended.
        error: Error,
    },
    /// The next attempt to connect follows after a delay.
    Reconnecting {
        /// The connection.
        connection: usize,
        /// Number of the attempt since the last stable connection.
        attempt: u32,
        /// Time until the attempt.
        delay: Duration,
    },
    /// A replacement connection is being opened; the old one is closed when the new one has overlapped.
    Rotating {
        /// The connection.
        connection: usize,
        /// The replica.
        replica: usize,
        /// Why it is replaced.
        reason: RotationReason,
    },
    /// The new connection has replaced the old one. Only what is reported as a gap is missing.
    Rotated {
        /// The connection.
        connection: usize,
        /// The replica.
        replica: usize,
        /// Number of earlier connections in this place.
        generation: u64,
    },
    /// One of several replicas came up.
    ReplicaConnected {
        /// The connection.
        connection: usize,
        /// The replica.
        replica: usize,
        /// Number of earlier connections in this place.
        generation: u64,
    },
    /// One of several replicas ended; the others continue.
    ReplicaDisconnected {
        /// The connection.
        connection: usize,
        /// The replica.
        replica: usize,
        /// Why it ended.
        error: Error,
    },
}

fn place(f: &mut fmt::Formatter<'_>, connection: usize, replica: usize) -> fmt::Result {
    write!(f, "connection {connection}")?;
    if replica > 0 {
        write!(f, ", replica {replica}")?;
    }
    Ok(())
}

impl fmt::Display for StateChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (connection, replica) = match self {
            Self::Connected { connection, .. }
            | Self::Disconnected { connection, .. }
            | Self::Reconnecting { connection, .. } => (*connection, 0),
            Self::Rotating { connection, replica, .. }
            | Self::Rotated { connection, replica, .. }
            | Self::ReplicaConnected { connection, replica, .. }
            | Self::ReplicaDisconnected { connection, replica, .. } => (*connection, *replica),
        };
        place(f, connection, replica)?;
        match self {
            Self::Connected { generation, .. } => write!(f, ": connected, generation {generation}"),
            Self::Disconnected { error, .. } => write!(f, ": disconnected: {error}"),
            Self::Reconnecting { attempt, delay, .. } => {
                write!(f, ": reconnecting in {} ms, attempt {attempt}", delay.as_millis())
            }
            Self::Rotating { reason, .. } => write!(f, ": rotating: {reason}"),
            Self::Rotated { generation, .. } => write!(f, ": rotated, generation {generation}"),
            Self::ReplicaConnected { generation, .. } => {
                write!(f, ": replica connected, generation {generation}")
            }
            Self::ReplicaDisconnected { error, .. } => write!(f, ": replica disconnected: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_readable_lines() {
        let stream = StreamName::new("btcusdt@trade").unwrap();
        let api = Api::Spot;
        let (from, to) = (Position::Id(5), Position::Id(9));
        let error = crate::error::network(
            binance_kit_net::Error::new(binance_kit_net::ErrorKind::Timeout)
                .detail("nothing arrived for 25 seconds"),
        );
        let items: Vec<(Item<u32>, &str)> = vec![
            (
                Item::Event(Event {
                    data: 7,
                    stream: stream.clone(),
                    api,
                    received_at: Timestamp::from_millis(0),
                    connection: ConnectionId::default(),
                    backfilled: false,
                }),
                "btcusdt@trade: 7",
            ),
            (
                Item::Gap(Gap { stream: stream.clone(), api, from, to, backfilled: true }),
                "btcusdt@trade: gap from 5 to 9, backfilled",
            ),
            (Item::Resumed(Resumed { stream: stream.clone(), api }), "btcusdt@trade: resumed"),
            (Item::Lagged(Lagged { count: 3 }), "consumer too slow: 3 events dropped"),
            (
                Item::Refused(Refused { streams: vec![stream], api, error: None }),
                "btcusdt@trade: refused: not listed by the exchange",
            ),
            (
                Item::State(StateChange::Rotating {
                    connection: 1,
                    replica: 2,
                    reason: RotationReason::ServerShutdown,
                }),
                "connection 1, replica 2: rotating: server shutdown",
            ),
        ];
        for (item, expected) in items {
            assert_eq!(item.clone().to_string(), expected);
        }
        let hostile = ApiError::new(binance_kit_core::ErrorCode(2), "\x1b[31m\r\nforged");
        let refused = Refused { streams: Vec::new(), api, error: Some(hostile) };
        assert_eq!(refused.to_string(), r": refused: 2 \u{1b}[31m\r\nforged");
        let lost: Item<u32> = Item::State(StateChange::Disconnected { connection: 0, error });
        assert!(lost.to_string().starts_with("connection 0: disconnected: "), "{lost}");
    }
}
