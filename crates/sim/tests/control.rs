//! The control API as scripts in any language use it, and the status page as a browser shows it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::Timestamp;
use binance_kit_sim::{AccountConfig, Exchange, ExchangeBuilder, ManualClock, MarketConfig};
use common::{START, Socket, bare, get, quiet, signed};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

fn anywhere() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

/// With a clock that a test drives, so that nothing happens by itself.
fn driven(builder: ExchangeBuilder) -> ExchangeBuilder {
    let clock = ManualClock::starting_at(Timestamp::from_millis(START));
    builder.clock(Arc::new(clock)).control(anywhere())
}

/// Sends a request and reads status, head and body.
async fn raw(
    exchange: &Exchange,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> (u16, String, String) {
    let url = exchange.control_url().unwrap();
    let address = url.strip_prefix("http://").unwrap();
    let mut link = tokio::net::TcpStream::connect(address).await.unwrap();
    let host = if headers.contains("Host: ") { String::new() } else { format!("Host: {address}\r\n") };
    let length = body.len();
    let text = format!(
        "{method} {path} HTTP/1.1\r\n{host}Connection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    );
    link.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    link.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_lowercase(), body.to_owned())
}

async fn ask(exchange: &Exchange, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let (status, _, body) = raw(exchange, method, path, "", &body).await;
    (status, serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}")))
}

/// What must succeed.
async fn done(exchange: &Exchange, method: &str, path: &str, body: Value) -> Value {
    let (status, answer) = ask(exchange, method, path, &body).await;
    assert_eq!(status, 200, "{method} {path}: {answer}");
    answer
}

/// What must fail: status and kind. Every message is there.
async fn failed(exchange: &Exchange, method: &str, path: &str, body: Value) -> (u16, String) {
    let (status, answer) = ask(exchange, method, path, &body).await;
    let error = &answer["error"];
    assert!(!error["message"].as_str().unwrap_or_default().is_empty(), "{answer}");
    (status, error["kind"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn accounts_orders_and_money() {
    let exchange = driven(quiet()).start().await.unwrap();
    let carol = json!({"name": "carol", "balances": {"USDT": "1000.5", "AB": 2},
                       "keys": [{"apiKey": "carolKey", "hmacSecret": "carolSecret"}]});
    done(&exchange, "POST", "/accounts", carol.clone()).await;
    assert_eq!(failed(&exchange, "POST", "/accounts", carol).await, (400, "invalid".to_owned()));
    let more = json!({"apiKey": "second", "hmacSecret": "s", "trade": false});
    done(&exchange, "POST", "/accounts/carol/keys", more).await;
    done(&exchange, "POST", "/accounts/carol/deposit", json!({"asset": "USDT", "amount": "0.25"})).await;
    done(&exchange, "POST", "/accounts/carol/withdraw", json!({"asset": "AB", "amount": 1})).await;
    let accounts = done(&exchange, "GET", "/accounts", Value::Null).await;
    let carol = accounts.as_array().unwrap().iter().find(|account| account["name"] == "carol").unwrap();
    assert_eq!(carol["apiKeys"], json!(["carolKey", "second"]));
    assert_eq!(carol["balances"]["USDT"]["free"], "1000.75000000");
    assert_eq!(carol["balances"]["AB"]["free"], "1.00000000");
    assert!(!accounts.to_string().contains("carolSecret"));
    // The key works.
    let account = signed(&exchange, "carol", "GET", "/api/v3/account", "").await;
    assert_eq!(account.status, 200, "{}", account.body);

    let order =
        json!({"symbol": "ABUSDT", "side": "BUY", "quantity": "1.5", "price": "100", "account": "carol"});
    let placed = done(&exchange, "POST", "/orders", order.clone()).await;
    assert_eq!(placed["status"], "NEW");
    let orders = done(&exchange, "GET", "/orders?account=carol", Value::Null).await;
    assert_eq!((&orders[0]["orderId"], &orders[0]["price"]), (&placed["orderId"], &json!("100.00000000")));
    // Another account sells to carol.
    let sold =
        done(&exchange, "POST", "/orders", json!({"symbol": "ABUSDT", "side": "SELL", "quantity": "0.5"}))
            .await;
    assert_eq!((&sold["status"], &sold["executedQuote"]), (&json!("FILLED"), &json!("50.00000000")));
    let trades = done(&exchange, "GET", "/symbols/ABUSDT/trades?limit=5", Value::Null).await;
    assert_eq!((trades.as_array().unwrap().len(), &trades[0]["buyerIsMaker"]), (1, &json!(true)));
    let book = done(&exchange, "GET", "/symbols/ABUSDT/book", Value::Null).await;
    assert_eq!(book["bids"], json!([["100.00000000", "1.00000000"]]));
    let cancel = json!({"symbol": "ABUSDT", "orderId": placed["orderId"], "account": "carol"});
    done(&exchange, "DELETE", "/orders", cancel.clone()).await;
    assert_eq!(failed(&exchange, "DELETE", "/orders", cancel).await, (409, "conflict".to_owned()));

    let withdraw = json!({"asset": "USDT", "amount": "99999"});
    let poor = failed(&exchange, "POST", "/accounts/carol/withdraw", withdraw.clone()).await;
    assert_eq!(poor, (409, "insufficient_balance".to_owned()));
    let unknown = failed(&exchange, "POST", "/accounts/unknown/deposit", withdraw).await;
    assert_eq!(unknown, (404, "unknown".to_owned()));
    let mut dear = order;
    dear["quantity"] = "1000".into();
    let (status, answer) = ask(&exchange, "POST", "/orders", &dear).await;
    assert_eq!((status, &answer["error"]["kind"]), (409, &json!("refused")));
    assert!(answer["error"]["message"].as_str().unwrap().contains("-2010: Account has insufficient balance"));
}

#[tokio::test]
async fn reference_prices_and_orders_that_the_exchange_cancels() {
    let exchange = driven(quiet()).start().await.unwrap();
    let dave = json!({"name": "dave", "balances": {"USDT": "1000"}, "commissionInBnb": true, "tradeGroup": 3,
                      "keys": [{"apiKey": "daveKey", "hmacSecret": "daveSecret"}]});
    done(&exchange, "POST", "/accounts", dave).await;
    let account = signed(&exchange, "dave", "GET", "/api/v3/account", "").await.json();
    assert_eq!(account["tradeGroupId"], 3);
    let path = "/symbols/ABUSDT/referencePrice";
    done(&exchange, "POST", path, json!({"price": "101.5"})).await;
    let shown = get(&exchange, "/api/v3/referencePrice?symbol=ABUSDT").await.json();
    assert_eq!(shown["referencePrice"], "101.50000000");
    done(&exchange, "POST", path, json!({"price": null})).await;
    let shown = get(&exchange, "/api/v3/referencePrice?symbol=ABUSDT").await.json();
    assert_eq!(shown["referencePrice"], Value::Null);

    let order =
        json!({"symbol": "ABUSDT", "side": "BUY", "quantity": "1", "price": "100", "account": "dave"});
    let placed = done(&exchange, "POST", "/orders", order).await;
    let none = done(&exchange, "DELETE", "/symbols/ABUSDT/orders?account=alice", Value::Null).await;
    assert_eq!(none["expired"], 0);
    let one = done(&exchange, "DELETE", "/symbols/ABUSDT/orders", Value::Null).await;
    assert_eq!(one["expired"], 1);
    let query = format!("symbol=ABUSDT&orderId={}", placed["orderId"]);
    let order = signed(&exchange, "dave", "GET", "/api/v3/order", &query).await.json();
    assert_eq!((&order["status"], &order["expiryReason"]), (&json!("EXPIRED"), &json!("EXCHANGE_CANCELED")));
}

#[tokio::test]
async fn symbols_prices_market_and_clock() {
    let mut market = MarketConfig::thin();
    (market.actions_per_second, market.levels) = (500, 50);
    let exchange = driven(bare().market(market)).start().await.unwrap();
    let new =
        json!({"symbol": "新币USDT", "base": "新币", "quote": "USDT", "price": "5", "tickSize": "0.001"});
    done(&exchange, "POST", "/symbols", new.clone()).await;
    assert_eq!(failed(&exchange, "POST", "/symbols", new).await, (400, "invalid".to_owned()));
    let book = done(&exchange, "GET", "/symbols/%E6%96%B0%E5%B8%81USDT/book?levels=3", Value::Null).await;
    assert_eq!(book["bids"].as_array().unwrap().len(), 3);
    done(&exchange, "POST", "/symbols/BTCUSDT/status", json!({"status": "BREAK"})).await;
    let symbols = done(&exchange, "GET", "/symbols", Value::Null).await;
    assert_eq!((&symbols[0]["status"], symbols.as_array().unwrap().len()), (&json!("BREAK"), 8));
    let wrong = failed(&exchange, "POST", "/symbols/BTCUSDT/status", json!({"status": "OPEN"})).await;
    assert_eq!(wrong, (400, "invalid".to_owned()));

    done(&exchange, "POST", "/symbols/ETHUSDT/price", json!({"price": "2500.5"})).await;
    let ticker = get(&exchange, "/api/v3/ticker/price?symbol=ETHUSDT").await.json();
    assert_eq!(ticker["price"], "2500.50000000");
    done(&exchange, "POST", "/symbols/ETHUSDT/price", json!({"price": 2400, "seconds": 2})).await;
    let clock = done(&exchange, "POST", "/clock", json!({"advanceMillis": 2000})).await;
    assert_eq!(clock, json!({"time": START + 2000, "skewMillis": 0}));
    let ticker = get(&exchange, "/api/v3/ticker/price?symbol=ETHUSDT").await.json();
    assert!(
        ticker["price"].as_str().unwrap().starts_with("2400")
            || ticker["price"].as_str().unwrap().starts_with("2399"),
        "{ticker}"
    );
    let price = json!({"price": "2400.001"});
    assert_eq!(failed(&exchange, "POST", "/symbols/ETHUSDT/price", price).await.0, 400);
    assert_eq!(failed(&exchange, "POST", "/symbols/NONE/price", json!({"price": "1"})).await.0, 404);
    assert_eq!(
        failed(&exchange, "POST", "/clock", json!({"advanceMillis": 1_000_000_000_000_u64})).await.0,
        400
    );

    done(&exchange, "POST", "/clock", json!({"skewMillis": -500})).await;
    let time = get(&exchange, "/api/v3/time").await.json();
    assert_eq!(time["serverTime"], START + 1500);
    let market = done(&exchange, "POST", "/market", json!({"paused": true, "actionsPerSecond": 7})).await;
    assert_eq!(market, json!({"paused": true, "actionsPerSecond": 7}));
    done(&exchange, "POST", "/clock", json!({"skewMillis": 0})).await;
    let before = exchange.order_book("ETHUSDT").unwrap();
    done(&exchange, "POST", "/clock", json!({"advanceMillis": 5000})).await;
    assert_eq!(exchange.order_book("ETHUSDT").unwrap(), before);

    let still = quiet().control(anywhere()).start().await.unwrap();
    assert_eq!(
        failed(&still, "POST", "/market", json!({"paused": true})).await,
        (409, "no_market".to_owned())
    );
    let price = json!({"price": "100"});
    assert_eq!(failed(&still, "POST", "/symbols/ABUSDT/price", price).await, (409, "no_market".to_owned()));
    let (status, answer) = ask(&still, "POST", "/clock", &json!({"advanceMillis": 1})).await;
    assert_eq!(status, 409);
    assert!(answer["error"]["hint"].as_str().unwrap().contains("--manual-clock"));
}

#[tokio::test]
async fn faults_connections_and_state() {
    let directory =
        std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("control-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join("exchange.state");
    let exchange = driven(quiet()).state_file(&path).start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws/abusdt@trade").await;
    let connections = done(&exchange, "GET", "/connections", Value::Null).await;
    assert_eq!(
        (&connections[0]["kind"], &connections[0]["streams"]),
        (&json!("streams"), &json!(["abusdt@trade"]))
    );

    let fault =
        json!({"fault": "answer", "status": 503, "body": "<html>", "on": {"request": "GET /api/v3/time"}});
    let ordered = done(&exchange, "POST", "/faults", json!([fault, {"fault": "no_pings"}])).await;
    assert_eq!(ordered["ids"].as_array().unwrap().len(), 2);
    assert_eq!(get(&exchange, "/api/v3/time").await.status, 503);
    assert_eq!(get(&exchange, "/api/v3/time").await.status, 200);
    let faults = done(&exchange, "GET", "/faults", Value::Null).await;
    assert_eq!(faults.as_array().unwrap().len(), 1, "{faults}");
    let one = format!("/faults/{}", faults[0]["id"]);
    done(&exchange, "DELETE", &one, Value::Null).await;
    assert_eq!(failed(&exchange, "DELETE", &one, Value::Null).await, (404, "unknown".to_owned()));
    assert_eq!(
        failed(&exchange, "POST", "/faults", json!({"fault": "nonsense"})).await,
        (400, "invalid".to_owned())
    );
    done(&exchange, "DELETE", "/faults", Value::Null).await;

    done(&exchange, "DELETE", "/connections", Value::Null).await;
    assert_eq!(socket.frame().await, common::Frame::End);
    let counts = done(&exchange, "GET", "/counts", Value::Null).await;
    assert_eq!(counts["requests"]["GET /api/v3/time"], 2);

    let saved = done(&exchange, "POST", "/state", Value::Null).await;
    assert_eq!(saved["saved"], path.display().to_string());
    assert!(bare().load(&path).start().await.is_ok());
    std::fs::remove_dir_all(&directory).unwrap();
    assert_eq!(failed(&exchange, "POST", "/state", Value::Null).await, (500, "state".to_owned()));
    let without = quiet().control(anywhere()).start().await.unwrap();
    assert_eq!(failed(&without, "POST", "/state", Value::Null).await, (409, "conflict".to_owned()));
}

#[tokio::test]
async fn what_makes_no_sense_and_who_may_not_ask() {
    let exchange = driven(quiet()).start().await.unwrap();
    assert_eq!(failed(&exchange, "GET", "/nonsense", Value::Null).await, (404, "unknown".to_owned()));
    assert_eq!(failed(&exchange, "PUT", "/symbols", Value::Null).await, (405, "method".to_owned()));
    assert_eq!(failed(&exchange, "POST", "/", Value::Null).await, (405, "method".to_owned()));
    for body in [Value::Null, json!([]), json!({"name": 1}), json!({"name": "x", "colour": "red"})] {
        assert_eq!(failed(&exchange, "POST", "/accounts", body).await, (400, "invalid".to_owned()));
    }
    let key = json!({"apiKey": "k", "hmacSecret": "s", "publicPem": "p"});
    assert_eq!(failed(&exchange, "POST", "/accounts/alice/keys", key).await.0, 400);
    let float = json!({"asset": "USDT", "amount": 0.1});
    assert_eq!(failed(&exchange, "POST", "/accounts/alice/deposit", float).await.0, 400);

    let status = async |headers: &str| raw(&exchange, "GET", "/status", headers, "").await.0;
    let own = exchange.control_url().unwrap();
    assert_eq!(status(&format!("Origin: {own}\r\n")).await, 200);
    assert_eq!(status("Origin: http://evil.example\r\n").await, 403);
    assert_eq!(status("Origin: null\r\n").await, 403);
    assert_eq!(status("Host: evil.example\r\n").await, 403);
    let (status, _, _) = raw(&exchange, "POST", "/faults", "", &"x".repeat(2 << 20)).await;
    assert_eq!(status, 413);

    let everywhere = "0.0.0.0:0".parse().unwrap();
    let error = quiet().control(everywhere).start().await.unwrap_err();
    assert_eq!(error.kind(), binance_kit_sim::SimErrorKind::Listen);
}

/// A browser, if there is one.
fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| ["chromium", "chromium-browser", "google-chrome"].map(|name| folder.join(name)))
        .find(|file| file.is_file())
}

/// What a browser makes of the page: its elements once it has polled.
async fn rendered(browser: PathBuf, url: String, width: u32, name: &str) -> String {
    let profile =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("browser-{name}-{}", std::process::id()));
    let run = move || {
        let output = Command::new(browser)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--virtual-time-budget=2500", "--dump-dom"])
            .arg(format!("--window-size={width},800"))
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(url)
            .output();
        let _ = std::fs::remove_dir_all(&profile);
        String::from_utf8_lossy(&output.unwrap().stdout).into_owned()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

#[tokio::test]
async fn the_status_page() {
    let mut market = MarketConfig::thin();
    (market.actions_per_second, market.levels) = (500, 50);
    // A name that would be an element, were it not put in as text.
    let mallory = AccountConfig::new("<b id=mallory>").balance("BTC", 2.into());
    let exchange = driven(bare().market(market).account(mallory)).start().await.unwrap();
    let (status, head, page) = raw(&exchange, "GET", "/", "", "").await;
    assert_eq!(status, 200);
    assert!(head.contains("content-security-policy: default-src 'none'"), "{head}");
    // Nothing is fetched from elsewhere.
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("@import"), "{page}");

    done(&exchange, "POST", "/symbols/ETHBTC/status", json!({"status": "HALT"})).await;
    let order = json!({"symbol": "BTCUSDT", "side": "SELL", "quantity": "0.5", "price": "70000", "account": "<b id=mallory>"});
    done(&exchange, "POST", "/orders", order).await;
    let fault = json!({"fault": "drop", "on": {"stream": "btcusdt@depth"}, "times": "always"});
    done(&exchange, "POST", "/faults", fault).await;
    let socket = Socket::open(&exchange, "/ws/btcusdt@depth").await;
    done(&exchange, "POST", "/clock", json!({"advanceMillis": 1000})).await;
    let status = done(&exchange, "GET", "/status?symbol=BTCUSDT&levels=5&trades=4", Value::Null).await;
    assert_eq!(status["book"]["asks"].as_array().unwrap().len(), 5);
    assert_eq!(
        (&status["faults"][0]["hits"], &status["orders"][0]["executed"]),
        (&json!(1), &json!("0.00000000"))
    );

    let Some(browser) = browser() else {
        println!("no browser on this machine: how the page looks is not checked");
        return;
    };
    let elements = rendered(browser, exchange.control_url().unwrap(), 1280, "page").await;
    for expected in [
        ">BTCUSDT<",
        ">HALT<",
        "&lt;b id=mallory&gt;",
        ">SELL LIMIT<",
        ">70 000.00<",
        ">btcusdt@depth<",
        "<b>drop</b>",
        "2023-11-14 22:13:21 UTC",
        "linear-gradient(to left, var(--up-bar)",
    ] {
        assert!(elements.contains(expected), "{expected} is not in {elements}");
    }
    assert!(!elements.contains("<b id=\"mallory\">") && !elements.contains("class=\"on\""), "{elements}");
    drop(socket);
}

#[tokio::test]
async fn clocks_that_are_wrong_beyond_all_measure_stand_still() {
    let exchange = driven(bare()).start().await.unwrap();
    for skew in [i64::MAX, i64::MIN, 1 << 53, -(1 << 53)] {
        done(&exchange, "POST", "/clock", json!({"skewMillis": skew})).await;
        done(&exchange, "POST", "/clock", json!({"advanceMillis": 2000})).await;
        done(&exchange, "GET", "/status", Value::Null).await;
    }
    done(&exchange, "POST", "/clock", json!({"skewMillis": 0})).await;
    assert_eq!(exchange.now(), Timestamp::from_millis(START + 8000));
}

/// An exchange on which every example of the help works: no market but what the examples move, a clock that they drive.
async fn exchange_for_examples(name: &str) -> (Exchange, PathBuf) {
    let state = std::env::temp_dir().join(format!("binance-kit-{name}-{}.state", std::process::id()));
    let mut market = MarketConfig::thin();
    market.actions_per_second = 50;
    market.levels = 20;
    (driven(bare()).market(market).state_file(&state).start().await.unwrap(), state)
}

#[tokio::test]
async fn every_example_of_the_help_works() {
    let (exchange, state) = exchange_for_examples("examples").await;
    let help = done(&exchange, "GET", "/help", Value::Null).await;
    let requests = help["requests"].as_array().unwrap();
    assert!(requests.len() > 25, "{help}");
    let mut placed = Value::Null;
    for request in requests {
        let example = &request["example"];
        let (method, path) = (example["method"].as_str().unwrap(), example["path"].as_str().unwrap());
        let called = format!("{method} {}", path.split('?').next().unwrap());
        let mut body = example["body"].clone();
        if called == "DELETE /orders" {
            body["orderId"] = placed.clone();
        }
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let (status, _, answer) = raw(&exchange, method, path, "", &text).await;
        assert_eq!(status, 200, "{called}: {answer}");
        if called == "POST /orders" {
            placed = serde_json::from_str::<Value>(&answer).unwrap()["orderId"].clone();
        }
        // As it is to be copied into a terminal.
        let curl = request["curl"].as_str().unwrap();
        assert!(curl.contains(&exchange.control_url().unwrap()) && curl.contains(path), "{curl}");
    }
    for fault in help["faults"].as_array().unwrap() {
        let answer = done(&exchange, "POST", "/faults", fault["example"].clone()).await;
        assert_eq!(answer["ids"].as_array().unwrap().len(), 1, "{fault}");
    }
    let _ = std::fs::remove_file(state);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_what_to_write() {
    let exchange = driven(quiet()).start().await.unwrap();
    for (method, path, body, said) in [
        ("POST", "/symbols/ABUSDT/referencePrice", json!({"price": "0"}), "not above zero"),
        ("POST", "/symbols/ABUSDT/referencePrice", json!({"price": "-1"}), "null says that there is none"),
        (
            "POST",
            "/accounts/alice/deposit",
            json!({"asset": "", "amount": "1"}),
            "write one such as \"USDT\"",
        ),
        ("POST", "/accounts/alice/deposit", json!({"asset": "usdt", "amount": "1"}), "write \"USDT\""),
        ("POST", "/accounts/alice/withdraw", json!({"asset": "usdt", "amount": "1"}), "write \"USDT\""),
        ("POST", "/accounts/alice/deposit", json!({"asset": "USDT", "amount": "-1"}), "not above zero"),
        ("POST", "/accounts/alice/deposit", json!({"asset": "USDT", "amount": "0"}), "above zero"),
        ("POST", "/accounts", json!({"name": "x", "balances": {"usdt": "1"}}), "write \"USDT\""),
        ("POST", "/accounts", json!({"name": "x", "balances": {"USDT": "-1"}}), "below zero"),
        ("POST", "/accounts", json!({"name": "x", "balances": {"": "1"}}), "without a name"),
        ("POST", "/accounts", json!({"name": "x", "makerCommission": "-0.1"}), "below zero"),
        ("POST", "/accounts", json!({"name": ""}), "the name is empty"),
        (
            "POST",
            "/symbols",
            json!({"symbol": "xyusdt", "base": "XY", "quote": "USDT", "price": "1"}),
            "write \"XYUSDT\"",
        ),
        (
            "POST",
            "/symbols",
            json!({"symbol": "XYUSDT", "base": "", "quote": "USDT", "price": "1"}),
            "a name",
        ),
        (
            "POST",
            "/symbols",
            json!({"symbol": "XYUSDT", "base": "XY", "quote": "USDT", "price": "-1"}),
            "the price -1 is not above zero",
        ),
        (
            "POST",
            "/symbols",
            json!({"symbol": "XYUSDT", "base": "XY", "quote": "USDT", "price": "1", "tickSize": "0"}),
            "the tickSize 0 is not above zero",
        ),
        ("POST", "/symbols/abusdt/price", json!({"price": "1"}), "write \"ABUSDT\""),
        ("GET", "/symbols/NONE/book", Value::Null, "there are ABUSDT"),
        ("GET", "/status?symbol=abusdt", Value::Null, "write \"ABUSDT\""),
        ("POST", "/orders", json!({"symbol": "abusdt", "side": "BUY", "quantity": "1"}), "write \"ABUSDT\""),
        ("DELETE", "/orders", json!({"symbol": "NONE", "orderId": 1}), "there are ABUSDT"),
        ("POST", "/market", json!({"actionsPerSecond": u32::MAX}), "write a number up to"),
        ("GET", "/symbols/ABUSDT/book?level=5", Value::Null, "write one of levels"),
        ("GET", "/nonsense", Value::Null, "GET /help"),
        ("POST", "/faults", json!({"fault": "nonsense"}), "GET /help"),
        ("POST", "/faults", Value::Null, "GET /help"),
    ] {
        let before = done(&exchange, "GET", "/accounts", Value::Null).await;
        let (status, answer) = ask(&exchange, method, path, &body).await;
        assert!((400..410).contains(&status), "{method} {path} {body}: {status} {answer}");
        let error = &answer["error"];
        let text =
            format!("{} {}", error["message"].as_str().unwrap(), error["hint"].as_str().unwrap_or_default());
        assert!(text.contains(said), "{method} {path} {body}: {text}");
        assert_eq!(done(&exchange, "GET", "/accounts", Value::Null).await, before, "nothing has changed");
    }
}

#[tokio::test]
async fn idle_connections_do_not_shut_the_control_api() {
    let exchange = driven(quiet()).start().await.unwrap();
    let url = exchange.control_url().unwrap();
    let address = url.strip_prefix("http://").unwrap();
    let mut idle = Vec::new();
    for nth in 0..200 {
        let mut link = tokio::net::TcpStream::connect(address).await.unwrap();
        // Some have asked before, some have begun to ask, some have said nothing.
        match nth % 3 {
            0 => link.write_all(b"GET /clock HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap(),
            1 => link
                .write_all(b"POST /clock HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
                .await
                .unwrap(),
            _ => {}
        }
        idle.push(link);
    }
    let answer = tokio::time::timeout(
        std::time::Duration::from_secs(5),
        done(&exchange, "GET", "/clock", Value::Null),
    );
    assert!(answer.await.is_ok(), "the control API does not answer beside idle connections");
}
