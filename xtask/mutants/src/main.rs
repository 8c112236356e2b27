//! `cargo xtask mutants`: does the suite see damage? Faults are put into a copy of the workspace, and for each the tests that
//! reach it are run until one fails.
//!
//! All drawn faults are compiled in at once, each behind a switch that an environment variable sets, so that the workspace is
//! built once and not once for each fault. A first run without a fault writes down which tests reach which fault.

mod find;
mod render;
mod report;
mod suite;
mod tree;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::find::{Candidate, Name};
use crate::suite::{Baseline, End, Test};
use crate::tree::{Numbered, Tree};

/// The error of this program: printed for a person, never matched on.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "\
usage: cargo xtask mutants [--seed N] [--count N] [--crate NAME]… [--budget SECONDS] [--tests NAME]…
                           [--source FOLDER] [--jobs N] [--again] [--list] [--strict]

  --seed N          which faults are drawn; default 10
  --count N         how many; default 300
  --crate NAME      only in this crate; by default account, ws-api, stream, book, net, rest, sign and core
  --budget SECONDS  time of tests per fault, as measured without a fault; default 60. Tests beyond it are not run, and the
                    report counts them
  --tests NAME      only tests of this crate, and of others so named; by default those of all default members
  --source FOLDER   put the faults into this checkout, such as one at rest; by default the one of this program
  --jobs N          tests at a time; default: the number of processors
  --again           the faults that were not caught are tried again
  --list            print the drawn faults and end
  --strict          fail if a fault that was not caught has no reason, or fewer than 95 % of those without one are caught

A run that was interrupted goes on where it was. Results are in target/mutants, and reasons in xtask/mutants/reasons.toml.";

const CRATES: [&str; 8] = ["account", "ws-api", "stream", "book", "net", "rest", "sign", "core"];

/// A test with a change may take this many times as long as without, and this long in any case.
const SLOWER: f64 = 10.0;
const LIMIT: Duration = Duration::from_secs(30);

#[derive(Debug)]
struct Options {
    seed: u64,
    count: usize,
    crates: Vec<String>,
    tests: Vec<String>,
    source: PathBuf,
    budget: f64,
    jobs: usize,
    again: bool,
    list: bool,
    strict: bool,
}

/// How a fault was seen, or was not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// A test failed.
    Caught { by: String },
    /// A test did not end in time, which the runner of the suite reports with its name.
    HungIn { test: String },
    /// All tests that reach it, as far as they were run, passed.
    Survived,
    /// No test reaches it.
    Unreached,
}

/// A fault and its verdict.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Trial {
    pub(crate) name: Name,
    pub(crate) line: usize,
    pub(crate) verdict: Verdict,
    pub(crate) reaching: usize,
    pub(crate) run: usize,
    pub(crate) seconds: f64,
}

impl Trial {
    pub(crate) fn is_caught(&self) -> bool {
        matches!(self.verdict, Verdict::Caught { .. } | Verdict::HungIn { .. })
    }
}

/// What is kept of a seed between runs.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    /// Changes that do not compile.
    refused: BTreeSet<Name>,
    trials: Vec<Trial>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match parse(&arguments).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("mutants: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: &[String]) -> Outcome<Options> {
    let mut options = Options {
        seed: 10,
        count: 300,
        crates: Vec::new(),
        tests: Vec::new(),
        source: root(),
        budget: 60.0,
        jobs: std::thread::available_parallelism().map_or(1, usize::from),
        again: false,
        list: false,
        strict: false,
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().ok_or_else(|| format!("{argument} needs a value\n\n{USAGE}"));
        match argument.as_str() {
            "--seed" => options.seed = value()?.parse()?,
            "--count" => options.count = value()?.parse()?,
            "--crate" => options.crates.push(value()?.clone()),
            "--tests" => options.tests.push(value()?.clone()),
            "--source" => options.source = PathBuf::from(value()?),
            "--budget" => options.budget = value()?.parse()?,
            "--jobs" => options.jobs = value()?.parse()?,
            "--again" => options.again = true,
            "--list" => options.list = true,
            "--strict" => options.strict = true,
            _ => return Err(USAGE.into()),
        }
    }
    if let Some(unknown) = options.crates.iter().find(|name| !CRATES.contains(&name.as_str())) {
        return Err(format!("no faults are put into `{unknown}`; one of {}", CRATES.join(", ")).into());
    }
    if options.crates.is_empty() {
        options.crates = CRATES.map(str::to_owned).to_vec();
    }
    Ok(options)
}

fn run(options: &Options) -> Outcome<()> {
    let root = root();
    let tree = Tree::copy(&root, &options.source)?;
    let all = tree.candidates(&options.crates)?;
    let mut order: Vec<&Candidate> = all.iter().collect();
    // By a hash of seed and name, so that a change of one function does not draw other faults in all others.
    order.sort_by_key(|candidate| (hash(options.seed, &candidate.name), candidate.name.clone()));
    say(&format!("{} changes are possible in {}", all.len(), options.crates.join(", ")));

    // What some of the tests do not see, the others may: a part of the tests has results of its own.
    let part: String = options.tests.iter().flat_map(|name| ["-", name.as_str()]).collect();
    let file = root.join(format!("target/mutants/seed-{}{part}.json", options.seed));
    let mut kept: Kept =
        std::fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let drawn = draw(options, &tree, &order, &mut kept, &file)?;
    if options.list {
        for (number, change) in &drawn {
            say(&format!("{number:>4} {}:{} {}", change.name.file, change.line, change.name));
        }
        return Ok(());
    }

    let mut tests = suite::list(&tree)?;
    tests.retain(|test| options.tests.is_empty() || options.tests.contains(&test.crate_name));
    let baselines = suite::baseline(&tests, &root.join("target/mutants/baseline.json"), options.jobs)?;
    let names: BTreeSet<&Name> = drawn.iter().map(|(_, change)| &change.name).collect();
    // Those that are not drawn now, as with `--crate`, stay for the run that draws them again.
    kept.trials.retain(|trial| !(options.again && names.contains(&trial.name) && !trial.is_caught()));
    // Before the tests, not after them: the file may be wrong.
    let reasons = report::reasons(&root.join("xtask/mutants/reasons.toml"))?;
    try_all(options, &drawn, &tests, &baselines, &mut kept, &file)?;
    kept.trials.retain(|trial| names.contains(&trial.name));
    report::print(&kept.trials, &reasons, options.strict)
}

/// Draws as many changes as wanted that compile, and writes them into the copy.
fn draw<'a>(
    options: &Options,
    tree: &Tree,
    order: &[&'a Candidate],
    kept: &mut Kept,
    file: &Path,
) -> Outcome<Vec<Numbered<'a>>> {
    loop {
        // A number is a place in the whole order: one that does not compile leaves the others as they are.
        let drawn: Vec<Numbered<'a>> = (0..=render::MAX_NUMBER)
            .zip(order.iter().copied())
            .filter(|(_, change)| !kept.refused.contains(&change.name))
            .take(options.count)
            .collect();
        if drawn.len() < options.count {
            return Err(format!("there are only {} changes that compile", drawn.len()).into());
        }
        let refused = tree.settle(&drawn)?;
        if refused.is_empty() {
            return Ok(drawn);
        }
        kept.refused.extend(refused);
        save(file, kept)?;
    }
}

fn try_all(
    options: &Options,
    drawn: &[Numbered<'_>],
    tests: &[Test],
    baselines: &HashMap<String, Baseline>,
    kept: &mut Kept,
    file: &Path,
) -> Outcome<()> {
    let mut reaching: BTreeMap<u32, Vec<(&Test, f64)>> = BTreeMap::new();
    for test in tests {
        let Some(baseline) = baselines.get(&test.name) else { continue };
        for number in &baseline.reached {
            reaching.entry(*number).or_default().push((test, baseline.seconds));
        }
    }
    let done: BTreeSet<Name> = kept.trials.iter().map(|trial| trial.name.clone()).collect();
    let open: Vec<&Numbered<'_>> = drawn.iter().filter(|(_, change)| !done.contains(&change.name)).collect();
    say(&format!("{} faults, {} to be tried", drawn.len(), open.len()));
    let shared = Mutex::new(std::mem::take(kept));
    suite::each(&open, options.jobs, |_, (number, change)| {
        let tests = reaching.get(number).cloned().unwrap_or_default();
        let trial = attempt(options, *number, change, tests)?;
        say(&format!("{:?} {}:{} {}", trial.verdict, change.name.file, change.line, change.name.change));
        let mut kept = shared.lock().map_err(|_| "a thread panicked")?;
        kept.trials.push(trial);
        save(file, &kept)
    })?;
    *kept = shared.into_inner().map_err(|_| "a thread panicked")?;
    Ok(())
}

/// Runs the tests that reach a fault, those of its own crate and the short ones first, until one fails.
fn attempt(
    options: &Options,
    number: u32,
    change: &Candidate,
    mut tests: Vec<(&Test, f64)>,
) -> Outcome<Trial> {
    let own = change.name.crate_name();
    let weight = |(test, seconds): &(&Test, f64)| {
        if test.crate_name == own { *seconds } else { seconds * 5.0 + 0.1 }
    };
    tests.sort_by(|a, b| weight(a).total_cmp(&weight(b)));
    let started = suite::now();
    let reaching = tests.len();
    let (mut spent, mut run) = (0.0, 0);
    let mut verdict = if tests.is_empty() { Verdict::Unreached } else { Verdict::Survived };
    for (test, seconds) in tests {
        if spent + seconds > options.budget && run > 0 {
            continue;
        }
        spent += seconds;
        run += 1;
        let limit = LIMIT.max(Duration::from_secs_f64(seconds * SLOWER));
        let (end, _) = test.run(&[("MUTANT", &number.to_string())], limit)?;
        match end {
            End::Passed => {}
            End::Failed => {
                verdict = Verdict::Caught { by: test.name.clone() };
                break;
            }
            End::TimedOut => {
                verdict = Verdict::HungIn { test: test.name.clone() };
                break;
            }
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    Ok(Trial { name: change.name.clone(), line: change.line, verdict, reaching, run, seconds })
}

fn save(file: &Path, kept: &Kept) -> Outcome<()> {
    let beside = file.with_extension("new");
    std::fs::write(&beside, serde_json::to_vec_pretty(kept)?)?;
    Ok(std::fs::rename(beside, file)?)
}

/// A number that is the same on each machine and in each run.
fn hash(seed: u64, name: &Name) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, &name.file, &name.function, &name.change, name.ordinal).hash(&mut hasher);
    hasher.finish()
}

/// The folder of the workspace.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Prints a line. A closed standard output is ignored.
pub(crate) fn say(line: &str) {
    let mut output = std::io::stdout().lock();
    let _ = writeln!(output, "{line}").and_then(|()| output.flush());
}
