//! The non-generic path of every request: admission by the limits, signing, sending, classification, retries.

use crate::classify::{Attempts, Step, classify};
use crate::client::RestClient;
use crate::exchange::Answer;
use crate::prepared::{Payload, PreparedRequest, Signing};
use crate::{Error, ErrorKind};
use binance_kit_core::scrub::Scrubber;
use binance_kit_core::{Api, ApiError, Cost, Decode, DecodeError, Delivery, Encoding, Security};
use binance_kit_net::{AccountKey, Backoff, BackoffPolicy};
use bytes::Bytes;
use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use http::uri::{PathAndQuery, Uri};
use http_body_util::Full;
use std::borrow::Cow;
use std::time::Duration;
use tokio::time::Instant;

const API_KEY: HeaderName = HeaderName::from_static("x-mbx-apikey");
const TIME_UNIT: HeaderName = HeaderName::from_static("x-mbx-time-unit");
const SBE: HeaderName = HeaderName::from_static("x-mbx-sbe");
const SBE_TYPE: &str = "application/sbe";
const AGENT: HeaderValue = HeaderValue::from_static(concat!("binance-kit/", env!("CARGO_PKG_VERSION")));
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

impl RestClient {
    pub(crate) fn deadline(&self) -> Instant {
        self.context().clock().monotonic() + self.0.config.timeout
    }

    /// Sends a request, again where that is harmless, and gives an answer that is a success.
    pub(crate) async fn execute(&self, request: &PreparedRequest) -> Result<Answer, Error> {
        let Some(_in_flight) = self.0.shared.in_flight.enter() else {
            return Err(request.fail(Error::new(ErrorKind::Closed)));
        };
        let is_public = request.security == Security::None;
        self.0.shared.hosts.find(request.api, is_public).map_err(|error| request.fail(error))?;
        if !is_public && self.0.identity.is_none() {
            return Err(request.fail(Error::new(ErrorKind::MissingCredentials)));
        }
        self.admit(request, &request.cost).await?;
        let context = self.context();
        let deadline = self.deadline();
        let is_signed = request.security == Security::Signed;
        let mut attempts = Attempts::default();
        let mut backoff = Backoff::new(BackoffPolicy {
            base: Duration::from_millis(100),
            cap: Duration::from_secs(2),
            ..BackoffPolicy::default()
        });
        // The first delay of a back-off is none; that attempt is the one just about to be made.
        backoff.next_delay(context.random(), None);
        loop {
            let error = match self.attempt(request, deadline).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let step = attempts.next(&error, request.is_query, is_signed, self.0.config.query_retries);
            if step == Step::GiveUp {
                return Err(error);
            }
            tracing::debug!(
                method = request.method.as_str(),
                path = &*request.path,
                ?step,
                kind = ?error.kind(),
                "sending again"
            );
            match step {
                Step::GiveUp | Step::SendUnwritten => {}
                Step::Reconnect | Step::AskAgain => {
                    // An attempt that the exchange may have seen has used its weight; the next one needs its own.
                    if step == Step::AskAgain && !self.take(request, &request.cost) {
                        return Err(error);
                    }
                    let delay = backoff.next_delay(context.random(), error.retry_after());
                    if context.clock().monotonic() + delay >= deadline {
                        return Err(error);
                    }
                    context.clock().sleep(delay).await;
                }
                Step::Resynchronise => {
                    let Ok(time) = self.time_request(request.api) else { return Err(error) };
                    if !self.take(&time, &time.cost)
                        || !self.take(request, &request.cost)
                        || self.measure(&time, deadline, 1).await.is_err()
                    {
                        return Err(error);
                    }
                }
            }
            // Another request may have been rate limited meanwhile; that holds for this one too.
            if self.is_held(request) {
                return Err(error);
            }
        }
    }

    /// The account that a request is charged to.
    fn account(&self, request: &PreparedRequest) -> Option<AccountKey> {
        let identity = self.0.identity.as_ref().filter(|_| request.security != Security::None)?;
        Some(identity.account)
    }

    fn is_held(&self, request: &PreparedRequest) -> bool {
        let governor = self.context().governor();
        governor.held_until(request.api).is_some()
            || (request.cost.orders > 0
                && governor.orders_held_until(request.api, self.account(request)).is_some())
    }

    /// Charges a cost without waiting; `false` when it would have to wait.
    fn take(&self, request: &PreparedRequest, cost: &Cost) -> bool {
        self.context().governor().try_acquire(request.api, self.account(request), cost).is_ok()
    }

    /// Waits for holds and limits, and charges `cost`.
    pub(crate) async fn admit(&self, request: &PreparedRequest, cost: &Cost) -> Result<(), Error> {
        let config = &self.0.config;
        let max_wait = if request.is_query { config.max_query_wait } else { config.max_wait };
        let governor = self.context().governor();
        let admitted = tokio::select! {
            biased;
            admitted = governor.acquire(request.api, self.account(request), cost, max_wait) => admitted,
            () = self.0.shared.in_flight.closed() => {
                return Err(request.fail(Error::new(ErrorKind::Closed)));
            }
        };
        admitted.map_err(|wait| {
            request.fail(
                Error::new(ErrorKind::RateLimited)
                    .with_detail("the wait for the limits is longer than allowed")
                    .with_retry_after(Some(wait)),
            )
        })
    }

    /// Signs, sends once, and classifies the answer.
    pub(crate) async fn attempt(
        &self,
        request: &PreparedRequest,
        deadline: Instant,
    ) -> Result<Answer, Error> {
        let context = self.context();
        let config = &self.0.config;
        let (host, base) = self
            .0
            .shared
            .hosts
            .find(request.api, request.security == Security::None)
            .map_err(|error| request.fail(error))?;
        let signing = match &self.0.identity {
            Some(identity) if request.security == Security::Signed => Some(Signing {
                credentials: &identity.credentials,
                timestamp: context.clock().exchange_now(),
                recv_window: self.0.recv_window.as_deref(),
            }),
            _ => None,
        };
        let payload = request.payload(signing)?;
        let parameters = payload.text.clone();
        let mut http = self.http_request(request, payload, base)?;
        let parts = (host.scheme.clone(), host.authority.clone());
        let path = http.uri().path_and_query().cloned();
        *http.uri_mut() = absolute(parts, path).ok_or_else(|| request.fail(invalid(NO_URL)))?;
        let max_body = if request.path.ends_with("/exchangeInfo") {
            config.max_exchange_info_body
        } else {
            config.max_body
        };
        let exchange = host.transport(context, config).exchange(http, deadline, max_body);
        let answered = tokio::select! {
            biased;
            answered = exchange => answered,
            // Whether it had left is not known any more.
            () = self.0.shared.in_flight.ended() => {
                Err(Error::new(ErrorKind::Closed).with_delivery(Delivery::MaybeWritten))
            }
        };
        let mut answer = answered.map_err(|error| {
            let error = request.fail(error);
            tracing::debug!(
                method = request.method.as_str(),
                path = &*request.path,
                kind = ?error.kind(),
                delivery = ?error.delivery(),
                "no answer"
            );
            error
        })?;
        answer.parameters = parameters;
        tracing::debug!(
            method = request.method.as_str(),
            path = &*request.path,
            status = answer.status,
            bytes = answer.body.len(),
            "answered"
        );
        let account = self.account(request);
        for usage in &answer.rate_limits {
            context.governor().observe(request.api, account, usage);
        }
        if (200..300).contains(&answer.status) && answer.cut.is_none() {
            return Ok(answer);
        }
        let scrubber = self.scrubber(&answer);
        let api = self.read_error(request.api, &answer).ok().map(|mut api| {
            scrubber.message(&mut api);
            api
        });
        if let Cow::Owned(scrubbed) = scrubber.body(&answer.body) {
            answer.body = scrubbed.into();
        }
        classify(answer, api, context.clock().exchange_now()).map_err(|error| {
            context.governor().observe_refusal(request.api, account, &error);
            request.fail(error)
        })
    }

    /// Reads a body in the encoding that it states.
    pub(crate) fn read<T: Decode>(&self, api: Api, answer: &Answer) -> Result<T, DecodeError> {
        let schema = self.encoding(api).schema().filter(|_| is_sbe(&answer.headers));
        self.0.shared.decoders.with(&answer.body, |decoder, body| match schema {
            Some(schema) => decoder.decode_sbe(schema, body),
            None => decoder.decode(body),
        })
    }

    /// Reads the body of an answer that refuses a request.
    fn read_error(&self, api: Api, answer: &Answer) -> Result<ApiError, DecodeError> {
        let schema = self.encoding(api).schema().filter(|_| is_sbe(&answer.headers));
        self.0.shared.decoders.with(&answer.body, |decoder, body| match schema {
            Some(schema) => decoder.decode_sbe_error(schema, body),
            None => decoder.decode(body),
        })
    }

    /// The error for a success that cannot be read: the exchange executed the request; only its answer is lost.
    pub(crate) fn unreadable(&self, request: &PreparedRequest, answer: Answer, error: DecodeError) -> Error {
        let scrubber = self.scrubber(&answer);
        let body = scrubber.body(&answer.body);
        let error = Error::new(ErrorKind::Decode)
            .with_delivery(Delivery::MaybeWritten)
            .with_retry_after(answer.retry_after)
            .with_status(Some(answer.status))
            .with_answer(answer.rate_limits, &body)
            .with_source(scrubber.decode_error(error));
        request.fail(error)
    }

    fn scrubber(&self, answer: &Answer) -> Scrubber {
        let key = self.credentials().map(|credentials| credentials.api_key().as_str());
        Scrubber::of_query(key, &answer.parameters)
    }

    /// The encoding of a product's answers: the schema that can be chosen is Spot's.
    fn encoding(&self, api: Api) -> Encoding {
        if api == Api::Spot { self.0.config.encoding } else { Encoding::Json }
    }

    fn http_request(
        &self,
        request: &PreparedRequest,
        payload: Payload,
        base: &str,
    ) -> Result<http::Request<Full<Bytes>>, Error> {
        let invalid = |detail| request.fail(invalid(detail));
        let mut target = String::with_capacity(base.len() + request.path.len() + 1 + payload.text.len());
        target.push_str(base);
        target.push_str(&request.path);
        let (text, body) =
            if payload.in_body { (Bytes::new(), payload.text) } else { (payload.text, Bytes::new()) };
        if !text.is_empty() {
            target.push('?');
            // Percent-encoded, and therefore ASCII.
            target.push_str(str::from_utf8(&text).unwrap_or_default());
        }
        let target = PathAndQuery::from_maybe_shared(Bytes::from(target))
            .map_err(|_| invalid("path and parameters do not make a URL; a query holds at most 64 KiB"))?;
        // Servers may refuse a POST that does not say how long its body is, and hyper says nothing of an empty one.
        let empty_form = payload.in_body && body.is_empty();
        let mut http = http::Request::new(Full::new(body));
        *http.method_mut() = http::Method::from_bytes(request.method.as_str().as_bytes())
            .map_err(|_| invalid("the method is not one of HTTP"))?;
        *http.uri_mut() = Uri::from(target);
        let headers = http.headers_mut();
        headers.insert(USER_AGENT, AGENT);
        if payload.in_body {
            headers.insert(CONTENT_TYPE, FORM);
        }
        if empty_form {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        if let Some(unit) = self.0.config.time_unit.filter(|_| request.api == Api::Spot) {
            headers.insert(TIME_UNIT, HeaderValue::from_static(unit.as_str()));
        }
        if let Some(schema) = self.encoding(request.api).schema() {
            headers.insert(ACCEPT, HeaderValue::from_static(SBE_TYPE));
            let version = HeaderValue::from_str(&format!("{}:{}", schema.id, schema.version));
            headers.insert(SBE, version.map_err(|_| invalid("a header cannot carry the schema"))?);
        }
        if request.security != Security::None
            && let Some(identity) = &self.0.identity
        {
            headers.insert(API_KEY, identity.header.clone());
        }
        Ok(http)
    }
}

const NO_URL: &str = "path and parameters do not make a URL";

/// The source is left out: such errors may show the text they are about.
fn invalid(detail: &'static str) -> Error {
    Error::new(ErrorKind::InvalidRequest).with_detail(detail)
}

fn absolute(
    (scheme, authority): (http::uri::Scheme, http::uri::Authority),
    path: Option<PathAndQuery>,
) -> Option<Uri> {
    Uri::builder().scheme(scheme).authority(authority).path_and_query(path?).build().ok()
}

/// Whether the exchange states that the body is SBE.
fn is_sbe(headers: &HeaderMap) -> bool {
    let word = headers.get(CONTENT_TYPE).and_then(|word| word.to_str().ok()).unwrap_or_default();
    word.split(';').next().is_some_and(|word| word.trim().eq_ignore_ascii_case(SBE_TYPE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::{HttpMethod, RawRequest};
    use binance_kit_net::{Context, Environment};
    use binance_kit_sign::Credentials;

    #[test]
    fn the_api_key_is_marked_as_sensitive_wherever_it_is_sent() {
        let key = "keyOfTheCaller";
        let credentials = Credentials::hmac(key, "secretOfTheCaller").unwrap();
        let context = Context::new().unwrap();
        let builder = RestClient::builder(&context, &Environment::production());
        let client = builder.credentials(credentials).build().unwrap();
        for security in [Security::ApiKey, Security::Signed] {
            for method in [HttpMethod::Get, HttpMethod::Post, HttpMethod::Delete] {
                let request = RawRequest::<()>::new(Api::Spot, method, "/api/v3/order", security);
                let request = PreparedRequest::new(&request).unwrap();
                let payload = request.payload(None).unwrap();
                let http = client.http_request(&request, payload, "").unwrap();
                let header = http.headers().get(API_KEY).unwrap();
                assert_eq!(header, key);
                assert!(header.is_sensitive(), "{method:?}");
                assert!(!format!("{http:?}").contains(key), "{method:?}");
            }
        }
    }
}
