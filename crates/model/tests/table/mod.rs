//! How the generated tables name the type of an answer or event, and what is done with an example of it.

use binance_kit_core::decode::{EventFrame, FastReader, Frame};
use binance_kit_core::sbe::Schema;
use binance_kit_core::{Decode, DecodeError, Decoder, Encode, List, StreamEvent};

/// A request: where it goes, and what reads its answer and writes it back.
pub(crate) struct Request {
    pub(crate) name: &'static str,
    pub(crate) rest: &'static str,
    pub(crate) ws: &'static str,
    pub(crate) round_trip: fn(&str) -> Result<String, DecodeError>,
    /// Given an answer in JSON and in SBE: both as JSON, when the typed values differ.
    pub(crate) both: Both,
}

/// Reads the same from JSON and from SBE.
pub(crate) type Both = fn(&str, &'static Schema, &[u8]) -> Result<Option<(String, String)>, DecodeError>;

/// An event: its type, and the functions that read and write it.
pub(crate) struct Event {
    pub(crate) name: &'static str,
    /// The event type; `*Ticker` for a window and this end; empty if the keys decide.
    pub(crate) word: &'static str,
    pub(crate) by_keys: bool,
    /// Given the payload and the stream it came on.
    pub(crate) round_trip: fn(&str, &str) -> Result<String, DecodeError>,
    /// Whether the fast path reads the frame; then the general path must give the same.
    pub(crate) fast: fn(&[u8], &str) -> bool,
    pub(crate) both: Both,
}

/// A field of an object, or a place of a tuple: its name on the wire, the mark of its presence as the specification has it
/// (nothing where it is required), and the type of its values.
pub(crate) type Field = (&'static str, &'static str, &'static str);

/// Reads a value of a type and writes it back; the name of the stream is given where the type takes it from there.
pub(crate) type ReadAndWrite = fn(&str) -> Result<String, DecodeError>;

/// A type of answers or events.
pub(crate) enum Type {
    /// An object.
    Object(&'static [Field], ReadAndWrite),
    /// An array with a meaning for each place.
    Tuple(&'static [Field], ReadAndWrite),
    /// One of several types, the first that has one of the keys, or the last.
    Choice(&'static [(&'static str, &'static [&'static str])]),
    /// The type that the word under this key names.
    Tagged(&'static str, &'static [(&'static str, &'static str)]),
}

impl Type {
    pub(crate) const fn object<T: Decode + Encode>(fields: &'static [Field]) -> Self {
        Self::Object(fields, round_trip::<T>)
    }

    pub(crate) const fn of_stream<T: StreamEvent + Encode>(fields: &'static [Field]) -> Self {
        Self::Object(fields, on_stream::<T>)
    }

    pub(crate) const fn tuple<T: Decode + Encode>(fields: &'static [Field]) -> Self {
        Self::Tuple(fields, round_trip::<T>)
    }
}

fn on_stream<T: StreamEvent + Encode>(json: &str) -> Result<String, DecodeError> {
    let read = |data: binance_kit_core::decode::Value<'_>| {
        T::decode_event(EventFrame { stream: Some("bnbbtc@depth5"), subscription: None, data })
            .map(|event| event.to_json())
    };
    Decoder::new().parse(json.as_bytes(), read)
}

pub(crate) const fn request<R>(name: &'static str, rest: &'static str, ws: &'static str) -> Request
where
    R: binance_kit_core::Request<Response: Encode + PartialEq>,
{
    Request { name, rest, ws, round_trip: round_trip::<R::Response>, both: both::<R::Response> }
}

pub(crate) const fn event<E, Choice>(name: &'static str, word: &'static str, by_keys: bool) -> Event
where
    E: StreamEvent + Encode + PartialEq,
    Choice: StreamEvent + Encode + PartialEq,
{
    Event {
        name,
        word,
        by_keys,
        round_trip: event_round_trip::<E, Choice>,
        fast: in_order::<E, Choice>,
        both: both_events::<Choice>,
    }
}

/// Reads an event on the fast path, alone and as one of its choice, and compares with the general path.
fn in_order<E, Choice>(text: &[u8], stream: &str) -> bool
where
    E: StreamEvent + Encode,
    Choice: StreamEvent + Encode,
{
    // A list is one of a choice only.
    let by_itself = agrees::<E>(text, stream) || agrees::<List<E>>(text, stream);
    agrees::<Choice>(text, stream) && by_itself
}

fn agrees<E: StreamEvent + Encode>(text: &[u8], stream: &str) -> bool {
    let Some((_, event)) = FastReader::event::<E>(text, Some(stream)) else { return false };
    let shown = String::from_utf8_lossy(text);
    let general = Decoder::new().frame(text, |frame| match frame {
        Frame::Event(event) => E::decode_event(EventFrame { stream: event.stream.or(Some(stream)), ..event }),
        other => panic!("{shown}: taken for {other:?}"),
    });
    let general = general.unwrap_or_else(|error| panic!("{shown}: read on the fast path, but {error}"));
    assert_eq!(event.to_json(), general.to_json(), "{shown}");
    true
}

fn differ<T: Encode + PartialEq>(json: &T, sbe: &T) -> Option<(String, String)> {
    (json != sbe).then(|| (json.to_json(), sbe.to_json()))
}

fn both<T: Decode + Encode + PartialEq>(
    json: &str,
    schema: &'static Schema,
    sbe: &[u8],
) -> Result<Option<(String, String)>, DecodeError> {
    let mut decoder = Decoder::new();
    Ok(differ::<T>(&decoder.decode(json.as_bytes())?, &decoder.decode_sbe(schema, sbe)?))
}

fn both_events<E: StreamEvent + Encode + PartialEq>(
    json: &str,
    schema: &'static Schema,
    sbe: &[u8],
) -> Result<Option<(String, String)>, DecodeError> {
    let mut decoder = Decoder::new();
    let read = |frame: Frame<'_>| match frame {
        Frame::Event(event) => E::decode_event(event),
        other => panic!("taken for a response: {other:?}"),
    };
    Ok(differ(&decoder.frame(json.as_bytes(), read)?, &decoder.sbe_frame(schema, sbe, read)?))
}

pub(crate) fn round_trip<T: Decode + Encode>(json: &str) -> Result<String, DecodeError> {
    let value: T = Decoder::new().decode(json.as_bytes())?;
    Ok(value.to_json())
}

/// Reads an event by itself and as one of its choice, fresh and over another, and compares what they write.
fn event_round_trip<E, Choice>(json: &str, stream: &str) -> Result<String, DecodeError>
where
    E: StreamEvent + Encode + PartialEq,
    Choice: StreamEvent + Encode,
{
    let mut decoder = Decoder::new();
    let mut with = |read: &mut dyn FnMut(EventFrame<'_>) -> Result<(), DecodeError>| {
        decoder.frame(json.as_bytes(), |frame| match frame {
            Frame::Event(event) => read(EventFrame { stream: Some(stream), ..event }),
            other => panic!("taken for a response: {other:?}"),
        })
    };
    let is_list = json.trim_start().starts_with('[');
    let mut choice: Option<Choice> = None;
    with(&mut |frame| {
        choice = Some(Choice::decode_event(frame)?);
        Ok(())
    })?;
    let mut choice = choice.unwrap();
    let text = choice.to_json();
    with(&mut |frame| choice.decode_event_into(frame))?;
    assert_eq!(choice.to_json(), text, "read over itself it changes");
    if is_list {
        let mut events: List<E> = List::default();
        with(&mut |frame| {
            events = List::decode_event(frame)?;
            Ok(())
        })?;
        assert_eq!(events.to_json(), text, "a list of the events differs from the choice's");
    } else {
        let mut event: Option<E> = None;
        with(&mut |frame| {
            event = Some(E::decode_event(frame)?);
            Ok(())
        })?;
        let mut event = event.unwrap();
        assert_eq!(event.to_json(), text, "the event by itself differs from the choice's");
        let fresh = event.to_json();
        with(&mut |frame| event.decode_event_into(frame))?;
        assert_eq!(event.to_json(), fresh);
        assert_eq!(event.event_time(), choice.event_time());
    }
    Ok(text)
}
