//! Rows D1 and D2: connections are replaced before they end, and nothing is lost or comes twice.

use crate::common::{Kept, Received, environment, market, world, world_with};
use crate::server::{self, Server, topic, topics};
use binance_kit_sim::{Exchange, Fault};
use binance_kit_stream::{StreamClient, StreamConfig};
use std::time::Duration;

const STREAMS: [&str; 9] = [
    "btcusdt@trade",
    "btcusdt@aggTrade",
    "btcusdt@depth@100ms",
    "btcusdt@bookTicker",
    "btcusdt@kline_1s",
    "btcusdt@miniTicker",
    "ethusdt@trade",
    "ethusdt@depth",
    "bnbusdt@aggTrade",
];

#[tokio::test(start_paused = true)]
async fn d1_a_hundred_rotations_under_load_lose_nothing_and_repeat_nothing() {
    let world = world(600).await;
    // Streams with one event a second are not waited for.
    let config = StreamConfig { overlap_timeout: Duration::from_millis(150), ..StreamConfig::default() };
    let mut stream = world.subscribe(config, &STREAMS).await;
    let control = stream.control();
    let mut received = Received::default();
    received.listen(&mut stream, Duration::from_secs(1)).await;
    for _ in 0..100 {
        let rotating = binance_kit_net::task::spawn("rotate", {
            let control = control.clone();
            async move { control.rotate().await }
        });
        while !rotating.is_finished() {
            received.listen(&mut stream, Duration::from_millis(37)).await;
        }
        rotating.join().await.unwrap().unwrap();
    }
    received.listen(&mut stream, Duration::from_secs(1)).await;
    let total: usize = STREAMS.iter().map(|name| received.check(&world.exchange, name)).sum();
    assert!(total > 1_000, "{total} events");
    assert_eq!(received.gaps.len(), 0, "{:?}", received.gaps);
    let status = control.status().await;
    assert_eq!((status.rotations, status.disconnects), (100, 0));
    assert_eq!(world.exchange.connections().len(), 1, "the old ones are gone");
    // The end was not cut off: all that was published came.
    for name in STREAMS {
        let last = &world.exchange.journal(name).events;
        let came = received.events[name].len();
        assert!(last.len() - came < 40, "{name}: {came} of {}", last.len());
    }
}

#[tokio::test(start_paused = true)]
async fn d1_a_connection_is_replaced_before_the_exchange_ends_it() {
    let builder = Exchange::builder().seed(3).market(market(20)).max_connection_age(Duration::from_secs(144));
    let world = world_with(builder).await;
    // The real times, divided by 600.
    let config = StreamConfig {
        rotate_after: Some(Duration::from_secs(138)),
        rotate_jitter: Duration::from_secs(3),
        ..StreamConfig::default()
    };
    let mut stream = world.subscribe(config, &STREAMS).await;
    let mut received = Received::default();
    received.listen(&mut stream, Duration::from_secs(3 * 144)).await;
    for name in STREAMS {
        received.check(&world.exchange, name);
    }
    assert!(received.has("rotated 2") && received.has("rotating Age"), "{:?}", received.states);
    assert!(!received.has("disconnected") && received.gaps.is_empty(), "{:?}", received.states);
}

#[tokio::test(start_paused = true)]
async fn d2_a_server_that_announces_its_end_loses_nothing() {
    for notice in [Duration::from_secs(600), Duration::from_millis(300), Duration::ZERO] {
        let world = world(if notice > Duration::from_secs(1) { 5 } else { 500 }).await;
        let mut stream = world.subscribe(StreamConfig::default(), &STREAMS).await;
        let mut received = Received::default();
        received.listen(&mut stream, Duration::from_secs(2)).await;
        let doomed = world.exchange.connections()[0].id;
        world.exchange.inject(Fault::server_shutdown().on_connection(doomed));
        world.exchange.inject(Fault::close(1001, "going away").on_connection(doomed).at(notice));
        received.listen(&mut stream, notice + Duration::from_secs(5)).await;
        let total: usize = STREAMS.iter().map(|name| received.check(&world.exchange, name)).sum();
        assert!(total > 200, "{total}");
        if notice > Duration::ZERO {
            assert!(
                received.has("rotating ServerShutdown") && received.has("rotated 1"),
                "{:?}",
                received.states
            );
            assert!(received.gaps.is_empty(), "{notice:?}: {:?}", received.gaps);
            assert!(!received.has("disconnected"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn d2_the_announcement_is_understood_on_a_raw_connection() {
    let world = world(500).await;
    let client = world.client(StreamConfig::default());
    let mut stream = client.subscribe_raw(topic::<Kept>("btcusdt@trade")).await.unwrap();
    world.exchange.keep_journal(["btcusdt@trade"], 100_000).unwrap();
    let mut received = Received::default();
    let begun = tokio::time::Instant::now();
    let mut announced = false;
    while begun.elapsed() < Duration::from_secs(20) {
        received.take(stream.next().await.unwrap());
        if !announced && begun.elapsed() > Duration::from_secs(2) {
            announced = true;
            world.exchange.server_shutdown_event();
        }
    }
    assert!(received.has("rotated 1"), "{:?}", received.states);
    received.events.get_mut("btcusdt@trade").unwrap().remove(0);
    received.check(&world.exchange, "btcusdt@trade");
}

#[tokio::test(start_paused = true)]
async fn k6_there_is_never_more_than_one_connection_and_its_successor() {
    let world = world(200).await;
    let mut stream = world.subscribe(StreamConfig::default(), &STREAMS).await;
    let control = stream.control();
    let mut received = Received::default();
    let random = binance_kit_net::Random::seeded(9);
    let mut most = 0;
    for _ in 0..60 {
        let control = control.clone();
        // Everything that makes connections, at once and in any order.
        let calls = binance_kit_net::task::spawn("calls", async move {
            let _ = tokio::join!(control.rotate(), control.rotate());
        });
        match random.below(4) {
            0 => world.exchange.server_shutdown_event(),
            1 => world.exchange.close_all_connections(),
            2 => drop(world.exchange.inject(Fault::close(1008, ""))),
            _ => {}
        }
        for _ in 0..20 {
            received.listen(&mut stream, Duration::from_millis(1 + random.below(30))).await;
            // One that was retired a moment ago may still be closing.
            most = most.max(world.exchange.connections().len());
        }
        drop(calls);
    }
    assert!(most <= 3, "{most} connections at once");
    received.listen(&mut stream, Duration::from_secs(60)).await;
    assert_eq!(world.exchange.connections().len(), 1);
    for name in STREAMS {
        received.check(&world.exchange, name);
    }
}

#[tokio::test(start_paused = true)]
async fn d2_a_successor_that_announces_its_end_is_replaced_in_its_turn() {
    let (context, mut connections) = server::context();
    let client = StreamClient::new(&context, &environment()).unwrap();
    let (stream, mut first) = tokio::join!(client.subscribe(topics::<Kept>(["a@trade"])), async {
        let mut server = Server::accept(&mut connections).await;
        server.answer_list(&["a@trade"]).await;
        server
    });
    let stream = stream.unwrap();
    let control = stream.control();
    let serving = async {
        let mut second = Server::accept(&mut connections).await;
        let shutdown = r#"{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1700000000000}}"#;
        second.send(shutdown).await;
        second.answer_list(&["a@trade"]).await;
        first.answer_list(&["a@trade"]).await;
        let mut third = Server::accept(&mut connections).await;
        third.answer_list(&["a@trade"]).await;
        second.answer_list(&["a@trade"]).await;
        (second, third)
    };
    let (rotated, servers) =
        tokio::join!(control.rotate(), tokio::time::timeout(Duration::from_secs(60), serving));
    rotated.unwrap();
    let _servers = servers.unwrap();
    // So long a stream that has nothing to say is listened for.
    tokio::time::sleep(Duration::from_secs(12)).await;
    let status = control.status().await;
    assert_eq!((status.rotations, status.disconnects), (2, 0));
}
