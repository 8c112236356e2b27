//! Texts from outside, shown so that they can neither control a terminal nor forge a line of a log.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// Shows a value by its `Display`, with every character escaped (`\n`, `\u{1b}`) that a terminal or a log would act on instead
/// of showing it: control characters, line and paragraph separators, marks that change the direction of text, and invisible ones.
///
/// Everything that is shown of what the exchange sends goes through this: error messages, symbols, unknown words.
///
/// ```
/// use binance_kit_core::printable;
///
/// assert_eq!(printable("币安USDT \x1b[31m\r\n").to_string(), r"币安USDT \u{1b}[31m\r\n");
/// ```
pub fn printable<T: fmt::Display>(value: T) -> Printable<T> {
    Printable(value)
}

/// What [`printable`] returns.
#[derive(Debug, Clone, Copy)]
pub struct Printable<T>(T);

impl<T: fmt::Display> fmt::Display for Printable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escape(f), "{}", self.0)
    }
}

/// Escapes what is written through it.
struct Escape<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl fmt::Write for Escape<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some((at, found)) = rest.char_indices().find(|(_, c)| is_unprintable(*c)) {
            let (before, behind) = rest.split_at(at);
            self.0.write_str(before)?;
            write!(self.0, "{}", found.escape_default())?;
            rest = behind.get(found.len_utf8()..).unwrap_or_default();
        }
        self.0.write_str(rest)
    }
}

/// The same for a JSON text, which stays the same JSON: escaped as JSON does (`\u001b`), with white space between its tokens as
/// spaces, so that it is one line.
pub fn printable_json(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_unprintable) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 32);
    for c in json.chars() {
        match c {
            // JSON has these outside of strings only.
            '\n' | '\r' | '\t' => out.push(' '),
            c if is_unprintable(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether a terminal or a log would act on a character instead of showing it.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ApiError, DecodeError, Error, ErrorCode, ErrorKind, Symbol, Timestamp};

    /// A title for the window, a colour, a line of its own, an 8-bit control sequence, a change of direction.
    const HOSTILE: &str = "\x1b]0;owned\x07\x1b[31m\r\nERROR forged\u{9b}2J\u{202e}";

    #[track_caller]
    fn is_harmless(shown: &str) {
        let found = shown.chars().find(|c| is_unprintable(*c) && *c != '\n');
        assert_eq!(found, None, "{shown:?}");
        assert!(!shown.contains("\nERROR"), "{shown:?}");
    }

    #[test]
    fn e12_what_the_exchange_sends_cannot_control_a_terminal() {
        is_harmless(&printable(HOSTILE).to_string());
        let api = ApiError::new(ErrorCode(-1), HOSTILE);
        is_harmless(&api.to_string());
        let error = Error::answered(400, Some(api), None, Timestamp::default())
            .with_detail(HOSTILE)
            .with_source(std::io::Error::other(HOSTILE));
        is_harmless(&error.to_string());
        is_harmless(&format!("{error:?}"));
        let body = Error::new(ErrorKind::ServerError).with_answer(Vec::new(), HOSTILE.as_bytes());
        is_harmless(&format!("{body:?}"));
        let unreadable = DecodeError::invalid(HOSTILE).at_key(HOSTILE);
        is_harmless(&unreadable.to_string());
        is_harmless(&format!("{unreadable:?}"));
        let symbol = Symbol::new(HOSTILE);
        is_harmless(&format!("{symbol} {symbol:?}"));
    }

    #[test]
    fn e12_json_stays_the_same_json_in_one_line() {
        let json = "{\n\t\"a\u{9b}\": \"\u{7f}\u{202e}\u{e0001}币\"\r\n}";
        let shown = printable_json(json);
        is_harmless(&shown);
        assert_eq!(shown, "{  \"a\\u009b\": \"\\u007f\\u202e\\udb40\\udc01币\"  }");
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(read(&shown), read(json));
        assert!(matches!(printable_json("{\"币\":1}"), Cow::Borrowed(_)));
    }
}
