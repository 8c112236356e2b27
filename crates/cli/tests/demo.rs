//! `binance demo`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use common::{Program, run, run_into_head};
use serde_json::Value;

#[test]
fn json_is_one_object_with_every_check_true() {
    let ended = run(&["demo", "--seconds", "3", "--seed", "7", "--json"]);
    let summary = ended.json();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert_eq!(summary["passed"], true, "{summary:#}");
    assert_eq!(summary["seed"], 7);
    let checks = summary["checks"].as_object().unwrap();
    for name in [
        "came_to_its_end",
        "books_match",
        "balances_match",
        "orders_definite",
        "reports_complete",
        "every_frame_decoded",
        "no_gaps",
        "every_stream_delivered",
    ] {
        assert_eq!(checks[name], true, "{name}: {}", summary["details"][name]);
    }
    assert!(checks.values().all(|check| check == true), "{summary:#}");
    assert_eq!((&summary["decode_failures"], &summary["gaps"]), (&Value::from(0), &Value::from(0)));

    let number = |name: &str| summary[name].as_u64().unwrap_or_else(|| panic!("{name} in {summary:#}"));
    assert_eq!(number("orders"), number("orders_definite"));
    assert!(number("orders") >= 3 && number("execution_reports") >= 3, "{summary:#}");
    assert!(number("round_trip_p50_us") <= number("round_trip_p99_us"), "{summary:#}");
    let events = summary["events"].as_object().unwrap();
    let counted: u64 = events.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(counted, number("event_count"));
    for kind in
        ["trade", "aggTrade", "kline", "miniTicker", "ticker", "bookTicker", "partialDepth", "depthUpdate"]
    {
        assert!(events[kind].as_u64().unwrap() > 0, "{kind}: {summary:#}");
    }
}

#[test]
fn plain_output_ends_with_a_summary() {
    let ended = run(&["demo", "--seconds", "3"]);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert_eq!(ended.errors, "");
    assert!(ended.out[0].starts_with("embedded exchange at http://127.0.0.1:"), "{ended:#?}");
    assert!(ended.out[1].starts_with("connected: 43 market streams, 6 local books"), "{ended:#?}");
    for text in [
        "summary (seed 1, ",
        "decode failures 0, gaps 0",
        "with a definite outcome",
        "ok     books match (6 books, ",
        "ok     balances match (",
    ] {
        assert!(ended.out.iter().any(|line| line.contains(text)), "{text:?} is not in {ended:#?}");
    }
    assert_eq!(ended.out.last().unwrap(), "all checks hold");
    // Nothing is drawn where there is no terminal.
    assert!(ended.out.iter().all(|line| !line.contains('\x1b')), "{ended:#?}");
}

#[cfg(unix)]
#[test]
fn an_interruption_is_reported_and_fails() {
    let program = Program::start(&["demo", "--seconds", "600"]);
    while !program.line().starts_with("connected: ") {}
    program.signal("INT");
    let ended = program.end();
    ended.failed(130, &["interrupted while ", ": nothing was checked"]);
    assert!(ended.out.iter().all(|line| !line.contains("summary")), "{ended:#?}");
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_it() {
    let (line, ended) = run_into_head(&["demo", "--seconds", "600"]);
    assert!(line.starts_with("embedded exchange at "), "{line}");
    // The status of a program that SIGPIPE ends: the checks were not made.
    assert_eq!((ended.code, ended.errors.as_str()), (Some(141), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    for arguments in [&["demo", "--seconds", "3"][..], &["demo", "--seconds", "3", "--json"]] {
        let full = std::fs::File::create("/dev/full").unwrap();
        let ended = Program::start_into(arguments, full.into()).end();
        ended.failed(1, &["error: cannot write to standard output", "caused by: No space left"]);
    }
}

#[test]
fn cargo_run_in_the_workspace_is_this_program() {
    // The first command of the README names no program.
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let members = metadata["workspace_default_members"].as_array().unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let defaults: Vec<&str> = packages
        .filter(|package| members.contains(&package["id"]))
        .filter_map(|package| package["default_run"].as_str())
        .collect();
    assert_eq!(defaults, ["binance"]);
}

#[test]
fn durations_out_of_range_are_refused() {
    for seconds in ["0", "2", "soon"] {
        run(&["demo", "--seconds", seconds]).failed(2, &["--seconds"]);
    }
}
