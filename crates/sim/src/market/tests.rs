//! The market: that it is deep, lively and repeatable, and goes where it is sent.

use super::*;
use crate::engine::{Event, NewOrder, Side, SymbolConfig, SymbolStatus};
use binance_kit_core::Decimal;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

fn at(step: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + step * STEP_MILLIS)
}

fn open(seed: u64, config: &MarketConfig) -> (Engine, Market) {
    let mut engine = Engine::new(seed);
    for config in SymbolConfig::defaults() {
        engine.add_symbol(&config).unwrap();
    }
    let market = Market::open(&mut engine, seed, config, &[], at(0));
    (engine, market)
}

/// The hash of all events of these steps, and how many trades were among them.
fn run(engine: &mut Engine, market: &mut Market, steps: std::ops::RangeInclusive<i64>) -> (u64, usize) {
    let mut hasher = DefaultHasher::new();
    let mut trades = 0;
    for step in steps {
        market.step(engine, at(step));
        for event in std::mem::take(&mut engine.events) {
            trades += usize::from(matches!(event, Event::Trade { .. }));
            format!("{event:?}").hash(&mut hasher);
        }
    }
    (hasher.finish(), trades)
}

fn config(actions_per_second: u32, levels: u32) -> MarketConfig {
    MarketConfig { actions_per_second, levels, ..MarketConfig::thin() }
}

#[test]
fn the_same_seed_gives_the_same_market() {
    let hash = |seed| {
        let (mut engine, mut market) = open(seed, &config(2000, 40));
        run(&mut engine, &mut market, 1..=100)
    };
    let (one, trades) = hash(7);
    assert!(trades > 50, "{trades}");
    assert_eq!(hash(7).0, one);
    assert_ne!(hash(8).0, one);
}

#[test]
fn books_stay_deep_and_prices_near() {
    let (mut engine, mut market) = open(3, &config(6000, 100));
    let mut moved = 0;
    for round in 0..5 {
        run(&mut engine, &mut market, round * 100 + 1..=(round + 1) * 100);
        for (_, instrument) in engine.symbols() {
            let name = &instrument.rules.symbol;
            for side in [Side::Buy, Side::Sell] {
                let levels = instrument.depth(side);
                assert!((70..=130).contains(&levels), "{name} {side:?} has {levels} levels");
            }
            let (bid, ask) = (instrument.best(Side::Buy).unwrap().0, instrument.best(Side::Sell).unwrap().0);
            assert!(bid < ask);
            let start = instrument.rules.initial_price;
            moved += usize::from(bid > start || ask < start);
            let hundredths = |price: Fixed| (price - start).over(start).units().abs() / 10_000;
            assert!(hundredths(bid) < 500, "{name} went from {start} to {bid}");
            // The spread is a hundredth of a percent, or a few ticks.
            let ticks = (ask - bid).units() / instrument.rules.tick_size.units();
            let spread = (ask - bid).over(start).units() / 1000;
            assert!(ticks < 20 || spread < 20, "{name}: {bid} {ask}");
        }
    }
    assert!(moved > 10, "prices stood still");
}

#[test]
fn the_rate_is_as_ordered() {
    let actions = |rate| {
        let (mut engine, mut market) = open(5, &config(rate, 50));
        let before: u64 = engine.symbols().map(|(_, instrument)| instrument.last_update_id).sum();
        for step in 1..=1000 {
            market.step(&mut engine, at(step));
            engine.events.clear();
        }
        engine.symbols().map(|(_, instrument)| instrument.last_update_id).sum::<u64>() - before
    };
    // Ten seconds; an action changes one to two levels, and moods vary.
    assert!((2..=120).contains(&actions(3)));
    assert!((5_000..=50_000).contains(&actions(1000)));
}

#[test]
fn prices_move_where_they_are_sent() {
    let (mut engine, mut market) = open(9, &config(2000, 200));
    let symbol = engine.symbol_id("BTCUSDT").unwrap();
    let goal = Fixed::from_int(58_000);
    assert!(market.move_price(&mut engine, symbol, goal, Duration::from_secs(1), at(0)));
    let (_, trades) = run(&mut engine, &mut market, 1..=50);
    assert!(trades > 50, "{trades}");
    let half_way = engine.instrument(symbol).last_price();
    assert!(half_way > Fixed::from_int(59_000) && half_way < Fixed::from_int(61_000), "{half_way}");
    run(&mut engine, &mut market, 51..=100);
    let instrument = engine.instrument(symbol);
    let near = |price: Fixed| (price - goal).units().abs() < Fixed::from_int(30).units();
    assert!(near(instrument.last_price()), "{}", instrument.last_price());
    assert!(near(instrument.best(Side::Buy).unwrap().0) && near(instrument.best(Side::Sell).unwrap().0));
    // The book came along.
    let instrument = engine.instrument(symbol);
    for side in [Side::Buy, Side::Sell] {
        let close = instrument.levels(side).filter(|(price, _)| near(*price)).count();
        assert!(instrument.depth(side) > 100 && close > 80, "{side:?} {close}");
    }

    // At once, and upwards.
    let goal = Fixed::from_int(70_000);
    assert!(market.move_price(&mut engine, symbol, goal, Duration::ZERO, at(601)));
    let instrument = engine.instrument(symbol);
    assert_eq!(instrument.last_price(), goal);
    assert!(instrument.best(Side::Sell).unwrap().0 > goal && instrument.best(Side::Buy).unwrap().0 <= goal);
}

#[test]
fn moving_prices_fill_the_orders_in_their_way() {
    let (mut engine, mut market) = open(9, &config(100, 50));
    let symbol = engine.symbol_id("BTCUSDT").unwrap();
    let user = engine.add_account("user", false, Fixed::ZERO, Fixed::ZERO);
    engine.deposit(at(0), user, &"BTC".into(), Fixed::from_int(10));
    let order = NewOrder::limit(symbol, Side::Sell, Fixed::ONE, Fixed::from_int(62_500));
    let id = engine.place(at(0), user, order).unwrap().order.id;
    market.move_price(&mut engine, symbol, Fixed::from_int(63_000), Duration::ZERO, at(1));
    let order = engine.instrument(symbol).order(id).unwrap();
    assert!(order.remaining().is_zero() && !order.status.is_open());
}

#[test]
fn halted_symbols_are_left_alone() {
    let (mut engine, mut market) = open(9, &config(5000, 50));
    let symbol = engine.symbol_id("BTCUSDT").unwrap();
    engine.set_status(symbol, SymbolStatus::Break);
    let update = |engine: &Engine| engine.instrument(symbol).last_update_id;
    let before = update(&engine);
    run(&mut engine, &mut market, 1..=50);
    assert_eq!(update(&engine), before);
    engine.set_status(symbol, SymbolStatus::Trading);
    run(&mut engine, &mut market, 51..=100);
    assert!(update(&engine) > before);
}

#[test]
fn a_saved_market_goes_on_as_if_nothing_had_happened() {
    let (mut engine, mut market) = open(11, &config(3000, 60));
    run(&mut engine, &mut market, 1..=50);
    let saved = serde_json::to_string(&(&engine, &market)).unwrap();
    let whole = run(&mut engine, &mut market, 51..=150);
    let (mut engine, mut market): (Engine, Market) = serde_json::from_str(&saved).unwrap();
    assert_eq!(run(&mut engine, &mut market, 51..=150), whole);
}

#[test]
fn a_new_symbol_leaves_what_happened_before_to_be_published() {
    let config = MarketConfig { levels: 20, history_days: 0, ..MarketConfig::default() };
    let (mut engine, mut market) = open(5, &config);
    assert!(engine.events.is_empty(), "at the start there is no one to report to");
    (1..=20).for_each(|step| market.step(&mut engine, at(step)));
    let before = format!("{:?}", engine.events);
    assert!(!engine.events.is_empty());
    let id = engine.add_symbol(&SymbolConfig::new("ABUSDT", "AB", "USDT", Decimal::new(100, 0))).unwrap();
    market.add_symbol(&mut engine, id, at(20));
    let after = format!("{:?}", engine.events);
    assert!(after.len() > before.len() && after.starts_with(before.trim_end_matches(']')));
}

#[test]
fn symbols_with_odd_numbers_have_a_market_too() {
    let (mut engine, mut market) = open(9, &config(2000, 50));
    let (great, least) = (Decimal::from(1_000_000_000_000_000_u64), Decimal::new(1, 8));
    let odd = |name: &str, price| {
        SymbolConfig::new(name, name, "USDT", price).tick_size(least).step_size(least).max_price(great)
    };
    let symbols = [
        odd("A", Decimal::from(1_000_000_000)),
        odd("B", great),
        odd("C", Decimal::ONE).min_notional(Decimal::from(100_000_000)),
        odd("D", least).min_notional(great),
        odd("E", great).tick_size(great).step_size(great).min_notional(great),
    ];
    for symbol in &symbols {
        let id = engine.add_symbol(symbol).unwrap();
        market.add_symbol(&mut engine, id, at(0));
        assert!(market.move_price(
            &mut engine,
            id,
            Fixed::from_decimal(great).unwrap(),
            Duration::ZERO,
            at(0)
        ));
    }
    run(&mut engine, &mut market, 1..=50);
    assert!(engine.symbols().all(|(_, instrument)| instrument.last_price().is_positive()));
}

#[test]
fn a_book_that_cannot_have_the_levels_wanted_has_no_more_and_more_orders() {
    let mut engine = Engine::new(5);
    let tick = Decimal::new(1, 8);
    let symbol = SymbolConfig::new("PEPEUSDT", "PEPE", "USDT", Decimal::new(1_234, 8)).tick_size(tick);
    let id = engine.add_symbol(&symbol.max_price(Decimal::ONE).step_size(Decimal::ONE)).unwrap();
    let mut market = Market::open(&mut engine, 5, &config(20_000, 1000), &[], at(0));
    let orders = |engine: &Engine| {
        let instrument = engine.instrument(id);
        [Side::Buy, Side::Sell].map(|side| instrument.orders_back(side).count()).iter().sum::<usize>()
    };
    run(&mut engine, &mut market, 1..=100);
    let before = orders(&engine);
    run(&mut engine, &mut market, 101..=400);
    let after = orders(&engine);
    println!("{before} orders, then {after}");
    assert!(after < 4_000, "{before} orders, then {after}");
    assert!([Side::Buy, Side::Sell].iter().all(|side| engine.instrument(id).depth(*side) > 150));
}
