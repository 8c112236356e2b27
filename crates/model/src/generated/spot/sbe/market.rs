// Written by `cargo xtask codegen` from crates/model/spec/spot/sbe/market.toml; do not edit.

//! Market data by request: books, trades, candles, prices.

use super::words;
use crate::sbe::{I64, U32, decimal, wide};
use binance_kit_core::sbe::{Absent, Body, Data, Field, Group, Item, Kind, Layout, Shape};

pub(super) const DEPTH_RESPONSE: Layout = Layout {
    name: "DepthResponse",
    template: 200,
    block_length: 10,
    kind: "",
    event: None,
    stream: "",
    answers: &["depth"],
    body: Body {
        fields: &[
            Field::new("lastUpdateId", 0, I64),
            Field::new("priceExponent", 8, Kind::Exponent).key(""),
            Field::new("qtyExponent", 9, Kind::Exponent).key(""),
        ],
        groups: &[
            Group {
                name: "bids",
                key: "bids",
                single: false,
                count_size: 4,
                block_length: 16,
                body: Body {
                    fields: &[
                        Field::new("price", 0, decimal(1, 8)).key(""),
                        Field::new("qty", 8, decimal(1, 9)).key(""),
                    ],
                    groups: &[],
                    data: &[],
                    shape: Shape::Tuple(&[Item::Field(0), Item::Field(1)]),
                },
            },
            Group {
                name: "asks",
                key: "asks",
                single: false,
                count_size: 4,
                block_length: 16,
                body: Body {
                    fields: &[
                        Field::new("price", 0, decimal(1, 8)).key(""),
                        Field::new("qty", 8, decimal(1, 9)).key(""),
                    ],
                    groups: &[],
                    data: &[],
                    shape: Shape::Tuple(&[Item::Field(0), Item::Field(1)]),
                },
            },
        ],
        data: &[],
        shape: Shape::Object(&[]),
    },
};

pub(super) const TRADES_RESPONSE: Layout = Layout {
    name: "TradesResponse",
    template: 201,
    block_length: 2,
    kind: "",
    event: None,
    stream: "",
    answers: &["trades.recent", "trades.historical"],
    body: Body {
        fields: &[
            Field::new("priceExponent", 0, Kind::Exponent).key(""),
            Field::new("qtyExponent", 1, Kind::Exponent).key(""),
        ],
        groups: &[Group {
            name: "trades",
            key: "",
            single: false,
            count_size: 4,
            block_length: 42,
            body: Body {
                fields: &[
                    Field::new("id", 0, I64),
                    Field::new("price", 8, decimal(1, 0)),
                    Field::new("qty", 16, decimal(1, 1)),
                    Field::new("quoteQty", 24, decimal(1, 0)),
                    Field::new("time", 32, Kind::Time),
                    Field::new("isBuyerMaker", 40, Kind::Truth),
                    Field::new("isBestMatch", 41, Kind::Truth),
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

pub(super) const AGG_TRADES_RESPONSE: Layout = Layout {
    name: "AggTradesResponse",
    template: 202,
    block_length: 2,
    kind: "",
    event: None,
    stream: "",
    answers: &["trades.aggregate"],
    body: Body {
        fields: &[
            Field::new("priceExponent", 0, Kind::Exponent).key(""),
            Field::new("qtyExponent", 1, Kind::Exponent).key(""),
        ],
        groups: &[Group {
            name: "aggTrades",
            key: "",
            single: false,
            count_size: 4,
            block_length: 50,
            body: Body {
                fields: &[
                    Field::new("aggTradeId", 0, I64).key("a"),
                    Field::new("price", 8, decimal(1, 0)).key("p"),
                    Field::new("qty", 16, decimal(1, 1)).key("q"),
                    Field::new("firstTradeId", 24, I64).key("f"),
                    Field::new("lastTradeId", 32, I64).key("l"),
                    Field::new("time", 40, Kind::Time).key("T"),
                    Field::new("isBuyerMaker", 48, Kind::Truth).key("m"),
                    Field::new("isBestMatch", 49, Kind::Truth).key("M"),
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

pub(super) const KLINES_RESPONSE: Layout = Layout {
    name: "KlinesResponse",
    template: 203,
    block_length: 2,
    kind: "",
    event: None,
    stream: "",
    answers: &["klines", "uiKlines"],
    body: Body {
        fields: &[
            Field::new("priceExponent", 0, Kind::Exponent).key(""),
            Field::new("qtyExponent", 1, Kind::Exponent).key(""),
        ],
        groups: &[Group {
            name: "klines",
            key: "",
            single: false,
            count_size: 4,
            block_length: 120,
            body: Body {
                fields: &[
                    Field::new("openTime", 0, Kind::Time).key(""),
                    Field::new("openPrice", 8, decimal(1, 0)).key(""),
                    Field::new("highPrice", 16, decimal(1, 0)).key(""),
                    Field::new("lowPrice", 24, decimal(1, 0)).key(""),
                    Field::new("closePrice", 32, decimal(1, 0)).key(""),
                    Field::new("volume", 40, wide(1, 1)).key(""),
                    Field::new("closeTime", 56, Kind::Time).key(""),
                    Field::new("quoteVolume", 64, wide(1, 0)).key(""),
                    Field::new("numTrades", 80, I64).key(""),
                    Field::new("takerBuyBaseVolume", 88, wide(1, 1)).key(""),
                    Field::new("takerBuyQuoteVolume", 104, wide(1, 0)).key(""),
                ],
                groups: &[],
                data: &[],
                shape: Shape::Tuple(&[
                    Item::Field(0),
                    Item::Field(1),
                    Item::Field(2),
                    Item::Field(3),
                    Item::Field(4),
                    Item::Field(5),
                    Item::Field(6),
                    Item::Field(7),
                    Item::Field(8),
                    Item::Field(9),
                    Item::Field(10),
                    Item::Text("0"),
                ]),
            },
        }],
        data: &[],
        shape: Shape::Only(Item::Group(0)),
    },
};

pub(super) const AVERAGE_PRICE_RESPONSE: Layout = Layout {
    name: "AveragePriceResponse",
    template: 204,
    block_length: 25,
    kind: "",
    event: None,
    stream: "",
    answers: &["avgPrice"],
    body: Body {
        fields: &[
            Field::new("mins", 0, I64),
            Field::new("priceExponent", 8, Kind::Exponent).key(""),
            Field::new("price", 9, decimal(0, 8)).optional().absent(Absent::Text("0")),
            Field::new("closeTime", 17, Kind::Time).optional().absent(Absent::Number(-1)),
        ],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[]),
    },
};

pub(super) const REFERENCE_PRICE_RESPONSE: Layout = Layout {
    name: "ReferencePriceResponse",
    template: 217,
    block_length: 17,
    kind: "",
    event: None,
    stream: "",
    answers: &["referencePrice"],
    body: Body {
        fields: &[
            Field::new("priceExponent", 0, Kind::Exponent).key(""),
            Field::new("referencePrice", 1, decimal(0, 0)).optional(),
            Field::new("timestamp", 9, Kind::Time),
        ],
        groups: &[],
        data: &[Data::text("symbol", 1)],
        shape: Shape::Object(&[]),
    },
};

pub(super) const REFERENCE_PRICE_CALCULATION_RESPONSE: Layout = Layout {
    name: "ReferencePriceCalculationResponse",
    template: 218,
    block_length: 17,
    kind: "",
    event: None,
    stream: "",
    answers: &["referencePrice.calculation"],
    body: Body {
        fields: &[
            Field::new("calculationType", 0, Kind::Word(&words::CALCULATION_TYPE)),
            Field::new("externalCalculationId", 1, I64).optional(),
            Field::new("bucketCount", 9, U32).optional(),
            Field::new("bucketWidthMs", 13, U32).optional(),
        ],
        groups: &[],
        data: &[Data::text("symbol", 1)],
        shape: Shape::Object(&[]),
    },
};

pub(super) const BLOCK_TRADES_RESPONSE: Layout = Layout {
    name: "BlockTradesResponse",
    template: 219,
    block_length: 2,
    kind: "",
    event: None,
    stream: "",
    answers: &["blockTrades.historical"],
    body: Body {
        fields: &[
            Field::new("priceExponent", 0, Kind::Exponent).key(""),
            Field::new("qtyExponent", 1, Kind::Exponent).key(""),
        ],
        groups: &[Group {
            name: "blockTrades",
            key: "",
            single: false,
            count_size: 4,
            block_length: 41,
            body: Body {
                fields: &[
                    Field::new("id", 0, I64),
                    Field::new("price", 8, decimal(1, 0)),
                    Field::new("qty", 16, decimal(1, 1)),
                    Field::new("quoteQty", 24, decimal(1, 0)),
                    Field::new("time", 32, Kind::Time),
                    Field::new("isBuyerMaker", 40, Kind::Truth),
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
