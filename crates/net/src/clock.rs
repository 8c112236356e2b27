//! The only place that reads clocks. Everything above is handed a [`Clock`], so that tests can pause time.

use binance_kit_core::Timestamp;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
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

/// An offset beyond this is believed only if two sources agree on it.
const MAX_PLAIN_OFFSET: Duration = Duration::from_secs(86_400);
/// How far two sources may be apart to agree.
const AGREEMENT: Duration = Duration::from_secs(10);
/// How long the word of one source waits for that of another.
const CONFIRM_WITHIN: Duration = Duration::from_secs(600);
/// Maximum number of sources that are remembered.
const MAX_SOURCES: usize = 8;

/// The exchange's clock differs from ours by more than a day, and no second source confirms it. Signed requests would be dated
/// by it, and be valid at another time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "by one host the exchange's clock is {} hours {} ours, and no second host confirms that; set the clock of this machine, or the \
     offset by hand (Clock::set_offset_micros)",
    .offset_micros.unsigned_abs() / 3_600_000_000, if *.offset_micros < 0 { "behind" } else { "ahead of" }
)]
pub struct ImplausibleTime {
    /// The measured offset, in microseconds.
    pub offset_micros: i64,
}

/// What is known of offsets of more than a day.
#[derive(Default)]
struct LongOffsets {
    /// The offset that two sources confirmed or a program set; plain offsets are counted from it.
    confirmed: i64,
    /// What single sources said: the source, the offset, when.
    claims: Vec<(String, i64, Instant)>,
}

impl LongOffsets {
    /// Whether to believe an offset. Remembers it where a second source may confirm it.
    fn accept(&mut self, source: &str, offset: i64, now: Instant) -> bool {
        let apart = |one: i64, two: i64| Duration::from_micros(one.abs_diff(two));
        if apart(offset, self.confirmed) <= MAX_PLAIN_OFFSET {
            return true;
        }
        self.claims.retain(|(_, _, at)| now.saturating_duration_since(*at) <= CONFIRM_WITHIN);
        if self.claims.iter().any(|(of, said, _)| of != source && apart(*said, offset) <= AGREEMENT) {
            self.confirmed = offset;
            self.claims.clear();
            return true;
        }
        self.claims.retain(|(of, _, _)| of != source);
        if self.claims.len() >= MAX_SOURCES {
            self.claims.remove(0);
        }
        self.claims.push((source.to_owned(), offset, now));
        false
    }
}

struct Shared {
    /// Where the wall time comes from.
    wall: Box<dyn WallClock>,
    /// The exchange's clock less ours, in microseconds.
    offset: AtomicI64,
    /// By how much that may be wrong, in microseconds; negative before it was measured.
    offset_error: AtomicI64,
    /// What is known of offsets of more than a day.
    long: Mutex<LongOffsets>,
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
            long: Mutex::default(),
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
    ///
    /// `source` names the host that said so. An offset of more than a day is taken only once a second host has confirmed it
    /// within ten minutes, to ten seconds; from then on offsets within a day of it are plain.
    ///
    /// # Errors
    ///
    /// [`ImplausibleTime`] for an offset of more than a day that no second host has confirmed; the clock keeps its offset.
    pub fn observe_exchange_time(
        &self,
        source: &str,
        exchange: Timestamp,
        sent: Timestamp,
        received: Timestamp,
    ) -> Result<(), ImplausibleTime> {
        let half = i64::try_from(received.since(sent).as_micros() / 2).unwrap_or(0);
        let middle = sent.as_micros().saturating_add(half);
        let offset = exchange.as_micros().saturating_sub(middle).saturating_sub(half);
        if !self.long().accept(source, offset, self.monotonic()) {
            tracing::warn!(source, offset_micros = offset, "the exchange's time is not plausible");
            return Err(ImplausibleTime { offset_micros: offset });
        }
        self.0.offset_error.store(half.saturating_mul(2), Ordering::Relaxed);
        self.0.offset.store(offset, Ordering::Relaxed);
        Ok(())
    }

    /// Sets the offset by hand, whatever it is. Offsets measured later are plausible within a day of it.
    pub fn set_offset_micros(&self, offset: i64) {
        self.long().confirmed = offset;
        self.0.offset.store(offset, Ordering::Relaxed);
    }

    fn long(&self) -> std::sync::MutexGuard<'_, LongOffsets> {
        self.0.long.lock().unwrap_or_else(PoisonError::into_inner)
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
        let observed = clock.observe_exchange_time(
            "host",
            Timestamp::from_millis(5000),
            Timestamp::from_millis(0),
            Timestamp::from_millis(200),
        );
        assert_eq!(observed, Ok(()));
        assert_eq!(clock.offset_micros(), 4_800_000);
        assert_eq!(clock.offset_error(), Some(Duration::from_millis(200)));
    }

    #[tokio::test(start_paused = true)]
    async fn an_offset_of_more_than_a_day_needs_two_sources() {
        const HOUR: i64 = 3_600_000;
        let clock = Clock::new(VirtualWallClock::starting_at(Timestamp::from_millis(1_700_000_000_000)));
        let observe = |source: &str, hours: i64, millis: i64| {
            let now = clock.now();
            let exchange = Timestamp::from_millis(now.as_millis() + hours * HOUR + millis);
            clock.observe_exchange_time(source, exchange, now, now).is_ok()
        };
        for hours in [23, -23, 24, -24, 0] {
            assert!(observe("a", hours, 0), "{hours}");
        }
        for hours in [25, -25, 24 * 365, -24 * 365 * 50] {
            // However often one host says so; or two that do not agree.
            assert!(!observe("a", hours, 0) && !observe("a", hours, 0), "{hours}");
            assert!(!observe("b", hours, 11_000), "{hours}");
            assert_eq!(clock.offset_micros(), 0, "{hours}");
        }
        // Not after a long time.
        assert!(!observe("a", 48, 0));
        clock.sleep(Duration::from_secs(601)).await;
        assert!(!observe("b", 48, 0));
        assert!(observe("a", 48, 5000));
        assert_eq!(clock.offset_micros(), (48 * HOUR + 5000) * 1000);
        // What was confirmed is plain from then on, and no step towards more.
        assert!(observe("c", 47, 0) && observe("c", 71, 0));
        assert!(!observe("c", 94, 0));
        clock.set_offset_micros(1000 * HOUR * 1000);
        assert!(observe("c", 1001, 0) && !observe("c", 0, 0));
        let error = ImplausibleTime { offset_micros: -90_000_000_000 };
        assert!(error.to_string().contains("25 hours behind ours"), "{error}");
    }
}
