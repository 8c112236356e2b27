//! Frames in SBE. A frame names its own stream, and can hold several events.

use super::{Decode, Frame, FrameReader, Read};
use crate::connections::Streams;
use binance_kit_core::DecodeError;
use binance_kit_core::decode::{EventFrame, Frame as Parsed, ValueKind};
use binance_kit_core::sbe::{Message, Schema};

/// Reads a frame. Events that were read before an unreadable part are delivered.
pub(super) fn read(
    reader: &mut FrameReader,
    schema: &'static Schema,
    index: usize,
    frame: &Frame,
    streams: &Streams,
    decode: &mut dyn Decode,
    reads: &mut Vec<Read>,
) {
    let before = reads.len();
    let mut came_on = None;
    let mut is_filtered = false;
    let result =
        read_events(reader, schema, index, frame, streams, decode, reads, &mut came_on, &mut is_filtered);
    if let Some(stream) = came_on {
        if is_filtered {
            // Ids may be missing before the first event as well as after the last one.
            reads.insert(before, Read::Filtered { stream });
            reads.push(Read::Filtered { stream });
        }
        let has_events = reads.iter().skip(before).any(|read| matches!(read, Read::Event { .. }));
        if !has_events && result.is_ok() {
            reads.push(Read::Active { stream });
        }
    }
    if let Err(error) = result {
        reads.push(Read::Malformed { frame: index, stream: came_on, error });
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one loop, distinguished by their types")]
fn read_events(
    reader: &mut FrameReader,
    schema: &'static Schema,
    index: usize,
    frame: &Frame,
    streams: &Streams,
    decode: &mut dyn Decode,
    reads: &mut Vec<Read>,
    came_on: &mut Option<usize>,
    is_filtered: &mut bool,
) -> Result<(), DecodeError> {
    let FrameReader { decoder, filter, name, .. } = reader;
    let bytes: &[u8] = &frame.payload;
    let message = Message::new(schema, bytes)?;
    let Some(name) = message.stream_name(name) else {
        // Of no stream: what it is does not matter, whether it can be read does.
        return decoder.parse_sbe(schema, bytes, |_| Ok(()));
    };
    *came_on = streams.find(frame.group, name);
    let Some(stream) = *came_on else { return Ok(()) };
    let mut nth = 0;
    let mut push = |reads: &mut Vec<Read>, decoded| {
        reads.push(Read::Event { frame: index, nth, stream, decoded });
        nth += 1;
    };
    if filter.is_none() && decode.sbe(stream, &message, &mut |decoded| push(reads, decoded))? {
        return Ok(());
    }
    decoder.sbe_frame(schema, bytes, |parsed| {
        let Parsed::Event(event) = parsed else { return Ok(()) };
        let event = EventFrame { stream: Some(name), ..event };
        let mut read = |event: EventFrame<'_>| {
            if filter.as_ref().is_none_or(|filter| filter.takes(&event)) {
                push(reads, decode.event(stream, event)?);
            } else {
                *is_filtered = true;
            }
            Ok(())
        };
        if event.data.kind() != ValueKind::Array {
            return read(event);
        }
        let mut all = event.data.array()?.enumerate();
        all.try_for_each(|(index, data)| {
            read(EventFrame { data, ..event }).map_err(|error: DecodeError| error.at_index(index))
        })
    })
}
