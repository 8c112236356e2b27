//! Random commands: nothing is lost, and a plain matcher agrees.

use super::super::*;
use super::Bench;
use super::lists::oco;
use proptest::prelude::*;

/// A random command.
#[derive(Debug, Clone)]
enum Command {
    Place { account: usize, buy: bool, kind: u8, quantity: u32, price: u32, stop: u32, stp: u8 },
    Oco { account: usize, buy: bool, quantity: u32, above: u32, below: u32, kinds: u8 },
    Cancel { account: usize, back: u64 },
    CancelAll { account: usize },
    Replace { account: usize, back: u64, buy: bool, quantity: u32, price: u32, allow: bool },
}

fn command() -> impl Strategy<Value = Command> {
    let account = 0..4_usize;
    prop_oneof![
        8 => (account.clone(), any::<bool>(), 0..10_u8, 1..400_u32, 9_900..10_100_u32, 9_850..10_150_u32, 0..6_u8)
            .prop_map(|(account, buy, kind, quantity, price, stop, stp)| Command::Place {
                account, buy, kind, quantity, price, stop, stp
            }),
        1 => (account.clone(), any::<bool>(), 1..400_u32, 10_000..10_200_u32, 9_800..10_000_u32, 0..4_u8)
            .prop_map(|(account, buy, quantity, above, below, kinds)| Command::Oco {
                account, buy, quantity, above, below, kinds
            }),
        2 => (account.clone(), 0..60_u64).prop_map(|(account, back)| Command::Cancel { account, back }),
        1 => (account.clone(), 0..60_u64, any::<bool>(), 1..400_u32, 9_900..10_100_u32, any::<bool>()).prop_map(
            |(account, back, buy, quantity, price, allow)| Command::Replace {
                account, back, buy, quantity, price, allow
            }
        ),
        1 => account.prop_map(|account| Command::CancelAll { account }),
    ]
}

fn cents(value: u32) -> Fixed {
    Fixed::from_units(i128::from(value) * 1_000_000)
}

fn thousandths(value: u32) -> Fixed {
    Fixed::from_units(i128::from(value) * 100_000)
}

const fn side_of(buy: bool) -> Side {
    if buy { Side::Buy } else { Side::Sell }
}

fn run(bench: &mut Bench, command: &Command) {
    let now = bench.now();
    let symbol = bench.symbol;
    let last_id = bench.engine.instrument(symbol).last_order_id;
    match *command {
        Command::Place { account, buy, kind, quantity, price, stop, stp } => {
            let side = side_of(buy);
            let mut order = NewOrder::limit(symbol, side, thousandths(quantity * 10), cents(price));
            order.prevention = match stp {
                0 => Some(SelfTradePrevention::ExpireMaker),
                1 => Some(SelfTradePrevention::ExpireTaker),
                2 => Some(SelfTradePrevention::ExpireBoth),
                _ => None,
            };
            match kind {
                0..=3 => {}
                4 => order.time_in_force = Some(TimeInForce::Ioc),
                5 => order.time_in_force = Some(TimeInForce::Fok),
                6 => {
                    order = NewOrder {
                        quantity: order.quantity.filter(|_| stp > 2),
                        quote_quantity: (stp <= 2).then(|| cents(price * 3)),
                        ..NewOrder::new(symbol, side, OrderType::Market)
                    };
                }
                7 => {
                    order.kind = OrderType::LimitMaker;
                    order.time_in_force = None;
                }
                8 => {
                    order.kind = if stp > 2 { OrderType::StopLossLimit } else { OrderType::TakeProfitLimit };
                    order.stop_price = Some(cents(stop));
                }
                _ => {
                    order.kind = if stp > 2 { OrderType::StopLoss } else { OrderType::TakeProfit };
                    order.stop_price = Some(cents(stop));
                    order.price = None;
                    order.time_in_force = None;
                }
            }
            let _ = bench.engine.place(now, bench.accounts[account], order);
        }
        Command::Oco { account, buy, quantity, above, below, kinds } => {
            let gain = match kinds {
                0 | 1 => OrderType::LimitMaker,
                2 => OrderType::TakeProfit,
                _ => OrderType::TakeProfitLimit,
            };
            let stop = if kinds % 2 == 0 { OrderType::StopLoss } else { OrderType::StopLossLimit };
            let (above, below) = (cents(above).to_string(), cents(below).to_string());
            let quantity = thousandths(quantity * 10).to_string();
            let (above, below) =
                if buy { ((stop, &*above), (gain, &*below)) } else { ((gain, &*above), (stop, &*below)) };
            let pair = oco(side_of(buy), above, below, &quantity);
            let _ = bench.engine.place_list(now, bench.accounts[account], pair);
        }
        Command::Cancel { account, back } => {
            let request =
                CancelRequest { order_id: Some(last_id.saturating_sub(back)), ..CancelRequest::default() };
            let _ = bench.engine.cancel(now, bench.accounts[account], symbol, &request);
        }
        Command::CancelAll { account } => {
            let _ = bench.engine.cancel_all(now, bench.accounts[account], symbol);
        }
        Command::Replace { account, back, buy, quantity, price, allow } => {
            let request =
                CancelRequest { order_id: Some(last_id.saturating_sub(back)), ..CancelRequest::default() };
            let mode = if allow { CancelReplaceMode::AllowFailure } else { CancelReplaceMode::StopOnFailure };
            let new = NewOrder::limit(symbol, side_of(buy), thousandths(quantity * 10), cents(price));
            let _ = bench.engine.cancel_replace(now, bench.accounts[account], &request, mode, new);
        }
    }
}

/// The events seen from outside must rebuild the book, the order states and the balances.
fn check_events(bench: &Bench, events: &[Event]) {
    let instrument = bench.engine.instrument(bench.symbol);
    let mut levels: BTreeMap<(Side, Fixed), Fixed> = BTreeMap::new();
    let mut update = 0;
    let mut trade_id = 0;
    let mut statuses: BTreeMap<u64, OrderStatus> = BTreeMap::new();
    let mut balances: BTreeMap<(AccountId, AssetId), Balance> = BTreeMap::new();
    let mut best = (None, None);
    let mut execution = 0;
    for event in events {
        match event {
            Event::Level { side, price, quantity, update_id, .. } => {
                assert_eq!(*update_id, update + 1, "update ids are consecutive");
                update = *update_id;
                if quantity.is_zero() {
                    levels.remove(&(*side, *price));
                } else {
                    levels.insert((*side, *price), *quantity);
                }
            }
            Event::Trade { trade, .. } => {
                assert_eq!(trade.id, trade_id + 1, "trade ids are consecutive");
                trade_id = trade.id;
            }
            Event::Best { bid, ask, update_id, .. } => {
                assert_eq!(*update_id, update);
                best = (*bid, *ask);
            }
            Event::Report(report) => {
                assert!(report.execution_id > execution);
                execution = report.execution_id;
                if let Some(earlier) = statuses.insert(report.order.id, report.order.status) {
                    assert!(earlier.is_open(), "nothing follows the end of an order: {report:?}");
                }
            }
            Event::Position { account, balances: changed, .. } => {
                balances.extend(changed.iter().map(|(asset, balance)| ((*account, *asset), *balance)));
            }
            _ => {}
        }
    }
    for side in [Side::Buy, Side::Sell] {
        let seen: BTreeMap<Fixed, Fixed> = levels
            .iter()
            .filter(|((of, _), _)| *of == side)
            .map(|((_, price), quantity)| (*price, *quantity))
            .collect();
        assert_eq!(seen, instrument.levels(side).collect::<BTreeMap<_, _>>());
    }
    assert_eq!(best, (instrument.best(Side::Buy), instrument.best(Side::Sell)));
    for (id, status) in statuses {
        assert_eq!(instrument.order(id).unwrap().status, status);
    }
    for ((account, asset), balance) in balances {
        assert_eq!(bench.engine.ledger().account(account).balance(asset), balance);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_whatever_comes(commands in prop::collection::vec(command(), 1..250)) {
        let mut bench = Bench::new(4, "0.00075");
        let mut events = Vec::new();
        for command in commands {
            run(&mut bench, &command);
            events.append(&mut bench.engine.events);
        }
        bench.check_invariants();
        check_events(&bench, &events);
    }

    #[test]
    fn agrees_with_a_plain_matcher(
        commands in prop::collection::vec(
            (0..4_usize, any::<bool>(), 0..6_u8, 1..300_u32, 9_950..10_050_u32, 0..30_u64), 1..250
        )
    ) {
        let mut bench = Bench::new(4, "0");
        let mut plain = Plain::default();
        for (account, buy, kind, quantity, price, back) in commands {
            let quantity = thousandths(quantity * 10);
            let mut order = NewOrder::limit(bench.symbol, side_of(buy), quantity, cents(price));
            let mut limit = Some(cents(price));
            match kind {
                0..=2 => {}
                3 => order.time_in_force = Some(TimeInForce::Ioc),
                4 => {
                    limit = None;
                    order = bench.order(side_of(buy), OrderType::Market, &quantity.to_string());
                }
                _ => {
                    let id = bench.engine.instrument(bench.symbol).last_order_id.saturating_sub(back);
                    let owner = bench.engine.instrument(bench.symbol).order(id).map(|order| order.account);
                    if let Some(owner) = owner {
                        let request = CancelRequest { order_id: Some(id), ..CancelRequest::default() };
                        let now = bench.now();
                        let done = bench.engine.cancel(now, owner, bench.symbol, &request).is_ok();
                        prop_assert_eq!(done, plain.cancel(id));
                    }
                    continue;
                }
            }
            let rests = kind <= 2;
            let Ok(placed) = bench.place(account, order) else { continue };
            let expected = plain.place(placed.order.id, buy, quantity, limit, rests);
            let fills: Vec<(Fixed, Fixed)> =
                placed.fills.iter().map(|fill| (fill.price, fill.quantity)).collect();
            prop_assert_eq!(fills, expected);
        }
        for order in &plain.resting {
            let ours = bench.state(order.id);
            prop_assert_eq!((ours.remaining(), ours.status.is_open()), (order.left, true));
        }
        bench.check_invariants();
    }
}

/// A matcher of the plainest kind: one list, searched from end to end for each fill.
#[derive(Default)]
struct Plain {
    resting: Vec<PlainOrder>,
}

struct PlainOrder {
    id: u64,
    buy: bool,
    price: Fixed,
    left: Fixed,
}

impl Plain {
    fn cancel(&mut self, id: u64) -> bool {
        let before = self.resting.len();
        self.resting.retain(|order| order.id != id);
        self.resting.len() < before
    }

    fn place(
        &mut self,
        id: u64,
        buy: bool,
        quantity: Fixed,
        limit: Option<Fixed>,
        rests: bool,
    ) -> Vec<(Fixed, Fixed)> {
        let mut left = quantity;
        let mut fills = Vec::new();
        while left.is_positive() {
            let mut best: Option<usize> = None;
            for (index, order) in self.resting.iter().enumerate() {
                let fits =
                    limit.is_none_or(|limit| if buy { order.price <= limit } else { order.price >= limit });
                if order.buy == buy || !fits {
                    continue;
                }
                let better = best.is_none_or(|best| {
                    let best = self.resting[best].price;
                    if buy { order.price < best } else { order.price > best }
                });
                if better {
                    best = Some(index);
                }
            }
            let Some(index) = best else { break };
            let maker = &mut self.resting[index];
            let traded = left.min(maker.left);
            fills.push((maker.price, traded));
            left -= traded;
            maker.left -= traded;
            if maker.left.is_zero() {
                self.resting.remove(index);
            }
        }
        if let Some(price) = limit
            && rests
            && left.is_positive()
        {
            self.resting.push(PlainOrder { id, buy, price, left });
        }
        fills
    }
}
