//! What cargo knows about the workspace, as far as the checks need it. It comes from `cargo metadata` and `cargo tree`, so
//! that all checks use the same graph.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

/// The error of the developer commands: printed for a person, never matched on.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// `cargo metadata --format-version 1`, the fields the checks read.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) workspace_members: Vec<String>,
    pub(crate) resolve: Option<Resolve>,
}

/// A package, of the workspace or below it.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) description: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) rust_version: Option<String>,
    /// `Some([])` says that the package is not published.
    pub(crate) publish: Option<Vec<String>>,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) features: BTreeMap<String, Vec<String>>,
}

/// A dependency as the manifest declares it.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `None` is a normal dependency, otherwise `dev` or `build`.
    pub(crate) kind: Option<String>,
    pub(crate) rename: Option<String>,
}

/// The resolved graph.
#[derive(Debug, Deserialize)]
pub(crate) struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Debug, Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Debug, Deserialize)]
struct EdgeKind {
    kind: Option<String>,
}

impl Dependency {
    pub(crate) fn is_dev(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }

    /// The name by which the source code calls it.
    pub(crate) fn identifier(&self) -> String {
        self.rename.as_deref().unwrap_or(&self.name).replace('-', "_")
    }
}

impl Package {
    pub(crate) fn is_published(&self) -> bool {
        self.publish.as_ref().is_none_or(|registries| !registries.is_empty())
    }

    /// The folder of the manifest.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(Path::new("."))
    }

    /// The features a user can pick, without `default`.
    pub(crate) fn picked_features(&self) -> impl Iterator<Item = &str> {
        self.features.keys().map(String::as_str).filter(|feature| *feature != "default")
    }
}

impl Metadata {
    /// The packages of the workspace without their dependencies: needs neither an up-to-date lock file nor a registry.
    pub(crate) fn of_workspace(root: &Path) -> Outcome<Self> {
        Self::read(root, &["--no-deps"])
    }

    /// The whole resolved graph with every feature on.
    pub(crate) fn resolved(root: &Path) -> Outcome<Self> {
        Self::read(root, &["--all-features", "--locked"])
    }

    fn read(root: &Path, arguments: &[&str]) -> Outcome<Self> {
        let mut command = cargo(root);
        command.args(["metadata", "--format-version", "1"]).args(arguments);
        Ok(serde_json::from_str(&standard_output(&mut command)?)?)
    }

    /// The packages of the workspace by name.
    pub(crate) fn members(&self) -> BTreeMap<&str, &Package> {
        let ids: BTreeSet<&str> = self.workspace_members.iter().map(String::as_str).collect();
        self.packages
            .iter()
            .filter(|package| ids.contains(package.id.as_str()))
            .map(|package| (package.name.as_str(), package))
            .collect()
    }

    /// The packages that users of the published members compile: the members and their normal and build dependencies.
    pub(crate) fn compiled_by_users(&self) -> Outcome<Vec<&Package>> {
        let resolve = self.resolve.as_ref().ok_or("cargo metadata gave no resolved graph")?;
        let nodes: BTreeMap<&str, &Node> =
            resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let mut open: Vec<&str> = self
            .members()
            .values()
            .filter(|package| package.is_published())
            .map(|package| package.id.as_str())
            .collect();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let node = nodes.get(id).ok_or_else(|| format!("cargo metadata has no node {id}"))?;
            let below = node.deps.iter().filter(|edge| {
                edge.dep_kinds.iter().any(|edge_kind| edge_kind.kind.as_deref() != Some("dev"))
            });
            open.extend(below.map(|edge| edge.pkg.as_str()));
        }
        Ok(self.packages.iter().filter(|package| seen.contains(package.id.as_str())).collect())
    }
}

/// The names of all packages below `package` by normal edges, with every feature of it and on every platform.
pub(crate) fn tree_below(root: &Path, package: &str) -> Outcome<BTreeSet<String>> {
    let mut command = cargo(root);
    command.args(["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    command.args(["--target", "all", "--all-features", "--package", package]);
    let text = standard_output(&mut command)?;
    let names = text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned);
    Ok(names.filter(|name| name != package).collect())
}

/// Prints the number of packages below each published crate, so that an increase is visible in review.
pub(crate) fn print_counts(root: &Path) -> Outcome<()> {
    let metadata = Metadata::of_workspace(root)?;
    let mut all = BTreeSet::new();
    for (name, package) in metadata.members() {
        if package.is_published() {
            let below = tree_below(root, name)?;
            let third_party =
                below.iter().filter(|name| !metadata.members().contains_key(name.as_str())).count();
            crate::ci::say(&format!("{third_party:>5}  {name}"));
            all.extend(below);
        }
    }
    all.retain(|name| !metadata.members().contains_key(name.as_str()));
    crate::ci::say(&format!("{:>5}  all of them, every feature and platform", all.len()));
    Ok(())
}

/// The cargo that runs this program, in a folder.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root).stdin(Stdio::null());
    command
}

/// Runs a command and returns its standard output; its errors are printed.
pub(crate) fn standard_output(command: &mut Command) -> Outcome<String> {
    let output =
        command.stderr(Stdio::inherit()).output().map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
