// Written by `cargo xtask codegen` from crates/model/spec/spot/sbe/account.toml; do not edit.

//! The account and its user-data subscriptions.

use super::words;
use crate::sbe::{I64, U8, U16, decimal};
use binance_kit_core::sbe::{Absent, Body, Data, Entry, Field, Group, Item, Kind, Layout, Shape};

pub(super) const ACCOUNT_RESPONSE: Layout = Layout {
    name: "AccountResponse",
    template: 400,
    block_length: 64,
    kind: "",
    event: None,
    stream: "",
    answers: &["account.status"],
    body: Body {
        fields: &[
            Field::new("commissionExponent", 0, Kind::Exponent).key(""),
            Field::new("commissionRateMaker", 1, decimal(0, 0)).key(""),
            Field::new("commissionRateTaker", 9, decimal(0, 0)).key(""),
            Field::new("commissionRateBuyer", 17, decimal(0, 0)).key(""),
            Field::new("commissionRateSeller", 25, decimal(0, 0)).key(""),
            Field::new("canTrade", 33, Kind::Truth),
            Field::new("canWithdraw", 34, Kind::Truth),
            Field::new("canDeposit", 35, Kind::Truth),
            Field::new("brokered", 36, Kind::Truth),
            Field::new("requireSelfTradePrevention", 37, Kind::Truth),
            Field::new("preventSor", 38, Kind::Truth),
            Field::new("updateTime", 39, Kind::Time),
            Field::new("accountType", 47, Kind::Word(&words::ACCOUNT_TYPE)),
            Field::new("tradeGroupId", 48, I64).optional(),
            Field::new("uid", 56, I64),
        ],
        groups: &[
            Group {
                name: "balances",
                key: "balances",
                single: false,
                count_size: 4,
                block_length: 17,
                body: Body {
                    fields: &[
                        Field::new("exponent", 0, Kind::Exponent).key(""),
                        Field::new("free", 1, decimal(0, 0)),
                        Field::new("locked", 9, decimal(0, 0)),
                    ],
                    groups: &[],
                    data: &[Data::text("asset", 1)],
                    shape: Shape::Object(&[]),
                },
            },
            Group {
                name: "permissions",
                key: "permissions",
                single: false,
                count_size: 4,
                block_length: 0,
                body: Body {
                    fields: &[],
                    groups: &[],
                    data: &[Data::text("permission", 1).key("")],
                    shape: Shape::Only(Item::Data(0)),
                },
            },
            Group {
                name: "reduceOnlyAssets",
                key: "reduceOnlyAssets",
                single: false,
                count_size: 4,
                block_length: 0,
                body: Body {
                    fields: &[],
                    groups: &[],
                    data: &[Data::text("asset", 1).key("")],
                    shape: Shape::Only(Item::Data(0)),
                },
            },
        ],
        data: &[],
        shape: Shape::Object(&[Entry {
            key: "commissionRates",
            item: Item::Object(&[
                Entry { key: "maker", item: Item::Field(1) },
                Entry { key: "taker", item: Item::Field(2) },
                Entry { key: "buyer", item: Item::Field(3) },
                Entry { key: "seller", item: Item::Field(4) },
            ]),
        }]),
    },
};

pub(super) const ACCOUNT_TRADES_RESPONSE: Layout = Layout {
    name: "AccountTradesResponse",
    template: 401,
    block_length: 0,
    kind: "",
    event: None,
    stream: "",
    answers: &["myTrades"],
    body: Body {
        fields: &[],
        groups: &[Group {
            name: "trades",
            key: "",
            single: false,
            count_size: 4,
            block_length: 70,
            body: Body {
                fields: &[
                    Field::new("priceExponent", 0, Kind::Exponent).key(""),
                    Field::new("qtyExponent", 1, Kind::Exponent).key(""),
                    Field::new("commissionExponent", 2, Kind::Exponent).key(""),
                    Field::new("id", 3, I64),
                    Field::new("orderId", 11, I64),
                    Field::new("orderListId", 19, I64).optional().absent(Absent::Number(-1)),
                    Field::new("price", 27, decimal(0, 0)),
                    Field::new("qty", 35, decimal(0, 1)),
                    Field::new("quoteQty", 43, decimal(0, 0)),
                    Field::new("commission", 51, decimal(0, 2)),
                    Field::new("time", 59, Kind::Time),
                    Field::new("isBuyer", 67, Kind::Truth),
                    Field::new("isMaker", 68, Kind::Truth),
                    Field::new("isBestMatch", 69, Kind::Truth),
                ],
                groups: &[],
                data: &[
                    Data::text("symbol", 1),
                    Data::text("commissionAsset", 1).optional().absent(Absent::Text("")),
                ],
                shape: Shape::Object(&[]),
            },
        }],
        data: &[],
        shape: Shape::Only(Item::Group(0)),
    },
};

pub(super) const ACCOUNT_ORDER_RATE_LIMIT_RESPONSE: Layout = Layout {
    name: "AccountOrderRateLimitResponse",
    template: 402,
    block_length: 0,
    kind: "",
    event: None,
    stream: "",
    answers: &["account.rateLimits.orders"],
    body: Body {
        fields: &[],
        groups: &[Group {
            name: "rateLimits",
            key: "",
            single: false,
            count_size: 4,
            block_length: 19,
            body: Body {
                fields: &[
                    Field::new("rateLimitType", 0, Kind::Word(&words::RATE_LIMIT_TYPE)),
                    Field::new("interval", 1, Kind::Word(&words::RATE_LIMIT_INTERVAL)),
                    Field::new("intervalNum", 2, U8),
                    Field::new("rateLimit", 3, I64).key("limit"),
                    Field::new("numOrders", 11, I64).key("count"),
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

pub(super) const ACCOUNT_PREVENTED_MATCHES_RESPONSE: Layout = Layout {
    name: "AccountPreventedMatchesResponse",
    template: 403,
    block_length: 0,
    kind: "",
    event: None,
    stream: "",
    answers: &["myPreventedMatches"],
    body: Body {
        fields: &[],
        groups: &[Group {
            name: "preventedMatches",
            key: "",
            single: false,
            count_size: 4,
            block_length: 67,
            body: Body {
                fields: &[
                    Field::new("priceExponent", 0, Kind::Exponent).key(""),
                    Field::new("qtyExponent", 1, Kind::Exponent).key(""),
                    Field::new("preventedMatchId", 2, I64),
                    Field::new("takerOrderId", 10, I64),
                    Field::new("makerOrderId", 18, I64),
                    Field::new("tradeGroupId", 26, I64),
                    Field::new("selfTradePreventionMode", 34, Kind::Word(&words::SELF_TRADE_PREVENTION_MODE)),
                    Field::new("price", 35, decimal(0, 0)),
                    Field::new("takerPreventedQuantity", 43, decimal(0, 1)).optional(),
                    Field::new("makerPreventedQuantity", 51, decimal(0, 1)).optional(),
                    Field::new("transactTime", 59, Kind::Time),
                ],
                groups: &[],
                data: &[Data::text("symbol", 1), Data::text("makerSymbol", 1)],
                shape: Shape::Object(&[]),
            },
        }],
        data: &[],
        shape: Shape::Only(Item::Group(0)),
    },
};

pub(super) const ACCOUNT_ALLOCATIONS_RESPONSE: Layout = Layout {
    name: "AccountAllocationsResponse",
    template: 404,
    block_length: 0,
    kind: "",
    event: None,
    stream: "",
    answers: &["myAllocations"],
    body: Body {
        fields: &[],
        groups: &[Group {
            name: "allocations",
            key: "",
            single: false,
            count_size: 4,
            block_length: 87,
            body: Body {
                fields: &[
                    Field::new("priceExponent", 0, Kind::Exponent).key(""),
                    Field::new("qtyExponent", 1, Kind::Exponent).key(""),
                    Field::new("commissionExponent", 2, Kind::Exponent).optional().key(""),
                    Field::new("allocationId", 3, I64),
                    Field::new("allocationType", 11, Kind::Word(&words::ALLOCATION_TYPE)),
                    Field::new("orderId", 12, I64),
                    Field::new("orderListId", 20, I64).optional().absent(Absent::Number(-1)),
                    Field::new("sourceTradeId", 28, I64).optional(),
                    Field::new("sourceAllocationId", 36, I64).optional(),
                    Field::new("price", 44, decimal(0, 0)),
                    Field::new("qty", 52, decimal(0, 1)),
                    Field::new("quoteQty", 60, decimal(0, 0)),
                    Field::new("commission", 68, decimal(0, 2)).optional().absent(Absent::Text("0")),
                    Field::new("time", 76, Kind::Time),
                    Field::new("isBuyer", 84, Kind::Truth),
                    Field::new("isMaker", 85, Kind::Truth),
                    Field::new("isAllocator", 86, Kind::Truth),
                ],
                groups: &[],
                data: &[
                    Data::text("symbol", 1),
                    Data::text("commissionAsset", 1).optional().absent(Absent::Text("")),
                    Data::text("sourceSymbol", 1).optional(),
                ],
                shape: Shape::Object(&[]),
            },
        }],
        data: &[],
        shape: Shape::Only(Item::Group(0)),
    },
};

pub(super) const ACCOUNT_COMMISSION_RESPONSE: Layout = Layout {
    name: "AccountCommissionResponse",
    template: 405,
    block_length: 108,
    kind: "",
    event: None,
    stream: "",
    answers: &["account.commission"],
    body: Body {
        fields: &[
            Field::new("commissionExponent", 0, Kind::Exponent).key(""),
            Field::new("discountExponent", 1, Kind::Exponent).key(""),
            Field::new("standardCommissionMaker", 2, decimal(0, 0)).key(""),
            Field::new("standardCommissionTaker", 10, decimal(0, 0)).key(""),
            Field::new("standardCommissionBuyer", 18, decimal(0, 0)).key(""),
            Field::new("standardCommissionSeller", 26, decimal(0, 0)).key(""),
            Field::new("taxCommissionMaker", 34, decimal(0, 0)).key(""),
            Field::new("taxCommissionTaker", 42, decimal(0, 0)).key(""),
            Field::new("taxCommissionBuyer", 50, decimal(0, 0)).key(""),
            Field::new("taxCommissionSeller", 58, decimal(0, 0)).key(""),
            Field::new("discountEnabledForAccount", 66, Kind::Truth).key(""),
            Field::new("discountEnabledForSymbol", 67, Kind::Truth).key(""),
            Field::new("discount", 68, decimal(0, 1)).key(""),
            Field::new("specialCommissionMaker", 76, decimal(0, 0)).optional().key("").since(1),
            Field::new("specialCommissionTaker", 84, decimal(0, 0)).optional().key("").since(1),
            Field::new("specialCommissionBuyer", 92, decimal(0, 0)).optional().key("").since(1),
            Field::new("specialCommissionSeller", 100, decimal(0, 0)).optional().key("").since(1),
        ],
        groups: &[],
        data: &[Data::text("symbol", 1), Data::text("discountAsset", 1).optional().key("")],
        shape: Shape::Object(&[
            Entry {
                key: "standardCommission",
                item: Item::Object(&[
                    Entry { key: "maker", item: Item::Field(2) },
                    Entry { key: "taker", item: Item::Field(3) },
                    Entry { key: "buyer", item: Item::Field(4) },
                    Entry { key: "seller", item: Item::Field(5) },
                ]),
            },
            Entry {
                key: "taxCommission",
                item: Item::Object(&[
                    Entry { key: "maker", item: Item::Field(6) },
                    Entry { key: "taker", item: Item::Field(7) },
                    Entry { key: "buyer", item: Item::Field(8) },
                    Entry { key: "seller", item: Item::Field(9) },
                ]),
            },
            Entry {
                key: "discount",
                item: Item::Object(&[
                    Entry { key: "enabledForAccount", item: Item::Field(10) },
                    Entry { key: "enabledForSymbol", item: Item::Field(11) },
                    Entry { key: "discount", item: Item::Field(12) },
                    Entry { key: "discountAsset", item: Item::Data(1) },
                ]),
            },
            Entry {
                key: "specialCommission",
                item: Item::Object(&[
                    Entry { key: "maker", item: Item::Field(13) },
                    Entry { key: "taker", item: Item::Field(14) },
                    Entry { key: "buyer", item: Item::Field(15) },
                    Entry { key: "seller", item: Item::Field(16) },
                ]),
            },
        ]),
    },
};

pub(super) const USER_DATA_STREAM_START_RESPONSE: Layout = Layout {
    name: "UserDataStreamStartResponse",
    template: 500,
    block_length: 0,
    kind: "",
    event: None,
    stream: "",
    answers: &["userDataStream.start"],
    body: Body { fields: &[], groups: &[], data: &[Data::text("listenKey", 1)], shape: Shape::Object(&[]) },
};

pub(super) const USER_DATA_STREAM_PING_RESPONSE: Layout = Layout {
    name: "UserDataStreamPingResponse",
    template: 501,
    block_length: 0,
    kind: "",
    event: None,
    stream: "",
    answers: &["userDataStream.ping"],
    body: Body { fields: &[], groups: &[], data: &[], shape: Shape::Object(&[]) },
};

pub(super) const USER_DATA_STREAM_STOP_RESPONSE: Layout = Layout {
    name: "UserDataStreamStopResponse",
    template: 502,
    block_length: 0,
    kind: "",
    event: None,
    stream: "",
    answers: &["userDataStream.stop"],
    body: Body { fields: &[], groups: &[], data: &[], shape: Shape::Object(&[]) },
};

pub(super) const USER_DATA_STREAM_SUBSCRIBE_RESPONSE: Layout = Layout {
    name: "UserDataStreamSubscribeResponse",
    template: 503,
    block_length: 2,
    kind: "",
    event: None,
    stream: "",
    answers: &["userDataStream.subscribe", "userDataStream.subscribe.signature"],
    body: Body {
        fields: &[Field::new("subscriptionId", 0, U16).optional().since(1)],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[]),
    },
};

pub(super) const USER_DATA_STREAM_UNSUBSCRIBE_RESPONSE: Layout = Layout {
    name: "UserDataStreamUnsubscribeResponse",
    template: 504,
    block_length: 0,
    kind: "",
    event: None,
    stream: "",
    answers: &["userDataStream.unsubscribe"],
    body: Body { fields: &[], groups: &[], data: &[], shape: Shape::Object(&[]) },
};

pub(super) const USER_DATA_STREAM_SUBSCRIBE_LISTEN_TOKEN_RESPONSE: Layout = Layout {
    name: "UserDataStreamSubscribeListenTokenResponse",
    template: 505,
    block_length: 10,
    kind: "",
    event: None,
    stream: "",
    answers: &["userDataStream.subscribe.listenToken"],
    body: Body {
        fields: &[Field::new("subscriptionId", 0, U16), Field::new("expirationTime", 2, Kind::Time)],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[]),
    },
};
