// Written by `cargo xtask codegen` from crates/model/spec/spot/filters.toml; do not edit.

//! Filters of symbols, of the exchange and of assets.

use crate::common::UnknownObject;
use crate::support;
use binance_kit_core::decode::{Layout, Value, field, required};
use binance_kit_core::{Asset, Decimal, Decode, DecodeError, Encode, JsonWriter};

/// Maximum number of open stop and take-profit orders of an account on the exchange.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ExchangeMaxNumAlgoOrdersFilter {
    /// Maximum number.
    pub max_num_algo_orders: u32,
}

impl ExchangeMaxNumAlgoOrdersFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut max_num_algo_orders = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => {
                    support::constant(&mut seen, "filterType", "EXCHANGE_MAX_NUM_ALGO_ORDERS", found)?;
                }
                "maxNumAlgoOrders" => field(&mut max_num_algo_orders, "maxNumAlgoOrders", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self { max_num_algo_orders: required(max_num_algo_orders, "maxNumAlgoOrders")? })
    }
}

impl Decode for ExchangeMaxNumAlgoOrdersFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("ExchangeMaxNumAlgoOrdersFilter"))
    }
}

impl Encode for ExchangeMaxNumAlgoOrdersFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "EXCHANGE_MAX_NUM_ALGO_ORDERS");
        json.field("maxNumAlgoOrders", &self.max_num_algo_orders);
        json.end_object();
    }
}

/// Maximum number of open iceberg orders of an account on the exchange.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ExchangeMaxNumIcebergOrdersFilter {
    /// Maximum number.
    pub max_num_iceberg_orders: u32,
}

impl ExchangeMaxNumIcebergOrdersFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut max_num_iceberg_orders = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => {
                    support::constant(&mut seen, "filterType", "EXCHANGE_MAX_NUM_ICEBERG_ORDERS", found)?;
                }
                "maxNumIcebergOrders" => field(&mut max_num_iceberg_orders, "maxNumIcebergOrders", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self { max_num_iceberg_orders: required(max_num_iceberg_orders, "maxNumIcebergOrders")? })
    }
}

impl Decode for ExchangeMaxNumIcebergOrdersFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("ExchangeMaxNumIcebergOrdersFilter"))
    }
}

impl Encode for ExchangeMaxNumIcebergOrdersFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "EXCHANGE_MAX_NUM_ICEBERG_ORDERS");
        json.field("maxNumIcebergOrders", &self.max_num_iceberg_orders);
        json.end_object();
    }
}

/// Maximum number of open order lists of an account on the exchange.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ExchangeMaxNumOrderListsFilter {
    /// Maximum number.
    pub max_num_order_lists: u32,
}

impl ExchangeMaxNumOrderListsFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut max_num_order_lists = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => {
                    support::constant(&mut seen, "filterType", "EXCHANGE_MAX_NUM_ORDER_LISTS", found)?;
                }
                "maxNumOrderLists" => field(&mut max_num_order_lists, "maxNumOrderLists", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self { max_num_order_lists: required(max_num_order_lists, "maxNumOrderLists")? })
    }
}

impl Decode for ExchangeMaxNumOrderListsFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("ExchangeMaxNumOrderListsFilter"))
    }
}

impl Encode for ExchangeMaxNumOrderListsFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "EXCHANGE_MAX_NUM_ORDER_LISTS");
        json.field("maxNumOrderLists", &self.max_num_order_lists);
        json.end_object();
    }
}

/// Maximum number of open orders of an account on the exchange.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ExchangeMaxNumOrdersFilter {
    /// Maximum number.
    pub max_num_orders: u32,
}

impl ExchangeMaxNumOrdersFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut max_num_orders = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => support::constant(&mut seen, "filterType", "EXCHANGE_MAX_NUM_ORDERS", found)?,
                "maxNumOrders" => field(&mut max_num_orders, "maxNumOrders", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self { max_num_orders: required(max_num_orders, "maxNumOrders")? })
    }
}

impl Decode for ExchangeMaxNumOrdersFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("ExchangeMaxNumOrdersFilter"))
    }
}

impl Encode for ExchangeMaxNumOrdersFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "EXCHANGE_MAX_NUM_ORDERS");
        json.field("maxNumOrders", &self.max_num_orders);
        json.end_object();
    }
}

/// A filter: a rule for orders.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Filter {
    /// Range and tick size of prices; a zero disables the part.
    Price(PriceFilter),
    /// Range of the price around the average price.
    PercentPrice(PercentPriceFilter),
    /// Range of the price around the average price, by the side of the order.
    PercentPriceBySide(PercentPriceBySideFilter),
    /// Range and step size of quantities.
    LotSize(LotSizeFilter),
    /// Minimum of price times quantity.
    MinNotional(MinNotionalFilter),
    /// The range of price times quantity.
    Notional(NotionalFilter),
    /// Maximum number of parts of an iceberg order.
    IcebergParts(IcebergPartsFilter),
    /// Range and step size of the quantities of market orders.
    MarketLotSize(MarketLotSizeFilter),
    /// Maximum number of open orders of an account on the symbol.
    MaxNumOrders(MaxNumOrdersFilter),
    /// Maximum number of open stop and take-profit orders of an account on the symbol.
    MaxNumAlgoOrders(MaxNumAlgoOrdersFilter),
    /// Maximum number of open iceberg orders of an account on the symbol.
    MaxNumIcebergOrders(MaxNumIcebergOrdersFilter),
    /// Maximum position in the base asset, open buy orders included.
    MaxPosition(MaxPositionFilter),
    /// The range of the distance of trailing stops, in basis points.
    TrailingDelta(TrailingDeltaFilter),
    /// Maximum number of amendments of an order.
    MaxNumOrderAmends(MaxNumOrderAmendsFilter),
    /// Maximum number of open order lists of an account on the symbol.
    MaxNumOrderLists(MaxNumOrderListsFilter),
    /// Maximum number of open orders of an account on the exchange.
    ExchangeMaxNumOrders(ExchangeMaxNumOrdersFilter),
    /// Maximum number of open stop and take-profit orders of an account on the exchange.
    ExchangeMaxNumAlgoOrders(ExchangeMaxNumAlgoOrdersFilter),
    /// Maximum number of open iceberg orders of an account on the exchange.
    ExchangeMaxNumIcebergOrders(ExchangeMaxNumIcebergOrdersFilter),
    /// Maximum number of open order lists of an account on the exchange.
    ExchangeMaxNumOrderLists(ExchangeMaxNumOrderListsFilter),
    /// Maximum amount of an asset in an order.
    MaxAsset(MaxAssetFilter),
    /// Of a kind this version of the SDK does not know, or of a known kind and unreadable.
    Unknown(UnknownObject),
}

impl Decode for Filter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        match support::kind_of(value, "filterType").map_err(|error| error.in_type("Filter"))? {
            "PRICE_FILTER" => PriceFilter::decode(value)
                .map(Self::Price)
                .or_else(|error| Ok(Self::Unknown(UnknownObject::unreadable("PRICE_FILTER", value, error)))),
            "PERCENT_PRICE" => PercentPriceFilter::decode(value)
                .map(Self::PercentPrice)
                .or_else(|error| Ok(Self::Unknown(UnknownObject::unreadable("PERCENT_PRICE", value, error)))),
            "PERCENT_PRICE_BY_SIDE" => {
                PercentPriceBySideFilter::decode(value).map(Self::PercentPriceBySide).or_else(|error| {
                    Ok(Self::Unknown(UnknownObject::unreadable("PERCENT_PRICE_BY_SIDE", value, error)))
                })
            }
            "LOT_SIZE" => LotSizeFilter::decode(value)
                .map(Self::LotSize)
                .or_else(|error| Ok(Self::Unknown(UnknownObject::unreadable("LOT_SIZE", value, error)))),
            "MIN_NOTIONAL" => MinNotionalFilter::decode(value)
                .map(Self::MinNotional)
                .or_else(|error| Ok(Self::Unknown(UnknownObject::unreadable("MIN_NOTIONAL", value, error)))),
            "NOTIONAL" => NotionalFilter::decode(value)
                .map(Self::Notional)
                .or_else(|error| Ok(Self::Unknown(UnknownObject::unreadable("NOTIONAL", value, error)))),
            "ICEBERG_PARTS" => IcebergPartsFilter::decode(value)
                .map(Self::IcebergParts)
                .or_else(|error| Ok(Self::Unknown(UnknownObject::unreadable("ICEBERG_PARTS", value, error)))),
            "MARKET_LOT_SIZE" => {
                MarketLotSizeFilter::decode(value).map(Self::MarketLotSize).or_else(|error| {
                    Ok(Self::Unknown(UnknownObject::unreadable("MARKET_LOT_SIZE", value, error)))
                })
            }
            "MAX_NUM_ORDERS" => MaxNumOrdersFilter::decode(value).map(Self::MaxNumOrders).or_else(|error| {
                Ok(Self::Unknown(UnknownObject::unreadable("MAX_NUM_ORDERS", value, error)))
            }),
            "MAX_NUM_ALGO_ORDERS" => {
                MaxNumAlgoOrdersFilter::decode(value).map(Self::MaxNumAlgoOrders).or_else(|error| {
                    Ok(Self::Unknown(UnknownObject::unreadable("MAX_NUM_ALGO_ORDERS", value, error)))
                })
            }
            "MAX_NUM_ICEBERG_ORDERS" => {
                MaxNumIcebergOrdersFilter::decode(value).map(Self::MaxNumIcebergOrders).or_else(|error| {
                    Ok(Self::Unknown(UnknownObject::unreadable("MAX_NUM_ICEBERG_ORDERS", value, error)))
                })
            }
            "MAX_POSITION" => MaxPositionFilter::decode(value)
                .map(Self::MaxPosition)
                .or_else(|error| Ok(Self::Unknown(UnknownObject::unreadable("MAX_POSITION", value, error)))),
            "TRAILING_DELTA" => {
                TrailingDeltaFilter::decode(value).map(Self::TrailingDelta).or_else(|error| {
                    Ok(Self::Unknown(UnknownObject::unreadable("TRAILING_DELTA", value, error)))
                })
            }
            "MAX_NUM_ORDER_AMENDS" => {
                MaxNumOrderAmendsFilter::decode(value).map(Self::MaxNumOrderAmends).or_else(|error| {
                    Ok(Self::Unknown(UnknownObject::unreadable("MAX_NUM_ORDER_AMENDS", value, error)))
                })
            }
            "MAX_NUM_ORDER_LISTS" => {
                MaxNumOrderListsFilter::decode(value).map(Self::MaxNumOrderLists).or_else(|error| {
                    Ok(Self::Unknown(UnknownObject::unreadable("MAX_NUM_ORDER_LISTS", value, error)))
                })
            }
            "EXCHANGE_MAX_NUM_ORDERS" => {
                ExchangeMaxNumOrdersFilter::decode(value).map(Self::ExchangeMaxNumOrders).or_else(|error| {
                    Ok(Self::Unknown(UnknownObject::unreadable("EXCHANGE_MAX_NUM_ORDERS", value, error)))
                })
            }
            "EXCHANGE_MAX_NUM_ALGO_ORDERS" => ExchangeMaxNumAlgoOrdersFilter::decode(value)
                .map(Self::ExchangeMaxNumAlgoOrders)
                .or_else(|error| {
                    Ok(Self::Unknown(UnknownObject::unreadable("EXCHANGE_MAX_NUM_ALGO_ORDERS", value, error)))
                }),
            "EXCHANGE_MAX_NUM_ICEBERG_ORDERS" => ExchangeMaxNumIcebergOrdersFilter::decode(value)
                .map(Self::ExchangeMaxNumIcebergOrders)
                .or_else(|error| {
                    Ok(Self::Unknown(UnknownObject::unreadable(
                        "EXCHANGE_MAX_NUM_ICEBERG_ORDERS",
                        value,
                        error,
                    )))
                }),
            "EXCHANGE_MAX_NUM_ORDER_LISTS" => ExchangeMaxNumOrderListsFilter::decode(value)
                .map(Self::ExchangeMaxNumOrderLists)
                .or_else(|error| {
                    Ok(Self::Unknown(UnknownObject::unreadable("EXCHANGE_MAX_NUM_ORDER_LISTS", value, error)))
                }),
            "MAX_ASSET" => MaxAssetFilter::decode(value)
                .map(Self::MaxAsset)
                .or_else(|error| Ok(Self::Unknown(UnknownObject::unreadable("MAX_ASSET", value, error)))),
            other => Ok(Self::Unknown(UnknownObject::new(other, value))),
        }
    }
}

impl Encode for Filter {
    fn encode(&self, json: &mut JsonWriter) {
        match self {
            Self::Price(value) => value.encode(json),
            Self::PercentPrice(value) => value.encode(json),
            Self::PercentPriceBySide(value) => value.encode(json),
            Self::LotSize(value) => value.encode(json),
            Self::MinNotional(value) => value.encode(json),
            Self::Notional(value) => value.encode(json),
            Self::IcebergParts(value) => value.encode(json),
            Self::MarketLotSize(value) => value.encode(json),
            Self::MaxNumOrders(value) => value.encode(json),
            Self::MaxNumAlgoOrders(value) => value.encode(json),
            Self::MaxNumIcebergOrders(value) => value.encode(json),
            Self::MaxPosition(value) => value.encode(json),
            Self::TrailingDelta(value) => value.encode(json),
            Self::MaxNumOrderAmends(value) => value.encode(json),
            Self::MaxNumOrderLists(value) => value.encode(json),
            Self::ExchangeMaxNumOrders(value) => value.encode(json),
            Self::ExchangeMaxNumAlgoOrders(value) => value.encode(json),
            Self::ExchangeMaxNumIcebergOrders(value) => value.encode(json),
            Self::ExchangeMaxNumOrderLists(value) => value.encode(json),
            Self::MaxAsset(value) => value.encode(json),
            Self::Unknown(value) => value.encode(json),
        }
    }
}

/// Maximum number of parts of an iceberg order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct IcebergPartsFilter {
    /// Maximum number.
    pub limit: u32,
}

impl IcebergPartsFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut limit = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => support::constant(&mut seen, "filterType", "ICEBERG_PARTS", found)?,
                "limit" => field(&mut limit, "limit", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self { limit: required(limit, "limit")? })
    }
}

impl Decode for IcebergPartsFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("IcebergPartsFilter"))
    }
}

impl Encode for IcebergPartsFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "ICEBERG_PARTS");
        json.field("limit", &self.limit);
        json.end_object();
    }
}

/// Range and step size of quantities.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LotSizeFilter {
    /// Minimum quantity.
    pub min_quantity: Decimal,
    /// Maximum quantity.
    pub max_quantity: Decimal,
    /// Step size.
    pub step_size: Decimal,
}

impl LotSizeFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut min_quantity = None;
        let mut max_quantity = None;
        let mut step_size = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => support::constant(&mut seen, "filterType", "LOT_SIZE", found)?,
                "minQty" => field(&mut min_quantity, "minQty", found)?,
                "maxQty" => field(&mut max_quantity, "maxQty", found)?,
                "stepSize" => field(&mut step_size, "stepSize", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self {
            min_quantity: required(min_quantity, "minQty")?,
            max_quantity: required(max_quantity, "maxQty")?,
            step_size: required(step_size, "stepSize")?,
        })
    }
}

impl Decode for LotSizeFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("LotSizeFilter"))
    }
}

impl Encode for LotSizeFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "LOT_SIZE");
        json.field("minQty", &self.min_quantity);
        json.field("maxQty", &self.max_quantity);
        json.field("stepSize", &self.step_size);
        json.end_object();
    }
}

/// Range and step size of the quantities of market orders.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MarketLotSizeFilter {
    /// Minimum quantity.
    pub min_quantity: Decimal,
    /// Maximum quantity.
    pub max_quantity: Decimal,
    /// Step size.
    pub step_size: Decimal,
}

impl MarketLotSizeFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut min_quantity = None;
        let mut max_quantity = None;
        let mut step_size = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => support::constant(&mut seen, "filterType", "MARKET_LOT_SIZE", found)?,
                "minQty" => field(&mut min_quantity, "minQty", found)?,
                "maxQty" => field(&mut max_quantity, "maxQty", found)?,
                "stepSize" => field(&mut step_size, "stepSize", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self {
            min_quantity: required(min_quantity, "minQty")?,
            max_quantity: required(max_quantity, "maxQty")?,
            step_size: required(step_size, "stepSize")?,
        })
    }
}

impl Decode for MarketLotSizeFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("MarketLotSizeFilter"))
    }
}

impl Encode for MarketLotSizeFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "MARKET_LOT_SIZE");
        json.field("minQty", &self.min_quantity);
        json.field("maxQty", &self.max_quantity);
        json.field("stepSize", &self.step_size);
        json.end_object();
    }
}

/// Maximum amount of an asset in an order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MaxAssetFilter {
    /// Asset.
    pub asset: Asset,
    /// Maximum amount.
    pub limit: Decimal,
}

impl MaxAssetFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut asset = None;
        let mut limit = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => support::constant(&mut seen, "filterType", "MAX_ASSET", found)?,
                "asset" => field(&mut asset, "asset", found)?,
                "limit" => field(&mut limit, "limit", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self { asset: required(asset, "asset")?, limit: required(limit, "limit")? })
    }
}

impl Decode for MaxAssetFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("MaxAssetFilter"))
    }
}

impl Encode for MaxAssetFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "MAX_ASSET");
        json.field("asset", &self.asset);
        json.field("limit", &self.limit);
        json.end_object();
    }
}

/// Maximum number of open stop and take-profit orders of an account on the symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MaxNumAlgoOrdersFilter {
    /// Maximum number.
    pub max_num_algo_orders: u32,
}

impl MaxNumAlgoOrdersFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut max_num_algo_orders = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => support::constant(&mut seen, "filterType", "MAX_NUM_ALGO_ORDERS", found)?,
                "maxNumAlgoOrders" => field(&mut max_num_algo_orders, "maxNumAlgoOrders", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self { max_num_algo_orders: required(max_num_algo_orders, "maxNumAlgoOrders")? })
    }
}

impl Decode for MaxNumAlgoOrdersFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("MaxNumAlgoOrdersFilter"))
    }
}

impl Encode for MaxNumAlgoOrdersFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "MAX_NUM_ALGO_ORDERS");
        json.field("maxNumAlgoOrders", &self.max_num_algo_orders);
        json.end_object();
    }
}

/// Maximum number of open iceberg orders of an account on the symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MaxNumIcebergOrdersFilter {
    /// Maximum number.
    pub max_num_iceberg_orders: u32,
}

impl MaxNumIcebergOrdersFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut max_num_iceberg_orders = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => support::constant(&mut seen, "filterType", "MAX_NUM_ICEBERG_ORDERS", found)?,
                "maxNumIcebergOrders" => field(&mut max_num_iceberg_orders, "maxNumIcebergOrders", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self { max_num_iceberg_orders: required(max_num_iceberg_orders, "maxNumIcebergOrders")? })
    }
}

impl Decode for MaxNumIcebergOrdersFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("MaxNumIcebergOrdersFilter"))
    }
}

impl Encode for MaxNumIcebergOrdersFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "MAX_NUM_ICEBERG_ORDERS");
        json.field("maxNumIcebergOrders", &self.max_num_iceberg_orders);
        json.end_object();
    }
}

/// Maximum number of amendments of an order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MaxNumOrderAmendsFilter {
    /// Maximum number of amendments.
    pub max_num_order_amends: u32,
}

impl MaxNumOrderAmendsFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut max_num_order_amends = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => support::constant(&mut seen, "filterType", "MAX_NUM_ORDER_AMENDS", found)?,
                "maxNumOrderAmends" => field(&mut max_num_order_amends, "maxNumOrderAmends", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self { max_num_order_amends: required(max_num_order_amends, "maxNumOrderAmends")? })
    }
}

impl Decode for MaxNumOrderAmendsFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("MaxNumOrderAmendsFilter"))
    }
}

impl Encode for MaxNumOrderAmendsFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "MAX_NUM_ORDER_AMENDS");
        json.field("maxNumOrderAmends", &self.max_num_order_amends);
        json.end_object();
    }
}

/// Maximum number of open order lists of an account on the symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MaxNumOrderListsFilter {
    /// Maximum number.
    pub max_num_order_lists: u32,
}

impl MaxNumOrderListsFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut max_num_order_lists = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => support::constant(&mut seen, "filterType", "MAX_NUM_ORDER_LISTS", found)?,
                "maxNumOrderLists" => field(&mut max_num_order_lists, "maxNumOrderLists", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self { max_num_order_lists: required(max_num_order_lists, "maxNumOrderLists")? })
    }
}

impl Decode for MaxNumOrderListsFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("MaxNumOrderListsFilter"))
    }
}

impl Encode for MaxNumOrderListsFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "MAX_NUM_ORDER_LISTS");
        json.field("maxNumOrderLists", &self.max_num_order_lists);
        json.end_object();
    }
}

/// Maximum number of open orders of an account on the symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MaxNumOrdersFilter {
    /// Maximum number.
    pub max_num_orders: u32,
}

impl MaxNumOrdersFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut max_num_orders = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => support::constant(&mut seen, "filterType", "MAX_NUM_ORDERS", found)?,
                "maxNumOrders" => field(&mut max_num_orders, "maxNumOrders", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self { max_num_orders: required(max_num_orders, "maxNumOrders")? })
    }
}

impl Decode for MaxNumOrdersFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("MaxNumOrdersFilter"))
    }
}

impl Encode for MaxNumOrdersFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "MAX_NUM_ORDERS");
        json.field("maxNumOrders", &self.max_num_orders);
        json.end_object();
    }
}

/// Maximum position in the base asset, open buy orders included.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MaxPositionFilter {
    /// Maximum amount.
    pub max_position: Decimal,
}

impl MaxPositionFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut max_position = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => support::constant(&mut seen, "filterType", "MAX_POSITION", found)?,
                "maxPosition" => field(&mut max_position, "maxPosition", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self { max_position: required(max_position, "maxPosition")? })
    }
}

impl Decode for MaxPositionFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("MaxPositionFilter"))
    }
}

impl Encode for MaxPositionFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "MAX_POSITION");
        json.field("maxPosition", &self.max_position);
        json.end_object();
    }
}

/// Minimum of price times quantity.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MinNotionalFilter {
    /// Minimum.
    pub min_notional: Decimal,
    /// Whether it applies to market orders, at the average price.
    pub apply_to_market: bool,
    /// Minutes of the average price; zero means the last price.
    pub average_price_minutes: u32,
}

impl MinNotionalFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut min_notional = None;
        let mut apply_to_market = None;
        let mut average_price_minutes = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => support::constant(&mut seen, "filterType", "MIN_NOTIONAL", found)?,
                "minNotional" => field(&mut min_notional, "minNotional", found)?,
                "applyToMarket" => field(&mut apply_to_market, "applyToMarket", found)?,
                "avgPriceMins" => field(&mut average_price_minutes, "avgPriceMins", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self {
            min_notional: required(min_notional, "minNotional")?,
            apply_to_market: required(apply_to_market, "applyToMarket")?,
            average_price_minutes: required(average_price_minutes, "avgPriceMins")?,
        })
    }
}

impl Decode for MinNotionalFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("MinNotionalFilter"))
    }
}

impl Encode for MinNotionalFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "MIN_NOTIONAL");
        json.field("minNotional", &self.min_notional);
        json.field("applyToMarket", &self.apply_to_market);
        json.field("avgPriceMins", &self.average_price_minutes);
        json.end_object();
    }
}

/// The range of price times quantity.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NotionalFilter {
    /// Minimum.
    pub min_notional: Decimal,
    /// Whether the minimum applies to market orders.
    pub apply_min_to_market: bool,
    /// Maximum.
    pub max_notional: Decimal,
    /// Whether the maximum applies to market orders.
    pub apply_max_to_market: bool,
    /// Minutes of the average price; zero means the last price.
    pub average_price_minutes: u32,
}

impl NotionalFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut min_notional = None;
        let mut apply_min_to_market = None;
        let mut max_notional = None;
        let mut apply_max_to_market = None;
        let mut average_price_minutes = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => support::constant(&mut seen, "filterType", "NOTIONAL", found)?,
                "minNotional" => field(&mut min_notional, "minNotional", found)?,
                "applyMinToMarket" => field(&mut apply_min_to_market, "applyMinToMarket", found)?,
                "maxNotional" => field(&mut max_notional, "maxNotional", found)?,
                "applyMaxToMarket" => field(&mut apply_max_to_market, "applyMaxToMarket", found)?,
                "avgPriceMins" => field(&mut average_price_minutes, "avgPriceMins", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self {
            min_notional: required(min_notional, "minNotional")?,
            apply_min_to_market: required(apply_min_to_market, "applyMinToMarket")?,
            max_notional: required(max_notional, "maxNotional")?,
            apply_max_to_market: required(apply_max_to_market, "applyMaxToMarket")?,
            average_price_minutes: required(average_price_minutes, "avgPriceMins")?,
        })
    }
}

impl Decode for NotionalFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("NotionalFilter"))
    }
}

impl Encode for NotionalFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "NOTIONAL");
        json.field("minNotional", &self.min_notional);
        json.field("applyMinToMarket", &self.apply_min_to_market);
        json.field("maxNotional", &self.max_notional);
        json.field("applyMaxToMarket", &self.apply_max_to_market);
        json.field("avgPriceMins", &self.average_price_minutes);
        json.end_object();
    }
}

/// Range of the price around the average price, by the side of the order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PercentPriceBySideFilter {
    /// Bids: up to this times the average.
    pub bid_multiplier_up: Decimal,
    /// Bids: down to this times the average.
    pub bid_multiplier_down: Decimal,
    /// Asks: up to this times the average.
    pub ask_multiplier_up: Decimal,
    /// Asks: down to this times the average.
    pub ask_multiplier_down: Decimal,
    /// Minutes of the average price; zero means the last price.
    pub average_price_minutes: u32,
}

impl PercentPriceBySideFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut bid_multiplier_up = None;
        let mut bid_multiplier_down = None;
        let mut ask_multiplier_up = None;
        let mut ask_multiplier_down = None;
        let mut average_price_minutes = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => support::constant(&mut seen, "filterType", "PERCENT_PRICE_BY_SIDE", found)?,
                "bidMultiplierUp" => field(&mut bid_multiplier_up, "bidMultiplierUp", found)?,
                "bidMultiplierDown" => field(&mut bid_multiplier_down, "bidMultiplierDown", found)?,
                "askMultiplierUp" => field(&mut ask_multiplier_up, "askMultiplierUp", found)?,
                "askMultiplierDown" => field(&mut ask_multiplier_down, "askMultiplierDown", found)?,
                "avgPriceMins" => field(&mut average_price_minutes, "avgPriceMins", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self {
            bid_multiplier_up: required(bid_multiplier_up, "bidMultiplierUp")?,
            bid_multiplier_down: required(bid_multiplier_down, "bidMultiplierDown")?,
            ask_multiplier_up: required(ask_multiplier_up, "askMultiplierUp")?,
            ask_multiplier_down: required(ask_multiplier_down, "askMultiplierDown")?,
            average_price_minutes: required(average_price_minutes, "avgPriceMins")?,
        })
    }
}

impl Decode for PercentPriceBySideFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("PercentPriceBySideFilter"))
    }
}

impl Encode for PercentPriceBySideFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "PERCENT_PRICE_BY_SIDE");
        json.field("bidMultiplierUp", &self.bid_multiplier_up);
        json.field("bidMultiplierDown", &self.bid_multiplier_down);
        json.field("askMultiplierUp", &self.ask_multiplier_up);
        json.field("askMultiplierDown", &self.ask_multiplier_down);
        json.field("avgPriceMins", &self.average_price_minutes);
        json.end_object();
    }
}

/// Range of the price around the average price.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PercentPriceFilter {
    /// Up to this times the average.
    pub multiplier_up: Decimal,
    /// Down to this times the average.
    pub multiplier_down: Decimal,
    /// Minutes of the average price; zero means the last price.
    pub average_price_minutes: u32,
}

impl PercentPriceFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut multiplier_up = None;
        let mut multiplier_down = None;
        let mut average_price_minutes = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => support::constant(&mut seen, "filterType", "PERCENT_PRICE", found)?,
                "multiplierUp" => field(&mut multiplier_up, "multiplierUp", found)?,
                "multiplierDown" => field(&mut multiplier_down, "multiplierDown", found)?,
                "avgPriceMins" => field(&mut average_price_minutes, "avgPriceMins", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self {
            multiplier_up: required(multiplier_up, "multiplierUp")?,
            multiplier_down: required(multiplier_down, "multiplierDown")?,
            average_price_minutes: required(average_price_minutes, "avgPriceMins")?,
        })
    }
}

impl Decode for PercentPriceFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("PercentPriceFilter"))
    }
}

impl Encode for PercentPriceFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "PERCENT_PRICE");
        json.field("multiplierUp", &self.multiplier_up);
        json.field("multiplierDown", &self.multiplier_down);
        json.field("avgPriceMins", &self.average_price_minutes);
        json.end_object();
    }
}

/// Range and tick size of prices; a zero disables the part.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PriceFilter {
    /// Low price.
    pub min_price: Decimal,
    /// High price.
    pub max_price: Decimal,
    /// Tick size.
    pub tick_size: Decimal,
}

impl PriceFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut min_price = None;
        let mut max_price = None;
        let mut tick_size = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => support::constant(&mut seen, "filterType", "PRICE_FILTER", found)?,
                "minPrice" => field(&mut min_price, "minPrice", found)?,
                "maxPrice" => field(&mut max_price, "maxPrice", found)?,
                "tickSize" => field(&mut tick_size, "tickSize", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self {
            min_price: required(min_price, "minPrice")?,
            max_price: required(max_price, "maxPrice")?,
            tick_size: required(tick_size, "tickSize")?,
        })
    }
}

impl Decode for PriceFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("PriceFilter"))
    }
}

impl Encode for PriceFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "PRICE_FILTER");
        json.field("minPrice", &self.min_price);
        json.field("maxPrice", &self.max_price);
        json.field("tickSize", &self.tick_size);
        json.end_object();
    }
}

/// The range of the distance of trailing stops, in basis points.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TrailingDeltaFilter {
    /// Minimum above the price.
    pub min_trailing_above_delta: u32,
    /// Maximum above the price.
    pub max_trailing_above_delta: u32,
    /// Minimum below the price.
    pub min_trailing_below_delta: u32,
    /// Maximum below the price.
    pub max_trailing_below_delta: u32,
}

impl TrailingDeltaFilter {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut min_trailing_above_delta = None;
        let mut max_trailing_above_delta = None;
        let mut min_trailing_below_delta = None;
        let mut max_trailing_below_delta = None;
        for (key, found) in value.object()? {
            match key {
                "filterType" => support::constant(&mut seen, "filterType", "TRAILING_DELTA", found)?,
                "minTrailingAboveDelta" => {
                    field(&mut min_trailing_above_delta, "minTrailingAboveDelta", found)?;
                }
                "maxTrailingAboveDelta" => {
                    field(&mut max_trailing_above_delta, "maxTrailingAboveDelta", found)?;
                }
                "minTrailingBelowDelta" => {
                    field(&mut min_trailing_below_delta, "minTrailingBelowDelta", found)?;
                }
                "maxTrailingBelowDelta" => {
                    field(&mut max_trailing_below_delta, "maxTrailingBelowDelta", found)?;
                }
                _ => {}
            }
        }
        support::required_constant(seen, "filterType")?;
        Ok(Self {
            min_trailing_above_delta: required(min_trailing_above_delta, "minTrailingAboveDelta")?,
            max_trailing_above_delta: required(max_trailing_above_delta, "maxTrailingAboveDelta")?,
            min_trailing_below_delta: required(min_trailing_below_delta, "minTrailingBelowDelta")?,
            max_trailing_below_delta: required(max_trailing_below_delta, "maxTrailingBelowDelta")?,
        })
    }
}

impl Decode for TrailingDeltaFilter {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("TrailingDeltaFilter"))
    }
}

impl Encode for TrailingDeltaFilter {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("filterType", "TRAILING_DELTA");
        json.field("minTrailingAboveDelta", &self.min_trailing_above_delta);
        json.field("maxTrailingAboveDelta", &self.max_trailing_above_delta);
        json.field("minTrailingBelowDelta", &self.min_trailing_below_delta);
        json.field("maxTrailingBelowDelta", &self.max_trailing_below_delta);
        json.end_object();
    }
}

#[cfg(feature = "serde")]
crate::wire::serde_values! {
    ExchangeMaxNumAlgoOrdersFilter,
    ExchangeMaxNumIcebergOrdersFilter,
    ExchangeMaxNumOrderListsFilter,
    ExchangeMaxNumOrdersFilter,
    Filter,
    IcebergPartsFilter,
    LotSizeFilter,
    MarketLotSizeFilter,
    MaxAssetFilter,
    MaxNumAlgoOrdersFilter,
    MaxNumIcebergOrdersFilter,
    MaxNumOrderAmendsFilter,
    MaxNumOrderListsFilter,
    MaxNumOrdersFilter,
    MaxPositionFilter,
    MinNotionalFilter,
    NotionalFilter,
    PercentPriceBySideFilter,
    PercentPriceFilter,
    PriceFilter,
    TrailingDeltaFilter,
}
