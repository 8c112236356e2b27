//! Iterators over streams, and REST requests that block.

use super::thread::{Background, StartError};
use crate::client::Binance;
use binance_kit_core::{InvalidStreamName, RestRequest, StreamEvent, StreamName};
use binance_kit_rest::RestClient;
use binance_kit_stream::{EventStream, Item};
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::mpsc;

/// Streams as iterators, and REST requests that wait for their answer. All of it runs on one background thread, which ends
/// when this value is dropped.
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

    /// Subscribes to streams, and waits until all are acknowledged.
    ///
    /// # Errors
    ///
    /// As [`binance_kit_stream::StreamClient::subscribe`].
    pub fn subscribe<E: StreamEvent>(
        &self,
        names: impl IntoIterator<Item: TryInto<StreamName, Error: Into<InvalidStreamName>>>,
    ) -> Result<Events<E>, Box<dyn std::error::Error + Send + Sync>> {
        let names: Vec<StreamName> = names
            .into_iter()
            .map(TryInto::try_into)
            .collect::<Result<_, _>>()
            .map_err(|error| -> InvalidStreamName { error.into() })?;
        let client = self.binance.streams()?;
        let stream = self
            .background
            .run(async move { client.subscribe::<E>(names).await })
            .ok_or("the background thread has stopped")??;
        // The queue of the stream does the buffering; this channel only crosses the thread.
        let (sender, receiver) = mpsc::channel(1);
        let task = self.background.spawn("blocking iterator", forward(stream, sender));
        Ok(Events { receiver, _task: task, background: Arc::clone(&self.background) })
    }

    /// Sends a REST request and waits for the answer.
    ///
    /// # Errors
    ///
    /// As [`RestClient::send`].
    pub fn send<R>(
        &self,
        request: R,
    ) -> Result<binance_kit_rest::Response<R::Response>, Box<dyn std::error::Error + Send + Sync>>
    where
        R: RestRequest + Send + 'static,
    {
        let client = match self.rest.get() {
            Some(client) => client.clone(),
            None => {
                let client = self.binance.rest()?;
                self.rest.get_or_init(|| client).clone()
            }
        };
        let answer = self.background.run(async move { client.send(request).await });
        Ok(answer.ok_or("the background thread has stopped")??)
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
    _task: binance_kit_net::task::Task<()>,
    background: Arc<Background>,
}

impl<E> fmt::Debug for Events<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

impl<E> Events<E> {
    /// The next item, if one comes within `timeout`.
    pub fn next_timeout(&mut self, timeout: Duration) -> Option<Item<E>> {
        let receiver = &mut self.receiver;
        self.background
            .handle()
            .block_on(async { tokio::time::timeout(timeout, receiver.recv()).await })
            .ok()
            .flatten()
    }

    /// The events alone, without items of other kinds.
    pub fn events(self) -> impl Iterator<Item = binance_kit_stream::Event<E>> {
        self.filter_map(Item::into_event)
    }
}

impl<E> Iterator for Events<E> {
    type Item = Item<E>;

    fn next(&mut self) -> Option<Item<E>> {
        self.receiver.blocking_recv()
    }
}
