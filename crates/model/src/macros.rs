//! The macros of the two kinds of enums in generated code.

/// An enum of words on the wire that may grow: a word this version does not know is kept as it came.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A word this version of the SDK does not know.
            Unknown(::smol_str::SmolStr),
        }

        impl $name {
            /// Every value this version of the SDK knows.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unknown(word) => word,
                }
            }

            /// Whether this version of the SDK knows the word.
            pub const fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_))
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Unknown(::smol_str::SmolStr::new(other)),
                }
            }
        }

        impl From<&Self> for $name {
            fn from(value: &Self) -> Self {
                value.clone()
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(word))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                ::binance_kit_core::printable(self.as_str()).fmt(f)
            }
        }

        impl ::binance_kit_core::Decode for $name {
            const LAYOUT: ::binance_kit_core::decode::Layout = ::binance_kit_core::decode::Layout::Plain;

            fn decode(value: ::binance_kit_core::decode::Value<'_>) -> Result<Self, ::binance_kit_core::DecodeError> {
                value.as_str().map(Self::from)
            }
        }

        impl ::binance_kit_core::decode::DecodeInOrder for $name {
            fn decode_in_order(input: &mut ::binance_kit_core::decode::FastReader<'_>) -> Option<Self> {
                input.text().map(Self::from)
            }
        }

        impl ::binance_kit_core::Encode for $name {
            fn encode(&self, json: &mut ::binance_kit_core::JsonWriter) {
                json.string(self.as_str());
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <String as serde::Deserialize>::deserialize(deserializer)?;
                Ok(Self::from(word.as_str()))
            }
        }

        impl $crate::param::Param for $name {
            fn write(&self, name: &'static str, params: &mut ::binance_kit_core::ParamWriter) {
                params.text(name, self.as_str());
            }
        }

        impl $crate::param::TextParam for $name {
            fn text(&self) -> &str {
                self.as_str()
            }
        }
    };
}

/// A closed choice that becomes a part of a stream's name.
macro_rules! name_part {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub(crate) const WORDS: &'static [&'static str] = &[$($word),+];

            /// The value of one of [`Self::WORDS`]; of another, the last.
            pub(crate) fn of_word(word: &str) -> Self {
                let place = Self::WORDS.iter().position(|known| *known == word);
                Self::ALL[place.unwrap_or(Self::ALL.len() - 1)]
            }

            /// The part of a stream's name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}

pub(crate) use {name_part, wire_enum};
