//! Books that keep themselves: diff streams are subscribed first, snapshots fetched within the request weight, gaps and
//! broken connections repaired, and each book stays readable with what it is worth.
//!
//! One task owns all books of a [`LocalBooks`]; it ends with it.
//!
//! ```no_run
//! # #[cfg(feature = "spot")]
//! # async fn example(context: &binance_kit_net::Context) -> Result<(), Box<dyn std::error::Error>> {
//! use binance_kit_book::{BookView, LocalBooks, SpotMarket};
//! # use binance_kit_net::Environment;
//! # use binance_kit_rest::RestClient;
//! # use binance_kit_stream::StreamClient;
//!
//! let environment = Environment::market_data_only();
//! let streams = StreamClient::new(context, &environment)?;
//! let rest = RestClient::builder(context, &environment).build()?;
//! let books = LocalBooks::builder(SpotMarket::new(), &streams, &rest).start(["BTCUSDT", "ETHUSDT"]).await?;
//! let mut btc = books.book("BTCUSDT").ok_or("not kept")?;
//! while btc.changed().await.is_ok() {
//!     btc.with(|view| match view {
//!         BookView::Synced(book) => println!("{:?} {:?}", book.best_bid(), book.best_ask()),
//!         other => println!("not to be trusted: {}", other.state()),
//!     });
//! }
//! # Ok(())
//! # }
//! ```

mod books;
mod driver;
mod error;
mod event;
mod handle;
mod market;
mod schedule;
mod slot;
mod task;

pub use books::{LocalBooks, LocalBooksBuilder};
pub use error::{Error, ErrorKind};
pub use event::{BookEvent, BookEvents};
pub use handle::BookHandle;
pub use market::BookMarket;
#[cfg(feature = "spot")]
pub use market::SpotMarket;
