//! Without the feature `metrics`: counts nothing.

use crate::item::Item;
use binance_kit_core::Timestamp;
use binance_kit_net::Clock;

/// A connection that is up.
#[derive(Debug)]
pub(crate) struct Up;

/// When a frame was received.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrived;

/// Counts nothing.
#[derive(Debug, Clone)]
pub(crate) struct Meter;

#[expect(clippy::unused_self, reason = "the same methods as the one that counts")]
impl Meter {
    pub(crate) fn new(_endpoint: &str, _clock: &Clock) -> Self {
        Self
    }

    pub(crate) fn connected(&self) -> Up {
        Up
    }

    pub(crate) fn connect_failed(&self) {}

    pub(crate) fn disconnected(&self) {}

    pub(crate) fn rotated(&self) {}

    pub(crate) fn message(&self, _bytes: usize) {}

    pub(crate) fn malformed(&self) {}

    pub(crate) fn duplicate(&self) {}

    pub(crate) fn gap(&self, _backfilled: bool) {}

    pub(crate) fn backfilled(&self) {}

    pub(crate) fn stale(&self) {}

    pub(crate) fn arrived(&self) -> Arrived {
        Arrived
    }

    pub(crate) fn decoded(&self, _arrived: Arrived) {}

    pub(crate) fn age(&self, _event_time: Option<Timestamp>, _received_at: Timestamp) {}

    pub(crate) fn delivered_event(&self, _received_at: Timestamp) {}

    pub(crate) fn delivered<E>(&self, _item: &Item<E>) {}
}
