//! The connections of one subscription: they are opened and reopened, replaced before they end, and each stream is watched.
//! Whoever polls them drives them; there is no task and no lock in here. But for the short way ([`direct`]) nothing
//! depends on the type of the events: frames go to the [`Delivery`] that the caller passes in, and events are known by their
//! [`Slot`].
//!
//! Words: a *group* is a host and route, which serves the streams of one product (or a part of them); a *lane* is a place
//! among the connections over which the streams of a group are spread; a *replica* is one of several connections that carry the
//! same lane at once; a *link* is one physical connection, numbered by a generation. A replica has at most one current link
//! and one candidate that is to take its place.

mod backfills;
mod cadence;
mod calls;
mod direct;
mod establish;
mod events;
mod handover;
mod lanes;
mod link;
mod playback;
mod ready;
mod state;
mod streams;
mod texts;
mod timers;
mod wanted;
mod watch;

pub(crate) use calls::Command;
pub(crate) use establish::{Machine, established};
pub(crate) use link::Mode;
pub(crate) use playback::Recorded;
pub(crate) use streams::Streams;

use crate::config::StreamConfig;
use crate::delivery::order::Out;
use crate::delivery::{Batch, Delivery, FrameReader, Slot};
use crate::filter::EventFilter;
use crate::item::{Event, Gap, Item};
use crate::meter::Meter;
use crate::plan::{Bases, Plan};
use backfills::Fill;
use binance_kit_core::product::Api;
use binance_kit_core::{Position, Route, Timestamp};
use binance_kit_net::{Clock, Context, Endpoint};
use calls::Call;
use handover::{Joining, Move};
use lanes::Lane;
use link::{Link, Stage};
use ready::Ready;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context as TaskContext, Poll, ready};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, Sleep};

pub(crate) use crate::delivery::order::Source;

/// Number of messages read in a row before timers and commands are looked at, so that a flood does not delay them.
const MESSAGES_BETWEEN_TIMERS: u32 = 256;
/// Maximum number of items that are kept while the consumer takes none and an acknowledgement is waited for.
const READ_AHEAD: usize = 16_384;

/// Where and how to connect.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Clock, random source, dialler and budgets.
    pub(crate) context: Context,
    /// The hosts of the replicas; one at least.
    pub(crate) bases: Arc<Bases>,
    /// The settings.
    pub(crate) config: StreamConfig,
    /// The metrics.
    pub(crate) meter: Meter,
}

/// The time, as the state machines count it.
#[derive(Debug, Clone, Copy)]
struct Now {
    /// Time since the subscription began.
    at: Duration,
    /// When it began.
    origin: Instant,
}

impl Now {
    fn of(&self, instant: Instant) -> Duration {
        instant.saturating_duration_since(self.origin)
    }

    fn instant(&self, at: Duration) -> Instant {
        self.origin + at
    }
}

/// Counters of the whole subscription.
#[derive(Debug, Default, Clone, Copy)]
struct Totals {
    /// Number of connections lost.
    disconnects: u64,
    /// Number of connections replaced without a loss.
    rotations: u64,
    /// Number of frames that could not be read.
    malformed: u64,
}

/// A host and route.
#[derive(Debug)]
struct Group {
    /// The product.
    api: Api,
    /// The route.
    route: Route,
    /// The base URL of each replica.
    endpoints: Vec<Endpoint>,
}

/// A range of events to be fetched.
#[derive(Debug, Clone, Copy)]
struct WantedFill {
    /// The number of the stream.
    number: usize,
    /// First missing position.
    from: Position,
    /// Last missing position.
    to: Position,
}

/// Numbers the subscriptions of the process, for their spans.
static SUBSCRIPTIONS: AtomicU64 = AtomicU64::new(1);

/// All connections of one subscription.
pub(crate) struct Connections {
    /// Where and how to connect.
    target: Target,
    /// How the connections name their streams.
    mode: Mode,
    /// The span of the subscription; entered whenever it is polled.
    span: tracing::Span,
    /// The hosts and routes in use.
    groups: Vec<Group>,
    /// The lanes of all groups, by number.
    lanes: BTreeMap<usize, Lane>,
    /// The number of the next lane.
    next_lane: usize,
    /// The physical connections.
    links: BTreeMap<Source, Link>,
    /// The number of the next link or fill.
    next_source: Source,
    /// The streams.
    streams: Streams,
    /// Numbers of streams with a hole that is closed by time.
    holes: BTreeSet<usize>,
    /// Number of events that the orders of all streams hold.
    held: usize,
    /// Streams on their way from one lane to another.
    moves: Vec<Move>,
    /// Replicas that came up while others were up, until the overlap is known.
    joining: Vec<Joining>,
    /// Fetches under way; numbered and woken like links.
    fills: BTreeMap<Source, Fill>,
    /// Fetches that are to begin.
    wanted_fills: Vec<WantedFill>,
    /// Items that the consumer has not taken.
    items: VecDeque<Item<Slot>>,
    /// Events to be dropped by the delivery.
    discarded: Vec<Slot>,
    /// Buffer for what the order of a stream decides.
    scratch: Vec<Out<Event<Slot>>>,
    /// Frames that were received and not yet read; a buffer for the rest of the time.
    batch: Batch,
    /// Reads frames.
    reader: FrameReader,
    /// Which links and fills have something to do.
    wakes: Ready,
    /// Calls from elsewhere.
    commands: mpsc::Receiver<Command>,
    /// Kept so that the channel never ends; handles are clones of it.
    handle: mpsc::Sender<Command>,
    /// Calls that are not answered yet.
    calls: Vec<Call>,
    /// Whether everything is being closed.
    is_closing: bool,
    /// Waits for the end of closing.
    closing: Vec<oneshot::Sender<()>>,
    /// Whether everything is closed.
    is_closed: bool,
    /// Fires when something is due.
    timer: Pin<Box<Sleep>>,
    /// When the timer fires.
    armed: Duration,
    /// Number of messages since timers and commands were looked at.
    messages: u32,
    /// The connection that gave the last message, which is asked first: it may have read more than one.
    hot: Option<Source>,
    /// When the bytes came that were read last.
    read_at: ReadAt,
    /// Whether the settings let events go the short way.
    allows_direct: bool,
    /// When the subscription began.
    origin: Instant,
    /// The regular look at clocks and watchdogs.
    tick: timers::Tick,
    /// Counters.
    totals: Totals,
}

/// When the bytes of a connection came: many frames come with one read, and the clock is not asked for each.
struct ReadAt {
    /// The connection.
    source: Source,
    /// How many bytes it had received then; more mean another read.
    bytes: u64,
    /// Our own wall time then.
    time: Timestamp,
    /// The time since the subscription began then.
    at: Duration,
}

impl ReadAt {
    /// Notes the time, unless the bytes came with the read that was noted last.
    #[inline]
    fn note(&mut self, source: Source, bytes: u64, clock: &Clock, origin: Instant) {
        if (self.source, self.bytes) != (source, bytes) {
            let at = clock.monotonic().saturating_duration_since(origin);
            *self = Self { source, bytes, time: clock.now(), at };
        }
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections")
            .field("groups", &self.groups)
            .field("connections", &self.lanes.len())
            .finish_non_exhaustive()
    }
}

impl Connections {
    /// Begins to connect to everything in the plan.
    pub(crate) fn new(
        target: Target,
        mode: Mode,
        filter: Option<EventFilter>,
        plan: &Plan,
        delivery: &mut dyn Delivery,
    ) -> Self {
        let (handle, commands) = mpsc::channel(64);
        let origin = target.context.clock().monotonic();
        let wall = target.context.clock().now();
        let raw = match &mode {
            Mode::Raw(name) => Some(name.clone()),
            Mode::Combined => None,
        };
        let first = plan.streams.first().map(|stream| streams::shown(&stream.info.name));
        let span = tracing::info_span!(
            "subscription",
            id = SUBSCRIPTIONS.fetch_add(1, Ordering::Relaxed),
            streams = plan.streams.len(),
            first
        );
        let allows_direct = Self::allows_direct(&target, filter.as_ref());
        let reader = FrameReader::new(filter, target.config.encoding.schema(), raw);
        let mut connections = Self {
            mode,
            span,
            groups: Vec::new(),
            lanes: BTreeMap::new(),
            next_lane: 0,
            links: BTreeMap::new(),
            next_source: 0,
            streams: Streams::new(target.config.reorder_grace, target.config.watchdog),
            holes: BTreeSet::new(),
            held: 0,
            moves: Vec::new(),
            joining: Vec::new(),
            fills: BTreeMap::new(),
            wanted_fills: Vec::new(),
            items: VecDeque::new(),
            discarded: Vec::new(),
            scratch: Vec::new(),
            batch: Batch::default(),
            reader,
            wakes: Ready::default(),
            commands,
            handle,
            calls: Vec::new(),
            is_closing: false,
            closing: Vec::new(),
            is_closed: false,
            timer: Box::pin(tokio::time::sleep_until(origin)),
            armed: Duration::ZERO,
            messages: 0,
            hot: None,
            read_at: ReadAt { source: Source::MAX, bytes: 0, time: wall, at: Duration::ZERO },
            allows_direct,
            origin,
            tick: timers::Tick::new(wall),
            totals: Totals::default(),
            target,
        };
        let span = connections.span.clone();
        let _entered = span.enter();
        let now = connections.now();
        connections.add(now, plan, delivery);
        connections
    }

    pub(crate) fn handle(&self) -> mpsc::Sender<Command> {
        self.handle.clone()
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// The span of the subscription.
    pub(crate) fn span(&self) -> tracing::Span {
        self.span.clone()
    }

    fn now(&self) -> Now {
        let at = self.target.context.clock().monotonic().saturating_duration_since(self.origin);
        Now { at, origin: self.origin }
    }

    /// The number of the group of this host and route.
    fn group(&mut self, api: Api, route: Route, endpoints: &[Endpoint]) -> usize {
        let found = self.groups.iter().position(|group| group.api == api && group.route == route);
        found.unwrap_or_else(|| {
            self.groups.push(Group { api, route, endpoints: endpoints.to_vec() });
            self.groups.len() - 1
        })
    }

    fn endpoint(&self, group: usize, replica: usize) -> Option<&Endpoint> {
        self.groups.get(group)?.endpoints.get(replica)
    }

    /// An item that is ready.
    pub(crate) fn pop(&mut self) -> Option<Item<Slot>> {
        self.items.pop_front()
    }

    /// The next item; `None` once everything is closed.
    pub(crate) fn poll_next(
        &mut self,
        cx: &mut TaskContext<'_>,
        delivery: &mut dyn Delivery,
    ) -> Poll<Option<Item<Slot>>> {
        loop {
            if let Some(item) = self.items.pop_front() {
                return Poll::Ready(Some(item));
            }
            if self.is_closed {
                return Poll::Ready(None);
            }
            ready!(self.poll_step(cx, delivery));
        }
    }

    /// Does what does not need the consumer, while it takes no items: calls from elsewhere are answered. Sockets are read only
    /// while an acknowledgement is waited for, and only up to a bound.
    pub(crate) fn poll_aside(&mut self, cx: &mut TaskContext<'_>, delivery: &mut dyn Delivery) -> Poll<()> {
        loop {
            if self.is_closed {
                return Poll::Ready(());
            }
            // While it closes nothing more is delivered.
            if self.is_closing
                || (!self.calls.is_empty() && self.items.len() < READ_AHEAD && !delivery.is_full())
            {
                ready!(self.poll_step(cx, delivery));
                continue;
            }
            if self.timer.as_mut().poll(cx).is_ready() {
                let now = self.now();
                self.expire_calls(now);
                // Whether a stream is silent cannot be decided while it is not read.
                self.tick.unread = true;
                self.arm(now.at + timers::TICK);
                continue;
            }
            match self.commands.poll_recv(cx) {
                Poll::Ready(Some(command)) => {
                    self.command(command, delivery);
                    self.tidy_up(delivery);
                }
                _ => return Poll::Pending,
            }
        }
    }

    /// Does one thing: takes a message, a command, or a step towards a connection.
    pub(crate) fn poll_step(&mut self, cx: &mut TaskContext<'_>, delivery: &mut dyn Delivery) -> Poll<()> {
        let polled = self.poll_once(cx, delivery);
        self.tidy_up(delivery);
        polled
    }

    fn poll_once(&mut self, cx: &mut TaskContext<'_>, delivery: &mut dyn Delivery) -> Poll<()> {
        self.messages += 1;
        if self.messages >= MESSAGES_BETWEEN_TIMERS {
            self.messages = 0;
            let now = self.now();
            self.timers(now);
            // A flood must not delay commands either.
            if let Ok(command) = self.commands.try_recv() {
                self.command(command, delivery);
            }
            return Poll::Ready(());
        }
        // What came with one read is taken in one go, as far as timers and commands allow: the others have their turn then.
        if let Some(source) = self.hot.take() {
            if self.messages == 1 {
                self.wakes.push(source);
            } else if self.poll_link(source, delivery).is_ready() {
                self.hot = Some(source);
                return Poll::Ready(());
            }
        }
        // Each once: one that wakes itself is to wait until the task has yielded.
        for _ in 0..self.wakes.len() {
            let Some(source) = self.wakes.pop() else { break };
            if self.poll_link(source, delivery).is_ready() {
                self.hot = Some(source);
                return Poll::Ready(());
            }
        }
        if self.timer.as_mut().poll(cx).is_ready() {
            let now = self.now();
            self.timers(now);
            return Poll::Ready(());
        }
        if let Poll::Ready(Some(command)) = self.commands.poll_recv(cx) {
            self.command(command, delivery);
            return Poll::Ready(());
        }
        self.wakes.park(cx.waker());
        Poll::Pending
    }

    fn poll_link(&mut self, source: Source, delivery: &mut dyn Delivery) -> Poll<()> {
        let Some(link) = self.links.get_mut(&source) else { return self.poll_fill(source, delivery) };
        let mut cx = TaskContext::from_waker(&link.waker);
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
                let bytes = socket.received_bytes();
                self.read_at.note(source, bytes, self.target.context.clock(), self.origin);
                self.received(source, result);
                self.deliver(delivery);
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

    /// Hands over what needs the delivery: fetches that are to begin, events to be dropped.
    #[inline]
    fn tidy_up(&mut self, delivery: &mut dyn Delivery) {
        if !self.wanted_fills.is_empty() {
            let now = self.now();
            // One that fails at once can show the next hole.
            while !self.wanted_fills.is_empty() {
                for wanted in std::mem::take(&mut self.wanted_fills) {
                    self.begin_fill(now, wanted, delivery);
                }
            }
        }
        for slot in self.discarded.drain(..) {
            delivery.discard(slot);
        }
    }

    /// Takes over what the order of a stream has decided. `before` is how many events it held until then.
    fn emit(&mut self, now: Now, number: usize, before: usize) {
        let mut outs = std::mem::take(&mut self.scratch);
        if let Some(state) = self.streams.get(number) {
            self.held = (self.held + state.order.held()).saturating_sub(before);
            for out in outs.drain(..) {
                match out {
                    Out::Deliver(event) => {
                        state.events += 1;
                        if event.backfilled {
                            state.backfilled += 1;
                            self.target.meter.backfilled();
                        }
                        self.items.push_back(Item::Event(event));
                    }
                    Out::Discard(event) => self.discarded.push(event.data),
                    Out::Gap { from, to, backfilled } => {
                        state.gaps += 1;
                        self.target.meter.gap(backfilled);
                        tracing::warn!(
                            stream = streams::shown(&state.info.name),
                            ?from,
                            ?to,
                            backfilled,
                            "gap"
                        );
                        let (api, stream) = state.id();
                        self.items.push_back(Item::Gap(Gap { stream, api, from, to, backfilled }));
                    }
                    Out::Fill { from, to } => self.wanted_fills.push(WantedFill { number, from, to }),
                }
            }
            if let Some(due) = state.order.next_deadline() {
                if self.holes.insert(number) && due < self.armed {
                    // The timer must know.
                    self.arm(due.max(now.at));
                }
            } else {
                self.holes.remove(&number);
            }
        } else {
            self.discarded.extend(outs.drain(..).filter_map(|out| match out {
                Out::Deliver(event) | Out::Discard(event) => Some(event.data),
                _ => None,
            }));
        }
        self.scratch = outs;
    }

    fn arm(&mut self, at: Duration) {
        self.armed = at;
        self.timer.as_mut().reset(self.origin + at);
    }

    fn push(&mut self, item: Item<Slot>) {
        self.items.push_back(item);
    }
}
