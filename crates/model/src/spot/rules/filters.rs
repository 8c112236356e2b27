//! The filters, one by one.

use super::context::{OpenCounts, OrderContext};
use super::exact;
use super::fault::{Fact, Findings, Rule, ViolationKind};
use super::grid::Grid;
use super::symbol::SymbolRules;
use super::view::{OrderRequest, OrderView};
use crate::generated::spot::all::{
    Filter, MaxAssetFilter, OrderSide, OrderType, PegPriceType, PriceFilter, TrailingDeltaFilter,
};
use binance_kit_core::Decimal;
use std::cmp::Ordering;

/// The multipliers that hold for an order, up and down.
pub(super) type Multipliers = (Decimal, Decimal, u32);

/// A filter on price times quantity: zero or nothing switches a bound off.
#[derive(Debug, Clone, Copy)]
pub(super) struct Worth {
    pub(super) least: Option<Decimal>,
    pub(super) most: Option<Decimal>,
    pub(super) minutes: u32,
}

impl Worth {
    /// What a filter says of an order, if it says anything of its kind.
    pub(super) fn of(filter: &Filter, is_market: bool) -> Option<Self> {
        let some = |bound: Decimal, holds: bool| Some(bound).filter(|bound| holds && !bound.is_zero());
        let worth = match filter {
            Filter::MinNotional(filter) => Self {
                least: some(filter.min_notional, !is_market || filter.apply_to_market),
                most: None,
                minutes: filter.average_price_minutes,
            },
            Filter::Notional(filter) => Self {
                least: some(filter.min_notional, !is_market || filter.apply_min_to_market),
                most: some(filter.max_notional, !is_market || filter.apply_max_to_market),
                minutes: filter.average_price_minutes,
            },
            _ => return None,
        };
        (worth.least.is_some() || worth.most.is_some()).then_some(worth)
    }
}

/// The market price of a filter.
pub(super) fn market_price(minutes: u32, context: &OrderContext) -> Result<Decimal, Fact> {
    match context.reference_price {
        Some(Some(price)) => return Ok(price),
        Some(None) => {}
        None => return Err(Fact::ReferencePrice),
    }
    if minutes == 0 {
        return context.last_price.ok_or(Fact::LastPrice);
    }
    match context.average_price {
        Some((known, price)) if known == minutes => Ok(price),
        _ => Err(Fact::AveragePrice { minutes }),
    }
}

/// The price of an order that has one; nothing for one that trades at the market's.
pub(super) fn own_price(order: &OrderView<'_>, context: &OrderContext) -> Option<Result<Decimal, Fact>> {
    if order.side.is_none() {
        return Some(context.amended.as_ref().map(|amended| amended.price).ok_or(Fact::AmendedOrder));
    }
    if let Some(price) = order.price {
        return Some(Ok(price));
    }
    let (to, is_best) = order.peg?;
    let best = match (to, order.side) {
        (PegPriceType::PrimaryPeg, Some(OrderSide::Buy))
        | (PegPriceType::MarketPeg, Some(OrderSide::Sell)) => context.best_bid,
        (PegPriceType::PrimaryPeg, Some(OrderSide::Sell))
        | (PegPriceType::MarketPeg, Some(OrderSide::Buy)) => context.best_ask,
        _ => None,
    };
    Some(best.filter(|_| is_best).ok_or(Fact::OrderPrice))
}

/// At what price an order counts.
pub(super) fn counted_price(
    order: &OrderView<'_>,
    minutes: u32,
    context: &OrderContext,
) -> Result<Decimal, Fact> {
    own_price(order, context).unwrap_or_else(|| market_price(minutes, context))
}

/// The multipliers of a filter for an order's side.
pub(super) fn multipliers(filter: &Filter, side: Option<&OrderSide>) -> Option<Result<Multipliers, Fact>> {
    match (filter, side) {
        (Filter::PercentPrice(filter), _) => {
            Some(Ok((filter.multiplier_up, filter.multiplier_down, filter.average_price_minutes)))
        }
        (Filter::PercentPriceBySide(filter), Some(OrderSide::Buy)) => {
            Some(Ok((filter.bid_multiplier_up, filter.bid_multiplier_down, filter.average_price_minutes)))
        }
        (Filter::PercentPriceBySide(filter), Some(OrderSide::Sell)) => {
            Some(Ok((filter.ask_multiplier_up, filter.ask_multiplier_down, filter.average_price_minutes)))
        }
        (Filter::PercentPriceBySide(_), _) => Some(Err(Fact::Side)),
        _ => None,
    }
}

/// The least and the most that a trailing stop may have, by where its stop price is from the market's.
pub(super) fn trailing_range(filter: &TrailingDeltaFilter, order: &OrderView<'_>) -> Option<(u32, u32)> {
    let rises = match (order.order_type?, order.side?) {
        (OrderType::StopLoss | OrderType::StopLossLimit, OrderSide::Buy)
        | (OrderType::TakeProfit | OrderType::TakeProfitLimit, OrderSide::Sell) => true,
        (OrderType::StopLoss | OrderType::StopLossLimit, OrderSide::Sell)
        | (OrderType::TakeProfit | OrderType::TakeProfitLimit, OrderSide::Buy) => false,
        _ => return None,
    };
    Some(if rises {
        (filter.min_trailing_above_delta, filter.max_trailing_above_delta)
    } else {
        (filter.min_trailing_below_delta, filter.max_trailing_below_delta)
    })
}

fn parameter_of_price(order: &OrderView<'_>) -> &'static str {
    if order.price.is_some() { order.names.price } else { order.names.peg_price_type }
}

impl SymbolRules {
    pub(super) fn price_grid_of(&self, filter: &PriceFilter) -> Grid {
        let places = self.info.quote_asset_precision;
        Grid::new(filter.min_price, filter.max_price, filter.tick_size, places)
    }

    /// The prices that the price filter leaves.
    pub(super) fn price_grid(&self) -> Grid {
        let found = self.filters.iter().find_map(|filter| match filter {
            Filter::Price(filter) => Some(self.price_grid_of(filter)),
            _ => None,
        });
        found.unwrap_or_else(|| Grid::places(self.info.quote_asset_precision))
    }

    fn lot_grid(&self, filter: &Filter) -> Option<Grid> {
        let (min, max, step) = match filter {
            Filter::LotSize(filter) => (filter.min_quantity, filter.max_quantity, filter.step_size),
            Filter::MarketLotSize(filter) => (filter.min_quantity, filter.max_quantity, filter.step_size),
            _ => return None,
        };
        Some(Grid::new(min, max, step, self.info.base_asset_precision))
    }

    /// The quantities that the lot sizes leave. `None` if the two have no step in common.
    pub(super) fn quantity_grid(&self, is_market: bool) -> Option<Grid> {
        self.filters
            .iter()
            .filter(|filter| is_market || !matches!(filter, Filter::MarketLotSize(_)))
            .filter_map(|filter| self.lot_grid(filter))
            .try_fold(Grid::places(self.info.base_asset_precision), Grid::and)
    }

    pub(super) fn quote_grid(&self) -> Grid {
        Grid::places(self.info.quote_asset_precision)
    }

    pub(super) fn check_filter<R: OrderRequest + ?Sized>(
        &self,
        filter: &Filter,
        request: &R,
        context: &OrderContext,
        adding: OpenCounts,
        findings: &mut Findings,
    ) {
        let here = context.open_on_symbol;
        let everywhere = context.open_on_exchange;
        match filter {
            Filter::MaxNumOrders(filter) => {
                let count = Count::new(Rule::MaxNumOrders, adding.orders, filter.max_num_orders);
                count.check("symbol", here.map(|open| open.orders), Fact::OpenOnSymbol, findings);
            }
            Filter::ExchangeMaxNumOrders(filter) => {
                let count = Count::new(Rule::ExchangeMaxNumOrders, adding.orders, filter.max_num_orders);
                count.check("symbol", everywhere.map(|open| open.orders), Fact::OpenOnExchange, findings);
            }
            Filter::MaxNumAlgoOrders(filter) => {
                let count =
                    Count::new(Rule::MaxNumAlgoOrders, adding.algo_orders, filter.max_num_algo_orders);
                count.check("type", here.map(|open| open.algo_orders), Fact::OpenOnSymbol, findings);
            }
            Filter::ExchangeMaxNumAlgoOrders(filter) => {
                let rule = Rule::ExchangeMaxNumAlgoOrders;
                let count = Count::new(rule, adding.algo_orders, filter.max_num_algo_orders);
                count.check("type", everywhere.map(|open| open.algo_orders), Fact::OpenOnExchange, findings);
            }
            Filter::MaxNumIcebergOrders(filter) => {
                let rule = Rule::MaxNumIcebergOrders;
                let count = Count::new(rule, adding.iceberg_orders, filter.max_num_iceberg_orders);
                let open = here.map(|open| open.iceberg_orders);
                count.check("icebergQty", open, Fact::OpenOnSymbol, findings);
            }
            Filter::ExchangeMaxNumIcebergOrders(filter) => {
                let rule = Rule::ExchangeMaxNumIcebergOrders;
                let count = Count::new(rule, adding.iceberg_orders, filter.max_num_iceberg_orders);
                let open = everywhere.map(|open| open.iceberg_orders);
                count.check("icebergQty", open, Fact::OpenOnExchange, findings);
            }
            Filter::MaxNumOrderLists(filter) => {
                let count =
                    Count::new(Rule::MaxNumOrderLists, adding.order_lists, filter.max_num_order_lists);
                count.check("symbol", here.map(|open| open.order_lists), Fact::OpenOnSymbol, findings);
            }
            Filter::ExchangeMaxNumOrderLists(filter) => {
                let rule = Rule::ExchangeMaxNumOrderLists;
                let count = Count::new(rule, adding.order_lists, filter.max_num_order_lists);
                let open = everywhere.map(|open| open.order_lists);
                count.check("symbol", open, Fact::OpenOnExchange, findings);
            }
            Filter::MaxNumOrderAmends(filter) => {
                // Only an amendment adds no order.
                let adding = u32::from(adding.orders == 0);
                let count = Count::new(Rule::MaxNumOrderAmends, adding, filter.max_num_order_amends);
                count.check("orderId", context.amendments, Fact::Amendments, findings);
            }
            Filter::Unknown(unknown) => {
                findings.misses(Rule::Unknown(unknown.kind.clone()), Fact::Meaning);
            }
            _ => request.each(&mut |order| self.check_numbers(filter, order, context, findings)),
        }
    }

    /// The filters that are about the numbers of one order.
    pub(super) fn check_numbers(
        &self,
        filter: &Filter,
        order: &OrderView<'_>,
        context: &OrderContext,
        findings: &mut Findings,
    ) {
        let names = order.names;
        match filter {
            Filter::Price(filter) => {
                let grid = self.price_grid_of(filter);
                for (parameter, value) in [(names.price, order.price), (names.stop_price, order.stop_price)] {
                    for fault in value.into_iter().flat_map(|value| grid.faults(value)) {
                        findings.breaks(Rule::PriceFilter, parameter, fault);
                    }
                }
            }
            Filter::PercentPrice(_) | Filter::PercentPriceBySide(_) => {
                self.check_percent(filter, order, context, findings);
            }
            Filter::LotSize(_) | Filter::MarketLotSize(_) => self.check_lot(filter, order, findings),
            Filter::MinNotional(_) => {
                if let Some(worth) = Worth::of(filter, order.is_market()) {
                    self.check_worth(Rule::MinNotional, worth, order, context, findings);
                }
            }
            Filter::Notional(_) => {
                if let Some(worth) = Worth::of(filter, order.is_market()) {
                    self.check_worth(Rule::Notional, worth, order, context, findings);
                }
            }
            Filter::IcebergParts(filter) => {
                if let (Some(quantity), Some(shown)) = (order.quantity, order.iceberg_quantity)
                    && shown > Decimal::ZERO
                {
                    let parts = exact::parts_of(quantity, shown);
                    if parts > u64::from(filter.limit) {
                        let nearest = self.least_part(quantity, filter.limit);
                        let fault = ViolationKind::TooManyParts { parts, bound: filter.limit, nearest };
                        findings.breaks(Rule::IcebergParts, names.iceberg_quantity, fault);
                    }
                }
            }
            Filter::MaxPosition(filter) => {
                self.check_position(filter.max_position, order, context, findings);
            }
            Filter::TrailingDelta(filter) => {
                if let (Some(given), Some((least, most))) =
                    (order.trailing_delta, trailing_range(filter, order))
                {
                    let (least, most) = (u64::from(least), u64::from(most));
                    let [shown, low, high] = [given, least, most].map(Decimal::from);
                    let fault = if given < least {
                        ViolationKind::TooLow { given: shown, bound: low, nearest: Some(low) }
                    } else if given > most {
                        ViolationKind::TooHigh { given: shown, bound: high, nearest: Some(high) }
                    } else {
                        return;
                    };
                    findings.breaks(Rule::TrailingDelta, names.trailing_delta, fault);
                }
            }
            Filter::MaxAsset(filter) => self.check_asset(filter, order, context, findings),
            _ => {}
        }
    }

    /// The smallest part that cuts a quantity into so many parts at most.
    pub(super) fn least_part(&self, quantity: Decimal, parts: u32) -> Option<Decimal> {
        let grid = self.quantity_grid(false)?;
        let least = exact::least_factor(quantity, Decimal::from(parts), grid.pace())?;
        grid.at_least(least).above(least)
    }

    /// The range of prices that a filter leaves around the market's.
    pub(super) fn percent_grid(&self, market: Decimal, (up, down, _): Multipliers) -> Option<Grid> {
        let grid = self.price_grid();
        let pace = grid.pace();
        // Exactly: the smallest and the largest tick within the bounds.
        let most = market.checked_mul(up).and_then(|bound| exact::ceil(bound, pace))?;
        let is_above =
            |price: Decimal| exact::compare_products(price, Decimal::ONE, market, up) == Ordering::Greater;
        let most = if is_above(most) { exact::subtract(most, pace)? } else { most };
        let grid = if up.is_zero() { grid } else { grid.at_most(most) };
        let least = market.checked_mul(down).and_then(|bound| exact::floor(bound, pace))?;
        let is_below =
            |price: Decimal| exact::compare_products(price, Decimal::ONE, market, down) == Ordering::Less;
        let least = if is_below(least) { exact::add(least, pace)? } else { least };
        Some(grid.at_least(least))
    }

    fn check_percent(
        &self,
        filter: &Filter,
        order: &OrderView<'_>,
        context: &OrderContext,
        findings: &mut Findings,
    ) {
        let rule = if matches!(filter, Filter::PercentPrice(_)) {
            Rule::PercentPrice
        } else {
            Rule::PercentPriceBySide
        };
        // An amendment leaves the price as it is.
        let (Some(_), Some(given)) = (order.side, own_price(order, context)) else { return };
        let known = given.and_then(|given| {
            let found = multipliers(filter, order.side).unwrap_or(Err(Fact::Side))?;
            Ok((given, found, market_price(found.2, context)?))
        });
        let (given, found, market) = match known {
            Ok(known) => known,
            Err(missing) => return findings.misses(rule, missing),
        };
        if given <= Decimal::ZERO {
            return;
        }
        let (up, down, _) = found;
        let compare = |multiplier| exact::compare_products(given, Decimal::ONE, market, multiplier);
        let nearest = || self.percent_grid(market, found).and_then(|grid| grid.nearest(given));
        let fault = if !up.is_zero() && compare(up) == Ordering::Greater {
            ViolationKind::TooHigh {
                given,
                bound: market.checked_mul(up).unwrap_or(market),
                nearest: nearest(),
            }
        } else if compare(down) == Ordering::Less {
            ViolationKind::TooLow {
                given,
                bound: market.checked_mul(down).unwrap_or(market),
                nearest: nearest(),
            }
        } else {
            return;
        };
        findings.breaks(rule, parameter_of_price(order), fault);
    }

    fn check_lot(&self, filter: &Filter, order: &OrderView<'_>, findings: &mut Findings) {
        let is_market_lot = matches!(filter, Filter::MarketLotSize(_));
        if is_market_lot && !order.is_market() {
            return;
        }
        let rule = if is_market_lot { Rule::MarketLotSize } else { Rule::LotSize };
        let Some(grid) = self.lot_grid(filter) else { return };
        if order.quantity.is_none() && order.quote_quantity.is_none() {
            findings.misses(rule.clone(), Fact::Quantity);
        }
        let shown = order.iceberg_quantity.filter(|_| !is_market_lot);
        for (parameter, value) in
            [(order.names.quantity, order.quantity), (order.names.iceberg_quantity, shown)]
        {
            for fault in value.into_iter().flat_map(|value| grid.faults(value)) {
                findings.breaks(rule.clone(), parameter, fault);
            }
        }
    }

    fn check_worth(
        &self,
        rule: Rule,
        worth: Worth,
        order: &OrderView<'_>,
        context: &OrderContext,
        findings: &mut Findings,
    ) {
        if let Some(quote) = order.quote_quantity {
            let fault = if let Some(bound) = worth.least.filter(|least| quote < *least) {
                let nearest = self.quote_grid().at_least(bound).above(quote);
                ViolationKind::NotionalTooLow { notional: quote, bound, nearest }
            } else if let Some(bound) = worth.most.filter(|most| quote > *most) {
                let nearest = self.quote_grid().at_most(bound).below(quote);
                ViolationKind::NotionalTooHigh { notional: quote, bound, nearest }
            } else {
                return;
            };
            return findings.breaks(rule, "quoteOrderQty", fault);
        }
        let Some(quantity) = order.quantity else { return findings.misses(rule, Fact::Quantity) };
        let price = match counted_price(order, worth.minutes, context) {
            Ok(price) => price,
            Err(missing) => return findings.misses(rule, missing),
        };
        if let Some(fault) = self.worth_fault(worth.least, worth.most, price, quantity, order.is_market()) {
            findings.breaks(rule, order.names.quantity, fault);
        }
    }

    fn worth_fault(
        &self,
        least: Option<Decimal>,
        most: Option<Decimal>,
        price: Decimal,
        quantity: Decimal,
        is_market: bool,
    ) -> Option<ViolationKind> {
        if price <= Decimal::ZERO || quantity <= Decimal::ZERO {
            return None;
        }
        let compare = |bound| exact::compare_products(price, quantity, bound, Decimal::ONE);
        let notional = || price.checked_mul(quantity).unwrap_or(Decimal::MAX);
        let grid = || self.quantity_grid(is_market);
        if let Some(bound) = least.filter(|bound| compare(*bound) == Ordering::Less) {
            let nearest = grid().and_then(|grid| {
                let least = exact::least_factor(bound, price, grid.pace())?;
                grid.at_least(least).above(least)
            });
            return Some(ViolationKind::NotionalTooLow { notional: notional(), bound, nearest });
        }
        let bound = most.filter(|bound| compare(*bound) == Ordering::Greater)?;
        let nearest = grid().and_then(|grid| {
            let most = exact::greatest_factor(bound, price, grid.pace())?;
            grid.at_most(most).below(most)
        });
        Some(ViolationKind::NotionalTooHigh { notional: notional(), bound, nearest })
    }

    fn check_position(
        &self,
        bound: Decimal,
        order: &OrderView<'_>,
        context: &OrderContext,
        findings: &mut Findings,
    ) {
        if order.side != Some(&OrderSide::Buy) || bound.is_zero() {
            return;
        }
        let rule = Rule::MaxPosition;
        let Some(given) = order.quantity else { return findings.misses(rule, Fact::Quantity) };
        let Some(balance) = context.base_balance else { return findings.misses(rule, Fact::BaseBalance) };
        let Some(buying) = context.open_buy_quantity else {
            return findings.misses(rule, Fact::OpenBuyQuantity);
        };
        // What does not fit into a number is above any bound.
        let position = exact::add(balance, buying).unwrap_or(Decimal::MAX);
        if exact::add(position, given).is_some_and(|sum| sum <= bound) {
            return;
        }
        let nearest = exact::subtract(bound, position)
            .and_then(|room| self.quantity_grid(order.is_market())?.at_most(room).below(room));
        let fault = ViolationKind::PositionTooHigh { position, given, bound, nearest };
        findings.breaks(rule, order.names.quantity, fault);
    }

    fn check_asset(
        &self,
        filter: &MaxAssetFilter,
        order: &OrderView<'_>,
        context: &OrderContext,
        findings: &mut Findings,
    ) {
        let (rule, bound) = (Rule::MaxAsset, filter.limit);
        if filter.asset == self.info.base_asset {
            match order.quantity {
                Some(given) if given > bound => {
                    let nearest = self
                        .quantity_grid(order.is_market())
                        .and_then(|grid| grid.at_most(bound).below(given));
                    let fault = ViolationKind::TooHigh { given, bound, nearest };
                    findings.breaks(rule.clone(), order.names.quantity, fault);
                }
                Some(_) => {}
                None => findings.misses(rule.clone(), Fact::Quantity),
            }
        }
        if filter.asset != self.info.quote_asset {
            return;
        }
        if let Some(given) = order.quote_quantity {
            if given > bound {
                let nearest = self.quote_grid().at_most(bound).below(given);
                findings.breaks(rule, "quoteOrderQty", ViolationKind::TooHigh { given, bound, nearest });
            }
            return;
        }
        let Some(quantity) = order.quantity else { return findings.misses(rule, Fact::Quantity) };
        match own_price(order, context) {
            Some(Ok(price)) => {
                if let Some(fault) = self.worth_fault(None, Some(bound), price, quantity, order.is_market()) {
                    findings.breaks(rule, order.names.quantity, fault);
                }
            }
            Some(Err(missing)) => findings.misses(rule, missing),
            // The documents do not say at which price a market order counts.
            None => findings.misses(rule, Fact::OrderPrice),
        }
    }
}

/// A filter on how many there may be.
struct Count {
    rule: Rule,
    adding: u32,
    bound: u32,
}

impl Count {
    const fn new(rule: Rule, adding: u32, bound: u32) -> Self {
        Self { rule, adding, bound }
    }

    fn check(self, parameter: &str, open: Option<u32>, missing: Fact, findings: &mut Findings) {
        let Self { rule, adding, bound } = self;
        if adding == 0 {
            return;
        }
        let Some(open) = open else { return findings.misses(rule, missing) };
        if open.saturating_add(adding) > bound {
            findings.breaks(rule, parameter, ViolationKind::TooMany { open, adding, bound });
        }
    }
}
