// Written by `cargo xtask codegen` from crates/model/spec/spot/sbe/*.toml; do not edit.

//! The SBE schemas of the product, as tables.

use binance_kit_core::sbe::Schema;

mod account;
mod events;
mod filters;
mod general;
mod lists;
mod market;
mod order_changes;
mod orders;
mod tickers;
/// Schema `spot_sbe` 3:5. The words of the schema of REST and the WebSocket API, by their numbers.
pub static API: Schema = Schema {
    id: 3,
    version: 5,
    layouts: &[
        filters::PRICE_FILTER,
        filters::PERCENT_PRICE_FILTER,
        filters::PERCENT_PRICE_BY_SIDE_FILTER,
        filters::LOT_SIZE_FILTER,
        filters::MIN_NOTIONAL_FILTER,
        filters::NOTIONAL_FILTER,
        filters::ICEBERG_PARTS_FILTER,
        filters::MARKET_LOT_SIZE_FILTER,
        filters::MAX_NUM_ORDERS_FILTER,
        filters::MAX_NUM_ALGO_ORDERS_FILTER,
        filters::MAX_NUM_ICEBERG_ORDERS_FILTER,
        filters::MAX_POSITION_FILTER,
        filters::TRAILING_DELTA_FILTER,
        filters::TPLUS_SELL_FILTER,
        filters::EXCHANGE_MAX_NUM_ORDERS_FILTER,
        filters::EXCHANGE_MAX_NUM_ALGO_ORDERS_FILTER,
        filters::EXCHANGE_MAX_NUM_ICEBERG_ORDERS_FILTER,
        filters::MAX_NUM_ORDER_LISTS_FILTER,
        filters::EXCHANGE_MAX_NUM_ORDER_LISTS_FILTER,
        filters::MAX_NUM_ORDER_AMENDS_FILTER,
        filters::MAX_ASSET_FILTER,
        filters::PRICE_RANGE_EXECUTION_RULE,
        general::WEB_SOCKET_RESPONSE,
        general::WEB_SOCKET_SESSION_LOGON_RESPONSE,
        general::WEB_SOCKET_SESSION_STATUS_RESPONSE,
        general::WEB_SOCKET_SESSION_LOGOUT_RESPONSE,
        general::WEB_SOCKET_SESSION_SUBSCRIPTIONS_RESPONSE,
        general::ERROR_RESPONSE,
        general::PING_RESPONSE,
        general::SERVER_TIME_RESPONSE,
        general::EXCHANGE_INFO_RESPONSE,
        general::EXECUTION_RULES_RESPONSE,
        general::MY_FILTERS_RESPONSE,
        market::DEPTH_RESPONSE,
        market::TRADES_RESPONSE,
        market::AGG_TRADES_RESPONSE,
        market::KLINES_RESPONSE,
        market::AVERAGE_PRICE_RESPONSE,
        tickers::TICKER24H_SYMBOL_FULL_RESPONSE,
        tickers::TICKER24H_FULL_RESPONSE,
        tickers::TICKER24H_SYMBOL_MINI_RESPONSE,
        tickers::TICKER24H_MINI_RESPONSE,
        tickers::PRICE_TICKER_SYMBOL_RESPONSE,
        tickers::PRICE_TICKER_RESPONSE,
        tickers::BOOK_TICKER_SYMBOL_RESPONSE,
        tickers::BOOK_TICKER_RESPONSE,
        tickers::TICKER_SYMBOL_FULL_RESPONSE,
        tickers::TICKER_FULL_RESPONSE,
        tickers::TICKER_SYMBOL_MINI_RESPONSE,
        tickers::TICKER_MINI_RESPONSE,
        market::REFERENCE_PRICE_RESPONSE,
        market::REFERENCE_PRICE_CALCULATION_RESPONSE,
        market::BLOCK_TRADES_RESPONSE,
        orders::NEW_ORDER_ACK_RESPONSE,
        orders::NEW_ORDER_RESULT_RESPONSE,
        orders::NEW_ORDER_FULL_RESPONSE,
        orders::ORDER_TEST_RESPONSE,
        orders::ORDER_RESPONSE,
        order_changes::CANCEL_ORDER_RESPONSE,
        order_changes::CANCEL_OPEN_ORDERS_RESPONSE,
        order_changes::CANCEL_REPLACE_ORDER_RESPONSE,
        orders::ORDERS_RESPONSE,
        lists::NEW_ORDER_LIST_ACK_RESPONSE,
        lists::NEW_ORDER_LIST_RESULT_RESPONSE,
        lists::NEW_ORDER_LIST_FULL_RESPONSE,
        lists::CANCEL_ORDER_LIST_RESPONSE,
        lists::ORDER_LIST_RESPONSE,
        lists::ORDER_LISTS_RESPONSE,
        orders::ORDER_TEST_WITH_COMMISSIONS_RESPONSE,
        order_changes::ORDER_AMENDMENTS_RESPONSE,
        order_changes::ORDER_AMEND_KEEP_PRIORITY_RESPONSE,
        account::ACCOUNT_RESPONSE,
        account::ACCOUNT_TRADES_RESPONSE,
        account::ACCOUNT_ORDER_RATE_LIMIT_RESPONSE,
        account::ACCOUNT_PREVENTED_MATCHES_RESPONSE,
        account::ACCOUNT_ALLOCATIONS_RESPONSE,
        account::ACCOUNT_COMMISSION_RESPONSE,
        account::USER_DATA_STREAM_START_RESPONSE,
        account::USER_DATA_STREAM_PING_RESPONSE,
        account::USER_DATA_STREAM_STOP_RESPONSE,
        account::USER_DATA_STREAM_SUBSCRIBE_RESPONSE,
        account::USER_DATA_STREAM_UNSUBSCRIBE_RESPONSE,
        account::USER_DATA_STREAM_SUBSCRIBE_LISTEN_TOKEN_RESPONSE,
        events::ALLOCATION_REPORT_EVENT,
        events::BALANCE_UPDATE_EVENT,
        events::EVENT_STREAM_TERMINATED_EVENT,
        events::EXECUTION_REPORT_EVENT,
        events::EXTERNAL_LOCK_UPDATE_EVENT,
        events::LIST_STATUS_EVENT,
        events::OUTBOUND_ACCOUNT_POSITION_EVENT,
        events::SERVER_SHUTDOWN_EVENT,
        events::NON_REPRESENTABLE_MESSAGE,
    ],
};

mod streams;
/// Schema `spot_stream` 1:0. The market streams of the SBE host.
pub static STREAM: Schema = Schema {
    id: 1,
    version: 0,
    layouts: &[
        streams::TRADES_STREAM_EVENT,
        streams::BEST_BID_ASK_STREAM_EVENT,
        streams::DEPTH_SNAPSHOT_STREAM_EVENT,
        streams::DEPTH_DIFF_STREAM_EVENT,
    ],
};

mod readers;
mod words;
