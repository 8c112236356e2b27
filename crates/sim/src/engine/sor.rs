//! Smart order routing: one order that takes from several books of the same base asset, whose quote assets count as one.
//!
//! The exchange itself takes from the books, in an account of its own, whose funds are not checked. What it took it passes on in allocations, for the quote asset of the symbol that the order named: the account of the
//! order has no part in the trades. What is left of an order that stays rests on the book of its own symbol.

use super::event::ExecutionReport;
use super::fixed::Fixed;
use super::matching::Taken;
use super::order::{Fill, NewOrder, Order, Placed, PreventedMatch};
use super::plan::{Plan, crosses, prevention};
use super::prevention::Counter;
use super::reject::Reject;
use super::types::{
    AccountId, AssetId, ExecutionType, ExpiryReason, OrderStatus, OrderType, SelfTradePrevention, Side,
    SymbolId, TimeInForce, WorkingFloor,
};
use super::{Matching, TRADE_HISTORY};
use crate::clearing::{Clearing, Execution};
use binance_kit_core::{Asset, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Books that are routed to as if they were one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Router {
    /// Base asset.
    pub(crate) base: AssetId,
    /// Symbols whose books are routed to.
    pub(crate) symbols: Vec<SymbolId>,
}

/// All routers, and the account that takes for them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Routing {
    /// All routers.
    pub(crate) routers: Vec<Router>,
    /// Internal account that takes for them.
    agent: Option<AccountId>,
}

/// What an order was given by the router, as `myAllocations` shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Allocation {
    /// Id; unique per symbol.
    pub(crate) id: u64,
    /// Id of the order.
    pub(crate) order_id: u64,
    /// Price.
    pub(crate) price: Fixed,
    /// Quantity of the base asset.
    pub(crate) quantity: Fixed,
    /// Value in the quote asset.
    pub(crate) quote: Fixed,
    /// Commission.
    pub(crate) commission: Fixed,
    /// Asset of the commission.
    pub(crate) commission_asset: AssetId,
    /// Time of the event.
    pub(crate) time: Timestamp,
    /// Whether the order bought.
    pub(crate) is_buyer: bool,
}

/// The next order to take from.
struct Offer {
    /// Symbol.
    symbol: SymbolId,
    /// Order on the book.
    maker: u64,
    /// Price.
    price: Fixed,
    /// Quantity of the base asset.
    quantity: Fixed,
    /// Mode, where the trade would be prevented.
    prevention: Option<SelfTradePrevention>,
}

impl<C: Clearing> Matching<C> {
    /// Lets orders on one of these symbols take from the books of all of them. False unless they have the same base asset.
    pub(crate) fn add_router(&mut self, symbols: &[SymbolId]) -> bool {
        let Some(base) = symbols.first().map(|id| self.instrument(*id).rules.base) else { return false };
        if symbols.iter().any(|id| self.instrument(*id).rules.base != base || self.router(*id).is_some()) {
            return false;
        }
        if self.routing.agent.is_none() {
            self.routing.agent = Some(self.open_account("SOR", true));
        }
        self.routing.routers.push(Router { base, symbols: symbols.to_vec() });
        true
    }

    /// All routers: base asset and symbols.
    pub(crate) fn routers(&self) -> impl Iterator<Item = (&Asset, &[SymbolId])> {
        self.routing.routers.iter().map(|router| (self.assets.get(router.base), router.symbols.as_slice()))
    }

    fn router(&self, symbol: SymbolId) -> Option<&Router> {
        self.routing.routers.iter().find(|router| router.symbols.contains(&symbol))
    }

    /// The books of an order: its own first.
    fn routed_books(&self, new: &NewOrder) -> Result<Vec<SymbolId>, Reject> {
        if !matches!(new.kind, OrderType::Limit | OrderType::Market) {
            return Err(Reject::new(-1116, "Invalid orderType."));
        }
        let router = self
            .router(new.symbol)
            .ok_or_else(|| Reject::invalid_order("SOR is not supported for this symbol."))?;
        let others = router.symbols.iter().filter(|symbol| **symbol != new.symbol);
        Ok([&new.symbol].into_iter().chain(others).copied().collect())
    }

    /// Checks an order as [`Engine::place_routed`] does, without placing it.
    pub(crate) fn check_routed(
        &mut self,
        now: Timestamp,
        account: AccountId,
        new: &NewOrder,
    ) -> Result<(), Reject> {
        self.routed_books(new)?;
        self.check(now, account, new)
    }

    /// Places an order that takes from all books of its router.
    pub(crate) fn place_routed(
        &mut self,
        now: Timestamp,
        account: AccountId,
        new: NewOrder,
    ) -> Result<Placed, Reject> {
        self.advance(now);
        let books = self.routed_books(&new)?;
        self.check_request(account, &new)?;
        self.check_acceptable(account, &new)?;
        let mut order = self.draft(account, new, None);
        let limit = order.kind.has_price().then_some(order.price);
        let plan = self.survey(&order, limit, &books);
        self.lock_routed(&mut order, plan)?;
        order.floor = Some(WorkingFloor::Exchange);
        self.admit(&mut order);
        let kill = order.time_in_force == TimeInForce::Fok && limit.is_some();
        let mut taken = Taken::default();
        if kill && !plan.complete && !plan.prevented {
            self.expire(&mut order, ExpiryReason::UnfilledFok);
        } else {
            self.route(&mut order, limit, &books, &mut taken);
            if order.status.is_open() {
                if limit.is_some() && order.time_in_force == TimeInForce::Gtc {
                    order.floor = Some(WorkingFloor::Exchange);
                }
                self.settle_rest(&mut order, limit.is_some(), taken.beyond_range);
            }
        }
        self.put_away(&mut order);
        for symbol in &books {
            self.run_triggers(*symbol);
        }
        for symbol in &books {
            self.finish(*symbol);
        }
        if let Some(current) = self.instrument(order.symbol).orders.get(&order.id) {
            order = current.clone();
        }
        Ok(taken.placed(order))
    }

    /// Lets the order hold what it may cost by the rules of its own symbol.
    fn lock_routed(&mut self, order: &mut Order, plan: Plan) -> Result<(), Reject> {
        let rules = &self.instruments[usize::from(order.symbol.0)].rules;
        if order.kind == OrderType::Market {
            let estimate = plan.estimate(order.quantity);
            return self.clearing.reserve_estimate(rules, order, estimate);
        }
        self.clearing.reserve(rules, order)
    }

    /// Goes through all books as the order would, without touching anything.
    fn survey(&self, order: &Order, limit: Option<Fixed>, books: &[SymbolId]) -> Plan {
        let mut offers: Vec<(Fixed, Fixed, Option<SelfTradePrevention>)> = Vec::new();
        for symbol in books {
            let instrument = self.instrument(*symbol);
            if !instrument.status.takes_orders() {
                continue;
            }
            let bounds = instrument.bounds(order.side, self.now);
            let mut sum = Fixed::ZERO;
            for (price, queue) in instrument.book.queues(order.side.opposite()) {
                if !crosses(order.side, limit, price) || !bounds.allow(price) || sum >= order.quantity {
                    break;
                }
                for maker in queue.filter_map(|id| instrument.orders.get(&id)) {
                    let prevention = prevention(&self.accounts, order, maker);
                    offers.push((price, maker.remaining(), prevention));
                    if prevention != Some(SelfTradePrevention::ExpireMaker) {
                        sum += maker.remaining();
                    }
                }
            }
        }
        // The sort is stable: at one price the own book comes first, and older orders before younger ones.
        match order.side {
            Side::Buy => offers.sort_by_key(|(price, ..)| *price),
            Side::Sell => offers.sort_by_key(|(price, ..)| std::cmp::Reverse(*price)),
        }
        let mut plan = Plan::default();
        for (price, available, prevention) in offers {
            plan.prevented |= prevention.is_some();
            match prevention {
                Some(SelfTradePrevention::ExpireMaker) => continue,
                Some(SelfTradePrevention::ExpireTaker | SelfTradePrevention::ExpireBoth) => break,
                _ => {}
            }
            let quantity = available.min(order.quantity - plan.quantity);
            plan.quantity += quantity;
            plan.quote += price.times(quantity);
            if plan.quantity >= order.quantity {
                plan.complete = true;
                break;
            }
        }
        plan
    }

    /// The best offer of all books; of equal ones that of the book named first.
    fn best_offer(
        &self,
        order: &Order,
        limit: Option<Fixed>,
        books: &[SymbolId],
        taken: &mut Taken,
    ) -> Option<Offer> {
        let mut best: Option<Offer> = None;
        for symbol in books {
            let instrument = self.instrument(*symbol);
            let Some((price, id)) = instrument.book.first(order.side.opposite()) else { continue };
            let better = best.as_ref().is_none_or(|best| match order.side {
                Side::Buy => price < best.price,
                Side::Sell => price > best.price,
            });
            if !better || !crosses(order.side, limit, price) || !instrument.status.takes_orders() {
                continue;
            }
            if !instrument.bounds(order.side, self.now).allow(price) {
                taken.beyond_range = true;
                continue;
            }
            let Some(maker) = instrument.orders.get(&id) else { continue };
            let quantity = order.remaining().min(maker.visible());
            let prevention = prevention(&self.accounts, order, maker);
            best = Some(Offer { symbol: *symbol, maker: id, price, quantity, prevention });
        }
        best
    }

    /// Takes from the books whatever is best.
    fn route(&mut self, order: &mut Order, limit: Option<Fixed>, books: &[SymbolId], taken: &mut Taken) {
        let mut aggregates = BTreeMap::new();
        while order.remaining().is_positive() {
            let Some(offer) = self.best_offer(order, limit, books, taken) else { break };
            taken.beyond_range = false;
            order.floor = Some(WorkingFloor::Sor);
            if let Some(mode) = offer.prevention {
                self.prevent_routed(order, &offer, mode, taken);
                continue;
            }
            let in_list =
                self.instrument(offer.symbol).orders.get(&offer.maker).is_some_and(|o| o.list.is_some());
            if in_list {
                self.activate_leg(offer.symbol, offer.maker);
            }
            let Some(agent) = self.routing.agent else { break };
            let quote = offer.price.times(offer.quantity);
            let new = NewOrder::limit(offer.symbol, order.side, offer.quantity, offer.price);
            let mut order_of_agent = self.draft(agent, new, None);
            let execution = Execution { quantity: offer.quantity, quote, is_maker: false };
            let rules = &self.instruments[usize::from(offer.symbol.0)].rules;
            self.clearing.reserve_uncovered(rules, &mut order_of_agent, execution);
            let trade = self.trade(
                &mut order_of_agent,
                offer.maker,
                offer.price,
                offer.quantity,
                quote,
                &mut Vec::new(),
            );
            self.aggregate(offer.symbol, aggregates.entry(offer.symbol).or_default(), &trade);
            let fill = self.allocate(order, agent, offer.price, execution);
            taken.fills.push(fill);
        }
        for (symbol, aggregate) in aggregates {
            if let Some(aggregate) = aggregate {
                self.push_aggregate(symbol, aggregate);
            }
        }
    }

    /// Passes on to the order what was taken for it.
    fn allocate(&mut self, order: &mut Order, agent: AccountId, price: Fixed, execution: Execution) -> Fill {
        let now = self.now;
        let instrument = self.instrument_mut(order.symbol);
        let id = instrument.next_allocation_id;
        instrument.next_allocation_id += 1;
        let Execution { quantity, quote, .. } = execution;
        let first_fill = order.executed.is_zero();
        let charge = self.settle(order.symbol, order, execution);
        let rules = &self.instruments[usize::from(order.symbol.0)].rules;
        self.clearing.hand_over(rules, agent, order.side, execution);
        self.accounts.record_allocation(
            order.account,
            order.symbol,
            Allocation {
                id,
                order_id: order.id,
                price,
                quantity,
                quote,
                commission: charge.amount,
                commission_asset: charge.asset,
                time: now,
                is_buyer: order.side == Side::Buy,
            },
        );
        let report = ExecutionReport {
            last_quantity: quantity,
            last_price: price,
            last_quote: quote,
            commission: charge.amount,
            commission_asset: Some(charge.asset),
            allocation: Some(id),
            first_fill,
            ..self.report_of(order, ExecutionType::Trade)
        };
        self.events.push(super::Event::Report(Box::new(report)));
        Fill {
            price,
            quantity,
            commission: charge.amount,
            commission_asset: charge.asset,
            trade_id: 0,
            allocation: Some(id),
        }
    }

    /// Prevents the order from taking from one of its own account. What a group would transfer is lost by both.
    fn prevent_routed(
        &mut self,
        order: &mut Order,
        offer: &Offer,
        mode: SelfTradePrevention,
        taken: &mut Taken,
    ) {
        let Some(maker) = self.instrument(offer.symbol).orders.get(&offer.maker) else { return };
        let (maker_account, maker_rest, in_list) = (maker.account, maker.remaining(), maker.list.is_some());
        let (taken_off, made_less) = match mode {
            SelfTradePrevention::ExpireTaker => (Some(order.remaining()), None),
            SelfTradePrevention::ExpireMaker => (None, Some(maker_rest)),
            SelfTradePrevention::ExpireBoth => (Some(order.remaining()), Some(maker_rest)),
            _ => (Some(offer.quantity), Some(offer.quantity)),
        };
        let instrument = self.instrument_mut(order.symbol);
        let id = instrument.next_prevented_id;
        instrument.next_prevented_id += 1;
        let record = PreventedMatch {
            id,
            taker_order: order.id,
            maker_order: offer.maker,
            maker_symbol: Some(offer.symbol),
            taker: order.account,
            maker: maker_account,
            group: None,
            mode,
            price: offer.price,
            taker_quantity: taken_off,
            maker_quantity: made_less,
            time: self.now,
        };
        let record = PreventedMatch { group: self.accounts.get(order.account).trade_group, ..record };
        let instrument = self.instrument_mut(order.symbol);
        instrument.prevented.push_back(record.clone());
        if instrument.prevented.len() > TRADE_HISTORY {
            instrument.prevented.pop_front();
        }
        taken.prevented.push(record);
        let counter = |id, symbol| Counter {
            id,
            symbol,
            quantity: offer.quantity,
            price: offer.price,
            #[cfg(test)]
            transferred: false,
        };
        if let Some(lost) = made_less {
            if in_list {
                self.activate_leg(offer.symbol, offer.maker);
            }
            let counter = counter(order.id, order.symbol);
            self.decrement_maker(offer.symbol, offer.maker, id, lost, &counter);
        }
        if let Some(lost) = taken_off {
            order.prevented += lost;
            order.prevented_match = Some(id);
            order.updated = self.now;
            if order.remaining().is_zero() {
                order.status = OrderStatus::ExpiredInMatch;
            }
            self.clearing.trim(&self.instruments[usize::from(order.symbol.0)].rules, order);
            self.report_prevented(order, lost, &counter(offer.maker, offer.symbol));
        }
    }

    /// Frees and closes an order that is over and not on the book.
    pub(super) fn put_away(&mut self, order: &mut Order) {
        if order.priority.is_none() && !order.status.is_open() {
            self.clearing.release(&self.instruments[usize::from(order.symbol.0)].rules, order);
            self.store_closed(order.clone());
        }
    }
}
