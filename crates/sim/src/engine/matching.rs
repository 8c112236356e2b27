//! One taker against the book: who trades with whom at which price, and what that does to both.

use super::account::Ledger;
use super::event::{AggregateTrade, Event, ExecutionReport, Trade};
use super::fixed::Fixed;
use super::order::{AccountTrade, Fill, Order};
use super::types::{
    AccountId, AssetId, ExecutionType, ExpiryReason, OrderStatus, SelfTradePrevention, Side, SymbolId,
};
use super::{Engine, Instrument, TRADE_HISTORY};
use binance_kit_core::{ClientOrderId, Timestamp};

/// How far a taker goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Goal {
    /// Until its quantity is filled.
    Quantity,
    /// Until this much of the quote asset is spent or received.
    Quote(Fixed),
}

/// What a taker would do to the book as it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Plan {
    pub(super) quantity: Fixed,
    pub(super) quote: Fixed,
    /// Whether the goal is reached.
    pub(super) complete: bool,
}

fn crosses(side: Side, limit: Option<Fixed>, price: Fixed) -> bool {
    limit.is_none_or(|limit| match side {
        Side::Buy => price <= limit,
        Side::Sell => price >= limit,
    })
}

/// How much of `available` at `price` the goal still wants.
fn wanted(
    instrument: &Instrument,
    goal: Goal,
    taken: Plan,
    quantity: Fixed,
    available: Fixed,
    price: Fixed,
) -> Fixed {
    match goal {
        Goal::Quantity => available.min(quantity - taken.quantity),
        Goal::Quote(quote) => {
            available.min((quote - taken.quote).over(price).floor_to(instrument.rules.step_size))
        }
    }
}

impl Instrument {
    /// Walks the book as a taker would, without touching anything.
    pub(super) fn plan(&self, taker: &Order, limit: Option<Fixed>, goal: Goal) -> Plan {
        let mut plan = Plan::default();
        for (price, id) in self.book.orders(taker.side.opposite()) {
            if !crosses(taker.side, limit, price) {
                break;
            }
            let Some(maker) = self.orders.get(&id) else { continue };
            if maker.account == taker.account {
                match taker.prevention {
                    SelfTradePrevention::None
                    | SelfTradePrevention::Decrement
                    | SelfTradePrevention::Transfer => {}
                    SelfTradePrevention::ExpireMaker => continue,
                    SelfTradePrevention::ExpireTaker | SelfTradePrevention::ExpireBoth => break,
                }
            }
            let quantity = wanted(self, goal, plan, taker.remaining(), maker.remaining(), price);
            plan.quantity += quantity;
            plan.quote += price.times(quantity);
            let reached = match goal {
                Goal::Quantity => plan.quantity >= taker.remaining(),
                Goal::Quote(_) => quantity < maker.remaining(),
            };
            if reached {
                plan.complete = true;
                break;
            }
        }
        plan
    }

    /// Whether an order at this price would trade at once.
    pub(super) fn would_match(&self, side: Side, price: Fixed) -> bool {
        self.book.best(side.opposite()).is_some_and(|(best, _)| crosses(side, Some(price), best))
    }

    pub(super) fn asset_locked_by(&self, side: Side) -> AssetId {
        match side {
            Side::Buy => self.rules.quote,
            Side::Sell => self.rules.base,
        }
    }
}

/// What both sides of a trade are told.
struct Share {
    account: AccountId,
    commission: Fixed,
    asset: AssetId,
    is_maker: bool,
}

impl Engine {
    /// Lets `taker`, whose funds are locked, trade against the book.
    pub(super) fn take(&mut self, taker: &mut Order, limit: Option<Fixed>, goal: Goal) -> Vec<Fill> {
        let mut done = Plan::default();
        let mut fills = Vec::new();
        let mut aggregate: Option<AggregateTrade> = None;
        let whole = taker.remaining();
        loop {
            if matches!(goal, Goal::Quantity) && done.quantity >= whole {
                break;
            }
            let instrument = self.instrument(taker.symbol);
            let Some((price, maker_id)) = instrument.book.first(taker.side.opposite()) else { break };
            if !crosses(taker.side, limit, price) {
                break;
            }
            let Some(maker) = instrument.orders.get(&maker_id) else { break };
            if maker.account == taker.account && taker.prevention != SelfTradePrevention::None {
                if self.prevent(taker, maker_id) {
                    break;
                }
                continue;
            }
            let quantity = wanted(instrument, goal, done, whole, maker.remaining(), price);
            if quantity.is_zero() {
                // What is left of the quote goal does not pay for one step.
                break;
            }
            if maker.list.is_some() {
                self.activate_leg(taker.symbol, maker_id);
            }
            let quote = price.times(quantity);
            done.quantity += quantity;
            done.quote += quote;
            let trade = self.trade(taker, maker_id, price, quantity, quote, &mut fills);
            self.aggregate(taker.symbol, &mut aggregate, &trade);
        }
        if let Some(aggregate) = aggregate.take() {
            self.push_aggregate(taker.symbol, aggregate);
        }
        fills
    }

    fn aggregate(&mut self, symbol: SymbolId, running: &mut Option<AggregateTrade>, trade: &Trade) {
        if let Some(running) = running
            && running.price == trade.price
        {
            running.quantity += trade.quantity;
            running.last_trade = trade.id;
            return;
        }
        let next = AggregateTrade {
            id: 0,
            price: trade.price,
            quantity: trade.quantity,
            first_trade: trade.id,
            last_trade: trade.id,
            time: trade.time,
            buyer_is_maker: trade.buyer_is_maker,
        };
        if let Some(done) = running.replace(next) {
            self.push_aggregate(symbol, done);
        }
    }

    fn push_aggregate(&mut self, symbol: SymbolId, mut aggregate: AggregateTrade) {
        let instrument = self.instrument_mut(symbol);
        instrument.last_aggregate_id += 1;
        aggregate.id = instrument.last_aggregate_id;
        instrument.aggregates.push_back(aggregate);
        if instrument.aggregates.len() > TRADE_HISTORY {
            instrument.aggregates.pop_front();
        }
        self.events.push(Event::Aggregate { symbol, aggregate });
    }

    /// One trade.
    fn trade(
        &mut self,
        taker: &mut Order,
        maker_id: u64,
        price: Fixed,
        quantity: Fixed,
        quote: Fixed,
        fills: &mut Vec<Fill>,
    ) -> Trade {
        let now = self.now;
        let symbol = taker.symbol;
        let instrument = &mut self.instruments[usize::from(symbol.0)];
        instrument.last_trade_id += 1;
        let trade = Trade {
            id: instrument.last_trade_id,
            price,
            quantity,
            quote,
            time: now,
            buyer_is_maker: taker.side == Side::Sell,
        };
        instrument.trades.push_back(trade);
        if instrument.trades.len() > TRADE_HISTORY {
            instrument.trades.pop_front();
        }
        instrument.last_trade = Some(trade);
        instrument.chart.record(&trade);
        self.events.push(Event::Trade { symbol, trade });

        let (base_asset, quote_asset) = (instrument.rules.base, instrument.rules.quote);
        let assets = |side| match side {
            Side::Buy => (quote_asset, quote, base_asset, quantity),
            Side::Sell => (base_asset, quantity, quote_asset, quote),
        };
        // The taker.
        let taker_share = settle(&mut self.ledger, taker, assets(taker.side), false);
        let taker_first = taker.executed.is_zero();
        fill(taker, quantity, quote, now);
        // A limit order may have locked more than this trade cost.
        if taker.kind.has_price() && taker.side == Side::Buy {
            trim(&mut self.ledger, taker, quote_asset);
        }
        // The maker.
        let Some(maker) = instrument.orders.get_mut(&maker_id) else { return trade };
        let maker_share = settle(&mut self.ledger, maker, assets(maker.side), true);
        let maker_first = maker.executed.is_zero();
        fill(maker, quantity, quote, now);
        if maker.side == Side::Buy {
            trim(&mut self.ledger, maker, quote_asset);
        }
        let gone = if maker.remaining().is_zero() { maker.priority.take() } else { None };
        let maker = maker.clone();
        let level = instrument.book.reduce(maker.side, price, quantity, gone);
        instrument.last_update_id += 1;
        let update_id = instrument.last_update_id;
        self.events.push(Event::Level { symbol, side: maker.side, price, quantity: level, update_id });

        fills.push(Fill {
            price,
            quantity,
            commission: taker_share.commission,
            commission_asset: taker_share.asset,
            trade_id: trade.id,
        });
        for (order, share) in [(&maker, &maker_share), (&*taker, &taker_share)] {
            if order.list.is_some() && order.side == Side::Buy {
                self.keep_for_dependents(order, quantity, (share.asset, share.commission));
            }
        }
        self.report_trade(&maker, &maker_share, &trade, maker_first);
        self.report_trade(taker, &taker_share, &trade, taker_first);
        if !maker.status.is_open() {
            self.close(&maker);
        }
        trade
    }

    fn report_trade(&mut self, order: &Order, share: &Share, trade: &Trade, first_fill: bool) {
        if self.ledger.account(share.account).house {
            return;
        }
        self.ledger.record_trade(
            share.account,
            order.symbol,
            AccountTrade {
                trade_id: trade.id,
                order_id: order.id,
                list: order.list,
                price: trade.price,
                quantity: trade.quantity,
                quote: trade.quote,
                commission: share.commission,
                commission_asset: share.asset,
                time: trade.time,
                is_buyer: order.side == Side::Buy,
                is_maker: share.is_maker,
            },
        );
        let report = ExecutionReport {
            last_quantity: trade.quantity,
            last_price: trade.price,
            last_quote: trade.quote,
            commission: share.commission,
            commission_asset: Some(share.asset),
            trade_id: Some(trade.id),
            is_maker: share.is_maker,
            first_fill,
            ..self.report_of(order, ExecutionType::Trade)
        };
        self.events.push(Event::Report(Box::new(report)));
    }

    /// A report without a trade.
    pub(super) fn report_of(&mut self, order: &Order, execution: ExecutionType) -> ExecutionReport {
        self.last_execution_id += 1;
        ExecutionReport {
            order: order.clone(),
            execution,
            execution_id: self.last_execution_id,
            cancel_id: None,
            last_quantity: Fixed::ZERO,
            last_price: Fixed::ZERO,
            last_quote: Fixed::ZERO,
            commission: Fixed::ZERO,
            commission_asset: None,
            trade_id: None,
            is_maker: false,
            first_fill: false,
            counter_order: None,
            last_prevented: Fixed::ZERO,
            time: self.now,
        }
    }

    /// Reports something that happened to an order, unless it is one of the house.
    pub(super) fn report(
        &mut self,
        order: &Order,
        execution: ExecutionType,
        cancel_id: Option<&ClientOrderId>,
    ) {
        if self.ledger.account(order.account).house {
            return;
        }
        let report = ExecutionReport { cancel_id: cancel_id.cloned(), ..self.report_of(order, execution) };
        self.events.push(Event::Report(Box::new(report)));
    }

    /// Stops a self-trade. True when the taker is done for.
    fn prevent(&mut self, taker: &mut Order, maker_id: u64) -> bool {
        let mode = taker.prevention;
        let instrument = self.instrument_mut(taker.symbol);
        instrument.last_prevented_id += 1;
        let prevented_match = instrument.last_prevented_id;
        if matches!(mode, SelfTradePrevention::ExpireMaker | SelfTradePrevention::ExpireBoth) {
            if let Some(maker) = instrument.orders.get(&maker_id)
                && maker.list.is_some()
            {
                self.activate_leg(taker.symbol, maker_id);
            }
            if let Some(mut maker) = self.withdraw(taker.symbol, maker_id) {
                let prevented = maker.remaining();
                maker.prevented += prevented;
                maker.prevented_match = Some(prevented_match);
                maker.status = OrderStatus::ExpiredInMatch;
                self.report_prevented(&maker, taker.id, prevented);
                self.store_closed(maker);
            }
        }
        if matches!(mode, SelfTradePrevention::ExpireTaker | SelfTradePrevention::ExpireBoth) {
            let prevented = taker.remaining();
            taker.prevented += prevented;
            taker.prevented_match = Some(prevented_match);
            taker.status = OrderStatus::ExpiredInMatch;
            taker.updated = self.now;
            self.report_prevented(&taker.clone(), maker_id, prevented);
            return true;
        }
        false
    }

    fn report_prevented(&mut self, order: &Order, counter: u64, prevented: Fixed) {
        if self.ledger.account(order.account).house {
            return;
        }
        let report = ExecutionReport {
            counter_order: Some(counter),
            last_prevented: prevented,
            ..self.report_of(order, ExecutionType::TradePrevention)
        };
        self.events.push(Event::Report(Box::new(report)));
    }

    /// Takes an open order off the book or out of the waiting room and frees its funds. The order is still among the
    /// orders, unchanged; the caller sets its new state and stores it.
    pub(super) fn withdraw(&mut self, symbol: SymbolId, id: u64) -> Option<Order> {
        let now = self.now;
        let instrument = &mut self.instruments[usize::from(symbol.0)];
        let mut order = instrument.orders.get(&id).filter(|order| order.status.is_open())?.clone();
        if let Some(priority) = order.priority.take() {
            let quantity = instrument.book.reduce(order.side, order.price, order.remaining(), Some(priority));
            instrument.last_update_id += 1;
            self.events.push(Event::Level {
                symbol,
                side: order.side,
                price: order.price,
                quantity,
                update_id: instrument.last_update_id,
            });
        } else if let Some(stop) = order.stop_price {
            instrument.rising.remove(&(stop, id));
            instrument.falling.remove(&(stop, id));
        }
        let asset = instrument.asset_locked_by(order.side);
        release(&mut self.ledger, &mut order, asset);
        order.updated = now;
        Some(order)
    }

    /// Stores an order that is no longer open.
    pub(super) fn store_closed(&mut self, order: Order) {
        self.close(&order);
        if !self.ledger.account(order.account).house {
            self.instrument_mut(order.symbol).orders.insert(order.id, order);
        }
    }

    /// Forgets an order that is no longer open as far as it may be forgotten, and ends its list when that is over.
    fn close(&mut self, order: &Order) {
        let account = self.ledger.account_mut(order.account);
        if account.house {
            self.instrument_mut(order.symbol).orders.remove(&order.id);
            return;
        }
        if let Some(orders) = account.orders.get_mut(&order.symbol) {
            orders.open.remove(&order.id);
        }
        if order.list.is_some() {
            self.close_list_of(order);
        }
    }

    /// Expires an order that is not on the book: what is left of a taker, or a waiting order that cannot act.
    pub(super) fn expire(&mut self, order: &mut Order, reason: ExpiryReason) {
        order.status = OrderStatus::Expired;
        order.expiry = Some(reason);
        order.updated = self.now;
        let order = order.clone();
        self.report(&order, ExecutionType::Expired, None);
    }
}

fn fill(order: &mut Order, quantity: Fixed, quote: Fixed, now: Timestamp) {
    order.executed += quantity;
    order.executed_quote += quote;
    order.updated = now;
    order.status =
        if order.remaining().is_zero() { OrderStatus::Filled } else { OrderStatus::PartiallyFilled };
}

/// Moves one side's assets: spends what was locked, credits what is received less the commission.
fn settle(
    ledger: &mut Ledger,
    order: &mut Order,
    (spent_asset, spent, received_asset, received): (AssetId, Fixed, AssetId, Fixed),
    is_maker: bool,
) -> Share {
    ledger.spend(order.account, spent_asset, spent);
    order.locked -= spent;
    let account = ledger.account(order.account);
    let rate = if is_maker { account.maker_rate } else { account.taker_rate };
    let commission = received.times(rate);
    ledger.credit(order.account, received_asset, received - commission);
    if commission.is_positive() {
        ledger.fee(received_asset, commission);
    }
    Share { account: order.account, commission, asset: received_asset, is_maker }
}

/// Frees what a buying limit order holds beyond what it can still cost.
fn trim(ledger: &mut Ledger, order: &mut Order, asset: AssetId) {
    let excess = order.locked - order.price.times(order.remaining());
    if excess.is_positive() {
        ledger.unlock(order.account, asset, excess);
        order.locked -= excess;
    }
}

/// Frees all that an order holds.
pub(super) fn release(ledger: &mut Ledger, order: &mut Order, asset: AssetId) {
    if order.locked.is_positive() {
        ledger.unlock(order.account, asset, order.locked);
        order.locked = Fixed::ZERO;
    }
}
