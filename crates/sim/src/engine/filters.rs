//! The filters of a symbol, in the order in which the exchange applies them.

use super::fixed::Fixed;
use super::order::NewOrder;
use super::reject::Reject;
use super::types::{AccountId, OrderType};
use super::{Engine, Instrument};
use binance_kit_core::Timestamp;

/// The largest product of price and quantity, in the quote asset; not applied to market orders.
pub(crate) const MAX_NOTIONAL: Fixed = Fixed::from_int(9_000_000);

impl Engine {
    /// Applies the filters to a new order; `adding` orders are about to be opened with it.
    pub(crate) fn check_filters(
        &self,
        now: Timestamp,
        account: AccountId,
        order: &NewOrder,
        adding: u32,
    ) -> Result<(), Reject> {
        let instrument = self.instrument(order.symbol);
        check_prices(instrument, order)?;
        check_quantity(instrument, order)?;
        check_notional(instrument, order, now)?;
        // An order that is already counted as open adds nothing.
        if adding == 0 { Ok(()) } else { self.check_counts(account, order, adding) }
    }

    fn check_counts(&self, account: AccountId, order: &NewOrder, adding: u32) -> Result<(), Reject> {
        let account = self.ledger.account(account);
        if account.house {
            return Ok(());
        }
        let instrument = self.instrument(order.symbol);
        let Some(orders) = account.orders_on(order.symbol) else { return Ok(()) };
        let open = u32::try_from(orders.open.len()).unwrap_or(u32::MAX);
        if open.saturating_add(adding) > instrument.rules.max_orders {
            return Err(Reject::filter("MAX_NUM_ORDERS"));
        }
        if order.kind.is_contingent() {
            let waiting = orders
                .open
                .iter()
                .filter_map(|id| instrument.orders.get(id))
                .filter(|order| order.kind.is_contingent())
                .count();
            if u32::try_from(waiting).unwrap_or(u32::MAX) >= instrument.rules.max_algo_orders {
                return Err(Reject::filter("MAX_NUM_ALGO_ORDERS"));
            }
        }
        Ok(())
    }
}

fn check_prices(instrument: &Instrument, order: &NewOrder) -> Result<(), Reject> {
    let rules = &instrument.rules;
    let price = order.kind.has_price().then_some(order.price).flatten();
    for price in [price, order.stop_price].into_iter().flatten() {
        if price < rules.tick_size || price > rules.max_price || !price.is_multiple_of(rules.tick_size) {
            return Err(Reject::filter("PRICE_FILTER"));
        }
    }
    Ok(())
}

fn check_quantity(instrument: &Instrument, order: &NewOrder) -> Result<(), Reject> {
    let rules = &instrument.rules;
    let Some(quantity) = order.quantity else { return Ok(()) };
    if quantity < rules.step_size
        || quantity > rules.max_quantity
        || !quantity.is_multiple_of(rules.step_size)
    {
        return Err(Reject::filter("LOT_SIZE"));
    }
    let at_market = matches!(order.kind, OrderType::Market | OrderType::StopLoss | OrderType::TakeProfit);
    if at_market && quantity > rules.market_max_quantity {
        return Err(Reject::filter("MARKET_LOT_SIZE"));
    }
    Ok(())
}

fn check_notional(instrument: &Instrument, order: &NewOrder, now: Timestamp) -> Result<(), Reject> {
    let notional = match (order.kind, order.quote_quantity, order.quantity) {
        (OrderType::Market, Some(quote), _) => quote,
        (OrderType::Market | OrderType::StopLoss | OrderType::TakeProfit, _, Some(quantity)) => {
            instrument.average_price(now).times(quantity)
        }
        (_, _, Some(quantity)) => order.price.unwrap_or(Fixed::ZERO).times(quantity),
        _ => return Ok(()),
    };
    let too_much = order.kind != OrderType::Market && notional > MAX_NOTIONAL;
    if notional < instrument.rules.min_notional || too_much {
        return Err(Reject::filter("NOTIONAL"));
    }
    Ok(())
}
