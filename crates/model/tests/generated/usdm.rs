// Written by `cargo xtask codegen` from crates/model/spec/usdm/*.toml; do not edit.

//! Which type reads which answer and which event.

use crate::table::{Event, Request, Type, event, request};
use binance_kit_core::MixedTopic;
use binance_kit_model::usdm;

/// Every request.
pub(crate) const REQUESTS: &[Request] = &[request::<usdm::Depth>("Depth", "GET /fapi/v1/depth", "depth")];

/// Every event.
pub(crate) const EVENTS: &[Event] = &[
    event::<usdm::TradeEvent, usdm::MarketEvent>("TradeEvent", "trade", false),
    event::<usdm::AggTradeEvent, usdm::MarketEvent>("AggTradeEvent", "aggTrade", false),
    event::<usdm::MarkPriceEvent, usdm::MarketEvent>("MarkPriceEvent", "markPriceUpdate", false),
    event::<usdm::BookTickerEvent, usdm::MarketEvent>("BookTickerEvent", "bookTicker", false),
    event::<usdm::DepthEvent, usdm::MarketEvent>("DepthEvent", "depthUpdate", false),
];

/// The type of each answer.
pub(crate) const ANSWERS: &[(&str, &str)] = &[("Depth", "OrderBook")];

/// Every type of answers and events.
pub(crate) const TYPES: &[(&str, Type)] = &[
    (
        "OrderBook",
        Type::object::<usdm::OrderBook>(&[
            ("lastUpdateId", "", "UpdateId"),
            ("E", "", "Timestamp"),
            ("T", "", "Timestamp"),
            ("bids", "", "Level"),
            ("asks", "", "Level"),
        ]),
    ),
    (
        "AggTradeEvent",
        Type::object::<usdm::AggTradeEvent>(&[
            ("E", "", "Timestamp"),
            ("s", "", "Symbol"),
            ("a", "", "AggTradeId"),
            ("p", "", "Decimal"),
            ("q", "", "Decimal"),
            ("nq", "?", "Decimal"),
            ("f", "|-1", "TradeId"),
            ("l", "|-1", "TradeId"),
            ("T", "", "Timestamp"),
            ("m", "", "bool"),
            ("st", "?", "u8"),
        ]),
    ),
    (
        "BookTickerEvent",
        Type::object::<usdm::BookTickerEvent>(&[
            ("u", "", "UpdateId"),
            ("E", "", "Timestamp"),
            ("T", "", "Timestamp"),
            ("s", "", "Symbol"),
            ("ps", "?", "Symbol"),
            ("b", "", "Decimal"),
            ("B", "", "Decimal"),
            ("a", "", "Decimal"),
            ("A", "", "Decimal"),
            ("st", "?", "u8"),
        ]),
    ),
    (
        "DepthEvent",
        Type::object::<usdm::DepthEvent>(&[
            ("E", "", "Timestamp"),
            ("T", "", "Timestamp"),
            ("s", "", "Symbol"),
            ("ps", "?", "Symbol"),
            ("U", "", "UpdateId"),
            ("u", "", "UpdateId"),
            ("pu", "|-1", "UpdateId"),
            ("b", "", "Level"),
            ("a", "", "Level"),
            ("st", "?", "u8"),
        ]),
    ),
    (
        "MarkPriceEvent",
        Type::object::<usdm::MarkPriceEvent>(&[
            ("E", "", "Timestamp"),
            ("s", "", "Symbol"),
            ("p", "", "Decimal"),
            ("i", "", "Decimal"),
            ("P", "", "Decimal"),
            ("r", "|\"\"", "Decimal"),
            ("ap", "?", "Decimal"),
            ("T", "", "Timestamp"),
            ("st", "?", "u8"),
        ]),
    ),
    (
        "TradeEvent",
        Type::object::<usdm::TradeEvent>(&[
            ("E", "", "Timestamp"),
            ("T", "", "Timestamp"),
            ("s", "", "Symbol"),
            ("t", "", "TradeId"),
            ("p", "", "Decimal"),
            ("q", "", "Decimal"),
            ("X", "?", "TradeOrderType"),
            ("m", "", "bool"),
            ("st", "?", "u8"),
        ]),
    ),
];

/// Every stream with its function, for each value of its arguments.
#[allow(dead_code, reason = "only one of the tests asks")]
pub(crate) fn streams(each: &mut dyn FnMut(&'static str, MixedTopic<usdm::MarketEvent>)) {
    each("agg_trade", usdm::stream::agg_trade("BTCUSDT").into());
    for speed in usdm::stream::MarkPriceSpeed::ALL {
        each("all_mark_prices", usdm::stream::all_mark_prices(*speed).into());
    }
    each("book_ticker", usdm::stream::book_ticker("BTCUSDT").into());
    for speed in usdm::stream::DepthSpeed::ALL {
        each("depth", usdm::stream::depth("BTCUSDT", *speed).into());
    }
    for speed in usdm::stream::MarkPriceSpeed::ALL {
        each("mark_price", usdm::stream::mark_price("BTCUSDT", *speed).into());
    }
    each("trade", usdm::stream::trade("BTCUSDT").into());
}
