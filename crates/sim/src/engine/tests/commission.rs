//! Commissions: by kind, role and side, and with the discount asset.

use super::*;

fn rates(text: [&str; 4]) -> RateSet {
    let [maker, taker, buyer, seller] = text.map(fixed);
    RateSet { maker, taker, buyer, seller }
}

/// The rates of the exchange's own example.
fn documented() -> Rates {
    Rates {
        standard: rates(["0.00000010", "0.00000020", "0.00000030", "0.00000040"]),
        special: rates(["0.01000000", "0.02000000", "0.03000000", "0.04000000"]),
        tax: rates(["0.00000112", "0.00000114", "0.00000118", "0.00000116"]),
        discount: false,
    }
}

/// Two accounts; the second one has the documented rates, and asks 260 for a BNB.
fn bench(discount: bool, bnb: &str) -> Bench {
    let mut bench = Bench::new(2, "0");
    let seller = bench.accounts[1];
    bench.engine.set_rates(seller, Rates { discount, ..documented() });
    let config = SymbolConfig::new("BNBB", "BNB", "B", Decimal::new(260, 0));
    bench.engine.add_symbol(&config).unwrap();
    bench.engine.deposit(at(0), seller, &Asset::new("BNB"), fixed(bnb));
    let buyer = bench.accounts[0];
    bench.engine.deposit(at(0), buyer, &Asset::new("B"), fixed("100000"));
    bench.engine.events.clear();
    bench.limit(0, Side::Buy, "0.5", "35000");
    bench
}

fn sell(bench: &mut Bench) -> Fill {
    let order = bench_order(Side::Sell, OrderType::Market, "0.499");
    let placed = bench.place(1, order).unwrap();
    assert_eq!(placed.fills.len(), 1);
    placed.fills[0].clone()
}

use crate::engine::order::Fill;

#[test]
fn all_kinds_are_summed_by_role_and_side() {
    let mut bench = bench(false, "100");
    let before = fixed("100000");
    let fill = sell(&mut bench);
    // 17,465 times 0.0000006, 0.0000023 and 0.06, each cut to eight places.
    let expected = fixed("0.010479") + fixed("0.0401695") + fixed("1047.9");
    assert_eq!(
        (fill.commission, bench.engine.assets.get(fill.commission_asset)),
        (expected, &Asset::new("B"))
    );
    assert_eq!(bench.balance(1, "B").0, (before + fixed("17465") - expected).to_string());
}

#[test]
fn the_discount_asset_pays_while_it_lasts() {
    let mut bench = bench(true, "100");
    let fill = sell(&mut bench);
    let reduced = fixed("0.010479").times(fixed("0.75")) + fixed("0.0401695") + fixed("1047.9");
    assert_eq!(fill.commission, reduced.over(fixed("260")));
    assert_eq!(bench.engine.assets.get(fill.commission_asset).as_str(), "BNB");
    assert_eq!(bench.balance(1, "BNB").0, (fixed("100") - fill.commission).to_string());
    assert_eq!(bench.balance(1, "B").0, "117465.00000000");
    let bnb = bench.engine.assets.id("BNB").unwrap();
    assert_eq!(bench.engine.clearing.total(bnb), fixed("100"));

    // Not enough of it: the whole commission comes out of what is received.
    let mut bench = self::bench(true, "4");
    let fill = sell(&mut bench);
    assert_eq!(bench.engine.assets.get(fill.commission_asset).as_str(), "B");
    assert_eq!(fill.commission, fixed("1047.9506485"));
}

#[test]
fn the_rate_of_exchange_may_take_two_steps_or_be_missing() {
    let mut bench = Bench::new(2, "0");
    let buyer = bench.accounts[1];
    let standard = rates(["0.001", "0.001", "0", "0"]);
    bench.engine.set_rates(buyer, Rates { standard, discount: true, ..Rates::default() });
    bench.engine.add_symbol(&SymbolConfig::new("BNBB", "BNB", "B", Decimal::new(200, 0))).unwrap();
    bench.engine.deposit(at(0), buyer, &Asset::new("BNB"), fixed("1"));
    // The buyer receives A at 100, and BNB is at 200: a thousandth of an A is half a thousandth of a BNB.
    bench.limit(0, Side::Sell, "1", "100");
    let fill = bench.limit(1, Side::Buy, "1", "100").fills[0].clone();
    assert_eq!(fill.commission, fixed("0.000375"));
    // Makers, too.
    bench.limit(1, Side::Buy, "1", "100");
    bench.limit(0, Side::Sell, "1", "100");
    assert_eq!(bench.balance(1, "BNB").0, "0.99925000");
    bench.check_invariants();
    let mut bench = Bench::new(2, "0.001");
    let account = bench.accounts[1];
    bench.engine.set_rates(account, Rates { standard, discount: true, ..Rates::default() });
    bench.engine.deposit(at(0), account, &Asset::new("BNB"), fixed("1"));
    bench.limit(0, Side::Sell, "1", "100");
    let fill = bench.limit(1, Side::Buy, "1", "100").fills[0].clone();
    assert_eq!(bench.engine.assets.get(fill.commission_asset).as_str(), "A");
    bench.check_invariants();
}
