//! Writing to the terminal: results on standard output, everything else on standard error.

use binance_kit::core::{printable, printable_json};
use std::error::Error;
use std::fmt;
use std::io::Write as _;
use std::process::ExitCode;

/// The result of a command: an exit status, or an error to be printed.
pub(crate) type CommandResult = Result<ExitCode, Box<dyn Error + Send + Sync>>;

/// Cannot write to standard output: its reader is gone, or the disk is full.
#[derive(Debug)]
pub(crate) struct OutputError(std::io::Error);

impl OutputError {
    /// Whether the reader has closed the pipe, as `head` does.
    pub(crate) fn is_reader_gone(&self) -> bool {
        self.0.kind() == std::io::ErrorKind::BrokenPipe
    }
}

/// The exit status after a wrong command line or environment variable.
pub(crate) const WRONG_USAGE: u8 = 2;
/// The exit status when the reader of standard output has gone, as shells report it of programs that `SIGPIPE` ends.
pub(crate) const READER_GONE: u8 = 141;

/// Whether a command failed because the reader of its output has closed the pipe. Nothing is said of that.
pub(crate) fn is_reader_gone(error: &(dyn Error + Send + Sync + 'static)) -> bool {
    error.downcast_ref::<OutputError>().is_some_and(OutputError::is_reader_gone)
}

impl fmt::Display for OutputError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("cannot write to standard output")
    }
}

impl Error for OutputError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// Prints a line on standard output, or several, line feed included in one write, so that a reader gets all of it or nothing.
/// Control characters are escaped: the text may hold words of the exchange. A JSON object stays the same JSON.
pub(crate) fn line(text: &str) -> Result<(), OutputError> {
    if text.starts_with('{') { raw(&printable_json(text)) } else { raw(&printable_lines(text)) }
}

/// Prints a line on standard output as it is, control sequences for the terminal included.
pub(crate) fn raw(text: &str) -> Result<(), OutputError> {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{text}\n").as_bytes()).and_then(|()| out.flush()).map_err(OutputError)
}

/// Prints a line on standard error, or several. Control characters are escaped: the text may hold words of the exchange.
pub(crate) fn note(text: &str) {
    // There is no place to report a failure of this.
    let _ = writeln!(std::io::stderr().lock(), "{}", printable_lines(text));
}

/// The lines of a text, with the other control characters escaped.
fn printable_lines(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| printable(line).to_string()).collect();
    lines.join("\n")
}

/// Prints an error with its causes.
pub(crate) fn fail(error: &dyn Error) -> ExitCode {
    note(&format!("error: {}", chain(error, "\n  caused by: ")));
    ExitCode::FAILURE
}

/// An error and its causes in one text, with control characters escaped.
pub(crate) fn chain(error: &dyn Error, between: &str) -> String {
    let mut text = printable(error).to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = printable(error).to_string();
        // Some errors have the message of their cause in their own.
        if !text.ends_with(&message) {
            text.push_str(between);
            text.push_str(&message);
        }
        cause = error.source();
    }
    text
}

/// `1234567` as `1,234,567`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The width of a character in a terminal, in columns: two for those of East Asia and for pictures. The exchange lists such
/// symbols.
fn columns(character: char) -> usize {
    match u32::from(character) {
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1_f300..=0x1_faff
        | 0x2_0000..=0x3_fffd => 2,
        _ => 1,
    }
}

/// Cuts a text to a width and fills it up with spaces behind it; what is cut off is marked by `…`.
pub(crate) fn pad(text: &str, width: usize) -> String {
    let (mut out, used) = cut(text, width);
    out.extend(std::iter::repeat_n(' ', width.saturating_sub(used)));
    out
}

/// As [`pad`], with the spaces before the text: for numbers.
pub(crate) fn pad_left(text: &str, width: usize) -> String {
    let (text, used) = cut(text, width);
    format!("{}{text}", " ".repeat(width.saturating_sub(used)))
}

/// Cuts a text to a width, and gives the width that it has then.
pub(crate) fn cut(text: &str, width: usize) -> (String, usize) {
    let whole: usize = text.chars().map(columns).sum();
    let room = if whole <= width { width } else { width.saturating_sub(1) };
    let (mut out, mut used) = (String::new(), 0);
    for character in text.chars() {
        if used + columns(character) > room {
            break;
        }
        used += columns(character);
        out.push(character);
    }
    if whole > width && width > 0 {
        out.push('…');
        used += 1;
    }
    (out, used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_columns() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1000), "1,000");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(pad("ab", 4), "ab  ");
        assert_eq!(pad("abcd", 4), "abcd");
        assert_eq!(pad("abcdef", 4), "abc…");
        assert_eq!(pad("币安X", 6), "币安X ");
        assert_eq!(pad("币安X", 4), "币… ");
        assert_eq!(pad("ab", 0), "");
        assert_eq!(pad_left("ab", 4), "  ab");
        assert_eq!(pad_left("币安X", 6), " 币安X");
        assert_eq!(pad_left("abcdef", 4), "abc…");
    }
}
