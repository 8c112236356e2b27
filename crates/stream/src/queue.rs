//! A bounded queue between the tasks that drive connections and the consumer, with a choice of what happens when it is
//! full. Several producers, one consumer.

use crate::config::Overflow;
use crate::item::Item;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use tokio::sync::Notify;

struct State<E> {
    items: VecDeque<Item<E>>,
    /// Events (and frames that could not be read) dropped since the last item was taken, before the item at the front.
    dropped: u64,
    consumer: Option<Waker>,
    senders: usize,
    receiver_gone: bool,
}

struct Shared<E> {
    state: Mutex<State<E>>,
    room: Notify,
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
            dropped: 0,
            consumer: None,
            senders: 1,
            receiver_gone: false,
        }),
        room: Notify::new(),
        capacity: capacity.max(1),
        overflow,
    });
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

/// The producers' end.
pub(crate) struct Sender<E>(Arc<Shared<E>>);

impl<E> Clone for Sender<E> {
    fn clone(&self) -> Self {
        self.0.lock().senders += 1;
        Self(Arc::clone(&self.0))
    }
}

impl<E> Drop for Sender<E> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.senders -= 1;
        if state.senders == 0
            && let Some(waker) = state.consumer.take()
        {
            waker.wake();
        }
    }
}

impl<E> Sender<E> {
    /// Puts an item in; waits for room under [`Overflow::Block`]. Frames that cannot be read are treated like events: there
    /// may be as many. Other items are never dropped and never wait: they are few, and the consumer must see them. `false` when the consumer is gone. Dropping the future while it
    /// waits loses the item.
    pub(crate) async fn send(&self, item: Item<E>) -> bool {
        let mut item = Some(item);
        loop {
            let room = self.0.room.notified();
            tokio::pin!(room);
            // Registered before looking, so that room made in between is not missed.
            room.as_mut().enable();
            if let Some(sent) = self.offer(&mut item) {
                return sent;
            }
            room.await;
        }
    }

    /// `None` when there is no room and the policy is to wait.
    fn offer(&self, slot: &mut Option<Item<E>>) -> Option<bool> {
        let mut state = self.0.lock();
        if state.receiver_gone {
            return Some(false);
        }
        if slot.as_ref().is_some_and(is_from_frame) && state.items.len() >= self.0.capacity {
            match self.0.overflow {
                Overflow::Block => return None,
                Overflow::DropNewest => {
                    slot.take();
                    // The loss belongs behind what is queued; a marker at the end collects it.
                    match state.items.back_mut() {
                        Some(Item::Lagged(count)) => *count += 1,
                        _ => state.items.push_back(Item::Lagged(1)),
                    }
                    return Some(true);
                }
                Overflow::DropOldest => {
                    if let Some(at) = state.items.iter().position(is_from_frame) {
                        state.items.remove(at);
                        state.dropped += 1;
                    }
                }
            }
        }
        if let Some(item) = slot.take() {
            state.items.push_back(item);
        }
        if let Some(waker) = state.consumer.take() {
            waker.wake();
        }
        Some(true)
    }
}

/// Whether the peer decides how many of these there are.
fn is_from_frame<E>(item: &Item<E>) -> bool {
    matches!(item, Item::Event(_) | Item::Malformed { .. })
}

/// The consumer's end.
pub(crate) struct Receiver<E>(Arc<Shared<E>>);

impl<E> Receiver<E> {
    /// The next item; `None` when all producers are gone and the queue is empty.
    pub(crate) fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<Item<E>>> {
        let mut state = self.0.lock();
        if state.dropped > 0 {
            return Poll::Ready(Some(Item::Lagged(std::mem::take(&mut state.dropped))));
        }
        match state.items.pop_front() {
            Some(item) => {
                drop(state);
                self.0.room.notify_one();
                Poll::Ready(Some(item))
            }
            None if state.senders == 0 => Poll::Ready(None),
            None => {
                state.consumer = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// How many items wait.
    pub(crate) fn len(&self) -> usize {
        self.0.lock().items.len()
    }
}

impl<E> Drop for Receiver<E> {
    fn drop(&mut self) {
        self.0.lock().receiver_gone = true;
        self.0.room.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Event;
    use binance_kit_core::{StreamName, Timestamp};
    use std::future::poll_fn;

    fn event(number: u32) -> Item<u32> {
        Item::Event(Event {
            stream: StreamName::new("a@trade").unwrap(),
            event: number,
            received_at: Timestamp::from_millis(0),
        })
    }

    async fn take(receiver: &mut Receiver<u32>) -> String {
        match poll_fn(|cx| receiver.poll_recv(cx)).await {
            Some(Item::Event(event)) => event.event.to_string(),
            Some(Item::Lagged(count)) => format!("lagged {count}"),
            Some(_) => "other".into(),
            None => "end".into(),
        }
    }

    #[tokio::test]
    async fn drop_oldest_reports_the_loss_where_it_happened() {
        let (sender, mut receiver) = bounded(2, Overflow::DropOldest);
        for number in 0..5 {
            assert!(sender.send(event(number)).await);
        }
        drop(sender);
        for expected in ["lagged 3", "3", "4", "end"] {
            assert_eq!(take(&mut receiver).await, expected);
        }
    }

    #[tokio::test]
    async fn drop_newest_reports_the_loss_where_it_happened() {
        let (sender, mut receiver) = bounded(2, Overflow::DropNewest);
        for number in 0..5 {
            assert!(sender.send(event(number)).await);
        }
        for expected in ["0", "1", "lagged 3"] {
            assert_eq!(take(&mut receiver).await, expected);
        }
        assert!(sender.send(event(9)).await);
        assert_eq!(take(&mut receiver).await, "9");
    }

    #[tokio::test]
    async fn block_waits_for_room_and_ends_with_the_consumer() {
        let (sender, mut receiver) = bounded(1, Overflow::Block);
        assert!(sender.send(event(0)).await);
        let waiting = sender.clone();
        let (sent, taken) = tokio::join!(waiting.send(event(1)), take(&mut receiver));
        assert!(sent);
        assert_eq!(taken, "0");
        assert_eq!(receiver.len(), 1);
        let waiting = sender.clone();
        let (sent, ()) = tokio::join!(waiting.send(event(2)), async { drop(receiver) });
        assert!(!sent);
        assert!(!sender.send(event(3)).await);
    }
}
