//! A stream that its consumer drives.

use crate::config::StreamConfig;
use crate::drive::Engine;
use crate::item::{Event, Item};
use crate::part::skip;
use crate::skipped::{Skipped, Skips};
use crate::status::Status;
use binance_kit_core::Error;
use futures_core::Stream;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;
use tokio::sync::oneshot;

/// A stream that its consumer drives: each call of [`PullStream::next`] connects, reads and decodes as needed, on the task of
/// the caller, without a queue between socket and consumer. Nothing is read, and no ping is answered, between the calls; for a
/// consumer that may be slow there is [`crate::EventStream`].
pub struct PullStream<E> {
    /// The connections and the events read from them.
    engine: Box<Engine<E>>,
    /// What `next_event` has passed over.
    skips: Skips,
}

impl<E> fmt::Debug for PullStream<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PullStream").field(&self.engine).finish()
    }
}

impl<E: Send + 'static> PullStream<E> {
    pub(crate) fn new(engine: Box<Engine<E>>) -> Self {
        Self { engine, skips: Skips::default() }
    }

    /// The next item; `None` after [`PullStream::close`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: the next call continues where this one stopped.
    pub async fn next(&mut self) -> Option<Item<E>> {
        poll_fn(|cx| self.engine.poll_next(cx)).await
    }

    /// The next item that can be had without waiting: read before, or waiting in the socket. `None` when there is none now.
    /// To take what has arrived in one go: `while let Some(item) = stream.try_next() { … }`.
    pub fn try_next(&mut self) -> Option<Item<E>> {
        match self.engine.poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(item) => item,
            Poll::Pending => None,
        }
    }

    /// The next event, passing over other items; see [`EventStream::next_event`](crate::EventStream::next_event).
    ///
    /// # Errors
    ///
    /// As [`EventStream::next_event`](crate::EventStream::next_event).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: the next call continues where this one stopped.
    pub async fn next_event(&mut self) -> Result<Option<Event<E>>, Error> {
        poll_fn(|cx| {
            loop {
                let Some(item) = ready!(self.engine.poll_next(cx)) else { return Poll::Ready(Ok(None)) };
                match item {
                    Item::Event(event) => return Poll::Ready(Ok(Some(event))),
                    other => {
                        let config = &self.engine.connections_ref().target().config;
                        skip(&mut self.skips, other, config)?;
                    }
                }
            }
        })
        .await
    }

    /// Number of items that [`PullStream::next_event`] has passed over.
    pub fn skipped(&self) -> Skipped {
        self.skips.counts()
    }

    /// The state of the connections and streams.
    pub fn status(&self) -> Status {
        self.engine.connections_ref().status()
    }

    /// The settings it was opened with.
    pub fn config(&self) -> &StreamConfig {
        &self.engine.connections_ref().target().config
    }

    /// Closes the connections with closing frames, waiting at most a second for them to be written.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connections without closing frames.
    pub async fn close(mut self) {
        let (done, _) = oneshot::channel();
        self.engine.connections().close(done);
        let _ = tokio::time::timeout(Duration::from_secs(1), async { while self.next().await.is_some() {} })
            .await;
    }
}

impl<E: Send + 'static> Stream for PullStream<E> {
    type Item = Item<E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item<E>>> {
        self.engine.poll_next(cx)
    }
}
