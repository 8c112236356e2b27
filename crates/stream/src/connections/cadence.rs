//! How often events of a stream arrive: as documented, or as observed. A value without I/O and without a clock.
//!
//! The documented cadence is the shortest interval; when nothing changes, a stream is silent. So it is the floor of what is
//! expected, and the observed intervals decide for quiet symbols.

use std::time::Duration;

/// Number of intervals that are remembered.
const REMEMBERED: usize = 64;
/// Number of intervals from which the cadence is learned.
const ENOUGH: usize = 24;
/// The shortest silence that is acted on before the cadence is learned.
const UNOBSERVED: Duration = Duration::from_secs(30);
/// After this time the longest interval counts for half.
const HALF_LIFE: Duration = Duration::from_secs(3600);

/// The intervals between the events of a stream.
#[derive(Debug, Clone)]
pub(crate) struct Cadence {
    /// The documented interval.
    documented: Option<Duration>,
    /// When the last event arrived; `None` after an interruption.
    last: Option<Duration>,
    /// The last intervals in milliseconds, in a ring.
    intervals: [u32; REMEMBERED],
    /// Number of intervals observed.
    count: usize,
    /// The longest interval: it is remembered through busy times.
    max: Duration,
    /// When the longest interval ended.
    max_at: Duration,
}

impl Cadence {
    pub(crate) fn new(documented: Option<Duration>) -> Self {
        Self {
            documented,
            last: None,
            intervals: [0; REMEMBERED],
            count: 0,
            max: Duration::ZERO,
            max_at: Duration::ZERO,
        }
    }

    /// Takes note of an event.
    #[inline]
    pub(crate) fn event(&mut self, now: Duration) {
        if let Some(last) = self.last.replace(now) {
            let interval = now.saturating_sub(last);
            // The halving is looked at only where it can have begun: a division less for each event.
            let is_decaying = now.saturating_sub(self.max_at) >= HALF_LIFE;
            if interval >= self.max || (is_decaying && interval > self.decayed_max(now)) {
                self.max = interval;
                self.max_at = now;
            }
            let millis = interval.as_secs().saturating_mul(1000) + u64::from(interval.subsec_millis());
            let slot = self.count % REMEMBERED;
            if let Some(interval) = self.intervals.get_mut(slot) {
                *interval = u32::try_from(millis).unwrap_or(u32::MAX);
            }
            self.count += 1;
        }
    }

    /// Leaves out the next interval: the stream was interrupted.
    pub(crate) fn interrupt(&mut self) {
        self.last = None;
    }

    /// The interval that nearly all observed ones are within, once there are enough of them.
    pub(crate) fn learned(&self) -> Option<Duration> {
        let known = self.intervals.get(..self.count.min(REMEMBERED)).filter(|known| known.len() >= ENOUGH)?;
        // The longest: of 64 intervals, that is the 98th percentile.
        known.iter().max().map(|millis| Duration::from_millis(u64::from(*millis)))
    }

    /// The longest interval, halved for each hour since.
    fn decayed_max(&self, now: Duration) -> Duration {
        let halvings = now.saturating_sub(self.max_at).as_secs() / HALF_LIFE.as_secs();
        self.max / (1 << halvings.min(30))
    }

    /// The silence after which a failure is likely. `None` for a stream without documented cadence that was not observed for
    /// long enough.
    pub(crate) fn limit(&self, now: Duration, floor: Duration) -> Option<Duration> {
        match (self.documented, self.learned()) {
            (_, Some(learned)) => {
                let longest = self.decayed_max(now) * 3;
                Some((learned * 4).max(longest).max(self.documented.unwrap_or_default() * 10).max(floor))
            }
            (Some(documented), None) => Some((documented * 30).max(UNOBSERVED).max(floor)),
            (None, None) => None,
        }
    }

    /// The longest usual interval as observed, or else as documented.
    pub(crate) fn expected(&self) -> Option<Duration> {
        self.learned().or(self.documented)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d5_a_quiet_symbol_is_given_the_time_it_usually_takes() {
        let floor = Duration::from_secs(5);
        let now = Duration::from_secs(6000);
        let mut busy = Cadence::new(Some(Duration::from_millis(100)));
        assert_eq!(busy.limit(now, floor), Some(UNOBSERVED), "documented, not observed yet");
        let mut quiet = busy.clone();
        let mut trades = Cadence::new(None);
        assert_eq!(trades.limit(now, floor), None, "not documented, not observed");
        for step in 0..100_u64 {
            busy.event(Duration::from_millis(step * 100));
            quiet.event(Duration::from_secs(step * (5 + step % 7)));
            trades.event(Duration::from_secs(step * 60));
        }
        assert_eq!(busy.limit(now, floor), Some(floor));
        assert!(quiet.limit(now, floor).unwrap() > Duration::from_secs(60));
        assert_eq!(trades.limit(now, floor), Some(Duration::from_secs(240)));
        trades.interrupt();
        trades.event(Duration::from_secs(1_000_000));
        assert_eq!(
            trades.limit(now, floor),
            Some(Duration::from_secs(240)),
            "an interruption does not count"
        );
    }

    /// Events with these intervals in seconds, after one at `at`. Gives the time of the last.
    fn events(cadence: &mut Cadence, at: u64, intervals: &[u64]) -> u64 {
        cadence.interrupt();
        cadence.event(Duration::from_secs(at));
        intervals.iter().fold(at, |at, interval| {
            cadence.event(Duration::from_secs(at + interval));
            at + interval
        })
    }

    #[test]
    fn the_longest_of_the_last_intervals_is_learned() {
        let mut cadence = Cadence::new(None);
        let at = events(&mut cadence, 0, &[1; ENOUGH - 1]);
        assert_eq!(cadence.learned(), None);
        events(&mut cadence, at, &[10]);
        assert_eq!(cadence.learned(), Some(Duration::from_secs(10)));
        events(&mut cadence, 1000, &[2; REMEMBERED]);
        assert_eq!(cadence.learned(), Some(Duration::from_secs(2)), "the ring holds the last ones");
    }

    #[test]
    fn a_long_interval_counts_for_half_after_each_hour() {
        let (hour, seconds) = (3600, Duration::from_secs);
        let mut cadence = Cadence::new(None);
        assert_eq!(events(&mut cadence, 0, &[100]), 100);
        let counted = |cadence: &Cadence, at| cadence.decayed_max(seconds(at));
        assert_eq!(counted(&cadence, 100 + hour - 1), seconds(100));
        assert_eq!(counted(&cadence, 100 + 2 * hour), seconds(25));
        // Shorter than what is left of it, as long, and longer.
        let at = 100 + 2 * hour + hour / 2;
        events(&mut cadence, at - 10, &[10]);
        assert_eq!(counted(&cadence, at), seconds(25));
        events(&mut cadence, at - 25, &[25]);
        assert_eq!(counted(&cadence, 100 + 3 * hour), seconds(25) / 2);
        events(&mut cadence, at - 60, &[60]);
        assert_eq!(counted(&cadence, 100 + 3 * hour), seconds(60));
    }
}
