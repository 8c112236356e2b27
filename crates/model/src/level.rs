//! A level of an order book, the same in every product: `["price","quantity"]` on the wire.

use binance_kit_core::decode::{Decode, DecodeError, DecodeInOrder, FastReader, Value};
use binance_kit_core::{Decimal, Encode, JsonWriter};

/// A price and the quantity at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Level {
    /// The price.
    pub price: Decimal,
    /// The quantity at that price; zero in an update removes the level.
    pub quantity: Decimal,
}

impl Decode for Level {
    #[inline]
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut elements = value.array()?;
        let price = Decimal::decode(elements.required(0)?).map_err(|error| error.at_index(0))?;
        let quantity = Decimal::decode(elements.required(1)?).map_err(|error| error.at_index(1))?;
        Ok(Self { price, quantity })
    }
}

impl DecodeInOrder for Level {
    #[inline]
    fn decode_in_order(input: &mut FastReader<'_>) -> Option<Self> {
        input.literal(b"[\"")?;
        let price = input.decimal_inside()?;
        input.literal(b"\",\"")?;
        let quantity = input.decimal_inside()?;
        input.literal(b"\"]")?;
        Some(Self { price, quantity })
    }

    #[inline]
    fn decode_list_in_order(list: &mut Vec<Self>, input: &mut FastReader<'_>) -> Option<()> {
        input.pairs(list, |price, quantity| Self { price, quantity })
    }
}

impl Encode for Level {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_array();
        json.element();
        self.price.encode(json);
        json.element();
        self.quantity.encode(json);
        json.end_array();
    }
}

#[cfg(feature = "serde")]
crate::wire::serde_values! { Level }

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::Decoder;

    #[test]
    fn two_elements_and_no_fewer() {
        let level: Level = Decoder::new().decode(br#"["1.50","0.0"]"#).unwrap();
        assert_eq!(level.to_json(), r#"["1.50","0.0"]"#);
        // The exchange once wrote a third, empty element: it is ignored.
        assert!(Decoder::new().decode::<Level>(br#"["1.50","0.0",[]]"#).is_ok());
        let error = Decoder::new().decode::<Level>(br#"["1.50"]"#).unwrap_err();
        assert_eq!(error.path(), "[1]");
    }
}
