//! An API key in an answer: not a secret by itself, but not for logs either.

use binance_kit_core::decode::{Decode, DecodeError, Value};
use binance_kit_core::{Encode, JsonWriter};
use std::fmt;

/// An API key as the exchange names it in an answer. `Debug` shows its first four characters only.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKeyText(String);

impl ApiKeyText {
    /// Takes a key.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.0.chars().take(if self.0.len() > 16 { 4 } else { 0 }).collect();
        write!(f, "\"{shown}…\"")
    }
}

impl Decode for ApiKeyText {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        String::decode(value).map(Self)
    }
}

impl Encode for ApiKeyText {
    fn encode(&self, json: &mut JsonWriter) {
        json.string(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_all_but_the_beginning() {
        assert_eq!(format!("{:?}", ApiKeyText::new("abcdefghijklmnopqrstuvwxyz")), "\"abcd…\"");
        assert_eq!(format!("{:?}", ApiKeyText::new("short")), "\"…\"");
    }
}
