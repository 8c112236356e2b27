//! Pegged orders take their price from the book, once, when they enter it.

use super::*;

fn pegged(side: Side, kind: OrderType, price_type: PegPriceType, offset: Option<u32>) -> NewOrder {
    NewOrder {
        peg: Some(Peg { price_type, offset }),
        time_in_force: (kind != OrderType::LimitMaker).then_some(TimeInForce::Gtc),
        ..bench_order(side, kind, "1")
    }
}

fn book(bench: &mut Bench) {
    for price in ["99", "98", "97"] {
        bench.limit(0, Side::Buy, "1", price);
    }
    for price in ["101", "102", "103"] {
        bench.limit(0, Side::Sell, "1", price);
    }
}

#[test]
fn prices_come_from_both_sides_and_deeper_levels() {
    let mut bench = Bench::new(2, "0");
    let reject =
        bench.place(1, pegged(Side::Buy, OrderType::Limit, PegPriceType::Primary, None)).unwrap_err();
    assert_eq!(reject, Reject::order("Order book liquidity is too low for this pegged order."));
    book(&mut bench);
    let mut place = |kind, price_type, offset, limit: Option<&str>| {
        let order = NewOrder { price: limit.map(fixed), ..pegged(Side::Buy, kind, price_type, offset) };
        bench.place(1, order).unwrap().order
    };
    let best = place(OrderType::Limit, PegPriceType::Primary, None, None);
    assert_eq!((best.price, best.pegged_price), (Fixed::ZERO, Some(fixed("99"))));
    assert_eq!(best.status, OrderStatus::New);
    let deep = place(OrderType::LimitMaker, PegPriceType::Primary, Some(2), None);
    assert_eq!(deep.pegged_price, Some(fixed("97")));
    // A price of its own is a limit.
    let capped = place(OrderType::LimitMaker, PegPriceType::Primary, None, Some("98.50"));
    assert_eq!((capped.price, capped.pegged_price), (fixed("98.50"), Some(fixed("98.50"))));
    let takes = place(OrderType::Limit, PegPriceType::Market, Some(1), None);
    assert_eq!((takes.pegged_price, takes.executed_quote), (Some(fixed("102")), fixed("101")));
    assert_eq!(bench.balance(1, "B").1, "294.50000000");
    bench.check_invariants();
    let sells = pegged(Side::Sell, OrderType::Limit, PegPriceType::Market, None);
    let ioc = NewOrder { time_in_force: Some(TimeInForce::Ioc), ..sells };
    let placed = bench.place(1, ioc).unwrap().order;
    assert_eq!((placed.status, placed.executed_quote), (OrderStatus::Filled, fixed("99")));
    bench.check_invariants();
    let deep = pegged(Side::Sell, OrderType::Limit, PegPriceType::Market, Some(100));
    assert_eq!(bench.place(1, deep).unwrap_err(), Reject::no_peg());
}

#[test]
fn not_every_type_takes_every_peg() {
    let mut bench = Bench::new(2, "0");
    book(&mut bench);
    let mut refused = |order: NewOrder| bench.place(1, order).unwrap_err().message;
    let stop = NewOrder {
        stop_price: Some(fixed("90")),
        time_in_force: None,
        ..pegged(Side::Sell, OrderType::StopLoss, PegPriceType::Primary, None)
    };
    assert_eq!(refused(stop), "This order type may not use pegged price.");
    let maker = pegged(Side::Sell, OrderType::LimitMaker, PegPriceType::Market, None);
    assert_eq!(refused(maker), "This price peg cannot be used with this order type.");
    let fok = NewOrder {
        time_in_force: Some(TimeInForce::Fok),
        ..pegged(Side::Sell, OrderType::Limit, PegPriceType::Primary, None)
    };
    assert_eq!(refused(fok), "This price peg cannot be used with this order type.");
    let mut bench = Bench::with(1, "0", |config| config.without(Feature::PeggedOrders));
    let order = pegged(Side::Sell, OrderType::Limit, PegPriceType::Market, None);
    let reject = bench.place(0, order).unwrap_err();
    assert_eq!((reject.code, &*reject.message), (-1013, "Pegged orders are not supported for this symbol."));
}

#[test]
fn contingent_orders_are_pegged_when_they_act() {
    let mut bench = Bench::new(3, "0");
    trade_at(&mut bench, "100");
    book(&mut bench);
    let stop = |side, stop: &str| NewOrder {
        stop_price: Some(fixed(stop)),
        ..pegged(side, OrderType::StopLossLimit, PegPriceType::Primary, None)
    };
    let order = bench.place(2, stop(Side::Buy, "100.50")).unwrap().order;
    assert_eq!((order.pegged_price, order.locked), (None, fixed("100.50")));
    bench.limit(0, Side::Buy, "1", "99.50");
    bench.limit(1, Side::Buy, "0.1", "101");
    let order = bench.state(order.id);
    assert_eq!((order.pegged_price, order.locked), (Some(fixed("99.50")), fixed("99.50")));
    assert!(order.priority.is_some());
    bench.check_invariants();
    // Nothing left to be pegged to: the order is rejected when it is triggered.
    let order = bench.place(2, stop(Side::Sell, "97")).unwrap().order.id;
    let market = bench.order(Side::Buy, OrderType::Market, "2.9");
    bench.place(1, market).unwrap();
    let sell = bench.order(Side::Sell, OrderType::Market, "4.5");
    bench.place(1, sell).unwrap();
    let order = bench.state(order);
    assert_eq!((order.status, order.expiry), (OrderStatus::Expired, Some(ExpiryReason::Rejected)));
    bench.check_invariants();
}

#[test]
fn pending_orders_are_pegged_when_they_are_placed() {
    let mut bench = Bench::new(3, "0");
    book(&mut bench);
    let working = NewOrder::limit(bench.symbol, Side::Buy, fixed("1"), fixed("99.50"));
    let pending = pegged(Side::Sell, OrderType::Limit, PegPriceType::Primary, None);
    let list = NewList { client_id: None, orders: NewListOrders::Trigger { working, pending, pays: false } };
    let now = bench.now();
    let (_, placed) = bench.engine.place_list(now, bench.accounts[2], list).unwrap();
    assert_eq!(placed[1].order.pegged_price, None);
    bench.limit(0, Side::Sell, "1", "100.50");
    bench.limit(1, Side::Sell, "1", "99.50");
    let pending = bench.state(placed[1].order.id);
    assert_eq!((pending.status, pending.pegged_price), (OrderStatus::New, Some(fixed("100.50"))));
    bench.check_invariants();
}
