//! When a request was sent, by the exchange's clock, which is known only so well.

use binance_kit_core::Timestamp;
use binance_kit_ws_api::Context;
use std::fmt;
use std::time::Duration;

/// By how much a timestamp may be ahead of the exchange's clock: it refuses requests from further in its future. Whatever our
/// clock said when a request was sent that the exchange executed, its own said at least this much less.
const MAX_AHEAD: Duration = Duration::from_secs(1);
/// Times that the exchange writes in milliseconds are cut off, not rounded.
const TIME_UNIT: Duration = Duration::from_millis(1);
/// Added to the measured error of the clock, which may have drifted since.
const DRIFT: Duration = Duration::from_secs(1);

/// When a request was sent, by the exchange's clock: an estimate and its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentAt {
    estimate: Timestamp,
    /// The request was not sent before this time.
    earliest: Timestamp,
    /// The request was not sent after this time.
    latest: Timestamp,
}

impl SentAt {
    /// The time now. A request with a receive window that the exchange accepts is not older than that, so that an unmeasured clock
    /// is not further behind either.
    pub(crate) fn now(context: &Context, recv_window: Duration) -> Self {
        let clock = context.clock();
        let error = clock.offset_error().map_or(recv_window, |error| error.saturating_add(DRIFT));
        Self::new(clock.exchange_now(), error)
    }

    pub(crate) fn new(estimate: Timestamp, error: Duration) -> Self {
        Self { estimate, earliest: estimate.minus(MAX_AHEAD).minus(TIME_UNIT), latest: estimate.plus(error) }
    }

    /// Returns the estimate.
    pub fn estimate(&self) -> Timestamp {
        self.estimate
    }

    /// Returns whether something that the exchange dates at `time` can be an effect of the request: it did not happen before the
    /// request can have been sent.
    pub fn can_precede(&self, time: Timestamp) -> bool {
        time >= self.earliest
    }

    /// Returns whether something that the exchange dates at `time` happened after the request was sent for sure.
    pub fn precedes(&self, time: Timestamp) -> bool {
        time > self.latest
    }
}

impl fmt::Display for SentAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.estimate.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_follow_their_request_but_for_the_error_of_the_clock() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let sent_at = SentAt::new(now, Duration::from_secs(5));
        let at = |millis: i64| Timestamp::from_millis(1_700_000_000_000 + millis);
        assert!(!sent_at.can_precede(at(-1002)) && sent_at.can_precede(at(-1001)));
        assert!(!sent_at.precedes(at(5000)) && sent_at.precedes(at(5001)));
        assert_eq!((sent_at.estimate(), sent_at.to_string()), (now, now.to_string()));
    }
}
