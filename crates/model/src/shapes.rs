//! Shapes of answers that several products share: one or many of a thing, and maps with data as keys.

use binance_kit_core::decode::{Decode, DecodeError, Layout, Value, ValueKind};
use binance_kit_core::{Encode, JsonWriter, List, UnreadableElement};
use smol_str::SmolStr;

/// The answer to a request that takes one symbol, several, or none: an object in the first case, an array otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OneOrMany<T> {
    /// The answer for one symbol.
    One(T),
    /// The answer for several symbols, or all.
    Many(List<T>),
}

impl<T> OneOrMany<T> {
    /// All of them that could be read.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }

    /// All of them, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.as_slice().iter()
    }

    /// All of them that could be read as a list.
    pub fn into_vec(self) -> Vec<T> {
        match self {
            Self::One(value) => vec![value],
            Self::Many(values) => values.into_vec(),
        }
    }

    /// The elements that could not be read, in an answer for several symbols.
    pub fn unreadable(&self) -> &[UnreadableElement] {
        match self {
            Self::One(_) => &[],
            Self::Many(values) => values.unreadable(),
        }
    }

    /// The answer for one symbol.
    pub fn one(self) -> Option<T> {
        match self {
            Self::One(value) => Some(value),
            Self::Many(_) => None,
        }
    }
}

impl<'a, T> IntoIterator for &'a OneOrMany<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> IntoIterator for OneOrMany<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_vec().into_iter()
    }
}

impl<T: Decode> Decode for OneOrMany<T> {
    /// One of them is read by its own.
    const LAYOUT: Layout = Layout::List;

    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        if value.kind() == ValueKind::Array {
            List::decode(value).map(Self::Many)
        } else {
            value.decode().map(Self::One)
        }
    }
}

impl<T: Encode> Encode for OneOrMany<T> {
    fn encode(&self, json: &mut JsonWriter) {
        match self {
            Self::One(value) => value.encode(json),
            Self::Many(values) => values.encode(json),
        }
    }
}

/// A JSON object whose keys are data, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Map<T>(pub Vec<(SmolStr, T)>);

impl<T> Map<T> {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.0.iter().find_map(|(name, value)| (name == key).then_some(value))
    }
}

impl<T: Decode> Decode for Map<T> {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let fields = value.object()?;
        let mut entries = Vec::with_capacity(fields.size_hint().0);
        for (key, value) in fields {
            let entry = T::decode(value).map_err(|error| error.at_key(key.to_owned()))?;
            entries.push((SmolStr::new(key), entry));
        }
        Ok(Self(entries))
    }
}

impl<T: Encode> Encode for Map<T> {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_object();
        for (key, value) in &self.0 {
            json.field(key, value);
        }
        json.end_object();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::Decoder;

    fn decode<T: Decode>(text: &str) -> Result<T, DecodeError> {
        Decoder::new().decode(text.as_bytes())
    }

    #[test]
    fn an_object_is_one_and_an_array_many() {
        let one: OneOrMany<u64> = decode("7").unwrap();
        assert_eq!((one.as_slice(), one.to_json().as_str()), ([7].as_slice(), "7"));
        assert_eq!(one.clone().one(), Some(7));
        let many: OneOrMany<u64> = decode("[7,8]").unwrap();
        assert_eq!((many.iter().sum::<u64>(), many.to_json().as_str()), (15, "[7,8]"));
        assert_eq!((many.clone().one(), many.into_vec()), (None, vec![7, 8]));
    }

    #[test]
    fn maps_keep_their_order_and_name_the_key_at_fault() {
        let map: Map<u64> = decode(r#"{"b":1,"a":2}"#).unwrap();
        assert_eq!((map.get("a"), map.get("c")), (Some(&2), None));
        assert_eq!(map.to_json(), r#"{"b":1,"a":2}"#);
        assert_eq!(decode::<Map<u64>>(r#"{"b":1,"a":"x"}"#).unwrap_err().path(), "a");
    }
}
