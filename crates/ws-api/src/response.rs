//! The answer to a request.

use binance_kit_core::RateLimit;
use std::ops::Deref;
use std::time::Duration;

/// The answer to a request, and what came with it. Dereferences to the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct WsResponse<T> {
    /// The decoded result.
    value: T,
    /// The status.
    status: u16,
    /// The usage of limits.
    rate_limits: Vec<RateLimit>,
    /// From writing the request to reading the answer.
    round_trip: Duration,
}

impl<T> WsResponse<T> {
    pub(crate) fn new(value: T, status: u16, rate_limits: Vec<RateLimit>, round_trip: Duration) -> Self {
        Self { value, status, rate_limits, round_trip }
    }

    /// The answer.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The status: 200, unless the exchange answered with a partial success.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The limits and the usage of each, as the exchange reports them with this answer.
    pub fn rate_limits(&self) -> &[RateLimit] {
        &self.rate_limits
    }

    /// The time from writing the request to reading the answer.
    pub fn round_trip(&self) -> Duration {
        self.round_trip
    }

    /// The answer alone.
    pub fn into_value(self) -> T {
        self.value
    }
}

impl<T> Deref for WsResponse<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
