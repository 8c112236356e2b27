//! The stream that a task of its own drives into a bounded queue.

use crate::control::StreamControl;
use crate::item::{Event, Item};
use crate::part::{Consumer, StreamPart};
use crate::plan::Topics;
use crate::skipped::Skipped;
use binance_kit_core::{Error, IntoTopic};
use binance_kit_net::task::Task;
use futures_core::Stream;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Events of any number of streams, from connections that a task of its own drives. Dropping it closes the connections.
pub struct EventStream<E> {
    /// The queue.
    consumer: Consumer<E>,
    /// Changes the subscriptions.
    control: StreamControl<E>,
    /// Drives the connections; ends when it is dropped.
    _task: Task<()>,
}

impl<E: Send + 'static> fmt::Debug for EventStream<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").field("queued", &self.consumer.queued()).finish_non_exhaustive()
    }
}

impl<E: Send + 'static> EventStream<E> {
    pub(crate) fn new(consumer: Consumer<E>, control: StreamControl<E>, task: Task<()>) -> Self {
        Self { consumer, control, _task: task }
    }

    /// The next item; `None` after [`StreamControl::close`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Item<E>> {
        poll_fn(|cx| self.consumer.poll(cx)).await
    }

    /// The next event, passing over other items; `None` after [`StreamControl::close`]. For consumers that do not react to gaps
    /// and interruptions: what is passed over is counted ([`EventStream::skipped`]), and the first item of each kind is logged.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::StreamRefused`](binance_kit_core::ErrorKind::StreamRefused) when the exchange refuses streams;
    /// [`ErrorKind::Unreadable`](binance_kit_core::ErrorKind::Unreadable) once for each stream whose first frames are all
    /// unreadable, which is what a wrong event type leads to;
    /// [`ErrorKind::Overflowed`](binance_kit_core::ErrorKind::Overflowed) when the stream ended under
    /// [`Overflow::Fail`](crate::Overflow::Fail). After an error further calls continue with the other streams.
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

    /// Number of items that [`EventStream::next_event`] has passed over.
    pub fn skipped(&self) -> Skipped {
        self.consumer.skipped()
    }

    /// Takes streams out of this one: from now on their items (events, gaps, silence) go to a handle with a queue of its own,
    /// with the same capacity and policy. Changes of state and refusals stay here. The connections are the same as before:
    /// splitting neither subscribes nor unsubscribes. Under [`Overflow::Block`](crate::Overflow::Block) one full queue blocks
    /// all of them. When the handle is dropped, its streams return here.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidSubscription`](binance_kit_core::ErrorKind::InvalidSubscription) for an invalid name.
    pub fn split<T: IntoTopic<Event = E>>(
        &self,
        topics: impl IntoIterator<Item = T>,
    ) -> Result<StreamPart<E>, Error> {
        let topics = Topics::collect(topics)?;
        let infos = topics.infos().to_vec();
        let keys = infos.iter().map(|info| (info.api, info.name.clone())).collect();
        Ok(StreamPart::new(infos, self.consumer.part(keys)))
    }

    /// A handle to change the subscriptions from anywhere.
    pub fn control(&self) -> StreamControl<E> {
        self.control.clone()
    }

    /// Closes all connections with a closing frame.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connections without closing frames.
    pub async fn close(self) {
        self.control.close().await;
    }

    /// As [`EventStream::close`], waiting for the closing frames no longer than `deadline`. `true` when they were written in
    /// time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connections without closing frames.
    pub async fn close_within(self, deadline: Duration) -> bool {
        tokio::time::timeout(deadline, self.control.close()).await.is_ok()
    }
}

impl<E: Send + 'static> Stream for EventStream<E> {
    type Item = Item<E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item<E>>> {
        self.consumer.poll(cx)
    }
}
