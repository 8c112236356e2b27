// Written by `cargo xtask codegen` from crates/model/spec/spot/*.toml; do not edit.

//! The exchange's error codes by name.

use binance_kit_core::ErrorCode;

/// Something unknown went wrong at the exchange.
pub const UNKNOWN: ErrorCode = ErrorCode(-1000);
/// Internal error: the request could not be processed.
pub const DISCONNECTED: ErrorCode = ErrorCode(-1001);
/// The sender is not authorised.
pub const UNAUTHORIZED: ErrorCode = ErrorCode(-1002);
/// Too many requests, or the address is banned.
pub const TOO_MANY_REQUESTS: ErrorCode = ErrorCode(-1003);
/// An unexpected answer inside the exchange: the outcome is unknown.
pub const UNEXPECTED_RESP: ErrorCode = ErrorCode(-1006);
/// No answer inside the exchange in time: the outcome is unknown.
pub const TIMEOUT: ErrorCode = ErrorCode(-1007);
/// The server is overloaded.
pub const SERVER_BUSY: ErrorCode = ErrorCode(-1008);
/// Rejected by the API before the matching engine, or by a filter.
pub const INVALID_MESSAGE: ErrorCode = ErrorCode(-1013);
/// The combination of order parameters is not supported.
pub const UNKNOWN_ORDER_COMPOSITION: ErrorCode = ErrorCode(-1014);
/// Too many new orders.
pub const TOO_MANY_ORDERS: ErrorCode = ErrorCode(-1015);
/// The service is not available any more.
pub const SERVICE_SHUTTING_DOWN: ErrorCode = ErrorCode(-1016);
/// The operation is not supported.
pub const UNSUPPORTED_OPERATION: ErrorCode = ErrorCode(-1020);
/// The timestamp is outside the receive window.
pub const INVALID_TIMESTAMP: ErrorCode = ErrorCode(-1021);
/// The signature is not valid.
pub const INVALID_SIGNATURE: ErrorCode = ErrorCode(-1022);
/// Another FIX session uses this sender id.
pub const COMP_ID_IN_USE: ErrorCode = ErrorCode(-1033);
/// Too many connections.
pub const TOO_MANY_CONNECTIONS: ErrorCode = ErrorCode(-1034);
/// The FIX session was logged out.
pub const LOGGED_OUT: ErrorCode = ErrorCode(-1035);
/// A parameter contains illegal characters.
pub const ILLEGAL_CHARS: ErrorCode = ErrorCode(-1100);
/// Too many parameters, or one of them twice.
pub const TOO_MANY_PARAMETERS: ErrorCode = ErrorCode(-1101);
/// A mandatory parameter is missing, empty or malformed.
pub const MANDATORY_PARAM_EMPTY_OR_MALFORMED: ErrorCode = ErrorCode(-1102);
/// A parameter is not known.
pub const UNKNOWN_PARAM: ErrorCode = ErrorCode(-1103);
/// Not all parameters were read.
pub const UNREAD_PARAMETERS: ErrorCode = ErrorCode(-1104);
/// A parameter is empty.
pub const PARAM_EMPTY: ErrorCode = ErrorCode(-1105);
/// A parameter is not required.
pub const PARAM_NOT_REQUIRED: ErrorCode = ErrorCode(-1106);
/// A parameter is too large.
pub const PARAM_OVERFLOW: ErrorCode = ErrorCode(-1108);
/// A number has more decimal places than its asset.
pub const BAD_PRECISION: ErrorCode = ErrorCode(-1111);
/// There are no orders in the book of the symbol.
pub const NO_DEPTH: ErrorCode = ErrorCode(-1112);
/// A time in force is not required.
pub const TIF_NOT_REQUIRED: ErrorCode = ErrorCode(-1114);
/// The time in force is not valid.
pub const INVALID_TIF: ErrorCode = ErrorCode(-1115);
/// The order type is not valid.
pub const INVALID_ORDER_TYPE: ErrorCode = ErrorCode(-1116);
/// The side is not valid.
pub const INVALID_SIDE: ErrorCode = ErrorCode(-1117);
/// The new client order id is empty.
pub const EMPTY_NEW_CL_ORD_ID: ErrorCode = ErrorCode(-1118);
/// The original client order id is empty.
pub const EMPTY_ORG_CL_ORD_ID: ErrorCode = ErrorCode(-1119);
/// The interval is not valid.
pub const BAD_INTERVAL: ErrorCode = ErrorCode(-1120);
/// The symbol is not valid.
pub const BAD_SYMBOL: ErrorCode = ErrorCode(-1121);
/// The symbol status is not valid.
pub const INVALID_SYMBOLSTATUS: ErrorCode = ErrorCode(-1122);
/// There is no such listen key.
pub const INVALID_LISTEN_KEY: ErrorCode = ErrorCode(-1125);
/// The time between start and end is too long.
pub const MORE_THAN_XX_HOURS: ErrorCode = ErrorCode(-1127);
/// The optional parameters do not go together.
pub const OPTIONAL_PARAMS_BAD_COMBO: ErrorCode = ErrorCode(-1128);
/// A parameter has an invalid value.
pub const INVALID_PARAMETER: ErrorCode = ErrorCode(-1130);
/// The strategy type is below 1000000.
pub const BAD_STRATEGY_TYPE: ErrorCode = ErrorCode(-1134);
/// The JSON is not valid.
pub const INVALID_JSON: ErrorCode = ErrorCode(-1135);
/// The ticker type is not valid.
pub const INVALID_TICKER_TYPE: ErrorCode = ErrorCode(-1139);
/// The cancel restriction is not valid.
pub const INVALID_CANCEL_RESTRICTIONS: ErrorCode = ErrorCode(-1145);
/// A symbol occurs twice in the list.
pub const DUPLICATE_SYMBOLS: ErrorCode = ErrorCode(-1151);
/// The header that asks for SBE is not valid.
pub const INVALID_SBE_HEADER: ErrorCode = ErrorCode(-1152);
/// The SBE schema or version is not supported.
pub const UNSUPPORTED_SCHEMA_ID: ErrorCode = ErrorCode(-1153);
/// SBE is disabled.
pub const SBE_DISABLED: ErrorCode = ErrorCode(-1155);
/// An order type of the OCO is not supported.
pub const OCO_ORDER_TYPE_REJECTED: ErrorCode = ErrorCode(-1158);
/// An iceberg order of the OCO must be good till cancelled.
pub const OCO_ICEBERGQTY_TIMEINFORCE: ErrorCode = ErrorCode(-1160);
/// The SBE schema is too old.
pub const DEPRECATED_SCHEMA: ErrorCode = ErrorCode(-1161);
/// The limit order of a buy OCO must be below.
pub const BUY_OCO_LIMIT_MUST_BE_BELOW: ErrorCode = ErrorCode(-1165);
/// The limit order of a sell OCO must be above.
pub const SELL_OCO_LIMIT_MUST_BE_ABOVE: ErrorCode = ErrorCode(-1166);
/// At least one order of an OCO must be a contingent one.
pub const BOTH_OCO_ORDERS_CANNOT_BE_LIMIT: ErrorCode = ErrorCode(-1168);
/// A FIX tag is not valid.
pub const INVALID_TAG_NUMBER: ErrorCode = ErrorCode(-1169);
/// A FIX tag does not belong to the message.
pub const TAG_NOT_DEFINED_IN_MESSAGE: ErrorCode = ErrorCode(-1170);
/// A FIX tag occurs twice.
pub const TAG_APPEARS_MORE_THAN_ONCE: ErrorCode = ErrorCode(-1171);
/// A FIX tag is out of order.
pub const TAG_OUT_OF_ORDER: ErrorCode = ErrorCode(-1172);
/// The fields of a FIX group are out of order.
pub const GROUP_FIELDS_OUT_OF_ORDER: ErrorCode = ErrorCode(-1173);
/// A FIX component is not complete.
pub const INVALID_COMPONENT: ErrorCode = ErrorCode(-1174);
/// FIX sequence numbers must be reset at log-on.
pub const RESET_SEQ_NUM_SUPPORT: ErrorCode = ErrorCode(-1175);
/// The FIX session is logged on already.
pub const ALREADY_LOGGED_IN: ErrorCode = ErrorCode(-1176);
/// The FIX message is garbled.
pub const GARBLED_MESSAGE: ErrorCode = ErrorCode(-1177);
/// The FIX sender id is not valid.
pub const BAD_SENDER_COMPID: ErrorCode = ErrorCode(-1178);
/// The FIX sequence number is not the expected one.
pub const BAD_SEQ_NUM: ErrorCode = ErrorCode(-1179);
/// The first FIX message must be a log-on.
pub const EXPECTED_LOGON: ErrorCode = ErrorCode(-1180);
/// Too many FIX messages.
pub const TOO_MANY_MESSAGES: ErrorCode = ErrorCode(-1181);
/// The parameters do not go together.
pub const PARAMS_BAD_COMBO: ErrorCode = ErrorCode(-1182);
/// Not allowed in a FIX drop-copy session.
pub const NOT_ALLOWED_IN_DROP_COPY_SESSIONS: ErrorCode = ErrorCode(-1183);
/// FIX drop-copy sessions are not supported here.
pub const DROP_COPY_SESSION_NOT_ALLOWED: ErrorCode = ErrorCode(-1184);
/// Only FIX drop-copy sessions are supported here.
pub const DROP_COPY_SESSION_REQUIRED: ErrorCode = ErrorCode(-1185);
/// Not allowed in a FIX order-entry session.
pub const NOT_ALLOWED_IN_ORDER_ENTRY_SESSIONS: ErrorCode = ErrorCode(-1186);
/// Not allowed in a FIX market-data session.
pub const NOT_ALLOWED_IN_MARKET_DATA_SESSIONS: ErrorCode = ErrorCode(-1187);
/// The count of a FIX group is wrong.
pub const INCORRECT_NUM_IN_GROUP_COUNT: ErrorCode = ErrorCode(-1188);
/// An entry of a FIX group occurs twice.
pub const DUPLICATE_ENTRIES_IN_A_GROUP: ErrorCode = ErrorCode(-1189);
/// The FIX request id is not valid.
pub const INVALID_REQUEST_ID: ErrorCode = ErrorCode(-1190);
/// Too many FIX subscriptions.
pub const TOO_MANY_SUBSCRIPTIONS: ErrorCode = ErrorCode(-1191);
/// The time unit is not valid.
pub const INVALID_TIME_UNIT: ErrorCode = ErrorCode(-1194);
/// The stop-loss of a buy OCO must be above.
pub const BUY_OCO_STOP_LOSS_MUST_BE_ABOVE: ErrorCode = ErrorCode(-1196);
/// The stop-loss of a sell OCO must be below.
pub const SELL_OCO_STOP_LOSS_MUST_BE_BELOW: ErrorCode = ErrorCode(-1197);
/// The take-profit of a buy OCO must be below.
pub const BUY_OCO_TAKE_PROFIT_MUST_BE_BELOW: ErrorCode = ErrorCode(-1198);
/// The take-profit of a sell OCO must be above.
pub const SELL_OCO_TAKE_PROFIT_MUST_BE_ABOVE: ErrorCode = ErrorCode(-1199);
/// The peg price type is not valid.
pub const INVALID_PEG_PRICE_TYPE: ErrorCode = ErrorCode(-1210);
/// The peg offset type is not valid.
pub const INVALID_PEG_OFFSET_TYPE: ErrorCode = ErrorCode(-1211);
/// The symbol does not have the requested status.
pub const SYMBOL_DOES_NOT_MATCH_STATUS: ErrorCode = ErrorCode(-1220);
/// A field of the SBE message is not valid.
pub const INVALID_SBE_MESSAGE_FIELD: ErrorCode = ErrorCode(-1221);
/// The working order of an OPO must buy.
pub const OPO_WORKING_MUST_BE_BUY: ErrorCode = ErrorCode(-1222);
/// The pending order of an OPO must sell.
pub const OPO_PENDING_MUST_BE_SELL: ErrorCode = ErrorCode(-1223);
/// A parameter of the working order is missing.
pub const WORKING_PARAM_REQUIRED: ErrorCode = ErrorCode(-1224);
/// A parameter of the pending order is not required.
pub const PENDING_PARAM_NOT_REQUIRED: ErrorCode = ErrorCode(-1225);
/// The new order is rejected; the message has the reason.
pub const NEW_ORDER_REJECTED: ErrorCode = ErrorCode(-2010);
/// The cancellation is rejected; the message has the reason.
pub const CANCEL_REJECTED: ErrorCode = ErrorCode(-2011);
/// There is no such order.
pub const NO_SUCH_ORDER: ErrorCode = ErrorCode(-2013);
/// The API key has a wrong format.
pub const BAD_API_KEY_FMT: ErrorCode = ErrorCode(-2014);
/// The API key is not valid, or not for this address or action.
pub const REJECTED_MBX_KEY: ErrorCode = ErrorCode(-2015);
/// There is no trading window for the symbol.
pub const NO_TRADING_WINDOW: ErrorCode = ErrorCode(-2016);
/// One half of a cancel-replace failed.
pub const CANCEL_REPLACE_PARTIALLY_FAILED: ErrorCode = ErrorCode(-2021);
/// Both halves of a cancel-replace failed.
pub const CANCEL_REPLACE_FAILED: ErrorCode = ErrorCode(-2022);
/// The order is archived: cancelled or expired unfilled more than 90 days ago.
pub const ORDER_ARCHIVED: ErrorCode = ErrorCode(-2026);
/// There is a user-data subscription already.
pub const SUBSCRIPTION_ACTIVE: ErrorCode = ErrorCode(-2035);
/// There is no user-data subscription.
pub const SUBSCRIPTION_INACTIVE: ErrorCode = ErrorCode(-2036);
/// The client order id is not that of the order.
pub const CLIENT_ORDER_ID_INVALID: ErrorCode = ErrorCode(-2039);
/// The connection has used up its subscription ids.
pub const MAXIMUM_SUBSCRIPTION_IDS: ErrorCode = ErrorCode(-2042);
/// The symbol has no reference price.
pub const NO_REFERENCE_PRICE: ErrorCode = ErrorCode(-2043);

/// Every documented code with its name.
pub static ALL: &[(ErrorCode, &str)] = &[
    (UNKNOWN, "UNKNOWN"),
    (DISCONNECTED, "DISCONNECTED"),
    (UNAUTHORIZED, "UNAUTHORIZED"),
    (TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS"),
    (UNEXPECTED_RESP, "UNEXPECTED_RESP"),
    (TIMEOUT, "TIMEOUT"),
    (SERVER_BUSY, "SERVER_BUSY"),
    (INVALID_MESSAGE, "INVALID_MESSAGE"),
    (UNKNOWN_ORDER_COMPOSITION, "UNKNOWN_ORDER_COMPOSITION"),
    (TOO_MANY_ORDERS, "TOO_MANY_ORDERS"),
    (SERVICE_SHUTTING_DOWN, "SERVICE_SHUTTING_DOWN"),
    (UNSUPPORTED_OPERATION, "UNSUPPORTED_OPERATION"),
    (INVALID_TIMESTAMP, "INVALID_TIMESTAMP"),
    (INVALID_SIGNATURE, "INVALID_SIGNATURE"),
    (COMP_ID_IN_USE, "COMP_ID_IN_USE"),
    (TOO_MANY_CONNECTIONS, "TOO_MANY_CONNECTIONS"),
    (LOGGED_OUT, "LOGGED_OUT"),
    (ILLEGAL_CHARS, "ILLEGAL_CHARS"),
    (TOO_MANY_PARAMETERS, "TOO_MANY_PARAMETERS"),
    (MANDATORY_PARAM_EMPTY_OR_MALFORMED, "MANDATORY_PARAM_EMPTY_OR_MALFORMED"),
    (UNKNOWN_PARAM, "UNKNOWN_PARAM"),
    (UNREAD_PARAMETERS, "UNREAD_PARAMETERS"),
    (PARAM_EMPTY, "PARAM_EMPTY"),
    (PARAM_NOT_REQUIRED, "PARAM_NOT_REQUIRED"),
    (PARAM_OVERFLOW, "PARAM_OVERFLOW"),
    (BAD_PRECISION, "BAD_PRECISION"),
    (NO_DEPTH, "NO_DEPTH"),
    (TIF_NOT_REQUIRED, "TIF_NOT_REQUIRED"),
    (INVALID_TIF, "INVALID_TIF"),
    (INVALID_ORDER_TYPE, "INVALID_ORDER_TYPE"),
    (INVALID_SIDE, "INVALID_SIDE"),
    (EMPTY_NEW_CL_ORD_ID, "EMPTY_NEW_CL_ORD_ID"),
    (EMPTY_ORG_CL_ORD_ID, "EMPTY_ORG_CL_ORD_ID"),
    (BAD_INTERVAL, "BAD_INTERVAL"),
    (BAD_SYMBOL, "BAD_SYMBOL"),
    (INVALID_SYMBOLSTATUS, "INVALID_SYMBOLSTATUS"),
    (INVALID_LISTEN_KEY, "INVALID_LISTEN_KEY"),
    (MORE_THAN_XX_HOURS, "MORE_THAN_XX_HOURS"),
    (OPTIONAL_PARAMS_BAD_COMBO, "OPTIONAL_PARAMS_BAD_COMBO"),
    (INVALID_PARAMETER, "INVALID_PARAMETER"),
    (BAD_STRATEGY_TYPE, "BAD_STRATEGY_TYPE"),
    (INVALID_JSON, "INVALID_JSON"),
    (INVALID_TICKER_TYPE, "INVALID_TICKER_TYPE"),
    (INVALID_CANCEL_RESTRICTIONS, "INVALID_CANCEL_RESTRICTIONS"),
    (DUPLICATE_SYMBOLS, "DUPLICATE_SYMBOLS"),
    (INVALID_SBE_HEADER, "INVALID_SBE_HEADER"),
    (UNSUPPORTED_SCHEMA_ID, "UNSUPPORTED_SCHEMA_ID"),
    (SBE_DISABLED, "SBE_DISABLED"),
    (OCO_ORDER_TYPE_REJECTED, "OCO_ORDER_TYPE_REJECTED"),
    (OCO_ICEBERGQTY_TIMEINFORCE, "OCO_ICEBERGQTY_TIMEINFORCE"),
    (DEPRECATED_SCHEMA, "DEPRECATED_SCHEMA"),
    (BUY_OCO_LIMIT_MUST_BE_BELOW, "BUY_OCO_LIMIT_MUST_BE_BELOW"),
    (SELL_OCO_LIMIT_MUST_BE_ABOVE, "SELL_OCO_LIMIT_MUST_BE_ABOVE"),
    (BOTH_OCO_ORDERS_CANNOT_BE_LIMIT, "BOTH_OCO_ORDERS_CANNOT_BE_LIMIT"),
    (INVALID_TAG_NUMBER, "INVALID_TAG_NUMBER"),
    (TAG_NOT_DEFINED_IN_MESSAGE, "TAG_NOT_DEFINED_IN_MESSAGE"),
    (TAG_APPEARS_MORE_THAN_ONCE, "TAG_APPEARS_MORE_THAN_ONCE"),
    (TAG_OUT_OF_ORDER, "TAG_OUT_OF_ORDER"),
    (GROUP_FIELDS_OUT_OF_ORDER, "GROUP_FIELDS_OUT_OF_ORDER"),
    (INVALID_COMPONENT, "INVALID_COMPONENT"),
    (RESET_SEQ_NUM_SUPPORT, "RESET_SEQ_NUM_SUPPORT"),
    (ALREADY_LOGGED_IN, "ALREADY_LOGGED_IN"),
    (GARBLED_MESSAGE, "GARBLED_MESSAGE"),
    (BAD_SENDER_COMPID, "BAD_SENDER_COMPID"),
    (BAD_SEQ_NUM, "BAD_SEQ_NUM"),
    (EXPECTED_LOGON, "EXPECTED_LOGON"),
    (TOO_MANY_MESSAGES, "TOO_MANY_MESSAGES"),
    (PARAMS_BAD_COMBO, "PARAMS_BAD_COMBO"),
    (NOT_ALLOWED_IN_DROP_COPY_SESSIONS, "NOT_ALLOWED_IN_DROP_COPY_SESSIONS"),
    (DROP_COPY_SESSION_NOT_ALLOWED, "DROP_COPY_SESSION_NOT_ALLOWED"),
    (DROP_COPY_SESSION_REQUIRED, "DROP_COPY_SESSION_REQUIRED"),
    (NOT_ALLOWED_IN_ORDER_ENTRY_SESSIONS, "NOT_ALLOWED_IN_ORDER_ENTRY_SESSIONS"),
    (NOT_ALLOWED_IN_MARKET_DATA_SESSIONS, "NOT_ALLOWED_IN_MARKET_DATA_SESSIONS"),
    (INCORRECT_NUM_IN_GROUP_COUNT, "INCORRECT_NUM_IN_GROUP_COUNT"),
    (DUPLICATE_ENTRIES_IN_A_GROUP, "DUPLICATE_ENTRIES_IN_A_GROUP"),
    (INVALID_REQUEST_ID, "INVALID_REQUEST_ID"),
    (TOO_MANY_SUBSCRIPTIONS, "TOO_MANY_SUBSCRIPTIONS"),
    (INVALID_TIME_UNIT, "INVALID_TIME_UNIT"),
    (BUY_OCO_STOP_LOSS_MUST_BE_ABOVE, "BUY_OCO_STOP_LOSS_MUST_BE_ABOVE"),
    (SELL_OCO_STOP_LOSS_MUST_BE_BELOW, "SELL_OCO_STOP_LOSS_MUST_BE_BELOW"),
    (BUY_OCO_TAKE_PROFIT_MUST_BE_BELOW, "BUY_OCO_TAKE_PROFIT_MUST_BE_BELOW"),
    (SELL_OCO_TAKE_PROFIT_MUST_BE_ABOVE, "SELL_OCO_TAKE_PROFIT_MUST_BE_ABOVE"),
    (INVALID_PEG_PRICE_TYPE, "INVALID_PEG_PRICE_TYPE"),
    (INVALID_PEG_OFFSET_TYPE, "INVALID_PEG_OFFSET_TYPE"),
    (SYMBOL_DOES_NOT_MATCH_STATUS, "SYMBOL_DOES_NOT_MATCH_STATUS"),
    (INVALID_SBE_MESSAGE_FIELD, "INVALID_SBE_MESSAGE_FIELD"),
    (OPO_WORKING_MUST_BE_BUY, "OPO_WORKING_MUST_BE_BUY"),
    (OPO_PENDING_MUST_BE_SELL, "OPO_PENDING_MUST_BE_SELL"),
    (WORKING_PARAM_REQUIRED, "WORKING_PARAM_REQUIRED"),
    (PENDING_PARAM_NOT_REQUIRED, "PENDING_PARAM_NOT_REQUIRED"),
    (NEW_ORDER_REJECTED, "NEW_ORDER_REJECTED"),
    (CANCEL_REJECTED, "CANCEL_REJECTED"),
    (NO_SUCH_ORDER, "NO_SUCH_ORDER"),
    (BAD_API_KEY_FMT, "BAD_API_KEY_FMT"),
    (REJECTED_MBX_KEY, "REJECTED_MBX_KEY"),
    (NO_TRADING_WINDOW, "NO_TRADING_WINDOW"),
    (CANCEL_REPLACE_PARTIALLY_FAILED, "CANCEL_REPLACE_PARTIALLY_FAILED"),
    (CANCEL_REPLACE_FAILED, "CANCEL_REPLACE_FAILED"),
    (ORDER_ARCHIVED, "ORDER_ARCHIVED"),
    (SUBSCRIPTION_ACTIVE, "SUBSCRIPTION_ACTIVE"),
    (SUBSCRIPTION_INACTIVE, "SUBSCRIPTION_INACTIVE"),
    (CLIENT_ORDER_ID_INVALID, "CLIENT_ORDER_ID_INVALID"),
    (MAXIMUM_SUBSCRIPTION_IDS, "MAXIMUM_SUBSCRIPTION_IDS"),
    (NO_REFERENCE_PRICE, "NO_REFERENCE_PRICE"),
];

/// The name of a documented code.
pub fn name(code: ErrorCode) -> Option<&'static str> {
    ALL.iter().find_map(|&(known, name)| (known == code).then_some(name))
}
