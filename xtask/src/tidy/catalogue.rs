//! The fault catalogue, `docs/faults.md`: every row of it has a test whose name begins with its id (`a7_…`, or `e3_e5_…`
//! for two rows), and names the crates of those tests, or a reason why there is none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Findings;
use super::sources::has_extension;
use crate::deps::Outcome;

const CATALOGUE: &str = "docs/faults.md";

/// What the last column begins with where a row has no test.
const WITHOUT: &str = "none: ";

/// The crates that hold tests of a row, by the id of the row.
type Tested = BTreeMap<String, BTreeSet<String>>;

/// A row of the catalogue.
#[derive(Debug, PartialEq, Eq)]
struct Row<'text> {
    line: usize,
    id: &'text str,
    /// The last column.
    tested_in: &'text str,
}

pub(super) fn check(root: &Path, files: &[String], findings: &mut Findings) -> Outcome<()> {
    let text =
        std::fs::read_to_string(root.join(CATALOGUE)).map_err(|error| format!("{CATALOGUE}: {error}"))?;
    let rows = rows_in(&text, findings);
    let mut tested = Tested::new();
    for path in files.iter().filter(|path| has_extension(path, "rs")) {
        let Some((name, _)) = path.strip_prefix("crates/").and_then(|rest| rest.split_once('/')) else {
            continue;
        };
        let text = std::fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
        for id in ids_of_tests(&text) {
            tested.entry(id).or_default().insert(name.to_owned());
        }
    }
    compare(&rows, &tested, findings);
    Ok(())
}

/// The rows of the tables in the catalogue.
fn rows_in<'text>(text: &'text str, findings: &mut Findings) -> Vec<Row<'text>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some(inner) = line.strip_prefix('|').and_then(|rest| rest.trim_end().strip_suffix('|')) else {
            continue;
        };
        let cells: Vec<&str> = inner.split('|').map(str::trim).collect();
        let place = format!("{CATALOGUE}:{}", index + 1);
        match cells.as_slice() {
            ["id", ..] => {}
            [rule, ..] if rule.starts_with('-') => {}
            [id, fault, required, tested_in] if is_id(id) => {
                if [fault, required, tested_in].iter().any(|cell| cell.is_empty()) {
                    findings.fail(&place, "an empty cell");
                }
                if rows.iter().any(|row| row.id == *id) {
                    findings.fail(&place, &format!("{id} is there twice"));
                }
                rows.push(Row { line: index + 1, id, tested_in });
            }
            _ => findings.fail(&place, "a row is an id, the fault, what must happen and where it is tested"),
        }
    }
    rows
}

fn compare(rows: &[Row<'_>], tested: &Tested, findings: &mut Findings) {
    for row in rows {
        let place = format!("{CATALOGUE}:{}", row.line);
        let crates = tested.get(row.id).map(|crates| {
            let names: Vec<&str> = crates.iter().map(String::as_str).collect();
            names.join(", ")
        });
        let reason = row.tested_in.strip_prefix(WITHOUT).filter(|reason| !reason.is_empty());
        match (crates, reason) {
            (None, None) => findings.fail(
                &place,
                &format!(
                    "{0} has no test (its name would begin with `{0}_`) and no reason: `{WITHOUT}…`",
                    row.id
                ),
            ),
            (Some(crates), _) if crates != row.tested_in => {
                findings.fail(&place, &format!("{} is tested in: {crates}", row.id));
            }
            _ => {}
        }
    }
    for id in tested.keys().filter(|id| !rows.iter().any(|row| row.id == **id)) {
        findings.fail(CATALOGUE, &format!("a test is named after {id}, and there is no such row"));
    }
}

/// The ids that the names of tests in a file begin with.
fn ids_of_tests(text: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[test") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(name) = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn ")) {
            if is_test {
                ids.extend(name.split('_').take_while(|word| is_id(word)).map(str::to_owned));
            }
            is_test = false;
        }
    }
    ids
}

/// A letter of the catalogue and a number.
fn is_id(word: &str) -> bool {
    let mut bytes = word.bytes();
    bytes.next().is_some_and(|letter| matches!(letter, b'a'..=b'k'))
        && word.len() > 1
        && bytes.all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tests_give_their_rows() {
        let text = "#[test]\nfn a1_x() {}\n#[tokio::test(start_paused = true)]\nasync fn e3_e5_y() {}\n\
            fn a2_no_test() {}\n    #[test]\n    fn b9_01_z(x in 0..3) {}\n#[test]\nfn b_2() {}\n#[test]\nfn a_b1() {}\n";
        assert_eq!(ids_of_tests(text), ["a1", "b9", "e3", "e5"].map(str::to_owned).into());
    }

    #[test]
    fn rows_are_read_from_the_tables() {
        let text = "# X\n\n| id | fault | what | tested in |\n|---|---|---|---|\n| a1 | b | c | net |\n| a1 | b | | net |\n| x1 | b |\n";
        let mut findings = Findings::default();
        let rows = rows_in(text, &mut findings);
        assert_eq!(rows.first(), Some(&Row { line: 5, id: "a1", tested_in: "net" }));
        assert_eq!(rows.len(), 2);
        assert_eq!(
            findings.failures,
            [
                "docs/faults.md:6: an empty cell",
                "docs/faults.md:6: a1 is there twice",
                "docs/faults.md:7: a row is an id, the fault, what must happen and where it is tested"
            ]
        );
    }

    #[test]
    fn each_row_has_a_test_or_a_reason() {
        let row = |line, id, tested_in| Row { line, id, tested_in };
        let rows = [
            row(1, "a1", "net, rest"),
            row(2, "a2", "none: why"),
            row(3, "a3", "net"),
            row(4, "a4", "none: "),
            row(5, "a5", "none: why"),
            row(6, "a6", "net"),
        ];
        let crates = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let tested = Tested::from([
            ("a1".to_owned(), crates(&["rest", "net"])),
            ("a5".to_owned(), crates(&["sim"])),
            ("a6".to_owned(), crates(&["net", "sim"])),
            ("k99".to_owned(), crates(&["sim"])),
        ]);
        let mut findings = Findings::default();
        compare(&rows, &tested, &mut findings);
        let places: Vec<&str> =
            findings.failures.iter().filter_map(|failure| failure.split(": ").next()).collect();
        assert_eq!(
            places,
            [
                "docs/faults.md:3",
                "docs/faults.md:4",
                "docs/faults.md:5",
                "docs/faults.md:6",
                "docs/faults.md"
            ]
        );
        assert_eq!(findings.failures.get(3).unwrap(), "docs/faults.md:6: a6 is tested in: net, sim");
    }
}
