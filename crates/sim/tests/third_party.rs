//! What clients of other makers need of the server, with raw bytes over links in memory. The clients themselves run in
//! `cargo xtask interop`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test should end it")]

mod common;

use binance_kit_core::Decimal;
use binance_kit_sim::{AdminOrder, Exchange, Limits};
use common::{Answer, Frame, START, Socket, get, hmac, quiet, raw, request};
use serde_json::{Value, json};
use std::time::Duration;

/// Sends a request with these headers, `Host` among them, and returns the answer.
async fn ask(exchange: &Exchange, target: &str, headers: &str) -> Answer {
    raw(exchange, format!("GET {target} HTTP/1.1\r\n{headers}\r\n").as_bytes()).await.unwrap()
}

const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// Python's `websocket-client` sends the `Origin` of the URL that it connects to.
#[tokio::test(start_paused = true)]
async fn an_origin_that_is_the_exchange_itself_is_let_in() {
    let exchange = quiet().allow_origin("https://good.example").start().await.unwrap();
    for target in ["/api/v3/ping", "/ws/abusdt@trade", "/stream", "/ws-api/v3"] {
        let (fine, upgrade) = if target.starts_with("/api") { (200, "") } else { (101, UPGRADE) };
        for (host, origin, status) in [
            ("127.0.0.1:9443", "http://127.0.0.1:9443", fine),
            ("127.0.0.1:9443", "https://127.0.0.1:9443", fine),
            ("localhost:9443", "ws://localhost:9443", fine),
            ("[::1]:9443", "wss://[::1]:9443", fine),
            ("localhost:9443", "https://good.example", fine),
            ("localhost:9443", "https://evil.example", 403),
            ("localhost:9443", "null", 403),
            ("localhost:9443", "http://localhost:9444", 403),
            // A name that resolves to this machine is none of ours.
            ("evil.example:9443", "http://evil.example:9443", 403),
            ("[::1].evil.com", "http://[::1].evil.com", 403),
        ] {
            let headers = format!("Host: {host}\r\nOrigin: {origin}\r\n{upgrade}");
            let answer = ask(&exchange, target, &headers).await;
            assert_eq!(answer.status, status, "{target} {host} {origin}: {}", answer.body);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn answers_of_rest_have_the_date_of_the_exchange() {
    let exchange = quiet().start().await.unwrap();
    // 1,700,000,000 s after the epoch.
    assert_eq!(START, 1_700_000_000_000);
    let date = "Tue, 14 Nov 2023 22:13:20 GMT";
    for target in ["/api/v3/time", "/api/v3/depth?symbol=NONE", "/api/v3/nothing", "/api/v3/account"] {
        assert_eq!(get(&exchange, target).await.header("date"), Some(date), "{target}");
    }
    tokio::time::advance(Duration::from_secs(60)).await;
    let later = get(&exchange, "/api/v3/ping").await;
    assert_eq!(later.header("date"), Some("Tue, 14 Nov 2023 22:14:20 GMT"));
    exchange.set_clock_skew(-3_600_000);
    let skewed = get(&exchange, "/api/v3/ping").await;
    assert_eq!(skewed.header("date"), Some("Tue, 14 Nov 2023 21:14:20 GMT"));
}

/// A trade that is prevented says what it would have been, whatever becomes of the orders.
#[tokio::test(start_paused = true)]
async fn prevented_trades_say_what_they_would_have_been() {
    for mode in ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT"] {
        let exchange = quiet().start().await.unwrap();
        let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
        let subscribe = "userDataStream.subscribe.signature";
        socket.call_signed(&exchange, &hmac("alice"), "aliceKey", subscribe, json!({})).await;
        for (side, quantity) in [("SELL", "2"), ("BUY", "3")] {
            let order = json!({
                "symbol": "ABUSDT", "side": side, "type": "LIMIT", "timeInForce": "GTC", "quantity": quantity,
                "price": "100", "selfTradePreventionMode": mode,
            });
            socket.send(&signed_order(&exchange, order)).await;
        }
        let mut prevented = 0;
        while let Ok(message) = tokio::time::timeout(Duration::from_secs(1), socket.json()).await {
            let report = &message["event"];
            if report["x"] == "TRADE_PREVENTION" {
                prevented += 1;
                assert_eq!(
                    (&report["pl"], &report["pL"], &report["pY"]),
                    (&"2.00000000".into(), &"100.00000000".into(), &"200.00000000".into()),
                    "{mode}: {report}"
                );
            }
        }
        assert_eq!(prevented, if matches!(mode, "EXPIRE_BOTH" | "DECREMENT") { 2 } else { 1 }, "{mode}");
    }
}

/// A signed request of the WebSocket API, as text.
fn signed_order(exchange: &Exchange, mut params: Value) -> String {
    params["apiKey"] = "aliceKey".into();
    params["timestamp"] = exchange.now().as_millis().into();
    let pairs: Vec<String> = params
        .as_object()
        .unwrap()
        .iter()
        .collect::<std::collections::BTreeMap<_, _>>()
        .into_iter()
        .map(|(name, value)| {
            format!("{name}={}", value.as_str().map_or(value.to_string(), ToOwned::to_owned))
        })
        .collect();
    params["signature"] = hmac("alice").sign(pairs.join("&").as_bytes()).unwrap().as_str().into();
    json!({"id": 1, "method": "order.place", "params": params}).to_string()
}

#[tokio::test(start_paused = true)]
async fn ids_are_those_that_the_exchange_takes() {
    let exchange = quiet().start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    for id in ["null", "7", "-7", "9223372036854775807", "\"a-B_9\"", &format!("\"{}\"", "x".repeat(36))] {
        let answer = socket.ask(&format!("{{\"id\":{id},\"method\":\"ping\"}}")).await;
        assert_eq!((&answer["status"], answer["id"].to_string().as_str()), (&200.into(), id));
    }
    let refused = "Invalid 'id' in JSON request; expected an integer, a string matching \
                   '^[a-zA-Z0-9-_]{1,36}$', or null.";
    let long = format!("\"{}\"", "x".repeat(37));
    for id in ["\"\"", "\"a b\"", "\"a.b\"", "\"é\"", "\"a\\n\"", &long, "1.5", "true", "[]", "{}"] {
        let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
        for nth in 1..=3 {
            let answer = socket.ask(&format!("{{\"id\":{id},\"method\":\"ping\"}}")).await;
            assert_eq!(answer["id"], Value::Null);
            assert_eq!(
                (&answer["status"], &answer["error"]),
                (&400.into(), &json!({"code": -1135, "msg": refused}))
            );
            if nth < 3 {
                assert_eq!(socket.ask(r#"{"id":1,"method":"ping"}"#).await["status"], 200, "{id}");
            }
        }
        assert_eq!(socket.frame().await, Frame::Close(1008), "{id}");
    }
    // What comes behind the third is not carried out: its answer would be lost.
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    for _ in 0..3 {
        socket.send(r#"{"id":1.5,"method":"ping"}"#).await;
    }
    let order = json!({
        "symbol": "ABUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "90",
    });
    socket.send(&signed_order(&exchange, order)).await;
    for _ in 0..3 {
        assert_eq!(socket.json().await["error"]["code"], -1135);
    }
    assert_eq!(socket.frame().await, Frame::Close(1008));
    assert_eq!(exchange.account("alice").unwrap().orders().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn older_schemas_of_sbe_are_deprecated_and_errors_are_in_sbe() {
    let exchange = quiet().start().await.unwrap();
    let ask = async |headers: &str| request(&exchange, "GET", "/api/v3/time", headers, "").await;
    let sbe = "application/sbe";
    for (schema, deprecated) in [("3:5", None), ("3:4", Some("true")), ("3:3", Some("true"))] {
        let answer = ask(&format!("Accept: {sbe}\r\nX-MBX-SBE: {schema}\r\n")).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(sbe)), "{schema}");
        assert_eq!(answer.header("x-mbx-sbe-deprecated"), deprecated, "{schema}");
        let version = schema.split(':').nth(1).unwrap();
        let target = format!("/ws-api/v3?responseFormat=sbe&sbeSchemaId=3&sbeSchemaVersion={version}");
        let mut socket = Socket::open(&exchange, &target).await;
        socket.send(r#"{"id":1,"method":"time"}"#).await;
        let Frame::Binary(message) = socket.frame().await else { panic!("no answer in SBE") };
        // WebSocketResponse, with the flag as the first of its fields.
        assert_eq!(message.get(2..4), Some(&[50, 0][..]));
        assert_eq!(message.get(8), Some(&u8::from(deprecated.is_some())), "{schema}");
    }
    for schema in ["X-MBX-SBE: nonsense\r\n", "X-MBX-SBE: 3:2\r\n", "X-MBX-SBE: 3:9\r\n", ""] {
        let alone = ask(&format!("Accept: {sbe}\r\n{schema}")).await;
        assert_eq!((alone.status, alone.header("content-type")), (400, Some(sbe)), "{schema:?}");
        assert_eq!(alone.bytes.get(2..4), Some(&[100, 0][..]), "{schema:?}: no ErrorResponse");
        for other in ["application/json", "*/*"] {
            let either = ask(&format!("Accept: {sbe}, {other}\r\n{schema}")).await;
            assert_eq!(either.json()["serverTime"], START, "{schema:?} {other}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_a_page_for_browsers_only() {
    let exchange = quiet().start().await.unwrap();
    for target in ["/api/v3/nothing", "/nothing", "/"] {
        for accept in ["", "Accept: application/json\r\n", "Accept: */*\r\n"] {
            let answer = request(&exchange, "GET", target, accept, "").await;
            assert_eq!((answer.status, answer.header("content-type")), (404, None), "{target} {accept}");
            assert_eq!(answer.body, "");
        }
        let page = request(&exchange, "GET", target, "Accept: text/html, */*;q=0.8\r\n", "").await;
        assert_eq!((page.status, page.header("content-type")), (404, Some("text/html")));
        assert!(page.body.contains("404 Not found"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_banned_address_is_disconnected_from_the_websocket_api() {
    let start = async || {
        let mut limits = Limits::default();
        limits.weight_per_minute = 60;
        limits.refusals_before_ban = 1;
        quiet().rates(limits).start().await.unwrap()
    };
    let is_disconnected = async |socket: &mut Socket| {
        let end = tokio::time::timeout(Duration::from_secs(1), socket.frame()).await;
        end.is_ok_and(|frame| frame == Frame::Close(1008))
    };
    // By its own requests: the last of them is still answered.
    let exchange = start().await;
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    let mut streams = Socket::open(&exchange, "/ws").await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let answer = socket.call("exchangeInfo", &json!({})).await;
        statuses.push(answer["status"].as_u64().unwrap());
        if answer["status"] == 418 {
            break;
        }
    }
    assert_eq!(statuses, [200, 200, 429, 418]);
    assert!(is_disconnected(&mut socket).await);
    // Market streams go on.
    assert_eq!(streams.ask(r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#).await["result"], json!([]));
    // By requests of REST.
    let exchange = start().await;
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    let mut status = 200;
    while status != 418 {
        status = get(&exchange, "/api/v3/exchangeInfo").await.status;
    }
    assert!(is_disconnected(&mut socket).await);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_long_names_are_subscribed_at_once() {
    let exchange = quiet().start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws").await;
    let names: Vec<String> = (0..1023)
        .map(|index| format!("{index:0>250}@trade"))
        .chain(std::iter::once("abusdt@trade".to_owned()))
        .collect();
    let text = json!({"method": "SUBSCRIBE", "params": names, "id": 1}).to_string();
    assert!(text.len() > 256 * 1024);
    assert_eq!(socket.ask(&text).await, json!({"result": null, "id": 1}));
    let (one, price) = (Decimal::ONE, Decimal::new(100, 0));
    exchange.place(&AdminOrder::sell("ABUSDT", one).at(price).by("bob")).unwrap();
    exchange.place(&AdminOrder::buy("ABUSDT", one).at(price).by("alice")).unwrap();
    assert_eq!(socket.json().await["e"], "trade");
}
