// Written by `cargo xtask codegen` from crates/model/spec/coinm/*.toml; do not edit.

//! The streams of the product.

use super::all::{BookTickerEvent, DepthEvent, MarketEvent, TradeEvent};
use crate::common::UnknownStream;
use crate::stream_name;
use crate::stream_name::Piece;
use binance_kit_core::{Api, MixedTopic, Symbol, Topic};
use std::time::Duration;

pub use crate::generated::coinm::streams::{DepthSpeed, TradeOrderType};

/// The names of the product's streams, with a placeholder for each argument.
pub const PATTERNS: &[&str] = &["<symbol>@bookTicker", "<symbol>@depth<speed>", "<symbol>@trade"];

/// Finds a stream by its name on the wire (`btcusdt@trade`); the case of the symbol does not matter.
///
/// # Errors
///
/// [`UnknownStream`] when no stream of the product has such a name.
pub fn from_name(name: &str) -> Result<MixedTopic<MarketEvent>, UnknownStream> {
    if let Some([symbol]) = stream_name::parse(name, &[Piece::Symbol, Piece::Text("@bookTicker")]) {
        return Ok(book_ticker(symbol).into());
    }
    if let Some([symbol, speed]) =
        stream_name::parse(name, &[Piece::Symbol, Piece::Text("@depth"), Piece::OneOf(DepthSpeed::WORDS)])
    {
        return Ok(depth(symbol, DepthSpeed::of_word(speed)).into());
    }
    if let Some([symbol]) = stream_name::parse(name, &[Piece::Symbol, Piece::Text("@trade")]) {
        return Ok(trade(symbol).into());
    }
    Err(UnknownStream::new(Api::CoinmFutures, name, PATTERNS))
}

/// The best bid and ask of a symbol, at every change.
///
/// `<symbol>@bookTicker`; delivers [`BookTickerEvent`].
pub fn book_ticker(symbol: impl Into<Symbol>) -> Topic<BookTickerEvent> {
    Topic::raw(Api::CoinmFutures, format!("{}@bookTicker", symbol.into().to_lowercase()))
}

/// Changes of a symbol's book, for a local order book.
///
/// `<symbol>@depth<speed>`; delivers [`DepthEvent`].
pub fn depth(symbol: impl Into<Symbol>, speed: DepthSpeed) -> Topic<DepthEvent> {
    let topic =
        Topic::raw(Api::CoinmFutures, format!("{}@depth{}", symbol.into().to_lowercase(), speed.as_str()));
    match speed {
        DepthSpeed::Every250Ms => topic.cadence(Duration::from_millis(250)),
        DepthSpeed::Every500Ms => topic.cadence(Duration::from_millis(500)),
        DepthSpeed::Every100Ms => topic.cadence(Duration::from_millis(100)),
        DepthSpeed::RealTime => topic,
    }
}

/// Every trade of a symbol; not documented, but served.
///
/// `<symbol>@trade`; delivers [`TradeEvent`].
pub fn trade(symbol: impl Into<Symbol>) -> Topic<TradeEvent> {
    Topic::raw(Api::CoinmFutures, format!("{}@trade", symbol.into().to_lowercase()))
}
