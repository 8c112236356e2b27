//! The market side of the demo: which streams, and what is made of their events.

use super::board::{Board, Facts};
use crate::output;
use binance_kit::book::{BookEvent, BookEvents};
use binance_kit::core::InvalidStreamName;
use binance_kit::spot::{self, MarketEvent};
use binance_kit::stream::{Event, EventStream, Item, StateChange};
use binance_kit::{StreamName, Symbol};

/// How many streams there are for so many symbols.
pub(super) fn count(symbols: usize) -> usize {
    symbols * 7 + 1
}

/// Every kind of market stream, for each symbol.
pub(super) fn names(symbols: &[Symbol]) -> Result<Vec<StreamName>, InvalidStreamName> {
    let mut names = vec![spot::stream::all_mini_tickers()?];
    for symbol in symbols {
        names.extend([
            spot::stream::trade(symbol)?,
            spot::stream::agg_trade(symbol)?,
            spot::stream::book_ticker(symbol)?,
            spot::stream::kline(symbol, &binance_kit::common::KlineInterval::Second1)?,
            spot::stream::ticker(symbol)?,
            spot::stream::partial_depth(
                symbol,
                spot::stream::DepthLevels::Twenty,
                spot::stream::DepthSpeed::Every100Ms,
            )?,
            spot::stream::depth(symbol, spot::stream::DepthSpeed::Every100Ms)?,
        ]);
    }
    Ok(names)
}

pub(super) async fn follow(mut stream: EventStream<MarketEvent>, board: Board) {
    while let Some(item) = stream.next().await {
        let mut facts = board.lock();
        match item {
            Item::Event(event) => note(&mut facts, &event),
            Item::Malformed { .. } => facts.decode_failures += 1,
            Item::Lagged(count) => {
                facts.lagged += count;
                facts.lost(|| format!("{count} market events dropped"));
            }
            Item::State(StateChange::Disconnected { connection, error }) => {
                facts.disconnects += 1;
                facts.lost(|| format!("connection {connection}: {}", output::chain(&error, ": ")));
            }
            _ => {}
        }
    }
}

pub(super) async fn follow_books(mut events: BookEvents, board: Board) {
    while let Some(event) = events.next().await {
        let mut facts = board.lock();
        match event {
            BookEvent::Synced { .. } => facts.books_synced += 1,
            BookEvent::Gap { symbol, .. } => {
                facts.book_gaps += 1;
                facts.lost(|| format!("book of {symbol}"));
            }
            BookEvent::Updated { .. } => facts.book_updates += 1,
            _ => {}
        }
    }
}

fn note(facts: &mut Facts, event: &Event<MarketEvent>) {
    let kind = kind_of(&event.event);
    *facts.events.entry(kind).or_default() += 1;
    let Some(symbol) = symbol_of(&event.event) else { return };
    let Some(line) = facts.symbols.get_mut(symbol) else { return };
    line.events += 1;
    match &event.event {
        MarketEvent::Trade(trade) => {
            line.last_price = Some(trade.price);
            if let Some(hole) = line.trades.observe(trade.trade_id.get()) {
                facts.gaps += 1;
                facts.lost(|| format!("trades {} to {} of {symbol}", hole.from, hole.to));
            }
        }
        MarketEvent::BookTicker(ticker) => {
            line.bid = Some((ticker.bid_price, ticker.bid_quantity));
            line.ask = Some((ticker.ask_price, ticker.ask_quantity));
        }
        MarketEvent::Ticker(ticker) => line.change_percent = Some(ticker.price_change_percent),
        MarketEvent::Kline(kline) => line.kline_close = Some(kline.kline.close),
        MarketEvent::Depth(update) => {
            let before = line.last_depth_update.replace(update.last_update_id.get());
            let first = update.first_update_id.get();
            if let Some(before) = before
                && first > before + 1
            {
                facts.gaps += 1;
                facts.lost(|| format!("updates {} to {} of {symbol}", before + 1, first - 1));
            }
        }
        _ => {}
    }
}

/// What an event is called in the summary: by the names of the exchange's documents.
fn kind_of(event: &MarketEvent) -> &'static str {
    match event {
        MarketEvent::Trade(_) => "trade",
        MarketEvent::AggTrade(_) => "aggTrade",
        MarketEvent::Kline(_) => "kline",
        MarketEvent::MiniTicker(_) | MarketEvent::MiniTickers(_) => "miniTicker",
        MarketEvent::Ticker(_) | MarketEvent::Tickers(_) => "ticker",
        MarketEvent::BookTicker(_) => "bookTicker",
        MarketEvent::PartialDepth(_) => "partialDepth",
        MarketEvent::Depth(_) => "depthUpdate",
        MarketEvent::Unknown(_) => "unknown",
        _ => "other",
    }
}

fn symbol_of(event: &MarketEvent) -> Option<&Symbol> {
    Some(match event {
        MarketEvent::Trade(event) => &event.symbol,
        MarketEvent::AggTrade(event) => &event.symbol,
        MarketEvent::Kline(event) => &event.symbol,
        MarketEvent::Ticker(event) => &event.symbol,
        MarketEvent::BookTicker(event) => &event.symbol,
        MarketEvent::PartialDepth(event) => &event.symbol,
        MarketEvent::Depth(event) => &event.symbol,
        _ => return None,
    })
}
