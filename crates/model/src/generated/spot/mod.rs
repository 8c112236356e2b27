// Written by `cargo xtask codegen` from crates/model/spec/spot/*.toml; do not edit.

//! Spot: market data, trading, the account, and the streams.

pub(crate) mod account;
pub mod error_code;
pub(crate) mod filters;
pub(crate) mod general;
pub(crate) mod market;
pub(crate) mod order_list;
#[cfg(feature = "sbe")]
pub mod sbe;
pub(crate) mod session;
pub mod stream;
pub(crate) mod streams;
pub(crate) mod trade;
pub(crate) mod user_data;

/// Every type by its name, for the code of this crate.
#[allow(unused_imports, reason = "not every product has hand-written code")]
pub(crate) mod all {
    pub(crate) use super::account::*;
    pub(crate) use super::filters::*;
    pub(crate) use super::general::*;
    pub(crate) use super::market::*;
    pub(crate) use super::order_list::*;
    pub(crate) use super::session::*;
    pub(crate) use super::streams::*;
    pub(crate) use super::trade::*;
    pub(crate) use super::user_data::*;
    pub(crate) use crate::generated::common::*;
}

/// What the product shows.
pub(crate) mod public {
    pub use super::account::{Account, AllOrders, MyTrades, OpenOrders, Order, QueryOrder};
    pub use super::error_code;
    pub use super::general::ExchangeInfo;
    pub use super::market::{
        AggTrades, Depth, Kline, Klines, OrderBook, Ticker24hr, TickerBook, TickerPrice, Trades,
    };
    pub use super::order_list::{OrderListOco, OrderListOto, OrderListOtoco};
    #[cfg(feature = "sbe")]
    pub use super::sbe;
    pub use super::stream;
    pub use super::streams::{
        AggTradeEvent, AveragePriceEvent, BlockTradeEvent, BookTickerEvent, DepthEvent, KlineEvent,
        MarketEvent, MiniTickerEvent, PartialDepthEvent, ReferencePriceEvent, RollingTickerEvent,
        ServerShutdownEvent, TickerEvent, TradeEvent,
    };
    pub use super::trade::{
        CancelOrder, CancelReplace, NewOrder, OrderKey, OrderStatus, OrderType, TimeInForce,
    };
    pub use super::user_data::{
        AccountEvent, AccountPositionEvent, BalanceEvent, ExternalLockEvent, OrderEvent, OrderListEvent,
        StreamTerminatedEvent,
    };

    /// The account: balances, orders, trades, commissions, and the parts of its events.
    pub mod account {
        pub use crate::generated::spot::account::{
            AccountCommission, AccountFilters, AccountInformation, AccountType, Allocation, AllocationType,
            Balance, CommissionDiscount, CommissionRates, MyAllocations, MyFilters, MyPreventedMatches,
            MyTrade, OrderAmendment, OrderAmendments, PreventedMatch, PreventedMatchKey, SymbolCommission,
            UnfilledOrderCount,
        };
        pub use crate::generated::spot::user_data::{
            AccountBalance, ExecutionType, OrderListEntry, OrderRejectReason,
        };
    }

    /// The exchange: connectivity, server time, symbols.
    pub mod general {
        pub use crate::generated::spot::general::{
            ExchangeInformation, ExecutionRule, ExecutionRuleList, ExecutionRules, Permission, Ping,
            PriceRangeRule, ServerTime, SorInfo, SymbolExecutionRules, SymbolInfo, SymbolQuery, SymbolStatus,
            Symbols, Time,
        };
    }

    /// Market data by request: books, trades, candles, tickers.
    pub mod market {
        pub use crate::generated::spot::market::{
            AggTrade, ArithmeticMeanPrice, AvgPrice, BlockTrade, BookTicker, CurrentAveragePrice,
            CurrentReferencePrice, DayTicker, ExternalPrice, FullDayTicker, FullWindowTicker,
            HistoricalBlockTrades, HistoricalTrades, LastPrice, MiniWindowTicker, ReferencePrice,
            ReferencePriceCalculation, ReferencePriceMethod, TickerRollingWindow, TickerTradingDay,
            TickerType, Trade, UiKlines, WindowTicker,
        };
        pub use crate::spot::window_size::WindowSize;
    }

    /// The session of a connection to the WebSocket API, and its user-data subscriptions.
    pub mod session {
        pub use crate::generated::spot::session::{
            QuerySessionStatus, SessionLogon, SessionLogout, SessionStatus, SessionSubscriptions,
            UserDataStreamSubscribe, UserDataStreamSubscribeSignature, UserDataStreamUnsubscribe,
            UserDataSubscription,
        };
    }

    /// Placing, cancelling and changing orders and order lists.
    pub mod trade {
        pub use crate::generated::spot::order_list::{
            AllOrderLists, CancelOrderList, OpenOrderLists, OrderLeg, OrderList, OrderListOpo,
            OrderListOpoco, OrderListOrder, OrderListOrderReport, OrderListReport, OrderOco, PendingOrder,
            QueryOrderList, WorkingOrder,
        };
        pub use crate::generated::spot::trade::{
            AmendKeepPriority, AmendResponse, AmendedListStatus, AmendedOrder, CancelHalf, CancelOpenOrders,
            CancelReplaceMode, CancelReplaceResponse, CancelReplaceResult, CancelRestrictions, CancelResult,
            CanceledOrder, ContingencyType, ExpiryReason, Fill, ListOrderStatus, ListStatusType, MatchType,
            NewOrderHalf, NewOrderResponse, OrderCommission, OrderListKey, OrderRateLimitExceededMode,
            OrderResponseType, PegOffsetType, PegPriceType, SelfTradePreventionMode, SorOrder, TestOrder,
            TestOrderResponse, TestSorOrder, WorkingFloor,
        };
        pub use crate::spot::list_ext::OcoWithoutBelow;
        pub use crate::spot::list_ext::OcoWithoutOrders;
    }
}
