//! Dialling by TCP: every address of the host in turn, each with a deadline of its own, without Nagle's delay, directly or
//! through a proxy.

use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::io::{BoxIo, Dial, DialFuture};
use crate::proxy::{Protocol, Proxy};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

/// Opens TCP connections.
#[derive(Debug, Clone)]
pub struct TcpDial {
    attempt_timeout: Duration,
    proxy: Option<Proxy>,
}

impl Default for TcpDial {
    fn default() -> Self {
        Self::new()
    }
}

impl TcpDial {
    /// Directly, 5 seconds for each address.
    pub fn new() -> Self {
        Self { attempt_timeout: Duration::from_secs(5), proxy: None }
    }

    /// Through an HTTP proxy with CONNECT, `http://[user[:password]@]host[:port]`; the port is 80 otherwise. User and password are
    /// percent-encoded. All connections go through it, also those to loopback; the proxy resolves the names.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidUrl`].
    pub fn via_http_proxy(url: &str) -> Result<Self, Error> {
        Ok(Self { proxy: Some(Proxy::parse(Protocol::HttpConnect, url)?), ..Self::new() })
    }

    /// Through a SOCKS5 proxy, `socks5://[user[:password]@]host[:port]`; the port is 1080 otherwise. Else as
    /// [`Self::via_http_proxy`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidUrl`].
    pub fn via_socks5(url: &str) -> Result<Self, Error> {
        Ok(Self { proxy: Some(Proxy::parse(Protocol::Socks5, url)?), ..Self::new() })
    }

    /// The deadline for each address, and for all that the proxy has to say.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    pub(crate) async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, Error> {
        let addresses = tokio::net::lookup_host((host, port))
            .await
            .map_err(|error| Error::with_source(ErrorKind::Resolve, error).detail(host))?;
        self.connect_to_one(host, addresses).await
    }

    /// Connects to the first of the addresses that answers.
    async fn connect_to_one(
        &self,
        host: &str,
        addresses: impl Iterator<Item = SocketAddr>,
    ) -> Result<TcpStream, Error> {
        let mut last = Error::with_detail(ErrorKind::Resolve, format!("{host} has no address"));
        for address in addresses {
            match tokio::time::timeout(self.attempt_timeout, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    stream
                        .set_nodelay(true)
                        .map_err(|error| Error::with_source(ErrorKind::Connect, error))?;
                    return Ok(stream);
                }
                Ok(Err(error)) => {
                    last =
                        Error::with_source(ErrorKind::Connect, error).detail(format!("{host} ({address})"));
                }
                Err(_) => {
                    last =
                        Error::with_detail(ErrorKind::Timeout, format!("connecting to {host} ({address})"));
                }
            }
        }
        Err(last)
    }
}

impl Dial for TcpDial {
    fn dial<'a>(&'a self, endpoint: &'a Endpoint) -> DialFuture<'a> {
        Box::pin(async move {
            let Some(proxy) = &self.proxy else {
                let stream = self.connect(endpoint.host(), endpoint.port()).await?;
                return Ok(Box::new(stream) as BoxIo);
            };
            let mut stream = self.connect(proxy.host(), proxy.port()).await?;
            let opening = proxy.open(&mut stream, endpoint.host(), endpoint.port());
            match tokio::time::timeout(self.attempt_timeout, opening).await {
                Ok(Ok(())) => Ok(Box::new(stream) as BoxIo),
                Ok(Err(error)) => Err(error),
                Err(_) => Err(Error::with_detail(ErrorKind::Timeout, "waiting for the proxy")),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn b2_the_first_address_is_dead_and_the_second_answers() {
        let dead = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let alive = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addresses = [dead, alive.local_addr().unwrap()];
        let stream = TcpDial::new().connect_to_one("host", addresses.into_iter()).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), addresses[1]);
        assert!(stream.nodelay().unwrap());
        let error = TcpDial::new().connect_to_one("host", [dead, dead].into_iter()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        let error = TcpDial::new().connect_to_one("host", std::iter::empty()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Resolve);
    }
}
