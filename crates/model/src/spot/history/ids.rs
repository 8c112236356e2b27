//! Lists with ascending ids. Every page is asked for by the first id it may have: that alone has no holes, whatever the
//! times of its rows are.

use super::MAX_PAGE;
use super::cursor::Origin;
use super::sources::{Listed, Newest};
use binance_kit_core::{Cursor, InvalidCursor, List, PageError, Paged, Timestamp};

/// A pager of a list with ascending ids, created by the `history` method of its request: from the first row to the last, or
/// backwards.
///
/// It ends at the row that is the last at that time; resumed later, it continues with newer rows. A start time is
/// found by halving the range of ids, in some dozens of requests at most.
///
/// ```
/// use binance_kit_core::Paged;
/// use binance_kit_model::spot::MyTrades;
///
/// let history = MyTrades::new("BTCUSDT").history();
/// let cursor = history.cursor().to_string();
/// // … another day …
/// let history = MyTrades::new("BTCUSDT").history().resume(&cursor.parse()?)?;
/// assert_eq!(history.next_request().unwrap().from_id, Some(0.into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct IdHistory<R: Listed> {
    request: R,
    limit: u32,
    /// Whole milliseconds, included.
    since: Option<i64>,
    /// Whole milliseconds, included.
    until: Option<i64>,
    /// First id, or last id of a backward pager.
    first: Option<u64>,
    /// Reads the time of a row, if the list has times.
    time_of: Option<fn(&R::Row) -> Timestamp>,
    backwards: bool,
    /// Number of ids that a page of at least half its size spans, as seen so far.
    span: u64,
    step: Step,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Nothing was asked yet.
    Begin,
    /// Looks for the first row from a time on, `target` in milliseconds: it is in `low..high`, or else it is `found`.
    Seek { target: i64, low: u64, high: u64, found: u64 },
    /// Asks for what there is from `next` on.
    On { next: u64 },
    /// Asks whether there is a row at `from` or behind it.
    Touch { from: u64 },
    /// Asks for the newest rows.
    Newest,
    /// Asks for what there is before `end`. There is a row at `end` or behind it, so that a page that
    /// does not show it was cut.
    Back { end: u64 },
    /// Nothing is left behind this place; `None` if there never was a row.
    End { at: Option<u64> },
}

impl<R: Listed> IdHistory<R> {
    pub(super) fn new(request: R, first: Option<u64>, limit: Option<u32>) -> Self {
        let this = Self {
            request,
            limit: MAX_PAGE,
            since: None,
            until: None,
            first,
            time_of: None,
            backwards: false,
            span: 1,
            step: Step::Begin,
        };
        match limit {
            Some(limit) => this.page_size(limit),
            None => this,
        }
    }

    /// Begins at this id: the first row is the one with this id or the next one there is; backwards, the one before.
    pub fn from_id(mut self, id: u64) -> Self {
        self.first = Some(id);
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
        let [position, span] = self.origin().numbers(cursor)?;
        let number = |number: Option<i128>| {
            number
                .map(u64::try_from)
                .transpose()
                .map_err(|_| InvalidCursor::new("its numbers cannot be read"))
        };
        let position = number(position)?;
        self.span = number(span)?.unwrap_or(0).max(u64::from(self.limit));
        self.step = match position {
            None => Step::Begin,
            Some(end) if self.backwards => {
                self.first =
                    Some(self.first.map_or(end, |last| last.saturating_add(1).min(end)).saturating_sub(1));
                if end == 0 { Step::End { at: Some(0) } } else { Step::Touch { from: end } }
            }
            Some(next) => Step::On { next },
        };
        Ok(self)
    }

    fn origin(&self) -> Origin {
        Origin::of(&self.request, self.backwards)
    }

    /// The first step of a pager that was not resumed.
    fn first_step(&self) -> Step {
        match (self.backwards, self.first) {
            (false, first) if self.since.is_none() => Step::On { next: first.unwrap_or(0) },
            (true, Some(last)) if self.until.is_none() => Step::Touch { from: last.saturating_add(1) },
            // Whatever the times are, the newest rows show whether there is anything.
            _ => Step::Newest,
        }
    }

    fn step(&self) -> Step {
        if self.step == Step::Begin { self.first_step() } else { self.step }
    }

    fn known_span(&self) -> Option<i128> {
        self.backwards.then_some(self.span.into())
    }

    fn millis(&self, row: &R::Row) -> Option<i64> {
        self.time_of.map(|time_of| time_of(row).as_millis())
    }

    /// The time from which on the first row is looked for.
    fn target(&self) -> Option<i64> {
        if self.backwards { self.until.map(|until| until.saturating_add(1)) } else { self.since }
    }

    /// The first row from the target on is `found`.
    fn sought(&mut self, found: u64) {
        self.step = if self.backwards {
            let end = self.first.map_or(found, |last| found.min(last.saturating_add(1)));
            Step::Back { end }
        } else {
            Step::On { next: found.max(self.first.unwrap_or(0)) }
        };
    }

    fn accept_newest(&mut self, mut rows: Vec<R::Row>) -> Vec<R::Row> {
        let (Some(oldest), Some(newest)) = (rows.first(), rows.last()) else {
            self.step = Step::End { at: None };
            return rows;
        };
        let (oldest_id, newest_id) = (R::id_of(oldest), R::id_of(newest));
        if let Some(target) = self.target() {
            let reaches = |row: &R::Row| self.millis(row).is_none_or(|millis| millis >= target);
            if !reaches(newest) {
                if !self.backwards {
                    self.step = Step::End { at: Some(newest_id.saturating_add(1)) };
                    return Vec::new();
                }
            } else if reaches(oldest) {
                let low = if self.backwards { 0 } else { self.first.unwrap_or(0) };
                self.step = Step::Seek { target, low, high: oldest_id, found: oldest_id };
                if low >= oldest_id {
                    self.sought(oldest_id);
                }
                return Vec::new();
            } else {
                let found = rows.iter().find(|row| reaches(row)).map_or(newest_id, R::id_of);
                self.sought(found);
                return Vec::new();
            }
        }
        // Backwards from the end of the list, or from the first id of the pager.
        self.span = newest_id.saturating_sub(oldest_id);
        let mut end = oldest_id;
        if let Some(last) = self.first {
            rows.retain(|row| R::id_of(row) <= last);
            end = end.min(last.saturating_add(1));
        }
        self.back(rows, end)
    }

    fn accept_seek(&mut self, rows: &[R::Row], (target, low, high, found): (i64, u64, u64, u64)) {
        let middle = low + (high - low) / 2;
        let reaches = |row: &R::Row| self.millis(row).is_none_or(|millis| millis >= target);
        let (low, high, found) = match (rows.first(), rows.last()) {
            // The row that was found is gone, or it is the only one from here on.
            (None, _) | (_, None) => (low, middle, found),
            (Some(first), _) if reaches(first) => (low, middle, R::id_of(first).min(found)),
            (_, Some(last)) if reaches(last) => {
                let found = rows.iter().find(|row| reaches(row)).map_or(found, R::id_of);
                return self.sought(found);
            }
            (_, Some(last)) => (R::id_of(last).saturating_add(1), high, found),
        };
        if low >= high {
            self.sought(found);
        } else {
            self.step = Step::Seek { target, low, high, found };
        }
    }

    /// Returns rows of a backward pager, which then continues before `end`.
    fn back(&mut self, mut rows: Vec<R::Row>, end: u64) -> Vec<R::Row> {
        self.step = if end == 0 { Step::End { at: Some(0) } } else { Step::Back { end } };
        if let Some(since) = self.since {
            let all = rows.len();
            rows.retain(|row| self.time_of.is_none_or(|time_of| time_of(row).as_millis() >= since));
            if rows.len() < all {
                self.step = Step::End { at: rows.first().map(R::id_of).or(Some(end)) };
            }
        }
        rows.reverse();
        rows
    }

    /// The first id to ask for before `end`.
    fn before(&self, end: u64) -> u64 {
        end.saturating_sub(self.span.max(u64::from(self.limit)))
    }

    fn accept_back(&mut self, mut rows: Vec<R::Row>, end: u64) -> Vec<R::Row> {
        let from = self.before(end);
        let reaches_end = rows.last().is_none_or(|row| R::id_of(row).saturating_add(1) >= end);
        if !reaches_end {
            // There may be more between the last row and the end than a page holds. As many ids as a page has rows fit.
            self.span = (end - from) / 2;
            return Vec::new();
        }
        rows.retain(|row| R::id_of(row) < end);
        let is_sparse = u64::try_from(rows.len()).is_ok_and(|rows| rows * 2 < u64::from(self.limit));
        self.span = self.span.max(u64::from(self.limit));
        if is_sparse {
            self.span = self.span.saturating_mul(2);
        }
        match rows.first().map(R::id_of) {
            Some(oldest) => self.back(rows, oldest),
            None if from == 0 => {
                self.step = Step::End { at: Some(0) };
                rows
            }
            None => {
                self.step = Step::Back { end: from };
                rows
            }
        }
    }

    fn accept_on(&mut self, mut rows: Vec<R::Row>, next: u64) -> Vec<R::Row> {
        let Some(last) = rows.last().map(R::id_of) else {
            self.step = Step::End { at: Some(next) };
            return rows;
        };
        self.step = Step::On { next: last.saturating_add(1) };
        if let Some(time_of) = self.time_of {
            let (since, until) = (self.since.unwrap_or(i64::MIN), self.until.unwrap_or(i64::MAX));
            let beyond = rows.iter().position(|row| time_of(row).as_millis() > until);
            if let Some(beyond) = beyond {
                rows.truncate(beyond);
                let at = rows.last().map_or(next, |row| R::id_of(row).saturating_add(1));
                self.step = Step::End { at: Some(at) };
            }
            rows.retain(|row| time_of(row).as_millis() >= since);
        }
        rows
    }
}

impl<R: Newest> IdHistory<R> {
    /// From the newest to the oldest. Rows that come to be meanwhile are not seen.
    pub fn backwards(mut self) -> Self {
        self.backwards = true;
        self.time_of = Some(R::time_of);
        self
    }

    /// Only what came to be at this time or later, in whole milliseconds.
    pub fn since(mut self, time: Timestamp) -> Self {
        self.since = Some(time.as_millis());
        self.time_of = Some(R::time_of);
        self
    }

    /// Only what came to be at this time or earlier, in whole milliseconds.
    pub fn until(mut self, time: Timestamp) -> Self {
        self.until = Some(time.as_millis());
        self.time_of = Some(R::time_of);
        self
    }
}

impl<R: Listed> Paged for IdHistory<R> {
    type Request = R;
    type Item = R::Row;

    fn next_request(&self) -> Option<R> {
        let request = self.request.clone();
        Some(match self.step() {
            Step::Begin | Step::End { .. } => return None,
            Step::Seek { low, high, .. } => request.from(low + (high - low) / 2).page(self.limit),
            Step::On { next } => request.from(next).page(self.limit),
            Step::Touch { from } => request.from(from).page(1),
            Step::Newest => request.page(self.limit),
            Step::Back { end } => request.from(self.before(end)).page(self.limit),
        })
    }

    fn accept(&mut self, rows: List<R::Row>) -> Result<Vec<R::Row>, PageError> {
        let mut rows = rows.whole().map_err(PageError::Unreadable)?;
        rows.sort_by_key(R::id_of);
        rows.dedup_by_key(|row| R::id_of(row));
        let step = self.step();
        let from = match step {
            Step::Seek { low, high, .. } => low + (high - low) / 2,
            Step::On { next } => next,
            Step::Touch { from } => from,
            Step::Back { end } => self.before(end),
            Step::Begin | Step::Newest | Step::End { .. } => 0,
        };
        if rows.first().is_some_and(|row| R::id_of(row) < from) {
            return Err(PageError::OutOfPlace);
        }
        Ok(match step {
            Step::Begin | Step::End { .. } => Vec::new(),
            Step::Newest => self.accept_newest(rows),
            Step::Seek { target, low, high, found } => {
                self.accept_seek(&rows, (target, low, high, found));
                Vec::new()
            }
            Step::On { next } => self.accept_on(rows, next),
            Step::Touch { from } => {
                self.step = if rows.is_empty() { Step::Newest } else { Step::Back { end: from } };
                Vec::new()
            }
            Step::Back { end } => self.accept_back(rows, end),
        })
    }

    fn cursor(&self) -> Cursor {
        let position = match self.step {
            Step::Begin | Step::Seek { .. } | Step::Newest => None,
            Step::On { next: at } | Step::Touch { from: at } | Step::Back { end: at } => Some(at),
            Step::End { at } => at,
        };
        self.origin().cursor(&[position.map(i128::from), self.known_span()])
    }

    fn cursor_after(&self, row: &R::Row) -> Cursor {
        let id = i128::from(R::id_of(row));
        self.origin().cursor(&[Some(if self.backwards { id } else { id + 1 }), self.known_span()])
    }
}
