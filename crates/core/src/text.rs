//! Short texts with a meaning: [`Symbol`], [`Asset`], [`ClientOrderId`]. None allocates up to 23 bytes, and
//! all may hold any UTF-8 (the exchange lists symbols outside ASCII).

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;
use std::borrow::Borrow;
use std::fmt;

/// Reads any text.
struct TextVisitor;

impl serde::de::Visitor<'_> for TextVisitor {
    type Value = SmolStr;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<SmolStr, E> {
        Ok(SmolStr::new(text))
    }
}

/// Defines a newtype over a small string.
macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(SmolStr);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Takes the text as it is.
            #[inline]
            pub fn from_wire(text: &str) -> Self {
                Self(SmolStr::new(text))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // May come from the exchange.
                crate::printable(self.as_str()).fmt(f)
            }
        }

        /// As its text.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        /// From a text, taken as it is.
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(TextVisitor).map(Self)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(&text)
            }
        }

        /// Never fails: the same as `From<&str>`, for parsers of command lines and settings.
        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::new(text))
            }
        }

        impl From<&String> for $name {
            fn from(text: &String) -> Self {
                Self::new(text)
            }
        }

        impl From<&$name> for $name {
            fn from(text: &$name) -> Self {
                text.clone()
            }
        }
    };
}

text_type! {
    /// A trading pair (`BTCUSDT`). Made from text, ASCII letters are put into upper case, since the exchange
    /// knows no others; [`Symbol::from_wire`] takes a text as it is.
    Symbol
}
text_type! {
    /// An asset (`BTC`). Made from text, ASCII letters are put into upper case.
    Asset
}
text_type! {
    /// The client's own id of an order or order list. Case matters.
    ClientOrderId
}

impl Symbol {
    /// The symbol with ASCII letters in upper case.
    pub fn new(text: &str) -> Self {
        Self(uppercase(text))
    }

    /// The symbol as stream names spell it: in lower case.
    pub fn to_lowercase(&self) -> SmolStr {
        if self.0.bytes().any(|byte| byte.is_ascii_uppercase()) {
            SmolStr::new(self.0.to_ascii_lowercase())
        } else {
            self.0.clone()
        }
    }
}

impl Asset {
    /// The asset with ASCII letters in upper case.
    pub fn new(text: &str) -> Self {
        Self(uppercase(text))
    }
}

impl ClientOrderId {
    /// The id as given.
    pub fn new(text: &str) -> Self {
        Self(SmolStr::new(text))
    }
}

fn uppercase(text: &str) -> SmolStr {
    if text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        SmolStr::new(text.to_ascii_uppercase())
    } else {
        SmolStr::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_follows_the_exchange() {
        assert_eq!("btcusdt".parse::<Symbol>(), Ok(Symbol::new("BTCUSDT")));
        assert_eq!("btc".parse::<Asset>(), Ok(Asset::new("BTC")));
        assert_eq!(Symbol::new("btcUSDT"), "BTCUSDT");
        assert_eq!(Symbol::new("BTCUSDT").to_lowercase(), "btcusdt");
        assert_eq!(Symbol::new("币安USDT"), "币安USDT");
        assert_eq!(ClientOrderId::new("aB"), "aB");
    }
}
