//! Some streams of an [`EventStream`](crate::EventStream), with a handle of their own.

use crate::config::StreamConfig;
use crate::item::{Event, Item};
use crate::meter::Meter;
use crate::queue::Receiver;
use crate::skipped::{Skipped, Skips, short_name};
use binance_kit_core::{Error, StreamInfo};
use futures_core::Stream;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

/// A queue of items with the means to take them.
pub(crate) struct Consumer<E> {
    /// The queue.
    receiver: Receiver<E>,
    /// The metrics.
    meter: Meter,
    /// What `next_event` has passed over.
    skips: Skips,
    /// The settings.
    config: Arc<StreamConfig>,
}

impl<E: Send + 'static> Consumer<E> {
    pub(crate) fn new(receiver: Receiver<E>, meter: Meter, config: Arc<StreamConfig>) -> Self {
        Self { receiver, meter, skips: Skips::default(), config }
    }

    pub(crate) fn part(&self, streams: Vec<crate::queue::Key>) -> Self {
        Self::new(self.receiver.part(streams), self.meter.clone(), Arc::clone(&self.config))
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Item<E>>> {
        self.receiver.poll_recv(cx, &self.meter)
    }

    pub(crate) fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Event<E>>, Error>> {
        loop {
            let Some(item) = ready!(self.poll(cx)) else { return Poll::Ready(Ok(None)) };
            match item {
                Item::Event(event) => return Poll::Ready(Ok(Some(event))),
                other => skip(&mut self.skips, other, &self.config)?,
            }
        }
    }

    pub(crate) fn try_next(&mut self) -> Option<Item<E>> {
        match self.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(item) => item,
            Poll::Pending => None,
        }
    }

    pub(crate) fn queued(&self) -> usize {
        self.receiver.len()
    }

    pub(crate) fn skipped(&self) -> Skipped {
        self.skips.counts()
    }
}

/// Passes over an item that is no event.
pub(crate) fn skip<E>(skips: &mut Skips, item: Item<E>, config: &StreamConfig) -> Result<(), Error> {
    match item.with(|_| None::<()>) {
        Some(item) => skips.skip(item, short_name::<E>(), config),
        None => Ok(()),
    }
}

/// The items of some streams of an [`EventStream`](crate::EventStream); see
/// [`EventStream::split`](crate::EventStream::split). It ends with that stream; dropping it returns its streams there.
pub struct StreamPart<E> {
    /// The streams.
    streams: Vec<StreamInfo>,
    /// Their queue.
    consumer: Consumer<E>,
}

impl<E: Send + 'static> fmt::Debug for StreamPart<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamPart")
            .field("streams", &self.streams)
            .field("queued", &self.consumer.queued())
            .finish_non_exhaustive()
    }
}

impl<E: Send + 'static> StreamPart<E> {
    pub(crate) fn new(streams: Vec<StreamInfo>, consumer: Consumer<E>) -> Self {
        Self { streams, consumer }
    }

    /// The streams of this part.
    pub fn streams(&self) -> &[StreamInfo] {
        &self.streams
    }

    /// The next item; `None` once the stream it is a part of is closed or dropped.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Item<E>> {
        poll_fn(|cx| self.consumer.poll(cx)).await
    }

    /// The next event, passing over other items; see [`EventStream::next_event`](crate::EventStream::next_event).
    ///
    /// # Errors
    ///
    /// As [`EventStream::next_event`](crate::EventStream::next_event).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next_event(&mut self) -> Result<Option<Event<E>>, Error> {
        poll_fn(|cx| self.consumer.poll_event(cx)).await
    }

    /// The next item that is queued, without waiting; `None` when the queue is empty.
    pub fn try_next(&mut self) -> Option<Item<E>> {
        self.consumer.try_next()
    }

    /// Number of items that are queued.
    pub fn queued(&self) -> usize {
        self.consumer.queued()
    }

    /// Number of items that [`StreamPart::next_event`] has passed over.
    pub fn skipped(&self) -> Skipped {
        self.consumer.skipped()
    }
}

impl<E: Send + 'static> Stream for StreamPart<E> {
    type Item = Item<E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item<E>>> {
        self.consumer.poll(cx)
    }
}
