//! The account: a snapshot first, then every change.

use binance_kit::prelude::*;
use binance_kit_examples::{connect, println, trade_a_little};

#[tokio::main]
async fn main() -> binance_kit::Result {
    let binance = connect().await?;
    let mut account = binance.account().await?;
    let _trading = trade_a_little(&binance);
    while let Some(change) = account.next_event().await? {
        match change.data {
            spot::AccountEvent::Order(order) => println!("{order}"),
            spot::AccountEvent::Balance(balance) => println!("{balance}"),
            _ => {}
        }
    }
    Ok(())
}
