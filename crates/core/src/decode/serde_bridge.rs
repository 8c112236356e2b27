//! Lets `serde` read a parsed [`Value`], for answers the SDK has no type for.

use super::{DecodeError, Value, ValueKind};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use std::fmt;

/// Reads a value by `serde`.
///
/// # Errors
///
/// What the type's `Deserialize` reports.
pub fn from_value<T: DeserializeOwned>(value: Value<'_>) -> Result<T, DecodeError> {
    T::deserialize(Reader(value)).map_err(|error| DecodeError::invalid(error.0))
}

#[derive(Debug)]
struct Message(String);

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Message {}

impl serde::de::Error for Message {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl From<DecodeError> for Message {
    fn from(error: DecodeError) -> Self {
        Self(error.to_string())
    }
}

struct Reader<'a>(Value<'a>);

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Message;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Message> {
        match self.0.kind() {
            ValueKind::Null => visitor.visit_unit(),
            ValueKind::Boolean => visitor.visit_bool(self.0.as_bool()?),
            ValueKind::Integer => match self.0.as_i64() {
                Ok(value) => visitor.visit_i64(value),
                Err(_) => visitor.visit_u64(self.0.as_u64()?),
            },
            ValueKind::Float => visitor.visit_f64(self.0.as_f64()?),
            ValueKind::Text => visitor.visit_borrowed_str(self.0.as_str()?),
            ValueKind::Array => visitor.visit_seq(Elements(self.0.array()?)),
            ValueKind::Object => visitor.visit_map(Fields { fields: self.0.object()?, value: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Message> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Message> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Message> {
        match self.0.kind() {
            ValueKind::Text => visitor.visit_enum(Choice { name: self.0.as_str()?, content: None }),
            ValueKind::Object => match self.0.object()?.next() {
                Some((name, content)) => visitor.visit_enum(Choice { name, content: Some(content) }),
                None => Err(Message::custom("expected an enum, found an empty object")),
            },
            other => Err(Message(format!("expected an enum, found {}", other.describe()))),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Elements<'a>(super::Array<'a>);

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = Message;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Message> {
        self.0.next().map(|value| seed.deserialize(Reader(value))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.size_hint().0)
    }
}

struct Fields<'a> {
    fields: super::Object<'a>,
    value: Option<Value<'a>>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Message;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Message> {
        let Some((key, value)) = self.fields.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(serde::de::value::BorrowedStrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Message> {
        let value =
            self.value.take().ok_or_else(|| Message::custom("a value was asked for before its key"))?;
        seed.deserialize(Reader(value))
    }
}

struct Choice<'a> {
    name: &'a str,
    content: Option<Value<'a>>,
}

impl<'de> EnumAccess<'de> for Choice<'de> {
    type Error = Message;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Message> {
        let name = seed.deserialize(serde::de::value::BorrowedStrDeserializer::<Message>::new(self.name))?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Choice<'de> {
    type Error = Message;

    fn unit_variant(self) -> Result<(), Message> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Message> {
        let content = self.content.ok_or_else(|| Message::custom("the variant has no content"))?;
        seed.deserialize(Reader(content))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Message> {
        let content = self.content.ok_or_else(|| Message::custom("the variant has no content"))?;
        Reader(content).deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Message> {
        self.tuple_variant(0, visitor)
    }
}

#[cfg(test)]
mod tests {
    use crate::decode::{Decoder, Json};
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Deserialize, Debug, PartialEq)]
    enum Side {
        #[serde(rename = "BUY")]
        Buy,
    }

    #[derive(Deserialize, Debug, PartialEq)]
    struct Sample {
        name: String,
        side: Side,
        missing: Option<u8>,
        levels: Vec<(String, f64)>,
        rest: BTreeMap<String, i64>,
    }

    #[test]
    fn reads_what_derive_writes() {
        let text = br#"{"name":"x","side":"BUY","levels":[["a",1.5],["b",2]],"rest":{"one":-1},"more":[{}]}"#;
        let Json(sample) = Decoder::new().decode::<Json<Sample>>(text).unwrap();
        assert_eq!(
            sample,
            Sample {
                name: "x".into(),
                side: Side::Buy,
                missing: None,
                levels: vec![("a".into(), 1.5), ("b".into(), 2.0)],
                rest: BTreeMap::from([("one".into(), -1)]),
            }
        );
        let error = Decoder::new().decode::<Json<Sample>>(br#"{"name":1}"#).unwrap_err();
        assert!(error.to_string().contains("invalid type"), "{error}");
    }

    #[derive(Deserialize, Debug, PartialEq)]
    enum Change {
        Nothing,
        Price(f64),
        Range(u8, u8),
        Fee { maker: u8, taker: u8 },
    }

    #[test]
    fn variants_are_read_with_their_content() {
        let read =
            |text: &str| Decoder::new().decode::<Json<Change>>(text.as_bytes()).map(|Json(change)| change);
        for (text, expected) in [
            (r#""Nothing""#, Change::Nothing),
            (r#"{"Price":1.5}"#, Change::Price(1.5)),
            (r#"{"Range":[1,2]}"#, Change::Range(1, 2)),
            (r#"{"Fee":{"maker":1,"taker":2}}"#, Change::Fee { maker: 1, taker: 2 }),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
        for (text, reason) in [
            (r#""Price""#, "the variant has no content"),
            (r#""Range""#, "the variant has no content"),
            ("{}", "found an empty object"),
            ("7", "expected an enum"),
            (r#"{"Other":1}"#, "unknown variant"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
