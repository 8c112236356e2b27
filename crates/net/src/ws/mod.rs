//! The WebSocket connection of a client.
//!
//! Layers, from the socket up: `frames` reads frames, in place or by the library (`in_place`, or `library` behind `guard`; the
//! rules of both are in `header`); `assemble` collects fragments into messages; `queue` holds what is to be written. The
//! connection drives both directions from [`WebSocket::next`], and every await in it can be given up without a loss: what is
//! half read or half written is part of the connection, not of the future.
//!
//! There is no task in here. Pings are answered, and deadlines kept, while a caller waits in [`WebSocket::next`].

mod assemble;
mod config;
mod frames;
mod guard;
mod handshake;
mod header;
mod in_place;
mod library;
mod message;
mod queue;
mod read;
mod waiting;

pub use config::{FrameLayer, WsConfig};
pub use message::{MessageBytes, MessageKind, Sent, WsMessage};
pub use read::Lent;

use crate::context::Context;
use crate::endpoint::{Endpoint, Scheme};
use crate::error::{Error, ErrorKind};
use crate::io::{BoxIo, Io};
use crate::random::Random;
use assemble::{Assembler, is_close_code};
use binance_kit_core::Delivery;
use bytes::BytesMut;
use frames::{FrameError, Frames};
use header::{Opcode, Violation};
use queue::WriteQueue;
use std::fmt;
use std::future::{Future as _, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, ready};
use tokio::io::{ReadHalf, WriteHalf};
use tokio::time::{Instant, Sleep};
use waiting::{ABSENCE, Pong, Unfinished, after};

/// What buffers keep between messages, in bytes; what a larger message took is given back.
const KEPT: usize = 64 << 10;
/// Maximum length of the payload of a control frame.
const MAX_CONTROL: usize = 125;

/// A WebSocket connection over a byte stream.
pub struct WebSocket<T> {
    /// Reads frames.
    frames: Frames<ReadHalf<T>>,
    /// Collects fragments into messages.
    assembler: Assembler,
    /// Where messages go that are handed over with their bytes.
    handed_over: BytesMut,
    /// What is to be written.
    outgoing: WriteQueue<WriteHalf<T>>,
    /// Caps and deadlines.
    config: WsConfig,
    /// Open, ending or ended.
    state: State,
    /// The one timer, set to the earliest deadline.
    timer: Option<Pin<Box<Sleep>>>,
    /// The latest ping that waits for its pong.
    pong: Pong,
    /// The frame that has begun, for its deadline.
    unfinished_frame: Unfinished,
    /// The fragmented message that has begun, for its deadline.
    unfinished_message: Unfinished,
    /// Until when the transport must take something.
    write_deadline: Option<Instant>,
    /// Until when the peer must answer our close frame; set when we have queued one.
    close_deadline: Option<Instant>,
    /// Writing failed. What has come in is delivered before that is reported.
    write_error: Option<io::Error>,
}

impl<T: Io> fmt::Debug for WebSocket<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket")
            .field("state", &self.state)
            .field("received", &self.frames.received())
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
enum State {
    /// Reading and writing.
    Open,
    /// The close frame before the error is being written, if there is a time until which to try.
    Ending { error: Error, until: Option<Instant> },
    /// The error has been reported.
    Ended(Ended),
}

/// The error that later calls get, since errors cannot be cloned.
#[derive(Debug)]
struct Ended {
    /// The kind of the error.
    kind: ErrorKind,
    /// Its close code.
    close_code: Option<u16>,
    /// Its message.
    text: String,
}

impl Ended {
    fn of(error: &Error) -> Self {
        Self { kind: error.kind(), close_code: error.close_code(), text: format!("earlier: {error}") }
    }

    fn again(&self) -> Error {
        Error::with_detail(self.kind, self.text.as_str()).with_close_code(self.close_code)
    }
}

impl WebSocket<BoxIo> {
    /// Connects: waits for the budget of attempts ([`Context::attempts`]), then dials, makes the TLS handshake for `wss`, and upgrades, all
    /// within [`Context::connect_timeout`]. `path_and_query` goes behind
    /// the endpoint's own path: empty, or beginning with `/` or `?`; it must be percent-encoded. Dropping the future gives the
    /// connection up.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidUrl`] when the endpoint is not one of `ws` and `wss`, [`ErrorKind::InvalidRequest`] for a path or header
    /// that cannot be sent, [`ErrorKind::Timeout`], and those of dialling, of [`crate::Tls::connect`] and of [`Self::handshake`].
    pub async fn connect(
        context: &Context,
        endpoint: &Endpoint,
        path_and_query: &str,
        headers: &[(&str, &str)],
        config: &WsConfig,
    ) -> Result<Self, Error> {
        let is_tls = match endpoint.scheme() {
            Scheme::Ws => false,
            Scheme::Wss => true,
            Scheme::Http | Scheme::Https => {
                return Err(Error::with_detail(
                    ErrorKind::InvalidUrl,
                    format!("{endpoint} is not a WebSocket endpoint"),
                ));
            }
        };
        let target = target(endpoint.path(), path_and_query);
        context.attempts().acquire(config.priority).await;
        let connecting = async {
            let mut io = context.dial().dial(endpoint).await?;
            if is_tls {
                io = context.tls().connect(endpoint, io).await?;
            }
            Self::handshake(io, &endpoint.authority(), &target, headers, context.random(), config).await
        };
        match tokio::time::timeout(context.connect_timeout(), Box::pin(connecting)).await {
            Ok(connected) => connected.map_err(|error| error.with_end_of_ban(context.clock().exchange_now())),
            Err(_) => Err(Error::with_detail(ErrorKind::Timeout, format!("connecting to {endpoint}"))),
        }
    }
}

/// The path behind the endpoint's own. A lone slash adds nothing: `/ws-api/v3/` is another resource than `/ws-api/v3`.
fn target(base: &str, path_and_query: &str) -> String {
    let rest = match path_and_query.strip_prefix('/') {
        Some(rest) if rest.is_empty() || rest.starts_with('?') => rest,
        _ => path_and_query,
    };
    let slash = if base.is_empty() && !rest.starts_with('/') { "/" } else { "" };
    format!("{base}{slash}{rest}")
}

impl<T: Io> WebSocket<T> {
    /// Upgrades a byte stream. `authority` is the `Host` header, `path_and_query` begins with `/`. It has no deadline of its own;
    /// dropping the future gives the connection up.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UpgradeRefused`] with status, `Retry-After` and the beginning of the body when the answer is not 101,
    /// [`ErrorKind::BadUpgrade`] when it is but breaks RFC 6455, [`ErrorKind::InvalidRequest`], [`ErrorKind::ConnectionLost`].
    pub async fn handshake(
        mut io: T,
        authority: &str,
        path_and_query: &str,
        headers: &[(&str, &str)],
        random: &Random,
        config: &WsConfig,
    ) -> Result<Self, Error> {
        let behind = handshake::upgrade(&mut io, authority, path_and_query, headers, random).await?;
        let (read_half, write_half) = tokio::io::split(io);
        let max_frame = config.max_frame.min(config.max_message);
        let frames = Frames::new(config.frame_layer, read_half, &behind, max_frame, config.read_buffer);
        Ok(Self {
            frames,
            handed_over: BytesMut::new(),
            assembler: Assembler::new(config.max_message, config.max_fragments),
            outgoing: WriteQueue::new(write_half, random.clone()),
            config: config.clone(),
            state: State::Open,
            timer: None,
            pong: Pong::default(),
            unfinished_frame: Unfinished::default(),
            unfinished_message: Unfinished::default(),
            write_deadline: None,
            close_deadline: None,
            write_error: None,
        })
    }

    /// The next message. While it waits it also writes what is queued, answers pings and keeps the deadlines.
    ///
    /// Cancel-safe: dropping the future loses nothing, neither what is half read nor what is half written.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`] after the peer's close frame, [`ErrorKind::Protocol`] and [`ErrorKind::TooLarge`] after a close frame of
    /// ours says why, [`ErrorKind::ConnectionLost`], and [`ErrorKind::Timeout`]. After an error there is nothing but that error.
    pub async fn next(&mut self) -> Result<WsMessage, Error> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Queues a text message. It is written by [`Self::next`] and by [`Self::flush`]. `text` is not copied into any error.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WriteQueueFull`], or that of the connection when it has ended or is being closed. Nothing is queued then.
    pub fn send_text(&mut self, text: &str) -> Result<Sent, Error> {
        self.send(Opcode::Text, text.as_bytes())
    }

    /// Queues a ping with a payload of at most 125 bytes.
    ///
    /// # Errors
    ///
    /// Those of [`Self::send_text`], and [`ErrorKind::InvalidRequest`] for a longer payload.
    pub fn send_ping(&mut self, payload: &[u8]) -> Result<Sent, Error> {
        if payload.len() > MAX_CONTROL {
            return Err(Error::with_detail(ErrorKind::InvalidRequest, "a ping of more than 125 bytes"));
        }
        self.send(Opcode::Ping, payload)
    }

    fn send(&mut self, opcode: Opcode, payload: &[u8]) -> Result<Sent, Error> {
        self.check_open()?;
        if self.close_deadline.is_some() {
            return Err(Error::with_detail(ErrorKind::Closed, "by us"));
        }
        let waiting =
            self.outgoing.waiting().saturating_add(WriteQueue::<WriteHalf<T>>::frame_size(payload.len()));
        if waiting > self.config.write_queue {
            return Err(Error::with_detail(ErrorKind::WriteQueueFull, format!("{waiting} bytes would wait")));
        }
        Ok(self.outgoing.queue(opcode, payload))
    }

    /// Begins the closing handshake: queues a close frame behind what is queued already. [`Self::next`] gives what the peer still
    /// sends, and [`ErrorKind::Closed`] when it has closed too. Closing twice is closing once. A reason is cut to 123 bytes.
    ///
    /// # Errors
    ///
    /// That of the connection when it has ended, and [`ErrorKind::InvalidRequest`] for a code that must not be sent.
    pub fn close(&mut self, code: u16, reason: &str) -> Result<(), Error> {
        if !is_close_code(code) {
            return Err(Error::with_detail(ErrorKind::InvalidRequest, format!("the close code {code}")));
        }
        self.check_open()?;
        if self.close_deadline.is_none() {
            self.queue_close(Some(code), reason);
        }
        Ok(())
    }

    /// Waits until everything that is queued is handed to the transport and flushed. It does not read: a peer that waits for us to
    /// read is written to by [`Self::next`] only.
    ///
    /// Cancel-safe: what is not written yet stays queued.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ConnectionLost`], [`ErrorKind::Timeout`] when the peer does not read, or that of the connection when it has ended.
    pub async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    fn poll_flush(&mut self, cx: &mut TaskContext<'_>) -> Poll<Result<(), Error>> {
        loop {
            self.check_open()?;
            self.write(cx);
            self.check_open()?;
            let Some(deadline) = self.write_deadline else { return Poll::Ready(Ok(())) };
            ready!(self.poll_timer(cx, deadline));
            self.write_deadline_passed(deadline, Instant::now());
        }
    }

    /// Whether the peer may have seen a frame. Its answer is final once [`Self::next`] has given an error.
    pub fn delivery(&self, sent: Sent) -> Delivery {
        self.outgoing.delivery(sent)
    }

    /// The bytes received since the upgrade.
    pub fn received_bytes(&self) -> u64 {
        self.frames.received()
    }

    /// When the last bytes came; before the first, when the connection was made.
    pub fn last_received(&self) -> Instant {
        self.frames.last_received()
    }

    /// The bytes that wait to be written.
    pub fn queued_bytes(&self) -> usize {
        self.outgoing.waiting()
    }

    fn check_open(&self) -> Result<(), Error> {
        match (&self.state, &self.write_error) {
            (State::Ended(ended), _) => Err(ended.again()),
            // The error itself goes to the caller that waits for messages.
            (State::Ending { error, .. }, _) => Err(Ended::of(error).again()),
            (State::Open, Some(error)) => Err(lost(error)),
            (State::Open, None) => Ok(()),
        }
    }

    fn queue_close(&mut self, code: Option<u16>, reason: &str) {
        let mut payload = Vec::with_capacity(MAX_CONTROL);
        if let Some(code) = code {
            payload.extend_from_slice(&code.to_be_bytes());
            let mut length = reason.len().min(MAX_CONTROL - 2);
            while !reason.is_char_boundary(length) {
                length -= 1;
            }
            payload.extend_from_slice(&reason.as_bytes()[..length]);
        }
        self.outgoing.queue(Opcode::Close, &payload);
        self.close_deadline = Some(after(Instant::now(), self.config.close_timeout));
    }

    fn end_with(&mut self, error: FrameError) {
        match error {
            FrameError::Violation(violation) => self.end_with_violation(violation),
            FrameError::Io(error) => {
                let at =
                    if self.frames.partial_frame().is_some() { "within a frame" } else { "between frames" };
                self.end_now(Error::with_source(ErrorKind::ConnectionLost, error).detail(at));
            }
        }
    }

    fn end_with_violation(&mut self, violation: Violation) {
        let (kind, code) = match violation {
            Violation::Protocol(_) => (ErrorKind::Protocol, 1002),
            Violation::NotUtf8(_) => (ErrorKind::Protocol, 1007),
            Violation::TooLarge(_) => (ErrorKind::TooLarge, 1009),
        };
        self.end_with_close(Error::with_detail(kind, violation.to_string()), Some(code));
    }

    /// Ends with a close frame, which is written as far as the peer takes it soon. Frames that were not begun are taken back: their
    /// senders learn for certain that they were not written.
    fn end_with_close(&mut self, error: Error, code: Option<u16>) {
        if self.close_deadline.is_none() {
            self.outgoing.take_back();
            self.queue_close(code, "");
        }
        let until = after(Instant::now(), self.config.ending_timeout);
        self.state = State::Ending { error, until: self.write_error.is_none().then_some(until) };
    }

    /// Ends without writing anything more.
    fn end_now(&mut self, error: Error) {
        self.state = State::Ending { error, until: None };
    }

    fn poll_end(&mut self, cx: &mut TaskContext<'_>) -> Poll<Error> {
        if let State::Ending { until: Some(until), .. } = self.state {
            let written = match self.outgoing.poll_write(cx) {
                Poll::Ready(Ok(())) => self.outgoing.poll_shutdown(cx),
                other => other,
            };
            if written.is_pending() {
                ready!(self.poll_timer(cx, until));
            }
        }
        let ended = match &self.state {
            State::Ending { error, .. } => Ended::of(error),
            State::Ended(ended) => return Poll::Ready(ended.again()),
            // Not reached: there is an end only after one of the functions above.
            State::Open => return Poll::Pending,
        };
        match std::mem::replace(&mut self.state, State::Ended(ended)) {
            State::Ending { error, .. } => Poll::Ready(error),
            _ => Poll::Pending,
        }
    }

    /// Hands over what the transport takes, and queues the pong that is due.
    fn write(&mut self, cx: &mut TaskContext<'_>) {
        if self.write_error.is_some() {
            return;
        }
        loop {
            if self.pong.is_wanted() {
                self.queue_pong();
            }
            if self.outgoing.is_idle() {
                self.write_deadline = None;
                return;
            }
            let before = self.outgoing.handed();
            match self.outgoing.poll_write(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => {
                    self.write_error = Some(error);
                    return;
                }
                Poll::Pending => {
                    if self.write_deadline.is_none() || self.outgoing.handed() > before {
                        self.write_deadline = Some(after(Instant::now(), self.config.write_timeout));
                    }
                    return;
                }
            }
        }
    }

    /// Queues the pong unless the last one is not written yet, or was written too short a time ago.
    fn queue_pong(&mut self) {
        let now = Instant::now();
        if self.pong_due_at(now).is_none_or(|due| due > now) {
            return;
        }
        if let Some((payload, length)) = self.pong.payload.take() {
            self.outgoing.queue(Opcode::Pong, &payload[..length]);
            self.pong.last_ends_at = self.outgoing.queued();
            self.pong.next_at = Some(after(now, self.config.pong_interval));
        }
    }

    /// When a pong may be queued, if one is wanted and only time stands in its way.
    fn pong_due_at(&self, now: Instant) -> Option<Instant> {
        let may = self.pong.is_wanted()
            && self.close_deadline.is_none()
            && self.write_error.is_none()
            && self.outgoing.handed() >= self.pong.last_ends_at;
        may.then(|| self.pong.next_at.unwrap_or(now))
    }

    /// Nothing has come. Ready when something has changed: the end has come, or a pong was written.
    fn poll_waiting(&mut self, cx: &mut TaskContext<'_>) -> Poll<()> {
        if let Some(error) = &self.write_error {
            let error = lost(error);
            self.end_now(error);
            return Poll::Ready(());
        }
        let now = Instant::now();
        let config = &self.config;
        let frame = self.unfinished_frame.deadline(
            self.frames.partial_frame(),
            now,
            config.frame_timeout,
            config.progress_floor,
        );
        let message = self.unfinished_message.deadline(
            self.assembler.partial_message(),
            now,
            config.message_timeout,
            config.progress_floor,
        );
        let reasons = [
            (frame, "a frame did not come to its end"),
            (message, "a fragmented message did not come to its end"),
            (self.close_deadline, "our close frame was not answered"),
        ];
        for (deadline, what) in reasons {
            if deadline.is_some_and(|deadline| deadline <= now) {
                self.end_now(Error::with_detail(ErrorKind::Timeout, what));
                return Poll::Ready(());
            }
        }
        if let Some(deadline) = self.write_deadline
            && deadline <= now
        {
            self.write_deadline_passed(deadline, now);
            return Poll::Ready(());
        }
        let pong = self.pong_due_at(now);
        let earliest = reasons
            .into_iter()
            .filter_map(|(deadline, _)| deadline)
            .chain(self.write_deadline)
            .chain(pong)
            .min();
        let Some(earliest) = earliest else { return Poll::Pending };
        ready!(self.poll_timer(cx, earliest));
        self.write(cx);
        Poll::Ready(())
    }

    /// The transport took nothing for too long. If no caller was here to offer it something, it gets another chance.
    fn write_deadline_passed(&mut self, deadline: Instant, now: Instant) {
        if now > deadline + ABSENCE {
            self.write_deadline = Some(after(now, self.config.write_timeout));
        } else {
            self.end_now(Error::with_detail(ErrorKind::Timeout, "the peer does not read"));
        }
    }

    fn poll_timer(&mut self, cx: &mut TaskContext<'_>, deadline: Instant) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        timer.as_mut().poll(cx)
    }
}

fn lost(error: &io::Error) -> Error {
    // The error is reported more than once and cannot be cloned.
    Error::with_source(ErrorKind::ConnectionLost, io::Error::new(error.kind(), error.to_string()))
        .detail("while writing")
}
