//! Where the exchange is reached: production, test networks, the demo network, Binance US, or a place of one's own.

use crate::endpoint::Endpoint;
use crate::error::Error;

/// The base URLs of one product in one network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    name: &'static str,
    rest: String,
    stream: String,
    ws_api: String,
    sbe_stream: Option<String>,
}

impl Environment {
    /// Spot, the real exchange.
    pub fn production() -> Self {
        let environment = Self::named(
            "production",
            "https://api.binance.com",
            "wss://stream.binance.com:9443",
            "wss://ws-api.binance.com:443/ws-api/v3",
        );
        Self { sbe_stream: Some("wss://stream-sbe.binance.com:9443".to_owned()), ..environment }
    }

    /// Spot, the test network.
    pub fn testnet() -> Self {
        Self::named(
            "testnet",
            "https://testnet.binance.vision",
            "wss://stream.testnet.binance.vision",
            "wss://ws-api.testnet.binance.vision/ws-api/v3",
        )
    }

    /// Spot, the demo network (realistic market data, play money).
    pub fn demo() -> Self {
        Self::named(
            "demo",
            "https://demo-api.binance.com",
            "wss://demo-stream.binance.com:9443",
            "wss://demo-ws-api.binance.com/ws-api/v3",
        )
    }

    /// Spot, public market data only: no keys, no orders. The WebSocket API URL is that of production.
    pub fn market_data_only() -> Self {
        Self::named(
            "market data only",
            "https://data-api.binance.vision",
            "wss://data-stream.binance.vision",
            "wss://ws-api.binance.com:443/ws-api/v3",
        )
    }

    /// Binance US.
    pub fn us() -> Self {
        Self::named(
            "us",
            "https://api.binance.us",
            "wss://stream.binance.us:9443",
            "wss://ws-api.binance.us:443/ws-api/v3",
        )
    }

    /// Any place: the base URLs of REST (`https://host`), of the streams (`wss://host`, without `/ws` or `/stream`) and of the
    /// WebSocket API (`wss://host/ws-api/v3`).
    ///
    /// # Errors
    ///
    /// When one of them is not a base URL; plain text is allowed to literal loopback addresses only.
    pub fn custom(rest: &str, stream: &str, ws_api: &str) -> Result<Self, Error> {
        for url in [rest, stream, ws_api] {
            Endpoint::parse(url)?;
        }
        Ok(Self::named("custom", rest, stream, ws_api))
    }

    fn named(name: &'static str, rest: &str, stream: &str, ws_api: &str) -> Self {
        Self {
            name,
            rest: rest.to_owned(),
            stream: stream.to_owned(),
            ws_api: ws_api.to_owned(),
            sbe_stream: None,
        }
    }

    /// The same with this base URL of the streams in SBE.
    ///
    /// # Errors
    ///
    /// When it is not a base URL.
    pub fn with_sbe_stream(self, url: &str) -> Result<Self, Error> {
        Endpoint::parse(url)?;
        Ok(Self { sbe_stream: Some(url.to_owned()), ..self })
    }

    /// What this environment is called.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The base URL of REST.
    pub fn rest_url(&self) -> &str {
        &self.rest
    }

    /// The base URL of the streams.
    pub fn stream_url(&self) -> &str {
        &self.stream
    }

    /// The base URL of the streams in SBE, where there is one.
    pub fn sbe_stream_url(&self) -> Option<&str> {
        self.sbe_stream.as_deref()
    }

    /// The URL of the WebSocket API.
    pub fn ws_api_url(&self) -> &str {
        &self.ws_api
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_urls_are_base_urls() {
        for environment in [
            Environment::production(),
            Environment::testnet(),
            Environment::demo(),
            Environment::market_data_only(),
            Environment::us(),
        ] {
            for url in [environment.rest_url(), environment.stream_url(), environment.ws_api_url()] {
                assert!(Endpoint::parse(url).unwrap().scheme().is_tls(), "{url}");
            }
        }
        let sbe = Environment::production().sbe_stream_url().map(Endpoint::parse);
        assert!(sbe.is_some_and(|url| url.unwrap().scheme().is_tls()));
        assert_eq!(Environment::testnet().sbe_stream_url(), None);
        assert!(Environment::testnet().with_sbe_stream("http://example.com").is_err());
        assert!(
            Environment::custom("http://127.0.0.1:1", "ws://127.0.0.1:1", "ws://127.0.0.1:1/ws-api/v3")
                .is_ok()
        );
        assert!(Environment::custom("http://example.com", "ws://127.0.0.1:1", "ws://127.0.0.1:1").is_err());
    }
}
