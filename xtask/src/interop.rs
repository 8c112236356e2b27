//! `cargo xtask interop`: third-party clients against the embedded exchange.
//!
//! The scenarios are programs in Python (`crates/sim/interop`). They start `binance sim` themselves and print a line of
//! JSON for each case; this makes the environment they run in, runs them and prints the table. A machine without Python,
//! or without a way to the package registry, has not looked at anything: it says so and has not passed.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use serde::Deserialize;

use crate::ci::say;
use crate::deps::{Outcome, cargo};

/// How all of it ended when nothing failed.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    Passed,
    NotChecked(String),
}

/// A case as a scenario reports it.
#[derive(Debug, Deserialize)]
struct Case {
    suite: String,
    #[serde(rename = "case")]
    name: String,
    outcome: String,
    reason: Option<String>,
    seconds: f64,
}

/// Runs the scenarios whose names hold one of `only`, or all.
///
/// # Errors
///
/// If a case failed twice, a scenario ended before its end, or the program they need does not build.
pub(crate) fn run(root: &Path, only: &[String]) -> Outcome<Verdict> {
    let folder = root.join("crates/sim/interop");
    let scenarios = scenarios(&folder, only)?;
    if scenarios.is_empty() {
        return Err("no scenario has such a name".into());
    }
    let this = std::env::current_exe()?;
    let program = this.with_file_name(format!("binance{}", std::env::consts::EXE_SUFFIX));
    let python = match environment(&this, &folder.join("requirements.txt"))? {
        Ok(python) => python,
        Err(why) => return Ok(Verdict::NotChecked(why)),
    };
    let mut build = cargo(root);
    if !build.args(["build", "--locked", "--package", "binance-kit-cli"]).status()?.success() {
        return Err("the program `binance` does not build".into());
    }
    let mut cases = Vec::new();
    let mut failures = Vec::new();
    // Each has an exchange of its own and mostly waits, so all run at a time.
    let running: Vec<_> = scenarios
        .iter()
        .map(|scenario| Ok((scenario, start(&python, scenario, &program)?)))
        .collect::<Outcome<_>>()?;
    let reports: Vec<_> = running
        .into_iter()
        .map(|(scenario, child)| Ok((scenario, Report::of(child)?)))
        .collect::<Outcome<_>>()?;
    for (scenario, mut found) in reports {
        // Clients of others have races of their own, which a busy machine shows: a scenario that failed is played once
        // more, alone, and fails if it fails again. The table shows both.
        if let Some(why) = found.failure() {
            say(&format!("{}: {why}; once more, alone", scenario.display()));
            let again = Report::of(start(&python, scenario, &program)?)?;
            found.mark_first_attempt();
            cases.append(&mut found.cases);
            found = again;
        }
        failures.extend(found.failure().map(|why| format!("{}: {why}", scenario.display())));
        cases.append(&mut found.cases);
    }
    print_table(&cases);
    if failures.is_empty() { Ok(Verdict::Passed) } else { Err(failures.join("; ").into()) }
}

/// Starts a scenario; each of its cases is a line on its standard output.
fn start(python: &Path, scenario: &Path, program: &Path) -> Outcome<Child> {
    say(&format!("> {}", scenario.display()));
    let mut command = Command::new(python);
    command.args(["-W", "ignore"]).arg(scenario).env("BINANCE_PROGRAM", program);
    // What it writes beside the sources would be in the way.
    command.env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null()).stdout(Stdio::piped());
    Ok(command.spawn()?)
}

/// What a scenario printed and how it ended.
struct Report {
    cases: Vec<Case>,
    /// The process's own result: one that ended before its end has printed no failed case.
    status: ExitStatus,
}

impl Report {
    /// Waits for the end of a scenario. Lines that are no cases are passed on.
    fn of(child: Child) -> Outcome<Self> {
        let output = child.wait_with_output()?;
        let mut cases = Vec::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            match serde_json::from_str::<Case>(line) {
                Ok(case) => cases.push(case),
                Err(_) => say(line),
            }
        }
        Ok(Self { cases, status: output.status })
    }

    /// The failed cases, or that it ended early.
    fn failure(&self) -> Option<String> {
        let failed: Vec<_> = self.cases.iter().filter(|case| case.outcome == "failed").collect();
        if failed.is_empty() {
            let early = self.cases.is_empty() || !self.status.success();
            return early.then(|| format!("ended early: {}", self.status));
        }
        Some(failed.iter().map(|case| case.name.as_str()).collect::<Vec<_>>().join(", "))
    }

    /// Keeps the failed cases of a first attempt, as such: those that passed are in the second.
    fn mark_first_attempt(&mut self) {
        self.cases.retain(|case| case.outcome == "failed");
        for case in &mut self.cases {
            "again".clone_into(&mut case.outcome);
        }
    }
}

fn scenarios(folder: &Path, only: &[String]) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        let wanted = only.is_empty() || only.iter().any(|part| name.contains(part.as_str()));
        if name.ends_with("_scenario.py") && wanted {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The Python of an environment with the clients in it, made where builds go; or why there is none.
fn environment(this: &Path, requirements: &Path) -> Outcome<Result<PathBuf, String>> {
    let target = this.parent().and_then(Path::parent).ok_or("this program is not in a target folder")?;
    let environment = target.join("interop");
    let python = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    let python = environment.join(python);
    // Written last: an environment without it is half made, and one with another text is of other clients.
    let mark = environment.join("requirements.txt");
    let wanted = std::fs::read_to_string(requirements)?;
    if std::fs::read_to_string(&mark).is_ok_and(|text| text == wanted) {
        return Ok(Ok(python));
    }
    let Some(system) = ["python3", "python"].into_iter().find(|name| is_new_enough(name)) else {
        return Ok(Err("there is no Python of version 3.11 or later here".to_owned()));
    };
    say(&format!("making an environment with {system}"));
    let made = Command::new(system).args(["-m", "venv", "--clear"]).arg(&environment).status()?;
    if !made.success() {
        return Ok(Err("Python cannot make an environment here (the module venv is missing)".to_owned()));
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1"]);
    if !pip.args(["--timeout", "30", "--requirement"]).arg(requirements).status()?.success() {
        return Ok(Err("the clients could not be installed from the package registry".to_owned()));
    }
    std::fs::write(mark, wanted)?;
    Ok(Ok(python))
}

fn is_new_enough(name: &str) -> bool {
    let mut command = Command::new(name);
    command.args(["-c", "import sys; sys.exit(sys.version_info < (3, 11))"]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn print_table(cases: &[Case]) {
    say("");
    for case in cases {
        let reason = case.reason.as_deref().map_or_else(String::new, |reason| format!("  ({reason})"));
        let Case { suite, name, outcome, seconds, .. } = case;
        say(&format!("{suite:<18} {outcome:<7} {seconds:>6.1} s  {name}{reason}"));
    }
    let count = |outcome: &str| cases.iter().filter(|case| case.outcome == outcome).count();
    say(&format!(
        "\n{} cases: {} passed, {} listed with a reason outside of us, {} failed, {} tried again",
        cases.len() - count("again"),
        count("passed"),
        count("listed"),
        count("failed"),
        count("again")
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_is_found_by_its_name() {
        let folder = crate::root().join("crates/sim/interop");
        let all = scenarios(&folder, &[]).unwrap();
        assert!(all.iter().any(|path| path.ends_with("python_binance_scenario.py")), "{all:?}");
        assert_eq!(scenarios(&folder, &["python_binance".to_owned()]).unwrap().len(), 1);
        assert!(scenarios(&folder, &["nothing".to_owned()]).unwrap().is_empty());
    }

    #[test]
    fn a_case_is_read() {
        let line = r#"{"suite":"a","case":"b","outcome":"listed","reason":null,"seconds":0.5}"#;
        let case: Case = serde_json::from_str(line).unwrap();
        assert_eq!((case.outcome.as_str(), case.reason), ("listed", None));
    }
}
