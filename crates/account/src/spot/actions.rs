//! Placing and cancelling orders: how to find out the outcome.

use super::identity::{Asked, Shown, can_be, is_over, own_id};
use crate::action::{Finding, Inquiry, OrderAction};
use crate::ids::ClientOrderIds;
use crate::sent_at::SentAt;
use crate::spot::Replacement;
use binance_kit_core::product::Spot;
use binance_kit_core::{Error, List, Symbol};
use binance_kit_model::spot::trade::{CancelOpenOrders, SorOrder};
use binance_kit_model::spot::{
    AccountEvent, AllOrders, CancelOrder, CancelReplace, NewOrder, OpenOrders, Order, OrderEvent, OrderKey,
    OrderStatus, QueryOrder,
};

/// Queries the order that was asked for; `None` when there is none, or only another one of the same id.
async fn find(asked: Asked<'_>, inquiry: &Inquiry<'_, Spot>) -> Result<Option<Order>, Error> {
    let Some(id) = asked.client_order_id else { return Ok(None) };
    let query = QueryOrder::new(asked.symbol, OrderKey::Client(id.clone()));
    let found = inquiry.ask(query).await?;
    Ok(found.filter(|order| can_be(&asked, &Shown::from(order), inquiry.sent_at())))
}

/// Queries the order that a request named. An order made since is another: it got the client order id once that was free, and
/// hides the one that was meant, which the list of all orders still has.
pub(super) async fn find_named(
    symbol: &Symbol,
    key: &OrderKey,
    inquiry: &Inquiry<'_, Spot>,
) -> Result<Option<Order>, Error> {
    let is_later = |order: &Order| inquiry.sent_at().precedes(order.time);
    let found = inquiry.ask(QueryOrder::new(symbol, key.clone())).await?;
    match (&found, key) {
        (Some(order), OrderKey::Client(id)) if is_later(order) => {
            let all = inquiry.ask(AllOrders::new(symbol).limit(1000)).await?.unwrap_or_default();
            Ok(all.into_iter().rev().find(|order| order.client_order_id == *id && !is_later(order)))
        }
        _ => Ok(found),
    }
}

fn placed(found: Option<Order>) -> Finding<Order> {
    found.map_or(Finding::Absent(None), Finding::Done)
}

/// Returns the report of an event.
fn report(event: &AccountEvent) -> Option<&OrderEvent> {
    match event {
        AccountEvent::Order(report) => Some(report),
        _ => None,
    }
}

/// Returns whether an event shows the order that was asked for.
fn shows(event: &AccountEvent, asked: &Asked<'_>, sent_at: &SentAt) -> bool {
    report(event).is_some_and(|report| can_be(asked, &Shown::from(report), sent_at))
}

/// Returns whether a report is about this order.
fn is_about(report: &OrderEvent, symbol: &Symbol, order: &OrderKey) -> bool {
    let same = match order {
        OrderKey::Id(id) => report.order_id == *id,
        OrderKey::Client(id) => own_id(report) == id,
    };
    same && report.symbol == *symbol
}

/// Placing an order is done once there is an order of its id and terms, made after it was sent.
macro_rules! placing {
    ($($action:ty),*) => {$(
        impl OrderAction for $action {
            type Found = Order;

            fn symbol(&self) -> &Symbol {
                &self.symbol
            }

            fn assign_ids(&mut self, ids: &ClientOrderIds) {
                self.new_client_order_id.get_or_insert_with(|| ids.next());
            }

            async fn look_up(&self, inquiry: &Inquiry<'_, Spot>) -> Result<Finding<Order>, Error> {
                Ok(placed(find(self.into(), inquiry).await?))
            }

            fn is_settled_by(&self, event: &AccountEvent, sent_at: &SentAt) -> bool {
                shows(event, &self.into(), sent_at)
            }
        }
    )*};
}

placing!(NewOrder, SorOrder);

/// Cancelling an order is done once it is cancelled. One that has ended otherwise cannot be cancelled any more.
impl OrderAction for CancelOrder {
    type Found = Order;

    fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    fn assign_ids(&mut self, _: &ClientOrderIds) {}

    async fn look_up(&self, inquiry: &Inquiry<'_, Spot>) -> Result<Finding<Order>, Error> {
        Ok(match find_named(&self.symbol, &self.order, inquiry).await? {
            Some(order) if order.status == OrderStatus::Canceled => Finding::Done(order),
            Some(order) if is_over(&order.status) => Finding::Failed(order),
            Some(order) => Finding::Unchanged(order),
            None => Finding::Absent(None),
        })
    }

    fn is_settled_by(&self, event: &AccountEvent, _: &SentAt) -> bool {
        report(event).is_some_and(|report| {
            is_about(report, &self.symbol, &self.order) && is_over(&report.order_status)
        })
    }
}

/// A cancel-replace is done once there is the new order. Without it the old one may be cancelled all the same, if the new one
/// was rejected.
impl OrderAction for CancelReplace {
    type Found = Replacement;

    fn symbol(&self) -> &Symbol {
        &self.order.symbol
    }

    fn assign_ids(&mut self, ids: &ClientOrderIds) {
        self.order.assign_ids(ids);
    }

    async fn look_up(&self, inquiry: &Inquiry<'_, Spot>) -> Result<Finding<Replacement>, Error> {
        let placed = find(Asked::from(&self.order), inquiry).await?;
        let replaced = inquiry.ask(QueryOrder::new(&self.order.symbol, self.cancel.clone())).await?;
        // The new order may have got the id of the old one: what is found by that is the one or the other.
        let (placed, replaced) = match (placed, replaced) {
            (Some(placed), Some(replaced)) if placed.order_id == replaced.order_id => match self.cancel {
                OrderKey::Id(_) => (None, Some(replaced)),
                OrderKey::Client(_) => (Some(placed), None),
            },
            found => found,
        };
        let is_done = placed.is_some();
        let found = Replacement { placed, replaced };
        Ok(if is_done { Finding::Done(found) } else { Finding::Absent(Some(found)) })
    }

    fn is_settled_by(&self, event: &AccountEvent, sent_at: &SentAt) -> bool {
        shows(event, &Asked::from(&self.order), sent_at)
    }
}

/// Cancelling all orders of a symbol is done once none is open but those that were placed after it was sent for sure.
impl OrderAction for CancelOpenOrders {
    /// The orders of the symbol that are open now, those placed since included.
    type Found = List<Order>;

    fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    fn assign_ids(&mut self, _: &ClientOrderIds) {}

    async fn look_up(&self, inquiry: &Inquiry<'_, Spot>) -> Result<Finding<List<Order>>, Error> {
        let open = inquiry.ask(OpenOrders::new().symbol(&self.symbol)).await?.unwrap_or_default();
        // An order that cannot be read is open.
        let is_done =
            open.unreadable_count() == 0 && open.iter().all(|order| inquiry.sent_at().precedes(order.time));
        Ok(if is_done { Finding::Done(open) } else { Finding::Unchanged(open) })
    }

    /// No single event shows that nothing is open.
    fn is_settled_by(&self, _: &AccountEvent, _: &SentAt) -> bool {
        false
    }
}
