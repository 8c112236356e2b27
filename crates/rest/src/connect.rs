//! How the connection pool gets its connections (from the dialler of the context) and where its tasks run (they end with
//! the client).

use binance_kit_net::task::{self, Task};
use binance_kit_net::{BoxIo, Context, Endpoint, Error, ErrorKind};
use http::Uri;
use hyper::rt::{Executor, Read, ReadBufCursor, Write};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context as TaskContext, Poll};
use tower_service::Service;

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Opens connections to one host: dialling, TLS where the endpoint asks for it, and one deadline for
/// both.
#[derive(Clone)]
pub(crate) struct Connector {
    /// The deadline for connecting comes from here.
    context: Context,
    /// The host.
    endpoint: Arc<Endpoint>,
    /// Adds TLS where the URI asks for it.
    https: HttpsConnector<Dialler>,
}

impl Connector {
    pub(crate) fn new(context: Context, endpoint: Arc<Endpoint>) -> Self {
        let dialler = Dialler { context: context.clone(), endpoint: Arc::clone(&endpoint) };
        let mut config = Arc::clone(context.tls().config());
        // The pool uses HTTP/1.1 only, even where a TLS configuration of the caller offers more.
        if config.alpn_protocols.iter().any(|protocol| protocol != b"http/1.1") {
            Arc::make_mut(&mut config).alpn_protocols = vec![b"http/1.1".to_vec()];
        }
        Self { context, endpoint, https: HttpsConnector::from((dialler, config)) }
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<Link>;
    type Error = Error;
    type Future = BoxFuture<Result<Self::Response, Error>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.https.call(uri);
        let limit = self.context.connect_timeout();
        let endpoint = Arc::clone(&self.endpoint);
        Box::pin(async move {
            match tokio::time::timeout(limit, connecting).await {
                Ok(Ok(stream)) => Ok(stream),
                Ok(Err(error)) => Err(match error.downcast::<Error>() {
                    Ok(error) => *error,
                    // What does not come from the dialler comes from TLS.
                    Err(error) => Error::with_source(ErrorKind::Tls, error).detail(endpoint.authority()),
                }),
                Err(_) => Err(Error::with_detail(
                    ErrorKind::Timeout,
                    format!("connecting to {}", endpoint.authority()),
                )),
            }
        })
    }
}

/// Opens plain byte streams to the host, without a look at the URI: each host has a pool of its own.
#[derive(Clone)]
pub(crate) struct Dialler {
    /// How to dial.
    context: Context,
    /// The host.
    endpoint: Arc<Endpoint>,
}

impl Service<Uri> for Dialler {
    type Response = Link;
    type Error = Error;
    type Future = BoxFuture<Result<Link, Error>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let this = self.clone();
        Box::pin(async move { Ok(Link(TokioIo::new(this.context.dial().dial(&this.endpoint).await?))) })
    }
}

/// A byte stream with the traits that the pool needs.
pub(crate) struct Link(TokioIo<BoxIo>);

impl Connection for Link {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Link {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl Write for Link {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bytes)
    }
}

/// The tasks of a pool. Dropping it ends them.
#[derive(Debug, Default)]
pub(crate) struct Tasks(Mutex<Vec<Task<()>>>);

impl Tasks {
    pub(crate) fn executor(self: &Arc<Self>) -> TaskExecutor {
        TaskExecutor(Arc::downgrade(self))
    }

    /// Ends all tasks, and with them the connections.
    pub(crate) fn end(&self) {
        // Outside the lock: a task that ends may come back here.
        let ended = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        drop(ended);
    }
}

/// Runs the pool's tasks. Holds its owner weakly: a task that connects in the background keeps an executor alive, and must
/// not keep itself alive by it.
#[derive(Debug, Clone)]
pub(crate) struct TaskExecutor(Weak<Tasks>);

impl<F> Executor<F> for TaskExecutor
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, future: F) {
        // Without an owner the client is gone, and with it the need for the task.
        let Some(tasks) = self.0.upgrade() else { return };
        // The pool may want a task while a connection is dropped outside the runtime; spawning there would panic.
        if tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        // Outside the lock: a runtime that is shutting down drops the future at once, and that may come back here.
        let task = task::spawn("rest connection", future);
        let mut tasks = tasks.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.retain(|task| !task.is_finished());
        tasks.push(task);
    }
}
