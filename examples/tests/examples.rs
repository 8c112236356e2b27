//! Each example runs, against an embedded exchange of its own, and prints what it should.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use common::{Running, serve_usdm};

#[track_caller]
fn is_price(text: &str) {
    assert!(text.parse::<f64>().unwrap_or_else(|_| panic!("{text}")) > 0.0, "{text}");
}

#[track_caller]
fn is_trade(line: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    let [symbol, price, "×", quantity] = words.as_slice() else { panic!("{line}") };
    assert!(["BTCUSDT", "ETHUSDT"].contains(symbol), "{line}");
    is_price(price);
    is_price(quantity);
}

#[test]
fn stream_trades() {
    for line in Running::start("stream_trades", &[]).take(10) {
        is_trade(&line);
    }
}

#[test]
fn low_latency() {
    for variables in [&[][..], &[("BUSY_POLL", "1")]] {
        for line in Running::start("low_latency", variables).take(5) {
            let words: Vec<&str> = line.split(' ').collect();
            let ["BTCUSDT", bid, ask] = words.as_slice() else { panic!("{line}") };
            is_price(bid);
            is_price(ask);
        }
    }
}

#[test]
fn all_items() {
    let lines = Running::start("all_items", &[]).take(5);
    assert!(lines[0].contains("connected"), "{lines:#?}");
    for line in &lines[1..] {
        is_trade(line);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mixed_products() {
    const MARK: &str = r#"{"e":"markPriceUpdate","E":156230#,"s":"BTCUSDT","p":"11794.15000000","ap":"11794.15000000","i":"11784.62659091","P":"11784.25641265","r":"0.00038167","T":1562306400000}"#;
    const TRADE: &str = r#"{"e":"aggTrade","E":123456789000,"s":"BTCUSDT","a":#,"p":"0.001","q":"100","f":100,"l":105,"T":123456785000,"m":true}"#;
    let exchange = binance_kit::sim::Exchange::builder().start().await.unwrap();
    let (usdm, mut paths) = serve_usdm(&[("btcusdt@markPrice@1s", MARK), ("btcusdt@aggTrade", TRADE)]).await;
    let spot = exchange.stream_url();
    let lines = tokio::task::spawn_blocking(move || {
        let variables = [
            ("BINANCE_KIT", "custom"),
            ("BINANCE_KIT_SPOT_STREAM", spot.as_str()),
            ("BINANCE_KIT_USDM_STREAM", usdm.as_str()),
        ];
        Running::start("mixed_products", &variables).take(3)
    });
    for line in lines.await.unwrap() {
        assert!(line.starts_with("basis ") && line.ends_with(" at mark price 11794.15000000"), "{line}");
    }
    let path = paths.recv().await.unwrap();
    assert!(path.starts_with("/market/stream?streams="), "{path}");
    assert!(paths.try_recv().is_err(), "both streams of the route share a connection");
}

#[test]
fn local_book() {
    let lines = Running::start("local_book", &[]).lines();
    let [line] = lines.as_slice() else { panic!("{lines:#?}") };
    let (_, cost) = line.rsplit_once("fifty coins cost ").unwrap();
    is_price(cost.trim_end_matches(" each"));
}

#[test]
fn place_order() {
    let lines = Running::start("place_order", &[]).lines();
    assert!(lines[0].starts_with("order ") && lines[0].ends_with(" of BTCUSDT: Some(New)"), "{lines:#?}");
}

#[test]
fn account_events() {
    let lines = Running::start("account_events", &[]).take(4);
    assert!(lines[0].contains("BTCUSDT") && lines[0].contains("NEW"), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("FILLED")), "{lines:#?}");
}

#[test]
fn without_async() {
    for line in Running::start("without_async", &[]).take(5) {
        is_price(&line);
    }
}

#[test]
fn callbacks() {
    let lines = Running::start("callbacks", &[]).take(5);
    assert!(lines[0].contains("connected"), "{lines:#?}");
    for line in &lines[1..] {
        is_trade(line);
    }
}

#[test]
fn trade_without_async() {
    let lines = Running::start("trade_without_async", &[]).lines();
    assert!(lines[0].starts_with("server time "), "{lines:#?}");
    is_price(lines[1].strip_prefix("average price ").unwrap());
    assert!(lines[2].starts_with("order ") && lines[2].ends_with(" of BTCUSDT"), "{lines:#?}");
    assert!(lines[3..].iter().any(|line| line.contains("FILLED")), "{lines:#?}");
}

#[test]
fn raw_endpoint() {
    assert_eq!(Running::start("raw_endpoint", &[]).lines(), ["\"SPOT\""]);
}

#[test]
fn klines_over_rest() {
    let lines = Running::start("klines_over_rest", &[]).lines();
    assert!(lines[0].contains(" open ") && lines[0].contains(" close "), "{lines:#?}");
    assert!(lines.last().unwrap().starts_with("used "), "{lines:#?}");
}

#[test]
fn rules_and_history() {
    let lines = Running::start("rules_and_history", &[]).lines();
    assert!(lines[0].starts_with("broken: `quantity` is 0.00123456789"), "{lines:#?}");
    assert!(lines.iter().any(|line| line.ends_with("(LOT_SIZE)")), "{lines:#?}");
    assert_eq!(lines.iter().filter(|line| line.starts_with("bought Some(0.00123")).count(), 3, "{lines:#?}");
    let before = lines.last().and_then(|line| line.strip_suffix(" before it")).unwrap();
    assert!(before.parse::<u32>().unwrap() >= 2, "{lines:#?}");
}

#[test]
fn an_exchange_that_does_not_exist_is_a_clear_error() {
    for name in ["stream_trades", "place_order", "callbacks"] {
        let (code, out, errors) = Running::start(name, &[("BINANCE_KIT", "nonsense")]).end();
        assert_eq!((code, out.len()), (Some(1), 0), "{name}");
        assert_eq!(
            errors.trim_end(),
            "Error: BINANCE_KIT=nonsense: use sim, testnet, demo, production or custom"
        );
    }
}

#[test]
fn a_key_that_is_missing_is_a_clear_error() {
    let testnet = ("BINANCE_KIT", "testnet");
    let (code, _, errors) = Running::start("account_events", &[testnet]).end();
    assert_eq!(code, Some(1));
    assert!(errors.contains("an API key is required") && errors.contains("credentials"), "{errors}");

    let key = ("BINANCE_API_KEY", "key");
    let (code, _, errors) = Running::start("place_order", &[testnet, key]).end();
    assert_eq!(code, Some(1));
    assert!(errors.contains("BINANCE_SECRET_KEY"), "{errors}");

    let file = ("BINANCE_PRIVATE_KEY_FILE", "no-such-key.pem");
    let (code, _, errors) = Running::start("place_order", &[testnet, key, file]).end();
    assert_eq!(code, Some(1));
    assert!(errors.contains("no-such-key.pem"), "{errors}");
}
