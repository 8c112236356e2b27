//! How often a stream speaks: as its name documents, or as it was observed to. A value without I/O and without a clock.
//!
//! The documents say how often a stream speaks at most; when nothing changes, it is silent. So the documented cadence is the
//! floor of what is expected, and what was observed decides for quiet symbols.

use std::time::Duration;

/// How many intervals are remembered.
const REMEMBERED: usize = 64;
/// How many intervals make a judgement.
const ENOUGH: usize = 24;
/// What is expected of a stream that was not observed for long enough, at least.
const UNOBSERVED: Duration = Duration::from_secs(30);
/// After this time the longest interval counts for half.
const HALF_LIFE: Duration = Duration::from_secs(3600);

/// How often the documents say that a stream of this name speaks; `None` for those that speak when something happens
/// (trades, best prices).
pub fn documented(name: &str) -> Option<Duration> {
    let (symbol, kind) = name.split_once('@')?;
    // Speeds stand at the end.
    for (suffix, millis) in
        [("@100ms", 100), ("@250ms", 250), ("@500ms", 500), ("@1000ms", 1000), ("@1s", 1000)]
    {
        if name.ends_with(suffix) {
            return Some(Duration::from_millis(millis));
        }
    }
    let kind = if symbol.starts_with('!') { symbol } else { kind };
    let kind = kind.trim_start_matches('!');
    let seconds = match kind.split_once('@').map_or(kind, |(kind, _)| kind) {
        "ticker" | "miniTicker" | "avgPrice" | "referencePrice" | "depth" | "depth5" | "depth10"
        | "depth20" => 1,
        "markPrice" | "compositeIndex" | "assetIndex" => 3,
        kind if kind.starts_with("ticker_") => 1,
        "kline_1s" => 1,
        kind if kind.starts_with("kline_") => 2,
        _ => return None,
    };
    Some(Duration::from_secs(seconds))
}

/// The intervals between the events of a stream.
#[derive(Debug, Clone)]
pub(crate) struct Cadence {
    documented: Option<Duration>,
    last: Option<Duration>,
    intervals: [u32; REMEMBERED],
    count: usize,
    /// The longest interval, and when it ended: busy times must not make one forget the quiet ones.
    longest: Duration,
    longest_at: Duration,
}

impl Cadence {
    pub(crate) fn new(documented: Option<Duration>) -> Self {
        Self {
            documented,
            last: None,
            intervals: [0; REMEMBERED],
            count: 0,
            longest: Duration::ZERO,
            longest_at: Duration::ZERO,
        }
    }

    /// An event came.
    #[inline]
    pub(crate) fn heard(&mut self, now: Duration) {
        if let Some(last) = self.last.replace(now) {
            let interval = now.saturating_sub(last);
            if interval >= self.longest || interval > self.longest_left(now) {
                self.longest = interval;
                self.longest_at = now;
            }
            let millis = interval.as_millis();
            let slot = self.count % REMEMBERED;
            if let Some(interval) = self.intervals.get_mut(slot) {
                *interval = u32::try_from(millis).unwrap_or(u32::MAX);
            }
            self.count += 1;
        }
    }

    /// The next interval is not one of the stream's own: we were away.
    pub(crate) fn interrupt(&mut self) {
        self.last = None;
    }

    /// The interval that nearly all of the observed ones are within, once there are enough of them.
    pub(crate) fn learned(&self) -> Option<Duration> {
        let known = self.intervals.get(..self.count.min(REMEMBERED)).filter(|known| known.len() >= ENOUGH)?;
        // The longest: of 64 intervals, that is the 98th percentile.
        known.iter().max().map(|millis| Duration::from_millis(u64::from(*millis)))
    }

    /// The longest interval, as far as it still counts.
    fn longest_left(&self, now: Duration) -> Duration {
        let halvings = now.saturating_sub(self.longest_at).as_secs() / HALF_LIFE.as_secs();
        self.longest / (1 << halvings.min(30))
    }

    /// After how long a silence something is likely to be wrong. `None` for a stream that speaks when something happens and
    /// was not observed for long enough.
    pub(crate) fn limit(&self, now: Duration, floor: Duration) -> Option<Duration> {
        match (self.documented, self.learned()) {
            (_, Some(learned)) => {
                let longest = self.longest_left(now) * 3;
                Some((learned * 4).max(longest).max(self.documented.unwrap_or_default() * 10).max(floor))
            }
            (Some(documented), None) => Some((documented * 30).max(UNOBSERVED).max(floor)),
            (None, None) => None,
        }
    }

    /// What is known of it: the longest usual interval as observed, or else as documented.
    pub(crate) fn expected(&self) -> Option<Duration> {
        self.learned().or(self.documented)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_how_often() {
        for (name, millis) in [
            ("btcusdt@depth@100ms", Some(100)),
            ("btcusdt@depth", Some(1000)),
            ("btcusdt@depth20", Some(1000)),
            ("btcusdt@depth5@100ms", Some(100)),
            ("btcusdt@ticker", Some(1000)),
            ("!miniTicker@arr", Some(1000)),
            ("!ticker_1h@arr", Some(1000)),
            ("btcusdt@ticker_4h", Some(1000)),
            ("btcusdt@kline_1s", Some(1000)),
            ("btcusdt@kline_1d@+08:00", Some(2000)),
            ("btcusdt@markPrice", Some(3000)),
            ("btcusdt@markPrice@1s", Some(1000)),
            ("btcusdt@avgPrice", Some(1000)),
            ("btcusdt@trade", None),
            ("btcusdt@aggTrade", None),
            ("btcusdt@bookTicker", None),
        ] {
            assert_eq!(documented(name), millis.map(Duration::from_millis), "{name}");
        }
    }

    #[test]
    fn d5_a_quiet_symbol_is_given_the_time_it_usually_takes() {
        let floor = Duration::from_secs(5);
        let now = Duration::from_secs(6000);
        let mut busy = Cadence::new(Some(Duration::from_millis(100)));
        assert_eq!(busy.limit(now, floor), Some(UNOBSERVED), "documented, not observed yet");
        let mut quiet = busy.clone();
        let mut trades = Cadence::new(None);
        assert_eq!(trades.limit(now, floor), None, "nothing is known of it");
        for step in 0..100_u64 {
            busy.heard(Duration::from_millis(step * 100));
            quiet.heard(Duration::from_secs(step * (5 + step % 7)));
            trades.heard(Duration::from_secs(step * 60));
        }
        assert_eq!(busy.limit(now, floor), Some(floor));
        assert!(quiet.limit(now, floor).unwrap() > Duration::from_secs(60));
        assert_eq!(trades.limit(now, floor), Some(Duration::from_secs(240)));
        trades.interrupt();
        trades.heard(Duration::from_secs(1_000_000));
        assert_eq!(trades.limit(now, floor), Some(Duration::from_secs(240)), "we were away");
    }
}
