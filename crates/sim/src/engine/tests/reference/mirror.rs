//! What can be known from the events alone: the book, the orders, the trades and the balances must follow from the
//! events alone, and agree with what the engine says of itself.

use crate::clearing::{AccountChange, Balance};
use crate::engine::tests::Bench;
use crate::engine::{
    AccountId, AssetId, Contingency, Event, ExecutionReport, ExecutionType, Fixed, ListStatusType, Order,
    Side, Trade,
};
use std::collections::BTreeMap;

/// One side of a trade: trade, order, price, quantity, commission.
type Share = (u64, u64, Fixed, Fixed, Fixed);
/// Price and quantity.
type Level = (Fixed, Fixed);

/// A trade as its two reports tell it: orders of taker and maker, and their commissions.
#[derive(Debug, Clone, Default)]
pub(super) struct Reported {
    pub(super) price: Fixed,
    pub(super) quantity: Fixed,
    pub(super) taker: Option<u64>,
    pub(super) maker: Option<u64>,
    pub(super) fees: (Fixed, Fixed),
}

#[derive(Debug, Default)]
pub(super) struct Mirror {
    levels: [BTreeMap<Fixed, Fixed>; 2],
    update_id: u64,
    best: [Option<Level>; 2],
    trade_id: u64,
    aggregate_id: u64,
    /// Trades that no aggregate trade has covered yet.
    loose: Vec<Trade>,
    execution_id: u64,
    orders: BTreeMap<u64, Order>,
    /// What the balances must be by the reports: free and locked together.
    owned: BTreeMap<(AccountId, AssetId), Fixed>,
    balances: BTreeMap<(AccountId, AssetId), Balance>,
    /// Whether each list is done.
    lists: BTreeMap<u64, bool>,
    /// The trades of the last command.
    pub(super) reported: Vec<Reported>,
    /// The orders that the last command was about.
    pub(super) touched: Vec<u64>,
    trades: BTreeMap<AccountId, Vec<Share>>,
    /// How often each kind of thing was reported.
    pub(super) counts: BTreeMap<&'static str, usize>,
}

macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err(format!($($message)+));
        }
    };
}
pub(super) use ensure;

fn index(side: Side) -> usize {
    usize::from(side == Side::Sell)
}

impl Mirror {
    /// Begins with what the accounts have.
    pub(super) fn new(bench: &Bench) -> Self {
        let mut mirror = Self::default();
        for account in &bench.accounts {
            for (asset, balance) in bench.engine.clearing.balances(*account).iter() {
                mirror.balances.insert((*account, asset), balance);
                mirror.owned.insert((*account, asset), balance.free + balance.locked);
            }
        }
        mirror
    }

    /// Applies the events of a command.
    pub(super) fn apply(&mut self, bench: &Bench, events: &[Event]) -> Result<(), String> {
        self.reported.clear();
        self.touched.clear();
        let mut trades: BTreeMap<u64, Reported> = BTreeMap::new();
        for event in events {
            match event {
                Event::Level { side, price, quantity, update_id, .. } => {
                    ensure!(*update_id == self.update_id + 1, "update ids are not consecutive: {event:?}");
                    ensure!(*quantity >= Fixed::ZERO, "a level below zero: {event:?}");
                    self.update_id = *update_id;
                    if quantity.is_zero() {
                        self.levels[index(*side)].remove(price);
                    } else {
                        self.levels[index(*side)].insert(*price, *quantity);
                    }
                }
                Event::Trade { trade, .. } => {
                    ensure!(trade.id == self.trade_id + 1, "trade ids are not consecutive: {trade:?}");
                    ensure!(trade.quote == trade.price.times(trade.quantity), "wrong quote: {trade:?}");
                    self.trade_id = trade.id;
                    self.loose.push(*trade);
                    trades.insert(
                        trade.id,
                        Reported { price: trade.price, quantity: trade.quantity, ..Reported::default() },
                    );
                }
                Event::Aggregate { aggregate, .. } => {
                    ensure!(aggregate.id == self.aggregate_id + 1, "aggregate ids: {aggregate:?}");
                    self.aggregate_id = aggregate.id;
                    let count = usize::try_from(aggregate.last_trade - aggregate.first_trade + 1).unwrap();
                    let parts: Vec<Trade> = self.loose.drain(..count.min(self.loose.len())).collect();
                    let quantity: Fixed = parts.iter().map(|trade| trade.quantity).sum();
                    let fits = parts.first().is_some_and(|trade| trade.id == aggregate.first_trade)
                        && parts.iter().all(|trade| trade.price == aggregate.price)
                        && parts.iter().all(|trade| trade.buyer_is_maker == aggregate.buyer_is_maker);
                    ensure!(
                        fits && quantity == aggregate.quantity,
                        "an aggregate of other trades: {aggregate:?}"
                    );
                }
                Event::Best { bid, ask, update_id, .. } => {
                    ensure!(*update_id == self.update_id, "a best price of another update");
                    self.best = [*bid, *ask];
                }
                Event::Report(report) => self.report(report, &mut trades)?,
                Event::Account(AccountChange::Position { account, balances, .. }) => {
                    for (asset, balance) in balances {
                        self.balances.insert((*account, *asset), *balance);
                    }
                }
                Event::List { list, kind, .. } => match kind {
                    ListStatusType::ExecStarted => {
                        ensure!(self.lists.insert(list.id, false).is_none(), "list {} starts twice", list.id);
                    }
                    ListStatusType::Updated => {
                        ensure!(self.lists.get(&list.id) == Some(&false), "list {} is not open", list.id);
                    }
                    ListStatusType::AllDone => {
                        self.count(match (list.contingency, list.pays, list.orders.len()) {
                            (Contingency::OneCancels, ..) => "OCO",
                            (_, false, 2) => "OTO",
                            (_, false, _) => "OTOCO",
                            (_, true, 2) => "OPO",
                            (_, true, _) => "OPOCO",
                        });
                        let open = list.orders.iter().filter_map(|(id, _)| self.orders.get(id));
                        let open = open.filter(|order| order.status.is_open()).count();
                        ensure!(open == 0, "list {} is done with {open} open orders", list.id);
                        ensure!(self.lists.insert(list.id, true) == Some(false), "list {} ends", list.id);
                    }
                },
                _ => {}
            }
        }
        for (id, reported) in trades {
            ensure!(reported.taker.is_some() && reported.maker.is_some(), "trade {id} without two reports");
            self.reported.push(reported);
        }
        ensure!(self.loose.is_empty(), "trades without an aggregate: {:?}", self.loose);
        self.check(bench)
    }

    fn report(
        &mut self,
        report: &ExecutionReport,
        trades: &mut BTreeMap<u64, Reported>,
    ) -> Result<(), String> {
        let order = &report.order;
        ensure!(report.execution_id > self.execution_id, "execution ids: {report:?}");
        self.execution_id = report.execution_id;
        self.count(report.execution.as_str());
        if report.execution == ExecutionType::Rejected {
            ensure!(!self.orders.contains_key(&order.id), "refused, but known: {report:?}");
            ensure!(report.refusal != "NONE", "refused, but not why: {report:?}");
            return Ok(());
        }
        self.touched.push(order.id);
        match report.execution {
            ExecutionType::Expired => self.count(order.expiry.map_or("NO_REASON", |reason| reason.as_str())),
            ExecutionType::TradePrevention => self.count(order.prevention.as_str()),
            ExecutionType::Trade => self.count(order.kind.as_str()),
            _ => {}
        }
        if report.execution == ExecutionType::Trade {
            let kinds = [
                ("ICEBERG", order.is_iceberg()),
                ("TRAILING", order.trailing.is_some()),
                ("PEGGED", order.peg.is_some()),
            ];
            for (word, _) in kinds.into_iter().filter(|(_, is)| *is) {
                self.count(word);
            }
        }
        let earlier = self.orders.insert(order.id, order.clone());
        let before = earlier.as_ref().map_or(Fixed::ZERO, |order| order.executed);
        if let Some(earlier) = &earlier {
            ensure!(earlier.status.is_open(), "a report behind the end: {report:?}");
        } else {
            ensure!(report.execution == ExecutionType::New, "the first report is not NEW: {report:?}");
        }
        ensure!(before + report.last_quantity == order.executed, "executed does not add up: {report:?}");
        ensure!(order.remaining() >= Fixed::ZERO, "less than nothing is left: {report:?}");
        match report.execution {
            ExecutionType::Trade => {
                let reported = report.trade_id.and_then(|id| trades.get_mut(&id));
                let reported = reported.ok_or_else(|| format!("a report of no trade: {report:?}"))?;
                let same = reported.price == report.last_price && reported.quantity == report.last_quantity;
                ensure!(same, "a report of another trade: {report:?}");
                let (slot, fee) = if report.is_maker {
                    (&mut reported.maker, &mut reported.fees.1)
                } else {
                    (&mut reported.taker, &mut reported.fees.0)
                };
                ensure!(slot.replace(order.id).is_none(), "reported twice: {report:?}");
                *fee = report.commission;
                ensure!(report.first_fill == before.is_zero(), "the first fill: {report:?}");
                self.book(order, report.last_quantity, report.last_quote);
                self.trades.entry(order.account).or_default().push((
                    report.trade_id.unwrap_or_default(),
                    order.id,
                    report.last_price,
                    report.last_quantity,
                    report.commission,
                ));
                if let Some(asset) = report.commission_asset {
                    *self.owned.entry((order.account, asset)).or_default() -= report.commission;
                }
            }
            ExecutionType::New => ensure!(order.status.is_open(), "a new order is over: {report:?}"),
            ExecutionType::Canceled | ExecutionType::Expired => {
                ensure!(!order.status.is_open(), "an ended order is open: {report:?}");
            }
            ExecutionType::TradePrevention => {
                // What is transferred within a group moves without a trade.
                if let Some((quantity, price)) = report.prevented_execution.filter(|_| report.transferred) {
                    self.book(order, quantity, price.times(quantity));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, word: &'static str) {
        *self.counts.entry(word).or_default() += 1;
    }

    /// Moves what an order traded.
    pub(super) fn book(&mut self, order: &Order, quantity: Fixed, quote: Fixed) {
        // The assets of the only symbol.
        let (base, quote_asset) = (AssetId(0), AssetId(1));
        let (gained, lost) = match order.side {
            Side::Buy => ((base, quantity), (quote_asset, quote)),
            Side::Sell => ((quote_asset, quote), (base, quantity)),
        };
        *self.owned.entry((order.account, gained.0)).or_default() += gained.1;
        *self.owned.entry((order.account, lost.0)).or_default() -= lost.1;
    }

    /// What the events reported of the last command must be what the engine says.
    fn check(&self, bench: &Bench) -> Result<(), String> {
        let best = |side: Side| match side {
            Side::Buy => self.levels[0].last_key_value(),
            Side::Sell => self.levels[1].first_key_value(),
        };
        let best = |side| best(side).map(|(price, quantity)| (*price, *quantity));
        if let (Some((bid, _)), Some((ask, _))) = (best(Side::Buy), best(Side::Sell)) {
            ensure!(bid < ask, "a crossed book: {bid} {ask}");
        }
        ensure!(self.best == [best(Side::Buy), best(Side::Sell)], "the best prices: {:?}", self.best);
        for id in &self.touched {
            let (Some(order), Some(reported)) =
                (bench.engine.instrument(bench.symbol).order(*id), self.orders.get(id))
            else {
                return Err(format!("order {id} is unknown"));
            };
            let same = order.status == reported.status
                && order.executed == reported.executed
                && order.executed_quote == reported.executed_quote
                && order.prevented == reported.prevented
                && (order.quantity == reported.quantity || order.quote_quantity.is_positive());
            ensure!(same, "order {id} is {order:?}, reported was {reported:?}");
        }
        Ok(())
    }

    /// The checks that look at everything.
    pub(super) fn check_all(&self, bench: &Bench) -> Result<(), String> {
        let instrument = bench.engine.instrument(bench.symbol);
        ensure!(instrument.last_update_id == self.update_id, "the last update id");
        for side in [Side::Buy, Side::Sell] {
            let levels: BTreeMap<Fixed, Fixed> = instrument.levels(side).collect();
            ensure!(levels == self.levels[index(side)], "the {side:?} side differs");
        }
        for ((account, asset), balance) in &self.balances {
            let real = bench.engine.clearing.balances(*account).get(*asset);
            ensure!(real == *balance, "{account:?} {asset:?}: reported {balance:?}, is {real:?}");
            let owned = self.owned.get(&(*account, *asset)).copied().unwrap_or_default();
            ensure!(
                owned == balance.free + balance.locked,
                "{account:?} {asset:?}: by the trades {owned}, reported {balance:?}"
            );
            ensure!(balance.free >= Fixed::ZERO && balance.locked >= Fixed::ZERO, "below zero: {balance:?}");
        }
        for (id, done) in &self.lists {
            let list = bench.engine.list(*id).ok_or_else(|| format!("no list {id}"))?;
            ensure!(list.is_executing() != *done, "list {id} is {:?}", list.status);
        }
        for account in &bench.accounts {
            let Some(orders) = bench.engine.account(*account).orders_on(bench.symbol) else {
                continue;
            };
            for id in &orders.open {
                let reported = self.orders.get(id);
                ensure!(
                    reported.is_some_and(|order| order.status.is_open()),
                    "order {id} is open, but not by the reports"
                );
            }
        }
        Ok(())
    }

    /// What each account is shown of its trades must be what was reported to it.
    pub(super) fn check_trades(&self, bench: &Bench) -> Result<(), String> {
        for account in &bench.accounts {
            let orders = bench.engine.account(*account).orders_on(bench.symbol);
            let shown: Vec<_> = orders
                .into_iter()
                .flat_map(|orders| orders.trades.iter())
                .map(|trade| (trade.trade_id, trade.order_id, trade.price, trade.quantity, trade.commission))
                .collect();
            let reported = self.trades.get(account).map(Vec::as_slice).unwrap_or_default();
            ensure!(
                shown == reported,
                "{account:?}: {} trades are shown, {} were reported",
                shown.len(),
                reported.len()
            );
        }
        Ok(())
    }

    /// How many orders are open by the reports.
    pub(super) fn open(&self) -> usize {
        self.orders.values().filter(|order| order.status.is_open()).count()
    }
}
