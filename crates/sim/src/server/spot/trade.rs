//! Placing and cancelling orders.

use crate::engine::{
    AccountId, CancelReplaceMode, CancelReplaceOutcome, CancelRequest, CancelRestrictions, Half, NewOrder,
    OrderType, Peg, PegPriceType, Placed, Reject, SelfTradePrevention, Side, SymbolId, TimeInForce,
};
use crate::json::spot::accounts;
use crate::json::spot::orders::{self, Detail};
use crate::json::{array, object};
use crate::server::failure::Failure;
use crate::server::operation::{Call, prefixed};
use crate::server::params::Params;
use binance_kit_core::JsonWriter;

pub(super) fn side(params: &Params, name: &str) -> Result<Side, Failure> {
    Ok(Side::from_word(params.require(name)?).ok_or_else(|| Reject::new(-1117, "Invalid side."))?)
}

pub(super) fn order_type(params: &Params, name: &str) -> Result<OrderType, Failure> {
    let word = params.require(name)?;
    Ok(OrderType::from_word(word).ok_or_else(|| Reject::new(-1116, "Invalid orderType."))?)
}

pub(super) fn time_in_force(params: &Params, name: &str) -> Result<Option<TimeInForce>, Failure> {
    let Some(word) = params.get(name)? else { return Ok(None) };
    Ok(Some(TimeInForce::from_word(word).ok_or_else(|| Reject::new(-1115, "Invalid timeInForce."))?))
}

pub(super) fn prevention(params: &Params) -> Result<Option<SelfTradePrevention>, Failure> {
    let Some(word) = params.get("selfTradePreventionMode")? else { return Ok(None) };
    let mode =
        SelfTradePrevention::from_word(word).ok_or_else(|| Reject::invalid("selfTradePreventionMode"))?;
    Ok(Some(mode))
}

pub(super) fn strategy_type(params: &Params, name: &str) -> Result<Option<i64>, Failure> {
    let value = params.integer(name)?;
    if value.is_some_and(|value| value < 1_000_000) {
        return Err(Reject::new(-1134, format!("`{name}` was less than 1000000.")).into());
    }
    Ok(value)
}

pub(super) fn trailing_delta(params: &Params, name: &str) -> Result<Option<u32>, Failure> {
    Ok(match params.integer(name)? {
        None => None,
        Some(value) => Some(u32::try_from(value).map_err(|_| Reject::invalid(name))?),
    })
}

/// Reads what makes an order an iceberg, a trailing or a pegged one.
pub(super) fn rare_parameters(params: &Params, prefix: &str, order: &mut NewOrder) -> Result<(), Failure> {
    let name = |name: &str| prefixed(prefix, name);
    order.iceberg = params.fixed(&name("icebergQty"))?;
    order.trailing_delta = trailing_delta(params, &name("trailingDelta"))?;
    let (kind, offset_type, offset) = (name("pegPriceType"), name("pegOffsetType"), name("pegOffsetValue"));
    let price_type = match params.get(&kind)? {
        None => None,
        Some(word) => {
            Some(PegPriceType::from_word(word).ok_or_else(|| Reject::new(-1210, "Invalid pegPriceType."))?)
        }
    };
    if params.get(&offset_type)?.is_some_and(|word| word != "PRICE_LEVEL") {
        return Err(Reject::new(-1211, "Invalid pegOffsetType.").into());
    }
    let level = match params.integer(&offset)? {
        None => None,
        Some(level @ 0..=100) => u32::try_from(level).ok(),
        Some(_) => return Err(Reject::invalid(&offset).into()),
    };
    if level.is_some() != params.has(&offset_type) {
        return Err(Reject::new(
            -1128,
            format!(
                "Combination of optional fields invalid. Recommendation: '{offset_type}' and '{offset}' must both be sent."
            ),
        )
        .into());
    }
    order.peg = match price_type {
        Some(price_type) => Some(Peg { price_type, offset: level }),
        None if level.is_some() => return Err(Reject::missing(&kind).into()),
        None => None,
    };
    Ok(())
}

pub(super) fn new_order(params: &Params, symbol: SymbolId) -> Result<NewOrder, Failure> {
    let mut order = NewOrder {
        time_in_force: time_in_force(params, "timeInForce")?,
        quantity: params.fixed("quantity")?,
        quote_quantity: params.fixed("quoteOrderQty")?,
        price: params.fixed("price")?,
        stop_price: params.fixed("stopPrice")?,
        client_id: params.client_id("newClientOrderId")?,
        prevention: prevention(params)?,
        strategy_id: params.integer("strategyId")?,
        strategy_type: strategy_type(params, "strategyType")?,
        ..NewOrder::new(symbol, side(params, "side")?, order_type(params, "type")?)
    };
    rare_parameters(params, "", &mut order)?;
    Ok(order)
}

/// How detailed the answer is: full for market and limit orders by default.
pub(super) fn detail(params: &Params, default: Detail) -> Result<Detail, Failure> {
    Ok(match params.get("newOrderRespType")? {
        None => default,
        Some("ACK") => Detail::Ack,
        Some("RESULT") => Detail::Result,
        Some("FULL") => Detail::Full,
        Some(_) => return Err(Reject::invalid("newOrderRespType").into()),
    })
}

pub(super) const fn default_detail(kind: OrderType) -> Detail {
    match kind {
        OrderType::Market | OrderType::Limit => Detail::Full,
        _ => Detail::Ack,
    }
}

pub(super) fn place(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let symbol = call.symbol()?;
    let order = new_order(call.params, symbol)?;
    let detail = detail(call.params, default_detail(order.kind))?;
    call.may_order(1)?;
    let placed = call.core.engine.place(call.now, account, order)?;
    call.count_orders(1)?;
    orders::placed(call.json, &call.core.engine, &placed, detail);
    Ok(())
}

pub(super) fn test(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let symbol = call.symbol()?;
    let order = new_order(call.params, symbol)?;
    detail(call.params, Detail::Ack)?;
    call.core.engine.check(call.now, account, &order)?;
    test_answer(call, account, (symbol, order.side), true)
}

/// The answer to an order that was only tested; that of routed orders does not show special commissions.
pub(super) fn test_answer(
    call: &mut Call<'_>,
    account: AccountId,
    order: (SymbolId, Side),
    special: bool,
) -> Result<(), Failure> {
    if call.params.boolean("computeCommissionRates")?.unwrap_or(false) {
        accounts::test_commission(call.json, &call.core.engine, account, order, special);
    } else {
        object(call.json, |_| {});
    }
    Ok(())
}

fn restrictions(params: &Params) -> Result<Option<CancelRestrictions>, Failure> {
    let Some(word) = params.get("cancelRestrictions")? else { return Ok(None) };
    Ok(Some(
        CancelRestrictions::from_word(word)
            .ok_or_else(|| Reject::new(-1145, "Invalid cancelRestrictions"))?,
    ))
}

pub(super) fn cancel(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let symbol = call.symbol()?;
    let request = CancelRequest {
        order_id: call.params.id("orderId")?,
        client_id: call.params.client_id("origClientOrderId")?,
        cancel_id: call.params.client_id("newClientOrderId")?,
        restrictions: restrictions(call.params)?,
    };
    if request.order_id.is_none() && request.client_id.is_none() {
        return Err(Reject::new(
            -1102,
            "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
        )
        .into());
    }
    let outcome = call.core.engine.cancel(call.now, account, symbol, &request)?;
    orders::cancel_outcome(call.json, &call.core.engine, &outcome);
    Ok(())
}

pub(super) fn cancel_all(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let symbol = call.symbol()?;
    let outcomes = call.core.engine.cancel_all(call.now, account, symbol)?;
    let engine = &call.core.engine;
    array(call.json, &outcomes, |json, outcome| orders::cancel_outcome(json, engine, outcome));
    Ok(())
}

pub(super) fn cancel_replace(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let symbol = call.symbol()?;
    let params = call.params;
    let order = new_order(params, symbol)?;
    let detail = detail(params, default_detail(order.kind))?;
    let mode = CancelReplaceMode::from_word(params.require("cancelReplaceMode")?)
        .ok_or_else(|| Reject::invalid("cancelReplaceMode"))?;
    let request = CancelRequest {
        order_id: params.id("cancelOrderId")?,
        client_id: params.client_id("cancelOrigClientOrderId")?,
        cancel_id: params.client_id("cancelNewClientOrderId")?,
        restrictions: restrictions(params)?,
    };
    if request.order_id.is_none() && request.client_id.is_none() {
        return Err(Reject::new(
            -1102,
            "Param 'cancelOrigClientOrderId' or 'cancelOrderId' must be sent, but both were empty/null!",
        )
        .into());
    }
    let cancel_anyway = match params.get("orderRateLimitExceededMode")? {
        None | Some("DO_NOTHING") => false,
        Some("CANCEL_ONLY") => true,
        Some(_) => return Err(Reject::invalid("orderRateLimitExceededMode").into()),
    };
    let engine = &mut call.core.engine;
    let (outcome, limited) = match call.core.limits.may_order(call.limits, account, 1, call.now) {
        Err(too_many) if !cancel_anyway => return Err(too_many.into()),
        Err(too_many) => {
            let cancel = match engine.cancel(call.now, account, symbol, &request) {
                Ok(outcome) => Half::Success(outcome),
                Err(reject) => Half::Failure(reject),
            };
            let order = match (&cancel, mode) {
                (Half::Failure(_), CancelReplaceMode::StopOnFailure) => Half::NotAttempted,
                _ => Half::Failure(Reject::new(too_many.code, too_many.message.clone())),
            };
            (CancelReplaceOutcome { cancel, order }, Some(too_many))
        }
        Ok(()) => {
            let outcome = engine.cancel_replace(call.now, account, &request, mode, order)?;
            // Counted even when it was not attempted.
            call.core.limits.add_orders(account, 1, call.now);
            (outcome, None)
        }
    };
    let engine = &call.core.engine;
    let write = |json: &mut JsonWriter| {
        object(json, |json| {
            json.field("cancelResult", word(&outcome.cancel));
            json.field("newOrderResult", word(&outcome.order));
            json.key("cancelResponse");
            half(json, &outcome.cancel, |json, outcome| orders::cancel_outcome(json, engine, outcome));
            json.key("newOrderResponse");
            half(json, &outcome.order, |json, placed: &Placed| orders::placed(json, engine, placed, detail));
        });
    };
    let (status, code, message) = match (&outcome.cancel, &outcome.order) {
        (Half::Success(_), Half::Success(_)) => {
            write(call.json);
            return Ok(());
        }
        (Half::Success(_), _) | (_, Half::Success(_)) => {
            (409, -2021, "Order cancel-replace partially failed.")
        }
        _ => (400, -2022, "Order cancel-replace failed."),
    };
    // Too many orders are the answer's status only where the new order depends on the cancel.
    let limited = limited.filter(|_| mode == CancelReplaceMode::StopOnFailure);
    // The data has the times of the answer; its unit is that of the writer.
    let mut data = call.json.clone();
    data.clear();
    write(&mut data);
    Err(Failure {
        status: limited.as_ref().map_or(status, |_| 429),
        data: Some(data.into_string()),
        retry_at: limited.map(|too_many| too_many.retry_at),
        ..Failure::new(status, code, message)
    })
}

const fn word<T>(half: &Half<T>) -> &'static str {
    match half {
        Half::Success(_) => "SUCCESS",
        Half::Failure(_) => "FAILURE",
        Half::NotAttempted => "NOT_ATTEMPTED",
    }
}

fn half<T>(json: &mut JsonWriter, half: &Half<T>, write: impl FnOnce(&mut JsonWriter, &T)) {
    match half {
        Half::Success(value) => write(json, value),
        Half::Failure(reject) => Failure::from(reject.clone()).write(json),
        Half::NotAttempted => json.null(),
    }
}
