//! Without async: functions that are called with what arrives, as python-binance's `ThreadedWebsocketManager`.

use binance_kit::prelude::*;
use binance_kit::stream::Overflow;
use binance_kit_examples::{connect_blocking, println};

fn main() -> binance_kit::Result {
    let binance = connect_blocking()?;
    // As `max_queue_size`, for each socket; what a slow function loses is an item.
    let sockets = binance.callbacks()?.queue(10_000).overflow(Overflow::DropOldest);
    sockets.start_trade_socket("BTCUSDT", |item: Item<spot::TradeEvent>| match item {
        Item::Event(trade) => println!("{} {} × {}", trade.symbol, trade.price, trade.quantity),
        Item::Gap(gap) => println!("missing: {gap}"),
        Item::Lagged(lagged) => println!("too slow: {} events lost", lagged.count),
        other => println!("{other}"), // connected, disconnected, stale, refused
    })?;
    sockets.join();
    Ok(())
}
