//! The inputs of a book: diffs and snapshots of any type.
//!
//! The book reads them through two small traits, so that the model's events of every product, and types of the program's own,
//! are applied without a conversion.

use crate::level::Level;
use crate::order_book::Touch;
use crate::sync::UpdateGap;
use binance_kit_core::id::UpdateId;

/// A change of a book: an event of a diff-depth stream.
pub trait DepthDiff {
    /// Returns the first update in the event (`U`).
    fn first_update_id(&self) -> UpdateId;

    /// Returns the last update in the event (`u`).
    fn last_update_id(&self) -> UpdateId;

    /// Returns the last update of the event before (`pu`), which only futures report.
    fn previous_update_id(&self) -> Option<UpdateId> {
        None
    }

    /// Returns the bids that changed, in any order.
    fn bids(&self) -> impl ExactSizeIterator<Item = Level>;

    /// Returns the asks that changed, in any order.
    fn asks(&self) -> impl ExactSizeIterator<Item = Level>;
}

/// A book at one moment: the answer of a depth request.
pub trait DepthSnapshot {
    /// Returns the last update that the snapshot contains (`lastUpdateId`).
    fn last_update_id(&self) -> UpdateId;

    /// Returns the bids in any order; best first, as the exchange sends them, is the fastest.
    fn bids(&self) -> impl DoubleEndedIterator<Item = Level> + ExactSizeIterator;

    /// Returns the asks in any order; best first, as the exchange sends them, is the fastest.
    fn asks(&self) -> impl DoubleEndedIterator<Item = Level> + ExactSizeIterator;
}

/// The best prices of a book at one update: a `bookTicker` event.
pub trait BestPrices {
    /// Returns the update, the highest bid and the lowest ask; `None` when the event shows a side without orders.
    fn touch(&self) -> Option<Touch>;
}

/// A diff that owns its levels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diff {
    /// The first update in the event.
    pub first_update_id: UpdateId,
    /// The last update in the event.
    pub last_update_id: UpdateId,
    /// The last update of the event before; only futures report it.
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

    /// Returns the number of levels that the event changes.
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
    /// The last update that the snapshot contains.
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

/// How the ids of successive diffs relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SyncRule {
    /// Spot: ids are consecutive, an event begins right after the one before.
    Spot,
    /// Futures: ids are not consecutive, an event names the last id of the one before (`pu`).
    Futures,
}

impl SyncRule {
    /// The id that a book must have reached so that nothing is missing before this event.
    pub(crate) fn base_of(self, diff: &impl DepthDiff) -> u64 {
        match (self, diff.previous_update_id()) {
            (Self::Futures, Some(previous)) => previous.get(),
            _ => diff.first_update_id().get().saturating_sub(1),
        }
    }

    /// The gap between a book at `have` and a diff, if there is one.
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
