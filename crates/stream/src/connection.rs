//! One connection that comes back by itself: connect, subscribe, read, and again. The caller's task drives it by asking for
//! the next item; nothing happens while nobody asks.

use crate::config::StreamConfig;
use crate::error::{Error, ErrorKind};
use crate::item::{Event, Item, StateChange};
use crate::subscription::{Outcome, SubscriptionSet, Ticket, combined_path, raw_path};
use binance_kit_core::decode::{Frame, FrameId, ResponseFrame};
use binance_kit_core::{Decoder, StreamEvent, StreamName, TimeUnit};
use binance_kit_net::ws::{Message, WebSocket};
use binance_kit_net::{Backoff, BoxIo, Endpoint, ErrorKind as NetErrorKind, Network};
use futures_core::Stream;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, Sleep};

/// How many messages are taken in a row before timers are looked at, so that a flood cannot hold them up.
const MESSAGES_BETWEEN_TIMERS: u32 = 256;

/// How many events may come before the streams are acknowledged: some seconds of the busiest connection there is.
const EARLY_EVENTS: usize = 100_000;

/// A call on a connection from another task.
pub(crate) enum Command {
    Subscribe(Vec<StreamName>, oneshot::Sender<Result<(), Error>>),
    Unsubscribe(Vec<StreamName>, oneshot::Sender<Result<(), Error>>),
    List(oneshot::Sender<Vec<StreamName>>),
    Close(oneshot::Sender<()>),
}

type ConnectFuture = Pin<Box<dyn Future<Output = Result<WebSocket<BoxIo>, binance_kit_net::Error>> + Send>>;

enum Stage {
    Waiting(Pin<Box<Sleep>>),
    Connecting(ConnectFuture),
    Live(Box<Live>),
    Closing(Box<Live>, Option<oneshot::Sender<()>>),
    Closed,
}

struct Live {
    socket: WebSocket<BoxIo>,
    since: Instant,
    /// Whether `Connected` was yielded.
    announced: bool,
    /// When we pinged, if nothing was received since.
    pinged_at: Option<Instant>,
    timer: Pin<Box<Sleep>>,
    messages: u32,
}

/// How the connection names its streams.
#[derive(Debug, Clone)]
pub(crate) enum Mode {
    Combined,
    Raw(StreamName),
}

/// Where and how to connect.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) network: Network,
    pub(crate) endpoint: Endpoint,
    pub(crate) config: StreamConfig,
}

/// A stream that its consumer drives: each call of [`PullStream::next`] connects, reads and decodes as needed, on the task of
/// the caller, without a queue between socket and consumer. Nothing is read, and no ping is answered, while nobody asks for the next
/// item; for a consumer that may be slow there is [`crate::EventStream`].
pub struct PullStream<E> {
    target: Target,
    mode: Mode,
    connection: usize,
    generation: u64,
    set: SubscriptionSet,
    stage: Stage,
    backoff: Backoff,
    decoder: Decoder,
    ready: VecDeque<Item<E>>,
    commands: mpsc::Receiver<Command>,
    /// Kept so that the channel never ends; handles are clones of it.
    handle: mpsc::Sender<Command>,
    calls: HashMap<Ticket, oneshot::Sender<Result<(), Error>>>,
    origin: Instant,
}

impl<E> fmt::Debug for PullStream<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PullStream")
            .field("endpoint", &self.target.endpoint)
            .field("streams", &self.set.len())
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

// No field is pinned: the event type is only ever moved.
impl<E> Unpin for PullStream<E> {}

impl<E: StreamEvent> PullStream<E> {
    pub(crate) fn new(target: Target, mode: Mode, connection: usize, names: Vec<StreamName>) -> Self {
        let (handle, commands) = mpsc::channel(64);
        let mut set = SubscriptionSet::new();
        // The outcome of this first call is what `established` reports.
        set.subscribe(names);
        set.take_outcomes();
        Self {
            origin: target.network.clock().monotonic(),
            backoff: Backoff::new(target.config.backoff),
            target,
            mode,
            connection,
            generation: 0,
            set,
            stage: Stage::Waiting(Box::pin(tokio::time::sleep(Duration::ZERO))),
            decoder: Decoder::new(),
            ready: VecDeque::new(),
            commands,
            handle,
            calls: HashMap::new(),
        }
    }

    pub(crate) fn handle(&self) -> mpsc::Sender<Command> {
        self.handle.clone()
    }

    /// Drives the connection until it is up and everything is acknowledged.
    pub(crate) async fn established(&mut self) -> Result<(), Error> {
        loop {
            if let Stage::Live(live) = &self.stage
                && live.announced
            {
                return Ok(());
            }
            let before = self.ready.len();
            poll_fn(|cx| self.poll_step(cx)).await;
            for index in before..self.ready.len() {
                match self.ready.get(index) {
                    Some(Item::Refused { .. }) => {
                        if let Some(Item::Refused { streams, error }) = self.ready.remove(index) {
                            return Err(match error {
                                Some(error) => Error::refused(streams, error),
                                None => Error::new(ErrorKind::Refused)
                                    .detail("the exchange does not list them")
                                    .with_streams(streams),
                            });
                        }
                    }
                    Some(Item::State(StateChange::Disconnected { .. })) => {
                        if let Some(Item::State(StateChange::Disconnected { error, .. })) =
                            self.ready.remove(index)
                            && !self.target.config.retry_first_connection
                        {
                            return Err(Error::network(ErrorKind::Connect, error));
                        }
                        // Nobody has this stream yet: an attempt that failed leaves nothing, however many there are.
                        self.ready.clear();
                        break;
                    }
                    _ => {}
                }
            }
            if self.ready.len() > EARLY_EVENTS {
                let detail = "the exchange sends events and does not say which streams there are";
                return Err(Error::new(ErrorKind::NotAcknowledged).detail(detail));
            }
        }
    }

    /// The next item; `None` after [`PullStream::close`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: the next call goes on where this one stopped.
    pub async fn next(&mut self) -> Option<Item<E>> {
        poll_fn(|cx| self.poll_next_item(cx)).await
    }

    /// Closes the connection with a closing frame, waiting at most a second for it to be written.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection without a closing frame.
    pub async fn close(mut self) {
        let (done, _) = oneshot::channel();
        self.begin_close(done);
        let _ = tokio::time::timeout(Duration::from_secs(1), async { while self.next().await.is_some() {} })
            .await;
    }

    fn poll_next_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Item<E>>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Poll::Ready(Some(item));
            }
            if matches!(self.stage, Stage::Closed) {
                return Poll::Ready(None);
            }
            ready!(self.poll_step(cx));
        }
    }

    /// Does one thing: takes a message, a command, or a step towards a connection.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.stage {
            Stage::Waiting(sleep) => {
                if sleep.as_mut().poll(cx).is_ready() {
                    self.begin_connect();
                    return Poll::Ready(());
                }
            }
            Stage::Connecting(connecting) => {
                if let Poll::Ready(result) = connecting.as_mut().poll(cx) {
                    match result {
                        Ok(socket) => self.begin_live(socket),
                        Err(error) => self.lost(error, Duration::ZERO),
                    }
                    return Poll::Ready(());
                }
            }
            Stage::Live(live) => {
                live.messages += 1;
                let timers_due = live.messages >= MESSAGES_BETWEEN_TIMERS;
                if !timers_due && let Poll::Ready(result) = live.socket.poll_next(cx) {
                    self.received(result);
                    return Poll::Ready(());
                }
                if timers_due {
                    live.messages = 0;
                    self.timers();
                    // Nor must it hold up commands.
                    if let Ok(command) = self.commands.try_recv() {
                        self.command(command);
                    }
                    return Poll::Ready(());
                }
                if live.timer.as_mut().poll(cx).is_ready() {
                    self.timers();
                    return Poll::Ready(());
                }
            }
            Stage::Closing(live, done) => {
                // The peer's own closing frame, or any failure, ends it.
                if let Poll::Ready(Err(_)) = live.socket.poll_next(cx) {
                    if let Some(done) = done.take() {
                        let _ = done.send(());
                    }
                    self.stage = Stage::Closed;
                    return Poll::Ready(());
                }
                return Poll::Pending;
            }
            Stage::Closed => return Poll::Ready(()),
        }
        if let Poll::Ready(Some(command)) = self.commands.poll_recv(cx) {
            self.command(command);
            return Poll::Ready(());
        }
        Poll::Pending
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Subscribe(names, reply) => {
                let ticket = self.set.subscribe(names);
                self.calls.insert(ticket, reply);
            }
            Command::Unsubscribe(names, reply) => {
                let ticket = self.set.unsubscribe(names);
                self.calls.insert(ticket, reply);
            }
            Command::List(reply) => {
                let _ = reply.send(self.set.wanted().cloned().collect());
            }
            Command::Close(done) => return self.begin_close(done),
        }
        self.timers();
    }

    fn begin_connect(&mut self) {
        let url = self.set.connecting();
        let microseconds = self.target.config.time_unit == TimeUnit::Microsecond;
        let path = match &self.mode {
            Mode::Combined => combined_path(&url, microseconds),
            Mode::Raw(name) => raw_path(name, microseconds),
        };
        let Target { network, endpoint, config } = self.target.clone();
        tracing::debug!(%endpoint, streams = url.len(), "connecting");
        self.stage = Stage::Connecting(Box::pin(async move {
            WebSocket::connect(&network, &endpoint, &path, &[], &config.web_socket).await
        }));
    }

    fn begin_live(&mut self, socket: WebSocket<BoxIo>) {
        let now = self.target.network.clock().monotonic();
        self.stage = Stage::Live(Box::new(Live {
            socket,
            since: now,
            announced: false,
            pinged_at: None,
            timer: Box::pin(tokio::time::sleep_until(now)),
            messages: 0,
        }));
        self.set.connected();
        self.timers();
    }

    fn begin_close(&mut self, done: oneshot::Sender<()>) {
        self.calls.clear();
        self.stage = match std::mem::replace(&mut self.stage, Stage::Closed) {
            Stage::Live(mut live) => {
                let _ = live.socket.close(1000, "");
                Stage::Closing(live, Some(done))
            }
            _ => {
                let _ = done.send(());
                Stage::Closed
            }
        };
    }

    /// The connection ended or could not be made.
    fn lost(&mut self, error: binance_kit_net::Error, lived: Duration) {
        tracing::warn!(endpoint = %self.target.endpoint, %error, "stream connection lost");
        self.set.disconnected();
        self.settle_calls();
        self.backoff.ended_after(lived);
        let delay = self.backoff.next_delay(self.target.network.random(), error.retry_after());
        self.ready.push_back(Item::State(StateChange::Disconnected { connection: self.connection, error }));
        self.ready.push_back(Item::State(StateChange::Reconnecting {
            connection: self.connection,
            attempt: self.backoff.attempt(),
            delay,
        }));
        self.stage = Stage::Waiting(Box::pin(tokio::time::sleep(delay)));
    }

    fn lose(&mut self, error: binance_kit_net::Error) {
        let lived = match &self.stage {
            // One that never came to deliver what is wanted was not stable, however long it lived.
            Stage::Live(live) if live.announced => self.target.network.clock().monotonic() - live.since,
            _ => Duration::ZERO,
        };
        self.lost(error, lived);
    }

    /// Does what is due by time: control messages, their deadlines, pings, the idle deadline. Sets the timer anew.
    fn timers(&mut self) {
        self.settle_calls();
        let instant = self.target.network.clock().monotonic();
        let now = instant - self.origin;
        let config = &self.target.config;
        if self.set.expire(now, config.acknowledge_timeout) {
            self.settle_calls();
            return self.lose(
                binance_kit_net::Error::new(NetErrorKind::Timeout)
                    .detail("a control message was not acknowledged"),
            );
        }
        let Stage::Live(live) = &mut self.stage else { return };
        while let Some(text) = self.set.next_control(now) {
            if let Err(error) = live.socket.send_text(&text) {
                return self.lose(error);
            }
        }
        let quiet = instant.saturating_duration_since(live.socket.last_received());
        if quiet >= config.idle_timeout {
            let detail = format!("nothing arrived for {} seconds", quiet.as_secs());
            return self.lose(binance_kit_net::Error::new(NetErrorKind::Timeout).detail(detail));
        }
        let half = config.idle_timeout / 2;
        if live.pinged_at.is_some_and(|pinged| live.socket.last_received() >= pinged) {
            live.pinged_at = None;
        }
        if quiet >= half && live.pinged_at.is_none() {
            live.pinged_at = Some(instant);
            if let Err(error) = live.socket.send_ping(b"") {
                return self.lose(error);
            }
        }
        let idle_at =
            live.socket.last_received() + if live.pinged_at.is_some() { config.idle_timeout } else { half };
        let control_at = self.set.next_control_at(now).map(|at| self.origin + at);
        let expiry_at = self.set.next_expiry(config.acknowledge_timeout).map(|at| self.origin + at);
        let next = [control_at, expiry_at].into_iter().flatten().fold(idle_at, Instant::min);
        live.timer.as_mut().reset(next);
    }

    /// Answers the calls that ended, reports refusals, and announces the connection once everything is acknowledged.
    fn settle_calls(&mut self) {
        for (ticket, outcome) in self.set.take_outcomes() {
            let Some(reply) = self.calls.remove(&ticket) else { continue };
            let _ = reply.send(match outcome {
                Outcome::Done => Ok(()),
                Outcome::Refused(streams, Some(error)) => Err(Error::refused(streams, error)),
                Outcome::Refused(streams, None) => Err(Error::new(ErrorKind::Refused)
                    .detail("the exchange does not list them")
                    .with_streams(streams)),
                Outcome::TimedOut(streams) => {
                    Err(Error::new(ErrorKind::NotAcknowledged).with_streams(streams))
                }
            });
        }
        for (streams, error) in self.set.take_refused() {
            self.ready.push_back(Item::Refused { streams, error });
        }
        if let Stage::Live(live) = &mut self.stage
            && !live.announced
            && self.set.is_settled()
        {
            live.announced = true;
            self.ready.push_back(Item::State(StateChange::Connected {
                connection: self.connection,
                generation: self.generation,
            }));
            self.generation += 1;
        }
    }

    fn received(&mut self, result: Result<Message, binance_kit_net::Error>) {
        match result {
            Ok(Message::Text(payload) | Message::Binary(payload)) => self.frame(&payload),
            Ok(_) => {}
            Err(error) => self.lose(error),
        }
    }

    fn frame(&mut self, text: &[u8]) {
        let received_at = self.target.network.clock().now();
        let Self { decoder, set, mode, ready, .. } = self;
        // Where the frame turns out to be unreadable, the stream it said it came on is still worth knowing.
        let mut came_on = None;
        let result = decoder.frame(text, |frame| match frame {
            Frame::Event(mut event) => {
                let stream = match (event.stream, &*mode) {
                    (Some(name), _) => set.find(name).cloned().or_else(|| unrouted(name)),
                    (None, Mode::Raw(name)) => {
                        event.stream = Some(name.as_str());
                        Some(name.clone())
                    }
                    (None, Mode::Combined) => unrouted("!serverShutdown"),
                };
                let Some(stream) = stream else { return Ok(None) };
                came_on = Some(stream.clone());
                ready.push_back(Item::Event(Event { stream, event: E::decode_event(event)?, received_at }));
                Ok(None)
            }
            Frame::Response(response) => Ok(Some(Answer::read(&response))),
            _ => Ok(None),
        });
        match result {
            Ok(None) => {}
            Ok(Some(answer)) => {
                match answer.error {
                    Some(error) => {
                        self.set.refused(answer.id, &error);
                    }
                    None => {
                        if let Some(id) = answer.id {
                            self.set.acknowledged(id, answer.listed.as_deref());
                        }
                    }
                }
                self.timers();
            }
            Err(error) => {
                tracing::warn!(%error, "a frame could not be read");
                self.ready.push_back(Item::Malformed { stream: came_on, error, raw: text.to_vec() });
            }
        }
    }
}

/// The exchange speaks of the connection itself under names that nobody subscribed.
fn unrouted(name: &str) -> Option<StreamName> {
    (name == "!serverShutdown").then(|| StreamName::new(name).ok()).flatten()
}

/// The answer to a control message.
struct Answer {
    id: Option<u64>,
    error: Option<binance_kit_core::ApiError>,
    listed: Option<Vec<String>>,
}

impl Answer {
    fn read(response: &ResponseFrame<'_>) -> Self {
        use binance_kit_core::Decode as _;
        let id = match response.id {
            FrameId::Number(id) => Some(id),
            FrameId::Text(text) => text.parse().ok(),
            _ => None,
        };
        let listed = match response.result {
            Some(result) if !result.is_null() => Some(Vec::<String>::decode(result).unwrap_or_default()),
            _ => None,
        };
        Self { id, error: response.api_error(), listed }
    }
}

impl<E: StreamEvent> Stream for PullStream<E> {
    type Item = Item<E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item<E>>> {
        self.poll_next_item(cx)
    }
}
