//! What a symbol is: its assets, steps and limits.

use super::fixed::{Fixed, FixedError};
use super::reference::{PriceRange, ReferenceSource};
use super::rules::{Feature, MinNotional, PercentPrice, PercentPriceBySide, Rules, TrailingBounds};
use super::types::{AssetId, SelfTradePrevention};
use binance_kit_core::{Asset, Decimal, Symbol};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Whether a symbol can be traded, in the exchange's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum SymbolStatus {
    /// Orders are accepted.
    Trading,
    /// The trading day has ended.
    EndOfDay,
    /// Trading is halted.
    Halt,
    /// Trading is paused.
    Break,
    /// Orders can only be cancelled.
    CancelOnly,
}

impl SymbolStatus {
    const ALL: [Self; 5] = [Self::Trading, Self::EndOfDay, Self::Halt, Self::Break, Self::CancelOnly];

    /// Returns the word of the exchange: `TRADING`, `END_OF_DAY`, `HALT`, `BREAK`, `CANCEL_ONLY`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trading => "TRADING",
            Self::EndOfDay => "END_OF_DAY",
            Self::Halt => "HALT",
            Self::Break => "BREAK",
            Self::CancelOnly => "CANCEL_ONLY",
        }
    }

    /// The status of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Returns whether new orders are accepted. Open orders can be cancelled in every status.
    pub const fn takes_orders(self) -> bool {
        matches!(self, Self::Trading)
    }
}

/// Settings of a symbol: assets, steps, limits and the price at which its market starts.
///
/// ```
/// use binance_kit_core::Decimal;
/// use binance_kit_sim::SymbolConfig;
/// let symbol = SymbolConfig::new("BTCUSDT", "BTC", "USDT", Decimal::new(60_000, 0))
///     .tick_size(Decimal::new(1, 2))
///     .step_size(Decimal::new(1, 5));
/// assert_eq!(symbol.symbol(), "BTCUSDT");
/// ```
#[derive(Debug, Clone)]
pub struct SymbolConfig {
    /// Name of the symbol.
    pub(crate) symbol: Symbol,
    /// Base asset.
    pub(crate) base: Asset,
    /// Quote asset.
    pub(crate) quote: Asset,
    /// Price it starts with.
    pub(crate) initial_price: Decimal,
    /// Tick size.
    pub(crate) tick_size: Decimal,
    /// Step size.
    pub(crate) step_size: Decimal,
    /// Highest price.
    max_price: Decimal,
    /// Largest quantity.
    max_quantity: Decimal,
    /// Largest quantity of market orders.
    market_max_quantity: Decimal,
    /// Least value of an order.
    min_notional: Decimal,
    /// Largest value of an order.
    max_notional: Decimal,
    /// Least value by the filter `MIN_NOTIONAL`.
    older_min_notional: Option<Decimal>,
    /// Factors up and down of `PERCENT_PRICE`, and the minutes of its average.
    percent_price: Option<([Decimal; 2], u32)>,
    /// Factors of `PERCENT_PRICE_BY_SIDE`, and the minutes of its average.
    percent_price_by_side: Option<([Decimal; 4], u32)>,
    /// Parts of an iceberg at most.
    iceberg_parts: u32,
    /// Open orders at most.
    max_orders: u32,
    /// Open orders at most that wait for a price.
    max_algo_orders: u32,
    /// Open icebergs at most.
    max_iceberg_orders: Option<u32>,
    /// Largest position of the base asset.
    max_position: Option<Decimal>,
    /// Bounds of the trailing delta.
    trailing: Option<TrailingBounds>,
    /// Amendments of an order at most.
    max_order_amends: u32,
    /// Open order lists at most.
    max_order_lists: u32,
    /// What the symbol offers.
    features: BTreeSet<Feature>,
    /// Self-trade prevention of orders that name none.
    default_prevention: SelfTradePrevention,
    /// Modes of self-trade prevention that orders may name.
    preventions: Vec<SelfTradePrevention>,
    /// Factors of the range of prices: bids up and down, asks up and down.
    price_range: [Option<Decimal>; 4],
    /// Source of the reference price.
    reference: ReferenceSource,
    /// Whether commissions may be paid at a discount.
    discount: bool,
}

impl SymbolConfig {
    /// Creates a symbol with a tick size of 0.01, a step size of 0.0001 and a least notional of 5.
    pub fn new(symbol: &str, base: &str, quote: &str, initial_price: Decimal) -> Self {
        Self {
            symbol: Symbol::new(symbol),
            base: Asset::new(base),
            quote: Asset::new(quote),
            initial_price,
            tick_size: Decimal::new(1, 2),
            step_size: Decimal::new(1, 4),
            max_price: Decimal::new(1_000_000, 0),
            max_quantity: Decimal::new(9_000_000, 0),
            market_max_quantity: Decimal::new(1_000_000, 0),
            min_notional: Decimal::new(5, 0),
            max_notional: Decimal::new(9_000_000, 0),
            older_min_notional: None,
            percent_price: None,
            percent_price_by_side: Some((
                [Decimal::new(5, 0), Decimal::new(2, 1), Decimal::new(5, 0), Decimal::new(2, 1)],
                5,
            )),
            iceberg_parts: 100,
            max_orders: 200,
            max_algo_orders: 5,
            max_iceberg_orders: None,
            max_position: None,
            trailing: Some(TrailingBounds { min_above: 10, max_above: 2000, min_below: 10, max_below: 2000 }),
            max_order_amends: 10,
            max_order_lists: 20,
            features: Feature::ALL.into_iter().collect(),
            default_prevention: SelfTradePrevention::None,
            preventions: SelfTradePrevention::ALL.to_vec(),
            price_range: [None; 4],
            reference: ReferenceSource::None,
            discount: true,
        }
    }

    /// Returns the name.
    pub fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    /// Sets the tick size, which is the least price too.
    #[must_use]
    pub fn tick_size(mut self, tick_size: Decimal) -> Self {
        self.tick_size = tick_size;
        self
    }

    /// Sets the step size, which is the least quantity too.
    #[must_use]
    pub fn step_size(mut self, step_size: Decimal) -> Self {
        self.step_size = step_size;
        self
    }

    /// Sets the highest price.
    #[must_use]
    pub fn max_price(mut self, max_price: Decimal) -> Self {
        self.max_price = max_price;
        self
    }

    /// Sets the largest quantity of an order, and of a market order.
    #[must_use]
    pub fn max_quantity(mut self, any: Decimal, market: Decimal) -> Self {
        self.max_quantity = any;
        self.market_max_quantity = market;
        self
    }

    /// Sets the least product of price and quantity.
    #[must_use]
    pub fn min_notional(mut self, min_notional: Decimal) -> Self {
        self.min_notional = min_notional;
        self
    }

    /// Sets how many orders an account may have open, and how many of them may wait for a stop price.
    #[must_use]
    pub fn max_orders(mut self, any: u32, contingent: u32) -> Self {
        self.max_orders = any;
        self.max_algo_orders = contingent;
        self
    }

    /// Sets the largest product of price and quantity, which does not apply to market orders.
    #[must_use]
    pub fn max_notional(mut self, max_notional: Decimal) -> Self {
        self.max_notional = max_notional;
        self
    }

    /// Adds the older filter of the least notional, `MIN_NOTIONAL`, which holds for market orders, too.
    #[must_use]
    pub fn older_min_notional(mut self, min_notional: Decimal) -> Self {
        self.older_min_notional = Some(min_notional);
        self
    }

    /// Sets how far prices may be from the average price of the last minutes: factors above and below it. The filter
    /// `PERCENT_PRICE`. Averages go back an hour at most.
    #[must_use]
    pub fn percent_price(mut self, up: Decimal, down: Decimal, minutes: u32) -> Self {
        self.percent_price = Some(([up, down], minutes.min(60)));
        self
    }

    /// Sets how far the prices of buyers and sellers may be from the average price of the last minutes: the factors above and
    /// below it. `PERCENT_PRICE_BY_SIDE`; at first it is 5 and 0.2 for both, over five minutes.
    #[must_use]
    pub fn percent_price_by_side(mut self, bid: [Decimal; 2], ask: [Decimal; 2], minutes: u32) -> Self {
        self.percent_price_by_side = Some(([bid[0], bid[1], ask[0], ask[1]], minutes.min(60)));
        self
    }

    /// Removes the filters `PERCENT_PRICE` and `PERCENT_PRICE_BY_SIDE`.
    #[must_use]
    pub fn any_price(mut self) -> Self {
        self.percent_price = None;
        self.percent_price_by_side = None;
        self
    }

    /// Sets into how many parts an iceberg order may be split, and how many icebergs an account may have open.
    #[must_use]
    pub fn icebergs(mut self, parts: u32, open: Option<u32>) -> Self {
        self.iceberg_parts = parts;
        self.max_iceberg_orders = open;
        self
    }

    /// Limits how much of the base asset an account may own, open buy orders included.
    #[must_use]
    pub fn max_position(mut self, max_position: Decimal) -> Self {
        self.max_position = Some(max_position);
        self
    }

    /// Sets the least and the largest delta of trailing orders, in hundredths of a percent, for those that wait above the price
    /// and for those that wait below it.
    #[must_use]
    pub fn trailing_delta(mut self, above: [u32; 2], below: [u32; 2]) -> Self {
        self.trailing = Some(TrailingBounds {
            min_above: above[0],
            max_above: above[1],
            min_below: below[0],
            max_below: below[1],
        });
        self
    }

    /// Sets how often an order may be amended, and how many order lists an account may have open.
    #[must_use]
    pub fn max_amends_and_lists(mut self, amends: u32, lists: u32) -> Self {
        self.max_order_amends = amends;
        self.max_order_lists = lists;
        self
    }

    /// Removes a feature that the symbol offers.
    #[must_use]
    pub fn without(mut self, feature: Feature) -> Self {
        self.features.remove(&feature);
        self
    }

    /// Sets the modes of self-trade prevention that orders may name, in the exchange's words. The first one applies to orders
    /// that name none. Unknown words are ignored.
    #[must_use]
    pub fn self_trade_prevention(mut self, modes: &[&str]) -> Self {
        let modes: Vec<_> = modes.iter().filter_map(|word| SelfTradePrevention::from_word(word)).collect();
        if let Some(first) = modes.first() {
            self.default_prevention = *first;
            self.preventions = modes;
        }
        self
    }

    /// Sets the execution rule `PRICE_RANGE`: how far from the reference price buyers and sellers may trade, as the factors
    /// above and below it. It holds while there is a reference price.
    #[must_use]
    pub fn price_range(mut self, bid: [Option<Decimal>; 2], ask: [Option<Decimal>; 2]) -> Self {
        self.price_range = [bid[0], bid[1], ask[0], ask[1]];
        self
    }

    /// Lets the reference price be the mean of the prices of the trades in the last `count` buckets of `width` milliseconds.
    #[must_use]
    pub fn reference_price_from_trades(mut self, width: u32, count: u32) -> Self {
        self.reference = ReferenceSource::Mean { width: width.max(1), count: count.max(1) };
        self
    }

    /// Lets the reference price be set from outside, with this id of its calculation.
    #[must_use]
    pub fn reference_price_from_outside(mut self, calculation: i64) -> Self {
        self.reference = ReferenceSource::External(calculation);
        self
    }

    /// Lets commissions on this symbol never be paid with the discount asset.
    #[must_use]
    pub fn without_discount(mut self) -> Self {
        self.discount = false;
        self
    }

    /// Returns the symbols of the built-in market: different steps, one quoted in BTC, one with a name outside ASCII, one whose price is
    /// a few thousand of the smallest steps there are.
    pub fn defaults() -> Vec<Self> {
        let units = Decimal::new;
        vec![
            Self::new("BTCUSDT", "BTC", "USDT", units(61_680, 0))
                .step_size(units(1, 5))
                .max_quantity(units(9000, 0), units(120, 0))
                .price_range([Some(units(2, 0)), Some(units(5, 1))], [Some(units(2, 0)), Some(units(5, 1))]),
            Self::new("ETHUSDT", "ETH", "USDT", units(2_430, 0)).max_quantity(units(9000, 0), units(2400, 0)),
            Self::new("BNBUSDT", "BNB", "USDT", units(512, 0))
                .step_size(units(1, 3))
                .max_price(units(100_000, 0)),
            Self::new("SOLUSDT", "SOL", "USDT", units(14_852, 2))
                .step_size(units(1, 3))
                .max_price(units(100_000, 0)),
            Self::new("ETHBTC", "ETH", "BTC", units(3_940, 5))
                .tick_size(units(1, 5))
                .max_price(units(1_000, 0))
                .max_quantity(units(100_000, 0), units(2_500, 0))
                .min_notional(units(1, 4)),
            Self::new("币安人生USDT", "币安人生", "USDT", units(1_2345, 5))
                .tick_size(units(1, 5))
                .step_size(units(1, 0))
                .max_price(units(1_000, 0)),
            Self::new("PEPEUSDT", "PEPE", "USDT", units(1_234, 8))
                .tick_size(units(1, 8))
                .step_size(units(1, 0))
                .max_price(units(1, 0))
                .max_quantity(units(90_000_000_000, 0), units(10_000_000_000, 0)),
        ]
        .into_iter()
        .map(|symbol| symbol.reference_price_from_trades(1000, 10))
        .collect()
    }

    /// Where orders on the built-in symbols are routed to: to a single book, since no two of them share a base asset and a kind of quote asset.
    pub(crate) fn default_routers() -> Vec<Vec<String>> {
        vec![vec!["BTCUSDT".to_owned()]]
    }

    pub(crate) fn rules(&self, base: AssetId, quote: AssetId) -> Result<Rules, FixedError> {
        let fixed = Fixed::from_decimal;
        let optional = |value: Option<Decimal>| value.map(fixed).transpose();
        let [bid_up, bid_down, ask_up, ask_down] = self.price_range;
        Ok(Rules {
            symbol: self.symbol.clone(),
            base,
            quote,
            initial_price: fixed(self.initial_price)?,
            min_price: fixed(self.tick_size)?,
            max_price: fixed(self.max_price)?,
            tick_size: fixed(self.tick_size)?,
            percent_price: match self.percent_price {
                None => None,
                Some(([up, down], minutes)) => {
                    Some(PercentPrice { up: fixed(up)?, down: fixed(down)?, minutes })
                }
            },
            percent_price_by_side: match self.percent_price_by_side {
                None => None,
                Some(([bid_up, bid_down, ask_up, ask_down], minutes)) => Some(PercentPriceBySide {
                    bid_up: fixed(bid_up)?,
                    bid_down: fixed(bid_down)?,
                    ask_up: fixed(ask_up)?,
                    ask_down: fixed(ask_down)?,
                    minutes,
                }),
            },
            min_quantity: fixed(self.step_size)?,
            max_quantity: fixed(self.max_quantity)?,
            step_size: fixed(self.step_size)?,
            market_min_quantity: Fixed::ZERO,
            market_max_quantity: fixed(self.market_max_quantity)?,
            market_step_size: Fixed::ZERO,
            min_notional: fixed(self.min_notional)?,
            max_notional: fixed(self.max_notional)?,
            notional_minutes: 5,
            older_min_notional: match self.older_min_notional {
                None => None,
                Some(least) => Some(MinNotional { least: fixed(least)?, at_market: true, minutes: 5 }),
            },
            iceberg_parts: self.iceberg_parts,
            max_orders: self.max_orders,
            max_algo_orders: self.max_algo_orders,
            max_iceberg_orders: self.max_iceberg_orders,
            max_position: optional(self.max_position)?,
            trailing: self.trailing,
            max_order_amends: self.max_order_amends,
            max_order_lists: self.max_order_lists,
            features: self.features.clone(),
            default_prevention: self.default_prevention,
            preventions: self.preventions.clone(),
            price_range: match self.price_range {
                [None, None, None, None] => None,
                _ => Some(PriceRange {
                    bid_up: optional(bid_up)?,
                    bid_down: optional(bid_down)?,
                    ask_up: optional(ask_up)?,
                    ask_down: optional(ask_down)?,
                }),
            },
            reference: self.reference,
            discount: self.discount,
        })
    }
}
