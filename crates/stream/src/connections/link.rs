//! One physical connection: its socket, what was asked for on it, and its counters.

use super::Now;
use super::texts::{combined_path, raw_path};
use super::wanted::SubscriptionSet;
use crate::config::StreamConfig;
use crate::item::{ConnectionId, RotationReason};
use crate::meter::Up;
use binance_kit_core::{StreamName, TimeUnit};
use binance_kit_net::ws::WebSocket;
use binance_kit_net::{BoxIo, Context, Endpoint};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Waker;
use std::time::Duration;

type Connecting = Pin<Box<dyn Future<Output = Result<WebSocket<BoxIo>, binance_kit_net::Error>> + Send>>;

/// How a connection names its streams.
#[derive(Debug, Clone)]
pub(crate) enum Mode {
    /// Many streams, each frame in a wrapper with the name (`/stream`).
    Combined,
    /// One stream, without a wrapper (`/ws/…`).
    Raw(StreamName),
}

/// How far a connection is.
pub(super) enum Stage {
    /// It is being opened.
    Connecting(Connecting),
    /// It is up.
    Live(Box<WebSocket<BoxIo>>),
    /// The close frame is being sent; until then at most.
    Closing(Box<WebSocket<BoxIo>>, Duration),
}

/// Numbers the connections of the process for taps.
static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// Payload of the pings of the round trip, by which their answers are recognised.
pub(super) const ROUND_TRIP: &[u8] = b"round trip";
/// How long an answer may take while other messages arrive.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Own pings, which show whether what is sent arrives: what is received does not show that.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct RoundTrip {
    /// When the last unanswered ping was sent.
    sent: Option<Duration>,
    /// When the next ping is due.
    next: Option<Duration>,
    /// Whether the exchange has answered before.
    proven: bool,
}

/// The action that is due for a round trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trip {
    /// Send a ping.
    Ping,
    /// What is sent no longer arrives.
    Lost,
}

impl RoundTrip {
    pub(super) fn answered(&mut self) {
        self.sent = None;
        self.proven = true;
    }

    /// When the next check is due.
    pub(super) fn next(&self) -> Option<Duration> {
        match self.sent {
            Some(sent) if self.proven => Some(sent + ANSWER_TIMEOUT),
            _ => self.next,
        }
    }

    /// The action that is due. `last` is when anything was last received: only a message later than the deadline of the answer
    /// shows that the answer is lost.
    pub(super) fn expire(&mut self, now: Duration, last: Duration, every: Duration) -> Option<Trip> {
        if let Some(sent) = self.sent.filter(|sent| self.proven && last >= *sent + ANSWER_TIMEOUT) {
            *self = Self { sent: None, next: Some(sent.max(now) + every), proven: true };
            return Some(Trip::Lost);
        }
        let next = *self.next.get_or_insert(now + every);
        if next > now || (self.sent.is_some() && self.proven) {
            return None;
        }
        self.next = Some(now + every);
        self.sent = Some(now);
        Some(Trip::Ping)
    }
}

/// One physical connection.
pub(super) struct Link {
    /// Its lane, replica and generation.
    pub(super) id: ConnectionId,
    /// The host and route it leads to.
    pub(super) group: usize,
    /// Its number among all connections of the process.
    pub(super) number: u64,
    /// How far it is.
    pub(super) stage: Stage,
    /// The streams it is to carry, and those that are acknowledged.
    pub(super) set: SubscriptionSet,
    /// Wakes the connections for this link.
    pub(super) waker: Waker,
    /// Since when it is up.
    pub(super) since: Duration,
    /// Since when everything is acknowledged.
    pub(super) settled: Option<Duration>,
    /// When we pinged, if nothing was received since.
    pub(super) pinged_at: Option<Duration>,
    /// The pings by which the round trip to the exchange is checked.
    pub(super) round_trip: RoundTrip,
    /// Something must arrive until then: the machine may have been suspended.
    pub(super) suspect_until: Option<Duration>,
    /// Since when everything received is read; `None` while more may wait. Silence counts from here.
    pub(super) drained_at: Option<Duration>,
    /// Number of messages received.
    pub(super) messages: u64,
    /// Whether an event of a stream arrived on it.
    pub(super) has_delivered: bool,
    /// Counted among the connections that are up.
    pub(super) up: Option<Up>,
    /// When it is to be replaced, and why.
    pub(super) rotate_at: Option<(Duration, RotationReason)>,
    /// When its next timer is due.
    pub(super) due: Duration,
    /// Whether anything changed since its timers were checked.
    pub(super) is_changed: bool,
}

impl Link {
    /// Begins to connect.
    #[expect(
        clippy::too_many_arguments,
        reason = "the surroundings of a connection, each of a type of its own"
    )]
    pub(super) fn connect(
        id: ConnectionId,
        group: usize,
        waker: Waker,
        context: &Context,
        endpoint: &Endpoint,
        config: &StreamConfig,
        mode: &Mode,
        names: impl IntoIterator<Item = StreamName>,
    ) -> Self {
        let mut set = SubscriptionSet::new();
        set.subscribe(names);
        set.take_outcomes();
        let url = set.connecting();
        // SBE has no other unit, and its host no such parameter.
        let microseconds = config.time_unit == TimeUnit::Microsecond && config.encoding.schema().is_none();
        let path = match mode {
            Mode::Combined => combined_path(&url, microseconds),
            Mode::Raw(name) => raw_path(name, microseconds),
        };
        tracing::debug!(%endpoint, connection = id.connection, replica = id.replica, generation = id.generation, streams = url.len(), "connecting");
        let (context, endpoint, web_socket) = (context.clone(), endpoint.clone(), config.web_socket.clone());
        let api_key = config.api_key.clone();
        let connecting = async move {
            let key = api_key.as_ref().map(|key| ("X-MBX-APIKEY", key.as_str()));
            WebSocket::connect(&context, &endpoint, &path, key.as_slice(), &web_socket).await
        };
        Self {
            id,
            group,
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            stage: Stage::Connecting(Box::pin(connecting)),
            set,
            waker,
            since: Duration::ZERO,
            settled: None,
            pinged_at: None,
            round_trip: RoundTrip::default(),
            suspect_until: None,
            drained_at: None,
            messages: 0,
            has_delivered: false,
            up: None,
            rotate_at: None,
            due: Duration::ZERO,
            is_changed: true,
        }
    }

    /// The socket, while the connection is up.
    pub(super) fn socket(&mut self) -> Option<&mut WebSocket<BoxIo>> {
        match &mut self.stage {
            Stage::Live(socket) => Some(socket),
            _ => None,
        }
    }

    /// The set of subscriptions, to change it.
    pub(super) fn change(&mut self) -> &mut SubscriptionSet {
        self.is_changed = true;
        &mut self.set
    }

    pub(super) fn is_live(&self) -> bool {
        matches!(self.stage, Stage::Live(_))
    }

    /// When anything was last received, as far as silence is concerned.
    pub(super) fn last_received(&self, now: &Now) -> Duration {
        match &self.stage {
            // What waits to be read came, whenever it is read.
            Stage::Live(socket) => match self.drained_at {
                Some(at) => at.max(now.of(socket.last_received())),
                None => now.at,
            },
            _ => now.at,
        }
    }

    /// Whether it is on its way out.
    pub(super) fn is_closing(&self) -> bool {
        matches!(self.stage, Stage::Closing(..))
    }

    pub(super) fn bytes(&self) -> u64 {
        match &self.stage {
            Stage::Live(socket) | Stage::Closing(socket, _) => socket.received_bytes(),
            Stage::Connecting(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a4_answers_are_missed_only_where_they_used_to_arrive_and_other_messages_do() {
        let seconds = Duration::from_secs;
        let every = seconds(10);
        let mut trip = RoundTrip::default();
        assert_eq!(trip.expire(seconds(0), seconds(0), every), None);
        assert_eq!(trip.next(), Some(seconds(10)));
        assert_eq!(trip.expire(seconds(10), seconds(10), every), Some(Trip::Ping));
        // An exchange that never answered is not given up.
        assert_eq!(trip.expire(seconds(19), seconds(19), every), None);
        assert_eq!(trip.expire(seconds(20), seconds(20), every), Some(Trip::Ping));
        trip.answered();
        assert_eq!(trip.expire(seconds(30), seconds(30), every), Some(Trip::Ping));
        assert_eq!(trip.next(), Some(seconds(35)));
        // Nothing came at all: that is another matter.
        assert_eq!(trip.expire(seconds(50), seconds(34), every), None);
        assert_eq!(trip.expire(seconds(50), seconds(35), every), Some(Trip::Lost));
        assert_eq!(trip.expire(seconds(51), seconds(51), every), None);
        assert_eq!(trip.expire(seconds(60), seconds(60), every), Some(Trip::Ping));
    }
}
