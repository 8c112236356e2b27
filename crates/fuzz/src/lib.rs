//! Fuzz targets: functions that take bytes and panic if something does not hold for them.
//!
//! libFuzzer calls them from the folder `fuzz`; [`drive`] calls them with inputs that are made from the corpus by a seed, for tests
//! and for machines without libFuzzer. Each target checks a property, not only that nothing panics: two readers agree, what was read
//! can be written and read again, the embedded exchange goes on and loses no money.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a target fails by a panic"
)]

mod corpus;
mod decode;
mod drive;
mod exchange;
mod files;
#[path = "../../model/tests/generated/mod.rs"]
#[allow(dead_code, reason = "the tables of the model's tests, of which the targets use a part")]
mod generated;
#[path = "../../net/tests/common/mod.rs"]
#[allow(unreachable_pub, clippy::expect_used, reason = "the peer of the tests of net")]
mod peer;
mod socket;
#[path = "../../model/tests/table/mod.rs"]
#[allow(dead_code, reason = "the tables of the model's tests, of which the targets use a part")]
mod table;
#[path = "../../model/tests/sbe/values.rs"]
#[allow(dead_code, reason = "the random messages of the model's tests")]
mod values;

pub use drive::{Drive, drive};

/// A function to be called with any bytes, and inputs to start from.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Name of the target, as `cargo xtask fuzz` takes it.
    pub name: &'static str,
    /// The function; it panics if something does not hold.
    pub run: fn(&[u8]),
    /// Makes the inputs to start from.
    pub corpus: fn() -> Vec<Vec<u8>>,
    /// Number of inputs that a test tries, about a second's worth.
    pub tries: u32,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "events", run: decode::events, corpus: corpus::events, tries: 5_000 },
    Target { name: "sbe", run: decode::sbe, corpus: corpus::sbe, tries: 2_000 },
    Target { name: "answers", run: decode::answers, corpus: corpus::answers, tries: 4_000 },
    Target { name: "pem", run: files::pem, corpus: corpus::pem, tries: 3_000 },
    Target { name: "recordings", run: files::recordings, corpus: corpus::recordings, tries: 2_000 },
    Target { name: "handshake", run: socket::handshake, corpus: corpus::handshake, tries: 3_000 },
    Target { name: "frames", run: socket::frames, corpus: corpus::frames, tries: 800 },
    Target { name: "exchange_bytes", run: exchange::bytes, corpus: corpus::exchange_bytes, tries: 200 },
    Target { name: "exchange_rest", run: exchange::rest, corpus: corpus::exchange_rest, tries: 200 },
    Target { name: "exchange_ws", run: exchange::ws, corpus: corpus::exchange_ws, tries: 200 },
];

/// The target of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// Runs the target of this name, for libFuzzer's programs.
pub fn run(name: &str, input: &[u8]) {
    let target = target(name).unwrap_or_else(|| panic!("no target is called {name}"));
    (target.run)(input);
}
