//! What the streams missed, fetched from the public record of the embedded exchange.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit::core::Position;
use binance_kit::spot::{self, MarketEvent};
use binance_kit::stream::{Backfill, EventStream, Fetched, Item, Missing};
use common::World;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What came of a stream.
#[derive(Default)]
struct Came {
    ids: Vec<u64>,
    recovered: usize,
    closed: Vec<i64>,
    gaps: Vec<bool>,
}

async fn listen(came: &mut BTreeMap<String, Came>, stream: &mut EventStream<MarketEvent>, time: Duration) {
    let end = tokio::time::Instant::now() + time;
    while let Ok(Some(item)) = tokio::time::timeout_at(end, stream.next()).await {
        match item {
            Item::Event(event) => {
                let came = came.entry(event.stream.to_string()).or_default();
                came.recovered += usize::from(event.recovered);
                match event.event {
                    MarketEvent::Trade(trade) => came.ids.push(trade.trade_id.get()),
                    MarketEvent::AggTrade(trade) => came.ids.push(trade.agg_trade_id.get()),
                    MarketEvent::Kline(event) if event.kline.is_closed => {
                        came.closed.push(event.kline.open_time.as_millis() / 60_000);
                    }
                    _ => {}
                }
            }
            Item::Gap { stream, recovered, .. } => {
                came.entry(stream.to_string()).or_default().gaps.push(recovered);
            }
            _ => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn trades_and_candles_that_were_missed_are_fetched_in_order() {
    let world = World::new().await;
    let binance = &world.binance;
    let names = [
        spot::stream::trade("BTCUSDT").unwrap(),
        spot::stream::agg_trade("BTCUSDT").unwrap(),
        spot::stream::kline("BTCUSDT", &binance_kit::common::KlineInterval::from("1m")).unwrap(),
    ];
    let subscription =
        binance.streams().unwrap().subscription::<MarketEvent>().backfill(binance.backfill().unwrap());
    let mut stream = subscription.subscribe(names).await.unwrap();
    let mut came = BTreeMap::new();
    listen(&mut came, &mut stream, Duration::from_secs(70)).await;
    // Away for some minutes.
    world.offline.store(true, Ordering::SeqCst);
    world.exchange.close_all_connections();
    listen(&mut came, &mut stream, Duration::from_secs(150)).await;
    world.offline.store(false, Ordering::SeqCst);
    listen(&mut came, &mut stream, Duration::from_secs(100)).await;

    for name in ["btcusdt@trade", "btcusdt@aggTrade"] {
        let came = &came[name];
        assert!(
            came.ids.windows(2).all(|pair| pair[1] == pair[0] + 1),
            "{name}: every id, once and in order"
        );
        assert!(came.recovered > 50, "{name}: {} were fetched", came.recovered);
        assert!(!came.gaps.is_empty() && came.gaps.iter().all(|recovered| *recovered), "{:?}", came.gaps);
    }
    let candles = &came["btcusdt@kline_1m"];
    assert!(candles.closed.len() >= 4, "{:?}", candles.closed);
    assert!(candles.closed.windows(2).all(|pair| pair[1] == pair[0] + 1), "{:?}", candles.closed);
    assert!(candles.recovered >= 2);
}

#[tokio::test(start_paused = true)]
async fn a_gap_that_is_too_long_is_filled_in_part_and_told() {
    let world = World::new().await;
    let binance = &world.binance;
    // A page has 1,000 rows.
    let backfill = binance.backfill().unwrap().most_pages(1);
    let subscription = binance.streams().unwrap().subscription::<spot::TradeEvent>().backfill(backfill);
    let mut stream = subscription.subscribe(["btcusdt@trade"]).await.unwrap();
    let first = stream.next_event().await.unwrap().event.trade_id.get();
    world.offline.store(true, Ordering::SeqCst);
    world.exchange.close_all_connections();
    world.exchange.keep_journal(["btcusdt@trade"], 1).unwrap();
    while world.exchange.journal_len("btcusdt@trade") < 1100 {
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    world.offline.store(false, Ordering::SeqCst);
    let mut recovered = 0;
    let mut told = Vec::new();
    while told.len() < 2 {
        match stream.next().await.unwrap() {
            Item::Event(event) if event.recovered => recovered += 1,
            Item::Gap { from, to, recovered, .. } => told.push((from, to, recovered)),
            _ => {}
        }
    }
    assert_eq!(recovered, 1000, "from {first}");
    assert!(told[0].2 && !told[1].2, "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn what_the_record_does_not_have_yet_is_waited_for_and_never_called_complete() {
    let world = World::new().await;
    let binance = &world.binance;
    let backfill = binance.backfill().unwrap();
    let mut stream =
        binance.streams().unwrap().subscribe::<spot::TradeEvent>(["btcusdt@trade"]).await.unwrap();
    let stream_name = binance_kit::StreamName::new("btcusdt@trade").unwrap();
    let last = stream.next_event().await.unwrap().event.trade_id.get();
    let missing = |from: u64, to: u64| Missing {
        stream: stream_name.clone(),
        from: Position::Id(from),
        to: Position::Id(to),
    };
    let never =
        Backfill::<spot::TradeEvent>::fetch(&backfill, missing(last + 1_000_000, last + 1_000_002)).await;
    assert_eq!(never, None);
    let last = loop {
        let newest = stream.next_event().await.unwrap().event.trade_id.get();
        if stream.queued() == 0 {
            break newest;
        }
    };
    let soon: Fetched<spot::TradeEvent> = backfill.fetch(missing(last + 1, last + 2)).await.unwrap();
    assert!(soon.is_complete);
    let ids: Vec<u64> = soon.events.iter().map(|trade| trade.trade_id.get()).collect();
    assert_eq!(ids, [last + 1, last + 2]);
}
