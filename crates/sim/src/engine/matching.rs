//! One taker against the book: who trades with whom at which price, and what that does to both.

use super::event::{AggregateTrade, Event, ExecutionReport, Trade};
use super::fixed::Fixed;
use super::order::{AccountTrade, Fill, Order, Placed, PreventedMatch};
use super::plan::{Goal, crosses, prevention, wanted};
use super::types::{ExecutionType, ExpiryReason, OrderStatus, SelfTradePrevention, Side, SymbolId};
use super::{Instrument, MarketView, Matching, TRADE_HISTORY};
use crate::clearing::{Charge, Clearing, Execution};
use binance_kit_core::{ClientOrderId, Timestamp};

/// What an order did on its way through the book.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Fills, in order.
    pub(super) fills: Vec<Fill>,
    /// Trades that were prevented, in order.
    pub(super) prevented: Vec<PreventedMatch>,
    /// Whether the next price was beyond those at which it may be executed.
    pub(super) beyond_range: bool,
}

impl Taken {
    pub(super) fn placed(self, order: Order) -> Placed {
        Placed { order, fills: self.fills, prevented: self.prevented }
    }
}

impl<C: Clearing> Matching<C> {
    /// Lets `taker`, whose funds are locked, trade against the book.
    pub(super) fn take(&mut self, taker: &mut Order, limit: Option<Fixed>, goal: Goal) -> Taken {
        let mut outcome = Taken::default();
        let mut aggregate: Option<AggregateTrade> = None;
        // Of all that was traded, or prevented while the order went on.
        let mut spent = Fixed::ZERO;
        let bounds = self.instrument(taker.symbol).bounds(taker.side, self.now);
        while taker.remaining().is_positive() {
            let instrument = self.instrument(taker.symbol);
            let Some((price, maker_id)) = instrument.book.first(taker.side.opposite()) else { break };
            if !crosses(taker.side, limit, price) {
                break;
            }
            if !bounds.allow(price) {
                outcome.beyond_range = true;
                break;
            }
            let Some(maker) = instrument.orders.get(&maker_id) else { break };
            let step = instrument.rules.step_size;
            let quantity = wanted(step, goal, taker.remaining(), spent, maker.visible(), price);
            let prevented = prevention(&self.accounts, taker, maker);
            if quantity.is_zero() {
                // What is left of the quote goal does not pay for one step.
                break;
            }
            if let Some(mode) = prevented {
                self.prevent(taker, maker_id, mode, price, quantity, &mut outcome);
                if matches!(mode, SelfTradePrevention::Decrement | SelfTradePrevention::Transfer) {
                    spent += price.times(quantity);
                }
                continue;
            }
            if maker.list.is_some() {
                self.activate_leg(taker.symbol, maker_id);
            }
            let quote = price.times(quantity);
            spent += quote;
            let trade = self.trade(taker, maker_id, price, quantity, quote, &mut outcome.fills);
            self.aggregate(taker.symbol, &mut aggregate, &trade);
        }
        if let Some(aggregate) = aggregate.take() {
            self.push_aggregate(taker.symbol, aggregate);
        }
        outcome
    }

    pub(super) fn aggregate(
        &mut self,
        symbol: SymbolId,
        running: &mut Option<AggregateTrade>,
        trade: &Trade,
    ) {
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

    pub(super) fn push_aggregate(&mut self, symbol: SymbolId, mut aggregate: AggregateTrade) {
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
    pub(super) fn trade(
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
        instrument.recent.record(&trade);
        instrument.reference.record(price, now);
        instrument.follow(price, now);
        self.events.push(Event::Trade { symbol, trade });

        // The taker.
        let taker_first = taker.executed.is_zero();
        let taker_charge = self.settle(symbol, taker, Execution { quantity, quote, is_maker: false });
        // The maker.
        let Some(mut maker) = self.instrument_mut(symbol).orders.remove(&maker_id) else { return trade };
        let maker_first = maker.executed.is_zero();
        let maker_charge = self.settle(symbol, &mut maker, Execution { quantity, quote, is_maker: true });
        let instrument = &mut self.instruments[usize::from(symbol.0)];
        let level = instrument.consume(&mut maker, quantity);
        instrument.orders.insert(maker_id, maker.clone());
        instrument.last_update_id += 1;
        let update_id = instrument.last_update_id;
        self.events.push(Event::Level { symbol, side: maker.side, price, quantity: level, update_id });

        fills.push(Fill {
            price,
            quantity,
            commission: taker_charge.amount,
            commission_asset: taker_charge.asset,
            trade_id: trade.id,
            allocation: None,
        });
        for (order, charge) in [(&maker, maker_charge), (&*taker, taker_charge)] {
            if order.list.is_some() && order.side == Side::Buy {
                self.keep_for_dependents(order, quantity, charge);
            }
        }
        self.report_trade(&maker, true, maker_charge, &trade, maker_first);
        self.report_trade(taker, false, taker_charge, &trade, taker_first);
        if !maker.status.is_open() {
            self.close(&maker);
        }
        trade
    }

    fn report_trade(
        &mut self,
        order: &Order,
        is_maker: bool,
        charge: Charge,
        trade: &Trade,
        first_fill: bool,
    ) {
        if self.accounts.get(order.account).internal {
            return;
        }
        self.accounts.record_trade(
            order.account,
            order.symbol,
            AccountTrade {
                trade_id: trade.id,
                order_id: order.id,
                list: order.list,
                price: trade.price,
                quantity: trade.quantity,
                quote: trade.quote,
                commission: charge.amount,
                commission_asset: charge.asset,
                time: trade.time,
                is_buyer: order.side == Side::Buy,
                is_maker,
            },
        );
        let report = ExecutionReport {
            last_quantity: trade.quantity,
            last_price: trade.price,
            last_quote: trade.quote,
            commission: charge.amount,
            commission_asset: Some(charge.asset),
            trade_id: Some(trade.id),
            is_maker,
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
            allocation: None,
            is_maker: false,
            refusal: "NONE",
            first_fill: false,
            counter_order: None,
            counter_symbol: None,
            last_prevented: Fixed::ZERO,
            prevented_execution: None,
            #[cfg(test)]
            transferred: false,
            trade_group: None,
            time: self.now,
        }
    }

    /// Reports something that happened to an order, unless it belongs to an internal account.
    pub(super) fn report(
        &mut self,
        order: &Order,
        execution: ExecutionType,
        cancel_id: Option<&ClientOrderId>,
    ) {
        if self.accounts.get(order.account).internal {
            return;
        }
        let report = ExecutionReport { cancel_id: cancel_id.cloned(), ..self.report_of(order, execution) };
        self.events.push(Event::Report(Box::new(report)));
    }

    /// Takes an open order off the book or off the waiting orders and frees what it holds. The order is still among the
    /// orders, unchanged; the caller sets its new state and stores it.
    pub(super) fn withdraw(&mut self, symbol: SymbolId, id: u64) -> Option<Order> {
        let now = self.now;
        let instrument = &mut self.instruments[usize::from(symbol.0)];
        let mut order = instrument.orders.get(&id).filter(|order| order.status.is_open())?.clone();
        if let Some(priority) = order.priority.take() {
            let price = order.working_price();
            let quantity = instrument.book.reduce(order.side, price, order.visible(), Some(priority));
            instrument.last_update_id += 1;
            self.events.push(Event::Level {
                symbol,
                side: order.side,
                price,
                quantity,
                update_id: instrument.last_update_id,
            });
        } else {
            instrument.stop_waiting(id);
        }
        self.clearing.release(&instrument.rules, &mut order);
        order.updated = now;
        Some(order)
    }

    /// Stores an order that is no longer open.
    pub(super) fn store_closed(&mut self, order: Order) {
        self.close(&order);
        if !self.accounts.get(order.account).internal {
            self.instrument_mut(order.symbol).orders.insert(order.id, order);
        }
    }

    /// Forgets an order that is no longer open as far as it may be forgotten, and ends its list when that is over.
    fn close(&mut self, order: &Order) {
        let account = self.accounts.get_mut(order.account);
        if account.internal {
            self.instrument_mut(order.symbol).orders.remove(&order.id);
            return;
        }
        if let Some(orders) = account.orders.get_mut(&order.symbol) {
            orders.close(order);
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

    /// Settles one side of a trade on a symbol, and counts it towards the order.
    pub(super) fn settle(&mut self, symbol: SymbolId, order: &mut Order, execution: Execution) -> Charge {
        let rules = &self.instruments[usize::from(symbol.0)].rules;
        let market =
            MarketView { assets: &self.assets, instruments: &self.instruments, by_assets: &self.by_assets };
        let charge = self.clearing.settle(rules, order, execution, &market);
        fill(order, execution.quantity, execution.quote, self.now);
        // A limit order may hold more than this trade cost.
        self.clearing.trim(rules, order);
        charge
    }
}

impl Instrument {
    /// Takes a part of a resting order, which was just traded or prevented, off the book. The order leaves with its last
    /// part; an iceberg shows its next part behind all others of its price. Returns the new quantity of the level.
    pub(super) fn consume(&mut self, order: &mut Order, quantity: Fixed) -> Fixed {
        let Some(priority) = order.priority else { return Fixed::ZERO };
        let (side, price) = (order.side, order.working_price());
        if order.remaining().is_zero() {
            order.priority = None;
            return self.book.reduce(side, price, quantity, Some(priority));
        }
        if !order.is_iceberg() {
            return self.book.reduce(side, price, quantity, None);
        }
        order.shown = order.shown.min(order.remaining() + quantity) - quantity;
        if order.shown.is_positive() {
            return self.book.reduce(side, price, quantity, None);
        }
        self.book.reduce(side, price, quantity, Some(priority));
        self.last_priority += 1;
        order.priority = Some(self.last_priority);
        order.shown = order.next_part();
        self.book.insert(side, price, self.last_priority, order.id, order.shown)
    }
}

/// Counts a trade towards an order.
fn fill(order: &mut Order, quantity: Fixed, quote: Fixed, now: Timestamp) {
    order.executed += quantity;
    order.executed_quote += quote;
    order.updated = now;
    order.status =
        if order.remaining().is_zero() { OrderStatus::Filled } else { OrderStatus::PartiallyFilled };
}
