// Written by `cargo xtask codegen` from crates/model/spec/usdm/*.toml; do not edit.

//! Which type reads which answer and which event.

use crate::table::{Event, Request, event, request};
use binance_kit_core::MixedTopic;
use binance_kit_model::usdm;

/// Every request.
pub(crate) const REQUESTS: &[Request] = &[request::<usdm::Depth>("Depth", "GET /fapi/v1/depth", "")];

/// Every event.
pub(crate) const EVENTS: &[Event] = &[
    event::<usdm::TradeEvent, usdm::MarketEvent>("TradeEvent", "trade", false),
    event::<usdm::BookTickerEvent, usdm::MarketEvent>("BookTickerEvent", "bookTicker", false),
    event::<usdm::DepthEvent, usdm::MarketEvent>("DepthEvent", "depthUpdate", false),
];

/// Every stream with its function, for each value of its arguments.
#[allow(dead_code, reason = "only one of the tests asks")]
pub(crate) fn streams(each: &mut dyn FnMut(&'static str, MixedTopic<usdm::MarketEvent>)) {
    each("book_ticker", usdm::stream::book_ticker("BTCUSDT").into());
    for speed in usdm::stream::DepthSpeed::ALL {
        each("depth", usdm::stream::depth("BTCUSDT", *speed).into());
    }
    each("trade", usdm::stream::trade("BTCUSDT").into());
}
