//! Frames in SBE. A frame says of itself which stream it belongs to, and can hold several events.

use super::Engine;
use crate::tracker::Source;
use binance_kit_core::decode::{EventFrame, Frame, ValueKind};
use binance_kit_core::sbe::{Message, Schema};
use binance_kit_core::{DecodeError, StreamEvent, StreamName};

/// What is kept from one frame to the next, so that nothing is allocated for it again.
pub(super) struct Kept<E> {
    events: Vec<E>,
    name: String,
    /// The filter has left out some of the frame.
    left_out: bool,
}

impl<E> Default for Kept<E> {
    fn default() -> Self {
        Self { events: Vec::new(), name: String::new(), left_out: false }
    }
}

impl<E: StreamEvent> Engine<E> {
    pub(super) fn sbe_frame(&mut self, schema: &'static Schema, source: Source, bytes: &[u8]) {
        let now = self.now();
        self.target.meter.message(bytes.len());
        let arrived = self.target.meter.arrived();
        let mut kept = std::mem::take(&mut self.kept);
        let mut came_on = None;
        let result = self.read_sbe(schema, source, bytes, &mut kept, &mut came_on);
        // What was read before something turned out to be unreadable is good.
        if let Some(number) = came_on {
            if kept.events.is_empty() && result.is_ok() {
                self.heard(now, number);
            }
            if !kept.events.is_empty() {
                self.target.meter.decoded(arrived);
            }
            if kept.left_out {
                self.left_out(number);
            }
            for (nth, event) in (0_u64..).zip(kept.events.drain(..)) {
                self.event(now, source, number, event, bytes, nth);
            }
            if kept.left_out {
                self.left_out(number);
            }
        }
        kept.events.clear();
        self.kept = kept;
        if let Err(error) = result {
            let stream = came_on.and_then(|number| self.name_of(number));
            self.malformed(stream, error, bytes);
        }
    }

    fn name_of(&mut self, number: usize) -> Option<StreamName> {
        self.streams.get(number).map(|state| state.name.clone())
    }

    fn read_sbe(
        &mut self,
        schema: &'static Schema,
        source: Source,
        bytes: &[u8],
        kept: &mut Kept<E>,
        came_on: &mut Option<usize>,
    ) -> Result<(), DecodeError> {
        let Some(link) = self.links.get_mut(&source) else { return Ok(()) };
        link.messages += 1;
        let Kept { events, name, left_out } = kept;
        *left_out = false;
        let message = Message::new(schema, bytes)?;
        let Some(stream) = message.stream_name(name) else {
            // Of no stream: what it is does not matter, whether it can be read does.
            return link.decoder.parse_sbe(schema, bytes, |_| Ok(()));
        };
        *came_on = self.streams.find(stream);
        if came_on.is_none() {
            return Ok(());
        }
        let filter = self.options.filter.as_ref();
        if filter.is_none() && E::decode_sbe(&message, &mut |event| events.push(event))? {
            return Ok(());
        }
        link.decoder.sbe_frame(schema, bytes, |frame| {
            let Frame::Event(event) = frame else { return Ok(()) };
            let event = EventFrame { stream: Some(stream), ..event };
            let mut read = |event: EventFrame<'_>| {
                if filter.is_none_or(|filter| filter.takes(&event)) {
                    events.push(E::decode_event(event)?);
                } else {
                    *left_out = true;
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
}
