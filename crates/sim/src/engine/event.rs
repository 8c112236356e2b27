//! Events of the engine: every change of books, orders and accounts, in order.

use super::fixed::Fixed;
use super::order::{Order, OrderList};
use super::types::{AssetId, ExecutionType, ListStatusType, Side, SymbolId};
use crate::clearing::AccountChange;
use binance_kit_core::{ClientOrderId, Timestamp};
use serde::{Deserialize, Serialize};

/// A trade between two orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trade {
    pub(crate) id: u64,
    pub(crate) price: Fixed,
    pub(crate) quantity: Fixed,
    pub(crate) quote: Fixed,
    pub(crate) time: Timestamp,
    pub(crate) buyer_is_maker: bool,
}

/// The trades of one taker order at one price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AggregateTrade {
    pub(crate) id: u64,
    pub(crate) price: Fixed,
    pub(crate) quantity: Fixed,
    pub(crate) first_trade: u64,
    pub(crate) last_trade: u64,
    pub(crate) time: Timestamp,
    pub(crate) buyer_is_maker: bool,
}

/// Something that happened to an order of a user.
#[derive(Debug, Clone)]
pub(crate) struct ExecutionReport {
    pub(crate) order: Order,
    pub(crate) execution: ExecutionType,
    pub(crate) execution_id: u64,
    /// The id that a cancel was given; the order's own id is then the original one.
    pub(crate) cancel_id: Option<ClientOrderId>,
    pub(crate) last_quantity: Fixed,
    pub(crate) last_price: Fixed,
    pub(crate) last_quote: Fixed,
    pub(crate) commission: Fixed,
    pub(crate) commission_asset: Option<AssetId>,
    pub(crate) trade_id: Option<u64>,
    /// The allocation that it is about instead of a trade.
    pub(crate) allocation: Option<u64>,
    pub(crate) is_maker: bool,
    /// Why the order was refused: a word of the exchange, `NONE` for all that were not.
    pub(crate) refusal: &'static str,
    /// The first fill of the order, which lowers the count of unfilled orders.
    pub(crate) first_fill: bool,
    /// The order of the same account that the order would have traded with.
    pub(crate) counter_order: Option<u64>,
    /// The symbol of that order, where it is another one.
    pub(crate) counter_symbol: Option<SymbolId>,
    pub(crate) last_prevented: Fixed,
    /// Quantity and price of what was transferred to, or from, another account in place of a trade.
    pub(crate) prevented_execution: Option<(Fixed, Fixed)>,
    pub(crate) trade_group: Option<i64>,
    pub(crate) time: Timestamp,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// A trade.
    Trade { symbol: SymbolId, trade: Trade },
    /// An aggregate trade, behind the trades it is made of.
    Aggregate { symbol: SymbolId, aggregate: AggregateTrade },
    /// A trade arranged outside of the book.
    BlockTrade { symbol: SymbolId, trade: Trade },
    /// A price level has a new quantity; zero takes it away.
    Level { symbol: SymbolId, side: Side, price: Fixed, quantity: Fixed, update_id: u64 },
    /// The best price or quantity of a side changed.
    Best { symbol: SymbolId, update_id: u64, bid: Option<(Fixed, Fixed)>, ask: Option<(Fixed, Fixed)> },
    /// An order of a user changed.
    Report(Box<ExecutionReport>),
    /// An order list of a user changed.
    List { list: Box<OrderList>, kind: ListStatusType, time: Timestamp },
    /// The money of a user's account changed.
    Account(AccountChange),
}
