//! Amended orders: their place in the queue, their funds, and what is reported about them.

use super::super::*;
use super::{Bench, bench_order, fixed, trade_at};

fn request(id: u64, quantity: &str) -> AmendRequest {
    AmendRequest { order_id: Some(id), client_id: None, new_client_id: None, new_quantity: fixed(quantity) }
}

fn amend(bench: &mut Bench, account: usize, request: &AmendRequest) -> Result<Amended, Reject> {
    let now = bench.now();
    bench.engine.amend(now, bench.accounts[account], bench.symbol, request)
}

#[test]
fn an_amended_order_keeps_its_place() {
    let mut bench = Bench::new(3, "0");
    let first = bench.limit(0, Side::Buy, "5.5", "100").order;
    let second = bench.limit(1, Side::Buy, "4", "100").order;
    bench.engine.events.clear();
    let amended = amend(&mut bench, 0, &request(first.id, "5")).unwrap();
    assert_eq!((amended.order.id, amended.order.quantity), (first.id, fixed("5")));
    assert_eq!(amended.amendment.old_client_id, first.client_id);
    assert_ne!(amended.order.client_id, first.client_id, "a new id is generated");
    assert!(amended.list.is_none());
    assert_eq!(bench.balance(0, "B").1, "500.00000000");
    let report = bench
        .engine
        .events
        .iter()
        .find_map(|event| match event {
            Event::Report(report) => Some(report.clone()),
            _ => None,
        })
        .unwrap();
    assert_eq!(report.execution, ExecutionType::Replaced);
    assert_eq!(report.execution_id, amended.amendment.execution_id);
    assert_eq!(report.cancel_id.as_ref(), Some(&amended.order.client_id));
    assert_eq!((&report.order.client_id, report.order.quantity), (&first.client_id, fixed("5")));
    bench.check_invariants();
    // It is found by its new id alone.
    let find = |bench: &Bench, id: &ClientOrderId| {
        bench.engine.find(bench.accounts[0], bench.symbol, None, Some(id.as_str())).map(|order| order.id)
    };
    assert_eq!(find(&bench, &amended.order.client_id), Some(first.id));
    assert_eq!(find(&bench, &first.client_id), None);
    // It still trades before the one behind it.
    bench.limit(2, Side::Sell, "5", "100");
    assert_eq!(bench.state(first.id).status, OrderStatus::Filled);
    assert!(bench.state(second.id).executed.is_zero());
    bench.check_invariants();
}

#[test]
fn an_order_that_has_traded_enough_expires() {
    let mut bench = Bench::new(2, "0");
    let order = bench.limit(0, Side::Sell, "5", "100").order;
    bench.limit(1, Side::Buy, "2", "100");
    let amended = amend(&mut bench, 0, &request(order.id, "2")).unwrap();
    assert_eq!((amended.order.status, amended.order.quantity), (OrderStatus::Expired, fixed("2")));
    assert_eq!(bench.balance(0, "A").1, "0.00000000");
    assert_eq!(bench.engine.instrument(bench.symbol).best(Side::Sell), None);
    let reports = bench.reports();
    assert_eq!(reports[reports.len() - 2], format!("{} REPLACED PARTIALLY_FILLED", order.id));
    assert_eq!(reports[reports.len() - 1], format!("{} EXPIRED EXPIRED", order.id));
    bench.check_invariants();
}

#[test]
fn amendments_are_refused_with_the_documented_messages() {
    let mut bench = Bench::new(2, "0");
    let order = bench.limit(0, Side::Buy, "5", "100").order;
    let other = bench.limit(0, Side::Buy, "5", "99").order;
    let taken = AmendRequest { new_client_id: Some(other.client_id.clone()), ..request(order.id, "4") };
    let misnamed = AmendRequest { client_id: Some(other.client_id.clone()), ..request(order.id, "4") };
    for (request, code, message) in [
        (request(order.id, "6"), -2038, "Order amend (quantity increase) is not supported."),
        (request(order.id, "5"), -2038, "The requested action would change no state; rejecting"),
        (request(99, "4"), -2038, "Unknown order sent."),
        (request(order.id, "0"), -1013, "Filter failure: LOT_SIZE"),
        (request(order.id, "0.001"), -1013, "Filter failure: NOTIONAL"),
        (taken, -2038, "Duplicate order sent."),
        (misnamed, -2039, "Client order ID is not correct for this order ID."),
    ] {
        let reject = amend(&mut bench, 0, &request).unwrap_err();
        assert_eq!((reject.code, &*reject.message), (code, message));
    }
    assert_eq!(amend(&mut bench, 1, &request(order.id, "4")).unwrap_err().code, -2038, "someone else's");
    let mut name = order.client_id.clone();
    for tenths in 0..10 {
        let request = AmendRequest {
            new_client_id: Some(name.clone()),
            new_quantity: fixed(&format!("4.{}", 9 - tenths)),
            ..request(order.id, "4")
        };
        let amended = amend(&mut bench, 0, &request).unwrap();
        assert_eq!(amended.order.client_id, name, "an id may be kept");
        name = amended.order.client_id;
    }
    let reject = amend(&mut bench, 0, &request(order.id, "1")).unwrap_err();
    assert_eq!((reject.code, &*reject.message), (-2038, "Filter failure: MAX_NUM_ORDER_AMENDS"));
    assert_eq!(bench.engine.amendments_of(bench.symbol, order.id).len(), 10);
    bench.check_invariants();
}

fn leg(side: Side, kind: OrderType, quantity: &str, price: &str) -> NewOrder {
    let priced = NewOrder { price: Some(fixed(price)), ..bench_order(side, kind, quantity) };
    match kind {
        OrderType::Limit => NewOrder { time_in_force: Some(TimeInForce::Gtc), ..priced },
        OrderType::LimitMaker => priced,
        _ => NewOrder { price: None, stop_price: Some(fixed(price)), ..priced },
    }
}

#[test]
fn both_legs_of_a_pair_are_amended() {
    let mut bench = Bench::new(3, "0");
    trade_at(&mut bench, "100");
    let orders = NewListOrders::Pair {
        above: leg(Side::Buy, OrderType::StopLoss, "3", "120"),
        below: leg(Side::Buy, OrderType::LimitMaker, "3", "90"),
    };
    let now = bench.now();
    let list = NewList { client_id: None, orders };
    let (list, placed) = bench.engine.place_list(now, bench.accounts[2], list).unwrap();
    assert_eq!(bench.balance(2, "B").1, "360.00000000");
    let (stop, limit) = (placed[0].order.id, placed[1].order.id);
    bench.engine.events.clear();
    let amended = amend(&mut bench, 2, &request(limit, "2")).unwrap();
    assert_eq!((bench.state(stop).quantity, bench.state(limit).quantity), (fixed("2"), fixed("2")));
    assert_eq!(bench.balance(2, "B").1, "240.00000000");
    let shown = amended.list.unwrap();
    assert_eq!(shown.orders[1], (limit, amended.order.client_id));
    assert_eq!(shown.orders[0], list.orders[0]);
    assert_eq!(
        bench.reports(),
        [
            format!("{limit} REPLACED NEW"),
            format!("{stop} REPLACED NEW"),
            format!("list {} UPDATED", list.id)
        ]
    );
    bench.check_invariants();
}

#[test]
fn pending_orders_are_amended_unless_they_are_paid_for() {
    let mut bench = Bench::new(3, "0");
    trade_at(&mut bench, "100");
    for pays in [false, true] {
        let mut pending = leg(Side::Sell, OrderType::Limit, "3", "120");
        pending.quantity = pending.quantity.filter(|_| !pays);
        let working = leg(Side::Buy, OrderType::Limit, "3", "99");
        let now = bench.now();
        let list = NewList { client_id: None, orders: NewListOrders::Trigger { working, pending, pays } };
        let (list, placed) = bench.engine.place_list(now, bench.accounts[2], list).unwrap();
        let (working, pending) = (placed[0].order.id, placed[1].order.id);
        let outcome = amend(&mut bench, 2, &request(pending, "2"));
        if pays {
            let reject = outcome.unwrap_err();
            assert_eq!(reject, Reject::new(-2038, "Order amend (pending OPO order) is not supported."));
        } else {
            let order = outcome.unwrap().order;
            assert_eq!((order.status, order.quantity), (OrderStatus::PendingNew, fixed("2")));
            assert_eq!(bench.state(working).quantity, fixed("3"));
        }
        amend(&mut bench, 2, &request(working, "1")).unwrap();
        bench.limit(0, Side::Sell, "1", "99");
        let order = bench.state(pending);
        assert_eq!((order.status, order.quantity), (OrderStatus::New, fixed(if pays { "1" } else { "2" })));
        bench.check_invariants();
        let now = bench.now();
        let account = bench.accounts[2];
        bench.engine.cancel_list(now, account, bench.symbol, Some(list.id), None, None).unwrap();
    }
}
