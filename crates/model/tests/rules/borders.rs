//! Every filter, at both ends of what it allows.

use crate::{broken, information, limit, missed, number, rules, sentences};
use binance_kit_core::Decimal;
use binance_kit_model::common::OrderSide;
use binance_kit_model::spot::rules::{OpenCounts, OrderContext};
use binance_kit_model::spot::trade::{
    AmendKeepPriority, OrderLeg, OrderListOpo, PegPriceType, PendingOrder, WorkingOrder,
};
use binance_kit_model::spot::{NewOrder, OrderListOco, OrderListOtoco, OrderType, Rounding};

const NOTHING: &[&str] = &[];

fn nothing_known() -> OrderContext {
    OrderContext::new()
}

fn average(price: &str) -> OrderContext {
    OrderContext::new().reference_price(None).average_price(5, number(price))
}

#[test]
fn price_filter() {
    let rules =
        rules(r#"{"filterType":"PRICE_FILTER","minPrice":"0.50","maxPrice":"100.00","tickSize":"0.10"}"#);
    let check = |price: &str| broken(&rules, &limit("1", price), &nothing_known());
    assert_eq!(check("0.5"), NOTHING);
    assert_eq!(check("100"), NOTHING);
    assert_eq!(check("0.4"), ["PRICE_FILTER price"]);
    assert_eq!(check("100.1"), ["PRICE_FILTER price"]);
    assert_eq!(check("0.55"), ["PRICE_FILTER price"]);
    assert_eq!(check("100.01"), ["PRICE_FILTER price", "PRICE_FILTER price"]);
    assert_eq!(
        sentences(&rules, &limit("1", "100.01"), &nothing_known()),
        [
            "`price` is 100.01, above the most of 100; the nearest allowed is 100 (PRICE_FILTER)",
            "`price` is 100.01, not a multiple of 0.1; the nearest allowed is 100 (PRICE_FILTER)",
        ]
    );
    let stop = NewOrder::stop_loss_limit("BTCUSDT", OrderSide::Sell)
        .quantity(number("1"))
        .stop_price(number("0.45"))
        .price(number("1"));
    assert_eq!(
        sentences(&rules, &stop, &nothing_known()),
        [
            "`stopPrice` is 0.45, below the least of 0.5; the nearest allowed is 0.5 (PRICE_FILTER)",
            "`stopPrice` is 0.45, not a multiple of 0.1; the nearest allowed is 0.5 (PRICE_FILTER)",
        ]
    );
}

#[test]
fn zeros_switch_parts_off() {
    let rules = rules(
        r#"{"filterType":"PRICE_FILTER","minPrice":"0.00","maxPrice":"0.00","tickSize":"0.00"},
           {"filterType":"MARKET_LOT_SIZE","minQty":"0.00000000","maxQty":"10.00000000","stepSize":"0.00000000"}"#,
    );
    for price in ["0.00000001", "123456789.12345678"] {
        assert_eq!(broken(&rules, &limit("1", price), &nothing_known()), NOTHING);
    }
    let market = |quantity: &str| NewOrder::market_buy("BTCUSDT").quantity(number(quantity));
    assert_eq!(broken(&rules, &market("0.00000001"), &nothing_known()), NOTHING);
    assert_eq!(broken(&rules, &market("10"), &nothing_known()), NOTHING);
    assert_eq!(broken(&rules, &market("10.00000001"), &nothing_known()), ["MARKET_LOT_SIZE quantity"]);
    // Not for limit orders.
    assert_eq!(broken(&rules, &limit("11", "1"), &nothing_known()), NOTHING);
}

#[test]
fn percent_price() {
    let rules = rules(
        r#"{"filterType":"PERCENT_PRICE","multiplierUp":"1.3000","multiplierDown":"0.7000","avgPriceMins":5},
           {"filterType":"PRICE_FILTER","minPrice":"0","maxPrice":"0","tickSize":"0.3"}"#,
    );
    let check = |price: &str| broken(&rules, &limit("1", price), &average("9"));
    // 6.3 to 11.7
    assert_eq!(check("6.3"), NOTHING);
    assert_eq!(check("11.7"), NOTHING);
    assert_eq!(check("6"), ["PERCENT_PRICE price"]);
    assert_eq!(check("12"), ["PERCENT_PRICE price"]);
    assert_eq!(
        sentences(&rules, &limit("1", "12"), &average("8.9")),
        ["`price` is 12, above the most of 11.57000; the nearest allowed is 11.4 (PERCENT_PRICE)"]
    );
    // Without a price there is nothing to check.
    assert_eq!(
        broken(&rules, &NewOrder::market_buy("BTCUSDT").quantity(number("1")), &average("9")),
        NOTHING
    );
}

#[test]
fn percent_price_by_side() {
    let rules = rules(
        r#"{"filterType":"PERCENT_PRICE_BY_SIDE","bidMultiplierUp":"1.2","bidMultiplierDown":"0.2",
            "askMultiplierUp":"5","askMultiplierDown":"0.8","avgPriceMins":0}"#,
    );
    let context = OrderContext::new().reference_price(None).last_price(number("10"));
    let check = |side: OrderSide, price: &str| {
        broken(&rules, &NewOrder::limit("BTCUSDT", side).quantity(number("1")).price(number(price)), &context)
    };
    for (side, inside, outside) in [
        (OrderSide::Buy, ["2", "12"], ["1.99999999", "12.00000001"]),
        (OrderSide::Sell, ["8", "50"], ["7.99999999", "50.00000001"]),
    ] {
        for price in inside {
            assert_eq!(check(side.clone(), price), NOTHING, "{side} {price}");
        }
        for price in outside {
            assert_eq!(check(side.clone(), price), ["PERCENT_PRICE_BY_SIDE price"], "{side} {price}");
        }
    }
    // A reference price comes before all others.
    let context = context.reference_price(Some(number("100")));
    assert_eq!(broken(&rules, &limit("1", "12"), &context), ["PERCENT_PRICE_BY_SIDE price"]);
    assert_eq!(broken(&rules, &limit("1", "120"), &context), NOTHING);
}

#[test]
fn what_is_not_known_is_said() {
    let rules = rules(
        r#"{"filterType":"PERCENT_PRICE","multiplierUp":"2","multiplierDown":"0.5","avgPriceMins":5},
           {"filterType":"NOTIONAL","minNotional":"5","applyMinToMarket":true,"maxNotional":"10","applyMaxToMarket":true,
            "avgPriceMins":0},
           {"filterType":"MAX_POSITION","maxPosition":"10"},
           {"filterType":"SOMETHING_NEW","limit":3}"#,
    );
    let order = limit("1", "7");
    assert_eq!(
        missed(&rules, &order, &nothing_known()),
        [
            "PERCENT_PRICE was not checked: the reference price is not known",
            "MAX_POSITION was not checked: what the account holds of the base asset is not known",
            "SOMETHING_NEW was not checked: what the filter means is not known",
        ]
    );
    let context = OrderContext::new().reference_price(None).base_balance(Decimal::ZERO);
    assert_eq!(
        missed(&rules, &order, &context),
        [
            "PERCENT_PRICE was not checked: the average price over 5 minutes is not known",
            "MAX_POSITION was not checked: what the open orders may still buy is not known",
            "SOMETHING_NEW was not checked: what the filter means is not known",
        ]
    );
    // The average of other minutes is another price.
    assert_eq!(missed(&rules, &order, &context.clone().average_price(1, number("7"))).len(), 3);
    let market = NewOrder::market_buy("BTCUSDT").quantity(number("1"));
    assert!(
        missed(&rules, &market, &context)
            .contains(&"NOTIONAL was not checked: the price of the last trade is not known".to_owned())
    );
    let by_quote = NewOrder::market_buy("BTCUSDT").quote_order_quantity(number("7"));
    assert!(
        missed(&rules, &by_quote, &context).contains(
            &"MAX_POSITION was not checked: the quantity in the base asset is not known".to_owned()
        )
    );
}

#[test]
fn lot_size() {
    let rules = rules(
        r#"{"filterType":"LOT_SIZE","minQty":"0.00100000","maxQty":"90.00000000","stepSize":"0.00100000"}"#,
    );
    let check = |quantity: &str| broken(&rules, &limit(quantity, "1"), &nothing_known());
    assert_eq!(check("0.001"), NOTHING);
    assert_eq!(check("90"), NOTHING);
    assert_eq!(check("0.0009"), ["LOT_SIZE quantity", "LOT_SIZE quantity"]);
    assert_eq!(check("90.001"), ["LOT_SIZE quantity"]);
    assert_eq!(check("1.0005"), ["LOT_SIZE quantity"]);
    let iceberg = limit("1", "1").iceberg_quantity(number("0.0005"));
    assert_eq!(
        sentences(&rules, &iceberg, &nothing_known()),
        [
            "`icebergQty` is 0.0005, below the least of 0.001; the nearest allowed is 0.001 (LOT_SIZE)",
            "`icebergQty` is 0.0005, not a multiple of 0.001; the nearest allowed is 0.001 (LOT_SIZE)",
        ]
    );
    // Market orders must keep it too, those in the quote asset excepted.
    assert_eq!(
        broken(&rules, &NewOrder::market_buy("BTCUSDT").quantity(number("91")), &nothing_known()),
        ["LOT_SIZE quantity"]
    );
    let by_quote = NewOrder::market_buy("BTCUSDT").quote_order_quantity(number("91.00005"));
    assert_eq!(broken(&rules, &by_quote, &nothing_known()), NOTHING);
}

#[test]
fn market_lot_size() {
    let rules = rules(r#"{"filterType":"MARKET_LOT_SIZE","minQty":"0.5","maxQty":"2","stepSize":"0.5"}"#);
    for order in [
        NewOrder::market_sell("BTCUSDT").quantity(number("1")),
        NewOrder::stop_loss("BTCUSDT", OrderSide::Sell).quantity(number("1")).stop_price(number("1")),
    ] {
        let check =
            |quantity: &str| broken(&rules, &order.clone().quantity(number(quantity)), &nothing_known());
        assert_eq!(check("0.5"), NOTHING);
        assert_eq!(check("2"), NOTHING);
        assert_eq!(check("0.4"), ["MARKET_LOT_SIZE quantity", "MARKET_LOT_SIZE quantity"]);
        assert_eq!(check("2.5"), ["MARKET_LOT_SIZE quantity"]);
        assert_eq!(check("1.25"), ["MARKET_LOT_SIZE quantity"]);
    }
}

#[test]
fn min_notional() {
    for (applies, expected) in [("true", &["MIN_NOTIONAL quantity"][..]), ("false", NOTHING)] {
        let rules = rules(&format!(
            r#"{{"filterType":"MIN_NOTIONAL","minNotional":"5.00","applyToMarket":{applies},"avgPriceMins":5}},
               {{"filterType":"LOT_SIZE","minQty":"0.01","maxQty":"100","stepSize":"0.01"}}"#
        ));
        assert_eq!(broken(&rules, &limit("2.5", "2"), &nothing_known()), NOTHING);
        assert_eq!(broken(&rules, &limit("2.49", "2"), &nothing_known()), ["MIN_NOTIONAL quantity"]);
        let market = |quantity: &str| NewOrder::market_buy("BTCUSDT").quantity(number(quantity));
        assert_eq!(broken(&rules, &market("2.5"), &average("2")), NOTHING);
        assert_eq!(broken(&rules, &market("2.49"), &average("2")), expected);
        let by_quote =
            |quantity: &str| NewOrder::market_buy("BTCUSDT").quote_order_quantity(number(quantity));
        assert_eq!(broken(&rules, &by_quote("5"), &nothing_known()), NOTHING);
        let expected: Vec<_> = expected.iter().map(|one| one.replace("quantity", "quoteOrderQty")).collect();
        assert_eq!(broken(&rules, &by_quote("4.99999999"), &nothing_known()), expected);
        assert_eq!(
            sentences(&rules, &limit("1", "3"), &nothing_known()),
            ["`quantity` makes the order worth 3, less than 5; the nearest allowed is 1.67 (MIN_NOTIONAL)"]
        );
    }
}

#[test]
fn notional() {
    let rules = rules(
        r#"{"filterType":"NOTIONAL","minNotional":"10.00000000","applyMinToMarket":false,"maxNotional":"10000.00000000",
            "applyMaxToMarket":true,"avgPriceMins":5},
           {"filterType":"LOT_SIZE","minQty":"0.01","maxQty":"100000","stepSize":"0.01"}"#,
    );
    let check = |quantity: &str| broken(&rules, &limit(quantity, "3"), &nothing_known());
    assert_eq!(check("3.34"), NOTHING);
    assert_eq!(check("3333.33"), NOTHING);
    assert_eq!(check("3.33"), ["NOTIONAL quantity"]);
    assert_eq!(check("3333.34"), ["NOTIONAL quantity"]);
    assert_eq!(
        sentences(&rules, &limit("4000", "3"), &nothing_known()),
        [
            "`quantity` makes the order worth 12000, more than 10000; the nearest allowed is 3333.33 (NOTIONAL)"
        ]
    );
    let market = |quantity: &str| {
        broken(&rules, &NewOrder::market_sell("BTCUSDT").quantity(number(quantity)), &average("3"))
    };
    assert_eq!(market("0.01"), NOTHING);
    assert_eq!(market("3333.34"), ["NOTIONAL quantity"]);
    let by_quote = |quantity: &str| {
        broken(
            &rules,
            &NewOrder::market_buy("BTCUSDT").quote_order_quantity(number(quantity)),
            &nothing_known(),
        )
    };
    assert_eq!(by_quote("10000"), NOTHING);
    assert_eq!(by_quote("10000.00000001"), ["NOTIONAL quoteOrderQty"]);
}

#[test]
fn pegged_orders_count_at_the_best_price() {
    let rules = rules(
        r#"{"filterType":"MIN_NOTIONAL","minNotional":"10","applyToMarket":true,"avgPriceMins":5},
           {"filterType":"PERCENT_PRICE","multiplierUp":"2","multiplierDown":"0.5","avgPriceMins":5}"#,
    );
    let order = |quantity: &str| {
        NewOrder::pegged("BTCUSDT", OrderSide::Buy, PegPriceType::PrimaryPeg).quantity(number(quantity))
    };
    let context = average("3").best_bid(number("2.5")).best_ask(number("5"));
    assert_eq!(broken(&rules, &order("4"), &context), NOTHING);
    assert_eq!(broken(&rules, &order("3"), &context), ["MIN_NOTIONAL quantity"]);
    assert_eq!(broken(&rules, &order("2").peg_price_type(PegPriceType::MarketPeg), &context), NOTHING);
    let far = context.clone().best_bid(number("1.4")).best_ask(number("5"));
    assert_eq!(broken(&rules, &order("40"), &far), ["PERCENT_PRICE pegPriceType"]);
    let deeper = order("4").peg_offset_value(3);
    assert_eq!(missed(&rules, &deeper, &context).len(), 2);
}

#[test]
fn iceberg_parts() {
    let rules = rules(
        r#"{"filterType":"ICEBERG_PARTS","limit":10},
           {"filterType":"LOT_SIZE","minQty":"0.1","maxQty":"1000","stepSize":"0.1"}"#,
    );
    let order = |shown: &str| limit("20", "1").iceberg_quantity(number(shown));
    assert_eq!(broken(&rules, &order("2"), &nothing_known()), NOTHING);
    assert_eq!(
        sentences(&rules, &order("1.9"), &nothing_known()),
        ["`icebergQty` cuts the order into 11 parts, more than 10; the nearest allowed is 2 (ICEBERG_PARTS)"]
    );
    assert_eq!(broken(&rules, &order("20"), &nothing_known()), NOTHING);
    assert_eq!(broken(&rules, &order("20.1"), &nothing_known()), ["icebergQty icebergQty"]);
    let rounded = rules.round(order("0.01"), Rounding::Passive).unwrap();
    assert_eq!(rounded.iceberg_quantity, Some(number("2")));
    let rounded = rules.round(order("50"), Rounding::Up).unwrap();
    assert_eq!(rounded.iceberg_quantity, Some(number("20")));
}

const COUNTS: OpenCounts = OpenCounts { orders: 9, algo_orders: 4, iceberg_orders: 2, order_lists: 1 };

#[test]
fn open_orders_of_the_symbol_and_of_the_exchange() {
    let here = r#"{"filterType":"MAX_NUM_ORDERS","maxNumOrders":10},{"filterType":"MAX_NUM_ALGO_ORDERS","maxNumAlgoOrders":5},
        {"filterType":"MAX_NUM_ICEBERG_ORDERS","maxNumIcebergOrders":3},
        {"filterType":"MAX_NUM_ORDER_LISTS","maxNumOrderLists":2}"#;
    let everywhere = here.replace("\"MAX_", "\"EXCHANGE_MAX_");
    let rules = information(here, &everywhere, &[]).rules("BTCUSDT").unwrap();
    let full = OpenCounts { orders: 10, algo_orders: 5, iceberg_orders: 3, order_lists: 2 };
    let iceberg = limit("20", "1").iceberg_quantity(number("2"));
    let stop = NewOrder::stop_loss("BTCUSDT", OrderSide::Sell).quantity(number("1")).stop_price(number("1"));
    let oco = OrderListOco::sell("BTCUSDT", number("1"))
        .above_limit_maker(number("3"))
        .below_stop_loss(number("1"));
    let room = OrderContext::new().open_on_symbol(COUNTS).open_on_exchange(COUNTS);
    assert_eq!(broken(&rules, &iceberg, &room), NOTHING);
    assert_eq!(broken(&rules, &stop, &room), NOTHING);
    // Two orders at once.
    assert_eq!(broken(&rules, &oco, &room), ["MAX_NUM_ORDERS symbol", "EXCHANGE_MAX_NUM_ORDERS symbol"]);
    assert_eq!(
        sentences(&rules, &oco, &room)[0],
        "`symbol` adds 2 to the 9 that there are, which makes more than 10 (MAX_NUM_ORDERS)"
    );
    for (open_here, open_everywhere, prefix) in [(full, COUNTS, ""), (COUNTS, full, "EXCHANGE_")] {
        let context = OrderContext::new().open_on_symbol(open_here).open_on_exchange(open_everywhere);
        let expected =
            |names: &[&str]| names.iter().map(|name| format!("{prefix}{name}")).collect::<Vec<_>>();
        assert_eq!(broken(&rules, &limit("1", "1"), &context), expected(&["MAX_NUM_ORDERS symbol"]));
        assert_eq!(
            broken(&rules, &iceberg, &context),
            expected(&["MAX_NUM_ORDERS symbol", "MAX_NUM_ICEBERG_ORDERS icebergQty"])
        );
        assert_eq!(
            broken(&rules, &stop, &context),
            expected(&["MAX_NUM_ORDERS symbol", "MAX_NUM_ALGO_ORDERS type"])
        );
        let lists = broken(&rules, &oco, &context);
        assert!(lists.contains(&format!("{prefix}MAX_NUM_ORDER_LISTS symbol")), "{lists:?}");
        assert!(lists.contains(&format!("{prefix}MAX_NUM_ALGO_ORDERS type")), "{lists:?}");
    }
    assert_eq!(missed(&rules, &limit("1", "1"), &nothing_known()).len(), 2);
    assert_eq!(missed(&rules, &oco, &nothing_known()).len(), 6);
}

#[test]
fn max_num_order_amends() {
    let rules = rules(
        r#"{"filterType":"MAX_NUM_ORDER_AMENDS","maxNumOrderAmends":10},
           {"filterType":"LOT_SIZE","minQty":"1","maxQty":"1000","stepSize":"1"},
           {"filterType":"MIN_NOTIONAL","minNotional":"10","applyToMarket":true,"avgPriceMins":5}"#,
    );
    let order = amended_order();
    let amend = |quantity: &str| AmendKeepPriority::new("BTCUSDT", "mine", number(quantity));
    assert_eq!(broken(&rules, &amend("5"), &OrderContext::new().amending(&order, 9)), NOTHING);
    assert_eq!(
        broken(&rules, &amend("5"), &OrderContext::new().amending(&order, 10)),
        ["MAX_NUM_ORDER_AMENDS orderId"]
    );
    let context = OrderContext::new().amending(&order, 0);
    assert_eq!(broken(&rules, &amend("7"), &context), ["newQty newQty"]);
    assert_eq!(broken(&rules, &amend("4.5"), &context), ["LOT_SIZE newQty", "MIN_NOTIONAL newQty"]);
    assert_eq!(
        missed(&rules, &amend("5"), &nothing_known()),
        [
            "newQty was not checked: the order that is to be amended is not known",
            "MAX_NUM_ORDER_AMENDS was not checked: how often the order was amended is not known",
            "MIN_NOTIONAL was not checked: the order that is to be amended is not known",
        ]
    );
    // A new order is not amended.
    assert_eq!(missed(&rules, &limit("10", "2"), &nothing_known()), NOTHING);
}

fn amended_order() -> binance_kit_model::spot::Order {
    let text = br#"{"symbol":"BTCUSDT","orderId":1,"orderListId":-1,"clientOrderId":"mine","price":"2","origQty":"7",
        "executedQty":"0","cummulativeQuoteQty":"0","status":"NEW","timeInForce":"GTC","type":"LIMIT","side":"BUY",
        "stopPrice":"0","icebergQty":"0","time":1,"updateTime":1,"isWorking":true,"workingTime":1,
        "origQuoteOrderQty":"0","selfTradePreventionMode":"NONE"}"#;
    binance_kit_core::Decoder::new().decode(text).unwrap()
}

#[test]
fn open_orders_are_counted_from_the_answer() {
    let mut sale = amended_order();
    sale.side = OrderSide::Sell;
    sale.order_type = OrderType::TakeProfit;
    sale.order_list_id = Some(7.into());
    let mut second = sale.clone();
    second.order_type = OrderType::LimitMaker;
    let mut elsewhere = amended_order();
    elsewhere.symbol = "ETHUSDT".into();
    elsewhere.iceberg_quantity = Some(number("1"));
    let mut partly = amended_order();
    partly.executed_quantity = number("2.5");
    let orders = [amended_order(), sale, second, elsewhere, partly];
    let context = OrderContext::new().open_orders(&"BTCUSDT".into(), &orders);
    assert_eq!(
        context.open_on_symbol,
        Some(OpenCounts { orders: 4, algo_orders: 1, iceberg_orders: 0, order_lists: 1 })
    );
    assert_eq!(
        context.open_on_exchange,
        Some(OpenCounts { orders: 5, algo_orders: 1, iceberg_orders: 1, order_lists: 1 })
    );
    assert_eq!(context.open_buy_quantity, Some(number("11.5")));
}

#[test]
fn max_position() {
    let rules = rules(r#"{"filterType":"MAX_POSITION","maxPosition":"10.00000000"}"#);
    let context = OrderContext::new().base_balance(number("4")).open_buy_quantity(number("2"));
    assert_eq!(broken(&rules, &limit("4", "1"), &context), NOTHING);
    assert_eq!(
        sentences(&rules, &limit("4.00000001", "1"), &context),
        [
            "`quantity` is 4.00000001, which with the 6 that there are makes more than 10; the nearest allowed is 4 (MAX_POSITION)"
        ]
    );
    let sale = NewOrder::limit_sell("BTCUSDT").quantity(number("40")).price(number("1"));
    assert_eq!(broken(&rules, &sale, &context), NOTHING);
    let rounded = rules.round_within(limit("9", "1"), Rounding::Down, &context).unwrap();
    assert_eq!(rounded.quantity, Some(number("4")));
    let full = OrderContext::new().base_balance(number("11")).open_buy_quantity(Decimal::ZERO);
    assert!(rules.round_within(limit("9", "1"), Rounding::Nearest, &full).is_err());
}

#[test]
fn trailing_delta() {
    let rules = rules(
        r#"{"filterType":"TRAILING_DELTA","minTrailingAboveDelta":10,"maxTrailingAboveDelta":2000,
            "minTrailingBelowDelta":20,"maxTrailingBelowDelta":1000}"#,
    );
    for (side, order_type, least, most) in [
        (OrderSide::Buy, OrderType::StopLoss, 10, 2000),
        (OrderSide::Sell, OrderType::TakeProfit, 10, 2000),
        (OrderSide::Sell, OrderType::StopLoss, 20, 1000),
        (OrderSide::Buy, OrderType::TakeProfit, 20, 1000),
    ] {
        let order = |delta: u64| {
            NewOrder::new("BTCUSDT", side.clone(), order_type.clone())
                .quantity(number("1"))
                .trailing_delta(delta)
        };
        for delta in [least, most] {
            assert_eq!(broken(&rules, &order(delta), &nothing_known()), NOTHING, "{side} {delta}");
        }
        for (delta, nearest) in [(least - 1, least), (most + 1, most)] {
            assert_eq!(broken(&rules, &order(delta), &nothing_known()), ["TRAILING_DELTA trailingDelta"]);
            let rounded = rules.round(order(delta), Rounding::Nearest).unwrap();
            assert_eq!(rounded.trailing_delta, Some(nearest));
        }
    }
}

#[test]
fn max_asset() {
    let answer = |asset: &str| {
        let text = format!(
            r#"{{"exchangeFilters":[],"symbolFilters":[],
                "assetFilters":[{{"filterType":"MAX_ASSET","asset":"{asset}","limit":"42.00000000"}}]}}"#
        );
        binance_kit_core::Decoder::new().decode(text.as_bytes()).unwrap()
    };
    let base = rules("").with_account_filters(&answer("BTC"));
    assert_eq!(broken(&base, &limit("42", "100"), &nothing_known()), NOTHING);
    assert_eq!(broken(&base, &limit("42.00000001", "1"), &nothing_known()), ["MAX_ASSET quantity"]);
    let quote = rules("").with_account_filters(&answer("USDT"));
    assert_eq!(broken(&quote, &limit("21", "2"), &nothing_known()), NOTHING);
    assert_eq!(broken(&quote, &limit("21.00000001", "2"), &nothing_known()), ["MAX_ASSET quantity"]);
    let by_quote = |quantity: &str| NewOrder::market_buy("BTCUSDT").quote_order_quantity(number(quantity));
    assert_eq!(broken(&quote, &by_quote("42"), &nothing_known()), NOTHING);
    assert_eq!(broken(&quote, &by_quote("42.00000001"), &nothing_known()), ["MAX_ASSET quoteOrderQty"]);
    assert_eq!(
        missed(&quote, &NewOrder::market_buy("BTCUSDT").quantity(number("1")), &nothing_known()),
        ["MAX_ASSET was not checked: the price at which the order will trade is not known"]
    );
    let other = rules("").with_account_filters(&answer("ETH"));
    assert_eq!(broken(&other, &limit("4200", "2"), &nothing_known()), NOTHING);
    assert_eq!(quote.round(limit("100", "5"), Rounding::Down).unwrap().quantity, Some(number("8.4")));
}

#[test]
fn orders_of_lists_are_checked_each() {
    let rules = rules(
        r#"{"filterType":"PRICE_FILTER","minPrice":"1","maxPrice":"100","tickSize":"1"},
           {"filterType":"LOT_SIZE","minQty":"1","maxQty":"100","stepSize":"1"}"#,
    );
    let working = || WorkingOrder::limit(OrderSide::Buy).quantity(number("2.5")).price(number("3"));
    let otoco = OrderListOtoco::new(
        "BTCUSDT",
        working(),
        OrderSide::Sell,
        number("0.5"),
        OrderLeg::limit_maker(number("0.5")),
    )
    .pending_below(OrderLeg::stop_loss_limit().stop_price(number("1.5")).price(number("1")));
    assert_eq!(
        broken(&rules, &otoco, &nothing_known()),
        [
            "PRICE_FILTER pendingAbovePrice",
            "PRICE_FILTER pendingAbovePrice",
            "PRICE_FILTER pendingBelowStopPrice",
            "LOT_SIZE workingQuantity",
            "LOT_SIZE pendingQuantity",
            "LOT_SIZE pendingQuantity",
            "LOT_SIZE pendingQuantity",
            "LOT_SIZE pendingQuantity",
        ]
    );
    // What follows from the first order is not known before it is filled.
    let opo = OrderListOpo::new("BTCUSDT", working(), PendingOrder::limit(OrderSide::Sell, number("5")));
    assert_eq!(broken(&rules, &opo, &nothing_known()), ["LOT_SIZE workingQuantity"]);
    assert_eq!(
        missed(&rules, &opo, &nothing_known()),
        ["LOT_SIZE was not checked: the quantity in the base asset is not known"]
    );
}
