//! The part of a URL that says where to connect to, and whether that may be done in plain text.

use crate::error::{Error, ErrorKind};
use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

/// The scheme of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `http`: plain text, loopback only.
    Http,
    /// `https`.
    Https,
    /// `ws`: plain text, loopback only.
    Ws,
    /// `wss`.
    Wss,
}

impl Scheme {
    /// Whether the scheme uses TLS.
    pub const fn is_tls(self) -> bool {
        matches!(self, Self::Https | Self::Wss)
    }

    /// The scheme as written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }

    const fn default_port(self) -> u16 {
        if self.is_tls() { 443 } else { 80 }
    }
}

/// A base URL: scheme, host, port, and the path that all requests begin with.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// The scheme.
    scheme: Scheme,
    /// The host in lower case, an IPv6 address without its brackets.
    host: String,
    /// The port, the scheme's own where the URL has none.
    port: u16,
    /// The path without a slash at its end; empty when there is none.
    path: String,
}

impl Endpoint {
    /// Reads `scheme://host[:port][/path]`. IPv6 hosts stand in brackets.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidUrl`] for anything else (user names, queries, fragments, unknown schemes), and
    /// [`ErrorKind::PlainTextRefused`] for `http` and `ws` to anything but a literal loopback address: keys and orders
    /// never travel in plain text.
    pub fn parse(url: &str) -> Result<Self, Error> {
        let invalid = |reason: &str| {
            Error::with_detail(ErrorKind::InvalidUrl, format!("{:?}: {reason}", without_user_info(url)))
        };
        let (scheme, rest) = url.split_once("://").ok_or_else(|| {
            invalid("it has no scheme; begin it with https:// or wss://, or http:// or ws:// on loopback")
        })?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            "ws" => Scheme::Ws,
            "wss" => Scheme::Wss,
            _ => return Err(invalid("the scheme is not one of http, https, ws, wss")),
        };
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        if authority.contains('@') {
            return Err(invalid(
                "a base URL has no user name and no password (they are not shown here); leave out what is before the `@`",
            ));
        }
        if rest.contains(['?', '#']) {
            return Err(invalid("a base URL has no query and no fragment"));
        }
        if !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid("it contains spaces, control characters or letters outside ASCII"));
        }
        let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
            let (host, after) =
                bracketed.split_once(']').ok_or_else(|| invalid("the bracket is not closed"))?;
            if host.parse::<std::net::Ipv6Addr>().is_err() {
                return Err(invalid("what stands in brackets is not an IPv6 address"));
            }
            (
                host,
                after
                    .strip_prefix(':')
                    .map_or(if after.is_empty() { Ok(None) } else { Err(()) }, |port| Ok(Some(port))),
            )
        } else {
            match authority.split_once(':') {
                Some((host, port)) => (host, Ok(Some(port))),
                None => (authority, Ok(None)),
            }
        };
        let port = match port {
            Ok(None) => scheme.default_port(),
            Ok(Some(port)) => port.parse().map_err(|_| invalid("the port is not a number up to 65535"))?,
            Err(()) => return Err(invalid("something stands behind the bracket")),
        };
        if host.is_empty() {
            return Err(invalid("it has no host"));
        }
        let endpoint = Self {
            scheme,
            host: host.to_ascii_lowercase(),
            port,
            path: path.trim_end_matches('/').to_owned(),
        };
        if !scheme.is_tls() && !endpoint.is_loopback() {
            return Err(Error::with_detail(
                ErrorKind::PlainTextRefused,
                format!(
                    "{:?}: use {}s, or a literal loopback address such as 127.0.0.1",
                    without_user_info(url),
                    scheme.as_str()
                ),
            ));
        }
        Ok(endpoint)
    }

    /// The scheme.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path that all requests begin with, without a slash at its end; empty when there is none.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The same place with another path.
    #[must_use]
    pub fn with_path(&self, path: &str) -> Self {
        Self { path: path.trim_end_matches('/').to_owned(), ..self.clone() }
    }

    /// Whether the host is a literal loopback address (not a name that may resolve to one).
    pub fn is_loopback(&self) -> bool {
        self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// `host:port` for a `Host` header: without the port where it is the scheme's own.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == self.scheme.default_port() { host } else { format!("{host}:{}", self.port) }
    }
}

/// A URL without user name and password, for messages: what is before the `@` may be a secret.
pub fn without_user_info(url: &str) -> Cow<'_, str> {
    let begin = url.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = url.split_at(begin);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let port = authority.rsplit(']').next().unwrap_or_default().split_once(':').map_or("", |(_, port)| port);
    let end = match authority.rfind('@') {
        // A password may hold a slash; then what looks like the port is its beginning.
        None if !port.bytes().all(|byte| byte.is_ascii_digit()) => rest.rfind('@'),
        found => found,
    };
    match end.and_then(|at| rest.get(at + 1..)) {
        Some(rest) => Cow::Owned(format!("{scheme}{rest}")),
        None => Cow::Borrowed(url),
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme.as_str(), self.authority(), self.path)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_base_urls() {
        for (url, host, port, path, shown) in [
            ("https://api.binance.com", "api.binance.com", 443, "", "https://api.binance.com"),
            (
                "wss://stream.binance.com:9443",
                "stream.binance.com",
                9443,
                "",
                "wss://stream.binance.com:9443",
            ),
            (
                "wss://ws-api.binance.com:443/ws-api/v3/",
                "ws-api.binance.com",
                443,
                "/ws-api/v3",
                "wss://ws-api.binance.com/ws-api/v3",
            ),
            ("http://127.0.0.1:8080", "127.0.0.1", 8080, "", "http://127.0.0.1:8080"),
            ("ws://[::1]:9/x", "::1", 9, "/x", "ws://[::1]:9/x"),
        ] {
            let endpoint = Endpoint::parse(url).unwrap();
            assert_eq!((endpoint.host(), endpoint.port(), endpoint.path()), (host, port, path), "{url}");
            assert_eq!(endpoint.to_string(), shown);
        }
    }

    #[test]
    fn b10_a_password_in_a_url_is_not_shown() {
        for url in [
            "https://user:hunter2@api.binance.com",
            "https://hunter2@api.binance.com/x",
            "https://user:hunter2/@api.binance.com",
            "https://user:p@ss@hunter2@api.binance.com",
            "http://user:hunter2@api.binance.com",
            "ftp://user:hunter2@api.binance.com",
            "user:hunter2@api.binance.com",
            "https://user:hunter2@[::1",
        ] {
            let error = Endpoint::parse(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
            assert!(!format!("{error}").contains("user:"), "{error}");
        }
        let error = Endpoint::parse("https://user:hunter2@api.binance.com").unwrap_err().to_string();
        assert!(error.contains("\"https://api.binance.com\"") && error.contains("leave out"), "{error}");
        for url in ["wss://127.0.0.1:9443/ws/btcusdt@trade", "https://[::1]:9/x@y", "api.binance.com"] {
            assert_eq!(without_user_info(url), url);
        }
    }

    #[test]
    fn refuses_the_rest() {
        for url in [
            "",
            "api.binance.com",
            "ftp://x",
            "https://",
            "https://a:b",
            "https://u:p@a",
            "https://a?b",
            "https://a b",
            "https://[::1",
            "https://[::1]x",
            "https://[a]",
            "https://a:70000",
            "https://bücher.de",
        ] {
            assert_eq!(Endpoint::parse(url).unwrap_err().kind(), ErrorKind::InvalidUrl, "{url:?}");
        }
        for url in ["http://api.binance.com", "ws://10.0.0.1:80", "http://localhost:1"] {
            assert_eq!(Endpoint::parse(url).unwrap_err().kind(), ErrorKind::PlainTextRefused, "{url:?}");
        }
    }
}
