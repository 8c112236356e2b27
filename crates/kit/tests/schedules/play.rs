//! Plays a schedule: an exchange, a client and its books under it, and a record of all that the consumer is given.

use super::check::{Log, Seen, compare, compare_books};
use super::plan::{Numbers, Plan, STREAMS, TROUBLE};
use binance_kit::book::{LocalBooks, SpotMarket};
use binance_kit::core::StreamEvent as _;
use binance_kit::net::clock::VirtualWallClock;
use binance_kit::net::io::DialWith;
use binance_kit::net::{Clock, Error, ErrorKind, Random};
use binance_kit::rest::RestClient;
use binance_kit::sim::{Exchange, FaultHandle, FaultKind, MarketConfig, SymbolConfig, TokioClock};
use binance_kit::spot::MarketEvent;
use binance_kit::stream::{
    EventStream, Item, Overflow, StateChange, StreamClient, StreamConfig, StreamControl,
};
use binance_kit::{Decimal, Environment, Network, Timestamp};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const START: i64 = 1_700_000_000_000;

/// How long a stream on which the exchange publishes may go without an event or a word about it.
pub(crate) const SILENCE: Duration = Duration::from_secs(30);

/// How long it may take, when all faults are gone, until everything is as it should be.
const RECOVERY: Duration = Duration::from_secs(240);

/// For how long nothing may have happened for it to be over: a deadline of before may still be running.
const CALM: Duration = Duration::from_secs(15);

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// How often faults happened.
    pub(crate) hits: u64,
    /// Events that were delivered.
    pub(crate) events: u64,
    /// Events that were reported missing.
    pub(crate) missing: u64,
    /// Events that were dropped because the consumer was slow.
    pub(crate) lagged: u64,
    /// Books that were compared.
    pub(crate) books: u64,
    /// Streams that were reported stale.
    pub(crate) stale: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.hits += other.hits;
        self.events += other.events;
        self.missing += other.missing;
        self.lagged += other.lagged;
        self.books += other.books;
        self.stale += other.stale;
    }
}

/// A stream as the consumer knows it.
struct Watched {
    log: Log,
    /// When the consumer last heard of it.
    heard: Instant,
    /// How much was published then.
    published: u64,
    /// It was said to be stale, and has not spoken since.
    is_stale: bool,
}

struct Consumer {
    streams: BTreeMap<&'static str, Watched>,
    lagged: u64,
    stale: u64,
    /// Connections that are down, or being made.
    down: BTreeMap<usize, bool>,
    /// When a connection last came or went.
    moved: Instant,
}

impl Consumer {
    fn item(&mut self, item: Item<MarketEvent>, exchange: &Exchange) -> Result<(), String> {
        let now = Instant::now();
        if matches!(item, Item::State(_)) {
            self.moved = now;
        }
        match item {
            Item::Event(event) => {
                if event.stream.as_str() == "!serverShutdown" {
                    return Ok(());
                }
                let name = event.stream.as_str();
                let stream = self
                    .streams
                    .get_mut(name)
                    .ok_or_else(|| format!("an event of {name} was not asked for"))?;
                let sequence =
                    event.event.sequence().ok_or_else(|| format!("{name}: an event without a place"))?;
                stream.log.seen.push(Seen::event(sequence, &event.event));
                stream.heard = now;
                stream.published = exchange.published_count(name);
                stream.is_stale = false;
            }
            Item::Gap { stream, from, to, recovered } => {
                let name = stream.as_str();
                let stream = self.streams.get_mut(name).ok_or_else(|| format!("a gap of {name}"))?;
                stream.log.seen.push(Seen::gap(from, to, recovered));
                stream.heard = now;
            }
            Item::Stale { stream, .. } => {
                self.stale += 1;
                if let Some(stream) = self.streams.get_mut(stream.as_str()) {
                    stream.is_stale = true;
                }
            }
            Item::Recovered { .. } | Item::Malformed { .. } => {}
            Item::Lagged(count) => self.lagged += count,
            Item::State(StateChange::Disconnected { connection, .. }) => {
                self.down.insert(connection, true);
            }
            Item::State(StateChange::Connected { connection, .. }) => {
                self.down.insert(connection, false);
                for stream in self.streams.values_mut() {
                    stream.heard = now;
                }
            }
            Item::State(_) => {}
            Item::Refused { streams, error } => return Err(format!("refused: {streams:?} {error:?}")),
            other => return Err(format!("unexpected: {other:?}")),
        }
        Ok(())
    }

    /// Nobody is silent without a word.
    async fn look(
        &mut self,
        exchange: &Exchange,
        control: &StreamControl<MarketEvent>,
    ) -> Result<(), String> {
        let now = Instant::now();
        let is_down = self.down.values().any(|down| *down);
        let mut silent = Vec::new();
        for (name, stream) in &mut self.streams {
            if is_down || stream.is_stale || exchange.published_count(name) == stream.published {
                stream.heard = now;
            }
            if now - stream.heard > SILENCE {
                silent.push((*name, now - stream.heard));
            }
        }
        if silent.is_empty() {
            return Ok(());
        }
        let status = control.status().await;
        for (name, silence) in silent {
            // A stream that speaks when something happens is known by its habits, if it has shown any.
            let cadence = status
                .streams
                .iter()
                .find(|stream| stream.stream.as_str() == name)
                .and_then(|one| one.cadence);
            if cadence.is_some_and(|cadence| silence > cadence * 4 + Duration::from_secs(5)) {
                return Err(format!("{name} is silent for {silence:?}, and speaks every {cadence:?}"));
            }
        }
        Ok(())
    }
}

fn network(exchange: &Arc<Exchange>, seed: u64) -> Network {
    let dialled = Arc::clone(exchange);
    Network::builder()
        .dial(DialWith::new(move |_| {
            dialled.try_connect().map_err(|error| Error::with_detail(ErrorKind::Connect, error.to_string()))
        }))
        .clock(Clock::new(VirtualWallClock::starting_at(Timestamp::from_millis(START))))
        .random(Random::seeded(seed))
        .build()
        .unwrap()
}

async fn exchange(seed: u64) -> Exchange {
    let mut market = MarketConfig::default();
    market.actions_per_second = 60;
    market.levels = 12;
    let symbol = |name: &str, base: &str, price: i64| {
        SymbolConfig::new(name, base, "USDT", Decimal::new(price, 0)).step_size(Decimal::new(1, 3))
    };
    Exchange::builder()
        .seed(seed)
        .in_memory()
        .demo_account(false)
        .clock(Arc::new(TokioClock::starting_at(Timestamp::from_millis(START))))
        .symbol(symbol("BTCUSDT", "BTC", 60_000))
        .symbol(symbol("ETHUSDT", "ETH", 3_000))
        .market(market)
        .start()
        .await
        .unwrap()
}

pub(crate) async fn play(plan: &Plan) -> Result<Tally, String> {
    let exchange = Arc::new(exchange(plan.seed).await);
    exchange.record_published(STREAMS, 100_000).unwrap();
    let first_book = exchange.order_book("BTCUSDT").unwrap();
    let network = network(&exchange, plan.seed);
    let environment =
        Environment::custom("http://127.0.0.1:1", "ws://127.0.0.1:1", "ws://127.0.0.1:1/ws-api/v3").unwrap();
    let rest = RestClient::builder(&network, &environment).build().unwrap();
    let config = StreamConfig {
        queue: if plan.is_slow { 64 } else { 4096 },
        overflow: if plan.is_slow { Overflow::DropOldest } else { Overflow::Block },
        ..StreamConfig::default()
    };
    let streams = StreamClient::builder(&network, &environment).config(config).build().unwrap();
    let mut events: EventStream<MarketEvent> =
        streams.subscribe(STREAMS).await.map_err(|error| error.to_string())?;
    let starts: BTreeMap<&str, u64> =
        STREAMS.into_iter().map(|name| (name, exchange.published_count(name))).collect();
    let book_streams = StreamClient::new(&network, &environment).unwrap();
    let books = LocalBooks::builder(SpotMarket::new(), &book_streams, &rest)
        .start(["BTCUSDT"])
        .await
        .map_err(|error| error.to_string())?;
    let book = books.book("BTCUSDT").unwrap();

    let began = Instant::now();
    let handles: Vec<FaultHandle> = plan.faults.iter().map(|fault| exchange.fault(fault.clone())).collect();
    let mut rotations = plan.rotations.clone();
    rotations.sort();
    let mut consumer = Consumer {
        streams: STREAMS
            .into_iter()
            .map(|name| (name, Watched { log: Log::default(), heard: began, published: 0, is_stale: false }))
            .collect(),
        lagged: 0,
        stale: 0,
        down: BTreeMap::new(),
        moved: began,
    };
    let mut numbers = Numbers::new(!plan.seed);
    let mut samples = Vec::new();
    let mut rotating: Option<Pin<Box<dyn Future<Output = Result<(), String>>>>> = None;
    let mut unsynced = began;
    let mut cleared: Option<BTreeMap<&str, u64>> = None;
    // Out of step with the exchange's tenths of a second, so that some books are read between two events.
    let mut tick = tokio::time::interval(Duration::from_millis(995));
    loop {
        tokio::select! {
            item = events.next() => {
                let item = item.ok_or("the stream ended")?;
                consumer.item(item, &exchange)?;
            }
            // How it ends is not asked: in trouble it may take too long.
            _ = async { match &mut rotating { Some(rotating) => rotating.await, None => std::future::pending().await } } => {
                rotating = None;
            }
            at = tick.tick() => {
                if rotations.first().is_some_and(|due| at - began >= *due) {
                    rotations.remove(0);
                    let control = events.control();
                    rotating = Some(Box::pin(async move { control.rotate().await.map_err(|error| error.to_string()) }));
                }
                if let Some(levels) = book.with(|view| view.synced().map(super::check::levels)) {
                    samples.push(levels);
                }
                if plan.is_slow && cleared.is_none() {
                    for stream in consumer.streams.values_mut() {
                        stream.heard = Instant::now();
                    }
                    if numbers.below(4) == 0 {
                        tokio::time::sleep(Duration::from_secs(1 + numbers.below(20))).await;
                    }
                } else {
                    consumer.look(&exchange, &events.control()).await?;
                }
                match &cleared {
                    None if at - began >= TROUBLE => {
                        exchange.clear_faults();
                        unsynced = at;
                        consumer.moved = at;
                        cleared = Some(STREAMS.into_iter().map(|name| (name, exchange.published_count(name))).collect());
                    }
                    None => {}
                    Some(counts) => {
                        let waiting: Vec<&str> = STREAMS
                            .into_iter()
                            .filter(|name| {
                                let stream = &consumer.streams[name];
                                stream.is_stale || stream.published <= counts[name] + 2
                            })
                            .collect();
                        let synced = book.with(|view| view.synced().is_some());
                        if !synced {
                            unsynced = at;
                        }
                        let calm = at - consumer.moved.max(unsynced) >= CALM;
                        if waiting.is_empty() && calm {
                            break;
                        }
                        if at - began > TROUBLE + RECOVERY {
                            return Err(format!("not recovered: {waiting:?}, calm: {calm}, book synced: {synced}"));
                        }
                    }
                }
            }
        }
    }
    // What is on its way arrives.
    exchange.pause_market();
    let end = Instant::now() + Duration::from_secs(4);
    while let Ok(item) = tokio::time::timeout_at(end, events.next()).await {
        consumer.item(item.ok_or("the stream ended")?, &exchange)?;
    }
    samples.push(
        book.with(|view| view.synced().map(super::check::levels))
            .ok_or("the book is not synced at the end")?,
    );
    let current = exchange.order_book("BTCUSDT").unwrap();
    if samples.last().is_none_or(|last| last.last_update_id != current.last_update_id) {
        return Err("the book is not up to date at the end".to_owned());
    }

    let mut tally = Tally {
        hits: handles.iter().map(FaultHandle::hits).sum(),
        lagged: consumer.lagged,
        stale: consumer.stale,
        ..Tally::default()
    };
    let (mut dropped, mut untold) = (0, 0);
    let mut untold_of = Vec::new();
    for (name, stream) in &consumer.streams {
        let sums = compare(&exchange.published(name).events, starts[name], &stream.log)
            .map_err(|why| format!("{name}: {why}"))?;
        tally.events += sums.delivered;
        tally.missing += sums.missing;
        untold += sums.before;
        if sums.unexplained > 0 {
            untold_of.push(format!("{} of {name} ({})", sums.unexplained, sums.example));
        }
        if name.contains("kline") && plan.loses_frames() {
            untold += sums.unexplained;
        } else {
            dropped += sums.unexplained;
        }
    }
    // The exchange's word about itself is an event, too, and of no stream.
    let shutdowns: u64 = plan
        .faults
        .iter()
        .zip(&handles)
        .filter(|(fault, _)| matches!(fault.kind(), FaultKind::ServerShutdown {}))
        .map(|(_, handle)| handle.hits())
        .sum();
    untold += shutdowns;
    if !(dropped..=dropped + untold).contains(&consumer.lagged) {
        return Err(format!(
            "{dropped} events are missing without a gap ({untold} more cannot be known of), and {} were dropped: {}",
            consumer.lagged,
            untold_of.join(", ")
        ));
    }
    let depth = exchange.published("btcusdt@depth@100ms").events;
    tally.books = compare_books(&first_book, &depth, &samples)?;
    events.close().await;
    books.stop().await;
    Ok(tally)
}
