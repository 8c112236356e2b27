//! `serde` for answers and events, in the form that the exchange writes.
//!
//! A value is serialised as the JSON that the exchange sends for it, and read back by the same decoder. What a stream tells by
//! its name only (the symbol of a partial book) is kept in the wrapper of a combined connection.

use binance_kit_core::decode::{EventFrame, Frame};
use binance_kit_core::{Decode, DecodeError, Decoder, Encode, StreamEvent};
use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de, ser};
use serde_json::Value;

pub(crate) fn serialize<S: Serializer>(json: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let value: Value = serde_json::from_str(json).map_err(ser::Error::custom)?;
    value.serialize(serializer)
}

pub(crate) fn value<'de, T: Decode, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let json = Value::deserialize(deserializer)?.to_string();
    Decoder::new().decode(json.as_bytes()).map_err(de::Error::custom)
}

pub(crate) fn event<'de, T: StreamEvent, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let json = Value::deserialize(deserializer)?.to_string();
    let read = |event: EventFrame<'_>| T::decode_event(event);
    let decoded = Decoder::new().frame(json.as_bytes(), |frame| match frame {
        Frame::Event(event) => read(event),
        _ => Err(DecodeError::invalid("not an event")),
    });
    decoded.map_err(de::Error::custom)
}

/// An event of a stream that tells its symbol, with a name of such a stream.
pub(crate) fn on_stream(symbol: &binance_kit_core::Symbol, event: &impl Encode) -> String {
    format!(r#"{{"stream":"{}@depth5","data":{}}}"#, symbol.to_lowercase(), event.to_json())
}

/// Values whose JSON says everything.
macro_rules! serde_values {
    ($($name:ident),+ $(,)?) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::wire::serialize(&binance_kit_core::Encode::to_json(self), serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::wire::value(deserializer)
            }
        }
    )+};
}

/// Choices of events, and events without their symbol: `Type, |event| the JSON`.
macro_rules! serde_event {
    ($name:ident, |$event:ident| $json:expr) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let $event = self;
                $crate::wire::serialize(&$json, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::wire::event(deserializer)
            }
        }
    };
}

pub(crate) use {serde_event, serde_values};
