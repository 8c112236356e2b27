//! New orders: what they must bring with them, what they lock, and what becomes of them.

use super::Matching;
use super::event::Event;
use super::filters::Adding;
use super::fixed::Fixed;
use super::matching::Taken;
use super::order::{NewOrder, Order, Placed, Trailing};
use super::plan::Goal;
use super::reject::Reject;
use super::types::{AccountId, ExecutionType, ExpiryReason, OrderStatus, OrderType, TimeInForce};
use crate::clearing::Clearing;
use binance_kit_core::Timestamp;

impl<C: Clearing> Matching<C> {
    /// Places an order.
    pub(crate) fn place(
        &mut self,
        now: Timestamp,
        account: AccountId,
        new: NewOrder,
    ) -> Result<Placed, Reject> {
        self.advance(now);
        self.check_request(account, &new)?;
        self.place_checked(account, new)
    }

    /// Checks an order as far as is done before the matching engine gets it.
    pub(crate) fn check(&mut self, now: Timestamp, account: AccountId, new: &NewOrder) -> Result<(), Reject> {
        self.advance(now);
        self.check_request(account, new)?;
        if self.instrument(new.symbol).status.takes_orders() { Ok(()) } else { Err(Reject::closed()) }
    }

    /// Combination and filters alone: what cancel-replace looks at before it cancels.
    pub(super) fn check_request(&self, account: AccountId, new: &NewOrder) -> Result<(), Reject> {
        self.check_composition(new)?;
        self.check_filters(self.now, account, new, Adding::of([new]))
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
            return Err(Reject::closed());
        }
        if let Some(client_id) = &new.client_id
            && let Some(orders) = self.accounts.get(account).orders_on(new.symbol)
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
        let price = match new.peg {
            Some(peg) if !new.kind.is_contingent() => {
                Some(instrument.peg_price(new.side, peg, new.price).ok_or_else(Reject::no_peg)?)
            }
            _ => new.price,
        };
        if new.kind == OrderType::LimitMaker && instrument.would_match(new.side, price.unwrap_or(Fixed::ZERO))
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
        let taken = if order.kind.is_contingent() {
            self.wait(order.clone());
            Taken::default()
        } else {
            self.execute(&mut order, goal)
        };
        // What the order triggers may trade with what is left of it: that is not part of the answer to its placement.
        self.run_triggers(symbol);
        self.finish(symbol);
        Ok(taken.placed(order))
    }

    /// An order without id and funds.
    pub(super) fn draft(&mut self, account: AccountId, new: NewOrder, list: Option<u64>) -> Order {
        let internal = self.accounts.get(account).internal;
        let instrument = self.instrument(new.symbol);
        let default_prevention = instrument.rules.default_prevention;
        let last_price = instrument.last_price();
        // Contingent orders select theirs when they begin to act.
        let pegged_price = match new.peg {
            Some(peg) if !new.kind.is_contingent() => instrument.peg_price(new.side, peg, new.price),
            _ => None,
        };
        let client_id = match new.client_id {
            Some(client_id) => client_id,
            // Orders of internal accounts are never looked up by client id.
            None if internal => binance_kit_core::ClientOrderId::default(),
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
            guess: new.stop_price.unwrap_or(last_price),
            trailing: new.trailing_delta.map(|delta| Trailing { delta, since: None, extreme: Fixed::ZERO }),
            iceberg: new.iceberg,
            shown: Fixed::ZERO,
            peg: new.peg,
            pegged_price,
            prevention: new.prevention.unwrap_or(default_prevention),
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
            floor: None,
            priority: None,
        }
    }

    /// Lets the order hold what it may cost.
    pub(super) fn lock_for(&mut self, order: &mut Order, goal: Goal) -> Result<(), Reject> {
        if order.kind != OrderType::Market {
            return self.clearing.reserve(&self.instruments[usize::from(order.symbol.0)].rules, order);
        }
        let plan = self.plan(order, None, goal);
        let instrument = &self.instruments[usize::from(order.symbol.0)];
        let covered = match goal {
            // A market order must be covered in full even when the book is too thin for it.
            Goal::Quantity => order.quantity,
            Goal::Quote(_) => {
                instrument.check_liquidity(order.side, plan)?;
                // Without the liquidity for all of it, one step more than there is keeps the order open to the end.
                let beyond = if plan.complete { Fixed::ZERO } else { instrument.rules.step_size };
                order.quantity = plan.quantity + beyond;
                plan.quantity
            }
        };
        self.clearing.reserve_estimate(&instrument.rules, order, plan.estimate(covered))
    }

    /// Gives the order its id and reports it.
    pub(super) fn admit(&mut self, order: &mut Order) {
        let instrument = self.instrument_mut(order.symbol);
        instrument.last_order_id += 1;
        order.id = instrument.last_order_id;
        if !order.kind.is_contingent() && !order.is_pending() {
            order.working = Some(order.created);
        }
        if self.accounts.get(order.account).internal {
            return;
        }
        if let Some(forgotten) = self.accounts.remember(order) {
            let instrument = self.instrument_mut(order.symbol);
            instrument.amendments.remove(&forgotten);
            if let Some(forgotten) = instrument.orders.remove(&forgotten) {
                self.accounts.forget_client_id(&forgotten);
            }
        }
        self.report(&order.clone(), ExecutionType::New, None);
    }

    /// Lets an order act: it takes what it can and rests, or expires, with what is left.
    pub(super) fn execute(&mut self, order: &mut Order, goal: Goal) -> Taken {
        let limit = order.kind.has_price().then(|| order.working_price());
        let fill_or_kill = order.time_in_force == TimeInForce::Fok && limit.is_some();
        let plan = fill_or_kill.then(|| self.plan(order, limit, goal));
        let taken = if plan.is_some_and(|plan| !plan.complete && !plan.prevented) {
            self.expire(order, ExpiryReason::UnfilledFok);
            Taken::default()
        } else {
            let taken = self.take(order, limit, goal);
            if order.status.is_open() {
                self.settle_rest(order, limit.is_some(), taken.beyond_range);
            }
            taken
        };
        self.put_away(order);
        taken
    }

    /// What becomes of the rest of an order that can take no more.
    pub(super) fn settle_rest(&mut self, order: &mut Order, limited: bool, beyond_range: bool) {
        if order.quote_quantity.is_positive() {
            order.quantity = order.executed + order.prevented;
        }
        let reason = match order.time_in_force {
            _ if beyond_range => ExpiryReason::PriceRangeExceeded,
            _ if !limited => ExpiryReason::InsufficientLiquidity,
            TimeInForce::Ioc => ExpiryReason::UnfilledIoc,
            TimeInForce::Fok => ExpiryReason::UnfilledFok,
            TimeInForce::Gtc => return self.rest(order),
        };
        self.expire(order, reason);
    }

    /// Puts an order on the book.
    pub(super) fn rest(&mut self, order: &mut Order) {
        order.shown = order.next_part();
        let price = order.working_price();
        let instrument = &mut self.instruments[usize::from(order.symbol.0)];
        instrument.last_priority += 1;
        instrument.last_update_id += 1;
        order.priority = Some(instrument.last_priority);
        let quantity =
            instrument.book.insert(order.side, price, instrument.last_priority, order.id, order.visible());
        self.events.push(Event::Level {
            symbol: order.symbol,
            side: order.side,
            price,
            quantity,
            update_id: instrument.last_update_id,
        });
        instrument.orders.insert(order.id, order.clone());
    }
}
