//! Rows D5 and D6: what is acknowledged and silent is noticed, reported and put right.

use crate::common::{Received, world};
use binance_kit_sim::Fault;
use binance_kit_stream::StreamConfig;
use std::time::Duration;

const STREAMS: [&str; 4] =
    ["btcusdt@depth@100ms", "btcusdt@trade", "ethusdt@depth@100ms", "ethusdt@aggTrade"];

#[tokio::test(start_paused = true)]
async fn d5_a_stream_that_falls_silent_is_reported_and_comes_back() {
    let world = world(600).await;
    let mut stream = world.subscribe(StreamConfig::default(), &STREAMS).await;
    let mut received = Received::default();
    received.listen(&mut stream, Duration::from_secs(20)).await;
    // Silent on this connection for good: only another one helps.
    let sick = world.exchange.connections()[0].id;
    let fault = world.exchange.inject(Fault::silent_stream("btcusdt@depth@100ms").on_connection(sick));
    received.listen(&mut stream, Duration::from_secs(60)).await;
    assert!(received.has("stale btcusdt@depth@100ms"), "{:?}", received.states);
    assert!(received.has("resumed btcusdt@depth@100ms"), "{:?}", received.states);
    assert!(received.has("rotating Silent"), "{:?}", received.states);
    let stale = received.states.iter().filter(|state| state.starts_with("stale")).count();
    assert_eq!(stale, 1, "only that one: {:?}", received.states);
    for name in STREAMS {
        received.check(&world.exchange, name);
    }
    assert!(fault.hits() > 10);
    assert_eq!(world.exchange.request_count("UNSUBSCRIBE"), 1, "it was subscribed again before it moved");
}

#[tokio::test(start_paused = true)]
async fn d6_a_connection_that_only_pings_is_replaced() {
    let world = world(600).await;
    let names = ["btcusdt@trade", "ethusdt@aggTrade"];
    let mut stream = world.subscribe(StreamConfig::default(), &names).await;
    let mut received = Received::default();
    received.listen(&mut stream, Duration::from_secs(20)).await;
    let sick = world.exchange.connections()[0].id;
    world.exchange.inject(Fault::silence().on_connection(sick));
    received.listen(&mut stream, Duration::from_secs(40)).await;
    assert!(received.has("rotated 1"), "{:?}", received.states);
    for name in names {
        received.check(&world.exchange, name);
        let last = world.exchange.journal(name).events.len();
        assert!(last > 0);
    }
    let status = stream.control().status().await;
    assert_eq!(status.disconnects, 0);
    assert!(status.streams.iter().all(|stream| stream.silent_for.unwrap() < Duration::from_secs(10)));
}

#[tokio::test(start_paused = true)]
async fn d5_quiet_symbols_raise_no_false_alarm() {
    // A market with few orders: streams deliver events rarely.
    let world = world(2).await;
    let mut names = STREAMS.to_vec();
    names.extend(["btcusdt@bookTicker", "solusdt@trade", "ethbtc@depth@100ms", "ethbtc@aggTrade"]);
    let mut stream = world.subscribe(StreamConfig::default(), &names).await;
    let mut received = Received::default();
    received.listen(&mut stream, Duration::from_secs(900)).await;
    let alarms = received.states.iter().filter(|state| state.starts_with("stale")).count();
    assert!(alarms < 6, "{alarms} alarms in a quarter of an hour of eight streams: {:?}", received.states);
    for name in names {
        received.check(&world.exchange, name);
    }
}

#[tokio::test(start_paused = true)]
async fn a13_a_machine_that_slept_looks_at_its_connections_at_once() {
    use binance_kit_core::Timestamp;
    use binance_kit_net::clock::{VirtualWallClock, WallClock};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    struct Jumping(VirtualWallClock, Arc<AtomicI64>);
    impl WallClock for Jumping {
        fn now(&self) -> Timestamp {
            Timestamp::from_micros(self.0.now().as_micros() + self.1.load(Ordering::Relaxed))
        }
    }

    let world = world(600).await;
    let jump = Arc::new(AtomicI64::new(0));
    let dialled = Arc::clone(&world.exchange);
    let context = binance_kit_net::Context::builder()
        .dial(binance_kit_net::io::DialWith::new(move |_: &binance_kit_net::Endpoint| Ok(dialled.connect())))
        .clock(binance_kit_net::Clock::new(Jumping(
            VirtualWallClock::starting_at(crate::common::start_time()),
            Arc::clone(&jump),
        )))
        .random(binance_kit_net::Random::seeded(2))
        .build()
        .unwrap();
    let world = crate::common::World { exchange: Arc::clone(&world.exchange), context };
    let mut stream = world.subscribe(StreamConfig::default(), &STREAMS).await;
    let mut received = Received::default();
    received.listen(&mut stream, Duration::from_secs(5)).await;
    // The other side has forgotten the connection, and two hours have passed.
    world.exchange.inject(Fault::half_open());
    jump.store(2 * 3600 * 1_000_000, Ordering::Relaxed);
    let begun = tokio::time::Instant::now();
    while !received.has("connected 1") {
        received.take(stream.next().await.unwrap());
    }
    assert!(begun.elapsed() <= Duration::from_secs(5), "{:?}", begun.elapsed());
    received.listen(&mut stream, Duration::from_secs(5)).await;
    for name in STREAMS {
        received.check(&world.exchange, name);
    }
}
