//! Some streams of an [`EventStream`](crate::EventStream), with a handle of their own.

use crate::item::{Event, Item};
use crate::meter::Meter;
use crate::queue::Receiver;
use binance_kit_core::StreamName;
use futures_core::Stream;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What comes of some streams of an [`EventStream`](crate::EventStream); see
/// [`EventStream::split`](crate::EventStream::split). It ends with that stream; dropping it gives its streams back.
pub struct StreamPart<E> {
    names: Vec<StreamName>,
    receiver: Receiver<E>,
    meter: Meter,
}

impl<E> fmt::Debug for StreamPart<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamPart")
            .field("names", &self.names)
            .field("queued", &self.receiver.len())
            .finish_non_exhaustive()
    }
}

impl<E> StreamPart<E> {
    pub(crate) fn new(names: Vec<StreamName>, receiver: Receiver<E>, meter: Meter) -> Self {
        Self { names, receiver, meter }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Item<E>>> {
        let polled = self.receiver.poll_recv(cx);
        if let Poll::Ready(item) = &polled {
            self.meter.delivered(item.as_ref());
        }
        polled
    }

    /// Its streams.
    pub fn names(&self) -> &[StreamName] {
        &self.names
    }

    /// The next item; `None` once the stream it is a part of is closed or dropped.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Item<E>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// The next event, passing over items of other kinds.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next_event(&mut self) -> Option<Event<E>> {
        loop {
            if let Item::Event(event) = self.next().await? {
                return Some(event);
            }
        }
    }

    /// How many items wait in its queue.
    pub fn queued(&self) -> usize {
        self.receiver.len()
    }
}

impl<E> Stream for StreamPart<E> {
    type Item = Item<E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item<E>>> {
        self.poll(cx)
    }
}
