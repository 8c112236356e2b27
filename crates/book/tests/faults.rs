//! The rows F1 to F9 and F11 of the fault catalogue, on the state machine. F10 is in `driver.rs`, F12 in `replay.rs`.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use binance_kit_book::{
    BookSide, BookState, BookSync, BookView, Change, CostError, Diff, Level, OrderBook, Snapshot,
    SnapshotFault, SnapshotTicket, StaleReason, SyncOptions, SyncOutcome, SyncRule, UpdateGap,
};
use binance_kit_core::Decimal;
use binance_kit_core::id::UpdateId;

fn level(price: i64, quantity: i64) -> Level {
    Level { price: Decimal::new(price, 0), quantity: Decimal::new(quantity, 0) }
}

fn levels(list: &[(i64, i64)]) -> Vec<Level> {
    list.iter().map(|&(price, quantity)| level(price, quantity)).collect()
}

fn diff(first: u64, last: u64, bids: &[(i64, i64)], asks: &[(i64, i64)]) -> Diff {
    Diff {
        first_update_id: UpdateId(first),
        last_update_id: UpdateId(last),
        previous_update_id: None,
        bids: levels(bids),
        asks: levels(asks),
    }
}

fn futures(previous: u64, first: u64, last: u64, bids: &[(i64, i64)]) -> Diff {
    Diff { previous_update_id: Some(UpdateId(previous)), ..diff(first, last, bids, &[]) }
}

fn snapshot(id: u64) -> Snapshot {
    Snapshot {
        last_update_id: UpdateId(id),
        bids: levels(&[(100, 1), (99, 2), (98, 3)]),
        asks: levels(&[(101, 1), (102, 2), (103, 3)]),
    }
}

/// The ticket of the step, which must have one.
fn ticket(step: SyncOutcome) -> SnapshotTicket {
    assert!(step.request.is_some(), "no snapshot requested: {step:?}");
    step.request.unwrap()
}

/// A spot book at update 100.
fn synced() -> BookSync {
    let mut sync = BookSync::new(SyncRule::Spot);
    let ticket = ticket(sync.on_diff(&diff(99, 100, &[], &[])));
    let step = sync.on_snapshot(ticket, &snapshot(99), None);
    assert_eq!(step.change, Change::Synced { update_id: UpdateId(100), replayed: 1 });
    sync
}

fn text(book: &OrderBook) -> String {
    let side = |levels: Vec<String>| levels.join(" ");
    format!(
        "{} | {} | {}",
        book.last_update_id(),
        side(book.bids().map(|level| format!("{} × {}", level.price, level.quantity)).collect()),
        side(book.asks().map(|level| format!("{} × {}", level.price, level.quantity)).collect())
    )
}

#[test]
fn f1_a_gap_makes_the_book_stale_before_anyone_reads_it() {
    let mut sync = synced();
    let before = text(sync.synced().unwrap());
    let step = sync.on_diff(&diff(102, 103, &[(100, 9)], &[]));
    let gap = UpdateGap { expected: UpdateId(101), got: UpdateId(102) };
    assert_eq!(step.change, Change::Stale(StaleReason::Gap(gap)));
    assert!(sync.synced().is_none());
    let stale = sync.stale_view().unwrap();
    assert_eq!((text(stale.last_known()), stale.reason()), (before, StaleReason::Gap(gap)));
    assert!(matches!(sync.view(), BookView::Stale(_)));
    // One request only, however many diffs come meanwhile; the diff behind the gap is kept.
    let ticket = ticket(step);
    assert_eq!(sync.on_diff(&diff(104, 104, &[(99, 0)], &[])).request, None);
    let step = sync.on_snapshot(ticket, &snapshot(101), None);
    assert_eq!(step.change, Change::Synced { update_id: UpdateId(104), replayed: 2 });
    assert_eq!(text(sync.synced().unwrap()), "104 | 100 × 9 98 × 3 | 101 × 1 102 × 2 103 × 3");
    assert_eq!((sync.stats().gaps, sync.stats().stale, sync.buffered()), (1, 1, 0));
}

#[test]
fn f1_a_gap_on_futures_is_found_by_the_previous_id() {
    let mut sync = BookSync::new(SyncRule::Futures);
    let asked = ticket(sync.on_diff(&futures(90, 95, 110, &[(100, 2)])));
    let step = sync.on_snapshot(asked, &snapshot(100), None);
    assert_eq!(step.change, Change::Synced { update_id: UpdateId(110), replayed: 1 });
    // Ids have holes by themselves.
    let step = sync.on_diff(&futures(110, 150, 160, &[(100, 3)]));
    assert_eq!(step.change, Change::Updated { touch_changed: true });
    let step = sync.on_diff(&futures(170, 171, 180, &[(100, 4)]));
    let gap = UpdateGap { expected: UpdateId(160), got: UpdateId(170) };
    assert_eq!(step.change, Change::Stale(StaleReason::Gap(gap)));
    assert_eq!(gap.to_string(), "expected update 160, got 170");
}

#[test]
fn f1_a_gap_while_syncing_voids_what_was_buffered_before_it() {
    let mut sync = BookSync::new(SyncRule::Spot);
    let asked = ticket(sync.on_diff(&diff(1, 10, &[(90, 1)], &[])));
    let gap = UpdateGap { expected: UpdateId(11), got: UpdateId(13) };
    let step = sync.on_diff(&diff(13, 14, &[(91, 1)], &[]));
    assert_eq!(step.change, Change::Buffered { gap: Some(gap), dropped: 0 });
    let step = sync.on_snapshot(asked, &snapshot(10), None);
    let fault = SnapshotFault::TooOld { snapshot: UpdateId(10), needed: UpdateId(12) };
    assert_eq!(step.change, Change::SnapshotRefused(fault));
    assert!(sync.on_snapshot(ticket(step), &snapshot(12), None).change != Change::Nothing);
    assert_eq!(text(sync.synced().unwrap()), "14 | 100 × 1 99 × 2 98 × 3 91 × 1 | 101 × 1 102 × 2 103 × 3");
}

#[test]
fn f2_a_duplicate_changes_nothing() {
    let mut sync = synced();
    let event = diff(101, 103, &[(100, 5)], &[(101, 0)]);
    assert_eq!(sync.on_diff(&event).change, Change::Updated { touch_changed: true });
    let before = text(sync.synced().unwrap());
    for _ in 0..3 {
        assert_eq!(sync.on_diff(&event), sync.on_diff(&diff(99, 100, &[(100, 77)], &[])));
        assert_eq!(text(sync.synced().unwrap()), before);
    }
    assert_eq!(sync.stats().old, 6);
    assert_eq!(
        sync.on_diff(&diff(104, 104, &[(50, 1)], &[])).change,
        Change::Updated { touch_changed: false }
    );
}

#[test]
fn f2_a_duplicate_in_the_buffer_is_kept_once() {
    let mut sync = BookSync::new(SyncRule::Spot);
    let asked = ticket(sync.on_diff(&diff(1, 2, &[], &[])));
    let _ = sync.on_diff(&diff(1, 2, &[], &[]));
    let _ = sync.on_diff(&diff(3, 3, &[], &[]));
    let _ = sync.on_diff(&diff(1, 2, &[], &[]));
    assert_eq!(sync.buffered(), 2);
    assert_eq!(
        sync.on_snapshot(asked, &snapshot(1), None).change,
        Change::Synced { update_id: UpdateId(3), replayed: 2 }
    );
}

#[test]
fn f3_an_overlap_is_applied() {
    let mut sync = synced();
    assert_eq!(
        sync.on_diff(&diff(98, 102, &[(100, 7)], &[])).change,
        Change::Updated { touch_changed: true }
    );
    assert_eq!(text(sync.synced().unwrap()), "102 | 100 × 7 99 × 2 98 × 3 | 101 × 1 102 × 2 103 × 3");
    let mut sync = BookSync::new(SyncRule::Futures);
    let asked = ticket(sync.on_diff(&futures(90, 95, 110, &[])));
    let _ = sync.on_snapshot(asked, &snapshot(100), None);
    assert_eq!(sync.on_diff(&futures(105, 106, 120, &[])).change, Change::Updated { touch_changed: false });
}

#[test]
fn f4_a_snapshot_that_is_too_old_costs_no_event() {
    let mut sync = BookSync::new(SyncRule::Spot);
    let mut asked = ticket(sync.on_diff(&diff(50, 52, &[(97, 4)], &[])));
    for (next, old) in (53..).zip([10, 30, 48]) {
        let step = sync.on_snapshot(asked, &snapshot(old), None);
        let fault = SnapshotFault::TooOld { snapshot: UpdateId(old), needed: UpdateId(49) };
        assert_eq!(step.change, Change::SnapshotRefused(fault));
        assert_eq!(sync.state(), BookState::Syncing);
        asked = ticket(step);
        assert_eq!(
            sync.on_diff(&diff(next, next, &[], &[(101, i64::try_from(next).unwrap())])).request,
            None
        );
    }
    let step = sync.on_snapshot(asked, &snapshot(51), None);
    assert_eq!(step.change, Change::Synced { update_id: UpdateId(55), replayed: 4 });
    assert_eq!(text(sync.synced().unwrap()), "55 | 100 × 1 99 × 2 98 × 3 97 × 4 | 101 × 55 102 × 2 103 × 3");
}

#[test]
fn f4_a_quiet_stream_syncs_without_an_event() {
    let mut sync = BookSync::new(SyncRule::Spot);
    let asked = ticket(sync.on_connected());
    assert_eq!(
        sync.on_snapshot(asked, &snapshot(7), None).change,
        Change::Synced { update_id: UpdateId(7), replayed: 0 }
    );
    assert_eq!(sync.on_diff(&diff(8, 8, &[], &[])).change, Change::Updated { touch_changed: false });
}

#[test]
fn f5_nine_boundaries_between_snapshot_and_event() {
    // The snapshot ends at 100; what the first event's ids make of it.
    for (first, last, expected) in [
        (90, 99, Some(0)),
        (90, 100, Some(0)),
        (100, 100, Some(0)),
        (90, 101, Some(1)),
        (99, 101, Some(1)),
        (100, 101, Some(1)),
        (101, 101, Some(1)),
        (102, 102, None),
        (103, 110, None),
    ] {
        for late in [false, true] {
            let mut sync = BookSync::new(SyncRule::Spot);
            let event = diff(first, last, &[(100, 42)], &[]);
            let applied = if late {
                // The event comes behind the snapshot.
                let asked = sync.request_snapshot();
                let _ = sync.on_snapshot(asked, &snapshot(100), None);
                match sync.on_diff(&event).change {
                    Change::Nothing => Some(0),
                    Change::Updated { .. } => Some(1),
                    Change::Stale(StaleReason::Gap(_)) => None,
                    other => panic!("{first} {last}: {other:?}"),
                }
            } else {
                let asked = ticket(sync.on_diff(&event));
                match sync.on_snapshot(asked, &snapshot(100), None).change {
                    Change::Synced { replayed, .. } => Some(replayed),
                    Change::SnapshotRefused(SnapshotFault::TooOld { .. }) => None,
                    other => panic!("{first} {last}: {other:?}"),
                }
            };
            assert_eq!(applied, expected, "event {first} to {last}, late {late}");
            if let Some(book) = sync.synced() {
                assert_eq!(book.last_update_id(), UpdateId(last.max(100)));
                let quantity = if expected == Some(1) { 42 } else { 1 };
                assert_eq!(book.best_bid(), Some(level(100, quantity)));
            }
        }
    }
}

#[test]
fn f5_boundaries_on_futures() {
    for (previous, first, last, expected) in [
        (80, 90, 99, Some(0)),
        (80, 90, 100, Some(0)),
        (80, 90, 120, Some(1)),
        (80, 100, 120, Some(1)),
        (99, 105, 120, Some(1)),
        (100, 105, 120, Some(1)),
        (101, 105, 120, None),
    ] {
        let mut sync = BookSync::new(SyncRule::Futures);
        let asked = ticket(sync.on_diff(&futures(previous, first, last, &[])));
        let applied = match sync.on_snapshot(asked, &snapshot(100), None).change {
            Change::Synced { replayed, .. } => Some(replayed),
            Change::SnapshotRefused(SnapshotFault::TooOld { .. }) => None,
            other => panic!("{other:?}"),
        };
        assert_eq!(applied, expected, "pu {previous}, event {first} to {last}");
    }
}

#[test]
fn f6_reordered_events_are_never_applied_out_of_order() {
    for distance in 1..=5 {
        let mut sync = synced();
        let events: Vec<Diff> =
            (101..=110).map(|id| diff(id, id, &[(100, i64::try_from(id).unwrap())], &[])).collect();
        let mut order: Vec<usize> = (0..events.len()).collect();
        let moved = order.remove(2);
        order.insert(2 + distance, moved);
        let mut asked = None;
        for &index in &order {
            let step = sync.on_diff(&events[index]);
            asked = step.request.or(asked);
            if let Some(book) = sync.synced() {
                let id = i64::try_from(book.last_update_id().get()).unwrap();
                assert_eq!(book.best_bid().unwrap(), level(100, id));
            }
        }
        assert!(!sync.state().is_synced(), "distance {distance}");
        let step = sync.on_snapshot(asked.unwrap(), &snapshot(104), None);
        let step = match step.change {
            Change::Synced { .. } => step,
            _ => sync.on_snapshot(ticket(step), &snapshot(109), None),
        };
        assert!(matches!(step.change, Change::Synced { update_id: UpdateId(110), .. }), "{step:?}");
        assert_eq!(sync.synced().unwrap().best_bid().unwrap(), level(100, 110));
    }
}

#[test]
fn f7_a_snapshot_newer_than_the_buffer_voids_it_and_ids_never_go_back() {
    let mut sync = BookSync::new(SyncRule::Spot);
    let asked = ticket(sync.on_diff(&diff(1, 5, &[(100, 55)], &[])));
    let _ = sync.on_diff(&diff(6, 9, &[(99, 55)], &[]));
    assert_eq!(
        sync.on_snapshot(asked, &snapshot(20), None).change,
        Change::Synced { update_id: UpdateId(20), replayed: 0 }
    );
    let before = text(sync.synced().unwrap());
    // Events that the snapshot holds are still on their way.
    for id in 10..=20 {
        assert_eq!(sync.on_diff(&diff(id, id, &[(100, 66)], &[])).change, Change::Nothing);
        assert_eq!(text(sync.synced().unwrap()), before);
    }
    assert_eq!(sync.on_diff(&diff(21, 21, &[], &[])).change, Change::Updated { touch_changed: false });
    // A snapshot from before what was shown is refused, also when no event is at hand.
    let _ = sync.on_disconnected();
    assert_eq!(sync.on_connected().request, None);
    let asked = sync.request_snapshot();
    let step = sync.on_snapshot(asked, &snapshot(20), None);
    let fault = SnapshotFault::TooOld { snapshot: UpdateId(20), needed: UpdateId(21) };
    assert_eq!(step.change, Change::SnapshotRefused(fault));
    assert_eq!(sync.stale_view().unwrap().last_known().last_update_id(), UpdateId(21));
    assert!(matches!(sync.on_snapshot(ticket(step), &snapshot(21), None).change, Change::Synced { .. }));
}

#[test]
fn f7_renumbered_ids_are_noticed() {
    let options = {
        let mut options = SyncOptions::default();
        options.max_old_events = 3;
        options
    };
    for known_book in [true, false] {
        let mut sync = BookSync::with_options(SyncRule::Spot, options.clone());
        let asked = ticket(sync.on_diff(&diff(1000, 1000, &[], &[])));
        if known_book {
            let _ = sync.on_snapshot(asked, &snapshot(1000), None);
        }
        for id in 1..=3 {
            assert_eq!(sync.on_diff(&diff(id, id, &[], &[])).change, Change::Nothing);
        }
        let step = sync.on_diff(&diff(4, 4, &[(100, 44)], &[]));
        if known_book {
            let reason = StaleReason::IdsWentBack { from: UpdateId(1000), to: UpdateId(4) };
            assert_eq!(step.change, Change::Stale(reason));
        }
        let step = sync.on_snapshot(ticket(step), &snapshot(3), None);
        assert_eq!(step.change, Change::Synced { update_id: UpdateId(4), replayed: 1 });
        assert_eq!(sync.synced().unwrap().best_bid(), Some(level(100, 44)));
    }
}

/// An update id of 2^64−1 makes no later diff an old one.
#[test]
fn f7_a_damaged_id_does_not_make_the_ids_behind_it_old() {
    for damaged in [u64::MAX, 1 << 63, 1 << 60] {
        let mut sync = synced();
        let have = sync.synced().unwrap().last_update_id().get();
        let step = sync.on_diff(&diff(have + 1, damaged, &[], &[]));
        assert_eq!(step.change, Change::Updated { touch_changed: false });
        let step = sync.on_diff(&diff(have + 2, have + 2, &[], &[]));
        let reason = StaleReason::IdsWentBack { from: UpdateId(damaged), to: UpdateId(have + 2) };
        assert_eq!(step.change, Change::Stale(reason));
        let step = sync.on_snapshot(ticket(step), &snapshot(have + 1), None);
        assert!(matches!(step.change, Change::Synced { .. }), "{:?}", step.change);
    }
}

#[test]
fn f8_removing_a_level_that_is_not_there_does_nothing() {
    let mut sync = synced();
    let step = sync.on_diff(&diff(101, 101, &[(50, 0), (97, 0), (200, 0)], &[(500, 0), (1, 0)]));
    assert_eq!(step.change, Change::Updated { touch_changed: false });
    assert_eq!(text(sync.synced().unwrap()), "101 | 100 × 1 99 × 2 98 × 3 | 101 × 1 102 × 2 103 × 3");
}

#[test]
fn f9_a_crossed_book_is_stale_and_counted() {
    let mut sync = synced();
    let step = sync.on_diff(&diff(101, 101, &[(101, 4)], &[]));
    let reason = StaleReason::Crossed { bid: Decimal::from(101), ask: Decimal::from(101) };
    assert_eq!(step.change, Change::Stale(reason));
    assert!(sync.synced().is_none());
    // A snapshot from before, and one that is crossed itself, are refused.
    let step = sync.on_snapshot(ticket(step), &snapshot(100), None);
    assert!(matches!(step.change, Change::SnapshotRefused(SnapshotFault::TooOld { .. })));
    let crossed = Snapshot { bids: levels(&[(105, 1)]), ..snapshot(101) };
    let step = sync.on_snapshot(ticket(step), &crossed, None);
    assert_eq!(step.change, Change::SnapshotRefused(SnapshotFault::Crossed));
    let _ = sync.on_diff(&diff(102, 102, &[(101, 0)], &[]));
    let step = sync.on_snapshot(ticket(step), &snapshot(101), None);
    assert_eq!(step.change, Change::Synced { update_id: UpdateId(102), replayed: 1 });
    assert_eq!((sync.stats().crossed, sync.stats().refused_snapshots), (2, 2));
}

#[test]
fn f11_what_lies_outside_the_snapshot_is_marked() {
    let mut sync = BookSync::new(SyncRule::Spot);
    let asked = sync.request_snapshot();
    let _ = sync.on_snapshot(asked, &snapshot(100), Some(3));
    let _ = sync.on_diff(&diff(101, 101, &[(90, 5)], &[(110, 5), (120, 6)]));
    let book = sync.synced().unwrap();
    assert_eq!(book.known_to(BookSide::Bid), Some(Decimal::from(98)));
    let depth = book.depth(10);
    assert_eq!((depth.bids.len(), depth.known_bids), (4, 3));
    assert_eq!((depth.asks.len(), depth.known_asks), (5, 3));
    assert!(book.volume_to_price(BookSide::Ask, Decimal::from(103)).complete);
    let volume = book.volume_to_price(BookSide::Ask, Decimal::from(110));
    assert_eq!((volume.quantity, volume.levels, volume.complete), (Decimal::from(11), 4, false));
    assert!(book.cost(BookSide::Bid, Decimal::from(6)).unwrap().complete);
    let cost = book.cost(BookSide::Bid, Decimal::from(8)).unwrap();
    assert_eq!(
        (cost.complete, cost.worst_price, cost.notional),
        (false, Decimal::from(90), Decimal::from(772))
    );
    // A snapshot with fewer levels than requested is the whole side.
    let mut sync = BookSync::new(SyncRule::Spot);
    let asked = sync.request_snapshot();
    let _ = sync.on_snapshot(asked, &snapshot(100), Some(5));
    let _ = sync.on_diff(&diff(101, 101, &[(90, 5)], &[]));
    assert_eq!(
        (sync.synced().unwrap().known_to(BookSide::Bid), sync.synced().unwrap().depth(9).known_bids),
        (None, 4)
    );
}

#[test]
fn f11_a_best_price_outside_the_snapshot_is_not_trusted() {
    let mut sync = BookSync::new(SyncRule::Spot);
    let asked = sync.request_snapshot();
    let _ = sync.on_snapshot(asked, &snapshot(100), Some(3));
    let _ = sync.on_diff(&diff(101, 101, &[(100, 0), (99, 0), (90, 5)], &[]));
    assert!(sync.state().is_synced());
    // Between 98 and 90 there may be bids that were never reported.
    let step = sync.on_diff(&diff(102, 102, &[(98, 0)], &[]));
    assert_eq!(step.change, Change::Stale(StaleReason::RangeExhausted(BookSide::Bid)));
    // The events behind a snapshot lead out of its range, too.
    let _ = sync.on_diff(&diff(103, 103, &[(97, 0)], &[]));
    let short = Snapshot { bids: levels(&[(97, 3)]), ..snapshot(102) };
    let step = sync.on_snapshot(ticket(step), &short, Some(1));
    assert_eq!(step.change, Change::SnapshotRefused(SnapshotFault::TooShort));
    let fresh = Snapshot { bids: levels(&[(95, 3)]), ..snapshot(103) };
    let step = sync.on_snapshot(ticket(step), &fresh, Some(1));
    assert!(matches!(step.change, Change::Synced { .. }), "{step:?}");
}

#[test]
fn f11_a_thin_book_is_refreshed_while_it_stays_synced() {
    let mut options = SyncOptions::default();
    options.refresh_part = 1;
    let mut sync = BookSync::with_options(SyncRule::Spot, options);
    let asked = sync.request_snapshot();
    let _ = sync.on_snapshot(asked, &snapshot(100), Some(3));
    let step = sync.on_diff(&diff(101, 101, &[(100, 0)], &[]));
    assert_eq!(step.change, Change::Updated { touch_changed: true });
    let asked = ticket(step);
    let _ = sync.on_diff(&diff(102, 102, &[(97, 7)], &[]));
    assert_eq!(sync.buffered(), 1);
    let fresh = Snapshot { bids: levels(&[(99, 2), (98, 3), (96, 1)]), ..snapshot(101) };
    let step = sync.on_snapshot(asked, &fresh, Some(3));
    assert_eq!(step.change, Change::Refreshed { update_id: UpdateId(102), differing_levels: Some(0) });
    assert_eq!(text(sync.synced().unwrap()), "102 | 99 × 2 98 × 3 97 × 7 96 × 1 | 101 × 1 102 × 2 103 × 3");
    // A wrong book is detected, and replaced.
    let asked = sync.request_snapshot();
    let wrong = Snapshot { bids: levels(&[(99, 5), (97, 7), (96, 1)]), ..snapshot(102) };
    assert_eq!(
        sync.on_snapshot(asked, &wrong, Some(3)).change,
        Change::Refreshed { update_id: UpdateId(102), differing_levels: Some(2) }
    );
    assert_eq!(sync.synced().unwrap().best_bid(), Some(level(99, 5)));
}

#[test]
fn a_break_that_lost_nothing_needs_no_snapshot() {
    let mut sync = synced();
    assert_eq!(sync.on_disconnected().change, Change::Stale(StaleReason::Disconnected));
    assert_eq!(sync.on_disconnected().change, Change::Nothing);
    assert!(sync.synced().is_none());
    assert_eq!(sync.on_connected().request, None);
    assert_eq!(sync.on_diff(&diff(98, 99, &[], &[])).change, Change::Nothing);
    assert!(!sync.state().is_synced());
    let step = sync.on_diff(&diff(101, 102, &[(100, 6)], &[]));
    assert_eq!(step.request, None);
    assert_eq!(step.change, Change::Synced { update_id: UpdateId(102), replayed: 1 });
    // The event that was the last before the break shows it, too.
    let _ = sync.on_disconnected();
    assert_eq!(sync.on_connected().request, None);
    assert!(matches!(
        sync.on_diff(&diff(101, 102, &[(100, 6)], &[])).change,
        Change::Synced { replayed: 0, .. }
    ));
    // One that lost something does need it.
    let _ = sync.on_disconnected();
    assert_eq!(sync.on_connected().request, None);
    let step = sync.on_diff(&diff(104, 104, &[], &[]));
    assert!(matches!(step.change, Change::Stale(StaleReason::Gap(_))));
    // From here on it is a gap like any other: what comes is kept.
    for id in 105..110 {
        let change = sync.on_diff(&diff(id, id, &[], &[])).change;
        assert_eq!(change, Change::Buffered { gap: None, dropped: 0 });
    }
    let step = sync.on_snapshot(ticket(step), &snapshot(103), None);
    assert_eq!(step.change, Change::Synced { update_id: UpdateId(109), replayed: 6 });
}

#[test]
fn a_snapshot_from_before_the_break_is_not_taken() {
    let mut sync = BookSync::new(SyncRule::Spot);
    let asked = ticket(sync.on_diff(&diff(1, 2, &[], &[])));
    let _ = sync.on_disconnected();
    assert_eq!(sync.on_snapshot(asked, &snapshot(2), None).change, Change::Nothing);
    let during = sync.request_snapshot();
    assert_eq!(sync.on_snapshot(during, &snapshot(2), None).change, Change::Nothing);
    let during = sync.request_snapshot();
    let _ = sync.on_connected();
    assert_eq!(sync.on_snapshot(during, &snapshot(2), None).change, Change::Nothing);
    assert_eq!(sync.state(), BookState::Syncing);
    let voided = sync.request_snapshot();
    let asked = ticket(sync.on_lost());
    assert_eq!(sync.on_snapshot(voided, &snapshot(9), None).change, Change::Nothing);
    assert!(matches!(sync.on_snapshot(asked, &snapshot(9), None).change, Change::Synced { .. }));
}

#[test]
fn lost_messages_and_contradictions_make_the_book_stale() {
    let mut sync = synced();
    let step = sync.on_lost();
    assert_eq!((step.change, step.request), (Change::Stale(StaleReason::Lost), None));
    assert!(sync.is_resumable());
    assert!(matches!(sync.on_diff(&diff(101, 101, &[], &[])).change, Change::Synced { .. }));
    for event in
        [diff(105, 103, &[], &[]), diff(102, 102, &[(100, -1)], &[]), diff(102, 102, &[], &[(-5, 1)])]
    {
        let step = sync.on_diff(&event);
        assert_eq!(step.change, Change::Stale(StaleReason::Malformed));
        let step = sync.on_snapshot(ticket(step), &snapshot(101), None);
        assert!(matches!(step.change, Change::Synced { .. }), "{step:?}");
    }
    let asked = sync.request_snapshot();
    let broken = Snapshot { bids: levels(&[(-1, 1)]), ..snapshot(101) };
    assert_eq!(
        sync.on_snapshot(asked, &broken, None).change,
        Change::SnapshotRefused(SnapshotFault::Malformed)
    );
}

#[test]
fn diffs_kept_for_an_earlier_ticket_are_not_taken_for_all_there_were() {
    let mut sync = synced();
    let _ = sync.request_snapshot();
    let _ = sync.on_diff(&diff(101, 101, &[(97, 1)], &[]));
    // The ticket is void now, so that the next diff is not kept.
    let _ = sync.on_lost();
    let _ = sync.on_diff(&diff(102, 102, &[(96, 1)], &[]));
    let _ = sync.on_lost();
    let asked = sync.request_snapshot();
    let _ = sync.on_diff(&diff(103, 103, &[(95, 1)], &[]));
    let step = sync.on_snapshot(asked, &snapshot(100), None);
    let fault = SnapshotFault::TooOld { snapshot: UpdateId(100), needed: UpdateId(102) };
    assert_eq!(step.change, Change::SnapshotRefused(fault));
    assert!(sync.synced().is_some());
}

#[test]
fn the_buffer_is_bounded() {
    let mut options = SyncOptions::default();
    options.max_buffered_events = 5;
    options.max_buffered_levels = 8;
    let mut sync = BookSync::with_options(SyncRule::Spot, options);
    let mut asked = None;
    for id in 1..=100 {
        let step = sync.on_diff(&diff(id, id, &[(100, 1), (99, 1)], &[]));
        asked = step.request.or(asked);
        assert!(sync.buffered() <= 4);
    }
    assert_eq!(sync.stats().dropped, 96);
    let step = sync.on_snapshot(asked.unwrap(), &snapshot(95), None);
    let fault = SnapshotFault::TooOld { snapshot: UpdateId(95), needed: UpdateId(96) };
    assert_eq!(step.change, Change::SnapshotRefused(fault));
    // An event larger than the whole buffer leaves nothing, but is not forgotten.
    let many: Vec<(i64, i64)> = (1..=20).map(|price| (price, 1)).collect();
    let _ = sync.on_diff(&diff(101, 101, &many, &[]));
    assert_eq!(sync.buffered(), 0);
    let step = sync.on_snapshot(ticket(step), &snapshot(100), None);
    let fault = SnapshotFault::TooOld { snapshot: UpdateId(100), needed: UpdateId(101) };
    assert_eq!(step.change, Change::SnapshotRefused(fault));
    assert!(matches!(sync.on_snapshot(ticket(step), &snapshot(101), None).change, Change::Synced { .. }));
}

#[test]
fn questions_a_book_answers() {
    let sync = synced();
    let book = sync.synced().unwrap();
    assert_eq!(book.spread(), Some(Decimal::ONE));
    assert_eq!(book.mid(), Some(Decimal::new(1005, 1)));
    assert_eq!(book.quantity_at(BookSide::Ask, Decimal::new(1020, 1)), Some(Decimal::TWO));
    assert_eq!(book.level_count(BookSide::Bid), 3);
    assert_eq!(book.levels(BookSide::Bid).next_back(), Some(level(98, 3)));
    let cost = book.cost(BookSide::Ask, Decimal::from(2)).unwrap();
    assert_eq!(
        (cost.average_price, cost.worst_price, cost.levels),
        (Decimal::new(1015, 1), Decimal::from(102), 2)
    );
    assert_eq!(
        book.cost(BookSide::Ask, Decimal::from(7)),
        Err(CostError::TooThin {
            side: BookSide::Ask,
            quantity: Decimal::from(7),
            available: Decimal::from(6)
        })
    );
    assert_eq!(book.cost(BookSide::Ask, Decimal::ZERO), Err(CostError::InvalidQuantity(Decimal::ZERO)));
    let volume = book.volume_to_price(BookSide::Bid, Decimal::from(99));
    assert_eq!((volume.quantity, volume.levels), (Decimal::from(3), 2));
    let empty = OrderBook::from_snapshot(&Snapshot::default(), None);
    assert_eq!((empty.best_bid(), empty.spread(), empty.mid()), (None, None, None));
    assert_eq!(BookState::Stale(StaleReason::Disconnected).to_string(), "stale: the stream is not connected");
}
