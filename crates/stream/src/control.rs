//! Handles that change the subscriptions of a stream from anywhere.

use crate::connections::Command;
use crate::error::closed;
use crate::plan::{Bases, Plan, Topics};
use crate::queue::{Counts, QueueAccess};
use crate::status::Status;
use binance_kit_core::{Error, IntoTopic, StreamInfo};
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Changes the subscriptions of an [`EventStream`](crate::EventStream) while it is consumed elsewhere, and reports its state.
/// Cheap to clone.
///
/// No call waits for the consumer: under [`Overflow::Block`](crate::Overflow::Block) the connections are read on for an
/// acknowledgement although the queue is full, up to a bound. A call that is not acknowledged fails after
/// [`StreamConfig::call_timeout`](crate::StreamConfig::call_timeout).
pub struct StreamControl<E> {
    /// The handle without the event type.
    handle: Arc<Handle>,
    /// The event type of the topics it takes.
    event: PhantomData<fn() -> E>,
}

/// The handle without the event type.
struct Handle {
    /// Calls to the connections.
    commands: mpsc::Sender<Command>,
    /// The queues of the consumers.
    queues: Arc<dyn QueueAccess>,
    /// The hosts, to plan further topics.
    bases: Arc<Bases>,
}

impl<E> Clone for StreamControl<E> {
    fn clone(&self) -> Self {
        Self { handle: Arc::clone(&self.handle), event: PhantomData }
    }
}

impl<E> fmt::Debug for StreamControl<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamControl").finish_non_exhaustive()
    }
}

impl Handle {
    async fn call(
        &self,
        command: Result<impl FnOnce(oneshot::Sender<Result<(), Error>>) -> Command, Error>,
    ) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        if self.commands.send(command?(reply)).await.is_err() {
            return Err(closed());
        }
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    async fn subscribe(self: Arc<Self>, topics: Result<Topics, Error>) -> Result<(), Error> {
        let plan = topics.and_then(|topics| Plan::new(&self.bases, topics));
        self.call(plan.map(|plan| |reply| Command::Subscribe(plan, reply))).await
    }

    async fn unsubscribe(self: Arc<Self>, topics: Result<Topics, Error>) -> Result<(), Error> {
        let streams = topics.map(|topics| {
            topics.infos().iter().map(|info| (info.api, info.name.clone())).collect::<Vec<_>>()
        });
        self.call(streams.map(|streams| |reply| Command::Unsubscribe(streams, reply))).await
    }

    async fn status(&self) -> Status {
        let (reply, answer) = oneshot::channel();
        let _ = self.commands.send(Command::Status(reply)).await;
        let mut status = answer.await.unwrap_or_default();
        let mut counts: Vec<Counts> = Vec::new();
        self.queues.with(&mut |queues| counts = queues.counts());
        for Counts { queued, bytes, lagged, lagged_of } in counts {
            status.queued += queued;
            status.queued_bytes += bytes;
            status.lagged += lagged;
            for stream in &mut status.streams {
                let key = (stream.api, stream.stream.clone());
                stream.lagged += lagged_of.get(&key).copied().unwrap_or(0);
            }
        }
        status
    }
}

impl<E: Send + 'static> StreamControl<E> {
    pub(crate) fn new(
        commands: mpsc::Sender<Command>,
        queues: Arc<dyn QueueAccess>,
        bases: Arc<Bases>,
    ) -> Self {
        Self { handle: Arc::new(Handle { commands, queues, bases }), event: PhantomData }
    }

    /// Subscribes to further topics, all or none; returns when the exchange has acknowledged them. Streams that are
    /// subscribed already stay as they are. Topics of other hosts and routes open connections to those.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::StreamRefused`](binance_kit_core::ErrorKind::StreamRefused) with the exchange's answer,
    /// [`ErrorKind::NotAcknowledged`](binance_kit_core::ErrorKind::NotAcknowledged) when none arrived in time;
    /// [`ErrorKind::InvalidSubscription`](binance_kit_core::ErrorKind::InvalidSubscription) and
    /// [`ErrorKind::NotOffered`](binance_kit_core::ErrorKind::NotOffered) before anything is sent. The streams that were new
    /// are unsubscribed again then.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not revert the call.
    pub fn subscribe<T: IntoTopic<Event = E>>(
        &self,
        topics: impl IntoIterator<Item = T>,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        Arc::clone(&self.handle).subscribe(Topics::collect(topics))
    }

    /// Unsubscribes topics; returns when the exchange has acknowledged that. No event of them is delivered after the call has
    /// begun, except for those that are queued.
    ///
    /// # Errors
    ///
    /// As [`StreamControl::subscribe`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not revert the call.
    pub fn unsubscribe<T: IntoTopic<Event = E>>(
        &self,
        topics: impl IntoIterator<Item = T>,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        Arc::clone(&self.handle).unsubscribe(Topics::collect(topics))
    }

    /// The subscribed streams, by name.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing.
    pub async fn subscriptions(&self) -> Vec<StreamInfo> {
        let (reply, answer) = oneshot::channel();
        let _ = self.handle.commands.send(Command::List(reply)).await;
        answer.await.unwrap_or_default()
    }

    /// Replaces every connection by a new one without losing an event; returns when the old ones are closed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotAcknowledged`](binance_kit_core::ErrorKind::NotAcknowledged) when that takes longer than
    /// [`StreamConfig::call_timeout`](crate::StreamConfig::call_timeout); it continues nevertheless.
    /// [`ErrorKind::Closed`](binance_kit_core::ErrorKind::Closed).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not stop it.
    pub async fn rotate(&self) -> Result<(), Error> {
        self.handle.call(Ok(Command::Rotate)).await
    }

    /// Puts the streams on as few connections as can hold them, without losing an event: after many were unsubscribed. Returns
    /// when the connections that are no longer needed are closed.
    ///
    /// # Errors
    ///
    /// As [`StreamControl::rotate`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not stop it.
    pub async fn rebalance(&self) -> Result<(), Error> {
        self.handle.call(Ok(Command::Rebalance)).await
    }

    /// The state of the connections and the streams; empty once the stream is closed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing.
    pub async fn status(&self) -> Status {
        self.handle.status().await
    }

    /// Closes all connections; the consumer gets what is queued.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not stop it.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.handle.commands.send(Command::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }
}
