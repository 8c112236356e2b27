//! `cargo xtask tidy`: rules of this repository that neither rustc nor clippy checks. They are fast and need no build, so
//! that they can run before every commit.

mod arguments;
mod catalogue;
mod floats;
mod layers;
mod manifests;
mod sources;
mod words;

use std::path::Path;

use crate::ci::say;
use crate::deps::{Metadata, Outcome, standard_output};

/// Findings of the checks. Warnings are printed and do not fail.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    failures: Vec<String>,
    warnings: Vec<String>,
}

impl Findings {
    fn fail(&mut self, place: &str, what: &str) {
        self.failures.push(format!("{place}: {what}"));
    }

    fn warn(&mut self, place: &str, what: &str) {
        self.warnings.push(format!("{place}: {what}"));
    }
}

/// Runs every check and prints the findings.
///
/// # Errors
///
/// If there is a finding that is more than a warning, or a check could not run.
pub(crate) fn run(root: &Path) -> Outcome<()> {
    let mut findings = Findings::default();
    let metadata = Metadata::of_workspace(root)?;
    let files = tracked_files(root)?;
    sources::check(root, &files, &mut findings)?;
    manifests::check(&metadata, root, &files, &mut findings)?;
    layers::check(&metadata, root, &mut findings)?;
    catalogue::check(root, &files, &mut findings)?;
    let list = words::List::read(root)?;
    words::check(root, &files, &list, &mut findings)?;
    words::shared_types(root, &files, &list, &mut findings)?;
    report(&findings, files.len())
}

/// Looks for the words of `xtask/words.toml` alone, in the files whose paths begin with one of `paths`, or in all.
///
/// # Errors
///
/// If one was found, or the list cannot be read.
pub(crate) fn run_words(root: &Path, paths: &[String]) -> Outcome<()> {
    let mut findings = Findings::default();
    let mut files = tracked_files(root)?;
    let list = words::List::read(root)?;
    if paths.is_empty() {
        words::shared_types(root, &files, &list, &mut findings)?;
    }
    files.retain(|file| paths.is_empty() || paths.iter().any(|path| file.starts_with(path.as_str())));
    words::check(root, &files, &list, &mut findings)?;
    if !paths.is_empty() {
        // Exceptions of other paths are not needed here.
        findings.warnings.clear();
    }
    report(&findings, files.len())
}

fn report(findings: &Findings, files: usize) -> Outcome<()> {
    for warning in &findings.warnings {
        say(&format!("warning: {warning}"));
    }
    for failure in &findings.failures {
        say(&format!("error: {failure}"));
    }
    if findings.failures.is_empty() {
        say(&format!("tidy: {files} files, {} warnings", findings.warnings.len()));
        Ok(())
    } else {
        Err(format!("tidy: {} findings in {files} files", findings.failures.len()).into())
    }
}

/// Every file that git tracks or would add, by its path from the root.
fn tracked_files(root: &Path) -> Outcome<Vec<String>> {
    let mut git = std::process::Command::new("git");
    git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let list = standard_output(&mut git)?;
    // A link to another file of the repository is read by that file's own path.
    let present = |path: &&str| {
        let metadata = std::fs::symlink_metadata(root.join(path));
        !path.is_empty() && metadata.is_ok_and(|metadata| metadata.is_file())
    };
    let mut files: Vec<String> = list.split('\0').filter(present).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    Ok(files)
}
