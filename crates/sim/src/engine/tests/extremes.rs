//! Numbers at the edges of what is taken from outside: whatever they are, there is an answer, and nothing is lost.

use super::*;
use crate::random::Random;

/// A number of any size, the largest and the least among them.
fn number(random: &mut Random) -> Fixed {
    let digits = random.below(16);
    let whole = i128::from(random.below(10_u64.pow(u32::try_from(digits).unwrap()).max(1) + 1));
    let units = match random.below(6) {
        0 => 0,
        1 => 1,
        2 => 1_000_000_000_000_000 * 100_000_000,
        3 => whole,
        _ => whole * 100_000_000,
    };
    Fixed::from_units(units)
}

fn maybe<T>(random: &mut Random, value: impl FnOnce(&mut Random) -> T) -> Option<T> {
    if random.below(2) == 0 { Some(value(random)) } else { None }
}

#[test]
fn no_number_is_too_much() {
    let all = Decimal::new(1_000_000_000_000_000, 0);
    let mut bench = Bench::with(3, "0.001", |config| {
        config
            .tick_size(Decimal::new(1, 8))
            .step_size(Decimal::new(1, 8))
            .max_price(all)
            .max_quantity(all, all)
            .min_notional(Decimal::ZERO)
            .max_notional(all)
            .percent_price(all, Decimal::ZERO, 5)
            .trailing_delta([0, u32::MAX], [0, u32::MAX])
            .icebergs(5, None)
            .max_position(all)
            .price_range([Some(all), Some(Decimal::ZERO)], [Some(all), Some(Decimal::ZERO)])
            .reference_price_from_trades(1000, 3)
    });
    for account in bench.accounts.clone() {
        for asset in ["A", "B"] {
            let much = Fixed::from_int(1_000_000_000_000_000);
            assert!(bench.engine.deposit(at(0), account, &Asset::new(asset), much));
            assert!(bench.engine.deposit(at(0), account, &Asset::new(asset), much));
        }
    }
    let mut random = Random::new(5);
    let (mut placed, mut refused) = (0, 0);
    for _ in 0..6000 {
        let random = &mut random;
        let kinds = [
            OrderType::Limit,
            OrderType::Market,
            OrderType::LimitMaker,
            OrderType::StopLoss,
            OrderType::StopLossLimit,
            OrderType::TakeProfit,
            OrderType::TakeProfitLimit,
        ];
        let kind = kinds[usize::try_from(random.below(7)).unwrap()];
        let side = if random.below(2) == 0 { Side::Buy } else { Side::Sell };
        let timed = kind.has_price() && kind != OrderType::LimitMaker;
        let by_quote = kind == OrderType::Market && random.below(2) == 0;
        let order = NewOrder {
            time_in_force: timed.then_some(TimeInForce::Gtc),
            quantity: (!by_quote).then(|| number(random)),
            quote_quantity: by_quote.then(|| number(random)),
            price: kind.has_price().then(|| number(random)),
            stop_price: if kind.is_contingent() { Some(number(random)) } else { None },
            trailing_delta: if kind.is_contingent() {
                maybe(random, |random| u32::try_from(random.below(u64::from(u32::MAX))).unwrap())
            } else {
                None
            },
            iceberg: if kind.has_price() { maybe(random, number) } else { None },
            prevention: Some(SelfTradePrevention::ALL[usize::try_from(random.below(6)).unwrap()]),
            ..NewOrder::new(bench.symbol, side, kind)
        };
        let account = usize::try_from(random.below(3)).unwrap();
        match bench.place(account, order) {
            Ok(_) => placed += 1,
            Err(_) => refused += 1,
        }
        bench.engine.events.clear();
    }
    assert!(placed > 300 && refused > 300, "{placed} placed, {refused} refused");
    let engine = &bench.engine;
    for (name, first) in [("A", 1000), ("B", 100_000)] {
        let deposited = Fixed::from_int(3 * (first + 2_000_000_000_000_000));
        assert_eq!(engine.clearing.total(engine.assets.id(name).unwrap()), deposited);
    }
}
