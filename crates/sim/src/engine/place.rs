//! New orders: what they must bring with them, what they lock, and what becomes of them.

use super::Engine;
use super::event::Event;
use super::fixed::Fixed;
use super::matching::{Goal, release};
use super::order::{NewOrder, Order, Placed, Trailing};
use super::reject::Reject;
use super::types::{
    AccountId, ExecutionType, ExpiryReason, OrderStatus, OrderType, SelfTradePrevention, Side, SymbolId,
    TimeInForce,
};
use binance_kit_core::Timestamp;

impl Engine {
    /// Places an order.
    pub(crate) fn place(
        &mut self,
        now: Timestamp,
        account: AccountId,
        new: NewOrder,
    ) -> Result<Placed, Reject> {
        let now = self.advance(now);
        check_combination(&new)?;
        self.check_filters(now, account, &new, 1)?;
        self.place_checked(account, new)
    }

    /// Checks an order as [`Engine::place`] does, without placing it.
    pub(crate) fn check(&mut self, now: Timestamp, account: AccountId, new: &NewOrder) -> Result<(), Reject> {
        let now = self.advance(now);
        check_combination(new)?;
        self.check_filters(now, account, new, 1)?;
        self.check_acceptable(account, new)
    }

    /// Combination and filters alone: what cancel-replace looks at before it cancels.
    pub(super) fn check_request(&self, account: AccountId, new: &NewOrder) -> Result<(), Reject> {
        check_combination(new)?;
        self.check_filters(self.now, account, new, 1)
    }

    /// What the matching engine itself looks at, funds excepted.
    pub(super) fn check_acceptable(&self, account: AccountId, new: &NewOrder) -> Result<(), Reject> {
        self.check_identity(account, new)?;
        self.check_prices_now(new)
    }

    /// Whether the symbol trades, and whether the client order id is free.
    pub(super) fn check_identity(&self, account: AccountId, new: &NewOrder) -> Result<(), Reject> {
        let instrument = self.instrument(new.symbol);
        if !instrument.status.takes_orders() {
            return Err(Reject::order("Market is closed."));
        }
        if let Some(client_id) = &new.client_id
            && let Some(orders) = self.ledger.account(account).orders_on(new.symbol)
            && let Some(id) = orders.by_client.get(client_id)
            && orders.open.contains(id)
        {
            return Err(Reject::order("Duplicate order sent."));
        }
        Ok(())
    }

    /// Whether an order may be placed at the prices of now.
    pub(super) fn check_prices_now(&self, new: &NewOrder) -> Result<(), Reject> {
        let instrument = self.instrument(new.symbol);
        if let (Some(stop), Some(last)) = (new.stop_price, instrument.last_trade)
            && new.kind.is_contingent()
        {
            let triggered =
                if new.kind.triggers_upwards(new.side) { last.price >= stop } else { last.price <= stop };
            if triggered {
                return Err(Reject::order("Order would trigger immediately."));
            }
        }
        if new.kind == OrderType::LimitMaker
            && instrument.would_match(new.side, new.price.unwrap_or(Fixed::ZERO))
        {
            return Err(Reject::order("Order would immediately match and take."));
        }
        Ok(())
    }

    /// Places an order whose combination and filters are in order.
    pub(super) fn place_checked(&mut self, account: AccountId, new: NewOrder) -> Result<Placed, Reject> {
        self.check_acceptable(account, &new)?;
        let symbol = new.symbol;
        let mut order = self.draft(account, new, None);
        let goal = match order.quote_quantity {
            Fixed::ZERO => Goal::Quantity,
            quote => Goal::Quote(quote),
        };
        self.lock_for(&mut order, goal)?;
        self.admit(&mut order);
        let fills = if order.kind.is_contingent() {
            self.wait(order.clone());
            Vec::new()
        } else {
            self.execute(&mut order, goal)
        };
        self.run_triggers(symbol);
        self.finish(symbol);
        // What was triggered by the order may have traded with what is left of it.
        if let Some(current) = self.instrument(symbol).orders.get(&order.id) {
            order = current.clone();
        }
        Ok(Placed { order, fills, prevented: Vec::new() })
    }

    /// An order without id and funds.
    pub(super) fn draft(&mut self, account: AccountId, new: NewOrder, list: Option<u64>) -> Order {
        let house = self.ledger.account(account).house;
        let client_id = match new.client_id {
            Some(client_id) => client_id,
            // Nobody asks for an order of the house by its client id.
            None if house => binance_kit_core::ClientOrderId::default(),
            None => self.fresh_client_id(),
        };
        Order {
            id: 0,
            symbol: new.symbol,
            account,
            client_id,
            list,
            side: new.side,
            kind: new.kind,
            time_in_force: new.time_in_force.unwrap_or(TimeInForce::Gtc),
            price: if new.kind.has_price() { new.price.unwrap_or(Fixed::ZERO) } else { Fixed::ZERO },
            quantity: new.quantity.unwrap_or(Fixed::ZERO),
            quote_quantity: new.quote_quantity.unwrap_or(Fixed::ZERO),
            executed: Fixed::ZERO,
            executed_quote: Fixed::ZERO,
            stop_price: new.stop_price,
            trailing: new.trailing_delta.map(|delta| Trailing { delta, since: None, extreme: Fixed::ZERO }),
            iceberg: new.iceberg,
            shown: Fixed::ZERO,
            peg: new.peg,
            pegged_price: None,
            prevention: new.prevention.unwrap_or(SelfTradePrevention::None),
            prevented: Fixed::ZERO,
            prevented_match: None,
            strategy_id: new.strategy_id,
            strategy_type: new.strategy_type,
            status: OrderStatus::New,
            expiry: None,
            created: self.now,
            updated: self.now,
            working: None,
            locked: Fixed::ZERO,
            priority: None,
        }
    }

    /// Locks what the order may cost.
    pub(super) fn lock_for(&mut self, order: &mut Order, goal: Goal) -> Result<(), Reject> {
        let instrument = self.instrument(order.symbol);
        let amount = match (order.kind, order.side) {
            (OrderType::Market, side) => {
                let plan = instrument.plan(order, None, goal);
                if let Goal::Quote(_) = goal {
                    if plan.quantity.is_zero() {
                        return Err(Reject::order(
                            "Order book liquidity is less than symbol minimum quantity.",
                        ));
                    }
                    // Without the liquidity for all of it, one step more than there is keeps the order open to the end.
                    let beyond = if plan.complete { Fixed::ZERO } else { instrument.rules.step_size };
                    order.quantity = plan.quantity + beyond;
                }
                match side {
                    Side::Buy => plan.quote,
                    Side::Sell => plan.quantity,
                }
            }
            _ => need_of(order),
        };
        let asset = instrument.asset_locked_by(order.side);
        // A market order must be covered in full even when the book is too thin for it.
        let required = match (order.kind, order.side, goal) {
            (OrderType::Market, Side::Sell, Goal::Quantity) => order.quantity,
            _ => amount,
        };
        if self.ledger.account(order.account).balance(asset).free < required
            || !self.ledger.lock(order.account, asset, amount)
        {
            return Err(Reject::balance());
        }
        order.locked = amount;
        Ok(())
    }

    /// Gives the order its id and reports it.
    pub(super) fn admit(&mut self, order: &mut Order) {
        let instrument = self.instrument_mut(order.symbol);
        instrument.last_order_id += 1;
        order.id = instrument.last_order_id;
        if !order.kind.is_contingent() && !order.is_pending() {
            order.working = Some(order.created);
        }
        if self.ledger.account(order.account).house {
            return;
        }
        if let Some(forgotten) = self.ledger.remember(order.account, order.symbol, order.id, &order.client_id)
        {
            let instrument = self.instrument_mut(order.symbol);
            instrument.orders.remove(&forgotten);
            instrument.amendments.remove(&forgotten);
        }
        self.report(&order.clone(), ExecutionType::New, None);
    }

    /// Lets an order wait for its stop price.
    pub(super) fn wait(&mut self, order: Order) {
        let instrument = self.instrument_mut(order.symbol);
        let stop = order.stop_price.unwrap_or(Fixed::ZERO);
        if order.kind.triggers_upwards(order.side) {
            instrument.rising.insert((stop, order.id));
        } else {
            instrument.falling.insert((stop, order.id));
        }
        instrument.orders.insert(order.id, order);
    }

    /// Lets an order act: it takes what it can and rests, or expires, with what is left.
    pub(super) fn execute(&mut self, order: &mut Order, goal: Goal) -> Vec<super::order::Fill> {
        let limit = order.kind.has_price().then_some(order.price);
        let fill_or_kill = order.time_in_force == TimeInForce::Fok && limit.is_some();
        let fills = if fill_or_kill && !self.instrument(order.symbol).plan(order, limit, goal).complete {
            self.expire(order, ExpiryReason::UnfilledFok);
            Vec::new()
        } else {
            let fills = self.take(order, limit, goal);
            if order.status.is_open() {
                self.settle_rest(order, limit.is_some());
            }
            fills
        };
        if order.priority.is_none() && !order.status.is_open() {
            let asset = self.instrument(order.symbol).asset_locked_by(order.side);
            release(&mut self.ledger, order, asset);
            self.store_closed(order.clone());
        }
        fills
    }

    fn settle_rest(&mut self, order: &mut Order, limited: bool) {
        if !limited {
            if order.quote_quantity.is_positive() {
                order.quantity = order.executed;
            }
            self.expire(order, ExpiryReason::InsufficientLiquidity);
            return;
        }
        if order.time_in_force != TimeInForce::Gtc {
            self.expire(order, ExpiryReason::UnfilledIoc);
            return;
        }
        let instrument = &mut self.instruments[usize::from(order.symbol.0)];
        instrument.last_priority += 1;
        instrument.last_update_id += 1;
        order.priority = Some(instrument.last_priority);
        let quantity = instrument.book.insert(
            order.side,
            order.price,
            instrument.last_priority,
            order.id,
            order.remaining(),
        );
        self.events.push(Event::Level {
            symbol: order.symbol,
            side: order.side,
            price: order.price,
            quantity,
            update_id: instrument.last_update_id,
        });
        instrument.orders.insert(order.id, order.clone());
    }

    /// Places the pending orders of lists whose working order was filled, and wakes the waiting orders whose stop price
    /// was reached, until there are no more.
    pub(super) fn run_triggers(&mut self, symbol: SymbolId) {
        loop {
            if let Some(list) = self.ready.pop_front() {
                self.place_pending(list);
                continue;
            }
            let instrument = self.instrument(symbol);
            let Some(last) = instrument.last_trade else { return };
            let rising = instrument.rising.first().filter(|(stop, _)| *stop <= last.price);
            let falling = instrument.falling.last().filter(|(stop, _)| *stop >= last.price);
            let Some((stop, id)) = rising.or(falling).copied() else { return };
            let instrument = self.instrument_mut(symbol);
            instrument.rising.remove(&(stop, id));
            instrument.falling.remove(&(stop, id));
            self.trigger(symbol, id);
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
        let asset = instrument.asset_locked_by(order.side);
        if !order.kind.has_price() && order.side == Side::Buy {
            // The stop price was only a guess at the cost; now the book says it.
            let cost = self.instrument(symbol).plan(&order, None, Goal::Quantity).quote;
            release(&mut self.ledger, &mut order, asset);
            if !self.ledger.lock(order.account, asset, cost) {
                self.expire(&mut order, ExpiryReason::Rejected);
                self.store_closed(order);
                return;
            }
            order.locked = cost;
        }
        self.report(&order.clone(), ExecutionType::New, None);
        self.execute(&mut order, Goal::Quantity);
    }
}

/// What an order that is not a market order must have locked: its worst cost.
pub(super) fn need_of(order: &Order) -> Fixed {
    match order.side {
        Side::Sell => order.remaining(),
        Side::Buy if order.kind.has_price() => order.price.times(order.remaining()),
        Side::Buy => order.stop_price.unwrap_or(Fixed::ZERO).times(order.remaining()),
    }
}

/// Checks that each type has what it needs and nothing else.
pub(super) fn check_combination(new: &NewOrder) -> Result<(), Reject> {
    let require = |present: bool, name: &str| if present { Ok(()) } else { Err(Reject::missing(name)) };
    let refuse = |present: bool, name: &str| if present { Err(Reject::not_required(name)) } else { Ok(()) };
    if new.kind == OrderType::Market {
        if new.quantity.is_none() && new.quote_quantity.is_none() {
            return Err(Reject::new(
                -1102,
                "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!",
            ));
        }
        if new.quantity.is_some() {
            refuse(new.quote_quantity.is_some(), "quoteOrderQty")?;
        }
    } else {
        refuse(new.quote_quantity.is_some(), "quoteOrderQty")?;
        require(new.quantity.is_some(), "quantity")?;
    }
    let timed = new.kind.has_price() && new.kind != OrderType::LimitMaker;
    if timed {
        require(new.time_in_force.is_some(), "timeInForce")?;
    } else {
        refuse(new.time_in_force.is_some(), "timeInForce")?;
    }
    if new.kind.has_price() {
        require(new.price.is_some(), "price")?;
    } else {
        refuse(new.price.is_some(), "price")?;
    }
    if new.kind.is_contingent() {
        require(new.stop_price.is_some(), "stopPrice")?;
    } else {
        refuse(new.stop_price.is_some(), "stopPrice")?;
    }
    Ok(())
}
