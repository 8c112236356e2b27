//! The events of the books.

use crate::sync::{SnapshotFault, StaleReason, UpdateGap};
use binance_kit_core::id::UpdateId;
use binance_kit_core::{Error, Symbol};
use std::fmt;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// A change of a book or of its state.
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
    /// The book cannot be trusted any more; it is being resynchronised.
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
        /// Number of levels that differed; `None` when the two could not be compared.
        differing_levels: Option<usize>,
    },
    /// A snapshot came and was refused; another is requested.
    SnapshotRefused {
        /// The symbol.
        symbol: Symbol,
        /// Why.
        fault: SnapshotFault,
    },
    /// A snapshot did not come; it is requested again later.
    SnapshotFailed {
        /// The symbol.
        symbol: Symbol,
        /// Why.
        error: Error,
    },
    /// The exchange refused the symbol or its stream for good: the book will not become synced.
    Refused {
        /// The symbol.
        symbol: Symbol,
        /// Why.
        error: Error,
    },
    /// The reader was too slow, and this many events were dropped here. The books are not affected.
    Lagged(u64),
}

impl fmt::Display for BookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Synced { symbol, update_id } => write!(f, "{symbol}: synced at update {update_id}"),
            Self::Stale { symbol, reason } => write!(f, "{symbol}: stale, {reason}"),
            Self::Gap { symbol, gap } => write!(f, "{symbol}: gap, {gap}"),
            Self::Updated { symbol, update_id, .. } => write!(f, "{symbol}: update {update_id}"),
            Self::Refreshed { symbol, update_id, differing_levels: Some(levels) } => {
                write!(f, "{symbol}: refreshed at update {update_id}, {levels} levels differed")
            }
            Self::Refreshed { symbol, update_id, differing_levels: None } => {
                write!(f, "{symbol}: refreshed at update {update_id}")
            }
            Self::SnapshotRefused { symbol, fault } => write!(f, "{symbol}: snapshot refused, {fault}"),
            Self::SnapshotFailed { symbol, error } => write!(f, "{symbol}: snapshot failed, {error}"),
            Self::Refused { symbol, error } => write!(f, "{symbol}: refused, {error}"),
            Self::Lagged(count) => write!(f, "{count} events dropped for a slow reader"),
        }
    }
}

/// The events of all [`Books`](super::Books), from the moment it was made. A slow reader loses the oldest events and gets
/// [`BookEvent::Lagged`].
#[derive(Debug)]
pub struct BookEvents(pub(super) broadcast::Receiver<BookEvent>);

impl BookEvents {
    /// Returns the next event; `None` once the books are stopped.
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
