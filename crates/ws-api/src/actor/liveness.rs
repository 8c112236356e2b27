//! Whether the peer still answers. A request whose answer is late is followed by a ping, and a connection on which nothing
//! comes after that is given up: a caller learns within three seconds that its connection is half-open. Until the ping is
//! answered, nothing that changes something is written.

use super::{Actor, Socket, WsMessage};
use binance_kit_net::{Error, ErrorKind};
use std::time::Duration;
use tokio::time::Instant;

/// How long an answer may take before the peer is asked for a sign of life; and how long a ping on an idle connection may be
/// unanswered before the connection is under suspicion.
const LATE: Duration = Duration::from_secs(1);
/// How long after that ping something must arrive, where requests wait for their answers.
const SILENCE: Duration = Duration::from_millis(1500);
/// How long the answer to a ping may take while other messages arrive: what we write may be lost on its way.
const PONG: Duration = Duration::from_secs(10);

/// What is known of the peer.
#[derive(Default)]
pub(super) struct Liveness {
    /// The ping that is not answered yet.
    ping: Option<Ping>,
    /// Number of pings sent: the payload, so that only the answer to the latest counts.
    pings: u64,
    /// When the peer last answered, a request or a ping.
    answered: Option<Instant>,
    /// Whether a request was answered on this connection: it worked.
    pub(super) has_answered: bool,
}

/// A ping that is not answered yet.
struct Ping {
    /// When it was sent.
    at: Instant,
    /// Whether requests that change something wait for its answer.
    is_suspicion: bool,
}

impl Liveness {
    /// Whether it is not known that the peer still answers.
    pub(super) fn is_suspect(&self) -> bool {
        self.ping.as_ref().is_some_and(|ping| ping.is_suspicion)
    }

    /// The peer answered a request that was written at this time.
    pub(super) fn answered(&mut self, written: Instant, now: Instant) {
        self.answered = Some(now);
        // An answer to what was written before the ping says nothing of the way there since.
        self.ping.take_if(|ping| ping.at < written);
    }
}

impl Actor {
    /// Takes a message: an answer, an event, or a sign of life.
    pub(super) fn message(&mut self, socket: &mut Socket, message: &WsMessage) {
        let was_suspect = self.connection.liveness.is_suspect();
        match message {
            WsMessage::Pong(payload) => {
                let liveness = &mut self.connection.liveness;
                if **payload == liveness.pings.to_be_bytes() {
                    liveness.ping = None;
                    liveness.answered = Some(self.context.clock().monotonic());
                }
            }
            message => self.frame(socket, message),
        }
        if was_suspect && !self.connection.liveness.is_suspect() {
            self.release(socket);
        }
    }

    /// When the oldest request was written that somebody waits for.
    fn oldest_waiting(&self) -> Option<Instant> {
        let calls = self.connection.correlator.iter().filter(|request| !request.reply.abandoned());
        let calls = calls.map(|request| request.written.at);
        calls.chain(self.connection.internal.values().map(|asked| asked.at)).min()
    }

    /// Whether anything waits for the peer.
    fn is_waited_for(&self) -> bool {
        self.connection.correlator.len() > 0
            || !self.connection.internal.is_empty()
            || !self.clock.held.is_empty()
    }

    /// When to look at the latest whether an answer is late, if anything is waited for.
    pub(super) fn first_late_check(&self) -> Option<Instant> {
        self.is_waited_for().then(|| self.context.clock().monotonic() + LATE)
    }

    /// When [`Actor::check_alive`] has something to do next.
    pub(super) fn next_check(&self, socket: &Socket) -> Instant {
        let now = self.context.clock().monotonic();
        let half = self.config.idle_timeout / 2;
        let idle = (socket.last_received() + half).max(now + half / 4);
        let ping = self.connection.liveness.ping.as_ref().map(|ping| {
            [LATE, SILENCE, PONG]
                .map(|wait| ping.at + wait)
                .into_iter()
                .find(|at| *at > now)
                .unwrap_or(now + LATE)
        });
        let late = match ping {
            Some(at) => Some(at),
            None => {
                self.oldest_waiting().map(|at| at.max(self.connection.liveness.answered.unwrap_or(at)) + LATE)
            }
        };
        self.next_repetition().into_iter().chain(late).fold(idle, Instant::min)
    }

    /// When something is to be asked for again.
    pub(super) fn next_repetition(&self) -> Option<Instant> {
        let postponed = self.connection.postponed.iter().map(|asked| asked.at);
        let subscriptions = self.connection.subscriptions.values();
        postponed.chain(subscriptions.filter_map(|subscription| subscription.retry_at)).min()
    }

    /// Asks for a sign of life where an answer is late or nothing has come for long.
    ///
    /// # Errors
    ///
    /// When there is none: the connection is to be replaced.
    pub(super) fn check_alive(&mut self, socket: &mut Socket, now: Instant) -> Result<(), Error> {
        let lost = |detail: String| Err(Error::with_detail(ErrorKind::Timeout, detail));
        let received = socket.last_received();
        let quiet = now.saturating_duration_since(received);
        if quiet >= self.config.idle_timeout {
            return lost(format!("nothing arrived for {} seconds", quiet.as_secs()));
        }
        let oldest = self.oldest_waiting();
        let is_waited_for = oldest.is_some() || !self.clock.held.is_empty();
        let liveness = &mut self.connection.liveness;
        if let Some(ping) = &mut liveness.ping {
            let since = now.saturating_duration_since(ping.at);
            if received <= ping.at {
                if since >= SILENCE && is_waited_for {
                    return lost("an answer is late, and a ping is not answered either".to_owned());
                }
            } else if since >= PONG {
                return lost("messages arrive, but no answer to a ping".to_owned());
            }
            ping.is_suspicion |= since >= LATE;
            return Ok(());
        }
        let is_late = oldest.is_some_and(|at| now >= at.max(liveness.answered.unwrap_or(at)) + LATE);
        if is_late || quiet >= self.config.idle_timeout / 2 {
            liveness.pings += 1;
            liveness.ping = Some(Ping { at: now, is_suspicion: is_late });
            socket.send_ping(&liveness.pings.to_be_bytes())?;
        }
        Ok(())
    }
}
