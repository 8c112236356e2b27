//! Subscriptions of user data, which outlive connections: when they are asked for, and when again.

use super::{Actor, Internal, Socket};
use crate::user_data::Sink;
use std::time::Duration;
use tokio::time::Instant;

/// How long to wait before user data is subscribed again after a refusal, or after the exchange ended it soon for the second
/// time: doubled each time, up to [`MAX_DELAY`].
const FIRST_DELAY: Duration = Duration::from_secs(5);
/// Upper bound of that wait.
const MAX_DELAY: Duration = Duration::from_secs(300);
/// A subscription that lived for so long was healthy: its end is the first again.
const HEALTHY: Duration = Duration::from_secs(60);

/// A subscription of user data, which outlives connections.
pub(super) struct Subscription {
    /// Where its events go.
    pub(super) sink: Box<dyn Sink>,
    /// The exchange's number for it on this connection.
    pub(super) remote: Option<u64>,
    /// When to ask again after a refusal or an early end.
    pub(super) retry_at: Option<Instant>,
    /// How long to wait after the next refusal.
    retry_delay: Duration,
    /// When it was last subscribed.
    since: Option<Instant>,
    /// How often in a row the exchange ended it soon.
    early_ends: u32,
}

impl Subscription {
    pub(super) fn new(sink: Box<dyn Sink>) -> Self {
        Self { sink, remote: None, retry_at: None, retry_delay: FIRST_DELAY, since: None, early_ends: 0 }
    }

    /// The exchange subscribed it, under this number.
    pub(super) fn subscribed(&mut self, remote: u64, now: Instant) {
        self.remote = Some(remote);
        self.retry_at = None;
        self.retry_delay = FIRST_DELAY;
        self.since = Some(now);
        self.sink.subscribed();
    }

    /// The exchange ended it. Says how long to wait before it is asked for again; the first time not at all.
    pub(super) fn ended(&mut self, now: Instant) -> Option<Duration> {
        if self.since.take().is_none_or(|since| now - since >= HEALTHY) {
            self.early_ends = 0;
        }
        self.early_ends += 1;
        let doubled = self.early_ends.checked_sub(2)?;
        Some(FIRST_DELAY.saturating_mul(1 << doubled.min(10)).min(MAX_DELAY))
    }

    /// The exchange refused it, and asked for this pause.
    pub(super) fn refused(&mut self, now: Instant, pause: Option<Duration>) {
        self.retry_at = Some(now + self.retry_delay.max(pause.unwrap_or_default()));
        self.retry_delay = (self.retry_delay * 2).min(MAX_DELAY);
    }
}

impl Actor {
    /// Asks for the subscriptions that this connection does not have. Where the exchange refused the key they wait for the
    /// next log-on, and their consumers learn why.
    pub(super) fn renew_subscriptions(&mut self, socket: &mut Socket) {
        if let Some(refused) = self.connection.refused.clone().filter(|_| self.connection.session) {
            for subscription in self.connection.subscriptions.values_mut() {
                subscription.retry_at = None;
                subscription.sink.refused(refused.clone());
            }
            return;
        }
        let internal = &self.connection.internal;
        let is_asked = |key: u64| {
            internal
                .values()
                .any(|asked| matches!(asked.what, Internal::Subscribe { key: of, .. } if of == key))
        };
        let missing: Vec<u64> = self
            .connection
            .subscriptions
            .iter()
            .filter(|(key, subscription)| subscription.remote.is_none() && !is_asked(**key))
            .map(|(key, _)| *key)
            .collect();
        for key in missing {
            // A connection that cannot be written to ends soon enough, and the next one asks.
            if let Err(error) = self.subscribe(socket, key, None) {
                tracing::warn!(%error, "cannot write a request");
            }
        }
    }

    /// Asks again for the subscriptions whose time has come.
    pub(super) fn retry_subscriptions(
        &mut self,
        socket: &mut Socket,
        now: Instant,
    ) -> Result<(), binance_kit_net::Error> {
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
        Ok(())
    }
}
