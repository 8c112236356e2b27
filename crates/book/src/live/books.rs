//! The owner's end: many books, and what can be done with them.

use super::driver::{Command, Driver};
use super::error::{Error, ErrorKind};
use super::event::{BookEvent, BookEvents};
use super::handle::BookHandle;
use super::market::BookMarket;
use super::task::OwnedTask;
use crate::sync::{BookState, SyncOptions};
use binance_kit_core::{StreamName, Symbol};
use binance_kit_rest::RestClient;
use binance_kit_stream::{StreamClient, StreamControl};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot};

/// How the books are kept.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) limit: usize,
    pub(super) floor: usize,
    pub(super) concurrency: usize,
    pub(super) streams_per_connection: usize,
    pub(super) quiet_after: Duration,
    pub(super) audit_every: Option<Duration>,
    pub(super) events: usize,
    pub(super) sync: SyncOptions,
}

/// Sets up a [`LocalBooks`].
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `start`"]
pub struct LocalBooksBuilder<M> {
    market: M,
    streams: StreamClient,
    rest: RestClient,
    settings: Settings,
    floor: Option<usize>,
    audit_tickers: bool,
}

impl<M: BookMarket> LocalBooksBuilder<M> {
    /// The number of levels of a snapshot, one of those that the exchange offers (spot: 100, 500, 1000, 5000). 1000 without it:
    /// a fifth of the request weight of 5000.
    pub fn snapshot_limit(mut self, levels: usize) -> Self {
        self.settings.limit = levels;
        self
    }

    /// Takes snapshots of as few levels as this when so many books wait for one that larger ones would take the request weight of
    /// minutes; such books get a larger one later, while they stay synced. Without it snapshots always have
    /// the full number of levels.
    pub fn snapshot_limit_under_pressure(mut self, levels: usize) -> Self {
        self.floor = Some(levels);
        self
    }

    /// How many snapshots are fetched at the same time; 8 without it.
    pub fn concurrent_snapshots(mut self, count: usize) -> Self {
        self.settings.concurrency = count.max(1);
        self
    }

    /// How many diff streams share one subscription, and thus the fate of its connection; 1024 without it. No more than the
    /// stream client has on one connection.
    pub fn streams_per_connection(mut self, count: usize) -> Self {
        self.settings.streams_per_connection = count.max(1);
        self
    }

    /// How long a book that lost its connection waits for an event that shows that nothing was missed, before it takes a
    /// snapshot; 2 seconds without it.
    pub fn quiet_after(mut self, duration: Duration) -> Self {
        self.settings.quiet_after = duration;
        self
    }

    /// Subscribes to the best prices (`bookTicker`) of each symbol, too, and compares them with the book whenever both tell of the
    /// same update. A book that has others is stale ([`StaleReason::Contradicted`](crate::StaleReason::Contradicted)) and
    /// repaired. [`SyncStats`](crate::SyncStats) counts the comparisons. Costs a second stream for each book, and a busy one.
    pub fn audit_with_tickers(mut self) -> Self {
        self.audit_tickers = true;
        self
    }

    /// Takes a snapshot of each synced book about once in this time, compares it with the book level by level, and puts it
    /// in its place: [`BookEvent::Refreshed`] says how many levels differed. The snapshots are spread over the time, give way to
    /// those that books wait for, and are left out while more than half of the request weight of a minute is used. At least one
    /// second for each book.
    pub fn audit_with_snapshots(mut self, every: Duration) -> Self {
        self.settings.audit_every = Some(every);
        self
    }

    /// How many events a slow reader of [`LocalBooks::next_event`] may be behind before the oldest are dropped; 4096
    /// without it.
    pub fn event_queue(mut self, events: usize) -> Self {
        self.settings.events = events.clamp(1, 1 << 20);
        self
    }

    /// Bounds and habits of each book.
    pub fn sync_options(mut self, options: SyncOptions) -> Self {
        self.settings.sync = options;
        self
    }

    /// Subscribes to the diff streams of these symbols and begins to keep their books. Returns when the streams are
    /// acknowledged; the books are synced a little later, see [`BookHandle::until_synced`]. Must be called inside a tokio
    /// runtime.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidSymbol`], [`ErrorKind::InvalidLimit`], or [`ErrorKind::Subscribe`] when the streams could not
    /// be opened. Symbols given twice are kept once.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes whatever was opened.
    pub async fn start(self, symbols: impl IntoIterator<Item: Into<Symbol>>) -> Result<LocalBooks<M>, Error> {
        let Self { market, streams, rest, mut settings, floor, audit_tickers } = self;
        settings.floor = floor.unwrap_or(settings.limit).min(settings.limit);
        if [settings.limit, settings.floor].iter().any(|limit| !M::LIMITS.contains(limit)) {
            return Err(Error::new(ErrorKind::InvalidLimit, None));
        }
        let mut named = BTreeMap::new();
        for symbol in symbols {
            let symbol = symbol.into();
            let stream = market.stream(&symbol).map_err(|error| Error::name(&symbol, error))?;
            named.insert(symbol, stream);
        }
        let mut told = Vec::new();
        if audit_tickers {
            for symbol in named.keys() {
                let stream = market.ticker_stream(symbol).map_err(|error| Error::name(symbol, error))?;
                told.push((symbol.clone(), stream));
            }
        }
        let market = Arc::new(market);
        let (commands, commands_end) = mpsc::channel(16);
        let (events, events_end) = broadcast::channel(settings.events);
        let mut driver =
            Driver::new(Arc::clone(&market), rest, settings.clone(), commands_end, events.clone());
        let named: Vec<(Symbol, StreamName)> = named.into_iter().collect();
        let mut handles = BTreeMap::new();
        for group in named.chunks(settings.streams_per_connection) {
            let wanted = group.iter().map(|(_, stream)| stream.clone());
            let opened = streams.subscribe::<M::Diff>(wanted).await.map_err(Error::stream)?;
            for handle in driver.adopt(group.to_vec(), opened) {
                handles.insert(handle.symbol().clone(), handle);
            }
        }
        let mut tickers = None;
        if audit_tickers {
            let wanted = told.iter().map(|(_, stream)| stream.clone());
            let opened = streams.subscribe::<M::Ticker>(wanted).await.map_err(Error::stream)?;
            tickers = Some(opened.control());
            driver.audit(told, opened);
        }
        Ok(LocalBooks {
            market,
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

/// The books of any number of symbols, kept by one task. Dropping it ends the task and closes the streams; the handles stay
/// readable, and stale.
pub struct LocalBooks<M: BookMarket> {
    market: Arc<M>,
    streams: StreamClient,
    tickers: Option<StreamControl<M::Ticker>>,
    commands: mpsc::Sender<Command<M>>,
    handles: Mutex<BTreeMap<Symbol, BookHandle>>,
    events: broadcast::WeakSender<BookEvent>,
    own_events: BookEvents,
    task: OwnedTask,
}

impl<M: BookMarket> fmt::Debug for LocalBooks<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalBooks").field("books", &self.states()).finish_non_exhaustive()
    }
}

impl<M: BookMarket> LocalBooks<M> {
    /// Sets up books of a market. `streams` and `rest` must lead to the same exchange.
    pub fn builder(market: M, streams: &StreamClient, rest: &RestClient) -> LocalBooksBuilder<M> {
        LocalBooksBuilder {
            market,
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

    /// The book of a symbol; `None` when it is not kept.
    pub fn book(&self, symbol: impl Into<Symbol>) -> Option<BookHandle> {
        self.handles().get(&symbol.into()).cloned()
    }

    /// The symbols that are kept, in order.
    pub fn symbols(&self) -> Vec<Symbol> {
        self.handles().keys().cloned().collect()
    }

    /// How far each book can be trusted.
    pub fn states(&self) -> BTreeMap<Symbol, BookState> {
        self.handles().iter().map(|(symbol, handle)| (symbol.clone(), handle.state())).collect()
    }

    /// The next event of any book, from the start on; `None` once the task has ended. A reader that is slow loses the oldest
    /// ones and is told so.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next_event(&mut self) -> Option<BookEvent> {
        self.own_events.next().await
    }

    /// The events from now on, for a reader of its own.
    pub fn events(&self) -> BookEvents {
        match self.events.upgrade() {
            Some(events) => BookEvents(events.subscribe()),
            // The task has ended: an end is all there is to read.
            None => BookEvents(broadcast::channel(1).1),
        }
    }

    /// Keeps the book of one more symbol. Returns when its stream is acknowledged.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Duplicate`] when it is kept already, [`ErrorKind::InvalidSymbol`], [`ErrorKind::Subscribe`], or
    /// [`ErrorKind::Stopped`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may leave the symbol half added, without a handle; [`LocalBooks::remove`] takes it away.
    pub async fn add(&self, symbol: impl Into<Symbol>) -> Result<BookHandle, Error> {
        let symbol = symbol.into();
        let stream = self.market.stream(&symbol).map_err(|error| Error::name(&symbol, error))?;
        let (reply, answer) = oneshot::channel();
        self.send(Command::Add(symbol.clone(), stream.clone(), reply)).await?;
        let added = answer.await.map_err(|_| Error::new(ErrorKind::Stopped, None))?;
        let Some(added) = added else { return Err(Error::new(ErrorKind::Duplicate, Some(&symbol))) };
        let opened = match added.streams {
            Some(streams) => streams.subscribe([stream]).await.map(|()| None),
            None => self.streams.subscribe::<M::Diff>([stream]).await.map(Some),
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
            // All of it or nothing.
            let _ = self.remove(symbol).await;
            return Err(error);
        }
        self.handles().insert(symbol, added.handle.clone());
        Ok(added.handle)
    }

    /// Subscribes to the best prices of a book.
    async fn audit(
        &self,
        tickers: &StreamControl<M::Ticker>,
        slot: usize,
        symbol: &Symbol,
    ) -> Result<(), Error> {
        let stream = self.market.ticker_stream(symbol).map_err(|error| Error::name(symbol, error))?;
        self.send(Command::Audit(slot, stream.clone())).await?;
        tickers.subscribe([stream]).await.map_err(Error::stream)
    }

    /// Gives up the book of a symbol; `false` when it is not kept. Its handles are stale from then on.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Subscribe`] when the exchange did not acknowledge that its stream was given up (the book is gone
    /// nevertheless), or [`ErrorKind::Stopped`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not take back what it began.
    pub async fn remove(&self, symbol: impl Into<Symbol>) -> Result<bool, Error> {
        let symbol = symbol.into();
        self.handles().remove(&symbol);
        let (reply, answer) = oneshot::channel();
        self.send(Command::Remove(symbol.clone(), reply)).await?;
        let removed = answer.await.map_err(|_| Error::new(ErrorKind::Stopped, None))?;
        let Some((stream, streams)) = removed else { return Ok(false) };
        // Both are given up, whatever becomes of the first.
        let books = match streams {
            Some(streams) => streams.unsubscribe([stream]).await.map_err(Error::stream),
            None => Ok(()),
        };
        if let (Some(tickers), Ok(stream)) = (&self.tickers, self.market.ticker_stream(&symbol)) {
            tickers.unsubscribe([stream]).await.map_err(Error::stream)?;
        }
        books?;
        Ok(true)
    }

    async fn send(&self, command: Command<M>) -> Result<(), Error> {
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
