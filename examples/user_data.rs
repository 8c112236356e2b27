//! The account: a snapshot first, then what happens to it.

use binance_kit::Decimal;
use binance_kit::account::{AccountItem, AccountStream};
use binance_kit::spot::{AccountEvent, NewOrder};
use binance_kit_examples::{AnyError, say, with_key};

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let place = with_key().await?;
    let client = place.binance.ws_api().await?;
    let mut account = AccountStream::open(&client).await?;
    let mut events = 0;
    while let Some(item) = account.next().await {
        match item {
            AccountItem::Snapshot(snapshot) => {
                for balance in &snapshot.account.balances {
                    say(format!("{} {} free, {} locked", balance.asset, balance.free, balance.locked));
                }
                say(format!("{} open orders", snapshot.open_orders.len()));
                if place.exchange.is_some() {
                    // On the embedded exchange we make something happen ourselves.
                    client.send(NewOrder::market_buy("BTCUSDT", Decimal::new(1, 2))).await?;
                }
            }
            AccountItem::Event { event, .. } => {
                match *event {
                    AccountEvent::Order(report) => say(format!(
                        "order {} {}: {} of {}",
                        report.order_id,
                        report.order_status,
                        report.cumulative_filled_quantity,
                        report.quantity
                    )),
                    AccountEvent::AccountPosition(position) => {
                        say(format!("{} balances changed", position.balances.len()));
                    }
                    _ => {}
                }
                events += 1;
            }
            AccountItem::Interrupted => say("interrupted: a new snapshot follows"),
            _ => {}
        }
        if events >= 3 {
            break;
        }
    }
    client.close().await;
    Ok(())
}
