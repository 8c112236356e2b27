//! Callbacks on a background thread, for programs without async: as python-binance's `ThreadedWebsocketManager`.

use binance_kit::blocking::CallbackManager;
use binance_kit::spot::{KlineInterval, MarketEvent};
use binance_kit::stream::Item;
use binance_kit_examples::{AnyError, public, say};
use std::sync::mpsc;

fn main() -> Result<(), AnyError> {
    // The embedded exchange needs a runtime of its own; a real one needs none of this.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let place = runtime.block_on(public())?;

    let manager = CallbackManager::start(place.binance.clone())?;
    let (sender, receiver) = mpsc::channel();
    let trades = sender.clone();
    let trade_socket = manager.start_trade_socket("BTCUSDT", move |item| {
        if let Item::Event(event) = item
            && let MarketEvent::Trade(trade) = event.event
        {
            let _ = trades.send(format!("trade at {}", trade.price));
        }
    })?;
    manager.start_kline_socket("ETHUSDT", KlineInterval::Second1, move |item| {
        if let Item::Event(event) = item
            && let MarketEvent::Kline(kline) = event.event
        {
            let _ = sender.send(format!("candle closes at {}", kline.kline.close));
        }
    })?;
    for line in receiver.iter().take(10) {
        say(line);
    }
    manager.stop_socket(&trade_socket);
    manager.stop();
    manager.join();
    Ok(())
}
