//! Pairs of orders of which one cancels the other.
//!
//! Both legs share one lock on the funds, as large as the dearer of the two. It is held by one of the legs; the leg that
//! begins to act first expires its sibling, which frees the funds, and then locks what it needs itself. No other command
//! can come in between, and the need of either leg is never above what was freed.

use super::Engine;
use super::event::Event;
use super::fixed::Fixed;
use super::matching::{Goal, release};
use super::order::{NewOco, NewOrder, Order, OrderList};
use super::place::need_of;
use super::reject::Reject;
use super::types::{
    AccountId, ExecutionType, ExpiryReason, ListOrderStatus, ListStatusType, OrderStatus, OrderType, Side,
    SymbolId,
};
use binance_kit_core::{ClientOrderId, Timestamp};

impl OrderList {
    pub(crate) fn is_executing(&self) -> bool {
        self.status == ListOrderStatus::Executing
    }

    /// Stands in for a list that is gone; never shown.
    pub(super) fn unknown(id: u64) -> Self {
        Self {
            id,
            account: AccountId(0),
            symbol: SymbolId(0),
            client_id: ClientOrderId::default(),
            orders: Vec::new(),
            status: ListOrderStatus::AllDone,
            updated: Timestamp::default(),
        }
    }
}

impl Engine {
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

    /// Places a pair. Returns the list and both orders, the stop leg first.
    pub(crate) fn place_oco(
        &mut self,
        now: Timestamp,
        account: AccountId,
        oco: NewOco,
    ) -> Result<(OrderList, Vec<Order>), Reject> {
        let now = self.advance(now);
        let (stop, limit) = self.check_oco(&oco)?;
        let symbol = stop.symbol;
        for leg in [&stop, &limit] {
            self.check_filters(now, account, leg, 2)?;
        }
        if let Some(client_id) = &oco.client_id
            && self.lists_of(account).any(|list| list.is_executing() && list.client_id == *client_id)
        {
            return Err(Reject::order("Duplicate order sent."));
        }
        if stop.client_id.is_some() && stop.client_id == limit.client_id {
            return Err(Reject::order("Duplicate order sent."));
        }
        self.check_acceptable(account, &stop)?;
        self.check_acceptable(account, &limit)?;

        let list_id = self.last_list_id;
        let mut stop = self.draft(account, stop, Some(list_id));
        let mut limit = self.draft(account, limit, Some(list_id));
        // The dearer leg holds the funds of both.
        let holder = if need_of(&stop) > need_of(&limit) { &mut stop } else { &mut limit };
        self.lock_for(holder, Goal::Quantity)?;
        self.last_list_id += 1;
        let client_id = match oco.client_id {
            Some(client_id) => client_id,
            None => self.fresh_client_id(),
        };
        self.admit(&mut stop);
        self.admit(&mut limit);
        let list = OrderList {
            id: list_id,
            account,
            symbol,
            client_id,
            orders: vec![(stop.id, stop.client_id.clone()), (limit.id, limit.client_id.clone())],
            status: ListOrderStatus::Executing,
            updated: now,
        };
        self.lists.insert(list_id, list.clone());
        self.ledger.account_mut(account).lists.push(list_id);
        self.events.push(Event::List {
            list: Box::new(list.clone()),
            kind: ListStatusType::ExecStarted,
            time: now,
        });
        self.wait(stop.clone());
        if limit.kind.is_contingent() {
            self.wait(limit.clone());
        } else {
            self.execute(&mut limit, Goal::Quantity);
        }
        self.finish(symbol);
        Ok((list, vec![stop, limit]))
    }

    /// Sorts the legs into stop leg and limit leg, and checks types and prices.
    fn check_oco(&self, oco: &NewOco) -> Result<(NewOrder, NewOrder), Reject> {
        let NewOco { above, below, .. } = oco;
        let stops = |leg: &NewOrder| matches!(leg.kind, OrderType::StopLoss | OrderType::StopLossLimit);
        let gains = |leg: &NewOrder| {
            matches!(leg.kind, OrderType::LimitMaker | OrderType::TakeProfit | OrderType::TakeProfitLimit)
        };
        let side = above.side;
        if !(stops(above) || gains(above)) || !(stops(below) || gains(below)) {
            return Err(Reject::new(-1158, "Order type not supported in OCO."));
        }
        let above_is_stop = match (side, stops(above), stops(below)) {
            (Side::Buy, true, false) => true,
            (Side::Sell, false, true) => false,
            (Side::Buy, false, true) if above.kind == OrderType::LimitMaker => {
                return Err(Reject::new(-1165, "A limit order in a buy OCO must be below."));
            }
            (Side::Buy, false, true) => {
                return Err(Reject::new(-1198, "A take profit order in a buy OCO must be below."));
            }
            (Side::Sell, true, false) if below.kind == OrderType::LimitMaker => {
                return Err(Reject::new(-1166, "A limit order in a sell OCO must be above."));
            }
            (Side::Sell, true, false) => {
                return Err(Reject::new(-1199, "A take profit order in a sell OCO must be above."));
            }
            (Side::Buy, true, true) => {
                return Err(Reject::new(-1196, "A stop loss order in a buy OCO must be above."));
            }
            (Side::Sell, true, true) => {
                return Err(Reject::new(-1197, "A stop loss order in a sell OCO must be below."));
            }
            (_, false, false) if above.kind == OrderType::LimitMaker && above.kind == below.kind => {
                return Err(Reject::new(-1168, "At least one OCO order must be contingent."));
            }
            (_, false, false) => {
                return Err(Reject::new(-1158, "Order type not supported in OCO."));
            }
        };
        super::place::check_combination(above)?;
        super::place::check_combination(below)?;
        let (stop, limit) = if above_is_stop { (above, below) } else { (below, above) };
        let last = self.instrument(stop.symbol).last_price();
        let stop_price = stop.stop_price.unwrap_or(Fixed::ZERO);
        let limit_price = match limit.kind {
            OrderType::TakeProfit => limit.stop_price,
            _ => limit.price,
        }
        .unwrap_or(Fixed::ZERO);
        let in_order = match side {
            Side::Buy => limit_price < last && last < stop_price,
            Side::Sell => limit_price > last && last > stop_price,
        };
        if !in_order {
            return Err(Reject::order("The relationship of the prices for the orders is not correct."));
        }
        Ok((stop.clone(), limit.clone()))
    }

    /// A leg begins to act: its sibling expires, and the leg takes over the funds.
    pub(super) fn activate_leg(&mut self, symbol: SymbolId, id: u64) {
        let Some(list) = self.instrument(symbol).orders.get(&id).and_then(|order| order.list) else { return };
        let Some(list) = self.lists.get(&list) else { return };
        let siblings: Vec<u64> = list.orders.iter().map(|(id, _)| *id).filter(|other| *other != id).collect();
        for sibling in siblings {
            if let Some(mut order) = self.withdraw(symbol, sibling) {
                order.status = OrderStatus::Expired;
                order.expiry = Some(ExpiryReason::OcoTrigger);
                self.report(&order.clone(), ExecutionType::Expired, None);
                self.store_closed(order);
            }
        }
        let instrument = &mut self.instruments[usize::from(symbol.0)];
        if let Some(order) = instrument.orders.get_mut(&id) {
            let need = need_of(order);
            let asset = match order.side {
                Side::Buy => instrument.rules.quote,
                Side::Sell => instrument.rules.base,
            };
            if order.locked != need {
                release(&mut self.ledger, order, asset);
                if self.ledger.lock(order.account, asset, need) {
                    order.locked = need;
                }
            }
        }
    }

    /// Ends the list of a closed order when none of its orders is open any more.
    pub(super) fn close_list_of(&mut self, closed: &Order) {
        let Some(list) = closed.list.and_then(|id| self.lists.get_mut(&id)) else { return };
        let orders = &self.instruments[usize::from(list.symbol.0)].orders;
        let open = list
            .orders
            .iter()
            .any(|(id, _)| *id != closed.id && orders.get(id).is_some_and(|order| order.status.is_open()));
        if open || !list.is_executing() {
            return;
        }
        list.status = ListOrderStatus::AllDone;
        list.updated = self.now;
        let list = Box::new(list.clone());
        self.events.push(Event::List { list, kind: ListStatusType::AllDone, time: self.now });
    }
}
