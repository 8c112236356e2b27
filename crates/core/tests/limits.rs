//! The counters of request weight, compared with a count that is kept in another way.

use binance_kit_core::limit::LimitCounters;
use binance_kit_core::{RateLimitKind, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

proptest! {
    /// For any charges at any times: no window of the clock gets more than the limit, what is refused would not have
    /// fitted, and the returned wait ends exactly where the next window begins.
    #[test]
    fn h5_no_window_of_the_clock_gets_more_than_the_limit(
        start in 0_i64..10_000_000,
        steps in prop::collection::vec((0_i64..40_000, 1_u32..60), 1..200),
    ) {
        const LIMIT: u32 = 100;
        const WINDOW: i64 = 60_000;
        let mut counters =
            LimitCounters::new(RateLimitKind::RequestWeight).with_window(LIMIT, Duration::from_secs(60));
        let mut windows: BTreeMap<i64, u32> = BTreeMap::new();
        let mut now = start;
        for (step, weight) in steps {
            now += step;
            let used = windows.entry(now / WINDOW).or_default();
            match counters.take(Timestamp::from_millis(now), weight) {
                Ok(()) => {
                    *used += weight;
                    prop_assert!(*used <= LIMIT);
                }
                Err(wait) => {
                    prop_assert!(*used + weight > LIMIT);
                    let end = (now / WINDOW + 1) * WINDOW;
                    prop_assert_eq!(i64::try_from(wait.as_millis()).unwrap(), end - now);
                }
            }
        }
    }
}
