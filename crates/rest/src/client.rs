//! The client: a thin generic front over one non-generic path that admits, signs, sends, judges and repeats.

use crate::builder::{RestClientBuilder, Settings};
use crate::decode::Decoders;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Answer, Transport};
use crate::judge::{Attempts, Step, judge};
use crate::outgoing::{Outgoing, Payload, Signing};
use crate::response::Response;
use binance_kit_core::decode::{Value, field, required};
use binance_kit_core::{
    ApiError, Decode, DecodeError, Delivery, ErrorCode, RestRequest, Security, Timestamp,
};
use binance_kit_net::{Backoff, BackoffPolicy, Context, Environment};
use binance_kit_sign::Credentials;
use bytes::Bytes;
use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use http::uri::{Authority, PathAndQuery, Scheme, Uri};
use http_body_util::Full;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

const API_KEY: HeaderName = HeaderName::from_static("x-mbx-apikey");
const TIME_UNIT: HeaderName = HeaderName::from_static("x-mbx-time-unit");
const SBE: HeaderName = HeaderName::from_static("x-mbx-sbe");
const SBE_TYPE: &str = "application/sbe";
const AGENT: HeaderValue = HeaderValue::from_static(concat!("binance-kit/", env!("CARGO_PKG_VERSION")));
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// How long queries wait for request weight, where nothing else is set.
const QUERY_WAIT: Duration = Duration::from_secs(120);
/// How long everything else waits: the exchange's own default for the age of a request.
const OTHER_WAIT: Duration = Duration::from_secs(5);
/// The shortest hold after a 429 or 418, whatever the exchange says.
const SHORTEST_HOLD: Duration = Duration::from_secs(1);
/// The hold for orders after a "too many orders" that does not say for how long: the shortest documented window.
const ORDERS_HOLD: Duration = Duration::from_secs(10);
/// As many samples as [`RestClient::sync_time`] takes; the fastest counts.
const TIME_SAMPLES: u32 = 3;

/// A REST client for one base URL. Cheap to clone; clones share connections, settings and credentials.
///
/// ```no_run
/// use binance_kit_core::{HttpMethod, RawRequest, Security};
/// use binance_kit_net::{Environment, Context};
/// use binance_kit_rest::RestClient;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let client = RestClient::builder(&Context::new()?, &Environment::production()).build()?;
/// // Requests with types of their own are in the model crate; this one is made by hand.
/// let request = RawRequest::<()>::new(binance_kit_core::Api::Spot, HttpMethod::Get, "/api/v3/depth", Security::None)
///     .with("symbol", "BTCUSDT")
///     .with_cost(binance_kit_core::Cost::ip(5));
/// let answer = client.send_raw(request).await?;
/// println!("{} bytes, used so far: {:?}", answer.len(), answer.rate_limits());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RestClient(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    settings: Settings,
    identity: Option<Identity>,
}

/// What clients with different credentials share.
struct Shared {
    transport: Transport,
    decoders: Decoders,
    scheme: Scheme,
    authority: Authority,
}

struct Identity {
    credentials: Credentials,
    header: HeaderValue,
    /// Until when the exchange wants no new orders of this account.
    orders_held: Mutex<Option<Timestamp>>,
}

impl fmt::Debug for RestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestClient")
            .field("endpoint", self.0.shared.transport.endpoint())
            .field("credentials", &self.credentials())
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}

impl RestClient {
    /// Sets up a client for the REST API of `environment`.
    pub fn builder(context: &Context, environment: &Environment) -> RestClientBuilder {
        RestClientBuilder::new(context, environment.rest_url(binance_kit_core::Api::Spot).unwrap_or_default())
    }

    /// Sets up a client for a base URL of one's own (`https://host[:port][/path]`).
    pub fn builder_with_url(context: &Context, base_url: &str) -> RestClientBuilder {
        RestClientBuilder::new(context, base_url)
    }

    pub(crate) fn new(
        transport: Transport,
        settings: Settings,
        credentials: Option<Credentials>,
    ) -> Result<Self, Error> {
        let endpoint = transport.endpoint();
        let scheme = if endpoint.scheme().is_tls() { Scheme::HTTPS } else { Scheme::HTTP };
        let authority = Authority::try_from(endpoint.authority())
            .map_err(|error| Error::new(ErrorKind::InvalidConfiguration).source_error(error))?;
        let identity = credentials.map(Identity::new).transpose()?;
        let shared = Arc::new(Shared { transport, decoders: Decoders::default(), scheme, authority });
        Ok(Self(Arc::new(Inner { shared, settings, identity })))
    }

    /// The same client for another account: connections and settings are shared.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidConfiguration`] when the API key cannot stand in a header, which [`Credentials`] rules out.
    pub fn with_credentials(&self, credentials: Credentials) -> Result<Self, Error> {
        Ok(Self(Arc::new(Inner {
            shared: Arc::clone(&self.0.shared),
            settings: self.0.settings.clone(),
            identity: Some(Identity::new(credentials)?),
        })))
    }

    /// The surroundings of this client.
    pub fn context(&self) -> &Context {
        self.0.shared.transport.context()
    }

    /// The credentials, if there are any.
    pub fn credentials(&self) -> Option<&Credentials> {
        self.0.identity.as_ref().map(|identity| &identity.credentials)
    }

    /// Sends a request and reads its answer.
    ///
    /// The request waits for the governor of request weight first (see [`RestClientBuilder::max_wait`]), is signed at the
    /// moment of sending, and is sent once. It is sent again only
    ///
    /// * when not a byte of it left (no connection, or a pooled one that was closed before the request was started),
    ///   with a fresh signature;
    /// * when the exchange refused its timestamp (-1021), after measuring the exchange's clock, once;
    /// * when it is a query, see [`RestClientBuilder::query_retries`].
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
    pub async fn send<R: RestRequest>(&self, request: R) -> Result<Response<R::Response>, Error> {
        let outgoing = Outgoing::new(&request)?;
        drop(request);
        let answer = self.execute(&outgoing).await?;
        self.decode(&outgoing, answer)
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
    pub async fn send_raw<R: RestRequest>(&self, request: R) -> Result<Response<Bytes>, Error> {
        let outgoing = Outgoing::new(&request)?;
        drop(request);
        let answer = self.execute(&outgoing).await?;
        Ok(Response::new(answer.body.clone(), answer))
    }

    /// Measures the offset to the exchange's clock and hands it to the clock of the [`Context`], which all clients sign by.
    /// Takes three samples and keeps the one with the shortest round trip. Gives the offset in microseconds
    /// (exchange less ours, biased backwards by half the round trip).
    ///
    /// # Errors
    ///
    /// As [`RestClient::send`]; the clock keeps its offset then.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the offset as it was.
    pub async fn sync_time(&self) -> Result<i64, Error> {
        let outgoing = self.time_request();
        self.admit(&outgoing, TIME_SAMPLES * outgoing.weight).await?;
        let deadline = self.deadline();
        self.measure(&outgoing, deadline, TIME_SAMPLES).await
    }

    fn time_request(&self) -> Outgoing {
        Outgoing::public_query(self.0.settings.time_path.clone())
    }

    fn deadline(&self) -> Instant {
        self.context().clock().monotonic() + self.0.settings.timeout
    }

    async fn measure(&self, outgoing: &Outgoing, deadline: Instant, samples: u32) -> Result<i64, Error> {
        let mut fastest: Option<(Duration, Timestamp, Timestamp, Timestamp)> = None;
        for _ in 0..samples {
            let answer = self.attempt(outgoing, deadline).await?;
            let (sent, received) = (answer.sent, answer.received);
            let exchange = self.decode::<ServerTime>(outgoing, answer)?.into_value().0;
            let round_trip = received.since(sent);
            if fastest.is_none_or(|(shortest, ..)| round_trip < shortest) {
                fastest = Some((round_trip, exchange, sent, received));
            }
        }
        let clock = self.context().clock();
        if let Some((_, exchange, sent, received)) = fastest {
            clock.observe_exchange_time(exchange, sent, received);
        }
        tracing::debug!(offset_micros = clock.offset_micros(), "measured the exchange's clock");
        Ok(clock.offset_micros())
    }

    fn decode<T: Decode>(&self, outgoing: &Outgoing, answer: Answer) -> Result<Response<T>, Error> {
        match self.read::<T>(&answer) {
            Ok(value) => Ok(Response::new(value, answer)),
            Err(error) => Err(outgoing.fail(
                // The exchange accepted it; only what it said of it cannot be read.
                Error::new(ErrorKind::Decode)
                    .delivered(Delivery::MaybeWritten)
                    .retry_in(answer.retry_after)
                    .answered(answer.status, answer.rate_limits, answer.body)
                    .source_error(error),
            )),
        }
    }

    /// Reads a body in the encoding that it says it has.
    fn read<T: Decode>(&self, answer: &Answer) -> Result<T, DecodeError> {
        let schema = self.0.settings.encoding.schema().filter(|_| is_sbe(&answer.headers));
        self.0.shared.decoders.with(&answer.body, |decoder, body| match schema {
            Some(schema) => decoder.decode_sbe(schema, body),
            None => decoder.decode(body),
        })
    }

    /// The non-generic path of every request.
    async fn execute(&self, outgoing: &Outgoing) -> Result<Answer, Error> {
        if outgoing.security != Security::None && self.0.identity.is_none() {
            return Err(outgoing.fail(Error::new(ErrorKind::MissingCredentials)));
        }
        self.admit(outgoing, outgoing.weight).await?;
        let context = self.context();
        let deadline = self.deadline();
        let is_signed = outgoing.security == Security::Signed;
        let mut attempts = Attempts::default();
        let mut backoff = Backoff::new(BackoffPolicy {
            base: Duration::from_millis(100),
            cap: Duration::from_secs(2),
            ..BackoffPolicy::default()
        });
        // The first delay of a back-off is none; that attempt is the one just about to be made.
        backoff.next_delay(context.random(), None);
        loop {
            let error = match self.attempt(outgoing, deadline).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let step = attempts.next(&error, outgoing.is_query, is_signed, self.0.settings.query_retries);
            if step == Step::GiveUp {
                return Err(error);
            }
            tracing::debug!(
                method = outgoing.method.as_str(),
                path = &*outgoing.path,
                ?step,
                kind = ?error.kind(),
                "sending again"
            );
            match step {
                Step::GiveUp | Step::SendUnwritten => {}
                Step::Reconnect | Step::AskAgain => {
                    // An attempt that the exchange may have seen has used its weight; the next one needs its own.
                    if step == Step::AskAgain && !self.take(outgoing.weight) {
                        return Err(error);
                    }
                    let delay = backoff.next_delay(context.random(), error.retry_after());
                    if context.clock().monotonic() + delay >= deadline {
                        return Err(error);
                    }
                    context.clock().sleep(delay).await;
                }
                Step::Resynchronise => {
                    let time = self.time_request();
                    if !self.take(time.weight.saturating_add(outgoing.weight))
                        || self.measure(&time, deadline, 1).await.is_err()
                    {
                        return Err(error);
                    }
                }
            }
            // Another request may have been told to be silent meanwhile; that holds for this one too.
            if context.governor().held_until().is_some() || self.orders_hold(outgoing).is_some() {
                return Err(error);
            }
        }
    }

    /// How long this request must wait because its account placed too many orders.
    fn orders_hold(&self, outgoing: &Outgoing) -> Option<Duration> {
        let identity = self.0.identity.as_ref().filter(|_| outgoing.places_orders)?;
        identity.orders_hold(self.context().clock().exchange_now())
    }

    /// Takes weight without waiting.
    fn take(&self, weight: u32) -> bool {
        self.context().governor().try_acquire(weight).is_ok()
    }

    /// Waits for the holds and the governor, and takes `weight`.
    async fn admit(&self, outgoing: &Outgoing, weight: u32) -> Result<(), Error> {
        let context = self.context();
        let longest = match self.0.settings.max_wait {
            Some(wait) => wait,
            None if outgoing.is_query => QUERY_WAIT,
            None => OTHER_WAIT,
        };
        let begun = context.clock().monotonic();
        loop {
            let wait = match self.orders_hold(outgoing) {
                Some(wait) => wait,
                None => match context.governor().try_acquire(weight) {
                    Ok(()) => return Ok(()),
                    Err(wait) => wait,
                },
            };
            if wait > longest.saturating_sub(begun.elapsed()) {
                return Err(outgoing.fail(
                    Error::new(ErrorKind::RateLimited)
                        .detail("waiting for it would take longer than allowed")
                        .retry_in(Some(wait)),
                ));
            }
            tracing::debug!(path = &*outgoing.path, wait_ms = wait.as_millis(), "waiting for the rate limit");
            context.clock().sleep(wait).await;
        }
    }

    /// Signs, sends once, and judges.
    async fn attempt(&self, outgoing: &Outgoing, deadline: Instant) -> Result<Answer, Error> {
        let context = self.context();
        let signing = match &self.0.identity {
            Some(identity) if outgoing.security == Security::Signed => Some(Signing {
                credentials: &identity.credentials,
                timestamp: context.clock().exchange_now(),
                recv_window: self.0.settings.recv_window.as_deref(),
            }),
            _ => None,
        };
        let mut payload = outgoing.payload(signing)?;
        let signature = payload.signature.take();
        let request = self.http_request(outgoing, payload)?;
        let max_body = if outgoing.path.ends_with("/exchangeInfo") {
            self.0.settings.max_exchange_info_body
        } else {
            self.0.settings.max_body
        };
        let answer = match self.0.shared.transport.exchange(request, deadline, max_body).await {
            Ok(answer) => answer,
            Err(error) => {
                let error = outgoing.fail(error);
                tracing::debug!(
                    method = outgoing.method.as_str(),
                    path = &*outgoing.path,
                    kind = ?error.kind(),
                    delivery = ?error.delivery(),
                    "no answer"
                );
                return Err(error);
            }
        };
        tracing::debug!(
            method = outgoing.method.as_str(),
            path = &*outgoing.path,
            status = answer.status,
            bytes = answer.body.len(),
            "answered"
        );
        for usage in &answer.rate_limits {
            context.governor().observe(usage);
        }
        self.judge(answer, signature.as_deref()).map_err(|error| outgoing.fail(error))
    }

    fn judge(&self, mut answer: Answer, signature: Option<&str>) -> Result<Answer, Error> {
        let context = self.context();
        let mut api = None;
        if !(200..300).contains(&answer.status) {
            api = self.read::<ApiError>(&answer).ok();
            if let Some(api) = &mut api {
                self.scrub(api, signature);
                let named = api.retry_after.map(|until| until.since(context.clock().exchange_now()));
                answer.retry_after =
                    answer.retry_after.or(named).map(|wait| wait.min(crate::headers::LONGEST_WAIT));
            }
        }
        if matches!(answer.status, 429 | 418) {
            let wait = answer.retry_after.map(|wait| wait.max(SHORTEST_HOLD));
            // Too many orders is a matter of the account; it says nothing about other requests from this address.
            let orders_only = api.as_ref().is_some_and(|api| api.code == ErrorCode::TOO_MANY_ORDERS);
            match &self.0.identity {
                Some(identity) if orders_only => {
                    identity.hold_orders(context.clock().exchange_now().plus(wait.unwrap_or(ORDERS_HOLD)));
                }
                _ => context.governor().hold(wait),
            }
            tracing::warn!(status = answer.status, ?wait, orders_only, "the exchange wants silence");
        }
        judge(answer, api)
    }

    /// The exchange's message becomes part of an error, and errors get logged: should it echo the key or the signature,
    /// they are taken out.
    fn scrub(&self, api: &mut ApiError, signature: Option<&str>) {
        let key = self.credentials().map(|credentials| credentials.api_key().as_str());
        for secret in key.into_iter().chain(signature) {
            if api.message.contains(secret) {
                api.message = api.message.replace(secret, "…");
            }
            if let Some(data) = &mut api.data
                && data.contains(secret)
            {
                *data = data.replace(secret, "…");
            }
        }
    }

    fn http_request(
        &self,
        outgoing: &Outgoing,
        payload: Payload,
    ) -> Result<http::Request<Full<Bytes>>, Error> {
        let shared = &self.0.shared;
        // The source is left out: such errors may show the text they are about.
        let invalid =
            |detail: &'static str| outgoing.fail(Error::new(ErrorKind::InvalidRequest).detail(detail));
        let base = shared.transport.endpoint().path();
        let mut target = String::with_capacity(base.len() + outgoing.path.len() + 1 + payload.text.len());
        target.push_str(base);
        target.push_str(&outgoing.path);
        let (text, body) =
            if payload.in_body { (Bytes::new(), payload.text) } else { (payload.text, Bytes::new()) };
        if !text.is_empty() {
            target.push('?');
            // Percent-encoded, hence ASCII.
            target.push_str(str::from_utf8(&text).unwrap_or_default());
        }
        let target = PathAndQuery::from_maybe_shared(Bytes::from(target))
            .map_err(|_| invalid("path and parameters do not make a URL; a query holds at most 64 KiB"))?;
        let uri = Uri::builder()
            .scheme(shared.scheme.clone())
            .authority(shared.authority.clone())
            .path_and_query(target)
            .build()
            .map_err(|_| invalid("path and parameters do not make a URL"))?;
        // Servers may refuse a POST that does not say how long its body is, and hyper says nothing of an empty one.
        let empty_form = payload.in_body && body.is_empty();
        let mut request = http::Request::new(Full::new(body));
        *request.method_mut() = http::Method::from_bytes(outgoing.method.as_str().as_bytes())
            .map_err(|_| invalid("the method is not one of HTTP"))?;
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, AGENT);
        if payload.in_body {
            headers.insert(CONTENT_TYPE, FORM);
        }
        if empty_form {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        if let Some(unit) = self.0.settings.time_unit {
            headers.insert(TIME_UNIT, HeaderValue::from_static(unit.as_str()));
        }
        if let Some(schema) = self.0.settings.encoding.schema() {
            headers.insert(ACCEPT, HeaderValue::from_static(SBE_TYPE));
            let version = HeaderValue::from_str(&format!("{}:{}", schema.id, schema.version));
            headers.insert(SBE, version.map_err(|_| invalid("the schema cannot stand in a header"))?);
        }
        if outgoing.security != Security::None
            && let Some(identity) = &self.0.identity
        {
            headers.insert(API_KEY, identity.header.clone());
        }
        Ok(request)
    }
}

/// Whether the exchange says that the body is SBE.
fn is_sbe(headers: &HeaderMap) -> bool {
    let word = headers.get(CONTENT_TYPE).and_then(|word| word.to_str().ok()).unwrap_or_default();
    word.split(';').next().is_some_and(|word| word.trim().eq_ignore_ascii_case(SBE_TYPE))
}

impl Identity {
    fn new(credentials: Credentials) -> Result<Self, Error> {
        let mut header = HeaderValue::from_str(credentials.api_key().as_str()).map_err(|_| {
            Error::new(ErrorKind::InvalidConfiguration).detail("the API key cannot stand in a header")
        })?;
        header.set_sensitive(true);
        Ok(Self { credentials, header, orders_held: Mutex::new(None) })
    }

    /// How long new orders are held, if they are.
    fn orders_hold(&self, now: Timestamp) -> Option<Duration> {
        let held = *self.orders_held.lock().unwrap_or_else(PoisonError::into_inner);
        held.filter(|until| now < *until).map(|until| until.since(now).max(Duration::from_millis(1)))
    }

    fn hold_orders(&self, until: Timestamp) {
        let mut held = self.orders_held.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some(held.map_or(until, |earlier| earlier.max(until)));
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
