//! The WebSocket API and user data, with raw frames over links in memory.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test should end it")]

mod common;

use binance_kit_sign::Credentials;
use binance_kit_sim::{Exchange, Limits};
use common::{START, Socket, hmac, quiet, signed};
use serde_json::{Value, json};
use std::time::Duration;

/// The demo account's Ed25519 key.
fn ed25519(exchange: &Exchange) -> (String, Credentials) {
    let demo = exchange.demo_account().unwrap();
    let credentials = Credentials::ed25519_pem(&demo.ed25519_api_key, &demo.ed25519_private_pem).unwrap();
    (demo.ed25519_api_key.clone(), credentials)
}

async fn logged_on(exchange: &Exchange) -> Socket {
    let mut socket = Socket::open(exchange, "/ws-api/v3").await;
    let (api_key, credentials) = ed25519(exchange);
    let answer = socket.call_signed(exchange, &credentials, &api_key, "session.logon", json!({})).await;
    assert_eq!(answer["status"], 200, "{answer}");
    socket
}

#[tokio::test(start_paused = true)]
async fn envelopes() {
    let exchange = quiet().start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    let answer = socket.ask(r#"{"id":"x","method":"time"}"#).await;
    assert_eq!(
        answer,
        json!({"id": "x", "status": 200, "result": {"serverTime": START}, "rateLimits": [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000, "count": 3}
        ]})
    );
    let answer = socket.ask(r#"{"id":null,"method":"v3/ping","params":{"returnRateLimits":false}}"#).await;
    assert_eq!(answer, json!({"id": null, "status": 200, "result": {}}));
    let answer = socket.call("depth", &json!({"symbol": "ABUSDT", "limit": 5})).await;
    assert_eq!(answer["result"]["bids"], json!([]));
    for (message, id, code) in [
        ("{", Value::Null, -1135),
        ("[]", Value::Null, -1135),
        (r#"{"method":"ping"}"#, Value::Null, -1135),
        (r#"{"id":1}"#, 1.into(), -1135),
        (r#"{"id":1,"method":"ping","params":[]}"#, 1.into(), -1135),
        (r#"{"id":1,"method":"nonsense"}"#, 1.into(), -1020),
        (r#"{"id":1.5,"method":"ping"}"#, Value::Null, -1135),
        (r#"{"id":1,"method":"ping","params":{"x":1}}"#, 1.into(), -1101),
        (r#"{"id":1,"method":"depth","params":{"symbol":"NONE"}}"#, 1.into(), -1121),
        (r#"{"id":1,"method":"depth","params":{"symbol":"ABUSDT","symbol":"ABUSDT"}}"#, 1.into(), -1101),
        (r#"{"id":1,"method":"account.status"}"#, 1.into(), -1102),
    ] {
        let answer = socket.ask(message).await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&id, &code.into()), "{message}: {answer}");
        assert_eq!(answer["status"], 400);
    }
    let mut quiet_socket =
        Socket::open(&exchange, "/ws-api/v3?returnRateLimits=false&timeUnit=MICROSECOND").await;
    let answer = quiet_socket.ask(r#"{"id":1,"method":"time"}"#).await;
    assert_eq!(answer, json!({"id": 1, "status": 200, "result": {"serverTime": START * 1000}}));
}

#[tokio::test(start_paused = true)]
async fn sessions() {
    let exchange = quiet().start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    let answer = socket.call_signed(&exchange, &hmac("alice"), "aliceKey", "session.logon", json!({})).await;
    assert_eq!(answer["error"]["msg"], "HMAC_SHA256 API key is not supported.");
    let (api_key, credentials) = ed25519(&exchange);
    let status = socket.call("session.status", &json!({})).await;
    assert_eq!(
        (&status["result"]["apiKey"], &status["result"]["userDataStream"]),
        (&Value::Null, &false.into())
    );
    let wrong = socket.call_signed(&exchange, &hmac("alice"), &api_key, "session.logon", json!({})).await;
    assert_eq!(wrong["error"]["code"], -1022);
    let unknown = socket.call_signed(&exchange, &credentials, "unknownKey", "session.logon", json!({})).await;
    assert_eq!((&unknown["status"], &unknown["error"]["code"]), (&401.into(), &(-2015).into()));
    let answer = socket.call_signed(&exchange, &credentials, &api_key, "session.logon", json!({})).await;
    assert_eq!(answer["result"]["apiKey"], api_key);
    // Now neither key nor signature are needed, only the time.
    let account = socket.call("account.status", &json!({"timestamp": exchange.now().as_millis()})).await;
    assert_eq!(account["result"]["accountType"], "SPOT");
    assert_eq!(socket.call("account.status", &json!({})).await["error"]["code"], -1102);
    let late = json!({"timestamp": exchange.now().as_millis() - 6000});
    assert_eq!(socket.call("account.status", &late).await["error"]["code"], -1021);
    // Another key for one request.
    let other = socket.call_signed(&exchange, &hmac("alice"), "aliceKey", "account.status", json!({})).await;
    assert_ne!(other["result"]["uid"], account["result"]["uid"]);
    let out = socket.call("session.logout", &json!({})).await;
    assert_eq!(out["result"]["apiKey"], Value::Null);
    let refused = socket.call("account.status", &json!({"timestamp": exchange.now().as_millis()})).await;
    assert_eq!(refused["error"]["code"], -1102);
}

#[tokio::test(start_paused = true)]
async fn orders_and_their_reports() {
    let exchange = quiet().start().await.unwrap();
    let mut socket = logged_on(&exchange).await;
    let mut events = logged_on(&exchange).await;
    let answer = events.call("userDataStream.subscribe", &json!({})).await;
    assert_eq!(answer["result"], json!({"subscriptionId": 0}));
    let now = exchange.now().as_millis();
    let order = json!({"symbol": "ABUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "2.000",
        "price": "99.50", "newClientOrderId": "first", "timestamp": now});
    let placed = socket.call("order.place", &order).await;
    assert_eq!(placed["result"]["status"], "NEW");
    assert_eq!(placed["rateLimits"].as_array().unwrap().len(), 3);
    let report = events.json().await;
    assert_eq!(report["subscriptionId"], 0);
    let report = &report["event"];
    assert_eq!(report["i"], placed["result"]["orderId"]);
    let mut keys: Vec<&str> = report.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    let mut expected: Vec<&str> =
        "e E s c S o f q p P F g C x X r i l z L n N T t I w m M O Z Y Q W V".split(' ').collect();
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!((&report["x"], &report["n"], &report["N"]), (&"NEW".into(), &"0".into(), &Value::Null));
    let position = events.json().await;
    assert_eq!(
        position["event"]["B"],
        json!([{"a": "USDT", "f": "999801.00000000", "l": "199.00000000"}]),
        "{position}"
    );
    // Another account fills half of it.
    let sell = "symbol=ABUSDT&side=SELL&type=MARKET&quantity=1";
    assert_eq!(signed(&exchange, "bob", "POST", "/api/v3/order", sell).await.status, 200);
    let report = events.json().await["event"].take();
    assert_eq!(
        (&report["x"], &report["X"], &report["m"]),
        (&"TRADE".into(), &"PARTIALLY_FILLED".into(), &true.into())
    );
    assert_eq!((&report["n"], &report["N"]), (&"0.00100000".into(), &"AB".into()));
    assert_eq!(events.json().await["event"]["e"], "outboundAccountPosition");
    let cancel = json!({"symbol": "ABUSDT", "origClientOrderId": "first", "newClientOrderId": "undo", "timestamp": now});
    assert_eq!(socket.call("order.cancel", &cancel).await["result"]["status"], "CANCELED");
    let report = events.json().await["event"].take();
    assert_eq!(
        (&report["c"], &report["C"], &report["x"]),
        (&"undo".into(), &"first".into(), &"CANCELED".into())
    );
    assert_eq!(events.json().await["event"]["e"], "outboundAccountPosition");
    // The balances of the events are those of the exchange.
    let demo = exchange.account("demo").unwrap().balances();
    let usdt = demo.iter().find(|balance| balance.asset == "USDT").unwrap();
    assert_eq!(usdt.free.to_string(), "999900.50000000");
    assert_eq!(usdt.locked.to_string(), "0.00000000");
    exchange.account("demo").unwrap().fund("USDT", "5".parse().unwrap()).unwrap();
    let deposit = events.json().await["event"].take();
    assert_eq!((&deposit["e"], &deposit["d"]), (&"balanceUpdate".into(), &"5.00000000".into()));
    assert_eq!(events.json().await["event"]["e"], "outboundAccountPosition");
}

#[tokio::test(start_paused = true)]
async fn pairs_and_their_events() {
    let exchange = quiet().start().await.unwrap();
    let mut socket = logged_on(&exchange).await;
    assert_eq!(socket.call("userDataStream.subscribe", &json!({})).await["status"], 200);
    let now = exchange.now().as_millis();
    let oco = json!({"symbol": "ABUSDT", "side": "SELL", "quantity": 1, "aboveType": "LIMIT_MAKER", "abovePrice": "110",
        "belowType": "STOP_LOSS", "belowStopPrice": "90", "timestamp": now});
    socket.send(&json!({"id": 5, "method": "orderList.place.oco", "params": oco}).to_string()).await;
    let mut kinds = Vec::new();
    let answer = loop {
        let message = socket.json().await;
        if message.get("id").is_some() {
            break message;
        }
        kinds.push(message["event"]["e"].as_str().unwrap().to_owned());
    };
    assert_eq!(kinds, ["executionReport", "executionReport", "listStatus", "outboundAccountPosition"]);
    assert_eq!(answer["result"]["listOrderStatus"], "EXECUTING");
    let cancel =
        json!({"symbol": "ABUSDT", "orderListId": answer["result"]["orderListId"], "timestamp": now});
    assert_eq!(socket.call("orderList.cancel", &cancel).await["result"]["listStatusType"], "ALL_DONE");
}

#[tokio::test(start_paused = true)]
async fn subscriptions() {
    let exchange = quiet().start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    assert_eq!(socket.call("userDataStream.subscribe", &json!({})).await["error"]["code"], -2015);
    let alice = |socket: Socket| async {
        let mut socket = socket;
        let method = "userDataStream.subscribe.signature";
        let answer = socket.call_signed(&exchange, &hmac("alice"), "aliceKey", method, json!({})).await;
        (socket, answer)
    };
    let (socket, answer) = alice(socket).await;
    assert_eq!(answer["result"]["subscriptionId"], 0);
    let (mut socket, answer) = alice(socket).await;
    assert_eq!(
        answer["error"],
        json!({"code": -2035, "msg": "User Data Stream subscription already active."})
    );
    let (api_key, credentials) = ed25519(&exchange);
    socket.call_signed(&exchange, &credentials, &api_key, "session.logon", json!({})).await;
    assert_eq!(socket.call("userDataStream.subscribe", &json!({})).await["result"]["subscriptionId"], 1);
    let list = socket.call("session.subscriptions", &json!({})).await;
    assert_eq!(list["result"], json!([{"subscriptionId": 0}, {"subscriptionId": 1}]));
    // Logging out ends the session's own subscription, and says so.
    socket.send(r#"{"id":7,"method":"session.logout"}"#).await;
    let ended = socket.json().await;
    assert_eq!(
        (&ended["subscriptionId"], &ended["event"]["e"]),
        (&1.into(), &"eventStreamTerminated".into())
    );
    assert_eq!(socket.json().await["result"]["userDataStream"], true);
    exchange.account("alice").unwrap().fund("AB", "1".parse().unwrap()).unwrap();
    assert_eq!(socket.json().await["subscriptionId"], 0);
    let none = socket.call("userDataStream.unsubscribe", &json!({"subscriptionId": 9})).await;
    assert_eq!(none["error"]["code"], -2036);
    socket.call("userDataStream.unsubscribe", &json!({})).await;
    exchange.account("alice").unwrap().fund("AB", "1".parse().unwrap()).unwrap();
    assert!(socket.is_quiet(Duration::from_secs(5)).await);
}

#[tokio::test(start_paused = true)]
async fn non_ascii_symbols_are_signed_raw() {
    let exchange = common::bare().no_market().start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    let (api_key, credentials) = ed25519(&exchange);
    let order = json!({"symbol": "币安人生USDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": 100,
        "price": "0.1"});
    let answer = socket.call_signed(&exchange, &credentials, &api_key, "order.place", order).await;
    assert_eq!(answer["result"]["symbol"], "币安人生USDT", "{answer}");
}

#[tokio::test(start_paused = true)]
async fn limits_and_faults() {
    let mut limits = Limits::default();
    limits.weight_per_minute = 10;
    let exchange = quiet().rates(limits).start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    exchange.fail_next_request("ping", 500, r#"{"code":-1000,"msg":"no"}"#);
    assert_eq!(socket.call("ping", &json!({})).await["status"], 500);
    exchange.drop_next_response("time");
    socket.send(r#"{"id":1,"method":"time"}"#).await;
    assert!(socket.is_quiet(Duration::from_secs(1)).await);
    for _ in 0..7 {
        assert_eq!(socket.call("ping", &json!({})).await["status"], 200);
    }
    let refused = socket.call("ping", &json!({})).await;
    assert_eq!((&refused["status"], &refused["error"]["code"]), (&429.into(), &(-1003).into()));
    let retry = refused["error"]["data"]["retryAfter"].as_i64().unwrap();
    assert_eq!(retry % 60_000, 0);
    assert!(retry > exchange.now().as_millis());
    assert_eq!(exchange.request_count("ping"), 9);
}
