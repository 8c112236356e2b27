//! Candles over REST, and what is used of the limits.

use binance_kit::spot::{KlineInterval, Klines};
use binance_kit_examples::{AnyError, public, say};

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let place = public().await?;
    let rest = place.binance.rest()?;
    let klines = rest.send(Klines::new("BTCUSDT", KlineInterval::Minute1).limit(5)).await?;
    for kline in klines.iter() {
        say(format!(
            "{} open {} high {} low {} close {}",
            kline.open_time, kline.open, kline.high, kline.low, kline.close
        ));
    }
    for limit in klines.rate_limits() {
        say(format!(
            "used {:?} of the {} in the last {:?}",
            limit.count,
            limit.kind.as_str(),
            limit.window()
        ));
    }
    Ok(())
}
