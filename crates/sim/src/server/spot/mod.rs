//! Spot: its requests, one table for REST and the WebSocket API, and its streams.

mod account;
mod amend;
mod lists;
mod market;
mod params;
mod routing;
pub(super) mod stream_name;
mod trade;

use super::failure::Failure;
use super::operation::{Call, Operation, Rows, market, trading, user};
use super::params::Params;
use super::product::{Product, StreamPath};
use crate::engine::{Engine, Instrument, Reject, SymbolId};

/// Spot.
pub(super) static PRODUCT: Product = Product {
    rest: "/api/",
    ws_api: "/ws-api/v3",
    version: "v3/",
    // The streams in SBE are a host of their own; here they are a path.
    streams: &[
        StreamPath { path: "/ws", combined: false, sbe: false },
        StreamPath { path: "/stream", combined: true, sbe: false },
        StreamPath { path: "/sbe/ws", combined: false, sbe: true },
        StreamPath { path: "/sbe/stream", combined: true, sbe: true },
    ],
    operations: OPERATIONS,
    stream: stream_name::Stream::parse,
};

impl Call<'_> {
    /// The symbol of the request, which must have the `symbolStatus` of the request.
    fn symbol(&self) -> Result<SymbolId, Failure> {
        let name = self.params.symbol("symbol")?;
        let id = self.engine().symbol_id(name).ok_or_else(Reject::bad_symbol)?;
        check_status(self.engine().instrument(id), symbol_status(self.params)?)?;
        Ok(id)
    }
}

const fn names(names: &'static [&'static str]) -> Rows {
    Rows::plain(names)
}

/// Everything that can be requested.
static OPERATIONS: &[Operation] = &[
    market("ping", "/api/v3/ping", &[], |_| 1, market::ping),
    market("time", "/api/v3/time", &[], |_| 1, market::time),
    market(
        "exchangeInfo",
        "/api/v3/exchangeInfo",
        &[names(&["symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus"])],
        |_| 20,
        market::exchange_info,
    ),
    market(
        "depth",
        "/api/v3/depth",
        &[names(&["symbol", "limit", "symbolStatus"])],
        market::depth_weight,
        market::depth,
    ),
    market("trades.recent", "/api/v3/trades", &[names(&["symbol", "limit"])], |_| 25, market::trades),
    market(
        "trades.historical",
        "/api/v3/historicalTrades",
        &[names(&["symbol", "limit", "fromId"])],
        |_| 25,
        market::historical_trades,
    ),
    market(
        "blockTrades.historical",
        "/api/v3/historicalBlockTrades",
        &[names(&["symbol", "fromId", "limit"])],
        |_| 25,
        market::block_trades,
    ),
    market(
        "trades.aggregate",
        "/api/v3/aggTrades",
        &[names(&["symbol", "fromId", "startTime", "endTime", "limit"])],
        |_| 4,
        market::aggregate_trades,
    ),
    market(
        "executionRules",
        "/api/v3/executionRules",
        &[names(market::SYMBOLS)],
        market::rules_weight,
        market::execution_rules,
    ),
    market("referencePrice", "/api/v3/referencePrice", &[names(&["symbol"])], |_| 2, market::reference_price),
    market(
        "referencePrice.calculation",
        "/api/v3/referencePrice/calculation",
        &[names(&["symbol", "symbolStatus"])],
        |_| 2,
        market::reference_calculation,
    ),
    market(
        "ticker.tradingDay",
        "/api/v3/ticker/tradingDay",
        &[names(&["symbol", "symbols", "timeZone", "type", "symbolStatus"])],
        market::window_weight,
        market::ticker_trading_day,
    ),
    market("klines", "/api/v3/klines", &[names(market::KLINES)], |_| 2, market::klines),
    market("uiKlines", "/api/v3/uiKlines", &[names(market::KLINES)], |_| 2, market::klines),
    market("avgPrice", "/api/v3/avgPrice", &[names(&["symbol"])], |_| 2, market::average_price),
    market(
        "ticker.24hr",
        "/api/v3/ticker/24hr",
        &[names(market::TICKER)],
        market::ticker_weight,
        market::ticker_24hr,
    ),
    market(
        "ticker",
        "/api/v3/ticker",
        &[names(&["symbol", "symbols", "windowSize", "type", "symbolStatus"])],
        market::window_weight,
        market::ticker_window,
    ),
    market(
        "ticker.price",
        "/api/v3/ticker/price",
        &[names(market::SYMBOLS)],
        market::price_weight,
        market::ticker_price,
    ),
    market(
        "ticker.book",
        "/api/v3/ticker/bookTicker",
        &[names(market::SYMBOLS)],
        market::price_weight,
        market::ticker_book,
    ),
    trading("order.place", ("POST", "/api/v3/order"), params::ORDER, true, trade::place),
    Operation {
        weight: |params| if params.boolean("computeCommissionRates") == Ok(Some(true)) { 20 } else { 1 },
        ..trading("order.test", ("POST", "/api/v3/order/test"), params::TEST_ORDER, false, trade::test)
    },
    trading(
        "order.cancel",
        ("DELETE", "/api/v3/order"),
        &[names(&["symbol", "orderId", "origClientOrderId", "newClientOrderId", "cancelRestrictions"])],
        false,
        trade::cancel,
    ),
    trading(
        "order.cancelReplace",
        ("POST", "/api/v3/order/cancelReplace"),
        params::CANCEL_REPLACE,
        true,
        trade::cancel_replace,
    ),
    trading("sor.order.place", ("POST", "/api/v3/sor/order"), params::ROUTED_ORDER, true, routing::place),
    Operation {
        weight: |params| if params.boolean("computeCommissionRates") == Ok(Some(true)) { 20 } else { 1 },
        ..trading(
            "sor.order.test",
            ("POST", "/api/v3/sor/order/test"),
            params::TEST_ROUTED_ORDER,
            false,
            routing::test,
        )
    },
    Operation {
        weight: |_| 4,
        ..trading(
            "order.amend.keepPriority",
            ("PUT", "/api/v3/order/amend/keepPriority"),
            &[names(amend::AMEND)],
            false,
            amend::amend,
        )
    },
    trading(
        "openOrders.cancelAll",
        ("DELETE", "/api/v3/openOrders"),
        &[names(&["symbol"])],
        false,
        trade::cancel_all,
    ),
    trading("orderList.place.oco", ("POST", "/api/v3/orderList/oco"), params::OCO, true, lists::place_oco),
    trading("orderList.place.oto", ("POST", "/api/v3/orderList/oto"), params::OTO, true, lists::place_oto),
    trading(
        "orderList.place.otoco",
        ("POST", "/api/v3/orderList/otoco"),
        params::OTOCO,
        true,
        lists::place_otoco,
    ),
    trading("orderList.place.opo", ("POST", "/api/v3/orderList/opo"), params::OPO, true, lists::place_opo),
    trading(
        "orderList.place.opoco",
        ("POST", "/api/v3/orderList/opoco"),
        params::OPOCO,
        true,
        lists::place_opoco,
    ),
    trading("orderList.place", ("POST", "/api/v3/order/oco"), params::OLD_OCO, true, lists::place_old),
    trading(
        "orderList.cancel",
        ("DELETE", "/api/v3/orderList"),
        &[names(&["symbol", "orderListId", "listClientOrderId", "newClientOrderId"])],
        false,
        lists::cancel,
    ),
    user("account.status", "/api/v3/account", &[names(&["omitZeroBalances"])], |_| 20, account::status),
    user(
        "order.status",
        "/api/v3/order",
        &[names(&["symbol", "orderId", "origClientOrderId"])],
        |_| 4,
        account::order,
    ),
    user(
        "openOrders.status",
        "/api/v3/openOrders",
        &[names(&["symbol"])],
        |params| if params.has("symbol") { 6 } else { 80 },
        account::open_orders,
    ),
    user(
        "allOrders",
        "/api/v3/allOrders",
        &[names(&["symbol", "orderId", "startTime", "endTime", "limit"])],
        |_| 20,
        account::all_orders,
    ),
    user(
        "orderList.status",
        "/api/v3/orderList",
        &[names(&["orderListId", "origClientOrderId"])],
        |_| 4,
        lists::status,
    ),
    user(
        "allOrderLists",
        "/api/v3/allOrderList",
        &[names(&["fromId", "startTime", "endTime", "limit"])],
        |_| 20,
        lists::all,
    ),
    user("openOrderLists.status", "/api/v3/openOrderList", &[], |_| 6, lists::open),
    user(
        "myTrades",
        "/api/v3/myTrades",
        &[names(&["symbol", "orderId", "startTime", "endTime", "fromId", "limit"])],
        |params| if params.has("orderId") { 5 } else { 20 },
        account::trades,
    ),
    user(
        "myAllocations",
        "/api/v3/myAllocations",
        &[names(&["symbol", "startTime", "endTime", "fromAllocationId", "limit", "orderId"])],
        |_| 20,
        routing::allocations,
    ),
    user(
        "order.amendments",
        "/api/v3/order/amendments",
        &[names(&["symbol", "orderId", "fromExecutionId", "limit"])],
        |_| 4,
        amend::amendments,
    ),
    user(
        "myPreventedMatches",
        "/api/v3/myPreventedMatches",
        &[names(&["symbol", "preventedMatchId", "orderId", "fromPreventedMatchId", "limit"])],
        |params| if params.has("orderId") { 20 } else { 2 },
        account::prevented_matches,
    ),
    user("account.rateLimits.orders", "/api/v3/rateLimit/order", &[], |_| 40, account::order_limits),
    user("myFilters", "/api/v3/myFilters", &[names(&["symbol"])], |_| 40, account::filters),
    user(
        "account.commission",
        "/api/v3/account/commission",
        &[names(&["symbol"])],
        |_| 20,
        account::commission,
    ),
];

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
/// the status of the request is an error when it is requested alone, and else left out.
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
