//! What a connection waits for, and how long: the pong that is not due yet, and what the peer began and has not ended.

use super::MAX_CONTROL;
use std::time::Duration;
use tokio::time::Instant;

/// A timer that fired this much too late was not waited for: its owner was busy elsewhere.
pub(super) const ABSENCE: Duration = Duration::from_secs(1);
/// What is as good as for ever, and can be added to any time.
const LONG: Duration = Duration::from_secs(365 * 86_400);

/// `now` and a time that may be as long as the caller likes.
pub(super) fn after(now: Instant, duration: Duration) -> Instant {
    now + duration.min(LONG)
}

/// The latest ping that waits for its pong.
#[derive(Debug, Default)]
pub(super) struct Pong {
    /// The payload of the ping and its length; none when every ping is answered.
    pub(super) payload: Option<([u8; MAX_CONTROL], usize)>,
    /// Not before.
    pub(super) next_at: Option<Instant>,
    /// Where the last pong ends in the outgoing bytes: no second one is queued before that is written.
    pub(super) last_ends_at: u64,
}

impl Pong {
    /// Takes the place of an earlier ping.
    pub(super) fn ask(&mut self, payload: &[u8]) {
        let mut copy = [0; MAX_CONTROL];
        // The guard has seen to it that no ping is longer.
        let length = payload.len().min(MAX_CONTROL);
        copy[..length].copy_from_slice(&payload[..length]);
        self.payload = Some((copy, length));
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.payload.is_some()
    }
}

/// The frame or message that has begun and not ended, and since when.
#[derive(Debug, Default)]
pub(super) struct Unfinished {
    /// The number of the frame or message.
    number: u64,
    /// Since when its rest is awaited.
    since: Option<Instant>,
}

impl Unfinished {
    /// The deadline for number `number` of which `bytes` have come. Late by more than [`ABSENCE`], it starts over.
    pub(super) fn deadline(
        &mut self,
        partial: Option<(u64, u64)>,
        now: Instant,
        timeout: Duration,
        progress_floor: u32,
    ) -> Option<Instant> {
        let Some((number, bytes)) = partial else {
            self.since = None;
            return None;
        };
        if self.number != number {
            self.number = number;
            self.since = None;
        }
        let earned = Duration::from_millis(bytes.saturating_mul(1000) / u64::from(progress_floor.max(1)));
        let allowed = timeout.saturating_add(earned).min(LONG);
        let deadline = *self.since.get_or_insert(now) + allowed;
        if now > deadline + ABSENCE {
            self.since = Some(now);
            return Some(now + allowed);
        }
        Some(deadline)
    }
}
