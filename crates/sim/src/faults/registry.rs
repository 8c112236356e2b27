//! The faults in force, and what makes them happen.

use super::damage::damage;
use super::fault::Fault;
use super::kind::{Direction, Family, FaultKind};
use super::rule::{Action, Origin, Rule, When};
use crate::server::codec::{close_frame, empty_close_frame, ping_frame, pong_frame};
use crate::server::hub::{Client, shutdown_frame};
use crate::server::link::{End, LinkControl};
use crate::server::outbox::Piece;
use crate::shared::Shared;
use crate::task::Spawner;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;
use tokio::time::Instant;

/// What happens to a new connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    Serve,
    Refuse,
    Ignore,
}

/// A frame that waits for others to go before it.
#[derive(Debug)]
struct Held {
    /// Connection that the frame is for.
    client: Arc<Client>,
    /// Which frames count.
    rule: Rule,
    /// Frames to wait for.
    left: u32,
    /// The frame.
    frame: Bytes,
}

#[derive(Debug, Default)]
struct State {
    /// Faults in force, in the order of their ids.
    rules: Vec<Rule>,
    /// Frames that are held back.
    held: Vec<Held>,
    /// WebSocket connections by their ids.
    clients: BTreeMap<u64, Arc<Client>>,
    /// Id of the last fault.
    last_rule: u64,
}

/// All faults of an exchange.
#[derive(Debug)]
pub(crate) struct Faults {
    /// Whether there is any, so that usually the lock is not taken.
    armed: AtomicBool,
    /// Faults and connections.
    state: Mutex<State>,
    /// Runs what happens later.
    spawner: Spawner,
    /// Whose clock it is; set once the exchange is built.
    exchange: OnceLock<Weak<Shared>>,
}

/// Handle of an injected fault. Dropping it does not remove the fault.
#[derive(Debug, Clone)]
pub struct FaultHandle {
    /// Faults of the exchange.
    faults: Weak<Faults>,
    /// Id of the fault.
    id: u64,
    /// How often it happened.
    hits: Arc<AtomicU64>,
}

/// A fault in force.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultInForce {
    /// Id of the fault.
    pub id: u64,
    /// The fault.
    pub fault: Fault,
    /// How often it happened.
    pub hits: u64,
}

impl FaultHandle {
    /// Returns the id of the fault, as in [`FaultInForce::id`].
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Returns how often it happened: the number of requests, frames or connections.
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// Returns whether it is still in force: it can still happen, or waits for its time.
    pub fn is_in_force(&self) -> bool {
        self.faults.upgrade().is_some_and(|faults| faults.is_in_force(self.id))
    }

    /// Removes it. Connections that it held up continue; what it did is not undone.
    pub fn remove(&self) {
        if let Some(faults) = self.faults.upgrade() {
            faults.remove(self.id);
        }
    }
}

impl Faults {
    pub(crate) fn new(spawner: Spawner) -> Arc<Self> {
        Arc::new(Self {
            armed: AtomicBool::new(false),
            state: Mutex::default(),
            spawner,
            exchange: OnceLock::new(),
        })
    }

    /// To be called once.
    pub(crate) fn belong_to(&self, exchange: Weak<Shared>) {
        let _ = self.exchange.set(exchange);
    }

    fn exchange(&self) -> Option<Arc<Shared>> {
        self.exchange.get().and_then(Weak::upgrade)
    }

    /// Neither the lock of this nor that of the core may be held.
    fn add_skew(&self, millis: i64) {
        if let Some(exchange) = self.exchange() {
            exchange.set_skew(exchange.clock.skew().saturating_add(millis));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether any fault is in force.
    pub(crate) fn is_armed(&self) -> bool {
        self.armed.load(Ordering::Acquire)
    }

    /// Forgets what is spent. The lock must not be held longer than this: clocks and links are changed after it.
    fn tidy(&self, mut state: MutexGuard<'_, State>) {
        state.rules.retain(|rule| !rule.is_spent());
        self.armed.store(!state.rules.is_empty() || !state.held.is_empty(), Ordering::Release);
    }

    /// Puts a fault in force.
    pub(crate) fn inject(self: &Arc<Self>, fault: Fault) -> FaultHandle {
        let now = Instant::now();
        let mut state = self.lock();
        state.last_rule += 1;
        let id = state.last_rule;
        let rule = Rule::new(id, fault, now);
        let handle = FaultHandle { faults: Arc::downgrade(self), id, hits: Arc::clone(&rule.hits) };
        let (begins, ends) = (rule.begins(), rule.ends());
        state.rules.push(rule);
        self.tidy(state);
        if begins <= now {
            self.begin(id);
        } else {
            self.later(begins, move |faults| faults.begin(id));
        }
        if let Some(ends) = ends {
            self.later(ends, move |faults| faults.remove(id));
        }
        handle
    }

    fn later(self: &Arc<Self>, at: Instant, act: impl FnOnce(&Arc<Self>) + Send + 'static) {
        let faults = Arc::downgrade(self);
        self.spawner.spawn(async move {
            tokio::time::sleep_until(at).await;
            if let Some(faults) = faults.upgrade() {
                act(&faults);
            }
        });
    }

    /// The time of a fault has come: those that wait for nothing else happen.
    fn begin(self: &Arc<Self>, id: u64) {
        let now = Instant::now();
        let mut state = self.lock();
        let State { rules, clients, .. } = &mut *state;
        let Some(rule) = rules.iter_mut().find(|rule| rule.id == id) else { return };
        if let FaultKind::ClockSkew { millis } = rule.fault.kind {
            let fires = rule.fires(now, false);
            self.tidy(state);
            if fires {
                self.add_skew(millis);
            }
            return;
        }
        if rule.fault.is_timed() && rule.fires(now, false) {
            let hit: Vec<&Arc<Client>> =
                clients.values().filter(|client| rule.is_on_connection(Some(client.id))).collect();
            // One hit is counted already.
            rule.hits.fetch_add((hit.len() as u64).wrapping_sub(1), Ordering::Relaxed);
            for client in hit {
                let link = self.act(client, &rule.fault.kind, false);
                rule.links.extend(link);
            }
        }
        self.tidy(state);
    }

    pub(crate) fn remove(&self, id: u64) {
        let mut state = self.lock();
        let Some(index) = state.rules.iter().position(|rule| rule.id == id) else { return };
        let mut rule = state.rules.remove(index);
        self.tidy(state);
        rule.release();
        if let FaultKind::ClockSkew { millis } = rule.fault.kind
            && rule.hits.load(Ordering::Relaxed) > 0
        {
            self.add_skew(millis.saturating_neg());
        }
    }

    pub(crate) fn remove_all(&self) {
        let ids: Vec<u64> = self.lock().rules.iter().map(|rule| rule.id).collect();
        for id in ids {
            self.remove(id);
        }
    }

    fn is_in_force(&self, id: u64) -> bool {
        self.lock().rules.iter().any(|rule| rule.id == id)
    }

    pub(crate) fn in_force(&self) -> Vec<FaultInForce> {
        let state = self.lock();
        let show = |rule: &Rule| FaultInForce {
            id: rule.id,
            fault: rule.fault.clone(),
            hits: rule.hits.load(Ordering::Relaxed),
        };
        state.rules.iter().map(show).collect()
    }

    /// A WebSocket connection begins.
    pub(crate) fn join(&self, client: &Arc<Client>) {
        let now = Instant::now();
        let mut state = self.lock();
        state.clients.insert(client.id, Arc::clone(client));
        for rule in &mut state.rules {
            if let FaultKind::Throttle { bytes_per_second } = rule.fault.kind
                && rule.fault.is_timed()
                && rule.is_active(now)
                && rule.is_on_connection(Some(client.id))
            {
                client.link.pace(Some(bytes_per_second));
                rule.links.push(Arc::clone(&client.link));
                rule.hits.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// It ended.
    pub(crate) fn leave(&self, client: &Client) {
        let mut state = self.lock();
        state.clients.remove(&client.id);
        state.held.retain(|held| held.client.id != client.id);
        for rule in &mut state.rules {
            // One that is frozen must not end for its peer before the fault does.
            rule.links.retain(|link| !Arc::ptr_eq(link, &client.link) || link.is_frozen());
        }
        self.tidy(state);
    }

    /// The WebSocket connections there are.
    pub(crate) fn clients(&self) -> Vec<Arc<Client>> {
        self.lock().clients.values().cloned().collect()
    }

    /// What happens to a new connection.
    pub(crate) fn admission(&self) -> Admission {
        if !self.is_armed() {
            return Admission::Serve;
        }
        let now = Instant::now();
        let mut state = self.lock();
        let mut admission = Admission::Serve;
        for rule in state.rules.iter_mut().filter(|rule| rule.fault.kind.family() == Family::Connecting) {
            if rule.fires(now, admission != Admission::Serve) {
                admission = match rule.fault.kind {
                    FaultKind::RefuseConnections {} => Admission::Refuse,
                    _ => Admission::Ignore,
                };
            }
        }
        admission
    }

    /// What happens to a request, which uses it up.
    pub(crate) fn take(&self, request: &str, client: Option<u64>, when: When) -> Option<Action> {
        if !self.is_armed() {
            return None;
        }
        let now = Instant::now();
        let mut state = self.lock();
        let mut action = None;
        for rule in state.rules.iter_mut().filter(|rule| rule.matches_request(request, client, when)) {
            if rule.fires(now, action.is_some()) {
                action = rule.action();
            }
        }
        self.tidy(state);
        action
    }

    /// Whether a connection is pinged.
    pub(crate) fn allows_pings(&self, client: u64) -> bool {
        if !self.is_armed() {
            return true;
        }
        let now = Instant::now();
        !self.lock().rules.iter().any(|rule| {
            matches!(rule.fault.kind, FaultKind::NoPings {})
                && rule.is_active(now)
                && rule.is_on_connection(Some(client))
        })
    }

    /// Sends a frame, or what faults make of it. Whether it was sent at all.
    pub(crate) fn send(&self, client: &Arc<Client>, origin: Origin<'_>, frame: Bytes) -> bool {
        let now = Instant::now();
        let mut state = self.lock();
        let mut fired = None;
        for index in 0..state.rules.len() {
            let rule = &mut state.rules[index];
            if rule.matches_frame(client.id, origin) && rule.fires(now, fired.is_some()) {
                fired = Some((index, rule.fault.kind.clone()));
            }
        }
        let sent = match &fired {
            None => client.outbox.push(frame),
            Some((_, FaultKind::Reorder { .. } | FaultKind::Delay { .. })) if !client.outbox.hold(&frame) => {
                false
            }
            Some((index, FaultKind::Reorder { by })) => {
                let fault = state.rules[*index].fault.clone();
                let held =
                    Held { client: Arc::clone(client), rule: Rule::new(0, fault, now), left: *by, frame };
                state.held.push(held);
                self.tidy(state);
                return true;
            }
            Some((_, FaultKind::Delay { millis })) => {
                let (outbox, delay) = (Arc::clone(&client.outbox), Duration::from_millis(*millis));
                self.spawner.spawn(async move {
                    tokio::time::sleep(delay).await;
                    outbox.push_held(frame);
                });
                true
            }
            Some((index, kind)) => match damage(kind, &frame) {
                Some(pieces) => {
                    let sent = !pieces.is_empty();
                    pieces.into_iter().all(|piece| client.outbox.push_piece(piece)) && sent
                }
                None => {
                    let sent = client.outbox.push(frame);
                    let link = self.act(client, kind, true);
                    if let Some(link) = link {
                        state.rules[*index].hold_up(link);
                    }
                    sent
                }
            },
        };
        // Frames that were held back follow behind the number of others that was set.
        let mut due = Vec::new();
        for held in &mut state.held {
            if held.client.id == client.id && held.rule.matches_frame(client.id, origin) {
                held.left = held.left.saturating_sub(1);
            }
        }
        state.held.retain_mut(|held| {
            if held.left == 0 {
                due.push((Arc::clone(&held.client), std::mem::take(&mut held.frame)));
            }
            held.left > 0
        });
        for (client, frame) in due {
            client.outbox.push_held(frame);
        }
        self.tidy(state);
        sent
    }

    /// Does something to a connection: at once, or behind what is queued for it. The link that is held up by it.
    fn act(&self, client: &Arc<Client>, kind: &FaultKind, queued: bool) -> Option<Arc<LinkControl>> {
        let outbox = &client.outbox;
        let end = |how| {
            if queued {
                outbox.push_piece(Piece::End(how));
            } else {
                client.link.end(how);
                outbox.abort();
            }
        };
        match kind {
            FaultKind::Reset {} => end(End::Reset),
            FaultKind::End {} => end(End::Fin),
            FaultKind::Close { code, reason } => {
                outbox.push(code.map_or_else(empty_close_frame, |code| close_frame(code, reason)));
                outbox.finish();
            }
            FaultKind::Expire {} => {
                outbox.push(close_frame(1000, "the connection is 24 hours old"));
                outbox.finish();
            }
            FaultKind::HalfOpen { direction } => {
                let read = !matches!(direction, Direction::ToClient);
                let write = !matches!(direction, Direction::ToExchange);
                if queued {
                    outbox.push_piece(Piece::Freeze { read, write });
                } else {
                    client.link.freeze(read, write);
                }
                return Some(Arc::clone(&client.link));
            }
            FaultKind::Throttle { bytes_per_second } => {
                client.link.pace(Some(*bytes_per_second));
                return Some(Arc::clone(&client.link));
            }
            FaultKind::PingFlood { count, per_second } => {
                let (outbox, count) = (Arc::clone(outbox), *count);
                let pause = Duration::from_secs(1) / (*per_second).max(1);
                self.spawner.spawn(async move {
                    for number in 0..count {
                        if !outbox.push(ping_frame(format!("flood {number}").as_bytes())) {
                            return;
                        }
                        tokio::time::sleep(pause).await;
                    }
                });
            }
            FaultKind::PongFlood { count } => {
                let pong = pong_frame(b"unsolicited");
                for _ in 0..*count {
                    if !outbox.push(pong.clone()) {
                        break;
                    }
                }
            }
            FaultKind::ServerShutdown {} => {
                if let Some(exchange) = self.exchange() {
                    outbox.push(shutdown_frame(client, exchange.clock.now()));
                }
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::hub::ClientKind;
    use crate::server::outbox::{Budget, Outbox};
    use crate::task::Tasks;
    use binance_kit_core::{TimeUnit, Timestamp};

    fn faults() -> (Arc<Faults>, Tasks) {
        let tasks = Tasks::new();
        (Faults::new(tasks.spawner()), tasks)
    }

    #[tokio::test(start_paused = true)]
    async fn each_applies_once_to_its_target() {
        let (faults, _tasks) = faults();
        let order = faults.inject(Fault::lose_response().on_request("order.place"));
        faults.inject(Fault::answer(500, "x"));
        assert_eq!(faults.take("ping", None, When::After), None);
        assert_eq!(faults.take("order.place", None, When::After), Some(Action::Drop));
        assert_eq!((order.hits(), order.is_in_force()), (1, false));
        assert_eq!(faults.take("order.place", None, When::After), None);
        assert!(faults.take("ping", None, When::Before).is_some());
        assert_eq!(faults.take("ping", None, When::Before), None);
        assert!(!faults.is_armed());
    }

    #[tokio::test(start_paused = true)]
    async fn times_counts_and_chances() {
        let (faults, _tasks) = faults();
        let lose = Fault::lose_request().on_request("a");
        let handle = faults.inject(
            lose.clone().after(1).times(2).at(Duration::from_secs(1)).lasting(Duration::from_secs(9)),
        );
        let take = || faults.take("a", None, When::Before).is_some();
        assert!(!take());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!([take(), take(), take(), take()], [false, true, true, false]);
        assert_eq!(handle.hits(), 2);
        let late = faults.inject(lose.clone().lasting(Duration::from_secs(2)));
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert!(!take() && !late.is_in_force());
        let chance = lose.clone().always().probability(0.25, 7);
        let hits = |fault: Fault| {
            let handle = faults.inject(fault);
            let hits: Vec<bool> = (0..400).map(|_| take()).collect();
            handle.remove();
            hits
        };
        let (one, two) = (hits(chance.clone()), hits(chance));
        assert_eq!(one, two, "the seed decides");
        assert!((60..140).contains(&one.iter().filter(|hit| **hit).count()));
        assert!(!take());
    }

    #[tokio::test(start_paused = true)]
    async fn refused_for_a_while() {
        let (faults, _tasks) = faults();
        let refused = faults.inject(Fault::refuse_connections().lasting(Duration::from_secs(5)));
        assert_eq!(faults.admission(), Admission::Refuse);
        assert_eq!(faults.admission(), Admission::Refuse);
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert_eq!(faults.admission(), Admission::Serve);
        assert_eq!((refused.hits(), refused.is_in_force()), (2, false));
    }

    fn client(faults: &Arc<Faults>, max_frames: usize) -> Arc<Client> {
        let client = Arc::new(Client {
            id: 1,
            outbox: Arc::new(Outbox::new(max_frames, 1 << 20, Budget::new(usize::MAX))),
            combined: AtomicBool::new(false),
            unit: TimeUnit::Millisecond,
            sbe: None,
            kind: ClientKind::Streams,
            ip: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
            since: Timestamp::default(),
            link: LinkControl::new(),
            faults: Arc::clone(faults),
        });
        faults.join(&client);
        client
    }

    #[tokio::test(start_paused = true)]
    async fn frames_that_are_held_back_for_ever_are_too_much_some_time() {
        for fault in [Fault::reorder(u32::MAX), Fault::delay(Duration::from_secs(86_400))] {
            let (faults, _tasks) = faults();
            let client = client(&faults, 100);
            faults.inject(fault.always());
            let sent = (0..1000)
                .filter(|_| faults.send(&client, Origin::Event("a@trade"), Bytes::from_static(b"frame")));
            assert_eq!(sent.count(), 100);
            assert!(client.outbox.overflowed());
            faults.leave(&client);
            assert!(faults.lock().held.is_empty());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_ends_with_its_connection() {
        let (faults, _tasks) = faults();
        let client = client(&faults, 100);
        faults.inject(Fault::pong_flood(u32::MAX));
        assert!(client.outbox.overflowed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_held_up_once_however_many_frames_it_is_sent() {
        let (faults, _tasks) = faults();
        let client = client(&faults, 100);
        let slow = faults.inject(Fault::throttle(9).on_stream("a@trade").always());
        for _ in 0..50 {
            faults.send(&client, Origin::Event("a@trade"), Bytes::from_static(b"frame"));
        }
        let links = || faults.lock().rules[0].links.len();
        assert_eq!((slow.hits(), links()), (50, 1));
        faults.leave(&client);
        assert_eq!(links(), 0);
    }
}
