// Written by `cargo xtask codegen` from crates/model/spec/coinm/*.toml; do not edit.

//! Which type reads which answer and which event.

use crate::table::{Event, Request, Type, event, request};
use binance_kit_core::MixedTopic;
use binance_kit_model::coinm;

/// Every request.
pub(crate) const REQUESTS: &[Request] = &[request::<coinm::Depth>("Depth", "GET /dapi/v1/depth", "")];

/// Every event.
pub(crate) const EVENTS: &[Event] = &[
    event::<coinm::TradeEvent, coinm::MarketEvent>("TradeEvent", "trade", false),
    event::<coinm::BookTickerEvent, coinm::MarketEvent>("BookTickerEvent", "bookTicker", false),
    event::<coinm::DepthEvent, coinm::MarketEvent>("DepthEvent", "depthUpdate", false),
];

/// The type of each answer.
pub(crate) const ANSWERS: &[(&str, &str)] = &[("Depth", "OrderBook")];

/// Every type of answers and events.
pub(crate) const TYPES: &[(&str, Type)] = &[
    (
        "OrderBook",
        Type::object::<coinm::OrderBook>(&[
            ("lastUpdateId", "", "UpdateId"),
            ("E", "", "Timestamp"),
            ("T", "", "Timestamp"),
            ("symbol", "", "Symbol"),
            ("pair", "", "Symbol"),
            ("bids", "", "Level"),
            ("asks", "", "Level"),
        ]),
    ),
    (
        "BookTickerEvent",
        Type::object::<coinm::BookTickerEvent>(&[
            ("u", "", "UpdateId"),
            ("s", "", "Symbol"),
            ("ps", "", "Symbol"),
            ("b", "", "Decimal"),
            ("B", "", "Decimal"),
            ("a", "", "Decimal"),
            ("A", "", "Decimal"),
            ("T", "", "Timestamp"),
            ("E", "", "Timestamp"),
            ("st", "?", "u8"),
        ]),
    ),
    (
        "DepthEvent",
        Type::object::<coinm::DepthEvent>(&[
            ("E", "", "Timestamp"),
            ("T", "", "Timestamp"),
            ("s", "", "Symbol"),
            ("ps", "", "Symbol"),
            ("U", "", "UpdateId"),
            ("u", "", "UpdateId"),
            ("pu", "|-1", "UpdateId"),
            ("b", "", "Level"),
            ("a", "", "Level"),
            ("st", "?", "u8"),
        ]),
    ),
    (
        "TradeEvent",
        Type::object::<coinm::TradeEvent>(&[
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
pub(crate) fn streams(each: &mut dyn FnMut(&'static str, MixedTopic<coinm::MarketEvent>)) {
    each("book_ticker", coinm::stream::book_ticker("BTCUSDT").into());
    for speed in coinm::stream::DepthSpeed::ALL {
        each("depth", coinm::stream::depth("BTCUSDT", *speed).into());
    }
    each("trade", coinm::stream::trade("BTCUSDT").into());
}
