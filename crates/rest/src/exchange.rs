//! One request and its answer over the pool: nothing is repeated here. Each failure states whether a byte of the request
//! may have left.

use crate::connect::{Connector, Tasks};
use crate::{Error, ErrorKind, RestConfig, headers};
use binance_kit_core::{Delivery, RateLimit, Responsible, Timestamp};
use binance_kit_net::{Context, Endpoint};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::TokioTimer;
use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The largest head of an answer.
const MAX_HEAD: usize = 64 * 1024;

/// The connection pool of one host.
#[derive(Debug)]
pub(crate) struct Transport {
    /// The pool.
    client: Client<Connector, Full<Bytes>>,
    /// Where the clock comes from.
    context: Context,
    /// The tasks of the connections, which end with the drop of this.
    tasks: Arc<Tasks>,
}

/// The head of an answer and as much of its body as could be read.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The usage of limits that the headers report.
    pub(crate) rate_limits: Vec<RateLimit>,
    /// How long the exchange asks to wait, by its headers.
    pub(crate) retry_after: Option<Duration>,
    /// The body, as far as it was read.
    pub(crate) body: Bytes,
    /// Why the body is not all of it.
    pub(crate) cut: Option<Cut>,
    /// Our wall time when the request was handed to the pool.
    pub(crate) sent: Timestamp,
    /// Our wall time when the head of the answer was there.
    pub(crate) received: Timestamp,
    /// The parameters as they were sent, to take echoes of them out of errors.
    pub(crate) parameters: Bytes,
}

/// Why a body could not be read to its end.
#[derive(Debug)]
pub(crate) struct Cut {
    /// What went wrong.
    pub(crate) kind: ErrorKind,
    /// The cause.
    pub(crate) source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Transport {
    pub(crate) fn new(context: Context, endpoint: Arc<Endpoint>, config: &RestConfig) -> Self {
        let tasks = Arc::new(Tasks::default());
        let client = Client::builder(tasks.executor())
            // Whether a request may be sent again is decided in one place, which is not the pool.
            .retry_canceled_requests(false)
            .pool_idle_timeout(config.idle_timeout)
            .pool_max_idle_per_host(config.max_idle_connections)
            .pool_timer(TokioTimer::new())
            .http1_max_buf_size(MAX_HEAD)
            .build(Connector::new(context.clone(), endpoint));
        Self { client, context, tasks }
    }

    /// Ends all connections.
    pub(crate) fn close(&self) {
        self.tasks.end();
    }

    /// Sends the request once and reads the answer, at most `max_body` bytes of its body.
    ///
    /// Dropping the future gives the answer up, and the connection with it; whether the request left is then not known.
    pub(crate) async fn exchange(
        &self,
        mut request: Request<Full<Bytes>>,
        deadline: Instant,
        max_body: usize,
    ) -> Result<Answer, Error> {
        let connection = capture_connection(&mut request);
        let clock = self.context.clock();
        let sent = clock.now();
        let response = match tokio::time::timeout_at(deadline, self.client.request(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                let assigned = connection.connection_metadata().is_some();
                return Err(lost(error, assigned));
            }
            Err(_) => {
                // As long as the request has no connection it has gone nowhere, and it was dropped with the future.
                let assigned = connection.connection_metadata().is_some();
                let delivery = if assigned { Delivery::MaybeWritten } else { Delivery::NotWritten };
                return Err(Error::new(ErrorKind::Timeout).with_delivery(delivery));
            }
        };
        let received = clock.now();
        let (head, body) = response.into_parts();
        let mut read = BytesMut::new();
        let delimited = headers::body_is_delimited(&head.headers) || body.is_end_stream();
        let (whole, cut) = match tokio::time::timeout_at(deadline, read_body(body, &mut read, max_body)).await
        {
            Ok(Ok(whole)) => (whole, None),
            Ok(Err(cut)) => (None, Some(cut)),
            Err(_) => (None, Some(Cut { kind: ErrorKind::Timeout, source: None })),
        };
        let cut = cut.or_else(|| (!delimited).then_some(Cut { kind: ErrorKind::Truncated, source: None }));
        Ok(Answer {
            status: head.status.as_u16(),
            rate_limits: headers::rate_limits(&head.headers),
            retry_after: headers::retry_after(&head.headers, clock.exchange_now()),
            headers: head.headers,
            body: whole.unwrap_or_else(|| read.freeze()),
            cut,
            sent,
            received,
            parameters: Bytes::new(),
        })
    }
}

/// Reads the body into `read`, which keeps what came when this fails. A body of one piece is given back as it is,
/// without a copy. Memory grows with what is received, never with what is announced.
async fn read_body(mut body: Incoming, read: &mut BytesMut, max_body: usize) -> Result<Option<Bytes>, Cut> {
    let too_large = || Cut { kind: ErrorKind::TooLarge, source: None };
    if body.size_hint().lower() > u64::try_from(max_body).unwrap_or(u64::MAX) {
        return Err(too_large());
    }
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|error| Cut { kind: body_error_kind(&error), source: Some(error.into()) })?;
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > max_body.saturating_sub(read.len()) {
            return Err(too_large());
        }
        if read.is_empty() && body.is_end_stream() {
            return Ok(Some(data));
        }
        read.extend_from_slice(&data);
    }
    Ok(None)
}

/// Malformed chunks are one thing, an end before its time another.
fn body_error_kind(error: &hyper::Error) -> ErrorKind {
    let io_kind = error.source().and_then(|source| source.downcast_ref::<io::Error>()).map(io::Error::kind);
    match io_kind {
        Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => ErrorKind::Protocol,
        _ => ErrorKind::Truncated,
    }
}

/// What a failure before the head of an answer means. `assigned` says whether the request was given to a connection.
fn lost(error: legacy::Error, assigned: bool) -> Error {
    let cause = error.source().and_then(|source| source.downcast_ref::<hyper::Error>());
    // hyper says "canceled" only of a request that it hands back unstarted.
    let unstarted = cause.is_some_and(hyper::Error::is_canceled);
    let kind = if error.is_connect() {
        ErrorKind::Connect
    } else if cause.is_some_and(hyper::Error::is_parse) {
        ErrorKind::Protocol
    } else {
        ErrorKind::ConnectionLost
    };
    let delivery = if assigned && !unstarted { Delivery::MaybeWritten } else { Delivery::NotWritten };
    let error = Error::new(kind).with_delivery(delivery).with_source(error);
    // A certificate, a proxy or a URL that cannot be used does not improve by itself.
    let network = error.find_source::<binance_kit_net::Error>();
    if network.is_some_and(|network| !network.is_transient()) {
        return error.with_responsible(Responsible::Caller);
    }
    error
}
