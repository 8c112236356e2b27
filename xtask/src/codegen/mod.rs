//! `cargo xtask codegen`: turns `crates/model/spec/<product>/*.toml` into `crates/model/src/generated/<product>/*.rs`.
//!
//! Plain string building, then rustfmt. Only files that changed are written, files that no spec file gives are
//! deleted, and the number of items in the output is compared with that in the spec. `--check` writes nothing and
//! fails on the first difference.

mod check;
mod head;
pub(crate) mod lines;
mod presence;
mod raw;
mod render;
pub(crate) mod sbe;
pub(crate) mod spec;
mod stream;
mod weight;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::ci::say;
use crate::deps::Outcome;

/// Whether to write what differs, or to fail on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write.
    Write,
    /// Compare.
    Check,
}

/// The products, in the order of their modules.
pub(crate) const PRODUCTS: [&str; 3] = ["coinm", "spot", "usdm"];

/// Where the generated files are, by their path from the root.
const FOLDERS: [&str; 2] = ["crates/model/src/generated", "crates/model/tests/generated"];

/// Generates everything.
///
/// # Errors
///
/// If the spec is not consistent, if a file cannot be read or written, or, when checking, if a file differs.
pub(crate) fn run(root: &Path, mode: Mode) -> Outcome<()> {
    let mut wanted = BTreeMap::new();
    let mut items = 0;
    for name in PRODUCTS {
        let product = spec::Product::load(root, name)?;
        check::check(&product)?;
        let files = render::product(&product)?;
        items += check::counts(&product, &files)?;
        wanted.extend(files);
    }
    let common = spec::Product::load(root, "common")?;
    let mut used = BTreeSet::new();
    for name in PRODUCTS {
        let product = spec::Product::load(root, name)?;
        used.extend(product.files.iter().flat_map(|file| file.references()).map(str::to_owned));
    }
    if let Some(unused) =
        common.files.iter().flat_map(spec::SpecFile::names).find(|name| !used.contains(*name))
    {
        return Err(format!("spec/common: no product uses `{unused}`").into());
    }
    wanted.extend(render::common(&common)?);
    let probe = spec::Product::load(root, "probe")?;
    check::check(&probe)?;
    wanted.extend(render::probe(&probe)?);
    wanted.extend(render::roots());

    let mut formatted = BTreeMap::new();
    for (path, text) in wanted {
        let text = if Path::new(&path).extension().is_some_and(|extension| extension == "rs") {
            rustfmt(root, &path, &text)?
        } else {
            text
        };
        formatted.insert(path, text);
    }
    let stale = stale_files(root, &formatted)?;
    match mode {
        Mode::Check => compare(root, &formatted, &stale)?,
        Mode::Write => write(root, &formatted, &stale)?,
    }
    say(&format!("codegen: {items} items in {} files", formatted.len()));
    Ok(())
}

fn write(root: &Path, files: &BTreeMap<String, String>, stale: &[PathBuf]) -> Outcome<()> {
    for path in stale {
        std::fs::remove_file(path)?;
        say(&format!("deleted {}", path.display()));
    }
    for (name, text) in files {
        let path = root.join(name);
        if std::fs::read_to_string(&path).is_ok_and(|found| found == *text) {
            continue;
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, text)?;
        say(&format!("wrote {name}"));
    }
    Ok(())
}

fn compare(root: &Path, files: &BTreeMap<String, String>, stale: &[PathBuf]) -> Outcome<()> {
    if let Some(path) = stale.first() {
        return Err(
            format!("codegen: no spec file gives {}; run `cargo xtask codegen`", path.display()).into()
        );
    }
    for (name, text) in files {
        let found = std::fs::read_to_string(root.join(name)).unwrap_or_default();
        if found == *text {
            continue;
        }
        let place = first_difference(&found, text);
        return Err(format!(
            "codegen: {name} is not what the spec gives: {place}\nrun `cargo xtask codegen`"
        )
        .into());
    }
    Ok(())
}

fn first_difference(found: &str, wanted: &str) -> String {
    found.lines().zip(wanted.lines()).enumerate().find(|(_, (found, wanted))| found != wanted).map_or_else(
        || format!("{} lines, {} expected", found.lines().count(), wanted.lines().count()),
        |(index, (found, wanted))| format!("line {}\n  found:    {found}\n  expected: {wanted}", index + 1),
    )
}

/// Files under the generated folders that are not wanted.
fn stale_files(root: &Path, wanted: &BTreeMap<String, String>) -> Outcome<Vec<PathBuf>> {
    let mut stale = Vec::new();
    for folder in FOLDERS {
        let mut open = vec![root.join(folder)];
        while let Some(folder) = open.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for entry in entries {
                let path = entry?.path();
                let is_wanted = path
                    .strip_prefix(root)
                    .is_ok_and(|name| wanted.contains_key(&name.to_string_lossy().replace('\\', "/")));
                if path.is_dir() {
                    open.push(path);
                } else if !is_wanted {
                    stale.push(path);
                }
            }
        }
    }
    stale.sort();
    Ok(stale)
}

fn rustfmt(root: &Path, name: &str, text: &str) -> Outcome<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(root.join("rustfmt.toml"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("rustfmt cannot be started: {error}"))?;
    let input = text.to_owned();
    let mut stdin = child.stdin.take().ok_or("rustfmt has no standard input")?;
    // From a thread of its own: rustfmt may write before it has read everything.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output()?;
    let written = writer.join().map_err(|_| "the writer to rustfmt panicked")?;
    if written.is_err() || !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("rustfmt refuses {name}: {complaint}").into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_name_their_line() {
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), "line 2\n  found:    b\n  expected: c");
        assert_eq!(first_difference("a\n", "a\nc\n"), "1 lines, 2 expected");
    }
}
