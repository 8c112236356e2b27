//! Rules for manifests: metadata of published crates, one place for versions, a reason for each dependency, no unused
//! dependency, and a minimum Rust version that all dependencies support.

use std::collections::BTreeSet;
use std::path::Path;

use super::Findings;
use super::sources::has_extension;
use crate::deps::{Metadata, Outcome, Package};

/// Files that must be at the top of the repository.
const TOP_FILES: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "deny.toml",
];

/// The licences that every package brings.
const LICENCES: &[&str] = &["LICENSE-APACHE", "LICENSE-MIT"];

/// Dependencies that occur in no line of code, because they only switch on a feature, each with its reason.
const NAMED_BY_NO_CODE: &[(&str, &str, &str)] = &[];

pub(super) fn check(
    metadata: &Metadata,
    root: &Path,
    files: &[String],
    findings: &mut Findings,
) -> Outcome<()> {
    for missing in TOP_FILES.iter().filter(|name| !root.join(name).is_file()) {
        findings.fail(missing, "is missing");
    }
    disclaimer(root, findings);

    let workspace = manifest(&root.join("Cargo.toml"))?;
    let rust_version = text_at(&workspace, &["workspace", "package", "rust-version"]).unwrap_or_default();
    let members = metadata.members();
    let mut used = BTreeSet::new();
    for (name, package) in &members {
        identity(package, rust_version, findings);
        let own = manifest(&package.manifest_path)?;
        inherits(name, &own, findings);
        if package.is_published() {
            published(name, &own, package.folder(), findings);
        }
        used.extend(package.dependencies.iter().map(|dependency| dependency.name.clone()));
        unused(package, root, files, findings)?;
    }
    workspace_dependencies(&workspace, &used, findings);
    let text = std::fs::read_to_string(root.join("Cargo.toml"))?;
    reasons(&text, findings);
    minimum_rust_version(&Metadata::resolved(root)?, rust_version, findings)
}

/// A reader must not take this for something that the exchange itself publishes.
fn disclaimer(root: &Path, findings: &mut Findings) {
    let text = std::fs::read_to_string(root.join("README.md")).unwrap_or_default().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    if !words.windows(2).any(|pair| pair == ["not", "affiliated"]) {
        findings.fail("README.md", "must say that the project is not affiliated with the exchange");
    }
}

fn identity(package: &Package, rust_version: &str, findings: &mut Findings) {
    if package.description.as_deref().is_none_or(|description| description.trim().is_empty()) {
        findings.fail(&package.name, "has no description");
    }
    if package.license.is_none() {
        findings.fail(&package.name, "has no licence");
    }
    if package.rust_version.as_deref() != Some(rust_version) {
        findings.fail(&package.name, "does not take `rust-version` from the workspace");
    }
}

/// A package on a registry is read without the repository: it must bring its README and its licences, and its
/// documentation is built with all features.
fn published(name: &str, manifest: &toml::Table, folder: &Path, findings: &mut Findings) {
    match text_at(manifest, &["package", "readme"]) {
        Some(readme) if folder.join(readme).is_file() => {}
        Some(readme) => findings.fail(name, &format!("its readme {readme} is missing")),
        None => findings.fail(name, "has no `readme`"),
    }
    if text_at(manifest, &["package", "documentation"]).is_none_or(|url| !url.starts_with("https://docs.rs/"))
    {
        findings.fail(name, "has no `documentation` on docs.rs");
    }
    for licence in LICENCES.iter().filter(|licence| !folder.join(licence).is_file()) {
        findings.fail(name, &format!("{licence} is missing: a link to the one at the top will do"));
    }
    let docs_rs = ["metadata", "docs", "rs"]
        .iter()
        .try_fold(manifest.get("package"), |value, key| Some(value?.get(*key)))
        .flatten();
    let all_features = docs_rs.and_then(|table| table.get("all-features")).and_then(toml::Value::as_bool);
    let arguments = docs_rs.and_then(|table| table.get("rustdoc-args")).and_then(toml::Value::as_array);
    let has_cfg = arguments.is_some_and(|all| all.iter().any(|argument| argument.as_str() == Some("docsrs")));
    if all_features != Some(true) || !has_cfg {
        findings.fail(
            name,
            "[package.metadata.docs.rs] must have `all-features = true` and `rustdoc-args = [\"--cfg\", \"docsrs\"]`",
        );
    }
}

/// Each dependency of the workspace has a comment before it or after it that says what it is for.
fn reasons(text: &str, findings: &mut Findings) {
    let mut in_table = false;
    let mut before = "";
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('[') {
            in_table = line.trim() == "[workspace.dependencies]";
        } else if in_table && !line.starts_with('#') {
            let name = line.split(['=', '.']).next().unwrap_or_default().trim();
            let has_reason = before.starts_with("# ") || line.contains("} # ") || line.contains("\" # ");
            if !name.is_empty() && !line.starts_with(' ') && !has_reason {
                findings.fail(
                    &format!("Cargo.toml:{}", index + 1),
                    &format!("a comment must say why {name} is needed"),
                );
            }
        }
        before = line;
    }
}

/// Versions and lints are in the workspace's manifest only.
fn inherits(name: &str, manifest: &toml::Table, findings: &mut Findings) {
    let workspace = |value: Option<&toml::Value>| {
        value.and_then(|value| value.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
    };
    if !workspace(manifest.get("lints")) {
        findings.fail(name, "does not take its lints from the workspace");
    }
    for (kind, table) in dependency_tables(manifest) {
        for (dependency, value) in table {
            // A test may use a higher layer by its path alone: with a version, neither could be published first.
            let is_path_of_a_test = kind == "dev-dependencies"
                && dependency.starts_with("binance-kit")
                && value.get("path").is_some()
                && value.get("version").is_none();
            if !workspace(Some(value)) && !is_path_of_a_test {
                findings.fail(name, &format!("{dependency} must be `workspace = true`"));
            }
        }
    }
}

/// Every table of dependencies, those for one platform included.
fn dependency_tables(manifest: &toml::Table) -> Vec<(&'static str, &toml::Table)> {
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let platforms = targets.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table);
    std::iter::once(manifest)
        .chain(platforms)
        .flat_map(|table| {
            ["dependencies", "dev-dependencies", "build-dependencies"]
                .into_iter()
                .filter_map(|kind| Some((kind, table.get(kind)?.as_table()?)))
        })
        .collect()
}

/// Reports dependencies that occur in no file of the crate.
fn unused(package: &Package, root: &Path, files: &[String], findings: &mut Findings) -> Outcome<()> {
    let folder = package.folder().strip_prefix(root).unwrap_or(package.folder());
    let mut words = BTreeSet::new();
    for path in files.iter().filter(|path| Path::new(path).starts_with(folder) && has_extension(path, "rs")) {
        let text = std::fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
        words.extend(words_of(&text).map(str::to_owned));
        // A file of another crate that is a module of this one by its path.
        for shared in
            text.lines().filter_map(|line| line.trim().strip_prefix("#[path = \"")?.strip_suffix("\"]"))
        {
            let beside = root.join(path).parent().unwrap_or(root).join(shared);
            let text =
                std::fs::read_to_string(&beside).map_err(|error| format!("{}: {error}", beside.display()))?;
            words.extend(words_of(&text).map(str::to_owned));
        }
    }
    let declared: BTreeSet<(&str, String)> = package
        .dependencies
        .iter()
        .map(|dependency| (dependency.name.as_str(), dependency.identifier()))
        .collect();
    for (name, identifier) in declared {
        let excused = NAMED_BY_NO_CODE
            .iter()
            .any(|(package_name, dependency, _)| *package_name == package.name && *dependency == name);
        if !excused && !words.contains(&identifier) {
            findings.fail(&package.name, &format!("{name} is a dependency that no code uses"));
        }
    }
    Ok(())
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric() && character != '_')
        .filter(|word| !word.is_empty())
}

fn workspace_dependencies(workspace: &toml::Table, used: &BTreeSet<String>, findings: &mut Findings) {
    let version = text_at(workspace, &["workspace", "package", "version"]).unwrap_or_default();
    let table = workspace
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"))
        .and_then(toml::Value::as_table);
    for (name, value) in table.into_iter().flatten() {
        if !used.contains(name) {
            findings.fail("Cargo.toml", &format!("no crate uses {name} of [workspace.dependencies]"));
        }
        let requirement = value.get("version").and_then(toml::Value::as_str).unwrap_or_default();
        if value.get("path").is_some() {
            if requirement != format!("={version}") {
                findings.fail(
                    "Cargo.toml",
                    &format!("{name} must be pinned to ={version}: the layers move together"),
                );
            }
        } else if value.get("default-features").and_then(toml::Value::as_bool) != Some(false) {
            findings.fail(
                "Cargo.toml",
                &format!("{name} must be `default-features = false` with features named"),
            );
        }
    }
}

fn minimum_rust_version(metadata: &Metadata, rust_version: &str, findings: &mut Findings) -> Outcome<()> {
    let ours = version_number(rust_version).ok_or("rust-version of the workspace is no version")?;
    for package in metadata.compiled_by_users()? {
        let wanted = package.rust_version.as_deref().unwrap_or("1.0");
        if version_number(wanted).is_none_or(|wanted| wanted > ours) {
            findings.fail(
                "rust-version",
                &format!(
                    "{} {} asks for Rust {wanted}, ours is {rust_version}",
                    package.name, package.version
                ),
            );
        }
    }
    Ok(())
}

/// `1.89` and `1.89.0` as numbers that can be compared.
fn version_number(text: &str) -> Option<[u32; 3]> {
    let mut numbers = [0; 3];
    let mut parts = text.split('.');
    for (number, part) in numbers.iter_mut().zip(parts.by_ref()) {
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

fn manifest(path: &Path) -> Outcome<toml::Table> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?)
}

fn text_at<'table>(table: &'table toml::Table, path: &[&str]) -> Option<&'table str> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(table.get(*first)?, |value, key| value.get(key))?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inherits_failures(text: &str) -> Vec<String> {
        let mut findings = Findings::default();
        inherits("x", &toml::from_str(text).unwrap(), &mut findings);
        findings.failures
    }

    #[test]
    fn versions_and_lints_come_from_the_workspace() {
        let good = "lints.workspace = true\ndependencies.bytes.workspace = true\n\
            [dev-dependencies]\nbinance-kit-sim = { path = \"../sim\" }\n";
        assert!(inherits_failures(good).is_empty());
        assert_eq!(inherits_failures("dependencies.bytes.workspace = true\n").len(), 1);
        assert_eq!(inherits_failures("lints.workspace = true\ndependencies.bytes = \"1\"\n").len(), 1);
        let platform = "lints.workspace = true\n[target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"\n";
        assert_eq!(inherits_failures(platform), ["x: libc must be `workspace = true`"]);
    }

    #[test]
    fn workspace_dependencies_are_used_pinned_and_without_default_features() {
        let text = "[workspace.package]\nversion = \"0.1.0\"\n[workspace.dependencies]\n\
            a = { path = \"a\", version = \"=0.1.0\" }\nb = { path = \"b\", version = \"0.1.0\" }\n\
            c = { version = \"1\", default-features = false }\nd = \"1\"\ne = { version = \"1\", default-features = false }\n";
        let used = ["a", "b", "c", "d"].map(str::to_owned).into();
        let mut findings = Findings::default();
        workspace_dependencies(&toml::from_str(text).unwrap(), &used, &mut findings);
        assert_eq!(
            findings.failures,
            [
                "Cargo.toml: b must be pinned to =0.1.0: the layers move together",
                "Cargo.toml: d must be `default-features = false` with features named",
                "Cargo.toml: no crate uses e of [workspace.dependencies]",
            ]
        );
    }

    #[test]
    fn dependencies_need_a_reason() {
        let text = "[workspace.package]\nversion = \"1\"\n[workspace.dependencies]\n# Why.\na = \"1\"\nb = \"1\" # Why.\n\
            c = { version = \"1\" } # Why.\nd = \"1\"\n\ne = { version = \"1\" }\n[lints]\nf = 1\n";
        let mut findings = Findings::default();
        reasons(text, &mut findings);
        assert_eq!(
            findings.failures,
            [
                "Cargo.toml:8: a comment must say why d is needed",
                "Cargo.toml:10: a comment must say why e is needed"
            ]
        );
    }

    #[test]
    fn packages_bring_readme_licences_and_docs_rs_metadata() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut findings = Findings::default();
        published("x", &toml::from_str("package.readme = \"none.md\"").unwrap(), folder, &mut findings);
        assert_eq!(findings.failures.len(), 5);
        let good = "[package]\nreadme = \"Cargo.toml\"\ndocumentation = \"https://docs.rs/x\"\n[package.metadata.docs.rs]\nall-features = true\n\
            rustdoc-args = [\"--cfg\", \"docsrs\"]\n";
        let mut findings = Findings::default();
        published("x", &toml::from_str(good).unwrap(), &folder.join("../crates/core"), &mut findings);
        assert_eq!(findings.failures, Vec::<String>::new());
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(version_number("1.100") > version_number("1.89.0"));
        assert_eq!(version_number("1.89"), version_number("1.89.0"));
        assert_eq!(version_number("1.89.0.1"), None);
        assert_eq!(version_number("nightly"), None);
    }

    #[test]
    fn a_word_is_found_whole_only() {
        let words: BTreeSet<&str> = words_of("use serde_json::Value; // toml").collect();
        assert!(words.contains("serde_json") && words.contains("toml") && !words.contains("serde"));
    }
}
