//! Dialling by TCP: every address of the host in turn, each with a deadline of its own, and without Nagle's delay.

use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::io::{BoxIo, Dial, DialFuture};
use std::time::Duration;
use tokio::net::TcpStream;

/// Opens TCP connections.
#[derive(Debug, Clone)]
pub struct TcpDial {
    attempt_timeout: Duration,
}

impl Default for TcpDial {
    fn default() -> Self {
        Self::new()
    }
}

impl TcpDial {
    /// Directly, 5 seconds for each address.
    pub fn new() -> Self {
        Self { attempt_timeout: Duration::from_secs(5) }
    }

    /// The deadline for each address.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    pub(crate) async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, Error> {
        let addresses = tokio::net::lookup_host((host, port))
            .await
            .map_err(|error| Error::with_source(ErrorKind::Resolve, error).detail(host))?;
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
            let stream = self.connect(endpoint.host(), endpoint.port()).await?;
            Ok(Box::new(stream) as BoxIo)
        })
    }
}
