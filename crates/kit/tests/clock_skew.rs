//! A machine whose clock is off, against the embedded exchange, over every transport and with every kind of key. Each case begins
//! with a clock that was never measured, so that every transport has to recover by itself.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit::account::{AccountItem, Outcome};
use binance_kit::spot::{self, NewOrder};
use binance_kit::{Binance, Credentials, Decimal, ErrorCode};
use common::{World, ed25519, hmac, in_memory, rsa};
use std::time::Duration;

/// How far the exchange's clock is ahead of ours, in milliseconds.
const SKEWS: [i64; 6] = [30_000, -30_000, 3_600_000, -3_600_000, 3000, -3000];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Hmac,
    Rsa,
    Ed25519,
}

/// A world with this skew, and clients whose clock was never measured.
async fn world(skew: i64, key: Key) -> (World, Binance) {
    let world = World::of(in_memory().clock_skew(skew)).await;
    let credentials: Credentials = match key {
        Key::Hmac => hmac(),
        Key::Rsa => rsa(),
        Key::Ed25519 => ed25519(&world.exchange),
    };
    let binance = world.with(credentials);
    (world, binance)
}

fn order() -> NewOrder {
    NewOrder::limit_buy("BTCUSDT").quantity(Decimal::new(1, 3)).price(Decimal::from(30_000))
}

async fn each(case: impl AsyncFn(i64, Key)) {
    for skew in SKEWS {
        for key in [Key::Hmac, Key::Rsa, Key::Ed25519] {
            let ended = tokio::time::timeout(Duration::from_secs(60), case(skew, key)).await;
            assert!(ended.is_ok(), "{skew} ms with {key:?} hangs");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn i15_rest() {
    each(async |skew, key| {
        let (world, binance) = world(skew, key).await;
        binance.rest().send(spot::Account::new()).await.unwrap();
        binance.rest().send(order()).await.unwrap();
        // REST signs an order again when its timestamp was refused: that is proof that it was not executed.
        let open = binance.rest().send(spot::OpenOrders::new()).await.unwrap().into_value();
        assert_eq!(open.len(), 1, "{skew} {key:?}");
        drop(world);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn i15_ws_api() {
    each(async |skew, key| {
        let (_world, binance) = world(skew, key).await;
        let client = binance.ws_api().await.unwrap();
        client.send(spot::Account::new()).await.unwrap();
        client.send(order()).await.unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn i15_orders() {
    each(async |skew, key| {
        let (world, binance) = world(skew, key).await;
        let orders = binance.orders().await.unwrap();
        let first = orders.place(order()).await;
        // An order is never repeated by itself. It is refused for its timestamp at most once.
        let placed = match first {
            Outcome::Confirmed(_) => first,
            Outcome::Rejected(rejection) => {
                assert_eq!(rejection.code, ErrorCode::INVALID_TIMESTAMP, "{skew} {key:?}");
                assert!(skew != 3000 && key != Key::Ed25519, "{skew} {key:?}");
                orders.place(order()).await
            }
            other => panic!("{skew} {key:?}: {other}"),
        };
        let placed = placed.confirmed().unwrap();
        assert!(orders.cancel("BTCUSDT", placed.order_id).await.is_definite());
        drop(world);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn i15_user_data() {
    each(async |skew, key| {
        let (_world, binance) = world(skew, key).await;
        let mut account = binance.account().await.unwrap();
        assert!(matches!(account.next().await, Some(AccountItem::Snapshot(_))), "{skew} {key:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn i15_streams_and_books_do_not_depend_on_the_clock() {
    each(async |skew, key| {
        let (_world, binance) = world(skew, key).await;
        let mut trades = binance.subscribe([spot::stream::trade("BTCUSDT")]).await.unwrap();
        trades.next_event().await.unwrap().unwrap();
        let books = binance.books(["BTCUSDT"]).await.unwrap();
        books.book("BTCUSDT").unwrap().until_synced().await.unwrap();
        if key == Key::Ed25519 {
            let streams = binance.sbe_streams().unwrap();
            let mut trades = streams.subscribe([spot::stream::trade("BTCUSDT")]).await.unwrap();
            trades.next_event().await.unwrap().unwrap();
        }
    })
    .await;
}
