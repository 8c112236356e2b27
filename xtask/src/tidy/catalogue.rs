//! The catalogue of faults: every row of it has a test whose name begins with its id (`a7_…`, or `e3_e5_…` for one that
//! stands for several), or a reason here why it has none.

use std::collections::BTreeSet;
use std::path::Path;

use super::Findings;
use super::sources::has_extension;
use crate::deps::Outcome;

/// The letters of the catalogue, and how many rows each has.
const ROWS: [(char, u32); 11] = [
    // Transport.
    ('a', 14),
    // Names, TLS, the upgrade.
    ('b', 9),
    // WebSocket framing.
    ('c', 12),
    // Life and lifetime of a connection.
    ('d', 6),
    // Payload.
    ('e', 11),
    // Order books.
    ('f', 12),
    // Subscriptions.
    ('g', 6),
    // Limits and HTTP status.
    ('h', 9),
    // Orders and the WebSocket API.
    ('i', 20),
    // User data.
    ('j', 8),
    // Inside the process, and the embedded exchange itself.
    ('k', 10),
];

/// Rows without a test, each with its reason.
const WITHOUT: &[(&str, &str)] = &[
    (
        "h6",
        "orders are not counted on our side: the exchange's answer decides, so there is nothing to be wrong about",
    ),
    ("i5", "not written yet"),
    ("i8", "not written yet"),
    ("i12", "not written yet"),
    ("i13", "not written yet"),
    ("i14", "not written yet"),
    ("i19", "not written yet"),
    ("i20", "not written yet"),
    ("j2", "not written yet"),
    ("j3", "not written yet"),
    ("j7", "not written yet"),
    ("j8", "not written yet"),
];

pub(super) fn check(root: &Path, files: &[String], findings: &mut Findings) -> Outcome<()> {
    let mut tested = BTreeSet::new();
    for path in files.iter().filter(|path| path.starts_with("crates/") && has_extension(path, "rs")) {
        let text = std::fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
        tested.extend(rows_of(&text));
    }
    compare(&tested, WITHOUT, findings);
    Ok(())
}

fn compare(tested: &BTreeSet<String>, without: &[(&str, &str)], findings: &mut Findings) {
    let rows: Vec<String> = ROWS
        .iter()
        .flat_map(|(letter, count)| (1..=*count).map(move |row| format!("{letter}{row}")))
        .collect();
    for row in &rows {
        let excused = without.iter().any(|(id, _)| id == row);
        match (tested.contains(row), excused) {
            (false, false) => findings.fail(
                row,
                &format!("this row of the fault catalogue has no test; its name would begin with `{row}_`"),
            ),
            (true, true) => findings.warn(row, "has a test: take it from the rows without one"),
            _ => {}
        }
    }
    for unknown in tested.iter().map(String::as_str).chain(without.iter().map(|(id, _)| *id)) {
        if !rows.iter().any(|row| row == unknown) {
            findings.fail(unknown, "the fault catalogue has no such row");
        }
    }
}

/// The ids that the names of tests in a file begin with.
fn rows_of(text: &str) -> BTreeSet<String> {
    let mut rows = BTreeSet::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[test") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(name) = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn ")) {
            if is_test {
                rows.extend(name.split('_').take_while(|word| is_row(word)).map(str::to_owned));
            }
            is_test = false;
        }
    }
    rows
}

fn is_row(word: &str) -> bool {
    let mut bytes = word.bytes();
    bytes.next().is_some_and(|letter| ROWS.iter().any(|(row, _)| *row == char::from(letter)))
        && word.len() > 1
        && bytes.all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tests_say_which_rows_they_are() {
        let text = "#[test]\nfn a1_x() {}\n#[tokio::test(start_paused = true)]\nasync fn e3_e5_y() {}\n\
            fn a2_no_test() {}\n    #[test]\n    fn b9_01_z(x in 0..3) {}\n#[test]\nfn b_2() {}\n#[test]\nfn a_b1() {}\n";
        assert_eq!(rows_of(text), ["a1", "b9", "e3", "e5"].map(str::to_owned).into());
    }

    #[test]
    fn each_row_has_a_test_or_a_reason() {
        let all: BTreeSet<String> = ROWS
            .iter()
            .flat_map(|(letter, count)| (1..=*count).map(move |row| format!("{letter}{row}")))
            .collect();
        assert_eq!(all.len(), 117);
        let mut findings = Findings::default();
        compare(&all, &[], &mut findings);
        assert!(findings.failures.is_empty() && findings.warnings.is_empty());
        let mut some = all;
        some.remove("a7");
        some.remove("k3");
        some.insert("k99".to_owned());
        compare(&some, &[("a7", "why not"), ("a1", "why not")], &mut findings);
        assert_eq!(
            findings.failures,
            [
                "k3: this row of the fault catalogue has no test; its name would begin with `k3_`",
                "k99: the fault catalogue has no such row"
            ]
        );
        assert_eq!(findings.warnings, ["a1: has a test: take it from the rows without one"]);
    }
}
