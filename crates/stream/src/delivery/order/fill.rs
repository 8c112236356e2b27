//! Holes that are closed by time, and those that are filled with fetched events.

use super::{Out, Tracker};
use binance_kit_core::{Position, Sequence};
use std::time::Duration;

impl<T> Tracker<T> {
    /// When [`Tracker::expire`] has something to do.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        self.hole_deadline()
    }

    /// Closes the holes that are due.
    pub(crate) fn expire(&mut self, now: Duration, out: &mut Vec<Out<T>>) {
        self.close_holes(now, out, false);
    }

    /// Releases all events that are held, to bound the memory. Holes are reported as gaps.
    pub(crate) fn release(&mut self, now: Duration, out: &mut Vec<Out<T>>) {
        if self.filling.is_some() {
            self.filled(now, Vec::new(), false, out);
        }
        while let Some(id) =
            self.sources.iter().find(|source| source.joining.is_some()).map(|source| source.id)
        {
            self.joined(now, id, out);
        }
        let can_fill = std::mem::replace(&mut self.can_fill, false);
        while !self.held.is_empty() {
            let before = self.held.len();
            self.close_holes(now, out, true);
            if self.held.len() == before {
                break;
            }
        }
        self.can_fill = can_fill;
    }

    /// Whether the answer to this [`Out::Fill`] is still waited for.
    pub(crate) fn is_filling(&self, from: Position, to: Position) -> bool {
        self.filling == Some((from, to))
    }

    /// Takes the events fetched for [`Out::Fill`], with the place of each. `complete` says that the range has no further
    /// events.
    pub(crate) fn filled(
        &mut self,
        now: Duration,
        mut events: Vec<(Sequence, T)>,
        complete: bool,
        out: &mut Vec<Out<T>>,
    ) {
        let Some((from, to)) = self.filling.take() else {
            out.extend(events.into_iter().map(|(_, payload)| Out::Discard(payload)));
            return;
        };
        let place = |sequence: &Sequence| match (sequence, from) {
            (Sequence::Candle { open, .. }, Position::Time(_)) => Some(Position::Time(*open)),
            (Sequence::Id(id), Position::Id(_)) => Some(Position::Id(*id)),
            _ => None,
        };
        events.sort_by_key(|(sequence, _)| place(sequence));
        let (mut last, mut reached) = (None, None);
        for (sequence, payload) in events {
            let at = place(&sequence).filter(|at| *at >= from && *at <= to);
            // Outside of what was asked for, or a second time.
            if at.is_none() || last == at {
                out.push(Out::Discard(payload));
                continue;
            }
            (last, reached) = (at, at);
            if let (Sequence::Candle { close, .. }, false) = (sequence, complete) {
                reached = Some(Position::Time(close));
            }
            out.push(Out::Deliver(payload));
        }
        match (complete, reached) {
            (true, _) => out.push(Out::Gap { from, to, backfilled: true }),
            (false, None) => out.push(Out::Gap { from, to, backfilled: false }),
            (false, Some(reached)) => {
                out.push(Out::Gap { from, to: reached, backfilled: true });
                let rest = match reached {
                    Position::Id(id) => Position::Id(id + 1),
                    Position::Time(time) => Position::Time(time.plus(Duration::from_millis(1))),
                    other => other,
                };
                if rest <= to {
                    out.push(Out::Gap { from: rest, to, backfilled: false });
                }
            }
        }
        if let Position::Id(to) = to {
            self.pass(Sequence::Id(to), to);
        }
        self.drain(out);
        let behind = std::mem::take(&mut self.behind_fill);
        for (id, arrival) in behind {
            self.unordered(now, id, arrival, out);
        }
        self.close_holes(now, out, false);
    }
}
