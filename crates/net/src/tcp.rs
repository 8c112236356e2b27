//! Dialling by TCP: every address of the host in turn, each with a deadline of its own, without Nagle's delay, from any or
//! from given local addresses, directly or through a proxy.

use crate::busy::Busy;
use crate::endpoint::{Endpoint, Scheme};
use crate::error::{Error, ErrorKind};
use crate::io::{BoxIo, Dial, DialFuture};
use crate::proxy::{Protocol, Proxy};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};

/// Opens TCP connections.
#[derive(Debug, Clone)]
pub struct TcpDial {
    /// The deadline for each address, and for the answer of the proxy.
    attempt_timeout: Duration,
    /// The proxy that all connections go through.
    proxy: Option<Proxy>,
    /// The local addresses that connections take in turn; the system chooses when there are none.
    local: Vec<IpAddr>,
    /// Number of connections opened so far, which selects the next local address. Shared by clones.
    opened: Arc<AtomicUsize>,
    /// Whether WebSocket connections are asked for data again and again.
    busy_poll: bool,
}

impl Default for TcpDial {
    fn default() -> Self {
        Self::new()
    }
}

impl TcpDial {
    /// Directly, 5 seconds for each address.
    pub fn new() -> Self {
        Self {
            attempt_timeout: Duration::from_secs(5),
            proxy: None,
            local: Vec::new(),
            opened: Arc::default(),
            busy_poll: false,
        }
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

    /// Binds every connection to this local address, for machines with several. Remote addresses of the other IP version are
    /// skipped.
    #[must_use]
    pub fn local_address(self, address: IpAddr) -> Self {
        self.local_addresses([address])
    }

    /// Binds connections to these local addresses, which they take in turn; clones share the turn. An empty list leaves the
    /// choice to the system.
    ///
    /// The exchange counts request weight and connection attempts per address. The [`Context`](crate::Context) counts as if
    /// all connections came from one address, which never exceeds a limit; for limits per address use one context for each.
    #[must_use]
    pub fn local_addresses(mut self, addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        self.local = addresses.into_iter().collect();
        self
    }

    /// Asks WebSocket connections again and again whether something has come, instead of waiting until the system says so.
    /// That saves the way through the system's and the runtime's queues for each event that comes alone.
    ///
    /// **It costs a processor core for each task that waits for such a connection**, also while nothing comes. Have one task
    /// drive the stream on a runtime of its own ([`tokio::runtime::Builder::new_current_thread`]), on a core that nothing else
    /// needs. Connections of REST are not affected.
    #[must_use]
    pub fn busy_poll(mut self) -> Self {
        self.busy_poll = true;
        self
    }

    /// A connection as those who asked for it drive it.
    fn finish(&self, stream: TcpStream, endpoint: &Endpoint) -> Result<BoxIo, Error> {
        if self.busy_poll && matches!(endpoint.scheme(), Scheme::Ws | Scheme::Wss) {
            let busy = Busy::new(stream).map_err(|error| Error::with_source(ErrorKind::Connect, error))?;
            return Ok(Box::new(busy));
        }
        Ok(Box::new(stream))
    }

    /// The local address of the next connection.
    fn next_local(&self) -> Option<IpAddr> {
        let count = self.local.len();
        // `fetch_add` wraps around; at that point one address comes out of turn, which does no harm.
        let opened = self.opened.fetch_add(1, Ordering::Relaxed);
        self.local.get(opened.checked_rem(count)?).copied()
    }

    /// Sets the deadline for each address, and for the answer of the proxy.
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
        let local = self.next_local();
        let mut last = Error::with_detail(
            ErrorKind::Resolve,
            match local {
                Some(local) => format!("{host} has no address that can be reached from {local}"),
                None => format!("{host} has no address"),
            },
        );
        let matching = addresses.filter(|address| local.is_none_or(|it| it.is_ipv4() == address.is_ipv4()));
        for address in matching {
            match tokio::time::timeout(self.attempt_timeout, connect_from(local, address)).await {
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

/// Connects from `local`, or from the address that the system chooses.
async fn connect_from(local: Option<IpAddr>, remote: SocketAddr) -> io::Result<TcpStream> {
    let Some(local) = local else { return TcpStream::connect(remote).await };
    let socket = if remote.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.bind(SocketAddr::new(local, 0))?;
    socket.connect(remote).await
}

impl Dial for TcpDial {
    fn dial<'a>(&'a self, endpoint: &'a Endpoint) -> DialFuture<'a> {
        Box::pin(async move {
            let Some(proxy) = &self.proxy else {
                let stream = self.connect(endpoint.host(), endpoint.port()).await?;
                return self.finish(stream, endpoint);
            };
            let mut stream = self.connect(proxy.host(), proxy.port()).await?;
            let opening = proxy.open(&mut stream, endpoint.host(), endpoint.port());
            match tokio::time::timeout(self.attempt_timeout, opening).await {
                Ok(Ok(())) => self.finish(stream, endpoint),
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

    #[test]
    fn each_address_has_five_seconds_unless_another_time_is_set() {
        let seconds = Duration::from_secs;
        assert_eq!(TcpDial::new().attempt_timeout, seconds(5));
        assert_eq!(TcpDial::via_socks5("socks5://localhost").unwrap().attempt_timeout, seconds(5));
        assert_eq!(TcpDial::default().attempt_timeout(seconds(9)).attempt_timeout, seconds(9));
    }

    #[cfg(target_os = "linux")] // The whole of 127.0.0.0/8 is local there.
    #[tokio::test]
    async fn connections_take_the_local_addresses_in_turn() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let local = ["127.0.0.2", "127.0.0.3"].map(|text| text.parse::<IpAddr>().unwrap());
        let dial = TcpDial::new().local_addresses(local);
        let other = dial.clone();
        for (dial, expected) in [(&dial, local[0]), (&other, local[1]), (&dial, local[0])] {
            let _stream = dial.connect_to_one("host", [address].into_iter()).await.unwrap();
            assert_eq!(listener.accept().await.unwrap().1.ip(), expected);
        }
        let dial = TcpDial::new().local_address(local[1]);
        let _stream = dial.connect_to_one("host", [address].into_iter()).await.unwrap();
        assert_eq!(listener.accept().await.unwrap().1.ip(), local[1]);
    }

    #[tokio::test]
    async fn a_local_address_of_the_other_ip_version_is_named_in_the_error() {
        let dial = TcpDial::new().local_address("::1".parse().unwrap());
        let remote = [SocketAddr::from(([127, 0, 0, 1], 1))].into_iter();
        let error = dial.connect_to_one("host", remote).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Resolve);
        assert!(error.to_string().ends_with("host has no address that can be reached from ::1"), "{error}");
    }
}
