//! A time that the exchange writes as `-1` until it is reached.

use binance_kit_core::decode::{Decode, DecodeError, DecodeInOrder, FastReader, Layout, Value};
use binance_kit_core::{Encode, JsonWriter, Timestamp};

/// Time at which an order entered the book, or a trailing stop became active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Activation {
    /// Pending (`-1` on the wire): the order waits for its trigger, or for another order of its list.
    Pending,
    /// Active since this time.
    Since(Timestamp),
}

impl Activation {
    /// The time, if it has happened.
    pub const fn time(self) -> Option<Timestamp> {
        match self {
            Self::Pending => None,
            Self::Since(time) => Some(time),
        }
    }
}

impl Decode for Activation {
    const LAYOUT: Layout = Layout::Plain;

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        if value.as_i64().is_ok_and(|number| number == -1) {
            return Ok(Self::Pending);
        }
        Timestamp::decode(value).map(Self::Since)
    }
}

impl DecodeInOrder for Activation {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        match input.whole_or_minus_one::<u64>()? {
            None => Some(Self::Pending),
            Some(time) => i64::try_from(time).ok().map(Timestamp::from_wire).map(Self::Since),
        }
    }
}

impl Encode for Activation {
    fn encode(&self, json: &mut JsonWriter) {
        match self {
            Self::Pending => json.literal("-1"),
            Self::Since(time) => time.encode(json),
        }
    }
}

#[cfg(feature = "serde")]
crate::wire::serde_values! { Activation }

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::Decoder;

    #[test]
    fn minus_one_is_pending() {
        for (text, value, time) in [
            ("-1", Activation::Pending, None),
            ("1500", Activation::Since(Timestamp::from_millis(1500)), Some(Timestamp::from_millis(1500))),
        ] {
            let decoded: Activation = Decoder::new().decode(text.as_bytes()).unwrap();
            assert_eq!((decoded, decoded.time()), (value, time));
            assert_eq!(decoded.to_json(), text);
        }
        assert!(Decoder::new().decode::<Activation>(b"true").is_err());
    }
}
