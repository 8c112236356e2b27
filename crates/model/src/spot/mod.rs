//! Spot: market data, trading, the account, and the streams.
//!
//! Requests are plain values: [`Depth`], [`Klines`], [`NewOrder`]. The names of streams come from [`stream`], what they
//! deliver is a [`MarketEvent`] or one of its kinds ([`TradeEvent`], [`BookTickerEvent`] …); the account's own events are
//! [`AccountEvent`]s.

mod ext;
mod history;
mod list_ext;
mod order_ext;
mod record;
mod rules;
mod window_size;

pub use crate::generated::spot::*;
pub use history::{CandleHistory, Candles, IdHistory, Listed, Newest, WindowHistory, Windowed};
pub use list_ext::{OcoWithoutBelow, OcoWithoutOrders};
pub use rules::{
    AmendedTerms, Fact, NotChecked, OpenCounts, OrderContext, OrderRequest, Passed, Rounding, Rule,
    SymbolRules, Violation, ViolationKind, Violations,
};
pub use window_size::WindowSize;
