//! What the exchange sends has the keys of the documented examples: every request by REST and by the WebSocket API, and
//! every event. The tables of the examples are not part of this repository; without them the tests say so and pass.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "what goes wrong in a test should end it, and what it could not look at it says"
)]

mod common;

use binance_kit_core::Decimal;
use binance_kit_sim::{AdminOrder, Exchange, Level, SymbolConfig};
use common::{Socket, account, bare, encode, hmac, request, signed};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

fn table(name: &str) -> Option<Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/facts/spot").join(name);
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: the tables of the documents are not here");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// These appear in orders that have what they tell of, whichever order the example shows.
const CONDITIONAL: [&str; 15] = [
    "icebergQty",
    "preventedMatchId",
    "preventedQuantity",
    "stopPrice",
    "strategyId",
    "strategyType",
    "trailingDelta",
    "trailingTime",
    "usedSor",
    "workingFloor",
    "pegPriceType",
    "pegOffsetType",
    "pegOffsetValue",
    "peggedPrice",
    "expiryReason",
];

/// All keys of a value with their paths; elements of arrays count as one.
fn keys(value: &Value, path: &str, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| !CONDITIONAL.contains(&name.as_str())) {
                let path = format!("{path}.{name}");
                out.insert(path.clone());
                keys(value, &path, out);
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

/// What differs in keys, but for what is listed as optional.
fn differences(ours: &Value, documented: &Value, optional: &[&str]) -> Vec<String> {
    let (mut left, mut right) = (BTreeSet::new(), BTreeSet::new());
    keys(ours, "", &mut left);
    keys(documented, "", &mut right);
    left.symmetric_difference(&right)
        .filter(|path| !optional.iter().any(|optional| path.starts_with(optional)))
        .map(|path| format!("{}{path}", if left.contains(path) { "+" } else { "-" }))
        .collect()
}

fn compare(what: &str, ours: &Value, documented: &Value, optional: &[&str]) {
    let differing = differences(ours, documented, optional);
    assert!(differing.is_empty(), "{what}: {differing:?}\nours: {ours}\ndocumented: {documented}");
}

/// Rows of a table by their ids.
fn by_id(rows: Vec<Value>) -> BTreeMap<String, Value> {
    rows.into_iter().map(|row| (row["id"].as_str().unwrap().to_owned(), row)).collect()
}

fn example(row: &Value, variant: usize) -> &Value {
    if variant == 0 && row["response_variants"].is_null() {
        &row["response_example"]
    } else {
        &row["response_variants"][variant]["json"]
    }
}

/// A case: the ids of the request in the tables of REST and of the WebSocket API, which of the documented answers each
/// gives (`None`: this one is not documented there), the parameters, and what may differ.
struct Step {
    ids: [&'static str; 2],
    variants: [Option<usize>; 2],
    params: &'static str,
    optional: &'static [&'static str],
}

const fn step(
    rest: &'static str,
    ws: &'static str,
    variants: [Option<usize>; 2],
    params: &'static str,
    optional: &'static [&'static str],
) -> Step {
    Step { ids: [rest, ws], variants, params, optional }
}

const FIRST: [Option<usize>; 2] = [Some(0), Some(0)];
const SECOND: [Option<usize>; 2] = [Some(1), Some(1)];
const THIRD: [Option<usize>; 2] = [Some(2), Some(2)];
const FOURTH: [Option<usize>; 2] = [Some(3), Some(3)];
const FIFTH: [Option<usize>; 2] = [Some(4), Some(4)];
const ONE: &str = "symbol=ABUSDT";
const MANY: &str = "symbols=[\"ABUSDT\"]";
/// The example shows an empty list of them, or others.
const INFO: &[&str] = &[".rateLimits.", ".symbols.filters", ".exchangeFilters.", ".sors"];
const FILTERS: &[&str] = &[".exchangeFilters.", ".symbolFilters.", ".assetFilters."];
const FILLS: &[&str] = &[".fills"];
const FILLS_OF_NEW: &[&str] = &[".newOrderResponse.fills", ".newOrderResponse.workingTime"];

/// What examples of the WebSocket API leave out and those of REST show.
const LEFT_OUT: &[(&str, &str)] = &[
    ("order_place", ".result.selfTradePreventionMode"),
    ("order_list_cancel", ".result.orderReports.origClientOrderId"),
];

/// In this order: what a step does is what the next ones see. `$order` is the id of the order placed last.
static STEPS: &[Step] = &[
    step("ping", "ping", FIRST, "", &[]),
    step("time", "time", FIRST, "", &[]),
    step("exchange_info", "exchange_info", FIRST, ONE, INFO),
    step("execution_rules", "execution_rules", FIRST, ONE, &[]),
    step("depth", "depth", FIRST, ONE, &[]),
    step("get_trades", "trades_recent", FIRST, ONE, &[]),
    step("historical_trades", "trades_historical", FIRST, ONE, &[]),
    step("historical_block_trades", "block_trades_historical", FIRST, "symbol=ABUSDT&fromId=0", &[]),
    step("agg_trades", "trades_aggregate", FIRST, ONE, &[]),
    step("klines", "klines", FIRST, "symbol=ABUSDT&interval=1s", &[]),
    step("ui_klines", "ui_klines", FIRST, "symbol=ABUSDT&interval=1s", &[]),
    step("avg_price", "avg_price", FIRST, ONE, &[]),
    step("ticker24hr", "ticker24hr", FIRST, ONE, &[]),
    step("ticker24hr", "ticker24hr", [Some(1), Some(2)], MANY, &[]),
    step("ticker24hr", "ticker24hr", [Some(2), Some(1)], "symbol=ABUSDT&type=MINI", &[]),
    step("ticker_trading_day", "ticker_trading_day", FIRST, ONE, &[]),
    step("ticker_trading_day", "ticker_trading_day", SECOND, MANY, &[]),
    step("ticker_trading_day", "ticker_trading_day", THIRD, "symbol=ABUSDT&type=MINI", &[]),
    step("ticker_trading_day", "ticker_trading_day", FOURTH, "symbols=[\"ABUSDT\"]&type=MINI", &[]),
    step("ticker", "ticker", FIRST, ONE, &[]),
    step("ticker", "ticker", [Some(1), Some(2)], MANY, &[]),
    step("ticker", "ticker", [Some(2), Some(1)], "symbol=ABUSDT&type=MINI&windowSize=1h", &[]),
    step("ticker_price", "ticker_price", FIRST, ONE, &[]),
    step("ticker_price", "ticker_price", SECOND, "", &[]),
    step("ticker_book_ticker", "ticker_book", FIRST, ONE, &[]),
    step("ticker_book_ticker", "ticker_book", SECOND, MANY, &[]),
    step("reference_price", "reference_price", FIRST, ONE, &[]),
    step("reference_price", "reference_price", [Some(2), None], "symbol=PLAINUSDT", &[]),
    step("reference_price_calculation", "reference_price_calculation", SECOND, ONE, &[]),
    step("reference_price_calculation", "reference_price_calculation", THIRD, "symbol=OUTSIDEUSDT", &[]),
    step("reference_price_calculation", "reference_price_calculation", FIRST, "symbol=PLAINUSDT", &[]),
    step(
        "new_order",
        "order_place",
        FIRST,
        "symbol=ABUSDT&side=BUY&type=MARKET&quantity=1&newOrderRespType=ACK",
        &[],
    ),
    step(
        "new_order",
        "order_place",
        SECOND,
        "symbol=ABUSDT&side=BUY&type=MARKET&quantity=1&newOrderRespType=RESULT",
        &[],
    ),
    step("new_order", "order_place", THIRD, "symbol=ABUSDT&side=BUY&type=MARKET&quantity=1", &[]),
    step("order_test", "order_test", FIRST, "symbol=ABUSDT&side=BUY&type=MARKET&quantity=1", &[]),
    step(
        "order_test",
        "order_test",
        SECOND,
        "symbol=ABUSDT&side=BUY&type=MARKET&quantity=1&computeCommissionRates=true",
        &[],
    ),
    step(
        "new_order",
        "order_place",
        SECOND,
        "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=2&price=90&newClientOrderId=a&newOrderRespType=RESULT",
        &[],
    ),
    step("get_order", "order_status", FIRST, "symbol=ABUSDT&origClientOrderId=a", &[]),
    step("get_open_orders", "open_orders_status", FIRST, ONE, &[]),
    step(
        "order_amend_keep_priority",
        "order_amend_keep_priority",
        FIRST,
        "symbol=ABUSDT&origClientOrderId=a&newQty=1",
        &[],
    ),
    step("order_amendments", "order_amendments", FIRST, "symbol=ABUSDT&orderId=$order", &[]),
    step(
        "order_cancel_replace",
        "order_cancel_replace",
        FIRST,
        "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=91&cancelReplaceMode=STOP_ON_FAILURE\
         &cancelOrderId=$order&newClientOrderId=b",
        FILLS_OF_NEW,
    ),
    step(
        "order_cancel_replace",
        "order_cancel_replace",
        SECOND,
        "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=91&cancelReplaceMode=STOP_ON_FAILURE\
         &cancelOrderId=9999",
        &[],
    ),
    step(
        "order_cancel_replace",
        "order_cancel_replace",
        THIRD,
        "symbol=ABUSDT&side=SELL&type=LIMIT_MAKER&quantity=1&price=95&cancelReplaceMode=STOP_ON_FAILURE\
         &cancelOrigClientOrderId=b",
        &[],
    ),
    step(
        "order_cancel_replace",
        "order_cancel_replace",
        [Some(3), None],
        "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=91&cancelReplaceMode=ALLOW_FAILURE\
         &cancelOrderId=9999&newClientOrderId=c&newOrderRespType=ACK",
        &[],
    ),
    // Here the two show different kinds of answers to the new order.
    step(
        "order_cancel_replace",
        "order_cancel_replace",
        [None, Some(3)],
        "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=91&cancelReplaceMode=ALLOW_FAILURE\
         &cancelOrderId=9999&newClientOrderId=d",
        FILLS_OF_NEW,
    ),
    step(
        "order_cancel_replace",
        "order_cancel_replace",
        FIFTH,
        "symbol=ABUSDT&side=SELL&type=LIMIT_MAKER&quantity=1&price=95&cancelReplaceMode=ALLOW_FAILURE&cancelOrderId=9999",
        &[],
    ),
    step("delete_order", "order_cancel", FIRST, "symbol=ABUSDT&origClientOrderId=c", &[]),
    step("all_orders", "all_orders", FIRST, ONE, &[]),
    step("my_trades", "my_trades", FIRST, ONE, &[]),
    step(
        "order_oco",
        "order_list_place",
        FIRST,
        "symbol=ABUSDT&side=SELL&quantity=1&price=110&stopPrice=80&listClientOrderId=old",
        &[],
    ),
    step("get_order_list", "order_list_status", FIRST, "origClientOrderId=old", &[]),
    step("open_order_list", "open_order_lists_status", FIRST, "", &[]),
    step("all_order_list", "all_order_lists", FIRST, "", &[]),
    step("delete_order_list", "order_list_cancel", FIRST, "symbol=ABUSDT&listClientOrderId=old", &[]),
    step(
        "order_list_oco",
        "order_list_place_oco",
        FIRST,
        "symbol=ABUSDT&side=SELL&quantity=1&aboveType=LIMIT_MAKER&abovePrice=110&belowType=STOP_LOSS&belowStopPrice=80\
         &aboveClientOrderId=above",
        &[],
    ),
    // By REST the answer of a cancelled order of a list is that of the list, too, but only one of them shows it.
    step("delete_order", "order_cancel", [None, Some(1)], "symbol=ABUSDT&origClientOrderId=above", &[]),
    step(
        "order_list_oto",
        "order_list_place_oto",
        FIRST,
        "symbol=ABUSDT&workingType=LIMIT&workingSide=BUY&workingPrice=90&workingQuantity=1&workingTimeInForce=GTC\
         &pendingType=LIMIT&pendingSide=SELL&pendingPrice=110&pendingQuantity=1&pendingTimeInForce=GTC",
        &[],
    ),
    step(
        "order_list_otoco",
        "order_list_place_otoco",
        FIRST,
        "symbol=ABUSDT&workingType=LIMIT&workingSide=BUY&workingPrice=90&workingQuantity=1&workingTimeInForce=GTC\
         &pendingSide=SELL&pendingQuantity=1&pendingAboveType=LIMIT_MAKER&pendingAbovePrice=110\
         &pendingBelowType=STOP_LOSS&pendingBelowStopPrice=80",
        &[],
    ),
    step(
        "order_list_opo",
        "order_list_place_opo",
        FIRST,
        "symbol=ABUSDT&workingType=LIMIT&workingSide=BUY&workingPrice=90&workingQuantity=1&workingTimeInForce=GTC\
         &pendingType=LIMIT&pendingSide=SELL&pendingPrice=110&pendingTimeInForce=GTC",
        &[],
    ),
    step(
        "order_list_opoco",
        "order_list_place_opoco",
        FIRST,
        "symbol=ABUSDT&workingType=LIMIT&workingSide=BUY&workingPrice=90&workingQuantity=1&workingTimeInForce=GTC\
         &pendingSide=SELL&pendingAboveType=LIMIT_MAKER&pendingAbovePrice=110&pendingBelowType=STOP_LOSS\
         &pendingBelowStopPrice=80",
        &[],
    ),
    step(
        "new_order",
        "order_place",
        SECOND,
        "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=2&price=90&newOrderRespType=RESULT",
        &[],
    ),
    step("delete_open_orders", "open_orders_cancel_all", FIRST, ONE, &[]),
    step(
        "new_order",
        "order_place",
        THIRD,
        "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=99.5",
        FILLS,
    ),
    step(
        "new_order",
        "order_place",
        SECOND,
        "symbol=ABUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=99.5&newOrderRespType=RESULT\
         &selfTradePreventionMode=EXPIRE_MAKER",
        &[],
    ),
    step("my_prevented_matches", "my_prevented_matches", FIRST, "symbol=ABUSDT&orderId=$order", &[]),
    step(
        "sor_order",
        "sor_order_place",
        FIRST,
        "symbol=ABUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=101&selfTradePreventionMode=NONE",
        &[],
    ),
    step("my_allocations", "my_allocations", FIRST, ONE, &[]),
    step("sor_order_test", "sor_order_test", FIRST, "symbol=ABUSDT&side=BUY&type=MARKET&quantity=1", &[]),
    step(
        "sor_order_test",
        "sor_order_test",
        SECOND,
        "symbol=ABUSDT&side=BUY&type=MARKET&quantity=1&computeCommissionRates=true",
        &[],
    ),
    step("get_account", "account_status", FIRST, "", &[]),
    step("rate_limit_order", "account_rate_limits_orders", FIRST, "", &[]),
    step("account_commission", "account_commission", FIRST, ONE, &[]),
    step("my_filters", "my_filters", FIRST, ONE, FILTERS),
];

/// Weights of requests whose weight depends on their parameters.
const WEIGHTS: &[(&str, &str, u32)] = &[
    ("execution_rules", ONE, 2),
    ("depth", ONE, 5),
    ("ticker24hr", ONE, 2),
    ("ticker24hr", MANY, 2),
    ("ticker24hr", "symbol=ABUSDT&type=MINI", 2),
    ("ticker_trading_day", ONE, 4),
    ("ticker_trading_day", MANY, 4),
    ("ticker_trading_day", "symbol=ABUSDT&type=MINI", 4),
    ("ticker_trading_day", "symbols=[\"ABUSDT\"]&type=MINI", 4),
    ("ticker", ONE, 4),
    ("ticker", MANY, 4),
    ("ticker", "symbol=ABUSDT&type=MINI&windowSize=1h", 4),
    ("ticker_price", ONE, 2),
    ("ticker_price", "", 4),
    ("ticker_book_ticker", ONE, 2),
    ("ticker_book_ticker", MANY, 4),
    ("order_test", "symbol=ABUSDT&side=BUY&type=MARKET&quantity=1", 1),
    ("order_test", "symbol=ABUSDT&side=BUY&type=MARKET&quantity=1&computeCommissionRates=true", 20),
    ("sor_order_test", "symbol=ABUSDT&side=BUY&type=MARKET&quantity=1", 1),
    ("sor_order_test", "symbol=ABUSDT&side=BUY&type=MARKET&quantity=1&computeCommissionRates=true", 20),
    ("get_open_orders", ONE, 6),
    ("my_trades", ONE, 20),
    ("my_prevented_matches", "symbol=ABUSDT&orderId=$order", 20),
];

/// What is wrong with the weight of a request, if anything is.
fn wrong_weight(step: &Step, row: &Value, weighed: u64) -> Option<String> {
    let documented = row["weight"].as_str().map_or_else(|| row["weight"].to_string(), ToOwned::to_owned);
    let expected = documented.trim().parse().ok().or_else(|| {
        WEIGHTS
            .iter()
            .find(|(id, params, _)| (*id, *params) == (step.ids[0], step.params))
            .map(|found| found.2)
    });
    (expected.map(u64::from) != Some(weighed))
        .then(|| format!("{} {} weighs {weighed}, and not {documented}", step.ids[0], step.params))
}

/// Of the WebSocket API alone; they have a test of their own.
const SESSION: [&str; 7] = [
    "session_logon",
    "session_status",
    "session_logout",
    "session_subscriptions",
    "user_data_stream_subscribe",
    "user_data_stream_subscribe_signature",
    "user_data_stream_unsubscribe",
];

/// An exchange with three symbols: one that has everything, one without a reference price, one that gets it from outside;
/// and with a little of everything to show.
async fn exchange() -> Exchange {
    let symbol = |name: &str| {
        SymbolConfig::new(name, name.trim_end_matches("USDT"), "USDT", Decimal::new(100, 0))
            .step_size(Decimal::new(1, 3))
    };
    let (double, half) = (Some(Decimal::new(2, 0)), Some(Decimal::new(5, 1)));
    let exchange = bare()
        .symbol(
            symbol("ABUSDT")
                .reference_price_from_trades(1000, 100)
                .price_range([double, half], [double, half]),
        )
        .smart_order_routing(&["ABUSDT"])
        .symbol(symbol("PLAINUSDT"))
        .symbol(symbol("OUTSIDEUSDT").reference_price_from_outside(3))
        .no_market()
        .account(account("alice"))
        .account(account("bob"))
        .start()
        .await
        .unwrap();
    for (buy, price) in [(false, 100), (true, 99)] {
        exchange
            .place(
                &(if buy { AdminOrder::buy } else { AdminOrder::sell })("ABUSDT", Decimal::new(100, 0))
                    .at(price.into())
                    .by("bob"),
            )
            .unwrap();
        exchange
            .place(
                &(if buy { AdminOrder::sell } else { AdminOrder::buy })("ABUSDT", Decimal::ONE)
                    .at(price.into())
                    .by("alice"),
            )
            .unwrap();
    }
    exchange.report_block_trade("ABUSDT", Level { price: 100.into(), quantity: 5.into() }, true).unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    exchange
}

/// Parameters as the WebSocket API takes them.
fn as_json(params: &str) -> Value {
    let mut out = json!({});
    for (name, value) in params.split('&').filter_map(|pair| pair.split_once('=')) {
        out[name] =
            if value.starts_with('[') { serde_json::from_str(value).unwrap() } else { Value::from(value) };
    }
    out
}

fn as_query(params: &str) -> String {
    let pairs = params.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
}

#[tokio::test(start_paused = true)]
async fn answers_of_rest_have_the_documented_keys() {
    let Some(rows) = table("rest.json").map(by_id) else { return };
    let exchange = exchange().await;
    let (mut order, mut wrong, mut used) = (String::new(), Vec::new(), 0);
    for step in STEPS {
        let row = &rows[step.ids[0]];
        let (method, path) = (row["http_method"].as_str().unwrap(), row["path"].as_str().unwrap());
        let params = as_query(&step.params.replace("$order", &order));
        let answer = if row["security"] == "NONE" {
            request(&exchange, method, &format!("{path}?{params}"), "", "").await
        } else {
            signed(&exchange, "alice", method, path, &params).await
        };
        let now_used: u64 = answer.header("x-mbx-used-weight-1m").unwrap().parse().unwrap();
        wrong.extend(wrong_weight(step, row, now_used - used));
        used = now_used;
        let answer = answer.json();
        if answer["orderId"].is_u64() {
            order = answer["orderId"].to_string();
        }
        let Some(variant) = step.variants[0] else { continue };
        let differing = differences(&answer, example(row, variant), step.optional);
        if !differing.is_empty() {
            wrong.push(format!("{} {}: {differing:?} in {answer}", step.ids[0], step.params));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let covered: BTreeSet<_> = STEPS.iter().map(|step| step.ids[0]).collect();
    let left: Vec<_> = rows.keys().filter(|id| !covered.contains(id.as_str())).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn answers_of_the_websocket_api_have_the_documented_keys() {
    let Some(rows) = table("ws_api.json").map(by_id) else { return };
    let exchange = exchange().await;
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    // Connecting weighs two.
    let (mut order, mut wrong, mut used) = (String::new(), Vec::new(), 2);
    for step in STEPS {
        let row = &rows[step.ids[1]];
        let method = row["method"].as_str().unwrap();
        let params = as_json(&step.params.replace("$order", &order));
        let answer = if row["security"] == "NONE" {
            socket.call(method, &params).await
        } else {
            socket.call_signed(&exchange, &hmac("alice"), "aliceKey", method, params).await
        };
        let limits = answer["rateLimits"].as_array().unwrap();
        let now_used = limits.iter().find(|limit| limit["rateLimitType"] == "REQUEST_WEIGHT").unwrap();
        let now_used = now_used["count"].as_u64().unwrap();
        wrong.extend(wrong_weight(step, row, now_used - used));
        used = now_used;
        if answer["result"]["orderId"].is_u64() {
            order = answer["result"]["orderId"].to_string();
        }
        let Some(variant) = step.variants[1] else { continue };
        let documented = example(row, variant);
        // Some examples leave out the envelope, and some the limits.
        let limits = if documented["rateLimits"].is_null() { ".rateLimits" } else { ".rateLimits.count" };
        let optional: Vec<String> = step
            .optional
            .iter()
            .flat_map(|path| [format!(".result{path}"), format!(".error.data{path}")])
            .chain([limits.to_owned()])
            .chain(LEFT_OUT.iter().filter(|(id, _)| *id == step.ids[1]).map(|(_, path)| (*path).to_owned()))
            .collect();
        let optional: Vec<&str> = optional.iter().map(String::as_str).collect();
        let differing = differences(&answer, documented, &optional);
        if !differing.is_empty() {
            wrong.push(format!("{} {}: {differing:?} in {answer}", step.ids[1], step.params));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let covered: BTreeSet<_> = STEPS.iter().map(|step| step.ids[1]).chain(SESSION).collect();
    let left: Vec<_> = rows.keys().filter(|id| !covered.contains(id.as_str())).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn sessions_have_the_documented_keys() {
    let Some(rows) = table("ws_api.json").map(by_id) else { return };
    let exchange = bare().no_market().start().await.unwrap();
    let demo = exchange.demo_account().unwrap();
    let credentials =
        binance_kit_sign::Credentials::ed25519_pem(&demo.ed25519_api_key, &demo.ed25519_private_pem).unwrap();
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    let mut covered = BTreeSet::new();
    for (id, method) in [
        ("session_logon", "session.logon"),
        ("user_data_stream_subscribe", "userDataStream.subscribe"),
        ("session_status", "session.status"),
        ("session_subscriptions", "session.subscriptions"),
        ("user_data_stream_unsubscribe", "userDataStream.unsubscribe"),
        ("session_logout", "session.logout"),
        ("user_data_stream_subscribe_signature", "userDataStream.subscribe.signature"),
    ] {
        let answer = if matches!(id, "session_logon" | "user_data_stream_subscribe_signature") {
            socket.call_signed(&exchange, &credentials, &demo.ed25519_api_key, method, json!({})).await
        } else {
            socket.call(method, &json!({})).await
        };
        assert_eq!(answer["status"], 200, "{answer}");
        compare(id, &answer, &rows[id]["response_example"], &[".rateLimits"]);
        covered.insert(id);
    }
    assert_eq!(covered, SESSION.into_iter().collect());
}

/// The filters of `exchangeInfo` and `myFilters`, each with the keys of its own example.
#[tokio::test(start_paused = true)]
async fn filters_have_the_documented_keys() {
    let Some(rows) = table("filters.json") else { return };
    let exchange = exchange().await;
    let info = common::get(&exchange, "/api/v3/exchangeInfo").await.json();
    let mine = signed(&exchange, "alice", "GET", "/api/v3/myFilters", ONE).await.json();
    let shown = [&info["exchangeFilters"], &info["symbols"][0]["filters"], &mine["symbolFilters"]];
    let mut count = 0;
    for filter in shown.into_iter().flat_map(|filters| filters.as_array().unwrap()) {
        let kind = filter["filterType"].as_str().unwrap();
        let row = rows.iter().find(|row| row["filter_type"] == kind).unwrap_or_else(|| panic!("{kind}"));
        compare(kind, filter, &row["example"], &[]);
        count += 1;
    }
    assert!(count > 15, "{count}");
}
