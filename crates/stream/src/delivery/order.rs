//! The order of one stream that arrives over any number of connections at once: which copy of an event is delivered, which is
//! a duplicate, and where events are missing. A state machine without I/O and without a clock.
//!
//! A connection that carries a stream is a *source*. A source that starts while others carry the stream *joins*: it is
//! complete from its first event on, but the others may be behind it. Events without gapless ids are held until the overlap is
//! proven: by an older source that has passed the first event of the new one, or by the answer on the older connection to
//! a request sent after the new subscription was acknowledged. From then on both are complete, and the first copy is delivered.
//! Gapless ids need no proof: an event out of order waits until the hole is closed, or until no source can close it.
//!
//! Events are opaque here. Each payload that is handed in comes out exactly once: as [`Out::Deliver`] or as [`Out::Discard`].

use binance_kit_core::{Position, Sequence, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

mod fill;
#[cfg(test)]
mod tests;
mod unordered;

/// Names a connection.
pub(crate) type Source = u64;

/// How many delivered events are remembered by id and content.
const RECENT: usize = 128;
/// The same for events without any order: what two connections may differ by.
const RECENT_WITHOUT_ORDER: usize = 1024;
/// Maximum number of events of one stream that are held.
pub(super) const MAX_HELD: usize = 4096;
/// How long a hole that no other source can close stays open for events out of order, if nothing else is set.
pub(crate) const REORDER_GRACE: Duration = Duration::from_millis(100);
/// How long a hole stays open that another source could close.
const HOLE_TIMEOUT: Duration = Duration::from_secs(10);
/// Number of old events in a row on the only source after which the ids are taken to have restarted.
const RESTARTED: u32 = 1000;

/// The largest step between the ids of two events that can be one. Ids of the exchange are far below it, so what is further
/// ahead is a damaged id: the ids that follow it are not old.
const MAX_STEP: u64 = 1 << 48;

/// Whether an id is so far behind the last one that the last one was damaged.
fn is_far_behind(own: u64, last: u64) -> bool {
    last.saturating_sub(own) > MAX_STEP
}

/// An event that arrived.
#[derive(Debug)]
pub(crate) struct Arrival<T> {
    /// Its place in the stream, where it has one.
    pub(crate) sequence: Option<Sequence>,
    /// A hash of the frame's bytes; compared where ids do not decide.
    pub(crate) hash: u64,
    /// When it was received, by the local wall clock.
    pub(crate) received_at: Timestamp,
    /// The event.
    pub(crate) payload: T,
}

/// What the order decides.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Out<T> {
    /// Deliver the event.
    Deliver(T),
    /// Drop the event: a duplicate, or one that cannot be delivered in order.
    Discard(T),
    /// Report that events are missing, or were missing and are delivered just before.
    Gap { from: Position, to: Position, backfilled: bool },
    /// Fetch the missing events; [`Tracker::filled`] continues.
    Fill { from: Position, to: Position },
}

/// How an event relates to those that arrived before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Novelty {
    /// The first copy: it is delivered now or later.
    First,
    /// Another copy was first.
    Duplicate,
    /// It arrived after later events, which are delivered already.
    Late,
    /// Another source is the one whose events are delivered.
    Ignored,
}

#[derive(Debug)]
struct SourceState<T> {
    /// The connection.
    id: Source,
    /// The place of its last event.
    last: Option<u64>,
    /// The events it sent before the overlap was proven; `None` once it is.
    joining: Option<VecDeque<Arrival<T>>>,
    /// Whether an event arrived on it since another source joined.
    was_active: bool,
}

/// The order of one stream.
#[derive(Debug)]
pub(crate) struct Tracker<T> {
    /// The place of the last event that was delivered or given up.
    last: Option<Sequence>,
    /// When the last event was received.
    last_received: Option<Timestamp>,
    /// Places and hashes of the last events without gapless ids.
    recent: VecDeque<(u64, u64)>,
    /// Hashes of events delivered from earlier sources that the present one has yet to send: for events without any order.
    ahead: VecDeque<u64>,
    /// The connections that carry the stream; the first one without `joining` counts for events without any order.
    sources: Vec<SourceState<T>>,
    /// Events behind a hole, by the last id in them.
    held: BTreeMap<u64, (Duration, Arrival<T>)>,
    /// Events without gapless ids that wait for [`Tracker::filled`].
    behind_fill: VecDeque<(Source, Arrival<T>)>,
    /// No connection carried the stream for some time since the last event.
    broken: bool,
    /// Events were filtered out since the last one: ids may be missing.
    left_out: bool,
    /// The range that is being fetched.
    filling: Option<(Position, Position)>,
    /// Whether holes are fetched before they are reported.
    can_fill: bool,
    /// Documented interval between events: an interruption shorter than that loses nothing.
    cadence: Option<Duration>,
    /// How long a hole stays open that no other source can close.
    grace: Duration,
    /// Number of old events in a row.
    old_in_a_row: u32,
}

fn key(sequence: Sequence) -> u64 {
    match sequence.position() {
        Position::Id(id) => id,
        Position::Time(time) => u64::try_from(time.as_micros()).unwrap_or(0),
        _ => 0,
    }
}

/// Drops an event, and says why.
fn discard<T>(arrival: Arrival<T>, novelty: Novelty, out: &mut Vec<Out<T>>) -> Novelty {
    out.push(Out::Discard(arrival.payload));
    novelty
}

fn position_before(sequence: Sequence, previous: u64) -> Position {
    match sequence {
        Sequence::Time(_) | Sequence::Candle { .. } => {
            Position::Time(Timestamp::from_micros(i64::try_from(previous).unwrap_or(i64::MAX)))
        }
        _ => Position::Id(previous),
    }
}

impl<T> Tracker<T> {
    /// Creates the order of a stream without events yet. With `can_fill`, holes are fetched before they are reported.
    pub(crate) fn new(can_fill: bool, cadence: Option<Duration>) -> Self {
        Self {
            last: None,
            last_received: None,
            recent: VecDeque::new(),
            ahead: VecDeque::new(),
            sources: Vec::new(),
            held: BTreeMap::new(),
            behind_fill: VecDeque::new(),
            broken: false,
            left_out: false,
            filling: None,
            can_fill,
            cadence,
            grace: REORDER_GRACE,
            old_in_a_row: 0,
        }
    }

    /// How long a hole stays open for events out of order.
    pub(crate) fn with_grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// Number of events that are held.
    pub(crate) fn held(&self) -> usize {
        let joining = self.sources.iter().filter_map(|source| source.joining.as_ref());
        self.held.len() + self.behind_fill.len() + joining.map(VecDeque::len).sum::<usize>()
    }

    /// Drops all events that are held: the stream is unsubscribed.
    pub(crate) fn into_held(self) -> impl Iterator<Item = T> {
        let joining = self.sources.into_iter().filter_map(|source| source.joining).flatten();
        let held = self.held.into_values().map(|(_, arrival)| arrival);
        let behind = self.behind_fill.into_iter().map(|(_, arrival)| arrival);
        joining.chain(held).chain(behind).map(|arrival| arrival.payload)
    }

    /// A connection carries the stream from now on.
    pub(crate) fn add(&mut self, id: Source) {
        if self.sources.iter().any(|source| source.id == id) {
            return;
        }
        let joining = (!self.sources.is_empty()).then(VecDeque::new);
        self.sources.push(SourceState { id, last: None, joining, was_active: false });
    }

    /// Ends the joining of a source: everything that was published before it started has arrived.
    pub(crate) fn joined(&mut self, now: Duration, id: Source, out: &mut Vec<Out<T>>) {
        let Some(index) = self.sources.iter().position(|source| source.id == id) else { return };
        for source in self.sources.iter_mut().filter(|source| source.id != id) {
            source.was_active = false;
        }
        let Some(buffer) = self.sources.get_mut(index).and_then(|source| source.joining.take()) else {
            return;
        };
        // Without any order it is the newest source that counts from here on, so that the old one can go.
        let source = self.sources.remove(index);
        self.sources.insert(0, source);
        if buffer.front().map_or(self.last.is_none(), |arrival| arrival.sequence.is_none()) {
            self.ahead = self.recent.drain(..).map(|(_, hash)| hash).collect();
        }
        for arrival in buffer {
            match arrival.sequence.and_then(|sequence| Some((sequence, sequence.previous()?))) {
                Some((sequence, previous)) => self.gapless(now, sequence, previous, arrival, out),
                None => self.unordered(now, id, arrival, out),
            };
        }
    }

    /// Whether an event arrived on this source.
    pub(crate) fn is_active(&self, id: Source) -> bool {
        self.sources.iter().any(|source| source.id == id && source.last.is_some())
    }

    /// Whether events arrived on other sources since this source joined.
    pub(crate) fn others_active(&self, id: Source) -> bool {
        self.sources.iter().any(|source| source.id != id && source.was_active)
    }

    /// A connection no longer carries the stream.
    pub(crate) fn remove(&mut self, now: Duration, id: Source, out: &mut Vec<Out<T>>) {
        let Some(index) = self.sources.iter().position(|source| source.id == id) else { return };
        let joining = self.sources.remove(index).joining;
        let was_active = joining.is_none();
        out.extend(joining.into_iter().flatten().map(|arrival| Out::Discard(arrival.payload)));
        if was_active && !self.sources.iter().any(|source| source.joining.is_none()) {
            // What came between the last event of the old and the first of the new ones is not known to have come.
            self.broken = true;
            let proven = self.sources.first().map(|source| source.id);
            if let Some(next) = proven {
                self.joined(now, next, out);
            }
        }
        self.close_holes(now, out, false);
    }

    /// An event was filtered out: the ids up to the next one are not checked for holes, unless the stream was interrupted.
    pub(crate) fn left_out(&mut self) {
        self.left_out = true;
    }

    /// Takes an event that arrived on a source.
    pub(crate) fn arrive(
        &mut self,
        now: Duration,
        id: Source,
        arrival: Arrival<T>,
        out: &mut Vec<Out<T>>,
    ) -> Novelty {
        let Some(source) = self.sources.iter_mut().find(|source| source.id == id) else {
            return discard(arrival, Novelty::Ignored, out);
        };
        source.was_active = true;
        if let Some(sequence) = arrival.sequence {
            source.last = Some(source.last.unwrap_or(0).max(key(sequence)));
        } else {
            source.last.get_or_insert(0);
        }
        if let Some(sequence) = arrival.sequence
            && let Some(previous) = sequence.previous()
            && (self.last.is_some() || source.joining.is_none())
        {
            return self.gapless(now, sequence, previous, arrival, out);
        }
        if let Some(joining) = &mut source.joining {
            joining.push_back(arrival);
            let is_full = joining.len() > MAX_HELD;
            if is_full {
                self.joined(now, id, out);
            } else {
                self.prove(now, out);
            }
            return Novelty::First;
        }
        let novelty = self.unordered(now, id, arrival, out);
        self.prove(now, out);
        novelty
    }

    /// Takes an event that simply follows the last one on the only source, which is most of them: `true` when it is to be
    /// delivered at once, and nothing else is to be done. Otherwise nothing has changed, and [`Self::arrive`] decides. `hash` is
    /// that of the frame, asked for where copies are distinguished by it.
    #[inline]
    pub(crate) fn follows(
        &mut self,
        source: Source,
        sequence: Option<Sequence>,
        received_at: Timestamp,
        hash: impl FnOnce() -> u64,
    ) -> bool {
        let (Some(sequence), Some(last), [only]) = (sequence, self.last, self.sources.as_mut_slice()) else {
            return false;
        };
        let is_plain = only.id == source && only.joining.is_none() && !self.broken && !self.left_out;
        let holds_none = self.held.is_empty() && self.behind_fill.is_empty() && self.filling.is_none();
        let (own, before) = (key(sequence), key(last));
        if !is_plain || !holds_none || own <= before {
            return false;
        }
        let follows = sequence.previous().is_none_or(|previous| previous <= before);
        if !follows {
            return false;
        }
        only.was_active = true;
        only.last = Some(only.last.unwrap_or(0).max(own));
        if sequence.previous().is_none() {
            self.remember(own, hash());
        }
        self.last = Some(sequence);
        self.last_received = Some(received_at);
        self.old_in_a_row = 0;
        true
    }

    /// Ends the joining of sources whose first event the others have passed.
    fn prove(&mut self, now: Duration, out: &mut Vec<Out<T>>) {
        if self.sources.len() < 2 {
            return;
        }
        let passed = self.sources.iter().filter(|source| source.joining.is_none());
        let Some(passed) = passed.filter_map(|source| source.last).max() else { return };
        let proven = self.sources.iter().find(|source| {
            let first = source.joining.as_ref().and_then(VecDeque::front);
            match first.and_then(|arrival| arrival.sequence) {
                // Of equal times one event may have come, and another not yet.
                Some(sequence @ (Sequence::Time(_) | Sequence::Candle { .. } | Sequence::Growing(_))) => {
                    passed > key(sequence)
                }
                Some(sequence) => passed >= key(sequence),
                None => false,
            }
        });
        if let Some(id) = proven.map(|source| source.id) {
            self.joined(now, id, out);
        }
    }

    // Events with gapless ids.

    fn gapless(
        &mut self,
        now: Duration,
        sequence: Sequence,
        previous: u64,
        arrival: Arrival<T>,
        out: &mut Vec<Out<T>>,
    ) -> Novelty {
        let own = key(sequence);
        let Some(last) = self.last.map(key) else {
            self.deliver(sequence, arrival, out);
            // With ids there is nothing more to prove.
            while let Some(next) = self.sources.iter().find(|source| source.joining.is_some()) {
                let id = next.id;
                self.joined(now, id, out);
            }
            return Novelty::First;
        };
        for source in &mut self.sources {
            let joining = source.joining.take().into_iter().flatten();
            out.extend(joining.map(|arrival| Out::Discard(arrival.payload)));
        }
        if own <= last {
            return self.old(sequence, own, last, arrival, out);
        }
        self.old_in_a_row = 0;
        if self.held.contains_key(&own) {
            return discard(arrival, Novelty::Duplicate, out);
        }
        let follows = previous <= last || (self.left_out && !self.broken);
        if self.filling.is_none() && follows && self.held.is_empty() {
            self.broken = false;
            self.deliver(sequence, arrival, out);
            return Novelty::First;
        }
        self.held.insert(own, (now, arrival));
        if self.filling.is_some() {
            if self.held.len() > MAX_HELD {
                self.filled(now, Vec::new(), false, out);
            }
            return Novelty::First;
        }
        self.drain(out);
        let at_once = self.broken || self.held.len() > MAX_HELD;
        self.close_holes(now, out, at_once);
        Novelty::First
    }

    /// An id that was passed already: a copy, unless the exchange has restarted its ids.
    fn old(
        &mut self,
        sequence: Sequence,
        own: u64,
        last: u64,
        arrival: Arrival<T>,
        out: &mut Vec<Out<T>>,
    ) -> Novelty {
        self.old_in_a_row += 1;
        let has_restarted = (self.broken && own < last / 2) || self.old_in_a_row >= RESTARTED;
        let is_restart = has_restarted && self.sources.len() < 2 || is_far_behind(own, last);
        if !is_restart || self.filling.is_some() {
            return discard(arrival, Novelty::Duplicate, out);
        }
        self.old_in_a_row = 0;
        self.broken = false;
        let held = std::mem::take(&mut self.held);
        out.extend(held.into_values().map(|(_, arrival)| Out::Discard(arrival.payload)));
        out.push(Out::Gap {
            from: position_before(sequence, 0),
            to: position_before(sequence, own.saturating_sub(1)),
            backfilled: false,
        });
        self.deliver(sequence, arrival, out);
        Novelty::First
    }

    /// Delivers what follows without a hole.
    fn drain(&mut self, out: &mut Vec<Out<T>>) {
        if self.filling.is_some() {
            return;
        }
        while let Some((_, (_, next))) = self.held.first_key_value() {
            let last = self.last.map_or(0, key);
            let Some(sequence) = next.sequence else { break };
            if key(sequence) > last && sequence.previous().is_some_and(|previous| previous > last) {
                break;
            }
            let Some((_, (_, arrival))) = self.held.pop_first() else { break };
            if key(sequence) > last {
                self.deliver(sequence, arrival, out);
            } else {
                out.push(Out::Discard(arrival.payload));
            }
        }
    }

    /// The hole before the events that are held, and since when it is known.
    fn hole(&self) -> Option<(u64, u64, Sequence, Duration)> {
        if self.filling.is_some() {
            return None;
        }
        let (since, arrival) = self.held.first_key_value()?.1;
        let sequence = arrival.sequence?;
        let last = self.last.map_or(0, key);
        Some((last.saturating_add(1), sequence.previous()?, sequence, *since))
    }

    /// Until when the hole may be closed by an event still to come.
    fn hole_deadline(&self) -> Option<Duration> {
        let (_, to, _, since) = self.hole()?;
        let other = self.sources.iter().any(|source| source.last.is_some_and(|last| last < to));
        Some(since + if other { HOLE_TIMEOUT } else { self.grace })
    }

    fn close_holes(&mut self, now: Duration, out: &mut Vec<Out<T>>, mut at_once: bool) {
        while let Some((from, to, sequence, _)) = self.hole() {
            if !at_once && self.hole_deadline().is_none_or(|deadline| deadline > now) {
                return;
            }
            at_once = false;
            self.broken = false;
            let missing = to.saturating_sub(from);
            let (from, to_position) = (position_before(sequence, from), position_before(sequence, to));
            // No record has as many events as a damaged id says are missing.
            if self.can_fill && matches!(sequence, Sequence::Id(_)) && missing <= MAX_STEP {
                self.filling = Some((from, to_position));
                out.push(Out::Fill { from, to: to_position });
                return;
            }
            out.push(Out::Gap { from, to: to_position, backfilled: false });
            self.pass(sequence, to);
            self.drain(out);
        }
    }

    /// Everything up to this id is delivered or reported.
    fn pass(&mut self, like: Sequence, to: u64) {
        self.last = Some(match like {
            Sequence::Range { .. } => Sequence::Range { first: to, last: to },
            Sequence::Linked { .. } => Sequence::Linked { previous: to, last: to },
            _ => Sequence::Id(to),
        });
    }

    fn remember(&mut self, own: u64, hash: u64) {
        self.recent.push_back((own, hash));
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
    }

    fn deliver(&mut self, sequence: Sequence, arrival: Arrival<T>, out: &mut Vec<Out<T>>) {
        if sequence.previous().is_none() {
            self.remember(key(sequence), arrival.hash);
        }
        if self.last.is_none_or(|last| key(sequence) >= key(last)) || sequence.previous().is_some() {
            self.last = Some(sequence);
        }
        self.left_out = false;
        self.last_received = Some(arrival.received_at);
        out.push(Out::Deliver(arrival.payload));
    }
}
