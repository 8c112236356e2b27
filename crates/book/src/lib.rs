//! Local order books that say what they are worth.
//!
//! [`BookSync`] is the exchange's documented procedure as a state machine without I/O; [`OrderBook`] is what it keeps. A
//! book is handed out only together with its state, so that one that may be wrong cannot be read by accident.
//! [`ReplayAudit`] runs the same over a recording. With the feature `live`, `LocalBooks` keeps any number of books from
//! diff streams and REST snapshots.
//!
//! ```
//! use binance_kit_book::{BookSync, Change, Diff, Level, Snapshot, SyncRule};
//! use binance_kit_core::{Decimal, id::UpdateId};
//!
//! let level = |price: i64, quantity: i64| Level::new(Decimal::new(price, 2), Decimal::new(quantity, 3));
//! let diff = |first, last, bids| Diff {
//!     first_update_id: UpdateId(first),
//!     last_update_id: UpdateId(last),
//!     bids,
//!     ..Diff::default()
//! };
//! let mut sync = BookSync::new(SyncRule::Spot);
//! // The first event of the stream is kept, and a snapshot asked for.
//! let ticket = sync.on_diff(&diff(5, 8, vec![level(9950, 700)])).request.unwrap();
//! let snapshot =
//!     Snapshot { last_update_id: UpdateId(6), bids: vec![level(9940, 20)], asks: vec![level(9960, 30)] };
//! let _ = sync.on_snapshot(ticket, &snapshot, Some(1000));
//! assert_eq!(sync.synced().unwrap().best_bid(), Some(level(9950, 700)));
//! // An event is missing: the book is stale before anyone can read it.
//! let outcome = sync.on_diff(&diff(10, 10, vec![level(9951, 1)]));
//! assert!(matches!(outcome.change, Change::Stale(_)));
//! assert!(sync.synced().is_none());
//! assert_eq!(sync.stale_view().unwrap().last_known().last_update_id(), UpdateId(8));
//! ```

pub mod input;
pub mod level;
#[cfg(feature = "live")]
pub mod live;
pub mod order_book;
#[cfg(any(feature = "spot", feature = "usdm", feature = "coinm"))]
mod products;
pub mod replay;
pub mod sequence;
mod side;
pub mod sync;

pub use input::{BestPrices, DepthDiff, DepthSnapshot, Diff, Snapshot, SyncRule};
pub use level::{BookSide, Level};
#[cfg(all(feature = "live", feature = "spot"))]
pub use live::SpotMarket;
#[cfg(feature = "live")]
pub use live::{
    BookEvent, BookEvents, BookHandle, BookMarket, Error, ErrorKind, LocalBooks, LocalBooksBuilder,
};
pub use order_book::{BookDepth, FillEstimate, OrderBook, Touch, Volume};
pub use replay::{Mismatch, ReplayAudit, SymbolReport};
pub use sequence::{IdHole, IdSequence};
pub use side::Levels;
pub use sync::{
    BookState, BookSync, BookView, Change, SnapshotFault, SnapshotTicket, StaleBook, StaleReason,
    SyncOptions, SyncOutcome, SyncStats, UpdateGap,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
