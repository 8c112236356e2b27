//! A trade is the same wherever it shows: in the answer to the order, the streams, the queries of trades and candles, the
//! tickers, the reports to both sides, and the balances.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test should end it")]

mod common;

use binance_kit_core::Decimal;
use binance_kit_sim::{AdminOrder, Exchange};
use common::{Socket, get, hmac, quiet, signed};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).parse().unwrap()
}

/// The sum of a field over rows.
fn sum(rows: &Value, field: &str) -> Decimal {
    rows.as_array().unwrap().iter().map(|row| decimal(&row[field])).sum()
}

/// Some fields of each row, under other names.
fn pick(rows: &[Value], names: &[(&str, &str)]) -> Vec<Value> {
    let row = |row: &Value| names.iter().map(|(from, to)| ((*to).to_owned(), row[*from].clone())).collect();
    rows.iter().map(row).collect()
}

async fn query(exchange: &Exchange, path: &str) -> Value {
    get(exchange, &format!("/api/v3/{path}")).await.json()
}

async fn balance(exchange: &Exchange, name: &str, asset: &str) -> (Decimal, Decimal) {
    let account = signed(exchange, name, "GET", "/api/v3/account", "").await.json();
    let row =
        account["balances"].as_array().unwrap().iter().find(|row| row["asset"] == asset).unwrap().clone();
    (decimal(&row["free"]), decimal(&row["locked"]))
}

/// The events that came, by the names of their streams, once nothing has come for a while.
async fn drain(socket: &mut Socket) -> BTreeMap<String, Vec<Value>> {
    let mut out: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let end = tokio::time::Instant::now() + Duration::from_millis(2500);
    while let Ok(event) = tokio::time::timeout_at(end, socket.json()).await {
        out.entry(event["stream"].as_str().unwrap().to_owned()).or_default().push(event["data"].clone());
    }
    out
}

#[tokio::test(start_paused = true)]
#[expect(clippy::too_many_lines, reason = "one trade, looked at from everywhere")]
async fn a_trade_is_the_same_wherever_it_shows() {
    let exchange = quiet().start().await.unwrap();
    for (buy, quantity, price) in [(false, 1, 100), (false, 5, 101), (true, 3, 99)] {
        exchange
            .place(
                &(if buy { AdminOrder::buy } else { AdminOrder::sell })("ABUSDT", quantity.into())
                    .at(price.into())
                    .by("bob"),
            )
            .unwrap();
    }
    let mut streams = Socket::open(
        &exchange,
        "/stream?streams=abusdt@trade/abusdt@aggTrade/abusdt@kline_1s/abusdt@kline_1d/abusdt@miniTicker/abusdt@ticker\
         /abusdt@ticker_1h/abusdt@bookTicker/abusdt@depth@100ms/abusdt@depth5@100ms/abusdt@avgPrice",
    )
    .await;
    let mut users = Vec::new();
    for name in ["alice", "bob"] {
        let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
        let method = "userDataStream.subscribe.signature";
        socket.call_signed(&exchange, &hmac(name), &format!("{name}Key"), method, json!({})).await;
        users.push(socket);
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    let market = "symbol=ABUSDT&side=BUY&type=MARKET&quantity=2.5";
    let order = signed(&exchange, "alice", "POST", "/api/v3/order", market).await.json();
    let fills = order["fills"].as_array().unwrap();
    assert_eq!(order["status"], "FILLED");
    assert_eq!((fills.len(), decimal(&order["executedQty"])), (2, Decimal::new(25, 1)));
    let quote = decimal(&order["cummulativeQuoteQty"]);
    assert_eq!(quote, Decimal::new(2515, 1));
    let fees = sum(&order["fills"], "commission");
    let events = drain(&mut streams).await;
    let last = |name: &str| events[&format!("abusdt@{name}")].last().unwrap();

    // Trades: the answer, the stream, the account's own, the public ones.
    let core = [("tradeId", "id"), ("price", "price"), ("qty", "qty")];
    let expected = pick(fills, &core);
    let streamed = &events["abusdt@trade"];
    assert_eq!(pick(streamed, &[("t", "id"), ("p", "price"), ("q", "qty")]), expected);
    assert!(streamed.iter().all(|event| event["m"] == false && event["T"] == order["transactTime"]));
    let same = [("id", "id"), ("price", "price"), ("qty", "qty")];
    for name in ["alice", "bob"] {
        let mine = signed(&exchange, name, "GET", "/api/v3/myTrades", "symbol=ABUSDT").await.json();
        assert_eq!(pick(mine.as_array().unwrap(), &same), expected);
        assert_eq!(sum(&mine, "quoteQty"), quote);
        for row in mine.as_array().unwrap() {
            assert_eq!((&row["isBuyer"], &row["isMaker"]), (&json!(name == "alice"), &json!(name == "bob")));
            assert_eq!(row["time"], order["transactTime"]);
        }
        if name == "alice" {
            let paid = [("commission", "fee"), ("commissionAsset", "asset")];
            assert_eq!(pick(mine.as_array().unwrap(), &paid), pick(fills, &paid));
            assert!(mine.as_array().unwrap().iter().all(|row| row["orderId"] == order["orderId"]));
        }
    }
    for path in ["trades?symbol=ABUSDT", "historicalTrades?symbol=ABUSDT&fromId=1"] {
        let all = query(&exchange, path).await;
        assert_eq!(pick(all.as_array().unwrap(), &same), expected, "{path}");
        assert_eq!(sum(&all, "quoteQty"), quote);
    }
    // One taker at two prices: two aggregates of one trade each.
    let aggregates = query(&exchange, "aggTrades?symbol=ABUSDT").await;
    let aggregate = [("f", "id"), ("p", "price"), ("q", "qty")];
    assert_eq!(pick(aggregates.as_array().unwrap(), &aggregate), expected);
    let all = ["a", "p", "q", "f", "l", "T", "m"].map(|name| (name, name));
    assert_eq!(pick(&events["abusdt@aggTrade"], &all), pick(aggregates.as_array().unwrap(), &all));

    // Candles.
    let volume = decimal(&order["executedQty"]);
    for interval in ["1s", "1m", "1h", "1d", "1w", "1M"] {
        for kind in ["klines", "uiKlines"] {
            let path = format!("{kind}?symbol=ABUSDT&interval={interval}&endTime={}", order["transactTime"]);
            let rows = query(&exchange, &path).await;
            let row = rows.as_array().unwrap().last().unwrap().as_array().unwrap().clone();
            let numbers: Vec<Decimal> =
                [1, 2, 3, 4, 5, 7, 9, 10].iter().map(|at| decimal(&row[*at])).collect();
            let prices = [100, 101, 100, 101].map(Decimal::from);
            assert_eq!(numbers, [&prices[..], &[volume, quote, volume, quote]].concat(), "{path}");
            assert_eq!(row[8], 2, "{path}");
        }
    }
    let day = &last("kline_1d")["k"];
    assert_eq!((&day["f"], &day["L"], &day["n"]), (&fills[0]["tradeId"], &fills[1]["tradeId"], &json!(2)));
    assert_eq!(
        [decimal(&day["v"]), decimal(&day["q"]), decimal(&day["V"]), decimal(&day["Q"])],
        [volume, quote, volume, quote]
    );
    let second = events["abusdt@kline_1s"].iter().find(|event| event["k"]["n"] == 2).unwrap();
    assert_eq!(second["k"]["t"].as_i64().unwrap(), order["transactTime"].as_i64().unwrap() / 1000 * 1000);
    assert_eq!((&second["k"]["c"], &second["k"]["x"]), (&fills[1]["price"], &json!(true)));

    // Tickers.
    let names = [
        ("lastPrice", "c"),
        ("openPrice", "o"),
        ("highPrice", "h"),
        ("lowPrice", "l"),
        ("volume", "v"),
        ("quoteVolume", "q"),
        ("firstId", "F"),
        ("lastId", "L"),
        ("count", "n"),
        ("weightedAvgPrice", "w"),
        ("priceChange", "p"),
    ];
    let letters = names.map(|(_, letter)| (letter, letter));
    let expected = pick(std::slice::from_ref(last("ticker")), &letters);
    assert_eq!(expected[0]["v"], order["executedQty"]);
    assert_eq!(decimal(&expected[0]["w"]), quote / volume);
    assert_eq!((&expected[0]["F"], &expected[0]["L"]), (&fills[0]["tradeId"], &fills[1]["tradeId"]));
    assert_eq!(pick(std::slice::from_ref(last("ticker_1h")), &letters), expected);
    for path in ["ticker/24hr", "ticker", "ticker/tradingDay"] {
        let row = query(&exchange, &format!("{path}?symbol=ABUSDT")).await;
        assert_eq!(pick(&[row], &names), expected, "{path}");
    }
    let mini = ["c", "o", "h", "l", "v", "q"].map(|letter| (letter, letter));
    assert_eq!(pick(std::slice::from_ref(last("miniTicker")), &mini), pick(&expected, &mini));
    assert_eq!(query(&exchange, "ticker/price?symbol=ABUSDT").await["price"], fills[1]["price"]);
    let average = query(&exchange, "avgPrice?symbol=ABUSDT").await;
    assert_eq!((decimal(&average["price"]), &average["closeTime"]), (quote / volume, &order["transactTime"]));
    assert_eq!(last("avgPrice")["w"], average["price"]);

    // The book: what was left of the second level.
    let book = query(&exchange, "depth?symbol=ABUSDT").await;
    assert_eq!(book["asks"], json!([["101.00000000", "3.50000000"]]));
    assert_eq!(last("depth5@100ms"), &book);
    let change = last("depth@100ms");
    assert_eq!(change["a"], json!([["100.00000000", "0.00000000"], ["101.00000000", "3.50000000"]]));
    assert_eq!(change["u"], book["lastUpdateId"]);
    let best = last("bookTicker");
    assert_eq!(
        (&best["a"], &best["A"], &best["u"]),
        (&book["asks"][0][0], &book["asks"][0][1], &book["lastUpdateId"])
    );
    let ticker = query(&exchange, "ticker/bookTicker?symbol=ABUSDT").await;
    assert_eq!((&ticker["askPrice"], &ticker["askQty"]), (&best["a"], &best["A"]));

    // The reports, and what the accounts own.
    let (thousand, money) = (Decimal::from(1000), Decimal::from(100_000));
    let (bought, spent) =
        (balance(&exchange, "alice", "AB").await, balance(&exchange, "alice", "USDT").await);
    assert_eq!((bought.0, spent.0), (thousand + volume - fees, money - quote));
    let (sold, earned) = (balance(&exchange, "bob", "AB").await, balance(&exchange, "bob", "USDT").await);
    assert_eq!(sold.0 + sold.1, thousand - volume);
    let maker_fees = money + quote - earned.0 - earned.1;
    assert_eq!(maker_fees, quote / thousand);
    for (socket, maker) in users.iter_mut().zip([false, true]) {
        let (mut reports, mut position) = (Vec::new(), Value::Null);
        while position.is_null() {
            let event = socket.json().await["event"].clone();
            match event["e"].as_str().unwrap() {
                "executionReport" if event["x"] == "TRADE" => reports.push(event),
                "outboundAccountPosition" => position = event,
                _ => {}
            }
        }
        let names = [("t", "tradeId"), ("L", "price"), ("l", "qty")];
        let both = ["tradeId", "price", "qty"].map(|name| (name, name));
        assert_eq!(pick(&reports, &names), pick(fills, &both));
        assert!(reports.iter().all(|report| report["m"] == maker && report["T"] == order["transactTime"]));
        assert_eq!(reports.iter().map(|report| decimal(&report["Y"])).sum::<Decimal>(), quote);
        let paid: Decimal = reports.iter().map(|report| decimal(&report["n"])).sum();
        assert_eq!(paid, if maker { maker_fees } else { fees });
        let shown: BTreeMap<_, _> = position["B"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["a"].as_str().unwrap(), (decimal(&row["f"]), decimal(&row["l"]))))
            .collect();
        let expected =
            if maker { [("AB", sold), ("USDT", earned)] } else { [("AB", bought), ("USDT", spent)] };
        assert_eq!(shown, expected.into_iter().collect());
    }
    let found = format!("symbol=ABUSDT&orderId={}", order["orderId"]);
    let found = signed(&exchange, "alice", "GET", "/api/v3/order", &found).await.json();
    for name in ["status", "executedQty", "cummulativeQuoteQty", "clientOrderId", "workingTime"] {
        assert_eq!(found[name], order[name], "{name}");
    }
}
