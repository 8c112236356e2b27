// Written by `cargo xtask codegen` from crates/model/spec/usdm/*.toml; do not edit.

//! Which type reads which answer and which event.

use crate::table::{Event, Request, event, request};
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
