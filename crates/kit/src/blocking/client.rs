//! The way in for programs without an async runtime.

use super::callbacks::Callbacks;
use super::error::BlockingError;
use super::rest::RestClient;
use super::subscription::Subscription;
use super::thread::Background;
use binance_kit_core::IntoTopic;
use binance_kit_sign::Credentials;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The exchange, for programs without an async runtime. All of it runs on one background thread, which ends when this value, its
/// clones and everything made by them are dropped. Cheap to clone.
///
/// ```no_run
/// use binance_kit::{blocking, spot};
///
/// # fn main() -> binance_kit::Result {
/// let binance = blocking::Binance::production()?;
/// println!("{}", binance.rest().send(spot::general::Time::new())?.server_time);
/// for trade in binance.subscribe([spot::stream::trade("BTCUSDT")])?.events().take(10) {
///     println!("{}", trade?.price);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Binance {
    /// The clients. In front of the thread, so that what they run on it ends first.
    inner: crate::Binance,
    /// The thread.
    background: Arc<Background>,
}

impl fmt::Debug for Binance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Binance").field(&self.inner).finish()
    }
}

impl Binance {
    /// The real exchange, without an account.
    ///
    /// # Errors
    ///
    /// [`BlockingError::Client`] as [`crate::Binance::production`], [`BlockingError::Thread`].
    pub fn production() -> Result<Self, BlockingError> {
        Self::new(crate::Binance::production()?)
    }

    /// The test network, without an account.
    ///
    /// # Errors
    ///
    /// As [`Binance::production`].
    pub fn testnet() -> Result<Self, BlockingError> {
        Self::new(crate::Binance::testnet()?)
    }

    /// The demo network, without an account.
    ///
    /// # Errors
    ///
    /// As [`Binance::production`].
    pub fn demo() -> Result<Self, BlockingError> {
        Self::new(crate::Binance::demo()?)
    }

    /// An embedded exchange, which runs on the background thread; see [`crate::Binance::embedded`].
    ///
    /// # Errors
    ///
    /// [`BlockingError::Client`] when it cannot be started, [`BlockingError::Thread`].
    #[cfg(feature = "sim")]
    pub fn embedded() -> Result<Self, BlockingError> {
        let background = Arc::new(Background::start("binance-kit")?);
        let inner = background.run(crate::Binance::embedded())??;
        Ok(Self { inner, background })
    }

    /// The blocking form of a [`crate::Binance`] that was built with settings of one's own.
    ///
    /// # Errors
    ///
    /// [`BlockingError::Thread`].
    pub fn new(binance: crate::Binance) -> Result<Self, BlockingError> {
        Ok(Self { inner: binance, background: Arc::new(Background::start("binance-kit")?) })
    }

    /// The same exchange for another account; see [`crate::Binance::with_account`].
    ///
    /// # Errors
    ///
    /// As [`crate::Binance::with_account`].
    pub fn with_account(&self, credentials: Credentials) -> Result<Self, BlockingError> {
        let inner = self.inner.with_account(credentials)?;
        Ok(Self { inner, background: Arc::clone(&self.background) })
    }

    /// The clients, for what blocks nowhere: environment, context, credentials.
    pub fn inner(&self) -> &crate::Binance {
        &self.inner
    }

    #[cfg(any(feature = "account", feature = "book"))]
    pub(super) fn background(&self) -> &Arc<Background> {
        &self.background
    }

    /// Subscribes to streams, and waits until all are acknowledged; as [`crate::Binance::subscribe`].
    ///
    /// # Errors
    ///
    /// [`BlockingError::Client`] with the errors of [`crate::Binance::subscribe`].
    pub fn subscribe<T: IntoTopic>(
        &self,
        topics: impl IntoIterator<Item = T>,
    ) -> Result<Subscription<T::Event>, BlockingError> {
        let streams = self.inner.streams().clone();
        let topics: Vec<_> = topics.into_iter().map(IntoTopic::into_topic).collect();
        let stream = self.background.run(async move { streams.subscribe(topics).await })??;
        Ok(Subscription::new(stream, Arc::clone(&self.background), self.inner.context().clock().clone()))
    }

    /// The REST client. Nothing connects before the first request.
    pub fn rest(&self) -> RestClient {
        RestClient::new(self.inner.rest().clone(), Arc::clone(&self.background))
    }

    /// The rules of a symbol; as [`crate::Binance::rules`].
    ///
    /// # Errors
    ///
    /// [`BlockingError::Client`] with the errors of [`crate::Binance::rules`].
    pub fn rules(
        &self,
        symbol: impl Into<binance_kit_core::Symbol>,
    ) -> Result<crate::spot::SymbolRules, BlockingError> {
        let (binance, symbol) = (self.inner.clone(), symbol.into());
        Ok(self.background.run(async move { binance.rules(symbol).await })??)
    }

    /// The connection to Spot's WebSocket API, made when first asked for; as [`crate::Binance::ws_api`].
    ///
    /// # Errors
    ///
    /// [`BlockingError::Client`] with the errors of [`crate::Binance::ws_api`].
    #[cfg(feature = "ws-api")]
    pub fn ws_api(&self) -> Result<super::WsApiClient, BlockingError> {
        self.ws_api_of()
    }

    /// The same for the product of the type: `binance.ws_api_of::<Usdm>()`.
    ///
    /// # Errors
    ///
    /// As [`Binance::ws_api`].
    #[cfg(feature = "ws-api")]
    pub fn ws_api_of<P: crate::ws_api::WsApiProduct>(&self) -> Result<super::WsApiClient<P>, BlockingError> {
        let binance = self.inner.clone();
        let client = self.background.run(async move { binance.ws_api_of::<P>().await })??;
        Ok(super::WsApiClient::new(client, Arc::clone(&self.background)))
    }

    /// Closes everything in order; as [`crate::Binance::shutdown`]. Returns how many requests were given up.
    ///
    /// # Errors
    ///
    /// [`BlockingError::Stopped`], [`BlockingError::InsideCallback`].
    pub fn shutdown(&self, deadline: Duration) -> Result<usize, BlockingError> {
        let binance = self.inner.clone();
        Ok(self.background.run(async move { binance.shutdown(deadline).await })?)
    }

    /// Functions that are called with what arrives, on a background thread of their own; see [`Callbacks`].
    ///
    /// # Errors
    ///
    /// [`BlockingError::Thread`].
    pub fn callbacks(&self) -> Result<Callbacks, BlockingError> {
        Callbacks::start(self.inner.clone())
    }
}
