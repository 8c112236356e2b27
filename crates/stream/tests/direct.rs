//! Events that go the short way, from the buffer of the connection to the consumer, are the same items in the same order as on
//! the general way, which a tap has all frames take.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::tap::{FrameTap, Mark, Payload};
use binance_kit_model::spot::{MarketEvent, TradeEvent};
use binance_kit_net::Random;
use binance_kit_stream::{EventStream, Item, StreamClient, StreamConfig};
use common::{Server, context, environment, topics};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const NAMES: [&str; 4] = ["btcusdt@trade", "ethusdt@trade", "btcusdt@bookTicker", "!miniTicker@arr"];

/// Sees every frame and does nothing.
#[derive(Debug)]
struct Idle;

impl FrameTap for Idle {
    fn frame(&self, _: u64, _: u64, _: Payload<'_>) {}

    fn mark(&self, _: u64, _: u64, _: Mark) {}
}

/// With a tap, frames go the general way.
fn with_tap() -> StreamConfig {
    StreamConfig { tap: Some(Arc::new(Idle)), ..StreamConfig::default() }
}

/// A frame of one of the streams. `ids` are those of the last events.
fn frame(random: &Random, ids: &mut [u64; 3]) -> String {
    let stream = usize::try_from(random.below(3)).unwrap();
    let last = ids[stream];
    // Mostly the next one; sometimes a hole, a copy, an old one.
    let id = match random.below(20) {
        0 => last + 2 + random.below(5),
        1 => last,
        2 => last.saturating_sub(random.below(4)),
        _ => last + 1,
    };
    ids[stream] = last.max(id);
    let name = NAMES[stream];
    let symbol = if stream == 1 { "ETHUSDT" } else { "BTCUSDT" };
    let data = if stream == 2 {
        format!(r#"{{"u":{id},"s":"{symbol}","b":"1.25","B":"3.21","a":"1.26","A":"4.66"}}"#)
    } else {
        // New keys, and keys in another order, are read the general way.
        let extra = ["", "", "", r#","new":[1,{"a":"}"}]"#][usize::try_from(random.below(4)).unwrap()];
        format!(
            r#"{{"e":"trade","E":1700000000000,"s":"{symbol}","t":{id},"p":"1.5","q":"2","T":1700000000000,"m":true,"M":true{extra}}}"#
        )
    };
    match random.below(40) {
        0 => format!(r#"{{"data":{data},"stream":"{name}"}}"#),
        1 => format!(r#"{{"stream":"{name}","data":{{"e":"trade"}}}}"#),
        2 => format!(r#"{{"stream":"other@trade","data":{data}}}"#),
        3 => r#"{"result":null,"id":999}"#.to_owned(),
        4 => format!(
            r#"{{"stream":"{}","data":[{{"e":"24hrMiniTicker","E":1,"s":"A","c":"1","o":"1","h":"1","l":"1","v":"1","q":"1"}},{{"e":"24hrMiniTicker","E":1,"s":"B","c":true}}]}}"#,
            NAMES[3]
        ),
        _ => format!(r#"{{"stream":"{name}","data":{data}}}"#),
    }
}

/// The next item that a stream has.
type Next = Box<dyn FnMut() -> Option<Item<MarketEvent>>>;

/// The items for these frames, by stream: when a hole is given up depends on who drives the connections. `at_once` of them are sent before any is read, so that many lie in one read.
async fn items(
    frames: &[String],
    at_once: usize,
    config: StreamConfig,
    spawned: bool,
) -> BTreeMap<String, Vec<String>> {
    let (context, mut connections) = context();
    let client = StreamClient::builder(&context, &environment()).config(config).build().unwrap();
    let server = async {
        let mut server = Server::accept(&mut connections).await;
        server.answer_list(&NAMES).await;
        server
    };
    let mut found = BTreeMap::<String, Vec<String>>::new();
    // When it was read depends on who drives the connections.
    let mut show = |item: Item<MarketEvent>| {
        let of = match &item {
            Item::Event(event) => event.stream.to_string(),
            Item::Gap(gap) => gap.stream.to_string(),
            _ => String::new(),
        };
        let text = match item {
            Item::Event(event) => format!("{:?} {:?}", event.connection, event.data),
            other => format!("{other:?}"),
        };
        found.entry(of).or_default().push(text);
    };
    let (mut next, mut server): (Next, Server) = if spawned {
        let (stream, server) = tokio::join!(client.subscribe(topics::<MarketEvent>(NAMES)), server);
        let mut stream = stream.unwrap();
        (Box::new(move || stream.try_next()), server)
    } else {
        let (stream, server) = tokio::join!(client.pull(topics::<MarketEvent>(NAMES)), server);
        let mut stream = stream.unwrap();
        (Box::new(move || stream.try_next()), server)
    };
    for some in frames.chunks(at_once) {
        for frame in some {
            server.send(frame).await;
        }
        // In simulated time the clock moves when all has been read.
        tokio::time::sleep(Duration::from_millis(1)).await;
        while let Some(item) = next() {
            show(item);
        }
    }
    // Holes are given up.
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        while let Some(item) = next() {
            show(item);
        }
    }
    found
}

#[tokio::test(start_paused = true)]
async fn both_ways_give_the_same_items_in_the_same_order() {
    for seed in 0..12 {
        let random = Random::seeded(seed);
        let mut ids = [100; 3];
        let frames: Vec<String> = (0..700).map(|_| frame(&random, &mut ids)).collect();
        for at_once in [1, 7, 700] {
            let config = StreamConfig::default;
            let general = items(&frames, at_once, with_tap(), false).await;
            let count: usize = general.values().map(Vec::len).sum();
            assert!(count > 500, "{count} items");
            for spawned in [false, true] {
                let direct = items(&frames, at_once, config(), spawned).await;
                assert_eq!(direct, general, "seed {seed}, {at_once} at once, spawned: {spawned}");
            }
        }
    }
}

/// A client of one stream of trades with these settings, and so many trades on their way to it.
async fn flooded(config: StreamConfig, frames: u64) -> (EventStream<TradeEvent>, Server) {
    let (context, mut connections) = context();
    let client = StreamClient::builder(&context, &environment()).config(config).build().unwrap();
    let (stream, mut server) = tokio::join!(client.subscribe(topics::<TradeEvent>([NAMES[0]])), async {
        let mut server = Server::accept(&mut connections).await;
        server.answer_list(&[NAMES[0]]).await;
        server
    });
    // In one go: the task that reads has no turn before all is there.
    tokio::task::unconstrained(async {
        for id in 0..frames {
            let event = format!(
                r#"{{"e":"trade","E":1700000000000,"s":"BTCUSDT","t":{id},"p":"1","q":"1","T":1700000000000,"m":true,"M":true}}"#
            );
            server.send(&format!(r#"{{"stream":"btcusdt@trade","data":{event}}}"#)).await;
        }
    })
    .await;
    (stream.unwrap(), server)
}

#[tokio::test(start_paused = true)]
async fn a_small_queue_is_not_overrun_by_a_batch() {
    for queue in [1, 5, 40] {
        let config = StreamConfig { queue, ..StreamConfig::default() };
        let (mut stream, _server) = flooded(config, 300).await;
        let mut next = 0;
        while next < 300 {
            tokio::time::sleep(Duration::from_millis(1)).await;
            // The change of state before the first event has no place of its own.
            assert!(stream.queued() <= queue + 1, "{} of {queue}", stream.queued());
            if let Some(Item::Event(event)) = stream.next().await {
                assert_eq!(event.trade_id.get(), next);
                next += 1;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_flood_does_not_hold_up_a_call() {
    const FRAMES: u64 = 3_000;
    let (stream, _server) = flooded(StreamConfig::default(), FRAMES).await;
    // Nothing has been read so far: the task that reads has its first turn while the call waits.
    let status = stream.control().status().await;
    let events = status.streams[0].events;
    assert!(events <= 600, "{events} events were read before the call was answered");
}
