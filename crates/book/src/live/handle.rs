//! A reader's access to one book.

use super::error::{Error, ErrorKind};
use crate::level::BookSide;
use crate::order_book::{FillEstimate, OrderBook, Touch};
use crate::sync::{BookState, BookSync, BookView, SyncStats};
use binance_kit_core::{Decimal, Error as Failure, Symbol};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use tokio::sync::watch;

/// Access to one of the [`Books`](super::Books). Cheap to clone. It outlives them, and is stale then.
#[derive(Debug, Clone)]
pub struct BookHandle {
    /// The symbol.
    symbol: Symbol,
    /// The book with its state.
    sync: Arc<RwLock<BookSync>>,
    /// Why the exchange refused the book for good.
    refusal: Arc<OnceLock<Failure>>,
    /// Counts changes of the best prices and of the state.
    touched: watch::Receiver<u64>,
    /// Counts changes of any kind.
    updated: watch::Receiver<u64>,
}

/// The task's side of a [`BookHandle`].
#[derive(Debug)]
pub(super) struct BookCell {
    /// The book with its state.
    sync: Arc<RwLock<BookSync>>,
    /// Why the exchange refused the book for good.
    refusal: Arc<OnceLock<Failure>>,
    /// Counts changes of the best prices and of the state.
    touched: watch::Sender<u64>,
    /// Counts changes of any kind.
    updated: watch::Sender<u64>,
}

/// Which readers a change concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    /// A level somewhere.
    Updated,
    /// The best prices, or the state.
    Touched,
}

impl BookCell {
    pub(super) fn new(symbol: Symbol, sync: BookSync) -> (Self, BookHandle) {
        let sync = Arc::new(RwLock::new(sync));
        let (touched, touched_end) = watch::channel(0);
        let (updated, updated_end) = watch::channel(0);
        let refusal = Arc::default();
        let handle = BookHandle {
            symbol,
            sync: Arc::clone(&sync),
            refusal: Arc::clone(&refusal),
            touched: touched_end,
            updated: updated_end,
        };
        (Self { sync, refusal, touched, updated }, handle)
    }

    pub(super) fn write<R>(&self, change: impl FnOnce(&mut BookSync) -> R) -> R {
        // A reader that panicked cannot have changed the book.
        change(&mut self.sync.write().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn read<R>(&self, read: impl FnOnce(&BookSync) -> R) -> R {
        read(&self.sync.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Why the exchange refused the book for good.
    pub(super) fn refusal(&self) -> Option<&Failure> {
        self.refusal.get()
    }

    /// Notes why the exchange refused the book; `false` when it was refused before.
    pub(super) fn refuse(&self, error: Failure) -> bool {
        self.refusal.set(error).is_ok()
    }

    pub(super) fn notify(&self, notice: Notice) {
        if notice == Notice::Touched {
            self.touched.send_modify(|count| *count = count.wrapping_add(1));
        }
        self.updated.send_modify(|count| *count = count.wrapping_add(1));
    }
}

impl BookHandle {
    /// Returns the symbol.
    pub fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    /// Reads the book in place, without copying it. Meanwhile this book and all others of the same task are not updated: be
    /// quick, and do not wait for anything in `read`.
    pub fn with<R>(&self, read: impl FnOnce(BookView<'_>) -> R) -> R {
        read(self.sync.read().unwrap_or_else(PoisonError::into_inner).view())
    }

    /// Returns whether the book can be trusted.
    pub fn state(&self) -> BookState {
        self.sync.read().unwrap_or_else(PoisonError::into_inner).state()
    }

    /// Copies the book, if it can be trusted.
    pub fn snapshot(&self) -> Option<OrderBook> {
        self.with(|view| view.synced().cloned())
    }

    /// Returns the best bid and ask, if the book can be trusted and has both.
    pub fn best(&self) -> Option<Touch> {
        self.with(|view| view.synced().and_then(OrderBook::best))
    }

    /// Computes the cost of taking a quantity of the base asset; see [`OrderBook::cost`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotSynced`] when the book cannot be trusted, [`ErrorKind::Cost`] with
    /// [`Error::cost_error`] when it has less than the quantity.
    pub fn cost(&self, side: impl Into<BookSide>, quantity: Decimal) -> Result<FillEstimate, Error> {
        let cost = self.with(|view| match view.synced() {
            Some(book) => Ok(book.cost(side, quantity)),
            None => Err(view.state()),
        });
        match cost {
            Ok(cost) => cost.map_err(|error| Error::cost(&self.symbol, error)),
            Err(state) => Err(Error::not_synced(&self.symbol, state)),
        }
    }

    /// Computes the volume-weighted average price of taking a quantity of the base asset: from the asks to buy, from the bids to
    /// sell.
    ///
    /// # Errors
    ///
    /// As [`BookHandle::cost`].
    pub fn vwap(&self, side: impl Into<BookSide>, quantity: Decimal) -> Result<Decimal, Error> {
        self.cost(side, quantity).map(|cost| cost.average_price)
    }

    /// Returns the counters of the book.
    pub fn stats(&self) -> SyncStats {
        self.sync.read().unwrap_or_else(PoisonError::into_inner).stats()
    }

    /// Waits until the best prices or the state have changed since the last call on this handle. Changes in between are not
    /// counted: what is read afterwards is the newest.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stopped`] once the books are stopped.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no change.
    pub async fn changed(&mut self) -> Result<(), Error> {
        self.touched.changed().await.map_err(|_| Error::new(ErrorKind::Stopped, Some(&self.symbol)))
    }

    /// Waits until anything in the book has changed since the last call on this handle.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stopped`] once the books are stopped.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no change.
    pub async fn updated(&mut self) -> Result<(), Error> {
        self.updated.changed().await.map_err(|_| Error::new(ErrorKind::Stopped, Some(&self.symbol)))
    }

    /// Waits until the book can be trusted.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`] when the exchange refuses the symbol or its stream for good, [`ErrorKind::Stopped`] once the books
    /// are stopped.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops waiting.
    pub async fn until_synced(&self) -> Result<(), Error> {
        let mut touched = self.touched.clone();
        loop {
            touched.mark_unchanged();
            if self.state().is_synced() {
                return Ok(());
            }
            if let Some(refusal) = self.refusal.get() {
                return Err(Error::refused(&self.symbol, refusal.clone()));
            }
            touched.changed().await.map_err(|_| Error::new(ErrorKind::Stopped, Some(&self.symbol)))?;
        }
    }
}
