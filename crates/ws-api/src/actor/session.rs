//! Requests of the session itself: log-on, log-out, subscriptions. A refusal that says nothing about the key or the request
//! is not final: it is asked again after a while.

use super::{Actor, Done, Socket};
use crate::{Error, ErrorKind};
use binance_kit_core::{ParamWriter, Timestamp};
use std::time::Duration;
use tokio::time::Instant;

/// How long to wait before the first repetition of a request of the session that was refused for a while; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Upper bound of that wait, where the exchange does not ask for more.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// Requests of the task itself, by what their answers change.
pub(super) enum Internal {
    /// A log-on, with its caller if there is one.
    LogOn(Option<Done>),
    /// A log-out.
    LogOut(Done),
    /// A subscription, with its caller if it is the first attempt.
    Subscribe { key: u64, reply: Option<Done> },
    /// The end of a subscription, with its caller if there is one.
    Unsubscribe(Option<Done>),
    /// The query for the exchange's time, written at this time by our wall clock.
    Time { sent: Timestamp },
}

impl Internal {
    /// Its caller, if there is one.
    pub(super) fn into_reply(self) -> Option<Done> {
        match self {
            Self::LogOn(reply) | Self::Unsubscribe(reply) | Self::Subscribe { reply, .. } => reply,
            Self::LogOut(reply) => Some(reply),
            Self::Time { .. } => None,
        }
    }

    /// Whether a caller waits for it.
    pub(super) fn has_caller(&self) -> bool {
        matches!(self, Self::LogOut(_) | Self::LogOn(Some(_)) | Self::Subscribe { reply: Some(_), .. })
    }
}

/// A request of the session.
pub(super) struct Asked {
    /// The request.
    pub(super) what: Internal,
    /// Its parameters as sent, to be kept out of what is shown of the answer.
    pub(super) params: ParamWriter,
    /// When it was first wanted.
    pub(super) since: Instant,
    /// When it was last written, or is to be written again.
    pub(super) at: Instant,
    /// How often it was written before.
    pub(super) tries: u32,
    /// The number of measurements of the clock before it was written.
    pub(super) measured: u64,
}

impl Actor {
    /// A request of the session that is wanted from now on.
    pub(super) fn wanted(&self, what: Internal) -> Asked {
        let now = self.context.clock().monotonic();
        Asked {
            what,
            params: ParamWriter::new(),
            since: now,
            at: now,
            tries: 0,
            measured: self.clock.measured,
        }
    }

    /// Writes a request of the session that is signed where the session has no log-on.
    pub(super) fn ask(&mut self, socket: &mut Socket, asked: Asked) -> Result<(), binance_kit_net::Error> {
        let method = match (&asked.what, self.protocol.user_data) {
            (Internal::LogOn(_), _) => self.protocol.log_on,
            (Internal::LogOut(_), _) => self.protocol.log_out,
            (Internal::Subscribe { .. }, Some(methods)) if self.connection.authenticated => methods.subscribe,
            (Internal::Subscribe { .. }, Some(methods)) => methods.subscribe_signed,
            // Only the client of a product with user data hands in a subscription.
            _ => return Ok(()),
        };
        self.write_internal(socket, method, asked)
    }

    /// A log-on or subscription was refused, and the refusal is not final: asks again later, with the caller waiting as
    /// long as it may.
    pub(super) fn postpone(&mut self, mut asked: Asked, error: Error) {
        let now = self.context.clock().monotonic();
        let pause = FIRST_PAUSE.saturating_mul(1 << asked.tries.min(10)).min(MAX_PAUSE);
        let pause = pause.max(error.retry_after().unwrap_or_default());
        // The rest of the deadline is for the answer.
        let last = asked.since + self.config.timeout.mul_f32(0.8);
        if asked.what.has_caller() && now + pause > last {
            let is_log_on = matches!(asked.what, Internal::LogOn(_));
            self.internal_failed(asked, error);
            if is_log_on {
                // Its caller does not wait any longer; the session still wants it.
                let log_on = self.wanted(Internal::LogOn(None));
                self.connection.postponed.push(Asked { at: now + pause, ..log_on });
            }
            return;
        }
        tracing::warn!(%error, pause_ms = pause.as_millis(), "refused for a while");
        asked.at = now + pause;
        asked.tries += 1;
        self.connection.postponed.push(asked);
    }

    /// Asks again what was postponed until now.
    pub(super) fn ask_postponed(
        &mut self,
        socket: &mut Socket,
        now: Instant,
    ) -> Result<(), binance_kit_net::Error> {
        let due: Vec<Asked> = self.connection.postponed.extract_if(.., |asked| asked.at <= now).collect();
        for asked in due {
            self.ask(socket, asked)?;
        }
        Ok(())
    }

    /// A request of the session failed for good, or for longer than its caller waits.
    pub(super) fn internal_failed(&mut self, asked: Asked, error: Error) {
        match asked.what {
            Internal::LogOn(reply) => {
                let is_final = !is_temporary(&error);
                match error.api_error() {
                    Some(api) if is_final => self.connection.refused = Some(api.clone()),
                    _ if self.connection.is_live => {}
                    _ => self.connection.not_now = Some(error.clone()),
                }
                match reply {
                    Some(reply) => {
                        self.announce();
                        let error =
                            if is_final { error.with_kind(ErrorKind::AuthenticationRefused) } else { error };
                        let _ = reply.send(Err(error));
                    }
                    None if self.connection.is_live => self.announce(),
                    None => {}
                }
            }
            Internal::Subscribe { key, reply } => {
                self.subscription_failed(key, reply, error);
            }
            what => {
                if let Some(reply) = what.into_reply() {
                    let _ = reply.send(Err(error));
                }
            }
        }
    }

    fn subscription_failed(&mut self, key: u64, reply: Option<Done>, error: Error) {
        if let Some(reply) = reply {
            self.connection.subscriptions.remove(&key);
            let _ = reply.send(Err(error));
            return;
        }
        tracing::warn!(%error, "cannot subscribe to user data again");
        if let Some(subscription) = self.connection.subscriptions.get_mut(&key) {
            if let Some(api) = error.api_error() {
                subscription.sink.refused(api.clone());
            }
            subscription.refused(self.context.clock().monotonic(), error.retry_after());
        }
    }
}

/// Whether a refusal says nothing about the key or the request.
pub(super) fn is_temporary(error: &Error) -> bool {
    error.api_error().is_none() || error.is_transient()
}
