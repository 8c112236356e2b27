//! Which requests may come from a web browser: none of pages of others, which must not reach the exchange behind their
//! user's back.
//!
//! A page that is loaded from anywhere says so in `Origin`. A page whose name was made to resolve to this machine (DNS
//! rebinding) has that name in `Host`. So `Host` must be this machine by its own names, and `Origin`, which clients that are
//! no browsers send too, must be the same place as `Host` or one that was allowed.

use http::{HeaderMap, HeaderValue, header};
use std::net::IpAddr;

/// The host and the port of an authority (`host`, `host:port`, `[address]:port`); none for anything else.
fn split(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, rest) = if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']')?;
        host.parse::<std::net::Ipv6Addr>().ok()?;
        (host, rest)
    } else {
        let at = authority.find(':').unwrap_or(authority.len());
        authority.split_at(at)
    };
    let port = match rest.strip_prefix(':') {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
        None if rest.is_empty() => None,
        _ => return None,
    };
    (!host.is_empty()).then_some((host, port))
}

/// Whether an authority is this machine: `localhost` or a loopback address, with or without a port.
pub(crate) fn is_loopback(authority: &str) -> bool {
    split(authority).is_some_and(|(host, _)| {
        host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    })
}

/// Whether an authority is an address and no name: no name server has a say in where it leads.
fn is_address(authority: &str) -> bool {
    split(authority).is_some_and(|(host, _)| host.parse::<IpAddr>().is_ok())
}

/// Whether an origin (`http://127.0.0.1:9443`) is the same place as a `Host`. WebSocket clients say `ws` and `wss` too.
fn is_same_place(origin: &str, host: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let usual = match scheme.to_ascii_lowercase().as_str() {
        "http" | "ws" => 80,
        "https" | "wss" => 443,
        _ => return false,
    };
    match (split(authority), split(host)) {
        (Some((ours, port)), Some((theirs, other))) => {
            ours.eq_ignore_ascii_case(theirs) && port.unwrap_or(usual) == other.unwrap_or(usual)
        }
        _ => false,
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).map(HeaderValue::to_str).and_then(Result::ok)
}

/// What a request is refused with whose `Host` is another machine.
pub(crate) const WRONG_HOST: &str = "the host is not this machine: write 127.0.0.1 or localhost in the URL";

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// `Host` is not this machine.
    Host,
    /// `Origin` is another place than `Host`, and not allowed.
    Origin,
}

/// Why a request is refused, if it is. `check_host`: whether `Host` must be this machine. A server that others can
/// reach has names that it does not know, and of those with a page's origin only addresses are trusted.
pub(crate) fn refusal(headers: &HeaderMap, check_host: bool, allowed: &[String]) -> Option<Refused> {
    let host = text(headers, header::HOST).unwrap_or_default();
    let own = is_loopback(host);
    if check_host && !own {
        return Some(Refused::Host);
    }
    let fits = |origin: &HeaderValue| {
        allowed.iter().any(|allowed| origin.as_bytes() == allowed.as_bytes())
            || ((own || (!check_host && is_address(host)))
                && origin.to_str().is_ok_and(|origin| is_same_place(origin, host)))
    };
    if headers.get_all(header::ORIGIN).iter().all(fits) { None } else { Some(Refused::Origin) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_on_this_machine() {
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1:9443", "127.1.2.3", "[::1]:9443", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            ":80",
            "example.com",
            "127.0.0.1.example.com",
            "localhost.example.com:80",
            "10.0.0.1",
            "[::2]",
            "0.0.0.0",
            // Something stands where only a port may.
            "[::1].evil.com",
            "[::1]evil.com:80",
            "[::1]:80.evil.com",
            "127.0.0.1:80.evil.com",
            "127.0.0.1:evil.com",
            "localhost:+80",
            "localhost:80@evil.com",
            "localhost:80:80",
            "localhost:99999",
            "localhost@evil.com",
            "evil.com@localhost",
            "[localhost]",
            "[127.0.0.1]",
            "::1",
            "localhost ",
        ] {
            assert!(!is_loopback(host), "{host:?}");
        }
    }

    #[test]
    fn origins_are_the_place_itself_or_allowed() {
        let refused = |host: &str, origin: &str, check_host| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            headers.insert(header::ORIGIN, origin.parse().unwrap());
            refusal(&headers, check_host, &["https://good.example".to_owned()]).is_some()
        };
        for (host, origin) in [
            ("127.0.0.1:9443", "http://127.0.0.1:9443"),
            ("127.0.0.1:9443", "https://127.0.0.1:9443"),
            ("127.0.0.1:9443", "ws://127.0.0.1:9443"),
            ("localhost:9443", "wss://LOCALHOST:9443"),
            ("[::1]:9443", "http://[::1]:9443"),
            ("localhost", "http://localhost:80"),
            ("localhost:443", "https://localhost"),
            ("localhost:9443", "https://good.example"),
        ] {
            assert!(!refused(host, origin, true), "{host} {origin}");
        }
        for (host, origin) in [
            ("127.0.0.1:9443", "null"),
            ("127.0.0.1:9443", "http://127.0.0.1:9444"),
            ("127.0.0.1:9443", "http://localhost:9443"),
            ("127.0.0.1:9443", "file://127.0.0.1:9443"),
            ("127.0.0.1:9443", "http://127.0.0.1:9443.evil.com"),
            ("127.0.0.1:9443", "http://127.0.0.1:9443@evil.com"),
            ("127.0.0.1:9443", "http://evil.com"),
            // A name that was made to resolve to this machine: both say the same, and it is none of ours.
            ("evil.com:9443", "http://evil.com:9443"),
            ("[::1].evil.com:9443", "http://[::1].evil.com:9443"),
        ] {
            assert!(refused(host, origin, true), "{host} {origin}");
        }
        // Where others can connect, an address stands for itself, and a name still does not.
        assert!(!refused("10.0.0.1:9443", "http://10.0.0.1:9443", false));
        assert!(refused("evil.com:9443", "http://evil.com:9443", false));
        assert!(refused("10.0.0.1:9443", "http://10.0.0.1:9443", true));
    }
}
