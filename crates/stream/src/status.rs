//! What is known of the connections and streams at one moment, as a value.

use crate::item::ConnectionId;
use binance_kit_core::{StreamName, Timestamp};
use std::time::Duration;

/// How far a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionState {
    /// It waits before the next attempt.
    Waiting,
    /// It is being made.
    Connecting,
    /// It is up; not everything is acknowledged yet.
    Subscribing,
    /// It is up, and everything wanted is acknowledged.
    Live,
}

/// A connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionStatus {
    /// Which one.
    pub id: ConnectionId,
    /// The place it leads to.
    pub endpoint: String,
    /// How far it is.
    pub state: ConnectionState,
    /// Whether another one is being made to take its place.
    pub is_rotating: bool,
    /// For how long it has been up.
    pub up_for: Option<Duration>,
    /// The attempts to connect since the last stable connection in its place.
    pub attempts: u32,
    /// The messages that came on it.
    pub messages: u64,
    /// The bytes that came on it since it is up.
    pub bytes: u64,
    /// The streams it is to carry.
    pub streams: usize,
    /// How long ago anything came on it.
    pub silent_for: Option<Duration>,
    /// What it contributed.
    pub race: RaceStatus,
}

/// How the connections of one leg compare with the others, since the stream began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct RaceStatus {
    /// Events of which it had the first copy.
    pub first: u64,
    /// Events of which another one had the first copy.
    pub duplicates: u64,
    /// The sum of the times by which its copies were behind the first ones; by [`Self::duplicates`] it is the mean.
    pub behind: Duration,
    /// The longest of those times.
    pub behind_most: Duration,
    /// Events delivered while it was up of which it had no copy. Those on their way count until they come.
    pub missed: u64,
}

/// A stream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamStatus {
    /// Its name.
    pub stream: StreamName,
    /// The number of its connection.
    pub connection: usize,
    /// Whether the exchange has acknowledged it on a connection that is up.
    pub is_acknowledged: bool,
    /// The events delivered.
    pub events: u64,
    /// How long ago the last one came.
    pub silent_for: Option<Duration>,
    /// How often it speaks: the longest usual interval observed, or what is documented.
    pub cadence: Option<Duration>,
    /// Since when it is stale, if it is.
    pub stale_since: Option<Timestamp>,
    /// The gaps reported, recovered ones included.
    pub gaps: u64,
    /// The events fetched to fill gaps.
    pub recovered: u64,
    /// Copies that were not delivered.
    pub duplicates: u64,
    /// Events dropped because the consumer was too slow.
    pub lagged: u64,
    /// Events kept back for now, until their order is known.
    pub held: usize,
}

/// Everything at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Status {
    /// The connections.
    pub connections: Vec<ConnectionStatus>,
    /// The streams, by name.
    pub streams: Vec<StreamStatus>,
    /// How many times a connection was lost.
    pub disconnects: u64,
    /// How many times a connection took another one's place without a loss.
    pub rotations: u64,
    /// How many frames could not be read.
    pub malformed: u64,
    /// How many items wait for the consumer.
    pub queued: usize,
    /// How many events the consumer was too slow for.
    pub lagged: u64,
}
