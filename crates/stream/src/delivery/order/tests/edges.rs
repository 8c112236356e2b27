//! What is remembered, forgotten and released, and from when on it makes a difference.

use super::*;

fn millis(millis: u64) -> Timestamp {
    Timestamp::from_millis(i64::try_from(millis).unwrap())
}

fn time(at: u64) -> Sequence {
    Sequence::Time(millis(at))
}

/// One event of each of these contents, without ids and times.
fn plain(probe: &mut Probe, source: Source, contents: impl IntoIterator<Item = u64>) {
    for content in contents {
        probe.send(source, None, content);
    }
}

fn release(probe: &mut Probe) {
    let before = probe.out.len();
    probe.tracker.release(T0, &mut probe.out);
    probe.account(before);
}

#[test]
fn a_new_connection_counts_once_the_older_one_has_passed_its_first_event() {
    for kind in 0..2 {
        let sequence = |id: u64| Some(if kind == 0 { Sequence::Growing(id) } else { time(id) });
        let mut probe = Probe::new(false);
        probe.tracker.add(1);
        probe.send(1, sequence(10), 10);
        probe.tracker.add(2);
        probe.send(2, sequence(40), 40);
        probe.send(1, sequence(40), 40);
        assert_eq!(probe.tracker.held(), 1, "of the same place, another may be on its way");
        probe.send(1, sequence(50), 50);
        assert_eq!(probe.tracker.held(), 0);
        probe.send(2, sequence(50), 50);
        probe.send(2, sequence(60), 60);
        assert_eq!(probe.take(), ["10", "40", "50", "60"], "kind {kind}");
    }
}

#[test]
fn a_connection_made_known_twice_counts_once() {
    let mut probe = Probe::new(false);
    for source in [1, 2, 1, 2] {
        probe.tracker.add(source);
    }
    probe.growing(1, [10]);
    probe.remove(1);
    probe.remove(2);
    probe.tracker.add(3);
    probe.growing(3, [20]);
    assert_eq!(probe.take(), ["10", "gap 11-19", "20"]);
}

#[test]
fn an_interruption_that_lost_nothing_is_forgotten() {
    let mut probe = Probe::new(false);
    probe.tracker.add(1);
    probe.ids(1, [1000]);
    probe.remove(1);
    probe.tracker.add(2);
    probe.ids(2, [1001, 1003, 1002]);
    assert_eq!(probe.take(), ["1000", "1001", "1002", "1003"], "out of order by one");
    // An old id means a restart after an interruption only.
    probe.ids(2, [3]);
    assert_eq!(probe.take(), [""; 0]);
}

#[test]
fn equal_times_are_distinguished_as_far_back_as_is_remembered() {
    let mut probe = Probe::new(false);
    probe.tracker.add(1);
    for content in 0..RECENT as u64 {
        probe.send(1, Some(time(5)), content);
    }
    assert_eq!(probe.send(1, Some(time(5)), 0), Novelty::Duplicate);
    assert_eq!(probe.take().len(), RECENT);
    assert_eq!(probe.send(1, Some(time(5)), RECENT as u64), Novelty::First);
    assert_eq!(probe.send(1, Some(time(5)), 0), Novelty::First, "forgotten");
}

#[test]
fn growing_ids_are_taken_to_have_restarted_after_a_thousand_old_ones_in_a_row() {
    let mut probe = Probe::new(false);
    probe.tracker.add(1);
    probe.growing(1, [90_000, 90_001]);
    probe.growing(1, 1..u64::from(RESTARTED));
    probe.growing(1, [90_002]);
    assert_eq!(probe.take(), ["90000", "90001", "90002"]);
    probe.growing(1, 1..=u64::from(RESTARTED));
    assert_eq!(probe.take(), ["gap 0-999", "1000"]);
}

#[test]
fn an_old_growing_id_among_others_is_no_restart() {
    for sources in 1..=2 {
        let mut probe = Probe::new(false);
        for source in 1..=sources {
            probe.tracker.add(source);
            probe.joined(source);
        }
        probe.growing(1, [1000, 2000]);
        assert_eq!(probe.send(1, Some(Sequence::Growing(10)), 10), Novelty::Duplicate);
        assert_eq!(probe.take(), ["1000", "2000"], "{sources} connections");
    }
}

#[test]
fn a_time_that_goes_back_on_the_only_connection_is_delivered() {
    let mut probe = Probe::new(false);
    probe.tracker.add(1);
    probe.send(1, Some(time(30)), 30);
    probe.send(1, Some(time(50)), 50);
    assert_eq!(probe.send(1, Some(time(40)), 40), Novelty::First);
    assert_eq!(probe.take(), ["30", "50", "40"]);
    // Which of two connections is late is not known.
    probe.tracker.add(2);
    probe.joined(2);
    assert_eq!(probe.send(2, Some(time(45)), 45), Novelty::Late);
}

#[test]
fn an_interruption_of_up_to_one_and_a_half_cadences_loses_nothing() {
    let minute = 60_000;
    let candle = |at: u64| Sequence::Candle {
        open: millis(at / minute * minute),
        close: millis(at / minute * minute + minute - 1),
        is_closed: false,
        at: millis(at),
    };
    for (silent, is_gap) in [(3000, false), (3001, true)] {
        for is_candle in [false, true] {
            let mut probe = Probe::new(false);
            probe.tracker = Tracker::new(false, Some(Duration::from_secs(2)));
            let sequence = |at| Some(if is_candle { candle(at) } else { time(at) });
            probe.tracker.add(1);
            probe.send(1, sequence(minute), 1);
            probe.remove(1);
            probe.tracker.add(2);
            probe.send(2, sequence(minute + silent), 2);
            let said = probe.take();
            assert_eq!(said.len(), if is_gap { 3 } else { 2 }, "{said:?}, candle: {is_candle}");
        }
    }
}

#[test]
fn what_the_older_connection_was_ahead_by_is_skipped_once() {
    let mut probe = Probe::new(false);
    probe.tracker.add(1);
    plain(&mut probe, 1, [1, 2, 3]);
    probe.tracker.add(2);
    probe.joined(2);
    // Its own events begin with those that were delivered already.
    plain(&mut probe, 2, [2, 3]);
    assert_eq!(probe.take(), ["1", "2", "3"]);
    plain(&mut probe, 2, [2]);
    assert_eq!(probe.take(), ["2"], "the same content again is another event");
    // One that is not among them shows that it is past them.
    plain(&mut probe, 2, [4]);
    probe.tracker.add(3);
    probe.joined(3);
    plain(&mut probe, 3, [5, 2, 4]);
    assert_eq!(probe.take(), ["4", "5", "2", "4"]);
}

#[test]
fn events_released_to_bound_the_memory_leave_nothing_held_and_nothing_fetched() {
    // Behind a hole, while it is waited for.
    let mut probe = Probe::new(true);
    probe.tracker.add(1);
    probe.ids(1, [1, 5]);
    release(&mut probe);
    assert_eq!(probe.take(), ["1", "gap 2-4", "5"]);
    // Behind a fetch that is under way.
    probe.remove(1);
    probe.tracker.add(2);
    probe.ids(2, [9, 12]);
    assert_eq!(probe.take(), ["fill Id(6)-Id(8)"], "later holes are fetched again");
    release(&mut probe);
    assert_eq!(probe.take(), ["gap 6-8", "9", "gap 10-11", "12"]);
    assert_eq!((probe.tracker.held(), probe.tracker.next_deadline()), (0, None));
    // Of a connection that joins.
    let mut probe = Probe::new(false);
    probe.tracker.add(1);
    probe.growing(1, [10]);
    probe.tracker.add(2);
    probe.growing(2, [40]);
    release(&mut probe);
    assert_eq!((probe.take(), probe.tracker.held()), (vec!["10".to_owned(), "40".to_owned()], 0));
}

#[test]
fn only_what_was_published_since_a_connection_joined_is_missing_on_it() {
    let mut probe = Probe::new(false);
    for source in 1..=3 {
        probe.tracker.add(source);
    }
    probe.growing(1, [10]);
    probe.joined(3);
    assert!(!probe.tracker.is_active(3) && !probe.tracker.others_active(3), "before that");
    probe.growing(1, [20]);
    assert!(probe.tracker.others_active(3), "one of the others is enough");
    probe.growing(3, [20]);
    assert!(probe.tracker.is_active(3));
}

#[test]
fn events_behind_a_fetch_that_takes_too_long_stay_in_order_behind_the_next_one() {
    let candle = |number: u64| {
        let open = number * 60_000;
        Some(Sequence::Candle {
            open: millis(open),
            close: millis(open + 59_999),
            is_closed: false,
            at: millis(open),
        })
    };
    let mut probe = Probe::new(true);
    probe.tracker.add(1);
    probe.send(1, candle(1), 1);
    probe.remove(1);
    probe.tracker.add(2);
    let many = MAX_HELD as u64;
    (10..10 + many).for_each(|number| {
        probe.send(2, candle(number), number);
    });
    // Interrupted once more while it is fetched.
    probe.remove(2);
    probe.tracker.add(3);
    probe.send(3, candle(10 + many), 10 + many);
    assert!(probe.tracker.held() <= MAX_HELD + 1);
    probe.filled(Vec::new(), true);
    let delivered: Vec<u64> = probe.take().iter().filter_map(|out| out.parse().ok()).collect();
    assert_eq!(delivered.len(), MAX_HELD + 2);
    assert!(delivered.is_sorted());
}
