//! What the streams missed, fetched from the public record of the embedded exchange.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit::MixedTopic;
use binance_kit::core::Position;
use binance_kit::spot::{self, MarketEvent, TradeEvent};
use binance_kit::stream::{Backfill, EventStream, Fetched, Item, Missing};
use common::World;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What came of a stream.
#[derive(Default)]
struct Came {
    ids: Vec<u64>,
    backfilled: usize,
    closed: Vec<i64>,
    gaps: Vec<bool>,
}

async fn listen(came: &mut BTreeMap<String, Came>, stream: &mut EventStream<MarketEvent>, time: Duration) {
    let end = tokio::time::Instant::now() + time;
    while let Ok(Some(item)) = tokio::time::timeout_at(end, stream.next()).await {
        match item {
            Item::Event(event) => {
                let came = came.entry(event.stream.to_string()).or_default();
                came.backfilled += usize::from(event.backfilled);
                match event.data {
                    MarketEvent::Trade(trade) => came.ids.push(trade.trade_id.get()),
                    MarketEvent::AggTrade(trade) => came.ids.push(trade.agg_trade_id.get()),
                    MarketEvent::Kline(event) if event.kline.is_closed => {
                        came.closed.push(event.kline.open_time.as_millis() / 60_000);
                    }
                    _ => {}
                }
            }
            Item::Gap(gap) => came.entry(gap.stream.to_string()).or_default().gaps.push(gap.backfilled),
            _ => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn trades_and_candles_that_were_missed_are_fetched_in_order() {
    let world = World::new().await;
    let binance = &world.binance;
    let topics: [MixedTopic<MarketEvent>; 3] = [
        spot::stream::trade("BTCUSDT").into(),
        spot::stream::agg_trade("BTCUSDT").into(),
        spot::stream::kline("BTCUSDT", "1m").into(),
    ];
    let subscription = binance.streams().subscription::<MarketEvent>().backfill(binance.backfill());
    let mut stream = subscription.subscribe(topics).await.unwrap();
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
        assert!(came.backfilled > 50, "{name}: {} were fetched", came.backfilled);
        assert!(!came.gaps.is_empty() && came.gaps.iter().all(|backfilled| *backfilled), "{:?}", came.gaps);
    }
    let candles = &came["btcusdt@kline_1m"];
    assert!(candles.closed.len() >= 4, "{:?}", candles.closed);
    assert!(candles.closed.windows(2).all(|pair| pair[1] == pair[0] + 1), "{:?}", candles.closed);
    assert!(candles.backfilled >= 2);
}

#[tokio::test(start_paused = true)]
async fn a_gap_that_is_too_long_is_filled_in_part_and_reported() {
    let world = World::new().await;
    let binance = &world.binance;
    // A page has 1,000 rows.
    let backfill = binance.backfill().max_pages(1);
    let subscription = binance.streams().subscription::<TradeEvent>().backfill(backfill);
    let mut stream = subscription.subscribe([spot::stream::trade("BTCUSDT")]).await.unwrap();
    let first = stream.next_event().await.unwrap().unwrap().trade_id.get();
    world.offline.store(true, Ordering::SeqCst);
    world.exchange.close_all_connections();
    world.exchange.keep_journal(["btcusdt@trade"], 1).unwrap();
    while world.exchange.journal_len("btcusdt@trade") < 1100 {
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    world.offline.store(false, Ordering::SeqCst);
    let mut backfilled = 0;
    let mut gaps = Vec::new();
    while gaps.len() < 2 {
        match stream.next().await.unwrap() {
            Item::Event(event) if event.backfilled => backfilled += 1,
            Item::Gap(gap) => gaps.push(gap),
            _ => {}
        }
    }
    assert_eq!(backfilled, 1000, "from {first}");
    assert!(gaps[0].backfilled && !gaps[1].backfilled, "{gaps:?}");
}

#[tokio::test(start_paused = true)]
async fn what_the_record_does_not_have_yet_is_waited_for_and_never_called_complete() {
    let world = World::new().await;
    let binance = &world.binance;
    let backfill = binance.backfill();
    let topic = spot::stream::trade("BTCUSDT");
    let mut stream = binance.subscribe([topic.clone()]).await.unwrap();
    let last = stream.next_event().await.unwrap().unwrap().trade_id.get();
    let missing = |from: u64, to: u64| {
        Missing::new(topic.info().unwrap().clone(), Position::Id(from), Position::Id(to))
    };
    let never = Backfill::<TradeEvent>::fetch(&backfill, missing(last + 1_000_000, last + 1_000_002)).await;
    assert_eq!(never, None);
    let last = loop {
        let newest = stream.next_event().await.unwrap().unwrap().trade_id.get();
        if stream.queued() == 0 {
            break newest;
        }
    };
    let soon: Fetched<TradeEvent> = backfill.fetch(missing(last + 1, last + 2)).await.unwrap();
    assert!(soon.is_complete);
    let ids: Vec<u64> = soon.events.iter().map(|trade| trade.event.trade_id.get()).collect();
    assert_eq!(ids, [last + 1, last + 2]);
}
