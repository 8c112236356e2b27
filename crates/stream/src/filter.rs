//! Which events are decoded at all: a choice by type that is made before decoding, so that what is not wanted costs little.

use binance_kit_core::decode::{EventFrame, Value, ValueKind};
use std::fmt;
use std::sync::Arc;

type Test = dyn Fn(&EventFrame<'_>) -> bool + Send + Sync;

/// A choice of events, made before they are decoded. What is left out is neither delivered nor checked for gaps: where events of
/// a stream are left out between two that are taken, the ids between those two are not looked at, but after a connection was
/// lost.
#[derive(Clone)]
pub struct EventFilter(Arc<Test>);

impl fmt::Debug for EventFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventFilter")
    }
}

impl EventFilter {
    /// Events for which this is true. It is called for each frame; it must not block.
    pub fn new(test: impl Fn(&EventFrame<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(test))
    }

    /// Events of these types, as the exchange writes them (`trade`, `depthUpdate`). Events without a type (`bookTicker` and
    /// partial depth on Spot) are left out.
    pub fn types(types: impl IntoIterator<Item: Into<String>>) -> Self {
        let types: Vec<String> = types.into_iter().map(Into::into).collect();
        Self::new(move |frame| event_type(frame.data).is_some_and(|of| types.iter().any(|one| one == of)))
    }

    pub(crate) fn takes(&self, frame: &EventFrame<'_>) -> bool {
        (self.0)(frame)
    }
}

/// The type of an event, or of the first one in a list.
pub(crate) fn event_type(data: Value<'_>) -> Option<&str> {
    match data.kind() {
        ValueKind::Object => data.get("e").and_then(|value| value.as_str().ok()),
        ValueKind::Array => data.array().ok()?.next()?.get("e").and_then(|value| value.as_str().ok()),
        _ => None,
    }
}
