//! One merged queue, and queues of their own for chosen streams beside it.

use super::{Losses, Receiver, Room, Sender, bounded, stream_of};
use crate::config::Overflow;
use crate::item::Item;
use binance_kit_core::StreamName;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

struct Part<E> {
    names: Vec<StreamName>,
    sender: Sender<E>,
    losses: Losses<E>,
}

struct Parts<E> {
    all: Vec<Part<E>>,
    by_name: HashMap<StreamName, usize>,
    is_over: bool,
}

struct Shared<E> {
    parts: Mutex<Parts<E>>,
    /// Whether there are any: nearly nobody splits a stream.
    has_parts: AtomicBool,
}

/// The queues beside the merged one.
pub(crate) struct Routes<E>(Arc<Shared<E>>);

impl<E> Clone for Routes<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E> Routes<E> {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Shared {
            parts: Mutex::new(Parts { all: Vec::new(), by_name: HashMap::new(), is_over: false }),
            has_parts: AtomicBool::new(false),
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Parts<E>> {
        self.0.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on what comes of these streams goes into a queue of their own.
    pub(crate) fn split(&self, names: Vec<StreamName>, capacity: usize, overflow: Overflow) -> Receiver<E> {
        let (sender, receiver) = bounded(capacity, overflow);
        let mut parts = self.lock();
        if !parts.is_over {
            for part in &mut parts.all {
                part.names.retain(|name| !names.contains(name));
            }
            parts.all.push(Part { names, sender, losses: receiver.losses() });
            self.index(&mut parts);
        }
        receiver
    }

    fn index(&self, parts: &mut Parts<E>) {
        parts.by_name = parts
            .all
            .iter()
            .enumerate()
            .flat_map(|(index, part)| part.names.iter().map(move |name| (name.clone(), index)))
            .collect();
        self.0.has_parts.store(!parts.all.is_empty(), Ordering::Release);
    }

    /// What waits in the queues and what they have dropped, all together.
    pub(crate) fn counts(&self) -> Vec<(usize, u64, HashMap<StreamName, u64>)> {
        self.lock().all.iter().map(|part| part.losses.counts()).collect()
    }
}

/// The producer's end of all of them.
pub(crate) struct Outlet<E> {
    pub(crate) main: Sender<E>,
    pub(crate) routes: Routes<E>,
}

impl<E> Drop for Outlet<E> {
    fn drop(&mut self) {
        let parts = {
            let mut parts = self.routes.lock();
            parts.is_over = true;
            parts.by_name.clear();
            std::mem::take(&mut parts.all)
        };
        drop(parts);
    }
}

impl<E> Outlet<E> {
    /// Waits for room in each of them, under [`Overflow::Block`].
    pub(crate) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<Room> {
        let mut room = self.main.poll_room(cx);
        if self.routes.0.has_parts.load(Ordering::Acquire) {
            let mut parts = self.routes.lock();
            let before = parts.all.len();
            parts.all.retain(|part| match part.sender.poll_room(cx) {
                Poll::Ready(Room::Yes) => true,
                // Whoever took it is gone: what comes goes to the merged queue again.
                Poll::Ready(Room::Closed) => false,
                Poll::Pending => {
                    if room == Poll::Ready(Room::Yes) {
                        room = Poll::Pending;
                    }
                    true
                }
            });
            if parts.all.len() < before {
                self.routes.index(&mut parts);
            }
        }
        room
    }

    /// Puts an item where it belongs.
    pub(crate) fn put(&self, item: Item<E>) {
        if self.routes.0.has_parts.load(Ordering::Acquire) {
            let parts = self.routes.lock();
            let part = stream_of(&item).and_then(|stream| parts.by_name.get(stream));
            if let Some(part) = part.and_then(|index| parts.all.get(*index)) {
                part.sender.put(item);
                return;
            }
        }
        self.main.put(item);
    }
}
