//! Making an open order smaller without taking its place in the queue away.

use super::event::Event;
use super::filters::Adding;
use super::fixed::Fixed;
use super::order::{NewOrder, Order, OrderList};
use super::reject::Reject;
use super::rules::Feature;
use super::types::{AccountId, ExecutionType, ListStatusType, OrderStatus, SymbolId};
use super::{Instrument, Matching};
use crate::clearing::Clearing;
use binance_kit_core::{ClientOrderId, Timestamp};
use serde::{Deserialize, Serialize};

/// Which order to make smaller, and what it is called then.
#[derive(Debug, Clone)]
pub(crate) struct AmendRequest {
    /// Id of the order.
    pub(crate) order_id: Option<u64>,
    /// Id given by the client.
    pub(crate) client_id: Option<ClientOrderId>,
    /// Id that the order is given.
    pub(crate) new_client_id: Option<ClientOrderId>,
    /// New quantity of the order.
    pub(crate) new_quantity: Fixed,
}

/// One amendment, as it is remembered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Amendment {
    /// Id of the order.
    pub(crate) order_id: u64,
    /// Id of the execution report.
    pub(crate) execution_id: u64,
    /// Id of the client before.
    pub(crate) old_client_id: ClientOrderId,
    /// Id of the client after.
    pub(crate) new_client_id: ClientOrderId,
    /// Quantity before.
    pub(crate) old_quantity: Fixed,
    /// Quantity after.
    pub(crate) new_quantity: Fixed,
    /// Time of the event.
    pub(crate) time: Timestamp,
}

/// An order that was amended.
#[derive(Debug, Clone)]
pub(crate) struct Amended {
    /// What was changed.
    pub(crate) amendment: Amendment,
    /// The order.
    pub(crate) order: Order,
    /// List of the order, where it belongs to one.
    pub(crate) list: Option<OrderList>,
}

fn rejected(message: &'static str) -> Reject {
    Reject::new(-2038, message)
}

impl<C: Clearing> Matching<C> {
    /// Lowers the quantity of an open order. The other leg of a pair is lowered with it.
    ///
    /// An order that has traded as much as its new quantity expires.
    pub(crate) fn amend(
        &mut self,
        now: Timestamp,
        account: AccountId,
        symbol: SymbolId,
        request: &AmendRequest,
    ) -> Result<Amended, Reject> {
        let now = self.advance(now);
        let order = self.check_amend(now, account, symbol, request)?;
        let list = order.list;
        let new_client_id = match &request.new_client_id {
            Some(id) => id.clone(),
            None => self.fresh_client_id(),
        };
        let mut legs = vec![(order.id, new_client_id.clone())];
        if let Some(sibling) = self.sibling_of(&order) {
            legs.push((sibling.id, sibling.client_id.clone()));
        }
        let mut amendments = Vec::new();
        for (id, client_id) in &legs {
            amendments.extend(self.amend_order(symbol, *id, client_id, request.new_quantity));
        }
        self.unlock_excess(symbol, &legs);
        let amendment = amendments.into_iter().next().ok_or_else(|| rejected("Unknown order sent."))?;
        if let Some(list) = list
            && order.client_id != new_client_id
        {
            self.rename_in_list(list, order.id, &new_client_id);
        }
        for (id, _) in &legs {
            self.expire_spent(symbol, *id);
        }
        self.finish(symbol);
        let order = self.instrument(symbol).orders.get(&order.id).cloned().unwrap_or(order);
        Ok(Amended { amendment, order, list: list.and_then(|id| self.lists.get(&id)).cloned() })
    }

    /// The amendments of an order, oldest first.
    pub(crate) fn amendments_of(&self, symbol: SymbolId, order: u64) -> &[Amendment] {
        self.instrument(symbol).amendments.get(&order).map(Vec::as_slice).unwrap_or_default()
    }

    fn check_amend(
        &self,
        now: Timestamp,
        account: AccountId,
        symbol: SymbolId,
        request: &AmendRequest,
    ) -> Result<Order, Reject> {
        let client_id = request.client_id.as_ref().map(ClientOrderId::as_str);
        let Some(order) = self.find(account, symbol, request.order_id, client_id) else {
            return Err(if self.is_misnamed(account, symbol, request.order_id, client_id) {
                Reject::misnamed_order()
            } else {
                rejected("Unknown order sent.")
            });
        };
        if !order.status.is_open() {
            return Err(rejected("Unknown order sent."));
        }
        if !self.instrument(symbol).rules.offers(Feature::Amend) {
            return Err(rejected(Feature::Amend.missing()));
        }
        if order.is_pending() && order.list.and_then(|list| self.lists.get(&list)).is_some_and(|l| l.pays) {
            return Err(rejected("Order amend (pending OPO order) is not supported."));
        }
        if request.new_quantity > order.quantity {
            return Err(rejected("Order amend (quantity increase) is not supported."));
        }
        if request.new_quantity == order.quantity {
            return Err(rejected("The requested action would change no state; rejecting"));
        }
        // Of a pegged order the price counts that it has.
        let smaller = NewOrder {
            quantity: Some(request.new_quantity),
            price: order.kind.has_price().then(|| order.working_price()),
            peg: None,
            ..NewOrder::of(order)
        };
        self.check_filters(now, account, &smaller, Adding::NONE)?;
        let most = self.instrument(symbol).rules.max_order_amends;
        if self.amendments_of(symbol, order.id).len() >= usize::try_from(most).unwrap_or(usize::MAX) {
            return Err(rejected("Filter failure: MAX_NUM_ORDER_AMENDS"));
        }
        if let Some(new_id) = &request.new_client_id
            && *new_id != order.client_id
            && self
                .find(account, symbol, None, Some(new_id.as_str()))
                .is_some_and(|other| other.status.is_open())
        {
            return Err(rejected("Duplicate order sent."));
        }
        Ok(order.clone())
    }

    fn sibling_of(&self, order: &Order) -> Option<&Order> {
        let sibling = self.lists.get(&order.list?)?.sibling(order.id)?;
        self.instrument(order.symbol).orders.get(&sibling).filter(|sibling| sibling.status.is_open())
    }

    fn amend_order(
        &mut self,
        symbol: SymbolId,
        id: u64,
        client_id: &ClientOrderId,
        quantity: Fixed,
    ) -> Option<Amendment> {
        let now = self.now;
        let instrument = &mut self.instruments[usize::from(symbol.0)];
        let order = instrument.orders.get_mut(&id)?;
        let before = order.clone();
        order.quantity = quantity.max(order.executed + order.prevented);
        order.shown = order.shown.min(order.remaining());
        order.client_id = client_id.clone();
        order.updated = now;
        let gone = before.visible() - order.visible();
        if order.priority.is_some() && gone.is_positive() {
            // An order without anything left is taken off the book when it expires.
            let level = instrument.book.reduce(order.side, order.working_price(), gone, None);
            instrument.last_update_id += 1;
            self.events.push(Event::Level {
                symbol,
                side: order.side,
                price: order.working_price(),
                quantity: level,
                update_id: instrument.last_update_id,
            });
        }
        let after = order.clone();
        if let Some(orders) = self.accounts.get_mut(after.account).orders.get_mut(&symbol) {
            orders.by_client.remove(&before.client_id);
            orders.by_client.insert(client_id.clone(), id);
        }
        // The report has the new id, and the old one as the original.
        let mut report = self.report_of(&after, ExecutionType::Replaced);
        report.order.client_id = before.client_id.clone();
        report.cancel_id = Some(client_id.clone());
        let amendment = Amendment {
            order_id: id,
            execution_id: report.execution_id,
            old_client_id: before.client_id,
            new_client_id: client_id.clone(),
            old_quantity: before.quantity,
            new_quantity: after.quantity,
            time: now,
        };
        self.events.push(Event::Report(Box::new(report)));
        self.instrument_mut(symbol).amendments.entry(id).or_default().push(amendment.clone());
        Some(amendment)
    }

    /// Frees what the amended orders hold beyond what the dearest of them needs.
    fn unlock_excess(&mut self, symbol: SymbolId, legs: &[(u64, ClientOrderId)]) {
        let Instrument { rules, orders, .. } = &mut self.instruments[usize::from(symbol.0)];
        let needs = legs.iter().filter_map(|(id, _)| orders.get(id));
        let Some(need) = needs.map(|order| self.clearing.need(rules, order)).max() else { return };
        for (id, _) in legs {
            if let Some(order) = orders.get_mut(id) {
                self.clearing.reduce(rules, order, need);
            }
        }
    }

    fn rename_in_list(&mut self, list: u64, order: u64, client_id: &ClientOrderId) {
        let now = self.now;
        let Some(found) = self.lists.get_mut(&list) else { return };
        for (id, name) in &mut found.orders {
            if *id == order {
                *name = client_id.clone();
            }
        }
        found.updated = now;
        self.report_list(list, ListStatusType::Updated);
    }

    /// Ends an order of which nothing is left.
    fn expire_spent(&mut self, symbol: SymbolId, id: u64) {
        let spent = self.instrument(symbol).orders.get(&id).is_some_and(|order| order.remaining().is_zero());
        if spent && let Some(mut order) = self.withdraw(symbol, id) {
            order.status = OrderStatus::Expired;
            self.report(&order.clone(), ExecutionType::Expired, None);
            self.store_closed(order);
        }
    }
}
