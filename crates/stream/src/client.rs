//! The stream client: spreads streams over connections, drives each in a task of its own, and hands everything to the
//! consumer through one bounded queue.

use crate::config::StreamConfig;
use crate::connection::{Command, Mode, PullStream, Target};
use crate::error::{Error, ErrorKind};
use crate::item::{Event, Item};
use crate::queue::{self, Receiver, Sender};
use binance_kit_core::{InvalidStreamName, StreamEvent, StreamName};
use binance_kit_net::task::{self, Task};
use binance_kit_net::{Endpoint, Environment, Network};
use futures_core::Stream;
use std::collections::BTreeSet;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Opens market streams. Cheap to clone.
#[derive(Debug, Clone)]
pub struct StreamClient(Arc<Target>);

/// Builds a [`StreamClient`].
#[derive(Debug)]
pub struct StreamClientBuilder {
    network: Network,
    url: String,
    config: StreamConfig,
}

impl StreamClientBuilder {
    /// The settings; [`StreamConfig::default`] otherwise.
    #[must_use]
    pub fn config(mut self, config: StreamConfig) -> Self {
        self.config = config;
        self
    }

    /// Another base URL than the environment's.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = url.into();
        self
    }

    /// Puts it together. Nothing connects yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] when the URL cannot be used.
    pub fn build(self) -> Result<StreamClient, Error> {
        let endpoint =
            Endpoint::parse(&self.url).map_err(|error| Error::network(ErrorKind::Configuration, error))?;
        Ok(StreamClient(Arc::new(Target { network: self.network, endpoint, config: self.config })))
    }
}

impl StreamClient {
    /// A client with default settings for the streams of this environment.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] when the environment's URL cannot be used.
    pub fn new(network: &Network, environment: &Environment) -> Result<Self, Error> {
        Self::builder(network, environment).build()
    }

    /// A client to be configured.
    pub fn builder(network: &Network, environment: &Environment) -> StreamClientBuilder {
        StreamClientBuilder {
            network: network.clone(),
            url: environment.stream_url().to_owned(),
            config: StreamConfig::default(),
        }
    }

    /// Subscribes to streams over combined connections, each driven by a task. Returns when all of them are up and
    /// acknowledged.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidSubscription`] for a text that is no stream name, [`ErrorKind::Connect`] when the first attempt to
    /// connect fails (unless [`StreamConfig::retry_first_connection`] is set), [`ErrorKind::Refused`] when the exchange
    /// refuses streams. Later failures are items of the stream.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes whatever was opened.
    pub async fn subscribe<E: StreamEvent>(
        &self,
        names: impl IntoIterator<Item: TryInto<StreamName, Error: Into<InvalidStreamName>>>,
    ) -> Result<EventStream<E>, Error> {
        let names = checked(names)?;
        let (sender, receiver) = queue::bounded(self.0.config.queue, self.0.config.overflow);
        let plan = Arc::new(Plan {
            target: Target::clone(&self.0),
            sender: Mutex::new(Some(sender)),
            shards: Mutex::new(Vec::new()),
            change: tokio::sync::Mutex::new(()),
        });
        let stream = EventStream { receiver, plan };
        stream.plan.subscribe(names).await?;
        Ok(stream)
    }

    /// Subscribes to one stream over a raw connection (`/ws/…`), whose frames have no wrapper.
    ///
    /// # Errors
    ///
    /// As [`StreamClient::subscribe`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes whatever was opened.
    pub async fn subscribe_raw<E: StreamEvent>(
        &self,
        name: impl TryInto<StreamName, Error: Into<InvalidStreamName>>,
    ) -> Result<PullStream<E>, Error> {
        let name = checked([name])?;
        let Some(first) = name.first().cloned() else {
            return Err(Error::new(ErrorKind::InvalidSubscription));
        };
        let mut stream = PullStream::new(Target::clone(&self.0), Mode::Raw(first), 0, name);
        stream.established().await?;
        Ok(stream)
    }

    /// Subscribes to streams over one combined connection that the caller drives itself: the shortest way from the
    /// socket to the consumer.
    ///
    /// # Errors
    ///
    /// As [`StreamClient::subscribe`], and [`ErrorKind::InvalidSubscription`] for more streams than one connection carries.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes whatever was opened.
    pub async fn pull<E: StreamEvent>(
        &self,
        names: impl IntoIterator<Item: TryInto<StreamName, Error: Into<InvalidStreamName>>>,
    ) -> Result<PullStream<E>, Error> {
        let names = checked(names)?;
        if names.len() > self.0.config.streams_per_connection {
            let detail = format!(
                "{} streams, and one connection carries {}",
                names.len(),
                self.0.config.streams_per_connection
            );
            return Err(Error::new(ErrorKind::InvalidSubscription).detail(detail));
        }
        let mut stream = PullStream::new(Target::clone(&self.0), Mode::Combined, 0, names);
        stream.established().await?;
        Ok(stream)
    }
}

fn checked(
    names: impl IntoIterator<Item: TryInto<StreamName, Error: Into<InvalidStreamName>>>,
) -> Result<Vec<StreamName>, Error> {
    let mut unique = BTreeSet::new();
    for name in names {
        let name = name.try_into().map_err(|error| {
            let error: InvalidStreamName = error.into();
            Error::new(ErrorKind::InvalidSubscription).detail(error.to_string())
        })?;
        unique.insert(name);
    }
    Ok(unique.into_iter().collect())
}

struct Shard {
    commands: mpsc::Sender<Command>,
    names: BTreeSet<StreamName>,
    task: Task<()>,
}

struct Plan<E> {
    target: Target,
    /// Taken when the stream is closed, so that the queue ends.
    sender: Mutex<Option<Sender<E>>>,
    shards: Mutex<Vec<Shard>>,
    /// One change of the plan at a time.
    change: tokio::sync::Mutex<()>,
}

impl<E: StreamEvent> Plan<E> {
    fn shards(&self) -> MutexGuard<'_, Vec<Shard>> {
        self.shards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn subscribe(&self, names: Vec<StreamName>) -> Result<(), Error> {
        let _changing = self.change.lock().await;
        if self.sender.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
            return Err(Error::new(ErrorKind::Closed));
        }
        let room_for = self.target.config.streams_per_connection.max(1);
        // A connection is asked again for what it should have: it may have been refused since, and asking twice is asking
        // once.
        let (known, mut fresh): (Vec<StreamName>, Vec<StreamName>) = {
            let shards = self.shards();
            names.into_iter().partition(|name| shards.iter().any(|shard| shard.names.contains(name)))
        };
        // Fill up the connections there are.
        let count = self.shards().len();
        for index in 0..count {
            let (commands, batch) = {
                let mut shards = self.shards();
                let Some(shard) = shards.get_mut(index) else { break };
                let room = room_for.saturating_sub(shard.names.len()).min(fresh.len());
                let mut batch: Vec<StreamName> =
                    known.iter().filter(|name| shard.names.contains(*name)).cloned().collect();
                batch.extend(fresh.drain(..room));
                shard.names.extend(batch.iter().cloned());
                (shard.commands.clone(), batch)
            };
            if batch.is_empty() {
                continue;
            }
            let (reply, answer) = oneshot::channel();
            let result = call(&commands, Command::Subscribe(batch.clone(), reply), answer).await;
            if let Err(error) = result {
                let refused: Vec<StreamName> =
                    if error.streams().is_empty() { batch } else { error.streams().to_vec() };
                if let Some(shard) = self.shards().get_mut(index) {
                    shard.names.retain(|name| !refused.contains(name));
                }
                return Err(error);
            }
        }
        // And open as many more as are needed; one at least, so that an empty list gives a stream to add to.
        let mut first = count == 0;
        while first || !fresh.is_empty() {
            first = false;
            let batch: Vec<StreamName> = fresh.drain(..room_for.min(fresh.len())).collect();
            let index = self.shards().len();
            let mut connection = PullStream::new(self.target.clone(), Mode::Combined, index, batch.clone());
            connection.established().await?;
            let Some(sender) = self.sender.lock().unwrap_or_else(PoisonError::into_inner).clone() else {
                return Err(Error::new(ErrorKind::Closed));
            };
            let commands = connection.handle();
            let task = task::spawn("stream connection", drive(connection, sender));
            self.shards().push(Shard { commands, names: batch.into_iter().collect(), task });
        }
        Ok(())
    }

    async fn unsubscribe(&self, names: Vec<StreamName>) -> Result<(), Error> {
        let _changing = self.change.lock().await;
        let count = self.shards().len();
        for index in 0..count {
            let (commands, batch) = {
                let mut shards = self.shards();
                let Some(shard) = shards.get_mut(index) else { break };
                let batch: Vec<StreamName> =
                    names.iter().filter(|name| shard.names.remove(*name)).cloned().collect();
                (shard.commands.clone(), batch)
            };
            if !batch.is_empty() {
                let (reply, answer) = oneshot::channel();
                call(&commands, Command::Unsubscribe(batch, reply), answer).await?;
            }
        }
        Ok(())
    }

    async fn subscriptions(&self) -> Vec<StreamName> {
        let handles: Vec<mpsc::Sender<Command>> =
            self.shards().iter().map(|shard| shard.commands.clone()).collect();
        let mut names = Vec::new();
        for commands in handles {
            let (reply, answer) = oneshot::channel();
            if commands.send(Command::List(reply)).await.is_ok()
                && let Ok(listed) = answer.await
            {
                names.extend(listed);
            }
        }
        names.sort();
        names
    }

    async fn close(&self) {
        let shards = std::mem::take(&mut *self.shards());
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).take();
        for shard in &shards {
            let (done, closed) = oneshot::channel();
            if shard.commands.send(Command::Close(done)).await.is_ok() {
                let _ = tokio::time::timeout(Duration::from_secs(1), closed).await;
            }
        }
        for shard in shards {
            shard.task.abort();
        }
    }
}

async fn call(
    commands: &mpsc::Sender<Command>,
    command: Command,
    answer: oneshot::Receiver<Result<(), Error>>,
) -> Result<(), Error> {
    if commands.send(command).await.is_err() {
        return Err(Error::new(ErrorKind::Closed));
    }
    answer.await.unwrap_or_else(|_| Err(Error::new(ErrorKind::Closed)))
}

/// Moves items from a connection into the queue until one of the two ends.
async fn drive<E: StreamEvent>(mut connection: PullStream<E>, sender: Sender<E>) {
    while let Some(item) = connection.next().await {
        if !sender.send(item).await {
            break;
        }
    }
}

/// Events of any number of streams, from connections that tasks of their own drive. Dropping it closes the connections.
pub struct EventStream<E: StreamEvent> {
    receiver: Receiver<E>,
    plan: Arc<Plan<E>>,
}

impl<E: StreamEvent> fmt::Debug for EventStream<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("endpoint", &self.plan.target.endpoint)
            .field("connections", &self.plan.shards().len())
            .field("queued", &self.receiver.len())
            .finish_non_exhaustive()
    }
}

impl<E: StreamEvent> EventStream<E> {
    /// The next item; `None` after [`StreamControl::close`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Item<E>> {
        poll_fn(|cx| self.receiver.poll_recv(cx)).await
    }

    /// The next event, passing over items of other kinds; `None` after [`StreamControl::close`]. For consumers that do
    /// not care about what they may have missed.
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

    /// How many items wait in the queue.
    pub fn queued(&self) -> usize {
        self.receiver.len()
    }

    /// A handle to change the subscriptions from anywhere.
    pub fn control(&self) -> StreamControl<E> {
        StreamControl(Arc::clone(&self.plan))
    }

    /// Closes all connections with a closing frame.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connections without closing frames.
    pub async fn close(self) {
        self.plan.close().await;
    }
}

impl<E: StreamEvent> Drop for EventStream<E> {
    fn drop(&mut self) {
        // The tasks end here even if a control handle lives on.
        self.plan.shards().clear();
    }
}

impl<E: StreamEvent> Stream for EventStream<E> {
    type Item = Item<E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item<E>>> {
        self.receiver.poll_recv(cx)
    }
}

/// Changes the subscriptions of an [`EventStream`] while it is consumed elsewhere. Cheap to clone.
pub struct StreamControl<E: StreamEvent>(Arc<Plan<E>>);

impl<E: StreamEvent> Clone for StreamControl<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E: StreamEvent> fmt::Debug for StreamControl<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamControl").field("connections", &self.0.shards().len()).finish_non_exhaustive()
    }
}

impl<E: StreamEvent> StreamControl<E> {
    /// Subscribes to further streams; returns when the exchange has acknowledged them. Streams that are subscribed
    /// already are left as they are.
    ///
    /// Under [`crate::Overflow::Block`] the stream must be consumed meanwhile, on another task or by polling both at once:
    /// while the queue is full the connection is not read, and so neither is the acknowledgement. That holds for all calls
    /// of this handle but [`StreamControl::close`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`] with the exchange's answer, [`ErrorKind::NotAcknowledged`] when none came in time,
    /// [`ErrorKind::InvalidSubscription`] for a text that is no stream name.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not take back what was asked for.
    pub async fn subscribe(
        &self,
        names: impl IntoIterator<Item: TryInto<StreamName, Error: Into<InvalidStreamName>>>,
    ) -> Result<(), Error> {
        self.0.subscribe(checked(names)?).await
    }

    /// Gives up streams; returns when the exchange has acknowledged that. No event of them is delivered after the call
    /// has begun, but for those that wait in the queue.
    ///
    /// # Errors
    ///
    /// As [`StreamControl::subscribe`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not take back what was asked for.
    pub async fn unsubscribe(
        &self,
        names: impl IntoIterator<Item: TryInto<StreamName, Error: Into<InvalidStreamName>>>,
    ) -> Result<(), Error> {
        self.0.unsubscribe(checked(names)?).await
    }

    /// The streams wanted now, in order.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing.
    pub async fn subscriptions(&self) -> Vec<StreamName> {
        self.0.subscriptions().await
    }

    /// Closes all connections; the consumer gets what is queued.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connections without closing frames.
    pub async fn close(&self) {
        self.0.close().await;
    }
}
