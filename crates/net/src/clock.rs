//! The only place that reads clocks. Everything above is handed a [`Clock`], so that tests can pause time.

use binance_kit_core::Timestamp;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Where the wall time comes from.
pub trait WallClock: Send + Sync + 'static {
    /// The wall time now.
    fn now(&self) -> Timestamp;

    /// The wall time now, in nanoseconds since the Unix epoch, as exactly as the clock has it.
    fn nanos(&self) -> u64 {
        u64::try_from(self.now().as_micros()).unwrap_or(0).saturating_mul(1000)
    }
}

/// The system's wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemWallClock;

impl WallClock for SystemWallClock {
    #[expect(clippy::disallowed_methods, reason = "this is the module that owns the wall clock")]
    fn now(&self) -> Timestamp {
        let micros = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
        Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the module that owns the wall clock")]
    fn nanos(&self) -> u64 {
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        u64::try_from(nanos).unwrap_or(u64::MAX)
    }
}

/// A wall clock that starts at a given time and follows tokio's clock: under `tokio::time::pause` it is frozen and jumps as
/// timers fire.
#[derive(Debug, Clone, Copy)]
pub struct VirtualWallClock {
    /// The wall time at `origin`.
    start: Timestamp,
    /// When the clock was made, by tokio's clock.
    origin: Instant,
}

impl VirtualWallClock {
    /// A clock that shows `start` now. Must be called inside a tokio runtime whose clock may be paused.
    pub fn starting_at(start: Timestamp) -> Self {
        Self { start, origin: Instant::now() }
    }
}

impl WallClock for VirtualWallClock {
    fn now(&self) -> Timestamp {
        self.start.plus(self.origin.elapsed())
    }
}

struct Shared {
    /// Where the wall time comes from.
    wall: Box<dyn WallClock>,
    /// The exchange's clock less ours, in microseconds.
    offset: AtomicI64,
    /// By how much that may be wrong, in microseconds; negative before it was measured.
    offset_error: AtomicI64,
}

/// The time, for everything in the SDK: wall time, monotonic time, and the exchange's time as far as it is known.
/// Cheap to clone; clones share the offset to the exchange.
#[derive(Clone)]
pub struct Clock(Arc<Shared>);

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock")
            .field("now", &self.now())
            .field("offset_micros", &self.offset_micros())
            .finish()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(SystemWallClock)
    }
}

impl Clock {
    /// A clock that reads its wall time from `wall`.
    pub fn new(wall: impl WallClock) -> Self {
        Self(Arc::new(Shared {
            wall: Box::new(wall),
            offset: AtomicI64::new(0),
            offset_error: AtomicI64::new(-1),
        }))
    }

    /// Our own wall time.
    pub fn now(&self) -> Timestamp {
        self.0.wall.now()
    }

    /// Our own wall time in nanoseconds since the Unix epoch.
    pub fn nanos(&self) -> u64 {
        self.0.wall.nanos()
    }

    /// The monotonic time: tokio's, which tests can pause.
    pub fn monotonic(&self) -> Instant {
        Instant::now()
    }

    /// The exchange's time as far as it is known: our own, corrected by the last measured offset.
    pub fn exchange_now(&self) -> Timestamp {
        Timestamp::from_micros(self.now().as_micros().saturating_add(self.offset_micros()))
    }

    /// The exchange's clock less ours, in microseconds, as last measured; 0 before that.
    pub fn offset_micros(&self) -> i64 {
        self.0.offset.load(Ordering::Relaxed)
    }

    /// By how much [`Clock::offset_micros`] may be wrong: the round trip of the measurement, since the answer may have been
    /// under way for all of it or for none. `None` before a measurement.
    pub fn offset_error(&self) -> Option<Duration> {
        u64::try_from(self.0.offset_error.load(Ordering::Relaxed)).ok().map(Duration::from_micros)
    }

    /// Takes a sample: the exchange said `exchange` in answer to a request sent at `sent` and answered at `received`, both
    /// in our wall time. The exchange's reading is taken to be half a round trip old, and the offset is biased backwards by
    /// the same half, since the exchange refuses timestamps from its future sooner than those from its past.
    pub fn observe_exchange_time(&self, exchange: Timestamp, sent: Timestamp, received: Timestamp) {
        let half = i64::try_from(received.since(sent).as_micros() / 2).unwrap_or(0);
        let middle = sent.as_micros().saturating_add(half);
        self.0.offset_error.store(half.saturating_mul(2), Ordering::Relaxed);
        self.0
            .offset
            .store(exchange.as_micros().saturating_sub(middle).saturating_sub(half), Ordering::Relaxed);
    }

    /// Sets the offset by hand.
    pub fn set_offset_micros(&self, offset: i64) {
        self.0.offset.store(offset, Ordering::Relaxed);
    }

    /// Waits. Dropping the future just stops waiting.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_virtual_clock_goes_with_the_paused_one() {
        let clock = Clock::new(VirtualWallClock::starting_at(Timestamp::from_millis(1000)));
        clock.sleep(Duration::from_secs(7)).await;
        assert_eq!(clock.now(), Timestamp::from_millis(8000));
        assert_eq!((clock.nanos(), clock.offset_error()), (8_000_000_000, None));
    }

    #[tokio::test(start_paused = true)]
    async fn the_offset_never_points_into_the_exchanges_future() {
        let clock = Clock::new(VirtualWallClock::starting_at(Timestamp::from_millis(0)));
        // Sent at 0, the exchange's clock showed 5.000 s some time before the answer came at 200 ms.
        clock.observe_exchange_time(
            Timestamp::from_millis(5000),
            Timestamp::from_millis(0),
            Timestamp::from_millis(200),
        );
        assert_eq!(clock.offset_micros(), 4_800_000);
        assert_eq!(clock.offset_error(), Some(Duration::from_millis(200)));
    }
}
