// Written by `cargo xtask codegen` from crates/model/spec/spot/streams.toml; do not edit.

//! Events of the market streams.

use crate::common::{Level, UnknownEvent};
use crate::generated::common::KlineInterval;
use crate::macros::{name_part, wire_enum};
use crate::support;
use binance_kit_core::decode::{
    DecodeInOrder, EventFrame, FastReader, Layout, Value, ValueKind, field, optional, required,
};
use binance_kit_core::id::{AggTradeId, TradeId, UpdateId};
use binance_kit_core::{
    Decimal, Decode, DecodeError, Encode, JsonWriter, List, Sequence, StreamEvent, Symbol, Timestamp,
    UnreadableElement,
};
use std::borrow::Cow;

name_part! {
    /// Number of levels of each side in a partial-depth stream.
    DepthLevels {
        /// Five.
        Five = "5",
        /// Ten.
        Ten = "10",
        /// Twenty.
        Twenty = "20",
    }
}

name_part! {
    /// Update interval of a depth stream.
    DepthSpeed {
        /// 1000 ms.
        Every1000Ms = "",
        /// 100 ms.
        Every100Ms = "@100ms",
    }
}

wire_enum! {
    /// The window of a rolling-window ticker stream.
    TickerWindow {
        /// One hour.
        Hour1 = "1h",
        /// Four hours.
        Hour4 = "4h",
        /// One day.
        Day1 = "1d",
    }
}

/// An aggregate trade: the fills of one taker order at one price.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AggTradeEvent {
    /// Event time.
    pub event_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
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
    /// Unused field of the exchange.
    pub is_best_match: Option<bool>,
}

impl AggTradeEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut symbol = None;
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
                "e" => support::constant(&mut seen, "e", "aggTrade", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "s" => field(&mut symbol, "s", found)?,
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
        support::required_constant(seen, "e")?;
        Ok(Self {
            event_time: required(event_time, "E")?,
            symbol: required(symbol, "s")?,
            agg_trade_id: required(agg_trade_id, "a")?,
            price: required(price, "p")?,
            quantity: required(quantity, "q")?,
            first_trade_id: optional(first_trade_id),
            last_trade_id: optional(last_trade_id),
            trade_time: required(trade_time, "T")?,
            is_buyer_maker: required(is_buyer_maker, "m")?,
            is_best_match: optional(is_best_match),
        })
    }
}

impl Decode for AggTradeEvent {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("AggTradeEvent"))
    }
}

impl Encode for AggTradeEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "aggTrade");
        json.field("E", &self.event_time);
        json.field("s", &self.symbol);
        json.field("a", &self.agg_trade_id);
        json.field("p", &self.price);
        json.field("q", &self.quantity);
        support::or_minus_one(json, "f", self.first_trade_id.as_ref());
        support::or_minus_one(json, "l", self.last_trade_id.as_ref());
        json.field("T", &self.trade_time);
        json.field("m", &self.is_buyer_maker);
        json.optional("M", self.is_best_match.as_ref());
        json.end_object();
    }
}

impl AggTradeEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"aggTrade\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"a\":")?;
        let agg_trade_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"p\":\"")?;
        let price = input.decimal_inside()?;
        input.literal(b"\",\"q\":\"")?;
        let quantity = input.decimal_inside()?;
        input.literal(b"\",\"f\":")?;
        let first_trade_id = input.whole_or_minus_one()?;
        input.literal(b",\"l\":")?;
        let last_trade_id = input.whole_or_minus_one()?;
        input.literal(b",\"T\":")?;
        let trade_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"m\":")?;
        let is_buyer_maker = DecodeInOrder::decode_in_order(input)?;
        let is_best_match = if input.literal(b",\"M\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b"}")?;
        *start = reader;
        Some(Self {
            event_time,
            symbol,
            agg_trade_id,
            price,
            quantity,
            first_trade_id,
            last_trade_id,
            trade_time,
            is_buyer_maker,
            is_best_match,
        })
    }
}

impl DecodeInOrder for AggTradeEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

impl StreamEvent for AggTradeEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        Self::decode(frame.data)
    }

    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>, _: Option<&str>) -> Option<Self> {
        Self::in_order(input)
    }

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.event_time)
    }

    fn sequence(&self) -> Option<Sequence> {
        Some(Sequence::Id(self.agg_trade_id.get()))
    }
}

/// Average price over an interval.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AveragePriceEvent {
    /// Event time.
    pub event_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// Interval of the average.
    pub interval: KlineInterval,
    /// The average price.
    pub price: Decimal,
    /// Time of the last trade.
    pub last_trade_time: Timestamp,
}

impl AveragePriceEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut symbol = None;
        let mut interval = None;
        let mut price = None;
        let mut last_trade_time = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "avgPrice", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "i" => field(&mut interval, "i", found)?,
                "w" => field(&mut price, "w", found)?,
                "T" => support::time(&mut last_trade_time, "T", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self {
            event_time: required(event_time, "E")?,
            symbol: required(symbol, "s")?,
            interval: required(interval, "i")?,
            price: required(price, "w")?,
            last_trade_time: required(last_trade_time, "T")?,
        })
    }
}

impl Decode for AveragePriceEvent {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("AveragePriceEvent"))
    }
}

impl Encode for AveragePriceEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "avgPrice");
        json.field("E", &self.event_time);
        json.field("s", &self.symbol);
        json.field("i", &self.interval);
        json.field("w", &self.price);
        json.field("T", &self.last_trade_time);
        json.end_object();
    }
}

impl AveragePriceEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"avgPrice\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"i\":")?;
        let interval = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"w\":\"")?;
        let price = input.decimal_inside()?;
        input.literal(b"\",\"T\":")?;
        let last_trade_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b"}")?;
        *start = reader;
        Some(Self { event_time, symbol, interval, price, last_trade_time })
    }
}

impl DecodeInOrder for AveragePriceEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

impl StreamEvent for AveragePriceEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        Self::decode(frame.data)
    }

    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>, _: Option<&str>) -> Option<Self> {
        Self::in_order(input)
    }

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.event_time)
    }
}

/// A block trade: negotiated outside the book.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BlockTradeEvent {
    /// Event time.
    pub event_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// The id of the block trade.
    pub trade_id: TradeId,
    /// Price.
    pub price: Decimal,
    /// Quantity in the base asset.
    pub quantity: Decimal,
    /// Trade time.
    pub trade_time: Timestamp,
    /// Whether the buyer is the maker.
    pub is_buyer_maker: bool,
}

impl BlockTradeEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut symbol = None;
        let mut trade_id = None;
        let mut price = None;
        let mut quantity = None;
        let mut trade_time = None;
        let mut is_buyer_maker = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "blockTrade", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "t" => support::whole(&mut trade_id, "t", found)?,
                "p" => field(&mut price, "p", found)?,
                "q" => field(&mut quantity, "q", found)?,
                "T" => support::time(&mut trade_time, "T", found)?,
                "m" => field(&mut is_buyer_maker, "m", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self {
            event_time: required(event_time, "E")?,
            symbol: required(symbol, "s")?,
            trade_id: required(trade_id, "t")?,
            price: required(price, "p")?,
            quantity: required(quantity, "q")?,
            trade_time: required(trade_time, "T")?,
            is_buyer_maker: required(is_buyer_maker, "m")?,
        })
    }
}

impl Decode for BlockTradeEvent {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("BlockTradeEvent"))
    }
}

impl Encode for BlockTradeEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "blockTrade");
        json.field("E", &self.event_time);
        json.field("s", &self.symbol);
        json.field("t", &self.trade_id);
        json.field("p", &self.price);
        json.field("q", &self.quantity);
        json.field("T", &self.trade_time);
        json.field("m", &self.is_buyer_maker);
        json.end_object();
    }
}

impl BlockTradeEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"blockTrade\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"t\":")?;
        let trade_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"p\":\"")?;
        let price = input.decimal_inside()?;
        input.literal(b"\",\"q\":\"")?;
        let quantity = input.decimal_inside()?;
        input.literal(b"\",\"T\":")?;
        let trade_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"m\":")?;
        let is_buyer_maker = DecodeInOrder::decode_in_order(input)?;
        input.literal(b"}")?;
        *start = reader;
        Some(Self { event_time, symbol, trade_id, price, quantity, trade_time, is_buyer_maker })
    }
}

impl DecodeInOrder for BlockTradeEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

impl StreamEvent for BlockTradeEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        Self::decode(frame.data)
    }

    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>, _: Option<&str>) -> Option<Self> {
        Self::in_order(input)
    }

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.event_time)
    }

    fn sequence(&self) -> Option<Sequence> {
        Some(Sequence::Growing(self.trade_id.get()))
    }
}

/// Best bid and ask, after a change of either.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BookTickerEvent {
    /// Order book update id.
    pub update_id: UpdateId,
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

impl BookTickerEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut update_id = None;
        let mut symbol = None;
        let mut bid_price = None;
        let mut bid_quantity = None;
        let mut ask_price = None;
        let mut ask_quantity = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::same_event("bookTicker", found)?,
                "u" => support::whole(&mut update_id, "u", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "b" => field(&mut bid_price, "b", found)?,
                "B" => field(&mut bid_quantity, "B", found)?,
                "a" => field(&mut ask_price, "a", found)?,
                "A" => field(&mut ask_quantity, "A", found)?,
                _ => {}
            }
        }
        Ok(Self {
            update_id: required(update_id, "u")?,
            symbol: required(symbol, "s")?,
            bid_price: required(bid_price, "b")?,
            bid_quantity: required(bid_quantity, "B")?,
            ask_price: required(ask_price, "a")?,
            ask_quantity: required(ask_quantity, "A")?,
        })
    }
}

impl Decode for BookTickerEvent {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("BookTickerEvent"))
    }
}

impl Encode for BookTickerEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("u", &self.update_id);
        json.field("s", &self.symbol);
        json.field("b", &self.bid_price);
        json.field("B", &self.bid_quantity);
        json.field("a", &self.ask_price);
        json.field("A", &self.ask_quantity);
        json.end_object();
    }
}

impl BookTickerEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"u\":")?;
        let update_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"b\":\"")?;
        let bid_price = input.decimal_inside()?;
        input.literal(b"\",\"B\":\"")?;
        let bid_quantity = input.decimal_inside()?;
        input.literal(b"\",\"a\":\"")?;
        let ask_price = input.decimal_inside()?;
        input.literal(b"\",\"A\":\"")?;
        let ask_quantity = input.decimal_inside()?;
        input.literal(b"\"}")?;
        *start = reader;
        Some(Self { update_id, symbol, bid_price, bid_quantity, ask_price, ask_quantity })
    }
}

impl DecodeInOrder for BookTickerEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

impl StreamEvent for BookTickerEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        Self::decode(frame.data)
    }

    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>, _: Option<&str>) -> Option<Self> {
        Self::in_order(input)
    }

    #[cfg(feature = "sbe")]
    #[inline]
    fn decode_sbe(
        message: &binance_kit_core::sbe::Message<'_>,
        each: &mut dyn FnMut(Self),
    ) -> Result<bool, DecodeError> {
        match message.layout().template {
            10001 => Self::read_sbe(message, each).map(|()| true),
            _ => Ok(false),
        }
    }

    fn sequence(&self) -> Option<Sequence> {
        Some(Sequence::Growing(self.update_id.get()))
    }
}

/// Changed levels of a book. A quantity of zero removes the level.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DepthEvent {
    /// Event time.
    pub event_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// First update id of the event.
    pub first_update_id: UpdateId,
    /// Last update id of the event.
    pub last_update_id: UpdateId,
    /// Changed bids.
    pub bids: Vec<Level>,
    /// Changed asks.
    pub asks: Vec<Level>,
}

impl DepthEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut symbol = None;
        let mut first_update_id = None;
        let mut last_update_id = None;
        let mut bids = None;
        let mut asks = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "depthUpdate", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "U" => support::whole(&mut first_update_id, "U", found)?,
                "u" => support::whole(&mut last_update_id, "u", found)?,
                "b" => field(&mut bids, "b", found)?,
                "a" => field(&mut asks, "a", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self {
            event_time: required(event_time, "E")?,
            symbol: required(symbol, "s")?,
            first_update_id: required(first_update_id, "U")?,
            last_update_id: required(last_update_id, "u")?,
            bids: required(bids, "b")?,
            asks: required(asks, "a")?,
        })
    }

    fn read_over(&mut self, value: Value<'_>) -> Result<(), DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut symbol = None;
        let mut first_update_id = None;
        let mut last_update_id = None;
        let mut bids = false;
        let mut asks = false;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "depthUpdate", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "U" => support::whole(&mut first_update_id, "U", found)?,
                "u" => support::whole(&mut last_update_id, "u", found)?,
                "b" => support::list_over(&mut self.bids, &mut bids, "b", found)?,
                "a" => support::list_over(&mut self.asks, &mut asks, "a", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        self.event_time = required(event_time, "E")?;
        self.symbol = required(symbol, "s")?;
        self.first_update_id = required(first_update_id, "U")?;
        self.last_update_id = required(last_update_id, "u")?;
        support::required_constant(bids, "b")?;
        support::required_constant(asks, "a")?;
        Ok(())
    }
}

impl Decode for DepthEvent {
    const LAYOUT: Layout = Layout::Fields(&["b", "a"]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("DepthEvent"))
    }

    fn decode_into(&mut self, value: Value<'_>) -> Result<(), DecodeError> {
        self.read_over(value).map_err(|error| error.in_type("DepthEvent"))
    }
}

impl Encode for DepthEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "depthUpdate");
        json.field("E", &self.event_time);
        json.field("s", &self.symbol);
        json.field("U", &self.first_update_id);
        json.field("u", &self.last_update_id);
        json.field("b", &self.bids);
        json.field("a", &self.asks);
        json.end_object();
    }
}

impl DepthEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"depthUpdate\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"U\":")?;
        let first_update_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"u\":")?;
        let last_update_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"b\":")?;
        let bids = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"a\":")?;
        let asks = DecodeInOrder::decode_in_order(input)?;
        input.literal(b"}")?;
        *start = reader;
        Some(Self { event_time, symbol, first_update_id, last_update_id, bids, asks })
    }

    fn in_order_over(&mut self, start: &mut FastReader<'_>) -> Option<()> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"depthUpdate\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"U\":")?;
        let first_update_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"u\":")?;
        let last_update_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"b\":")?;
        self.bids.decode_in_order_into(input)?;
        input.literal(b",\"a\":")?;
        self.asks.decode_in_order_into(input)?;
        input.literal(b"}")?;
        *start = reader;
        self.event_time = event_time;
        self.symbol = symbol;
        self.first_update_id = first_update_id;
        self.last_update_id = last_update_id;
        Some(())
    }
}

impl DecodeInOrder for DepthEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }

    #[inline]
    fn decode_in_order_into(&mut self, input: &mut FastReader<'_>) -> Option<()> {
        self.in_order_over(input)
    }
}

impl StreamEvent for DepthEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        Self::decode(frame.data)
    }

    fn decode_event_into(&mut self, frame: EventFrame<'_>) -> Result<(), DecodeError> {
        self.decode_into(frame.data)
    }

    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>, _: Option<&str>) -> Option<Self> {
        Self::in_order(input)
    }

    #[inline]
    fn decode_in_order_into(&mut self, input: &mut FastReader<'_>, _: Option<&str>) -> Option<()> {
        self.in_order_over(input)
    }

    #[cfg(feature = "sbe")]
    #[inline]
    fn decode_sbe(
        message: &binance_kit_core::sbe::Message<'_>,
        each: &mut dyn FnMut(Self),
    ) -> Result<bool, DecodeError> {
        match message.layout().template {
            10003 => Self::read_sbe(message, each).map(|()| true),
            _ => Ok(false),
        }
    }

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.event_time)
    }

    fn sequence(&self) -> Option<Sequence> {
        Some(Sequence::Range { first: self.first_update_id.get(), last: self.last_update_id.get() })
    }
}

/// An update of a candle, or its close.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct KlineEvent {
    /// Event time.
    pub event_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// The candle.
    pub kline: KlineUpdate,
}

impl KlineEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut symbol = None;
        let mut kline = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "kline", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "k" => field(&mut kline, "k", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self {
            event_time: required(event_time, "E")?,
            symbol: required(symbol, "s")?,
            kline: required(kline, "k")?,
        })
    }
}

impl Decode for KlineEvent {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("KlineEvent"))
    }
}

impl Encode for KlineEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "kline");
        json.field("E", &self.event_time);
        json.field("s", &self.symbol);
        json.field("k", &self.kline);
        json.end_object();
    }
}

impl KlineEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"kline\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"k\":")?;
        let kline = DecodeInOrder::decode_in_order(input)?;
        input.literal(b"}")?;
        *start = reader;
        Some(Self { event_time, symbol, kline })
    }
}

impl DecodeInOrder for KlineEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

impl StreamEvent for KlineEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        Self::decode(frame.data)
    }

    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>, _: Option<&str>) -> Option<Self> {
        Self::in_order(input)
    }

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.event_time)
    }

    fn sequence(&self) -> Option<Sequence> {
        Some(Sequence::Candle {
            open: self.kline.open_time,
            close: self.kline.close_time,
            is_closed: self.kline.is_closed,
            at: self.event_time,
        })
    }
}

/// A candle of a stream, open or closed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct KlineUpdate {
    /// Open time.
    pub open_time: Timestamp,
    /// Close time: its last millisecond.
    pub close_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// Interval.
    pub interval: KlineInterval,
    /// First trade id.
    pub first_trade_id: Option<TradeId>,
    /// Last trade id.
    pub last_trade_id: Option<TradeId>,
    /// Open price.
    pub open: Decimal,
    /// Close price.
    pub close: Decimal,
    /// High price.
    pub high: Decimal,
    /// Low price.
    pub low: Decimal,
    /// Volume in the base asset.
    pub volume: Decimal,
    /// Number of trades.
    pub trade_count: Option<u64>,
    /// Whether the candle is closed.
    pub is_closed: bool,
    /// Volume in the quote asset.
    pub quote_volume: Decimal,
    /// Taker buy volume in the base asset.
    pub taker_buy_volume: Decimal,
    /// Taker buy volume in the quote asset.
    pub taker_buy_quote_volume: Decimal,
    /// Unused field of the exchange; `0` if absent.
    pub ignored: Decimal,
}

impl KlineUpdate {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut open_time = None;
        let mut close_time = None;
        let mut symbol = None;
        let mut interval = None;
        let mut first_trade_id = None;
        let mut last_trade_id = None;
        let mut open = None;
        let mut close = None;
        let mut high = None;
        let mut low = None;
        let mut volume = None;
        let mut trade_count = None;
        let mut is_closed = None;
        let mut quote_volume = None;
        let mut taker_buy_volume = None;
        let mut taker_buy_quote_volume = None;
        let mut ignored = None;
        for (key, found) in value.object()? {
            match key {
                "t" => support::time(&mut open_time, "t", found)?,
                "T" => support::time(&mut close_time, "T", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "i" => field(&mut interval, "i", found)?,
                "f" => support::field_or_minus_one(&mut first_trade_id, "f", found)?,
                "L" => support::field_or_minus_one(&mut last_trade_id, "L", found)?,
                "o" => field(&mut open, "o", found)?,
                "c" => field(&mut close, "c", found)?,
                "h" => field(&mut high, "h", found)?,
                "l" => field(&mut low, "l", found)?,
                "v" => field(&mut volume, "v", found)?,
                "n" => field(&mut trade_count, "n", found)?,
                "x" => field(&mut is_closed, "x", found)?,
                "q" => field(&mut quote_volume, "q", found)?,
                "V" => field(&mut taker_buy_volume, "V", found)?,
                "Q" => field(&mut taker_buy_quote_volume, "Q", found)?,
                "B" => field(&mut ignored, "B", found)?,
                _ => {}
            }
        }
        Ok(Self {
            open_time: required(open_time, "t")?,
            close_time: required(close_time, "T")?,
            symbol: required(symbol, "s")?,
            interval: required(interval, "i")?,
            first_trade_id: optional(first_trade_id),
            last_trade_id: optional(last_trade_id),
            open: required(open, "o")?,
            close: required(close, "c")?,
            high: required(high, "h")?,
            low: required(low, "l")?,
            volume: required(volume, "v")?,
            trade_count: optional(trade_count),
            is_closed: required(is_closed, "x")?,
            quote_volume: required(quote_volume, "q")?,
            taker_buy_volume: required(taker_buy_volume, "V")?,
            taker_buy_quote_volume: required(taker_buy_quote_volume, "Q")?,
            ignored: optional(ignored).unwrap_or_default(),
        })
    }
}

impl Decode for KlineUpdate {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("KlineUpdate"))
    }
}

impl Encode for KlineUpdate {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("t", &self.open_time);
        json.field("T", &self.close_time);
        json.field("s", &self.symbol);
        json.field("i", &self.interval);
        support::or_minus_one(json, "f", self.first_trade_id.as_ref());
        support::or_minus_one(json, "L", self.last_trade_id.as_ref());
        json.field("o", &self.open);
        json.field("c", &self.close);
        json.field("h", &self.high);
        json.field("l", &self.low);
        json.field("v", &self.volume);
        json.optional("n", self.trade_count.as_ref());
        json.field("x", &self.is_closed);
        json.field("q", &self.quote_volume);
        json.field("V", &self.taker_buy_volume);
        json.field("Q", &self.taker_buy_quote_volume);
        json.field("B", &self.ignored);
        json.end_object();
    }
}

impl KlineUpdate {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"t\":")?;
        let open_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"T\":")?;
        let close_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"i\":")?;
        let interval = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"f\":")?;
        let first_trade_id = input.whole_or_minus_one()?;
        input.literal(b",\"L\":")?;
        let last_trade_id = input.whole_or_minus_one()?;
        input.literal(b",\"o\":\"")?;
        let open = input.decimal_inside()?;
        input.literal(b"\",\"c\":\"")?;
        let close = input.decimal_inside()?;
        input.literal(b"\",\"h\":\"")?;
        let high = input.decimal_inside()?;
        input.literal(b"\",\"l\":\"")?;
        let low = input.decimal_inside()?;
        input.literal(b"\",\"v\":\"")?;
        let volume = input.decimal_inside()?;
        input.literal(b"\"")?;
        let trade_count = if input.literal(b",\"n\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b",\"x\":")?;
        let is_closed = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"q\":\"")?;
        let quote_volume = input.decimal_inside()?;
        input.literal(b"\",\"V\":\"")?;
        let taker_buy_volume = input.decimal_inside()?;
        input.literal(b"\",\"Q\":\"")?;
        let taker_buy_quote_volume = input.decimal_inside()?;
        input.literal(b"\",\"B\":\"")?;
        let ignored = input.decimal_inside()?;
        input.literal(b"\"}")?;
        *start = reader;
        Some(Self {
            open_time,
            close_time,
            symbol,
            interval,
            first_trade_id,
            last_trade_id,
            open,
            close,
            high,
            low,
            volume,
            trade_count,
            is_closed,
            quote_volume,
            taker_buy_volume,
            taker_buy_quote_volume,
            ignored,
        })
    }
}

impl DecodeInOrder for KlineUpdate {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

/// 24-hour statistics of a symbol, short form.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MiniTickerEvent {
    /// Event time.
    pub event_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// Close price.
    pub close: Decimal,
    /// The price 24 hours before.
    pub open: Decimal,
    /// High price.
    pub high: Decimal,
    /// Low price.
    pub low: Decimal,
    /// Volume in the base asset.
    pub volume: Decimal,
    /// Volume in the quote asset.
    pub quote_volume: Decimal,
}

impl MiniTickerEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut symbol = None;
        let mut close = None;
        let mut open = None;
        let mut high = None;
        let mut low = None;
        let mut volume = None;
        let mut quote_volume = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "24hrMiniTicker", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "c" => field(&mut close, "c", found)?,
                "o" => field(&mut open, "o", found)?,
                "h" => field(&mut high, "h", found)?,
                "l" => field(&mut low, "l", found)?,
                "v" => field(&mut volume, "v", found)?,
                "q" => field(&mut quote_volume, "q", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self {
            event_time: required(event_time, "E")?,
            symbol: required(symbol, "s")?,
            close: required(close, "c")?,
            open: required(open, "o")?,
            high: required(high, "h")?,
            low: required(low, "l")?,
            volume: required(volume, "v")?,
            quote_volume: required(quote_volume, "q")?,
        })
    }
}

impl Decode for MiniTickerEvent {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("MiniTickerEvent"))
    }
}

impl Encode for MiniTickerEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "24hrMiniTicker");
        json.field("E", &self.event_time);
        json.field("s", &self.symbol);
        json.field("c", &self.close);
        json.field("o", &self.open);
        json.field("h", &self.high);
        json.field("l", &self.low);
        json.field("v", &self.volume);
        json.field("q", &self.quote_volume);
        json.end_object();
    }
}

impl MiniTickerEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"24hrMiniTicker\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"c\":\"")?;
        let close = input.decimal_inside()?;
        input.literal(b"\",\"o\":\"")?;
        let open = input.decimal_inside()?;
        input.literal(b"\",\"h\":\"")?;
        let high = input.decimal_inside()?;
        input.literal(b"\",\"l\":\"")?;
        let low = input.decimal_inside()?;
        input.literal(b"\",\"v\":\"")?;
        let volume = input.decimal_inside()?;
        input.literal(b"\",\"q\":\"")?;
        let quote_volume = input.decimal_inside()?;
        input.literal(b"\"}")?;
        *start = reader;
        Some(Self { event_time, symbol, close, open, high, low, volume, quote_volume })
    }
}

impl DecodeInOrder for MiniTickerEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

impl StreamEvent for MiniTickerEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        Self::decode(frame.data)
    }

    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>, _: Option<&str>) -> Option<Self> {
        Self::in_order(input)
    }

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.event_time)
    }
}

/// Best levels of a book. The symbol is taken from the name of the stream, as the payload has none.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PartialDepthEvent {
    /// The symbol, from the name of the stream.
    pub symbol: Symbol,
    /// Last update id of the book.
    pub last_update_id: UpdateId,
    /// The best bids, highest first.
    pub bids: Vec<Level>,
    /// The best asks, lowest first.
    pub asks: Vec<Level>,
}

impl PartialDepthEvent {
    fn read(value: Value<'_>, stream: Option<&str>) -> Result<Self, DecodeError> {
        let mut last_update_id = None;
        let mut bids = None;
        let mut asks = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::same_event("partialDepth", found)?,
                "lastUpdateId" => support::whole(&mut last_update_id, "lastUpdateId", found)?,
                "bids" => field(&mut bids, "bids", found)?,
                "asks" => field(&mut asks, "asks", found)?,
                _ => {}
            }
        }
        Ok(Self {
            symbol: support::symbol_of_stream(stream)?,
            last_update_id: required(last_update_id, "lastUpdateId")?,
            bids: required(bids, "bids")?,
            asks: required(asks, "asks")?,
        })
    }

    fn read_over(&mut self, value: Value<'_>, stream: Option<&str>) -> Result<(), DecodeError> {
        let mut last_update_id = None;
        let mut bids = false;
        let mut asks = false;
        for (key, found) in value.object()? {
            match key {
                "e" => support::same_event("partialDepth", found)?,
                "lastUpdateId" => support::whole(&mut last_update_id, "lastUpdateId", found)?,
                "bids" => support::list_over(&mut self.bids, &mut bids, "bids", found)?,
                "asks" => support::list_over(&mut self.asks, &mut asks, "asks", found)?,
                _ => {}
            }
        }
        self.symbol = support::symbol_of_stream(stream)?;
        self.last_update_id = required(last_update_id, "lastUpdateId")?;
        support::required_constant(bids, "bids")?;
        support::required_constant(asks, "asks")?;
        Ok(())
    }
}

impl Encode for PartialDepthEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("lastUpdateId", &self.last_update_id);
        json.field("bids", &self.bids);
        json.field("asks", &self.asks);
        json.end_object();
    }
}

impl PartialDepthEvent {
    fn in_order(start: &mut FastReader<'_>, stream: Option<&str>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        let symbol = support::symbol_of_stream(stream).ok()?;
        input.literal(b"{\"lastUpdateId\":")?;
        let last_update_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"bids\":")?;
        let bids = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"asks\":")?;
        let asks = DecodeInOrder::decode_in_order(input)?;
        input.literal(b"}")?;
        *start = reader;
        Some(Self { symbol, last_update_id, bids, asks })
    }

    fn in_order_over(&mut self, start: &mut FastReader<'_>, stream: Option<&str>) -> Option<()> {
        let mut reader = *start;
        let input = &mut reader;
        let symbol = support::symbol_of_stream(stream).ok()?;
        input.literal(b"{\"lastUpdateId\":")?;
        let last_update_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"bids\":")?;
        self.bids.decode_in_order_into(input)?;
        input.literal(b",\"asks\":")?;
        self.asks.decode_in_order_into(input)?;
        input.literal(b"}")?;
        *start = reader;
        self.symbol = symbol;
        self.last_update_id = last_update_id;
        Some(())
    }
}

impl StreamEvent for PartialDepthEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        Self::read(frame.data, frame.stream).map_err(|error| error.in_type("PartialDepthEvent"))
    }

    fn decode_event_into(&mut self, frame: EventFrame<'_>) -> Result<(), DecodeError> {
        self.read_over(frame.data, frame.stream).map_err(|error| error.in_type("PartialDepthEvent"))
    }

    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>, stream: Option<&str>) -> Option<Self> {
        Self::in_order(input, stream)
    }

    #[inline]
    fn decode_in_order_into(&mut self, input: &mut FastReader<'_>, stream: Option<&str>) -> Option<()> {
        self.in_order_over(input, stream)
    }

    #[cfg(feature = "sbe")]
    #[inline]
    fn decode_sbe(
        message: &binance_kit_core::sbe::Message<'_>,
        each: &mut dyn FnMut(Self),
    ) -> Result<bool, DecodeError> {
        match message.layout().template {
            10002 => Self::read_sbe(message, each).map(|()| true),
            _ => Ok(false),
        }
    }

    fn sequence(&self) -> Option<Sequence> {
        Some(Sequence::Growing(self.last_update_id.get()))
    }
}

/// The reference price of a symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ReferencePriceEvent {
    /// Symbol.
    pub symbol: Symbol,
    /// The reference price, if there is one.
    pub price: Option<Decimal>,
    /// Time at which it was set.
    pub time: Timestamp,
}

impl ReferencePriceEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut symbol = None;
        let mut price = None;
        let mut time = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "referencePrice", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "r" => field(&mut price, "r", found)?,
                "t" => support::time(&mut time, "t", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self { symbol: required(symbol, "s")?, price: optional(price), time: required(time, "t")? })
    }
}

impl Decode for ReferencePriceEvent {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("ReferencePriceEvent"))
    }
}

impl Encode for ReferencePriceEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "referencePrice");
        json.field("s", &self.symbol);
        json.field("r", &self.price);
        json.field("t", &self.time);
        json.end_object();
    }
}

impl ReferencePriceEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"referencePrice\",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"r\":")?;
        let price = input.or_null()?;
        input.literal(b",\"t\":")?;
        let time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b"}")?;
        *start = reader;
        Some(Self { symbol, price, time })
    }
}

impl DecodeInOrder for ReferencePriceEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

impl StreamEvent for ReferencePriceEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        Self::decode(frame.data)
    }

    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>, _: Option<&str>) -> Option<Self> {
        Self::in_order(input)
    }
}

/// Statistics of a rolling window of a symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RollingTickerEvent {
    /// The window.
    pub window: TickerWindow,
    /// Event time.
    pub event_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// Price change.
    pub price_change: Option<Decimal>,
    /// Price change in percent.
    pub price_change_percent: Option<Decimal>,
    /// Open price.
    pub open: Decimal,
    /// High price.
    pub high: Decimal,
    /// Low price.
    pub low: Decimal,
    /// Close price.
    pub close: Decimal,
    /// Weighted average price.
    pub weighted_average_price: Option<Decimal>,
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

impl RollingTickerEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut window = None;
        let mut event_time = None;
        let mut symbol = None;
        let mut price_change = None;
        let mut price_change_percent = None;
        let mut open = None;
        let mut high = None;
        let mut low = None;
        let mut close = None;
        let mut weighted_average_price = None;
        let mut volume = None;
        let mut quote_volume = None;
        let mut open_time = None;
        let mut close_time = None;
        let mut first_trade_id = None;
        let mut last_trade_id = None;
        let mut trade_count = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::field_with_suffix(&mut window, "e", "Ticker", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "p" => field(&mut price_change, "p", found)?,
                "P" => field(&mut price_change_percent, "P", found)?,
                "o" => field(&mut open, "o", found)?,
                "h" => field(&mut high, "h", found)?,
                "l" => field(&mut low, "l", found)?,
                "c" => field(&mut close, "c", found)?,
                "w" => field(&mut weighted_average_price, "w", found)?,
                "v" => field(&mut volume, "v", found)?,
                "q" => field(&mut quote_volume, "q", found)?,
                "O" => support::time(&mut open_time, "O", found)?,
                "C" => support::time(&mut close_time, "C", found)?,
                "F" => support::field_or_minus_one(&mut first_trade_id, "F", found)?,
                "L" => support::field_or_minus_one(&mut last_trade_id, "L", found)?,
                "n" => field(&mut trade_count, "n", found)?,
                _ => {}
            }
        }
        Ok(Self {
            window: required(window, "e")?,
            event_time: required(event_time, "E")?,
            symbol: required(symbol, "s")?,
            price_change: optional(price_change),
            price_change_percent: optional(price_change_percent),
            open: required(open, "o")?,
            high: required(high, "h")?,
            low: required(low, "l")?,
            close: required(close, "c")?,
            weighted_average_price: optional(weighted_average_price),
            volume: required(volume, "v")?,
            quote_volume: required(quote_volume, "q")?,
            open_time: required(open_time, "O")?,
            close_time: required(close_time, "C")?,
            first_trade_id: optional(first_trade_id),
            last_trade_id: optional(last_trade_id),
            trade_count: optional(trade_count),
        })
    }
}

impl Decode for RollingTickerEvent {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("RollingTickerEvent"))
    }
}

impl Encode for RollingTickerEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.key("e");
        json.display_string(&format_args!("{}Ticker", self.window));
        json.field("E", &self.event_time);
        json.field("s", &self.symbol);
        json.optional("p", self.price_change.as_ref());
        json.optional("P", self.price_change_percent.as_ref());
        json.field("o", &self.open);
        json.field("h", &self.high);
        json.field("l", &self.low);
        json.field("c", &self.close);
        json.optional("w", self.weighted_average_price.as_ref());
        json.field("v", &self.volume);
        json.field("q", &self.quote_volume);
        json.field("O", &self.open_time);
        json.field("C", &self.close_time);
        support::or_minus_one(json, "F", self.first_trade_id.as_ref());
        support::or_minus_one(json, "L", self.last_trade_id.as_ref());
        json.optional("n", self.trade_count.as_ref());
        json.end_object();
    }
}

impl RollingTickerEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":")?;
        let window = input.text()?.strip_suffix("Ticker").map(From::from)?;
        input.literal(b",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\"")?;
        let price_change = if input.literal(b",\"p\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let price_change_percent = if input.literal(b",\"P\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b",\"o\":\"")?;
        let open = input.decimal_inside()?;
        input.literal(b"\",\"h\":\"")?;
        let high = input.decimal_inside()?;
        input.literal(b"\",\"l\":\"")?;
        let low = input.decimal_inside()?;
        input.literal(b"\",\"c\":\"")?;
        let close = input.decimal_inside()?;
        input.literal(b"\"")?;
        let weighted_average_price = if input.literal(b",\"w\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b",\"v\":\"")?;
        let volume = input.decimal_inside()?;
        input.literal(b"\",\"q\":\"")?;
        let quote_volume = input.decimal_inside()?;
        input.literal(b"\",\"O\":")?;
        let open_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"C\":")?;
        let close_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"F\":")?;
        let first_trade_id = input.whole_or_minus_one()?;
        input.literal(b",\"L\":")?;
        let last_trade_id = input.whole_or_minus_one()?;
        let trade_count = if input.literal(b",\"n\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b"}")?;
        *start = reader;
        Some(Self {
            window,
            event_time,
            symbol,
            price_change,
            price_change_percent,
            open,
            high,
            low,
            close,
            weighted_average_price,
            volume,
            quote_volume,
            open_time,
            close_time,
            first_trade_id,
            last_trade_id,
            trade_count,
        })
    }
}

impl DecodeInOrder for RollingTickerEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

impl StreamEvent for RollingTickerEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        Self::decode(frame.data)
    }

    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>, _: Option<&str>) -> Option<Self> {
        Self::in_order(input)
    }

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.event_time)
    }
}

/// The server will shut down and close the connection: connect again.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ServerShutdownEvent {
    /// Event time.
    pub event_time: Timestamp,
}

impl ServerShutdownEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "serverShutdown", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self { event_time: required(event_time, "E")? })
    }
}

impl Decode for ServerShutdownEvent {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("ServerShutdownEvent"))
    }
}

impl Encode for ServerShutdownEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "serverShutdown");
        json.field("E", &self.event_time);
        json.end_object();
    }
}

impl StreamEvent for ServerShutdownEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        Self::decode(frame.data)
    }

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.event_time)
    }
}

/// 24-hour statistics of a symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TickerEvent {
    /// Event time.
    pub event_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// Price change.
    pub price_change: Option<Decimal>,
    /// Price change in percent.
    pub price_change_percent: Option<Decimal>,
    /// Weighted average price.
    pub weighted_average_price: Option<Decimal>,
    /// Price of the last trade before the window.
    pub previous_close: Decimal,
    /// Close price.
    pub close: Decimal,
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
    pub open: Decimal,
    /// High price.
    pub high: Decimal,
    /// Low price.
    pub low: Decimal,
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

impl TickerEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut symbol = None;
        let mut price_change = None;
        let mut price_change_percent = None;
        let mut weighted_average_price = None;
        let mut previous_close = None;
        let mut close = None;
        let mut last_quantity = None;
        let mut bid_price = None;
        let mut bid_quantity = None;
        let mut ask_price = None;
        let mut ask_quantity = None;
        let mut open = None;
        let mut high = None;
        let mut low = None;
        let mut volume = None;
        let mut quote_volume = None;
        let mut open_time = None;
        let mut close_time = None;
        let mut first_trade_id = None;
        let mut last_trade_id = None;
        let mut trade_count = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "24hrTicker", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "p" => field(&mut price_change, "p", found)?,
                "P" => field(&mut price_change_percent, "P", found)?,
                "w" => field(&mut weighted_average_price, "w", found)?,
                "x" => field(&mut previous_close, "x", found)?,
                "c" => field(&mut close, "c", found)?,
                "Q" => field(&mut last_quantity, "Q", found)?,
                "b" => field(&mut bid_price, "b", found)?,
                "B" => field(&mut bid_quantity, "B", found)?,
                "a" => field(&mut ask_price, "a", found)?,
                "A" => field(&mut ask_quantity, "A", found)?,
                "o" => field(&mut open, "o", found)?,
                "h" => field(&mut high, "h", found)?,
                "l" => field(&mut low, "l", found)?,
                "v" => field(&mut volume, "v", found)?,
                "q" => field(&mut quote_volume, "q", found)?,
                "O" => support::time(&mut open_time, "O", found)?,
                "C" => support::time(&mut close_time, "C", found)?,
                "F" => support::field_or_minus_one(&mut first_trade_id, "F", found)?,
                "L" => support::field_or_minus_one(&mut last_trade_id, "L", found)?,
                "n" => field(&mut trade_count, "n", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self {
            event_time: required(event_time, "E")?,
            symbol: required(symbol, "s")?,
            price_change: optional(price_change),
            price_change_percent: optional(price_change_percent),
            weighted_average_price: optional(weighted_average_price),
            previous_close: required(previous_close, "x")?,
            close: required(close, "c")?,
            last_quantity: required(last_quantity, "Q")?,
            bid_price: required(bid_price, "b")?,
            bid_quantity: required(bid_quantity, "B")?,
            ask_price: required(ask_price, "a")?,
            ask_quantity: required(ask_quantity, "A")?,
            open: required(open, "o")?,
            high: required(high, "h")?,
            low: required(low, "l")?,
            volume: required(volume, "v")?,
            quote_volume: required(quote_volume, "q")?,
            open_time: required(open_time, "O")?,
            close_time: required(close_time, "C")?,
            first_trade_id: optional(first_trade_id),
            last_trade_id: optional(last_trade_id),
            trade_count: optional(trade_count),
        })
    }
}

impl Decode for TickerEvent {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("TickerEvent"))
    }
}

impl Encode for TickerEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "24hrTicker");
        json.field("E", &self.event_time);
        json.field("s", &self.symbol);
        json.optional("p", self.price_change.as_ref());
        json.optional("P", self.price_change_percent.as_ref());
        json.optional("w", self.weighted_average_price.as_ref());
        json.field("x", &self.previous_close);
        json.field("c", &self.close);
        json.field("Q", &self.last_quantity);
        json.field("b", &self.bid_price);
        json.field("B", &self.bid_quantity);
        json.field("a", &self.ask_price);
        json.field("A", &self.ask_quantity);
        json.field("o", &self.open);
        json.field("h", &self.high);
        json.field("l", &self.low);
        json.field("v", &self.volume);
        json.field("q", &self.quote_volume);
        json.field("O", &self.open_time);
        json.field("C", &self.close_time);
        support::or_minus_one(json, "F", self.first_trade_id.as_ref());
        support::or_minus_one(json, "L", self.last_trade_id.as_ref());
        json.optional("n", self.trade_count.as_ref());
        json.end_object();
    }
}

impl TickerEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"24hrTicker\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\"")?;
        let price_change = if input.literal(b",\"p\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let price_change_percent = if input.literal(b",\"P\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let weighted_average_price = if input.literal(b",\"w\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b",\"x\":\"")?;
        let previous_close = input.decimal_inside()?;
        input.literal(b"\",\"c\":\"")?;
        let close = input.decimal_inside()?;
        input.literal(b"\",\"Q\":\"")?;
        let last_quantity = input.decimal_inside()?;
        input.literal(b"\",\"b\":\"")?;
        let bid_price = input.decimal_inside()?;
        input.literal(b"\",\"B\":\"")?;
        let bid_quantity = input.decimal_inside()?;
        input.literal(b"\",\"a\":\"")?;
        let ask_price = input.decimal_inside()?;
        input.literal(b"\",\"A\":\"")?;
        let ask_quantity = input.decimal_inside()?;
        input.literal(b"\",\"o\":\"")?;
        let open = input.decimal_inside()?;
        input.literal(b"\",\"h\":\"")?;
        let high = input.decimal_inside()?;
        input.literal(b"\",\"l\":\"")?;
        let low = input.decimal_inside()?;
        input.literal(b"\",\"v\":\"")?;
        let volume = input.decimal_inside()?;
        input.literal(b"\",\"q\":\"")?;
        let quote_volume = input.decimal_inside()?;
        input.literal(b"\",\"O\":")?;
        let open_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"C\":")?;
        let close_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"F\":")?;
        let first_trade_id = input.whole_or_minus_one()?;
        input.literal(b",\"L\":")?;
        let last_trade_id = input.whole_or_minus_one()?;
        let trade_count = if input.literal(b",\"n\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b"}")?;
        *start = reader;
        Some(Self {
            event_time,
            symbol,
            price_change,
            price_change_percent,
            weighted_average_price,
            previous_close,
            close,
            last_quantity,
            bid_price,
            bid_quantity,
            ask_price,
            ask_quantity,
            open,
            high,
            low,
            volume,
            quote_volume,
            open_time,
            close_time,
            first_trade_id,
            last_trade_id,
            trade_count,
        })
    }
}

impl DecodeInOrder for TickerEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

impl StreamEvent for TickerEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        Self::decode(frame.data)
    }

    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>, _: Option<&str>) -> Option<Self> {
        Self::in_order(input)
    }

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.event_time)
    }
}

/// A trade.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TradeEvent {
    /// Event time.
    pub event_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// Trade id.
    pub trade_id: TradeId,
    /// Price.
    pub price: Decimal,
    /// Quantity in the base asset.
    pub quantity: Decimal,
    /// Trade time.
    pub trade_time: Timestamp,
    /// Whether the buyer is the maker.
    pub is_buyer_maker: bool,
    /// Unused field of the exchange.
    pub is_best_match: Option<bool>,
}

impl TradeEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut symbol = None;
        let mut trade_id = None;
        let mut price = None;
        let mut quantity = None;
        let mut trade_time = None;
        let mut is_buyer_maker = None;
        let mut is_best_match = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "trade", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "t" => support::whole(&mut trade_id, "t", found)?,
                "p" => field(&mut price, "p", found)?,
                "q" => field(&mut quantity, "q", found)?,
                "T" => support::time(&mut trade_time, "T", found)?,
                "m" => field(&mut is_buyer_maker, "m", found)?,
                "M" => field(&mut is_best_match, "M", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self {
            event_time: required(event_time, "E")?,
            symbol: required(symbol, "s")?,
            trade_id: required(trade_id, "t")?,
            price: required(price, "p")?,
            quantity: required(quantity, "q")?,
            trade_time: required(trade_time, "T")?,
            is_buyer_maker: required(is_buyer_maker, "m")?,
            is_best_match: optional(is_best_match),
        })
    }
}

impl Decode for TradeEvent {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("TradeEvent"))
    }
}

impl Encode for TradeEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "trade");
        json.field("E", &self.event_time);
        json.field("s", &self.symbol);
        json.field("t", &self.trade_id);
        json.field("p", &self.price);
        json.field("q", &self.quantity);
        json.field("T", &self.trade_time);
        json.field("m", &self.is_buyer_maker);
        json.optional("M", self.is_best_match.as_ref());
        json.end_object();
    }
}

impl TradeEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"trade\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"t\":")?;
        let trade_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"p\":\"")?;
        let price = input.decimal_inside()?;
        input.literal(b"\",\"q\":\"")?;
        let quantity = input.decimal_inside()?;
        input.literal(b"\",\"T\":")?;
        let trade_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"m\":")?;
        let is_buyer_maker = DecodeInOrder::decode_in_order(input)?;
        let is_best_match = if input.literal(b",\"M\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b"}")?;
        *start = reader;
        Some(Self {
            event_time,
            symbol,
            trade_id,
            price,
            quantity,
            trade_time,
            is_buyer_maker,
            is_best_match,
        })
    }
}

impl DecodeInOrder for TradeEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

impl StreamEvent for TradeEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        Self::decode(frame.data)
    }

    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>, _: Option<&str>) -> Option<Self> {
        Self::in_order(input)
    }

    #[cfg(feature = "sbe")]
    #[inline]
    fn decode_sbe(
        message: &binance_kit_core::sbe::Message<'_>,
        each: &mut dyn FnMut(Self),
    ) -> Result<bool, DecodeError> {
        match message.layout().template {
            10000 => Self::read_sbe(message, each).map(|()| true),
            _ => Ok(false),
        }
    }

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.event_time)
    }

    fn sequence(&self) -> Option<Sequence> {
        Some(Sequence::Id(self.trade_id.get()))
    }
}

/// All events of the market streams.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum MarketEvent {
    /// A trade.
    Trade(TradeEvent),
    /// An aggregate trade: the fills of one taker order at one price.
    AggTrade(AggTradeEvent),
    /// A block trade: negotiated outside the book.
    BlockTrade(BlockTradeEvent),
    /// An update of a candle, or its close.
    Kline(KlineEvent),
    /// 24-hour statistics of a symbol, short form.
    MiniTicker(MiniTickerEvent),
    /// A list: 24-hour statistics of a symbol, short form.
    MiniTickers(List<MiniTickerEvent>),
    /// 24-hour statistics of a symbol.
    Ticker(TickerEvent),
    /// A list: 24-hour statistics of a symbol.
    Tickers(List<TickerEvent>),
    /// Statistics of a rolling window of a symbol.
    RollingTicker(RollingTickerEvent),
    /// A list: statistics of a rolling window of a symbol.
    RollingTickers(List<RollingTickerEvent>),
    /// Best bid and ask, after a change of either.
    BookTicker(BookTickerEvent),
    /// Average price over an interval.
    AveragePrice(AveragePriceEvent),
    /// Best levels of a book. The symbol is taken from the name of the stream, as the payload has none.
    PartialDepth(PartialDepthEvent),
    /// Changed levels of a book. A quantity of zero removes the level.
    Depth(DepthEvent),
    /// The reference price of a symbol.
    ReferencePrice(ReferencePriceEvent),
    /// The server will shut down and close the connection: connect again.
    ServerShutdown(ServerShutdownEvent),
    /// An event of a kind this version of the SDK does not know.
    Unknown(UnknownEvent),
}

impl StreamEvent for MarketEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        if frame.data.kind() == ValueKind::Array {
            return match support::list_type(frame.data) {
                Some("24hrMiniTicker") => Decode::decode(frame.data)
                    .map(Self::MiniTickers)
                    .map_err(|error| error.in_type("MiniTickers")),
                Some("24hrTicker") => {
                    Decode::decode(frame.data).map(Self::Tickers).map_err(|error| error.in_type("Tickers"))
                }
                Some(event_type) if support::has_window(event_type, "Ticker") => Decode::decode(frame.data)
                    .map(Self::RollingTickers)
                    .map_err(|error| error.in_type("RollingTickers")),
                other => Ok(Self::Unknown(UnknownEvent::new(other, frame.data))),
            };
        }
        match support::event_type(frame.data) {
            Some("trade") => StreamEvent::decode_event(frame).map(Self::Trade),
            Some("aggTrade") => StreamEvent::decode_event(frame).map(Self::AggTrade),
            Some("blockTrade") => StreamEvent::decode_event(frame).map(Self::BlockTrade),
            Some("kline") => StreamEvent::decode_event(frame).map(Self::Kline),
            Some("24hrMiniTicker") => StreamEvent::decode_event(frame).map(Self::MiniTicker),
            Some("24hrTicker") => StreamEvent::decode_event(frame).map(Self::Ticker),
            Some(event_type) if support::has_window(event_type, "Ticker") => {
                StreamEvent::decode_event(frame).map(Self::RollingTicker)
            }
            Some("avgPrice") => StreamEvent::decode_event(frame).map(Self::AveragePrice),
            Some("depthUpdate") => StreamEvent::decode_event(frame).map(Self::Depth),
            Some("referencePrice") => StreamEvent::decode_event(frame).map(Self::ReferencePrice),
            Some("serverShutdown") => StreamEvent::decode_event(frame).map(Self::ServerShutdown),
            Some("bookTicker") => StreamEvent::decode_event(frame).map(Self::BookTicker),
            None if support::has_keys(frame.data, &["u", "s", "b", "B", "a", "A"]) => {
                StreamEvent::decode_event(frame).map(Self::BookTicker)
            }
            Some("partialDepth") => StreamEvent::decode_event(frame).map(Self::PartialDepth),
            None if support::has_keys(frame.data, &["lastUpdateId", "bids", "asks"]) => {
                StreamEvent::decode_event(frame).map(Self::PartialDepth)
            }
            other => Ok(Self::Unknown(UnknownEvent::new(other, frame.data))),
        }
    }

    fn decode_event_into(&mut self, frame: EventFrame<'_>) -> Result<(), DecodeError> {
        match self {
            Self::MiniTickers(kept) if support::list_type(frame.data) == Some("24hrMiniTicker") => {
                kept.decode_into(frame.data).map_err(|error| error.in_type("MiniTickers"))
            }
            Self::Tickers(kept) if support::list_type(frame.data) == Some("24hrTicker") => {
                kept.decode_into(frame.data).map_err(|error| error.in_type("Tickers"))
            }
            Self::PartialDepth(kept)
                if support::event_type(frame.data).is_none()
                    && support::has_keys(frame.data, &["lastUpdateId", "bids", "asks"]) =>
            {
                kept.decode_event_into(frame)
            }
            Self::Depth(kept) if support::event_type(frame.data) == Some("depthUpdate") => {
                kept.decode_event_into(frame)
            }
            _ => {
                *self = Self::decode_event(frame)?;
                Ok(())
            }
        }
    }

    fn decode_in_order(input: &mut FastReader<'_>, stream: Option<&str>) -> Option<Self> {
        if let Some(word) = input.peek_text(b"{\"e\":") {
            return match word {
                "trade" => StreamEvent::decode_in_order(input, stream).map(Self::Trade),
                "aggTrade" => StreamEvent::decode_in_order(input, stream).map(Self::AggTrade),
                "blockTrade" => StreamEvent::decode_in_order(input, stream).map(Self::BlockTrade),
                "kline" => StreamEvent::decode_in_order(input, stream).map(Self::Kline),
                "24hrMiniTicker" => StreamEvent::decode_in_order(input, stream).map(Self::MiniTicker),
                "24hrTicker" => StreamEvent::decode_in_order(input, stream).map(Self::Ticker),
                word if support::has_window(word, "Ticker") => {
                    StreamEvent::decode_in_order(input, stream).map(Self::RollingTicker)
                }
                "avgPrice" => StreamEvent::decode_in_order(input, stream).map(Self::AveragePrice),
                "depthUpdate" => StreamEvent::decode_in_order(input, stream).map(Self::Depth),
                "referencePrice" => StreamEvent::decode_in_order(input, stream).map(Self::ReferencePrice),
                _ => None,
            };
        }
        if let Some(word) = input.peek_text(b"[{\"e\":") {
            return match word {
                "24hrMiniTicker" => StreamEvent::decode_in_order(input, stream).map(Self::MiniTickers),
                "24hrTicker" => StreamEvent::decode_in_order(input, stream).map(Self::Tickers),
                word if support::has_window(word, "Ticker") => {
                    StreamEvent::decode_in_order(input, stream).map(Self::RollingTickers)
                }
                _ => None,
            };
        }
        if input.peek(b"{\"u\":") {
            return StreamEvent::decode_in_order(input, stream).map(Self::BookTicker);
        }
        if input.peek(b"{\"lastUpdateId\":") {
            return StreamEvent::decode_in_order(input, stream).map(Self::PartialDepth);
        }
        None
    }

    fn decode_in_order_into(&mut self, input: &mut FastReader<'_>, stream: Option<&str>) -> Option<()> {
        match self {
            Self::MiniTickers(kept) if input.peek_text(b"[{\"e\":") == Some("24hrMiniTicker") => {
                StreamEvent::decode_in_order_into(kept, input, stream)
            }
            Self::Tickers(kept) if input.peek_text(b"[{\"e\":") == Some("24hrTicker") => {
                StreamEvent::decode_in_order_into(kept, input, stream)
            }
            Self::PartialDepth(kept) if input.peek(b"{\"lastUpdateId\":") => {
                StreamEvent::decode_in_order_into(kept, input, stream)
            }
            Self::Depth(kept) if input.peek_text(b"{\"e\":") == Some("depthUpdate") => {
                StreamEvent::decode_in_order_into(kept, input, stream)
            }
            _ => {
                *self = Self::decode_in_order(input, stream)?;
                Some(())
            }
        }
    }

    #[cfg(feature = "sbe")]
    #[inline]
    fn decode_sbe(
        message: &binance_kit_core::sbe::Message<'_>,
        each: &mut dyn FnMut(Self),
    ) -> Result<bool, DecodeError> {
        match message.layout().template {
            10000 => TradeEvent::read_sbe(message, &mut |event| each(Self::Trade(event))).map(|()| true),
            10001 => {
                BookTickerEvent::read_sbe(message, &mut |event| each(Self::BookTicker(event))).map(|()| true)
            }
            10002 => PartialDepthEvent::read_sbe(message, &mut |event| each(Self::PartialDepth(event)))
                .map(|()| true),
            10003 => DepthEvent::read_sbe(message, &mut |event| each(Self::Depth(event))).map(|()| true),
            _ => Ok(false),
        }
    }

    fn each_unreadable(&self, each: &mut dyn FnMut(&UnreadableElement)) {
        match self {
            Self::MiniTickers(event) => event.each_unreadable(each),
            Self::Tickers(event) => event.each_unreadable(each),
            Self::RollingTickers(event) => event.each_unreadable(each),
            _ => {}
        }
    }

    fn heap_size(&self) -> Option<usize> {
        if let Self::Unknown(event) = self { Some(event.heap_size()) } else { None }
    }

    fn event_time(&self) -> Option<Timestamp> {
        match self {
            Self::Trade(event) => event.event_time(),
            Self::AggTrade(event) => event.event_time(),
            Self::BlockTrade(event) => event.event_time(),
            Self::Kline(event) => event.event_time(),
            Self::MiniTicker(event) => event.event_time(),
            Self::MiniTickers(event) => event.event_time(),
            Self::Ticker(event) => event.event_time(),
            Self::Tickers(event) => event.event_time(),
            Self::RollingTicker(event) => event.event_time(),
            Self::RollingTickers(event) => event.event_time(),
            Self::BookTicker(event) => event.event_time(),
            Self::AveragePrice(event) => event.event_time(),
            Self::PartialDepth(event) => event.event_time(),
            Self::Depth(event) => event.event_time(),
            Self::ReferencePrice(event) => event.event_time(),
            Self::ServerShutdown(event) => event.event_time(),
            Self::Unknown(_) => None,
        }
    }

    fn sequence(&self) -> Option<Sequence> {
        match self {
            Self::Trade(event) => event.sequence(),
            Self::AggTrade(event) => event.sequence(),
            Self::BlockTrade(event) => event.sequence(),
            Self::Kline(event) => event.sequence(),
            Self::MiniTicker(event) => event.sequence(),
            Self::MiniTickers(event) => event.sequence(),
            Self::Ticker(event) => event.sequence(),
            Self::Tickers(event) => event.sequence(),
            Self::RollingTicker(event) => event.sequence(),
            Self::RollingTickers(event) => event.sequence(),
            Self::BookTicker(event) => event.sequence(),
            Self::AveragePrice(event) => event.sequence(),
            Self::PartialDepth(event) => event.sequence(),
            Self::Depth(event) => event.sequence(),
            Self::ReferencePrice(event) => event.sequence(),
            Self::ServerShutdown(event) => event.sequence(),
            Self::Unknown(_) => None,
        }
    }
}

impl From<TradeEvent> for MarketEvent {
    fn from(event: TradeEvent) -> Self {
        Self::Trade(event)
    }
}

impl From<TradeEvent> for crate::MarketEvent {
    fn from(event: TradeEvent) -> Self {
        Self::Spot(event.into())
    }
}

impl From<AggTradeEvent> for MarketEvent {
    fn from(event: AggTradeEvent) -> Self {
        Self::AggTrade(event)
    }
}

impl From<AggTradeEvent> for crate::MarketEvent {
    fn from(event: AggTradeEvent) -> Self {
        Self::Spot(event.into())
    }
}

impl From<BlockTradeEvent> for MarketEvent {
    fn from(event: BlockTradeEvent) -> Self {
        Self::BlockTrade(event)
    }
}

impl From<BlockTradeEvent> for crate::MarketEvent {
    fn from(event: BlockTradeEvent) -> Self {
        Self::Spot(event.into())
    }
}

impl From<KlineEvent> for MarketEvent {
    fn from(event: KlineEvent) -> Self {
        Self::Kline(event)
    }
}

impl From<KlineEvent> for crate::MarketEvent {
    fn from(event: KlineEvent) -> Self {
        Self::Spot(event.into())
    }
}

impl From<MiniTickerEvent> for MarketEvent {
    fn from(event: MiniTickerEvent) -> Self {
        Self::MiniTicker(event)
    }
}

impl From<MiniTickerEvent> for crate::MarketEvent {
    fn from(event: MiniTickerEvent) -> Self {
        Self::Spot(event.into())
    }
}

impl From<List<MiniTickerEvent>> for MarketEvent {
    fn from(event: List<MiniTickerEvent>) -> Self {
        Self::MiniTickers(event)
    }
}

impl From<List<MiniTickerEvent>> for crate::MarketEvent {
    fn from(event: List<MiniTickerEvent>) -> Self {
        Self::Spot(event.into())
    }
}

impl From<TickerEvent> for MarketEvent {
    fn from(event: TickerEvent) -> Self {
        Self::Ticker(event)
    }
}

impl From<TickerEvent> for crate::MarketEvent {
    fn from(event: TickerEvent) -> Self {
        Self::Spot(event.into())
    }
}

impl From<List<TickerEvent>> for MarketEvent {
    fn from(event: List<TickerEvent>) -> Self {
        Self::Tickers(event)
    }
}

impl From<List<TickerEvent>> for crate::MarketEvent {
    fn from(event: List<TickerEvent>) -> Self {
        Self::Spot(event.into())
    }
}

impl From<RollingTickerEvent> for MarketEvent {
    fn from(event: RollingTickerEvent) -> Self {
        Self::RollingTicker(event)
    }
}

impl From<RollingTickerEvent> for crate::MarketEvent {
    fn from(event: RollingTickerEvent) -> Self {
        Self::Spot(event.into())
    }
}

impl From<List<RollingTickerEvent>> for MarketEvent {
    fn from(event: List<RollingTickerEvent>) -> Self {
        Self::RollingTickers(event)
    }
}

impl From<List<RollingTickerEvent>> for crate::MarketEvent {
    fn from(event: List<RollingTickerEvent>) -> Self {
        Self::Spot(event.into())
    }
}

impl From<BookTickerEvent> for MarketEvent {
    fn from(event: BookTickerEvent) -> Self {
        Self::BookTicker(event)
    }
}

impl From<BookTickerEvent> for crate::MarketEvent {
    fn from(event: BookTickerEvent) -> Self {
        Self::Spot(event.into())
    }
}

impl From<AveragePriceEvent> for MarketEvent {
    fn from(event: AveragePriceEvent) -> Self {
        Self::AveragePrice(event)
    }
}

impl From<AveragePriceEvent> for crate::MarketEvent {
    fn from(event: AveragePriceEvent) -> Self {
        Self::Spot(event.into())
    }
}

impl From<PartialDepthEvent> for MarketEvent {
    fn from(event: PartialDepthEvent) -> Self {
        Self::PartialDepth(event)
    }
}

impl From<PartialDepthEvent> for crate::MarketEvent {
    fn from(event: PartialDepthEvent) -> Self {
        Self::Spot(event.into())
    }
}

impl From<DepthEvent> for MarketEvent {
    fn from(event: DepthEvent) -> Self {
        Self::Depth(event)
    }
}

impl From<DepthEvent> for crate::MarketEvent {
    fn from(event: DepthEvent) -> Self {
        Self::Spot(event.into())
    }
}

impl From<ReferencePriceEvent> for MarketEvent {
    fn from(event: ReferencePriceEvent) -> Self {
        Self::ReferencePrice(event)
    }
}

impl From<ReferencePriceEvent> for crate::MarketEvent {
    fn from(event: ReferencePriceEvent) -> Self {
        Self::Spot(event.into())
    }
}

impl From<ServerShutdownEvent> for MarketEvent {
    fn from(event: ServerShutdownEvent) -> Self {
        Self::ServerShutdown(event)
    }
}

impl From<ServerShutdownEvent> for crate::MarketEvent {
    fn from(event: ServerShutdownEvent) -> Self {
        Self::Spot(event.into())
    }
}

impl Encode for MarketEvent {
    fn encode(&self, json: &mut JsonWriter) {
        match self {
            Self::Trade(event) => event.encode(json),
            Self::AggTrade(event) => event.encode(json),
            Self::BlockTrade(event) => event.encode(json),
            Self::Kline(event) => event.encode(json),
            Self::MiniTicker(event) => event.encode(json),
            Self::MiniTickers(event) => event.encode(json),
            Self::Ticker(event) => event.encode(json),
            Self::Tickers(event) => event.encode(json),
            Self::RollingTicker(event) => event.encode(json),
            Self::RollingTickers(event) => event.encode(json),
            Self::BookTicker(event) => event.encode(json),
            Self::AveragePrice(event) => event.encode(json),
            Self::PartialDepth(event) => event.encode(json),
            Self::Depth(event) => event.encode(json),
            Self::ReferencePrice(event) => event.encode(json),
            Self::ServerShutdown(event) => event.encode(json),
            Self::Unknown(event) => event.encode(json),
        }
    }
}

impl MarketEvent {
    /// The event type as the exchange writes it (`e`); for events without one, what the documents call it.
    pub fn event_type(&self) -> Cow<'_, str> {
        match self {
            Self::Trade(_) => Cow::Borrowed("trade"),
            Self::AggTrade(_) => Cow::Borrowed("aggTrade"),
            Self::BlockTrade(_) => Cow::Borrowed("blockTrade"),
            Self::Kline(_) => Cow::Borrowed("kline"),
            Self::MiniTicker(_) | Self::MiniTickers(_) => Cow::Borrowed("24hrMiniTicker"),
            Self::Ticker(_) | Self::Tickers(_) => Cow::Borrowed("24hrTicker"),
            Self::AveragePrice(_) => Cow::Borrowed("avgPrice"),
            Self::Depth(_) => Cow::Borrowed("depthUpdate"),
            Self::ReferencePrice(_) => Cow::Borrowed("referencePrice"),
            Self::ServerShutdown(_) => Cow::Borrowed("serverShutdown"),
            Self::RollingTicker(event) => Cow::Owned(format!("{}Ticker", event.window)),
            Self::RollingTickers(events) => {
                Cow::Owned(events.first().map_or_else(String::new, |event| format!("{}Ticker", event.window)))
            }
            Self::BookTicker(_) => Cow::Borrowed("bookTicker"),
            Self::PartialDepth(_) => Cow::Borrowed("partialDepth"),
            Self::Unknown(event) => Cow::Borrowed(&event.event_type),
        }
    }

    /// The symbol the event is about, unless it is about several, or none.
    pub fn symbol(&self) -> Option<&Symbol> {
        match self {
            Self::Trade(event) => Some(&event.symbol),
            Self::AggTrade(event) => Some(&event.symbol),
            Self::BlockTrade(event) => Some(&event.symbol),
            Self::Kline(event) => Some(&event.symbol),
            Self::MiniTicker(event) => Some(&event.symbol),
            Self::Ticker(event) => Some(&event.symbol),
            Self::RollingTicker(event) => Some(&event.symbol),
            Self::BookTicker(event) => Some(&event.symbol),
            Self::AveragePrice(event) => Some(&event.symbol),
            Self::PartialDepth(event) => Some(&event.symbol),
            Self::Depth(event) => Some(&event.symbol),
            Self::ReferencePrice(event) => Some(&event.symbol),
            Self::Unknown(_)
            | Self::MiniTickers(_)
            | Self::Tickers(_)
            | Self::RollingTickers(_)
            | Self::ServerShutdown(_) => None,
        }
    }
}

#[cfg(feature = "serde")]
crate::wire::serde_values! {
    AggTradeEvent,
    AveragePriceEvent,
    BlockTradeEvent,
    BookTickerEvent,
    DepthEvent,
    KlineEvent,
    KlineUpdate,
    MiniTickerEvent,
    ReferencePriceEvent,
    RollingTickerEvent,
    ServerShutdownEvent,
    TickerEvent,
    TradeEvent,
}

#[cfg(feature = "serde")]
crate::wire::serde_event! { PartialDepthEvent, |event| crate::wire::on_stream(&event.symbol, event) }

#[cfg(feature = "serde")]
crate::wire::serde_event! { MarketEvent, |event| match event {
    MarketEvent::PartialDepth(event) => crate::wire::on_stream(&event.symbol, event),
    event => event.to_json(),
} }
