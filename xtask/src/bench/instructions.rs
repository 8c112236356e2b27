//! Instructions of a message, counted by callgrind: they do not depend on what else the machine does. Each candidate runs twice with
//! different numbers of messages, so that the start of the program cancels out.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use super::figures::{Figures, Line};
use super::options::Options;
use crate::ci::say;
use crate::deps::Outcome;

/// Adds the metric `instructions` to each candidate; says so where there is no valgrind.
pub(super) fn count(program: &Path, options: &Options, figures: &mut Figures) -> Outcome<()> {
    if options.is_quick {
        say("left out: instructions (--quick)");
        return Ok(());
    }
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    if !version.is_ok_and(|status| status.success()) {
        say("left out: instructions, which valgrind would count (not found)");
        return Ok(());
    }
    say("> instructions");
    let candidates: Vec<(String, String, u64)> = figures
        .groups
        .iter()
        .flat_map(|group| {
            let named =
                |name: &str, bytes: Option<u64>| (group.name.clone(), name.to_owned(), bytes.unwrap_or(0));
            group.candidates.iter().map(move |candidate| named(&candidate.name, candidate.bytes))
        })
        .collect();
    for (group, candidate, bytes) in candidates {
        let (few, many) = messages(bytes);
        let [first, second] = [few, many].map(|messages| collected(program, &group, &candidate, messages));
        let metrics =
            BTreeMap::from([("instructions".to_owned(), vec![per_message(first?, second?, few, many)])]);
        figures.add(Line { group, candidate, bytes: None, metrics });
    }
    Ok(())
}

/// Few and many messages: whole rounds of the prepared ones.
fn messages(bytes: u64) -> (u64, u64) {
    match bytes {
        0..10_000 => (512, 2_048),
        10_000..100_000 => (16, 64),
        _ => (4, 16),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn per_message(first: u64, second: u64, few: u64, many: u64) -> f64 {
    second.saturating_sub(first) as f64 / many.saturating_sub(few).max(1) as f64
}

fn collected(program: &Path, group: &str, candidate: &str, messages: u64) -> Outcome<u64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program);
    command.args(["count", group, candidate, &messages.to_string()]);
    let output = command.stdin(Stdio::null()).output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("valgrind, {group}, {candidate}: {}\n{text}", output.status).into());
    }
    instructions(&text).ok_or_else(|| format!("valgrind has not said what it counted: {text}").into())
}

/// The figure in the line `==1234== Collected : 50077192`.
fn instructions(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_found_in_the_output() {
        let text = "==988== Events    : Ir\n==988== Collected : 50077192\n==988==\n";
        assert_eq!(instructions(text), Some(50_077_192));
        assert_eq!(instructions("==988== nothing"), None);
    }

    #[test]
    fn the_start_of_the_program_cancels_out() {
        assert!((per_message(1_000 + 10 * 7, 1_000 + 30 * 7, 10, 30) - 7.0).abs() < 1e-9);
        assert!(per_message(5, 3, 1, 2).abs() < 1e-9);
    }
}
