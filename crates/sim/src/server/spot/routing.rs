//! Orders that are routed to several books.

use super::trade::{default_detail, detail, new_order, test_answer};
use crate::engine::{Allocation, Reject};
use crate::json::spot::orders;
use crate::json::{array, object};
use crate::server::failure::Failure;
use crate::server::operation::{Call, Transport};
use binance_kit_core::Timestamp;

pub(super) fn place(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let symbol = call.symbol()?;
    call.params.require("quantity")?;
    let order = new_order(call.params, symbol)?;
    let detail = detail(call.params, default_detail(order.kind))?;
    call.may_order(1)?;
    let placed = call.core.engine.place_routed(call.now, account, order)?;
    call.count_orders(1)?;
    let engine = &call.core.engine;
    match call.transport {
        Transport::Rest => orders::placed(call.json, engine, &placed, detail),
        // Here the one order is shown in an array.
        Transport::WebSocket => array(call.json, [placed], |json, placed| {
            orders::placed(json, engine, &placed, detail);
        }),
    }
    Ok(())
}

pub(super) fn test(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let symbol = call.symbol()?;
    call.params.require("quantity")?;
    let order = new_order(call.params, symbol)?;
    detail(call.params, default_detail(order.kind))?;
    call.core.engine.check_routed(call.now, account, &order)?;
    test_answer(call, account, (symbol, order.side), false)
}

pub(super) fn allocations(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let symbol = call.symbol()?;
    let params = call.params;
    let limit = params.limit(500, 1000)?;
    let (from, order) = (params.id("fromAllocationId")?, params.id("orderId")?);
    let (start, end) = (params.time("startTime")?, params.time("endTime")?);
    if (from.is_some() || order.is_some()) && (start.is_some() || end.is_some()) {
        return Err(Reject::new(-1128, "Combination of optional parameters invalid.").into());
    }
    if let (Some(start), Some(end)) = (start, end)
        && end.as_millis() - start.as_millis() > 86_400_000
    {
        return Err(Reject::new(-1127, "More than 24 hours between startTime and endTime.").into());
    }
    let engine = &call.core.engine;
    let name = &engine.instrument(symbol).rules.symbol;
    let within =
        |time: Timestamp| start.is_none_or(|start| time >= start) && end.is_none_or(|end| time <= end);
    let found: Vec<&Allocation> = engine
        .account(account)
        .orders_on(symbol)
        .into_iter()
        .flat_map(|orders| orders.allocations.iter())
        .filter(|allocation| from.is_none_or(|from| allocation.id >= from))
        .filter(|allocation| order.is_none_or(|order| allocation.order_id == order))
        .filter(|allocation| within(allocation.time))
        .collect();
    // With an end alone the newest are returned.
    let skip = if end.is_some() && start.is_none() { found.len().saturating_sub(limit) } else { 0 };
    array(call.json, found.into_iter().skip(skip).take(limit), |json, allocation| {
        object(json, |json| {
            json.field("symbol", name);
            json.field("allocationId", &allocation.id);
            json.field("allocationType", "SOR");
            json.field("orderId", &allocation.order_id);
            json.field("orderListId", &-1_i64);
            json.field("price", &allocation.price);
            json.field("qty", &allocation.quantity);
            json.field("quoteQty", &allocation.quote);
            json.field("commission", &allocation.commission);
            json.field("commissionAsset", engine.assets.get(allocation.commission_asset));
            json.field("time", &allocation.time);
            json.field("isBuyer", &allocation.is_buyer);
            json.field("isMaker", &false);
            json.field("isAllocator", &false);
        });
    });
    Ok(())
}
