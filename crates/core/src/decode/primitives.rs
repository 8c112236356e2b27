//! [`Decode`] for the types everything else is made of, and the helpers that generated decoders call.

use super::{Decode, DecodeError, Layout, Value, ValueKind, from_value};
use crate::decimal;
use crate::id::{
    AggTradeId, AllocationId, ExecutionId, OrderId, OrderListId, PreventedMatchId, SubscriptionId, TradeId,
    UpdateId,
};
use crate::text::{Asset, ClientOrderId, Symbol};
use crate::time::Timestamp;
use rust_decimal::Decimal;

/// Reads a field into its slot.
///
/// # Errors
///
/// When the value cannot be read, or the slot is taken: a name that occurs twice is an error, since parsers differ
/// in which of the two they take.
#[inline]
pub fn field<T: Decode>(
    slot: &mut Option<T>,
    name: &'static str,
    value: Value<'_>,
) -> Result<(), DecodeError> {
    if slot.is_some() {
        return Err(DecodeError::duplicate(name));
    }
    match value.decode::<T>() {
        Ok(read) => {
            *slot = Some(read);
            Ok(())
        }
        Err(error) => Err(error.at_key(name)),
    }
}

/// A field that must have been there.
///
/// # Errors
///
/// When it was not.
#[inline]
pub fn required<T>(slot: Option<T>, name: &'static str) -> Result<T, DecodeError> {
    slot.ok_or_else(|| DecodeError::missing(name))
}

/// A field that may be missing or `null`.
#[inline]
pub fn optional<T>(slot: Option<Option<T>>) -> Option<T> {
    slot.flatten()
}

/// An identifier for which the exchange writes `-1` when there is none; `null` means the same.
///
/// # Errors
///
/// When the value is neither an integer nor `null`.
#[inline]
pub fn none_if_negative<T: From<u64>>(value: Value<'_>) -> Result<Option<T>, DecodeError> {
    match value.kind() {
        ValueKind::Integer => Ok(value.as_u64().ok().map(T::from)),
        ValueKind::Null => Ok(None),
        _ => Err(DecodeError::expected("an integer", value.kind().describe())),
    }
}

impl<T: Decode> Decode for Option<T> {
    const LAYOUT: Layout = T::LAYOUT;

    #[inline]
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        if value.is_null() { Ok(None) } else { T::decode(value).map(Some) }
    }
}

impl<T: Decode> Decode for Box<T> {
    const LAYOUT: Layout = T::LAYOUT;

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        T::decode(value).map(Box::new)
    }
}

impl<T: Decode> Decode for Vec<T> {
    const LAYOUT: Layout = Layout::List;

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        if let Some(parts) = value.list_parts() {
            let mut out = Self::with_capacity(parts.room_for::<T>());
            parts.each(&mut |index, value| {
                out.push(value.decode().map_err(|error| error.at_index(index))?);
                Ok(())
            })?;
            return Ok(out);
        }
        let array = value.array()?;
        let mut out = Self::with_capacity(array.room_for::<T>());
        for (index, value) in array.enumerate() {
            out.push(T::decode(value).map_err(|error| error.at_index(index))?);
        }
        Ok(out)
    }

    fn decode_into(&mut self, value: Value<'_>) -> Result<(), DecodeError> {
        if value.list_parts().is_some() {
            *self = Self::decode(value)?;
            return Ok(());
        }
        let array = value.array()?;
        self.truncate(array.size_hint().0);
        self.reserve(array.room_for::<T>().saturating_sub(self.len()));
        for (index, value) in array.enumerate() {
            match self.get_mut(index) {
                Some(kept) => kept.decode_into(value).map_err(|error| error.at_index(index))?,
                None => self.push(T::decode(value).map_err(|error| error.at_index(index))?),
            }
        }
        Ok(())
    }
}

impl Decode for () {
    const LAYOUT: Layout = Layout::Plain;

    /// Whatever the exchange answered, when the answer says nothing (`{}`).
    fn decode(_: Value<'_>) -> Result<Self, DecodeError> {
        Ok(())
    }
}

impl Decode for bool {
    const LAYOUT: Layout = Layout::Plain;

    #[inline]
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        value.as_bool()
    }
}

impl Decode for String {
    const LAYOUT: Layout = Layout::Plain;

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        value.as_str().map(str::to_owned)
    }

    fn decode_into(&mut self, value: Value<'_>) -> Result<(), DecodeError> {
        let text = value.as_str()?;
        self.clear();
        self.push_str(text);
        Ok(())
    }
}

/// Reads an integer that is written as a number or, in a few places, as a string.
#[inline]
fn unsigned(value: Value<'_>) -> Result<u64, DecodeError> {
    // By its kind first: an error that is thrown away would be made for every number.
    if value.kind() == ValueKind::Text {
        let text = value.as_str()?;
        return text
            .parse()
            .map_err(|_| DecodeError::invalid(format!("{text:?} is not an unsigned integer")));
    }
    value.as_u64()
}

#[inline]
fn signed(value: Value<'_>) -> Result<i64, DecodeError> {
    if value.kind() == ValueKind::Text {
        let text = value.as_str()?;
        return text.parse().map_err(|_| DecodeError::invalid(format!("{text:?} is not an integer")));
    }
    value.as_i64()
}

macro_rules! decode_integer {
    ($($type:ty: $read:ident),*) => {$(
        impl Decode for $type {
            const LAYOUT: Layout = Layout::Plain;

            #[inline]
            fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
                let number = $read(value)?;
                Self::try_from(number)
                    .map_err(|_| DecodeError::invalid(format!(concat!("{} does not fit into ", stringify!($type)), number)))
            }
        }
    )*};
}

decode_integer!(u64: unsigned, u32: unsigned, u16: unsigned, u8: unsigned, usize: unsigned, i64: signed, i32: signed);

macro_rules! decode_id {
    ($($type:ty),*) => {$(
        impl Decode for $type {
            const LAYOUT: Layout = Layout::Plain;

            #[inline]
            fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
                unsigned(value).map(Self)
            }
        }
    )*};
}

decode_id!(
    OrderId,
    OrderListId,
    TradeId,
    AggTradeId,
    UpdateId,
    ExecutionId,
    PreventedMatchId,
    AllocationId,
    SubscriptionId
);

macro_rules! decode_text {
    ($($type:ty),*) => {$(
        impl Decode for $type {
            const LAYOUT: Layout = Layout::Plain;

            #[inline]
            fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
                value.as_str().map(Self::from_wire)
            }
        }
    )*};
}

decode_text!(Symbol, Asset, ClientOrderId);

impl Decode for Timestamp {
    const LAYOUT: Layout = Layout::Plain;

    #[inline]
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        signed(value).map(Self::from_wire)
    }
}

impl Decode for Decimal {
    const LAYOUT: Layout = Layout::Plain;

    #[inline]
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        match value.as_str() {
            Ok(text) => {
                decimal::parse(text).map_err(|error| DecodeError::invalid(format!("{text:?}: {error}")))
            }
            Err(error) => decimal_number(value).unwrap_or(Err(error)),
        }
    }
}

/// A decimal that is written as a JSON number. A fraction went through a float on its way, so only those with at most
/// 15 significant digits, which a float gives back exactly, are taken.
#[cold]
fn decimal_number(value: Value<'_>) -> Option<Result<Decimal, DecodeError>> {
    match value.kind() {
        ValueKind::Integer => Some(match value.as_i64() {
            Ok(number) => Ok(Decimal::from(number)),
            Err(_) => value.as_u64().map(Decimal::from),
        }),
        ValueKind::Float => {
            let text = value.to_json();
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            Some(if digits > 15 {
                Err(DecodeError::invalid(format!("the number {text} has more digits than a float keeps")))
            } else {
                decimal::parse(&text).map_err(|error| DecodeError::invalid(format!("{text}: {error}")))
            })
        }
        _ => None,
    }
}

/// A JSON answer decoded by `serde` into a type of the caller's choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: serde::de::DeserializeOwned> Decode for Json<T> {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        from_value(value).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{DecodeErrorKind, Decoder};

    fn decode<T: Decode>(text: &str) -> Result<T, DecodeError> {
        Decoder::new().decode(text.as_bytes())
    }

    #[test]
    fn numbers_and_texts_of_numbers() {
        assert_eq!(decode::<OrderId>("12").unwrap(), OrderId(12));
        assert_eq!(decode::<OrderId>("\"12\"").unwrap(), OrderId(12));
        assert_eq!(decode::<OrderId>("18446744073709551615").unwrap(), OrderId(u64::MAX));
        assert!(decode::<OrderId>("-1").is_err());
        assert!(decode::<OrderId>("18446744073709551616").is_err());
        assert!(decode::<u8>("256").is_err());
        assert_eq!(decode::<i32>("-1121").unwrap(), -1121);
        assert_eq!(decode::<Decimal>("\"0.100\"").unwrap().to_string(), "0.100");
        assert_eq!(decode::<Decimal>("5").unwrap().to_string(), "5");
        assert_eq!(decode::<Decimal>("0.25").unwrap().to_string(), "0.25");
        assert!(decode::<Decimal>("0.12345678901234567").is_err());
        assert_eq!(decode::<Decimal>("\"abc\"").unwrap_err().kind(), DecodeErrorKind::InvalidValue);
        assert_eq!(decode::<Decimal>("[]").unwrap_err().kind(), DecodeErrorKind::WrongType);
        assert_eq!(decode::<Option<u64>>("null").unwrap(), None);
        assert_eq!(decode::<Decimal>("12345678.1234567").unwrap().to_string(), "12345678.1234567");
        assert!(decode::<Decimal>("12345678.12345678").is_err(), "16 digits are more than a float keeps");
        let none = |text: &str| Decoder::new().parse(text.as_bytes(), none_if_negative::<OrderId>);
        assert_eq!(
            (none("-1").unwrap(), none("null").unwrap(), none("7").unwrap()),
            (None, None, Some(OrderId(7)))
        );
        assert!(none("\"x\"").is_err());
    }

    #[test]
    fn errors_say_where() {
        let error =
            decode::<Vec<Vec<u64>>>(r#"[[1],[2,"x"]]"#).unwrap_err().at_key("levels").in_type("Depth");
        assert_eq!(
            error.to_string(),
            "cannot decode Depth: `levels[1][1]`: \"x\" is not an unsigned integer"
        );
        assert_eq!(error.path(), "levels[1][1]");
    }

    #[test]
    fn vectors_are_read_over() {
        let mut kept = vec![1_u64, 2, 3];
        let capacity = kept.capacity();
        Decoder::new().parse(b"[7,8]", |value| kept.decode_into(value)).unwrap();
        assert_eq!((kept.as_slice(), kept.capacity()), ([7, 8].as_slice(), capacity));
    }
}
