//! Where the exchange is reached: a network (production, test network, demo, Binance US, an address of one's own) and the
//! URLs of each product in it.

use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use binance_kit_core::{Api, Route};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A network of the exchange: the base URLs of its products, by transport and route.
///
/// What a network does not have has no URL: the test network of Spot has no margin, [`Environment::market_data_only`] has no
/// WebSocket API and takes no signed requests.
///
/// ```
/// use binance_kit_core::{Api, Route};
/// use binance_kit_net::Environment;
///
/// let production = Environment::production();
/// assert_eq!(production.rest_url(Api::UsdmFutures), Some("https://fapi.binance.com"));
/// assert_eq!(
///     production.stream_url(Api::UsdmFutures, Route::Market),
///     Some("wss://fstream.binance.com/market")
/// );
/// assert_eq!(Environment::market_data_only().ws_api_url(Api::Spot), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// What it is called.
    name: Cow<'static, str>,
    /// The URLs of each product.
    products: BTreeMap<Api, Urls>,
    /// Whether there is public market data only.
    is_market_data_only: bool,
}

/// The base URLs of one product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Urls {
    /// REST.
    rest: Option<String>,
    /// The WebSocket API, with its path.
    ws_api: Option<String>,
    /// The streams, by route, with the path of the route.
    streams: BTreeMap<Route, String>,
    /// The streams in SBE.
    sbe_stream: Option<String>,
}

impl Environment {
    /// The real exchange.
    pub fn production() -> Self {
        Self::empty("production")
            .rest(Api::Spot, "https://api.binance.com")
            .ws_api(Api::Spot, "wss://ws-api.binance.com:443/ws-api/v3")
            .streams(Api::Spot, "wss://stream.binance.com:9443")
            .sbe(Api::Spot, "wss://stream-sbe.binance.com:9443")
            .rest(Api::Sapi, "https://api.binance.com")
            .rest(Api::UsdmFutures, "https://fapi.binance.com")
            .ws_api(Api::UsdmFutures, "wss://ws-fapi.binance.com/ws-fapi/v1")
            .streams(Api::UsdmFutures, "wss://fstream.binance.com")
            .rest(Api::CoinmFutures, "https://dapi.binance.com")
            .ws_api(Api::CoinmFutures, "wss://ws-dapi.binance.com/ws-dapi/v1")
            .streams(Api::CoinmFutures, "wss://dstream.binance.com")
            .rest(Api::Options, "https://eapi.binance.com")
            .streams(Api::Options, "wss://fstream.binance.com")
            .rest(Api::PortfolioMargin, "https://papi.binance.com")
            .stream(Api::PortfolioMargin, Route::Private, "wss://fstream.binance.com/pm")
    }

    /// The test network: Spot and the futures, each with accounts of its own.
    pub fn testnet() -> Self {
        Self::empty("testnet")
            .rest(Api::Spot, "https://testnet.binance.vision")
            .ws_api(Api::Spot, "wss://ws-api.testnet.binance.vision/ws-api/v3")
            .streams(Api::Spot, "wss://stream.testnet.binance.vision")
            .rest(Api::UsdmFutures, "https://testnet.binancefuture.com")
            .ws_api(Api::UsdmFutures, "wss://testnet.binancefuture.com/ws-fapi/v1")
            .streams(Api::UsdmFutures, "wss://fstream.binancefuture.com")
            .rest(Api::CoinmFutures, "https://testnet.binancefuture.com")
            .ws_api(Api::CoinmFutures, "wss://testnet.binancefuture.com/ws-dapi/v1")
            .streams(Api::CoinmFutures, "wss://dstream.binancefuture.com")
            .rest(Api::Options, "https://testnet.binancefuture.com")
            .streams(Api::Options, "wss://fstream.binancefuture.com")
            .rest(Api::PortfolioMargin, "https://testnet.binancefuture.com")
            .stream(Api::PortfolioMargin, Route::Private, "wss://fstream.binancefuture.com/pm")
    }

    /// The demo network: realistic market data, play money.
    pub fn demo() -> Self {
        Self::empty("demo")
            .rest(Api::Spot, "https://demo-api.binance.com")
            .ws_api(Api::Spot, "wss://demo-ws-api.binance.com/ws-api/v3")
            .streams(Api::Spot, "wss://demo-stream.binance.com:9443")
            .rest(Api::UsdmFutures, "https://demo-fapi.binance.com")
    }

    /// Public market data of Spot from the hosts that serve nothing else: no keys, no orders, no WebSocket API.
    pub fn market_data_only() -> Self {
        let environment = Self::empty("market data only")
            .rest(Api::Spot, "https://data-api.binance.vision")
            .streams(Api::Spot, "wss://data-stream.binance.vision");
        Self { is_market_data_only: true, ..environment }
    }

    /// Binance US: Spot.
    pub fn us() -> Self {
        Self::empty("us")
            .rest(Api::Spot, "https://api.binance.us")
            .ws_api(Api::Spot, "wss://ws-api.binance.us:443/ws-api/v3")
            .streams(Api::Spot, "wss://stream.binance.us:9443")
    }

    /// An address of one's own for Spot: the base URLs of REST (`https://host`), of the streams (`wss://host`, without `/ws` or
    /// `/stream`) and of the WebSocket API (`wss://host/ws-api/v3`). Further products and transports are added with
    /// [`Environment::with_rest`], [`Environment::with_streams`], [`Environment::with_ws_api`].
    ///
    /// # Errors
    ///
    /// When one of them is not a base URL; plain text is allowed to literal loopback addresses only.
    pub fn custom(rest: &str, stream: &str, ws_api: &str) -> Result<Self, Error> {
        Self::empty("custom")
            .with_rest(Api::Spot, rest)?
            .with_stream(Api::Spot, Route::Root, stream)?
            .with_ws_api(Api::Spot, ws_api)
    }

    /// A network of this name without any URL, to which products are added.
    pub fn empty(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), products: BTreeMap::new(), is_market_data_only: false }
    }

    fn urls(&mut self, api: Api) -> &mut Urls {
        self.products.entry(api).or_default()
    }

    fn rest(mut self, api: Api, url: &str) -> Self {
        self.urls(api).rest = Some(url.to_owned());
        self
    }

    fn ws_api(mut self, api: Api, url: &str) -> Self {
        self.urls(api).ws_api = Some(url.to_owned());
        self
    }

    fn stream(mut self, api: Api, route: Route, url: &str) -> Self {
        self.urls(api).streams.insert(route, url.to_owned());
        self
    }

    /// The streams of a product on one host: under the paths of its routes where it has any.
    fn streams(self, api: Api, url: &str) -> Self {
        if !api.has_routes() {
            return self.stream(api, Route::Root, url);
        }
        let url = url.trim_end_matches('/');
        [Route::Public, Route::Market, Route::Private]
            .into_iter()
            .fold(self, |all, route| all.stream(api, route, &format!("{url}{}", route.path())))
    }

    fn sbe(mut self, api: Api, url: &str) -> Self {
        self.urls(api).sbe_stream = Some(url.to_owned());
        self
    }

    /// The same with this base URL of REST for a product.
    ///
    /// # Errors
    ///
    /// When it is not a base URL.
    pub fn with_rest(self, api: Api, url: &str) -> Result<Self, Error> {
        Endpoint::parse(url)?;
        Ok(self.rest(api, url))
    }

    /// The same with this URL of the WebSocket API of a product, path included.
    ///
    /// # Errors
    ///
    /// When it is not a URL.
    pub fn with_ws_api(self, api: Api, url: &str) -> Result<Self, Error> {
        Endpoint::parse(url)?;
        Ok(self.ws_api(api, url))
    }

    /// The same with this host for the streams of a product. Where the product has routes, their paths are added.
    ///
    /// # Errors
    ///
    /// When it is not a base URL, or ends in `/ws` or `/stream`, which are added by the client.
    pub fn with_streams(self, api: Api, url: &str) -> Result<Self, Error> {
        stream_base_url(url)?;
        Ok(self.streams(api, url))
    }

    /// The same with this base URL for one route of the streams of a product. The path of the route is not added.
    ///
    /// # Errors
    ///
    /// As [`Environment::with_streams`].
    pub fn with_stream(self, api: Api, route: Route, url: &str) -> Result<Self, Error> {
        stream_base_url(url)?;
        Ok(self.stream(api, route, url))
    }

    /// The same with this base URL of Spot's streams in SBE.
    ///
    /// # Errors
    ///
    /// As [`Environment::with_streams`].
    pub fn with_sbe_stream(self, url: &str) -> Result<Self, Error> {
        stream_base_url(url)?;
        Ok(self.sbe(Api::Spot, url))
    }

    /// What this network is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether there is public market data only, so that no signed request is taken.
    pub fn is_market_data_only(&self) -> bool {
        self.is_market_data_only
    }

    /// The base URL of REST for a product, where it is offered.
    pub fn rest_url(&self, api: Api) -> Option<&str> {
        self.products.get(&api)?.rest.as_deref()
    }

    /// The base URL of the streams of a product on a route, where it is offered.
    pub fn stream_url(&self, api: Api, route: Route) -> Option<&str> {
        self.products.get(&api)?.streams.get(&route).map(String::as_str)
    }

    /// The base URL of the streams of a product in SBE, where it is offered.
    pub fn sbe_stream_url(&self, api: Api) -> Option<&str> {
        self.products.get(&api)?.sbe_stream.as_deref()
    }

    /// The URL of the WebSocket API of a product, where it is offered.
    pub fn ws_api_url(&self, api: Api) -> Option<&str> {
        self.products.get(&api)?.ws_api.as_deref()
    }
}

/// Checks the base URL of streams: the client adds `/ws` or `/stream` itself, and with both the server accepts the connection
/// and stays silent.
///
/// # Errors
///
/// When it is not a base URL, or ends in `/ws` or `/stream`.
pub fn stream_base_url(url: &str) -> Result<Endpoint, Error> {
    let endpoint = Endpoint::parse(url)?;
    let path = endpoint.path().trim_end_matches('/');
    match ["/ws", "/stream"].into_iter().find(|end| path.ends_with(end)) {
        None => Ok(endpoint),
        Some(end) => Err(Error::new(ErrorKind::InvalidUrl).detail(format!(
            "the base URL of streams must not end in {end}, which is added by the client: write {}",
            url.trim_end_matches('/').trim_end_matches(end)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> [Environment; 5] {
        [
            Environment::production(),
            Environment::testnet(),
            Environment::demo(),
            Environment::market_data_only(),
            Environment::us(),
        ]
    }

    #[test]
    fn all_urls_are_base_urls() {
        let mut count = 0;
        for environment in all() {
            for urls in environment.products.values() {
                for url in urls.rest.iter().chain(&urls.ws_api) {
                    assert!(Endpoint::parse(url).unwrap().scheme().is_tls(), "{url}");
                    count += 1;
                }
                for url in urls.streams.values().chain(&urls.sbe_stream) {
                    assert!(stream_base_url(url).unwrap().scheme().is_tls(), "{url}");
                    count += 1;
                }
            }
        }
        assert!(count > 40, "{count}");
    }

    #[test]
    fn what_is_not_offered_has_no_url() {
        let only_data = Environment::market_data_only();
        assert_eq!(only_data.ws_api_url(Api::Spot), None);
        assert!(only_data.is_market_data_only());
        assert_eq!(Environment::testnet().rest_url(Api::Sapi), None);
        assert_eq!(Environment::testnet().sbe_stream_url(Api::Spot), None);
        assert_eq!(Environment::us().rest_url(Api::UsdmFutures), None);
        assert_eq!(
            Environment::production().stream_url(Api::UsdmFutures, Route::Root),
            None,
            "the form without a route has ended"
        );
        assert_eq!(
            Environment::production().stream_url(Api::UsdmFutures, Route::Public),
            Some("wss://fstream.binance.com/public")
        );
    }

    #[test]
    fn base_urls_are_checked() {
        let custom = |rest, stream, ws_api| Environment::custom(rest, stream, ws_api);
        assert!(custom("http://127.0.0.1:1", "ws://127.0.0.1:1", "ws://127.0.0.1:1/ws-api/v3").is_ok());
        assert!(custom("http://example.com", "ws://127.0.0.1:1", "ws://127.0.0.1:1").is_err());
        assert!(Environment::testnet().with_sbe_stream("http://example.com").is_err());
        for (url, instead) in [
            ("wss://stream.binance.com:9443/ws", "wss://stream.binance.com:9443"),
            ("wss://stream.binance.com:9443/stream/", "wss://stream.binance.com:9443"),
            ("wss://fstream.binance.com/market/ws", "wss://fstream.binance.com/market"),
        ] {
            let error = Environment::empty("x").with_streams(Api::Spot, url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidUrl);
            assert!(error.to_string().ends_with(&format!("write {instead}")), "{error}");
        }
    }
}
