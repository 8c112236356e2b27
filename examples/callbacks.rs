//! Without async: functions that are called with what arrives, as python-binance's `ThreadedWebsocketManager`.

use binance_kit::prelude::*;
use binance_kit_examples::{connect_blocking, println};

fn main() -> binance_kit::Result {
    let binance = connect_blocking()?;
    let sockets = binance.callbacks()?;
    sockets.start_trade_socket("BTCUSDT", |item: Item<spot::TradeEvent>| println!("{item}"))?;
    sockets.join();
    Ok(())
}
