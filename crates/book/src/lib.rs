//! Local order books that say what they are worth.
//!
//! [`BookSync`] is the exchange's documented procedure as a state machine without I/O; [`OrderBook`] is what it keeps. A
//! book is handed out only together with its state, so that one that may be wrong cannot be read by accident.

pub mod input;
pub mod level;
#[cfg(feature = "live")]
pub mod live;
pub mod order_book;
pub mod replay;
pub mod sequence;
mod side;
pub mod sync;

pub use input::{DepthDiff, DepthSnapshot, Diff, Snapshot, SyncRule};
pub use level::{BookSide, Level};
#[cfg(feature = "live")]
pub use live::{
    BookEvent, BookEvents, BookHandle, BookMarket, Error, ErrorKind, LocalBooks, LocalBooksBuilder,
};
pub use order_book::{Depth, Fill, OrderBook, Touch, Volume};
pub use replay::{Mismatch, ReplayAudit, SymbolReport};
pub use sequence::{IdHole, IdSequence};
pub use side::Levels;
pub use sync::{
    BookState, BookSync, BookView, Change, Gap, Outcome, SnapshotFault, SnapshotTicket, StaleBook,
    StaleReason, SyncOptions, SyncStats,
};
