//! The error of the network layer.

use binance_kit_core::failure::MAX_WAIT;
use binance_kit_core::{ApiError, Decoder, Timestamp};
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A URL cannot be used.
    InvalidUrl,
    /// A path or header that cannot be sent: control characters, a name that belongs to the protocol.
    InvalidRequest,
    /// Plain text to a host that is not a loopback address.
    PlainTextRefused,
    /// The TLS configuration cannot be used (bad certificates, no roots).
    InvalidTls,
    /// The host name cannot be resolved.
    Resolve,
    /// No connection: refused, unreachable, reset while connecting.
    Connect,
    /// The proxy refused, or its answer is not of its protocol.
    Proxy,
    /// The TLS handshake failed: certificate, protocol version, garbage.
    Tls,
    /// A deadline passed.
    Timeout,
    /// The answer to the WebSocket upgrade was not an upgrade; see [`Error::status`], [`Error::retry_after`], [`Error::body`].
    UpgradeRefused,
    /// The answer to the WebSocket upgrade breaks RFC 6455.
    BadUpgrade,
    /// The peer broke RFC 6455.
    Protocol,
    /// A message or frame above the configured cap.
    TooLarge,
    /// The peer closed the WebSocket; see [`Error::close_code`].
    Closed,
    /// The connection ended without a closing handshake: reset, end of stream, failure of the socket.
    ConnectionLost,
    /// The peer does not read any more, and the write queue is full.
    WriteQueueFull,
}

/// An error of the network layer. `Debug` is its message and its causes, each on a line.
pub struct Error(Box<Inner>);

struct Inner {
    /// What went wrong.
    kind: ErrorKind,
    /// More about it, for the message.
    detail: Option<String>,
    /// The cause.
    source: Option<Box<dyn StdError + Send + Sync>>,
    /// The HTTP status of a refused upgrade.
    status: Option<u16>,
    /// How long the exchange asks to wait.
    retry_after: Option<Duration>,
    /// The beginning of the body of a refused upgrade.
    body: Option<Vec<u8>>,
    /// The code of the close frame.
    close_code: Option<u16>,
}

impl Error {
    /// An error of this kind alone.
    #[cold]
    pub fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner {
            kind,
            detail: None,
            source: None,
            status: None,
            retry_after: None,
            body: None,
            close_code: None,
        }))
    }

    /// An error with a detail, which is added to the message.
    #[cold]
    pub fn with_detail(kind: ErrorKind, detail: impl Into<String>) -> Self {
        let mut error = Self::new(kind);
        error.0.detail = Some(detail.into());
        error
    }

    /// An error that another one caused.
    #[cold]
    pub fn with_source(kind: ErrorKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(kind);
        error.0.source = Some(source.into());
        error
    }

    /// Adds a detail to the message.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds the HTTP status, the time to wait and the beginning of the body of a refused upgrade.
    #[must_use]
    pub fn with_response(mut self, status: u16, retry_after: Option<Duration>, body: Vec<u8>) -> Self {
        self.0.status = Some(status);
        self.0.retry_after = retry_after;
        self.0.body = Some(body);
        self
    }

    /// Adds the code of a close frame.
    #[must_use]
    pub fn with_close_code(mut self, code: Option<u16>) -> Self {
        self.0.close_code = code;
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status of a refused upgrade.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// How long the exchange asks to wait before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The beginning of the body of a refused upgrade, at most 4 KiB.
    pub fn body(&self) -> Option<&[u8]> {
        self.0.body.as_deref()
    }

    /// The exchange's code and message in the body of a refused upgrade, where it has them.
    pub fn api_error(&self) -> Option<ApiError> {
        Decoder::new().decode(self.body()?).ok()
    }

    /// Takes the time to wait from the message of the exchange, where no header says it; `now` by the exchange's clock.
    pub(crate) fn with_end_of_ban(mut self, now: Timestamp) -> Self {
        if self.0.retry_after.is_none() {
            let until = self.api_error().and_then(|api| api.retry_after);
            self.0.retry_after = until.map(|until| until.since(now).min(MAX_WAIT));
        }
        self
    }

    /// The code of the close frame, if there was one with a code.
    pub fn close_code(&self) -> Option<u16> {
        self.0.close_code
    }

    /// What the operating system or the byte stream said, if it was one of them: `ConnectionReset`, `UnexpectedEof` ….
    pub fn io_kind(&self) -> Option<std::io::ErrorKind> {
        self.0.source.as_deref()?.downcast_ref::<std::io::Error>().map(std::io::Error::kind)
    }

    /// Whether trying again can help: `false` for what only the caller can correct.
    pub fn is_transient(&self) -> bool {
        !matches!(
            self.0.kind,
            ErrorKind::InvalidUrl
                | ErrorKind::InvalidRequest
                | ErrorKind::PlainTextRefused
                | ErrorKind::InvalidTls
                | ErrorKind::BadUpgrade
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.kind {
            ErrorKind::InvalidUrl => "invalid URL",
            ErrorKind::InvalidRequest => "a path or header cannot be sent",
            ErrorKind::PlainTextRefused => "plain text is refused off loopback",
            ErrorKind::InvalidTls => "invalid TLS configuration",
            ErrorKind::Resolve => "cannot resolve the host name",
            ErrorKind::Connect => "cannot connect",
            ErrorKind::Proxy => "the proxy failed",
            ErrorKind::Tls => "the TLS handshake failed",
            ErrorKind::Timeout => "a deadline passed",
            ErrorKind::UpgradeRefused => "the server refused the WebSocket upgrade",
            ErrorKind::BadUpgrade => "the server's answer to the WebSocket upgrade is not valid",
            ErrorKind::Protocol => "the peer broke the WebSocket protocol",
            ErrorKind::TooLarge => "a message is larger than allowed",
            ErrorKind::Closed => "the peer closed the connection",
            ErrorKind::ConnectionLost => "the connection was lost",
            ErrorKind::WriteQueueFull => "the peer does not read, and the write queue is full",
        })?;
        if let Some(status) = self.0.status {
            write!(f, " with status {status}")?;
        }
        if let Some(code) = self.0.close_code {
            write!(f, " with code {code}")?;
        }
        match &self.0.detail {
            // May hold words of the peer.
            Some(detail) => write!(f, ": {}", binance_kit_core::printable(detail)),
            None => Ok(()),
        }
    }
}

// What a `main` that returns the error prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        binance_kit_core::failure::write_report(f, self)
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

    #[test]
    fn one_pointer_and_each_level_prints_itself() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        let error = Error::with_source(ErrorKind::Connect, std::io::Error::other("inner words"))
            .detail("127.0.0.1:1");
        assert_eq!(error.to_string(), "cannot connect: 127.0.0.1:1");
        assert_eq!(error.source().unwrap().to_string(), "inner words");
        assert_eq!(format!("{error:?}"), "cannot connect: 127.0.0.1:1\n  caused by: inner words");
        let refused = Error::new(ErrorKind::UpgradeRefused).with_response(
            429,
            Some(Duration::from_secs(3)),
            b"x".to_vec(),
        );
        assert_eq!(refused.to_string(), "the server refused the WebSocket upgrade with status 429");
        assert_eq!((refused.status(), refused.retry_after()), (Some(429), Some(Duration::from_secs(3))));
    }
}
