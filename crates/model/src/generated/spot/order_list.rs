// Written by `cargo xtask codegen` from crates/model/spec/spot/order_list.toml; do not edit.

//! Order lists: OCO, OTO, OTOCO, OPO, OPOCO.

use super::all::{
    CanceledOrder, ContingencyType, ListOrderStatus, ListStatusType, NewOrderResponse, OrderListKey,
    OrderResponseType, OrderType, PegOffsetType, PegPriceType, SelfTradePreventionMode, TimeInForce,
};
use crate::common::IntoDecimal;
use crate::generated::common::OrderSide;
use crate::number::Unreadable;
use crate::param::Param;
use crate::support;
use binance_kit_core::decode::{DecodeInOrder, FastReader, Layout, Value, field, required};
use binance_kit_core::id::{OrderId, OrderListId};
use binance_kit_core::{
    Api, ClientOrderId, Cost, Decimal, Decode, DecodeError, Encode, HttpMethod, InvalidRequest, JsonWriter,
    List, ParamWriter, Request, RestRequest, Security, Symbol, Timestamp, WsRequest, product,
};
use std::borrow::Cow;

/// An order list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderList {
    /// The id of the list.
    pub order_list_id: OrderListId,
    /// Contingency type.
    pub contingency_type: ContingencyType,
    /// List status type.
    pub list_status_type: ListStatusType,
    /// Status of the list.
    pub list_order_status: ListOrderStatus,
    /// Client order id of the list.
    pub list_client_order_id: ClientOrderId,
    /// Transaction time.
    pub transaction_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// Orders of the list.
    pub orders: List<OrderListOrder>,
}

impl OrderList {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut order_list_id = None;
        let mut contingency_type = None;
        let mut list_status_type = None;
        let mut list_order_status = None;
        let mut list_client_order_id = None;
        let mut transaction_time = None;
        let mut symbol = None;
        let mut orders = None;
        for (key, found) in value.object()? {
            match key {
                "orderListId" => support::whole(&mut order_list_id, "orderListId", found)?,
                "contingencyType" => field(&mut contingency_type, "contingencyType", found)?,
                "listStatusType" => field(&mut list_status_type, "listStatusType", found)?,
                "listOrderStatus" => field(&mut list_order_status, "listOrderStatus", found)?,
                "listClientOrderId" => field(&mut list_client_order_id, "listClientOrderId", found)?,
                "transactionTime" => support::time(&mut transaction_time, "transactionTime", found)?,
                "symbol" => field(&mut symbol, "symbol", found)?,
                "orders" => field(&mut orders, "orders", found)?,
                _ => {}
            }
        }
        Ok(Self {
            order_list_id: required(order_list_id, "orderListId")?,
            contingency_type: required(contingency_type, "contingencyType")?,
            list_status_type: required(list_status_type, "listStatusType")?,
            list_order_status: required(list_order_status, "listOrderStatus")?,
            list_client_order_id: required(list_client_order_id, "listClientOrderId")?,
            transaction_time: required(transaction_time, "transactionTime")?,
            symbol: required(symbol, "symbol")?,
            orders: required(orders, "orders")?,
        })
    }
}

impl Decode for OrderList {
    const LAYOUT: Layout = Layout::Fields(&["orders"]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("OrderList"))
    }
}

impl Encode for OrderList {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("orderListId", &self.order_list_id);
        json.field("contingencyType", &self.contingency_type);
        json.field("listStatusType", &self.list_status_type);
        json.field("listOrderStatus", &self.list_order_status);
        json.field("listClientOrderId", &self.list_client_order_id);
        json.field("transactionTime", &self.transaction_time);
        json.field("symbol", &self.symbol);
        json.field("orders", &self.orders);
        json.end_object();
    }
}

/// An order of a list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderListOrder {
    /// Symbol.
    pub symbol: Symbol,
    /// Id given by the exchange.
    pub order_id: OrderId,
    /// Client order id.
    pub client_order_id: ClientOrderId,
}

impl OrderListOrder {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut symbol = None;
        let mut order_id = None;
        let mut client_order_id = None;
        for (key, found) in value.object()? {
            match key {
                "symbol" => field(&mut symbol, "symbol", found)?,
                "orderId" => support::whole(&mut order_id, "orderId", found)?,
                "clientOrderId" => field(&mut client_order_id, "clientOrderId", found)?,
                _ => {}
            }
        }
        Ok(Self {
            symbol: required(symbol, "symbol")?,
            order_id: required(order_id, "orderId")?,
            client_order_id: required(client_order_id, "clientOrderId")?,
        })
    }
}

impl Decode for OrderListOrder {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("OrderListOrder"))
    }
}

impl Encode for OrderListOrder {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("symbol", &self.symbol);
        json.field("orderId", &self.order_id);
        json.field("clientOrderId", &self.client_order_id);
        json.end_object();
    }
}

impl OrderListOrder {
    fn in_order(start: &mut FastReader<'_>) -> Option<Self> {
        let mut reader = *start;
        let input = &mut reader;
        input.literal(b"{\"symbol\":\"")?;
        let symbol = input.text_inside().map(Symbol::from_wire)?;
        input.literal(b"\",\"orderId\":")?;
        let order_id = DecodeInOrder::decode_in_order(input)?;
        input.literal(b",\"clientOrderId\":\"")?;
        let client_order_id = input.text_inside().map(ClientOrderId::from_wire)?;
        input.literal(b"\"}")?;
        *start = reader;
        Some(Self { symbol, order_id, client_order_id })
    }
}

impl DecodeInOrder for OrderListOrder {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        Self::in_order(input)
    }
}

/// The report of an order of a list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum OrderListOrderReport {
    /// Cancelled.
    Canceled(CanceledOrder),
    /// Placed.
    Placed(NewOrderResponse),
}

impl Decode for OrderListOrderReport {
    const LAYOUT: Layout = Layout::Fields(&[]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        if value.get("origClientOrderId").is_some() {
            return Decode::decode(value)
                .map(Self::Canceled)
                .map_err(|error| error.in_type("OrderListOrderReport"));
        }
        Decode::decode(value).map(Self::Placed).map_err(|error| error.in_type("OrderListOrderReport"))
    }
}

impl Encode for OrderListOrderReport {
    fn encode(&self, json: &mut JsonWriter) {
        match self {
            Self::Canceled(value) => value.encode(json),
            Self::Placed(value) => value.encode(json),
        }
    }
}

/// The answer to placing or cancelling an order list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderListReport {
    /// The id of the list.
    pub order_list_id: OrderListId,
    /// Contingency type.
    pub contingency_type: ContingencyType,
    /// List status type.
    pub list_status_type: ListStatusType,
    /// Status of the list.
    pub list_order_status: ListOrderStatus,
    /// Client order id of the list.
    pub list_client_order_id: ClientOrderId,
    /// Transaction time.
    pub transaction_time: Timestamp,
    /// Symbol.
    pub symbol: Symbol,
    /// Orders of the list.
    pub orders: List<OrderListOrder>,
    /// The report of each of its orders.
    pub order_reports: List<OrderListOrderReport>,
}

impl OrderListReport {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut order_list_id = None;
        let mut contingency_type = None;
        let mut list_status_type = None;
        let mut list_order_status = None;
        let mut list_client_order_id = None;
        let mut transaction_time = None;
        let mut symbol = None;
        let mut orders = None;
        let mut order_reports = None;
        for (key, found) in value.object()? {
            match key {
                "orderListId" => support::whole(&mut order_list_id, "orderListId", found)?,
                "contingencyType" => field(&mut contingency_type, "contingencyType", found)?,
                "listStatusType" => field(&mut list_status_type, "listStatusType", found)?,
                "listOrderStatus" => field(&mut list_order_status, "listOrderStatus", found)?,
                "listClientOrderId" => field(&mut list_client_order_id, "listClientOrderId", found)?,
                "transactionTime" => support::time(&mut transaction_time, "transactionTime", found)?,
                "symbol" => field(&mut symbol, "symbol", found)?,
                "orders" => field(&mut orders, "orders", found)?,
                "orderReports" => field(&mut order_reports, "orderReports", found)?,
                _ => {}
            }
        }
        Ok(Self {
            order_list_id: required(order_list_id, "orderListId")?,
            contingency_type: required(contingency_type, "contingencyType")?,
            list_status_type: required(list_status_type, "listStatusType")?,
            list_order_status: required(list_order_status, "listOrderStatus")?,
            list_client_order_id: required(list_client_order_id, "listClientOrderId")?,
            transaction_time: required(transaction_time, "transactionTime")?,
            symbol: required(symbol, "symbol")?,
            orders: required(orders, "orders")?,
            order_reports: required(order_reports, "orderReports")?,
        })
    }
}

impl Decode for OrderListReport {
    const LAYOUT: Layout = Layout::Fields(&["orders", "orderReports"]);

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        Self::read(value).map_err(|error| error.in_type("OrderListReport"))
    }
}

impl Encode for OrderListReport {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        json.field("orderListId", &self.order_list_id);
        json.field("contingencyType", &self.contingency_type);
        json.field("listStatusType", &self.list_status_type);
        json.field("listOrderStatus", &self.list_order_status);
        json.field("listClientOrderId", &self.list_client_order_id);
        json.field("transactionTime", &self.transaction_time);
        json.field("symbol", &self.symbol);
        json.field("orders", &self.orders);
        json.field("orderReports", &self.order_reports);
        json.end_object();
    }
}

/// One of the two orders of an OCO. The shortcuts (`OrderLeg::limit_maker` …) set what each type needs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderLeg {
    /// Order type.
    pub order_type: OrderType,
    /// Client order id.
    pub client_order_id: Option<ClientOrderId>,
    /// Price.
    pub price: Option<Decimal>,
    /// Stop price.
    pub stop_price: Option<Decimal>,
    /// Trailing delta in basis points.
    pub trailing_delta: Option<u64>,
    /// Visible quantity (iceberg).
    pub iceberg_quantity: Option<Decimal>,
    /// Time in force; required for stop-limit orders.
    pub time_in_force: Option<TimeInForce>,
    /// Strategy id.
    pub strategy_id: Option<i64>,
    /// Strategy type.
    pub strategy_type: Option<i32>,
    /// Price to which the order is pegged.
    pub peg_price_type: Option<PegPriceType>,
    /// Unit of the offset.
    pub peg_offset_type: Option<PegOffsetType>,
    /// The offset.
    pub peg_offset_value: Option<u32>,
    /// Text that was given for a number and is none.
    pub(crate) unreadable: Unreadable,
}

impl OrderLeg {
    /// Creates the part with its required parameters.
    pub fn new(order_type: OrderType) -> Self {
        let unreadable = Unreadable::default();
        Self {
            order_type,
            client_order_id: None,
            price: None,
            stop_price: None,
            trailing_delta: None,
            iceberg_quantity: None,
            time_in_force: None,
            strategy_id: None,
            strategy_type: None,
            peg_price_type: None,
            peg_offset_type: None,
            peg_offset_value: None,
            unreadable,
        }
    }

    /// Client order id.
    #[must_use]
    pub fn client_order_id(mut self, client_order_id: impl Into<ClientOrderId>) -> Self {
        self.client_order_id = Some(client_order_id.into());
        self
    }

    /// Price.
    #[must_use]
    pub fn price(mut self, price: impl IntoDecimal) -> Self {
        self.price = self.unreadable.number("Price", price);
        self
    }

    /// Stop price.
    #[must_use]
    pub fn stop_price(mut self, stop_price: impl IntoDecimal) -> Self {
        self.stop_price = self.unreadable.number("StopPrice", stop_price);
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
        self.iceberg_quantity = self.unreadable.number("IcebergQty", iceberg_quantity);
        self
    }

    /// Time in force; required for stop-limit orders.
    #[must_use]
    pub fn time_in_force(mut self, time_in_force: TimeInForce) -> Self {
        self.time_in_force = Some(time_in_force);
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

    /// Price to which the order is pegged.
    #[must_use]
    pub fn peg_price_type(mut self, peg_price_type: PegPriceType) -> Self {
        self.peg_price_type = Some(peg_price_type);
        self
    }

    /// Unit of the offset.
    #[must_use]
    pub fn peg_offset_type(mut self, peg_offset_type: PegOffsetType) -> Self {
        self.peg_offset_type = Some(peg_offset_type);
        self
    }

    /// The offset.
    #[must_use]
    pub fn peg_offset_value(mut self, peg_offset_value: u32) -> Self {
        self.peg_offset_value = Some(peg_offset_value);
        self
    }
}

impl OrderLeg {
    pub(crate) fn write_as(&self, params: &mut ParamWriter, names: [&'static str; 12]) {
        Param::write(&self.order_type, names[0], params);
        Param::write(&self.client_order_id, names[1], params);
        Param::write(&self.price, names[2], params);
        Param::write(&self.stop_price, names[3], params);
        Param::write(&self.trailing_delta, names[4], params);
        Param::write(&self.iceberg_quantity, names[5], params);
        Param::write(&self.time_in_force, names[6], params);
        Param::write(&self.strategy_id, names[7], params);
        Param::write(&self.strategy_type, names[8], params);
        Param::write(&self.peg_price_type, names[9], params);
        Param::write(&self.peg_offset_type, names[10], params);
        Param::write(&self.peg_offset_value, names[11], params);
    }
}

/// The pending order of a list: placed when the working order is filled.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PendingOrder {
    /// Order type.
    pub order_type: OrderType,
    /// Side.
    pub side: OrderSide,
    /// Client order id.
    pub client_order_id: Option<ClientOrderId>,
    /// Price.
    pub price: Option<Decimal>,
    /// Stop price.
    pub stop_price: Option<Decimal>,
    /// Trailing delta in basis points.
    pub trailing_delta: Option<u64>,
    /// Visible quantity (iceberg).
    pub iceberg_quantity: Option<Decimal>,
    /// Time in force; required for limit orders.
    pub time_in_force: Option<TimeInForce>,
    /// Strategy id.
    pub strategy_id: Option<i64>,
    /// Strategy type.
    pub strategy_type: Option<i32>,
    /// Price to which the order is pegged.
    pub peg_price_type: Option<PegPriceType>,
    /// Unit of the offset.
    pub peg_offset_type: Option<PegOffsetType>,
    /// The offset.
    pub peg_offset_value: Option<u32>,
    /// Text that was given for a number and is none.
    pub(crate) unreadable: Unreadable,
}

impl PendingOrder {
    /// Creates the part with its required parameters.
    pub fn new(order_type: OrderType, side: OrderSide) -> Self {
        let unreadable = Unreadable::default();
        Self {
            order_type,
            side,
            client_order_id: None,
            price: None,
            stop_price: None,
            trailing_delta: None,
            iceberg_quantity: None,
            time_in_force: None,
            strategy_id: None,
            strategy_type: None,
            peg_price_type: None,
            peg_offset_type: None,
            peg_offset_value: None,
            unreadable,
        }
    }

    /// Client order id.
    #[must_use]
    pub fn client_order_id(mut self, client_order_id: impl Into<ClientOrderId>) -> Self {
        self.client_order_id = Some(client_order_id.into());
        self
    }

    /// Price.
    #[must_use]
    pub fn price(mut self, price: impl IntoDecimal) -> Self {
        self.price = self.unreadable.number("Price", price);
        self
    }

    /// Stop price.
    #[must_use]
    pub fn stop_price(mut self, stop_price: impl IntoDecimal) -> Self {
        self.stop_price = self.unreadable.number("StopPrice", stop_price);
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
        self.iceberg_quantity = self.unreadable.number("IcebergQty", iceberg_quantity);
        self
    }

    /// Time in force; required for limit orders.
    #[must_use]
    pub fn time_in_force(mut self, time_in_force: TimeInForce) -> Self {
        self.time_in_force = Some(time_in_force);
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

    /// Price to which the order is pegged.
    #[must_use]
    pub fn peg_price_type(mut self, peg_price_type: PegPriceType) -> Self {
        self.peg_price_type = Some(peg_price_type);
        self
    }

    /// Unit of the offset.
    #[must_use]
    pub fn peg_offset_type(mut self, peg_offset_type: PegOffsetType) -> Self {
        self.peg_offset_type = Some(peg_offset_type);
        self
    }

    /// The offset.
    #[must_use]
    pub fn peg_offset_value(mut self, peg_offset_value: u32) -> Self {
        self.peg_offset_value = Some(peg_offset_value);
        self
    }
}

impl PendingOrder {
    pub(crate) fn write_as(&self, params: &mut ParamWriter, names: [&'static str; 13]) {
        Param::write(&self.order_type, names[0], params);
        Param::write(&self.side, names[1], params);
        Param::write(&self.client_order_id, names[2], params);
        Param::write(&self.price, names[3], params);
        Param::write(&self.stop_price, names[4], params);
        Param::write(&self.trailing_delta, names[5], params);
        Param::write(&self.iceberg_quantity, names[6], params);
        Param::write(&self.time_in_force, names[7], params);
        Param::write(&self.strategy_id, names[8], params);
        Param::write(&self.strategy_type, names[9], params);
        Param::write(&self.peg_price_type, names[10], params);
        Param::write(&self.peg_offset_type, names[11], params);
        Param::write(&self.peg_offset_value, names[12], params);
    }
}

/// The working order of a list: placed first. `WorkingOrder::limit` and `WorkingOrder::limit_maker` begin one, which needs a
/// quantity and a price.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WorkingOrder {
    /// Limit or limit maker.
    pub order_type: OrderType,
    /// Side.
    pub side: OrderSide,
    /// Client order id.
    pub client_order_id: Option<ClientOrderId>,
    /// Price; required.
    pub price: Option<Decimal>,
    /// Quantity in the base asset; required.
    pub quantity: Option<Decimal>,
    /// Visible quantity (iceberg).
    pub iceberg_quantity: Option<Decimal>,
    /// Time in force; required for limit orders.
    pub time_in_force: Option<TimeInForce>,
    /// Strategy id.
    pub strategy_id: Option<i64>,
    /// Strategy type.
    pub strategy_type: Option<i32>,
    /// Price to which the order is pegged.
    pub peg_price_type: Option<PegPriceType>,
    /// Unit of the offset.
    pub peg_offset_type: Option<PegOffsetType>,
    /// The offset.
    pub peg_offset_value: Option<u32>,
    /// Text that was given for a number and is none.
    pub(crate) unreadable: Unreadable,
}

impl WorkingOrder {
    /// Creates the part with its required parameters.
    pub fn new(order_type: OrderType, side: OrderSide) -> Self {
        let unreadable = Unreadable::default();
        Self {
            order_type,
            side,
            client_order_id: None,
            price: None,
            quantity: None,
            iceberg_quantity: None,
            time_in_force: None,
            strategy_id: None,
            strategy_type: None,
            peg_price_type: None,
            peg_offset_type: None,
            peg_offset_value: None,
            unreadable,
        }
    }

    /// Client order id.
    #[must_use]
    pub fn client_order_id(mut self, client_order_id: impl Into<ClientOrderId>) -> Self {
        self.client_order_id = Some(client_order_id.into());
        self
    }

    /// Price; required.
    #[must_use]
    pub fn price(mut self, price: impl IntoDecimal) -> Self {
        self.price = self.unreadable.number("Price", price);
        self
    }

    /// Quantity in the base asset; required.
    #[must_use]
    pub fn quantity(mut self, quantity: impl IntoDecimal) -> Self {
        self.quantity = self.unreadable.number("Quantity", quantity);
        self
    }

    /// Visible quantity (iceberg).
    #[must_use]
    pub fn iceberg_quantity(mut self, iceberg_quantity: impl IntoDecimal) -> Self {
        self.iceberg_quantity = self.unreadable.number("IcebergQty", iceberg_quantity);
        self
    }

    /// Time in force; required for limit orders.
    #[must_use]
    pub fn time_in_force(mut self, time_in_force: TimeInForce) -> Self {
        self.time_in_force = Some(time_in_force);
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

    /// Price to which the order is pegged.
    #[must_use]
    pub fn peg_price_type(mut self, peg_price_type: PegPriceType) -> Self {
        self.peg_price_type = Some(peg_price_type);
        self
    }

    /// Unit of the offset.
    #[must_use]
    pub fn peg_offset_type(mut self, peg_offset_type: PegOffsetType) -> Self {
        self.peg_offset_type = Some(peg_offset_type);
        self
    }

    /// The offset.
    #[must_use]
    pub fn peg_offset_value(mut self, peg_offset_value: u32) -> Self {
        self.peg_offset_value = Some(peg_offset_value);
        self
    }
}

impl WorkingOrder {
    pub(crate) fn write_as(&self, params: &mut ParamWriter, names: [&'static str; 12]) {
        Param::write(&self.order_type, names[0], params);
        Param::write(&self.side, names[1], params);
        Param::write(&self.client_order_id, names[2], params);
        Param::write(&self.price, names[3], params);
        Param::write(&self.quantity, names[4], params);
        Param::write(&self.iceberg_quantity, names[5], params);
        Param::write(&self.time_in_force, names[6], params);
        Param::write(&self.strategy_id, names[7], params);
        Param::write(&self.strategy_type, names[8], params);
        Param::write(&self.peg_price_type, names[9], params);
        Param::write(&self.peg_offset_type, names[10], params);
        Param::write(&self.peg_offset_value, names[11], params);
    }
}

/// All order lists of the account, from an id or between two times.
///
/// REST: `GET /api/v3/allOrderList`. WebSocket API: `allOrderLists`. Security: a signature. Weight: 20.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct AllOrderLists {
    /// The first list; not together with times.
    pub from_id: Option<OrderListId>,
    /// Start time, included.
    pub start_time: Option<Timestamp>,
    /// End time, included.
    pub end_time: Option<Timestamp>,
    /// Maximum number of rows; default 500.
    pub limit: Option<u32>,
}

impl AllOrderLists {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// The first list; not together with times.
    #[must_use]
    pub fn from_id(mut self, from_id: OrderListId) -> Self {
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

impl Request for AllOrderLists {
    type Response = List<OrderList>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(20)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
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

impl RestRequest for AllOrderLists {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/allOrderList")
    }
}

impl WsRequest for AllOrderLists {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("allOrderLists")
    }
}

/// Cancels an order list.
///
/// REST: `DELETE /api/v3/orderList`. WebSocket API: `orderList.cancel`. Security: a signature. Weight: 1.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CancelOrderList {
    /// Symbol.
    pub symbol: Symbol,
    /// The list.
    pub list: OrderListKey,
    /// Client order id of the cancellation.
    pub new_client_order_id: Option<ClientOrderId>,
}

impl CancelOrderList {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>, list: impl Into<OrderListKey>) -> Self {
        Self { symbol: symbol.into(), list: list.into(), new_client_order_id: None }
    }

    /// Client order id of the cancellation.
    #[must_use]
    pub fn new_client_order_id(mut self, new_client_order_id: impl Into<ClientOrderId>) -> Self {
        self.new_client_order_id = Some(new_client_order_id.into());
        self
    }
}

impl Request for CancelOrderList {
    type Response = OrderListReport;

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
        self.list.write_as(params, ["orderListId", "listClientOrderId"]);
        Param::write(&self.new_client_order_id, "newClientOrderId", params);
    }
}

impl RestRequest for CancelOrderList {
    fn method(&self) -> HttpMethod {
        HttpMethod::Delete
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/orderList")
    }
}

impl WsRequest for CancelOrderList {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("orderList.cancel")
    }
}

/// The open order lists of the account.
///
/// REST: `GET /api/v3/openOrderList`. WebSocket API: `openOrderLists.status`. Security: a signature. Weight: 6.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct OpenOrderLists {}

impl OpenOrderLists {
    /// Creates the request with its required parameters.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Request for OpenOrderLists {
    type Response = List<OrderList>;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(6)
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, _: &mut ParamWriter) {}
}

impl RestRequest for OpenOrderLists {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/openOrderList")
    }
}

impl WsRequest for OpenOrderLists {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("openOrderLists.status")
    }
}

/// Places two orders of which one cancels the other. `OrderListOco::sell` and `OrderListOco::buy` begin one that reads like
/// a sentence.
///
/// REST: `POST /api/v3/orderList/oco`. WebSocket API: `orderList.place.oco`. Security: a signature. Weight: 1. Order count: 2.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderListOco {
    /// Symbol.
    pub symbol: Symbol,
    /// Client order id of the list.
    pub list_client_order_id: Option<ClientOrderId>,
    /// Response type.
    pub response_type: Option<OrderResponseType>,
    /// Self-trade prevention mode.
    pub self_trade_prevention_mode: Option<SelfTradePreventionMode>,
    /// The side of both orders.
    pub side: OrderSide,
    /// The quantity of both orders.
    pub quantity: Decimal,
    /// The order above the current price.
    pub above: OrderLeg,
    /// The order below the current price.
    pub below: OrderLeg,
    /// Text that was given for a number and is none.
    pub(crate) unreadable: Unreadable,
}

impl OrderListOco {
    /// Creates the request with its required parameters.
    pub(crate) fn new(
        symbol: impl Into<Symbol>,
        side: OrderSide,
        quantity: impl IntoDecimal,
        above: OrderLeg,
        below: OrderLeg,
    ) -> Self {
        let mut unreadable = Unreadable::default();
        Self {
            symbol: symbol.into(),
            list_client_order_id: None,
            response_type: None,
            self_trade_prevention_mode: None,
            side,
            quantity: unreadable.number("quantity", quantity).unwrap_or_default(),
            above,
            below,
            unreadable,
        }
    }

    /// Client order id of the list.
    #[must_use]
    pub fn list_client_order_id(mut self, list_client_order_id: impl Into<ClientOrderId>) -> Self {
        self.list_client_order_id = Some(list_client_order_id.into());
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

impl Request for OrderListOco {
    type Response = OrderListReport;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(1).with_orders(2)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.list_client_order_id, "listClientOrderId", params);
        Param::write(&self.response_type, "newOrderRespType", params);
        Param::write(&self.self_trade_prevention_mode, "selfTradePreventionMode", params);
        Param::write(&self.side, "side", params);
        Param::write(&self.quantity, "quantity", params);
        self.above.write_as(
            params,
            [
                "aboveType",
                "aboveClientOrderId",
                "abovePrice",
                "aboveStopPrice",
                "aboveTrailingDelta",
                "aboveIcebergQty",
                "aboveTimeInForce",
                "aboveStrategyId",
                "aboveStrategyType",
                "abovePegPriceType",
                "abovePegOffsetType",
                "abovePegOffsetValue",
            ],
        );
        self.below.write_as(
            params,
            [
                "belowType",
                "belowClientOrderId",
                "belowPrice",
                "belowStopPrice",
                "belowTrailingDelta",
                "belowIcebergQty",
                "belowTimeInForce",
                "belowStrategyId",
                "belowStrategyType",
                "belowPegPriceType",
                "belowPegOffsetType",
                "belowPegOffsetValue",
            ],
        );
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.unreadable.check("")?;
        self.above.unreadable.check("above")?;
        self.below.unreadable.check("below")?;
        self.check_rules()
    }
}

impl RestRequest for OrderListOco {
    fn method(&self) -> HttpMethod {
        HttpMethod::Post
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/orderList/oco")
    }
}

impl WsRequest for OrderListOco {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("orderList.place.oco")
    }
}

/// Places a buy order, and a sell order of the bought quantity when it is filled.
///
/// REST: `POST /api/v3/orderList/opo`. WebSocket API: `orderList.place.opo`. Security: a signature. Weight: 1. Order count: 2.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderListOpo {
    /// Symbol.
    pub symbol: Symbol,
    /// Client order id of the list.
    pub list_client_order_id: Option<ClientOrderId>,
    /// Response type.
    pub response_type: Option<OrderResponseType>,
    /// Self-trade prevention mode.
    pub self_trade_prevention_mode: Option<SelfTradePreventionMode>,
    /// The first order.
    pub working: WorkingOrder,
    /// The second order; its quantity follows from the first.
    pub pending: PendingOrder,
}

impl OrderListOpo {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>, working: WorkingOrder, pending: PendingOrder) -> Self {
        Self {
            symbol: symbol.into(),
            list_client_order_id: None,
            response_type: None,
            self_trade_prevention_mode: None,
            working,
            pending,
        }
    }

    /// Client order id of the list.
    #[must_use]
    pub fn list_client_order_id(mut self, list_client_order_id: impl Into<ClientOrderId>) -> Self {
        self.list_client_order_id = Some(list_client_order_id.into());
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

impl Request for OrderListOpo {
    type Response = OrderListReport;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(1).with_orders(2)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.list_client_order_id, "listClientOrderId", params);
        Param::write(&self.response_type, "newOrderRespType", params);
        Param::write(&self.self_trade_prevention_mode, "selfTradePreventionMode", params);
        self.working.write_as(
            params,
            [
                "workingType",
                "workingSide",
                "workingClientOrderId",
                "workingPrice",
                "workingQuantity",
                "workingIcebergQty",
                "workingTimeInForce",
                "workingStrategyId",
                "workingStrategyType",
                "workingPegPriceType",
                "workingPegOffsetType",
                "workingPegOffsetValue",
            ],
        );
        self.pending.write_as(
            params,
            [
                "pendingType",
                "pendingSide",
                "pendingClientOrderId",
                "pendingPrice",
                "pendingStopPrice",
                "pendingTrailingDelta",
                "pendingIcebergQty",
                "pendingTimeInForce",
                "pendingStrategyId",
                "pendingStrategyType",
                "pendingPegPriceType",
                "pendingPegOffsetType",
                "pendingPegOffsetValue",
            ],
        );
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.working.unreadable.check("working")?;
        self.pending.unreadable.check("pending")?;
        self.check_rules()
    }
}

impl RestRequest for OrderListOpo {
    fn method(&self) -> HttpMethod {
        HttpMethod::Post
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/orderList/opo")
    }
}

impl WsRequest for OrderListOpo {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("orderList.place.opo")
    }
}

/// Places a buy order, and an OCO of the bought quantity when it is filled.
///
/// REST: `POST /api/v3/orderList/opoco`. WebSocket API: `orderList.place.opoco`. Security: a signature. Weight: 1. Order count: 3.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderListOpoco {
    /// Symbol.
    pub symbol: Symbol,
    /// Client order id of the list.
    pub list_client_order_id: Option<ClientOrderId>,
    /// Response type.
    pub response_type: Option<OrderResponseType>,
    /// Self-trade prevention mode.
    pub self_trade_prevention_mode: Option<SelfTradePreventionMode>,
    /// The first order.
    pub working: WorkingOrder,
    /// The side of the OCO.
    pub pending_side: OrderSide,
    /// The order of the OCO above the price.
    pub pending_above: OrderLeg,
    /// The order of the OCO below the price.
    pub pending_below: Option<OrderLeg>,
}

impl OrderListOpoco {
    /// Creates the request with its required parameters.
    pub fn new(
        symbol: impl Into<Symbol>,
        working: WorkingOrder,
        pending_side: OrderSide,
        pending_above: OrderLeg,
    ) -> Self {
        Self {
            symbol: symbol.into(),
            list_client_order_id: None,
            response_type: None,
            self_trade_prevention_mode: None,
            working,
            pending_side,
            pending_above,
            pending_below: None,
        }
    }

    /// Client order id of the list.
    #[must_use]
    pub fn list_client_order_id(mut self, list_client_order_id: impl Into<ClientOrderId>) -> Self {
        self.list_client_order_id = Some(list_client_order_id.into());
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

    /// The order of the OCO below the price.
    #[must_use]
    pub fn pending_below(mut self, pending_below: OrderLeg) -> Self {
        self.pending_below = Some(pending_below);
        self
    }
}

impl Request for OrderListOpoco {
    type Response = OrderListReport;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(1).with_orders(3)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.list_client_order_id, "listClientOrderId", params);
        Param::write(&self.response_type, "newOrderRespType", params);
        Param::write(&self.self_trade_prevention_mode, "selfTradePreventionMode", params);
        self.working.write_as(
            params,
            [
                "workingType",
                "workingSide",
                "workingClientOrderId",
                "workingPrice",
                "workingQuantity",
                "workingIcebergQty",
                "workingTimeInForce",
                "workingStrategyId",
                "workingStrategyType",
                "workingPegPriceType",
                "workingPegOffsetType",
                "workingPegOffsetValue",
            ],
        );
        Param::write(&self.pending_side, "pendingSide", params);
        self.pending_above.write_as(
            params,
            [
                "pendingAboveType",
                "pendingAboveClientOrderId",
                "pendingAbovePrice",
                "pendingAboveStopPrice",
                "pendingAboveTrailingDelta",
                "pendingAboveIcebergQty",
                "pendingAboveTimeInForce",
                "pendingAboveStrategyId",
                "pendingAboveStrategyType",
                "pendingAbovePegPriceType",
                "pendingAbovePegOffsetType",
                "pendingAbovePegOffsetValue",
            ],
        );
        if let Some(given) = &self.pending_below {
            given.write_as(
                params,
                [
                    "pendingBelowType",
                    "pendingBelowClientOrderId",
                    "pendingBelowPrice",
                    "pendingBelowStopPrice",
                    "pendingBelowTrailingDelta",
                    "pendingBelowIcebergQty",
                    "pendingBelowTimeInForce",
                    "pendingBelowStrategyId",
                    "pendingBelowStrategyType",
                    "pendingBelowPegPriceType",
                    "pendingBelowPegOffsetType",
                    "pendingBelowPegOffsetValue",
                ],
            );
        }
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.working.unreadable.check("working")?;
        self.pending_above.unreadable.check("pendingAbove")?;
        self.pending_below.as_ref().map_or(Ok(()), |part| part.unreadable.check("pendingBelow"))?;
        self.check_rules()
    }
}

impl RestRequest for OrderListOpoco {
    fn method(&self) -> HttpMethod {
        HttpMethod::Post
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/orderList/opoco")
    }
}

impl WsRequest for OrderListOpoco {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("orderList.place.opoco")
    }
}

/// Places an order, and another when it is filled.
///
/// REST: `POST /api/v3/orderList/oto`. WebSocket API: `orderList.place.oto`. Security: a signature. Weight: 1. Order count: 2.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderListOto {
    /// Symbol.
    pub symbol: Symbol,
    /// Client order id of the list.
    pub list_client_order_id: Option<ClientOrderId>,
    /// Response type.
    pub response_type: Option<OrderResponseType>,
    /// Self-trade prevention mode.
    pub self_trade_prevention_mode: Option<SelfTradePreventionMode>,
    /// The first order.
    pub working: WorkingOrder,
    /// The second order.
    pub pending: PendingOrder,
    /// The quantity of the second order.
    pub pending_quantity: Decimal,
    /// Text that was given for a number and is none.
    pub(crate) unreadable: Unreadable,
}

impl OrderListOto {
    /// Creates the request with its required parameters.
    pub fn new(
        symbol: impl Into<Symbol>,
        working: WorkingOrder,
        pending: PendingOrder,
        pending_quantity: impl IntoDecimal,
    ) -> Self {
        let mut unreadable = Unreadable::default();
        Self {
            symbol: symbol.into(),
            list_client_order_id: None,
            response_type: None,
            self_trade_prevention_mode: None,
            working,
            pending,
            pending_quantity: unreadable.number("pendingQuantity", pending_quantity).unwrap_or_default(),
            unreadable,
        }
    }

    /// Client order id of the list.
    #[must_use]
    pub fn list_client_order_id(mut self, list_client_order_id: impl Into<ClientOrderId>) -> Self {
        self.list_client_order_id = Some(list_client_order_id.into());
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

impl Request for OrderListOto {
    type Response = OrderListReport;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(1).with_orders(2)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.list_client_order_id, "listClientOrderId", params);
        Param::write(&self.response_type, "newOrderRespType", params);
        Param::write(&self.self_trade_prevention_mode, "selfTradePreventionMode", params);
        self.working.write_as(
            params,
            [
                "workingType",
                "workingSide",
                "workingClientOrderId",
                "workingPrice",
                "workingQuantity",
                "workingIcebergQty",
                "workingTimeInForce",
                "workingStrategyId",
                "workingStrategyType",
                "workingPegPriceType",
                "workingPegOffsetType",
                "workingPegOffsetValue",
            ],
        );
        self.pending.write_as(
            params,
            [
                "pendingType",
                "pendingSide",
                "pendingClientOrderId",
                "pendingPrice",
                "pendingStopPrice",
                "pendingTrailingDelta",
                "pendingIcebergQty",
                "pendingTimeInForce",
                "pendingStrategyId",
                "pendingStrategyType",
                "pendingPegPriceType",
                "pendingPegOffsetType",
                "pendingPegOffsetValue",
            ],
        );
        Param::write(&self.pending_quantity, "pendingQuantity", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.unreadable.check("")?;
        self.working.unreadable.check("working")?;
        self.pending.unreadable.check("pending")?;
        self.check_rules()
    }
}

impl RestRequest for OrderListOto {
    fn method(&self) -> HttpMethod {
        HttpMethod::Post
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/orderList/oto")
    }
}

impl WsRequest for OrderListOto {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("orderList.place.oto")
    }
}

/// Places an order, and an OCO when it is filled.
///
/// REST: `POST /api/v3/orderList/otoco`. WebSocket API: `orderList.place.otoco`. Security: a signature. Weight: 1. Order count: 3.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderListOtoco {
    /// Symbol.
    pub symbol: Symbol,
    /// Client order id of the list.
    pub list_client_order_id: Option<ClientOrderId>,
    /// Response type.
    pub response_type: Option<OrderResponseType>,
    /// Self-trade prevention mode.
    pub self_trade_prevention_mode: Option<SelfTradePreventionMode>,
    /// The first order.
    pub working: WorkingOrder,
    /// The side of the OCO.
    pub pending_side: OrderSide,
    /// The quantity of the OCO.
    pub pending_quantity: Decimal,
    /// The order of the OCO above the price.
    pub pending_above: OrderLeg,
    /// The order of the OCO below the price.
    pub pending_below: Option<OrderLeg>,
    /// Text that was given for a number and is none.
    pub(crate) unreadable: Unreadable,
}

impl OrderListOtoco {
    /// Creates the request with its required parameters.
    pub fn new(
        symbol: impl Into<Symbol>,
        working: WorkingOrder,
        pending_side: OrderSide,
        pending_quantity: impl IntoDecimal,
        pending_above: OrderLeg,
    ) -> Self {
        let mut unreadable = Unreadable::default();
        Self {
            symbol: symbol.into(),
            list_client_order_id: None,
            response_type: None,
            self_trade_prevention_mode: None,
            working,
            pending_side,
            pending_quantity: unreadable.number("pendingQuantity", pending_quantity).unwrap_or_default(),
            pending_above,
            pending_below: None,
            unreadable,
        }
    }

    /// Client order id of the list.
    #[must_use]
    pub fn list_client_order_id(mut self, list_client_order_id: impl Into<ClientOrderId>) -> Self {
        self.list_client_order_id = Some(list_client_order_id.into());
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

    /// The order of the OCO below the price.
    #[must_use]
    pub fn pending_below(mut self, pending_below: OrderLeg) -> Self {
        self.pending_below = Some(pending_below);
        self
    }
}

impl Request for OrderListOtoco {
    type Response = OrderListReport;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(1).with_orders(3)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.list_client_order_id, "listClientOrderId", params);
        Param::write(&self.response_type, "newOrderRespType", params);
        Param::write(&self.self_trade_prevention_mode, "selfTradePreventionMode", params);
        self.working.write_as(
            params,
            [
                "workingType",
                "workingSide",
                "workingClientOrderId",
                "workingPrice",
                "workingQuantity",
                "workingIcebergQty",
                "workingTimeInForce",
                "workingStrategyId",
                "workingStrategyType",
                "workingPegPriceType",
                "workingPegOffsetType",
                "workingPegOffsetValue",
            ],
        );
        Param::write(&self.pending_side, "pendingSide", params);
        Param::write(&self.pending_quantity, "pendingQuantity", params);
        self.pending_above.write_as(
            params,
            [
                "pendingAboveType",
                "pendingAboveClientOrderId",
                "pendingAbovePrice",
                "pendingAboveStopPrice",
                "pendingAboveTrailingDelta",
                "pendingAboveIcebergQty",
                "pendingAboveTimeInForce",
                "pendingAboveStrategyId",
                "pendingAboveStrategyType",
                "pendingAbovePegPriceType",
                "pendingAbovePegOffsetType",
                "pendingAbovePegOffsetValue",
            ],
        );
        if let Some(given) = &self.pending_below {
            given.write_as(
                params,
                [
                    "pendingBelowType",
                    "pendingBelowClientOrderId",
                    "pendingBelowPrice",
                    "pendingBelowStopPrice",
                    "pendingBelowTrailingDelta",
                    "pendingBelowIcebergQty",
                    "pendingBelowTimeInForce",
                    "pendingBelowStrategyId",
                    "pendingBelowStrategyType",
                    "pendingBelowPegPriceType",
                    "pendingBelowPegOffsetType",
                    "pendingBelowPegOffsetValue",
                ],
            );
        }
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.unreadable.check("")?;
        self.working.unreadable.check("working")?;
        self.pending_above.unreadable.check("pendingAbove")?;
        self.pending_below.as_ref().map_or(Ok(()), |part| part.unreadable.check("pendingBelow"))?;
        self.check_rules()
    }
}

impl RestRequest for OrderListOtoco {
    fn method(&self) -> HttpMethod {
        HttpMethod::Post
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/orderList/otoco")
    }
}

impl WsRequest for OrderListOtoco {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("orderList.place.otoco")
    }
}

/// Places an OCO in the deprecated form; see [`OrderListOco`]. Needs a quantity, a price and a stop price:
/// `OrderOco::new(symbol, side).quantity(…).price(…).stop_price(…)`.
///
/// REST: `POST /api/v3/order/oco`. WebSocket API: `orderList.place`. Security: a signature. Weight: 1. Order count: 2.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderOco {
    /// Symbol.
    pub symbol: Symbol,
    /// Client order id of the list.
    pub list_client_order_id: Option<ClientOrderId>,
    /// The side of both orders.
    pub side: OrderSide,
    /// The quantity of both orders; required.
    pub quantity: Option<Decimal>,
    /// Client order id of the limit order.
    pub limit_client_order_id: Option<ClientOrderId>,
    /// The price of the limit order; required.
    pub price: Option<Decimal>,
    /// Strategy id of the limit order.
    pub limit_strategy_id: Option<i64>,
    /// Strategy type of the limit order.
    pub limit_strategy_type: Option<i32>,
    /// Visible quantity of the limit order (iceberg).
    pub limit_iceberg_quantity: Option<Decimal>,
    /// Trailing delta in basis points.
    pub trailing_delta: Option<u64>,
    /// Client order id of the stop order.
    pub stop_client_order_id: Option<ClientOrderId>,
    /// Stop price of the stop order; required.
    pub stop_price: Option<Decimal>,
    /// Strategy id of the stop order.
    pub stop_strategy_id: Option<i64>,
    /// Strategy type of the stop order.
    pub stop_strategy_type: Option<i32>,
    /// The price of the stop order, if it is a limit order.
    pub stop_limit_price: Option<Decimal>,
    /// Visible quantity of the stop order (iceberg).
    pub stop_iceberg_quantity: Option<Decimal>,
    /// Time in force of the stop order; required if it has a price.
    pub stop_limit_time_in_force: Option<TimeInForce>,
    /// Response type.
    pub response_type: Option<OrderResponseType>,
    /// Self-trade prevention mode.
    pub self_trade_prevention_mode: Option<SelfTradePreventionMode>,
    /// Text that was given for a number and is none.
    pub(crate) unreadable: Unreadable,
}

impl OrderOco {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>, side: OrderSide) -> Self {
        let unreadable = Unreadable::default();
        Self {
            symbol: symbol.into(),
            list_client_order_id: None,
            side,
            quantity: None,
            limit_client_order_id: None,
            price: None,
            limit_strategy_id: None,
            limit_strategy_type: None,
            limit_iceberg_quantity: None,
            trailing_delta: None,
            stop_client_order_id: None,
            stop_price: None,
            stop_strategy_id: None,
            stop_strategy_type: None,
            stop_limit_price: None,
            stop_iceberg_quantity: None,
            stop_limit_time_in_force: None,
            response_type: None,
            self_trade_prevention_mode: None,
            unreadable,
        }
    }

    /// Client order id of the list.
    #[must_use]
    pub fn list_client_order_id(mut self, list_client_order_id: impl Into<ClientOrderId>) -> Self {
        self.list_client_order_id = Some(list_client_order_id.into());
        self
    }

    /// The quantity of both orders; required.
    #[must_use]
    pub fn quantity(mut self, quantity: impl IntoDecimal) -> Self {
        self.quantity = self.unreadable.number("quantity", quantity);
        self
    }

    /// Client order id of the limit order.
    #[must_use]
    pub fn limit_client_order_id(mut self, limit_client_order_id: impl Into<ClientOrderId>) -> Self {
        self.limit_client_order_id = Some(limit_client_order_id.into());
        self
    }

    /// The price of the limit order; required.
    #[must_use]
    pub fn price(mut self, price: impl IntoDecimal) -> Self {
        self.price = self.unreadable.number("price", price);
        self
    }

    /// Strategy id of the limit order.
    #[must_use]
    pub fn limit_strategy_id(mut self, limit_strategy_id: i64) -> Self {
        self.limit_strategy_id = Some(limit_strategy_id);
        self
    }

    /// Strategy type of the limit order.
    #[must_use]
    pub fn limit_strategy_type(mut self, limit_strategy_type: i32) -> Self {
        self.limit_strategy_type = Some(limit_strategy_type);
        self
    }

    /// Visible quantity of the limit order (iceberg).
    #[must_use]
    pub fn limit_iceberg_quantity(mut self, limit_iceberg_quantity: impl IntoDecimal) -> Self {
        self.limit_iceberg_quantity = self.unreadable.number("limitIcebergQty", limit_iceberg_quantity);
        self
    }

    /// Trailing delta in basis points.
    #[must_use]
    pub fn trailing_delta(mut self, trailing_delta: u64) -> Self {
        self.trailing_delta = Some(trailing_delta);
        self
    }

    /// Client order id of the stop order.
    #[must_use]
    pub fn stop_client_order_id(mut self, stop_client_order_id: impl Into<ClientOrderId>) -> Self {
        self.stop_client_order_id = Some(stop_client_order_id.into());
        self
    }

    /// Stop price of the stop order; required.
    #[must_use]
    pub fn stop_price(mut self, stop_price: impl IntoDecimal) -> Self {
        self.stop_price = self.unreadable.number("stopPrice", stop_price);
        self
    }

    /// Strategy id of the stop order.
    #[must_use]
    pub fn stop_strategy_id(mut self, stop_strategy_id: i64) -> Self {
        self.stop_strategy_id = Some(stop_strategy_id);
        self
    }

    /// Strategy type of the stop order.
    #[must_use]
    pub fn stop_strategy_type(mut self, stop_strategy_type: i32) -> Self {
        self.stop_strategy_type = Some(stop_strategy_type);
        self
    }

    /// The price of the stop order, if it is a limit order.
    #[must_use]
    pub fn stop_limit_price(mut self, stop_limit_price: impl IntoDecimal) -> Self {
        self.stop_limit_price = self.unreadable.number("stopLimitPrice", stop_limit_price);
        self
    }

    /// Visible quantity of the stop order (iceberg).
    #[must_use]
    pub fn stop_iceberg_quantity(mut self, stop_iceberg_quantity: impl IntoDecimal) -> Self {
        self.stop_iceberg_quantity = self.unreadable.number("stopIcebergQty", stop_iceberg_quantity);
        self
    }

    /// Time in force of the stop order; required if it has a price.
    #[must_use]
    pub fn stop_limit_time_in_force(mut self, stop_limit_time_in_force: TimeInForce) -> Self {
        self.stop_limit_time_in_force = Some(stop_limit_time_in_force);
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

impl Request for OrderOco {
    type Response = OrderListReport;

    fn api(&self) -> Api {
        Api::Spot
    }

    fn security(&self) -> Security {
        Security::Signed
    }

    fn cost(&self) -> Cost {
        Cost::ip(1).with_orders(2)
    }

    fn is_query(&self) -> bool {
        false
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.list_client_order_id, "listClientOrderId", params);
        Param::write(&self.side, "side", params);
        Param::write(&self.quantity, "quantity", params);
        Param::write(&self.limit_client_order_id, "limitClientOrderId", params);
        Param::write(&self.price, "price", params);
        Param::write(&self.limit_strategy_id, "limitStrategyId", params);
        Param::write(&self.limit_strategy_type, "limitStrategyType", params);
        Param::write(&self.limit_iceberg_quantity, "limitIcebergQty", params);
        Param::write(&self.trailing_delta, "trailingDelta", params);
        Param::write(&self.stop_client_order_id, "stopClientOrderId", params);
        Param::write(&self.stop_price, "stopPrice", params);
        Param::write(&self.stop_strategy_id, "stopStrategyId", params);
        Param::write(&self.stop_strategy_type, "stopStrategyType", params);
        Param::write(&self.stop_limit_price, "stopLimitPrice", params);
        Param::write(&self.stop_iceberg_quantity, "stopIcebergQty", params);
        Param::write(&self.stop_limit_time_in_force, "stopLimitTimeInForce", params);
        Param::write(&self.response_type, "newOrderRespType", params);
        Param::write(&self.self_trade_prevention_mode, "selfTradePreventionMode", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        self.unreadable.check("")?;
        support::in_range("limitStrategyType", self.limit_strategy_type, 1_000_000, i32::MAX)?;
        support::in_range("stopStrategyType", self.stop_strategy_type, 1_000_000, i32::MAX)?;
        self.check_rules()
    }
}

impl RestRequest for OrderOco {
    fn method(&self) -> HttpMethod {
        HttpMethod::Post
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/order/oco")
    }
}

impl WsRequest for OrderOco {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("orderList.place")
    }
}

/// An order list.
///
/// REST: `GET /api/v3/orderList`. WebSocket API: `orderList.status`. Security: a signature. Weight: 4.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct QueryOrderList {
    /// The list.
    pub list: OrderListKey,
}

impl QueryOrderList {
    /// Creates the request with its required parameters.
    pub fn new(list: impl Into<OrderListKey>) -> Self {
        Self { list: list.into() }
    }
}

impl Request for QueryOrderList {
    type Response = OrderList;

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
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        self.list.write_as(params, ["orderListId", "origClientOrderId"]);
    }
}

impl RestRequest for QueryOrderList {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/api/v3/orderList")
    }
}

impl WsRequest for QueryOrderList {
    type Product = product::Spot;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("orderList.status")
    }
}

#[cfg(feature = "serde")]
crate::wire::serde_values! {
    OrderList,
    OrderListOrder,
    OrderListOrderReport,
    OrderListReport,
}
