//! What goes into a book: diffs and snapshots, of whatever type.
//!
//! The book reads them through two small traits, so that the model's events of every product, and a user's own types,
//! are applied without being converted first.

use crate::level::Level;
use crate::order_book::Touch;
use crate::sync::UpdateGap;
use binance_kit_core::id::UpdateId;

/// A change of a book: an event of a diff-depth stream.
pub trait DepthDiff {
    /// The first update in the event (`U`).
    fn first_update_id(&self) -> UpdateId;

    /// The last update in the event (`u`).
    fn last_update_id(&self) -> UpdateId;

    /// The last update of the event before (`pu`), which only futures say.
    fn previous_update_id(&self) -> Option<UpdateId> {
        None
    }

    /// The bids that changed, in any order.
    fn bids(&self) -> impl ExactSizeIterator<Item = Level>;

    /// The asks that changed, in any order.
    fn asks(&self) -> impl ExactSizeIterator<Item = Level>;
}

/// A book at one moment: the answer of a depth request.
pub trait DepthSnapshot {
    /// The last update the snapshot holds (`lastUpdateId`).
    fn last_update_id(&self) -> UpdateId;

    /// The bids. Any order will do; best first, as the exchange has them, is the fastest.
    fn bids(&self) -> impl DoubleEndedIterator<Item = Level> + ExactSizeIterator;

    /// The asks. Any order will do; best first, as the exchange has them, is the fastest.
    fn asks(&self) -> impl DoubleEndedIterator<Item = Level> + ExactSizeIterator;
}

/// The best prices of a book at one update: a `bookTicker` event.
pub trait BestPrices {
    /// The update, the highest bid and the lowest ask; `None` when the event shows a side without orders.
    fn touch(&self) -> Option<Touch>;
}

/// A diff that owns its levels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diff {
    /// The first update in the event.
    pub first_update_id: UpdateId,
    /// The last update in the event.
    pub last_update_id: UpdateId,
    /// The last update of the event before; only futures say it.
    pub previous_update_id: Option<UpdateId>,
    /// The bids that changed.
    pub bids: Vec<Level>,
    /// The asks that changed.
    pub asks: Vec<Level>,
}

impl Diff {
    /// Copies a diff.
    pub fn copy_of(diff: &impl DepthDiff) -> Self {
        Self {
            first_update_id: diff.first_update_id(),
            last_update_id: diff.last_update_id(),
            previous_update_id: diff.previous_update_id(),
            bids: diff.bids().collect(),
            asks: diff.asks().collect(),
        }
    }

    /// The number of levels that the event changes.
    pub fn level_count(&self) -> usize {
        self.bids.len() + self.asks.len()
    }
}

impl DepthDiff for Diff {
    fn first_update_id(&self) -> UpdateId {
        self.first_update_id
    }

    fn last_update_id(&self) -> UpdateId {
        self.last_update_id
    }

    fn previous_update_id(&self) -> Option<UpdateId> {
        self.previous_update_id
    }

    fn bids(&self) -> impl ExactSizeIterator<Item = Level> {
        self.bids.iter().copied()
    }

    fn asks(&self) -> impl ExactSizeIterator<Item = Level> {
        self.asks.iter().copied()
    }
}

/// A snapshot that owns its levels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// The last update the snapshot holds.
    pub last_update_id: UpdateId,
    /// The bids.
    pub bids: Vec<Level>,
    /// The asks.
    pub asks: Vec<Level>,
}

impl DepthSnapshot for Snapshot {
    fn last_update_id(&self) -> UpdateId {
        self.last_update_id
    }

    fn bids(&self) -> impl DoubleEndedIterator<Item = Level> + ExactSizeIterator {
        self.bids.iter().copied()
    }

    fn asks(&self) -> impl DoubleEndedIterator<Item = Level> + ExactSizeIterator {
        self.asks.iter().copied()
    }
}

/// By which rule the ids of diffs follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SyncRule {
    /// Spot: ids are consecutive, an event begins right behind the one before.
    Spot,
    /// Futures: ids have holes, an event names the last id of the one before (`pu`).
    Futures,
}

impl SyncRule {
    /// The id up to which a book must already be for this event to miss nothing.
    pub(crate) fn base_of(self, diff: &impl DepthDiff) -> u64 {
        match (self, diff.previous_update_id()) {
            (Self::Futures, Some(previous)) => previous.get(),
            _ => diff.first_update_id().get().saturating_sub(1),
        }
    }

    /// The hole between a book at `have` and a diff, if there is one.
    pub(crate) fn gap_between(self, have: u64, diff: &impl DepthDiff) -> Option<UpdateGap> {
        let base = self.base_of(diff);
        if base <= have {
            return None;
        }
        Some(match (self, diff.previous_update_id()) {
            (Self::Futures, Some(previous)) => UpdateGap { expected: UpdateId(have), got: previous },
            _ => UpdateGap { expected: UpdateId(have.saturating_add(1)), got: diff.first_update_id() },
        })
    }
}
