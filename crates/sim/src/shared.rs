//! What all connections of an exchange share: the engine and its listeners behind one lock, the keys, the counters.

use crate::accounts::KeyConfig;
use crate::clock::ExchangeClock;
use crate::counters::Counters;
use crate::engine::{AccountId, Engine, Event, Fixed};
use crate::faults::{FaultHandle, Faults};
use crate::limits::{LimitCounters, Limits};
use crate::market::{Market, STEP_MILLIS};
use crate::server::hub::Hub;
use crate::server::idle::Connections;
use crate::server::outbox::{Budget, Outbox};
use crate::task::Spawner;
use binance_kit_core::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

/// Caps and times of the server.
#[derive(Debug, Clone)]
pub(crate) struct Caps {
    /// Connections at a time.
    pub(crate) max_connections: u64,
    /// Bytes of a request's body.
    pub(crate) max_body: usize,
    /// Bytes of a message on a stream connection.
    pub(crate) max_stream_message: usize,
    /// Bytes of a message on a connection of the WebSocket API.
    pub(crate) max_api_message: usize,
    /// Frames and bytes that wait for a client that does not read.
    pub(crate) max_queued_frames: usize,
    /// Bytes that wait for a client that does not read.
    pub(crate) max_queued_bytes: usize,
    /// Bytes that wait for all clients together.
    pub(crate) max_queued_in_all: usize,
    /// How long a client may take for the head of a request, and an idle connection may stay.
    pub(crate) head_timeout: Duration,
    /// How long a client may take for the body of a request.
    pub(crate) body_timeout: Duration,
    /// How long a client may take nothing of an answer over HTTP.
    pub(crate) write_timeout: Duration,
    /// How often connections are pinged.
    pub(crate) ping_interval: Duration,
    /// How long the answer to a ping may take.
    pub(crate) pong_timeout: Duration,
    /// Age at which WebSocket connections are closed.
    pub(crate) max_connection_age: Duration,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            max_connections: 10_000,
            max_body: 64 * 1024,
            // 1,024 names as long as any may be.
            max_stream_message: 288 * 1024,
            max_api_message: 256 * 1024,
            max_queued_frames: 50_000,
            max_queued_bytes: 8 * 1024 * 1024,
            max_queued_in_all: 256 * 1024 * 1024,
            head_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(60),
            ping_interval: Duration::from_secs(20),
            pong_timeout: Duration::from_secs(60),
            max_connection_age: Duration::from_secs(24 * 3600),
        }
    }
}

/// An API key and whose it is.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    /// Account that it belongs to.
    pub(crate) account: AccountId,
    /// The key as it was configured.
    pub(crate) config: KeyConfig,
}

/// All API keys by their names.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// Keys by the text that names them.
    by_name: RwLock<HashMap<String, Arc<Key>>>,
}

impl Keys {
    pub(crate) fn get(&self, api_key: &str) -> Option<Arc<Key>> {
        self.by_name.read().unwrap_or_else(PoisonError::into_inner).get(api_key).cloned()
    }

    /// False when there is such a key already.
    pub(crate) fn add(&self, key: Key) -> bool {
        let mut keys = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        let name = key.config.api_key.as_str().to_owned();
        if keys.contains_key(&name) {
            return false;
        }
        keys.insert(name, Arc::new(key)).is_none()
    }

    /// The keys of an account, in the order of their names.
    pub(crate) fn of(&self, account: AccountId) -> Vec<String> {
        let keys = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        let mut names: Vec<String> =
            keys.iter().filter(|(_, key)| key.account == account).map(|(name, _)| name.clone()).collect();
        names.sort_unstable();
        names
    }
}

/// What is behind the lock.
#[derive(Debug)]
pub(crate) struct Core {
    /// Books, orders, accounts.
    pub(crate) engine: Engine,
    /// Streams and their connections.
    pub(crate) hub: Hub,
    /// Makers and takers, where there are any.
    pub(crate) market: Option<Market>,
    /// What counts towards rate limits.
    pub(crate) limits: LimitCounters,
    /// What the exchange was made from; stays the same in a saved state.
    pub(crate) seed: u64,
    /// The account in whose name scripts trade, once it is needed.
    pub(crate) admin_account: Option<AccountId>,
    /// Time of the next step of the market.
    next_step: Timestamp,
    /// Time of the next periodic events.
    next_tick: Timestamp,
}

/// How far the exchange catches up when its clock jumped; what lies further back is left out.
const MAX_CATCH_UP: Duration = Duration::from_secs(60);
/// How often block trades are reported.
const BLOCK_TRADE_MILLIS: i64 = 30_000;
const TICK: Duration = Duration::from_millis(100);

impl Core {
    pub(crate) fn new(seed: u64, engine: Engine, hub: Hub, market: Option<Market>, now: Timestamp) -> Self {
        let mut core = Self {
            engine,
            hub,
            market,
            limits: LimitCounters::default(),
            seed,
            admin_account: None,
            next_step: now,
            next_tick: now,
        };
        core.align(now);
        core
    }

    /// The next step and the next tick behind `now`.
    fn align(&mut self, now: Timestamp) {
        let next = |millis: i64| Timestamp::from_millis((now.as_millis().div_euclid(millis) + 1) * millis);
        self.next_step = next(STEP_MILLIS);
        self.next_tick = next(100);
    }

    /// Does what is due: steps of the market, and periodic events, in the order of their times.
    pub(crate) fn catch_up(&mut self, now: Timestamp) {
        if now.since(self.next_tick) > MAX_CATCH_UP {
            self.align(now.minus(MAX_CATCH_UP));
        }
        loop {
            let at = self.next_step.min(self.next_tick);
            if at > now {
                return;
            }
            // A step is the time up to its end, so it comes before what is due then: a candle is not closed too early.
            if self.next_tick < self.next_step {
                self.hub.tick(&self.engine, at);
                self.next_tick = at.plus(TICK);
            } else {
                if let Some(market) = &mut self.market {
                    market.step(&mut self.engine, at);
                    if at.as_millis() % BLOCK_TRADE_MILLIS == 0 && !market.paused {
                        self.block_trades(at);
                    }
                }
                self.publish(at);
                self.next_step = at.plus(Duration::from_millis(STEP_MILLIS.unsigned_abs()));
            }
        }
    }

    /// Reports a block trade of every symbol, at its last price.
    fn block_trades(&mut self, at: Timestamp) {
        let found: Vec<_> = self
            .engine
            .symbols()
            .map(|(id, instrument)| {
                let thousand = Fixed::from_int(1000);
                (id, instrument.last_price(), instrument.rules.min_notional.times(thousand))
            })
            .collect();
        for (id, price, notional) in found {
            let quantity = notional.over(price).floor_to(self.engine.instrument(id).rules.step_size);
            self.engine.block_trade(at, id, price, quantity, at.as_millis() % (2 * BLOCK_TRADE_MILLIS) == 0);
        }
    }

    /// Publishes what happened in the engine.
    fn publish(&mut self, now: Timestamp) {
        let events = std::mem::take(&mut self.engine.events);
        for event in &events {
            if let Event::Report(report) = event
                && report.first_fill
            {
                self.limits.first_fill(report.order.account, report.is_maker, now);
            }
        }
        self.hub.publish(&self.engine, &events, now);
        // The buffer is kept for the next commands.
        self.engine.events = events;
        self.engine.events.clear();
    }
}

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// What is behind the lock.
    core: Mutex<Core>,
    /// Clock of the exchange.
    pub(crate) clock: ExchangeClock,
    /// Limits.
    pub(crate) limits: Limits,
    /// Caps and times of the server.
    pub(crate) caps: Caps,
    /// API keys.
    pub(crate) keys: Keys,
    /// What was counted since the start.
    pub(crate) counters: Arc<Counters>,
    /// Faults of the exchange.
    pub(crate) faults: Arc<Faults>,
    /// Runs tasks of the exchange.
    pub(crate) spawner: Spawner,
    /// Origins of web pages that may send requests.
    pub(crate) allowed_origins: Vec<String>,
    /// Fault of [`Exchange::delay_ack`](crate::Exchange::delay_ack).
    pub(crate) ack_delay: Mutex<Option<FaultHandle>>,
    /// HTTP connections, which make room for new ones when they are idle.
    pub(crate) http: Arc<Connections>,
    /// What may wait to be written on all connections together.
    budget: Arc<Budget>,
    /// Connections by their ids, to cut them.
    connections: Mutex<BTreeMap<u64, Arc<Outbox>>>,
    /// Id of the last connection.
    last_connection: AtomicU64,
}

impl Shared {
    #[expect(clippy::too_many_arguments, reason = "called once, by the builder")]
    pub(crate) fn new(
        core: Core,
        clock: ExchangeClock,
        limits: Limits,
        caps: Caps,
        keys: Keys,
        counters: Arc<Counters>,
        spawner: Spawner,
        allowed_origins: Vec<String>,
    ) -> Self {
        let budget = Budget::new(caps.max_queued_in_all);
        Self {
            core: Mutex::new(core),
            clock,
            limits,
            caps,
            keys,
            counters,
            faults: Faults::new(spawner.clone()),
            spawner,
            allowed_origins,
            ack_delay: Mutex::default(),
            http: Arc::default(),
            budget,
            connections: Mutex::default(),
            last_connection: AtomicU64::new(0),
        }
    }

    /// Runs something under the lock and publishes what came of it.
    pub(crate) fn run<R>(&self, act: impl FnOnce(&mut Core, Timestamp) -> R) -> R {
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        // Not at once: the answer that says so goes out first.
        for ip in core.limits.take_banned() {
            core.hub.disconnect(ip);
        }
        core.catch_up(now);
        let result = act(&mut core, now);
        core.publish(now);
        result
    }

    /// Sets how far the clock is ahead, in milliseconds. Nothing happens for the time that is skipped.
    pub(crate) fn set_skew(&self, millis: i64) {
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        core.catch_up(self.clock.now());
        self.clock.set_skew(millis);
        core.align(self.clock.now());
    }

    /// A connection that can be cut from outside.
    pub(crate) fn register(&self) -> (u64, Arc<Outbox>) {
        let id = self.last_connection.fetch_add(1, Ordering::Relaxed) + 1;
        let caps = &self.caps;
        let outbox = Outbox::new(caps.max_queued_frames, caps.max_queued_bytes, Arc::clone(&self.budget));
        let outbox = Arc::new(outbox);
        self.connections.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&outbox));
        (id, outbox)
    }

    pub(crate) fn deregister(&self, id: u64) {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// Cuts all connections.
    pub(crate) fn cut_all(&self) {
        for outbox in self.connections.lock().unwrap_or_else(PoisonError::into_inner).values() {
            outbox.abort();
        }
    }
}

/// Drives the exchange as long as it lives.
pub(crate) async fn drive(shared: Weak<Shared>) {
    let mut interval = tokio::time::interval(Duration::from_millis(STEP_MILLIS.unsigned_abs()));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        let Some(shared) = shared.upgrade() else { return };
        shared.run(|_, _| ());
    }
}
