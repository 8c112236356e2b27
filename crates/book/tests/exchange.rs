//! Books of the embedded exchange's moving market, in simulated time, while it drops events and connections and refuses
//! snapshots: whenever a book is synced, it is the exchange's book at that update id.

#![cfg(all(feature = "live", feature = "spot"))]
#![expect(clippy::unwrap_used, reason = "a failure here is the failure of a test")]

use binance_kit_book::{BookEvent, BookHandle, Books};
use binance_kit_core::product::Spot;
use binance_kit_core::{Decimal, Timestamp};
use binance_kit_net::clock::VirtualWallClock;
use binance_kit_net::io::DialWith;
use binance_kit_net::{BackoffPolicy, Clock, Context, Environment, Random};
use binance_kit_rest::RestClient;
use binance_kit_sim::{Exchange, TokioClock};
use binance_kit_stream::{StreamClient, StreamConfig};
use std::sync::Arc;
use std::time::Duration;

const SYMBOLS: [&str; 3] = ["BTCUSDT", "ETHUSDT", "BNBUSDT"];

/// Compares a synced book with the exchange's, if both are at the same update. `None` when they are not.
fn compare(book: &BookHandle, exchange: &Exchange) -> Option<()> {
    let truth = exchange.order_book(book.symbol().as_str()).unwrap();
    book.with(|view| {
        let book = view.synced().filter(|book| book.last_update_id().get() == truth.last_update_id)?;
        let side = |levels: binance_kit_book::Levels<'_>| -> Vec<(Decimal, Decimal)> {
            levels.map(|level| (level.price, level.quantity)).collect()
        };
        assert_eq!(side(book.bids()), truth.bids);
        assert_eq!(side(book.asks()), truth.asks);
        Some(())
    })
}

async fn run(seed: u64) -> (usize, usize) {
    let start = Timestamp::from_millis(1_700_000_000_000);
    // Books that a snapshot of a thousand levels has whole.
    let exchange = Exchange::builder()
        .market(binance_kit_sim::MarketConfig::thin())
        .seed(seed)
        .in_memory()
        .clock(Arc::new(TokioClock::starting_at(start)))
        .start()
        .await
        .unwrap();
    let exchange = Arc::new(exchange);
    let dialled = Arc::clone(&exchange);
    let random = Random::seeded(seed);
    let context = Context::builder()
        .dial(DialWith::new(move |_| Ok(dialled.connect())))
        .clock(Clock::new(VirtualWallClock::starting_at(start)))
        .random(random.clone())
        .build()
        .unwrap();
    let environment =
        Environment::custom("http://127.0.0.1:1", "ws://127.0.0.1:1", "ws://127.0.0.1:1/ws-api/v3").unwrap();
    // Cuts come every few seconds here: that is no reason to wait long before connecting again.
    let backoff = BackoffPolicy { stable_after: Duration::from_secs(2), ..BackoffPolicy::default() };
    let config = StreamConfig { backoff, ..StreamConfig::default() };
    let streams = StreamClient::builder(&context, &environment).config(config).build().unwrap();
    let rest = RestClient::builder(&context, &environment).build().unwrap();
    let mut books = Books::builder(Spot, &streams, &rest).start(SYMBOLS).await.unwrap();
    let handles = SYMBOLS.map(|symbol| books.book(symbol).unwrap());
    let mut equal = 0;
    for step in 0..600_u32 {
        // Off the exchange's own beat of 10 ms, so that books are seen at every stage of an update.
        tokio::time::sleep(Duration::from_millis(1 + random.below(40))).await;
        equal += handles.iter().filter_map(|book| compare(book, &exchange)).count();
        if step % 4 == 0 {
            // In a busy market the exchange's book is always a little ahead, unless it rests for an update.
            exchange.pause_market();
            tokio::time::sleep(Duration::from_millis(110)).await;
            equal += handles.iter().filter_map(|book| compare(book, &exchange)).count();
            exchange.resume_market();
        }
        if step % 20 == 10 {
            let symbol = SYMBOLS[usize::try_from(random.below(3)).unwrap()];
            match random.below(6) {
                0 | 1 => exchange.skip_next_depth_event(symbol).unwrap(),
                2 => exchange.close_all_connections(),
                3 => exchange.fail_next_request("GET /api/v3/depth", 503, "<html></html>"),
                4 => exchange.drop_next_response("GET /api/v3/depth"),
                _ => exchange.send_raw_frame_to_streams("{\"stream\":\"btcusdt@depth@100ms\",\"data\":{}}"),
            }
        }
    }
    // The market rests: every book must become the exchange's.
    exchange.pause_market();
    tokio::time::sleep(Duration::from_secs(10)).await;
    for book in &handles {
        assert!(compare(book, &exchange).is_some(), "{} at {:?}", book.symbol(), book.state());
    }
    let mut stale = 0;
    while let Ok(Some(event)) = tokio::time::timeout(Duration::from_millis(1), books.next_event()).await {
        stale += usize::from(matches!(event, BookEvent::Stale { .. }));
    }
    books.stop().await;
    (equal, stale)
}

#[tokio::test(start_paused = true)]
async fn t2_synced_books_equal_the_exchanges() {
    for seed in 1..=4 {
        let (equal, stale) = run(seed).await;
        assert!(equal > 100 && stale > 10, "seed {seed}: {equal} comparisons, stale {stale} times");
    }
}
