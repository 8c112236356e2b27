//! The errors of the streams, in the vocabulary that all transports share.

use binance_kit_core::{ApiError, Error, ErrorKind, StreamName};
use binance_kit_net::ErrorKind as NetErrorKind;

/// A failure of the network layer.
#[cold]
pub(crate) fn network(source: binance_kit_net::Error) -> Error {
    let kind = match source.kind() {
        NetErrorKind::InvalidUrl | NetErrorKind::PlainTextRefused | NetErrorKind::InvalidTls => {
            ErrorKind::InvalidConfiguration
        }
        NetErrorKind::Timeout => ErrorKind::Timeout,
        NetErrorKind::Protocol => ErrorKind::Protocol,
        NetErrorKind::TooLarge => ErrorKind::TooLarge,
        NetErrorKind::Closed | NetErrorKind::ConnectionLost | NetErrorKind::WriteQueueFull => {
            ErrorKind::ConnectionLost
        }
        _ => ErrorKind::Connect,
    };
    let (status, retry_after) = (source.status(), source.retry_after());
    let mut error = Error::new(kind);
    // One line says why, without the words that the kind says already.
    let text = source.to_string();
    let detail =
        text.strip_prefix(&error.to_string()).map_or(text.as_str(), |rest| rest.trim_start_matches(": "));
    if !detail.is_empty() {
        error = error.with_detail(detail.to_owned());
    }
    if let Some(body) = source.body() {
        error = error.with_answer(Vec::new(), body);
    }
    error.with_status(status).with_retry_after(retry_after).with_source(source)
}

/// A first attempt to connect that failed.
#[cold]
pub(crate) fn first_connection(error: Error) -> Error {
    match error.kind() {
        ErrorKind::InvalidConfiguration => error,
        _ => error.with_kind(ErrorKind::Connect),
    }
}

/// A list of topics that cannot be subscribed.
#[cold]
pub(crate) fn invalid_subscription(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidSubscription).with_detail(detail.into())
}

/// Streams that the exchange refused, or left out of its list.
#[cold]
pub(crate) fn refused(streams: Vec<StreamName>, api: Option<ApiError>) -> Error {
    let error = Error::new(ErrorKind::StreamRefused).with_streams(streams);
    match api {
        Some(api) => error.with_api_error(api),
        None => error.with_detail("the exchange does not list them"),
    }
}

/// Streams whose subscription was not acknowledged in time.
#[cold]
pub(crate) fn not_acknowledged(streams: Vec<StreamName>) -> Error {
    Error::new(ErrorKind::NotAcknowledged).with_streams(streams)
}

/// The stream was closed.
#[cold]
pub(crate) fn closed() -> Error {
    Error::new(ErrorKind::Closed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::ErrorCode;
    use std::error::Error as _;

    #[test]
    fn a_failure_of_the_network_says_each_thing_once() {
        let refused = binance_kit_net::Error::new(NetErrorKind::Connect).detail("127.0.0.1:1");
        assert_eq!(network(refused).to_string(), "cannot connect: 127.0.0.1:1");
        let resolve = binance_kit_net::Error::new(NetErrorKind::Resolve).detail("nosuch.example");
        assert!(network(resolve).to_string().starts_with("cannot connect: "));
        assert_eq!(network(binance_kit_net::Error::new(NetErrorKind::Connect)).to_string(), "cannot connect");
    }

    #[test]
    fn refusals_name_the_streams_and_the_reason() {
        let name = StreamName::new("btcusdt@nonsense").unwrap();
        let error = refused(vec![name], Some(ApiError::new(ErrorCode(2), "Invalid request")));
        let text = error.to_string();
        assert!(text.contains("btcusdt@nonsense") && text.contains("2 Invalid request"), "{text}");
    }

    #[test]
    fn failures_of_the_network_keep_status_and_wait() {
        let wait = std::time::Duration::from_secs(30);
        let source = binance_kit_net::Error::new(NetErrorKind::UpgradeRefused).with_response(
            429,
            Some(wait),
            b"slow".to_vec(),
        );
        let error = network(source);
        assert_eq!(
            (error.kind(), error.status(), error.retry_after()),
            (ErrorKind::Connect, Some(429), Some(wait))
        );
        assert_eq!(error.body(), Some(b"slow".as_slice()));
        assert!(error.source().is_some());
    }
}
