//! Iterators over streams, and REST requests that block.

use super::thread::{Background, RunError, StartError};
use super::wait::wait_for;
use crate::client::Binance;
use binance_kit_core::{InvalidStreamName, RestRequest, StreamEvent, StreamName};
use binance_kit_net::Clock;
use binance_kit_rest::RestClient;
use binance_kit_stream::{EventStream, Item};
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::mpsc;

/// A call of [`Streams`] failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamsError {
    /// A text that cannot be the name of a stream.
    #[error("the stream cannot be named")]
    Name(#[source] InvalidStreamName),
    /// The stream layer failed: no connection, or the exchange refused.
    #[error("the streams could not be subscribed")]
    Stream(#[source] binance_kit_stream::Error),
    /// The REST layer failed, or the exchange refused the request.
    #[error("the request failed")]
    Rest(#[source] binance_kit_rest::Error),
    /// The order books could not be started.
    #[cfg(feature = "book")]
    #[error("the order books could not be started")]
    Book(#[source] binance_kit_book::Error),
    /// The background thread has ended, which it does early only by a panic of its own.
    #[error("the background thread has stopped")]
    Stopped,
}

impl From<RunError> for StreamsError {
    // Nothing of the user's runs on this thread, so that no call can come from inside it.
    fn from(_: RunError) -> Self {
        Self::Stopped
    }
}

/// Streams as iterators, and REST requests that wait for their answer. All of it runs on one background thread, which ends
/// when this value and all [`Events`] are dropped.
///
/// ```no_run
/// use binance_kit::blocking::Streams;
/// use binance_kit::{Binance, spot};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let streams = Streams::start(Binance::production()?)?;
/// println!("{}", streams.send(spot::Time::new())?.server_time);
/// for trade in streams.subscribe::<spot::TradeEvent>(["btcusdt@trade"])?.events().take(10) {
///     println!("{} {}", trade.event.price, trade.event.quantity);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Streams {
    background: Arc<Background>,
    binance: Binance,
    rest: OnceLock<RestClient>,
}

impl Streams {
    /// Starts the background thread.
    ///
    /// # Errors
    ///
    /// When the operating system gives no thread.
    pub fn start(binance: Binance) -> Result<Self, StartError> {
        Ok(Self { background: Arc::new(Background::start("binance-kit")?), binance, rest: OnceLock::new() })
    }

    #[cfg(feature = "book")]
    pub(super) fn binance(&self) -> &Binance {
        &self.binance
    }

    pub(super) fn background(&self) -> &Arc<Background> {
        &self.background
    }

    /// Subscribes to streams, and waits until all are acknowledged.
    ///
    /// # Errors
    ///
    /// [`StreamsError::Name`], and [`StreamsError::Stream`] with the errors of
    /// [`binance_kit_stream::StreamClient::subscribe`].
    pub fn subscribe<E: StreamEvent>(
        &self,
        names: impl IntoIterator<Item: TryInto<StreamName, Error: Into<InvalidStreamName>>>,
    ) -> Result<Events<E>, StreamsError> {
        let names: Vec<StreamName> = names
            .into_iter()
            .map(TryInto::try_into)
            .collect::<Result<_, _>>()
            .map_err(|error| StreamsError::Name(error.into()))?;
        let client = self.binance.streams().map_err(StreamsError::Stream)?;
        let stream = self
            .background
            .run(async move { client.subscribe::<E>(names).await })?
            .map_err(StreamsError::Stream)?;
        // The queue of the stream does the buffering; this channel only crosses the thread.
        let (sender, receiver) = mpsc::channel(1);
        let task = self.background.spawn("blocking iterator", forward(stream, sender));
        let clock = self.binance.context().clock().clone();
        Ok(Events { receiver, clock, _task: task, _background: Arc::clone(&self.background) })
    }

    /// Sends a REST request and waits for the answer.
    ///
    /// # Errors
    ///
    /// [`StreamsError::Rest`] with the errors of [`RestClient::send`].
    pub fn send<R>(&self, request: R) -> Result<binance_kit_rest::RestResponse<R::Response>, StreamsError>
    where
        R: RestRequest + Send + 'static,
    {
        let client = self.rest()?;
        self.background.run(async move { client.send(request).await })?.map_err(StreamsError::Rest)
    }

    pub(super) fn rest(&self) -> Result<RestClient, StreamsError> {
        Ok(match self.rest.get() {
            Some(client) => client.clone(),
            None => {
                let client = self.binance.rest().map_err(StreamsError::Rest)?;
                self.rest.get_or_init(|| client).clone()
            }
        })
    }
}

/// Moves items across.
async fn forward<E: StreamEvent>(mut stream: EventStream<E>, sender: mpsc::Sender<Item<E>>) {
    while let Some(item) = stream.next().await {
        if sender.send(item).await.is_err() {
            return;
        }
    }
}

/// Items of a stream. Dropping it ends the subscription.
pub struct Events<E> {
    receiver: mpsc::Receiver<Item<E>>,
    clock: Clock,
    _task: binance_kit_net::task::Task<()>,
    /// Kept alive by every iterator. Behind the task, so that the task is ended first.
    _background: Arc<Background>,
}

impl<E> fmt::Debug for Events<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

impl<E> Events<E> {
    /// The next item, if one comes within `timeout`.
    pub fn next_timeout(&mut self, timeout: Duration) -> Option<Item<E>> {
        // A time-out beyond all clocks is none.
        let deadline = self.clock.monotonic().checked_add(timeout);
        wait_for(self.receiver.recv(), deadline, || self.clock.monotonic()).flatten()
    }

    /// The events alone, without items of other kinds.
    pub fn events(self) -> impl Iterator<Item = binance_kit_stream::Event<E>> {
        self.filter_map(Item::into_event)
    }
}

impl<E> Iterator for Events<E> {
    type Item = Item<E>;

    fn next(&mut self) -> Option<Item<E>> {
        wait_for(self.receiver.recv(), None, || self.clock.monotonic()).flatten()
    }
}
