//! What a stream yields.

use binance_kit_core::{ApiError, DecodeError, StreamName, Timestamp};
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
}

/// One item of a stream. Consumers that care for events only can use [`Item::into_event`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Item<E> {
    /// An event.
    Event(Event<E>),
    /// The connection came up or went down. Between `Disconnected` and the next `Connected` events are missing.
    State(StateChange),
    /// A frame that could not be read. The stream goes on.
    Malformed {
        /// The stream, where the frame says so much.
        stream: Option<StreamName>,
        /// What is wrong with it.
        error: DecodeError,
        /// The frame as it came.
        raw: Vec<u8>,
    },
    /// The exchange refused streams, or does not deliver them though they were asked for. They are no longer wanted.
    Refused {
        /// The streams.
        streams: Vec<StreamName>,
        /// What the exchange said; `None` when it just left them out.
        error: Option<ApiError>,
    },
    /// The consumer was too slow, and this many events (and frames that could not be read) were dropped here, as its overflow policy asks.
    Lagged(u64),
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
}
