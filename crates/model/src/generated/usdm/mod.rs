// Written by `cargo xtask codegen` from crates/model/spec/usdm/*.toml; do not edit.

//! USD-M futures.

pub(crate) mod market;
pub mod stream;
pub(crate) mod streams;

/// Every type by its name, for the code of this crate.
#[allow(unused_imports, reason = "not every product has hand-written code")]
pub(crate) mod all {
    pub(crate) use super::market::*;
    pub(crate) use super::streams::*;
    pub(crate) use crate::generated::common::*;
}

/// What the product shows.
pub(crate) mod public {
    pub use super::market::{Depth, OrderBook};
    pub use super::stream;
    pub use super::streams::{
        AggTradeEvent, BookTickerEvent, DepthEvent, MarkPriceEvent, MarketEvent, TradeEvent,
    };
}
