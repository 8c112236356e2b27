//! What the exchange sends has the keys of the documented examples. The tables of the examples are not part of this
//! repository; without them the test says so and passes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test should end it")]

mod common;

use common::{Socket, bare, get, signed};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

fn table(name: &str) -> Option<Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/facts/spot").join(name);
    let text = std::fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

/// All keys of a value with their paths; elements of arrays count as one.
fn keys(value: &Value, path: &str, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = format!("{path}.{name}");
                out.insert(path.clone());
                keys(value, &path, out);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, path, out)),
        _ => {}
    }
}

/// Compares keys. `ours` may have, or lack, what is listed as optional.
fn compare(what: &str, ours: &Value, documented: &Value, optional: &[&str]) {
    let (mut left, mut right) = (BTreeSet::new(), BTreeSet::new());
    keys(ours, "", &mut left);
    keys(documented, "", &mut right);
    let differing: Vec<&String> = left
        .symmetric_difference(&right)
        .filter(|path| !optional.iter().any(|optional| path.starts_with(optional)))
        .collect();
    assert!(differing.is_empty(), "{what}: {differing:?}\nours: {ours}\ndocumented: {documented}");
}

struct Documents(Vec<Value>);

impl Documents {
    fn example(&self, id: &str, variant: usize) -> Value {
        let row = self.0.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no {id}"));
        if variant == 0 {
            row["response_example"].clone()
        } else {
            row["response_variants"][variant]["json"].clone()
        }
    }
}

#[tokio::test(start_paused = true)]
async fn rest_answers_have_the_documented_keys() {
    let Some(rows) = table("rest.json") else {
        println!("skipped: the tables of the documents are not here");
        return;
    };
    let documents = Documents(rows);
    let exchange = bare().seed(1).account(common::account("alice")).start().await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    exchange.report_block_trade("BTCUSDT", 61_000.into(), 5.into(), true).unwrap();
    for (id, variant, target) in [
        ("ping", 0, "/api/v3/ping"),
        ("time", 0, "/api/v3/time"),
        ("depth", 0, "/api/v3/depth?symbol=BTCUSDT"),
        ("get_trades", 0, "/api/v3/trades?symbol=BTCUSDT"),
        ("historical_trades", 0, "/api/v3/historicalTrades?symbol=BTCUSDT"),
        ("agg_trades", 0, "/api/v3/aggTrades?symbol=BTCUSDT"),
        ("avg_price", 0, "/api/v3/avgPrice?symbol=BTCUSDT"),
        ("ticker24hr", 0, "/api/v3/ticker/24hr?symbol=BTCUSDT"),
        ("ticker24hr", 2, "/api/v3/ticker/24hr?symbol=BTCUSDT&type=MINI"),
        ("ticker", 0, "/api/v3/ticker?symbol=BTCUSDT"),
        ("ticker", 2, "/api/v3/ticker?symbol=BTCUSDT&type=MINI"),
        ("ticker_trading_day", 0, "/api/v3/ticker/tradingDay?symbol=BTCUSDT"),
        ("ticker_trading_day", 3, "/api/v3/ticker/tradingDay?symbols=[%22BTCUSDT%22]&type=MINI"),
        ("reference_price", 0, "/api/v3/referencePrice?symbol=BTCUSDT"),
        ("reference_price_calculation", 1, "/api/v3/referencePrice/calculation?symbol=BTCUSDT"),
        ("historical_block_trades", 0, "/api/v3/historicalBlockTrades?symbol=BTCUSDT&fromId=0"),
        ("ticker_price", 0, "/api/v3/ticker/price?symbol=BTCUSDT"),
        ("ticker_book_ticker", 0, "/api/v3/ticker/bookTicker?symbol=BTCUSDT"),
    ] {
        compare(id, &get(&exchange, target).await.json(), &documents.example(id, variant), &[]);
    }
    let info = get(&exchange, "/api/v3/exchangeInfo").await.json();
    // The example leaves these empty, or shows a list that is empty here.
    compare(
        "exchange_info",
        &info,
        &documents.example("exchange_info", 0),
        &[".rateLimits.", ".symbols.filters.", ".sors."],
    );
    let klines = get(&exchange, "/api/v3/klines?symbol=BTCUSDT&interval=1s").await.json();
    let example = documents.example("klines", 0);
    for (ours, theirs) in klines[0].as_array().unwrap().iter().zip(example[0].as_array().unwrap()) {
        assert_eq!(ours.is_string(), theirs.is_string());
    }

    let order = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01";
    for (variant, detail) in [(0, "ACK"), (1, "RESULT"), (2, "FULL")] {
        let placed = signed(
            &exchange,
            "alice",
            "POST",
            "/api/v3/order",
            &format!("{order}&newOrderRespType={detail}"),
        )
        .await;
        compare(detail, &placed.json(), &documents.example("new_order", variant), &[]);
    }
    let limit =
        "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=20000&newClientOrderId=a";
    signed(&exchange, "alice", "POST", "/api/v3/order", limit).await;
    let oco = "symbol=BTCUSDT&side=SELL&quantity=0.001&aboveType=LIMIT_MAKER&abovePrice=90000&belowType=STOP_LOSS_LIMIT\
               &belowPrice=20000&belowStopPrice=20001&belowTimeInForce=GTC&listClientOrderId=l";
    let oco = oco
        .replace("SELL", "BUY")
        .replace("abovePrice=90000", "aboveStopPrice=90000&abovePrice=90001&aboveTimeInForce=GTC");
    let oco = oco.replace("aboveType=LIMIT_MAKER", "aboveType=STOP_LOSS_LIMIT").replace(
        "belowType=STOP_LOSS_LIMIT&belowPrice=20000&belowStopPrice=20001&belowTimeInForce=GTC",
        "belowType=LIMIT_MAKER&belowPrice=20000",
    );
    let placed = signed(&exchange, "alice", "POST", "/api/v3/orderList/oco", &oco).await;
    // The example shows an iceberg order.
    compare(
        "order_list_oco",
        &placed.json(),
        &documents.example("order_list_oco", 0),
        &[".orderReports.icebergQty"],
    );
    for (id, method, path, params) in [
        ("get_order", "GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=a"),
        ("get_open_orders", "GET", "/api/v3/openOrders", "symbol=BTCUSDT"),
        ("get_order_list", "GET", "/api/v3/orderList", "origClientOrderId=l"),
        ("open_order_list", "GET", "/api/v3/openOrderList", ""),
        ("all_order_list", "GET", "/api/v3/allOrderList", ""),
        ("order_test", "POST", "/api/v3/order/test", order),
        ("delete_order", "DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=a"),
        ("delete_order_list", "DELETE", "/api/v3/orderList", "symbol=BTCUSDT&listClientOrderId=l"),
        ("my_trades", "GET", "/api/v3/myTrades", "symbol=BTCUSDT"),
        ("get_account", "GET", "/api/v3/account", ""),
        ("rate_limit_order", "GET", "/api/v3/rateLimit/order", ""),
        ("account_commission", "GET", "/api/v3/account/commission", "symbol=BTCUSDT"),
    ] {
        let answer = signed(&exchange, "alice", method, path, params).await;
        assert_eq!(answer.status, 200, "{id}: {}", answer.body);
        compare(id, &answer.json(), &documents.example(id, 0), &[]);
    }
    let test = format!("{order}&computeCommissionRates=true");
    let answer = signed(&exchange, "alice", "POST", "/api/v3/order/test", &test).await;
    compare("order_test", &answer.json(), &documents.example("order_test", 1), &[]);
}

#[tokio::test(start_paused = true)]
async fn events_have_the_documented_keys() {
    let Some(rows) = table("streams.json") else {
        println!("skipped: the tables of the documents are not here");
        return;
    };
    let exchange = bare().seed(1).start().await.unwrap();
    for row in rows {
        let Some(pattern) = row["stream_name_patterns"][0].as_str() else { continue };
        let id = row["id"].as_str().unwrap();
        // This one speaks when the server is shut down.
        if id == "server_shutdown" {
            continue;
        }
        let name = pattern
            .replace("<symbol>", "btcusdt")
            .replace("<interval>", "1s")
            .replace("<windowSize>", "1h")
            .replace("<levels>", "5");
        let mut socket = Socket::open(&exchange, &format!("/ws/{name}")).await;
        compare(&name, &socket.json().await, &row["payload_example"], &[]);
    }
}

#[tokio::test(start_paused = true)]
async fn sessions_have_the_documented_keys() {
    let Some(rows) = table("ws_api.json") else {
        println!("skipped: the tables of the documents are not here");
        return;
    };
    let documents = Documents(rows);
    let exchange = bare().no_market().start().await.unwrap();
    let demo = exchange.demo_account().unwrap();
    let credentials =
        binance_kit_sign::Credentials::ed25519_pem(&demo.ed25519_api_key, &demo.ed25519_private_pem).unwrap();
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    let logon =
        socket.call_signed(&exchange, &credentials, &demo.ed25519_api_key, "session.logon", json!({})).await;
    compare("session_logon", &logon, &documents.example("session_logon", 0), &[".rateLimits"]);
    for (id, method) in [
        ("user_data_stream_subscribe", "userDataStream.subscribe"),
        ("session_status", "session.status"),
        ("session_subscriptions", "session.subscriptions"),
    ] {
        let answer = socket.call(method, &json!({})).await;
        compare(id, &answer, &documents.example(id, 0), &[".rateLimits"]);
    }
}
