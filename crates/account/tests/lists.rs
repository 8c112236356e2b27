//! Order lists, amendments, smart order routing and mass cancellation at the embedded exchange: each has an outcome, and one
//! whose answer is lost is found out by queries.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_account::{AccountItem, AccountStream, Doubt, OrderAction, Outcome, Resolution};
use binance_kit_core::Decimal;
use binance_kit_model::common::OrderSide;
use binance_kit_model::spot::trade::{
    AmendKeepPriority, ListOrderStatus, NewOrderResponse, OrderLeg, OrderListKey, OrderListOpo,
    OrderListOpoco, OrderListReport, PendingOrder, SorOrder, WorkingOrder,
};
use binance_kit_model::spot::{
    AccountEvent, NewOrder, OpenOrders, OrderKey, OrderListOco, OrderListOto, OrderListOtoco, OrderStatus,
};
use common::{World, drain, next};
use std::collections::BTreeSet;
use std::time::Duration;

fn decimal(number: i64) -> Decimal {
    Decimal::from(number)
}

fn buy(quantity: i64, price: i64) -> NewOrder {
    NewOrder::limit_buy("ABUSDT").quantity(decimal(quantity)).price(decimal(price))
}

fn oco() -> OrderListOco {
    OrderListOco::sell("ABUSDT", Decimal::ONE)
        .above_limit_maker(decimal(110))
        .below(OrderLeg::stop_loss_limit().stop_price(decimal(90)).price(decimal(89)))
}

fn oto() -> OrderListOto {
    let working = WorkingOrder::limit(OrderSide::Buy).quantity(Decimal::ONE).price(decimal(95));
    OrderListOto::new("ABUSDT", working, PendingOrder::limit(OrderSide::Sell, decimal(105)), Decimal::ONE)
}

fn otoco() -> OrderListOtoco {
    let working = WorkingOrder::limit(OrderSide::Buy).quantity(Decimal::ONE).price(decimal(95));
    OrderListOtoco::new("ABUSDT", working, OrderSide::Sell, Decimal::ONE, OrderLeg::limit_maker(decimal(110)))
        .pending_below(OrderLeg::stop_loss(decimal(80)))
}

fn opo() -> OrderListOpo {
    let working = WorkingOrder::limit(OrderSide::Buy).quantity(Decimal::ONE).price(decimal(95));
    OrderListOpo::new("ABUSDT", working, PendingOrder::limit(OrderSide::Sell, decimal(105)))
}

fn opoco() -> OrderListOpoco {
    let working = WorkingOrder::limit(OrderSide::Buy).quantity(Decimal::ONE).price(decimal(95));
    OrderListOpoco::new("ABUSDT", working, OrderSide::Sell, OrderLeg::limit_maker(decimal(110)))
        .pending_below(OrderLeg::stop_loss(decimal(80)))
}

fn unknown<A: OrderAction>(outcome: Outcome<A>) -> Doubt<A> {
    match outcome {
        Outcome::Unknown(doubt) => doubt,
        other => panic!("{other:?}"),
    }
}

async fn placed(world: &World, order: NewOrder) -> NewOrderResponse {
    world.orders().place(order).await.confirmed().unwrap()
}

async fn open_orders(world: &World) -> usize {
    world.client.send(OpenOrders::new()).await.unwrap().into_value().len()
}

/// The list and each of its orders has an id of ours.
fn assert_ours(world: &World, report: &OrderListReport, orders: usize) {
    let mut ids: BTreeSet<&str> = report.orders.iter().map(|order| order.client_order_id.as_str()).collect();
    ids.insert(report.list_client_order_id.as_str());
    assert_eq!(ids.len(), orders + 1, "{report:?}");
    assert!(ids.iter().all(|id| id.starts_with("test-")), "{ids:?}");
    assert_eq!(world.exchange.now().since(report.transaction_time), Duration::ZERO);
}

/// A list is confirmed; its answer is lost; it is lost itself.
macro_rules! list_test {
    ($name:ident, $place:ident, $method:literal, $list:expr, $orders:literal) => {
        #[tokio::test(start_paused = true)]
        async fn $name() {
            let world = World::new().await;
            let orders = world.orders();
            let Outcome::Confirmed(report) = orders.$place($list).await else { panic!() };
            assert_ours(&world, &report, $orders);
            let cancelled = orders.cancel_list("ABUSDT", report.order_list_id).await;
            assert!(matches!(cancelled, Outcome::Confirmed(_)), "{cancelled}");
            assert_eq!(open_orders(&world).await, 0);

            // Executed, and the answer is lost: the list is found by its id.
            let mut stream = AccountStream::open(&world.client).await.unwrap();
            assert!(matches!(next(&mut stream).await, AccountItem::Snapshot(_)));
            tokio::time::sleep(Duration::from_secs(1)).await;
            world.exchange.drop_next_response($method);
            let doubt = unknown(orders.$place($list).await);
            let Resolution::Done(list) = doubt.resolve().await else { panic!() };
            assert_eq!(Some(&list.list_client_order_id), doubt.request().list_client_order_id.as_ref());
            assert_eq!((list.orders.len(), &list.list_order_status), ($orders, &ListOrderStatus::Executing));
            // The account's events know it as well.
            let settled = drain(&mut stream).await.into_iter().filter(|item| match item {
                AccountItem::Event(change) => doubt.is_settled_by(&change.data),
                _ => false,
            });
            assert_eq!(settled.count(), 1);

            // Not executed: definite once it cannot come any more. The list before is none of its kind.
            world.exchange.drop_next_request($method);
            let doubt = unknown(orders.$place($list).await);
            assert_eq!(doubt.resolve_within(Duration::from_secs(5)).await, Resolution::StillUnknown);
            assert_eq!(doubt.resolve().await, Resolution::NotDone(None));
            assert!(world.exchange.now() > doubt.fence());
            assert_eq!(world.exchange.request_count($method), 3, "never sent twice");
        }
    };
}

list_test!(an_oco_has_an_outcome, place_oco, "orderList.place.oco", oco(), 2);
list_test!(an_oto_has_an_outcome, place_oto, "orderList.place.oto", oto(), 2);
list_test!(an_otoco_has_an_outcome, place_otoco, "orderList.place.otoco", otoco(), 3);
list_test!(an_opo_has_an_outcome, place_opo, "orderList.place.opo", opo(), 2);
list_test!(an_opoco_has_an_outcome, place_opoco, "orderList.place.opoco", opoco(), 3);

#[tokio::test(start_paused = true)]
async fn a_list_that_is_refused_is_rejected() {
    let world = World::new().await;
    let mut list = oco();
    list.quantity = decimal(10_000);
    let Outcome::Rejected(refusal) = world.orders().place_oco(list).await else { panic!() };
    assert_eq!(refusal.code.0, -2010);
    assert_eq!(open_orders(&world).await, 0);
}

#[tokio::test(start_paused = true)]
async fn ids_of_the_caller_are_kept_and_a_list_of_the_same_id_before_is_another() {
    let world = World::new().await;
    let orders = world.orders();
    let list = || {
        let mut list = oco().list_client_order_id("list-1");
        list.above = list.above.client_order_id("above-1");
        list
    };
    let Outcome::Confirmed(report) = orders.place_oco(list()).await else { panic!() };
    assert_eq!(report.list_client_order_id.as_str(), "list-1");
    assert!(report.orders.iter().any(|order| order.client_order_id.as_str() == "above-1"));
    let Outcome::Confirmed(_) = orders.cancel_list("ABUSDT", OrderListKey::Client("list-1".into())).await
    else {
        panic!()
    };
    // Its id is free again; a second list is lost on the way. It has other orders.
    world.exchange.drop_next_request("orderList.place.oco");
    let doubt = unknown(orders.place_oco(oco().list_client_order_id("list-1")).await);
    assert_eq!(doubt.resolve().await, Resolution::NotDone(None));
    // A third has the same orders, but comes later.
    tokio::time::sleep(Duration::from_secs(10)).await;
    world.exchange.drop_next_request("orderList.place.oco");
    let doubt = unknown(orders.place_oco(list()).await);
    assert_eq!(doubt.resolve().await, Resolution::NotDone(None));
}

#[tokio::test(start_paused = true)]
async fn the_cancellation_of_a_list_has_an_outcome() {
    let world = World::new().await;
    let orders = world.orders();
    let Outcome::Confirmed(list) = orders.place_oco(oco()).await else { panic!() };
    let key = OrderListKey::Client(list.list_client_order_id.clone());

    // Not executed: an open list proves that only after the fence.
    world.exchange.drop_next_request("orderList.cancel");
    let doubt = unknown(orders.cancel_list("ABUSDT", key.clone()).await);
    assert_eq!(doubt.resolve_within(Duration::from_secs(5)).await, Resolution::StillUnknown);
    let Resolution::NotDone(Some(found)) = doubt.resolve().await else { panic!() };
    assert_eq!(found.list_order_status, ListOrderStatus::Executing);
    assert!(world.exchange.now() > doubt.fence());

    // Executed: the list says so at once.
    world.exchange.drop_next_response("orderList.cancel");
    let doubt = unknown(orders.cancel_list("ABUSDT", key).await);
    let Resolution::Done(found) = doubt.resolve().await else { panic!() };
    assert_eq!(
        (found.order_list_id, found.list_order_status),
        (list.order_list_id, ListOrderStatus::AllDone)
    );
    let again = orders.cancel_list("ABUSDT", list.order_list_id).await;
    assert!(matches!(again, Outcome::Rejected(_)), "{again}");
    assert_eq!(open_orders(&world).await, 0);
}

#[tokio::test(start_paused = true)]
async fn smart_order_routing_has_an_outcome() {
    let world = World::new().await;
    let orders = world.orders();
    let order = || SorOrder::limit("ABUSDT", OrderSide::Buy, Decimal::ONE).price(decimal(90));
    let Outcome::Confirmed(placed) = orders.place_sor(order()).await else { panic!() };
    assert!(placed.value().into_iter().all(|order| orders.ids().is_ours(&order.client_order_id)));

    world.exchange.drop_next_response("sor.order.place");
    let doubt = unknown(orders.place_sor(order()).await);
    let Resolution::Done(found) = doubt.resolve().await else { panic!() };
    assert_eq!(Some(&found.client_order_id), doubt.request().new_client_order_id.as_ref());

    world.exchange.drop_next_request("sor.order.place");
    let doubt = unknown(orders.place_sor(order()).await);
    assert_eq!(doubt.resolve().await, Resolution::NotDone(None));
    assert_eq!(world.exchange.request_count("sor.order.place"), 3, "never sent twice");
    assert_eq!(open_orders(&world).await, 2);
}

#[tokio::test(start_paused = true)]
async fn an_amendment_has_an_outcome() {
    let world = World::new().await;
    let orders = world.orders();
    let order = placed(&world, buy(10, 90)).await;
    let amend = |key: OrderKey, quantity| AmendKeepPriority::new("ABUSDT", key, decimal(quantity));

    let Outcome::Confirmed(amended) = orders.amend(amend(order.order_id.into(), 9)).await else { panic!() };
    assert_eq!(
        (amended.amended_order.quantity, amended.amended_order.order_id),
        (decimal(9), order.order_id)
    );
    assert!(orders.ids().is_ours(&amended.amended_order.client_order_id), "its new id is of ours");
    let Outcome::Rejected(refusal) = orders.amend(amend(order.order_id.into(), 20)).await else { panic!() };
    assert_eq!(refusal.code.0, -2038, "more than before");

    // Executed, and the answer is lost: found by the exchange's id, and by the new client order id where the order was named by
    // the one it had.
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    assert!(matches!(next(&mut stream).await, AccountItem::Snapshot(_)));
    let mut key = OrderKey::from(order.order_id);
    for quantity in [8, 7] {
        world.exchange.drop_next_response("order.amend.keepPriority");
        let doubt = unknown(orders.amend(amend(key, quantity)).await);
        let Resolution::Done(found) = doubt.resolve().await else { panic!() };
        assert_eq!((found.original_quantity, found.order_id), (decimal(quantity), order.order_id));
        assert_eq!(Some(&found.client_order_id), doubt.request().new_client_order_id.as_ref());
        let settled = drain(&mut stream).await.into_iter().filter(|item| {
            let AccountItem::Event(change) = item else { return false };
            let mut elsewhere = change.data.clone();
            if let AccountEvent::Order(report) = &mut elsewhere {
                report.symbol = "CDUSDT".into();
                assert!(!doubt.is_settled_by(&elsewhere), "ids are per symbol");
            }
            doubt.is_settled_by(&change.data)
        });
        assert_eq!(settled.count(), 1);
        key = OrderKey::Client(found.client_order_id);
    }

    // Not executed: definite after the fence.
    world.exchange.drop_next_request("order.amend.keepPriority");
    let doubt = unknown(orders.amend(amend(order.order_id.into(), 6)).await);
    assert_eq!(doubt.resolve_within(Duration::from_secs(5)).await, Resolution::StillUnknown);
    let Resolution::NotDone(Some(found)) = doubt.resolve().await else { panic!() };
    assert_eq!((found.original_quantity, found.status), (decimal(7), OrderStatus::New));
    assert!(world.exchange.now() > doubt.fence());
    assert_eq!(world.exchange.request_count("order.amend.keepPriority"), 5, "never sent twice");
}

#[tokio::test(start_paused = true)]
async fn an_amendment_before_that_gave_the_same_id_is_another() {
    let world = World::new().await;
    let orders = world.orders();
    let order = placed(&world, buy(10, 90)).await;
    let amend = |quantity| {
        AmendKeepPriority::new("ABUSDT", order.order_id, decimal(quantity)).new_client_order_id("mine")
    };
    let Outcome::Confirmed(_) = orders.amend(amend(9)).await else { panic!() };
    world.exchange.drop_next_request("order.amend.keepPriority");
    let doubt = unknown(orders.amend(amend(8)).await);
    let Resolution::NotDone(Some(found)) = doubt.resolve().await else { panic!() };
    assert_eq!((found.original_quantity, found.client_order_id.as_str()), (decimal(9), "mine"));
}

#[tokio::test(start_paused = true)]
async fn an_amendment_of_an_order_that_is_over_is_not_done() {
    let world = World::new().await;
    let orders = world.orders();
    let order = placed(&world, buy(10, 90)).await;
    world.exchange.drop_next_request("order.amend.keepPriority");
    let doubt = unknown(orders.amend(AmendKeepPriority::new("ABUSDT", order.order_id, decimal(5))).await);
    world.bob(false, 10, 90);
    let Resolution::NotDone(Some(found)) = doubt.resolve_within(Duration::from_secs(1)).await else {
        panic!()
    };
    assert_eq!((found.status, found.original_quantity), (OrderStatus::Filled, decimal(10)));
    // One that was executed before the order was filled is done.
    let order = placed(&world, buy(10, 90)).await;
    world.exchange.drop_next_response("order.amend.keepPriority");
    let doubt = unknown(orders.amend(AmendKeepPriority::new("ABUSDT", order.order_id, decimal(5))).await);
    world.bob(false, 5, 90);
    let Resolution::Done(found) = doubt.resolve_within(Duration::from_secs(1)).await else { panic!() };
    assert_eq!((found.status, found.original_quantity), (OrderStatus::Filled, decimal(5)));
}

#[tokio::test(start_paused = true)]
async fn cancelling_all_has_an_outcome() {
    let world = World::new().await;
    let orders = world.orders();
    placed(&world, buy(1, 90)).await;
    assert!(orders.place_oco(oco()).await.is_definite());
    let Outcome::Confirmed(cancelled) = orders.cancel_all("ABUSDT").await else { panic!() };
    assert_eq!(cancelled.len(), 2, "an order and a list");
    assert_eq!(open_orders(&world).await, 0);
    let Outcome::Rejected(refusal) = orders.cancel_all("ABUSDT").await else { panic!() };
    assert_eq!(refusal.code.0, -2011, "nothing is open");

    // Executed, and the answer is lost: nothing is open that was before, though an order placed since is.
    placed(&world, buy(1, 90)).await;
    world.exchange.drop_next_response("openOrders.cancelAll");
    let doubt = unknown(orders.cancel_all("ABUSDT").await);
    let later = placed(&world, buy(1, 91)).await;
    let Resolution::Done(open) = doubt.resolve_within(Duration::from_secs(1)).await else { panic!() };
    assert_eq!(open.iter().map(|order| order.order_id).collect::<Vec<_>>(), [later.order_id]);

    // Not executed: definite after the fence, with the orders that are open.
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.exchange.drop_next_request("openOrders.cancelAll");
    let doubt = unknown(orders.cancel_all("ABUSDT").await);
    assert_eq!(doubt.resolve_within(Duration::from_secs(5)).await, Resolution::StillUnknown);
    let Resolution::NotDone(Some(open)) = doubt.resolve().await else { panic!() };
    assert_eq!(open.len(), 1);
    assert!(world.exchange.now() > doubt.fence());
    assert_eq!(world.exchange.request_count("openOrders.cancelAll"), 4, "never sent twice");
}

#[tokio::test(start_paused = true)]
async fn no_event_alone_settles_the_cancellation_of_all() {
    let world = World::new().await;
    let orders = world.orders();
    placed(&world, buy(1, 90)).await;
    let mut stream = AccountStream::open(&world.client).await.unwrap();
    assert!(matches!(next(&mut stream).await, AccountItem::Snapshot(_)));
    world.exchange.drop_next_response("openOrders.cancelAll");
    let doubt = unknown(orders.cancel_all("ABUSDT").await);
    let mut reports = 0;
    for item in drain(&mut stream).await {
        if let AccountItem::Event(change) = item {
            reports += usize::from(matches!(change.data, AccountEvent::Order(_)));
            assert!(!doubt.is_settled_by(&change.data));
        }
    }
    assert_eq!(reports, 1);
}
