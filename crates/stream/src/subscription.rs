//! Which streams are wanted, which of them the exchange has acknowledged, and which control message brings the two
//! together: a state machine without I/O and without a clock.
//!
//! It is a reconciliation, not a queue of commands: subscribing, unsubscribing and reconnecting in any order end with what
//! is wanted now, and doing a thing twice is doing it once.

use binance_kit_core::{ApiError, JsonWriter, StreamName};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// The longest control message, and the longest list of streams in a URL. The exchange takes 4,096 bytes and answers
/// messages near that very late.
pub const MAX_CONTROL_BYTES: usize = 4000;
/// Control messages in a second. The exchange allows 5, counting pings and pongs; one is left for those.
const CONTROLS_PER_SECOND: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Actual {
    Absent,
    /// Named in the URL of the connection, not yet found in the exchange's list.
    Assumed,
    Subscribing(u64),
    Present,
    Unsubscribing(u64),
}

#[derive(Debug)]
struct Entry {
    wanted: bool,
    actual: Actual,
}

/// Names a call that waits for its streams to be acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

#[derive(Debug)]
struct Waiting {
    names: BTreeSet<StreamName>,
    subscribe: bool,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The exchange acknowledged all of it.
    Done,
    /// The exchange refused streams.
    Refused(Vec<StreamName>, Option<ApiError>),
    /// An acknowledgement did not come in time.
    TimedOut(Vec<StreamName>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Control {
    Subscribe,
    Unsubscribe,
    List,
}

/// The streams of one connection.
#[derive(Debug, Default)]
pub struct SubscriptionSet {
    entries: BTreeMap<StreamName, Entry>,
    in_flight: BTreeMap<u64, (Control, Duration)>,
    waiting: BTreeMap<Ticket, Waiting>,
    outcomes: Vec<(Ticket, Outcome)>,
    refused: Vec<(Vec<StreamName>, Option<ApiError>)>,
    sent: VecDeque<Duration>,
    next_id: u64,
    next_ticket: u64,
    list_due: bool,
    connected: bool,
}

impl SubscriptionSet {
    /// Nothing is wanted yet.
    pub fn new() -> Self {
        Self { next_id: 1, ..Self::default() }
    }

    /// How many streams are wanted.
    pub fn len(&self) -> usize {
        self.entries.values().filter(|entry| entry.wanted).count()
    }

    /// Whether none is wanted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The streams wanted, in order.
    pub fn wanted(&self) -> impl Iterator<Item = &StreamName> {
        self.entries.iter().filter(|(_, entry)| entry.wanted).map(|(name, _)| name)
    }

    /// The stream of this name, if it is wanted: events of others (unsubscribed a moment ago) are not delivered.
    pub fn find(&self, name: &str) -> Option<&StreamName> {
        self.entries.get_key_value(name).filter(|(_, entry)| entry.wanted).map(|(name, _)| name)
    }

    /// Wants streams. The ticket is done when all are acknowledged.
    pub fn subscribe(&mut self, names: impl IntoIterator<Item = StreamName>) -> Ticket {
        let mut open = BTreeSet::new();
        for name in names {
            let entry =
                self.entries.entry(name.clone()).or_insert(Entry { wanted: true, actual: Actual::Absent });
            entry.wanted = true;
            if entry.actual != Actual::Present {
                open.insert(name);
            }
        }
        // A call that waits for one of them to be given up has nothing to wait for any more.
        self.settle_absent();
        self.open_ticket(open, true)
    }

    /// Wants streams no more. The ticket is done when the exchange has acknowledged that.
    pub fn unsubscribe(&mut self, names: impl IntoIterator<Item = StreamName>) -> Ticket {
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

    /// A new connection is about to be made: the streams that go into its URL. The others are subscribed by control
    /// messages once it is up.
    pub fn connecting(&mut self) -> Vec<StreamName> {
        self.in_flight.clear();
        self.sent.clear();
        self.list_due = false;
        self.connected = false;
        let mut url = Vec::new();
        let mut bytes = 0;
        for (name, entry) in &mut self.entries {
            entry.actual = Actual::Absent;
            if entry.wanted && bytes + name.as_str().len() < MAX_CONTROL_BYTES {
                bytes += name.as_str().len() + 1;
                entry.actual = Actual::Assumed;
                url.push(name.clone());
            }
        }
        self.settle_absent();
        url
    }

    /// The connection of [`SubscriptionSet::connecting`] is up.
    pub fn connected(&mut self) {
        self.connected = true;
        self.list_due = self.entries.values().any(|entry| entry.actual == Actual::Assumed);
    }

    /// The connection is gone. What is wanted stays wanted.
    pub fn disconnected(&mut self) {
        self.connected = false;
        self.in_flight.clear();
        self.list_due = false;
        for entry in self.entries.values_mut() {
            entry.actual = Actual::Absent;
        }
        self.settle_absent();
    }

    /// Whether everything wanted is acknowledged and nothing else is subscribed.
    pub fn is_settled(&self) -> bool {
        self.connected
            && !self.list_due
            && self.entries.values().all(|entry| entry.wanted && entry.actual == Actual::Present)
    }

    /// The control message that is due, if there is one and the pace allows it. `now` is any monotonic time.
    pub fn next_control(&mut self, now: Duration) -> Option<String> {
        if !self.connected || self.next_control_at(now)? > now {
            return None;
        }
        let (control, names) = self.due()?;
        let id = self.next_id;
        self.next_id += 1;
        for name in &names {
            if let Some(entry) = self.entries.get_mut(name) {
                entry.actual = match control {
                    Control::Subscribe => Actual::Subscribing(id),
                    Control::Unsubscribe => Actual::Unsubscribing(id),
                    Control::List => entry.actual,
                };
            }
        }
        if control == Control::List {
            self.list_due = false;
        }
        self.in_flight.insert(id, (control, now));
        self.sent.push_back(now);
        Some(control_text(control, &names, id))
    }

    /// When the next control message may go; `None` when none is due.
    pub fn next_control_at(&mut self, now: Duration) -> Option<Duration> {
        if !self.connected || !self.is_due() {
            return None;
        }
        while self.sent.front().is_some_and(|sent| *sent + Duration::from_secs(1) <= now) {
            self.sent.pop_front();
        }
        if self.sent.len() < CONTROLS_PER_SECOND {
            return Some(now);
        }
        self.sent.front().map(|first| *first + Duration::from_secs(1))
    }

    fn is_due(&self) -> bool {
        self.list_due || self.entries.values().any(|entry| wants_change(entry).is_some())
    }

    fn due(&self) -> Option<(Control, Vec<StreamName>)> {
        if self.list_due {
            return Some((Control::List, Vec::new()));
        }
        // What is wanted no more goes first: it frees room on the connection.
        for control in [Control::Unsubscribe, Control::Subscribe] {
            let mut bytes = 64;
            let mut names = Vec::new();
            for (name, _) in self.entries.iter().filter(|(_, entry)| wants_change(entry) == Some(control)) {
                bytes += name.as_str().len() + 3;
                if bytes > MAX_CONTROL_BYTES && !names.is_empty() {
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
    pub fn acknowledged(&mut self, id: u64, listed: Option<&[String]>) -> bool {
        let Some((control, _)) = self.in_flight.remove(&id) else { return false };
        let mut missing = Vec::new();
        for (name, entry) in &mut self.entries {
            match entry.actual {
                Actual::Subscribing(at) if at == id => entry.actual = Actual::Present,
                Actual::Unsubscribing(at) if at == id => entry.actual = Actual::Absent,
                Actual::Assumed if control == Control::List => {
                    // An answer without a list says nothing against them.
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
    pub fn refused(&mut self, id: Option<u64>, error: &ApiError) -> bool {
        let Some(id) = id.or_else(|| self.in_flight.keys().next().copied()) else { return false };
        let Some((control, _)) = self.in_flight.remove(&id) else { return false };
        if control == Control::List {
            // An exchange that does not list: believe the URL.
            for entry in self.entries.values_mut().filter(|entry| entry.actual == Actual::Assumed) {
                entry.actual = Actual::Present;
            }
            self.settle_absent();
            return true;
        }
        let names = self.drop_in_flight(id);
        self.refuse(names, Some(error.clone()));
        self.settle_absent();
        true
    }

    /// Gives up control messages without an answer for `timeout`. `true` when there was one: the state of the connection is
    /// then unknown, and it should be replaced.
    pub fn expire(&mut self, now: Duration, timeout: Duration) -> bool {
        let late: Vec<u64> = self
            .in_flight
            .iter()
            .filter(|(_, (_, sent))| *sent + timeout <= now)
            .map(|(id, _)| *id)
            .collect();
        for id in &late {
            self.in_flight.remove(id);
            let names = self.drop_in_flight(*id);
            self.finish(&names, &|names| Outcome::TimedOut(names));
        }
        self.settle_absent();
        !late.is_empty()
    }

    /// When the next control message in flight is late.
    pub fn next_expiry(&self, timeout: Duration) -> Option<Duration> {
        self.in_flight.values().map(|(_, sent)| *sent + timeout).min()
    }

    /// The calls that ended since this was last asked.
    pub fn take_outcomes(&mut self) -> Vec<(Ticket, Outcome)> {
        std::mem::take(&mut self.outcomes)
    }

    /// The streams that were refused since this was last asked.
    pub fn take_refused(&mut self) -> Vec<(Vec<StreamName>, Option<ApiError>)> {
        std::mem::take(&mut self.refused)
    }

    /// Takes back what the message of this id asked for.
    fn drop_in_flight(&mut self, id: u64) -> Vec<StreamName> {
        let mut names = Vec::new();
        for (name, entry) in &mut self.entries {
            match entry.actual {
                Actual::Subscribing(at) if at == id => {
                    entry.actual = Actual::Absent;
                    entry.wanted = false;
                    names.push(name.clone());
                }
                Actual::Unsubscribing(at) if at == id => {
                    // Nothing more is delivered of it, whatever the exchange sends.
                    entry.actual = Actual::Absent;
                    names.push(name.clone());
                }
                _ => {}
            }
        }
        names
    }

    fn refuse(&mut self, names: Vec<StreamName>, error: Option<ApiError>) {
        let told = error.clone();
        self.finish(&names, &|names| Outcome::Refused(names, told.clone()));
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

    /// Forgets what is neither wanted nor there, and ends the calls that have what they asked for.
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

fn wants_change(entry: &Entry) -> Option<Control> {
    match (entry.wanted, entry.actual) {
        (true, Actual::Absent) => Some(Control::Subscribe),
        (false, Actual::Present | Actual::Assumed) => Some(Control::Unsubscribe),
        _ => None,
    }
}

fn control_text(control: Control, names: &[StreamName], id: u64) -> String {
    let mut json = JsonWriter::new();
    json.begin_object();
    json.key("method");
    json.string(match control {
        Control::Subscribe => "SUBSCRIBE",
        Control::Unsubscribe => "UNSUBSCRIBE",
        Control::List => "LIST_SUBSCRIPTIONS",
    });
    if control != Control::List {
        json.field("params", names);
    }
    json.field("id", &id);
    json.end_object();
    json.into_string()
}

/// The path and query of a combined connection for these streams.
pub fn combined_path(names: &[StreamName], microseconds: bool) -> String {
    let mut path = String::from("/stream");
    let mut separator = '?';
    if !names.is_empty() {
        path.push_str("?streams=");
        for (index, name) in names.iter().enumerate() {
            if index > 0 {
                path.push('/');
            }
            name.write_url(&mut path);
        }
        separator = '&';
    }
    if microseconds {
        path.push(separator);
        path.push_str("timeUnit=MICROSECOND");
    }
    path
}

/// The path and query of a raw connection, which carries one stream.
pub fn raw_path(name: &StreamName, microseconds: bool) -> String {
    let mut path = String::from("/ws/");
    name.write_url(&mut path);
    if microseconds {
        path.push_str("?timeUnit=MICROSECOND");
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::ErrorCode;

    fn name(text: &str) -> StreamName {
        StreamName::new(text).unwrap()
    }

    fn names(texts: &[&str]) -> Vec<StreamName> {
        texts.iter().map(|text| name(text)).collect()
    }

    const T0: Duration = Duration::from_secs(100);

    /// A set that is connected with `texts` in its URL and listed.
    fn settled(texts: &[&str]) -> SubscriptionSet {
        let mut set = SubscriptionSet::new();
        set.subscribe(names(texts));
        set.connecting();
        set.connected();
        let list = set.next_control(T0).unwrap();
        assert_eq!(list, r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#);
        let listed: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        assert!(set.acknowledged(1, Some(&listed)));
        assert!(set.is_settled());
        set.take_outcomes();
        set
    }

    #[test]
    fn the_url_carries_the_first_streams_and_the_list_confirms_them() {
        let mut set = SubscriptionSet::new();
        let ticket = set.subscribe(names(&["b@trade", "a@trade"]));
        assert_eq!(set.connecting(), names(&["a@trade", "b@trade"]));
        assert_eq!(set.next_control(T0), None, "nothing is sent before the connection is up");
        set.connected();
        set.next_control(T0).unwrap();
        assert!(!set.is_settled());
        set.acknowledged(1, Some(&["a@trade".to_owned()]));
        assert_eq!(set.take_outcomes(), [(ticket, Outcome::Refused(names(&["b@trade"]), None))]);
        assert_eq!(set.take_refused(), [(names(&["b@trade"]), None)]);
        assert!(set.is_settled());
        assert_eq!(set.wanted().cloned().collect::<Vec<_>>(), names(&["a@trade"]));
    }

    #[test]
    fn g1_a_refusal_goes_to_its_caller_with_or_without_an_id() {
        let error = ApiError::new(ErrorCode(2), "Invalid request");
        for id in [Some(2), None] {
            let mut set = settled(&["a@trade"]);
            let ticket = set.subscribe(names(&["x@nonsense"]));
            assert_eq!(
                set.next_control(T0).unwrap(),
                r#"{"method":"SUBSCRIBE","params":["x@nonsense"],"id":2}"#
            );
            assert!(set.refused(id, &error));
            assert_eq!(
                set.take_outcomes(),
                [(ticket, Outcome::Refused(names(&["x@nonsense"]), Some(error.clone())))]
            );
            assert!(set.find("x@nonsense").is_none() && set.find("a@trade").is_some());
            assert!(!set.refused(None, &error));
        }
    }

    #[test]
    fn g1_an_acknowledgement_that_never_comes_is_given_up() {
        let mut set = settled(&["a@trade"]);
        let ticket = set.subscribe(names(&["b@trade"]));
        set.next_control(T0).unwrap();
        let timeout = Duration::from_secs(10);
        assert_eq!(set.next_expiry(timeout), Some(T0 + timeout));
        assert!(!set.expire(T0 + Duration::from_secs(9), timeout));
        assert!(set.expire(T0 + timeout, timeout));
        assert_eq!(set.take_outcomes(), [(ticket, Outcome::TimedOut(names(&["b@trade"])))]);
        assert!(!set.acknowledged(2, None), "the late answer changes nothing");
        assert!(set.find("b@trade").is_none());
    }

    #[test]
    fn g3_control_messages_are_paced_and_cut() {
        let mut set = settled(&["a@trade"]);
        let many: Vec<StreamName> =
            (0..1000).map(|index| name(&format!("symbol{index:04}@depth@100ms"))).collect();
        set.subscribe(many.clone());
        let mut now = T0;
        let mut sent_at = vec![T0];
        let mut id = 2;
        while !set.is_settled() {
            if let Some(text) = set.next_control(now) {
                assert!(text.len() <= MAX_CONTROL_BYTES, "{}", text.len());
                sent_at.push(now);
                assert!(set.acknowledged(id, None));
                id += 1;
            } else {
                now = set.next_control_at(now).unwrap();
            }
        }
        for window in sent_at.windows(5) {
            assert!(window[4] >= window[0] + Duration::from_secs(1), "{window:?}");
        }
        assert_eq!(set.len(), 1001);
    }

    #[test]
    fn g4_what_is_wanted_now_counts() {
        let mut set = settled(&["a@trade"]);
        let first = set.subscribe(names(&["b@trade"]));
        let second = set.unsubscribe(names(&["b@trade", "a@trade"]));
        let third = set.subscribe(names(&["a@trade"]));
        // `b` was never sent, `a` never left: nothing to do.
        assert_eq!(set.next_control(T0), None);
        let ended: Vec<Ticket> = set
            .take_outcomes()
            .into_iter()
            .map(|(ticket, outcome)| {
                assert_eq!(outcome, Outcome::Done);
                ticket
            })
            .collect();
        assert!([first, third].iter().all(|ticket| ended.contains(ticket)));
        set.unsubscribe(names(&["a@trade"]));
        assert!(set.find("a@trade").is_none(), "g6: events after unsubscribing are not delivered");
        assert_eq!(set.next_control(T0).unwrap(), r#"{"method":"UNSUBSCRIBE","params":["a@trade"],"id":2}"#);
        set.subscribe(names(&["a@trade"]));
        set.acknowledged(2, None);
        assert_eq!(set.next_control(T0).unwrap(), r#"{"method":"SUBSCRIBE","params":["a@trade"],"id":3}"#);
        set.disconnected();
        let _ = second;
        assert_eq!(set.connecting(), names(&["a@trade"]));
    }

    #[test]
    fn a_reconnect_ends_no_call_and_replays_what_is_wanted() {
        let mut set = settled(&["a@trade"]);
        let ticket = set.subscribe(names(&["b@trade"]));
        set.next_control(T0).unwrap();
        set.disconnected();
        assert_eq!(set.take_outcomes(), []);
        assert_eq!(set.connecting().len(), 2);
        set.connected();
        set.next_control(T0).unwrap();
        set.acknowledged(3, Some(&["a@trade".to_owned(), "b@trade".to_owned()]));
        assert_eq!(set.take_outcomes(), [(ticket, Outcome::Done)]);
    }

    #[test]
    fn paths() {
        assert_eq!(
            combined_path(&names(&["a@trade", "!miniTicker@arr"]), false),
            "/stream?streams=a@trade/!miniTicker@arr"
        );
        assert_eq!(combined_path(&[], true), "/stream?timeUnit=MICROSECOND");
        assert_eq!(raw_path(&name("币@trade"), true), "/ws/%E5%B8%81@trade?timeUnit=MICROSECOND");
    }

    mod random {
        use super::*;
        use binance_kit_net::Random;

        /// G4: any order of calls, answers and reconnects ends with the exchange's set equal to the wanted one.
        #[test]
        fn g4_any_interleaving_ends_settled() {
            for seed in 0..300 {
                let random = Random::seeded(seed);
                let mut set = SubscriptionSet::new();
                let mut wanted = BTreeSet::new();
                let mut exchange: BTreeSet<String> = BTreeSet::new();
                let mut pending: VecDeque<String> = VecDeque::new();
                let mut now = T0;
                let answer = |set: &mut SubscriptionSet, exchange: &mut BTreeSet<String>, text: &str| {
                    let message: Vec<&str> = text.split('"').collect();
                    let id: u64 = text.rsplit(':').next().unwrap().trim_end_matches('}').parse().unwrap();
                    let params: Vec<String> = message
                        .iter()
                        .filter(|piece| piece.contains('@'))
                        .map(|piece| (*piece).to_owned())
                        .collect();
                    match message[3] {
                        "SUBSCRIBE" => exchange.extend(params),
                        "UNSUBSCRIBE" => params.iter().for_each(|name| {
                            exchange.remove(name);
                        }),
                        _ => {
                            let listed: Vec<String> = exchange.iter().cloned().collect();
                            set.acknowledged(id, Some(&listed));
                            return;
                        }
                    }
                    set.acknowledged(id, None);
                };
                let mut up = false;
                for step in 0..60 {
                    let picked = name(&format!("s{}@trade", random.below(5)));
                    match random.below(6) {
                        0 | 1 => {
                            wanted.insert(picked.clone());
                            set.subscribe([picked]);
                        }
                        2 => {
                            wanted.remove(&picked);
                            set.unsubscribe([picked]);
                        }
                        3 if step < 50 => {
                            set.disconnected();
                            pending.clear();
                            up = false;
                        }
                        4 if !up => {
                            exchange = set.connecting().iter().map(ToString::to_string).collect();
                            set.connected();
                            up = true;
                        }
                        _ => {
                            now += Duration::from_millis(400);
                            if let Some(text) = set.next_control(now) {
                                pending.push_back(text);
                            }
                            if random.below(2) == 0
                                && let Some(text) = pending.pop_front()
                            {
                                answer(&mut set, &mut exchange, &text);
                            }
                        }
                    }
                }
                if !up {
                    exchange = set.connecting().iter().map(ToString::to_string).collect();
                    set.connected();
                }
                for _ in 0..20 {
                    now += Duration::from_secs(1);
                    if let Some(text) = set.next_control(now) {
                        pending.push_back(text);
                    }
                    if let Some(text) = pending.pop_front() {
                        answer(&mut set, &mut exchange, &text);
                    }
                }
                let wanted: BTreeSet<String> = wanted.iter().map(ToString::to_string).collect();
                assert_eq!(exchange, wanted, "seed {seed}");
                assert!(set.is_settled() || wanted.is_empty(), "seed {seed}");
                assert!(set.waiting.is_empty(), "seed {seed}: {:?}", set.waiting);
            }
        }
    }
}
