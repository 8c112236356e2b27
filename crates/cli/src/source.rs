//! Streams named on the command line: their topics, the network that serves them, and what is said about them beside events.

use crate::Product;
use crate::output;
use binance_kit::common::UnknownStream;
use binance_kit::core::{Encode, InvalidStreamName, JsonWriter, StreamEvent, printable};
use binance_kit::net::{NetError, NetErrorKind, Tls, without_user_info};
use binance_kit::stream::{Item, StateChange};
use binance_kit::{
    Api, Context, Environment, MixedTopic, RawEvent, Route, StreamName, Topic, coinm, spot, usdm,
};
use clap::{Args, ValueEnum};
use std::collections::BTreeSet;
use std::error::Error;
use std::fmt;
use std::path::PathBuf;

type Failure = Box<dyn Error + Send + Sync>;

/// Maximum number of characters shown of a frame that cannot be read.
const MAX_SHOWN: usize = 200;

/// Which streams, and where they are served.
#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// Names of streams, such as `btcusdt@trade` or `ethusdt@depth@100ms`.
    #[arg(required = true)]
    names: Vec<String>,
    /// The product of the streams.
    #[arg(long, value_enum, default_value_t = Product::Spot)]
    pub(crate) product: Product,
    /// The route of streams that this program does not know, for products with routes (USD-M futures).
    #[arg(long, value_enum)]
    route: Option<NamedRoute>,
    /// The network of the exchange.
    #[arg(long = "env", value_enum, default_value_t = Network::Production)]
    network: Network,
    /// The test network: the same as `--env testnet`.
    #[arg(long, conflicts_with = "network")]
    testnet: bool,
    /// The demo network: the same as `--env demo`.
    #[arg(long, conflicts_with_all = ["network", "testnet"])]
    demo: bool,
    /// The base URL of the streams, such as `ws://127.0.0.1:9443`, instead of the network's. Paths of routes are added.
    #[arg(long, conflicts_with_all = ["network", "testnet", "demo"])]
    url: Option<String>,
    /// Root certificates to trust instead of the built-in ones (PEM): of a server of your own, such as `binance sim --tls`.
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
}

/// A route of a product's streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NamedRoute {
    /// Books and best prices.
    Public,
    /// Trades, candles, tickers, mark prices.
    Market,
    /// The account's events.
    Private,
}

/// A network of the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Network {
    /// The real exchange.
    Production,
    /// The test network.
    Testnet,
    /// The demo network: realistic market data, play money.
    Demo,
    /// Binance US: Spot.
    Us,
}

impl NamedRoute {
    fn route(self) -> Route {
        match self {
            Self::Public => Route::Public,
            Self::Market => Route::Market,
            Self::Private => Route::Private,
        }
    }
}

impl Network {
    fn environment(self) -> Environment {
        match self {
            Self::Production => Environment::production(),
            Self::Testnet => Environment::testnet(),
            Self::Demo => Environment::demo(),
            Self::Us => Environment::us(),
        }
    }
}

/// An event of any product; as JSON text where the product's model has no type for the stream.
#[derive(Debug)]
pub(crate) enum AnyEvent {
    Spot(spot::MarketEvent),
    Usdm(usdm::MarketEvent),
    Coinm(coinm::MarketEvent),
    Raw(RawEvent),
}

impl Encode for AnyEvent {
    fn encode(&self, json: &mut JsonWriter) {
        match self {
            Self::Spot(event) => event.encode(json),
            Self::Usdm(event) => event.encode(json),
            Self::Coinm(event) => event.encode(json),
            Self::Raw(event) => json.literal(&event.json),
        }
    }
}

macro_rules! from {
    ($($event:ty => $variant:ident),* $(,)?) => {$(
        impl From<$event> for AnyEvent {
            fn from(event: $event) -> Self {
                Self::$variant(event)
            }
        }
    )*};
}

from!(spot::MarketEvent => Spot, usdm::MarketEvent => Usdm, coinm::MarketEvent => Coinm, RawEvent => Raw);

impl SourceArgs {
    /// The topics of the names. Names that the product's model does not know are topics of untyped events.
    pub(crate) fn topics(&self) -> Result<Vec<MixedTopic<AnyEvent>>, Failure> {
        let api = self.product.api();
        if self.route.is_some() && !api.has_routes() {
            return Err(format!("the streams of {api} have no routes; leave out --route").into());
        }
        self.names.iter().map(|name| self.topic(name)).collect()
    }

    fn topic(&self, name: &str) -> Result<MixedTopic<AnyEvent>, Failure> {
        let known = match self.product {
            Product::Spot => spot::stream::from_name(name).map(any),
            Product::Usdm => usdm::stream::from_name(name).map(any),
            Product::Coinm => coinm::stream::from_name(name).map(any),
        };
        match known {
            Ok(topic) => Ok(topic?),
            Err(unknown) => self.raw(name, &unknown),
        }
    }

    /// The topic of a name that the product's model does not know.
    fn raw(&self, name: &str, unknown: &UnknownStream) -> Result<MixedTopic<AnyEvent>, Failure> {
        let api = self.product.api();
        let topic = Topic::<RawEvent>::raw(api, name);
        if let Err(error) = topic.info() {
            return Err(format!("{error}; write it as one of {}", unknown.patterns().join(", ")).into());
        }
        match self.route {
            Some(route) => Ok(topic.on(route.route()).into()),
            None if api.has_routes() => Err(format!(
                "{unknown}; for another stream, name its route: --route public (books, best prices), \
                 --route market (trades, candles, tickers, mark prices) or --route private (account)"
            )
            .into()),
            None => {
                output::note(&format!("{unknown}; it is subscribed all the same, untyped"));
                Ok(topic.into())
            }
        }
    }

    /// The network, or the one base URL that was given instead.
    pub(crate) fn environment(&self) -> Result<Environment, Failure> {
        match &self.url {
            Some(url) => {
                check_scheme("--url", url, "ws")?;
                Ok(Environment::empty("custom").with_streams(self.product.api(), url)?)
            }
            None if self.testnet => Ok(Network::Testnet.environment()),
            None if self.demo => Ok(Network::Demo.environment()),
            None => Ok(self.network.environment()),
        }
    }

    /// A failure to connect, with what can be done about it where that is known.
    pub(crate) fn explain(&self, error: binance_kit::Error) -> Failure {
        let is_tls = error.find_source::<NetError>().is_some_and(|error| error.kind() == NetErrorKind::Tls);
        if !is_tls || self.url.is_none() {
            return error.into();
        }
        let advice = match &self.roots {
            None => {
                "to trust a server of your own, give its certificate: --roots FILE (PEM; `binance sim --tls` prints its own as \
                 `certificate`); for one without TLS write ws:// instead of wss://"
            }
            Some(_) => {
                "the certificate in the file of --roots is not that of this server, or does not name this host"
            }
        };
        Box::new(Advised { error, advice })
    }

    /// How to connect.
    pub(crate) fn context(&self) -> Result<Context, Failure> {
        let mut context = Context::builder();
        if let Some(roots) = &self.roots {
            let pem = std::fs::read(roots).map_err(|error| format!("{}: {error}", roots.display()))?;
            context = context.tls(Tls::with_roots_pem(&pem)?);
        }
        Ok(context.build()?)
    }
}

/// A failure with what can be done about it.
#[derive(Debug)]
struct Advised {
    /// The failure.
    error: binance_kit::Error,
    /// What can be done.
    advice: &'static str,
}

impl fmt::Display for Advised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.error, self.advice)
    }
}

impl Error for Advised {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

/// Refuses a base URL of another scheme than `scheme` or its form with TLS, and says what to write.
pub(crate) fn check_scheme(option: &str, url: &str, scheme: &str) -> Result<(), Failure> {
    let (given, rest) = url.split_once("://").unwrap_or(("", url));
    if given == scheme || given.strip_suffix('s') == Some(scheme) {
        return Ok(());
    }
    let rest = without_user_info(rest);
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    // Plain text is for this machine alone.
    let is_near = host == "localhost" || host.starts_with("127.") || rest.starts_with("[::1]");
    let (secure, rest) =
        if is_near { ("", rest.replacen("localhost", "127.0.0.1", 1)) } else { ("s", rest.into_owned()) };
    let what = if given.is_empty() { "it has no scheme" } else { "its scheme is another one" };
    Err(format!("{option} {:?}: {what}: write {scheme}{secure}://{rest}", without_user_info(url)).into())
}

/// A typed topic in a list of any events.
fn any<E: StreamEvent>(topic: MixedTopic<E>) -> Result<MixedTopic<AnyEvent>, InvalidStreamName>
where
    AnyEvent: From<E>,
{
    let (info, _) = topic.into_parts()?;
    let mut topic = Topic::<E>::raw(info.api, &info.name).on(info.route);
    if let Some(cadence) = info.cadence {
        topic = topic.cadence(cadence);
    }
    if let Some(record) = info.record {
        topic = topic.record(record);
    }
    Ok(topic.into())
}

/// The names of the topics, without repetitions.
pub(crate) fn names(topics: &[MixedTopic<AnyEvent>]) -> BTreeSet<StreamName> {
    topics.iter().filter_map(|topic| topic.info().ok()).map(|info| info.name.clone()).collect()
}

/// Prints an item that is no event as a note on standard error. The first connections are no news.
pub(crate) fn note(item: &Item<AnyEvent>) {
    match item {
        Item::Event(_) | Item::State(StateChange::Connected { generation: 0, .. }) => {}
        Item::Malformed(malformed) => {
            let raw: String = String::from_utf8_lossy(&malformed.raw).chars().take(MAX_SHOWN).collect();
            output::note(&format!("{item}: {}", printable(raw)));
        }
        _ => output::note(&item.to_string()),
    }
}

impl Product {
    /// The API of the product.
    pub(crate) fn api(self) -> Api {
        match self {
            Self::Spot => Api::Spot,
            Self::Usdm => Api::UsdmFutures,
            Self::Coinm => Api::CoinmFutures,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(product: Product, route: Option<NamedRoute>, names: &[&str]) -> SourceArgs {
        SourceArgs {
            names: names.iter().map(|&name| name.to_owned()).collect(),
            product,
            route,
            network: Network::Production,
            testnet: false,
            demo: false,
            url: None,
            roots: None,
        }
    }

    fn routes(source: &SourceArgs) -> Vec<(String, Route)> {
        let topics = source.topics().unwrap();
        let info = topics.iter().map(|topic| topic.info().unwrap());
        info.map(|info| (info.name.to_string(), info.route)).collect()
    }

    #[test]
    fn known_names_find_their_route_and_others_need_one() {
        let names = ["btcusdt@bookTicker", "BTCUSDT@trade", "btcusdt@depth@100ms"];
        let known = source(Product::Usdm, None, &names);
        let expected = [
            ("btcusdt@bookTicker", Route::Public),
            ("btcusdt@trade", Route::Market),
            ("btcusdt@depth@100ms", Route::Public),
        ];
        assert_eq!(routes(&known), expected.map(|(name, route)| (name.to_owned(), route)));
        let new = ["btcusdt@newStream", "btcusdt@bookTicker"];
        let error = source(Product::Usdm, None, &new).topics().unwrap_err().to_string();
        assert!(error.contains("\"btcusdt@newStream\"") && error.contains("--route market"), "{error}");
        let expected = [("btcusdt@newStream", Route::Market), ("btcusdt@bookTicker", Route::Public)];
        assert_eq!(
            routes(&source(Product::Usdm, Some(NamedRoute::Market), &new)),
            expected.map(|(name, route)| (name.to_owned(), route))
        );
    }

    #[test]
    fn products_without_routes_take_none() {
        let spot = source(Product::Spot, Some(NamedRoute::Market), &["btcusdt@trade"]);
        assert!(spot.topics().unwrap_err().to_string().contains("leave out --route"));
        let names = ["btcusd_perp@trade", "btcusd_perp@newStream"];
        assert!(routes(&source(Product::Coinm, None, &names)).iter().all(|(_, route)| *route == Route::Root));
    }

    #[test]
    fn a_url_of_another_scheme_is_refused_with_what_to_write() {
        for (url, said) in [
            ("127.0.0.1:9443", "it has no scheme: write ws://127.0.0.1:9443"),
            ("localhost:9443", "it has no scheme: write ws://127.0.0.1:9443"),
            ("[::1]:9443", "it has no scheme: write ws://[::1]:9443"),
            ("stream.example.com", "it has no scheme: write wss://stream.example.com"),
            ("http://127.0.0.1:9443", "its scheme is another one: write ws://127.0.0.1:9443"),
            ("https://x.example", "its scheme is another one: write wss://x.example"),
            ("user:hunter2@x.example", "it has no scheme: write wss://x.example"),
        ] {
            let mut source = source(Product::Spot, None, &["btcusdt@trade"]);
            source.url = Some(url.to_owned());
            let error = source.environment().unwrap_err().to_string();
            assert!(error.ends_with(said) && !error.contains("hunter2"), "{url}: {error}");
        }
        assert!(
            check_scheme("--rest", "ws://127.0.0.1:1", "http")
                .unwrap_err()
                .to_string()
                .ends_with("write http://127.0.0.1:1")
        );
        assert!(check_scheme("--rest", "https://x.example", "http").is_ok());
    }

    #[test]
    fn networks_have_names_of_their_own() {
        let mut testnet = source(Product::Spot, None, &["btcusdt@trade"]);
        testnet.testnet = true;
        assert_eq!(testnet.environment().unwrap().name(), "testnet");
        let mut demo = source(Product::Spot, None, &["btcusdt@trade"]);
        demo.demo = true;
        assert_eq!(demo.environment().unwrap().name(), "demo");
    }

    #[test]
    fn a_base_url_replaces_that_of_every_route() {
        let mut source = source(Product::Usdm, None, &["btcusdt@trade"]);
        source.url = Some("ws://127.0.0.1:9443".to_owned());
        let environment = source.environment().unwrap();
        let url = |route| environment.stream_url(Api::UsdmFutures, route);
        assert_eq!(url(Route::Market), Some("ws://127.0.0.1:9443/market"));
        assert_eq!(url(Route::Public), Some("ws://127.0.0.1:9443/public"));
    }
}
