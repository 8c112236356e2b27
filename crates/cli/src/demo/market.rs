//! The market side of the demo: its streams, and the counters and last values of their events.

use super::board::{Board, Facts};
use crate::output;
use binance_kit::book::{BookEvent, BookEvents};
use binance_kit::common::KlineInterval;
use binance_kit::spot::{self, MarketEvent};
use binance_kit::stream::{Event, EventStream, Item, StateChange};
use binance_kit::{MixedTopic, Symbol};

/// Number of streams for this number of symbols.
pub(super) fn count(symbols: usize) -> usize {
    symbols * 7 + 1
}

/// Every kind of market stream, for each symbol.
pub(super) fn topics(symbols: &[Symbol]) -> Vec<MixedTopic<MarketEvent>> {
    use spot::stream;
    let mut topics: Vec<MixedTopic<MarketEvent>> = vec![stream::all_mini_tickers().into()];
    for symbol in symbols {
        topics.extend([
            stream::trade(symbol).into(),
            stream::agg_trade(symbol).into(),
            stream::book_ticker(symbol).into(),
            stream::kline(symbol, KlineInterval::Second1).into(),
            stream::ticker(symbol).into(),
            stream::partial_depth(symbol, stream::DepthLevels::Twenty, stream::DepthSpeed::Every100Ms).into(),
            stream::depth(symbol, stream::DepthSpeed::Every100Ms).into(),
        ]);
    }
    topics
}

pub(super) async fn follow(mut stream: EventStream<MarketEvent>, board: Board) {
    while let Some(item) = stream.next().await {
        let mut facts = board.lock();
        match item {
            Item::Event(event) => note(&mut facts, &event),
            Item::Malformed(_) => facts.decode_failures += 1,
            // Counted below by the ids of the events themselves.
            Item::Gap(gap) => facts.lost(|| gap.to_string()),
            Item::Lagged(lagged) => {
                facts.lagged += lagged.count;
                facts.lost(|| lagged.to_string());
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
    let kind = kind_of(&event.data);
    *facts.events.entry(kind).or_default() += 1;
    let Some(symbol) = symbol_of(&event.data) else { return };
    let Some(line) = facts.symbols.get_mut(symbol) else { return };
    line.events += 1;
    match &event.data {
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
        MarketEvent::Ticker(ticker) => line.change_percent = ticker.price_change_percent,
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

/// The name of an event in the summary, as in the exchange's documents.
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
