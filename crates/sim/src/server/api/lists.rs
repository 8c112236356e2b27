//! Order lists.

use super::Call;
use super::trade::{detail, order_type, prevention, refuse_unsupported, side, strategy_type, time_in_force};
use crate::engine::{NewOco, NewOrder, OrderType, Reject, SymbolId};
use crate::json::array;
use crate::json::orders::{self, Detail};
use crate::server::failure::Failure;
use crate::server::params::Params;
use binance_kit_core::Timestamp;

pub(super) const OCO: &[&str] = &[
    "symbol",
    "listClientOrderId",
    "side",
    "quantity",
    "aboveType",
    "aboveClientOrderId",
    "aboveIcebergQty",
    "abovePrice",
    "aboveStopPrice",
    "aboveTrailingDelta",
    "aboveTimeInForce",
    "aboveStrategyId",
    "aboveStrategyType",
    "abovePegPriceType",
    "abovePegOffsetType",
    "abovePegOffsetValue",
    "belowType",
    "belowClientOrderId",
    "belowIcebergQty",
    "belowPrice",
    "belowStopPrice",
    "belowTrailingDelta",
    "belowTimeInForce",
    "belowStrategyId",
    "belowStrategyType",
    "belowPegPriceType",
    "belowPegOffsetType",
    "belowPegOffsetValue",
    "newOrderRespType",
    "selfTradePreventionMode",
];

pub(super) const OLD_OCO: &[&str] = &[
    "symbol",
    "listClientOrderId",
    "side",
    "quantity",
    "limitClientOrderId",
    "price",
    "limitStrategyId",
    "limitStrategyType",
    "limitIcebergQty",
    "trailingDelta",
    "stopClientOrderId",
    "stopPrice",
    "stopStrategyId",
    "stopStrategyType",
    "stopLimitPrice",
    "stopIcebergQty",
    "stopLimitTimeInForce",
    "newOrderRespType",
    "selfTradePreventionMode",
];

fn leg(params: &Params, symbol: SymbolId, prefix: &str) -> Result<NewOrder, Failure> {
    let name = |name: &str| format!("{prefix}{name}");
    let order = NewOrder {
        quantity: params.fixed("quantity")?,
        price: params.fixed(&name("Price"))?,
        stop_price: params.fixed(&name("StopPrice"))?,
        time_in_force: time_in_force(params, &name("TimeInForce"))?,
        client_id: params.client_id(&name("ClientOrderId"))?,
        strategy_id: params.integer(&name("StrategyId"))?,
        strategy_type: strategy_type(params, &name("StrategyType"))?,
        prevention: prevention(params)?,
        ..NewOrder::new(symbol, side(params, "side")?, order_type(params, &name("Type"))?)
    };
    refuse_unsupported(params, prefix)?;
    // The messages name parameters of single orders; those of lists have a prefix.
    for (given, needed, parameter) in [
        (order.price.is_some(), order.kind.has_price(), "Price"),
        (order.stop_price.is_some(), order.kind.is_contingent(), "StopPrice"),
        (
            order.time_in_force.is_some(),
            order.kind.has_price() && order.kind != OrderType::LimitMaker,
            "TimeInForce",
        ),
    ] {
        match (given, needed) {
            (false, true) => return Err(Reject::missing(&name(parameter)).into()),
            (true, false) => return Err(Reject::not_required(&name(parameter)).into()),
            _ => {}
        }
    }
    Ok(order)
}

pub(super) fn place(call: &mut Call<'_>) -> Result<(), Failure> {
    let symbol = call.symbol()?;
    call.params.require("quantity")?;
    let above = leg(call.params, symbol, "above")?;
    let below = leg(call.params, symbol, "below")?;
    submit(call, above, below)
}

/// The older form: a limit maker and a stop, which the prices tell apart.
pub(super) fn place_old(call: &mut Call<'_>) -> Result<(), Failure> {
    let symbol = call.symbol()?;
    let params = call.params;
    params.require("quantity")?;
    params.require("price")?;
    params.require("stopPrice")?;
    let side = side(params, "side")?;
    if params.has("limitIcebergQty") || params.has("stopIcebergQty") {
        return Err(Reject::order("Iceberg orders are not supported for this symbol.").into());
    }
    refuse_unsupported(params, "")?;
    let stop_limit = params.fixed("stopLimitPrice")?;
    let stop_force = time_in_force(params, "stopLimitTimeInForce")?;
    if stop_limit.is_some() && stop_force.is_none() {
        return Err(Reject::missing("stopLimitTimeInForce").into());
    }
    if stop_limit.is_none() && stop_force.is_some() {
        return Err(Reject::not_required("stopLimitTimeInForce").into());
    }
    let kind = if stop_limit.is_some() { OrderType::StopLossLimit } else { OrderType::StopLoss };
    let base = |kind| -> Result<NewOrder, Failure> {
        Ok(NewOrder {
            quantity: params.fixed("quantity")?,
            prevention: prevention(params)?,
            ..NewOrder::new(symbol, side, kind)
        })
    };
    let limit = NewOrder {
        price: params.fixed("price")?,
        client_id: params.client_id("limitClientOrderId")?,
        strategy_id: params.integer("limitStrategyId")?,
        strategy_type: strategy_type(params, "limitStrategyType")?,
        ..base(OrderType::LimitMaker)?
    };
    let stop = NewOrder {
        price: stop_limit,
        stop_price: params.fixed("stopPrice")?,
        time_in_force: stop_force,
        client_id: params.client_id("stopClientOrderId")?,
        strategy_id: params.integer("stopStrategyId")?,
        strategy_type: strategy_type(params, "stopStrategyType")?,
        ..base(kind)?
    };
    match side {
        crate::engine::Side::Buy => submit(call, stop, limit),
        crate::engine::Side::Sell => submit(call, limit, stop),
    }
}

fn submit(call: &mut Call<'_>, above: NewOrder, below: NewOrder) -> Result<(), Failure> {
    let account = call.account()?;
    let client_id = call.params.client_id("listClientOrderId")?;
    let detail = detail(call.params, Detail::Result)?;
    call.may_order(2)?;
    let oco = NewOco { client_id, above, below };
    let (list, placed) = call.core.engine.place_oco(call.now, account, oco)?;
    call.count_orders(2)?;
    orders::placed_list(call.json, &call.core.engine, &list, &placed, detail);
    Ok(())
}

fn require_one(params: &Params, names: [&str; 2]) -> Result<(), Failure> {
    if names.iter().any(|name| params.has(name)) {
        return Ok(());
    }
    let [one, two] = names;
    Err(Reject::new(-1102, format!("Param '{one}' or '{two}' must be sent, but both were empty/null!"))
        .into())
}

pub(super) fn cancel(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let symbol = call.symbol()?;
    let params = call.params;
    require_one(params, ["orderListId", "listClientOrderId"])?;
    let client_id = params.client_id("listClientOrderId")?;
    let cancel_id = params.client_id("newClientOrderId")?;
    let (list, canceled) = call.core.engine.cancel_list(
        call.now,
        account,
        symbol,
        params.id("orderListId")?,
        client_id.as_ref().map(binance_kit_core::ClientOrderId::as_str),
        cancel_id.as_ref(),
    )?;
    orders::canceled_list(call.json, &call.core.engine, &list, &canceled);
    Ok(())
}

pub(super) fn status(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    require_one(call.params, ["orderListId", "origClientOrderId"])?;
    let engine = &call.core.engine;
    let list = engine
        .find_list(account, call.params.id("orderListId")?, call.params.get("origClientOrderId")?)
        .ok_or_else(Reject::no_such_order)?;
    orders::list_row(call.json, engine, list);
    Ok(())
}

pub(super) fn all(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let params = call.params;
    let limit = params.limit(500, 1000)?;
    let from = params.id("fromId")?;
    let (start, end) = (params.time("startTime")?, params.time("endTime")?);
    if from.is_some() && (start.is_some() || end.is_some()) {
        return Err(Reject::new(-1128, "Combination of optional parameters invalid.").into());
    }
    let engine = &call.core.engine;
    let within =
        |time: Timestamp| start.is_none_or(|start| time >= start) && end.is_none_or(|end| time <= end);
    let found: Vec<_> = engine
        .lists_of(account)
        .filter(|list| from.is_none_or(|from| list.id >= from) && within(list.updated))
        .collect();
    let oldest = from.is_some() || start.is_some();
    let skip = if oldest { 0 } else { found.len().saturating_sub(limit) };
    array(call.json, found.into_iter().skip(skip).take(limit), |json, list| {
        orders::list_row(json, engine, list);
    });
    Ok(())
}

pub(super) fn open(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let engine = &call.core.engine;
    let open = engine.lists_of(account).filter(|list| list.is_executing());
    array(call.json, open, |json, list| {
        orders::list_row(json, engine, list);
    });
    Ok(())
}
