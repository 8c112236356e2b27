//! The account's events at the embedded exchange: a snapshot first, everything after it once, whatever happens to the
//! connection. The names begin with the rows of the fault catalogue.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_account::{AccountItem, AccountStream, Ledger, OrderOutcome};
use binance_kit_core::{Asset, Decimal};
use binance_kit_model::spot::{Account, AccountEvent, NewOrder};
use binance_kit_net::Random;
use binance_kit_ws_api::{SessionState, WsApiClient, WsApiConfig};
use common::{World, drain, environment, follow, next, word, words};
use std::time::Duration;

const SNAPSHOT: &str = "account.status";

/// alice offers `quantity` AB at 101.
async fn offer(world: &World, quantity: i64) -> binance_kit_model::spot::NewOrderResponse {
    let order = NewOrder::limit_sell("ABUSDT", Decimal::new(quantity, 0), Decimal::new(101, 0));
    world.orders().place(order).await.confirmed().unwrap()
}

async fn assert_equal(ledger: &Ledger, world: &World) {
    assert_eq!(ledger.differences(&world.account().await), []);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_comes_first_and_then_what_happens() {
    let world = World::new().await;
    let order = offer(&world, 10).await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    let AccountItem::Snapshot(snapshot) = next(&mut stream).await else { panic!() };
    assert_eq!(snapshot.open_orders.len(), 1);
    assert_eq!(snapshot.open_orders[0].order_id, order.order_id);
    let locked = snapshot.account.balances.iter().find(|balance| balance.asset == Asset::new("AB")).unwrap();
    assert_eq!((locked.free, locked.locked), (Decimal::new(990, 0), Decimal::new(10, 0)));

    let mut ledger = Ledger::starting_from(&snapshot.account);
    world.bob(true, 4, 101);
    world.exchange.account("alice").unwrap().fund("USDT", Decimal::new(5, 1)).unwrap();
    let items = drain(&mut stream).await;
    assert_eq!(
        words(&items),
        ["executionReport", "outboundAccountPosition", "balanceUpdate", "outboundAccountPosition"]
    );
    follow(&mut ledger, &items);
    assert_eq!(ledger.total(&"AB".into()), Decimal::new(996, 0));
    // 4 at 101, less a commission of 0.1 %, and half a dollar.
    assert_eq!(ledger.total(&"USDT".into()), Decimal::new(100_404_096, 3));
    assert_equal(&ledger, &world).await;
}

#[tokio::test(start_paused = true)]
async fn what_the_snapshot_holds_already_is_marked() {
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
    let mut ledger = Ledger::default();
    follow(&mut ledger, &items);
    assert_equal(&ledger, &world).await;
}

#[tokio::test(start_paused = true)]
async fn what_happens_between_the_snapshot_and_its_answer_is_not_in_it() {
    let world = World::new().await;
    offer(&world, 10).await;
    world.exchange.delay_next_response(SNAPSHOT, Duration::from_secs(1));
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    let (items, ()) = tokio::join!(drain(&mut stream), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.bob(true, 4, 101);
    });
    assert_eq!(words(&items), ["snapshot", "executionReport", "outboundAccountPosition"]);
    let mut ledger = Ledger::default();
    follow(&mut ledger, &items);
    assert_equal(&ledger, &world).await;
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
    let mut ledger = Ledger::default();
    follow(&mut ledger, &items);
    assert_equal(&ledger, &world).await;
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
async fn j1_what_happens_while_the_connection_is_away_is_in_the_next_snapshot() {
    let world = World::new().await;
    let order = offer(&world, 10).await;
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    let mut ledger = Ledger::default();
    follow(&mut ledger, &drain(&mut stream).await);
    world.set_offline(true);
    world.exchange.close_all_connections();
    tokio::time::sleep(Duration::from_secs(5)).await;
    // Filled, and a deposit, and nobody tells us.
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
    follow(&mut ledger, &items);
    assert_equal(&ledger, &world).await;
}

#[tokio::test(start_paused = true)]
async fn j1_an_interruption_while_the_snapshot_is_taken_begins_anew() {
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
    let mut ledger = Ledger::default();
    follow(&mut ledger, &items);
    // What was seen before the loss is not lost.
    let items = drain(&mut stream).await;
    assert_eq!(words(&items), ["executionReport (in snapshot)", "outboundAccountPosition (in snapshot)"]);
    follow(&mut ledger, &items);
    assert_equal(&ledger, &world).await;
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
    let order = NewOrder::limit_sell("ABUSDT", Decimal::ONE, Decimal::new(101, 0));
    let place = orders.place(order);
    tokio::pin!(place);
    let report = tokio::select! {
        biased;
        item = next(&mut stream) => item,
        outcome = &mut place => panic!("{outcome:?}"),
    };
    let AccountItem::Event { event, .. } = report else { panic!() };
    let AccountEvent::Order(report) = *event else { panic!() };
    let outcome = place.await;
    let OrderOutcome::Confirmed(placed) = outcome else { panic!("{outcome:?}") };
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
async fn j6_a_refusal_to_subscribe_again_is_reported_and_mended_by_the_next_connection() {
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
async fn a_snapshot_that_fails_is_tried_again_ever_more_slowly() {
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
async fn k1_a_consumer_that_is_too_slow_is_told_so() {
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
    assert_eq!(error.kind(), binance_kit_ws_api::ErrorKind::Closed);
}

/// Trades, deposits, lost connections, late and failing snapshots in any order: what is added up is what the account has.
async fn run(seed: u64) -> usize {
    let world = World::new().await;
    let random = Random::seeded(seed);
    let orders = world.orders();
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    let mut ledger = Ledger::default();
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
                let place = orders.place(NewOrder::limit_sell("ABUSDT", Decimal::ONE, Decimal::new(101, 0)));
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
    follow(&mut ledger, &items);
    // Faults that no snapshot has met are still in force.
    let account = loop {
        if let Ok(account) = world.client.send(Account::new()).await {
            break account.into_value();
        }
    };
    assert_eq!(ledger.differences(&account), [], "seed {seed}: {:?}", words(&items));
    // No event comes before the first snapshot, nor between an interruption and the next one.
    let mut has_snapshot = false;
    for item in &items {
        match item {
            AccountItem::Snapshot(_) => has_snapshot = true,
            AccountItem::Interrupted => has_snapshot = false,
            AccountItem::Event { .. } => assert!(has_snapshot, "seed {seed}: {:?}", words(&items)),
            _ => {}
        }
    }
    items.len()
}

#[tokio::test(start_paused = true)]
async fn what_is_added_up_is_what_the_account_has() {
    for seed in 0..12 {
        let items = run(seed).await;
        assert!(items > 20, "seed {seed}: {items}");
    }
}
