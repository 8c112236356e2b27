//! Lists that come in pages, as iterators.

use super::iterator::{Streams, StreamsError};
use super::thread::Background;
use binance_kit_core::{Cursor, Paged, RestRequest};
use std::fmt;
use std::sync::Arc;

/// The items of a list, from [`Streams::items`]: an iterator that waits for a page where it has no more.
///
/// An error ends nothing: the next call asks for the same page again.
pub struct Items<P: Paged> {
    /// Away while it is on the other thread, and for good if that thread has stopped.
    inner: Option<binance_kit_rest::Items<P>>,
    cursor: Cursor,
    background: Arc<Background>,
}

impl Streams {
    /// The items of a list: a history (`spot::MyTrades::new("BTCUSDT").history()`), or any other walk.
    ///
    /// ```no_run
    /// use binance_kit::blocking::Streams;
    /// use binance_kit::{Binance, spot};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let streams = Streams::start(Binance::production()?)?;
    /// for trade in streams.items(spot::AggTrades::new("BTCUSDT").history().backwards())?.take(5000) {
    ///     println!("{}", trade?.price);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`StreamsError::Rest`] when the client cannot be made. The items have errors of their own.
    pub fn items<P>(&self, walk: P) -> Result<Items<P>, StreamsError>
    where
        P: Paged,
        P::Request: RestRequest + Send + 'static,
    {
        let items = self.rest()?.items(walk);
        let cursor = items.cursor();
        Ok(Items { inner: Some(items), cursor, background: Arc::clone(self.background()) })
    }
}

impl<P: Paged> Items<P> {
    /// The place behind the last item that was given out. A walk made in the same way and resumed there goes on with the next
    /// one.
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
    type Item = Result<P::Item, StreamsError>;

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
        item.map(|item| item.map_err(StreamsError::Rest))
    }
}

/// Without the items, which may be an account's own.
impl<P: Paged> fmt::Debug for Items<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("cursor", &self.cursor).finish_non_exhaustive()
    }
}
