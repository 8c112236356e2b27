//! Order lists: their ids, and how to find out the outcome of requests for them.

use crate::action::{Finding, Inquiry, OrderAction};
use crate::ids::ClientOrderIds;
use crate::sent_at::SentAt;
use binance_kit_core::product::Spot;
use binance_kit_core::{ClientOrderId, Error, Symbol, Timestamp};
use binance_kit_model::spot::trade::{
    CancelOrderList, ListOrderStatus, OrderList, OrderListKey, OrderListOpo, OrderListOpoco, QueryOrderList,
};
use binance_kit_model::spot::{AccountEvent, OrderListEvent, OrderListOco, OrderListOto, OrderListOtoco};

/// The parts of a list that have client order ids.
trait ListRequest {
    /// Returns the symbol.
    fn symbol(&self) -> &Symbol;

    /// Returns the id of the list.
    fn list_id(&self) -> Option<&ClientOrderId>;

    /// Returns the ids of its orders.
    fn order_ids(&self) -> Vec<&ClientOrderId>;

    /// Returns whether something that the exchange shows under the id of the list can be what was asked for: the same symbol,
    /// its orders by their ids, and not made before. An order that was amended has another id, so that one is enough.
    fn is_shown<'a>(
        &self,
        (symbol, id, time): (&Symbol, &ClientOrderId, Timestamp),
        mut orders: impl Iterator<Item = &'a ClientOrderId>,
        sent_at: &SentAt,
    ) -> bool {
        let own = self.order_ids();
        symbol == self.symbol()
            && Some(id) == self.list_id()
            && orders.any(|id| own.contains(&id))
            && sent_at.can_precede(time)
    }
}

/// Placing a list is done once there is a list of its id with its orders, made after it was sent.
macro_rules! list {
    ($action:ty, [$($order:ident),+] $(, $last:ident)?) => {
        impl ListRequest for $action {
            fn symbol(&self) -> &Symbol {
                &self.symbol
            }

            fn list_id(&self) -> Option<&ClientOrderId> {
                self.list_client_order_id.as_ref()
            }

            fn order_ids(&self) -> Vec<&ClientOrderId> {
                let ids = [$(self.$order.client_order_id.as_ref()),+];
                $(let ids = ids.into_iter().chain([
                    self.$last.as_ref().and_then(|order| order.client_order_id.as_ref())
                ]);)?
                ids.into_iter().flatten().collect()
            }
        }

        impl OrderAction for $action {
            type Found = OrderList;

            fn symbol(&self) -> &Symbol {
                &self.symbol
            }

            fn assign_ids(&mut self, ids: &ClientOrderIds) {
                self.list_client_order_id.get_or_insert_with(|| ids.next());
                $(self.$order.client_order_id.get_or_insert_with(|| ids.next());)+
                $(if let Some(order) = &mut self.$last {
                    order.client_order_id.get_or_insert_with(|| ids.next());
                })?
            }

            async fn look_up(&self, inquiry: &Inquiry<'_, Spot>) -> Result<Finding<OrderList>, Error> {
                let Some(id) = self.list_id() else { return Ok(Finding::Absent(None)) };
                let found = inquiry.ask(QueryOrderList::new(OrderListKey::Client(id.clone()))).await?;
                let found = found.filter(|list| {
                    let head = (&list.symbol, &list.list_client_order_id, list.transaction_time);
                    self.is_shown(head, list.orders.iter().map(|order| &order.client_order_id), inquiry.sent_at())
                });
                Ok(found.map_or(Finding::Absent(None), Finding::Done))
            }

            fn is_settled_by(&self, event: &AccountEvent, sent_at: &SentAt) -> bool {
                let AccountEvent::OrderList(status) = event else { return false };
                let head = (&status.symbol, &status.list_client_order_id, status.transaction_time);
                self.is_shown(head, status.orders.iter().map(|order| &order.client_order_id), sent_at)
            }
        }
    };
}

list!(OrderListOco, [above, below]);
list!(OrderListOto, [working, pending]);
list!(OrderListOtoco, [working, pending_above], pending_below);
list!(OrderListOpo, [working, pending]);
list!(OrderListOpoco, [working, pending_above], pending_below);

/// Returns whether nothing of a list can be executed any more.
fn is_over(status: &ListOrderStatus) -> bool {
    matches!(status, ListOrderStatus::AllDone | ListOrderStatus::Reject)
}

/// Cancelling a list is done once nothing of it is open. Whether one of its orders was filled before is for the orders to say.
impl OrderAction for CancelOrderList {
    type Found = OrderList;

    fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    fn assign_ids(&mut self, _: &ClientOrderIds) {}

    async fn look_up(&self, inquiry: &Inquiry<'_, Spot>) -> Result<Finding<OrderList>, Error> {
        Ok(match inquiry.ask(QueryOrderList::new(self.list.clone())).await? {
            Some(list) if is_over(&list.list_order_status) => Finding::Done(list),
            Some(list) => Finding::Unchanged(list),
            None => Finding::Absent(None),
        })
    }

    fn is_settled_by(&self, event: &AccountEvent, _: &SentAt) -> bool {
        let AccountEvent::OrderList(status) = event else { return false };
        is_named(&self.list, status) && status.symbol == self.symbol && is_over(&status.list_order_status)
    }
}

fn is_named(list: &OrderListKey, status: &OrderListEvent) -> bool {
    match list {
        OrderListKey::Id(id) => status.order_list_id == *id,
        OrderListKey::Client(id) => status.list_client_order_id == *id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::{Decimal, Decoder};
    use binance_kit_model::spot::trade::OrderLeg;
    use std::time::Duration;

    const SENT: i64 = 1_700_000_000_000;

    /// What an event says of a list.
    #[derive(Clone, Copy)]
    struct Said {
        symbol: &'static str,
        id: u64,
        client_id: &'static str,
        status: &'static str,
        order: &'static str,
        time: i64,
    }

    const OWN: Said =
        Said { symbol: "ABUSDT", id: 7, client_id: "list", status: "EXECUTING", order: "below", time: SENT };

    fn event(said: Said) -> AccountEvent {
        let Said { symbol, id, client_id, status, order, time } = said;
        let json = format!(
            r#"{{"e":"listStatus","E":{time},"s":"{symbol}","g":{id},"c":"OCO","l":"EXEC_STARTED","L":"{status}",
            "r":"NONE","C":"{client_id}","T":{time},"O":[{{"s":"{symbol}","i":17,"c":"{order}"}}]}}"#
        );
        AccountEvent::OrderList(Decoder::new().decode(json.as_bytes()).unwrap())
    }

    fn sent_at() -> SentAt {
        SentAt::new(Timestamp::from_millis(SENT), Duration::ZERO)
    }

    #[test]
    fn the_end_of_a_list_settles_its_cancellation_and_no_other_event_does() {
        for key in [OrderListKey::Id(7.into()), OrderListKey::Client("list".into())] {
            let cancel = CancelOrderList::new("ABUSDT", key);
            let settles = |said| cancel.is_settled_by(&event(said), &sent_at());
            let ended = Said { status: "ALL_DONE", ..OWN };
            assert!(settles(ended));
            assert!(settles(Said { status: "REJECT", ..OWN }));
            assert!(!settles(OWN), "it is open");
            assert!(!settles(Said { symbol: "CDUSDT", ..ended }), "ids are per symbol");
            assert!(!settles(Said { id: 8, client_id: "other", ..ended }));
        }
        let by_id = CancelOrderList::new("ABUSDT", OrderListKey::Id(7.into()));
        assert!(
            by_id.is_settled_by(&event(Said { status: "ALL_DONE", client_id: "other", ..OWN }), &sent_at())
        );
    }

    #[test]
    fn a_list_is_settled_by_an_event_of_its_symbol_its_id_and_one_of_its_orders() {
        let list = OrderListOco::sell("ABUSDT", Decimal::ONE)
            .above_limit_maker(Decimal::from(110))
            .below(OrderLeg::stop_loss(Decimal::from(90)).client_order_id("below"))
            .list_client_order_id("list");
        let settles = |said| list.is_settled_by(&event(said), &sent_at());
        assert!(settles(OWN));
        assert!(settles(Said { id: 8, status: "ALL_DONE", time: SENT + 20_000, ..OWN }));
        assert!(!settles(Said { symbol: "CDUSDT", ..OWN }), "ids are per symbol");
        assert!(!settles(Said { client_id: "other", ..OWN }));
        assert!(!settles(Said { order: "above", ..OWN }));
        assert!(!settles(Said { time: SENT - 2000, ..OWN }), "a list before it was sent");
    }
}
