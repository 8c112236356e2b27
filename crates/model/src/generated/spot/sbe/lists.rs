// Written by `cargo xtask codegen` from crates/model/spec/spot/sbe/lists.toml; do not edit.

//! Order lists.

use super::words;
use crate::sbe::{I32, I64, U8, decimal};
use binance_kit_core::sbe::{Absent, Body, Data, Field, Group, Hide, Item, Kind, Layout, Shape};

pub(super) const NEW_ORDER_LIST_ACK_RESPONSE: Layout = Layout {
    name: "NewOrderListAckResponse",
    template: 309,
    block_length: 19,
    kind: "",
    event: None,
    stream: "",
    answers: &[
        "orderList.place.oco",
        "orderList.place.oto",
        "orderList.place.otoco",
        "orderList.place",
        "orderList.place.opo",
        "orderList.place.opoco",
    ],
    body: Body {
        fields: &[
            Field::new("orderListId", 0, I64),
            Field::new("contingencyType", 8, Kind::Word(&words::CONTINGENCY_TYPE)),
            Field::new("listStatusType", 9, Kind::Word(&words::LIST_STATUS_TYPE)),
            Field::new("listOrderStatus", 10, Kind::Word(&words::LIST_ORDER_STATUS)),
            Field::new("transactionTime", 11, Kind::Time),
        ],
        groups: &[
            Group {
                name: "orders",
                key: "orders",
                single: false,
                count_size: 2,
                block_length: 8,
                body: Body {
                    fields: &[Field::new("orderId", 0, I64)],
                    groups: &[],
                    data: &[Data::text("symbol", 1), Data::text("clientOrderId", 1)],
                    shape: Shape::Object(&[]),
                },
            },
            Group {
                name: "orderReports",
                key: "orderReports",
                single: false,
                count_size: 2,
                block_length: 24,
                body: Body {
                    fields: &[
                        Field::new("orderId", 0, I64),
                        Field::new("orderListId", 8, I64).optional().absent(Absent::Number(-1)),
                        Field::new("transactTime", 16, Kind::Time),
                    ],
                    groups: &[],
                    data: &[Data::text("symbol", 1), Data::text("clientOrderId", 1)],
                    shape: Shape::Object(&[]),
                },
            },
        ],
        data: &[Data::text("listClientOrderId", 1), Data::text("symbol", 1)],
        shape: Shape::Object(&[]),
    },
};

pub(super) const NEW_ORDER_LIST_RESULT_RESPONSE: Layout = Layout {
    name: "NewOrderListResultResponse",
    template: 310,
    block_length: 21,
    kind: "",
    event: None,
    stream: "",
    answers: &[
        "orderList.place.oco",
        "orderList.place.oto",
        "orderList.place.otoco",
        "orderList.place",
        "orderList.place.opo",
        "orderList.place.opoco",
    ],
    body: Body {
        fields: &[
            Field::new("orderListId", 0, I64),
            Field::new("contingencyType", 8, Kind::Word(&words::CONTINGENCY_TYPE)),
            Field::new("listStatusType", 9, Kind::Word(&words::LIST_STATUS_TYPE)),
            Field::new("listOrderStatus", 10, Kind::Word(&words::LIST_ORDER_STATUS)),
            Field::new("transactionTime", 11, Kind::Time),
            Field::new("priceExponent", 19, Kind::Exponent).key(""),
            Field::new("qtyExponent", 20, Kind::Exponent).key(""),
        ],
        groups: &[
            Group {
                name: "orders",
                key: "orders",
                single: false,
                count_size: 2,
                block_length: 8,
                body: Body {
                    fields: &[Field::new("orderId", 0, I64)],
                    groups: &[],
                    data: &[Data::text("symbol", 1), Data::text("clientOrderId", 1)],
                    shape: Shape::Object(&[]),
                },
            },
            Group {
                name: "orderReports",
                key: "orderReports",
                single: false,
                count_size: 2,
                block_length: 152,
                body: Body {
                    fields: &[
                        Field::new("orderId", 0, I64),
                        Field::new("orderListId", 8, I64).optional().absent(Absent::Number(-1)),
                        Field::new("transactTime", 16, Kind::Time),
                        Field::new("price", 24, decimal(1, 19)),
                        Field::new("origQty", 32, decimal(1, 20)),
                        Field::new("executedQty", 40, decimal(1, 20)),
                        Field::new("cummulativeQuoteQty", 48, decimal(1, 19)),
                        Field::new("status", 56, Kind::Word(&words::ORDER_STATUS)),
                        Field::new("timeInForce", 57, Kind::Word(&words::TIME_IN_FORCE)),
                        Field::new("orderType", 58, Kind::Word(&words::ORDER_TYPE)).key("type"),
                        Field::new("side", 59, Kind::Word(&words::ORDER_SIDE)),
                        Field::new("stopPrice", 60, decimal(1, 19)).optional(),
                        Field::new("trailingDelta", 68, I64).optional(),
                        Field::new("trailingTime", 76, Kind::Time).optional(),
                        Field::new("workingTime", 84, Kind::Time).optional().absent(Absent::Number(-1)),
                        Field::new("icebergQty", 92, decimal(1, 20)).optional(),
                        Field::new("strategyId", 100, I64).optional(),
                        Field::new("strategyType", 108, I32).optional(),
                        Field::new("orderCapacity", 112, Kind::Word(&words::ORDER_CAPACITY)).key(""),
                        Field::new("workingFloor", 113, Kind::Word(&words::FLOOR)).hide(Hide::Unless(131)),
                        Field::new(
                            "selfTradePreventionMode",
                            114,
                            Kind::Word(&words::SELF_TRADE_PREVENTION_MODE),
                        ),
                        Field::new("tradeGroupId", 115, I64).optional(),
                        Field::new("preventedQuantity", 123, decimal(1, 20)).hide(Hide::At(0)),
                        Field::new("usedSor", 131, Kind::Truth).hide(Hide::At(0)),
                        Field::new("origQuoteOrderQty", 132, decimal(1, 19)),
                        Field::new("pegPriceType", 140, Kind::Word(&words::PEG_PRICE_TYPE))
                            .optional()
                            .since(1),
                        Field::new("pegOffsetType", 141, Kind::Word(&words::PEG_OFFSET_TYPE))
                            .optional()
                            .since(1),
                        Field::new("pegOffsetValue", 142, U8).optional().since(1),
                        Field::new("peggedPrice", 143, decimal(1, 19)).optional().since(1),
                        Field::new("expiryReason", 151, Kind::Word(&words::EXPIRY_REASON))
                            .optional()
                            .since(3),
                    ],
                    groups: &[],
                    data: &[Data::text("symbol", 1), Data::text("clientOrderId", 1)],
                    shape: Shape::Object(&[]),
                },
            },
        ],
        data: &[Data::text("listClientOrderId", 1), Data::text("symbol", 1)],
        shape: Shape::Object(&[]),
    },
};

pub(super) const NEW_ORDER_LIST_FULL_RESPONSE: Layout = Layout {
    name: "NewOrderListFullResponse",
    template: 311,
    block_length: 21,
    kind: "",
    event: None,
    stream: "",
    answers: &[
        "orderList.place.oco",
        "orderList.place.oto",
        "orderList.place.otoco",
        "orderList.place",
        "orderList.place.opo",
        "orderList.place.opoco",
    ],
    body: Body {
        fields: &[
            Field::new("orderListId", 0, I64),
            Field::new("contingencyType", 8, Kind::Word(&words::CONTINGENCY_TYPE)),
            Field::new("listStatusType", 9, Kind::Word(&words::LIST_STATUS_TYPE)),
            Field::new("listOrderStatus", 10, Kind::Word(&words::LIST_ORDER_STATUS)),
            Field::new("transactionTime", 11, Kind::Time),
            Field::new("priceExponent", 19, Kind::Exponent).key(""),
            Field::new("qtyExponent", 20, Kind::Exponent).key(""),
        ],
        groups: &[
            Group {
                name: "orders",
                key: "orders",
                single: false,
                count_size: 2,
                block_length: 8,
                body: Body {
                    fields: &[Field::new("orderId", 0, I64)],
                    groups: &[],
                    data: &[Data::text("symbol", 1), Data::text("clientOrderId", 1)],
                    shape: Shape::Object(&[]),
                },
            },
            Group {
                name: "orderReports",
                key: "orderReports",
                single: false,
                count_size: 2,
                block_length: 152,
                body: Body {
                    fields: &[
                        Field::new("orderId", 0, I64),
                        Field::new("orderListId", 8, I64).optional().absent(Absent::Number(-1)),
                        Field::new("transactTime", 16, Kind::Time),
                        Field::new("price", 24, decimal(1, 19)),
                        Field::new("origQty", 32, decimal(1, 20)),
                        Field::new("executedQty", 40, decimal(1, 20)),
                        Field::new("cummulativeQuoteQty", 48, decimal(1, 19)),
                        Field::new("status", 56, Kind::Word(&words::ORDER_STATUS)),
                        Field::new("timeInForce", 57, Kind::Word(&words::TIME_IN_FORCE)),
                        Field::new("orderType", 58, Kind::Word(&words::ORDER_TYPE)).key("type"),
                        Field::new("side", 59, Kind::Word(&words::ORDER_SIDE)),
                        Field::new("stopPrice", 60, decimal(1, 19)).optional(),
                        Field::new("trailingDelta", 68, I64).optional(),
                        Field::new("trailingTime", 76, Kind::Time).optional(),
                        Field::new("workingTime", 84, Kind::Time).optional().absent(Absent::Number(-1)),
                        Field::new("icebergQty", 92, decimal(1, 20)).optional(),
                        Field::new("strategyId", 100, I64).optional(),
                        Field::new("strategyType", 108, I32).optional(),
                        Field::new("orderCapacity", 112, Kind::Word(&words::ORDER_CAPACITY)).key(""),
                        Field::new("workingFloor", 113, Kind::Word(&words::FLOOR)).hide(Hide::Unless(131)),
                        Field::new(
                            "selfTradePreventionMode",
                            114,
                            Kind::Word(&words::SELF_TRADE_PREVENTION_MODE),
                        ),
                        Field::new("tradeGroupId", 115, I64).optional(),
                        Field::new("preventedQuantity", 123, decimal(1, 20)).hide(Hide::At(0)),
                        Field::new("usedSor", 131, Kind::Truth).hide(Hide::At(0)),
                        Field::new("origQuoteOrderQty", 132, decimal(1, 19)),
                        Field::new("pegPriceType", 140, Kind::Word(&words::PEG_PRICE_TYPE))
                            .optional()
                            .since(1),
                        Field::new("pegOffsetType", 141, Kind::Word(&words::PEG_OFFSET_TYPE))
                            .optional()
                            .since(1),
                        Field::new("pegOffsetValue", 142, U8).optional().since(1),
                        Field::new("peggedPrice", 143, decimal(1, 19)).optional().since(1),
                        Field::new("expiryReason", 151, Kind::Word(&words::EXPIRY_REASON))
                            .optional()
                            .since(3),
                    ],
                    groups: &[
                        Group {
                            name: "fills",
                            key: "fills",
                            single: false,
                            count_size: 4,
                            block_length: 42,
                            body: Body {
                                fields: &[
                                    Field::new("commissionExponent", 0, Kind::Exponent).key(""),
                                    Field::new("matchType", 1, Kind::Word(&words::MATCH_TYPE))
                                        .hide(Hide::At(1)),
                                    Field::new("price", 2, decimal(2, 19)),
                                    Field::new("qty", 10, decimal(2, 20)),
                                    Field::new("commission", 18, decimal(0, 0)),
                                    Field::new("tradeId", 26, I64).optional().absent(Absent::Number(-1)),
                                    Field::new("allocId", 34, I64).optional(),
                                ],
                                groups: &[],
                                data: &[Data::text("commissionAsset", 1).optional().absent(Absent::Text(""))],
                                shape: Shape::Object(&[]),
                            },
                        },
                        Group {
                            name: "preventedMatches",
                            key: "preventedMatches",
                            single: false,
                            count_size: 4,
                            block_length: 40,
                            body: Body {
                                fields: &[
                                    Field::new("preventedMatchId", 0, I64),
                                    Field::new("makerOrderId", 8, I64).optional(),
                                    Field::new("price", 16, decimal(2, 19)).optional(),
                                    Field::new("takerPreventedQuantity", 24, decimal(2, 20)).optional(),
                                    Field::new("makerPreventedQuantity", 32, decimal(2, 20)).optional(),
                                ],
                                groups: &[],
                                data: &[Data::text("makerSymbol", 1).optional()],
                                shape: Shape::Object(&[]),
                            },
                        },
                    ],
                    data: &[Data::text("symbol", 1), Data::text("clientOrderId", 1)],
                    shape: Shape::Object(&[]),
                },
            },
        ],
        data: &[Data::text("listClientOrderId", 1), Data::text("symbol", 1)],
        shape: Shape::Object(&[]),
    },
};

pub(super) const CANCEL_ORDER_LIST_RESPONSE: Layout = Layout {
    name: "CancelOrderListResponse",
    template: 312,
    block_length: 21,
    kind: "",
    event: None,
    stream: "",
    answers: &["order.cancel", "orderList.cancel"],
    body: Body {
        fields: &[
            Field::new("orderListId", 0, I64),
            Field::new("contingencyType", 8, Kind::Word(&words::CONTINGENCY_TYPE)),
            Field::new("listStatusType", 9, Kind::Word(&words::LIST_STATUS_TYPE)),
            Field::new("listOrderStatus", 10, Kind::Word(&words::LIST_ORDER_STATUS)),
            Field::new("transactionTime", 11, Kind::Time),
            Field::new("priceExponent", 19, Kind::Exponent).key(""),
            Field::new("qtyExponent", 20, Kind::Exponent).key(""),
        ],
        groups: &[
            Group {
                name: "orders",
                key: "orders",
                single: false,
                count_size: 2,
                block_length: 8,
                body: Body {
                    fields: &[Field::new("orderId", 0, I64)],
                    groups: &[],
                    data: &[Data::text("symbol", 1), Data::text("clientOrderId", 1)],
                    shape: Shape::Object(&[]),
                },
            },
            Group {
                name: "orderReports",
                key: "orderReports",
                single: false,
                count_size: 2,
                block_length: 135,
                body: Body {
                    fields: &[
                        Field::new("orderId", 0, I64),
                        Field::new("orderListId", 8, I64).optional().absent(Absent::Number(-1)),
                        Field::new("transactTime", 16, Kind::Time),
                        Field::new("price", 24, decimal(1, 19)),
                        Field::new("origQty", 32, decimal(1, 20)),
                        Field::new("executedQty", 40, decimal(1, 20)),
                        Field::new("cummulativeQuoteQty", 48, decimal(1, 19)),
                        Field::new("status", 56, Kind::Word(&words::ORDER_STATUS)),
                        Field::new("timeInForce", 57, Kind::Word(&words::TIME_IN_FORCE)),
                        Field::new("orderType", 58, Kind::Word(&words::ORDER_TYPE)).key("type"),
                        Field::new("side", 59, Kind::Word(&words::ORDER_SIDE)),
                        Field::new("stopPrice", 60, decimal(1, 19)).optional(),
                        Field::new("trailingDelta", 68, I64).optional(),
                        Field::new("trailingTime", 76, Kind::Time).optional(),
                        Field::new("icebergQty", 84, decimal(1, 20)).optional(),
                        Field::new("strategyId", 92, I64).optional(),
                        Field::new("strategyType", 100, I32).optional(),
                        Field::new("orderCapacity", 104, Kind::Word(&words::ORDER_CAPACITY)).key(""),
                        Field::new("workingFloor", 105, Kind::Word(&words::FLOOR)).hide(Hide::Unless(115)),
                        Field::new(
                            "selfTradePreventionMode",
                            106,
                            Kind::Word(&words::SELF_TRADE_PREVENTION_MODE),
                        ),
                        Field::new("preventedQuantity", 107, decimal(1, 20)).hide(Hide::At(0)),
                        Field::new("usedSor", 115, Kind::Truth).hide(Hide::At(0)),
                        Field::new("origQuoteOrderQty", 116, decimal(1, 19)),
                        Field::new("pegPriceType", 124, Kind::Word(&words::PEG_PRICE_TYPE))
                            .optional()
                            .since(1),
                        Field::new("pegOffsetType", 125, Kind::Word(&words::PEG_OFFSET_TYPE))
                            .optional()
                            .since(1),
                        Field::new("pegOffsetValue", 126, U8).optional().since(1),
                        Field::new("peggedPrice", 127, decimal(1, 19)).optional().since(1),
                    ],
                    groups: &[],
                    data: &[
                        Data::text("symbol", 1),
                        Data::text("origClientOrderId", 1),
                        Data::text("clientOrderId", 1),
                    ],
                    shape: Shape::Object(&[]),
                },
            },
        ],
        data: &[Data::text("listClientOrderId", 1), Data::text("symbol", 1)],
        shape: Shape::Object(&[]),
    },
};

pub(super) const ORDER_LIST_RESPONSE: Layout = Layout {
    name: "OrderListResponse",
    template: 313,
    block_length: 19,
    kind: "",
    event: None,
    stream: "",
    answers: &["orderList.status"],
    body: Body {
        fields: &[
            Field::new("orderListId", 0, I64),
            Field::new("contingencyType", 8, Kind::Word(&words::CONTINGENCY_TYPE)),
            Field::new("listStatusType", 9, Kind::Word(&words::LIST_STATUS_TYPE)),
            Field::new("listOrderStatus", 10, Kind::Word(&words::LIST_ORDER_STATUS)),
            Field::new("transactionTime", 11, Kind::Time),
        ],
        groups: &[Group {
            name: "orders",
            key: "orders",
            single: false,
            count_size: 2,
            block_length: 8,
            body: Body {
                fields: &[Field::new("orderId", 0, I64)],
                groups: &[],
                data: &[Data::text("symbol", 1), Data::text("clientOrderId", 1)],
                shape: Shape::Object(&[]),
            },
        }],
        data: &[Data::text("listClientOrderId", 1), Data::text("symbol", 1)],
        shape: Shape::Object(&[]),
    },
};

pub(super) const ORDER_LISTS_RESPONSE: Layout = Layout {
    name: "OrderListsResponse",
    template: 314,
    block_length: 0,
    kind: "",
    event: None,
    stream: "",
    answers: &["openOrderLists.status", "allOrderLists"],
    body: Body {
        fields: &[],
        groups: &[Group {
            name: "orderLists",
            key: "",
            single: false,
            count_size: 4,
            block_length: 19,
            body: Body {
                fields: &[
                    Field::new("orderListId", 0, I64),
                    Field::new("contingencyType", 8, Kind::Word(&words::CONTINGENCY_TYPE)),
                    Field::new("listStatusType", 9, Kind::Word(&words::LIST_STATUS_TYPE)),
                    Field::new("listOrderStatus", 10, Kind::Word(&words::LIST_ORDER_STATUS)),
                    Field::new("transactionTime", 11, Kind::Time),
                ],
                groups: &[Group {
                    name: "orders",
                    key: "orders",
                    single: false,
                    count_size: 4,
                    block_length: 8,
                    body: Body {
                        fields: &[Field::new("orderId", 0, I64)],
                        groups: &[],
                        data: &[Data::text("symbol", 1), Data::text("clientOrderId", 1)],
                        shape: Shape::Object(&[]),
                    },
                }],
                data: &[Data::text("listClientOrderId", 1), Data::text("symbol", 1)],
                shape: Shape::Object(&[]),
            },
        }],
        data: &[],
        shape: Shape::Only(Item::Group(0)),
    },
};
