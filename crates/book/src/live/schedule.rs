//! The order of snapshots: the books that cannot be read come first, in the order of their requests, a few at a time, each with
//! growing waits after failures; then those that are about to leave the range of their snapshot; snapshots that only improve a
//! book wait until nothing else is queued.

use crate::sync::SnapshotTicket;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use tokio::time::Instant;

/// A snapshot to be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Job {
    /// The book.
    pub(super) slot: usize,
    /// The request it answers.
    pub(super) ticket: SnapshotTicket,
    /// Whether the book cannot be read until it comes.
    pub(super) urgent: bool,
}

/// What is due at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer {
    /// The wait of a snapshot is over.
    Fetch(Job),
    /// A book had time to continue without a snapshot.
    Quiet(usize),
    /// Time to look again whether improvements can be fetched.
    Improve,
    /// Time to compare the next book with a snapshot.
    Audit,
}

/// The waits after failures.
const BASE: Duration = Duration::from_millis(100);
const CAP: Duration = Duration::from_secs(30);

/// How long to wait before the `attempt`-th repetition: nothing before the first, then 100 ms doubling up to 30 s, of which
/// the second half is drawn by `below`, which gives a number below its argument.
pub(super) fn delay(attempt: u32, below: impl FnOnce(u64) -> u64) -> Duration {
    if attempt == 0 {
        return Duration::ZERO;
    }
    let half = BASE.saturating_mul(1 << (attempt - 1).min(16)).min(CAP) / 2;
    half + Duration::from_micros(below(u64::try_from(half.as_micros()).unwrap_or(u64::MAX)))
}

/// The queue of snapshots, and the timers.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// The timers by time, and by number where several are due at once.
    timers: BTreeMap<(Instant, u64), Timer>,
    /// Number of timers set so far.
    count: u64,
    /// Snapshots of books that cannot be read.
    urgent: VecDeque<Job>,
    /// Snapshots of books that can be read, and soon cannot without one.
    refreshes: VecDeque<Job>,
    /// Books that would profit from a larger snapshot.
    improvements: VecDeque<usize>,
    /// Whether a timer for improvements is set.
    improve_armed: bool,
}

impl Schedule {
    pub(super) fn at(&mut self, when: Instant, timer: Timer) {
        self.count += 1;
        self.timers.insert((when, self.count), timer);
    }

    /// Fetches a snapshot after a wait.
    pub(super) fn fetch(&mut self, job: Job, now: Instant, wait: Duration) {
        if wait.is_zero() {
            self.queue(job);
        } else {
            self.at(now + wait, Timer::Fetch(job));
        }
    }

    fn queue(&mut self, job: Job) {
        let queue = if job.urgent { &mut self.urgent } else { &mut self.refreshes };
        queue.push_back(job);
    }

    /// Notes that a book would profit from a larger snapshot.
    pub(super) fn improve(&mut self, slot: usize) {
        if !self.improvements.contains(&slot) {
            self.improvements.push_back(slot);
        }
    }

    /// Looks again at the improvements after a while.
    pub(super) fn improve_later(&mut self, now: Instant) {
        if !self.improve_armed && !self.improvements.is_empty() {
            self.improve_armed = true;
            self.at(now + Duration::from_secs(5), Timer::Improve);
        }
    }

    /// When the next timer is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.timers.first_key_value().map(|((when, _), _)| *when)
    }

    /// Takes the timer that is due. Snapshots whose wait is over are queued.
    pub(super) fn due(&mut self, now: Instant) -> Option<Timer> {
        while self.next_due().is_some_and(|due| due <= now) {
            match self.timers.pop_first().map(|(_, timer)| timer) {
                Some(Timer::Fetch(job)) => self.queue(job),
                Some(Timer::Improve) => self.improve_armed = false,
                other => return other,
            }
        }
        None
    }

    /// The next snapshot that was requested.
    pub(super) fn next_job(&mut self) -> Option<Job> {
        self.urgent.pop_front().or_else(|| self.refreshes.pop_front())
    }

    /// The next book to be improved; `None` while a requested snapshot waits.
    pub(super) fn next_improvement(&mut self) -> Option<usize> {
        if self.waiting() == 0 { self.improvements.pop_front() } else { None }
    }

    /// Number of requested snapshots that wait.
    pub(super) fn waiting(&self) -> usize {
        self.urgent.len() + self.refreshes.len()
    }
}

/// The number of levels to ask for: the most that `left` weight allows for each of `waiting` books, between `floor` and
/// `wanted`. `offered` are the numbers that the exchange has, ascending, with their weights.
pub(super) fn levels_for(
    offered: &[(usize, u32)],
    floor: usize,
    wanted: usize,
    waiting: usize,
    left: u32,
) -> usize {
    let share = u64::from(left) / u64::try_from(waiting.max(1)).unwrap_or(u64::MAX);
    offered
        .iter()
        .rev()
        .find(|(levels, weight)| *levels <= wanted && *levels >= floor && u64::from(*weight) <= share)
        .map_or(floor, |(levels, _)| *levels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BookSync, SyncRule};

    #[test]
    fn waits_grow_to_the_cap() {
        assert_eq!(delay(0, |_| panic!("no draw")), Duration::ZERO);
        assert_eq!(delay(1, |_| 0), Duration::from_millis(50));
        assert_eq!(delay(1, |below| below), Duration::from_millis(100));
        assert_eq!(delay(4, |below| below), Duration::from_millis(800));
        assert_eq!(delay(u32::MAX, |below| below), CAP);
    }

    #[test]
    fn levels_follow_the_budget() {
        let offered = [(100, 5), (500, 25), (1000, 50), (5000, 250)];
        assert_eq!(levels_for(&offered, 100, 5000, 1, 6000), 5000);
        assert_eq!(levels_for(&offered, 100, 5000, 500, 6000), 100);
        assert_eq!(levels_for(&offered, 100, 5000, 100, 6000), 1000);
        assert_eq!(levels_for(&offered, 100, 1000, 10, 6000), 1000);
        assert_eq!(levels_for(&offered, 1000, 5000, 500, 6000), 1000);
        assert_eq!(levels_for(&offered, 5000, 5000, 500, 0), 5000);
    }

    #[test]
    fn urgent_snapshots_come_first() {
        let now = Instant::now();
        let ticket = BookSync::new(SyncRule::Spot).request_snapshot();
        let job = |slot| Job { slot, ticket, urgent: true };
        let mut schedule = Schedule::default();
        schedule.improve(9);
        schedule.improve(9);
        schedule.fetch(job(1), now, Duration::from_secs(2));
        schedule.fetch(Job { urgent: false, ..job(4) }, now, Duration::ZERO);
        schedule.fetch(job(2), now, Duration::ZERO);
        schedule.at(now + Duration::from_secs(1), Timer::Quiet(3));
        assert_eq!((schedule.next_improvement(), schedule.waiting()), (None, 2));
        assert_eq!(schedule.next_job(), Some(job(2)));
        assert_eq!(schedule.next_job().map(|job| job.slot), Some(4));
        assert_eq!(schedule.next_job(), None);
        assert_eq!((schedule.next_improvement(), schedule.next_improvement()), (Some(9), None));
        assert_eq!(schedule.due(now), None);
        assert_eq!(schedule.due(now + Duration::from_secs(3)), Some(Timer::Quiet(3)));
        assert_eq!(schedule.due(now + Duration::from_secs(3)), None);
        assert_eq!(schedule.next_job(), Some(job(1)));
        assert_eq!(schedule.next_due(), None);
    }
}
