//! Books that keep themselves: diff streams are subscribed first, snapshots fetched within the request weight, gaps and
//! broken connections repaired, and each book stays readable with what it is worth.
//!
//! One task owns all books of a [`LocalBooks`]; it ends with it.

mod books;
mod driver;
mod error;
mod event;
mod handle;
mod market;
mod schedule;
mod slot;
mod task;

pub use books::{LocalBooks, LocalBooksBuilder};
pub use error::{Error, ErrorKind};
pub use event::{BookEvent, BookEvents};
pub use handle::BookHandle;
pub use market::BookMarket;
