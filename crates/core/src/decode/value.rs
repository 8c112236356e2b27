//! A parsed JSON value, read without copying.

use super::long::{PLACEHOLDER, Parts};
use super::{Decode, DecodeError, Decoder, Layout};
use crate::encode::JsonWriter;
use simd_json::{Node, StaticNode};

/// The JSON type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueKind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number without fraction and exponent that fits into 64 bits.
    Integer,
    /// Any other number.
    Float,
    /// A string.
    Text,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl ValueKind {
    /// With its article, for error messages.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::Float => "a fraction",
            Self::Text => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// A parsed JSON value. Valid only while the [`super::Decoder`] that parsed it is borrowed.
#[derive(Clone, Copy)]
pub struct Value<'a>(&'a [Node<'a>]);

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_json())
    }
}

impl<'a> Value<'a> {
    pub(super) fn new(nodes: &'a [Node<'a>]) -> Self {
        Self(nodes)
    }

    #[inline]
    fn first(self) -> Node<'a> {
        self.0.first().copied().unwrap_or(Node::Static(StaticNode::Null))
    }

    /// The JSON type.
    pub fn kind(self) -> ValueKind {
        match self.first() {
            Node::String(_) => ValueKind::Text,
            Node::Object { .. } => ValueKind::Object,
            Node::Array { .. } => ValueKind::Array,
            Node::Static(StaticNode::Null) => ValueKind::Null,
            Node::Static(StaticNode::Bool(_)) => ValueKind::Boolean,
            Node::Static(StaticNode::I64(_) | StaticNode::U64(_)) => ValueKind::Integer,
            Node::Static(_) => ValueKind::Float,
        }
    }

    #[cold]
    fn wrong(self, expected: &'static str) -> DecodeError {
        DecodeError::expected(expected, self.kind().describe())
    }

    /// Whether it is `null`.
    #[inline]
    pub fn is_null(self) -> bool {
        matches!(self.first(), Node::Static(StaticNode::Null))
    }

    /// The string.
    ///
    /// # Errors
    ///
    /// When it is something else.
    #[inline]
    pub fn as_str(self) -> Result<&'a str, DecodeError> {
        match self.first() {
            Node::String(text) => Ok(text),
            _ => Err(self.wrong("a string")),
        }
    }

    /// The boolean.
    ///
    /// # Errors
    ///
    /// When it is something else.
    #[inline]
    pub fn as_bool(self) -> Result<bool, DecodeError> {
        match self.first() {
            Node::Static(StaticNode::Bool(value)) => Ok(value),
            _ => Err(self.wrong("a boolean")),
        }
    }

    /// The integer.
    ///
    /// # Errors
    ///
    /// When it is something else, or negative.
    #[inline]
    pub fn as_u64(self) -> Result<u64, DecodeError> {
        match self.first() {
            Node::Static(StaticNode::U64(value)) => Ok(value),
            Node::Static(StaticNode::I64(value)) => {
                u64::try_from(value).map_err(|_| DecodeError::invalid(format!("{value} is negative")))
            }
            _ => Err(self.wrong("an integer")),
        }
    }

    /// The integer.
    ///
    /// # Errors
    ///
    /// When it is something else, or greater than `i64::MAX`.
    #[inline]
    pub fn as_i64(self) -> Result<i64, DecodeError> {
        match self.first() {
            Node::Static(StaticNode::I64(value)) => Ok(value),
            Node::Static(StaticNode::U64(value)) => {
                i64::try_from(value).map_err(|_| DecodeError::invalid(format!("{value} is too large")))
            }
            _ => Err(self.wrong("an integer")),
        }
    }

    /// The number as a float; for values that are not money.
    ///
    /// # Errors
    ///
    /// When it is not a number, or one that no float holds (`1e400`).
    #[expect(clippy::cast_precision_loss, reason = "the caller asks for a float")]
    pub fn as_f64(self) -> Result<f64, DecodeError> {
        match self.first() {
            Node::Static(StaticNode::F64(value)) if value.abs() < super::wide::OUT_OF_RANGE => Ok(value),
            Node::Static(StaticNode::F64(_)) => {
                Err(DecodeError::invalid("the number is too large for a float"))
            }
            Node::Static(StaticNode::I64(value)) => Ok(value as f64),
            Node::Static(StaticNode::U64(value)) => Ok(value as f64),
            _ => Err(self.wrong("a number")),
        }
    }

    /// Reads it as a type; also where it is the long result of an answer that was not parsed
    /// ([`super::Decoder::frame_in_parts`]).
    ///
    /// # Errors
    ///
    /// As [`Decode::decode`], and when such a result is not JSON.
    pub fn decode<T: Decode>(self) -> Result<T, DecodeError> {
        match self.parts() {
            // A list of such a text reads itself.
            Some(parts) if T::LAYOUT != Layout::List || self.kind() != ValueKind::Array => {
                Decoder::new().decode_part(parts.text())
            }
            _ => T::decode(self),
        }
    }

    /// The list, if it was not parsed.
    #[inline]
    pub(crate) fn list_parts(self) -> Option<Parts<'a>> {
        self.parts().filter(|_| self.kind() == ValueKind::Array)
    }

    /// The elements of an array, or the values of an object.
    pub(super) fn children(self) -> impl Iterator<Item = Value<'a>> {
        let fields = self.object().into_iter().flatten().map(|(_, value)| value);
        self.array().into_iter().flatten().chain(fields)
    }

    /// The array or object, if it was not parsed.
    #[inline]
    pub(crate) fn parts(self) -> Option<Parts<'a>> {
        match self.first() {
            Node::Array { len: PLACEHOLDER, .. } | Node::Object { len: PLACEHOLDER, .. } => {
                Parts::from_nodes(self.0)
            }
            _ => None,
        }
    }

    #[cold]
    fn unparsed() -> DecodeError {
        DecodeError::invalid("a long value that was not parsed")
    }

    /// The fields of the object.
    ///
    /// # Errors
    ///
    /// When it is something else.
    #[inline]
    pub fn object(self) -> Result<Object<'a>, DecodeError> {
        match self.first() {
            Node::Object { len: PLACEHOLDER, .. } => Err(Self::unparsed()),
            Node::Object { len, count } => {
                Ok(Object(Nodes { rest: self.0.get(1..=count).unwrap_or_default(), left: len }))
            }
            _ => Err(self.wrong("an object")),
        }
    }

    /// The elements of the array.
    ///
    /// # Errors
    ///
    /// When it is something else.
    #[inline]
    pub fn array(self) -> Result<Array<'a>, DecodeError> {
        match self.first() {
            Node::Array { len: PLACEHOLDER, .. } => Err(Self::unparsed()),
            Node::Array { len, count } => {
                Ok(Array(Nodes { rest: self.0.get(1..=count).unwrap_or_default(), left: len }))
            }
            _ => Err(self.wrong("an array")),
        }
    }

    /// The field of this name, if this is an object that has one.
    pub fn get(self, name: &str) -> Option<Value<'a>> {
        self.object().ok()?.find_map(|(key, value)| (key == name).then_some(value))
    }

    /// The value as compact JSON text. Strings and integers come out as they were; a fraction in its shortest form.
    pub fn to_json(self) -> String {
        let mut json = JsonWriter::new();
        self.write_json(&mut json);
        json.into_string()
    }

    /// As [`Value::to_json`], cut after at most so many bytes, and whether it was cut. No more than that is written.
    pub(crate) fn to_json_within(self, max_bytes: usize) -> (String, bool) {
        let mut json = JsonWriter::new();
        let is_whole = self.write_json_within(&mut json, max_bytes);
        let mut text = json.into_string();
        let is_cut = !is_whole || text.len() > max_bytes;
        if text.len() > max_bytes {
            let end = (0..=max_bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            text.truncate(end);
            text.shrink_to_fit();
        }
        (text, is_cut)
    }

    /// Writes the value until the text is longer than so many bytes; `false` if something was left out.
    fn write_json_within(self, json: &mut JsonWriter, max_bytes: usize) -> bool {
        if json.as_str().len() > max_bytes {
            return false;
        }
        if let Some(parts) = self.parts() {
            return parts.write_within(json, max_bytes);
        }
        match self.first() {
            Node::Array { .. } => {
                json.begin_array();
                for value in self.array().into_iter().flatten() {
                    json.element();
                    if !value.write_json_within(json, max_bytes) {
                        return false;
                    }
                }
                json.end_array();
            }
            Node::Object { .. } => {
                json.begin_object();
                for (key, value) in self.object().into_iter().flatten() {
                    json.key(key);
                    if !value.write_json_within(json, max_bytes) {
                        return false;
                    }
                }
                json.end_object();
            }
            // One text can be as long as the frame.
            _ => self.write_json(json),
        }
        true
    }

    /// Writes the value as compact JSON text.
    pub fn write_json(self, json: &mut JsonWriter) {
        if let Some(parts) = self.parts() {
            parts.write_within(json, usize::MAX);
            return;
        }
        match self.first() {
            Node::String(text) => json.string(text),
            Node::Static(StaticNode::Null) => json.null(),
            Node::Static(StaticNode::Bool(value)) => json.boolean(value),
            Node::Static(StaticNode::I64(value)) => json.display(&value),
            Node::Static(StaticNode::U64(value)) => json.display(&value),
            // With its point or exponent: without, a number that is no integer would have become one.
            Node::Static(StaticNode::F64(value)) => json.display(&format_args!("{value:?}")),
            Node::Array { .. } => {
                json.begin_array();
                for value in self.array().into_iter().flatten() {
                    json.element();
                    value.write_json(json);
                }
                json.end_array();
            }
            Node::Object { .. } => {
                json.begin_object();
                for (key, value) in self.object().into_iter().flatten() {
                    json.key(key);
                    value.write_json(json);
                }
                json.end_object();
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Nodes<'a> {
    rest: &'a [Node<'a>],
    left: usize,
}

impl<'a> Nodes<'a> {
    #[inline]
    fn value(&mut self) -> Option<Value<'a>> {
        let nodes = match self.rest.first()? {
            Node::Object { count, .. } | Node::Array { count, .. } => count + 1,
            _ => 1,
        };
        let (value, rest) = self.rest.split_at_checked(nodes)?;
        self.rest = rest;
        Some(Value(value))
    }
}

/// The fields of an object, in the order of the text.
#[derive(Debug, Clone)]
pub struct Object<'a>(Nodes<'a>);

impl<'a> Iterator for Object<'a> {
    type Item = (&'a str, Value<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.0.left == 0 {
            return None;
        }
        self.0.left -= 1;
        let key = self.0.value()?;
        let value = self.0.value()?;
        match key.first() {
            Node::String(key) => Some((key, value)),
            _ => None,
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.left, Some(self.0.left))
    }
}

/// The elements of an array.
#[derive(Debug, Clone)]
pub struct Array<'a>(Nodes<'a>);

impl<'a> Array<'a> {
    /// For how many elements of a type to make room at once: for all of them, but for no more memory than twice what the tape has
    /// for them. By `[1,1,1]` a peer must not decide how many large objects are reserved that never come.
    pub(crate) fn room_for<T>(&self) -> usize {
        let bytes = self.0.rest.len().saturating_mul(2 * size_of::<Node<'_>>());
        self.0.left.min(bytes / size_of::<T>().max(1))
    }

    /// The next element, or an error that names the index that is missing.
    ///
    /// # Errors
    ///
    /// When the array has no more elements.
    pub fn required(&mut self, index: usize) -> Result<Value<'a>, DecodeError> {
        self.next().ok_or_else(|| {
            DecodeError::new(super::DecodeErrorKind::MissingField, "is missing").at_index(index)
        })
    }
}

impl<'a> Iterator for Array<'a> {
    type Item = Value<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.0.left == 0 {
            return None;
        }
        self.0.left -= 1;
        self.0.value()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.left, Some(self.0.left))
    }
}

#[cfg(test)]
mod tests {
    use crate::decode::Decoder;

    #[test]
    fn a_number_with_a_point_or_exponent_is_written_as_one() {
        for (text, written) in [
            ("1.0", "1.0"),
            ("15623053800.00000000000", "15623053800.0"),
            ("16891490877e4", "168914908770000.0"),
            ("1e300", "1e300"),
            ("-0.0", "-0.0"),
            ("2.50", "2.5"),
            ("17", "17"),
        ] {
            let kind = |text: &str| Decoder::new().parse(text.as_bytes(), |value| Ok(value.kind())).unwrap();
            let json = Decoder::new().parse(text.as_bytes(), |value| Ok(value.to_json())).unwrap();
            assert_eq!((json.as_str(), kind(&json)), (written, kind(text)));
        }
    }

    #[test]
    fn small_elements_make_no_room_for_large_ones() {
        let text = format!("[{}1]", "1,".repeat(999));
        Decoder::new()
            .parse(text.as_bytes(), |value| {
                let array = value.array()?;
                assert_eq!((array.room_for::<u64>(), array.room_for::<()>()), (1000, 1000));
                assert!((1..=10).contains(&array.room_for::<[u64; 600]>()));
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn nested_values_are_read() {
        let text =
            br#"{"a":[1,{"b":[]},"x\n"],"c":{},"d":-5,"e":1.5,"f":null,"g":true,"h":18446744073709551615}"#;
        Decoder::new()
            .parse(text, |value| {
                assert_eq!(value.to_json().as_bytes(), text);
                let keys: Vec<_> = value.object()?.map(|(key, _)| key).collect();
                assert_eq!(keys, ["a", "c", "d", "e", "f", "g", "h"]);
                assert_eq!(value.get("h").unwrap().as_u64()?, u64::MAX);
                assert!(value.get("h").unwrap().as_i64().is_err());
                assert!(value.get("d").unwrap().as_u64().is_err());
                assert!(value.get("none").is_none());
                assert_eq!(
                    value.get("a").unwrap().as_bool().unwrap_err().to_string(),
                    "cannot decode the payload: expected a boolean, found an array"
                );
                Ok(())
            })
            .unwrap();
    }
}
