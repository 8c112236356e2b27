//! Self-trade prevention: what becomes of two orders of one account, or of one group of accounts, that would trade with
//! each other.

use super::event::{Event, ExecutionReport};
use super::fixed::Fixed;
use super::matching::Taken;
use super::order::{Order, PreventedMatch};
use super::types::{ExecutionType, OrderStatus, SelfTradePrevention, SymbolId};
use super::{Matching, TRADE_HISTORY};
use crate::clearing::{Clearing, Execution};

/// The other order, and what would have been traded with it.
pub(super) struct Counter {
    /// Id of the other order.
    pub(super) id: u64,
    /// Symbol of the other order.
    pub(super) symbol: SymbolId,
    /// Quantity that would have been traded.
    pub(super) quantity: Fixed,
    /// Price at which it would have been traded.
    pub(super) price: Fixed,
    /// Whether it was transferred instead, for the reference in the tests.
    #[cfg(test)]
    pub(super) transferred: bool,
}

impl<C: Clearing> Matching<C> {
    /// Prevents a trade of the taker with a maker. `quantity` is what they would have traded.
    pub(super) fn prevent(
        &mut self,
        taker: &mut Order,
        maker_id: u64,
        mode: SelfTradePrevention,
        price: Fixed,
        quantity: Fixed,
        outcome: &mut Taken,
    ) {
        let Some(maker) = self.instrument(taker.symbol).orders.get(&maker_id) else { return };
        let (maker_account, maker_rest, in_list) = (maker.account, maker.remaining(), maker.list.is_some());
        let (taker_loss, maker_loss) = match mode {
            SelfTradePrevention::None => return,
            SelfTradePrevention::ExpireTaker => (Some(taker.remaining()), None),
            SelfTradePrevention::ExpireMaker => (None, Some(maker_rest)),
            SelfTradePrevention::ExpireBoth => (Some(taker.remaining()), Some(maker_rest)),
            SelfTradePrevention::Decrement | SelfTradePrevention::Transfer => {
                (Some(quantity), Some(quantity))
            }
        };
        let transferred = mode == SelfTradePrevention::Transfer && maker_account != taker.account;
        let record = PreventedMatch {
            id: self.instrument(taker.symbol).next_prevented_id,
            taker_order: taker.id,
            maker_order: maker_id,
            maker_symbol: None,
            taker: taker.account,
            maker: maker_account,
            group: self.accounts.get(taker.account).trade_group,
            mode,
            price,
            taker_quantity: taker_loss,
            maker_quantity: maker_loss,
            time: self.now,
        };
        let instrument = self.instrument_mut(taker.symbol);
        instrument.next_prevented_id += 1;
        instrument.prevented.push_back(record.clone());
        if instrument.prevented.len() > TRADE_HISTORY {
            instrument.prevented.pop_front();
        }
        let id = record.id;
        outcome.prevented.push(record);
        // The leg of a pair takes over the funds first: what is transferred comes out of them.
        if maker_loss.is_some() && in_list {
            self.activate_leg(taker.symbol, maker_id);
        }
        if transferred {
            self.transfer(taker, maker_id, price, quantity);
        }
        if let Some(lost) = maker_loss {
            let counter = Counter {
                id: taker.id,
                symbol: taker.symbol,
                quantity,
                price,
                #[cfg(test)]
                transferred,
            };
            self.decrement_maker(taker.symbol, maker_id, id, lost, &counter);
        }
        if let Some(lost) = taker_loss {
            taker.prevented += lost;
            taker.prevented_match = Some(id);
            taker.updated = self.now;
            if taker.remaining().is_zero() {
                taker.status = OrderStatus::ExpiredInMatch;
            }
            self.clearing.trim(&self.instruments[usize::from(taker.symbol.0)].rules, taker);
            let counter = Counter {
                id: maker_id,
                symbol: taker.symbol,
                quantity,
                price,
                #[cfg(test)]
                transferred,
            };
            self.report_prevented(taker, lost, &counter);
        }
    }

    pub(super) fn decrement_maker(
        &mut self,
        symbol: SymbolId,
        maker_id: u64,
        id: u64,
        lost: Fixed,
        counter: &Counter,
    ) {
        let now = self.now;
        let instrument = &mut self.instruments[usize::from(symbol.0)];
        let Some(maker) = instrument.orders.get_mut(&maker_id) else { return };
        maker.prevented_match = Some(id);
        if lost >= maker.remaining() {
            // Withdrawn first, while the book still knows all of it.
            let Some(mut maker) = self.withdraw(symbol, maker_id) else { return };
            maker.prevented += lost;
            maker.status = OrderStatus::ExpiredInMatch;
            self.report_prevented(&maker, lost, counter);
            self.store_closed(maker);
            return;
        }
        let Some(mut maker) = instrument.orders.remove(&maker_id) else { return };
        maker.prevented += lost;
        maker.updated = now;
        self.clearing.trim(&instrument.rules, &mut maker);
        let (side, price) = (maker.side, maker.working_price());
        let quantity = instrument.consume(&mut maker, lost);
        instrument.last_update_id += 1;
        let update_id = instrument.last_update_id;
        instrument.orders.insert(maker_id, maker.clone());
        self.events.push(Event::Level { symbol, side, price, quantity, update_id });
        self.report_prevented(&maker, lost, counter);
    }

    /// Moves what would have been traded between two accounts of a group, without a trade and without commission.
    fn transfer(&mut self, taker: &mut Order, maker_id: u64, price: Fixed, quantity: Fixed) {
        let instrument = &mut self.instruments[usize::from(taker.symbol.0)];
        let Some(maker) = instrument.orders.get_mut(&maker_id) else { return };
        let quote = price.times(quantity);
        for (order, is_maker) in [(taker, false), (maker, true)] {
            self.clearing.transfer(&instrument.rules, order, Execution { quantity, quote, is_maker });
        }
    }

    pub(super) fn report_prevented(&mut self, order: &Order, lost: Fixed, counter: &Counter) {
        if self.accounts.get(order.account).internal {
            return;
        }
        let report = ExecutionReport {
            counter_order: Some(counter.id),
            counter_symbol: Some(counter.symbol),
            last_prevented: lost,
            prevented_execution: Some((counter.quantity, counter.price)),
            #[cfg(test)]
            transferred: counter.transferred,
            trade_group: self.accounts.get(order.account).trade_group,
            ..self.report_of(order, ExecutionType::TradePrevention)
        };
        self.events.push(Event::Report(Box::new(report)));
    }

    /// The prevented matches of an account on a symbol, oldest first.
    pub(crate) fn prevented_matches(
        &self,
        account: super::AccountId,
        symbol: SymbolId,
    ) -> impl Iterator<Item = &PreventedMatch> {
        self.instrument(symbol)
            .prevented
            .iter()
            .filter(move |prevented| prevented.taker == account || prevented.maker == account)
    }
}
