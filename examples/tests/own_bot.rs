//! A test of one's own bot, with faults on demand, in paused time.

use binance_kit::prelude::*;
use binance_kit::sim::{Exchange, Fault};

/// A bot that buys, and asks when the outcome of its order is unknown.
struct Bot {
    orders: Orders,
}

impl Bot {
    async fn start(binance: Binance) -> binance_kit::Result<Self> {
        Ok(Self { orders: binance.orders().await? })
    }

    async fn buy(&self, symbol: &str, quantity: &str) -> binance_kit::Result {
        match self.orders.place(spot::NewOrder::market_buy(symbol).quantity(quantity)).await {
            Outcome::Confirmed(_) => Ok(()),
            Outcome::Unknown(doubt) => {
                doubt.resolve().await;
                Ok(())
            }
            Outcome::Rejected(refusal) => Err(refusal.into()),
            Outcome::NotSent(error) => Err(error.into()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn survives_a_lost_answer() -> binance_kit::Result {
    let exchange = Exchange::builder().seed(7).in_memory().start().await?;
    exchange.inject(Fault::lose_response().on_request("order.place").once());
    let bot = Bot::start(Binance::embedded_in(&exchange)?).await?; // over a link in memory
    bot.buy("BTCUSDT", "0.01").await?;
    assert_eq!(exchange.account("demo")?.orders().len(), 1); // asked, not sent twice
    Ok(())
}
