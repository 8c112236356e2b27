//! Facts that rules need beside the order.

use super::exact;
use crate::generated::spot::all::{
    BookTicker, CurrentAveragePrice, CurrentReferencePrice, Order, OrderSide, Permission,
};
use binance_kit_core::{Decimal, Symbol};
use std::collections::BTreeSet;

/// Number of open orders of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenCounts {
    /// All of them.
    pub orders: u32,
    /// Stop and take-profit orders.
    pub algo_orders: u32,
    /// Iceberg orders.
    pub iceberg_orders: u32,
    /// Order lists.
    pub order_lists: u32,
}

impl OpenCounts {
    fn of<'a>(orders: impl Iterator<Item = &'a Order>) -> Self {
        let mut counts = Self::default();
        let mut lists = BTreeSet::new();
        for order in orders {
            counts.orders = counts.orders.saturating_add(1);
            counts.algo_orders = counts.algo_orders.saturating_add(u32::from(order.order_type.is_algo()));
            let shows_a_part = order.iceberg_quantity.is_some_and(|shown| shown > Decimal::ZERO);
            counts.iceberg_orders = counts.iceberg_orders.saturating_add(u32::from(shows_a_part));
            lists.extend(order.order_list_id);
        }
        counts.order_lists = u32::try_from(lists.len()).unwrap_or(u32::MAX);
        counts
    }
}

/// Facts about market and account for the check of an order. All are optional: a rule whose facts are missing is reported
/// as not checked.
///
/// ```
/// use binance_kit_core::Decimal;
/// use binance_kit_model::spot::rules::OrderContext;
///
/// let context = OrderContext::new()
///     .reference_price(None)
///     .average_price(5, Decimal::from(60_000))
///     .last_price(Decimal::from(60_010));
/// assert_eq!(context.average_price, Some((5, Decimal::from(60_000))));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct OrderContext {
    /// The best bid.
    pub best_bid: Option<Decimal>,
    /// The best ask.
    pub best_ask: Option<Decimal>,
    /// The price of the last trade.
    pub last_price: Option<Decimal>,
    /// Minutes, and the average price over them.
    pub average_price: Option<(u32, Decimal)>,
    /// The reference price; `Some(None)` for a symbol that has none, `None` if it is not known whether it has one.
    pub reference_price: Option<Option<Decimal>>,
    /// Open orders on the symbol.
    pub open_on_symbol: Option<OpenCounts>,
    /// Open orders on the exchange.
    pub open_on_exchange: Option<OpenCounts>,
    /// Balance of the base asset, free and locked.
    pub base_balance: Option<Decimal>,
    /// The sum of the quantities of the open buy orders of the symbol.
    pub open_buy_quantity: Option<Decimal>,
    /// Permissions of the account.
    pub permissions: Option<Vec<Permission>>,
    /// The order that is to be amended.
    pub amended: Option<AmendedTerms>,
    /// Number of earlier amendments of that order.
    pub amendments: Option<u32>,
}

/// The terms of an order that is to be amended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AmendedTerms {
    /// Its side.
    pub side: OrderSide,
    /// Its price.
    pub price: Decimal,
    /// Its quantity.
    pub quantity: Decimal,
    /// Its visible quantity (iceberg).
    pub iceberg_quantity: Option<Decimal>,
}

impl OrderContext {
    /// Creates a context without facts.
    pub fn new() -> Self {
        Self::default()
    }

    /// The best bid.
    #[must_use]
    pub fn best_bid(mut self, price: Decimal) -> Self {
        self.best_bid = Some(price);
        self
    }

    /// The best ask.
    #[must_use]
    pub fn best_ask(mut self, price: Decimal) -> Self {
        self.best_ask = Some(price);
        self
    }

    /// The best bid and the best ask, from an answer to `TickerBook`. An empty side is left unknown.
    #[must_use]
    pub fn book_ticker(mut self, ticker: &BookTicker) -> Self {
        let some = |price: Decimal| Some(price).filter(|price| *price > Decimal::ZERO);
        (self.best_bid, self.best_ask) = (some(ticker.bid_price), some(ticker.ask_price));
        self
    }

    /// The price of the last trade.
    #[must_use]
    pub fn last_price(mut self, price: Decimal) -> Self {
        self.last_price = Some(price);
        self
    }

    /// The average price over so many minutes.
    #[must_use]
    pub fn average_price(mut self, minutes: u32, price: Decimal) -> Self {
        self.average_price = Some((minutes, price));
        self
    }

    /// The average price, from an answer to `AvgPrice`.
    #[must_use]
    pub fn current_average_price(self, answer: &CurrentAveragePrice) -> Self {
        self.average_price(answer.minutes, answer.price)
    }

    /// The reference price, or that the symbol has none: then the average price counts.
    #[must_use]
    pub fn reference_price(mut self, price: Option<Decimal>) -> Self {
        self.reference_price = Some(price);
        self
    }

    /// The reference price, from an answer to `ReferencePrice`.
    #[must_use]
    pub fn current_reference_price(self, answer: &CurrentReferencePrice) -> Self {
        self.reference_price(answer.price)
    }

    /// Number of open orders on the symbol.
    #[must_use]
    pub fn open_on_symbol(mut self, counts: OpenCounts) -> Self {
        self.open_on_symbol = Some(counts);
        self
    }

    /// Number of open orders on the exchange.
    #[must_use]
    pub fn open_on_exchange(mut self, counts: OpenCounts) -> Self {
        self.open_on_exchange = Some(counts);
        self
    }

    /// All open orders of the account, from an answer to `OpenOrders` without a symbol: counts them on the exchange and on
    /// `symbol`, and sums the remaining quantities of the symbol's buy orders.
    #[must_use]
    pub fn open_orders(mut self, symbol: &Symbol, orders: &[Order]) -> Self {
        self.open_on_exchange = Some(OpenCounts::of(orders.iter()));
        self.open_orders_of_symbol(symbol, orders)
    }

    /// As [`OrderContext::open_orders`], from an answer to `OpenOrders` for the symbol: says nothing of the exchange.
    #[must_use]
    pub fn open_orders_of_symbol(mut self, symbol: &Symbol, orders: &[Order]) -> Self {
        let here = || orders.iter().filter(|order| order.symbol == *symbol);
        self.open_on_symbol = Some(OpenCounts::of(here()));
        self.open_buy_quantity =
            here().filter(|order| order.side == OrderSide::Buy).try_fold(Decimal::ZERO, |sum, order| {
                exact::add(sum, exact::subtract(order.original_quantity, order.executed_quantity)?)
            });
        self
    }

    /// Balance of the base asset, free and locked together.
    #[must_use]
    pub fn base_balance(mut self, amount: Decimal) -> Self {
        self.base_balance = Some(amount);
        self
    }

    /// The sum of the quantities of the open buy orders of the symbol.
    #[must_use]
    pub fn open_buy_quantity(mut self, quantity: Decimal) -> Self {
        self.open_buy_quantity = Some(quantity);
        self
    }

    /// Permissions of the account, from an answer to `Account`.
    #[must_use]
    pub fn permissions(mut self, permissions: impl Into<Vec<Permission>>) -> Self {
        self.permissions = Some(permissions.into());
        self
    }

    /// The order that is to be amended, and how often it was amended before.
    #[must_use]
    pub fn amending(mut self, order: &Order, amendments: u32) -> Self {
        self.amended = Some(AmendedTerms {
            side: order.side.clone(),
            price: order.price,
            quantity: order.original_quantity,
            iceberg_quantity: order.iceberg_quantity.filter(|shown| *shown > Decimal::ZERO),
        });
        self.amendments = Some(amendments);
        self
    }
}
