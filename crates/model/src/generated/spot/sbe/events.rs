// Written by `cargo xtask codegen` from crates/model/spec/spot/sbe/events.toml; do not edit.

//! Events of the user-data stream.

use super::words;
use crate::sbe::{I32, I64, U8, U16, U64, decimal};
use binance_kit_core::sbe::{Absent, Body, Data, Entry, Field, Group, Hide, Item, Kind, Layout, Shape};

pub(super) const ALLOCATION_REPORT_EVENT: Layout = Layout {
    name: "AllocationReportEvent",
    template: 600,
    block_length: 122,
    kind: "",
    event: Some("allocationReport"),
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("eventTime", 0, Kind::Time).key("E"),
            Field::new("transactTime", 8, Kind::Time).key("T"),
            Field::new("priceExponent", 16, Kind::Exponent).key(""),
            Field::new("qtyExponent", 17, Kind::Exponent).key(""),
            Field::new("commissionExponent", 18, Kind::Exponent).key(""),
            Field::new("allocationTransactionType", 19, Kind::Word(&words::ALLOCATION_TRANSACTION_TYPE))
                .key("x"),
            Field::new("allocationReportType", 20, Kind::Word(&words::ALLOCATION_REPORT_TYPE)).key("r"),
            Field::new("allocationStatus", 21, Kind::Word(&words::ALLOCATION_STATUS)).key("X"),
            Field::new("side", 22, Kind::Word(&words::ORDER_SIDE)).key("S"),
            Field::new("counterPartyRole", 23, Kind::Word(&words::COUNTER_PARTY_ROLE)).key("P"),
            Field::new("counterPartyExternalAccountId", 24, I64).key("h"),
            Field::new("counterPartyOrderId", 32, I64).key("I"),
            Field::new("allocationReportId", 40, I64).key("R"),
            Field::new("allocationId", 48, I64).key("a"),
            Field::new("sourceOrderId", 56, I64).key("i"),
            Field::new("sourceOrderListId", 64, I64).optional().key("g").absent(Absent::Number(-1)),
            Field::new("sourceTradeId", 72, I64).optional().key("t"),
            Field::new("sourceAllocationId", 80, I64).optional().key("Sa"),
            Field::new("price", 88, decimal(0, 16)).key("p"),
            Field::new("qty", 96, decimal(0, 17)).key("q"),
            Field::new("quoteQty", 104, decimal(0, 16)).key("Q"),
            Field::new("commission", 112, decimal(0, 18)).key("n"),
            Field::new("subscriptionId", 120, U16).optional().since(1).absent(Absent::Omitted),
        ],
        groups: &[],
        data: &[
            Data::text("symbol", 1).key("s"),
            Data::text("commissionAsset", 1).optional().key("N").absent(Absent::Text("")),
            Data::text("sourceSymbol", 1).optional().key("Ss"),
        ],
        shape: Shape::Object(&[Entry { key: "e", item: Item::Text("allocationReport") }]),
    },
};

pub(super) const BALANCE_UPDATE_EVENT: Layout = Layout {
    name: "BalanceUpdateEvent",
    template: 601,
    block_length: 27,
    kind: "",
    event: Some("balanceUpdate"),
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("eventTime", 0, Kind::Time).key("E"),
            Field::new("clearTime", 8, Kind::Time).optional().key("T"),
            Field::new("qtyExponent", 16, Kind::Exponent).key(""),
            Field::new("freeQtyDelta", 17, decimal(0, 16)).key("d"),
            Field::new("subscriptionId", 25, U16).optional().since(1).absent(Absent::Omitted),
        ],
        groups: &[],
        data: &[Data::text("asset", 1).key("a")],
        shape: Shape::Object(&[Entry { key: "e", item: Item::Text("balanceUpdate") }]),
    },
};

pub(super) const EVENT_STREAM_TERMINATED_EVENT: Layout = Layout {
    name: "EventStreamTerminatedEvent",
    template: 602,
    block_length: 10,
    kind: "",
    event: Some("eventStreamTerminated"),
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("eventTime", 0, Kind::Time).key("E"),
            Field::new("subscriptionId", 8, U16).optional().since(1).absent(Absent::Omitted),
        ],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "e", item: Item::Text("eventStreamTerminated") }]),
    },
};

pub(super) const EXECUTION_REPORT_EVENT: Layout = Layout {
    name: "ExecutionReportEvent",
    template: 603,
    block_length: 282,
    kind: "",
    event: Some("executionReport"),
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("eventTime", 0, Kind::Time).key("E"),
            Field::new("transactTime", 8, Kind::Time).key("T"),
            Field::new("priceExponent", 16, Kind::Exponent).key(""),
            Field::new("qtyExponent", 17, Kind::Exponent).key(""),
            Field::new("commissionExponent", 18, Kind::Exponent).key(""),
            Field::new("orderCreationTime", 19, Kind::Time).optional().key("O").absent(Absent::Number(-1)),
            Field::new("workingTime", 27, Kind::Time).optional().key("W"),
            Field::new("orderId", 35, I64).key("i"),
            Field::new("orderListId", 43, I64).optional().key("g").absent(Absent::Number(-1)),
            Field::new("origQty", 51, decimal(0, 17)).key("q"),
            Field::new("price", 59, decimal(0, 16)).key("p"),
            Field::new("origQuoteOrderQty", 67, decimal(0, 16)).key("Q"),
            Field::new("icebergQty", 75, decimal(0, 17)).key("F"),
            Field::new("stopPrice", 83, decimal(0, 16)).key("P"),
            Field::new("orderType", 91, Kind::Word(&words::ORDER_TYPE)).key("o"),
            Field::new("side", 92, Kind::Word(&words::ORDER_SIDE)).key("S"),
            Field::new("timeInForce", 93, Kind::Word(&words::TIME_IN_FORCE)).key("f"),
            Field::new("executionType", 94, Kind::Word(&words::EXECUTION_TYPE)).key("x"),
            Field::new("orderStatus", 95, Kind::Word(&words::ORDER_STATUS)).key("X"),
            Field::new("tradeId", 96, I64).optional().key("t").absent(Absent::Number(-1)),
            Field::new("executionId", 104, I64).key("I"),
            Field::new("executedQty", 112, decimal(0, 17)).key("z"),
            Field::new("cummulativeQuoteQty", 120, decimal(0, 16)).key("Z"),
            Field::new("lastQty", 128, decimal(0, 17)).key("l"),
            Field::new("lastPrice", 136, decimal(0, 16)).key("L"),
            Field::new("quoteQty", 144, decimal(0, 16)).key("Y"),
            Field::new("commission", 152, decimal(0, 18)).key("n"),
            Field::new("isWorking", 160, Kind::Truth).key("w"),
            Field::new("isMaker", 161, Kind::Truth).key("m"),
            Field::new("isBestMatch", 162, Kind::Truth).key("M"),
            Field::new("matchType", 163, Kind::Word(&words::MATCH_TYPE)).key("b").hide(Hide::At(1)),
            Field::new("selfTradePreventionMode", 164, Kind::Word(&words::SELF_TRADE_PREVENTION_MODE))
                .key("V"),
            Field::new("orderCapacity", 165, Kind::Word(&words::ORDER_CAPACITY)).key(""),
            Field::new("workingFloor", 166, Kind::Word(&words::FLOOR)).key("k").hide(Hide::Unless(167)),
            Field::new("usedSor", 167, Kind::Truth).key("uS").absent(Absent::Text("false")).hide(Hide::At(0)),
            Field::new("allocId", 168, I64).optional().key("a"),
            Field::new("trailingDelta", 176, U64).optional().key("d"),
            Field::new("trailingTime", 184, Kind::Time).optional().key("D"),
            Field::new("tradeGroupId", 192, I64).optional().key("u"),
            Field::new("preventedQty", 200, decimal(0, 17)).key("A").hide(Hide::At(0)),
            Field::new("lastPreventedQty", 208, decimal(0, 17)).optional().key("B"),
            Field::new("preventedMatchId", 216, I64).optional().key("v"),
            Field::new("preventedExecutionQty", 224, decimal(0, 17)).optional().key("pl"),
            Field::new("preventedExecutionPrice", 232, decimal(0, 16)).optional().key("pL"),
            Field::new("preventedExecutionQuoteQty", 240, decimal(0, 16)).optional().key("pY"),
            Field::new("strategyType", 248, I32).optional().key("J"),
            Field::new("strategyId", 252, I64).optional().key("j"),
            Field::new("counterOrderId", 260, I64).optional().key("U"),
            Field::new("subscriptionId", 268, U16).optional().since(1).absent(Absent::Omitted),
            Field::new("pegPriceType", 270, Kind::Word(&words::PEG_PRICE_TYPE)).optional().key("gP").since(1),
            Field::new("pegOffsetType", 271, Kind::Word(&words::PEG_OFFSET_TYPE))
                .optional()
                .key("gOT")
                .since(1),
            Field::new("pegOffsetValue", 272, U8).optional().key("gOV").since(1),
            Field::new("peggedPrice", 273, decimal(0, 16)).optional().key("gp").since(1),
            Field::new("expiryReason", 281, Kind::Word(&words::EXPIRY_REASON)).optional().key("eR").since(3),
        ],
        groups: &[],
        data: &[
            Data::text("symbol", 1).key("s"),
            Data::text("clientOrderId", 1).key("c"),
            Data::text("origClientOrderId", 1).optional().key("C").absent(Absent::Text("")),
            Data::text("commissionAsset", 1).optional().key("N"),
            Data::text("rejectReason", 1).optional().key("r").absent(Absent::Text("NONE")),
            Data::text("counterSymbol", 1).optional().key("Cs"),
        ],
        shape: Shape::Object(&[Entry { key: "e", item: Item::Text("executionReport") }]),
    },
};

pub(super) const EXTERNAL_LOCK_UPDATE_EVENT: Layout = Layout {
    name: "ExternalLockUpdateEvent",
    template: 604,
    block_length: 27,
    kind: "",
    event: Some("externalLockUpdate"),
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("eventTime", 0, Kind::Time).key("E"),
            Field::new("clearTime", 8, Kind::Time).key("T"),
            Field::new("qtyExponent", 16, Kind::Exponent).key(""),
            Field::new("lockedQtyDelta", 17, decimal(0, 16)).key("d"),
            Field::new("subscriptionId", 25, U16).optional().since(1).absent(Absent::Omitted),
        ],
        groups: &[],
        data: &[Data::text("asset", 1).key("a")],
        shape: Shape::Object(&[Entry { key: "e", item: Item::Text("externalLockUpdate") }]),
    },
};

pub(super) const LIST_STATUS_EVENT: Layout = Layout {
    name: "ListStatusEvent",
    template: 606,
    block_length: 29,
    kind: "",
    event: Some("listStatus"),
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("eventTime", 0, Kind::Time).key("E"),
            Field::new("transactTime", 8, Kind::Time).key("T"),
            Field::new("orderListId", 16, I64).key("g"),
            Field::new("contingencyType", 24, Kind::Word(&words::CONTINGENCY_TYPE)).key("c"),
            Field::new("listStatusType", 25, Kind::Word(&words::LIST_STATUS_TYPE)).key("l"),
            Field::new("listOrderStatus", 26, Kind::Word(&words::LIST_ORDER_STATUS)).key("L"),
            Field::new("subscriptionId", 27, U16).optional().since(1).absent(Absent::Omitted),
        ],
        groups: &[Group {
            name: "orders",
            key: "O",
            single: false,
            count_size: 2,
            block_length: 8,
            body: Body {
                fields: &[Field::new("orderId", 0, I64).key("i")],
                groups: &[],
                data: &[Data::text("symbol", 1).key("s"), Data::text("clientOrderId", 1).key("c")],
                shape: Shape::Object(&[]),
            },
        }],
        data: &[
            Data::text("symbol", 1).key("s"),
            Data::text("listClientOrderId", 1).key("C"),
            Data::text("rejectReason", 1).optional().key("r").absent(Absent::Text("NONE")),
        ],
        shape: Shape::Object(&[Entry { key: "e", item: Item::Text("listStatus") }]),
    },
};

pub(super) const OUTBOUND_ACCOUNT_POSITION_EVENT: Layout = Layout {
    name: "OutboundAccountPositionEvent",
    template: 607,
    block_length: 18,
    kind: "",
    event: Some("outboundAccountPosition"),
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("eventTime", 0, Kind::Time).key("E"),
            Field::new("updateTime", 8, Kind::Time).key("u"),
            Field::new("subscriptionId", 16, U16).optional().since(1).absent(Absent::Omitted),
        ],
        groups: &[Group {
            name: "balances",
            key: "B",
            single: false,
            count_size: 4,
            block_length: 17,
            body: Body {
                fields: &[
                    Field::new("exponent", 0, Kind::Exponent).key(""),
                    Field::new("free", 1, decimal(0, 0)).key("f"),
                    Field::new("locked", 9, decimal(0, 0)).key("l"),
                ],
                groups: &[],
                data: &[Data::text("asset", 1).key("a")],
                shape: Shape::Object(&[]),
            },
        }],
        data: &[],
        shape: Shape::Object(&[Entry { key: "e", item: Item::Text("outboundAccountPosition") }]),
    },
};

pub(super) const SERVER_SHUTDOWN_EVENT: Layout = Layout {
    name: "ServerShutdownEvent",
    template: 610,
    block_length: 8,
    kind: "",
    event: Some("serverShutdown"),
    stream: "",
    answers: &[],
    body: Body {
        fields: &[Field::new("eventTime", 0, Kind::Time).key("E")],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "e", item: Item::Text("serverShutdown") }]),
    },
};

pub(super) const NON_REPRESENTABLE_MESSAGE: Layout = Layout {
    name: "NonRepresentableMessage",
    template: 999,
    block_length: 0,
    kind: "unrepresentable",
    event: None,
    stream: "",
    answers: &[],
    body: Body { fields: &[], groups: &[], data: &[], shape: Shape::Object(&[]) },
};
