//! Recorded frames through the delivery of live streams.

use crate::connections::Recorded;
use crate::delivery::{CodecsAny, Delivery as _, Events};
use crate::item::Item;
use binance_kit_core::sbe::Schema;
use binance_kit_core::{MixedTopic, StreamName};
use binance_kit_net::ByteBudget;
use binance_kit_net::ws::MessageBytes;
use std::fmt;
use std::time::Duration;

/// Plays recorded frames through the delivery of live streams: they are decoded by stream, put in order, freed of copies that
/// came on another connection, and checked for gaps, with the receive times of the recording as the only clock. There is no
/// socket, no task and no queue: the items of a frame are there when [`Playback::frame`] returns.
///
/// The caller passes what the recording holds in its order, names the topic of each stream before its first frame, and takes
/// the items after each call.
pub struct Playback<E> {
    /// The connections of the recording.
    recorded: Recorded,
    /// The decoders, and the events that are held.
    events: Events<E>,
}

impl<E: Send + 'static> fmt::Debug for Playback<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Playback").field("connections", &self.recorded.up()).finish_non_exhaustive()
    }
}

impl<E: Send + 'static> Playback<E> {
    /// Begins a recording. Binary frames are read with the schema; without one they cannot be read.
    pub fn new(schema: Option<&'static Schema>) -> Self {
        // The order of the lines is that of receipt: what comes out of order on one connection does not wait.
        Self {
            recorded: Recorded::new(schema, Duration::ZERO),
            events: Events::new(None, ByteBudget::default().share(usize::MAX)),
        }
    }

    /// Whether the topic of a stream is known.
    pub fn has_topic(&self, stream: &str) -> bool {
        self.recorded.find(stream).is_some()
    }

    /// Adds the topic of a stream. Frames of streams without one are passed over.
    ///
    /// # Errors
    ///
    /// When the name of the topic is none.
    pub fn add_topic(&mut self, topic: MixedTopic<E>) -> Result<(), binance_kit_core::InvalidStreamName> {
        let (info, codec) = topic.into_parts()?;
        let number = self.recorded.add_stream(info);
        let codecs: CodecsAny = Box::new(vec![codec]);
        self.events.set_codecs(&codecs, &[(number, 0)]);
        Ok(())
    }

    /// A connection came up at this time (nanoseconds since the Unix epoch). If one of the same number was up, it was lost before.
    /// Returns the streams that are interrupted by that.
    pub fn connected(&mut self, at_nanos: u64, connection: u64) -> Vec<StreamName> {
        self.recorded.at(at_nanos, &mut self.events);
        self.recorded.connected(connection, &mut self.events)
    }

    /// A connection was lost at this time. Returns the streams that no other connection carries: they are interrupted.
    pub fn disconnected(&mut self, at_nanos: u64, connection: u64) -> Vec<StreamName> {
        self.recorded.at(at_nanos, &mut self.events);
        self.recorded.disconnected(connection, &mut self.events)
    }

    /// Returns the connections that are up.
    pub fn connections(&self) -> Vec<u64> {
        self.recorded.up()
    }

    /// Takes a frame with its receive time and connection; a connection that was not known to be up is. `stream` is the
    /// stream of a frame that names none itself: one of a connection with a single stream.
    pub fn frame(
        &mut self,
        received_nanos: u64,
        connection: u64,
        stream: Option<&StreamName>,
        payload: &[u8],
        is_binary: bool,
    ) {
        self.recorded.at(received_nanos, &mut self.events);
        let payload = MessageBytes::from(payload);
        self.recorded.frame(received_nanos, connection, stream, payload, is_binary, &mut self.events);
    }

    /// Nothing follows: events that are held are released, and what is missing between them is reported.
    pub fn finish(&mut self) {
        self.recorded.finish(&mut self.events);
    }

    /// The next item: an event, a gap, or a frame that cannot be read. `None` when everything was taken.
    pub fn next_item(&mut self) -> Option<Item<E>> {
        loop {
            let item = self.recorded.pop()?;
            if let Some(item) = item.with(|slot| self.events.take(slot)) {
                return Some(item);
            }
        }
    }

    /// The number of copies of each stream's events that were not delivered.
    pub fn duplicates(&self) -> impl Iterator<Item = (&StreamName, u64)> {
        self.recorded.duplicates()
    }
}
