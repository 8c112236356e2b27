//! `cargo xtask budget`: what compiling costs users. It measures the processor time of the compiler for the model, and for
//! programs that subscribe to one event type and to several, and compares it with `xtask/budget.toml`.
//!
//! Not a step of `cargo xtask ci`: it takes minutes, and a busy machine distorts the times.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::ci::say;
use crate::deps::{Outcome, cargo};

const SETTINGS: &str = "xtask/budget.toml";
const MODEL: &str = "binance-kit-model";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    factor: f64,
    repeat: u32,
    limits: Limits,
    program: Program,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    model_seconds: f64,
    program_seconds: f64,
    event_seconds: f64,
    event_symbols: f64,
}

/// The texts that the measured programs are made of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Program {
    head: String,
    event: String,
    tail: String,
    /// Names of a type and of the function of its stream.
    events: Vec<(String, String)>,
}

impl Program {
    /// The program that subscribes to the first `count` event types.
    fn with(&self, count: usize) -> String {
        let events = self.events.iter().take(count);
        let blocks = events.map(|(name, stream)| self.event.replace("TYPE", name).replace("STREAM", stream));
        std::iter::once(self.head.clone())
            .chain(blocks)
            .chain(std::iter::once(self.tail.clone()))
            .map(|text| text.trim_start_matches('\n').to_owned())
            .collect()
    }
}

/// What building a program costs.
#[derive(Debug, Clone, Copy)]
struct Cost {
    seconds: f64,
    /// `None` if there is no `nm` here.
    symbols: Option<u32>,
}

/// Measures, prints a table and compares with the limits.
///
/// # Errors
///
/// If something does not compile, or costs more than `factor` times its limit.
pub(crate) fn run(root: &Path) -> Outcome<()> {
    let text =
        std::fs::read_to_string(root.join(SETTINGS)).map_err(|error| format!("{SETTINGS}: {error}"))?;
    let settings: Settings = toml::from_str(&text).map_err(|error| format!("{SETTINGS}: {error}"))?;
    let Program { events, .. } = &settings.program;
    let count = events.len();
    if count < 2 {
        return Err(format!("{SETTINGS}: at least two events are needed").into());
    }
    // A folder of its own, so that neither the developer's builds nor these disturb one another.
    let target = root.join("target").join("budget");
    let model = model(root, &target, settings.repeat)?;
    let one = program(root, &target, &settings, 1)?;
    let all = program(root, &target, &settings, count)?;

    let further = f64::from(u32::try_from(count - 1)?);
    let seconds_of_one_more = (all.seconds - one.seconds) / further;
    let limits = &settings.limits;
    let mut rows = vec![
        ("cargo check of the model, all features: s".to_owned(), model, Some(limits.model_seconds)),
        ("cargo build of a program, 1 event type: s".to_owned(), one.seconds, Some(limits.program_seconds)),
        (format!("cargo build of a program, {count} event types: s"), all.seconds, None),
        ("each further event type: s".to_owned(), seconds_of_one_more, Some(limits.event_seconds)),
    ];
    if let (Some(first), Some(last)) = (one.symbols, all.symbols) {
        let (first, last) = (f64::from(first), f64::from(last));
        rows.push(("symbols, 1 event type".to_owned(), first, None));
        rows.push((format!("symbols, {count} event types"), last, None));
        let of_one_more = (last - first) / further;
        rows.push(("symbols of each further event type".to_owned(), of_one_more, Some(limits.event_symbols)));
    } else {
        say("NOT CHECKED: symbols, because there is no `nm` here");
    }

    say(&format!("{:<48} {:>9} {:>9} {:>9}", "", "measured", "limit", "fails at"));
    let mut above = Vec::new();
    for (what, measured, limit) in rows {
        let fails_at = limit.map(|limit| limit * settings.factor);
        let shown = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.2}"));
        let (limit, last) = (shown(limit), shown(fails_at));
        say(&format!("{what:<48} {:>9} {limit:>9} {last:>9}", shown(Some(measured))));
        if fails_at.is_some_and(|fails_at| measured > fails_at) {
            above.push(what);
        }
    }
    if above.is_empty() { Ok(()) } else { Err(format!("above the budget: {}", above.join(", ")).into()) }
}

/// Checks the model from nothing, its dependencies apart.
fn model(root: &Path, target: &Path, repeat: u32) -> Outcome<f64> {
    say(&format!("> cargo check -p {MODEL} --all-features, {repeat} times"));
    let check = ["check", "--locked", "--quiet", "--package", MODEL, "--all-features"];
    seconds(root, target, &check)?;
    let mut least = f64::INFINITY;
    for _ in 0..repeat {
        seconds(root, target, &["clean", "--quiet", "--package", MODEL])?;
        least = least.min(seconds(root, target, &check)?);
    }
    Ok(least)
}

/// Builds the program with `count` event types, its dependencies apart.
fn program(root: &Path, target: &Path, settings: &Settings, count: usize) -> Outcome<Cost> {
    let name = format!("budget-{count}");
    let folder = target.join("programs").join(&name);
    let source = folder.join("src").join("main.rs");
    std::fs::create_dir_all(folder.join("src"))?;
    let facade = root.join("crates").join("kit");
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         binance-kit = {{ path = {:?} }}\n\
         tokio = {{ version = \"1\", default-features = false, features = [\"macros\", \"rt\"] }}\n\n\
         # Not a member of the workspace around it.\n[workspace]\n",
        facade.display().to_string()
    );
    std::fs::write(folder.join("Cargo.toml"), manifest)?;
    // The versions of the workspace: cargo takes what the program does not need out of the file.
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let text = settings.program.with(count);
    std::fs::write(&source, &text)?;
    say(&format!("> cargo build of a program with {count} event types, {} times", settings.repeat));
    let build = ["build", "--quiet"];
    seconds(&folder, target, &build)?;
    let mut least = f64::INFINITY;
    for _ in 0..settings.repeat {
        std::fs::write(&source, &text)?;
        least = least.min(seconds(&folder, target, &build)?);
    }
    Ok(Cost { seconds: least, symbols: symbols(&target.join("debug").join(name)) })
}

/// The user and system time of a cargo command and of all that it starts, in seconds.
fn seconds(folder: &Path, target: &Path, arguments: &[&str]) -> Outcome<f64> {
    // The shell reports the times of its children, which the standard library does not.
    let mut shell = Command::new("sh");
    shell.args(["-c", "\"$@\" && times", "sh"]).arg(cargo(folder).get_program()).args(arguments);
    shell.current_dir(folder).env("CARGO_TARGET_DIR", target).env("CARGO_INCREMENTAL", "0");
    shell.env_remove("CARGO_BUILD_TARGET").stderr(std::process::Stdio::inherit());
    let output = shell.output().map_err(|error| format!("sh: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo {}: {}", arguments.join(" "), output.status).into());
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    children_seconds(&printed).ok_or_else(|| format!("`times` of sh printed {printed:?}").into())
}

/// The times of the children in what `times` of a POSIX shell prints: two lines, the second theirs, `0m1.23s 0m0.45s`.
fn children_seconds(printed: &str) -> Option<f64> {
    let last = printed.lines().rfind(|line| !line.trim().is_empty())?;
    let mut times = last.split_whitespace().map(|time| {
        let (minutes, seconds) = time.strip_suffix('s')?.split_once('m')?;
        Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.replace(',', ".").parse::<f64>().ok()?)
    });
    Some(times.next()?? + times.next()??)
}

/// How many symbols a program has.
fn symbols(program: &PathBuf) -> Option<u32> {
    let output = Command::new("nm").arg(program).output().ok().filter(|output| output.status.success())?;
    u32::try_from(output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_shell_are_read() {
        let close = |left: Option<f64>, right: f64| (left.unwrap() - right).abs() < 1e-9;
        assert!(close(children_seconds("0m0.00s 0m0.01s\n1m2.50s 0m0.25s\n"), 62.75));
        assert!(close(children_seconds("0m0,00s 0m0,01s\n0m2,50s 0m0,25s\n"), 2.75));
        assert_eq!(children_seconds("nothing"), None);
        assert_eq!(children_seconds(""), None);
    }

    #[test]
    fn programs_have_as_many_events_as_asked() {
        let program = Program {
            head: "\nhead\n".to_owned(),
            event: "\nTYPE STREAM\n".to_owned(),
            tail: "\ntail\n".to_owned(),
            events: vec![("A".to_owned(), "a".to_owned()), ("B".to_owned(), "b".to_owned())],
        };
        assert_eq!(program.with(1), "head\nA a\ntail\n");
        assert_eq!(program.with(2), "head\nA a\nB b\ntail\n");
    }

    #[test]
    fn the_settings_are_complete() {
        let settings: Settings = toml::from_str(include_str!("../budget.toml")).unwrap();
        assert!(settings.factor > 1.0 && settings.repeat > 0);
        assert_eq!(settings.program.events.len(), 6);
        assert!(settings.program.with(6).contains("[spot::stream::ticker("));
    }
}
