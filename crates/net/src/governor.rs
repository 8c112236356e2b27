//! The governor of request weight: one for all clients behind one IP address, so that no two of them can together
//! exceed what the exchange allows. It waits before sending, adopts the exchange's own counts, and holds everything
//! after a 429 or 418.

use crate::clock::Clock;
use binance_kit_core::limit::WeightLedger;
use binance_kit_core::{RateLimit, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Shares out the request weight of one IP address. Cheap to clone; clones share the ledger.
#[derive(Debug, Clone)]
pub struct Governor {
    ledger: Arc<Mutex<WeightLedger>>,
    clock: Clock,
}

impl Governor {
    /// A governor with the documented limit (6,000 in a minute) until the exchange reports another.
    pub fn new(clock: Clock) -> Self {
        Self::with_ledger(clock, WeightLedger::default())
    }

    /// A governor with a ledger of one's own.
    pub fn with_ledger(clock: Clock, ledger: WeightLedger) -> Self {
        Self { ledger: Arc::new(Mutex::new(ledger)), clock }
    }

    fn with<R>(&self, use_it: impl FnOnce(&mut WeightLedger, Timestamp) -> R) -> R {
        let now = self.clock.exchange_now();
        use_it(&mut self.ledger.lock().unwrap_or_else(PoisonError::into_inner), now)
    }

    /// Waits until `weight` may be used, and uses it. Dropping the future while it waits uses nothing.
    pub async fn acquire(&self, weight: u32) {
        while let Err(wait) = self.try_acquire(weight) {
            tracing::debug!(weight, wait_ms = wait.as_millis(), "waiting for request weight");
            self.clock.sleep(wait).await;
        }
    }

    /// As [`Governor::acquire`], but gives up when it would have to wait for longer than `patience` in all, and says how long
    /// it would have to wait still. Nothing is used then. Dropping the future while it waits uses nothing.
    ///
    /// # Errors
    ///
    /// The time after which to try again.
    pub async fn acquire_within(&self, weight: u32, patience: Duration) -> Result<(), Duration> {
        let mut left = patience;
        while let Err(wait) = self.try_acquire(weight) {
            left = left.checked_sub(wait).ok_or(wait)?;
            self.clock.sleep(wait).await;
        }
        Ok(())
    }

    /// Uses `weight` now, or says how long to wait.
    ///
    /// # Errors
    ///
    /// The time after which to try again.
    pub fn try_acquire(&self, weight: u32) -> Result<(), Duration> {
        self.with(|ledger, now| ledger.take(now, weight))
    }

    /// Adopts what the exchange reports.
    pub fn observe(&self, usage: &RateLimit) {
        self.with(|ledger, now| ledger.observe(now, usage));
    }

    /// The exchange wants silence: 429 or 418.
    pub fn hold(&self, retry_after: Option<Duration>) {
        self.with(|ledger, now| ledger.hold(now, retry_after));
    }

    /// How much of the current window is used, and how much may be.
    pub fn usage(&self) -> (u32, u32) {
        self.with(|ledger, now| (ledger.used(now), ledger.limit()))
    }

    /// Until when everything is held, if it is.
    pub fn held_until(&self) -> Option<Timestamp> {
        self.with(|ledger, now| ledger.held_until(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::VirtualWallClock;

    #[tokio::test(start_paused = true)]
    async fn waits_for_the_next_window_and_for_holds() {
        let clock = Clock::new(VirtualWallClock::starting_at(Timestamp::from_millis(50_000)));
        let governor = Governor::with_ledger(clock.clone(), WeightLedger::new(10, Duration::from_secs(60)));
        governor.acquire(10).await;
        governor.clone().acquire(1).await;
        assert_eq!(clock.now(), Timestamp::from_millis(60_000));
        governor.hold(Some(Duration::from_secs(5)));
        governor.acquire(1).await;
        assert_eq!(clock.now(), Timestamp::from_millis(65_000));
        assert_eq!(governor.usage(), (2, 10));
        governor.hold(Some(Duration::from_secs(20)));
        assert_eq!(governor.acquire_within(1, Duration::from_secs(19)).await, Err(Duration::from_secs(20)));
        assert_eq!(clock.now(), Timestamp::from_millis(65_000), "it did not wait in vain");
        assert_eq!(governor.acquire_within(1, Duration::from_secs(20)).await, Ok(()));
    }
}
