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
                // As many as the rest of the frame may hold, if all are like the first. The rest of a long frame is two sides.
                let each = (before - input.rest.len()) / (list.len() + 1) + 1;
                let likely = input.rest.len() / each + 1;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Decode, Decoder};
    use proptest::prelude::*;

    /// The value of the fast path, if it reads the whole text.
    fn fast<T: DecodeInOrder + PartialEq + std::fmt::Debug>(text: &[u8]) -> Option<T> {
        let mut input = FastReader::new(text);
        let value = T::decode_in_order(&mut input).filter(|_| input.rest.is_empty());
        // A text that is known to be UTF-8 gives the same.
        if let Ok(text) = std::str::from_utf8(text) {
            let mut input = FastReader::from(text);
            let again = T::decode_in_order(&mut input).filter(|_| input.rest.is_empty());
            assert_eq!(again, value, "{text:?}");
        }
        value
    }

    /// Reads the text on both paths: a value of the fast path is also that of the general one.
    fn agrees<T: DecodeInOrder + Decode + PartialEq + std::fmt::Debug>(text: &[u8]) -> bool {
        let Some(value) = fast::<T>(text) else { return false };
        let general: T = Decoder::new().decode(text).unwrap_or_else(|error| {
            panic!("{:?} gave {value:?}, but {error}", String::from_utf8_lossy(text))
        });
        assert_eq!(value, general, "{:?}", String::from_utf8_lossy(text));
        true
    }

    #[test]
    fn numbers_are_whole_and_plain() {
        for text in ["0", "7", "12345678", "123456789", "1723161255208", "999999999999999999"] {
            assert!(agrees::<u64>(text.as_bytes()), "{text}");
            assert!(agrees::<Timestamp>(text.as_bytes()), "{text}");
        }
        for text in
            ["", "-1", "01", "00000001", "1.0", "1e3", "12345678.5", "1234567890123456789", "x", "\"1\""]
        {
            assert_eq!(fast::<u64>(text.as_bytes()), None, "{text}");
        }
        let minus_one = |text: &str| FastReader::new(text.as_bytes()).whole_or_minus_one::<u64>();
        assert_eq!(minus_one("-1,"), Some(None));
        assert_eq!(minus_one("5,"), Some(Some(5)));
        assert_eq!((minus_one("-10"), minus_one("-1.5"), minus_one("-2")), (None, None, None));
    }

    #[test]
    fn numbers_may_have_a_sign_where_the_type_has() {
        for text in ["0", "7", "-7", "-2147483648", "2147483647", "-999999999999999999"] {
            assert!(agrees::<i64>(text.as_bytes()), "{text}");
            assert_eq!(agrees::<i32>(text.as_bytes()), text.parse::<i32>().is_ok(), "{text}");
        }
        for text in ["-", "-0", "--1", "-01", "-1.5", "-1e3", "2147483648", "-2147483649"] {
            assert_eq!(fast::<i32>(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_wrapper_of_the_websocket_api_names_the_subscription() {
        let mut input = FastReader::new(b"{\"subscriptionId\":12,\"event\":{\"n\":7}}");
        assert_eq!(input.subscription(), Some(12));
        assert_eq!(Counted::decode_in_order(&mut input, None), Some(Counted(7)));
        assert!(input.finish(true).is_some());
        for text in [
            "{\"subscriptionId\":null,\"event\":{}}",
            "{\"subscriptionId\":1.5,\"event\":{}}",
            "{\"event\":{}}",
        ] {
            let mut input = FastReader::new(text.as_bytes());
            assert_eq!((input.subscription(), input.remaining()), (None, text.len()), "{text}");
        }
    }

    #[test]
    fn decimals_keep_their_scale() {
        for text in [
            "0",
            "0.0",
            "61685.99000000",
            "0.00000001",
            "0.000000001234",
            "123456789.12345678",
            "-5.50",
            "-0.00",
            "92233720368.54775808",
            "123456789012345678901.23",
            "1234567.12345678",
            "1234567.123456789",
            "1.123456789",
        ] {
            let quoted = format!("\"{text}\"");
            // Also where more follows.
            let list = format!("[{quoted},{quoted}]");
            assert!(agrees::<Vec<Decimal>>(list.as_bytes()), "{text}");
            assert!(agrees::<Decimal>(quoted.as_bytes()), "{text}");
            let value: Decimal = fast(quoted.as_bytes()).unwrap();
            assert_eq!(value.to_string(), decimal::parse(text).unwrap().to_string());
        }
        for text in [
            "\"\"",
            "\"1.\"",
            "\".5\"",
            "\"1e5\"",
            "\"+1\"",
            "\"1 \"",
            "1.5",
            "\"1.2.3\"",
            "\"1\\u0030\"",
            "\"1",
        ] {
            assert_eq!(
                fast::<Decimal>(text.as_bytes()).is_some(),
                text == "\".5\"" && decimal::parse(".5").is_ok(),
                "{text}"
            );
        }
    }

    #[test]
    fn texts_have_no_escapes() {
        assert!(agrees::<Symbol>("\"币安人生USDT\"".as_bytes()));
        assert!(agrees::<Symbol>(b"\"BTCUSDT\""));
        assert!(agrees::<Symbol>(b"\"\""));
        for text in [b"\"a\\n\"".as_slice(), b"\"a\nb\"", b"\"\xff\"", b"\"open", b"bare"] {
            assert_eq!(fast::<Symbol>(text), None);
        }
    }

    #[test]
    fn a_frame_ends_where_its_event_ends() {
        for (rest, is_wrapped, ends) in [
            ("", false, true),
            ("}", true, true),
            ("}", false, false),
            ("", true, false),
            ("}}", true, false),
            (" ", false, false),
        ] {
            let end = FastReader::new(rest.as_bytes()).finish(is_wrapped);
            assert_eq!(end.is_some(), ends, "{rest:?} {is_wrapped}");
        }
    }

    #[test]
    fn peeking_passes_over_nothing() {
        let input = FastReader::new(b"{\"s\":\"BTCUSDT\",");
        assert_eq!(input.peek_text(b"{\"s\":"), Some("BTCUSDT"));
        assert_eq!(input.peek_text(b"{\"x\":"), None);
        assert!(input.peek(b"{\"s\"") && !input.peek(b"\"s\""));
        assert_eq!(input.remaining(), 15);
        let mut input = FastReader::new(b"{\"stream\":\"a@n\",\"data\":7}");
        for other in ["", "a@", "a@m", "a@n\"", "a@nn"] {
            assert!(!input.wrapper_of(other), "{other}");
        }
        assert_eq!(input.remaining(), 25);
        assert!(input.wrapper_of("a@n"));
        assert_eq!((input.whole(), input.remaining()), (Some(7), 1));
    }

    /// An event of one number: `{"n":1}`.
    #[derive(Debug, PartialEq)]
    struct Counted(u64);

    impl StreamEvent for Counted {
        fn decode_event(frame: crate::decode::EventFrame<'_>) -> Result<Self, crate::DecodeError> {
            frame.data.get("n").ok_or_else(|| crate::DecodeError::missing("n"))?.as_u64().map(Self)
        }

        fn decode_in_order(input: &mut FastReader<'_>, _: Option<&str>) -> Option<Self> {
            input.literal(b"{\"n\":")?;
            let number = input.whole()?;
            input.literal(b"}").map(|()| Self(number))
        }
    }

    #[test]
    fn a_frame_of_one_event_and_of_several_is_read_in_order() {
        let wrapped = b"{\"stream\":\"a@n\",\"data\":{\"n\":7}}";
        assert_eq!(FastReader::event::<Counted>(wrapped, None), Some((Some("a@n"), Counted(7))));
        assert_eq!(FastReader::event::<Counted>(b"{\"n\":7}", Some("b@n")), Some((None, Counted(7))));
        let mut kept = Counted(0);
        assert_eq!(FastReader::event_into(wrapped, None, &mut kept), Some(Some("a@n")));
        assert_eq!(kept, Counted(7));
        for text in [&b"{\"n\":7}}"[..], b"{\"n\":7", b"{\"stream\":\"a@n\",\"data\":{\"n\":7}"] {
            assert_eq!(FastReader::event::<Counted>(text, None), None);
            assert_eq!(FastReader::event_into(text, None, &mut kept), None);
        }
        let several = FastReader::event::<Vec<Counted>>(b"[{\"n\":1},{\"n\":2}]", None);
        assert_eq!(several, Some((None, vec![Counted(1), Counted(2)])));
        let single = FastReader::event::<Vec<Counted>>(b"{\"n\":1}", None);
        assert_eq!(single, Some((None, vec![Counted(1)])));
    }

    #[test]
    fn lists_are_read_over() {
        let mut kept = vec![1_u64, 2, 3];
        let capacity = kept.capacity();
        assert!(kept.decode_in_order_into(&mut FastReader::new(b"[7,8]")).is_some());
        assert_eq!((kept.as_slice(), kept.capacity()), ([7, 8].as_slice(), capacity));
        assert_eq!(fast::<Vec<u64>>(b"[]"), Some(Vec::new()));
        for text in ["[", "[1", "[1,", "[1,]", "[,1]", "[1 ,2]"] {
            assert_eq!(fast::<Vec<u64>>(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_the_general_way_reads(text in "[-\"0-9.e,\\[\\]a]{0,24}") {
            agrees::<u64>(text.as_bytes());
            agrees::<Decimal>(text.as_bytes());
            agrees::<Symbol>(text.as_bytes());
            agrees::<Vec<Decimal>>(text.as_bytes());
        }

        #[test]
        fn decimals_agree(whole in "[0-9]{1,22}", fraction in "(\\.[0-9]{1,20})?") {
            agrees::<Decimal>(format!("\"{whole}{fraction}\"").as_bytes());
        }
    }
}
