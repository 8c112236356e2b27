//! The streams of every product: their names in both directions, and what is known of each.
#![cfg(any(feature = "spot", feature = "usdm", feature = "coinm"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failure here is the failure of a test")]

#[allow(dead_code, reason = "another test uses the rest")]
mod generated;
#[allow(dead_code, reason = "another test uses the rest")]
mod table;

use binance_kit_core::{Api, MixedTopic, Route, StreamInfo};
use std::collections::BTreeMap;

/// The streams of a product by their names, each found again by its name.
fn both_ways<M, E: std::fmt::Debug>(
    all: impl Fn(&mut dyn FnMut(&'static str, MixedTopic<M>)),
    from_name: impl Fn(&str) -> Result<MixedTopic<M>, E>,
) -> BTreeMap<String, StreamInfo> {
    let mut streams = BTreeMap::new();
    all(&mut |function, topic| {
        let info = topic.info().unwrap().clone();
        for name in [info.name.to_string(), info.name.as_str().replace("btcusdt", "BTCUSDT")] {
            assert_eq!(from_name(&name).unwrap().info().unwrap(), &info, "{function}");
        }
        assert!(streams.insert(info.name.to_string(), info).is_none(), "{function}");
    });
    for other in
        ["", "btcusdt", "btcusdt@", "@trade", "btcusdt@trade@", "btcusdt@none", "!none@arr", "btcusdt@depth7"]
    {
        assert!(from_name(other).is_err(), "{other:?}");
    }
    streams
}

/// What is known of some streams: the name, the route, the documented cadence in milliseconds.
fn check(streams: &BTreeMap<String, StreamInfo>, api: Api, expected: &[(&str, Route, Option<u64>)]) {
    for (name, route, cadence) in expected {
        let info = streams.get(*name).unwrap_or_else(|| panic!("no stream {name}"));
        let cadence = cadence.map(std::time::Duration::from_millis);
        assert_eq!((info.api, info.route, info.cadence), (api, *route, cadence), "{name}");
    }
}

#[cfg(feature = "spot")]
#[test]
fn streams_of_spot() {
    use binance_kit_core::{IntoTopic as _, Record, Topic};
    use binance_kit_model::spot::{self, stream};

    let streams = both_ways(generated::spot::streams, stream::from_name);
    check(
        &streams,
        Api::Spot,
        &[
            ("btcusdt@trade", Route::Root, None),
            ("btcusdt@aggTrade", Route::Root, None),
            ("btcusdt@blockTrade", Route::Root, None),
            ("btcusdt@bookTicker", Route::Root, None),
            ("btcusdt@bestBidAsk", Route::Root, None),
            ("btcusdt@kline_1s", Route::Root, Some(1000)),
            ("btcusdt@kline_1M", Route::Root, Some(2000)),
            ("btcusdt@kline_1d@+08:00", Route::Root, Some(2000)),
            ("btcusdt@miniTicker", Route::Root, Some(1000)),
            ("!miniTicker@arr", Route::Root, Some(1000)),
            ("btcusdt@ticker", Route::Root, Some(1000)),
            ("btcusdt@ticker_4h", Route::Root, Some(1000)),
            ("!ticker_1d@arr", Route::Root, Some(1000)),
            ("btcusdt@avgPrice", Route::Root, Some(1000)),
            ("btcusdt@referencePrice", Route::Root, Some(1000)),
            ("btcusdt@depth10@100ms", Route::Root, Some(100)),
            ("btcusdt@depth5", Route::Root, Some(1000)),
            ("btcusdt@depth", Route::Root, Some(1000)),
            ("btcusdt@depth@100ms", Route::Root, Some(100)),
        ],
    );
    for (name, record) in [
        ("btcusdt@trade", Some(Record::Trades)),
        ("btcusdt@aggTrade", Some(Record::AggTrades)),
        ("btcusdt@kline_1m", Some(Record::Klines { interval: "1m".into(), time_zone: None })),
        (
            "btcusdt@kline_1d@+08:00",
            Some(Record::Klines { interval: "1d".into(), time_zone: Some("8".into()) }),
        ),
        ("btcusdt@depth", None),
    ] {
        assert_eq!(streams[name].record, record, "{name}");
    }

    // A list of symbols, and the type of the events of a stream of all symbols.
    let trades: [Topic<spot::TradeEvent>; 2] = ["BTCUSDT", "ethusdt"].map(stream::trade);
    let names = trades.map(|topic| topic.info().unwrap().name.to_string());
    assert_eq!(names, ["btcusdt@trade", "ethusdt@trade"]);
    let all: Topic<binance_kit_core::List<spot::MiniTickerEvent>> = stream::all_mini_tickers();
    assert!(all.into_topic().info().is_ok());
    let foreign = stream::depth("币安USDT", stream::DepthSpeed::Every100Ms);
    assert_eq!(foreign.info().unwrap().name.as_str(), "币安usdt@depth@100ms");
    // A symbol that cannot be part of a name is found when the stream is subscribed.
    assert!(stream::trade("BTC/USDT").info().is_err());
    assert!(stream::trade("").info().is_err());
    let unknown = stream::from_name("btcusdt@trdae").unwrap_err().to_string();
    assert!(unknown.starts_with("\"btcusdt@trdae\" is no stream of spot; its streams are "), "{unknown}");
    assert!(unknown.contains("<symbol>@depth<levels><speed>"), "{unknown}");
}

#[cfg(feature = "usdm")]
#[test]
fn streams_of_usdm() {
    let streams = both_ways(generated::usdm::streams, binance_kit_model::usdm::stream::from_name);
    check(
        &streams,
        Api::UsdmFutures,
        &[
            ("btcusdt@trade", Route::Market, None),
            ("btcusdt@aggTrade", Route::Market, None),
            ("btcusdt@markPrice", Route::Market, Some(3000)),
            ("btcusdt@markPrice@1s", Route::Market, Some(1000)),
            ("!markPrice@arr", Route::Market, Some(3000)),
            ("!markPrice@arr@1s", Route::Market, Some(1000)),
            ("btcusdt@bookTicker", Route::Public, None),
            ("btcusdt@depth", Route::Public, Some(250)),
            ("btcusdt@depth@500ms", Route::Public, Some(500)),
            ("btcusdt@depth@0ms", Route::Public, None),
        ],
    );
}

#[cfg(feature = "coinm")]
#[test]
fn streams_of_coinm() {
    let streams = both_ways(generated::coinm::streams, binance_kit_model::coinm::stream::from_name);
    check(
        &streams,
        Api::CoinmFutures,
        &[
            ("btcusdt@trade", Route::Root, None),
            ("btcusdt@bookTicker", Route::Root, None),
            ("btcusdt@depth", Route::Root, Some(250)),
            ("btcusdt@depth@100ms", Route::Root, Some(100)),
        ],
    );
}
