//! What keeps streams alive: it owns every connection of one subscription, connects and reconnects them, replaces them
//! before they end, watches each stream, and puts the copies of events together. Whoever polls it drives it; it has no
//! task and no lock of its own.
//!
//! Words: a *lane* is a place among the connections over which the streams are spread; a *leg* is one of several
//! connections that carry the same lane at once; a *link* is one physical connection, numbered by a generation. A leg has
//! at most one current link and one candidate that is to take its place.

mod calls;
mod fill;
mod frames;
mod handover;
mod lanes;
mod link;
mod sbe;
mod streams;
mod timers;

pub(crate) use calls::Command;
pub(crate) use link::Mode;

use crate::backfill::Backfill;
use crate::config::StreamConfig;
use crate::error::Error;
use crate::filter::EventFilter;
use crate::item::{Item, StateChange};
use crate::meter::Meter;
use crate::ready::Ready;
use crate::tracker::{Out, Source};
use binance_kit_core::{Position, StreamEvent, StreamName};
use binance_kit_net::{Context, Endpoint};
use calls::Call;
use fill::Fill;
use handover::{Joining, Move};
use lanes::Lane;
use link::{Link, Stage};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, ready};
use std::time::Duration;
use streams::Streams;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, Sleep};

/// How many messages are taken in a row before timers and commands are looked at, so that a flood cannot hold them up.
const MESSAGES_BETWEEN_TIMERS: u32 = 256;
/// How many events may come before the streams are acknowledged: some seconds of the busiest connection there is.
const EARLY_EVENTS: usize = 100_000;
/// How many items may wait here while the consumer takes none and an acknowledgement is waited for.
const READ_AHEAD: usize = 16_384;

/// Where and how to connect.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) context: Context,
    /// The places of the legs; one at least.
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) config: StreamConfig,
    pub(crate) meter: Meter,
}

/// What is chosen for one subscription.
pub(crate) struct Options<E> {
    pub(crate) backfill: Option<Arc<dyn Backfill<E>>>,
    pub(crate) filter: Option<EventFilter>,
}

impl<E> Default for Options<E> {
    fn default() -> Self {
        Self { backfill: None, filter: None }
    }
}

impl<E> Clone for Options<E> {
    fn clone(&self) -> Self {
        Self { backfill: self.backfill.clone(), filter: self.filter.clone() }
    }
}

/// The time, as the state machines count it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) at: Duration,
    origin: Instant,
}

impl Now {
    pub(super) fn of(&self, instant: Instant) -> Duration {
        instant.saturating_duration_since(self.origin)
    }

    pub(super) fn instant(&self, at: Duration) -> Instant {
        self.origin + at
    }
}

/// Counters of the whole.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Totals {
    pub(super) disconnects: u64,
    pub(super) rotations: u64,
    pub(super) malformed: u64,
}

/// All connections of one subscription.
pub(crate) struct Engine<E> {
    target: Target,
    mode: Mode,
    options: Options<E>,
    lanes: BTreeMap<usize, Lane>,
    next_lane: usize,
    links: BTreeMap<Source, Link>,
    next_source: Source,
    streams: Streams<E>,
    /// Streams with a hole that time closes.
    holes: BTreeSet<usize>,
    /// How many events all trackers keep back.
    held: usize,
    moves: Vec<Move>,
    /// Legs that came up while others were up, until the overlap is known.
    joining: Vec<Joining>,
    /// Those under way; numbered and woken like links.
    fills: BTreeMap<Source, Fill<E>>,
    items: VecDeque<Item<E>>,
    scratch: Vec<Out<crate::item::Event<E>>>,
    wakes: Ready,
    commands: mpsc::Receiver<Command>,
    /// Kept so that the channel never ends; handles are clones of it.
    handle: mpsc::Sender<Command>,
    calls: Vec<Call>,
    closing: Vec<oneshot::Sender<()>>,
    is_closed: bool,
    timer: Pin<Box<Sleep>>,
    armed: Duration,
    messages: u32,
    origin: Instant,
    tick: timers::Tick,
    totals: Totals,
    kept: sbe::Kept<E>,
}

// No field is pinned: the event type is only ever moved.
impl<E> Unpin for Engine<E> {}

impl<E> fmt::Debug for Engine<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("endpoint", &self.target.endpoints.first().map(ToString::to_string))
            .field("connections", &self.lanes.len())
            .finish_non_exhaustive()
    }
}

impl<E: StreamEvent> Engine<E> {
    pub(crate) fn new(target: Target, mode: Mode, options: Options<E>, names: Vec<StreamName>) -> Self {
        let (handle, commands) = mpsc::channel(64);
        let origin = target.context.clock().monotonic();
        let wall = target.context.clock().now();
        let mut engine = Self {
            mode,
            options,
            lanes: BTreeMap::new(),
            next_lane: 0,
            links: BTreeMap::new(),
            next_source: 0,
            streams: Streams::new(target.config.reorder_grace),
            holes: BTreeSet::new(),
            held: 0,
            moves: Vec::new(),
            joining: Vec::new(),
            fills: BTreeMap::new(),
            items: VecDeque::new(),
            scratch: Vec::new(),
            wakes: Ready::default(),
            commands,
            handle,
            calls: Vec::new(),
            closing: Vec::new(),
            is_closed: false,
            timer: Box::pin(tokio::time::sleep_until(origin)),
            armed: Duration::ZERO,
            messages: 0,
            origin,
            tick: timers::Tick::new(wall),
            totals: Totals::default(),
            kept: sbe::Kept::default(),
            target,
        };
        let now = engine.now();
        engine.spread(now, names);
        if engine.lanes.is_empty() {
            // So that there is something to add to.
            engine.open_lane(now, &[]);
        }
        engine
    }

    pub(crate) fn handle(&self) -> mpsc::Sender<Command> {
        self.handle.clone()
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    pub(crate) fn now(&self) -> Now {
        let at = self.target.context.clock().monotonic().saturating_duration_since(self.origin);
        Now { at, origin: self.origin }
    }

    /// Drives the connections until they are up and everything is acknowledged.
    pub(crate) async fn established(&mut self) -> Result<(), Error> {
        use crate::error::ErrorKind;
        loop {
            if self.lanes.values().all(|lane| lane.is_up) {
                return Ok(());
            }
            let before = self.items.len();
            std::future::poll_fn(|cx| self.poll_step(cx)).await;
            let mut index = before.min(self.items.len());
            while index < self.items.len() {
                match self.items.get(index) {
                    Some(Item::Refused { .. }) => {
                        if let Some(Item::Refused { streams, error }) = self.items.remove(index) {
                            return Err(calls::refusal(streams, error));
                        }
                    }
                    Some(Item::State(StateChange::Disconnected { .. })) => {
                        let Some(Item::State(StateChange::Disconnected { error, .. })) =
                            self.items.remove(index)
                        else {
                            continue;
                        };
                        if !self.target.config.retry_first_connection {
                            return Err(Error::network(ErrorKind::Connect, error));
                        }
                    }
                    // Nobody has this stream yet: attempts that failed leave nothing, however many there are.
                    Some(Item::State(
                        StateChange::Reconnecting { .. } | StateChange::LegDisconnected { .. },
                    )) => {
                        self.items.remove(index);
                    }
                    _ => index += 1,
                }
            }
            if self.items.len() > EARLY_EVENTS {
                let detail = "the exchange sends events and does not say which streams there are";
                return Err(Error::new(ErrorKind::NotAcknowledged).detail(detail));
            }
        }
    }

    /// The next item; `None` once it is closed.
    pub(crate) fn poll_next(&mut self, cx: &mut TaskContext<'_>) -> Poll<Option<Item<E>>> {
        loop {
            if let Some(item) = self.items.pop_front() {
                return Poll::Ready(Some(item));
            }
            if self.is_closed {
                return Poll::Ready(None);
            }
            ready!(self.poll_step(cx));
        }
    }

    /// Does what does not need the consumer, while it takes no items: calls from elsewhere are answered. Sockets are read only
    /// while an acknowledgement is waited for, and not without end.
    pub(crate) fn poll_aside(&mut self, cx: &mut TaskContext<'_>) -> Poll<()> {
        loop {
            if self.is_closed {
                return Poll::Ready(());
            }
            // While it closes nothing more is delivered.
            let is_closing = !self.closing.is_empty();
            if is_closing || (!self.calls.is_empty() && self.items.len() < READ_AHEAD) {
                ready!(self.poll_step(cx));
                continue;
            }
            if self.timer.as_mut().poll(cx).is_ready() {
                let now = self.now();
                self.expire_calls(now);
                // What is not read cannot be judged.
                self.tick.unread = true;
                self.arm(now.at + timers::TICK);
                continue;
            }
            match self.commands.poll_recv(cx) {
                Poll::Ready(Some(command)) => self.command(command),
                _ => return Poll::Pending,
            }
        }
    }

    /// Does one thing: takes a message, a command, or a step towards a connection.
    fn poll_step(&mut self, cx: &mut TaskContext<'_>) -> Poll<()> {
        self.messages += 1;
        if self.messages >= MESSAGES_BETWEEN_TIMERS {
            self.messages = 0;
            let now = self.now();
            self.timers(now);
            // Nor must a flood hold up commands.
            if let Ok(command) = self.commands.try_recv() {
                self.command(command);
            }
            return Poll::Ready(());
        }
        // Each once: one that wakes itself is to wait until the task has given way.
        for _ in 0..self.wakes.len() {
            let Some(source) = self.wakes.pop() else { break };
            if self.poll_link(source).is_ready() {
                // There may be more; the others come first.
                self.wakes.push(source);
                return Poll::Ready(());
            }
        }
        if self.timer.as_mut().poll(cx).is_ready() {
            let now = self.now();
            self.timers(now);
            return Poll::Ready(());
        }
        if let Poll::Ready(Some(command)) = self.commands.poll_recv(cx) {
            self.command(command);
            return Poll::Ready(());
        }
        self.wakes.park(cx.waker());
        Poll::Pending
    }

    fn poll_link(&mut self, source: Source) -> Poll<()> {
        let Some(link) = self.links.get_mut(&source) else { return self.poll_fill(source) };
        let waker = link.waker.clone();
        let mut cx = TaskContext::from_waker(&waker);
        match &mut link.stage {
            Stage::Connecting(connecting) => {
                let result = ready!(connecting.as_mut().poll(&mut cx));
                let now = self.now();
                match result {
                    Ok(socket) => self.link_up(now, source, socket),
                    Err(error) => self.link_lost(now, source, error),
                }
            }
            Stage::Live(socket) => {
                let Poll::Ready(result) = socket.poll_next(&mut cx) else {
                    if link.drained_at.is_none() {
                        let origin = self.origin;
                        let now = self.target.context.clock().monotonic();
                        link.drained_at = Some(now.saturating_duration_since(origin));
                    }
                    return Poll::Pending;
                };
                link.drained_at = None;
                self.received(source, result);
            }
            Stage::Closing(socket, _) => {
                // The peer's own closing frame, or any failure, ends it. What it still sends is known from elsewhere.
                if ready!(socket.poll_next(&mut cx)).is_err() {
                    self.links.remove(&source);
                    self.check_closed();
                }
            }
        }
        Poll::Ready(())
    }

    /// Hands over what a tracker gave out.
    fn emit(&mut self, now: Now, number: usize, before: usize) {
        let mut outs = std::mem::take(&mut self.scratch);
        let mut fills: Vec<(Position, Position)> = Vec::new();
        if let Some(state) = self.streams.get(number) {
            self.held = (self.held + state.tracker.held()).saturating_sub(before);
            for out in outs.drain(..) {
                match out {
                    Out::Deliver(event) => {
                        state.events += 1;
                        state.recovered += u64::from(event.recovered);
                        if event.recovered {
                            self.target.meter.recovered();
                        }
                        self.items.push_back(Item::Event(event));
                    }
                    Out::Gap { from, to, recovered } => {
                        state.gaps += 1;
                        self.target.meter.gap(recovered);
                        tracing::warn!(stream = %state.name, ?from, ?to, recovered, "gap");
                        self.items.push_back(Item::Gap { stream: state.name.clone(), from, to, recovered });
                    }
                    Out::Fill { from, to } => fills.push((from, to)),
                }
            }
            if state.tracker.next_deadline().is_some() {
                if self.holes.insert(number) {
                    // The timer must know.
                    let due = state.tracker.next_deadline().unwrap_or(now.at);
                    if due < self.armed {
                        self.arm(due);
                    }
                }
            } else {
                self.holes.remove(&number);
            }
        } else {
            outs.clear();
        }
        self.scratch = outs;
        for (from, to) in fills {
            self.begin_fill(now, number, from, to);
        }
    }

    fn arm(&mut self, at: Duration) {
        self.armed = at;
        self.timer.as_mut().reset(self.origin + at);
    }

    fn push(&mut self, item: Item<E>) {
        self.items.push_back(item);
    }
}
