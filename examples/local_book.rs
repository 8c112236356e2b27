//! Local order books that report whether they are in sync.

use binance_kit::prelude::*;
use binance_kit_examples::{connect, println};

#[tokio::main]
async fn main() -> binance_kit::Result {
    let binance = connect().await?;
    let books = binance.books(["BTCUSDT", "ETHUSDT"]).await?;
    let book = books.synced("BTCUSDT").await?; // an unknown symbol is an error, not a wait
    println!("{:?}, fifty coins cost {} each", book.best(), book.vwap(Side::Buy, dec!(50))?);
    Ok(())
}
