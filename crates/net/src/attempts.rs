//! The budget of attempts to connect: the exchange counts those of one IP address (300 in 5 minutes) and bans addresses
//! that go beyond. One budget for all clients of a program, so that connections that are lost together do not come back
//! together.

use crate::clock::Clock;
use crate::random::Random;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Priority of an attempt to connect when attempts are scarce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Priority {
    /// Connections that carry orders: they may use all attempts there are.
    #[default]
    Ordinary,
    /// Connections that can wait, such as those of market data: they leave a tenth of the attempts to the others, and do not
    /// come in bursts.
    Background,
}

/// How many attempts there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptLimits {
    /// Maximum number of attempts within [`Self::window`]; the exchange allows 300.
    pub attempts: usize,
    /// The length of the window: 5 minutes.
    pub window: Duration,
    /// Maximum number of attempts of [`Priority::Background`] within [`Self::burst_window`]: 60.
    pub burst: usize,
    /// The window of the bursts: 10 seconds.
    pub burst_window: Duration,
}

impl Default for AttemptLimits {
    fn default() -> Self {
        Self {
            attempts: 300,
            window: Duration::from_secs(300),
            burst: 60,
            burst_window: Duration::from_secs(10),
        }
    }
}

/// The attempts made, and when the next one may follow: a state machine without a clock.
#[derive(Debug)]
struct AttemptLog {
    /// Maximum numbers of attempts.
    limits: AttemptLimits,
    /// When the attempts were made that may still count, oldest first.
    made: VecDeque<Instant>,
}

impl AttemptLog {
    /// Counts an attempt, or says how long to wait.
    fn take(&mut self, now: Instant, priority: Priority) -> Result<(), Duration> {
        let AttemptLimits { attempts, window, burst, burst_window } = self.limits;
        while self.made.front().is_some_and(|made| *made + window <= now) {
            self.made.pop_front();
        }
        let max_made = match priority {
            Priority::Ordinary => attempts.max(1),
            Priority::Background => attempts.saturating_sub(attempts / 10).max(1),
        };
        let mut wait = Duration::ZERO;
        if let Some(made) = self.made.len().checked_sub(max_made).and_then(|index| self.made.get(index)) {
            wait = *made + window - now;
        }
        if priority == Priority::Background
            && let Some(made) =
                self.made.len().checked_sub(burst.max(1)).and_then(|index| self.made.get(index))
        {
            wait = wait.max((*made + burst_window).saturating_duration_since(now));
        }
        if wait > Duration::ZERO {
            return Err(wait);
        }
        self.made.push_back(now);
        Ok(())
    }
}

/// Shares out the attempts to connect of one IP address. Cheap to clone; clones share the budget.
#[derive(Clone)]
pub struct Attempts {
    /// The attempts of all clones.
    log: Arc<Mutex<AttemptLog>>,
    /// The clock by which attempts count and wait.
    clock: Clock,
    /// Spreads clients that wait for the same attempt.
    random: Random,
}

impl fmt::Debug for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempts").field("used", &self.used()).finish_non_exhaustive()
    }
}

impl Attempts {
    /// A budget of its own.
    pub fn new(clock: Clock, random: Random, limits: AttemptLimits) -> Self {
        Self { log: Arc::new(Mutex::new(AttemptLog { limits, made: VecDeque::new() })), clock, random }
    }

    /// Uses an attempt now, or says how long to wait.
    ///
    /// # Errors
    ///
    /// The time after which to try again.
    pub fn try_acquire(&self, priority: Priority) -> Result<(), Duration> {
        let now = self.clock.monotonic();
        self.log.lock().unwrap_or_else(PoisonError::into_inner).take(now, priority)
    }

    /// Waits until an attempt may be made, and uses it. Those that wait together come back at different times. Dropping the
    /// future while it waits uses nothing.
    pub async fn acquire(&self, priority: Priority) {
        while let Err(wait) = self.try_acquire(priority) {
            // A tenth more at random: those that wait for the same attempt do not all ask again at once.
            let spread = u64::try_from(wait.as_micros() / 10).unwrap_or(u64::MAX);
            let wait = wait + Duration::from_micros(self.random.below(spread));
            tracing::debug!(wait_ms = wait.as_millis(), "waiting for an attempt to connect");
            self.clock.sleep(wait).await;
        }
    }

    /// How many attempts count now.
    pub fn used(&self) -> usize {
        let now = self.clock.monotonic();
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.made.iter().filter(|made| **made + log.limits.window > now).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn h9_there_are_never_more_than_300_attempts_in_any_5_minutes() {
        let attempts = Attempts::new(Clock::default(), Random::seeded(1), AttemptLimits::default());
        let began = Instant::now();
        let mut made = Vec::new();
        for number in 0..1000_u32 {
            let priority = if number % 2 == 0 { Priority::Background } else { Priority::Ordinary };
            attempts.acquire(priority).await;
            made.push(began.elapsed());
        }
        for window in made.windows(301) {
            assert!(window[300] >= window[0] + Duration::from_secs(300), "{window:?}");
        }
        assert!(began.elapsed() < Duration::from_secs(20 * 60), "it does not wait for longer than it must");
    }

    #[tokio::test(start_paused = true)]
    async fn h9_each_kind_alone_has_exactly_its_share() {
        for (priority, share) in [(Priority::Ordinary, 300), (Priority::Background, 270)] {
            let limits = AttemptLimits { burst: 300, ..AttemptLimits::default() };
            let attempts = Attempts::new(Clock::default(), Random::seeded(1), limits);
            for made in 0..share {
                assert_eq!(attempts.try_acquire(priority), Ok(()), "{priority:?} after {made}");
            }
            let window = Duration::from_secs(300);
            assert_eq!(attempts.try_acquire(priority), Err(window), "{priority:?}");
            tokio::time::sleep(Duration::from_millis(299_999)).await;
            assert!(attempts.try_acquire(priority).is_err(), "{priority:?}");
            tokio::time::sleep(Duration::from_millis(1)).await;
            assert_eq!(attempts.try_acquire(priority), Ok(()), "{priority:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn k7_background_attempts_leave_some_to_the_others_and_spread() {
        let attempts = Attempts::new(Clock::default(), Random::seeded(1), AttemptLimits::default());
        let mut burst = 0;
        while attempts.try_acquire(Priority::Background).is_ok() {
            burst += 1;
        }
        assert_eq!(burst, 60);
        for _ in burst..270 {
            attempts.acquire(Priority::Background).await;
        }
        tokio::time::sleep(Duration::from_secs(30)).await;
        assert!(attempts.try_acquire(Priority::Background).is_err());
        assert_eq!(attempts.try_acquire(Priority::Ordinary), Ok(()), "orders go first");
        assert_eq!(attempts.used(), 271);
    }
}
