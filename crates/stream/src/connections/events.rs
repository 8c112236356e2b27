//! Frames that arrive: they are handed to the delivery, and what it read is put in order.

use super::link::{Mode, ROUND_TRIP};
use super::streams::shown;
use super::{Connections, Now, Source, Streams};
use crate::delivery::order::{Arrival, Novelty};
use crate::delivery::{Answer, Delivery, Frame, Read, SHUTDOWN, SHUTDOWN_RAW, Slot};
use crate::item::{Event, Item, Malformed, Resumed, RotationReason};
use binance_kit_core::decode::FastReader;
use binance_kit_core::tap::{Mark, Payload};
use binance_kit_core::{DecodeError, Decoded, StreamName, UnreadableElement};
use binance_kit_net::ws::WsMessage;
use std::time::Duration;

/// How much of a frame that cannot be read is kept.
const RAW_KEPT: usize = 16 << 10;
/// How much of it is kept while more than [`FEW_ITEMS`] wait, so that a flood of such frames cannot fill the memory.
const RAW_KEPT_OF_MANY: usize = 256;
const FEW_ITEMS: usize = 64;
/// Number of arrivals that are remembered to compare replicas.
const ARRIVALS: usize = 64;

/// Whose a frame is, by how it begins.
pub(super) enum Origin {
    /// Of this stream; the event begins at `body`.
    Stream { number: usize, body: usize },
    /// The frame has to be parsed to know.
    Unknown,
    /// Of a stream that was unsubscribed a moment ago.
    Unsubscribed,
}

/// Looks at how a frame begins: the stream that was found last is tried first.
#[inline]
pub(super) fn origin(mode: &Mode, streams: &Streams, group: usize, frame: &[u8]) -> Origin {
    let last = streams.last(group);
    match mode {
        Mode::Raw(_) if frame.starts_with(SHUTDOWN_RAW) => Origin::Unknown,
        Mode::Raw(name) => {
            let number = match last {
                Some((last, of)) if of == name.as_str() => Some(last),
                _ => streams.find(group, name.as_str()),
            };
            number.map_or(Origin::Unknown, |number| Origin::Stream { number, body: 0 })
        }
        Mode::Combined => {
            let mut reader = FastReader::new(frame);
            let number = match last {
                Some((last, name)) if reader.wrapper_of(name) => last,
                _ => match reader.wrapper() {
                    None | Some(SHUTDOWN) => return Origin::Unknown,
                    Some(name) => match streams.find(group, name) {
                        Some(number) => number,
                        None => return Origin::Unsubscribed,
                    },
                },
            };
            Origin::Stream { number, body: frame.len() - reader.remaining() }
        }
    }
}

impl Connections {
    /// Takes a message of a connection. A frame goes into the batch.
    pub(super) fn received(&mut self, source: Source, result: Result<WsMessage, binance_kit_net::Error>) {
        match result {
            // Text is JSON, also where SBE was requested.
            Ok(WsMessage::Text(payload)) => {
                // The connection has checked that it is UTF-8.
                if self.target.config.tap.is_some()
                    && let Ok(text) = std::str::from_utf8(&payload)
                {
                    self.tap(source, Payload::Text(text));
                }
                self.frame(source, payload, false);
            }
            Ok(WsMessage::Binary(payload)) => {
                self.tap(source, Payload::Binary(&payload));
                self.frame(source, payload, true);
            }
            Ok(WsMessage::Pong(payload)) => {
                if let Some(link) = self.links.get_mut(&source).filter(|_| *payload == *ROUND_TRIP) {
                    link.round_trip.answered();
                    link.is_changed = true;
                }
            }
            Ok(_) => {}
            Err(error) => {
                let now = self.now();
                self.link_lost(now, source, error);
            }
        }
    }

    /// Shows a frame to the tap.
    fn tap(&self, source: Source, payload: Payload<'_>) {
        if let (Some(tap), Some(link)) = (&self.target.config.tap, self.links.get(&source)) {
            tap.frame(self.target.context.clock().nanos(), link.number, payload);
        }
    }

    /// Shows the start or the end of a connection to the tap.
    pub(super) fn tap_mark(&self, number: u64, mark: Mark) {
        if let Some(tap) = &self.target.config.tap {
            tap.mark(self.target.context.clock().nanos(), number, mark);
        }
    }

    /// Puts a frame into the batch, with its stream where the frame begins with the name.
    fn frame(&mut self, source: Source, payload: binance_kit_net::ws::MessageBytes, is_binary: bool) {
        self.target.meter.message(payload.len());
        let arrived = self.target.meter.arrived();
        let Some(link) = self.links.get_mut(&source) else { return };
        link.messages += 1;
        let group = link.group;
        let (stream, body) = match origin(&self.mode, &self.streams, group, &payload) {
            Origin::Stream { number, body } => (Some(number), body),
            Origin::Unknown => (None, 0),
            Origin::Unsubscribed => return,
        };
        let received_at = self.read_at.time;
        self.batch.frames.push(Frame {
            source,
            group,
            stream,
            body,
            payload,
            is_binary,
            received_at,
            arrived: Some(arrived),
        });
    }

    /// Has the frames of the batch read, and takes what they hold.
    pub(super) fn deliver(&mut self, delivery: &mut dyn Delivery) {
        if self.batch.frames.is_empty() {
            return;
        }
        let mut batch = std::mem::take(&mut self.batch);
        delivery.read(&mut batch, &mut self.reader, &self.streams);
        let now = self.now();
        for read in batch.reads.drain(..) {
            match read {
                Read::Event { frame, nth, stream, decoded } => match batch.frames.get(frame) {
                    Some(frame) => self.event(now, frame, nth, stream, &decoded),
                    None => self.discarded.push(decoded.event),
                },
                Read::Filtered { stream } => {
                    if let Some(state) = self.streams.get(stream) {
                        state.order.left_out();
                    }
                }
                Read::Active { stream } => self.active(now, stream),
                Read::Shutdown { frame, event } => {
                    let Some(frame) = batch.frames.get(frame) else { continue };
                    self.shutdown(now, frame, event);
                }
                Read::Answer { frame, answer } => {
                    let Some(frame) = batch.frames.get(frame) else { continue };
                    self.answer(now, frame.source, answer);
                }
                Read::Malformed { frame, stream, error } => {
                    let Some(frame) = batch.frames.get(frame) else { continue };
                    self.malformed(stream, error, &frame.payload);
                }
                Read::Unreadable { stream, element } => self.unreadable(stream, &element),
            }
        }
        if self.held > 0 && delivery.is_full() {
            self.release(now);
        }
        batch.frames.clear();
        self.batch = batch;
    }

    /// Reports a frame that cannot be read.
    fn malformed(&mut self, stream: Option<usize>, error: DecodeError, frame: &[u8]) {
        let state = stream.and_then(|number| self.streams.get(number));
        let (mut in_a_row, mut was_readable, mut id) = (0, false, None);
        if let Some(state) = state {
            state.unreadable += 1;
            (in_a_row, was_readable, id) = (state.unreadable, state.was_readable, Some(state.id()));
        }
        tracing::warn!(stream = id.as_ref().map(|(_, name)| shown(name)), %error, "unreadable frame");
        self.totals.malformed += 1;
        self.target.meter.malformed();
        let kept = if self.items.len() < FEW_ITEMS { RAW_KEPT } else { RAW_KEPT_OF_MANY };
        let raw = frame.get(..kept).unwrap_or(frame).to_vec();
        self.push(Item::Malformed(Malformed { stream: id, error, raw, in_a_row, was_readable }));
    }

    /// Reports an element of a list that cannot be read; the stream delivers the others.
    fn unreadable(&mut self, stream: usize, element: &UnreadableElement) {
        let id = self.streams.get(stream).map(|state| state.id());
        let kept = if self.items.len() < FEW_ITEMS { RAW_KEPT } else { RAW_KEPT_OF_MANY };
        let malformed = Malformed::of_element(id, element, kept);
        let (stream, error) = (malformed.stream.as_ref().map(|(_, name)| shown(name)), &malformed.error);
        tracing::warn!(stream, %error, "unreadable element of a list");
        self.totals.malformed += 1;
        self.target.meter.malformed();
        self.push(Item::Malformed(malformed));
    }

    /// Puts an event in the order of its stream. `nth` numbers the events of one frame.
    fn event(&mut self, now: Now, frame: &Frame, nth: u64, number: usize, decoded: &Decoded<Slot>) {
        let Decoded { event: data, time, sequence, .. } = *decoded;
        if let Some(arrived) = frame.arrived {
            self.target.meter.decoded(arrived);
        }
        let (source, received_at) = (frame.source, frame.received_at);
        self.target.meter.age(time, received_at);
        let Some(link) = self.links.get_mut(&source) else {
            self.discarded.push(data);
            return;
        };
        link.has_delivered = true;
        let id = link.id;
        if link.set.is_waiting() {
            self.prove(now, source, number);
        }
        let Some(state) = self.streams.get(number) else {
            self.discarded.push(data);
            return;
        };
        let replicas = self.target.bases.replicas();
        let gapless = sequence.is_some_and(|sequence| sequence.previous().is_some());
        let hash = if gapless && replicas < 2 { 0 } else { content_hash(&frame.payload).wrapping_add(nth) };
        (state.was_readable, state.unreadable) = (true, 0);
        let (api, stream) = state.id();
        let payload = Event { data, stream, api, received_at, connection: id, backfilled: false };
        let before = state.order.held();
        let arrival = Arrival { sequence, hash, received_at, payload };
        let novelty = state.order.arrive(now.at, source, arrival, &mut self.scratch);
        if novelty == Novelty::Duplicate {
            state.duplicates += 1;
            self.target.meter.duplicate();
        }
        let first_at = if replicas < 2 {
            None
        } else if novelty == Novelty::First {
            state.arrivals.push_back((hash, now.at));
            if state.arrivals.len() > ARRIVALS {
                state.arrivals.pop_front();
            }
            None
        } else {
            state.arrivals.iter().rev().find(|(of, _)| *of == hash).map(|(_, at)| *at)
        };
        let lane = state.lane;
        if replicas > 1
            && let Some(lane) = self.lanes.get_mut(&lane)
        {
            lane.raced(id.replica, novelty, first_at.map(|at| now.at.saturating_sub(at)));
        }
        self.emit(now, number, before);
        self.active(now, number);
        if self.held > self.target.config.max_held {
            self.release(now);
        }
    }

    /// An event of a stream shows that the stream is subscribed, before the exchange says so, or where it does not.
    #[cold]
    fn prove(&mut self, now: Now, source: Source, number: usize) {
        let (Some(link), Some(name)) = (self.links.get_mut(&source), self.streams.name(number)) else {
            return;
        };
        if link.set.delivered(name) {
            link.is_changed = true;
            self.timers(now);
        }
    }

    /// A stream has delivered something.
    fn active(&mut self, now: Now, number: usize) {
        let Some(lane) = self.streams.get(number).map(|state| state.lane) else { return };
        if self.active_on(now.at, number, lane) {
            self.resumed(number);
        }
    }

    /// A stream has delivered something on this lane. `true` when it was reported stale.
    #[inline]
    pub(super) fn active_on(&mut self, at: Duration, number: usize, lane: usize) -> bool {
        if let Some(lane) = self.lanes.get_mut(&lane) {
            lane.watch.event(at);
        }
        self.streams.get(number).is_some_and(|state| state.watch.event(at))
    }

    /// Reports that a stream that was silent delivers again.
    #[cold]
    pub(super) fn resumed(&mut self, number: usize) {
        if let Some((api, stream)) = self.streams.get(number).map(|state| state.id()) {
            self.push(Item::Resumed(Resumed { stream, api }));
        }
    }

    /// Releases the events that are held, to bound the memory: their order is given up.
    fn release(&mut self, now: Now) {
        tracing::warn!(held = self.held, "too many events held");
        for number in self.streams.numbers() {
            let Some(state) = self.streams.get(number) else { continue };
            let before = state.order.held();
            if before > 0 {
                state.order.release(now.at, &mut self.scratch);
                self.emit(now, number, before);
            }
        }
    }

    fn shutdown(&mut self, now: Now, frame: &Frame, event: Option<Slot>) {
        let Some(link) = self.links.get(&frame.source) else {
            self.discarded.extend(event);
            return;
        };
        let (id, group) = (link.id, link.group);
        tracing::info!(connection = id.connection, replica = id.replica, "server shutdown announced");
        if let Some(data) = event {
            match (StreamName::new(SHUTDOWN), self.groups.get(group)) {
                (Ok(stream), Some(group)) => self.push(Item::Event(Event {
                    data,
                    stream,
                    api: group.api,
                    received_at: frame.received_at,
                    connection: id,
                    backfilled: false,
                })),
                _ => self.discarded.push(data),
            }
        }
        self.rotate_link(now, frame.source, RotationReason::ServerShutdown);
        self.timers(now);
    }

    fn answer(&mut self, now: Now, source: Source, answer: Answer) {
        if let Some(link) = self.links.get_mut(&source) {
            match (answer.error, answer.id) {
                (Some(error), id) => {
                    link.change().refused(id, &error);
                }
                (None, Some(id)) => {
                    link.change().acknowledged(id, answer.listed.as_deref());
                }
                (None, None) => {}
            }
        }
        self.timers(now);
    }
}

/// A hash of the bytes of a frame, to distinguish copies of an event from equal events.
pub(super) fn content_hash(bytes: &[u8]) -> u64 {
    const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut hash = bytes.len() as u64;
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let mut eight = [0; 8];
        eight.copy_from_slice(word);
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(eight)).wrapping_mul(MULTIPLIER);
    }
    for byte in words.remainder() {
        hash = (hash.rotate_left(5) ^ u64::from(*byte)).wrapping_mul(MULTIPLIER);
    }
    hash
}
