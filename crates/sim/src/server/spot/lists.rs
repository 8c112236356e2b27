//! Order lists.

use super::trade::{
    detail, order_type, prevention, rare_parameters, side, strategy_type, time_in_force, trailing_delta,
};
use crate::engine::{
    Fixed, NewList, NewListOrders, NewOrder, OrderType, Reject, Side, SymbolId, TimeInForce,
};
use crate::json::array;
use crate::json::spot::lists;
use crate::json::spot::orders::Detail;
use crate::server::failure::Failure;
use crate::server::operation::{Call, prefixed};
use crate::server::params::Params;
use binance_kit_core::Timestamp;

/// One order of a list: its parameters have a prefix, and some of them it shares with others.
fn leg(
    params: &Params,
    symbol: SymbolId,
    prefix: &str,
    side: Side,
    quantity: Option<Fixed>,
) -> Result<NewOrder, Failure> {
    let name = |name: &str| prefixed(prefix, name);
    let mut order = NewOrder {
        quantity,
        price: params.fixed(&name("price"))?,
        stop_price: params.fixed(&name("stopPrice"))?,
        time_in_force: time_in_force(params, &name("timeInForce"))?,
        client_id: params.client_id(&name("clientOrderId"))?,
        strategy_id: params.integer(&name("strategyId"))?,
        strategy_type: strategy_type(params, &name("strategyType"))?,
        prevention: prevention(params)?,
        ..NewOrder::new(symbol, side, order_type(params, &name("type"))?)
    };
    let of_pair = ["above", "below", "Above", "Below"].iter().any(|place| prefix.ends_with(place));
    let iceberg = name("icebergQty");
    if of_pair && params.has(&iceberg) && order.time_in_force.is_some_and(|force| force != TimeInForce::Gtc) {
        let reason = "is not supported if `aboveTimeInForce`/`belowTimeInForce` is not GTC.";
        return Err(Reject::new(-1160, format!("Parameter '{iceberg}' {reason}")).into());
    }
    rare_parameters(params, prefix, &mut order)?;
    Ok(order)
}

/// A quantity that must be there.
fn quantity(params: &Params, name: &str) -> Result<Option<Fixed>, Failure> {
    params.require(name)?;
    Ok(params.fixed(name)?)
}

/// The order that triggers the others.
fn working_leg(params: &Params, symbol: SymbolId) -> Result<NewOrder, Failure> {
    if !params.has("workingPegPriceType") {
        params.require("workingPrice")?;
    }
    let quantity = quantity(params, "workingQuantity")?;
    leg(params, symbol, "working", side(params, "workingSide")?, quantity)
}

pub(super) fn place_oco(call: &mut Call<'_>) -> Result<(), Failure> {
    let symbol = call.symbol()?;
    let params = call.params;
    let side = side(params, "side")?;
    let quantity = quantity(params, "quantity")?;
    let above = leg(params, symbol, "above", side, quantity)?;
    let below = leg(params, symbol, "below", side, quantity)?;
    submit(call, NewListOrders::Pair { above, below }, 2)
}

pub(super) fn place_oto(call: &mut Call<'_>) -> Result<(), Failure> {
    trigger(call, false)
}

pub(super) fn place_opo(call: &mut Call<'_>) -> Result<(), Failure> {
    trigger(call, true)
}

fn trigger(call: &mut Call<'_>, pays: bool) -> Result<(), Failure> {
    let symbol = call.symbol()?;
    let params = call.params;
    let working = working_leg(params, symbol)?;
    let quantity = if pays { None } else { quantity(params, "pendingQuantity")? };
    let pending = leg(params, symbol, "pending", side(params, "pendingSide")?, quantity)?;
    submit(call, NewListOrders::Trigger { working, pending, pays }, 2)
}

pub(super) fn place_otoco(call: &mut Call<'_>) -> Result<(), Failure> {
    trigger_pair(call, false)
}

pub(super) fn place_opoco(call: &mut Call<'_>) -> Result<(), Failure> {
    trigger_pair(call, true)
}

fn trigger_pair(call: &mut Call<'_>, pays: bool) -> Result<(), Failure> {
    let symbol = call.symbol()?;
    let params = call.params;
    let working = working_leg(params, symbol)?;
    let side = side(params, "pendingSide")?;
    let quantity = if pays { None } else { quantity(params, "pendingQuantity")? };
    let above = leg(params, symbol, "pendingAbove", side, quantity)?;
    let below = leg(params, symbol, "pendingBelow", side, quantity)?;
    submit(call, NewListOrders::TriggerPair { working, above, below, pays }, 3)
}

/// The older form: a limit maker and a stop, which the prices tell apart.
pub(super) fn place_old(call: &mut Call<'_>) -> Result<(), Failure> {
    let symbol = call.symbol()?;
    let params = call.params;
    params.require("quantity")?;
    params.require("price")?;
    let trailing_delta = trailing_delta(params, "trailingDelta")?;
    if trailing_delta.is_none() {
        params.require("stopPrice")?;
    }
    let side = side(params, "side")?;
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
        iceberg: params.fixed("limitIcebergQty")?,
        client_id: params.client_id("limitClientOrderId")?,
        strategy_id: params.integer("limitStrategyId")?,
        strategy_type: strategy_type(params, "limitStrategyType")?,
        ..base(OrderType::LimitMaker)?
    };
    let stop = NewOrder {
        price: stop_limit,
        stop_price: params.fixed("stopPrice")?,
        time_in_force: stop_force,
        trailing_delta,
        iceberg: params.fixed("stopIcebergQty")?,
        client_id: params.client_id("stopClientOrderId")?,
        strategy_id: params.integer("stopStrategyId")?,
        strategy_type: strategy_type(params, "stopStrategyType")?,
        ..base(kind)?
    };
    match side {
        Side::Buy => submit(call, NewListOrders::Pair { above: stop, below: limit }, 2),
        Side::Sell => submit(call, NewListOrders::Pair { above: limit, below: stop }, 2),
    }
}

fn submit(call: &mut Call<'_>, orders: NewListOrders, count: u32) -> Result<(), Failure> {
    let account = call.account()?;
    let client_id = call.params.client_id("listClientOrderId")?;
    let detail = detail(call.params, Detail::Result)?;
    call.may_order(count)?;
    let (list, placed) = call.core.engine.place_list(call.now, account, NewList { client_id, orders })?;
    call.count_orders(count)?;
    lists::placed_list(call.json, &call.core.engine, &list, &placed, detail);
    Ok(())
}

pub(super) fn require_one(params: &Params, names: [&str; 2]) -> Result<(), Failure> {
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
    lists::canceled_list(call.json, &call.core.engine, &list, &canceled);
    Ok(())
}

pub(super) fn status(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    require_one(call.params, ["orderListId", "origClientOrderId"])?;
    let engine = &call.core.engine;
    let list = engine
        .find_list(account, call.params.id("orderListId")?, call.params.get("origClientOrderId")?)
        .ok_or_else(Reject::no_such_order)?;
    lists::list_row(call.json, engine, list);
    Ok(())
}

pub(super) fn all(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let params = call.params;
    let limit = params.limit(500, 1000)?;
    let from = params.id("fromId")?;
    let (start, end) = super::account::span(params)?;
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
        lists::list_row(json, engine, list);
    });
    Ok(())
}

pub(super) fn open(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let engine = &call.core.engine;
    array(call.json, engine.open_lists_of(account), |json, list| {
        lists::list_row(json, engine, list);
    });
    Ok(())
}
