// Written by `cargo xtask codegen` from crates/model/spec/spot/sbe/filters.toml; do not edit.

//! Filters and execution rules, which are embedded in other messages.

use crate::sbe::{I32, I64, decimal};
use binance_kit_core::sbe::{Absent, Body, Data, Entry, Field, Item, Kind, Layout, Shape};

pub(super) const PRICE_FILTER: Layout = Layout {
    name: "PriceFilter",
    template: 1,
    block_length: 25,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("priceExponent", 0, Kind::Exponent).key(""),
            Field::new("minPrice", 1, decimal(0, 0)),
            Field::new("maxPrice", 9, decimal(0, 0)),
            Field::new("tickSize", 17, decimal(0, 0)),
        ],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("PRICE_FILTER") }]),
    },
};

pub(super) const PERCENT_PRICE_FILTER: Layout = Layout {
    name: "PercentPriceFilter",
    template: 2,
    block_length: 21,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("multiplierExponent", 0, Kind::Exponent).key(""),
            Field::new("multiplierUp", 1, decimal(0, 0)),
            Field::new("multiplierDown", 9, decimal(0, 0)),
            Field::new("avgPriceMins", 17, I32),
        ],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("PERCENT_PRICE") }]),
    },
};

pub(super) const PERCENT_PRICE_BY_SIDE_FILTER: Layout = Layout {
    name: "PercentPriceBySideFilter",
    template: 3,
    block_length: 37,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("multiplierExponent", 0, Kind::Exponent).key(""),
            Field::new("bidMultiplierUp", 1, decimal(0, 0)),
            Field::new("bidMultiplierDown", 9, decimal(0, 0)),
            Field::new("askMultiplierUp", 17, decimal(0, 0)),
            Field::new("askMultiplierDown", 25, decimal(0, 0)),
            Field::new("avgPriceMins", 33, I32),
        ],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("PERCENT_PRICE_BY_SIDE") }]),
    },
};

pub(super) const LOT_SIZE_FILTER: Layout = Layout {
    name: "LotSizeFilter",
    template: 4,
    block_length: 25,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("qtyExponent", 0, Kind::Exponent).key(""),
            Field::new("minQty", 1, decimal(0, 0)),
            Field::new("maxQty", 9, decimal(0, 0)),
            Field::new("stepSize", 17, decimal(0, 0)),
        ],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("LOT_SIZE") }]),
    },
};

pub(super) const MIN_NOTIONAL_FILTER: Layout = Layout {
    name: "MinNotionalFilter",
    template: 5,
    block_length: 14,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("priceExponent", 0, Kind::Exponent).key(""),
            Field::new("minNotional", 1, decimal(0, 0)),
            Field::new("applyToMarket", 9, Kind::Truth),
            Field::new("avgPriceMins", 10, I32),
        ],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("MIN_NOTIONAL") }]),
    },
};

pub(super) const NOTIONAL_FILTER: Layout = Layout {
    name: "NotionalFilter",
    template: 6,
    block_length: 23,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("priceExponent", 0, Kind::Exponent).key(""),
            Field::new("minNotional", 1, decimal(0, 0)),
            Field::new("applyMinToMarket", 9, Kind::Truth),
            Field::new("maxNotional", 10, decimal(0, 0)),
            Field::new("applyMaxToMarket", 18, Kind::Truth),
            Field::new("avgPriceMins", 19, I32),
        ],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("NOTIONAL") }]),
    },
};

pub(super) const ICEBERG_PARTS_FILTER: Layout = Layout {
    name: "IcebergPartsFilter",
    template: 7,
    block_length: 8,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[Field::new("filterLimit", 0, I64).key("limit")],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("ICEBERG_PARTS") }]),
    },
};

pub(super) const MARKET_LOT_SIZE_FILTER: Layout = Layout {
    name: "MarketLotSizeFilter",
    template: 8,
    block_length: 25,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("qtyExponent", 0, Kind::Exponent).key(""),
            Field::new("minQty", 1, decimal(0, 0)),
            Field::new("maxQty", 9, decimal(0, 0)),
            Field::new("stepSize", 17, decimal(0, 0)),
        ],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("MARKET_LOT_SIZE") }]),
    },
};

pub(super) const MAX_NUM_ORDERS_FILTER: Layout = Layout {
    name: "MaxNumOrdersFilter",
    template: 9,
    block_length: 8,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[Field::new("maxNumOrders", 0, I64)],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("MAX_NUM_ORDERS") }]),
    },
};

pub(super) const MAX_NUM_ALGO_ORDERS_FILTER: Layout = Layout {
    name: "MaxNumAlgoOrdersFilter",
    template: 10,
    block_length: 8,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[Field::new("maxNumAlgoOrders", 0, I64)],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("MAX_NUM_ALGO_ORDERS") }]),
    },
};

pub(super) const MAX_NUM_ICEBERG_ORDERS_FILTER: Layout = Layout {
    name: "MaxNumIcebergOrdersFilter",
    template: 11,
    block_length: 8,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[Field::new("maxNumIcebergOrders", 0, I64)],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("MAX_NUM_ICEBERG_ORDERS") }]),
    },
};

pub(super) const MAX_POSITION_FILTER: Layout = Layout {
    name: "MaxPositionFilter",
    template: 12,
    block_length: 9,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("qtyExponent", 0, Kind::Exponent).key(""),
            Field::new("maxPosition", 1, decimal(0, 0)),
        ],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("MAX_POSITION") }]),
    },
};

pub(super) const TRAILING_DELTA_FILTER: Layout = Layout {
    name: "TrailingDeltaFilter",
    template: 13,
    block_length: 32,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("minTrailingAboveDelta", 0, I64),
            Field::new("maxTrailingAboveDelta", 8, I64),
            Field::new("minTrailingBelowDelta", 16, I64),
            Field::new("maxTrailingBelowDelta", 24, I64),
        ],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("TRAILING_DELTA") }]),
    },
};

pub(super) const TPLUS_SELL_FILTER: Layout = Layout {
    name: "TPlusSellFilter",
    template: 14,
    block_length: 8,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[Field::new("endTime", 0, Kind::Time).optional().absent(Absent::Number(-1))],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("T_PLUS_SELL") }]),
    },
};

pub(super) const EXCHANGE_MAX_NUM_ORDERS_FILTER: Layout = Layout {
    name: "ExchangeMaxNumOrdersFilter",
    template: 15,
    block_length: 8,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[Field::new("maxNumOrders", 0, I64)],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("EXCHANGE_MAX_NUM_ORDERS") }]),
    },
};

pub(super) const EXCHANGE_MAX_NUM_ALGO_ORDERS_FILTER: Layout = Layout {
    name: "ExchangeMaxNumAlgoOrdersFilter",
    template: 16,
    block_length: 8,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[Field::new("maxNumAlgoOrders", 0, I64)],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry {
            key: "filterType",
            item: Item::Text("EXCHANGE_MAX_NUM_ALGO_ORDERS"),
        }]),
    },
};

pub(super) const EXCHANGE_MAX_NUM_ICEBERG_ORDERS_FILTER: Layout = Layout {
    name: "ExchangeMaxNumIcebergOrdersFilter",
    template: 17,
    block_length: 8,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[Field::new("maxNumIcebergOrders", 0, I64)],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry {
            key: "filterType",
            item: Item::Text("EXCHANGE_MAX_NUM_ICEBERG_ORDERS"),
        }]),
    },
};

pub(super) const MAX_NUM_ORDER_LISTS_FILTER: Layout = Layout {
    name: "MaxNumOrderListsFilter",
    template: 18,
    block_length: 8,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[Field::new("maxNumOrderLists", 0, I64)],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("MAX_NUM_ORDER_LISTS") }]),
    },
};

pub(super) const EXCHANGE_MAX_NUM_ORDER_LISTS_FILTER: Layout = Layout {
    name: "ExchangeMaxNumOrderListsFilter",
    template: 19,
    block_length: 8,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[Field::new("maxNumOrderLists", 0, I64)],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry {
            key: "filterType",
            item: Item::Text("EXCHANGE_MAX_NUM_ORDER_LISTS"),
        }]),
    },
};

pub(super) const MAX_NUM_ORDER_AMENDS_FILTER: Layout = Layout {
    name: "MaxNumOrderAmendsFilter",
    template: 20,
    block_length: 8,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[Field::new("maxNumOrderAmends", 0, I64)],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("MAX_NUM_ORDER_AMENDS") }]),
    },
};

pub(super) const MAX_ASSET_FILTER: Layout = Layout {
    name: "MaxAssetFilter",
    template: 21,
    block_length: 9,
    kind: "filter",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("qtyExponent", 0, Kind::Exponent).key(""),
            Field::new("maxQty", 1, decimal(0, 0)).key("limit"),
        ],
        groups: &[],
        data: &[Data::text("asset", 1)],
        shape: Shape::Object(&[Entry { key: "filterType", item: Item::Text("MAX_ASSET") }]),
    },
};

pub(super) const PRICE_RANGE_EXECUTION_RULE: Layout = Layout {
    name: "PriceRangeExecutionRule",
    template: 22,
    block_length: 33,
    kind: "rule",
    event: None,
    stream: "",
    answers: &[],
    body: Body {
        fields: &[
            Field::new("multiplierExponent", 0, Kind::Exponent).key(""),
            Field::new("bidLimitMultUp", 1, decimal(0, 0)).optional(),
            Field::new("bidLimitMultDown", 9, decimal(0, 0)).optional(),
            Field::new("askLimitMultUp", 17, decimal(0, 0)).optional(),
            Field::new("askLimitMultDown", 25, decimal(0, 0)).optional(),
        ],
        groups: &[],
        data: &[],
        shape: Shape::Object(&[Entry { key: "ruleType", item: Item::Text("PRICE_RANGE") }]),
    },
};
