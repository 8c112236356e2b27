//! The plain exchange's order lists, cancels and amendments.

use super::matcher::Plain;
use super::order::{PlainList, PlainOrder, Units};
use crate::engine::{CancelReplaceMode, CancelRestrictions, Fixed, NewListOrders, NewOrder, OrderType, Side};

fn is_stop(order: &NewOrder) -> bool {
    matches!(order.kind, OrderType::StopLoss | OrderType::StopLossLimit)
}

/// The legs of a pair, the stop first, or the code that refuses them.
fn sorted_pair(above: &NewOrder, below: &NewOrder) -> Result<[NewOrder; 2], i32> {
    let limit = |order: &NewOrder| order.kind == OrderType::LimitMaker;
    match (above.side, is_stop(above), is_stop(below)) {
        (Side::Buy, true, false) => Ok([above.clone(), below.clone()]),
        (Side::Sell, false, true) => Ok([below.clone(), above.clone()]),
        (Side::Buy, false, true) => Err(if limit(above) { -1165 } else { -1198 }),
        (Side::Sell, true, false) => Err(if limit(below) { -1166 } else { -1199 }),
        // The commands never ask for two of a kind.
        _ => Err(0),
    }
}

/// Whether the last price lies between the prices of a pair.
fn relation(pair: &[NewOrder], last: Units) -> bool {
    let price = |order: &NewOrder| match order.kind {
        OrderType::LimitMaker | OrderType::TakeProfitLimit => order.price,
        _ => order.stop_price,
    };
    let buys = pair[0].side == Side::Buy;
    // What trails without a stop price begins at the last price.
    let stop =
        price(&pair[0]).is_none_or(|stop| if buys { last < stop.units() } else { last > stop.units() });
    let gain =
        price(&pair[1]).is_none_or(|gain| if buys { gain.units() < last } else { gain.units() > last });
    stop && gain
}

/// The request of an open order.
fn asked(order: &PlainOrder) -> NewOrder {
    let fixed = |units| Some(Fixed::from_units(units));
    NewOrder {
        quantity: fixed(order.quantity),
        price: fixed(order.price).filter(|_| order.kind.has_price()),
        stop_price: order.stop.map(Fixed::from_units),
        ..NewOrder::new(super::command::SYMBOL, if order.buys { Side::Buy } else { Side::Sell }, order.kind)
    }
}

impl Plain {
    pub(super) fn current_price(&self) -> Units {
        self.last_price.unwrap_or(self.initial_price)
    }

    /// Whether so many orders more may be open, of which so many are contingent.
    pub(super) fn counts(&self, account: usize, adding: usize, algo: usize) -> Result<(), i32> {
        let open: Vec<_> = self.open.iter().filter(|order| order.account == account).collect();
        let waiting = open.iter().filter(|order| order.kind.is_contingent()).count();
        let too_many = open.len() + adding > self.rules.max_orders
            || algo > 0 && waiting + algo > self.rules.max_algo_orders;
        if too_many { Err(-1013) } else { Ok(()) }
    }

    /// Places a list. Returns the ids of its orders.
    pub(super) fn place_list(&mut self, account: usize, orders: &NewListOrders) -> Result<Vec<u64>, i32> {
        let (working, dependents, pays) = match orders {
            NewListOrders::Pair { above, below } => (None, sorted_pair(above, below)?.to_vec(), false),
            NewListOrders::Trigger { working, pending, pays } => {
                if *pays && pending.side != Side::Sell {
                    return Err(-1223);
                }
                (Some(working), vec![pending.clone()], *pays)
            }
            NewListOrders::TriggerPair { working, above, below, pays } => {
                if *pays && above.side != Side::Sell {
                    return Err(-1223);
                }
                (Some(working), sorted_pair(above, below)?.to_vec(), *pays)
            }
        };
        if pays && working.is_some_and(|working| working.side != Side::Buy) {
            return Err(-1222);
        }
        let all: Vec<&NewOrder> = working.into_iter().chain(&dependents).collect();
        let algo = all.iter().filter(|order| order.kind.is_contingent()).count();
        for order in &all {
            self.filters(order)?;
            self.counts(account, all.len(), algo)?;
        }
        let open = self.lists.iter().filter(|list| list.account == account && !list.done).count();
        if open >= self.rules.max_order_lists {
            return Err(-1013);
        }
        match working {
            Some(working) => self.acceptable(working)?,
            None => {
                if !relation(&dependents, self.current_price()) {
                    return Err(-2010);
                }
                for order in &dependents {
                    self.acceptable(order)?;
                }
            }
        }
        let index = self.lists.len();
        let price = self.current_price();
        let draft =
            |new: &NewOrder| PlainOrder { list: Some(index), ..PlainOrder::draft(account, new, price) };
        let mut first = working.map(draft);
        if let (Some(first), Some(working)) = (&mut first, working) {
            first.price = self.effective_price(working)?;
        }
        let mut rest: Vec<PlainOrder> = dependents.iter().map(draft).collect();
        match &first {
            Some(order) => self.affordable(order, None)?,
            None => {
                let asset = usize::from(rest[0].buys);
                let need = rest.iter().map(PlainOrder::need).max().unwrap_or(0);
                if self.free(account, asset) < need {
                    return Err(-2010);
                }
            }
        }
        for order in first.iter_mut().chain(&mut rest) {
            self.number(order);
        }
        let ids: Vec<u64> = first.iter().chain(&rest).map(|order| order.id).collect();
        self.lists.push(PlainList {
            account,
            working: first.as_ref().map(|order| order.id),
            dependents: rest.iter().map(|order| order.id).collect(),
            pays,
            kept: 0,
            canceling: false,
            done: false,
        });
        if let Some(first) = first {
            for mut order in rest {
                order.status = "PENDING_NEW";
                if pays {
                    order.quantity = 0;
                }
                self.insert(order);
            }
            self.start(first, None);
        } else {
            for order in rest {
                self.start(order, None);
            }
        }
        self.settle();
        Ok(ids)
    }

    /// A leg of a pair begins to act: the other one is over.
    pub(super) fn begin(&mut self, id: u64) {
        let Some(list) = self.find(id).and_then(|order| order.list) else { return };
        let dependents = self.lists[list].dependents.clone();
        if !dependents.contains(&id) {
            return;
        }
        for other in dependents {
            if other != id
                && let Some(order) = self.remove(other)
            {
                self.end(order, "EXPIRED");
            }
        }
    }

    /// What a paying working order received is put aside for the others.
    pub(super) fn keep(&mut self, list: usize, order: u64, received: Units, fee: Units, held: Units) {
        let found = &self.lists[list];
        if !found.pays || found.working != Some(order) {
            return;
        }
        let whole = self.free(found.account, 0) - held >= received;
        self.lists[list].kept += if whole { received } else { received - fee };
    }

    /// An order of a list is over.
    pub(super) fn ended_in_list(&mut self, list: usize, id: u64, status: &'static str) {
        let found = &self.lists[list];
        if found.working == Some(id) && !found.canceling {
            if status == "FILLED" {
                self.ready.push(list);
                return;
            }
            for dependent in found.dependents.clone() {
                if let Some(order) = self.remove(dependent) {
                    self.end(order, "EXPIRED");
                }
            }
        }
        let found = &self.lists[list];
        if !found.working.iter().chain(&found.dependents).any(|id| self.find(*id).is_some()) {
            self.lists[list].done = true;
            self.lists[list].kept = 0;
        }
    }

    /// The working order of a list was filled.
    pub(super) fn place_dependents(&mut self, list: usize) {
        if self.lists[list].done {
            return;
        }
        let kept = std::mem::take(&mut self.lists[list].kept);
        let pays = self.lists[list].pays;
        let ids = self.lists[list].dependents.clone();
        let mut orders: Vec<PlainOrder> = ids.iter().filter_map(|id| self.remove(*id)).collect();
        let last_price = self.current_price();
        let mut priced = true;
        for order in &mut orders {
            order.status = "NEW";
            order.guess = order.stop.unwrap_or(last_price);
            match self.effective_price(&order.asked) {
                Ok(price) => order.price = price,
                Err(_) => priced = false,
            }
            if pays {
                let most = if order.kind.has_price() {
                    self.rules.max_quantity
                } else {
                    self.rules.market_max_quantity
                };
                let quantity = kept.min(most);
                order.quantity = quantity - quantity % self.rules.lot;
            }
        }
        let asked: Vec<NewOrder> = orders
            .iter()
            .map(|order| NewOrder {
                quantity: Some(Fixed::from_units(order.quantity)),
                ..order.asked.clone()
            })
            .collect();
        let account = self.lists[list].account;
        let fits = priced
            && asked.iter().all(|order| self.filters(order).is_ok() && self.acceptable(order).is_ok())
            && (asked.len() < 2 || relation(&asked, self.current_price()))
            && match &orders[..] {
                [only] => self.affordable(only, None).is_ok(),
                pair => {
                    let asset = usize::from(pair[0].buys);
                    self.free(account, asset) >= pair.iter().map(PlainOrder::need).max().unwrap_or(0)
                }
            };
        if !fits {
            for order in orders {
                self.end(order, "EXPIRED");
            }
            return;
        }
        for order in orders {
            self.start(order, None);
        }
    }

    // ---- Cancelling.

    pub(super) fn cancel(
        &mut self,
        account: usize,
        id: u64,
        only: Option<CancelRestrictions>,
    ) -> Result<(), i32> {
        let order = self.find(id).filter(|order| order.account == account).ok_or(-2011)?;
        let allowed = match only {
            None => true,
            Some(CancelRestrictions::OnlyNew) => order.status == "NEW",
            Some(CancelRestrictions::OnlyPartiallyFilled) => order.status == "PARTIALLY_FILLED",
        };
        if !allowed {
            return Err(-2011);
        }
        match order.list {
            Some(list) => self.cancel_list(list),
            None => {
                let order = self.remove(id).unwrap();
                self.end(order, "CANCELED");
            }
        }
        Ok(())
    }

    pub(super) fn cancel_list(&mut self, list: usize) {
        self.lists[list].canceling = true;
        let found = &self.lists[list];
        let ids: Vec<u64> = found.working.iter().chain(&found.dependents).copied().collect();
        for id in ids {
            if let Some(order) = self.remove(id) {
                self.end(order, "CANCELED");
            }
        }
    }

    pub(super) fn cancel_all(&mut self, account: usize) -> Result<(), i32> {
        let ids: Vec<u64> = self.open.iter().filter(|o| o.account == account).map(|o| o.id).collect();
        if ids.is_empty() {
            return Err(-2011);
        }
        for id in ids {
            let _ = self.cancel(account, id, None);
        }
        Ok(())
    }

    /// Result of the cancel, and of the new order if it was tried.
    #[expect(clippy::type_complexity, reason = "two results of which the second may be missing")]
    pub(super) fn replace(
        &mut self,
        account: usize,
        id: u64,
        mode: CancelReplaceMode,
        new: &NewOrder,
    ) -> Result<(Result<(), i32>, Option<Result<u64, i32>>), i32> {
        self.filters(new)?;
        self.counts(account, 1, usize::from(new.kind.is_contingent()))?;
        let cancel = self.cancel(account, id, None);
        let tried = cancel.is_ok() || mode == CancelReplaceMode::AllowFailure;
        let placed = tried.then(|| self.place_filtered(account, new));
        if cancel.is_ok() && matches!(placed, Some(Err(_))) {
            // Such an order is reported, and has an id.
            self.last_id += 1;
        }
        Ok((cancel, placed))
    }

    // ---- Amending.

    pub(super) fn amend(&mut self, account: usize, id: u64, quantity: Units) -> Result<(), i32> {
        let order = self.find(id).filter(|order| order.account == account).ok_or(-2038)?;
        let list = order.list.map(|list| &self.lists[list]);
        if order.status == "PENDING_NEW" && list.is_some_and(|list| list.pays) {
            return Err(-2038);
        }
        if quantity >= order.quantity {
            return Err(-2038);
        }
        let smaller = NewOrder { quantity: Some(Fixed::from_units(quantity)), ..asked(order) };
        self.filters(&smaller)?;
        if order.amends >= self.rules.max_amends {
            return Err(-2038);
        }
        // Both legs of a pair have the same quantity.
        let mut legs = vec![id];
        if let Some(list) = list
            && list.dependents.contains(&id)
        {
            legs = list.dependents.clone();
        }
        for leg in &legs {
            if let Some(order) = self.find_mut(*leg) {
                order.amends += 1;
                order.quantity = quantity.max(order.executed + order.prevented);
                order.shown = order.shown.min(order.rest());
            }
        }
        for leg in legs {
            if self.find(leg).is_some_and(|order| order.rest() == 0)
                && let Some(order) = self.remove(leg)
            {
                self.end(order, "EXPIRED");
            }
        }
        Ok(())
    }
}
