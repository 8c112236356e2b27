//! The fast path gives what the general one gives, or nothing.

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
    let general: T = Decoder::new()
        .decode(text)
        .unwrap_or_else(|error| panic!("{:?} gave {value:?}, but {error}", String::from_utf8_lossy(text)));
    assert_eq!(value, general, "{:?}", String::from_utf8_lossy(text));
    true
}

#[test]
fn numbers_are_whole_and_plain() {
    for text in ["0", "7", "12345678", "123456789", "1723161255208", "999999999999999999"] {
        assert!(agrees::<u64>(text.as_bytes()), "{text}");
        assert!(agrees::<Timestamp>(text.as_bytes()), "{text}");
    }
    for text in ["", "-1", "01", "00000001", "1.0", "1e3", "12345678.5", "1234567890123456789", "x", "\"1\""]
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
    for text in
        ["{\"subscriptionId\":null,\"event\":{}}", "{\"subscriptionId\":1.5,\"event\":{}}", "{\"event\":{}}"]
    {
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
    for text in
        ["\"\"", "\"1.\"", "\".5\"", "\"1e5\"", "\"+1\"", "\"1 \"", "1.5", "\"1.2.3\"", "\"1\\u0030\"", "\"1"]
    {
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

#[test]
fn room_for_levels_is_reserved_for_no_more_than_come() {
    for (level, count) in
        [("[\"61691.25000000\",\"0.00526000\"]", 20), ("[\"1\",\"2\"]", 20), ("[\"1.5\",\"2\"]", 300)]
    {
        let text = format!("[{}]", vec![level; count].join(","));
        let mut levels = Vec::new();
        FastReader::new(text.as_bytes()).pairs(&mut levels, |price, quantity| (price, quantity)).unwrap();
        assert_eq!(levels.len(), count);
        assert!(levels.capacity() <= count + count / 4, "{} for {count} of {level}", levels.capacity());
    }
}
