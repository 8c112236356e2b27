// Written by `cargo xtask codegen` from crates/model/spec/spot/*.toml; do not edit.

//! The names of streams.

use binance_kit_core::{InvalidStreamName, StreamName, Symbol};

/// Every aggregate trade of a symbol.
///
/// `<symbol>@aggTrade`; delivers [`AggTradeEvent`](super::AggTradeEvent).
///
/// # Errors
///
/// [`InvalidStreamName`] for a symbol that cannot be part of a name.
pub fn agg_trade(symbol: impl Into<Symbol>) -> Result<StreamName, InvalidStreamName> {
    StreamName::new(&format!("{}@aggTrade", symbol.into().to_lowercase()))
}

/// The last 24 hours in short of every symbol that changed, once a second.
///
/// `!miniTicker@arr`; delivers [`MiniTickerEvent`](super::MiniTickerEvent).
///
/// # Errors
///
/// [`InvalidStreamName`] for a symbol that cannot be part of a name.
pub fn all_mini_tickers() -> Result<StreamName, InvalidStreamName> {
    StreamName::new("!miniTicker@arr")
}

/// A rolling window of every symbol that changed, once a second.
///
/// `!ticker_<window:TickerWindow>@arr`; delivers [`RollingTickerEvent`](super::RollingTickerEvent).
///
/// # Errors
///
/// [`InvalidStreamName`] for a symbol that cannot be part of a name.
pub fn all_rolling_tickers(window: &super::TickerWindow) -> Result<StreamName, InvalidStreamName> {
    StreamName::new(&format!("!ticker_{}@arr", window.as_str()))
}

/// The average price of a symbol, once a second.
///
/// `<symbol>@avgPrice`; delivers [`AveragePriceEvent`](super::AveragePriceEvent).
///
/// # Errors
///
/// [`InvalidStreamName`] for a symbol that cannot be part of a name.
pub fn average_price(symbol: impl Into<Symbol>) -> Result<StreamName, InvalidStreamName> {
    StreamName::new(&format!("{}@avgPrice", symbol.into().to_lowercase()))
}

/// The best bid and ask of a symbol, at every change, on the host that speaks SBE; the others have `book_ticker`.
///
/// `<symbol>@bestBidAsk`; delivers [`BookTickerEvent`](super::BookTickerEvent).
///
/// # Errors
///
/// [`InvalidStreamName`] for a symbol that cannot be part of a name.
pub fn best_bid_ask(symbol: impl Into<Symbol>) -> Result<StreamName, InvalidStreamName> {
    StreamName::new(&format!("{}@bestBidAsk", symbol.into().to_lowercase()))
}

/// Every block trade of a symbol.
///
/// `<symbol>@blockTrade`; delivers [`BlockTradeEvent`](super::BlockTradeEvent).
///
/// # Errors
///
/// [`InvalidStreamName`] for a symbol that cannot be part of a name.
pub fn block_trade(symbol: impl Into<Symbol>) -> Result<StreamName, InvalidStreamName> {
    StreamName::new(&format!("{}@blockTrade", symbol.into().to_lowercase()))
}

/// The best bid and ask of a symbol, at every change.
///
/// `<symbol>@bookTicker`; delivers [`BookTickerEvent`](super::BookTickerEvent).
///
/// # Errors
///
/// [`InvalidStreamName`] for a symbol that cannot be part of a name.
pub fn book_ticker(symbol: impl Into<Symbol>) -> Result<StreamName, InvalidStreamName> {
    StreamName::new(&format!("{}@bookTicker", symbol.into().to_lowercase()))
}

/// The changes of a symbol's book, from which a local book is kept.
///
/// `<symbol>@depth<speed:DepthSpeed>`; delivers [`DepthEvent`](super::DepthEvent).
///
/// # Errors
///
/// [`InvalidStreamName`] for a symbol that cannot be part of a name.
pub fn depth(symbol: impl Into<Symbol>, speed: super::DepthSpeed) -> Result<StreamName, InvalidStreamName> {
    StreamName::new(&format!("{}@depth{}", symbol.into().to_lowercase(), speed.as_str()))
}

/// The current candle of a symbol, in UTC.
///
/// `<symbol>@kline_<interval:KlineInterval>`; delivers [`KlineEvent`](super::KlineEvent).
///
/// # Errors
///
/// [`InvalidStreamName`] for a symbol that cannot be part of a name.
pub fn kline(
    symbol: impl Into<Symbol>,
    interval: &super::KlineInterval,
) -> Result<StreamName, InvalidStreamName> {
    StreamName::new(&format!("{}@kline_{}", symbol.into().to_lowercase(), interval.as_str()))
}

/// The current candle of a symbol, with days that begin at midnight in UTC+8.
///
/// `<symbol>@kline_<interval:KlineInterval>@+08:00`; delivers [`KlineEvent`](super::KlineEvent).
///
/// # Errors
///
/// [`InvalidStreamName`] for a symbol that cannot be part of a name.
pub fn kline_utc8(
    symbol: impl Into<Symbol>,
    interval: &super::KlineInterval,
) -> Result<StreamName, InvalidStreamName> {
    StreamName::new(&format!("{}@kline_{}@+08:00", symbol.into().to_lowercase(), interval.as_str()))
}

/// The last 24 hours of a symbol in short, once a second.
///
/// `<symbol>@miniTicker`; delivers [`MiniTickerEvent`](super::MiniTickerEvent).
///
/// # Errors
///
/// [`InvalidStreamName`] for a symbol that cannot be part of a name.
pub fn mini_ticker(symbol: impl Into<Symbol>) -> Result<StreamName, InvalidStreamName> {
    StreamName::new(&format!("{}@miniTicker", symbol.into().to_lowercase()))
}

/// The best levels of a symbol's book.
///
/// `<symbol>@depth<levels:DepthLevels><speed:DepthSpeed>`; delivers [`PartialDepthEvent`](super::PartialDepthEvent).
///
/// # Errors
///
/// [`InvalidStreamName`] for a symbol that cannot be part of a name.
pub fn partial_depth(
    symbol: impl Into<Symbol>,
    levels: super::DepthLevels,
    speed: super::DepthSpeed,
) -> Result<StreamName, InvalidStreamName> {
    StreamName::new(&format!("{}@depth{}{}", symbol.into().to_lowercase(), levels.as_str(), speed.as_str()))
}

/// The reference price of a symbol, once a second.
///
/// `<symbol>@referencePrice`; delivers [`ReferencePriceEvent`](super::ReferencePriceEvent).
///
/// # Errors
///
/// [`InvalidStreamName`] for a symbol that cannot be part of a name.
pub fn reference_price(symbol: impl Into<Symbol>) -> Result<StreamName, InvalidStreamName> {
    StreamName::new(&format!("{}@referencePrice", symbol.into().to_lowercase()))
}

/// A rolling window of a symbol, once a second.
///
/// `<symbol>@ticker_<window:TickerWindow>`; delivers [`RollingTickerEvent`](super::RollingTickerEvent).
///
/// # Errors
///
/// [`InvalidStreamName`] for a symbol that cannot be part of a name.
pub fn rolling_ticker(
    symbol: impl Into<Symbol>,
    window: &super::TickerWindow,
) -> Result<StreamName, InvalidStreamName> {
    StreamName::new(&format!("{}@ticker_{}", symbol.into().to_lowercase(), window.as_str()))
}

/// The last 24 hours of a symbol, once a second.
///
/// `<symbol>@ticker`; delivers [`TickerEvent`](super::TickerEvent).
///
/// # Errors
///
/// [`InvalidStreamName`] for a symbol that cannot be part of a name.
pub fn ticker(symbol: impl Into<Symbol>) -> Result<StreamName, InvalidStreamName> {
    StreamName::new(&format!("{}@ticker", symbol.into().to_lowercase()))
}

/// Every trade of a symbol.
///
/// `<symbol>@trade`; delivers [`TradeEvent`](super::TradeEvent).
///
/// # Errors
///
/// [`InvalidStreamName`] for a symbol that cannot be part of a name.
pub fn trade(symbol: impl Into<Symbol>) -> Result<StreamName, InvalidStreamName> {
    StreamName::new(&format!("{}@trade", symbol.into().to_lowercase()))
}
