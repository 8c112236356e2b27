//! Tests of one stream over several connections.

use super::*;

mod edges;
mod follows;

const T0: Duration = Duration::from_secs(100);

struct Probe {
    tracker: Tracker<u64>,
    out: Vec<Out<u64>>,
    /// Payloads handed in, and those that came out again.
    inside: i64,
}

impl Probe {
    fn new(can_fill: bool) -> Self {
        Self { tracker: Tracker::new(can_fill, None), out: Vec::new(), inside: 0 }
    }

    fn send(&mut self, source: Source, sequence: Option<Sequence>, payload: u64) -> Novelty {
        self.at(T0, source, sequence, payload)
    }

    fn at(&mut self, now: Duration, source: Source, sequence: Option<Sequence>, payload: u64) -> Novelty {
        let received_at = Timestamp::from_millis(i64::try_from(now.as_millis()).unwrap());
        let arrival = Arrival { sequence, hash: payload, received_at, payload };
        self.inside += 1;
        let before = self.out.len();
        let novelty = self.tracker.arrive(now, source, arrival, &mut self.out);
        self.account(before);
        novelty
    }

    /// Each payload comes out once, or is held.
    fn account(&mut self, before: usize) {
        let ended = self.out[before..].iter().filter(|out| matches!(out, Out::Deliver(_) | Out::Discard(_)));
        self.inside -= i64::try_from(ended.count()).unwrap();
        assert_eq!(self.inside, i64::try_from(self.tracker.held()).unwrap());
    }

    fn joined(&mut self, source: Source) {
        let before = self.out.len();
        self.tracker.joined(T0, source, &mut self.out);
        self.account(before);
    }

    fn filled(&mut self, events: Vec<(Sequence, u64)>, is_complete: bool) {
        self.inside += i64::try_from(events.len()).unwrap();
        let before = self.out.len();
        self.tracker.filled(T0, events, is_complete, &mut self.out);
        self.account(before);
    }

    fn expire(&mut self, now: Duration) {
        let before = self.out.len();
        self.tracker.expire(now, &mut self.out);
        self.account(before);
    }

    fn ids(&mut self, source: Source, ids: impl IntoIterator<Item = u64>) {
        for id in ids {
            self.send(source, Some(Sequence::Id(id)), id);
        }
    }

    fn growing(&mut self, source: Source, ids: impl IntoIterator<Item = u64>) {
        for id in ids {
            self.send(source, Some(Sequence::Growing(id)), id);
        }
    }

    fn remove(&mut self, source: Source) {
        let before = self.out.len();
        self.tracker.remove(T0, source, &mut self.out);
        self.account(before);
    }

    fn take(&mut self) -> Vec<String> {
        self.out
            .drain(..)
            .filter(|out| !matches!(out, Out::Discard(_)))
            .map(|out| match out {
                Out::Deliver(payload) | Out::Discard(payload) => payload.to_string(),
                Out::Gap { from: Position::Id(from), to: Position::Id(to), backfilled } => {
                    format!("gap {from}-{to}{}", if backfilled { " backfilled" } else { "" })
                }
                Out::Gap { from, to, .. } => format!("gap {from:?}-{to:?}"),
                Out::Fill { from, to } => format!("fill {from:?}-{to:?}"),
            })
            .collect()
    }
}

#[test]
fn gapless_ids_merge_whichever_connection_is_ahead() {
    let mut probe = Probe::new(false);
    probe.tracker.add(1);
    probe.ids(1, [5, 6]);
    probe.tracker.add(2);
    // The new connection is ahead of the old one.
    probe.ids(2, [9, 10]);
    assert_eq!(probe.take(), ["5", "6"]);
    probe.ids(1, [7, 8, 9, 10, 11]);
    probe.ids(2, [11, 12]);
    assert_eq!(probe.take(), ["7", "8", "9", "10", "11", "12"]);
    probe.remove(1);
    probe.ids(2, [13]);
    assert_eq!(probe.take(), ["13"]);
}

#[test]
fn a_hole_waits_for_those_behind_and_not_for_others() {
    let mut probe = Probe::new(false);
    probe.tracker.add(1);
    probe.ids(1, [1, 2, 5]);
    assert_eq!(probe.take(), ["1", "2"]);
    assert_eq!(probe.tracker.next_deadline(), Some(T0 + REORDER_GRACE));
    probe.ids(1, [4, 3, 6]);
    assert_eq!(probe.take(), ["3", "4", "5", "6"], "out of order by a few");
    probe.ids(1, [8]);
    probe.expire(T0 + REORDER_GRACE);
    assert_eq!(probe.take(), ["gap 7-7", "8"]);
    assert_eq!(probe.send(1, Some(Sequence::Id(7)), 7), Novelty::Duplicate, "it was reported already");
    // Another connection that is behind may close the hole.
    probe.tracker.add(2);
    probe.ids(2, [8]);
    probe.ids(1, [11]);
    assert_eq!(probe.tracker.next_deadline(), Some(T0 + HOLE_TIMEOUT));
    probe.ids(2, [9, 10]);
    assert_eq!(probe.take(), ["9", "10", "11"]);
}

#[test]
fn a_lost_connection_shows_its_hole_at_once() {
    let mut probe = Probe::new(false);
    probe.tracker.add(1);
    probe.ids(1, [1]);
    probe.remove(1);
    probe.tracker.add(2);
    probe.ids(2, [4, 5]);
    assert_eq!(probe.take(), ["1", "gap 2-3", "4", "5"]);
    let mut probe = Probe::new(false);
    probe.tracker.add(1);
    probe.growing(1, [10]);
    probe.remove(1);
    probe.tracker.add(2);
    probe.growing(2, [14, 20]);
    assert_eq!(probe.take(), ["10", "gap 11-13", "14", "20"]);
}

#[test]
fn restarted_ids_do_not_silence_the_stream() {
    let mut probe = Probe::new(false);
    probe.tracker.add(1);
    probe.ids(1, [1_000_000]);
    probe.remove(1);
    probe.tracker.add(2);
    probe.ids(2, [7, 8]);
    assert_eq!(probe.take(), ["1000000", "gap 0-6", "7", "8"]);
    probe.ids(2, [1_000_000]);
    probe.expire(T0 + REORDER_GRACE);
    probe.take();
    // Without a break it takes a while to believe it.
    probe.ids(2, 10..2000);
    let delivered = probe.take();
    assert_eq!(delivered.last().unwrap(), "1999");
}

#[test]
fn growing_ids_wait_for_the_overlap() {
    let mut probe = Probe::new(false);
    probe.tracker.add(1);
    probe.growing(1, [10, 20]);
    probe.tracker.add(2);
    probe.growing(2, [40, 50]);
    assert_eq!(probe.take(), ["10", "20"], "30 may be on its way");
    probe.growing(1, [30, 40]);
    assert_eq!(probe.take(), ["30", "40"]);
    probe.growing(1, [50]);
    probe.growing(2, [60]);
    probe.remove(1);
    probe.growing(2, [70]);
    assert_eq!(probe.take(), ["50", "60", "70"]);
}

#[test]
fn a_fence_proves_the_overlap_of_quiet_streams() {
    for kind in 0..3 {
        let sequence = |id: u64| match kind {
            0 => Some(Sequence::Growing(id)),
            1 => Some(Sequence::Time(Timestamp::from_millis(i64::try_from(id).unwrap()))),
            _ => None,
        };
        let mut probe = Probe::new(false);
        probe.tracker.add(1);
        probe.send(1, sequence(10), 10);
        probe.tracker.add(2);
        // Both are published while both are subscribed; the copies of the old connection come first, or second.
        probe.send(1, sequence(20), 20);
        probe.send(2, sequence(20), 20);
        probe.send(2, sequence(30), 30);
        probe.send(1, sequence(30), 30);
        probe.joined(2);
        probe.send(2, sequence(40), 40);
        probe.send(1, sequence(40), 40);
        probe.remove(1);
        probe.send(2, sequence(50), 50);
        assert_eq!(probe.take(), ["10", "20", "30", "40", "50"], "kind {kind}");
    }
}

#[test]
fn equal_times_are_distinguished_by_content() {
    let mut probe = Probe::new(false);
    let at = Some(Sequence::Time(Timestamp::from_millis(5)));
    probe.tracker.add(1);
    assert_eq!(probe.send(1, at, 1), Novelty::First);
    assert_eq!(probe.send(1, at, 2), Novelty::First);
    assert_eq!(probe.send(1, at, 1), Novelty::Duplicate);
    assert_eq!(probe.take(), ["1", "2"]);
}

#[test]
fn an_event_that_arrives_too_late_is_reported() {
    let mut probe = Probe::new(false);
    probe.tracker.add(1);
    probe.growing(1, [10, 30]);
    assert_eq!(probe.send(1, Some(Sequence::Growing(20)), 20), Novelty::Late);
    assert_eq!(probe.send(1, Some(Sequence::Growing(20)), 20), Novelty::Duplicate);
    assert_eq!(probe.take(), ["10", "30", "gap 20-20"]);
}

#[test]
fn gaps_are_filled_before_what_is_newer() {
    let mut probe = Probe::new(true);
    probe.tracker.add(1);
    probe.ids(1, [1]);
    probe.remove(1);
    probe.tracker.add(2);
    probe.ids(2, [5, 6]);
    assert_eq!(probe.take(), ["1", "fill Id(2)-Id(4)"]);
    probe.ids(2, [7]);
    let fetched = |ids: &[u64]| ids.iter().map(|id| (Sequence::Id(*id), *id)).collect();
    probe.filled(fetched(&[1, 2, 3, 4, 5]), true);
    assert_eq!(probe.take(), ["2", "3", "4", "gap 2-4 backfilled", "5", "6", "7"]);
    // In part.
    probe.remove(2);
    probe.tracker.add(3);
    probe.ids(3, [12]);
    assert_eq!(probe.take(), ["fill Id(8)-Id(11)"]);
    probe.filled(fetched(&[8, 9]), false);
    assert_eq!(probe.take(), ["8", "9", "gap 8-9 backfilled", "gap 10-11", "12"]);
}

#[test]
fn candles_are_filled_by_the_time_they_begin() {
    let minute = |number: i64, at: i64, is_closed: bool| Sequence::Candle {
        open: Timestamp::from_millis(number * 60_000),
        close: Timestamp::from_millis(number * 60_000 + 59_999),
        is_closed,
        at: Timestamp::from_millis(at),
    };
    let mut probe = Probe::new(true);
    probe.tracker.add(1);
    probe.send(1, Some(minute(1, 70_000, false)), 1);
    probe.remove(1);
    probe.tracker.add(2);
    probe.send(2, Some(minute(3, 182_000, false)), 3);
    probe.send(2, Some(minute(3, 184_000, false)), 4);
    let filling: Vec<(Position, Position)> = probe
        .out
        .iter()
        .filter_map(|out| match out {
            Out::Fill { from, to } => Some((*from, *to)),
            _ => None,
        })
        .collect();
    let at = |millis| Position::Time(Timestamp::from_millis(millis));
    assert_eq!(filling, [(at(60_000), at(179_999))]);
    assert!(probe.tracker.is_filling(at(60_000), at(179_999)));
    probe.take();
    let fetched = vec![(minute(1, 120_000, true), 11), (minute(2, 180_000, true), 12)];
    probe.filled(fetched, true);
    let taken = probe.take();
    assert_eq!((taken[0].as_str(), taken[1].as_str()), ("11", "12"));
    assert_eq!(taken[3..], ["3", "4"]);
}

#[test]
fn the_number_of_held_events_is_bounded() {
    let mut probe = Probe::new(true);
    probe.tracker.add(1);
    probe.ids(1, [1]);
    probe.ids(1, 3..20_000);
    assert!(probe.tracker.held() <= MAX_HELD + 1);
    let mut probe = Probe::new(false);
    probe.tracker.add(1);
    probe.growing(1, [1]);
    probe.tracker.add(2);
    probe.growing(2, (10..40_000).map(|id| id * 2));
    assert!(probe.tracker.held() <= MAX_HELD + 1);
}

/// Any two connections that each lose nothing give every event once and in order, whatever the order between them.
#[test]
fn g4_any_interleaving_of_two_connections_delivers_each_event_once() {
    let random = binance_kit_net::Random::seeded(3);
    for round in 0..500 {
        let kind = round % 4;
        let mut probe = Probe::new(false);
        let total = 40 + random.below(40);
        let starts = random.below(total / 2);
        let sequence = |id: u64| match kind {
            0 => Some(Sequence::Id(id + 1)),
            1 => Some(Sequence::Growing((id + 1) * 3)),
            2 => Some(Sequence::Time(Timestamp::from_millis(i64::try_from(id / 2 + 1).unwrap()))),
            _ => None,
        };
        probe.tracker.add(1);
        let (mut old, mut new) = (0, starts);
        let mut is_added = false;
        let mut fenced = None;
        while new < total {
            // Neither connection has events of the future.
            if random.below(2) == 0 && old < total {
                probe.send(1, sequence(old), old);
                old += 1;
            } else if old >= starts.saturating_sub(5) && (old > starts || random.below(3) == 0) {
                if !is_added {
                    probe.tracker.add(2);
                    is_added = true;
                }
                probe.send(2, sequence(new), new);
                new += 1;
            }
            if is_added && old >= starts + 10 && fenced.is_none() {
                fenced = Some(old);
                probe.joined(2);
                probe.remove(1);
                old = total;
            }
        }
        let expected: Vec<String> = (0..total).map(|id| id.to_string()).collect();
        if is_added && fenced.is_some() {
            assert_eq!(probe.take(), expected, "round {round}, kind {kind}");
        }
    }
}

/// Nothing that follows an id of 2^64−1 is a copy of something: not at the beginning, not in between, and on no number of
/// connections.
#[test]
fn a_damaged_id_does_not_make_the_ids_behind_it_old() {
    for sources in 1..=2 {
        for damaged in [u64::MAX, u64::MAX - 1, 1 << 63, (1 << 63) - 1, 1 << 60] {
            for can_fill in [false, true] {
                let mut probe = Probe::new(can_fill);
                for source in 1..=sources {
                    probe.tracker.add(source);
                    probe.joined(source);
                }
                probe.ids(1, [damaged]);
                probe.ids(1, [5, 6]);
                assert_eq!(probe.take(), [&damaged.to_string(), "gap 0-4", "5", "6"]);
                probe.ids(1, [damaged, 7, 8]);
                probe.expire(T0 + HOLE_TIMEOUT * 2);
                probe.ids(1, [9, 10]);
                let gap = format!("gap 9-{}", damaged - 1);
                assert_eq!(probe.take(), ["7", "8", &gap, &damaged.to_string(), "gap 0-8", "9", "10"]);
            }
            let mut probe = Probe::new(false);
            for source in 1..=sources {
                probe.tracker.add(source);
                probe.joined(source);
            }
            probe.growing(1, [damaged, 5, 6, damaged, 7, 9]);
            let delivered: Vec<String> =
                probe.take().into_iter().filter(|out| !out.starts_with("gap")).collect();
            let damaged = damaged.to_string();
            assert_eq!(delivered, [&damaged, "5", "6", &damaged, "7", "9"]);
        }
    }
}
