// Written by `cargo xtask codegen` from crates/model/spec/coinm/*.toml; do not edit.

//! Which type reads which answer and which event.

use crate::table::{Event, Request, event, request};
use binance_kit_model::coinm;

/// Every request.
pub(crate) const REQUESTS: &[Request] = &[request::<coinm::Depth>("Depth", "GET /dapi/v1/depth", "")];

/// Every event.
pub(crate) const EVENTS: &[Event] = &[
    event::<coinm::Trade, coinm::MarketEvent>("Trade", "trade", false),
    event::<coinm::BookTicker, coinm::MarketEvent>("BookTicker", "bookTicker", false),
    event::<coinm::DepthUpdate, coinm::MarketEvent>("DepthUpdate", "depthUpdate", false),
];
