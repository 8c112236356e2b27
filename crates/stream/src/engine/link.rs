//! One physical connection: its socket, what was asked for on it, and its counters.

use super::Now;
use crate::config::StreamConfig;
use crate::item::{ConnectionId, RotationReason};
use crate::meter::Up;
use crate::subscription::{SubscriptionSet, combined_path, raw_path};
use binance_kit_core::{Decoder, StreamName, TimeUnit};
use binance_kit_net::ws::WebSocket;
use binance_kit_net::{BoxIo, Context, Endpoint};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Waker;
use std::time::Duration;

type Connecting = Pin<Box<dyn Future<Output = Result<WebSocket<BoxIo>, binance_kit_net::Error>> + Send>>;

/// How the connection names its streams.
#[derive(Debug, Clone)]
pub(crate) enum Mode {
    Combined,
    Raw(StreamName),
}

pub(super) enum Stage {
    Connecting(Connecting),
    Live(Box<WebSocket<BoxIo>>),
    /// The close frame is on its way; until then at most.
    Closing(Box<WebSocket<BoxIo>>, Duration),
}

/// Numbers the connections of the process for those who are shown their frames.
static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// What our pings of the round trip carry, so that their answers are known.
pub(super) const ROUND_TRIP: &[u8] = b"round trip";
/// How long an answer may take while other things arrive.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Our own pings: whether what we send arrives, which what arrives does not tell.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct RoundTrip {
    /// When the last ping went that is not answered.
    sent: Option<Duration>,
    next: Option<Duration>,
    /// The exchange was seen to answer.
    proven: bool,
}

/// What is due for a round trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trip {
    Ping,
    /// There is no way to the exchange any more.
    Lost,
}

impl RoundTrip {
    pub(super) fn answered(&mut self) {
        self.sent = None;
        self.proven = true;
    }

    /// When to look again.
    pub(super) fn next(&self) -> Option<Duration> {
        match self.sent {
            Some(sent) if self.proven => Some(sent + ANSWER_WITHIN),
            _ => self.next,
        }
    }

    /// What is due. `last` is when anything was last received: only what came later than the answer should have tells that
    /// the answer is lost.
    pub(super) fn expire(&mut self, now: Duration, last: Duration, every: Duration) -> Option<Trip> {
        if let Some(sent) = self.sent.filter(|sent| self.proven && last >= *sent + ANSWER_WITHIN) {
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
    pub(super) id: ConnectionId,
    /// Its number among all of the process.
    pub(super) number: u64,
    pub(super) stage: Stage,
    pub(super) set: SubscriptionSet,
    pub(super) decoder: Decoder,
    pub(super) waker: Waker,
    /// Since when it is up.
    pub(super) since: Duration,
    /// Since when everything is acknowledged.
    pub(super) settled: Option<Duration>,
    /// When we pinged, if nothing was received since.
    pub(super) pinged_at: Option<Duration>,
    /// Whether the way to the exchange and back is open.
    pub(super) round_trip: RoundTrip,
    /// It must be heard until then: the machine slept.
    pub(super) suspect_until: Option<Duration>,
    /// Since when there is nothing more to be read; `None` while there may be. Silence counts from here.
    pub(super) drained_at: Option<Duration>,
    pub(super) messages: u64,
    /// Counted among the connections that are up.
    pub(super) up: Option<Up>,
    /// When it is to be replaced, and why.
    pub(super) rotate_at: Option<(Duration, RotationReason)>,
    /// When its timers have something to do.
    pub(super) due: Duration,
    /// Whether something changed since its timers were last looked at.
    pub(super) is_changed: bool,
}

impl Link {
    /// Begins to connect.
    pub(super) fn connect(
        id: ConnectionId,
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
        tracing::debug!(%endpoint, connection = id.connection, leg = id.leg, generation = id.generation, streams = url.len(), "connecting");
        let (context, endpoint, web_socket) = (context.clone(), endpoint.clone(), config.web_socket.clone());
        let api_key = config.api_key.clone();
        let connecting = async move {
            let key = api_key.as_ref().map(|key| ("X-MBX-APIKEY", key.as_str()));
            WebSocket::connect(&context, &endpoint, &path, key.as_slice(), &web_socket).await
        };
        Self {
            id,
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            stage: Stage::Connecting(Box::pin(connecting)),
            set,
            decoder: Decoder::new(),
            waker,
            since: Duration::ZERO,
            settled: None,
            pinged_at: None,
            round_trip: RoundTrip::default(),
            suspect_until: None,
            drained_at: None,
            messages: 0,
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
    fn a4_answers_are_missed_only_where_they_used_to_come_and_other_things_do() {
        let seconds = Duration::from_secs;
        let every = seconds(10);
        let mut trip = RoundTrip::default();
        assert_eq!(trip.expire(seconds(0), seconds(0), every), None);
        assert_eq!(trip.next(), Some(seconds(10)));
        assert_eq!(trip.expire(seconds(10), seconds(10), every), Some(Trip::Ping));
        // Who never answered is not asked for more than that.
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
