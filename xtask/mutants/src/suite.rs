//! The tests of the copy: which there are, how long each takes, and which changes each reaches.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::tree::Tree;
use crate::{Outcome, say};

/// Number of random schedules of each kind, as in the repeated runs of CI: a thousand would take minutes for each change.
const SCHEDULES: &str = "2";

/// Memory in KiB that a test may map. A change may make a loop that collects for ever.
const MAX_MEMORY: &str = "8000000";

/// Processor time in seconds after which a test ends, also one whose run was interrupted while it was in an endless loop.
const MAX_PROCESSOR_TIME: &str = "3600";

/// A test, known by `binary::name`.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    pub(crate) name: String,
    /// The folder of its crate under `crates`.
    pub(crate) crate_name: String,
    case: String,
    binary: PathBuf,
    folder: PathBuf,
}

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Passed,
    Failed,
    TimedOut,
}

/// What is known of a test without any change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Baseline {
    pub(crate) seconds: f64,
    pub(crate) reached: Vec<u32>,
}

#[derive(Deserialize)]
struct Listing {
    #[serde(rename = "rust-suites")]
    suites: BTreeMap<String, Suite>,
}

#[derive(Deserialize)]
struct Suite {
    #[serde(rename = "package-name")]
    package: String,
    #[serde(rename = "binary-path")]
    binary: PathBuf,
    cwd: PathBuf,
    testcases: BTreeMap<String, Case>,
}

#[derive(Deserialize)]
struct Case {
    ignored: bool,
}

/// Builds the tests of the default members and lists them.
///
/// # Errors
///
/// If they do not build, or cargo-nextest is missing.
pub(crate) fn list(tree: &Tree) -> Outcome<Vec<Test>> {
    let mut cargo = tree.cargo();
    cargo.args(["nextest", "list", "--message-format", "json", "--cargo-quiet"]);
    let output = cargo.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err("`cargo nextest list` fails in the copy; is cargo-nextest installed?".into());
    }
    let listing: Listing = serde_json::from_slice(&output.stdout)?;
    let mut tests = Vec::new();
    for (id, suite) in listing.suites {
        let crate_name = suite.package.strip_prefix("binance-kit-").unwrap_or("kit").to_owned();
        for (case, found) in suite.testcases {
            if !found.ignored {
                tests.push(Test {
                    name: format!("{id} {case}"),
                    crate_name: crate_name.clone(),
                    case,
                    binary: suite.binary.clone(),
                    folder: suite.cwd.clone(),
                });
            }
        }
    }
    Ok(tests)
}

impl Test {
    /// Runs the test in a process of its own, as cargo-nextest does.
    pub(crate) fn run(&self, variables: &[(&str, &str)], limit: Duration) -> Outcome<(End, Duration)> {
        let started = now();
        let limits = format!("ulimit -v {MAX_MEMORY}; ulimit -t {MAX_PROCESSOR_TIME}; exec \"$@\"");
        let mut command = Command::new("sh");
        command.arg("-c").arg(limits).arg("sh").arg(&self.binary);
        command.args([self.case.as_str(), "--exact", "--nocapture"]).current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.env("BINANCE_KIT_SCHEDULES", SCHEDULES).env("CARGO_MANIFEST_DIR", &self.folder);
        command.env("RUST_BACKTRACE", "0").envs(variables.iter().copied());
        // A group of its own: what the test started ends with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let mut pause = Duration::from_millis(1);
        let end = loop {
            if let Some(status) = child.try_wait()? {
                break if status.success() { End::Passed } else { End::Failed };
            }
            if started.elapsed() > limit {
                break End::TimedOut;
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        };
        if end != End::Passed {
            let group = format!("-{}", child.id());
            let mut kill = Command::new("kill");
            let _ = kill.args(["-9", "--", &group]).stderr(Stdio::null()).status();
            let _ = child.kill();
        }
        child.wait()?;
        Ok((end, started.elapsed()))
    }
}

/// Runs all tests once without a change. Tests of a binary that is as it was are not run again.
///
/// # Errors
///
/// If the file system fails.
pub(crate) fn baseline(tests: &[Test], kept: &Path, jobs: usize) -> Outcome<HashMap<String, Baseline>> {
    // Tests that are not asked for now keep what is known of them.
    let mut known: HashMap<String, (String, Baseline)> =
        std::fs::read(kept).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let mut stamps: HashMap<&Path, String> = HashMap::new();
    for test in tests {
        if !stamps.contains_key(test.binary.as_path()) {
            stamps.insert(&test.binary, stamp(&test.binary)?);
        }
    }
    let stamp_of = |test: &Test| stamps.get(test.binary.as_path()).cloned().unwrap_or_default();
    let mut open = Vec::new();
    for test in tests {
        if known.get(&test.name).is_none_or(|(stamp, _)| *stamp != stamp_of(test)) {
            known.remove(&test.name);
            open.push(test);
        }
    }
    say(&format!("{} tests, {} to be run without a change", tests.len(), open.len()));
    let known = Mutex::new(known);
    let place = kept.with_extension("reached");
    each(&open, jobs, |index, test| {
        let file = place.with_extension(index.to_string());
        let _ = std::fs::remove_file(&file);
        let limit = Duration::from_secs(300);
        let (mut end, mut took) = test.run(&[("MUTANTS_REACHED", &file.to_string_lossy())], limit)?;
        if end != End::Passed {
            // Writing down what is reached may disturb a test that counts allocations or files.
            (end, took) = test.run(&[], limit)?;
        }
        let reached = std::fs::read_to_string(&file).unwrap_or_default();
        let _ = std::fs::remove_file(&file);
        let mut reached: Vec<u32> = reached.lines().filter_map(|line| line.trim().parse().ok()).collect();
        reached.sort_unstable();
        reached.dedup();
        if end == End::Passed {
            let baseline = Baseline { seconds: took.as_secs_f64(), reached };
            if let Ok(mut known) = known.lock() {
                known.insert(test.name.clone(), (stamp_of(test), baseline));
                // An interrupted run goes on from here.
                if known.len() % 100 == 0 {
                    std::fs::write(kept, serde_json::to_vec(&*known)?)?;
                }
            }
        } else {
            say(&format!("{end:?} without a change, and left out: {}", test.name));
        }
        Ok(())
    })?;
    let known = known.into_inner().map_err(|_| "a thread panicked")?;
    std::fs::write(kept, serde_json::to_vec(&known)?)?;
    Ok(known.into_iter().map(|(name, (_, baseline))| (name, baseline)).collect())
}

/// Runs a function on each of many, on several threads; the first error ends it.
pub(crate) fn each<T: Sync>(
    all: &[T],
    jobs: usize,
    run: impl Fn(usize, &T) -> Outcome<()> + Sync,
) -> Outcome<()> {
    let next = AtomicUsize::new(0);
    let error: Mutex<Option<String>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = all.get(index) else { break };
                    if let Err(failed) = run(index, item) {
                        next.store(all.len(), Ordering::Relaxed);
                        if let Ok(mut error) = error.lock() {
                            *error = Some(failed.to_string());
                        }
                    }
                }
            });
        }
    });
    match error.into_inner() {
        Ok(None) => Ok(()),
        Ok(Some(error)) => Err(error.into()),
        Err(_) => Err("a thread panicked".into()),
    }
}

/// Length and time of a file: another build has another one.
fn stamp(path: &Path) -> Outcome<String> {
    let metadata = std::fs::metadata(path)?;
    let modified = metadata.modified()?.duration_since(std::time::SystemTime::UNIX_EPOCH)?;
    Ok(format!("{} {}", metadata.len(), modified.as_nanos()))
}

#[expect(clippy::disallowed_methods, reason = "this program has no injected clock: it times other programs")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
