//! The WebSocket API for programs without an async runtime.

use super::error::BlockingError;
use super::thread::Background;
use super::wait::wait_for;
use binance_kit_core::product::{Product, Spot};
use binance_kit_core::{StreamEvent, WsRequest};
use binance_kit_net::Clock;
use binance_kit_ws_api::{SessionState, UserDataItem, WsResponse};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The blocking form of [`ws_api::WsApiClient`](crate::ws_api::WsApiClient), from [`Binance::ws_api`](super::Binance::ws_api).
/// Cheap to clone; clones share the connection. Requests of several threads are in flight at once.
///
/// ```no_run
/// use binance_kit::{blocking, spot};
///
/// # fn main() -> binance_kit::Result {
/// let ws_api = blocking::Binance::production()?.ws_api()?;
/// println!("{}", ws_api.send(spot::market::AvgPrice::new("BTCUSDT"))?.price);
/// # Ok(())
/// # }
/// ```
pub struct WsApiClient<P: Product = Spot> {
    /// The client. In front of the thread, so that its task ends first.
    inner: binance_kit_ws_api::WsApiClient<P>,
    /// The thread.
    background: Arc<Background>,
}

impl<P: Product> Clone for WsApiClient<P> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), background: Arc::clone(&self.background) }
    }
}

impl<P: Product> fmt::Debug for WsApiClient<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<P: Product> WsApiClient<P> {
    pub(super) fn new(inner: binance_kit_ws_api::WsApiClient<P>, background: Arc<Background>) -> Self {
        Self { inner, background }
    }

    /// The client behind it, for what blocks nowhere: settings, context.
    pub fn inner(&self) -> &binance_kit_ws_api::WsApiClient<P> {
        &self.inner
    }

    /// Sends a request and waits for the answer.
    ///
    /// # Errors
    ///
    /// [`BlockingError::Client`] with the errors of [`ws_api::WsApiClient::send`](crate::ws_api::WsApiClient::send).
    pub fn send<R>(&self, request: R) -> Result<WsResponse<R::Response>, BlockingError>
    where
        R: WsRequest<Product = P> + Send + 'static,
    {
        let client = self.inner.clone();
        Ok(self.background.run(async move { client.send(request).await })??)
    }

    /// Logs the connection on; as [`ws_api::WsApiClient::log_on`](crate::ws_api::WsApiClient::log_on).
    ///
    /// # Errors
    ///
    /// [`BlockingError::Client`] with the errors of that.
    pub fn log_on(&self) -> Result<(), BlockingError> {
        let client = self.inner.clone();
        Ok(self.background.run(async move { client.log_on().await })??)
    }

    /// Logs the connection out; as [`ws_api::WsApiClient::log_out`](crate::ws_api::WsApiClient::log_out).
    ///
    /// # Errors
    ///
    /// [`BlockingError::Client`] with the errors of that.
    pub fn log_out(&self) -> Result<(), BlockingError> {
        let client = self.inner.clone();
        Ok(self.background.run(async move { client.log_out().await })??)
    }

    /// The state of the connection now.
    pub fn state(&self) -> SessionState {
        self.inner.state().borrow().clone()
    }

    /// Closes the connection; as [`ws_api::WsApiClient::close`](crate::ws_api::WsApiClient::close).
    ///
    /// # Errors
    ///
    /// [`BlockingError::Stopped`], [`BlockingError::InsideCallback`].
    pub fn close(&self) -> Result<(), BlockingError> {
        let client = self.inner.clone();
        Ok(self.background.run(async move { client.close().await })?)
    }

    /// Closes in order: waits until the deadline for the requests in flight; as
    /// [`ws_api::WsApiClient::close_within`](crate::ws_api::WsApiClient::close_within). Returns how many requests were given up.
    ///
    /// # Errors
    ///
    /// [`BlockingError::Stopped`], [`BlockingError::InsideCallback`].
    pub fn close_within(&self, deadline: Duration) -> Result<usize, BlockingError> {
        let client = self.inner.clone();
        Ok(self.background.run(async move { client.close_within(deadline).await })?)
    }
}

impl WsApiClient<Spot> {
    /// Subscribes to the account's events, without a snapshot; with one: [`Binance::account`](super::Binance::account).
    ///
    /// # Errors
    ///
    /// [`BlockingError::Client`] with the errors of
    /// [`ws_api::WsApiClient::subscribe_user_data`](crate::ws_api::WsApiClient::subscribe_user_data).
    pub fn subscribe_user_data<E: StreamEvent>(&self) -> Result<UserDataStream<E>, BlockingError> {
        let client = self.inner.clone();
        let stream = self.background.run(async move { client.subscribe_user_data().await })??;
        let clock = self.inner.context().clock().clone();
        Ok(UserDataStream { stream, clock, background: Arc::clone(&self.background) })
    }
}

/// The account's events as an iterator, which waits for the next item; `None` when the client is closed or the queue ran full.
/// Dropping it ends the subscription.
pub struct UserDataStream<E> {
    /// The stream, which the connection's task fills; here only its queue is waited for.
    stream: binance_kit_ws_api::UserDataStream<E>,
    /// The clock of time-outs.
    clock: Clock,
    /// Behind the stream, so that the connection's task is ended first.
    background: Arc<Background>,
}

impl<E> fmt::Debug for UserDataStream<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stream.fmt(f)
    }
}

impl<E: StreamEvent> UserDataStream<E> {
    /// The next item, if one arrives within `timeout`.
    pub fn next_timeout(&mut self, timeout: Duration) -> Option<UserDataItem<E>> {
        let deadline = self.clock.monotonic().checked_add(timeout);
        wait_for(self.stream.next(), deadline, || self.clock.monotonic()).flatten()
    }

    /// Whether the program was too slow, so that the stream ended. Subscribe again and take a snapshot.
    pub fn is_overflowed(&self) -> bool {
        self.stream.is_overflowed()
    }

    /// Ends the subscription at the exchange, and waits for its answer.
    ///
    /// # Errors
    ///
    /// [`BlockingError::Client`]; nothing is delivered any more in any case.
    pub fn unsubscribe(self) -> Result<(), BlockingError> {
        let Self { stream, background, .. } = self;
        Ok(background.run(async move { stream.unsubscribe().await })??)
    }
}

impl<E: StreamEvent> Iterator for UserDataStream<E> {
    type Item = UserDataItem<E>;

    fn next(&mut self) -> Option<UserDataItem<E>> {
        wait_for(self.stream.next(), None, || self.clock.monotonic()).flatten()
    }
}
