//! The task that owns the socket: it connects, logs on, writes requests, routes answers and events, and begins anew when
//! the connection is lost.

use crate::call::{Answer, Call, Claim};
use crate::config::{SessionState, WsApiConfig};
use crate::correlator::{Correlator, InFlight, next_id};
use crate::error::{Error, ErrorKind};
use crate::user_data::Sink;
use binance_kit_core::decode::{EventFrame, Frame, FrameId, ResponseFrame, Value};
use binance_kit_core::{
    ApiError, Decode as _, Decoder, Delivery, JsonWriter, ParamWriter, RateLimit, Security, TimeUnit,
};
use binance_kit_net::ws::{Message, Sent, WebSocket};
use binance_kit_net::{Backoff, BoxIo, Endpoint, ErrorKind as NetErrorKind, Network};
use binance_kit_sign::{Algorithm, Credentials};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::Instant;

/// How many requests are written together at most.
const BATCH: usize = 64;
/// How long an answer that nobody waits for is still expected.
const ABANDONED_FOR: Duration = Duration::from_secs(60);

type Done = oneshot::Sender<Result<(), Error>>;
type Socket = WebSocket<BoxIo>;

/// What callers ask of the task.
pub(crate) enum Command {
    Call(Call),
    SubscribeUserData { key: u64, sink: Box<dyn Sink>, claim: Claim, reply: Done },
    UnsubscribeUserData { key: u64, reply: Option<Done> },
    LogOn(Done),
    LogOut(Done),
}

/// Requests of the task's own.
enum Internal {
    LogOn(Option<Done>),
    LogOut(Done),
    Subscribe { key: u64, reply: Option<Done> },
    Unsubscribe(Option<Done>),
}

struct Written {
    sent: Sent,
    at: Instant,
}

struct Subscription {
    sink: Box<dyn Sink>,
    /// The exchange's number for it on this connection.
    remote: Option<u64>,
}

enum Ended {
    /// All handles are gone, or the owner closed the client.
    Closed,
    Lost(binance_kit_net::Error),
}

pub(crate) struct Actor {
    pub(crate) network: Network,
    pub(crate) endpoint: Endpoint,
    pub(crate) config: WsApiConfig,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) commands: mpsc::Receiver<Command>,
    pub(crate) state: watch::Sender<SessionState>,
    pub(crate) closing: Arc<Notify>,
    connection: Connection,
}

/// What lives and dies with a connection, and the subscriptions that outlive it.
struct Connection {
    correlator: Correlator<Written>,
    internal: HashMap<u64, (Internal, Instant)>,
    subscriptions: HashMap<u64, Subscription>,
    decoder: Option<Decoder>,
    generation: u64,
    /// Whether connections are logged on.
    session: bool,
    authenticated: bool,
    refused: Option<ApiError>,
    /// Set when the exchange took the session back: the connection is to be replaced.
    revoked: bool,
}

impl Actor {
    pub(crate) fn new(
        network: Network,
        endpoint: Endpoint,
        config: WsApiConfig,
        credentials: Option<Credentials>,
        commands: mpsc::Receiver<Command>,
        state: watch::Sender<SessionState>,
        closing: Arc<Notify>,
    ) -> Self {
        let session = config.log_on
            && credentials.as_ref().is_some_and(|credentials| credentials.algorithm() == Algorithm::Ed25519);
        let connection = Connection {
            correlator: Correlator::new(),
            internal: HashMap::new(),
            subscriptions: HashMap::new(),
            decoder: Some(Decoder::new()),
            generation: 0,
            session,
            authenticated: false,
            refused: None,
            revoked: false,
        };
        Self { network, endpoint, config, credentials, commands, state, closing, connection }
    }

    /// Runs until closed. `first` learns how the first attempt to connect went; when it failed, the task ends.
    pub(crate) async fn run(mut self, first: oneshot::Sender<Result<(), Error>>) {
        let mut first = Some(first);
        let mut backoff = Backoff::new(self.config.backoff);
        let closing = Arc::clone(&self.closing);
        loop {
            let delay = backoff.next_delay(self.network.random(), None);
            let connected = tokio::select! {
                () = closing.notified() => break,
                connected = self.connect(delay) => connected,
            };
            let since = self.network.clock().monotonic();
            let ended = match connected {
                Ok(mut socket) => {
                    if let Some(first) = first.take() {
                        let refused = self.connection.refused.clone();
                        let failed = refused.is_some();
                        let _ = first.send(refused.map_or(Ok(()), |error| {
                            Err(Error::authentication(Delivery::NotWritten, error).of_method("session.logon"))
                        }));
                        if failed {
                            break;
                        }
                    }
                    self.live(&mut socket).await
                }
                Err(error) => {
                    if let Some(first) = first.take() {
                        let _ =
                            first.send(Err(Error::network(ErrorKind::Connect, Delivery::NotWritten, error)));
                        break;
                    }
                    Ended::Lost(error)
                }
            };
            match ended {
                Ended::Closed => break,
                Ended::Lost(error) => {
                    tracing::warn!(endpoint = %self.endpoint, %error, "WebSocket API connection lost");
                    backoff.ended_after(self.network.clock().monotonic() - since);
                    self.state.send_replace(SessionState::Connecting);
                }
            }
        }
        self.state.send_replace(SessionState::Closed);
    }

    /// Connects and, where that is wanted, logs on and renews the subscriptions.
    async fn connect(&mut self, delay: Duration) -> Result<Socket, binance_kit_net::Error> {
        self.network.clock().sleep(delay).await;
        let mut path = self.endpoint.path().to_owned();
        if self.config.time_unit == TimeUnit::Microsecond {
            path.push_str("?timeUnit=MICROSECOND");
        }
        let root = self.endpoint.with_path("");
        let mut socket =
            WebSocket::connect(&self.network, &root, &path, &[], &self.config.web_socket).await?;
        self.connection.authenticated = false;
        self.connection.revoked = false;
        if self.connection.session && self.connection.refused.is_none() {
            self.write_internal(&mut socket, "session.logon", Internal::LogOn(None))?;
            let deadline = self.network.clock().monotonic() + self.config.timeout;
            while !self.connection.internal.is_empty() {
                let message = tokio::time::timeout_at(deadline, socket.next()).await.map_err(|_| {
                    binance_kit_net::Error::with_detail(
                        NetErrorKind::Timeout,
                        "session.logon was not answered",
                    )
                })??;
                if let Message::Text(text) | Message::Binary(text) = message {
                    self.frame(&mut socket, &text);
                }
            }
            if self.connection.revoked {
                return Err(binance_kit_net::Error::with_detail(
                    NetErrorKind::Closed,
                    "the exchange cannot log on now",
                ));
            }
        }
        let keys: Vec<u64> = self.connection.subscriptions.keys().copied().collect();
        for key in keys {
            self.subscribe(&mut socket, key, None)?;
        }
        self.announce();
        self.connection.generation += 1;
        Ok(socket)
    }

    fn announce(&mut self) {
        let connection = &self.connection;
        self.state.send_replace(match &connection.refused {
            Some(error) if connection.session => SessionState::AuthenticationRefused(error.clone()),
            _ => SessionState::Connected {
                generation: connection.generation,
                authenticated: connection.authenticated,
            },
        });
    }

    /// Serves the connection until it ends; then every request in flight learns that.
    async fn live(&mut self, socket: &mut Socket) -> Ended {
        let ended = self.serve(socket).await;
        let (kind, reason) = match &ended {
            Ended::Closed => (ErrorKind::Closed, None),
            Ended::Lost(error) => (ErrorKind::ConnectionLost, Some(error.to_string())),
        };
        for request in self.connection.correlator.drain(|_| true) {
            let delivery = socket.delivery(request.written.sent);
            let error = match &reason {
                Some(reason) => Error::network(
                    kind,
                    delivery,
                    binance_kit_net::Error::with_detail(NetErrorKind::ConnectionLost, reason.clone()),
                ),
                None => Error::new(kind, delivery),
            };
            request.reply.failed(error.of_method(&request.method));
        }
        for (_, (internal, _)) in self.connection.internal.drain() {
            // A subscription stays wanted; its caller has the next connection to wait for no more than others.
            if let Internal::LogOn(Some(reply))
            | Internal::LogOut(reply)
            | Internal::Unsubscribe(Some(reply))
            | Internal::Subscribe { reply: Some(reply), .. } = internal
            {
                let _ = reply.send(Err(Error::new(kind, Delivery::MaybeWritten)));
            }
        }
        for subscription in self.connection.subscriptions.values_mut() {
            if subscription.remote.take().is_some() {
                subscription.sink.interrupted();
            }
        }
        if matches!(ended, Ended::Closed) {
            let _ = socket.close(1000, "");
            let _ = tokio::time::timeout(Duration::from_secs(1), socket.flush()).await;
        }
        ended
    }

    async fn serve(&mut self, socket: &mut Socket) -> Ended {
        let closing = Arc::clone(&self.closing);
        let timer = tokio::time::sleep_until(self.next_check(socket));
        tokio::pin!(timer);
        let mut pinged = false;
        loop {
            enum Step {
                Message(Result<Message, binance_kit_net::Error>),
                Command(Option<Command>),
                Timer,
                Close,
            }
            let step = tokio::select! {
                message = socket.next() => Step::Message(message),
                command = self.commands.recv() => Step::Command(command),
                () = timer.as_mut() => Step::Timer,
                () = closing.notified() => Step::Close,
            };
            match step {
                Step::Message(Ok(Message::Text(text) | Message::Binary(text))) => {
                    self.frame(socket, &text);
                    if self.connection.revoked {
                        return Ended::Lost(binance_kit_net::Error::with_detail(
                            NetErrorKind::Closed,
                            "the exchange ended the session",
                        ));
                    }
                }
                Step::Message(Ok(_)) => pinged = false,
                Step::Message(Err(error)) => return Ended::Lost(error),
                Step::Command(None) | Step::Close => return Ended::Closed,
                Step::Command(Some(command)) => {
                    self.command(socket, command);
                    // What waits is written with it.
                    for _ in 1..BATCH {
                        let Ok(command) = self.commands.try_recv() else { break };
                        self.command(socket, command);
                    }
                }
                Step::Timer => {
                    if let Err(error) = self.timers(socket, &mut pinged) {
                        return Ended::Lost(error);
                    }
                    timer.as_mut().reset(self.next_check(socket));
                }
            }
        }
    }

    fn next_check(&self, socket: &Socket) -> Instant {
        let now = self.network.clock().monotonic();
        let half = self.config.idle_timeout / 2;
        (socket.last_received() + half).max(now + half / 4)
    }

    fn timers(&mut self, socket: &mut Socket, pinged: &mut bool) -> Result<(), binance_kit_net::Error> {
        let now = self.network.clock().monotonic();
        let quiet = now.saturating_duration_since(socket.last_received());
        if quiet >= self.config.idle_timeout {
            let detail = format!("nothing arrived for {} seconds", quiet.as_secs());
            return Err(binance_kit_net::Error::with_detail(NetErrorKind::Timeout, detail));
        }
        if quiet < self.config.idle_timeout / 2 {
            *pinged = false;
        } else if !*pinged {
            *pinged = true;
            socket.send_ping(b"")?;
        }
        self.connection.correlator.sweep(|request| request.written.at + ABANDONED_FOR <= now);
        if self.connection.internal.values().any(|(_, at)| *at + self.config.timeout <= now) {
            let detail = "a request of the session itself was not answered";
            return Err(binance_kit_net::Error::with_detail(NetErrorKind::Timeout, detail));
        }
        self.drop_dead(socket)
    }

    /// Ends subscriptions whose consumers are gone.
    fn drop_dead(&mut self, socket: &mut Socket) -> Result<(), binance_kit_net::Error> {
        let dead: Vec<u64> = self
            .connection
            .subscriptions
            .iter()
            .filter(|(_, subscription)| subscription.sink.is_dead())
            .map(|(key, _)| *key)
            .collect();
        for key in dead {
            self.unsubscribe(socket, key, None)?;
        }
        Ok(())
    }

    fn command(&mut self, socket: &mut Socket, command: Command) {
        match command {
            Command::Call(call) => self.write(socket, call),
            Command::SubscribeUserData { key, sink, claim, reply } => {
                if !claim.take() {
                    return;
                }
                if let Some(error) = self.unauthenticated() {
                    let _ = reply.send(Err(error.of_method("userDataStream.subscribe")));
                    return;
                }
                self.connection.subscriptions.insert(key, Subscription { sink, remote: None });
                // A failure to write ends the connection soon enough, and with it this request.
                if let Err(error) = self.subscribe(socket, key, Some(reply)) {
                    tracing::warn!(%error, "cannot write");
                }
            }
            Command::UnsubscribeUserData { key, reply } => {
                if let Err(error) = self.unsubscribe(socket, key, reply) {
                    tracing::warn!(%error, "cannot write");
                }
            }
            Command::LogOn(reply) => {
                self.connection.refused = None;
                self.connection.session = true;
                let _ = self.write_internal(socket, "session.logon", Internal::LogOn(Some(reply)));
            }
            Command::LogOut(reply) => {
                self.connection.session = false;
                let _ = self.write_internal(socket, "session.logout", Internal::LogOut(reply));
            }
        }
    }

    /// Why a signed request cannot be sent now, if it cannot.
    fn unauthenticated(&self) -> Option<Error> {
        if self.credentials.is_none() {
            return Some(Error::new(ErrorKind::MissingCredentials, Delivery::NotWritten));
        }
        let refused = self.connection.refused.as_ref().filter(|_| self.connection.session)?;
        Some(Error::authentication(Delivery::NotWritten, refused.clone()))
    }

    fn write(&mut self, socket: &mut Socket, call: Call) {
        // From here on the caller cannot take it back.
        if !call.claim.take() {
            return;
        }
        let Call { method, mut params, security, reply, .. } = call;
        let signed = security != Security::None;
        if signed && let Some(error) = self.unauthenticated() {
            return reply.failed(error.of_method(&method));
        }
        if let Err(error) = self.authorize(&method, security, &mut params) {
            return reply.failed(error.of_method(&method));
        }
        let id = next_id();
        match socket.send_text(&request_text(id, &method, &params)) {
            Ok(sent) => {
                let written = Written { sent, at: self.network.clock().monotonic() };
                self.connection.correlator.insert(id, InFlight { method, reply, signed, written });
            }
            Err(error) => {
                let error = Error::network(ErrorKind::ConnectionLost, Delivery::NotWritten, error);
                reply.failed(error.of_method(&method));
            }
        }
    }

    /// Adds what a signed request needs, as late as can be.
    fn authorize(&self, method: &str, security: Security, params: &mut ParamWriter) -> Result<(), Error> {
        if security == Security::None {
            return Ok(());
        }
        let Some(credentials) = &self.credentials else {
            return Err(Error::new(ErrorKind::MissingCredentials, Delivery::NotWritten));
        };
        let session = self.connection.authenticated && method != "session.logon";
        if !session {
            params.text("apiKey", credentials.api_key().as_str());
        }
        if security == Security::ApiKey {
            return Ok(());
        }
        if let Some(window) = self.config.recv_window
            && !params.names().any(|name| name == "recvWindow")
        {
            params.json("recvWindow", &milliseconds(window));
        }
        params.integer("timestamp", self.network.clock().exchange_now().as_millis());
        if !session {
            let signature =
                credentials.sign(params.to_sorted_payload().as_bytes()).map_err(Error::signing)?;
            params.text("signature", signature.as_str());
        }
        Ok(())
    }

    fn write_internal(
        &mut self,
        socket: &mut Socket,
        method: &str,
        internal: Internal,
    ) -> Result<(), binance_kit_net::Error> {
        let security = match &internal {
            Internal::LogOn(_) => Security::Signed,
            Internal::Subscribe { .. } if !self.connection.authenticated => Security::Signed,
            _ => Security::None,
        };
        let mut params = ParamWriter::new();
        if let Err(error) = self.authorize(method, security, &mut params) {
            if let Internal::LogOn(Some(reply)) | Internal::Subscribe { reply: Some(reply), .. } = internal {
                let _ = reply.send(Err(error.of_method(method)));
            } else {
                tracing::error!(%error, method, "cannot sign");
            }
            return Ok(());
        }
        self.send_internal(socket, method, &params, internal)
    }

    fn send_internal(
        &mut self,
        socket: &mut Socket,
        method: &str,
        params: &ParamWriter,
        internal: Internal,
    ) -> Result<(), binance_kit_net::Error> {
        let id = next_id();
        socket.send_text(&request_text(id, method, params))?;
        self.connection.internal.insert(id, (internal, self.network.clock().monotonic()));
        Ok(())
    }

    fn subscribe(
        &mut self,
        socket: &mut Socket,
        key: u64,
        reply: Option<Done>,
    ) -> Result<(), binance_kit_net::Error> {
        let method = if self.connection.authenticated {
            "userDataStream.subscribe"
        } else {
            "userDataStream.subscribe.signature"
        };
        self.write_internal(socket, method, Internal::Subscribe { key, reply })
    }

    fn unsubscribe(
        &mut self,
        socket: &mut Socket,
        key: u64,
        reply: Option<Done>,
    ) -> Result<(), binance_kit_net::Error> {
        let remote = self.connection.subscriptions.remove(&key).and_then(|subscription| subscription.remote);
        match remote {
            Some(remote) => {
                let mut params = ParamWriter::new();
                params.integer("subscriptionId", remote);
                self.send_internal(
                    socket,
                    "userDataStream.unsubscribe",
                    &params,
                    Internal::Unsubscribe(reply),
                )
            }
            None => {
                if let Some(reply) = reply {
                    let _ = reply.send(Ok(()));
                }
                Ok(())
            }
        }
    }

    fn frame(&mut self, socket: &mut Socket, text: &[u8]) {
        // The decoder is lent out while `self` is used to route what it read.
        let mut decoder = self.connection.decoder.take().unwrap_or_default();
        let result = decoder.frame(text, |frame| {
            match frame {
                Frame::Response(response) => self.response(socket, &response),
                Frame::Event(event) => self.event(socket, event),
                _ => {}
            }
            Ok(())
        });
        self.connection.decoder = Some(decoder);
        if let Err(error) = result {
            tracing::warn!(%error, "a frame could not be read");
        }
    }

    fn event(&mut self, socket: &mut Socket, event: EventFrame<'_>) {
        let kind = event.data.get("e").and_then(|kind| kind.as_str().ok());
        let Some(remote) = event.subscription else {
            tracing::info!(kind, "an event that concerns the connection");
            return;
        };
        let found = self
            .connection
            .subscriptions
            .iter_mut()
            .find(|(_, subscription)| subscription.remote == Some(remote));
        let Some((key, subscription)) = found else { return };
        subscription.sink.event(event, self.network.clock().now());
        if kind == Some("eventStreamTerminated") {
            let key = *key;
            subscription.remote = None;
            subscription.sink.interrupted();
            let _ = self.subscribe(socket, key, None);
        }
    }

    fn response(&mut self, socket: &mut Socket, response: &ResponseFrame<'_>) {
        let rate_limits =
            response.rate_limits.and_then(|limits| Vec::<RateLimit>::decode(limits).ok()).unwrap_or_default();
        for usage in &rate_limits {
            self.network.governor().observe(usage);
        }
        let error = response.api_error();
        if let (Some(429 | 418), Some(error)) = (response.status, &error) {
            let now = self.network.clock().exchange_now();
            self.network.governor().hold(error.retry_after.map(|until| until.since(now)));
        }
        let id = match response.id {
            FrameId::Number(id) => Some(id),
            FrameId::Text(text) => text.parse().ok(),
            _ => None,
        };
        if id.is_none()
            && let Some(error) = error
        {
            return self.session_error(response.status, &error);
        }
        if let Some((internal, _)) = id.and_then(|id| self.connection.internal.remove(&id)) {
            return self.internal_answer(socket, internal, response, error);
        }
        let Some(request) = self.connection.correlator.take(id) else {
            tracing::debug!(
                ?id,
                unmatched = self.connection.correlator.unmatched(),
                in_flight = self.connection.correlator.len(),
                "an answer that nothing waits for"
            );
            return;
        };
        match (error, response.result) {
            (Some(error), _) => {
                request.reply.failed(Error::api(response.status, error).of_method(&request.method));
            }
            (None, Some(result)) => request.reply.answered(Answer {
                status: response.status.unwrap_or(200),
                result,
                rate_limits,
                round_trip: self.network.clock().monotonic() - request.written.at,
            }),
            (None, None) => request.reply.failed(
                Error::decode(binance_kit_core::DecodeError::missing("result")).of_method(&request.method),
            ),
        }
    }

    /// An error that answers no request: the exchange took the session back, or could not read what we wrote.
    fn session_error(&mut self, status: Option<u16>, error: &ApiError) {
        tracing::warn!(?status, %error, "an error that concerns the connection");
        if status == Some(401) || error.code.is_authentication() {
            for request in self.connection.correlator.drain(|request| request.signed) {
                let error = Error::authentication(Delivery::MaybeWritten, error.clone());
                request.reply.failed(error.of_method(&request.method));
            }
            // A new connection logs on once more; when that is refused, it stays so.
            self.connection.revoked = true;
        }
    }

    fn internal_answer(
        &mut self,
        socket: &mut Socket,
        internal: Internal,
        response: &ResponseFrame<'_>,
        error: Option<ApiError>,
    ) {
        let result = match error {
            Some(error) => Err(error),
            None => Ok(response.result),
        };
        let status = response.status;
        match internal {
            Internal::LogOn(reply) => {
                match &result {
                    Ok(_) => {
                        self.connection.authenticated = true;
                        self.connection.refused = None;
                    }
                    // Not a word about the key: try again later.
                    Err(error)
                        if error.code.is_rate_limit() || status.is_some_and(|status| status >= 500) =>
                    {
                        self.connection.revoked = true;
                    }
                    Err(error) => self.connection.refused = Some(error.clone()),
                }
                if let Some(reply) = reply {
                    self.announce();
                    let _ = reply.send(match result {
                        Ok(_) => Ok(()),
                        Err(error) => {
                            Err(Error::authentication(Delivery::Refused, error).of_method("session.logon"))
                        }
                    });
                }
            }
            Internal::LogOut(reply) => {
                if result.is_ok() {
                    self.connection.authenticated = false;
                    self.announce();
                }
                let _ = reply.send(answer(status, "session.logout", result));
            }
            Internal::Subscribe { key, reply } => self.subscribed(socket, key, reply, status, result),
            Internal::Unsubscribe(reply) => {
                if let Some(reply) = reply {
                    let _ = reply.send(answer(status, "userDataStream.unsubscribe", result));
                }
            }
        }
    }

    fn subscribed(
        &mut self,
        socket: &mut Socket,
        key: u64,
        reply: Option<Done>,
        status: Option<u16>,
        result: Result<Option<Value<'_>>, ApiError>,
    ) {
        let remote = match result {
            Ok(result) => result
                .and_then(|result| result.get("subscriptionId"))
                .ok_or_else(|| binance_kit_core::DecodeError::missing("subscriptionId"))
                .and_then(Value::as_u64)
                .map_err(Error::decode),
            Err(error) => {
                if let Some(subscription) = self.connection.subscriptions.get_mut(&key)
                    && reply.is_none()
                {
                    subscription.sink.refused(error.clone());
                }
                Err(Error::api(status, error))
            }
        };
        let outcome = match (remote, self.connection.subscriptions.get_mut(&key)) {
            (Ok(remote), Some(subscription)) => {
                subscription.remote = Some(remote);
                subscription.sink.subscribed();
                Ok(())
            }
            (Ok(remote), None) => {
                // Given up while the answer was on its way.
                let mut params = ParamWriter::new();
                params.integer("subscriptionId", remote);
                let _ = self.send_internal(
                    socket,
                    "userDataStream.unsubscribe",
                    &params,
                    Internal::Unsubscribe(None),
                );
                Ok(())
            }
            (Err(error), _) => Err(error.of_method("userDataStream.subscribe")),
        };
        match (outcome, reply) {
            (Ok(()), Some(reply)) => {
                let _ = reply.send(Ok(()));
            }
            (Err(error), Some(reply)) => {
                self.connection.subscriptions.remove(&key);
                let _ = reply.send(Err(error));
            }
            (Err(error), None) => tracing::warn!(%error, "cannot subscribe to user data again"),
            (Ok(()), None) => {}
        }
    }
}

fn answer(
    status: Option<u16>,
    method: &str,
    result: Result<Option<Value<'_>>, ApiError>,
) -> Result<(), Error> {
    result.map(|_| ()).map_err(|error| Error::api(status, error).of_method(method))
}

fn request_text(id: u64, method: &str, params: &ParamWriter) -> String {
    let mut json = JsonWriter::new();
    json.begin_object();
    json.field("id", &id);
    json.field("method", method);
    if !params.is_empty() {
        json.key("params");
        params.write_json(&mut json);
    }
    json.end_object();
    json.into_string()
}

/// Milliseconds with up to three decimals, as `recvWindow` takes them.
fn milliseconds(duration: Duration) -> String {
    let micros = duration.as_micros();
    let (whole, part) = (micros / 1000, micros % 1000);
    if part == 0 { whole.to_string() } else { format!("{whole}.{part:03}").trim_end_matches('0').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recv_windows() {
        for (micros, text) in [(5_000_000, "5000"), (1_500, "1.5"), (60_000_000, "60000"), (1, "0.001")] {
            assert_eq!(milliseconds(Duration::from_micros(micros)), text);
        }
    }
}
