//! Cancelling: one order, all orders, and one order in exchange for a new one.

use super::Matching;
use super::event::{Event, ExecutionReport};
use super::order::{CancelOutcome, Canceled, NewOrder, OrderList, Placed};
use super::reject::Reject;
use super::rules::Feature;
use super::types::{AccountId, CancelReplaceMode, CancelRestrictions, ExecutionType, OrderStatus, SymbolId};
use crate::clearing::Clearing;
use binance_kit_core::{ClientOrderId, Timestamp};
use std::collections::BTreeSet;

/// Which order to cancel, and how.
#[derive(Debug, Clone, Default)]
pub(crate) struct CancelRequest {
    /// Id of the order.
    pub(crate) order_id: Option<u64>,
    /// Id given by the client.
    pub(crate) client_id: Option<ClientOrderId>,
    /// The id that the cancel is given.
    pub(crate) cancel_id: Option<ClientOrderId>,
    /// States of the order in which it may be cancelled.
    pub(crate) restrictions: Option<CancelRestrictions>,
}

/// One half of a cancel-replace.
#[derive(Debug)]
pub(crate) enum Half<T> {
    Success(T),
    Failure(Reject),
    NotAttempted,
}

/// Result of both halves of a cancel-replace.
#[derive(Debug)]
pub(crate) struct CancelReplaceOutcome {
    /// Result of the cancel.
    pub(crate) cancel: Half<CancelOutcome>,
    /// Result of the new order.
    pub(crate) order: Half<Placed>,
}

/// The word for why the matching engine refused an order.
fn refusal_of(reject: &Reject) -> &'static str {
    match &*reject.message {
        "Account has insufficient balance for requested action." => "INSUFFICIENT_BALANCES",
        "Order would trigger immediately." => "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY",
        "Order would immediately match and take." => "WOULD_MATCH_IMMEDIATELY",
        _ => "UNKNOWN_ERROR",
    }
}

impl<C: Clearing> Matching<C> {
    /// Cancels an open order; the whole list when it belongs to one.
    pub(crate) fn cancel(
        &mut self,
        now: Timestamp,
        account: AccountId,
        symbol: SymbolId,
        request: &CancelRequest,
    ) -> Result<CancelOutcome, Reject> {
        self.advance(now);
        let outcome = self.cancel_one(account, symbol, request)?;
        self.finish(symbol);
        Ok(outcome)
    }

    fn cancel_one(
        &mut self,
        account: AccountId,
        symbol: SymbolId,
        request: &CancelRequest,
    ) -> Result<CancelOutcome, Reject> {
        let client_id = request.client_id.as_ref().map(ClientOrderId::as_str);
        let Some(order) = self.find(account, symbol, request.order_id, client_id) else {
            return Err(if self.is_misnamed(account, symbol, request.order_id, client_id) {
                Reject::misnamed_order()
            } else {
                Reject::unknown_order_sent()
            });
        };
        if !order.status.is_open() {
            return Err(Reject::unknown_order_sent());
        }
        let allowed = match request.restrictions {
            None => true,
            Some(CancelRestrictions::OnlyNew) => order.status == OrderStatus::New,
            Some(CancelRestrictions::OnlyPartiallyFilled) => order.status == OrderStatus::PartiallyFilled,
        };
        if !allowed {
            return Err(Reject::new(-2011, "Order was not canceled due to cancel restrictions."));
        }
        let (id, list) = (order.id, order.list);
        let cancel_id = self.cancel_id(request.cancel_id.as_ref(), account);
        if let Some(list) = list {
            let (list, canceled) = self.cancel_list_orders(list, &cancel_id);
            return Ok(CancelOutcome::List(list, canceled));
        }
        self.cancel_order(symbol, id, cancel_id)
            .map(|canceled| CancelOutcome::Order(Box::new(canceled)))
            .ok_or_else(Reject::unknown_order_sent)
    }

    fn cancel_id(&mut self, given: Option<&ClientOrderId>, account: AccountId) -> ClientOrderId {
        match given {
            Some(id) => id.clone(),
            None if self.accounts.get(account).internal => ClientOrderId::default(),
            None => self.fresh_client_id(),
        }
    }

    fn cancel_order(&mut self, symbol: SymbolId, id: u64, cancel_id: ClientOrderId) -> Option<Canceled> {
        let mut order = self.withdraw(symbol, id)?;
        order.status = OrderStatus::Canceled;
        self.report(&order.clone(), ExecutionType::Canceled, Some(&cancel_id));
        self.store_closed(order.clone());
        Some(Canceled { order, cancel_id })
    }

    /// Cancels what is open of a list.
    pub(super) fn cancel_list_orders(
        &mut self,
        list: u64,
        cancel_id: &ClientOrderId,
    ) -> (OrderList, Vec<Canceled>) {
        let Some(found) = self.lists.get_mut(&list) else {
            return (OrderList::unknown(list), Vec::new());
        };
        found.canceling = true;
        let (orders, symbol) = (found.orders.clone(), found.symbol);
        let canceled =
            orders.iter().filter_map(|(id, _)| self.cancel_order(symbol, *id, cancel_id.clone())).collect();
        let list = self.lists.get(&list).cloned().unwrap_or_else(|| OrderList::unknown(list));
        (list, canceled)
    }

    /// Cancels a list by its id, its client id, or both.
    pub(crate) fn cancel_list(
        &mut self,
        now: Timestamp,
        account: AccountId,
        symbol: SymbolId,
        list_id: Option<u64>,
        client_id: Option<&str>,
        cancel_id: Option<&ClientOrderId>,
    ) -> Result<(OrderList, Vec<Canceled>), Reject> {
        self.advance(now);
        let list = self
            .find_list(account, list_id, client_id)
            .filter(|list| list.symbol == symbol && list.is_executing())
            .ok_or_else(Reject::unknown_order_sent)?
            .id;
        let cancel_id = self.cancel_id(cancel_id, account);
        let outcome = self.cancel_list_orders(list, &cancel_id);
        self.finish(symbol);
        Ok(outcome)
    }

    /// Cancels every open order of an account on a symbol.
    pub(crate) fn cancel_all(
        &mut self,
        now: Timestamp,
        account: AccountId,
        symbol: SymbolId,
    ) -> Result<Vec<CancelOutcome>, Reject> {
        self.advance(now);
        let open: BTreeSet<u64> = self
            .accounts
            .get(account)
            .orders_on(symbol)
            .map(|orders| orders.open.clone())
            .unwrap_or_default();
        if open.is_empty() {
            return Err(Reject::unknown_order_sent());
        }
        let cancel_id = self.cancel_id(None, account);
        let mut outcomes = Vec::new();
        let mut lists = BTreeSet::new();
        for id in open {
            let list = self.instrument(symbol).orders.get(&id).and_then(|order| order.list);
            match list {
                Some(list) => {
                    lists.insert(list);
                }
                None => outcomes.extend(
                    self.cancel_order(symbol, id, cancel_id.clone())
                        .map(|canceled| CancelOutcome::Order(Box::new(canceled))),
                ),
            }
        }
        for list in lists {
            let (list, canceled) = self.cancel_list_orders(list, &cancel_id);
            outcomes.push(CancelOutcome::List(list, canceled));
        }
        self.finish(symbol);
        Ok(outcomes)
    }

    /// Cancels an order and places another. An error means that neither was tried.
    pub(crate) fn cancel_replace(
        &mut self,
        now: Timestamp,
        account: AccountId,
        request: &CancelRequest,
        mode: CancelReplaceMode,
        new: NewOrder,
    ) -> Result<CancelReplaceOutcome, Reject> {
        self.advance(now);
        self.check_feature(new.symbol, Feature::CancelReplace)?;
        self.check_request(account, &new)?;
        let symbol = new.symbol;
        let cancel = match self.cancel_one(account, symbol, request) {
            Ok(outcome) => Half::Success(outcome),
            Err(reject) => Half::Failure(reject),
        };
        self.finish(symbol);
        let order = match (&cancel, mode) {
            (Half::Failure(_), CancelReplaceMode::StopOnFailure) => Half::NotAttempted,
            _ => match self.place_checked(account, new.clone()) {
                Ok(placed) => Half::Success(placed),
                Err(reject) => {
                    if matches!(cancel, Half::Success(_)) {
                        self.report_refused(account, new, &reject);
                    }
                    Half::Failure(reject)
                }
            },
        };
        Ok(CancelReplaceOutcome { cancel, order })
    }

    /// Tells that the order which was to replace another one was refused, after that one was cancelled.
    fn report_refused(&mut self, account: AccountId, new: NewOrder, reject: &Reject) {
        let mut order = self.draft(account, new, None);
        order.status = OrderStatus::Rejected;
        let instrument = self.instrument_mut(order.symbol);
        instrument.last_order_id += 1;
        order.id = instrument.last_order_id;
        let report = ExecutionReport {
            refusal: refusal_of(reject),
            ..self.report_of(&order, ExecutionType::Rejected)
        };
        self.events.push(Event::Report(Box::new(report)));
    }

    /// Cancels an order of an internal account by its id. False when it is not open.
    pub(crate) fn cancel_internal(&mut self, now: Timestamp, symbol: SymbolId, id: u64) -> bool {
        self.advance(now);
        let Some(mut order) = self.withdraw(symbol, id) else { return false };
        order.status = OrderStatus::Canceled;
        self.store_closed(order);
        self.finish(symbol);
        true
    }
}
