//! The task that keeps the books: it reads diffs from the streams, fetches snapshots, and applies both to the state machines.

mod snapshots;

use super::books::Settings;
use super::event::BookEvent;
use super::handle::BookHandle;
use super::product::BookProduct;
use super::schedule::{Job, Schedule, Timer};
use super::slot::Slot;
use super::{handle::BookCell, handle::Notice};
use crate::input::BestPrices as _;
use crate::sync::{BookSync, SyncOutcome};
use binance_kit_core::{
    Error as Failure, ErrorKind as FailureKind, Request, StreamEvent, StreamName, Symbol,
};
use binance_kit_rest::RestClient;
use binance_kit_stream::{EventStream, Item, Malformed, Refused, StateChange, StreamControl};
use futures_core::Stream as _;
use snapshots::Fetched;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Maximum number of items read in a row before any other input.
const BATCH: usize = 64;

/// A book that was added.
pub(super) struct Added<P: BookProduct> {
    /// Its number.
    pub(super) slot: usize,
    /// Access to it.
    pub(super) handle: BookHandle,
    /// The subscription to which its stream is to be added; `None` when a new one must be opened.
    pub(super) streams: Option<StreamControl<P::Diff>>,
}

/// The subscription that the stream of a removed book is to be removed from.
pub(super) type Removed<P> = Option<StreamControl<<P as BookProduct>::Diff>>;

/// A request of the owner.
pub(super) enum Command<P: BookProduct> {
    /// Adds a book. The answer is `None` when it is kept already.
    Add(Symbol, StreamName, oneshot::Sender<Option<Added<P>>>),
    /// The stream of a book is acknowledged; with the subscription that was opened for it.
    Subscribed(usize, Option<EventStream<P::Diff>>),
    /// This stream reports the best prices of a book.
    Audit(usize, StreamName),
    /// Removes a book. The answer is `None` when it is not kept.
    Remove(Symbol, oneshot::Sender<Option<Removed<P>>>),
    /// Closes the streams and ends.
    Stop(oneshot::Sender<()>),
}

/// The streams of one subscription.
struct Group<P: BookProduct> {
    /// The subscription; `None` until it is opened, and once it has ended.
    events: Option<EventStream<P::Diff>>,
    /// Number of books.
    members: usize,
    /// The connections that are down.
    down: BTreeSet<usize>,
}

/// The state of the task.
pub(super) struct Driver<P: BookProduct> {
    /// Fetches the snapshots.
    rest: RestClient,
    /// How the books are kept.
    settings: Settings,
    /// The numbers of levels that a snapshot may have, ascending, with the weight of each.
    offered: Vec<(usize, u32)>,
    /// The books, by a number that is never reused, so that a late answer cannot reach another book.
    slots: BTreeMap<usize, Slot>,
    /// The number of the next book.
    next_slot: usize,
    /// The book of each diff stream.
    by_stream: HashMap<StreamName, usize>,
    /// The subscriptions.
    groups: Vec<Group<P>>,
    /// The subscription that is read next.
    turn: usize,
    /// The best prices, if the books are audited with them.
    tickers: Option<EventStream<P::Ticker>>,
    /// The book of each stream of best prices.
    by_ticker: HashMap<StreamName, usize>,
    /// The book that was compared with a snapshot last.
    audited: usize,
    /// The queue of snapshots, and the timers.
    schedule: Schedule,
    /// The snapshots being fetched.
    fetches: JoinSet<Fetched<P>>,
    /// What each of these tasks fetches, should it panic.
    fetching: HashMap<tokio::task::Id, Job>,
    /// The owner's requests.
    commands: mpsc::Receiver<Command<P>>,
    /// The readers of events.
    events: broadcast::Sender<BookEvent>,
}

impl<P: BookProduct> Driver<P> {
    pub(super) fn new(
        rest: RestClient,
        settings: Settings,
        commands: mpsc::Receiver<Command<P>>,
        events: broadcast::Sender<BookEvent>,
    ) -> Self {
        let any = Symbol::new("A");
        let offered = P::LIMITS.iter().map(|&limit| (limit, P::depth(&any, limit).cost().ip)).collect();
        Self {
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

    /// Adds books whose streams are open already.
    pub(super) fn adopt(
        &mut self,
        symbols: Vec<(Symbol, StreamName)>,
        events: EventStream<P::Diff>,
    ) -> Vec<BookHandle> {
        let group = self.groups.len();
        self.groups.push(Group { events: Some(events), members: 0, down: BTreeSet::new() });
        symbols.into_iter().map(|(symbol, stream)| self.insert(symbol, stream, group).1).collect()
    }

    /// Adds the best prices of books.
    pub(super) fn audit(&mut self, symbols: Vec<(Symbol, StreamName)>, tickers: EventStream<P::Ticker>) {
        self.tickers = Some(tickers);
        let slots: HashMap<&Symbol, usize> =
            self.slots.iter().map(|(number, slot)| (&slot.symbol, *number)).collect();
        let known = symbols.into_iter().filter_map(|(symbol, stream)| Some((stream, *slots.get(&symbol)?)));
        let by_ticker: Vec<(StreamName, usize)> = known.collect();
        self.by_ticker.extend(by_ticker);
    }

    fn insert(&mut self, symbol: Symbol, stream: StreamName, group: usize) -> (usize, BookHandle) {
        let sync = BookSync::with_options(P::RULE, self.settings.sync.clone());
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

    /// Runs until the owner is dropped or stops the task.
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
            // Streams do not take part in the runtime's budget, so that other tasks would starve under load.
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
                item = poll_fn(|cx| poll_tickers(tickers.as_mut(), cx)) => self.ticker(item),
            }
        }
    }

    /// Reads what is ready before any other input, up to a batch.
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

    fn command(&mut self, command: Command<P>) {
        match command {
            Command::Add(symbol, stream, reply) => {
                let added =
                    if self.by_stream.contains_key(&stream) { None } else { Some(self.add(symbol, stream)) };
                if let Err(Some(added)) = reply.send(added) {
                    // The caller is gone, so that the stream will not be subscribed.
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
                    group.and_then(|group| group.events.as_ref()).map(EventStream::control)
                });
                let _ = reply.send(removed);
            }
            Command::Stop(_) => {}
        }
    }

    fn add(&mut self, symbol: Symbol, stream: StreamName) -> Added<P> {
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

    /// Reported best prices. Other items of these streams do not concern the books.
    fn ticker(&mut self, item: Option<Item<P::Ticker>>) {
        match item {
            Some(Item::Event(event)) => {
                if let Some(&slot) = self.by_ticker.get(&event.stream)
                    && let Some(touch) = event.data.touch()
                {
                    self.change(slot, |sync| sync.on_touch(touch));
                }
            }
            Some(_) => {}
            None => self.tickers = None,
        }
    }

    fn forget(&mut self, slot: usize) -> Option<Slot> {
        let forgotten = self.slots.remove(&slot)?;
        self.by_ticker.retain(|_, reported| *reported != slot);
        self.by_stream.remove(&forgotten.stream);
        if let Some(group) = self.groups.get_mut(forgotten.group) {
            group.members = group.members.saturating_sub(1);
        }
        retire(&forgotten);
        Some(forgotten)
    }

    fn item(&mut self, group: usize, item: Option<Item<P::Diff>>) {
        match item {
            Some(Item::Event(event)) => {
                if let Some(&slot) = self.by_stream.get(&event.stream) {
                    self.change(slot, |sync| sync.on_diff(&event.data));
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
            Some(Item::Malformed(Malformed { stream: Some((_, stream)), .. })) => {
                if let Some(&slot) = self.by_stream.get(&stream) {
                    self.lost(slot);
                }
            }
            Some(Item::Malformed(_) | Item::Lagged(_)) => {
                self.members(group).into_iter().for_each(|slot| self.lost(slot));
            }
            Some(Item::Refused(Refused { streams, error, .. })) => {
                for slot in streams
                    .iter()
                    .filter_map(|stream| self.by_stream.get(stream).copied())
                    .collect::<Vec<_>>()
                {
                    self.disconnected(slot);
                    let mut refusal =
                        Failure::new(FailureKind::StreamRefused).with_streams(self.stream_of(slot));
                    if let Some(error) = &error {
                        refusal = refusal.with_api_error(error.clone());
                    }
                    self.refuse(slot, refusal);
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

    /// Applies an input to a book, and does what the book needs next.
    fn change(&mut self, slot: usize, input: impl FnOnce(&mut BookSync) -> SyncOutcome) {
        let Some(book) = self.slots.get_mut(&slot) else { return };
        let step = book.cell.write(input);
        book.announce(step.change, &self.events);
        if let Some(ticket) = step.request {
            self.request(slot, ticket, Duration::ZERO);
        }
    }

    fn connected(&mut self, slot: usize) {
        if let Some(book) = self.slots.get_mut(&slot)
            && !book.connected
            && !book.is_refused()
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

    /// A book that may continue without a snapshot gets some time to do so.
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

impl<P: BookProduct> Drop for Driver<P> {
    fn drop(&mut self) {
        self.slots.values().for_each(retire);
    }
}

/// Marks a book as no longer kept.
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

/// The next item of any group, each in turn. An end is reported once.
fn poll_groups<P: BookProduct>(
    groups: &mut [Group<P>],
    turn: &mut usize,
    cx: &mut Context<'_>,
) -> Poll<(usize, Option<Item<P::Diff>>)> {
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
