//! Developer commands of binance-kit, run as `cargo xtask COMMAND`.

mod bench;
mod budget;
mod ci;
mod ci_features;
mod ci_repeat;
mod codegen;
mod coverage;
mod deps;
mod fuzz;
mod interop;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::deps::Outcome;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  bench decode|receive|paced|scale [--quick] [--only PART] [--json FILE] [--markdown] [--python PATH] [--without-official]
                             binance-kit beside other libraries in one run; --markdown writes the tables of BENCHMARKS.md
  budget                     what compiling costs users: the model, and programs with one and six event types
  ci [--list] [--skip A,B] [--only A,B] [--keep-going]
                             all checks that a change must pass
  codegen [--check]          write the generated code of crates/model, or compare it with the committed one
  deps                       the number of packages below each crate
  features [PACKAGE…]        each crate alone, with each likely set of features
  spec coverage [PRODUCT]    compare the specification with the fact tables beside the repository: totals of all
                             products, or all differences of one
  mutants [--seed N] [--count N] [--crate NAME]…
                             faults put into a copy of the crates, and whether a test sees each; outside CI
  fuzz [TARGET…] [--seconds N] [--jobs N] [--driver]
                             fuzz targets with libFuzzer, or with inputs made by a seed where that cannot be built
  interop [NAME…]            third-party clients against `binance sim`; needs Python and a package registry
  tidy                       rules that the compiler does not check
  tidy --words [PATH…]       the words of xtask/words.toml alone, in all files or in those below a path";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            ci::say(&format!("xtask: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Outcome<()> {
    let root = root();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["bench", ..] => bench::run(&root, arguments.get(1..).unwrap_or_default()),
        ["budget"] => budget::run(&root),
        ["ci", ..] => ci::run(&root, arguments.get(1..).unwrap_or_default()),
        ["codegen"] => codegen::run(&root, codegen::Mode::Write),
        ["codegen", "--check"] => codegen::run(&root, codegen::Mode::Check),
        ["deps"] => deps::print_counts(&root),
        ["features", ..] => ci_features::run_for(&root, arguments.get(1..).unwrap_or_default()),
        ["spec", "coverage"] => coverage::summary(&root),
        ["spec", "coverage", product] => coverage::run(&root, product).map(|_| ()),
        ["interop", ..] => match interop::run(&root, arguments.get(1..).unwrap_or_default())? {
            interop::Verdict::Passed => Ok(()),
            interop::Verdict::NotChecked(why) => {
                ci::say(&format!("NOT CHECKED: {why}"));
                Ok(())
            }
        },
        ["fuzz", ..] => fuzz::run(&root, arguments.get(1..).unwrap_or_default()),
        ["mutants", ..] => mutants(&root, arguments.get(1..).unwrap_or_default()),
        ["tidy"] => tidy::run(&root),
        ["tidy", "--words", ..] => tidy::run_words(&root, arguments.get(2..).unwrap_or_default()),
        _ => Err(USAGE.into()),
    }
}

/// Starts the program of its own that this is, so that nothing else waits for its dependencies to be built.
fn mutants(root: &Path, arguments: &[String]) -> Outcome<()> {
    let mut command = deps::cargo(root);
    let status =
        command.args(["run", "--quiet", "--package", "xtask-mutants", "--"]).args(arguments).status()?;
    if status.success() { Ok(()) } else { Err(format!("mutants: {status}").into()) }
}

/// The folder of the workspace.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}
