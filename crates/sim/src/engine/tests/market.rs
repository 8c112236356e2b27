//! Market orders by quote quantity, at the edges of what the book has.

use super::*;

fn by_quote(side: Side, quote: &str) -> NewOrder {
    NewOrder { quote_quantity: Some(fixed(quote)), ..NewOrder::new(SymbolId(0), side, OrderType::Market) }
}

#[test]
fn too_little_liquidity_has_three_messages() {
    let mut bench = Bench::new(2, "0");
    let refused = |bench: &mut Bench, quote: &str| {
        let reject = bench.place(1, by_quote(Side::Buy, quote)).unwrap_err();
        (reject.code, reject.message.into_owned())
    };
    let (_, message) = refused(&mut bench, "10");
    assert_eq!(message, "Order book liquidity is less than symbol minimum quantity.");
    // One step costs more than there is to spend.
    bench.limit(0, Side::Sell, "1", "100000");
    assert_eq!(refused(&mut bench, "10"), (-1013, "Filter failure: LOT_SIZE".to_owned()));
}

#[test]
fn the_quote_quantity_is_spent_as_far_as_steps_allow() {
    let mut bench = Bench::new(2, "0");
    bench.limit(0, Side::Sell, "1", "100");
    bench.limit(0, Side::Sell, "1", "103");
    let placed = bench.place(1, by_quote(Side::Buy, "150")).unwrap().order;
    assert_eq!(
        (placed.status, placed.executed, placed.quantity),
        (OrderStatus::Filled, fixed("1.485"), fixed("1.485"))
    );
    assert_eq!(placed.executed_quote, fixed("149.955"));
    // Exactly what the book has is a filled order.
    let placed = bench.place(1, by_quote(Side::Buy, "53.045")).unwrap().order;
    assert_eq!((placed.status, placed.executed), (OrderStatus::Filled, fixed("0.515")));
    bench.check_invariants();
    bench.limit(0, Side::Buy, "1", "90");
    let placed = bench.place(1, by_quote(Side::Sell, "89.99")).unwrap().order;
    assert_eq!((placed.status, placed.executed_quote), (OrderStatus::Filled, fixed("89.91")));
    bench.check_invariants();
}

#[test]
fn a_placement_tells_what_the_order_did_itself() {
    let mut bench = Bench::new(3, "0");
    trade_at(&mut bench, "100");
    let stop =
        NewOrder { stop_price: Some(fixed("101")), ..bench_order(Side::Sell, OrderType::TakeProfit, "1") };
    bench.place(2, stop).unwrap();
    bench.limit(0, Side::Sell, "1", "101");
    // The buyer's first trade wakes the seller, who then trades with the rest.
    let placed = bench.limit(1, Side::Buy, "2", "101");
    assert_eq!((placed.order.status, placed.order.executed), (OrderStatus::PartiallyFilled, fixed("1")));
    assert_eq!(placed.fills.len(), 1);
    assert_eq!(bench.state(placed.order.id).status, OrderStatus::Filled);
    bench.check_invariants();
}
