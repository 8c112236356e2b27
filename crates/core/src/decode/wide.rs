//! Numbers that no 64 bits hold: `18446744073709551616`, `1e400`. JSON allows them, the parser does not, and a field that no one
//! reads must not make the rest unreadable.
//!
//! A text that cannot be parsed is looked through for them once, and parsed again. In its place an integer becomes the nearest
//! float, and what no float holds [`OUT_OF_RANGE`]: it is an error for those who read the field.

use simd_json::INPUT_PADDING;

/// The value of a number that no float holds.
pub(super) const OUT_OF_RANGE: f64 = f64::MAX;
/// [`OUT_OF_RANGE`] as text.
const OUT_OF_RANGE_TEXT: &[u8] = b"1.7976931348623157e308";
/// Numbers of no more characters are not wide, unless they have an exponent.
const SAFE_LENGTH: usize = 18;

/// Writes `text` with its wide numbers replaced, and padded for the parser, over `out`. `None` if there is none, or if it became
/// much longer: nothing but wide numbers, which no API of the exchange sends.
pub(super) fn replace(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    out.clear();
    let most = text.len() + text.len() / 8 + 4096;
    out.reserve_exact(most + INPUT_PADDING);
    let mut rest = text;
    let mut found = false;
    while let Some((&byte, behind)) = rest.split_first() {
        match byte {
            b'"' => {
                let length = string_length(behind)?;
                let (string, after) = rest.split_at_checked(length + 1)?;
                out.extend_from_slice(string);
                rest = after;
            }
            b'-' | b'0'..=b'9' => {
                let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
                let length = rest.iter().take_while(|byte| is_part(byte)).count();
                let (number, after) = rest.split_at_checked(length)?;
                found |= write_number(number, out);
                if out.len() + after.len() > most {
                    return None;
                }
                rest = after;
            }
            _ => {
                out.push(byte);
                rest = behind;
            }
        }
    }
    let length = out.len();
    out.resize(length + INPUT_PADDING, 0);
    found.then_some(length)
}

/// The length of a string behind its opening quote, with the closing one.
fn string_length(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    let end = text.iter().position(|byte| {
        let is_end = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        is_end
    })?;
    Some(end + 1)
}

/// Writes a number, in another form if it is wide; what is no number stays as it is. Returns whether it is another.
fn write_number(number: &[u8], out: &mut Vec<u8>) -> bool {
    let text = std::str::from_utf8(number).unwrap_or_default();
    if !is_number(number) {
        out.extend_from_slice(number);
        return false;
    }
    let has_exponent = number.iter().any(|byte| matches!(byte, b'e' | b'E'));
    let is_integer = !has_exponent && !number.contains(&b'.');
    let is_short = !has_exponent && number.len() <= SAFE_LENGTH;
    if is_short || (is_integer && (text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok())) {
        out.extend_from_slice(number);
        return false;
    }
    let value: f64 = text.parse().unwrap_or(f64::INFINITY);
    if value.is_infinite() {
        if value < 0.0 {
            out.push(b'-');
        }
        out.extend_from_slice(OUT_OF_RANGE_TEXT);
    } else {
        // In the shortest form, which the parser reads whatever the length of the number was.
        out.extend_from_slice(format!("{value:e}").as_bytes());
    }
    true
}

/// Whether it has the form of a JSON number.
fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest.first() == Some(&b'0')) {
        return false;
    }
    let mut rest = rest.get(whole..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = fraction.get(count..).unwrap_or_default();
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = match exponent {
            [b'+' | b'-', digits @ ..] => digits,
            _ => exponent,
        };
        let count = digits(exponent);
        return count > 0 && count == exponent.len();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use crate::decode::{Decode, DecodeError, Decoder, Value};
    use rust_decimal::Decimal;

    const WIDE: [&str; 12] = [
        "18446744073709551616",
        "-9223372036854775809",
        "1e400",
        "-1e400",
        "1E+999999",
        "1.5e400",
        "123456789012345678901234567890",
        "1e-400",
        "0.1e-99999",
        "18446744073709551616.5",
        "1e308",
        "100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
    ];

    fn with<R>(text: &str, read: impl FnOnce(Value<'_>) -> Result<R, DecodeError>) -> Result<R, DecodeError> {
        Decoder::new().parse(text.as_bytes(), read)
    }

    #[test]
    fn a_number_that_no_one_reads_makes_nothing_unreadable() {
        for wide in WIDE {
            for text in [
                format!(r#"{{"x":{wide},"a":7}}"#),
                format!(r#"{{"x":[[{{"y":{wide}}}],{wide}],"a":7}}"#),
                format!(r#"{{"s":"a\\\"{wide}","a":7,"x":{wide}}}"#),
            ] {
                let read = with(&text, |value| value.get("a").unwrap().as_u64());
                assert_eq!(read.unwrap_or_else(|error| panic!("{text}: {error}")), 7);
            }
            let text = format!(r#"{{"s":"a\\\"{wide}","x":{wide}}}"#);
            let string = with(&text, |value| value.get("s").unwrap().as_str().map(str::to_owned));
            assert_eq!(string.unwrap(), format!(r#"a\"{wide}"#), "text within strings stays");
        }
    }

    #[test]
    fn a_wide_number_that_is_read_is_an_error_and_never_another_number() {
        for wide in WIDE {
            assert!(with(wide, u64::decode).is_err(), "{wide}");
            assert!(with(wide, i64::decode).is_err(), "{wide}");
            let is_tiny = wide.contains("e-");
            if !is_tiny {
                assert!(with(wide, Decimal::decode).is_err(), "{wide}");
            }
            #[expect(
                clippy::redundant_closure_for_method_calls,
                reason = "the method's path is not general enough in its lifetime"
            )]
            let float = with(wide, |value| value.as_f64());
            let exact: f64 = wide.parse().unwrap();
            if exact.is_infinite() {
                assert!(float.is_err(), "{wide}");
            } else {
                assert!((float.unwrap() - exact).abs() <= exact.abs() * 1e-15, "{wide}");
            }
        }
    }

    #[test]
    fn only_wide_numbers_are_replaced_and_not_too_many() {
        let mut out = Vec::new();
        assert_eq!(super::replace(br#"{"x":0.25,"y":-7,"z":18446744073709551615}"#, &mut out), None);
        let many = |count: usize| format!("[{}7]", "1e400,".repeat(count));
        assert!(with(&many(100), |_| Ok(())).is_ok());
        let text = many(1 << 20);
        assert!(with(&text, |_| Ok(())).is_err());
        assert_eq!(super::replace(text.as_bytes(), &mut out), None);
        assert!(out.capacity() < text.len() / 4 * 5, "{}", out.capacity());
    }

    #[test]
    fn what_is_no_json_stays_so() {
        for text in [
            r#"{"x":18446744073709551616"#,
            r#"{"x":018446744073709551616}"#,
            r#"{"x":1e400.5}"#,
            r#"{"x":1e}"#,
            r#"{"x":-}"#,
            r#"{"x":.5,"y":1e400}"#,
            r#"{"x":1e400,}"#,
            r#"{"x":"1e400}"#,
            "1e400 1e400",
        ] {
            assert!(with(text, |_| Ok(())).is_err(), "{text}");
        }
    }
}
