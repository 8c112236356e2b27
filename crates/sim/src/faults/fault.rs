//! What can go wrong, as data: a kind, where it applies, and when and how often.

use super::kind::{Family, FaultKind, Scope, Times};
use crate::error::{SimError, SimErrorKind};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A fault to be injected with [`Exchange::inject`](crate::Exchange::inject).
///
/// A fault is data. The constructors say *what* goes wrong, the methods *where* ([`Fault::on_stream`],
/// [`Fault::on_request`], [`Fault::on_connection`] …) and *when* ([`Fault::at`], [`Fault::lasting`], [`Fault::after`],
/// [`Fault::times`], [`Fault::probability`]).
///
/// There are five families, by what a fault waits for:
///
/// * **requests** (REST, WebSocket API, the handshake of a WebSocket): each request within the scope counts;
/// * **frames**: each message that the exchange sends within the scope counts. Without a scope that is every event of
///   every stream; with [`Fault::on_request`] or [`Fault::on_acknowledgements`], the answers;
/// * **connections**: without a scope and without [`Fault::after`], they happen at once (or at [`Fault::at`]) to all
///   WebSocket connections there are, or to that of [`Fault::on_connection`]. With [`Fault::on_stream`], [`Fault::after`]
///   and the like they happen to the connection that is sent the frame, right behind that frame;
/// * **connecting**, and **the clock**: in force from [`Fault::at`] on, for [`Fault::lasting`].
///
/// A fault of a request, a frame or a connection happens once, unless [`Fault::times`] or [`Fault::always`] says
/// otherwise. One that is a state (silence, half-open, no pings, refused connections, a skewed clock) lasts until its time
/// is over or [`FaultHandle::remove`](crate::FaultHandle::remove) is called.
///
/// Of several faults that apply to the same frame or request, the one injected first happens; the others count it and wait.
///
/// ```
/// use binance_kit_sim::Fault;
/// use std::time::Duration;
///
/// // The third trade, and each one after it with a chance of one in ten, is lost: ids have holes.
/// let gaps = Fault::gap().on_stream("btcusdt@trade").after(2).always().probability(0.1, 7);
/// // In ten seconds, all connections are reset.
/// let reset = Fault::reset().at(Duration::from_secs(10));
/// // The next order is carried out, but its answer is lost.
/// let lost = Fault::lose_response().on_request("order.place");
/// # let _ = (gaps, reset);
/// // All of them can be written down, and read back.
/// assert_eq!(Fault::from_json(&lost.to_json()).unwrap(), lost);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What goes wrong.
    #[serde(flatten)]
    pub(super) kind: FaultKind,
    /// Where.
    #[serde(default)]
    pub(super) on: Scope,
    /// The only connection that it happens to.
    #[serde(default)]
    pub(super) connection: Option<u64>,
    /// Delay in milliseconds before it is in force.
    #[serde(default)]
    pub(super) at_millis: u64,
    /// How long it is in force, in milliseconds.
    #[serde(default)]
    pub(super) lasting_millis: Option<u64>,
    /// Occasions that are passed over first.
    #[serde(default)]
    pub(super) after: u64,
    /// How often it happens.
    #[serde(default)]
    pub(super) times: Times,
    /// Chance, in millionths.
    #[serde(default)]
    pub(super) per_million: Option<u32>,
    /// Seed of the chance.
    #[serde(default)]
    pub(super) seed: u64,
}

/// The keys of a fault beside those of its kind.
pub(super) const ENVELOPE: [&str; 8] =
    ["on", "connection", "at_millis", "lasting_millis", "after", "times", "per_million", "seed"];

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Where, when and how often.
impl Fault {
    /// Limits it to the events of this market stream.
    #[must_use]
    pub fn on_stream(self, stream: impl Into<String>) -> Self {
        self.on(Scope::Stream(stream.into()))
    }

    /// Limits it to events of user data.
    #[must_use]
    pub fn on_user_data(self) -> Self {
        self.on(Scope::UserData)
    }

    /// Limits it to this request, or its answer: `order.place`, `SUBSCRIBE`, `POST /api/v3/order`; `*` is every request.
    #[must_use]
    pub fn on_request(self, request: impl Into<String>) -> Self {
        self.on(Scope::Request(request.into()))
    }

    /// Limits it to the answers to `SUBSCRIBE`, `UNSUBSCRIBE` and the like.
    #[must_use]
    pub fn on_acknowledgements(self) -> Self {
        self.on(Scope::Acknowledgements)
    }

    /// Limits it to the HTTP request that opens a WebSocket.
    #[must_use]
    pub fn on_handshake(self) -> Self {
        self.on(Scope::Handshake)
    }

    /// Limits it to a scope.
    #[must_use]
    pub fn on(mut self, scope: Scope) -> Self {
        self.on = scope;
        self
    }

    /// Limits it to the WebSocket connection with this [`ConnectionInfo::id`](crate::ConnectionInfo::id). HTTP requests belong
    /// to none.
    #[must_use]
    pub fn on_connection(mut self, id: u64) -> Self {
        self.connection = Some(id);
        self
    }

    /// Delays it by this time after its injection.
    #[must_use]
    pub fn at(mut self, delay: Duration) -> Self {
        self.at_millis = millis(delay);
        self
    }

    /// Ends it after this time, counted from [`Fault::at`].
    #[must_use]
    pub fn lasting(mut self, duration: Duration) -> Self {
        self.lasting_millis = Some(millis(duration));
        self
    }

    /// Skips this number of frames or requests of its scope first.
    #[must_use]
    pub fn after(mut self, count: u64) -> Self {
        self.after = count;
        self
    }

    /// Lets it happen once, on the next frame, request or connection of its scope.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Lets it happen this many times, on consecutive frames or requests.
    #[must_use]
    pub fn times(mut self, count: u64) -> Self {
        self.times = Times::Count(count);
        self
    }

    /// Lets it happen every time.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = Times::Always;
        self
    }

    /// Lets it happen with this probability, rounded to millionths, drawn from a random source with this seed.
    #[must_use]
    pub fn probability(mut self, probability: f64, seed: u64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0 to 1,000,000, and it is chance, not money"
        )]
        let per_million = (probability.clamp(0.0, 1.0) * 1_000_000.0).round() as u32;
        self.per_million = Some(per_million);
        self.seed = seed;
        self
    }

    /// Returns what goes wrong.
    pub fn kind(&self) -> &FaultKind {
        &self.kind
    }

    /// Returns where it applies.
    pub fn scope(&self) -> &Scope {
        &self.on
    }

    /// How many times it happens at most; `None` when there is no end.
    pub(super) fn most(&self) -> Option<u64> {
        match self.times {
            Times::Count(count) => Some(count),
            Times::Always => None,
            Times::Usual => (!self.kind.is_state()).then_some(1),
        }
    }

    /// Whether time alone triggers it, rather than a frame, a request or a new connection.
    pub(super) fn is_timed(&self) -> bool {
        self.kind.family() == Family::Connection && self.after == 0 && self.on == Scope::Any
    }

    /// Returns the fault as JSON: `{"fault":"cut","at":5,"reset":false,"on":{"stream":"btcusdt@trade"},…}`. The key `fault` has the
    /// kind's name, beside it are its parameters and when and where it applies.
    pub fn to_json(&self) -> String {
        // Numbers, texts and names of fields: nothing of it can fail to be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`Fault::to_json`] writes. Only `fault` and the required parameters of its kind must be
    /// there.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Configuration`] for an invalid fault and for an unknown key.
    pub fn from_json(text: &str) -> Result<Self, SimError> {
        let invalid =
            |error: serde_json::Error| SimError::with(SimErrorKind::Configuration, "invalid fault", error);
        let value: serde_json::Value = serde_json::from_str(text).map_err(invalid)?;
        Self::from_value(value)
    }

    /// Reads a JSON array of faults.
    ///
    /// # Errors
    ///
    /// As [`Fault::from_json`].
    pub fn list_from_json(text: &str) -> Result<Vec<Self>, SimError> {
        let invalid = |error: serde_json::Error| {
            SimError::with(SimErrorKind::Configuration, "invalid list of faults", error)
        };
        let values: Vec<serde_json::Value> = serde_json::from_str(text).map_err(invalid)?;
        values.into_iter().map(Self::from_value).collect()
    }

    fn from_value(value: serde_json::Value) -> Result<Self, SimError> {
        let invalid =
            |error: serde_json::Error| SimError::with(SimErrorKind::Configuration, "invalid fault", error);
        let keys: Vec<String> =
            value.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default();
        let fault: Self = serde_json::from_value(value).map_err(invalid)?;
        let known = serde_json::to_value(&fault.kind).map_err(invalid)?;
        for key in keys {
            if !ENVELOPE.contains(&key.as_str()) && known.get(&key).is_none() {
                return Err(SimError::new(
                    SimErrorKind::Configuration,
                    format_args!("this fault has no {key:?}"),
                ));
            }
        }
        if fault.per_million.is_some_and(|chance| chance > 1_000_000) {
            return Err(SimError::new(SimErrorKind::Configuration, "more than a million in a million"));
        }
        Ok(fault)
    }
}
