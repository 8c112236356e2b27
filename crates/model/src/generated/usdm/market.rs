// Written by `cargo xtask codegen` from crates/model/spec/usdm/market.toml; do not edit.

//! Market data over REST and the WebSocket API.

use crate::common::Level;
use crate::param::Param;
use crate::support;
use binance_kit_core::decode::{Layout, Value, field, required};
use binance_kit_core::id::UpdateId;
use binance_kit_core::{
    Api, Cost, Decode, DecodeError, Encode, HttpMethod, InvalidRequest, JsonWriter, ParamWriter, Request,
    RestRequest, Security, Symbol, Timestamp, WsRequest, product,
};
use std::borrow::Cow;

/// The book of a symbol at one moment.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OrderBook {
    /// Last update id.
    pub last_update_id: UpdateId,
    /// Time of the answer.
    pub event_time: Timestamp,
    /// Transaction time: last change of the book.
    pub transaction_time: Timestamp,
    /// The bids, highest first.
    pub bids: Vec<Level>,
    /// The asks, lowest first.
    pub asks: Vec<Level>,
}

impl OrderBook {
    fn read(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut last_update_id = None;
        let mut event_time = None;
        let mut transaction_time = None;
        let mut bids = None;
        let mut asks = None;
        for (key, found) in value.object()? {
            match key {
                "lastUpdateId" => support::whole(&mut last_update_id, "lastUpdateId", found)?,
                "E" => support::time(&mut event_time, "E", found)?,
                "T" => support::time(&mut transaction_time, "T", found)?,
                "bids" => field(&mut bids, "bids", found)?,
                "asks" => field(&mut asks, "asks", found)?,
                _ => {}
            }
        }
        Ok(Self {
            last_update_id: required(last_update_id, "lastUpdateId")?,
            event_time: required(event_time, "E")?,
            transaction_time: required(transaction_time, "T")?,
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
        json.field("E", &self.event_time);
        json.field("T", &self.transaction_time);
        json.field("bids", &self.bids);
        json.field("asks", &self.asks);
        json.end_object();
    }
}

/// The book of a symbol.
///
/// REST: `GET /fapi/v1/depth`. WebSocket API: `depth`. Security: none. Weight: 2 up to 50 (`limit`), 5 up to 100 (`limit`), 10 up to 500 (`limit`), 20 otherwise, 10 without `limit`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Depth {
    /// Symbol.
    pub symbol: Symbol,
    /// Number of levels of each side: 5, 10, 20, 50, 100, 500 or 1000; default 500.
    pub limit: Option<u32>,
}

impl Depth {
    /// Creates the request with its required parameters.
    pub fn new(symbol: impl Into<Symbol>) -> Self {
        Self { symbol: symbol.into(), limit: None }
    }

    /// Number of levels of each side: 5, 10, 20, 50, 100, 500 or 1000; default 500.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

impl Request for Depth {
    type Response = OrderBook;

    fn api(&self) -> Api {
        Api::UsdmFutures
    }

    fn security(&self) -> Security {
        Security::None
    }

    fn cost(&self) -> Cost {
        Cost::ip(match self.limit {
            Some(..=50) => 2,
            Some(..=100) => 5,
            None | Some(..=500) => 10,
            Some(_) => 20,
        })
    }

    fn is_query(&self) -> bool {
        true
    }

    fn write(&self, params: &mut ParamWriter) {
        Param::write(&self.symbol, "symbol", params);
        Param::write(&self.limit, "limit", params);
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        support::in_range("limit", self.limit, 5, 1000)
    }
}

impl RestRequest for Depth {
    fn method(&self) -> HttpMethod {
        HttpMethod::Get
    }

    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed("/fapi/v1/depth")
    }
}

impl WsRequest for Depth {
    type Product = product::Usdm;

    fn ws_method(&self) -> Cow<'static, str> {
        Cow::Borrowed("depth")
    }
}

#[cfg(feature = "serde")]
crate::wire::serde_values! {
    OrderBook,
}
