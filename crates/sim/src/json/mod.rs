//! The JSON that the exchange reads and writes: what all products share, and a module for each product.

pub(crate) mod parse;
pub(crate) mod spot;

use crate::engine::Fixed;
use binance_kit_core::{Encode, JsonWriter};

impl Encode for Fixed {
    fn encode(&self, json: &mut JsonWriter) {
        json.display_string(self);
    }
}

/// Writes an array, one element after the other.
pub(crate) fn array<T>(
    json: &mut JsonWriter,
    items: impl IntoIterator<Item = T>,
    each: impl Fn(&mut JsonWriter, T),
) {
    json.begin_array();
    for item in items {
        json.element();
        each(json, item);
    }
    json.end_array();
}

/// Writes an object.
pub(crate) fn object(json: &mut JsonWriter, fields: impl FnOnce(&mut JsonWriter)) {
    json.begin_object();
    fields(json);
    json.end_object();
}
