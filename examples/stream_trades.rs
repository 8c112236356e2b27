//! Ten trades of two symbols, as they happen.

use binance_kit::spot;
use binance_kit_examples::{AnyError, public, say};

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let place = public().await?;
    let mut trades = place
        .binance
        .streams()?
        .subscribe::<spot::TradeEvent>([spot::stream::trade("BTCUSDT")?, spot::stream::trade("ETHUSDT")?])
        .await?;
    for _ in 0..10 {
        let Some(trade) = trades.next_event().await else { break };
        let side = if trade.event.is_buyer_maker { "sold" } else { "bought" };
        say(format!("{} {side} {} at {}", trade.event.symbol, trade.event.quantity, trade.event.price));
    }
    trades.close().await;
    Ok(())
}
