//! Proxies: HTTP CONNECT and SOCKS5. Only those that the program names are used; no environment variable is read.
//! The proxy resolves the names, and sees nothing of what is inside TLS.

use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::http_head::{HeadError, read_head};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::BytesMut;
use std::fmt;
use std::io;
use std::net::IpAddr;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use zeroize::Zeroizing;

/// The largest head of a proxy's answer.
const MAX_HEAD: usize = 16 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// HTTP with the method CONNECT.
    HttpConnect,
    /// SOCKS5.
    Socks5,
}

/// A proxy, and the login for it.
#[derive(Clone)]
pub(crate) struct Proxy {
    /// How to ask it for a connection.
    protocol: Protocol,
    /// Its host.
    host: String,
    /// Its port.
    port: u16,
    /// User name and password.
    credentials: Option<(Zeroizing<String>, Zeroizing<String>)>,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("protocol", &self.protocol)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("has_credentials", &self.credentials.is_some())
            .finish()
    }
}

impl Proxy {
    /// Reads `scheme://[user[:password]@]host[:port]`. No part of the URL goes into the error: it may hold a password.
    pub(crate) fn parse(protocol: Protocol, url: &str) -> Result<Self, Error> {
        let invalid =
            |reason: &str| Error::with_detail(ErrorKind::InvalidUrl, format!("the proxy's URL: {reason}"));
        let (scheme, rest) = url.split_once("://").ok_or_else(|| invalid("it has no scheme"))?;
        let (secure, plain) = match (protocol, scheme.to_ascii_lowercase().as_str()) {
            (Protocol::HttpConnect, "http") => ("https", 80),
            (Protocol::Socks5, "socks5" | "socks5h") => ("https", 1080),
            _ => return Err(invalid("the scheme is not that of this kind of proxy")),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (user_info, authority) = match rest.rsplit_once('@') {
            Some((user_info, authority)) => (Some(user_info), authority),
            None => (None, rest),
        };
        let credentials = match user_info {
            None => None,
            Some(user_info) => {
                let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
                let decode =
                    |text| percent_decode(text).ok_or_else(|| invalid("its credentials are not valid"));
                let (user, password) = (decode(user)?, decode(password)?);
                if user.is_empty() || user.len() > 255 || password.len() > 255 || user.contains(':') {
                    return Err(invalid("its credentials are not valid"));
                }
                Some((user, password))
            }
        };
        // The endpoint's rules for hosts and ports, but not that for plain text: what goes through is encrypted.
        let has_port = authority.rsplit(']').next().is_some_and(|after| after.contains(':'));
        let endpoint = Endpoint::parse(&format!("{secure}://{authority}"))
            .map_err(|_| invalid("it is not a host and a port"))?;
        if !endpoint.path().is_empty() {
            return Err(invalid("it has a path"));
        }
        let port = if has_port { endpoint.port() } else { plain };
        Ok(Self { protocol, host: endpoint.host().to_owned(), port, credentials })
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Asks the proxy at the other end of `io` for a tunnel to a host.
    pub(crate) async fn open<T>(&self, io: &mut T, host: &str, port: u16) -> Result<(), Error>
    where
        T: AsyncRead + AsyncWrite + Unpin,
    {
        match self.protocol {
            Protocol::HttpConnect => self.open_http(io, host, port).await,
            Protocol::Socks5 => self.open_socks(io, host, port).await,
        }
    }

    async fn open_http<T>(&self, io: &mut T, host: &str, port: u16) -> Result<(), Error>
    where
        T: AsyncRead + AsyncWrite + Unpin,
    {
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let mut request =
            Zeroizing::new(format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n"));
        if let Some((user, password)) = &self.credentials {
            let pair = Zeroizing::new(format!("{}:{}", user.as_str(), password.as_str()));
            let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
            request.push_str("Proxy-Authorization: Basic ");
            request.push_str(&encoded);
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        io.write_all(request.as_bytes()).await.map_err(failed)?;
        io.flush().await.map_err(failed)?;
        let mut buffer = BytesMut::new();
        let head = read_head(io, &mut buffer, MAX_HEAD).await.map_err(|error| match error {
            HeadError::TooLarge => refused("its answer is too large"),
            HeadError::Malformed(what) => refused(what),
            HeadError::Io(error) => failed(error),
        })?;
        if !(200..300).contains(&head.status()) {
            return Err(Error::new(ErrorKind::Proxy).with_response(
                head.status(),
                head.retry_after(),
                Vec::new(),
            ));
        }
        if !buffer.is_empty() {
            return Err(refused("it sent data before the connection was open"));
        }
        Ok(())
    }

    async fn open_socks<T>(&self, io: &mut T, host: &str, port: u16) -> Result<(), Error>
    where
        T: AsyncRead + AsyncWrite + Unpin,
    {
        const NO_PASSWORD: u8 = 0;
        const PASSWORD: u8 = 2;
        let greeting: &[u8] =
            if self.credentials.is_some() { &[5, 2, NO_PASSWORD, PASSWORD] } else { &[5, 1, NO_PASSWORD] };
        io.write_all(greeting).await.map_err(failed)?;
        io.flush().await.map_err(failed)?;
        let [version, method] = read_exactly(io).await?;
        if version != 5 {
            return Err(refused("it is not a SOCKS5 proxy"));
        }
        match (method, &self.credentials) {
            (NO_PASSWORD, _) => {}
            (PASSWORD, Some((user, password))) => {
                let mut login = Zeroizing::new(Vec::with_capacity(3 + user.len() + password.len()));
                login.push(1);
                for text in [user, password] {
                    login.push(length_of(text)?);
                    login.extend_from_slice(text.as_bytes());
                }
                io.write_all(&login).await.map_err(failed)?;
                io.flush().await.map_err(failed)?;
                let [_, status] = read_exactly(io).await?;
                if status != 0 {
                    return Err(refused("it refuses the user name or the password"));
                }
            }
            (0xFF, Some(_)) => return Err(refused("it asks for another way to log in")),
            (0xFF, None) => return Err(refused("it asks for a login")),
            _ => return Err(refused("it chose a way to log in that was not offered")),
        }
        let mut request = vec![5, 1, 0];
        match host.parse() {
            Ok(IpAddr::V4(address)) => {
                request.push(1);
                request.extend_from_slice(&address.octets());
            }
            Ok(IpAddr::V6(address)) => {
                request.push(4);
                request.extend_from_slice(&address.octets());
            }
            Err(_) => {
                request.extend_from_slice(&[3, length_of(host)?]);
                request.extend_from_slice(host.as_bytes());
            }
        }
        request.extend_from_slice(&port.to_be_bytes());
        io.write_all(&request).await.map_err(failed)?;
        io.flush().await.map_err(failed)?;
        let [version, reply, _, kind] = read_exactly(io).await?;
        if version != 5 {
            return Err(refused("it is not a SOCKS5 proxy"));
        }
        if reply != 0 {
            return Err(refused(match reply {
                1 => "general failure",
                2 => "not allowed by its rules",
                3 => "the network cannot be reached",
                4 => "the host cannot be reached",
                5 => "the connection was refused",
                6 => "the time to live expired",
                7 => "it does not know the command",
                8 => "it does not know the kind of address",
                _ => "it failed for a reason it does not name",
            }));
        }
        // The address it is bound to is read to its end, because the tunnel begins behind it.
        let length = match kind {
            1 => 4,
            4 => 16,
            3 => {
                let [length] = read_exactly(io).await?;
                usize::from(length)
            }
            _ => return Err(refused("its answer holds an unknown kind of address")),
        };
        let mut address = [0; 255 + 2];
        io.read_exact(&mut address[..length + 2]).await.map_err(failed)?;
        Ok(())
    }
}

fn length_of(text: &str) -> Result<u8, Error> {
    u8::try_from(text.len()).map_err(|_| refused("a name of more than 255 bytes cannot be sent to it"))
}

async fn read_exactly<const N: usize>(io: &mut (impl AsyncRead + Unpin)) -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    io.read_exact(&mut bytes).await.map_err(failed)?;
    Ok(bytes)
}

fn failed(error: io::Error) -> Error {
    Error::with_source(ErrorKind::Proxy, error)
}

fn refused(what: &'static str) -> Error {
    Error::with_detail(ErrorKind::Proxy, what)
}

fn percent_decode(text: &str) -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte == b'%' {
            let (digits, after) = rest.split_first_chunk::<2>()?;
            let digit = |byte: u8| char::from(byte).to_digit(16);
            bytes.push(u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).ok()?);
            rest = after;
        } else if byte.is_ascii_graphic() {
            bytes.push(*byte);
        } else {
            return None;
        }
    }
    std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_proxies() {
        for (protocol, url, host, port, credentials) in [
            (Protocol::HttpConnect, "http://proxy:3128", "proxy", 3128, None),
            (Protocol::HttpConnect, "http://proxy/", "proxy", 80, None),
            (Protocol::HttpConnect, "http://[::1]", "::1", 80, None),
            (Protocol::HttpConnect, "http://proxy:443", "proxy", 443, None),
            (Protocol::Socks5, "socks5://me:p%40ss%3A@10.0.0.1", "10.0.0.1", 1080, Some(("me", "p@ss:"))),
            (Protocol::Socks5, "socks5h://me@proxy:1", "proxy", 1, Some(("me", ""))),
        ] {
            let proxy = Proxy::parse(protocol, url).unwrap();
            assert_eq!((proxy.host(), proxy.port()), (host, port), "{url}");
            let found = proxy.credentials.as_ref().map(|(user, password)| (user.as_str(), password.as_str()));
            assert_eq!(found, credentials, "{url}");
        }
        for url in [
            "proxy:1",
            "https://proxy",
            "socks5://p",
            "http://",
            "http://u:hunter2@",
            "http://a:hunter2%4@b",
            "http://a b@c",
            "http://p/hunter2",
            "http://p:99999",
        ] {
            let error = Proxy::parse(Protocol::HttpConnect, url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidUrl, "{url}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{url}");
        }
    }
}
