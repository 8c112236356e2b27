//! Connections and delivery together, and the task that moves items from them into the queue.

use crate::Backfill;
use crate::connections::{Connections, Machine, Mode, Target, established};
use crate::delivery::{Delivery, Direct, Events, Slot};
use crate::filter::EventFilter;
use crate::item::Item;
use crate::plan::Plan;
use crate::queue::{Room, Sender};
use binance_kit_core::Error;
use binance_kit_net::task::{self, Task};
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// What is chosen for one subscription.
pub(crate) struct Options<E> {
    /// Fetches missed events.
    pub(crate) backfill: Option<Arc<dyn Backfill<E>>>,
    /// Leaves out events before they are decoded.
    pub(crate) filter: Option<EventFilter>,
}

impl<E> Default for Options<E> {
    fn default() -> Self {
        Self { backfill: None, filter: None }
    }
}

/// The connections of a subscription and the events of its type.
pub(crate) struct Engine<E> {
    /// The connections.
    connections: Connections,
    /// The decoders, and the events that are held.
    events: Events<E>,
}

// No field is pinned: events are only ever moved.
impl<E> Unpin for Engine<E> {}

impl<E> fmt::Debug for Engine<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.connections.fmt(f)
    }
}

impl<E: Send + 'static> Engine<E> {
    pub(crate) fn new(target: Target, mode: Mode, options: Options<E>, plan: &Plan) -> Self {
        let share = target.context.queues().share(target.config.max_held_bytes);
        let mut events = Events::new(options.backfill, share);
        let connections = Connections::new(target, mode, options.filter, plan, &mut events);
        Self { connections, events }
    }

    pub(crate) fn connections(&mut self) -> &mut Connections {
        &mut self.connections
    }

    pub(crate) fn connections_ref(&self) -> &Connections {
        &self.connections
    }

    /// The next item; `None` once everything is closed.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Item<E>>> {
        if let Some(Direct { event, .. }) = self.connections.direct(&mut self.events) {
            self.connections.target().meter.delivered_event(event.received_at);
            return Poll::Ready(Some(Item::Event(event)));
        }
        let span = self.connections.span();
        let _entered = span.enter();
        let Some(item) = ready!(self.connections.poll_next(cx, &mut self.events)) else {
            return Poll::Ready(None);
        };
        self.connections.target().meter.delivered(&item);
        Poll::Ready(self.complete(item))
    }

    /// Adds the event to an item.
    fn complete(&mut self, item: Item<Slot>) -> Option<Item<E>> {
        item.with(|slot| self.events.take(slot))
    }
}

impl<E: Send + 'static> Machine for Engine<E> {
    fn parts(&mut self) -> (&mut Connections, &mut dyn Delivery) {
        (&mut self.connections, &mut self.events)
    }
}

/// Connections that fill a queue, without the event type.
pub(crate) trait Drive: Machine {
    /// Waits for room in the queue.
    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<Room>;

    /// Puts an item into the queue.
    fn forward(&mut self, item: Item<Slot>);

    /// Moves events that can go the short way into the queue, as many as there is room for. `false` when there was none.
    fn forward_direct(&mut self, room: usize) -> bool;
}

/// How many events are moved into the queue in one go: their consumer is woken once for all of them, and the first of them waits
/// until the last one is decoded.
const BATCH: usize = 16;
/// The same in bytes, so that the budget of the queue is kept.
const BATCH_BYTES: usize = 16 << 10;

/// An engine that fills a queue.
pub(crate) struct Driver<E> {
    /// The connections and events.
    pub(crate) engine: Engine<E>,
    /// The queue.
    pub(crate) sender: Sender<E>,
    /// Events on their way into the queue; empty but for that.
    pub(crate) batch: Vec<Direct<E>>,
}

// No field is pinned: events are only ever moved.
impl<E> Unpin for Driver<E> {}

impl<E: Send + 'static> Machine for Driver<E> {
    fn parts(&mut self) -> (&mut Connections, &mut dyn Delivery) {
        self.engine.parts()
    }
}

impl<E: Send + 'static> Drive for Driver<E> {
    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<Room> {
        self.sender.poll_room(cx)
    }

    fn forward(&mut self, item: Item<Slot>) {
        self.sender.put(item, |slot| self.engine.events.take(slot));
    }

    fn forward_direct(&mut self, room: usize) -> bool {
        let Self { engine, sender, batch } = self;
        let mut bytes = 0;
        while batch.len() < room.min(BATCH) && bytes < BATCH_BYTES {
            let Some(direct) = engine.connections.direct(&mut engine.events) else { break };
            bytes += direct.bytes;
            batch.push(direct);
        }
        if batch.is_empty() {
            return false;
        }
        sender.put_all(batch.drain(..));
        true
    }
}

/// Waits until everything is connected and acknowledged, and starts the task that fills the queue.
pub(crate) async fn start(mut driver: Box<dyn Drive>) -> Result<Task<()>, Error> {
    established(&mut *driver).await?;
    Ok(task::spawn("stream", run(driver)))
}

async fn run(mut driver: Box<dyn Drive>) {
    let span = driver.parts().0.span();
    poll_fn(|cx| {
        let _entered = span.enter();
        poll_run(&mut *driver, cx)
    })
    .await;
}

/// Moves items from the connections into the queue until one of the two ends. While there is no room, calls from elsewhere
/// are still answered.
fn poll_run(driver: &mut dyn Drive, cx: &mut Context<'_>) -> Poll<()> {
    loop {
        match driver.poll_room(cx) {
            Poll::Ready(Room::Closed) => return Poll::Ready(()),
            Poll::Ready(Room::Yes(room)) => {
                if driver.forward_direct(room) {
                    continue;
                }
                let (connections, delivery) = driver.parts();
                match ready!(connections.poll_next(cx, delivery)) {
                    Some(item) => driver.forward(item),
                    None => return Poll::Ready(()),
                }
            }
            Poll::Pending => {
                let (connections, delivery) = driver.parts();
                ready!(connections.poll_aside(cx, delivery));
                // Closed: what was read goes to the consumer.
                while let Some(item) = driver.parts().0.pop() {
                    driver.forward(item);
                }
                return Poll::Ready(());
            }
        }
    }
}
