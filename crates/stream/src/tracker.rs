//! One stream as it comes over any number of connections at once: which copy is delivered, what is a duplicate, and where
//! something is missing. A state machine without I/O and without a clock.
//!
//! A connection that covers a stream is a *source*. A source that begins while others cover the stream *joins*: it is known
//! to be complete from its first event on, but the others may be behind it. Events without gapless ids are kept back
//! until the overlap is proven: by an older source that has come past the first event of the new one, or by
//! an answer on the older connection to something sent after the new subscription was acknowledged. From then on both
//! are complete, and the first copy wins. Gapless ids need no proof: what is out of order waits until the hole is closed, or
//! until nobody can close it.

use binance_kit_core::{Position, Sequence, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

mod fill;
#[cfg(test)]
mod tests;

/// Names a connection.
pub(crate) type Source = u64;

/// How many delivered events are remembered by id and content.
const RECENT: usize = 128;
/// The same for events without any order: what two connections may differ by.
const RECENT_WITHOUT_ORDER: usize = 1024;
/// How many events of one stream may be kept back.
const MOST_HELD: usize = 4096;
/// How long a hole that no other source can close stays open for events out of order, if nothing else is set.
pub(crate) const REORDER_GRACE: Duration = Duration::from_millis(100);
/// How long a hole stays open that another source could close.
const HOLE_PATIENCE: Duration = Duration::from_secs(10);
/// So many old events in a row on the only source mean that the ids began anew.
const BEGAN_ANEW: u32 = 1000;

/// An event that came.
#[derive(Debug)]
pub(crate) struct Arrival<T> {
    pub(crate) sequence: Option<Sequence>,
    /// A hash of the frame's bytes; compared where ids do not tell.
    pub(crate) hash: u64,
    pub(crate) received_at: Timestamp,
    pub(crate) payload: T,
}

/// What the consumer gets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Out<T> {
    /// The event.
    Deliver(T),
    /// Something is missing, or was and is filled in.
    Gap { from: Position, to: Position, recovered: bool },
    /// Something is missing and should be fetched; [`Tracker::filled`] goes on.
    Fill { from: Position, to: Position },
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is delivered, or will be.
    First,
    /// Another copy was first.
    Duplicate,
    /// It came after later ones, which are delivered already.
    Late,
    /// Another source is the one that counts.
    Ignored,
}

#[derive(Debug)]
struct SourceState<T> {
    id: Source,
    /// The place of its last event.
    last: Option<u64>,
    /// What it sent before the overlap was proven.
    joining: Option<VecDeque<Arrival<T>>>,
    /// Whether it spoke since another source joined.
    spoke: bool,
}

/// The state of a stream.
#[derive(Debug)]
pub(crate) struct Tracker<T> {
    last: Option<Sequence>,
    last_received: Option<Timestamp>,
    recent: VecDeque<(u64, u64)>,
    /// What the sources before delivered that the one that counts now has yet to send: for events without any order.
    ahead: VecDeque<u64>,
    sources: Vec<SourceState<T>>,
    /// Events behind a hole, by the last id in them.
    held: BTreeMap<u64, (Duration, Arrival<T>)>,
    /// Events without gapless ids that wait for [`Tracker::filled`].
    behind_fill: VecDeque<(Source, Arrival<T>)>,
    /// Nobody covered the stream for a while since the last event.
    broken: bool,
    /// Events that nobody wants have come since the last one: ids may be missing.
    left_out: bool,
    filling: Option<(Position, Position)>,
    can_fill: bool,
    /// How often the stream speaks, where that is known: a break that is shorter loses nothing.
    cadence: Option<Duration>,
    grace: Duration,
    old_in_a_row: u32,
}

fn key(sequence: Sequence) -> u64 {
    match sequence.position() {
        Position::Id(id) => id,
        Position::Time(time) => u64::try_from(time.as_micros()).unwrap_or(0),
        _ => 0,
    }
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
    /// A stream of which nothing came yet. With `can_fill`, holes are to be filled before they are reported.
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

    /// How many events are kept back.
    pub(crate) fn held(&self) -> usize {
        let joining = self.sources.iter().filter_map(|source| source.joining.as_ref());
        self.held.len() + self.behind_fill.len() + joining.map(VecDeque::len).sum::<usize>()
    }

    /// A connection covers the stream from now on.
    pub(crate) fn add(&mut self, id: Source) {
        if self.sources.iter().any(|source| source.id == id) {
            return;
        }
        let joining = (!self.sources.is_empty()).then(VecDeque::new);
        self.sources.push(SourceState { id, last: None, joining, spoke: false });
    }

    /// Everything that was published before this source began has come: it needs to be kept back no longer.
    pub(crate) fn joined(&mut self, now: Duration, id: Source, out: &mut Vec<Out<T>>) {
        let Some(index) = self.sources.iter().position(|source| source.id == id) else { return };
        for source in self.sources.iter_mut().filter(|source| source.id != id) {
            source.spoke = false;
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

    /// Whether this source has sent anything.
    pub(crate) fn heard(&self, id: Source) -> bool {
        self.sources.iter().any(|source| source.id == id && source.last.is_some())
    }

    /// Whether others have sent something since this source joined.
    pub(crate) fn spoke_since_joined(&self, id: Source) -> bool {
        self.sources.iter().any(|source| source.id != id && source.spoke)
    }

    /// A connection covers the stream no longer.
    pub(crate) fn remove(&mut self, now: Duration, id: Source, out: &mut Vec<Out<T>>) {
        let before = self.sources.len();
        let was_active = self.sources.iter().any(|source| source.id == id && source.joining.is_none());
        self.sources.retain(|source| source.id != id);
        if self.sources.len() == before {
            return;
        }
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

    /// An event came that nobody wants: the ids up to the next one are not looked at for holes, unless the stream was
    /// interrupted.
    pub(crate) fn left_out(&mut self) {
        self.left_out = true;
    }

    /// An event came.
    pub(crate) fn arrive(
        &mut self,
        now: Duration,
        id: Source,
        arrival: Arrival<T>,
        out: &mut Vec<Out<T>>,
    ) -> Fate {
        let Some(source) = self.sources.iter_mut().find(|source| source.id == id) else {
            return Fate::Ignored;
        };
        source.spoke = true;
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
            let is_full = joining.len() > MOST_HELD;
            if is_full {
                self.joined(now, id, out);
            } else {
                self.prove(now, out);
            }
            return Fate::First;
        }
        let fate = self.unordered(now, id, arrival, out);
        self.prove(now, out);
        fate
    }

    /// Ends the joining of those whose first event the others have come past.
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
    ) -> Fate {
        let own = key(sequence);
        let Some(last) = self.last.map(key) else {
            self.deliver(sequence, arrival, out);
            // With ids there is nothing more to prove.
            while let Some(next) = self.sources.iter().find(|source| source.joining.is_some()) {
                let id = next.id;
                self.joined(now, id, out);
            }
            return Fate::First;
        };
        for source in &mut self.sources {
            source.joining = None;
        }
        if own <= last {
            return self.old(sequence, own, last, arrival, out);
        }
        self.old_in_a_row = 0;
        if self.held.contains_key(&own) {
            return Fate::Duplicate;
        }
        let follows = previous <= last || (self.left_out && !self.broken);
        if self.filling.is_none() && follows && self.held.is_empty() {
            self.broken = false;
            self.deliver(sequence, arrival, out);
            return Fate::First;
        }
        self.held.insert(own, (now, arrival));
        if self.filling.is_some() {
            if self.held.len() > MOST_HELD {
                self.filled(now, Vec::new(), false, out);
            }
            return Fate::First;
        }
        self.drain(out);
        let at_once = self.broken || self.held.len() > MOST_HELD;
        self.close_holes(now, out, at_once);
        Fate::First
    }

    /// An id that was passed already: a copy, unless the exchange has begun its ids anew.
    fn old(
        &mut self,
        sequence: Sequence,
        own: u64,
        last: u64,
        arrival: Arrival<T>,
        out: &mut Vec<Out<T>>,
    ) -> Fate {
        self.old_in_a_row += 1;
        let began_anew = (self.broken && own < last / 2) || self.old_in_a_row >= BEGAN_ANEW;
        if self.sources.len() > 1 || !began_anew || self.filling.is_some() {
            return Fate::Duplicate;
        }
        self.old_in_a_row = 0;
        self.broken = false;
        self.held.clear();
        out.push(Out::Gap {
            from: position_before(sequence, 0),
            to: position_before(sequence, own.saturating_sub(1)),
            recovered: false,
        });
        self.deliver(sequence, arrival, out);
        Fate::First
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
            }
        }
    }

    /// The hole in front of what is held, and since when it is known.
    fn hole(&self) -> Option<(u64, u64, Sequence, Duration)> {
        if self.filling.is_some() {
            return None;
        }
        let (since, arrival) = self.held.first_key_value()?.1;
        let sequence = arrival.sequence?;
        let last = self.last.map_or(0, key);
        Some((last + 1, sequence.previous()?, sequence, *since))
    }

    /// Until when the hole may be closed by an event that comes yet.
    fn hole_deadline(&self) -> Option<Duration> {
        let (_, to, _, since) = self.hole()?;
        let other = self.sources.iter().any(|source| source.last.is_some_and(|last| last < to));
        Some(since + if other { HOLE_PATIENCE } else { self.grace })
    }

    fn close_holes(&mut self, now: Duration, out: &mut Vec<Out<T>>, mut at_once: bool) {
        while let Some((from, to, sequence, _)) = self.hole() {
            if !at_once && self.hole_deadline().is_none_or(|deadline| deadline > now) {
                return;
            }
            at_once = false;
            self.broken = false;
            let (from, to_position) = (position_before(sequence, from), position_before(sequence, to));
            if self.can_fill && matches!(sequence, Sequence::Id(_)) {
                self.filling = Some((from, to_position));
                out.push(Out::Fill { from, to: to_position });
                return;
            }
            out.push(Out::Gap { from, to: to_position, recovered: false });
            self.pass(sequence, to);
            self.drain(out);
        }
    }

    /// Everything up to this id is dealt with.
    fn pass(&mut self, like: Sequence, to: u64) {
        self.last = Some(match like {
            Sequence::Range { .. } => Sequence::Range { first: to, last: to },
            Sequence::Linked { .. } => Sequence::Linked { previous: to, last: to },
            _ => Sequence::Id(to),
        });
    }

    // Events without gapless ids.

    fn unordered(&mut self, now: Duration, id: Source, arrival: Arrival<T>, out: &mut Vec<Out<T>>) -> Fate {
        if self.filling.is_some() {
            if self.behind_fill.len() >= MOST_HELD {
                self.filled(now, Vec::new(), false, out);
            } else {
                self.behind_fill.push_back((id, arrival));
                return Fate::First;
            }
        }
        let Some(sequence) = arrival.sequence else { return self.without_order(id, arrival, out) };
        let own = key(sequence);
        let Some(last) = self.last else {
            self.deliver(sequence, arrival, out);
            return Fate::First;
        };
        let before = key(last);
        if own <= before {
            if self.recent.iter().any(|(at, hash)| *at == own && *hash == arrival.hash) {
                // A copy of what is known: nothing was missed.
                self.broken = false;
                return Fate::Duplicate;
            }
            let is_growing = matches!(sequence, Sequence::Growing(_));
            if own < before && (is_growing || self.sources.len() > 1) {
                return self.too_late(sequence, own, before, arrival, out);
            }
        } else if std::mem::take(&mut self.broken) && self.is_gap(last, sequence, out) {
            self.behind_fill.push_back((id, arrival));
            return Fate::First;
        }
        self.broken = false;
        self.old_in_a_row = 0;
        self.deliver(sequence, arrival, out);
        Fate::First
    }

    /// An event that is not known, behind one that is delivered: told, since delivering it would break the order.
    fn too_late(
        &mut self,
        sequence: Sequence,
        own: u64,
        before: u64,
        arrival: Arrival<T>,
        out: &mut Vec<Out<T>>,
    ) -> Fate {
        self.old_in_a_row += 1;
        let is_alone = self.sources.len() < 2 && matches!(sequence, Sequence::Growing(_));
        if is_alone && (self.broken && own < before / 2 || self.old_in_a_row >= BEGAN_ANEW) {
            // The exchange has begun its ids anew.
            self.old_in_a_row = 0;
            self.broken = false;
            self.last = None;
            self.recent.clear();
            let to = position_before(sequence, own.saturating_sub(1));
            out.push(Out::Gap { from: position_before(sequence, 0), to, recovered: false });
            self.deliver(sequence, arrival, out);
            return Fate::First;
        }
        if self.recent.front().is_none_or(|(oldest, _)| own < *oldest) {
            // Older than what is remembered.
            return Fate::Duplicate;
        }
        let at = sequence.position();
        self.remember(own, arrival.hash);
        out.push(Out::Gap { from: at, to: at, recovered: false });
        Fate::Late
    }

    /// Reports what a break has cost. `true` when it is to be filled first.
    fn is_gap(&mut self, last: Sequence, next: Sequence, out: &mut Vec<Out<T>>) -> bool {
        let (from, to) = match (last, next) {
            (Sequence::Growing(last), Sequence::Growing(next)) => {
                if next <= last + 1 {
                    return false;
                }
                (Position::Id(last + 1), Position::Id(next - 1))
            }
            (
                Sequence::Candle { open, close, is_closed, at: last },
                Sequence::Candle { open: next, at, .. },
            ) => {
                if self.cadence.is_some_and(|cadence| at.since(last) <= cadence + cadence / 2) {
                    return false;
                }
                let from = if is_closed { close.plus(Duration::from_millis(1)) } else { open };
                let to = next.minus(Duration::from_millis(1)).max(from);
                if self.can_fill && next > from {
                    self.filling = Some((Position::Time(from), Position::Time(to)));
                    out.push(Out::Fill { from: Position::Time(from), to: Position::Time(to) });
                    return true;
                }
                (Position::Time(from), Position::Time(to))
            }
            (Sequence::Time(last), Sequence::Time(next)) => {
                if self.cadence.is_some_and(|cadence| next.since(last) <= cadence + cadence / 2) {
                    return false;
                }
                (Position::Time(last), Position::Time(next))
            }
            _ => return false,
        };
        out.push(Out::Gap { from, to, recovered: false });
        false
    }

    fn without_order(&mut self, id: Source, arrival: Arrival<T>, out: &mut Vec<Out<T>>) -> Fate {
        let counts = self.sources.iter().find(|source| source.joining.is_none()).map(|source| source.id);
        if counts != Some(id) {
            return Fate::Ignored;
        }
        // What the others were ahead by comes first, in their order.
        if let Some(at) = self.ahead.iter().position(|hash| *hash == arrival.hash) {
            self.ahead.drain(..=at);
            self.broken = false;
            return Fate::Duplicate;
        }
        self.ahead.clear();
        if std::mem::take(&mut self.broken)
            && let Some(last) = self.last_received
        {
            let (from, to) = (Position::Time(last), Position::Time(arrival.received_at));
            out.push(Out::Gap { from, to, recovered: false });
        }
        // A new source may have begun before it was made known.
        self.recent.push_back((0, arrival.hash));
        if self.recent.len() > RECENT_WITHOUT_ORDER {
            self.recent.pop_front();
        }
        self.last_received = Some(arrival.received_at);
        out.push(Out::Deliver(arrival.payload));
        Fate::First
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
