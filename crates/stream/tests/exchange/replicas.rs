//! The same streams over several connections at once.

use crate::common::{Kept, Received, environment, world};
use crate::server::topics;
use binance_kit_sim::Fault;
use binance_kit_stream::{StreamClient, StreamConfig};
use std::time::Duration;

const STREAMS: [&str; 5] =
    ["btcusdt@trade", "btcusdt@depth@100ms", "btcusdt@bookTicker", "ethusdt@aggTrade", "btcusdt@miniTicker"];

fn two_replicas(world: &crate::common::World) -> StreamClient {
    StreamClient::builder(&world.context, &environment())
        .config(StreamConfig::default())
        .replica("ws://127.0.0.1:2")
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn two_replicas_lose_nothing_while_either_of_them_is_up() {
    let world = world(300).await;
    let client = two_replicas(&world);
    world.exchange.keep_journal(STREAMS, 1_000_000).unwrap();
    let mut stream = client.subscribe(topics::<Kept>(STREAMS)).await.unwrap();
    let mut received = Received::default();
    for round in 0..10 {
        received.listen(&mut stream, Duration::from_secs(3)).await;
        let connections = world.exchange.connections();
        assert_eq!(connections.len(), 2, "round {round}");
        let victim = connections[round % 2].id;
        let fault = match round % 3 {
            0 => Fault::reset(),
            1 => Fault::close(1008, "kicked"),
            _ => Fault::half_open().lasting(Duration::from_secs(2)),
        };
        world.exchange.inject(fault.on_connection(victim));
    }
    received.listen(&mut stream, Duration::from_secs(32)).await;
    let total: usize = STREAMS.iter().map(|name| received.check(&world.exchange, name)).sum();
    assert!(total > 1000, "{total}");
    assert!(received.gaps.is_empty(), "{:?}", received.gaps);
    assert!(!received.has("disconnected"), "{:?}", received.states);
    assert!(
        received.has("replica 0 disconnected") && received.has("replica 1 disconnected"),
        "{:?}",
        received.states
    );
}

#[tokio::test(start_paused = true)]
async fn losses_and_delays_of_a_replica_are_seen_and_do_no_harm() {
    let world = world(600).await;
    let client = two_replicas(&world);
    let names = ["btcusdt@trade", "ethusdt@aggTrade"];
    world.exchange.keep_journal(names, 1_000_000).unwrap();
    let mut stream = client.subscribe(topics::<Kept>(names)).await.unwrap();
    let mut received = Received::default();
    received.listen(&mut stream, Duration::from_secs(2)).await;
    let bad = world.exchange.connections()[1].id;
    let lost = world
        .exchange
        .inject(Fault::gap().on_stream("btcusdt@trade").on_connection(bad).always().probability(0.2, 4));
    world.exchange.inject(
        Fault::delay(Duration::from_millis(30)).on_stream("ethusdt@aggTrade").on_connection(bad).always(),
    );
    received.listen(&mut stream, Duration::from_secs(30)).await;
    for name in names {
        received.check(&world.exchange, name);
    }
    assert!(received.gaps.is_empty(), "{:?}", received.gaps);
    let status = stream.control().status().await;
    assert_eq!(status.connections.len(), 2);
    let [good, poor] = [status.connections[0].race, status.connections[1].race];
    assert!(lost.hits() > 5);
    assert!(poor.missed >= lost.hits() && poor.missed <= lost.hits() + 5, "{poor:?}, {} lost", lost.hits());
    assert!(poor.max_behind >= Duration::from_millis(30), "{poor:?}");
    assert!(good.first > poor.first, "{good:?} {poor:?}");
}

#[tokio::test(start_paused = true)]
async fn replicas_rotate_one_by_one() {
    let world = world(300).await;
    let client = two_replicas(&world);
    world.exchange.keep_journal(STREAMS, 1_000_000).unwrap();
    let mut stream = client.subscribe(topics::<Kept>(STREAMS)).await.unwrap();
    let mut received = Received::default();
    let control = stream.control();
    for _ in 0..5 {
        received.listen(&mut stream, Duration::from_secs(1)).await;
        let (rotated, ()) =
            tokio::join!(control.rotate(), received.listen(&mut stream, Duration::from_secs(15)));
        rotated.unwrap();
    }
    for name in STREAMS {
        received.check(&world.exchange, name);
    }
    assert!(received.gaps.is_empty() && control.status().await.rotations == 10);
    assert_eq!(world.exchange.connections().len(), 2);
}
