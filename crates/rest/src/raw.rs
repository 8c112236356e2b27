//! Requests that the SDK has no type for, written on the spot.

use crate::{Error, RestClient, RestResponse};
use binance_kit_core::{Api, Cost, HttpMethod, RawRequest, Security};
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

/// A request to an endpoint without a type of its own, from [`RestClient::raw`]. Awaiting it sends it and decodes the answer by
/// `serde` into the type that the caller expects.
#[must_use = "nothing is sent before it is awaited"]
pub struct RawCall<T> {
    /// Sends the request.
    client: RestClient,
    /// The request so far.
    request: RawRequest<T>,
}

impl<T> fmt::Debug for RawCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawCall").field("request", &self.request).finish_non_exhaustive()
    }
}

impl RestClient {
    /// A request to an endpoint that the SDK has no type for: it goes to the host of `api`, is public unless
    /// [`RawCall::api_key`] or [`RawCall::signed`] say otherwise, weighs 1, and changes something unless it is a `GET`.
    ///
    /// ```no_run
    /// # use binance_kit_core::{Api, HttpMethod};
    /// # use binance_kit_rest::RestClient;
    /// # async fn run(client: RestClient) -> Result<(), binance_kit_rest::Error> {
    /// let answer: serde_json::Value = client
    ///     .raw(Api::Sapi, HttpMethod::Get, "/sapi/v1/new/thing")
    ///     .param("asset", "BTC")
    ///     .signed()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw<T>(&self, api: Api, method: HttpMethod, path: impl Into<Cow<'static, str>>) -> RawCall<T> {
        RawCall { client: self.clone(), request: RawRequest::new(api, method, path, Security::None) }
    }
}

impl<T> RawCall<T> {
    /// Adds a parameter. Its value is percent-encoded.
    pub fn param(mut self, name: impl Into<Cow<'static, str>>, value: impl fmt::Display) -> Self {
        self.request.params_mut().text(name, &value.to_string());
        self
    }

    /// Sends the API key, without a signature.
    pub fn api_key(mut self) -> Self {
        self.request = self.request.with_security(Security::ApiKey);
        self
    }

    /// Sends the API key, a timestamp and a signature.
    pub fn signed(mut self) -> Self {
        self.request = self.request.with_security(Security::Signed);
        self
    }

    /// Sets the cost; a weight of 1 by IP address otherwise.
    pub fn cost(mut self, cost: Cost) -> Self {
        self.request = self.request.with_cost(cost);
        self
    }

    /// Marks the request as one that changes nothing at the exchange, so that it may be sent again after a failure.
    pub fn query(mut self) -> Self {
        self.request = self.request.query();
        self
    }
}

impl<T: DeserializeOwned + Send + 'static> RawCall<T> {
    /// Sends the request and gives the answer with its status, limits and headers.
    ///
    /// # Errors
    ///
    /// As [`RestClient::send`].
    ///
    /// # Cancel safety
    ///
    /// As [`RestClient::send`].
    pub async fn send(self) -> Result<RestResponse<T>, Error> {
        Ok(self.client.send(self.request).await?.map(|json| json.0))
    }
}

/// Sends the request and gives the answer alone; see [`RawCall::send`].
impl<T: DeserializeOwned + Send + 'static> IntoFuture for RawCall<T> {
    type Output = Result<T, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.send().await?.into_value()) })
    }
}
