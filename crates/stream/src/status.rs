//! The state of the connections and streams at one moment, as a value.

use crate::item::ConnectionId;
use binance_kit_core::product::Api;
use binance_kit_core::{Route, StreamName, Timestamp};
use std::fmt;
use std::time::Duration;

/// The state of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionState {
    /// It waits before the next attempt.
    Waiting,
    /// It is being opened.
    Connecting,
    /// It is up; not everything is acknowledged yet.
    Subscribing,
    /// It is up, and everything subscribed is acknowledged.
    Live,
}

impl fmt::Display for ConnectionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Waiting => "waiting",
            Self::Connecting => "connecting",
            Self::Subscribing => "subscribing",
            Self::Live => "live",
        })
    }
}

/// A connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionStatus {
    /// Its place, replica and generation.
    pub id: ConnectionId,
    /// The product it carries.
    pub api: Api,
    /// The route of that product's host.
    pub route: Route,
    /// The base URL.
    pub endpoint: String,
    /// How far it is.
    pub state: ConnectionState,
    /// Whether a replacement is being opened.
    pub is_rotating: bool,
    /// Time since it is up.
    pub up_for: Option<Duration>,
    /// Number of attempts to connect since the last stable connection in its place.
    pub attempts: u32,
    /// Number of messages received.
    pub messages: u64,
    /// Number of bytes received since it is up.
    pub bytes: u64,
    /// Number of streams it is to carry.
    pub streams: usize,
    /// Time since anything was received.
    pub silent_for: Option<Duration>,
    /// How it compares with the other replicas.
    pub race: RaceStatus,
}

/// How the connections of one replica compare with the others, since the stream began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct RaceStatus {
    /// Number of events of which it delivered the first copy.
    pub first: u64,
    /// Number of events of which another one delivered the first copy.
    pub duplicates: u64,
    /// Sum of the delays of its copies behind the first ones; divided by [`Self::duplicates`] it is the mean.
    pub behind: Duration,
    /// Maximum of those delays.
    pub max_behind: Duration,
    /// Number of events delivered while it was up of which it had no copy. Copies still to arrive count until they do.
    pub missed: u64,
}

/// A stream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamStatus {
    /// Its name.
    pub stream: StreamName,
    /// Its product.
    pub api: Api,
    /// The number of its connection.
    pub connection: usize,
    /// Whether the exchange has acknowledged it on a connection that is up.
    pub is_acknowledged: bool,
    /// Number of events delivered.
    pub events: u64,
    /// Time since the last event.
    pub silent_for: Option<Duration>,
    /// The longest usual interval between events as observed, or the documented one.
    pub cadence: Option<Duration>,
    /// Since when it is stale, if it is.
    pub stale_since: Option<Timestamp>,
    /// Number of gaps reported, backfilled ones included.
    pub gaps: u64,
    /// Number of events fetched to fill gaps.
    pub backfilled: u64,
    /// Number of copies that were not delivered.
    pub duplicates: u64,
    /// Number of events dropped because the consumer was too slow.
    pub lagged: u64,
    /// Number of events held until their order is known.
    pub held: usize,
}

/// The state of a subscription at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Status {
    /// The connections.
    pub connections: Vec<ConnectionStatus>,
    /// The streams, by name.
    pub streams: Vec<StreamStatus>,
    /// Number of connections lost.
    pub disconnects: u64,
    /// Number of connections replaced without a loss.
    pub rotations: u64,
    /// Number of frames that could not be read.
    pub malformed: u64,
    /// Number of items in the queues that wait for a consumer; not those that it has taken out ahead.
    pub queued: usize,
    /// What they take, in bytes; an upper bound.
    pub queued_bytes: usize,
    /// Number of events dropped because the consumer was too slow.
    pub lagged: u64,
}
