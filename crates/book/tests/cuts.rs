//! Row D7, as books see it: after a single cut they are synced again within what is documented, each time, also when the cuts come
//! every 20 s.

#![cfg(all(feature = "live", feature = "spot"))]

mod common;

use binance_kit_book::{BookHandle, BookState, Books};
use binance_kit_core::product::Spot;
use common::Exchange;
use std::time::Duration;
use tokio::time::Instant;

const SYMBOLS: [&str; 3] = ["AUSDT", "BUSDT", "CUSDT"];
/// How often the exchange sends what has changed.
const CADENCE: Duration = Duration::from_millis(100);
/// The most that connecting again may take; see D7 in `docs/faults.md`.
const RECONNECT: Duration = Duration::from_millis(50);
/// How long a quiet stream is waited for before a snapshot is asked for, as `BooksBuilder::quiet_after` has it by default.
const QUIET_AFTER: Duration = Duration::from_secs(2);
/// What a step of the test adds.
const STEP: Duration = Duration::from_millis(5);

/// Cuts the connections, and waits for all books. The books named change while nothing is connected and with each cadence.
async fn cut(exchange: &Exchange, books: &[BookHandle], changing: &[&str]) -> Duration {
    let began = Instant::now();
    exchange.cut();
    for symbol in changing {
        exchange.update(symbol, 999, 70);
    }
    let mut sent = began;
    loop {
        tokio::time::sleep(STEP).await;
        if sent.elapsed() >= CADENCE {
            sent = Instant::now();
            for symbol in changing {
                exchange.update(symbol, 998, 71);
            }
        }
        let took = began.elapsed();
        let are_synced = books.iter().all(|book| book.state() == BookState::Synced);
        if are_synced && took > RECONNECT {
            return took;
        }
        assert!(took < Duration::from_secs(60), "they do not come back");
    }
}

#[tokio::test(start_paused = true)]
async fn d7_books_are_back_after_each_single_cut() {
    let exchange = Exchange::new(&SYMBOLS);
    let started = Books::start(Spot, &exchange.streams, &exchange.rest, SYMBOLS).await.unwrap();
    let books: Vec<BookHandle> = SYMBOLS.iter().map(|symbol| started.book(*symbol).unwrap()).collect();
    for book in &books {
        book.until_synced().await.unwrap();
    }
    let (mut busy, mut quiet) = (Vec::new(), Vec::new());
    for round in 0..60 {
        tokio::time::sleep(Duration::from_secs(20)).await;
        let changing = if round % 2 == 0 { &SYMBOLS[..] } else { &SYMBOLS[..1] };
        let took = cut(&exchange, &books, changing).await;
        (if round % 2 == 0 { &mut busy } else { &mut quiet }).push(took);
        for (book, symbol) in books.iter().zip(SYMBOLS) {
            let text = common::book_text(&book.snapshot().unwrap());
            assert_eq!(text, exchange.text(symbol), "{symbol} after cut {round}");
        }
    }
    let longest = |times: &[Duration]| times.iter().max().copied().unwrap();
    println!("busy books at most {:?}, quiet ones {:?}", longest(&busy), longest(&quiet));
    // A diff shows what was missed, and a snapshot repairs it.
    assert!(longest(&busy) <= RECONNECT + CADENCE + 2 * STEP, "{busy:?}");
    assert!(longest(&quiet) <= RECONNECT + QUIET_AFTER + 2 * STEP, "{quiet:?}");
}
