//! The suite again, in other orders: with one thread for each test program, and with sixteen. It looks for tests that share a
//! port, a file or a count.
//!
//! The programs run side by side, one for each processor, so that what shares something across programs is seen, too. One that
//! does not end is a failure with a name.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::Deserialize;

use crate::ci::{now, say};
use crate::deps::{Outcome, cargo, standard_output};

/// Number of random schedules of each kind, as the variable that the test of the facade reads. Few are enough here.
const SCHEDULES: (&str, &str) = ("BINANCE_KIT_SCHEDULES", "5");

/// The longest that one test program may take. The slowest takes two minutes with one thread on a busy machine.
const LIMIT: Duration = Duration::from_secs(900);

/// How often it is looked whether a program has ended.
const PAUSE: Duration = Duration::from_millis(20);

/// A line that cargo prints for something it has built.
#[derive(Debug, Deserialize)]
struct Built {
    reason: String,
    manifest_path: Option<PathBuf>,
    executable: Option<PathBuf>,
    profile: Option<Profile>,
}

#[derive(Debug, Deserialize)]
struct Profile {
    test: bool,
}

/// A test program and the folder it runs in.
#[derive(Debug, PartialEq)]
struct Program {
    executable: PathBuf,
    folder: PathBuf,
}

/// How one run of a program ended.
struct Ended {
    /// The tail of its output, which names the tests that failed.
    output: String,
    /// Nothing when it did not end in time.
    status: Option<ExitStatus>,
    took: Duration,
}

/// Runs the test programs of the default members twice.
///
/// # Errors
///
/// If they do not build, a test fails, or a program does not end.
pub(crate) fn run(root: &Path) -> Outcome<()> {
    let mut build = cargo(root);
    build.args(["test", "--locked", "--tests", "--no-run", "--message-format", "json-render-diagnostics"]);
    let programs = programs(&standard_output(&mut build)?)?;
    let mut failed = Vec::new();
    for threads in ["1", "16"] {
        let started = now();
        failed.extend(run_all(&programs, threads)?);
        let took = started.elapsed().as_secs_f64();
        say(&format!("{} programs with {threads} threads at most each: {took:.1} s", programs.len()));
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join(", ").into()) }
}

/// The test programs in what cargo printed.
fn programs(messages: &str) -> Outcome<Vec<Program>> {
    let mut found = Vec::new();
    for line in messages.lines() {
        let Built { reason, manifest_path, executable, profile } = serde_json::from_str(line)?;
        let is_test = reason == "compiler-artifact" && profile.is_some_and(|profile| profile.test);
        let (Some(executable), Some(manifest), true) = (executable, manifest_path, is_test) else { continue };
        let folder = manifest.parent().ok_or("a manifest has no folder")?.to_owned();
        found.push(Program { executable, folder });
    }
    if found.is_empty() { Err("cargo has built no test".into()) } else { Ok(found) }
}

/// Runs each program once; gives what failed.
fn run_all(programs: &[Program], threads: &str) -> Outcome<Vec<String>> {
    let failed = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    let at_a_time = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..at_a_time {
            scope.spawn(|| {
                while let Some(program) = programs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let why = match run_one(program, threads) {
                        Ok(Ended { status: Some(status), .. }) if status.success() => continue,
                        Ok(Ended { status: Some(status), output, .. }) => format!("{output}\n{status}"),
                        Ok(Ended { status: None, output, took }) => {
                            format!("{output}\nit did not end within {} s", took.as_secs())
                        }
                        Err(error) => error.to_string(),
                    };
                    let name = program.executable.file_name().unwrap_or_default().to_string_lossy();
                    say(&format!("{name} with {threads} threads at most FAILED:\n{why}"));
                    if let Ok(mut failed) = failed.lock() {
                        failed.push(name.into_owned());
                    }
                }
            });
        }
    });
    failed.into_inner().map_err(|_| "a thread panicked".into())
}

/// Runs a program to its end, or to the limit. Its output goes to a file: a pipe that is not read would hold it up.
fn run_one(program: &Program, threads: &str) -> Outcome<Ended> {
    let log = program.executable.with_extension(format!("{threads}.log"));
    let file = std::fs::File::create(&log)?;
    let mut command = Command::new(&program.executable);
    // As cargo sets them; some tests look for files beside the manifest.
    command.current_dir(&program.folder).env("CARGO_MANIFEST_DIR", &program.folder);
    command.arg(format!("--test-threads={threads}")).env(SCHEDULES.0, SCHEDULES.1);
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    let started = now();
    let mut child = command.spawn()?;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if started.elapsed() > LIMIT {
            child.kill()?;
            child.wait()?;
            break None;
        }
        std::thread::sleep(PAUSE);
    };
    let output = String::from_utf8_lossy(&std::fs::read(&log)?).into_owned();
    let lines: Vec<&str> = output.lines().filter(|line| !line.ends_with("... ok")).collect();
    let tail = lines.get(lines.len().saturating_sub(200)..).unwrap_or_default().join("\n");
    Ok(Ended { output: tail, status, took: started.elapsed() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_are_those_that_cargo_built_as_tests() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","manifest_path":"/w/a/Cargo.toml","executable":"/t/a-1","profile":{"test":true}}"#,
            "\n",
            r#"{"reason":"compiler-artifact","manifest_path":"/w/a/Cargo.toml","executable":"/t/a","profile":{"test":false}}"#,
            "\n",
            r#"{"reason":"compiler-artifact","manifest_path":"/w/b/Cargo.toml","executable":null,"profile":{"test":true}}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        let expected = Program { executable: "/t/a-1".into(), folder: "/w/a".into() };
        assert_eq!(programs(messages).unwrap(), [expected]);
        assert!(programs(r#"{"reason":"build-finished","success":true}"#).is_err());
        assert!(programs("no JSON").is_err());
    }
}
