//! What a symbol is: its assets, steps and limits.

use super::fixed::{Fixed, FixedError};
use super::types::AssetId;
use binance_kit_core::{Asset, Decimal, Symbol};
use serde::{Deserialize, Serialize};

/// Whether a symbol can be traded, in the exchange's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum SymbolStatus {
    /// Orders are taken.
    Trading,
    /// The day is over.
    EndOfDay,
    /// Trading was stopped.
    Halt,
    /// Trading pauses.
    Break,
    /// Orders can be cancelled only.
    CancelOnly,
}

impl SymbolStatus {
    const ALL: [Self; 5] = [Self::Trading, Self::EndOfDay, Self::Halt, Self::Break, Self::CancelOnly];

    /// The word of the exchange: `TRADING`, `END_OF_DAY`, `HALT`, `BREAK`, `CANCEL_ONLY`.
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

    /// Whether new orders are taken. Open orders can be cancelled in every status.
    pub const fn takes_orders(self) -> bool {
        matches!(self, Self::Trading)
    }
}

/// A symbol to trade: assets, steps, limits and the price at which its market starts.
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
    pub(crate) symbol: Symbol,
    pub(crate) base: Asset,
    pub(crate) quote: Asset,
    pub(crate) initial_price: Decimal,
    pub(crate) tick_size: Decimal,
    pub(crate) step_size: Decimal,
    pub(crate) max_price: Decimal,
    pub(crate) max_quantity: Decimal,
    pub(crate) market_max_quantity: Decimal,
    pub(crate) min_notional: Decimal,
    pub(crate) max_orders: u32,
    pub(crate) max_algo_orders: u32,
}

impl SymbolConfig {
    /// A symbol with ticks of 0.01, steps of 0.0001 and a least notional of 5.
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
            max_orders: 200,
            max_algo_orders: 5,
        }
    }

    /// The name.
    pub fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    /// The step of prices, which is the least price too.
    #[must_use]
    pub fn tick_size(mut self, tick_size: Decimal) -> Self {
        self.tick_size = tick_size;
        self
    }

    /// The step of quantities, which is the least quantity too.
    #[must_use]
    pub fn step_size(mut self, step_size: Decimal) -> Self {
        self.step_size = step_size;
        self
    }

    /// The highest price.
    #[must_use]
    pub fn max_price(mut self, max_price: Decimal) -> Self {
        self.max_price = max_price;
        self
    }

    /// The largest quantity of an order, and of a market order.
    #[must_use]
    pub fn max_quantity(mut self, any: Decimal, market: Decimal) -> Self {
        self.max_quantity = any;
        self.market_max_quantity = market;
        self
    }

    /// The least product of price and quantity.
    #[must_use]
    pub fn min_notional(mut self, min_notional: Decimal) -> Self {
        self.min_notional = min_notional;
        self
    }

    /// How many orders an account may have open, and how many of them may wait for a stop price.
    #[must_use]
    pub fn max_orders(mut self, any: u32, contingent: u32) -> Self {
        self.max_orders = any;
        self.max_algo_orders = contingent;
        self
    }

    /// The symbols of the built-in market: different steps, one quoted in BTC, one with a name outside ASCII, one whose price is
    /// a few thousand of the smallest steps there are.
    pub fn defaults() -> Vec<Self> {
        let units = Decimal::new;
        vec![
            Self::new("BTCUSDT", "BTC", "USDT", units(61_680, 0))
                .step_size(units(1, 5))
                .max_quantity(units(9000, 0), units(120, 0)),
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
    }

    pub(crate) fn rules(&self, base: AssetId, quote: AssetId) -> Result<Rules, FixedError> {
        Ok(Rules {
            symbol: self.symbol.clone(),
            base,
            quote,
            initial_price: Fixed::from_decimal(self.initial_price)?,
            tick_size: Fixed::from_decimal(self.tick_size)?,
            step_size: Fixed::from_decimal(self.step_size)?,
            max_price: Fixed::from_decimal(self.max_price)?,
            max_quantity: Fixed::from_decimal(self.max_quantity)?,
            market_max_quantity: Fixed::from_decimal(self.market_max_quantity)?,
            min_notional: Fixed::from_decimal(self.min_notional)?,
            max_orders: self.max_orders,
            max_algo_orders: self.max_algo_orders,
        })
    }
}

/// The rules of a symbol in the engine's numbers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Rules {
    pub(crate) symbol: Symbol,
    pub(crate) base: AssetId,
    pub(crate) quote: AssetId,
    pub(crate) initial_price: Fixed,
    pub(crate) tick_size: Fixed,
    pub(crate) step_size: Fixed,
    pub(crate) max_price: Fixed,
    pub(crate) max_quantity: Fixed,
    pub(crate) market_max_quantity: Fixed,
    pub(crate) min_notional: Fixed,
    pub(crate) max_orders: u32,
    pub(crate) max_algo_orders: u32,
}
