//! Amended orders.

use super::lists::short_list;
use super::orders::{conditional_fields, has_quantity, list_id};
use crate::engine::{Amended, Amendment, Engine};
use crate::json::{array, object};
use binance_kit_core::{JsonWriter, Symbol};

/// The answer to an amendment.
pub(crate) fn amended(json: &mut JsonWriter, engine: &Engine, amended: &Amended) {
    let (amendment, order) = (&amended.amendment, &amended.order);
    object(json, |json| {
        json.field("transactTime", &amendment.time);
        json.field("executionId", &amendment.execution_id);
        json.key("amendedOrder");
        object(json, |json| {
            json.field("symbol", &engine.instrument(order.symbol).rules.symbol);
            json.field("orderId", &order.id);
            json.field("orderListId", &list_id(order.list));
            json.field("origClientOrderId", &amendment.old_client_id);
            json.field("clientOrderId", &amendment.new_client_id);
            json.field("price", &order.price);
            if has_quantity(order) {
                json.field("qty", &order.quantity);
            }
            json.field("executedQty", &order.executed);
            json.field("preventedQty", &order.prevented);
            json.field("quoteOrderQty", &order.quote_quantity);
            json.field("cumulativeQuoteQty", &order.executed_quote);
            json.field("status", order.status.as_str());
            json.field("timeInForce", order.time_in_force.as_str());
            json.field("type", order.kind.as_str());
            json.field("side", order.side.as_str());
            conditional_fields(json, order);
            json.optional("workingTime", order.working.as_ref());
            json.field("selfTradePreventionMode", order.prevention.as_str());
        });
        if let Some(list) = &amended.list {
            json.key("listStatus");
            short_list(json, engine, list);
        }
    });
}

/// The amendments of an order.
pub(crate) fn amendments<'a>(
    json: &mut JsonWriter,
    symbol: &Symbol,
    amendments: impl IntoIterator<Item = &'a Amendment>,
) {
    array(json, amendments, |json, amendment| {
        object(json, |json| {
            json.field("symbol", symbol);
            json.field("orderId", &amendment.order_id);
            json.field("executionId", &amendment.execution_id);
            json.field("origClientOrderId", &amendment.old_client_id);
            json.field("newClientOrderId", &amendment.new_client_id);
            json.field("origQty", &amendment.old_quantity);
            json.field("newQty", &amendment.new_quantity);
            json.field("time", &amendment.time);
        });
    });
}
