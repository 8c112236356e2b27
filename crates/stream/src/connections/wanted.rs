//! The streams that one connection is to carry, those that the exchange has acknowledged, and the control messages that
//! reconcile the two: a state machine without I/O and without a clock.
//!
//! It is a reconciliation, not a queue of commands: subscribing, unsubscribing and reconnecting in any order end with the
//! streams that are wanted now, and every operation is idempotent.

mod overdue;

pub(super) use overdue::Overdue;

use super::texts::control_text;
use crate::item::ControlMethod;
use binance_kit_core::{ApiError, StreamName};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// Maximum length of a control message and of the list of streams in a URL, in bytes. The exchange takes 4,096 and answers
/// messages near that very late.
pub(super) const MAX_CONTROL_BYTES: usize = 4000;
/// Length of a URL without the names, in bytes.
const URL_AROUND: usize = 64;
/// Maximum number of control messages in a [`WINDOW`]. The exchange allows 5 in a second, pings and pongs included; one is
/// left for those.
const CONTROLS_PER_WINDOW: usize = 4;
/// More than a second: the intervals at which messages arrive may be shorter than those at which they were sent.
const WINDOW: Duration = Duration::from_millis(1200);

/// The state of a stream at the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Actual {
    /// Not subscribed.
    Absent,
    /// Named in the URL of the connection, not yet found in the exchange's list.
    Assumed,
    /// Named in the control message of this id.
    Subscribing(u64),
    /// Acknowledged.
    Present,
    /// Given up in the control message of this id.
    Unsubscribing(u64),
}

/// A stream.
#[derive(Debug)]
struct Entry {
    /// Whether it is to be subscribed.
    wanted: bool,
    /// Its state at the exchange.
    actual: Actual,
    /// Whether it is to be unsubscribed once and subscribed again.
    renew: bool,
    /// Maximum number of streams to subscribe together with it, after a message with several names was refused.
    together: usize,
}

impl Entry {
    fn new() -> Self {
        Self { wanted: true, actual: Actual::Absent, renew: false, together: usize::MAX }
    }
}

/// Names a call that waits for its streams to be acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Ticket(u64);

/// A call that is not done.
#[derive(Debug)]
struct Waiting {
    /// The streams it waits for.
    names: BTreeSet<StreamName>,
    /// Whether it waits for them to be acknowledged, or to be removed.
    subscribe: bool,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The exchange acknowledged all of it.
    Done,
    /// The exchange refused streams.
    Refused(Vec<StreamName>, Option<ApiError>),
    /// An acknowledgement did not arrive in time.
    TimedOut(Vec<StreamName>),
}

/// The streams of one connection.
#[derive(Debug, Default)]
pub(super) struct SubscriptionSet {
    /// The streams that are wanted, or not yet removed.
    entries: BTreeMap<StreamName, Entry>,
    /// The control messages without an answer, by id, and when they were sent.
    in_flight: BTreeMap<u64, (ControlMethod, Duration)>,
    /// The calls that are not done.
    waiting: BTreeMap<Ticket, Waiting>,
    /// The calls that ended since they were last taken.
    outcomes: Vec<(Ticket, Outcome)>,
    /// The refusals since they were last taken.
    refused: Vec<(Vec<StreamName>, Option<ApiError>)>,
    /// When the last control messages were sent.
    sent: VecDeque<Duration>,
    /// The id of the next control message.
    next_id: u64,
    /// The number of the next call.
    next_ticket: u64,
    /// Whether the exchange is to be asked for its list.
    list_due: bool,
    /// Number of listings answered, or given up.
    listings: u64,
    /// Whether the exchange has answered a control message on this connection.
    has_answered: bool,
    /// The last control messages that were given up, for answers that come nevertheless.
    given_up: VecDeque<Overdue>,
    /// Whether the connection is up.
    connected: bool,
}

impl SubscriptionSet {
    /// Creates a set without streams.
    pub(super) fn new() -> Self {
        Self { next_id: 1, ..Self::default() }
    }

    /// Number of subscribed streams.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.values().filter(|entry| entry.wanted).count()
    }

    /// The wanted streams, in order.
    pub(super) fn wanted(&self) -> impl Iterator<Item = &StreamName> {
        self.entries.iter().filter(|(_, entry)| entry.wanted).map(|(name, _)| name)
    }

    /// The stream of this name, if it is wanted: events of others (unsubscribed a moment ago) are not delivered.
    pub(super) fn find(&self, name: &str) -> Option<&StreamName> {
        self.entries.get_key_value(name).filter(|(_, entry)| entry.wanted).map(|(name, _)| name)
    }

    /// Adds streams. The ticket is done when all are acknowledged.
    pub(super) fn subscribe(&mut self, names: impl IntoIterator<Item = StreamName>) -> Ticket {
        let mut open = BTreeSet::new();
        for name in names {
            let entry = self.entries.entry(name.clone()).or_insert_with(Entry::new);
            entry.wanted = true;
            if entry.actual != Actual::Present {
                open.insert(name);
            }
        }
        // A call that waits for the removal of one of them is done.
        self.settle_absent();
        self.open_ticket(open, true)
    }

    /// Removes streams. The ticket is done when the exchange has acknowledged that.
    pub(super) fn unsubscribe(&mut self, names: impl IntoIterator<Item = StreamName>) -> Ticket {
        let mut open = BTreeSet::new();
        for name in names {
            if let Some(entry) = self.entries.get_mut(&name) {
                entry.wanted = false;
                open.insert(name);
            }
        }
        self.settle_absent();
        open.retain(|name| self.entries.contains_key(name));
        self.open_ticket(open, false)
    }

    fn open_ticket(&mut self, names: BTreeSet<StreamName>, subscribe: bool) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        if names.is_empty() {
            self.outcomes.push((ticket, Outcome::Done));
        } else {
            self.waiting.insert(ticket, Waiting { names, subscribe });
        }
        ticket
    }

    /// Whether the exchange has acknowledged the stream.
    pub(super) fn is_present(&self, name: &StreamName) -> bool {
        self.entries.get(name).is_some_and(|entry| entry.wanted && entry.actual == Actual::Present)
    }

    /// Whether the stream is neither wanted nor subscribed.
    pub(super) fn is_absent(&self, name: &StreamName) -> bool {
        !self.entries.contains_key(name)
    }

    /// Requests the exchange's list of streams: those it does not name are subscribed again. The answer also follows
    /// everything published before the request.
    pub(super) fn request_list(&mut self) {
        self.list_due = true;
    }

    /// Number of listings answered. One that was given up counts: what was published before it has had that long to arrive.
    pub(super) fn listings(&self) -> u64 {
        self.listings
    }

    /// As [`SubscriptionSet::request_list`]; gives the number of listings that are answered once this one is.
    pub(super) fn fence(&mut self) -> u64 {
        let under_way =
            self.in_flight.values().filter(|(control, _)| *control == ControlMethod::List).count();
        self.list_due = true;
        self.listings + u64::try_from(under_way).unwrap_or(0) + 1
    }

    /// Unsubscribes an acknowledged stream and subscribes it again.
    pub(super) fn renew(&mut self, name: &StreamName) {
        if let Some(entry) = self.entries.get_mut(name) {
            entry.renew = entry.actual == Actual::Present;
        }
    }

    /// Counts a frame that the exchange counts as a control message, such as a ping.
    pub(super) fn note_sent(&mut self, now: Duration) {
        self.forget_sent(now);
        self.sent.push_back(now);
    }

    /// Whether a control message has no answer yet.
    pub(super) fn is_waiting(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// Prepares a new connection: gives the streams that go into its URL. The others are subscribed by control messages once
    /// it is up.
    pub(super) fn connecting(&mut self) -> Vec<StreamName> {
        self.in_flight.clear();
        self.sent.clear();
        self.list_due = false;
        self.has_answered = false;
        self.given_up.clear();
        self.connected = false;
        let mut url = Vec::new();
        let mut bytes = 0;
        for (name, entry) in &mut self.entries {
            entry.actual = Actual::Absent;
            entry.renew = false;
            if !entry.wanted {
                continue;
            }
            let mut encoded = String::new();
            name.write_url(&mut encoded);
            if bytes + encoded.len() + URL_AROUND < MAX_CONTROL_BYTES {
                bytes += encoded.len() + 1;
                entry.actual = Actual::Assumed;
                url.push(name.clone());
            }
        }
        self.settle_absent();
        url
    }

    /// The connection of [`SubscriptionSet::connecting`] is up.
    pub(super) fn connected(&mut self) {
        self.connected = true;
        self.list_due = self.entries.values().any(|entry| entry.actual == Actual::Assumed);
    }

    /// The connection is lost. The wanted streams stay the same.
    #[cfg(test)]
    pub(super) fn disconnected(&mut self) {
        self.connected = false;
        self.in_flight.clear();
        self.list_due = false;
        for entry in self.entries.values_mut() {
            entry.actual = Actual::Absent;
        }
        self.settle_absent();
    }

    /// Whether everything wanted is acknowledged and nothing else is subscribed.
    pub(super) fn is_settled(&self) -> bool {
        self.connected
            && !self.list_due
            && self.entries.values().all(|entry| entry.wanted && entry.actual == Actual::Present)
    }

    /// The control message that is due, if there is one and the pace allows it. `now` is any monotonic time.
    pub(super) fn next_control(&mut self, now: Duration) -> Option<String> {
        if !self.connected || self.next_control_at(now)? > now {
            return None;
        }
        let (control, names) = self.due()?;
        let id = self.next_id;
        self.next_id += 1;
        for name in &names {
            if let Some(entry) = self.entries.get_mut(name) {
                entry.renew = false;
                entry.actual = match control {
                    ControlMethod::Subscribe => Actual::Subscribing(id),
                    ControlMethod::Unsubscribe => Actual::Unsubscribing(id),
                    ControlMethod::List => entry.actual,
                };
            }
        }
        if control == ControlMethod::List {
            self.list_due = false;
        }
        self.in_flight.insert(id, (control, now));
        self.sent.push_back(now);
        Some(control_text(control, &names, id))
    }

    /// When the next control message may go; `None` when none is due.
    pub(super) fn next_control_at(&mut self, now: Duration) -> Option<Duration> {
        if !self.connected || !self.is_due() {
            return None;
        }
        self.forget_sent(now);
        if self.sent.len() < CONTROLS_PER_WINDOW {
            return Some(now);
        }
        self.sent.front().map(|first| *first + WINDOW)
    }

    fn forget_sent(&mut self, now: Duration) {
        while self.sent.front().is_some_and(|sent| *sent + WINDOW <= now) {
            self.sent.pop_front();
        }
    }

    fn is_due(&self) -> bool {
        self.list_due || self.entries.values().any(|entry| wants_change(entry).is_some())
    }

    fn due(&self) -> Option<(ControlMethod, Vec<StreamName>)> {
        if self.list_due {
            return Some((ControlMethod::List, Vec::new()));
        }
        // Removals first: they free room on the connection.
        for control in [ControlMethod::Unsubscribe, ControlMethod::Subscribe] {
            let mut bytes = 64;
            let mut names = Vec::new();
            let mut together = None;
            for (name, entry) in self.entries.iter().filter(|(_, entry)| wants_change(entry) == Some(control))
            {
                let together = *together.get_or_insert(entry.together);
                if entry.together != together {
                    continue;
                }
                bytes += name.as_str().len() + 3;
                if (bytes > MAX_CONTROL_BYTES && !names.is_empty()) || names.len() >= together {
                    break;
                }
                names.push(name.clone());
            }
            if !names.is_empty() {
                return Some((control, names));
            }
        }
        None
    }

    /// The exchange answered a control message. `listed` are the names in the answer to a listing. `false` when no message
    /// of this id is in flight.
    pub(super) fn acknowledged(&mut self, id: u64, listed: Option<&[String]>) -> bool {
        self.has_answered = true;
        let control = match self.in_flight.remove(&id) {
            Some((control, _)) => {
                self.listings += u64::from(control == ControlMethod::List);
                control
            }
            // Late: a list still says what is subscribed.
            None if self.take_given_up(id).is_some_and(|late| late.method == ControlMethod::List) => {
                ControlMethod::List
            }
            None => return false,
        };
        let mut missing = Vec::new();
        for (name, entry) in &mut self.entries {
            match entry.actual {
                Actual::Subscribing(at) if at == id => {
                    entry.actual = Actual::Present;
                    entry.together = usize::MAX;
                }
                // Acknowledged before, and lost by the exchange since.
                Actual::Present
                    if control == ControlMethod::List
                        && listed.is_some_and(|listed| !listed.iter().any(|one| one == name.as_str())) =>
                {
                    entry.actual = Actual::Absent;
                }
                Actual::Unsubscribing(at) if at == id => entry.actual = Actual::Absent,
                Actual::Assumed if control == ControlMethod::List => {
                    // An answer without a list is no refusal.
                    if listed.is_none_or(|listed| listed.iter().any(|listed| listed == name.as_str())) {
                        entry.actual = Actual::Present;
                    } else {
                        entry.actual = Actual::Absent;
                        entry.wanted = false;
                        missing.push(name.clone());
                    }
                }
                _ => {}
            }
        }
        if !missing.is_empty() {
            self.refuse(missing, None);
        }
        self.settle_absent();
        true
    }

    /// The exchange refused a control message: the one of this id, or the oldest in flight when the answer names none.
    /// `false` when there is none.
    pub(super) fn refused(&mut self, id: Option<u64>, error: &ApiError) -> bool {
        self.has_answered = true;
        let Some(id) = id.or_else(|| self.in_flight.keys().next().copied()) else { return false };
        let Some((control, _)) = self.in_flight.remove(&id) else { return self.refused_late(id, error) };
        if control == ControlMethod::List {
            self.listings += 1;
            self.assume_listed();
            self.settle_absent();
            return true;
        }
        // One invalid name has the whole message refused: smaller messages show which one.
        let several = self.entries.values().filter(|entry| entry.actual == Actual::Subscribing(id)).count();
        if several > 1 {
            for entry in self.entries.values_mut().filter(|entry| entry.actual == Actual::Subscribing(id)) {
                entry.actual = Actual::Absent;
                entry.together = several.div_ceil(2);
            }
            self.settle_absent();
            return true;
        }
        let names = self.drop_in_flight(id, true);
        self.refuse(names, Some(error.clone()));
        self.settle_absent();
        true
    }

    /// An event of the stream arrived: named in the URL, it is subscribed, whether or not the exchange has said so. `true` when that
    /// was not known.
    pub(super) fn delivered(&mut self, name: &str) -> bool {
        match self.entries.get_mut(name) {
            Some(entry) if entry.wanted && entry.actual == Actual::Assumed => {
                entry.actual = Actual::Present;
                self.settle_absent();
                true
            }
            _ => false,
        }
    }

    /// Whether nothing but the list of the streams in the URL is waited for.
    pub(super) fn waits_for_list_only(&self) -> bool {
        let is_named = |entry: &Entry| matches!(entry.actual, Actual::Assumed | Actual::Present);
        self.connected && self.entries.values().all(is_named)
    }

    /// Whether the exchange has answered a control message on this connection.
    pub(super) fn has_answered(&self) -> bool {
        self.has_answered
    }

    /// When the next control message in flight is late.
    pub(super) fn next_expiry(&self, timeout: Duration) -> Option<Duration> {
        self.in_flight.values().map(|(_, sent)| *sent + timeout).min()
    }

    /// Takes the calls that have ended.
    pub(super) fn take_outcomes(&mut self) -> Vec<(Ticket, Outcome)> {
        std::mem::take(&mut self.outcomes)
    }

    /// Takes the streams that were refused.
    pub(super) fn take_refused(&mut self) -> Vec<(Vec<StreamName>, Option<ApiError>)> {
        std::mem::take(&mut self.refused)
    }

    /// Reverts the message of this id; its streams stay as if it was carried out unless `is_reverted`.
    fn drop_in_flight(&mut self, id: u64, is_reverted: bool) -> Vec<StreamName> {
        let mut names = Vec::new();
        for (name, entry) in &mut self.entries {
            match entry.actual {
                Actual::Subscribing(at) if at == id => {
                    entry.actual = if is_reverted { Actual::Absent } else { Actual::Present };
                    entry.wanted &= !is_reverted;
                    names.push(name.clone());
                }
                Actual::Unsubscribing(at) if at == id => {
                    // No event of it is delivered any more.
                    entry.actual = Actual::Absent;
                    names.push(name.clone());
                }
                _ => {}
            }
        }
        names
    }

    fn refuse(&mut self, names: Vec<StreamName>, error: Option<ApiError>) {
        let reason = error.clone();
        self.finish(&names, &|names| Outcome::Refused(names, reason.clone()));
        self.refused.push((names, error));
    }

    /// Ends the calls that wait for any of these streams.
    fn finish(&mut self, names: &[StreamName], outcome: &dyn Fn(Vec<StreamName>) -> Outcome) {
        let outcomes = &mut self.outcomes;
        self.waiting.retain(|ticket, waiting| {
            let concerned: Vec<StreamName> =
                names.iter().filter(|name| waiting.names.contains(*name)).cloned().collect();
            if concerned.is_empty() {
                return true;
            }
            outcomes.push((*ticket, outcome(concerned)));
            false
        });
    }

    /// Drops the streams that are neither wanted nor subscribed, and ends the calls that are done.
    fn settle_absent(&mut self) {
        self.entries.retain(|_, entry| entry.wanted || entry.actual != Actual::Absent);
        let entries = &self.entries;
        let outcomes = &mut self.outcomes;
        self.waiting.retain(|ticket, waiting| {
            waiting.names.retain(|name| {
                let entry = entries.get(name);
                if waiting.subscribe {
                    // Unsubscribed by a later call: nothing to wait for.
                    entry.is_some_and(|entry| entry.wanted && entry.actual != Actual::Present)
                } else {
                    // Wanted again by a later call: nothing to wait for either.
                    entry.is_some_and(|entry| !entry.wanted)
                }
            });
            if waiting.names.is_empty() {
                outcomes.push((*ticket, Outcome::Done));
            }
            !waiting.names.is_empty()
        });
    }
}

fn wants_change(entry: &Entry) -> Option<ControlMethod> {
    match (entry.wanted, entry.actual) {
        (true, Actual::Absent) => Some(ControlMethod::Subscribe),
        (true, Actual::Present) if entry.renew => Some(ControlMethod::Unsubscribe),
        (false, Actual::Present | Actual::Assumed) => Some(ControlMethod::Unsubscribe),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
