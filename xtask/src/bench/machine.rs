//! Where and with what it was measured.

use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::deps::{Outcome, standard_output};

/// The peers whose versions are stated.
const PEERS: [&str; 5] = ["binance-sdk", "serde_json", "sonic-rs", "tokio-tungstenite", "tokio"];

/// The machine, the compiler, the versions and the day.
#[derive(Debug, Serialize)]
pub(super) struct Machine {
    processor: String,
    processors: usize,
    system: String,
    compiler: String,
    /// Of the last minute, the last five and the last fifteen, at the end of the run.
    load: String,
    date: String,
    /// The commit of binance-kit.
    commit: String,
    /// Peers and their versions.
    peers: Vec<String>,
}

impl Machine {
    #[expect(clippy::disallowed_methods, reason = "the day of a measurement")]
    pub(super) fn of(root: &Path) -> Outcome<Self> {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let information = read("/proc/cpuinfo");
        let model = information.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        let version = read("/proc/sys/kernel/osrelease");
        let load = read("/proc/loadavg");
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let mut git = Command::new("git");
        git.current_dir(root).args(["describe", "--always", "--dirty"]);
        let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let lock = std::fs::read_to_string(root.join("benchmarks/Cargo.lock"))?;
        Ok(Self {
            processor: model
                .map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned()),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            system: format!("{} {}", std::env::consts::OS, plain(version.trim())).trim().to_owned(),
            compiler: standard_output(Command::new(compiler).arg("--version"))?.trim().to_owned(),
            load: load.split(' ').take(3).collect::<Vec<_>>().join(" "),
            date: date(seconds),
            commit: standard_output(&mut git)?.trim().to_owned(),
            peers: PEERS.iter().flat_map(|name| versions(&lock, name)).collect(),
        })
    }

    pub(super) fn sentence(&self) -> String {
        format!(
            "{} ({} processors), {}, load {}; {}; binance-kit {}; {}; {}",
            self.processor,
            self.processors,
            self.system,
            self.load,
            self.compiler,
            self.commit,
            self.peers.join(", "),
            self.date
        )
    }
}

/// The version of a kernel without what its builder added.
fn plain(version: &str) -> &str {
    version.split(['-', '+']).next().unwrap_or(version)
}

/// Each version of a package in a lock file, with its name.
fn versions(lock: &str, name: &str) -> Vec<String> {
    let named = format!("name = \"{name}\"");
    let mut lines = lock.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if line == named
            && let Some(version) = lines.next().and_then(|line| line.strip_prefix("version = "))
        {
            found.push(format!("{name} {}", version.trim_matches('"')));
        }
    }
    found
}

/// The day of a time in seconds since 1970, UTC.
fn date(seconds: u64) -> String {
    let mut day = seconds / 86_400;
    let mut year = 1_970;
    let is_leap =
        |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    loop {
        let days = if is_leap(year) { 366 } else { 365 };
        if day < days {
            break;
        }
        day -= days;
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", day + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(951_782_400), "2000-02-29");
        assert_eq!(date(951_868_800), "2000-03-01");
        assert_eq!(date(1_735_689_599), "2024-12-31");
        assert_eq!(date(1_735_689_600), "2025-01-01");
    }

    #[test]
    fn names_that_builders_give_are_left_out() {
        assert_eq!(plain("6.18.44-abc-v1"), "6.18.44");
        assert_eq!(plain("6.1.0"), "6.1.0");
    }

    #[test]
    fn all_versions_of_a_package_are_found() {
        let lock = "[[package]]\nname = \"tokio\"\nversion = \"1.2.3\"\n\n[[package]]\nname = \"tokio\"\nversion = \"2.0.0\"\n\n\
            [[package]]\nname = \"tokio-util\"\nversion = \"9.0.0\"\n";
        assert_eq!(versions(lock, "tokio"), ["tokio 1.2.3", "tokio 2.0.0"]);
        assert!(versions(lock, "hyper").is_empty());
    }
}
