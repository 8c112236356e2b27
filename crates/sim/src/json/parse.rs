//! Reading the JSON that clients send. A small parser of its own, so that the exchange does not share the client's, and
//! because it needs what others throw away: the exact text of numbers (they are signed), positions for the messages of
//! the exchange, and keys that occur twice.

/// A value, with the range of bytes it was read from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Value {
    /// What it is.
    pub(crate) kind: Kind,
    /// First byte of its text.
    pub(crate) start: usize,
    /// Byte after its text.
    pub(crate) end: usize,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number,
    String(String),
    Array(Vec<Value>),
    /// In the order of the text, keys that occur twice included.
    Object(Vec<(String, Value)>),
}

/// Text that is not JSON: what was expected, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ParseError {
    /// What was expected.
    pub(crate) expected: &'static str,
    /// Line, from 1.
    pub(crate) line: usize,
    /// Column, from 1.
    pub(crate) column: usize,
}

/// How deep values may be nested.
const MAX_DEPTH: usize = 32;

struct Parser<'a> {
    /// Text that is parsed.
    text: &'a str,
    /// Position in it.
    at: usize,
}

/// Reads one value and nothing behind it.
pub(crate) fn parse(text: &str) -> Result<Value, ParseError> {
    let mut parser = Parser { text, at: 0 };
    let value = parser.value(0)?;
    parser.whitespace();
    if parser.at < text.len() { Err(parser.error("end of input")) } else { Ok(value) }
}

/// Line and column of a byte, counted from one.
pub(crate) fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    let line = before.split(|byte| *byte == b'\n').count();
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count();
    (line, column.max(1))
}

impl Parser<'_> {
    fn error(&self, expected: &'static str) -> ParseError {
        let (line, column) = position(self.text, (self.at + 1).min(self.text.len()));
        ParseError { expected, line, column }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn whitespace(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, ParseError> {
        self.whitespace();
        let start = self.at;
        let kind = match self.peek() {
            Some(b'"') => Kind::String(self.string()?),
            Some(b'{') if depth < MAX_DEPTH => self.object(depth)?,
            Some(b'[') if depth < MAX_DEPTH => self.array(depth)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Kind::Bool(true))?,
            Some(b'f') => self.word("false", Kind::Bool(false))?,
            Some(b'n') => self.word("null", Kind::Null)?,
            _ => return Err(self.error("value")),
        };
        Ok(Value { kind, start, end: self.at })
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<Kind, ParseError> {
        if self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            self.at += word.len();
            Ok(kind)
        } else {
            Err(self.error("value"))
        }
    }

    fn number(&mut self) -> Result<Kind, ParseError> {
        let digits = |parser: &mut Self| {
            let from = parser.at;
            while matches!(parser.peek(), Some(b'0'..=b'9')) {
                parser.at += 1;
            }
            if parser.at == from { Err(parser.error("value")) } else { Ok(()) }
        };
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            digits(self)?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            digits(self)?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            digits(self)?;
        }
        Ok(Kind::Number)
    }

    fn string(&mut self) -> Result<String, ParseError> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let from = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            out.push_str(self.text.get(from..self.at).unwrap_or_default());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                _ => return Err(self.error("value")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, ParseError> {
        let byte = self.peek();
        self.at += 1;
        Ok(match byte {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let high = self.hex()?;
                let code = if (0xd800..0xdc00).contains(&high) {
                    if self.text.as_bytes().get(self.at..self.at + 2) != Some(b"\\u") {
                        return Err(self.error("value"));
                    }
                    self.at += 2;
                    let low = self.hex()?;
                    if !(0xdc00..0xe000).contains(&low) {
                        return Err(self.error("value"));
                    }
                    0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)
                } else {
                    high
                };
                char::from_u32(code).ok_or_else(|| self.error("value"))?
            }
            _ => return Err(self.error("value")),
        })
    }

    fn hex(&mut self) -> Result<u32, ParseError> {
        let digits =
            self.text.get(self.at..self.at + 4).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let code = code.ok_or_else(|| self.error("value"))?;
        self.at += 4;
        Ok(code)
    }

    fn array(&mut self, depth: usize) -> Result<Kind, ParseError> {
        self.at += 1;
        let mut values = Vec::new();
        self.whitespace();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Kind::Array(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            self.whitespace();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Kind::Array(values));
                }
                _ => return Err(self.error("`,` or `]`")),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Kind, ParseError> {
        self.at += 1;
        let mut entries = Vec::new();
        self.whitespace();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Kind::Object(entries));
        }
        loop {
            self.whitespace();
            if self.peek() != Some(b'"') {
                return Err(self.error("key"));
            }
            let key = self.string()?;
            self.whitespace();
            if self.peek() != Some(b':') {
                return Err(self.error("`:`"));
            }
            self.at += 1;
            entries.push((key, self.value(depth + 1)?));
            self.whitespace();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Kind::Object(entries));
                }
                _ => return Err(self.error("`,` or `}`")),
            }
        }
    }
}

impl Value {
    /// The text the value was read from.
    pub(crate) fn raw<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// The first value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Object(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_and_their_text() {
        let text = r#" {"a": [1.50, true, null], "b":"\u5e01\ud83d\ude00\n", "a":{}} "#;
        let value = parse(text).unwrap();
        let Kind::Array(items) = &value.get("a").unwrap().kind else { panic!() };
        assert_eq!(items[0].raw(text), "1.50");
        assert_eq!(items[1].kind, Kind::Bool(true));
        assert_eq!(value.get("b").unwrap().as_str(), Some("币😀\n"));
        let Kind::Object(entries) = &value.kind else { panic!() };
        assert_eq!(entries.len(), 3);
    }

    #[test]
    fn errors_have_positions() {
        let error = parse("{\"a\":\n  x}").unwrap_err();
        assert_eq!((error.expected, error.line, error.column), ("value", 2, 3));
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\"}",
            "{\"a\":1,}",
            "01",
            "1.",
            "\"",
            "\"\\x\"",
            "\"\\ud800\"",
            "tru",
            "1 2",
            "\"\u{1}\"",
            "nul",
            "-",
            "{a:1}",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert!(parse(&format!("{}{}", "[".repeat(32), "]".repeat(32))).is_ok());
    }

    proptest! {
        #[test]
        fn agrees_with_another_parser(text in r#"[\[\]{}":,0-9a-z\\\- .]{0,24}"#) {
            let other = serde_json::from_str::<serde_json::Value>(&text);
            // The other parser reads numbers as floats and refuses those that are too large for one.
            prop_assume!(!other.as_ref().is_err_and(|error| error.to_string().contains("out of range")));
            prop_assert_eq!(parse(&text).is_ok(), other.is_ok(), "{}", text);
        }

        #[test]
        fn strings_are_read_back(string in any::<String>()) {
            let text = serde_json::to_string(&string).unwrap();
            let value = parse(&text).unwrap();
            prop_assert_eq!(value.as_str(), Some(string.as_str()));
        }
    }
}
