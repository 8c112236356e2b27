//! What a request gives back.

use binance_kit_core::RateLimit;
use std::ops::Deref;
use std::time::Duration;

/// The answer to a request, and what came with it. Dereferences to the answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Response<T> {
    /// The answer.
    pub value: T,
    /// The status: 200, unless the exchange answered with a partial success.
    pub status: u16,
    /// The limits and how much of each is used, as the exchange reported them with this answer.
    pub rate_limits: Vec<RateLimit>,
    /// The time from writing the request to reading the answer.
    pub round_trip: Duration,
}

impl<T> Response<T> {
    /// The answer alone.
    pub fn into_value(self) -> T {
        self.value
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
