//! Orders of internal accounts, to which the filters for users do not apply.

use super::Matching;
use super::event::Event;
use super::fixed::Fixed;
use super::matching::Taken;
use super::order::NewOrder;
use super::plan::Goal;
use super::types::{AccountId, SymbolId};
use crate::clearing::Clearing;
use binance_kit_core::Timestamp;

impl<C: Clearing> Matching<C> {
    /// Places an order of an internal account, which is funded as needed. Returns how much was filled at once; none when the
    /// symbol takes no orders.
    pub(crate) fn place_internal(
        &mut self,
        now: Timestamp,
        account: AccountId,
        new: NewOrder,
    ) -> Option<Fixed> {
        self.advance(now);
        if !self.instrument(new.symbol).status.takes_orders() {
            return None;
        }
        let symbol = new.symbol;
        let mut order = self.draft(account, new, None);
        self.clearing.fund_internal(&self.instruments[usize::from(symbol.0)].rules, &order);
        self.lock_for(&mut order, Goal::Quantity).ok()?;
        self.admit(&mut order);
        let _: Taken = self.execute(&mut order, Goal::Quantity);
        self.run_triggers(symbol);
        self.finish(symbol);
        Some(order.executed)
    }

    /// Puts a limit order of an internal account, which is funded as needed, on a book that it does not cross.
    pub(crate) fn rest_internal(&mut self, now: Timestamp, account: AccountId, new: NewOrder) {
        self.advance(now);
        let symbol = new.symbol;
        let mut order = self.draft(account, new, None);
        self.clearing.fund_internal(&self.instruments[usize::from(symbol.0)].rules, &order);
        if self.lock_for(&mut order, Goal::Quantity).is_ok() {
            self.admit(&mut order);
            self.rest(&mut order);
        }
    }

    /// Reduces an order of an internal account to `left`; it keeps its place in the queue. With nothing left, or more than there is,
    /// nothing happens.
    pub(crate) fn shrink_internal(&mut self, now: Timestamp, symbol: SymbolId, id: u64, left: Fixed) {
        self.advance(now);
        let instrument = &mut self.instruments[usize::from(symbol.0)];
        let Some(order) = instrument.orders.get_mut(&id) else { return };
        let gone = order.remaining() - left;
        if !gone.is_positive() || !left.is_positive() || order.priority.is_none() {
            return;
        }
        order.quantity -= gone;
        order.shown = order.shown.min(order.remaining());
        self.clearing.trim(&instrument.rules, order);
        let (side, price) = (order.side, order.working_price());
        let quantity = instrument.book.reduce(side, price, gone, None);
        instrument.last_update_id += 1;
        let update_id = instrument.last_update_id;
        self.events.push(Event::Level { symbol, side, price, quantity, update_id });
        self.finish(symbol);
    }
}
