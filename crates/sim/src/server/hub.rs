//! Who listens to what, and the frames they are sent.
//!
//! An event is encoded once for each form that is wanted (milliseconds or microseconds, raw or combined)
//! and the finished frame is shared by all who get it.

use super::codec::{close_frame, text_frame};
use super::diff::Diff;
use super::link::{End, LinkControl};
use super::outbox::{Outbox, Piece};
use super::product::Product;
use super::spot::stream_name::{Speed, Stream, Window};
use crate::clearing::AccountChange;
use crate::counters::Counters;
use crate::engine::{AccountId, Engine, Event, Instrument, Interval, SymbolId};
use crate::faults::{Faults, Origin};
use crate::journal::{Journal, Record};
use crate::json::array;
use crate::json::spot::public::{self, Statistics};
use crate::json::spot::{accounts, lists, orders};
use crate::sbe::{self, Frames};
use binance_kit_core::{JsonWriter, TimeUnit, Timestamp};
use bytes::Bytes;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One WebSocket connection, as far as others send to it.
#[derive(Debug)]
pub(crate) struct Client {
    /// Id of the connection.
    pub(crate) id: u64,
    /// What waits to be written.
    pub(crate) outbox: Arc<Outbox>,
    /// Whether events are wrapped with the name of their stream.
    pub(crate) combined: AtomicBool,
    /// Unit of times.
    pub(crate) unit: TimeUnit,
    /// What writes its frames, if it wants SBE.
    pub(crate) sbe: Option<Frames>,
    /// What the connection is for.
    pub(crate) kind: ClientKind,
    /// Address that it comes from.
    pub(crate) ip: IpAddr,
    /// Time of the handshake.
    pub(crate) since: Timestamp,
    /// Switches of the connection.
    pub(crate) link: Arc<LinkControl>,
    /// Faults of the exchange.
    pub(crate) faults: Arc<Faults>,
}

impl Client {
    /// Sends a frame, or what faults make of it.
    pub(crate) fn send(self: &Arc<Self>, origin: Origin<'_>, frame: Bytes) -> bool {
        let frame = match &self.sbe {
            None => frame,
            Some(sbe) => match sbe.frame(origin, frame) {
                Some(frame) => frame,
                None => return false,
            },
        };
        if self.faults.is_armed() { self.faults.send(self, origin, frame) } else { self.outbox.push(frame) }
    }

    /// Ends the connection as the exchange ends that of a client who broke its rules. What is queued is written first.
    pub(crate) fn disconnect(&self) {
        self.outbox.push(close_frame(1008, "disconnected"));
        self.outbox.finish();
    }

    /// The name of the topic behind the name of a stream.
    fn topic<'n>(&self, name: &'n str) -> Cow<'n, str> {
        if self.sbe.is_some() { Cow::Owned(sbe::topic(name)) } else { Cow::Borrowed(name) }
    }

    /// Sends so many bytes of a frame, and ends the connection.
    pub(crate) fn cut(&self, frame: &Bytes, at: usize, reset: bool) {
        self.outbox.push(frame.slice(..at.min(frame.len())));
        self.outbox.push_piece(Piece::End(if reset { End::Reset } else { End::Fin }));
    }
}

#[derive(Debug)]
struct Topic {
    /// Name of the stream.
    name: String,
    /// Connections that are subscribed.
    clients: Vec<Arc<Client>>,
    /// A client joined since the last event of a periodic stream.
    fresh: bool,
    /// What the last event of a periodic stream showed, to leave out events that say nothing new.
    shown: BTreeMap<SymbolId, (u64, u64)>,
    /// Journal of the events, where it is kept. Such a topic stays without clients.
    record: Option<Mutex<Record>>,
}

#[derive(Debug)]
struct UserSubscription {
    /// Connection that is subscribed.
    client: Arc<Client>,
    /// Id of the subscription on it.
    id: u64,
}

/// All subscriptions of an exchange.
#[derive(Debug)]
pub(crate) struct Hub {
    /// Product whose streams they are.
    product: &'static Product,
    /// Symbols by their names in lower case.
    symbols: HashMap<String, SymbolId>,
    /// Streams that are subscribed to, or recorded.
    topics: BTreeMap<Stream, Topic>,
    /// Changes of books since the last event, by symbol and speed.
    diffs: BTreeMap<(SymbolId, bool), Diff>,
    /// Subscriptions to user data by account.
    users: BTreeMap<AccountId, Vec<UserSubscription>>,
    /// Connections of streams by their ids.
    stream_clients: BTreeMap<u64, Arc<Client>>,
    /// Connections of the WebSocket API by their ids.
    api_clients: BTreeMap<u64, Arc<Client>>,
    /// Symbols whose next diff-depth event is left out.
    skip_depth: BTreeSet<SymbolId>,
    /// Counters of the exchange.
    counters: Arc<Counters>,
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientKind {
    Streams,
    Api,
}

fn encode(unit: TimeUnit, write: impl FnOnce(&mut JsonWriter)) -> String {
    let mut json = JsonWriter::new().with_time_unit(unit);
    write(&mut json);
    json.into_string()
}

impl Topic {
    fn send(&self, counters: &Counters, write: impl Fn(&mut JsonWriter)) {
        self.send_to(&self.clients, counters, write);
    }

    /// Keeps the event, where that is wanted, and sends it to these clients.
    fn send_to(&self, clients: &[Arc<Client>], counters: &Counters, write: impl Fn(&mut JsonWriter)) {
        if let Some(record) = &self.record {
            let text = encode(TimeUnit::Millisecond, &write);
            record.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        }
        let mut frames: [Option<Bytes>; 4] = [None, None, None, None];
        for client in clients {
            let combined = client.combined.load(Ordering::Relaxed);
            let form = usize::from(combined) + 2 * usize::from(client.unit == TimeUnit::Microsecond);
            let frame = frames[form].get_or_insert_with(|| {
                let text = encode(client.unit, |json| {
                    if !combined {
                        return write(json);
                    }
                    json.begin_object();
                    json.field("stream", self.name.as_str());
                    json.key("data");
                    write(json);
                    json.end_object();
                });
                text_frame(&text)
            });
            if client.send(Origin::Event(&self.name), frame.clone()) {
                counters.event_sent();
            }
        }
    }

    /// Whether a periodic event shows something new.
    fn changed(&mut self, symbol: SymbolId, state: (u64, u64)) -> bool {
        self.shown.insert(symbol, state) != Some(state)
    }
}

impl Hub {
    pub(crate) fn new(product: &'static Product, engine: &Engine, counters: Arc<Counters>) -> Self {
        let symbols = engine
            .symbols()
            .map(|(id, instrument)| (instrument.rules.symbol.to_lowercase().to_string(), id))
            .collect();
        Self {
            product,
            symbols,
            topics: BTreeMap::new(),
            diffs: BTreeMap::new(),
            users: BTreeMap::new(),
            stream_clients: BTreeMap::new(),
            api_clients: BTreeMap::new(),
            skip_depth: BTreeSet::new(),
            counters,
        }
    }

    /// Lets the streams of a new symbol be subscribed to.
    pub(crate) fn add_symbol(&mut self, id: SymbolId, name: &str) {
        self.symbols.insert(name.to_lowercase(), id);
    }

    pub(crate) fn join(&mut self, kind: ClientKind, client: &Arc<Client>) {
        match kind {
            ClientKind::Streams => self.stream_clients.insert(client.id, Arc::clone(client)),
            ClientKind::Api => self.api_clients.insert(client.id, Arc::clone(client)),
        };
    }

    /// Forgets a connection and all its subscriptions.
    pub(crate) fn leave(&mut self, client: &Client, streams: &[String]) {
        self.stream_clients.remove(&client.id);
        if self.api_clients.remove(&client.id).is_some() {
            for subscriptions in self.users.values_mut() {
                subscriptions.retain(|subscription| subscription.client.id != client.id);
            }
        }
        for name in streams {
            self.unsubscribe(client, name);
        }
    }

    /// The topic of a stream, which is made where there is none.
    fn topic(&mut self, name: &str, engine: &Engine) -> Option<&mut Topic> {
        let stream = (self.product.stream)(name, &self.symbols)?;
        if let Stream::Diff(symbol, speed) = stream {
            let last = engine.instrument(symbol).last_update_id;
            self.diffs.entry((symbol, speed.is_fast())).or_insert_with(|| Diff::starting_after(last));
        }
        Some(self.topics.entry(stream).or_insert_with(|| Topic {
            name: name.to_owned(),
            clients: Vec::new(),
            fresh: true,
            shown: BTreeMap::new(),
            record: None,
        }))
    }

    /// Begins to keep what is published on a stream. False when its name means nothing.
    pub(crate) fn record(&mut self, name: &str, keep: usize, engine: &Engine) -> bool {
        let Some(topic) = self.topic(name, engine) else { return false };
        if topic.record.is_none() {
            topic.record = Some(Mutex::new(Record::new(keep)));
        }
        true
    }

    fn recorded(&self, name: &str) -> Option<MutexGuard<'_, Record>> {
        let stream = (self.product.stream)(name, &self.symbols)?;
        let record = self.topics.get(&stream)?.record.as_ref()?;
        Some(record.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was published on a stream, if that is kept.
    pub(crate) fn journal(&self, name: &str) -> Option<Journal> {
        self.recorded(name).map(|record| record.read())
    }

    /// How much was published on a stream, if that is kept.
    pub(crate) fn journal_len(&self, name: &str) -> u64 {
        self.recorded(name).map_or(0, |record| record.count())
    }

    /// Subscribes to a stream. A name that means nothing is accepted, as the exchange does, and never sends anything.
    pub(crate) fn subscribe(&mut self, client: &Arc<Client>, name: &str, engine: &Engine) {
        let Some(topic) = self.topic(&client.topic(name), engine) else { return };
        topic.fresh = true;
        if !topic.clients.iter().any(|other| other.id == client.id) {
            topic.clients.push(Arc::clone(client));
        }
    }

    pub(crate) fn unsubscribe(&mut self, client: &Client, name: &str) {
        let name = &*client.topic(name);
        let Some(stream) = (self.product.stream)(name, &self.symbols) else { return };
        let Some(topic) = self.topics.get_mut(&stream) else { return };
        topic.clients.retain(|other| other.id != client.id);
        if !topic.clients.is_empty() || topic.record.is_some() {
            return;
        }
        self.topics.remove(&stream);
        if let Stream::Diff(symbol, speed) = stream {
            let fast = speed.is_fast();
            let used = self
                .topics
                .keys()
                .any(|other| matches!(other, Stream::Diff(of, at) if *of == symbol && at.is_fast() == fast));
            if !used {
                self.diffs.remove(&(symbol, fast));
            }
        }
    }

    /// Sends an account's events to a connection of the WebSocket API.
    pub(crate) fn subscribe_user(&mut self, account: AccountId, client: &Arc<Client>, id: u64) {
        self.users.entry(account).or_default().push(UserSubscription { client: Arc::clone(client), id });
    }

    /// Ends a user-data subscription and says so on it.
    pub(crate) fn unsubscribe_user(&mut self, account: AccountId, client: &Client, id: u64, now: Timestamp) {
        let Some(subscriptions) = self.users.get_mut(&account) else { return };
        if let Some(index) = subscriptions.iter().position(|one| one.client.id == client.id && one.id == id) {
            let ended = subscriptions.swap_remove(index);
            let event = encode(client.unit, |json| orders::stream_terminated(json, now));
            send_user(&self.counters, &ended, &event);
        }
    }

    /// Publishes what happened in the engine.
    pub(crate) fn publish(&mut self, engine: &Engine, events: &[Event], now: Timestamp) {
        for event in events {
            match event {
                Event::Trade { symbol, trade } => {
                    if let Some(topic) = self.topics.get(&Stream::Trade(*symbol)) {
                        let name = engine.instrument(*symbol).rules.symbol.as_str();
                        topic.send(&self.counters, |json| public::trade_event(json, name, trade, now));
                    }
                }
                Event::BlockTrade { symbol, trade } => {
                    if let Some(topic) = self.topics.get(&Stream::Block(*symbol)) {
                        let name = engine.instrument(*symbol).rules.symbol.as_str();
                        topic.send(&self.counters, |json| public::block_trade_event(json, name, trade, now));
                    }
                }
                Event::Aggregate { symbol, aggregate } => {
                    if let Some(topic) = self.topics.get(&Stream::Aggregate(*symbol)) {
                        let name = engine.instrument(*symbol).rules.symbol.as_str();
                        topic
                            .send(&self.counters, |json| public::aggregate_event(json, name, aggregate, now));
                    }
                }
                Event::Level { symbol, side, price, quantity, update_id } => {
                    for fast in [false, true] {
                        if let Some(diff) = self.diffs.get_mut(&(*symbol, fast)) {
                            diff.record(*side, *price, *quantity, *update_id);
                        }
                    }
                }
                Event::Best { symbol, update_id, bid, ask } => {
                    if let Some(topic) = self.topics.get(&Stream::BookTicker(*symbol)) {
                        let name = engine.instrument(*symbol).rules.symbol.as_str();
                        topic.send(&self.counters, |json| {
                            public::book_ticker_event(json, name, *update_id, *bid, *ask);
                        });
                    }
                }
                Event::Report(report) => self.send_account(report.order.account, |json| {
                    orders::execution_report(json, engine, report, now);
                }),
                Event::List { list, kind, time } => self.send_account(list.account, |json| {
                    lists::list_status(json, engine, list, *kind, *time, now);
                }),
                Event::Account(change) => self.publish_change(engine, change, now),
            }
        }
    }

    fn publish_change(&self, engine: &Engine, change: &AccountChange, now: Timestamp) {
        let (kind, account, asset, delta, time) = match change {
            AccountChange::Position { account, time, balances } => {
                return self.send_account(*account, |json| {
                    accounts::account_position(json, engine, balances, *time, now);
                });
            }
            AccountChange::Deposit { account, asset, delta, time } => {
                ("balanceUpdate", account, asset, delta, time)
            }
            AccountChange::HeldOutside { account, asset, delta, time } => {
                ("externalLockUpdate", account, asset, delta, time)
            }
        };
        let asset = engine.assets.get(*asset).as_str();
        self.send_account(*account, |json| {
            accounts::balance_change(json, kind, asset, *delta, *time, now);
        });
    }

    fn send_account(&self, account: AccountId, write: impl Fn(&mut JsonWriter)) {
        let Some(subscriptions) = self.users.get(&account) else { return };
        let mut events: [Option<String>; 2] = [None, None];
        for subscription in subscriptions {
            let unit = subscription.client.unit;
            let event = events[usize::from(unit == TimeUnit::Microsecond)]
                .get_or_insert_with(|| encode(unit, &write));
            send_user(&self.counters, subscription, event);
        }
    }

    /// Sends what is due at a multiple of 100 milliseconds.
    #[expect(clippy::too_many_lines, reason = "one arm for each kind of stream")]
    pub(crate) fn tick(&mut self, engine: &Engine, at: Timestamp) {
        let slow = at.as_millis() % 1000 == 0;
        let mut days: BTreeMap<SymbolId, Statistics> = BTreeMap::new();
        let mut day = |id: SymbolId, instrument: &Instrument| {
            days.entry(id).or_insert_with(|| Statistics::of_day(instrument, at)).clone()
        };
        let counters = Arc::clone(&self.counters);
        for (stream, topic) in &mut self.topics {
            match *stream {
                Stream::Partial(symbol, levels, speed) if slow || speed.is_fast() => {
                    let instrument = engine.instrument(symbol);
                    if topic.changed(symbol, (instrument.last_update_id, 0)) || topic.fresh {
                        topic.send(&counters, |json| public::depth(json, instrument, levels));
                    }
                }
                Stream::Kline(symbol, interval, offset) if slow => {
                    let instrument = engine.instrument(symbol);
                    if let Some((candle, closed)) = due_candle(instrument, interval, offset, at) {
                        let name = instrument.rules.symbol.as_str();
                        topic.send(&counters, |json| {
                            public::kline_event(json, name, &candle, interval, offset, closed, at);
                        });
                    }
                }
                Stream::MiniTicker(symbol) if slow => {
                    let instrument = engine.instrument(symbol);
                    if topic.changed(symbol, (last_trade(instrument), 0)) || topic.fresh {
                        let statistics = day(symbol, instrument);
                        let name = instrument.rules.symbol.as_str();
                        topic.send(&counters, |json| public::mini_ticker_event(json, name, &statistics, at));
                    }
                }
                Stream::Ticker(symbol) if slow => {
                    let instrument = engine.instrument(symbol);
                    if topic.changed(symbol, (last_trade(instrument), instrument.last_update_id))
                        || topic.fresh
                    {
                        let statistics = day(symbol, instrument);
                        topic.send(&counters, |json| public::ticker_event(json, instrument, &statistics, at));
                    }
                }
                Stream::Window(symbol, window) if slow => {
                    let instrument = engine.instrument(symbol);
                    if topic.changed(symbol, (last_trade(instrument), 0)) || topic.fresh {
                        let statistics = window_statistics(instrument, window, at);
                        let name = instrument.rules.symbol.as_str();
                        topic.send(&counters, |json| {
                            public::window_ticker_event(json, name, window.as_str(), &statistics, at);
                        });
                    }
                }
                Stream::AllMiniTickers(_) | Stream::AllTickers | Stream::AllWindows(_) if slow => {
                    let whole = matches!(stream, Stream::AllTickers);
                    let changed: Vec<_> = engine
                        .symbols()
                        .filter(|(id, instrument)| {
                            let book = if whole { instrument.last_update_id } else { 0 };
                            topic.changed(*id, (last_trade(instrument), book)) || topic.fresh
                        })
                        .map(|(id, instrument)| match stream {
                            Stream::AllWindows(window) => {
                                (instrument, window_statistics(instrument, *window, at))
                            }
                            _ => (instrument, day(id, instrument)),
                        })
                        .collect();
                    if !changed.is_empty() {
                        topic.send(&counters, |json| {
                            array(json, &changed, |json, (instrument, statistics)| {
                                let name = instrument.rules.symbol.as_str();
                                match stream {
                                    Stream::AllMiniTickers(_) => {
                                        public::mini_ticker_event(json, name, statistics, at);
                                    }
                                    Stream::AllWindows(window) => {
                                        public::window_ticker_event(
                                            json,
                                            name,
                                            window.as_str(),
                                            statistics,
                                            at,
                                        );
                                    }
                                    _ => public::ticker_event(json, instrument, statistics, at),
                                }
                            });
                        });
                    }
                }
                Stream::AveragePrice(symbol) if slow => {
                    let instrument = engine.instrument(symbol);
                    topic.send(&counters, |json| public::average_price_event(json, instrument, at));
                }
                Stream::Reference(symbol) if slow => {
                    let instrument = engine.instrument(symbol);
                    let Some((price, since)) = instrument.reference.price(at) else { continue };
                    let name = instrument.rules.symbol.as_str();
                    topic.send(&counters, |json| public::reference_price_event(json, name, price, since));
                }
                _ => continue,
            }
            topic.fresh = false;
        }
        self.flush_diffs(engine, at, slow);
    }

    fn flush_diffs(&mut self, engine: &Engine, at: Timestamp, slow: bool) {
        for ((symbol, fast), diff) in &mut self.diffs {
            if !(slow || *fast) {
                continue;
            }
            let Some(changes) = diff.take() else { continue };
            let skipped = self.skip_depth.remove(symbol);
            let name = engine.instrument(*symbol).rules.symbol.as_str();
            for speed in Speed::ALL.into_iter().filter(|speed| speed.is_fast() == *fast) {
                if let Some(topic) = self.topics.get(&Stream::Diff(*symbol, speed)) {
                    let clients = if skipped { &[][..] } else { &topic.clients };
                    topic.send_to(clients, &self.counters, |json| {
                        public::depth_event(json, name, &changes, at);
                    });
                }
            }
        }
    }

    /// Leaves out the next diff-depth event of a symbol: a gap in its update ids.
    pub(crate) fn skip_depth(&mut self, symbol: SymbolId) {
        self.skip_depth.insert(symbol);
    }

    /// Sends a text to all stream connections, as it is.
    pub(crate) fn send_raw(&self, text: &str) {
        let frame = text_frame(text);
        for client in self.stream_clients.values() {
            client.outbox.push(frame.clone());
        }
    }

    /// The streams that connections are subscribed to, as far as they mean something.
    pub(crate) fn streams(&self) -> BTreeMap<u64, Vec<String>> {
        let mut streams: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        for topic in self.topics.values() {
            for client in &topic.clients {
                streams.entry(client.id).or_default().push(topic.name.clone());
            }
        }
        streams
    }

    /// Ends the connections of the WebSocket API of an address that was banned.
    pub(crate) fn disconnect(&self, ip: IpAddr) {
        for client in self.api_clients.values().filter(|client| client.ip == ip) {
            client.disconnect();
        }
    }

    /// Closes all WebSocket connections as a server that goes away does.
    pub(crate) fn say_goodbye(&self) {
        for client in self.stream_clients.values().chain(self.api_clients.values()) {
            client.outbox.push(close_frame(1001, "going away"));
            client.outbox.finish();
        }
    }

    /// How many WebSocket connections there are.
    pub(crate) fn clients(&self) -> usize {
        self.stream_clients.len() + self.api_clients.len()
    }
}

/// What tells a connection that the server is about to shut down.
pub(crate) fn shutdown_frame(client: &Client, now: Timestamp) -> Bytes {
    let event = encode(client.unit, |json| public::server_shutdown_event(json, now));
    match client.kind {
        ClientKind::Api => text_frame(&format!("{{\"event\":{event}}}")),
        ClientKind::Streams if client.combined.load(Ordering::Relaxed) => {
            text_frame(&format!("{{\"stream\":\"!serverShutdown\",\"data\":{event}}}"))
        }
        ClientKind::Streams => text_frame(&event),
    }
}

fn send_user(counters: &Counters, subscription: &UserSubscription, event: &str) {
    let text = format!("{{\"subscriptionId\":{},\"event\":{event}}}", subscription.id);
    if subscription.client.send(Origin::UserData, text_frame(&text)) {
        counters.event_sent();
    }
}

fn last_trade(instrument: &Instrument) -> u64 {
    instrument.last_trade.map_or(0, |trade| trade.id)
}

/// The statistics of a rolling window, which begins on a minute.
pub(crate) fn window_statistics(instrument: &Instrument, window: Window, at: Timestamp) -> Statistics {
    let from = Interval::M1.start_of(at.as_millis() - window.millis(), 0);
    Statistics::since(instrument, from, at)
}

/// The candle that a kline stream shows at a whole second, and whether it is over.
fn due_candle(
    instrument: &Instrument,
    interval: Interval,
    offset: i64,
    at: Timestamp,
) -> Option<(crate::engine::Candle, bool)> {
    let millis = at.as_millis();
    let start = interval.start_of(millis, offset);
    if start == millis {
        let before = interval.start_of(millis - 1, offset);
        return instrument.candle_at(interval, offset, before).map(|candle| (candle, true));
    }
    if millis % 2000 != 0 {
        return None;
    }
    instrument.candle_at(interval, offset, start).map(|candle| (candle, false))
}
