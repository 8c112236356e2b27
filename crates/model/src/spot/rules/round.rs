//! The nearest order that the rules allow.

use super::context::OrderContext;
use super::exact;
use super::fault::Violations;
use super::filters::{Worth, counted_price, market_price, multipliers, own_price, trailing_range};
use super::grid::{Direction, Grid};
use super::symbol::SymbolRules;
use super::view::{Numbers, OrderRequest, OrderView};
use crate::generated::spot::all::{
    CancelReplace, Filter, NewOrder, OrderListOco, OrderListOpo, OrderListOpoco, OrderListOto,
    OrderListOtoco, OrderSide, OrderType, SorOrder,
};
use binance_kit_core::Decimal;

/// Which way the numbers of an order may move.
///
/// | | price | stop price | quantity |
/// |---|---|---|---|
/// | `Down` | down | down | down |
/// | `Up` | up | up | up |
/// | `Nearest` | to the nearest | to the nearest | to the nearest |
/// | `Passive` | away from the market: bids down, asks up | so that it is triggered later | down |
/// | `Aggressive` | towards the market: bids up, asks down | so that it is triggered earlier | down |
///
/// A value out of range moves to the end of the range if that is the way it may move, and makes rounding fail otherwise:
/// with `Down`, an order that is too small stays too small. The part that an iceberg order shows and the distance of a
/// trailing stop go to the nearest that is allowed from where this says they go, whichever side it is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rounding {
    /// Nothing gets larger.
    Down,
    /// Nothing gets smaller.
    Up,
    /// As little as possible changes.
    Nearest,
    /// Never more than asked, and never at a price that is worse for the order.
    Passive,
    /// Never more than asked, and at a price that is no less likely to trade.
    Aggressive,
}

impl Rounding {
    fn price(self, side: &OrderSide) -> Direction {
        let is_sale = *side == OrderSide::Sell;
        match self {
            Self::Up => Direction::Up,
            Self::Nearest => Direction::Nearest,
            Self::Passive if is_sale => Direction::Up,
            Self::Aggressive if !is_sale => Direction::Up,
            Self::Down | Self::Passive | Self::Aggressive => Direction::Down,
        }
    }

    fn stop_price(self, side: &OrderSide, order_type: &OrderType) -> Direction {
        let takes_profit = matches!(order_type, OrderType::TakeProfit | OrderType::TakeProfitLimit);
        // Whether it is triggered by a price that rises.
        let rises = (*side == OrderSide::Sell) == takes_profit;
        match self {
            Self::Up => Direction::Up,
            Self::Nearest => Direction::Nearest,
            Self::Passive if rises => Direction::Up,
            Self::Aggressive if !rises => Direction::Up,
            Self::Down | Self::Passive | Self::Aggressive => Direction::Down,
        }
    }

    fn quantity(self) -> Direction {
        match self {
            Self::Up => Direction::Up,
            Self::Nearest => Direction::Nearest,
            Self::Down | Self::Passive | Self::Aggressive => Direction::Down,
        }
    }
}

macro_rules! rounded {
    ($($order:ident),*) => {$(
        impl $order {
            /// The nearest order that the rules of its symbol allow; as [`SymbolRules::round`].
            ///
            /// # Errors
            ///
            /// [`Violations`]: the rules that rounding cannot satisfy, and text that is no number.
            pub fn rounded(self, rules: &SymbolRules, rounding: Rounding) -> Result<Self, Violations> {
                rules.round(self, rounding)
            }
        }
    )*};
}

rounded!(
    NewOrder,
    SorOrder,
    CancelReplace,
    OrderListOco,
    OrderListOto,
    OrderListOtoco,
    OrderListOpo,
    OrderListOpoco
);

impl SymbolRules {
    /// The nearest order that the rules allow. As [`SymbolRules::round_within`] with nothing known of market and account:
    /// the rules that need that are not looked at.
    ///
    /// # Errors
    ///
    /// As [`SymbolRules::round_within`].
    pub fn round<R: OrderRequest>(&self, request: R, rounding: Rounding) -> Result<R, Violations> {
        self.round_within(request, rounding, &OrderContext::new())
    }

    /// The nearest order that keeps the rules, in prices, quantities, the visible quantity of an iceberg order and the distance of
    /// a trailing stop. An order that they allow is returned unchanged, except for trailing zeros of its numbers. The answer
    /// passes [`SymbolRules::check`] with the same context.
    ///
    /// The orders of a list are rounded one after another. Where they share a quantity, each starts from what the one before made
    /// of it.
    ///
    /// # Errors
    ///
    /// [`Violations`]: the rules that rounding cannot satisfy.
    pub fn round_within<R: OrderRequest>(
        &self,
        mut request: R,
        rounding: Rounding,
        context: &OrderContext,
    ) -> Result<R, Violations> {
        let mut index = 0;
        loop {
            let mut rounded = None;
            let mut number = 0;
            request.each(&mut |order| {
                if number == index {
                    rounded = Some(self.rounded(*order, rounding, context));
                }
                number += 1;
            });
            let Some(rounded) = rounded else { break };
            request.set(index, rounded);
            index += 1;
        }
        self.check(&request, context)?;
        Ok(request)
    }

    /// The numbers of an order after rounding. What cannot be rounded stays as it is, and is found by the check.
    fn rounded(&self, mut order: OrderView<'_>, rounding: Rounding, context: &OrderContext) -> Numbers {
        if let (Some(price), Some(side)) = (order.price, order.side) {
            let grid = self.prices(&order, context);
            order.price = grid.round(price, rounding.price(side)).or(order.price);
        }
        if let (Some(stop_price), Some(side), Some(order_type)) =
            (order.stop_price, order.side, order.order_type)
        {
            let direction = rounding.stop_price(side, order_type);
            order.stop_price = self.price_grid().round(stop_price, direction).or(order.stop_price);
        }
        if let Some(delta) = order.trailing_delta {
            let range = self.filters.iter().find_map(|filter| match filter {
                Filter::TrailingDelta(filter) => trailing_range(filter, &order),
                _ => None,
            });
            if let Some((least, most)) = range.filter(|(least, most)| least <= most) {
                order.trailing_delta = Some(delta.clamp(u64::from(least), u64::from(most)));
            }
        }
        if let Some(quantity) = order.quantity {
            let grid = self.quantities(&order, context);
            order.quantity =
                grid.and_then(|grid| grid.round(quantity, rounding.quantity())).or(order.quantity);
        }
        if let Some(quantity) = order.quote_quantity {
            let grid = self.quote_quantities(&order);
            order.quote_quantity = grid.round(quantity, rounding.quantity()).or(order.quote_quantity);
        }
        if let (Some(shown), Some(grid)) = (order.iceberg_quantity, self.iceberg_quantities(&order)) {
            order.iceberg_quantity = grid
                .round(shown, rounding.quantity())
                .or_else(|| grid.nearest(shown))
                .or(order.iceberg_quantity);
        }
        Numbers::from(&order)
    }

    /// The visible quantities that an iceberg order may have with the quantity it has.
    pub(super) fn iceberg_quantities(&self, order: &OrderView<'_>) -> Option<Grid> {
        let whole = order.quantity?;
        let mut grid = self.quantity_grid(false)?;
        for filter in &self.filters {
            if let Filter::IcebergParts(filter) = filter
                && let Some(least) = self.least_part(whole, filter.limit)
            {
                grid = grid.at_least(least);
            }
        }
        Some(grid.at_most(whole))
    }

    /// A price that the price filter allows, or `None` if there is none on that way.
    ///
    /// ```
    /// # use binance_kit_core::Decimal;
    /// # use binance_kit_model::spot::{Rounding, SymbolRules};
    /// # use binance_kit_model::common::OrderSide;
    /// # fn doc(rules: &SymbolRules) {
    /// let price = rules.round_price(Decimal::new(60_000_129, 3), &OrderSide::Buy, Rounding::Passive);
    /// # }
    /// ```
    pub fn round_price(&self, price: Decimal, side: &OrderSide, rounding: Rounding) -> Option<Decimal> {
        self.price_grid().round(price, rounding.price(side))
    }

    /// A quantity that the lot size allows, or `None` if there is none on that way.
    pub fn round_quantity(&self, quantity: Decimal, rounding: Rounding) -> Option<Decimal> {
        self.quantity_grid(false)?.round(quantity, rounding.quantity())
    }

    /// A quantity that the lot sizes allow a market order, or `None` if there is none on that way.
    pub fn round_market_quantity(&self, quantity: Decimal, rounding: Rounding) -> Option<Decimal> {
        self.quantity_grid(true)?.round(quantity, rounding.quantity())
    }

    /// The prices that the order may have.
    pub(super) fn prices(&self, order: &OrderView<'_>, context: &OrderContext) -> Grid {
        let mut grid = self.price_grid();
        for filter in &self.filters {
            if let Some(Ok(found)) = multipliers(filter, order.side)
                && let Ok(market) = market_price(found.2, context)
                && let Some(range) = self.percent_grid(market, found)
            {
                grid = grid.at_least(range.min);
                if let Some(max) = range.max {
                    grid = grid.at_most(max);
                }
            }
        }
        grid
    }

    /// The quantities that the order may have at the price it has.
    pub(super) fn quantities(&self, order: &OrderView<'_>, context: &OrderContext) -> Option<Grid> {
        let mut grid = self.quantity_grid(order.is_market())?;
        let pace = grid.pace();
        for filter in &self.filters {
            match filter {
                Filter::MinNotional(_) | Filter::Notional(_) => {
                    let Some(worth) = Worth::of(filter, order.is_market()) else { continue };
                    let Ok(price) = counted_price(order, worth.minutes, context) else { continue };
                    if price <= Decimal::ZERO {
                        continue;
                    }
                    if let Some(least) = worth.least.and_then(|least| exact::least_factor(least, price, pace))
                    {
                        grid = grid.at_least(least);
                    }
                    if let Some(most) = worth.most.and_then(|most| exact::greatest_factor(most, price, pace))
                    {
                        grid = grid.at_most(most);
                    }
                }
                Filter::MaxAsset(filter) if filter.asset == self.info.base_asset => {
                    grid = grid.at_most(filter.limit);
                }
                Filter::MaxAsset(filter) if filter.asset == self.info.quote_asset => {
                    if let Some(Ok(price)) = own_price(order, context)
                        && price > Decimal::ZERO
                        && let Some(most) = exact::greatest_factor(filter.limit, price, pace)
                    {
                        grid = grid.at_most(most);
                    }
                }
                Filter::MaxPosition(filter)
                    if order.side == Some(&OrderSide::Buy) && !filter.max_position.is_zero() =>
                {
                    if let (Some(balance), Some(buying)) = (context.base_balance, context.open_buy_quantity)
                        && let Some(position) = exact::add(balance, buying)
                    {
                        let room = exact::subtract(filter.max_position, position);
                        grid = grid.at_most(room.unwrap_or(Decimal::ZERO));
                    }
                }
                _ => {}
            }
        }
        Some(grid)
    }

    /// The quantities in the quote asset that the order may have.
    pub(super) fn quote_quantities(&self, order: &OrderView<'_>) -> Grid {
        let mut grid = self.quote_grid();
        for filter in &self.filters {
            if let Some(worth) = Worth::of(filter, order.is_market()) {
                grid = grid.at_least(worth.least.unwrap_or_default());
                if let Some(most) = worth.most {
                    grid = grid.at_most(most);
                }
            }
            if let Filter::MaxAsset(filter) = filter
                && filter.asset == self.info.quote_asset
            {
                grid = grid.at_most(filter.limit);
            }
        }
        grid
    }
}
