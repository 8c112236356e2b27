//! Recorded connections: their frames take the path of live ones, with the times of the recording instead of a clock. Nothing
//! is connected, and nothing waits.
//!
//! A recording does not say which streams a connection carries. A connection carries the streams that the exchange lists on it,
//! where the recording holds such an answer, and those of which a frame came on it.

use super::events::content_hash;
use super::{Source, Streams};
use crate::delivery::order::{Arrival, Novelty, Out};
use crate::delivery::{Batch, Delivery, Frame, FrameReader, Read, Slot};
use crate::item::{ConnectionId, Event, Gap, Item, Malformed};
use binance_kit_core::decode::FastReader;
use binance_kit_core::sbe::Schema;
use binance_kit_core::{StreamInfo, StreamName, Timestamp};
use binance_kit_net::ws::MessageBytes;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// How much of a frame that cannot be read is kept.
const RAW_KEPT: usize = 16 << 10;
/// Maximum number of events held until their order is known.
const MAX_HELD: usize = 100_000;
/// Maximum number of bytes of the frames that arrived since events are held.
const MAX_HELD_BYTES: usize = 64 << 20;

/// A connection of a recording that is up.
#[derive(Debug)]
struct Link {
    /// Its number among the sources of events; a connection that comes up again gets another.
    source: Source,
    /// Number of earlier connections of this number.
    generation: u64,
    /// Whether the exchange has listed its streams.
    is_listed: bool,
    /// The streams it carries, as far as known.
    streams: BTreeSet<usize>,
}

/// The connections of a recording, without the type of the events.
pub(crate) struct Recorded {
    /// Reads the frames.
    reader: FrameReader,
    /// The streams seen so far.
    streams: Streams,
    /// The connections that are up, by their number in the recording.
    links: BTreeMap<u64, Link>,
    /// Number of connections that have come up, of each number.
    generations: BTreeMap<u64, u64>,
    /// The number of the next source.
    next_source: Source,
    /// The frame that is being read.
    batch: Batch,
    /// What the order of a stream decided.
    scratch: Vec<Out<Event<Slot>>>,
    /// The items that were not taken yet.
    items: VecDeque<Item<Slot>>,
    /// Events to be dropped.
    discarded: Vec<Slot>,
    /// The streams with a hole that time closes.
    holes: BTreeSet<usize>,
    /// Number of events held.
    held: usize,
    /// Bytes of the frames since events are held.
    held_bytes: usize,
    /// Time since the recording began; it does not go back.
    now: Duration,
    /// When it began, in nanoseconds since the Unix epoch.
    origin: Option<u64>,
}

impl Recorded {
    pub(crate) fn new(schema: Option<&'static Schema>, grace: Duration) -> Self {
        Self {
            reader: FrameReader::new(None, schema, None),
            streams: Streams::new(grace, None),
            links: BTreeMap::new(),
            generations: BTreeMap::new(),
            next_source: 0,
            batch: Batch::default(),
            scratch: Vec::new(),
            items: VecDeque::new(),
            discarded: Vec::new(),
            holes: BTreeSet::new(),
            held: 0,
            held_bytes: 0,
            now: Duration::ZERO,
            origin: None,
        }
    }

    /// The number of a stream that was seen.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.streams.find(0, name)
    }

    /// Adds a stream. Gives its number.
    pub(crate) fn add_stream(&mut self, info: StreamInfo) -> usize {
        self.streams.insert(0, 0, info, false)
    }

    /// The next item.
    pub(crate) fn pop(&mut self) -> Option<Item<Slot>> {
        self.items.pop_front()
    }

    /// Number of copies of events of a stream that were not delivered.
    pub(crate) fn duplicates(&self) -> impl Iterator<Item = (&StreamName, u64)> {
        self.streams.iter().map(|state| (&state.info.name, state.duplicates))
    }

    /// Notes the time of an entry.
    pub(crate) fn at(&mut self, nanos: u64, delivery: &mut dyn Delivery) {
        let origin = *self.origin.get_or_insert(nanos);
        self.now = self.now.max(Duration::from_nanos(nanos.saturating_sub(origin)));
        if self.holes.is_empty() {
            return;
        }
        let due: Vec<usize> = self.holes.iter().copied().collect();
        for number in due {
            let Some(state) = self.streams.get(number) else { continue };
            if state.order.next_deadline().is_some_and(|due| due <= self.now) {
                let before = state.order.held();
                state.order.expire(self.now, &mut self.scratch);
                self.emit(number, before);
            }
        }
        self.drop_discarded(delivery);
    }

    /// A connection came up. One of the same number that was up is lost: gives the streams that no connection carries now.
    pub(crate) fn connected(&mut self, connection: u64, delivery: &mut dyn Delivery) -> Vec<StreamName> {
        let uncovered = self.disconnected(connection, delivery);
        self.link(connection);
        uncovered
    }

    /// A connection was lost. Gives the streams that no connection carries now.
    pub(crate) fn disconnected(&mut self, connection: u64, delivery: &mut dyn Delivery) -> Vec<StreamName> {
        let Some(link) = self.links.remove(&connection) else { return Vec::new() };
        let mut uncovered = Vec::new();
        for number in link.streams {
            let is_covered = self.links.values().any(|other| other.streams.contains(&number));
            let Some(state) = self.streams.get(number) else { continue };
            let before = state.order.held();
            state.order.remove(self.now, link.source, &mut self.scratch);
            if !is_covered {
                uncovered.push(state.info.name.clone());
            }
            self.emit(number, before);
        }
        self.drop_discarded(delivery);
        uncovered
    }

    /// The connections that are up.
    pub(crate) fn up(&self) -> Vec<u64> {
        self.links.keys().copied().collect()
    }

    fn link(&mut self, connection: u64) -> &mut Link {
        let Self { links, generations, next_source, .. } = self;
        links.entry(connection).or_insert_with(|| {
            let source = *next_source;
            *next_source += 1;
            let count = generations.entry(connection).or_default();
            let generation = *count;
            *count += 1;
            Link { source, generation, is_listed: false, streams: BTreeSet::new() }
        })
    }

    /// Notes that a connection carries a stream.
    fn carries(&mut self, connection: u64, number: usize) {
        let link = self.link(connection);
        let source = link.source;
        if link.streams.insert(number)
            && let Some(state) = self.streams.get(number)
        {
            state.order.add(source);
        }
    }

    /// Takes a frame. `stream` is the name where the frame has none itself.
    pub(crate) fn frame(
        &mut self,
        nanos: u64,
        connection: u64,
        stream: Option<&StreamName>,
        payload: MessageBytes,
        is_binary: bool,
        delivery: &mut dyn Delivery,
    ) {
        let source = self.link(connection).source;
        let (mut number, mut body) = (None, 0);
        if let Some(stream) = stream {
            number = self.streams.find(0, stream.as_str());
        } else {
            let mut reader = FastReader::new(&payload);
            if let Some(name) = reader.wrapper() {
                number = self.streams.find(0, name);
                body = payload.len() - reader.remaining();
            }
        }
        self.reader.set_raw(stream);
        let received_at = Timestamp::from_micros(i64::try_from(nanos / 1000).unwrap_or(i64::MAX));
        self.batch.frames.push(Frame {
            source,
            group: 0,
            stream: number,
            body,
            payload,
            is_binary,
            received_at,
            arrived: None,
        });
        let mut batch = std::mem::take(&mut self.batch);
        delivery.read(&mut batch, &mut self.reader, &self.streams);
        for read in batch.reads.drain(..) {
            let Some(frame) = batch.frames.first() else { continue };
            match read {
                Read::Event { nth, stream, decoded, .. } => {
                    self.carries(connection, stream);
                    let Some(link) = self.links.get(&connection) else { continue };
                    let id = ConnectionId {
                        connection: usize::try_from(connection).unwrap_or(usize::MAX),
                        replica: 0,
                        generation: link.generation,
                    };
                    let Some(state) = self.streams.get(stream) else { continue };
                    (state.was_readable, state.unreadable) = (true, 0);
                    let hash = content_hash(&frame.payload).wrapping_add(nth);
                    let (api, name) = state.id();
                    let payload = Event {
                        data: decoded.event,
                        stream: name,
                        api,
                        received_at,
                        connection: id,
                        backfilled: false,
                    };
                    let before = state.order.held();
                    let arrival = Arrival { sequence: decoded.sequence, hash, received_at, payload };
                    let novelty = state.order.arrive(self.now, source, arrival, &mut self.scratch);
                    state.duplicates += u64::from(novelty == Novelty::Duplicate);
                    self.emit(stream, before);
                }
                Read::Shutdown { event, .. } => self.discarded.extend(event),
                Read::Answer { answer, .. } => {
                    self.answered(connection, answer.listed.as_deref().unwrap_or_default());
                }
                Read::Unreadable { stream, element } => {
                    let id = self.streams.get(stream).map(|state| state.id());
                    self.items.push_back(Item::Malformed(Malformed::of_element(id, &element, RAW_KEPT)));
                }
                Read::Malformed { stream, error, .. } => {
                    let state = stream.and_then(|number| self.streams.get(number));
                    let (mut in_a_row, mut was_readable, mut id) = (0, false, None);
                    if let Some(state) = state {
                        state.unreadable += 1;
                        (in_a_row, was_readable, id) =
                            (state.unreadable, state.was_readable, Some(state.id()));
                    }
                    let raw = frame.payload.get(..RAW_KEPT).unwrap_or(&frame.payload).to_vec();
                    self.items.push_back(Item::Malformed(Malformed {
                        stream: id,
                        error,
                        raw,
                        in_a_row,
                        was_readable,
                    }));
                }
                Read::Filtered { .. } | Read::Active { .. } => {}
            }
        }
        let length = batch.frames.drain(..).map(|frame| frame.payload.len()).sum::<usize>();
        self.batch = batch;
        self.held_bytes = if self.held == 0 { 0 } else { self.held_bytes.saturating_add(length) };
        if self.held > MAX_HELD || self.held_bytes > MAX_HELD_BYTES {
            self.release();
        }
        self.drop_discarded(delivery);
    }

    /// The exchange has answered on a connection, with the streams it carries if it was asked for them.
    fn answered(&mut self, connection: u64, listed: &[String]) {
        let numbers: Vec<usize> = listed.iter().filter_map(|name| self.find(name)).collect();
        for number in &numbers {
            self.carries(connection, *number);
        }
        let link = self.link(connection);
        link.is_listed |= !listed.is_empty();
        let source = link.source;
        // Whatever was published before an answer has arrived on its connection: those that were listed before are complete.
        let others: Vec<(Source, Vec<usize>)> = self
            .links
            .values()
            .filter(|other| other.is_listed && other.source > source)
            .map(|other| (other.source, other.streams.iter().copied().collect()))
            .collect();
        for (other, streams) in others {
            for number in streams {
                let Some(state) = self.streams.get(number) else { continue };
                let before = state.order.held();
                state.order.joined(self.now, other, &mut self.scratch);
                self.emit(number, before);
            }
        }
    }

    /// Nothing follows: events that are held are released, and holes reported.
    pub(crate) fn finish(&mut self, delivery: &mut dyn Delivery) {
        self.release();
        self.drop_discarded(delivery);
    }

    fn release(&mut self) {
        for number in self.streams.numbers() {
            let Some(state) = self.streams.get(number) else { continue };
            let before = state.order.held();
            if before > 0 {
                state.order.release(self.now, &mut self.scratch);
                self.emit(number, before);
            }
        }
        self.held_bytes = 0;
    }

    /// Takes what the order of a stream has decided.
    fn emit(&mut self, number: usize, before: usize) {
        let Some(state) = self.streams.get(number) else { return };
        self.held = (self.held + state.order.held()).saturating_sub(before);
        for out in self.scratch.drain(..) {
            match out {
                Out::Deliver(event) => self.items.push_back(Item::Event(event)),
                Out::Discard(event) => self.discarded.push(event.data),
                Out::Gap { from, to, backfilled } => {
                    let (api, stream) = state.id();
                    self.items.push_back(Item::Gap(Gap { stream, api, from, to, backfilled }));
                }
                // Nothing is fetched: the streams were added as ones that cannot be filled.
                Out::Fill { .. } => {}
            }
        }
        if state.order.next_deadline().is_some() {
            self.holes.insert(number);
        } else {
            self.holes.remove(&number);
        }
    }

    fn drop_discarded(&mut self, delivery: &mut dyn Delivery) {
        for slot in self.discarded.drain(..) {
            delivery.discard(slot);
        }
    }
}
