//! The way in: one [`Binance`] from which everything hangs.

use crate::builder::{BinanceBuilder, invalid};
use binance_kit_core::Error;
use binance_kit_net::{Context, Environment};
use binance_kit_sign::Credentials;
use std::fmt;
use std::sync::Arc;

/// The exchange: the clients of all layers, made once and shared by clones. Cheap to clone.
///
/// ```no_run
/// # #[cfg(all(feature = "stream", feature = "spot"))]
/// # async fn run() -> binance_kit::Result {
/// use binance_kit::{Binance, spot};
///
/// let binance = Binance::production()?;
/// let mut trades = binance.subscribe([spot::stream::trade("BTCUSDT")]).await?;
/// while let Some(trade) = trades.next_event().await? {
///     println!("{} × {}", trade.price, trade.quantity);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Binance(Arc<Inner>);

struct Inner {
    /// What all accounts share.
    shared: Arc<Shared>,
    /// The account, where there is one.
    credentials: Option<Credentials>,
    /// The REST client of the account.
    #[cfg(feature = "rest")]
    rest: binance_kit_rest::RestClient,
    /// The WebSocket API connections of the account.
    #[cfg(feature = "ws-api")]
    ws_apis: crate::ws_apis::WsApis,
}

/// What all accounts share.
struct Shared {
    /// How to connect, clock, randomness, limits.
    context: Context,
    /// Where the exchange is.
    environment: Environment,
    /// The settings of the layers.
    #[cfg_attr(not(feature = "ws-api"), expect(dead_code, reason = "each layer has settings of its own"))]
    settings: crate::builder::Settings,
    /// The stream client.
    #[cfg(feature = "stream")]
    streams: binance_kit_stream::StreamClient,
    /// An embedded exchange that lives as long as its clients.
    #[cfg(feature = "sim")]
    exchange: Option<binance_kit_sim::Exchange>,
}

impl fmt::Debug for Binance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binance")
            .field("environment", &self.environment().name())
            .field("credentials", &self.0.credentials)
            .finish_non_exhaustive()
    }
}

impl Binance {
    /// The real exchange, without an account.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidConfiguration`](binance_kit_core::ErrorKind::InvalidConfiguration) when no root certificates are
    /// found.
    pub fn production() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// The test network, without an account.
    ///
    /// # Errors
    ///
    /// As [`Binance::production`].
    pub fn testnet() -> Result<Self, Error> {
        Self::builder().environment(Environment::testnet()).build()
    }

    /// The demo network, without an account.
    ///
    /// # Errors
    ///
    /// As [`Binance::production`].
    pub fn demo() -> Result<Self, Error> {
        Self::builder().environment(Environment::demo()).build()
    }

    /// Sets up an environment, an account, a context, and settings of each layer.
    ///
    /// ```no_run
    /// # fn run() -> binance_kit::Result {
    /// use binance_kit::{Binance, Credentials, Environment};
    ///
    /// let binance = Binance::builder()
    ///     .environment(Environment::testnet())
    ///     .credentials(Credentials::from_env()?)
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> BinanceBuilder {
        BinanceBuilder::default()
    }

    pub(crate) fn new(builder: BinanceBuilder) -> Result<Self, Error> {
        let BinanceBuilder { environment, context, credentials, settings } = builder;
        let context = match context {
            Some(context) => context,
            None => Context::new().map_err(invalid)?,
        };
        let environment = environment.unwrap_or_else(Environment::production);
        #[cfg(feature = "rest")]
        let rest = {
            let builder = binance_kit_rest::RestClient::builder(&context, &environment);
            let builder = builder.config(settings.rest.clone());
            match &credentials {
                Some(credentials) => builder.credentials(credentials.clone()).build()?,
                None => builder.build()?,
            }
        };
        let shared = Shared {
            #[cfg(feature = "stream")]
            streams: binance_kit_stream::StreamClient::builder(&context, &environment)
                .config(settings.stream.clone())
                .build()?,
            #[cfg(feature = "sim")]
            exchange: None,
            context,
            environment,
            settings,
        };
        Ok(Self(Arc::new(Inner {
            shared: Arc::new(shared),
            credentials,
            #[cfg(feature = "rest")]
            rest,
            #[cfg(feature = "ws-api")]
            ws_apis: crate::ws_apis::WsApis::default(),
        })))
    }

    /// The same exchange for another account. Connection pools, streams, clock, and the limits of the IP address are shared; the
    /// account has its own limits and its own WebSocket API connection.
    ///
    /// # Errors
    ///
    /// As [`Binance::production`].
    pub fn with_account(&self, credentials: Credentials) -> Result<Self, Error> {
        Ok(Self(Arc::new(Inner {
            shared: Arc::clone(&self.0.shared),
            #[cfg(feature = "rest")]
            rest: self.0.rest.with_credentials(credentials.clone())?,
            #[cfg(feature = "ws-api")]
            ws_apis: crate::ws_apis::WsApis::default(),
            credentials: Some(credentials),
        })))
    }

    /// How to connect, the clock, and the limits of the IP address.
    pub fn context(&self) -> &Context {
        &self.0.shared.context
    }

    /// Where the exchange is.
    pub fn environment(&self) -> &Environment {
        &self.0.shared.environment
    }

    /// The account, where there is one.
    pub fn credentials(&self) -> Option<&Credentials> {
        self.0.credentials.as_ref()
    }

    #[cfg(any(feature = "account", all(feature = "stream", feature = "sbe", feature = "spot")))]
    fn require_account(&self) -> Result<(), Error> {
        match self.credentials() {
            Some(_) => Ok(()),
            None => Err(Error::new(binance_kit_core::ErrorKind::MissingCredentials)
                .with_detail("give them to Binance::builder().credentials(…), or use with_account(…)")),
        }
    }
}

/// The end.
#[cfg(any(feature = "rest", feature = "stream", feature = "ws-api"))]
impl Binance {
    /// Closes everything in order: new requests fail with [`ErrorKind::Closed`](binance_kit_core::ErrorKind::Closed); those in
    /// flight have until the deadline to be answered, and are given up then, with an outcome that says whether they were
    /// written. Event streams and books end with closing frames; subscriptions made later are not refused. REST and the streams are those of all accounts, the WebSocket
    /// API connections those of this one. Returns how many requests were given up.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the clients closed to new requests.
    pub async fn shutdown(&self, deadline: std::time::Duration) -> usize {
        #[cfg(feature = "ws-api")]
        let sockets = self.0.ws_apis.close_within(deadline);
        #[cfg(not(feature = "ws-api"))]
        let sockets = std::future::ready(0);
        #[cfg(feature = "rest")]
        let rest = self.0.rest.close_within(deadline);
        #[cfg(not(feature = "rest"))]
        let rest = std::future::ready(0);
        #[cfg(feature = "stream")]
        let streams = async {
            self.streams().shutdown(deadline).await;
            0
        };
        #[cfg(not(feature = "stream"))]
        let streams = std::future::ready(0);
        // Side by side, so that the deadline counts once.
        crate::both::both(sockets, crate::both::both(rest, streams)).await
    }
}

/// Public data and account over REST.
#[cfg(feature = "rest")]
impl Binance {
    /// The REST client, for the requests of all products. Nothing connects before the first request.
    pub fn rest(&self) -> &binance_kit_rest::RestClient {
        &self.0.rest
    }

    /// The rules of a symbol: filters, order types, permissions, as `exchangeInfo` has them now. One request.
    ///
    /// # Errors
    ///
    /// As [`RestClient::send`](binance_kit_rest::RestClient::send); [`ErrorKind::Api`](binance_kit_core::ErrorKind::Api) with
    /// code -1121 for a symbol that is not listed, [`ErrorKind::Decode`](binance_kit_core::ErrorKind::Decode) for one whose row
    /// cannot be read.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops asking.
    #[cfg(feature = "spot")]
    pub async fn rules(
        &self,
        symbol: impl Into<binance_kit_core::Symbol>,
    ) -> Result<crate::spot::SymbolRules, Error> {
        use binance_kit_core::{ApiError, ErrorCode, ErrorKind, Timestamp};
        let symbol = symbol.into();
        let information = self.rest().send(crate::spot::ExchangeInfo::of(symbol.clone())).await?;
        information.rules(symbol).map_err(|none| match none.decode_error() {
            Some(unreadable) => {
                Error::new(ErrorKind::Decode).with_detail(none.to_string()).with_source(unreadable)
            }
            None => {
                let missing = ApiError::new(ErrorCode::BAD_SYMBOL, none.to_string());
                Error::answered(400, Some(missing), None, Timestamp::default())
            }
        })
    }
}

/// Streams.
#[cfg(feature = "stream")]
impl Binance {
    /// The stream client, for the streams of all products. Nothing connects before the first subscription.
    pub fn streams(&self) -> &binance_kit_stream::StreamClient {
        &self.0.shared.streams
    }

    /// Subscribes to streams; as [`StreamClient::subscribe`](binance_kit_stream::StreamClient::subscribe).
    ///
    /// A list of one type of topics gives events of that type. A list of several types or products is one of
    /// [`MixedTopic`](binance_kit_core::MixedTopic)s:
    ///
    /// ```no_run
    /// # #[cfg(all(feature = "spot", feature = "usdm"))]
    /// # async fn run(binance: binance_kit::Binance) -> binance_kit::Result {
    /// use binance_kit::prelude::*;
    ///
    /// let topics: [MixedTopic<MarketEvent>; 2] =
    ///     [spot::stream::book_ticker("BTCUSDT").into(), usdm::stream::agg_trade("BTCUSDT").into()];
    /// let mut events = binance.subscribe(topics).await?;
    /// while let Some(event) = events.next_event().await? {
    ///     if let MarketEvent::Usdm(usdm::MarketEvent::AggTrade(trade)) = event.data {
    ///         println!("{}", trade.price);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidSubscription`](binance_kit_core::ErrorKind::InvalidSubscription) for a name that is none,
    /// [`ErrorKind::NotOffered`](binance_kit_core::ErrorKind::NotOffered) for a product that the environment lacks,
    /// [`ErrorKind::Connect`](binance_kit_core::ErrorKind::Connect) and
    /// [`ErrorKind::StreamRefused`](binance_kit_core::ErrorKind::StreamRefused). Later failures are items of the stream.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes whatever was opened.
    pub async fn subscribe<T: binance_kit_core::IntoTopic>(
        &self,
        topics: impl IntoIterator<Item = T>,
    ) -> Result<binance_kit_stream::EventStream<T::Event>, Error> {
        self.streams().subscribe(topics).await
    }

    /// A client of Spot's streams in SBE: trades, best bid and ask, changes and the 20 best levels of a book
    /// (`spot::stream::{trade, best_bid_ask, depth, partial_depth}`). The account must have an Ed25519 key.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::MissingCredentials`](binance_kit_core::ErrorKind::MissingCredentials) without an account,
    /// [`ErrorKind::NotOffered`](binance_kit_core::ErrorKind::NotOffered) when the environment has no such streams.
    #[cfg(all(feature = "sbe", feature = "spot"))]
    pub fn sbe_streams(&self) -> Result<binance_kit_stream::StreamClient, Error> {
        self.require_account()?;
        let environment = self.environment();
        if environment.sbe_stream_url(binance_kit_core::Api::Spot).is_none() {
            let detail = format!("the environment {} has no streams in SBE", environment.name());
            return Err(Error::new(binance_kit_core::ErrorKind::NotOffered).with_detail(detail));
        }
        let config = binance_kit_stream::StreamConfig {
            encoding: binance_kit_core::Encoding::Sbe(&crate::spot::sbe::STREAM),
            api_key: self.credentials().map(|credentials| credentials.api_key().clone()),
            ..self.0.shared.settings.stream.clone()
        };
        binance_kit_stream::StreamClient::builder(self.context(), self.environment()).config(config).build()
    }

    /// What fills gaps of Spot's streams from the public record, over REST.
    ///
    /// ```no_run
    /// # async fn run(binance: binance_kit::Binance) -> binance_kit::Result {
    /// use binance_kit::spot;
    ///
    /// let subscription = binance.streams().subscription().backfill(binance.backfill());
    /// let mut trades = subscription.subscribe([spot::stream::trade("BTCUSDT")]).await?;
    /// while let Some(trade) = trades.next_event().await? {
    ///     println!("{} {}", trade.trade_id, if trade.backfilled { "fetched" } else { "live" });
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(all(feature = "rest", feature = "spot"))]
    pub fn backfill(&self) -> crate::stream::RestBackfill {
        crate::stream::RestBackfill::new(self.rest().clone())
    }
}

/// Requests over the WebSocket API.
#[cfg(feature = "ws-api")]
impl Binance {
    /// The connection to Spot's WebSocket API, logged on where the key is an Ed25519 key. It is made when first asked for and
    /// shared from then on; after [`WsApiClient::close`](binance_kit_ws_api::WsApiClient::close) a new one is made.
    ///
    /// # Errors
    ///
    /// As [`WsApiBuilder::connect`](binance_kit_ws_api::WsApiBuilder::connect).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the connection.
    pub async fn ws_api(&self) -> Result<binance_kit_ws_api::WsApiClient, Error> {
        self.ws_api_of().await
    }

    /// As [`Binance::ws_api`], for the product of the type: `binance.ws_api_of::<Usdm>()`.
    ///
    /// # Errors
    ///
    /// As [`Binance::ws_api`].
    ///
    /// # Cancel safety
    ///
    /// As [`Binance::ws_api`].
    pub async fn ws_api_of<P: crate::ws_apis::WsApiProduct>(
        &self,
    ) -> Result<binance_kit_ws_api::WsApiClient<P>, Error> {
        let target = crate::ws_apis::Target {
            context: self.context(),
            environment: self.environment(),
            credentials: self.credentials(),
            config: &self.0.shared.settings.ws_api,
        };
        self.0.ws_apis.get(target).await
    }
}

/// Products other than Spot.
#[cfg(any(feature = "usdm", feature = "coinm"))]
impl Binance {
    /// The USD-M futures: their WebSocket API and local books.
    #[cfg(feature = "usdm")]
    pub fn usdm(&self) -> crate::ProductClient<binance_kit_core::product::Usdm> {
        crate::ProductClient::new(self)
    }

    /// The COIN-M futures: their WebSocket API and local books.
    #[cfg(feature = "coinm")]
    pub fn coinm(&self) -> crate::ProductClient<binance_kit_core::product::Coinm> {
        crate::ProductClient::new(self)
    }
}

/// Local order books.
#[cfg(feature = "book")]
impl Binance {
    /// Local order books of these Spot symbols, with default settings: changes from the stream, snapshots over REST. Read them when
    /// they are synced: `books.synced("BTCUSDT").await?`. For other settings see
    /// [`BooksBuilder`](binance_kit_book::BooksBuilder); for futures, `binance.usdm().books(…)`.
    ///
    /// # Errors
    ///
    /// When the streams cannot be opened; see [`binance_kit_book::Error`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes whatever was opened.
    pub async fn books(
        &self,
        symbols: impl IntoIterator<Item: Into<binance_kit_core::Symbol>>,
    ) -> Result<binance_kit_book::Books<binance_kit_core::product::Spot>, binance_kit_book::Error> {
        self.books_of(symbols).await
    }

    pub(crate) async fn books_of<P: binance_kit_book::BookProduct>(
        &self,
        symbols: impl IntoIterator<Item: Into<binance_kit_core::Symbol>>,
    ) -> Result<binance_kit_book::Books<P>, binance_kit_book::Error> {
        binance_kit_book::Books::start(P::default(), self.streams(), self.rest(), symbols).await
    }
}

/// Orders and the account.
#[cfg(feature = "account")]
impl Binance {
    /// Spot's orders over the WebSocket API. Each call gives a handle with client order ids of its own; the connection is shared.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::MissingCredentials`](binance_kit_core::ErrorKind::MissingCredentials) without an account, and as
    /// [`Binance::ws_api`].
    ///
    /// # Cancel safety
    ///
    /// As [`Binance::ws_api`].
    pub async fn orders(&self) -> Result<binance_kit_account::Orders, Error> {
        self.require_account()?;
        Ok(binance_kit_account::Orders::new(&self.ws_api().await?, self.context(), "kit"))
    }

    /// The events of the Spot account, with a snapshot first and after every interruption.
    ///
    /// # Errors
    ///
    /// As [`Binance::orders`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the subscription up.
    pub async fn account(&self) -> Result<binance_kit_account::AccountStream, Error> {
        self.require_account()?;
        binance_kit_account::AccountStream::open(&self.ws_api().await?).await
    }
}

/// An embedded exchange.
#[cfg(feature = "sim")]
impl Binance {
    /// Starts an embedded exchange in memory and connects to it, as its demo account. It ends with the last clone.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Connect`](binance_kit_core::ErrorKind::Connect) when it cannot be started.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future starts nothing.
    pub async fn embedded() -> Result<Self, Error> {
        let exchange = binance_kit_sim::Exchange::builder().in_memory().start().await.map_err(|error| {
            Error::new(binance_kit_core::ErrorKind::Connect)
                .with_detail("the embedded exchange cannot be started")
                .with_source(error)
        })?;
        crate::embedded::connect(&exchange)?.build().map(|binance| binance.keep(exchange))
    }

    /// Connects to an embedded exchange over links in memory, as its demo account where it has one: for tests, under a paused
    /// clock, too. For an exchange in another process use its URLs.
    ///
    /// ```
    /// # #[cfg(feature = "spot")]
    /// # fn main() -> binance_kit::Result {
    /// use binance_kit::{Binance, sim, spot};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?.block_on(async {
    /// let exchange = sim::Exchange::builder().seed(7).in_memory().start().await?;
    /// let binance = Binance::embedded_in(&exchange)?;
    /// println!("{}", binance.rest().send(spot::general::Time::new()).await?.server_time);
    /// # binance_kit::Result::Ok(())
    /// # })
    /// # }
    /// # #[cfg(not(feature = "spot"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Binance::production`].
    pub fn embedded_in(exchange: &binance_kit_sim::Exchange) -> Result<Self, Error> {
        crate::embedded::connect(exchange)?.build()
    }

    /// The embedded exchange that [`Binance::embedded`] started.
    pub fn exchange(&self) -> Option<&binance_kit_sim::Exchange> {
        self.0.shared.exchange.as_ref()
    }

    /// Has the exchange live as long as its clients.
    fn keep(mut self, exchange: binance_kit_sim::Exchange) -> Self {
        // Made just now, so that there are no clones.
        if let Some(inner) = Arc::get_mut(&mut self.0)
            && let Some(shared) = Arc::get_mut(&mut inner.shared)
        {
            shared.exchange = Some(exchange);
        }
        self
    }
}
