//! Payloads that are not what the documents show: numbers written otherwise, of another type, too long, or twice.

use binance_kit_core::decimal::{self, DecimalError};
use binance_kit_core::decode::{Decode, DecodeError, DecodeErrorKind, Decoder, Value, field, required};
use binance_kit_core::id::OrderId;
use binance_kit_core::{Decimal, Timestamp};
use proptest::prelude::*;

fn decode<T: Decode>(text: &str) -> Result<T, DecodeError> {
    Decoder::new().decode(text.as_bytes())
}

/// An order as small as it can be.
#[derive(Debug, PartialEq)]
struct Order {
    id: OrderId,
    price: Decimal,
}

impl Decode for Order {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let (mut id, mut price) = (None, None);
        for (key, value) in value.object()? {
            match key {
                "i" => field(&mut id, "i", value)?,
                "p" => field(&mut price, "p", value)?,
                _ => {}
            }
        }
        Ok(Self { id: required(id, "i")?, price: required(price, "p")? })
    }
}

#[test]
fn e6_numbers_may_be_texts_and_nothing_else_may() {
    let expected = Order { id: OrderId(7), price: Decimal::new(150, 2) };
    for text in [r#"{"i":7,"p":"1.50"}"#, r#"{"i":"7","p":"1.50"}"#, r#"{"i":7,"p":1.50}"#] {
        assert_eq!(decode::<Order>(text).unwrap(), expected, "{text}");
    }
    for (text, path, kind) in [
        (r#"{"i":null,"p":"1"}"#, "i", DecodeErrorKind::WrongType),
        (r#"{"i":[],"p":"1"}"#, "i", DecodeErrorKind::WrongType),
        (r#"{"i":7.5,"p":"1"}"#, "i", DecodeErrorKind::WrongType),
        (r#"{"i":true,"p":"1"}"#, "i", DecodeErrorKind::WrongType),
        (r#"{"i":"7.0","p":"1"}"#, "i", DecodeErrorKind::InvalidValue),
        (r#"{"i":"","p":"1"}"#, "i", DecodeErrorKind::InvalidValue),
        (r#"{"i":7,"p":{}}"#, "p", DecodeErrorKind::WrongType),
        (r#"{"i":7,"p":null}"#, "p", DecodeErrorKind::WrongType),
        (r#"{"i":7,"p":"1.5x"}"#, "p", DecodeErrorKind::InvalidValue),
        (r#"{"i":7}"#, "p", DecodeErrorKind::MissingField),
    ] {
        let error = decode::<Order>(text).unwrap_err();
        assert_eq!((error.path().as_ref(), error.kind()), (path, kind), "{text}");
    }
}

#[test]
fn e7_a_key_twice_and_numbers_that_are_none() {
    let twice = decode::<Order>(r#"{"i":7,"p":"1","i":8}"#).unwrap_err();
    assert_eq!(twice.kind(), DecodeErrorKind::DuplicateField);
    // Two keys of a field that is not read are ignored.
    assert!(decode::<Order>(r#"{"x":7,"i":7,"x":8,"p":"1"}"#).is_ok());
    for text in
        ["NaN", "Infinity", "-Infinity", "01", "-01", "1.", ".5", "+1", "0x1", "1_000", "--1", "1e", "٣"]
    {
        assert_eq!(decode::<u64>(text).unwrap_err().kind(), DecodeErrorKind::Syntax, "{text}");
        assert_eq!(decode::<Decimal>(text).unwrap_err().kind(), DecodeErrorKind::Syntax, "{text}");
    }
    // Twenty digits: the largest number there is, and one more.
    assert_eq!(decode::<u64>("18446744073709551615").unwrap(), u64::MAX);
    assert!(decode::<u64>("18446744073709551616").is_err());
    assert!(decode::<u64>("99999999999999999999").is_err());
    assert!(decode::<u64>("1e3").is_err(), "an id is no float");
    assert!(decode::<u64>("1.0").is_err());
    // As an id, minus zero is zero or nothing; in no case another number.
    assert!(decode::<u64>("-0").is_ok_and(|id| id == 0) || decode::<u64>("-0").is_err());
    assert!(decode::<Decimal>("-0").unwrap().is_zero());
    assert_eq!(decode::<Decimal>("\"-0.0\"").unwrap().to_string(), "0.0");
    for text in ["\"1e3\"", "\"NaN\"", "\"+1\"", "\" 1\"", "\"1,5\"", "\"\""] {
        assert_eq!(decode::<Decimal>(text).unwrap_err().kind(), DecodeErrorKind::InvalidValue, "{text}");
    }
}

#[test]
fn e9_extremes_are_exact_or_refused() {
    for text in [
        "0.000000000000000001",
        "1000000000000000000",
        "1000000000000000000.00000001",
        "79228162514264337593543950335",
        "0.0000000000000000000000000001",
        "-79228162514264337593543950335",
    ] {
        assert_eq!(decimal::parse(text).unwrap().to_string(), text);
    }
    for text in ["79228162514264337593543950336", "0.00000000000000000000000000001"] {
        assert_eq!(decimal::parse(text), Err(DecimalError::OutOfRange), "{text}");
    }
}

#[test]
fn e10_both_units_of_time_are_distinguished() {
    // The same instant, as either kind of connection writes it, also mixed in one list.
    let times: Vec<Timestamp> = decode("[1672515782136,1672515782136000,\"1672515782136\"]").unwrap();
    assert!(times.windows(2).all(|pair| pair[0] == pair[1]));
    let exact: Timestamp = decode("1672515782136789").unwrap();
    assert_eq!(exact.since(times[0]).as_micros(), 789);
    // What is no time at all is refused rather than guessed.
    for text in ["\"yesterday\"", "1672515782136.5", "null", "1672515782136000000000"] {
        assert!(decode::<Timestamp>(text).is_err(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    /// Whole numbers: what another parser reads is what ours reads.
    #[test]
    fn e7_whole_numbers_agree_with_another_parser(text in "-?[0-9]{1,21}(\\.[0-9]{1,3})?(e[0-9])?") {
        let ours = decode::<u64>(&text).ok();
        let theirs = serde_json::from_str::<u64>(&text).ok();
        // Minus zero is a float to the other one.
        prop_assert!(ours == theirs || (text == "-0" && ours == Some(0)), "{text}: {ours:?} {theirs:?}");
    }

    /// Decimals: exact, or refused where 96 bits and 28 places do not hold them; by arithmetic on whole numbers.
    #[test]
    fn e9_decimals_agree_with_whole_numbers(
        negative: bool,
        whole in "[0-9]{1,32}",
        fraction in "[0-9]{0,31}",
    ) {
        let text = format!(
            "{}{whole}{}{fraction}",
            if negative { "-" } else { "" },
            if fraction.is_empty() { "" } else { "." }
        );
        let digits = format!("{whole}{fraction}");
        let mantissa = digits.trim_start_matches('0').parse::<u128>().ok().or_else(|| {
            digits.bytes().all(|digit| digit == b'0').then_some(0)
        });
        let scale = u32::try_from(fraction.len()).unwrap();
        let fits = mantissa.is_some_and(|mantissa| mantissa < 1 << 96) && scale <= 28;
        match decimal::parse(&text) {
            Ok(read) => {
                prop_assert!(fits, "{text}");
                prop_assert_eq!(read.scale(), scale);
                prop_assert_eq!(read.mantissa().unsigned_abs(), mantissa.unwrap());
                let is_negative = negative && mantissa != Some(0);
                prop_assert_eq!(read.is_sign_negative(), is_negative, "{}", text);
            }
            Err(error) => {
                prop_assert!(!fits, "{text}");
                prop_assert_eq!(error, DecimalError::OutOfRange);
            }
        }
    }
}
