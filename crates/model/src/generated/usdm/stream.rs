// Written by `cargo xtask codegen` from crates/model/spec/usdm/*.toml; do not edit.

//! The names of streams.

use binance_kit_core::{InvalidStreamName, StreamName, Symbol};

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

/// Every trade of a symbol; not documented, but served.
///
/// `<symbol>@trade`; delivers [`TradeEvent`](super::TradeEvent).
///
/// # Errors
///
/// [`InvalidStreamName`] for a symbol that cannot be part of a name.
pub fn trade(symbol: impl Into<Symbol>) -> Result<StreamName, InvalidStreamName> {
    StreamName::new(&format!("{}@trade", symbol.into().to_lowercase()))
}
