//! What the plain exchange remembers of rules, orders, lists and trades.

use crate::engine::{Fixed, NewOrder, OrderType, SelfTradePrevention, Side, TimeInForce};

/// Amounts in units of 10^-8.
pub(super) type Units = i128;
pub(super) const UNIT: Units = 100_000_000;

/// The product of two amounts, cut.
pub(super) fn product(left: Units, right: Units) -> Units {
    left * right / UNIT
}

/// What holds for all orders.
#[derive(Debug, Clone)]
pub(super) struct PlainRules {
    pub(super) tick: Units,
    pub(super) lot: Units,
    pub(super) max_price: Units,
    pub(super) max_quantity: Units,
    pub(super) market_max_quantity: Units,
    pub(super) min_notional: Units,
    pub(super) iceberg_parts: Units,
    pub(super) max_orders: usize,
    pub(super) max_algo_orders: usize,
    pub(super) max_order_lists: usize,
    pub(super) max_amends: usize,
    pub(super) maker_rate: Units,
    pub(super) taker_rate: Units,
}

/// What a trailing order has seen.
#[derive(Debug, Clone)]
pub(super) struct PlainTrailing {
    /// In hundredths of a percent.
    pub(super) delta: Units,
    /// The best price since it follows.
    pub(super) extreme: Option<Units>,
}

#[derive(Debug, Clone)]
pub(super) struct PlainOrder {
    pub(super) id: u64,
    pub(super) account: usize,
    pub(super) buys: bool,
    pub(super) kind: OrderType,
    pub(super) time_in_force: TimeInForce,
    /// The limit; of a pegged order the price that was selected.
    pub(super) price: Units,
    pub(super) stop: Option<Units>,
    /// What a market order that waits is thought to cost.
    pub(super) guess: Units,
    pub(super) trailing: Option<PlainTrailing>,
    pub(super) quantity: Units,
    pub(super) executed: Units,
    pub(super) executed_quote: Units,
    pub(super) prevented: Units,
    pub(super) iceberg: Option<Units>,
    pub(super) shown: Units,
    pub(super) mode: SelfTradePrevention,
    pub(super) status: &'static str,
    /// When it came to its place in the queue of its price, if it is on the book.
    pub(super) arrival: Option<u64>,
    /// Waits for its stop price.
    pub(super) waits: bool,
    pub(super) list: Option<usize>,
    pub(super) amends: usize,
    /// The request.
    pub(super) asked: NewOrder,
}

impl PlainOrder {
    /// An order without an id; `price` is the last one.
    pub(super) fn draft(account: usize, new: &NewOrder, price: Units) -> Self {
        Self {
            id: 0,
            account,
            buys: new.side == Side::Buy,
            kind: new.kind,
            time_in_force: new.time_in_force.unwrap_or(TimeInForce::Gtc),
            price: new.price.unwrap_or_default().units(),
            stop: new.stop_price.map(Fixed::units),
            guess: new.stop_price.map_or(price, Fixed::units),
            trailing: new
                .trailing_delta
                .map(|delta| PlainTrailing { delta: Units::from(delta), extreme: None }),
            quantity: new.quantity.map_or(Units::MAX / 4, Fixed::units),
            executed: 0,
            executed_quote: 0,
            prevented: 0,
            iceberg: new.iceberg.map(Fixed::units),
            shown: 0,
            mode: new.prevention.unwrap_or(SelfTradePrevention::None),
            status: "NEW",
            arrival: None,
            waits: false,
            list: None,
            amends: 0,
            asked: new.clone(),
        }
    }

    pub(super) fn rest(&self) -> Units {
        self.quantity - self.executed - self.prevented
    }

    pub(super) fn visible(&self) -> Units {
        if self.iceberg.is_some() { self.shown.min(self.rest()) } else { self.rest() }
    }

    /// What the order may cost: base when it sells, quote when it buys.
    pub(super) fn need(&self) -> Units {
        match (self.buys, self.kind.has_price()) {
            (false, _) => self.rest(),
            (true, true) => product(self.price, self.rest()),
            (true, false) => product(self.guess, self.rest()),
        }
    }

    pub(super) fn crosses(&self, price: Units) -> bool {
        !self.kind.has_price() || if self.buys { price <= self.price } else { price >= self.price }
    }
}

/// Orders of which one cancels, or triggers, the others.
#[derive(Debug, Clone)]
pub(super) struct PlainList {
    pub(super) account: usize,
    /// The working order of a list in which it triggers the others.
    pub(super) working: Option<u64>,
    pub(super) dependents: Vec<u64>,
    /// Whether the working order pays for the others, and what it has received for them.
    pub(super) pays: bool,
    pub(super) kept: Units,
    pub(super) canceling: bool,
    pub(super) done: bool,
}

/// A trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlainTrade {
    pub(super) price: Units,
    pub(super) quantity: Units,
    pub(super) taker: u64,
    pub(super) maker: u64,
    /// Commissions of taker and maker.
    pub(super) fees: (Units, Units),
}
