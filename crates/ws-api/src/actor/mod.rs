//! The task that owns the socket: it connects, logs on, writes requests, routes answers and events, and begins anew when
//! the connection is lost.

mod read;
mod write;

use crate::call::{Call, Claim};
use crate::config::{SessionState, WsApiConfig};
use crate::correlator::{Correlator, InFlight};
use crate::error::{Error, ErrorKind};
use crate::user_data::Sink;
use binance_kit_core::{ApiError, Decoder, Delivery, TimeUnit};
use binance_kit_net::ws::{Message, Sent, WebSocket};
use binance_kit_net::{Backoff, BoxIo, Context, Endpoint, ErrorKind as NetErrorKind};
use binance_kit_sign::{Algorithm, Credentials};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::Instant;

/// How many requests are written together at most.
const BATCH: usize = 64;
/// How long to wait before user data is subscribed again after a refusal: doubled each time, up to the second figure.
const FIRST_RETRY: Duration = Duration::from_secs(5);
const LONGEST_RETRY: Duration = Duration::from_secs(300);
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
    /// When to ask again after a refusal, and how long to wait after the next.
    retry_at: Option<Instant>,
    retry_delay: Duration,
}

impl Subscription {
    fn new(sink: Box<dyn Sink>) -> Self {
        Self { sink, remote: None, retry_at: None, retry_delay: FIRST_RETRY }
    }
}

enum Ended {
    /// All handles are gone, or the owner closed the client.
    Closed,
    Lost(binance_kit_net::Error),
}

pub(crate) struct Actor {
    pub(crate) context: Context,
    pub(crate) endpoint: Endpoint,
    pub(crate) config: WsApiConfig,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) commands: mpsc::Receiver<Command>,
    pub(crate) state: watch::Sender<SessionState>,
    pub(crate) closing: Arc<Notify>,
    connection: Connection,
    /// Whether it was said that the SBE schema will be retired.
    warned: bool,
}

/// What lives and dies with a connection, and the subscriptions that outlive it.
struct Connection {
    correlator: Correlator<Written>,
    internal: HashMap<u64, (Internal, Instant)>,
    subscriptions: HashMap<u64, Subscription>,
    decoder: Option<Decoder>,
    /// How many connections were made, with this one.
    made: u64,
    /// Whether connections are logged on.
    session: bool,
    authenticated: bool,
    refused: Option<ApiError>,
    /// Set when the exchange took the session back: the connection is to be replaced.
    revoked: bool,
}

impl Actor {
    pub(crate) fn new(
        context: Context,
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
            made: 0,
            session,
            authenticated: false,
            refused: None,
            revoked: false,
        };
        Self { context, endpoint, config, credentials, commands, state, closing, connection, warned: false }
    }

    /// Runs until closed. `first` learns how the first attempt to connect went; when it failed, the task ends.
    pub(crate) async fn run(mut self, first: oneshot::Sender<Result<(), Error>>) {
        let mut first = Some(first);
        let mut backoff = Backoff::new(self.config.backoff);
        let closing = Arc::clone(&self.closing);
        // What the exchange asked for when it refused the last attempt.
        let mut retry_after = None;
        loop {
            let delay = backoff.next_delay(self.context.random(), retry_after.take());
            let connected = tokio::select! {
                () = closing.notified() => break,
                connected = self.connect(delay) => connected,
            };
            let since = self.context.clock().monotonic();
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
                    backoff.ended_after(self.context.clock().monotonic() - since);
                    retry_after = error.retry_after().or_else(|| self.held());
                    self.state.send_replace(SessionState::Connecting);
                }
            }
        }
        self.state.send_replace(SessionState::Closed);
    }

    /// How long a session that the exchange did not let on is to stay away, when it said so in its answer.
    fn held(&self) -> Option<Duration> {
        let until = self.context.governor().held_until().filter(|_| self.connection.revoked)?;
        Some(until.since(self.context.clock().exchange_now()))
    }

    /// Connects and, where that is wanted, logs on and renews the subscriptions.
    async fn connect(&mut self, delay: Duration) -> Result<Socket, binance_kit_net::Error> {
        self.context.clock().sleep(delay).await;
        let mut query = Vec::new();
        if self.config.time_unit == TimeUnit::Microsecond {
            query.push("timeUnit=MICROSECOND".to_owned());
        }
        if let Some(schema) = self.config.encoding.schema() {
            let (id, version) = (schema.id, schema.version);
            query.push(format!("responseFormat=sbe&sbeSchemaId={id}&sbeSchemaVersion={version}"));
        }
        let mut path = self.endpoint.path().to_owned();
        if !query.is_empty() {
            path = format!("{path}?{}", query.join("&"));
        }
        let root = self.endpoint.with_path("");
        let mut socket =
            WebSocket::connect(&self.context, &root, &path, &[], &self.config.web_socket).await?;
        self.connection.authenticated = false;
        self.connection.revoked = false;
        // What an attempt that failed half-way has asked is never answered.
        self.connection.internal.clear();
        if self.connection.session && self.connection.refused.is_none() {
            self.write_internal(&mut socket, "session.logon", Internal::LogOn(None))?;
            let deadline = self.context.clock().monotonic() + self.config.timeout;
            while !self.connection.internal.is_empty() {
                let message = tokio::time::timeout_at(deadline, socket.next()).await.map_err(|_| {
                    binance_kit_net::Error::with_detail(
                        NetErrorKind::Timeout,
                        "session.logon was not answered",
                    )
                })??;
                self.frame(&mut socket, &message);
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
        self.connection.made += 1;
        self.announce();
        Ok(socket)
    }

    fn announce(&mut self) {
        let connection = &self.connection;
        self.state.send_replace(match &connection.refused {
            Some(error) if connection.session => SessionState::AuthenticationRefused(error.clone()),
            _ => SessionState::Connected {
                generation: connection.made.saturating_sub(1),
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
                Step::Message(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                    self.frame(socket, &message);
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
        let now = self.context.clock().monotonic();
        let half = self.config.idle_timeout / 2;
        (socket.last_received() + half).max(now + half / 4)
    }

    fn timers(&mut self, socket: &mut Socket, pinged: &mut bool) -> Result<(), binance_kit_net::Error> {
        let now = self.context.clock().monotonic();
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
        let due: Vec<u64> = self
            .connection
            .subscriptions
            .iter_mut()
            .filter(|(_, subscription)| subscription.retry_at.is_some_and(|at| at <= now))
            .map(|(key, subscription)| {
                subscription.retry_at = None;
                *key
            })
            .collect();
        for key in due {
            self.subscribe(socket, key, None)?;
        }
        self.drop_dead(socket)
    }
}
