//! `cargo xtask features`: each published crate compiles alone, without a warning, with every likely set of features. The
//! sets come from the manifests; only the combinations of the facade are listed here.

use std::collections::BTreeSet;
use std::path::Path;

use crate::ci::{now, say};
use crate::deps::{Metadata, Outcome, Package, cargo};

const FACADE: &str = "binance-kit";

/// Combinations of the facade's features that programs use.
const OF_THE_FACADE: &[&[&str]] = &[
    &["stream", "spot"],
    &["rest", "spot"],
    &["ws-api", "spot"],
    &["stream", "rest", "book", "spot"],
    &["stream", "rest", "ws-api", "account", "spot"],
    &["stream", "spot", "blocking"],
    &["stream", "rest", "ws-api", "spot", "sim"],
];

/// A set of features to check.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Features {
    None,
    Some(Vec<String>),
    Default,
    All,
}

/// Checks the packages named, or all published ones, and prints what does not compile.
///
/// # Errors
///
/// If a set does not compile or compiles with a warning, or cargo could not be run.
pub(crate) fn run_for(root: &Path, names: &[String]) -> Outcome<()> {
    let metadata = Metadata::of_workspace(root)?;
    let members = metadata.members();
    if let Some(unknown) = names.iter().find(|name| !members.contains_key(name.as_str())) {
        return Err(format!("no such package: {unknown}").into());
    }
    let mut failed = Vec::new();
    let mut count = 0_u32;
    for (name, package) in &members {
        let asked_for =
            if names.is_empty() { package.is_published() } else { names.iter().any(|wanted| wanted == name) };
        if !asked_for {
            continue;
        }
        if let Some(unknown) = OF_THE_FACADE
            .concat()
            .iter()
            .find(|feature| *name == FACADE && !package.features.contains_key(**feature))
        {
            failed.push(format!("the facade has no feature `{unknown}`: correct the combinations checked"));
        }
        for features in sets(package) {
            count += 1;
            if !compiles(root, name, &features)? {
                failed.push(format!("{name} {}", arguments(&features).join(" ")));
            }
        }
    }
    if failed.is_empty() {
        say(&format!("{count} sets of features compile"));
        Ok(())
    } else {
        Err(format!("{} of {count} sets of features: {}", failed.len(), failed.join("; ")).into())
    }
}

/// All published packages.
///
/// # Errors
///
/// As [`run_for`].
pub(crate) fn run(root: &Path) -> Outcome<()> {
    run_for(root, &[])
}

fn sets(package: &Package) -> BTreeSet<Features> {
    let picked: Vec<&str> = package.picked_features().collect();
    let mut sets = BTreeSet::from([Features::None]);
    if !picked.is_empty() {
        sets.extend(picked.iter().map(|feature| Features::Some(vec![(*feature).to_owned()])));
        sets.extend([Features::Default, Features::All]);
    }
    if package.name == FACADE {
        let known = OF_THE_FACADE.iter().filter(|names| names.iter().all(|name| picked.contains(name)));
        sets.extend(known.map(|names| Features::Some(names.iter().map(|name| (*name).to_owned()).collect())));
    }
    sets
}

fn arguments(features: &Features) -> Vec<String> {
    match features {
        Features::None => vec!["--no-default-features".to_owned()],
        Features::Some(names) => {
            vec!["--no-default-features".to_owned(), "--features".to_owned(), names.join(",")]
        }
        Features::Default => Vec::new(),
        Features::All => vec!["--all-features".to_owned()],
    }
}

/// A warning fails too: it shows an import that only one feature needs. Cargo repeats warnings of crates that it does not
/// build again, so a second run has the same result.
fn compiles(root: &Path, package: &str, features: &Features) -> Outcome<bool> {
    let started = now();
    let arguments = arguments(features);
    let mut command = cargo(root);
    command.args(["check", "--locked", "--quiet", "--package", package]).args(&arguments);
    let output = command.output()?;
    let messages = String::from_utf8_lossy(&output.stderr);
    let clean = output.status.success() && !messages.lines().any(|line| line.starts_with("warning:"));
    let end = if clean { "ok" } else { "FAILED" };
    say(&format!("{end:<7} {:>5.1} s  {package} {}", started.elapsed().as_secs_f64(), arguments.join(" ")));
    if !clean {
        say(&messages);
    }
    Ok(clean)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn package(name: &str, features: &[&str]) -> Package {
        Package {
            id: name.to_owned(),
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            manifest_path: "Cargo.toml".into(),
            description: None,
            license: None,
            rust_version: None,
            publish: None,
            dependencies: Vec::new(),
            features: features
                .iter()
                .map(|feature| ((*feature).to_owned(), Vec::new()))
                .collect::<BTreeMap<_, _>>(),
        }
    }

    #[test]
    fn a_crate_without_features_is_checked_once() {
        assert_eq!(sets(&package("binance-kit-core", &[])), BTreeSet::from([Features::None]));
    }

    #[test]
    fn each_feature_is_checked_alone_and_default_is_not_one_of_them() {
        let checked: Vec<String> = sets(&package("binance-kit-net", &["default", "a", "b"]))
            .iter()
            .map(|features| arguments(features).join(" "))
            .collect();
        assert_eq!(
            checked,
            [
                "--no-default-features",
                "--no-default-features --features a",
                "--no-default-features --features b",
                "",
                "--all-features",
            ]
        );
    }

    #[test]
    fn combinations_of_the_facade_are_checked_and_no_other_crate_has_them() {
        let features = ["stream", "spot", "blocking"];
        let combination = Features::Some(features.map(str::to_owned).into());
        assert!(sets(&package(FACADE, &features)).contains(&combination));
        assert!(!sets(&package("binance-kit-book", &features)).contains(&combination));
    }
}
