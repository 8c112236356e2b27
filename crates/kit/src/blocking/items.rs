//! Lists that come in pages, as iterators.

use super::client::Binance;
use super::error::BlockingError;
use super::thread::Background;
use binance_kit_core::{Cursor, Paged, RestRequest};
use std::fmt;
use std::sync::Arc;

/// The items of a list, from [`Binance::items`]: an iterator that waits for a page where it has no more.
///
/// An error ends nothing: the next call asks for the same page again.
pub struct Items<P: Paged> {
    /// Away while it is on the other thread, and for good if that thread has stopped.
    inner: Option<binance_kit_rest::Items<P>>,
    cursor: Cursor,
    background: Arc<Background>,
}

impl Binance {
    /// The items of a list that comes in pages: a history (`spot::MyTrades::new("BTCUSDT").history()`), or any other.
    ///
    /// ```no_run
    /// use binance_kit::{blocking, spot};
    ///
    /// # fn main() -> binance_kit::Result {
    /// let binance = blocking::Binance::production()?;
    /// for trade in binance.items(spot::AggTrades::new("BTCUSDT").history().backwards()).take(5000) {
    ///     println!("{}", trade?.price);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn items<P>(&self, list: P) -> Items<P>
    where
        P: Paged,
        P::Request: RestRequest + Send + 'static,
    {
        let items = self.inner().rest().items(list);
        let cursor = items.cursor();
        Items { inner: Some(items), cursor, background: Arc::clone(self.background()) }
    }
}

impl<P: Paged> Items<P> {
    /// The position after the last item that was returned. The same list resumed there continues with the next one.
    pub fn cursor(&self) -> Cursor {
        self.cursor.clone()
    }
}

impl<P> Iterator for Items<P>
where
    P: Paged + Send + 'static,
    P::Item: Send + 'static,
    P::Request: RestRequest + Send + 'static,
{
    type Item = Result<P::Item, BlockingError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut items = self.inner.take()?;
        let (items, item) = match self.background.run(async move {
            let item = items.next().await;
            (items, item)
        }) {
            Ok(answer) => answer,
            Err(stopped) => return Some(Err(stopped.into())),
        };
        self.cursor = items.cursor();
        self.inner = Some(items);
        item.map(|item| item.map_err(BlockingError::Client))
    }
}

/// Without the items, which may be an account's own.
impl<P: Paged> fmt::Debug for Items<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("cursor", &self.cursor).finish_non_exhaustive()
    }
}
