// Written by `cargo xtask codegen` from crates/model/spec/spot/sbe/streams.toml; do not edit.

//! Readers for the messages of streams, directly from their offsets.

use super::super::all::{BookTickerEvent, DepthEvent, PartialDepthEvent, TradeEvent};
use crate::sbe::levels;
use crate::support;
use binance_kit_core::id::{TradeId, UpdateId};
use binance_kit_core::sbe::{Message, decimal, i8_at, i64_at, identifier, time, truth};
use binance_kit_core::{DecodeError, Symbol};

impl TradeEvent {
    /// Reads a `TradesStreamEvent`.
    #[inline]
    pub(crate) fn read_sbe(message: &Message<'_>, each: &mut dyn FnMut(Self)) -> Result<(), DecodeError> {
        Self::read_all(message, each).map_err(|error| error.in_type("TradesStreamEvent"))
    }

    #[inline]
    fn read_all(message: &Message<'_>, each: &mut dyn FnMut(Self)) -> Result<(), DecodeError> {
        let block = message.block::<18>()?;
        let mut rest = message.rest();
        let trades = rest.elements::<25>(4, "trades")?;
        let symbol = rest.text(1, "symbol")?;
        for (index, element) in trades.enumerate() {
            let event = Self::read_element(block, element, symbol)
                .map_err(|error| error.at_index(index).at_key("trades"))?;
            each(event);
        }
        Ok(())
    }

    #[inline]
    fn read_element(block: &[u8; 18], element: &[u8; 25], symbol: &str) -> Result<Self, DecodeError> {
        Ok(Self {
            event_time: time(i64_at(block, 0)).map_err(|error| error.at_key("eventTime"))?,
            symbol: Symbol::from_wire(symbol),
            trade_id: TradeId(identifier(i64_at(element, 0)).map_err(|error| error.at_key("id"))?),
            price: decimal(i64_at(element, 8), i8_at(block, 16)).map_err(|error| error.at_key("price"))?,
            quantity: decimal(i64_at(element, 16), i8_at(block, 17)).map_err(|error| error.at_key("qty"))?,
            trade_time: time(i64_at(block, 8)).map_err(|error| error.at_key("transactTime"))?,
            is_buyer_maker: truth(element[24]).map_err(|error| error.at_key("isBuyerMaker"))?,
            is_best_match: Some(true),
        })
    }
}

impl BookTickerEvent {
    /// Reads a `BestBidAskStreamEvent`.
    #[inline]
    pub(crate) fn read_sbe(message: &Message<'_>, each: &mut dyn FnMut(Self)) -> Result<(), DecodeError> {
        Self::read_all(message, each).map_err(|error| error.in_type("BestBidAskStreamEvent"))
    }

    #[inline]
    fn read_all(message: &Message<'_>, each: &mut dyn FnMut(Self)) -> Result<(), DecodeError> {
        let block = message.block::<50>()?;
        let mut rest = message.rest();
        let symbol = rest.text(1, "symbol")?;
        each(Self {
            update_id: UpdateId(identifier(i64_at(block, 8)).map_err(|error| error.at_key("bookUpdateId"))?),
            symbol: Symbol::from_wire(symbol),
            bid_price: decimal(i64_at(block, 18), i8_at(block, 16))
                .map_err(|error| error.at_key("bidPrice"))?,
            bid_quantity: decimal(i64_at(block, 26), i8_at(block, 17))
                .map_err(|error| error.at_key("bidQty"))?,
            ask_price: decimal(i64_at(block, 34), i8_at(block, 16))
                .map_err(|error| error.at_key("askPrice"))?,
            ask_quantity: decimal(i64_at(block, 42), i8_at(block, 17))
                .map_err(|error| error.at_key("askQty"))?,
        });
        Ok(())
    }
}

impl PartialDepthEvent {
    /// Reads a `DepthSnapshotStreamEvent`.
    #[inline]
    pub(crate) fn read_sbe(message: &Message<'_>, each: &mut dyn FnMut(Self)) -> Result<(), DecodeError> {
        Self::read_all(message, each).map_err(|error| error.in_type("DepthSnapshotStreamEvent"))
    }

    #[inline]
    fn read_all(message: &Message<'_>, each: &mut dyn FnMut(Self)) -> Result<(), DecodeError> {
        let block = message.block::<18>()?;
        let mut rest = message.rest();
        let bids = rest.elements::<16>(2, "bids")?;
        let asks = rest.elements::<16>(2, "asks")?;
        let symbol = rest.text(1, "symbol")?;
        each(Self {
            symbol: support::symbol_before_at(symbol)?,
            last_update_id: UpdateId(
                identifier(i64_at(block, 8)).map_err(|error| error.at_key("bookUpdateId"))?,
            ),
            bids: levels(bids, 0, i8_at(block, 16), 8, i8_at(block, 17))
                .map_err(|error| error.at_key("bids"))?,
            asks: levels(asks, 0, i8_at(block, 16), 8, i8_at(block, 17))
                .map_err(|error| error.at_key("asks"))?,
        });
        Ok(())
    }
}

impl DepthEvent {
    /// Reads a `DepthDiffStreamEvent`.
    #[inline]
    pub(crate) fn read_sbe(message: &Message<'_>, each: &mut dyn FnMut(Self)) -> Result<(), DecodeError> {
        Self::read_all(message, each).map_err(|error| error.in_type("DepthDiffStreamEvent"))
    }

    #[inline]
    fn read_all(message: &Message<'_>, each: &mut dyn FnMut(Self)) -> Result<(), DecodeError> {
        let block = message.block::<26>()?;
        let mut rest = message.rest();
        let bids = rest.elements::<16>(2, "bids")?;
        let asks = rest.elements::<16>(2, "asks")?;
        let symbol = rest.text(1, "symbol")?;
        each(Self {
            event_time: time(i64_at(block, 0)).map_err(|error| error.at_key("eventTime"))?,
            symbol: Symbol::from_wire(symbol),
            first_update_id: UpdateId(
                identifier(i64_at(block, 8)).map_err(|error| error.at_key("firstBookUpdateId"))?,
            ),
            last_update_id: UpdateId(
                identifier(i64_at(block, 16)).map_err(|error| error.at_key("lastBookUpdateId"))?,
            ),
            bids: levels(bids, 0, i8_at(block, 24), 8, i8_at(block, 25))
                .map_err(|error| error.at_key("bids"))?,
            asks: levels(asks, 0, i8_at(block, 24), 8, i8_at(block, 25))
                .map_err(|error| error.at_key("asks"))?,
        });
        Ok(())
    }
}
