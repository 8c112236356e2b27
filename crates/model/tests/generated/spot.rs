// Written by `cargo xtask codegen` from crates/model/spec/spot/*.toml; do not edit.

//! Which type reads which answer and which event.

use crate::table::{Event, Request, event, request};
use binance_kit_core::MixedTopic;
use binance_kit_model::{common, spot};

/// Every request.
pub(crate) const REQUESTS: &[Request] = &[
    request::<spot::Account>("Account", "GET /api/v3/account", "account.status"),
    request::<spot::account::AccountCommission>(
        "AccountCommission",
        "GET /api/v3/account/commission",
        "account.commission",
    ),
    request::<spot::AllOrders>("AllOrders", "GET /api/v3/allOrders", "allOrders"),
    request::<spot::account::MyAllocations>("MyAllocations", "GET /api/v3/myAllocations", "myAllocations"),
    request::<spot::account::MyFilters>("MyFilters", "GET /api/v3/myFilters", "myFilters"),
    request::<spot::account::MyPreventedMatches>(
        "MyPreventedMatches",
        "GET /api/v3/myPreventedMatches",
        "myPreventedMatches",
    ),
    request::<spot::MyTrades>("MyTrades", "GET /api/v3/myTrades", "myTrades"),
    request::<spot::OpenOrders>("OpenOrders", "GET /api/v3/openOrders", "openOrders.status"),
    request::<spot::account::OrderAmendments>(
        "OrderAmendments",
        "GET /api/v3/order/amendments",
        "order.amendments",
    ),
    request::<spot::QueryOrder>("QueryOrder", "GET /api/v3/order", "order.status"),
    request::<spot::account::UnfilledOrderCount>(
        "UnfilledOrderCount",
        "GET /api/v3/rateLimit/order",
        "account.rateLimits.orders",
    ),
    request::<spot::ExchangeInfo>("ExchangeInfo", "GET /api/v3/exchangeInfo", "exchangeInfo"),
    request::<spot::general::ExecutionRules>(
        "ExecutionRules",
        "GET /api/v3/executionRules",
        "executionRules",
    ),
    request::<spot::general::Ping>("Ping", "GET /api/v3/ping", "ping"),
    request::<spot::general::Time>("Time", "GET /api/v3/time", "time"),
    request::<spot::AggTrades>("AggTrades", "GET /api/v3/aggTrades", "trades.aggregate"),
    request::<spot::market::AvgPrice>("AvgPrice", "GET /api/v3/avgPrice", "avgPrice"),
    request::<spot::Depth>("Depth", "GET /api/v3/depth", "depth"),
    request::<spot::market::HistoricalBlockTrades>(
        "HistoricalBlockTrades",
        "GET /api/v3/historicalBlockTrades",
        "blockTrades.historical",
    ),
    request::<spot::market::HistoricalTrades>(
        "HistoricalTrades",
        "GET /api/v3/historicalTrades",
        "trades.historical",
    ),
    request::<spot::Klines>("Klines", "GET /api/v3/klines", "klines"),
    request::<spot::market::ReferencePrice>("ReferencePrice", "GET /api/v3/referencePrice", "referencePrice"),
    request::<spot::market::ReferencePriceCalculation>(
        "ReferencePriceCalculation",
        "GET /api/v3/referencePrice/calculation",
        "referencePrice.calculation",
    ),
    request::<spot::Ticker24hr>("Ticker24hr", "GET /api/v3/ticker/24hr", "ticker.24hr"),
    request::<spot::TickerBook>("TickerBook", "GET /api/v3/ticker/bookTicker", "ticker.book"),
    request::<spot::TickerPrice>("TickerPrice", "GET /api/v3/ticker/price", "ticker.price"),
    request::<spot::market::TickerRollingWindow>("TickerRollingWindow", "GET /api/v3/ticker", "ticker"),
    request::<spot::market::TickerTradingDay>(
        "TickerTradingDay",
        "GET /api/v3/ticker/tradingDay",
        "ticker.tradingDay",
    ),
    request::<spot::Trades>("Trades", "GET /api/v3/trades", "trades.recent"),
    request::<spot::market::UiKlines>("UiKlines", "GET /api/v3/uiKlines", "uiKlines"),
    request::<spot::trade::AllOrderLists>("AllOrderLists", "GET /api/v3/allOrderList", "allOrderLists"),
    request::<spot::trade::CancelOrderList>(
        "CancelOrderList",
        "DELETE /api/v3/orderList",
        "orderList.cancel",
    ),
    request::<spot::trade::OpenOrderLists>(
        "OpenOrderLists",
        "GET /api/v3/openOrderList",
        "openOrderLists.status",
    ),
    request::<spot::OrderListOco>("OrderListOco", "POST /api/v3/orderList/oco", "orderList.place.oco"),
    request::<spot::trade::OrderListOpo>("OrderListOpo", "POST /api/v3/orderList/opo", "orderList.place.opo"),
    request::<spot::trade::OrderListOpoco>(
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
    request::<spot::trade::OrderOco>("OrderOco", "POST /api/v3/order/oco", "orderList.place"),
    request::<spot::trade::QueryOrderList>("QueryOrderList", "GET /api/v3/orderList", "orderList.status"),
    request::<spot::session::QuerySessionStatus>("QuerySessionStatus", "", "session.status"),
    request::<spot::session::SessionLogon>("SessionLogon", "", "session.logon"),
    request::<spot::session::SessionLogout>("SessionLogout", "", "session.logout"),
    request::<spot::session::SessionSubscriptions>("SessionSubscriptions", "", "session.subscriptions"),
    request::<spot::session::UserDataStreamSubscribe>(
        "UserDataStreamSubscribe",
        "",
        "userDataStream.subscribe",
    ),
    request::<spot::session::UserDataStreamSubscribeSignature>(
        "UserDataStreamSubscribeSignature",
        "",
        "userDataStream.subscribe.signature",
    ),
    request::<spot::session::UserDataStreamUnsubscribe>(
        "UserDataStreamUnsubscribe",
        "",
        "userDataStream.unsubscribe",
    ),
    request::<spot::trade::AmendKeepPriority>(
        "AmendKeepPriority",
        "PUT /api/v3/order/amend/keepPriority",
        "order.amend.keepPriority",
    ),
    request::<spot::trade::CancelOpenOrders>(
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
    request::<spot::trade::SorOrder>("SorOrder", "POST /api/v3/sor/order", "sor.order.place"),
    request::<spot::trade::TestOrder>("TestOrder", "POST /api/v3/order/test", "order.test"),
    request::<spot::trade::TestSorOrder>("TestSorOrder", "POST /api/v3/sor/order/test", "sor.order.test"),
];

/// Every event.
pub(crate) const EVENTS: &[Event] = &[
    event::<spot::TradeEvent, spot::MarketEvent>("TradeEvent", "trade", false),
    event::<spot::AggTradeEvent, spot::MarketEvent>("AggTradeEvent", "aggTrade", false),
    event::<spot::BlockTradeEvent, spot::MarketEvent>("BlockTradeEvent", "blockTrade", false),
    event::<spot::KlineEvent, spot::MarketEvent>("KlineEvent", "kline", false),
    event::<spot::MiniTickerEvent, spot::MarketEvent>("MiniTickerEvent", "24hrMiniTicker", false),
    event::<spot::TickerEvent, spot::MarketEvent>("TickerEvent", "24hrTicker", false),
    event::<spot::RollingTickerEvent, spot::MarketEvent>("RollingTickerEvent", "*Ticker", false),
    event::<spot::BookTickerEvent, spot::MarketEvent>("BookTickerEvent", "", true),
    event::<spot::AveragePriceEvent, spot::MarketEvent>("AveragePriceEvent", "avgPrice", false),
    event::<spot::PartialDepthEvent, spot::MarketEvent>("PartialDepthEvent", "", true),
    event::<spot::DepthEvent, spot::MarketEvent>("DepthEvent", "depthUpdate", false),
    event::<spot::ReferencePriceEvent, spot::MarketEvent>("ReferencePriceEvent", "referencePrice", false),
    event::<spot::ServerShutdownEvent, spot::MarketEvent>("ServerShutdownEvent", "serverShutdown", false),
    event::<spot::AccountPositionEvent, spot::AccountEvent>(
        "AccountPositionEvent",
        "outboundAccountPosition",
        false,
    ),
    event::<spot::BalanceEvent, spot::AccountEvent>("BalanceEvent", "balanceUpdate", false),
    event::<spot::OrderEvent, spot::AccountEvent>("OrderEvent", "executionReport", false),
    event::<spot::OrderListEvent, spot::AccountEvent>("OrderListEvent", "listStatus", false),
    event::<spot::StreamTerminatedEvent, spot::AccountEvent>(
        "StreamTerminatedEvent",
        "eventStreamTerminated",
        false,
    ),
    event::<spot::ExternalLockEvent, spot::AccountEvent>("ExternalLockEvent", "externalLockUpdate", false),
];

/// Every stream with its function, for each value of its arguments.
#[allow(dead_code, reason = "only one of the tests asks")]
pub(crate) fn streams(each: &mut dyn FnMut(&'static str, MixedTopic<spot::MarketEvent>)) {
    each("agg_trade", spot::stream::agg_trade("BTCUSDT").into());
    each("all_mini_tickers", spot::stream::all_mini_tickers().into());
    for window in spot::stream::TickerWindow::KNOWN {
        each("all_rolling_tickers", spot::stream::all_rolling_tickers(window).into());
    }
    each("average_price", spot::stream::average_price("BTCUSDT").into());
    each("best_bid_ask", spot::stream::best_bid_ask("BTCUSDT").into());
    each("block_trade", spot::stream::block_trade("BTCUSDT").into());
    each("book_ticker", spot::stream::book_ticker("BTCUSDT").into());
    for speed in spot::stream::DepthSpeed::ALL {
        each("depth", spot::stream::depth("BTCUSDT", *speed).into());
    }
    for interval in common::KlineInterval::KNOWN {
        each("kline", spot::stream::kline("BTCUSDT", interval).into());
    }
    for interval in common::KlineInterval::KNOWN {
        each("kline_utc8", spot::stream::kline_utc8("BTCUSDT", interval).into());
    }
    each("mini_ticker", spot::stream::mini_ticker("BTCUSDT").into());
    for levels in spot::stream::DepthLevels::ALL {
        for speed in spot::stream::DepthSpeed::ALL {
            each("partial_depth", spot::stream::partial_depth("BTCUSDT", *levels, *speed).into());
        }
    }
    each("reference_price", spot::stream::reference_price("BTCUSDT").into());
    for window in spot::stream::TickerWindow::KNOWN {
        each("rolling_ticker", spot::stream::rolling_ticker("BTCUSDT", window).into());
    }
    each("ticker", spot::stream::ticker("BTCUSDT").into());
    each("trade", spot::stream::trade("BTCUSDT").into());
}
