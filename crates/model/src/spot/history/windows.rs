//! Lists that can be asked for by time only. A window that fills a page may have been cut, so it is halved; one millisecond
//! that fills a page cannot be.

use super::cursor::Origin;
use super::sources::Windowed;
use super::{MAX_PAGE, MILLISECOND};
use binance_kit_core::{Cursor, InvalidCursor, List, PageError, Paged, Timestamp};

/// Maximum window that the exchange accepts, in microseconds.
const DAY: i64 = 24 * 60 * 60 * 1000 * MILLISECOND;

/// A pager of a list between two times, in windows of 24 hours at most: from the first to the last, or backwards. Within a
/// window rows come in the order of their ids.
///
/// ```
/// use binance_kit_core::{Paged, Timestamp};
/// use binance_kit_model::spot::AllOrders;
///
/// let [start, end] = [1_700_000_000_000, 1_702_000_000_000].map(Timestamp::from_millis);
/// let history = AllOrders::new("BTCUSDT").updated_between(start, end);
/// let first = history.next_request().unwrap();
/// assert_eq!(first.start_time, Some(start));
/// assert_eq!(first.end_time.unwrap().since(start).as_secs(), 24 * 60 * 60 - 1);
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct WindowHistory<R: Windowed> {
    request: R,
    limit: u32,
    backwards: bool,
    /// What is left, in microseconds at whole milliseconds, without the end.
    start: i64,
    end: i64,
    /// How long the next window is at most.
    width: i64,
    /// What was given out last.
    window: (i64, i64),
    /// Last row returned before the pager was resumed, and its window: rows up to it are skipped.
    given: Option<(u64, (i64, i64))>,
}

impl<R: Windowed> WindowHistory<R> {
    pub(super) fn new(request: R, start: Timestamp, end: Timestamp, limit: Option<u32>) -> Self {
        let start = start.as_millis().saturating_mul(MILLISECOND);
        let this = Self {
            request,
            limit: MAX_PAGE,
            backwards: false,
            start,
            // Times are written in whole milliseconds; what happened within the last one belongs to it.
            end: end.as_millis().saturating_add(1).saturating_mul(MILLISECOND),
            width: DAY,
            window: (start, start),
            given: None,
        };
        match limit {
            Some(limit) => this.page_size(limit),
            None => this,
        }
    }

    /// From the last to the first.
    pub fn backwards(mut self) -> Self {
        self.backwards = true;
        self
    }

    /// Sets the maximum number of rows of a page (1 to 1000).
    pub fn page_size(mut self, limit: u32) -> Self {
        self.limit = limit.clamp(1, MAX_PAGE);
        self
    }

    /// Continues after the position of another pager of the same request and direction.
    ///
    /// # Errors
    ///
    /// [`InvalidCursor`] for the cursor of a pager of another request or direction.
    pub fn resume(mut self, cursor: &Cursor) -> Result<Self, InvalidCursor> {
        let malformed = || InvalidCursor::new("its numbers cannot be read");
        let [start, end, width, given] = self.origin().numbers(cursor)?;
        let time =
            |number: Option<i128>| number.and_then(|number| i64::try_from(number).ok()).ok_or_else(malformed);
        let (start, end) = (time(start)?, time(end)?);
        self.width = (time(width)? / MILLISECOND * MILLISECOND).clamp(MILLISECOND, DAY);
        if self.backwards {
            self.end = end.min(self.end);
        } else {
            self.start = start.max(self.start);
        }
        if let Some(given) = given {
            self.given = Some((u64::try_from(given).map_err(|_| malformed())?, (start, end)));
            self.width = end.saturating_sub(start).clamp(MILLISECOND, DAY);
        }
        Ok(self)
    }

    fn origin(&self) -> Origin {
        Origin::of(&self.request, self.backwards)
    }

    fn at(&self, (start, end): (i64, i64), given: Option<u64>) -> Cursor {
        let numbers = [start, end, self.width].map(|number| Some(number.into()));
        let [start, end, width] = numbers;
        self.origin().cursor(&[start, end, width, given.map(i128::from)])
    }

    /// The window to ask for, without its end.
    fn next_window(&self) -> Option<(i64, i64)> {
        if self.start >= self.end {
            return None;
        }
        Some(if self.backwards {
            (self.end.saturating_sub(self.width).max(self.start), self.end)
        } else {
            (self.start, self.start.saturating_add(self.width).min(self.end))
        })
    }
}

impl<R: Windowed> Paged for WindowHistory<R> {
    type Request = R;
    type Item = R::Row;

    fn next_request(&self) -> Option<R> {
        let (start, end) = self.next_window()?;
        let [start, end] = [start, end - 1].map(Timestamp::from_micros);
        Some(self.request.clone().between(start, end).page(self.limit))
    }

    fn accept(&mut self, rows: List<R::Row>) -> Result<Vec<R::Row>, PageError> {
        let mut rows = rows.whole().map_err(PageError::Unreadable)?;
        let Some((start, end)) = self.next_window() else { return Ok(Vec::new()) };
        if u32::try_from(rows.len()).unwrap_or(u32::MAX) >= self.limit {
            let half = (end - start) / 2 / MILLISECOND * MILLISECOND;
            if end - start <= MILLISECOND {
                return Err(PageError::FullMoment { time: Timestamp::from_micros(start), limit: self.limit });
            }
            self.width = half.max(MILLISECOND);
            return Ok(Vec::new());
        }
        rows.sort_by_key(R::id_of);
        rows.dedup_by_key(|row| R::id_of(row));
        if self.backwards {
            rows.reverse();
        }
        if let Some((given, within)) = self.given
            && start >= within.0
            && end <= within.1
        {
            rows.retain(|row| if self.backwards { R::id_of(row) < given } else { R::id_of(row) > given });
        }
        self.window = (start, end);
        self.width = self.width.saturating_mul(2).min(DAY);
        if self.backwards {
            self.end = start;
        } else {
            self.start = end;
        }
        Ok(rows)
    }

    fn cursor(&self) -> Cursor {
        match self.given {
            // Nothing was requested since the pager was resumed.
            Some((given, (start, end))) if self.window.0 == self.window.1 => {
                self.at((start, end), Some(given))
            }
            _ => self.at((self.start, self.end), None),
        }
    }

    fn cursor_after(&self, row: &R::Row) -> Cursor {
        self.at(self.window, Some(R::id_of(row)))
    }
}
