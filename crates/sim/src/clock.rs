//! The exchange's clock, which is injected: everything in this crate takes the time from here.

use binance_kit_core::Timestamp;
use std::fmt::{self, Debug};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Source of the exchange's time.
pub trait SimClock: Debug + Send + Sync {
    /// Returns the time now. It may stay the same, and should not go back (a time that goes back is taken for the last one).
    fn now(&self) -> Timestamp;

    /// Adds a listener that is called whenever the clock was moved by hand, until it returns false. Clocks that move by
    /// themselves may ignore it.
    fn on_move(&self, listener: Box<dyn Fn() -> bool + Send + Sync>) {
        drop(listener);
    }

    /// Advances a clock that is driven by hand; returns false for other clocks.
    fn advance_by_hand(&self, duration: Duration) -> bool {
        let _ = duration;
        false
    }
}

/// The wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl SimClock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this module owns the exchange's clock")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// Whether the time of the current runtime is paused (`#[tokio::test(start_paused = true)]`). tokio does not tell, so its
/// clock is read before and after a moment of real time.
#[expect(clippy::disallowed_methods, reason = "this module owns the exchange's clock")]
pub(crate) fn is_time_paused() -> bool {
    let before = Instant::now();
    let real = std::time::Instant::now();
    while real.elapsed() < Duration::from_micros(20) {
        std::hint::spin_loop();
    }
    Instant::now() == before
}

/// A start time, and the time that passed since then by tokio's clock: frozen, and advanced, with a paused runtime.
#[derive(Debug, Clone, Copy)]
pub struct TokioClock {
    /// Time at the start.
    start: Timestamp,
    /// tokio's time at the start.
    origin: Instant,
}

impl TokioClock {
    /// Creates a clock that starts at `start`.
    pub fn starting_at(start: Timestamp) -> Self {
        Self { start, origin: Instant::now() }
    }

    /// Creates a clock that starts at the wall clock's time.
    pub fn from_wall_clock() -> Self {
        Self::starting_at(SystemClock.now())
    }
}

impl SimClock for TokioClock {
    fn now(&self) -> Timestamp {
        self.start.plus(self.origin.elapsed())
    }
}

/// A clock that a test drives: frozen until [`ManualClock::advance`]. Clones share the time.
///
/// When `advance` returns, the exchange has done all that was due in that time. What belongs to connections (pings,
/// time-outs, their 24 hours) follows tokio's time all the same.
///
/// ```
/// use binance_kit_core::Timestamp;
/// use binance_kit_sim::{Exchange, ManualClock};
/// use std::{sync::Arc, time::Duration};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let clock = ManualClock::starting_at(Timestamp::from_millis(1_700_000_000_000));
/// let exchange = Exchange::builder().in_memory().clock(Arc::new(clock.clone())).start().await?;
/// let before = exchange.order_book("BTCUSDT")?;
/// clock.advance(Duration::from_secs(1));
/// assert_eq!(exchange.now(), Timestamp::from_millis(1_700_000_001_000));
/// assert!(exchange.order_book("BTCUSDT")?.last_update_id > before.last_update_id);
/// # Ok::<(), binance_kit_sim::SimError>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock {
    /// Time and listeners, shared by clones.
    inner: Arc<Manual>,
}

struct Manual {
    /// Time in microseconds.
    micros: AtomicI64,
    /// Called after each move.
    listeners: Mutex<Vec<Listener>>,
}

type Listener = Box<dyn Fn() -> bool + Send + Sync>;

impl Debug for Manual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manual").field("micros", &self.micros).finish_non_exhaustive()
    }
}

/// Largest step of a manual clock: an exchange skips what lies too far back.
const STRIDE: Duration = Duration::from_secs(10);

impl ManualClock {
    /// Creates a clock that is frozen at `start`.
    pub fn starting_at(start: Timestamp) -> Self {
        let micros = AtomicI64::new(start.as_micros());
        Self { inner: Arc::new(Manual { micros, listeners: Mutex::default() }) }
    }

    /// Advances the clock. When it returns, the exchange has done what was due in that time.
    pub fn advance(&self, duration: Duration) {
        let mut left = duration;
        while !left.is_zero() {
            let stride = left.min(STRIDE);
            left -= stride;
            let mut listeners = self.inner.listeners.lock().unwrap_or_else(PoisonError::into_inner);
            // Under the lock: of two who move it at once, both count.
            let now = self.now().plus(stride);
            self.inner.micros.store(now.as_micros(), Ordering::Relaxed);
            listeners.retain(|listener| listener());
        }
    }
}

impl SimClock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.inner.micros.load(Ordering::Relaxed))
    }

    fn advance_by_hand(&self, duration: Duration) -> bool {
        self.advance(duration);
        true
    }

    fn on_move(&self, listener: Listener) {
        self.inner.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(listener);
    }
}

/// The end of the year 9999. However wrong, a clock stops there: what adds to a time must have room to.
const FURTHEST_MICROS: i64 = 253_402_300_799_999_999;

/// The clock of one exchange: that of its builder, and how far it is wrong.
#[derive(Debug)]
pub(crate) struct ExchangeClock {
    /// Clock of the builder.
    clock: Arc<dyn SimClock>,
    /// How far the exchange is ahead of it, in microseconds.
    skew_micros: AtomicI64,
}

impl ExchangeClock {
    pub(crate) fn new(clock: Arc<dyn SimClock>, skew_millis: i64) -> Self {
        Self { clock, skew_micros: AtomicI64::new(skew_millis.saturating_mul(1000)) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let now = self.clock.now().as_micros();
        let skewed = now.saturating_add(self.skew_micros.load(Ordering::Relaxed));
        Timestamp::from_micros(skewed.clamp(-FURTHEST_MICROS, FURTHEST_MICROS))
    }

    /// How far the clock is ahead, in milliseconds.
    pub(crate) fn skew(&self) -> i64 {
        self.skew_micros.load(Ordering::Relaxed) / 1000
    }

    /// To be called under the lock of the core, which has to follow.
    pub(crate) fn set_skew(&self, millis: i64) {
        self.skew_micros.store(millis.saturating_mul(1000), Ordering::Relaxed);
    }

    pub(crate) fn advance_by_hand(&self, duration: Duration) -> bool {
        self.clock.advance_by_hand(duration)
    }

    pub(crate) fn on_move(&self, listener: Listener) {
        self.clock.on_move(listener);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn follows_paused_time() {
        let clock = TokioClock::starting_at(Timestamp::from_millis(5));
        tokio::time::advance(Duration::from_millis(20)).await;
        assert_eq!(clock.now(), Timestamp::from_millis(25));
        assert_eq!(clock.now(), Timestamp::from_millis(25));
    }

    #[tokio::test(start_paused = true)]
    async fn paused_time_is_recognised() {
        assert!(is_time_paused());
        tokio::time::resume();
        assert!(!is_time_paused());
    }

    #[test]
    fn moves_by_hand_in_strides_that_are_heard() {
        let clock = ManualClock::starting_at(Timestamp::from_millis(5));
        let (heard, twin) = (Arc::new(AtomicI64::new(0)), clock.clone());
        let count = Arc::clone(&heard);
        clock.on_move(Box::new(move || {
            assert!(twin.now() > Timestamp::from_millis(5));
            count.fetch_add(1, Ordering::Relaxed) < 4
        }));
        clock.advance(Duration::from_secs(25));
        assert_eq!(clock.now(), Timestamp::from_millis(25_005));
        assert_eq!(heard.load(Ordering::Relaxed), 3);
        clock.advance(Duration::from_secs(60));
        // It said that it no longer cares.
        assert_eq!(heard.load(Ordering::Relaxed), 5);
    }

    #[test]
    fn what_several_threads_advance_adds_up() {
        let clock = ManualClock::starting_at(Timestamp::from_millis(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..20_000).for_each(|_| clock.advance(Duration::from_millis(1))));
            }
        });
        assert_eq!(clock.now(), Timestamp::from_millis(80_000));
    }

    #[test]
    fn clocks_can_be_wrong() {
        let clock = ManualClock::starting_at(Timestamp::from_millis(1000));
        let wrong = ExchangeClock::new(Arc::new(clock.clone()), -400);
        assert_eq!((wrong.now(), wrong.skew()), (Timestamp::from_millis(600), -400));
        clock.advance(Duration::from_millis(1));
        for millis in [i64::MAX, i64::MIN] {
            wrong.set_skew(millis);
            assert_eq!(wrong.now().as_micros(), millis.signum() * FURTHEST_MICROS);
        }
        wrong.set_skew(10);
        assert_eq!(wrong.now(), Timestamp::from_millis(1011));
    }
}
