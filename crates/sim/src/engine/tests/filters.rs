//! Every filter, at both borders, with the documented message.

use super::*;

fn limit(side: Side, quantity: &str, price: &str) -> NewOrder {
    NewOrder::limit(SymbolId(0), side, fixed(quantity), fixed(price))
}

fn bench(rules: impl FnOnce(SymbolConfig) -> SymbolConfig) -> Bench {
    Bench::with(2, "0", rules)
}

/// The filter that an order fails, or nothing when it is placed.
fn failure(bench: &mut Bench, order: NewOrder) -> String {
    match bench.place(0, order) {
        Ok(_) => String::new(),
        Err(reject) => {
            assert_eq!(reject.code, -1013, "{reject:?}");
            reject.message.strip_prefix("Filter failure: ").unwrap().to_owned()
        }
    }
}

fn units(number: i64, scale: u32) -> Decimal {
    Decimal::new(number, scale)
}

#[test]
fn percent_price_follows_the_average() {
    let mut bench = bench(|config| config.percent_price(units(13, 1), units(7, 1), 5));
    for (price, expected) in
        [("130", ""), ("130.01", "PERCENT_PRICE"), ("70", ""), ("69.99", "PERCENT_PRICE")]
    {
        assert_eq!(failure(&mut bench, limit(Side::Buy, "0.1", price)), expected, "{price}");
    }
    let mut bench = self::bench(|config| {
        config.percent_price_by_side([units(12, 1), units(5, 1)], [units(2, 0), units(8, 1)], 1)
    });
    let filter = "PERCENT_PRICE_BY_SIDE";
    for (side, price, expected) in [
        (Side::Buy, "50", ""),
        (Side::Buy, "49.99", filter),
        (Side::Sell, "200", ""),
        (Side::Sell, "200.01", filter),
        (Side::Sell, "79.99", filter),
        (Side::Buy, "120.01", filter),
    ] {
        assert_eq!(failure(&mut bench, limit(side, "0.1", price)), expected, "{side:?} {price}");
    }
    // The average of the last minute, then the last price again.
    bench.limit(1, Side::Sell, "1", "110");
    bench.limit(0, Side::Buy, "1", "110");
    assert_eq!(failure(&mut bench, limit(Side::Buy, "0.1", "54.99")), filter);
    bench.clock += 120_000;
    assert_eq!(failure(&mut bench, limit(Side::Buy, "0.1", "54.99")), filter);
    // A reference price comes before averages.
    let now = bench.now();
    bench.engine.set_reference_price(now, bench.symbol, Some(fixed("100")));
    assert_eq!(failure(&mut bench, limit(Side::Buy, "0.1", "50")), "");
}

#[test]
fn both_filters_of_the_notional() {
    let mut bench = bench(|config| {
        config.max_notional(units(500, 0)).older_min_notional(units(2, 0)).min_notional(units(3, 0))
    });
    assert_eq!(failure(&mut bench, limit(Side::Buy, "0.019", "100")), "MIN_NOTIONAL");
    assert_eq!(failure(&mut bench, limit(Side::Buy, "0.029", "100")), "NOTIONAL");
    assert_eq!(failure(&mut bench, limit(Side::Buy, "0.03", "100")), "");
    assert_eq!(failure(&mut bench, limit(Side::Buy, "5", "100")), "");
    assert_eq!(failure(&mut bench, limit(Side::Buy, "5.001", "100")), "NOTIONAL");
    // The largest does not bind market orders; the least does, by the average price.
    bench.limit(1, Side::Sell, "4", "101");
    bench.limit(1, Side::Sell, "4", "101");
    let market = |quantity| bench_order(Side::Buy, OrderType::Market, quantity);
    assert_eq!(failure(&mut bench, market("0.019")), "MIN_NOTIONAL");
    assert_eq!(failure(&mut bench, market("6")), "");
}

#[test]
fn counts_of_a_symbol() {
    let mut bench = bench(|config| config.max_orders(4, 2).icebergs(3, Some(1)));
    trade_at(&mut bench, "100");
    let stop =
        || NewOrder { stop_price: Some(fixed("90")), ..bench_order(Side::Sell, OrderType::StopLoss, "0.1") };
    let iceberg = |part| NewOrder { iceberg: Some(fixed(part)), ..limit(Side::Buy, "3", "50") };
    assert_eq!(failure(&mut bench, iceberg("0.999")), "ICEBERG_PARTS");
    assert_eq!(failure(&mut bench, iceberg("1")), "");
    assert_eq!(failure(&mut bench, iceberg("1")), "MAX_NUM_ICEBERG_ORDERS");
    assert_eq!(failure(&mut bench, stop()), "");
    assert_eq!(failure(&mut bench, stop()), "");
    assert_eq!(failure(&mut bench, stop()), "MAX_NUM_ALGO_ORDERS");
    assert_eq!(failure(&mut bench, limit(Side::Buy, "1", "50")), "");
    assert_eq!(failure(&mut bench, limit(Side::Buy, "1", "50")), "MAX_NUM_ORDERS");
    // What is no longer open does not count.
    let now = bench.now();
    bench.engine.cancel_all(now, bench.accounts[0], bench.symbol).unwrap();
    assert_eq!(failure(&mut bench, iceberg("1")), "");
    assert_eq!(failure(&mut bench, stop()), "");
}

#[test]
fn counts_of_the_exchange() {
    let mut bench = bench(|config| config);
    let other = SymbolConfig::new("CB", "C", "B", units(100, 0));
    let other = bench.engine.add_symbol(&other).unwrap();
    bench.engine.exchange_rules = ExchangeRules {
        max_orders: Some(4),
        max_algo_orders: Some(1),
        max_iceberg_orders: Some(1),
        max_order_lists: Some(1),
    };
    let elsewhere = |order: NewOrder| NewOrder { symbol: other, ..order };
    let stop =
        NewOrder { stop_price: Some(fixed("150")), ..bench_order(Side::Buy, OrderType::StopLoss, "0.1") };
    let iceberg = NewOrder { iceberg: Some(fixed("0.5")), ..limit(Side::Buy, "1", "50") };
    assert_eq!(failure(&mut bench, stop.clone()), "");
    assert_eq!(failure(&mut bench, elsewhere(stop)), "EXCHANGE_MAX_NUM_ALGO_ORDERS");
    assert_eq!(failure(&mut bench, iceberg.clone()), "");
    assert_eq!(failure(&mut bench, elsewhere(iceberg)), "EXCHANGE_MAX_NUM_ICEBERG_ORDERS");
    let pair = || {
        let above =
            NewOrder { stop_price: Some(fixed("150")), ..bench_order(Side::Buy, OrderType::StopLoss, "0.1") };
        let below =
            NewOrder { price: Some(fixed("50")), ..bench_order(Side::Buy, OrderType::LimitMaker, "0.1") };
        NewList { client_id: None, orders: NewListOrders::Pair { above, below } }
    };
    bench.engine.exchange_rules.max_algo_orders = None;
    let (now, account) = (bench.now(), bench.accounts[0]);
    bench.engine.place_list(now, account, pair()).unwrap();
    let reject = bench.engine.place_list(now, account, pair()).unwrap_err();
    assert_eq!(reject, Reject::filter("EXCHANGE_MAX_NUM_ORDERS"));
    bench.engine.exchange_rules.max_orders = None;
    let reject = bench.engine.place_list(now, account, pair()).unwrap_err();
    assert_eq!(reject, Reject::filter("EXCHANGE_MAX_NUM_ORDER_LISTS"));
    bench.engine.exchange_rules.max_orders = Some(4);
    assert_eq!(failure(&mut bench, elsewhere(limit(Side::Buy, "1", "50"))), "EXCHANGE_MAX_NUM_ORDERS");
}

#[test]
fn positions_and_assets() {
    let mut bench = bench(|config| config.max_position(units(1010, 0)));
    assert_eq!(failure(&mut bench, limit(Side::Buy, "6", "50")), "");
    assert_eq!(failure(&mut bench, limit(Side::Buy, "4.001", "50")), "MAX_POSITION");
    assert_eq!(failure(&mut bench, limit(Side::Sell, "4.001", "60")), "");
    assert_eq!(failure(&mut bench, limit(Side::Buy, "4", "50")), "");
    let mut bench = self::bench(|config| config);
    bench.engine.set_max_asset(bench.accounts[0], &Asset::new("A"), fixed("10"));
    bench.engine.set_max_asset(bench.accounts[0], &Asset::new("B"), fixed("500"));
    assert_eq!(failure(&mut bench, limit(Side::Buy, "10", "50")), "");
    assert_eq!(failure(&mut bench, limit(Side::Buy, "10.001", "1")), "MAX_ASSET");
    assert_eq!(failure(&mut bench, limit(Side::Buy, "5.001", "100")), "MAX_ASSET");
    bench.limit(1, Side::Sell, "10", "100");
    let by_quote = |quote: &str| NewOrder {
        quote_quantity: Some(fixed(quote)),
        ..NewOrder::new(SymbolId(0), Side::Buy, OrderType::Market)
    };
    assert_eq!(failure(&mut bench, by_quote("500.01")), "MAX_ASSET");
    assert_eq!(failure(&mut bench, by_quote("500")), "");
}
