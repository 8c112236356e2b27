//! Self-trade prevention in every mode. The scenarios A to H are those of the exchange's own explanation.

use super::*;

fn order(side: Side, quantity: &str, price: &str, mode: SelfTradePrevention) -> NewOrder {
    NewOrder { prevention: Some(mode), ..NewOrder::limit(SymbolId(0), side, fixed(quantity), fixed(price)) }
}

/// Makers that buy, then a taker that sells. Returns the final state of all, the taker last.
fn scenario(
    makers: &[(&str, &str)],
    maker_mode: SelfTradePrevention,
    taker: &NewOrder,
) -> (Vec<(OrderStatus, String)>, Placed, Bench) {
    let mut bench = Bench::new(1, "0");
    let ids: Vec<u64> = makers
        .iter()
        .map(|(quantity, price)| {
            bench.place(0, order(Side::Buy, quantity, price, maker_mode)).unwrap().order.id
        })
        .collect();
    bench.engine.events.clear();
    let placed = bench.place(0, taker.clone()).unwrap();
    bench.check_invariants();
    let states = ids
        .iter()
        .map(|id| bench.state(*id))
        .chain([&placed.order])
        .map(|order| (order.status, order.prevented.to_string()))
        .collect();
    (states, placed, bench)
}

fn of(states: &[(OrderStatus, &str)]) -> Vec<(OrderStatus, String)> {
    states.iter().map(|(status, prevented)| (*status, format!("{prevented}00000000"))).collect()
}

use OrderStatus::{Expired, ExpiredInMatch, Filled, New};
use SelfTradePrevention as Mode;

const THREE: &[(&str, &str)] = &[("1.2", "1.2"), ("1.3", "1.1"), ("8.1", "1")];

#[test]
fn scenario_a_nothing_is_prevented() {
    let (states, placed, _) = scenario(&[("1", "1")], Mode::None, &order(Side::Sell, "1", "1", Mode::None));
    assert_eq!(states, of(&[(Filled, "0."), (Filled, "0.")]));
    assert!(placed.prevented.is_empty());
}

#[test]
fn scenario_b_makers_expire() {
    let taker = order(Side::Sell, "3", "1", Mode::ExpireMaker);
    let (states, placed, mut bench) = scenario(THREE, Mode::None, &taker);
    let statuses: Vec<OrderStatus> = states.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [ExpiredInMatch, ExpiredInMatch, ExpiredInMatch, New]);
    let matches: Vec<(u64, u64, String, Option<Fixed>, String)> = placed
        .prevented
        .iter()
        .map(|p| {
            let maker = p.maker_quantity.unwrap().to_string();
            (p.id, p.maker_order, p.price.to_string(), p.taker_quantity, maker)
        })
        .collect();
    let row = |id, order, price: &str, quantity: &str| {
        (id, order, format!("{price}0000000"), None, format!("{quantity}0000000"))
    };
    assert_eq!(matches, [row(0, 1, "1.2", "1.2"), row(1, 2, "1.1", "1.3"), row(2, 3, "1.0", "8.1")]);
    assert_eq!(
        bench.reports(),
        [
            "4 NEW NEW",
            "1 TRADE_PREVENTION EXPIRED_IN_MATCH",
            "2 TRADE_PREVENTION EXPIRED_IN_MATCH",
            "3 TRADE_PREVENTION EXPIRED_IN_MATCH",
        ]
    );
    let account = bench.accounts[0];
    let ids: Vec<u64> = bench.engine.prevented_matches(account, bench.symbol).map(|p| p.id).collect();
    assert_eq!(ids, [0, 1, 2]);
}

#[test]
fn scenario_c_the_taker_expires() {
    let taker = order(Side::Sell, "3", "1", Mode::ExpireTaker);
    let (states, placed, _) = scenario(THREE, Mode::None, &taker);
    assert_eq!(states, of(&[(New, "0."), (New, "0."), (New, "0."), (ExpiredInMatch, "3.")]));
    assert_eq!((placed.order.prevented_match, placed.prevented[0].maker_quantity), (Some(0), None));
}

#[test]
fn scenarios_d_and_e_the_mode_of_the_taker_counts() {
    let taker = order(Side::Sell, "3", "1", Mode::ExpireBoth);
    let (states, placed, _) = scenario(&[("1", "1")], Mode::None, &taker);
    assert_eq!(states, of(&[(ExpiredInMatch, "1."), (ExpiredInMatch, "3.")]));
    let prevented = &placed.prevented[0];
    assert_eq!((prevented.taker_quantity, prevented.maker_quantity), (Some(fixed("3")), Some(fixed("1"))));
    let taker = order(Side::Sell, "1", "1", Mode::ExpireTaker);
    let (states, ..) = scenario(&[("1", "1")], Mode::ExpireMaker, &taker);
    assert_eq!(states, of(&[(New, "0."), (ExpiredInMatch, "1.")]));
}

#[test]
fn scenario_f_a_market_order_finds_nothing_left() {
    let taker =
        NewOrder { prevention: Some(Mode::ExpireMaker), ..bench_order(Side::Sell, OrderType::Market, "1") };
    let (states, placed, _) = scenario(&[("1", "1")], Mode::None, &taker);
    assert_eq!(states, of(&[(ExpiredInMatch, "1."), (Expired, "0.")]));
    assert_eq!(placed.order.expiry, Some(ExpiryReason::InsufficientLiquidity));
}

#[test]
fn scenario_g_both_lose_the_same() {
    let taker = order(Side::Sell, "2", "2", Mode::Decrement);
    let (states, placed, bench) = scenario(&[("6", "2")], Mode::None, &taker);
    assert_eq!(states, of(&[(New, "2."), (ExpiredInMatch, "2.")]));
    assert_eq!((bench.state(1).prevented_match, placed.order.prevented_match), (Some(0), Some(0)));
    assert_eq!(bench.balance(0, "B").1, "8.00000000");
    // The other way round, and with equal quantities.
    let (states, ..) = scenario(&[("2", "2")], Mode::None, &order(Side::Sell, "6", "2", Mode::Decrement));
    assert_eq!(states, of(&[(ExpiredInMatch, "2."), (New, "2.")]));
    let (states, ..) = scenario(&[("2", "2")], Mode::None, &order(Side::Sell, "2", "2", Mode::Transfer));
    assert_eq!(states, of(&[(ExpiredInMatch, "2."), (ExpiredInMatch, "2.")]));
}

#[test]
fn scenario_h_what_would_have_been_traded_is_transferred() {
    for (maker_mode, moved) in [(Mode::Transfer, true), (Mode::None, false)] {
        let mut bench = Bench::new(3, "0.001");
        bench.engine.set_trade_group(bench.accounts[0], Some(1));
        bench.engine.set_trade_group(bench.accounts[1], Some(1));
        bench.engine.set_trade_group(bench.accounts[2], Some(2));
        let maker = bench.place(0, order(Side::Buy, "6", "2", maker_mode)).unwrap().order.id;
        bench.engine.events.clear();
        let taker = bench.place(1, order(Side::Sell, "2", "2", Mode::Transfer)).unwrap();
        assert_eq!((taker.order.status, taker.order.prevented), (ExpiredInMatch, fixed("2")));
        assert_eq!(taker.prevented[0].mode, if moved { Mode::Transfer } else { Mode::Decrement });
        assert_eq!(taker.prevented[0].group, Some(1));
        assert_eq!((bench.state(maker).status, bench.state(maker).prevented), (New, fixed("2")));
        let (a, b) = if moved { ("1002", "99988") } else { ("1000", "99992") };
        assert_eq!(bench.balance(0, "A").0, format!("{a}.00000000"));
        assert_eq!(bench.balance(0, "B"), (format!("{b}.00000000"), "8.00000000".to_owned()));
        let transferred = bench
            .engine
            .events
            .iter()
            .filter(|event| matches!(event, Event::Report(report) if report.transferred));
        assert_eq!(transferred.count(), if moved { 2 } else { 0 });
        bench.check_invariants();
        // Trades with another group are not prevented.
        let taker = bench.place(2, order(Side::Sell, "4", "2", Mode::ExpireTaker)).unwrap();
        assert_eq!((taker.order.status, taker.fills.len()), (Filled, 1));
        bench.check_invariants();
    }
}

#[test]
fn every_kind_of_taker_and_maker_is_decremented() {
    // An iceberg loses what it shows, part by part.
    let mut bench = Bench::new(2, "0");
    let iceberg = NewOrder { iceberg: Some(fixed("1")), ..order(Side::Buy, "5", "10", Mode::None) };
    let iceberg = bench.place(0, iceberg).unwrap().order.id;
    bench.limit(1, Side::Buy, "1", "10");
    let placed = bench.place(0, order(Side::Sell, "4", "10", Mode::Decrement)).unwrap();
    assert_eq!((placed.fills.len(), placed.prevented.len()), (1, 3));
    assert_eq!((placed.order.executed, placed.order.prevented), (fixed("1"), fixed("3")));
    assert_eq!(placed.order.status, ExpiredInMatch);
    assert_eq!((bench.state(iceberg).remaining(), bench.state(iceberg).visible()), (fixed("2"), fixed("1")));
    bench.check_invariants();
    // By quote quantity: what is prevented counts as spent.
    let by_quote = |quote: &str, side, mode| NewOrder {
        quote_quantity: Some(fixed(quote)),
        prevention: Some(mode),
        ..NewOrder::new(SymbolId(0), side, OrderType::Market)
    };
    bench.limit(1, Side::Buy, "1", "9");
    let placed = bench.place(0, by_quote("29", Side::Sell, Mode::Decrement)).unwrap();
    assert_eq!((placed.order.executed, placed.order.prevented), (fixed("1"), fixed("2")));
    assert_eq!((placed.order.status, placed.order.quantity), (Filled, fixed("3")));
    bench.check_invariants();
    let maker = bench.limit(0, Side::Buy, "1", "8").order.id;
    let placed = bench.place(0, by_quote("4", Side::Sell, Mode::ExpireTaker)).unwrap();
    assert_eq!((placed.order.status, placed.order.prevented), (ExpiredInMatch, fixed("0.5")));
    assert_eq!(bench.state(maker).status, New);
    bench.check_invariants();
    // A fill-or-kill order is not refused for what is prevented.
    let fok =
        NewOrder { time_in_force: Some(TimeInForce::Fok), ..order(Side::Sell, "1", "8", Mode::Decrement) };
    let placed = bench.place(0, fok).unwrap();
    assert_eq!((placed.order.status, placed.order.prevented), (ExpiredInMatch, fixed("1")));
    bench.check_invariants();
}

#[test]
fn symbols_have_a_default_and_a_choice_of_modes() {
    let mut bench = Bench::with(1, "0", |config| config.self_trade_prevention(&["EXPIRE_TAKER", "NONE"]));
    bench.limit(0, Side::Buy, "1", "100");
    let placed = bench.limit(0, Side::Sell, "1", "100");
    assert_eq!((placed.order.status, placed.order.prevention), (ExpiredInMatch, Mode::ExpireTaker));
    let reject = bench.place(0, order(Side::Sell, "1", "100", Mode::Decrement)).unwrap_err();
    let message = "This symbol does not allow the specified self-trade prevention mode.";
    assert_eq!((reject.code, &*reject.message), (-1013, message));
}
