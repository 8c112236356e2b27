//! What an event costs on its way from the connection to the consumer, as the allocator counts it: exact, so that it cannot grow
//! unseen. A program of its own: the allocator counts.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::StreamEvent;
use binance_kit_core::tap::{FrameTap, Mark, Payload};
use binance_kit_model::spot::{BookTickerEvent, KlineEvent, MarketEvent, TradeEvent};
use binance_kit_stream::{Item, PullStream, StreamClient, StreamConfig};
use common::{Server, context, environment, topics};
use std::sync::Arc;

/// Number of events that are counted.
const EVENTS: u64 = 1_500;
/// Number of events before them: buffers grow to their size.
const BEFORE: u64 = 900;

fn trade(id: u64) -> String {
    format!(
        r#"{{"e":"trade","E":1700000000000,"s":"BTCUSDT","t":{id},"p":"61691.25000000","q":"0.00526000","T":1700000000000,"m":true,"M":true}}"#
    )
}

fn book_ticker(id: u64) -> String {
    format!(r#"{{"u":{id},"s":"BTCUSDT","b":"61691.25000000","B":"3.21","a":"61691.26000000","A":"4.66"}}"#)
}

fn kline(id: u64) -> String {
    let at = 1_700_000_000_000 + id * 250;
    format!(
        r#"{{"e":"kline","E":{at},"s":"BTCUSDT","k":{{"t":1700000000000,"T":1700000059999,"s":"BTCUSDT","i":"1m","f":100,"L":200,"o":"0.0010","c":"0.0020","h":"0.0025","l":"0.0015","v":"1000","n":100,"x":false,"q":"1.0000","V":"500","Q":"0.500","B":"0"}}}}"#
    )
}

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

/// Takes events that have arrived.
fn take<E: StreamEvent + std::fmt::Debug>(stream: &mut PullStream<E>, count: u64) -> u64 {
    let mut taken = 0;
    while taken < count {
        match stream.try_next() {
            Some(Item::Event(_)) => taken += 1,
            Some(Item::State(_)) => {}
            Some(other) => panic!("{other:?}"),
            None => break,
        }
    }
    taken
}

/// How often something is allocated for [`EVENTS`] events.
fn allocations<E: StreamEvent + std::fmt::Debug>(
    config: StreamConfig,
    name: &str,
    event: impl Fn(u64) -> String,
) -> u64 {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let (context, mut connections) = context();
        let client = StreamClient::builder(&context, &environment()).config(config).build().unwrap();
        let (stream, mut server) = tokio::join!(client.pull(topics::<E>([name])), async {
            let mut server = Server::accept(&mut connections).await;
            server.answer_list(&[name]).await;
            server
        });
        let mut stream = stream.unwrap();
        // All of them fit into what the link in memory holds.
        for id in 1..=BEFORE + EVENTS {
            server.send(&format!(r#"{{"stream":"{name}","data":{}}}"#, event(id))).await;
        }
        assert_eq!(take(&mut stream, BEFORE), BEFORE);
        let mut taken = 0;
        let counts = allocation_counter::measure(|| taken = take(&mut stream, EVENTS));
        assert_eq!(taken, EVENTS, "{name}");
        counts.count_total
    })
}

#[test]
fn events_that_follow_one_another_allocate_nothing() {
    let config = StreamConfig::default;
    // One frame in 256 goes the general way, and the buffer that it is handed over in may be a new one.
    for (counted, name) in [
        (allocations::<TradeEvent>(config(), "btcusdt@trade", trade), "trade"),
        (allocations::<MarketEvent>(config(), "btcusdt@trade", trade), "any event"),
        (allocations::<BookTickerEvent>(config(), "btcusdt@bookTicker", book_ticker), "best prices"),
        (allocations::<KlineEvent>(config(), "btcusdt@kline_1m", kline), "candle"),
    ] {
        assert!(counted <= 2, "{counted} allocations for {EVENTS} events: {name}");
    }
}

#[test]
fn messages_that_are_handed_over_share_a_buffer() {
    for counted in [
        allocations::<TradeEvent>(with_tap(), "btcusdt@trade", trade),
        allocations::<KlineEvent>(with_tap(), "btcusdt@kline_1m", kline),
    ] {
        assert!(counted <= 8, "{counted} allocations for {EVENTS} events");
    }
}
