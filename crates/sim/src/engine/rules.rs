//! The rules of a symbol, in the engine's numbers: what its filters allow, what it offers, and what holds for all
//! symbols together.

use super::fixed::Fixed;
use super::reference::{PriceRange, ReferenceSource};
use super::types::{AssetId, OrderType, SelfTradePrevention};
use binance_kit_core::Symbol;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A feature that a symbol may offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Feature {
    /// `MARKET` orders.
    MarketOrders,
    /// `STOP_LOSS` orders.
    StopLossOrders,
    /// `STOP_LOSS_LIMIT` orders.
    StopLossLimitOrders,
    /// `TAKE_PROFIT` orders.
    TakeProfitOrders,
    /// `TAKE_PROFIT_LIMIT` orders.
    TakeProfitLimitOrders,
    /// `MARKET` orders by `quoteOrderQty`.
    QuoteQuantityMarketOrders,
    /// Orders with `icebergQty`.
    IcebergOrders,
    /// Orders with `trailingDelta`.
    TrailingStopOrders,
    /// Orders with `pegPriceType`.
    PeggedOrders,
    /// Pairs of which one order cancels the other.
    OneCancelsOther,
    /// Lists in which one order triggers others.
    OneTriggersOther,
    /// Lists in which what one order buys is sold by others.
    OnePaysOther,
    /// Cancelling an order and placing another in one request.
    CancelReplace,
    /// Making an order smaller without losing its place.
    Amend,
}

impl Feature {
    pub(crate) const ALL: [Self; 14] = [
        Self::MarketOrders,
        Self::StopLossOrders,
        Self::StopLossLimitOrders,
        Self::TakeProfitOrders,
        Self::TakeProfitLimitOrders,
        Self::QuoteQuantityMarketOrders,
        Self::IcebergOrders,
        Self::TrailingStopOrders,
        Self::PeggedOrders,
        Self::OneCancelsOther,
        Self::OneTriggersOther,
        Self::OnePaysOther,
        Self::CancelReplace,
        Self::Amend,
    ];

    /// What an order type needs of a symbol.
    pub(crate) const fn of_type(kind: OrderType) -> Option<Self> {
        match kind {
            OrderType::Limit | OrderType::LimitMaker => None,
            OrderType::Market => Some(Self::MarketOrders),
            OrderType::StopLoss => Some(Self::StopLossOrders),
            OrderType::StopLossLimit => Some(Self::StopLossLimitOrders),
            OrderType::TakeProfit => Some(Self::TakeProfitOrders),
            OrderType::TakeProfitLimit => Some(Self::TakeProfitLimitOrders),
        }
    }

    /// What the exchange says where it is missing.
    pub(crate) const fn missing(self) -> &'static str {
        match self {
            Self::MarketOrders => "Market orders are not supported for this symbol.",
            Self::StopLossOrders => "Stop loss orders are not supported for this symbol.",
            Self::StopLossLimitOrders => "Stop loss limit orders are not supported for this symbol.",
            Self::TakeProfitOrders => "Take profit orders are not supported for this symbol.",
            Self::TakeProfitLimitOrders => "Take profit limit orders are not supported for this symbol.",
            Self::QuoteQuantityMarketOrders => {
                "Quote order qty market orders are not support for this symbol."
            }
            Self::IcebergOrders => "Iceberg orders are not supported for this symbol.",
            Self::TrailingStopOrders => "Trailing stop orders are not supported for this symbol.",
            Self::PeggedOrders => "Pegged orders are not supported for this symbol.",
            Self::OneCancelsOther => "OCO orders are not supported for this symbol",
            Self::OneTriggersOther => "OTO orders are not supported for this symbol.",
            Self::OnePaysOther => "OPO orders are not supported for this symbol.",
            Self::CancelReplace => "Order cancel-replace is not supported for this symbol.",
            Self::Amend => "Order amend is not supported for this symbol.",
        }
    }
}

/// How far from the average price a price may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PercentPrice {
    /// Highest price, as a part of the average.
    pub(crate) up: Fixed,
    /// Lowest price, as a part of the average.
    pub(crate) down: Fixed,
    /// Minutes of trades that count.
    pub(crate) minutes: u32,
}

/// The same for each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PercentPriceBySide {
    /// Highest price of a buy order, as a part of the reference.
    pub(crate) bid_up: Fixed,
    /// Lowest price of a buy order, as a part of the reference.
    pub(crate) bid_down: Fixed,
    /// Highest price of a sell order, as a part of the reference.
    pub(crate) ask_up: Fixed,
    /// Lowest price of a sell order, as a part of the reference.
    pub(crate) ask_down: Fixed,
    /// Minutes of trades that count.
    pub(crate) minutes: u32,
}

/// The least product of price and quantity alone, as the older filter has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MinNotional {
    /// Least value of an order.
    pub(crate) least: Fixed,
    /// Whether it applies to market orders.
    pub(crate) at_market: bool,
    /// Minutes of trades that count.
    pub(crate) minutes: u32,
}

/// The bounds of trailing deltas, in hundredths of a percent, for orders that wait above the price and below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TrailingBounds {
    /// Least delta of orders above the price.
    pub(crate) min_above: u32,
    /// Largest delta of orders above the price.
    pub(crate) max_above: u32,
    /// Least delta of orders below the price.
    pub(crate) min_below: u32,
    /// Largest delta of orders below the price.
    pub(crate) max_below: u32,
}

/// The rules of a symbol. A bound of zero does not bind, nor does one that is not there.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Rules {
    /// Name of the symbol.
    pub(crate) symbol: Symbol,
    /// Base asset.
    pub(crate) base: AssetId,
    /// Quote asset.
    pub(crate) quote: AssetId,
    /// Price before the first trade.
    pub(crate) initial_price: Fixed,
    /// Lowest price.
    pub(crate) min_price: Fixed,
    /// Highest price.
    pub(crate) max_price: Fixed,
    /// Tick size.
    pub(crate) tick_size: Fixed,
    /// Filter `PERCENT_PRICE`.
    pub(crate) percent_price: Option<PercentPrice>,
    /// Filter `PERCENT_PRICE_BY_SIDE`.
    pub(crate) percent_price_by_side: Option<PercentPriceBySide>,
    /// Least quantity.
    pub(crate) min_quantity: Fixed,
    /// Largest quantity.
    pub(crate) max_quantity: Fixed,
    /// Step size.
    pub(crate) step_size: Fixed,
    /// Least quantity of market orders.
    pub(crate) market_min_quantity: Fixed,
    /// Largest quantity of market orders.
    pub(crate) market_max_quantity: Fixed,
    /// Step size of market orders.
    pub(crate) market_step_size: Fixed,
    /// The least product of price and quantity, of market orders too.
    pub(crate) min_notional: Fixed,
    /// The largest product of price and quantity, market orders excepted.
    pub(crate) max_notional: Fixed,
    /// Minutes of trades whose average market orders are valued at.
    pub(crate) notional_minutes: u32,
    /// Filter `MIN_NOTIONAL`.
    pub(crate) older_min_notional: Option<MinNotional>,
    /// Parts of an iceberg at most.
    pub(crate) iceberg_parts: u32,
    /// Open orders at most.
    pub(crate) max_orders: u32,
    /// Open orders at most that wait for a price.
    pub(crate) max_algo_orders: u32,
    /// Open icebergs at most.
    pub(crate) max_iceberg_orders: Option<u32>,
    /// Largest position of the base asset.
    pub(crate) max_position: Option<Fixed>,
    /// Bounds of the trailing delta.
    pub(crate) trailing: Option<TrailingBounds>,
    /// Amendments of an order at most.
    pub(crate) max_order_amends: u32,
    /// Open order lists at most.
    pub(crate) max_order_lists: u32,
    /// What the symbol offers.
    pub(crate) features: BTreeSet<Feature>,
    /// Self-trade prevention of orders that name none.
    pub(crate) default_prevention: SelfTradePrevention,
    /// Modes of self-trade prevention that orders may name.
    pub(crate) preventions: Vec<SelfTradePrevention>,
    /// Range of prices at which orders are executed.
    pub(crate) price_range: Option<PriceRange>,
    /// Source of the reference price.
    pub(crate) reference: ReferenceSource,
    /// Whether commissions may be paid with the discount asset.
    pub(crate) discount: bool,
}

impl Rules {
    pub(crate) fn offers(&self, feature: Feature) -> bool {
        self.features.contains(&feature)
    }

    /// The minutes over which averages are needed.
    pub(super) fn minutes(&self) -> impl Iterator<Item = u32> {
        [
            Some(5),
            self.percent_price.map(|filter| filter.minutes),
            self.percent_price_by_side.map(|filter| filter.minutes),
            Some(self.notional_minutes),
            self.older_min_notional.map(|filter| filter.minutes),
        ]
        .into_iter()
        .flatten()
    }
}

/// Limits that hold for all symbols together; none at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "they are called like the same limits of a symbol")]
pub(crate) struct ExchangeRules {
    /// Open orders at most.
    pub(crate) max_orders: Option<u32>,
    /// Open orders at most that wait for a price.
    pub(crate) max_algo_orders: Option<u32>,
    /// Open icebergs at most.
    pub(crate) max_iceberg_orders: Option<u32>,
    /// Open order lists at most.
    pub(crate) max_order_lists: Option<u32>,
}
