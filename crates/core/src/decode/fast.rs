//! The fast path: reads a frame whose keys are in the documented order without parsing it first.
//!
//! Building the tape of a small event costs more than reading the event. The exchange writes its events in one form, so a
//! decoder that expects exactly that text succeeds nearly always. For any other text the result is `None`, and the frame takes
//! the general path: the values are the same, only the time differs.

use super::swar;
use crate::decimal;
use crate::event::StreamEvent;
use crate::text::{Asset, ClientOrderId, Symbol};
use crate::time::Timestamp;
use rust_decimal::Decimal;

#[cfg(test)]
mod tests;

/// The rest of a text that is being read.
#[derive(Debug, Clone, Copy)]
pub struct FastReader<'a> {
    /// The whole text, if it is known to be UTF-8: what is cut of it is not checked again.
    text: Option<&'a str>,
    /// What is not read yet: the end of the text.
    rest: &'a [u8],
}

impl<'a> From<&'a str> for FastReader<'a> {
    #[inline]
    fn from(text: &'a str) -> Self {
        Self { text: Some(text), rest: text.as_bytes() }
    }
}

/// A value that the fast path can read.
pub trait DecodeInOrder: Sized {
    /// Reads the value; `None` when the text is anything but what the exchange is known to write, and then how much was
    /// read is unspecified.
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self>;

    /// Reads the value over this one, keeping its buffers. After `None` the content is unspecified but valid.
    #[inline]
    fn decode_in_order_into(&mut self, input: &mut FastReader<'_>) -> Option<()> {
        *self = Self::decode_in_order(input)?;
        Some(())
    }

    /// Reads a list over this one, keeping its buffers. After `None` the content is unspecified but valid.
    #[inline]
    fn decode_list_in_order(list: &mut Vec<Self>, input: &mut FastReader<'_>) -> Option<()> {
        let count = input.list(|input, index| match list.get_mut(index) {
            Some(kept) => kept.decode_in_order_into(input),
            None => {
                list.push(Self::decode_in_order(input)?);
                Some(())
            }
        })?;
        list.truncate(count);
        Some(())
    }
}

impl<'a> FastReader<'a> {
    /// The text to be read. Each text in it is checked to be UTF-8 when it is read: for a few of them that is faster than
    /// [`FastReader::checked`].
    #[inline]
    pub const fn new(text: &'a [u8]) -> Self {
        Self { text: None, rest: text }
    }

    /// The text to be read, if it is UTF-8: it is checked at once, sixteen bytes or more at a time. A `&str` is not checked
    /// again: `FastReader::from`.
    #[inline]
    pub fn checked(text: &'a [u8]) -> Option<Self> {
        simdutf8::basic::from_utf8(text).ok().map(Self::from)
    }

    /// Reads a whole frame that holds one event: as it is, or in the combined wrapper. `stream` is the name that a
    /// connection with a single stream knows. Gives the name that the wrapper says, too.
    ///
    /// `None` means nothing but that the frame must be decoded with [`super::Decoder`].
    #[inline]
    pub fn event<E: StreamEvent>(text: &'a [u8], stream: Option<&'a str>) -> Option<(Option<&'a str>, E)> {
        let mut input = Self::new(text);
        let wrapper = input.wrapper();
        let event = E::decode_in_order(&mut input, wrapper.or(stream))?;
        input.finish(wrapper.is_some())?;
        Some((wrapper, event))
    }

    /// As [`FastReader::event`], but over an event that is there already, whose buffers are kept. After `None` its content
    /// is unspecified but valid.
    #[inline]
    pub fn event_into<E: StreamEvent>(
        text: &'a [u8],
        stream: Option<&'a str>,
        kept: &mut E,
    ) -> Option<Option<&'a str>> {
        let mut input = Self::new(text);
        let wrapper = input.wrapper();
        kept.decode_in_order_into(&mut input, wrapper.or(stream))?;
        input.finish(wrapper.is_some())?;
        Some(wrapper)
    }

    /// Passes over the combined wrapper up to the event, if there is one, and gives the name of the stream in it.
    #[inline]
    pub fn wrapper(&mut self) -> Option<&'a str> {
        let mut input = *self;
        input.literal(b"{\"stream\":\"")?;
        let stream = input.text_inside()?;
        input.literal(b"\",\"data\":")?;
        *self = input;
        Some(stream)
    }

    /// Passes over the combined wrapper up to the event, if it is one of this stream. Says whether it is.
    #[inline]
    pub fn wrapper_of(&mut self, stream: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(b"{\"stream\":\"") else { return false };
        let Some(rest) = rest.strip_prefix(stream.as_bytes()) else { return false };
        let Some(rest) = rest.strip_prefix(b"\",\"data\":") else { return false };
        self.rest = rest;
        true
    }

    /// Passes over the wrapper of an event of the WebSocket API, if it comes next, and gives the number of its subscription.
    #[inline]
    pub fn subscription(&mut self) -> Option<u64> {
        let mut input = *self;
        input.literal(b"{\"subscriptionId\":")?;
        let subscription = input.whole()?;
        input.literal(b",\"event\":")?;
        *self = input;
        Some(subscription)
    }

    /// Number of bytes that are not read yet.
    #[inline]
    pub const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Checks that nothing follows the event but the end of its wrapper, if it came in one.
    #[inline]
    pub fn finish(mut self, is_wrapped: bool) -> Option<()> {
        if is_wrapped {
            self.literal(b"}")?;
        }
        self.rest.is_empty().then_some(())
    }

    /// Passes over exactly this text.
    #[inline]
    pub fn literal<const N: usize>(&mut self, text: &[u8; N]) -> Option<()> {
        let (head, rest) = self.rest.split_first_chunk::<N>()?;
        if head != text {
            return None;
        }
        self.rest = rest;
        Some(())
    }

    /// What stands between the quotes after this opening, without passing over anything.
    #[inline]
    pub fn peek_text<const N: usize>(&self, opening: &[u8; N]) -> Option<&'a str> {
        let mut ahead = *self;
        ahead.literal(opening)?;
        ahead.text()
    }

    /// Whether this text comes next.
    #[inline]
    pub fn peek<const N: usize>(&self, text: &[u8; N]) -> bool {
        self.rest.first_chunk::<N>() == Some(text)
    }

    /// A text in quotes, without escapes.
    #[inline]
    pub fn text(&mut self) -> Option<&'a str> {
        self.literal(b"\"")?;
        let text = self.text_inside()?;
        self.literal(b"\"")?;
        Some(text)
    }

    /// A text without escapes, whose opening quote is read; stops at the closing one.
    #[expect(
        clippy::inline_always,
        reason = "the reader stays in registers as long as no function is given its address"
    )]
    #[inline(always)]
    pub fn text_inside(&mut self) -> Option<&'a str> {
        let mut length = 16;
        if let Some(window) = self.rest.first_chunk::<16>() {
            length = swar::end_of_text(window);
        }
        if length == 16 {
            length = end_of_text(self.rest);
        }
        if self.rest.get(length) != Some(&b'"') {
            return None;
        }
        let (text, rest) = self.rest.split_at_checked(length)?;
        let text = match self.text {
            Some(whole) => {
                let start = whole.len().checked_sub(self.rest.len())?;
                whole.get(start..start + length)?
            }
            None => std::str::from_utf8(text).ok()?,
        };
        self.rest = rest;
        Some(text)
    }

    /// A whole number without a sign, of at most 18 digits. What follows must be checked by the caller: a point or an exponent
    /// would make it another number.
    #[expect(
        clippy::inline_always,
        reason = "the reader stays in registers as long as no function is given its address"
    )]
    #[inline(always)]
    pub fn whole(&mut self) -> Option<u64> {
        let (mut number, mut count) = (0, 0);
        if let Some(window) = self.rest.first_chunk::<16>() {
            (number, count) = swar::whole(window);
        }
        if count == 0 {
            (number, count) = whole_by_digits(self.rest);
        }
        // JSON knows no leading zeros.
        if count == 0 || (count > 1 && self.rest.first() == Some(&b'0')) {
            return None;
        }
        self.rest = self.rest.get(count..)?;
        Some(number)
    }

    /// An identifier for which `-1` stands when there is none.
    #[inline]
    pub fn whole_or_minus_one<T: From<u64>>(&mut self) -> Option<Option<T>> {
        if self.peek(b"-1") {
            self.literal(b"-1")?;
            return (!matches!(self.rest.first(), Some(b'0'..=b'9' | b'.' | b'e' | b'E'))).then_some(None);
        }
        self.whole().map(|number| Some(T::from(number)))
    }

    /// A value, or `null`.
    #[inline]
    pub fn or_null<T: DecodeInOrder>(&mut self) -> Option<Option<T>> {
        if self.literal(b"null").is_some() {
            return Some(None);
        }
        T::decode_in_order(self).map(Some)
    }

    /// A decimal in quotes, with its scale.
    #[inline]
    pub fn decimal(&mut self) -> Option<Decimal> {
        self.literal(b"\"")?;
        let number = self.decimal_inside()?;
        self.literal(b"\"")?;
        Some(number)
    }

    /// A decimal whose opening quote is read; stops at the closing one, which must be checked by the caller.
    #[expect(
        clippy::inline_always,
        reason = "the reader stays in registers as long as no function is given its address"
    )]
    #[inline(always)]
    pub fn decimal_inside(&mut self) -> Option<Decimal> {
        if let Some(window) = self.rest.first_chunk::<16>() {
            let (mantissa, scale, length) = swar::decimal(window);
            if length > 0 {
                let rest = self.rest.get(length..)?;
                if !starts_with_digit(rest) {
                    self.rest = rest;
                    return Some(swar::unsigned(mantissa, scale));
                }
            }
        }
        let (number, length) = decimal_by_text(self.rest)?;
        self.rest = self.rest.get(length..)?;
        Some(number)
    }

    /// A list. The closure is given the element's place.
    #[inline]
    fn list(&mut self, mut element: impl FnMut(&mut Self, usize) -> Option<()>) -> Option<usize> {
        self.literal(b"[")?;
        if self.literal(b"]").is_some() {
            return Some(0);
        }
        let mut count = 0;
        loop {
            element(self, count)?;
            count += 1;
            if self.literal(b",").is_none() {
                self.literal(b"]")?;
                return Some(count);
            }
        }
    }

    /// A list of pairs of decimals, as the levels of a book are written: `[["1.5","2"],…]`. `pair` makes an element.
    #[inline]
    pub fn pairs<T>(&mut self, list: &mut Vec<T>, pair: impl Fn(Decimal, Decimal) -> T) -> Option<()> {
        list.clear();
        if self.literal(b"[]").is_some() {
            return Some(());
        }
        // A reader of its own stays in registers.
        let mut input = *self;
        input.literal(b"[[\"")?;
        let before = input.rest.len();
        loop {
            let first = input.decimal_inside()?;
            input.literal(b"\",\"")?;
            let second = input.decimal_inside()?;
            if list.len() == list.capacity() {
                // As many as the rest of the frame may hold, if all are like those before: what was read, and the five bytes
                // that end an element. The rest of a long frame is two sides.
                let each = (before - input.rest.len() + 5) / (list.len() + 1);
                let likely = input.rest.len() / each.max(10) + 1;
                list.reserve(if likely <= 64 { likely } else { likely / 2 + 8 });
            }
            list.push(pair(first, second));
            if input.literal(b"\"],[\"").is_none() {
                input.literal(b"\"]]")?;
                *self = input;
                return Some(());
            }
        }
    }

    /// A list of events.
    #[inline]
    pub(crate) fn events<E: StreamEvent>(&mut self, stream: Option<&str>, events: &mut Vec<E>) -> Option<()> {
        let count = self.list(|input, index| match events.get_mut(index) {
            Some(kept) => kept.decode_in_order_into(input, stream),
            None => {
                events.push(E::decode_in_order(input, stream)?);
                Some(())
            }
        })?;
        events.truncate(count);
        Some(())
    }

    /// Whether a list comes next.
    #[inline]
    pub(crate) fn is_list(&self) -> bool {
        self.peek(b"[")
    }
}

/// Whether a decimal goes on behind its eighth digit.
#[inline]
fn starts_with_digit(rest: &[u8]) -> bool {
    rest.first().is_some_and(u8::is_ascii_digit)
}

/// Where a text ends that is longer than most, or stands at the end of the frame; the length of all if nowhere.
#[inline(never)]
fn end_of_text(rest: &[u8]) -> usize {
    rest.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)).unwrap_or(rest.len())
}

/// What is left of a frame that ends within the window.
#[inline]
fn last_window(rest: &[u8]) -> [u8; 16] {
    let mut window = [0; 16];
    if let Some(start) = window.get_mut(..rest.len()) {
        start.copy_from_slice(rest);
    }
    window
}

/// A number of more digits than most, or at the end of the frame, and its length; 0 if there is none.
#[inline(never)]
fn whole_by_digits(rest: &[u8]) -> (u64, usize) {
    if rest.len() < 16 {
        return swar::whole(&last_window(rest));
    }
    let mut number = 0_u64;
    let mut count = 0;
    for byte in rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        count += 1;
    }
    (number, if count > 18 { 0 } else { count })
}

/// A decimal with a sign or of more digits than most, or at the end of the frame; and its length.
#[inline(never)]
fn decimal_by_text(rest: &[u8]) -> Option<(Decimal, usize)> {
    if rest.len() < 16 {
        let (mantissa, scale, length) = swar::decimal(&last_window(rest));
        if length > 0 && !rest.get(length..).is_some_and(starts_with_digit) {
            return Some((swar::unsigned(mantissa, scale), length));
        }
    }
    let length = end_of_text(rest);
    let text = rest.get(..length)?;
    let number = match swar::decimal_of(text) {
        Some((mantissa, scale)) => Decimal::new(mantissa, scale),
        None => decimal::parse(std::str::from_utf8(text).ok()?).ok()?,
    };
    Some((number, length))
}

impl DecodeInOrder for u64 {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        input.whole()
    }
}

macro_rules! small_integers {
    ($($type:ty),*) => {$(
        impl DecodeInOrder for $type {
            #[inline]
            fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
                input.whole().and_then(|number| Self::try_from(number).ok())
            }
        }
    )*};
}

small_integers!(u8, u32);

macro_rules! ids {
    ($($type:ident),*) => {$(
        impl DecodeInOrder for crate::id::$type {
            #[inline]
            fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
                input.whole().map(Self)
            }
        }
    )*};
}

ids!(AggTradeId, AllocationId, ExecutionId, OrderId, OrderListId, PreventedMatchId, TradeId, UpdateId);

impl DecodeInOrder for Timestamp {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        input.whole().and_then(|number| i64::try_from(number).ok()).map(Self::from_wire)
    }
}

impl DecodeInOrder for Decimal {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        input.decimal()
    }
}

macro_rules! signed_integers {
    ($($type:ty),*) => {$(
        impl DecodeInOrder for $type {
            #[inline]
            fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
                if input.peek(b"-") {
                    input.literal(b"-")?;
                    // A zero with a sign is left to the general path.
                    let number = input.whole().filter(|number| *number > 0)?;
                    return i64::try_from(number).ok().and_then(|number| Self::try_from(-number).ok());
                }
                input.whole().and_then(|number| Self::try_from(number).ok())
            }
        }
    )*};
}

signed_integers!(i32, i64);

macro_rules! texts {
    ($($type:ident),*) => {$(
        impl DecodeInOrder for $type {
            #[inline]
            fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
                input.text().map(Self::from_wire)
            }
        }
    )*};
}

texts!(Asset, ClientOrderId, Symbol);

impl DecodeInOrder for bool {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        if input.literal(b"true").is_some() {
            return Some(true);
        }
        input.literal(b"false").map(|()| false)
    }
}

impl<T: DecodeInOrder> DecodeInOrder for Vec<T> {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        let mut list = Self::new();
        list.decode_in_order_into(input)?;
        Some(list)
    }

    #[inline]
    fn decode_in_order_into(&mut self, input: &mut FastReader<'_>) -> Option<()> {
        T::decode_list_in_order(self, input)
    }
}
