//! `cargo xtask fuzz`: the fuzz targets of `crates/fuzz`, driven by libFuzzer, which looks for inputs that reach new code.
//!
//! The programs are built as `cargo fuzz run TARGET -s none` builds them, with flags that every compiler has. libFuzzer itself is
//! C++; where it cannot be built, the same targets are driven by inputs that a seed makes from the corpus. What was found is kept
//! in `target/fuzz/corpus`, so that the next run begins where this one ended.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::ci::say;
use crate::deps::{Outcome, cargo};

/// Lets libFuzzer see which code an input reaches; the flags of `cargo fuzz`.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=4";

/// The longest input in bytes.
const MAX_LENGTH: u32 = 4_096;

struct Options {
    targets: Vec<String>,
    seconds: u64,
    jobs: usize,
    driver: bool,
}

/// Runs the targets that are named, or all.
///
/// # Errors
///
/// If a target does not hold, or nothing can be built.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Outcome<()> {
    let options = parse(arguments)?;
    let listed = helper(root, &["list"]).stderr(Stdio::inherit()).output()?;
    if !listed.status.success() {
        return Err("the fuzz targets do not build".into());
    }
    let all: Vec<String> = String::from_utf8(listed.stdout)?.lines().map(str::to_owned).collect();
    if let Some(unknown) = options.targets.iter().find(|name| !all.contains(name)) {
        return Err(format!("no target is called `{unknown}`; one of {}", all.join(", ")).into());
    }
    let targets = if options.targets.is_empty() { all } else { options.targets.clone() };
    let programs = if options.driver { None } else { build(root)? };
    let corpus = root.join("target/fuzz/corpus");
    if programs.is_some() && !helper(root, &["corpus", &corpus.to_string_lossy()]).status()?.success() {
        return Err("the corpus cannot be written".into());
    }
    let failed: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..options.jobs {
            scope.spawn(|| {
                while let Some(name) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = match &programs {
                        Some(folder) => by_coverage(root, folder, name, &corpus.join(name), options.seconds),
                        None => by_seed(root, name, options.seconds),
                    };
                    match result {
                        Ok(line) => say(&format!("{name:<15} {line}")),
                        Err(error) => {
                            say(&format!("{name:<15} FAILED: {error}"));
                            if let Ok(mut failed) = failed.lock() {
                                failed.push(name.clone());
                            }
                        }
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().map_err(|_| "a thread panicked")?;
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", ")).into()) }
}

fn parse(arguments: &[String]) -> Outcome<Options> {
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let mut options = Options { targets: Vec::new(), seconds: 60, jobs, driver: false };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().ok_or_else(|| format!("{argument} needs a number"));
        match argument.as_str() {
            "--seconds" => options.seconds = value()?.parse()?,
            "--jobs" => options.jobs = value()?.parse::<usize>()?.max(1),
            "--driver" => options.driver = true,
            name if !name.starts_with('-') => options.targets.push(name.to_owned()),
            _ => return Err(format!("unknown argument {argument}").into()),
        }
    }
    Ok(options)
}

/// The program of `crates/fuzz`, which lists and drives the targets.
fn helper(root: &Path, arguments: &[&str]) -> Command {
    let mut command = cargo(root);
    command.args(["run", "--quiet", "--locked", "--package", "binance-kit-fuzz", "--"]).args(arguments);
    command
}

/// Builds the programs of libFuzzer; gives their folder, or nothing where there is no compiler for C++.
fn build(root: &Path) -> Outcome<Option<PathBuf>> {
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let mut version = Command::new(compiler);
    let has_compiler = version.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !has_compiler.is_ok_and(|status| status.success()) {
        say("no compiler for C++, so no libFuzzer: inputs are made by a seed");
        return Ok(None);
    }
    let host = host(root)?;
    let mut command = cargo(root);
    command.args(["build", "--locked", "--bins", "--manifest-path", "fuzz/Cargo.toml", "--target", &host]);
    command.arg("--target-dir").arg(root.join("target/fuzz")).env("RUSTFLAGS", FLAGS);
    if !command.status()?.success() {
        return Err("the programs of libFuzzer do not build".into());
    }
    Ok(Some(root.join("target/fuzz").join(host).join("debug")))
}

/// The platform of this machine. Named as a target, it keeps the flags away from build scripts.
fn host(root: &Path) -> Outcome<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).current_dir(root).arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("`rustc -vV` names no host")?.to_owned())
}

fn by_coverage(root: &Path, programs: &Path, name: &str, corpus: &Path, seconds: u64) -> Outcome<String> {
    let artifacts = root.join("target/fuzz/artifacts");
    std::fs::create_dir_all(&artifacts)?;
    let mut command = Command::new(programs.join(name));
    command.arg(corpus).arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={MAX_LENGTH}"));
    command.args(["-print_final_stats=1", "-timeout=20", "-rss_limit_mb=2048"]);
    command.arg(format!("-artifact_prefix={}/{name}-", artifacts.display()));
    let output = command.stdin(Stdio::null()).output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines.get(lines.len().saturating_sub(40)..).unwrap_or_default().join("\n");
        return Err(format!("{}\n{tail}", output.status).into());
    }
    let runs = text.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let inputs = std::fs::read_dir(corpus)?.count();
    Ok(format!("{:>10} inputs tried in {seconds} s, {inputs} in the corpus", runs.unwrap_or("?").trim()))
}

fn by_seed(root: &Path, name: &str, seconds: u64) -> Outcome<String> {
    let output = helper(root, &["drive", name, &seconds.to_string()]).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() { Ok(text) } else { Err(output.status.to_string().into()) }
}
