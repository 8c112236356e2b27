//! A local order book, kept from the diff stream and a snapshot, and what it costs to buy from it.

use binance_kit::Decimal;
use binance_kit::book::{BookSide, LocalBooks, SpotMarket};
use binance_kit_examples::{AnyError, public, say};

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let place = public().await?;
    let (streams, rest) = (place.binance.streams()?, place.binance.rest()?);
    let books = LocalBooks::builder(SpotMarket::new(), &streams, &rest).start(["BTCUSDT"]).await?;
    let mut book = books.book("BTCUSDT").ok_or("no such book")?;
    book.until_synced().await?;
    for _ in 0..5 {
        book.changed().await?;
        // Only a book that can be trusted gives a view.
        book.with(|view| {
            let Some(book) = view.synced() else { return say("being repaired") };
            let (Some(bid), Some(ask)) = (book.best_bid(), book.best_ask()) else { return };
            say(format!("update {}: {} / {}", book.last_update_id(), bid.price, ask.price));
            if let Some(fill) = book.vwap_for(BookSide::Ask, Decimal::new(5, 1)) {
                say(format!("  0.5 BTC would cost {} each on average", fill.average_price.round_dp(2)));
            }
        });
    }
    Ok(())
}
