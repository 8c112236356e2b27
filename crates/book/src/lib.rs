//! Local order books that report whether they are in sync.
//!
//! [`BookSync`] is the exchange's documented procedure as a state machine without I/O; [`OrderBook`] is what it keeps. A
//! book is accessible only together with its state, so that one that may be wrong cannot be read by accident.
//! [`ReplayAudit`] applies the same to a recording. With the feature `live`, `Books` keeps any number of books from diff
//! streams and REST snapshots, of Spot, USD-M or COIN-M futures.
//!
//! It is no matching engine (the embedded exchange has one), and it stores nothing.
//!
//! ```text
//!  diff streams ──────┐                      ┌─▶ BookHandle: best, cost, with, until_synced
//!                     ├─▶ BookSync ─▶ state ─┤
//!  REST snapshots ────┤   (OrderBook)        └─▶ BookEvent: synced, stale, gap, refused, …
//!      ▲              │       │
//!      └── requests ──│───────┘
//!  bookTicker ────────┘   (optional audit)
//! ```
//!
//! # A program
//!
//! ```
//! use binance_kit_book::{BookSync, Change, Diff, Level, Snapshot, SyncRule};
//! use binance_kit_core::{Decimal, id::UpdateId};
//!
//! let level = |price: i64, quantity: i64| Level { price: Decimal::new(price, 2), quantity: Decimal::new(quantity, 3) };
//! let diff = |first, last, bids| Diff {
//!     first_update_id: UpdateId(first),
//!     last_update_id: UpdateId(last),
//!     bids,
//!     ..Diff::default()
//! };
//! let mut sync = BookSync::new(SyncRule::Spot);
//! // The first event of the stream is kept, and a snapshot requested.
//! let ticket = sync.on_diff(&diff(5, 8, vec![level(9950, 700)])).request.unwrap();
//! let snapshot =
//!     Snapshot { last_update_id: UpdateId(6), bids: vec![level(9940, 20)], asks: vec![level(9960, 30)] };
//! let _ = sync.on_snapshot(ticket, &snapshot, Some(1000));
//! assert_eq!(sync.synced().unwrap().best_bid(), Some(level(9950, 700)));
//! // An event is missing: the book is stale before anyone can read it.
//! let step = sync.on_diff(&diff(10, 10, vec![level(9951, 1)]));
//! assert!(matches!(step.change, Change::Stale(_)));
//! assert!(sync.synced().is_none());
//! assert_eq!(sync.stale_view().unwrap().last_known().last_update_id(), UpdateId(8));
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]

mod input;
mod level;
#[cfg(feature = "live")]
mod live;
mod order_book;
#[cfg(any(feature = "spot", feature = "usdm", feature = "coinm"))]
mod products;
mod replay;
mod sequence;
mod side;
mod sync;

pub use input::{BestPrices, DepthDiff, DepthSnapshot, Diff, Snapshot, SyncRule};
pub use level::{BookSide, Level, Side};
#[cfg(feature = "live")]
pub use live::{BookEvent, BookEvents, BookHandle, BookProduct, Books, BooksBuilder, Error, ErrorKind};
pub use order_book::{BookDepth, CostError, FillEstimate, OrderBook, Touch, Volume};
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
