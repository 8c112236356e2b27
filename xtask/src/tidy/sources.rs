//! Rules for the content of files: module documentation, length, marks of generated code, and forbidden texts.

use std::path::Path;

use super::{Findings, arguments, floats};
use crate::deps::Outcome;

/// A hand-written file longer than this should be split, and one longer than [`MAX_LINES`] must be.
const GOOD_LINES: usize = 600;
const MAX_LINES: usize = 1_000;
/// Generated files must still open quickly in a review.
const MAX_LINES_GENERATED: usize = 4_000;

/// Paths of one machine.
const MACHINE_PATHS: &[&str] = &[
    concat!("/", "work/"),
    concat!("/", "tmp/"),
    concat!("/", "root/"),
    concat!("/", "home/"),
    concat!("/", "Users/"),
];

/// Hosts of package registries. The source of packages is part of each machine's cargo configuration.
const REGISTRY_HOSTS: &[&str] = &[
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("npmjs", ".org"),
    concat!("proxy.golang", ".org"),
];

/// Where amounts of money are read, compared and rounded: floats are not allowed.
const WITHOUT_FLOATS: &str = "crates/model/src/";

/// Unfinished code. Clippy sees these too, but only in what is compiled.
const UNFINISHED: &[&str] = &[concat!("to", "do!("), concat!("unimplemen", "ted!(")];

pub(super) fn check(root: &Path, files: &[String], findings: &mut Findings) -> Outcome<()> {
    let mut rust = Vec::new();
    for path in files {
        let bytes = std::fs::read(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
        // Files that are not text are fixtures or recordings.
        if let Ok(text) = String::from_utf8(bytes) {
            check_text(path, &text, findings);
            if has_extension(path, "rs") {
                rust.push((path.as_str(), text));
            }
        }
    }
    arguments::check(rust.iter().map(|(path, text)| (*path, text.as_str())), findings);
    Ok(())
}

fn check_text(path: &str, text: &str, findings: &mut Findings) {
    if !matches!(path, "Cargo.lock" | "benchmarks/Cargo.lock" | "fuzz/Cargo.lock") {
        addresses(path, text, findings);
    }
    let is_rust = has_extension(path, "rs");
    if is_rust || has_extension(path, "md") {
        ignored_examples(path, text, findings);
    }
    if is_rust {
        first_line(path, text, findings);
        length(path, text, findings);
        unfinished(path, text, findings);
        attributes(path, text, findings);
        if path.starts_with(WITHOUT_FLOATS) {
            floats::check(path, text, findings);
        }
    }
}

pub(super) fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

pub(super) fn is_generated(path: &str) -> bool {
    path.contains("/generated/")
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

fn addresses(path: &str, text: &str, findings: &mut Findings) {
    for (number, line) in numbered(text) {
        for machine_path in MACHINE_PATHS {
            if line.match_indices(machine_path).any(|(at, _)| starts_a_path(line, at)) {
                findings.fail(
                    &format!("{path}:{number}"),
                    &format!("names `{machine_path}`, a path of one machine"),
                );
            }
        }
        for host in REGISTRY_HOSTS.iter().filter(|host| line.contains(**host)) {
            findings.fail(&format!("{path}:{number}"), &format!("names the registry host {host}"));
        }
    }
}

/// Whether the slash at `at` begins a path, and is not in the middle of one or of a URL.
fn starts_a_path(line: &str, at: usize) -> bool {
    line.get(..at).and_then(|before| before.chars().next_back()).is_none_or(|before| {
        !before.is_alphanumeric() && !matches!(before, '/' | '.' | '-' | '_' | '}' | '~')
    })
}

/// Examples in documentation must compile: those that need a network are `no_run`.
fn ignored_examples(path: &str, text: &str, findings: &mut Findings) {
    for (number, line) in numbered(text) {
        let Some(words) = line.trim_start_matches(['/', '!', ' ']).strip_prefix("```") else { continue };
        if words.split(',').any(|word| word.trim() == "ignore" || word.trim().starts_with("ignore-")) {
            findings.fail(&format!("{path}:{number}"), "an example that is not compiled; use no_run");
        }
    }
}

fn first_line(path: &str, text: &str, findings: &mut Findings) {
    let first = text.lines().next().unwrap_or_default();
    let has_mark = first.starts_with("// ") && first.contains("xtask codegen");
    match (is_generated(path), has_mark) {
        (true, false) => {
            findings.fail(path, "generated files begin with a line that names `cargo xtask codegen`");
        }
        (false, true) => {
            findings.fail(path, "marked as generated, but not under a `generated` folder");
        }
        (true, true) => {}
        (false, false) => {
            if !first.starts_with("//! ") {
                findings.fail(path, "must begin with `//!` that says what the file is for");
            }
        }
    }
}

fn length(path: &str, text: &str, findings: &mut Findings) {
    let lines = text.lines().count();
    if is_generated(path) {
        if lines > MAX_LINES_GENERATED {
            findings.fail(
                path,
                &format!("{lines} lines, more than {MAX_LINES_GENERATED}: generate several files"),
            );
        }
    } else if lines > MAX_LINES {
        findings.fail(path, &format!("{lines} lines, more than {MAX_LINES}: split it"));
    } else if lines > GOOD_LINES {
        findings.warn(path, &format!("{lines} lines, more than {GOOD_LINES}"));
    }
}

fn unfinished(path: &str, text: &str, findings: &mut Findings) {
    for (number, line) in numbered(text) {
        for word in UNFINISHED.iter().filter(|word| line.contains(**word)) {
            findings.fail(&format!("{path}:{number}"), &format!("unfinished code: `{word}…)`"));
        }
    }
}

/// Lints are switched off with a reason, tests are not ignored, clocks are read in `clock` modules and tasks are spawned in
/// `task` modules.
fn attributes(path: &str, text: &str, findings: &mut Findings) {
    let file_name = path.rsplit('/').next().unwrap_or(path);
    let owns_clock_or_tasks = matches!(file_name, "clock.rs" | "task.rs") || path.starts_with("xtask/");
    let in_library = path.contains("/src/");
    let mut number = 0;
    let mut rest = text;
    while let Some((line, after)) = rest.split_once('\n').or((!rest.is_empty()).then_some((rest, ""))) {
        number += 1;
        let trimmed = line.trim_start();
        if trimmed.starts_with("#[") || trimmed.starts_with("#![") {
            let place = format!("{path}:{number}");
            let offset = line.len() - trimmed.len();
            let attribute = balanced(rest.get(offset..).unwrap_or_default());
            let words = attribute.trim_start_matches(['#', '!', '[', ' ']);
            if words.starts_with("ignore") {
                findings.fail(&place, "tests must not be ignored");
            }
            let switches = ["allow(", "expect("].iter().any(|switch| {
                words.starts_with(switch) || (words.starts_with("cfg_attr") && words.contains(switch))
            });
            if switches && !attribute.contains("reason") {
                findings.fail(&place, "a lint is switched off without `reason = …`");
            }
            if switches && attribute.contains("disallowed_methods") && in_library && !owns_clock_or_tasks {
                findings.fail(
                    &place,
                    "clocks are read in `clock` modules and tasks spawned in `task` modules only",
                );
            }
        }
        rest = after;
    }
}

/// The attribute at the beginning of `text`, up to the bracket that closes it.
fn balanced(text: &str) -> &str {
    let mut depth = 0_u32;
    let mut in_string = false;
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '[' if !in_string => depth += 1,
            ']' if !in_string => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return text.get(..=at).unwrap_or(text);
                }
            }
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(path: &str, text: &str) -> Vec<String> {
        let mut findings = Findings::default();
        check_text(path, text, &mut findings);
        findings.failures
    }

    /// Takes `§` out, so that what these tests must contain does not trip the check of this file.
    fn hidden(text: &str) -> String {
        text.replace('§', "")
    }

    #[test]
    fn a_clean_file_passes() {
        let text = "//! Why.\n\n#[expect(clippy::panic, reason = \"[a] test\")]\nfn f() {}\n";
        assert!(failures("crates/core/src/lib.rs", text).is_empty());
    }

    #[test]
    fn paths_of_one_machine_are_found_and_urls_are_not() {
        let bad = hidden("//! Why.\nconst A: &str = \"/§tmp/x\"; // see /§home/me\n");
        assert_eq!(failures("a.rs", &bad).len(), 2);
        let good = hidden("//! Why.\n// https://example.com/§home/x and frame/§work/ and {base}/§tmp/x\n");
        assert!(failures("a.rs", &good).is_empty());
        assert_eq!(failures("README.md", &hidden("cd /§work/main")).len(), 1);
    }

    #[test]
    fn registry_hosts_are_found_except_in_the_lock_file() {
        let text = hidden("see https://crates§.io/x");
        assert_eq!(failures("README.md", &text).len(), 1);
        assert!(failures("Cargo.lock", &text).is_empty());
    }

    #[test]
    fn examples_that_are_not_compiled_are_found() {
        assert_eq!(failures("README.md", &hidden("```§rust,ignore\n")).len(), 1);
        assert_eq!(failures("a.rs", &hidden("//! Why.\n/// ```§ignore\n")).len(), 1);
        assert!(failures("README.md", "```rust,no_run\n```\n").is_empty());
    }

    #[test]
    fn the_first_line_distinguishes_generated_code() {
        assert_eq!(failures("crates/core/src/a.rs", "use std::fmt;\n").len(), 1);
        assert_eq!(failures("crates/core/src/a.rs", "// Made by cargo xtask codegen\n").len(), 1);
        assert_eq!(failures("crates/model/src/generated/a.rs", "//! Why.\n").len(), 1);
        assert!(failures("crates/model/src/generated/a.rs", "// Made by cargo xtask codegen\n").is_empty());
        assert!(failures("xtask/src/a.rs", "//! `cargo xtask codegen`, written by hand.\n").is_empty());
    }

    #[test]
    fn length_warns_then_fails() {
        let file = |lines: usize| format!("//! Why.\n{}", "//\n".repeat(lines - 1));
        let mut findings = Findings::default();
        check_text("a.rs", &file(GOOD_LINES), &mut findings);
        assert!(findings.warnings.is_empty() && findings.failures.is_empty());
        check_text("a.rs", &file(GOOD_LINES + 1), &mut findings);
        assert_eq!((findings.warnings.len(), findings.failures.len()), (1, 0));
        check_text("a.rs", &file(MAX_LINES + 1), &mut findings);
        assert_eq!((findings.warnings.len(), findings.failures.len()), (1, 1));
    }

    #[test]
    fn unfinished_code_is_found() {
        assert_eq!(failures("a.rs", &hidden("//! Why.\nfn f() { to§do!() }\n")).len(), 1);
    }

    #[test]
    fn attributes_need_a_reason_and_tests_are_not_ignored() {
        assert_eq!(failures("a.rs", "//! Why.\n#[allow(dead_code)]\nfn f() {}\n").len(), 1);
        assert_eq!(failures("a.rs", "//! Why.\n#![cfg_attr(test, allow(\n    dead_code,\n))]\n").len(), 1);
        assert_eq!(failures("a.rs", "//! Why.\n    #[ignore = \"slow\"]\n").len(), 1);
        let spread = "//! Why.\n#[expect(\n    dead_code,\n    reason = \"a]b\"\n)]\nfn f() {}\n";
        assert!(failures("a.rs", spread).is_empty());
    }

    #[test]
    fn clocks_and_spawning_stay_in_their_modules() {
        let text = "//! Why.\n#[expect(clippy::disallowed_methods, reason = \"x\")]\n";
        assert!(failures("crates/net/src/clock.rs", text).is_empty());
        assert_eq!(failures("crates/net/src/tcp.rs", text).len(), 1);
        assert!(failures("crates/net/tests/tcp.rs", text).is_empty());
    }
}
