//! The stream client, and the stream that a task of its own drives into a bounded queue.

use crate::backfill::Backfill;
use crate::config::{Overflow, StreamConfig};
use crate::engine::{Command, Engine, Mode, Options, Target};
use crate::error::{Error, ErrorKind};
use crate::filter::EventFilter;
use crate::item::{Event, Item};
use crate::meter::Meter;
use crate::part::StreamPart;
use crate::pull::PullStream;
use crate::queue::{self, Losses, Outlet, Receiver, Room, Routes};
use crate::status::Status;
use binance_kit_core::{InvalidStreamName, StreamEvent, StreamName};
use binance_kit_net::task::{self, Task};
use binance_kit_net::{Context, Endpoint, Environment};
use futures_core::Stream;
use std::collections::BTreeSet;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, ready};
use tokio::sync::{mpsc, oneshot};

/// Opens market streams. Cheap to clone.
#[derive(Debug, Clone)]
pub struct StreamClient(Arc<Target>);

/// Builds a [`StreamClient`].
#[derive(Debug)]
pub struct StreamClientBuilder {
    context: Context,
    environment: Environment,
    url: Option<String>,
    legs: Vec<String>,
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
        self.url = Some(url.into());
        self
    }

    /// One more connection that carries the same streams at once, to this base URL: another host, another port, or the same
    /// place again. Of each event the first copy is delivered; see [`crate::status::RaceStatus`]. Give it the same kind of
    /// streams: copies are told by their ids, and those without ids by their bytes. Events without an id and a
    /// time are taken from one leg only, as long as that is up.
    #[must_use]
    pub fn leg(mut self, url: impl Into<String>) -> Self {
        self.legs.push(url.into());
        self
    }

    /// Puts it together. Nothing connects yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] when a URL cannot be used, and when SBE is wanted without an API key or from an environment
    /// that has none.
    pub fn build(self) -> Result<StreamClient, Error> {
        let is_sbe = self.config.encoding.schema().is_some();
        if is_sbe && self.config.api_key.is_none() {
            return Err(Error::new(ErrorKind::Configuration).detail("the streams in SBE want an API key"));
        }
        let url = match &self.url {
            Some(url) => url,
            None if is_sbe => {
                self.environment.sbe_stream_url(binance_kit_core::Api::Spot).ok_or_else(|| {
                    Error::new(ErrorKind::Configuration).detail("the environment has no streams in SBE")
                })?
            }
            None => self
                .environment
                .stream_url(binance_kit_core::Api::Spot, binance_kit_core::Route::Root)
                .unwrap_or_default(),
        };
        let endpoints = std::iter::once(url)
            .chain(self.legs.iter().map(String::as_str))
            .map(|url| Endpoint::parse(url).map_err(|error| Error::network(ErrorKind::Configuration, error)))
            .collect::<Result<Vec<Endpoint>, Error>>()?;
        let first = endpoints.first().map(ToString::to_string).unwrap_or_default();
        let meter = Meter::new(&first, self.context.clock());
        Ok(StreamClient(Arc::new(Target { context: self.context, endpoints, config: self.config, meter })))
    }
}

impl StreamClient {
    /// A client with default settings for the streams of this environment.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] when the environment's URL cannot be used.
    pub fn new(context: &Context, environment: &Environment) -> Result<Self, Error> {
        Self::builder(context, environment).build()
    }

    /// A client to be configured.
    pub fn builder(context: &Context, environment: &Environment) -> StreamClientBuilder {
        StreamClientBuilder {
            context: context.clone(),
            environment: environment.clone(),
            url: None,
            legs: Vec::new(),
            config: StreamConfig::default(),
        }
    }

    /// A subscription with settings of its own.
    pub fn subscription<E: StreamEvent>(&self) -> Subscription<E> {
        Subscription { target: Target::clone(&self.0), options: Options::default() }
    }

    /// Subscribes to streams over combined connections, driven by a task. Returns when all of them are up and
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
        self.subscription().subscribe(names).await
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
        let engine = Engine::new(Target::clone(&self.0), Mode::Raw(first), Options::default(), name);
        PullStream::established(engine).await
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
        self.subscription().pull(names).await
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

/// A subscription that is being set up; see [`StreamClient::subscription`].
#[must_use]
pub struct Subscription<E> {
    target: Target,
    options: Options<E>,
}

impl<E> fmt::Debug for Subscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("target", &self.target).finish_non_exhaustive()
    }
}

impl<E: StreamEvent> Subscription<E> {
    /// What happens when the queue is full; the client's setting otherwise.
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.target.config.overflow = overflow;
        self
    }

    /// How many items the queue holds; the client's setting otherwise.
    pub fn queue(mut self, items: usize) -> Self {
        self.target.config.queue = items;
        self
    }

    /// Fills gaps with what this can fetch. Without it they are reported only.
    pub fn backfill(mut self, backfill: impl Backfill<E>) -> Self {
        self.options.backfill = Some(Arc::new(backfill));
        self
    }

    /// Decodes only what the filter takes.
    pub fn filter(mut self, filter: EventFilter) -> Self {
        self.options.filter = Some(filter);
        self
    }

    /// As [`StreamClient::subscribe`].
    ///
    /// # Errors
    ///
    /// Those of [`StreamClient::subscribe`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes whatever was opened.
    pub async fn subscribe(
        self,
        names: impl IntoIterator<Item: TryInto<StreamName, Error: Into<InvalidStreamName>>>,
    ) -> Result<EventStream<E>, Error> {
        let names = checked(names)?;
        let (sender, receiver) = queue::bounded(self.target.config.queue, self.target.config.overflow);
        let mut engine = Box::new(Engine::new(self.target, Mode::Combined, self.options, names));
        engine.established().await?;
        let routes = Routes::new();
        let control =
            StreamControl { commands: engine.handle(), losses: receiver.losses(), routes: routes.clone() };
        let outlet = Outlet { main: sender, routes };
        let queue = (engine.target().config.queue, engine.target().config.overflow);
        let meter = engine.target().meter.clone();
        let endpoint = engine.target().endpoints.first().map(ToString::to_string).unwrap_or_default();
        let task = task::spawn("stream", drive(engine, outlet));
        Ok(EventStream { receiver, control, endpoint, meter, queue, _task: task })
    }

    /// As [`StreamClient::pull`].
    ///
    /// # Errors
    ///
    /// Those of [`StreamClient::pull`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes whatever was opened.
    pub async fn pull(
        self,
        names: impl IntoIterator<Item: TryInto<StreamName, Error: Into<InvalidStreamName>>>,
    ) -> Result<PullStream<E>, Error> {
        let names = checked(names)?;
        let most = self.target.config.streams_per_connection;
        if names.len() > most {
            let detail = format!("{} streams, and one connection carries {most}", names.len());
            return Err(Error::new(ErrorKind::InvalidSubscription).detail(detail));
        }
        PullStream::established(Engine::new(self.target, Mode::Combined, self.options, names)).await
    }
}

/// Moves items from the connections into the queue until one of the two ends. While there is no room, calls from elsewhere
/// are still answered.
async fn drive<E: StreamEvent>(mut engine: Box<Engine<E>>, outlet: Outlet<E>) {
    poll_fn(|cx| {
        loop {
            match outlet.poll_room(cx) {
                Poll::Ready(Room::Closed) => return Poll::Ready(()),
                Poll::Ready(Room::Yes) => match ready!(engine.poll_next(cx)) {
                    Some(item) => outlet.put(item),
                    None => return Poll::Ready(()),
                },
                Poll::Pending => {
                    ready!(engine.poll_aside(cx));
                    // Closed: what was read is the consumer's.
                    while let Poll::Ready(Some(item)) = engine.poll_next(cx) {
                        outlet.put(item);
                    }
                    return Poll::Ready(());
                }
            }
        }
    })
    .await;
}

/// Events of any number of streams, from connections that a task of its own drives. Dropping it closes the connections.
pub struct EventStream<E: StreamEvent> {
    receiver: Receiver<E>,
    control: StreamControl<E>,
    endpoint: String,
    meter: Meter,
    queue: (usize, Overflow),
    _task: Task<()>,
}

impl<E: StreamEvent> fmt::Debug for EventStream<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("endpoint", &self.endpoint)
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
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut TaskContext<'_>) -> Poll<Option<Item<E>>> {
        let polled = self.receiver.poll_recv(cx);
        if let Poll::Ready(item) = &polled {
            self.meter.delivered(item.as_ref());
        }
        polled
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

    /// Takes streams out of this one: from now on what comes of them — events, gaps, silence — goes to a handle and a
    /// queue of its own, with the same bound and policy. Changes of state and refusals stay here. The connections are
    /// the same as before: splitting neither subscribes nor unsubscribes. Under [`Overflow::Block`] one full queue holds
    /// up all of them. When the handle is dropped, its streams come here again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidSubscription`] for a text that is no stream name.
    pub fn split(
        &self,
        names: impl IntoIterator<Item: TryInto<StreamName, Error: Into<InvalidStreamName>>>,
    ) -> Result<StreamPart<E>, Error> {
        let names = checked(names)?;
        let (capacity, overflow) = self.queue;
        let receiver = self.control.routes.split(names.clone(), capacity, overflow);
        Ok(StreamPart::new(names, receiver, self.meter.clone()))
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
}

impl<E: StreamEvent> Stream for EventStream<E> {
    type Item = Item<E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<Item<E>>> {
        self.poll(cx)
    }
}

/// Changes the subscriptions of an [`EventStream`] while it is consumed elsewhere, and asks how it is. Cheap to clone.
///
/// No call waits for the consumer: under [`Overflow::Block`] the connections are read on for an acknowledgement although
/// the queue is full, up to a bound. A call that cannot be acknowledged fails after
/// [`StreamConfig::call_timeout`] at the latest.
pub struct StreamControl<E: StreamEvent> {
    commands: mpsc::Sender<Command>,
    losses: Losses<E>,
    routes: Routes<E>,
}

impl<E: StreamEvent> Clone for StreamControl<E> {
    fn clone(&self) -> Self {
        Self { commands: self.commands.clone(), losses: self.losses.clone(), routes: self.routes.clone() }
    }
}

impl<E: StreamEvent> fmt::Debug for StreamControl<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamControl").finish_non_exhaustive()
    }
}

impl<E: StreamEvent> StreamControl<E> {
    async fn call(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<(), Error>>) -> Command,
    ) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        if self.commands.send(command(reply)).await.is_err() {
            return Err(Error::new(ErrorKind::Closed));
        }
        answer.await.unwrap_or_else(|_| Err(Error::new(ErrorKind::Closed)))
    }

    /// Subscribes to further streams, all or none; returns when the exchange has acknowledged them. Streams that are
    /// subscribed already are left as they are.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`] with the exchange's answer, [`ErrorKind::NotAcknowledged`] when none came in time,
    /// [`ErrorKind::InvalidSubscription`] for a text that is no stream name. The streams that were new are given up
    /// again then.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not take back what was asked for.
    pub async fn subscribe(
        &self,
        names: impl IntoIterator<Item: TryInto<StreamName, Error: Into<InvalidStreamName>>>,
    ) -> Result<(), Error> {
        let names = checked(names)?;
        self.call(|reply| Command::Subscribe(names, reply)).await
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
        let names = checked(names)?;
        self.call(|reply| Command::Unsubscribe(names, reply)).await
    }

    /// The streams wanted now, in order.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing.
    pub async fn subscriptions(&self) -> Vec<StreamName> {
        let (reply, answer) = oneshot::channel();
        let _ = self.commands.send(Command::List(reply)).await;
        answer.await.unwrap_or_default()
    }

    /// Replaces every connection by a new one without losing an event; returns when the old ones are gone.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotAcknowledged`] when that takes longer than [`StreamConfig::call_timeout`]; it goes on all the same.
    /// [`ErrorKind::Closed`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not stop it.
    pub async fn rotate(&self) -> Result<(), Error> {
        self.call(Command::Rotate).await
    }

    /// Puts the streams on as few connections as can hold them, without losing an event: after many were given up. Returns
    /// when the connections that are not needed any more are gone.
    ///
    /// # Errors
    ///
    /// As [`StreamControl::rotate`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not stop it.
    pub async fn rebalance(&self) -> Result<(), Error> {
        self.call(Command::Rebalance).await
    }

    /// What is known of the connections and the streams now; nothing once the stream is closed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing.
    pub async fn status(&self) -> Status {
        let (reply, answer) = oneshot::channel();
        let _ = self.commands.send(Command::Status(reply)).await;
        let mut status = answer.await.unwrap_or_default();
        let queues = std::iter::once(self.losses.counts()).chain(self.routes.counts());
        for (queued, lagged, by_stream) in queues {
            status.queued += queued;
            status.lagged += lagged;
            for stream in &mut status.streams {
                stream.lagged += by_stream.get(&stream.stream).copied().unwrap_or(0);
            }
        }
        status
    }

    /// Closes all connections; the consumer gets what is queued.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not stop it.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.commands.send(Command::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }
}
