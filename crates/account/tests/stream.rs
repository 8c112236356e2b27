//! The account's events at the embedded exchange: a snapshot first, everything after it once, whatever happens to the
//! connection. The names begin with the rows of the fault catalogue (`docs/faults.md`).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_account::spot::Balances;
use binance_kit_account::{AccountItem, AccountStream, Outcome};
use binance_kit_core::{Asset, Decimal, ErrorKind};
use binance_kit_model::spot::{Account, AccountEvent, NewOrder};
use binance_kit_net::Random;
use binance_kit_sim::Fault;
use binance_kit_ws_api::{SessionState, WsApiClient, WsApiConfig};
use common::{World, drain, environment, follow, next, word, words};
use std::time::Duration;

const SNAPSHOT: &str = "account.status";

/// alice offers `quantity` AB at 101.
async fn offer(world: &World, quantity: i64) -> binance_kit_model::spot::trade::NewOrderResponse {
    let order =
        NewOrder::limit_sell("ABUSDT").quantity(Decimal::new(quantity, 0)).price(Decimal::new(101, 0));
    world.orders().place(order).await.confirmed().unwrap()
}

async fn assert_equal(balances: &Balances, world: &World) {
    assert_eq!(balances.differences(&world.account().await), []);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_comes_first_and_then_the_events() {
    let world = World::new().await;
    let order = offer(&world, 10).await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    let AccountItem::Snapshot(snapshot) = next(&mut stream).await else { panic!() };
    assert_eq!(snapshot.open_orders.len(), 1);
    assert_eq!(snapshot.open_orders[0].order_id, order.order_id);
    let locked = snapshot.account.balances.iter().find(|balance| balance.asset == Asset::new("AB")).unwrap();
    assert_eq!((locked.free, locked.locked), (Decimal::new(990, 0), Decimal::new(10, 0)));

    let mut balances = Balances::starting_from(&snapshot.account);
    world.bob(true, 4, 101);
    world.exchange.account("alice").unwrap().fund("USDT", Decimal::new(5, 1)).unwrap();
    let items = drain(&mut stream).await;
    assert_eq!(
        words(&items),
        ["executionReport", "outboundAccountPosition", "balanceUpdate", "outboundAccountPosition"]
    );
    follow(&mut balances, &items);
    assert_eq!(balances.total(&"AB".into()), Decimal::new(996, 0));
    // 4 at 101, less a commission of 0.1 %, and half a dollar.
    assert_eq!(balances.total(&"USDT".into()), Decimal::new(100_404_096, 3));
    assert_equal(&balances, &world).await;
}

#[tokio::test(start_paused = true)]
async fn events_that_the_snapshot_contains_are_marked() {
    let world = World::new().await;
    offer(&world, 10).await;
    // The first snapshot fails. A trade happens before the second, and is in it.
    world.exchange.fail_next_request(SNAPSHOT, 503, r#"{"code":-1000,"msg":"x"}"#);
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    assert_eq!(word(&next(&mut stream).await), "snapshot failed");
    tokio::time::sleep(Duration::from_millis(5)).await;
    world.bob(true, 4, 101);
    let items = drain(&mut stream).await;
    assert_eq!(
        words(&items),
        ["snapshot", "executionReport (in snapshot)", "outboundAccountPosition (in snapshot)"]
    );
    let mut balances = Balances::default();
    follow(&mut balances, &items);
    assert_equal(&balances, &world).await;
}

#[tokio::test(start_paused = true)]
async fn events_between_the_snapshot_and_its_answer_are_not_in_it() {
    let world = World::new().await;
    offer(&world, 10).await;
    world.exchange.delay_next_response(SNAPSHOT, Duration::from_secs(1));
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    let (items, ()) = tokio::join!(drain(&mut stream), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.bob(true, 4, 101);
    });
    assert_eq!(words(&items), ["snapshot", "executionReport", "outboundAccountPosition"]);
    let mut balances = Balances::default();
    follow(&mut balances, &items);
    assert_equal(&balances, &world).await;
}

#[tokio::test(start_paused = true)]
async fn within_one_millisecond_the_balances_decide() {
    let world = World::new().await;
    offer(&world, 10).await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    let moment = world.exchange.now();
    // Everything from here on happens in the same millisecond: time goes on only where the stream waits for the answer.
    world.exchange.delay_next_response(SNAPSHOT, Duration::from_secs(1));
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    world.bob(true, 1, 101);
    world.bob(true, 2, 101);
    assert!(futures_now(&mut stream).is_none(), "asks for the snapshot");
    while world.exchange.request_count(SNAPSHOT) == 0 {
        tokio::task::yield_now().await;
    }
    world.bob(true, 3, 101);
    world.exchange.account("alice").unwrap().fund("AB", Decimal::ONE).unwrap();
    assert_eq!(world.exchange.now(), moment);
    let items = drain(&mut stream).await;
    assert_eq!(
        words(&items),
        [
            "snapshot",
            "executionReport (in snapshot)",
            "outboundAccountPosition (in snapshot)",
            "executionReport (in snapshot)",
            "outboundAccountPosition (in snapshot)",
            "executionReport",
            "outboundAccountPosition",
            "balanceUpdate",
            "outboundAccountPosition"
        ]
    );
    let mut balances = Balances::default();
    follow(&mut balances, &items);
    assert_equal(&balances, &world).await;
}

/// The next item, if there is one now.
fn futures_now(stream: &mut AccountStream) -> Option<AccountItem> {
    let next = std::pin::pin!(stream.next());
    match Future::poll(next, &mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(item) => item,
        std::task::Poll::Pending => None,
    }
}

#[tokio::test(start_paused = true)]
async fn j1_events_during_an_interruption_are_in_the_next_snapshot() {
    let world = World::new().await;
    let order = offer(&world, 10).await;
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    let mut balances = Balances::default();
    follow(&mut balances, &drain(&mut stream).await);
    world.set_offline(true);
    world.exchange.close_all_connections();
    tokio::time::sleep(Duration::from_secs(5)).await;
    // Filled, and a deposit, without an event.
    world.bob(true, 10, 101);
    world.exchange.account("alice").unwrap().fund("AB", Decimal::ONE).unwrap();
    world.set_offline(false);
    let mut items = vec![next(&mut stream).await, next(&mut stream).await];
    assert_eq!(words(&items), ["interrupted", "snapshot"]);
    let AccountItem::Snapshot(snapshot) = &items[1] else { panic!() };
    assert!(snapshot.open_orders.iter().all(|open| open.order_id != order.order_id));
    offer(&world, 1).await;
    world.bob(true, 1, 101);
    items.extend(drain(&mut stream).await);
    follow(&mut balances, &items);
    assert_equal(&balances, &world).await;
}

#[tokio::test(start_paused = true)]
async fn j1_an_interruption_while_the_snapshot_is_taken_leads_to_another() {
    let world = World::new().await;
    offer(&world, 10).await;
    world.exchange.delay_next_response(SNAPSHOT, Duration::from_secs(8));
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    let (items, ()) = tokio::join!(drain_until_snapshot(&mut stream), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        world.bob(true, 4, 101);
        tokio::time::sleep(Duration::from_secs(1)).await;
        world.exchange.close_all_connections();
    });
    assert_eq!(words(&items), ["snapshot failed", "interrupted", "snapshot"]);
    let mut balances = Balances::default();
    follow(&mut balances, &items);
    // The events before the interruption are not lost.
    let items = drain(&mut stream).await;
    assert_eq!(words(&items), ["executionReport (in snapshot)", "outboundAccountPosition (in snapshot)"]);
    follow(&mut balances, &items);
    assert_equal(&balances, &world).await;
}

async fn drain_until_snapshot(stream: &mut AccountStream) -> Vec<AccountItem> {
    let mut items = Vec::new();
    while !matches!(items.last(), Some(AccountItem::Snapshot(_))) {
        items.push(next(stream).await);
    }
    items
}

#[tokio::test(start_paused = true)]
async fn j4_a_report_may_come_before_the_answer_to_its_order() {
    let world = World::new().await;
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    assert_eq!(word(&next(&mut stream).await), "snapshot");
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.exchange.delay_next_response("order.place", Duration::from_secs(2));
    let orders = world.orders();
    let order = NewOrder::limit_sell("ABUSDT").quantity(Decimal::ONE).price(Decimal::new(101, 0));
    let place = orders.place(order);
    tokio::pin!(place);
    let report = tokio::select! {
        biased;
        item = next(&mut stream) => item,
        outcome = &mut place => panic!("{outcome:?}"),
    };
    let AccountItem::Event(change) = report else { panic!() };
    let AccountEvent::Order(report) = change.data else { panic!() };
    let outcome = place.await;
    let Outcome::Confirmed(placed) = outcome else { panic!("{outcome:?}") };
    assert_eq!((placed.order_id, &placed.client_order_id), (report.order_id, &report.client_order_id));
}

#[tokio::test(start_paused = true)]
async fn j5_a_stream_that_the_exchange_ends_is_subscribed_again_with_a_new_snapshot() {
    let world = World::new().await;
    let demo = world.exchange.demo_account().unwrap();
    let credentials =
        binance_kit_sign::Credentials::ed25519_pem(&demo.ed25519_api_key, &demo.ed25519_private_pem).unwrap();
    let client = WsApiClient::builder(&world.context, &environment())
        .credentials(credentials)
        .connect()
        .await
        .unwrap();
    let mut stream = AccountStream::open(&client).await.unwrap();
    assert_eq!(word(&next(&mut stream).await), "snapshot");
    // The end of the session is the end of its subscriptions.
    client.log_out().await.unwrap();
    let items = drain(&mut stream).await;
    assert_eq!(words(&items), ["eventStreamTerminated", "interrupted", "snapshot"]);
    world.exchange.account(&demo.name).unwrap().fund("USDT", Decimal::ONE).unwrap();
    assert_eq!(words(&drain(&mut stream).await), ["balanceUpdate", "outboundAccountPosition"]);
}

#[tokio::test(start_paused = true)]
async fn j6_a_refusal_to_subscribe_again_is_reported_and_the_next_connection_tries_again() {
    let world = World::new().await;
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    assert_eq!(word(&next(&mut stream).await), "snapshot");
    world.exchange.fail_next_request(
        "userDataStream.subscribe.signature",
        400,
        r#"{"code":-2042,"msg":"Too many subscriptions."}"#,
    );
    world.exchange.close_all_connections();
    assert_eq!(words(&drain(&mut stream).await), ["interrupted", "refused"]);
    world.exchange.close_all_connections();
    assert_eq!(words(&drain(&mut stream).await), ["snapshot"]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_snapshot_is_tried_again_with_growing_waits() {
    let world = World::new().await;
    for _ in 0..8 {
        world.exchange.fail_next_request(SNAPSHOT, 500, r#"{"code":-1000,"msg":"x"}"#);
    }
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    let mut before = world.exchange.now();
    let mut waits = Vec::new();
    for _ in 0..8 {
        let item = next(&mut stream).await;
        let AccountItem::SnapshotFailed(error) = item else { panic!("{item:?}") };
        assert_eq!(error.status(), Some(500));
        let now = world.exchange.now();
        waits.push(now.since(before).as_secs());
        before = now;
    }
    assert_eq!(waits, [0, 1, 2, 4, 8, 16, 30, 30]);
    assert_eq!(word(&next(&mut stream).await), "snapshot");
}

#[tokio::test(start_paused = true)]
async fn k1_a_consumer_that_is_too_slow_learns_it() {
    let world = World::with(WsApiConfig { user_data_queue: 10, ..WsApiConfig::default() }).await;
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    assert_eq!(word(&next(&mut stream).await), "snapshot");
    for _ in 0..20 {
        world.exchange.account("alice").unwrap().fund("USDT", Decimal::ONE).unwrap();
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut delivered = 0;
    while stream.next().await.is_some() {
        delivered += 1;
    }
    assert!(stream.is_overflowed());
    assert_eq!(delivered, 10, "what was queued is delivered");
    assert!(stream.next().await.is_none());
    // A new one begins with a snapshot.
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    assert_eq!(word(&next(&mut stream).await), "snapshot");
    assert!(!stream.is_overflowed());
}

#[tokio::test(start_paused = true)]
async fn next_event_gives_the_events_alone_and_keeps_the_snapshot() {
    let world = World::new().await;
    let order = offer(&world, 10).await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    assert!(stream.snapshot().is_none());
    let (change, ()) = tokio::join!(stream.next_event(), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        world.bob(true, 4, 101);
    });
    let change = change.unwrap().unwrap();
    let AccountEvent::Order(report) = &change.data else { panic!("{change:?}") };
    assert_eq!((report.order_id, change.in_snapshot), (order.order_id, false));
    assert_eq!(stream.snapshot().unwrap().open_orders.len(), 1);
    // An interruption and a failed snapshot are skipped, and the events go on.
    world.exchange.fail_next_request(SNAPSHOT, 503, r#"{"code":-1000,"msg":"x"}"#);
    world.exchange.close_all_connections();
    let mut seen = Vec::new();
    let (last, ()) = tokio::join!(
        async {
            loop {
                let change = stream.next_event().await.unwrap().unwrap();
                if let AccountEvent::Balance(update) = &change.data {
                    break update.delta;
                }
                seen.push(change.event_type().into_owned());
            }
        },
        async {
            tokio::time::sleep(Duration::from_secs(10)).await;
            world.exchange.account("alice").unwrap().fund("AB", Decimal::TWO).unwrap();
        }
    );
    assert_eq!((last, seen), (Decimal::TWO, vec!["outboundAccountPosition".to_owned()]));
    world.client.close().await;
    loop {
        match stream.next_event().await {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn next_event_is_an_error_when_the_stream_is_refused_and_goes_on_afterwards() {
    let world = World::new().await;
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    assert_eq!(word(&next(&mut stream).await), "snapshot");
    world.exchange.fail_next_request(
        "userDataStream.subscribe.signature",
        400,
        r#"{"code":-2042,"msg":"Too many subscriptions."}"#,
    );
    world.exchange.close_all_connections();
    let error = stream.next_event().await.unwrap_err();
    assert_eq!(error.code().map(|code| code.0), Some(-2042), "{error}");
    // A snapshot that is refused for a reason that trying again does not change.
    world.exchange.fail_next_request(SNAPSHOT, 400, r#"{"code":-2015,"msg":"Invalid API-key."}"#);
    world.exchange.close_all_connections();
    let error = stream.next_event().await.unwrap_err();
    assert_eq!(error.code().map(|code| code.0), Some(-2015), "{error}");
    let (change, ()) = tokio::join!(stream.next_event(), async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        world.exchange.account("alice").unwrap().fund("AB", Decimal::ONE).unwrap();
    });
    assert!(matches!(change.unwrap().unwrap().data, AccountEvent::Balance(_)));
}

#[tokio::test(start_paused = true)]
async fn next_event_is_an_error_once_when_the_consumer_was_too_slow() {
    let world = World::with(WsApiConfig { user_data_queue: 10, ..WsApiConfig::default() }).await;
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    assert_eq!(word(&next(&mut stream).await), "snapshot");
    for _ in 0..20 {
        world.exchange.account("alice").unwrap().fund("USDT", Decimal::ONE).unwrap();
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let error = loop {
        if let Err(error) = stream.next_event().await {
            break error;
        }
    };
    assert_eq!(error.kind(), ErrorKind::Overflowed);
    assert!(stream.next_event().await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn next_event_is_an_error_when_none_of_the_first_frames_can_be_read() {
    let unreadable =
        || Fault::replace(r#"{"subscriptionId":0,"event":{"e":"balanceUpdate","E":1}}"#).on_user_data();
    let world = World::new().await;
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    assert_eq!(word(&next(&mut stream).await), "snapshot");
    world.exchange.inject(unreadable().times(3));
    let alice = world.exchange.account("alice").unwrap();
    let (event, ()) = tokio::join!(stream.next_event(), async {
        for _ in 0..4 {
            alice.fund("USDT", Decimal::ONE).unwrap();
        }
    });
    assert_eq!((event.unwrap_err().kind(), stream.unreadable()), (ErrorKind::Unreadable, 3));
    // The stream goes on, and later frames of the kind are skipped and counted.
    assert!(stream.next_event().await.unwrap().is_some());
    drain(&mut stream).await;
    world.exchange.inject(unreadable().times(5));
    for _ in 0..3 {
        alice.fund("USDT", Decimal::ONE).unwrap();
    }
    assert!(stream.next_event().await.unwrap().is_some());
    assert_eq!(stream.unreadable(), 8);
}

#[tokio::test(start_paused = true)]
async fn unreadable_frames_after_readable_ones_are_skipped() {
    let world = World::new().await;
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    assert_eq!(word(&next(&mut stream).await), "snapshot");
    let alice = world.exchange.account("alice").unwrap();
    alice.fund("USDT", Decimal::ONE).unwrap();
    assert_eq!(drain(&mut stream).await.len(), 2);
    let unreadable = Fault::replace(r#"{"subscriptionId":0,"event":{"e":"balanceUpdate","E":1}}"#);
    world.exchange.inject(unreadable.on_user_data().times(3));
    for _ in 0..2 {
        alice.fund("USDT", Decimal::ONE).unwrap();
    }
    assert!(stream.next_event().await.unwrap().is_some());
    assert_eq!(stream.unreadable(), 3);
}

#[tokio::test(start_paused = true)]
async fn items_are_cloned_and_displayed() {
    let world = World::new().await;
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    let item = next(&mut stream).await.clone();
    assert_eq!(item.to_string(), "snapshot");
    world.exchange.account("alice").unwrap().fund("USDT", Decimal::ONE).unwrap();
    let items = drain(&mut stream).await;
    assert_eq!(
        items.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["balanceUpdate", "outboundAccountPosition"]
    );
}

#[tokio::test(start_paused = true)]
async fn the_stream_ends_with_its_client() {
    let world = World::new().await;
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    assert_eq!(word(&next(&mut stream).await), "snapshot");
    world.client.close().await;
    let mut words = Vec::new();
    while let Some(item) = stream.next().await {
        words.push(word(&item));
    }
    assert_eq!(words, ["interrupted"]);
    assert!(!stream.is_overflowed());
    let error = AccountStream::open(&world.client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
}

/// Trades, deposits, lost connections, late and failing snapshots in any order: the computed balances are those of the account.
async fn run(seed: u64) -> usize {
    let world = World::new().await;
    let random = Random::seeded(seed);
    let orders = world.orders();
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    let mut balances = Balances::default();
    let mut items = Vec::new();
    let mut state = world.client.state();
    for _ in 0..120 {
        match random.below(12) {
            0 => {
                world.exchange.close_all_connections();
                let connected = |state: &SessionState| matches!(state, SessionState::Connected { .. });
                tokio::task::yield_now().await;
                let _ = tokio::time::timeout(Duration::from_secs(20), state.wait_for(connected)).await;
            }
            1 => world.exchange.fail_next_request(SNAPSHOT, 503, r#"{"code":-1000,"msg":"x"}"#),
            2 => world.exchange.delay_next_response(SNAPSHOT, Duration::from_millis(random.below(3000))),
            3 => world.exchange.account("alice").unwrap().fund("USDT", Decimal::new(1, 1)).unwrap(),
            4..=7 => {
                let place = orders
                    .place(NewOrder::limit_sell("ABUSDT").quantity(Decimal::ONE).price(Decimal::new(101, 0)));
                // Not waited for: connections are lost on the way.
                let _ = tokio::time::timeout(Duration::from_millis(1), place).await;
            }
            _ => world.bob(true, 1, 101),
        }
        if random.below(3) == 0 {
            tokio::time::sleep(Duration::from_millis(random.below(2000))).await;
        }
        while let Some(item) = futures_now(&mut stream) {
            items.push(item);
        }
    }
    while let Ok(Some(item)) = tokio::time::timeout(Duration::from_secs(60), stream.next()).await {
        items.push(item);
    }
    follow(&mut balances, &items);
    // Faults that no snapshot has met are still in force.
    let account = loop {
        if let Ok(account) = world.client.send(Account::new()).await {
            break account.into_value();
        }
    };
    assert_eq!(balances.differences(&account), [], "seed {seed}: {:?}", words(&items));
    // No event comes before the first snapshot, nor between an interruption and the next one.
    let mut has_snapshot = false;
    for item in &items {
        match item {
            AccountItem::Snapshot(_) => has_snapshot = true,
            AccountItem::Interrupted => has_snapshot = false,
            AccountItem::Event(_) => assert!(has_snapshot, "seed {seed}: {:?}", words(&items)),
            _ => {}
        }
    }
    items.len()
}

#[tokio::test(start_paused = true)]
async fn the_computed_balances_are_those_of_the_account() {
    for seed in 0..12 {
        let items = run(seed).await;
        assert!(items > 20, "seed {seed}: {items}");
    }
}
