//! Queries of market data that ask for something out of the ordinary: other time zones, symbols by status or permission,
//! block trades, reference prices.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test should end it")]

mod common;

use binance_kit_core::Decimal;
use binance_kit_sim::{AdminOrder, Exchange, Level, SymbolConfig, SymbolStatus};
use common::{START, get, quiet};
use serde_json::{Value, json};
use std::time::Duration;

async fn ask(exchange: &Exchange, target: &str) -> Value {
    get(exchange, &format!("/api/v3/{target}")).await.json()
}

/// A trade of one at a price.
fn trade(exchange: &Exchange, price: i64) {
    exchange.place(&AdminOrder::sell("ABUSDT", Decimal::ONE).at(price.into()).by("bob")).unwrap();
    exchange.place(&AdminOrder::buy("ABUSDT", Decimal::ONE).at(price.into()).by("alice")).unwrap();
}

/// Start, open and close of each candle.
async fn candles(exchange: &Exchange, interval: &str, zone: &str) -> Vec<(i64, String, String)> {
    let rows = ask(exchange, &format!("klines?symbol=ABUSDT&interval={interval}&timeZone={zone}")).await;
    let text = |value: &Value| value.as_str().unwrap().trim_end_matches(".00000000").to_owned();
    rows.as_array()
        .unwrap()
        .iter()
        .map(|row| (row[0].as_i64().unwrap(), text(&row[1]), text(&row[4])))
        .collect()
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// Midnight before [`START`], which is at 22:13:20.
const MIDNIGHT: i64 = START - 22 * HOUR - 13 * MINUTE - 20_000;

fn candle(start: i64, open: &str, close: &str) -> (i64, String, String) {
    (start, open.to_owned(), close.to_owned())
}

#[tokio::test(start_paused = true)]
async fn candles_and_days_of_any_time_zone() {
    let exchange = quiet().limits(false).start().await.unwrap();
    trade(&exchange, 100);
    tokio::time::advance(Duration::from_secs(2 * 3600)).await;
    trade(&exchange, 101);
    let two_days = vec![candle(MIDNIGHT, "100", "100"), candle(MIDNIGHT + 24 * HOUR, "101", "101")];
    assert_eq!(candles(&exchange, "1d", "0").await, two_days);
    // An hour behind, both are before midnight.
    for zone in ["-1:00", "-1", "-01:00"] {
        assert_eq!(candles(&exchange, "1d", zone).await, [candle(MIDNIGHT + HOUR, "100", "101")], "{zone}");
    }
    // Five hours and three quarters ahead, both are after it.
    let nepal = MIDNIGHT + 24 * HOUR - 5 * HOUR - 45 * MINUTE;
    assert_eq!(candles(&exchange, "1d", "05:45").await, [candle(nepal, "100", "101")]);
    let hours = [(3, "100", "100"), (4, "100", "100"), (5, "101", "101")];
    let hours = hours.map(|(hour, open, close)| candle(nepal + hour * HOUR, open, close));
    assert_eq!(candles(&exchange, "1h", "05:45").await, hours);
    // Where a zone is a whole number of them away, candles are the same; the exchange keeps those of UTC+8.
    assert_eq!(candles(&exchange, "15m", "05:45").await, candles(&exchange, "15m", "0").await);
    assert_eq!(candles(&exchange, "1d", "8").await, [candle(MIDNIGHT + 16 * HOUR, "100", "101")]);
    for wrong in ["14:01", "-12:01", "1:5", "1:60", "x", "1:", "+"] {
        let target = format!("/api/v3/klines?symbol=ABUSDT&interval=1d&timeZone={}", common::encode(wrong));
        assert_eq!(get(&exchange, &target).await.error().0, -1130, "{wrong}");
    }

    for (zone, open, count) in
        [("0", MIDNIGHT + 24 * HOUR, 1), ("-1:00", MIDNIGHT + HOUR, 2), ("05:45", nepal, 2)]
    {
        let day = ask(&exchange, &format!("ticker/tradingDay?symbol=ABUSDT&timeZone={zone}")).await;
        assert_eq!(
            (&day["openTime"], &day["closeTime"]),
            (&json!(open), &json!(open + 24 * HOUR - 1)),
            "{zone}"
        );
        assert_eq!(day["count"], count, "{zone}");
    }
}

#[tokio::test(start_paused = true)]
async fn symbols_by_status_and_permission() {
    let exchange =
        quiet().symbol(SymbolConfig::new("CDUSDT", "CD", "USDT", Decimal::ONE)).start().await.unwrap();
    exchange.set_status("CDUSDT", SymbolStatus::Halt).unwrap();
    let names = async |target: &str| -> Vec<String> {
        let answer = ask(&exchange, target).await;
        let rows = if answer.is_array() { &answer } else { &answer["symbols"] };
        rows.as_array().unwrap().iter().map(|row| row["symbol"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("exchangeInfo?symbolStatus=HALT").await, ["CDUSDT"]);
    assert_eq!(names("exchangeInfo?symbolStatus=BREAK").await, Vec::<String>::new());
    assert_eq!(names("exchangeInfo?permissions=SPOT").await, ["ABUSDT", "CDUSDT"]);
    assert_eq!(names("exchangeInfo?permissions=[%22MARGIN%22,%22SPOT%22]").await.len(), 2);
    assert_eq!(
        names("exchangeInfo?permissions=[%22MARGIN%22,%22TRD_GRP_004%22]").await,
        Vec::<String>::new()
    );
    assert_eq!(get(&exchange, "/api/v3/exchangeInfo?permissions=ALL").await.error().0, -1130);
    assert_eq!(names("ticker/price?symbolStatus=TRADING").await, ["ABUSDT"]);
    let both = "symbols=[%22ABUSDT%22,%22CDUSDT%22]";
    assert_eq!(names(&format!("ticker/bookTicker?{both}&symbolStatus=HALT")).await, ["CDUSDT"]);
    assert_eq!(ask(&exchange, "depth?symbol=CDUSDT&symbolStatus=HALT").await["bids"], json!([]));
    assert_eq!(get(&exchange, "/api/v3/ticker?symbol=CDUSDT&symbolStatus=TRADING").await.error().0, -1220);
    let hidden = ask(&exchange, "exchangeInfo?symbol=ABUSDT&showPermissionSets=false").await;
    assert_eq!(hidden["symbols"][0]["permissionSets"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn block_trades_and_reference_prices() {
    let symbol = SymbolConfig::new("EFUSDT", "EF", "USDT", Decimal::ONE).reference_price_from_outside(7);
    let exchange = quiet().symbol(symbol).start().await.unwrap();
    for quantity in 1..=3 {
        exchange
            .report_block_trade(
                "ABUSDT",
                Level { price: 100.into(), quantity: quantity.into() },
                quantity == 2,
            )
            .unwrap();
    }
    assert!(
        exchange
            .report_block_trade("ABUSDT", Level { price: 100.into(), quantity: Decimal::ZERO }, true)
            .is_err()
    );
    let rows = ask(&exchange, "historicalBlockTrades?symbol=ABUSDT&fromId=2&limit=1").await;
    assert_eq!(
        rows,
        json!([{"id": 2, "price": "100.00000000", "qty": "2.00000000", "quoteQty": "200.00000000", "time": START,
                "isBuyerMaker": true}])
    );
    assert_eq!(
        ask(&exchange, "historicalBlockTrades?symbol=ABUSDT&fromId=0").await.as_array().unwrap().len(),
        3
    );
    // Arranged outside of the book: no trade, no candle.
    assert_eq!(ask(&exchange, "trades?symbol=ABUSDT").await, json!([]));
    assert_eq!(ask(&exchange, "klines?symbol=ABUSDT&interval=1m").await, json!([]));
    let calculation = ask(&exchange, "referencePrice/calculation?symbol=EFUSDT").await;
    let expected = json!({"symbol": "EFUSDT", "calculationType": "EXTERNAL", "externalCalculationId": 7});
    assert_eq!(calculation, expected);
}
