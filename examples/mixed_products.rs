//! Streams of several kinds and products in one list: hosts, routes and connections are planned.

use binance_kit::prelude::*;
use binance_kit::usdm::stream::MarkPriceSpeed;
use binance_kit_examples::{Basis, connect};

#[tokio::main]
async fn main() -> binance_kit::Result {
    let binance = connect().await?;
    let mut basis = Basis::default();
    let topics: [MixedTopic<MarketEvent>; 3] = [
        spot::stream::book_ticker("BTCUSDT").into(),
        usdm::stream::mark_price("BTCUSDT", MarkPriceSpeed::EverySecond).into(),
        usdm::stream::agg_trade("BTCUSDT").into(),
    ];
    let mut events = binance.subscribe(topics).await?;
    while let Some(event) = events.next_event().await? {
        match event.data {
            MarketEvent::Spot(spot::MarketEvent::BookTicker(quote)) => basis.spot(&quote),
            MarketEvent::Usdm(usdm::MarketEvent::MarkPrice(mark)) => basis.mark(&mark),
            _ => {}
        }
    }
    Ok(())
}
