// Written by `cargo xtask codegen` from crates/model/spec/usdm/*.toml; do not edit.

//! Which type reads which answer and which event.

use crate::table::{Event, Request, event, request};
use binance_kit_model::usdm;

/// Every request.
pub(crate) const REQUESTS: &[Request] = &[request::<usdm::Depth>("Depth", "GET /fapi/v1/depth", "")];

/// Every event.
pub(crate) const EVENTS: &[Event] = &[
    event::<usdm::TradeEvent, usdm::MarketEvent>("TradeEvent", "trade", false),
    event::<usdm::BookTickerEvent, usdm::MarketEvent>("BookTickerEvent", "bookTicker", false),
    event::<usdm::DepthEvent, usdm::MarketEvent>("DepthEvent", "depthUpdate", false),
];
