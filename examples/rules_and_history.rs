//! An order that keeps the rules of its symbol, and all own trades in pages.

use binance_kit::core::Cursor;
use binance_kit::prelude::*;
use binance_kit::spot::rules::OrderContext;
use binance_kit::spot::{MyTrades, NewOrder};
use binance_kit_examples::{connect, println};

#[tokio::main]
async fn main() -> binance_kit::Result {
    let binance = connect().await?;
    if binance.environment().name() == "production" {
        return Err("this example places orders: use the testnet".into());
    }
    let rules = binance.rules("BTCUSDT").await?;

    // More digits than the exchange takes: every rule it breaks, at once and with the numbers.
    let order = NewOrder::market_buy("BTCUSDT").quantity(dec!(0.00123456789));
    if let Err(violations) = rules.check(&order, &OrderContext::new()) {
        for violation in &violations.broken {
            println!("broken: {violation}");
        }
    }
    for _ in 0..3 {
        let placed = binance.rest().send(order.clone().rounded(&rules, Rounding::Down)?).await?;
        println!("bought {:?}", placed.executed_quantity);
    }

    // All own trades, newest first, in pages of two; then on from where that stopped.
    let history = || MyTrades::new("BTCUSDT").limit(2).history().backwards();
    let mut trades = binance.rest().items(history());
    if let Some(trade) = trades.next().await {
        println!("newest trade: {}", trade?.trade_id);
    }
    let cursor: Cursor = trades.cursor().to_string().parse()?;
    let mut trades = binance.rest().items(history().resume(&cursor)?);
    let mut count = 0;
    while let Some(trade) = trades.next().await {
        trade?;
        count += 1;
    }
    println!("{count} before it");
    Ok(())
}
