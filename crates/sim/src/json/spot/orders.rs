//! Orders, lists, trades and balances: answers to requests, and the events of the user-data stream.

use crate::engine::{
    AccountTrade, CancelOutcome, Canceled, Engine, ExecutionReport, ExecutionType, ExpiryReason, Fill, Fixed,
    Order, OrderStatus, Placed, PreventedMatch,
};
use crate::json::{array, object};
use binance_kit_core::{JsonWriter, Timestamp};

/// How much the answer to a new order says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    Ack,
    Result,
    Full,
}

pub(super) fn list_id(list: Option<u64>) -> i64 {
    list.and_then(|id| i64::try_from(id).ok()).unwrap_or(-1)
}

fn working_time(json: &mut JsonWriter, order: &Order) {
    match order.working {
        Some(time) => json.field("workingTime", &time),
        None => json.field("workingTime", &-1_i64),
    }
}

/// The fields that appear only with what they describe.
pub(super) fn conditional_fields(json: &mut JsonWriter, order: &Order) {
    if order.kind.is_contingent() {
        json.field("stopPrice", &order.stop_price.unwrap_or(Fixed::ZERO));
    }
    json.optional("icebergQty", order.iceberg.as_ref());
    rare_fields(json, order);
}

/// Those of them that queries, too, show with what they describe only.
fn rare_fields(json: &mut JsonWriter, order: &Order) {
    if let Some(trailing) = &order.trailing {
        json.field("trailingDelta", &trailing.delta);
        match &trailing.since {
            Some(time) => json.field("trailingTime", time),
            None => json.field("trailingTime", &-1_i64),
        }
    }
    json.optional("strategyId", order.strategy_id.as_ref());
    json.optional("strategyType", order.strategy_type.as_ref());
    if let Some(peg) = &order.peg {
        json.field("pegPriceType", peg.price_type.as_str());
        if let Some(offset) = &peg.offset {
            json.field("pegOffsetType", "PRICE_LEVEL");
            json.field("pegOffsetValue", offset);
        }
        json.optional("peggedPrice", order.pegged_price.as_ref());
    }
    if let Some(floor) = order.floor {
        json.field("workingFloor", floor.as_str());
        json.field("usedSor", &true);
    }
    json.optional("preventedMatchId", order.prevented_match.as_ref());
    if order.prevented.is_positive() {
        json.field("preventedQuantity", &order.prevented);
    }
    json.optional("expiryReason", order.expiry.map(ExpiryReason::as_str).as_ref());
}

/// A pending order gets its quantity only when the working order that pays for it is filled.
pub(super) fn has_quantity(order: &Order) -> bool {
    !order.quantity.is_zero() || !order.is_pending()
}

fn amounts(json: &mut JsonWriter, order: &Order) {
    json.field("price", &order.price);
    if has_quantity(order) {
        json.field("origQty", &order.quantity);
    }
    json.field("executedQty", &order.executed);
    json.field("origQuoteOrderQty", &order.quote_quantity);
    json.field("cummulativeQuoteQty", &order.executed_quote);
    json.field("status", order.status.as_str());
    json.field("timeInForce", order.time_in_force.as_str());
    json.field("type", order.kind.as_str());
    json.field("side", order.side.as_str());
}

/// The answer to a new order.
pub(crate) fn placed(json: &mut JsonWriter, engine: &Engine, placed: &Placed, detail: Detail) {
    report_row(json, engine, &placed.order, detail, Some(placed));
}

fn fill_row(json: &mut JsonWriter, engine: &Engine, fill: &Fill) {
    object(json, |json| {
        if fill.allocation.is_some() {
            json.field("matchType", "ONE_PARTY_TRADE_REPORT");
        }
        json.field("price", &fill.price);
        json.field("qty", &fill.quantity);
        json.field("commission", &fill.commission);
        json.field("commissionAsset", engine.assets.get(fill.commission_asset));
        match fill.allocation {
            None => json.field("tradeId", &fill.trade_id),
            Some(allocation) => {
                json.field("tradeId", &-1_i64);
                json.field("allocId", &allocation);
            }
        }
    });
}

pub(super) fn report_row(
    json: &mut JsonWriter,
    engine: &Engine,
    order: &Order,
    detail: Detail,
    placed: Option<&Placed>,
) {
    object(json, |json| {
        json.field("symbol", &engine.instrument(order.symbol).rules.symbol);
        json.field("orderId", &order.id);
        json.field("orderListId", &list_id(order.list));
        json.field("clientOrderId", &order.client_id);
        json.field("transactTime", &order.updated);
        if detail == Detail::Ack {
            return;
        }
        amounts(json, order);
        conditional_fields(json, order);
        working_time(json, order);
        if let (Detail::Full, Some(placed)) = (detail, placed) {
            json.key("fills");
            array(json, &placed.fills, |json, fill| fill_row(json, engine, fill));
            if !placed.prevented.is_empty() {
                json.key("preventedMatches");
                array(json, &placed.prevented, |json, prevented| {
                    object(json, |json| {
                        json.field("preventedMatchId", &prevented.id);
                        let maker = prevented.maker_symbol.unwrap_or(order.symbol);
                        json.field("makerSymbol", &engine.instrument(maker).rules.symbol);
                        json.field("makerOrderId", &prevented.maker_order);
                        json.field("price", &prevented.price);
                        json.optional("takerPreventedQuantity", prevented.taker_quantity.as_ref());
                        json.optional("makerPreventedQuantity", prevented.maker_quantity.as_ref());
                    });
                });
            }
        }
        json.field("selfTradePreventionMode", order.prevention.as_str());
        json.optional("tradeGroupId", engine.account(order.account).trade_group.as_ref());
    });
}

/// An order as queries show it.
pub(crate) fn order_row(json: &mut JsonWriter, engine: &Engine, order: &Order) {
    object(json, |json| {
        json.field("symbol", &engine.instrument(order.symbol).rules.symbol);
        json.field("orderId", &order.id);
        json.field("orderListId", &list_id(order.list));
        json.field("clientOrderId", &order.client_id);
        json.field("price", &order.price);
        if has_quantity(order) {
            json.field("origQty", &order.quantity);
        }
        json.field("executedQty", &order.executed);
        json.field("cummulativeQuoteQty", &order.executed_quote);
        json.field("status", order.status.as_str());
        json.field("timeInForce", order.time_in_force.as_str());
        json.field("type", order.kind.as_str());
        json.field("side", order.side.as_str());
        json.field("stopPrice", &order.stop_price.unwrap_or(Fixed::ZERO));
        json.field("icebergQty", &order.iceberg.unwrap_or(Fixed::ZERO));
        json.field("time", &order.created);
        json.field("updateTime", &order.updated);
        json.field("isWorking", &order.working.is_some());
        working_time(json, order);
        json.field("origQuoteOrderQty", &order.quote_quantity);
        rare_fields(json, order);
        json.field("selfTradePreventionMode", order.prevention.as_str());
    });
}

/// An order that was cancelled.
pub(crate) fn canceled(json: &mut JsonWriter, engine: &Engine, canceled: &Canceled) {
    let order = &canceled.order;
    object(json, |json| {
        json.field("symbol", &engine.instrument(order.symbol).rules.symbol);
        json.field("origClientOrderId", &order.client_id);
        json.field("orderId", &order.id);
        json.field("orderListId", &list_id(order.list));
        json.field("clientOrderId", &canceled.cancel_id);
        json.field("transactTime", &order.updated);
        amounts(json, order);
        conditional_fields(json, order);
        json.field("selfTradePreventionMode", order.prevention.as_str());
    });
}

pub(crate) fn cancel_outcome(json: &mut JsonWriter, engine: &Engine, outcome: &CancelOutcome) {
    match outcome {
        CancelOutcome::Order(order) => canceled(json, engine, order),
        CancelOutcome::List(list, orders) => super::lists::canceled_list(json, engine, list, orders),
    }
}

/// A prevented match, as its query shows it.
pub(crate) fn prevented_row(
    json: &mut JsonWriter,
    symbol: &str,
    maker_symbol: &str,
    prevented: &PreventedMatch,
) {
    object(json, |json| {
        json.field("symbol", symbol);
        json.field("preventedMatchId", &prevented.id);
        json.field("takerOrderId", &prevented.taker_order);
        json.field("makerSymbol", maker_symbol);
        json.field("makerOrderId", &prevented.maker_order);
        json.field("tradeGroupId", &prevented.group.unwrap_or(-1));
        json.field("selfTradePreventionMode", prevented.mode.as_str());
        json.field("price", &prevented.price);
        json.optional("takerPreventedQuantity", prevented.taker_quantity.as_ref());
        json.optional("makerPreventedQuantity", prevented.maker_quantity.as_ref());
        json.field("transactTime", &prevented.time);
    });
}

pub(crate) fn trade_row(json: &mut JsonWriter, engine: &Engine, symbol: &str, trade: &AccountTrade) {
    object(json, |json| {
        json.field("symbol", symbol);
        json.field("id", &trade.trade_id);
        json.field("orderId", &trade.order_id);
        json.field("orderListId", &list_id(trade.list));
        json.field("price", &trade.price);
        json.field("qty", &trade.quantity);
        json.field("quoteQty", &trade.quote);
        json.field("commission", &trade.commission);
        json.field("commissionAsset", engine.assets.get(trade.commission_asset));
        json.field("time", &trade.time);
        json.field("isBuyer", &trade.is_buyer);
        json.field("isMaker", &trade.is_maker);
        json.field("isBestMatch", &true);
    });
}

/// The event of a change to an order.
pub(crate) fn execution_report(
    json: &mut JsonWriter,
    engine: &Engine,
    report: &ExecutionReport,
    now: Timestamp,
) {
    let order = &report.order;
    object(json, |json| {
        json.field("e", "executionReport");
        json.field("E", &now);
        json.field("s", &engine.instrument(order.symbol).rules.symbol);
        json.field("c", report.cancel_id.as_ref().unwrap_or(&order.client_id));
        json.field("S", order.side.as_str());
        json.field("o", order.kind.as_str());
        json.field("f", order.time_in_force.as_str());
        json.field("q", &order.quantity);
        json.field("p", &order.price);
        json.field("P", &order.stop_price.unwrap_or(Fixed::ZERO));
        json.field("F", &order.iceberg.unwrap_or(Fixed::ZERO));
        json.field("g", &list_id(order.list));
        json.field("C", report.cancel_id.as_ref().map_or("", |_| order.client_id.as_str()));
        json.field("x", report.execution.as_str());
        json.field("X", order.status.as_str());
        json.field("r", report.refusal);
        json.field("i", &order.id);
        json.field("l", &report.last_quantity);
        json.field("z", &order.executed);
        json.field("L", &report.last_price);
        match report.commission_asset {
            Some(asset) => {
                json.field("n", &report.commission);
                json.field("N", engine.assets.get(asset));
            }
            None => {
                json.field("n", "0");
                json.key("N");
                json.null();
            }
        }
        json.field("T", &report.time);
        match report.trade_id {
            Some(id) => json.field("t", &id),
            None => json.field("t", &-1_i64),
        }
        json.optional("v", order.prevented_match.as_ref());
        json.field("I", &report.execution_id);
        let on_book = match report.execution {
            ExecutionType::New => order.working.is_some(),
            _ => order.priority.is_some(),
        };
        json.field("w", &on_book);
        json.field("m", &report.is_maker);
        json.field("M", &report.trade_id.is_some());
        json.field("O", &order.created);
        json.field("Z", &order.executed_quote);
        json.field("Y", &report.last_quote);
        json.field("Q", &order.quote_quantity);
        json.optional("W", order.working.as_ref());
        json.field("V", order.prevention.as_str());
        if report.execution == ExecutionType::TradePrevention {
            json.field("A", &order.prevented);
            json.field("B", &report.last_prevented);
            json.field("u", &report.trade_group.unwrap_or(-1));
            json.optional("U", report.counter_order.as_ref());
            let counter = report.counter_symbol.unwrap_or(order.symbol);
            json.field("Cs", &engine.instrument(counter).rules.symbol);
            if let Some((quantity, price)) = &report.prevented_execution {
                json.field("pl", quantity);
                json.field("pL", price);
                json.field("pY", &price.times(*quantity));
            }
        }
        if let Some(trailing) = &order.trailing {
            json.field("d", &trailing.delta);
            match &trailing.since {
                Some(time) => json.field("D", time),
                None => json.field("D", &-1_i64),
            }
        }
        json.optional("j", order.strategy_id.as_ref());
        json.optional("J", order.strategy_type.as_ref());
        if let Some(peg) = &order.peg {
            json.field("gP", peg.price_type.as_str());
            if let Some(offset) = &peg.offset {
                json.field("gOT", "PRICE_LEVEL");
                json.field("gOV", offset);
            }
            json.optional("gp", order.pegged_price.as_ref());
        }
        if let Some(allocation) = &report.allocation {
            json.field("b", "ONE_PARTY_TRADE_REPORT");
            json.field("a", allocation);
        }
        if let Some(floor) = order.floor {
            json.field("k", floor.as_str());
            json.field("uS", &true);
        }
        if order.status == OrderStatus::Expired {
            json.optional("eR", order.expiry.map(ExpiryReason::as_str).as_ref());
        }
    });
}

/// The event that ends a subscription.
pub(crate) fn stream_terminated(json: &mut JsonWriter, now: Timestamp) {
    object(json, |json| {
        json.field("e", "eventStreamTerminated");
        json.field("E", &now);
    });
}
