// Written by `cargo xtask codegen` from crates/model/spec/spot/*.toml; do not edit.

//! The streams of the product.

use super::all::{
    AggTradeEvent, AveragePriceEvent, BlockTradeEvent, BookTickerEvent, DepthEvent, KlineEvent, MarketEvent,
    MiniTickerEvent, PartialDepthEvent, ReferencePriceEvent, RollingTickerEvent, TickerEvent, TradeEvent,
};
use crate::common::UnknownStream;
use crate::generated::common::KlineInterval;
use crate::stream_name;
use crate::stream_name::Piece;
use binance_kit_core::{Api, List, MixedTopic, Record, Symbol, Topic};
use std::time::Duration;

pub use crate::generated::spot::streams::{DepthLevels, DepthSpeed, KlineUpdate, TickerWindow};

/// The names of the product's streams, with a placeholder for each argument.
pub const PATTERNS: &[&str] = &[
    "<symbol>@aggTrade",
    "!miniTicker@arr",
    "!ticker_<window>@arr",
    "<symbol>@avgPrice",
    "<symbol>@bestBidAsk",
    "<symbol>@blockTrade",
    "<symbol>@bookTicker",
    "<symbol>@depth<speed>",
    "<symbol>@kline_<interval>",
    "<symbol>@kline_<interval>@+08:00",
    "<symbol>@miniTicker",
    "<symbol>@depth<levels><speed>",
    "<symbol>@referencePrice",
    "<symbol>@ticker_<window>",
    "<symbol>@ticker",
    "<symbol>@trade",
];

/// Finds a stream by its name on the wire (`btcusdt@trade`); the case of the symbol does not matter.
///
/// # Errors
///
/// [`UnknownStream`] when no stream of the product has such a name.
pub fn from_name(name: &str) -> Result<MixedTopic<MarketEvent>, UnknownStream> {
    if let Some([symbol]) = stream_name::parse(name, &[Piece::Symbol, Piece::Text("@aggTrade")]) {
        return Ok(agg_trade(symbol).into());
    }
    if let Some([]) = stream_name::parse(name, &[Piece::Text("!miniTicker@arr")]) {
        return Ok(all_mini_tickers().into());
    }
    if let Some([window]) =
        stream_name::parse(name, &[Piece::Text("!ticker_"), Piece::Word, Piece::Text("@arr")])
    {
        return Ok(all_rolling_tickers(window).into());
    }
    if let Some([symbol]) = stream_name::parse(name, &[Piece::Symbol, Piece::Text("@avgPrice")]) {
        return Ok(average_price(symbol).into());
    }
    if let Some([symbol]) = stream_name::parse(name, &[Piece::Symbol, Piece::Text("@bestBidAsk")]) {
        return Ok(best_bid_ask(symbol).into());
    }
    if let Some([symbol]) = stream_name::parse(name, &[Piece::Symbol, Piece::Text("@blockTrade")]) {
        return Ok(block_trade(symbol).into());
    }
    if let Some([symbol]) = stream_name::parse(name, &[Piece::Symbol, Piece::Text("@bookTicker")]) {
        return Ok(book_ticker(symbol).into());
    }
    if let Some([symbol, speed]) =
        stream_name::parse(name, &[Piece::Symbol, Piece::Text("@depth"), Piece::OneOf(DepthSpeed::WORDS)])
    {
        return Ok(depth(symbol, DepthSpeed::of_word(speed)).into());
    }
    if let Some([symbol, interval]) =
        stream_name::parse(name, &[Piece::Symbol, Piece::Text("@kline_"), Piece::Word])
    {
        return Ok(kline(symbol, interval).into());
    }
    if let Some([symbol, interval]) = stream_name::parse(
        name,
        &[Piece::Symbol, Piece::Text("@kline_"), Piece::Word, Piece::Text("@+08:00")],
    ) {
        return Ok(kline_utc8(symbol, interval).into());
    }
    if let Some([symbol]) = stream_name::parse(name, &[Piece::Symbol, Piece::Text("@miniTicker")]) {
        return Ok(mini_ticker(symbol).into());
    }
    if let Some([symbol, levels, speed]) = stream_name::parse(
        name,
        &[
            Piece::Symbol,
            Piece::Text("@depth"),
            Piece::OneOf(DepthLevels::WORDS),
            Piece::OneOf(DepthSpeed::WORDS),
        ],
    ) {
        return Ok(partial_depth(symbol, DepthLevels::of_word(levels), DepthSpeed::of_word(speed)).into());
    }
    if let Some([symbol]) = stream_name::parse(name, &[Piece::Symbol, Piece::Text("@referencePrice")]) {
        return Ok(reference_price(symbol).into());
    }
    if let Some([symbol, window]) =
        stream_name::parse(name, &[Piece::Symbol, Piece::Text("@ticker_"), Piece::Word])
    {
        return Ok(rolling_ticker(symbol, window).into());
    }
    if let Some([symbol]) = stream_name::parse(name, &[Piece::Symbol, Piece::Text("@ticker")]) {
        return Ok(ticker(symbol).into());
    }
    if let Some([symbol]) = stream_name::parse(name, &[Piece::Symbol, Piece::Text("@trade")]) {
        return Ok(trade(symbol).into());
    }
    Err(UnknownStream::new(Api::Spot, name, PATTERNS))
}

/// Every aggregate trade of a symbol.
///
/// `<symbol>@aggTrade`; delivers [`AggTradeEvent`].
pub fn agg_trade(symbol: impl Into<Symbol>) -> Topic<AggTradeEvent> {
    Topic::raw(Api::Spot, format!("{}@aggTrade", symbol.into().to_lowercase())).record(Record::AggTrades)
}

/// 24-hour statistics of all symbols that changed, short form.
///
/// `!miniTicker@arr`; delivers lists of [`MiniTickerEvent`]s. Update speed: 1000 ms.
pub fn all_mini_tickers() -> Topic<List<MiniTickerEvent>> {
    Topic::raw(Api::Spot, "!miniTicker@arr").cadence(Duration::from_secs(1))
}

/// Statistics of a rolling window of all symbols that changed.
///
/// `!ticker_<window>@arr`; delivers lists of [`RollingTickerEvent`]s. Update speed: 1000 ms.
pub fn all_rolling_tickers(window: impl Into<TickerWindow>) -> Topic<List<RollingTickerEvent>> {
    let window = window.into();
    Topic::raw(Api::Spot, format!("!ticker_{}@arr", window.as_str())).cadence(Duration::from_secs(1))
}

/// Average price of a symbol.
///
/// `<symbol>@avgPrice`; delivers [`AveragePriceEvent`]. Update speed: 1000 ms.
pub fn average_price(symbol: impl Into<Symbol>) -> Topic<AveragePriceEvent> {
    Topic::raw(Api::Spot, format!("{}@avgPrice", symbol.into().to_lowercase()))
        .cadence(Duration::from_secs(1))
}

/// The best bid and ask of a symbol, at every change, on the host of SBE; the others have `book_ticker`.
///
/// `<symbol>@bestBidAsk`; delivers [`BookTickerEvent`].
pub fn best_bid_ask(symbol: impl Into<Symbol>) -> Topic<BookTickerEvent> {
    Topic::raw(Api::Spot, format!("{}@bestBidAsk", symbol.into().to_lowercase()))
}

/// Every block trade of a symbol.
///
/// `<symbol>@blockTrade`; delivers [`BlockTradeEvent`].
pub fn block_trade(symbol: impl Into<Symbol>) -> Topic<BlockTradeEvent> {
    Topic::raw(Api::Spot, format!("{}@blockTrade", symbol.into().to_lowercase()))
}

/// The best bid and ask of a symbol, at every change.
///
/// `<symbol>@bookTicker`; delivers [`BookTickerEvent`].
pub fn book_ticker(symbol: impl Into<Symbol>) -> Topic<BookTickerEvent> {
    Topic::raw(Api::Spot, format!("{}@bookTicker", symbol.into().to_lowercase()))
}

/// Changes of a symbol's book, for a local order book.
///
/// `<symbol>@depth<speed>`; delivers [`DepthEvent`].
pub fn depth(symbol: impl Into<Symbol>, speed: DepthSpeed) -> Topic<DepthEvent> {
    let topic = Topic::raw(Api::Spot, format!("{}@depth{}", symbol.into().to_lowercase(), speed.as_str()));
    match speed {
        DepthSpeed::Every1000Ms => topic.cadence(Duration::from_secs(1)),
        DepthSpeed::Every100Ms => topic.cadence(Duration::from_millis(100)),
    }
}

/// The current candle of a symbol, in UTC.
///
/// `<symbol>@kline_<interval>`; delivers [`KlineEvent`].
pub fn kline(symbol: impl Into<Symbol>, interval: impl Into<KlineInterval>) -> Topic<KlineEvent> {
    let interval = interval.into();
    let topic =
        Topic::raw(Api::Spot, format!("{}@kline_{}", symbol.into().to_lowercase(), interval.as_str()))
            .record(Record::Klines { interval: interval.as_str().into(), time_zone: None });
    match interval {
        KlineInterval::Second1 => topic.cadence(Duration::from_secs(1)),
        _ => topic.cadence(Duration::from_secs(2)),
    }
}

/// The current candle of a symbol, with days that begin at midnight in UTC+8.
///
/// `<symbol>@kline_<interval>@+08:00`; delivers [`KlineEvent`].
pub fn kline_utc8(symbol: impl Into<Symbol>, interval: impl Into<KlineInterval>) -> Topic<KlineEvent> {
    let interval = interval.into();
    let topic =
        Topic::raw(Api::Spot, format!("{}@kline_{}@+08:00", symbol.into().to_lowercase(), interval.as_str()))
            .record(Record::Klines { interval: interval.as_str().into(), time_zone: Some("8".into()) });
    match interval {
        KlineInterval::Second1 => topic.cadence(Duration::from_secs(1)),
        _ => topic.cadence(Duration::from_secs(2)),
    }
}

/// 24-hour statistics of a symbol, short form.
///
/// `<symbol>@miniTicker`; delivers [`MiniTickerEvent`]. Update speed: 1000 ms.
pub fn mini_ticker(symbol: impl Into<Symbol>) -> Topic<MiniTickerEvent> {
    Topic::raw(Api::Spot, format!("{}@miniTicker", symbol.into().to_lowercase()))
        .cadence(Duration::from_secs(1))
}

/// The best levels of a symbol's book.
///
/// `<symbol>@depth<levels><speed>`; delivers [`PartialDepthEvent`].
pub fn partial_depth(
    symbol: impl Into<Symbol>,
    levels: DepthLevels,
    speed: DepthSpeed,
) -> Topic<PartialDepthEvent> {
    let topic = Topic::raw(
        Api::Spot,
        format!("{}@depth{}{}", symbol.into().to_lowercase(), levels.as_str(), speed.as_str()),
    );
    match speed {
        DepthSpeed::Every1000Ms => topic.cadence(Duration::from_secs(1)),
        DepthSpeed::Every100Ms => topic.cadence(Duration::from_millis(100)),
    }
}

/// Reference price of a symbol.
///
/// `<symbol>@referencePrice`; delivers [`ReferencePriceEvent`]. Update speed: 1000 ms.
pub fn reference_price(symbol: impl Into<Symbol>) -> Topic<ReferencePriceEvent> {
    Topic::raw(Api::Spot, format!("{}@referencePrice", symbol.into().to_lowercase()))
        .cadence(Duration::from_secs(1))
}

/// Statistics of a rolling window of a symbol.
///
/// `<symbol>@ticker_<window>`; delivers [`RollingTickerEvent`]. Update speed: 1000 ms.
pub fn rolling_ticker(
    symbol: impl Into<Symbol>,
    window: impl Into<TickerWindow>,
) -> Topic<RollingTickerEvent> {
    let window = window.into();
    Topic::raw(Api::Spot, format!("{}@ticker_{}", symbol.into().to_lowercase(), window.as_str()))
        .cadence(Duration::from_secs(1))
}

/// 24-hour statistics of a symbol.
///
/// `<symbol>@ticker`; delivers [`TickerEvent`]. Update speed: 1000 ms.
pub fn ticker(symbol: impl Into<Symbol>) -> Topic<TickerEvent> {
    Topic::raw(Api::Spot, format!("{}@ticker", symbol.into().to_lowercase())).cadence(Duration::from_secs(1))
}

/// Every trade of a symbol.
///
/// `<symbol>@trade`; delivers [`TradeEvent`].
pub fn trade(symbol: impl Into<Symbol>) -> Topic<TradeEvent> {
    Topic::raw(Api::Spot, format!("{}@trade", symbol.into().to_lowercase())).record(Record::Trades)
}
