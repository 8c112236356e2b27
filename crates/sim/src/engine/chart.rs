//! Candles and statistics, computed from the trades.
//!
//! A trade touches only the candle of its second. When a second is over, its candle is merged into the running candle
//! of every longer interval; intervals in between are merged on demand.

use super::event::Trade;
use super::fixed::Fixed;
use super::past::Past;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The intervals of candles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Interval {
    S1,
    M1,
    M3,
    M5,
    M15,
    M30,
    H1,
    H2,
    H4,
    H6,
    H8,
    H12,
    D1,
    D3,
    W1,
    Month,
}

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Interval {
    pub(crate) const ALL: [Self; 16] = [
        Self::S1,
        Self::M1,
        Self::M3,
        Self::M5,
        Self::M15,
        Self::M30,
        Self::H1,
        Self::H2,
        Self::H4,
        Self::H6,
        Self::H8,
        Self::H12,
        Self::D1,
        Self::D3,
        Self::W1,
        Self::Month,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::S1 => "1s",
            Self::M1 => "1m",
            Self::M3 => "3m",
            Self::M5 => "5m",
            Self::M15 => "15m",
            Self::M30 => "30m",
            Self::H1 => "1h",
            Self::H2 => "2h",
            Self::H4 => "4h",
            Self::H6 => "6h",
            Self::H8 => "8h",
            Self::H12 => "12h",
            Self::D1 => "1d",
            Self::D3 => "3d",
            Self::W1 => "1w",
            Self::Month => "1M",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|interval| interval.as_str() == word)
    }

    /// The length in milliseconds; none for months.
    const fn length(self) -> Option<i64> {
        Some(match self {
            Self::S1 => SECOND,
            Self::M1 => MINUTE,
            Self::M3 => 3 * MINUTE,
            Self::M5 => 5 * MINUTE,
            Self::M15 => 15 * MINUTE,
            Self::M30 => 30 * MINUTE,
            Self::H1 => HOUR,
            Self::H2 => 2 * HOUR,
            Self::H4 => 4 * HOUR,
            Self::H6 => 6 * HOUR,
            Self::H8 => 8 * HOUR,
            Self::H12 => 12 * HOUR,
            Self::D1 => DAY,
            Self::D3 => 3 * DAY,
            Self::W1 => 7 * DAY,
            Self::Month => return None,
        })
    }

    /// The start of the interval that holds `millis`, in a time zone `offset` milliseconds ahead of UTC.
    pub(crate) fn start_of(self, millis: i64, offset: i64) -> i64 {
        let local = millis + offset;
        let start = match (self, self.length()) {
            // The epoch was a Thursday; weeks start on Monday.
            (Self::W1, _) => (local - 4 * DAY).div_euclid(7 * DAY) * 7 * DAY + 4 * DAY,
            (_, Some(length)) => local.div_euclid(length) * length,
            (_, None) => month_start(local.div_euclid(DAY)) * DAY,
        };
        start - offset
    }

    /// The start of the next interval after the one that starts at `start`.
    pub(crate) fn next(self, start: i64, offset: i64) -> i64 {
        match self.length() {
            Some(length) => start + length,
            None => self.start_of(start + 32 * DAY, offset),
        }
    }
}

/// The first day of the month that holds `day` (both in days since the epoch).
fn month_start(day: i64) -> i64 {
    // Days since 1 March of year 0, by eras of 400 years.
    let shifted = day + 719_468;
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    day - (day_of_year - (153 * month + 2) / 5)
}

/// What was traded in an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Candle {
    /// Milliseconds since the epoch.
    pub(crate) start: i64,
    /// First price.
    pub(crate) open: Fixed,
    /// Highest price.
    pub(crate) high: Fixed,
    /// Lowest price.
    pub(crate) low: Fixed,
    /// Last price.
    pub(crate) close: Fixed,
    /// Traded quantity.
    pub(crate) volume: Fixed,
    /// Traded value.
    pub(crate) quote: Fixed,
    /// Quantity that takers bought.
    pub(crate) taker_volume: Fixed,
    /// Value that takers bought.
    pub(crate) taker_quote: Fixed,
    /// Id of the first trade.
    pub(crate) first_trade: u64,
    /// Id of the last trade.
    pub(crate) last_trade: u64,
    /// Zero: nothing was traded, and all prices are the last one before.
    pub(crate) trades: u64,
}

impl Candle {
    fn from_trade(start: i64, trade: &Trade) -> Self {
        let (taker_volume, taker_quote) =
            if trade.buyer_is_maker { (Fixed::ZERO, Fixed::ZERO) } else { (trade.quantity, trade.quote) };
        Self {
            start,
            open: trade.price,
            high: trade.price,
            low: trade.price,
            close: trade.price,
            volume: trade.quantity,
            quote: trade.quote,
            taker_volume,
            taker_quote,
            first_trade: trade.id,
            last_trade: trade.id,
            trades: 1,
        }
    }

    /// An interval without trades.
    pub(crate) fn flat(start: i64, price: Fixed) -> Self {
        Self {
            start,
            open: price,
            high: price,
            low: price,
            close: price,
            volume: Fixed::ZERO,
            quote: Fixed::ZERO,
            taker_volume: Fixed::ZERO,
            taker_quote: Fixed::ZERO,
            first_trade: 0,
            last_trade: 0,
            trades: 0,
        }
    }

    /// The candle of a trade.
    pub(super) fn of(interval: Interval, trade: &Trade) -> Self {
        Self::from_trade(interval.start_of(trade.time.as_millis(), 0), trade)
    }

    /// Adds a later candle.
    pub(super) fn merge(&mut self, later: &Self) {
        if later.trades == 0 {
            return;
        }
        if self.trades == 0 {
            *self = Self { start: self.start, ..*later };
            return;
        }
        self.high = self.high.max(later.high);
        self.low = self.low.min(later.low);
        self.close = later.close;
        self.volume += later.volume;
        self.quote += later.quote;
        self.taker_volume += later.taker_volume;
        self.taker_quote += later.taker_quote;
        self.last_trade = later.last_trade;
        self.trades += later.trades;
    }
}

/// The candles of one interval in one time zone. Only those with trades are kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Series {
    /// Length of the candles.
    interval: Interval,
    /// Offset of the time zone in milliseconds.
    offset: i64,
    /// Closed candles, oldest first.
    closed: VecDeque<Candle>,
    /// Candle that is open.
    current: Option<Candle>,
    /// How many closed candles are kept.
    keep: usize,
}

impl Series {
    fn merge(&mut self, second: &Candle) {
        let start = self.interval.start_of(second.start, self.offset);
        match &mut self.current {
            Some(current) if current.start == start => current.merge(second),
            current => {
                if let Some(done) = current.replace(Candle { start, ..*second }) {
                    self.closed.push_back(done);
                    if self.closed.len() > self.keep {
                        self.closed.pop_front();
                    }
                }
            }
        }
    }
}

/// The part of `from..=to` in which all candles are that a request shows, so that no more of the past is computed for it
/// than that. There are no holes: each candle is one length behind the one before.
fn window(
    past: Option<&Past>,
    interval: Interval,
    (from, to): (i64, i64),
    limit: usize,
    oldest: bool,
) -> (i64, i64) {
    let count = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    // The first trade of the past is within a minute of its beginning.
    let shown = count.saturating_mul(interval.length().unwrap_or(31 * DAY)).saturating_add(MINUTE);
    if oldest {
        let first = past.map_or(from, |past| from.max(past.begin()));
        (from, to.min(first.saturating_add(shown)))
    } else {
        (from.max(to.saturating_sub(shown)), to)
    }
}

/// The offset of the second time zone that the exchange knows: UTC+8.
pub(crate) const EAST: i64 = 8 * HOUR;

/// The candles of a symbol.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Chart {
    /// Candle of the current second.
    second: Option<Candle>,
    /// Candles by interval and time zone.
    series: Vec<Series>,
}

impl Default for Chart {
    fn default() -> Self {
        let mut series = Vec::new();
        for interval in Interval::ALL {
            // Two hours of seconds, two days of minutes, and whatever of the rest.
            let keep = match interval {
                Interval::S1 => 7200,
                _ => 3000,
            };
            for offset in [0, EAST] {
                // Only these begin elsewhere in UTC+8.
                let differs = matches!(
                    interval,
                    Interval::H6
                        | Interval::H12
                        | Interval::D1
                        | Interval::D3
                        | Interval::W1
                        | Interval::Month
                );
                if offset == 0 || differs {
                    series.push(Series { interval, offset, closed: VecDeque::new(), current: None, keep });
                }
            }
        }
        Self { second: None, series }
    }
}

impl Chart {
    /// Books a trade. Trades come in the order of time.
    pub(crate) fn record(&mut self, trade: &Trade) {
        let candle = Candle::of(Interval::S1, trade);
        match &mut self.second {
            Some(second) if second.start == candle.start => second.merge(&candle),
            second => {
                if let Some(done) = second.replace(candle) {
                    for series in &mut self.series {
                        series.merge(&done);
                    }
                }
            }
        }
    }

    fn series(&self, interval: Interval, offset: i64) -> Option<&Series> {
        self.series
            .iter()
            .find(|series| series.interval == interval && series.offset == offset)
            .or_else(|| self.series.iter().find(|series| series.interval == interval))
    }

    /// The candles with trades of an interval, oldest first, the running one included.
    pub(super) fn traded(
        &self,
        interval: Interval,
        offset: i64,
    ) -> impl DoubleEndedIterator<Item = Candle> + '_ {
        let series = self.series(interval, offset);
        let mut running = series.and_then(|series| series.current);
        let mut next = None;
        if let (Some(second), Some(series)) = (&self.second, series) {
            let start = interval.start_of(second.start, series.offset);
            match &mut running {
                Some(current) if current.start == start => current.merge(second),
                _ => next = Some(Candle { start, ..*second }),
            }
        }
        series.map(|series| series.closed.iter().copied()).into_iter().flatten().chain(running).chain(next)
    }

    /// The same with those of the past, of which those around `window` are enough.
    fn with_past<'c>(
        &'c self,
        past: Option<&'c Past>,
        interval: Interval,
        offset: i64,
        window: (i64, i64),
    ) -> Box<dyn DoubleEndedIterator<Item = Candle> + 'c> {
        let mut live = self.traded(interval, offset);
        let Some(past) = past else { return Box::new(live) };
        let mut old = past.candles(interval, offset, window);
        // The exchange began somewhere within a candle.
        let border = match (old.next_back(), live.next()) {
            (Some(mut last), Some(first)) if last.start == first.start => {
                last.merge(&first);
                [Some(last), None]
            }
            border => border.into(),
        };
        Box::new(old.chain(border.into_iter().flatten()).chain(live))
    }

    /// Whether a candle, and all that follow it, were traded since the exchange began.
    fn is_live(&self, interval: Interval, offset: i64, start: i64) -> bool {
        self.traded(interval, offset).next().is_some_and(|first| first.start < start)
    }

    /// The candles of an interval in any time zone that is whole minutes away from UTC, built from the longest
    /// ones that begin and end with them there, where none are kept.
    fn zoned<'c>(
        &'c self,
        past: Option<&'c Past>,
        interval: Interval,
        offset: i64,
        window: (i64, i64),
    ) -> Box<dyn Iterator<Item = Candle> + 'c> {
        let kept = self.series.iter().any(|series| (series.interval, series.offset) == (interval, offset));
        let same = interval.length().is_some_and(|length| offset % length == 0);
        if kept || same {
            return self.with_past(past, interval, offset, window);
        }
        let fits = |shorter: &&Interval| {
            let divides = |length| offset % length == 0 && interval.length().unwrap_or(DAY) % length == 0;
            shorter.length().is_some_and(divides)
        };
        let piece = Interval::ALL.iter().rev().find(fits).copied().unwrap_or(Interval::S1);
        let mut out: Vec<Candle> = Vec::new();
        // To the end of the last candle.
        let window = (window.0, interval.next(interval.start_of(window.1, offset), offset));
        for candle in self.with_past(past, piece, 0, window) {
            let start = interval.start_of(candle.start, offset);
            match out.last_mut() {
                Some(last) if last.start == start => last.merge(&candle),
                _ => out.push(Candle { start, ..candle }),
            }
        }
        Box::new(out.into_iter())
    }

    /// The candles that start within `from..=to`, oldest first and without holes, at most `limit`: the first of them when
    /// `oldest`, else the last.
    pub(crate) fn candles(
        &self,
        past: Option<&Past>,
        interval: Interval,
        offset: i64,
        (from, to): (i64, i64),
        limit: usize,
        oldest: bool,
    ) -> Vec<Candle> {
        let shown = window(past, interval, (from, to), limit, oldest);
        let mut traded = self.zoned(past, interval, offset, shown).peekable();
        let Some(first) = traded.peek().copied() else { return Vec::new() };
        let from = from.max(first.start);
        let mut out: VecDeque<Candle> = VecDeque::new();
        let mut last: Option<Candle> = None;
        let push = |candle: Candle, out: &mut VecDeque<Candle>| {
            if candle.start < from || candle.start > to {
                return true;
            }
            out.push_back(candle);
            if out.len() > limit {
                if oldest {
                    out.pop_back();
                    return false;
                }
                out.pop_front();
            }
            true
        };
        for candle in traded {
            if let Some(last) = last {
                let mut start = interval.next(last.start, offset);
                // A long silence before the requested part is skipped.
                if let Some(length) = interval.length()
                    && !oldest
                {
                    let silent = (candle.start.min(to.saturating_add(1)) - start) / length;
                    let shown = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
                    start += silent.saturating_sub(shown).max(0) * length;
                }
                while start < candle.start && start <= to {
                    if !push(Candle::flat(start, last.close), &mut out) {
                        return out.into();
                    }
                    start = interval.next(start, offset);
                }
            }
            // The silence up to the end is in it already.
            if candle.start > to || !push(candle, &mut out) {
                return out.into();
            }
            last = Some(candle);
        }
        // Silence up to the end.
        if let Some(last) = last {
            let mut start = interval.next(last.start, offset);
            while start <= to {
                if !push(Candle::flat(start, last.close), &mut out) {
                    break;
                }
                start = interval.next(start, offset);
            }
        }
        out.into()
    }

    /// The candle that starts at `start`; a flat one when nothing was traded in it, none before the first trade.
    pub(crate) fn candle_at(
        &self,
        past: Option<&Past>,
        interval: Interval,
        offset: i64,
        start: i64,
    ) -> Option<Candle> {
        let past = past.filter(|_| !self.is_live(interval, offset, start));
        let all = self.with_past(past, interval, offset, (start, start));
        let candle = all.rev().find(|candle| candle.start <= start)?;
        Some(if candle.start == start { candle } else { Candle::flat(start, candle.close) })
    }

    /// All that was traded in the minutes from `from` on, as one candle; and the last price before.
    pub(crate) fn since(&self, past: Option<&Past>, from: i64) -> (Option<Candle>, Option<Fixed>) {
        let past = past.filter(|_| !self.is_live(Interval::M1, 0, from));
        let mut sum: Option<Candle> = None;
        // The newest first, since what lies before is of no interest.
        for mut candle in self.with_past(past, Interval::M1, 0, (from, i64::MAX)).rev() {
            if candle.start < from {
                return (sum, Some(candle.close));
            }
            if let Some(later) = &sum {
                candle.merge(later);
            }
            sum = Some(candle);
        }
        (sum, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::Timestamp;

    #[test]
    fn what_is_computed_is_as_long_as_what_is_shown() {
        let range = (1000, 40 * DAY);
        assert_eq!(window(None, Interval::S1, range, 3, true), (1000, 65_000));
        assert_eq!(window(None, Interval::S1, range, 3, false), (40 * DAY - 64_000, 40 * DAY));
    }

    fn trade(id: u64, seconds: i64, price: i64) -> Trade {
        Trade {
            id,
            price: Fixed::from_int(price),
            quantity: Fixed::ONE,
            quote: Fixed::from_int(price),
            time: Timestamp::from_millis(seconds * 1000 + 5),
            buyer_is_maker: id.is_multiple_of(2),
        }
    }

    #[test]
    fn starts_follow_the_calendar() {
        let at =
            |interval: Interval, millis| Timestamp::from_millis(interval.start_of(millis, 0)).to_string();
        let millis = 1_708_779_723_456; // 2024-02-24T13:02:03.456Z, a Saturday
        assert_eq!(at(Interval::S1, millis), "2024-02-24T13:02:03.000Z");
        assert_eq!(at(Interval::M3, millis), "2024-02-24T13:00:00.000Z");
        assert_eq!(at(Interval::H4, millis), "2024-02-24T12:00:00.000Z");
        assert_eq!(at(Interval::D1, millis), "2024-02-24T00:00:00.000Z");
        assert_eq!(at(Interval::W1, millis), "2024-02-19T00:00:00.000Z");
        assert_eq!(at(Interval::Month, millis), "2024-02-01T00:00:00.000Z");
        let start = Interval::Month.start_of(millis, 0);
        assert_eq!(
            Timestamp::from_millis(Interval::Month.next(start, 0)).to_string(),
            "2024-03-01T00:00:00.000Z"
        );
        assert_eq!(
            Timestamp::from_millis(Interval::D1.start_of(millis, EAST)).to_string(),
            "2024-02-23T16:00:00.000Z"
        );
    }

    #[test]
    fn candles_have_no_holes_and_merge() {
        let mut chart = Chart::default();
        for (id, seconds, price) in [(1, 0, 10), (2, 0, 12), (3, 1, 9), (4, 61, 11), (5, 300, 20)] {
            chart.record(&trade(id, seconds, price));
        }
        let minutes = chart.candles(None, Interval::M1, 0, (0, i64::MAX / 4), 0, true);
        assert!(minutes.is_empty());
        let minutes = chart.candles(None, Interval::M1, 0, (0, 300_000), 500, false);
        assert_eq!(minutes.len(), 6);
        assert_eq!(minutes[0].trades, 3);
        assert_eq!((minutes[0].open, minutes[0].high), (Fixed::from_int(10), Fixed::from_int(12)));
        assert_eq!((minutes[0].low, minutes[0].close), (Fixed::from_int(9), Fixed::from_int(9)));
        assert_eq!((minutes[2].trades, minutes[2].open), (0, Fixed::from_int(11)));
        assert_eq!(minutes[5].close, Fixed::from_int(20));
        assert_eq!(chart.candles(None, Interval::M1, 0, (0, 300_000), 2, false)[0].start, 240_000);
        assert_eq!(chart.candles(None, Interval::M1, 0, (0, 300_000), 2, true)[1].start, 60_000);
        // An end in a silence that is followed by a trade.
        let part = chart.candles(None, Interval::M1, 0, (0, 240_000), 500, true);
        assert_eq!(part.iter().map(|candle| candle.start / 60_000).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        let part = chart.candles(None, Interval::M1, 0, (i64::MIN, 240_000), 2, false);
        assert_eq!(part.iter().map(|candle| candle.start / 60_000).collect::<Vec<_>>(), [3, 4]);
        let day = chart.candles(None, Interval::D1, 0, (0, 300_000), 500, false);
        assert_eq!((day.len(), day[0].trades, day[0].quote), (1, 5, Fixed::from_int(62)));
        assert_eq!(
            chart.candle_at(None, Interval::S1, 0, 2000).unwrap(),
            Candle::flat(2000, Fixed::from_int(9))
        );
        let (sum, before) = chart.since(None, 60_000);
        assert_eq!((sum.unwrap().trades, before), (2, Some(Fixed::from_int(9))));
    }
}
