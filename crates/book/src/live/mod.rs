//! Books kept from streams: diff streams are subscribed first, snapshots fetched within the request weight, books
//! resynchronised after gaps and interruptions, and each stays readable together with its state.
//!
//! One task owns all [`Books`]; it ends with them.

mod books;
mod driver;
mod error;
mod event;
mod handle;
mod product;
mod schedule;
mod slot;
mod task;

pub use books::{Books, BooksBuilder};
pub use error::{Error, ErrorKind};
pub use event::{BookEvent, BookEvents};
pub use handle::BookHandle;
pub use product::BookProduct;
