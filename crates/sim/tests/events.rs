//! Every stream of the documents, under each of its names, and every event of user data: they come, and with the keys of
//! the documented examples (when those are here; they are not part of this repository).
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "what goes wrong in a test should end it, and what it could not look at it says"
)]

mod common;

use binance_kit_core::Decimal;
use binance_kit_sim::AdminOrder;
use common::{Socket, bare, hmac, quiet};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The documented events by the ids of their streams.
fn documented() -> Option<BTreeMap<String, Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/facts/spot/streams.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped in part: the tables of the documents are not here");
        return None;
    };
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    Some(
        rows.into_iter()
            .map(|row| (row["id"].as_str().unwrap().to_owned(), row["payload_example"].clone()))
            .collect(),
    )
}

fn keys(value: &Value, path: &str, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                out.insert(format!("{path}.{name}"));
                keys(value, &format!("{path}.{name}"), out);
            }
        }
        Value::Array(items) => {
            // An array is one even when it is empty.
            out.insert(format!("{path}[]"));
            for item in items {
                keys(item, path, out);
            }
        }
        _ => {}
    }
}

fn keys_of(value: &Value) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    keys(value, "", &mut out);
    out
}

const INTERVALS: [&str; 16] =
    ["1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M"];

/// The names of all market streams of a symbol, with the id that each has in the documents.
fn names(symbol: &str) -> BTreeMap<String, &'static str> {
    let mut out = BTreeMap::new();
    for (kind, id) in [
        ("referencePrice", "reference_price"),
        ("aggTrade", "agg_trade"),
        ("trade", "trade"),
        ("blockTrade", "block_trade"),
        ("miniTicker", "mini_ticker"),
        ("ticker", "ticker"),
        ("bookTicker", "book_ticker"),
        ("avgPrice", "avg_price"),
    ] {
        out.insert(format!("{symbol}@{kind}"), id);
    }
    for interval in INTERVALS {
        out.insert(format!("{symbol}@kline_{interval}"), "kline");
        out.insert(format!("{symbol}@kline_{interval}@+08:00"), "kline_offset");
    }
    for window in ["1h", "4h", "1d"] {
        out.insert(format!("{symbol}@ticker_{window}"), "rolling_window_ticker");
        out.insert(format!("!ticker_{window}@arr"), "all_market_rolling_window_ticker");
    }
    for speed in ["", "@100ms", "@1000ms"] {
        out.insert(format!("{symbol}@depth{speed}"), "diff_book_depth");
        for levels in [5, 10, 20] {
            out.insert(format!("{symbol}@depth{levels}{speed}"), "partial_book_depth");
        }
    }
    out.insert("!miniTicker@arr".to_owned(), "all_mini_ticker");
    out
}

#[tokio::test(start_paused = true)]
async fn every_stream_has_the_documented_keys() {
    let documented = documented();
    let exchange = bare().seed(1).start().await.unwrap();
    let wanted = names("btcusdt");
    let mut socket = Socket::open(&exchange, "/stream").await;
    let list: Vec<_> = wanted.keys().collect();
    for part in list.chunks(40) {
        let request = json!({"method": "SUBSCRIBE", "params": part, "id": 1}).to_string();
        assert_eq!(socket.ask(&request).await, json!({"result": null, "id": 1}));
    }
    let mut seen: BTreeSet<String> = BTreeSet::new();
    while seen.len() < wanted.len() {
        let event = socket.json().await;
        let name = event["stream"].as_str().unwrap();
        if !seen.insert(name.to_owned()) {
            continue;
        }
        let id = wanted[name];
        if let Some(documented) = &documented {
            assert_eq!(keys_of(&event["data"]), keys_of(&documented[id]), "{name}: {event}");
        }
        let data = &event["data"];
        match id {
            "kline" | "kline_offset" => {
                assert!(name.contains(&format!("kline_{}", data["k"]["i"].as_str().unwrap())));
            }
            "rolling_window_ticker" => {
                assert_eq!(
                    format!("btcusdt@ticker_{}", data["e"].as_str().unwrap().trim_end_matches("Ticker")),
                    name
                );
            }
            "partial_book_depth" => {
                let levels = name.trim_start_matches("btcusdt@depth").split('@').next().unwrap();
                assert_eq!(data["bids"].as_array().unwrap().len().to_string(), levels);
            }
            _ => {}
        }
    }
    if let Some(documented) = documented {
        let user = [
            "outbound_account_position",
            "balance_update",
            "execution_report",
            "list_status",
            "event_stream_terminated",
            "external_lock_update",
            "server_shutdown",
        ];
        let market: BTreeSet<_> = wanted.values().copied().chain(user).collect();
        assert_eq!(documented.keys().map(String::as_str).collect::<BTreeSet<_>>(), market);
    }
}

/// Events of user data, and the one that every connection gets.
#[tokio::test(start_paused = true)]
async fn user_data_has_the_documented_keys() {
    let documented = documented();
    let exchange = quiet().start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    let method = "userDataStream.subscribe.signature";
    socket.call_signed(&exchange, &hmac("alice"), "aliceKey", method, json!({})).await;
    exchange.account("alice").unwrap().fund("USDT", Decimal::ONE).unwrap();
    exchange.account("alice").unwrap().lock_outside("USDT", Decimal::ONE).unwrap();
    exchange.place(&AdminOrder::buy("ABUSDT", Decimal::ONE).at(Decimal::new(90, 0)).by("alice")).unwrap();
    let oco = json!({"symbol": "ABUSDT", "side": "SELL", "quantity": "1", "aboveType": "LIMIT_MAKER", "abovePrice": "110",
                     "belowType": "STOP_LOSS", "belowStopPrice": "80"});
    socket.send(&json!({"id": 7, "method": "userDataStream.unsubscribe", "params": {}}).to_string()).await;
    exchange.server_shutdown_event();
    let mut seen: BTreeMap<String, Value> = BTreeMap::new();
    while !seen.contains_key("serverShutdown") || !seen.contains_key("eventStreamTerminated") {
        let message = socket.json().await;
        if let Some(kind) = message["event"]["e"].as_str() {
            seen.entry(kind.to_owned()).or_insert_with(|| message["event"].clone());
        }
    }
    socket.call_signed(&exchange, &hmac("alice"), "aliceKey", method, json!({})).await;
    socket.call_signed(&exchange, &hmac("alice"), "aliceKey", "orderList.place.oco", oco).await;
    while !seen.contains_key("listStatus") {
        let message = socket.json().await;
        if let Some(kind) = message["event"]["e"].as_str() {
            seen.entry(kind.to_owned()).or_insert_with(|| message["event"].clone());
        }
    }
    for (kind, id) in [
        ("balanceUpdate", "balance_update"),
        ("externalLockUpdate", "external_lock_update"),
        ("outboundAccountPosition", "outbound_account_position"),
        ("executionReport", "execution_report"),
        ("listStatus", "list_status"),
        ("eventStreamTerminated", "event_stream_terminated"),
        ("serverShutdown", "server_shutdown"),
    ] {
        let event = seen.get(kind).unwrap_or_else(|| panic!("no {kind}: {seen:?}"));
        if let Some(documented) = &documented {
            let optional: &[&str] = if kind == "executionReport" { &[".v"] } else { &[] };
            let differing: Vec<_> = keys_of(event)
                .symmetric_difference(&keys_of(&documented[id]))
                .filter(|key| !optional.contains(&key.as_str()))
                .cloned()
                .collect();
            assert!(differing.is_empty(), "{kind}: {differing:?}\n{event}\n{}", documented[id]);
        }
    }
}
