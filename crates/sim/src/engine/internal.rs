//! Orders of internal accounts, to which the filters for users do not apply.

use super::Engine;
use super::event::Event;
use super::fixed::Fixed;
use super::matching::Taken;
use super::order::NewOrder;
use super::plan::Goal;
use super::types::{AccountId, Side, SymbolId};
use binance_kit_core::Timestamp;

impl Engine {
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
        let (symbol, price) = (new.symbol, new.price.unwrap_or(Fixed::ONE));
        let instrument = self.instrument(symbol);
        let asset = instrument.asset_locked_by(new.side);
        let quantity = new.quantity.unwrap_or_default();
        // Twice as much, since a product is cut to eight places.
        let need = if new.side == Side::Buy { price.times(quantity) } else { quantity };
        let lacking = need + need + Fixed::ONE - self.ledger.account(account).balance(asset).free;
        if lacking.is_positive() {
            self.ledger.credit(account, asset, lacking);
        }
        let mut order = self.draft(account, new, None);
        self.lock_for(&mut order, Goal::Quantity).ok()?;
        self.admit(&mut order);
        let _: Taken = self.execute(&mut order, Goal::Quantity);
        self.run_triggers(symbol);
        self.finish(symbol);
        Some(order.executed)
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
        let need = if order.side == Side::Buy { order.price.times(left) } else { left };
        let excess = order.locked - need;
        order.locked = need;
        let (side, price, account) = (order.side, order.working_price(), order.account);
        let asset = instrument.asset_locked_by(side);
        let quantity = instrument.book.reduce(side, price, gone, None);
        instrument.last_update_id += 1;
        let update_id = instrument.last_update_id;
        self.events.push(Event::Level { symbol, side, price, quantity, update_id });
        self.ledger.unlock(account, asset, excess);
        self.finish(symbol);
    }
}
