//! Events of streams made of rows of REST answers, to fill gaps.

use crate::generated::spot::all::{
    AggTrade, AggTradeEvent, Kline, KlineEvent, KlineInterval, KlineUpdate, Trade, TradeEvent,
};
use binance_kit_core::{Decimal, Symbol};
use std::time::Duration;

impl TradeEvent {
    /// Makes the event of a trade. [`TradeEvent::event_time`] is the time of the trade, as the row has no event time.
    pub fn of_record(symbol: &Symbol, row: &Trade) -> Self {
        Self {
            event_time: row.time,
            symbol: symbol.clone(),
            trade_id: row.trade_id,
            price: row.price,
            quantity: row.quantity,
            trade_time: row.time,
            is_buyer_maker: row.is_buyer_maker,
            is_best_match: Some(row.is_best_match),
        }
    }
}

impl AggTradeEvent {
    /// The event of an aggregate trade of the record. When it was sent is not recorded: [`AggTradeEvent::event_time`] is the time
    /// of the trades.
    pub fn of_record(symbol: &Symbol, row: &AggTrade) -> Self {
        Self {
            event_time: row.trade_time,
            symbol: symbol.clone(),
            agg_trade_id: row.agg_trade_id,
            price: row.price,
            quantity: row.quantity,
            first_trade_id: row.first_trade_id,
            last_trade_id: row.last_trade_id,
            trade_time: row.trade_time,
            is_buyer_maker: row.is_buyer_maker,
            is_best_match: Some(row.is_best_match),
        }
    }
}

impl KlineEvent {
    /// Makes the last event of a candle, with the millisecond after its close as event time. It has no trade ids.
    pub fn of_record(symbol: &Symbol, interval: &KlineInterval, row: &Kline) -> Self {
        Self {
            event_time: row.close_time.plus(Duration::from_millis(1)),
            symbol: symbol.clone(),
            kline: KlineUpdate {
                open_time: row.open_time,
                close_time: row.close_time,
                symbol: symbol.clone(),
                interval: interval.clone(),
                first_trade_id: None,
                last_trade_id: None,
                open: row.open,
                close: row.close,
                high: row.high,
                low: row.low,
                volume: row.volume,
                trade_count: row.trade_count,
                is_closed: true,
                quote_volume: row.quote_volume,
                taker_buy_volume: row.taker_buy_volume,
                taker_buy_quote_volume: row.taker_buy_quote_volume,
                ignored: Decimal::ZERO,
            },
        }
    }
}
