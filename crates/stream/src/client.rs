//! The stream client, and subscriptions with settings of their own.

use crate::backfill::Backfill;
use crate::config::{Overflow, StreamConfig};
use crate::connections::{Command, Mode, Target, established};
use crate::control::StreamControl;
use crate::drive::{Driver, Engine, Options, start};
use crate::error::invalid_subscription;
use crate::event_stream::EventStream;
use crate::filter::EventFilter;
use crate::meter::Meter;
use crate::part::Consumer;
use crate::plan::{Base, Bases, Plan, Topics};
use crate::pull::PullStream;
use crate::queue;
use binance_kit_core::{Error, ErrorKind, IntoTopic};
use binance_kit_net::environment::stream_base_url;
use binance_kit_net::{Context, Environment};
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Opens market streams of all products. Cheap to clone.
///
/// Topics are planned over hosts, routes and connections: a list may hold topics of several products.
///
/// ```no_run
/// # async fn run(context: binance_kit_net::Context) -> Result<(), binance_kit_core::Error> {
/// # use binance_kit_model::spot;
/// # use binance_kit_net::Environment;
/// # use binance_kit_stream::{EventStream, StreamClient};
/// let client = StreamClient::new(&context, &Environment::production())?;
/// let topics = ["BTCUSDT", "ETHUSDT"].map(spot::stream::trade);
/// let mut trades: EventStream<spot::TradeEvent> = client.subscribe(topics).await?;
/// while let Some(trade) = trades.next_event().await? {
///     println!("{} {} × {}", trade.symbol, trade.price, trade.quantity);
/// }
/// # Ok(())
/// # }
/// ```
///
/// The topics decide the type of the events; another one does not compile:
///
/// ```compile_fail,E0271
/// # use binance_kit_core::Error;
/// # use binance_kit_model::spot;
/// # use binance_kit_stream::{EventStream, StreamClient};
/// async fn run(client: StreamClient) -> Result<(), Error> {
///     let trades: EventStream<spot::TradeEvent> =
///         client.subscription().subscribe([spot::stream::book_ticker("BTCUSDT")]).await?;
///     Ok(())
/// }
/// ```
///
/// ```compile_fail,E0308
/// # use binance_kit_core::Error;
/// # use binance_kit_model::spot;
/// # use binance_kit_stream::{EventStream, StreamClient};
/// async fn run(client: StreamClient) -> Result<EventStream<spot::TradeEvent>, Error> {
///     client.subscribe([spot::stream::book_ticker("BTCUSDT")]).await
/// }
/// ```
///
/// A name alone is no topic: what its events are must be written.
///
/// ```compile_fail,E0277
/// # use binance_kit_core::{Error, RawEvent};
/// # use binance_kit_stream::{EventStream, StreamClient};
/// async fn run(client: StreamClient) -> Result<EventStream<RawEvent>, Error> {
///     client.subscribe(["btcusdt@trade"]).await
/// }
/// ```
///
/// ```compile_fail,E0283
/// # use binance_kit_core::{Api, Topic};
/// # use binance_kit_stream::StreamClient;
/// async fn run(client: StreamClient) {
///     let stream = client.subscribe([Topic::raw(Api::Spot, "btcusdt@trade")]).await;
/// }
/// ```
#[derive(Debug, Clone)]
pub struct StreamClient {
    /// Where and how to connect.
    target: Arc<Target>,
    /// The subscriptions that are driven by tasks.
    open: Open,
}

/// Handles of the subscriptions that are driven by tasks, as long as they live.
#[derive(Debug, Clone, Default)]
struct Open(Arc<Mutex<Vec<mpsc::WeakSender<Command>>>>);

impl Open {
    fn add(&self, handle: &mpsc::Sender<Command>) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|handle| handle.strong_count() > 0);
        open.push(handle.downgrade());
    }

    fn take(&self) -> Vec<mpsc::Sender<Command>> {
        let open = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        open.iter().filter_map(mpsc::WeakSender::upgrade).collect()
    }
}

/// Builds a [`StreamClient`].
#[derive(Debug)]
#[must_use = "a builder does nothing by itself"]
pub struct StreamClientBuilder {
    /// Clock, random source, dialler and budgets.
    context: Context,
    /// The hosts of the first replica.
    base: Result<Base, Error>,
    /// The hosts of the further ones.
    replicas: Vec<Result<Base, Error>>,
    /// The settings.
    config: StreamConfig,
}

fn url_base(url: &str) -> Result<Base, Error> {
    stream_base_url(url).map(Base::Url).map_err(crate::error::network)
}

impl StreamClientBuilder {
    /// Sets the settings; [`StreamConfig::default`] otherwise.
    pub fn config(mut self, config: StreamConfig) -> Self {
        self.config = config;
        self
    }

    /// Connects to this base URL instead of the environment's, for every product and route. Without `/ws` or `/stream`, which
    /// are added.
    pub fn url(mut self, url: impl AsRef<str>) -> Self {
        self.base = url_base(url.as_ref());
        self
    }

    /// Adds a replica: a further connection that carries the same streams at the same time, to this base URL for every product
    /// and route. Of each event the first copy is delivered; see [`crate::RaceStatus`]. Copies are recognised by their
    /// ids, and those without ids by their bytes. Events without an id and a time are taken from one replica only, as long as
    /// that is up.
    pub fn replica(mut self, url: impl AsRef<str>) -> Self {
        self.replicas.push(url_base(url.as_ref()));
        self
    }

    /// Adds a replica on the hosts of an environment; as [`StreamClientBuilder::replica`], for lists of several products.
    pub fn replica_in(mut self, environment: &Environment) -> Self {
        self.replicas.push(Ok(Base::Environment(environment.clone())));
        self
    }

    /// Builds the client. No connection is opened.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidConfiguration`] for an invalid URL, and for SBE without an API key.
    pub fn build(self) -> Result<StreamClient, Error> {
        let is_sbe = self.config.encoding.schema().is_some();
        if is_sbe && self.config.api_key.is_none() {
            return Err(Error::new(ErrorKind::InvalidConfiguration)
                .with_detail("streams in SBE require an API key: set `api_key`"));
        }
        let bases = std::iter::once(self.base).chain(self.replicas).collect::<Result<Vec<Base>, Error>>()?;
        let bases = Arc::new(Bases::new(bases, is_sbe));
        let meter = Meter::new(&bases.label(), self.context.clock());
        let target = Arc::new(Target { context: self.context, bases, config: self.config, meter });
        Ok(StreamClient { target, open: Open::default() })
    }
}

impl StreamClient {
    /// Creates a client with default settings for the streams of this environment.
    ///
    /// # Errors
    ///
    /// As [`StreamClientBuilder::build`].
    pub fn new(context: &Context, environment: &Environment) -> Result<Self, Error> {
        Self::builder(context, environment).build()
    }

    /// Creates a builder for a client with settings.
    pub fn builder(context: &Context, environment: &Environment) -> StreamClientBuilder {
        StreamClientBuilder {
            context: context.clone(),
            base: Ok(Base::Environment(environment.clone())),
            replicas: Vec::new(),
            config: StreamConfig::default(),
        }
    }

    /// Creates a subscription with settings of its own.
    pub fn subscription<E: Send + 'static>(&self) -> SubscriptionBuilder<E> {
        SubscriptionBuilder {
            target: Target::clone(&self.target),
            open: self.open.clone(),
            options: Options::default(),
        }
    }

    /// Subscribes to topics over combined connections, driven by a task: as many connections as the hosts, routes and
    /// [`StreamConfig::streams_per_connection`] require. Returns when all of them are up and acknowledged. Streams that are named in
    /// the URL of their connection count as acknowledged by their first event; where events wait and the exchange does not
    /// list its streams, it returns after a second ([`crate::Item::Unanswered`] follows).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidSubscription`] for an invalid name and for a stream of a product with routes that names none,
    /// [`ErrorKind::NotOffered`] for a product that the environment does not have, both before anything is connected;
    /// [`ErrorKind::Connect`] when the first attempt to connect fails (unless [`StreamConfig::retry_first_connection`] is set),
    /// [`ErrorKind::StreamRefused`] when the exchange refuses streams. Later failures are items of the stream.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes all connections it opened.
    pub fn subscribe<T: IntoTopic>(
        &self,
        topics: impl IntoIterator<Item = T>,
    ) -> impl Future<Output = Result<EventStream<T::Event>, Error>> + Send {
        self.subscription().subscribe(topics)
    }

    /// Subscribes to one topic over a raw connection (`/ws/…`), whose frames have no wrapper. The caller drives it.
    ///
    /// # Errors
    ///
    /// As [`StreamClient::subscribe`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection.
    pub fn subscribe_raw<T: IntoTopic>(
        &self,
        topic: T,
    ) -> impl Future<Output = Result<PullStream<T::Event>, Error>> + Send {
        let prepared = Topics::collect([topic]).and_then(|topics| {
            let name = topics.infos().first().map(|info| info.name.clone());
            let name = name.ok_or_else(|| invalid_subscription("no stream is named"))?;
            let plan = Plan::new(&self.target.bases, topics)?;
            Ok(Box::new(Engine::new(
                Target::clone(&self.target),
                Mode::Raw(name),
                Options::<T::Event>::default(),
                &plan,
            )))
        });
        pulled(prepared)
    }

    /// Subscribes to topics over connections that the caller drives: the shortest way from the socket to the consumer.
    ///
    /// # Errors
    ///
    /// As [`StreamClient::subscribe`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes all connections it opened.
    pub fn pull<T: IntoTopic>(
        &self,
        topics: impl IntoIterator<Item = T>,
    ) -> impl Future<Output = Result<PullStream<T::Event>, Error>> + Send {
        self.subscription().pull(topics)
    }

    /// Closes every [`EventStream`] that this client (or a clone of it) opened, with closing frames, within `deadline`; their
    /// consumers get what is queued. `true` when all were closed in time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not stop it.
    pub async fn shutdown(&self, deadline: Duration) -> bool {
        // All are asked before anything is waited for, so that dropping the future leaves none out. Only a handle whose channel
        // is full at this moment is asked within the deadline.
        let (mut closing, mut full) = (Vec::new(), Vec::new());
        for handle in self.open.take() {
            let (done, closed) = oneshot::channel();
            match handle.try_send(Command::Close(done)) {
                Ok(()) => closing.push(closed),
                Err(mpsc::error::TrySendError::Full(command)) => full.push((handle, command, closed)),
                Err(mpsc::error::TrySendError::Closed(_)) => {}
            }
        }
        let all = async {
            for (handle, command, closed) in full {
                if handle.send(command).await.is_ok() {
                    closing.push(closed);
                }
            }
            for closed in closing {
                let _ = closed.await;
            }
        };
        tokio::time::timeout(deadline, all).await.is_ok()
    }
}

/// Waits until a stream that its consumer drives is up.
async fn pulled<E: Send + 'static>(prepared: Result<Box<Engine<E>>, Error>) -> Result<PullStream<E>, Error> {
    let mut engine = prepared?;
    established(&mut *engine).await?;
    Ok(PullStream::new(engine))
}

/// A subscription that is being set up; see [`StreamClient::subscription`].
#[must_use = "nothing is subscribed before `subscribe` or `pull`"]
pub struct SubscriptionBuilder<E> {
    /// Where and how to connect.
    target: Target,
    /// The subscriptions that the client closes.
    open: Open,
    /// The choices for this subscription.
    options: Options<E>,
}

impl<E> fmt::Debug for SubscriptionBuilder<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionBuilder").field("target", &self.target).finish_non_exhaustive()
    }
}

impl<E: Send + 'static> SubscriptionBuilder<E> {
    /// Sets what happens when the queue is full; the client's setting otherwise.
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.target.config.overflow = overflow;
        self
    }

    /// Sets the capacity of the queue in events; the client's setting otherwise.
    pub fn queue(mut self, events: usize) -> Self {
        self.target.config.queue = events;
        self
    }

    /// Sets what the events in the queue may take, in bytes; the client's setting ([`StreamConfig::queue_bytes`]) otherwise.
    pub fn queue_bytes(mut self, bytes: usize) -> Self {
        self.target.config.queue_bytes = bytes;
        self
    }

    /// Fills gaps with what this can fetch. Without it they are only reported.
    pub fn backfill(mut self, backfill: impl Backfill<E>) -> Self {
        self.options.backfill = Some(Arc::new(backfill));
        self
    }

    /// Decodes only the events that the filter takes.
    pub fn filter(mut self, filter: EventFilter) -> Self {
        self.options.filter = Some(filter);
        self
    }

    /// Subscribes; see [`StreamClient::subscribe`].
    ///
    /// # Errors
    ///
    /// Those of [`StreamClient::subscribe`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes all connections it opened.
    pub fn subscribe<T: IntoTopic<Event = E>>(
        self,
        topics: impl IntoIterator<Item = T>,
    ) -> impl Future<Output = Result<EventStream<E>, Error>> + Send {
        let plan = Topics::collect(topics).and_then(|topics| Plan::new(&self.target.bases, topics));
        self.opened(plan)
    }

    async fn opened(self, plan: Result<Plan, Error>) -> Result<EventStream<E>, Error> {
        let plan = plan?;
        let Self { target, open, options } = self;
        let share = target.context.queues().share(target.config.queue_bytes);
        let (sender, receiver) = queue::bounded(target.config.queue, target.config.overflow, share);
        let (bases, meter, config) =
            (Arc::clone(&target.bases), target.meter.clone(), Arc::new(target.config.clone()));
        let engine = Engine::new(target, Mode::Combined, options, &plan);
        let handle = engine.connections_ref().handle();
        drop(plan);
        let task = start(Box::new(Driver { engine, sender, batch: Vec::new() })).await?;
        open.add(&handle);
        let control = StreamControl::new(handle, receiver.access(), bases);
        Ok(EventStream::new(Consumer::new(receiver, meter, config), control, task))
    }

    /// Subscribes; see [`StreamClient::pull`].
    ///
    /// # Errors
    ///
    /// Those of [`StreamClient::pull`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes all connections it opened.
    pub fn pull<T: IntoTopic<Event = E>>(
        self,
        topics: impl IntoIterator<Item = T>,
    ) -> impl Future<Output = Result<PullStream<E>, Error>> + Send {
        let plan = Topics::collect(topics).and_then(|topics| Plan::new(&self.target.bases, topics));
        let prepared =
            plan.map(|plan| Box::new(Engine::new(self.target, Mode::Combined, self.options, &plan)));
        pulled(prepared)
    }
}
