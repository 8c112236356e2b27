// Written by `cargo xtask codegen` from crates/model/spec/spot/sbe/words.toml; do not edit.

//! Words by their numbers.

use binance_kit_core::sbe::Words;

pub(super) static ACCOUNT_TYPE: Words = Words {
    name: "accountType",
    size: 1,
    values: &[(0, "SPOT"), (2, "UNKNOWN"), (254, "NON_REPRESENTABLE")],
};

pub(super) static ALLOCATION_REPORT_TYPE: Words =
    Words { name: "allocationReportType", size: 1, values: &[(1, "Accept"), (254, "NON_REPRESENTABLE")] };

pub(super) static ALLOCATION_STATUS: Words =
    Words { name: "allocationStatus", size: 1, values: &[(1, "Accepted"), (254, "NON_REPRESENTABLE")] };

pub(super) static ALLOCATION_TRANSACTION_TYPE: Words =
    Words { name: "allocationTransactionType", size: 1, values: &[(1, "New"), (254, "NON_REPRESENTABLE")] };

pub(super) static ALLOCATION_TYPE: Words = Words {
    name: "allocationType",
    size: 1,
    values: &[(0, "UNKNOWN"), (2, "SOR"), (254, "NON_REPRESENTABLE")],
};

pub(super) static CANCEL_REPLACE_STATUS: Words = Words {
    name: "cancelReplaceStatus",
    size: 1,
    values: &[(0, "SUCCESS"), (1, "FAILURE"), (2, "NOT_ATTEMPTED"), (254, "NON_REPRESENTABLE")],
};

pub(super) static CONTINGENCY_TYPE: Words =
    Words { name: "contingencyType", size: 1, values: &[(1, "OCO"), (2, "OTO"), (254, "NON_REPRESENTABLE")] };

pub(super) static COUNTER_PARTY_ROLE: Words =
    Words { name: "counterPartyRole", size: 1, values: &[(1, "Client"), (254, "NON_REPRESENTABLE")] };

pub(super) static EXECUTION_TYPE: Words = Words {
    name: "executionType",
    size: 1,
    values: &[
        (0, "NEW"),
        (1, "CANCELED"),
        (2, "REPLACED"),
        (3, "REJECTED"),
        (4, "TRADE"),
        (5, "EXPIRED"),
        (8, "TRADE_PREVENTION"),
        (253, "UNKNOWN"),
        (254, "NON_REPRESENTABLE"),
    ],
};

pub(super) static EXPIRY_REASON: Words = Words {
    name: "expiryReason",
    size: 1,
    values: &[
        (1, "REJECTED"),
        (2, "EXCHANGE_CANCELED"),
        (3, "OCO_TRIGGER"),
        (4, "OTO_PHASE_ONE_EXPIRED"),
        (5, "UNFILLED_IOC_QUANTITY_EXPIRED"),
        (6, "UNFILLED_FOK_ORDER_EXPIRED"),
        (7, "INSUFFICIENT_LIQUIDITY"),
        (8, "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"),
        (254, "NON_REPRESENTABLE"),
    ],
};

pub(super) static CALCULATION_TYPE: Words = Words {
    name: "calculationType",
    size: 1,
    values: &[(1, "EXTERNAL"), (2, "ARITHMETIC_MEAN"), (254, "NON_REPRESENTABLE")],
};

pub(super) static FLOOR: Words = Words {
    name: "floor",
    size: 1,
    values: &[(1, "EXCHANGE"), (2, "BROKER"), (3, "SOR"), (254, "NON_REPRESENTABLE")],
};

pub(super) static LIST_ORDER_STATUS: Words = Words {
    name: "listOrderStatus",
    size: 1,
    values: &[(0, "CANCELING"), (1, "EXECUTING"), (2, "ALL_DONE"), (3, "REJECT"), (254, "NON_REPRESENTABLE")],
};

pub(super) static LIST_STATUS_TYPE: Words = Words {
    name: "listStatusType",
    size: 1,
    values: &[
        (0, "RESPONSE"),
        (1, "EXEC_STARTED"),
        (2, "ALL_DONE"),
        (3, "UPDATED"),
        (254, "NON_REPRESENTABLE"),
    ],
};

pub(super) static MATCH_TYPE: Words = Words {
    name: "matchType",
    size: 1,
    values: &[(1, "AUTO_MATCH"), (2, "ONE_PARTY_TRADE_REPORT"), (254, "NON_REPRESENTABLE")],
};

pub(super) static ORDER_CAPACITY: Words = Words {
    name: "orderCapacity",
    size: 1,
    values: &[(1, "PRINCIPAL"), (2, "AGENCY"), (254, "NON_REPRESENTABLE")],
};

pub(super) static ORDER_SIDE: Words =
    Words { name: "orderSide", size: 1, values: &[(0, "BUY"), (1, "SELL"), (254, "NON_REPRESENTABLE")] };

pub(super) static ORDER_STATUS: Words = Words {
    name: "orderStatus",
    size: 1,
    values: &[
        (0, "NEW"),
        (1, "PARTIALLY_FILLED"),
        (2, "FILLED"),
        (3, "CANCELED"),
        (4, "PENDING_CANCEL"),
        (5, "REJECTED"),
        (6, "EXPIRED"),
        (9, "EXPIRED_IN_MATCH"),
        (11, "PENDING_NEW"),
        (253, "UNKNOWN"),
        (254, "NON_REPRESENTABLE"),
    ],
};

pub(super) static ORDER_TYPE: Words = Words {
    name: "orderType",
    size: 1,
    values: &[
        (0, "MARKET"),
        (1, "LIMIT"),
        (2, "STOP_LOSS"),
        (3, "STOP_LOSS_LIMIT"),
        (4, "TAKE_PROFIT"),
        (5, "TAKE_PROFIT_LIMIT"),
        (6, "LIMIT_MAKER"),
        (254, "NON_REPRESENTABLE"),
    ],
};

pub(super) static RATE_LIMIT_INTERVAL: Words = Words {
    name: "rateLimitInterval",
    size: 1,
    values: &[(0, "SECOND"), (1, "MINUTE"), (2, "HOUR"), (3, "DAY"), (254, "NON_REPRESENTABLE")],
};

pub(super) static RATE_LIMIT_TYPE: Words = Words {
    name: "rateLimitType",
    size: 1,
    values: &[
        (0, "RAW_REQUESTS"),
        (1, "CONNECTIONS"),
        (2, "REQUEST_WEIGHT"),
        (3, "ORDERS"),
        (254, "NON_REPRESENTABLE"),
    ],
};

pub(super) static SELF_TRADE_PREVENTION_MODE: Words = Words {
    name: "selfTradePreventionMode",
    size: 1,
    values: &[
        (1, "NONE"),
        (2, "EXPIRE_TAKER"),
        (3, "EXPIRE_MAKER"),
        (4, "EXPIRE_BOTH"),
        (5, "DECREMENT"),
        (6, "TRANSFER"),
        (254, "NON_REPRESENTABLE"),
    ],
};

pub(super) static SYMBOL_STATUS: Words = Words {
    name: "symbolStatus",
    size: 1,
    values: &[
        (0, "TRADING"),
        (1, "END_OF_DAY"),
        (2, "HALT"),
        (3, "BREAK"),
        (4, "CANCEL_ONLY"),
        (254, "NON_REPRESENTABLE"),
    ],
};

pub(super) static TIME_IN_FORCE: Words = Words {
    name: "timeInForce",
    size: 1,
    values: &[(0, "GTC"), (1, "IOC"), (2, "FOK"), (254, "NON_REPRESENTABLE")],
};

pub(super) static PEG_PRICE_TYPE: Words = Words {
    name: "pegPriceType",
    size: 1,
    values: &[(1, "PRIMARY_PEG"), (2, "MARKET_PEG"), (254, "NON_REPRESENTABLE")],
};

pub(super) static PEG_OFFSET_TYPE: Words =
    Words { name: "pegOffsetType", size: 1, values: &[(1, "PRICE_LEVEL"), (254, "NON_REPRESENTABLE")] };

pub(super) static ALLOWED_SELF_TRADE_PREVENTION_MODES_SET: Words = Words {
    name: "allowedSelfTradePreventionModes",
    size: 1,
    values: &[
        (0, "NONE"),
        (1, "EXPIRE_TAKER"),
        (2, "EXPIRE_MAKER"),
        (3, "EXPIRE_BOTH"),
        (4, "DECREMENT"),
        (5, "TRANSFER"),
        (7, "NON_REPRESENTABLE"),
    ],
};

pub(super) static ORDER_TYPES_SET: Words = Words {
    name: "orderTypes",
    size: 2,
    values: &[
        (0, "MARKET"),
        (1, "LIMIT"),
        (2, "STOP_LOSS"),
        (3, "STOP_LOSS_LIMIT"),
        (4, "TAKE_PROFIT"),
        (5, "TAKE_PROFIT_LIMIT"),
        (6, "LIMIT_MAKER"),
        (15, "NON_REPRESENTABLE"),
    ],
};
