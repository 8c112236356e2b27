//! The owner's side: many books, and what can be done with them.

use super::driver::{Command, Driver};
use super::error::{Error, ErrorKind};
use super::event::{BookEvent, BookEvents};
use super::handle::BookHandle;
use super::product::BookProduct;
use super::task::OwnedTask;
use crate::sync::{BookState, SyncOptions};
use binance_kit_core::{StreamName, Symbol, Topic};
use binance_kit_rest::RestClient;
use binance_kit_stream::{StreamClient, StreamControl};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot};

/// How the books are kept.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// Number of levels of a snapshot.
    pub(super) limit: usize,
    /// Number of levels of a snapshot while many books wait for one.
    pub(super) floor: usize,
    /// Maximum number of snapshots fetched at the same time.
    pub(super) concurrency: usize,
    /// Maximum number of diff streams in one subscription.
    pub(super) streams_per_connection: usize,
    /// How long an interrupted book waits for an event before it takes a snapshot.
    pub(super) quiet_after: Duration,
    /// How often each book is compared with a snapshot.
    pub(super) audit_every: Option<Duration>,
    /// Number of events kept for a slow reader.
    pub(super) events: usize,
    /// Settings of each book.
    pub(super) sync: SyncOptions,
}

/// Builds [`Books`].
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `start`"]
pub struct BooksBuilder<P: BookProduct> {
    /// How often the diff streams send.
    speed: P::Speed,
    /// Opens the streams.
    streams: StreamClient,
    /// Fetches the snapshots.
    rest: RestClient,
    /// All other settings.
    settings: Settings,
    /// Number of levels of a snapshot while many books wait for one.
    floor: Option<usize>,
    /// Whether the books are compared with the exchange's best prices.
    audit_tickers: bool,
}

impl<P: BookProduct> BooksBuilder<P> {
    /// Sets how often the diff streams send; every 100 ms is the default.
    pub fn speed(mut self, speed: P::Speed) -> Self {
        self.speed = speed;
        self
    }

    /// Sets the number of levels of a snapshot, one of those that the exchange offers ([`BookProduct::LIMITS`]; Spot: 100, 500,
    /// 1000, 5000). The default is 1000, a fifth of the request weight of 5000.
    pub fn snapshot_limit(mut self, levels: usize) -> Self {
        self.settings.limit = levels;
        self
    }

    /// Takes snapshots of as few levels as this when so many books wait for one that larger ones would take the request weight of
    /// minutes; such books get a larger one later, while they stay synced. By default snapshots always have the full number of
    /// levels.
    pub fn snapshot_limit_under_pressure(mut self, levels: usize) -> Self {
        self.floor = Some(levels);
        self
    }

    /// Sets how many snapshots are fetched at the same time; the default is 8.
    pub fn concurrent_snapshots(mut self, count: usize) -> Self {
        self.settings.concurrency = count.max(1);
        self
    }

    /// Sets how many diff streams share one subscription, and thus a connection; the default is 1024. No more than the stream
    /// client has on one connection.
    pub fn streams_per_connection(mut self, count: usize) -> Self {
        self.settings.streams_per_connection = count.max(1);
        self
    }

    /// Sets how long a book that lost its connection waits for an event that shows that nothing was missed, before it takes a
    /// snapshot; the default is 2 seconds.
    pub fn quiet_after(mut self, duration: Duration) -> Self {
        self.settings.quiet_after = duration;
        self
    }

    /// Subscribes to the best prices (`bookTicker`) of each symbol as well, and compares them with the book whenever both are of
    /// the same update. A book that has others is stale ([`StaleReason::Contradicted`](crate::StaleReason::Contradicted)) and
    /// resynchronised. [`SyncStats`](crate::SyncStats) counts the comparisons. Costs a second stream for each book, and a busy
    /// one.
    pub fn audit_with_tickers(mut self) -> Self {
        self.audit_tickers = true;
        self
    }

    /// Takes a snapshot of each synced book about once in this time, compares it with the book level by level, and replaces the
    /// book: [`BookEvent::Refreshed`] says how many levels differed. The snapshots are spread over the time, yield to those that
    /// books wait for, and are omitted while more than half of the request weight of a minute is used. At least one second for
    /// each book.
    pub fn audit_with_snapshots(mut self, every: Duration) -> Self {
        self.settings.audit_every = Some(every);
        self
    }

    /// Sets how many events a slow reader of [`Books::next_event`] may be behind before the oldest are dropped; the default is
    /// 4096.
    pub fn event_queue(mut self, events: usize) -> Self {
        self.settings.events = events.clamp(1, 1 << 20);
        self
    }

    /// Sets the limits of each book.
    pub fn sync_options(mut self, options: SyncOptions) -> Self {
        self.settings.sync = options;
        self
    }

    /// Subscribes to the diff streams of these symbols and begins to keep their books. Returns when the streams are
    /// acknowledged; the books are synced a little later, see [`Books::synced`]. Must be called inside a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidSymbol`], [`ErrorKind::InvalidLimit`], or [`ErrorKind::Subscribe`] when the streams could not
    /// be opened. Symbols given twice are kept once.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes whatever was opened.
    pub async fn start(self, symbols: impl IntoIterator<Item: Into<Symbol>>) -> Result<Books<P>, Error> {
        let Self { speed, streams, rest, mut settings, floor, audit_tickers } = self;
        settings.floor = floor.unwrap_or(settings.limit).min(settings.limit);
        if [settings.limit, settings.floor].iter().any(|limit| !P::LIMITS.contains(limit)) {
            return Err(Error::new(ErrorKind::InvalidLimit, None));
        }
        let mut named = BTreeMap::new();
        for symbol in symbols {
            let symbol = symbol.into();
            let stream = name(&symbol, &P::diffs(&symbol, &speed))?;
            named.insert(symbol, stream);
        }
        let mut audited = Vec::new();
        if audit_tickers {
            for symbol in named.keys() {
                audited.push((symbol.clone(), name(symbol, &P::tickers(symbol))?));
            }
        }
        let (commands, commands_end) = mpsc::channel(16);
        let (events, events_end) = broadcast::channel(settings.events);
        let mut driver = Driver::new(rest, settings.clone(), commands_end, events.clone());
        let named: Vec<(Symbol, StreamName)> = named.into_iter().collect();
        let mut handles = BTreeMap::new();
        for group in named.chunks(settings.streams_per_connection) {
            let topics: Vec<_> = group.iter().map(|(symbol, _)| P::diffs(symbol, &speed)).collect();
            let opened = streams.subscribe(topics).await.map_err(Error::stream)?;
            for handle in driver.adopt(group.to_vec(), opened) {
                handles.insert(handle.symbol().clone(), handle);
            }
        }
        let mut tickers = None;
        if audit_tickers {
            let topics: Vec<_> = audited.iter().map(|(symbol, _)| P::tickers(symbol)).collect();
            let opened = streams.subscribe(topics).await.map_err(Error::stream)?;
            tickers = Some(opened.control());
            driver.audit(audited, opened);
        }
        Ok(Books {
            speed,
            streams,
            tickers,
            commands,
            handles: Mutex::new(handles),
            events: events.downgrade(),
            own_events: BookEvents(events_end),
            task: OwnedTask::spawn(driver.run()),
        })
    }
}

/// The name of a symbol's stream.
fn name<E>(symbol: &Symbol, topic: &Topic<E>) -> Result<StreamName, Error> {
    topic.info().map(|info| info.name.clone()).map_err(|error| Error::name(symbol, error.clone()))
}

/// The books of any number of symbols, kept by one task. Dropping it ends the task and closes the streams; the handles stay
/// readable, and stale.
///
/// ```no_run
/// # #[cfg(feature = "spot")]
/// # async fn example(context: &binance_kit_net::Context) -> Result<(), Box<dyn std::error::Error>> {
/// use binance_kit_book::{BookView, Books};
/// # use binance_kit_core::product::Spot;
/// # use binance_kit_net::Environment;
/// # use binance_kit_rest::RestClient;
/// # use binance_kit_stream::StreamClient;
///
/// let environment = Environment::market_data_only();
/// let streams = StreamClient::new(context, &environment)?;
/// let rest = RestClient::builder(context, &environment).build()?;
/// let books = Books::start(Spot, &streams, &rest, ["BTCUSDT", "ETHUSDT"]).await?;
/// let mut btc = books.synced("BTCUSDT").await?;
/// while btc.changed().await.is_ok() {
///     btc.with(|view| match view {
///         BookView::Synced(book) => println!("{:?} {:?}", book.best_bid(), book.best_ask()),
///         other => println!("{}", other.state()),
///     });
/// }
/// # Ok(())
/// # }
/// ```
pub struct Books<P: BookProduct> {
    /// How often the diff streams send.
    speed: P::Speed,
    /// Opens the streams of symbols that are added.
    streams: StreamClient,
    /// Changes the subscription to the best prices, if the books are audited with them.
    tickers: Option<StreamControl<P::Ticker>>,
    /// The task's input.
    commands: mpsc::Sender<Command<P>>,
    /// The handle of each book.
    handles: Mutex<BTreeMap<Symbol, BookHandle>>,
    /// Where events come from; weak, so that they end with the task.
    events: broadcast::WeakSender<BookEvent>,
    /// The events for the owner, from the start on.
    own_events: BookEvents,
    /// The task; it ends with this value.
    task: OwnedTask,
}

impl<P: BookProduct> fmt::Debug for Books<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Books").field("books", &self.states()).finish_non_exhaustive()
    }
}

impl<P: BookProduct> Books<P> {
    /// Keeps the books of these symbols with default settings; see [`BooksBuilder::start`].
    ///
    /// # Errors
    ///
    /// As [`BooksBuilder::start`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes whatever was opened.
    pub async fn start(
        product: P,
        streams: &StreamClient,
        rest: &RestClient,
        symbols: impl IntoIterator<Item: Into<Symbol>>,
    ) -> Result<Self, Error> {
        Self::builder(product, streams, rest).start(symbols).await
    }

    /// Configures the books of a product. `streams` and `rest` must lead to the same exchange.
    pub fn builder(_: P, streams: &StreamClient, rest: &RestClient) -> BooksBuilder<P> {
        BooksBuilder {
            speed: P::default_speed(),
            streams: streams.clone(),
            rest: rest.clone(),
            settings: Settings {
                limit: 1000,
                floor: 1000,
                concurrency: 8,
                streams_per_connection: 1024,
                quiet_after: Duration::from_secs(2),
                audit_every: None,
                events: 4096,
                sync: SyncOptions::default(),
            },
            floor: None,
            audit_tickers: false,
        }
    }

    fn handles(&self) -> MutexGuard<'_, BTreeMap<Symbol, BookHandle>> {
        self.handles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the book of a symbol; `None` when it is not kept.
    pub fn book(&self, symbol: impl Into<Symbol>) -> Option<BookHandle> {
        self.handles().get(&symbol.into()).cloned()
    }

    /// Waits until the book of a symbol is synced, and returns it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotKept`] when the symbol was neither given at the start nor added, and the errors of
    /// [`BookHandle::until_synced`]: a symbol that the exchange does not know is [`ErrorKind::Refused`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops waiting.
    pub async fn synced(&self, symbol: impl Into<Symbol>) -> Result<BookHandle, Error> {
        let symbol = symbol.into();
        let book = self.book(symbol.clone()).ok_or_else(|| Error::new(ErrorKind::NotKept, Some(&symbol)))?;
        book.until_synced().await?;
        Ok(book)
    }

    /// Returns the symbols that are kept, in order.
    pub fn symbols(&self) -> Vec<Symbol> {
        self.handles().keys().cloned().collect()
    }

    /// Returns whether each book can be trusted.
    pub fn states(&self) -> BTreeMap<Symbol, BookState> {
        self.handles().iter().map(|(symbol, handle)| (symbol.clone(), handle.state())).collect()
    }

    /// Returns the next event of any book, from the start on; `None` once the task has ended. A slow reader loses the oldest
    /// events and gets [`BookEvent::Lagged`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next_event(&mut self) -> Option<BookEvent> {
        self.own_events.next().await
    }

    /// Returns the events from now on, for a further reader.
    pub fn events(&self) -> BookEvents {
        match self.events.upgrade() {
            Some(events) => BookEvents(events.subscribe()),
            // The task has ended: the end is all there is to read.
            None => BookEvents(broadcast::channel(1).1),
        }
    }

    /// Keeps the book of a further symbol. Returns when its stream is acknowledged.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Duplicate`] when it is kept already, [`ErrorKind::InvalidSymbol`], [`ErrorKind::Subscribe`], or
    /// [`ErrorKind::Stopped`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may leave the symbol half added, without a handle; [`Books::remove`] removes it.
    pub async fn add(&self, symbol: impl Into<Symbol>) -> Result<BookHandle, Error> {
        let symbol = symbol.into();
        let topic = P::diffs(&symbol, &self.speed);
        let stream = name(&symbol, &topic)?;
        let (reply, answer) = oneshot::channel();
        self.send(Command::Add(symbol.clone(), stream, reply)).await?;
        let added = answer.await.map_err(|_| Error::new(ErrorKind::Stopped, None))?;
        let Some(added) = added else { return Err(Error::new(ErrorKind::Duplicate, Some(&symbol))) };
        let opened = match added.streams {
            Some(streams) => streams.subscribe([topic]).await.map(|()| None),
            None => self.streams.subscribe([topic]).await.map(Some),
        };
        match opened {
            Ok(opened) => self.send(Command::Subscribed(added.slot, opened)).await?,
            Err(error) => {
                let (reply, _) = oneshot::channel();
                self.send(Command::Remove(symbol, reply)).await?;
                return Err(Error::stream(error));
            }
        }
        if let Some(tickers) = &self.tickers
            && let Err(error) = self.audit(tickers, added.slot, &symbol).await
        {
            // The book is added with its audit or not at all.
            let _ = self.remove(symbol).await;
            return Err(error);
        }
        self.handles().insert(symbol, added.handle.clone());
        Ok(added.handle)
    }

    /// Subscribes to the best prices of a book.
    async fn audit(
        &self,
        tickers: &StreamControl<P::Ticker>,
        slot: usize,
        symbol: &Symbol,
    ) -> Result<(), Error> {
        let topic = P::tickers(symbol);
        self.send(Command::Audit(slot, name(symbol, &topic)?)).await?;
        tickers.subscribe([topic]).await.map_err(Error::stream)
    }

    /// Stops keeping the book of a symbol. Returns `false` when it is not kept. Its handles are stale from then on.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Subscribe`] when the exchange did not acknowledge the end of its stream (the book is removed nevertheless),
    /// or [`ErrorKind::Stopped`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not undo what it began.
    pub async fn remove(&self, symbol: impl Into<Symbol>) -> Result<bool, Error> {
        let symbol = symbol.into();
        self.handles().remove(&symbol);
        let (reply, answer) = oneshot::channel();
        self.send(Command::Remove(symbol.clone(), reply)).await?;
        let removed = answer.await.map_err(|_| Error::new(ErrorKind::Stopped, None))?;
        let Some(streams) = removed else { return Ok(false) };
        // Both are unsubscribed, whether or not the first succeeds.
        let books = match streams {
            Some(streams) => {
                streams.unsubscribe([P::diffs(&symbol, &self.speed)]).await.map_err(Error::stream)
            }
            None => Ok(()),
        };
        if let Some(tickers) = &self.tickers {
            tickers.unsubscribe([P::tickers(&symbol)]).await.map_err(Error::stream)?;
        }
        books?;
        Ok(true)
    }

    async fn send(&self, command: Command<P>) -> Result<(), Error> {
        self.commands.send(command).await.map_err(|_| Error::new(ErrorKind::Stopped, None))
    }

    /// Closes the streams with closing frames and ends the task.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the task without closing frames.
    pub async fn stop(self) {
        let (done, stopped) = oneshot::channel();
        if self.commands.send(Command::Stop(done)).await.is_ok() {
            let _ = stopped.await;
        }
        self.task.join().await;
    }
}
