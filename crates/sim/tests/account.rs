//! What a user's own test reads of the exchange, and the link in memory under paused time.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test should end it")]

mod common;

use binance_kit_core::id::OrderId;
use binance_kit_core::{Decimal, Timestamp};
use binance_kit_sim::{Exchange, ExchangeBook, Fault, SimErrorKind};
use common::{Socket, get, hmac, quiet, signed, signed_with};
use serde_json::json;
use std::time::Duration;

const BUY: &str =
    "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=2&price=99.5&newClientOrderId=mine";

#[tokio::test(start_paused = true)]
async fn orders_of_an_account_are_plain_values() {
    let exchange = quiet().start().await.unwrap();
    let (alice, bob) = (exchange.account("alice").unwrap(), exchange.account("bob").unwrap());
    assert_eq!((alice.name(), alice.orders()), ("alice", Vec::new()));
    assert_eq!(signed(&exchange, "alice", "POST", "/api/v3/order", BUY).await.status, 200);
    tokio::time::advance(Duration::from_millis(5)).await;
    let sell = "symbol=ABUSDT&side=SELL&type=LIMIT&timeInForce=IOC&quantity=0.5&price=99.5";
    assert_eq!(signed(&exchange, "bob", "POST", "/api/v3/order", sell).await.status, 200);

    let [order] = <[_; 1]>::try_from(alice.orders()).unwrap();
    assert_eq!((order.symbol.as_str(), order.client_order_id.as_str()), ("ABUSDT", "mine"));
    assert_eq!((order.order_id, order.list_id), (OrderId(1), None));
    assert_eq!((order.side, order.order_type, order.time_in_force), ("BUY", "LIMIT", "GTC"));
    assert_eq!((order.status, order.is_open), ("PARTIALLY_FILLED", true));
    assert_eq!((order.price, order.stop_price), (Decimal::new(995, 1), None));
    assert_eq!((order.quantity, order.executed), (Decimal::TWO, Decimal::new(5, 1)));
    assert_eq!(order.executed_quote, Decimal::new(4975, 2));
    assert_eq!(order.created, Timestamp::from_millis(common::START));
    assert_eq!(order.updated, exchange.now());
    assert_eq!(alice.open_orders(), [order]);
    assert_eq!(alice.balance("USDT").locked, Decimal::new(14925, 2));
    assert_eq!(alice.balance("AB").total(), Decimal::new(10_004_995, 4));
    assert_eq!(alice.balances().len(), 2);
    assert_eq!(alice.balance("XYZ").total(), Decimal::ZERO);

    let [sold] = <[_; 1]>::try_from(bob.orders()).unwrap();
    assert_eq!((sold.status, sold.is_open, sold.order_id), ("FILLED", false, OrderId(2)));
    assert_eq!(bob.open_orders(), []);
    let cancel =
        signed(&exchange, "alice", "DELETE", "/api/v3/order", "symbol=ABUSDT&origClientOrderId=mine");
    assert_eq!(cancel.await.status, 200);
    assert_eq!((alice.orders()[0].status, alice.open_orders().len()), ("CANCELED", 0));
}

#[tokio::test(start_paused = true)]
async fn accounts_are_funded_and_unknown_ones_are_errors() {
    let exchange = quiet().start().await.unwrap();
    let alice = exchange.account("alice").unwrap();
    alice.fund("USDT", Decimal::new(25, 1)).unwrap();
    assert_eq!(alice.balance("USDT").free, Decimal::new(1_000_025, 1));
    alice.withdraw("USDT", Decimal::new(1_000_025, 1)).unwrap();
    let kind = |result: Result<(), binance_kit_sim::SimError>| result.unwrap_err().kind();
    assert_eq!(kind(alice.withdraw("USDT", Decimal::ONE)), SimErrorKind::InsufficientBalance);
    assert_eq!(kind(alice.fund("USDT", Decimal::new(1, 9))), SimErrorKind::Configuration);
    alice.fund("NEW", Decimal::ONE).unwrap();
    assert_eq!(alice.balance("NEW").free, Decimal::ONE);
    let unknown = exchange.account("carol").unwrap_err();
    assert_eq!(unknown.kind(), SimErrorKind::Unknown);
    assert_eq!(unknown.to_string(), "no account \"carol\"; there are \"demo\", \"alice\", \"bob\"");
    assert_eq!(format!("{unknown:?}"), unknown.to_string());
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_answer_is_lost_is_seen_once() {
    let exchange = quiet().start().await.unwrap();
    let lost = exchange.inject(Fault::lose_response().on_request("order.place").once());
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    let order = json!({"symbol": "ABUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "90"});
    let credentials = hmac("alice");
    let place = socket.call_signed(&exchange, &credentials, "aliceKey", "order.place", order.clone());
    assert!(tokio::time::timeout(Duration::from_secs(30), place).await.is_err());
    assert_eq!((lost.hits(), lost.is_in_force()), (1, false));
    assert_eq!(exchange.account("alice").unwrap().orders().len(), 1);
    let again = socket.call_signed(&exchange, &credentials, "aliceKey", "order.place", order).await;
    assert_eq!(again["status"], 200);
    assert_eq!(exchange.account("alice").unwrap().orders().len(), 2);
}

/// An exchange as a user's test starts it, reached over the link in memory alone: a minute of requests and events.
async fn a_minute() -> (ExchangeBook, Vec<String>, Timestamp) {
    let exchange = Exchange::builder().seed(7).start().await.unwrap();
    let start = exchange.now();
    let mut events = Vec::new();
    let mut socket = Socket::open(&exchange, "/ws/btcusdt@trade").await;
    while events.len() < 50 {
        events.push(socket.json().await.to_string());
    }
    drop(socket);
    tokio::time::sleep(Duration::from_secs(60).saturating_sub(exchange.now().since(start))).await;
    let time = get(&exchange, "/api/v3/time").await;
    assert_eq!(time.json()["serverTime"], exchange.now().as_millis());
    let demo = exchange.demo_account().unwrap();
    let credentials = binance_kit_sign::Credentials::hmac(&demo.hmac_api_key, &demo.hmac_secret).unwrap();
    let order = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01";
    let key = &demo.hmac_api_key;
    let placed = signed_with(&exchange, key, &credentials, "POST", "/api/v3/order", order).await;
    assert_eq!(placed.status, 200, "{}", placed.body);
    events.push(placed.body);
    assert_eq!(exchange.account("demo").unwrap().orders()[0].status, "FILLED");
    (exchange.order_book("BTCUSDT").unwrap(), events, exchange.now())
}

#[tokio::test(start_paused = true)]
async fn an_exchange_under_paused_time_is_the_same_in_each_run() {
    let (one, two) = (a_minute().await, a_minute().await);
    assert_eq!(one, two);
    assert_eq!(one.2, Timestamp::from_millis(1_735_689_600_000 + 60_000));
}
