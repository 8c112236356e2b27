// Written by `cargo xtask codegen` from crates/model/spec/spot/market.toml; do not edit.

//! Market data by request: books, trades, candles, tickers.

use super::all::{SymbolStatus, Symbols};
use crate::common::{Level, OneOrMany, UnknownObject};
use crate::generated::common::KlineInterval;
use crate::macros::wire_enum;
use crate::param::Param;
use crate::spot::window_size::WindowSize;
use crate::support;
use binance_kit_core::decode::{Layout, Value, field, optional, required};
use binance_kit_core::id::{AggTradeId, TradeId, UpdateId};
use binance_kit_core::{
    Api, Cost, Decimal, Decode, DecodeError, Encode, HttpMethod, InvalidRequest, JsonWriter, List,
    ParamWriter, Request, RestRequest, Security, Symbol, Timestamp, WsRequest, product,
};
use std::borrow::Cow;

wire_enum! {
    /// Form of a ticker.
    TickerType {
        /// Everything.
        Full = "FULL",
        /// Without price change, average and best prices.
        Mini = "MINI",
    }
}

/// An aggregate trade in an answer: the fills of one taker order at one price.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AggTrade {
    /// The id of the aggregate trade.
    pub agg_trade_id: AggTradeId,
    /// Price.
    pub price: Decimal,
    /// Quantity in the base asset.
    pub quantity: Decimal,
    /// First trade id.
    pub first_trade_id: Option<TradeId>,
    /// Last trade id.
    pub last_trade_id: Option<TradeId>,
    /// Trade time.
    pub trade_time: Timestamp,
    /// Whether the buyer is the maker.
    pub is_buyer_maker: bool,
    /// Unused field of the exchange; `false` if absent.
    pub is_best_match: bool,
}

impl AggTrade {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut agg_trade_id = None;
        let mut price = None;
        let mut quantity = None;
        let mut first_trade_id = None;
        let mut last_trade_id = None;
        let mut trade_time = None;
        let mut is_buyer_maker = None;
        let mut is_best_match = None;
        for (key, found) in value.object()? {
            match key {
                "a" => support::whole(&mut agg_trade_id, "a", found)?,
                "p" => field(&mut price, "p", found)?,
                "q" => field(&mut quantity, "q", found)?,
                "f" => support::field_or_minus_one(&mut first_trade_id, "f", found)?,
                "l" => support::field_or_minus_one(&mut last_trade_id, "l", found)?,
                "T" => support::time(&mut trade_time, "T", found)?,
                "m" => field(&mut is_buyer_maker, "m", found)?,
                "M" => field(&mut is_best_match, "M", found)?,
                _ => {}
            }
        }
        Ok(Self {
            agg_trade_id: required(agg_trade_id, "a")?,
            price: required(price, "p")?,
            quantity: required(quantity, "q")?,
            first_trade_id: optional(first_trade_id),
            last_trade_id: optional(last_trade_id),
            trade_time: required(trade_time, "T")?,
            is_buyer_maker: required(is_buyer_maker, "m")?,
            is_best_match: optional(is_best_match).unwrap_or_default(),
        })
    }
}

impl Decode for AggTrade {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("AggTrade"))
    }
}

impl Encode for AggTrade {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("a", &self.agg_trade_id);
        json.field("p", &self.price);
        json.field("q", &self.quantity);
        support::or_minus_one(json, "f", self.first_trade_id.as_ref());
        support::or_minus_one(json, "l", self.last_trade_id.as_ref());
        json.field("T", &self.trade_time);
        json.field("m", &self.is_buyer_maker);
        json.field("M", &self.is_best_match);
        json.end_object();
    }
}

/// The reference price is an arithmetic mean over time.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ArithmeticMeanPrice {
    /// Symbol.
    pub symbol: Symbol,
    /// Number of intervals.
    pub bucket_count: Option<u64>,
    /// Length of an interval in milliseconds.
    pub bucket_milliseconds: Option<u64>,
}

impl ArithmeticMeanPrice {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut seen = false;
        let mut bucket_count = None;
        let mut bucket_milliseconds = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "calculationType" => {
                    support::constant(&mut seen, "calculationType", "ARITHMETIC_MEAN", found)?;
                }
                "bucketCount" => field(&mut bucket_count, "bucketCount", found)?,
                "bucketWidthMs" => field(&mut bucket_milliseconds, "bucketWidthMs", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "calculationType")?;
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            bucket_count: optional(bucket_count),
            bucket_milliseconds: optional(bucket_milliseconds),
        })
    }
}

impl Decode for ArithmeticMeanPrice {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("ArithmeticMeanPrice"))
    }
}

impl Encode for ArithmeticMeanPrice {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("calculationType", "ARITHMETIC_MEAN");
        json.optional("bucketCount", self.bucket_count.as_ref());
        json.optional("bucketWidthMs", self.bucket_milliseconds.as_ref());
        json.end_object();
    }
}

/// A block trade in an answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BlockTrade {
    /// The id of the block trade.
    pub trade_id: TradeId,
    /// Price.
    pub price: Decimal,
    /// Quantity in the base asset.
    pub quantity: Decimal,
    /// Quantity in the quote asset.
    pub quote_quantity: Decimal,
    /// Time.
    pub time: Timestamp,
    /// Whether the buyer is the maker.
    pub is_buyer_maker: bool,
}

impl BlockTrade {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut trade_id = None;
        let mut price = None;
        let mut quantity = None;
        let mut quote_quantity = None;
        let mut time = None;
        let mut is_buyer_maker = None;
        for (key, found) in value.object()? {
            match key {
                "id" => support::whole(&mut trade_id, "id", found)?,
                "price" => field(&mut price, "price", found)?,
                "qty" => field(&mut quantity, "qty", found)?,
                "quoteQty" => field(&mut quote_quantity, "quoteQty", found)?,
                "time" => support::time(&mut time, "time", found)?,
                "isBuyerMaker" => field(&mut is_buyer_maker, "isBuyerMaker", found)?,
                _ => {}
            }
        }
        Ok(Self {
            trade_id: required(trade_id, "id")?,
            price: required(price, "price")?,
            quantity: required(quantity, "qty")?,
            quote_quantity: required(quote_quantity, "quoteQty")?,
            time: required(time, "time")?,
            is_buyer_maker: required(is_buyer_maker, "isBuyerMaker")?,
        })
    }
}

impl Decode for BlockTrade {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("BlockTrade"))
    }
}

impl Encode for BlockTrade {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("id", &self.trade_id);
        json.field("price", &self.price);
        json.field("qty", &self.quantity);
        json.field("quoteQty", &self.quote_quantity);
        json.field("time", &self.time);
        json.field("isBuyerMaker", &self.is_buyer_maker);
        json.end_object();
    }
}

/// The best bid and ask of a symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BookTicker {
    /// Symbol.
    pub symbol: Symbol,
    /// Best bid price.
    pub bid_price: Decimal,
    /// Best bid quantity.
    pub bid_quantity: Decimal,
    /// Best ask price.
    pub ask_price: Decimal,
    /// Best ask quantity.
    pub ask_quantity: Decimal,
}

impl BookTicker {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut bid_price = None;
        let mut bid_quantity = None;
        let mut ask_price = None;
        let mut ask_quantity = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "bidPrice" => field(&mut bid_price, "bidPrice", found)?,
                "bidQty" => field(&mut bid_quantity, "bidQty", found)?,
                "askPrice" => field(&mut ask_price, "askPrice", found)?,
                "askQty" => field(&mut ask_quantity, "askQty", found)?,
                _ => {}
            }
        }
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            bid_price: required(bid_price, "bidPrice")?,
            bid_quantity: required(bid_quantity, "bidQty")?,
            ask_price: required(ask_price, "askPrice")?,
            ask_quantity: required(ask_quantity, "askQty")?,
        })
    }
}

impl Decode for BookTicker {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("BookTicker"))
    }
}

impl Encode for BookTicker {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("bidPrice", &self.bid_price);
        json.field("bidQty", &self.bid_quantity);
        json.field("askPrice", &self.ask_price);
        json.field("askQty", &self.ask_quantity);
        json.end_object();
    }
}

/// The average price over the last minutes.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CurrentAveragePrice {
    /// Number of minutes; `5` if absent.
    pub minutes: u32,
    /// The average price.
    pub price: Decimal,
    /// Time of the last trade.
    pub last_trade_time: Timestamp,
}

impl CurrentAveragePrice {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut minutes = None;
        let mut price = None;
        let mut last_trade_time = None;
        for (key, found) in value.object()? {
            match key {
                "mins" => field(&mut minutes, "mins", found)?,
                "price" => field(&mut price, "price", found)?,
                "closeTime" => support::time(&mut last_trade_time, "closeTime", found)?,
                _ => {}
            }
        }
        Ok(Self {
            minutes: optional(minutes).unwrap_or(5),
            price: required(price, "price")?,
            last_trade_time: required(last_trade_time, "closeTime")?,
        })
    }
}

impl Decode for CurrentAveragePrice {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("CurrentAveragePrice"))
    }
}

impl Encode for CurrentAveragePrice {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("mins", &self.minutes);
        json.field("price", &self.price);
        json.field("closeTime", &self.last_trade_time);
        json.end_object();
    }
}

/// The reference price of a symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CurrentReferencePrice {
    /// Symbol.
    pub symbol: Symbol,
    /// Reference price, if there is one.
    pub price: Option<Decimal>,
    /// Time at which it was set.
    pub time: Timestamp,
}

impl CurrentReferencePrice {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut price = None;
        let mut time = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "referencePrice" => field(&mut price, "referencePrice", found)?,
                "timestamp" => support::time(&mut time, "timestamp", found)?,
                _ => {}
            }
        }
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            price: optional(price),
            time: required(time, "timestamp")?,
        })
    }
}

impl Decode for CurrentReferencePrice {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("CurrentReferencePrice"))
    }
}

impl Encode for CurrentReferencePrice {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("referencePrice", &self.price);
        json.field("timestamp", &self.time);
        json.end_object();
    }
}

/// 24-hour statistics of a symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum DayTicker {
    /// Everything.
    Full(Box<FullDayTicker>),
    /// The short form (`TickerType::Mini`).
    Mini(MiniWindowTicker),
}

impl Decode for DayTicker {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        if value.get("priceChange").is_some() || value.get("weightedAvgPrice").is_some() {
            return Decode::decode(value).map(Self::Full).map_err(|error| error.in_type("DayTicker"));
        }
        Decode::decode(value).map(Self::Mini).map_err(|error| error.in_type("DayTicker"))
    }
}

impl Encode for DayTicker {
    fn encode(&self, json: &mut JsonWriter) {
        match self {
            Self::Full(value) => value.encode(json),
            Self::Mini(value) => value.encode(json),
        }
    }
}

/// The reference price is calculated externally.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ExternalPrice {
    /// Symbol.
    pub symbol: Symbol,
    /// Id of the calculation.
    pub external_calculation_id: u64,
}

impl ExternalPrice {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut seen = false;
        let mut external_calculation_id = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "calculationType" => support::constant(&mut seen, "calculationType", "EXTERNAL", found)?,
                "externalCalculationId" => {
                    support::whole(&mut external_calculation_id, "externalCalculationId", found)?;
                }
                _ => {}
            }
        }
        support::required_constant(seen, "calculationType")?;
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            external_calculation_id: required(external_calculation_id, "externalCalculationId")?,
        })
    }
}

impl Decode for ExternalPrice {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("ExternalPrice"))
    }
}

impl Encode for ExternalPrice {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("calculationType", "EXTERNAL");
        json.field("externalCalculationId", &self.external_calculation_id);
        json.end_object();
    }
}

/// 24-hour statistics of a symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FullDayTicker {
    /// Symbol.
    pub symbol: Symbol,
    /// Price change.
    pub price_change: Option<Decimal>,
    /// Price change in percent.
    pub price_change_percent: Option<Decimal>,
    /// Weighted average price.
    pub weighted_average_price: Option<Decimal>,
    /// Price of the last trade before the window.
    pub previous_close_price: Decimal,
    /// The quantity of the last trade.
    pub last_quantity: Decimal,
    /// Best bid price.
    pub bid_price: Decimal,
    /// Best bid quantity.
    pub bid_quantity: Decimal,
    /// Best ask price.
    pub ask_price: Decimal,
    /// Best ask quantity.
    pub ask_quantity: Decimal,
    /// Open price.
    pub open_price: Decimal,
    /// High price.
    pub high_price: Decimal,
    /// Low price.
    pub low_price: Decimal,
    /// Last price.
    pub last_price: Decimal,
    /// Volume in the base asset.
    pub volume: Decimal,
    /// Volume in the quote asset.
    pub quote_volume: Decimal,
    /// Open time of the window.
    pub open_time: Timestamp,
    /// Close time of the window.
    pub close_time: Timestamp,
    /// First trade id of the window.
    pub first_trade_id: Option<TradeId>,
    /// Last trade id of the window.
    pub last_trade_id: Option<TradeId>,
    /// Number of trades.
    pub trade_count: Option<u64>,
}

impl FullDayTicker {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut price_change = None;
        let mut price_change_percent = None;
        let mut weighted_average_price = None;
        let mut previous_close_price = None;
        let mut last_quantity = None;
        let mut bid_price = None;
        let mut bid_quantity = None;
        let mut ask_price = None;
        let mut ask_quantity = None;
        let mut open_price = None;
        let mut high_price = None;
        let mut low_price = None;
        let mut last_price = None;
        let mut volume = None;
        let mut quote_volume = None;
        let mut open_time = None;
        let mut close_time = None;
        let mut first_trade_id = None;
        let mut last_trade_id = None;
        let mut trade_count = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "priceChange" => field(&mut price_change, "priceChange", found)?,
                "priceChangePercent" => field(&mut price_change_percent, "priceChangePercent", found)?,
                "weightedAvgPrice" => field(&mut weighted_average_price, "weightedAvgPrice", found)?,
                "prevClosePrice" => field(&mut previous_close_price, "prevClosePrice", found)?,
                "lastQty" => field(&mut last_quantity, "lastQty", found)?,
                "bidPrice" => field(&mut bid_price, "bidPrice", found)?,
                "bidQty" => field(&mut bid_quantity, "bidQty", found)?,
                "askPrice" => field(&mut ask_price, "askPrice", found)?,
                "askQty" => field(&mut ask_quantity, "askQty", found)?,
                "openPrice" => field(&mut open_price, "openPrice", found)?,
                "highPrice" => field(&mut high_price, "highPrice", found)?,
                "lowPrice" => field(&mut low_price, "lowPrice", found)?,
                "lastPrice" => field(&mut last_price, "lastPrice", found)?,
                "volume" => field(&mut volume, "volume", found)?,
                "quoteVolume" => field(&mut quote_volume, "quoteVolume", found)?,
                "openTime" => support::time(&mut open_time, "openTime", found)?,
                "closeTime" => support::time(&mut close_time, "closeTime", found)?,
                "firstId" => support::field_or_minus_one(&mut first_trade_id, "firstId", found)?,
                "lastId" => support::field_or_minus_one(&mut last_trade_id, "lastId", found)?,
                "count" => field(&mut trade_count, "count", found)?,
                _ => {}
            }
        }
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            price_change: optional(price_change),
            price_change_percent: optional(price_change_percent),
            weighted_average_price: optional(weighted_average_price),
            previous_close_price: required(previous_close_price, "prevClosePrice")?,
            last_quantity: required(last_quantity, "lastQty")?,
            bid_price: required(bid_price, "bidPrice")?,
            bid_quantity: required(bid_quantity, "bidQty")?,
            ask_price: required(ask_price, "askPrice")?,
            ask_quantity: required(ask_quantity, "askQty")?,
            open_price: required(open_price, "openPrice")?,
            high_price: required(high_price, "highPrice")?,
            low_price: required(low_price, "lowPrice")?,
            last_price: required(last_price, "lastPrice")?,
            volume: required(volume, "volume")?,
            quote_volume: required(quote_volume, "quoteVolume")?,
            open_time: required(open_time, "openTime")?,
            close_time: required(close_time, "closeTime")?,
            first_trade_id: optional(first_trade_id),
            last_trade_id: optional(last_trade_id),
            trade_count: optional(trade_count),
        })
    }
}

impl Decode for FullDayTicker {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("FullDayTicker"))
    }
}

impl Encode for FullDayTicker {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.optional("priceChange", self.price_change.as_ref());
        json.optional("priceChangePercent", self.price_change_percent.as_ref());
        json.optional("weightedAvgPrice", self.weighted_average_price.as_ref());
        json.field("prevClosePrice", &self.previous_close_price);
        json.field("lastQty", &self.last_quantity);
        json.field("bidPrice", &self.bid_price);
        json.field("bidQty", &self.bid_quantity);
        json.field("askPrice", &self.ask_price);
        json.field("askQty", &self.ask_quantity);
        json.field("openPrice", &self.open_price);
        json.field("highPrice", &self.high_price);
        json.field("lowPrice", &self.low_price);
        json.field("lastPrice", &self.last_price);
        json.field("volume", &self.volume);
        json.field("quoteVolume", &self.quote_volume);
        json.field("openTime", &self.open_time);
        json.field("closeTime", &self.close_time);
        support::or_minus_one(json, "firstId", self.first_trade_id.as_ref());
        support::or_minus_one(json, "lastId", self.last_trade_id.as_ref());
        json.optional("count", self.trade_count.as_ref());
        json.end_object();
    }
}

/// Statistics of a window of a symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FullWindowTicker {
    /// Symbol.
    pub symbol: Symbol,
    /// Price change.
    pub price_change: Option<Decimal>,
    /// Price change in percent.
    pub price_change_percent: Option<Decimal>,
    /// Weighted average price.
    pub weighted_average_price: Option<Decimal>,
    /// Open price.
    pub open_price: Decimal,
    /// High price.
    pub high_price: Decimal,
    /// Low price.
    pub low_price: Decimal,
    /// Last price.
    pub last_price: Decimal,
    /// Volume in the base asset.
    pub volume: Decimal,
    /// Volume in the quote asset.
    pub quote_volume: Decimal,
    /// Open time of the window.
    pub open_time: Timestamp,
    /// Close time of the window.
    pub close_time: Timestamp,
    /// First trade id of the window.
    pub first_trade_id: Option<TradeId>,
    /// Last trade id of the window.
    pub last_trade_id: Option<TradeId>,
    /// Number of trades.
    pub trade_count: Option<u64>,
}

impl FullWindowTicker {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut price_change = None;
        let mut price_change_percent = None;
        let mut weighted_average_price = None;
        let mut open_price = None;
        let mut high_price = None;
        let mut low_price = None;
        let mut last_price = None;
        let mut volume = None;
        let mut quote_volume = None;
        let mut open_time = None;
        let mut close_time = None;
        let mut first_trade_id = None;
        let mut last_trade_id = None;
        let mut trade_count = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "priceChange" => field(&mut price_change, "priceChange", found)?,
                "priceChangePercent" => field(&mut price_change_percent, "priceChangePercent", found)?,
                "weightedAvgPrice" => field(&mut weighted_average_price, "weightedAvgPrice", found)?,
                "openPrice" => field(&mut open_price, "openPrice", found)?,
                "highPrice" => field(&mut high_price, "highPrice", found)?,
                "lowPrice" => field(&mut low_price, "lowPrice", found)?,
                "lastPrice" => field(&mut last_price, "lastPrice", found)?,
                "volume" => field(&mut volume, "volume", found)?,
                "quoteVolume" => field(&mut quote_volume, "quoteVolume", found)?,
                "openTime" => support::time(&mut open_time, "openTime", found)?,
                "closeTime" => support::time(&mut close_time, "closeTime", found)?,
                "firstId" => support::field_or_minus_one(&mut first_trade_id, "firstId", found)?,
                "lastId" => support::field_or_minus_one(&mut last_trade_id, "lastId", found)?,
                "count" => field(&mut trade_count, "count", found)?,
                _ => {}
            }
        }
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            price_change: optional(price_change),
            price_change_percent: optional(price_change_percent),
            weighted_average_price: optional(weighted_average_price),
            open_price: required(open_price, "openPrice")?,
            high_price: required(high_price, "highPrice")?,
            low_price: required(low_price, "lowPrice")?,
            last_price: required(last_price, "lastPrice")?,
            volume: required(volume, "volume")?,
            quote_volume: required(quote_volume, "quoteVolume")?,
            open_time: required(open_time, "openTime")?,
            close_time: required(close_time, "closeTime")?,
            first_trade_id: optional(first_trade_id),
            last_trade_id: optional(last_trade_id),
            trade_count: optional(trade_count),
        })
    }
}

impl Decode for FullWindowTicker {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("FullWindowTicker"))
    }
}

impl Encode for FullWindowTicker {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.optional("priceChange", self.price_change.as_ref());
        json.optional("priceChangePercent", self.price_change_percent.as_ref());
        json.optional("weightedAvgPrice", self.weighted_average_price.as_ref());
        json.field("openPrice", &self.open_price);
        json.field("highPrice", &self.high_price);
        json.field("lowPrice", &self.low_price);
        json.field("lastPrice", &self.last_price);
        json.field("volume", &self.volume);
        json.field("quoteVolume", &self.quote_volume);
        json.field("openTime", &self.open_time);
        json.field("closeTime", &self.close_time);
        support::or_minus_one(json, "firstId", self.first_trade_id.as_ref());
        support::or_minus_one(json, "lastId", self.last_trade_id.as_ref());
        json.optional("count", self.trade_count.as_ref());
        json.end_object();
    }
}

/// A candle.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Kline {
    /// Open time.
    pub open_time: Timestamp,
    /// Open price.
    pub open: Decimal,
    /// High price.
    pub high: Decimal,
    /// Low price.
    pub low: Decimal,
    /// Close price.
    pub close: Decimal,
    /// Volume in the base asset.
    pub volume: Decimal,
    /// Close time: its last millisecond.
    pub close_time: Timestamp,
    /// Volume in the quote asset.
    pub quote_volume: Decimal,
    /// Number of trades.
    pub trade_count: Option<u64>,
    /// Taker buy volume in the base asset.
    pub taker_buy_volume: Decimal,
    /// Taker buy volume in the quote asset.
    pub taker_buy_quote_volume: Decimal,
    /// Unused field of the exchange; `0` if absent.
    pub ignored: Decimal,
}

impl Kline {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut elements = value.array()?;
        Ok(Self {
            open_time: support::element(&mut elements, 0)?,
            open: support::element(&mut elements, 1)?,
            high: support::element(&mut elements, 2)?,
            low: support::element(&mut elements, 3)?,
            close: support::element(&mut elements, 4)?,
            volume: support::element(&mut elements, 5)?,
            close_time: support::element(&mut elements, 6)?,
            quote_volume: support::element(&mut elements, 7)?,
            trade_count: support::element_or_none(&mut elements, 8)?,
            taker_buy_volume: support::element(&mut elements, 9)?,
            taker_buy_quote_volume: support::element(&mut elements, 10)?,
            ignored: support::element_or_none(&mut elements, 11)?.unwrap_or_default(),
        })
    }
}

impl Decode for Kline {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("Kline"))
    }
}

impl Encode for Kline {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_array();
        json.element();
        self.open_time.encode(json);
        json.element();
        self.open.encode(json);
        json.element();
        self.high.encode(json);
        json.element();
        self.low.encode(json);
        json.element();
        self.close.encode(json);
        json.element();
        self.volume.encode(json);
        json.element();
        self.close_time.encode(json);
        json.element();
        self.quote_volume.encode(json);
        json.element();
        self.trade_count.encode(json);
        json.element();
        self.taker_buy_volume.encode(json);
        json.element();
        self.taker_buy_quote_volume.encode(json);
        json.element();
        self.ignored.encode(json);
        json.end_array();
    }
}

/// The last price of a symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LastPrice {
    /// Symbol.
    pub symbol: Symbol,
    /// The price of the last trade.
    pub price: Decimal,
}

impl LastPrice {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut price = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "price" => field(&mut price, "price", found)?,
                _ => {}
            }
        }
        Ok(Self { symbol: required(symbol, "symbol")?, price: required(price, "price")? })
    }
}

impl Decode for LastPrice {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("LastPrice"))
    }
}

impl Encode for LastPrice {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("price", &self.price);
        json.end_object();
    }
}

/// Statistics of a window of a symbol, short form.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MiniWindowTicker {
    /// Symbol.
    pub symbol: Symbol,
    /// Open price.
    pub open_price: Decimal,
    /// High price.
    pub high_price: Decimal,
    /// Low price.
    pub low_price: Decimal,
    /// Last price.
    pub last_price: Decimal,
    /// Volume in the base asset.
    pub volume: Decimal,
    /// Volume in the quote asset.
    pub quote_volume: Decimal,
    /// Open time of the window.
    pub open_time: Timestamp,
    /// Close time of the window.
    pub close_time: Timestamp,
    /// First trade id of the window.
    pub first_trade_id: Option<TradeId>,
    /// Last trade id of the window.
    pub last_trade_id: Option<TradeId>,
    /// Number of trades.
    pub trade_count: Option<u64>,
}

impl MiniWindowTicker {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut open_price = None;
        let mut high_price = None;
        let mut low_price = None;
        let mut last_price = None;
        let mut volume = None;
        let mut quote_volume = None;
        let mut open_time = None;
        let mut close_time = None;
        let mut first_trade_id = None;
        let mut last_trade_id = None;
        let mut trade_count = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "openPrice" => field(&mut open_price, "openPrice", found)?,
                "highPrice" => field(&mut high_price, "highPrice", found)?,
                "lowPrice" => field(&mut low_price, "lowPrice", found)?,
                "lastPrice" => field(&mut last_price, "lastPrice", found)?,
                "volume" => field(&mut volume, "volume", found)?,
                "quoteVolume" => field(&mut quote_volume, "quoteVolume", found)?,
                "openTime" => support::time(&mut open_time, "openTime", found)?,
                "closeTime" => support::time(&mut close_time, "closeTime", found)?,
                "firstId" => support::field_or_minus_one(&mut first_trade_id, "firstId", found)?,
                "lastId" => support::field_or_minus_one(&mut last_trade_id, "lastId", found)?,
                "count" => field(&mut trade_count, "count", found)?,
                _ => {}
            }
        }
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            open_price: required(open_price, "openPrice")?,
            high_price: required(high_price, "highPrice")?,
            low_price: required(low_price, "lowPrice")?,
            last_price: required(last_price, "lastPrice")?,
            volume: required(volume, "volume")?,
            quote_volume: required(quote_volume, "quoteVolume")?,
            open_time: required(open_time, "openTime")?,
            close_time: required(close_time, "closeTime")?,
            first_trade_id: optional(first_trade_id),
            last_trade_id: optional(last_trade_id),
            trade_count: optional(trade_count),
        })
    }
}

impl Decode for MiniWindowTicker {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("MiniWindowTicker"))
    }
}

impl Encode for MiniWindowTicker {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("openPrice", &self.open_price);
        json.field("highPrice", &self.high_price);
        json.field("lowPrice", &self.low_price);
        json.field("lastPrice", &self.last_price);
        json.field("volume", &self.volume);
        json.field("quoteVolume", &self.quote_volume);
        json.field("openTime", &self.open_time);
        json.field("closeTime", &self.close_time);
        support::or_minus_one(json, "firstId", self.first_trade_id.as_ref());
        support::or_minus_one(json, "lastId", self.last_trade_id.as_ref());
        json.optional("count", self.trade_count.as_ref());
        json.end_object();
    }
}

/// The book of a symbol at one moment.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderBook {
    /// Last update id.
    pub last_update_id: UpdateId,
    /// The bids, highest first.
    pub bids: Vec<Level>,
    /// The asks, lowest first.
    pub asks: Vec<Level>,
}

impl OrderBook {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut last_update_id = None;
        let mut bids = None;
        let mut asks = None;
        for (key, found) in value.object()? {
            match key {
                "lastUpdateId" => support::whole(&mut last_update_id, "lastUpdateId", found)?,
                "bids" => field(&mut bids, "bids", found)?,
                "asks" => field(&mut asks, "asks", found)?,
                _ => {}
            }
        }
        Ok(Self {
            last_update_id: required(last_update_id, "lastUpdateId")?,
            bids: required(bids, "bids")?,
            asks: required(asks, "asks")?,
        })
    }
}

impl Decode for OrderBook {
    const LAYOUT: Layout = Layout::Fields(&["bids", "asks"]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("OrderBook"))
    }
}

impl Encode for OrderBook {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("lastUpdateId", &self.last_update_id);
        json.field("bids", &self.bids);
        json.field("asks", &self.asks);
        json.end_object();
    }
}

/// Calculation method of a reference price.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ReferencePriceMethod {
    /// The reference price is an arithmetic mean over time.
    ArithmeticMean(ArithmeticMeanPrice),
    /// The reference price is calculated externally.
    External(ExternalPrice),
    /// Of a kind this version of the SDK does not know.
    Unknown(UnknownObject),
}

impl Decode for ReferencePriceMethod {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        match support::kind_of(value, "calculationType")
            .map_err(|error| error.in_type("ReferencePriceMethod"))?
        {
            "ARITHMETIC_MEAN" => ArithmeticMeanPrice::decode(value).map(Self::ArithmeticMean),
            "EXTERNAL" => ExternalPrice::decode(value).map(Self::External),
            other => Ok(Self::Unknown(UnknownObject::new(other, value))),
        }
    }
}

impl Encode for ReferencePriceMethod {
    fn encode(&self, json: &mut JsonWriter) {
        match self {
            Self::ArithmeticMean(value) => value.encode(json),
            Self::External(value) => value.encode(json),
            Self::Unknown(value) => value.encode(json),
        }
    }
}

/// A trade in an answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Trade {
    /// Trade id.
    pub trade_id: TradeId,
    /// Price.
    pub price: Decimal,
    /// Quantity in the base asset.
    pub quantity: Decimal,
    /// Quantity in the quote asset.
    pub quote_quantity: Decimal,
    /// Time.
    pub time: Timestamp,
    /// Whether the buyer is the maker.
    pub is_buyer_maker: bool,
    /// Unused field of the exchange; `false` if absent.
    pub is_best_match: bool,
}

impl Trade {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut trade_id = None;
        let mut price = None;
        let mut quantity = None;
        let mut quote_quantity = None;
        let mut time = None;
        let mut is_buyer_maker = None;
        let mut is_best_match = None;
        for (key, found) in value.object()? {
            match key {
                "id" => support::whole(&mut trade_id, "id", found)?,
                "price" => field(&mut price, "price", found)?,
                "qty" => field(&mut quantity, "qty", found)?,
                "quoteQty" => field(&mut quote_quantity, "quoteQty", found)?,
                "time" => support::time(&mut time, "time", found)?,
                "isBuyerMaker" => field(&mut is_buyer_maker, "isBuyerMaker", found)?,
                "isBestMatch" => field(&mut is_best_match, "isBestMatch", found)?,
                _ => {}
            }
        }
        Ok(Self {
            trade_id: required(trade_id, "id")?,
            price: required(price, "price")?,
            quantity: required(quantity, "qty")?,
            quote_quantity: required(quote_quantity, "quoteQty")?,
            time: required(time, "time")?,
            is_buyer_maker: required(is_buyer_maker, "isBuyerMaker")?,
            is_best_match: optional(is_best_match).unwrap_or_default(),
        })
    }
}

impl Decode for Trade {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("Trade"))
    }
}

impl Encode for Trade {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("id", &self.trade_id);
        json.field("price", &self.price);
        json.field("qty", &self.quantity);
        json.field("quoteQty", &self.quote_quantity);
        json.field("time", &self.time);
        json.field("isBuyerMaker", &self.is_buyer_maker);
        json.field("isBestMatch", &self.is_best_match);
        json.end_object();
    }
}

/// Statistics of a window of a symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum WindowTicker {
    /// Everything.
    Full(Box<FullWindowTicker>),
    /// The short form (`TickerType::Mini`).
    Mini(MiniWindowTicker),
}

impl Decode for WindowTicker {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        if value.get("priceChange").is_some() || value.get("weightedAvgPrice").is_some() {
            return Decode::decode(value).map(Self::Full).map_err(|error| error.in_type("WindowTicker"));
        }
        Decode::decode(value).map(Self::Mini).map_err(|error| error.in_type("WindowTicker"))
    }
}

impl Encode for WindowTicker {
    fn encode(&self, json: &mut JsonWriter) {
        match self {
            Self::Full(value) => value.encode(json),
            Self::Mini(value) => value.encode(json),
        }
    }
}

/// Aggregate trades of a symbol, from an id or between two times.
///
/// REST: `GET /api/v3/aggTrades`. WebSocket API: `trades.aggregate`. Security: none. Weight: 4.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AggTrades {
    /// Symbol.
    pub symbol: Symbol,
    /// Id of the first aggregate trade; not together with times.
    pub from_id: Option<AggTradeId>,
    /// Start time, included.
    pub start_time: Option<Timestamp>,
    /// End time, included.
    pub end_time: Option<Timestamp>,
    /// Maximum number of rows; default 500.
    pub limit: Option<u32>,
}

impl AggTrades {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>) -> Self {
        Self { symbol: symbol.into(), from_id: None, start_time: None, end_time: None, limit: None }
    }

    /// Id of the first aggregate trade; not together with times.
    #[must_use]
    pub fn from_id(mut self, from_id: AggTradeId) -> Self {
        self.from_id = Some(from_id);
        self
    }

    /// Start time, included.
    #[must_use]
    pub fn start_time(mut self, start_time: Timestamp) -> Self {
        self.start_time = Some(start_time);
        self
    }

    /// End time, included.
    #[must_use]
    pub fn end_time(mut self, end_time: Timestamp) -> Self {
        self.end_time = Some(end_time);
        self
    }

    /// Maximum number of rows; default 500.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

impl Request for AggTrades {
    type Response = List<AggTrade>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(4)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.from_id, "fromId", params);
        Param::write(&self.start_time, "startTime", params);
        Param::write(&self.end_time, "endTime", params);
        Param::write(&self.limit, "limit", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        support::in_range("limit", self.limit, 1, 1000)?;
        self.check_rules()
    }
}

impl RestRequest for AggTrades {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/aggTrades")
    }
}

impl WsRequest for AggTrades {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("trades.aggregate")
    }
}

/// The average price of a symbol over the last minutes.
///
/// REST: `GET /api/v3/avgPrice`. WebSocket API: `avgPrice`. Security: none. Weight: 2.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AvgPrice {
    /// Symbol.
    pub symbol: Symbol,
}

impl AvgPrice {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>) -> Self {
        Self { symbol: symbol.into() }
    }
}

impl Request for AvgPrice {
    type Response = CurrentAveragePrice;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(2)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
    }
}

impl RestRequest for AvgPrice {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/avgPrice")
    }
}

impl WsRequest for AvgPrice {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("avgPrice")
    }
}

/// The book of a symbol.
///
/// REST: `GET /api/v3/depth`. WebSocket API: `depth`. Security: none. Weight: 5 up to 100 (`limit`), 25 up to 500 (`limit`), 50 up to 1000 (`limit`), 250 otherwise, 5 without `limit`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Depth {
    /// Symbol.
    pub symbol: Symbol,
    /// Maximum number of levels of each side; default 100.
    pub limit: Option<u32>,
    /// Required status of the symbol; an error otherwise.
    pub symbol_status: Option<SymbolStatus>,
}

impl Depth {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>) -> Self {
        Self { symbol: symbol.into(), limit: None, symbol_status: None }
    }

    /// Maximum number of levels of each side; default 100.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Required status of the symbol; an error otherwise.
    #[must_use]
    pub fn symbol_status(mut self, symbol_status: SymbolStatus) -> Self {
        self.symbol_status = Some(symbol_status);
        self
    }
}

impl Request for Depth {
    type Response = OrderBook;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(match self.limit {
            None | Some(..=100) => 5,
            Some(..=500) => 25,
            Some(..=1000) => 50,
            Some(_) => 250,
        })
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.limit, "limit", params);
        Param::write(&self.symbol_status, "symbolStatus", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        support::in_range("limit", self.limit, 1, 5000)
    }
}

impl RestRequest for Depth {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/depth")
    }
}

impl WsRequest for Depth {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("depth")
    }
}

/// Block trades of a symbol, from an id.
///
/// REST: `GET /api/v3/historicalBlockTrades`. WebSocket API: `blockTrades.historical`. Security: none. Weight: 25.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HistoricalBlockTrades {
    /// Symbol.
    pub symbol: Symbol,
    /// Id of the first trade.
    pub from_id: TradeId,
    /// Maximum number of rows; default 500.
    pub limit: Option<u32>,
}

impl HistoricalBlockTrades {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>, from_id: TradeId) -> Self {
        Self { symbol: symbol.into(), from_id, limit: None }
    }

    /// Maximum number of rows; default 500.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

impl Request for HistoricalBlockTrades {
    type Response = List<BlockTrade>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(25)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.from_id, "fromId", params);
        Param::write(&self.limit, "limit", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        support::in_range("limit", self.limit, 1, 1000)
    }
}

impl RestRequest for HistoricalBlockTrades {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/historicalBlockTrades")
    }
}

impl WsRequest for HistoricalBlockTrades {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("blockTrades.historical")
    }
}

/// Trades of a symbol, from an id.
///
/// REST: `GET /api/v3/historicalTrades`. WebSocket API: `trades.historical`. Security: none. Weight: 25.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HistoricalTrades {
    /// Symbol.
    pub symbol: Symbol,
    /// Maximum number of rows; default 500.
    pub limit: Option<u32>,
    /// Id of the first trade; default: the latest trades.
    pub from_id: Option<TradeId>,
}

impl HistoricalTrades {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>) -> Self {
        Self { symbol: symbol.into(), limit: None, from_id: None }
    }

    /// Maximum number of rows; default 500.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Id of the first trade; default: the latest trades.
    #[must_use]
    pub fn from_id(mut self, from_id: TradeId) -> Self {
        self.from_id = Some(from_id);
        self
    }
}

impl Request for HistoricalTrades {
    type Response = List<Trade>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(25)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.limit, "limit", params);
        Param::write(&self.from_id, "fromId", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        support::in_range("limit", self.limit, 1, 1000)
    }
}

impl RestRequest for HistoricalTrades {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/historicalTrades")
    }
}

impl WsRequest for HistoricalTrades {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("trades.historical")
    }
}

/// Candles of a symbol.
///
/// REST: `GET /api/v3/klines`. WebSocket API: `klines`. Security: none. Weight: 2.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Klines {
    /// Symbol.
    pub symbol: Symbol,
    /// The length of the candles.
    pub interval: KlineInterval,
    /// Start time, included.
    pub start_time: Option<Timestamp>,
    /// End time, included.
    pub end_time: Option<Timestamp>,
    /// Time zone of the days (`8`, `-1:00`, `05:45`); default UTC.
    pub time_zone: Option<String>,
    /// Maximum number of rows; default 500.
    pub limit: Option<u32>,
}

impl Klines {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>, interval: KlineInterval) -> Self {
        Self {
            symbol: symbol.into(),
            interval,
            start_time: None,
            end_time: None,
            time_zone: None,
            limit: None,
        }
    }

    /// Start time, included.
    #[must_use]
    pub fn start_time(mut self, start_time: Timestamp) -> Self {
        self.start_time = Some(start_time);
        self
    }

    /// End time, included.
    #[must_use]
    pub fn end_time(mut self, end_time: Timestamp) -> Self {
        self.end_time = Some(end_time);
        self
    }

    /// Time zone of the days (`8`, `-1:00`, `05:45`); default UTC.
    #[must_use]
    pub fn time_zone(mut self, time_zone: impl Into<String>) -> Self {
        self.time_zone = Some(time_zone.into());
        self
    }

    /// Maximum number of rows; default 500.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

impl Request for Klines {
    type Response = List<Kline>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(2)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.interval, "interval", params);
        Param::write(&self.start_time, "startTime", params);
        Param::write(&self.end_time, "endTime", params);
        Param::write(&self.time_zone, "timeZone", params);
        Param::write(&self.limit, "limit", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        support::in_range("limit", self.limit, 1, 1000)
    }
}

impl RestRequest for Klines {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/klines")
    }
}

impl WsRequest for Klines {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("klines")
    }
}

/// The reference price of a symbol.
///
/// REST: `GET /api/v3/referencePrice`. WebSocket API: `referencePrice`. Security: none. Weight: 2.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ReferencePrice {
    /// Symbol.
    pub symbol: Symbol,
}

impl ReferencePrice {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>) -> Self {
        Self { symbol: symbol.into() }
    }
}

impl Request for ReferencePrice {
    type Response = CurrentReferencePrice;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(2)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
    }
}

impl RestRequest for ReferencePrice {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/referencePrice")
    }
}

impl WsRequest for ReferencePrice {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("referencePrice")
    }
}

/// Calculation of the reference price of a symbol.
///
/// REST: `GET /api/v3/referencePrice/calculation`. WebSocket API: `referencePrice.calculation`. Security: none. Weight: 2.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ReferencePriceCalculation {
    /// Symbol.
    pub symbol: Symbol,
    /// Required status of the symbol.
    pub symbol_status: Option<SymbolStatus>,
}

impl ReferencePriceCalculation {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>) -> Self {
        Self { symbol: symbol.into(), symbol_status: None }
    }

    /// Required status of the symbol.
    #[must_use]
    pub fn symbol_status(mut self, symbol_status: SymbolStatus) -> Self {
        self.symbol_status = Some(symbol_status);
        self
    }
}

impl Request for ReferencePriceCalculation {
    type Response = ReferencePriceMethod;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(2)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.symbol_status, "symbolStatus", params);
    }
}

impl RestRequest for ReferencePriceCalculation {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/referencePrice/calculation")
    }
}

impl WsRequest for ReferencePriceCalculation {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("referencePrice.calculation")
    }
}

/// 24-hour statistics of one symbol, of several, or of all.
///
/// REST: `GET /api/v3/ticker/24hr`. WebSocket API: `ticker.24hr`. Security: none. Weight: 2 up to 20 (`symbols`), 40 up to 100 (`symbols`), 80 otherwise, 80 without `symbols`.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Ticker24hr {
    /// Symbols; default all.
    pub symbols: Option<Symbols>,
    /// Ticker type; default full.
    pub ticker_type: Option<TickerType>,
    /// Required status of the symbols.
    pub symbol_status: Option<SymbolStatus>,
}

impl Ticker24hr {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Symbols; default all.
    #[must_use]
    pub fn symbols(mut self, symbols: impl Into<Symbols>) -> Self {
        self.symbols = Some(symbols.into());
        self
    }

    /// Ticker type; default full.
    #[must_use]
    pub fn ticker_type(mut self, ticker_type: TickerType) -> Self {
        self.ticker_type = Some(ticker_type);
        self
    }

    /// Required status of the symbols.
    #[must_use]
    pub fn symbol_status(mut self, symbol_status: SymbolStatus) -> Self {
        self.symbol_status = Some(symbol_status);
        self
    }
}

impl Request for Ticker24hr {
    type Response = OneOrMany<DayTicker>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(match &self.symbols {
            Some(given) if given.count() <= 20 => 2,
            Some(given) if given.count() <= 100 => 40,
            _ => 80,
        })
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        if let Some(given) = &self.symbols {
            given.write_as(params, ["symbol", "symbols"]);
        }
        Param::write(&self.ticker_type, "type", params);
        Param::write(&self.symbol_status, "symbolStatus", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.check_rules()
    }
}

impl RestRequest for Ticker24hr {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/ticker/24hr")
    }
}

impl WsRequest for Ticker24hr {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("ticker.24hr")
    }
}

/// The best bid and ask of one symbol, of several, or of all.
///
/// REST: `GET /api/v3/ticker/bookTicker`. WebSocket API: `ticker.book`. Security: none. Weight: 2 with `symbols` of `One`, 4 otherwise, 4 without `symbols`.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct TickerBook {
    /// Symbols; default all.
    pub symbols: Option<Symbols>,
    /// Required status of the symbols.
    pub symbol_status: Option<SymbolStatus>,
}

impl TickerBook {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Symbols; default all.
    #[must_use]
    pub fn symbols(mut self, symbols: impl Into<Symbols>) -> Self {
        self.symbols = Some(symbols.into());
        self
    }

    /// Required status of the symbols.
    #[must_use]
    pub fn symbol_status(mut self, symbol_status: SymbolStatus) -> Self {
        self.symbol_status = Some(symbol_status);
        self
    }
}

impl Request for TickerBook {
    type Response = OneOrMany<BookTicker>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(match &self.symbols {
            Some(Symbols::One(_)) => 2,
            _ => 4,
        })
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        if let Some(given) = &self.symbols {
            given.write_as(params, ["symbol", "symbols"]);
        }
        Param::write(&self.symbol_status, "symbolStatus", params);
    }
}

impl RestRequest for TickerBook {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/ticker/bookTicker")
    }
}

impl WsRequest for TickerBook {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("ticker.book")
    }
}

/// The last price of one symbol, of several, or of all.
///
/// REST: `GET /api/v3/ticker/price`. WebSocket API: `ticker.price`. Security: none. Weight: 2 with `symbols` of `One`, 4 otherwise, 4 without `symbols`.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct TickerPrice {
    /// Symbols; default all.
    pub symbols: Option<Symbols>,
    /// Required status of the symbols.
    pub symbol_status: Option<SymbolStatus>,
}

impl TickerPrice {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Symbols; default all.
    #[must_use]
    pub fn symbols(mut self, symbols: impl Into<Symbols>) -> Self {
        self.symbols = Some(symbols.into());
        self
    }

    /// Required status of the symbols.
    #[must_use]
    pub fn symbol_status(mut self, symbol_status: SymbolStatus) -> Self {
        self.symbol_status = Some(symbol_status);
        self
    }
}

impl Request for TickerPrice {
    type Response = OneOrMany<LastPrice>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(match &self.symbols {
            Some(Symbols::One(_)) => 2,
            _ => 4,
        })
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        if let Some(given) = &self.symbols {
            given.write_as(params, ["symbol", "symbols"]);
        }
        Param::write(&self.symbol_status, "symbolStatus", params);
    }
}

impl RestRequest for TickerPrice {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/ticker/price")
    }
}

impl WsRequest for TickerPrice {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("ticker.price")
    }
}

/// Statistics of a rolling window of symbols.
///
/// REST: `GET /api/v3/ticker`. WebSocket API: `ticker`. Security: none. Weight: 4 for each of `symbols`, at most 200.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TickerRollingWindow {
    /// Symbols, at most 100.
    pub symbols: Symbols,
    /// Window size; default one day.
    pub window_size: Option<WindowSize>,
    /// Ticker type; default full.
    pub ticker_type: Option<TickerType>,
    /// Required status of the symbols.
    pub symbol_status: Option<SymbolStatus>,
}

impl TickerRollingWindow {
    /// Creates the request with its required parameters.
    pub fn new(symbols: impl Into<Symbols>) -> Self {
        Self { symbols: symbols.into(), window_size: None, ticker_type: None, symbol_status: None }
    }

    /// Window size; default one day.
    #[must_use]
    pub fn window_size(mut self, window_size: WindowSize) -> Self {
        self.window_size = Some(window_size);
        self
    }

    /// Ticker type; default full.
    #[must_use]
    pub fn ticker_type(mut self, ticker_type: TickerType) -> Self {
        self.ticker_type = Some(ticker_type);
        self
    }

    /// Required status of the symbols.
    #[must_use]
    pub fn symbol_status(mut self, symbol_status: SymbolStatus) -> Self {
        self.symbol_status = Some(symbol_status);
        self
    }
}

impl Request for TickerRollingWindow {
    type Response = OneOrMany<WindowTicker>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(self.symbols.count().saturating_mul(4).min(200))
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        self.symbols.write_as(params, ["symbol", "symbols"]);
        Param::write(&self.window_size, "windowSize", params);
        Param::write(&self.ticker_type, "type", params);
        Param::write(&self.symbol_status, "symbolStatus", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.check_rules()
    }
}

impl RestRequest for TickerRollingWindow {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/ticker")
    }
}

impl WsRequest for TickerRollingWindow {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("ticker")
    }
}

/// The current trading day of symbols.
///
/// REST: `GET /api/v3/ticker/tradingDay`. WebSocket API: `ticker.tradingDay`. Security: none. Weight: 4 for each of `symbols`, at most 200.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TickerTradingDay {
    /// Symbols, at most 100.
    pub symbols: Symbols,
    /// Time zone of the days (`8`, `-1:00`, `05:45`); default UTC.
    pub time_zone: Option<String>,
    /// Ticker type; default full.
    pub ticker_type: Option<TickerType>,
    /// Required status of the symbols.
    pub symbol_status: Option<SymbolStatus>,
}

impl TickerTradingDay {
    /// Creates the request with its required parameters.
    pub fn new(symbols: impl Into<Symbols>) -> Self {
        Self { symbols: symbols.into(), time_zone: None, ticker_type: None, symbol_status: None }
    }

    /// Time zone of the days (`8`, `-1:00`, `05:45`); default UTC.
    #[must_use]
    pub fn time_zone(mut self, time_zone: impl Into<String>) -> Self {
        self.time_zone = Some(time_zone.into());
        self
    }

    /// Ticker type; default full.
    #[must_use]
    pub fn ticker_type(mut self, ticker_type: TickerType) -> Self {
        self.ticker_type = Some(ticker_type);
        self
    }

    /// Required status of the symbols.
    #[must_use]
    pub fn symbol_status(mut self, symbol_status: SymbolStatus) -> Self {
        self.symbol_status = Some(symbol_status);
        self
    }
}

impl Request for TickerTradingDay {
    type Response = OneOrMany<WindowTicker>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(self.symbols.count().saturating_mul(4).min(200))
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        self.symbols.write_as(params, ["symbol", "symbols"]);
        Param::write(&self.time_zone, "timeZone", params);
        Param::write(&self.ticker_type, "type", params);
        Param::write(&self.symbol_status, "symbolStatus", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.check_rules()
    }
}

impl RestRequest for TickerTradingDay {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/ticker/tradingDay")
    }
}

impl WsRequest for TickerTradingDay {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("ticker.tradingDay")
    }
}

/// The latest trades of a symbol.
///
/// REST: `GET /api/v3/trades`. WebSocket API: `trades.recent`. Security: none. Weight: 25.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Trades {
    /// Symbol.
    pub symbol: Symbol,
    /// Maximum number of rows; default 500.
    pub limit: Option<u32>,
}

impl Trades {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>) -> Self {
        Self { symbol: symbol.into(), limit: None }
    }

    /// Maximum number of rows; default 500.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

impl Request for Trades {
    type Response = List<Trade>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(25)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.limit, "limit", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        support::in_range("limit", self.limit, 1, 1000)
    }
}

impl RestRequest for Trades {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/trades")
    }
}

impl WsRequest for Trades {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("trades.recent")
    }
}

/// Candles of a symbol, modified for presentation in charts.
///
/// REST: `GET /api/v3/uiKlines`. WebSocket API: `uiKlines`. Security: none. Weight: 2.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct UiKlines {
    /// Symbol.
    pub symbol: Symbol,
    /// The length of the candles.
    pub interval: KlineInterval,
    /// Start time, included.
    pub start_time: Option<Timestamp>,
    /// End time, included.
    pub end_time: Option<Timestamp>,
    /// Time zone of the days (`8`, `-1:00`, `05:45`); default UTC.
    pub time_zone: Option<String>,
    /// Maximum number of rows; default 500.
    pub limit: Option<u32>,
}

impl UiKlines {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>, interval: KlineInterval) -> Self {
        Self {
            symbol: symbol.into(),
            interval,
            start_time: None,
            end_time: None,
            time_zone: None,
            limit: None,
        }
    }

    /// Start time, included.
    #[must_use]
    pub fn start_time(mut self, start_time: Timestamp) -> Self {
        self.start_time = Some(start_time);
        self
    }

    /// End time, included.
    #[must_use]
    pub fn end_time(mut self, end_time: Timestamp) -> Self {
        self.end_time = Some(end_time);
        self
    }

    /// Time zone of the days (`8`, `-1:00`, `05:45`); default UTC.
    #[must_use]
    pub fn time_zone(mut self, time_zone: impl Into<String>) -> Self {
        self.time_zone = Some(time_zone.into());
        self
    }

    /// Maximum number of rows; default 500.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

impl Request for UiKlines {
    type Response = List<Kline>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(2)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.interval, "interval", params);
        Param::write(&self.start_time, "startTime", params);
        Param::write(&self.end_time, "endTime", params);
        Param::write(&self.time_zone, "timeZone", params);
        Param::write(&self.limit, "limit", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        support::in_range("limit", self.limit, 1, 1000)
    }
}

impl RestRequest for UiKlines {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/uiKlines")
    }
}

impl WsRequest for UiKlines {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("uiKlines")
    }
}

#[cfg(feature = "serde")]
crate::wire::serde_values! {
    AggTrade,
    ArithmeticMeanPrice,
    BlockTrade,
    BookTicker,
    CurrentAveragePrice,
    CurrentReferencePrice,
    DayTicker,
    ExternalPrice,
    FullDayTicker,
    FullWindowTicker,
    Kline,
    LastPrice,
    MiniWindowTicker,
    OrderBook,
    ReferencePriceMethod,
    Trade,
    WindowTicker,
}
