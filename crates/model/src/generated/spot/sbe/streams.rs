// Written by `cargo xtask codegen` from crates/model/spec/spot/sbe/streams.toml; do not edit.

//! The market streams of the SBE host.

use crate::sbe::{I64, decimal};
use binance_kit_core::sbe::{Body, Data, Entry, Field, Group, Item, Kind, Layout, Shape};

pub(super) const TRADES_STREAM_EVENT: Layout = Layout {
    name: "TradesStreamEvent",
    template: 10000,
    block_length: 18,
    kind: "",
    event: Some("trade"),
    stream: "@trade",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("eventTime", 0, Kind::Time).key(""),
            Field::new("transactTime", 8, Kind::Time).key(""),
            Field::new("priceExponent", 16, Kind::Exponent).key(""),
            Field::new("qtyExponent", 17, Kind::Exponent).key(""),
        ],
        groups: &[Group {
            name: "trades",
            key: "",
            single: false,
            count_size: 4,
            block_length: 25,
            body: Body {
                fields: &[
                    Field::new("id", 0, I64).key("t"),
                    Field::new("price", 8, decimal(1, 16)).key("p"),
                    Field::new("qty", 16, decimal(1, 17)).key("q"),
                    Field::new("isBuyerMaker", 24, Kind::Truth).key("m"),
                ],
                groups: &[],
                data: &[],
                shape: Shape::Object(&[
                    Entry { key: "M", item: Item::Truth(true) },
                    Entry { key: "e", item: Item::Text("trade") },
                    Entry { key: "E", item: Item::OuterField(0) },
                    Entry { key: "s", item: Item::OuterData(0) },
                    Entry { key: "T", item: Item::OuterField(1) },
                ]),
            },
        }],
        data: &[Data::text("symbol", 1).key("")],
        shape: Shape::Only(Item::Group(0)),
    },
};

pub(super) const BEST_BID_ASK_STREAM_EVENT: Layout = Layout {
    name: "BestBidAskStreamEvent",
    template: 10001,
    block_length: 50,
    kind: "",
    event: None,
    stream: "@bestBidAsk",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("eventTime", 0, Kind::Time).key("E"),
            Field::new("bookUpdateId", 8, I64).key("u"),
            Field::new("priceExponent", 16, Kind::Exponent).key(""),
            Field::new("qtyExponent", 17, Kind::Exponent).key(""),
            Field::new("bidPrice", 18, decimal(0, 16)).key("b"),
            Field::new("bidQty", 26, decimal(0, 17)).key("B"),
            Field::new("askPrice", 34, decimal(0, 16)).key("a"),
            Field::new("askQty", 42, decimal(0, 17)).key("A"),
        ],
        groups: &[],
        data: &[Data::text("symbol", 1).key("s")],
        shape: Shape::Object(&[]),
    },
};

pub(super) const DEPTH_SNAPSHOT_STREAM_EVENT: Layout = Layout {
    name: "DepthSnapshotStreamEvent",
    template: 10002,
    block_length: 18,
    kind: "",
    event: None,
    stream: "@depth20",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("eventTime", 0, Kind::Time).key("E"),
            Field::new("bookUpdateId", 8, I64).key("lastUpdateId"),
            Field::new("priceExponent", 16, Kind::Exponent).key(""),
            Field::new("qtyExponent", 17, Kind::Exponent).key(""),
        ],
        groups: &[
            Group {
                name: "bids",
                key: "bids",
                single: false,
                count_size: 2,
                block_length: 16,
                body: Body {
                    fields: &[
                        Field::new("price", 0, decimal(1, 16)).key(""),
                        Field::new("qty", 8, decimal(1, 17)).key(""),
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
                count_size: 2,
                block_length: 16,
                body: Body {
                    fields: &[
                        Field::new("price", 0, decimal(1, 16)).key(""),
                        Field::new("qty", 8, decimal(1, 17)).key(""),
                    ],
                    groups: &[],
                    data: &[],
                    shape: Shape::Tuple(&[Item::Field(0), Item::Field(1)]),
                },
            },
        ],
        data: &[Data::text("symbol", 1).key("s")],
        shape: Shape::Object(&[]),
    },
};

pub(super) const DEPTH_DIFF_STREAM_EVENT: Layout = Layout {
    name: "DepthDiffStreamEvent",
    template: 10003,
    block_length: 26,
    kind: "",
    event: Some("depthUpdate"),
    stream: "@depth",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("eventTime", 0, Kind::Time).key("E"),
            Field::new("firstBookUpdateId", 8, I64).key("U"),
            Field::new("lastBookUpdateId", 16, I64).key("u"),
            Field::new("priceExponent", 24, Kind::Exponent).key(""),
            Field::new("qtyExponent", 25, Kind::Exponent).key(""),
        ],
        groups: &[
            Group {
                name: "bids",
                key: "b",
                single: false,
                count_size: 2,
                block_length: 16,
                body: Body {
                    fields: &[
                        Field::new("price", 0, decimal(1, 24)).key(""),
                        Field::new("qty", 8, decimal(1, 25)).key(""),
                    ],
                    groups: &[],
                    data: &[],
                    shape: Shape::Tuple(&[Item::Field(0), Item::Field(1)]),
                },
            },
            Group {
                name: "asks",
                key: "a",
                single: false,
                count_size: 2,
                block_length: 16,
                body: Body {
                    fields: &[
                        Field::new("price", 0, decimal(1, 24)).key(""),
                        Field::new("qty", 8, decimal(1, 25)).key(""),
                    ],
                    groups: &[],
                    data: &[],
                    shape: Shape::Tuple(&[Item::Field(0), Item::Field(1)]),
                },
            },
        ],
        data: &[Data::text("symbol", 1).key("s")],
        shape: Shape::Object(&[Entry { key: "e", item: Item::Text("depthUpdate") }]),
    },
};
