//! `binance stream` and `binance record`: networks, routes, and notes about what is not an event.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use common::server::Server;
use common::{Ended, closed_address, run};
use serde_json::{Value, json};

const QUOTE: &str = r#"{"e":"bookTicker","u":400900217,"s":"BTCUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000","T":1568014460891,"E":1568014460893}"#;
const TRADE: &str = r#"{"e":"trade","E":1568014460893,"T":1568014460891,"s":"BTCUSDT","t":7,"p":"25.36","q":"1.5","X":"MARKET","m":true}"#;
const NEW: &str = r#"{"e":"brandNew","values":[1, 2.50]}"#;

fn data(ended: &Ended, stream: &str) -> Value {
    let lines = ended.out.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["stream"] == stream).map(|line| line["data"].clone()).next().unwrap()
}

#[test]
fn names_of_usdm_are_spread_over_routes() {
    let server =
        Server::start(&[("btcusdt@bookTicker", QUOTE), ("btcusdt@trade", TRADE), ("btcusdt@brandNew", NEW)]);
    let url = server.url();
    let names = ["btcusdt@bookTicker", "btcusdt@trade", "btcusdt@brandNew"];
    let options = ["--product", "usdm", "--route", "market", "--url", &url, "--count", "3"];
    let ended = run(&[&["stream"][..], &names, &options].concat());
    assert_eq!((ended.code, ended.errors.as_str()), (Some(0), ""), "{ended:#?}");
    assert_eq!(data(&ended, names[0])["b"], "25.35190000");
    assert_eq!(data(&ended, names[1])["t"], 7);
    // An event without a type is printed as it came.
    assert_eq!(data(&ended, names[2]), serde_json::from_str::<Value>(NEW).unwrap());
    assert_eq!(
        server.targets(),
        [
            "/market/stream?streams=btcusdt@brandNew/btcusdt@trade",
            "/public/stream?streams=btcusdt@bookTicker"
        ]
    );
}

#[test]
fn a_recording_is_spread_over_routes_too() {
    let server = Server::start(&[("btcusdt@bookTicker", QUOTE), ("btcusdt@trade", TRADE)]);
    let url = server.url();
    let to = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-routes", std::process::id()));
    let to_text = to.to_str().unwrap();
    let names = ["btcusdt@bookTicker", "btcusdt@trade"];
    let options = ["--product", "usdm", "--url", &url, "--to", to_text, "--seconds", "1", "--json"];
    let ended = run(&[&["record"][..], &names, &options].concat());
    let summary = ended.json();
    assert_eq!((ended.code, &summary["lost"]), (Some(0), &json!(0)), "{ended:#?}");
    assert_eq!(
        server.targets(),
        ["/market/stream?streams=btcusdt@trade", "/public/stream?streams=btcusdt@bookTicker"]
    );
    let report =
        run(&["replay", summary["files"][0].as_str().unwrap(), "--product", "usdm", "--json"]).json();
    assert_eq!(report["events"], json!({"bookTicker": 1, "trade": 1}), "{report:#}");
    std::fs::remove_dir_all(to).unwrap();
}

#[test]
fn an_unknown_name_needs_a_route_where_there_are_routes() {
    let address = closed_address();
    let url = format!("ws://{address}");
    run(&["stream", "btcusdt@brandNew", "--product", "usdm", "--url", &url])
        .failed(1, &["\"btcusdt@brandNew\"", "--route public", "--route market", "--route private"]);
    run(&["stream", "btcusdt@trade", "--route", "market", "--url", &url])
        .failed(1, &["the streams of spot have no routes", "leave out --route"]);
    run(&["stream", "btcusdt@trade", "--product", "usdm", "--route", "east"]).failed(2, &["--route"]);
}

#[test]
fn a_network_without_the_product_is_refused() {
    run(&["stream", "btcusdt@trade", "--product", "usdm", "--env", "us"])
        .failed(1, &["the environment us has no streams of usdm"]);
    run(&["stream", "btcusdt@trade", "--env", "moon"]).failed(2, &["--env"]);
    run(&["stream", "btcusdt@trade", "--url", "wss://stream.binance.com:9443/stream"])
        .failed(1, &["must not end in /stream", "write wss://stream.binance.com:9443"]);
}

#[test]
fn gaps_and_unreadable_frames_are_notes() {
    let server = Server::start(&[
        (
            "btcusdt@trade",
            r#"{"e":"trade","E":1,"s":"BTCUSDT","t":5,"p":"1","q":"1","T":1,"m":true,"M":true}"#,
        ),
        ("btcusdt@trade", r#"{"e":"trade","s":"BTCUSDT","p":"nonsense"}"#),
        (
            "btcusdt@trade",
            r#"{"e":"trade","E":9,"s":"BTCUSDT","t":9,"p":"1","q":"1","T":9,"m":true,"M":true}"#,
        ),
    ]);
    let ended = run(&["stream", "btcusdt@trade", "--url", &server.url(), "--count", "2"]);
    assert_eq!((ended.code, ended.out.len()), (Some(0), 2), "{ended:#?}");
    assert!(ended.errors.contains("btcusdt@trade: gap from 6 to 8"), "{ended:#?}");
    assert!(ended.errors.contains("btcusdt@trade: cannot read a frame: "), "{ended:#?}");
    assert!(ended.errors.contains("\"nonsense\""), "{ended:#?}");
}
