//! The bounded queue between the task that drives the connections and its consumers, with a choice of what happens when it is
//! full: one merged queue, and queues of chosen streams beside it. One producer, one consumer each.
//!
//! The queues hold items with slots instead of events, so that only their two ends ([`ends`]), which add the events, depend on
//! their type.

mod ends;

pub(crate) use ends::{QueueAccess, Receiver, Sender, bounded};

use crate::config::Overflow;
use crate::delivery::Slot;
use crate::item::{Item, Lagged, Overflowed};
use binance_kit_core::StreamName;
use binance_kit_core::product::Api;
use binance_kit_net::ByteShare;
use std::collections::{HashMap, VecDeque};
use std::task::{Context, Poll, Waker};

/// Maximum number of items other than events that are queued: beyond it, the oldest changes of state are left out. A consumer
/// that takes no item for that long does not need each attempt to connect.
const MAX_OTHERS: usize = 4096;

/// What a frame that cannot be read takes beside its text, in bytes.
const MALFORMED: usize = 512;

/// A stream as the consumer knows it.
pub(crate) type Key = (Api, StreamName);

/// One of the queues.
struct Queue {
    /// The items.
    items: VecDeque<Item<Slot>>,
    /// The place of the first item in the order of all that were ever queued.
    first: u64,
    /// What the items take, in bytes.
    bytes: usize,
    /// Number of items that the consumer has taken out ahead; they count as queued until it comes back.
    ahead: usize,
    /// Number of items that are neither events nor frames.
    others: usize,
    /// Number of those that tell a state, so that they can be left out.
    states: usize,
    /// The place of the queued event of each stream, under [`Overflow::KeepLatest`].
    latest: HashMap<Key, u64>,
    /// Events (and frames that cannot be read) dropped since the last item was taken, before the item at the front.
    dropped: u64,
    /// Number of events dropped in all.
    lagged: u64,
    /// The same by stream.
    lagged_of: HashMap<Key, u64>,
    /// Slots of dropped events, to be freed.
    discarded: Vec<Slot>,
    /// Wakes the consumer.
    consumer: Option<Waker>,
    /// Whether it overflowed under [`Overflow::Fail`].
    has_failed: bool,
    /// Whether the consumer is gone.
    receiver_gone: bool,
    /// The streams of this queue; none for the merged one.
    streams: Vec<Key>,
}

/// Whether the peer decides how many of these there are.
fn is_from_frame(item: &Item<Slot>) -> bool {
    matches!(item, Item::Event(_) | Item::Malformed(_))
}

/// What an item takes, in bytes, where the peer decides how much that is.
fn cost(item: &Item<Slot>) -> usize {
    match item {
        Item::Event(event) => event.data.bytes(),
        Item::Malformed(malformed) => malformed.raw.capacity() + MALFORMED,
        _ => 0,
    }
}

/// Whether it can be left out when there are too many.
fn is_state(item: &Item<Slot>) -> bool {
    !is_from_frame(item) && !matches!(item, Item::Lagged(_) | Item::Overflowed(_) | Item::Refused(_))
}

/// The stream of an item that concerns one stream.
fn stream_of(item: &Item<Slot>) -> Option<Key> {
    match item {
        Item::Event(event) => Some((event.api, event.stream.clone())),
        Item::Gap(gap) => Some((gap.api, gap.stream.clone())),
        Item::Stale(stale) => Some((stale.api, stale.stream.clone())),
        Item::Resumed(resumed) => Some((resumed.api, resumed.stream.clone())),
        Item::Malformed(malformed) => malformed.stream.clone(),
        _ => None,
    }
}

impl Queue {
    fn new(streams: Vec<Key>) -> Self {
        Self {
            items: VecDeque::new(),
            first: 0,
            bytes: 0,
            ahead: 0,
            others: 0,
            states: 0,
            latest: HashMap::new(),
            dropped: 0,
            lagged: 0,
            lagged_of: HashMap::new(),
            discarded: Vec::new(),
            consumer: None,
            has_failed: false,
            receiver_gone: false,
            streams,
        }
    }

    fn is_closed(&self) -> bool {
        self.receiver_gone || self.has_failed
    }

    /// Number of events and frames.
    fn events(&self) -> usize {
        self.items.len().saturating_sub(self.others) + self.ahead
    }

    /// Whether so many bytes more are too many. What holds nothing takes anything.
    fn is_too_large(&self, more: usize, allowance: usize) -> bool {
        self.bytes > 0 && self.bytes.saturating_add(more) > allowance
    }

    fn is_full(&self, capacity: usize, allowance: usize) -> bool {
        self.events() >= capacity || self.is_too_large(1, allowance)
    }

    /// Counts an item that is not delivered, and frees its event.
    fn lose(&mut self, item: &Item<Slot>) {
        self.lagged += 1;
        if let Some(stream) = stream_of(item) {
            *self.lagged_of.entry(stream).or_default() += 1;
        }
        if let Item::Event(event) = item {
            self.discarded.push(event.data);
        }
    }

    fn append(&mut self, item: Item<Slot>) {
        self.bytes += cost(&item);
        self.others += usize::from(!is_from_frame(&item));
        self.states += usize::from(is_state(&item));
        self.items.push_back(item);
    }

    /// Reports a loss behind what is queued; a mark at the end is extended.
    fn append_lagged(&mut self, more: u64) {
        match self.items.back_mut() {
            Some(Item::Lagged(lagged)) => lagged.count += more,
            _ => self.append(Item::Lagged(Lagged { count: more })),
        }
    }

    fn take(&mut self) -> Option<Item<Slot>> {
        let item = self.items.pop_front()?;
        self.first += 1;
        self.bytes -= cost(&item);
        self.others -= usize::from(!is_from_frame(&item));
        self.states -= usize::from(is_state(&item));
        if !self.latest.is_empty()
            && let Item::Event(event) = &item
        {
            let key = (event.api, event.stream.clone());
            if self.latest.get(&key).is_some_and(|place| *place < self.first) {
                self.latest.remove(&key);
            }
        }
        Some(item)
    }

    /// Puts the event in the place of the queued one of its stream. Gives it back when there is none.
    fn replace(&mut self, item: Item<Slot>) -> Option<Item<Slot>> {
        let Item::Event(event) = &item else { return Some(item) };
        let key = (event.api, event.stream.clone());
        let place = self.latest.get(&key).copied();
        let index = place.and_then(|place| usize::try_from(place.checked_sub(self.first)?).ok());
        let Some(slot) = index.and_then(|index| self.items.get_mut(index)) else {
            let place = self.first + self.items.len() as u64;
            self.latest.insert(key, place);
            return Some(item);
        };
        self.bytes += cost(&item);
        let old = std::mem::replace(slot, item);
        self.bytes -= cost(&old);
        self.lose(&old);
        self.dropped += 1;
        None
    }

    /// Queues an item. Frames that cannot be read are treated like events: there may be as many. Other items are never
    /// dropped: they are few, and the consumer must see them.
    fn put(&mut self, item: Item<Slot>, capacity: usize, allowance: usize, overflow: Overflow) {
        if self.is_closed() {
            if let Item::Event(event) = item {
                self.discarded.push(event.data);
            }
            return;
        }
        let mut item = Some(item);
        if overflow == Overflow::KeepLatest {
            item = item.and_then(|item| self.replace(item));
        }
        let bytes = item.as_ref().map_or(0, cost);
        let is_from_frame = item.as_ref().is_some_and(is_from_frame);
        let is_too_large = is_from_frame && self.is_too_large(bytes, allowance);
        let is_full = is_from_frame && (is_too_large || self.events() >= capacity);
        match (is_full, overflow) {
            (true, Overflow::DropNewest) => {
                if let Some(item) = item.take() {
                    self.lose(&item);
                    self.append_lagged(1);
                }
            }
            (true, Overflow::Fail) => {
                if let Some(item) = item.take() {
                    self.lose(&item);
                    self.append(Item::Overflowed(Overflowed { count: 1 }));
                    self.has_failed = true;
                }
            }
            // One for each stream there is: bounded by their number.
            (true, Overflow::KeepLatest) if matches!(item, Some(Item::Event(_))) && !is_too_large => {}
            (true, Overflow::DropOldest | Overflow::KeepLatest) => {
                if self.events() >= capacity {
                    self.drop_oldest();
                }
                while self.is_too_large(bytes, allowance) && self.drop_oldest() {}
            }
            (true, Overflow::Block) | (false, _) => {}
        }
        if let Some(item) = item {
            self.append(item);
        } else if overflow == Overflow::KeepLatest {
            // One took the place of a smaller one.
            while self.events() > 1 && self.bytes > allowance && self.drop_oldest() {}
        }
        if self.states > MAX_OTHERS {
            self.drop_old_states();
        }
    }

    /// Drops the oldest event or frame; `false` when there is none.
    fn drop_oldest(&mut self) -> bool {
        let Some(at) = self.items.iter().position(is_from_frame) else { return false };
        let Some(item) = self.items.remove(at) else { return false };
        self.bytes -= cost(&item);
        let place = self.first + at as u64;
        // The items before it move back by one place. They are no events: their places are not recorded.
        self.first += 1;
        if let Item::Event(event) = &item {
            let key = (event.api, event.stream.clone());
            if self.latest.get(&key) == Some(&place) {
                self.latest.remove(&key);
            }
        }
        self.lose(&item);
        self.dropped += 1;
        true
    }

    /// Leaves out the older half of the items that tell a state. A gap that is left out counts as a loss.
    fn drop_old_states(&mut self) {
        let mut left = MAX_OTHERS / 2;
        (self.others, self.states, self.bytes) = (0, 0, 0);
        for item in std::mem::take(&mut self.items) {
            match item {
                item if left > 0 && is_state(&item) => {
                    left -= 1;
                    if matches!(item, Item::Gap(_)) {
                        self.lose(&item);
                        self.append_lagged(1);
                    }
                }
                Item::Lagged(lagged) => self.append_lagged(lagged.count),
                item => self.append(item),
            }
        }
        if self.latest.is_empty() {
            return;
        }
        self.latest.clear();
        for (index, item) in self.items.iter().enumerate() {
            if let Item::Event(event) = item {
                self.latest.insert((event.api, event.stream.clone()), self.first + index as u64);
            }
        }
    }

    fn close(&mut self) {
        self.receiver_gone = true;
        self.streams.clear();
        self.bytes = 0;
        let items = std::mem::take(&mut self.items);
        self.discarded.extend(items.into_iter().filter_map(|item| match item {
            Item::Event(event) => Some(event.data),
            _ => None,
        }));
    }
}

/// Whether an item can be queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// So many events can, one at least, before it is to be asked again.
    Yes(usize),
    /// The consumer is gone, or the queue has failed.
    Closed,
}

/// Counters of one queue.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Number of items queued.
    pub(crate) queued: usize,
    /// What they take, in bytes.
    pub(crate) bytes: usize,
    /// Number of events dropped.
    pub(crate) lagged: u64,
    /// The same by stream.
    pub(crate) lagged_of: HashMap<Key, u64>,
}

/// The merged queue, and the queues of chosen streams beside it.
pub(crate) struct Queues {
    /// The merged one first. Those whose consumer is gone stay empty until their place is used again.
    all: Vec<Queue>,
    /// The queue of each stream that has one of its own.
    by_stream: HashMap<Key, usize>,
    /// Maximum number of events in each queue.
    capacity: usize,
    /// What the items in all queues take, and may take.
    share: ByteShare,
    /// What happens when a queue is full.
    overflow: Overflow,
    /// Wakes the producer.
    producer: Option<Waker>,
    /// Whether the producer waits for room.
    is_blocked: bool,
    /// Whether the producer is gone.
    sender_gone: bool,
}

impl Queues {
    fn get(&mut self, index: usize) -> Option<&mut Queue> {
        self.all.get_mut(index)
    }

    /// Waits for room in each queue, under [`Overflow::Block`].
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Room> {
        if self.all.first().is_none_or(Queue::is_closed) {
            return Poll::Ready(Room::Closed);
        }
        // The end of the consumer must be noticed as well.
        if !self.producer.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            self.producer = Some(cx.waker().clone());
        }
        self.is_blocked = self.overflow == Overflow::Block && self.is_full();
        if self.all.iter().skip(1).any(|part| part.has_failed && !part.streams.is_empty()) {
            // It takes no more: what comes goes to the merged queue again.
            for part in self.all.iter_mut().skip(1).filter(|part| part.has_failed) {
                part.streams.clear();
            }
            self.index();
        }
        if self.is_blocked { Poll::Pending } else { Poll::Ready(Room::Yes(self.room())) }
    }

    /// How many events fit in each queue; only [`Overflow::Block`] has to ask.
    fn room(&self) -> usize {
        if self.overflow != Overflow::Block {
            return usize::MAX;
        }
        let open = self.all.iter().filter(|queue| !queue.is_closed());
        open.map(|queue| self.capacity.saturating_sub(queue.events())).min().unwrap_or(usize::MAX)
    }

    /// Whether a queue has no room.
    fn is_full(&self) -> bool {
        self.all.iter().any(|queue| {
            !queue.is_closed() && queue.is_full(self.capacity, self.share.allowance(queue.bytes))
        })
    }

    /// Queues an item where it belongs. Gives the waker of a consumer that waits for it, and the queue.
    fn put(&mut self, item: Item<Slot>) -> (usize, Option<Waker>) {
        let mut index = 0;
        if !self.by_stream.is_empty() {
            index = stream_of(&item).and_then(|stream| self.by_stream.get(&stream).copied()).unwrap_or(0);
        }
        let (capacity, overflow) = (self.capacity, self.overflow);
        let Some(queue) = self.all.get_mut(index) else { return (0, None) };
        let before = queue.bytes;
        queue.put(item, capacity, self.share.allowance(before), overflow);
        let (after, consumer) = (queue.bytes, queue.consumer.take());
        self.changed(before, after);
        (index, consumer)
    }

    /// The items of a queue take more or fewer bytes than before.
    #[inline]
    fn changed(&mut self, before: usize, after: usize) {
        self.share.remove(before.saturating_sub(after));
        self.share.add(after.saturating_sub(before));
    }

    /// The next item of a queue; `None` when the producer is gone, or the queue has failed, and it is empty.
    fn poll_take(&mut self, index: usize, cx: &mut Context<'_>) -> Poll<Option<(Item<Slot>, Option<Waker>)>> {
        if let Some(taken) = self.take(index) {
            return Poll::Ready(Some(taken));
        }
        let sender_gone = self.sender_gone;
        let Some(queue) = self.all.get_mut(index) else { return Poll::Ready(None) };
        if sender_gone || queue.has_failed {
            return Poll::Ready(None);
        }
        if !queue.consumer.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            queue.consumer = Some(cx.waker().clone());
        }
        Poll::Pending
    }

    /// The next item of a queue, if there is one, and the waker of a producer that has room now.
    fn take(&mut self, index: usize) -> Option<(Item<Slot>, Option<Waker>)> {
        let queue = self.all.get_mut(index)?;
        if queue.dropped > 0 {
            let count = std::mem::take(&mut queue.dropped);
            return Some((Item::Lagged(Lagged { count }), None));
        }
        let before = queue.bytes;
        let item = queue.take()?;
        let after = queue.bytes;
        self.changed(before, after);
        // There may be room by what was taken here, from another queue, or by another subscription meanwhile.
        let has_room = self.is_blocked && !self.is_full();
        let producer = if has_room { self.producer.take() } else { None };
        self.is_blocked &= !has_room;
        Some((item, producer))
    }

    fn index(&mut self) {
        self.by_stream = self
            .all
            .iter()
            .enumerate()
            .flat_map(|(index, queue)| queue.streams.iter().map(move |stream| (stream.clone(), index)))
            .collect();
    }

    /// From now on the items of these streams go to a queue of their own. Gives its number.
    pub(crate) fn split(&mut self, streams: Vec<Key>) -> usize {
        for queue in self.all.iter_mut().skip(1) {
            queue.streams.retain(|stream| !streams.contains(stream));
        }
        let streams = if self.sender_gone { Vec::new() } else { streams };
        let queue = Queue::new(streams);
        let free =
            self.all.iter().skip(1).position(|queue| queue.receiver_gone && queue.discarded.is_empty());
        let index = match free.map(|free| free + 1) {
            Some(index) => {
                if let Some(place) = self.all.get_mut(index) {
                    *place = queue;
                }
                index
            }
            None => {
                self.all.push(queue);
                self.all.len() - 1
            }
        };
        self.index();
        index
    }

    /// The counters of the queues whose consumers are there.
    pub(crate) fn counts(&self) -> Vec<Counts> {
        let queues = self.all.iter().filter(|queue| !queue.receiver_gone);
        queues
            .map(|queue| Counts {
                queued: queue.items.len(),
                bytes: queue.bytes,
                lagged: queue.lagged,
                lagged_of: queue.lagged_of.clone(),
            })
            .collect()
    }

    fn close_sender(&mut self) -> Vec<Waker> {
        self.sender_gone = true;
        self.by_stream.clear();
        self.all.iter_mut().filter_map(|queue| queue.consumer.take()).collect()
    }

    fn close_receiver(&mut self, index: usize) -> Option<Waker> {
        if let Some(queue) = self.all.get_mut(index) {
            let before = queue.bytes;
            queue.close();
            self.changed(before, 0);
        }
        self.index();
        self.producer.take()
    }
}

#[cfg(test)]
mod tests;
