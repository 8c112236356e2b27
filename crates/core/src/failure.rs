//! One failure vocabulary for all transports: what went wrong, whether the exchange may have seen the request, when to try
//! again, and who can do something about it. The same failure gives the same answers over REST, the WebSocket API and the
//! streams.

use crate::decode::DecodeError;
use crate::error::{ApiError, Delivery, ErrorCode, InvalidRequest};
use crate::event::StreamName;
use crate::limit::RateLimit;
use crate::printable::printable;
use crate::time::Timestamp;
use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting of the client cannot be used.
    InvalidConfiguration,
    /// The request cannot be sent as it is; the source, an [`InvalidRequest`], names the parameter.
    InvalidRequest,
    /// The list of streams cannot be subscribed: a name that is none, too many, none at all.
    InvalidSubscription,
    /// The environment has no such API: orders where there is only market data, futures where there is only Spot.
    NotOffered,
    /// The request needs an API key and the client has none.
    MissingCredentials,
    /// The signature could not be made.
    Signing,
    /// The exchange refused the credentials of a connection, or revoked them.
    AuthenticationRefused,
    /// The exchange's clock differs from ours by more than a day, and no second source confirms it.
    ImplausibleTime,
    /// No connection: name, TCP, proxy, TLS, WebSocket upgrade, or the deadline for connecting.
    Connect,
    /// The deadline of the request passed.
    Timeout,
    /// The connection ended before the answer.
    ConnectionLost,
    /// What came back is not valid HTTP, or its head is larger than allowed.
    Protocol,
    /// The exchange answered with one of its error codes; see [`Error::code`].
    Api,
    /// Status 429, or the limits would delay the request for longer than it may wait.
    RateLimited,
    /// Status 418: the IP address is banned for a while.
    Banned,
    /// Status 403 without an error code: the firewall of the exchange refused the request.
    Forbidden,
    /// A status of 500 or more: whether the request was executed is unknown.
    ServerError,
    /// A redirect, which is never followed.
    Redirect,
    /// Another status that is no success, without an error code.
    UnexpectedStatus,
    /// The answer is larger than allowed.
    TooLarge,
    /// The answer ended early.
    Truncated,
    /// The answer cannot be read; the source, a [`DecodeError`], names the field.
    Decode,
    /// A page of a list does not fit those before it, or may lack rows; the source says how.
    Paging,
    /// The exchange refused streams, or does not deliver them; see [`Error::streams`].
    StreamRefused,
    /// The exchange did not acknowledge a subscription in time.
    NotAcknowledged,
    /// None of the first frames of a stream could be read as the event type; see [`Error::streams`].
    Unreadable,
    /// The consumer was too slow for its queue, and the overflow policy ends the stream then.
    Overflowed,
    /// The client or stream is closed.
    Closed,
}

impl ErrorKind {
    const fn describe(self) -> &'static str {
        match self {
            Self::InvalidConfiguration => "invalid configuration",
            Self::InvalidRequest => "invalid request",
            Self::InvalidSubscription => "invalid subscription",
            Self::NotOffered => "not offered by this environment",
            Self::MissingCredentials => "an API key is required and the client has none",
            Self::Signing => "cannot sign the request",
            Self::AuthenticationRefused => "credentials refused by the exchange",
            Self::ImplausibleTime => "the exchange's time is not plausible",
            Self::Connect => "cannot connect",
            Self::Timeout => "deadline passed",
            Self::ConnectionLost => "connection lost",
            Self::Protocol => "the answer is not valid HTTP",
            Self::Api => "rejected by the exchange",
            Self::RateLimited => "rate limited",
            Self::Banned => "IP address banned",
            Self::Forbidden => "refused by the firewall of the exchange",
            Self::ServerError => "server error at the exchange",
            Self::Redirect => "redirect, which is not followed",
            Self::UnexpectedStatus => "unexpected status",
            Self::TooLarge => "the answer is larger than allowed",
            Self::Truncated => "the answer ended early",
            Self::Decode => "cannot read the answer",
            Self::Paging => "the list cannot go on from this page",
            Self::StreamRefused => "streams refused by the exchange",
            Self::NotAcknowledged => "subscription not acknowledged by the exchange",
            Self::Unreadable => "cannot read the events",
            Self::Overflowed => "the consumer was too slow",
            Self::Closed => "closed",
        }
    }
}

/// Who can do something about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Responsible {
    /// The caller: settings, parameters, keys, pace. Sending the same again does not help.
    Caller,
    /// The exchange: it failed, is overloaded, or wrote something unreadable.
    Exchange,
    /// The network between: names, connections, time-outs.
    Network,
}

/// What an error says of its request. Values of parameters are never kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestName {
    /// `POST /api/v3/order` over REST, `order.place` over the WebSocket API.
    pub name: Cow<'static, str>,
    /// The names of its parameters.
    pub parameters: Vec<String>,
    /// Whether the request changes nothing at the exchange.
    pub is_query: bool,
}

/// The longest wait that is believed of the exchange: bans last up to three days.
pub const MAX_WAIT: Duration = Duration::from_secs(3 * 86_400);

/// How much of a body `Debug` shows, in characters.
const BODY_SHOWN: usize = 300;

/// A failure of any transport.
///
/// Each question about it has a method: what ([`Error::kind`], [`Error::code`]), may the exchange have seen the request
/// ([`Error::delivery`], [`Error::outcome_unknown`]), when may it be sent again ([`Error::retry_after`]), who can do
/// something about it ([`Error::responsible`]).
///
/// `Display` is one line with request, kind, code and message. `Debug` adds the causes and the beginning of a body that
/// held no error code, so that a `main` which returns the error prints something readable. Neither shows parameter values,
/// keys or signatures.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    /// What went wrong.
    kind: ErrorKind,
    /// What is known of the request's way to the exchange.
    delivery: Delivery,
    /// The request, where there is one.
    request: Option<RequestName>,
    /// The id of the request on its connection, where it has one.
    request_id: Option<u64>,
    /// The status of the answer, where there was one.
    status: Option<u16>,
    /// How long to wait before the next request.
    retry_after: Option<Duration>,
    /// The exchange's code and message.
    api: Option<ApiError>,
    /// The usage of limits that the answer reported.
    rate_limits: Vec<RateLimit>,
    /// The body of the answer as far as it was read.
    body: Option<Arc<[u8]>>,
    /// More about it, for the message.
    detail: Option<Cow<'static, str>>,
    /// The streams concerned.
    streams: Vec<StreamName>,
    /// Who can do something about it, where the kind alone does not say.
    responsible: Option<Responsible>,
    /// The cause.
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A failure of which not a byte reached the exchange.
    #[cold]
    pub fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner {
            kind,
            delivery: Delivery::NotWritten,
            request: None,
            request_id: None,
            status: None,
            retry_after: None,
            api: None,
            rate_limits: Vec::new(),
            body: None,
            detail: None,
            streams: Vec::new(),
            responsible: None,
            source: None,
        }))
    }

    /// A request that was found invalid before it was sent.
    #[cold]
    pub fn invalid(invalid: InvalidRequest) -> Self {
        Self::new(ErrorKind::InvalidRequest).with_source(invalid)
    }

    /// An answer that is no success, by its status (the HTTP status, or `status` in the WebSocket API) and the error payload
    /// where there was one. The one table for all transports.
    ///
    /// `wait` is what a `Retry-After` header says; `now`, by the exchange's clock, turns the times in the payload into waits.
    #[cold]
    pub fn answered(status: u16, api: Option<ApiError>, wait: Option<Duration>, now: Timestamp) -> Self {
        let code = api.as_ref().map(|api| api.code);
        let unknown = code.is_some_and(ErrorCode::is_outcome_unknown);
        let (kind, delivery) = match status {
            429 => (ErrorKind::RateLimited, Delivery::Refused),
            418 => (ErrorKind::Banned, Delivery::Refused),
            500.. => (ErrorKind::ServerError, Delivery::MaybeWritten),
            // A proxy's time-out, or the exchange's own, says nothing about the execution.
            408 => match code {
                Some(_) => (ErrorKind::Api, Delivery::MaybeWritten),
                None => (ErrorKind::UnexpectedStatus, Delivery::MaybeWritten),
            },
            // "See other" may follow a request that was executed.
            300..400 => (ErrorKind::Redirect, Delivery::MaybeWritten),
            _ => match code {
                Some(_) if unknown => (ErrorKind::Api, Delivery::MaybeWritten),
                Some(_) => (ErrorKind::Api, Delivery::Refused),
                None if status == 403 => (ErrorKind::Forbidden, Delivery::Refused),
                None if status >= 400 => (ErrorKind::UnexpectedStatus, Delivery::Refused),
                None => (ErrorKind::UnexpectedStatus, Delivery::MaybeWritten),
            },
        };
        let named = api.as_ref().and_then(|api| api.retry_after).map(|until| until.since(now));
        let mut error = Self::new(kind);
        error.0.delivery = delivery;
        error.0.status = Some(status);
        error.0.retry_after = wait.or(named).map(|wait| wait.min(MAX_WAIT));
        error.0.api = api;
        error
    }

    /// The same with another kind.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// The same with more words for the message, as the end of a sentence.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// The same with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// The same with what is known of the way to the exchange.
    #[must_use]
    pub fn with_delivery(mut self, delivery: Delivery) -> Self {
        self.0.delivery = delivery;
        self
    }

    /// The same with its request.
    #[must_use]
    pub fn with_request(mut self, request: RequestName) -> Self {
        self.0.request = Some(request);
        self
    }

    /// The same with the id of the request.
    #[must_use]
    pub fn with_request_id(mut self, id: Option<u64>) -> Self {
        self.0.request_id = id;
        self
    }

    /// The same with the status of the answer.
    #[must_use]
    pub fn with_status(mut self, status: Option<u16>) -> Self {
        self.0.status = status;
        self
    }

    /// The same with the limits and the body of the answer.
    #[must_use]
    pub fn with_answer(mut self, rate_limits: Vec<RateLimit>, body: &[u8]) -> Self {
        self.0.rate_limits = rate_limits;
        self.0.body = Some(Arc::from(body));
        self
    }

    /// The same with the limits that the answer reported.
    #[must_use]
    pub fn with_rate_limits(mut self, rate_limits: Vec<RateLimit>) -> Self {
        self.0.rate_limits = rate_limits;
        self
    }

    /// The same with the time to wait, cut to [`MAX_WAIT`].
    #[must_use]
    pub fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait.map(|wait| wait.min(MAX_WAIT));
        self
    }

    /// The same with the exchange's code and message.
    #[must_use]
    pub fn with_api_error(mut self, api: ApiError) -> Self {
        self.0.api = Some(api);
        self
    }

    /// The same with the streams concerned.
    #[must_use]
    pub fn with_streams(mut self, streams: Vec<StreamName>) -> Self {
        self.0.streams = streams;
        self
    }

    /// The same with who can do something about it, where that does not follow from the kind.
    #[must_use]
    pub fn with_responsible(mut self, responsible: Responsible) -> Self {
        self.0.responsible = Some(responsible);
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The exchange's error code, where it gave one.
    pub fn code(&self) -> Option<ErrorCode> {
        self.0.api.as_ref().map(|api| api.code)
    }

    /// The exchange's code and message, where it gave them. A cancel-and-replace of which one half succeeded comes as an
    /// error whose `data` holds both halves.
    pub fn api_error(&self) -> Option<&ApiError> {
        self.0.api.as_ref()
    }

    /// The status of the answer: the HTTP status, or `status` in the WebSocket API.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// What is known of the request's way to the exchange. [`Delivery::NotWritten`] is certain: not a byte of it left.
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// Whether the request changes something and the exchange may have executed it: find out by a query or from the account's
    /// events; do not send it again. Never true of a query.
    pub fn outcome_unknown(&self) -> bool {
        self.0.delivery == Delivery::MaybeWritten
            && self.0.request.as_ref().is_some_and(|request| !request.is_query)
    }

    /// Whether the request is a query whose answer was lost: it changed nothing, so ask again. The counterpart of
    /// [`Error::outcome_unknown`]; never true of a request that changes something.
    pub fn ask_again(&self) -> bool {
        self.0.delivery == Delivery::MaybeWritten
            && self.0.request.as_ref().is_some_and(|request| request.is_query)
            && matches!(
                self.0.kind,
                ErrorKind::Timeout
                    | ErrorKind::ConnectionLost
                    | ErrorKind::Truncated
                    | ErrorKind::Protocol
                    | ErrorKind::ServerError
                    | ErrorKind::UnexpectedStatus
                    | ErrorKind::Api
            )
    }

    /// How long to wait before the next request: what the exchange asked for, at most three days, or what the limits would
    /// delay it by.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The request: `POST /api/v3/order`, `order.place`.
    pub fn request_name(&self) -> Option<&str> {
        self.0.request.as_ref().map(|request| &*request.name)
    }

    /// The id of the request over the WebSocket API, once it was written: that of its answer, for the exchange's support.
    pub fn request_id(&self) -> Option<u64> {
        self.0.request_id
    }

    /// The names of the request's parameters, without their values.
    pub fn parameter_names(&self) -> &[String] {
        self.0.request.as_ref().map_or(&[], |request| &request.parameters)
    }

    /// The usage of limits that the answer reported.
    pub fn rate_limits(&self) -> &[RateLimit] {
        &self.0.rate_limits
    }

    /// The body of the answer as far as it was read. It may hold anything, so keep it out of logs.
    pub fn body(&self) -> Option<&[u8]> {
        self.0.body.as_deref()
    }

    /// The streams concerned.
    pub fn streams(&self) -> &[StreamName] {
        &self.0.streams
    }

    /// Who can do something about it.
    pub fn responsible(&self) -> Responsible {
        if let Some(responsible) = self.0.responsible {
            return responsible;
        }
        match self.0.kind {
            ErrorKind::Api => match self.0.api.as_ref().map(|api| api.code) {
                Some(code) if code.is_outcome_unknown() => Responsible::Exchange,
                _ => Responsible::Caller,
            },
            ErrorKind::InvalidConfiguration
            | ErrorKind::InvalidRequest
            | ErrorKind::InvalidSubscription
            | ErrorKind::NotOffered
            | ErrorKind::MissingCredentials
            | ErrorKind::Signing
            | ErrorKind::AuthenticationRefused
            | ErrorKind::ImplausibleTime
            | ErrorKind::RateLimited
            | ErrorKind::Banned
            | ErrorKind::Forbidden
            | ErrorKind::Redirect
            | ErrorKind::StreamRefused
            | ErrorKind::Unreadable
            | ErrorKind::Overflowed
            | ErrorKind::Closed => Responsible::Caller,
            ErrorKind::UnexpectedStatus if self.0.delivery == Delivery::Refused => Responsible::Caller,
            ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::ConnectionLost | ErrorKind::Truncated => {
                Responsible::Network
            }
            ErrorKind::Protocol
            | ErrorKind::ServerError
            | ErrorKind::UnexpectedStatus
            | ErrorKind::TooLarge
            | ErrorKind::Decode
            | ErrorKind::Paging
            | ErrorKind::NotAcknowledged => Responsible::Exchange,
        }
    }

    /// Whether the same request can succeed later without a change by the caller: the limits, the clock, the network or the
    /// exchange were in the way. Says nothing about whether it may be sent again: see [`Error::outcome_unknown`].
    pub fn is_transient(&self) -> bool {
        match self.0.kind {
            ErrorKind::RateLimited | ErrorKind::Banned => true,
            ErrorKind::Api if self.code().is_some_and(ErrorCode::is_temporary) => true,
            _ => self.responsible() != Responsible::Caller,
        }
    }

    /// The first cause of this type: `error.find_source::<binance_kit_net::Error>()`.
    pub fn find_source<T: StdError + 'static>(&self) -> Option<&T> {
        let mut source = self.source();
        while let Some(error) = source {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            source = error.source();
        }
        None
    }

    /// What could not be decoded, where that is the cause.
    pub fn decode_error(&self) -> Option<&DecodeError> {
        self.find_source()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(request) = &inner.request {
            write!(f, "{}: ", request.name)?;
        }
        f.write_str(inner.kind.describe())?;
        if let Some(status) = inner.status {
            write!(f, " (status {status})")?;
        }
        if let Some(api) = &inner.api {
            write!(f, ": {api}")?;
        }
        if let Some(detail) = &inner.detail {
            write!(f, ": {}", printable(detail))?;
        }
        if !inner.streams.is_empty() {
            let names: Vec<&str> = inner.streams.iter().take(8).map(StreamName::as_str).collect();
            write!(f, " ({}", names.join(", "))?;
            match inner.streams.len().saturating_sub(names.len()) {
                0 => f.write_str(")")?,
                more => write!(f, " and {more} more)")?,
            }
        }
        if let Some(wait) = inner.retry_after {
            write!(f, "; retry after {wait:?}")?;
        }
        if self.outcome_unknown() {
            f.write_str("; outcome unknown: the exchange may have executed it")?;
        } else if self.ask_again() {
            f.write_str("; the answer was lost: ask again")?;
        }
        Ok(())
    }
}

/// Writes an error as a program shows it: its message, then its causes, each on a line, with control characters escaped. For
/// `Debug` of error types, which is what a `main` that returns an error prints.
///
/// # Errors
///
/// Those of the formatter.
pub fn write_report(f: &mut fmt::Formatter<'_>, error: &(dyn StdError + 'static)) -> fmt::Result {
    write!(f, "{}", printable(error))?;
    let mut source = error.source();
    while let Some(error) = source {
        write!(f, "\n  caused by: {}", printable(error))?;
        source = error.source();
    }
    Ok(())
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_report(f, self)?;
        if let (None, Some(body)) = (&self.0.api, self.0.body.as_deref().filter(|body| !body.is_empty())) {
            let text = String::from_utf8_lossy(body.get(..4 * BODY_SHOWN).unwrap_or(body));
            let shown: String = text.chars().take(BODY_SHOWN).collect();
            write!(f, "\n  body: {shown:?}")?;
            if body.len() > shown.len() {
                write!(f, " … ({} bytes)", body.len())?;
            }
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests;
