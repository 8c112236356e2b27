//! How long to wait before connecting again: the first attempt at once, then exponentially longer up to a cap, each wait
//! drawn between nothing and that length (full jitter), without an end to the attempts.

use crate::random::Random;
use std::time::Duration;

/// The lengths of the waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackoffPolicy {
    /// Upper bound of the first wait.
    pub base: Duration,
    /// Upper bound of every wait.
    pub cap: Duration,
    /// How long a connection must have lived for the waits to start over.
    pub stable_after: Duration,
    /// The same for a connection that has proven its worth: it delivered events, or answered requests.
    pub proven_after: Duration,
}

impl Default for BackoffPolicy {
    /// 250 ms, doubling up to 30 s; a connection is stable after 10 s, and after 1 s if it is proven. A peer that ends every
    /// connection after a second or two costs an attempt each time and no wait: what keeps the address from being banned is
    /// the budget of attempts ([`crate::Attempts`]), not the waits.
    fn default() -> Self {
        Self {
            base: Duration::from_millis(250),
            cap: Duration::from_secs(30),
            stable_after: Duration::from_secs(10),
            proven_after: Duration::from_secs(1),
        }
    }
}

/// Counts the attempts of one connection.
#[derive(Debug, Clone)]
pub struct Backoff {
    /// The lengths of the waits.
    policy: BackoffPolicy,
    /// Number of attempts since the last stable connection.
    attempt: u32,
}

impl Backoff {
    /// Begins with an attempt at once.
    pub fn new(policy: BackoffPolicy) -> Self {
        Self { policy, attempt: 0 }
    }

    /// The number of attempts since the last stable connection.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// How long to wait before the next attempt. `at_least` is what the exchange asked for (`Retry-After`), up to three days.
    pub fn next_delay(&mut self, random: &Random, at_least: Option<Duration>) -> Duration {
        const MAX_ASKED: Duration = Duration::from_secs(3 * 86_400);
        let attempt = self.attempt;
        self.attempt = self.attempt.saturating_add(1);
        let jittered = if attempt == 0 {
            Duration::ZERO
        } else {
            let ceiling = self.policy.base.saturating_mul(1 << (attempt - 1).min(20)).min(self.policy.cap);
            Duration::from_micros(random.below(u64::try_from(ceiling.as_micros()).unwrap_or(u64::MAX)))
        };
        jittered.max(at_least.unwrap_or_default().min(MAX_ASKED))
    }

    /// The connection ended after living for `lived`; one that was stable resets the waits. `is_proven` says whether it
    /// delivered events or answered requests, so that it counts as stable sooner.
    pub fn ended_after(&mut self, lived: Duration, is_proven: bool) {
        let BackoffPolicy { stable_after, proven_after, .. } = self.policy;
        if lived >= stable_after || (is_proven && lived >= proven_after) {
            self.attempt = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_cap_and_start_over() {
        let policy = BackoffPolicy::default();
        let random = Random::seeded(1);
        let mut backoff = Backoff::new(policy);
        assert_eq!(backoff.next_delay(&random, None), Duration::ZERO);
        let mut longest = Duration::ZERO;
        for attempt in 0..1000_u32 {
            let delay = backoff.next_delay(&random, None);
            assert!(delay <= policy.base.saturating_mul(1 << attempt.min(20)).min(policy.cap));
            longest = longest.max(delay);
        }
        assert!(longest > policy.cap / 2, "jitter uses the whole range");
        assert_eq!(backoff.next_delay(&random, Some(Duration::from_secs(60))), Duration::from_secs(60));
        backoff.ended_after(Duration::from_secs(9), false);
        assert_ne!(backoff.attempt(), 0);
        backoff.ended_after(Duration::from_millis(999), true);
        assert_ne!(backoff.attempt(), 0, "a peer that ends each connection at once is waited for");
        for (lived, is_proven) in [(10_000, false), (1000, true)] {
            backoff.ended_after(Duration::from_millis(lived), is_proven);
            assert_eq!(backoff.next_delay(&random, None), Duration::ZERO);
            assert_ne!(backoff.attempt(), 0);
        }
    }
}
