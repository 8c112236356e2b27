//! The parameters of a request: written once, then turned into a query string, a JSON object, or the text that
//! the WebSocket API wants signed. This is the only place that percent-encodes.

use crate::encode::JsonWriter;
use rust_decimal::Decimal;
use std::borrow::Cow;
use std::fmt::Write as _;

/// How a value stands in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    /// Numbers, booleans and arrays: written as they are.
    Literal,
}

#[derive(Debug, Clone)]
struct Entry {
    name: Cow<'static, str>,
    start: usize,
    end: usize,
    kind: Kind,
}

/// Collects the parameters of one request, in order.
///
/// ```
/// # use binance_kit_core::ParamWriter;
/// let mut params = ParamWriter::new();
/// params.text("symbol", "币安USDT");
/// params.integer("limit", 5);
/// assert_eq!(params.to_query(), "symbol=%E5%B8%81%E5%AE%89USDT&limit=5");
/// assert_eq!(params.to_sorted_payload(), "limit=5&symbol=币安USDT");
/// ```
#[derive(Clone, Default)]
pub struct ParamWriter {
    values: String,
    entries: Vec<Entry>,
}

/// Prints the names only: values may hold signatures and keys.
impl std::fmt::Debug for ParamWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl ParamWriter {
    /// No parameters yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The names, in the order of writing.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| &*entry.name)
    }

    /// The names and values, in the order of writing.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|entry| (&*entry.name, self.value(entry)))
    }

    /// A text.
    pub fn text(&mut self, name: impl Into<Cow<'static, str>>, value: &str) {
        let start = self.values.len();
        self.values.push_str(value);
        self.push(name.into(), start, Kind::Text);
    }

    /// A decimal: a text to the exchange, never a float.
    pub fn decimal(&mut self, name: impl Into<Cow<'static, str>>, value: Decimal) {
        self.display(name, &value, Kind::Text);
    }

    /// An integer.
    pub fn integer(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<i128>) {
        self.display(name, &value.into(), Kind::Literal);
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, name: impl Into<Cow<'static, str>>, value: bool) {
        self.display(name, &value, Kind::Literal);
    }

    /// A list of texts: a JSON array, in REST written into the query as text.
    pub fn texts<'a>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        values: impl IntoIterator<Item = &'a str>,
    ) {
        let start = self.values.len();
        let mut json = JsonWriter::onto(std::mem::take(&mut self.values));
        json.begin_array();
        for value in values {
            json.element();
            json.string(value);
        }
        json.end_array();
        self.values = json.into_string();
        self.push(name.into(), start, Kind::Literal);
    }

    /// A value that is JSON already.
    pub fn json(&mut self, name: impl Into<Cow<'static, str>>, value: &str) {
        let start = self.values.len();
        self.values.push_str(value);
        self.push(name.into(), start, Kind::Literal);
    }

    /// Adds all parameters of `other`.
    pub fn append(&mut self, other: &Self) {
        for entry in &other.entries {
            let start = self.values.len();
            self.values.push_str(other.value(entry));
            self.push(entry.name.clone(), start, entry.kind);
        }
    }

    /// A name that was written twice, if there is one. The exchange reads the first of two in some places and the
    /// last in others, so the transports refuse such a request.
    pub fn duplicate(&self) -> Option<&str> {
        self.entries.iter().enumerate().find_map(|(index, entry)| {
            self.entries.iter().take(index).any(|earlier| earlier.name == entry.name).then_some(&*entry.name)
        })
    }

    /// `name=value&…`, percent-encoded, in the order of writing: what REST sends and signs.
    pub fn to_query(&self) -> String {
        let mut out = String::with_capacity(self.values.len() + 16 * self.entries.len());
        for entry in &self.entries {
            if !out.is_empty() {
                out.push('&');
            }
            percent_encode(&entry.name, &mut out);
            out.push('=');
            percent_encode(self.value(entry), &mut out);
        }
        out
    }

    /// `name=value&…` in raw UTF-8, sorted by name: what the WebSocket API wants signed.
    pub fn to_sorted_payload(&self) -> String {
        let mut sorted: Vec<&Entry> = self.entries.iter().collect();
        sorted.sort_by(|left, right| left.name.cmp(&right.name));
        let mut out = String::with_capacity(self.values.len() + 16 * self.entries.len());
        for entry in sorted {
            if !out.is_empty() {
                out.push('&');
            }
            out.push_str(&entry.name);
            out.push('=');
            out.push_str(self.value(entry));
        }
        out
    }

    /// Writes the parameters as a JSON object.
    pub fn write_json(&self, json: &mut JsonWriter) {
        json.begin_object();
        for entry in &self.entries {
            json.key(&entry.name);
            match entry.kind {
                Kind::Text => json.string(self.value(entry)),
                Kind::Literal => json.literal(self.value(entry)),
            }
        }
        json.end_object();
    }

    fn value(&self, entry: &Entry) -> &str {
        self.values.get(entry.start..entry.end).unwrap_or_default()
    }

    fn display(&mut self, name: impl Into<Cow<'static, str>>, value: &dyn std::fmt::Display, kind: Kind) {
        let start = self.values.len();
        // Writing to a String cannot fail.
        let _ = write!(self.values, "{value}");
        self.push(name.into(), start, kind);
    }

    fn push(&mut self, name: Cow<'static, str>, start: usize, kind: Kind) {
        self.entries.push(Entry { name, start, end: self.values.len(), kind });
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986 (`A-Z a-z 0-9 - . _ ~`), upper case, a space as `%20`.
pub fn percent_encode(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> ParamWriter {
        let mut params = ParamWriter::new();
        params.text("symbol", "A&B=C d/é");
        params.decimal("price", Decimal::new(100, 2));
        params.integer("timestamp", 1_700_000_000_000_i64);
        params.boolean("flag", true);
        params.texts("symbols", ["A", "B\""]);
        params
    }

    #[test]
    fn query_is_encoded_in_order() {
        assert_eq!(
            sample().to_query(),
            "symbol=A%26B%3DC%20d%2F%C3%A9&price=1.00&timestamp=1700000000000&flag=true&symbols=%5B%22A%22%2C%22B%5C%22%22%5D"
        );
    }

    #[test]
    fn payload_is_sorted_and_raw() {
        assert_eq!(
            sample().to_sorted_payload(),
            "flag=true&price=1.00&symbol=A&B=C d/é&symbols=[\"A\",\"B\\\"\"]&timestamp=1700000000000"
        );
    }

    #[test]
    fn json_keeps_numbers_and_texts_apart() {
        let mut json = JsonWriter::new();
        sample().write_json(&mut json);
        assert_eq!(
            json.into_string(),
            r#"{"symbol":"A&B=C d/é","price":"1.00","timestamp":1700000000000,"flag":true,"symbols":["A","B\""]}"#
        );
    }

    #[test]
    fn names_written_twice_are_found_and_values_are_not_printed() {
        let mut params = sample();
        assert_eq!(params.duplicate(), None);
        params.text("price", "2");
        assert_eq!(params.duplicate(), Some("price"));
        assert_eq!(format!("{params:?}"), r#"["symbol", "price", "timestamp", "flag", "symbols", "price"]"#);
    }
}
