//! Each target, over its corpus and over inputs that a fixed seed makes from it.

#![allow(clippy::panic, reason = "a failure here is the failure of a test")]

use binance_kit_fuzz::{Drive, TARGETS, drive, target};

fn holds(name: &str) {
    let target = target(name).unwrap_or_else(|| panic!("no target is called {name}"));
    assert!((target.corpus)().len() >= 5, "{name} has hardly a corpus");
    drive(target, Drive { seed: 1, tries: u64::from(target.tries), max_length: 4_096 });
}

#[test]
fn events_are_read_alike_and_come_back() {
    holds("events");
}

#[test]
fn sbe_is_read_alike_in_two_ways() {
    holds("sbe");
}

#[test]
fn answers_come_back_and_errors_are_classified() {
    holds("answers");
}

#[test]
fn keys_are_taken_or_refused_without_being_shown() {
    holds("pem");
}

#[test]
fn recordings_end() {
    holds("recordings");
}

#[test]
fn any_answer_to_the_upgrade_ends() {
    holds("handshake");
}

#[test]
fn frames_in_pieces_are_the_same_frames() {
    holds("frames");
}

#[test]
fn the_exchange_survives_any_bytes() {
    holds("exchange_bytes");
}

#[test]
fn the_exchange_loses_no_money_over_rest() {
    holds("exchange_rest");
}

#[test]
fn the_exchange_loses_no_money_over_websockets() {
    holds("exchange_ws");
}

/// A target without a test, or without a program for libFuzzer, would not be run.
#[test]
fn each_target_has_a_test_and_a_program() {
    let tests = include_str!("targets.rs");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for target in TARGETS {
        assert!(tests.contains(&format!("holds(\"{}\");", target.name)), "{} has no test", target.name);
        assert!(manifest.contains(&format!("name = \"{}\"", target.name)), "{} has no program", target.name);
        let program =
            std::fs::read_to_string(folder.join(format!("fuzz_targets/{}.rs", target.name))).unwrap();
        assert!(program.contains(&format!("run(\"{}\", ", target.name)), "{}", target.name);
    }
}
