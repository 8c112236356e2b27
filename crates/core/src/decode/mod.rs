//! Decoding JSON: [`Decoder`] parses a frame once with simd-json into buffers that it keeps, [`Value`] is the result,
//! [`Decode`] turns it into a typed value, and [`Frame`] is its class. [`FastReader`] reads an event whose keys are in the documented
//! order without parsing it first.
//!
//! In the steady state only the decoded type itself allocates.

mod error;
mod fast;
mod frame;
mod long;
mod primitives;
mod serde_bridge;
mod swar;
mod value;
mod wide;
mod width;

pub use error::{DecodeError, DecodeErrorKind};
pub use fast::{DecodeInOrder, FastReader};
pub use frame::{EventFrame, Frame, FrameId, ResponseFrame};
pub use long::Layout;
pub use primitives::{Json, field, none_if_negative, optional, required};
pub use serde_bridge::from_value;
pub use value::{Array, Object, Value, ValueKind};

use crate::sbe::{self, Op, Schema};
use long::{Parts, Split};
use simd_json::{Buffers, Node, StaticNode, Tape};

/// A type that can be read from JSON.
pub trait Decode: Sized {
    /// What the type is made of, so that a long text of it can be read in parts. With [`Layout::Whole`] it is parsed at once.
    const LAYOUT: Layout = Layout::Whole;

    /// Reads the value.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] with the path of the field at fault. Unknown fields are ignored.
    fn decode(value: Value<'_>) -> Result<Self, DecodeError>;

    /// Reads the value over this one, keeping the buffers this one holds. After an error the content is unspecified
    /// but valid.
    ///
    /// # Errors
    ///
    /// As [`Decode::decode`].
    fn decode_into(&mut self, value: Value<'_>) -> Result<(), DecodeError> {
        *self = Self::decode(value)?;
        Ok(())
    }

    /// Reads the value by the fast path, where the type has one: answers to orders do. `None` when the text is anything but what
    /// the exchange is known to write, and then how much was read is unspecified: [`Decode::decode`] reads it.
    #[inline]
    fn read_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        let _ = input;
        None
    }
}

/// The deepest nesting that is parsed. The deepest documented payload has 7 levels.
const MAX_DEPTH: usize = 32;

/// Maximum length of a text after which the buffers are kept, in bytes. What a larger one took is given back.
const LARGEST_KEPT: usize = 256 << 10;

/// Parses frames one after another with the same buffers.
///
/// To read a text takes a multiple of its length for as long as that takes: a tape has 24 bytes for each value, comma and bracket.
/// For what the exchange sends that is up to ten times the length. Large texts must have three bytes for each, so that it is at
/// most eighteen times; arrays of nothing but small numbers, which no API of the exchange sends, are refused. A large SBE
/// message must have two bytes for each value. After a text or message of more than 256 KiB all of it is given back.
///
/// [`Decoder::decode`] reads a text of more than 256 KiB in parts, where the type says what it is made of ([`Decode::LAYOUT`]), and
/// [`Decoder::frame_in_parts`] so does for answers. That takes some hundred KiB, whatever the length is. An object of such a text has
/// at most 4,096 fields.
pub struct Decoder {
    buffers: Buffers,
    nodes: Vec<Node<'static>>,
    input: Vec<u8>,
    ops: Vec<Op>,
    texts: String,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder").field("capacity", &self.input.capacity()).finish_non_exhaustive()
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder with small buffers; they grow to the largest frame seen, up to 256 KiB.
    pub fn new() -> Self {
        Self {
            buffers: Buffers::with_max_depth(1024, MAX_DEPTH),
            nodes: Vec::with_capacity(128),
            input: Vec::with_capacity(1024),
            ops: Vec::new(),
            texts: String::new(),
        }
    }

    /// Parses `text` and hands the result to `read`. The text itself stays as it is, so that it can be shown or kept
    /// when decoding fails.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the text is not JSON (UTF-8, at most 32 levels deep), or what `read` returned.
    pub fn parse<R>(
        &mut self,
        text: &[u8],
        read: impl FnOnce(Value<'_>) -> Result<R, DecodeError>,
    ) -> Result<R, DecodeError> {
        width::check(text)?;
        let result = self.parse_pieces(&[text], &[], read);
        self.give_back(text.len());
        result
    }

    /// Parses the text that the pieces are together, puts the placeholders of `lists` into it and hands the result to `read`.
    fn parse_pieces<R>(
        &mut self,
        pieces: &[&[u8]],
        lists: &[(usize, Parts<'_>)],
        read: impl FnOnce(Value<'_>) -> Result<R, DecodeError>,
    ) -> Result<R, DecodeError> {
        self.input.clear();
        for piece in pieces {
            self.input.extend_from_slice(piece);
        }
        let length = self.input.len();
        self.input.resize(length + simd_json::INPUT_PADDING, 0);
        let mut tape: Tape<'_> = Tape(std::mem::take(&mut self.nodes)).reset();
        match simd_json::fill_tape_padded(&mut self.input, length, &mut self.buffers, &mut tape) {
            Ok(()) => {
                long::put(&mut tape.0, lists);
                let result = read(Value::new(&tape.0));
                self.nodes = tape.reset().0;
                result
            }
            Err(error) => {
                self.nodes = tape.reset().0;
                self.parse_wide(&pieces.concat(), lists, &error, read)
            }
        }
    }

    /// Parses a text again that the parser refused, if it has numbers of more than 64 bits.
    #[cold]
    fn parse_wide<R>(
        &mut self,
        text: &[u8],
        lists: &[(usize, Parts<'_>)],
        refused: &simd_json::Error,
        read: impl FnOnce(Value<'_>) -> Result<R, DecodeError>,
    ) -> Result<R, DecodeError> {
        let Some(length) = wide::replace(text, &mut self.input) else {
            return Err(DecodeError::syntax(refused));
        };
        let mut tape: Tape<'_> = Tape(std::mem::take(&mut self.nodes)).reset();
        let result = match simd_json::fill_tape_padded(&mut self.input, length, &mut self.buffers, &mut tape)
        {
            Ok(()) => {
                long::put(&mut tape.0, lists);
                read(Value::new(&tape.0))
            }
            Err(error) => Err(DecodeError::syntax(&error)),
        };
        self.nodes = tape.reset().0;
        result
    }

    /// Gives back what a text of this length took, if it was an outlier.
    fn give_back(&mut self, length: usize) {
        if length > LARGEST_KEPT {
            *self = Self::new();
        }
    }

    /// Reads one value: by the fast path where the type has one, or parsed; the lists of a long text in parts.
    ///
    /// # Errors
    ///
    /// As [`Decoder::parse`].
    pub fn decode<T: Decode>(&mut self, text: &[u8]) -> Result<T, DecodeError> {
        let mut input = FastReader::new(text);
        if let Some(value) = T::read_in_order(&mut input)
            && input.remaining() == 0
        {
            return Ok(value);
        }
        if T::LAYOUT != Layout::Whole
            && let Some(text) = long::long_text(text)?
            && let Some(split) = Split::by_layout(text, T::LAYOUT)?
        {
            return split.read(self, T::decode);
        }
        self.parse(text, T::decode)
    }

    /// Reads the text of a long result that [`Decoder::frame_in_parts`] left.
    fn decode_part<T: Decode>(&mut self, text: &str) -> Result<T, DecodeError> {
        match Split::by_layout(text, T::LAYOUT)? {
            Some(split) => split.read(self, T::decode),
            None => self.parse_pieces(&[text.as_bytes()], &[], T::decode),
        }
    }

    /// Parses a frame and says what it is.
    ///
    /// # Errors
    ///
    /// As [`Decoder::parse`].
    pub fn frame<R>(
        &mut self,
        text: &[u8],
        read: impl FnOnce(Frame<'_>) -> Result<R, DecodeError>,
    ) -> Result<R, DecodeError> {
        self.parse(text, |value| read(Frame::classify(value)?))
    }

    /// As [`Decoder::frame`], but a long result in an answer of more than 256 KiB is not parsed: the [`ResponseFrame`] has it as a
    /// value that [`Value::decode`] can read, and nothing else.
    ///
    /// # Errors
    ///
    /// As [`Decoder::parse`]. What is wrong within such a result is found by [`Value::decode`].
    pub fn frame_in_parts<R>(
        &mut self,
        text: &[u8],
        read: impl FnOnce(Frame<'_>) -> Result<R, DecodeError>,
    ) -> Result<R, DecodeError> {
        match long::long_text(text)?.map(Split::by_result).transpose()?.flatten() {
            Some(split) => split.read(self, |value| read(Frame::classify(value)?)),
            None => self.frame(text, read),
        }
    }

    /// Turns an SBE message into the value that its JSON would be, and hands that to `read`.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] that names message and field when the bytes are not a message of the schema, or what `read`
    /// returned.
    pub fn parse_sbe<R>(
        &mut self,
        schema: &'static Schema,
        message: &[u8],
        read: impl FnOnce(Value<'_>) -> Result<R, DecodeError>,
    ) -> Result<R, DecodeError> {
        self.transcode_sbe(schema, message, |_, value| read(value))
    }

    /// Reads one value from an SBE message.
    ///
    /// # Errors
    ///
    /// As [`Decoder::parse_sbe`].
    pub fn decode_sbe<T: Decode>(
        &mut self,
        schema: &'static Schema,
        message: &[u8],
    ) -> Result<T, DecodeError> {
        self.parse_sbe(schema, message, T::decode)
    }

    /// Decodes the error of an answer. Where the exchange does not have the schema that was asked for, it says so in its newest one;
    /// the message of errors has the same layout in all of them.
    ///
    /// # Errors
    ///
    /// As [`Decoder::parse_sbe`].
    pub fn decode_sbe_error(
        &mut self,
        schema: &'static Schema,
        message: &[u8],
    ) -> Result<crate::ApiError, DecodeError> {
        self.decode_sbe(schema, message).or_else(|error| {
            if error.kind() != DecodeErrorKind::OtherSchema {
                return Err(error);
            }
            // The number of the schema stands behind block length and template.
            let mut same = message.to_vec();
            same.get_mut(4..6).ok_or(error)?.copy_from_slice(&schema.id.to_le_bytes());
            self.decode_sbe(schema, &same)
        })
    }

    /// Turns an SBE message into a value and says what it is.
    ///
    /// # Errors
    ///
    /// As [`Decoder::parse_sbe`].
    pub fn sbe_frame<R>(
        &mut self,
        schema: &'static Schema,
        message: &[u8],
        read: impl FnOnce(Frame<'_>) -> Result<R, DecodeError>,
    ) -> Result<R, DecodeError> {
        self.transcode_sbe(schema, message, |message, value| {
            read(if message.layout().is_event() {
                Frame::sbe_event(value)
            } else {
                Frame::sbe_answer(value)?
            })
        })
    }

    fn transcode_sbe<R>(
        &mut self,
        schema: &'static Schema,
        message: &[u8],
        read: impl FnOnce(&sbe::Message<'_>, Value<'_>) -> Result<R, DecodeError>,
    ) -> Result<R, DecodeError> {
        let transcoded = match sbe::transcode(schema, message, &mut self.ops, &mut self.texts) {
            Ok(transcoded) => transcoded,
            Err(error) => {
                self.give_back(message.len());
                return Err(error);
            }
        };
        let mut tape: Tape<'_> = Tape(std::mem::take(&mut self.nodes)).reset();
        let texts = self.texts.as_str();
        tape.0.extend(self.ops.iter().map(|op| match *op {
            Op::Null => Node::Static(StaticNode::Null),
            Op::Truth(value) => Node::Static(StaticNode::Bool(value)),
            Op::Signed(value) => Node::Static(StaticNode::I64(value)),
            Op::Unsigned(value) => Node::Static(StaticNode::U64(value)),
            Op::Word(word) => Node::String(word),
            Op::Text { from, to } => Node::String(texts.get(from..to).unwrap_or_default()),
            Op::Object { fields, nodes } => Node::Object { len: fields, count: nodes },
            Op::Array { elements, nodes } => Node::Array { len: elements, count: nodes },
        }));
        let result = read(&transcoded, Value::new(&tape.0));
        self.nodes = tape.reset().0;
        self.give_back(message.len());
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_survive_an_error() {
        let mut decoder = Decoder::new();
        for _ in 0..3 {
            assert!(decoder.decode::<u64>(b"{").is_err());
            assert_eq!(decoder.decode::<u64>(b"7").unwrap(), 7);
            assert_eq!(decoder.decode::<Vec<u64>>(b"[1,2]").unwrap(), [1, 2]);
        }
    }

    /// A message of one group, with a text in each element.
    static NAMES: Schema = Schema {
        id: 1,
        version: 0,
        layouts: &[sbe::Layout {
            name: "Names",
            template: 1,
            block_length: 0,
            kind: "",
            event: None,
            stream: "",
            answers: &[],
            body: sbe::Body {
                fields: &[],
                groups: &[sbe::Group {
                    name: "names",
                    key: "names",
                    single: false,
                    count_size: 4,
                    block_length: 0,
                    body: sbe::Body {
                        fields: &[],
                        groups: &[],
                        data: &[sbe::Data::text("name", 1)],
                        shape: sbe::Shape::Only(sbe::Item::Data(0)),
                    },
                }],
                data: &[],
                shape: sbe::Shape::Object(&[]),
            },
        }],
    };

    #[test]
    fn k12_sbe_costs_no_more_than_a_multiple_of_its_length_and_gives_it_back() {
        let message = |name: &[u8], count: u32| {
            let mut message = vec![0_u8, 0, 1, 0, 1, 0, 0, 0, 0, 0];
            message.extend(count.to_le_bytes());
            message.extend(name.repeat(count.try_into().unwrap()));
            message
        };
        let mut decoder = Decoder::new();
        let mut names = |message: &[u8]| {
            let read = decoder
                .parse_sbe(&NAMES, message, |value| value.get("names").unwrap().array().map(Iterator::count));
            (read.map_err(|error| error.kind()), decoder.ops.capacity())
        };
        assert_eq!(names(&message(b"\x0cTRD_GRP_0123", 500_000)), (Ok(500_000), 0));
        assert_eq!(names(&message(b"\0", 100_000)).0, Ok(100_000));
        assert_eq!(names(&message(b"\0", 2 << 20)), (Err(DecodeErrorKind::InvalidValue), 0));
        let mut cut = message(b"\x02AB", 200_000);
        cut.pop();
        assert_eq!(names(&cut), (Err(DecodeErrorKind::Truncated), 0));
    }

    #[test]
    fn nesting_is_limited() {
        let deep = "[".repeat(100_000);
        let error = Decoder::new().decode::<u64>(deep.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), DecodeErrorKind::Syntax);
        let nested = format!("{}{}", "[".repeat(40), "]".repeat(40));
        assert!(Decoder::new().parse(nested.as_bytes(), |_| Ok(())).is_err());
        let nested = format!("{}{}", "[".repeat(20), "]".repeat(20));
        assert!(Decoder::new().parse(nested.as_bytes(), |_| Ok(())).is_ok());
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused() {
        assert!(Decoder::new().decode::<String>(b"\"\xff\"").is_err());
        assert!(Decoder::new().parse(b"", |_| Ok(())).is_err());
    }
}
