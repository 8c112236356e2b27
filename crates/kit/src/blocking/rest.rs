//! The REST client for programs without an async runtime.

use super::error::BlockingError;
use super::items::{Items, Pages};
use super::thread::Background;
use binance_kit_core::{Api, Cost, HttpMethod, Paged, RestRequest};
use binance_kit_rest::RestResponse;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The blocking form of [`rest::RestClient`](crate::rest::RestClient), from [`Binance::rest`](super::Binance::rest). Cheap to clone.
///
/// ```no_run
/// use binance_kit::{blocking, spot};
///
/// # fn main() -> binance_kit::Result {
/// let rest = blocking::Binance::production()?.rest();
/// println!("{}", rest.send(spot::general::Time::new())?.server_time);
/// for trade in rest.items(spot::AggTrades::new("BTCUSDT").history().backwards()).take(5000) {
///     println!("{}", trade?.price);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RestClient {
    /// The client. In front of the thread, so that what it runs there ends first.
    inner: binance_kit_rest::RestClient,
    /// The thread.
    background: Arc<Background>,
}

impl fmt::Debug for RestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl RestClient {
    pub(super) fn new(inner: binance_kit_rest::RestClient, background: Arc<Background>) -> Self {
        Self { inner, background }
    }

    /// The client behind it, for what blocks nowhere: settings, context, credentials.
    pub fn inner(&self) -> &binance_kit_rest::RestClient {
        &self.inner
    }

    /// Sends a request and waits for the answer.
    ///
    /// # Errors
    ///
    /// [`BlockingError::Client`] with the errors of [`rest::RestClient::send`](crate::rest::RestClient::send).
    pub fn send<R>(&self, request: R) -> Result<RestResponse<R::Response>, BlockingError>
    where
        R: RestRequest + Send + 'static,
    {
        let client = self.inner.clone();
        Ok(self.background.run(async move { client.send(request).await })??)
    }

    /// A request to an endpoint that the SDK has no type for; as [`rest::RestClient::raw`](crate::rest::RestClient::raw).
    ///
    /// ```no_run
    /// # fn run(rest: binance_kit::blocking::RestClient) -> binance_kit::Result {
    /// use binance_kit::Api;
    /// use binance_kit::core::HttpMethod;
    ///
    /// type Answer = std::collections::HashMap<String, u64>;
    /// let call = rest.raw::<Answer>(Api::Sapi, HttpMethod::Get, "/sapi/v1/new/thing").param("asset", "BTC").signed();
    /// println!("{:?}", call.send()?.value());
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw<T>(&self, api: Api, method: HttpMethod, path: impl Into<Cow<'static, str>>) -> RawCall<T> {
        RawCall { inner: self.inner.raw(api, method, path), background: Arc::clone(&self.background) }
    }

    /// The items of a list that comes in pages: a history (`spot::MyTrades::new("BTCUSDT").history()`), or any other.
    pub fn items<P>(&self, list: P) -> Items<P>
    where
        P: Paged,
        P::Request: RestRequest + Send + 'static,
    {
        Items::new(self.inner.items(list), Arc::clone(&self.background))
    }

    /// The pages of a list, as the exchange answers them.
    pub fn pages<P>(&self, list: P) -> Pages<P>
    where
        P: Paged,
        P::Request: RestRequest + Send + 'static,
    {
        Pages::new(self.inner.pages(list), Arc::clone(&self.background))
    }

    /// Measures the offset to the clock of the exchange, in microseconds; as
    /// [`rest::RestClient::sync_time`](crate::rest::RestClient::sync_time).
    ///
    /// # Errors
    ///
    /// [`BlockingError::Client`] with the errors of that.
    pub fn sync_time(&self, api: Api) -> Result<i64, BlockingError> {
        let client = self.inner.clone();
        Ok(self.background.run(async move { client.sync_time(api).await })??)
    }

    /// Closes the client and its clones in order; as [`rest::RestClient::close_within`](crate::rest::RestClient::close_within).
    /// Returns how many requests were given up.
    ///
    /// # Errors
    ///
    /// [`BlockingError::Stopped`], [`BlockingError::InsideCallback`].
    pub fn close_within(&self, deadline: Duration) -> Result<usize, BlockingError> {
        let client = self.inner.clone();
        Ok(self.background.run(async move { client.close_within(deadline).await })?)
    }
}

/// A request without a type of its own, from [`RestClient::raw`].
#[must_use = "nothing is sent before `send`"]
pub struct RawCall<T> {
    /// The request so far.
    inner: binance_kit_rest::RawCall<T>,
    /// The thread.
    background: Arc<Background>,
}

impl<T> fmt::Debug for RawCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> RawCall<T> {
    /// Adds a parameter. Its value is percent-encoded.
    pub fn param(mut self, name: impl Into<Cow<'static, str>>, value: impl fmt::Display) -> Self {
        self.inner = self.inner.param(name, value);
        self
    }

    /// Sends the API key, without a signature.
    pub fn api_key(mut self) -> Self {
        self.inner = self.inner.api_key();
        self
    }

    /// Sends the API key, a timestamp and a signature.
    pub fn signed(mut self) -> Self {
        self.inner = self.inner.signed();
        self
    }

    /// Sets the cost; a weight of 1 by IP address otherwise.
    pub fn cost(mut self, cost: Cost) -> Self {
        self.inner = self.inner.cost(cost);
        self
    }

    /// Marks the request as one that changes nothing at the exchange, so that it may be sent again after a failure.
    pub fn query(mut self) -> Self {
        self.inner = self.inner.query();
        self
    }

    /// Sends the request and waits for the answer, which `serde` decodes.
    ///
    /// # Errors
    ///
    /// As [`RestClient::send`].
    pub fn send(self) -> Result<RestResponse<T>, BlockingError>
    where
        T: serde::de::DeserializeOwned + Send + 'static,
    {
        let Self { inner, background } = self;
        Ok(background.run(async move { inner.send().await })??)
    }
}
