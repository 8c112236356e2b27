//! A bounded queue between the task that drives the connections and the consumer, with a choice of what happens when it is
//! full. One producer, one consumer.

use crate::config::Overflow;
use crate::item::Item;
use binance_kit_core::StreamName;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

mod outlet;
pub(crate) use outlet::{Outlet, Routes};

/// How many items that are no events may wait: beyond it changes of state that came long ago are left out. Who takes none for
/// that long has other things to be told than each attempt to connect.
const MOST_OTHERS: usize = 4096;

struct State<E> {
    items: VecDeque<Item<E>>,
    /// The place of the first item in the order of all that were ever put in.
    first: u64,
    /// How many of the items are neither events nor frames.
    others: usize,
    /// How many of those say how things were, so that they can be left out.
    states: usize,
    /// The place of the event of each stream that waits, under [`Overflow::KeepLatest`].
    latest: HashMap<StreamName, u64>,
    /// Events (and frames that could not be read) dropped since the last item was taken, before the item at the front.
    dropped: u64,
    /// All that were ever dropped.
    lagged: u64,
    lagged_of: HashMap<StreamName, u64>,
    consumer: Option<Waker>,
    producer: Option<Waker>,
    has_failed: bool,
    sender_gone: bool,
    receiver_gone: bool,
}

struct Shared<E> {
    state: Mutex<State<E>>,
    capacity: usize,
    overflow: Overflow,
}

impl<E> Shared<E> {
    fn lock(&self) -> MutexGuard<'_, State<E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A queue of `capacity` items.
pub(crate) fn bounded<E>(capacity: usize, overflow: Overflow) -> (Sender<E>, Receiver<E>) {
    let shared = Arc::new(Shared {
        state: Mutex::new(State {
            items: VecDeque::new(),
            first: 0,
            others: 0,
            states: 0,
            latest: HashMap::new(),
            dropped: 0,
            lagged: 0,
            lagged_of: HashMap::new(),
            consumer: None,
            producer: None,
            has_failed: false,
            sender_gone: false,
            receiver_gone: false,
        }),
        capacity: capacity.max(1),
        overflow,
    });
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

/// Whether the peer decides how many of these there are.
fn is_from_frame<E>(item: &Item<E>) -> bool {
    matches!(item, Item::Event(_) | Item::Malformed { .. })
}

/// Whether it can be left out when there are too many.
fn is_state<E>(item: &Item<E>) -> bool {
    !is_from_frame(item) && !matches!(item, Item::Lagged(_) | Item::Overflowed(_) | Item::Refused { .. })
}

fn stream_of<E>(item: &Item<E>) -> Option<&StreamName> {
    match item {
        Item::Event(event) => Some(&event.stream),
        Item::Gap { stream, .. } | Item::Stale { stream, .. } | Item::Recovered { stream } => Some(stream),
        Item::Malformed { stream, .. } => stream.as_ref(),
        _ => None,
    }
}

impl<E> State<E> {
    fn count_lost(&mut self, item: &Item<E>) {
        self.lagged += 1;
        if let Some(stream) = stream_of(item) {
            match self.lagged_of.get_mut(stream) {
                Some(count) => *count += 1,
                None => {
                    self.lagged_of.insert(stream.clone(), 1);
                }
            }
        }
    }

    fn append(&mut self, item: Item<E>) {
        self.others += usize::from(!is_from_frame(&item));
        self.states += usize::from(is_state(&item));
        self.items.push_back(item);
    }

    /// Tells a loss behind what is queued; a marker at the end collects it.
    fn append_lagged(&mut self, more: u64) {
        match self.items.back_mut() {
            Some(Item::Lagged(count)) => *count += more,
            _ => self.append(Item::Lagged(more)),
        }
    }

    fn take(&mut self) -> Option<Item<E>> {
        let item = self.items.pop_front()?;
        self.first += 1;
        self.others -= usize::from(!is_from_frame(&item));
        self.states -= usize::from(is_state(&item));
        if let Item::Event(event) = &item
            && self.latest.get(&event.stream).is_some_and(|place| *place < self.first)
        {
            self.latest.remove(&event.stream);
        }
        Some(item)
    }

    /// Puts the event in the place of the one of its stream that waits. Gives it back when there is none.
    fn replace(&mut self, item: Item<E>) -> Option<Item<E>> {
        let Item::Event(event) = &item else { return Some(item) };
        let place = self.latest.get(&event.stream).copied();
        let index = place.and_then(|place| usize::try_from(place.checked_sub(self.first)?).ok());
        let Some(slot) = index.and_then(|index| self.items.get_mut(index)) else {
            let place = self.first + self.items.len() as u64;
            self.latest.insert(event.stream.clone(), place);
            return Some(item);
        };
        let old = std::mem::replace(slot, item);
        self.count_lost(&old);
        self.dropped += 1;
        None
    }
}

/// The producer's end.
pub(crate) struct Sender<E>(Arc<Shared<E>>);

impl<E> Drop for Sender<E> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.sender_gone = true;
        if let Some(waker) = state.consumer.take() {
            drop(state);
            waker.wake();
        }
    }
}

/// Whether an item can be put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// It can.
    Yes,
    /// The consumer is gone, or the queue has failed.
    Closed,
}

impl<E> Sender<E> {
    /// Waits for room, under [`Overflow::Block`].
    pub(crate) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<Room> {
        let mut state = self.0.lock();
        if state.receiver_gone || state.has_failed {
            return Poll::Ready(Room::Closed);
        }
        if self.0.overflow == Overflow::Block && state.items.len() - state.others >= self.0.capacity {
            if !state.producer.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                state.producer = Some(cx.waker().clone());
            }
            return Poll::Pending;
        }
        // The end of the consumer must be noticed.
        if !state.producer.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            state.producer = Some(cx.waker().clone());
        }
        Poll::Ready(Room::Yes)
    }

    /// Puts an item in. Frames that cannot be read are treated like events: there may be as many. Other items are never
    /// dropped: they are few, and the consumer must see them.
    pub(crate) fn put(&self, item: Item<E>) {
        let mut state = self.0.lock();
        if state.receiver_gone || state.has_failed {
            return;
        }
        let mut item = Some(item);
        if self.0.overflow == Overflow::KeepLatest {
            item = item.and_then(|item| state.replace(item));
        }
        let is_full = item.as_ref().is_some_and(is_from_frame)
            && state.items.len().saturating_sub(state.others) >= self.0.capacity;
        match (is_full, self.0.overflow) {
            (true, Overflow::DropNewest) => {
                if let Some(item) = item.take() {
                    state.count_lost(&item);
                    state.append_lagged(1);
                }
            }
            (true, Overflow::Fail) => {
                if let Some(item) = item.take() {
                    state.count_lost(&item);
                    state.append(Item::Overflowed(1));
                    state.has_failed = true;
                }
            }
            // One for each stream there is: bounded by their number.
            (true, Overflow::KeepLatest) if matches!(item, Some(Item::Event(_))) => {}
            (true, Overflow::DropOldest | Overflow::KeepLatest) => state.drop_oldest(),
            (true, Overflow::Block) | (false, _) => {}
        }
        if let Some(item) = item {
            state.append(item);
        }
        if state.states > MOST_OTHERS {
            state.forget_old_states();
        }
        if let Some(waker) = state.consumer.take() {
            drop(state);
            waker.wake();
        }
    }
}

impl<E> State<E> {
    fn drop_oldest(&mut self) {
        let Some(at) = self.items.iter().position(is_from_frame) else { return };
        let Some(item) = self.items.remove(at) else { return };
        let place = self.first + at as u64;
        // The items before it take a place further back. They are no events: nobody remembers where they are.
        self.first += 1;
        if let Item::Event(event) = &item
            && self.latest.get(&event.stream) == Some(&place)
        {
            self.latest.remove(&event.stream);
        }
        self.count_lost(&item);
        self.dropped += 1;
    }

    /// Leaves out the older half of the items that say how things were. A gap that is not told any more is a loss.
    fn forget_old_states(&mut self) {
        let mut left = MOST_OTHERS / 2;
        (self.others, self.states) = (0, 0);
        for item in std::mem::take(&mut self.items) {
            match item {
                item if left > 0 && is_state(&item) => {
                    left -= 1;
                    if matches!(item, Item::Gap { .. }) {
                        self.count_lost(&item);
                        self.append_lagged(1);
                    }
                }
                Item::Lagged(count) => self.append_lagged(count),
                item => self.append(item),
            }
        }
        if self.latest.is_empty() {
            return;
        }
        self.latest.clear();
        for (index, item) in self.items.iter().enumerate() {
            if let Item::Event(event) = item {
                self.latest.insert(event.stream.clone(), self.first + index as u64);
            }
        }
    }
}

/// The consumer's end.
pub(crate) struct Receiver<E>(Arc<Shared<E>>);

/// What the queue has dropped.
pub(crate) struct Losses<E>(Arc<Shared<E>>);

impl<E> Clone for Losses<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E> Losses<E> {
    /// How many items wait, how many events were dropped, and of which streams.
    pub(crate) fn counts(&self) -> (usize, u64, HashMap<StreamName, u64>) {
        let state = self.0.lock();
        (state.items.len(), state.lagged, state.lagged_of.clone())
    }
}

impl<E> Receiver<E> {
    /// The next item; `None` when the producer is gone, or has failed, and the queue is empty.
    pub(crate) fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<Item<E>>> {
        let mut state = self.0.lock();
        if state.dropped > 0 {
            return Poll::Ready(Some(Item::Lagged(std::mem::take(&mut state.dropped))));
        }
        match state.take() {
            Some(item) => {
                let was_full = state.items.len() - state.others + 1 >= self.0.capacity;
                if was_full
                    && self.0.overflow == Overflow::Block
                    && let Some(waker) = state.producer.take()
                {
                    drop(state);
                    waker.wake();
                }
                Poll::Ready(Some(item))
            }
            None if state.sender_gone || state.has_failed => Poll::Ready(None),
            None => {
                if !state.consumer.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                    state.consumer = Some(cx.waker().clone());
                }
                Poll::Pending
            }
        }
    }

    /// How many items wait.
    pub(crate) fn len(&self) -> usize {
        self.0.lock().items.len()
    }

    /// A way to ask what was dropped.
    pub(crate) fn losses(&self) -> Losses<E> {
        Losses(Arc::clone(&self.0))
    }
}

impl<E> Drop for Receiver<E> {
    fn drop(&mut self) {
        let waker = {
            let mut state = self.0.lock();
            state.receiver_gone = true;
            state.items.clear();
            state.producer.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests;
