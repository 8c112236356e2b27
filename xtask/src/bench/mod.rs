//! `cargo xtask bench`: binance-kit beside other libraries, in one run on one machine.
//!
//! The programs are a workspace of their own (`benchmarks`), since the peers are many crates. It prints samples; what is made of them
//! (least, median, ratios, tables) is made here, where it is tested.

mod figures;
mod instructions;
mod machine;
mod options;
mod report;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::bench::figures::{Figures, Line};
use crate::bench::options::{Options, Suite};
use crate::ci::say;
use crate::deps::{Outcome, cargo};

/// Keeps the allocator of glibc from giving memory back and taking it again: what that costs depends on luck, and the peers, who
/// allocate most, would pay it.
const ALLOCATOR: [(&str, &str); 3] = [
    ("MALLOC_TRIM_THRESHOLD_", "1073741824"),
    ("MALLOC_MMAP_THRESHOLD_", "33554432"),
    ("MALLOC_TOP_PAD_", "67108864"),
];

/// Builds the programs, runs a suite and reports it.
///
/// # Errors
///
/// If the arguments are wrong, the programs do not build, or a candidate reads wrong values or fails.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Outcome<()> {
    let options = Options::parse(arguments)?;
    let python = python(options.python.as_deref());
    let program = build(root, options.has_official)?;
    let mut figures = Figures::default();
    measure(&program, &options, python.as_deref(), &mut figures)?;
    if options.suite == Suite::Decode {
        instructions::count(&program, &options, &mut figures)?;
    }
    let machine = machine::Machine::of(root)?;
    say(&report::text(options.suite, &figures));
    say(&machine.sentence());
    if !options.has_official {
        say("left out: the official SDK (--without-official)");
    }
    if let Some(file) = &options.json {
        std::fs::write(file, report::json(&options, &machine, &figures)?)?;
    }
    if options.markdown {
        let file = root.join("BENCHMARKS.md");
        let text = std::fs::read_to_string(&file)?;
        let section = report::markdown(&options, &machine, &figures);
        std::fs::write(&file, report::replace(&text, options.suite.name(), &section)?)?;
        say("written: BENCHMARKS.md");
    }
    Ok(())
}

/// Builds the programs; gives the path of the one that is run.
fn build(root: &Path, has_official: bool) -> Outcome<PathBuf> {
    let target = root.join("target/benchmarks");
    let mut command = cargo(root);
    command.args([
        "build",
        "--release",
        "--locked",
        "--manifest-path",
        "benchmarks/Cargo.toml",
        "--target-dir",
    ]);
    command.arg(&target);
    if has_official {
        say("building the programs; the official SDK takes minutes the first time");
    } else {
        command.arg("--no-default-features");
    }
    if !command.status()?.success() {
        return Err("the programs of `benchmarks` do not build".into());
    }
    let name = format!("binance-kit-benchmarks{}", std::env::consts::EXE_SUFFIX);
    Ok(target.join("release").join(name))
}

/// The Python to use, if it has python-binance. A line says what is left out.
fn python(path: Option<&str>) -> Option<PathBuf> {
    let Some(path) = path else {
        say("left out: python-binance (--python PATH names a Python that has it)");
        return None;
    };
    let mut import = Command::new(path);
    import.args(["-c", "import binance.ws.reconnecting_websocket, orjson"]);
    let imported = import.stdin(Stdio::null()).stderr(Stdio::null()).status();
    if imported.is_ok_and(|status| status.success()) {
        return Some(path.into());
    }
    say(&format!("left out: python-binance, which {path} cannot import (or orjson)"));
    None
}

/// Runs the suite and collects the samples.
fn measure(program: &Path, options: &Options, python: Option<&Path>, figures: &mut Figures) -> Outcome<()> {
    let mut command = Command::new(program);
    command.args(options.suite.arguments(options.is_quick)).args(&options.only).envs(ALLOCATOR);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    if let Some(python) = python {
        command.env("BENCHMARK_PYTHON", python);
    }
    let mut process = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
    let out = process.stdout.take().ok_or("the program has no output")?;
    let mut last = String::new();
    for line in BufReader::new(out).lines() {
        let line: Line = serde_json::from_str(&line?)?;
        if line.group != last {
            say(&format!("> {}", line.group));
            last.clone_from(&line.group);
        }
        figures.add(line);
    }
    let status = process.wait()?;
    if status.success() { Ok(()) } else { Err(format!("{}: {status}", options.suite.name()).into()) }
}
