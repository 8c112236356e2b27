//! The only place that draws randomness (jitter, WebSocket keys and masks, client order ids).

use ring::rand::SecureRandom as _;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where random numbers come from.
pub trait RandomSource: Send + Sync + 'static {
    /// 64 random bits.
    fn next_u64(&self) -> u64;
}

/// The operating system's generator, through `ring`.
struct SystemSource(ring::rand::SystemRandom);

impl RandomSource for SystemSource {
    fn next_u64(&self) -> u64 {
        let mut bytes = [0; 8];
        if self.0.fill(&mut bytes).is_err() {
            // Jitter and masks need not be secret; a constant would only make them equal.
            tracing::error!("the system's random generator failed");
        }
        u64::from_le_bytes(bytes)
    }
}

/// A repeatable generator (splitmix64) for tests and simulations.
struct SeededSource(AtomicU64);

impl RandomSource for SeededSource {
    fn next_u64(&self) -> u64 {
        let state =
            self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed).wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

/// A source of randomness. Cheap to clone; clones share the source.
#[derive(Clone)]
pub struct Random(Arc<dyn RandomSource>);

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

impl Default for Random {
    fn default() -> Self {
        Self(Arc::new(SystemSource(ring::rand::SystemRandom::new())))
    }
}

impl Random {
    /// Takes numbers from `source`.
    pub fn new(source: impl RandomSource) -> Self {
        Self(Arc::new(source))
    }

    /// The same numbers for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self::new(SeededSource(AtomicU64::new(seed)))
    }

    /// 64 random bits.
    pub fn next_u64(&self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub fn below(&self, bound: u64) -> u64 {
        // The high half of the product; its bias is far below anything that jitter could show.
        let product = u128::from(self.next_u64()) * u128::from(bound);
        u64::try_from(product >> 64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_repeat_and_bounds_hold() {
        let (one, two) = (Random::seeded(7), Random::seeded(7));
        for _ in 0..1000 {
            let drawn = one.below(10);
            assert!(drawn < 10);
            assert_eq!(drawn, two.below(10));
        }
        assert_eq!(one.below(0), 0);
        assert_ne!(Random::default().next_u64(), Random::default().next_u64());
    }

    /// Counts what is logged.
    struct Logged(Arc<AtomicU64>);

    impl tracing::Subscriber for Logged {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }

        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

        fn event(&self, _: &tracing::Event<'_>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }

        fn enter(&self, _: &tracing::span::Id) {}

        fn exit(&self, _: &tracing::span::Id) {}
    }

    #[test]
    fn the_systems_generator_is_not_said_to_have_failed() {
        let logged = Arc::new(AtomicU64::new(0));
        tracing::subscriber::with_default(Logged(Arc::clone(&logged)), || {
            assert_ne!(Random::default().next_u64(), 0);
        });
        assert_eq!(logged.load(Ordering::Relaxed), 0);
    }
}
