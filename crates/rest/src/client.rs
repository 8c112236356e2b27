//! The client: a thin generic front over the non-generic path in `send`.

use crate::builder::RestClientBuilder;
use crate::decode::Decoders;
use crate::exchange::Answer;
use crate::hosts::Hosts;
use crate::prepared::PreparedRequest;
use crate::response::RestResponse;
use crate::{Error, ErrorKind, RestConfig};
use binance_kit_core::decode::{Value, field, required};
use binance_kit_core::{Api, Decode, DecodeError, Delivery, RestRequest, Timestamp};
use binance_kit_net::clock::ImplausibleTime;
use binance_kit_net::{AccountKey, Context, Environment, InFlight};
use binance_kit_sign::Credentials;
use bytes::Bytes;
use http::header::HeaderValue;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How many samples [`RestClient::sync_time`] takes; the fastest counts.
const TIME_SAMPLES: u32 = 3;

/// A REST client for all products of an environment: each request goes to the host of its product. Cheap to clone; clones
/// share connections, settings and credentials.
///
/// A host gets its connection pool when it is first used. Whether a request can be sent in this environment is known before
/// anything is sent: [`ErrorKind::NotOffered`].
///
/// ```no_run
/// use binance_kit_core::{Api, Cost, HttpMethod, RawRequest, Security};
/// use binance_kit_net::{Context, Environment};
/// use binance_kit_rest::RestClient;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let client = RestClient::builder(&Context::new()?, &Environment::production()).build()?;
/// // Requests with types of their own are in the model crate; this one is made by hand.
/// let request = RawRequest::<()>::new(Api::UsdmFutures, HttpMethod::Get, "/fapi/v1/depth", Security::None)
///     .with("symbol", "BTCUSDT")
///     .with_cost(Cost::ip(5));
/// let answer = client.send_raw(request).await?;
/// println!("{} bytes, used so far: {:?}", answer.len(), answer.rate_limits());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RestClient(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    /// What clients with other credentials share.
    pub(crate) shared: Arc<Shared>,
    /// The settings.
    pub(crate) config: RestConfig,
    /// The receive window as it is sent.
    pub(crate) recv_window: Option<String>,
    /// The credentials, where there are any.
    pub(crate) identity: Option<Identity>,
}

/// What clients with different credentials share.
pub(crate) struct Shared {
    /// Clock, limits, dialling.
    pub(crate) context: Context,
    /// The hosts and their connections.
    pub(crate) hosts: Hosts,
    /// Decoders for the next answers.
    pub(crate) decoders: Decoders,
    /// The requests in flight, for closing.
    pub(crate) in_flight: InFlight,
}

/// The credentials, in the forms in which requests need them.
pub(crate) struct Identity {
    /// The key and its signer.
    pub(crate) credentials: Credentials,
    /// The API key as a header.
    pub(crate) header: HeaderValue,
    /// The account that limits are counted for.
    pub(crate) account: AccountKey,
}

impl Identity {
    pub(crate) fn new(credentials: Credentials) -> Result<Self, Error> {
        let key = credentials.api_key().as_str();
        let mut header = HeaderValue::from_str(key).map_err(|_| {
            Error::new(ErrorKind::InvalidConfiguration)
                .with_detail("the API key contains characters that a header cannot carry")
        })?;
        header.set_sensitive(true);
        let account = AccountKey::of_api_key(key);
        Ok(Self { credentials, header, account })
    }
}

impl fmt::Debug for RestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestClient")
            .field("hosts", &self.0.shared.hosts)
            .field("credentials", &self.credentials())
            .field("config", &self.0.config)
            .finish_non_exhaustive()
    }
}

impl RestClient {
    /// Sets up a client for the REST APIs of `environment`.
    pub fn builder(context: &Context, environment: &Environment) -> RestClientBuilder {
        RestClientBuilder::of_environment(context, environment)
    }

    /// Sets up a client that sends the requests of every product to one base URL (`https://host[:port][/path]`).
    pub fn builder_with_url(context: &Context, base_url: &str) -> RestClientBuilder {
        RestClientBuilder::of_url(context, base_url)
    }

    pub(crate) fn new(
        context: Context,
        hosts: Hosts,
        config: RestConfig,
        recv_window: Option<String>,
        identity: Option<Identity>,
    ) -> Self {
        let shared = Arc::new(Shared {
            context,
            hosts,
            decoders: Decoders::default(),
            in_flight: InFlight::default(),
        });
        Self(Arc::new(Inner { shared, config, recv_window, identity }))
    }

    /// The same client for another account: connections, settings, the clock and the limits of the address are shared.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidConfiguration`] when a header cannot carry the API key, which [`Credentials`] rules out.
    pub fn with_credentials(&self, credentials: Credentials) -> Result<Self, Error> {
        Ok(Self(Arc::new(Inner {
            shared: Arc::clone(&self.0.shared),
            config: self.0.config.clone(),
            recv_window: self.0.recv_window.clone(),
            identity: Some(Identity::new(credentials)?),
        })))
    }

    /// Clock, limits and dialling of this client.
    pub fn context(&self) -> &Context {
        &self.0.shared.context
    }

    /// The settings.
    pub fn config(&self) -> &RestConfig {
        &self.0.config
    }

    /// The credentials, if there are any.
    pub fn credentials(&self) -> Option<&Credentials> {
        self.0.identity.as_ref().map(|identity| &identity.credentials)
    }

    /// Sends a request and reads its answer.
    ///
    /// The request waits for the limits first (see [`RestConfig::max_wait`]), is signed at the moment of sending, and is sent
    /// once. It is sent again only
    ///
    /// * when not a byte of it left (no connection, or a pooled one that was closed before the request was started),
    ///   with a fresh signature;
    /// * when the exchange refused its timestamp (-1021), after measuring the exchange's clock, once;
    /// * when it is a query, see [`RestConfig::query_retries`].
    ///
    /// After a 429 or 418 every client of the same [`Context`] waits as long as the exchange asks for; after a "too many
    /// orders" (-1015) this account's requests that place orders do.
    ///
    /// # Errors
    ///
    /// [`Error`] says what went wrong, whether the exchange may have executed the request, and when to try again.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before the request is sent sends nothing; weight that it took counts as used. Dropping it later
    /// leaves the outcome of a request that changes something unknown. It is never sent by itself afterwards.
    pub async fn send<R: RestRequest>(&self, request: R) -> Result<RestResponse<R::Response>, Error> {
        let prepared = PreparedRequest::new(&request)?;
        drop(request);
        let answer = self.execute(&prepared).await?;
        self.decode(&prepared, answer)
    }

    /// Sends a request and gives the body of its answer as it came. All else is as with [`RestClient::send`].
    ///
    /// # Errors
    ///
    /// As [`RestClient::send`], but for [`ErrorKind::Decode`].
    ///
    /// # Cancel safety
    ///
    /// As [`RestClient::send`].
    pub async fn send_raw<R: RestRequest>(&self, request: R) -> Result<RestResponse<Bytes>, Error> {
        let prepared = PreparedRequest::new(&request)?;
        drop(request);
        let answer = self.execute(&prepared).await?;
        Ok(RestResponse::new(answer.body.clone(), answer))
    }

    /// Measures the offset to the clock of the exchange, at the hosts of `api`, and hands it to the clock of the [`Context`],
    /// by which all clients sign. Takes three samples and keeps the one with the shortest round trip. Returns the offset in
    /// microseconds (exchange minus local, biased backwards by half the round trip).
    ///
    /// There is one offset for all products: the hosts of the exchange keep their clocks together far better than a round
    /// trip can measure.
    ///
    /// # Errors
    ///
    /// As [`RestClient::send`]; the clock keeps its offset then. [`ErrorKind::ImplausibleTime`] for an offset of more than a
    /// day, unless a host of another product, or the WebSocket API, says the same; where one of them says something plausible, that
    /// is taken instead. [`ErrorKind::NotOffered`] for portfolio margin, whose hosts do not tell the time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the offset as it was.
    pub async fn sync_time(&self, api: Api) -> Result<i64, Error> {
        let request = self.time_request(api)?;
        let Some(_in_flight) = self.0.shared.in_flight.enter() else {
            return Err(request.fail(Error::new(ErrorKind::Closed)));
        };
        self.admit(&request, &request.cost.times(TIME_SAMPLES)).await?;
        let deadline = self.deadline();
        self.measure(&request, deadline, TIME_SAMPLES).await
    }

    /// The query for the time of the exchange: of the product itself, or of the one whose hosts and clock it shares.
    pub(crate) fn time_request(&self, api: Api) -> Result<PreparedRequest, Error> {
        let (api, path) = match api {
            Api::Spot | Api::Sapi => (Api::Spot, "/api/v3/time"),
            Api::UsdmFutures => (api, "/fapi/v1/time"),
            Api::CoinmFutures => (api, "/dapi/v1/time"),
            Api::Options => (api, "/eapi/v1/time"),
            _ => (api, ""),
        };
        match &self.0.config.time_path {
            Some(path) => Ok(PreparedRequest::public_query(api, path.clone())),
            None if path.is_empty() => Err(Error::new(ErrorKind::NotOffered)
                .with_detail(format!("the hosts of {api} have no query for the time"))),
            None => Ok(PreparedRequest::public_query(api, Cow::Borrowed(path))),
        }
    }

    pub(crate) async fn measure(
        &self,
        request: &PreparedRequest,
        deadline: tokio::time::Instant,
        samples: u32,
    ) -> Result<i64, Error> {
        let mut fastest: Option<(Duration, Timestamp, Timestamp, Timestamp)> = None;
        for _ in 0..samples {
            let answer = self.attempt(request, deadline).await?;
            let (sent, received) = (answer.sent, answer.received);
            let exchange = self.decode::<ServerTime>(request, answer)?.into_value().0;
            let round_trip = received.since(sent);
            if fastest.is_none_or(|(shortest, ..)| round_trip < shortest) {
                fastest = Some((round_trip, exchange, sent, received));
            }
        }
        let clock = self.context().clock();
        if let Some((_, exchange, sent, received)) = fastest {
            let (host, _) =
                self.0.shared.hosts.find(request.api, true).map_err(|error| request.fail(error))?;
            let observed = clock.observe_exchange_time(host.authority.as_str(), exchange, sent, received);
            if let Err(implausible) = observed
                && !self.confirm_time(host.authority.as_str(), implausible, deadline).await
            {
                let error = Error::new(ErrorKind::ImplausibleTime).with_delivery(Delivery::Refused);
                return Err(request.fail(error.with_source(implausible)));
            }
        }
        tracing::debug!(offset_micros = clock.offset_micros(), "measured the clock of the exchange");
        Ok(clock.offset_micros())
    }

    /// Asks the other hosts of the environment whether they confirm a time of `host` that is off by more than a day.
    async fn confirm_time(&self, host: &str, claim: ImplausibleTime, deadline: tokio::time::Instant) -> bool {
        for api in [Api::Spot, Api::UsdmFutures, Api::CoinmFutures, Api::Options] {
            let hosts = &self.0.shared.hosts;
            let Some(source) = hosts.find(api, true).ok().map(|(host, _)| host.authority.as_str()) else {
                continue;
            };
            let Ok(request) = self.time_request(api) else { continue };
            let governor = self.context().governor();
            if source == host || governor.try_acquire(api, None, &request.cost).is_err() {
                continue;
            }
            let Ok(answer) = self.attempt(&request, deadline).await else { continue };
            let (sent, received) = (answer.sent, answer.received);
            let Ok(time) = self.decode::<ServerTime>(&request, answer) else { continue };
            let clock = self.context().clock();
            // The other host may also have said something plausible, which is taken then.
            let observed = clock.observe_exchange_time(source, time.into_value().0, sent, received);
            let apart = clock.offset_micros().abs_diff(claim.offset_micros);
            if observed.is_ok() && Duration::from_micros(apart) < Duration::from_secs(60) {
                return true;
            }
        }
        false
    }

    fn decode<T: Decode>(&self, request: &PreparedRequest, answer: Answer) -> Result<RestResponse<T>, Error> {
        match self.read::<T>(request.api, &answer) {
            Ok(value) => Ok(RestResponse::new(value, answer)),
            Err(error) => Err(self.unreadable(request, answer, error)),
        }
    }

    /// Whether no request is in flight.
    pub fn is_idle(&self) -> bool {
        self.0.shared.in_flight.count() == 0
    }

    /// Closes this client, its clones and those made with [`RestClient::with_credentials`]: new requests fail with
    /// [`ErrorKind::Closed`], and so do requests that wait for the limits. Those that were sent have until the deadline to be
    /// answered; what is left then fails with [`ErrorKind::Closed`] as well, with its outcome unknown. All connections end.
    /// Returns how many requests were given up.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the client closed to new requests; those in flight go on.
    pub async fn close_within(&self, deadline: Duration) -> usize {
        let left = self.0.shared.in_flight.close_within(deadline).await;
        self.0.shared.hosts.close();
        left
    }
}

/// The answer of the time path.
struct ServerTime(Timestamp);

impl Decode for ServerTime {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut time = None;
        for (key, value) in value.object()? {
            if key == "serverTime" {
                field::<Timestamp>(&mut time, "serverTime", value)?;
            }
        }
        Ok(Self(required(time, "serverTime")?))
    }
}
