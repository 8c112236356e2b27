//! What each type of order must have, must not have, and what a symbol may not offer.

use super::*;

fn full(kind: OrderType) -> NewOrder {
    let quantity = bench_order(Side::Buy, kind, "1");
    NewOrder {
        price: kind.has_price().then(|| fixed("100")),
        time_in_force: (kind.has_price() && kind != OrderType::LimitMaker).then_some(TimeInForce::Gtc),
        stop_price: kind.is_contingent().then(|| fixed("120")),
        ..quantity
    }
}

const KINDS: [OrderType; 7] = [
    OrderType::Limit,
    OrderType::LimitMaker,
    OrderType::Market,
    OrderType::StopLoss,
    OrderType::StopLossLimit,
    OrderType::TakeProfit,
    OrderType::TakeProfitLimit,
];

#[test]
fn the_table_of_mandatory_and_forbidden_parameters() {
    let mut bench = Bench::new(1, "0");
    for kind in KINDS {
        let mut code = |order: NewOrder| {
            let now = bench.now();
            bench.engine.check(now, bench.accounts[0], &order).map_or_else(|reject| reject.code, |()| 0)
        };
        let order = full(kind);
        assert_eq!(code(order.clone()), 0, "{kind:?}");
        let market = kind == OrderType::Market;
        let timed = kind.has_price() && kind != OrderType::LimitMaker;
        assert_eq!(code(NewOrder { quantity: None, ..order.clone() }), -1102, "{kind:?}");
        assert_eq!(code(NewOrder { quote_quantity: Some(fixed("9")), ..order.clone() }), -1106, "{kind:?}");
        let by_quote = NewOrder { quantity: None, quote_quantity: Some(fixed("9")), ..order.clone() };
        assert_eq!(code(by_quote), if market { 0 } else { -1106 }, "{kind:?}");
        let price =
            NewOrder { price: if kind.has_price() { None } else { Some(fixed("100")) }, ..order.clone() };
        assert_eq!(code(price), if kind.has_price() { -1102 } else { -1106 }, "{kind:?}");
        let force =
            NewOrder { time_in_force: if timed { None } else { Some(TimeInForce::Gtc) }, ..order.clone() };
        assert_eq!(code(force), if timed { -1102 } else { -1106 }, "{kind:?}");
        let stop = NewOrder {
            stop_price: if kind.is_contingent() { None } else { Some(fixed("100")) },
            ..order.clone()
        };
        assert_eq!(code(stop.clone()), if kind.is_contingent() { -1102 } else { -1106 }, "{kind:?}");
        let trails = NewOrder { trailing_delta: Some(100), ..order.clone() };
        assert_eq!(code(trails), if kind.is_contingent() { 0 } else { -1106 }, "{kind:?}");
        if kind.is_contingent() {
            assert_eq!(code(NewOrder { trailing_delta: Some(100), ..stop }), 0, "{kind:?}");
        }
        let iceberg = NewOrder { iceberg: Some(fixed("0.5")), ..order.clone() };
        assert_eq!(code(iceberg.clone()), if kind.has_price() { 0 } else { -1106 }, "{kind:?}");
        if timed {
            let ioc = NewOrder { time_in_force: Some(TimeInForce::Ioc), ..iceberg };
            assert_eq!(code(ioc), -1014, "{kind:?}");
        }
    }
}

#[test]
fn what_a_symbol_does_not_offer() {
    let market_by_quote =
        NewOrder { quantity: None, quote_quantity: Some(fixed("10")), ..full(OrderType::Market) };
    let trailing = NewOrder { trailing_delta: Some(100), ..full(OrderType::StopLoss) };
    let iceberg = NewOrder { iceberg: Some(fixed("0.5")), ..full(OrderType::Limit) };
    for (feature, order, message) in [
        (Feature::MarketOrders, full(OrderType::Market), "Market orders are not supported for this symbol."),
        (
            Feature::StopLossOrders,
            full(OrderType::StopLoss),
            "Stop loss orders are not supported for this symbol.",
        ),
        (
            Feature::StopLossLimitOrders,
            full(OrderType::StopLossLimit),
            "Stop loss limit orders are not supported for this symbol.",
        ),
        (
            Feature::TakeProfitOrders,
            full(OrderType::TakeProfit),
            "Take profit orders are not supported for this symbol.",
        ),
        (
            Feature::TakeProfitLimitOrders,
            full(OrderType::TakeProfitLimit),
            "Take profit limit orders are not supported for this symbol.",
        ),
        (
            Feature::QuoteQuantityMarketOrders,
            market_by_quote,
            "Quote order qty market orders are not support for this symbol.",
        ),
        (Feature::TrailingStopOrders, trailing, "Trailing stop orders are not supported for this symbol."),
        (Feature::IcebergOrders, iceberg, "Iceberg orders are not supported for this symbol."),
    ] {
        let mut bench = Bench::with(1, "0", |config| config.without(feature));
        let reject = bench.place(0, order).unwrap_err();
        assert_eq!((reject.code, &*reject.message), (-1013, message));
    }
}
