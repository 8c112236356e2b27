//! Recorded market data as the market, with users' orders filled against it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::{Decimal, Timestamp};
use binance_kit_sim::{AdminOrder, Exchange, ManualClock, RecordedMarket};
use common::{START, Socket, account, bare, get, signed};
use serde_json::{Value, json};
use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

fn levels(rows: &[(&str, &str)]) -> Value {
    rows.iter().map(|(price, quantity)| json!([price, quantity])).collect()
}

fn depth(last: u64, bids: &[(&str, &str)], asks: &[(&str, &str)]) -> String {
    let data = json!({"e": "depthUpdate", "E": last, "s": "ABUSDT", "U": last, "u": last, "b": levels(bids), "a": levels(asks)});
    json!({"stream": "abusdt@depth@100ms", "data": data}).to_string()
}

fn trade(price: &str, quantity: &str, taker_sells: bool) -> String {
    json!({"e": "trade", "s": "ABUSDT", "t": 1, "p": price, "q": quantity, "T": 1000, "m": taker_sells})
        .to_string()
}

/// One frame a second, beginning with a snapshot.
fn recording(frames: Vec<String>) -> RecordedMarket {
    let snapshot = json!({
        "lastUpdateId": 10,
        "bids": levels(&[("99.90", "5.00"), ("99.80", "3.00")]),
        "asks": levels(&[("100.10", "4.00"), ("100.20", "6.00")]),
    });
    let all = std::iter::once(snapshot.to_string()).chain(frames);
    let timed = all.enumerate().map(|(second, frame)| (second as u64 * 1_000_000_000, frame));
    RecordedMarket::from_frames(timed).unwrap()
}

async fn start(recording: RecordedMarket) -> (Exchange, ManualClock) {
    let clock = ManualClock::starting_at(Timestamp::from_millis(START));
    let builder = bare().clock(Arc::new(clock.clone())).no_market().replay(recording);
    (builder.account(account("alice")).start().await.unwrap(), clock)
}

type Levels = Vec<(Decimal, Decimal)>;

fn book(exchange: &Exchange) -> (Levels, Levels) {
    let book = exchange.order_book("ABUSDT").unwrap();
    (book.bids, book.asks)
}

fn side(rows: &[(&str, &str)]) -> Levels {
    rows.iter().map(|(price, quantity)| (price.parse().unwrap(), quantity.parse().unwrap())).collect()
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn the_recorded_book_is_the_book() {
    let (exchange, clock) = start(recording(vec![
        depth(9, &[("1.00", "1.00")], &[]),
        depth(11, &[("99.90", "0.00"), ("99.70", "1.00")], &[("100.10", "2.50"), ("100.20", "7.00")]),
        // The price jumps over what is on the other side.
        depth(12, &[("100.30", "2.00")], &[("100.10", "0.00"), ("100.20", "0.00"), ("100.40", "1.00")]),
    ]))
    .await;
    let info = get(&exchange, "/api/v3/exchangeInfo").await.json();
    assert_eq!(info["symbols"].as_array().unwrap().len(), 1);
    assert_eq!(info["symbols"][0]["filters"][0]["tickSize"], "0.10000000");
    let first = (side(&[("99.9", "5"), ("99.8", "3")]), side(&[("100.1", "4"), ("100.2", "6")]));
    assert_eq!(book(&exchange), first);
    clock.advance(SECOND);
    // What the snapshot has already is passed over.
    assert_eq!(book(&exchange), first);
    clock.advance(SECOND);
    let second = (side(&[("99.8", "3"), ("99.7", "1")]), side(&[("100.1", "2.5"), ("100.2", "7")]));
    assert_eq!(book(&exchange), second);
    clock.advance(SECOND);
    let third = (side(&[("100.3", "2"), ("99.8", "3"), ("99.7", "1")]), side(&[("100.4", "1")]));
    assert_eq!(book(&exchange), third);
    clock.advance(SECOND * 60);
    assert_eq!(book(&exchange), third);
}

#[tokio::test(start_paused = true)]
async fn users_wait_behind_the_recorded_queue() {
    let (exchange, clock) = start(recording(vec![
        trade("99.90", "2.00", true),
        // Someone in front of us left, and someone came behind us.
        depth(11, &[("99.90", "2.00")], &[]),
        depth(12, &[("99.90", "4.00")], &[]),
        trade("99.90", "2.50", true),
        trade("99.90", "9.00", true),
    ]))
    .await;
    let mut trades = Socket::open(&exchange, "/ws/abusdt@trade").await;
    let order = AdminOrder::buy("ABUSDT", Decimal::ONE).at("99.9".parse().unwrap()).by("alice");
    let id = exchange.place(&order).unwrap().order_id;
    let executed = async || {
        let query = format!("symbol=ABUSDT&orderId={id}");
        signed(&exchange, "alice", "GET", "/api/v3/order", &query).await.json()["executedQty"].clone()
    };
    clock.advance(SECOND);
    // Five were in front, of which two are gone.
    assert_eq!(book(&exchange).0[0], ("99.9".parse().unwrap(), Decimal::from(4)));
    clock.advance(SECOND);
    assert_eq!(book(&exchange).0[0], ("99.9".parse().unwrap(), Decimal::from(3)));
    clock.advance(SECOND);
    assert_eq!(executed().await, "0.00000000");
    clock.advance(SECOND);
    // Two in front, then half of ours.
    assert_eq!(executed().await, "0.50000000");
    clock.advance(SECOND);
    assert_eq!(executed().await, "1.00000000");
    // All that was recorded was traded, by one account or another.
    let mut sum = Decimal::ZERO;
    while let Ok(event) = tokio::time::timeout(SECOND, trades.json()).await {
        assert_eq!((&event["p"], &event["m"]), (&json!("99.90000000"), &json!(true)));
        sum += event["q"].as_str().unwrap().parse::<Decimal>().unwrap();
    }
    assert_eq!(sum, Decimal::new(135, 1));
}

#[tokio::test(start_paused = true)]
async fn users_take_from_the_recorded_book() {
    let (exchange, clock) = start(recording(vec![
        depth(11, &[("99.80", "2.00")], &[]),
        depth(12, &[], &[("100.10", "4.00")]),
        depth(13, &[("100.40", "1.50")], &[("100.10", "0.00"), ("100.20", "0.00")]),
    ]))
    .await;
    let bought = exchange.place(&AdminOrder::buy("ABUSDT", Decimal::from(5)).by("alice")).unwrap();
    assert_eq!(bought.executed_quote, Decimal::new(5006, 1));
    clock.advance(SECOND);
    assert_eq!(book(&exchange).1, side(&[("100.2", "5")]));
    clock.advance(SECOND);
    // The level comes back with its next change.
    assert_eq!(book(&exchange).1, side(&[("100.1", "4"), ("100.2", "5")]));
    // A level that moves through an order trades with it.
    let order = AdminOrder::sell("ABUSDT", Decimal::new(4, 1)).at("100.30".parse().unwrap()).by("alice");
    exchange.place(&order).unwrap();
    clock.advance(SECOND);
    assert_eq!(book(&exchange), (side(&[("100.4", "1.1"), ("99.9", "5"), ("99.8", "2")]), Vec::new()));
    let trades = get(&exchange, "/api/v3/trades?symbol=ABUSDT&limit=1").await.json();
    assert_eq!((&trades[0]["price"], &trades[0]["qty"]), (&json!("100.30000000"), &json!("0.40000000")));
}

#[tokio::test(start_paused = true)]
async fn trades_that_the_book_has_already_change_nothing_of_it() {
    let late = trade("100.10", "1.00", false).replace("1000", "10");
    let (exchange, clock) = start(recording(vec![
        depth(11, &[("100.10", "2.00")], &[("100.10", "0.00")]),
        late,
        trade("100.10", "0.50", true),
    ]))
    .await;
    clock.advance(SECOND);
    let moved = (side(&[("100.1", "2"), ("99.9", "5"), ("99.8", "3")]), side(&[("100.2", "6")]));
    assert_eq!(book(&exchange), moved);
    clock.advance(SECOND);
    assert_eq!(book(&exchange), moved);
    let trades = get(&exchange, "/api/v3/trades?symbol=ABUSDT").await.json();
    assert_eq!((&trades[0]["price"], &trades[0]["isBuyerMaker"]), (&json!("100.10000000"), &json!(false)));
    clock.advance(SECOND);
    assert_eq!(book(&exchange).0[0], side(&[("100.1", "1.5")])[0]);
}

#[tokio::test(start_paused = true)]
async fn a_replay_is_gone_on_with_from_a_saved_state() {
    let frames = || vec![depth(11, &[("99.90", "1.00")], &[]), depth(12, &[("99.90", "2.00")], &[])];
    let path =
        std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("replay-{}", std::process::id()));
    let (exchange, clock) = start(recording(frames())).await;
    clock.advance(SECOND);
    exchange.save(&path).unwrap();
    let clock = ManualClock::starting_at(exchange.now());
    let builder = bare().clock(Arc::new(clock.clone())).no_market().load(&path);
    let exchange = builder.replay(recording(frames())).start().await.unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(book(&exchange).0[0].1, Decimal::ONE);
    clock.advance(SECOND);
    assert_eq!(book(&exchange).0[0].1, Decimal::TWO);
}

/// Recordings of the second format have the request beside each snapshot; `binance sim --replay` writes its symbol into it.
#[tokio::test(start_paused = true)]
async fn snapshots_that_name_their_symbol_are_those_of_several() {
    let snapshot = |symbol: &str, last: u64, bid: &str, ask: &str| {
        json!({"s": symbol, "lastUpdateId": last, "bids": [[bid, "1"]], "asks": [[ask, "2"]]}).to_string()
    };
    let update = |symbol: &str, last: u64, bid: &str| {
        json!({"e": "depthUpdate", "E": 1, "s": symbol, "U": last, "u": last, "b": [[bid, "3"]], "a": []})
            .to_string()
    };
    let frames = [
        update("ABUSDT", 5, "99.80"),
        update("CDUSDT", 5, "6.9"),
        snapshot("CDUSDT", 7, "7.0", "7.1"),
        snapshot("ABUSDT", 9, "99.90", "100.10"),
        update("CDUSDT", 8, "6.8"),
        // At the beginning of the next file, or behind a gap.
        snapshot("CDUSDT", 20, "8.0", "8.1"),
    ];
    let second = |number: usize| number as u64 * 1_000_000_000;
    let timed: Vec<_> = frames.into_iter().enumerate().map(|(at, frame)| (second(at), frame)).collect();
    let held = RecordedMarket::from_frames(timed.clone()).unwrap();
    let read =
        RecordedMarket::from_source(move || Ok::<_, std::io::Error>(timed.clone().into_iter().map(Ok)));
    for recording in [held, read.unwrap()] {
        assert_eq!(recording.symbols(), ["ABUSDT", "CDUSDT"]);
        let (exchange, clock) = start(recording).await;
        let other = || {
            let book = exchange.order_book("CDUSDT").unwrap();
            (book.bids, book.asks)
        };
        let first = (side(&[("99.9", "1")]), side(&[("100.1", "2")]));
        assert_eq!(book(&exchange), first);
        assert_eq!(other(), (side(&[("7.0", "1")]), side(&[("7.1", "2")])));
        clock.advance(SECOND * 4);
        assert_eq!(other(), (side(&[("7.0", "1"), ("6.8", "3")]), side(&[("7.1", "2")])));
        clock.advance(SECOND);
        assert_eq!(other(), (side(&[("8.0", "1")]), side(&[("8.1", "2")])));
        assert_eq!(book(&exchange), first);
    }
}

/// What the exchange itself said about its book at the end of a recording, counted from the file by a plain script.
#[tokio::test(start_paused = true)]
async fn a_real_recording_ends_with_the_book_it_should() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/spot-btcusdt-20240808.gz");
    let Ok(file) = std::fs::File::open(path) else {
        println!("there is no recording beside the project: the replay of a real one is not checked");
        return;
    };
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
    // Trades behind the last change of the book would take from it.
    let last = text.rfind("\"depthUpdate\"").unwrap();
    let end = last + text[last..].find('\n').unwrap();
    let recording = RecordedMarket::from_lines(&text.as_bytes()[..end]).unwrap();
    let clock = ManualClock::starting_at(recording.start());
    let builder = bare().clock(Arc::new(clock.clone())).no_market().replay(recording);
    let exchange = builder.start().await.unwrap();
    clock.advance(Duration::from_secs(400));
    let book = exchange.order_book("BTCUSDT").unwrap();
    assert_eq!((book.bids.len(), book.asks.len()), (1209, 2196));
    assert_eq!(
        (book.bids[0], book.asks[0]),
        (side(&[("61685.99", "1.0087")])[0], side(&[("61686", "2.29327")])[0])
    );
}
