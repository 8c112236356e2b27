//! One injected fault: whether it applies, and how often it did.

use super::HANDSHAKE;
use super::fault::Fault;
use super::kind::{Family, FaultKind, Scope};
use crate::random::Random;
use crate::server::link::LinkControl;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Nothing is answered. REST: the connection is cut.
    Drop,
    /// This is answered instead.
    Answer { status: u16, body: String, html: bool, retry_after: Option<u64> },
    /// The answer comes late.
    Delay(Duration),
    /// The connection ends after so many bytes of the answer.
    Cut { bytes: u64, reset: bool },
}

/// When it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Before the request is carried out, which it then is not (unless it is only late).
    Before,
    /// After the request was carried out.
    After,
}

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin<'a> {
    /// An event of a market stream.
    Event(&'a str),
    /// An event of an account.
    UserData,
    /// The answer to a request of the WebSocket API.
    Answer(&'a str),
    /// The answer to `SUBSCRIBE` or its like.
    Acknowledgement(&'a str),
}

#[derive(Debug)]
pub(super) struct Rule {
    /// Id of the fault.
    pub(super) id: u64,
    /// The fault.
    pub(super) fault: Fault,
    /// How often it happened.
    pub(super) hits: Arc<AtomicU64>,
    /// Connections that it holds up or slows down, until it is over.
    pub(super) links: Vec<Arc<LinkControl>>,
    /// Start of the time in which it is in force.
    from: Instant,
    /// End of that time.
    until: Option<Instant>,
    /// Occasions that were counted.
    seen: u64,
    /// How often it can still happen.
    left: Option<u64>,
    /// Random source of its chance.
    random: Random,
}

impl Rule {
    pub(super) fn new(id: u64, fault: Fault, now: Instant) -> Self {
        let from = now + Duration::from_millis(fault.at_millis);
        Self {
            id,
            hits: Arc::default(),
            links: Vec::new(),
            from,
            until: fault.lasting_millis.map(|lasting| from + Duration::from_millis(lasting)),
            seen: 0,
            left: fault.most(),
            random: Random::new(fault.seed),
            fault,
        }
    }

    pub(super) fn begins(&self) -> Instant {
        self.from
    }

    pub(super) fn ends(&self) -> Option<Instant> {
        self.until
    }

    pub(super) fn is_active(&self, now: Instant) -> bool {
        now >= self.from && self.until.is_none_or(|until| now < until)
    }

    /// Whether there is nothing left for it to do. A state whose connections are held up is not over.
    pub(super) fn is_spent(&self) -> bool {
        self.left == Some(0) && !self.fault.kind.is_state()
    }

    pub(super) fn is_on_connection(&self, client: Option<u64>) -> bool {
        self.fault.connection.is_none() || self.fault.connection == client
    }

    pub(super) fn matches_frame(&self, client: u64, origin: Origin<'_>) -> bool {
        let family = self.fault.kind.family();
        if !matches!(family, Family::Frame | Family::Connection) || self.fault.is_timed() {
            return false;
        }
        if !self.is_on_connection(Some(client)) {
            return false;
        }
        match (&self.fault.on, origin) {
            (Scope::Any, Origin::Event(_) | Origin::UserData)
            | (Scope::UserData, Origin::UserData)
            | (Scope::Acknowledgements, Origin::Acknowledgement(_)) => true,
            (Scope::Stream(wanted), Origin::Event(stream)) => wanted == stream,
            (Scope::Request(wanted), Origin::Answer(method) | Origin::Acknowledgement(method)) => {
                wanted == "*" || wanted == method
            }
            _ => false,
        }
    }

    pub(super) fn matches_request(&self, request: &str, client: Option<u64>, when: When) -> bool {
        self.fault.kind.family() == Family::Request
            && self.fault.kind.is_after_execution() == (when == When::After)
            && self.is_on_connection(client)
            && match &self.fault.on {
                Scope::Any => request != HANDSHAKE,
                Scope::Handshake => request == HANDSHAKE,
                Scope::Request(wanted) => wanted == request || (wanted == "*" && request != HANDSHAKE),
                _ => false,
            }
    }

    /// Counts an occasion; whether the fault happens on it. It does not when `taken` by another one.
    pub(super) fn fires(&mut self, now: Instant, taken: bool) -> bool {
        if !self.is_active(now) || self.left == Some(0) {
            return false;
        }
        self.seen += 1;
        if self.seen <= self.fault.after || taken {
            return false;
        }
        if let Some(chance) = self.fault.per_million
            && !self.random.chance(u64::from(chance), 1_000_000)
        {
            return false;
        }
        self.left = self.left.map(|left| left - 1);
        self.hits.fetch_add(1, Ordering::Relaxed);
        true
    }

    /// What happens to a request.
    pub(super) fn action(&self) -> Option<Action> {
        let millis = Duration::from_millis;
        Some(match &self.fault.kind {
            FaultKind::Answer { status, body, html, retry_after, .. } => {
                Action::Answer { status: *status, body: body.clone(), html: *html, retry_after: *retry_after }
            }
            FaultKind::Lose { .. } => Action::Drop,
            FaultKind::DelayResponse { millis: delay } | FaultKind::DelayRequest { millis: delay } => {
                Action::Delay(millis(*delay))
            }
            FaultKind::CutResponse { bytes, reset } => Action::Cut { bytes: *bytes, reset: *reset },
            _ => return None,
        })
    }

    /// Remembers a connection that it holds up, once however often that happens.
    pub(super) fn hold_up(&mut self, link: Arc<LinkControl>) {
        if !self.links.iter().any(|other| Arc::ptr_eq(other, &link)) {
            self.links.push(link);
        }
    }

    /// Lets go of the connections it held up.
    pub(super) fn release(&mut self) {
        for link in self.links.drain(..) {
            match self.fault.kind {
                FaultKind::Throttle { .. } => link.pace(None),
                _ => link.freeze(false, false),
            }
        }
    }
}
