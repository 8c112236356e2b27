//! What can go wrong with a request, and what may be concluded from it.

use binance_kit_core::{ApiError, Delivery, HttpMethod, RateLimit};
use bytes::Bytes;
use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting of the client cannot be used.
    InvalidConfiguration,
    /// The request cannot be sent as it is; its source says which parameter is at fault.
    InvalidRequest,
    /// The request needs an API key, and the client has none.
    MissingCredentials,
    /// The signature could not be made.
    Signing,
    /// No connection: name, TCP, proxy, TLS or the deadline for connecting; see [`Error::network_error`].
    Connect,
    /// The deadline of the request passed.
    Timeout,
    /// The connection ended before the answer began.
    ConnectionLost,
    /// What came back is not HTTP, or its head is larger than allowed.
    Protocol,
    /// The exchange refused the request with one of its codes; see [`Error::api_error`].
    Api,
    /// Status 429, or the local governor of request weight would have to wait longer than allowed (then there is no
    /// status).
    RateLimited,
    /// Status 418: the IP address is banned for a while.
    Banned,
    /// Status 403 without a code of the exchange: its firewall refused the request.
    Forbidden,
    /// A status of 500 or more: whether the request was executed is not known.
    ServerError,
    /// A redirect, which is never followed.
    Redirect,
    /// Another status that is no success, without a code of the exchange.
    UnexpectedStatus,
    /// The body of the answer is larger than allowed.
    BodyTooLarge,
    /// The body of the answer ended early, or nothing said where it ends.
    BodyTruncated,
    /// The answer is a success that cannot be read; its source says which field is at fault.
    Decode,
    /// A page of a list does not fit to those before it, or may lack rows; its source, a
    /// [`PageError`](binance_kit_core::PageError), says how.
    Paging,
}

/// A request that failed.
///
/// Three questions matter and each has a method: may the exchange have seen it ([`Error::delivery`],
/// [`Error::outcome_unknown`]), when may it be tried again ([`Error::retry_after`]), and is it the caller's to mend
/// ([`Error::is_caller_fault`]).
///
/// Neither `Display` nor `Debug` shows parameter values, keys, signatures or bodies.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    delivery: Delivery,
    request: Option<RequestName>,
    status: Option<u16>,
    retry_after: Option<Duration>,
    api: Option<ApiError>,
    rate_limits: Vec<RateLimit>,
    body: Option<Bytes>,
    detail: Option<Cow<'static, str>>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What an error says of its request: no values.
#[derive(Debug, Clone)]
pub(crate) struct RequestName {
    pub(crate) method: HttpMethod,
    pub(crate) path: Cow<'static, str>,
    pub(crate) parameters: Vec<String>,
    pub(crate) is_query: bool,
}

impl Error {
    /// An error found before anything was sent.
    #[cold]
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner {
            kind,
            delivery: Delivery::NotWritten,
            request: None,
            status: None,
            retry_after: None,
            api: None,
            rate_limits: Vec::new(),
            body: None,
            detail: None,
            source: None,
        }))
    }

    pub(crate) fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    pub(crate) fn source_error(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn delivered(mut self, delivery: Delivery) -> Self {
        self.0.delivery = delivery;
        self
    }

    pub(crate) fn request(mut self, request: RequestName) -> Self {
        self.0.request = Some(request);
        self
    }

    pub(crate) fn answered(mut self, status: u16, rate_limits: Vec<RateLimit>, body: Bytes) -> Self {
        self.0.status = Some(status);
        self.0.rate_limits = rate_limits;
        self.0.body = Some(body);
        self
    }

    pub(crate) fn retry_in(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    pub(crate) fn api(mut self, api: Option<ApiError>) -> Self {
        self.0.api = api;
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What is known of the request's way to the exchange. [`Delivery::NotWritten`] is certain: not a byte of it left.
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// Whether the request changes something and the exchange may have done it: find out by a query or from the user-data
    /// stream; do not send it again.
    pub fn outcome_unknown(&self) -> bool {
        self.0.delivery == Delivery::MaybeWritten
            && self.0.request.as_ref().is_none_or(|request| !request.is_query)
    }

    /// How long to wait before the next request: what the exchange asked for, at most three days, or what the governor of
    /// request weight would wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The exchange's own code and message, where it gave them. A cancel-and-replace of which one half succeeded
    /// comes as an error whose `data` holds both halves.
    pub fn api_error(&self) -> Option<&ApiError> {
        self.0.api.as_ref()
    }

    /// The HTTP status, where there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The usage of rate limits that the answer reported.
    pub fn rate_limits(&self) -> &[RateLimit] {
        &self.0.rate_limits
    }

    /// The body of the answer as far as it was read. It may hold anything, so keep it out of logs.
    pub fn body(&self) -> Option<&Bytes> {
        self.0.body.as_ref()
    }

    /// The HTTP method of the request.
    pub fn method(&self) -> Option<HttpMethod> {
        self.0.request.as_ref().map(|request| request.method)
    }

    /// The path of the request, without parameters.
    pub fn path(&self) -> Option<&str> {
        self.0.request.as_ref().map(|request| &*request.path)
    }

    /// The names of the request's parameters, without their values.
    pub fn parameter_names(&self) -> &[String] {
        self.0.request.as_ref().map_or(&[], |request| &request.parameters)
    }

    /// What the network layer says, for a failure to connect.
    pub fn network_error(&self) -> Option<&binance_kit_net::Error> {
        let mut source = self.source();
        while let Some(error) = source {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            source = error.source();
        }
        None
    }

    /// Whether only the caller can mend it: settings, parameters, keys. Sending the same again will not help.
    pub fn is_caller_fault(&self) -> bool {
        match self.0.kind {
            ErrorKind::InvalidConfiguration
            | ErrorKind::InvalidRequest
            | ErrorKind::MissingCredentials
            | ErrorKind::Signing
            | ErrorKind::Forbidden
            | ErrorKind::Redirect => true,
            ErrorKind::UnexpectedStatus => self.0.delivery == Delivery::Refused,
            ErrorKind::Api => self.0.api.as_ref().is_none_or(|api| {
                !api.code.is_rate_limit() && !api.code.is_timestamp() && !api.code.is_outcome_unknown()
            }),
            ErrorKind::Connect => self.network_error().is_some_and(|error| !error.is_transient()),
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(request) = &inner.request {
            write!(f, "{} {}: ", request.method.as_str(), request.path)?;
        }
        f.write_str(match inner.kind {
            ErrorKind::InvalidConfiguration => "a setting of the client cannot be used",
            ErrorKind::InvalidRequest => "the request cannot be sent as it is",
            ErrorKind::MissingCredentials => "the request needs an API key and the client has none",
            ErrorKind::Signing => "the request could not be signed",
            ErrorKind::Connect => "cannot connect",
            ErrorKind::Timeout => "the deadline passed",
            ErrorKind::ConnectionLost => "the connection was lost",
            ErrorKind::Protocol => "the answer is not valid HTTP",
            ErrorKind::Api => "the exchange refused the request",
            ErrorKind::RateLimited => "the rate limit is used up",
            ErrorKind::Banned => "the IP address is banned for a while",
            ErrorKind::Forbidden => "the exchange's firewall refused the request",
            ErrorKind::ServerError => "the exchange failed",
            ErrorKind::Redirect => "the exchange answered with a redirect, which is not followed",
            ErrorKind::UnexpectedStatus => "the exchange answered with an unexpected status",
            ErrorKind::BodyTooLarge => "the answer is larger than allowed",
            ErrorKind::BodyTruncated => "the answer ended early",
            ErrorKind::Decode => "the answer cannot be read",
            ErrorKind::Paging => "the list cannot go on from this page",
        })?;
        if let Some(status) = inner.status {
            write!(f, " (status {status})")?;
        }
        if let Some(api) = &inner.api {
            write!(f, ": {} {}", api.code, api.message)?;
        }
        if let Some(detail) = &inner.detail {
            write!(f, ": {detail}")?;
        }
        if self.outcome_unknown() {
            f.write_str("; whether it was executed is not known")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut out = f.debug_struct("Error");
        out.field("kind", &inner.kind).field("delivery", &inner.delivery);
        if let Some(request) = &inner.request {
            out.field("method", &request.method)
                .field("path", &request.path)
                .field("parameters", &request.parameters);
        }
        out.field("status", &inner.status)
            .field("retry_after", &inner.retry_after)
            .field("api", &inner.api)
            .field("detail", &inner.detail)
            .field("body_bytes", &inner.body.as_ref().map(Bytes::len))
            .field("source", &inner.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::ErrorCode;

    #[test]
    fn one_pointer_and_each_level_prints_itself() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        let error = Error::new(ErrorKind::Api)
            .delivered(Delivery::Refused)
            .request(RequestName {
                method: HttpMethod::Post,
                path: "/api/v3/order".into(),
                parameters: vec!["symbol".to_owned()],
                is_query: false,
            })
            .answered(400, Vec::new(), Bytes::from_static(b"BODY"))
            .api(Some(ApiError::new(ErrorCode::BAD_SYMBOL, "Invalid symbol.")))
            .source_error(std::io::Error::other("inner words"));
        assert_eq!(
            error.to_string(),
            "POST /api/v3/order: the exchange refused the request (status 400): -1121 Invalid symbol."
        );
        assert_eq!(error.source().unwrap().to_string(), "inner words");
        assert!(!error.outcome_unknown());
        assert!(error.is_caller_fault());
        assert!(!format!("{error:?}").contains("BODY"));
    }

    #[test]
    fn outcomes() {
        let name = |is_query| RequestName {
            method: HttpMethod::Get,
            path: "/x".into(),
            parameters: Vec::new(),
            is_query,
        };
        let error =
            |is_query, delivery| Error::new(ErrorKind::Timeout).delivered(delivery).request(name(is_query));
        assert!(error(false, Delivery::MaybeWritten).outcome_unknown());
        assert!(!error(true, Delivery::MaybeWritten).outcome_unknown());
        assert!(!error(false, Delivery::NotWritten).outcome_unknown());
        assert!(!error(false, Delivery::Refused).outcome_unknown());
        assert!(error(false, Delivery::MaybeWritten).to_string().ends_with("is not known"));
    }
}
