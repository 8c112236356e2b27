//! Counters and histograms; see the module above.

use crate::item::Item;
use binance_kit_core::Timestamp;
use binance_kit_net::Clock;
use metrics::{Counter, Gauge, Histogram, Label, counter, gauge, histogram};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

struct Handles {
    connections: Gauge,
    connects: Counter,
    connect_failures: Counter,
    disconnects: Counter,
    rotations: Counter,
    messages: Counter,
    bytes: Counter,
    malformed: Counter,
    duplicates: Counter,
    gaps: Counter,
    gaps_backfilled: Counter,
    backfilled: Counter,
    stale: Counter,
    lagged: Counter,
    age: Histogram,
    offset_error: Gauge,
    decode: Histogram,
    deliver: Histogram,
}

/// Counts. The handles are looked up once, so that an event needs no look-up.
#[derive(Clone)]
pub(crate) struct Meter {
    handles: Arc<Handles>,
    clock: Clock,
}

/// When a frame was received.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrived(Instant);

/// A connection that is up.
pub(crate) struct Up(Arc<Handles>);

impl Drop for Up {
    fn drop(&mut self) {
        self.0.connections.decrement(1.0);
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}

impl Meter {
    pub(crate) fn new(endpoint: &str, clock: &Clock) -> Self {
        let labels = || vec![Label::new("endpoint", endpoint.to_owned())];
        let gaps = |backfilled: &'static str| {
            let labels =
                vec![Label::new("endpoint", endpoint.to_owned()), Label::new("backfilled", backfilled)];
            counter!("binance_kit_stream_gaps_total", labels)
        };
        let handles = Handles {
            connections: gauge!("binance_kit_stream_connections", labels()),
            connects: counter!("binance_kit_stream_connects_total", labels()),
            connect_failures: counter!("binance_kit_stream_connect_failures_total", labels()),
            disconnects: counter!("binance_kit_stream_disconnects_total", labels()),
            rotations: counter!("binance_kit_stream_rotations_total", labels()),
            messages: counter!("binance_kit_stream_messages_total", labels()),
            bytes: counter!("binance_kit_stream_bytes_total", labels()),
            malformed: counter!("binance_kit_stream_malformed_total", labels()),
            duplicates: counter!("binance_kit_stream_duplicates_total", labels()),
            gaps: gaps("false"),
            gaps_backfilled: gaps("true"),
            backfilled: counter!("binance_kit_stream_backfilled_events_total", labels()),
            stale: counter!("binance_kit_stream_stale_total", labels()),
            lagged: counter!("binance_kit_stream_lagged_total", labels()),
            age: histogram!("binance_kit_stream_event_age_seconds", labels()),
            offset_error: gauge!("binance_kit_stream_clock_offset_error_seconds", labels()),
            decode: histogram!("binance_kit_stream_decode_seconds", labels()),
            deliver: histogram!("binance_kit_stream_deliver_seconds", labels()),
        };
        Self { handles: Arc::new(handles), clock: clock.clone() }
    }

    /// Counts a connection as up, as long as the returned value lives.
    pub(crate) fn connected(&self) -> Up {
        self.handles.connects.increment(1);
        self.handles.connections.increment(1.0);
        if let Some(error) = self.clock.offset_error() {
            self.handles.offset_error.set(error.as_secs_f64());
        }
        Up(Arc::clone(&self.handles))
    }

    pub(crate) fn connect_failed(&self) {
        self.handles.connect_failures.increment(1);
    }

    pub(crate) fn disconnected(&self) {
        self.handles.disconnects.increment(1);
    }

    pub(crate) fn rotated(&self) {
        self.handles.rotations.increment(1);
    }

    pub(crate) fn message(&self, bytes: usize) {
        self.handles.messages.increment(1);
        self.handles.bytes.increment(bytes as u64);
    }

    pub(crate) fn malformed(&self) {
        self.handles.malformed.increment(1);
    }

    pub(crate) fn duplicate(&self) {
        self.handles.duplicates.increment(1);
    }

    pub(crate) fn gap(&self, backfilled: bool) {
        if backfilled { &self.handles.gaps_backfilled } else { &self.handles.gaps }.increment(1);
    }

    pub(crate) fn backfilled(&self) {
        self.handles.backfilled.increment(1);
    }

    pub(crate) fn stale(&self) {
        self.handles.stale.increment(1);
    }

    /// Takes the time at which a frame was received.
    pub(crate) fn arrived(&self) -> Arrived {
        Arrived(self.clock.monotonic())
    }

    /// Records that the event of a frame is decoded.
    pub(crate) fn decoded(&self, arrived: Arrived) {
        let Arrived(at) = arrived;
        self.handles.decode.record(self.clock.monotonic().saturating_duration_since(at));
    }

    /// Records the age of an event on arrival. By clocks that differ, it may be negative, which counts as zero.
    pub(crate) fn age(&self, event_time: Option<Timestamp>, received_at: Timestamp) {
        if let Some(event_time) = event_time {
            let offset = self.clock.offset_micros();
            let received = Timestamp::from_micros(received_at.as_micros().saturating_add(offset));
            self.handles.age.record(received.since(event_time));
        }
    }

    /// Records that the consumer has taken an event of a stream.
    pub(crate) fn delivered_event(&self, received_at: Timestamp) {
        let waited: Duration = self.clock.now().since(received_at);
        self.handles.deliver.record(waited);
    }

    /// Records that the consumer has taken an item.
    pub(crate) fn delivered<E>(&self, item: &Item<E>) {
        match item {
            Item::Event(event) if !event.backfilled => self.delivered_event(event.received_at),
            Item::Lagged(lagged) => self.handles.lagged.increment(lagged.count),
            Item::Overflowed(overflowed) => self.handles.lagged.increment(overflowed.count),
            _ => {}
        }
    }
}
