//! The answer to a request.

use binance_kit_core::RateLimit;
use std::ops::Deref;
use std::time::Duration;

/// What comes with an answer.
pub(crate) struct Answered {
    /// The id of the request.
    pub(crate) id: u64,
    /// The status.
    pub(crate) status: u16,
    /// The usage of limits.
    pub(crate) rate_limits: Vec<RateLimit>,
    /// From writing the request to reading the answer.
    pub(crate) round_trip: Duration,
}

/// The answer to a request, and what came with it. Dereferences to the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct WsResponse<T> {
    /// The decoded result.
    value: T,
    /// The id of the request and of its answer.
    id: u64,
    /// The status.
    status: u16,
    /// The usage of limits.
    rate_limits: Vec<RateLimit>,
    /// From writing the request to reading the answer.
    round_trip: Duration,
}

impl<T> WsResponse<T> {
    pub(crate) fn new(value: T, answer: Answered) -> Self {
        let Answered { id, status, rate_limits, round_trip } = answer;
        Self { value, id, status, rate_limits, round_trip }
    }

    /// The answer.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The `id` of the answer, which is that of the request: no two requests of a process have the same.
    pub fn id(&self) -> u64 {
        self.id
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
