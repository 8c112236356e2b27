// Written by `cargo xtask codegen` from crates/model/spec/spot/*.toml; do not edit.

//! Which type reads which answer and which event.

use crate::table::{Event, Request, event, request};
use binance_kit_model::spot;

/// Every request.
pub(crate) const REQUESTS: &[Request] = &[
    request::<spot::Account>("Account", "GET /api/v3/account", "account.status"),
    request::<spot::AccountCommission>(
        "AccountCommission",
        "GET /api/v3/account/commission",
        "account.commission",
    ),
    request::<spot::AllOrders>("AllOrders", "GET /api/v3/allOrders", "allOrders"),
    request::<spot::MyAllocations>("MyAllocations", "GET /api/v3/myAllocations", "myAllocations"),
    request::<spot::MyFilters>("MyFilters", "GET /api/v3/myFilters", "myFilters"),
    request::<spot::MyPreventedMatches>(
        "MyPreventedMatches",
        "GET /api/v3/myPreventedMatches",
        "myPreventedMatches",
    ),
    request::<spot::MyTrades>("MyTrades", "GET /api/v3/myTrades", "myTrades"),
    request::<spot::OpenOrders>("OpenOrders", "GET /api/v3/openOrders", "openOrders.status"),
    request::<spot::OrderAmendments>("OrderAmendments", "GET /api/v3/order/amendments", "order.amendments"),
    request::<spot::QueryOrder>("QueryOrder", "GET /api/v3/order", "order.status"),
    request::<spot::UnfilledOrderCount>(
        "UnfilledOrderCount",
        "GET /api/v3/rateLimit/order",
        "account.rateLimits.orders",
    ),
    request::<spot::ExchangeInfo>("ExchangeInfo", "GET /api/v3/exchangeInfo", "exchangeInfo"),
    request::<spot::ExecutionRules>("ExecutionRules", "GET /api/v3/executionRules", "executionRules"),
    request::<spot::Ping>("Ping", "GET /api/v3/ping", "ping"),
    request::<spot::Time>("Time", "GET /api/v3/time", "time"),
    request::<spot::AggTrades>("AggTrades", "GET /api/v3/aggTrades", "trades.aggregate"),
    request::<spot::AvgPrice>("AvgPrice", "GET /api/v3/avgPrice", "avgPrice"),
    request::<spot::Depth>("Depth", "GET /api/v3/depth", "depth"),
    request::<spot::HistoricalBlockTrades>(
        "HistoricalBlockTrades",
        "GET /api/v3/historicalBlockTrades",
        "blockTrades.historical",
    ),
    request::<spot::HistoricalTrades>(
        "HistoricalTrades",
        "GET /api/v3/historicalTrades",
        "trades.historical",
    ),
    request::<spot::Klines>("Klines", "GET /api/v3/klines", "klines"),
    request::<spot::ReferencePrice>("ReferencePrice", "GET /api/v3/referencePrice", "referencePrice"),
    request::<spot::ReferencePriceCalculation>(
        "ReferencePriceCalculation",
        "GET /api/v3/referencePrice/calculation",
        "referencePrice.calculation",
    ),
    request::<spot::Ticker24hr>("Ticker24hr", "GET /api/v3/ticker/24hr", "ticker.24hr"),
    request::<spot::TickerBook>("TickerBook", "GET /api/v3/ticker/bookTicker", "ticker.book"),
    request::<spot::TickerPrice>("TickerPrice", "GET /api/v3/ticker/price", "ticker.price"),
    request::<spot::TickerRollingWindow>("TickerRollingWindow", "GET /api/v3/ticker", "ticker"),
    request::<spot::TickerTradingDay>(
        "TickerTradingDay",
        "GET /api/v3/ticker/tradingDay",
        "ticker.tradingDay",
    ),
    request::<spot::Trades>("Trades", "GET /api/v3/trades", "trades.recent"),
    request::<spot::UiKlines>("UiKlines", "GET /api/v3/uiKlines", "uiKlines"),
    request::<spot::AllOrderLists>("AllOrderLists", "GET /api/v3/allOrderList", "allOrderLists"),
    request::<spot::CancelOrderList>("CancelOrderList", "DELETE /api/v3/orderList", "orderList.cancel"),
    request::<spot::OpenOrderLists>("OpenOrderLists", "GET /api/v3/openOrderList", "openOrderLists.status"),
    request::<spot::OrderListOco>("OrderListOco", "POST /api/v3/orderList/oco", "orderList.place.oco"),
    request::<spot::OrderListOpo>("OrderListOpo", "POST /api/v3/orderList/opo", "orderList.place.opo"),
    request::<spot::OrderListOpoco>(
        "OrderListOpoco",
        "POST /api/v3/orderList/opoco",
        "orderList.place.opoco",
    ),
    request::<spot::OrderListOto>("OrderListOto", "POST /api/v3/orderList/oto", "orderList.place.oto"),
    request::<spot::OrderListOtoco>(
        "OrderListOtoco",
        "POST /api/v3/orderList/otoco",
        "orderList.place.otoco",
    ),
    request::<spot::OrderOco>("OrderOco", "POST /api/v3/order/oco", "orderList.place"),
    request::<spot::QueryOrderList>("QueryOrderList", "GET /api/v3/orderList", "orderList.status"),
    request::<spot::QuerySessionStatus>("QuerySessionStatus", "", "session.status"),
    request::<spot::SessionLogon>("SessionLogon", "", "session.logon"),
    request::<spot::SessionLogout>("SessionLogout", "", "session.logout"),
    request::<spot::SessionSubscriptions>("SessionSubscriptions", "", "session.subscriptions"),
    request::<spot::UserDataStreamSubscribe>("UserDataStreamSubscribe", "", "userDataStream.subscribe"),
    request::<spot::UserDataStreamSubscribeSignature>(
        "UserDataStreamSubscribeSignature",
        "",
        "userDataStream.subscribe.signature",
    ),
    request::<spot::UserDataStreamUnsubscribe>("UserDataStreamUnsubscribe", "", "userDataStream.unsubscribe"),
    request::<spot::AmendKeepPriority>(
        "AmendKeepPriority",
        "PUT /api/v3/order/amend/keepPriority",
        "order.amend.keepPriority",
    ),
    request::<spot::CancelOpenOrders>(
        "CancelOpenOrders",
        "DELETE /api/v3/openOrders",
        "openOrders.cancelAll",
    ),
    request::<spot::CancelOrder>("CancelOrder", "DELETE /api/v3/order", "order.cancel"),
    request::<spot::CancelReplace>(
        "CancelReplace",
        "POST /api/v3/order/cancelReplace",
        "order.cancelReplace",
    ),
    request::<spot::NewOrder>("NewOrder", "POST /api/v3/order", "order.place"),
    request::<spot::SorOrder>("SorOrder", "POST /api/v3/sor/order", "sor.order.place"),
    request::<spot::TestOrder>("TestOrder", "POST /api/v3/order/test", "order.test"),
    request::<spot::TestSorOrder>("TestSorOrder", "POST /api/v3/sor/order/test", "sor.order.test"),
];

/// Every event.
pub(crate) const EVENTS: &[Event] = &[
    event::<spot::Trade, spot::MarketEvent>("Trade", "trade", false),
    event::<spot::AggTrade, spot::MarketEvent>("AggTrade", "aggTrade", false),
    event::<spot::BlockTrade, spot::MarketEvent>("BlockTrade", "blockTrade", false),
    event::<spot::KlineEvent, spot::MarketEvent>("KlineEvent", "kline", false),
    event::<spot::MiniTicker, spot::MarketEvent>("MiniTicker", "24hrMiniTicker", false),
    event::<spot::Ticker, spot::MarketEvent>("Ticker", "24hrTicker", false),
    event::<spot::RollingTicker, spot::MarketEvent>("RollingTicker", "*Ticker", false),
    event::<spot::BookTicker, spot::MarketEvent>("BookTicker", "", true),
    event::<spot::AveragePrice, spot::MarketEvent>("AveragePrice", "avgPrice", false),
    event::<spot::PartialDepth, spot::MarketEvent>("PartialDepth", "", true),
    event::<spot::DepthUpdate, spot::MarketEvent>("DepthUpdate", "depthUpdate", false),
    event::<spot::ReferencePriceUpdate, spot::MarketEvent>("ReferencePriceUpdate", "referencePrice", false),
    event::<spot::ServerShutdown, spot::MarketEvent>("ServerShutdown", "serverShutdown", false),
    event::<spot::OutboundAccountPosition, spot::UserDataEvent>(
        "OutboundAccountPosition",
        "outboundAccountPosition",
        false,
    ),
    event::<spot::BalanceUpdate, spot::UserDataEvent>("BalanceUpdate", "balanceUpdate", false),
    event::<spot::ExecutionReport, spot::UserDataEvent>("ExecutionReport", "executionReport", false),
    event::<spot::ListStatus, spot::UserDataEvent>("ListStatus", "listStatus", false),
    event::<spot::EventStreamTerminated, spot::UserDataEvent>(
        "EventStreamTerminated",
        "eventStreamTerminated",
        false,
    ),
    event::<spot::ExternalLockUpdate, spot::UserDataEvent>("ExternalLockUpdate", "externalLockUpdate", false),
];
