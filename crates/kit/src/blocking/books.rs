//! Local order books for programs without an async runtime: what python-binance's `DepthCacheManager` and
//! `ThreadedDepthCacheManager` do.

use super::callbacks::{Callbacks, Shared};
use super::client::Binance;
use super::error::BlockingError;
use super::thread::Background;
use super::wait::wait_for;
use binance_kit_book::{BookHandle, Books as LocalBooks};
use binance_kit_core::Symbol;
use binance_kit_core::product::Spot;
use binance_kit_net::Clock;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

impl Callbacks {
    /// A local order book of a symbol. The function is called when the book or its state has changed: read it there
    /// with [`BookHandle::with`], which gives a book only together with whether it is in sync. Changes that come while the
    /// function runs are one call. The name of the socket is `<symbol>@depthCache`.
    ///
    /// ```no_run
    /// # use binance_kit::blocking;
    /// # fn main() -> binance_kit::Result {
    /// let sockets = blocking::Binance::production()?.callbacks()?;
    /// sockets.start_depth_cache("BTCUSDT", |book| match book.best() {
    ///     Some(touch) => println!("{} / {}", touch.bid.price, touch.ask.price),
    ///     None => println!("{}", book.state()),
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`BlockingError::Book`] when the stream cannot be opened, [`BlockingError::Stopped`], [`BlockingError::InsideCallback`].
    pub fn start_depth_cache(
        &self,
        symbol: impl Into<Symbol>,
        callback: impl FnMut(&BookHandle) + Send + 'static,
    ) -> Result<String, BlockingError> {
        self.check()?;
        let symbol = symbol.into();
        let (binance, wanted) = (self.binance().clone(), symbol.clone());
        let books = self.background().run(async move { binance.books([wanted]).await })??;
        let shared = self.shared();
        self.keep(&format!("{}@depthCache", symbol.to_lowercase()), |name| {
            follow(books, symbol, shared, name, callback)
        })
    }
}

/// Calls a function whenever a book has changed.
async fn follow(
    books: LocalBooks<Spot>,
    symbol: Symbol,
    shared: Arc<Shared>,
    name: String,
    mut callback: impl FnMut(&BookHandle) + Send + 'static,
) {
    let Some(mut book) = books.book(symbol) else { return };
    while book.updated().await.is_ok() {
        shared.call(&name, || callback(&book));
        tokio::task::yield_now().await;
    }
}

impl Binance {
    /// Keeps local order books of these symbols, on the background thread.
    ///
    /// # Errors
    ///
    /// [`BlockingError::Book`] with the errors of [`crate::Binance::books`].
    pub fn books(&self, symbols: impl IntoIterator<Item: Into<Symbol>>) -> Result<Books, BlockingError> {
        let symbols: Vec<Symbol> = symbols.into_iter().map(Into::into).collect();
        let binance = self.inner().clone();
        let books = self.background().run(async move { binance.books(symbols).await })??;
        let handles =
            books.symbols().into_iter().filter_map(|symbol| Some((symbol.clone(), books.book(symbol)?)));
        Ok(Books {
            handles: handles.collect(),
            clock: self.inner().context().clock().clone(),
            _keeper: books,
            _background: Arc::clone(self.background()),
        })
    }
}

/// Local order books that a background thread keeps. Dropping it ends them; handles stay readable, and stale.
pub struct Books {
    /// The books.
    handles: BTreeMap<Symbol, BookHandle>,
    /// The clock of time-outs.
    clock: Clock,
    /// Keeps the books; its task runs on the background thread.
    _keeper: LocalBooks<Spot>,
    /// Behind the books, so that their task is ended first.
    _background: Arc<Background>,
}

impl fmt::Debug for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let states = self.handles.iter().map(|(symbol, book)| (symbol, book.state()));
        f.debug_map().entries(states).finish()
    }
}

impl Books {
    /// The book of a symbol; `None` when it is not kept. Reading a handle needs no runtime.
    pub fn book(&self, symbol: impl Into<Symbol>) -> Option<BookHandle> {
        self.handles.get(&symbol.into()).cloned()
    }

    /// The symbols, in order.
    pub fn symbols(&self) -> impl Iterator<Item = &Symbol> {
        self.handles.keys()
    }

    /// Waits until all books can be trusted, or the time is over; whether they can.
    pub fn until_synced(&self, timeout: Duration) -> bool {
        let deadline = self.clock.monotonic().checked_add(timeout);
        self.handles.values().all(|book| {
            wait_for(book.until_synced(), deadline, || self.clock.monotonic())
                .is_some_and(|synced| synced.is_ok())
        })
    }

    /// Waits until the best prices or the state of a book have changed since this was last called with this handle, or the
    /// time is over; whether they have.
    pub fn until_changed(&self, book: &mut BookHandle, timeout: Duration) -> bool {
        let deadline = self.clock.monotonic().checked_add(timeout);
        wait_for(book.changed(), deadline, || self.clock.monotonic()).is_some_and(|changed| changed.is_ok())
    }
}
