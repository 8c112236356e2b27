//! The task that owns the socket: it connects, logs on, writes requests, routes answers and events, and connects again when
//! the connection is lost.

mod clock;
mod liveness;
mod read;
mod session;
mod subscription;
mod write;

use self::clock::ClockState;
use self::liveness::Liveness;
use self::session::{Asked, Internal};
use self::subscription::Subscription;
use crate::call::{Call, Claim};
use crate::config::{SessionState, WsApiConfig};
use crate::correlator::{Correlator, InFlight};
use crate::protocol::Protocol;
use crate::user_data::Sink;
use crate::{Error, ErrorKind};
use binance_kit_core::{ApiError, Cost, Decoder, Delivery, ParamWriter, RequestName, Security, TimeUnit};
use binance_kit_net::ws::{Sent, WebSocket, WsMessage};
use binance_kit_net::{AccountKey, Backoff, BoxIo, Context, Endpoint, ErrorKind as NetErrorKind};
use binance_kit_sign::{Algorithm, Credentials};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::Instant;

/// Maximum number of requests that are written together.
const BATCH: usize = 64;
/// How long to wait before connecting again when the exchange could not log on and did not say for how long.
const MIN_PAUSE: Duration = Duration::from_millis(500);
/// How long an answer without a waiting caller is still expected.
const ABANDONED_FOR: Duration = Duration::from_secs(60);

type Done = oneshot::Sender<Result<(), Error>>;
type Socket = WebSocket<BoxIo>;

/// Requests of callers to the task.
pub(crate) enum Command {
    /// Write a request.
    Call(Call),
    /// Subscribe to user data, now and on every later connection.
    SubscribeUserData { key: u64, sink: Box<dyn Sink>, claim: Claim, reply: Done },
    /// End such a subscription.
    UnsubscribeUserData { key: u64, reply: Option<Done> },
    /// Log on, now and on every later connection.
    LogOn(Done),
    /// Log out, and stay so.
    LogOut(Done),
}

/// What the connection knows of a written request.
struct Written {
    /// Its id.
    id: u64,
    /// Its parameters as sent, to be kept out of what is shown of the answer.
    params: ParamWriter,
    /// Where its bytes are in what was sent.
    sent: Sent,
    /// When it was written.
    at: Instant,
    /// The number of measurements of the clock before it was written.
    measured: u64,
    /// What to write again when its timestamp is refused: of queries that were not repeated yet.
    repeat: Option<Box<Repeat>>,
}

/// A query, for the case that its timestamp is refused.
struct Repeat {
    /// The method.
    method: Cow<'static, str>,
    /// The parameters, without key, timestamp and signature.
    params: ParamWriter,
    /// What the exchange asks of the sender.
    security: Security,
    /// What it costs.
    cost: Cost,
}

/// Why a connection ended.
enum Ended {
    /// All handles are gone, or the owner closed the client.
    Closed,
    /// The connection was lost; another one follows.
    Lost(binance_kit_net::Error),
}

/// The ends of the channels between the task and the client.
pub(crate) struct Channels {
    /// Requests of callers.
    pub(crate) commands: mpsc::Receiver<Command>,
    /// The state of the connection, for the client to see.
    pub(crate) state: watch::Sender<SessionState>,
    /// Notified when the client is to be closed.
    pub(crate) closing: Arc<Notify>,
}

/// The task.
pub(crate) struct Actor {
    /// Clock, randomness, limits, dialling.
    context: Context,
    /// Where to connect.
    endpoint: Endpoint,
    /// What is specific to the product.
    protocol: Protocol,
    /// The settings.
    config: WsApiConfig,
    /// The key to sign with.
    credentials: Option<Credentials>,
    /// The account that limits are counted for.
    account: Option<AccountKey>,
    /// The channels to the client.
    channels: Channels,
    /// The connection, and what outlives it.
    connection: Connection,
    /// The measurements of the exchange's clock, and what waits for them.
    clock: ClockState,
    /// Whether it was logged that the SBE schema will be retired.
    warned: bool,
}

/// What lives and dies with a connection, and the subscriptions that outlive it.
struct Connection {
    /// The requests of callers in flight.
    correlator: Correlator<Written>,
    /// The requests of the task itself in flight.
    internal: HashMap<u64, Asked>,
    /// Those that were refused for a while and are to be written again.
    postponed: Vec<Asked>,
    /// The subscriptions of user data, by our own key.
    subscriptions: HashMap<u64, Subscription>,
    /// Reads frames; lent out while one is routed.
    decoder: Option<Decoder>,
    /// Number of connections made, with this one.
    made: u64,
    /// Whether connections are logged on.
    session: bool,
    /// Whether this one is.
    authenticated: bool,
    /// Whether this one serves callers: after its log-on.
    is_live: bool,
    /// Length of the frame that is being read, in bytes.
    frame_bytes: usize,
    /// Why the exchange cannot log on now, where that says nothing about the key.
    not_now: Option<Error>,
    /// Why the exchange refused the key, if it did.
    refused: Option<ApiError>,
    /// What the exchange said when it took the session back: the connection is to be replaced.
    revoked: Option<ApiError>,
    /// The revocations in a row.
    revocations: Revocations,
    /// Whether the peer still answers.
    liveness: Liveness,
}

/// How often sessions were revoked without a long healthy one in between.
#[derive(Default)]
struct Revocations {
    /// The number of them.
    count: u32,
    /// When the present session was logged on.
    logged_on: Option<Instant>,
}

impl Actor {
    pub(crate) fn new(
        context: Context,
        endpoint: Endpoint,
        protocol: Protocol,
        config: WsApiConfig,
        credentials: Option<Credentials>,
        channels: Channels,
    ) -> Self {
        let session = config.log_on
            && credentials.as_ref().is_some_and(|credentials| credentials.algorithm() == Algorithm::Ed25519);
        let connection = Connection {
            correlator: Correlator::new(),
            internal: HashMap::new(),
            postponed: Vec::new(),
            subscriptions: HashMap::new(),
            decoder: Some(Decoder::new()),
            made: 0,
            session,
            authenticated: false,
            is_live: false,
            frame_bytes: 0,
            not_now: None,
            refused: None,
            revoked: None,
            revocations: Revocations::default(),
            liveness: Liveness::default(),
        };
        let account = credentials.as_ref().map(|keys| AccountKey::of_api_key(keys.api_key().as_str()));
        Self {
            context,
            endpoint,
            protocol,
            config,
            credentials,
            account,
            channels,
            connection,
            clock: ClockState::default(),
            warned: false,
        }
    }

    /// Runs until closed. `first` gets the result of the first attempt to connect; when it failed, the task ends.
    pub(crate) async fn run(mut self, first: oneshot::Sender<Result<(), Error>>) {
        let mut first = Some(first);
        let mut backoff = Backoff::new(self.config.backoff);
        let closing = Arc::clone(&self.channels.closing);
        // What the exchange asked for when it refused the last attempt.
        let mut retry_after = None;
        let began = self.context.clock().monotonic();
        loop {
            let delay = backoff.next_delay(self.context.random(), retry_after.take());
            let delay = delay.max(self.held_for().unwrap_or_default());
            if began + self.config.timeout < self.context.clock().monotonic() + delay
                && let Some(waiting) = first.take()
            {
                let held = Error::new(ErrorKind::RateLimited)
                    .with_detail("the exchange asked to wait before connecting")
                    .with_retry_after(Some(delay));
                let _ = waiting.send(Err(held));
                break;
            }
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
                        let _ = first.send(refused.map_or(Ok(()), |api| {
                            Err(refused_key(api, Delivery::NotWritten).with_request(self.log_on_name()))
                        }));
                        if failed {
                            break;
                        }
                    }
                    self.live(&mut socket).await
                }
                Err(error) => {
                    self.context.governor().observe_upgrade(self.protocol.api, &error);
                    if let Some(waiting) = first.take() {
                        if waiting.is_closed() {
                            break;
                        }
                        let pause = self.pause_before_next(&error);
                        let last = began + self.config.timeout.mul_f32(0.8);
                        if pause.is_none_or(|pause| self.context.clock().monotonic() + pause > last) {
                            let _ = waiting.send(Err(self.connect_failed(error)));
                            break;
                        }
                        first = Some(waiting);
                    }
                    Ended::Lost(error)
                }
            };
            match ended {
                Ended::Closed => break,
                Ended::Lost(error) => {
                    tracing::warn!(endpoint = %self.endpoint, %error, "WebSocket API connection lost");
                    let lived = self.context.clock().monotonic() - since;
                    backoff.ended_after(lived, self.connection.liveness.has_answered);
                    retry_after = self.pause_before_next(&error);
                    self.channels.state.send_replace(SessionState::Connecting);
                }
            }
        }
        self.channels.state.send_replace(SessionState::Closed);
    }

    /// How long the exchange wants no request of this address, not even for a connection.
    fn held_for(&self) -> Option<Duration> {
        let until = self.context.governor().held_until(self.protocol.api)?;
        Some(until.since(self.context.clock().exchange_now()))
    }

    /// How long to wait before the next attempt, where the exchange refused the last one for a while.
    fn pause_before_next(&self, error: &binance_kit_net::Error) -> Option<Duration> {
        if let Some(refused) = &self.connection.not_now {
            return Some(refused.retry_after().or_else(|| self.held_for()).unwrap_or(MIN_PAUSE));
        }
        let is_temporary = error.status().is_some_and(|status| matches!(status, 418 | 429 | 500..));
        let is_temporary = is_temporary || error.api_error().is_some_and(|api| api.code.is_temporary());
        error.retry_after().or(is_temporary.then_some(MIN_PAUSE))
    }

    /// What the caller of the first connection learns.
    fn connect_failed(&self, error: binance_kit_net::Error) -> Error {
        if let Some(api) = &self.connection.revoked {
            return refused_key(api.clone(), Delivery::MaybeWritten).with_request(self.log_on_name());
        }
        match &self.connection.not_now {
            Some(refused) => refused.clone().with_request(self.log_on_name()),
            None => {
                let api = error.api_error().map(|mut api| {
                    self.scrubber(None).message(&mut api);
                    api
                });
                let failed = Error::new(ErrorKind::Connect)
                    .with_status(error.status())
                    .with_retry_after(error.retry_after())
                    .with_source(error);
                match api {
                    Some(api) => failed.with_api_error(api),
                    None => failed,
                }
            }
        }
    }

    /// Connects, logs on where the session asks for it, and renews the subscriptions.
    async fn connect(&mut self, delay: Duration) -> Result<Socket, binance_kit_net::Error> {
        self.context.clock().sleep(delay).await;
        let mut query = Vec::new();
        if self.protocol.takes_formats && self.config.time_unit == TimeUnit::Microsecond {
            query.push("timeUnit=MICROSECOND".to_owned());
        }
        if let Some(schema) = self.schema() {
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
        self.connection.revoked = None;
        self.connection.is_live = false;
        self.connection.not_now = None;
        self.connection.liveness = Liveness::default();
        // What an attempt that failed half-way has asked is never answered.
        self.connection.internal.clear();
        self.connection.postponed.clear();
        self.forget_measurement();
        if self.connection.session && self.connection.refused.is_none() {
            self.ask(&mut socket, self.wanted(Internal::LogOn(None)))?;
            self.await_log_on(&mut socket).await?;
            if self.connection.revoked.is_some() || self.connection.not_now.is_some() {
                return Err(binance_kit_net::Error::with_detail(
                    NetErrorKind::Closed,
                    "the exchange cannot log on now",
                ));
            }
        }
        self.connection.made += 1;
        self.connection.is_live = true;
        self.renew_subscriptions(&mut socket);
        self.announce();
        Ok(socket)
    }

    /// Reads until the log-on was answered.
    async fn await_log_on(&mut self, socket: &mut Socket) -> Result<(), binance_kit_net::Error> {
        let deadline = self.context.clock().monotonic() + self.config.timeout;
        while !self.connection.internal.is_empty() {
            let check = deadline.min(self.next_check(socket));
            tokio::select! {
                message = socket.next() => self.message(socket, &message?),
                () = tokio::time::sleep_until(check) => {
                    let now = self.context.clock().monotonic();
                    if deadline <= now {
                        let detail = format!("{} was not answered", self.protocol.log_on);
                        return Err(binance_kit_net::Error::with_detail(NetErrorKind::Timeout, detail));
                    }
                    self.check_alive(socket, now)?;
                }
            }
        }
        Ok(())
    }

    /// The schema of the answers, where they are in SBE.
    fn schema(&self) -> Option<&'static binance_kit_core::sbe::Schema> {
        self.config.encoding.schema().filter(|_| self.protocol.takes_formats)
    }

    /// What errors say of the log-on.
    fn log_on_name(&self) -> RequestName {
        RequestName { name: self.protocol.log_on.into(), parameters: Vec::new(), is_query: true }
    }

    fn announce(&mut self) {
        let connection = &self.connection;
        self.channels.state.send_replace(match &connection.refused {
            Some(error) if connection.session => SessionState::AuthenticationRefused(error.clone()),
            _ => SessionState::Connected {
                generation: connection.made.saturating_sub(1),
                authenticated: connection.authenticated,
            },
        });
    }

    /// Serves the connection until it ends; then every request in flight fails.
    async fn live(&mut self, socket: &mut Socket) -> Ended {
        let ended = self.serve(socket).await;
        self.connection.is_live = false;
        let (kind, reason) = match &ended {
            Ended::Closed => (ErrorKind::Closed, None),
            Ended::Lost(error) => (ErrorKind::ConnectionLost, Some(error.to_string())),
        };
        for request in self.connection.correlator.drain(|_| true) {
            let error = Error::new(kind)
                .with_delivery(socket.delivery(request.written.sent))
                .with_request_id(Some(request.written.id));
            request.reply.failed(match &reason {
                Some(reason) => error.with_source(binance_kit_net::Error::with_detail(
                    NetErrorKind::ConnectionLost,
                    reason.clone(),
                )),
                None => error,
            });
        }
        self.forget_measurement();
        let internal = self.connection.internal.drain().map(|(_, asked)| asked);
        for asked in internal.chain(self.connection.postponed.drain(..)) {
            // The subscription itself stays; only its caller learns that this attempt failed.
            if let Some(reply) = asked.what.into_reply() {
                let _ = reply.send(Err(Error::new(kind).with_delivery(Delivery::MaybeWritten)));
            }
        }
        for subscription in self.connection.subscriptions.values_mut() {
            // The next connection asks for it in any case; until then its timers have nothing to do with it.
            subscription.retry_at = None;
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
        let closing = Arc::clone(&self.channels.closing);
        let timer = tokio::time::sleep_until(self.next_check(socket));
        tokio::pin!(timer);
        self.release(socket);
        loop {
            enum Step {
                Message(Result<WsMessage, binance_kit_net::Error>),
                Command(Option<Command>),
                Timer,
                Close,
            }
            let step = tokio::select! {
                message = socket.next() => Step::Message(message),
                command = self.channels.commands.recv(), if self.clock.held.len() < self.config.queue.max(1) => {
                    Step::Command(command)
                }
                () = timer.as_mut() => Step::Timer,
                () = closing.notified() => Step::Close,
            };
            match step {
                Step::Message(Ok(message)) => {
                    self.message(socket, &message);
                    if self.connection.revoked.is_some() {
                        return Ended::Lost(binance_kit_net::Error::with_detail(
                            NetErrorKind::Closed,
                            "the exchange ended the session",
                        ));
                    }
                }
                Step::Message(Err(error)) => return Ended::Lost(error),
                Step::Command(None) | Step::Close => return Ended::Closed,
                Step::Command(Some(command)) => {
                    self.command(socket, command);
                    // What waits is written with it.
                    for _ in 1..BATCH {
                        if self.clock.held.len() >= self.config.queue.max(1) {
                            break;
                        }
                        let Ok(command) = self.channels.commands.try_recv() else { break };
                        self.command(socket, command);
                    }
                }
                Step::Timer => {
                    if let Err(error) = self.timers(socket) {
                        return Ended::Lost(error);
                    }
                    timer.as_mut().reset(self.next_check(socket));
                }
            }
            if let Some(at) = self.first_late_check().into_iter().chain(self.next_repetition()).min()
                && at < timer.deadline()
            {
                timer.as_mut().reset(at);
            }
        }
    }

    fn timers(&mut self, socket: &mut Socket) -> Result<(), binance_kit_net::Error> {
        let now = self.context.clock().monotonic();
        self.check_alive(socket, now)?;
        self.connection.correlator.sweep(|request| request.written.at + ABANDONED_FOR <= now);
        if self.connection.internal.values().any(|asked| asked.at + self.config.timeout <= now) {
            let detail = "a request of the session itself was not answered";
            return Err(binance_kit_net::Error::with_detail(NetErrorKind::Timeout, detail));
        }
        self.ask_postponed(socket, now)?;
        self.retry_subscriptions(socket, now)?;
        self.drop_dead(socket)
    }
}

/// The exchange refused the key of the connection, or revoked it.
fn refused_key(api: ApiError, delivery: Delivery) -> Error {
    Error::new(ErrorKind::AuthenticationRefused).with_delivery(delivery).with_api_error(api)
}
