//! Without async: a stream as an iterator.

use binance_kit::prelude::*;
use binance_kit_examples::{connect_blocking, println};

fn main() -> binance_kit::Result {
    let binance = connect_blocking()?; // blocking::Binance::testnet()?
    for trade in binance.subscribe([spot::stream::trade("BTCUSDT")])?.events() {
        println!("{}", trade?.price);
    }
    Ok(())
}
