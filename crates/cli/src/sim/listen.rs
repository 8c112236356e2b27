//! Addresses to listen on, as they are written on the command line.

use std::net::{IpAddr, SocketAddr};

/// Reads an address and a port. What is nearly one is refused with what to write instead.
pub(crate) fn listen_address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let port = |text: &str| text.parse::<u16>().ok();
    let instead = if let Some(port) = port(text.strip_prefix(':').unwrap_or(text)) {
        format!("127.0.0.1:{port}")
    } else if let Ok(ip) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
        SocketAddr::new(ip, 9443).to_string()
    } else {
        let without = text.split_once("://").map_or(text, |(_, rest)| rest).trim_end_matches('/');
        match without.rsplit_once(':') {
            Some((host, digits)) if port(digits).is_some() => {
                let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
                let ip = ip.unwrap_or(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));
                SocketAddr::new(ip, port(digits).unwrap_or(9443)).to_string()
            }
            _ => "127.0.0.1:9443".to_owned(),
        }
    };
    Err(format!("not an IP address with a port; write {instead}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_an_address_is_answered_with_one() {
        for address in ["127.0.0.1:9443", "127.0.0.1:0", "[::1]:80", "0.0.0.0:1"] {
            assert_eq!(listen_address(address), Ok(address.parse().unwrap()));
        }
        for (text, instead) in [
            ("localhost:9443", "127.0.0.1:9443"),
            (":9444", "127.0.0.1:9444"),
            ("9444", "127.0.0.1:9444"),
            ("127.0.0.1", "127.0.0.1:9443"),
            ("::1", "[::1]:9443"),
            ("::1:x", "127.0.0.1:9443"),
            ("http://127.0.0.1:8080/", "127.0.0.1:8080"),
            ("localhost", "127.0.0.1:9443"),
            ("example.com:99999", "127.0.0.1:9443"),
            ("", "127.0.0.1:9443"),
        ] {
            let said = listen_address(text).unwrap_err();
            assert!(said.ends_with(&format!("; write {instead}")), "{text}: {said}");
            instead.parse::<SocketAddr>().unwrap();
        }
    }
}
