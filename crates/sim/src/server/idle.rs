//! HTTP connections that are open, so that idle ones make room for new ones.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

#[derive(Debug, Default)]
struct Open {
    /// Number of the next use.
    next: u64,
    /// Connections that wait for a request, by their last use, oldest first.
    idle: BTreeMap<u64, Arc<Notify>>,
    /// Connections with a request, by its beginning.
    busy: BTreeMap<u64, Arc<Notify>>,
}

/// The HTTP connections of a server.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    /// Those that are open.
    open: Mutex<Open>,
}

/// One of them. It is forgotten when it is dropped.
#[derive(Debug)]
pub(crate) struct Connection {
    /// All connections.
    all: Arc<Connections>,
    /// Under which number it is kept.
    place: Mutex<u64>,
    /// Notified when it is to make room.
    close: Arc<Notify>,
}

impl Connections {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a connection.
    pub(crate) fn add(self: &Arc<Self>) -> Connection {
        let close = Arc::new(Notify::new());
        let mut open = self.lock();
        open.next += 1;
        let place = open.next;
        open.idle.insert(place, Arc::clone(&close));
        Connection { all: Arc::clone(self), place: Mutex::new(place), close }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        let open = self.lock();
        open.idle.len() + open.busy.len()
    }

    /// Closes the connection that has been idle for the longest; of those with a request the oldest when none is idle and
    /// `busy` is allowed. Returns whether there was one.
    pub(crate) fn make_room(&self, busy: bool) -> bool {
        let mut open = self.lock();
        let found = match open.idle.pop_first() {
            None if busy => open.busy.pop_first(),
            found => found,
        };
        found.is_some_and(|(_, close)| {
            close.notify_one();
            true
        })
    }
}

impl Connection {
    /// Notes that a request came, or was answered.
    pub(crate) fn used(&self, is_busy: bool) {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = self.all.lock();
        if open.idle.remove(&place).is_none() && open.busy.remove(&place).is_none() {
            // It is being closed.
            return;
        }
        open.next += 1;
        *place = open.next;
        let kind = if is_busy { &mut open.busy } else { &mut open.idle };
        kind.insert(*place, Arc::clone(&self.close));
    }

    /// Waits until it is to make room for another.
    pub(crate) async fn closed(&self) {
        self.close.notified().await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let place = *self.place.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = self.all.lock();
        open.idle.remove(&place);
        open.busy.remove(&place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_closed(connection: &Connection) -> bool {
        use std::task::{Context, Poll, Waker};
        let closed = std::pin::pin!(connection.closed());
        matches!(closed.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()))
    }

    #[test]
    fn the_longest_idle_makes_room() {
        let all = Arc::new(Connections::default());
        let (first, second, third) = (all.add(), all.add(), all.add());
        first.used(true);
        third.used(true);
        third.used(false);
        assert!(all.make_room(false));
        assert!(is_closed(&second) && !is_closed(&third) && !is_closed(&first));
        assert!(all.make_room(false));
        assert!(is_closed(&third));
        // Only a request is left.
        assert!(!all.make_room(false) && all.make_room(true) && is_closed(&first));
        assert!(!all.make_room(true));
        // What is being closed does not come back.
        first.used(false);
        assert_eq!(all.count(), 0);
        let last = all.add();
        drop(last);
        assert_eq!(all.count(), 0);
    }
}
