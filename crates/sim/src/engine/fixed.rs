//! The engine's number: a decimal with exactly eight places, held as an integer.
//!
//! The exchange prints every price, quantity and balance with eight places and trades in steps of at least
//! 10^-8, so nothing finer is ever needed, and integers compare, add and multiply without rounding.

use binance_kit_core::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};

/// How many units make one.
const UNIT: i128 = 100_000_000;
const PLACES: u32 = 8;
/// The largest amount taken from outside: 10^15. Sums of such amounts never overflow; products saturate.
const LARGEST: i128 = 1_000_000_000_000_000 * UNIT;

/// An exact decimal with eight places.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Fixed(i128);

/// Why a text or a decimal is not a [`Fixed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FixedError {
    /// Not digits with one point at most.
    Malformed,
    /// More than eight places that are not zero.
    TooPrecise,
    /// More than 10^15.
    TooLarge,
}

impl Fixed {
    pub(crate) const ZERO: Self = Self(0);
    pub(crate) const ONE: Self = Self(UNIT);

    /// From whole units of 10^-8.
    pub(crate) const fn from_units(units: i128) -> Self {
        Self(units)
    }

    /// From a whole number.
    pub(crate) const fn from_int(value: i64) -> Self {
        Self(value as i128 * UNIT)
    }

    /// Whole units of 10^-8.
    pub(crate) const fn units(self) -> i128 {
        self.0
    }

    /// Reads digits with one point at most, no sign.
    pub(crate) fn parse(text: &str) -> Result<Self, FixedError> {
        let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || fraction.is_some_and(|fraction| !digits(fraction)) {
            return Err(FixedError::Malformed);
        }
        let mut units: i128 = 0;
        for byte in whole.bytes() {
            units = units * 10 + i128::from(byte - b'0');
            if units > LARGEST {
                return Err(FixedError::TooLarge);
            }
        }
        let fraction = fraction.unwrap_or_default().as_bytes();
        for place in 0..PLACES as usize {
            units = units * 10 + fraction.get(place).map_or(0, |byte| i128::from(byte - b'0'));
        }
        if fraction.iter().skip(PLACES as usize).any(|byte| *byte != b'0') {
            return Err(FixedError::TooPrecise);
        }
        if units > LARGEST { Err(FixedError::TooLarge) } else { Ok(Self(units)) }
    }

    /// From a decimal that fits exactly.
    pub(crate) fn from_decimal(value: Decimal) -> Result<Self, FixedError> {
        let value = value.normalize();
        let missing = PLACES.checked_sub(value.scale()).ok_or(FixedError::TooPrecise)?;
        let units = value.mantissa().checked_mul(10_i128.pow(missing)).ok_or(FixedError::TooLarge)?;
        if units.abs() > LARGEST { Err(FixedError::TooLarge) } else { Ok(Self(units)) }
    }

    /// As a decimal with eight places.
    pub(crate) fn to_decimal(self) -> Decimal {
        // 96 bits hold 7.9e20 with eight places; no balance gets there.
        Decimal::try_from_i128_with_scale(self.0, PLACES).unwrap_or(Decimal::MAX)
    }

    pub(crate) const fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// The product, cut to eight places. Saturates far beyond anything the filters let through.
    pub(crate) fn times(self, other: Self) -> Self {
        Self(self.0.saturating_mul(other.0) / UNIT)
    }

    /// The quotient, cut to eight places; zero when `other` is zero.
    pub(crate) fn over(self, other: Self) -> Self {
        if other.0 == 0 { Self::ZERO } else { Self(self.0.saturating_mul(UNIT) / other.0) }
    }

    /// The largest multiple of `step` that is not above this. A step of zero changes nothing.
    pub(crate) fn floor_to(self, step: Self) -> Self {
        if step.0 == 0 { self } else { Self(self.0 - self.0.rem_euclid(step.0)) }
    }

    /// Whether this is a multiple of `step`. Everything is one of zero.
    pub(crate) const fn is_multiple_of(self, step: Self) -> bool {
        step.0 == 0 || self.0 % step.0 == 0
    }
}

impl Add for Fixed {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Fixed {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl AddAssign for Fixed {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl SubAssign for Fixed {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl std::iter::Sum for Fixed {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

/// Always with eight places.
impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = [0_u8; 48];
        let mut at = buffer.len();
        let magnitude = self.0.unsigned_abs();
        let mut count = 0;
        // Two steps of 64 bits: dividing 128 bits is slow, and nearly every value fits into 64.
        let mut push = |digit: u8, count: &mut u32| {
            if *count == PLACES {
                at -= 1;
                buffer[at] = b'.';
            }
            at -= 1;
            buffer[at] = b'0' + digit;
            *count += 1;
        };
        if let Ok(mut rest) = u64::try_from(magnitude) {
            while rest > 0 || count <= PLACES {
                push((rest % 10) as u8, &mut count);
                rest /= 10;
            }
        } else {
            let mut rest = magnitude;
            while rest > 0 {
                push((rest % 10) as u8, &mut count);
                rest /= 10;
            }
        }
        if self.0 < 0 {
            at -= 1;
            buffer[at] = b'-';
        }
        // Only ASCII was written.
        f.write_str(std::str::from_utf8(&buffer[at..]).unwrap_or_default())
    }
}

impl fmt::Debug for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// As in JSON everywhere: a string with eight places.
impl Serialize for Fixed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fixed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl serde::de::Visitor<'_> for Text {
            type Value = Fixed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal with at most eight places")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Fixed, E> {
                let (negative, digits) =
                    text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
                let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
                let wrong = || E::invalid_value(serde::de::Unexpected::Str(text), &self);
                let decimal = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
                // Sums of internal accounts may be larger than what is accepted from outside.
                if whole.is_empty() || whole.len() > 28 || fraction.len() > PLACES as usize {
                    return Err(wrong());
                }
                if !decimal(whole) || !decimal(fraction) {
                    return Err(wrong());
                }
                let units: i128 = format!("{whole}{fraction:0<8}").parse().map_err(|_| wrong())?;
                Ok(Fixed(if negative { -units } else { units }))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts() {
        for (text, printed) in [
            ("0", "0.00000000"),
            ("1.5", "1.50000000"),
            ("0.00000001", "0.00000001"),
            ("61685.990000000000", "61685.99000000"),
            ("999999999999999", "999999999999999.00000000"),
        ] {
            assert_eq!(Fixed::parse(text).unwrap().to_string(), printed);
        }
        assert_eq!(Fixed::from_units(-5).to_string(), "-0.00000005");
        assert_eq!(Fixed::from_units(i128::from(u64::MAX) * 10).to_string(), "1844674407370.95516150");
        assert_eq!(Fixed::parse("0.000000001"), Err(FixedError::TooPrecise));
        assert_eq!(Fixed::parse("1000000000000000.1"), Err(FixedError::TooLarge));
        assert_eq!(Fixed::parse(&"9".repeat(60)), Err(FixedError::TooLarge));
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e5", "1,5", "١"] {
            assert_eq!(Fixed::parse(text), Err(FixedError::Malformed), "{text:?}");
        }
    }

    #[test]
    fn products_are_cut_and_steps_kept() {
        let price = Fixed::parse("0.07946").unwrap();
        let quantity = Fixed::parse("0.0001").unwrap();
        assert_eq!(price.times(quantity).to_string(), "0.00000794");
        let step = Fixed::parse("0.001").unwrap();
        assert_eq!(Fixed::parse("1.2349").unwrap().floor_to(step).to_string(), "1.23400000");
        assert!(Fixed::parse("1.234").unwrap().is_multiple_of(step));
        assert!(!Fixed::parse("1.2345").unwrap().is_multiple_of(step));
    }

    proptest! {
        #[test]
        fn agrees_with_decimal(left in 0_i64..1_000_000_000_000_000, right in 0_i64..1_000_000_000_000) {
            let (a, b) = (Decimal::new(left, 8), Decimal::new(right, 8));
            let (x, y) = (Fixed::from_decimal(a).unwrap(), Fixed::from_decimal(b).unwrap());
            prop_assert_eq!((x + y).to_decimal(), a + b);
            prop_assert_eq!((x - y).to_decimal(), a - b);
            prop_assert_eq!(x.to_string(), format!("{a:.8}"));
            prop_assert_eq!(Fixed::parse(&x.to_string()).unwrap(), x);
            let text = serde_json::to_string(&Fixed(-x.0)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Fixed>(&text).unwrap(), Fixed(-x.0));
            prop_assert_eq!(x.times(y).units(), i128::from(left) * i128::from(right) / UNIT);
        }
    }
}
