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
/// [`DecimalError`] for anything but an optional sign, digits and one point (no exponent, no blanks), and
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
