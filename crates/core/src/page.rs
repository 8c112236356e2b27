//! Lists that are longer than one answer: the next request, and the position in the list.
//!
//! A [`Paged`] list is a state machine without I/O: it gives a request and takes its answer. Any sender of requests can
//! drive it, and no transport knows how a list is paged.

use crate::decode::DecodeError;
use crate::request::Request;
use crate::time::Timestamp;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// A pager: a list that comes in pages.
pub trait Paged {
    /// Request of a page.
    type Request: Request;
    /// Element of the list.
    type Item;

    /// Returns the request for the next page; `None` at the end. It stays the same until an answer was accepted.
    fn next_request(&self) -> Option<Self::Request>;

    /// Takes the answer to [`Paged::next_request`] and returns its new elements, in the order of the pager. There may be none
    /// before the end.
    ///
    /// # Errors
    ///
    /// [`PageError`] for an answer after which elements would be missing. The position does not change.
    fn accept(&mut self, answer: <Self::Request as Request>::Response) -> Result<Vec<Self::Item>, PageError>;

    /// Returns the position after all elements returned so far.
    fn cursor(&self) -> Cursor;

    /// Returns the position after `item`, one of the elements that [`Paged::accept`] returned last.
    fn cursor_after(&self, item: &Self::Item) -> Cursor;
}

/// A position in a list, as text that can be stored: a pager created in the same way and resumed there returns the elements
/// after it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor(String);

impl Cursor {
    /// Creates a cursor from its text. Whether it belongs to a pager is checked when that is resumed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Cursor {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::new(text))
    }
}

/// A cursor that does not belong to the pager.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is of another list: {reason}")]
#[non_exhaustive]
pub struct InvalidCursor {
    /// Reason.
    pub reason: &'static str,
}

impl InvalidCursor {
    /// Creates the error with its reason.
    pub const fn new(reason: &'static str) -> Self {
        Self { reason }
    }
}

/// An answer after which elements of a list would be missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// More rows have the time of one millisecond than a page can hold, and the list is requested by time only.
    #[error("{limit} rows or more have the time {time}, which one page cannot show; a larger page may")]
    FullMoment {
        /// The millisecond.
        time: Timestamp,
        /// How many rows a page has.
        limit: u32,
    },
    /// The answer has elements from before the requested position.
    #[error("the answer has rows from before the place it was asked for")]
    OutOfPlace,
    /// A row cannot be read. The list without it is what the request itself gives.
    #[error("a row cannot be read")]
    Unreadable(#[source] DecodeError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_a_text() {
        let cursor: Cursor = "1.trades.17".parse().unwrap();
        assert_eq!(cursor.to_string(), "1.trades.17");
        assert_eq!(cursor, Cursor::new(cursor.as_str()));
        let error = PageError::FullMoment { time: Timestamp::from_millis(0), limit: 3 };
        assert_eq!(
            error.to_string(),
            "3 rows or more have the time 1970-01-01T00:00:00.000Z, which one page cannot show; a larger page may"
        );
    }
}
