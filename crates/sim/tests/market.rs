//! The market that lives, and what scripts do to it, as clients see it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::{Decimal, Timestamp};
use binance_kit_sim::{
    AdminOrder, Exchange, ManualClock, MarketConfig, SimErrorKind, SymbolConfig, SymbolStatus,
};
use common::{START, Socket, account, bare, get, hmac, quiet, signed};
use serde_json::{Value, json};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

const STREAMS: &str = "/stream?timeUnit=MICROSECOND&streams=btcusdt@trade/btcusdt@aggTrade/btcusdt@depth@100ms/\
                       ethusdt@bookTicker/ethbtc@depth20/币安人生usdt@kline_1s/!miniTicker@arr/pepeusdt@avgPrice/\
                       solusdt@ticker_1h";

fn lively(actions_per_second: u32, levels: u32) -> MarketConfig {
    let mut market = MarketConfig::thin();
    (market.actions_per_second, market.levels) = (actions_per_second, levels);
    market
}

/// The hash of all that is streamed in three seconds, in which users trade, and the number of events.
async fn streamed(seed: u64) -> (u64, usize) {
    let clock = ManualClock::starting_at(Timestamp::from_millis(START));
    let exchange = bare()
        .clock(Arc::new(clock.clone()))
        .seed(seed)
        .limits(false)
        .market(lively(3000, 150))
        .demo_account(false)
        .account(account("alice").balance("BTC", Decimal::TEN))
        .start()
        .await
        .unwrap();
    let mut streams = Socket::open(&exchange, STREAMS).await;
    let mut user = Socket::open(&exchange, "/ws-api/v3?timeUnit=MICROSECOND").await;
    let credentials = hmac("alice");
    let method = "userDataStream.subscribe.signature";
    user.call_signed(&exchange, &credentials, "aliceKey", method, json!({})).await;
    let (mut hasher, mut count) = (DefaultHasher::new(), 0);
    for step in 0..30 {
        clock.advance(Duration::from_millis(100));
        if step % 5 == 2 {
            let side = if step % 10 == 2 { "BUY" } else { "SELL" };
            let order = format!(
                "symbol=BTCUSDT&side={side}&type=LIMIT&timeInForce=GTC&quantity=0.5&price=61680&newClientOrderId=o{step}"
            );
            let answer = signed(&exchange, "alice", "POST", "/api/v3/order", &order).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            answer.body.hash(&mut hasher);
        }
        // All that was streamed is there; a ping is answered behind it.
        for socket in [&mut streams, &mut user] {
            socket.send_frame(9, b"here").await;
            loop {
                match socket.frame().await {
                    common::Frame::Text(text) => {
                        text.hash(&mut hasher);
                        count += 1;
                    }
                    common::Frame::Pong(_) => break,
                    other => panic!("{other:?}"),
                }
            }
        }
    }
    (hasher.finish(), count)
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_and_the_same_requests_give_the_same_market_byte_for_byte() {
    let (one, count) = streamed(7).await;
    assert!(count > 300, "{count}");
    assert_eq!(streamed(7).await, (one, count));
    assert_ne!(streamed(8).await.0, one);
}

#[tokio::test(start_paused = true)]
async fn prices_go_where_a_script_sends_them() {
    let exchange = bare().market(lively(500, 100)).start().await.unwrap();
    let price = async || {
        let ticker = get(&exchange, "/api/v3/ticker/price?symbol=ETHUSDT").await.json();
        ticker["price"].as_str().unwrap().parse::<Decimal>().unwrap()
    };
    let goal = Decimal::new(2_500, 0);
    exchange.set_price("ETHUSDT", goal, Duration::ZERO).unwrap();
    assert_eq!(price().await, goal);
    exchange.set_price("ETHUSDT", Decimal::new(2_300, 0), Duration::from_secs(2)).unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let half_way = price().await;
    assert!(half_way < Decimal::new(2_450, 0) && half_way > Decimal::new(2_350, 0), "{half_way}");
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    assert!((price().await - Decimal::new(2_300, 0)).abs() < Decimal::TWO);

    let kind = |result: Result<(), binance_kit_sim::SimError>| result.unwrap_err().kind();
    assert_eq!(kind(exchange.set_price("NOSUCH", goal, Duration::ZERO)), SimErrorKind::Unknown);
    let between = Decimal::new(2_300_005, 3);
    assert_eq!(kind(exchange.set_price("ETHUSDT", between, Duration::ZERO)), SimErrorKind::Configuration);
    let still = quiet().start().await.unwrap();
    let hundred = Decimal::new(100, 0);
    assert_eq!(kind(still.set_price("ABUSDT", hundred, Duration::ZERO)), SimErrorKind::NoMarket);
    assert_eq!(kind(still.set_market_rate(5)), SimErrorKind::NoMarket);
}

#[tokio::test(start_paused = true)]
async fn other_people_trade_with_users() {
    let exchange = quiet().start().await.unwrap();
    let (one, price) = (Decimal::ONE, Decimal::new(100, 0));
    let id = exchange.place(&AdminOrder::buy("ABUSDT", one).at(price).by("alice")).unwrap().order_id;
    let rest = exchange.place(&AdminOrder::buy("ABUSDT", one).at(price)).unwrap();
    assert_eq!((rest.status.as_str(), rest.executed), ("NEW", Decimal::ZERO));
    let sold = exchange.place(&AdminOrder::sell("ABUSDT", Decimal::new(15, 1))).unwrap();
    assert_eq!((sold.status.as_str(), sold.executed_quote), ("FILLED", Decimal::new(150, 0)));
    let query = format!("symbol=ABUSDT&orderId={id}");
    let order = signed(&exchange, "alice", "GET", "/api/v3/order", &query).await.json();
    assert_eq!(order["status"], "FILLED");
    assert_eq!(exchange.order_book("ABUSDT").unwrap().bids, [(price, Decimal::new(5, 1))]);
    assert!(exchange.cancel_admin_order("ABUSDT", rest.order_id).unwrap());
    assert!(!exchange.cancel_admin_order("ABUSDT", id).unwrap());
    assert!(exchange.order_book("ABUSDT").unwrap().bids.is_empty());
    let poor = exchange.place(&AdminOrder::sell("ABUSDT", Decimal::new(5_000, 0)).at(price).by("alice"));
    let error = poor.unwrap_err();
    assert_eq!(error.kind(), SimErrorKind::Refused);
    assert!(error.to_string().contains("-2010: Account has insufficient balance"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn symbols_are_halted_and_opened_while_it_runs() {
    let exchange = bare().market(lively(2000, 50)).account(account("alice")).start().await.unwrap();
    exchange.set_status("BTCUSDT", SymbolStatus::Break).unwrap();
    let info = get(&exchange, "/api/v3/exchangeInfo?symbol=BTCUSDT").await.json();
    assert_eq!(info["symbols"][0]["status"], "BREAK");
    let order = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01";
    let answer = signed(&exchange, "alice", "POST", "/api/v3/order", order).await;
    assert_eq!(answer.error(), (-1013, "Market is closed.".to_owned()));
    let before = exchange.order_book("BTCUSDT").unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(exchange.order_book("BTCUSDT").unwrap(), before);
    exchange.set_status("BTCUSDT", SymbolStatus::Trading).unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_ne!(exchange.order_book("BTCUSDT").unwrap(), before);

    let new = SymbolConfig::new("新币USDT", "新币", "USDT", Decimal::new(5, 0));
    exchange.add_symbol(&new).unwrap();
    assert_eq!(exchange.add_symbol(&new).unwrap_err().kind(), SimErrorKind::Configuration);
    let info = get(&exchange, "/api/v3/exchangeInfo").await.json();
    let symbols = info["symbols"].as_array().unwrap();
    assert_eq!(symbols.last().unwrap()["symbol"], "新币USDT");
    assert!(exchange.order_book("新币USDT").unwrap().bids.len() > 10);
    let mut socket = Socket::open(&exchange, "/ws/新币usdt@trade").await;
    assert_eq!(socket.json().await["s"], "新币USDT");
}

#[tokio::test(start_paused = true)]
async fn accounts_and_money_come_and_go() {
    let exchange = quiet().start().await.unwrap();
    exchange.add_account(&account("carol")).unwrap();
    assert_eq!(exchange.add_account(&account("carol")).unwrap_err().kind(), SimErrorKind::Configuration);
    assert_eq!(common::names(&exchange), ["demo", "alice", "bob", "carol"]);
    let more = binance_kit_sim::AccountConfig::new("carol").hmac_key("second", "other").unwrap();
    exchange.add_api_keys(&more).unwrap();
    assert_eq!(exchange.account("carol").unwrap().api_keys(), ["carolKey", "second"]);
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    let method = "userDataStream.subscribe.signature";
    let answer = socket.call_signed(&exchange, &hmac("carol"), "carolKey", method, json!({})).await;
    assert_eq!(answer["status"], 200, "{answer}");
    exchange.account("carol").unwrap().fund("USDT", Decimal::new(25, 1)).unwrap();
    let event = socket.json().await;
    assert_eq!((&event["event"]["e"], &event["event"]["d"]), (&"balanceUpdate".into(), &"2.50000000".into()));
    exchange.account("carol").unwrap().withdraw("USDT", Decimal::new(100_002, 0)).unwrap();
    let withdrawn = loop {
        let event = socket.json().await;
        if event["event"]["e"] == "balanceUpdate" {
            break event["event"]["d"].clone();
        }
    };
    assert_eq!(withdrawn, Value::from("-100002.00000000"));
    let error = exchange.account("carol").unwrap().withdraw("USDT", Decimal::ONE).unwrap_err();
    assert_eq!(error.kind(), SimErrorKind::InsufficientBalance);
}

#[tokio::test(start_paused = true)]
async fn clocks_can_be_wrong_and_driven() {
    let clock = ManualClock::starting_at(Timestamp::from_millis(START));
    let exchange = quiet().clock(Arc::new(clock.clone())).clock_skew(-2_000).start().await.unwrap();
    let time = async || get(&exchange, "/api/v3/time").await.json()["serverTime"].as_i64().unwrap();
    assert_eq!(time().await, START - 2_000);
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert_eq!(time().await, START - 2_000);
    exchange.set_clock_skew(6_000);
    assert_eq!((time().await, exchange.clock_skew()), (START + 6_000, 6_000));
    // Who believes in the right time is too late now.
    let query = format!("timestamp={START}&signature=x");
    let headers = "X-MBX-APIKEY: aliceKey\r\n";
    let answer = common::request(&exchange, "GET", &format!("/api/v3/account?{query}"), headers, "").await;
    assert_eq!(answer.error().0, -1021);
    exchange.set_clock_skew(0);
    clock.advance(Duration::from_secs(3600));
    assert_eq!(time().await, START + 3_600_000);
}

#[tokio::test(start_paused = true)]
async fn the_rate_of_the_market_can_be_changed() {
    let exchange = bare().market(lively(0, 50)).start().await.unwrap();
    let id = |exchange: &Exchange| exchange.order_book("BTCUSDT").unwrap().last_update_id;
    let start = id(&exchange);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(id(&exchange), start);
    exchange.set_market_rate(10_000).unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(id(&exchange) > start + 200, "{}", id(&exchange) - start);
}

/// A directory of this test alone, gone when it ends.
struct Directory(std::path::PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path =
            std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// All that a new connection is streamed in two seconds, and what the account has and asks for in the end.
async fn continuation(exchange: &Exchange, clock: &ManualClock) -> Vec<String> {
    let mut socket = Socket::open(exchange, STREAMS).await;
    clock.advance(Duration::from_secs(2));
    socket.send_frame(9, b"here").await;
    let mut all = Vec::new();
    loop {
        match socket.frame().await {
            common::Frame::Text(text) => all.push(text),
            common::Frame::Pong(_) => break,
            other => panic!("{other:?}"),
        }
    }
    let order = "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.3&newOrderRespType=FULL";
    for (method, path, params) in [
        ("POST", "/api/v3/order", order),
        ("GET", "/api/v3/account", ""),
        ("GET", "/api/v3/allOrders", "symbol=BTCUSDT"),
        ("GET", "/api/v3/myTrades", "symbol=BTCUSDT"),
        ("GET", "/api/v3/allOrderList", ""),
    ] {
        let answer = signed(exchange, "alice", method, path, params).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        all.push(answer.body);
    }
    for path in
        ["klines?symbol=ETHUSDT&interval=1m", "aggTrades?symbol=BTCUSDT", "ticker/24hr", "exchangeInfo"]
    {
        all.push(get(exchange, &format!("/api/v3/{path}")).await.body);
    }
    all
}

#[tokio::test(start_paused = true)]
async fn a_saved_exchange_goes_on_as_if_it_had_never_stopped() {
    let directory = Directory::new("state");
    let path = directory.0.join("exchange.state");
    let alice = || account("alice").balance("BTC", Decimal::TEN);
    let start = async |at: i64, load: bool| {
        let clock = ManualClock::starting_at(Timestamp::from_millis(at));
        let mut builder = bare().clock(Arc::new(clock.clone())).account(alice());
        builder = if load { builder.load(&path) } else { builder.seed(7).market(lively(2000, 100)) };
        (builder.start().await.unwrap(), clock)
    };
    let (exchange, clock) = start(START, false).await;
    clock.advance(Duration::from_secs(2));
    let order = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.3&price=61000";
    assert_eq!(signed(&exchange, "alice", "POST", "/api/v3/order", order).await.status, 200);
    let pair = "symbol=BTCUSDT&side=SELL&quantity=0.5&aboveType=LIMIT_MAKER&abovePrice=70000&belowType=STOP_LOSS\
                &belowStopPrice=50000";
    assert_eq!(signed(&exchange, "alice", "POST", "/api/v3/orderList/oco", pair).await.status, 200);
    exchange.place(&AdminOrder::buy("BTCUSDT", Decimal::ONE).at(Decimal::new(60_000, 0))).unwrap();
    exchange.add_symbol(&SymbolConfig::new("NEWUSDT", "NEW", "USDT", Decimal::new(5, 0))).unwrap();
    exchange.save(&path).unwrap();
    let demo = exchange.demo_account().unwrap().clone();
    let expected = continuation(&exchange, &clock).await;
    assert!(expected.len() > 200, "{}", expected.len());
    drop(exchange);

    let (exchange, clock) = start(START + 2000, true).await;
    assert_eq!(exchange.demo_account().unwrap().hmac_secret, demo.hmac_secret);
    let found = continuation(&exchange, &clock).await;
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());

    // No key is in the file.
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("aliceKey") && !text.contains("aliceSecret") && !text.contains(&demo.hmac_secret));
    // Accounts can be added to what was loaded.
    let exchange = bare().load(&path).account(account("dora")).start().await.unwrap();
    assert_eq!(common::names(&exchange), ["demo", "alice", "dora"]);
}

#[tokio::test(start_paused = true)]
async fn states_that_cannot_be_read_or_written_are_errors() {
    let directory = Directory::new("no-state");
    let path = directory.0.join("exchange.state");
    let exchange = quiet().state_file(&path).start().await.unwrap();
    let error = bare().load(&path).start().await.unwrap_err();
    assert_eq!(error.kind(), SimErrorKind::State);
    assert!(error.to_string().ends_with("exchange.state cannot be read"), "{error}");
    exchange.save(&path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for length in [0, 10, whole.len() / 2, whole.len() - 2] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let error = bare().state_file(&path).start().await.unwrap_err();
        assert_eq!(error.kind(), SimErrorKind::State);
        assert!(error.to_string().contains("cannot be used: it "), "{error}");
    }
    let error = exchange.save(directory.0.join("none/exchange.state")).unwrap_err();
    assert_eq!(error.kind(), SimErrorKind::State);
    assert!(std::error::Error::source(&error).is_some());
    // What somebody has put in the way of the temporary file is replaced and not followed.
    #[cfg(unix)]
    {
        let other = directory.0.join("other");
        std::fs::write(&other, "other").unwrap();
        let temporary = directory.0.join(format!("exchange.state.{}.tmp", std::process::id()));
        std::os::unix::fs::symlink(&other, temporary).unwrap();
        exchange.save(&path).unwrap();
        assert_eq!(std::fs::read_to_string(other).unwrap(), "other");
    }
}
