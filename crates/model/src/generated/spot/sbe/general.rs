// Written by `cargo xtask codegen` from crates/model/spec/spot/sbe/general.toml; do not edit.

//! Envelopes, errors, sessions, and the exchange itself.

use super::words;
use crate::sbe::{I16, I64, U8, U16};
use binance_kit_core::sbe::{Absent, Body, Data, Entry, Field, Group, Item, Kind, Layout, Shape};

pub(super) const WEB_SOCKET_RESPONSE: Layout = Layout {
    name: "WebSocketResponse",
    template: 50,
    block_length: 3,
    kind: "",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("sbeSchemaIdVersionDeprecated", 0, Kind::Truth).key(""),
            Field::new("status", 1, U16),
        ],
        groups: &[Group {
            name: "rateLimits",
            key: "rateLimits",
            single: false,
            count_size: 2,
            block_length: 19,
            body: Body {
                fields: &[
                    Field::new("rateLimitType", 0, Kind::Word(&words::RATE_LIMIT_TYPE)),
                    Field::new("interval", 1, Kind::Word(&words::RATE_LIMIT_INTERVAL)),
                    Field::new("intervalNum", 2, U8),
                    Field::new("rateLimit", 3, I64).key("limit"),
                    Field::new("current", 11, I64).key("count"),
                ],
                groups: &[],
                data: &[],
                shape: Shape::Object(&[]),
            },
        }],
        data: &[Data::text("id", 1), Data::message("result", 4, &[], "")],
        shape: Shape::Object(&[]),
    },
};

pub(super) const WEB_SOCKET_SESSION_LOGON_RESPONSE: Layout = Layout {
    name: "WebSocketSessionLogonResponse",
    template: 51,
    block_length: 26,
    kind: "",
    event: None,
    stream: "",
    answers: &["session.logon"],
    body: Body {
        fields: &[
            Field::new("authorizedSince", 0, Kind::Time),
            Field::new("connectedSince", 8, Kind::Time),
            Field::new("returnRateLimits", 16, Kind::Truth),
            Field::new("serverTime", 17, Kind::Time),
            Field::new("userDataStream", 25, Kind::Truth).optional(),
        ],
        groups: &[],
        data: &[Data::text("loggedOnApiKey", 2).key("apiKey")],
        shape: Shape::Object(&[]),
    },
};

pub(super) const WEB_SOCKET_SESSION_STATUS_RESPONSE: Layout = Layout {
    name: "WebSocketSessionStatusResponse",
    template: 52,
    block_length: 26,
    kind: "",
    event: None,
    stream: "",
    answers: &["session.status"],
    body: Body {
        fields: &[
            Field::new("authorizedSince", 0, Kind::Time).optional(),
            Field::new("connectedSince", 8, Kind::Time),
            Field::new("returnRateLimits", 16, Kind::Truth),
            Field::new("serverTime", 17, Kind::Time),
            Field::new("userDataStream", 25, Kind::Truth).optional(),
        ],
        groups: &[],
        data: &[Data::text("loggedOnApiKey", 2).optional().key("apiKey")],
        shape: Shape::Object(&[]),
    },
};

pub(super) const WEB_SOCKET_SESSION_LOGOUT_RESPONSE: Layout = Layout {
    name: "WebSocketSessionLogoutResponse",
    template: 53,
    block_length: 26,
    kind: "",
    event: None,
    stream: "",
    answers: &["session.logout"],
    body: Body {
        fields: &[
            Field::new("authorizedSince", 0, Kind::Time).optional(),
            Field::new("connectedSince", 8, Kind::Time),
            Field::new("returnRateLimits", 16, Kind::Truth),
            Field::new("serverTime", 17, Kind::Time),
            Field::new("userDataStream", 25, Kind::Truth).optional(),
        ],
        groups: &[],
        data: &[Data::text("loggedOnApiKey", 2).optional().key("apiKey")],
        shape: Shape::Object(&[]),
    },
};

pub(super) const WEB_SOCKET_SESSION_SUBSCRIPTIONS_RESPONSE: Layout = Layout {
    name: "WebSocketSessionSubscriptionsResponse",
    template: 54,
    block_length: 0,
    kind: "",
    event: None,
    stream: "",
    answers: &["session.subscriptions"],
    body: Body {
        fields: &[],
        groups: &[Group {
            name: "subscriptions",
            key: "",
            single: false,
            count_size: 4,
            block_length: 10,
            body: Body {
                fields: &[
                    Field::new("subscriptionId", 0, U16),
                    Field::new("expirationTime", 2, Kind::Time).optional(),
                ],
                groups: &[],
                data: &[],
                shape: Shape::Object(&[]),
            },
        }],
        data: &[],
        shape: Shape::Only(Item::Group(0)),
    },
};

pub(super) const ERROR_RESPONSE: Layout = Layout {
    name: "ErrorResponse",
    template: 100,
    block_length: 18,
    kind: "",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("code", 0, I16),
            Field::new("serverTime", 2, Kind::Time).optional().key("").absent(Absent::Omitted),
            Field::new("retryAfter", 10, Kind::Time).optional().key("").absent(Absent::Omitted),
        ],
        groups: &[],
        data: &[
            Data::text("msg", 2),
            Data::message("data", 4, &["CancelReplaceOrderResponse"], "").optional().absent(Absent::Omitted),
        ],
        shape: Shape::Object(&[Entry {
            key: "data",
            item: Item::Object(&[
                Entry { key: "serverTime", item: Item::Field(1) },
                Entry { key: "retryAfter", item: Item::Field(2) },
            ]),
        }]),
    },
};

pub(super) const PING_RESPONSE: Layout = Layout {
    name: "PingResponse",
    template: 101,
    block_length: 0,
    kind: "",
    event: None,
    stream: "",
    answers: &["ping"],
    body: Body { fields: &[], groups: &[], data: &[], shape: Shape::Object(&[]) },
};

pub(super) const SERVER_TIME_RESPONSE: Layout = Layout {
    name: "ServerTimeResponse",
    template: 102,
    block_length: 8,
    kind: "",
    event: None,
    stream: "",
    answers: &["time"],
    body: Body {
        fields: &[Field::new("serverTime", 0, Kind::Time)],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[]),
    },
};

pub(super) const EXCHANGE_INFO_RESPONSE: Layout = Layout {
    name: "ExchangeInfoResponse",
    template: 103,
    block_length: 0,
    kind: "",
    event: None,
    stream: "",
    answers: &["exchangeInfo"],
    body: Body {
        fields: &[],
        groups: &[
            Group {
                name: "rateLimits",
                key: "rateLimits",
                single: false,
                count_size: 4,
                block_length: 11,
                body: Body {
                    fields: &[
                        Field::new("rateLimitType", 0, Kind::Word(&words::RATE_LIMIT_TYPE)),
                        Field::new("interval", 1, Kind::Word(&words::RATE_LIMIT_INTERVAL)),
                        Field::new("intervalNum", 2, U8),
                        Field::new("rateLimit", 3, I64).key("limit"),
                    ],
                    groups: &[],
                    data: &[],
                    shape: Shape::Object(&[]),
                },
            },
            Group {
                name: "exchangeFilters",
                key: "exchangeFilters",
                single: false,
                count_size: 4,
                block_length: 0,
                body: Body {
                    fields: &[],
                    groups: &[],
                    data: &[Data::message("filter", 1, &["filter"], "filterType").key("")],
                    shape: Shape::Only(Item::Data(0)),
                },
            },
            Group {
                name: "symbols",
                key: "symbols",
                single: false,
                count_size: 4,
                block_length: 19,
                body: Body {
                    fields: &[
                        Field::new("status", 0, Kind::Word(&words::SYMBOL_STATUS)),
                        Field::new("baseAssetPrecision", 1, U8),
                        Field::new("quoteAssetPrecision", 2, U8),
                        Field::new("baseCommissionPrecision", 3, U8),
                        Field::new("quoteCommissionPrecision", 4, U8),
                        Field::new("orderTypes", 5, Kind::Set(&words::ORDER_TYPES_SET)),
                        Field::new("icebergAllowed", 7, Kind::Truth),
                        Field::new("ocoAllowed", 8, Kind::Truth),
                        Field::new("otoAllowed", 9, Kind::Truth),
                        Field::new("quoteOrderQtyMarketAllowed", 10, Kind::Truth),
                        Field::new("allowTrailingStop", 11, Kind::Truth),
                        Field::new("cancelReplaceAllowed", 12, Kind::Truth),
                        Field::new("amendAllowed", 13, Kind::Truth),
                        Field::new("isSpotTradingAllowed", 14, Kind::Truth),
                        Field::new("isMarginTradingAllowed", 15, Kind::Truth),
                        Field::new(
                            "defaultSelfTradePreventionMode",
                            16,
                            Kind::Word(&words::SELF_TRADE_PREVENTION_MODE),
                        ),
                        Field::new(
                            "allowedSelfTradePreventionModes",
                            17,
                            Kind::Set(&words::ALLOWED_SELF_TRADE_PREVENTION_MODES_SET),
                        ),
                        Field::new("pegInstructionsAllowed", 18, Kind::Truth).optional().since(1),
                    ],
                    groups: &[
                        Group {
                            name: "filters",
                            key: "filters",
                            single: false,
                            count_size: 4,
                            block_length: 0,
                            body: Body {
                                fields: &[],
                                groups: &[],
                                data: &[Data::message("filter", 1, &["filter"], "filterType").key("")],
                                shape: Shape::Only(Item::Data(0)),
                            },
                        },
                        Group {
                            name: "permissionSets",
                            key: "permissionSets",
                            single: false,
                            count_size: 4,
                            block_length: 0,
                            body: Body {
                                fields: &[],
                                groups: &[Group {
                                    name: "permissions",
                                    key: "",
                                    single: false,
                                    count_size: 4,
                                    block_length: 0,
                                    body: Body {
                                        fields: &[],
                                        groups: &[],
                                        data: &[Data::text("permission", 1).key("")],
                                        shape: Shape::Only(Item::Data(0)),
                                    },
                                }],
                                data: &[],
                                shape: Shape::Only(Item::Group(0)),
                            },
                        },
                    ],
                    data: &[Data::text("symbol", 1), Data::text("baseAsset", 1), Data::text("quoteAsset", 1)],
                    shape: Shape::Object(&[
                        Entry { key: "quotePrecision", item: Item::Field(2) },
                        Entry { key: "permissions", item: Item::Empty },
                    ]),
                },
            },
            Group {
                name: "sors",
                key: "sors",
                single: false,
                count_size: 4,
                block_length: 0,
                body: Body {
                    fields: &[],
                    groups: &[Group {
                        name: "sorSymbols",
                        key: "symbols",
                        single: false,
                        count_size: 4,
                        block_length: 0,
                        body: Body {
                            fields: &[],
                            groups: &[],
                            data: &[Data::text("symbol", 1).key("")],
                            shape: Shape::Only(Item::Data(0)),
                        },
                    }],
                    data: &[Data::text("baseAsset", 1)],
                    shape: Shape::Object(&[]),
                },
            },
        ],
        data: &[],
        shape: Shape::Object(&[Entry { key: "timezone", item: Item::Text("UTC") }]),
    },
};

pub(super) const EXECUTION_RULES_RESPONSE: Layout = Layout {
    name: "ExecutionRulesResponse",
    template: 104,
    block_length: 0,
    kind: "",
    event: None,
    stream: "",
    answers: &["executionRules"],
    body: Body {
        fields: &[],
        groups: &[Group {
            name: "symbolRules",
            key: "symbolRules",
            single: false,
            count_size: 4,
            block_length: 0,
            body: Body {
                fields: &[],
                groups: &[Group {
                    name: "rules",
                    key: "rules",
                    single: false,
                    count_size: 4,
                    block_length: 0,
                    body: Body {
                        fields: &[],
                        groups: &[],
                        data: &[Data::message("rule", 1, &["rule"], "ruleType").key("")],
                        shape: Shape::Only(Item::Data(0)),
                    },
                }],
                data: &[Data::text("symbol", 1)],
                shape: Shape::Object(&[]),
            },
        }],
        data: &[],
        shape: Shape::Object(&[]),
    },
};

pub(super) const MY_FILTERS_RESPONSE: Layout = Layout {
    name: "MyFiltersResponse",
    template: 105,
    block_length: 0,
    kind: "",
    event: None,
    stream: "",
    answers: &["myFilters"],
    body: Body {
        fields: &[],
        groups: &[
            Group {
                name: "exchangeFilters",
                key: "exchangeFilters",
                single: false,
                count_size: 4,
                block_length: 0,
                body: Body {
                    fields: &[],
                    groups: &[],
                    data: &[Data::message("filter", 1, &["filter"], "filterType").key("")],
                    shape: Shape::Only(Item::Data(0)),
                },
            },
            Group {
                name: "symbolFilters",
                key: "symbolFilters",
                single: false,
                count_size: 4,
                block_length: 0,
                body: Body {
                    fields: &[],
                    groups: &[],
                    data: &[Data::message("filter", 1, &["filter"], "filterType").key("")],
                    shape: Shape::Only(Item::Data(0)),
                },
            },
            Group {
                name: "assetFilters",
                key: "assetFilters",
                single: false,
                count_size: 4,
                block_length: 0,
                body: Body {
                    fields: &[],
                    groups: &[],
                    data: &[Data::message("filter", 1, &["filter"], "filterType").key("")],
                    shape: Shape::Only(Item::Data(0)),
                },
            },
        ],
        data: &[],
        shape: Shape::Object(&[]),
    },
};
