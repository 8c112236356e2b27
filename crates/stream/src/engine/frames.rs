//! What comes in: frames are read, put to their stream, and checked for order.

use super::link::{Mode, ROUND_TRIP};
use super::{Engine, Now};
use crate::filter::event_type;
use crate::item::{Event, Item, RotationReason};
use crate::tracker::{Arrival, Fate, Source};
use binance_kit_core::decode::{FastReader, Frame, FrameId, ResponseFrame};
use binance_kit_core::tap::{Mark, Payload};
use binance_kit_core::{Decode as _, DecodeError, StreamEvent, StreamName};
use binance_kit_net::ws::Message;

/// The stream on which the exchange speaks of the connection itself; nobody subscribes to it.
const SHUTDOWN: &str = "!serverShutdown";
/// How the frame begins where it has no wrapper.
const SHUTDOWN_RAW: &[u8] = b"{\"e\":\"serverShutdown\"";
/// How much of a frame that cannot be read is kept.
const RAW_KEPT: usize = 16 << 10;
/// How much is kept of it while more than [`FEW_ITEMS`] wait, so that a flood of such frames cannot fill the memory.
const RAW_KEPT_OF_MANY: usize = 256;
const FEW_ITEMS: usize = 64;
/// How many arrivals are remembered to compare legs.
const ARRIVALS: usize = 64;

/// What a frame turned out to be.
enum Read<E> {
    Event(usize, E),
    /// An event that is left out before it is decoded.
    Filtered(usize),
    /// Of a stream that is not wanted, or of nothing known.
    Nothing,
    /// The server will go; with the event, where the event type has a place for it.
    Shutdown(Option<E>),
    Answer(Answer),
}

/// The answer to a control message.
struct Answer {
    id: Option<u64>,
    error: Option<binance_kit_core::ApiError>,
    listed: Option<Vec<String>>,
}

impl Answer {
    fn read(response: &ResponseFrame<'_>) -> Self {
        let id = match response.id {
            FrameId::Number(id) => Some(id),
            FrameId::Text(text) => text.parse().ok(),
            _ => None,
        };
        let listed = match response.result {
            Some(result) if !result.is_null() => Vec::<String>::decode(result).ok(),
            _ => None,
        };
        Self { id, error: response.api_error(), listed }
    }
}

impl<E: StreamEvent> Engine<E> {
    pub(super) fn received(&mut self, source: Source, result: Result<Message, binance_kit_net::Error>) {
        match result {
            // What comes as text is JSON, also where SBE was asked for.
            Ok(Message::Text(payload)) => {
                // The connection has checked that it is UTF-8.
                if let (Some(_), Ok(text)) = (&self.target.config.tap, std::str::from_utf8(&payload)) {
                    self.tap(source, Payload::Text(text));
                }
                self.frame(source, &payload);
            }
            Ok(Message::Binary(payload)) => {
                self.tap(source, Payload::Binary(&payload));
                match self.target.config.encoding.schema() {
                    Some(schema) => self.sbe_frame(schema, source, &payload),
                    None => self.frame(source, &payload),
                }
            }
            Ok(Message::Pong(payload)) => {
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

    /// Shows a frame to whoever wants to see it.
    fn tap(&self, source: Source, payload: Payload<'_>) {
        if let (Some(tap), Some(link)) = (&self.target.config.tap, self.links.get(&source)) {
            tap.frame(self.target.context.clock().nanos(), link.number, payload);
        }
    }

    /// Tells whoever is shown the frames what became of a connection.
    pub(super) fn tap_mark(&self, number: u64, mark: Mark) {
        if let Some(tap) = &self.target.config.tap {
            tap.mark(self.target.context.clock().nanos(), number, mark);
        }
    }

    fn frame(&mut self, source: Source, text: &[u8]) {
        let now = self.now();
        self.target.meter.message(text.len());
        let arrived = self.target.meter.arrived();
        // Where the frame turns out to be unreadable, the stream it said it came on is still worth knowing.
        let mut came_on = None;
        match self.read(source, text, &mut came_on) {
            Ok(Read::Event(number, event)) => {
                self.target.meter.decoded(arrived);
                self.event(now, source, number, event, text, 0);
            }
            Ok(Read::Filtered(number)) => {
                self.left_out(number);
                self.heard(now, number);
            }
            Ok(Read::Nothing) => {}
            Ok(Read::Shutdown(event)) => self.shutdown(now, source, event),
            Ok(Read::Answer(answer)) => self.answer(now, source, answer),
            Err(error) => {
                self.malformed(came_on, error, text);
            }
        }
    }

    /// A frame that cannot be read.
    pub(super) fn malformed(&mut self, stream: Option<StreamName>, error: DecodeError, frame: &[u8]) {
        tracing::warn!(%error, "a frame could not be read");
        self.totals.malformed += 1;
        self.target.meter.malformed();
        let most = if self.items.len() < FEW_ITEMS { RAW_KEPT } else { RAW_KEPT_OF_MANY };
        let raw = frame.get(..most).unwrap_or(frame).to_vec();
        self.push(Item::Malformed { stream, error, raw });
    }

    fn read(
        &mut self,
        source: Source,
        text: &[u8],
        came_on: &mut Option<StreamName>,
    ) -> Result<Read<E>, DecodeError> {
        let Self { links, streams, mode, options, .. } = self;
        let Some(link) = links.get_mut(&source) else { return Ok(Read::Nothing) };
        link.messages += 1;
        let raw = match &*mode {
            Mode::Raw(name) => Some(name.as_str()),
            Mode::Combined => None,
        };
        if options.filter.is_none()
            && !text.starts_with(SHUTDOWN_RAW)
            && let Some((name, event)) = FastReader::event::<E>(text, raw)
            && let Some(name) = name.or(raw)
            && name != SHUTDOWN
        {
            return Ok(streams.find(name).map_or(Read::Nothing, |number| Read::Event(number, event)));
        }
        link.decoder.frame(text, |frame| match frame {
            Frame::Event(mut event) => {
                let is_shutdown = match event.stream {
                    Some(name) => name == SHUTDOWN,
                    None => event_type(event.data) == Some("serverShutdown"),
                };
                if is_shutdown {
                    event.stream = Some(SHUTDOWN);
                    return Ok(Read::Shutdown(E::decode_event(event).ok()));
                }
                event.stream = event.stream.or(raw);
                let Some(number) = event.stream.and_then(|name| streams.find(name)) else {
                    return Ok(Read::Nothing);
                };
                *came_on = streams.get(number).map(|state| state.name.clone());
                if options.filter.as_ref().is_some_and(|filter| !filter.takes(&event)) {
                    return Ok(Read::Filtered(number));
                }
                Ok(Read::Event(number, E::decode_event(event)?))
            }
            Frame::Response(response) => Ok(Read::Answer(Answer::read(&response))),
            _ => Ok(Read::Nothing),
        })
    }

    /// `nth` tells the events of one frame apart.
    pub(super) fn event(
        &mut self,
        now: Now,
        source: Source,
        number: usize,
        event: E,
        frame: &[u8],
        nth: u64,
    ) {
        let received_at = self.target.context.clock().now();
        self.target.meter.age(event.event_time(), received_at);
        let sequence = event.sequence();
        let Some(link) = self.links.get(&source) else { return };
        let id = link.id;
        let legs = self.target.endpoints.len();
        let Some(state) = self.streams.get(number) else { return };
        let gapless = sequence.is_some_and(|sequence| sequence.previous().is_some());
        let hash = if gapless && legs < 2 { 0 } else { content_hash(frame).wrapping_add(nth) };
        let event =
            Event { stream: state.name.clone(), event, received_at, connection: id, recovered: false };
        let before = state.tracker.held();
        let arrival = Arrival { sequence, hash, received_at, payload: event };
        let fate = state.tracker.arrive(now.at, source, arrival, &mut self.scratch);
        if fate == Fate::Duplicate {
            state.duplicates += 1;
            self.target.meter.duplicate();
        }
        let first_at = if legs < 2 {
            None
        } else if fate == Fate::First {
            state.arrivals.push_back((hash, now.at));
            if state.arrivals.len() > ARRIVALS {
                state.arrivals.pop_front();
            }
            None
        } else {
            state.arrivals.iter().rev().find(|(of, _)| *of == hash).map(|(_, at)| *at)
        };
        let lane = state.lane;
        if legs > 1
            && let Some(lane) = self.lanes.get_mut(&lane)
        {
            lane.raced(id.leg, fate, first_at.map(|at| now.at.saturating_sub(at)));
        }
        self.emit(now, number, before);
        self.heard(now, number);
        if self.held > self.target.config.most_held {
            self.let_go(now);
        }
    }

    /// The filter has left out events of this stream.
    pub(super) fn left_out(&mut self, number: usize) {
        if let Some(state) = self.streams.get(number) {
            state.tracker.left_out();
        }
    }

    /// A stream spoke.
    pub(super) fn heard(&mut self, now: Now, number: usize) {
        let Some(state) = self.streams.get(number) else { return };
        let recovered = state.watch.heard(now.at);
        let (lane, name) = (state.lane, recovered.then(|| state.name.clone()));
        if let Some(lane) = self.lanes.get_mut(&lane) {
            lane.watch.heard(now.at);
        }
        if let Some(stream) = name {
            self.push(Item::Recovered { stream });
        }
    }

    /// Too much is kept back: order is given up where it costs most.
    fn let_go(&mut self, now: Now) {
        tracing::warn!(held = self.held, "too many events are kept back");
        for number in self.streams.numbers() {
            let Some(state) = self.streams.get(number) else { continue };
            let before = state.tracker.held();
            if before > 0 {
                state.tracker.let_go(now.at, &mut self.scratch);
                self.emit(now, number, before);
            }
        }
    }

    fn shutdown(&mut self, now: Now, source: Source, event: Option<E>) {
        let Some(id) = self.links.get(&source).map(|link| link.id) else { return };
        tracing::info!(connection = id.connection, leg = id.leg, "the server will shut down");
        if let Some(event) = event
            && let Ok(stream) = StreamName::new(SHUTDOWN)
        {
            let received_at = self.target.context.clock().now();
            let event = Event { stream, event, received_at, connection: id, recovered: false };
            self.push(Item::Event(event));
        }
        self.rotate_link(now, source, RotationReason::ServerShutdown);
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

/// A hash of the bytes of a frame, to tell copies of an event from events that are alike.
fn content_hash(bytes: &[u8]) -> u64 {
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
