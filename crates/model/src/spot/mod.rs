//! Spot: market data, trading, the account, and the streams.
//!
//! Requests are plain values: [`Depth`], [`Klines`], [`NewOrder`]. The streams come from [`stream`]; what they
//! deliver is a [`MarketEvent`] or one of its kinds ([`TradeEvent`], [`BookTickerEvent`] …); the account's own events are
//! [`AccountEvent`]s.

mod display;
mod ext;
pub mod history;
pub(crate) mod list_ext;
mod order_ext;
mod record;
pub mod rules;
pub(crate) mod window_size;

pub use crate::generated::spot::public::*;
pub use rules::round::Rounding;
pub use rules::symbol::SymbolRules;
