//! Decimal parameters from whatever a program has: decimals, integers, text.

use binance_kit_core::{Decimal, InvalidRequest, decimal};
use std::fmt;

/// A value that a decimal parameter can be set from: a [`Decimal`], an integer, or text such as `"60123.45"`.
///
/// Binary floating-point numbers are none: `0.1` has no exact value there. Text that is no plain decimal number is refused when
/// the request is checked, with the name of the parameter.
pub trait IntoDecimal: sealed::Sealed {
    /// The number, or the text that is none.
    #[doc(hidden)]
    fn into_decimal(self) -> Result<Decimal, String>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl sealed::Sealed for $type {}

        impl IntoDecimal for $type {
            fn into_decimal(self) -> Result<Decimal, String> {
                Ok(Decimal::from(self))
            }
        }
    )*};
}

numbers!(Decimal, i8, i16, i32, i64, u8, u16, u32, u64, usize);

macro_rules! texts {
    ($($type:ty),*) => {$(
        impl sealed::Sealed for $type {}

        impl IntoDecimal for $type {
            fn into_decimal(self) -> Result<Decimal, String> {
                decimal::parse(&self).map_err(|_| self.chars().take(64).collect())
            }
        }
    )*};
}

texts!(&str, String, &String);

impl sealed::Sealed for &Decimal {}

impl IntoDecimal for &Decimal {
    fn into_decimal(self) -> Result<Decimal, String> {
        Ok(*self)
    }
}

/// What was read before.
impl sealed::Sealed for Result<Decimal, String> {}

impl IntoDecimal for Result<Decimal, String> {
    fn into_decimal(self) -> Self {
        self
    }
}

/// The text that a decimal parameter of a request was set from and that is no number, if there is one.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Unreadable(Option<Box<(&'static str, String)>>);

impl Unreadable {
    /// The number, unless it is none; that is kept under the wire name of the parameter.
    pub(crate) fn number(&mut self, name: &'static str, value: impl IntoDecimal) -> Option<Decimal> {
        // The parameter is set again.
        if self.0.as_ref().is_some_and(|kept| kept.0 == name) {
            self.0 = None;
        }
        value.into_decimal().map_err(|text| self.0 = Some(Box::new((name, text)))).ok()
    }

    /// Refuses the request if there is such a text; the parameter has this prefix.
    pub(crate) fn check(&self, prefix: &'static str) -> Result<(), InvalidRequest> {
        match self.0.as_deref() {
            None => Ok(()),
            Some((name, text)) => Err(InvalidRequest::new(
                format!("{prefix}{name}"),
                format!("must be a plain decimal number such as 0.001, but is {text:?}"),
            )),
        }
    }
}

impl fmt::Debug for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_deref() {
            None => f.write_str("none"),
            Some((name, text)) => write!(f, "{name}: {text:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_from_decimals_integers_and_text() {
        let mut unreadable = Unreadable::default();
        let one = Some(Decimal::ONE);
        assert_eq!(unreadable.number("price", Decimal::ONE), one);
        assert_eq!(unreadable.number("price", 1), one);
        assert_eq!(unreadable.number("price", 1_u64), one);
        assert_eq!(unreadable.number("price", "1"), one);
        assert_eq!(unreadable.number("price", "1.50").unwrap().to_string(), "1.50");
        assert_eq!(unreadable.number("price", String::from("1")), one);
        assert!(unreadable.check("").is_ok());
    }

    #[test]
    fn text_that_is_no_number_is_refused_by_the_name_of_its_parameter() {
        let mut unreadable = Unreadable::default();
        assert_eq!(unreadable.number("Price", "1e5"), None);
        let error = unreadable.check("above").unwrap_err();
        assert_eq!(error.parameter, "abovePrice");
        assert!(error.to_string().contains("\"1e5\""), "{error}");
        assert_eq!(unreadable.number("Quantity", "1"), Some(Decimal::ONE));
        assert!(unreadable.check("above").is_err(), "another parameter does not repair it");
        assert_eq!(unreadable.number("Price", "2"), Some(Decimal::TWO));
        assert!(unreadable.check("above").is_ok());
    }
}
