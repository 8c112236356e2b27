//! Delivery: frames become events, in the order of their streams.
//!
//! [`Delivery`] is the only part that knows the event type, beside the short way (`connections/direct.rs`) and the ends of the
//! queue: it decodes frames and holds the events. All else refers to events
//! by their [`Slot`], and is compiled once for all event types: the reading of frames ([`frames`], [`sbe`]), the order of the
//! events of a stream ([`order`]), the connections, and most of the queue.
//!
//! The connections hand frames over in a [`Batch`]; what was read comes back as [`Read`]s, in the order of the frames.

mod frames;
pub(crate) mod order;
mod sbe;
mod slots;

pub(crate) use frames::{Answer, FrameReader, SHUTDOWN, SHUTDOWN_RAW};
pub(crate) use slots::{Slot, Slots};

use crate::backfill::{Backfill, Fetched, Missing};
use crate::connections::{Source, Streams};
use crate::item::Event;
use crate::meter::Arrived;
use binance_kit_core::HEAP_FACTOR;
use binance_kit_core::decode::{EventFrame, FastReader};
use binance_kit_core::sbe::Message;
use binance_kit_core::{Codec, DecodeError, Decoded, Sequence, StreamInfo, Timestamp, UnreadableElement};
use binance_kit_net::ByteShare;
use binance_kit_net::ws::MessageBytes;
use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What an event takes beside itself, in bytes: its name and place in a queue.
const OVERHEAD: usize = 128;
/// What a fetched event is taken to hold outside of itself, in bytes.
const FETCHED: usize = 1024;

/// A frame as it was received.
#[derive(Debug)]
pub(crate) struct Frame {
    /// The connection it arrived on.
    pub(crate) source: Source,
    /// The host and route of that connection, which the names of its streams belong to.
    pub(crate) group: usize,
    /// The stream, where the frame names it first.
    pub(crate) stream: Option<usize>,
    /// Where the event begins in the payload, behind the name.
    pub(crate) body: usize,
    /// The frame.
    pub(crate) payload: MessageBytes,
    /// Whether it is binary.
    pub(crate) is_binary: bool,
    /// When it was read, by the local wall clock.
    pub(crate) received_at: Timestamp,
    /// The same for the histograms; `None` in a recording.
    pub(crate) arrived: Option<Arrived>,
}

/// Frames that were received together, and what was read from them.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The frames, in order.
    pub(crate) frames: Vec<Frame>,
    /// What was read from them, in order.
    pub(crate) reads: Vec<Read>,
}

/// What was read from a frame. `frame` is the place of the frame in its batch.
#[derive(Debug)]
pub(crate) enum Read {
    /// An event; `nth` numbers those of one frame.
    Event { frame: usize, nth: u64, stream: usize, decoded: Decoded<Slot> },
    /// The filter has left out some or all events of the stream.
    Filtered { stream: usize },
    /// A frame of the stream arrived that holds no event to deliver.
    Active { stream: usize },
    /// The server will shut down; with the event, where the event type has it.
    Shutdown { frame: usize, event: Option<Slot> },
    /// The answer to a control message.
    Answer { frame: usize, answer: Answer },
    /// The frame cannot be read.
    Malformed { frame: usize, stream: Option<usize>, error: DecodeError },
    /// An element of a list in the event before cannot be read; the event has the others.
    Unreadable { stream: usize, element: UnreadableElement },
}

/// Events that were fetched to fill a gap, without their type.
pub(crate) type FetchedAny = Box<dyn Any + Send>;

/// A fetch that is under way. Gives `None` when it failed.
pub(crate) type FetchingAny = Pin<Box<dyn Future<Output = Option<FetchedAny>> + Send>>;

/// Codecs of streams, without the event type: a `Vec<Codec<E>>`.
pub(crate) type CodecsAny = Box<dyn Any + Send>;

/// The part that knows the event type.
pub(crate) trait Delivery: Send {
    /// Reads the frames of a batch.
    fn read(&mut self, batch: &mut Batch, reader: &mut FrameReader, streams: &Streams);

    /// Drops an event.
    fn discard(&mut self, slot: Slot);

    /// Sets the codecs of streams: `places` are pairs of the number of a stream and a place among `codecs`.
    fn set_codecs(&mut self, codecs: &CodecsAny, places: &[(usize, usize)]);

    /// Whether gaps of this stream can be filled.
    fn can_fetch(&self, stream: &StreamInfo) -> bool;

    /// Begins to fetch missing events.
    fn fetch(&self, missing: Missing) -> Option<FetchingAny>;

    /// Whether the events that are held take as many bytes as they may.
    fn is_full(&self) -> bool;

    /// Takes fetched events. Gives their places, and whether nothing else is missing.
    fn take_fetched(&mut self, fetched: FetchedAny) -> (Vec<(Sequence, Slot)>, bool);
}

/// The decoders of the streams, and the events that are held.
pub(crate) struct Events<E> {
    /// The decoder of each stream, by its number.
    codecs: Vec<Option<Codec<E>>>,
    /// The events.
    slots: Slots<E>,
    /// Fetches missing events.
    backfill: Option<Arc<dyn Backfill<E>>>,
    /// What the events take.
    share: ByteShare,
    /// What the next event of the frame may take outside of itself; the further ones of a frame count with the first.
    frame_bytes: usize,
}

impl<E: Send + 'static> Events<E> {
    pub(crate) fn new(backfill: Option<Arc<dyn Backfill<E>>>, share: ByteShare) -> Self {
        Self { codecs: Vec::new(), slots: Slots::new(), backfill, share, frame_bytes: 0 }
    }

    /// Takes an event out.
    #[inline]
    pub(crate) fn take(&mut self, slot: Slot) -> Option<E> {
        let event = self.slots.take(slot)?;
        self.share.remove(slot.bytes());
        Some(event)
    }

    #[inline]
    fn insert(&mut self, event: E, heap: usize) -> Slot {
        let bytes = bytes_of::<E>(heap);
        self.share.add(bytes);
        self.slots.insert(event, bytes)
    }

    #[inline]
    fn keep(&mut self, decoded: Decoded<E>) -> Decoded<Slot> {
        let Decoded { event, time, sequence, unreadable, heap } = decoded;
        let estimate = std::mem::take(&mut self.frame_bytes);
        Decoded { event: self.insert(event, heap.unwrap_or(estimate)), time, sequence, unreadable, heap }
    }

    /// Reads a frame whose keys come in the documented order.
    fn read_in_order(&mut self, frame: &Frame, streams: &Streams) -> Option<Decoded<Slot>> {
        let number = frame.stream?;
        let decoded = self.decode_in_order(number, streams.name(number), &frame.payload, frame.body)?;
        Some(self.keep(decoded))
    }
}

impl<E: Send + 'static> Events<E> {
    /// Decodes an event whose keys come in the documented order, to be delivered at once. `body` is the place in the frame behind
    /// the name of its stream. `None` for anything that is to be looked at more closely.
    #[inline]
    pub(crate) fn direct(&self, number: usize, name: &str, frame: &[u8], body: usize) -> Option<Decoded<E>> {
        let decoded = self.decode_in_order(number, Some(name), frame, body)?;
        decoded.unreadable.is_empty().then_some(decoded)
    }

    /// What such an event takes, in bytes; an upper bound.
    #[inline]
    pub(crate) fn bytes(heap: Option<usize>, frame: &[u8]) -> usize {
        bytes_of::<E>(heap.unwrap_or_else(|| heap_of(frame.len())))
    }

    /// Decodes an event whose keys come in the documented order.
    #[inline]
    fn decode_in_order(
        &self,
        number: usize,
        name: Option<&str>,
        frame: &[u8],
        body: usize,
    ) -> Option<Decoded<E>> {
        let codec = self.codecs.get(number).copied().flatten()?;
        let mut input = FastReader::new(frame.get(body..)?);
        let decoded = codec.decode_in_order(&mut input, name)?;
        input.finish(body > 0)?;
        Some(decoded)
    }
}

/// An event that went the short way.
pub(crate) struct Direct<E> {
    /// The event.
    pub(crate) event: Event<E>,
    /// What it takes, in bytes; an upper bound.
    pub(crate) bytes: usize,
}

/// What an event takes, in bytes, that holds so many outside of itself.
#[inline]
fn bytes_of<E>(heap: usize) -> usize {
    size_of::<E>().saturating_add(heap).saturating_add(OVERHEAD)
}

/// What an event of a frame of this length holds outside of itself, in bytes, if its type cannot say it.
#[inline]
fn heap_of(frame: usize) -> usize {
    frame.saturating_mul(HEAP_FACTOR)
}

/// How a frame is decoded once its stream is known.
pub(crate) trait Decode {
    /// Decodes an event.
    fn event(&mut self, stream: usize, frame: EventFrame<'_>) -> Result<Decoded<Slot>, DecodeError>;

    /// Decodes the events of an SBE message; `false` when the event type cannot.
    fn sbe(
        &mut self,
        stream: usize,
        message: &Message<'_>,
        each: &mut dyn FnMut(Decoded<Slot>),
    ) -> Result<bool, DecodeError>;

    /// Decodes an event that belongs to no stream, where any of the event types has it.
    fn any(&mut self, frame: EventFrame<'_>) -> Option<Slot>;
}

impl<E: Send + 'static> Decode for Events<E> {
    fn event(&mut self, stream: usize, frame: EventFrame<'_>) -> Result<Decoded<Slot>, DecodeError> {
        let codec = self.codecs.get(stream).copied().flatten();
        let codec = codec.ok_or_else(|| DecodeError::missing("codec"))?;
        codec.decode(frame).map(|decoded| self.keep(decoded))
    }

    fn sbe(
        &mut self,
        stream: usize,
        message: &Message<'_>,
        each: &mut dyn FnMut(Decoded<Slot>),
    ) -> Result<bool, DecodeError> {
        let Some(codec) = self.codecs.get(stream).copied().flatten() else { return Ok(false) };
        codec.decode_sbe(message, &mut |decoded| each(self.keep(decoded)))
    }

    fn any(&mut self, frame: EventFrame<'_>) -> Option<Slot> {
        let decoded = self.codecs.iter().flatten().find_map(|codec| codec.decode(frame).ok())?;
        Some(self.keep(decoded).event)
    }
}

impl<E: Send + 'static> Delivery for Events<E> {
    fn read(&mut self, batch: &mut Batch, reader: &mut FrameReader, streams: &Streams) {
        let Batch { frames, reads } = batch;
        for (index, frame) in frames.iter().enumerate() {
            self.frame_bytes = heap_of(frame.payload.len());
            match if reader.reads_in_order(frame) { self.read_in_order(frame, streams) } else { None } {
                Some(decoded) => {
                    let stream = frame.stream.unwrap_or_default();
                    reads.push(Read::Event { frame: index, nth: 0, stream, decoded });
                }
                None => reader.read(index, frame, streams, self, reads),
            }
        }
    }

    fn discard(&mut self, slot: Slot) {
        self.take(slot);
    }

    fn is_full(&self) -> bool {
        self.share.is_full_for(1)
    }

    fn set_codecs(&mut self, codecs: &CodecsAny, places: &[(usize, usize)]) {
        let Some(codecs) = codecs.downcast_ref::<Vec<Codec<E>>>() else { return };
        for (number, place) in places {
            if self.codecs.len() <= *number {
                self.codecs.resize(number + 1, None);
            }
            if let (Some(slot), Some(codec)) = (self.codecs.get_mut(*number), codecs.get(*place)) {
                *slot = Some(*codec);
            }
        }
    }

    fn can_fetch(&self, stream: &StreamInfo) -> bool {
        self.backfill.as_ref().is_some_and(|backfill| backfill.can_fetch(stream))
    }

    fn fetch(&self, missing: Missing) -> Option<FetchingAny> {
        let fetching = self.backfill.as_ref()?.fetch(missing);
        Some(Box::pin(async move { fetching.await.map(|fetched| Box::new(fetched) as FetchedAny) }))
    }

    fn take_fetched(&mut self, fetched: FetchedAny) -> (Vec<(Sequence, Slot)>, bool) {
        let Ok(fetched) = fetched.downcast::<Fetched<E>>() else { return (Vec::new(), false) };
        let Fetched { events, is_complete } = *fetched;
        let events = events.into_iter().filter_map(|event| {
            let heap = event.heap.unwrap_or(FETCHED);
            Some((event.sequence?, self.insert(event.event, heap)))
        });
        (events.collect(), is_complete)
    }
}
