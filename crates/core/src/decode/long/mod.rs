//! Reading long texts in parts, so that their tape is never there as a whole: it takes ten times the length of the text and more.
//!
//! The type that is read says what it is made of ([`Layout`]). A long array or object within the text is not parsed with what is
//! around it: a placeholder stands for it, which has its text, until [`Value::decode`] reads it as a type in the same way. Of a list
//! some elements are parsed at a time ([`Parts::each`]). Each byte is parsed somewhere, also where nothing reads it, so that the
//! result is the same as by a whole tape, and the same texts are refused.

mod scan;

use super::{DecodeError, DecodeErrorKind, Decoder, Value, width};
use crate::encode::JsonWriter;
use scan::{Broken, Item, Scan};
use simd_json::{Node, StaticNode};

/// Length of a text from which on it is read in parts, in bytes.
const LONG: usize = 256 << 10;
/// Length of an array or object within an object from which on it is not parsed with the rest of it, in bytes. In tests any is.
const LONG_FIELD: usize = if cfg!(test) { 1 } else { 4 << 10 };
/// Length of the elements that are parsed at a time, in bytes. In tests few are.
const CHUNK: usize = if cfg!(test) { 48 } else { 32 << 10 };
/// Length of all arrays and objects together that are parsed with an object, in bytes; further ones are not, however short.
const SHORT_FIELDS: usize = 64 << 10;
/// Number of fields that an object of a long text may have. No documented one has a hundred.
const MAX_FIELDS: usize = 4096;
/// Number of elements that a placeholder says it has.
pub(super) const PLACEHOLDER: usize = usize::MAX;
/// What is parsed in the place of an array or object: as many nodes as its placeholder.
const IN_ITS_PLACE: &[u8] = b"[\"\",0]";
/// Length of a key with escapes that may be a name that means something; none is as long.
const MAX_KEY: usize = 512;
/// The fields of an answer that are parsed with it.
const ENVELOPE: &[&str] = &["id", "status", "error", "rateLimits", "code", "msg"];
/// Fields by which a frame is an event.
const EVENT: &[&str] = &["e", "stream", "data", "event"];

/// What a type is made of, so that a long text of it can be read without a tape of all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layout {
    /// Something of its own: it is parsed at once, whatever its length.
    Whole,
    /// A text, a number, a word, or nothing: no array or object.
    Plain,
    /// An array that is read by the [`super::Decode`] of `Vec` or [`crate::List`].
    List,
    /// An object whose fields are read by [`Value::decode`] ([`super::field`] does so). Those of these names are lists as in
    /// [`Layout::List`], and each of them is read.
    Fields(&'static [&'static str]),
}

/// An array or object that was not parsed yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'a> {
    /// All of it, with its brackets.
    text: &'a str,
    /// Number of its elements; 0 where it is an object.
    count: usize,
}

impl<'a> Parts<'a> {
    /// An array or object; `None` for anything else.
    fn new(text: &'a str) -> Result<Option<Self>, DecodeError> {
        let count = match text.as_bytes().first() {
            Some(b'[') => Scan::new(text.as_bytes()).list().map_err(syntax)?,
            Some(b'{') => 0,
            _ => return Ok(None),
        };
        Ok(Some(Self { text, count }))
    }

    /// From the nodes of a placeholder.
    pub(super) fn from_nodes(nodes: &'a [Node<'a>]) -> Option<Self> {
        match *nodes {
            [
                Node::Array { len: PLACEHOLDER, .. } | Node::Object { len: PLACEHOLDER, .. },
                Node::String(text),
                Node::Static(StaticNode::U64(count)),
                ..,
            ] => Some(Self { text, count: usize::try_from(count).unwrap_or_default() }),
            _ => None,
        }
    }

    fn nodes(self) -> [Node<'a>; 3] {
        let (len, count) = (PLACEHOLDER, 2);
        let first = if self.is_object() { Node::Object { len, count } } else { Node::Array { len, count } };
        [first, Node::String(self.text), Node::Static(StaticNode::U64(self.count as u64))]
    }

    fn is_object(&self) -> bool {
        self.text.starts_with('{')
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// For how many elements of a type to make room at once: for all of them, but for no more memory than twice the text.
    pub(crate) fn room_for<T>(&self) -> usize {
        self.count.min(self.text.len().saturating_mul(2) / size_of::<T>().max(1))
    }

    /// Hands each element with its index to `each`; a long one is not parsed.
    ///
    /// # Errors
    ///
    /// When the list is not JSON, or the first error of `each`: what is behind that element is not looked at then.
    pub(crate) fn each(
        &self,
        each: &mut dyn FnMut(usize, Value<'_>) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let bytes = self.text.as_bytes();
        let brackets: [&[u8]; 2] = if self.is_object() { [b"{", b"}"] } else { [b"[", b"]"] };
        let mut decoder = Decoder::new();
        let mut scan = Scan::new(bytes);
        scan.enter().map_err(syntax)?;
        let mut index = 0;
        let (mut begin, mut end, mut count) = (0, 0, 0);
        for found in 0.. {
            let next = if self.is_object() { scan.field(found == 0) } else { scan.element(found == 0) };
            let next = next.map_err(syntax)?;
            let is_long = next.is_some_and(|item| {
                item.end - item.value > CHUNK && matches!(bytes.get(item.value), Some(b'[' | b'{'))
            });
            if count > 0 && next.is_none_or(|item| item.end - begin > CHUNK) {
                let text = bytes.get(begin..end).unwrap_or_default();
                decoder.parse_pieces(&[brackets[0], text, brackets[1]], &[], |value| {
                    let mut parsed = 0;
                    for value in value.children() {
                        each(index, value)?;
                        index += 1;
                        parsed += 1;
                    }
                    if parsed == count { Ok(()) } else { Err(syntax(Broken("an element of a list is none"))) }
                })?;
                decoder.give_back(text.len());
                count = 0;
            }
            let Some(item) = next else { break };
            if is_long {
                if self.is_object() {
                    let key = bytes.get(item.begin..item.value).unwrap_or_default();
                    decoder.parse_pieces(&[b"{", key, b"0}"], &[], |_| Ok(()))?;
                }
                let Some(parts) = Parts::new(self.text.get(item.value..item.end).unwrap_or_default())? else {
                    break;
                };
                each(index, Value::new(&parts.nodes()))?;
                index += 1;
            } else {
                if count == 0 {
                    begin = item.begin;
                }
                (end, count) = (item.end, count + 1);
            }
        }
        Ok(())
    }

    /// Parses it for nothing but to know that it is JSON.
    ///
    /// # Errors
    ///
    /// When it is not.
    pub(super) fn check(&self) -> Result<(), DecodeError> {
        self.each(&mut |_, value| value.parts().map_or(Ok(()), |parts| parts.check()))
    }

    /// Writes it as compact JSON until that is longer than so many bytes; `false` if something was left out.
    pub(super) fn write_within(&self, json: &mut JsonWriter, max_bytes: usize) -> bool {
        let mut decoder = Decoder::new();
        let mut scan = Scan::new(self.text.as_bytes());
        while let Some(byte) = scan.peek() {
            if json.as_str().len() > max_bytes {
                return false;
            }
            if matches!(byte, b'[' | b'{' | b']' | b'}' | b',' | b':') {
                scan.take(byte);
                json.literal(char::from(byte).encode_utf8(&mut [0; 4]));
                continue;
            }
            let begin = scan.at();
            let scalar = scan.value().ok().and_then(|()| self.text.as_bytes().get(begin..scan.at()));
            let Some(scalar) = scalar else { return false };
            let written = decoder.parse_pieces(&[scalar], &[], |value| {
                json.literal(&value.to_json());
                Ok(())
            });
            if written.is_err() {
                return false;
            }
        }
        true
    }
}

fn syntax(Broken(why): Broken) -> DecodeError {
    DecodeError::new(DecodeErrorKind::Syntax, format!("not valid JSON: {why}"))
}

/// How a field of an object is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// With the object.
    Inline,
    /// By what parses all of it.
    Later,
    /// Perhaps not at all.
    Unknown,
}

/// A text with placeholders for its long arrays and objects.
#[derive(Debug)]
pub(super) struct Split<'a> {
    /// The text around them, which with [`IN_ITS_PLACE`] between is JSON. Nothing where the text is one of them itself.
    around: Vec<&'a [u8]>,
    /// The arrays and objects, each with the index of its field.
    parts: Vec<(usize, Parts<'a>)>,
}

impl<'a> Split<'a> {
    /// Splits a text by what its type is made of. `None` if there is nothing to gain: the type is read at once, or the text is
    /// something else.
    ///
    /// # Errors
    ///
    /// When the text is not JSON, or an object has more fields than are parsed.
    pub(super) fn by_layout(text: &'a str, layout: Layout) -> Result<Option<Self>, DecodeError> {
        let mut scan = Scan::new(text.as_bytes());
        match (layout, scan.peek()) {
            (Layout::Fields(names), Some(b'{')) => {
                Self::fields(
                    text,
                    scan,
                    |key| {
                        if names.contains(&key) { Reading::Later } else { Reading::Unknown }
                    },
                )
                .map(Some)
            }
            (Layout::List, Some(b'[')) => Self::all(text, scan).map(Some),
            (Layout::Plain, Some(b'[' | b'{'))
            | (Layout::List, Some(b'{'))
            | (Layout::Fields(_), Some(b'[')) => {
                // Something else than the type reads: an error, for which nothing of it is needed.
                let split = Self::all(text, scan)?;
                split.parts.iter().try_for_each(|(_, parts)| parts.check())?;
                Ok(Some(split))
            }
            _ => Ok(None),
        }
    }

    /// A text that is an array or object.
    fn all(text: &'a str, mut scan: Scan<'a>) -> Result<Self, DecodeError> {
        let begin = scan.at();
        scan.value().map_err(syntax)?;
        let parts = Parts::new(text.get(begin..scan.at()).unwrap_or_default())?;
        at_end(&mut scan)?;
        Ok(Self { around: Vec::new(), parts: parts.into_iter().map(|parts| (0, parts)).collect() })
    }

    /// Takes the long result out of an answer. `None` if this is no such answer.
    ///
    /// # Errors
    ///
    /// When the text is not JSON, or has more fields than are parsed.
    pub(super) fn by_result(text: &'a str) -> Result<Option<Self>, DecodeError> {
        let mut scan = Scan::new(text.as_bytes());
        if scan.peek() != Some(b'{') {
            return Ok(None);
        }
        let (mut has_id, mut is_event) = (false, false);
        let split = Self::fields(text, scan, |key| {
            has_id |= key == "id";
            is_event |= EVENT.contains(&key);
            match key {
                "result" => Reading::Later,
                _ if ENVELOPE.contains(&key) || EVENT.contains(&key) => Reading::Inline,
                _ => Reading::Unknown,
            }
        })?;
        Ok(Some(split).filter(|_| has_id && !is_event))
    }

    /// Takes long arrays and objects out of an object.
    fn fields(
        text: &'a str,
        mut scan: Scan<'a>,
        mut reading: impl FnMut(&str) -> Reading,
    ) -> Result<Self, DecodeError> {
        let bytes = text.as_bytes();
        let mut split = Self { around: Vec::new(), parts: Vec::new() };
        let (mut behind, mut short) = (0, 0);
        scan.enter().map_err(syntax)?;
        for index in 0.. {
            let Some(Item { key, value, end, .. }) = scan.field(index == 0).map_err(syntax)? else { break };
            if index >= MAX_FIELDS {
                return Err(DecodeError::invalid("too many fields for an object of a long text"));
            }
            let reading = name_of(key, &mut reading);
            let is_nested = matches!(bytes.get(value), Some(b'[' | b'{'));
            let is_short = end - value < LONG_FIELD && short < SHORT_FIELDS;
            if !is_nested || is_short || reading == Reading::Inline {
                short += if is_nested { end - value } else { 0 };
                continue;
            }
            let Some(parts) = Parts::new(text.get(value..end).unwrap_or_default())? else { continue };
            if reading == Reading::Unknown {
                parts.check()?;
            }
            split.around.push(bytes.get(behind..value).unwrap_or_default());
            split.parts.push((index, parts));
            behind = end;
        }
        at_end(&mut scan)?;
        split.around.push(bytes.get(behind..).unwrap_or_default());
        Ok(split)
    }

    /// Parses what is around the parts, and hands the value with their placeholders to `read`.
    ///
    /// # Errors
    ///
    /// When the text is not JSON; or else what `read` returned.
    pub(super) fn read<R>(
        &self,
        decoder: &mut Decoder,
        read: impl FnOnce(Value<'_>) -> Result<R, DecodeError>,
    ) -> Result<R, DecodeError> {
        let result = if self.around.is_empty() {
            let nodes = self.parts.first().map(|(_, parts)| parts.nodes());
            read(Value::new(nodes.as_ref().map_or(&[], |nodes| nodes.as_slice())))
        } else {
            let pieces: Vec<&[u8]> =
                self.around.iter().flat_map(|around| [IN_ITS_PLACE, around]).skip(1).collect();
            let result = decoder.parse_pieces(&pieces, &self.parts, read);
            decoder.give_back(LONG + 1);
            result
        };
        // What is not JSON is refused as such, whatever else is wrong with it. A list that was read has been parsed.
        result.map_err(|error| {
            let broken = match error.kind() {
                DecodeErrorKind::Syntax => Some(error.clone()),
                _ => self.parts.iter().find_map(|(_, parts)| parts.check().err()),
            };
            broken.map_or(error, DecodeError::without_place)
        })
    }
}

fn at_end(scan: &mut Scan<'_>) -> Result<(), DecodeError> {
    match scan.peek() {
        None => Ok(()),
        Some(_) => Err(syntax(Broken("something is behind the value"))),
    }
}

/// Puts the placeholders into the tape of an object.
pub(super) fn put<'a>(nodes: &mut [Node<'a>], parts: &[(usize, Parts<'a>)]) {
    let (mut at, mut field) = (1, 0);
    for (index, parts) in parts {
        // Over the key and the value of each field before.
        while field < *index {
            at += 2 + match nodes.get(at + 1) {
                Some(Node::Object { count, .. } | Node::Array { count, .. }) => *count,
                _ => 0,
            };
            field += 1;
        }
        if let Some(place) = nodes.get_mut(at + 1..at + 4) {
            place.copy_from_slice(&parts.nodes());
        }
    }
}

/// A text that is long enough to be read in parts; none also where it is not UTF-8, which the parser refuses before it takes room.
///
/// # Errors
///
/// When it has more values than are parsed.
pub(super) fn long_text(text: &[u8]) -> Result<Option<&str>, DecodeError> {
    if text.len() <= LONG {
        return Ok(None);
    }
    width::check(text)?;
    Ok(simdutf8::basic::from_utf8(text).ok())
}

/// How a field is read, by its key with quotes. What is wrong with the key is found where it is parsed.
fn name_of(quoted: &[u8], reading: &mut impl FnMut(&str) -> Reading) -> Reading {
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    if !inner.contains(&b'\\') {
        return str::from_utf8(inner).map_or(Reading::Unknown, reading);
    }
    if inner.len() > MAX_KEY {
        return Reading::Unknown;
    }
    Decoder::new().parse(quoted, |key| key.as_str().map(reading)).unwrap_or(Reading::Unknown)
}

#[cfg(test)]
mod tests;
