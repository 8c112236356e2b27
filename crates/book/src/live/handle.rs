//! A reader's access to one book.

use super::error::{Error, ErrorKind};
use crate::order_book::{OrderBook, Touch};
use crate::sync::{BookState, BookSync, BookView, SyncStats};
use binance_kit_core::Symbol;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

/// A book that a [`LocalBooks`](super::LocalBooks) keeps. Cheap to clone; outlives the books, and is stale then.
#[derive(Debug, Clone)]
pub struct BookHandle {
    symbol: Symbol,
    sync: Arc<RwLock<BookSync>>,
    /// Counts changes of the best prices and of the state.
    touched: watch::Receiver<u64>,
    /// Counts changes of any kind.
    updated: watch::Receiver<u64>,
}

/// The keeper's end of a [`BookHandle`].
#[derive(Debug)]
pub(super) struct BookCell {
    sync: Arc<RwLock<BookSync>>,
    touched: watch::Sender<u64>,
    updated: watch::Sender<u64>,
}

/// How much a change concerns the readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    /// A level somewhere.
    Updated,
    /// The best prices, or what the book is worth.
    Touched,
}

impl BookCell {
    pub(super) fn new(symbol: Symbol, sync: BookSync) -> (Self, BookHandle) {
        let sync = Arc::new(RwLock::new(sync));
        let (touched, touched_end) = watch::channel(0);
        let (updated, updated_end) = watch::channel(0);
        let handle =
            BookHandle { symbol, sync: Arc::clone(&sync), touched: touched_end, updated: updated_end };
        (Self { sync, touched, updated }, handle)
    }

    pub(super) fn write<R>(&self, change: impl FnOnce(&mut BookSync) -> R) -> R {
        // A reader that panicked cannot have changed the book.
        change(&mut self.sync.write().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn read<R>(&self, read: impl FnOnce(&BookSync) -> R) -> R {
        read(&self.sync.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn notify(&self, notice: Notice) {
        if notice == Notice::Touched {
            self.touched.send_modify(|count| *count = count.wrapping_add(1));
        }
        self.updated.send_modify(|count| *count = count.wrapping_add(1));
    }
}

impl BookHandle {
    /// The symbol.
    pub fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    /// Reads the book where it is, without copying it. The book stands still meanwhile, and all other books of the same
    /// keeper with it: be quick, and do not wait for anything in here.
    pub fn with<R>(&self, read: impl FnOnce(BookView<'_>) -> R) -> R {
        read(self.sync.read().unwrap_or_else(PoisonError::into_inner).view())
    }

    /// How far the book can be trusted.
    pub fn state(&self) -> BookState {
        self.sync.read().unwrap_or_else(PoisonError::into_inner).state()
    }

    /// A copy of the book, if it can be trusted.
    pub fn snapshot(&self) -> Option<OrderBook> {
        self.with(|view| view.synced().cloned())
    }

    /// The best prices, if the book can be trusted and has both.
    pub fn touch(&self) -> Option<Touch> {
        self.with(|view| view.synced().and_then(OrderBook::touch))
    }

    /// What the book has seen.
    pub fn stats(&self) -> SyncStats {
        self.sync.read().unwrap_or_else(PoisonError::into_inner).stats()
    }

    /// Waits until the best prices or the state are others than when this was last asked of this handle. Changes in
    /// between are not counted: what is read afterwards is the newest.
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

    /// Waits until anything in the book changed since this was last asked of this handle.
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
    /// [`ErrorKind::Stopped`] once the books are stopped.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future just stops waiting.
    pub async fn until_synced(&self) -> Result<(), Error> {
        let mut touched = self.touched.clone();
        loop {
            touched.mark_unchanged();
            if self.state().is_synced() {
                return Ok(());
            }
            touched.changed().await.map_err(|_| Error::new(ErrorKind::Stopped, Some(&self.symbol)))?;
        }
    }
}
