//! The extension point between protocols and sockets: a connection is anything that can be read from and written to.

use crate::endpoint::Endpoint;
use crate::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use tokio::io::{AsyncRead, AsyncWrite};

/// A byte stream: TCP, TLS, or a link in memory.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Io for T {}

/// A boxed byte stream.
pub type BoxIo = Box<dyn Io>;

/// A boxed future, since dialling is behind a trait object.
pub type DialFuture<'a> = Pin<Box<dyn Future<Output = Result<BoxIo, Error>> + Send + 'a>>;

/// Opens byte streams. The stream is plain: the caller adds TLS where the endpoint asks for it.
pub trait Dial: Send + Sync + fmt::Debug + 'static {
    /// Opens a byte stream to the endpoint's host and port. Dropping the future gives up.
    fn dial<'a>(&'a self, endpoint: &'a Endpoint) -> DialFuture<'a>;
}

/// A dialler made of a function: for links in memory between a client and the embedded exchange.
pub struct DialWith<F>(F);

impl<F> fmt::Debug for DialWith<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DialWith")
    }
}

impl<F, T> DialWith<F>
where
    F: Fn(&Endpoint) -> Result<T, Error> + Send + Sync + 'static,
    T: Io,
{
    /// Calls `open` for each connection.
    pub fn new(open: F) -> Self {
        Self(open)
    }
}

impl<F, T> Dial for DialWith<F>
where
    F: Fn(&Endpoint) -> Result<T, Error> + Send + Sync + 'static,
    T: Io,
{
    fn dial<'a>(&'a self, endpoint: &'a Endpoint) -> DialFuture<'a> {
        let opened = (self.0)(endpoint).map(|io| Box::new(io) as BoxIo);
        Box::pin(std::future::ready(opened))
    }
}
