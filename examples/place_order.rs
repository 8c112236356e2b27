//! Orders: an outcome, never a guess.

use binance_kit::prelude::*;
use binance_kit_examples::{connect, println};

#[tokio::main]
async fn main() -> binance_kit::Result {
    let binance = connect().await?; // Binance::builder().environment(…).credentials(Credentials::from_env()?).build()?
    let orders = binance.orders().await?; // session, user data, clock, limits inside
    let rules = binance.rules("BTCUSDT").await?;
    let order = spot::NewOrder::limit_buy("BTCUSDT")
        .quantity("0.0013")
        .price("60123.456")
        .rounded(&rules, Rounding::Passive)?; // text that is no number is refused here
    match orders.place(order).await {
        Outcome::Confirmed(order) => {
            println!("order {} of {}: {:?}", order.order_id, order.symbol, order.status);
        }
        Outcome::Rejected(refusal) => println!("{refusal}"), // -2010 Account has insufficient balance …
        Outcome::NotSent(error) => println!("{error}"),
        Outcome::Unknown(doubt) => println!("{:?}", doubt.resolve().await), // asks until it is definite, never sends again
    }
    Ok(())
}
