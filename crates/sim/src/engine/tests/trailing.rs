//! Trailing stops follow the price, and act when it turns. The scenarios are those of the exchange's own explanation.

use super::*;

/// The order that the scenarios are about, with prices around 40,000.
fn bench() -> Bench {
    let mut bench = Bench::with(3, "0", |config| config.trailing_delta([10, 2000], [10, 2000]));
    bench.engine.deposit(at(0), bench.accounts[0], &Asset::new("B"), fixed("100000000"));
    bench.engine.deposit(at(0), bench.accounts[1], &Asset::new("B"), fixed("100000000"));
    bench.engine.deposit(at(0), bench.accounts[2], &Asset::new("B"), fixed("100000000"));
    bench
}

fn trailing(side: Side, kind: OrderType, stop: Option<&str>, delta: u32, price: &str) -> NewOrder {
    NewOrder {
        stop_price: stop.map(fixed),
        trailing_delta: Some(delta),
        price: Some(fixed(price)),
        time_in_force: Some(TimeInForce::Gtc),
        ..bench_order(side, kind, "1")
    }
}

/// Moves the price; returns the price at which the order began to work.
fn move_price(bench: &mut Bench, id: u64, prices: &[&str]) -> Option<String> {
    for price in prices {
        trade_at(bench, price);
        bench.check_locks();
        if !bench.state(id).is_waiting() {
            return Some((*price).to_owned());
        }
    }
    None
}

impl Bench {
    /// Locked balances are what the orders hold.
    fn check_locks(&self) {
        let instrument = self.engine.instrument(self.symbol);
        for account in &self.accounts {
            for (side, asset) in [(Side::Buy, instrument.rules.quote), (Side::Sell, instrument.rules.base)] {
                let orders = instrument.orders.values();
                let held: Fixed = orders
                    .filter(|order| order.account == *account && order.side == side)
                    .map(|order| order.locked)
                    .sum();
                assert_eq!(self.engine.clearing.balances(*account).get(asset).locked, held);
            }
        }
    }
}

#[test]
fn the_documented_scenarios() {
    for (side, kind, stop, delta, price, waits, acts) in [
        (
            Side::Buy,
            OrderType::StopLossLimit,
            Some("44000"),
            500,
            "45000",
            &["37000", "44000", "45000", "46000", "42000", "44099.99"][..],
            "44100",
        ),
        (
            Side::Sell,
            OrderType::StopLossLimit,
            Some("39000"),
            1000,
            "38000",
            &["41500", "39000", "37000", "41000", "36900.01"][..],
            "36900",
        ),
        (
            Side::Buy,
            OrderType::TakeProfitLimit,
            Some("38000"),
            850,
            "38500",
            &["42000", "38000", "37000", "39000", "38000", "40144.99"][..],
            "40145",
        ),
        (
            Side::Sell,
            OrderType::TakeProfitLimit,
            Some("42000"),
            750,
            "41000",
            &["41500", "39000", "42000", "45000", "44000", "46500", "43012.51"][..],
            "43012.50",
        ),
        (
            Side::Sell,
            OrderType::StopLossLimit,
            None,
            700,
            "39000",
            &["42000", "39500", "45500", "42315.01"][..],
            "42315",
        ),
    ] {
        let mut bench = bench();
        trade_at(&mut bench, "40000");
        let id = bench.place(2, trailing(side, kind, stop, delta, price)).unwrap().order.id;
        assert_eq!(bench.state(id).trailing.unwrap().since.is_some(), stop.is_none());
        assert_eq!(move_price(&mut bench, id, waits), None, "{side:?} {kind:?} {stop:?}");
        assert!(bench.state(id).trailing.unwrap().since.is_some());
        assert_eq!(move_price(&mut bench, id, &[acts]).as_deref(), Some(acts), "{side:?} {kind:?} {stop:?}");
        assert_eq!(bench.state(id).working_price(), fixed(price));
    }
}

#[test]
fn one_sweep_can_move_the_price_far_enough() {
    let mut bench = bench();
    trade_at(&mut bench, "40000");
    let order = NewOrder {
        price: None,
        time_in_force: None,
        kind: OrderType::StopLoss,
        ..trailing(Side::Buy, OrderType::StopLoss, None, 100, "1")
    };
    let id = bench.place(2, order).unwrap().order.id;
    // A buyer's guess at the cost is the last price until then.
    assert_eq!(bench.balance(2, "B").1, "40000.00000000");
    bench.limit(0, Side::Sell, "0.1", "39000");
    bench.limit(0, Side::Sell, "0.1", "39390");
    bench.limit(0, Side::Sell, "0.4", "39500");
    bench.limit(1, Side::Buy, "0.2", "39500");
    // From 39,000 to 39,390 it is one percent: the rest of what is offered is bought.
    let order = bench.state(id);
    assert_eq!((order.status, order.executed), (OrderStatus::Expired, fixed("0.4")));
    assert_eq!(order.expiry, Some(ExpiryReason::InsufficientLiquidity));
    bench.check_locks();
}

#[test]
fn what_trails_can_be_cancelled_and_is_bounded() {
    let mut bench = bench();
    trade_at(&mut bench, "40000");
    let sell = |stop, delta| trailing(Side::Sell, OrderType::StopLossLimit, stop, delta, "39000");
    for delta in [9, 2001] {
        assert_eq!(bench.place(2, sell(None, delta)).unwrap_err(), Reject::filter("TRAILING_DELTA"));
    }
    let late = bench.place(2, sell(Some("40001"), 100)).unwrap_err();
    assert_eq!(late, Reject::order("Order would trigger immediately."));
    let id = bench.place(2, sell(None, 10)).unwrap().order.id;
    let now = bench.now();
    let request = CancelRequest { order_id: Some(id), ..CancelRequest::default() };
    bench.engine.cancel(now, bench.accounts[2], bench.symbol, &request).unwrap();
    trade_at(&mut bench, "30000");
    assert_eq!(bench.state(id).status, OrderStatus::Canceled);
    assert_eq!(bench.balance(2, "A").1, "0.00000000");
    // In a pair, the trailing leg that turns expires the other one.
    let limit =
        NewOrder { price: Some(fixed("50000")), ..bench_order(Side::Sell, OrderType::LimitMaker, "1") };
    let pair =
        NewList { client_id: None, orders: NewListOrders::Pair { above: limit, below: sell(None, 500) } };
    let now = bench.now();
    let (_, placed) = bench.engine.place_list(now, bench.accounts[2], pair).unwrap();
    let (stop, limit) = (placed[0].order.id, placed[1].order.id);
    trade_at(&mut bench, "40000");
    assert!(bench.state(stop).is_waiting());
    trade_at(&mut bench, "38000");
    assert!(!bench.state(stop).is_waiting());
    assert_eq!(bench.state(limit).expiry, Some(ExpiryReason::OcoTrigger));
    bench.check_locks();
}
