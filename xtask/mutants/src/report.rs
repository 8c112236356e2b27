//! The table of a run, and the reasons for faults that no test can see.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::find::Name;
use crate::{Outcome, Trial, Verdict, say};

/// The part of all faults that must be caught, in percent.
const WANTED: f64 = 95.0;

/// Why a fault need not be caught.
#[derive(Debug, Deserialize)]
pub(crate) struct Reason {
    #[serde(flatten)]
    pub(crate) name: Name,
    pub(crate) reason: String,
}

#[derive(Deserialize)]
struct Reasons {
    #[serde(default)]
    survivor: Vec<Reason>,
}

/// Reads the file of reasons.
///
/// # Errors
///
/// If it cannot be read, or a reason is empty.
pub(crate) fn reasons(path: &Path) -> Outcome<Vec<Reason>> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let reasons: Reasons = toml::from_str(&text)?;
    match reasons.survivor.iter().find(|reason| reason.reason.trim().is_empty()) {
        Some(empty) => Err(format!("{} has no reason", empty.name).into()),
        None => Ok(reasons.survivor),
    }
}

/// Prints the table, then each fault that was not caught.
///
/// # Errors
///
/// With `strict`, if too few faults were caught, or one that was not has no reason.
pub(crate) fn print(trials: &[Trial], reasons: &[Reason], strict: bool) -> Outcome<()> {
    let mut rows: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for trial in trials {
        for row in [trial.name.crate_name(), "~"] {
            let column = match trial.verdict {
                Verdict::Caught { .. } => 1,
                Verdict::HungIn { .. } => 2,
                Verdict::Survived => 3,
                Verdict::Unreached => 4,
            };
            let counts = rows.entry(row).or_default();
            for index in [0, column] {
                if let Some(count) = counts.get_mut(index) {
                    *count += 1;
                }
            }
        }
    }
    say(&format!(
        "\n{:<10} {:>6} {:>6} {:>6} {:>8} {:>9} {:>8}",
        "crate", "faults", "failed", "hung", "survived", "unreached", "caught"
    ));
    for (name, [drawn, failed, hung, survived, unreached]) in &rows {
        let name = if *name == "~" { "all" } else { name };
        let percent = percent(failed + hung, *drawn);
        say(&format!(
            "{name:<10} {drawn:>6} {failed:>6} {hung:>6} {survived:>8} {unreached:>9} {percent:>7.1}%"
        ));
    }
    let is_excused =
        |trial: &&Trial| !trial.is_caught() && reasons.iter().any(|reason| reason.name == trial.name);
    let excused = trials.iter().filter(is_excused).count();
    let caught = trials.iter().filter(|trial| trial.is_caught()).count();
    let seen = percent(caught, trials.len() - excused);
    say(&format!("{seen:.1} % of those that can be seen; {excused} cannot, for a reason in reasons.toml"));
    let mut unexplained = 0;
    let mut left: Vec<&Trial> = trials.iter().filter(|trial| !trial.is_caught()).collect();
    left.sort_by(|a, b| a.name.cmp(&b.name));
    if !left.is_empty() {
        say("\nnot caught:");
    }
    for trial in left {
        let reason =
            reasons.iter().find(|reason| reason.name == trial.name).map(|reason| reason.reason.as_str());
        unexplained += usize::from(reason.is_none());
        let (run, reaching) = (trial.run, trial.reaching);
        say(&format!(
            "{}:{} {}: {}{} ({run} of {reaching} tests) — {}",
            trial.name.file,
            trial.line,
            trial.name.function,
            trial.name.change,
            if trial.name.ordinal > 0 { format!(" #{}", trial.name.ordinal) } else { String::new() },
            reason.unwrap_or("NO REASON")
        ));
    }
    let hung = trials.iter().filter_map(|trial| match &trial.verdict {
        Verdict::HungIn { test } => Some(format!("{} — {test}", trial.name)),
        _ => None,
    });
    let hung: Vec<String> = hung.collect();
    if !hung.is_empty() {
        say(&format!("\nended by the time limit of a test:\n{}", hung.join("\n")));
    }
    if strict && seen < WANTED {
        return Err(format!("fewer than {WANTED} % of those that can be seen were caught").into());
    }
    if strict && unexplained > 0 {
        return Err(format!("{unexplained} faults were not caught and have no reason in reasons.toml").into());
    }
    Ok(())
}

fn percent(part: usize, all: usize) -> f64 {
    let (part, all) = (u32::try_from(part).unwrap_or(u32::MAX), u32::try_from(all).unwrap_or(u32::MAX));
    if all == 0 { 100.0 } else { f64::from(part) * 100.0 / f64::from(all) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(function: &str, verdict: Verdict) -> Trial {
        let name = Name {
            file: "crates/core/src/a.rs".to_owned(),
            function: function.to_owned(),
            change: "returns at once".to_owned(),
            ordinal: 0,
        };
        Trial { name, line: 1, verdict, reaching: 1, run: 1, seconds: 0.1 }
    }

    #[test]
    fn strict_wants_nearly_all_caught_and_a_reason_for_the_others() {
        let caught = |number: usize| match number % 2 {
            0 => Verdict::Caught { by: "a test".to_owned() },
            _ => Verdict::HungIn { test: "a test".to_owned() },
        };
        let mut trials: Vec<Trial> =
            (0..19).map(|number| trial(&format!("f{number}"), caught(number))).collect();
        trials.push(trial("left", Verdict::Survived));
        let file = "[[survivor]]\nfile = \"crates/core/src/a.rs\"\nfunction = \"left\"\n\
                    change = \"returns at once\"\nreason = \"it cannot be seen\"";
        let reasons = toml::from_str::<Reasons>(file).unwrap().survivor;
        assert!(print(&trials, &[], false).is_ok());
        assert!(print(&trials, &reasons, true).is_ok());
        let error = print(&trials, &[], true).unwrap_err().to_string();
        assert!(error.starts_with("1 faults were not caught and have no reason"), "{error}");
        // What has a reason does not count: it changes nothing that a test could see.
        trials.push(trial("other", Verdict::Unreached));
        let error = print(&trials, &reasons, true).unwrap_err().to_string();
        assert!(error.starts_with("1 faults were not caught and have no reason"), "{error}");
        trials.push(trial("another", Verdict::Unreached));
        let error = print(&trials, &reasons, true).unwrap_err().to_string();
        assert_eq!(error, "fewer than 95 % of those that can be seen were caught");
    }
}
