//! An order that keeps the rules of its symbol, and a walk through all own trades.

use binance_kit::spot::{ExchangeInfo, MyTrades, NewOrder, OrderContext, OrderSide, Rounding};
use binance_kit::{Cursor, Decimal};
use binance_kit_examples::{AnyError, say, with_key};

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let place = with_key().await?;
    if place.binance.environment().name() == "production" {
        return Err("this example places orders: use the testnet".into());
    }
    let rest = place.binance.rest()?;
    let rules = rest.send(ExchangeInfo::of("BTCUSDT")).await?.rules("BTCUSDT").ok_or("not listed")?;

    // More digits than the exchange takes: every rule it breaks, at once and with the numbers.
    let order = NewOrder::market("BTCUSDT", OrderSide::Buy, Decimal::new(123_456_789, 11));
    if let Err(violations) = rules.check(&order, &OrderContext::new()) {
        for violation in &violations.broken {
            say(format!("broken: {violation}"));
        }
    }
    for _ in 0..3 {
        let order = rules.round(order.clone(), Rounding::Down)?;
        let placed = rest.send(order).await?;
        say(format!("bought {:?}", placed.executed_quantity));
    }

    // All own trades, newest first, in pages of two; then on from where that stopped.
    let history = || MyTrades::new("BTCUSDT").limit(2).history().backwards();
    let mut trades = rest.items(history());
    if let Some(trade) = trades.next().await {
        say(format!("newest trade: {}", trade?.trade_id));
    }
    let cursor: Cursor = trades.cursor().to_string().parse()?;
    let mut trades = rest.items(history().resume(&cursor)?);
    let mut count = 0;
    while let Some(trade) = trades.next().await {
        trade?;
        count += 1;
    }
    say(format!("{count} before it"));
    Ok(())
}
