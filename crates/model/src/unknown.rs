//! What the exchange sends and this version of the SDK has no type for: kept whole, never an error.

use binance_kit_core::decode::Value;
use binance_kit_core::{DecodeError, Encode, JsonWriter, UnreadableElement};
use smol_str::SmolStr;

/// An event of a kind this version of the SDK does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownEvent {
    /// The event type (`e`), empty where the event has none.
    pub event_type: SmolStr,
    /// The event as JSON text.
    pub json: String,
}

impl UnknownEvent {
    pub(crate) fn new(event_type: Option<&str>, data: Value<'_>) -> Self {
        Self { event_type: SmolStr::new(event_type.unwrap_or_default()), json: data.to_json() }
    }

    /// What it holds outside of itself, in bytes; its type may be as long as the event.
    pub(crate) fn heap_size(&self) -> usize {
        self.json.capacity().saturating_add(self.event_type.len())
    }
}

impl Encode for UnknownEvent {
    fn encode(&self, json: &mut JsonWriter) {
        json.literal(&self.json);
    }
}

/// An object of a kind this version of the SDK does not know, or that cannot be read, in a place where the kind is written in
/// the object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownObject {
    /// The kind, as the exchange writes it.
    pub kind: SmolStr,
    /// The object as JSON text.
    pub json: String,
    /// Why an object of a known kind cannot be read.
    pub error: Option<DecodeError>,
}

impl UnknownObject {
    pub(crate) fn new(kind: &str, data: Value<'_>) -> Self {
        Self { kind: SmolStr::new(kind), json: data.to_json(), error: None }
    }

    #[cold]
    pub(crate) fn unreadable(kind: &'static str, data: Value<'_>, error: DecodeError) -> Self {
        Self { kind: SmolStr::new_static(kind), json: data.to_json(), error: Some(error) }
    }
}

/// An element of a list that does not even say its kind.
impl From<&UnreadableElement> for UnknownObject {
    fn from(element: &UnreadableElement) -> Self {
        Self { kind: SmolStr::default(), json: element.text.clone(), error: Some(element.error.clone()) }
    }
}

impl Encode for UnknownObject {
    fn encode(&self, json: &mut JsonWriter) {
        json.literal(&self.json);
    }
}
