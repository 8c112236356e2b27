//! The answer to a request: the value, and what the head of the answer says beside it.

use crate::exchange::Answer;
use crate::headers;
use binance_kit_core::{RateLimit, Timestamp};
use http::HeaderMap;
use std::fmt;
use std::ops::Deref;
use std::time::Duration;

/// An answer of the exchange. Dereferences to the value.
#[derive(Clone)]
pub struct RestResponse<T> {
    /// The decoded body.
    value: T,
    /// The HTTP status.
    status: u16,
    /// The usage of limits that the headers report.
    rate_limits: Vec<RateLimit>,
    /// How long the exchange asks to wait.
    retry_after: Option<Duration>,
    /// From sending the request to the head of the answer.
    round_trip: Duration,
    /// The headers.
    headers: HeaderMap,
}

impl<T> RestResponse<T> {
    pub(crate) fn new(value: T, answer: Answer) -> Self {
        Self {
            value,
            status: answer.status,
            rate_limits: answer.rate_limits,
            retry_after: answer.retry_after,
            round_trip: answer.received.since(answer.sent),
            headers: answer.headers,
        }
    }

    /// The value.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The value, without the rest.
    pub fn into_value(self) -> T {
        self.value
    }

    /// The HTTP status, 200 to 299.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The request weight and the order counts used so far, as the exchange reports them with this answer.
    pub fn rate_limits(&self) -> &[RateLimit] {
        &self.rate_limits
    }

    /// How long the exchange asks to wait before the next request; it seldom does so with a success.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The time from sending the request (or connecting for it) to the head of its answer.
    pub fn round_trip(&self) -> Duration {
        self.round_trip
    }

    /// When the answer was made, by the clock of the exchange's front, in whole seconds.
    pub fn date(&self) -> Option<Timestamp> {
        headers::date(&self.headers)
    }

    /// A header of the answer, by its name in any case; `None` also when its value is not ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The same answer with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> RestResponse<U> {
        RestResponse {
            value: change(self.value),
            status: self.status,
            rate_limits: self.rate_limits,
            retry_after: self.retry_after,
            round_trip: self.round_trip,
            headers: self.headers,
        }
    }
}

/// Without the headers, which may hold anything.
impl<T: fmt::Debug> fmt::Debug for RestResponse<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestResponse")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("rate_limits", &self.rate_limits)
            .field("retry_after", &self.retry_after)
            .finish_non_exhaustive()
    }
}

impl<T> Deref for RestResponse<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
