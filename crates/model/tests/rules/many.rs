//! A million random orders through `round`, and a small symbol in which the nearest order can be found by trying all.

use crate::{number, rules};
use binance_kit_core::Decimal;
use binance_kit_model::common::OrderSide;
use binance_kit_model::spot::rules::{OrderContext, Rule, ViolationKind};
use binance_kit_model::spot::{NewOrder, OrderType, Rounding, SymbolRules, TimeInForce};
use std::collections::BTreeMap;

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, count: u64) -> u64 {
        self.next() % count
    }

    /// Any number of digits on both sides of the point, now and then zero or negative.
    fn number(&mut self) -> Decimal {
        let digits = self.below(18);
        let mantissa = i64::try_from(self.next() % 10_u64.pow(u32::try_from(digits).unwrap())).unwrap();
        let places = u32::try_from(self.below(10)).unwrap();
        let number = Decimal::new(mantissa, places);
        if self.below(200) == 0 { -number } else { number }
    }

    /// A number near another.
    fn near(&mut self, number: Decimal) -> Decimal {
        let thousandths = i64::try_from(self.below(2001)).unwrap();
        let noise = Decimal::new(i64::try_from(self.below(1000)).unwrap(), 9);
        number * Decimal::new(thousandths, 3) + noise
    }
}

const ROUNDINGS: [Rounding; 5] =
    [Rounding::Down, Rounding::Up, Rounding::Nearest, Rounding::Passive, Rounding::Aggressive];

fn symbols() -> Vec<(SymbolRules, Decimal)> {
    let usual = rules(
        r#"{"filterType":"PRICE_FILTER","minPrice":"0.01000000","maxPrice":"1000000.00000000","tickSize":"0.01000000"},
           {"filterType":"LOT_SIZE","minQty":"0.00001000","maxQty":"9000.00000000","stepSize":"0.00001000"},
           {"filterType":"ICEBERG_PARTS","limit":50},
           {"filterType":"MARKET_LOT_SIZE","minQty":"0.00000000","maxQty":"74.94370279","stepSize":"0.00000000"},
           {"filterType":"TRAILING_DELTA","minTrailingAboveDelta":10,"maxTrailingAboveDelta":2000,
            "minTrailingBelowDelta":10,"maxTrailingBelowDelta":2000},
           {"filterType":"PERCENT_PRICE_BY_SIDE","bidMultiplierUp":"5","bidMultiplierDown":"0.2","askMultiplierUp":"5",
            "askMultiplierDown":"0.2","avgPriceMins":5},
           {"filterType":"NOTIONAL","minNotional":"5.00000000","applyMinToMarket":true,"maxNotional":"9000000.00000000",
            "applyMaxToMarket":false,"avgPriceMins":5},
           {"filterType":"MAX_NUM_ORDERS","maxNumOrders":200},{"filterType":"MAX_NUM_ALGO_ORDERS","maxNumAlgoOrders":5},
           {"filterType":"MAX_POSITION","maxPosition":"100000"}"#,
    );
    let odd = rules(
        r#"{"filterType":"PRICE_FILTER","minPrice":"0","maxPrice":"0","tickSize":"0.00000003"},
           {"filterType":"PERCENT_PRICE","multiplierUp":"1.3000","multiplierDown":"0.7000","avgPriceMins":5},
           {"filterType":"LOT_SIZE","minQty":"7","maxQty":"9223372036.854775807","stepSize":"0.7"},
           {"filterType":"MARKET_LOT_SIZE","minQty":"1","maxQty":"100000","stepSize":"0.4"},
           {"filterType":"ICEBERG_PARTS","limit":3},
           {"filterType":"MIN_NOTIONAL","minNotional":"0.00010000","applyToMarket":false,"avgPriceMins":5}"#,
    );
    vec![(usual, number("61685.99")), (odd, number("0.00012345"))]
}

fn order(random: &mut Random, price: Decimal) -> NewOrder {
    let side = if random.below(2) == 0 { OrderSide::Buy } else { OrderSide::Sell };
    let kinds = OrderType::KNOWN;
    let kind = kinds[usize::try_from(random.below(kinds.len() as u64)).unwrap()].clone();
    let mut order = NewOrder::new("BTCUSDT", side, kind.clone());
    let value = |random: &mut Random, near: Decimal| {
        if random.below(4) == 0 { random.number() } else { random.near(near) }
    };
    let quantity = number("1000") / (price * number("3"));
    if kind == OrderType::Market && random.below(3) == 0 {
        return order.quote_order_quantity(value(random, number("20")));
    }
    order = order.quantity(value(random, quantity));
    if matches!(
        kind,
        OrderType::Limit | OrderType::LimitMaker | OrderType::StopLossLimit | OrderType::TakeProfitLimit
    ) {
        order = order.price(value(random, price));
        if kind != OrderType::LimitMaker {
            order = order.time_in_force(TimeInForce::Gtc);
        }
        if random.below(4) == 0 {
            order = order.iceberg_quantity(value(random, quantity / number("20")));
        }
    }
    if kind.is_algo() {
        if random.below(3) == 0 {
            order = order.trailing_delta(random.below(3000));
        } else {
            order = order.stop_price(value(random, price));
        }
    }
    order
}

/// What came of a share of the orders: how many were rounded, and how often each rule stood in the way.
fn share(seed: u64, count: usize) -> (usize, BTreeMap<String, usize>) {
    let symbols = symbols();
    let mut random = Random(seed);
    let mut rounded_orders = 0;
    let mut reasons = BTreeMap::new();
    for index in 0..count {
        let (rules, price) = &symbols[index % symbols.len()];
        let context = if random.below(4) == 0 {
            OrderContext::new()
        } else {
            OrderContext::new()
                .reference_price(None)
                .average_price(5, random.near(*price))
                .base_balance(Decimal::ONE)
                .open_buy_quantity(Decimal::ZERO)
        };
        let order = order(&mut random, *price);
        let rounding = ROUNDINGS[usize::try_from(random.below(5)).unwrap()];
        match rules.round_within(order.clone(), rounding, &context) {
            Ok(rounded) => {
                rounded_orders += 1;
                let verdict = rules.check(&rounded, &context);
                assert!(verdict.is_ok(), "seed {seed}, order {index}: {order:?} {rounding:?}: {verdict:?}");
                // What was legal is left alone.
                if index % 16 == 0 {
                    assert_eq!(rules.round_within(rounded.clone(), rounding, &context), Ok(rounded));
                }
            }
            Err(violations) => {
                assert!(rules.check(&order, &context).is_err(), "a legal order was not rounded: {order:?}");
                for violation in violations.broken {
                    *reasons.entry(violation.rule.to_string()).or_default() += 1;
                }
            }
        }
    }
    (rounded_orders, reasons)
}

#[test]
fn a_million_orders_are_legal_or_have_a_reason() {
    let shares: Vec<_> = (0..4_u64)
        .map(|seed| std::thread::spawn(move || share(0x9E37_79B9_7F4A_7C15 ^ (seed << 32), 250_000)))
        .collect();
    let mut rounded = 0;
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for one in shares {
        let (orders, why) = one.join().unwrap();
        rounded += orders;
        for (rule, count) in why {
            *reasons.entry(rule).or_default() += count;
        }
    }
    println!("{rounded} of 1000000 rounded; the others: {reasons:?}");
    assert!(rounded > 500_000, "{rounded}");
    for rule in ["request", "PRICE_FILTER", "LOT_SIZE", "NOTIONAL", "MIN_NOTIONAL", "MARKET_LOT_SIZE"] {
        assert!(reasons.contains_key(rule), "{rule}");
    }
}

/// Every legal price and quantity of a small symbol, and for values between and beyond them what `round` makes of them.
#[test]
fn the_nearest_is_found_where_all_can_be_tried() {
    let rules = rules(
        r#"{"filterType":"PRICE_FILTER","minPrice":"0.2","maxPrice":"2","tickSize":"0.3"},
           {"filterType":"LOT_SIZE","minQty":"0.5","maxQty":"6","stepSize":"0.4"},
           {"filterType":"NOTIONAL","minNotional":"1.1","applyMinToMarket":true,"maxNotional":"4","applyMaxToMarket":true,
            "avgPriceMins":5}"#,
    );
    let context = OrderContext::new();
    let candidates = |step: i64, count: i64| (1..count).map(move |index| Decimal::new(index * step, 2));
    let order =
        |price: Decimal, quantity: Decimal| NewOrder::limit_buy("BTCUSDT").quantity(quantity).price(price);
    let prices: Vec<_> =
        candidates(30, 10).filter(|price| (number("0.2")..=number("2")).contains(price)).collect();
    for price in candidates(7, 40) {
        let nearest = *prices.iter().min_by_key(|legal| (**legal - price).abs()).unwrap();
        for quantity in candidates(11, 70) {
            let legal: Vec<_> = candidates(40, 20)
                .filter(|legal| rules.check(&order(nearest, *legal), &context).is_ok())
                .collect();
            let expected = legal.iter().min_by_key(|legal| (**legal - quantity).abs()).copied();
            let rounded = rules.round(order(price, quantity), Rounding::Nearest);
            assert_eq!(
                rounded.as_ref().ok().map(|order| (order.price.unwrap(), order.quantity.unwrap())),
                expected.map(|quantity| (nearest, quantity)),
                "{price} {quantity}"
            );
            for (rounding, expected) in [
                (Rounding::Down, legal.iter().rfind(|legal| **legal <= quantity)),
                (Rounding::Up, legal.iter().find(|legal| **legal >= quantity)),
            ] {
                let rounded = rules.round(order(nearest, quantity), rounding);
                let found = rounded.as_ref().ok().and_then(|order| order.quantity);
                assert_eq!(found, expected.copied(), "{rounding:?} {nearest} {quantity}");
            }
        }
    }
}

#[test]
fn directions_follow_the_side() {
    let rules = rules(
        r#"{"filterType":"PRICE_FILTER","minPrice":"1","maxPrice":"100","tickSize":"1"},
           {"filterType":"LOT_SIZE","minQty":"1","maxQty":"100","stepSize":"1"}"#,
    );
    let half = number("5.5");
    for (side, rounding, price, rising, falling) in [
        (OrderSide::Buy, Rounding::Passive, "5", "6", "5"),
        (OrderSide::Sell, Rounding::Passive, "6", "6", "5"),
        (OrderSide::Buy, Rounding::Aggressive, "6", "5", "6"),
        (OrderSide::Sell, Rounding::Aggressive, "5", "5", "6"),
        (OrderSide::Sell, Rounding::Up, "6", "6", "6"),
        (OrderSide::Buy, Rounding::Down, "5", "5", "5"),
    ] {
        assert_eq!(rules.round_price(half, &side, rounding), Some(number(price)));
        let is_buy = side == OrderSide::Buy;
        let [up, down] = if is_buy {
            [OrderType::StopLossLimit, OrderType::TakeProfitLimit]
        } else {
            [OrderType::TakeProfitLimit, OrderType::StopLossLimit]
        };
        for (kind, expected) in [(up, rising), (down, falling)] {
            let order = NewOrder::new("BTCUSDT", side.clone(), kind.clone())
                .quantity(half)
                .price(half)
                .stop_price(half)
                .time_in_force(TimeInForce::Gtc);
            let rounded = rules.round(order, rounding).unwrap();
            assert_eq!(rounded.price, Some(number(price)), "{side} {kind} {rounding:?}");
            assert_eq!(rounded.stop_price, Some(number(expected)), "{side} {kind} {rounding:?}");
        }
    }
    assert_eq!(rules.round_quantity(half, Rounding::Passive), Some(number("5")));
    assert_eq!(rules.round_market_quantity(number("0.5"), Rounding::Down), None);
    assert_eq!(rules.round_market_quantity(number("0.5"), Rounding::Up), Some(number("1")));
}

#[test]
fn numbers_at_the_end_of_the_range_have_an_answer() {
    let tiny = Decimal::new(1, 28);
    let numbers = [
        Decimal::MAX,
        Decimal::MAX - Decimal::ONE,
        tiny,
        number("0.3333333333333333333333333333"),
        Decimal::MIN,
    ];
    let filters = r#"{"filterType":"PRICE_FILTER","minPrice":"0","maxPrice":"0","tickSize":"0.0000000000000000000000000007"},
        {"filterType":"PERCENT_PRICE","multiplierUp":"79228162514264337593543950335","multiplierDown":"0.7","avgPriceMins":5},
        {"filterType":"LOT_SIZE","minQty":"0","maxQty":"0","stepSize":"0.0000000000000000000000000011"},
        {"filterType":"MARKET_LOT_SIZE","minQty":"0","maxQty":"0","stepSize":"7922816251426433759354395033.5"},
        {"filterType":"ICEBERG_PARTS","limit":4294967295},{"filterType":"MAX_POSITION","maxPosition":"79228162514264337593543950335"},
        {"filterType":"NOTIONAL","minNotional":"0.0000000000000000000000000001","applyMinToMarket":true,
         "maxNotional":"79228162514264337593543950335","applyMaxToMarket":true,"avgPriceMins":5}"#;
    let all = [rules(filters), symbols().remove(0).0, symbols().remove(1).0];
    let mut rounded_orders = 0;
    for rules in &all {
        for (price, quantity) in numbers.iter().flat_map(|one| numbers.iter().map(move |two| (*one, *two))) {
            for market in numbers {
                let context = OrderContext::new()
                    .reference_price(Some(market))
                    .base_balance(market.abs())
                    .open_buy_quantity(market.abs());
                for order in [
                    NewOrder::limit_buy("BTCUSDT").quantity(quantity).price(price).iceberg_quantity(market),
                    NewOrder::market_sell("BTCUSDT").quantity(quantity),
                    NewOrder::market_buy("BTCUSDT").quote_order_quantity(quantity),
                ] {
                    for rounding in ROUNDINGS {
                        if let Ok(rounded) = rules.round_within(order.clone(), rounding, &context) {
                            rounded_orders += 1;
                            assert!(rules.check(&rounded, &context).is_ok(), "{rounded:?}");
                        }
                    }
                }
            }
        }
    }
    assert!(rounded_orders > 100, "{rounded_orders}");
}

/// Lists, orders in the place of others and by smart order routing, amendments.
#[test]
fn whatever_has_orders_in_it_is_rounded() {
    use binance_kit_model::spot::trade::{
        AmendKeepPriority, CancelReplaceMode, OrderLeg, OrderListOpoco, OrderOco, PendingOrder, SorOrder,
        WorkingOrder,
    };
    use binance_kit_model::spot::{OrderListOco, OrderListOto, OrderListOtoco};
    let rules = rules(
        r#"{"filterType":"PRICE_FILTER","minPrice":"1","maxPrice":"100","tickSize":"1"},
           {"filterType":"LOT_SIZE","minQty":"1","maxQty":"50","stepSize":"1"}"#,
    );
    let context = OrderContext::new();
    let [two, ten] = ["2.7", "10.2"].map(number);
    let twelve = number("12.6");
    let working = || WorkingOrder::limit(OrderSide::Buy).quantity(two).price(ten);
    let leg = || OrderLeg::stop_loss_limit().stop_price(ten).price(two);
    let [n2, n10, n12, n13] = ["2", "10", "12", "13"].map(number);

    let oco = OrderListOco::sell("BTCUSDT", two).above_limit_maker(twelve).below(leg());
    let oco = rules.round_within(oco, Rounding::Passive, &context).unwrap();
    assert_eq!((oco.quantity, oco.above.price), (n2, Some(n13)));
    assert_eq!((oco.below.stop_price, oco.below.price), (Some(n10), Some(number("3"))));

    let oto = OrderListOto::new("BTCUSDT", working(), PendingOrder::limit(OrderSide::Sell, twelve), two);
    let oto = rules.round(oto, Rounding::Passive).unwrap();
    assert_eq!((oto.working.quantity, oto.working.price), (Some(n2), Some(n10)));
    assert_eq!((oto.pending_quantity, oto.pending.price), (n2, Some(n13)));

    let otoco =
        OrderListOtoco::new("BTCUSDT", working(), OrderSide::Sell, two, OrderLeg::limit_maker(twelve))
            .pending_below(leg());
    let otoco = rules.round(otoco, Rounding::Down).unwrap();
    assert_eq!((otoco.pending_quantity, otoco.pending_above.price), (n2, Some(n12)));
    assert_eq!(otoco.pending_below.unwrap().stop_price, Some(n10));

    let pair_of_it =
        OrderListOpoco::new("BTCUSDT", working(), OrderSide::Sell, OrderLeg::limit_maker(twelve))
            .pending_below(leg());
    let pair_of_it = rules.round(pair_of_it, Rounding::Up).unwrap();
    assert_eq!((pair_of_it.working.price, pair_of_it.pending_above.price), (Some(number("11")), Some(n13)));
    assert_eq!(pair_of_it.pending_below.unwrap().price, Some(number("3")));

    let old = OrderOco::new("BTCUSDT", OrderSide::Sell).quantity(two).price(twelve).stop_price(ten);
    let old = rules.round(old, Rounding::Down).unwrap();
    assert_eq!((old.quantity, old.price, old.stop_price), (Some(n2), Some(n12), Some(n10)));

    let replace = NewOrder::limit_buy("BTCUSDT")
        .quantity(two)
        .price(ten)
        .in_place_of("mine", CancelReplaceMode::StopOnFailure);
    assert_eq!(rules.round(replace, Rounding::Down).unwrap().order.price, Some(n10));
    let sor =
        rules.round(SorOrder::limit("BTCUSDT", OrderSide::Buy, two).price(ten), Rounding::Down).unwrap();
    assert_eq!((sor.quantity, sor.price), (n2, Some(n10)));
    let amend = rules.round(AmendKeepPriority::new("BTCUSDT", "mine", two), Rounding::Down).unwrap();
    assert_eq!(amend.new_quantity, n2);
    // A leg that cannot be repaired is a reason.
    let broken = OrderListOco::sell("BTCUSDT", two).above_limit_maker(number("200")).below_stop_loss(ten);
    let violations = rules.round(broken, Rounding::Up).unwrap_err();
    assert_eq!(violations.broken[0].parameter, "abovePrice");
}

/// The order with one parameter set to another value.
#[expect(clippy::panic, reason = "a parameter without a case is the failure of the test")]
fn with(order: &NewOrder, parameter: &str, value: Decimal) -> NewOrder {
    let order = order.clone();
    match parameter {
        "quantity" => order.quantity(value),
        "quoteOrderQty" => order.quote_order_quantity(value),
        "price" => order.price(value),
        "stopPrice" => order.stop_price(value),
        "icebergQty" => order.iceberg_quantity(value),
        "trailingDelta" => order.trailing_delta(u64::try_from(value).unwrap()),
        other => panic!("{other} has no values to suggest"),
    }
}

/// Rules of random numbers, in which ranges, steps and worth stand in each other's way.
fn random_rules(random: &mut Random) -> SymbolRules {
    let mut decimal = |count: u64, places: u32| {
        Decimal::new(i64::try_from(random.below(count)).unwrap(), places).normalize().to_string()
    };
    let filters = format!(
        r#"{{"filterType":"PRICE_FILTER","minPrice":"{}","maxPrice":"{}","tickSize":"{}"}},
           {{"filterType":"LOT_SIZE","minQty":"{}","maxQty":"{}","stepSize":"{}"}},
           {{"filterType":"MARKET_LOT_SIZE","minQty":"{}","maxQty":"{}","stepSize":"{}"}},
           {{"filterType":"PERCENT_PRICE","multiplierUp":"{}","multiplierDown":"{}","avgPriceMins":5}},
           {{"filterType":"NOTIONAL","minNotional":"{}","applyMinToMarket":true,"maxNotional":"{}",
            "applyMaxToMarket":true,"avgPriceMins":5}},
           {{"filterType":"MIN_NOTIONAL","minNotional":"{}","applyToMarket":true,"avgPriceMins":5}},
           {{"filterType":"ICEBERG_PARTS","limit":7}},
           {{"filterType":"TRAILING_DELTA","minTrailingAboveDelta":10,"maxTrailingAboveDelta":2000,
            "minTrailingBelowDelta":10,"maxTrailingBelowDelta":2000}},
           {{"filterType":"MAX_POSITION","maxPosition":"{}"}},
           {{"filterType":"MAX_ASSET","asset":"BTC","limit":"{}"}},
           {{"filterType":"MAX_ASSET","asset":"USDT","limit":"{}"}}"#,
        decimal(300, 2),
        decimal(3000, 2),
        decimal(100, 2),
        decimal(40, 1),
        decimal(900, 1),
        decimal(40, 1),
        decimal(40, 1),
        decimal(600, 1),
        decimal(30, 1),
        decimal(30, 1),
        decimal(10, 1),
        decimal(90, 0),
        decimal(900, 0),
        decimal(60, 0),
        decimal(100, 0),
        decimal(100, 0),
        decimal(900, 0),
    );
    rules(&filters)
}

/// A value that a violation suggests is legal: with it the order breaks no rule of that parameter, and none that it did not
/// break before.
#[test]
fn every_suggested_value_passes_the_check() {
    let usual = symbols();
    let (mut suggested, mut by_rule) = (0, BTreeMap::<String, usize>::new());
    let mut random = Random(0x5EED_0001);
    for index in 0..6_000_usize {
        let (rules, price) = match usual.get(index % 3) {
            Some((rules, price)) => (rules.clone(), *price),
            None => (random_rules(&mut random), number("7.31")),
        };
        let context = OrderContext::new()
            .reference_price(None)
            .average_price(5, random.near(price))
            .base_balance(Decimal::ONE)
            .open_buy_quantity(Decimal::ZERO);
        let order = order(&mut random, price);
        let Err(violations) = rules.check(&order, &context) else { continue };
        for violation in &violations.broken {
            let values = match &violation.kind {
                ViolationKind::TooLow { nearest, .. }
                | ViolationKind::TooHigh { nearest, .. }
                | ViolationKind::NotionalTooLow { nearest, .. }
                | ViolationKind::NotionalTooHigh { nearest, .. }
                | ViolationKind::PositionTooHigh { nearest, .. }
                | ViolationKind::TooManyParts { nearest, .. } => vec![*nearest],
                ViolationKind::OffStep { below, above, .. } => vec![*below, *above],
                _ => continue,
            };
            for value in values.into_iter().flatten() {
                suggested += 1;
                *by_rule.entry(violation.rule.to_string()).or_default() += 1;
                let repaired = with(&order, &violation.parameter, value);
                let Err(left) = rules.check(&repaired, &context) else { continue };
                for one in &left.broken {
                    // Of what makes a request no request at all, only the first is named.
                    let was_there = one.rule == Rule::Request
                        || violations
                            .broken
                            .iter()
                            .any(|known| known.rule == one.rule && known.parameter == one.parameter);
                    assert!(
                        was_there && one.parameter != violation.parameter,
                        "order {index}: {order:?}\n{violation}\nwith {value}: {one}"
                    );
                }
            }
        }
    }
    println!("{suggested} values suggested: {by_rule:?}");
    assert!(suggested > 2_000, "{suggested}");
    for rule in ["PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE", "NOTIONAL", "MIN_NOTIONAL", "PERCENT_PRICE"] {
        assert!(by_rule.contains_key(rule), "{rule}: {by_rule:?}");
    }
}

/// A market order above the largest market lot, which is no multiple of the step: the suggestion is one.
#[test]
fn the_largest_market_lot_is_rounded_to_the_step() {
    let (rules, _) = symbols().remove(0);
    let context = OrderContext::new();
    let order = NewOrder::market_buy("BTCUSDT").quantity("80");
    let violations = rules.check(&order, &context).unwrap_err();
    let found = violations.broken.iter().find(|one| one.rule == Rule::MarketLotSize).unwrap();
    let ViolationKind::TooHigh { bound, nearest, .. } = found.kind else { panic!("{found}") };
    assert_eq!((bound, nearest), (number("74.94370279"), Some(number("74.9437"))));
    assert!(rules.check(&order.quantity("74.9437"), &context).is_ok());
}
