//! The filters: of a symbol, of the whole exchange, and of an asset.

use super::account::Account;
use super::fixed::Fixed;
use super::order::NewOrder;
use super::reject::Reject;
use super::rules::Rules;
use super::types::{AccountId, OrderType, Side, SymbolId};
use super::{Instrument, Matching};
use crate::clearing::Clearing;
use binance_kit_core::Timestamp;

/// Orders of an account on all symbols.
#[derive(Debug, Default)]
struct Open {
    /// All open orders.
    all: usize,
    /// Those that wait for a price.
    algo: u32,
    /// Icebergs.
    icebergs: u32,
}

/// Orders that are about to be opened together.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Adding {
    /// All orders.
    all: u32,
    /// Those that wait for a price.
    algo: u32,
    /// Icebergs.
    icebergs: u32,
}

impl Adding {
    /// Nothing but what is counted as open already.
    pub(crate) const NONE: Self = Self { all: 0, algo: 0, icebergs: 0 };

    pub(crate) fn of<'a>(orders: impl IntoIterator<Item = &'a NewOrder>) -> Self {
        orders.into_iter().fold(Self::NONE, |adding, order| Self {
            all: adding.all + 1,
            algo: adding.algo + u32::from(order.kind.is_contingent()),
            icebergs: adding.icebergs + u32::from(order.iceberg.is_some_and(Fixed::is_positive)),
        })
    }
}

impl Open {
    fn of(account: &Account) -> Self {
        account.orders.values().fold(Self::default(), |open, orders| Self {
            all: open.all + orders.open.len(),
            algo: open.algo + orders.open_algo,
            icebergs: open.icebergs + orders.open_icebergs,
        })
    }
}

impl<C: Clearing> Matching<C> {
    /// Applies the filters to a new order; `adding` orders are about to be opened with it. With none, those that count
    /// open orders do not apply.
    pub(crate) fn check_filters(
        &self,
        now: Timestamp,
        account: AccountId,
        order: &NewOrder,
        adding: Adding,
    ) -> Result<(), Reject> {
        let instrument = self.instrument(order.symbol);
        let internal = self.accounts.get(account).internal;
        // A pegged order has to pass with its own price and with that of the peg.
        let pegged = match order.peg {
            Some(peg) if !order.kind.is_contingent() => {
                Some(instrument.peg_price(order.side, peg, order.price).ok_or_else(Reject::no_peg)?)
            }
            _ => None,
        };
        let price = order.kind.has_price().then_some(order.price).flatten();
        let reference = Reference { instrument, now };
        for price in [price, order.stop_price, pegged].into_iter().flatten() {
            check_tick(&instrument.rules, price)?;
        }
        if !internal {
            for price in [price, pegged].into_iter().flatten() {
                check_percent(&reference, order.side, price)?;
            }
        }
        check_quantity(&instrument.rules, order)?;
        for price in [price, pegged].into_iter().flatten() {
            if price.times(order.quantity.unwrap_or(Fixed::ONE)).is_zero() {
                return Err(Reject::invalid_order("Price * QTY is zero or less."));
            }
        }
        match (price, pegged) {
            (None, None) => check_notional(&reference, order, None)?,
            (price, pegged) => {
                for price in [price, pegged].into_iter().flatten() {
                    check_notional(&reference, order, Some(price))?;
                }
            }
        }
        check_trailing(&instrument.rules, order)?;
        if internal {
            return Ok(());
        }
        self.check_asset(account, order, pegged.or(price), &reference)?;
        if adding.all > 0 {
            self.check_position(account, order)?;
            self.check_counts(account, order, adding)?;
        }
        Ok(())
    }

    /// The filters that look at a price, for an order that gets one only when it begins to act.
    pub(super) fn check_price(
        &self,
        symbol: SymbolId,
        side: Side,
        price: Fixed,
        quantity: Fixed,
    ) -> Result<(), Reject> {
        let instrument = self.instrument(symbol);
        let reference = Reference { instrument, now: self.now };
        check_tick(&instrument.rules, price)?;
        check_percent(&reference, side, price)?;
        let order = NewOrder::limit(symbol, side, quantity, price);
        check_notional(&reference, &order, Some(price))
    }

    fn check_counts(&self, account: AccountId, order: &NewOrder, adding: Adding) -> Result<(), Reject> {
        let account = self.accounts.get(account);
        let rules = &self.instrument(order.symbol).rules;
        let exceeds = |open: usize, adding: u32, most: u32| {
            adding > 0 && u32::try_from(open).unwrap_or(u32::MAX).saturating_add(adding) > most
        };
        if let Some(orders) = account.orders_on(order.symbol) {
            if exceeds(orders.open.len(), adding.all, rules.max_orders) {
                return Err(Reject::filter("MAX_NUM_ORDERS"));
            }
            if exceeds(orders.open_algo as usize, adding.algo, rules.max_algo_orders) {
                return Err(Reject::filter("MAX_NUM_ALGO_ORDERS"));
            }
            if rules
                .max_iceberg_orders
                .is_some_and(|most| exceeds(orders.open_icebergs as usize, adding.icebergs, most))
            {
                return Err(Reject::filter("MAX_NUM_ICEBERG_ORDERS"));
            }
        }
        let all = &self.exchange_rules;
        if all.max_orders.or(all.max_algo_orders).or(all.max_iceberg_orders).is_none() {
            return Ok(());
        }
        let open = Open::of(account);
        if all.max_orders.is_some_and(|most| exceeds(open.all, adding.all, most)) {
            return Err(Reject::filter("EXCHANGE_MAX_NUM_ORDERS"));
        }
        if all.max_algo_orders.is_some_and(|most| exceeds(open.algo as usize, adding.algo, most)) {
            return Err(Reject::filter("EXCHANGE_MAX_NUM_ALGO_ORDERS"));
        }
        if all.max_iceberg_orders.is_some_and(|most| exceeds(open.icebergs as usize, adding.icebergs, most)) {
            return Err(Reject::filter("EXCHANGE_MAX_NUM_ICEBERG_ORDERS"));
        }
        Ok(())
    }

    /// What is owned, and what is about to be bought, of the base asset.
    fn check_position(&self, account: AccountId, order: &NewOrder) -> Result<(), Reject> {
        let instrument = self.instrument(order.symbol);
        let Some(most) = instrument.rules.max_position else { return Ok(()) };
        if order.side == Side::Sell {
            return Ok(());
        }
        let buying: Fixed = self
            .accounts
            .get(account)
            .orders_on(order.symbol)
            .into_iter()
            .flat_map(|orders| orders.open.iter())
            .filter_map(|id| instrument.orders.get(id))
            .filter(|order| order.side == Side::Buy)
            .map(super::Order::remaining)
            .sum();
        let position = self.clearing.position(&instrument.rules, account) + buying;
        if position > most || position + order.quantity.unwrap_or(Fixed::ZERO) > most {
            return Err(Reject::filter("MAX_POSITION"));
        }
        Ok(())
    }

    fn check_asset(
        &self,
        account: AccountId,
        order: &NewOrder,
        price: Option<Fixed>,
        reference: &Reference<'_>,
    ) -> Result<(), Reject> {
        let limits = &self.accounts.get(account).max_asset;
        if limits.is_empty() {
            return Ok(());
        }
        let rules = &reference.instrument.rules;
        let price = price.unwrap_or_else(|| reference.price(5));
        let quantity = order
            .quantity
            .or_else(|| order.quote_quantity.map(|quote| quote.over(price)))
            .unwrap_or(Fixed::ZERO);
        let notional = order.quote_quantity.unwrap_or_else(|| price.times(quantity));
        for (asset, amount) in [(rules.base, quantity), (rules.quote, notional)] {
            if limits.get(&asset).is_some_and(|limit| amount > *limit) {
                return Err(Reject::filter("MAX_ASSET"));
            }
        }
        Ok(())
    }
}

/// What prices are compared with: the reference price, or the average.
struct Reference<'a> {
    /// The symbol.
    instrument: &'a Instrument,
    /// Time of the command.
    now: Timestamp,
}

impl Reference<'_> {
    fn price(&self, minutes: u32) -> Fixed {
        self.instrument
            .reference_price(self.now)
            .unwrap_or_else(|| self.instrument.average_price_over(self.now, minutes))
    }
}

/// Whether a value is within bounds, of which zero does not bind, and on a step.
fn fits(value: Fixed, least: Fixed, most: Fixed, step: Fixed) -> bool {
    value >= least && (most.is_zero() || value <= most) && value.is_multiple_of(step)
}

fn check_tick(rules: &Rules, price: Fixed) -> Result<(), Reject> {
    if fits(price, rules.min_price, rules.max_price, rules.tick_size) {
        Ok(())
    } else {
        Err(Reject::filter("PRICE_FILTER"))
    }
}

fn check_percent(reference: &Reference<'_>, side: Side, price: Fixed) -> Result<(), Reject> {
    let rules = &reference.instrument.rules;
    if let Some(filter) = &rules.percent_price {
        let average = reference.price(filter.minutes);
        if price > average.times(filter.up) || price < average.times(filter.down) {
            return Err(Reject::filter("PERCENT_PRICE"));
        }
    }
    if let Some(filter) = &rules.percent_price_by_side {
        let average = reference.price(filter.minutes);
        let (up, down) = match side {
            Side::Buy => (filter.bid_up, filter.bid_down),
            Side::Sell => (filter.ask_up, filter.ask_down),
        };
        if price > average.times(up) || price < average.times(down) {
            return Err(Reject::filter("PERCENT_PRICE_BY_SIDE"));
        }
    }
    Ok(())
}

fn check_quantity(rules: &Rules, order: &NewOrder) -> Result<(), Reject> {
    let Some(quantity) = order.quantity else { return Ok(()) };
    let iceberg = order.iceberg.filter(|part| part.is_positive());
    for quantity in [Some(quantity), iceberg].into_iter().flatten() {
        if !fits(quantity, rules.min_quantity, rules.max_quantity, rules.step_size) {
            return Err(Reject::filter("LOT_SIZE"));
        }
    }
    let at_market = matches!(order.kind, OrderType::Market | OrderType::StopLoss | OrderType::TakeProfit);
    if at_market
        && !fits(quantity, rules.market_min_quantity, rules.market_max_quantity, rules.market_step_size)
    {
        return Err(Reject::filter("MARKET_LOT_SIZE"));
    }
    if let Some(part) = iceberg {
        let parts = (quantity.units() + part.units() - 1) / part.units();
        if parts > i128::from(rules.iceberg_parts) {
            return Err(Reject::filter("ICEBERG_PARTS"));
        }
    }
    Ok(())
}

fn check_notional(reference: &Reference<'_>, order: &NewOrder, price: Option<Fixed>) -> Result<(), Reject> {
    let rules = &reference.instrument.rules;
    let at_market = price.is_none();
    let notional = |minutes| match (order.quote_quantity, order.quantity) {
        (Some(quote), _) => Some(quote),
        (None, Some(quantity)) => Some(price.unwrap_or_else(|| reference.price(minutes)).times(quantity)),
        (None, None) => None,
    };
    if let Some(filter) = &rules.older_min_notional
        && (filter.at_market || !at_market)
        && notional(filter.minutes).is_some_and(|notional| notional < filter.least)
    {
        return Err(Reject::filter("MIN_NOTIONAL"));
    }
    if let Some(notional) = notional(rules.notional_minutes)
        && (notional < rules.min_notional || (!at_market && notional > rules.max_notional))
    {
        return Err(Reject::filter("NOTIONAL"));
    }
    Ok(())
}

fn check_trailing(rules: &Rules, order: &NewOrder) -> Result<(), Reject> {
    let (Some(bounds), Some(delta)) = (&rules.trailing, order.trailing_delta) else { return Ok(()) };
    let (least, most) = if order.kind.triggers_upwards(order.side) {
        (bounds.min_above, bounds.max_above)
    } else {
        (bounds.min_below, bounds.max_below)
    };
    if delta < least || delta > most { Err(Reject::filter("TRAILING_DELTA")) } else { Ok(()) }
}
