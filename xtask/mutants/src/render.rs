//! Writes a source file with all drawn changes in it, each behind a switch.

use std::ops::Range;

use crate::find::{Candidate, Form};

/// What each crate gets: the switch that says which change is on. The number comes from the environment, once; with a file to
/// write to, the numbers that are asked for are written there, each once.
pub(crate) const SWITCH: &str = r#"
#[allow(missing_docs, unreachable_pub, reason = "written into a copy that no person reads")]
pub(crate) mod mutant_switch {
    use std::io::Write as _;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicBool, Ordering};

    static ACTIVE: LazyLock<u32> =
        LazyLock::new(|| std::env::var("MUTANT").ok().and_then(|n| n.parse().ok()).unwrap_or(u32::MAX));
    static REACHED: LazyLock<Option<std::fs::File>> = LazyLock::new(|| {
        std::fs::OpenOptions::new().append(true).create(true).open(std::env::var_os("MUTANTS_REACHED")?).ok()
    });
    static SEEN: [AtomicBool; 8192] = [const { AtomicBool::new(false) }; 8192];

    pub(crate) fn on(number: u32) -> bool {
        if let Some(file) = &*REACHED
            && !SEEN[number as usize].swap(true, Ordering::Relaxed)
        {
            let mut line = [b' '; 8];
            let (mut rest, mut at) = (number, 6);
            loop {
                line[at] = b'0' + (rest % 10) as u8;
                rest /= 10;
                if rest == 0 {
                    break;
                }
                at -= 1;
            }
            line[7] = b'\n';
            let mut file = file;
            let _ = file.write_all(&line);
        }
        *ACTIVE == number
    }
}
"#;

/// The largest number of a change.
pub(crate) const MAX_NUMBER: u32 = 8_191;

/// A file with changes in it.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) text: String,
    /// Where each change is now, by its number.
    pub(crate) places: Vec<(u32, Range<usize>)>,
}

/// Writes `text` with these changes.
pub(crate) fn render(text: &str, changes: &[(u32, &Candidate)]) -> Rendered {
    let mut sorted: Vec<&(u32, &Candidate)> = changes.iter().collect();
    // An outer change comes before those inside it.
    sorted.sort_by_key(|(number, change)| (change.span.start, std::cmp::Reverse(change.span.end), *number));
    let mut rendered = Rendered { text: String::new(), places: Vec::new() };
    let rest = write(text, 0..text.len(), &sorted, &mut rendered);
    debug_assert!(rest.is_empty(), "a change overlaps another");
    rendered
}

/// Writes a range of the original with the changes inside it; returns the changes after it.
fn write<'a, 'b>(
    text: &str,
    range: Range<usize>,
    mut changes: &'b [&'a (u32, &'a Candidate)],
    out: &mut Rendered,
) -> &'b [&'a (u32, &'a Candidate)] {
    let mut at = range.start;
    while let Some(((number, change), rest)) = changes.split_first().map(|(first, rest)| (*first, rest)) {
        if change.span.start >= range.end && !(change.span.is_empty() && change.span.start == range.end) {
            break;
        }
        out.text.push_str(text.get(at..change.span.start).unwrap_or_default());
        let began = out.text.len();
        let on = format!("crate::mutant_switch::on({number})");
        let (before, after) = match &change.form {
            Form::Instead(other) => (format!("(if {on} {{ {other} }} else {{ "), " })".to_owned()),
            Form::Negate => (format!("({on} != ("), "))".to_owned()),
            Form::Return(value) => (format!(" if {on} {{ return {value}; }} "), String::new()),
            Form::Unless => (format!("if !{on} {{ "), " }".to_owned()),
            Form::NewGuard => (format!(" if !{on} "), String::new()),
            Form::InGuard => (format!("(!{on} && ("), "))".to_owned()),
        };
        out.text.push_str(&before);
        changes = if change.span.is_empty() { rest } else { write(text, change.span.clone(), rest, out) };
        out.text.push_str(&after);
        out.places.push((*number, began..out.text.len()));
        at = change.span.end;
    }
    out.text.push_str(text.get(at..range.end).unwrap_or_default());
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::candidates;

    #[test]
    fn changes_are_nested() {
        let text = "fn f(a: u8) -> bool { g(); a < 3 }";
        let found = candidates("crates/core/src/a.rs", text).unwrap();
        let numbered: Vec<(u32, &Candidate)> = (0..).zip(&found).collect();
        let rendered = render(text, &numbered);
        let plain = rendered.text.replace("crate::mutant_switch::on", "m");
        assert_eq!(
            plain,
            "fn f(a: u8) -> bool { if m(0) { return true; }  if m(1) { return false; }  \
             if !m(2) { g(); } (if m(3) { (a) <= (3) } else { (if m(4) { (a) >= (3) } else { a < \
             (if m(5) { 4 } else { 3 }) }) }) }"
        );
        let (_, place) = rendered.places.iter().find(|(number, _)| *number == 2).unwrap();
        assert!(rendered.text.get(place.clone()).unwrap().ends_with("{ g(); }"));
        assert_eq!(render(text, &[]).text, text);
    }

    #[test]
    fn the_largest_number_is_that_of_the_switch() {
        assert!(SWITCH.contains(&format!("[AtomicBool; {}]", MAX_NUMBER + 1)));
    }
}
