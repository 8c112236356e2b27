//! The states of a book, and what an input changed.

use crate::level::BookSide;
use crate::order_book::{OrderBook, Touch};
use binance_kit_core::Decimal;
use binance_kit_core::id::UpdateId;
use std::fmt;

/// A gap in the ids of a diff stream.
///
/// On Spot, `expected` is the id at which the next event had to begin (or before) and `got` its `U`. On futures, whose ids
/// are not consecutive, `expected` is the id that had to be its `pu`, and `got` the `pu` that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UpdateGap {
    /// The id expected.
    pub expected: UpdateId,
    /// The id that came.
    pub got: UpdateId,
}

impl fmt::Display for UpdateGap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected update {}, got {}", self.expected, self.got)
    }
}

/// Why a book cannot be trusted any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StaleReason {
    /// Events are missing.
    Gap(UpdateGap),
    /// The stream's connection is down.
    Disconnected,
    /// The highest bid reached the lowest ask, which no exchange publishes: an event was missed or damaged.
    Crossed {
        /// The highest bid.
        bid: Decimal,
        /// The lowest ask.
        ask: Decimal,
    },
    /// The market moved out of the range of the snapshot, so that the best price of this side is uncertain.
    RangeExhausted(BookSide),
    /// The exchange's ids went back: they were renumbered.
    IdsWentBack {
        /// The last id of the book.
        from: UpdateId,
        /// The id of the event.
        to: UpdateId,
    },
    /// An event contradicts itself (negative quantity, last id before the first).
    Malformed,
    /// Messages were lost or unreadable which may have been this book's.
    Lost,
    /// The exchange reported other best prices for the same update.
    Contradicted(Touch),
}

impl fmt::Display for StaleReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap(gap) => write!(f, "events are missing: {gap}"),
            Self::Disconnected => f.write_str("the stream is not connected"),
            Self::Crossed { bid, ask } => write!(f, "the book is crossed: bid {bid}, ask {ask}"),
            Self::RangeExhausted(side) => {
                write!(f, "the market left the range of the snapshot on the {side} side")
            }
            Self::IdsWentBack { from, to } => write!(f, "the update ids went back from {from} to {to}"),
            Self::Malformed => f.write_str("an event contradicts itself"),
            Self::Lost => f.write_str("messages were lost or could not be read"),
            Self::Contradicted(Touch { update_id, bid, ask }) => write!(
                f,
                "at update {update_id} the exchange has bid {} × {} and ask {} × {}",
                bid.price, bid.quantity, ask.price, ask.quantity
            ),
        }
    }
}

/// Whether a book can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BookState {
    /// There is no book yet.
    Syncing,
    /// The book is the exchange's at its update id.
    Synced,
    /// The book was correct and may not be any more; it is being resynchronised.
    Stale(StaleReason),
}

impl BookState {
    /// Returns whether the book can be trusted.
    pub const fn is_synced(&self) -> bool {
        matches!(self, Self::Synced)
    }
}

impl fmt::Display for BookState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syncing => f.write_str("syncing"),
            Self::Synced => f.write_str("synced"),
            Self::Stale(reason) => write!(f, "stale: {reason}"),
        }
    }
}

/// A book together with its state: the book can be reached only through a match on the state.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum BookView<'a> {
    /// There is no book yet.
    Syncing,
    /// The exchange's book at its update id.
    Synced(&'a OrderBook),
    /// A book that may be wrong.
    Stale(StaleBook<'a>),
}

impl<'a> BookView<'a> {
    /// Returns the book, if it can be trusted.
    pub const fn synced(self) -> Option<&'a OrderBook> {
        match self {
            Self::Synced(book) => Some(book),
            _ => None,
        }
    }

    /// Returns the last known book, if it cannot be trusted any more.
    pub const fn stale(self) -> Option<StaleBook<'a>> {
        match self {
            Self::Stale(book) => Some(book),
            _ => None,
        }
    }

    /// Returns the state alone.
    pub const fn state(self) -> BookState {
        match self {
            Self::Syncing => BookState::Syncing,
            Self::Synced(_) => BookState::Synced,
            Self::Stale(book) => BookState::Stale(book.reason),
        }
    }
}

/// A book that was correct and may not be any more.
#[derive(Debug, Clone, Copy)]
pub struct StaleBook<'a> {
    pub(super) book: &'a OrderBook,
    pub(super) reason: StaleReason,
}

impl<'a> StaleBook<'a> {
    /// Returns why it cannot be trusted.
    pub const fn reason(self) -> StaleReason {
        self.reason
    }

    /// Returns the book as it was when it was last correct.
    pub const fn last_known(self) -> &'a OrderBook {
        self.book
    }
}

/// Which request a snapshot answers. A ticket is void once the stream is interrupted: an answer to a request made before the
/// stream ran could lack what came between the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SnapshotTicket(pub(super) u64);

/// What an input to a [`BookSync`](super::BookSync) changed, and what it needs next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "it may ask for a snapshot"]
#[non_exhaustive]
pub struct SyncOutcome {
    /// What changed.
    pub change: Change,
    /// A snapshot is needed, and must be passed to `on_snapshot` with this ticket. Stays `None` while one is under way.
    pub request: Option<SnapshotTicket>,
}

/// What an input changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Nothing: the book contained it already, or the ticket was void.
    Nothing,
    /// The diff waits for a snapshot.
    Buffered {
        /// The gap before this diff, if there is one; the diffs buffered before it are dropped.
        gap: Option<UpdateGap>,
        /// Number of the oldest diffs dropped because the buffer was full.
        dropped: usize,
    },
    /// The diff was applied.
    Updated {
        /// Whether the best price or quantity of a side changed.
        touch_changed: bool,
    },
    /// The book can be trusted from now on.
    Synced {
        /// Its update id.
        update_id: UpdateId,
        /// Number of diffs applied on top of the snapshot, or after an interruption that lost nothing.
        replayed: usize,
    },
    /// The book cannot be trusted any more.
    Stale(StaleReason),
    /// The book was compared with a new snapshot, and replaced by it.
    Refreshed {
        /// The update id now.
        update_id: UpdateId,
        /// Number of levels of the old book that differed from the snapshot's; `None` when the snapshot was newer, so that they
        /// could not be compared.
        differing_levels: Option<usize>,
    },
    /// The snapshot was refused; another is requested.
    SnapshotRefused(SnapshotFault),
}

/// Why a snapshot cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotFault {
    /// It is older than the buffered events. They are kept.
    TooOld {
        /// Its update id.
        snapshot: UpdateId,
        /// The minimum id required.
        needed: UpdateId,
    },
    /// With the buffered events applied its bids reach its asks.
    Crossed,
    /// The buffered events lead out of its range.
    TooShort,
    /// It contains a negative price or quantity.
    Malformed,
}

impl fmt::Display for SnapshotFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooOld { snapshot, needed } => {
                write!(f, "the snapshot ends at update {snapshot}, {needed} is needed")
            }
            Self::Crossed => f.write_str("the snapshot is crossed"),
            Self::TooShort => f.write_str("the events lead out of the snapshot's range"),
            Self::Malformed => f.write_str("the snapshot contains a negative price or quantity"),
        }
    }
}
