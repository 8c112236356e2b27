//! Events that streams deliver, and the names of streams.

use crate::decode::{DecodeError, EventFrame, FastReader, ValueKind};
use crate::encode::Encode;
use crate::list::UnreadableElement;
use crate::params::percent_encode;
use crate::sbe::Message;
use crate::sequence::Sequence;
use crate::time::Timestamp;
use std::fmt;
use std::sync::Arc;

/// What an event may take outside of itself for each byte of its frame: 16. Levels of an order book take the most. The shortest is
/// `["1","2"],`, and a vector of them that has just grown has room for twice as many.
pub const HEAP_FACTOR: usize = 16;

/// An event, or a choice of events, that a stream connection can decode.
pub trait StreamEvent: Sized + Send + 'static {
    /// Reads the event. `frame.stream` is set on combined connections and on those that carry a single stream.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] with the path of the field at fault.
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError>;

    /// Reads the event over this one, keeping its buffers.
    ///
    /// # Errors
    ///
    /// As [`StreamEvent::decode_event`].
    fn decode_event_into(&mut self, frame: EventFrame<'_>) -> Result<(), DecodeError> {
        *self = Self::decode_event(frame)?;
        Ok(())
    }

    /// Reads an event whose keys are in the documented order. `None` sends the frame to [`StreamEvent::decode_event`], which must
    /// give the same value for every text that this reads. `stream` is the name of the stream, if it is known.
    fn decode_in_order(input: &mut FastReader<'_>, stream: Option<&str>) -> Option<Self> {
        let _ = (input, stream);
        None
    }

    /// As [`StreamEvent::decode_in_order`], over this event, keeping its buffers. After `None` the content is
    /// unspecified but valid.
    fn decode_in_order_into(&mut self, input: &mut FastReader<'_>, stream: Option<&str>) -> Option<()> {
        *self = Self::decode_in_order(input, stream)?;
        Some(())
    }

    /// Reads the events of an SBE message directly from their offsets and passes each to `each`: one message can contain
    /// several trades. Returns `false` if this type cannot; the message is then transcoded and read by
    /// [`StreamEvent::decode_event`].
    ///
    /// # Errors
    ///
    /// [`DecodeError`] with the names of message and field. Events that were passed before the error stay so.
    fn decode_sbe(message: &Message<'_>, each: &mut dyn FnMut(Self)) -> Result<bool, DecodeError> {
        let _ = (message, each);
        Ok(false)
    }

    /// Passes each element of the event's lists that could not be read to `each`. A stream reports them as items of their own.
    fn each_unreadable(&self, each: &mut dyn FnMut(&UnreadableElement)) {
        let _ = each;
    }

    /// Upper bound of the memory that the event holds outside of itself, in bytes. `None` where the type does not know: then
    /// [`HEAP_FACTOR`] times the length of its frame counts.
    fn heap_size(&self) -> Option<usize> {
        None
    }

    /// Time of the event by the exchange's clock, if the event has one.
    fn event_time(&self) -> Option<Timestamp> {
        None
    }

    /// Place of the event in its stream; it finds duplicates on two connections, and gaps. Without an id it is the time of the
    /// event; an event with neither has `None`, and is compared by its bytes while connections overlap.
    fn sequence(&self) -> Option<Sequence> {
        self.event_time().map(Sequence::Time)
    }
}

/// Several events in one frame (`!miniTicker@arr`); a frame with a single event gives a list of one. With one unreadable event
/// the frame is; a [`List`](crate::List) keeps the others.
impl<E: StreamEvent> StreamEvent for Vec<E> {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        if frame.data.kind() != ValueKind::Array {
            return E::decode_event(frame).map(|event| vec![event]);
        }
        let array = frame.data.array()?;
        let mut events = Self::with_capacity(array.room_for::<E>());
        for (index, data) in array.enumerate() {
            events
                .push(E::decode_event(EventFrame { data, ..frame }).map_err(|error| error.at_index(index))?);
        }
        Ok(events)
    }

    fn decode_in_order(input: &mut FastReader<'_>, stream: Option<&str>) -> Option<Self> {
        let mut events = Self::new();
        events.decode_in_order_into(input, stream)?;
        Some(events)
    }

    fn decode_in_order_into(&mut self, input: &mut FastReader<'_>, stream: Option<&str>) -> Option<()> {
        if input.is_list() {
            return input.events(stream, self);
        }
        self.truncate(1);
        match self.first_mut() {
            Some(kept) => kept.decode_in_order_into(input, stream),
            None => {
                self.push(E::decode_in_order(input, stream)?);
                Some(())
            }
        }
    }

    fn each_unreadable(&self, each: &mut dyn FnMut(&UnreadableElement)) {
        for event in self {
            event.each_unreadable(each);
        }
    }

    fn event_time(&self) -> Option<Timestamp> {
        self.iter().filter_map(StreamEvent::event_time).max()
    }
}

/// The name of a stream (`btcusdt@trade`, `!miniTicker@arr`). Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamName(Arc<str>);

/// A text that cannot be the name of a stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not a stream name: {reason}")]
pub struct InvalidStreamName {
    name: String,
    reason: &'static str,
}

/// A name that is one already needs no check; see [`TryInto<StreamName>`].
impl From<std::convert::Infallible> for InvalidStreamName {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// The exchange takes control messages of at most 4,000 bytes, so no name can be near that.
const MAX_NAME: usize = 256;

/// Names of streams that are one word.
const WORDS: [&str; 1] = ["tradingSession"];

/// Listen keys name the streams of an account: a long row of letters and digits, 64 of them in most products.
fn is_listen_key(name: &str) -> bool {
    name.len() >= 32 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

impl StreamName {
    /// Takes a name as the exchange writes it. The part before the `@` must be in lower case, except in names that
    /// begin with `!`. Listen keys and `tradingSession`, which have no `@`, are names, too.
    ///
    /// # Errors
    ///
    /// [`InvalidStreamName`] for an empty or overlong name, one without `@` or `!` that is no listen key, white space,
    /// control characters, quotes, slashes, and capitals in the symbol.
    pub fn new(name: &str) -> Result<Self, InvalidStreamName> {
        let fail = |reason| Err(InvalidStreamName { name: name.chars().take(MAX_NAME).collect(), reason });
        if name.is_empty() {
            return fail("it is empty");
        }
        if name.len() > MAX_NAME {
            return fail("it is longer than 256 bytes");
        }
        if name.chars().any(|c| {
            c.is_whitespace() || c.is_control() || matches!(c, '"' | '\\' | '/' | '?' | '#' | '%' | '&')
        }) {
            return fail("it holds white space, a control character or one of \" \\ / ? # % &");
        }
        match name.split_once('@') {
            None if !name.starts_with('!') && !WORDS.contains(&name) && !is_listen_key(name) => {
                fail("it has no `@` between symbol and kind of stream")
            }
            Some(("", _) | (_, "")) => fail("the part before or after the `@` is empty"),
            Some((symbol, _))
                if !symbol.starts_with('!') && symbol.bytes().any(|byte| byte.is_ascii_uppercase()) =>
            {
                fail("the symbol must be in lower case")
            }
            _ => Ok(Self(Arc::from(name))),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The symbol before the `@` in lower case, unless the stream is one of all symbols.
    pub fn symbol(&self) -> Option<&str> {
        self.0.split_once('@').map(|(symbol, _)| symbol).filter(|symbol| !symbol.starts_with('!'))
    }

    /// Appends the name to a URL, percent-encoded but for the characters that stream names always have (`@`, `!`, `:`, `+`).
    pub fn write_url(&self, url: &mut String) {
        for piece in self.0.split_inclusive(['@', '!', ':', '+']) {
            match piece.char_indices().next_back() {
                Some((end, last @ ('@' | '!' | ':' | '+'))) => {
                    percent_encode(piece.get(..end).unwrap_or_default(), url);
                    url.push(last);
                }
                _ => percent_encode(piece, url),
            }
        }
    }
}

impl fmt::Debug for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for StreamName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for StreamName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for StreamName {
    type Err = InvalidStreamName;

    fn from_str(name: &str) -> Result<Self, InvalidStreamName> {
        Self::new(name)
    }
}

impl TryFrom<&str> for StreamName {
    type Error = InvalidStreamName;

    fn try_from(name: &str) -> Result<Self, InvalidStreamName> {
        Self::new(name)
    }
}

impl TryFrom<&String> for StreamName {
    type Error = InvalidStreamName;

    fn try_from(name: &String) -> Result<Self, InvalidStreamName> {
        Self::new(name)
    }
}

impl TryFrom<String> for StreamName {
    type Error = InvalidStreamName;

    fn try_from(name: String) -> Result<Self, InvalidStreamName> {
        Self::new(&name)
    }
}

impl Encode for StreamName {
    fn encode(&self, json: &mut crate::JsonWriter) {
        json.string(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sbe::{Body, Layout, Schema, Shape};

    #[test]
    fn names_are_checked() {
        for name in [
            "btcusdt@trade",
            "ethusdt@depth@100ms",
            "!miniTicker@arr",
            "!ticker_1h@arr",
            "btcusdt@kline_1d@+08:00",
            "币安usdt@trade",
            "!serverShutdown",
            "tradingSession",
            "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1",
        ] {
            assert_eq!(StreamName::new(name).unwrap().as_str(), name);
        }
        for name in [
            "",
            "btcusdt",
            "BTCUSDT@trade",
            "btcusdt@tr ade",
            "a/b@trade",
            "@trade",
            "btcusdt@",
            "a\"b@trade",
            "a?b@c",
            "a%b@c",
            "a\n@trade",
        ] {
            assert!(StreamName::new(name).is_err(), "{name:?}");
        }
        assert!(StreamName::new(&format!("{}@trade", "a".repeat(300))).is_err());
        assert_eq!(
            StreamName::new("BTCUSDT@trade").unwrap_err().to_string(),
            "\"BTCUSDT@trade\" is not a stream name: the symbol must be in lower case"
        );
    }

    #[test]
    fn urls_are_encoded() {
        let mut url = String::new();
        for name in ["!miniTicker@arr", "币@trade", "btcusdt@kline_1d@+08:00"] {
            StreamName::new(name).unwrap().write_url(&mut url);
            url.push(' ');
        }
        assert_eq!(url, "!miniTicker@arr %E5%B8%81@trade btcusdt@kline_1d@+08:00 ");
    }

    /// A schema of one message, which has nothing in it.
    static EMPTY: Schema = Schema {
        id: 1,
        version: 0,
        layouts: &[Layout {
            name: "Empty",
            template: 1,
            block_length: 0,
            kind: "",
            event: None,
            stream: "",
            answers: &[],
            body: Body { fields: &[], groups: &[], data: &[], shape: Shape::Object(&[]) },
        }],
    };

    #[derive(Debug)]
    struct Any;

    impl StreamEvent for Any {
        fn decode_event(_: EventFrame<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }
    }

    #[test]
    fn an_event_without_readers_of_its_own_leaves_every_frame_to_the_general_one() {
        let message = Message::new(&EMPTY, &[0, 0, 1, 0, 1, 0, 0, 0]).unwrap();
        let mut passed = 0;
        assert_eq!(Any::decode_sbe(&message, &mut |_| passed += 1), Ok(false));
        assert_eq!(passed, 0);
        assert!(Any::decode_in_order(&mut FastReader::new(b"{}"), None).is_none());
    }
}
