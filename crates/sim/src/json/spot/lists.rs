//! Order lists: answers to requests, and the event of the user-data stream.

use super::orders::{Detail, canceled, report_row};
use crate::engine::{Canceled, Engine, ListStatusType, OrderList, Placed};
use crate::json::{array, object};
use binance_kit_core::{JsonWriter, Symbol, Timestamp};

fn list_orders(json: &mut JsonWriter, symbol: &Symbol, list: &OrderList) {
    json.key("orders");
    array(json, &list.orders, |json, (id, client_id)| {
        object(json, |json| {
            json.field("symbol", symbol);
            json.field("orderId", id);
            json.field("clientOrderId", client_id);
        });
    });
}

/// A list as the answer to an amendment shows it.
pub(super) fn short_list(json: &mut JsonWriter, engine: &Engine, list: &OrderList) {
    let symbol = &engine.instrument(list.symbol).rules.symbol;
    object(json, |json| {
        json.field("orderListId", &list.id);
        json.field("contingencyType", list.contingency.as_str());
        json.field("listOrderStatus", list.status.as_str());
        json.field("listClientOrderId", &list.client_id);
        json.field("symbol", symbol);
        list_orders(json, symbol, list);
    });
}

fn list_fields(json: &mut JsonWriter, engine: &Engine, list: &OrderList) {
    let kind = if list.is_executing() { ListStatusType::ExecStarted } else { ListStatusType::AllDone };
    let symbol = &engine.instrument(list.symbol).rules.symbol;
    json.field("orderListId", &list.id);
    json.field("contingencyType", list.contingency.as_str());
    json.field("listStatusType", kind.as_str());
    json.field("listOrderStatus", list.status.as_str());
    json.field("listClientOrderId", &list.client_id);
    json.field("transactionTime", &list.updated);
    json.field("symbol", symbol);
    list_orders(json, symbol, list);
}

/// A list as queries show it.
pub(crate) fn list_row(json: &mut JsonWriter, engine: &Engine, list: &OrderList) {
    object(json, |json| list_fields(json, engine, list));
}

/// The answer to a new list.
pub(crate) fn placed_list(
    json: &mut JsonWriter,
    engine: &Engine,
    list: &OrderList,
    orders: &[Placed],
    detail: Detail,
) {
    object(json, |json| {
        list_fields(json, engine, list);
        json.key("orderReports");
        array(json, orders, |json, placed| {
            report_row(json, engine, &placed.order, detail, Some(placed));
        });
    });
}

/// A list that was cancelled.
pub(crate) fn canceled_list(json: &mut JsonWriter, engine: &Engine, list: &OrderList, orders: &[Canceled]) {
    object(json, |json| {
        list_fields(json, engine, list);
        json.key("orderReports");
        array(json, orders, |json, order| canceled(json, engine, order));
    });
}

/// The event of a changed order list.
pub(crate) fn list_status(
    json: &mut JsonWriter,
    engine: &Engine,
    list: &OrderList,
    kind: ListStatusType,
    time: Timestamp,
    now: Timestamp,
) {
    let symbol = &engine.instrument(list.symbol).rules.symbol;
    object(json, |json| {
        json.field("e", "listStatus");
        json.field("E", &now);
        json.field("s", symbol);
        json.field("g", &list.id);
        json.field("c", list.contingency.as_str());
        json.field("l", kind.as_str());
        json.field("L", list.status.as_str());
        json.field("r", "NONE");
        json.field("C", &list.client_id);
        json.field("T", &time);
        json.key("O");
        array(json, &list.orders, |json, (id, client_id)| {
            object(json, |json| {
                json.field("s", symbol);
                json.field("i", id);
                json.field("c", client_id);
            });
        });
    });
}
