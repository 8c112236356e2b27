// Written by `cargo xtask codegen` from crates/model/spec/spot/trade.toml; do not edit.

//! Placing, cancelling and changing orders.

use super::all::{CommissionDiscount, OrderListOrder, OrderListReport};
use crate::common::{Activation, IntoDecimal, OneOrMany, Refusal};
use crate::generated::common::OrderSide;
use crate::macros::wire_enum;
use crate::number::Unreadable;
use crate::param::Param;
use crate::support;
use binance_kit_core::decode::{DecodeInOrder, FastReader, Layout, Value, field, optional, required};
use binance_kit_core::id::{AllocationId, ExecutionId, OrderId, OrderListId, PreventedMatchId, TradeId};
use binance_kit_core::{
    Api, Asset, ClientOrderId, Cost, Decimal, Decode, DecodeError, Encode, HttpMethod, InvalidRequest,
    JsonWriter, List, ParamWriter, Request, RestRequest, Security, Symbol, Timestamp, WsRequest, product,
};
use std::borrow::Cow;

wire_enum! {
    /// Behaviour of a cancel-replace when the cancellation fails.
    CancelReplaceMode {
        /// The new order is not placed.
        StopOnFailure = "STOP_ON_FAILURE",
        /// The new order is placed nevertheless.
        AllowFailure = "ALLOW_FAILURE",
    }
}

wire_enum! {
    /// Outcome of one half of a cancel-replace.
    CancelReplaceResult {
        /// Success.
        Success = "SUCCESS",
        /// Rejected.
        Failure = "FAILURE",
        /// Not attempted.
        NotAttempted = "NOT_ATTEMPTED",
    }
}

wire_enum! {
    /// Restriction of a cancellation by the status of the order.
    CancelRestrictions {
        /// Only if nothing is filled.
        OnlyNew = "ONLY_NEW",
        /// Only if it is partially filled.
        OnlyPartiallyFilled = "ONLY_PARTIALLY_FILLED",
    }
}

wire_enum! {
    /// Contingency type of an order list.
    ContingencyType {
        /// One cancels the other.
        Oco = "OCO",
        /// One triggers the other, or others.
        Oto = "OTO",
    }
}

wire_enum! {
    /// Expiry reason of an order.
    ExpiryReason {
        /// Not expired.
        None = "NONE",
        /// Rejected.
        Rejected = "REJECTED",
        /// Cancelled by the exchange.
        ExchangeCanceled = "EXCHANGE_CANCELED",
        /// The other order of its OCO was triggered.
        OcoTrigger = "OCO_TRIGGER",
        /// The working order of its list expired.
        OtoPhaseOneExpired = "OTO_PHASE_ONE_EXPIRED",
        /// The rest of an IOC order that could not be filled at once.
        UnfilledIocQuantityExpired = "UNFILLED_IOC_QUANTITY_EXPIRED",
        /// A FOK order that could not be filled completely.
        UnfilledFokOrderExpired = "UNFILLED_FOK_ORDER_EXPIRED",
        /// Not enough liquidity in the book.
        InsufficientLiquidity = "INSUFFICIENT_LIQUIDITY",
        /// The next price is outside the range of the execution rule.
        ExecutionRulePriceRangeExceeded = "EXECUTION_RULE_PRICE_RANGE_EXCEEDED",
    }
}

wire_enum! {
    /// Status of an order list.
    ListOrderStatus {
        /// The list is placed, or active.
        Executing = "EXECUTING",
        /// The list has ended.
        AllDone = "ALL_DONE",
        /// The list is rejected.
        Reject = "REJECT",
    }
}

wire_enum! {
    /// Kind of a report about an order list.
    ListStatusType {
        /// The list is rejected, or an action on it failed.
        Response = "RESPONSE",
        /// The list is placed, or its status was queried.
        ExecStarted = "EXEC_STARTED",
        /// The client order id of an order of the list has changed.
        Updated = "UPDATED",
        /// The list has ended.
        AllDone = "ALL_DONE",
    }
}

wire_enum! {
    /// Match type of a fill.
    MatchType {
        /// Open.
        AutoMatch = "AUTO_MATCH",
        /// By smart order routing.
        OnePartyTradeReport = "ONE_PARTY_TRADE_REPORT",
    }
}

wire_enum! {
    /// Behaviour of a cancel-replace when the limit of unfilled orders is exceeded.
    OrderRateLimitExceededMode {
        /// Nothing.
        DoNothing = "DO_NOTHING",
        /// Cancels the old order, does not place the new one.
        CancelOnly = "CANCEL_ONLY",
    }
}

wire_enum! {
    /// Form of the answer to a new order.
    OrderResponseType {
        /// Acknowledgement.
        Ack = "ACK",
        /// Status as well.
        Result = "RESULT",
        /// Status and fills.
        Full = "FULL",
    }
}

wire_enum! {
    /// Status of an order.
    OrderStatus {
        /// Accepted by the matching engine.
        New = "NEW",
        /// Pending until the working order of its list is filled.
        PendingNew = "PENDING_NEW",
        /// Partially filled.
        PartiallyFilled = "PARTIALLY_FILLED",
        /// Completely filled.
        Filled = "FILLED",
        /// Cancelled by the user.
        Canceled = "CANCELED",
        /// Not in use.
        PendingCancel = "PENDING_CANCEL",
        /// Rejected by the matching engine; it never was in the book.
        Rejected = "REJECTED",
        /// Expired by the rules of its type, or by the exchange.
        Expired = "EXPIRED",
        /// Expired by self-trade prevention.
        ExpiredInMatch = "EXPIRED_IN_MATCH",
    }
}

wire_enum! {
    /// The type of an order.
    OrderType {
        /// Limit order.
        Limit = "LIMIT",
        /// Market order.
        Market = "MARKET",
        /// A market order once the stop price is reached.
        StopLoss = "STOP_LOSS",
        /// A limit order once the stop price is reached.
        StopLossLimit = "STOP_LOSS_LIMIT",
        /// A market order once the stop price is reached from the other side.
        TakeProfit = "TAKE_PROFIT",
        /// A limit order once the stop price is reached from the other side.
        TakeProfitLimit = "TAKE_PROFIT_LIMIT",
        /// A limit order that is rejected if it would trade immediately.
        LimitMaker = "LIMIT_MAKER",
    }
}

wire_enum! {
    /// Unit of the offset of a pegged order.
    PegOffsetType {
        /// Levels of the book.
        PriceLevel = "PRICE_LEVEL",
    }
}

wire_enum! {
    /// Price to which a pegged order is pegged.
    PegPriceType {
        /// The best price of its own side.
        PrimaryPeg = "PRIMARY_PEG",
        /// The best price of the other side.
        MarketPeg = "MARKET_PEG",
    }
}

wire_enum! {
    /// Self-trade prevention mode.
    SelfTradePreventionMode {
        /// They trade with each other.
        None = "NONE",
        /// The order in the book expires.
        ExpireMaker = "EXPIRE_MAKER",
        /// The arriving order expires.
        ExpireTaker = "EXPIRE_TAKER",
        /// Both expire.
        ExpireBoth = "EXPIRE_BOTH",
        /// Both orders are reduced by the smaller of the two quantities.
        Decrement = "DECREMENT",
        /// As `DECREMENT`; between accounts of one group the quantity changes hands.
        Transfer = "TRANSFER",
    }
}

wire_enum! {
    /// Time in force.
    TimeInForce {
        /// Good till cancelled.
        Gtc = "GTC",
        /// Immediate or cancel: filled as far as possible immediately, the rest expires.
        Ioc = "IOC",
        /// Fill or kill: filled completely and immediately, or not at all.
        Fok = "FOK",
    }
}

wire_enum! {
    /// Working floor of an order.
    WorkingFloor {
        /// The order book of its symbol.
        Exchange = "EXCHANGE",
        /// By smart order routing.
        Sor = "SOR",
    }
}

/// The answer to an amendment.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AmendResponse {
    /// Time of the amendment.
    pub transaction_time: Timestamp,
    /// The id of the report.
    pub execution_id: ExecutionId,
    /// The order.
    pub amended_order: AmendedOrder,
    /// Order list id.
    pub list_status: Option<AmendedListStatus>,
}

impl AmendResponse {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut transaction_time = None;
        let mut execution_id = None;
        let mut amended_order = None;
        let mut list_status = None;
        for (key, found) in value.object()? {
            match key {
                "transactTime" => support::time(&mut transaction_time, "transactTime", found)?,
                "executionId" => support::whole(&mut execution_id, "executionId", found)?,
                "amendedOrder" => field(&mut amended_order, "amendedOrder", found)?,
                "listStatus" => field(&mut list_status, "listStatus", found)?,
                _ => {}
            }
        }
        Ok(Self {
            transaction_time: required(transaction_time, "transactTime")?,
            execution_id: required(execution_id, "executionId")?,
            amended_order: required(amended_order, "amendedOrder")?,
            list_status: optional(list_status),
        })
    }
}

impl Decode for AmendResponse {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("AmendResponse"))
    }

    #[inline]
    fn read_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

impl Encode for AmendResponse {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("transactTime", &self.transaction_time);
        json.field("executionId", &self.execution_id);
        json.field("amendedOrder", &self.amended_order);
        json.optional("listStatus", self.list_status.as_ref());
        json.end_object();
    }
}

impl AmendResponse {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"transactTime\":")?;
        let transaction_time = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"executionId\":")?;
        let execution_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"amendedOrder\":")?;
        let amended_order = DecodeInOrder::decode_in_order(input)?;
        let list_status = if input.literal(b",\"listStatus\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b"}")?;
        *start = reader;
        Some(Self { transaction_time, execution_id, amended_order, list_status })
    }
}

impl DecodeInOrder for AmendResponse {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

/// Order list of an amended order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AmendedListStatus {
    /// The id of the list.
    pub order_list_id: OrderListId,
    /// Contingency type.
    pub contingency_type: ContingencyType,
    /// Status of the list.
    pub list_order_status: ListOrderStatus,
    /// Client order id of the list.
    pub list_client_order_id: ClientOrderId,
    /// Symbol.
    pub symbol: Symbol,
    /// Orders of the list; empty if absent.
    pub orders: List<OrderListOrder>,
}

impl AmendedListStatus {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut order_list_id = None;
        let mut contingency_type = None;
        let mut list_order_status = None;
        let mut list_client_order_id = None;
        let mut symbol = None;
        let mut orders = None;
        for (key, found) in value.object()? {
            match key {
                "orderListId" => support::whole(&mut order_list_id, "orderListId", found)?,
                "contingencyType" => field(&mut contingency_type, "contingencyType", found)?,
                "listOrderStatus" => field(&mut list_order_status, "listOrderStatus", found)?,
                "listClientOrderId" => field(&mut list_client_order_id, "listClientOrderId", found)?,
                "symbol" => field(&mut symbol, "symbol", found)?,
                "orders" => field(&mut orders, "orders", found)?,
                _ => {}
            }
        }
        Ok(Self {
            order_list_id: required(order_list_id, "orderListId")?,
            contingency_type: required(contingency_type, "contingencyType")?,
            list_order_status: required(list_order_status, "listOrderStatus")?,
            list_client_order_id: required(list_client_order_id, "listClientOrderId")?,
            symbol: required(symbol, "symbol")?,
            orders: optional(orders).unwrap_or_default(),
        })
    }
}

impl Decode for AmendedListStatus {
    const LAYOUT: Layout = Layout::Fields(&["orders"]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("AmendedListStatus"))
    }
}

impl Encode for AmendedListStatus {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("orderListId", &self.order_list_id);
        json.field("contingencyType", &self.contingency_type);
        json.field("listOrderStatus", &self.list_order_status);
        json.field("listClientOrderId", &self.list_client_order_id);
        json.field("symbol", &self.symbol);
        json.field("orders", &self.orders);
        json.end_object();
    }
}

impl AmendedListStatus {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"orderListId\":")?;
        let order_list_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"contingencyType\":")?;
        let contingency_type = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"listOrderStatus\":")?;
        let list_order_status = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"listClientOrderId\":\"")?;
        let list_client_order_id = input.text_inside().map(ClientOrderId::from_wire)?;
        input.literal(b"\",\"symbol\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"orders\":")?;
        let orders = DecodeInOrder::decode_in_order(input)?;
        input.literal(b"}")?;
        *start = reader;
        Some(Self {
            order_list_id,
            contingency_type,
            list_order_status,
            list_client_order_id,
            symbol,
            orders,
        })
    }
}

impl DecodeInOrder for AmendedListStatus {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

/// An order after it was amended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AmendedOrder {
    /// Symbol.
    pub symbol: Symbol,
    /// Id given by the exchange.
    pub order_id: OrderId,
    /// Order list id.
    pub order_list_id: Option<OrderListId>,
    /// Old client order id.
    pub original_client_order_id: ClientOrderId,
    /// Client order id.
    pub client_order_id: ClientOrderId,
    /// Price.
    pub price: Decimal,
    /// Current quantity.
    pub quantity: Decimal,
    /// Executed quantity.
    pub executed_quantity: Decimal,
    /// Prevented quantity.
    pub prevented_quantity: Decimal,
    /// Quantity in the quote asset, for orders placed with one; not in SBE.
    pub quote_order_quantity: Option<Decimal>,
    /// Volume in the quote asset.
    pub cumulative_quote_quantity: Decimal,
    /// Status.
    pub status: OrderStatus,
    /// Time in force.
    pub time_in_force: Option<TimeInForce>,
    /// Order type.
    pub order_type: OrderType,
    /// Side.
    pub side: OrderSide,
    /// Time at which it entered the book.
    pub working_time: Option<Activation>,
    /// Self-trade prevention mode.
    pub self_trade_prevention_mode: Option<SelfTradePreventionMode>,
    /// Stop price.
    pub stop_price: Option<Decimal>,
    /// Visible quantity (iceberg).
    pub iceberg_quantity: Option<Decimal>,
    /// Trailing delta in basis points.
    pub trailing_delta: Option<u64>,
    /// Time at which the trailing stop became active.
    pub trailing_time: Option<Activation>,
    /// Strategy id given by the user.
    pub strategy_id: Option<i64>,
    /// Strategy type given by the user.
    pub strategy_type: Option<i32>,
    /// Price to which the order is pegged.
    pub peg_price_type: Option<PegPriceType>,
    /// Unit of the offset.
    pub peg_offset_type: Option<PegOffsetType>,
    /// The offset.
    pub peg_offset_value: Option<u32>,
    /// Price that results from the peg.
    pub pegged_price: Option<Decimal>,
}

impl AmendedOrder {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut order_id = None;
        let mut order_list_id = None;
        let mut original_client_order_id = None;
        let mut client_order_id = None;
        let mut price = None;
        let mut quantity = None;
        let mut executed_quantity = None;
        let mut prevented_quantity = None;
        let mut quote_order_quantity = None;
        let mut cumulative_quote_quantity = None;
        let mut status = None;
        let mut time_in_force = None;
        let mut order_type = None;
        let mut side = None;
        let mut working_time = None;
        let mut self_trade_prevention_mode = None;
        let mut stop_price = None;
        let mut iceberg_quantity = None;
        let mut trailing_delta = None;
        let mut trailing_time = None;
        let mut strategy_id = None;
        let mut strategy_type = None;
        let mut peg_price_type = None;
        let mut peg_offset_type = None;
        let mut peg_offset_value = None;
        let mut pegged_price = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "orderId" => support::whole(&mut order_id, "orderId", found)?,
                "orderListId" => support::field_or_minus_one(&mut order_list_id, "orderListId", found)?,
                "origClientOrderId" => field(&mut original_client_order_id, "origClientOrderId", found)?,
                "clientOrderId" => field(&mut client_order_id, "clientOrderId", found)?,
                "price" => field(&mut price, "price", found)?,
                "qty" => field(&mut quantity, "qty", found)?,
                "executedQty" => field(&mut executed_quantity, "executedQty", found)?,
                "preventedQty" => field(&mut prevented_quantity, "preventedQty", found)?,
                "quoteOrderQty" => field(&mut quote_order_quantity, "quoteOrderQty", found)?,
                "cumulativeQuoteQty" => field(&mut cumulative_quote_quantity, "cumulativeQuoteQty", found)?,
                "status" => field(&mut status, "status", found)?,
                "timeInForce" => field(&mut time_in_force, "timeInForce", found)?,
                "type" => field(&mut order_type, "type", found)?,
                "side" => field(&mut side, "side", found)?,
                "workingTime" => field(&mut working_time, "workingTime", found)?,
                "selfTradePreventionMode" => {
                    field(&mut self_trade_prevention_mode, "selfTradePreventionMode", found)?;
                }
                "stopPrice" => field(&mut stop_price, "stopPrice", found)?,
                "icebergQty" => field(&mut iceberg_quantity, "icebergQty", found)?,
                "trailingDelta" => field(&mut trailing_delta, "trailingDelta", found)?,
                "trailingTime" => field(&mut trailing_time, "trailingTime", found)?,
                "strategyId" => field(&mut strategy_id, "strategyId", found)?,
                "strategyType" => field(&mut strategy_type, "strategyType", found)?,
                "pegPriceType" => field(&mut peg_price_type, "pegPriceType", found)?,
                "pegOffsetType" => field(&mut peg_offset_type, "pegOffsetType", found)?,
                "pegOffsetValue" => field(&mut peg_offset_value, "pegOffsetValue", found)?,
                "peggedPrice" => field(&mut pegged_price, "peggedPrice", found)?,
                _ => {}
            }
        }
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            order_id: required(order_id, "orderId")?,
            order_list_id: optional(order_list_id),
            original_client_order_id: required(original_client_order_id, "origClientOrderId")?,
            client_order_id: required(client_order_id, "clientOrderId")?,
            price: required(price, "price")?,
            quantity: required(quantity, "qty")?,
            executed_quantity: required(executed_quantity, "executedQty")?,
            prevented_quantity: required(prevented_quantity, "preventedQty")?,
            quote_order_quantity: optional(quote_order_quantity),
            cumulative_quote_quantity: required(cumulative_quote_quantity, "cumulativeQuoteQty")?,
            status: required(status, "status")?,
            time_in_force: optional(time_in_force),
            order_type: required(order_type, "type")?,
            side: required(side, "side")?,
            working_time: optional(working_time),
            self_trade_prevention_mode: optional(self_trade_prevention_mode),
            stop_price: optional(stop_price),
            iceberg_quantity: optional(iceberg_quantity),
            trailing_delta: optional(trailing_delta),
            trailing_time: optional(trailing_time),
            strategy_id: optional(strategy_id),
            strategy_type: optional(strategy_type),
            peg_price_type: optional(peg_price_type),
            peg_offset_type: optional(peg_offset_type),
            peg_offset_value: optional(peg_offset_value),
            pegged_price: optional(pegged_price),
        })
    }
}

impl Decode for AmendedOrder {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("AmendedOrder"))
    }
}

impl Encode for AmendedOrder {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("orderId", &self.order_id);
        support::or_minus_one(json, "orderListId", self.order_list_id.as_ref());
        json.field("origClientOrderId", &self.original_client_order_id);
        json.field("clientOrderId", &self.client_order_id);
        json.field("price", &self.price);
        json.field("qty", &self.quantity);
        json.field("executedQty", &self.executed_quantity);
        json.field("preventedQty", &self.prevented_quantity);
        json.optional("quoteOrderQty", self.quote_order_quantity.as_ref());
        json.field("cumulativeQuoteQty", &self.cumulative_quote_quantity);
        json.field("status", &self.status);
        json.optional("timeInForce", self.time_in_force.as_ref());
        json.field("type", &self.order_type);
        json.field("side", &self.side);
        json.optional("workingTime", self.working_time.as_ref());
        json.optional("selfTradePreventionMode", self.self_trade_prevention_mode.as_ref());
        json.optional("stopPrice", self.stop_price.as_ref());
        json.optional("icebergQty", self.iceberg_quantity.as_ref());
        json.optional("trailingDelta", self.trailing_delta.as_ref());
        json.optional("trailingTime", self.trailing_time.as_ref());
        json.optional("strategyId", self.strategy_id.as_ref());
        json.optional("strategyType", self.strategy_type.as_ref());
        json.optional("pegPriceType", self.peg_price_type.as_ref());
        json.optional("pegOffsetType", self.peg_offset_type.as_ref());
        json.optional("pegOffsetValue", self.peg_offset_value.as_ref());
        json.optional("peggedPrice", self.pegged_price.as_ref());
        json.end_object();
    }
}

impl AmendedOrder {
    #[allow(clippy::too_many_lines, reason = "two and more for each field")]
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"symbol\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"orderId\":")?;
        let order_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"orderListId\":")?;
        let order_list_id = input.whole_or_minus_one()?;
        input.literal(b",\"origClientOrderId\":\"")?;
        let original_client_order_id = input.text_inside().map(ClientOrderId::from_wire)?;
        input.literal(b"\",\"clientOrderId\":\"")?;
        let client_order_id = input.text_inside().map(ClientOrderId::from_wire)?;
        input.literal(b"\",\"price\":\"")?;
        let price = input.decimal_inside()?;
        input.literal(b"\",\"qty\":\"")?;
        let quantity = input.decimal_inside()?;
        input.literal(b"\",\"executedQty\":\"")?;
        let executed_quantity = input.decimal_inside()?;
        input.literal(b"\",\"preventedQty\":\"")?;
        let prevented_quantity = input.decimal_inside()?;
        input.literal(b"\"")?;
        let quote_order_quantity = if input.literal(b",\"quoteOrderQty\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b",\"cumulativeQuoteQty\":\"")?;
        let cumulative_quote_quantity = input.decimal_inside()?;
        input.literal(b"\",\"status\":")?;
        let status = DecodeInOrder::decode_in_order(input)?;
        let time_in_force = if input.literal(b",\"timeInForce\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b",\"type\":")?;
        let order_type = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"side\":")?;
        let side = DecodeInOrder::decode_in_order(input)?;
        let working_time = if input.literal(b",\"workingTime\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let self_trade_prevention_mode = if input.literal(b",\"selfTradePreventionMode\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let stop_price = if input.literal(b",\"stopPrice\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let iceberg_quantity = if input.literal(b",\"icebergQty\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let trailing_delta = if input.literal(b",\"trailingDelta\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let trailing_time = if input.literal(b",\"trailingTime\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let strategy_id = if input.literal(b",\"strategyId\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let strategy_type = if input.literal(b",\"strategyType\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let peg_price_type = if input.literal(b",\"pegPriceType\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let peg_offset_type = if input.literal(b",\"pegOffsetType\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let peg_offset_value = if input.literal(b",\"pegOffsetValue\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let pegged_price = if input.literal(b",\"peggedPrice\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b"}")?;
        *start = reader;
        Some(Self {
            symbol,
            order_id,
            order_list_id,
            original_client_order_id,
            client_order_id,
            price,
            quantity,
            executed_quantity,
            prevented_quantity,
            quote_order_quantity,
            cumulative_quote_quantity,
            status,
            time_in_force,
            order_type,
            side,
            working_time,
            self_trade_prevention_mode,
            stop_price,
            iceberg_quantity,
            trailing_delta,
            trailing_time,
            strategy_id,
            strategy_type,
            peg_price_type,
            peg_offset_type,
            peg_offset_value,
            pegged_price,
        })
    }
}

impl DecodeInOrder for AmendedOrder {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

/// The answer to the cancellation.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum CancelHalf {
    /// Not attempted.
    NotAttempted,
    /// Rejected.
    Refused(Refusal),
    /// Success.
    Canceled(Box<CanceledOrder>),
}

impl Decode for CancelHalf {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        if value.is_null() {
            return Ok(Self::NotAttempted);
        }
        if value.get("code").is_some() {
            return Decode::decode(value).map(Self::Refused).map_err(|error| error.in_type("CancelHalf"));
        }
        Decode::decode(value).map(Self::Canceled).map_err(|error| error.in_type("CancelHalf"))
    }
}

impl Encode for CancelHalf {
    fn encode(&self, json: &mut JsonWriter) {
        match self {
            Self::NotAttempted => json.null(),
            Self::Refused(value) => value.encode(json),
            Self::Canceled(value) => value.encode(json),
        }
    }
}

/// Outcomes of both halves of a cancel-replace.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CancelReplaceResponse {
    /// Outcome of the cancellation.
    pub cancel_result: CancelReplaceResult,
    /// Outcome of the new order.
    pub new_order_result: CancelReplaceResult,
    /// The answer to the cancellation.
    pub cancel_response: CancelHalf,
    /// The answer to the new order.
    pub new_order_response: NewOrderHalf,
}

impl CancelReplaceResponse {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut cancel_result = None;
        let mut new_order_result = None;
        let mut cancel_response = None;
        let mut new_order_response = None;
        for (key, found) in value.object()? {
            match key {
                "cancelResult" => field(&mut cancel_result, "cancelResult", found)?,
                "newOrderResult" => field(&mut new_order_result, "newOrderResult", found)?,
                "cancelResponse" => field(&mut cancel_response, "cancelResponse", found)?,
                "newOrderResponse" => field(&mut new_order_response, "newOrderResponse", found)?,
                _ => {}
            }
        }
        Ok(Self {
            cancel_result: required(cancel_result, "cancelResult")?,
            new_order_result: required(new_order_result, "newOrderResult")?,
            cancel_response: required(cancel_response, "cancelResponse")?,
            new_order_response: required(new_order_response, "newOrderResponse")?,
        })
    }
}

impl Decode for CancelReplaceResponse {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("CancelReplaceResponse"))
    }
}

impl Encode for CancelReplaceResponse {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("cancelResult", &self.cancel_result);
        json.field("newOrderResult", &self.new_order_result);
        json.field("cancelResponse", &self.cancel_response);
        json.field("newOrderResponse", &self.new_order_response);
        json.end_object();
    }
}

/// A cancelled order or order list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum CancelResult {
    /// A whole list, because the order belongs to it.
    OrderList(OrderListReport),
    /// An order.
    Order(Box<CanceledOrder>),
}

impl Decode for CancelResult {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        if value.get("contingencyType").is_some() {
            return Decode::decode(value).map(Self::OrderList).map_err(|error| error.in_type("CancelResult"));
        }
        Decode::decode(value).map(Self::Order).map_err(|error| error.in_type("CancelResult"))
    }
}

impl Encode for CancelResult {
    fn encode(&self, json: &mut JsonWriter) {
        match self {
            Self::OrderList(value) => value.encode(json),
            Self::Order(value) => value.encode(json),
        }
    }
}

/// A cancelled order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CanceledOrder {
    /// Symbol.
    pub symbol: Symbol,
    /// The client order id of the order.
    pub original_client_order_id: ClientOrderId,
    /// Id given by the exchange.
    pub order_id: OrderId,
    /// Order list id.
    pub order_list_id: Option<OrderListId>,
    /// The client order id of the cancellation.
    pub client_order_id: ClientOrderId,
    /// Time of the cancellation.
    pub transaction_time: Option<Timestamp>,
    /// The price of the order.
    pub price: Decimal,
    /// The quantity of the order.
    pub original_quantity: Decimal,
    /// Executed quantity.
    pub executed_quantity: Decimal,
    /// Quantity in the quote asset, for orders placed with one.
    pub original_quote_quantity: Option<Decimal>,
    /// Volume in the quote asset.
    pub cumulative_quote_quantity: Decimal,
    /// Status.
    pub status: OrderStatus,
    /// Time in force.
    pub time_in_force: Option<TimeInForce>,
    /// Order type.
    pub order_type: OrderType,
    /// Side.
    pub side: OrderSide,
    /// Self-trade prevention mode.
    pub self_trade_prevention_mode: Option<SelfTradePreventionMode>,
    /// Visible quantity (iceberg).
    pub iceberg_quantity: Option<Decimal>,
    /// Id of the prevented match.
    pub prevented_match_id: Option<PreventedMatchId>,
    /// Prevented quantity.
    pub prevented_quantity: Option<Decimal>,
    /// Stop price.
    pub stop_price: Option<Decimal>,
    /// Strategy id given by the user.
    pub strategy_id: Option<i64>,
    /// Strategy type given by the user.
    pub strategy_type: Option<i32>,
    /// Trailing delta in basis points.
    pub trailing_delta: Option<u64>,
    /// Time at which the trailing stop became active.
    pub trailing_time: Option<Activation>,
    /// Whether smart order routing was used.
    pub used_sor: Option<bool>,
    /// Working floor.
    pub working_floor: Option<WorkingFloor>,
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

impl CanceledOrder {
    #[expect(clippy::too_many_lines, reason = "three for each field")]
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut original_client_order_id = None;
        let mut order_id = None;
        let mut order_list_id = None;
        let mut client_order_id = None;
        let mut transaction_time = None;
        let mut price = None;
        let mut original_quantity = None;
        let mut executed_quantity = None;
        let mut original_quote_quantity = None;
        let mut cumulative_quote_quantity = None;
        let mut status = None;
        let mut time_in_force = None;
        let mut order_type = None;
        let mut side = None;
        let mut self_trade_prevention_mode = None;
        let mut iceberg_quantity = None;
        let mut prevented_match_id = None;
        let mut prevented_quantity = None;
        let mut stop_price = None;
        let mut strategy_id = None;
        let mut strategy_type = None;
        let mut trailing_delta = None;
        let mut trailing_time = None;
        let mut used_sor = None;
        let mut working_floor = None;
        let mut peg_price_type = None;
        let mut peg_offset_type = None;
        let mut peg_offset_value = None;
        let mut pegged_price = None;
        let mut expiry_reason = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "origClientOrderId" => field(&mut original_client_order_id, "origClientOrderId", found)?,
                "orderId" => support::whole(&mut order_id, "orderId", found)?,
                "orderListId" => support::field_or_minus_one(&mut order_list_id, "orderListId", found)?,
                "clientOrderId" => field(&mut client_order_id, "clientOrderId", found)?,
                "transactTime" => support::place(&mut transaction_time, "transactTime", found)?,
                "price" => field(&mut price, "price", found)?,
                "origQty" => field(&mut original_quantity, "origQty", found)?,
                "executedQty" => field(&mut executed_quantity, "executedQty", found)?,
                "origQuoteOrderQty" => field(&mut original_quote_quantity, "origQuoteOrderQty", found)?,
                "cummulativeQuoteQty" => field(&mut cumulative_quote_quantity, "cummulativeQuoteQty", found)?,
                "status" => field(&mut status, "status", found)?,
                "timeInForce" => field(&mut time_in_force, "timeInForce", found)?,
                "type" => field(&mut order_type, "type", found)?,
                "side" => field(&mut side, "side", found)?,
                "selfTradePreventionMode" => {
                    field(&mut self_trade_prevention_mode, "selfTradePreventionMode", found)?;
                }
                "icebergQty" => field(&mut iceberg_quantity, "icebergQty", found)?,
                "preventedMatchId" => support::place(&mut prevented_match_id, "preventedMatchId", found)?,
                "preventedQuantity" => field(&mut prevented_quantity, "preventedQuantity", found)?,
                "stopPrice" => field(&mut stop_price, "stopPrice", found)?,
                "strategyId" => field(&mut strategy_id, "strategyId", found)?,
                "strategyType" => field(&mut strategy_type, "strategyType", found)?,
                "trailingDelta" => field(&mut trailing_delta, "trailingDelta", found)?,
                "trailingTime" => field(&mut trailing_time, "trailingTime", found)?,
                "usedSor" => field(&mut used_sor, "usedSor", found)?,
                "workingFloor" => field(&mut working_floor, "workingFloor", found)?,
                "pegPriceType" => field(&mut peg_price_type, "pegPriceType", found)?,
                "pegOffsetType" => field(&mut peg_offset_type, "pegOffsetType", found)?,
                "pegOffsetValue" => field(&mut peg_offset_value, "pegOffsetValue", found)?,
                "peggedPrice" => field(&mut pegged_price, "peggedPrice", found)?,
                "expiryReason" => field(&mut expiry_reason, "expiryReason", found)?,
                _ => {}
            }
        }
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            original_client_order_id: required(original_client_order_id, "origClientOrderId")?,
            order_id: required(order_id, "orderId")?,
            order_list_id: optional(order_list_id),
            client_order_id: required(client_order_id, "clientOrderId")?,
            transaction_time: optional(transaction_time),
            price: required(price, "price")?,
            original_quantity: required(original_quantity, "origQty")?,
            executed_quantity: required(executed_quantity, "executedQty")?,
            original_quote_quantity: optional(original_quote_quantity),
            cumulative_quote_quantity: required(cumulative_quote_quantity, "cummulativeQuoteQty")?,
            status: required(status, "status")?,
            time_in_force: optional(time_in_force),
            order_type: required(order_type, "type")?,
            side: required(side, "side")?,
            self_trade_prevention_mode: optional(self_trade_prevention_mode),
            iceberg_quantity: optional(iceberg_quantity),
            prevented_match_id: optional(prevented_match_id),
            prevented_quantity: optional(prevented_quantity),
            stop_price: optional(stop_price),
            strategy_id: optional(strategy_id),
            strategy_type: optional(strategy_type),
            trailing_delta: optional(trailing_delta),
            trailing_time: optional(trailing_time),
            used_sor: optional(used_sor),
            working_floor: optional(working_floor),
            peg_price_type: optional(peg_price_type),
            peg_offset_type: optional(peg_offset_type),
            peg_offset_value: optional(peg_offset_value),
            pegged_price: optional(pegged_price),
            expiry_reason: optional(expiry_reason),
        })
    }
}

impl Decode for CanceledOrder {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("CanceledOrder"))
    }
}

impl Encode for CanceledOrder {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("origClientOrderId", &self.original_client_order_id);
        json.field("orderId", &self.order_id);
        support::or_minus_one(json, "orderListId", self.order_list_id.as_ref());
        json.field("clientOrderId", &self.client_order_id);
        json.optional("transactTime", self.transaction_time.as_ref());
        json.field("price", &self.price);
        json.field("origQty", &self.original_quantity);
        json.field("executedQty", &self.executed_quantity);
        json.optional("origQuoteOrderQty", self.original_quote_quantity.as_ref());
        json.field("cummulativeQuoteQty", &self.cumulative_quote_quantity);
        json.field("status", &self.status);
        json.optional("timeInForce", self.time_in_force.as_ref());
        json.field("type", &self.order_type);
        json.field("side", &self.side);
        json.optional("selfTradePreventionMode", self.self_trade_prevention_mode.as_ref());
        json.optional("icebergQty", self.iceberg_quantity.as_ref());
        json.optional("preventedMatchId", self.prevented_match_id.as_ref());
        json.optional("preventedQuantity", self.prevented_quantity.as_ref());
        json.optional("stopPrice", self.stop_price.as_ref());
        json.optional("strategyId", self.strategy_id.as_ref());
        json.optional("strategyType", self.strategy_type.as_ref());
        json.optional("trailingDelta", self.trailing_delta.as_ref());
        json.optional("trailingTime", self.trailing_time.as_ref());
        json.optional("usedSor", self.used_sor.as_ref());
        json.optional("workingFloor", self.working_floor.as_ref());
        json.optional("pegPriceType", self.peg_price_type.as_ref());
        json.optional("pegOffsetType", self.peg_offset_type.as_ref());
        json.optional("pegOffsetValue", self.peg_offset_value.as_ref());
        json.optional("peggedPrice", self.pegged_price.as_ref());
        json.optional("expiryReason", self.expiry_reason.as_ref());
        json.end_object();
    }
}

/// A trade of an order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Fill {
    /// Price.
    pub price: Decimal,
    /// Quantity.
    pub quantity: Decimal,
    /// Commission.
    pub commission: Decimal,
    /// The asset of the commission.
    pub commission_asset: Asset,
    /// Trade id.
    pub trade_id: Option<TradeId>,
    /// Allocation type, under smart order routing.
    pub match_type: Option<MatchType>,
    /// Allocation id, under smart order routing.
    pub allocation_id: Option<AllocationId>,
}

impl Fill {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut price = None;
        let mut quantity = None;
        let mut commission = None;
        let mut commission_asset = None;
        let mut trade_id = None;
        let mut match_type = None;
        let mut allocation_id = None;
        for (key, found) in value.object()? {
            match key {
                "price" => field(&mut price, "price", found)?,
                "qty" => field(&mut quantity, "qty", found)?,
                "commission" => field(&mut commission, "commission", found)?,
                "commissionAsset" => field(&mut commission_asset, "commissionAsset", found)?,
                "tradeId" => support::field_or_minus_one(&mut trade_id, "tradeId", found)?,
                "matchType" => field(&mut match_type, "matchType", found)?,
                "allocId" => support::place(&mut allocation_id, "allocId", found)?,
                _ => {}
            }
        }
        Ok(Self {
            price: required(price, "price")?,
            quantity: required(quantity, "qty")?,
            commission: required(commission, "commission")?,
            commission_asset: required(commission_asset, "commissionAsset")?,
            trade_id: optional(trade_id),
            match_type: optional(match_type),
            allocation_id: optional(allocation_id),
        })
    }
}

impl Decode for Fill {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("Fill"))
    }
}

impl Encode for Fill {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("price", &self.price);
        json.field("qty", &self.quantity);
        json.field("commission", &self.commission);
        json.field("commissionAsset", &self.commission_asset);
        support::or_minus_one(json, "tradeId", self.trade_id.as_ref());
        json.optional("matchType", self.match_type.as_ref());
        json.optional("allocId", self.allocation_id.as_ref());
        json.end_object();
    }
}

impl Fill {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"price\":\"")?;
        let price = input.decimal_inside()?;
        input.literal(b"\",\"qty\":\"")?;
        let quantity = input.decimal_inside()?;
        input.literal(b"\",\"commission\":\"")?;
        let commission = input.decimal_inside()?;
        input.literal(b"\",\"commissionAsset\":\"")?;
        let commission_asset = input.text_inside().map(Asset::from_wire)?;
        input.literal(b"\",\"tradeId\":")?;
        let trade_id = input.whole_or_minus_one()?;
        let match_type = if input.literal(b",\"matchType\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let allocation_id = if input.literal(b",\"allocId\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b"}")?;
        *start = reader;
        Some(Self { price, quantity, commission, commission_asset, trade_id, match_type, allocation_id })
    }
}

impl DecodeInOrder for Fill {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

/// The answer to the new order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum NewOrderHalf {
    /// Not attempted.
    NotAttempted,
    /// Rejected.
    Refused(Refusal),
    /// Success.
    Placed(Box<NewOrderResponse>),
}

impl Decode for NewOrderHalf {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        if value.is_null() {
            return Ok(Self::NotAttempted);
        }
        if value.get("code").is_some() {
            return Decode::decode(value).map(Self::Refused).map_err(|error| error.in_type("NewOrderHalf"));
        }
        Decode::decode(value).map(Self::Placed).map_err(|error| error.in_type("NewOrderHalf"))
    }
}

impl Encode for NewOrderHalf {
    fn encode(&self, json: &mut JsonWriter) {
        match self {
            Self::NotAttempted => json.null(),
            Self::Refused(value) => value.encode(json),
            Self::Placed(value) => value.encode(json),
        }
    }
}

/// The answer to a new order, whatever its kind: an ACK has the first fields only, a RESULT the state of the order too,
/// and a FULL its fills. Also the report of an order in a list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NewOrderResponse {
    /// Symbol.
    pub symbol: Symbol,
    /// Id given by the exchange.
    pub order_id: OrderId,
    /// Order list id.
    pub order_list_id: Option<OrderListId>,
    /// Client order id.
    pub client_order_id: ClientOrderId,
    /// Time of the placement.
    pub transaction_time: Timestamp,
    /// The price of the order.
    pub price: Option<Decimal>,
    /// The quantity of the order.
    pub original_quantity: Option<Decimal>,
    /// Executed quantity.
    pub executed_quantity: Option<Decimal>,
    /// Quantity in the quote asset, for orders placed with one.
    pub original_quote_quantity: Option<Decimal>,
    /// Volume in the quote asset.
    pub cumulative_quote_quantity: Option<Decimal>,
    /// Status.
    pub status: Option<OrderStatus>,
    /// Time in force.
    pub time_in_force: Option<TimeInForce>,
    /// Order type.
    pub order_type: Option<OrderType>,
    /// Side.
    pub side: Option<OrderSide>,
    /// Time at which it entered the book.
    pub working_time: Option<Activation>,
    /// Fills; with the response type FULL.
    pub fills: Option<List<Fill>>,
    /// Self-trade prevention mode.
    pub self_trade_prevention_mode: Option<SelfTradePreventionMode>,
    /// Visible quantity (iceberg).
    pub iceberg_quantity: Option<Decimal>,
    /// Id of the prevented match.
    pub prevented_match_id: Option<PreventedMatchId>,
    /// Prevented quantity.
    pub prevented_quantity: Option<Decimal>,
    /// Stop price.
    pub stop_price: Option<Decimal>,
    /// Strategy id given by the user.
    pub strategy_id: Option<i64>,
    /// Strategy type given by the user.
    pub strategy_type: Option<i32>,
    /// Trailing delta in basis points.
    pub trailing_delta: Option<u64>,
    /// Time at which the trailing stop became active.
    pub trailing_time: Option<Activation>,
    /// Whether smart order routing was used.
    pub used_sor: Option<bool>,
    /// Working floor.
    pub working_floor: Option<WorkingFloor>,
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

impl NewOrderResponse {
    #[expect(clippy::too_many_lines, reason = "three for each field")]
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut order_id = None;
        let mut order_list_id = None;
        let mut client_order_id = None;
        let mut transaction_time = None;
        let mut price = None;
        let mut original_quantity = None;
        let mut executed_quantity = None;
        let mut original_quote_quantity = None;
        let mut cumulative_quote_quantity = None;
        let mut status = None;
        let mut time_in_force = None;
        let mut order_type = None;
        let mut side = None;
        let mut working_time = None;
        let mut fills = None;
        let mut self_trade_prevention_mode = None;
        let mut iceberg_quantity = None;
        let mut prevented_match_id = None;
        let mut prevented_quantity = None;
        let mut stop_price = None;
        let mut strategy_id = None;
        let mut strategy_type = None;
        let mut trailing_delta = None;
        let mut trailing_time = None;
        let mut used_sor = None;
        let mut working_floor = None;
        let mut peg_price_type = None;
        let mut peg_offset_type = None;
        let mut peg_offset_value = None;
        let mut pegged_price = None;
        let mut expiry_reason = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "orderId" => support::whole(&mut order_id, "orderId", found)?,
                "orderListId" => support::field_or_minus_one(&mut order_list_id, "orderListId", found)?,
                "clientOrderId" => field(&mut client_order_id, "clientOrderId", found)?,
                "transactTime" => support::time(&mut transaction_time, "transactTime", found)?,
                "price" => field(&mut price, "price", found)?,
                "origQty" => field(&mut original_quantity, "origQty", found)?,
                "executedQty" => field(&mut executed_quantity, "executedQty", found)?,
                "origQuoteOrderQty" => field(&mut original_quote_quantity, "origQuoteOrderQty", found)?,
                "cummulativeQuoteQty" => field(&mut cumulative_quote_quantity, "cummulativeQuoteQty", found)?,
                "status" => field(&mut status, "status", found)?,
                "timeInForce" => field(&mut time_in_force, "timeInForce", found)?,
                "type" => field(&mut order_type, "type", found)?,
                "side" => field(&mut side, "side", found)?,
                "workingTime" => field(&mut working_time, "workingTime", found)?,
                "fills" => field(&mut fills, "fills", found)?,
                "selfTradePreventionMode" => {
                    field(&mut self_trade_prevention_mode, "selfTradePreventionMode", found)?;
                }
                "icebergQty" => field(&mut iceberg_quantity, "icebergQty", found)?,
                "preventedMatchId" => support::place(&mut prevented_match_id, "preventedMatchId", found)?,
                "preventedQuantity" => field(&mut prevented_quantity, "preventedQuantity", found)?,
                "stopPrice" => field(&mut stop_price, "stopPrice", found)?,
                "strategyId" => field(&mut strategy_id, "strategyId", found)?,
                "strategyType" => field(&mut strategy_type, "strategyType", found)?,
                "trailingDelta" => field(&mut trailing_delta, "trailingDelta", found)?,
                "trailingTime" => field(&mut trailing_time, "trailingTime", found)?,
                "usedSor" => field(&mut used_sor, "usedSor", found)?,
                "workingFloor" => field(&mut working_floor, "workingFloor", found)?,
                "pegPriceType" => field(&mut peg_price_type, "pegPriceType", found)?,
                "pegOffsetType" => field(&mut peg_offset_type, "pegOffsetType", found)?,
                "pegOffsetValue" => field(&mut peg_offset_value, "pegOffsetValue", found)?,
                "peggedPrice" => field(&mut pegged_price, "peggedPrice", found)?,
                "expiryReason" => field(&mut expiry_reason, "expiryReason", found)?,
                _ => {}
            }
        }
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            order_id: required(order_id, "orderId")?,
            order_list_id: optional(order_list_id),
            client_order_id: required(client_order_id, "clientOrderId")?,
            transaction_time: required(transaction_time, "transactTime")?,
            price: optional(price),
            original_quantity: optional(original_quantity),
            executed_quantity: optional(executed_quantity),
            original_quote_quantity: optional(original_quote_quantity),
            cumulative_quote_quantity: optional(cumulative_quote_quantity),
            status: optional(status),
            time_in_force: optional(time_in_force),
            order_type: optional(order_type),
            side: optional(side),
            working_time: optional(working_time),
            fills: optional(fills),
            self_trade_prevention_mode: optional(self_trade_prevention_mode),
            iceberg_quantity: optional(iceberg_quantity),
            prevented_match_id: optional(prevented_match_id),
            prevented_quantity: optional(prevented_quantity),
            stop_price: optional(stop_price),
            strategy_id: optional(strategy_id),
            strategy_type: optional(strategy_type),
            trailing_delta: optional(trailing_delta),
            trailing_time: optional(trailing_time),
            used_sor: optional(used_sor),
            working_floor: optional(working_floor),
            peg_price_type: optional(peg_price_type),
            peg_offset_type: optional(peg_offset_type),
            peg_offset_value: optional(peg_offset_value),
            pegged_price: optional(pegged_price),
            expiry_reason: optional(expiry_reason),
        })
    }
}

impl Decode for NewOrderResponse {
    const LAYOUT: Layout = Layout::Fields(&["fills"]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("NewOrderResponse"))
    }

    #[inline]
    fn read_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

impl Encode for NewOrderResponse {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("orderId", &self.order_id);
        support::or_minus_one(json, "orderListId", self.order_list_id.as_ref());
        json.field("clientOrderId", &self.client_order_id);
        json.field("transactTime", &self.transaction_time);
        json.optional("price", self.price.as_ref());
        json.optional("origQty", self.original_quantity.as_ref());
        json.optional("executedQty", self.executed_quantity.as_ref());
        json.optional("origQuoteOrderQty", self.original_quote_quantity.as_ref());
        json.optional("cummulativeQuoteQty", self.cumulative_quote_quantity.as_ref());
        json.optional("status", self.status.as_ref());
        json.optional("timeInForce", self.time_in_force.as_ref());
        json.optional("type", self.order_type.as_ref());
        json.optional("side", self.side.as_ref());
        json.optional("workingTime", self.working_time.as_ref());
        json.optional("fills", self.fills.as_ref());
        json.optional("selfTradePreventionMode", self.self_trade_prevention_mode.as_ref());
        json.optional("icebergQty", self.iceberg_quantity.as_ref());
        json.optional("preventedMatchId", self.prevented_match_id.as_ref());
        json.optional("preventedQuantity", self.prevented_quantity.as_ref());
        json.optional("stopPrice", self.stop_price.as_ref());
        json.optional("strategyId", self.strategy_id.as_ref());
        json.optional("strategyType", self.strategy_type.as_ref());
        json.optional("trailingDelta", self.trailing_delta.as_ref());
        json.optional("trailingTime", self.trailing_time.as_ref());
        json.optional("usedSor", self.used_sor.as_ref());
        json.optional("workingFloor", self.working_floor.as_ref());
        json.optional("pegPriceType", self.peg_price_type.as_ref());
        json.optional("pegOffsetType", self.peg_offset_type.as_ref());
        json.optional("pegOffsetValue", self.peg_offset_value.as_ref());
        json.optional("peggedPrice", self.pegged_price.as_ref());
        json.optional("expiryReason", self.expiry_reason.as_ref());
        json.end_object();
    }
}

impl NewOrderResponse {
    #[allow(clippy::too_many_lines, reason = "two and more for each field")]
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"symbol\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"orderId\":")?;
        let order_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"orderListId\":")?;
        let order_list_id = input.whole_or_minus_one()?;
        input.literal(b",\"clientOrderId\":\"")?;
        let client_order_id = input.text_inside().map(ClientOrderId::from_wire)?;
        input.literal(b"\",\"transactTime\":")?;
        let transaction_time = DecodeInOrder::decode_in_order(input)?;
        let price = if input.literal(b",\"price\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let original_quantity = if input.literal(b",\"origQty\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let executed_quantity = if input.literal(b",\"executedQty\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let original_quote_quantity = if input.literal(b",\"origQuoteOrderQty\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let cumulative_quote_quantity = if input.literal(b",\"cummulativeQuoteQty\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let status = if input.literal(b",\"status\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let time_in_force = if input.literal(b",\"timeInForce\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let order_type = if input.literal(b",\"type\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let side = if input.literal(b",\"side\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let working_time = if input.literal(b",\"workingTime\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let fills = if input.literal(b",\"fills\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let self_trade_prevention_mode = if input.literal(b",\"selfTradePreventionMode\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let iceberg_quantity = if input.literal(b",\"icebergQty\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let prevented_match_id = if input.literal(b",\"preventedMatchId\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let prevented_quantity = if input.literal(b",\"preventedQuantity\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let stop_price = if input.literal(b",\"stopPrice\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let strategy_id = if input.literal(b",\"strategyId\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let strategy_type = if input.literal(b",\"strategyType\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let trailing_delta = if input.literal(b",\"trailingDelta\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let trailing_time = if input.literal(b",\"trailingTime\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let used_sor = if input.literal(b",\"usedSor\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let working_floor = if input.literal(b",\"workingFloor\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let peg_price_type = if input.literal(b",\"pegPriceType\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let peg_offset_type = if input.literal(b",\"pegOffsetType\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let peg_offset_value = if input.literal(b",\"pegOffsetValue\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let pegged_price = if input.literal(b",\"peggedPrice\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        let expiry_reason = if input.literal(b",\"expiryReason\":").is_some() {
            Some(DecodeInOrder::decode_in_order(input)?)
        } else {
            None
        };
        input.literal(b"}")?;
        *start = reader;
        Some(Self {
            symbol,
            order_id,
            order_list_id,
            client_order_id,
            transaction_time,
            price,
            original_quantity,
            executed_quantity,
            original_quote_quantity,
            cumulative_quote_quantity,
            status,
            time_in_force,
            order_type,
            side,
            working_time,
            fills,
            self_trade_prevention_mode,
            iceberg_quantity,
            prevented_match_id,
            prevented_quantity,
            stop_price,
            strategy_id,
            strategy_type,
            trailing_delta,
            trailing_time,
            used_sor,
            working_floor,
            peg_price_type,
            peg_offset_type,
            peg_offset_value,
            pegged_price,
            expiry_reason,
        })
    }
}

impl DecodeInOrder for NewOrderResponse {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

/// The commission of an order, as a share of what is traded.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderCommission {
    /// Maker commission.
    pub maker: Decimal,
    /// Taker commission.
    pub taker: Decimal,
}

impl OrderCommission {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut maker = None;
        let mut taker = None;
        for (key, found) in value.object()? {
            match key {
                "maker" => field(&mut maker, "maker", found)?,
                "taker" => field(&mut taker, "taker", found)?,
                _ => {}
            }
        }
        Ok(Self { maker: required(maker, "maker")?, taker: required(taker, "taker")? })
    }
}

impl Decode for OrderCommission {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("OrderCommission"))
    }
}

impl Encode for OrderCommission {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("maker", &self.maker);
        json.field("taker", &self.taker);
        json.end_object();
    }
}

/// The answer to a test: empty, unless commission rates were requested.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TestOrderResponse {
    /// The standard commission.
    pub standard_commission_for_order: Option<OrderCommission>,
    /// The special commission.
    pub special_commission_for_order: Option<OrderCommission>,
    /// The tax.
    pub tax_commission_for_order: Option<OrderCommission>,
    /// The discount.
    pub discount: Option<CommissionDiscount>,
}

impl TestOrderResponse {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut standard_commission_for_order = None;
        let mut special_commission_for_order = None;
        let mut tax_commission_for_order = None;
        let mut discount = None;
        for (key, found) in value.object()? {
            match key {
                "standardCommissionForOrder" => {
                    field(&mut standard_commission_for_order, "standardCommissionForOrder", found)?;
                }
                "specialCommissionForOrder" => {
                    field(&mut special_commission_for_order, "specialCommissionForOrder", found)?;
                }
                "taxCommissionForOrder" => {
                    field(&mut tax_commission_for_order, "taxCommissionForOrder", found)?;
                }
                "discount" => field(&mut discount, "discount", found)?,
                _ => {}
            }
        }
        Ok(Self {
            standard_commission_for_order: optional(standard_commission_for_order),
            special_commission_for_order: optional(special_commission_for_order),
            tax_commission_for_order: optional(tax_commission_for_order),
            discount: optional(discount),
        })
    }
}

impl Decode for TestOrderResponse {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("TestOrderResponse"))
    }
}

impl Encode for TestOrderResponse {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.optional("standardCommissionForOrder", self.standard_commission_for_order.as_ref());
        json.optional("specialCommissionForOrder", self.special_commission_for_order.as_ref());
        json.optional("taxCommissionForOrder", self.tax_commission_for_order.as_ref());
        json.optional("discount", self.discount.as_ref());
        json.end_object();
    }
}

/// An order, by the id of the exchange or by the client order id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderKey {
    /// By the id of the exchange.
    Id(OrderId),
    /// By its client order id.
    Client(ClientOrderId),
}

impl OrderKey {
    pub(crate) fn write_as(&self, params: &mut ParamWriter, names: [&'static str; 2]) {
        match self {
            Self::Id(value) => Param::write(value, names[0], params),
            Self::Client(value) => Param::write(value, names[1], params),
        }
    }
}

impl From<OrderId> for OrderKey {
    fn from(value: OrderId) -> Self {
        Self::Id(value)
    }
}

impl From<ClientOrderId> for OrderKey {
    fn from(value: ClientOrderId) -> Self {
        Self::Client(value)
    }
}

/// An order list, by the id of the exchange or by the client order id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderListKey {
    /// By the id of the exchange.
    Id(OrderListId),
    /// By its client order id.
    Client(ClientOrderId),
}

impl OrderListKey {
    pub(crate) fn write_as(&self, params: &mut ParamWriter, names: [&'static str; 2]) {
        match self {
            Self::Id(value) => Param::write(value, names[0], params),
            Self::Client(value) => Param::write(value, names[1], params),
        }
    }
}

impl From<OrderListId> for OrderListKey {
    fn from(value: OrderListId) -> Self {
        Self::Id(value)
    }
}

impl From<ClientOrderId> for OrderListKey {
    fn from(value: ClientOrderId) -> Self {
        Self::Client(value)
    }
}

/// Reduces the quantity of an order and keeps its priority in the book.
///
/// REST: `PUT /api/v3/order/amend/keepPriority`. WebSocket API: `order.amend.keepPriority`. Security: a signature. Weight: 4.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AmendKeepPriority {
    /// Symbol.
    pub symbol: Symbol,
    /// The order.
    pub order: OrderKey,
    /// New client order id; generated by the exchange if not given.
    pub new_client_order_id: Option<ClientOrderId>,
    /// The new quantity, smaller than the old one.
    pub new_quantity: Decimal,
    /// Text that was given for a number and is none.
    pub(crate) unreadable: Unreadable,
}

impl AmendKeepPriority {
    /// Creates the request with its required parameters.
    pub fn new(
        symbol: impl Into<Symbol>,
        order: impl Into<OrderKey>,
        new_quantity: impl IntoDecimal,
    ) -> Self {
        let mut unreadable = Unreadable::default();
        Self {
            symbol: symbol.into(),
            order: order.into(),
            new_client_order_id: None,
            new_quantity: unreadable.number("newQty", new_quantity).unwrap_or_default(),
            unreadable,
        }
    }

    /// New client order id; generated by the exchange if not given.
    #[must_use]
    pub fn new_client_order_id(mut self, new_client_order_id: impl Into<ClientOrderId>) -> Self {
        self.new_client_order_id = Some(new_client_order_id.into());
        self
    }
}

impl Request for AmendKeepPriority {
    type Response = AmendResponse;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(4)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        self.order.write_as(params, ["orderId", "origClientOrderId"]);
        Param::write(&self.new_client_order_id, "newClientOrderId", params);
        Param::write(&self.new_quantity, "newQty", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.unreadable.check("")
    }
}

impl RestRequest for AmendKeepPriority {
    fn method(&self) -> HttpMethod {
        HttpMethod::Put
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/order/amend/keepPriority")
    }
}

impl WsRequest for AmendKeepPriority {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("order.amend.keepPriority")
    }
}

/// Cancels all open orders and order lists of a symbol.
///
/// REST: `DELETE /api/v3/openOrders`. WebSocket API: `openOrders.cancelAll`. Security: a signature. Weight: 1.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CancelOpenOrders {
    /// Symbol.
    pub symbol: Symbol,
}

impl CancelOpenOrders {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>) -> Self {
        Self { symbol: symbol.into() }
    }
}

impl Request for CancelOpenOrders {
    type Response = List<CancelResult>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(1)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
    }
}

impl RestRequest for CancelOpenOrders {
    fn method(&self) -> HttpMethod {
        HttpMethod::Delete
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/openOrders")
    }
}

impl WsRequest for CancelOpenOrders {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("openOrders.cancelAll")
    }
}

/// Cancels an order. If it belongs to a list, the whole list is cancelled.
///
/// REST: `DELETE /api/v3/order`. WebSocket API: `order.cancel`. Security: a signature. Weight: 1.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CancelOrder {
    /// Symbol.
    pub symbol: Symbol,
    /// The order.
    pub order: OrderKey,
    /// Client order id of the cancellation; generated by the exchange if not given.
    pub new_client_order_id: Option<ClientOrderId>,
    /// Status in which it may be cancelled.
    pub cancel_restrictions: Option<CancelRestrictions>,
}

impl CancelOrder {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>, order: impl Into<OrderKey>) -> Self {
        Self {
            symbol: symbol.into(),
            order: order.into(),
            new_client_order_id: None,
            cancel_restrictions: None,
        }
    }

    /// Client order id of the cancellation; generated by the exchange if not given.
    #[must_use]
    pub fn new_client_order_id(mut self, new_client_order_id: impl Into<ClientOrderId>) -> Self {
        self.new_client_order_id = Some(new_client_order_id.into());
        self
    }

    /// Status in which it may be cancelled.
    #[must_use]
    pub fn cancel_restrictions(mut self, cancel_restrictions: CancelRestrictions) -> Self {
        self.cancel_restrictions = Some(cancel_restrictions);
        self
    }
}

impl Request for CancelOrder {
    type Response = CancelResult;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(1)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        self.order.write_as(params, ["orderId", "origClientOrderId"]);
        Param::write(&self.new_client_order_id, "newClientOrderId", params);
        Param::write(&self.cancel_restrictions, "cancelRestrictions", params);
    }
}

impl RestRequest for CancelOrder {
    fn method(&self) -> HttpMethod {
        HttpMethod::Delete
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/order")
    }
}

impl WsRequest for CancelOrder {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("order.cancel")
    }
}

/// Cancels an order and places another on the same symbol. If either half fails the exchange answers with an error whose
/// `data` contains the outcome of each: [`CancelReplaceResponse::from_error`] reads it.
///
/// REST: `POST /api/v3/order/cancelReplace`. WebSocket API: `order.cancelReplace`. Security: a signature. Weight: 1. Order count: 1.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CancelReplace {
    /// The new order.
    pub order: NewOrder,
    /// What happens if the cancellation fails.
    pub mode: CancelReplaceMode,
    /// The old order.
    pub cancel: OrderKey,
    /// Client order id of the cancellation.
    pub cancel_new_client_order_id: Option<ClientOrderId>,
    /// Status in which the old order may be cancelled.
    pub cancel_restrictions: Option<CancelRestrictions>,
    /// What happens when the limit of unfilled orders is exceeded.
    pub order_rate_limit_exceeded_mode: Option<OrderRateLimitExceededMode>,
}

impl CancelReplace {
    /// Creates the request with its required parameters.
    pub fn new(order: NewOrder, mode: CancelReplaceMode, cancel: impl Into<OrderKey>) -> Self {
        Self {
            order,
            mode,
            cancel: cancel.into(),
            cancel_new_client_order_id: None,
            cancel_restrictions: None,
            order_rate_limit_exceeded_mode: None,
        }
    }

    /// Client order id of the cancellation.
    #[must_use]
    pub fn cancel_new_client_order_id(
        mut self,
        cancel_new_client_order_id: impl Into<ClientOrderId>,
    ) -> Self {
        self.cancel_new_client_order_id = Some(cancel_new_client_order_id.into());
        self
    }

    /// Status in which the old order may be cancelled.
    #[must_use]
    pub fn cancel_restrictions(mut self, cancel_restrictions: CancelRestrictions) -> Self {
        self.cancel_restrictions = Some(cancel_restrictions);
        self
    }

    /// What happens when the limit of unfilled orders is exceeded.
    #[must_use]
    pub fn order_rate_limit_exceeded_mode(
        mut self,
        order_rate_limit_exceeded_mode: OrderRateLimitExceededMode,
    ) -> Self {
        self.order_rate_limit_exceeded_mode = Some(order_rate_limit_exceeded_mode);
        self
    }
}

impl Request for CancelReplace {
    type Response = CancelReplaceResponse;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(1).with_orders(1)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, params: &mut ParamWriter) {
        Request::write(&self.order, params);
        Param::write(&self.mode, "cancelReplaceMode", params);
        self.cancel.write_as(params, ["cancelOrderId", "cancelOrigClientOrderId"]);
        Param::write(&self.cancel_new_client_order_id, "cancelNewClientOrderId", params);
        Param::write(&self.cancel_restrictions, "cancelRestrictions", params);
        Param::write(&self.order_rate_limit_exceeded_mode, "orderRateLimitExceededMode", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.order.check()
    }
}

impl RestRequest for CancelReplace {
    fn method(&self) -> HttpMethod {
        HttpMethod::Post
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/order/cancelReplace")
    }
}

impl WsRequest for CancelReplace {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("order.cancelReplace")
    }
}

/// Places an order. The shortcuts (`NewOrder::limit_buy` …) set the type and the time in force.
///
/// REST: `POST /api/v3/order`. WebSocket API: `order.place`. Security: a signature. Weight: 1. Order count: 1.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NewOrder {
    /// Symbol.
    pub symbol: Symbol,
    /// Side.
    pub side: OrderSide,
    /// Order type.
    pub order_type: OrderType,
    /// Time in force; required for limit orders.
    pub time_in_force: Option<TimeInForce>,
    /// Quantity in the base asset.
    pub quantity: Option<Decimal>,
    /// Quantity in the quote asset; market orders only.
    pub quote_order_quantity: Option<Decimal>,
    /// Price.
    pub price: Option<Decimal>,
    /// Client order id; generated by the exchange if not given.
    pub new_client_order_id: Option<ClientOrderId>,
    /// Strategy id.
    pub strategy_id: Option<i64>,
    /// Strategy type.
    pub strategy_type: Option<i32>,
    /// Stop price.
    pub stop_price: Option<Decimal>,
    /// Trailing delta in basis points.
    pub trailing_delta: Option<u64>,
    /// Visible quantity (iceberg).
    pub iceberg_quantity: Option<Decimal>,
    /// Response type.
    pub response_type: Option<OrderResponseType>,
    /// Self-trade prevention mode.
    pub self_trade_prevention_mode: Option<SelfTradePreventionMode>,
    /// Price to which the order is pegged.
    pub peg_price_type: Option<PegPriceType>,
    /// The offset from there.
    pub peg_offset_value: Option<u32>,
    /// Unit of the offset.
    pub peg_offset_type: Option<PegOffsetType>,
    /// Text that was given for a number and is none.
    pub(crate) unreadable: Unreadable,
}

impl NewOrder {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>, side: OrderSide, order_type: OrderType) -> Self {
        let unreadable = Unreadable::default();
        Self {
            symbol: symbol.into(),
            side,
            order_type,
            time_in_force: None,
            quantity: None,
            quote_order_quantity: None,
            price: None,
            new_client_order_id: None,
            strategy_id: None,
            strategy_type: None,
            stop_price: None,
            trailing_delta: None,
            iceberg_quantity: None,
            response_type: None,
            self_trade_prevention_mode: None,
            peg_price_type: None,
            peg_offset_value: None,
            peg_offset_type: None,
            unreadable,
        }
    }

    /// Time in force; required for limit orders.
    #[must_use]
    pub fn time_in_force(mut self, time_in_force: TimeInForce) -> Self {
        self.time_in_force = Some(time_in_force);
        self
    }

    /// Quantity in the base asset.
    #[must_use]
    pub fn quantity(mut self, quantity: impl IntoDecimal) -> Self {
        self.quantity = self.unreadable.number("quantity", quantity);
        self
    }

    /// Quantity in the quote asset; market orders only.
    #[must_use]
    pub fn quote_order_quantity(mut self, quote_order_quantity: impl IntoDecimal) -> Self {
        self.quote_order_quantity = self.unreadable.number("quoteOrderQty", quote_order_quantity);
        self
    }

    /// Price.
    #[must_use]
    pub fn price(mut self, price: impl IntoDecimal) -> Self {
        self.price = self.unreadable.number("price", price);
        self
    }

    /// Client order id; generated by the exchange if not given.
    #[must_use]
    pub fn new_client_order_id(mut self, new_client_order_id: impl Into<ClientOrderId>) -> Self {
        self.new_client_order_id = Some(new_client_order_id.into());
        self
    }

    /// Strategy id.
    #[must_use]
    pub fn strategy_id(mut self, strategy_id: i64) -> Self {
        self.strategy_id = Some(strategy_id);
        self
    }

    /// Strategy type.
    #[must_use]
    pub fn strategy_type(mut self, strategy_type: i32) -> Self {
        self.strategy_type = Some(strategy_type);
        self
    }

    /// Stop price.
    #[must_use]
    pub fn stop_price(mut self, stop_price: impl IntoDecimal) -> Self {
        self.stop_price = self.unreadable.number("stopPrice", stop_price);
        self
    }

    /// Trailing delta in basis points.
    #[must_use]
    pub fn trailing_delta(mut self, trailing_delta: u64) -> Self {
        self.trailing_delta = Some(trailing_delta);
        self
    }

    /// Visible quantity (iceberg).
    #[must_use]
    pub fn iceberg_quantity(mut self, iceberg_quantity: impl IntoDecimal) -> Self {
        self.iceberg_quantity = self.unreadable.number("icebergQty", iceberg_quantity);
        self
    }

    /// Response type.
    #[must_use]
    pub fn response_type(mut self, response_type: OrderResponseType) -> Self {
        self.response_type = Some(response_type);
        self
    }

    /// Self-trade prevention mode.
    #[must_use]
    pub fn self_trade_prevention_mode(mut self, self_trade_prevention_mode: SelfTradePreventionMode) -> Self {
        self.self_trade_prevention_mode = Some(self_trade_prevention_mode);
        self
    }

    /// Price to which the order is pegged.
    #[must_use]
    pub fn peg_price_type(mut self, peg_price_type: PegPriceType) -> Self {
        self.peg_price_type = Some(peg_price_type);
        self
    }

    /// The offset from there.
    #[must_use]
    pub fn peg_offset_value(mut self, peg_offset_value: u32) -> Self {
        self.peg_offset_value = Some(peg_offset_value);
        self
    }

    /// Unit of the offset.
    #[must_use]
    pub fn peg_offset_type(mut self, peg_offset_type: PegOffsetType) -> Self {
        self.peg_offset_type = Some(peg_offset_type);
        self
    }
}

impl Request for NewOrder {
    type Response = NewOrderResponse;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(1).with_orders(1)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.side, "side", params);
        Param::write(&self.order_type, "type", params);
        Param::write(&self.time_in_force, "timeInForce", params);
        Param::write(&self.quantity, "quantity", params);
        Param::write(&self.quote_order_quantity, "quoteOrderQty", params);
        Param::write(&self.price, "price", params);
        Param::write(&self.new_client_order_id, "newClientOrderId", params);
        Param::write(&self.strategy_id, "strategyId", params);
        Param::write(&self.strategy_type, "strategyType", params);
        Param::write(&self.stop_price, "stopPrice", params);
        Param::write(&self.trailing_delta, "trailingDelta", params);
        Param::write(&self.iceberg_quantity, "icebergQty", params);
        Param::write(&self.response_type, "newOrderRespType", params);
        Param::write(&self.self_trade_prevention_mode, "selfTradePreventionMode", params);
        Param::write(&self.peg_price_type, "pegPriceType", params);
        Param::write(&self.peg_offset_value, "pegOffsetValue", params);
        Param::write(&self.peg_offset_type, "pegOffsetType", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.unreadable.check("")?;
        support::in_range("strategyType", self.strategy_type, 1_000_000, i32::MAX)?;
        support::in_range("pegOffsetValue", self.peg_offset_value, 1, 100)?;
        self.check_rules()
    }
}

impl RestRequest for NewOrder {
    fn method(&self) -> HttpMethod {
        HttpMethod::Post
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/order")
    }
}

impl WsRequest for NewOrder {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("order.place")
    }
}

/// Places an order by smart order routing.
///
/// REST: `POST /api/v3/sor/order`. WebSocket API: `sor.order.place`. Security: a signature. Weight: 1. Order count: 1.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SorOrder {
    /// Symbol.
    pub symbol: Symbol,
    /// Side.
    pub side: OrderSide,
    /// Limit or market.
    pub order_type: OrderType,
    /// Time in force; required for limit orders.
    pub time_in_force: Option<TimeInForce>,
    /// Quantity in the base asset.
    pub quantity: Decimal,
    /// Price; required for limit orders.
    pub price: Option<Decimal>,
    /// Client order id.
    pub new_client_order_id: Option<ClientOrderId>,
    /// Strategy id.
    pub strategy_id: Option<i64>,
    /// Strategy type.
    pub strategy_type: Option<i32>,
    /// Visible quantity (iceberg).
    pub iceberg_quantity: Option<Decimal>,
    /// Response type.
    pub response_type: Option<OrderResponseType>,
    /// Self-trade prevention mode.
    pub self_trade_prevention_mode: Option<SelfTradePreventionMode>,
    /// Text that was given for a number and is none.
    pub(crate) unreadable: Unreadable,
}

impl SorOrder {
    /// Creates the request with its required parameters.
    pub fn new(
        symbol: impl Into<Symbol>,
        side: OrderSide,
        order_type: OrderType,
        quantity: impl IntoDecimal,
    ) -> Self {
        let mut unreadable = Unreadable::default();
        Self {
            symbol: symbol.into(),
            side,
            order_type,
            time_in_force: None,
            quantity: unreadable.number("quantity", quantity).unwrap_or_default(),
            price: None,
            new_client_order_id: None,
            strategy_id: None,
            strategy_type: None,
            iceberg_quantity: None,
            response_type: None,
            self_trade_prevention_mode: None,
            unreadable,
        }
    }

    /// Time in force; required for limit orders.
    #[must_use]
    pub fn time_in_force(mut self, time_in_force: TimeInForce) -> Self {
        self.time_in_force = Some(time_in_force);
        self
    }

    /// Price; required for limit orders.
    #[must_use]
    pub fn price(mut self, price: impl IntoDecimal) -> Self {
        self.price = self.unreadable.number("price", price);
        self
    }

    /// Client order id.
    #[must_use]
    pub fn new_client_order_id(mut self, new_client_order_id: impl Into<ClientOrderId>) -> Self {
        self.new_client_order_id = Some(new_client_order_id.into());
        self
    }

    /// Strategy id.
    #[must_use]
    pub fn strategy_id(mut self, strategy_id: i64) -> Self {
        self.strategy_id = Some(strategy_id);
        self
    }

    /// Strategy type.
    #[must_use]
    pub fn strategy_type(mut self, strategy_type: i32) -> Self {
        self.strategy_type = Some(strategy_type);
        self
    }

    /// Visible quantity (iceberg).
    #[must_use]
    pub fn iceberg_quantity(mut self, iceberg_quantity: impl IntoDecimal) -> Self {
        self.iceberg_quantity = self.unreadable.number("icebergQty", iceberg_quantity);
        self
    }

    /// Response type.
    #[must_use]
    pub fn response_type(mut self, response_type: OrderResponseType) -> Self {
        self.response_type = Some(response_type);
        self
    }

    /// Self-trade prevention mode.
    #[must_use]
    pub fn self_trade_prevention_mode(mut self, self_trade_prevention_mode: SelfTradePreventionMode) -> Self {
        self.self_trade_prevention_mode = Some(self_trade_prevention_mode);
        self
    }
}

impl Request for SorOrder {
    type Response = OneOrMany<NewOrderResponse>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(1).with_orders(1)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.side, "side", params);
        Param::write(&self.order_type, "type", params);
        Param::write(&self.time_in_force, "timeInForce", params);
        Param::write(&self.quantity, "quantity", params);
        Param::write(&self.price, "price", params);
        Param::write(&self.new_client_order_id, "newClientOrderId", params);
        Param::write(&self.strategy_id, "strategyId", params);
        Param::write(&self.strategy_type, "strategyType", params);
        Param::write(&self.iceberg_quantity, "icebergQty", params);
        Param::write(&self.response_type, "newOrderRespType", params);
        Param::write(&self.self_trade_prevention_mode, "selfTradePreventionMode", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.unreadable.check("")?;
        support::in_range("strategyType", self.strategy_type, 1_000_000, i32::MAX)?;
        self.check_rules()
    }
}

impl RestRequest for SorOrder {
    fn method(&self) -> HttpMethod {
        HttpMethod::Post
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/sor/order")
    }
}

impl WsRequest for SorOrder {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("sor.order.place")
    }
}

/// Validates a new order without placing it.
///
/// REST: `POST /api/v3/order/test`. WebSocket API: `order.test`. Security: a signature. Weight: 20 if `compute_commission_rates`, 1 otherwise, 1 without `compute_commission_rates`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TestOrder {
    /// The order.
    pub order: NewOrder,
    /// Whether commission rates are computed.
    pub compute_commission_rates: Option<bool>,
}

impl TestOrder {
    /// Creates the request with its required parameters.
    pub fn new(order: NewOrder) -> Self {
        Self { order, compute_commission_rates: None }
    }

    /// Whether commission rates are computed.
    #[must_use]
    pub fn compute_commission_rates(mut self, compute_commission_rates: bool) -> Self {
        self.compute_commission_rates = Some(compute_commission_rates);
        self
    }
}

impl Request for TestOrder {
    type Response = TestOrderResponse;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(match self.compute_commission_rates {
            Some(true) => 20,
            _ => 1,
        })
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Request::write(&self.order, params);
        Param::write(&self.compute_commission_rates, "computeCommissionRates", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.order.check()
    }
}

impl RestRequest for TestOrder {
    fn method(&self) -> HttpMethod {
        HttpMethod::Post
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/order/test")
    }
}

impl WsRequest for TestOrder {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("order.test")
    }
}

/// Validates an order by smart order routing without placing it.
///
/// REST: `POST /api/v3/sor/order/test`. WebSocket API: `sor.order.test`. Security: a signature. Weight: 20 if `compute_commission_rates`, 1 otherwise, 1 without `compute_commission_rates`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TestSorOrder {
    /// The order.
    pub order: SorOrder,
    /// Whether commission rates are computed.
    pub compute_commission_rates: Option<bool>,
}

impl TestSorOrder {
    /// Creates the request with its required parameters.
    pub fn new(order: SorOrder) -> Self {
        Self { order, compute_commission_rates: None }
    }

    /// Whether commission rates are computed.
    #[must_use]
    pub fn compute_commission_rates(mut self, compute_commission_rates: bool) -> Self {
        self.compute_commission_rates = Some(compute_commission_rates);
        self
    }
}

impl Request for TestSorOrder {
    type Response = TestOrderResponse;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(match self.compute_commission_rates {
            Some(true) => 20,
            _ => 1,
        })
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Request::write(&self.order, params);
        Param::write(&self.compute_commission_rates, "computeCommissionRates", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.order.check()
    }
}

impl RestRequest for TestSorOrder {
    fn method(&self) -> HttpMethod {
        HttpMethod::Post
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/sor/order/test")
    }
}

impl WsRequest for TestSorOrder {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("sor.order.test")
    }
}

#[cfg(feature = "serde")]
crate::wire::serde_values! {
    AmendResponse,
    AmendedListStatus,
    AmendedOrder,
    CancelHalf,
    CancelReplaceResponse,
    CancelResult,
    CanceledOrder,
    Fill,
    NewOrderHalf,
    NewOrderResponse,
    OrderCommission,
    TestOrderResponse,
}
