// Written by `cargo xtask codegen` from crates/model/spec/spot/user_data.toml; do not edit.

//! Events of the user-data stream.

use super::all::{
    ContingencyType, ExpiryReason, ListOrderStatus, ListStatusType, MatchType, OrderStatus, OrderType,
    PegOffsetType, PegPriceType, SelfTradePreventionMode, ServerShutdownEvent, TimeInForce, WorkingFloor,
};
use crate::common::{Activation, UnknownEvent};
use crate::generated::common::OrderSide;
use crate::macros::wire_enum;
use crate::support;
use binance_kit_core::decode::{
    DecodeInOrder, EventFrame, FastReader, Layout, Value, field, optional, required,
};
use binance_kit_core::id::{AllocationId, ExecutionId, OrderId, OrderListId, PreventedMatchId, TradeId};
use binance_kit_core::{
    Asset, ClientOrderId, Decimal, Decode, DecodeError, Encode, JsonWriter, List, Sequence, StreamEvent,
    Symbol, Timestamp, UnreadableElement,
};
use std::borrow::Cow;

wire_enum! {
    /// Execution type of a report about an order.
    ExecutionType {
        /// Accepted.
        New = "NEW",
        /// Cancelled.
        Canceled = "CANCELED",
        /// Amended.
        Replaced = "REPLACED",
        /// Rejected.
        Rejected = "REJECTED",
        /// Traded, partially or completely.
        Trade = "TRADE",
        /// Expired by the rules of its type, or by the exchange.
        Expired = "EXPIRED",
        /// Expired by self-trade prevention.
        TradePrevention = "TRADE_PREVENTION",
    }
}

wire_enum! {
    /// Reject reason of an order.
    OrderRejectReason {
        /// Not rejected.
        None = "NONE",
        /// Insufficient balance.
        InsufficientBalances = "INSUFFICIENT_BALANCES",
        /// The stop price is already reached.
        StopPriceWouldTriggerImmediately = "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY",
        /// A post-only order would trade immediately.
        WouldMatchImmediately = "WOULD_MATCH_IMMEDIATELY",
        /// The prices of the OCO do not fit together.
        OcoBadPrices = "OCO_BAD_PRICES",
    }
}

/// The balance of an asset, in an account event.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AccountBalance {
    /// Asset.
    pub asset: Asset,
    /// Free amount.
    pub free: Decimal,
    /// Locked amount.
    pub locked: Decimal,
}

impl AccountBalance {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut asset = None;
        let mut free = None;
        let mut locked = None;
        for (key, found) in value.object()? {
            match key {
                "a" => field(&mut asset, "a", found)?,
                "f" => field(&mut free, "f", found)?,
                "l" => field(&mut locked, "l", found)?,
                _ => {}
            }
        }
        Ok(Self { asset: required(asset, "a")?, free: required(free, "f")?, locked: required(locked, "l")? })
    }
}

impl Decode for AccountBalance {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("AccountBalance"))
    }
}

impl Encode for AccountBalance {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("a", &self.asset);
        json.field("f", &self.free);
        json.field("l", &self.locked);
        json.end_object();
    }
}

impl AccountBalance {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"a\":\"")?;
        let asset = input.text_inside().map(Asset::from_wire)?;
        input.literal(b"\",\"f\":\"")?;
        let free = input.decimal_inside()?;
        input.literal(b"\",\"l\":\"")?;
        let locked = input.decimal_inside()?;
        input.literal(b"\"}")?;
        *start = reader;
        Some(Self { asset, free, locked })
    }
}

impl DecodeInOrder for AccountBalance {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

/// Balances that changed, or may have changed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AccountPositionEvent {
    /// Event time.
    pub event_time: Timestamp,
    /// Time of the last account update.
    pub last_update_time: Timestamp,
    /// Balances after the change.
    pub balances: List<AccountBalance>,
}

impl AccountPositionEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut last_update_time = None;
        let mut balances = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "outboundAccountPosition", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "u" => support::time(&mut last_update_time, "u", found)?,
                "B" => field(&mut balances, "B", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self {
            event_time: required(event_time, "E")?,
            last_update_time: required(last_update_time, "u")?,
            balances: required(balances, "B")?,
        })
    }

    fn read_over(&mut self, value: Value<'_>) -> Result<(), DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut last_update_time = None;
        let mut balances = false;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "outboundAccountPosition", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "u" => support::time(&mut last_update_time, "u", found)?,
                "B" => support::list_over(&mut self.balances, &mut balances, "B", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        self.event_time = required(event_time, "E")?;
        self.last_update_time = required(last_update_time, "u")?;
        support::required_constant(balances, "B")?;
        Ok(())
    }
}

impl Decode for AccountPositionEvent {
    const LAYOUT: Layout = Layout::Fields(&["B"]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("AccountPositionEvent"))
    }

    fn decode_into(&mut self, value: Value<'_>) -> Result<(), DecodeError> {
        self.read_over(value).map_err(|error| error.in_type("AccountPositionEvent"))
    }
}

impl Encode for AccountPositionEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "outboundAccountPosition");
        json.field("E", &self.event_time);
        json.field("u", &self.last_update_time);
        json.field("B", &self.balances);
        json.end_object();
    }
}

impl AccountPositionEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"outboundAccountPosition\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"u\":")?;
        let last_update_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"B\":")?;
        let balances = DecodeInOrder::decode_in_order(input)?;
        input.literal(b"}")?;
        *start = reader;
        Some(Self { event_time, last_update_time, balances })
    }

    fn in_order_over(&mut self, start: &mut FastReader<'_>) -> Option<()> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"outboundAccountPosition\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"u\":")?;
        let last_update_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"B\":")?;
        self.balances.decode_in_order_into(input)?;
        input.literal(b"}")?;
        *start = reader;
        self.event_time = event_time;
        self.last_update_time = last_update_time;
        Some(())
    }
}

impl DecodeInOrder for AccountPositionEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }

    #[inline]
    fn decode_in_order_into(&mut self, input: &mut FastReader<'_>) -> Option<()> {
        self.in_order_over(input)
    }
}

impl StreamEvent for AccountPositionEvent {
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

    fn each_unreadable(&self, each: &mut dyn FnMut(&UnreadableElement)) {
        self.balances.unreadable().iter().for_each(&mut *each);
    }

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.event_time)
    }
}

/// A deposit, a withdrawal, or a transfer between accounts.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BalanceEvent {
    /// Event time.
    pub event_time: Timestamp,
    /// Asset.
    pub asset: Asset,
    /// The change.
    pub delta: Decimal,
    /// Clear time.
    pub clear_time: Timestamp,
}

impl BalanceEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut asset = None;
        let mut delta = None;
        let mut clear_time = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "balanceUpdate", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "a" => field(&mut asset, "a", found)?,
                "d" => field(&mut delta, "d", found)?,
                "T" => support::time(&mut clear_time, "T", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self {
            event_time: required(event_time, "E")?,
            asset: required(asset, "a")?,
            delta: required(delta, "d")?,
            clear_time: required(clear_time, "T")?,
        })
    }
}

impl Decode for BalanceEvent {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("BalanceEvent"))
    }
}

impl Encode for BalanceEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "balanceUpdate");
        json.field("E", &self.event_time);
        json.field("a", &self.asset);
        json.field("d", &self.delta);
        json.field("T", &self.clear_time);
        json.end_object();
    }
}

impl BalanceEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"balanceUpdate\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"a\":\"")?;
        let asset = input.text_inside().map(Asset::from_wire)?;
        input.literal(b"\",\"d\":\"")?;
        let delta = input.decimal_inside()?;
        input.literal(b"\",\"T\":")?;
        let clear_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b"}")?;
        *start = reader;
        Some(Self { event_time, asset, delta, clear_time })
    }
}

impl DecodeInOrder for BalanceEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

impl StreamEvent for BalanceEvent {
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

/// A part of a balance was locked or released by something outside spot trading.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ExternalLockEvent {
    /// Event time.
    pub event_time: Timestamp,
    /// Asset.
    pub asset: Asset,
    /// Change of the locked amount.
    pub delta: Decimal,
    /// Transaction time.
    pub transaction_time: Timestamp,
}

impl ExternalLockEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut asset = None;
        let mut delta = None;
        let mut transaction_time = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "externalLockUpdate", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "a" => field(&mut asset, "a", found)?,
                "d" => field(&mut delta, "d", found)?,
                "T" => support::time(&mut transaction_time, "T", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self {
            event_time: required(event_time, "E")?,
            asset: required(asset, "a")?,
            delta: required(delta, "d")?,
            transaction_time: required(transaction_time, "T")?,
        })
    }
}

impl Decode for ExternalLockEvent {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("ExternalLockEvent"))
    }
}

impl Encode for ExternalLockEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "externalLockUpdate");
        json.field("E", &self.event_time);
        json.field("a", &self.asset);
        json.field("d", &self.delta);
        json.field("T", &self.transaction_time);
        json.end_object();
    }
}

impl ExternalLockEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"externalLockUpdate\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"a\":\"")?;
        let asset = input.text_inside().map(Asset::from_wire)?;
        input.literal(b"\",\"d\":\"")?;
        let delta = input.decimal_inside()?;
        input.literal(b"\",\"T\":")?;
        let transaction_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b"}")?;
        *start = reader;
        Some(Self { event_time, asset, delta, transaction_time })
    }
}

impl DecodeInOrder for ExternalLockEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

impl StreamEvent for ExternalLockEvent {
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

/// An execution report of an order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderEvent {
    /// Event time.
    pub event_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// Client order id; after a cancellation, that of the cancellation.
    pub client_order_id: ClientOrderId,
    /// Side.
    pub side: OrderSide,
    /// Order type.
    pub order_type: OrderType,
    /// Time in force.
    pub time_in_force: Option<TimeInForce>,
    /// The quantity of the order in the base asset.
    pub quantity: Decimal,
    /// The price of the order.
    pub price: Decimal,
    /// Stop price.
    pub stop_price: Decimal,
    /// Visible quantity (iceberg).
    pub iceberg_quantity: Decimal,
    /// Order list id.
    pub order_list_id: Option<OrderListId>,
    /// Client order id of the cancelled order; empty otherwise.
    pub original_client_order_id: ClientOrderId,
    /// Execution type.
    pub execution_type: ExecutionType,
    /// Status of the order.
    pub order_status: OrderStatus,
    /// Reject reason; `NONE` if absent.
    pub reject_reason: OrderRejectReason,
    /// The id of the order.
    pub order_id: OrderId,
    /// Last executed quantity.
    pub last_executed_quantity: Decimal,
    /// Cumulative filled quantity.
    pub cumulative_filled_quantity: Decimal,
    /// The price of this trade.
    pub last_executed_price: Decimal,
    /// The commission of this trade.
    pub commission: Decimal,
    /// The asset of the commission.
    pub commission_asset: Option<Asset>,
    /// Transaction time.
    pub transaction_time: Timestamp,
    /// The id of this trade.
    pub trade_id: Option<TradeId>,
    /// Id of the prevented match.
    pub prevented_match_id: Option<PreventedMatchId>,
    /// The id of the report.
    pub execution_id: ExecutionId,
    /// Whether the order is in the book; `false` if absent.
    pub is_on_book: bool,
    /// Whether the order was the maker of this trade.
    pub is_maker: Option<bool>,
    /// Unused field of the exchange.
    pub ignored: Option<bool>,
    /// Order creation time.
    pub order_creation_time: Timestamp,
    /// Cumulative quote asset quantity.
    pub cumulative_quote_quantity: Decimal,
    /// Quantity of this trade in the quote asset.
    pub last_quote_quantity: Decimal,
    /// Quantity in the quote asset, for orders placed with one.
    pub quote_order_quantity: Decimal,
    /// Time at which the order entered the book.
    pub working_time: Option<Activation>,
    /// Self-trade prevention mode.
    pub self_trade_prevention_mode: Option<SelfTradePreventionMode>,
    /// Trailing delta in basis points.
    pub trailing_delta: Option<u64>,
    /// Time at which the trailing stop became active.
    pub trailing_time: Option<Activation>,
    /// Strategy id given by the user.
    pub strategy_id: Option<i64>,
    /// Strategy type given by the user.
    pub strategy_type: Option<i32>,
    /// Total prevented quantity.
    pub prevented_quantity: Option<Decimal>,
    /// Quantity prevented by this match.
    pub last_prevented_quantity: Option<Decimal>,
    /// The group of accounts for self-trade prevention.
    pub trade_group_id: Option<u64>,
    /// The order on the other side of the prevented match.
    pub counter_order_id: Option<OrderId>,
    /// The symbol of that order.
    pub counter_symbol: Option<Symbol>,
    /// The quantity of the prevented match.
    pub prevented_execution_quantity: Option<Decimal>,
    /// The price of the prevented match.
    pub prevented_execution_price: Option<Decimal>,
    /// Prevented quantity in the quote asset.
    pub prevented_execution_quote: Option<Decimal>,
    /// Match type.
    pub match_type: Option<MatchType>,
    /// Allocation id, under smart order routing.
    pub allocation_id: Option<AllocationId>,
    /// Working floor.
    pub working_floor: Option<WorkingFloor>,
    /// Whether smart order routing was used.
    pub used_sor: Option<bool>,
    /// Price to which the order is pegged.
    pub peg_price_type: Option<PegPriceType>,
    /// Unit of the offset.
    pub peg_offset_type: Option<PegOffsetType>,
    /// The offset.
    pub peg_offset_value: Option<u32>,
    /// Price that results from the peg.
    pub pegged_price: Option<Decimal>,
    /// Expiry reason.
    pub expiry_reason: Option<ExpiryReason>,
}

impl OrderEvent {
    #[expect(clippy::too_many_lines, reason = "three for each field")]
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut symbol = None;
        let mut client_order_id = None;
        let mut side = None;
        let mut order_type = None;
        let mut time_in_force = None;
        let mut quantity = None;
        let mut price = None;
        let mut stop_price = None;
        let mut iceberg_quantity = None;
        let mut order_list_id = None;
        let mut original_client_order_id = None;
        let mut execution_type = None;
        let mut order_status = None;
        let mut reject_reason = None;
        let mut order_id = None;
        let mut last_executed_quantity = None;
        let mut cumulative_filled_quantity = None;
        let mut last_executed_price = None;
        let mut commission = None;
        let mut commission_asset = None;
        let mut transaction_time = None;
        let mut trade_id = None;
        let mut prevented_match_id = None;
        let mut execution_id = None;
        let mut is_on_book = None;
        let mut is_maker = None;
        let mut ignored = None;
        let mut order_creation_time = None;
        let mut cumulative_quote_quantity = None;
        let mut last_quote_quantity = None;
        let mut quote_order_quantity = None;
        let mut working_time = None;
        let mut self_trade_prevention_mode = None;
        let mut trailing_delta = None;
        let mut trailing_time = None;
        let mut strategy_id = None;
        let mut strategy_type = None;
        let mut prevented_quantity = None;
        let mut last_prevented_quantity = None;
        let mut trade_group_id = None;
        let mut counter_order_id = None;
        let mut counter_symbol = None;
        let mut prevented_execution_quantity = None;
        let mut prevented_execution_price = None;
        let mut prevented_execution_quote = None;
        let mut match_type = None;
        let mut allocation_id = None;
        let mut working_floor = None;
        let mut used_sor = None;
        let mut peg_price_type = None;
        let mut peg_offset_type = None;
        let mut peg_offset_value = None;
        let mut pegged_price = None;
        let mut expiry_reason = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "executionReport", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "c" => field(&mut client_order_id, "c", found)?,
                "S" => field(&mut side, "S", found)?,
                "o" => field(&mut order_type, "o", found)?,
                "f" => field(&mut time_in_force, "f", found)?,
                "q" => field(&mut quantity, "q", found)?,
                "p" => field(&mut price, "p", found)?,
                "P" => field(&mut stop_price, "P", found)?,
                "F" => field(&mut iceberg_quantity, "F", found)?,
                "g" => support::field_or_minus_one(&mut order_list_id, "g", found)?,
                "C" => field(&mut original_client_order_id, "C", found)?,
                "x" => field(&mut execution_type, "x", found)?,
                "X" => field(&mut order_status, "X", found)?,
                "r" => field(&mut reject_reason, "r", found)?,
                "i" => support::whole(&mut order_id, "i", found)?,
                "l" => field(&mut last_executed_quantity, "l", found)?,
                "z" => field(&mut cumulative_filled_quantity, "z", found)?,
                "L" => field(&mut last_executed_price, "L", found)?,
                "n" => field(&mut commission, "n", found)?,
                "N" => field(&mut commission_asset, "N", found)?,
                "T" => support::time(&mut transaction_time, "T", found)?,
                "t" => support::field_or_minus_one(&mut trade_id, "t", found)?,
                "v" => support::place(&mut prevented_match_id, "v", found)?,
                "I" => support::whole(&mut execution_id, "I", found)?,
                "w" => field(&mut is_on_book, "w", found)?,
                "m" => field(&mut is_maker, "m", found)?,
                "M" => field(&mut ignored, "M", found)?,
                "O" => support::time(&mut order_creation_time, "O", found)?,
                "Z" => field(&mut cumulative_quote_quantity, "Z", found)?,
                "Y" => field(&mut last_quote_quantity, "Y", found)?,
                "Q" => field(&mut quote_order_quantity, "Q", found)?,
                "W" => field(&mut working_time, "W", found)?,
                "V" => field(&mut self_trade_prevention_mode, "V", found)?,
                "d" => field(&mut trailing_delta, "d", found)?,
                "D" => field(&mut trailing_time, "D", found)?,
                "j" => field(&mut strategy_id, "j", found)?,
                "J" => field(&mut strategy_type, "J", found)?,
                "A" => field(&mut prevented_quantity, "A", found)?,
                "B" => field(&mut last_prevented_quantity, "B", found)?,
                "u" => field(&mut trade_group_id, "u", found)?,
                "U" => support::place(&mut counter_order_id, "U", found)?,
                "Cs" => field(&mut counter_symbol, "Cs", found)?,
                "pl" => field(&mut prevented_execution_quantity, "pl", found)?,
                "pL" => field(&mut prevented_execution_price, "pL", found)?,
                "pY" => field(&mut prevented_execution_quote, "pY", found)?,
                "b" => field(&mut match_type, "b", found)?,
                "a" => support::place(&mut allocation_id, "a", found)?,
                "k" => field(&mut working_floor, "k", found)?,
                "uS" => field(&mut used_sor, "uS", found)?,
                "gP" => field(&mut peg_price_type, "gP", found)?,
                "gOT" => field(&mut peg_offset_type, "gOT", found)?,
                "gOV" => field(&mut peg_offset_value, "gOV", found)?,
                "gp" => field(&mut pegged_price, "gp", found)?,
                "eR" => field(&mut expiry_reason, "eR", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self {
            event_time: required(event_time, "E")?,
            symbol: required(symbol, "s")?,
            client_order_id: required(client_order_id, "c")?,
            side: required(side, "S")?,
            order_type: required(order_type, "o")?,
            time_in_force: optional(time_in_force),
            quantity: required(quantity, "q")?,
            price: required(price, "p")?,
            stop_price: required(stop_price, "P")?,
            iceberg_quantity: required(iceberg_quantity, "F")?,
            order_list_id: optional(order_list_id),
            original_client_order_id: required(original_client_order_id, "C")?,
            execution_type: required(execution_type, "x")?,
            order_status: required(order_status, "X")?,
            reject_reason: optional(reject_reason).unwrap_or(OrderRejectReason::None),
            order_id: required(order_id, "i")?,
            last_executed_quantity: required(last_executed_quantity, "l")?,
            cumulative_filled_quantity: required(cumulative_filled_quantity, "z")?,
            last_executed_price: required(last_executed_price, "L")?,
            commission: required(commission, "n")?,
            commission_asset: optional(commission_asset),
            transaction_time: required(transaction_time, "T")?,
            trade_id: optional(trade_id),
            prevented_match_id: optional(prevented_match_id),
            execution_id: required(execution_id, "I")?,
            is_on_book: optional(is_on_book).unwrap_or_default(),
            is_maker: optional(is_maker),
            ignored: optional(ignored),
            order_creation_time: required(order_creation_time, "O")?,
            cumulative_quote_quantity: required(cumulative_quote_quantity, "Z")?,
            last_quote_quantity: required(last_quote_quantity, "Y")?,
            quote_order_quantity: required(quote_order_quantity, "Q")?,
            working_time: optional(working_time),
            self_trade_prevention_mode: optional(self_trade_prevention_mode),
            trailing_delta: optional(trailing_delta),
            trailing_time: optional(trailing_time),
            strategy_id: optional(strategy_id),
            strategy_type: optional(strategy_type),
            prevented_quantity: optional(prevented_quantity),
            last_prevented_quantity: optional(last_prevented_quantity),
            trade_group_id: optional(trade_group_id),
            counter_order_id: optional(counter_order_id),
            counter_symbol: optional(counter_symbol),
            prevented_execution_quantity: optional(prevented_execution_quantity),
            prevented_execution_price: optional(prevented_execution_price),
            prevented_execution_quote: optional(prevented_execution_quote),
            match_type: optional(match_type),
            allocation_id: optional(allocation_id),
            working_floor: optional(working_floor),
            used_sor: optional(used_sor),
            peg_price_type: optional(peg_price_type),
            peg_offset_type: optional(peg_offset_type),
            peg_offset_value: optional(peg_offset_value),
            pegged_price: optional(pegged_price),
            expiry_reason: optional(expiry_reason),
        })
    }
}

impl Decode for OrderEvent {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("OrderEvent"))
    }
}

impl Encode for OrderEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "executionReport");
        json.field("E", &self.event_time);
        json.field("s", &self.symbol);
        json.field("c", &self.client_order_id);
        json.field("S", &self.side);
        json.field("o", &self.order_type);
        json.optional("f", self.time_in_force.as_ref());
        json.field("q", &self.quantity);
        json.field("p", &self.price);
        json.field("P", &self.stop_price);
        json.field("F", &self.iceberg_quantity);
        support::or_minus_one(json, "g", self.order_list_id.as_ref());
        json.field("C", &self.original_client_order_id);
        json.field("x", &self.execution_type);
        json.field("X", &self.order_status);
        json.field("r", &self.reject_reason);
        json.field("i", &self.order_id);
        json.field("l", &self.last_executed_quantity);
        json.field("z", &self.cumulative_filled_quantity);
        json.field("L", &self.last_executed_price);
        json.field("n", &self.commission);
        json.field("N", &self.commission_asset);
        json.field("T", &self.transaction_time);
        support::or_minus_one(json, "t", self.trade_id.as_ref());
        json.optional("v", self.prevented_match_id.as_ref());
        json.field("I", &self.execution_id);
        json.field("w", &self.is_on_book);
        json.optional("m", self.is_maker.as_ref());
        json.optional("M", self.ignored.as_ref());
        json.field("O", &self.order_creation_time);
        json.field("Z", &self.cumulative_quote_quantity);
        json.field("Y", &self.last_quote_quantity);
        json.field("Q", &self.quote_order_quantity);
        json.optional("W", self.working_time.as_ref());
        json.optional("V", self.self_trade_prevention_mode.as_ref());
        json.optional("d", self.trailing_delta.as_ref());
        json.optional("D", self.trailing_time.as_ref());
        json.optional("j", self.strategy_id.as_ref());
        json.optional("J", self.strategy_type.as_ref());
        json.optional("A", self.prevented_quantity.as_ref());
        json.optional("B", self.last_prevented_quantity.as_ref());
        json.optional("u", self.trade_group_id.as_ref());
        json.optional("U", self.counter_order_id.as_ref());
        json.optional("Cs", self.counter_symbol.as_ref());
        json.optional("pl", self.prevented_execution_quantity.as_ref());
        json.optional("pL", self.prevented_execution_price.as_ref());
        json.optional("pY", self.prevented_execution_quote.as_ref());
        json.optional("b", self.match_type.as_ref());
        json.optional("a", self.allocation_id.as_ref());
        json.optional("k", self.working_floor.as_ref());
        json.optional("uS", self.used_sor.as_ref());
        json.optional("gP", self.peg_price_type.as_ref());
        json.optional("gOT", self.peg_offset_type.as_ref());
        json.optional("gOV", self.peg_offset_value.as_ref());
        json.optional("gp", self.pegged_price.as_ref());
        json.optional("eR", self.expiry_reason.as_ref());
        json.end_object();
    }
}

impl OrderEvent {
    #[allow(clippy::too_many_lines, reason = "two and more for each field")]
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"executionReport\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"c\":\"")?;
        let client_order_id = input.text_inside().map(ClientOrderId::from_wire)?;
        input.literal(b"\",\"S\":")?;
        let side = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"o\":")?;
        let order_type = DecodeInOrder::decode_in_order(input)?;
        let time_in_force = if input.literal(b",\"f\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b",\"q\":\"")?;
        let quantity = input.decimal_inside()?;
        input.literal(b"\",\"p\":\"")?;
        let price = input.decimal_inside()?;
        input.literal(b"\",\"P\":\"")?;
        let stop_price = input.decimal_inside()?;
        input.literal(b"\",\"F\":\"")?;
        let iceberg_quantity = input.decimal_inside()?;
        input.literal(b"\",\"g\":")?;
        let order_list_id = input.whole_or_minus_one()?;
        input.literal(b",\"C\":\"")?;
        let original_client_order_id = input.text_inside().map(ClientOrderId::from_wire)?;
        input.literal(b"\",\"x\":")?;
        let execution_type = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"X\":")?;
        let order_status = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"r\":")?;
        let reject_reason = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"i\":")?;
        let order_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"l\":\"")?;
        let last_executed_quantity = input.decimal_inside()?;
        input.literal(b"\",\"z\":\"")?;
        let cumulative_filled_quantity = input.decimal_inside()?;
        input.literal(b"\",\"L\":\"")?;
        let last_executed_price = input.decimal_inside()?;
        input.literal(b"\",\"n\":\"")?;
        let commission = input.decimal_inside()?;
        input.literal(b"\",\"N\":")?;
        let commission_asset = input.or_null()?;
        input.literal(b",\"T\":")?;
        let transaction_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"t\":")?;
        let trade_id = input.whole_or_minus_one()?;
        let prevented_match_id = if input.literal(b",\"v\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b",\"I\":")?;
        let execution_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"w\":")?;
        let is_on_book = DecodeInOrder::decode_in_order(input)?;
        let is_maker = if input.literal(b",\"m\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let ignored = if input.literal(b",\"M\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b",\"O\":")?;
        let order_creation_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"Z\":\"")?;
        let cumulative_quote_quantity = input.decimal_inside()?;
        input.literal(b"\",\"Y\":\"")?;
        let last_quote_quantity = input.decimal_inside()?;
        input.literal(b"\",\"Q\":\"")?;
        let quote_order_quantity = input.decimal_inside()?;
        input.literal(b"\"")?;
        let working_time = if input.literal(b",\"W\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let self_trade_prevention_mode = if input.literal(b",\"V\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let trailing_delta = if input.literal(b",\"d\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let trailing_time = if input.literal(b",\"D\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let strategy_id = if input.literal(b",\"j\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let strategy_type = if input.literal(b",\"J\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let prevented_quantity = if input.literal(b",\"A\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let last_prevented_quantity = if input.literal(b",\"B\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let trade_group_id = if input.literal(b",\"u\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let counter_order_id = if input.literal(b",\"U\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let counter_symbol = if input.literal(b",\"Cs\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let prevented_execution_quantity = if input.literal(b",\"pl\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let prevented_execution_price = if input.literal(b",\"pL\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let prevented_execution_quote = if input.literal(b",\"pY\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let match_type = if input.literal(b",\"b\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let allocation_id = if input.literal(b",\"a\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let working_floor = if input.literal(b",\"k\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let used_sor = if input.literal(b",\"uS\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let peg_price_type = if input.literal(b",\"gP\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let peg_offset_type = if input.literal(b",\"gOT\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let peg_offset_value = if input.literal(b",\"gOV\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let pegged_price = if input.literal(b",\"gp\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let expiry_reason = if input.literal(b",\"eR\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b"}")?;
        *start = reader;
        Some(Self {
            event_time,
            symbol,
            client_order_id,
            side,
            order_type,
            time_in_force,
            quantity,
            price,
            stop_price,
            iceberg_quantity,
            order_list_id,
            original_client_order_id,
            execution_type,
            order_status,
            reject_reason,
            order_id,
            last_executed_quantity,
            cumulative_filled_quantity,
            last_executed_price,
            commission,
            commission_asset,
            transaction_time,
            trade_id,
            prevented_match_id,
            execution_id,
            is_on_book,
            is_maker,
            ignored,
            order_creation_time,
            cumulative_quote_quantity,
            last_quote_quantity,
            quote_order_quantity,
            working_time,
            self_trade_prevention_mode,
            trailing_delta,
            trailing_time,
            strategy_id,
            strategy_type,
            prevented_quantity,
            last_prevented_quantity,
            trade_group_id,
            counter_order_id,
            counter_symbol,
            prevented_execution_quantity,
            prevented_execution_price,
            prevented_execution_quote,
            match_type,
            allocation_id,
            working_floor,
            used_sor,
            peg_price_type,
            peg_offset_type,
            peg_offset_value,
            pegged_price,
            expiry_reason,
        })
    }
}

impl DecodeInOrder for OrderEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

impl StreamEvent for OrderEvent {
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

/// An order of a list, in a list event.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderListEntry {
    /// Symbol.
    pub symbol: Symbol,
    /// The id of the order.
    pub order_id: OrderId,
    /// Client order id.
    pub client_order_id: ClientOrderId,
}

impl OrderListEntry {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut order_id = None;
        let mut client_order_id = None;
        for (key, found) in value.object()? {
            match key {
                "s" => field(&mut symbol, "s", found)?,
                "i" => support::whole(&mut order_id, "i", found)?,
                "c" => field(&mut client_order_id, "c", found)?,
                _ => {}
            }
        }
        Ok(Self {
            symbol: required(symbol, "s")?,
            order_id: required(order_id, "i")?,
            client_order_id: required(client_order_id, "c")?,
        })
    }
}

impl Decode for OrderListEntry {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("OrderListEntry"))
    }
}

impl Encode for OrderListEntry {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("s", &self.symbol);
        json.field("i", &self.order_id);
        json.field("c", &self.client_order_id);
        json.end_object();
    }
}

impl OrderListEntry {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"i\":")?;
        let order_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"c\":\"")?;
        let client_order_id = input.text_inside().map(ClientOrderId::from_wire)?;
        input.literal(b"\"}")?;
        *start = reader;
        Some(Self { symbol, order_id, client_order_id })
    }
}

impl DecodeInOrder for OrderListEntry {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

/// An update of an order list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderListEvent {
    /// Event time.
    pub event_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// The id of the list.
    pub order_list_id: OrderListId,
    /// Contingency type.
    pub contingency_type: ContingencyType,
    /// List status type.
    pub list_status_type: ListStatusType,
    /// Status of the list.
    pub list_order_status: ListOrderStatus,
    /// Reject reason; `NONE` if absent.
    pub reject_reason: OrderRejectReason,
    /// Client order id of the list.
    pub list_client_order_id: ClientOrderId,
    /// Transaction time.
    pub transaction_time: Timestamp,
    /// Orders of the list.
    pub orders: List<OrderListEntry>,
}

impl OrderListEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut symbol = None;
        let mut order_list_id = None;
        let mut contingency_type = None;
        let mut list_status_type = None;
        let mut list_order_status = None;
        let mut reject_reason = None;
        let mut list_client_order_id = None;
        let mut transaction_time = None;
        let mut orders = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "listStatus", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "g" => support::whole(&mut order_list_id, "g", found)?,
                "c" => field(&mut contingency_type, "c", found)?,
                "l" => field(&mut list_status_type, "l", found)?,
                "L" => field(&mut list_order_status, "L", found)?,
                "r" => field(&mut reject_reason, "r", found)?,
                "C" => field(&mut list_client_order_id, "C", found)?,
                "T" => support::time(&mut transaction_time, "T", found)?,
                "O" => field(&mut orders, "O", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self {
            event_time: required(event_time, "E")?,
            symbol: required(symbol, "s")?,
            order_list_id: required(order_list_id, "g")?,
            contingency_type: required(contingency_type, "c")?,
            list_status_type: required(list_status_type, "l")?,
            list_order_status: required(list_order_status, "L")?,
            reject_reason: optional(reject_reason).unwrap_or(OrderRejectReason::None),
            list_client_order_id: required(list_client_order_id, "C")?,
            transaction_time: required(transaction_time, "T")?,
            orders: required(orders, "O")?,
        })
    }

    fn read_over(&mut self, value: Value<'_>) -> Result<(), DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        let mut symbol = None;
        let mut order_list_id = None;
        let mut contingency_type = None;
        let mut list_status_type = None;
        let mut list_order_status = None;
        let mut reject_reason = None;
        let mut list_client_order_id = None;
        let mut transaction_time = None;
        let mut orders = false;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "listStatus", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "s" => field(&mut symbol, "s", found)?,
                "g" => support::whole(&mut order_list_id, "g", found)?,
                "c" => field(&mut contingency_type, "c", found)?,
                "l" => field(&mut list_status_type, "l", found)?,
                "L" => field(&mut list_order_status, "L", found)?,
                "r" => field(&mut reject_reason, "r", found)?,
                "C" => field(&mut list_client_order_id, "C", found)?,
                "T" => support::time(&mut transaction_time, "T", found)?,
                "O" => support::list_over(&mut self.orders, &mut orders, "O", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        self.event_time = required(event_time, "E")?;
        self.symbol = required(symbol, "s")?;
        self.order_list_id = required(order_list_id, "g")?;
        self.contingency_type = required(contingency_type, "c")?;
        self.list_status_type = required(list_status_type, "l")?;
        self.list_order_status = required(list_order_status, "L")?;
        self.reject_reason = optional(reject_reason).unwrap_or(OrderRejectReason::None);
        self.list_client_order_id = required(list_client_order_id, "C")?;
        self.transaction_time = required(transaction_time, "T")?;
        support::required_constant(orders, "O")?;
        Ok(())
    }
}

impl Decode for OrderListEvent {
    const LAYOUT: Layout = Layout::Fields(&["O"]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("OrderListEvent"))
    }

    fn decode_into(&mut self, value: Value<'_>) -> Result<(), DecodeError> {
        self.read_over(value).map_err(|error| error.in_type("OrderListEvent"))
    }
}

impl Encode for OrderListEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "listStatus");
        json.field("E", &self.event_time);
        json.field("s", &self.symbol);
        json.field("g", &self.order_list_id);
        json.field("c", &self.contingency_type);
        json.field("l", &self.list_status_type);
        json.field("L", &self.list_order_status);
        json.field("r", &self.reject_reason);
        json.field("C", &self.list_client_order_id);
        json.field("T", &self.transaction_time);
        json.field("O", &self.orders);
        json.end_object();
    }
}

impl OrderListEvent {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"listStatus\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"g\":")?;
        let order_list_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"c\":")?;
        let contingency_type = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"l\":")?;
        let list_status_type = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"L\":")?;
        let list_order_status = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"r\":")?;
        let reject_reason = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"C\":\"")?;
        let list_client_order_id = input.text_inside().map(ClientOrderId::from_wire)?;
        input.literal(b"\",\"T\":")?;
        let transaction_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"O\":")?;
        let orders = DecodeInOrder::decode_in_order(input)?;
        input.literal(b"}")?;
        *start = reader;
        Some(Self {
            event_time,
            symbol,
            order_list_id,
            contingency_type,
            list_status_type,
            list_order_status,
            reject_reason,
            list_client_order_id,
            transaction_time,
            orders,
        })
    }

    fn in_order_over(&mut self, start: &mut FastReader<'_>) -> Option<()> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"e\":\"listStatus\",\"E\":")?;
        let event_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"s\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"g\":")?;
        let order_list_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"c\":")?;
        let contingency_type = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"l\":")?;
        let list_status_type = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"L\":")?;
        let list_order_status = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"r\":")?;
        let reject_reason = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"C\":\"")?;
        let list_client_order_id = input.text_inside().map(ClientOrderId::from_wire)?;
        input.literal(b"\",\"T\":")?;
        let transaction_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"O\":")?;
        self.orders.decode_in_order_into(input)?;
        input.literal(b"}")?;
        *start = reader;
        self.event_time = event_time;
        self.symbol = symbol;
        self.order_list_id = order_list_id;
        self.contingency_type = contingency_type;
        self.list_status_type = list_status_type;
        self.list_order_status = list_order_status;
        self.reject_reason = reject_reason;
        self.list_client_order_id = list_client_order_id;
        self.transaction_time = transaction_time;
        Some(())
    }
}

impl DecodeInOrder for OrderListEvent {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }

    #[inline]
    fn decode_in_order_into(&mut self, input: &mut FastReader<'_>) -> Option<()> {
        self.in_order_over(input)
    }
}

impl StreamEvent for OrderListEvent {
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

    fn each_unreadable(&self, each: &mut dyn FnMut(&UnreadableElement)) {
        self.orders.unreadable().iter().for_each(&mut *each);
    }

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.event_time)
    }
}

/// The user-data stream has ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StreamTerminatedEvent {
    /// Event time.
    pub event_time: Timestamp,
}

impl StreamTerminatedEvent {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut seen = false;
        let mut event_time = None;
        for (key, found) in value.object()? {
            match key {
                "e" => support::constant(&mut seen, "e", "eventStreamTerminated", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                _ => {}
            }
        }
        support::required_constant(seen, "e")?;
        Ok(Self { event_time: required(event_time, "E")? })
    }
}

impl Decode for StreamTerminatedEvent {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("StreamTerminatedEvent"))
    }
}

impl Encode for StreamTerminatedEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("e", "eventStreamTerminated");
        json.field("E", &self.event_time);
        json.end_object();
    }
}

impl StreamEvent for StreamTerminatedEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        Self::decode(frame.data)
    }

    fn event_time(&self) -> Option<Timestamp> {
        Some(self.event_time)
    }
}

/// All events of the user-data stream of an account.
#[expect(clippy::large_enum_variant, reason = "a box would be an allocation for every event")]
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AccountEvent {
    /// Balances that changed, or may have changed.
    AccountPosition(AccountPositionEvent),
    /// A deposit, a withdrawal, or a transfer between accounts.
    Balance(BalanceEvent),
    /// An execution report of an order.
    Order(OrderEvent),
    /// An update of an order list.
    OrderList(OrderListEvent),
    /// The user-data stream has ended.
    StreamTerminated(StreamTerminatedEvent),
    /// A part of a balance was locked or released by something outside spot trading.
    ExternalLock(ExternalLockEvent),
    /// The server will shut down and close the connection: connect again.
    ServerShutdown(ServerShutdownEvent),
    /// An event of a kind this version of the SDK does not know.
    Unknown(UnknownEvent),
}

impl StreamEvent for AccountEvent {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        match support::event_type(frame.data) {
            Some("outboundAccountPosition") => StreamEvent::decode_event(frame).map(Self::AccountPosition),
            Some("balanceUpdate") => StreamEvent::decode_event(frame).map(Self::Balance),
            Some("executionReport") => StreamEvent::decode_event(frame).map(Self::Order),
            Some("listStatus") => StreamEvent::decode_event(frame).map(Self::OrderList),
            Some("eventStreamTerminated") => StreamEvent::decode_event(frame).map(Self::StreamTerminated),
            Some("externalLockUpdate") => StreamEvent::decode_event(frame).map(Self::ExternalLock),
            Some("serverShutdown") => StreamEvent::decode_event(frame).map(Self::ServerShutdown),
            other => Ok(Self::Unknown(UnknownEvent::new(other, frame.data))),
        }
    }

    fn decode_event_into(&mut self, frame: EventFrame<'_>) -> Result<(), DecodeError> {
        match self {
            Self::AccountPosition(kept)
                if support::event_type(frame.data) == Some("outboundAccountPosition") =>
            {
                kept.decode_event_into(frame)
            }
            Self::OrderList(kept) if support::event_type(frame.data) == Some("listStatus") => {
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
                "outboundAccountPosition" => {
                    StreamEvent::decode_in_order(input, stream).map(Self::AccountPosition)
                }
                "balanceUpdate" => StreamEvent::decode_in_order(input, stream).map(Self::Balance),
                "executionReport" => StreamEvent::decode_in_order(input, stream).map(Self::Order),
                "listStatus" => StreamEvent::decode_in_order(input, stream).map(Self::OrderList),
                "externalLockUpdate" => StreamEvent::decode_in_order(input, stream).map(Self::ExternalLock),
                _ => None,
            };
        }
        None
    }

    fn decode_in_order_into(&mut self, input: &mut FastReader<'_>, stream: Option<&str>) -> Option<()> {
        match self {
            Self::AccountPosition(kept) if input.peek_text(b"{\"e\":") == Some("outboundAccountPosition") => {
                StreamEvent::decode_in_order_into(kept, input, stream)
            }
            Self::OrderList(kept) if input.peek_text(b"{\"e\":") == Some("listStatus") => {
                StreamEvent::decode_in_order_into(kept, input, stream)
            }
            _ => {
                *self = Self::decode_in_order(input, stream)?;
                Some(())
            }
        }
    }

    fn each_unreadable(&self, each: &mut dyn FnMut(&UnreadableElement)) {
        match self {
            Self::AccountPosition(event) => event.each_unreadable(each),
            Self::OrderList(event) => event.each_unreadable(each),
            _ => {}
        }
    }

    fn heap_size(&self) -> Option<usize> {
        if let Self::Unknown(event) = self { Some(event.heap_size()) } else { None }
    }

    fn event_time(&self) -> Option<Timestamp> {
        match self {
            Self::AccountPosition(event) => event.event_time(),
            Self::Balance(event) => event.event_time(),
            Self::Order(event) => event.event_time(),
            Self::OrderList(event) => event.event_time(),
            Self::StreamTerminated(event) => event.event_time(),
            Self::ExternalLock(event) => event.event_time(),
            Self::ServerShutdown(event) => event.event_time(),
            Self::Unknown(_) => None,
        }
    }

    fn sequence(&self) -> Option<Sequence> {
        match self {
            Self::AccountPosition(event) => event.sequence(),
            Self::Balance(event) => event.sequence(),
            Self::Order(event) => event.sequence(),
            Self::OrderList(event) => event.sequence(),
            Self::StreamTerminated(event) => event.sequence(),
            Self::ExternalLock(event) => event.sequence(),
            Self::ServerShutdown(event) => event.sequence(),
            Self::Unknown(_) => None,
        }
    }
}

impl From<AccountPositionEvent> for AccountEvent {
    fn from(event: AccountPositionEvent) -> Self {
        Self::AccountPosition(event)
    }
}

impl From<BalanceEvent> for AccountEvent {
    fn from(event: BalanceEvent) -> Self {
        Self::Balance(event)
    }
}

impl From<OrderEvent> for AccountEvent {
    fn from(event: OrderEvent) -> Self {
        Self::Order(event)
    }
}

impl From<OrderListEvent> for AccountEvent {
    fn from(event: OrderListEvent) -> Self {
        Self::OrderList(event)
    }
}

impl From<StreamTerminatedEvent> for AccountEvent {
    fn from(event: StreamTerminatedEvent) -> Self {
        Self::StreamTerminated(event)
    }
}

impl From<ExternalLockEvent> for AccountEvent {
    fn from(event: ExternalLockEvent) -> Self {
        Self::ExternalLock(event)
    }
}

impl From<ServerShutdownEvent> for AccountEvent {
    fn from(event: ServerShutdownEvent) -> Self {
        Self::ServerShutdown(event)
    }
}

impl Encode for AccountEvent {
    fn encode(&self, json: &mut JsonWriter) {
        match self {
            Self::AccountPosition(event) => event.encode(json),
            Self::Balance(event) => event.encode(json),
            Self::Order(event) => event.encode(json),
            Self::OrderList(event) => event.encode(json),
            Self::StreamTerminated(event) => event.encode(json),
            Self::ExternalLock(event) => event.encode(json),
            Self::ServerShutdown(event) => event.encode(json),
            Self::Unknown(event) => event.encode(json),
        }
    }
}

impl AccountEvent {
    /// The event type as the exchange writes it (`e`); for events without one, what the documents call it.
    pub fn event_type(&self) -> Cow<'_, str> {
        match self {
            Self::AccountPosition(_) => Cow::Borrowed("outboundAccountPosition"),
            Self::Balance(_) => Cow::Borrowed("balanceUpdate"),
            Self::Order(_) => Cow::Borrowed("executionReport"),
            Self::OrderList(_) => Cow::Borrowed("listStatus"),
            Self::StreamTerminated(_) => Cow::Borrowed("eventStreamTerminated"),
            Self::ExternalLock(_) => Cow::Borrowed("externalLockUpdate"),
            Self::ServerShutdown(_) => Cow::Borrowed("serverShutdown"),
            Self::Unknown(event) => Cow::Borrowed(&event.event_type),
        }
    }

    /// The symbol the event is about, unless it is about several, or none.
    pub fn symbol(&self) -> Option<&Symbol> {
        match self {
            Self::Order(event) => Some(&event.symbol),
            Self::OrderList(event) => Some(&event.symbol),
            Self::Unknown(_)
            | Self::AccountPosition(_)
            | Self::Balance(_)
            | Self::StreamTerminated(_)
            | Self::ExternalLock(_)
            | Self::ServerShutdown(_) => None,
        }
    }
}

#[cfg(feature = "serde")]
crate::wire::serde_values! {
    AccountBalance,
    AccountPositionEvent,
    BalanceEvent,
    ExternalLockEvent,
    OrderEvent,
    OrderListEntry,
    OrderListEvent,
    StreamTerminatedEvent,
}

#[cfg(feature = "serde")]
crate::wire::serde_event! { AccountEvent, |event| event.to_json() }
