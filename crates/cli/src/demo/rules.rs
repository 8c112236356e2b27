//! Prices and quantities that the exchange takes: the little of the filters that the demo needs.

use binance_kit::spot::general::SymbolInfo;
use binance_kit::spot::rules::Filter;
use binance_kit::{Asset, Decimal, Symbol};

/// The steps of a symbol.
#[derive(Debug, Clone)]
pub(super) struct SymbolRules {
    pub(super) symbol: Symbol,
    pub(super) base: Asset,
    pub(super) quote: Asset,
    pub(super) tick: Decimal,
    pub(super) step: Decimal,
    pub(super) min_notional: Decimal,
}

impl SymbolRules {
    /// Reads them from `exchangeInfo`; `None` when one is missing.
    pub(super) fn read(info: &SymbolInfo) -> Option<Self> {
        let (mut tick, mut step, mut min_notional) = (None, None, None);
        for filter in &info.filters {
            match filter {
                Filter::Price(filter) => tick = Some(filter.tick_size),
                Filter::LotSize(filter) => step = Some(filter.step_size),
                Filter::Notional(filter) => min_notional = Some(filter.min_notional),
                Filter::MinNotional(filter) => min_notional = Some(filter.min_notional),
                _ => {}
            }
        }
        Some(Self {
            symbol: info.symbol.clone(),
            base: info.base_asset.clone(),
            quote: info.quote_asset.clone(),
            tick: tick.filter(|tick| !tick.is_zero())?,
            step: step.filter(|step| !step.is_zero())?,
            min_notional: min_notional?,
        })
    }

    /// The price, down to a tick.
    pub(super) fn price(&self, price: Decimal) -> Decimal {
        (price / self.tick).floor() * self.tick
    }

    /// The least quantity, up to a step, worth `times` the least notional at this price.
    pub(super) fn quantity(&self, price: Decimal, times: u32) -> Decimal {
        let worth = self.min_notional * Decimal::from(times);
        ((worth / price / self.step).ceil() * self.step).max(self.step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_kept() {
        let rules = SymbolRules {
            symbol: Symbol::new("BTCUSDT"),
            base: Asset::new("BTC"),
            quote: Asset::new("USDT"),
            tick: Decimal::new(5, 1),
            step: Decimal::new(1, 3),
            min_notional: Decimal::new(5, 0),
        };
        assert_eq!(rules.price(Decimal::new(6_168_599, 2)), Decimal::new(616_855, 1));
        assert_eq!(rules.quantity(Decimal::new(60_000, 0), 2), Decimal::new(1, 3));
        assert_eq!(rules.quantity(Decimal::new(2, 0), 2), Decimal::new(5, 0));
    }
}
