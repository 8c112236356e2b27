//! A stream that its consumer drives.

use crate::config::StreamConfig;
use crate::engine::Engine;
use crate::error::Error;
use crate::item::Item;
use crate::status::Status;
use binance_kit_core::StreamEvent;
use futures_core::Stream;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::oneshot;

/// A stream that its consumer drives: each call of [`PullStream::next`] connects, reads and decodes as needed, on the task of
/// the caller, without a queue between socket and consumer. Nothing is read, and no ping is answered, while nobody asks for the next
/// item; for a consumer that may be slow there is [`crate::EventStream`].
pub struct PullStream<E>(Box<Engine<E>>);

impl<E> fmt::Debug for PullStream<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PullStream").field(&self.0).finish()
    }
}

impl<E: StreamEvent> PullStream<E> {
    pub(crate) async fn established(mut engine: Engine<E>) -> Result<Self, Error> {
        engine.established().await?;
        Ok(Self(Box::new(engine)))
    }

    /// The next item; `None` after [`PullStream::close`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: the next call goes on where this one stopped.
    pub async fn next(&mut self) -> Option<Item<E>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Item<E>>> {
        let polled = self.0.poll_next(cx);
        if let Poll::Ready(item) = &polled {
            self.0.target().meter.delivered(item.as_ref());
        }
        polled
    }

    /// What is known of the connection and its streams.
    pub fn status(&self) -> Status {
        self.0.status()
    }

    /// The settings it was opened with.
    pub fn config(&self) -> &StreamConfig {
        &self.0.target().config
    }

    /// Closes the connection with a closing frame, waiting at most a second for it to be written.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection without a closing frame.
    pub async fn close(mut self) {
        let (done, _) = oneshot::channel();
        self.0.close(done);
        let _ = tokio::time::timeout(Duration::from_secs(1), async { while self.next().await.is_some() {} })
            .await;
    }
}

impl<E: StreamEvent> Stream for PullStream<E> {
    type Item = Item<E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item<E>>> {
        self.poll(cx)
    }
}
