//! An order over the WebSocket API, and its cancellation.

use binance_kit::account::{OrderOutcome, Orders};
use binance_kit::spot::{NewOrder, OrderKey, TickerBook};
use binance_kit::{Decimal, Symbol};
use binance_kit_examples::{AnyError, say, with_key};
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let place = with_key().await?;
    if place.binance.environment().name() == "production" {
        return Err("this example places orders: use the testnet".into());
    }
    let client = place.binance.ws_api().await?;
    let orders = Orders::new(&client, place.binance.context(), "example");
    let symbol = Symbol::new("BTCUSDT");

    // Far below the market, so that it rests.
    let ticker = client.send(TickerBook::new().symbols(symbol.clone())).await?;
    let best = ticker.iter().next().map(|ticker| ticker.bid_price).ok_or("no price")?;
    let price = (best * Decimal::new(95, 2)).trunc();
    match orders.place(NewOrder::limit_buy(&symbol, Decimal::new(1, 3), price)).await {
        OrderOutcome::Confirmed(placed) => {
            say(format!("placed {} at {price} in {:?}", placed.order_id, placed.round_trip()));
            for limit in placed.rate_limits() {
                say(format!("  used {:?} of {:?} {}", limit.count, limit.limit, limit.kind.as_str()));
            }
            let canceled = orders.cancel(&symbol, OrderKey::Id(placed.order_id)).await;
            say(format!("cancelled: {}", matches!(canceled, OrderOutcome::Confirmed(_))));
        }
        OrderOutcome::Rejected(error) => say(format!("refused: {error}")),
        OrderOutcome::NotSent(error) => say(format!("not sent: {error}")),
        // The order may exist. It must not be sent again; the exchange is asked instead.
        OrderOutcome::Unknown(unknown) => {
            let found = orders.resolve(&unknown, Duration::from_secs(60)).await;
            say(format!("looked up: {found:?}"));
        }
        _ => {}
    }
    client.close().await;
    Ok(())
}
