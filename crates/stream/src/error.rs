//! What can go wrong with subscribing.

use binance_kit_core::{ApiError, StreamName};
use std::error::Error as StdError;
use std::fmt;

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The environment's URL, or the TLS configuration, cannot be used.
    Configuration,
    /// More streams than one raw connection can carry, or none.
    InvalidSubscription,
    /// The first connection could not be made.
    Connect,
    /// The exchange refused to subscribe or unsubscribe; see [`Error::api_error`] and [`Error::streams`].
    Refused,
    /// No acknowledgement came in time, or the connection was lost before it came. The subscription was taken back.
    NotAcknowledged,
    /// The stream was closed by its consumer.
    Closed,
}

/// An error of the stream layer.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    detail: Option<String>,
    streams: Vec<StreamName>,
    api: Option<ApiError>,
    source: Option<binance_kit_net::Error>,
}

impl Error {
    #[cold]
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner { kind, detail: None, streams: Vec::new(), api: None, source: None }))
    }

    #[cold]
    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    #[cold]
    pub(crate) fn network(kind: ErrorKind, source: binance_kit_net::Error) -> Self {
        let mut error = Self::new(kind);
        error.0.source = Some(source);
        error
    }

    #[cold]
    pub(crate) fn refused(streams: Vec<StreamName>, api: ApiError) -> Self {
        let mut error = Self::new(ErrorKind::Refused);
        error.0.streams = streams;
        error.0.api = Some(api);
        error
    }

    #[cold]
    pub(crate) fn with_streams(mut self, streams: Vec<StreamName>) -> Self {
        self.0.streams = streams;
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What the exchange said, when it refused.
    pub fn api_error(&self) -> Option<&ApiError> {
        self.0.api.as_ref()
    }

    /// The streams concerned.
    pub fn streams(&self) -> &[StreamName] {
        &self.0.streams
    }

    /// The failure of the network layer behind it, if there was one.
    pub fn network_error(&self) -> Option<&binance_kit_net::Error> {
        self.0.source.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.kind {
            ErrorKind::Configuration => "the stream client is not configured rightly",
            ErrorKind::InvalidSubscription => "the list of streams cannot be subscribed",
            ErrorKind::Connect => "cannot connect to the streams",
            ErrorKind::Refused => "the exchange refused the subscription",
            ErrorKind::NotAcknowledged => "the exchange did not acknowledge the subscription",
            ErrorKind::Closed => "the stream is closed",
        })?;
        if let Some(detail) = &self.0.detail {
            write!(f, ": {detail}")?;
        }
        if !self.0.streams.is_empty() {
            write!(f, " ({})", self.0.streams.iter().map(StreamName::as_str).collect::<Vec<_>>().join(", "))?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match (&self.0.source, &self.0.api) {
            (Some(source), _) => Some(source),
            (None, Some(api)) => Some(api),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::ErrorCode;

    #[test]
    fn says_which_streams_and_why() {
        let name = StreamName::new("btcusdt@nonsense").unwrap();
        let error = Error::refused(vec![name], ApiError::new(ErrorCode(2), "Invalid request"));
        assert_eq!(error.to_string(), "the exchange refused the subscription (btcusdt@nonsense)");
        assert_eq!(error.source().unwrap().to_string(), "the exchange answered 2: Invalid request");
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
