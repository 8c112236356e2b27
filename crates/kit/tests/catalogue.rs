//! Rows of the fault catalogue that take more than one layer to show.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit::net::clock::VirtualWallClock;
use binance_kit::net::io::DialWith;
use binance_kit::net::{Clock, Endpoint, Random};
use binance_kit::sim::{Direction, Exchange, Fault};
use binance_kit::spot::{self, NewOrder, TradeEvent};
use binance_kit::stream::{EventStream, Item, RotationReason, StateChange};
use binance_kit::{Binance, Context, Decimal, Timestamp};
use common::{Served, World};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// The host has another address each time it is looked for: a client that resolves it only once keeps a dead one.
#[tokio::test(start_paused = true)]
async fn b3_an_address_that_changed_is_used_by_the_next_connection() {
    let addresses: Vec<Arc<Exchange>> = vec![
        Arc::new(common::in_memory().start().await.unwrap()),
        Arc::new(common::in_memory().seed(8).start().await.unwrap()),
    ];
    let current = Arc::new(Mutex::new(Arc::clone(&addresses[0])));
    let looked_up = Arc::clone(&current);
    let context = Context::builder()
        // Where the host is now: looked up by each connection.
        .dial(DialWith::new(move |_: &Endpoint| Ok(looked_up.lock().unwrap().connect())))
        .clock(Clock::new(VirtualWallClock::starting_at(Timestamp::from_millis(common::START))))
        .random(Random::seeded(7))
        .build()
        .unwrap();
    let environment = common::in_memory_environment();
    let binance = Binance::builder().environment(environment).context(context).build().unwrap();
    let mut events = binance.subscribe([spot::stream::trade("BTCUSDT")]).await.unwrap();
    let rest = binance.rest();
    let ws_api = binance.ws_api().await.unwrap();
    rest.send(spot::general::Ping::new()).await.unwrap();
    events.next_event().await.unwrap().unwrap();
    assert_eq!(addresses[1].counts().connections, 0);

    *current.lock().unwrap() = Arc::clone(&addresses[1]);
    addresses[0].close_all_connections();
    for _ in 0..50 {
        events.next_event().await.unwrap().unwrap();
    }
    rest.send(spot::general::Ping::new()).await.unwrap();
    while ws_api.send(spot::general::Ping::new()).await.is_err() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let counts = addresses[1].counts();
    assert_eq!(counts.requests["GET /api/v3/ping"], 1);
    assert!(counts.requests["ping"] >= 1);
    assert_eq!((counts.websockets, addresses[0].counts().connections_open), (2, 0));
}

/// The trades from the next one on, for so long: whether their ids are without a hole, and how far behind the last one was.
async fn trades(events: &mut EventStream<TradeEvent>, time: Duration) -> (u64, Duration, Vec<StateChange>) {
    let end = Instant::now() + time;
    let (mut last, mut count, mut behind, mut changes) = (None, 0, Duration::ZERO, Vec::new());
    while let Ok(item) = tokio::time::timeout_at(end, events.next()).await {
        match item.unwrap() {
            Item::Event(trade) => {
                let id = trade.trade_id.get();
                assert!(last.is_none_or(|last| id == last + 1), "{id} behind {last:?}");
                last = Some(id);
                count += 1;
                behind = trade.received_at.since(trade.event_time);
            }
            Item::State(change) => changes.push(change),
            // What we send is lost: so is the list that the handover asks for.
            Item::Unanswered(_) => {}
            other => panic!("{other:?}"),
        }
    }
    (count, behind, changes)
}

/// What we send is lost and what the exchange sends arrives: our own ping shows it, and the connection is replaced before the
/// exchange closes it, without losing an event.
#[tokio::test(start_paused = true)]
async fn a4_a_connection_on_which_only_the_exchange_arrives() {
    let world = World::new().await;
    let mut events = world.binance.subscribe([spot::stream::trade("BTCUSDT")]).await.unwrap();
    // Long enough to know that pings are answered.
    trades(&mut events, Duration::from_secs(12)).await;
    let one_way = world.exchange.inject(Fault::one_way(Direction::ToExchange));
    let (count, _, changes) = trades(&mut events, Duration::from_secs(15)).await;
    assert!(count > 100 && one_way.hits() == 1);
    assert!(
        matches!(changes[..], [StateChange::Rotating { reason: RotationReason::Unanswered, .. }]),
        "{changes:?}"
    );
    let (_, _, changes) = trades(&mut events, Duration::from_secs(15)).await;
    assert!(matches!(changes[..], [StateChange::Rotated { generation: 1, .. }]), "{changes:?}");
    let (count, _, changes) = trades(&mut events, Duration::from_secs(120)).await;
    assert!(count > 1000 && changes.is_empty(), "{changes:?}");
}

/// A connection that is too slow for the events: they are late, as their times show, and all of them arrive; when it is fast
/// again, none is late.
#[tokio::test(start_paused = true)]
async fn a14_a_slow_connection_delays_events_and_loses_none() {
    let world = World::new().await;
    let mut events = world.binance.subscribe([spot::stream::trade("BTCUSDT")]).await.unwrap();
    let (_, behind, _) = trades(&mut events, Duration::from_secs(5)).await;
    assert!(behind < Duration::from_millis(100), "{behind:?}");
    world.exchange.inject(Fault::throttle(500).lasting(Duration::from_secs(8)));
    let (count, behind, _) = trades(&mut events, Duration::from_secs(7)).await;
    assert!(count > 5 && behind > Duration::from_secs(2), "{count} events, the last {behind:?} late");
    let (_, behind, _) = trades(&mut events, Duration::from_secs(30)).await;
    assert!(behind < Duration::from_millis(100), "{behind:?}");
}

/// Answers to no request, and one that comes twice: each request gets the first of its own, and the connection continues.
#[tokio::test(start_paused = true)]
async fn i10_answers_that_come_twice_or_to_no_request() {
    let world = World::new().await;
    let client = world.binance.ws_api().await.unwrap();
    let twice = world.exchange.inject(Fault::duplicate().on_request("time").times(3));
    let stray = r#"{"id":999999,"status":200,"result":{"serverTime":1}}"#;
    let unasked = world.exchange.inject(Fault::insert(stray).on_request("ping").times(3));
    for _ in 0..3 {
        let (time, pong) =
            tokio::join!(client.send(spot::general::Time::new()), client.send(spot::general::Ping::new()));
        assert_eq!(time.unwrap().value().server_time, world.exchange.now());
        pong.unwrap();
    }
    assert_eq!((twice.hits(), unasked.hits()), (3, 3));
    let counts = world.exchange.counts();
    assert_eq!((counts.requests["time"], counts.requests["ping"], counts.websockets), (3, 3, 1));
}

/// A runtime that ends with an order under way: it ends at once, nothing panics, and the order was sent once.
#[test]
fn k5_a_runtime_that_ends_in_the_middle_of_an_order() {
    let served = Served::start();
    let flavours: [fn() -> tokio::runtime::Builder; 2] =
        [tokio::runtime::Builder::new_current_thread, tokio::runtime::Builder::new_multi_thread];
    for (index, flavour) in flavours.into_iter().enumerate() {
        let lost = served.exchange.inject(Fault::lose_response().on_request("order.place"));
        let runtime = flavour().worker_threads(1).enable_all().build().unwrap();
        let (sender, placed) = std::sync::mpsc::channel::<bool>();
        runtime.block_on(async {
            let binance = Binance::builder()
                .environment(common::loopback(&served.exchange))
                .credentials(common::ed25519(&served.exchange))
                .build()
                .unwrap();
            let orders = binance.orders().await.unwrap();
            let task = tokio::runtime::Handle::current().spawn(async move {
                let order = NewOrder::market_buy("BTCUSDT").quote_order_quantity(Decimal::new(100, 0));
                let _ = sender.send(orders.place(order).await.confirmed().is_some());
            });
            while lost.hits() == 0 {
                tokio::task::yield_now().await;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            drop(task);
        });
        drop(runtime);
        // The task that waited for the outcome is dropped.
        assert!(placed.recv().is_err());
        assert_eq!(served.exchange.request_count("order.place"), index as u64 + 1);
    }
}
