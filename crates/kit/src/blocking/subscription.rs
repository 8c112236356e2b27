//! Streams as iterators.

use super::thread::Background;
use super::wait::wait_for;
use binance_kit_core::Error;
use binance_kit_net::Clock;
use binance_kit_stream::{Event, EventStream, Item};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Subscribed streams: an iterator over their items, which waits for the next one. Dropping it ends the subscription.
///
/// For the events alone, with an error where a stream has failed for good, see [`Subscription::events`].
pub struct Subscription<E: Send + 'static> {
    /// The stream, which a task on the background thread drives; here only its queue is waited for.
    stream: EventStream<E>,
    /// The clock of time-outs.
    clock: Clock,
    /// Kept alive by every subscription. Behind the stream, so that its task is ended first.
    _background: Arc<Background>,
}

impl<E: Send + 'static> fmt::Debug for Subscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Subscription").field(&self.stream).finish()
    }
}

impl<E: Send + 'static> Subscription<E> {
    pub(super) fn new(stream: EventStream<E>, background: Arc<Background>, clock: Clock) -> Self {
        Self { stream, clock, _background: background }
    }

    /// The next item, if one arrives within `timeout`.
    pub fn next_timeout(&mut self, timeout: Duration) -> Option<Item<E>> {
        // A time-out beyond all clocks is none.
        let deadline = self.clock.monotonic().checked_add(timeout);
        wait_for(self.stream.next(), deadline, || self.clock.monotonic()).flatten()
    }

    /// The events alone: an iterator that passes over all other items, counts and logs what it passes over, and gives an
    /// error where a stream is refused for good or cannot be read; see
    /// [`EventStream::next_event`](binance_kit_stream::EventStream::next_event). After an error it goes on with the other
    /// streams.
    pub fn events(self) -> Events<E> {
        Events { subscription: self }
    }
}

impl<E: Send + 'static> Iterator for Subscription<E> {
    type Item = Item<E>;

    fn next(&mut self) -> Option<Item<E>> {
        wait_for(self.stream.next(), None, || self.clock.monotonic()).flatten()
    }
}

/// The events of a [`Subscription`]; see [`Subscription::events`].
pub struct Events<E: Send + 'static> {
    /// Where they are from.
    subscription: Subscription<E>,
}

impl<E: Send + 'static> fmt::Debug for Events<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Events").field(&self.subscription.stream).finish()
    }
}

impl<E: Send + 'static> Events<E> {
    /// The next event, if one arrives within `timeout`.
    pub fn next_timeout(&mut self, timeout: Duration) -> Option<Result<Event<E>, Error>> {
        let Subscription { stream, clock, .. } = &mut self.subscription;
        let deadline = clock.monotonic().checked_add(timeout);
        wait_for(stream.next_event(), deadline, || clock.monotonic()).and_then(Result::transpose)
    }
}

impl<E: Send + 'static> Iterator for Events<E> {
    type Item = Result<Event<E>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let Subscription { stream, clock, .. } = &mut self.subscription;
        wait_for(stream.next_event(), None, || clock.monotonic()).and_then(Result::transpose)
    }
}
