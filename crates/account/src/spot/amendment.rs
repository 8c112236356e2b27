//! Amending an order without losing its priority: how to find out the outcome.

use super::actions::find_named;
use super::identity::{is_over, own_id};
use crate::action::{Finding, Inquiry, OrderAction};
use crate::ids::ClientOrderIds;
use crate::sent_at::SentAt;
use binance_kit_core::product::Spot;
use binance_kit_core::{Error, Symbol};
use binance_kit_model::spot::account::{ExecutionType, OrderAmendment, OrderAmendments};
use binance_kit_model::spot::trade::AmendKeepPriority;
use binance_kit_model::spot::{AccountEvent, Order, OrderKey, QueryOrder};

/// An amendment is done once the order's amendments list it. It gives the order a new client order id, of ours unless the caller
/// chose one.
impl OrderAction for AmendKeepPriority {
    type Found = Order;

    fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    fn assign_ids(&mut self, ids: &ClientOrderIds) {
        self.new_client_order_id.get_or_insert_with(|| ids.next());
    }

    async fn look_up(&self, inquiry: &Inquiry<'_, Spot>) -> Result<Finding<Order>, Error> {
        let Some(order) = self.find(inquiry).await? else { return Ok(Finding::Absent(None)) };
        let amendments = inquiry.ask(OrderAmendments::new(&self.symbol, order.order_id)).await?;
        let is_done = amendments
            .unwrap_or_default()
            .iter()
            .any(|amendment| self.is_shown_by(amendment, inquiry.sent_at()));
        Ok(match is_done {
            true => Finding::Done(order),
            false if is_over(&order.status) => Finding::Failed(order),
            false => Finding::Unchanged(order),
        })
    }

    fn is_settled_by(&self, event: &AccountEvent, sent_at: &SentAt) -> bool {
        let AccountEvent::Order(report) = event else { return false };
        let same = match &self.order {
            OrderKey::Id(id) => report.order_id == *id,
            OrderKey::Client(id) => own_id(report) == id,
        };
        let is_done = report.execution_type == ExecutionType::Replaced
            && Some(&report.client_order_id) == self.new_client_order_id.as_ref()
            && report.quantity == self.new_quantity
            && sent_at.can_precede(report.transaction_time);
        same && report.symbol == self.symbol && (is_done || is_over(&report.order_status))
    }
}

/// Inherent helpers cannot be added to a type of another crate.
trait Amendment {
    /// Queries the order by the id it was to get, or by the one it had.
    async fn find(&self, inquiry: &Inquiry<'_, Spot>) -> Result<Option<Order>, Error>;

    /// Returns whether this amendment is the one that was asked for.
    fn is_shown_by(&self, amendment: &OrderAmendment, sent_at: &SentAt) -> bool;
}

impl Amendment for AmendKeepPriority {
    async fn find(&self, inquiry: &Inquiry<'_, Spot>) -> Result<Option<Order>, Error> {
        let old = find_named(&self.symbol, &self.order, inquiry).await?;
        match (&self.order, old, &self.new_client_order_id) {
            // Amended, it is known by its new id alone.
            (OrderKey::Client(_), None, Some(new)) => {
                inquiry.ask(QueryOrder::new(&self.symbol, OrderKey::Client(new.clone()))).await
            }
            (_, old, _) => Ok(old),
        }
    }

    fn is_shown_by(&self, amendment: &OrderAmendment, sent_at: &SentAt) -> bool {
        Some(&amendment.new_client_order_id) == self.new_client_order_id.as_ref()
            && amendment.new_quantity == self.new_quantity
            && sent_at.can_precede(amendment.time)
    }
}
