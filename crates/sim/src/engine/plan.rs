//! What a taker would find in the book, without touching anything: what a market order costs, whether a fill-or-kill
//! order can be filled, and what the rules forbid on the way.

use super::account::Accounts;
use super::fixed::Fixed;
use super::order::Order;
use super::reject::Reject;
use super::types::{SelfTradePrevention, Side};
use super::{Instrument, Matching};
use crate::clearing::{Clearing, Estimate};
use std::collections::VecDeque;
use std::ops::ControlFlow;

/// How far a taker goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Goal {
    /// Until its quantity is filled.
    Quantity,
    /// Until this much of the quote asset is spent or received.
    Quote(Fixed),
}

/// What a taker would do to the book as it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Plan {
    /// What would be traded, or prevented from being traded while the order goes on.
    pub(super) quantity: Fixed,
    /// Value of that.
    pub(super) quote: Fixed,
    /// Whether the goal is reached.
    pub(super) complete: bool,
    /// Whether a part of it would be prevented.
    pub(super) prevented: bool,
}

impl Plan {
    /// What that costs, of an order of which `covered` must be there in full.
    pub(super) fn estimate(self, covered: Fixed) -> Estimate {
        Estimate { quantity: self.quantity, quote: self.quote, covered }
    }
}

/// Prices within which an order may be executed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bounds {
    /// Lowest price.
    pub(super) lowest: Option<Fixed>,
    /// Highest price.
    pub(super) highest: Option<Fixed>,
}

impl Bounds {
    pub(super) fn allow(self, price: Fixed) -> bool {
        self.lowest.is_none_or(|lowest| price >= lowest)
            && self.highest.is_none_or(|highest| price <= highest)
    }
}

pub(super) fn crosses(side: Side, limit: Option<Fixed>, price: Fixed) -> bool {
    limit.is_none_or(|limit| match side {
        Side::Buy => price <= limit,
        Side::Sell => price >= limit,
    })
}

/// How much of `available` at `price` the goal still wants of an order that wants `left`; `spent` is its quote so far.
pub(super) fn wanted(
    step: Fixed,
    goal: Goal,
    left: Fixed,
    spent: Fixed,
    available: Fixed,
    price: Fixed,
) -> Fixed {
    match goal {
        Goal::Quantity => available.min(left),
        Goal::Quote(quote) => available.min((quote - spent).over(price).floor_to(step)),
    }
}

/// What prevents two orders from trading with each other, if anything does.
pub(super) fn prevention(accounts: &Accounts, taker: &Order, maker: &Order) -> Option<SelfTradePrevention> {
    if taker.prevention == SelfTradePrevention::None {
        return None;
    }
    let same = taker.account == maker.account;
    if !same {
        let group = accounts.get(taker.account).trade_group?;
        if accounts.get(maker.account).trade_group != Some(group) {
            return None;
        }
    }
    Some(match taker.prevention {
        SelfTradePrevention::Transfer if maker.prevention != SelfTradePrevention::Transfer => {
            SelfTradePrevention::Decrement
        }
        mode => mode,
    })
}

/// A taker on its way through the book.
struct Sweep<'a> {
    /// All accounts, for their groups.
    accounts: &'a Accounts,
    /// Step size of the symbol.
    step: Fixed,
    /// Order that would take.
    taker: &'a Order,
    /// How far it goes.
    goal: Goal,
    /// What was found until now.
    plan: Plan,
}

impl Sweep<'_> {
    /// Meets a part of a maker. Breaks when the sweep is over; continues with whether the maker is still there.
    fn meet(&mut self, maker: &Order, available: Fixed, price: Fixed) -> ControlFlow<(), bool> {
        let left = self.taker.remaining() - self.plan.quantity;
        let quantity = wanted(self.step, self.goal, left, self.plan.quote, available, price);
        let prevention = prevention(self.accounts, self.taker, maker);
        match prevention {
            None => {}
            Some(SelfTradePrevention::ExpireMaker) => {
                self.plan.prevented = true;
                return ControlFlow::Continue(false);
            }
            Some(SelfTradePrevention::Decrement | SelfTradePrevention::Transfer) => {
                self.plan.prevented = true;
            }
            Some(_) => {
                self.plan.prevented = true;
                if let Goal::Quote(quote) = self.goal {
                    // What the order would have wanted of the rest is what it loses.
                    self.plan.quantity += (quote - self.plan.quote).over(price).floor_to(self.step);
                    self.plan.complete = true;
                }
                return ControlFlow::Break(());
            }
        }
        self.plan.quantity += quantity;
        self.plan.quote += price.times(quantity);
        let reached = match self.goal {
            Goal::Quantity => self.plan.quantity >= self.taker.remaining(),
            Goal::Quote(quote) => quantity < available || self.plan.quote >= quote,
        };
        if reached {
            self.plan.complete = true;
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(true)
    }
}

impl<C: Clearing> Matching<C> {
    /// Goes through the book as a taker would, without touching anything.
    pub(super) fn plan(&self, taker: &Order, limit: Option<Fixed>, goal: Goal) -> Plan {
        let instrument = self.instrument(taker.symbol);
        let bounds = instrument.bounds(taker.side, self.now);
        let step = instrument.rules.step_size;
        let mut sweep = Sweep { accounts: &self.accounts, step, taker, goal, plan: Plan::default() };
        let _ = instrument.sweep(&mut sweep, limit, bounds);
        sweep.plan
    }
}

impl Instrument {
    fn sweep(&self, sweep: &mut Sweep<'_>, limit: Option<Fixed>, bounds: Bounds) -> ControlFlow<()> {
        let side = sweep.taker.side;
        for (price, queue) in self.book.queues(side.opposite()) {
            if !crosses(side, limit, price) || !bounds.allow(price) {
                break;
            }
            // What icebergs show next stands behind all that is shown now.
            let mut hidden = VecDeque::new();
            for id in queue {
                let Some(maker) = self.orders.get(&id) else { continue };
                let available = maker.visible();
                if sweep.meet(maker, available, price)? && available < maker.remaining() {
                    hidden.push_back((maker, maker.remaining() - available));
                }
            }
            while let Some((maker, rest)) = hidden.pop_front() {
                let available = rest.min(maker.iceberg.unwrap_or(rest));
                if sweep.meet(maker, available, price)? && available < rest {
                    hidden.push_back((maker, rest - available));
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Whether a market order by quote quantity finds what the filters want at least.
    pub(super) fn check_liquidity(&self, side: Side, plan: Plan) -> Result<(), Reject> {
        if self.book.best(side.opposite()).is_none() {
            return Err(Reject::order("Order book liquidity is less than symbol minimum quantity."));
        }
        let rules = &self.rules;
        if plan.complete {
            // There is enough, but the quote quantity does not pay for it.
            let enough = plan.quantity >= rules.min_quantity.max(rules.step_size);
            return if enough { Ok(()) } else { Err(Reject::filter("LOT_SIZE")) };
        }
        if plan.quantity < rules.min_quantity {
            return Err(Reject::order(
                "Order book liquidity is less than `LOT_SIZE` filter minimum quantity.",
            ));
        }
        if plan.quantity < rules.market_min_quantity {
            return Err(Reject::order(
                "Order book liquidity is less than `MARKET_LOT_SIZE` filter minimum quantity.",
            ));
        }
        Ok(())
    }

    /// Whether an order at this price would trade at once.
    pub(super) fn would_match(&self, side: Side, price: Fixed) -> bool {
        self.book.best(side.opposite()).is_some_and(|(best, _)| crosses(side, Some(price), best))
    }
}
