//! Boundaries of the state machine; the faults of the catalogue are in the integration tests.

use super::*;
use crate::input::{Diff, Snapshot};
use binance_kit_core::Decimal;

fn diff(first: u64, last: u64) -> Diff {
    Diff { first_update_id: UpdateId(first), last_update_id: UpdateId(last), ..Diff::default() }
}

fn snapshot(id: u64) -> Snapshot {
    let level = |price| vec![Level { price: Decimal::from(price), quantity: Decimal::ONE }];
    Snapshot { last_update_id: UpdateId(id), bids: level(99), asks: level(101) }
}

fn synced(id: u64) -> BookSync {
    let mut sync = BookSync::new(SyncRule::Spot);
    let ticket = sync.request_snapshot();
    assert!(matches!(sync.on_snapshot(ticket, &snapshot(id), Some(100)).change, Change::Synced { .. }));
    sync
}

#[test]
fn a_thousand_old_events_are_copies_and_one_more_is_a_new_numbering() {
    for is_synced in [true, false] {
        let mut sync = if is_synced { synced(5000) } else { BookSync::new(SyncRule::Spot) };
        let _ = sync.on_diff(&diff(5001, 5001));
        for id in 1..=1000 {
            assert_eq!(sync.on_diff(&diff(id, id)).change, Change::Nothing, "{id}");
        }
        // One that is not old ends the row.
        let _ = sync.on_diff(&diff(5002, 5002));
        for id in 1..=1000 {
            assert_eq!(sync.on_diff(&diff(id, id)).change, Change::Nothing, "{id}");
        }
        assert_ne!(sync.on_diff(&diff(1001, 1001)).change, Change::Nothing);
        assert_eq!((sync.stats().old, sync.state().is_synced()), (2001, false));
    }
}

#[test]
fn an_event_shows_that_the_stream_runs() {
    let mut sync = BookSync::new(SyncRule::Spot);
    let _ = sync.on_disconnected();
    let ticket = sync.on_diff(&diff(10, 10)).request.unwrap();
    let step = sync.on_snapshot(ticket, &snapshot(9), None);
    assert_eq!(step.change, Change::Synced { update_id: UpdateId(10), replayed: 1 });
}

#[test]
fn only_a_snapshot_of_the_same_update_is_a_comparison() {
    let mut sync = synced(10);
    let ticket = sync.request_snapshot();
    let step = sync.on_snapshot(ticket, &snapshot(12), Some(100));
    assert_eq!(step.change, Change::Refreshed { update_id: UpdateId(12), differing_levels: None });
    assert_eq!((sync.stats().audits, sync.stats().contradictions), (0, 0));
    for (snapshot, differing) in [(snapshot(12), 0), (Snapshot { bids: Vec::new(), ..snapshot(12) }, 1)] {
        let ticket = sync.request_snapshot();
        let step = sync.on_snapshot(ticket, &snapshot, Some(100));
        let differing_levels = Some(differing);
        assert_eq!(step.change, Change::Refreshed { update_id: UpdateId(12), differing_levels });
    }
    assert_eq!((sync.stats().audits, sync.stats().contradictions), (2, 1));
}
