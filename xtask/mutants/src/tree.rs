//! The copy of the workspace that holds the changes: written, checked, and rid of changes that do not compile.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::find::{Candidate, Name, candidates};
use crate::render::{Rendered, SWITCH, render};
use crate::{Outcome, say};

/// Where the copy's manifest gets [`ALLOWED`].
const LINTS: &str = "[workspace.lints.rust]\n";

/// Lints that a change may offend.
const ALLOWED: &str = "arithmetic_overflow = \"allow\"\nunconditional_panic = \"allow\"\nunused_comparisons = \"allow\"\n\
    unused_parens = \"allow\"\nunreachable_code = \"allow\"\nunused_variables = \"allow\"\nunused_must_use = \"allow\"\n";

/// The folder of the copy and of everything that is kept between runs.
pub(crate) struct Tree {
    pub(crate) root: PathBuf,
    pub(crate) folder: PathBuf,
    /// The text of each file that may be changed.
    sources: BTreeMap<String, String>,
}

/// A change with the number that switches it on.
pub(crate) type Numbered<'a> = (u32, &'a Candidate);

impl Tree {
    /// Copies the workspace of `source` into `target/mutants/tree`, as far as it differs.
    ///
    /// # Errors
    ///
    /// If git or the file system fails.
    pub(crate) fn copy(root: &Path, source: &Path) -> Outcome<Self> {
        let base = root.join("target/mutants");
        let folder = base.join("tree");
        std::fs::create_dir_all(&folder)?;
        // Tests find the shared data beside the repository.
        let (data, link) = (root.join("../shared"), base.join("shared"));
        if data.is_dir() && !link.exists() {
            #[cfg(unix)]
            std::os::unix::fs::symlink(data.canonicalize()?, link)?;
        }
        let listed = Command::new("git")
            .current_dir(source)
            .args(["ls-files", "-co", "--exclude-standard", "-z"])
            .output()?;
        if !listed.status.success() {
            // An empty list would take everything out of the copy.
            return Err(format!("`git ls-files` fails in {}", source.display()).into());
        }
        let mut sources = BTreeMap::new();
        let mut kept = BTreeSet::new();
        for path in String::from_utf8(listed.stdout)?.split('\0').filter(|path| !path.is_empty()) {
            let Ok(bytes) = std::fs::read(source.join(path)) else { continue };
            kept.insert(folder.join(path));
            if path.starts_with("crates/")
                && path.contains("/src/")
                && Path::new(path).extension().is_some_and(|extension| extension == "rs")
            {
                // Written by `write`, so that a file without a new change keeps its time.
                sources.insert(path.to_owned(), String::from_utf8(bytes)?);
            } else if path == "Cargo.toml" {
                let text = String::from_utf8(bytes)?.replace(LINTS, &format!("{LINTS}{ALLOWED}"));
                write_if_new(&folder.join(path), text.as_bytes())?;
            } else {
                write_if_new(&folder.join(path), &bytes)?;
            }
        }
        remove_others(&folder.join("crates"), &kept)?;
        Ok(Self { root: root.to_owned(), folder, sources })
    }

    /// All that can be changed in these crates.
    ///
    /// # Errors
    ///
    /// If a source file is not Rust.
    pub(crate) fn candidates(&self, crates: &[String]) -> Outcome<Vec<Candidate>> {
        let mut all = Vec::new();
        for (path, text) in &self.sources {
            let mut parts = path.split('/');
            let name = parts.nth(1).unwrap_or_default();
            let is_test = parts.any(|part| matches!(part, "tests" | "tests.rs" | "generated"));
            if !is_test && crates.iter().any(|wanted| wanted == name) {
                all.extend(candidates(path, text).map_err(|error| format!("{path}: {error}"))?);
            }
        }
        Ok(all)
    }

    /// Writes all sources with these changes; gives where each change is, by file.
    fn write(&self, changes: &[Numbered<'_>]) -> Outcome<BTreeMap<String, Rendered>> {
        let switched: BTreeSet<&str> = changes.iter().map(|(_, change)| change.name.crate_name()).collect();
        let mut written = BTreeMap::new();
        for (path, text) in &self.sources {
            let own: Vec<Numbered<'_>> =
                changes.iter().filter(|(_, change)| change.name.file == *path).copied().collect();
            let mut rendered = render(text, &own);
            let folder = path.split('/').nth(1).unwrap_or_default();
            if path.ends_with("/src/lib.rs") && path.matches('/').count() == 3 && switched.contains(folder) {
                rendered.text.push_str(SWITCH);
            }
            write_if_new(&self.folder.join(path), rendered.text.as_bytes())?;
            if !own.is_empty() {
                written.insert(path.clone(), rendered);
            }
        }
        Ok(written)
    }

    /// Writes the changes and checks them; gives the names of those that do not compile, until the rest does.
    ///
    /// # Errors
    ///
    /// If there is an error that belongs to no change.
    pub(crate) fn settle(&self, changes: &[Numbered<'_>]) -> Outcome<BTreeSet<Name>> {
        let mut refused: BTreeSet<Name> = BTreeSet::new();
        for round in 1.. {
            let left: Vec<Numbered<'_>> =
                changes.iter().filter(|(_, change)| !refused.contains(&change.name)).copied().collect();
            let written = self.write(&left)?;
            let errors = self.check()?;
            if errors.is_empty() {
                break;
            }
            let before = refused.len();
            for error in &errors {
                let numbers = guilty(error, &written);
                refused.extend(
                    left.iter()
                        .filter(|(number, _)| numbers.contains(number))
                        .map(|(_, change)| change.name.clone()),
                );
            }
            say(&format!("round {round}: {} errors, {} changes do not compile", errors.len(), refused.len()));
            if refused.len() == before {
                let text = errors.first().map(|error| error.message.clone()).unwrap_or_default();
                return Err(format!("an error belongs to no change: {text}").into());
            }
        }
        Ok(refused)
    }

    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.folder).env("CARGO_TARGET_DIR", self.root.join("target/mutants/target"));
        cargo.env_remove("MUTANT").env_remove("MUTANTS_REACHED");
        cargo
    }

    /// All default members, as the suite is built: alone, a crate has fewer features, and a change behind another would not be
    /// compiled here but end the build of the tests.
    fn check(&self) -> Outcome<Vec<Diagnostic>> {
        let mut cargo = self.cargo();
        cargo.args(["check", "--keep-going", "--message-format", "json", "--quiet"]);
        let output = cargo.stderr(Stdio::null()).output()?;
        let mut errors = Vec::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            if let Ok(Line { message: Some(message) }) = serde_json::from_str(line)
                && message.level == "error"
                && !message.spans.is_empty()
            {
                errors.push(message);
            }
        }
        if errors.is_empty() && !output.status.success() {
            return Err("`cargo check` fails in the copy, with no error in a source".into());
        }
        Ok(errors)
    }
}

#[derive(Deserialize)]
struct Line {
    message: Option<Diagnostic>,
}

#[derive(Debug, Deserialize)]
struct Diagnostic {
    level: String,
    message: String,
    spans: Vec<DiagnosticSpan>,
}

#[derive(Debug, Deserialize)]
struct DiagnosticSpan {
    file_name: String,
    byte_start: usize,
    byte_end: usize,
    is_primary: bool,
}

/// The changes that an error belongs to: the innermost ones that it touches, or the nearest one in its file.
fn guilty(error: &Diagnostic, written: &BTreeMap<String, Rendered>) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    for primary in [true, false] {
        for span in error.spans.iter().filter(|span| span.is_primary == primary) {
            let Some(rendered) = written.get(&span.file_name) else { continue };
            let inside = rendered
                .places
                .iter()
                .filter(|(_, place)| place.start <= span.byte_start && span.byte_end <= place.end)
                .min_by_key(|(_, place)| place.len());
            let touching = rendered
                .places
                .iter()
                .filter(|(_, place)| place.start < span.byte_end && span.byte_start < place.end)
                .min_by_key(|(_, place)| place.len());
            found.extend(inside.or(touching).map(|(number, _)| *number));
        }
        if !found.is_empty() {
            return found;
        }
    }
    for span in &error.spans {
        let Some(rendered) = written.get(&span.file_name) else { continue };
        let nearest = rendered.places.iter().min_by_key(|(_, place)| place.start.abs_diff(span.byte_start));
        found.extend(nearest.map(|(number, _)| *number));
    }
    found
}

/// Writes a file unless it has this content already, so that cargo does not build it again.
fn write_if_new(path: &Path, bytes: &[u8]) -> Outcome<()> {
    if std::fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(std::fs::write(path, bytes)?)
}

fn remove_others(folder: &Path, kept: &BTreeSet<PathBuf>) -> Outcome<()> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, kept)?;
        } else if !kept.contains(&path) {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}
