//! The first program: trades of two symbols.

use binance_kit::prelude::*;
use binance_kit_examples::{connect, println};

#[tokio::main]
async fn main() -> binance_kit::Result {
    let binance = connect().await?; // Binance::production()?, ::testnet()?, ::embedded().await?
    let mut trades = binance.subscribe(["BTCUSDT", "ETHUSDT"].map(spot::stream::trade)).await?;
    while let Some(trade) = trades.next_event().await? {
        println!("{} {} × {}", trade.symbol, trade.price, trade.quantity);
    }
    Ok(())
}
