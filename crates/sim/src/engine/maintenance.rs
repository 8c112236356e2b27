//! What the exchange does to orders on its own account: it cancels them all, as for a maintenance.

use super::Matching;
use super::types::{AccountId, ExecutionType, ExpiryReason, OrderStatus, SymbolId};
use crate::clearing::Clearing;
use binance_kit_core::Timestamp;
use std::collections::BTreeSet;

impl<C: Clearing> Matching<C> {
    /// Expires every open order of users on a symbol: those of one account, or of all. Returns how many.
    pub(crate) fn expire_open_orders(
        &mut self,
        now: Timestamp,
        symbol: SymbolId,
        account: Option<AccountId>,
    ) -> usize {
        self.advance(now);
        let mut open: Vec<u64> = self
            .instrument(symbol)
            .orders
            .values()
            .filter(|order| order.status.is_open() && !self.accounts.get(order.account).internal)
            .filter(|order| account.is_none_or(|account| order.account == account))
            .map(|order| order.id)
            .collect();
        open.sort_unstable();
        // Lists end as a whole: nothing is passed on from one of their orders to the others.
        let lists: BTreeSet<u64> = open
            .iter()
            .filter_map(|id| self.instrument(symbol).orders.get(id).and_then(|order| order.list))
            .collect();
        for list in lists {
            if let Some(list) = self.lists.get_mut(&list) {
                list.canceling = true;
            }
        }
        let mut count = 0;
        for id in open {
            let Some(mut order) = self.withdraw(symbol, id) else { continue };
            order.status = OrderStatus::Expired;
            order.expiry = Some(ExpiryReason::ExchangeCanceled);
            self.report(&order.clone(), ExecutionType::Expired, None);
            self.store_closed(order);
            count += 1;
        }
        self.finish(symbol);
        count
    }
}
