//! The watchdog of one stream: the actions when a stream that is acknowledged is silent. A state machine without I/O and
//! without a clock.
//!
//! The steps, each after a further wait: report it and list the subscriptions; unsubscribe the stream and subscribe it again;
//! open a new connection. After a round without success the next one waits twice as long, so that a symbol without events
//! causes little traffic.

use super::cadence::Cadence;
use std::time::Duration;

/// Maximum wait between two steps for one stream.
const MAX_WAIT: Duration = Duration::from_secs(3600);

/// The action that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Report it, and list the subscriptions.
    Probe,
    /// Unsubscribe the stream and subscribe it again.
    Resubscribe,
    /// Move to a new connection.
    Replace,
}

/// The watchdog.
#[derive(Debug)]
pub(crate) struct Watch {
    /// How often events arrive.
    cadence: Cadence,
    /// The shortest silence that is acted on.
    floor: Duration,
    /// When the last event arrived, or the stream was last acknowledged; `None` while no connection carries it.
    since: Option<Duration>,
    /// The number of the next step.
    step: u32,
    /// Since when the stream is stale, if it is.
    stale_since: Option<Duration>,
    /// When the next check is due.
    next: Option<Duration>,
    /// Number of rounds without success.
    rounds: u32,
}

impl Watch {
    /// Creates the watchdog of a stream with this cadence. `floor` is the shortest silence that is acted on.
    pub(crate) fn new(cadence: Cadence, floor: Duration) -> Self {
        Self { cadence, floor, since: None, step: 0, stale_since: None, next: None, rounds: 0 }
    }

    /// The stream is acknowledged on a new connection: the silence is counted from here, unless it is already under watch.
    pub(crate) fn covered(&mut self, now: Duration) {
        self.cadence.interrupt();
        if self.since.is_none() {
            self.since = Some(now);
        }
        self.rearm(now);
    }

    /// No connection carries the stream: it is not expected to deliver events.
    pub(crate) fn uncovered(&mut self) {
        self.cadence.interrupt();
        self.since = None;
        self.next = None;
        self.step = 0;
    }

    /// The connections were not read for some time: streams that seem silent may only have been unread.
    pub(crate) fn unread(&mut self, now: Duration) {
        self.cadence.interrupt();
        if self.since.is_some() {
            self.since = Some(now);
            self.rearm(now);
        }
    }

    /// Takes note of an event. `true` when the stream was reported stale.
    #[inline]
    pub(crate) fn event(&mut self, now: Duration) -> bool {
        self.cadence.event(now);
        self.since = Some(now);
        if self.step == 0 && self.stale_since.is_none() {
            // The deadline is moved lazily: when the old one is reached.
            if self.next.is_none() {
                self.next = self.limit(now).map(|limit| now + limit);
            }
            return false;
        }
        self.step = 0;
        self.rounds = 0;
        self.rearm(now);
        self.stale_since.take().is_some()
    }

    fn limit(&self, now: Duration) -> Option<Duration> {
        let limit = self.cadence.limit(now, self.floor)?;
        Some((limit * (1 << self.rounds.min(10))).min(MAX_WAIT.max(limit)))
    }

    fn rearm(&mut self, now: Duration) {
        let from = self.since.unwrap_or(now).max(if self.step == 0 { Duration::ZERO } else { now });
        self.next = self.limit(now).map(|limit| from + limit);
    }

    /// When the next check is due.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        self.next
    }

    /// The action that is due.
    pub(crate) fn expire(&mut self, now: Duration) -> Option<Step> {
        let since = self.since?;
        if self.next.is_some_and(|next| next > now) {
            return None;
        }
        // Its cadence may have become known since, and events may have arrived.
        let limit = self.limit(now)?;
        if self.step == 0 && since + limit > now {
            self.next = Some(since + limit);
            return None;
        }
        let step = match self.step {
            0 => Step::Probe,
            1 => Step::Resubscribe,
            _ => Step::Replace,
        };
        self.stale_since.get_or_insert(since);
        self.step = (self.step + 1).min(3);
        if step == Step::Replace {
            // Starts over, with longer waits.
            self.step = 1;
            self.rounds += 1;
        }
        self.next = Some(now + if step == Step::Probe { (limit / 2).max(self.floor / 2) } else { limit });
        Some(step)
    }

    /// Since when the stream is stale, if it is.
    pub(crate) fn stale_since(&self) -> Option<Duration> {
        self.stale_since
    }

    /// When the last event arrived, or the stream was acknowledged.
    pub(crate) fn since(&self) -> Option<Duration> {
        self.since
    }

    /// How often events arrive.
    pub(crate) fn cadence(&self) -> &Cadence {
        &self.cadence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOOR: Duration = Duration::from_secs(5);

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn steps(watch: &mut Watch, from: u64, to: u64) -> Vec<(u64, Step)> {
        (from..to).filter_map(|second| watch.expire(seconds(second)).map(|step| (second, step))).collect()
    }

    #[test]
    fn d5_silence_is_probed_then_subscribed_again_then_moved() {
        let mut watch = Watch::new(Cadence::new(Some(Duration::from_millis(100))), FLOOR);
        watch.covered(Duration::ZERO);
        (0..=1000).for_each(|step| assert!(!watch.event(Duration::from_millis(step * 100))));
        let due = steps(&mut watch, 100, 140);
        let kinds: Vec<Step> = due.iter().map(|(_, step)| *step).collect();
        assert_eq!(kinds[..3], [Step::Probe, Step::Resubscribe, Step::Replace], "{due:?}");
        assert_eq!(due[0].0, 105);
        assert!(due[2].0 <= 115, "{due:?}");
        assert_eq!(watch.stale_since(), Some(seconds(100)));
        assert!(watch.event(seconds(140)), "it resumes");
        assert!(!watch.event(seconds(141)));
        assert_eq!(steps(&mut watch, 141, 200), [], "such a silence is known now");
    }

    #[test]
    fn steps_without_success_become_rare() {
        let mut watch = Watch::new(Cadence::new(Some(Duration::from_secs(1))), FLOOR);
        watch.covered(Duration::ZERO);
        let day = steps(&mut watch, 0, 86_400);
        assert!(day.len() < 70, "{} steps in a day", day.len());
    }

    #[test]
    fn d5_busy_and_quiet_times_raise_few_alarms() {
        let random = binance_kit_net::Random::seeded(1);
        let mut alarms = 0;
        for _ in 0..50 {
            let mut watch = Watch::new(Cadence::new(None), FLOOR);
            watch.covered(Duration::ZERO);
            let mut now = 0_u64;
            for _ in 0..300 {
                // A burst, and then a silence of up to ten minutes.
                for _ in 0..random.below(100) {
                    now += random.below(400);
                    watch.event(Duration::from_millis(now));
                }
                let until = now + random.below(600_000);
                while now < until {
                    now = (now + 1000).min(until);
                    alarms += usize::from(watch.expire(Duration::from_millis(now)) == Some(Step::Probe));
                }
                watch.event(Duration::from_millis(now));
            }
        }
        assert!(alarms < 250, "{alarms} alarms in 50 days of 300 silences each");
    }

    #[test]
    fn streams_without_connection_or_unread_are_not_watched() {
        let mut watch = Watch::new(Cadence::new(Some(Duration::from_secs(1))), FLOOR);
        assert_eq!(steps(&mut watch, 0, 1000), []);
        watch.covered(seconds(1000));
        watch.uncovered();
        assert_eq!(steps(&mut watch, 1000, 2000), []);
        watch.covered(seconds(2000));
        watch.unread(seconds(2500));
        assert_eq!(watch.expire(seconds(2501)), None);
    }

    #[test]
    fn d5_each_step_comes_at_its_time_from_the_acknowledgement_on() {
        let mut watch = Watch::new(Cadence::new(Some(seconds(1))), FLOOR);
        watch.covered(seconds(10));
        // Thirty cadences until it is known how often events come, and half of that after the probe.
        let expected = [(40, Step::Probe), (55, Step::Resubscribe), (85, Step::Replace)];
        assert_eq!(steps(&mut watch, 10, 115), expected);
        assert_eq!(watch.next_deadline(), Some(seconds(115)));
        // The next round takes twice as long.
        assert_eq!(steps(&mut watch, 115, 230), [(115, Step::Resubscribe), (175, Step::Replace)]);
    }

    #[test]
    fn a_new_connection_has_its_time_before_the_next_step() {
        let mut watch = Watch::new(Cadence::new(Some(seconds(1))), FLOOR);
        watch.covered(seconds(0));
        assert_eq!(steps(&mut watch, 0, 31), [(30, Step::Probe)]);
        watch.covered(seconds(40));
        assert_eq!(steps(&mut watch, 40, 80), [(70, Step::Resubscribe)]);
        // Without a connection nothing is due, and the next one begins with the first step.
        watch.uncovered();
        assert_eq!((watch.since(), watch.next_deadline()), (None, None));
        watch.covered(seconds(200));
        assert_eq!(steps(&mut watch, 200, 240), [(230, Step::Probe)]);
    }
}
