//! Orders that depend on each other.
//!
//! In a pair one order cancels the other. Both share one lock on the funds, as large as the dearer of the two. It is held
//! by one of them; the leg that begins to act first expires its sibling, which frees the funds, and then locks what it
//! needs itself. No other command can come in between, and the need of either leg is never above what was freed.
//!
//! In the other lists a working order triggers pending ones: a single one, or a pair. Pending orders hold no funds, unless
//! the working order pays for them; see [`pending`].

mod legs;
mod pending;

use super::event::Event;
use super::filters::Adding;
use super::fixed::Fixed;
use super::matching::Taken;
use super::order::{NewList, NewOrder, Order, OrderList, Placed};
use super::plan::Goal;
use super::reject::Reject;
use super::rules::Feature;
use super::types::{
    AccountId, Contingency, ExecutionType, ExpiryReason, ListOrderStatus, ListStatusType, OrderStatus,
    SymbolId,
};
use super::{MarketView, Matching};
use crate::clearing::{Charge, Clearing};
use binance_kit_core::ClientOrderId;
use binance_kit_core::Timestamp;
use legs::Legs;

impl OrderList {
    pub(crate) fn is_executing(&self) -> bool {
        self.status == ListOrderStatus::Executing
    }

    /// The order that triggers the others.
    pub(crate) fn working(&self) -> Option<u64> {
        match self.contingency {
            Contingency::OneCancels => None,
            Contingency::OneTriggers => self.orders.first().map(|(id, _)| *id),
        }
    }

    /// The orders that form a pair, or the single pending order.
    pub(crate) fn dependents(&self) -> &[(u64, ClientOrderId)] {
        match self.contingency {
            Contingency::OneCancels => &self.orders,
            Contingency::OneTriggers => self.orders.get(1..).unwrap_or_default(),
        }
    }

    /// The other leg of a pair.
    pub(super) fn sibling(&self, id: u64) -> Option<u64> {
        let pair = self.dependents();
        if pair.iter().any(|(leg, _)| *leg == id) {
            return pair.iter().map(|(leg, _)| *leg).find(|leg| *leg != id);
        }
        None
    }

    /// Stands in for a list that is gone; never shown.
    pub(super) fn unknown(id: u64) -> Self {
        Self {
            id,
            account: AccountId(0),
            symbol: SymbolId(0),
            client_id: ClientOrderId::default(),
            contingency: Contingency::OneCancels,
            pays: false,
            orders: Vec::new(),
            status: ListOrderStatus::AllDone,
            canceling: false,
            updated: Timestamp::default(),
        }
    }
}

impl<C: Clearing> Matching<C> {
    /// The list of an account by id, by client id, or by both.
    pub(crate) fn find_list(
        &self,
        account: AccountId,
        id: Option<u64>,
        client_id: Option<&str>,
    ) -> Option<&OrderList> {
        let list = match id {
            Some(id) => self.lists.get(&id).filter(|list| list.account == account)?,
            None => self.lists_of(account).rev().find(|list| Some(list.client_id.as_str()) == client_id)?,
        };
        client_id.is_none_or(|client_id| list.client_id == client_id).then_some(list)
    }

    /// The lists of an account that are not done, oldest first.
    pub(crate) fn open_lists_of(&self, account: AccountId) -> impl Iterator<Item = &OrderList> {
        self.accounts.get(account).open_lists.iter().filter_map(|id| self.lists.get(id))
    }

    /// Places a list. Returns it with its orders as they are right after it: the working order first, the stop of a pair
    /// before its other leg. Pending orders are pending in it, even where the working order was filled at once.
    pub(crate) fn place_list(
        &mut self,
        now: Timestamp,
        account: AccountId,
        new: NewList,
    ) -> Result<(OrderList, Vec<Placed>), Reject> {
        let now = self.advance(now);
        let legs = legs::sort(new.orders)?;
        self.check_list(now, account, new.client_id.as_ref(), &legs)?;

        let symbol = legs.symbol;
        let list_id = self.last_list_id;
        let contingency = legs.contingency();
        let pays = legs.pays;
        let mut working = legs.working.map(|leg| self.draft(account, leg, Some(list_id)));
        let mut dependents: Vec<Order> =
            legs.dependents.into_iter().map(|leg| self.draft(account, leg, Some(list_id))).collect();
        match &mut working {
            Some(working) => {
                self.lock_for(working, Goal::Quantity)?;
                for order in &mut dependents {
                    order.status = OrderStatus::PendingNew;
                    // Pegs select a price when they are placed.
                    order.pegged_price = None;
                }
            }
            None => self.lock_for_pair(&mut dependents)?,
        }
        self.last_list_id += 1;
        let client_id = match new.client_id {
            Some(client_id) => client_id,
            None => self.fresh_client_id(),
        };
        for order in working.iter_mut().chain(&mut dependents) {
            self.admit(order);
        }
        let list = OrderList {
            id: list_id,
            account,
            symbol,
            client_id,
            contingency,
            pays,
            orders: working.iter().chain(&dependents).map(|o| (o.id, o.client_id.clone())).collect(),
            status: ListOrderStatus::Executing,
            canceling: false,
            updated: now,
        };
        self.lists.insert(list_id, list.clone());
        if let Some(forgotten) = self.accounts.remember_list(account, list_id) {
            self.lists.remove(&forgotten);
        }
        self.report_list(list_id, ListStatusType::ExecStarted);

        let mut placed = Vec::new();
        if let Some(mut working) = working {
            for order in &dependents {
                self.instrument_mut(symbol).orders.insert(order.id, order.clone());
            }
            let taken = self.execute(&mut working, Goal::Quantity);
            placed.push(taken.placed(working));
            placed.extend(dependents.into_iter().map(|order| Taken::default().placed(order)));
        } else {
            for mut order in dependents {
                let taken = self.start(&mut order);
                placed.push(taken.placed(order));
            }
        }
        self.run_triggers(symbol);
        self.finish(symbol);
        Ok((list, placed))
    }

    /// Lets an admitted order wait for its stop price, or act.
    fn start(&mut self, order: &mut Order) -> Taken {
        if order.kind.is_contingent() {
            self.wait(order.clone());
            Taken::default()
        } else {
            self.execute(order, Goal::Quantity)
        }
    }

    /// Lets the dearer leg hold the funds of both.
    fn lock_for_pair(&mut self, pair: &mut [Order]) -> Result<(), Reject> {
        let Some(rules) = pair.first().map(|leg| &self.instruments[usize::from(leg.symbol.0)].rules) else {
            return Ok(());
        };
        let dearest = pair.iter_mut().rev().max_by_key(|leg| self.clearing.need(rules, leg));
        dearest.map_or(Ok(()), |holder| self.lock_for(holder, Goal::Quantity))
    }

    /// Checks everything about a new list but the funds.
    fn check_list(
        &self,
        now: Timestamp,
        account: AccountId,
        client_id: Option<&ClientOrderId>,
        legs: &Legs,
    ) -> Result<(), Reject> {
        let adding = Adding::of(legs.working.iter().chain(&legs.dependents));
        let rules = &self.instrument(legs.symbol).rules;
        let feature = match legs.contingency() {
            Contingency::OneCancels => Feature::OneCancelsOther,
            Contingency::OneTriggers if legs.pays => Feature::OnePaysOther,
            Contingency::OneTriggers => Feature::OneTriggersOther,
        };
        if !rules.offers(feature) {
            return Err(Reject::invalid_order(feature.missing()));
        }
        for leg in legs.working.iter().chain(&legs.dependents) {
            self.check_offered(leg)?;
            self.check_filters(now, account, leg, adding)?;
        }
        let reached = |open: usize, most: u32| u32::try_from(open).unwrap_or(u32::MAX) >= most;
        let open = self.open_lists_of(account).filter(|list| list.symbol == legs.symbol).count();
        if reached(open, rules.max_order_lists) {
            return Err(Reject::filter("MAX_NUM_ORDER_LISTS"));
        }
        if self
            .exchange_rules
            .max_order_lists
            .is_some_and(|most| reached(self.open_lists_of(account).count(), most))
        {
            return Err(Reject::filter("EXCHANGE_MAX_NUM_ORDER_LISTS"));
        }
        if let Some(client_id) = client_id
            && self.open_lists_of(account).any(|list| list.client_id == *client_id)
        {
            return Err(Reject::order("Duplicate order sent."));
        }
        let mut ids: Vec<&ClientOrderId> = Vec::new();
        for id in legs.working.iter().chain(&legs.dependents).filter_map(|leg| leg.client_id.as_ref()) {
            if ids.contains(&id) {
                return Err(Reject::order("Duplicate order sent."));
            }
            ids.push(id);
        }
        match &legs.working {
            Some(working) => {
                self.check_acceptable(account, working)?;
                legs.dependents.iter().try_for_each(|leg| self.check_identity(account, leg))
            }
            None => {
                let last = self.instrument(legs.symbol).last_price();
                let pair: Vec<&NewOrder> = legs.dependents.iter().collect();
                if !legs::prices_fit(&pair, last) {
                    return Err(legs::bad_prices());
                }
                legs.dependents.iter().try_for_each(|leg| self.check_acceptable(account, leg))
            }
        }
    }

    /// A leg of a pair begins to act: its sibling expires, and the leg takes over the funds.
    pub(super) fn activate_leg(&mut self, symbol: SymbolId, id: u64) {
        let Some(list) = self.instrument(symbol).orders.get(&id).and_then(|order| order.list) else { return };
        let Some(sibling) = self.lists.get(&list).and_then(|list| list.sibling(id)) else { return };
        self.expire_dependent(symbol, sibling, ExpiryReason::OcoTrigger);
        let instrument = &mut self.instruments[usize::from(symbol.0)];
        if let Some(order) = instrument.orders.get_mut(&id) {
            self.clearing.refit(&instrument.rules, order);
        }
    }

    /// Expires an order because of another one of its list.
    fn expire_dependent(&mut self, symbol: SymbolId, id: u64, reason: ExpiryReason) {
        if let Some(mut order) = self.withdraw(symbol, id) {
            order.status = OrderStatus::Expired;
            order.expiry = Some(reason);
            self.report(&order.clone(), ExecutionType::Expired, None);
            self.store_closed(order);
        }
    }

    /// Passes the end of an order on to the others of its list, and ends the list when none of its orders is open any more.
    pub(super) fn close_list_of(&mut self, closed: &Order) {
        let Some(list) = closed.list.and_then(|id| self.lists.get(&id)) else { return };
        let (id, symbol) = (list.id, list.symbol);
        if list.working() == Some(closed.id) && !list.canceling {
            if closed.status == OrderStatus::Filled {
                self.ready.push_back(id);
                return;
            }
            for (dependent, _) in list.dependents().to_vec() {
                self.expire_dependent(symbol, dependent, ExpiryReason::OtoPhaseOneExpired);
            }
        }
        let Some(list) = self.lists.get_mut(&id) else { return };
        let orders = &self.instruments[usize::from(symbol.0)].orders;
        let open = list
            .orders
            .iter()
            .any(|(id, _)| *id != closed.id && orders.get(id).is_some_and(|order| order.status.is_open()));
        if open || !list.is_executing() {
            return;
        }
        list.status = ListOrderStatus::AllDone;
        list.updated = self.now;
        self.accounts.get_mut(closed.account).open_lists.remove(&id);
        self.report_list(id, ListStatusType::AllDone);
    }

    /// Reports a list as it is.
    pub(super) fn report_list(&mut self, id: u64, kind: ListStatusType) {
        if let Some(list) = self.lists.get(&id) {
            self.events.push(Event::List { list: Box::new(list.clone()), kind, time: self.now });
        }
    }

    /// What a paying working order received is kept for the orders that it triggers.
    pub(super) fn keep_for_dependents(&mut self, order: &Order, received: Fixed, charge: Charge) {
        let Some(list) = order.list.and_then(|id| self.lists.get(&id)) else { return };
        if !list.pays || list.working() != Some(order.id) {
            return;
        }
        let Some(holder) = list.dependents().first().map(|(id, _)| *id) else { return };
        let index = usize::from(order.symbol.0);
        // Taken out of the orders meanwhile, since clearing looks at all symbols.
        let Some(mut holder) = self.instruments[index].orders.remove(&holder) else { return };
        let market =
            MarketView { assets: &self.assets, instruments: &self.instruments, by_assets: &self.by_assets };
        let rules = &self.instruments[index].rules;
        self.clearing.keep_received(rules, &mut holder, received, charge, &market);
        self.instruments[index].orders.insert(holder.id, holder);
    }
}
