//! Lists of which one element may be unreadable without the loss of the others.

use crate::decode::{
    Decode, DecodeError, DecodeErrorKind, DecodeInOrder, EventFrame, FastReader, Layout, Value, ValueKind,
};
use crate::encode::{Encode, JsonWriter};
use crate::event::StreamEvent;
use crate::time::Timestamp;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// Maximum number of unreadable elements that a list keeps; more are only counted.
const MAX_KEPT: usize = 100;
/// Maximum length of the text that is kept of an unreadable element, in bytes.
const MAX_TEXT: usize = 4096;
/// Maximum length of all texts that a list keeps, in bytes.
const MAX_TEXTS: usize = 64 * 1024;

/// The elements of an array in an answer or event: symbols, orders, tickers.
///
/// It is used like a `Vec`, whose elements are those that could be read. An element that could not is not among them: it is in
/// [`List::unreadable`] with its text and its error. Event streams report such elements as items of their own.
///
/// Lists whose meaning depends on every element (the levels of a book) are no `List`s: with one unreadable element the whole
/// answer or event is.
///
/// ```
/// use binance_kit_core::{Decoder, List};
///
/// let list: List<u64> = Decoder::new().decode(br#"[1,"x",3]"#)?;
/// assert_eq!(list[..], [1, 3]);
/// let [bad] = list.unreadable() else { panic!("one is unreadable") };
/// assert_eq!((bad.index, bad.text.as_str()), (1, r#""x""#));
/// # Ok::<_, binance_kit_core::DecodeError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct List<T> {
    /// The elements that could be read, in their order.
    elements: Vec<T>,
    /// Those that could not. Boxed: there are none nearly always.
    unreadable: Option<Box<Unreadables>>,
}

/// The unreadable elements of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Unreadables {
    /// The first of them.
    kept: Vec<UnreadableElement>,
    /// Number of all of them.
    count: usize,
    /// Length of the texts that are kept, in bytes.
    bytes: usize,
}

/// An element of a [`List`] that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnreadableElement {
    /// Its place in the array, counted from 0.
    pub index: usize,
    /// The element as JSON text, at most 4 KiB of it, and less where a list has many such elements (64 KiB in all).
    pub text: String,
    /// Whether `text` is not all of the element.
    pub is_cut: bool,
    /// Why it could not be read; its path begins at the element.
    pub error: DecodeError,
}

/// As a list, and with the unreadable elements where there are any.
impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.unreadable {
            None => self.elements.fmt(f),
            Some(unreadable) => f
                .debug_struct("List")
                .field("elements", &self.elements)
                .field("unreadable", &unreadable.kept)
                .finish_non_exhaustive(),
        }
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { elements: Vec::new(), unreadable: None }
    }
}

impl<T> List<T> {
    /// The elements that could not be read, in their order: the first 100 of them.
    pub fn unreadable(&self) -> &[UnreadableElement] {
        self.unreadable.as_ref().map_or(&[], |unreadable| &unreadable.kept)
    }

    /// Number of elements that could not be read.
    pub fn unreadable_count(&self) -> usize {
        self.unreadable.as_ref().map_or(0, |unreadable| unreadable.count)
    }

    /// All elements, where a program needs every one of them.
    ///
    /// # Errors
    ///
    /// The error of the first element that could not be read, with its place.
    pub fn whole(self) -> Result<Vec<T>, DecodeError> {
        match self.unreadable().first() {
            None => Ok(self.elements),
            Some(first) => Err(first.error.clone().at_index(first.index)),
        }
    }

    /// The elements that could be read.
    pub fn into_vec(self) -> Vec<T> {
        self.elements
    }

    #[cold]
    fn keep(&mut self, index: usize, value: Value<'_>, error: DecodeError) {
        let unreadable = self.unreadable.get_or_insert_default();
        unreadable.count += 1;
        if unreadable.kept.len() >= MAX_KEPT {
            return;
        }
        let room = MAX_TEXT.min(MAX_TEXTS.saturating_sub(unreadable.bytes));
        let (text, is_cut) = value.to_json_within(room);
        unreadable.bytes += text.len();
        unreadable.kept.push(UnreadableElement { index, text, is_cut, error });
    }

    /// Reads the elements over those that are there, with `read` and `read_over`.
    fn fill<'a>(
        &mut self,
        value: Value<'a>,
        read: impl Fn(Value<'a>) -> Result<T, DecodeError>,
        read_over: impl Fn(&mut T, Value<'a>) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let array = value.array()?;
        self.unreadable = None;
        self.elements.truncate(array.size_hint().0);
        self.elements.reserve(array.room_for::<T>().saturating_sub(self.elements.len()));
        let mut filled = 0;
        for (index, value) in array.enumerate() {
            let result = match self.elements.get_mut(filled) {
                Some(kept) => read_over(kept, value),
                None => read(value).map(|element| self.elements.push(element)),
            };
            match result {
                Ok(()) => filled += 1,
                Err(error) => self.keep(index, value, error),
            }
        }
        self.elements.truncate(filled);
        if self.unreadable.is_some() {
            // Room for elements that are not there.
            self.elements.shrink_to_fit();
        }
        Ok(())
    }
}

impl<T> Deref for List<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.elements
    }
}

impl<T> DerefMut for List<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.elements
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(elements: Vec<T>) -> Self {
        Self { elements, unreadable: None }
    }
}

impl<T> From<List<T>> for Vec<T> {
    fn from(list: List<T>) -> Self {
        list.elements
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Vec::from_iter(elements).into()
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.elements.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.elements.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut List<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.elements.iter_mut()
    }
}

/// Compares the elements; a list with unreadable ones equals no `Vec`.
impl<T: PartialEq> PartialEq<Vec<T>> for List<T> {
    fn eq(&self, other: &Vec<T>) -> bool {
        self.unreadable.is_none() && self.elements == *other
    }
}

/// Compares the elements; a list with unreadable ones equals no `Vec`.
impl<T: PartialEq> PartialEq<List<T>> for Vec<T> {
    fn eq(&self, other: &List<T>) -> bool {
        other == self
    }
}

/// Compares the elements; a list with unreadable ones equals no array.
impl<T: PartialEq, const N: usize> PartialEq<[T; N]> for List<T> {
    fn eq(&self, other: &[T; N]) -> bool {
        self.unreadable.is_none() && self.elements == *other
    }
}

impl<T: Decode> Decode for List<T> {
    const LAYOUT: Layout = Layout::List;

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut list = Self::default();
        list.decode_into(value)?;
        Ok(list)
    }

    fn decode_into(&mut self, value: Value<'_>) -> Result<(), DecodeError> {
        let Some(parts) = value.list_parts() else { return self.fill(value, T::decode, T::decode_into) };
        self.unreadable = None;
        self.elements.clear();
        self.elements.reserve_exact(parts.room_for::<T>());
        parts.each(&mut |index, value| {
            match value.decode() {
                Ok(element) => self.elements.push(element),
                // Found only where the element is read, but the list is no JSON.
                Err(error) if value.parts().is_some() && error.kind() == DecodeErrorKind::Syntax => {
                    return Err(error);
                }
                Err(error) => self.keep(index, value, error),
            }
            Ok(())
        })?;
        if self.unreadable.is_some() {
            self.elements.shrink_to_fit();
        }
        Ok(())
    }
}

impl<T: DecodeInOrder> DecodeInOrder for List<T> {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        <Vec<T> as DecodeInOrder>::decode_in_order(input).map(Self::from)
    }

    #[inline]
    fn decode_in_order_into(&mut self, input: &mut FastReader<'_>) -> Option<()> {
        self.unreadable = None;
        DecodeInOrder::decode_in_order_into(&mut self.elements, input)
    }
}

/// The elements that could be read, and the unreadable ones at their places where their texts are whole.
impl<T: Encode> Encode for List<T> {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_array();
        let mut unreadable = self.unreadable().iter().filter(|element| !element.is_cut).peekable();
        let mut elements = self.elements.iter();
        let mut index = 0;
        loop {
            if let Some(element) = unreadable.next_if(|element| element.index <= index) {
                json.element();
                json.literal(&element.text);
            } else if let Some(element) = elements.next() {
                json.element();
                element.encode(json);
            } else if let Some(element) = unreadable.next() {
                json.element();
                json.literal(&element.text);
            } else {
                break;
            }
            index += 1;
        }
        json.end_array();
    }
}

/// Several events in one frame (`!miniTicker@arr`); a frame with a single event gives a list of one.
impl<E: StreamEvent> StreamEvent for List<E> {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        let mut events = Self::default();
        events.decode_event_into(frame)?;
        Ok(events)
    }

    fn decode_event_into(&mut self, frame: EventFrame<'_>) -> Result<(), DecodeError> {
        if frame.data.kind() != ValueKind::Array {
            self.unreadable = None;
            self.elements.truncate(1);
            return match self.elements.first_mut() {
                Some(kept) => kept.decode_event_into(frame),
                None => E::decode_event(frame).map(|event| self.elements.push(event)),
            };
        }
        self.fill(
            frame.data,
            |data| E::decode_event(EventFrame { data, ..frame }),
            |kept, data| kept.decode_event_into(EventFrame { data, ..frame }),
        )
    }

    fn decode_in_order(input: &mut FastReader<'_>, stream: Option<&str>) -> Option<Self> {
        <Vec<E> as StreamEvent>::decode_in_order(input, stream).map(Self::from)
    }

    fn decode_in_order_into(&mut self, input: &mut FastReader<'_>, stream: Option<&str>) -> Option<()> {
        self.unreadable = None;
        StreamEvent::decode_in_order_into(&mut self.elements, input, stream)
    }

    fn each_unreadable(&self, each: &mut dyn FnMut(&UnreadableElement)) {
        self.unreadable().iter().for_each(&mut *each);
        self.elements.iter().for_each(|event| event.each_unreadable(each));
    }

    fn event_time(&self) -> Option<Timestamp> {
        self.elements.event_time()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Decoder;

    fn decode(text: &str) -> List<u64> {
        Decoder::new().decode(text.as_bytes()).unwrap()
    }

    #[test]
    fn unreadable_elements_are_kept_beside_the_others() {
        let text = r#"[{"a":[1]},7,"x",8,null]"#;
        let list = decode(text);
        assert_eq!((list.as_slice(), list.unreadable_count()), ([7, 8].as_slice(), 3));
        let kept: Vec<_> =
            list.unreadable().iter().map(|bad| (bad.index, bad.text.as_str(), bad.is_cut)).collect();
        assert_eq!(kept, [(0, r#"{"a":[1]}"#, false), (2, "\"x\"", false), (4, "null", false)]);
        assert!(list.unreadable().iter().all(|bad| bad.error.path().is_empty()));
        assert_eq!(list.to_json(), text, "it is written as it came");
        assert_ne!(list, vec![7, 8], "a list that lacks something equals no whole one");
        assert_eq!(list.whole().unwrap_err().path(), "[0]");
        assert_eq!(decode("[7,8]").whole().unwrap(), [7, 8]);
        assert!(Decoder::new().decode::<List<u64>>(b"{}").is_err(), "no array at all");
    }

    /// An event that is a number.
    #[derive(Debug)]
    struct Number(u64);

    impl StreamEvent for Number {
        fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
            frame.data.as_u64().map(Self)
        }
    }

    #[test]
    fn unreadable_elements_of_lists_within_events_are_reported() {
        let read = |data: Value<'_>| {
            Vec::<List<Number>>::decode_event(EventFrame { stream: None, subscription: None, data })
        };
        let events = Decoder::new().parse(br#"[[1,"x"],["y","z",2]]"#, read).unwrap();
        let mut texts = Vec::new();
        events.each_unreadable(&mut |element| texts.push(element.text.clone()));
        assert_eq!(texts, ["\"x\"", "\"y\"", "\"z\""]);
        assert_eq!(events.iter().flatten().map(|number| number.0).sum::<u64>(), 3);
    }

    #[test]
    fn a_list_is_read_over() {
        let mut list = decode("[1,2,3,4]");
        let capacity = list.capacity();
        let mut decoder = Decoder::new();
        decoder.parse(b"[5,6]", |value| list.decode_into(value)).unwrap();
        assert_eq!((list.as_slice(), list.capacity()), ([5, 6].as_slice(), capacity));
        decoder.parse(br#"["x",7,"y",8,9]"#, |value| list.decode_into(value)).unwrap();
        assert_eq!((list.as_slice(), list.unreadable_count()), ([7, 8, 9].as_slice(), 2));
        decoder.parse(b"[1]", |value| list.decode_into(value)).unwrap();
        assert_eq!(list, [1]);
        assert!(list.unreadable().is_empty());
    }

    #[test]
    fn what_is_kept_of_unreadable_elements_is_bounded() {
        let long = format!("\"{}\"", "ä".repeat(10_000));
        let list = decode(&format!("[{long},7]"));
        let [bad] = list.unreadable() else { panic!("one is unreadable") };
        assert!(
            bad.is_cut && bad.text.len() <= MAX_TEXT && bad.text.starts_with("\"ä"),
            "{}",
            bad.text.len()
        );
        assert_eq!(list.to_json(), "[7]", "half an element is not written");
        let many = format!("[{},7]", vec![long.as_str(); 500].join(","));
        let list = decode(&many);
        assert_eq!((list.as_slice(), list.unreadable_count()), ([7].as_slice(), 500));
        assert_eq!(list.unreadable().len(), MAX_KEPT);
        assert!(list.unreadable().iter().map(|bad| bad.text.len()).sum::<usize>() <= MAX_TEXTS);
        let nothing = format!("[{}]", vec!["true"; 100_000].join(","));
        let list = decode(&nothing);
        assert_eq!((list.unreadable_count(), list.capacity()), (100_000, 0));
    }
}
