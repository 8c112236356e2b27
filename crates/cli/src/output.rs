//! Writing to the terminal: results on standard output, everything else on standard error.

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

/// What a command gives back: an exit status, or an error to be printed.
pub(crate) type CommandResult = Result<ExitCode, Box<dyn Error + Send + Sync>>;

/// Prints a line on standard output. `false` when nobody reads it any more.
pub(crate) fn line(text: &str) -> bool {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).is_ok()
}

/// Prints a line on standard error.
pub(crate) fn note(text: &str) {
    // There is nowhere left to complain when this fails.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints an error with its causes.
pub(crate) fn fail(error: &dyn Error) -> ExitCode {
    let mut text = format!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str("\n  because: ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    note(&text);
    ExitCode::FAILURE
}

/// `1234567` as `1,234,567`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Fits a text into a column, counting characters.
pub(crate) fn pad(text: &str, width: usize) -> String {
    let mut out: String = text.chars().take(width).collect();
    let missing = width.saturating_sub(out.chars().count());
    out.extend(std::iter::repeat_n(' ', missing));
    out
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
        assert_eq!(pad("abcdef", 4), "abcd");
    }
}
