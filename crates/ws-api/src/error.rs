//! What can go wrong with a request, and what is known of its fate.

use binance_kit_core::{ApiError, DecodeError, Delivery, InvalidRequest, Timestamp};
use binance_kit_sign::SignError;
use std::error::Error as StdError;
use std::fmt;

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The URL cannot be used.
    Configuration,
    /// A parameter is missing, contradicts another, or stands twice.
    InvalidRequest,
    /// The request must be signed, and the client has no credentials.
    MissingCredentials,
    /// The key could not sign.
    Signing,
    /// Request weight is used up, or the exchange wants silence, for longer than the request may wait; see
    /// [`Error::retry_after`].
    RateLimited,
    /// The connection could not be made.
    Connect,
    /// The time for the request passed.
    Timeout,
    /// The connection was lost before the answer came.
    ConnectionLost,
    /// The exchange answered with an error; see [`Error::api_error`].
    Api,
    /// The exchange refused the credentials of this connection, or took them back.
    AuthenticationRefused,
    /// The answer could not be read. The request was executed or refused, but which of the two is not known.
    Decode,
    /// The client was closed.
    Closed,
}

/// An error of the WebSocket API.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    method: Option<String>,
    delivery: Delivery,
    status: Option<u16>,
    retry_after: Option<Timestamp>,
    source: Source,
}

#[derive(Debug)]
enum Source {
    None,
    Api(ApiError),
    Network(binance_kit_net::Error),
    Request(InvalidRequest),
    Sign(SignError),
    Decode(DecodeError),
}

impl Error {
    #[cold]
    fn make(kind: ErrorKind, delivery: Delivery, source: Source) -> Self {
        Self(Box::new(Inner { kind, method: None, delivery, status: None, retry_after: None, source }))
    }

    #[cold]
    pub(crate) fn new(kind: ErrorKind, delivery: Delivery) -> Self {
        Self::make(kind, delivery, Source::None)
    }

    pub(crate) fn network(kind: ErrorKind, delivery: Delivery, source: binance_kit_net::Error) -> Self {
        Self::make(kind, delivery, Source::Network(source))
    }

    pub(crate) fn rate_limited(until: Timestamp) -> Self {
        let mut error = Self::new(ErrorKind::RateLimited, Delivery::NotWritten);
        error.0.retry_after = Some(until);
        error
    }

    pub(crate) fn invalid(source: InvalidRequest) -> Self {
        Self::make(ErrorKind::InvalidRequest, Delivery::NotWritten, Source::Request(source))
    }

    pub(crate) fn signing(source: SignError) -> Self {
        Self::make(ErrorKind::Signing, Delivery::NotWritten, Source::Sign(source))
    }

    pub(crate) fn decode(source: DecodeError) -> Self {
        Self::make(ErrorKind::Decode, Delivery::MaybeWritten, Source::Decode(source))
    }

    pub(crate) fn api(status: Option<u16>, source: ApiError) -> Self {
        let unknown = source.code.is_outcome_unknown() || status.is_some_and(|status| status >= 500);
        let delivery = if unknown { Delivery::MaybeWritten } else { Delivery::Refused };
        let mut error = Self::make(ErrorKind::Api, delivery, Source::Api(source));
        error.0.status = status;
        error
    }

    pub(crate) fn authentication(delivery: Delivery, source: ApiError) -> Self {
        Self::make(ErrorKind::AuthenticationRefused, delivery, Source::Api(source))
    }

    #[must_use]
    pub(crate) fn of_method(mut self, method: &str) -> Self {
        self.0.method = Some(method.to_owned());
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the exchange can have seen the request.
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// Whether the request may have been executed although it failed here. An order with such an error is neither
    /// placed nor refused until the exchange is asked; it must not be sent again.
    pub fn outcome_unknown(&self) -> bool {
        self.0.delivery == Delivery::MaybeWritten
    }

    /// What the exchange said.
    pub fn api_error(&self) -> Option<&ApiError> {
        match &self.0.source {
            Source::Api(error) => Some(error),
            _ => None,
        }
    }

    /// The failure of the network behind it.
    pub fn network_error(&self) -> Option<&binance_kit_net::Error> {
        match &self.0.source {
            Source::Network(error) => Some(error),
            _ => None,
        }
    }

    /// The status of the exchange's answer (400, 409, 429 …).
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The time, by the exchange's clock, before which nothing may be sent.
    pub fn retry_after(&self) -> Option<Timestamp> {
        self.0.retry_after.or_else(|| self.api_error().and_then(|error| error.retry_after))
    }

    /// Whether the request itself, its key or its signature must be mended before sending it again.
    pub fn is_caller_fault(&self) -> bool {
        match self.0.kind {
            ErrorKind::Configuration
            | ErrorKind::InvalidRequest
            | ErrorKind::MissingCredentials
            | ErrorKind::Signing
            | ErrorKind::AuthenticationRefused => true,
            ErrorKind::Api => self
                .0
                .status
                .is_some_and(|status| (400..500).contains(&status) && status != 429 && status != 418),
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(method) = &self.0.method {
            write!(f, "{method}: ")?;
        }
        f.write_str(match self.0.kind {
            ErrorKind::Configuration => "the client is not configured rightly",
            ErrorKind::InvalidRequest => "the request is not valid",
            ErrorKind::MissingCredentials => "the request must be signed, and the client has no credentials",
            ErrorKind::Signing => "the request could not be signed",
            ErrorKind::RateLimited => "request weight is used up for longer than the request may wait",
            ErrorKind::Connect => "cannot connect to the WebSocket API",
            ErrorKind::Timeout => "the time for the request passed",
            ErrorKind::ConnectionLost => "the connection was lost before the answer came",
            ErrorKind::Api => "the exchange answered with an error",
            ErrorKind::AuthenticationRefused => "the exchange refused the credentials of the connection",
            ErrorKind::Decode => "the answer could not be read",
            ErrorKind::Closed => "the client is closed",
        })?;
        match self.0.kind {
            ErrorKind::Timeout | ErrorKind::ConnectionLost => f.write_str(match self.0.delivery {
                Delivery::NotWritten => " (the request was not written)",
                _ => " (the request was written: it may have been executed)",
            }),
            _ => Ok(()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.source {
            Source::None => None,
            Source::Api(error) => Some(error),
            Source::Network(error) => Some(error),
            Source::Request(error) => Some(error),
            Source::Sign(error) => Some(error),
            Source::Decode(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::ErrorCode;

    #[test]
    fn what_the_exchange_does_not_know_nobody_knows() {
        for (status, code, unknown) in [
            (400, -2010, false),
            (400, -1007, true),
            (503, -1000, true),
            (409, -2022, false),
            (504, -1, true),
        ] {
            let error = Error::api(Some(status), ApiError::new(ErrorCode(code), "x"));
            assert_eq!(error.outcome_unknown(), unknown, "{status} {code}");
        }
        let error = Error::new(ErrorKind::Timeout, Delivery::MaybeWritten).of_method("order.place");
        assert_eq!(
            error.to_string(),
            "order.place: the time for the request passed (the request was written: it may have been executed)"
        );
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
