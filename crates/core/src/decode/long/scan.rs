//! Goes over JSON text without reading it: where values begin and end, how many a list has.
//!
//! What it refuses is no JSON. What it lets pass may still be none: every byte that it went over is parsed afterwards, and the
//! parser refuses it then.

use crate::decode::MAX_DEPTH;

/// The text is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken(pub(super) &'static str);

const CUT: Broken = Broken("it ends within a value");
const DEEP: Broken = Broken("it is nested too deep");
const CROSSED: Broken = Broken("a bracket closes another one");

/// The lowest and the highest bit of each byte.
const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Where an element of a list, or a field of an object, is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'a> {
    /// The key of a field, with its quotes.
    pub(super) key: &'a [u8],
    /// Offset of the key or, in a list, of the value.
    pub(super) begin: usize,
    /// Offset of the value.
    pub(super) value: usize,
    /// Offset behind the value.
    pub(super) end: usize,
}

/// A place in a text, and the number of arrays and objects around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// The offset in the text.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The next byte that is not white space.
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.get(self.at)?;
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Goes over the next byte, if it is this one.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    /// Goes over the bracket that begins an array or object.
    pub(super) fn enter(&mut self) -> Result<(), Broken> {
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(DEEP) } else { Ok(()) }
    }

    /// Goes over a string and gives it with its quotes.
    fn string(&mut self) -> Result<&'a [u8], Broken> {
        self.peek();
        let start = self.at;
        if !self.take(b'"') {
            return Err(Broken("a key is missing"));
        }
        self.end_of_string()?;
        self.text.get(start..self.at).ok_or(CUT)
    }

    /// Goes behind the end of the string that has begun.
    fn end_of_string(&mut self) -> Result<(), Broken> {
        loop {
            // Eight bytes at a time, while none of them is a quote or a backslash.
            while let Some(word) = self.text.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
                let word = u64::from_le_bytes(*word);
                let has = |byte: u8| {
                    let differing = word ^ (LOW * u64::from(byte));
                    differing.wrapping_sub(LOW) & !differing & HIGH
                };
                let found = has(b'"') | has(b'\\');
                if found != 0 {
                    // The lowest bit is right: only those above a byte that was found may be wrong.
                    self.at += (found.trailing_zeros() >> 3) as usize;
                    break;
                }
                self.at += 8;
            }
            match self.text.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
                None => return Err(CUT),
            }
        }
    }

    /// Goes over a value of any kind.
    pub(super) fn value(&mut self) -> Result<(), Broken> {
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.end_of_string()
            }
            Some(b'[' | b'{') => self.nested(),
            Some(_) => {
                let start = self.at;
                let is_part = |byte: &u8| {
                    !matches!(
                        byte,
                        b',' | b':' | b'"' | b'[' | b']' | b'{' | b'}' | b' ' | b'\t' | b'\n' | b'\r'
                    )
                };
                let length = self
                    .text
                    .get(start..)
                    .unwrap_or_default()
                    .iter()
                    .take_while(|byte| is_part(byte))
                    .count();
                self.at += length;
                if length == 0 { Err(Broken("a value is missing")) } else { Ok(()) }
            }
            None => Err(CUT),
        }
    }

    /// Goes over an array or object with all that is in it.
    fn nested(&mut self) -> Result<(), Broken> {
        // One bit for each level that is open: whether it is an object. There are no more levels than bits.
        let (mut objects, mut open) = (0_u64, 0_usize);
        while let Some(byte) = self.text.get(self.at) {
            self.at += 1;
            match byte {
                b'"' => self.end_of_string()?,
                b'[' | b'{' => {
                    open += 1;
                    if self.depth + open > MAX_DEPTH {
                        return Err(DEEP);
                    }
                    objects = objects << 1 | u64::from(*byte == b'{');
                }
                b']' | b'}' => {
                    if (objects & 1 == 1) != (*byte == b'}') {
                        return Err(CROSSED);
                    }
                    objects >>= 1;
                    open -= 1;
                    if open == 0 {
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
        Err(CUT)
    }

    /// Goes over an element of the list that was entered; `None` and behind the bracket after the last one.
    pub(super) fn element(&mut self, is_first: bool) -> Result<Option<Item<'a>>, Broken> {
        if self.is_over(b']', is_first)? {
            return Ok(None);
        }
        self.peek();
        let value = self.at;
        self.value()?;
        Ok(Some(Item { key: &[], begin: value, value, end: self.at }))
    }

    /// Goes over a field of the object that was entered; `None` and behind the bracket after the last one.
    pub(super) fn field(&mut self, is_first: bool) -> Result<Option<Item<'a>>, Broken> {
        if self.is_over(b'}', is_first)? {
            return Ok(None);
        }
        self.peek();
        let begin = self.at;
        let key = self.string()?;
        if !self.take(b':') {
            return Err(Broken("a colon is missing"));
        }
        self.peek();
        let value = self.at;
        self.value()?;
        Ok(Some(Item { key, begin, value, end: self.at }))
    }

    /// Goes over the bracket at the end, or the comma before another element.
    fn is_over(&mut self, bracket: u8, is_first: bool) -> Result<bool, Broken> {
        if self.take(bracket) {
            return Ok(true);
        }
        if is_first || self.take(b',') {
            return Ok(false);
        }
        Err(if self.peek().is_none() { CUT } else { Broken("a comma is missing") })
    }

    /// Goes over a list and counts its elements.
    pub(super) fn list(&mut self) -> Result<usize, Broken> {
        self.enter()?;
        let mut count = 0;
        while self.element(count == 0)?.is_some() {
            count += 1;
        }
        self.depth -= 1;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<usize, Broken> {
        let mut scan = Scan::new(text.as_bytes());
        scan.value().map(|()| scan.at())
    }

    #[test]
    fn values_end_where_they_end() {
        for text in [
            "17",
            "-1.5e3",
            "null",
            r#""text""#,
            r#""quote \" and ] in it""#,
            r#""backslash \\""#,
            r#""backslashes \\\\\\\\\\""#,
            r#"[1,[2,{"a":[]}],"]"]"#,
            r#"{"a":"}","b":{"c":[{}]}}"#,
            "[ ]",
            "\"ä€ and more than eight bytes\"",
        ] {
            assert_eq!(value(text), Ok(text.len()), "{text}");
            for behind in [",1", " ,", "]", "}"] {
                assert_eq!(value(&format!("{text}{behind}")), Ok(text.len()), "{text}{behind}");
            }
            for spaces in ["  ", "\n\t\r "] {
                assert_eq!(value(&format!("{spaces}{text}")), Ok(spaces.len() + text.len()));
            }
            if !text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '-') {
                for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
                    assert_eq!(value(&text[..cut]), Err(CUT), "{text} cut at {cut}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_json_is_refused() {
        assert_eq!(value("[{]"), Err(CROSSED));
        assert_eq!(value("{\"a\":1]"), Err(CROSSED));
        assert_eq!(value(&"[".repeat(1000)), Err(DEEP));
        assert!(value(",").is_err() && value("").is_err() && value("]").is_err());
        let list = |text: &str| Scan::new(text.as_bytes()).list();
        assert_eq!((list("[]"), list("[ 1 , \"a,b\" , [2,3] ]")), (Ok(0), Ok(3)));
        for broken in ["[1 2]", "[,1]", "[1,]", "[1,,2]", "[1", "[1,", "[\"a", "[1}", "["] {
            assert!(list(broken).is_err(), "{broken}");
        }
    }
}
