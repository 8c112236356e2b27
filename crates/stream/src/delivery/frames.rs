//! Reading frames the general way: parsed first, then given to the decoder of their stream.

use super::{Decode, Frame, Read, sbe};
use crate::connections::Streams;
use crate::filter::{EventFilter, event_type};
use binance_kit_core::decode::{Frame as Parsed, FrameId, ResponseFrame};
use binance_kit_core::sbe::Schema;
use binance_kit_core::{ApiError, Decode as _, DecodeError, Decoder, StreamName};

/// The stream on which the exchange announces that the server shuts down; it needs no subscription.
pub(crate) const SHUTDOWN: &str = "!serverShutdown";
/// The beginning of that frame where it has no wrapper.
pub(crate) const SHUTDOWN_RAW: &[u8] = b"{\"e\":\"serverShutdown\"";

/// The answer to a control message.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The message it answers.
    pub(crate) id: Option<u64>,
    /// The error of the exchange.
    pub(crate) error: Option<ApiError>,
    /// The names in the answer to a listing.
    pub(crate) listed: Option<Vec<String>>,
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

/// Reads frames. Independent of the event type: events are decoded through [`Decode`].
#[derive(Debug)]
pub(crate) struct FrameReader {
    /// Parses frames.
    pub(super) decoder: Decoder,
    /// Leaves out events before they are decoded.
    pub(super) filter: Option<EventFilter>,
    /// The schema of binary frames.
    pub(super) schema: Option<&'static Schema>,
    /// The stream of a raw connection, whose frames have no wrapper.
    raw: Option<StreamName>,
    /// Buffer for the name of the stream of an SBE frame.
    pub(super) name: String,
}

impl FrameReader {
    pub(crate) fn new(
        filter: Option<EventFilter>,
        schema: Option<&'static Schema>,
        raw: Option<StreamName>,
    ) -> Self {
        Self { decoder: Decoder::new(), filter, schema, raw, name: String::new() }
    }

    /// Sets the stream of frames without wrapper.
    pub(crate) fn set_raw(&mut self, raw: Option<&StreamName>) {
        if self.raw.as_ref() != raw {
            self.raw = raw.cloned();
        }
    }

    /// Whether the frame is an event that can be read without parsing it first, if its keys come in the documented order.
    #[inline]
    pub(crate) fn reads_in_order(&self, frame: &Frame) -> bool {
        self.filter.is_none()
            && frame.stream.is_some()
            && !(frame.is_binary && self.schema.is_some())
            && (frame.body > 0 || !frame.payload.starts_with(SHUTDOWN_RAW))
    }

    /// Reads a frame. `index` is its place in the batch.
    pub(crate) fn read(
        &mut self,
        index: usize,
        frame: &Frame,
        streams: &Streams,
        decode: &mut dyn Decode,
        reads: &mut Vec<Read>,
    ) {
        match self.schema {
            Some(schema) if frame.is_binary => sbe::read(self, schema, index, frame, streams, decode, reads),
            _ => self.read_json(index, frame, streams, decode, reads),
        }
    }

    fn read_json(
        &mut self,
        index: usize,
        frame: &Frame,
        streams: &Streams,
        decode: &mut dyn Decode,
        reads: &mut Vec<Read>,
    ) {
        let Self { decoder, filter, raw, .. } = self;
        let raw = raw.as_ref().map(StreamName::as_str);
        // Where the frame turns out to be unreadable, the stream it names is still worth knowing.
        let mut stream = None;
        let result = decoder.frame(&frame.payload, |parsed| match parsed {
            Parsed::Event(mut event) => {
                let is_shutdown = match event.stream {
                    Some(name) => name == SHUTDOWN,
                    None => event_type(event.data) == Some("serverShutdown"),
                };
                if is_shutdown {
                    event.stream = Some(SHUTDOWN);
                    return Ok(Some(Read::Shutdown { frame: index, event: decode.any(event) }));
                }
                event.stream = event.stream.or(raw);
                if event.stream.is_none() {
                    // Of which stream it is cannot be known, and so not that it is none of ours.
                    return Err(DecodeError::missing("stream"));
                }
                stream = event.stream.and_then(|name| streams.find(frame.group, name));
                let Some(stream) = stream else { return Ok(None) };
                if filter.as_ref().is_some_and(|filter| !filter.takes(&event)) {
                    return Ok(Some(Read::Filtered { stream }));
                }
                let decoded = decode.event(stream, event)?;
                Ok(Some(Read::Event { frame: index, nth: 0, stream, decoded }))
            }
            Parsed::Response(response) => {
                Ok(Some(Read::Answer { frame: index, answer: Answer::read(&response) }))
            }
            _ => Ok(None),
        });
        match result {
            Ok(Some(Read::Filtered { stream })) => {
                reads.extend([Read::Filtered { stream }, Read::Active { stream }]);
            }
            Ok(Some(Read::Event { frame, nth, stream, mut decoded })) => {
                let unreadable = std::mem::take(&mut decoded.unreadable);
                reads.push(Read::Event { frame, nth, stream, decoded });
                reads.extend(unreadable.into_iter().map(|element| Read::Unreadable { stream, element }));
            }
            Ok(read) => reads.extend(read),
            Err(error) => reads.push(Read::Malformed { frame: index, stream, error }),
        }
    }
}
