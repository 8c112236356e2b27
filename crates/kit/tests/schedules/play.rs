//! Plays a schedule: an exchange, a client and its books under it, and a record of all that the consumer is given.

use super::check::{Levels, Log, Seen, compare, compare_books, levels};
use super::plan::{Numbers, Plan, STREAMS, TROUBLE};
use binance_kit::book::{BookHandle, Books};
use binance_kit::core::StreamEvent as _;
use binance_kit::core::product::Spot;
use binance_kit::net::clock::VirtualWallClock;
use binance_kit::net::io::DialWith;
use binance_kit::net::{Clock, NetError, NetErrorKind, Random};
use binance_kit::sim::{
    Exchange, ExchangeBook, FaultHandle, FaultKind, MarketConfig, SymbolConfig, TokioClock,
};
use binance_kit::spot::{self, MarketEvent};
use binance_kit::stream::{EventStream, Item, Overflow, StateChange, StreamConfig, StreamControl};
use binance_kit::{Binance, Context, Decimal, Environment, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const START: i64 = 1_700_000_000_000;

/// How long a stream on which the exchange publishes may go without an event or a report.
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
    /// When the consumer last got something of it.
    heard: Instant,
    /// How much was published then.
    published: u64,
    /// It was reported stale, and has delivered nothing since.
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
                    event.data.sequence().ok_or_else(|| format!("{name}: an event without a place"))?;
                stream.log.seen.push(Seen::event(sequence, &event.data));
                stream.heard = now;
                stream.published = exchange.journal_len(name);
                stream.is_stale = false;
            }
            Item::Gap(gap) => {
                let name = gap.stream.as_str();
                let stream = self.streams.get_mut(name).ok_or_else(|| format!("a gap of {name}"))?;
                stream.log.seen.push(Seen::gap(gap.from, gap.to, gap.backfilled));
                stream.heard = now;
            }
            Item::Stale(stale) => {
                self.stale += 1;
                if let Some(stream) = self.streams.get_mut(stale.stream.as_str()) {
                    stream.is_stale = true;
                }
            }
            Item::Lagged(lagged) => self.lagged += lagged.count,
            Item::State(StateChange::Disconnected { connection, .. }) => {
                self.down.insert(connection, true);
            }
            Item::State(StateChange::Connected { connection, .. }) => {
                self.down.insert(connection, false);
                for stream in self.streams.values_mut() {
                    stream.heard = now;
                }
            }
            // Control messages are lost with what the faults take away.
            Item::Resumed(_) | Item::Malformed(_) | Item::State(_) | Item::Unanswered(_) => {}
            Item::Refused(refused) => return Err(refused.to_string()),
            other => return Err(format!("unexpected: {other:?}")),
        }
        Ok(())
    }

    /// No stream is silent unreported.
    async fn look(
        &mut self,
        exchange: &Exchange,
        control: &StreamControl<MarketEvent>,
    ) -> Result<(), String> {
        let now = Instant::now();
        let is_down = self.down.values().any(|down| *down);
        let mut silent = Vec::new();
        for (name, stream) in &mut self.streams {
            if is_down || stream.is_stale || exchange.journal_len(name) == stream.published {
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
            // A stream that sends only when something happens has an observed interval, if it has sent enough.
            let cadence = status
                .streams
                .iter()
                .find(|stream| stream.stream.as_str() == name)
                .and_then(|one| one.cadence);
            if cadence.is_some_and(|cadence| silence > cadence * 4 + Duration::from_secs(5)) {
                return Err(format!("{name} is silent for {silence:?}, and usually sends every {cadence:?}"));
            }
        }
        Ok(())
    }
}

fn context(exchange: &Arc<Exchange>, seed: u64) -> Context {
    let dialled = Arc::clone(exchange);
    Context::builder()
        .dial(DialWith::new(move |_| {
            dialled
                .try_connect()
                .map_err(|error| NetError::with_detail(NetErrorKind::Connect, error.to_string()))
        }))
        .clock(Clock::new(VirtualWallClock::starting_at(Timestamp::from_millis(START))))
        .random(Random::seeded(seed))
        .build()
        .unwrap()
}

async fn exchange(seed: u64) -> Exchange {
    let mut market = MarketConfig::thin();
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

/// A schedule that is being played.
struct Run<'a> {
    plan: &'a Plan,
    exchange: Arc<Exchange>,
    handles: Vec<FaultHandle>,
    events: EventStream<MarketEvent>,
    books: Books<Spot>,
    book: BookHandle,
    first_book: ExchangeBook,
    /// How much was published on each stream when it was subscribed to.
    starts: BTreeMap<&'static str, u64>,
    consumer: Consumer,
    samples: Vec<Levels>,
    began: Instant,
    /// When the book was last seen without being synced.
    unsynced: Instant,
}

pub(crate) async fn play(plan: &Plan) -> Result<Tally, String> {
    let mut run = Run::begin(plan).await?;
    run.trouble().await?;
    run.recovery().await?;
    run.last_words().await?;
    let tally = run.sums()?;
    run.events.close().await;
    run.books.stop().await;
    Ok(tally)
}

impl<'a> Run<'a> {
    async fn begin(plan: &'a Plan) -> Result<Self, String> {
        let exchange = Arc::new(exchange(plan.seed).await);
        exchange.keep_journal(STREAMS, 100_000).unwrap();
        let first_book = exchange.order_book("BTCUSDT").unwrap();
        let context = context(&exchange, plan.seed);
        let environment =
            Environment::custom("http://127.0.0.1:1", "ws://127.0.0.1:1", "ws://127.0.0.1:1/ws-api/v3")
                .unwrap();
        let config = StreamConfig {
            queue: if plan.is_slow { 64 } else { 4096 },
            overflow: if plan.is_slow { Overflow::DropOldest } else { Overflow::Block },
            ..StreamConfig::default()
        };
        let clients = || Binance::builder().environment(environment.clone()).context(context.clone());
        let binance = clients().streams(config).build().unwrap();
        let topics = STREAMS.map(|name| spot::stream::from_name(name).unwrap());
        let events = binance.subscribe(topics).await.map_err(|error| error.to_string())?;
        let starts = STREAMS.into_iter().map(|name| (name, exchange.journal_len(name))).collect();
        // With the default queue, whatever the consumer's is.
        let books = clients().build().unwrap().books(["BTCUSDT"]).await.map_err(|error| error.to_string())?;
        let began = Instant::now();
        let watched = || Watched { log: Log::default(), heard: began, published: 0, is_stale: false };
        Ok(Self {
            plan,
            handles: plan.faults.iter().map(|fault| exchange.inject(fault.clone())).collect(),
            book: books.book("BTCUSDT").unwrap(),
            consumer: Consumer {
                streams: STREAMS.into_iter().map(|name| (name, watched())).collect(),
                lagged: 0,
                stale: 0,
                down: BTreeMap::new(),
                moved: began,
            },
            exchange,
            events,
            books,
            first_book,
            starts,
            samples: Vec::new(),
            began,
            unsynced: began,
        })
    }

    /// Takes what comes until so much time has passed, and looks at the book then.
    async fn consume(&mut self, until: Instant) -> Result<(), String> {
        while let Ok(item) = tokio::time::timeout_at(until, self.events.next()).await {
            self.consumer.item(item.ok_or("the stream ended")?, &self.exchange)?;
        }
        match self.book.with(|view| view.synced().map(levels)) {
            Some(levels) => self.samples.push(levels),
            None => self.unsynced = Instant::now(),
        }
        Ok(())
    }

    /// The time of the faults.
    async fn trouble(&mut self) -> Result<(), String> {
        let mut numbers = Numbers::new(!self.plan.seed);
        let mut rotations = self.plan.rotations.clone();
        rotations.sort();
        while self.began.elapsed() < TROUBLE {
            // Out of step with the exchange's tenths of a second, so that some books are read between two events.
            self.consume(Instant::now() + Duration::from_millis(995)).await?;
            if rotations.first().is_some_and(|due| self.began.elapsed() >= *due) {
                rotations.remove(0);
                // Begun, and left to itself: in trouble it may take long.
                let _ = tokio::time::timeout(Duration::ZERO, self.events.control().rotate()).await;
            }
            if self.plan.is_slow {
                if numbers.below(4) == 0 {
                    tokio::time::sleep(Duration::from_secs(1 + numbers.below(20))).await;
                }
            } else {
                self.consumer.look(&self.exchange, &self.events.control()).await?;
            }
        }
        Ok(())
    }

    /// Until every stream delivers, the book is synced, and nothing has happened for a while.
    async fn recovery(&mut self) -> Result<(), String> {
        self.exchange.clear_faults();
        let now = Instant::now();
        (self.unsynced, self.consumer.moved) = (now, now);
        for stream in self.consumer.streams.values_mut() {
            stream.heard = now;
        }
        let counts = STREAMS.map(|name| (name, self.exchange.journal_len(name)));
        loop {
            self.consume(Instant::now() + Duration::from_millis(995)).await?;
            self.consumer.look(&self.exchange, &self.events.control()).await?;
            let streams = &self.consumer.streams;
            let is_waiting =
                |name: &str, count| streams[name].is_stale || streams[name].published <= count + 2;
            let waiting: Vec<&str> = counts
                .into_iter()
                .filter(|(name, count)| is_waiting(name, *count))
                .map(|(name, _)| name)
                .collect();
            let calm = self.consumer.moved.max(self.unsynced).elapsed() >= CALM;
            if waiting.is_empty() && calm {
                return Ok(());
            }
            if now.elapsed() > RECOVERY {
                return Err(format!("not back to normal: {waiting:?}, calm: {calm}"));
            }
        }
    }

    /// What is on its way arrives.
    async fn last_words(&mut self) -> Result<(), String> {
        self.exchange.pause_market();
        self.consume(Instant::now() + Duration::from_secs(4)).await?;
        let current = self.exchange.order_book("BTCUSDT").unwrap();
        if self.samples.last().is_none_or(|last| last.last_update_id != current.last_update_id) {
            return Err("the book is not up to date at the end".to_owned());
        }
        Ok(())
    }

    fn sums(&self) -> Result<Tally, String> {
        let mut tally = Tally {
            hits: self.handles.iter().map(FaultHandle::hits).sum(),
            lagged: self.consumer.lagged,
            stale: self.consumer.stale,
            ..Tally::default()
        };
        let mut dropped = 0;
        // The announcement of a shutdown is an event, too, and of no stream.
        let mut unknowable: u64 = self
            .handles
            .iter()
            .zip(&self.plan.faults)
            .filter(|(_, fault)| matches!(fault.kind(), FaultKind::ServerShutdown {}))
            .map(|(handle, _)| handle.hits())
            .sum();
        let mut examples = Vec::new();
        for (name, stream) in &self.consumer.streams {
            let sums = compare(&self.exchange.journal(name).events, self.starts[name], &stream.log)
                .map_err(|why| format!("{name}: {why}"))?;
            tally.events += sums.delivered;
            tally.missing += sums.missing;
            unknowable += sums.before;
            if sums.unexplained > 0 {
                examples.push(format!("{} of {name} ({})", sums.unexplained, sums.example));
            }
            if name.contains("kline") && self.plan.loses_frames() {
                unknowable += sums.unexplained;
            } else {
                dropped += sums.unexplained;
            }
        }
        let lagged = self.consumer.lagged;
        if !(dropped..=dropped + unknowable).contains(&lagged) {
            return Err(format!(
                "{dropped} events are missing without a gap ({unknowable} more cannot be known of), and {lagged} were \
                 dropped: {}",
                examples.join(", ")
            ));
        }
        let depth = self.exchange.journal("btcusdt@depth@100ms").events;
        tally.books = compare_books(&self.first_book, &depth, &self.samples)?;
        Ok(tally)
    }
}
