//! Tables of what was measured, for a terminal and for BENCHMARKS.md, and the raw figures as JSON.

use std::fmt::Write as _;

use serde_json::json;

use super::figures::{Candidate, Figures, Group, median, ratio};
use super::machine::Machine;
use super::options::{Options, Suite};
use crate::deps::Outcome;

const OURS: &str = "binance-kit";
const PULL: &str = "binance-kit, pull";
const BARE: &str = "bare loop";
/// In the names of candidates on a runtime with several threads; what follows is the kind of task.
const THREADS: &str = ", multi-threaded";

/// Cells, the first row being the head; the first column is text, the others are figures.
type Table = Vec<Vec<String>>;

/// All tables for a terminal.
pub(super) fn text(suite: Suite, figures: &Figures) -> String {
    let mut out = String::new();
    for group in &figures.groups {
        let table = table(suite, group);
        let columns = table.first().map_or(0, Vec::len);
        let width = |column: usize| {
            table.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let _ = write!(out, "\n{}\n", title(group));
        for row in &table {
            for (index, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let cell = if index == 0 { format!("  {cell:<width$}") } else { format!("  {cell:>width$}") };
                out.push_str(&cell);
            }
            out.push('\n');
        }
    }
    out
}

/// The section of a suite for BENCHMARKS.md.
pub(super) fn markdown(options: &Options, machine: &Machine, figures: &Figures) -> String {
    let mut out = format!("`{}`: {}.\n", options.command(), machine.sentence());
    for group in &figures.groups {
        let _ = write!(out, "\n### {}\n\n", title(group));
        for (index, row) in table(options.suite, group).iter().enumerate() {
            let _ = writeln!(out, "| {} |", row.join(" | "));
            if index == 0 {
                let _ = writeln!(out, "|---|{}", "--:|".repeat(row.len().saturating_sub(1)));
            }
        }
    }
    out
}

/// Puts a section between its marks.
pub(super) fn replace(text: &str, name: &str, section: &str) -> Outcome<String> {
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->"));
    let marks = || format!("BENCHMARKS.md has no marks for {name}");
    let (before, rest) = text.split_once(&begin).ok_or_else(marks)?;
    let (_, after) = rest.split_once(&end).ok_or_else(marks)?;
    Ok(format!("{before}{begin}\n{section}\n{end}{after}"))
}

/// All samples.
pub(super) fn json(options: &Options, machine: &Machine, figures: &Figures) -> Outcome<String> {
    let all = json!({ "command": options.command(), "machine": machine, "groups": figures.groups });
    Ok(serde_json::to_string_pretty(&all)? + "\n")
}

fn title(group: &Group) -> String {
    match group.candidates.first().and_then(|candidate| candidate.bytes) {
        Some(bytes) if !group.name.contains(" B,") => format!(
            "{} ({} B)",
            group.name,
            number(Some(f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)),))
        ),
        _ => group.name.clone(),
    }
}

fn table(suite: Suite, group: &Group) -> Table {
    let ours = group.candidate(if suite == Suite::Decode { OURS } else { PULL });
    let head = head(suite);
    let row = |one: &Candidate| match suite {
        Suite::Decode => vec![
            number(one.least("ns")),
            number(one.median("ns")),
            times(one, ours, Candidate::least, "ns"),
            times(one, ours, Candidate::median, "ns"),
            number(one.least("instructions")),
            times(one, ours, Candidate::least, "instructions"),
            number(one.least("allocations")),
        ],
        Suite::Receive => vec![
            number(one.least("cpu_ns")),
            number(one.median("cpu_ns")),
            times(one, ours, Candidate::least, "cpu_ns"),
            times(one, ours, Candidate::median, "cpu_ns"),
            times(one, group.candidate(BARE), Candidate::least, "cpu_ns"),
            number(one.median("allocations")),
        ],
        Suite::Paced => {
            let bare = bare_beside(group, one);
            let least = |metric: &str| Some(one.least(metric)? - bare?.least(metric)?);
            vec![
                micro(one.least("p50_ns")),
                micro(least("p50_ns")),
                micro(one.median("p50_ns")),
                micro(added(one, bare, "p50_ns")),
                micro(one.least("p99_ns")),
                micro(least("p99_ns")),
                micro(one.least("cpu_ns")),
            ]
        }
        Suite::Scale => vec![
            number(one.least("cpu_ns")),
            number(one.median("cpu_ns")),
            times(one, ours, Candidate::least, "cpu_ns"),
            times(one, ours, Candidate::median, "cpu_ns"),
            number(one.median("memory_kb").map(|memory| memory / 1_024.0)),
        ],
    };
    let mut table: Table = vec![head.iter().map(|&cell| cell.to_owned()).collect()];
    table.extend(group.candidates.iter().map(|one| {
        let mut cells = vec![one.name.clone()];
        cells.extend(row(one));
        cells
    }));
    table
}

fn head(suite: Suite) -> &'static [&'static str] {
    match suite {
        Suite::Decode => &[
            "",
            "least ns",
            "median ns",
            "× least",
            "× median",
            "instructions",
            "× instructions",
            "allocations",
        ],
        Suite::Receive => {
            &["", "least ns", "median ns", "× least", "× median", "× least of the bare loop", "allocations"]
        }
        Suite::Paced => &[
            "",
            "p50 least µs",
            "added",
            "p50 median µs",
            "added",
            "p99 least µs",
            "added",
            "processor time least µs",
        ],
        Suite::Scale => &["", "least ns", "median ns", "× least", "× median", "memory MB"],
    }
}

/// The bare loop on the same kind of runtime and task as a candidate.
fn bare_beside<'a>(group: &'a Group, one: &Candidate) -> Option<&'a Candidate> {
    let runtime = one.name.find(THREADS).and_then(|at| one.name.get(at..)).unwrap_or_default();
    group.candidate(&format!("{BARE}{runtime}"))
}

/// How many times the base a candidate takes.
fn times(
    one: &Candidate,
    base: Option<&Candidate>,
    of: fn(&Candidate, &str) -> Option<f64>,
    metric: &str,
) -> String {
    let ratio = ratio(of(one, metric), base.and_then(|base| of(base, metric)));
    ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"))
}

/// What a candidate takes more than the base: the median of the differences of each round.
fn added(one: &Candidate, base: Option<&Candidate>, metric: &str) -> Option<f64> {
    let (one, base) = (one.metrics.get(metric)?, base?.metrics.get(metric)?);
    let differences: Vec<f64> = one.iter().zip(base).map(|(one, base)| one - base).collect();
    median(&differences)
}

/// Nanoseconds as microseconds.
fn micro(figure: Option<f64>) -> String {
    figure.map_or_else(|| "–".to_owned(), |figure| format!("{:.1}", figure / 1_000.0))
}

/// With as many digits as mean something, and a comma before each three.
fn number(figure: Option<f64>) -> String {
    let Some(figure) = figure else { return "–".to_owned() };
    let text =
        if figure < 100.0 && figure.fract() > 1e-9 { format!("{figure:.1}") } else { format!("{figure:.0}") };
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(a, b)| (a, Some(b)));
    let mut out = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    fraction.map_or(out.clone(), |fraction| format!("{out}.{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn candidate(name: &str, metric: &str, samples: &[f64]) -> Candidate {
        let metrics = BTreeMap::from([(metric.to_owned(), samples.to_vec())]);
        Candidate { name: name.to_owned(), bytes: Some(168), metrics }
    }

    #[test]
    fn figures_are_written_for_people() {
        assert_eq!(number(Some(1_234_567.4)), "1,234,567");
        assert_eq!(number(Some(999.6)), "1,000");
        assert_eq!(number(Some(57.91)), "57.9");
        assert_eq!(number(Some(3.0)), "3");
        assert_eq!(number(None), "–");
        assert_eq!(micro(Some(1_540.0)), "1.5");
    }

    #[test]
    fn ratios_are_to_ours() {
        let group = Group {
            name: "trade".to_owned(),
            candidates: vec![
                candidate(OURS, "ns", &[60.0, 50.0, 80.0]),
                candidate("peer", "ns", &[600.0, 900.0, 500.0]),
            ],
        };
        let table = table(Suite::Decode, &group);
        assert_eq!(table[2][..5], ["peer", "500", "600", "10.00", "10.00"].map(str::to_owned));
        assert_eq!(title(&group), "trade (168 B)");
    }

    #[test]
    fn what_is_added_is_the_median_of_the_rounds() {
        let base = candidate(BARE, "p50_ns", &[10_000.0, 20_000.0, 30_000.0]);
        let one = candidate("one", "p50_ns", &[11_000.0, 25_000.0, 32_000.0]);
        assert_eq!(added(&one, Some(&base), "p50_ns"), Some(2_000.0));
        assert_eq!(added(&one, None, "p50_ns"), None);
    }

    #[test]
    fn a_candidate_is_compared_with_the_bare_loop_of_its_runtime() {
        let names = [BARE, "bare loop, multi-threaded, main task", "peer", "peer, multi-threaded, main task"];
        let candidates = names.map(|name| candidate(name, "p50_ns", &[1.0])).into();
        let group = Group { name: "paced".to_owned(), candidates };
        let beside = |at: usize| bare_beside(&group, &group.candidates[at]).unwrap().name.as_str();
        assert_eq!([beside(2), beside(3)], names[..2]);
    }

    #[test]
    fn a_section_is_replaced_between_its_marks() {
        let text = "a\n<!-- begin paced -->\nold\n<!-- end paced -->\nb\n";
        let new = replace(text, "paced", "new\n").unwrap();
        assert_eq!(new, "a\n<!-- begin paced -->\n\nnew\n\n<!-- end paced -->\nb\n");
        assert_eq!(replace(&new, "paced", "new\n").unwrap(), new);
        assert!(replace(text, "scale", "new").is_err());
    }

    #[test]
    fn a_table_has_a_rule_below_its_head() {
        let mut figures = Figures::default();
        figures
            .groups
            .push(Group { name: "1 stream".to_owned(), candidates: vec![candidate(PULL, "cpu_ns", &[1.0])] });
        let out = text(Suite::Scale, &figures);
        assert!(out.contains("1 stream (168 B)\n") && out.contains("binance-kit, pull"));
    }
}
