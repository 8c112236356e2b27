//! The price range within which orders are executed, and what happens beyond it.

use super::*;

fn bench() -> Bench {
    let percent = |percent| Some(Decimal::new(percent, 2));
    Bench::with(2, "0", |config| {
        config
            .price_range([percent(110), percent(90)], [percent(110), percent(90)])
            .reference_price_from_outside(0)
    })
}

#[test]
fn a_taker_stops_at_the_edge_of_the_range() {
    let mut bench = bench();
    let (symbol, range) = (bench.symbol, ExpiryReason::PriceRangeExceeded);
    for price in ["100", "110", "110.01"] {
        bench.limit(0, Side::Sell, "1", price);
    }
    let now = bench.now();
    bench.engine.set_reference_price(now, symbol, Some(fixed("100")));
    let limit = NewOrder::limit(symbol, Side::Buy, fixed("3"), fixed("120"));
    let placed = bench.place(1, limit.clone()).unwrap().order;
    assert_eq!(
        (placed.status, placed.executed, placed.expiry),
        (OrderStatus::Expired, fixed("2"), Some(range))
    );
    let fok = NewOrder { time_in_force: Some(TimeInForce::Fok), quantity: Some(fixed("1")), ..limit.clone() };
    let placed = bench.place(1, fok).unwrap().order;
    assert_eq!((placed.status, placed.executed), (OrderStatus::Expired, Fixed::ZERO));
    let market = bench.order(Side::Buy, OrderType::Market, "1");
    let placed = bench.place(1, market).unwrap().order;
    assert_eq!((placed.status, placed.expiry), (OrderStatus::Expired, Some(range)));
    bench.check_invariants();
    // A higher reference price, or none at all, lets it through.
    let now = bench.now();
    bench.engine.set_reference_price(now, symbol, Some(fixed("100.01")));
    let half = NewOrder { quantity: Some(fixed("0.5")), ..limit };
    assert_eq!(bench.place(1, half.clone()).unwrap().order.status, OrderStatus::Filled);
    let now = bench.now();
    bench.engine.set_reference_price(now, symbol, Some(fixed("1")));
    assert_eq!(bench.place(1, half.clone()).unwrap().order.expiry, Some(range));
    let now = bench.now();
    bench.engine.set_reference_price(now, symbol, None);
    assert_eq!(bench.place(1, half).unwrap().order.status, OrderStatus::Filled);
    bench.check_invariants();
}

#[test]
fn the_mean_of_the_trades_is_a_reference_price() {
    let percent = |percent| Some(Decimal::new(percent, 2));
    let mut bench = Bench::with(2, "0", |config| {
        config.price_range([percent(110), None], [None, percent(90)]).reference_price_from_trades(1000, 10)
    });
    let now = bench.now();
    assert_eq!(bench.engine.instrument(bench.symbol).reference_price(now), None);
    trade_at(&mut bench, "100");
    trade_at(&mut bench, "110");
    let now = bench.now();
    assert_eq!(bench.engine.instrument(bench.symbol).reference_price(now), Some(fixed("105")));
    bench.limit(0, Side::Sell, "1", "115.51");
    let order = NewOrder::limit(bench.symbol, Side::Buy, fixed("1"), fixed("120"));
    let placed = bench.place(1, order).unwrap().order;
    assert_eq!(placed.expiry, Some(ExpiryReason::PriceRangeExceeded));
    bench.limit(0, Side::Sell, "1", "115.50");
    let order = NewOrder::limit(bench.symbol, Side::Buy, fixed("1"), fixed("115.50"));
    assert_eq!(bench.place(1, order).unwrap().order.status, OrderStatus::Filled);
    bench.check_invariants();
}
