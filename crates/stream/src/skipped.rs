//! What consumers that take events only pass over: counted, logged, and an error where waiting would be in vain.

use crate::config::StreamConfig;
use crate::error;
use crate::item::{Item, Malformed, Refused};
use binance_kit_core::product::Api;
use binance_kit_core::{Error, ErrorKind, StreamName};
use std::collections::BTreeSet;

/// Number of unreadable frames at the beginning of a stream after which waiting for its first event is in vain.
const UNREADABLE: u64 = 3;

/// Number of items that `next_event` has passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Skipped {
    /// Gaps.
    pub gaps: u64,
    /// Reports of stale streams.
    pub stale: u64,
    /// Frames that cannot be read.
    pub malformed: u64,
    /// Events that were dropped because the consumer was too slow.
    pub lagged: u64,
    /// Control messages that the exchange did not answer.
    pub unanswered: u64,
}

/// Counts what is passed over.
#[derive(Debug, Default)]
pub(crate) struct Skips {
    /// The counts.
    counts: Skipped,
    /// Streams that were reported as unreadable.
    reported: BTreeSet<(Api, StreamName)>,
}

impl Skips {
    pub(crate) fn counts(&self) -> Skipped {
        self.counts
    }

    /// Passes over an item that is no event. `event` is the name of the event type.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::StreamRefused`], [`ErrorKind::Overflowed`], and [`ErrorKind::Unreadable`] once for each stream whose first
    /// frames are all unreadable.
    pub(crate) fn skip(&mut self, item: Item<()>, event: &str, config: &StreamConfig) -> Result<(), Error> {
        let counts = &mut self.counts;
        let (count, more, kind) = match &item {
            Item::Gap(_) => (&mut counts.gaps, 1, "gap"),
            Item::Stale(_) => (&mut counts.stale, 1, "stale stream"),
            Item::Malformed(_) => (&mut counts.malformed, 1, "unreadable frame"),
            Item::Lagged(lagged) => (&mut counts.lagged, lagged.count, "dropped events"),
            Item::Unanswered(_) => (&mut counts.unanswered, 1, "unanswered control message"),
            Item::Refused(_) => {
                let Item::Refused(Refused { streams, error, .. }) = item else { return Ok(()) };
                return Err(error::refused(streams, error));
            }
            Item::Overflowed(overflowed) => {
                let detail = format!(
                    "{} events did not fit into the queue of {} events and {} bytes: set `queue` or `queue_bytes`, or another `Overflow` policy",
                    overflowed.count, config.queue, config.queue_bytes
                );
                return Err(Error::new(ErrorKind::Overflowed).with_detail(detail));
            }
            Item::Event(_) | Item::State(_) | Item::Resumed(_) => return Ok(()),
        };
        if *count == 0 {
            tracing::warn!(kind, "item skipped by next_event; further ones of the kind are only counted");
        }
        *count += more;
        match item {
            Item::Malformed(malformed) => self.unreadable(malformed, event),
            _ => Ok(()),
        }
    }

    fn unreadable(&mut self, malformed: Malformed, event: &str) -> Result<(), Error> {
        let Malformed { stream: Some((api, stream)), error, in_a_row, was_readable: false, .. } = malformed
        else {
            return Ok(());
        };
        if in_a_row < UNREADABLE || !self.reported.insert((api, stream.clone())) {
            return Ok(());
        }
        let detail = format!("{stream}: cannot read as {event}: {error}");
        let error = Error::new(ErrorKind::Unreadable).with_detail(detail).with_source(error);
        Err(error.with_streams(vec![stream]))
    }
}

/// The name of a type without its path.
pub(crate) fn short_name<E>() -> &'static str {
    let name = std::any::type_name::<E>();
    // Of `path::List<path::Item>` the path of the list is cut off.
    let generics = name.find('<').unwrap_or(name.len());
    match name.get(..generics).and_then(|head| head.rfind("::")) {
        Some(at) => name.get(at + 2..).unwrap_or(name),
        None => name,
    }
}
