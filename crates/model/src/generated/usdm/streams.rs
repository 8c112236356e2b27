// Written by `cargo xtask codegen` from crates/model/spec/usdm/streams.toml; do not edit.

//! Events of the market streams, and the streams that deliver them.

use crate::common::{Level, UnknownEvent};
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
    /// Update interval of a depth stream.
    DepthSpeed {
        /// 250 ms.
        Every250Ms = "",
        /// 500 ms.
        Every500Ms = "@500ms",
        /// 100 ms.
        Every100Ms = "@100ms",
        /// Real time; not documented, but served.
        RealTime = "@0ms",
    }
}

name_part! {
    /// Update speed of a mark-price stream.
    MarkPriceSpeed {
        /// 3 seconds.
        Every3Seconds = "",
        /// 1 second.
        EverySecond = "@1s",
    }
}

wire_enum! {
    /// Type of the taker order of a trade.
    TradeOrderType {
        /// Any order of the market.
        Market = "MARKET",
        /// A liquidation.
        Liquidation = "LIQUIDATION",
        /// Auto-deleveraging.
        Adl = "ADL",
        /// The insurance fund.
        InsuranceFund = "INSURANCE_FUND",
        /// Not specified.
        Na = "NA",
    }
}

/// An aggregate trade: the fills of one taker order at one price within 100 ms.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AggTradeEvent {
    /// Event time.
    pub event_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// Aggregate trade id.
    pub agg_trade_id: AggTradeId,
    /// Price.
    pub price: Decimal,
    /// Quantity, trades against RPI orders included.
    pub quantity: Decimal,
    /// Quantity without the trades against RPI orders.
    pub normal_quantity: Option<Decimal>,
    /// First trade id.
    pub first_trade_id: Option<TradeId>,
    /// Last trade id.
    pub last_trade_id: Option<TradeId>,
    /// Trade time.
    pub trade_time: Timestamp,
    /// Whether the buyer is the maker.
    pub is_buyer_maker: bool,
    /// 1 for USD-M symbols, 2 for COIN-M symbols.
    pub symbol_type: Option<u8>,
}

impl AggTradeEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut symbol = None;
        let mut agg_trade_id = None;
        let mut price = None;
        let mut quantity = None;
        let mut normal_quantity = None;
        let mut first_trade_id = None;
        let mut last_trade_id = None;
        let mut trade_time = None;
        let mut is_buyer_maker = None;
        let mut symbol_type = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "aggTrade", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "a" => support::whole(&mut agg_trade_id, "a", found)?,
                "p" => field(&mut price, "p", found)?,
                "q" => field(&mut quantity, "q", found)?,
                "nq" => field(&mut normal_quantity, "nq", found)?,
                "f" => support::field_or_minus_one(&mut first_trade_id, "f", found)?,
                "l" => support::field_or_minus_one(&mut last_trade_id, "l", found)?,
                "T" => support::time(&mut trade_time, "T", found)?,
                "m" => field(&mut is_buyer_maker, "m", found)?,
                "st" => field(&mut symbol_type, "st", found)?,
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
            normal_quantity: optional(normal_quantity),
            first_trade_id: optional(first_trade_id),
            last_trade_id: optional(last_trade_id),
            trade_time: required(trade_time, "T")?,
            is_buyer_maker: required(is_buyer_maker, "m")?,
            symbol_type: optional(symbol_type),
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
        json.optional("nq", self.normal_quantity.as_ref());
        support::or_minus_one(json, "f", self.first_trade_id.as_ref());
        support::or_minus_one(json, "l", self.last_trade_id.as_ref());
        json.field("T", &self.trade_time);
        json.field("m", &self.is_buyer_maker);
        json.optional("st", self.symbol_type.as_ref());
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
        input.literal(b"\"")?;
        let normal_quantity = if input.literal(b",\"nq\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b",\"f\":")?;
        let first_trade_id = input.whole_or_minus_one()?;
        input.literal(b",\"l\":")?;
        let last_trade_id = input.whole_or_minus_one()?;
        input.literal(b",\"T\":")?;
        let trade_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"m\":")?;
        let is_buyer_maker = DecodeInOrder::decode_in_order(input)?;
        let symbol_type = if input.literal(b",\"st\":").is_some() {
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
            normal_quantity,
            first_trade_id,
            last_trade_id,
            trade_time,
            is_buyer_maker,
            symbol_type,
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

/// Best bid and ask, after a change of either.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BookTickerEvent {
    /// Order book update id.
    pub update_id: UpdateId,
    /// Event time.
    pub event_time: Timestamp,
    /// Transaction time.
    pub transaction_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// Pair of the symbol.
    pub pair: Option<Symbol>,
    /// Best bid price.
    pub bid_price: Decimal,
    /// Best bid quantity.
    pub bid_quantity: Decimal,
    /// Best ask price.
    pub ask_price: Decimal,
    /// Best ask quantity.
    pub ask_quantity: Decimal,
    /// 1 for USD-M, 2 for COIN-M symbols.
    pub symbol_type: Option<u8>,
}

impl BookTickerEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut update_id = None;
        let mut event_time = None;
        let mut transaction_time = None;
        let mut symbol = None;
        let mut pair = None;
        let mut bid_price = None;
        let mut bid_quantity = None;
        let mut ask_price = None;
        let mut ask_quantity = None;
        let mut symbol_type = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "bookTicker", found)?,
                "u" => support::whole(&mut update_id, "u", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "T" => support::time(&mut transaction_time, "T", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "ps" => field(&mut pair, "ps", found)?,
                "b" => field(&mut bid_price, "b", found)?,
                "B" => field(&mut bid_quantity, "B", found)?,
                "a" => field(&mut ask_price, "a", found)?,
                "A" => field(&mut ask_quantity, "A", found)?,
                "st" => field(&mut symbol_type, "st", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self {
            update_id: required(update_id, "u")?,
            event_time: required(event_time, "E")?,
            transaction_time: required(transaction_time, "T")?,
            symbol: required(symbol, "s")?,
            pair: optional(pair),
            bid_price: required(bid_price, "b")?,
            bid_quantity: required(bid_quantity, "B")?,
            ask_price: required(ask_price, "a")?,
            ask_quantity: required(ask_quantity, "A")?,
            symbol_type: optional(symbol_type),
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
        json.field("e", "bookTicker");
        json.field("u", &self.update_id);
        json.field("E", &self.event_time);
        json.field("T", &self.transaction_time);
        json.field("s", &self.symbol);
        json.optional("ps", self.pair.as_ref());
        json.field("b", &self.bid_price);
        json.field("B", &self.bid_quantity);
        json.field("a", &self.ask_price);
        json.field("A", &self.ask_quantity);
        json.optional("st", self.symbol_type.as_ref());
        json.end_object();
    }
}

impl BookTickerEvent {
    fn in_order_first(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"bookTicker\",\"u\":")?;
        let update_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"T\":")?;
        let transaction_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\"")?;
        let pair = if input.literal(b",\"ps\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b",\"b\":\"")?;
        let bid_price = input.decimal_inside()?;
        input.literal(b"\",\"B\":\"")?;
        let bid_quantity = input.decimal_inside()?;
        input.literal(b"\",\"a\":\"")?;
        let ask_price = input.decimal_inside()?;
        input.literal(b"\",\"A\":\"")?;
        let ask_quantity = input.decimal_inside()?;
        input.literal(b"\"")?;
        let symbol_type = if input.literal(b",\"st\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b"}")?;
        *start = reader;
        Some(Self {
            update_id,
            event_time,
            transaction_time,
            symbol,
            pair,
            bid_price,
            bid_quantity,
            ask_price,
            ask_quantity,
            symbol_type,
        })
    }

    fn in_order_otherwise(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"bookTicker\",\"u\":")?;
        let update_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\"")?;
        let pair = if input.literal(b",\"ps\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b",\"b\":\"")?;
        let bid_price = input.decimal_inside()?;
        input.literal(b"\",\"B\":\"")?;
        let bid_quantity = input.decimal_inside()?;
        input.literal(b"\",\"a\":\"")?;
        let ask_price = input.decimal_inside()?;
        input.literal(b"\",\"A\":\"")?;
        let ask_quantity = input.decimal_inside()?;
        input.literal(b"\",\"T\":")?;
        let transaction_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        let symbol_type = if input.literal(b",\"st\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b"}")?;
        *start = reader;
        Some(Self {
            update_id,
            event_time,
            transaction_time,
            symbol,
            pair,
            bid_price,
            bid_quantity,
            ask_price,
            ask_quantity,
            symbol_type,
        })
    }

    fn in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order_first(input).or_else(|| Self::in_order_otherwise(input))
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

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.event_time)
    }

    fn sequence(&self) -> Option<Sequence> {
        Some(Sequence::Growing(self.update_id.get()))
    }
}

/// Changed levels of a book, or its best levels. A quantity of zero removes the level.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DepthEvent {
    /// Event time.
    pub event_time: Timestamp,
    /// Transaction time.
    pub transaction_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// Pair of the symbol.
    pub pair: Option<Symbol>,
    /// First update id of the event.
    pub first_update_id: UpdateId,
    /// Last update id of the event.
    pub last_update_id: UpdateId,
    /// Last update id of the previous event.
    pub previous_last_update_id: Option<UpdateId>,
    /// Changed bids.
    pub bids: Vec<Level>,
    /// Changed asks.
    pub asks: Vec<Level>,
    /// 1 for USD-M, 2 for COIN-M symbols.
    pub symbol_type: Option<u8>,
}

impl DepthEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut transaction_time = None;
        let mut symbol = None;
        let mut pair = None;
        let mut first_update_id = None;
        let mut last_update_id = None;
        let mut previous_last_update_id = None;
        let mut bids = None;
        let mut asks = None;
        let mut symbol_type = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "depthUpdate", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "T" => support::time(&mut transaction_time, "T", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "ps" => field(&mut pair, "ps", found)?,
                "U" => support::whole(&mut first_update_id, "U", found)?,
                "u" => support::whole(&mut last_update_id, "u", found)?,
                "pu" => support::field_or_minus_one(&mut previous_last_update_id, "pu", found)?,
                "b" => field(&mut bids, "b", found)?,
                "a" => field(&mut asks, "a", found)?,
                "st" => field(&mut symbol_type, "st", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self {
            event_time: required(event_time, "E")?,
            transaction_time: required(transaction_time, "T")?,
            symbol: required(symbol, "s")?,
            pair: optional(pair),
            first_update_id: required(first_update_id, "U")?,
            last_update_id: required(last_update_id, "u")?,
            previous_last_update_id: optional(previous_last_update_id),
            bids: required(bids, "b")?,
            asks: required(asks, "a")?,
            symbol_type: optional(symbol_type),
        })
    }

    fn read_over(&mut self, value: Value<'_>) -> Result<(), DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut transaction_time = None;
        let mut symbol = None;
        let mut pair = None;
        let mut first_update_id = None;
        let mut last_update_id = None;
        let mut previous_last_update_id = None;
        let mut bids = false;
        let mut asks = false;
        let mut symbol_type = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "depthUpdate", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "T" => support::time(&mut transaction_time, "T", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "ps" => field(&mut pair, "ps", found)?,
                "U" => support::whole(&mut first_update_id, "U", found)?,
                "u" => support::whole(&mut last_update_id, "u", found)?,
                "pu" => support::field_or_minus_one(&mut previous_last_update_id, "pu", found)?,
                "b" => support::list_over(&mut self.bids, &mut bids, "b", found)?,
                "a" => support::list_over(&mut self.asks, &mut asks, "a", found)?,
                "st" => field(&mut symbol_type, "st", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        self.event_time = required(event_time, "E")?;
        self.transaction_time = required(transaction_time, "T")?;
        self.symbol = required(symbol, "s")?;
        self.pair = optional(pair);
        self.first_update_id = required(first_update_id, "U")?;
        self.last_update_id = required(last_update_id, "u")?;
        self.previous_last_update_id = optional(previous_last_update_id);
        support::required_constant(bids, "b")?;
        support::required_constant(asks, "a")?;
        self.symbol_type = optional(symbol_type);
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
        json.field("T", &self.transaction_time);
        json.field("s", &self.symbol);
        json.optional("ps", self.pair.as_ref());
        json.field("U", &self.first_update_id);
        json.field("u", &self.last_update_id);
        support::or_minus_one(json, "pu", self.previous_last_update_id.as_ref());
        json.field("b", &self.bids);
        json.field("a", &self.asks);
        json.optional("st", self.symbol_type.as_ref());
        json.end_object();
    }
}

impl DepthEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"depthUpdate\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"T\":")?;
        let transaction_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\"")?;
        let pair = if input.literal(b",\"ps\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b",\"U\":")?;
        let first_update_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"u\":")?;
        let last_update_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"pu\":")?;
        let previous_last_update_id = input.whole_or_minus_one()?;
        input.literal(b",\"b\":")?;
        let bids = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"a\":")?;
        let asks = DecodeInOrder::decode_in_order(input)?;
        let symbol_type = if input.literal(b",\"st\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b"}")?;
        *start = reader;
        Some(Self {
            event_time,
            transaction_time,
            symbol,
            pair,
            first_update_id,
            last_update_id,
            previous_last_update_id,
            bids,
            asks,
            symbol_type,
        })
    }

    fn in_order_over(&mut self, start: &mut FastReader<'_>) -> Option<()> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"depthUpdate\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"T\":")?;
        let transaction_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\"")?;
        let pair = if input.literal(b",\"ps\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b",\"U\":")?;
        let first_update_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"u\":")?;
        let last_update_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"pu\":")?;
        let previous_last_update_id = input.whole_or_minus_one()?;
        input.literal(b",\"b\":")?;
        self.bids.decode_in_order_into(input)?;
        input.literal(b",\"a\":")?;
        self.asks.decode_in_order_into(input)?;
        let symbol_type = if input.literal(b",\"st\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b"}")?;
        *start = reader;
        self.event_time = event_time;
        self.transaction_time = transaction_time;
        self.symbol = symbol;
        self.pair = pair;
        self.first_update_id = first_update_id;
        self.last_update_id = last_update_id;
        self.previous_last_update_id = previous_last_update_id;
        self.symbol_type = symbol_type;
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

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.event_time)
    }

    fn sequence(&self) -> Option<Sequence> {
        Some(support::linked(self.previous_last_update_id, self.last_update_id))
    }
}

/// Mark price and funding rate of a symbol.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MarkPriceEvent {
    /// Event time.
    pub event_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// Mark price.
    pub mark_price: Decimal,
    /// Index price.
    pub index_price: Decimal,
    /// Estimated settle price; only useful in the last hour before a settlement.
    pub estimated_settle_price: Decimal,
    /// Funding rate; none for delivery contracts.
    pub funding_rate: Option<Decimal>,
    /// Moving average of the mark price.
    pub average_mark_price: Option<Decimal>,
    /// Next funding time; 0 for delivery contracts.
    pub next_funding_time: Timestamp,
    /// 1 for USD-M symbols, 2 for COIN-M symbols.
    pub symbol_type: Option<u8>,
}

impl MarkPriceEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut symbol = None;
        let mut mark_price = None;
        let mut index_price = None;
        let mut estimated_settle_price = None;
        let mut funding_rate = None;
        let mut average_mark_price = None;
        let mut next_funding_time = None;
        let mut symbol_type = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "markPriceUpdate", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "p" => field(&mut mark_price, "p", found)?,
                "i" => field(&mut index_price, "i", found)?,
                "P" => field(&mut estimated_settle_price, "P", found)?,
                "r" => support::field_or_empty(&mut funding_rate, "r", found)?,
                "ap" => field(&mut average_mark_price, "ap", found)?,
                "T" => support::time(&mut next_funding_time, "T", found)?,
                "st" => field(&mut symbol_type, "st", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self {
            event_time: required(event_time, "E")?,
            symbol: required(symbol, "s")?,
            mark_price: required(mark_price, "p")?,
            index_price: required(index_price, "i")?,
            estimated_settle_price: required(estimated_settle_price, "P")?,
            funding_rate: optional(funding_rate),
            average_mark_price: optional(average_mark_price),
            next_funding_time: required(next_funding_time, "T")?,
            symbol_type: optional(symbol_type),
        })
    }
}

impl Decode for MarkPriceEvent {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("MarkPriceEvent"))
    }
}

impl Encode for MarkPriceEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "markPriceUpdate");
        json.field("E", &self.event_time);
        json.field("s", &self.symbol);
        json.field("p", &self.mark_price);
        json.field("i", &self.index_price);
        json.field("P", &self.estimated_settle_price);
        support::or_empty(json, "r", self.funding_rate.as_ref());
        json.optional("ap", self.average_mark_price.as_ref());
        json.field("T", &self.next_funding_time);
        json.optional("st", self.symbol_type.as_ref());
        json.end_object();
    }
}

impl MarkPriceEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"markPriceUpdate\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"p\":\"")?;
        let mark_price = input.decimal_inside()?;
        input.literal(b"\",\"i\":\"")?;
        let index_price = input.decimal_inside()?;
        input.literal(b"\",\"P\":\"")?;
        let estimated_settle_price = input.decimal_inside()?;
        input.literal(b"\",\"r\":")?;
        let funding_rate = support::text_or_none(input)?;
        let average_mark_price = if input.literal(b",\"ap\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b",\"T\":")?;
        let next_funding_time = DecodeInOrder::decode_in_order(input)?;
        let symbol_type = if input.literal(b",\"st\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b"}")?;
        *start = reader;
        Some(Self {
            event_time,
            symbol,
            mark_price,
            index_price,
            estimated_settle_price,
            funding_rate,
            average_mark_price,
            next_funding_time,
            symbol_type,
        })
    }
}

impl DecodeInOrder for MarkPriceEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

impl StreamEvent for MarkPriceEvent {
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
    /// Trade time.
    pub trade_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// Trade id.
    pub trade_id: TradeId,
    /// Price.
    pub price: Decimal,
    /// Quantity.
    pub quantity: Decimal,
    /// Type of the taker order.
    pub order_type: Option<TradeOrderType>,
    /// Whether the buyer is the maker.
    pub is_buyer_maker: bool,
    /// 1 for USD-M, 2 for COIN-M symbols.
    pub symbol_type: Option<u8>,
}

impl TradeEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut trade_time = None;
        let mut symbol = None;
        let mut trade_id = None;
        let mut price = None;
        let mut quantity = None;
        let mut order_type = None;
        let mut is_buyer_maker = None;
        let mut symbol_type = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "trade", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "T" => support::time(&mut trade_time, "T", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "t" => support::whole(&mut trade_id, "t", found)?,
                "p" => field(&mut price, "p", found)?,
                "q" => field(&mut quantity, "q", found)?,
                "X" => field(&mut order_type, "X", found)?,
                "m" => field(&mut is_buyer_maker, "m", found)?,
                "st" => field(&mut symbol_type, "st", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self {
            event_time: required(event_time, "E")?,
            trade_time: required(trade_time, "T")?,
            symbol: required(symbol, "s")?,
            trade_id: required(trade_id, "t")?,
            price: required(price, "p")?,
            quantity: required(quantity, "q")?,
            order_type: optional(order_type),
            is_buyer_maker: required(is_buyer_maker, "m")?,
            symbol_type: optional(symbol_type),
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
        json.field("T", &self.trade_time);
        json.field("s", &self.symbol);
        json.field("t", &self.trade_id);
        json.field("p", &self.price);
        json.field("q", &self.quantity);
        json.optional("X", self.order_type.as_ref());
        json.field("m", &self.is_buyer_maker);
        json.optional("st", self.symbol_type.as_ref());
        json.end_object();
    }
}

impl TradeEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"trade\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"T\":")?;
        let trade_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"t\":")?;
        let trade_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"p\":\"")?;
        let price = input.decimal_inside()?;
        input.literal(b"\",\"q\":\"")?;
        let quantity = input.decimal_inside()?;
        input.literal(b"\"")?;
        let order_type = if input.literal(b",\"X\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b",\"m\":")?;
        let is_buyer_maker = DecodeInOrder::decode_in_order(input)?;
        let symbol_type = if input.literal(b",\"st\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b"}")?;
        *start = reader;
        Some(Self {
            event_time,
            trade_time,
            symbol,
            trade_id,
            price,
            quantity,
            order_type,
            is_buyer_maker,
            symbol_type,
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

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.event_time)
    }

    fn sequence(&self) -> Option<Sequence> {
        Some(Sequence::Growing(self.trade_id.get()))
    }
}

/// All events of the market streams with a type.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum MarketEvent {
    /// A trade.
    Trade(TradeEvent),
    /// An aggregate trade: the fills of one taker order at one price within 100 ms.
    AggTrade(AggTradeEvent),
    /// Mark price and funding rate of a symbol.
    MarkPrice(MarkPriceEvent),
    /// A list: mark price and funding rate of a symbol.
    MarkPrices(List<MarkPriceEvent>),
    /// Best bid and ask, after a change of either.
    BookTicker(BookTickerEvent),
    /// Changed levels of a book, or its best levels. A quantity of zero removes the level.
    Depth(DepthEvent),
    /// An event of a kind this version of the SDK does not know.
    Unknown(UnknownEvent),
}

impl StreamEvent for MarketEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        if frame.data.kind() == ValueKind::Array {
            return match support::list_type(frame.data) {
                Some("markPriceUpdate") => Decode::decode(frame.data)
                    .map(Self::MarkPrices)
                    .map_err(|error| error.in_type("MarkPrices")),
                other => Ok(Self::Unknown(UnknownEvent::new(other, frame.data))),
            };
        }
        match support::event_type(frame.data) {
            Some("trade") => StreamEvent::decode_event(frame).map(Self::Trade),
            Some("aggTrade") => StreamEvent::decode_event(frame).map(Self::AggTrade),
            Some("markPriceUpdate") => StreamEvent::decode_event(frame).map(Self::MarkPrice),
            Some("bookTicker") => StreamEvent::decode_event(frame).map(Self::BookTicker),
            Some("depthUpdate") => StreamEvent::decode_event(frame).map(Self::Depth),
            other => Ok(Self::Unknown(UnknownEvent::new(other, frame.data))),
        }
    }

    fn decode_event_into(&mut self, frame: EventFrame<'_>) -> Result<(), DecodeError> {
        match self {
            Self::MarkPrices(kept) if support::list_type(frame.data) == Some("markPriceUpdate") => {
                kept.decode_into(frame.data).map_err(|error| error.in_type("MarkPrices"))
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
                "markPriceUpdate" => StreamEvent::decode_in_order(input, stream).map(Self::MarkPrice),
                "bookTicker" => StreamEvent::decode_in_order(input, stream).map(Self::BookTicker),
                "depthUpdate" => StreamEvent::decode_in_order(input, stream).map(Self::Depth),
                _ => None,
            };
        }
        if let Some(word) = input.peek_text(b"[{\"e\":") {
            return match word {
                "markPriceUpdate" => StreamEvent::decode_in_order(input, stream).map(Self::MarkPrices),
                _ => None,
            };
        }
        None
    }

    fn decode_in_order_into(&mut self, input: &mut FastReader<'_>, stream: Option<&str>) -> Option<()> {
        match self {
            Self::MarkPrices(kept) if input.peek_text(b"[{\"e\":") == Some("markPriceUpdate") => {
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

    fn each_unreadable(&self, each: &mut dyn FnMut(&UnreadableElement)) {
        if let Self::MarkPrices(event) = self {
            event.each_unreadable(each);
        }
    }

    fn heap_size(&self) -> Option<usize> {
        if let Self::Unknown(event) = self { Some(event.heap_size()) } else { None }
    }

    fn event_time(&self) -> Option<Timestamp> {
        match self {
            Self::Trade(event) => event.event_time(),
            Self::AggTrade(event) => event.event_time(),
            Self::MarkPrice(event) => event.event_time(),
            Self::MarkPrices(event) => event.event_time(),
            Self::BookTicker(event) => event.event_time(),
            Self::Depth(event) => event.event_time(),
            Self::Unknown(_) => None,
        }
    }

    fn sequence(&self) -> Option<Sequence> {
        match self {
            Self::Trade(event) => event.sequence(),
            Self::AggTrade(event) => event.sequence(),
            Self::MarkPrice(event) => event.sequence(),
            Self::MarkPrices(event) => event.sequence(),
            Self::BookTicker(event) => event.sequence(),
            Self::Depth(event) => event.sequence(),
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
        Self::Usdm(event.into())
    }
}

impl From<AggTradeEvent> for MarketEvent {
    fn from(event: AggTradeEvent) -> Self {
        Self::AggTrade(event)
    }
}

impl From<AggTradeEvent> for crate::MarketEvent {
    fn from(event: AggTradeEvent) -> Self {
        Self::Usdm(event.into())
    }
}

impl From<MarkPriceEvent> for MarketEvent {
    fn from(event: MarkPriceEvent) -> Self {
        Self::MarkPrice(event)
    }
}

impl From<MarkPriceEvent> for crate::MarketEvent {
    fn from(event: MarkPriceEvent) -> Self {
        Self::Usdm(event.into())
    }
}

impl From<List<MarkPriceEvent>> for MarketEvent {
    fn from(event: List<MarkPriceEvent>) -> Self {
        Self::MarkPrices(event)
    }
}

impl From<List<MarkPriceEvent>> for crate::MarketEvent {
    fn from(event: List<MarkPriceEvent>) -> Self {
        Self::Usdm(event.into())
    }
}

impl From<BookTickerEvent> for MarketEvent {
    fn from(event: BookTickerEvent) -> Self {
        Self::BookTicker(event)
    }
}

impl From<BookTickerEvent> for crate::MarketEvent {
    fn from(event: BookTickerEvent) -> Self {
        Self::Usdm(event.into())
    }
}

impl From<DepthEvent> for MarketEvent {
    fn from(event: DepthEvent) -> Self {
        Self::Depth(event)
    }
}

impl From<DepthEvent> for crate::MarketEvent {
    fn from(event: DepthEvent) -> Self {
        Self::Usdm(event.into())
    }
}

impl Encode for MarketEvent {
    fn encode(&self, json: &mut JsonWriter) {
        match self {
            Self::Trade(event) => event.encode(json),
            Self::AggTrade(event) => event.encode(json),
            Self::MarkPrice(event) => event.encode(json),
            Self::MarkPrices(event) => event.encode(json),
            Self::BookTicker(event) => event.encode(json),
            Self::Depth(event) => event.encode(json),
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
            Self::MarkPrice(_) | Self::MarkPrices(_) => Cow::Borrowed("markPriceUpdate"),
            Self::BookTicker(_) => Cow::Borrowed("bookTicker"),
            Self::Depth(_) => Cow::Borrowed("depthUpdate"),
            Self::Unknown(event) => Cow::Borrowed(&event.event_type),
        }
    }

    /// The symbol the event is about, unless it is about several, or none.
    pub fn symbol(&self) -> Option<&Symbol> {
        match self {
            Self::Trade(event) => Some(&event.symbol),
            Self::AggTrade(event) => Some(&event.symbol),
            Self::MarkPrice(event) => Some(&event.symbol),
            Self::BookTicker(event) => Some(&event.symbol),
            Self::Depth(event) => Some(&event.symbol),
            Self::Unknown(_) | Self::MarkPrices(_) => None,
        }
    }
}

#[cfg(feature = "serde")]
crate::wire::serde_values! {
    AggTradeEvent,
    BookTickerEvent,
    DepthEvent,
    MarkPriceEvent,
    TradeEvent,
}

#[cfg(feature = "serde")]
crate::wire::serde_event! { MarketEvent, |event| event.to_json() }
