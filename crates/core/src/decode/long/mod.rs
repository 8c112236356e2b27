//! Reading long texts in parts, so that their tape is never there as a whole: it takes ten times the length of the text and more.
//!
//! The type that is read says where its lists are ([`Layout`]). A list that takes some room is not parsed with the text around it:
//! a placeholder stands for it, which has its text. What reads the list ([`Parts::each`]) parses some elements at a time.
//! Each byte is parsed either around the lists or within one, so that the result is the same, and the same texts are refused.

mod scan;

use super::{DecodeError, DecodeErrorKind, Decoder, Value, width};
use scan::{Broken, Scan};
use simd_json::{Node, StaticNode};

/// Length of a text from which on it is read in parts, in bytes.
pub(super) const LONG: usize = 256 << 10;
/// Length of a list within an object from which on it is not parsed with the rest of it, in bytes. In tests any list is.
const LONG_LIST: usize = if cfg!(test) { 0 } else { 4 << 10 };
/// Length of the elements that are parsed at a time, in bytes; one element may be longer. In tests few are.
const CHUNK: usize = if cfg!(test) { 48 } else { 32 << 10 };
/// Number of elements that a placeholder says it has.
pub(super) const PLACEHOLDER: usize = usize::MAX;
/// What is parsed in the place of a list: as many nodes as its placeholder.
const IN_ITS_PLACE: &[u8] = b"[\"\",0]";
/// Length of a key with escapes that may be the name of a list; none is as long.
const LONGEST_KEY: usize = 512;

/// Where a type has its lists, so that a long text can be read without a tape of all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layout {
    /// It has none, or not where they can be found.
    Whole,
    /// It is an array, and is read by the [`super::Decode`] of `Vec` or [`crate::List`].
    List,
    /// It is an object. The fields of these names are read by the [`super::Decode`] of `Vec` or [`crate::List`], each of them.
    Fields(&'static [&'static str]),
}

/// A list, or another value, that was not parsed yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'a> {
    /// All of it, with its brackets.
    text: &'a str,
    /// Number of its elements; 0 where it is an object.
    count: usize,
}

impl<'a> Parts<'a> {
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
        let first =
            if self.text.starts_with('{') { Node::Object { len, count } } else { Node::Array { len, count } };
        [first, Node::String(self.text), Node::Static(StaticNode::U64(self.count as u64))]
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// For how many elements of a type to make room at once: for all of them, but for no more memory than three times the text.
    pub(crate) fn room_for<T>(&self) -> usize {
        self.count.min(self.text.len().saturating_mul(3) / size_of::<T>().max(1))
    }

    /// Hands each element with its index to `each`.
    ///
    /// # Errors
    ///
    /// When the list is not JSON, or else the first error of `each`, after which it is not called again.
    pub(crate) fn each(
        &self,
        each: &mut dyn FnMut(usize, Value<'_>) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let mut decoder = Decoder::new();
        let (mut index, mut failed) = (0, None);
        let mut scan = Scan::new(self.text.as_bytes());
        scan.peek();
        scan.enter().map_err(syntax)?;
        let mut begin = scan.at();
        let (mut end, mut count, mut found) = (begin, 0, 0);
        loop {
            let next = scan.element(found == 0).map_err(syntax)?;
            found += usize::from(next.is_some());
            // An element that does not fit begins the next chunk.
            let is_full = next.is_none_or(|next| next - begin > CHUNK);
            if is_full && count > 0 {
                let text = self.text.as_bytes().get(begin..end).unwrap_or_default();
                decoder.parse_pieces(&[b"[", text, b"]"], &[], |value| {
                    let mut parsed = 0;
                    for value in value.array()? {
                        if failed.is_none() {
                            failed = each(index, value).err();
                        }
                        index += 1;
                        parsed += 1;
                    }
                    if parsed == count { Ok(()) } else { Err(syntax(Broken("an element of a list is none"))) }
                })?;
                decoder.give_back(text.len());
                // Behind the comma.
                begin = end + comma(self.text.as_bytes(), end);
                count = 0;
            }
            match next {
                Some(next) => (end, count) = (next, count + 1),
                None => return failed.map_or(Ok(()), Err),
            }
        }
    }
}

/// Number of bytes from `at` up to and with the next comma, if only white space is before it.
fn comma(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    match rest.iter().position(|byte| !byte.is_ascii_whitespace()) {
        Some(place) if rest.get(place) == Some(&b',') => place + 1,
        _ => 0,
    }
}

fn syntax(Broken(why): Broken) -> DecodeError {
    DecodeError::new(DecodeErrorKind::Syntax, format!("not valid JSON: {why}"))
}

/// A text with placeholders for its lists.
#[derive(Debug)]
pub(super) struct Split<'a> {
    /// The text around the lists, which with [`IN_ITS_PLACE`] between them is JSON.
    around: Vec<&'a [u8]>,
    /// The lists, each with the index of its field; of a text that is a list, itself.
    lists: Vec<(usize, Parts<'a>)>,
}

impl<'a> Split<'a> {
    /// Finds the lists of a type. `None` if there is nothing to gain: the text has none of them, or is nothing that has.
    ///
    /// # Errors
    ///
    /// When the text is not JSON.
    pub(super) fn by_layout(text: &'a str, layout: Layout) -> Result<Option<Self>, DecodeError> {
        let names = match layout {
            Layout::Whole => return Ok(None),
            Layout::List => &[],
            Layout::Fields(names) => names,
        };
        let mut scan = Scan::new(text.as_bytes());
        match (scan.peek(), layout) {
            (Some(b'['), Layout::List) => {
                let begin = scan.at();
                let count = scan.list().map_err(syntax)?;
                let list = text.get(begin..scan.at()).unwrap_or_default();
                if scan.peek().is_some() {
                    return Err(syntax(Broken("something is behind the value")));
                }
                Ok(Some(Self { around: Vec::new(), lists: vec![(0, Parts { text: list, count })] }))
            }
            (Some(b'{'), Layout::Fields(_)) => {
                Self::fields(text, scan, |key, first| first == b'[' && names.contains(&key))
            }
            _ => Ok(None),
        }
    }

    /// Takes the long result out of an answer. `None` if this is no such answer.
    ///
    /// # Errors
    ///
    /// When the text is not JSON.
    pub(super) fn by_result(text: &'a str) -> Result<Option<Self>, DecodeError> {
        let mut scan = Scan::new(text.as_bytes());
        if scan.peek() != Some(b'{') {
            return Ok(None);
        }
        let (mut has_id, mut is_event) = (false, false);
        let split = Self::fields(text, scan, |key, first| {
            has_id |= key == "id";
            is_event |= matches!(key, "e" | "stream" | "data" | "event");
            key == "result" && matches!(first, b'[' | b'{')
        })?;
        Ok(split.filter(|_| has_id && !is_event))
    }

    /// Takes out the long fields that are wanted by their name and the first byte of their value.
    fn fields(
        text: &'a str,
        mut scan: Scan<'a>,
        mut is_wanted: impl FnMut(&str, u8) -> bool,
    ) -> Result<Option<Self>, DecodeError> {
        let bytes = text.as_bytes();
        let mut split = Self { around: Vec::new(), lists: Vec::new() };
        scan.enter().map_err(syntax)?;
        let mut behind = 0;
        for field in 0.. {
            if scan.take(b'}') {
                break;
            }
            if field > 0 && !scan.take(b',') {
                return Err(syntax(Broken("a comma is missing in an object")));
            }
            let key = scan.string().map_err(syntax)?;
            if !scan.take(b':') {
                return Err(syntax(Broken("a colon is missing")));
            }
            let first = scan.peek().unwrap_or_default();
            let begin = scan.at();
            let is_wanted = name_of(key, |key| is_wanted(key, first));
            let mut count = 0;
            if is_wanted && first == b'[' {
                count = scan.list().map_err(syntax)?;
            } else {
                scan.value().map_err(syntax)?;
            }
            let (around, list) = (bytes.get(behind..begin), text.get(begin..scan.at()));
            if is_wanted
                && let (Some(around), Some(list)) = (around, list)
                && list.len() >= LONG_LIST
            {
                split.around.push(around);
                split.lists.push((field, Parts { text: list, count }));
                behind = scan.at();
            }
        }
        if scan.peek().is_some() {
            return Err(syntax(Broken("something is behind the value")));
        }
        split.around.push(bytes.get(behind..).unwrap_or_default());
        Ok(Some(split).filter(|split| !split.lists.is_empty()))
    }

    /// Parses what is around the lists, and hands the value with their placeholders to `read`.
    ///
    /// # Errors
    ///
    /// When the text around the lists or, where `read` fails, one of them is not JSON; or else what `read` returned.
    pub(super) fn read<R>(
        &self,
        decoder: &mut Decoder,
        read: impl FnOnce(Value<'_>) -> Result<R, DecodeError>,
    ) -> Result<R, DecodeError> {
        let result = if self.around.is_empty() {
            let nodes = self.lists.first().map(|(_, list)| list.nodes());
            read(Value::new(nodes.as_ref().map_or(&[], |nodes| nodes.as_slice())))
        } else {
            let pieces: Vec<&[u8]> =
                self.around.iter().flat_map(|around| [IN_ITS_PLACE, around]).skip(1).collect();
            let result = decoder.parse_pieces(&pieces, &self.lists, read);
            decoder.give_back(LONG + 1);
            result
        };
        // What is not JSON is refused as such, whatever else is wrong with it. A list that was read has been parsed.
        result.map_err(|error| {
            let broken = match error.kind() {
                DecodeErrorKind::Syntax => Some(error.clone()),
                _ => self.lists.iter().find_map(|(_, list)| list.check().err()),
            };
            broken.map_or(error, DecodeError::without_place)
        })
    }
}

impl Parts<'_> {
    /// Parses it, for nothing but to know that it is JSON.
    fn check(&self) -> Result<(), DecodeError> {
        if self.text.starts_with('[') {
            return self.each(&mut |_, _| Ok(()));
        }
        Ok(())
    }
}

/// Puts the placeholders of lists into the tape of an object.
pub(super) fn put<'a>(nodes: &mut [Node<'a>], lists: &[(usize, Parts<'a>)]) {
    let (mut at, mut field) = (1, 0);
    for (index, list) in lists {
        // Over the key and the value of each field before.
        while field < *index {
            at += 1;
            at += match nodes.get(at) {
                Some(Node::Object { count, .. } | Node::Array { count, .. }) => count + 1,
                _ => 1,
            };
            field += 1;
        }
        if let Some(place) = nodes.get_mut(at + 1..at + 4) {
            place.copy_from_slice(&list.nodes());
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

/// Hands a key without quotes and escapes to `read`.
fn name_of(quoted: &[u8], read: impl FnOnce(&str) -> bool) -> bool {
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    if !inner.contains(&b'\\') {
        return str::from_utf8(inner).is_ok_and(read);
    }
    if inner.len() > LONGEST_KEY {
        return false;
    }
    Decoder::new().parse(quoted, |key| key.as_str().map(read)).unwrap_or(false)
}

#[cfg(test)]
mod tests;
