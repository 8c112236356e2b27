//! The two ends of the queues, with the events in them.

use super::{Key, Queue, Queues, Room};
use crate::config::Overflow;
use crate::delivery::{Direct, Slot, Slots};
use crate::item::{Event, Item};
use crate::meter::Meter;
use binance_kit_net::ByteShare;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// The queues with the events in them.
pub(crate) struct Shared<E>(Mutex<Inner<E>>);

/// The queues and their events, behind one lock.
struct Inner<E> {
    /// The queues.
    queues: Queues,
    /// The queued events.
    slots: Slots<E>,
}

/// Access to the queues from where the event type is not known.
pub(crate) trait QueueAccess: Send + Sync {
    /// Runs something with the queues locked.
    fn with(&self, run: &mut dyn FnMut(&mut Queues));
}

impl<E: Send> QueueAccess for Shared<E> {
    fn with(&self, run: &mut dyn FnMut(&mut Queues)) {
        run(&mut self.lock().queues);
    }
}

impl<E> Shared<E> {
    fn lock(&self) -> MutexGuard<'_, Inner<E>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Frees the events that a queue has dropped.
fn free<E>(queues: &mut Queues, slots: &mut Slots<E>, index: usize) {
    if let Some(queue) = queues.get(index) {
        for slot in queue.discarded.drain(..) {
            slots.take(slot);
        }
    }
}

impl<E> Inner<E> {
    /// Frees the events that a queue has dropped.
    fn free(&mut self, index: usize) {
        free(&mut self.queues, &mut self.slots, index);
    }
}

/// A merged queue of `capacity` events, which may take what `share` allows.
pub(crate) fn bounded<E>(capacity: usize, overflow: Overflow, share: ByteShare) -> (Sender<E>, Receiver<E>) {
    let queues = Queues {
        all: vec![Queue::new(Vec::new())],
        by_stream: HashMap::new(),
        capacity: capacity.max(1),
        share,
        overflow,
        producer: None,
        is_blocked: false,
        sender_gone: false,
    };
    let shared = Arc::new(Shared(Mutex::new(Inner { queues, slots: Slots::new() })));
    (Sender(Arc::clone(&shared)), Receiver::new(shared, 0))
}

/// The producer's end.
pub(crate) struct Sender<E>(Arc<Shared<E>>);

impl<E> Sender<E> {
    /// Waits for room in each queue, under [`Overflow::Block`].
    pub(crate) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<Room> {
        self.0.lock().queues.poll_room(cx)
    }

    /// Queues an item. `take` gives the event for its slot, which is replaced by one of the queue.
    pub(crate) fn put(&self, mut item: Item<Slot>, take: impl FnOnce(Slot) -> Option<E>) {
        let mut inner = self.0.lock();
        let Inner { queues, slots } = &mut *inner;
        if let Item::Event(event) = &mut item {
            let bytes = event.data.bytes();
            let Some(data) = take(event.data) else { return };
            event.data = slots.insert(data, bytes);
        }
        let (index, waker) = queues.put(item);
        inner.free(index);
        drop(inner);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<E> Sender<E> {
    /// Queues events that are not kept in slots yet, in one go: the lock is taken once, and each consumer is woken once.
    pub(crate) fn put_all(&self, events: impl Iterator<Item = Direct<E>>) {
        let mut inner = self.0.lock();
        let Inner { queues, slots } = &mut *inner;
        let (mut first, mut others) = (None, Vec::new());
        for Direct { event, bytes } in events {
            let Event { data, stream, api, received_at, connection, backfilled } = event;
            let data = slots.insert(data, bytes);
            let event = Event { data, stream, api, received_at, connection, backfilled };
            let (index, waker) = queues.put(Item::Event(event));
            free(queues, slots, index);
            match waker {
                Some(waker) if first.is_none() => first = Some(waker),
                waker => others.extend(waker),
            }
        }
        drop(inner);
        first.into_iter().chain(others).for_each(Waker::wake);
    }
}

impl<E> Drop for Sender<E> {
    fn drop(&mut self) {
        let wakers = self.0.lock().queues.close_sender();
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// The consumer's end of one queue.
pub(crate) struct Receiver<E> {
    /// The queues.
    shared: Arc<Shared<E>>,
    /// The number of the queue.
    index: usize,
    /// Items that were taken out ahead: the lock is taken once for all of them.
    taken: VecDeque<Item<E>>,
}

/// Maximum number of items that a consumer takes out ahead; they count as queued, but are neither dropped nor replaced.
const AHEAD: usize = 16;
/// The same in bytes, of which the queue's budget knows nothing any more.
const AHEAD_BYTES: usize = 16 << 10;

/// How many items may be taken out ahead. A small queue is to be exact; and policies that leave out old events for new ones
/// decide for those that wait as well.
fn ahead(queues: &Queues) -> usize {
    match queues.overflow {
        Overflow::Block | Overflow::DropNewest | Overflow::Fail => AHEAD.min(queues.capacity / 8),
        Overflow::DropOldest | Overflow::KeepLatest => 0,
    }
}

// No field is pinned: events are only ever moved.
impl<E> Unpin for Receiver<E> {}

impl<E> fmt::Debug for Receiver<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("queued", &self.len()).finish_non_exhaustive()
    }
}

impl<E> Receiver<E> {
    fn new(shared: Arc<Shared<E>>, index: usize) -> Self {
        Self { shared, index, taken: VecDeque::new() }
    }

    /// The next item; `None` when the producer is gone, or the queue has failed, and it is empty.
    pub(crate) fn poll_recv(&mut self, cx: &mut Context<'_>, meter: &Meter) -> Poll<Option<Item<E>>> {
        if let Some(item) = self.taken.pop_front() {
            meter.delivered(&item);
            return Poll::Ready(Some(item));
        }
        let mut inner = self.shared.lock();
        let Inner { queues, slots } = &mut *inner;
        if let Some(queue) = queues.get(self.index) {
            queue.ahead = 0;
        }
        let Poll::Ready(first) = queues.poll_take(self.index, cx) else { return Poll::Pending };
        let Some((item, mut producer)) = first else { return Poll::Ready(None) };
        let item = item.with(|slot| slots.take(slot));
        let (most, mut bytes) = (ahead(queues), 0);
        while self.taken.len() < most && bytes < AHEAD_BYTES {
            let Some((item, waker)) = queues.take(self.index) else { break };
            bytes += super::cost(&item);
            producer = producer.or(waker);
            self.taken.extend(item.with(|slot| slots.take(slot)));
        }
        if let Some(queue) = queues.get(self.index) {
            queue.ahead = self.taken.len();
        }
        drop(inner);
        if let Some(producer) = producer {
            producer.wake();
        }
        if let Some(item) = &item {
            meter.delivered(item);
        }
        Poll::Ready(item)
    }

    /// Number of items queued.
    pub(crate) fn len(&self) -> usize {
        let queued = self.shared.lock().queues.get(self.index).map_or(0, |queue| queue.items.len());
        queued + self.taken.len()
    }

    /// The consumer's end of another queue.
    pub(crate) fn part(&self, streams: Vec<Key>) -> Self {
        let index = self.shared.lock().queues.split(streams);
        Self::new(Arc::clone(&self.shared), index)
    }
}

#[cfg(test)]
impl<E> Receiver<E> {
    /// The counters of all queues.
    pub(super) fn counts(&self) -> Vec<super::Counts> {
        self.shared.lock().queues.counts()
    }

    /// Number of events in slots.
    pub(super) fn slots(&self) -> usize {
        self.shared.lock().slots.len()
    }
}

impl<E: Send + 'static> Receiver<E> {
    /// Access to all queues.
    pub(crate) fn access(&self) -> Arc<dyn QueueAccess> {
        Arc::clone(&self.shared) as _
    }
}

impl<E> Drop for Receiver<E> {
    fn drop(&mut self) {
        let mut inner = self.shared.lock();
        let waker = inner.queues.close_receiver(self.index);
        inner.free(self.index);
        drop(inner);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
