//! Books that are compared with what the exchange says elsewhere: best prices at the same update, and snapshots.

#![cfg(all(feature = "live", feature = "spot"))]

mod common;

use binance_kit_book::{
    BookEvent, BookProduct as _, BookSync, Books, Change, Diff, ErrorKind, Level, Snapshot, StaleReason,
    SyncRule, Touch,
};
use binance_kit_core::id::UpdateId;
use binance_kit_core::product::Spot;
use binance_kit_core::{Api, Decimal, Symbol};
use common::{Exchange, book_text};
use std::time::Duration;

fn level(price: i64, quantity: i64) -> Level {
    Level { price: Decimal::from(price), quantity: Decimal::from(quantity) }
}

fn report(id: u64, bid: Level, ask: Level) -> Touch {
    Touch { update_id: UpdateId(id), bid, ask }
}

fn bid_diff(id: u64, price: i64, quantity: i64) -> Diff {
    Diff {
        first_update_id: UpdateId(id),
        last_update_id: UpdateId(id),
        bids: vec![level(price, quantity)],
        ..Diff::default()
    }
}

/// A book of one level a side at update 10.
fn synced() -> BookSync {
    let mut sync = BookSync::new(SyncRule::Spot);
    let ticket = sync.request_snapshot();
    let snapshot =
        Snapshot { last_update_id: UpdateId(10), bids: vec![level(99, 1)], asks: vec![level(101, 1)] };
    assert!(matches!(sync.on_snapshot(ticket, &snapshot, Some(100)).change, Change::Synced { .. }));
    sync
}

#[test]
fn best_prices_are_compared_at_the_same_update_only() {
    let mut sync = synced();
    // Of the update the book is at, of one before, of one in the middle of the next diff, and of one to come.
    assert_eq!(sync.on_touch(report(10, level(99, 1), level(101, 1))).change, Change::Nothing);
    assert_eq!(sync.on_touch(report(9, level(98, 5), level(101, 1))).change, Change::Nothing);
    assert_eq!(sync.on_touch(report(11, level(97, 5), level(101, 1))).change, Change::Nothing);
    assert_eq!(sync.on_touch(report(12, level(99, 7), level(101, 1))).change, Change::Nothing);
    let diff = Diff { first_update_id: UpdateId(11), ..bid_diff(12, 99, 7) };
    assert!(matches!(sync.on_diff(&diff).change, Change::Updated { touch_changed: true }));
    assert_eq!((sync.stats().audits, sync.stats().contradictions), (2, 0));
    assert!(sync.state().is_synced());
}

#[test]
fn a_book_that_is_contradicted_is_stale_before_anyone_reads_it() {
    let lie = report(11, level(99, 8), level(101, 1));
    // Reported before the diff, and after it.
    for before in [true, false] {
        let mut sync = synced();
        if before {
            assert_eq!(sync.on_touch(lie).change, Change::Nothing);
        }
        let mut outcome = sync.on_diff(&bid_diff(11, 99, 7));
        if !before {
            assert!(sync.state().is_synced());
            outcome = sync.on_touch(lie);
        }
        assert_eq!(outcome.change, Change::Stale(StaleReason::Contradicted(lie)));
        assert!(outcome.request.is_some());
        assert!(sync.synced().is_none());
        assert_eq!((sync.stats().audits, sync.stats().contradictions), (1, 1));
        // The snapshot that repairs it need not be newer than the book, only not older.
        let ticket = outcome.request.unwrap();
        let snapshot =
            Snapshot { last_update_id: UpdateId(11), bids: vec![level(99, 8)], asks: vec![level(101, 1)] };
        assert!(matches!(sync.on_snapshot(ticket, &snapshot, Some(100)).change, Change::Synced { .. }));
        assert_eq!(sync.synced().unwrap().best_bid(), Some(level(99, 8)));
    }
}

#[tokio::test(start_paused = true)]
async fn books_are_audited_with_best_prices() {
    let exchange = Exchange::new(&["BTCUSDT", "ETHUSDT"]);
    let mut books = Books::builder(Spot, &exchange.streams, &exchange.rest)
        .audit_with_tickers()
        .start(["BTCUSDT"])
        .await
        .unwrap();
    // One more later: its best prices are compared, too.
    books.add("ETHUSDT").await.unwrap();
    for symbol in ["BTCUSDT", "ETHUSDT"] {
        let book = books.book(symbol).unwrap();
        book.until_synced().await.unwrap();
        for quantity in 1..=20 {
            exchange.update(symbol, 1000, quantity);
            exchange.send_best_prices(symbol);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!((book.stats().audits, book.stats().contradictions), (20, 0), "{symbol}");
        assert!(book.state().is_synced());
        // No hole in the ids shows that this book is wrong now.
        exchange.garble(symbol, 1000, 7, 8);
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(book.state().is_synced());
        exchange.send_best_prices(symbol);
        let reason = loop {
            match books.next_event().await.unwrap() {
                BookEvent::Stale { symbol: stale, reason } if stale == symbol => break reason,
                _ => {}
            }
        };
        assert!(matches!(reason, StaleReason::Contradicted(_)), "{reason}");
        assert!(reason.to_string().contains("bid 1000.00 × 7.0"), "{reason}");
        book.until_synced().await.unwrap();
        assert_eq!(book_text(&book.snapshot().unwrap()), exchange.text(symbol));
        assert_eq!(book.stats().contradictions, 1);
    }
    assert!(books.remove("ETHUSDT").await.unwrap());
    let subscribed: Vec<String> = exchange.subscribed().into_iter().collect();
    assert_eq!(subscribed, ["btcusdt@bookTicker", "btcusdt@depth@100ms"]);
    books.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_book_that_cannot_be_audited_is_not_added() {
    let exchange = Exchange::new(&["BTCUSDT", "ETHUSDT"]);
    let books = Books::builder(Spot, &exchange.streams, &exchange.rest)
        .audit_with_tickers()
        .start(["BTCUSDT"])
        .await
        .unwrap();
    exchange.refuse("ethusdt@bookTicker");
    let error = books.add("ETHUSDT").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Subscribe);
    assert_eq!(books.symbols(), ["BTCUSDT"]);
    let subscribed: Vec<String> = exchange.subscribed().into_iter().collect();
    assert_eq!(subscribed, ["btcusdt@bookTicker", "btcusdt@depth@100ms"]);
    // Nothing is left of it that would be in the way later.
    exchange.deliver("ethusdt@bookTicker");
    let book = books.add("ETHUSDT").await.unwrap();
    book.until_synced().await.unwrap();
    books.stop().await;
}

#[tokio::test(start_paused = true)]
async fn books_are_audited_with_snapshots() {
    let symbols = ["AUSDT", "BUSDT", "CUSDT"];
    let exchange = Exchange::new(&symbols);
    let books = Books::builder(Spot, &exchange.streams, &exchange.rest)
        .audit_with_snapshots(Duration::from_secs(60))
        .start(symbols)
        .await
        .unwrap();
    for symbol in symbols {
        books.book(symbol).unwrap().until_synced().await.unwrap();
    }
    let mut events = books.events();
    exchange.garble("BUSDT", 990, 7, 8);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut wrong = books.book("BUSDT").unwrap();
    while tokio::time::timeout(Duration::from_millis(1), wrong.changed()).await.is_ok() {}
    tokio::time::sleep(Duration::from_secs(60)).await;
    // Whoever waits for a change learns that the book is another one.
    tokio::time::timeout(Duration::from_millis(1), wrong.changed()).await.unwrap().unwrap();
    // Each was compared once, spread over the minute.
    let audits: Vec<u64> = exchange.requests()[3..].iter().map(|(.., at)| at.as_secs()).collect();
    assert_eq!(audits, [20, 40, 60]);
    let mut refreshed = Vec::new();
    while let Ok(Some(event)) = tokio::time::timeout(Duration::from_millis(1), events.next()).await {
        if let BookEvent::Refreshed { symbol, differing_levels, .. } = event {
            refreshed.push((symbol.to_string(), differing_levels));
        }
    }
    refreshed.sort();
    let expected = [("AUSDT", Some(0)), ("BUSDT", Some(1)), ("CUSDT", Some(0))];
    assert_eq!(refreshed, expected.map(|(symbol, levels)| (symbol.to_owned(), levels)));
    for symbol in symbols {
        let book = books.book(symbol).unwrap();
        assert_eq!(book_text(&book.snapshot().unwrap()), exchange.text(symbol));
        assert_eq!(book.stats().contradictions, u64::from(symbol == "BUSDT"));
    }
    books.stop().await;
}

#[tokio::test(start_paused = true)]
async fn books_are_not_audited_with_snapshots_while_half_of_the_request_weight_is_used() {
    let exchange = Exchange::new(&["AUSDT"]);
    let books = Books::builder(Spot, &exchange.streams, &exchange.rest)
        .audit_with_snapshots(Duration::from_secs(10))
        .start(["AUSDT"])
        .await
        .unwrap();
    books.book("AUSDT").unwrap().until_synced().await.unwrap();
    // Another part of the program asks for much.
    while exchange.context.governor().usage(Api::Spot).0 <= 3000 {
        exchange.rest.send(Spot::depth(&Symbol::new("AUSDT"), 5000)).await.unwrap();
    }
    let before = exchange.requests().len();
    tokio::time::sleep(Duration::from_secs(59).saturating_sub(exchange.elapsed())).await;
    assert_eq!(exchange.requests().len(), before);
    // The next minute has its own.
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert!(exchange.requests().len() >= before + 2, "{:?}", exchange.requests());
    books.stop().await;
}
