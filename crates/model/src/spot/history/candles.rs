//! Candles, which are known by the time at which they begin.

use super::cursor::Origin;
use super::sources::Candles;
use super::{MAX_PAGE, MILLISECOND};
use crate::generated::spot::all::Kline;
use binance_kit_core::{Cursor, InvalidCursor, List, PageError, Paged, Timestamp};

/// A pager of candles, created by [`Klines::history`](crate::spot::Klines::history) and
/// [`UiKlines::history`](crate::spot::market::UiKlines::history): from the oldest to the newest, or backwards.
///
/// ```
/// use binance_kit_core::{Paged, Timestamp};
/// use binance_kit_model::spot::Klines;
/// use binance_kit_model::common::KlineInterval;
///
/// let [start, end] = [1_700_000_000_000, 1_700_086_400_000].map(Timestamp::from_millis);
/// let history = Klines::new("BTCUSDT", KlineInterval::Minute1).start_time(start).end_time(end).history().backwards();
/// let request = history.next_request().unwrap();
/// assert_eq!((request.start_time, request.end_time, request.limit), (None, Some(end), Some(1000)));
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct CandleHistory<R: Candles> {
    request: R,
    limit: u32,
    backwards: bool,
    /// Whole milliseconds, included.
    start: Option<i64>,
    /// Whole milliseconds, included.
    end: Option<i64>,
    finished: bool,
}

impl<R: Candles> CandleHistory<R> {
    pub(super) fn new(
        request: R,
        (start, end): (Option<Timestamp>, Option<Timestamp>),
        limit: Option<u32>,
    ) -> Self {
        let this = Self {
            request,
            limit: MAX_PAGE,
            backwards: false,
            // A candle that begins within the first millisecond begins at it.
            start: start.map(|start| {
                start.as_micros().div_euclid(MILLISECOND) + i64::from(start.as_micros() % MILLISECOND > 0)
            }),
            end: end.map(Timestamp::as_millis),
            finished: false,
        };
        match limit {
            Some(limit) => this.page_size(limit),
            None => this,
        }
    }

    /// From the newest to the oldest.
    pub fn backwards(mut self) -> Self {
        self.backwards = true;
        self
    }

    /// Sets the maximum number of candles of a page (1 to 1000).
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
        let [position] = self.origin().numbers(cursor)?;
        let position = position
            .map(i64::try_from)
            .transpose()
            .map_err(|_| InvalidCursor::new("its numbers cannot be read"))?;
        if self.backwards {
            self.end = position.or(self.end);
        } else {
            self.start = position.or(self.start);
        }
        Ok(self)
    }

    fn origin(&self) -> Origin {
        Origin::of(&self.request, self.backwards)
    }

    fn position(&self) -> Option<i64> {
        if self.backwards { self.end } else { self.start }
    }
}

impl<R: Candles> Paged for CandleHistory<R> {
    type Request = R;
    type Item = Kline;

    fn next_request(&self) -> Option<R> {
        let is_empty = self.start.zip(self.end).is_some_and(|(start, end)| start > end);
        if self.finished || is_empty {
            return None;
        }
        // With a start the exchange gives the oldest, so backwards there is none; forwards there always is one.
        let start = if self.backwards { None } else { Some(self.start.unwrap_or(0)) };
        let time = |millis: Option<i64>| millis.map(Timestamp::from_millis);
        Some(self.request.clone().within(time(start), time(self.end)).page(self.limit))
    }

    fn accept(&mut self, rows: List<Kline>) -> Result<Vec<Kline>, PageError> {
        let mut rows = rows.whole().map_err(PageError::Unreadable)?;
        rows.sort_by_key(|row| row.open_time);
        rows.dedup_by_key(|row| row.open_time);
        let begin = |row: &Kline| row.open_time.as_millis();
        let (Some(oldest), Some(newest)) = (rows.first().map(begin), rows.last().map(begin)) else {
            self.finished = true;
            return Ok(rows);
        };
        let (start, end) = (self.start.unwrap_or(i64::MIN), self.end.unwrap_or(i64::MAX));
        if self.backwards {
            if newest > end {
                return Err(PageError::OutOfPlace);
            }
            rows.retain(|row| begin(row) >= start);
            rows.reverse();
            self.end = Some(oldest.saturating_sub(1));
        } else {
            if oldest < start {
                return Err(PageError::OutOfPlace);
            }
            rows.retain(|row| begin(row) <= end);
            self.start = Some(newest.saturating_add(1));
        }
        Ok(rows)
    }

    fn cursor(&self) -> Cursor {
        self.origin().cursor(&[self.position().map(i128::from)])
    }

    fn cursor_after(&self, candle: &Kline) -> Cursor {
        let begin = i128::from(candle.open_time.as_millis());
        self.origin().cursor(&[Some(if self.backwards { begin - 1 } else { begin + 1 })])
    }
}
