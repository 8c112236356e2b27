// Written by `cargo xtask codegen` from crates/model/spec/usdm/*.toml; do not edit.

//! The streams of the product.

use super::all::{AggTradeEvent, BookTickerEvent, DepthEvent, MarkPriceEvent, MarketEvent, TradeEvent};
use crate::common::UnknownStream;
use crate::stream_name;
use crate::stream_name::Piece;
use binance_kit_core::{Api, List, MixedTopic, Route, Symbol, Topic};
use std::time::Duration;

pub use crate::generated::usdm::streams::{DepthSpeed, MarkPriceSpeed, TradeOrderType};

/// The names of the product's streams, with a placeholder for each argument.
pub const PATTERNS: &[&str] = &[
    "<symbol>@aggTrade",
    "!markPrice@arr<speed>",
    "<symbol>@bookTicker",
    "<symbol>@depth<speed>",
    "<symbol>@markPrice<speed>",
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
    if let Some([speed]) =
        stream_name::parse(name, &[Piece::Text("!markPrice@arr"), Piece::OneOf(MarkPriceSpeed::WORDS)])
    {
        return Ok(all_mark_prices(MarkPriceSpeed::of_word(speed)).into());
    }
    if let Some([symbol]) = stream_name::parse(name, &[Piece::Symbol, Piece::Text("@bookTicker")]) {
        return Ok(book_ticker(symbol).into());
    }
    if let Some([symbol, speed]) =
        stream_name::parse(name, &[Piece::Symbol, Piece::Text("@depth"), Piece::OneOf(DepthSpeed::WORDS)])
    {
        return Ok(depth(symbol, DepthSpeed::of_word(speed)).into());
    }
    if let Some([symbol, speed]) = stream_name::parse(
        name,
        &[Piece::Symbol, Piece::Text("@markPrice"), Piece::OneOf(MarkPriceSpeed::WORDS)],
    ) {
        return Ok(mark_price(symbol, MarkPriceSpeed::of_word(speed)).into());
    }
    if let Some([symbol]) = stream_name::parse(name, &[Piece::Symbol, Piece::Text("@trade")]) {
        return Ok(trade(symbol).into());
    }
    Err(UnknownStream::new(Api::UsdmFutures, name, PATTERNS))
}

/// Aggregate trades of a symbol.
///
/// `<symbol>@aggTrade`; delivers [`AggTradeEvent`].
pub fn agg_trade(symbol: impl Into<Symbol>) -> Topic<AggTradeEvent> {
    Topic::raw(Api::UsdmFutures, format!("{}@aggTrade", symbol.into().to_lowercase())).on(Route::Market)
}

/// Mark prices and funding rates of all symbols.
///
/// `!markPrice@arr<speed>`; delivers lists of [`MarkPriceEvent`]s.
pub fn all_mark_prices(speed: MarkPriceSpeed) -> Topic<List<MarkPriceEvent>> {
    let topic = Topic::raw(Api::UsdmFutures, format!("!markPrice@arr{}", speed.as_str())).on(Route::Market);
    match speed {
        MarkPriceSpeed::Every3Seconds => topic.cadence(Duration::from_secs(3)),
        MarkPriceSpeed::EverySecond => topic.cadence(Duration::from_secs(1)),
    }
}

/// The best bid and ask of a symbol, at every change.
///
/// `<symbol>@bookTicker`; delivers [`BookTickerEvent`].
pub fn book_ticker(symbol: impl Into<Symbol>) -> Topic<BookTickerEvent> {
    Topic::raw(Api::UsdmFutures, format!("{}@bookTicker", symbol.into().to_lowercase())).on(Route::Public)
}

/// Changes of a symbol's book, for a local order book.
///
/// `<symbol>@depth<speed>`; delivers [`DepthEvent`].
pub fn depth(symbol: impl Into<Symbol>, speed: DepthSpeed) -> Topic<DepthEvent> {
    let topic =
        Topic::raw(Api::UsdmFutures, format!("{}@depth{}", symbol.into().to_lowercase(), speed.as_str()))
            .on(Route::Public);
    match speed {
        DepthSpeed::Every250Ms => topic.cadence(Duration::from_millis(250)),
        DepthSpeed::Every500Ms => topic.cadence(Duration::from_millis(500)),
        DepthSpeed::Every100Ms => topic.cadence(Duration::from_millis(100)),
        DepthSpeed::RealTime => topic,
    }
}

/// Mark price and funding rate of a symbol.
///
/// `<symbol>@markPrice<speed>`; delivers [`MarkPriceEvent`].
pub fn mark_price(symbol: impl Into<Symbol>, speed: MarkPriceSpeed) -> Topic<MarkPriceEvent> {
    let topic =
        Topic::raw(Api::UsdmFutures, format!("{}@markPrice{}", symbol.into().to_lowercase(), speed.as_str()))
            .on(Route::Market);
    match speed {
        MarkPriceSpeed::Every3Seconds => topic.cadence(Duration::from_secs(3)),
        MarkPriceSpeed::EverySecond => topic.cadence(Duration::from_secs(1)),
    }
}

/// Every trade of a symbol; not documented, but served.
///
/// `<symbol>@trade`; delivers [`TradeEvent`].
pub fn trade(symbol: impl Into<Symbol>) -> Topic<TradeEvent> {
    Topic::raw(Api::UsdmFutures, format!("{}@trade", symbol.into().to_lowercase())).on(Route::Market)
}
