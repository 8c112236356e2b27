//! Events without gapless ids: copies are recognised by place and content, and losses only follow from interruptions.

use super::{
    Arrival, MAX_HELD, Novelty, Out, RECENT_WITHOUT_ORDER, RESTARTED, Source, Tracker, discard,
    is_far_behind, key, position_before,
};
use binance_kit_core::{Position, Sequence};
use std::time::Duration;

impl<T> Tracker<T> {
    pub(super) fn unordered(
        &mut self,
        now: Duration,
        id: Source,
        arrival: Arrival<T>,
        out: &mut Vec<Out<T>>,
    ) -> Novelty {
        if self.filling.is_some() {
            if self.behind_fill.len() >= MAX_HELD {
                self.filled(now, Vec::new(), false, out);
            }
            // What waited can show the next gap: it is still before this event.
            if self.filling.is_some() {
                self.behind_fill.push_back((id, arrival));
                return Novelty::First;
            }
        }
        let Some(sequence) = arrival.sequence else { return self.without_order(id, arrival, out) };
        let own = key(sequence);
        let Some(last) = self.last else {
            self.deliver(sequence, arrival, out);
            return Novelty::First;
        };
        let before = key(last);
        if own <= before {
            if self.recent.iter().any(|(at, hash)| *at == own && *hash == arrival.hash) {
                // A copy of what is known: nothing was missed.
                self.broken = false;
                return discard(arrival, Novelty::Duplicate, out);
            }
            let is_growing = matches!(sequence, Sequence::Growing(_));
            if own < before && (is_growing || self.sources.len() > 1) {
                return self.too_late(sequence, own, before, arrival, out);
            }
        } else if std::mem::take(&mut self.broken) && self.is_gap(last, sequence, out) {
            self.behind_fill.push_back((id, arrival));
            return Novelty::First;
        }
        self.broken = false;
        self.old_in_a_row = 0;
        self.deliver(sequence, arrival, out);
        Novelty::First
    }

    /// A new event that is older than one already delivered: reported as a gap, since delivering it would break the order.
    fn too_late(
        &mut self,
        sequence: Sequence,
        own: u64,
        before: u64,
        arrival: Arrival<T>,
        out: &mut Vec<Out<T>>,
    ) -> Novelty {
        self.old_in_a_row += 1;
        let is_alone = self.sources.len() < 2 && matches!(sequence, Sequence::Growing(_));
        let has_restarted = self.broken && own < before / 2 || self.old_in_a_row >= RESTARTED;
        if is_alone && has_restarted || is_far_behind(own, before) {
            // The exchange has restarted its ids.
            self.old_in_a_row = 0;
            self.broken = false;
            self.last = None;
            self.recent.clear();
            let to = position_before(sequence, own.saturating_sub(1));
            out.push(Out::Gap { from: position_before(sequence, 0), to, backfilled: false });
            self.deliver(sequence, arrival, out);
            return Novelty::First;
        }
        if self.recent.front().is_none_or(|(oldest, _)| own < *oldest) {
            // Older than what is remembered.
            return discard(arrival, Novelty::Duplicate, out);
        }
        let at = sequence.position();
        self.remember(own, arrival.hash);
        out.push(Out::Gap { from: at, to: at, backfilled: false });
        discard(arrival, Novelty::Late, out)
    }

    /// Reports the events lost in an interruption. `true` when they are fetched first.
    fn is_gap(&mut self, last: Sequence, next: Sequence, out: &mut Vec<Out<T>>) -> bool {
        let (from, to) = match (last, next) {
            (Sequence::Growing(last), Sequence::Growing(next)) => {
                if next <= last.saturating_add(1) {
                    return false;
                }
                (Position::Id(last.saturating_add(1)), Position::Id(next.saturating_sub(1)))
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
        out.push(Out::Gap { from, to, backfilled: false });
        false
    }

    fn without_order(&mut self, id: Source, arrival: Arrival<T>, out: &mut Vec<Out<T>>) -> Novelty {
        let counts = self.sources.iter().find(|source| source.joining.is_none()).map(|source| source.id);
        if counts != Some(id) {
            return discard(arrival, Novelty::Ignored, out);
        }
        // What the others were ahead by comes first, in their order.
        if let Some(at) = self.ahead.iter().position(|hash| *hash == arrival.hash) {
            self.ahead.drain(..=at);
            self.broken = false;
            return discard(arrival, Novelty::Duplicate, out);
        }
        self.ahead.clear();
        if std::mem::take(&mut self.broken)
            && let Some(last) = self.last_received
        {
            let (from, to) = (Position::Time(last), Position::Time(arrival.received_at));
            out.push(Out::Gap { from, to, backfilled: false });
        }
        // A new source may have begun before it was made known.
        self.recent.push_back((0, arrival.hash));
        if self.recent.len() > RECENT_WITHOUT_ORDER {
            self.recent.pop_front();
        }
        self.last_received = Some(arrival.received_at);
        out.push(Out::Deliver(arrival.payload));
        Novelty::First
    }
}
