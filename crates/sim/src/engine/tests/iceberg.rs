//! Icebergs show a part of themselves; the next part stands behind all others of its price.

use super::*;

fn iceberg(side: Side, quantity: &str, price: &str, part: &str) -> NewOrder {
    NewOrder {
        iceberg: Some(fixed(part)),
        ..NewOrder::limit(SymbolId(0), side, fixed(quantity), fixed(price))
    }
}

fn levels(bench: &Bench, side: Side) -> Vec<String> {
    bench
        .engine
        .instrument(bench.symbol)
        .levels(side)
        .map(|(price, total)| format!("{price} {total}"))
        .collect()
}

#[test]
fn a_refreshed_part_loses_its_place() {
    let mut bench = Bench::new(4, "0");
    let hidden = bench.place(0, iceberg(Side::Sell, "10", "100", "2")).unwrap().order.id;
    let plain = bench.limit(1, Side::Sell, "1", "100").order.id;
    assert_eq!(levels(&bench, Side::Sell), ["100.00000000 3.00000000"]);
    assert_eq!(bench.balance(0, "A").1, "10.00000000");
    // Two of the iceberg, one of the other, and again one of the iceberg.
    let placed = bench.limit(2, Side::Buy, "4", "100");
    let quantities: Vec<String> = placed.fills.iter().map(|fill| fill.quantity.to_string()).collect();
    assert_eq!(quantities, ["2.00000000", "1.00000000", "1.00000000"]);
    assert_eq!(bench.state(plain).status, OrderStatus::Filled);
    assert_eq!((bench.state(hidden).executed, bench.state(hidden).visible()), (fixed("3"), fixed("1")));
    assert_eq!(levels(&bench, Side::Sell), ["100.00000000 1.00000000"]);
    // A part that was begun keeps its place; the next one does not.
    bench.limit(1, Side::Sell, "5", "100");
    let placed = bench.limit(2, Side::Buy, "2", "100");
    assert_eq!(placed.fills.len(), 2);
    assert_eq!((bench.state(hidden).executed, bench.state(hidden).visible()), (fixed("4"), fixed("2")));
    assert_eq!(levels(&bench, Side::Sell), ["100.00000000 6.00000000"]);
    bench.check_invariants();
    // The last part is what is left.
    let placed = bench.limit(2, Side::Buy, "20", "100");
    assert_eq!(placed.order.executed, fixed("10"));
    assert_eq!(bench.state(hidden).status, OrderStatus::Filled);
    assert!(levels(&bench, Side::Sell).is_empty());
    bench.check_invariants();
}

#[test]
fn what_is_hidden_can_be_taken() {
    let mut bench = Bench::new(3, "0");
    bench.place(0, iceberg(Side::Sell, "10", "100", "1")).unwrap();
    bench.limit(1, Side::Sell, "1", "101");
    let fok = NewOrder {
        time_in_force: Some(TimeInForce::Fok),
        ..NewOrder::limit(bench.symbol, Side::Buy, fixed("11"), fixed("101"))
    };
    let placed = bench.place(2, fok.clone()).unwrap();
    assert_eq!((placed.order.status, placed.fills.len()), (OrderStatus::Filled, 11));
    assert_eq!(placed.order.executed_quote, fixed("1101"));
    assert_eq!(bench.place(2, fok).unwrap().order.status, OrderStatus::Expired);
    bench.check_invariants();
    // Market orders lock what the hidden parts cost.
    bench.place(0, iceberg(Side::Sell, "900", "110", "100")).unwrap();
    let by_quote = NewOrder {
        quote_quantity: Some(fixed("97900")),
        ..NewOrder::new(bench.symbol, Side::Buy, OrderType::Market)
    };
    let placed = bench.place(2, by_quote).unwrap();
    assert_eq!((placed.order.status, placed.order.executed), (OrderStatus::Filled, fixed("890")));
    bench.check_invariants();
}

#[test]
fn icebergs_take_whole_and_rest_in_parts() {
    let mut bench = Bench::new(2, "0");
    bench.limit(0, Side::Sell, "3", "100");
    let placed = bench.place(1, iceberg(Side::Buy, "5", "100", "0.5")).unwrap();
    assert_eq!(placed.order.executed, fixed("3"));
    assert_eq!(levels(&bench, Side::Buy), ["100.00000000 0.50000000"]);
    let request = CancelRequest { order_id: Some(placed.order.id), ..CancelRequest::default() };
    let now = bench.now();
    bench.engine.cancel(now, bench.accounts[1], bench.symbol, &request).unwrap();
    assert!(levels(&bench, Side::Buy).is_empty());
    bench.check_invariants();
    // Zero is no iceberg; more than there is has a message of its own.
    let placed = bench.place(1, iceberg(Side::Buy, "5", "100", "0")).unwrap();
    assert_eq!((placed.order.visible(), placed.order.iceberg), (fixed("5"), Some(Fixed::ZERO)));
    let mut refused = |order| bench.place(1, order).unwrap_err();
    let reject = refused(iceberg(Side::Buy, "5", "100", "5.001"));
    assert_eq!(reject, Reject::invalid_order("IcebergQty exceeds QTY."));
    assert_eq!(refused(iceberg(Side::Buy, "5", "100", "0.0001")), Reject::filter("LOT_SIZE"));
    assert_eq!(refused(iceberg(Side::Buy, "5.001", "100", "0.05")), Reject::filter("ICEBERG_PARTS"));
    let market = NewOrder { iceberg: Some(fixed("1")), ..bench_order(Side::Buy, OrderType::Market, "5") };
    assert_eq!(refused(market), Reject::not_required("icebergQty"));
    let ioc = NewOrder { time_in_force: Some(TimeInForce::Ioc), ..iceberg(Side::Buy, "5", "100", "1") };
    assert_eq!(refused(ioc), Reject::new(-1014, "Unsupported order combination."));
    bench.check_invariants();
}

#[test]
fn stops_and_makers_may_be_icebergs() {
    let mut bench = Bench::new(3, "0");
    trade_at(&mut bench, "100");
    let stop = NewOrder {
        stop_price: Some(fixed("95")),
        kind: OrderType::StopLossLimit,
        ..iceberg(Side::Sell, "4", "94", "1")
    };
    let stop = bench.place(2, stop).unwrap().order.id;
    let maker =
        NewOrder { kind: OrderType::LimitMaker, time_in_force: None, ..iceberg(Side::Sell, "4", "105", "1") };
    let maker = bench.place(2, maker).unwrap().order.id;
    assert!(bench.state(stop).is_waiting());
    assert_eq!(bench.state(maker).visible(), fixed("1"));
    trade_at(&mut bench, "95");
    assert_eq!(levels(&bench, Side::Sell), ["94.00000000 1.00000000", "105.00000000 1.00000000"]);
    bench.check_invariants();
}
