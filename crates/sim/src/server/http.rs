//! HTTP: REST, and the way into a WebSocket.

use super::auth;
use super::date;
use super::failure::Failure;
use super::gate::{Gate, Identity, Outcome};
use super::link::{End, LinkControl};
use super::operation::Operation;
use super::origin::{self, Refused};
use super::params::Params;
use super::product::Product;
use super::websocket;
use super::write_timeout::WriteTimeout;
use crate::faults::{Action, HANDSHAKE, When};
use crate::limits::OrderCounts;
use crate::sbe;
use crate::shared::{Core, Key, Shared};
use base64::Engine as _;
use binance_kit_core::{JsonWriter, TimeUnit, Timestamp};
use binance_kit_sign::Algorithm;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};

/// Where a connection comes from and what it may say it wants.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// Address of the client.
    pub(crate) ip: IpAddr,
    /// Whether `Host` must name this machine: so it must be on loopback, where any web page could send to.
    pub(crate) check_host: bool,
    /// The switches of the connection.
    pub(crate) link: Arc<LinkControl>,
}

/// Cuts the connection instead of answering.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut on order")]
struct Cut;

const WRONG_ORIGIN: &str = "requests of web pages are not allowed; `binance sim --allow-origin` and \
                            `ExchangeBuilder::allow_origin` allow those of one origin";

type Answer = Response<Full<Bytes>>;

/// Serves one connection until it ends.
pub(crate) async fn serve<T>(shared: Arc<Shared>, io: T, peer: Peer)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    if shared.counters.connected() > shared.caps.max_connections && !shared.http.make_room(false) {
        shared.counters.disconnected();
        return;
    }
    let (id, switch) = shared.register();
    let place = Arc::new(shared.http.add());
    let service = hyper::service::service_fn({
        let (shared, place) = (Arc::clone(&shared), Arc::clone(&place));
        move |request| {
            let (shared, peer, place) = (Arc::clone(&shared), peer.clone(), Arc::clone(&place));
            async move {
                place.used(true);
                let answer = handle::<T>(shared, peer, request).await;
                place.used(false);
                answer
            }
        }
    });
    let io = WriteTimeout::new(io, shared.caps.write_timeout);
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(shared.caps.head_timeout)
        .max_buf_size(64 * 1024)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades();
    tokio::select! {
        result = connection => if let Err(error) = result {
            tracing::debug!(%error, "an HTTP connection ended");
        },
        () = switch.aborted() => {}
        () = place.closed() => {}
    }
    shared.deregister(id);
    shared.counters.disconnected();
}

/// Answers a request, with the time of the answer by the exchange's clock.
async fn handle<T>(shared: Arc<Shared>, peer: Peer, request: Request<Incoming>) -> Result<Answer, Cut>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut answer = answer::<T>(&shared, peer, request).await?;
    if let Some(date) = date::http_date(shared.clock.now()) {
        answer.headers_mut().insert(header::DATE, date);
    }
    Ok(answer)
}

async fn answer<T>(shared: &Arc<Shared>, peer: Peer, request: Request<Incoming>) -> Result<Answer, Cut>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    match origin::refusal(request.headers(), peer.check_host, &shared.allowed_origins) {
        None => {}
        Some(Refused::Host) => return Ok(plain(StatusCode::FORBIDDEN, origin::WRONG_HOST)),
        Some(Refused::Origin) => return Ok(plain(StatusCode::FORBIDDEN, WRONG_ORIGIN)),
    }
    let path = request.uri().path();
    if let Some(product) = Product::of_rest(path) {
        return rest(shared, peer, request, product).await;
    }
    let Some(entrance) = websocket::entrance(path, request.uri().query().unwrap_or_default()) else {
        return Ok(not_found(request.headers()));
    };
    match shared.faults.take(HANDSHAKE, None, When::Before) {
        Some(Action::Delay(delay)) => tokio::time::sleep(delay).await,
        Some(fault) => return faulty(&peer, fault, || not_found(request.headers())),
        None => {}
    }
    let answer = upgrade::<T>(shared, &peer, request, entrance);
    match shared.faults.take(HANDSHAKE, None, When::After) {
        Some(Action::Delay(delay)) => tokio::time::sleep(delay).await,
        Some(fault) => return faulty(&peer, fault, || answer),
        None => {}
    }
    Ok(answer)
}

/// What a fault makes of an answer.
fn faulty(peer: &Peer, fault: Action, answer: impl FnOnce() -> Answer) -> Result<Answer, Cut> {
    match fault {
        Action::Drop => Err(Cut),
        Action::Answer { status, body, html, retry_after } => {
            let mut response = json_answer(status, body);
            let headers = response.headers_mut();
            if html {
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
            }
            if let Some(seconds) = retry_after {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            Ok(response)
        }
        Action::Cut { bytes, reset } => {
            peer.link.end_after(bytes, if reset { End::Reset } else { End::Fin });
            Ok(answer())
        }
        Action::Delay(_) => Ok(answer()),
    }
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

/// Browsers are shown a page; programs get an empty answer, as from the exchange.
fn not_found(headers: &HeaderMap) -> Answer {
    if accepts(headers, "text/html") {
        let mut response = plain(StatusCode::NOT_FOUND, "<html><body><h2>404 Not found</h2></body></html>");
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
        return response;
    }
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// Whether the client asks for this content type by name.
fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    let listed = |value: &HeaderValue| value.to_str().is_ok_and(|value| value.contains(kind));
    headers.get_all(header::ACCEPT).iter().any(listed)
}

fn json_answer(status: u16, body: String) -> Answer {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
    response
}

async fn rest(
    shared: &Shared,
    peer: Peer,
    request: Request<Incoming>,
    product: &'static Product,
) -> Result<Answer, Cut> {
    let (head, body) = request.into_parts();
    let name = format!("{} {}", head.method, head.uri.path());
    let operation = match product.by_path(head.method.as_str(), head.uri.path()) {
        Ok(operation) => operation,
        Err(true) => return Ok(plain(StatusCode::METHOD_NOT_ALLOWED, "the path does not take this method")),
        Err(false) => return Ok(not_found(&head.headers)),
    };
    let body = Limited::new(body, shared.caps.max_body).collect();
    let body = match tokio::time::timeout(shared.caps.body_timeout, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large")),
        Err(_) => return Err(Cut),
    };
    let Ok(body) = std::str::from_utf8(&body) else {
        return Ok(plain(StatusCode::BAD_REQUEST, "the body is not text"));
    };
    shared.counters.request(&name);
    match shared.faults.take(&name, None, When::Before) {
        Some(Action::Delay(delay)) => tokio::time::sleep(delay).await,
        Some(fault) => return faulty(&peer, fault, || not_found(&head.headers)),
        None => {}
    }
    let query = head.uri.query().unwrap_or_default();
    let asked = Asked { operation, query, body, headers: &head.headers, ip: peer.ip };
    let answer = shared.run(|core, now| asked.answer(shared, core, now));
    match shared.faults.take(&name, None, When::After) {
        Some(Action::Delay(delay)) => tokio::time::sleep(delay).await,
        Some(fault) => return faulty(&peer, fault, || answer),
        None => {}
    }
    Ok(answer)
}

/// A REST request with all that belongs to it.
struct Asked<'a> {
    /// Entry of the request.
    operation: &'static Operation,
    /// Query of the request.
    query: &'a str,
    /// Body of the request.
    body: &'a str,
    /// Headers of the request.
    headers: &'a HeaderMap,
    /// Address that the requests come from.
    ip: IpAddr,
}

impl Asked<'_> {
    fn answer(&self, shared: &Shared, core: &mut Core, now: Timestamp) -> Answer {
        let api_key = self.headers.get("x-mbx-apikey").and_then(|key| key.to_str().ok()).unwrap_or_default();
        let identity = Identity::Rest { api_key, query: self.query, body: self.body };
        let params = Params::from_query(self.query, self.body);
        let gate = Gate { shared, ip: self.ip, now };
        let Outcome { result, orders } =
            gate.carry_out(core, self.operation, params.as_ref(), identity, self.time_unit());
        let (status, body, retry_at) = match result {
            Ok(json) => (200, json.into_string(), None),
            Err(failure) => {
                let mut json = JsonWriter::new();
                failure.write(&mut json);
                (failure.status, json.into_string(), failure.retry_at)
            }
        };
        let form = self.form();
        let message = match form {
            Form::Json => None,
            Form::Sbe { .. } | Form::Refused(_) => sbe::body(self.operation.method, status, &body),
        };
        let mut response = json_answer(status, body);
        if let Some(message) = message {
            *response.body_mut() = Full::new(Bytes::from(message));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(sbe::CONTENT_TYPE));
        }
        if matches!(form, Form::Sbe { deprecated: true }) {
            response.headers_mut().insert("x-mbx-sbe-deprecated", HeaderValue::from_static("true"));
        }
        let headers = response.headers_mut();
        let used = HeaderValue::from(core.limits.weight(self.ip, now));
        headers.insert("x-mbx-used-weight", used.clone());
        headers.insert("x-mbx-used-weight-1m", used);
        if let Some(orders) = orders {
            let OrderCounts { in_10_seconds, in_day } = orders;
            headers.insert("x-mbx-order-count-10s", HeaderValue::from(in_10_seconds));
            headers.insert("x-mbx-order-count-1d", HeaderValue::from(in_day));
        }
        if let Some(retry_at) = retry_at {
            let seconds = retry_at.since(now).as_millis().div_ceil(1000).max(1);
            headers
                .insert(header::RETRY_AFTER, HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX)));
        }
        response
    }

    /// The form of the answer. Who takes JSON too gets that where the schema cannot be had; who does not is refused, in
    /// SBE.
    fn form(&self) -> Form {
        if !accepts(self.headers, sbe::CONTENT_TYPE) {
            return Form::Json;
        }
        let schema = self.headers.get("x-mbx-sbe").and_then(|word| word.to_str().ok());
        match sbe::check(schema.unwrap_or_default()) {
            Ok(deprecated) => Form::Sbe { deprecated },
            Err(_) if accepts(self.headers, "application/json") || accepts(self.headers, "*/*") => Form::Json,
            Err(failure) => Form::Refused(failure),
        }
    }

    fn time_unit(&self) -> Result<TimeUnit, Failure> {
        match self.form() {
            Form::Json => {}
            Form::Sbe { .. } => return Ok(TimeUnit::Microsecond),
            Form::Refused(failure) => return Err(failure),
        }
        match self.headers.get("x-mbx-time-unit").map(HeaderValue::as_bytes) {
            None => Ok(TimeUnit::Millisecond),
            Some(unit) => time_unit(unit),
        }
    }
}

/// What an answer of REST is written in.
enum Form {
    /// JSON.
    Json,
    /// SBE; `deprecated` when the client reads an older version of the schema than the newest.
    Sbe {
        /// Whether the client asked for an older version.
        deprecated: bool,
    },
    /// SBE was asked for in a version that there is not; the error is written in the newest one.
    Refused(Failure),
}

/// The unit that a word asks for.
pub(crate) fn time_unit(word: &[u8]) -> Result<TimeUnit, Failure> {
    if word.eq_ignore_ascii_case(b"MILLISECOND") {
        Ok(TimeUnit::Millisecond)
    } else if word.eq_ignore_ascii_case(b"MICROSECOND") {
        Ok(TimeUnit::Microsecond)
    } else {
        Err(Failure::new(
            400,
            -1194,
            "Invalid value for time unit; expected either MICROSECOND or MILLISECOND.",
        ))
    }
}

fn failure_answer(failure: &Failure) -> Answer {
    let mut json = JsonWriter::new();
    failure.write(&mut json);
    json_answer(failure.status, json.into_string())
}

/// The handshake of RFC 6455, 4.2.
fn upgrade<T>(
    shared: &Arc<Shared>,
    peer: &Peer,
    mut request: Request<Incoming>,
    entrance: Result<websocket::Entrance, Failure>,
) -> Answer
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let entrance = match entrance {
        Ok(entrance) => entrance,
        Err(failure) => return failure_answer(&failure),
    };
    let has = |name: header::HeaderName, word: &str| {
        request
            .headers()
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(word)))
    };
    if request.method() != http::Method::GET
        || !has(header::UPGRADE, "websocket")
        || !has(header::CONNECTION, "upgrade")
    {
        return plain(StatusCode::BAD_REQUEST, "this is the way to a WebSocket");
    }
    if !has(header::SEC_WEBSOCKET_VERSION, "13") {
        let mut response = plain(StatusCode::UPGRADE_REQUIRED, "only version 13 is supported");
        response.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        return response;
    }
    let key = request.headers().get(header::SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes).unwrap_or_default();
    let valid = base64::engine::general_purpose::STANDARD.decode(key).is_ok_and(|key| key.len() == 16);
    if !valid {
        return plain(StatusCode::BAD_REQUEST, "Sec-WebSocket-Key is not sixteen bytes");
    }
    let accept = accept_key(key);
    let admitted = shared.run(|core, now| {
        core.limits.connection(&shared.limits, peer.ip, now)?;
        // Connecting costs weight, and a banned address gets no further.
        core.limits.request(&shared.limits, peer.ip, 2, now).map(|_| ())
    });
    if let Err(too_many) = admitted {
        let now = shared.clock.now();
        let mut response = failure_answer(&too_many.clone().into());
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(too_many.retry_after(now)));
        return response;
    }
    if entrance.sbe.is_some() && entrance.is_for_streams() {
        let header = request.headers().get("x-mbx-apikey").and_then(|key| key.to_str().ok());
        let key = auth::find_key(&shared.keys, header.unwrap_or_default());
        let is_allowed = |key: &Key| key.config.verifying.algorithm() == Algorithm::Ed25519;
        if !key.as_ref().is_ok_and(|key| is_allowed(key)) {
            return failure_answer(&key.err().unwrap_or_else(auth::rejected_key));
        }
    }
    let upgraded = hyper::upgrade::on(&mut request);
    shared.spawner.spawn({
        let (shared, ip, link) = (Arc::clone(shared), peer.ip, Arc::clone(&peer.link));
        async move {
            let Ok(upgraded) = upgraded.await else { return };
            // Back to the type it came from: one indirection less on the busiest path.
            match upgraded.downcast::<TokioIo<WriteTimeout<T>>>() {
                Ok(parts) => {
                    let io = parts.io.into_inner().into_inner();
                    websocket::serve(shared, io, parts.read_buf, ip, link, entrance).await;
                }
                Err(upgraded) => {
                    let io = TokioIo::new(upgraded);
                    websocket::serve(shared, io, Bytes::new(), ip, link, entrance).await;
                }
            }
        }
    });
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    if let Ok(accept) = HeaderValue::from_str(&accept) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}

/// What a server answers to a `Sec-WebSocket-Key`.
pub(crate) fn accept_key(key: &[u8]) -> String {
    let mut context = ring::digest::Context::new(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY);
    context.update(key);
    context.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    base64::engine::general_purpose::STANDARD.encode(context.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_key_of_the_rfc() {
        assert_eq!(accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
