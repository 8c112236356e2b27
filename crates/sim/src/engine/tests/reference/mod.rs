//! A hundred thousand random commands, which a plain reference exchange carries out as well.
//!
//! Fill by fill both must agree, and so must order states, books and balances. What the engine tells in events must be
//! what it did. A failure is shrunk: the commands that are not needed for it are left out, and the rest is printed.
//!
//! `BINANCE_KIT_SIM_SEED` and `BINANCE_KIT_SIM_COMMANDS` choose other commands, and more of them.

mod command;
mod lists;
mod matcher;
mod mirror;
mod order;

use super::Bench;
use crate::engine::{AmendRequest, CancelOutcome, CancelRequest, Event, Fixed, Half, NewList, Reject};
use binance_kit_core::{Asset, Decimal};
use command::{Command, LOT, Step, TICK, Traders};
use matcher::Plain;
use mirror::{Mirror, ensure};
use order::{PlainOrder, PlainRules, UNIT, Units};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

const ACCOUNTS: usize = 6;
/// Commands per run: short enough that a failure can be shrunk by trying.
const RUN: usize = 4_000;
/// Accounts that do not trade with each other either.
const GROUP: [usize; 2] = [2, 5];
const RATE: &str = "0.00075";

fn rules() -> PlainRules {
    PlainRules {
        tick: TICK,
        lot: LOT,
        max_price: 1_000 * UNIT,
        max_quantity: 500 * UNIT,
        market_max_quantity: 20 * UNIT,
        min_notional: UNIT,
        iceberg_parts: 40,
        max_orders: 24,
        max_algo_orders: 6,
        max_order_lists: 20,
        max_amends: 10,
        maker_rate: Fixed::parse(RATE).unwrap().units(),
        taker_rate: Fixed::parse(RATE).unwrap().units(),
    }
}

/// What each account begins with: some have plenty, others soon run out.
fn funds(account: usize) -> [Units; 2] {
    let base = [1_000, 1_000, 200, 50, 5, 1_000][account];
    let quote = [100_000, 20_000, 100_000, 5_000, 500, 100_000][account];
    [base * UNIT, quote * UNIT]
}

fn bench() -> Bench {
    let plain = rules();
    let decimal = |units: Units| Decimal::from_i128_with_scale(units, 8);
    let mut bench = Bench::with(0, "0", |config| {
        config
            .tick_size(decimal(plain.tick))
            .step_size(decimal(plain.lot))
            .max_price(decimal(plain.max_price))
            .max_quantity(decimal(plain.max_quantity), decimal(plain.market_max_quantity))
            .min_notional(decimal(plain.min_notional))
            .trailing_delta([1, 2_000], [1, 2_000])
            .icebergs(u32::try_from(plain.iceberg_parts).unwrap(), None)
            .max_orders(
                u32::try_from(plain.max_orders).unwrap(),
                u32::try_from(plain.max_algo_orders).unwrap(),
            )
    });
    for account in 0..ACCOUNTS {
        let rate = Fixed::parse(RATE).unwrap();
        let id = bench.engine.add_account(&format!("account{account}"), false, rate, rate);
        let now = bench.now();
        for (asset, amount) in ["A", "B"].into_iter().zip(funds(account)) {
            bench.engine.deposit(now, id, &Asset::new(asset), Fixed::from_units(amount));
        }
        bench.accounts.push(id);
    }
    for member in GROUP {
        bench.engine.set_trade_group(bench.accounts[member], Some(7));
    }
    bench.engine.events.clear();
    bench
}

/// Both exchanges, and who listens to the first.
struct Pair {
    bench: Bench,
    plain: Plain,
    mirror: Mirror,
    /// How many orders and lists, trades and refusals there were.
    seen: Seen,
}

#[derive(Debug, Default, Clone)]
struct Seen {
    accepted: usize,
    refused: usize,
    trades: usize,
    reported: BTreeMap<&'static str, usize>,
}

/// What must have happened at least once in so many commands for the comparison to be worth something.
const NEEDED: [(&str, usize); 28] = [
    ("LIMIT", 10),
    ("MARKET", 100),
    ("LIMIT_MAKER", 50),
    ("STOP_LOSS", 200),
    ("STOP_LOSS_LIMIT", 200),
    ("TAKE_PROFIT", 200),
    ("TAKE_PROFIT_LIMIT", 200),
    ("ICEBERG", 50),
    ("TRAILING", 500),
    ("PEGGED", 100),
    ("CANCELED", 50),
    ("REPLACED", 50),
    ("EXPIRE_TAKER", 1_000),
    ("EXPIRE_MAKER", 1_000),
    ("EXPIRE_BOTH", 1_000),
    ("DECREMENT", 1_000),
    ("TRANSFER", 1_000),
    ("REJECTED", 500),
    ("OCO_TRIGGER", 200),
    ("OTO_PHASE_ONE_EXPIRED", 500),
    ("UNFILLED_IOC_QUANTITY_EXPIRED", 200),
    ("UNFILLED_FOK_ORDER_EXPIRED", 200),
    ("INSUFFICIENT_LIQUIDITY", 1_000),
    ("OCO", 200),
    ("OTO", 200),
    ("OTOCO", 200),
    ("OPO", 200),
    ("OPOCO", 200),
];

/// What both exchanges answered: ids, or a code.
type Answers = (Result<Vec<u64>, i32>, Result<Vec<u64>, i32>);

fn code<T>(result: Result<T, Reject>) -> Result<T, i32> {
    result.map_err(|reject| reject.code)
}

impl Pair {
    fn new() -> Self {
        let bench = bench();
        let mirror = Mirror::new(&bench);
        let owned = (0..ACCOUNTS).map(funds).collect();
        let plain = Plain::new(rules(), 100 * UNIT, owned, GROUP);
        Self { bench, plain, mirror, seen: Seen::default() }
    }

    /// An open order of the account, or one that is not there.
    fn pick(&self, account: usize, pick: u64) -> u64 {
        let open: Vec<u64> =
            self.plain.open.iter().filter(|order| order.account == account).map(|order| order.id).collect();
        if open.is_empty() || pick.is_multiple_of(16) {
            return pick % (self.plain.last_id + 2);
        }
        open[usize::try_from(pick / 16).unwrap() % open.len()]
    }

    /// Gives a command to both. Returns what each answered.
    fn give(&mut self, step: &Step) -> Answers {
        let now = self.bench.now();
        let (account, symbol) = (step.account, self.bench.symbol);
        let id = self.bench.accounts[account];
        let engine = &mut self.bench.engine;
        let plain = &mut self.plain;
        plain.ended.clear();
        plain.trades.clear();
        match &step.command {
            Command::Place(new) => (
                code(engine.place(now, id, new.clone())).map(|placed| vec![placed.order.id]),
                plain.place(account, new).map(|order| vec![order]),
            ),
            Command::List(orders) => (
                code(engine.place_list(now, id, NewList { client_id: None, orders: orders.clone() }))
                    .map(|(list, _)| list.orders.iter().map(|(order, _)| *order).collect()),
                plain.place_list(account, orders),
            ),
            Command::Cancel { pick, restrictions } => {
                let order = self.pick(account, *pick);
                let request = CancelRequest {
                    order_id: Some(order),
                    restrictions: *restrictions,
                    ..CancelRequest::default()
                };
                let outcome = code(self.bench.engine.cancel(now, id, symbol, &request));
                (outcome.map(|outcome| canceled(&outcome)), {
                    let expected = self.plain.cancel(account, order, *restrictions);
                    expected.map(|()| self.ended_ids())
                })
            }
            Command::CancelAll => {
                let outcome = code(engine.cancel_all(now, id, symbol));
                let outcome = outcome.map(|outcomes| sorted(outcomes.iter().flat_map(canceled).collect()));
                let expected = plain.cancel_all(account);
                (outcome, expected.map(|()| self.ended_ids()))
            }
            Command::Replace { pick, mode, new } => {
                let order = self.pick(account, *pick);
                let request = CancelRequest { order_id: Some(order), ..CancelRequest::default() };
                let outcome = code(self.bench.engine.cancel_replace(now, id, &request, *mode, new.clone()));
                // Each half is given as one number: an id, or a code.
                let number = |code: i32| u64::from(code.unsigned_abs());
                let outcome = outcome.map(|outcome| {
                    let cancel = match &outcome.cancel {
                        Half::Success(_) => 0,
                        Half::Failure(reject) => number(reject.code),
                        Half::NotAttempted => u64::MAX,
                    };
                    let placed = match &outcome.order {
                        Half::Success(placed) => placed.order.id,
                        Half::Failure(reject) => number(reject.code) << 32,
                        Half::NotAttempted => u64::MAX,
                    };
                    vec![cancel, placed]
                });
                let expected = self.plain.replace(account, order, *mode, new).map(|(cancel, placed)| {
                    let placed = match placed {
                        None => u64::MAX,
                        Some(Ok(id)) => id,
                        Some(Err(code)) => number(code) << 32,
                    };
                    vec![cancel.map_or_else(number, |()| 0), placed]
                });
                (outcome, expected)
            }
            Command::Amend { pick, thousandths } => self.amend(account, *pick, *thousandths),
            Command::CancelList { pick } => {
                let lists: Vec<usize> = (0..plain.lists.len())
                    .rev()
                    .take(40)
                    .filter(|l| plain.lists[*l].account == account)
                    .collect();
                let Some(list) = lists.get(usize::try_from(*pick % 1_000).unwrap() % lists.len().max(1))
                else {
                    return (Ok(Vec::new()), Ok(Vec::new()));
                };
                let list = *list;
                let outcome = code(engine.cancel_list(now, id, symbol, Some(list as u64), None, None));
                let expected = if plain.lists[list].done {
                    Err(-2011)
                } else {
                    plain.cancel_list(list);
                    Ok(())
                };
                (
                    outcome.map(|(_, orders)| orders.iter().map(|canceled| canceled.order.id).collect()),
                    expected.map(|()| self.ended_ids()),
                )
            }
        }
    }

    fn amend(&mut self, account: usize, pick: u64, thousandths: i128) -> Answers {
        let (now, symbol, id) = (self.bench.now(), self.bench.symbol, self.bench.accounts[account]);
        let order = self.pick(account, pick);
        let quantity = self.plain.find(order).map_or(LOT, |order| order.quantity);
        let mut quantity = quantity * thousandths / 1_000;
        quantity -= quantity % LOT;
        // Nothing at all, or so much that it is worth placing.
        quantity = if thousandths > 20 { quantity.max(111 * LOT) } else { 0 };
        let request = AmendRequest {
            order_id: Some(order),
            client_id: None,
            new_client_id: None,
            new_quantity: Fixed::from_units(quantity),
        };
        let outcome = code(self.bench.engine.amend(now, id, symbol, &request));
        let expected = self.plain.amend(account, order, quantity);
        (outcome.map(|amended| vec![amended.order.id]), expected.map(|()| vec![order]))
    }

    fn ended_ids(&self) -> Vec<u64> {
        sorted(self.plain.ended.iter().map(|order| order.id).collect())
    }

    /// Carries out a command and compares.
    fn step(&mut self, step: &Step, thoroughly: bool) -> Result<(), String> {
        let (outcome, expected) = self.give(step);
        ensure!(outcome == expected, "answered {outcome:?}, expected {expected:?}");
        match outcome {
            Ok(_) => self.seen.accepted += 1,
            Err(_) => self.seen.refused += 1,
        }
        let events: Vec<Event> = std::mem::take(&mut self.bench.engine.events);
        self.mirror.apply(&self.bench, &events)?;
        self.compare_trades()?;
        for order in &self.plain.ended {
            self.compare(order)?;
        }
        for id in &self.mirror.touched {
            if let Some(order) = self.plain.find(*id) {
                self.compare(order)?;
            }
        }
        if thoroughly { self.compare_all() } else { Ok(()) }
    }

    fn compare_trades(&mut self) -> Result<(), String> {
        let (reported, expected) = (&self.mirror.reported, &self.plain.trades);
        self.seen.trades += reported.len();
        for (reported, trade) in reported.iter().zip(expected) {
            let same = reported.price.units() == trade.price
                && reported.quantity.units() == trade.quantity
                && reported.taker == Some(trade.taker)
                && reported.maker == Some(trade.maker)
                && (reported.fees.0.units(), reported.fees.1.units()) == trade.fees;
            ensure!(same, "traded {reported:?}, expected {trade:?}");
        }
        ensure!(reported.len() == expected.len(), "{} trades, expected {expected:?}", reported.len());
        Ok(())
    }

    fn compare(&self, plain: &PlainOrder) -> Result<(), String> {
        let order = self.bench.engine.instrument(self.bench.symbol).order(plain.id);
        let order = order.ok_or_else(|| format!("no order {}", plain.id))?;
        let same = order.status.as_str() == plain.status
            && order.executed.units() == plain.executed
            && order.executed_quote.units() == plain.executed_quote
            && order.prevented.units() == plain.prevented
            && order.priority.is_some() == plain.arrival.is_some()
            && (order.quantity.units() == plain.quantity || order.quote_quantity.is_positive());
        ensure!(same, "order is {order:?}\nexpected {plain:?}");
        Ok(())
    }

    /// Compares everything.
    fn compare_all(&self) -> Result<(), String> {
        self.mirror.check_all(&self.bench)?;
        ensure!(self.mirror.open() == self.plain.open.len(), "{} orders are open", self.mirror.open());
        self.plain.open.iter().try_for_each(|order| self.compare(order))?;
        for (account, id) in self.bench.accounts.iter().enumerate() {
            for asset in 0..2 {
                let name = ["A", "B"][asset];
                let engine = &self.bench.engine;
                let balance = engine.clearing.balances(*id).get(engine.assets.id(name).unwrap());
                let expected = (self.plain.free(account, asset), self.plain.locked(account, asset));
                ensure!(
                    (balance.free.units(), balance.locked.units()) == expected,
                    "account {account} has {balance:?} {name}, expected {expected:?}"
                );
            }
        }
        Ok(())
    }
}

/// Everything that is ever held and paid, at the end of a run.
fn check_end(pair: &Pair) -> Result<(), String> {
    pair.mirror.check_trades(&pair.bench)?;
    let engine = &pair.bench.engine;
    for (asset, name) in ["A", "B"].into_iter().enumerate() {
        let total: Units = (0..ACCOUNTS).map(|account| funds(account)[asset]).sum();
        let held = engine.clearing.total(engine.assets.id(name).unwrap()).units();
        ensure!(held == total, "{held} of {name}, expected {total}");
    }
    Ok(())
}

/// Runs commands. The error says at which of them it went wrong.
fn run(steps: &[Step], every: usize) -> Result<Seen, (usize, String)> {
    let mut pair = Pair::new();
    for (index, step) in steps.iter().enumerate() {
        let thoroughly = index % every == 0 || index + 1 == steps.len();
        let outcome = catch_unwind(AssertUnwindSafe(|| pair.step(step, thoroughly)));
        let outcome = outcome.unwrap_or_else(|_| Err("panicked".to_owned()));
        outcome.map_err(|message| (index, message))?;
    }
    check_end(&pair).map_err(|message| (steps.len(), message))?;
    pair.seen.reported = std::mem::take(&mut pair.mirror.counts);
    Ok(pair.seen)
}

/// How many runs may be spent on shrinking.
const ATTEMPTS: usize = 300;

/// Leaves out what is not needed for a failure, as far as it is found out in so many runs.
fn shrink(mut steps: Vec<Step>) -> (Vec<Step>, String) {
    let mut message = String::new();
    let mut attempts = 0;
    let mut fails = |steps: &[Step]| {
        attempts += 1;
        if attempts > ATTEMPTS { None } else { run(steps, 1).err() }
    };
    if let Some((at, text)) = fails(&steps) {
        steps.truncate(at + 1);
        message = text;
    }
    let mut chunk = steps.len() / 2;
    while chunk > 0 {
        let mut start = 0;
        while start < steps.len() {
            let mut fewer = steps.clone();
            fewer.drain(start..(start + chunk).min(steps.len()));
            match fails(&fewer) {
                Some((at, text)) => {
                    fewer.truncate(at + 1);
                    steps = fewer;
                    message = text;
                }
                None => start += chunk,
            }
        }
        chunk /= 2;
    }
    (steps, message)
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[test]
fn agrees_with_a_plain_exchange() {
    let base = setting("BINANCE_KIT_SIM_SEED", 20_261_125);
    let count = usize::try_from(setting("BINANCE_KIT_SIM_COMMANDS", 100_000)).unwrap();
    println!("seed {base}, {count} commands");
    let mut seen = Seen::default();
    for first in (0..count).step_by(RUN) {
        let mut traders = Traders::new(base.wrapping_add(first as u64), ACCOUNTS);
        let steps: Vec<Step> = (first..count.min(first + RUN)).map(|_| traders.step()).collect();
        match run(&steps, 16) {
            Ok(run) => {
                seen.accepted += run.accepted;
                seen.refused += run.refused;
                seen.trades += run.trades;
                for (word, count) in run.reported {
                    *seen.reported.entry(word).or_default() += count;
                }
            }
            Err((at, message)) => {
                println!("seed {base}, commands {first} and on, number {at}: {message}");
                let (steps, message) = shrink(steps);
                for step in &steps {
                    println!("{step:?}");
                }
                panic!("{message} (after {} commands, shrunk from {})", steps.len(), at + 1);
            }
        }
    }
    println!("{seen:?}");
    // The commands are worth something only when much of what they ask for happens.
    assert!(seen.accepted > count / 2 && seen.trades > count / 4, "{seen:?}");
    for (word, one_in) in NEEDED {
        let reported = seen.reported.get(word).copied().unwrap_or_default();
        assert!(reported >= count / one_in, "{word}: {reported}\n{seen:?}");
    }
}

fn sorted(mut ids: Vec<u64>) -> Vec<u64> {
    ids.sort_unstable();
    ids
}

fn canceled(outcome: &CancelOutcome) -> Vec<u64> {
    match outcome {
        CancelOutcome::Order(canceled) => vec![canceled.order.id],
        CancelOutcome::List(_, orders) => orders.iter().map(|canceled| canceled.order.id).collect(),
    }
}
