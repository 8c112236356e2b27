//! Everything at once: random commands from accounts that use every kind of order, with commissions in three assets,
//! groups of accounts, a price range that moves, and lists. Whatever comes, the invariants hold.

use super::*;
use crate::random::Random;

const COMMANDS: u64 = 12_000;

struct Storm {
    bench: Bench,
    random: Random,
    /// The book as the events describe it.
    levels: BTreeMap<(Side, Fixed), Fixed>,
    executions: u64,
    statuses: BTreeMap<u64, OrderStatus>,
}

impl Storm {
    fn new(seed: u64) -> Self {
        let percent = |percent| Some(Decimal::new(percent, 2));
        let mut bench = Bench::with(4, "0", |config| {
            config
                .percent_price_by_side(
                    [Decimal::new(15, 1), Decimal::new(5, 1)],
                    [Decimal::new(15, 1), Decimal::new(5, 1)],
                    5,
                )
                .price_range([percent(104), percent(96)], [percent(104), percent(96)])
                .reference_price_from_trades(1000, 3)
                .trailing_delta([1, 2000], [1, 2000])
                .icebergs(20, Some(6))
                .max_orders(60, 20)
        });
        let config = SymbolConfig::new("CB", "C", "B", Decimal::new(50, 0));
        bench.engine.add_symbol(&config).unwrap();
        bench.engine.set_discount(Discount { asset: Asset::new("C"), rate: fixed("0.75") });
        let rates = |discount| Rates {
            standard: RateSet {
                maker: fixed("0.00075"),
                taker: fixed("0.00123457"),
                buyer: fixed("0.00000003"),
                seller: Fixed::ZERO,
            },
            special: RateSet { taker: fixed("0.00001"), ..RateSet::default() },
            tax: RateSet { seller: fixed("0.0005"), ..RateSet::default() },
            discount,
        };
        for (index, account) in bench.accounts.clone().into_iter().enumerate() {
            bench.engine.set_rates(account, rates(index % 2 == 0));
            bench.engine.set_trade_group(account, (index < 2).then_some(9));
            bench.engine.deposit(at(0), account, &Asset::new("C"), fixed("0.5"));
        }
        bench.engine.events.clear();
        let random = Random::new(seed);
        Self { bench, random, levels: BTreeMap::new(), executions: 0, statuses: BTreeMap::new() }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.random.below(bound)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let index = self.below(u64::try_from(from.len()).unwrap());
        from[usize::try_from(index).unwrap()]
    }

    fn price(&mut self) -> Fixed {
        let last = self.bench.engine.instrument(self.bench.symbol).last_price();
        let ticks = i128::from(self.below(400)) - 200;
        (last + Fixed::from_units(ticks * 1_000_000)).max(fixed("1"))
    }

    fn quantity(&mut self) -> Fixed {
        Fixed::from_units((1 + i128::from(self.below(3000))) * 100_000)
    }

    fn order(&mut self) -> NewOrder {
        let side = self.pick(&[Side::Buy, Side::Sell]);
        let kind = self.pick(&[
            OrderType::Limit,
            OrderType::Limit,
            OrderType::Limit,
            OrderType::LimitMaker,
            OrderType::Market,
            OrderType::StopLoss,
            OrderType::StopLossLimit,
            OrderType::TakeProfit,
            OrderType::TakeProfitLimit,
        ]);
        let mut order = NewOrder::new(self.bench.symbol, side, kind);
        order.quantity = Some(self.quantity());
        if kind == OrderType::Market && self.below(2) == 0 {
            order.quantity = None;
            order.quote_quantity = Some(self.quantity().times(self.price()));
        }
        if kind.has_price() {
            order.price = Some(self.price());
            if kind != OrderType::LimitMaker {
                order.time_in_force = Some(self.pick(&[
                    TimeInForce::Gtc,
                    TimeInForce::Gtc,
                    TimeInForce::Gtc,
                    TimeInForce::Ioc,
                    TimeInForce::Fok,
                ]));
            }
            if self.below(4) == 0 {
                order.iceberg = order
                    .quantity
                    .map(|quantity| Fixed::from_units(quantity.units() / 400_000 * 100_000 + 100_000));
            }
            if self.below(6) == 0 {
                let price_type = self.pick(&[PegPriceType::Primary, PegPriceType::Market]);
                let offset =
                    if self.below(2) == 0 { Some(1 + u32::try_from(self.below(3)).unwrap()) } else { None };
                order.peg = Some(Peg { price_type, offset });
                if self.below(2) == 0 {
                    order.price = None;
                }
            }
        }
        if kind.is_contingent() {
            order.stop_price = Some(self.price());
            if self.below(3) == 0 {
                order.trailing_delta = Some(1 + u32::try_from(self.below(60)).unwrap());
                if self.below(2) == 0 {
                    order.stop_price = None;
                }
            }
        }
        order.prevention = Some(self.pick(&SelfTradePrevention::ALL));
        order
    }

    fn list(&mut self) -> NewList {
        let leg = |order: NewOrder, kind: OrderType, price: Option<Fixed>, stop: Option<Fixed>| NewOrder {
            kind,
            price,
            stop_price: stop,
            time_in_force: None,
            iceberg: None,
            peg: None,
            quote_quantity: None,
            ..order
        };
        let base = NewOrder { quantity: Some(self.quantity()), trailing_delta: None, ..self.order() };
        let last = self.bench.engine.instrument(self.bench.symbol).last_price();
        let away = Fixed::from_units(i128::from(1 + self.below(100)) * 1_000_000);
        let (limit, stop) = match base.side {
            Side::Buy => (last - away, last + away),
            Side::Sell => (last + away, last - away),
        };
        let gain = leg(base.clone(), OrderType::LimitMaker, Some(limit), None);
        let loss = leg(base.clone(), OrderType::StopLoss, None, Some(stop));
        let (above, below) = if base.side == Side::Buy { (loss, gain) } else { (gain, loss) };
        let working = NewOrder {
            side: base.side.opposite(),
            kind: OrderType::Limit,
            time_in_force: Some(TimeInForce::Gtc),
            price: Some(self.price()),
            ..below.clone()
        };
        let working = NewOrder { stop_price: None, ..working };
        let orders = match self.below(3) {
            0 => NewListOrders::Pair { above, below },
            1 => NewListOrders::Trigger { working, pending: above, pays: false },
            _ => NewListOrders::TriggerPair { working, above, below, pays: false },
        };
        NewList { client_id: None, orders }
    }

    fn step(&mut self) {
        let account = self.pick(&self.bench.accounts.clone());
        let symbol = self.bench.symbol;
        self.bench.clock += i64::try_from(self.below(40)).unwrap();
        let now = self.bench.now();
        let last_id = self.bench.engine.instrument(symbol).last_order_id;
        match self.below(20) {
            0..=12 => {
                let order = self.order();
                let _ = self.bench.engine.place(now, account, order);
            }
            13 | 14 => {
                let list = self.list();
                let _ = self.bench.engine.place_list(now, account, list);
            }
            15..=17 => {
                let id = last_id.saturating_sub(self.below(80));
                let owner = self.bench.engine.instrument(symbol).order(id).map(|order| order.account);
                let request = CancelRequest { order_id: Some(id), ..CancelRequest::default() };
                let _ = self.bench.engine.cancel(now, owner.unwrap_or(account), symbol, &request);
            }
            18 => {
                let id = last_id.saturating_sub(self.below(80));
                let Some(order) = self.bench.engine.instrument(symbol).order(id).cloned() else { return };
                let less = Fixed::from_units(order.quantity.units() / 300_000 * 100_000 + 100_000);
                let request = AmendRequest {
                    order_id: Some(id),
                    client_id: None,
                    new_client_id: None,
                    new_quantity: less,
                };
                let _ = self.bench.engine.amend(now, order.account, symbol, &request);
            }
            _ => {
                if self.below(8) == 0 {
                    let _ = self.bench.engine.cancel_all(now, account, symbol);
                }
            }
        }
        self.listen();
    }

    /// Follows the events.
    fn listen(&mut self) {
        for event in std::mem::take(&mut self.bench.engine.events) {
            match event {
                Event::Level { side, price, quantity, .. } => {
                    assert!(quantity >= Fixed::ZERO);
                    if quantity.is_zero() {
                        self.levels.remove(&(side, price));
                    } else {
                        self.levels.insert((side, price), quantity);
                    }
                }
                Event::Report(report) => {
                    assert!(report.execution_id > self.executions);
                    self.executions = report.execution_id;
                    let order = &report.order;
                    assert!(order.remaining() >= Fixed::ZERO && order.locked >= Fixed::ZERO, "{report:?}");
                    if let Some(earlier) = self.statuses.insert(order.id, order.status) {
                        assert!(earlier.is_open(), "nothing follows the end of an order: {report:?}");
                    }
                }
                _ => {}
            }
        }
    }

    fn check(&self) {
        self.bench.check_invariants();
        let instrument = self.bench.engine.instrument(self.bench.symbol);
        for side in [Side::Buy, Side::Sell] {
            let seen: BTreeMap<Fixed, Fixed> = self
                .levels
                .iter()
                .filter(|((of, _), _)| *of == side)
                .map(|((_, price), quantity)| (*price, *quantity))
                .collect();
            assert_eq!(seen, instrument.levels(side).collect::<BTreeMap<_, _>>());
        }
        for (id, status) in &self.statuses {
            assert_eq!(instrument.order(*id).unwrap().status, *status);
        }
        let engine = &self.bench.engine;
        assert_eq!(engine.clearing.total(engine.assets.id("C").unwrap()), fixed("2"));
    }
}

#[test]
fn whatever_comes_nothing_is_lost() {
    let seed = std::env::var("BINANCE_KIT_STORM_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(4);
    println!("seed {seed}; another one with BINANCE_KIT_STORM_SEED");
    let mut storm = Storm::new(seed);
    for command in 0..COMMANDS {
        storm.step();
        if command % 100 == 0 {
            storm.check();
        }
    }
    storm.check();
    // The storm was one: every feature was used.
    let instrument = storm.bench.engine.instrument(storm.bench.symbol);
    let count =
        |what: &dyn Fn(&Order) -> bool| instrument.orders.values().filter(|order| what(order)).count();
    for (name, found) in [
        ("trades", instrument.trades.len()),
        ("prevented matches", instrument.prevented.len()),
        ("icebergs that traded", count(&|o| o.is_iceberg() && o.executed.is_positive())),
        ("pegged orders", count(&|o| o.pegged_price.is_some())),
        ("pegged orders that waited", count(&|o| o.pegged_price.is_some() && o.kind.is_contingent())),
        ("trailing orders that acted", count(&|o| o.trailing.is_some() && o.working.is_some())),
        ("decremented orders", count(&|o| o.prevented.is_positive() && o.executed.is_positive())),
        ("orders beyond the range", count(&|o| o.expiry == Some(ExpiryReason::PriceRangeExceeded))),
        (
            "filled fill-or-kill orders",
            count(&|o| o.time_in_force == TimeInForce::Fok && o.status == OrderStatus::Filled),
        ),
    ] {
        assert!(found > 5, "{name}: {found}");
    }
}

#[test]
fn a_saved_engine_goes_on_as_if_nothing_had_happened() {
    let mut storm = Storm::new(11);
    for _ in 0..3000 {
        storm.step();
    }
    let saved = serde_json::to_string(&storm.bench.engine).unwrap();
    let bench = Bench {
        engine: serde_json::from_str(&saved).unwrap(),
        symbol: storm.bench.symbol,
        accounts: storm.bench.accounts.clone(),
        clock: storm.bench.clock,
    };
    let mut other = Storm {
        bench,
        random: storm.random.clone(),
        levels: storm.levels.clone(),
        executions: storm.executions,
        statuses: storm.statuses.clone(),
    };
    for _ in 0..1500 {
        storm.step();
        other.step();
    }
    other.check();
    assert_eq!((&storm.levels, &storm.statuses), (&other.levels, &other.statuses));
    let value = |storm: &Storm| serde_json::to_value(&storm.bench.engine).unwrap();
    assert!(value(&storm) == value(&other), "the engines differ");
}
