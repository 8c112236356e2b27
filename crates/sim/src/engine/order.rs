//! Orders, what asks for them, and the lists that join two of them.

use super::fixed::Fixed;
use super::types::{
    AccountId, Contingency, ExpiryReason, ListOrderStatus, OrderStatus, OrderType, PegPriceType,
    SelfTradePrevention, Side, SymbolId, TimeInForce, WorkingFloor,
};
use binance_kit_core::{ClientOrderId, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a pegged order takes its price from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Peg {
    /// Which best price is followed.
    pub(crate) price_type: PegPriceType,
    /// How many existing price levels deeper than the best one.
    pub(crate) offset: Option<u32>,
}

/// How far a trailing stop lets the price turn, and what it has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trailing {
    /// In hundredths of a percent.
    pub(crate) delta: u32,
    /// Since when it follows the price.
    pub(crate) since: Option<Timestamp>,
    /// The best price since then: the lowest for a buyer, the highest for a seller.
    pub(crate) extreme: Fixed,
}

/// A new order as the API hands it in: types are checked, combinations are not.
#[derive(Debug, Clone)]
pub(crate) struct NewOrder {
    /// Symbol.
    pub(crate) symbol: SymbolId,
    /// Side of the book.
    pub(crate) side: Side,
    /// Type.
    pub(crate) kind: OrderType,
    /// Time in force.
    pub(crate) time_in_force: Option<TimeInForce>,
    /// Quantity of the base asset.
    pub(crate) quantity: Option<Fixed>,
    /// Value of a market order that names no quantity.
    pub(crate) quote_quantity: Option<Fixed>,
    /// Limit price.
    pub(crate) price: Option<Fixed>,
    /// Stop price.
    pub(crate) stop_price: Option<Fixed>,
    /// Distance of a trailing stop, in hundredths of a percent.
    pub(crate) trailing_delta: Option<u32>,
    /// Zero is as good as none, but shown.
    pub(crate) iceberg: Option<Fixed>,
    /// What the price follows.
    pub(crate) peg: Option<Peg>,
    /// Id given by the client.
    pub(crate) client_id: Option<ClientOrderId>,
    /// Mode of self-trade prevention.
    pub(crate) prevention: Option<SelfTradePrevention>,
    /// Id of the strategy, given by the client.
    pub(crate) strategy_id: Option<i64>,
    /// Type of the strategy, given by the client.
    pub(crate) strategy_type: Option<i64>,
}

impl NewOrder {
    pub(crate) fn new(symbol: SymbolId, side: Side, kind: OrderType) -> Self {
        Self {
            symbol,
            side,
            kind,
            time_in_force: None,
            quantity: None,
            quote_quantity: None,
            price: None,
            stop_price: None,
            trailing_delta: None,
            iceberg: None,
            peg: None,
            client_id: None,
            prevention: None,
            strategy_id: None,
            strategy_type: None,
        }
    }

    /// The request again of an order that is pending.
    pub(crate) fn of(order: &Order) -> Self {
        let timed = order.kind.has_price() && order.kind != OrderType::LimitMaker;
        let price = Some(order.working_price()).filter(|price| order.kind.has_price() && price.is_positive());
        Self {
            symbol: order.symbol,
            side: order.side,
            kind: order.kind,
            time_in_force: timed.then_some(order.time_in_force),
            quantity: Some(order.quantity),
            quote_quantity: None,
            price,
            stop_price: order.stop_price,
            trailing_delta: order.trailing.map(|trailing| trailing.delta),
            iceberg: order.iceberg,
            // One that has selected its price keeps it.
            peg: order.peg.filter(|_| order.pegged_price.is_none()),
            client_id: None,
            prevention: Some(order.prevention),
            strategy_id: order.strategy_id,
            strategy_type: order.strategy_type,
        }
    }

    /// A limit order that stays.
    pub(crate) fn limit(symbol: SymbolId, side: Side, quantity: Fixed, price: Fixed) -> Self {
        Self {
            time_in_force: Some(TimeInForce::Gtc),
            quantity: Some(quantity),
            price: Some(price),
            ..Self::new(symbol, side, OrderType::Limit)
        }
    }
}

/// An order that the engine accepted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    /// Id; unique per symbol.
    pub(crate) id: u64,
    /// Symbol.
    pub(crate) symbol: SymbolId,
    /// Account that placed it.
    pub(crate) account: AccountId,
    /// Id given by the client.
    pub(crate) client_id: ClientOrderId,
    /// The list the order belongs to.
    pub(crate) list: Option<u64>,
    /// Side of the book.
    pub(crate) side: Side,
    /// Type.
    pub(crate) kind: OrderType,
    /// Time in force.
    pub(crate) time_in_force: TimeInForce,
    /// Price of the request; zero for market orders, and for pegged orders without a price of their own.
    pub(crate) price: Fixed,
    /// Quantity of the request.
    pub(crate) quantity: Fixed,
    /// Quote quantity of the request; zero for all orders but market orders by quote quantity.
    pub(crate) quote_quantity: Fixed,
    /// Executed quantity.
    pub(crate) executed: Fixed,
    /// Executed value.
    pub(crate) executed_quote: Fixed,
    /// Stop price.
    pub(crate) stop_price: Option<Fixed>,
    /// What a buyer without a limit is taken to pay while it waits.
    pub(crate) guess: Fixed,
    /// State of a trailing stop.
    pub(crate) trailing: Option<Trailing>,
    /// How much of the order the book shows at a time.
    pub(crate) iceberg: Option<Fixed>,
    /// What is left of the part of an iceberg order that the book shows.
    pub(crate) shown: Fixed,
    /// What the price follows.
    pub(crate) peg: Option<Peg>,
    /// The price that the peg selected, once it did.
    pub(crate) pegged_price: Option<Fixed>,
    /// Mode of self-trade prevention.
    pub(crate) prevention: SelfTradePrevention,
    /// Quantity lost to self-trade prevention.
    pub(crate) prevented: Fixed,
    /// The last trade of it that was prevented.
    pub(crate) prevented_match: Option<u64>,
    /// Id of the strategy, given by the client.
    pub(crate) strategy_id: Option<i64>,
    /// Type of the strategy, given by the client.
    pub(crate) strategy_type: Option<i64>,
    /// State of the order.
    pub(crate) status: OrderStatus,
    /// Why it expired.
    pub(crate) expiry: Option<ExpiryReason>,
    /// Time of placement.
    pub(crate) created: Timestamp,
    /// Time of the last change.
    pub(crate) updated: Timestamp,
    /// Since when the order works (on the book, or as a taker).
    pub(crate) working: Option<Timestamp>,
    /// Amount that the order holds, by what clearing asks of it (Spot: quote when it buys, base when it sells).
    pub(crate) locked: Fixed,
    /// Of an order that was routed, where it was last active.
    pub(crate) floor: Option<WorkingFloor>,
    /// The place in the queue of its price, when it is on the book.
    pub(crate) priority: Option<u64>,
}

impl Order {
    /// What is left to trade.
    pub(crate) fn remaining(&self) -> Fixed {
        self.quantity - self.executed - self.prevented
    }

    /// The limit at which the order works: its own price, or the one its peg selected.
    pub(crate) fn working_price(&self) -> Fixed {
        self.pegged_price.unwrap_or(self.price)
    }

    /// Whether only a part of the order is shown.
    pub(crate) fn is_iceberg(&self) -> bool {
        self.iceberg.is_some_and(Fixed::is_positive)
    }

    /// What all that is left costs at worst: at its limit, or at the price that a buyer without a limit is assumed to pay.
    pub(crate) fn worst_quote(&self) -> Fixed {
        let price = Some(self.working_price()).filter(|price| price.is_positive());
        price.unwrap_or(self.guess).times(self.remaining())
    }

    /// What the book shows of the order while it is on it.
    pub(crate) fn visible(&self) -> Fixed {
        if self.is_iceberg() { self.shown.min(self.remaining()) } else { self.remaining() }
    }

    /// The part that an iceberg order shows next.
    pub(crate) fn next_part(&self) -> Fixed {
        self.iceberg.filter(|part| part.is_positive()).unwrap_or(self.remaining()).min(self.remaining())
    }

    /// Whether the order waits: for its stop price, or for the working order of its list.
    #[cfg(test)]
    pub(crate) fn is_waiting(&self) -> bool {
        self.working.is_none() && self.status.is_open()
    }

    /// Whether the order waits for the working order of its list.
    pub(crate) fn is_pending(&self) -> bool {
        self.status == OrderStatus::PendingNew
    }
}

/// A fill of the order just placed, for the `FULL` response.
#[derive(Debug, Clone)]
pub(crate) struct Fill {
    /// Price.
    pub(crate) price: Fixed,
    /// Quantity of the base asset.
    pub(crate) quantity: Fixed,
    /// Commission.
    pub(crate) commission: Fixed,
    /// Asset of the commission.
    pub(crate) commission_asset: super::types::AssetId,
    /// Id of the trade.
    pub(crate) trade_id: u64,
    /// The allocation that it is instead of a trade.
    pub(crate) allocation: Option<u64>,
}

/// A trade of an account, or of a group of accounts, with itself that did not take place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PreventedMatch {
    /// Id; unique per symbol.
    pub(crate) id: u64,
    /// Order that would have taken.
    pub(crate) taker_order: u64,
    /// Order on the book.
    pub(crate) maker_order: u64,
    /// The symbol of the maker, where it is another one.
    pub(crate) maker_symbol: Option<SymbolId>,
    /// Account of the taker.
    pub(crate) taker: AccountId,
    /// Account of the maker.
    pub(crate) maker: AccountId,
    /// The group of both accounts.
    pub(crate) group: Option<i64>,
    /// Mode of self-trade prevention.
    pub(crate) mode: SelfTradePrevention,
    /// Price.
    pub(crate) price: Fixed,
    /// What the taker lost of its quantity, when it did.
    pub(crate) taker_quantity: Option<Fixed>,
    /// What the maker lost of its quantity, when it did.
    pub(crate) maker_quantity: Option<Fixed>,
    /// Time of the event.
    pub(crate) time: Timestamp,
}

/// An order that was placed.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    /// The order right after its placement.
    pub(crate) order: Order,
    /// Its fills, in order.
    pub(crate) fills: Vec<Fill>,
    /// The trades of the order that were prevented.
    pub(crate) prevented: Vec<PreventedMatch>,
}

/// An order that was cancelled: its state, and the id that the cancel was given.
#[derive(Debug, Clone)]
pub(crate) struct Canceled {
    /// The order after the cancel.
    pub(crate) order: Order,
    /// Id that the cancel was given.
    pub(crate) cancel_id: ClientOrderId,
}

/// Orders that depend on each other.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OrderList {
    /// Id of the list.
    pub(crate) id: u64,
    /// Account that placed it.
    pub(crate) account: AccountId,
    /// Symbol.
    pub(crate) symbol: SymbolId,
    /// Id given by the client.
    pub(crate) client_id: ClientOrderId,
    /// How its orders depend on each other.
    pub(crate) contingency: Contingency,
    /// Whether what the working order receives is what the pending orders sell.
    pub(crate) pays: bool,
    /// Of a list in which one order triggers others, the working order comes first. Of a pair, the stop comes first.
    pub(crate) orders: Vec<(u64, ClientOrderId)>,
    /// State of the list.
    pub(crate) status: ListOrderStatus,
    /// Whether all of it is being cancelled, so that the end of one order is not passed on to the others.
    pub(crate) canceling: bool,
    /// Time of the last change.
    pub(crate) updated: Timestamp,
}

/// What a cancel took away: single orders, and whole lists with their orders.
#[derive(Debug, Clone)]
pub(crate) enum CancelOutcome {
    Order(Box<Canceled>),
    List(OrderList, Vec<Canceled>),
}

/// The orders of a new list.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there is one for each request, and it does not live long")]
pub(crate) enum NewListOrders {
    /// One cancels the other.
    Pair { above: NewOrder, below: NewOrder },
    /// One triggers the other. When it pays for the other, that has no quantity.
    Trigger { working: NewOrder, pending: NewOrder, pays: bool },
    /// One triggers a pair.
    TriggerPair { working: NewOrder, above: NewOrder, below: NewOrder, pays: bool },
}

/// A new list.
#[derive(Debug, Clone)]
pub(crate) struct NewList {
    /// Id of the list, given by the client.
    pub(crate) client_id: Option<ClientOrderId>,
    /// Its orders.
    pub(crate) orders: NewListOrders,
}

/// One side of a trade, as `myTrades` shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AccountTrade {
    /// Id of the trade.
    pub(crate) trade_id: u64,
    /// Id of the order.
    pub(crate) order_id: u64,
    /// List of the order.
    pub(crate) list: Option<u64>,
    /// Price.
    pub(crate) price: Fixed,
    /// Quantity of the base asset.
    pub(crate) quantity: Fixed,
    /// Value in the quote asset.
    pub(crate) quote: Fixed,
    /// Commission.
    pub(crate) commission: Fixed,
    /// Asset of the commission.
    pub(crate) commission_asset: super::types::AssetId,
    /// Time of the event.
    pub(crate) time: Timestamp,
    /// Whether the order bought.
    pub(crate) is_buyer: bool,
    /// Whether the order was on the book.
    pub(crate) is_maker: bool,
}
