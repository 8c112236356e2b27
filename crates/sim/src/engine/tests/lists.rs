//! Order lists: what they lock, what triggers and ends them, and what is reported about it.

use super::super::types::{ExpiryReason, ListOrderStatus};
use super::super::*;
use super::{Bench, at, bench_order, fixed, trade_at};

const fn list(orders: NewListOrders) -> NewList {
    NewList { client_id: None, orders }
}

pub(super) fn oco(side: Side, above: (OrderType, &str), below: (OrderType, &str), quantity: &str) -> NewList {
    let leg = |(kind, price): (OrderType, &str)| {
        let mut leg = bench_order(side, kind, quantity);
        if kind.is_contingent() {
            leg.stop_price = Some(fixed(price));
        } else {
            leg.price = Some(fixed(price));
        }
        if matches!(kind, OrderType::StopLossLimit | OrderType::TakeProfitLimit) {
            leg.price = Some(fixed(price));
            leg.time_in_force = Some(TimeInForce::Gtc);
        }
        leg
    };
    list(NewListOrders::Pair { above: leg(above), below: leg(below) })
}

#[test]
fn one_cancels_the_other() {
    let mut bench = Bench::new(3, "0");
    trade_at(&mut bench, "100");
    let account = bench.accounts[2];
    let pair = oco(Side::Sell, (OrderType::LimitMaker, "110"), (OrderType::StopLossLimit, "90"), "1");
    bench.engine.events.clear();
    let now = bench.now();
    let (list, orders) = bench.engine.place_list(now, account, pair.clone()).unwrap();
    assert_eq!(bench.balance(2, "A").1, "1.00000000");
    let (stop, limit) = (orders[0].order.id, orders[1].order.id);
    assert_eq!(
        bench.reports(),
        [format!("{stop} NEW NEW"), format!("{limit} NEW NEW"), "list 0 EXEC_STARTED".to_owned()]
    );
    bench.check_invariants();
    // The limit leg fills in two parts; the stop leg goes with the first.
    bench.limit(0, Side::Buy, "0.4", "110");
    assert_eq!(bench.state(stop).status, OrderStatus::Expired);
    assert_eq!(bench.state(stop).expiry, Some(ExpiryReason::OcoTrigger));
    assert!(bench.engine.list(list.id).unwrap().is_executing());
    bench.check_invariants();
    bench.limit(0, Side::Buy, "0.6", "110");
    assert!(!bench.engine.list(list.id).unwrap().is_executing());
    assert_eq!(bench.reports().iter().filter(|line| line.contains("list 0 ALL_DONE")).count(), 1);
    bench.check_invariants();

    // The stop leg triggers; a buying pair locks the dearer leg.
    let pair = oco(Side::Buy, (OrderType::StopLossLimit, "120"), (OrderType::LimitMaker, "95"), "1");
    let now = bench.now();
    let (_, orders) = bench.engine.place_list(now, account, pair).unwrap();
    assert_eq!(bench.balance(2, "B").1, "120.00000000");
    trade_at(&mut bench, "121");
    assert_eq!(bench.state(orders[1].order.id).status, OrderStatus::Expired);
    let stop = bench.state(orders[0].order.id);
    assert_eq!((stop.status, stop.locked, stop.priority.is_some()), (OrderStatus::New, fixed("120"), true));
    bench.check_invariants();
}

#[test]
fn pairs_are_checked_and_cancelled_together() {
    let mut bench = Bench::new(3, "0");
    trade_at(&mut bench, "100");
    let account = bench.accounts[2];
    let mut refused = |pair: NewList| {
        let now = at(50);
        bench.engine.place_list(now, account, pair).unwrap_err().code
    };
    let stop = OrderType::StopLoss;
    assert_eq!(refused(oco(Side::Sell, (stop, "110"), (OrderType::LimitMaker, "90"), "1")), -1166);
    assert_eq!(refused(oco(Side::Buy, (OrderType::LimitMaker, "110"), (stop, "90"), "1")), -1165);
    assert_eq!(refused(oco(Side::Buy, (stop, "110"), (stop, "90"), "1")), -1196);
    assert_eq!(
        refused(oco(Side::Buy, (OrderType::LimitMaker, "110"), (OrderType::LimitMaker, "90"), "1")),
        -1168
    );
    assert_eq!(refused(oco(Side::Sell, (OrderType::LimitMaker, "99"), (stop, "90"), "1")), -2010);
    assert_eq!(refused(oco(Side::Sell, (OrderType::LimitMaker, "110"), (stop, "101"), "1")), -2010);
    assert_eq!(refused(oco(Side::Sell, (OrderType::LimitMaker, "110"), (stop, "90"), "1000.001")), -2010);
    bench.check_invariants();
    let pair = oco(Side::Sell, (OrderType::TakeProfit, "110"), (stop, "90"), "1");
    let now = bench.now();
    let (_, orders) = bench.engine.place_list(now, account, pair).unwrap();
    let request = CancelRequest { order_id: Some(orders[0].order.id), ..CancelRequest::default() };
    let outcome = bench.engine.cancel(now, account, bench.symbol, &request).unwrap();
    let CancelOutcome::List(list, canceled) = outcome else { panic!("a list") };
    assert_eq!((list.status, canceled.len()), (ListOrderStatus::AllDone, 2));
    assert_eq!(bench.balance(2, "A").1, "0.00000000");
    bench.check_invariants();
}

/// A limit order; a stop when `kind` is one.
fn leg(side: Side, kind: OrderType, quantity: &str, price: &str) -> NewOrder {
    let mut leg = bench_order(side, kind, quantity);
    if kind.has_price() {
        leg.price = Some(fixed(price));
    }
    if kind.has_price() && kind != OrderType::LimitMaker {
        leg.time_in_force = Some(TimeInForce::Gtc);
    }
    if kind.is_contingent() {
        leg.stop_price = Some(fixed(price));
    }
    leg
}

fn place(bench: &mut Bench, account: usize, orders: NewListOrders) -> Result<(u64, Vec<u64>), Reject> {
    let now = bench.now();
    let (list, placed) = bench.engine.place_list(now, bench.accounts[account], list(orders))?;
    Ok((list.id, placed.into_iter().map(|placed| placed.order.id).collect()))
}

fn trigger(pending: NewOrder) -> NewListOrders {
    NewListOrders::Trigger { working: leg(Side::Buy, OrderType::Limit, "2", "99"), pending, pays: false }
}

#[test]
fn one_triggers_the_other() {
    let mut bench = Bench::new(3, "0.001");
    trade_at(&mut bench, "100");
    bench.engine.events.clear();
    let before = bench.balance(2, "A");
    let (list, ids) = place(&mut bench, 2, trigger(leg(Side::Sell, OrderType::Limit, "1.5", "101"))).unwrap();
    let (working, pending) = (ids[0], ids[1]);
    assert_eq!(
        bench.reports(),
        [
            format!("{working} NEW NEW"),
            format!("{pending} NEW PENDING_NEW"),
            format!("list {list} EXEC_STARTED")
        ]
    );
    assert_eq!(bench.balance(2, "A"), before, "a pending order holds nothing");
    assert_eq!(bench.balance(2, "B").1, "198.00000000");
    assert!(bench.state(pending).is_waiting());
    bench.check_invariants();

    bench.limit(0, Side::Sell, "0.5", "99");
    assert_eq!(
        bench.state(pending).status,
        OrderStatus::PendingNew,
        "part of the working order is not enough"
    );
    bench.limit(0, Side::Sell, "1.5", "99");
    assert_eq!(bench.state(working).status, OrderStatus::Filled);
    let order = bench.state(pending);
    assert_eq!(
        (order.status, order.priority.is_some(), order.locked),
        (OrderStatus::New, true, fixed("1.5"))
    );
    assert!(bench.engine.list(list).unwrap().is_executing());
    bench.check_invariants();
    bench.limit(1, Side::Buy, "1.5", "101");
    assert_eq!(bench.state(pending).status, OrderStatus::Filled);
    assert!(!bench.engine.list(list).unwrap().is_executing());
    assert_eq!(bench.reports().last().unwrap(), &format!("list {list} ALL_DONE"));
    bench.check_invariants();
}

#[test]
fn a_working_order_filled_at_once_shows_its_pending_order_pending() {
    let mut bench = Bench::new(3, "0");
    trade_at(&mut bench, "100");
    bench.limit(0, Side::Sell, "2", "98");
    let now = bench.now();
    let new = list(trigger(bench_order(Side::Sell, OrderType::Market, "1")));
    bench.limit(1, Side::Buy, "5", "90");
    let (_, placed) = bench.engine.place_list(now, bench.accounts[2], new).unwrap();
    assert_eq!((placed[0].order.status, placed[0].fills.len()), (OrderStatus::Filled, 1));
    assert_eq!(placed[1].order.status, OrderStatus::PendingNew);
    let order = bench.state(placed[1].order.id);
    assert_eq!((order.status, order.executed_quote), (OrderStatus::Filled, fixed("90")));
    bench.check_invariants();
}

#[test]
fn pending_orders_end_with_their_working_order() {
    let mut bench = Bench::new(3, "0");
    trade_at(&mut bench, "100");
    // The working order expires.
    let working =
        NewOrder { time_in_force: Some(TimeInForce::Ioc), ..leg(Side::Buy, OrderType::Limit, "2", "99") };
    let pending = leg(Side::Sell, OrderType::TakeProfit, "1", "120");
    let orders = NewListOrders::Trigger { working, pending: pending.clone(), pays: false };
    let (list, ids) = place(&mut bench, 2, orders).unwrap();
    let order = bench.state(ids[1]);
    assert_eq!((order.status, order.expiry), (OrderStatus::Expired, Some(ExpiryReason::OtoPhaseOneExpired)));
    assert!(!bench.engine.list(list).unwrap().is_executing());
    // Either order is cancelled: both are.
    for index in [0, 1] {
        let (list, ids) = place(&mut bench, 2, trigger(pending.clone())).unwrap();
        bench.limit(0, Side::Sell, "0.5", "99");
        bench.engine.events.clear();
        let request = CancelRequest { order_id: Some(ids[index]), ..CancelRequest::default() };
        let now = bench.now();
        let account = bench.accounts[2];
        let outcome = bench.engine.cancel(now, account, bench.symbol, &request).unwrap();
        let CancelOutcome::List(canceled, orders) = outcome else { panic!("a list") };
        assert_eq!((canceled.id, canceled.status, orders.len()), (list, ListOrderStatus::AllDone, 2));
        assert_eq!(
            bench.reports(),
            [
                format!("{} CANCELED CANCELED", ids[0]),
                format!("{} CANCELED CANCELED", ids[1]),
                format!("list {list} ALL_DONE")
            ]
        );
        assert_eq!(bench.engine.open_lists_of(account).count(), 0);
        bench.check_invariants();
    }
}

#[test]
fn a_pending_order_that_cannot_be_placed_expires() {
    let mut bench = Bench::new(3, "0");
    trade_at(&mut bench, "100");
    let poor = leg(Side::Sell, OrderType::Limit, "1002.5", "101");
    let passed = leg(Side::Sell, OrderType::StopLoss, "1", "99.5");
    let taking = leg(Side::Sell, OrderType::LimitMaker, "1", "90");
    for pending in [poor, passed, taking] {
        bench.limit(1, Side::Buy, "0.1", "95");
        let (list, ids) = place(&mut bench, 2, trigger(pending)).unwrap();
        bench.limit(0, Side::Sell, "2", "99");
        let order = bench.state(ids[1]);
        assert_eq!((order.status, order.expiry), (OrderStatus::Expired, Some(ExpiryReason::Rejected)));
        assert_eq!(bench.state(ids[0]).status, OrderStatus::Filled);
        assert!(!bench.engine.list(list).unwrap().is_executing());
        bench.check_invariants();
        trade_at(&mut bench, "100");
    }
}

fn bracket(pays: bool, above: (OrderType, &str), below: (OrderType, &str)) -> NewListOrders {
    let quantity = |mut order: NewOrder| {
        order.quantity = order.quantity.filter(|_| !pays);
        order
    };
    NewListOrders::TriggerPair {
        working: leg(Side::Buy, OrderType::Limit, "2", "99"),
        above: quantity(leg(Side::Sell, above.0, "1.5", above.1)),
        below: quantity(leg(Side::Sell, below.0, "1.5", below.1)),
        pays,
    }
}

#[test]
fn one_triggers_a_pair() {
    let mut bench = Bench::new(3, "0");
    trade_at(&mut bench, "100");
    let orders = bracket(false, (OrderType::LimitMaker, "105"), (OrderType::StopLoss, "95"));
    let (list, ids) = place(&mut bench, 2, orders).unwrap();
    let [working, stop, limit] = ids[..] else { panic!("three orders") };
    assert_eq!(bench.state(stop).kind, OrderType::StopLoss, "the stop comes first");
    assert_eq!(bench.balance(2, "A").1, "0.00000000");
    bench.limit(0, Side::Sell, "2", "99");
    assert_eq!(bench.state(working).status, OrderStatus::Filled);
    assert_eq!(bench.balance(2, "A").1, "1.50000000", "both legs share one lock");
    assert!(bench.state(stop).is_waiting() && bench.state(limit).priority.is_some());
    bench.check_invariants();
    bench.engine.events.clear();
    bench.limit(1, Side::Buy, "1.5", "105");
    assert_eq!(bench.state(limit).status, OrderStatus::Filled);
    assert_eq!(bench.state(stop).expiry, Some(ExpiryReason::OcoTrigger));
    assert_eq!(bench.state(working).expiry, None);
    let all_done = format!("list {list} ALL_DONE");
    assert_eq!(bench.reports().iter().filter(|line| **line == all_done).count(), 1);
    bench.check_invariants();
}

#[test]
fn a_pair_whose_prices_do_not_fit_any_more_expires_whole() {
    let mut bench = Bench::new(3, "0");
    trade_at(&mut bench, "100");
    let orders = bracket(false, (OrderType::LimitMaker, "98.5"), (OrderType::StopLoss, "95"));
    let (list, ids) = place(&mut bench, 2, orders).unwrap();
    bench.limit(0, Side::Sell, "2", "99");
    let reasons: Vec<_> = ids.iter().map(|id| bench.state(*id).expiry).collect();
    assert_eq!(reasons, [None, Some(ExpiryReason::Rejected), Some(ExpiryReason::OcoTrigger)]);
    assert!(!bench.engine.list(list).unwrap().is_executing());
    bench.check_invariants();
}

#[test]
fn one_pays_the_other() {
    // A tenth of a percent is taken from what is received.
    let mut bench = Bench::new(3, "0.001");
    trade_at(&mut bench, "100");
    let pays = |pending| NewListOrders::Trigger {
        working: leg(Side::Buy, OrderType::Limit, "2", "99"),
        pending,
        pays: true,
    };
    let pending = NewOrder { quantity: None, ..leg(Side::Sell, OrderType::Limit, "1", "101") };
    // Nothing is free: the commission comes out of what is received, which is cut to whole steps.
    bench.limit(2, Side::Sell, "999", "500");
    let last = bench.limit(2, Side::Sell, "1", "500").order.id;
    let (_, ids) = place(&mut bench, 2, pays(pending.clone())).unwrap();
    assert!(bench.state(ids[1]).quantity.is_zero());
    bench.limit(0, Side::Sell, "0.501", "99");
    assert_eq!(bench.balance(2, "A"), ("0.00000000".to_owned(), "1000.50049900".to_owned()));
    bench.check_invariants();
    bench.limit(0, Side::Sell, "1.499", "99");
    let order = bench.state(ids[1]);
    assert_eq!((order.status, order.quantity), (OrderStatus::New, fixed("1.998")));
    assert_eq!(bench.balance(2, "A").1, "1001.99800000");
    bench.check_invariants();
    // Enough is free: the commission comes out of that.
    let request = CancelRequest { order_id: Some(last), ..CancelRequest::default() };
    let now = bench.now();
    bench.engine.cancel(now, bench.accounts[2], bench.symbol, &request).unwrap();
    let (_, ids) = place(&mut bench, 2, pays(pending.clone())).unwrap();
    bench.limit(0, Side::Sell, "2", "99");
    assert_eq!(bench.state(ids[1]).quantity, fixed("2"));
    assert_eq!(bench.balance(2, "A"), ("0.99800000".to_owned(), "1002.99800000".to_owned()));
    bench.check_invariants();
    // Cancelled half-way, what was kept is free again.
    let (paying, ids) = place(&mut bench, 2, pays(pending)).unwrap();
    bench.limit(0, Side::Sell, "1", "99");
    assert_eq!(bench.balance(2, "A").1, "1003.99800000");
    let now = bench.now();
    let account = bench.accounts[2];
    bench.engine.cancel_list(now, account, bench.symbol, Some(paying), None, None).unwrap();
    assert_eq!(bench.balance(2, "A").1, "1002.99800000");
    assert_eq!(bench.state(ids[1]).status, OrderStatus::Canceled);
    bench.check_invariants();
}

#[test]
fn one_pays_a_pair() {
    let mut bench = Bench::new(3, "0.001");
    trade_at(&mut bench, "100");
    let orders = bracket(true, (OrderType::TakeProfit, "105"), (OrderType::StopLoss, "95"));
    let (_, ids) = place(&mut bench, 2, orders).unwrap();
    bench.limit(0, Side::Sell, "2", "99");
    assert_eq!(bench.state(ids[1]).quantity, fixed("2"));
    assert_eq!(bench.state(ids[2]).quantity, fixed("2"));
    assert_eq!(bench.balance(2, "A").1, "2.00000000");
    bench.check_invariants();
    bench.limit(1, Side::Buy, "5", "94");
    trade_at(&mut bench, "95");
    assert_eq!(bench.state(ids[1]).expiry, None);
    assert_eq!(bench.state(ids[1]).status, OrderStatus::Filled);
    assert_eq!(bench.state(ids[2]).expiry, Some(ExpiryReason::OcoTrigger));
    bench.check_invariants();
}

#[test]
fn lists_are_refused_with_the_documented_codes() {
    let mut bench = Bench::new(3, "0");
    trade_at(&mut bench, "100");
    let sell = NewOrder { quantity: None, ..leg(Side::Sell, OrderType::Limit, "1", "101") };
    let buy = NewOrder { quantity: None, ..leg(Side::Buy, OrderType::Limit, "1", "90") };
    let working = leg(Side::Buy, OrderType::Limit, "2", "99");
    let asking = leg(Side::Sell, OrderType::Limit, "2", "101");
    let stop = leg(Side::Buy, OrderType::StopLoss, "2", "101");
    let no_price = NewOrder { price: None, ..leg(Side::Sell, OrderType::Limit, "1", "1") };
    let trigger = |working: &NewOrder, pending: &NewOrder, pays| NewListOrders::Trigger {
        working: working.clone(),
        pending: pending.clone(),
        pays,
    };
    for (orders, code, message) in [
        (trigger(&asking, &sell, true), -1222, "Working order in an OPO list must be a bid."),
        (trigger(&working, &buy, true), -1223, "Pending orders in an OPO list must be asks."),
        (trigger(&stop, &asking, false), -1116, "Invalid orderType."),
        (
            trigger(&working, &no_price, false),
            -1102,
            "Mandatory parameter 'pendingPrice' was not sent, was empty/null, or malformed.",
        ),
        (
            bracket(false, (OrderType::StopLoss, "105"), (OrderType::LimitMaker, "95")),
            -1166,
            "A limit order in a sell OCO must be above.",
        ),
        (
            bracket(false, (OrderType::Limit, "105"), (OrderType::StopLoss, "95")),
            -1158,
            "Order type not supported in OCO.",
        ),
        (
            trigger(&leg(Side::Buy, OrderType::LimitMaker, "2", "100"), &asking, false),
            -2010,
            "Order would immediately match and take.",
        ),
        (
            trigger(&leg(Side::Buy, OrderType::Limit, "2", "99.001"), &asking, false),
            -1013,
            "Filter failure: PRICE_FILTER",
        ),
    ] {
        if code == -2010 {
            bench.limit(0, Side::Sell, "1", "100");
        }
        let reject = place(&mut bench, 2, orders).unwrap_err();
        assert_eq!((reject.code, &*reject.message), (code, message));
    }
    let named = |list: &str, order: &str| NewList {
        client_id: Some(ClientOrderId::new(list)),
        orders: trigger(
            &NewOrder { client_id: Some(ClientOrderId::new(order)), ..working.clone() },
            &asking,
            false,
        ),
    };
    let account = bench.accounts[2];
    let now = bench.now();
    bench.engine.place_list(now, account, named("one", "a")).unwrap();
    for taken in [named("one", "b"), named("two", "a")] {
        let reject = bench.engine.place_list(now, account, taken).unwrap_err();
        assert_eq!(reject, Reject::order("Duplicate order sent."));
    }
    for count in 1..20 {
        let name = format!("more{count}");
        bench.engine.place_list(now, account, named(&name, &name)).unwrap();
    }
    let reject = bench.engine.place_list(now, account, named("last", "last")).unwrap_err();
    assert_eq!(reject, Reject::filter("MAX_NUM_ORDER_LISTS"));
    assert!(bench.engine.find_list(account, Some(0), Some("other")).is_none());
    assert_eq!(bench.engine.find_list(account, None, Some("more1")).unwrap().client_id, "more1");
    bench.check_invariants();
}
