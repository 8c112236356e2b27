//! Everything a stream can report: events, and what a program must know to trust them.

use binance_kit::prelude::*;
use binance_kit_examples::{Strategy, connect, println};

#[tokio::main]
async fn main() -> binance_kit::Result {
    let binance = connect().await?;
    let mut strategy = Strategy::default();
    let mut trades = binance.subscribe([spot::stream::trade("BTCUSDT")]).await?;
    while let Some(item) = trades.next().await {
        match item {
            Item::Event(trade) => strategy.on(&trade),
            Item::Gap(gap) => strategy.mistrust(&gap), // stream, from, to, back-filled or not
            Item::Stale(stale) => strategy.pause(&stale.stream),
            Item::Lagged(lagged) => strategy.lost(lagged.count),
            other => println!("{other}"), // connected, rotated, refused, resumed
        }
    }
    Ok(())
}
