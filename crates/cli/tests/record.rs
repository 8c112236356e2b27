//! `binance record`, and that `binance replay` plays what it writes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use common::{Program, Sim, closed_address, run};
use serde_json::json;
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    path
}

#[test]
fn a_recording_replays_with_its_books() {
    let sim = Sim::start(&[]);
    let to = folder("recorded");
    let to_text = to.to_str().unwrap();
    let streams = ["btcusdt@depth@100ms", "btcusdt@bookTicker", "btcusdt@trade"];
    let common = ["--to", to_text, "--url", sim.url("stream"), "--snapshots", "--rest", sim.url("rest")];
    let arguments: Vec<&str> =
        ["record"].into_iter().chain(streams).chain(common).chain(["--seconds", "3", "--json"]).collect();
    let ended = run(&arguments);
    let summary = ended.json();
    assert_eq!((ended.code, &summary["lost"]), (Some(0), &json!(0)), "{ended:#?}");
    let file = summary["files"][0].as_str().unwrap();
    assert!(Path::new(file).starts_with(&to), "{file}");
    let ended = run(&["replay", file, "--json"]);
    let report = ended.json();
    assert_eq!((ended.code, &report["whole"]), (Some(0), &json!(true)), "{ended:#?}");
    let [symbol] = report["symbols"].as_array().unwrap().as_slice() else { panic!("{report:#}") };
    assert_eq!((&symbol["symbol"], &symbol["synced"]), (&json!("BTCUSDT"), &json!(true)), "{symbol:#}");
    assert_eq!((&symbol["gaps"], &symbol["missing_trades"]), (&json!(0), &json!(0)), "{symbol:#}");
    assert!(symbol["comparisons"].as_u64().unwrap() > 0, "{symbol:#}");
    assert_eq!(report["events"]["depth snapshot (REST)"], 1);
    std::fs::remove_dir_all(to).unwrap();
}

#[cfg(unix)]
#[test]
fn a_killed_recorder_leaves_a_file_that_replays_and_is_continued() {
    let sim = Sim::start(&[]);
    let to = folder("killed");
    std::fs::create_dir_all(&to).unwrap();
    let file = to.join("one.gz");
    let file_text = file.to_str().unwrap();
    let arguments = ["record", "btcusdt@bookTicker", "--to", file_text, "--url", sim.url("stream")];
    let program = Program::start(&arguments);
    // Until frames are in the file, beside its header.
    let is_there = (0..4500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        std::fs::metadata(&file).is_ok_and(|file| file.len() >= 500)
    });
    assert!(is_there, "nothing is recorded");
    program.signal("KILL");
    assert_eq!(program.end().code, None);
    let before = run(&["replay", file_text, "--json"]).json();
    assert_eq!(before["whole"], true, "{before:#}");
    let ended = run(&[&arguments[..], &["--seconds", "2"]].concat());
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.out[0].contains("0 lost"), "{ended:#?}");
    let after = run(&["replay", file_text, "--json"]).json();
    assert!(after["lines"].as_u64() > before["lines"].as_u64(), "{before:#} {after:#}");
    assert_eq!((&after["whole"], &after["torn"]), (&json!(true), &json!(false)));
    std::fs::remove_dir_all(to).unwrap();
}

#[test]
fn failures_name_the_cause() {
    let closed = format!("ws://{}", closed_address());
    let to = folder("nothing");
    let to = to.to_str().unwrap();
    run(&["record", "btcusdt@trade", "--to", to, "--url", &closed]).failed(1, &["caused by: "]);
    run(&["record", "btcusdt", "--to", to, "--url", &closed]).failed(1, &["is not a stream name"]);
    run(&["record", "btcusdt@depth", "--to", to, "--url", &closed, "--snapshots"])
        .failed(1, &["needs --rest"]);
    run(&["record", "btcusdt@trade", "--to", "/dev/null/x", "--url", &closed])
        .failed(1, &["cannot use /dev/null/x"]);
    let _ = std::fs::remove_dir_all(to);
}
