//! The way in: an environment, a network, a key, and the clients made of them.

use binance_kit_core::Encoding;
use binance_kit_net::{Context, Environment, Error};
use binance_kit_sign::Credentials;

/// Where the exchange is, how to reach it, and whose key to use: makes the clients of the layers. Cheap to clone.
///
/// ```no_run
/// # #[cfg(all(feature = "stream", feature = "spot"))]
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use binance_kit::{Binance, spot};
///
/// let binance = Binance::production()?;
/// let mut trades = binance.streams()?.subscribe::<spot::TradeEvent>(["btcusdt@trade"]).await?;
/// while let Some(trade) = trades.next_event().await {
///     println!("{} {}", trade.event.price, trade.event.quantity);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Binance {
    context: Context,
    environment: Environment,
    credentials: Option<Credentials>,
    encoding: Encoding,
}

impl Binance {
    /// The real exchange.
    ///
    /// # Errors
    ///
    /// [`binance_kit_net::ErrorKind::InvalidTls`] when no root certificates are at hand.
    pub fn production() -> Result<Self, Error> {
        Self::new(Environment::production())
    }

    /// The test network.
    ///
    /// # Errors
    ///
    /// As [`Binance::production`].
    pub fn testnet() -> Result<Self, Error> {
        Self::new(Environment::testnet())
    }

    /// Any environment, over a network of its own.
    ///
    /// # Errors
    ///
    /// As [`Binance::production`].
    pub fn new(environment: Environment) -> Result<Self, Error> {
        Ok(Self::with_context(environment, Context::new()?))
    }

    /// Any environment, over a network that was built elsewhere: with a proxy, roots of one's own, or shared with other
    /// clients behind the same IP address.
    pub fn with_context(environment: Environment, context: Context) -> Self {
        Self { context, environment, credentials: None, encoding: Encoding::Json }
    }

    /// An embedded exchange.
    ///
    /// # Errors
    ///
    /// As [`Binance::production`], and when one of the URLs is not on loopback.
    #[cfg(feature = "sim")]
    pub fn simulated(exchange: &binance_kit_sim::Exchange) -> Result<Self, Error> {
        let (rest, stream, ws_api) = (exchange.rest_url(), exchange.stream_url(), exchange.ws_api_url());
        let environment = Environment::custom(&rest, &stream, &ws_api)?;
        Self::new(environment.with_sbe_stream(&exchange.sbe_stream_url())?)
    }

    /// The key to sign with.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// The encoding in which REST and the WebSocket API are to answer; JSON otherwise. The types are the same, but for what
    /// SBE does not say. Streams in SBE are others: see `Binance::sbe_streams`.
    ///
    /// ```
    /// # #[cfg(all(feature = "sbe", feature = "spot"))]
    /// # fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// use binance_kit::core::Encoding;
    /// use binance_kit::{Binance, spot};
    ///
    /// let binance = Binance::testnet()?.with_encoding(Encoding::Sbe(&spot::sbe::API));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// The network.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The environment.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The REST client. Nothing connects before the first request.
    ///
    /// # Errors
    ///
    /// When the environment's URL cannot be used.
    #[cfg(feature = "rest")]
    pub fn rest(&self) -> Result<binance_kit_rest::RestClient, binance_kit_rest::Error> {
        let mut builder =
            binance_kit_rest::RestClient::builder(&self.context, &self.environment).encoding(self.encoding);
        if let Some(credentials) = &self.credentials {
            builder = builder.credentials(credentials.clone());
        }
        builder.build()
    }

    /// The stream client. Nothing connects before the first subscription.
    ///
    /// # Errors
    ///
    /// When the environment's URL cannot be used.
    #[cfg(feature = "stream")]
    pub fn streams(&self) -> Result<binance_kit_stream::StreamClient, binance_kit_stream::Error> {
        binance_kit_stream::StreamClient::new(&self.context, &self.environment)
    }

    /// A client of Spot's streams in SBE: trades, best bid and ask, changes and the 20 best levels of a book
    /// (`spot::stream::{trade, best_bid_ask, depth, partial_depth}`). The credentials must have an Ed25519 key.
    ///
    /// # Errors
    ///
    /// When there are no credentials, or the environment has no such streams.
    #[cfg(all(feature = "stream", feature = "sbe", feature = "spot"))]
    pub fn sbe_streams(&self) -> Result<binance_kit_stream::StreamClient, binance_kit_stream::Error> {
        let config = binance_kit_stream::StreamConfig {
            encoding: Encoding::Sbe(&binance_kit_model::spot::sbe::STREAM),
            api_key: self.credentials.as_ref().map(|credentials| credentials.api_key().clone()),
            ..Default::default()
        };
        binance_kit_stream::StreamClient::builder(&self.context, &self.environment).config(config).build()
    }

    /// What fills gaps of Spot's streams from the public record, over REST.
    ///
    /// ```no_run
    /// # async fn run(binance: binance_kit::Binance) -> Result<(), Box<dyn std::error::Error>> {
    /// use binance_kit::spot;
    ///
    /// let subscription = binance.streams()?.subscription::<spot::TradeEvent>().backfill(binance.backfill()?);
    /// let mut trades = subscription.subscribe(["btcusdt@trade"]).await?;
    /// while let Some(trade) = trades.next_event().await {
    ///     println!("{} {}", trade.event.trade_id, if trade.recovered { "fetched" } else { "live" });
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the environment's URL cannot be used.
    #[cfg(all(feature = "rest", feature = "stream", feature = "spot"))]
    pub fn backfill(&self) -> Result<crate::RestBackfill, binance_kit_rest::Error> {
        Ok(crate::RestBackfill::new(self.rest()?))
    }

    /// Connects to the WebSocket API and, with an Ed25519 key, logs on.
    ///
    /// # Errors
    ///
    /// As [`binance_kit_ws_api::WsApiBuilder::connect`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the connection.
    #[cfg(feature = "ws-api")]
    pub async fn ws_api(&self) -> Result<binance_kit_ws_api::WsApiClient, binance_kit_ws_api::Error> {
        let mut builder = binance_kit_ws_api::WsApiClient::builder(&self.context, &self.environment)
            .config(binance_kit_ws_api::WsApiConfig { encoding: self.encoding, ..Default::default() });
        if let Some(credentials) = &self.credentials {
            builder = builder.credentials(credentials.clone());
        }
        builder.connect().await
    }
}
