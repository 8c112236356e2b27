//! The exchange's clock, as a seam: everything in this crate takes the time from here.

use binance_kit_core::Timestamp;
use std::fmt::Debug;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Tells the exchange the time.
pub trait SimClock: Debug + Send + Sync {
    /// The time now. May stand still, should not go back (what goes back is taken for standing still).
    fn now(&self) -> Timestamp;
}

/// The wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct WallClock;

impl SimClock for WallClock {
    #[expect(clippy::disallowed_methods, reason = "this module owns the exchange's clock")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// A time to start from, and the time tokio says went by since: it stands still, and jumps, with a paused runtime.
#[derive(Debug, Clone, Copy)]
pub struct TokioClock {
    start: Timestamp,
    origin: Instant,
}

impl TokioClock {
    /// Starts at `start`.
    pub fn starting_at(start: Timestamp) -> Self {
        Self { start, origin: Instant::now() }
    }

    /// Starts at the wall clock's time.
    pub fn from_wall_clock() -> Self {
        Self::starting_at(WallClock.now())
    }
}

impl SimClock for TokioClock {
    fn now(&self) -> Timestamp {
        self.start.plus(self.origin.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn follows_paused_time() {
        let clock = TokioClock::starting_at(Timestamp::from_millis(5));
        tokio::time::advance(Duration::from_millis(20)).await;
        assert_eq!(clock.now(), Timestamp::from_millis(25));
        assert_eq!(clock.now(), Timestamp::from_millis(25));
    }
}
