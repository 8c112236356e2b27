//! Writing JSON: the embedded exchange and the tests write with it what the decoders read.

use crate::id::{
    AggTradeId, AllocationId, ExecutionId, OrderId, OrderListId, PreventedMatchId, SubscriptionId, TradeId,
    UpdateId,
};
use crate::text::{Asset, ClientOrderId, Symbol};
use crate::time::{TimeUnit, Timestamp};
use rust_decimal::Decimal;
use std::fmt::Write as _;

/// A type that can be written as the exchange writes it.
pub trait Encode {
    /// Writes the value.
    fn encode(&self, json: &mut JsonWriter);

    /// The value as JSON text, times in milliseconds.
    fn to_json(&self) -> String {
        let mut json = JsonWriter::new();
        self.encode(&mut json);
        json.into_string()
    }
}

/// Writes compact JSON into a string. The caller keeps to the grammar: a key before each value of an object,
/// [`JsonWriter::element`] before each value of an array.
#[derive(Debug, Clone, Default)]
pub struct JsonWriter {
    out: String,
    unit: TimeUnit,
    comma: bool,
}

impl JsonWriter {
    /// An empty writer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on behind the text given.
    pub fn onto(out: String) -> Self {
        Self { out, ..Self::default() }
    }

    /// The unit in which times are written. Without it milliseconds, rounded down.
    #[must_use]
    pub fn with_time_unit(mut self, unit: TimeUnit) -> Self {
        self.unit = unit;
        self
    }

    /// What was written.
    pub fn as_str(&self) -> &str {
        &self.out
    }

    /// What was written.
    pub fn into_string(self) -> String {
        self.out
    }

    /// Forgets what was written and keeps the buffer.
    pub fn clear(&mut self) {
        self.out.clear();
        self.comma = false;
    }

    /// `{`.
    pub fn begin_object(&mut self) {
        self.out.push('{');
        self.comma = false;
    }

    /// `}`.
    pub fn end_object(&mut self) {
        self.out.push('}');
        self.comma = true;
    }

    /// `[`.
    pub fn begin_array(&mut self) {
        self.out.push('[');
        self.comma = false;
    }

    /// `]`.
    pub fn end_array(&mut self) {
        self.out.push(']');
        self.comma = true;
    }

    /// The comma between elements of an array, where one is due.
    pub fn element(&mut self) {
        if self.comma {
            self.out.push(',');
        }
        self.comma = false;
    }

    /// A key of an object, with the comma before it where one is due.
    pub fn key(&mut self, name: &str) {
        self.element();
        self.quoted(name);
        self.out.push(':');
    }

    /// A key and its value.
    pub fn field(&mut self, name: &str, value: &(impl Encode + ?Sized)) {
        self.key(name);
        value.encode(self);
    }

    /// A key and its value, or nothing when there is none.
    pub fn optional(&mut self, name: &str, value: Option<&impl Encode>) {
        if let Some(value) = value {
            self.field(name, value);
        }
    }

    /// A string.
    pub fn string(&mut self, text: &str) {
        self.quoted(text);
        self.comma = true;
    }

    /// Text that is JSON already.
    pub fn literal(&mut self, text: &str) {
        self.out.push_str(text);
        self.comma = true;
    }

    /// A value whose `Display` is JSON: a number.
    pub fn display(&mut self, value: &dyn std::fmt::Display) {
        // Writing to a String cannot fail.
        let _ = write!(self.out, "{value}");
        self.comma = true;
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, value: bool) {
        self.literal(if value { "true" } else { "false" });
    }

    /// `null`.
    pub fn null(&mut self) {
        self.literal("null");
    }

    /// A time, in the unit of the writer; in microseconds, if in milliseconds it would be read as microseconds.
    pub fn timestamp(&mut self, value: Timestamp) {
        let millis = value.as_millis();
        match self.unit {
            TimeUnit::Millisecond if Timestamp::from_wire(millis) == Timestamp::from_millis(millis) => {
                self.display(&millis);
            }
            TimeUnit::Millisecond | TimeUnit::Microsecond => self.display(&value.as_micros()),
        }
    }

    /// A value whose `Display` needs no escapes, as a string.
    pub fn display_string(&mut self, value: &dyn std::fmt::Display) {
        let _ = write!(self.out, "\"{value}\"");
        self.comma = true;
    }

    fn quoted(&mut self, text: &str) {
        self.out.push('"');
        let mut from = 0;
        for (index, byte) in text.bytes().enumerate() {
            if byte >= 0x20 && byte != b'"' && byte != b'\\' {
                continue;
            }
            // The bytes that need an escape are ASCII, so both ends are character borders.
            self.out.push_str(text.get(from..index).unwrap_or_default());
            from = index + 1;
            match byte {
                b'"' => self.out.push_str("\\\""),
                b'\\' => self.out.push_str("\\\\"),
                b'\n' => self.out.push_str("\\n"),
                b'\r' => self.out.push_str("\\r"),
                b'\t' => self.out.push_str("\\t"),
                other => {
                    let _ = write!(self.out, "\\u{other:04x}");
                }
            }
        }
        self.out.push_str(text.get(from..).unwrap_or_default());
        self.out.push('"');
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode(&self, json: &mut JsonWriter) {
        (**self).encode(json);
    }
}

impl<T: Encode> Encode for Box<T> {
    fn encode(&self, json: &mut JsonWriter) {
        (**self).encode(json);
    }
}

/// `null` when there is none.
impl<T: Encode> Encode for Option<T> {
    fn encode(&self, json: &mut JsonWriter) {
        match self {
            Some(value) => value.encode(json),
            None => json.null(),
        }
    }
}

impl<T: Encode> Encode for [T] {
    fn encode(&self, json: &mut JsonWriter) {
        json.begin_array();
        for value in self {
            json.element();
            value.encode(json);
        }
        json.end_array();
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, json: &mut JsonWriter) {
        self.as_slice().encode(json);
    }
}

impl Encode for str {
    fn encode(&self, json: &mut JsonWriter) {
        json.string(self);
    }
}

impl Encode for String {
    fn encode(&self, json: &mut JsonWriter) {
        json.string(self);
    }
}

impl Encode for () {
    fn encode(&self, json: &mut JsonWriter) {
        json.literal("{}");
    }
}

impl Encode for bool {
    fn encode(&self, json: &mut JsonWriter) {
        json.boolean(*self);
    }
}

impl Encode for Decimal {
    fn encode(&self, json: &mut JsonWriter) {
        json.display_string(self);
    }
}

impl Encode for Timestamp {
    fn encode(&self, json: &mut JsonWriter) {
        json.timestamp(*self);
    }
}

macro_rules! encode_number {
    ($($type:ty),*) => {$(
        impl Encode for $type {
            fn encode(&self, json: &mut JsonWriter) {
                json.display(self);
            }
        }
    )*};
}

encode_number!(
    u8,
    u16,
    u32,
    u64,
    usize,
    i32,
    i64,
    OrderId,
    OrderListId,
    TradeId,
    AggTradeId,
    UpdateId,
    ExecutionId,
    PreventedMatchId,
    AllocationId,
    SubscriptionId
);

macro_rules! encode_text {
    ($($type:ty),*) => {$(
        impl Encode for $type {
            fn encode(&self, json: &mut JsonWriter) {
                json.string(self.as_str());
            }
        }
    )*};
}

encode_text!(Symbol, Asset, ClientOrderId);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_time_far_away_reads_as_it_was_written() {
        for wire in [0, 1_770_946_870_946, 99_999_999_999_999, 100_000_000_000_000, 1_770_946_870_946_889_251]
        {
            let time = Timestamp::from_wire(wire);
            let again: Timestamp = crate::Decoder::new().decode(time.to_json().as_bytes()).unwrap();
            assert_eq!(again.as_millis(), time.as_millis(), "{wire}");
            assert_eq!(again.to_json(), time.to_json(), "{wire}");
        }
    }

    #[test]
    fn commas_and_units() {
        let mut json = JsonWriter::new().with_time_unit(TimeUnit::Microsecond);
        json.begin_object();
        json.field("a", &vec![1_u64, 2]);
        json.optional("none", None::<&u64>);
        json.field("b", &Some(Decimal::new(10, 1)));
        json.key("c");
        json.begin_object();
        json.end_object();
        json.field("d", &Timestamp::from_millis(1));
        json.field("e", &None::<u64>);
        json.end_object();
        assert_eq!(json.as_str(), r#"{"a":[1,2],"b":"1.0","c":{},"d":1000,"e":null}"#);
    }

    proptest! {
        #[test]
        fn strings_are_read_back(text in any::<String>()) {
            let json = text.to_json();
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text.clone());
            prop_assert_eq!(crate::decode::Decoder::new().decode::<String>(json.as_bytes()).unwrap(), text);
        }
    }
}
