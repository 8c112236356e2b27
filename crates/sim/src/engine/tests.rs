//! The engine against its own rules, and against a plain reference matcher.

mod amend;
mod commission;
mod composition;
mod extremes;
mod filters;
mod iceberg;
mod lists;
mod maintenance;
mod market;
mod pegged;
mod prevention;
mod range;
mod reference;
mod sor;
mod storm;
mod trailing;

use super::types::ExpiryReason;
use super::*;
use crate::clearing::{Clearing as _, Discount, RateSet, Rates};
use binance_kit_core::Decimal;

fn fixed(text: &str) -> Fixed {
    Fixed::parse(text).unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + millis)
}

struct Bench {
    engine: Engine,
    symbol: SymbolId,
    accounts: Vec<AccountId>,
    clock: i64,
}

impl Bench {
    /// One symbol, ticks of 0.01 and steps of 0.001; each account owns 1,000 A and 100,000 B.
    fn new(accounts: usize, rate: &str) -> Self {
        Self::with(accounts, rate, |config| config)
    }

    /// The same with other rules.
    fn with(accounts: usize, rate: &str, rules: impl FnOnce(SymbolConfig) -> SymbolConfig) -> Self {
        let mut engine = Engine::new(1);
        let config = SymbolConfig::new("AB", "A", "B", Decimal::new(100, 0))
            .step_size(Decimal::new(1, 3))
            .min_notional(Decimal::new(1, 0))
            .any_price()
            .max_orders(200, 20);
        let symbol = engine.add_symbol(&rules(config)).unwrap();
        let accounts = (0..accounts)
            .map(|index| {
                let id = engine.add_account(&format!("account{index}"), false, fixed(rate), fixed(rate));
                engine.deposit(at(0), id, &Asset::new("A"), Fixed::from_int(1000));
                engine.deposit(at(0), id, &Asset::new("B"), Fixed::from_int(100_000));
                id
            })
            .collect();
        engine.events.clear();
        Self { engine, symbol, accounts, clock: 0 }
    }

    fn now(&mut self) -> Timestamp {
        self.clock += 1;
        at(self.clock)
    }

    fn place(&mut self, account: usize, order: NewOrder) -> Result<Placed, Reject> {
        let now = self.now();
        self.engine.place(now, self.accounts[account], order)
    }

    fn limit(&mut self, account: usize, side: Side, quantity: &str, price: &str) -> Placed {
        let order = NewOrder::limit(self.symbol, side, fixed(quantity), fixed(price));
        self.place(account, order).unwrap()
    }

    fn order(&self, side: Side, kind: OrderType, quantity: &str) -> NewOrder {
        NewOrder { quantity: Some(fixed(quantity)), ..NewOrder::new(self.symbol, side, kind) }
    }

    fn balance(&self, account: usize, asset: &str) -> (String, String) {
        let asset = self.engine.assets.id(asset).unwrap();
        let balance = self.engine.clearing.balances(self.accounts[account]).get(asset);
        (balance.free.to_string(), balance.locked.to_string())
    }

    fn state(&self, id: u64) -> &Order {
        self.engine.instrument(self.symbol).order(id).unwrap()
    }

    fn reports(&mut self) -> Vec<String> {
        std::mem::take(&mut self.engine.events)
            .into_iter()
            .filter_map(|event| match event {
                Event::Report(report) => Some(format!(
                    "{} {} {}",
                    report.order.id,
                    report.execution.as_str(),
                    report.order.status.as_str()
                )),
                Event::List { list, kind, .. } => Some(format!("list {} {}", list.id, kind.as_str())),
                _ => None,
            })
            .collect()
    }

    fn check_invariants(&self) {
        let engine = &self.engine;
        for (name, total) in [("A", 1000), ("B", 100_000)] {
            let asset = engine.assets.id(name).unwrap();
            let expected = Fixed::from_int(total * i64::try_from(self.accounts.len()).unwrap());
            assert_eq!(engine.clearing.total(asset), expected, "{name} is conserved");
        }
        let instrument = engine.instrument(self.symbol);
        if let (Some((bid, _)), Some((ask, _))) = (instrument.best(Side::Buy), instrument.best(Side::Sell)) {
            assert!(bid < ask, "crossed: {bid} {ask}");
        }
        for side in [Side::Buy, Side::Sell] {
            let mut levels: BTreeMap<Fixed, Fixed> = BTreeMap::new();
            for order in instrument.orders.values().filter(|o| o.side == side && o.priority.is_some()) {
                assert!(order.status.is_open());
                *levels.entry(order.working_price()).or_default() += order.visible();
                assert!(order.visible().is_positive(), "{order:?}");
            }
            assert_eq!(instrument.levels(side).collect::<BTreeMap<_, _>>(), levels);
        }
        for account in &self.accounts {
            let orders = engine.account(*account).orders_on(self.symbol);
            for (side, asset) in [(Side::Buy, instrument.rules.quote), (Side::Sell, instrument.rules.base)] {
                let locked: Fixed = instrument
                    .orders
                    .values()
                    .filter(|order| order.account == *account && order.side == side)
                    .map(|order| order.locked)
                    .sum();
                let balance = engine.clearing.balances(*account).get(asset);
                assert_eq!(balance.locked, locked);
                assert!(balance.free >= Fixed::ZERO);
            }
            for order in instrument.orders.values().filter(|order| order.account == *account) {
                let open = orders.is_some_and(|orders| orders.open.contains(&order.id));
                assert_eq!(open, order.status.is_open(), "{order:?}");
                assert!(order.status.is_open() || order.locked.is_zero(), "{order:?}");
                if order.status.is_open() && order.list.is_none() {
                    assert_eq!(order.locked, engine.clearing.need(&instrument.rules, order), "{order:?}");
                }
                assert_eq!(order.priority.is_some(), order.status.is_open() && !order.is_waiting());
            }
        }
    }
}

#[test]
fn price_then_time_decides() {
    let mut bench = Bench::new(4, "0");
    bench.limit(0, Side::Sell, "1", "101");
    bench.limit(1, Side::Sell, "1", "100");
    bench.limit(2, Side::Sell, "1", "100");
    let placed = bench.limit(3, Side::Buy, "2.5", "101");
    let fills: Vec<String> =
        placed.fills.iter().map(|fill| format!("{} {}", fill.price, fill.quantity)).collect();
    assert_eq!(fills, ["100.00000000 1.00000000", "100.00000000 1.00000000", "101.00000000 0.50000000"]);
    assert_eq!(placed.order.status, OrderStatus::Filled);
    assert_eq!(bench.state(2).status, OrderStatus::Filled);
    assert_eq!(bench.state(1).executed, fixed("0.5"));
    assert_eq!(bench.balance(3, "B").0, "99749.50000000");
    let aggregates = &bench.engine.instrument(bench.symbol).aggregates;
    assert_eq!(aggregates.len(), 2);
    assert_eq!((aggregates[0].first_trade, aggregates[0].last_trade), (1, 2));
    assert_eq!(aggregates[0].quantity, fixed("2"));
    bench.check_invariants();
}

#[test]
fn commissions_come_from_what_is_received() {
    let mut bench = Bench::new(2, "0.001");
    bench.limit(0, Side::Sell, "1", "100");
    let placed = bench.limit(1, Side::Buy, "1", "100");
    assert_eq!(placed.fills[0].commission, fixed("0.001"));
    assert_eq!(bench.balance(1, "A").0, "1000.99900000");
    assert_eq!(bench.balance(0, "B").0, "100099.90000000");
    bench.check_invariants();
}

#[test]
fn time_in_force() {
    let mut bench = Bench::new(2, "0");
    bench.limit(0, Side::Sell, "1", "100");
    let limit = |force| NewOrder {
        time_in_force: Some(force),
        ..NewOrder::limit(SymbolId(0), Side::Buy, fixed("2"), fixed("100"))
    };
    let placed = bench.place(1, limit(TimeInForce::Fok)).unwrap();
    assert_eq!((placed.order.status, placed.fills.len()), (OrderStatus::Expired, 0));
    assert_eq!(placed.order.expiry, Some(ExpiryReason::UnfilledFok));
    let placed = bench.place(1, limit(TimeInForce::Ioc)).unwrap();
    assert_eq!((placed.order.status, placed.fills.len()), (OrderStatus::Expired, 1));
    assert_eq!(placed.order.expiry, Some(ExpiryReason::UnfilledIoc));
    assert_eq!(bench.balance(1, "B"), ("99900.00000000".to_owned(), "0.00000000".to_owned()));
    assert_eq!(bench.reports().last().unwrap(), "3 EXPIRED EXPIRED");
    bench.check_invariants();
}

#[test]
fn market_orders_by_both_quantities() {
    let mut bench = Bench::new(2, "0");
    bench.limit(0, Side::Sell, "1", "100");
    bench.limit(0, Side::Sell, "1", "200");
    let by_quote = NewOrder {
        quote_quantity: Some(fixed("150.05")),
        ..NewOrder::new(bench.symbol, Side::Buy, OrderType::Market)
    };
    let placed = bench.place(1, by_quote.clone()).unwrap();
    assert_eq!(placed.order.status, OrderStatus::Filled);
    assert_eq!(placed.order.executed, fixed("1.25"));
    assert_eq!(placed.order.executed_quote, fixed("150"));
    // More than the book holds: what there is, and the rest expires.
    let order = bench.order(Side::Buy, OrderType::Market, "5");
    let placed = bench.place(1, order).unwrap();
    assert_eq!((placed.order.status, placed.order.executed), (OrderStatus::Expired, fixed("0.75")));
    assert_eq!(placed.order.expiry, Some(ExpiryReason::InsufficientLiquidity));
    let reject = bench.place(1, by_quote).unwrap_err();
    assert_eq!(reject.message, "Order book liquidity is less than symbol minimum quantity.");
    bench.check_invariants();
    // By quote, with too little liquidity.
    bench.limit(0, Side::Buy, "0.1", "100");
    let sell = NewOrder {
        quote_quantity: Some(fixed("1000")),
        ..NewOrder::new(bench.symbol, Side::Sell, OrderType::Market)
    };
    let placed = bench.place(1, sell).unwrap();
    assert_eq!((placed.order.status, placed.order.quantity), (OrderStatus::Expired, fixed("0.1")));
    bench.check_invariants();
}

#[test]
fn funds_are_checked_and_locked() {
    let mut bench = Bench::new(2, "0");
    let placed = bench.limit(0, Side::Buy, "10", "99.99");
    assert_eq!(bench.balance(0, "B"), ("99000.10000000".to_owned(), "999.90000000".to_owned()));
    let too_much = NewOrder::limit(bench.symbol, Side::Buy, fixed("1000"), fixed("99.99"));
    assert_eq!(bench.place(0, too_much).unwrap_err(), Reject::balance());
    let too_much = bench.order(Side::Sell, OrderType::Market, "1000.001");
    assert_eq!(bench.place(0, too_much).unwrap_err(), Reject::balance());
    // A seller at a lower price: the buyer pays his own price, as he was first.
    bench.limit(1, Side::Sell, "4", "90");
    assert_eq!(bench.balance(0, "B"), ("99000.10000000".to_owned(), "599.94000000".to_owned()));
    // A buyer at a higher price gets the difference back.
    bench.limit(1, Side::Sell, "1", "110");
    bench.limit(0, Side::Buy, "2", "120");
    assert_eq!(bench.balance(0, "B"), ("98770.10000000".to_owned(), "719.94000000".to_owned()));
    let now = bench.now();
    let request = CancelRequest { order_id: Some(placed.order.id), ..CancelRequest::default() };
    bench.engine.cancel(now, bench.accounts[0], bench.symbol, &request).unwrap();
    assert_eq!(
        bench.engine.cancel(now, bench.accounts[0], bench.symbol, &request).unwrap_err(),
        Reject::unknown_order_sent()
    );
    assert_eq!(
        bench.engine.cancel(now, bench.accounts[1], bench.symbol, &request).unwrap_err(),
        Reject::unknown_order_sent()
    );
    assert_eq!(bench.balance(0, "B"), ("99370.04000000".to_owned(), "120.00000000".to_owned()));
    bench.check_invariants();
}

#[test]
fn filters_have_their_documented_messages() {
    let mut bench = Bench::new(1, "0");
    let mut refused = |quantity: &str, price: &str| {
        let order = NewOrder::limit(SymbolId(0), Side::Buy, fixed(quantity), fixed(price));
        let reject = bench.place(0, order).unwrap_err();
        assert_eq!(reject.code, -1013);
        reject.message.into_owned()
    };
    assert_eq!(refused("1", "100.001"), "Filter failure: PRICE_FILTER");
    assert_eq!(refused("1", "1000000.01"), "Filter failure: PRICE_FILTER");
    assert_eq!(refused("1", "0"), "Filter failure: PRICE_FILTER");
    assert_eq!(refused("0.0015", "100"), "Filter failure: LOT_SIZE");
    assert_eq!(refused("0", "100"), "Filter failure: LOT_SIZE");
    assert_eq!(refused("9000000.001", "100"), "Filter failure: LOT_SIZE");
    assert_eq!(refused("0.009", "100"), "Filter failure: NOTIONAL");
    let order = bench.order(Side::Buy, OrderType::Market, "1000000.001");
    assert_eq!(bench.place(0, order).unwrap_err(), Reject::filter("MARKET_LOT_SIZE"));
    let order = bench.order(Side::Buy, OrderType::Market, "0.009");
    assert_eq!(bench.place(0, order).unwrap_err(), Reject::filter("NOTIONAL"));
    for _ in 0..200 {
        bench.limit(0, Side::Buy, "0.1", "10");
    }
    let order = NewOrder::limit(bench.symbol, Side::Buy, fixed("0.1"), fixed("10"));
    assert_eq!(bench.place(0, order).unwrap_err(), Reject::filter("MAX_NUM_ORDERS"));
}

#[test]
fn combinations_and_duplicates_are_refused() {
    let mut bench = Bench::new(1, "0");
    let mut refused = |order: NewOrder| {
        let reject = bench.place(0, order).unwrap_err();
        (reject.code, reject.message.into_owned())
    };
    let limit = NewOrder::limit(SymbolId(0), Side::Buy, fixed("1"), fixed("100"));
    assert_eq!(
        refused(NewOrder { time_in_force: None, ..limit.clone() }).1,
        "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed."
    );
    assert_eq!(refused(NewOrder { price: None, ..limit.clone() }).0, -1102);
    assert_eq!(
        refused(NewOrder { stop_price: Some(fixed("1")), ..limit.clone() }),
        (-1106, "Parameter 'stopPrice' sent when not required.".to_owned())
    );
    assert_eq!(refused(NewOrder { kind: OrderType::Market, ..limit.clone() }).0, -1106);
    let named = NewOrder { client_id: Some("mine".into()), ..limit };
    bench.place(0, named.clone()).unwrap();
    assert_eq!(bench.place(0, named.clone()).unwrap_err(), Reject::order("Duplicate order sent."));
    let now = bench.now();
    let request = CancelRequest { client_id: Some("mine".into()), ..CancelRequest::default() };
    bench.engine.cancel(now, bench.accounts[0], bench.symbol, &request).unwrap();
    bench.place(0, named).unwrap();
    bench.engine.set_status(bench.symbol, SymbolStatus::Halt);
    let order = bench.order(Side::Buy, OrderType::Market, "1");
    assert_eq!(bench.place(0, order).unwrap_err(), Reject::closed());
}

#[test]
fn limit_makers_never_take() {
    let mut bench = Bench::new(2, "0");
    bench.limit(0, Side::Sell, "1", "100");
    let maker =
        |price| NewOrder { price: Some(fixed(price)), ..bench_order(Side::Buy, OrderType::LimitMaker, "1") };
    let reject = bench.place(1, maker("100")).unwrap_err();
    assert_eq!(reject, Reject::order("Order would immediately match and take."));
    let placed = bench.place(1, maker("99.99")).unwrap();
    assert_eq!(placed.order.status, OrderStatus::New);
    assert!(placed.order.priority.is_some());
}

fn bench_order(side: Side, kind: OrderType, quantity: &str) -> NewOrder {
    NewOrder { quantity: Some(fixed(quantity)), ..NewOrder::new(SymbolId(0), side, kind) }
}

/// Lets the last price be `price`.
fn trade_at(bench: &mut Bench, price: &str) {
    bench.limit(0, Side::Sell, "0.1", price);
    bench.limit(1, Side::Buy, "0.1", price);
}

#[test]
fn stops_wait_and_act() {
    let mut bench = Bench::new(3, "0");
    trade_at(&mut bench, "100");
    let stop =
        |side, kind, stop: &str| NewOrder { stop_price: Some(fixed(stop)), ..bench_order(side, kind, "1") };
    for order in [
        stop(Side::Buy, OrderType::StopLoss, "99"),
        stop(Side::Sell, OrderType::StopLoss, "101"),
        stop(Side::Buy, OrderType::TakeProfit, "101"),
        stop(Side::Sell, OrderType::TakeProfit, "99"),
    ] {
        assert_eq!(bench.place(2, order).unwrap_err(), Reject::order("Order would trigger immediately."));
    }
    let limit = NewOrder {
        price: Some(fixed("94")),
        time_in_force: Some(TimeInForce::Gtc),
        ..stop(Side::Sell, OrderType::StopLossLimit, "95")
    };
    let limited = bench.place(2, limit).unwrap().order;
    let market = bench.place(2, stop(Side::Sell, OrderType::StopLoss, "96")).unwrap().order;
    let rising = bench.place(2, stop(Side::Sell, OrderType::TakeProfit, "110")).unwrap().order;
    assert!(limited.is_waiting() && limited.working.is_none());
    assert_eq!(bench.balance(2, "A").1, "3.00000000");
    bench.limit(1, Side::Buy, "1", "90");
    // The price falls to 96: the first stop sells into 90, which wakes the second.
    trade_at(&mut bench, "96");
    assert_eq!(bench.state(market.id).status, OrderStatus::Filled);
    assert_eq!(bench.state(market.id).executed_quote, fixed("90"));
    let limited = bench.state(limited.id);
    assert_eq!((limited.status, limited.priority.is_some()), (OrderStatus::New, true));
    assert!(bench.state(rising.id).is_waiting());
    bench.check_invariants();
    trade_at(&mut bench, "93");
    bench.check_invariants();
}

#[test]
fn a_stop_that_cannot_be_paid_expires() {
    let mut bench = Bench::new(3, "0");
    trade_at(&mut bench, "100");
    let order =
        NewOrder { stop_price: Some(fixed("110")), ..bench_order(Side::Buy, OrderType::StopLoss, "900") };
    let placed = bench.place(2, order).unwrap();
    bench.limit(0, Side::Sell, "0.1", "110");
    bench.limit(0, Side::Sell, "990", "900");
    bench.limit(1, Side::Buy, "0.1", "110");
    let order = bench.state(placed.order.id);
    assert_eq!((order.status, order.expiry), (OrderStatus::Expired, Some(ExpiryReason::Rejected)));
    bench.check_invariants();
}

#[test]
fn self_trades_are_prevented() {
    for (mode, maker_left, taker_status) in [
        (SelfTradePrevention::ExpireTaker, true, OrderStatus::ExpiredInMatch),
        (SelfTradePrevention::ExpireMaker, false, OrderStatus::New),
        (SelfTradePrevention::ExpireBoth, false, OrderStatus::ExpiredInMatch),
        (SelfTradePrevention::None, false, OrderStatus::Filled),
    ] {
        let mut bench = Bench::new(1, "0");
        let maker = bench.limit(0, Side::Sell, "1", "100").order.id;
        let order = NewOrder {
            prevention: Some(mode),
            ..NewOrder::limit(bench.symbol, Side::Buy, fixed("1"), fixed("100"))
        };
        let placed = bench.place(0, order).unwrap();
        assert_eq!(placed.order.status, taker_status, "{mode:?}");
        assert_eq!(bench.state(maker).status.is_open(), maker_left, "{mode:?}");
        assert_eq!(placed.fills.len(), usize::from(mode == SelfTradePrevention::None));
        bench.check_invariants();
    }
}

#[test]
fn cancel_replace_in_both_modes() {
    let mut bench = Bench::new(2, "0");
    bench.limit(1, Side::Sell, "1", "101");
    let first = bench.limit(0, Side::Buy, "1", "90").order.id;
    let (account, symbol) = (bench.accounts[0], bench.symbol);
    let new = NewOrder::limit(symbol, Side::Buy, fixed("1"), fixed("91"));
    let maker = NewOrder { price: Some(fixed("102")), ..bench_order(Side::Buy, OrderType::LimitMaker, "1") };
    let by = |id| CancelRequest { order_id: Some(id), ..CancelRequest::default() };
    let mut run = |id, mode, new: &NewOrder| {
        let outcome = bench.engine.cancel_replace(at(99), account, &by(id), mode, new.clone()).unwrap();
        let word = |success, failure| {
            if success {
                "yes"
            } else if failure {
                "no"
            } else {
                "not tried"
            }
        };
        (
            word(matches!(outcome.cancel, Half::Success(_)), matches!(outcome.cancel, Half::Failure(_))),
            word(matches!(outcome.order, Half::Success(_)), matches!(outcome.order, Half::Failure(_))),
        )
    };
    assert_eq!(run(first, CancelReplaceMode::StopOnFailure, &new), ("yes", "yes"));
    assert_eq!(run(first, CancelReplaceMode::StopOnFailure, &new), ("no", "not tried"));
    assert_eq!(run(first, CancelReplaceMode::AllowFailure, &new), ("no", "yes"));
    assert_eq!(run(first, CancelReplaceMode::AllowFailure, &maker), ("no", "no"));
    assert_eq!(run(first + 1, CancelReplaceMode::StopOnFailure, &maker), ("yes", "no"));
    // A filter failure comes before anything is cancelled.
    let open = bench.engine.account(account).orders_on(symbol).unwrap().open.len();
    let bad = NewOrder { price: Some(fixed("91.001")), ..new };
    let reject = bench
        .engine
        .cancel_replace(at(99), account, &by(first + 2), CancelReplaceMode::StopOnFailure, bad)
        .unwrap_err();
    assert_eq!(reject.code, -1013);
    assert_eq!(bench.engine.account(account).orders_on(symbol).unwrap().open.len(), open);
    bench.check_invariants();
}
