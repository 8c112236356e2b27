//! Books kept from a scripted exchange, in simulated time.

#![cfg(all(feature = "live", feature = "spot"))]
#![expect(
    clippy::unwrap_used,
    clippy::unchecked_time_subtraction,
    reason = "a failure here is the failure of a test"
)]

mod common;

use binance_kit_book::{
    BookEvent, BookHandle, BookProduct, BookSide, BookState, BookView, Books, BooksBuilder, CostError,
    ErrorKind, Side, StaleReason,
};
use binance_kit_core::product::Spot;
use binance_kit_core::{Decimal, ErrorCode, Symbol};
use common::{Exchange, Fault, book_text};
use std::time::Duration;

fn builder(exchange: &Exchange) -> BooksBuilder<Spot> {
    Books::builder(Spot, &exchange.streams, &exchange.rest)
}

async fn started(exchange: &Exchange, symbols: &[&str]) -> Books<Spot> {
    builder(exchange).start(symbols.iter().copied()).await.unwrap()
}

/// Waits, in simulated time that jumps, until everything that was under way has arrived.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}

fn text(book: &BookHandle) -> String {
    book.snapshot().map_or_else(|| book.state().to_string(), |book| book_text(&book))
}

/// The events that are there, as short texts, but for updates.
async fn events<P: BookProduct>(books: &mut Books<P>) -> Vec<String> {
    let mut seen = Vec::new();
    while let Ok(Some(event)) = tokio::time::timeout(Duration::from_millis(1), books.next_event()).await {
        seen.push(match event {
            BookEvent::Synced { symbol, update_id } => format!("{symbol} synced {update_id}"),
            BookEvent::Stale { symbol, reason } => format!("{symbol} stale: {reason}"),
            BookEvent::Gap { symbol, gap } => format!("{symbol} gap: {gap}"),
            BookEvent::SnapshotRefused { symbol, fault } => format!("{symbol} refused: {fault}"),
            BookEvent::SnapshotFailed { symbol, error } => format!("{symbol} failed: {:?}", error.kind()),
            BookEvent::Refused { symbol, error } => format!("{symbol} refused: {:?}", error.kind()),
            BookEvent::Refreshed { symbol, differing_levels, .. } => {
                format!("{symbol} refreshed {differing_levels:?}")
            }
            BookEvent::Lagged(count) => format!("lagged {count}"),
            _ => continue,
        });
    }
    seen
}

#[tokio::test(start_paused = true)]
async fn books_follow_the_exchange() {
    let exchange = Exchange::new(&["BTCUSDT", "ETHUSDT"]);
    let mut books = started(&exchange, &["btcusdt", "ETHUSDT", "BTCUSDT"]).await;
    assert_eq!(books.symbols(), ["BTCUSDT", "ETHUSDT"]);
    let mut btc = books.book("BTCUSDT").unwrap();
    let eth = books.book("ethusdt").unwrap();
    btc.until_synced().await.unwrap();
    eth.until_synced().await.unwrap();
    assert_eq!(text(&btc), exchange.text("BTCUSDT"));
    for step in 0..50 {
        btc.updated().await.unwrap();
        exchange.update("BTCUSDT", 900 + step, step);
        exchange.update("ETHUSDT", 999 - step, 7 + step);
    }
    settle().await;
    assert_eq!(text(&btc), exchange.text("BTCUSDT"));
    assert_eq!(text(&eth), exchange.text("ETHUSDT"));
    assert_eq!(exchange.requests().len(), 2);
    // A change far from the touch wakes those who wait for any, one at the touch also those who wait for that.
    let mut far = eth.clone();
    let mut near = eth.clone();
    far.updated().await.unwrap();
    near.changed().await.unwrap();
    exchange.update("ETHUSDT", 900, 12345);
    far.updated().await.unwrap();
    assert!(tokio::time::timeout(Duration::from_secs(1), near.changed()).await.is_err());
    exchange.update("ETHUSDT", 999, 5);
    near.changed().await.unwrap();
    let touch = near.best().unwrap();
    assert_eq!((touch.bid.quantity, touch.ask.quantity), (Decimal::from(5), Decimal::ONE));
    let mut seen = events(&mut books).await;
    seen.sort();
    assert_eq!(seen, ["BTCUSDT synced 100", "ETHUSDT synced 100"]);
    assert_eq!(eth.stats().gaps, 0);
    books.stop().await;
    assert!(exchange.subscribed().is_empty());
}

#[tokio::test(start_paused = true)]
async fn f1_a_gap_is_reported_and_repaired() {
    let exchange = Exchange::new(&["BTCUSDT"]);
    let mut books = started(&exchange, &["BTCUSDT"]).await;
    let btc = books.book("BTCUSDT").unwrap();
    btc.until_synced().await.unwrap();
    let before = text(&btc);
    exchange.fault(Fault::Slow(Duration::from_secs(1)));
    exchange.lose("BTCUSDT", 999, 77);
    exchange.update("BTCUSDT", 998, 78);
    settle().await;
    // The old book stays readable, and says that it is old.
    assert!(btc.snapshot().is_none() && btc.best().is_none());
    btc.with(|view| match view {
        BookView::Stale(stale) => {
            assert_eq!(book_text(stale.last_known()), before);
            assert!(matches!(stale.reason(), StaleReason::Gap(_)));
        }
        other => panic!("{other:?}"),
    });
    exchange.update("BTCUSDT", 997, 79);
    btc.until_synced().await.unwrap();
    assert_eq!(text(&btc), exchange.text("BTCUSDT"));
    assert_eq!(
        events(&mut books).await,
        [
            "BTCUSDT synced 100",
            "BTCUSDT gap: expected update 101, got 102",
            "BTCUSDT stale: events are missing: expected update 101, got 102",
            "BTCUSDT synced 103",
        ]
    );
    assert_eq!(exchange.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_broken_connection_costs_a_snapshot_only_if_something_was_missed() {
    let exchange = Exchange::new(&["AUSDT", "BUSDT", "CUSDT"]);
    let books = started(&exchange, &["AUSDT", "BUSDT", "CUSDT"]).await;
    let [a, b, c] = ["AUSDT", "BUSDT", "CUSDT"].map(|symbol| books.book(symbol).unwrap());
    for book in [&a, &b, &c] {
        book.until_synced().await.unwrap();
    }
    assert_eq!(exchange.requests().len(), 3);
    let began = exchange.elapsed();
    exchange.refuse_connections(true);
    exchange.cut();
    settle().await;
    for book in [&a, &b, &c] {
        assert_eq!(book.state(), BookState::Stale(StaleReason::Disconnected));
    }
    exchange.update("BUSDT", 999, 50);
    exchange.refuse_connections(false);
    while exchange.subscribed().len() < 3 {
        settle().await;
    }
    settle().await;
    // A missed nothing, B missed an update, and C stays quiet.
    exchange.update("AUSDT", 999, 51);
    exchange.update("BUSDT", 998, 52);
    settle().await;
    assert_eq!(text(&a), exchange.text("AUSDT"));
    assert_eq!(text(&b), exchange.text("BUSDT"));
    assert_eq!(c.state(), BookState::Stale(StaleReason::Disconnected));
    c.until_synced().await.unwrap();
    assert_eq!(text(&c), exchange.text("CUSDT"));
    let asked: Vec<String> = exchange.requests().into_iter().skip(3).map(|(symbol, _, _)| symbol).collect();
    assert_eq!(asked, ["BUSDT", "CUSDT"]);
    assert!(exchange.elapsed() - began < Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn f4_old_snapshots_are_fetched_again_and_the_buffer_is_kept() {
    let exchange = Exchange::new(&["BTCUSDT"]);
    let mut books = started(&exchange, &["BTCUSDT"]).await;
    let btc = books.book("BTCUSDT").unwrap();
    btc.until_synced().await.unwrap();
    for old in [90, 95, 100] {
        exchange.fault(Fault::Old(old));
    }
    exchange.lose("BTCUSDT", 999, 1);
    for step in 0..5 {
        exchange.update("BTCUSDT", 990 + step, 5);
    }
    let lost_at = exchange.elapsed();
    settle().await;
    btc.until_synced().await.unwrap();
    assert_eq!(text(&btc), exchange.text("BTCUSDT"));
    let refused = |id| format!("BTCUSDT refused: the snapshot ends at update {id}, 101 is needed");
    let seen = events(&mut books).await;
    assert_eq!(
        seen.get(3..),
        Some(&[refused(90), refused(95), refused(100), "BTCUSDT synced 106".into()][..])
    );
    // The waits between the requests grow.
    let times: Vec<Duration> =
        exchange.requests().into_iter().skip(1).map(|(_, _, at)| at - lost_at).collect();
    assert_eq!(times.len(), 4);
    assert!(times[3] - times[2] > times[2] - times[1] && times[3] < Duration::from_secs(2), "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn f10_failing_snapshots_are_fetched_again_within_what_the_exchange_allows() {
    let exchange = Exchange::new(&["BTCUSDT"]);
    // 5xx are tried three times by the REST client itself.
    for fault in [
        Fault::Status(503, None),
        Fault::Status(503, None),
        Fault::Status(503, None),
        Fault::Cut,
        Fault::Slow(Duration::from_secs(60)),
        Fault::Status(429, Some(20)),
        Fault::Status(418, Some(300)),
        Fault::Status(403, None),
    ] {
        exchange.fault(fault);
    }
    let mut books = started(&exchange, &["BTCUSDT"]).await;
    let btc = books.book("BTCUSDT").unwrap();
    for step in 0..40 {
        exchange.update("BTCUSDT", 950, step + 1);
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    assert_eq!(text(&btc), exchange.text("BTCUSDT"));
    let seen = events(&mut books).await;
    let failures: Vec<&str> =
        seen.iter().filter_map(|event| event.strip_prefix("BTCUSDT failed: ")).collect();
    for kind in ["ServerError", "RateLimited", "Banned", "Forbidden"] {
        assert!(failures.contains(&kind), "{kind} in {seen:?}");
    }
    assert!(seen.last().is_some_and(|event| event.starts_with("BTCUSDT synced")), "{seen:?}");
    // After the 429 and the 418 nothing is sent for as long as the exchange wants.
    let times: Vec<Duration> = exchange.requests().into_iter().map(|(_, _, at)| at).collect();
    let waits: Vec<u64> = times.windows(2).map(|pair| (pair[1] - pair[0]).as_secs()).collect();
    assert!(waits.iter().any(|wait| (20..60).contains(wait)), "{waits:?}");
    assert!(waits.iter().any(|wait| *wait >= 300), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn f10_five_hundred_books_resync_within_the_request_weight() {
    let symbols: Vec<String> = (0..500).map(|number| format!("S{number}USDT")).collect();
    let names: Vec<&str> = symbols.iter().map(String::as_str).collect();
    let exchange = Exchange::new(&names);
    let books = builder(&exchange)
        .snapshot_limit(1000)
        .snapshot_limit_under_pressure(100)
        .start(names.iter().copied())
        .await
        .unwrap();
    let all_synced = async || {
        for name in &names {
            books.book(*name).unwrap().until_synced().await.unwrap();
        }
    };
    all_synced().await;
    let began = exchange.elapsed();
    assert!(began < Duration::from_secs(61), "{began:?}");
    tokio::time::sleep(Duration::from_secs(600)).await;
    let improved = exchange.requests().iter().filter(|(_, limit, _)| *limit == 1000).count();
    assert!(improved >= 400, "books that began with few levels got more: {improved}");
    // Every book misses an update, all at once.
    for name in &names {
        exchange.lose(name, 999, 3);
        exchange.update(name, 998, 4);
    }
    let lost_at = exchange.elapsed();
    settle().await;
    all_synced().await;
    let took = exchange.elapsed() - lost_at;
    assert!(took < Duration::from_secs(61), "{took:?}");
    for name in &names {
        let book = books.book(*name).unwrap().snapshot().unwrap();
        assert_eq!(book.best_bid().unwrap().quantity, Decimal::from(3));
        assert_eq!(Some(book.last_update_id().get()), Some(102));
    }
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert!(exchange.weights().iter().all(|weight| *weight <= 6000), "{:?}", exchange.weights());
}

#[tokio::test(start_paused = true)]
async fn books_are_added_and_removed_while_others_go_on() {
    let exchange = Exchange::new(&["AUSDT", "BUSDT", "CUSDT"]);
    let books = builder(&exchange).streams_per_connection(2).start(["AUSDT"]).await.unwrap();
    let a = books.book("AUSDT").unwrap();
    a.until_synced().await.unwrap();
    let b = books.add("BUSDT").await.unwrap();
    let c = books.add("CUSDT").await.unwrap();
    assert_eq!(books.add("CUSDT").await.unwrap_err().kind(), ErrorKind::Duplicate);
    b.until_synced().await.unwrap();
    c.until_synced().await.unwrap();
    assert_eq!((exchange.connections(), exchange.subscribed().len()), (2, 3));
    for symbol in ["AUSDT", "BUSDT", "CUSDT"] {
        exchange.update(symbol, 999, 9);
    }
    settle().await;
    for (symbol, book) in [("AUSDT", &a), ("BUSDT", &b), ("CUSDT", &c)] {
        assert_eq!(text(book), exchange.text(symbol));
    }
    assert!(books.remove("BUSDT").await.unwrap());
    assert!(!books.remove("BUSDT").await.unwrap());
    assert!(books.book("BUSDT").is_none());
    assert_eq!(b.state(), BookState::Stale(StaleReason::Disconnected));
    assert_eq!(exchange.subscribed().len(), 2);
    // It can be added again, and an answer meant for the removed book reaches no other.
    let b = books.add("BUSDT").await.unwrap();
    b.until_synced().await.unwrap();
    assert_eq!(text(&b), exchange.text("BUSDT"));
    assert_eq!(exchange.connections(), 2);
    assert_eq!(books.states().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_for_a_removed_book_reaches_no_other() {
    let exchange = Exchange::new(&["AUSDT", "BUSDT"]);
    exchange.update("BUSDT", 999, 9);
    let books = started(&exchange, &[]).await;
    exchange.fault(Fault::Slow(Duration::from_secs(5)));
    let _ = books.add("AUSDT").await.unwrap();
    settle().await;
    books.remove("AUSDT").await.unwrap();
    exchange.fault(Fault::Slow(Duration::from_secs(9)));
    let b = books.add("BUSDT").await.unwrap();
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert_eq!(b.state(), BookState::Syncing);
    b.until_synced().await.unwrap();
    assert_eq!(text(&b), exchange.text("BUSDT"));
}

#[tokio::test(start_paused = true)]
async fn e1_a_frame_that_cannot_be_read_makes_its_book_stale_and_no_other() {
    let exchange = Exchange::new(&["AUSDT", "BUSDT"]);
    let mut books = started(&exchange, &["AUSDT", "BUSDT"]).await;
    let [a, b] = ["AUSDT", "BUSDT"].map(|symbol| books.book(symbol).unwrap());
    a.until_synced().await.unwrap();
    b.until_synced().await.unwrap();
    exchange.raw("AUSDT", r#"{"stream":"ausdt@depth@100ms","data":{"e":"depthUpdate","U":"x"}}"#);
    settle().await;
    assert_eq!(a.state(), BookState::Stale(StaleReason::Lost));
    assert!(b.state().is_synced());
    exchange.update("AUSDT", 999, 5);
    settle().await;
    assert_eq!(text(&a), exchange.text("AUSDT"));
    assert_eq!(exchange.requests().len(), 2, "nothing was missed");
    // Not even JSON: any book may be concerned.
    exchange.raw("AUSDT", "{");
    settle().await;
    assert!(!a.state().is_synced() && !b.state().is_synced());
    a.until_synced().await.unwrap();
    b.until_synced().await.unwrap();
    assert_eq!(exchange.requests().len(), 4);
    let seen = events(&mut books).await;
    assert_eq!(
        seen.iter().filter(|event| event.contains("stale: messages were lost")).count(),
        3,
        "{seen:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_not_delivered_is_reported_and_its_book_never_synced() {
    let exchange = Exchange::new(&["AUSDT", "BUSDT"]);
    let mut books = started(&exchange, &["AUSDT", "BUSDT"]).await;
    let [a, b] = ["AUSDT", "BUSDT"].map(|symbol| books.book(symbol).unwrap());
    a.until_synced().await.unwrap();
    b.until_synced().await.unwrap();
    exchange.refuse_stream("BUSDT");
    exchange.cut();
    tokio::time::sleep(Duration::from_secs(60)).await;
    exchange.update("AUSDT", 999, 5);
    settle().await;
    assert_eq!(text(&a), exchange.text("AUSDT"));
    assert_eq!(b.state(), BookState::Stale(StaleReason::Disconnected));
    assert!(events(&mut books).await.contains(&"BUSDT refused: StreamRefused".to_owned()));
    // Waiting for it ends.
    let error = b.until_synced().await.unwrap_err();
    assert_eq!((error.kind(), error.symbol().unwrap().as_str()), (ErrorKind::Refused, "BUSDT"));
    // The same at the start is an error.
    let error = builder(&exchange).start(["BUSDT"]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Subscribe);
    assert!(error.failure().is_some());
    assert!(error.to_string().starts_with("cannot subscribe to the depth streams: "), "{error}");
    let error = books.add("BUSDT").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Duplicate);
    assert!(books.remove("BUSDT").await.unwrap());
    let error = books.add("BUSDT").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Subscribe);
    assert_eq!(books.symbols(), ["AUSDT"]);
}

#[tokio::test(start_paused = true)]
async fn a_symbol_that_the_exchange_does_not_know_is_an_error_and_not_a_wait() {
    let exchange = Exchange::new(&["AUSDT", "NONE"]);
    exchange.fault(Fault::Code(ErrorCode::BAD_SYMBOL.0));
    let mut books = started(&exchange, &["NONE"]).await;
    let error = books.synced("NONE").await.unwrap_err();
    assert_eq!((error.kind(), error.symbol().unwrap().as_str()), (ErrorKind::Refused, "NONE"));
    assert_eq!(error.failure().and_then(binance_kit_core::Error::code), Some(ErrorCode::BAD_SYMBOL));
    assert!(error.to_string().starts_with("NONE: refused by the exchange: "), "{error}");
    assert_eq!(books.book("NONE").unwrap().until_synced().await.unwrap_err().kind(), ErrorKind::Refused);
    // It is not requested again, whatever its stream delivers.
    for quantity in 1..10 {
        exchange.update("NONE", 900, quantity);
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    // Nor after an interruption.
    exchange.cut();
    tokio::time::sleep(Duration::from_secs(60)).await;
    exchange.update("NONE", 900, 10);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(exchange.requests().len(), 1);
    assert_eq!(events(&mut books).await, ["NONE refused: Api"]);
    // A symbol that was never given is another error, and others are not affected.
    assert_eq!(books.synced("OTHER").await.unwrap_err().kind(), ErrorKind::NotKept);
    books.add("AUSDT").await.unwrap();
    assert_eq!(text(&books.synced("AUSDT").await.unwrap()), exchange.text("AUSDT"));
    // Once it is listed, it can be added again.
    books.remove("NONE").await.unwrap();
    books.add("NONE").await.unwrap().until_synced().await.unwrap();
}

#[cfg(feature = "usdm")]
#[tokio::test(start_paused = true)]
async fn a_book_of_usdm_follows_the_exchange_by_its_own_hosts_and_rule() {
    let exchange = Exchange::new(&["BTCUSDT"]);
    exchange.send_futures();
    let mut books =
        Books::start(binance_kit_core::product::Usdm, &exchange.streams, &exchange.rest, ["BTCUSDT"])
            .await
            .unwrap();
    let book = books.synced("BTCUSDT").await.unwrap();
    exchange.update("BTCUSDT", 999, 5);
    exchange.update("BTCUSDT", 998, 7);
    settle().await;
    assert_eq!(text(&book), exchange.text("BTCUSDT"));
    exchange.lose("BTCUSDT", 997, 1);
    exchange.update("BTCUSDT", 996, 2);
    // The stream waits a little for an event that is only late.
    tokio::time::sleep(Duration::from_secs(1)).await;
    book.until_synced().await.unwrap();
    assert_eq!(text(&book), exchange.text("BTCUSDT"));
    let seen = events(&mut books).await;
    assert!(seen.contains(&"BTCUSDT gap: expected update 102, got 103".to_owned()), "{seen:?}");
    // The depth stream is on the public route.
    assert_eq!(exchange.paths(), ["/public/stream", "/fapi/v1/depth", "/fapi/v1/depth"]);
}

#[tokio::test(start_paused = true)]
async fn other_failures_of_a_snapshot_do_not_end_the_wait() {
    let exchange = Exchange::new(&["AUSDT"]);
    for fault in [Fault::Status(404, None), Fault::Code(-1000), Fault::Code(-1130), Fault::Cut] {
        exchange.fault(fault);
    }
    let books = started(&exchange, &["AUSDT"]).await;
    books.synced("AUSDT").await.unwrap();
    assert_eq!(exchange.requests().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn the_cost_of_a_quantity_is_computed_only_from_a_synced_book_that_has_it() {
    let exchange = Exchange::new(&["AUSDT"]);
    let books = started(&exchange, &["AUSDT"]).await;
    let a = books.book("AUSDT").unwrap();
    let error = a.vwap(BookSide::Ask, Decimal::ONE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSynced);
    assert_eq!(error.to_string(), "AUSDT: the book is not synced (syncing)");
    a.until_synced().await.unwrap();
    assert_eq!(a.best().unwrap().ask.price, Decimal::from(1001));
    assert_eq!(a.vwap(Side::Buy, Decimal::ONE).unwrap(), Decimal::from(1001));
    assert_eq!(a.vwap(Side::Sell, Decimal::ONE).unwrap(), Decimal::from(999));
    let cost = a.cost(BookSide::Bid, Decimal::ONE).unwrap();
    assert_eq!((cost.average_price, cost.levels, cost.complete), (Decimal::from(999), 1, true));
    let error = a.vwap(BookSide::Ask, Decimal::from(1_000_000)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cost);
    assert!(matches!(error.cost_error(), Some(CostError::TooThin { side: BookSide::Ask, .. })), "{error:?}");
    assert!(
        error.to_string().starts_with("AUSDT: cannot compute the cost: cannot take 1000000 from"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn dropping_the_books_ends_everything() {
    let exchange = Exchange::new(&["AUSDT"]);
    let books = started(&exchange, &["AUSDT"]).await;
    let mut a = books.book("AUSDT").unwrap();
    let mut listener = books.events();
    a.until_synced().await.unwrap();
    a.changed().await.unwrap();
    let before = text(&a);
    drop(books);
    settle().await;
    assert!(exchange.subscribed().is_empty());
    // The last change is that the book is stale; then nothing more comes.
    a.changed().await.unwrap();
    a.with(|view| assert_eq!(book_text(view.stale().unwrap().last_known()), before));
    assert_eq!(a.changed().await.unwrap_err().kind(), ErrorKind::Stopped);
    assert!(a.updated().await.is_ok());
    assert_eq!(a.updated().await.unwrap_err().kind(), ErrorKind::Stopped);
    let error = a.until_synced().await.unwrap_err();
    assert_eq!(error.to_string(), "AUSDT: the books were stopped");
    while let Some(event) = listener.next().await {
        assert!(!matches!(event, BookEvent::Lagged(_)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_learns_how_many_events_it_missed() {
    let exchange = Exchange::new(&["AUSDT"]);
    let mut books = builder(&exchange).event_queue(16).start(["AUSDT"]).await.unwrap();
    let a = books.book("AUSDT").unwrap();
    a.until_synced().await.unwrap();
    for step in 1..=1000 {
        exchange.update("AUSDT", 999, step);
    }
    settle().await;
    assert_eq!(text(&a), exchange.text("AUSDT"));
    let Some(BookEvent::Lagged(count)) = books.next_event().await else { panic!("nothing was dropped") };
    let mut seen = 0;
    while tokio::time::timeout(Duration::from_millis(1), books.next_event()).await.is_ok() {
        seen += 1;
    }
    assert_eq!(count + seen, 1001);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_kept_is_refused() {
    let exchange = Exchange::new(&["AUSDT"]);
    let error = builder(&exchange).start(["A/B"]).await.unwrap_err();
    assert_eq!((error.kind(), error.symbol()), (ErrorKind::InvalidSymbol, Some(&Symbol::new("A/B"))));
    assert!(std::error::Error::source(&error).is_some());
    let error = builder(&exchange).snapshot_limit(42).start(["AUSDT"]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidLimit);
    exchange.refuse_connections(true);
    let error = builder(&exchange).start(["AUSDT"]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Subscribe);
}

#[tokio::test(start_paused = true)]
async fn a_flapping_book_does_not_use_up_the_request_weight() {
    let exchange = Exchange::new(&["AUSDT"]);
    let books = started(&exchange, &["AUSDT"]).await;
    let a = books.book("AUSDT").unwrap();
    a.until_synced().await.unwrap();
    // Every update shows a gap, ten times a second for ten minutes.
    for step in 0..6000 {
        exchange.lose("AUSDT", 900, step + 1);
        exchange.update("AUSDT", 901, step + 1);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let asked = exchange.requests().len();
    assert!(asked < 220, "{asked} snapshots in ten minutes");
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(text(&a), exchange.text("AUSDT"));
}

#[tokio::test(start_paused = true)]
async fn f11_a_market_that_leaves_the_snapshots_range_is_followed() {
    let exchange = Exchange::new(&[]);
    exchange.list_with("AUSDT", 600);
    let mut books = builder(&exchange).snapshot_limit(100).start(["AUSDT"]).await.unwrap();
    let a = books.book("AUSDT").unwrap();
    a.until_synced().await.unwrap();
    for price in (650..1000).rev() {
        exchange.update("AUSDT", price, 0);
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(a.state().is_synced(), "{} at {price}", a.state());
        let book = a.snapshot().unwrap();
        let known = book.known_levels(BookSide::Bid);
        assert!(known >= 10, "{known} levels known at {price}");
        assert_eq!(book.best_bid().unwrap().price, Decimal::from(price - 1));
    }
    let seen = events(&mut books).await;
    assert_eq!(seen.first().map(String::as_str), Some("AUSDT synced 100"));
    assert!(
        seen.len() >= 4 && seen.iter().skip(1).all(|event| event == "AUSDT refreshed Some(0)"),
        "{seen:?}"
    );
    // All at once is too fast, but the book notices.
    for price in (530..650).rev() {
        exchange.update("AUSDT", price, 0);
    }
    settle().await;
    a.until_synced().await.unwrap();
    assert_eq!(a.best().unwrap().bid.price, Decimal::from(529));
}
