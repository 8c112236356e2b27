//! What an exchange counts for its owner, and for tests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Counts since the start of an exchange.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Connections made: HTTP and WebSocket alike, each once.
    pub connections: u64,
    /// Connections that are open now.
    pub connections_open: u64,
    /// WebSocket connections made.
    pub websockets: u64,
    /// Connections cut because the client did not read fast enough.
    pub overflows: u64,
    /// Events of streams and user data sent.
    pub events: u64,
    /// Requests by what was asked: `GET /api/v3/depth`, `order.place`, `SUBSCRIBE`.
    pub requests: BTreeMap<String, u64>,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Connections made.
    connections: AtomicU64,
    /// Connections open now.
    open: AtomicU64,
    /// WebSocket connections made.
    websockets: AtomicU64,
    /// Connections cut because the client did not read.
    overflows: AtomicU64,
    /// Events sent.
    events: AtomicU64,
    /// Requests by name.
    requests: Mutex<BTreeMap<String, u64>>,
}

impl Counters {
    pub(crate) fn event_sent(&self) {
        self.events.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a connection. Returns the number of open ones.
    pub(crate) fn connected(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn disconnected(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn websocket(&self) {
        self.websockets.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn overflow(&self) {
        self.overflows.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn request(&self, name: &str) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = requests.get_mut(name) {
            *count += 1;
        } else if requests.len() < 1000 {
            // Names come from clients: a mischievous one must not fill the memory.
            requests.insert(name.to_owned(), 1);
        }
    }

    pub(crate) fn request_count(&self, name: &str) -> u64 {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied().unwrap_or(0)
    }

    pub(crate) fn read(&self) -> Counts {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            connections: load(&self.connections),
            connections_open: load(&self.open),
            websockets: load(&self.websockets),
            overflows: load(&self.overflows),
            events: load(&self.events),
            requests: self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}
