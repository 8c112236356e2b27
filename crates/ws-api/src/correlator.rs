//! The requests in flight on one connection, by id: a table without I/O and without a clock.

use crate::call::Reply;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Ids go up through the whole process, so that a late answer can never be taken for that of a later request.
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// An unused id.
pub(crate) fn next_id() -> u64 {
    NEXT_ID.fetch_add(1, Ordering::Relaxed)
}

/// A request in flight. `T` is what the connection knows of its writing.
pub(crate) struct InFlight<T> {
    /// Where the answer goes.
    pub(crate) reply: Box<dyn Reply>,
    /// Whether the request needs the account: such requests are lost with the session.
    pub(crate) signed: bool,
    /// What the connection knows of its writing.
    pub(crate) written: T,
}

/// The requests in flight.
pub(crate) struct Correlator<T> {
    /// The requests by id.
    table: HashMap<u64, InFlight<T>>,
    /// Number of answers that belonged to nothing.
    unmatched: u64,
}

impl<T> Correlator<T> {
    pub(crate) fn new() -> Self {
        Self { table: HashMap::new(), unmatched: 0 }
    }

    /// Enters a request.
    pub(crate) fn insert(&mut self, id: u64, request: InFlight<T>) {
        self.table.insert(id, request);
    }

    /// The request with this id.
    pub(crate) fn get(&self, id: u64) -> Option<&InFlight<T>> {
        self.table.get(&id)
    }

    /// The request with this id, to be written to.
    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut InFlight<T>> {
        self.table.get_mut(&id)
    }

    /// Takes the request that an answer belongs to. Answers to nothing (late, twice, never asked) are counted.
    pub(crate) fn take(&mut self, id: Option<u64>) -> Option<InFlight<T>> {
        let found = id.and_then(|id| self.table.remove(&id));
        if found.is_none() {
            self.unmatched += 1;
        }
        found
    }

    /// Takes all requests that `which` holds of.
    pub(crate) fn drain(&mut self, which: impl Fn(&InFlight<T>) -> bool) -> Vec<InFlight<T>> {
        let ids: Vec<u64> =
            self.table.iter().filter(|(_, request)| which(request)).map(|(id, _)| *id).collect();
        ids.iter().filter_map(|id| self.table.remove(id)).collect()
    }

    /// The requests in flight, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &InFlight<T>> {
        self.table.values()
    }

    /// Drops requests without a waiting caller that `which` holds of.
    pub(crate) fn sweep(&mut self, which: impl Fn(&InFlight<T>) -> bool) {
        self.table.retain(|_, request| !(request.reply.abandoned() && which(request)));
    }

    /// Number of requests in flight.
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    /// Number of answers that belonged to nothing.
    pub(crate) fn unmatched(&self) -> u64 {
        self.unmatched
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::{Claim, TypedReply};
    use tokio::sync::oneshot;

    #[test]
    fn answers_find_their_request_once() {
        let mut table = Correlator::new();
        let (sender, receiver) = oneshot::channel::<Result<crate::WsResponse<u64>, crate::Error>>();
        let (first, second) = (next_id(), next_id());
        assert!(second > first);
        let reply = Box::new(TypedReply { answer: sender, claim: Claim::default(), kept: None });
        table.insert(first, InFlight { reply, signed: true, written: () });
        assert!(table.take(Some(second)).is_none());
        assert!(table.take(None).is_none());
        table.sweep(|_| true);
        assert_eq!(table.len(), 1, "its caller waits");
        drop(receiver);
        table.sweep(|_| false);
        assert_eq!(table.len(), 1);
        table.sweep(|_| true);
        assert_eq!(table.len(), 0);
        assert!(table.take(Some(first)).is_none());
        assert_eq!(table.unmatched(), 3);
    }
}
