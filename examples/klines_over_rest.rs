//! Candles over REST, and how much of the limits is used.

use binance_kit::common::KlineInterval;
use binance_kit::spot::Klines;
use binance_kit_examples::{connect, println};

#[tokio::main]
async fn main() -> binance_kit::Result {
    let binance = connect().await?;
    let klines = binance.rest().send(Klines::new("BTCUSDT", KlineInterval::Minute1).limit(5)).await?;
    for kline in klines.iter() {
        println!(
            "{} open {} high {} low {} close {}",
            kline.open_time, kline.open, kline.high, kline.low, kline.close
        );
    }
    for limit in klines.rate_limits() {
        println!("used {:?} of the {} in the last {:?}", limit.count, limit.kind.as_str(), limit.window());
    }
    Ok(())
}
