//! Amending orders.

use crate::engine::{AmendRequest, Reject};
use crate::json::spot::amend;
use crate::server::failure::Failure;
use crate::server::operation::Call;

pub(super) const AMEND: &[&str] = &["symbol", "orderId", "origClientOrderId", "newClientOrderId", "newQty"];

pub(super) fn amend(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let symbol = call.symbol()?;
    let params = call.params;
    params.require("newQty")?;
    let request = AmendRequest {
        order_id: params.id("orderId")?,
        client_id: params.client_id("origClientOrderId")?,
        new_client_id: params.client_id("newClientOrderId")?,
        new_quantity: params.fixed("newQty")?.ok_or_else(|| Reject::missing("newQty"))?,
    };
    super::lists::require_one(params, ["origClientOrderId", "orderId"])?;
    let amended = call.core.engine.amend(call.now, account, symbol, &request)?;
    amend::amended(call.json, &call.core.engine, &amended);
    Ok(())
}

pub(super) fn amendments(call: &mut Call<'_>) -> Result<(), Failure> {
    let account = call.account()?;
    let symbol = call.symbol()?;
    let params = call.params;
    params.require("orderId")?;
    let order = params.id("orderId")?;
    let from = params.id("fromExecutionId")?;
    let limit = params.limit(500, 1000)?;
    let engine = &call.core.engine;
    // Those of other accounts' orders are as good as none.
    let order = engine.find(account, symbol, order, None).map(|order| order.id);
    let found = order.map(|id| engine.amendments_of(symbol, id)).unwrap_or_default();
    let found = found.iter().filter(|amendment| from.is_none_or(|from| amendment.execution_id >= from));
    amend::amendments(call.json, &engine.instrument(symbol).rules.symbol, found.take(limit));
    Ok(())
}
