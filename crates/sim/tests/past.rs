//! The past and the depth that a fresh exchange begins with: all that tells of it must agree.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test should end it")]

mod common;

use binance_kit_core::Decimal;
use binance_kit_sim::{Exchange, MarketConfig};
use common::{START, bare, get};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

async fn rows(exchange: &Exchange, target: &str) -> Vec<Value> {
    let answer = get(exchange, target).await;
    assert_eq!(answer.status, 200, "{target}: {}", answer.body);
    answer.json().as_array().unwrap().clone()
}

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

fn int(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

/// A candle, or what it should be.
#[derive(Debug, Clone, PartialEq)]
struct Candle {
    start: i64,
    prices: [Decimal; 4],
    sums: [Decimal; 4],
    trades: i64,
}

impl Candle {
    fn read(row: &Value) -> Self {
        Self {
            start: int(&row[0]),
            prices: [1, 2, 3, 4].map(|index| decimal(&row[index])),
            sums: [5, 7, 9, 10].map(|index| decimal(&row[index])),
            trades: int(&row[8]),
        }
    }

    fn of_trade(trade: &Value, length: i64) -> Self {
        let price = decimal(&trade["price"]);
        let (base, quote) = (decimal(&trade["qty"]), decimal(&trade["quoteQty"]));
        assert_eq!(price * base, quote);
        let bought = if trade["isBuyerMaker"] == true { Decimal::ZERO } else { Decimal::ONE };
        Self {
            start: int(&trade["time"]).div_euclid(length) * length,
            prices: [price; 4],
            sums: [base, quote, base * bought, quote * bought],
            trades: 1,
        }
    }

    fn merge(&mut self, later: &Self) {
        let [_, high, low, close] = &mut self.prices;
        *high = (*high).max(later.prices[1]);
        *low = (*low).min(later.prices[2]);
        *close = later.prices[3];
        for (sum, more) in self.sums.iter_mut().zip(later.sums) {
            *sum += more;
        }
        self.trades += later.trades;
    }
}

/// Candles of a longer interval, from those of a shorter one.
fn merged(candles: impl IntoIterator<Item = Candle>, length: i64) -> BTreeMap<i64, Candle> {
    let mut all: BTreeMap<i64, Candle> = BTreeMap::new();
    for candle in candles.into_iter().filter(|candle| candle.trades > 0) {
        let start = candle.start.div_euclid(length) * length;
        all.entry(start)
            .and_modify(|sum| sum.merge(&candle))
            .or_insert_with(|| Candle { start, ..candle.clone() });
    }
    all
}

async fn klines(exchange: &Exchange, interval: &str, more: &str) -> Vec<Candle> {
    let target = format!("/api/v3/klines?symbol=BTCUSDT&interval={interval}&limit=1000{more}");
    rows(exchange, &target).await.iter().map(Candle::read).collect()
}

/// All candles of an interval, page by page.
async fn all_klines(exchange: &Exchange, interval: &str) -> Vec<Candle> {
    let mut all: Vec<Candle> = Vec::new();
    loop {
        let from = all.last().map_or(0, |candle| candle.start + 1);
        let page = klines(exchange, interval, &format!("&startTime={from}")).await;
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

#[tokio::test(start_paused = true)]
async fn candles_of_all_intervals_agree_with_each_other() {
    let exchange = bare().seed(7).limits(false).start().await.unwrap();
    // Some of it is traded live.
    tokio::time::advance(Duration::from_secs(30)).await;
    let minutes = all_klines(&exchange, "1m").await;
    assert!(minutes.len() > 7 * 24 * 60, "{}", minutes.len());
    assert!(minutes[0].start <= START - 7 * DAY && minutes[0].start > START - 7 * DAY - MINUTE);
    for pair in minutes.windows(2) {
        assert_eq!(pair[1].start - pair[0].start, MINUTE, "there are no holes");
    }
    for (interval, length) in [
        ("3m", 3 * MINUTE),
        ("5m", 5 * MINUTE),
        ("15m", 15 * MINUTE),
        ("30m", 30 * MINUTE),
        ("1h", 60 * MINUTE),
        ("2h", 120 * MINUTE),
        ("4h", 240 * MINUTE),
        ("6h", 360 * MINUTE),
        ("8h", 480 * MINUTE),
        ("12h", 720 * MINUTE),
        ("1d", DAY),
        ("3d", 3 * DAY),
    ] {
        let expected: Vec<Candle> = merged(minutes.clone(), length).into_values().collect();
        assert_eq!(all_klines(&exchange, interval).await, expected, "{interval}");
    }
    let week = all_klines(&exchange, "1w").await;
    assert!(matches!(week.len(), 2 | 3), "{week:?}");
    assert_eq!(
        week.iter().map(|candle| candle.trades).sum::<i64>(),
        minutes.iter().map(|candle| candle.trades).sum::<i64>()
    );
    // Days of another time zone are made of the same hours.
    let east = klines(&exchange, "1d", "&timeZone=5:30").await;
    assert_eq!(
        east.iter().map(|candle| candle.sums[0]).sum::<Decimal>(),
        minutes.iter().map(|candle| candle.sums[0]).sum::<Decimal>()
    );
    // A price moves, and not too far.
    let prices = minutes.iter().flat_map(|minute| minute.prices);
    let (low, high) = (prices.clone().min().unwrap(), prices.max().unwrap());
    assert!(high > low * Decimal::new(101, 2) && high < low * Decimal::new(140, 2), "{low} {high}");
}

/// All trades from an id on, up to so many.
async fn trades(exchange: &Exchange, from: i64, count: usize) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    while all.len() < count {
        let next = all.last().map_or(from, |trade| int(&trade["id"]) + 1);
        let target = format!("/api/v3/historicalTrades?symbol=BTCUSDT&fromId={next}&limit=1000");
        let page = rows(exchange, &target).await;
        if page.is_empty() {
            break;
        }
        all.extend(page);
    }
    all.truncate(count);
    all
}

#[tokio::test(start_paused = true)]
async fn candles_are_made_of_the_trades() {
    let exchange = bare().seed(7).limits(false).start().await.unwrap();
    tokio::time::advance(Duration::from_secs(5)).await;
    let recent = rows(&exchange, "/api/v3/trades?symbol=BTCUSDT&limit=1000").await;
    assert_eq!(recent.len(), 1000);
    let last = int(&recent[999]["id"]);
    // The oldest, some in the middle, and those over the border to what was traded live.
    for from in [1, last / 2, last - 2999] {
        let trades = trades(&exchange, from, 3000).await;
        let ids: Vec<i64> = trades.iter().map(|trade| int(&trade["id"])).collect();
        assert_eq!(ids, (from..from + 3000).collect::<Vec<_>>());
        for pair in trades.windows(2) {
            assert!(pair[0]["time"].as_i64() <= pair[1]["time"].as_i64());
        }
        let whole = |candle: &&Candle| {
            candle.start > int(&trades[0]["time"]) && candle.start + MINUTE <= int(&trades[2999]["time"])
        };
        let made = merged(trades.iter().map(|trade| Candle::of_trade(trade, MINUTE)), MINUTE);
        let made: Vec<Candle> = made.values().filter(whole).cloned().collect();
        assert!(made.len() > 10, "{}", made.len());
        let more = format!("&startTime={}&endTime={}", made[0].start, made[made.len() - 1].start);
        assert_eq!(klines(&exchange, "1m", &more).await, made);
        // Seconds are computed from the trades alone.
        let made = merged(trades.iter().map(|trade| Candle::of_trade(trade, 1000)), 1000);
        let (start, end) = (int(&trades[500]["time"]) + 1000, int(&trades[1000]["time"]) - 1000);
        let seconds = klines(&exchange, "1s", &format!("&startTime={start}&endTime={end}")).await;
        assert!(!seconds.is_empty());
        for second in seconds {
            match made.get(&second.start) {
                Some(made) => assert_eq!(second, *made),
                None => assert_eq!((second.trades, second.prices[0]), (0, second.prices[3])),
            }
        }
    }
    assert_eq!(trades(&exchange, last - 999, 1000).await, recent);
    let last_second = klines(&exchange, "1s", "").await;
    assert_eq!(last_second.len(), 1000, "the last thousand seconds have candles");
}

#[tokio::test(start_paused = true)]
async fn aggregate_trades_are_the_trades_of_one_taker() {
    let exchange = bare().seed(7).limits(false).start().await.unwrap();
    tokio::time::advance(Duration::from_secs(5)).await;
    let page = async |more: &str| {
        rows(&exchange, &format!("/api/v3/aggTrades?symbol=BTCUSDT&limit=1000{more}")).await
    };
    let recent = page("").await;
    assert_eq!(recent.len(), 1000);
    for aggregates in [page("&fromId=1").await, recent.clone()] {
        let from = int(&aggregates[0]["f"]);
        let count = usize::try_from(int(&aggregates[999]["l"]) - from + 1).unwrap();
        let trades = trades(&exchange, from, count).await;
        let mut trades = trades.iter();
        for pair in aggregates.windows(2) {
            assert_eq!(int(&pair[1]["a"]), int(&pair[0]["a"]) + 1);
            assert_eq!(int(&pair[1]["f"]), int(&pair[0]["l"]) + 1);
        }
        for aggregate in &aggregates {
            let parts: Vec<&Value> =
                (int(&aggregate["f"])..=int(&aggregate["l"])).map(|_| trades.next().unwrap()).collect();
            let sum: Decimal = parts.iter().map(|trade| decimal(&trade["qty"])).sum();
            assert_eq!(sum, decimal(&aggregate["q"]));
            for trade in parts {
                assert_eq!((&trade["price"], &trade["time"]), (&aggregate["p"], &aggregate["T"]));
                assert_eq!(trade["isBuyerMaker"], aggregate["m"]);
            }
        }
    }
    // By time: an hour of yesterday.
    let (start, end) = (START - DAY, START - DAY + 60 * MINUTE);
    let within = page(&format!("&startTime={start}&endTime={end}")).await;
    assert!(within.len() > 100);
    assert!(within.iter().all(|aggregate| (start..=end).contains(&int(&aggregate["T"]))));
    let next = page(&format!("&fromId={}", int(&within[0]["a"]) - 1)).await;
    assert!(int(&next[0]["T"]) < start && next[1..=within.len()] == within[..]);
    let until = page(&format!("&endTime={end}")).await;
    assert_eq!(until.len(), 1000);
    assert_eq!(until[1000 - within.len()..], within[..]);
}

#[tokio::test(start_paused = true)]
async fn statistics_agree_with_the_candles() {
    let exchange = bare().seed(7).limits(false).start().await.unwrap();
    let ticker = get(&exchange, "/api/v3/ticker/24hr?symbol=BTCUSDT").await.json();
    let from = (START - DAY).div_euclid(MINUTE) * MINUTE;
    let mut minutes = klines(&exchange, "1m", &format!("&startTime={from}")).await;
    let last = minutes[999].start + 1;
    minutes.extend(klines(&exchange, "1m", &format!("&startTime={last}")).await);
    let mut day = minutes[0].clone();
    minutes[1..].iter().for_each(|minute| day.merge(minute));
    for (key, expected) in [
        ("openPrice", day.prices[0]),
        ("highPrice", day.prices[1]),
        ("lowPrice", day.prices[2]),
        ("lastPrice", day.prices[3]),
        ("volume", day.sums[0]),
        ("quoteVolume", day.sums[1]),
    ] {
        assert_eq!(decimal(&ticker[key]), expected, "{key}");
    }
    assert_eq!(int(&ticker["count"]), day.trades);
    assert_eq!(int(&ticker["lastId"]) - int(&ticker["firstId"]) + 1, day.trades);
    assert!(day.sums[0] > Decimal::new(1000, 0), "a day has {} BTC", day.sums[0]);
    // The average price is that of the trades of five minutes.
    let average = get(&exchange, "/api/v3/avgPrice?symbol=BTCUSDT").await.json();
    let recent = rows(&exchange, "/api/v3/trades?symbol=BTCUSDT&limit=1000").await;
    let within: Vec<&Value> = recent
        .iter()
        .filter(|trade| int(&trade["time"]).div_euclid(1000) * 1000 >= START - 5 * MINUTE)
        .collect();
    let sum = |key: &str| within.iter().map(|trade| decimal(&trade[key])).sum::<Decimal>();
    let expected = sum("quoteQty") / sum("qty");
    assert!((decimal(&average["price"]) - expected).abs() < Decimal::new(1, 7), "{average} {expected}");
    let week = get(&exchange, "/api/v3/ticker?symbol=BTCUSDT&windowSize=7d").await.json();
    assert!(int(&week["count"]) > 6 * day.trades);
}

#[tokio::test(start_paused = true)]
async fn books_are_deep_and_matching_uses_them() {
    let exchange = bare().seed(7).limits(false).start().await.unwrap();
    exchange.pause_market();
    let book = exchange.order_book("BTCUSDT").unwrap();
    let (bid, ask) = (book.bids[0].0, book.asks[0].0);
    assert!(ask > bid && ask - bid < Decimal::ONE, "{bid} {ask}");
    for side in [&book.bids, &book.asks] {
        let sum: Decimal = side.iter().map(|(_, quantity)| *quantity).sum();
        assert!(side.len() >= 1900 && sum > Decimal::new(100, 0), "{} levels, {sum} BTC", side.len());
        let range = (side[side.len() - 1].0 - side[0].0).abs() / side[0].0;
        assert!(range > Decimal::new(2, 2) && range < Decimal::new(4, 2), "{range}");
    }
    let depth = get(&exchange, "/api/v3/depth?symbol=BTCUSDT&limit=5000").await.json();
    assert_eq!(depth["asks"].as_array().unwrap().len(), book.asks.len());
    // A buyer of fifty goes up the levels and pays what they ask.
    let wanted = Decimal::new(50, 0);
    let (mut left, mut cost) = (wanted, Decimal::ZERO);
    for (price, quantity) in &book.asks {
        let taken = left.min(*quantity);
        cost += price * taken;
        left -= taken;
    }
    let bought = exchange.place(&binance_kit_sim::AdminOrder::buy("BTCUSDT", wanted)).unwrap();
    assert_eq!((bought.status.as_str(), bought.executed, bought.executed_quote), ("FILLED", wanted, cost));
    // The makers go on.
    exchange.resume_market();
    tokio::time::advance(Duration::from_secs(20)).await;
    let later = exchange.order_book("BTCUSDT").unwrap();
    assert!(later.asks[0].0 - later.bids[0].0 < Decimal::new(100, 0));
    assert!(later.bids.len() > 1500, "{}", later.bids.len());
}

#[tokio::test(start_paused = true)]
async fn a_seed_gives_the_same_past_and_a_state_keeps_it() {
    let ask = async |exchange: &Exchange| {
        let mut all = Vec::new();
        for target in [
            "/api/v3/klines?symbol=ETHUSDT&interval=1h&limit=50",
            "/api/v3/historicalTrades?symbol=BTCUSDT&fromId=1&limit=50",
            "/api/v3/aggTrades?symbol=BNBUSDT&limit=50",
            "/api/v3/depth?symbol=BTCUSDT&limit=1000",
        ] {
            let answer = get(exchange, target).await;
            all.push((answer.status, answer.body));
        }
        all
    };
    let start = async |seed: u64| bare().seed(seed).limits(false).start().await.unwrap();
    let (one, two, other) = (start(7).await, start(7).await, start(8).await);
    let answers = ask(&one).await;
    assert_eq!(ask(&two).await, answers);
    let different = ask(&other).await.iter().zip(&answers).filter(|(one, two)| one != two).count();
    assert!(different >= 3, "another seed gives another past");
    let path = std::env::temp_dir().join(format!("binance-kit-past-{}.state", std::process::id()));
    one.save(&path).unwrap();
    let loaded = bare().load(&path).limits(false).start().await.unwrap();
    assert_eq!(ask(&loaded).await, answers);
    std::fs::remove_file(path).unwrap();
}

#[tokio::test(start_paused = true)]
async fn thin_markets_have_neither() {
    let exchange = bare().market(MarketConfig::thin()).start().await.unwrap();
    assert_eq!(klines(&exchange, "1m", "").await.len(), 1);
    let trades = rows(&exchange, "/api/v3/trades?symbol=BTCUSDT").await;
    assert!(trades.len() < 100 && trades.first().is_none_or(|trade| trade["id"] == 1), "{}", trades.len());
    let book = exchange.order_book("BTCUSDT").unwrap();
    assert!((300..450).contains(&book.asks.len()), "{}", book.asks.len());
    let empty = bare().no_market().start().await.unwrap();
    assert!(empty.order_book("BTCUSDT").unwrap().asks.is_empty());
    assert!(klines(&empty, "1m", "").await.is_empty());
}
