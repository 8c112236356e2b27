//! Lists that are longer than one answer: what the next request is, and where a walk through them has come to.
//!
//! A [`Paged`] walk is a state machine without I/O: it names a request and is handed the answer. Whoever sends requests can
//! drive it, and no transport knows how any list is paged.

use crate::request::Request;
use crate::time::Timestamp;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// A walk through a list that comes in pages.
pub trait Paged {
    /// What a page is asked for by.
    type Request: Request;
    /// What the list consists of.
    type Item;

    /// The request for what comes next; `None` at the end. Asked again before an answer was accepted, it is the same.
    fn next_request(&self) -> Option<Self::Request>;

    /// Takes the answer to [`Paged::next_request`] and gives what is new in it, in the order of the walk. That may be
    /// nothing although the walk goes on.
    ///
    /// # Errors
    ///
    /// [`PageError`] for an answer from which the walk cannot go on without losing something. It stays where it was.
    fn accept(&mut self, answer: <Self::Request as Request>::Response) -> Result<Vec<Self::Item>, PageError>;

    /// Where the walk has come to: behind everything that was given out.
    fn cursor(&self) -> Cursor;

    /// The place behind `item`, one of the items that [`Paged::accept`] gave last.
    fn cursor_after(&self, item: &Self::Item) -> Cursor;
}

/// A place in a list, as a text to be kept: a walk made in the same way as the one it comes from, and resumed there, gives
/// what comes behind it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor(String);

impl Cursor {
    /// From the text it was written as. Whether it belongs to a walk is found when that is resumed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
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

/// A cursor that does not belong to the walk that is to be resumed by it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one of this walk: {reason}")]
#[non_exhaustive]
pub struct InvalidCursor {
    /// What is wrong with it.
    pub reason: &'static str,
}

impl InvalidCursor {
    /// Says what is wrong with it.
    pub const fn new(reason: &'static str) -> Self {
        Self { reason }
    }
}

/// An answer from which a walk cannot go on without losing something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// More rows have the time of one millisecond than one page can hold, and the list can be asked for by time only.
    #[error("{limit} rows or more have the time {time}, which one page cannot show; a larger page may")]
    FullMoment {
        /// The millisecond.
        time: Timestamp,
        /// How many rows a page has.
        limit: u32,
    },
    /// The answer does not begin where it was asked to.
    #[error("the answer has rows from before the place it was asked for")]
    OutOfPlace,
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
