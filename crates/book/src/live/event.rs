//! What happens to the books, as events.

use crate::sync::{SnapshotFault, StaleReason, UpdateGap};
use binance_kit_core::id::UpdateId;
use binance_kit_core::{ApiError, Symbol};
use std::sync::Arc;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// Something that happened to a book.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum BookEvent {
    /// The book can be trusted from now on.
    Synced {
        /// The symbol.
        symbol: Symbol,
        /// The update id of the book.
        update_id: UpdateId,
    },
    /// The book can be trusted no longer; it is being repaired.
    Stale {
        /// The symbol.
        symbol: Symbol,
        /// Why.
        reason: StaleReason,
    },
    /// Events are missing. A synced book becomes stale with it.
    Gap {
        /// The symbol.
        symbol: Symbol,
        /// Where.
        gap: UpdateGap,
    },
    /// A diff was applied to a synced book.
    Updated {
        /// The symbol.
        symbol: Symbol,
        /// The update id of the book.
        update_id: UpdateId,
        /// Whether the best price or quantity of a side changed.
        touch_changed: bool,
    },
    /// A synced book was compared with a new snapshot, and replaced by it.
    Refreshed {
        /// The symbol.
        symbol: Symbol,
        /// The update id of the book.
        update_id: UpdateId,
        /// How many levels differed; `None` when the two could not be compared.
        differing_levels: Option<usize>,
    },
    /// A snapshot came but could not be used; another is on its way.
    SnapshotRefused {
        /// The symbol.
        symbol: Symbol,
        /// Why.
        fault: SnapshotFault,
    },
    /// A snapshot did not come; it is asked for again, later.
    SnapshotFailed {
        /// The symbol.
        symbol: Symbol,
        /// What went wrong.
        error: Arc<binance_kit_rest::Error>,
    },
    /// The exchange refused the stream of this book, or does not deliver it: the book will not come up.
    StreamRefused {
        /// The symbol.
        symbol: Symbol,
        /// What the exchange said, if it said anything.
        error: Option<ApiError>,
    },
    /// The reader was too slow, and this many events were dropped here. The books themselves are not affected.
    Lagged(u64),
}

/// The events of all books of a [`LocalBooks`](super::LocalBooks), from the moment it was asked for. A reader that is slow
/// loses the oldest ones, and is told so.
#[derive(Debug)]
pub struct BookEvents(pub(super) broadcast::Receiver<BookEvent>);

impl BookEvents {
    /// The next event; `None` once the books are stopped.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<BookEvent> {
        match self.0.recv().await {
            Ok(event) => Some(event),
            Err(RecvError::Lagged(count)) => Some(BookEvent::Lagged(count)),
            Err(RecvError::Closed) => None,
        }
    }
}
