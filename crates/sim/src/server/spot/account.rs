//! Queries about an account.

use crate::engine::Reject;
use crate::json::array;
use crate::json::spot::filters::my_filters;
use crate::json::spot::{accounts, orders};
use crate::server::failure::Failure;
use crate::server::operation::Call;
use crate::server::params::Params;
use binance_kit_core::{Encode as _, RateLimit, RateLimitInterval, RateLimitKind, Timestamp};
use std::time::Duration;

/// Age at which an order that ended without a trade can no longer be queried.
const ARCHIVED_AFTER: Duration = Duration::from_secs(90 * 86_400);

/// The times between which a query looks, which may not be more than a day apart.
pub(super) fn span(params: &Params) -> Result<(Option<Timestamp>, Option<Timestamp>), Reject> {
    const MAX_SPAN: Duration = Duration::from_secs(86_400);
    let (start, end) = (params.time("startTime")?, params.time("endTime")?);
    match (start, end) {
        (Some(start), Some(end)) if end.since(start) > MAX_SPAN => {
            Err(Reject::new(-1127, "More than 24 hours between startTime and endTime."))
        }
        _ => Ok((start, end)),
    }
}

pub(super) fn status(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let omit = call.params.boolean("omitZeroBalances")?.unwrap_or(false);
    accounts::account(call.json, &call.core.engine, account, omit, call.can_trade);
    Ok(())
}

pub(super) fn order(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let symbol = call.symbol()?;
    let (id, client_id) = (call.params.id("orderId")?, call.params.get("origClientOrderId")?);
    if id.is_none() && client_id.is_none() {
        return Err(Reject::new(
            -1102,
            "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
        )
        .into());
    }
    let engine = &call.core.engine;
    let order = engine.find(account, symbol, id, client_id).ok_or_else(|| {
        if engine.is_misnamed(account, symbol, id, client_id) {
            Reject::misnamed_order()
        } else {
            Reject::no_such_order()
        }
    })?;
    let idle = call.now.since(order.updated);
    if !order.status.is_open() && order.executed.is_zero() && idle > ARCHIVED_AFTER {
        return Err(Reject::new(
            -2026,
            "Order was canceled or expired with no executed qty over 90 days ago and has been archived.",
        )
        .into());
    }
    orders::order_row(call.json, engine, order);
    Ok(())
}

pub(super) fn open_orders(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let only = if call.params.has("symbol") { Some(call.symbol()?) } else { None };
    let engine = &call.core.engine;
    let open = engine
        .account(account)
        .orders
        .iter()
        .filter(|(symbol, _)| only.is_none_or(|only| only == **symbol))
        .flat_map(|(symbol, orders)| orders.open.iter().map(move |id| (*symbol, *id)))
        .filter_map(|(symbol, id)| engine.instrument(symbol).order(id));
    array(call.json, open, |json, order| orders::order_row(json, engine, order));
    Ok(())
}

pub(super) fn all_orders(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let symbol = call.symbol()?;
    let params = call.params;
    let limit = params.limit(500, 1000)?;
    let (start, end) = span(params)?;
    // With times, which are those of the last change, the id does not count.
    let from = params.id("orderId")?.filter(|_| start.or(end).is_none());
    let engine = &call.core.engine;
    let instrument = engine.instrument(symbol);
    let within =
        |time: Timestamp| start.is_none_or(|start| time >= start) && end.is_none_or(|end| time <= end);
    let found: Vec<_> = engine
        .account(account)
        .orders_on(symbol)
        .into_iter()
        .flat_map(|orders| orders.all.iter())
        .filter(|id| from.is_none_or(|from| **id >= from))
        .filter_map(|id| instrument.order(*id))
        .filter(|order| within(order.updated))
        .collect();
    let oldest = from.is_some() || start.is_some();
    let skip = if oldest { 0 } else { found.len().saturating_sub(limit) };
    array(call.json, found.into_iter().skip(skip).take(limit), |json, order| {
        orders::order_row(json, engine, order);
    });
    Ok(())
}

pub(super) fn trades(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let symbol = call.symbol()?;
    let params = call.params;
    let limit = params.limit(500, 1000)?;
    let (from, order) = (params.id("fromId")?, params.id("orderId")?);
    let (start, end) = span(params)?;
    if from.is_some() && (start.is_some() || end.is_some()) {
        return Err(Reject::bad_combination().into());
    }
    let engine = &call.core.engine;
    let name = engine.instrument(symbol).rules.symbol.as_str();
    let within =
        |time: Timestamp| start.is_none_or(|start| time >= start) && end.is_none_or(|end| time <= end);
    let found: Vec<_> = engine
        .account(account)
        .orders_on(symbol)
        .into_iter()
        .flat_map(|orders| orders.trades.iter())
        .filter(|trade| from.is_none_or(|from| trade.trade_id >= from))
        .filter(|trade| order.is_none_or(|order| trade.order_id == order))
        .filter(|trade| within(trade.time))
        .collect();
    let oldest = from.is_some() || start.is_some();
    let skip = if oldest { 0 } else { found.len().saturating_sub(limit) };
    array(call.json, found.into_iter().skip(skip).take(limit), |json, trade| {
        orders::trade_row(json, engine, name, trade);
    });
    Ok(())
}

pub(super) fn order_limits(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let counts = call.core.limits.orders(account, call.now);
    let rows = [
        (RateLimitInterval::Second, 10, call.limits.orders_per_10_seconds, counts.in_10_seconds),
        (RateLimitInterval::Day, 1, call.limits.orders_per_day, counts.in_day),
    ];
    array(call.json, rows, |json, (interval, interval_count, limit, count)| {
        RateLimit {
            kind: RateLimitKind::Orders,
            interval,
            interval_count,
            limit: Some(limit),
            count: Some(count),
        }
        .encode(json);
    });
    Ok(())
}

pub(super) fn filters(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let symbol = call.symbol()?;
    let engine = &call.core.engine;
    my_filters(call.json, engine, account, &engine.instrument(symbol).rules);
    Ok(())
}

pub(super) fn commission(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let symbol = call.symbol()?;
    accounts::commission(call.json, &call.core.engine, account, symbol);
    Ok(())
}

/// The trades of an account with itself that were prevented.
pub(super) fn prevented_matches(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let symbol = call.symbol()?;
    let params = call.params;
    let limit = params.limit(500, 1000)?;
    let (id, order, from) =
        (params.id("preventedMatchId")?, params.id("orderId")?, params.id("fromPreventedMatchId")?);
    if id.is_none() && order.is_none() {
        return Err(Reject::missing_both("preventedMatchId", "orderId").into());
    }
    if id.is_some() && (order.is_some() || from.is_some() || params.has("limit")) {
        return Err(Reject::new(-1128, "Combination of optional parameters invalid.").into());
    }
    let engine = &call.core.engine;
    let name = engine.instrument(symbol).rules.symbol.as_str();
    let found = engine
        .prevented_matches(account, symbol)
        .filter(|prevented| id.is_none_or(|id| prevented.id == id))
        .filter(|prevented| {
            order.is_none_or(|order| prevented.taker_order == order || prevented.maker_order == order)
        })
        .filter(|prevented| from.is_none_or(|from| prevented.id >= from))
        .take(limit);
    array(call.json, found, |json, prevented| {
        let maker = prevented.maker_symbol.map_or(name, |id| engine.instrument(id).rules.symbol.as_str());
        orders::prevented_row(json, name, maker, prevented);
    });
    Ok(())
}
