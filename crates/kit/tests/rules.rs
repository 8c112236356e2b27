//! The rules of a symbol beside the embedded exchange, which has its filters from elsewhere: what passes is accepted, and what
//! is refused is refused for a filter that was named.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit::common::OrderSide;
use binance_kit::rest::RestClient;
use binance_kit::sim::SymbolConfig;
use binance_kit::spot::rules::{NotChecked, OrderContext, Rule, Violations};
use binance_kit::spot::trade::{OrderLeg, PegPriceType, PendingOrder, WorkingOrder};
use binance_kit::spot::{
    self, NewOrder, OrderListOco, OrderListOto, OrderType, Rounding, SymbolRules, TimeInForce,
};
use binance_kit::{Decimal, Error, ErrorCode, ErrorKind};
use common::World;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

const SYMBOL: &str = "BTCUSDT";

fn units(mantissa: i64, places: u32) -> Decimal {
    Decimal::new(mantissa, places)
}

/// A symbol with every filter, and narrow ones.
fn symbol() -> SymbolConfig {
    SymbolConfig::new(SYMBOL, "BTC", "USDT", units(100, 0))
        .tick_size(units(5, 2))
        .step_size(units(2, 2))
        .max_price(units(180, 0))
        .max_quantity(units(40, 0), units(20, 0))
        .min_notional(units(10, 0))
        .max_notional(units(3000, 0))
        .older_min_notional(units(12, 0))
        .percent_price(units(16, 1), units(4, 1), 5)
        .percent_price_by_side([units(15, 1), units(5, 1)], [units(17, 1), units(8, 1)], 5)
        .icebergs(10, Some(2))
        .max_position(units(30, 0))
        .trailing_delta([10, 2000], [20, 1000])
        .max_orders(6, 3)
}

async fn world() -> World {
    let builder = common::in_memory().symbol(symbol()).no_market().limits(false).exchange_filters(
        Some(100),
        Some(50),
        Some(20),
        Some(10),
    );
    World::of(builder).await
}

/// What the exchange says of market and account.
async fn context(rest: &RestClient) -> OrderContext {
    let average = rest.send(spot::market::AvgPrice::new(SYMBOL)).await.unwrap();
    let account = rest.send(spot::Account::new()).await.unwrap();
    let orders = rest.send(spot::OpenOrders::new()).await.unwrap();
    let base = account.balances.iter().find(|balance| balance.asset == "BTC").unwrap();
    let book = rest.send(spot::Depth::new(SYMBOL).limit(5)).await.unwrap();
    let mut context = OrderContext::new()
        .reference_price(None)
        .current_average_price(&average)
        .open_orders(&SYMBOL.into(), &orders)
        .base_balance(base.free + base.locked)
        .permissions(account.permissions.clone());
    context.best_bid = book.bids.first().map(|level| level.price);
    context.best_ask = book.asks.first().map(|level| level.price);
    context
}

async fn rules(rest: &RestClient) -> SymbolRules {
    let information = rest.send(spot::ExchangeInfo::of(SYMBOL)).await.unwrap();
    let filters = rest.send(spot::account::MyFilters::new(SYMBOL)).await.unwrap();
    information.rules(SYMBOL).unwrap().with_account_filters(&filters)
}

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, count: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % count
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()].clone()
    }

    /// One of these numbers, or near it: half of them on the step.
    fn near(&mut self, of: &[i64], step: Decimal) -> Decimal {
        let steps = Decimal::from(self.below(7)) - units(3, 0);
        let noise = if self.below(3) == 0 {
            units(i64::try_from(self.below(40)).unwrap() + 1, 3)
        } else {
            Decimal::ZERO
        };
        (Decimal::from(self.one(of)) + steps * step + noise).max(units(1, 3))
    }
}

fn order(random: &mut Random) -> NewOrder {
    let side = random.one(&[OrderSide::Buy, OrderSide::Sell]);
    let kind = random.one(OrderType::KNOWN);
    let mut order = NewOrder::new(SYMBOL, side, kind.clone());
    if kind == OrderType::Market && random.below(3) == 0 {
        return order.quote_order_quantity(random.near(&[10, 12, 300, 3000], units(1, 8)));
    }
    let (tick, step) = (units(5, 2), units(2, 2));
    order = order.quantity(random.near(&[0, 1, 3, 10, 20, 30, 40], step));
    let has_price = matches!(
        kind,
        OrderType::Limit | OrderType::LimitMaker | OrderType::StopLossLimit | OrderType::TakeProfitLimit
    );
    if has_price {
        order = order.price(random.near(&[1, 40, 50, 80, 100, 150, 160, 170, 180], tick));
        if kind != OrderType::LimitMaker {
            order = order.time_in_force(TimeInForce::Gtc);
        }
        if random.below(3) == 0 {
            order = order.iceberg_quantity(random.near(&[0, 1, 2, 3, 4], step));
        }
    }
    if kind.is_algo() {
        if random.below(3) == 0 {
            order = order.trailing_delta(random.one(&[1, 9, 10, 19, 20, 500, 1000, 1001, 2000, 2001]));
        } else {
            order = order.stop_price(random.near(&[1, 90, 110, 180], tick));
        }
    }
    order
}

/// The filter that an answer names.
fn filter_of(error: &Error) -> Option<String> {
    let api = error.api_error()?;
    let name = api.message.strip_prefix("Filter failure: ")?;
    assert_eq!(api.code, ErrorCode(-1013));
    Some(name.to_owned())
}

/// Compares what was foreseen with what the exchange did, and gives the filter it named.
fn compare<T>(
    order: &impl Debug,
    foreseen: &Result<spot::rules::Passed, Violations>,
    done: Result<T, Error>,
) -> Option<String> {
    let named = done.as_ref().err().and_then(filter_of);
    match foreseen {
        Ok(passed) => {
            let unchecked = |name: &String| {
                passed.not_checked.iter().any(|NotChecked { rule, .. }| rule.as_str() == name.as_str())
            };
            assert!(named.as_ref().is_none_or(unchecked), "{order:?} passed, and was refused: {named:?}");
        }
        Err(violations) => {
            let Err(error) = done else { panic!("{violations}; the exchange took it: {order:?}") };
            match &named {
                Some(name) => assert!(
                    violations.broken.iter().any(|one| one.rule.as_str() == name),
                    "{order:?} breaks {violations}, but was refused for {name}"
                ),
                None => assert_ne!(error.kind(), ErrorKind::Connect, "{error}"),
            }
        }
    }
    named
}

#[tokio::test(start_paused = true)]
async fn the_exchange_agrees_on_random_orders() {
    let world = world().await;
    let binance = world.with(common::hmac());
    let rest = binance.rest();
    let rules = rules(rest).await;
    // Something to peg to.
    for order in [
        NewOrder::limit_buy(SYMBOL).quantity(units(1, 0)).price(units(99, 0)),
        NewOrder::limit_sell(SYMBOL).quantity(units(1, 0)).price(units(101, 0)),
    ] {
        rest.send(order).await.unwrap();
    }
    let context = context(rest).await;
    let mut random = Random(0x5EED);
    let (mut taken, mut refused) = (0, BTreeMap::<String, u32>::new());
    for _ in 0..2500 {
        let order = order(&mut random);
        let foreseen = rules.check(&order, &context);
        if foreseen.as_ref().is_err_and(|violations| violations.breaks(&Rule::Request)) {
            continue;
        }
        let done = rest.send(order.clone().into_test()).await;
        taken += u32::from(done.is_ok());
        if let Some(name) = compare(&order, &foreseen, done) {
            *refused.entry(name).or_default() += 1;
        }
    }
    let expected = [
        "ICEBERG_PARTS",
        "LOT_SIZE",
        "MARKET_LOT_SIZE",
        "MAX_POSITION",
        "MIN_NOTIONAL",
        "NOTIONAL",
        "PERCENT_PRICE",
        "PERCENT_PRICE_BY_SIDE",
        "PRICE_FILTER",
        "TRAILING_DELTA",
    ];
    let seen: BTreeSet<_> = refused.keys().map(String::as_str).collect();
    for name in expected {
        assert!(seen.contains(name), "{name} did not occur: {refused:?}");
    }
    assert!(taken > 200, "{taken}");
}

#[tokio::test(start_paused = true)]
async fn what_was_rounded_is_taken() {
    let world = world().await;
    let binance = world.with(common::hmac());
    let rest = binance.rest();
    let (rules, context) = (rules(rest).await, context(rest).await);
    let mut random = Random(0x0DD);
    let mut rounded = 0;
    for _ in 0..500 {
        let order = order(&mut random);
        let rounding = random.one(&[Rounding::Nearest, Rounding::Passive, Rounding::Aggressive]);
        let Ok(order) = rules.round_within(order, rounding, &context) else { continue };
        rounded += 1;
        let done = rest.send(order.clone().into_test()).await;
        let named = done.as_ref().err().and_then(filter_of);
        assert_eq!(named, None, "{order:?}");
    }
    assert!(rounded > 200, "{rounded}");
}

#[tokio::test(start_paused = true)]
async fn the_exchange_agrees_on_counts_and_positions() {
    let world = world().await;
    let binance = world.with(common::hmac());
    let rest = binance.rest();
    let rules = rules(rest).await;
    let stop = || NewOrder::stop_loss(SYMBOL, OrderSide::Sell).quantity(units(1, 0)).stop_price(units(90, 0));
    let iceberg = || {
        NewOrder::limit_sell(SYMBOL).quantity(units(1, 0)).price(units(120, 0)).iceberg_quantity(units(2, 1))
    };
    let buy = || NewOrder::limit_buy(SYMBOL).quantity(units(8, 0)).price(units(80, 0));
    let orders =
        [stop(), buy(), iceberg(), buy(), iceberg(), buy(), iceberg(), stop(), buy(), stop(), stop(), stop()];
    let mut named = Vec::new();
    for order in orders {
        let context = context(rest).await;
        let foreseen = rules.check(&order, &context);
        let done = rest.send(order.clone()).await;
        named.extend(compare(&order, &foreseen, done));
    }
    named.sort_unstable();
    named.dedup();
    assert_eq!(named, ["MAX_NUM_ICEBERG_ORDERS", "MAX_NUM_ORDERS", "MAX_POSITION"]);
    rest.send(spot::trade::CancelOpenOrders::new(SYMBOL)).await.unwrap();
    for index in 0..4 {
        let context = context(rest).await;
        let foreseen = rules.check(&stop(), &context);
        let done = rest.send(stop()).await;
        let name = compare(&stop(), &foreseen, done);
        assert_eq!(name.as_deref(), (index == 3).then_some("MAX_NUM_ALGO_ORDERS"));
    }
}

#[tokio::test(start_paused = true)]
async fn pegged_orders_count_at_the_price_of_the_peg() {
    let world = world().await;
    let binance = world.with(common::hmac());
    let rest = binance.rest();
    rest.send(NewOrder::limit_buy(SYMBOL).quantity(units(1, 0)).price(units(60, 0))).await.unwrap();
    let rules = rules(rest).await;
    let context = context(rest).await;
    for (quantity, expected) in [(18, Some("MIN_NOTIONAL")), (20, None)] {
        let order =
            NewOrder::pegged(SYMBOL, OrderSide::Buy, PegPriceType::PrimaryPeg).quantity(units(quantity, 2));
        let foreseen = rules.check(&order, &context);
        let done = rest.send(order.clone().into_test()).await;
        assert_eq!(compare(&order, &foreseen, done).as_deref(), expected);
    }
}

fn leg(random: &mut Random, kind: &OrderType, prices: &[i64]) -> OrderLeg {
    let tick = units(5, 2);
    let mut leg = OrderLeg::new(kind.clone());
    if *kind != OrderType::LimitMaker {
        leg = leg.stop_price(random.near(prices, tick));
    }
    if matches!(kind, OrderType::LimitMaker | OrderType::StopLossLimit | OrderType::TakeProfitLimit) {
        leg = leg.price(random.near(prices, tick));
        if random.below(4) == 0 {
            leg = leg.iceberg_quantity(random.near(&[0, 1], units(2, 2)));
        }
    }
    if matches!(kind, OrderType::StopLossLimit | OrderType::TakeProfitLimit) {
        leg = leg.time_in_force(TimeInForce::Gtc);
    }
    leg
}

#[tokio::test(start_paused = true)]
async fn the_exchange_agrees_on_the_orders_of_lists() {
    let world = world().await;
    let binance = world.with(common::hmac());
    let rest = binance.rest();
    let rules = rules(rest).await;
    let context = context(rest).await;
    let mut random = Random(0x0C0);
    let (mut taken, mut refused) = (0, BTreeSet::new());
    let step = units(2, 2);
    for _ in 0..300 {
        let quantity = random.near(&[0, 1, 2, 3], step);
        let gain = random.one(&[OrderType::LimitMaker, OrderType::TakeProfit, OrderType::TakeProfitLimit]);
        let above = leg(&mut random, &gain, &[110, 160, 180]);
        let loss = random.one(&[OrderType::StopLoss, OrderType::StopLossLimit]);
        let below = leg(&mut random, &loss, &[1, 80, 90]);
        let oco = OrderListOco::sell(SYMBOL, quantity).above(above).below(below);
        let foreseen = rules.check(&oco, &context);
        let done = rest.send(oco.clone()).await;
        taken += u32::from(done.is_ok());
        if done.is_ok() {
            rest.send(spot::trade::CancelOpenOrders::new(SYMBOL)).await.unwrap();
        }
        refused.extend(compare(&oco, &foreseen, done));

        let working = WorkingOrder::limit(OrderSide::Buy)
            .quantity(quantity)
            .price(random.near(&[40, 50, 90], units(5, 2)));
        let pending = PendingOrder::limit(OrderSide::Sell, random.near(&[80, 150, 180], units(5, 2)));
        let oto = OrderListOto::new(SYMBOL, working, pending, random.near(&[0, 1, 40], step));
        let foreseen = rules.check(&oto, &context);
        let done = rest.send(oto.clone()).await;
        taken += u32::from(done.is_ok());
        if done.is_ok() {
            rest.send(spot::trade::CancelOpenOrders::new(SYMBOL)).await.unwrap();
        }
        refused.extend(compare(&oto, &foreseen, done));
    }
    assert!(taken > 15, "{taken}");
    for name in ["LOT_SIZE", "PRICE_FILTER", "MIN_NOTIONAL", "PERCENT_PRICE"] {
        assert!(refused.contains(name), "{name} did not occur: {refused:?}");
    }
}
