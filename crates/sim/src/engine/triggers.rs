//! Orders that wait: for their stop price, or for the price to turn. And what becomes of them when it does.

use super::fixed::Fixed;
use super::order::Order;
use super::plan::Goal;
use super::types::{ExecutionType, ExpiryReason, Side, SymbolId};
use super::{Instrument, Matching};
use crate::clearing::Clearing;
use binance_kit_core::Timestamp;

/// Ten thousand hundredths of a percent.
const WHOLE: i128 = 10_000;

/// Whether a price is far enough from the best one seen to trigger a trailing order.
fn turned(side: Side, price: Fixed, extreme: Fixed, delta: u32) -> bool {
    let (price, extreme, delta) = (price.units() * WHOLE, extreme.units(), i128::from(delta));
    match side {
        Side::Buy => price >= extreme * (WHOLE + delta),
        Side::Sell => price <= extreme * (WHOLE - delta),
    }
}

impl Instrument {
    /// Tells the trailing orders of a trade. Those that it triggers wait for the end of the command.
    pub(super) fn follow(&mut self, price: Fixed, now: Timestamp) {
        if self.trailing.is_empty() {
            return;
        }
        let mut triggered = Vec::new();
        for id in &self.trailing {
            let Some(order) = self.orders.get_mut(id) else { continue };
            let (side, stop) = (order.side, order.stop_price);
            let upwards = order.kind.triggers_upwards(side);
            let Some(trailing) = &mut order.trailing else { continue };
            if trailing.since.is_none() {
                let reached = stop.is_none_or(|stop| if upwards { price >= stop } else { price <= stop });
                if reached {
                    trailing.since = Some(now);
                    trailing.extreme = price;
                }
                continue;
            }
            if turned(side, price, trailing.extreme, trailing.delta) {
                triggered.push(*id);
                continue;
            }
            trailing.extreme = match side {
                Side::Buy => trailing.extreme.min(price),
                Side::Sell => trailing.extreme.max(price),
            };
        }
        for id in triggered {
            self.trailing.remove(&id);
            self.turned.push_back(id);
        }
    }

    /// Takes an order out of the waiting room.
    pub(super) fn stop_waiting(&mut self, id: u64) {
        let Some(order) = self.orders.get(&id) else { return };
        if let Some(stop) = order.stop_price {
            self.rising.remove(&(stop, id));
            self.falling.remove(&(stop, id));
        }
        if order.trailing.is_some() {
            self.trailing.remove(&id);
            self.turned.retain(|other| *other != id);
        }
    }

    /// The order that is to be triggered next.
    fn next_triggered(&mut self) -> Option<u64> {
        let last = self.last_trade?.price;
        let rising = self.rising.first().filter(|(stop, _)| *stop <= last);
        // The highest stop first, and of those at the same stop the oldest.
        let highest = self.falling.last().map(|(stop, _)| *stop).filter(|stop| *stop >= last);
        let falling = highest.and_then(|stop| self.falling.range((stop, 0)..).next());
        if let Some((stop, id)) = rising.or(falling).copied() {
            self.rising.remove(&(stop, id));
            self.falling.remove(&(stop, id));
            return Some(id);
        }
        self.turned.pop_front()
    }
}

impl<C: Clearing> Matching<C> {
    /// Lets an order wait for its stop price, or for the price to turn.
    pub(super) fn wait(&mut self, mut order: Order) {
        let now = self.now;
        let instrument = self.instrument_mut(order.symbol);
        match (&mut order.trailing, order.stop_price) {
            (Some(trailing), stop) => {
                if let (None, Some(last)) = (stop, instrument.last_trade) {
                    trailing.since = Some(now);
                    trailing.extreme = last.price;
                }
                instrument.trailing.insert(order.id);
            }
            (None, stop) => {
                let stop = stop.unwrap_or(Fixed::ZERO);
                if order.kind.triggers_upwards(order.side) {
                    instrument.rising.insert((stop, order.id));
                } else {
                    instrument.falling.insert((stop, order.id));
                }
            }
        }
        instrument.orders.insert(order.id, order);
    }

    /// Places the pending orders of lists whose working order was filled, and wakes the waiting orders whose stop price
    /// was reached, until there are no more.
    pub(super) fn run_triggers(&mut self, symbol: SymbolId) {
        loop {
            if let Some(list) = self.ready.pop_front() {
                self.place_pending(list);
            } else if let Some(id) = self.instrument_mut(symbol).next_triggered() {
                self.trigger(symbol, id);
            } else {
                return;
            }
        }
    }

    fn trigger(&mut self, symbol: SymbolId, id: u64) {
        if self.instrument(symbol).orders.get(&id).is_some_and(|order| order.list.is_some()) {
            self.activate_leg(symbol, id);
        }
        let now = self.now;
        let instrument = self.instrument_mut(symbol);
        let Some(mut order) = instrument.orders.remove(&id) else { return };
        order.working = Some(now);
        order.updated = now;
        let pegged = order.peg.is_some();
        if pegged && !self.resolve_peg(&mut order) {
            self.reject_triggered(order);
            return;
        }
        if order.side == Side::Buy && (pegged || !order.kind.has_price()) {
            // What is locked was only a guess at the cost; now the book says it.
            let plan = (!pegged).then(|| self.plan(&order, None, Goal::Quantity));
            let rules = &self.instruments[usize::from(symbol.0)].rules;
            self.clearing.release(rules, &mut order);
            let reserved = match plan {
                Some(plan) => self.clearing.reserve_estimate(rules, &mut order, plan.estimate(plan.quantity)),
                None => self.clearing.reserve(rules, &mut order),
            };
            if reserved.is_err() {
                self.reject_triggered(order);
                return;
            }
        }
        self.report(&order.clone(), ExecutionType::New, None);
        self.execute(&mut order, Goal::Quantity);
    }

    fn reject_triggered(&mut self, mut order: Order) {
        self.clearing.release(&self.instruments[usize::from(order.symbol.0)].rules, &mut order);
        self.expire(&mut order, ExpiryReason::Rejected);
        self.store_closed(order);
    }

    /// Gives a pegged order the price of now. False when the book has none, or the filters do not let it pass.
    pub(super) fn resolve_peg(&self, order: &mut Order) -> bool {
        let Some(peg) = order.peg else { return true };
        let limit = Some(order.price).filter(|price| price.is_positive());
        let Some(price) = self.instrument(order.symbol).peg_price(order.side, peg, limit) else {
            return false;
        };
        order.pegged_price = Some(price);
        self.check_price(order.symbol, order.side, price, order.quantity).is_ok()
    }
}

impl Instrument {
    /// The price that a peg selects now: that of an existing level, and not beyond the order's own limit.
    pub(super) fn peg_price(&self, side: Side, peg: super::Peg, limit: Option<Fixed>) -> Option<Fixed> {
        let depth = usize::try_from(peg.offset.unwrap_or(0)).unwrap_or(usize::MAX);
        let (price, _) = self.book.levels(peg.price_type.side(side)).nth(depth)?;
        Some(match (limit, side) {
            (None, _) => price,
            (Some(limit), Side::Buy) => price.min(limit),
            (Some(limit), Side::Sell) => price.max(limit),
        })
    }
}
