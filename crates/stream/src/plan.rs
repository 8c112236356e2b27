//! The plan of a subscription: which host and route serves each topic.

use crate::delivery::CodecsAny;
use crate::error::invalid_subscription;
use binance_kit_core::product::Api;
use binance_kit_core::{Codec, Error, ErrorKind, IntoTopic, Route, StreamInfo};
use binance_kit_net::environment::stream_base_url;
use binance_kit_net::{Endpoint, Environment};
use std::collections::HashSet;

/// Where the streams are served.
#[derive(Debug, Clone)]
pub(crate) enum Base {
    /// The hosts of an environment, by product and route.
    Environment(Environment),
    /// One base URL for all of them.
    Url(Endpoint),
}

/// Where the streams are served, for each replica.
#[derive(Debug, Clone)]
pub(crate) struct Bases {
    /// The replicas; one at least.
    all: Vec<Base>,
    /// Whether the events come in SBE.
    is_sbe: bool,
}

impl Bases {
    pub(crate) fn new(all: Vec<Base>, is_sbe: bool) -> Self {
        Self { all, is_sbe }
    }

    /// Number of replicas.
    pub(crate) fn replicas(&self) -> usize {
        self.all.len()
    }

    /// A name for the metrics and for `Debug`: the first URL, or the environment.
    pub(crate) fn label(&self) -> String {
        match self.all.first() {
            Some(Base::Url(endpoint)) => endpoint.to_string(),
            Some(Base::Environment(environment)) => {
                let spot = if self.is_sbe {
                    environment.sbe_stream_url(Api::Spot)
                } else {
                    environment.stream_url(Api::Spot, Route::Root)
                };
                let url = spot.and_then(|url| stream_base_url(url).ok());
                url.map_or_else(|| environment.name().to_owned(), |url| url.to_string())
            }
            None => String::new(),
        }
    }

    /// The base URLs of a product's route, one for each replica.
    fn endpoints(&self, stream: &StreamInfo) -> Result<Vec<Endpoint>, Error> {
        let StreamInfo { api, route, .. } = stream;
        if api.has_routes() && *route == Route::Root {
            return Err(invalid_subscription(format!(
                "the streams of {api} are spread over routes: write `Topic::raw(…).on(Route::Market)` \
                 (or `Public`, `Private`)"
            ))
            .with_streams(vec![stream.name.clone()]));
        }
        self.all
            .iter()
            .map(|base| match base {
                Base::Url(endpoint) => Ok(endpoint.clone()),
                Base::Environment(environment) => {
                    let url = if self.is_sbe {
                        environment.sbe_stream_url(*api)
                    } else {
                        environment.stream_url(*api, *route)
                    };
                    let url = url.ok_or_else(|| self.not_offered(environment, stream))?;
                    stream_base_url(url).map_err(crate::error::network)
                }
            })
            .collect()
    }

    fn not_offered(&self, environment: &Environment, stream: &StreamInfo) -> Error {
        let StreamInfo { api, route, name, .. } = stream;
        let encoding = if self.is_sbe { " in SBE" } else { "" };
        let on = match route {
            Route::Root => String::new(),
            route => format!(" on the route {route}"),
        };
        let environment = environment.name();
        let detail = format!("the environment {environment} has no streams{encoding} of {api}{on}");
        Error::new(ErrorKind::NotOffered).with_detail(detail).with_streams(vec![name.clone()])
    }
}

/// A host and route in use.
#[derive(Debug)]
pub(crate) struct PlannedGroup {
    /// The product.
    pub(crate) api: Api,
    /// The route.
    pub(crate) route: Route,
    /// The base URL of each replica.
    pub(crate) endpoints: Vec<Endpoint>,
}

/// A stream with its place in the plan.
#[derive(Debug)]
pub(crate) struct PlannedStream {
    /// What is known of it.
    pub(crate) info: StreamInfo,
    /// The place of its host and route among [`Plan::groups`].
    pub(crate) group: usize,
    /// The place of its decoder among [`Plan::codecs`].
    pub(crate) codec: usize,
}

/// Which host and route serves each stream.
pub(crate) struct Plan {
    /// The hosts and routes, in the order of the list.
    pub(crate) groups: Vec<PlannedGroup>,
    /// The streams, each once, by name within their group.
    pub(crate) streams: Vec<PlannedStream>,
    /// The decoders.
    pub(crate) codecs: CodecsAny,
}

/// Topics as they are given: what is known of them, and their decoders without the event type.
pub(crate) struct Topics {
    /// The streams.
    infos: Vec<StreamInfo>,
    /// Their decoders.
    codecs: CodecsAny,
}

impl Topics {
    /// Takes topics apart.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidSubscription`] for a name that is no stream name.
    pub(crate) fn collect<T: IntoTopic>(topics: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        let (mut infos, mut codecs): (Vec<StreamInfo>, Vec<Codec<T::Event>>) = (Vec::new(), Vec::new());
        for topic in topics {
            let (info, codec) = topic.into_topic().into_parts().map_err(|error| invalid_name(&error))?;
            infos.push(info);
            codecs.push(codec);
        }
        Ok(Self { infos, codecs: Box::new(codecs) })
    }

    pub(crate) fn infos(&self) -> &[StreamInfo] {
        &self.infos
    }
}

#[cold]
fn invalid_name(error: &binance_kit_core::InvalidStreamName) -> Error {
    invalid_subscription(error.to_string())
}

impl Plan {
    /// Plans topics over hosts and routes. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidSubscription`] for a stream of a product with routes that names none, [`ErrorKind::NotOffered`] for
    /// a product or route that the environment does not have.
    pub(crate) fn new(bases: &Bases, topics: Topics) -> Result<Self, Error> {
        let mut groups: Vec<PlannedGroup> = Vec::new();
        let mut streams = Vec::new();
        let mut seen = HashSet::new();
        for (codec, info) in topics.infos.into_iter().enumerate() {
            if !seen.insert((info.api, info.route, info.name.clone())) {
                continue;
            }
            let found = groups.iter().position(|group| group.api == info.api && group.route == info.route);
            let group = match found {
                Some(group) => group,
                None => {
                    let endpoints = bases.endpoints(&info)?;
                    groups.push(PlannedGroup { api: info.api, route: info.route, endpoints });
                    groups.len() - 1
                }
            };
            streams.push(PlannedStream { info, group, codec });
        }
        streams.sort_by(|one, other| (one.group, &one.info.name).cmp(&(other.group, &other.info.name)));
        Ok(Self { groups, streams, codecs: topics.codecs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::{RawEvent, Topic};

    fn plan(environment: Environment, topics: Vec<Topic<RawEvent>>) -> Result<Plan, Error> {
        let bases = Bases::new(vec![Base::Environment(environment)], false);
        Plan::new(&bases, Topics::collect(topics)?)
    }

    #[test]
    fn topics_are_spread_over_hosts_and_routes() {
        let raw = Topic::<RawEvent>::raw;
        let topics = vec![
            raw(Api::UsdmFutures, "btcusdt@markPrice@1s").on(Route::Market),
            raw(Api::Spot, "btcusdt@bookTicker"),
            raw(Api::UsdmFutures, "btcusdt@bookTicker").on(Route::Public),
            raw(Api::Spot, "btcusdt@bookTicker"),
            raw(Api::Spot, "!miniTicker@arr"),
        ];
        let plan = plan(Environment::production(), topics).unwrap();
        let urls: Vec<String> = plan.groups.iter().map(|group| group.endpoints[0].to_string()).collect();
        assert!(urls[0].contains("fstream.binance.com") && urls[0].ends_with("/market"), "{urls:?}");
        assert!(urls[1].contains("//stream.binance.com"), "{urls:?}");
        assert!(urls[2].ends_with("/public"), "{urls:?}");
        let streams: Vec<(usize, &str)> =
            plan.streams.iter().map(|stream| (stream.group, stream.info.name.as_str())).collect();
        assert_eq!(
            streams,
            [
                (0, "btcusdt@markPrice@1s"),
                (1, "!miniTicker@arr"),
                (1, "btcusdt@bookTicker"),
                (2, "btcusdt@bookTicker")
            ]
        );
    }

    #[test]
    fn listen_keys_and_names_of_one_word_are_topics() {
        let raw = Topic::<RawEvent>::raw;
        let key = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1";
        let topics = vec![
            raw(Api::UsdmFutures, key).on(Route::Private),
            raw(Api::UsdmFutures, "tradingSession").on(Route::Market),
            raw(Api::PortfolioMargin, key).on(Route::Private),
        ];
        let plan = plan(Environment::production(), topics).unwrap();
        let urls: Vec<String> = plan.groups.iter().map(|group| group.endpoints[0].to_string()).collect();
        assert!(urls[0].ends_with("/private") && urls[2].ends_with("/pm"), "{urls:?}");
        assert_eq!(plan.streams[1].info.name.as_str(), "tradingSession");
    }

    #[test]
    fn streams_that_cannot_be_served_are_refused() {
        let raw = Topic::<RawEvent>::raw;
        let refused = |environment, topic| match plan(environment, vec![topic]) {
            Ok(plan) => panic!("{:?}", plan.streams),
            Err(error) => (error.kind(), error.to_string()),
        };
        let (kind, text) = refused(Environment::production(), raw(Api::UsdmFutures, "btcusdt@aggTrade"));
        assert_eq!(kind, ErrorKind::InvalidSubscription);
        assert!(text.contains(".on(Route::Market)") && text.contains("btcusdt@aggTrade"), "{text}");
        let topic = raw(Api::UsdmFutures, "btcusdt@aggTrade").on(Route::Market);
        let (kind, text) = refused(Environment::us(), topic);
        assert_eq!(kind, ErrorKind::NotOffered);
        assert!(text.contains("usdm") && text.contains("market"), "{text}");
        let (kind, _) = refused(Environment::production(), raw(Api::Spot, "btcusdt@trade").on(Route::Market));
        assert_eq!(kind, ErrorKind::NotOffered);
        let (kind, _) = refused(Environment::production(), raw(Api::Spot, "BTCUSDT@trade"));
        assert_eq!(kind, ErrorKind::InvalidSubscription);
    }
}
