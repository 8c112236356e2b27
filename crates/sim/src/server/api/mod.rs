//! What can be asked of the exchange, by REST and by the WebSocket API: one table for both.

mod account;
mod amend;
mod lists;
mod market;
mod routing;
mod trade;

use super::auth::Security;
use super::failure::Failure;
use super::params::Params;
use crate::engine::{AccountId, Engine, Instrument, Reject, SymbolId};
use crate::limits::Limits;
use crate::shared::Core;
use binance_kit_core::{JsonWriter, Timestamp};

/// The two APIs that ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    Rest,
    WebSocket,
}

/// A request while it is carried out.
pub(crate) struct Call<'a> {
    pub(crate) core: &'a mut Core,
    pub(crate) limits: &'a Limits,
    pub(crate) now: Timestamp,
    pub(crate) params: &'a Params,
    /// Whose request it is; only signed requests have one.
    pub(crate) account: Option<AccountId>,
    pub(crate) can_trade: bool,
    /// Which API asked.
    pub(crate) api: Api,
    pub(crate) json: &'a mut JsonWriter,
}

impl Call<'_> {
    fn account(&self) -> Result<AccountId, Failure> {
        self.account.ok_or_else(super::auth::rejected_key)
    }

    fn engine(&self) -> &Engine {
        &self.core.engine
    }

    /// The symbol asked about, which must have the `symbolStatus` asked for.
    fn symbol(&self) -> Result<SymbolId, Failure> {
        let name = self.params.symbol("symbol")?;
        let id = self.engine().symbol_id(name).ok_or_else(Reject::bad_symbol)?;
        check_status(self.engine().instrument(id), symbol_status(self.params)?)?;
        Ok(id)
    }

    /// Refuses orders beyond the limit.
    fn may_order(&mut self, count: u32) -> Result<(), Failure> {
        let account = self.account()?;
        Ok(self.core.limits.may_order(self.limits, account, count, self.now)?)
    }

    fn count_orders(&mut self, count: u32) -> Result<(), Failure> {
        let account = self.account()?;
        self.core.limits.add_orders(account, count, self.now);
        Ok(())
    }
}

/// Something that can be asked.
pub(crate) struct Operation {
    /// The method of the WebSocket API.
    pub(crate) method: &'static str,
    /// Method and path of REST.
    pub(crate) rest: (&'static str, &'static str),
    pub(crate) security: Security,
    pub(crate) params: &'static [&'static str],
    pub(crate) weight: fn(&Params) -> u32,
    /// Whether answers show the count of unfilled orders.
    pub(crate) places_orders: bool,
    pub(crate) handle: fn(&mut Call<'_>) -> Result<(), Failure>,
}

impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.method)
    }
}

const NONE: Operation = Operation {
    method: "",
    rest: ("GET", ""),
    security: Security::None,
    params: &[],
    weight: |_| 1,
    places_orders: false,
    handle: |_| Ok(()),
};

const NEW_ORDER: &[&str] = &[
    "symbol",
    "side",
    "type",
    "timeInForce",
    "quantity",
    "quoteOrderQty",
    "price",
    "newClientOrderId",
    "strategyId",
    "strategyType",
    "stopPrice",
    "trailingDelta",
    "icebergQty",
    "newOrderRespType",
    "selfTradePreventionMode",
    "pegPriceType",
    "pegOffsetValue",
    "pegOffsetType",
];

const fn market(
    method: &'static str,
    path: &'static str,
    params: &'static [&'static str],
    weight: fn(&Params) -> u32,
    handle: fn(&mut Call<'_>) -> Result<(), Failure>,
) -> Operation {
    Operation { method, rest: ("GET", path), params, weight, handle, ..NONE }
}

const fn user(
    method: &'static str,
    path: &'static str,
    params: &'static [&'static str],
    weight: fn(&Params) -> u32,
    handle: fn(&mut Call<'_>) -> Result<(), Failure>,
) -> Operation {
    Operation { method, rest: ("GET", path), security: Security::UserData, params, weight, handle, ..NONE }
}

const fn trading(
    method: &'static str,
    rest: (&'static str, &'static str),
    params: &'static [&'static str],
    places_orders: bool,
    handle: fn(&mut Call<'_>) -> Result<(), Failure>,
) -> Operation {
    Operation { method, rest, security: Security::Trade, params, places_orders, handle, ..NONE }
}

/// Everything that can be asked.
static OPERATIONS: &[Operation] = &[
    market("ping", "/api/v3/ping", &[], |_| 1, market::ping),
    market("time", "/api/v3/time", &[], |_| 1, market::time),
    market(
        "exchangeInfo",
        "/api/v3/exchangeInfo",
        &["symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus"],
        |_| 20,
        market::exchange_info,
    ),
    market(
        "depth",
        "/api/v3/depth",
        &["symbol", "limit", "symbolStatus"],
        market::depth_weight,
        market::depth,
    ),
    market("trades.recent", "/api/v3/trades", &["symbol", "limit"], |_| 25, market::trades),
    market(
        "trades.historical",
        "/api/v3/historicalTrades",
        &["symbol", "limit", "fromId"],
        |_| 25,
        market::historical_trades,
    ),
    market(
        "blockTrades.historical",
        "/api/v3/historicalBlockTrades",
        &["symbol", "fromId", "limit"],
        |_| 25,
        market::block_trades,
    ),
    market(
        "trades.aggregate",
        "/api/v3/aggTrades",
        &["symbol", "fromId", "startTime", "endTime", "limit"],
        |_| 4,
        market::aggregate_trades,
    ),
    market(
        "executionRules",
        "/api/v3/executionRules",
        market::SYMBOLS,
        market::rules_weight,
        market::execution_rules,
    ),
    market("referencePrice", "/api/v3/referencePrice", &["symbol"], |_| 2, market::reference_price),
    market(
        "referencePrice.calculation",
        "/api/v3/referencePrice/calculation",
        &["symbol", "symbolStatus"],
        |_| 2,
        market::reference_calculation,
    ),
    market(
        "ticker.tradingDay",
        "/api/v3/ticker/tradingDay",
        &["symbol", "symbols", "timeZone", "type", "symbolStatus"],
        market::window_weight,
        market::ticker_trading_day,
    ),
    market("klines", "/api/v3/klines", market::KLINES, |_| 2, market::klines),
    market("uiKlines", "/api/v3/uiKlines", market::KLINES, |_| 2, market::klines),
    market("avgPrice", "/api/v3/avgPrice", &["symbol"], |_| 2, market::average_price),
    market("ticker.24hr", "/api/v3/ticker/24hr", market::TICKER, market::ticker_weight, market::ticker_24hr),
    market(
        "ticker",
        "/api/v3/ticker",
        &["symbol", "symbols", "windowSize", "type", "symbolStatus"],
        market::window_weight,
        market::ticker_window,
    ),
    market(
        "ticker.price",
        "/api/v3/ticker/price",
        market::SYMBOLS,
        market::price_weight,
        market::ticker_price,
    ),
    market(
        "ticker.book",
        "/api/v3/ticker/bookTicker",
        market::SYMBOLS,
        market::price_weight,
        market::ticker_book,
    ),
    trading("order.place", ("POST", "/api/v3/order"), NEW_ORDER, true, trade::place),
    Operation {
        weight: |params| if params.boolean("computeCommissionRates") == Ok(Some(true)) { 20 } else { 1 },
        ..trading("order.test", ("POST", "/api/v3/order/test"), trade::TEST_ORDER, false, trade::test)
    },
    trading(
        "order.cancel",
        ("DELETE", "/api/v3/order"),
        &["symbol", "orderId", "origClientOrderId", "newClientOrderId", "cancelRestrictions"],
        false,
        trade::cancel,
    ),
    trading(
        "order.cancelReplace",
        ("POST", "/api/v3/order/cancelReplace"),
        trade::CANCEL_REPLACE,
        true,
        trade::cancel_replace,
    ),
    trading("sor.order.place", ("POST", "/api/v3/sor/order"), routing::PLACE, true, routing::place),
    Operation {
        weight: |params| if params.boolean("computeCommissionRates") == Ok(Some(true)) { 20 } else { 1 },
        ..trading("sor.order.test", ("POST", "/api/v3/sor/order/test"), routing::TEST, false, routing::test)
    },
    Operation {
        weight: |_| 4,
        ..trading(
            "order.amend.keepPriority",
            ("PUT", "/api/v3/order/amend/keepPriority"),
            amend::AMEND,
            false,
            amend::amend,
        )
    },
    trading("openOrders.cancelAll", ("DELETE", "/api/v3/openOrders"), &["symbol"], false, trade::cancel_all),
    trading("orderList.place.oco", ("POST", "/api/v3/orderList/oco"), lists::OCO, true, lists::place_oco),
    trading("orderList.place.oto", ("POST", "/api/v3/orderList/oto"), lists::OTO, true, lists::place_oto),
    trading(
        "orderList.place.otoco",
        ("POST", "/api/v3/orderList/otoco"),
        lists::OTOCO,
        true,
        lists::place_otoco,
    ),
    trading("orderList.place.opo", ("POST", "/api/v3/orderList/opo"), lists::OPO, true, lists::place_opo),
    trading(
        "orderList.place.opoco",
        ("POST", "/api/v3/orderList/opoco"),
        lists::OPOCO,
        true,
        lists::place_opoco,
    ),
    trading("orderList.place", ("POST", "/api/v3/order/oco"), lists::OLD_OCO, true, lists::place_old),
    trading(
        "orderList.cancel",
        ("DELETE", "/api/v3/orderList"),
        &["symbol", "orderListId", "listClientOrderId", "newClientOrderId"],
        false,
        lists::cancel,
    ),
    user("account.status", "/api/v3/account", &["omitZeroBalances"], |_| 20, account::status),
    user("order.status", "/api/v3/order", &["symbol", "orderId", "origClientOrderId"], |_| 4, account::order),
    user(
        "openOrders.status",
        "/api/v3/openOrders",
        &["symbol"],
        |params| if params.has("symbol") { 6 } else { 80 },
        account::open_orders,
    ),
    user(
        "allOrders",
        "/api/v3/allOrders",
        &["symbol", "orderId", "startTime", "endTime", "limit"],
        |_| 20,
        account::all_orders,
    ),
    user(
        "orderList.status",
        "/api/v3/orderList",
        &["orderListId", "origClientOrderId"],
        |_| 4,
        lists::status,
    ),
    user(
        "allOrderLists",
        "/api/v3/allOrderList",
        &["fromId", "startTime", "endTime", "limit"],
        |_| 20,
        lists::all,
    ),
    user("openOrderLists.status", "/api/v3/openOrderList", &[], |_| 6, lists::open),
    user(
        "myTrades",
        "/api/v3/myTrades",
        &["symbol", "orderId", "startTime", "endTime", "fromId", "limit"],
        |params| if params.has("orderId") { 5 } else { 20 },
        account::trades,
    ),
    user(
        "myAllocations",
        "/api/v3/myAllocations",
        &["symbol", "startTime", "endTime", "fromAllocationId", "limit", "orderId"],
        |_| 20,
        routing::allocations,
    ),
    user(
        "order.amendments",
        "/api/v3/order/amendments",
        &["symbol", "orderId", "fromExecutionId", "limit"],
        |_| 4,
        amend::amendments,
    ),
    user(
        "myPreventedMatches",
        "/api/v3/myPreventedMatches",
        &["symbol", "preventedMatchId", "orderId", "fromPreventedMatchId", "limit"],
        |params| if params.has("orderId") { 20 } else { 2 },
        account::prevented_matches,
    ),
    user("account.rateLimits.orders", "/api/v3/rateLimit/order", &[], |_| 40, account::order_limits),
    user("myFilters", "/api/v3/myFilters", &["symbol"], |_| 40, account::filters),
    user("account.commission", "/api/v3/account/commission", &["symbol"], |_| 20, account::commission),
];

/// The operation of a REST request, or whether at least the path is known.
pub(crate) fn by_path(method: &str, path: &str) -> Result<&'static Operation, bool> {
    OPERATIONS
        .iter()
        .find(|operation| operation.rest == (method, path))
        .ok_or_else(|| OPERATIONS.iter().any(|operation| operation.rest.1 == path))
}

/// The operation of a method of the WebSocket API.
pub(crate) fn by_method(method: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.method == method)
}

/// The `symbolStatus` that a query is limited to.
fn symbol_status(params: &Params) -> Result<Option<&str>, Reject> {
    match params.get("symbolStatus")? {
        None => Ok(None),
        Some(status @ ("TRADING" | "HALT" | "BREAK")) => Ok(Some(status)),
        Some(_) => Err(Reject::new(-1122, "Invalid symbolStatus.")),
    }
}

fn check_status(instrument: &Instrument, status: Option<&str>) -> Result<(), Reject> {
    if status.is_none_or(|status| status == instrument.status.as_str()) {
        Ok(())
    } else {
        Err(Reject::new(-1220, "The symbol's status does not match the requested symbolStatus."))
    }
}

/// Instruments with their ids.
type Instruments<'a> = Vec<(SymbolId, &'a Instrument)>;

/// The instruments a query is about: one, several, or all; and whether the answer is an array. One that does not have
/// the status asked for is an error when it was asked for alone, and else left out.
fn instruments<'a>(engine: &'a Engine, params: &Params) -> Result<(Instruments<'a>, bool), Failure> {
    let find = |name: &str| -> Result<(SymbolId, &'a Instrument), Failure> {
        let id = engine.symbol_id(name).ok_or_else(Reject::bad_symbol)?;
        Ok((id, engine.instrument(id)))
    };
    if params.has("symbol") && params.has("symbols") {
        return Err(Reject::bad_combination().into());
    }
    let status = symbol_status(params)?;
    if params.has("symbol") {
        let found = find(params.symbol("symbol")?)?;
        check_status(found.1, status)?;
        return Ok((vec![found], false));
    }
    let mut found = match params.texts("symbols")? {
        None => engine.symbols().collect::<Vec<_>>(),
        Some(names) => {
            for (index, name) in names.iter().enumerate() {
                super::params::check_symbol("symbols", name)?;
                if names.iter().take(index).any(|other| other == name) {
                    return Err(Reject::new(-1151, "Symbol is present multiple times in the list.").into());
                }
            }
            names.iter().map(|name| find(name)).collect::<Result<_, _>>()?
        }
    };
    found.retain(|(_, instrument)| status.is_none_or(|status| status == instrument.status.as_str()));
    Ok((found, true))
}
