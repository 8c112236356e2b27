//! Pending orders: what becomes of them when the working order of their list is filled.
//!
//! They are placed after the command that filled it, before any other command. An order that cannot be placed then
//! (its funds are missing, a filter is against it, its stop price was passed) expires.

use crate::clearing::Clearing;
use crate::engine::Matching;
use crate::engine::filters::Adding;
use crate::engine::fixed::Fixed;
use crate::engine::order::{NewOrder, Order};
use crate::engine::plan::Goal;
use crate::engine::reject::Reject;
use crate::engine::types::{ExecutionType, ExpiryReason, OrderStatus, OrderType};

impl<C: Clearing> Matching<C> {
    /// Places the pending orders of a list.
    pub(in crate::engine) fn place_pending(&mut self, list: u64) {
        let Some(list) = self.lists.get(&list).filter(|list| list.is_executing()) else { return };
        let (symbol, pays) = (list.symbol, list.pays);
        let ids: Vec<u64> = list.dependents().iter().map(|(id, _)| *id).collect();
        let instrument = &mut self.instruments[usize::from(symbol.0)];
        let mut orders: Vec<Order> = ids
            .iter()
            .filter_map(|id| instrument.orders.get(id))
            .filter(|o| o.is_pending())
            .cloned()
            .collect();
        let last_price = instrument.last_price();
        let mut kept = Fixed::ZERO;
        for order in &mut orders {
            kept += order.locked;
            self.clearing.release(&instrument.rules, order);
        }
        let now = self.now;
        for order in &mut orders {
            order.status = OrderStatus::New;
            order.updated = now;
            order.guess = order.stop_price.unwrap_or(last_price);
            if pays {
                order.quantity = self.sellable(order, kept);
            }
            if !order.kind.is_contingent() {
                order.working = Some(now);
                // Without a price on the book the order is refused below.
                self.resolve_peg(order);
            }
            self.instrument_mut(symbol).orders.insert(order.id, order.clone());
        }
        let refused = self.refused_dependent(&orders).or_else(|| {
            let pair = orders.len() > 1;
            let locked = if pair {
                self.lock_for_pair(&mut orders)
            } else {
                orders.iter_mut().try_for_each(|order| self.lock_for(order, Goal::Quantity))
            };
            locked.is_err().then_some(0)
        });
        if let Some(refused) = refused {
            for (index, mut order) in orders.into_iter().enumerate() {
                let reason = if index == refused { ExpiryReason::Rejected } else { ExpiryReason::OcoTrigger };
                order.working = None;
                self.expire(&mut order, reason);
                self.store_closed(order);
            }
            return;
        }
        for order in &orders {
            self.report(order, ExecutionType::New, None);
        }
        for mut order in orders {
            self.start(&mut order);
        }
    }

    /// The first of the orders that cannot be placed as things are now.
    fn refused_dependent(&self, orders: &[Order]) -> Option<usize> {
        let news: Vec<NewOrder> = orders.iter().map(NewOrder::of).collect();
        let check = |new: &NewOrder, order: &Order| -> Result<(), Reject> {
            self.check_filters(self.now, order.account, new, Adding::NONE)?;
            self.check_prices_now(new)
        };
        let refused = news.iter().zip(orders).position(|(new, order)| check(new, order).is_err());
        refused.or_else(|| {
            let [first, _] = &news[..] else { return None };
            let last = self.instrument(first.symbol).last_price();
            let pair: Vec<&NewOrder> = news.iter().collect();
            (!super::legs::prices_fit(&pair, last)).then_some(0)
        })
    }

    /// How much of what the working order received an order may sell.
    fn sellable(&self, order: &Order, received: Fixed) -> Fixed {
        let rules = &self.instrument(order.symbol).rules;
        let at_market = matches!(order.kind, OrderType::Market | OrderType::StopLoss | OrderType::TakeProfit);
        let most =
            if at_market { rules.max_quantity.min(rules.market_max_quantity) } else { rules.max_quantity };
        received.min(most).floor_to(rules.step_size)
    }
}
