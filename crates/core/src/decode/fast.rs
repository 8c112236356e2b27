//! The fast path: reads a frame whose keys are in the documented order without parsing it first.
//!
//! Building the tape of a small event costs more than reading the event. The exchange writes its events in one form, so a
//! decoder that expects exactly that text succeeds nearly always. For any other text the result is `None`, and the frame takes
//! the general path: the values are the same, only the time differs.

use crate::decimal;
use crate::event::StreamEvent;
use crate::text::Symbol;
use crate::time::Timestamp;
use rust_decimal::Decimal;

/// The rest of a text that is being read.
#[derive(Debug, Clone, Copy)]
pub struct FastReader<'a> {
    rest: &'a [u8],
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
}

/// Eight ASCII digits as a number, the first one lowest in memory.
#[inline]
const fn eight_digits(chunk: [u8; 8]) -> Option<u64> {
    let digits = u64::from_le_bytes(chunk) ^ 0x3030_3030_3030_3030;
    if (digits | digits.wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    // Pairs, then fours, then all eight.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let low = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(0x000f_4240_0000_0064);
    let high = ((pairs >> 16) & 0x0000_00ff_0000_00ff).wrapping_mul(0x0000_2710_0000_0001);
    Some(low.wrapping_add(high) >> 32)
}

impl<'a> FastReader<'a> {
    /// The text to be read.
    #[inline]
    pub const fn new(text: &'a [u8]) -> Self {
        Self { rest: text }
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
        input.literal(b"{\"stream\":")?;
        let stream = input.text()?;
        input.literal(b",\"data\":")?;
        *self = input;
        Some(stream)
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
        for (length, &byte) in self.rest.iter().enumerate() {
            match byte {
                b'"' => {
                    let (text, rest) = self.rest.split_at_checked(length)?;
                    self.rest = rest.get(1..)?;
                    return std::str::from_utf8(text).ok();
                }
                b'\\' | 0..=0x1f => return None,
                _ => {}
            }
        }
        None
    }

    /// A whole number without a sign, of at most 18 digits.
    #[inline]
    pub fn whole(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        let mut rest = self.rest;
        let mut count = 0;
        if let Some((chunk, behind)) = rest.split_first_chunk::<8>()
            && let Some(eight) = eight_digits(*chunk)
        {
            number = eight;
            rest = behind;
            count = 8;
        }
        while let Some((&byte @ b'0'..=b'9', behind)) = rest.split_first() {
            number = number.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
            rest = behind;
            count += 1;
        }
        // JSON knows no leading zeros, and a point or an exponent would make it another kind of number.
        let is_plain = match count {
            0 | 19.. => false,
            1 => true,
            _ => self.rest.first() != Some(&b'0'),
        };
        if !is_plain || matches!(rest.first(), Some(b'.' | b'e' | b'E')) {
            return None;
        }
        self.rest = rest;
        Some(number)
    }

    /// An identifier for which `-1` stands when there is none.
    #[inline]
    pub fn whole_or_minus_one<T: From<u64>>(&mut self) -> Option<Option<T>> {
        if self.literal(b"-1").is_some() {
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
        let start = *self;
        self.literal(b"\"")?;
        let mut mantissa = 0_i64;
        let mut rest = self.rest;
        let before = rest.len();
        while let Some((&byte @ b'0'..=b'9', behind)) = rest.split_first() {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(i64::from(byte - b'0'));
            rest = behind;
        }
        let mut count = before - rest.len();
        let has_whole = count > 0;
        let mut scale = 0;
        let mut has_point = false;
        if let Some((b'.', behind)) = rest.split_first() {
            has_point = true;
            rest = behind;
            let before = rest.len();
            if let Some((chunk, behind)) = rest.split_first_chunk::<8>()
                && let Some(eight) = eight_digits(*chunk)
            {
                mantissa = mantissa.wrapping_mul(100_000_000).wrapping_add(i64::try_from(eight).ok()?);
                rest = behind;
            }
            while let Some((&byte @ b'0'..=b'9', behind)) = rest.split_first() {
                mantissa = mantissa.wrapping_mul(10).wrapping_add(i64::from(byte - b'0'));
                rest = behind;
            }
            scale = before - rest.len();
            count += scale;
        }
        // 18 digits fit into the mantissa. All that is out of the ordinary takes the careful way.
        if let Some((b'"', behind)) = rest.split_first()
            && has_whole
            && count <= 18
            && has_point == (scale > 0)
        {
            self.rest = behind;
            return Some(Decimal::new(mantissa, u32::try_from(scale).ok()?));
        }
        *self = start;
        decimal::parse(self.text()?).ok()
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

ids!(AggTradeId, TradeId, UpdateId);

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

impl DecodeInOrder for Symbol {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        input.text().map(Self::from_wire)
    }
}

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
        let count = input.list(|input, index| match self.get_mut(index) {
            Some(kept) => kept.decode_in_order_into(input),
            None => {
                self.push(T::decode_in_order(input)?);
                Some(())
            }
        })?;
        self.truncate(count);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Decode, Decoder};
    use proptest::prelude::*;

    /// The value of the fast path, if it reads the whole text.
    fn fast<T: DecodeInOrder>(text: &[u8]) -> Option<T> {
        let mut input = FastReader::new(text);
        let value = T::decode_in_order(&mut input)?;
        input.rest.is_empty().then_some(value)
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
        ] {
            let quoted = format!("\"{text}\"");
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
        fn eight_digits_are_a_number(number in 0_u64..100_000_000) {
            let text = format!("{number:08}");
            let chunk = text.as_bytes().first_chunk::<8>().copied().unwrap();
            prop_assert_eq!(eight_digits(chunk), Some(number));
        }

        #[test]
        fn eight_digits_are_digits(chunk: [u8; 8]) {
            prop_assert_eq!(eight_digits(chunk).is_some(), chunk.iter().all(u8::is_ascii_digit));
        }

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
