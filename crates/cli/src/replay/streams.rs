//! What a recording holds of each stream: its events, their ids, and how old they were when they arrived.

use super::product::Identity;
use binance_kit::Timestamp;
use binance_kit::core::Position;
use binance_kit::stream::Gap;
use std::collections::BTreeMap;

/// Maximum number of gaps kept.
pub(super) const MAX_GAPS: usize = 1000;

/// Events of which some are missing, or may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Missing {
    /// The stream.
    pub(super) stream: String,
    /// When the first event behind it was received.
    pub(super) at: Timestamp,
    /// First and last missing place.
    pub(super) from: Position,
    pub(super) to: Position,
    /// Number of missing events, where ids or candles tell.
    pub(super) count: Option<u64>,
}

/// A distribution of delays, in microseconds, from which percentiles follow within 13 percent.
#[derive(Debug, Clone, Default)]
pub(super) struct Latency {
    pub(super) count: u64,
    sum: i128,
    pub(super) min: i64,
    pub(super) max: i64,
    /// Numbers of delays in buckets of which each octave has eight. Negative delays count as zero.
    buckets: Vec<u64>,
}

impl Latency {
    /// Number of bits that distinguish the buckets of an octave.
    const BITS: u32 = 3;

    fn bucket(micros: u64) -> usize {
        if micros < 1 << Self::BITS {
            return usize::try_from(micros).unwrap_or_default();
        }
        let octave = micros.ilog2() - Self::BITS;
        let place = (micros >> octave) & ((1 << Self::BITS) - 1);
        usize::try_from(u64::from(octave + 1) << Self::BITS | place).unwrap_or_default()
    }

    /// The smallest delay that is above a bucket.
    fn above(bucket: usize) -> u64 {
        let bucket = u64::try_from(bucket).unwrap_or_default() + 1;
        let octave = bucket >> Self::BITS;
        let place = bucket & ((1 << Self::BITS) - 1);
        if octave == 0 { place } else { ((1 << Self::BITS) | place) << (octave - 1) }
    }

    pub(super) fn add(&mut self, micros: i64) {
        (self.min, self.max) =
            if self.count == 0 { (micros, micros) } else { (self.min.min(micros), self.max.max(micros)) };
        self.count += 1;
        self.sum += i128::from(micros);
        let bucket = Self::bucket(u64::try_from(micros).unwrap_or_default());
        if self.buckets.len() <= bucket {
            self.buckets.resize(bucket + 1, 0);
        }
        if let Some(count) = self.buckets.get_mut(bucket) {
            *count += 1;
        }
    }

    /// Adds the delays of another distribution.
    pub(super) fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        (self.min, self.max) = if self.count == 0 {
            (other.min, other.max)
        } else {
            (self.min.min(other.min), self.max.max(other.max))
        };
        self.count += other.count;
        self.sum += other.sum;
        if self.buckets.len() < other.buckets.len() {
            self.buckets.resize(other.buckets.len(), 0);
        }
        for (count, more) in self.buckets.iter_mut().zip(&other.buckets) {
            *count += more;
        }
    }

    pub(super) fn mean(&self) -> i64 {
        i64::try_from(self.sum / i128::from(self.count.max(1))).unwrap_or(i64::MAX)
    }

    /// The delay that this many of a thousand do not exceed.
    pub(super) fn per_mille(&self, share: u64) -> i64 {
        let wanted = (self.count * share).div_ceil(1000).max(1);
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return i64::try_from(Self::above(bucket) - 1).unwrap_or(i64::MAX).clamp(self.min, self.max);
            }
        }
        self.max
    }
}

/// What a recording holds of one stream.
#[derive(Debug, Clone, Default)]
pub(super) struct StreamReport {
    /// The type of its events.
    pub(super) kind: String,
    /// Number of events, copies not counted.
    pub(super) events: u64,
    /// Receive time of the first and of the last event.
    pub(super) first_at: Option<Timestamp>,
    pub(super) last_at: Option<Timestamp>,
    /// The first and the last id, where the events have one.
    pub(super) first_id: Option<u64>,
    pub(super) last_id: Option<u64>,
    /// Number of gaps, those included that are only possible.
    pub(super) gaps: u64,
    /// Number of gaps that no id shows: a connection was lost, and the events have no ids.
    pub(super) possible_gaps: u64,
    /// Number of missing events, where ids or candles tell.
    pub(super) missing: u64,
    /// Number of events that were older than the one before.
    pub(super) out_of_order: u64,
    /// Number of candles, each counted once.
    pub(super) candles: u64,
    /// Number of candles of which the last update is missing.
    pub(super) unclosed: u64,
    /// Number of frames that cannot be read.
    pub(super) unreadable: u64,
    /// From the time of an event to its receipt.
    pub(super) latency: Latency,
    /// The last candle: its beginning, its end, whether it is final.
    candle: Option<(Timestamp, Timestamp, bool)>,
    /// Time of the last event.
    last_time: Option<Timestamp>,
}

/// All streams of a recording.
#[derive(Debug, Default)]
pub(super) struct Streams {
    pub(super) by_name: BTreeMap<String, StreamReport>,
    /// The first gaps of all streams.
    pub(super) gaps: Vec<Missing>,
    /// Number of gaps, also of those that are not kept.
    pub(super) gap_count: u64,
}

impl Streams {
    pub(super) fn stream(&mut self, name: &str) -> &mut StreamReport {
        if !self.by_name.contains_key(name) {
            self.by_name.insert(name.to_owned(), StreamReport::default());
        }
        self.by_name.entry(name.to_owned()).or_default()
    }

    /// Adds an event. The ids of one that the client does not put in order are checked here.
    pub(super) fn event(
        &mut self,
        name: &str,
        kind: &str,
        identity: Identity,
        time: Option<Timestamp>,
        received_at: Timestamp,
        is_ordered: bool,
    ) {
        let report = self.stream(name);
        if report.kind.is_empty() {
            report.kind = kind.chars().take(40).collect();
        }
        report.events += 1;
        report.first_at.get_or_insert(received_at);
        report.last_at = Some(received_at);
        if let Some(time) = time {
            report.latency.add(received_at.as_micros().saturating_sub(time.as_micros()));
        }
        let mut missing = None;
        match identity {
            Identity::Id(id) | Identity::Update(id) => {
                let last = report.last_id.replace(id);
                report.first_id.get_or_insert(id);
                if !is_ordered
                    && matches!(identity, Identity::Id(_))
                    && let Some(last) = last
                {
                    if id <= last {
                        report.out_of_order += 1;
                        report.last_id = Some(last);
                    } else if id - last > 1 {
                        missing = Some((Position::Id(last + 1), Position::Id(id - 1), Some(id - last - 1)));
                    }
                }
            }
            Identity::Candle { open, close, is_closed } => missing = report.candle(open, close, is_closed),
            Identity::Time(time) => {
                report.out_of_order += u64::from(report.last_time.is_some_and(|last| time < last));
                report.last_time = Some(time);
            }
            Identity::None => {}
        }
        if let Some((from, to, count)) = missing {
            self.missing(Missing { stream: name.to_owned(), at: received_at, from, to, count });
        }
    }

    /// Adds a gap that the client has reported.
    pub(super) fn gap(&mut self, gap: &Gap, at: Timestamp) {
        let count = match (gap.from, gap.to) {
            (Position::Id(from), Position::Id(to)) => Some(to.saturating_sub(from).saturating_add(1)),
            _ => None,
        };
        // Candles that are missing are counted by their times.
        let is_candle = self.by_name.get(gap.stream.as_str()).is_some_and(|report| report.candle.is_some());
        if !is_candle {
            let (stream, from, to) = (gap.stream.to_string(), gap.from, gap.to);
            self.missing(Missing { stream, at, from, to, count });
        }
    }

    fn missing(&mut self, missing: Missing) {
        let report = self.stream(&missing.stream);
        report.gaps += 1;
        match missing.count {
            // Ids of best prices grow with holes: whether events are missing is not known.
            Some(count) if report.kind != "bookTicker" => {
                report.missing = report.missing.saturating_add(count);
            }
            _ => report.possible_gaps += 1,
        }
        self.gap_count += 1;
        if self.gaps.len() < MAX_GAPS {
            self.gaps.push(missing);
        }
    }
}

impl StreamReport {
    /// Checks a candle against the one before. Returns the candles missing between them.
    fn candle(
        &mut self,
        open: Timestamp,
        close: Timestamp,
        is_closed: bool,
    ) -> Option<(Position, Position, Option<u64>)> {
        let Some((last_open, last_close, was_closed)) = self.candle.replace((open, close, is_closed)) else {
            self.candles += 1;
            return None;
        };
        if open <= last_open {
            if open < last_open {
                self.out_of_order += 1;
                self.candle = Some((last_open, last_close, was_closed));
            } else {
                // A final state stays so.
                self.candle = Some((open, close, is_closed || was_closed));
            }
            return None;
        }
        self.candles += 1;
        self.unclosed += u64::from(!was_closed);
        let next = last_close.plus(std::time::Duration::from_millis(1));
        if open <= next {
            return None;
        }
        // The times are what the recording says.
        let length = next.as_micros().saturating_sub(last_open.as_micros()).max(1);
        let missing = open.as_micros().saturating_sub(next.as_micros());
        let count = u64::try_from(missing.saturating_add(length - 1) / length).ok();
        let to = open.minus(std::time::Duration::from_millis(1));
        Some((Position::Time(next), Position::Time(to), count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn percentiles_come_out_of_buckets() {
        let mut latency = Latency::default();
        for micros in 1..=10_000 {
            latency.add(micros);
        }
        assert_eq!((latency.count, latency.min, latency.max, latency.mean()), (10_000, 1, 10_000, 5000));
        for (share, exact) in [(500, 5000_i64), (990, 9900), (10, 100)] {
            let found = latency.per_mille(share);
            assert!(found >= exact && found <= exact + exact / 8 + 1, "{share}: {found}");
        }
        let mut both = Latency::default();
        both.add(-7);
        both.merge(&latency);
        assert_eq!((both.count, both.min, both.max, both.per_mille(1000)), (10_001, -7, 10_000, 10_000));
        for bucket in 0..200 {
            let above = Latency::above(bucket);
            assert_eq!((Latency::bucket(above - 1), Latency::bucket(above)), (bucket, bucket + 1));
        }
    }

    #[test]
    fn candles_follow_each_other_and_close() {
        let mut streams = Streams::default();
        let minute = 60_000;
        let mut candle = |number: i64, is_closed| {
            let (open, close) = (at(number * minute), at((number + 1) * minute - 1));
            let identity = Identity::Candle { open, close, is_closed };
            streams.event("a@kline_1m", "kline", identity, None, at(number * minute), true);
        };
        for (number, is_closed) in [(0, false), (0, true), (1, false), (2, false), (2, true), (5, true)] {
            candle(number, is_closed);
        }
        let report = &streams.by_name["a@kline_1m"];
        assert_eq!((report.events, report.candles, report.unclosed, report.missing), (6, 4, 1, 2));
        let gap = &streams.gaps[0];
        assert_eq!((gap.from, gap.to), (Position::Time(at(3 * minute)), Position::Time(at(5 * minute - 1))));
    }

    #[test]
    fn times_at_the_ends_of_their_range_are_survived() {
        let mut report = StreamReport::default();
        let [least, most] = [i64::MIN, i64::MAX].map(Timestamp::from_micros);
        assert_eq!(report.candle(least, at(0), true), None);
        let missing = report.candle(most, most, true);
        assert!(matches!(missing, Some((Position::Time(_), Position::Time(_), Some(1..)))), "{missing:?}");
        assert_eq!(report.candle(most, most, true), None);
    }

    #[test]
    fn ids_that_the_client_does_not_know_are_checked_here() {
        let mut streams = Streams::default();
        for id in [7, 8, 8, 11] {
            streams.event("a@aggTrade", "aggTrade", Identity::Id(id), Some(at(1)), at(3), false);
        }
        let report = &streams.by_name["a@aggTrade"];
        assert_eq!((report.missing, report.gaps, report.out_of_order), (2, 1, 1));
        assert_eq!((report.first_id, report.last_id, report.latency.mean()), (Some(7), Some(11), 2000));
    }
}
