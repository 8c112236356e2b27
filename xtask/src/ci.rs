//! `cargo xtask ci`: every check that a change must pass, cheap ones first.
//!
//! A step has three results: what could not be checked (the advisory database without a network) is neither passed nor
//! failed, and the summary says so.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::ci_features;
use crate::deps::{Outcome, cargo};

/// Result of a step that did not fail.
#[derive(Debug)]
enum End {
    Passed,
    NotChecked(String),
}

struct Step {
    name: &'static str,
    what: &'static str,
    run: fn(&Path) -> Outcome<End>,
}

const STEPS: &[Step] = &[
    Step { name: "fmt", what: "the code is formatted", run: fmt },
    Step { name: "codegen", what: "the generated code is up to date", run: codegen },
    Step { name: "coverage", what: "the specification agrees with the fact tables of Spot", run: coverage },
    Step { name: "tidy", what: "layers, manifests, words and other rules of the repository", run: tidy },
    Step { name: "clippy", what: "lints, all features, all targets", run: clippy_all_features },
    Step { name: "clippy-default", what: "lints, default features, all targets", run: clippy_default },
    Step { name: "test", what: "the suite of the default members", run: test },
    Step { name: "repeat", what: "the suite again, with one thread and with sixteen", run: repeat },
    Step { name: "doctest", what: "the examples in the documentation", run: doctest },
    Step { name: "xtask", what: "tests of these checks", run: xtask_tests },
    Step { name: "doc", what: "the documentation builds without a warning", run: doc },
    Step {
        name: "features",
        what: "each crate alone, with each set of features a user picks",
        run: features,
    },
    Step { name: "fuzz", what: "each fuzz target for some seconds", run: fuzz },
    Step { name: "interop", what: "clients that others wrote, against the embedded exchange", run: interop },
    Step { name: "bench", what: "the benchmarks build", run: bench },
    Step { name: "deny", what: "licences, bans and sources of all dependencies", run: deny },
    Step { name: "advisories", what: "known vulnerabilities of all dependencies", run: advisories },
];

/// Maximum age of an advisory database.
const MAX_DATABASE_AGE: Duration = Duration::from_secs(90 * 86_400);

#[derive(Debug, Default, PartialEq)]
struct Options {
    skip: Vec<String>,
    only: Vec<String>,
    keep_going: bool,
    list: bool,
}

/// Runs the steps selected by `arguments`: `--skip a,b`, `--only a,b`, `--keep-going`, `--list`.
///
/// # Errors
///
/// If an argument is not understood or a step failed.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Outcome<()> {
    let options = parse(arguments)?;
    if options.list {
        for step in STEPS {
            say(&format!("{:<15} {}", step.name, step.what));
        }
        return Ok(());
    }
    let mut rows = Vec::new();
    let mut failed = Vec::new();
    let started = now();
    for step in STEPS {
        let excluded = !options.only.is_empty() && !options.only.iter().any(|name| name == step.name);
        let stopped = !failed.is_empty() && !options.keep_going;
        if excluded || stopped || options.skip.iter().any(|name| name == step.name) {
            rows.push((
                step.name,
                if stopped { "not reached" } else { "skipped" }.to_owned(),
                Duration::ZERO,
            ));
            continue;
        }
        say(&format!("\n===== {}: {} =====", step.name, step.what));
        let step_started = now();
        let end = match (step.run)(root) {
            Ok(End::Passed) => "passed".to_owned(),
            Ok(End::NotChecked(why)) => {
                say(&format!("NOT CHECKED: {why}"));
                format!("NOT CHECKED ({why})")
            }
            Err(error) => {
                say(&format!("FAILED: {error}"));
                failed.push(step.name);
                "FAILED".to_owned()
            }
        };
        rows.push((step.name, end, step_started.elapsed()));
    }
    say("\n===== summary =====");
    for (name, end, took) in rows {
        say(&format!("{name:<15} {:>7.1} s  {end}", took.as_secs_f64()));
    }
    say(&format!("{:<15} {:>7.1} s", "in all", started.elapsed().as_secs_f64()));
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", ")).into()) }
}

fn parse(arguments: &[String]) -> Outcome<Options> {
    let mut options = Options::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let (flag, attached) = match argument.split_once('=') {
            Some((flag, value)) => (flag, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        match flag {
            "--keep-going" => options.keep_going = true,
            "--list" => options.list = true,
            "--skip" | "--only" => {
                let value =
                    attached.or_else(|| rest.next().cloned()).ok_or("the names of steps are missing")?;
                let names = if flag == "--skip" { &mut options.skip } else { &mut options.only };
                names.extend(value.split(',').map(str::trim).map(str::to_owned));
            }
            _ => return Err(format!("unknown argument {argument}").into()),
        }
    }
    match options.skip.iter().chain(&options.only).find(|name| !STEPS.iter().any(|step| step.name == **name))
    {
        Some(unknown) => Err(format!("no step is called `{unknown}`; see `cargo xtask ci --list`").into()),
        None => Ok(options),
    }
}

fn coverage(root: &Path) -> Outcome<End> {
    if !crate::coverage::has_tables(root) {
        return Ok(End::NotChecked("the fact tables are not beside the repository".to_owned()));
    }
    match crate::coverage::run(root, "spot")? {
        0 => Ok(End::Passed),
        open => Err(format!("{open} entries are missing, differ or are in no table").into()),
    }
}

fn interop(root: &Path) -> Outcome<End> {
    Ok(match crate::interop::run(root, &[])? {
        crate::interop::Verdict::Passed => End::Passed,
        crate::interop::Verdict::NotChecked(why) => End::NotChecked(why),
    })
}

fn fuzz(root: &Path) -> Outcome<End> {
    // libFuzzer would have to be built with all dependencies; inputs made by a seed need nothing more than the suite.
    let arguments = ["--driver", "--seconds", "6"].map(str::to_owned);
    crate::fuzz::run(root, &arguments).map(|()| End::Passed)
}

fn fmt(root: &Path) -> Outcome<End> {
    cargo_step(root, &["fmt", "--all", "--check"])
}

/// Starts this program again, so that the generator has one entry point only.
fn codegen(root: &Path) -> Outcome<End> {
    let mut command = Command::new(std::env::current_exe()?);
    execute(command.current_dir(root).args(["codegen", "--check"]))
}

fn tidy(root: &Path) -> Outcome<End> {
    crate::tidy::run(root).map(|()| End::Passed)
}

fn clippy_all_features(root: &Path) -> Outcome<End> {
    let what =
        ["clippy", "--locked", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    cargo_step(root, &what)
}

fn clippy_default(root: &Path) -> Outcome<End> {
    cargo_step(root, &["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"])
}

/// Variable that says how many random schedules of faults each part of that test plays.
const SCHEDULES: &str = "BINANCE_KIT_SCHEDULES";

/// Number of random schedules of each part in the step `test`: eight parts, so a thousand in all. The default is few.
const SCHEDULES_IN_TEST: &str = "130";

fn test(root: &Path) -> Outcome<End> {
    let mut command = cargo(root);
    if has_subcommand(root, "nextest") {
        command.args(["nextest", "run", "--locked", "--no-tests", "fail"]);
    } else {
        say("cargo-nextest is not installed: the tests run under `cargo test`");
        command.args(["test", "--locked", "--lib", "--bins", "--tests", "--examples"]);
    }
    execute(command.env(SCHEDULES, SCHEDULES_IN_TEST))
}

fn repeat(root: &Path) -> Outcome<End> {
    crate::ci_repeat::run(root).map(|()| End::Passed)
}

fn doctest(root: &Path) -> Outcome<End> {
    cargo_step(root, &["test", "--locked", "--doc"])
}

fn xtask_tests(root: &Path) -> Outcome<End> {
    cargo_step(root, &["test", "--locked", "--package", "xtask", "--package", "xtask-mutants"])
}

fn doc(root: &Path) -> Outcome<End> {
    let mut command = cargo(root);
    command.args(["doc", "--locked", "--no-deps", "--workspace", "--all-features"]);
    execute(command.env("RUSTDOCFLAGS", "-D warnings"))
}

fn features(root: &Path) -> Outcome<End> {
    ci_features::run(root).map(|()| End::Passed)
}

fn bench(root: &Path) -> Outcome<End> {
    cargo_step(root, &["build", "--locked", "--benches", "--package", "binance-kit-bench"])?;
    // Those beside other libraries, without the official SDK, which takes minutes.
    let manifest = ["check", "--locked", "--manifest-path", "benchmarks/Cargo.toml", "--no-default-features"];
    execute(cargo(root).args(manifest).arg("--target-dir").arg(root.join("target/benchmarks")))
}

fn deny(root: &Path) -> Outcome<End> {
    if !has_subcommand(root, "deny") {
        return Err("cargo-deny is not installed: `cargo install cargo-deny --locked`".into());
    }
    cargo_step(root, &["deny", "--locked", "check", "bans", "licenses", "sources"])
}

/// Fetches the database; without a network, uses a local copy that is not too old. Without a copy the result is "not
/// checked", unless a packed snapshot is beside the repository. A database that lists one of our dependencies fails the step.
fn advisories(root: &Path) -> Outcome<End> {
    if !has_subcommand(root, "deny") {
        return Ok(End::NotChecked("cargo-deny is not installed".to_owned()));
    }
    let mut fetch = cargo(root);
    // Without these, git asks for a password if the address needs one, and waits without limit on a dead connection.
    fetch
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_HTTP_LOW_SPEED_LIMIT", "1000")
        .env("GIT_HTTP_LOW_SPEED_TIME", "30");
    let fetched =
        fetch.args(["deny", "fetch", "db"]).stdout(Stdio::null()).stderr(Stdio::null()).status()?.success();
    if fetched {
        return cargo_step(root, &["deny", "--locked", "check", "advisories"]);
    }
    let Some(age) = database_age() else {
        return match packed_database(root) {
            Some(packed) => advisories_of(root, &packed),
            None => Ok(End::NotChecked("no advisory database here and none could be fetched".to_owned())),
        };
    };
    let days = age.as_secs() / 86_400;
    if age > MAX_DATABASE_AGE {
        return Ok(End::NotChecked(format!(
            "the database here is {days} days old and none could be fetched"
        )));
    }
    say(&format!("no fresh database could be fetched; the one here is {days} days old"));
    cargo_step(root, &["deny", "--frozen", "check", "advisories"])
}

/// The newest packed snapshot of the advisory database beside the repository, if there is one.
fn packed_database(root: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(root.join("../shared/advisory-db")).ok()?;
    let packed = entries.filter_map(|entry| Some(entry.ok()?.path()));
    packed.filter(|path| path.to_string_lossy().ends_with(".tar.gz")).max()
}

/// Checks against a packed snapshot, in a folder of its own with settings that allow its age.
fn advisories_of(root: &Path, packed: &Path) -> Outcome<End> {
    say(&format!("no database could be fetched; using the snapshot {}", packed.display()));
    let folder = root.join("target/advisory-db");
    // What an interrupted run left would be taken for a whole database.
    let _ = std::fs::remove_dir_all(&folder);
    // cargo-deny derives this name from the address of the database.
    let database = folder.join("advisory-db-3157b0e258782691");
    std::fs::create_dir_all(&database)?;
    execute(Command::new("tar").arg("xzf").arg(packed).arg("-C").arg(&database))?;
    for arguments in [
        &["init", "-q"][..],
        &["add", "-A"],
        &["-c", "user.name=snapshot", "-c", "user.email=snapshot@localhost", "commit", "-qm", "snapshot"],
    ] {
        execute(Command::new("git").arg("-C").arg(&database).args(arguments))?;
    }
    std::fs::write(database.join(".git/FETCH_HEAD"), "")?;
    let settings = std::fs::read_to_string(root.join("deny.toml"))?;
    // A literal string of TOML: nothing in it is escaped.
    let place = format!("[advisories]\ndb-path = '{}'\nmaximum-db-staleness = \"P200D\"", folder.display());
    let changed = settings.replacen("[advisories]", &place, 1);
    if changed == settings {
        return Err("deny.toml has no section [advisories]".into());
    }
    let config = folder.join("deny.toml");
    std::fs::write(&config, changed)?;
    execute(cargo(root).args(["deny", "--offline", "--config"]).arg(&config).args(["check", "advisories"]))
}

/// Age of the newest local copy of the advisory database, if there is one. It is that of its last commit: a failed fetch
/// changes the times of files.
fn database_age() -> Option<Duration> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| {
        let user: OsString = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"))?;
        Some(PathBuf::from(user).join(".cargo"))
    })?;
    let copies = std::fs::read_dir(home.join("advisory-dbs")).ok()?;
    let commits = copies.filter_map(|copy| {
        let folder = copy.ok()?.path();
        // Outside a repository git would answer for one in a parent folder.
        std::fs::metadata(folder.join(".git")).ok()?;
        let mut git = Command::new("git");
        git.arg("-C").arg(folder).args(["log", "-1", "--format=%ct"]).stderr(Stdio::null());
        seconds(&git.output().ok()?.stdout)
    });
    let newest = commits.max()?;
    Some(std::time::SystemTime::UNIX_EPOCH.elapsed().ok()?.saturating_sub(newest))
}

/// Parses the output of `git log --format=%ct`, the time since 1970; `None` if it is empty.
fn seconds(printed: &[u8]) -> Option<Duration> {
    std::str::from_utf8(printed).ok()?.trim().parse().ok().map(Duration::from_secs)
}

fn has_subcommand(root: &Path, name: &str) -> bool {
    let mut command = cargo(root);
    command.args([name, "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn cargo_step(root: &Path, arguments: &[&str]) -> Outcome<End> {
    execute(cargo(root).args(arguments))
}

fn execute(command: &mut Command) -> Outcome<End> {
    let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
    say(&format!("> {} {}", command.get_program().to_string_lossy(), words.join(" ")));
    let status = command.status()?;
    if status.success() { Ok(End::Passed) } else { Err(format!("{status}").into()) }
}

/// Prints a line. A closed standard output is ignored.
pub(crate) fn say(line: &str) {
    let mut output = std::io::stdout().lock();
    let _ = writeln!(output, "{line}").and_then(|()| output.flush());
}

#[expect(
    clippy::disallowed_methods,
    reason = "this program has no injected clock: it times commands for a person"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Outcome<Options> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn steps_are_skipped_by_name() {
        let options = parsed("--skip test,doctest --skip=deny --keep-going").unwrap();
        assert_eq!(options.skip, ["test", "doctest", "deny"]);
        assert!(options.keep_going && !options.list && options.only.is_empty());
    }

    #[test]
    fn a_copy_without_a_commit_has_no_age() {
        assert_eq!(seconds(b"1700000000\n"), Some(Duration::from_secs(1_700_000_000)));
        assert_eq!(seconds(b""), None);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert!(parsed("--skip tests").unwrap_err().to_string().contains("no step is called `tests`"));
        assert!(parsed("--fast").is_err());
        assert!(parsed("--only").is_err());
    }
}
