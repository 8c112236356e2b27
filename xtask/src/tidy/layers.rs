//! Which crate may use which: the table of `ARCHITECTURE.md`, compared with the manifests and, where indirect dependencies are
//! forbidden too, with the graph that cargo resolves.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Findings;
use crate::deps::{Metadata, Outcome, Package, tree_below};

/// A crate and the crates of this workspace it may depend on by normal and build edges. Dev-dependencies are free:
/// tests may use the embedded exchange anywhere.
const MAY_DEPEND_ON: &[(&str, &[&str])] = &[
    ("binance-kit-core", &[]),
    ("binance-kit-sign", &[]),
    ("binance-kit-model", &["core"]),
    ("binance-kit-net", &["core"]),
    ("binance-kit-rest", &["core", "sign", "net"]),
    ("binance-kit-stream", &["core", "sign", "net"]),
    ("binance-kit-ws-api", &["core", "sign", "net"]),
    ("binance-kit-record", &["core"]),
    ("binance-kit-book", &["core", "model", "rest", "stream"]),
    ("binance-kit-account", &["core", "model", "rest", "stream", "ws-api"]),
    ("binance-kit-sim", &["core", "sign", "model"]),
    (
        "binance-kit",
        &["core", "sign", "model", "net", "rest", "stream", "ws-api", "record", "book", "account", "sim"],
    ),
    ("binance-kit-cli", &["", "sim"]),
    ("binance-kit-examples", &["", "sim"]),
    (
        "binance-kit-bench",
        &["", "core", "sign", "model", "net", "rest", "stream", "ws-api", "book", "account", "sim"],
    ),
    ("binance-kit-fuzz", &["core", "sign", "model", "net", "record", "sim"]),
    ("xtask", &[]),
    ("xtask-mutants", &[]),
];

/// What a crate must not depend on, directly or indirectly. A name includes all names that begin with it and a hyphen:
/// `tokio` includes `tokio-util`.
const NOWHERE_BELOW: &[(&str, &[&str], &str)] = &[
    (
        "binance-kit-core",
        &["tokio", "hyper", "rustls", "ring"],
        "core has no I/O, no runtime and no cryptography",
    ),
    ("binance-kit-sign", &["tokio", "hyper", "rustls"], "signing has no I/O and no runtime"),
    ("binance-kit-model", &["tokio", "hyper", "rustls", "ring"], "the model is data"),
    ("binance-kit-net", &["binance-kit-model"], "transports do not depend on the model"),
    ("binance-kit-rest", &["binance-kit-model"], "transports do not depend on the model"),
    ("binance-kit-stream", &["binance-kit-model", "binance-kit-rest"], "streams need no REST client"),
    (
        "binance-kit-ws-api",
        &["binance-kit-model", "binance-kit-rest"],
        "transports do not depend on the model",
    ),
    (
        "binance-kit-sim",
        &["binance-kit-net", "binance-kit-rest", "binance-kit-stream", "binance-kit-ws-api"],
        "the embedded exchange shares no transport code with the clients it tests",
    ),
];

pub(super) fn check(metadata: &Metadata, root: &Path, findings: &mut Findings) -> Outcome<()> {
    let members = metadata.members();
    declared(&members, findings);
    for (name, forbidden, reason) in NOWHERE_BELOW {
        if members.contains_key(name) {
            let below = tree_below(root, name)?;
            for found in intruders(&below, forbidden) {
                findings.fail(
                    name,
                    &format!("{found} is below it, seen by `cargo tree -e normal --all-features`: {reason}"),
                );
            }
        }
    }
    Ok(())
}

fn declared(members: &BTreeMap<&str, &Package>, findings: &mut Findings) {
    let table: BTreeMap<&str, &[&str]> = MAY_DEPEND_ON.iter().copied().collect();
    for name in table.keys().filter(|name| !members.contains_key(**name)) {
        findings.fail(name, "in the table of layers but not in the workspace");
    }
    for (name, package) in members {
        let Some(allowed) = table.get(name) else {
            findings.fail(name, "in the workspace but not in the table of layers");
            continue;
        };
        for dependency in package.dependencies.iter().filter(|dependency| !dependency.is_dev()) {
            if members.contains_key(dependency.name.as_str()) && !allowed.contains(&short(&dependency.name)) {
                findings.fail(name, &format!("may not depend on {}", dependency.name));
            }
        }
    }
}

/// `binance-kit-core` is `core` in the table, and the facade is the empty name.
fn short(name: &str) -> &str {
    name.strip_prefix("binance-kit-").or_else(|| name.strip_prefix("binance-kit")).unwrap_or(name)
}

fn intruders<'tree>(below: &'tree BTreeSet<String>, forbidden: &[&str]) -> Vec<&'tree str> {
    let is_forbidden = |name: &str| {
        forbidden.iter().any(|forbidden| {
            name.strip_prefix(forbidden).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
    };
    below.iter().map(String::as_str).filter(|name| is_forbidden(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deps::Dependency;

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Package {
        Package {
            id: name.to_owned(),
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            manifest_path: "Cargo.toml".into(),
            description: None,
            license: None,
            rust_version: None,
            publish: None,
            dependencies: dependencies
                .iter()
                .map(|(name, kind)| Dependency {
                    name: (*name).to_owned(),
                    kind: kind.map(str::to_owned),
                    rename: None,
                })
                .collect(),
            features: BTreeMap::new(),
        }
    }

    fn findings_with(changed: Package) -> Vec<String> {
        let mut packages: Vec<Package> = MAY_DEPEND_ON.iter().map(|(name, _)| package(name, &[])).collect();
        packages.retain(|package| package.name != changed.name);
        packages.push(changed);
        let members = packages.iter().map(|package| (package.name.as_str(), package)).collect();
        let mut findings = Findings::default();
        declared(&members, &mut findings);
        findings.failures
    }

    #[test]
    fn a_transport_may_not_know_the_model_except_in_its_tests() {
        let refused = findings_with(package("binance-kit-rest", &[("binance-kit-model", None)]));
        assert_eq!(refused, ["binance-kit-rest: may not depend on binance-kit-model"]);
        let build = findings_with(package("binance-kit-rest", &[("binance-kit-model", Some("build"))]));
        assert_eq!(build.len(), 1);
        assert!(findings_with(package("binance-kit-rest", &[("binance-kit-model", Some("dev"))])).is_empty());
        assert!(findings_with(package("binance-kit-rest", &[("binance-kit-net", None)])).is_empty());
    }

    #[test]
    fn the_program_knows_the_facade_and_the_exchange_only() {
        let allowed = [("binance-kit", None), ("binance-kit-sim", None), ("tokio", None)];
        assert!(findings_with(package("binance-kit-cli", &allowed)).is_empty());
        assert_eq!(findings_with(package("binance-kit-cli", &[("binance-kit-net", None)])).len(), 1);
    }

    #[test]
    fn a_crate_that_is_not_in_the_table_is_reported() {
        assert_eq!(
            findings_with(package("binance-kit-extra", &[])),
            ["binance-kit-extra: in the workspace but not in the table of layers"]
        );
    }

    #[test]
    fn a_forbidden_name_covers_its_family_but_not_its_neighbours() {
        let below = ["tokio-util", "tokio", "tokiox", "rustls-pki-types", "serde"].map(str::to_owned).into();
        assert_eq!(intruders(&below, &["tokio", "rustls"]), ["rustls-pki-types", "tokio", "tokio-util"]);
    }
}
