//! The task that keeps the books: takes diffs from the streams, fetches snapshots, and hands both to the state machines.

use super::books::Settings;
use super::event::BookEvent;
use super::handle::BookHandle;
use super::market::BookMarket;
use super::schedule::{Job, Schedule, Timer, delay, levels_for};
use super::slot::Slot;
use super::{handle::BookCell, handle::Notice};
use crate::input::BestPrices as _;
use crate::sync::{BookSync, SnapshotTicket, SyncOutcome};
use binance_kit_core::{Request, StreamEvent, StreamName, Symbol};
use binance_kit_rest::RestClient;
use binance_kit_stream::{EventStream, Item, StateChange, StreamControl};
use futures_core::Stream as _;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

/// Diffs taken in a row before anything else is looked at.
const BATCH: usize = 64;

/// The answer of the depth request of a market.
type Answer<M> = <<M as BookMarket>::Request as Request>::Response;

/// A book that was taken in.
pub(super) struct Added<M: BookMarket> {
    pub(super) slot: usize,
    pub(super) handle: BookHandle,
    /// The streams to which its own is to be added; `None` when new ones must be opened.
    pub(super) streams: Option<StreamControl<M::Diff>>,
}

/// A book that was given up: its stream, and what it is to be unsubscribed from.
pub(super) type Removed<M> = (StreamName, Option<StreamControl<<M as BookMarket>::Diff>>);

/// What the owner asks of the task.
pub(super) enum Command<M: BookMarket> {
    /// Takes in a book. `None` as the answer when it is there already.
    Add(Symbol, StreamName, oneshot::Sender<Option<Added<M>>>),
    /// The stream of a book is acknowledged; with the streams that were opened for it.
    Subscribed(usize, Option<EventStream<M::Diff>>),
    /// The best prices of a book are told by this stream.
    Audit(usize, StreamName),
    /// Gives up a book, and says on which streams it was.
    Remove(Symbol, oneshot::Sender<Option<Removed<M>>>),
    /// Closes the streams and ends.
    Stop(oneshot::Sender<()>),
}

/// Streams that share a fate: those of one subscription.
struct Group<M: BookMarket> {
    /// `None` until it is opened, and once it has ended.
    events: Option<EventStream<M::Diff>>,
    members: usize,
    /// The connections that are down.
    down: BTreeSet<usize>,
}

struct Fetched<M: BookMarket> {
    job: Job,
    limit: usize,
    result: Result<Answer<M>, binance_kit_rest::Error>,
}

pub(super) struct Driver<M: BookMarket> {
    market: Arc<M>,
    rest: RestClient,
    settings: Settings,
    offered: Vec<(usize, u32)>,
    /// By a number that is never given twice, so that an answer that comes late cannot reach another book.
    slots: BTreeMap<usize, Slot>,
    next_slot: usize,
    by_stream: HashMap<StreamName, usize>,
    groups: Vec<Group<M>>,
    turn: usize,
    /// The best prices, if the books are audited with them.
    tickers: Option<EventStream<M::Ticker>>,
    by_ticker: HashMap<StreamName, usize>,
    /// The book that was compared with a snapshot last.
    audited: usize,
    schedule: Schedule,
    fetches: JoinSet<Fetched<M>>,
    fetching: HashMap<tokio::task::Id, Job>,
    commands: mpsc::Receiver<Command<M>>,
    events: broadcast::Sender<BookEvent>,
}

impl<M: BookMarket> Driver<M> {
    pub(super) fn new(
        market: Arc<M>,
        rest: RestClient,
        settings: Settings,
        commands: mpsc::Receiver<Command<M>>,
        events: broadcast::Sender<BookEvent>,
    ) -> Self {
        let any = Symbol::new("A");
        let offered = M::LIMITS.iter().map(|&limit| (limit, market.request(&any, limit).cost().ip)).collect();
        Self {
            market,
            rest,
            settings,
            offered,
            slots: BTreeMap::new(),
            next_slot: 0,
            by_stream: HashMap::new(),
            groups: Vec::new(),
            turn: 0,
            tickers: None,
            by_ticker: HashMap::new(),
            audited: 0,
            schedule: Schedule::default(),
            fetches: JoinSet::new(),
            fetching: HashMap::new(),
            commands,
            events,
        }
    }

    /// Takes in books whose streams are open already.
    pub(super) fn adopt(
        &mut self,
        symbols: Vec<(Symbol, StreamName)>,
        events: EventStream<M::Diff>,
    ) -> Vec<BookHandle> {
        let group = self.groups.len();
        self.groups.push(Group { events: Some(events), members: 0, down: BTreeSet::new() });
        symbols.into_iter().map(|(symbol, stream)| self.insert(symbol, stream, group).1).collect()
    }

    /// Takes in the best prices of books.
    pub(super) fn audit(&mut self, symbols: Vec<(Symbol, StreamName)>, tickers: EventStream<M::Ticker>) {
        self.tickers = Some(tickers);
        let slots: HashMap<&Symbol, usize> =
            self.slots.iter().map(|(number, slot)| (&slot.symbol, *number)).collect();
        let known = symbols.into_iter().filter_map(|(symbol, stream)| Some((stream, *slots.get(&symbol)?)));
        let by_ticker: Vec<(StreamName, usize)> = known.collect();
        self.by_ticker.extend(by_ticker);
    }

    fn insert(&mut self, symbol: Symbol, stream: StreamName, group: usize) -> (usize, BookHandle) {
        let sync = BookSync::with_options(M::RULE, self.settings.sync.clone());
        let (cell, handle) = BookCell::new(symbol.clone(), sync);
        let index = self.next_slot;
        self.next_slot += 1;
        self.slots.insert(index, Slot::new(symbol, stream.clone(), group, cell));
        self.by_stream.insert(stream, index);
        if let Some(group) = self.groups.get_mut(group) {
            group.members += 1;
        }
        (index, handle)
    }

    /// Runs until the owner is gone or asks for the end.
    pub(super) async fn run(mut self) {
        self.plan_audit();
        let mut armed = self.now();
        let mut sleep = pin!(tokio::time::sleep_until(armed));
        let mut taken = 0;
        loop {
            self.timers();
            self.start_fetches();
            let due = self.schedule.next_due();
            if let Some(due) = due
                && due != armed
            {
                armed = due;
                sleep.as_mut().reset(due);
            }
            // Streams do not take part in the runtime's budget, so that others would never get a turn under load.
            taken += 1;
            if taken >= BATCH {
                taken = 0;
                tokio::task::yield_now().await;
            }
            let Self { commands, fetches, groups, turn, tickers, .. } = &mut self;
            tokio::select! {
                biased;
                command = commands.recv() => match command {
                    Some(Command::Stop(done)) => {
                        self.close().await;
                        let _ = done.send(());
                        return;
                    }
                    Some(command) => self.command(command),
                    None => return,
                },
                Some(fetched) = fetches.join_next_with_id(), if !fetches.is_empty() => {
                    self.fetch_ended(fetched);
                }
                () = &mut sleep, if due.is_some() => {}
                (group, item) = poll_fn(|cx| poll_groups(groups, turn, cx)) => {
                    self.item(group, item);
                    self.drain().await;
                }
                told = poll_fn(|cx| poll_tickers(tickers.as_mut(), cx)) => self.told(told),
            }
        }
    }

    /// Takes what is ready without looking at anything else, up to a batch.
    async fn drain(&mut self) {
        for _ in 0..BATCH {
            let Self { groups, turn, .. } = self;
            let ready = poll_fn(|cx| {
                Poll::Ready(match poll_groups(groups, turn, cx) {
                    Poll::Ready(taken) => Some(taken),
                    Poll::Pending => None,
                })
            })
            .await;
            match ready {
                Some((group, item)) => self.item(group, item),
                None => return,
            }
        }
    }

    fn now(&self) -> Instant {
        self.rest.context().clock().monotonic()
    }

    fn command(&mut self, command: Command<M>) {
        match command {
            Command::Add(symbol, stream, reply) => {
                let added =
                    if self.by_stream.contains_key(&stream) { None } else { Some(self.add(symbol, stream)) };
                if let Err(Some(added)) = reply.send(added) {
                    // The caller is gone, and nobody will subscribe.
                    self.forget(added.slot);
                }
            }
            Command::Subscribed(slot, events) => {
                if let (Some(events), Some(book)) = (events, self.slots.get(&slot))
                    && let Some(group) = self.groups.get_mut(book.group)
                {
                    group.events = Some(events);
                }
                self.connected(slot);
            }
            Command::Audit(slot, stream) => {
                self.by_ticker.insert(stream, slot);
            }
            Command::Remove(symbol, reply) => {
                let slot = self.slots.iter().find(|(_, slot)| slot.symbol == symbol).map(|(slot, _)| *slot);
                let removed = slot.and_then(|slot| self.forget(slot)).map(|slot| {
                    let group = self.groups.get(slot.group);
                    let streams = group.and_then(|group| group.events.as_ref()).map(EventStream::control);
                    (slot.stream, streams)
                });
                let _ = reply.send(removed);
            }
            Command::Stop(_) => {}
        }
    }

    fn add(&mut self, symbol: Symbol, stream: StreamName) -> Added<M> {
        let room = self
            .groups
            .iter()
            .position(|group| group.events.is_some() && group.members < self.settings.streams_per_connection);
        let group = room.unwrap_or_else(|| {
            self.groups.push(Group { events: None, members: 0, down: BTreeSet::new() });
            self.groups.len() - 1
        });
        let (slot, handle) = self.insert(symbol, stream, group);
        let streams =
            self.groups.get(group).and_then(|group| group.events.as_ref()).map(EventStream::control);
        Added { slot, handle, streams }
    }

    /// What was told of best prices; everything else of these streams makes no difference to the books.
    fn told(&mut self, item: Option<Item<M::Ticker>>) {
        match item {
            Some(Item::Event(event)) => {
                if let Some(&slot) = self.by_ticker.get(&event.stream)
                    && let Some(touch) = event.event.touch()
                {
                    self.change(slot, |sync| sync.on_touch(touch));
                }
            }
            Some(_) => {}
            None => self.tickers = None,
        }
    }

    /// Plans the next comparison with a snapshot.
    fn plan_audit(&mut self) {
        if let Some(every) = self.settings.audit_every {
            let books = u32::try_from(self.slots.len().max(1)).unwrap_or(u32::MAX);
            let when = self.now() + (every / books).max(Duration::from_secs(1));
            self.schedule.at(when, Timer::Audit);
        }
    }

    /// Compares the next synced book with a snapshot, if there is request weight to spare.
    fn audit_next(&mut self) {
        self.plan_audit();
        let (used, allowed) = self.rest.context().governor().usage(binance_kit_core::Api::Spot);
        if used > allowed / 2 || self.schedule.waiting() > 0 {
            return;
        }
        let audited = self.audited;
        let (after, before) = (self.slots.range(audited + 1..), self.slots.range(..=audited));
        let next = after
            .chain(before)
            .find(|(_, slot)| slot.cell.read(|sync| sync.state().is_synced() && sync.awaited().is_none()));
        if let Some((&slot, book)) = next {
            self.audited = slot;
            let ticket = book.cell.write(BookSync::request_snapshot);
            self.schedule.fetch(Job { slot, ticket, urgent: false }, self.now(), Duration::ZERO);
        }
    }

    fn forget(&mut self, slot: usize) -> Option<Slot> {
        let forgotten = self.slots.remove(&slot)?;
        self.by_ticker.retain(|_, told| *told != slot);
        self.by_stream.remove(&forgotten.stream);
        if let Some(group) = self.groups.get_mut(forgotten.group) {
            group.members = group.members.saturating_sub(1);
        }
        retire(&forgotten);
        Some(forgotten)
    }

    fn item(&mut self, group: usize, item: Option<Item<M::Diff>>) {
        match item {
            Some(Item::Event(event)) => {
                if let Some(&slot) = self.by_stream.get(&event.stream) {
                    self.change(slot, |sync| sync.on_diff(&event.event));
                }
            }
            Some(Item::State(StateChange::Connected { connection, .. })) => {
                let all_up = self.groups.get_mut(group).is_some_and(|group| {
                    group.down.remove(&connection);
                    group.down.is_empty()
                });
                if all_up {
                    self.members(group).into_iter().for_each(|slot| self.connected(slot));
                }
            }
            Some(Item::State(StateChange::Disconnected { connection, .. })) => {
                if let Some(group) = self.groups.get_mut(group) {
                    group.down.insert(connection);
                }
                self.members(group).into_iter().for_each(|slot| self.disconnected(slot));
            }
            Some(Item::Malformed { stream: Some(stream), .. }) => {
                if let Some(&slot) = self.by_stream.get(&stream) {
                    self.lost(slot);
                }
            }
            Some(Item::Malformed { stream: None, .. } | Item::Lagged(_)) => {
                self.members(group).into_iter().for_each(|slot| self.lost(slot));
            }
            Some(Item::Refused { streams, error }) => {
                for slot in streams
                    .iter()
                    .filter_map(|stream| self.by_stream.get(stream).copied())
                    .collect::<Vec<_>>()
                {
                    self.disconnected(slot);
                    if let Some(slot) = self.slots.get_mut(&slot) {
                        slot.refused = true;
                        let event =
                            BookEvent::StreamRefused { symbol: slot.symbol.clone(), error: error.clone() };
                        let _ = self.events.send(event);
                    }
                }
            }
            Some(_) => {}
            None => {
                if let Some(group) = self.groups.get_mut(group) {
                    group.events = None;
                }
                self.members(group).into_iter().for_each(|slot| self.disconnected(slot));
            }
        }
    }

    fn members(&self, group: usize) -> Vec<usize> {
        self.slots.iter().filter(|(_, slot)| slot.group == group).map(|(slot, _)| *slot).collect()
    }

    /// Hands an input to a book and does what it asks for.
    fn change(&mut self, slot: usize, input: impl FnOnce(&mut BookSync) -> SyncOutcome) {
        let Some(book) = self.slots.get_mut(&slot) else { return };
        let outcome = book.cell.write(input);
        book.announce(outcome.change, &self.events);
        if let Some(ticket) = outcome.request {
            self.request(slot, ticket, Duration::ZERO);
        }
    }

    /// Plans a snapshot, not before `at_least`.
    fn request(&mut self, slot: usize, ticket: SnapshotTicket, at_least: Duration) {
        let now = self.now();
        let Some(book) = self.slots.get_mut(&slot) else { return };
        let (attempt, owed) = book.next_attempt(now);
        let random = self.rest.context().random();
        let wait = delay(attempt, |bound| random.below(bound)).max(owed).max(at_least);
        let urgent = !book.cell.read(|sync| sync.state().is_synced());
        self.schedule.fetch(Job { slot, ticket, urgent }, now, wait);
    }

    fn connected(&mut self, slot: usize) {
        if let Some(book) = self.slots.get_mut(&slot)
            && !book.connected
            && !book.refused
        {
            book.connected = true;
            self.change(slot, BookSync::on_connected);
            self.give_time(slot);
        }
    }

    fn disconnected(&mut self, slot: usize) {
        if let Some(book) = self.slots.get_mut(&slot) {
            book.connected = false;
        }
        self.change(slot, BookSync::on_disconnected);
    }

    fn lost(&mut self, slot: usize) {
        self.change(slot, BookSync::on_lost);
        self.give_time(slot);
    }

    /// A book that may go on by itself gets a while for it.
    fn give_time(&mut self, slot: usize) {
        if let Some(book) = self.slots.get(&slot)
            && book.cell.read(BookSync::is_resumable)
        {
            let when = self.now() + self.settings.quiet_after;
            self.schedule.at(when, Timer::Quiet(slot));
        }
    }

    fn timers(&mut self) {
        while let Some(timer) = self.schedule.due(self.now()) {
            if timer == Timer::Audit {
                self.audit_next();
            }
            if let Timer::Quiet(slot) = timer
                && let Some(book) = self.slots.get(&slot)
                && book.connected
                && book.cell.read(|sync| sync.is_resumable() && sync.awaited().is_none())
            {
                let ticket = book.cell.write(BookSync::request_snapshot);
                self.request(slot, ticket, Duration::ZERO);
            }
        }
    }

    fn start_fetches(&mut self) {
        while self.fetches.len() < self.settings.concurrency
            && let Some(job) = self.schedule.next_job()
        {
            let waiting = self.schedule.waiting() + self.fetches.len() + 1;
            let (used, allowed) = self.rest.context().governor().usage(binance_kit_core::Api::Spot);
            let Settings { floor, limit, .. } = self.settings;
            let levels = levels_for(&self.offered, floor, limit, waiting, allowed.saturating_sub(used));
            self.fetch(job, levels);
        }
        if self.settings.floor == self.settings.limit {
            return;
        }
        while self.fetches.len() < self.settings.concurrency {
            let (used, allowed) = self.rest.context().governor().usage(binance_kit_core::Api::Spot);
            if used > allowed / 2 {
                let now = self.now();
                return self.schedule.improve_later(now);
            }
            let Some(slot) = self.schedule.next_improvement() else { return };
            if let Some(book) = self.slots.get(&slot)
                && book.cell.read(|sync| sync.state().is_synced() && sync.awaited().is_none())
            {
                let ticket = book.cell.write(BookSync::request_snapshot);
                self.fetch(Job { slot, ticket, urgent: false }, self.settings.limit);
            }
        }
    }

    fn fetch(&mut self, job: Job, limit: usize) {
        let Some(book) = self.slots.get(&job.slot) else { return };
        if !book.awaits(job.ticket) {
            return;
        }
        let request = self.market.request(&book.symbol, limit);
        let rest = self.rest.clone();
        let handle = self.fetches.spawn(async move {
            let result = rest.send(request).await.map(binance_kit_rest::RestResponse::into_value);
            Fetched { job, limit, result }
        });
        self.fetching.insert(handle.id(), job);
    }

    fn fetch_ended(&mut self, ended: Result<(tokio::task::Id, Fetched<M>), JoinError>) {
        match ended {
            Ok((id, fetched)) => {
                self.fetching.remove(&id);
                self.fetched(fetched);
            }
            Err(error) => {
                // A panic in somebody's decoder must not leave the book waiting for ever.
                tracing::error!(%error, "fetching a snapshot panicked");
                if let Some(job) = self.fetching.remove(&error.id()) {
                    self.request(job.slot, job.ticket, Duration::ZERO);
                }
            }
        }
    }

    fn fetched(&mut self, Fetched { job, limit, result }: Fetched<M>) {
        let Some(book) = self.slots.get(&job.slot) else { return };
        if !book.awaits(job.ticket) {
            return;
        }
        match result {
            Ok(snapshot) => {
                self.change(job.slot, |sync| sync.on_snapshot(job.ticket, &snapshot, Some(limit)));
                if limit < self.settings.limit {
                    self.schedule.improve(job.slot);
                }
            }
            Err(error) => {
                tracing::debug!(symbol = %book.symbol, %error, "no snapshot");
                let wait = error.retry_after().unwrap_or_default();
                let event = BookEvent::SnapshotFailed { symbol: book.symbol.clone(), error: Arc::new(error) };
                let _ = self.events.send(event);
                self.request(job.slot, job.ticket, wait);
            }
        }
    }

    async fn close(&mut self) {
        for group in &mut self.groups {
            if let Some(events) = group.events.take() {
                events.close().await;
            }
        }
        if let Some(tickers) = self.tickers.take() {
            tickers.close().await;
        }
    }
}

impl<M: BookMarket> Drop for Driver<M> {
    fn drop(&mut self) {
        self.slots.values().for_each(retire);
    }
}

/// Nobody keeps this book any more.
fn retire(slot: &Slot) {
    let _ = slot.cell.write(BookSync::on_disconnected);
    slot.cell.notify(Notice::Touched);
}

/// The next item of the best prices, if there are such streams.
fn poll_tickers<E: StreamEvent>(
    tickers: Option<&mut EventStream<E>>,
    cx: &mut Context<'_>,
) -> Poll<Option<Item<E>>> {
    match tickers {
        Some(tickers) => Pin::new(tickers).poll_next(cx),
        None => Poll::Pending,
    }
}

/// The next item of any group, each in turn. An end is told once.
fn poll_groups<M: BookMarket>(
    groups: &mut [Group<M>],
    turn: &mut usize,
    cx: &mut Context<'_>,
) -> Poll<(usize, Option<Item<M::Diff>>)> {
    let count = groups.len();
    for step in 0..count {
        let index = (*turn + step) % count;
        let Some(events) = groups.get_mut(index).and_then(|group| group.events.as_mut()) else { continue };
        if let Poll::Ready(item) = Pin::new(events).poll_next(cx) {
            *turn = index + 1;
            return Poll::Ready((index, item));
        }
    }
    Poll::Pending
}
