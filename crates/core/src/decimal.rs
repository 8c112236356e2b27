//! Exact decimals: [`Decimal`] is `rust_decimal::Decimal`, with a parser that never rounds.

pub use rust_decimal::Decimal;

/// Why a text is not an exact decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecimalError {
    /// The text is empty or holds something other than an optional sign, digits and one point.
    #[error("not a decimal number")]
    Malformed,
    /// The number needs more than 96 bits or more than 28 digits behind the point.
    #[error("the number does not fit into 96 bits with 28 decimal places")]
    OutOfRange,
}

/// Reads a plain decimal (`-12.3400`), keeping its scale, so that writing it gives the same text.
///
/// # Errors
///
/// [`DecimalError`] for anything but an optional sign, digits and one point (no exponent, no spaces), and
/// for numbers that do not fit. Nothing is ever rounded.
///
/// ```
/// # use binance_kit_core::decimal::parse;
/// assert_eq!(parse("0.00032000").unwrap().to_string(), "0.00032000");
/// assert!(parse("1e-5").is_err());
/// ```
#[inline]
pub fn parse(text: &str) -> Result<Decimal, DecimalError> {
    let bytes = text.as_bytes();
    // 18 digits always fit into an i64; that covers nearly every price and quantity there is.
    if bytes.len() > 19 {
        return parse_long(bytes);
    }
    let (negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut mantissa: i64 = 0;
    let mut count = 0u32;
    let mut scale: Option<u32> = None;
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa.wrapping_mul(10).wrapping_add(i64::from(byte - b'0'));
                count += 1;
                if let Some(scale) = &mut scale {
                    *scale += 1;
                }
            }
            b'.' if scale.is_none() => scale = Some(0),
            _ => return Err(DecimalError::Malformed),
        }
    }
    if count == 0 || scale == Some(0) {
        return Err(DecimalError::Malformed);
    }
    if count > 18 {
        return parse_long(bytes);
    }
    if negative && mantissa == 0 {
        // `-0.00` is zero: rust_decimal would keep a sign that compares equal but prints differently.
        return Ok(Decimal::new(0, scale.unwrap_or(0)));
    }
    Ok(Decimal::new(if negative { -mantissa } else { mantissa }, scale.unwrap_or(0)))
}

/// A decimal from a literal, checked when the program is compiled; what [`dec!`](crate::dec) is made of.
///
/// # Panics
///
/// For a text that is no plain decimal of at most 28 digits. In a constant, that is an error of the compiler.
#[doc(hidden)]
#[expect(clippy::cast_possible_truncation, reason = "the mantissa is taken apart into its words")]
#[expect(clippy::panic, reason = "evaluated by the compiler, where a panic is a compile error")]
pub const fn literal(text: &str) -> Decimal {
    let bytes = text.as_bytes();
    let (mut index, mut negative) = (0, false);
    let (mut mantissa, mut digits, mut scale, mut point) = (0_u128, 0_u32, 0_u32, false);
    while index < bytes.len() {
        match bytes[index] {
            digit @ b'0'..=b'9' => {
                mantissa = mantissa * 10 + (digit - b'0') as u128;
                digits += 1;
                if point {
                    scale += 1;
                }
            }
            b'.' if !point && digits > 0 => point = true,
            b'-' if digits == 0 && !point && !negative => negative = true,
            b'_' if digits > 0 => {}
            b' ' if digits == 0 => {}
            _ => panic!("not a decimal literal: write digits with at most one point, as in dec!(60123.45)"),
        }
        index += 1;
    }
    assert!(digits > 0 && digits <= 28, "a decimal literal has 1 to 28 digits");
    assert!(!point || scale > 0, "a decimal literal has digits after its point");
    let (lo, mid, hi) = (mantissa as u32, (mantissa >> 32) as u32, (mantissa >> 64) as u32);
    Decimal::from_parts(lo, mid, hi, negative && mantissa != 0, scale)
}

/// A decimal literal: exact, checked when the program is compiled.
///
/// ```
/// use binance_kit_core::dec;
/// assert_eq!(dec!(60123.450).to_string(), "60123.450");
/// assert_eq!(dec!(-0.5).to_string(), "-0.5");
/// ```
///
/// A literal that is no plain decimal does not compile:
///
/// ```compile_fail
/// binance_kit_core::dec!(1e-5);
/// ```
#[macro_export]
macro_rules! dec {
    ($($literal:tt)+) => {
        const { $crate::decimal::literal(stringify!($($literal)+)) }
    };
}

#[cold]
fn parse_long(bytes: &[u8]) -> Result<Decimal, DecimalError> {
    let (negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut mantissa: i128 = 0;
    let mut count = 0u32;
    let mut scale: Option<u32> = None;
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa
                    .checked_mul(10)
                    .and_then(|value| value.checked_add(i128::from(byte - b'0')))
                    .ok_or(DecimalError::OutOfRange)?;
                count += 1;
                if let Some(scale) = &mut scale {
                    *scale += 1;
                }
            }
            b'.' if scale.is_none() => scale = Some(0),
            _ => return Err(DecimalError::Malformed),
        }
    }
    if count == 0 || scale == Some(0) {
        return Err(DecimalError::Malformed);
    }
    let signed = if negative { -mantissa } else { mantissa };
    Decimal::try_from_i128_with_scale(signed, scale.unwrap_or(0)).map_err(|_| DecimalError::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_what_they_say() {
        for (value, text) in [
            (crate::dec!(0), "0"),
            (crate::dec!(0.00032000), "0.00032000"),
            (crate::dec!(-12.34), "-12.34"),
            (crate::dec!(1_000.5), "1000.5"),
            (crate::dec!(-0.0), "0.0"),
            (crate::dec!(7922816251426433759354395033), "7922816251426433759354395033"),
        ] {
            assert_eq!(value.to_string(), text);
            assert_eq!(value, parse(text).unwrap());
        }
    }
    use proptest::prelude::*;

    #[test]
    fn keeps_the_scale() {
        for text in [
            "0",
            "1",
            "-1",
            "0.1",
            "61685.99000000",
            "0.00000001",
            "92233720368.54775808",
            "123456789012345678901.23",
        ] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        assert_eq!(parse("-0.00").unwrap().to_string(), "0.00");
    }

    #[test]
    fn refuses_what_is_not_exact() {
        for text in ["", "-", ".", "1.", "1e5", "+1", " 1", "1 ", "1..2", "NaN", "0x1", "1,5", "--1"] {
            assert_eq!(parse(text), Err(DecimalError::Malformed), "{text:?}");
        }
        for text in [
            "0.00000000000000000000000000001",
            "99999999999999999999999999999999",
            "1000000000000000000000000000000000000000000000000",
        ] {
            assert_eq!(parse(text), Err(DecimalError::OutOfRange), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_plain_parser(negative: bool, whole in "[0-9]{1,15}", fraction in "[0-9]{0,12}") {
            let sign = if negative { "-" } else { "" };
            let text = if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
            let expected = Decimal::from_str_exact(&text).unwrap();
            prop_assert_eq!(parse(&text).unwrap(), expected);
            prop_assert_eq!(parse(&text).unwrap().scale(), expected.scale());
        }
    }
}
