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
    /// Id; consecutive per symbol.
    pub(crate) id: u64,
    /// Price.
    pub(crate) price: Fixed,
    /// Quantity of the base asset.
    pub(crate) quantity: Fixed,
    /// Value in the quote asset.
    pub(crate) quote: Fixed,
    /// Time of the event.
    pub(crate) time: Timestamp,
    /// Whether the buyer's order was on the book.
    pub(crate) buyer_is_maker: bool,
}

/// The trades of one taker order at one price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AggregateTrade {
    /// Id; consecutive per symbol.
    pub(crate) id: u64,
    /// Price.
    pub(crate) price: Fixed,
    /// Quantity of the base asset.
    pub(crate) quantity: Fixed,
    /// Id of the first trade.
    pub(crate) first_trade: u64,
    /// Id of the last trade.
    pub(crate) last_trade: u64,
    /// Time of the event.
    pub(crate) time: Timestamp,
    /// Whether the buyer's order was on the book.
    pub(crate) buyer_is_maker: bool,
}

/// Something that happened to an order of a user.
#[derive(Debug, Clone)]
pub(crate) struct ExecutionReport {
    /// The order after what is reported.
    pub(crate) order: Order,
    /// What is reported.
    pub(crate) execution: ExecutionType,
    /// Id of the report.
    pub(crate) execution_id: u64,
    /// The id that a cancel was given; the order's own id is then the original one.
    pub(crate) cancel_id: Option<ClientOrderId>,
    /// Quantity of this execution.
    pub(crate) last_quantity: Fixed,
    /// Price of this execution.
    pub(crate) last_price: Fixed,
    /// Value of this execution.
    pub(crate) last_quote: Fixed,
    /// Commission.
    pub(crate) commission: Fixed,
    /// Asset of the commission.
    pub(crate) commission_asset: Option<AssetId>,
    /// Id of the trade.
    pub(crate) trade_id: Option<u64>,
    /// The allocation that it is about instead of a trade.
    pub(crate) allocation: Option<u64>,
    /// Whether the order was on the book.
    pub(crate) is_maker: bool,
    /// Why the order was refused: a word of the exchange, `NONE` for all that were not.
    pub(crate) refusal: &'static str,
    /// The first fill of the order, which lowers the count of unfilled orders.
    pub(crate) first_fill: bool,
    /// The order of the same account that the order would have traded with.
    pub(crate) counter_order: Option<u64>,
    /// The symbol of that order, where it is another one.
    pub(crate) counter_symbol: Option<SymbolId>,
    /// Quantity that was prevented from being traded.
    pub(crate) last_prevented: Fixed,
    /// Quantity and price of the trade that was prevented.
    pub(crate) prevented_execution: Option<(Fixed, Fixed)>,
    /// Whether that was transferred to, or from, another account in place of a trade: for the reference in the tests, which
    /// books reports alone.
    #[cfg(test)]
    pub(crate) transferred: bool,
    /// Group of accounts that do not trade with each other.
    pub(crate) trade_group: Option<i64>,
    /// Time of the event.
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
