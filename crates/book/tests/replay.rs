//! The audit of recordings, on made-up ones.

#![expect(clippy::unwrap_used, reason = "a failure here is the failure of a test")]

use binance_kit_book::{
    BookState, Diff, IdHole, IdSequence, Level, ReplayAudit, Snapshot, StaleReason, SymbolReport, SyncRule,
    Touch, UpdateGap,
};
use binance_kit_core::id::{AggTradeId, TradeId, UpdateId};
use binance_kit_core::{Decimal, Symbol};

fn level(price: i64, quantity: i64) -> Level {
    Level { price: Decimal::new(price, 1), quantity: Decimal::new(quantity, 3) }
}

fn diff(first: u64, last: u64, bid: (i64, i64)) -> Diff {
    Diff {
        first_update_id: UpdateId(first),
        last_update_id: UpdateId(last),
        previous_update_id: None,
        bids: vec![level(bid.0, bid.1)],
        asks: Vec::new(),
    }
}

fn snapshot(id: u64) -> Snapshot {
    Snapshot {
        last_update_id: UpdateId(id),
        bids: vec![level(100, 1), level(99, 2)],
        asks: vec![level(101, 1), level(102, 2)],
    }
}

fn ticker(id: u64, quantity: i64) -> Touch {
    Touch { update_id: UpdateId(id), bid: level(100, quantity), ask: level(101, 1) }
}

fn only(audit: &ReplayAudit) -> SymbolReport {
    let mut report = audit.report();
    assert_eq!(report.len(), 1);
    report.pop().unwrap()
}

#[test]
fn f12_missing_trades_are_named() {
    let mut trades = IdSequence::new();
    for (id, hole) in [
        (10, None),
        (11, None),
        (13, Some(IdHole { from: 12, to: 12 })),
        (13, None),
        (12, None),
        (20, Some(IdHole { from: 14, to: 19 })),
        (21, None),
    ] {
        assert_eq!(trades.observe(id), hole, "{id}");
    }
    assert_eq!((trades.count(), trades.repeated(), trades.missing(), trades.last()), (5, 2, 7, Some(21)));
    let holes: Vec<String> = trades.holes().iter().map(ToString::to_string).collect();
    assert_eq!(holes, ["12", "14..=19"]);

    let mut audit = ReplayAudit::new(SyncRule::Spot);
    let (btc, eth) = (Symbol::new("BTCUSDT"), Symbol::new("ETHUSDT"));
    assert_eq!(audit.on_trade(&btc, TradeId(1)), None);
    assert_eq!(audit.on_trade(&eth, TradeId(7)), None);
    assert_eq!(audit.on_trade(&btc, TradeId(5)), Some(IdHole { from: 2, to: 4 }));
    assert_eq!(audit.on_trade(&eth, TradeId(8)), None);
    let report = audit.report();
    assert_eq!((report[0].trades, report[0].missing_trades, report[1].missing_trades), (2, 3, 0));
}

#[test]
fn best_prices_are_compared_at_the_same_update() {
    let mut audit = ReplayAudit::new(SyncRule::Spot);
    let btc = Symbol::new("BTCUSDT");
    // Before the book is there: of an update that the snapshot holds, and of one that is in the buffer.
    audit.on_book_ticker(&btc, ticker(3, 9));
    audit.on_book_ticker(&btc, ticker(8, 8));
    audit.on_diff(&btc, &diff(5, 6, (100, 6)));
    audit.on_diff(&btc, &diff(7, 8, (100, 8)));
    audit.on_snapshot(Some(&btc), &snapshot(6));
    let report = only(&audit);
    assert_eq!((report.comparisons, report.mismatches, report.state), (1, 0, BookState::Synced));
    // In time, late, wrong, and of updates that no diff ends with.
    audit.on_book_ticker(&btc, ticker(9, 9));
    audit.on_book_ticker(&btc, ticker(10, 10));
    audit.on_diff(&btc, &diff(9, 10, (100, 10)));
    audit.on_diff(&btc, &diff(11, 12, (100, 12)));
    audit.on_book_ticker(&btc, ticker(11, 77));
    audit.on_book_ticker(&btc, ticker(12, 12));
    audit.on_book_ticker(&btc, ticker(13, 77));
    audit.on_diff(&btc, &diff(13, 13, (100, 13)));
    let report = only(&audit);
    assert_eq!((report.comparisons, report.mismatches), (3, 1));
    assert_eq!((report.late_comparisons, report.late_mismatches), (1, 0));
    assert_eq!((report.book_tickers, report.depth_events, report.snapshots), (7, 5, 1));
    let mismatch = report.first_mismatches[0];
    assert_eq!((mismatch.reported, mismatch.bid), (ticker(13, 77), Some(level(100, 13))));
    assert_eq!((report.best_bid, report.best_ask), (Some(level(100, 13)), Some(level(101, 1))));
    assert_eq!((report.last_update_id, report.bid_levels, report.ask_levels), (Some(UpdateId(13)), 2, 2));
}

#[test]
fn best_prices_of_another_numbering_are_not_compared() {
    let mut audit = ReplayAudit::new(SyncRule::Spot);
    let btc = Symbol::new("BTCUSDT");
    audit.on_diff(&btc, &diff(5, 6, (100, 6)));
    audit.on_snapshot(Some(&btc), &snapshot(5));
    // In the middle of a diff, so that the book passes it.
    audit.on_book_ticker(&btc, ticker(7, 77));
    audit.on_diff(&btc, &diff(7, 8, (100, 8)));
    audit.on_diff(&btc, &diff(9, 9, (100, 9)));
    audit.on_diff(&btc, &diff(10, 10, (100, 10)));
    // An id far off, and the ids behind it are another numbering.
    audit.on_diff(&btc, &diff(11, 1 << 60, (100, 60)));
    audit.on_diff(&btc, &diff(5, 5, (100, 5)));
    audit.on_snapshot(Some(&btc), &snapshot(4));
    audit.on_diff(&btc, &diff(6, 6, (100, 66)));
    audit.on_diff(&btc, &diff(7, 7, (100, 7)));
    assert_eq!((only(&audit).comparisons, only(&audit).state), (0, BookState::Synced));
    // Those of the present one are.
    for id in [6, 7] {
        audit.on_book_ticker(&btc, ticker(id, if id == 6 { 66 } else { 7 }));
    }
    let report = only(&audit);
    assert_eq!((report.late_comparisons, report.late_mismatches), (2, 0), "{report:?}");
}

#[test]
fn gaps_are_counted_and_the_next_snapshot_repairs_the_book() {
    let mut audit = ReplayAudit::new(SyncRule::Spot);
    let btc = Symbol::new("BTCUSDT");
    audit.on_diff(&btc, &diff(5, 6, (100, 6)));
    audit.on_snapshot(Some(&btc), &snapshot(5));
    audit.on_diff(&btc, &diff(9, 9, (100, 9)));
    audit.on_diff(&btc, &diff(12, 12, (100, 12)));
    let gaps = [
        UpdateGap { expected: UpdateId(7), got: UpdateId(9) },
        UpdateGap { expected: UpdateId(10), got: UpdateId(12) },
    ];
    let report = only(&audit);
    assert_eq!((report.gaps, report.first_gaps.as_slice()), (2, gaps.as_slice()));
    assert_eq!(report.state, BookState::Stale(StaleReason::Gap(gaps[0])));
    // The book as it was before the gap is still shown, at its own id.
    assert_eq!(report.last_update_id, Some(UpdateId(6)));
    audit.on_book_ticker(&btc, ticker(12, 12));
    audit.on_snapshot(Some(&btc), &snapshot(11));
    let report = only(&audit);
    assert_eq!((report.state, report.last_update_id), (BookState::Synced, Some(UpdateId(12))));
    assert_eq!((report.comparisons, report.mismatches, report.unused_snapshots), (1, 0, 0));
    audit.on_snapshot(Some(&btc), &snapshot(11));
    assert_eq!(only(&audit).unused_snapshots, 1);
    assert!(audit.book(&btc).unwrap().synced().is_some());
    audit.on_lost();
    assert!(audit.book(&btc).unwrap().synced().is_none());
    assert_eq!(audit.unattributed_snapshots(), 0);
    // A snapshot that does not say of which symbol it is belongs to none, though there is only one.
    audit.on_snapshot(None, &snapshot(20));
    assert_eq!((audit.unattributed_snapshots(), only(&audit).snapshots), (1, 3));
    assert!(audit.book(&btc).unwrap().synced().is_none());
}

#[test]
fn an_interruption_makes_a_book_stale_until_a_diff_follows_or_a_snapshot_comes() {
    let (btc, eth) = (Symbol::new("BTCUSDT"), Symbol::new("ETHUSDT"));
    let mut audit = ReplayAudit::new(SyncRule::Spot);
    for symbol in [&btc, &eth] {
        audit.on_snapshot(Some(symbol), &snapshot(5));
        audit.on_diff(symbol, &diff(6, 6, (100, 6)));
    }
    audit.on_disconnected(&btc);
    let states = |audit: &ReplayAudit| audit.report().iter().map(|report| report.state).collect::<Vec<_>>();
    assert_eq!(states(&audit), [BookState::Stale(StaleReason::Disconnected), BookState::Synced]);
    // Nothing was missed.
    audit.on_diff(&btc, &diff(7, 7, (100, 7)));
    assert_eq!(states(&audit), [BookState::Synced; 2]);
    // Something was, and the snapshot came before the first diff.
    audit.on_disconnected(&btc);
    audit.on_snapshot(Some(&btc), &snapshot(20));
    audit.on_diff(&btc, &diff(21, 22, (100, 9)));
    assert_eq!(states(&audit), [BookState::Synced; 2]);
    let report = &audit.report()[0];
    assert_eq!((report.gaps, report.last_update_id), (1, Some(UpdateId(22))));
    audit.on_lost_of(&eth);
    assert_eq!(states(&audit), [BookState::Synced, BookState::Stale(StaleReason::Lost)]);
}

#[test]
fn f12_missing_aggregate_trades_are_counted_apart_from_trades() {
    let mut audit = ReplayAudit::new(SyncRule::Spot);
    let btc = Symbol::new("BTCUSDT");
    assert_eq!(audit.on_trade(&btc, TradeId(100)), None);
    assert_eq!(audit.on_agg_trade(&btc, AggTradeId(7)), None);
    assert_eq!(audit.on_agg_trade(&btc, AggTradeId(9)), Some(IdHole { from: 8, to: 8 }));
    assert_eq!(audit.on_agg_trade(&btc, AggTradeId(9)), None);
    let report = only(&audit);
    assert_eq!((report.trades, report.missing_trades), (1, 0));
    assert_eq!((report.agg_trades, report.missing_agg_trades, report.repeated_agg_trades), (2, 1, 1));
    assert_eq!(report.agg_trade_holes, [IdHole { from: 8, to: 8 }]);
}

#[test]
fn a_book_that_leaves_its_range_is_counted() {
    let mut audit = ReplayAudit::new(SyncRule::Spot);
    let btc = Symbol::new("BTCUSDT");
    audit.on_snapshot(Some(&btc), &snapshot(5));
    for (id, bid) in [(6, (90, 1)), (7, (100, 0)), (8, (99, 0)), (9, (91, 1))] {
        audit.on_diff(&btc, &diff(id, id, bid));
    }
    let report = only(&audit);
    assert_eq!((report.outside_range, report.state), (2, BookState::Synced));
}

#[test]
fn symbols_without_end_are_not_kept() {
    let mut audit = ReplayAudit::new(SyncRule::Spot);
    for number in 0..10_050 {
        audit.on_trade(&Symbol::new(&format!("A{number}")), TradeId(1));
    }
    audit.on_trade(&Symbol::new(&"A".repeat(1000)), TradeId(1));
    assert_eq!(audit.report().len(), 10_000);
    // Those that are kept go on.
    assert!(audit.on_trade(&Symbol::new("A7"), TradeId(3)).is_some());
}
