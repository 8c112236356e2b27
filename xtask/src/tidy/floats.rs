//! No floats where amounts of money are handled: neither types nor literals, in hand-written and in generated code.

use super::Findings;

/// Names of float types.
const TYPES: &[&str] = &["f16", "f32", "f64", "f128"];

/// Reports every float type, conversion and literal outside comments and strings.
pub(super) fn check(path: &str, text: &str, findings: &mut Findings) {
    let code = code_of(text);
    for (index, line) in code.lines().enumerate() {
        for word in line.split(|character: char| !(character.is_alphanumeric() || character == '_')) {
            let is_type = TYPES.iter().any(|name| word == *name || word.ends_with(&format!("_{name}")));
            let is_literal = word.starts_with(|first: char| first.is_ascii_digit())
                && (TYPES.iter().any(|name| word.ends_with(name)) || has_exponent(word));
            if is_type || is_literal {
                findings.fail(&format!("{path}:{}", index + 1), &format!("a float: `{word}`"));
            }
        }
        if let Some(literal) = pointed_literal(line) {
            findings.fail(&format!("{path}:{}", index + 1), &format!("a float: `{literal}`"));
        }
    }
}

/// `1e5`, which is a float without a point.
fn has_exponent(word: &str) -> bool {
    let Some((mantissa, exponent)) = word.split_once(['e', 'E']) else { return false };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    !mantissa.is_empty() && !exponent.is_empty() && digits(mantissa) && digits(exponent)
}

/// The first number of a line that has a point and a digit behind it. Fields of tuples (`pair.0.1`) have none.
fn pointed_literal(line: &str) -> Option<&str> {
    let bytes = line.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let begins = byte.is_ascii_digit()
            && (at == 0
                || bytes
                    .get(at - 1)
                    .is_some_and(|before| !before.is_ascii_alphanumeric() && !matches!(before, b'_' | b'.')));
        if !begins {
            at += 1;
            continue;
        }
        let start = at;
        while bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
            at += 1;
        }
        let is_pointed = bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if is_pointed {
            return line.get(start..at + 2);
        }
    }
    None
}

/// The text with spaces in the place of comments, strings and characters.
pub(super) fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => quoted(rest),
            'r' if !continues_a_word(&code) => raw(rest),
            '\'' => character(rest),
            _ => 0,
        };
        let length = skipped.max(first.len_utf8()).min(rest.len());
        let (taken, after) = rest.split_at(length);
        if skipped == 0 {
            code.push_str(taken);
        } else {
            code.extend(taken.chars().map(|character| if character == '\n' { '\n' } else { ' ' }));
        }
        rest = after;
    }
    code
}

/// Whether what follows `code` belongs to a word that has begun; the `b` and `c` before a string do not make one.
fn continues_a_word(code: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    code.strip_suffix(['b', 'c']).unwrap_or(code).ends_with(is_part)
}

/// The length of the string that `text` begins with.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of the raw string that `text` begins with; zero if it does not.
fn raw(text: &str) -> usize {
    let after = text.get(1..).unwrap_or_default();
    let hashes = after.len() - after.trim_start_matches('#').len();
    if !after.get(hashes..).is_some_and(|rest| rest.starts_with('"')) {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let body = hashes + 2;
    text.get(body..).and_then(|rest| rest.find(&end)).map_or(text.len(), |at| body + at + end.len())
}

/// The length of the character that `text` begins with; zero for a lifetime.
fn character(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => text.get(3..).and_then(|rest| rest.find('\'')).map_or(0, |at| at + 4),
        Some(_) => match characters.next() {
            Some((at, '\'')) => at + 1,
            _ => 0,
        },
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let mut findings = Findings::default();
        check("a.rs", text, &mut findings);
        findings.failures
    }

    #[test]
    fn types_conversions_and_literals_are_found() {
        for code in [
            "fn f(price: f64) {}",
            "let a = b as f32;",
            "value.to_f64()",
            "Decimal::from_f64_retain(x); y.as_f64()",
            "let a = 1.5;",
            "let a = 1_000.25;",
            "let a = 2e5;",
            "let a = 3f64;",
            "let quote = '\"'; let a = 1.0;",
            "fn f<'a>(x: &'a str) { 0.5 }",
        ] {
            assert_eq!(found(code).len(), 1, "{code}");
        }
    }

    #[test]
    fn what_only_looks_like_one_passes() {
        for code in [
            "// 1.5 as f64",
            "/* f64 */ let a = 1;",
            "let a = \"1.5 \\\" f64\";",
            "let a = r#\"{\"a\":1.5}\"#;",
            "let a = br#\"[\"1.5\"]\"#;",
            "let a = pair.0.1 + x.0;",
            "for index in 0..5 {}",
            "let a = 0x1e5; let half64 = 1; let buf64 = 2;",
            "let a = '\\''; let b = '\"'; // 1.5",
            "let first_e5 = b1e5;",
        ] {
            assert_eq!(found(code), Vec::<String>::new(), "{code}");
        }
    }
}
