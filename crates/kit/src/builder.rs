//! Settings of a [`Binance`], given once.

use crate::client::Binance;
use binance_kit_core::{Encoding, Error, ErrorKind, Responsible};
use binance_kit_net::{Context, Environment};
use binance_kit_sign::Credentials;

/// Builds a [`Binance`]; see [`Binance::builder`].
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct BinanceBuilder {
    /// The network of the exchange; production otherwise.
    pub(crate) environment: Option<Environment>,
    /// How to connect, clock, randomness, limits; one of its own otherwise.
    pub(crate) context: Option<Context>,
    /// The account.
    pub(crate) credentials: Option<Credentials>,
    /// The settings of the layers.
    pub(crate) settings: Settings,
}

/// The settings of the layers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// The encoding of answers.
    pub(crate) encoding: Encoding,
    /// Those of REST.
    #[cfg(feature = "rest")]
    pub(crate) rest: binance_kit_rest::RestConfig,
    /// Those of the streams.
    #[cfg(feature = "stream")]
    pub(crate) stream: binance_kit_stream::StreamConfig,
    /// Those of the WebSocket API.
    #[cfg(feature = "ws-api")]
    pub(crate) ws_api: binance_kit_ws_api::WsApiConfig,
}

impl BinanceBuilder {
    /// The network of the exchange: production (the default), the test network, an address of one's own.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// The account to trade and sign with. Public data needs none.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// How to connect (proxy, root certificates, local addresses), the clock, and the limits of the IP address. Share one among
    /// all clients behind the same address.
    pub fn context(mut self, context: Context) -> Self {
        self.context = Some(context);
        self
    }

    /// The encoding in which REST and the WebSocket API are to answer; JSON otherwise. The types are the same, but for what SBE
    /// does not carry. For streams in SBE see `Binance::sbe_streams`.
    ///
    /// ```
    /// # #[cfg(all(feature = "sbe", feature = "spot"))]
    /// # fn run() -> binance_kit::Result {
    /// use binance_kit::core::Encoding;
    /// use binance_kit::{Binance, spot};
    ///
    /// let binance = Binance::builder().encoding(Encoding::Sbe(&spot::sbe::API)).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.settings.encoding = encoding;
        self
    }

    /// The settings of REST.
    #[cfg(feature = "rest")]
    pub fn rest(mut self, config: binance_kit_rest::RestConfig) -> Self {
        self.settings.rest = config;
        self
    }

    /// The settings of the streams.
    #[cfg(feature = "stream")]
    pub fn streams(mut self, config: binance_kit_stream::StreamConfig) -> Self {
        self.settings.stream = config;
        self
    }

    /// The settings of the WebSocket API.
    #[cfg(feature = "ws-api")]
    pub fn ws_api(mut self, config: binance_kit_ws_api::WsApiConfig) -> Self {
        self.settings.ws_api = config;
        self
    }

    /// Builds the clients. No connection is opened.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidConfiguration`] when a setting cannot be used, or no root certificates are found.
    pub fn build(self) -> Result<Binance, Error> {
        Binance::new(self)
    }
}

/// A context that cannot be made is the caller's to change.
pub(crate) fn invalid(error: binance_kit_net::Error) -> Error {
    Error::new(ErrorKind::InvalidConfiguration).with_responsible(Responsible::Caller).with_source(error)
}
