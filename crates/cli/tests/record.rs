//! `binance record`, and that `binance replay` plays what it writes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use common::server::Server;
use common::{Program, Sim, closed_address, run, run_into_head, short, wait_until};
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
    wait_until("frames are recorded", || std::fs::metadata(&file).is_ok_and(|file| file.len() >= 500));
    program.signal("KILL");
    assert_eq!(program.end().code, None);
    // Nothing is torn where it was killed between two blocks; its end is missing all the same, and that is said.
    let ended = run(&["replay", file_text, "--json"]);
    let before = ended.json();
    assert_eq!((ended.code, &before["whole"], &before["finished"]), (Some(1), &json!(false), &json!(false)));
    assert_eq!(short(&before), [format!("unfinished {file_text}")], "{before:#}");
    let ended = run(&[&arguments[..], &["--seconds", "2"]].concat());
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.out[0].contains("0 lost"), "{ended:#?}");
    let after = run(&["replay", file_text, "--json"]).json();
    assert!(after["lines"].as_u64() > before["lines"].as_u64(), "{before:#} {after:#}");
    assert_eq!((&after["decode_failures"], &after["torn"]), (&json!(0), &json!(false)));
    // What came between the two recorders is missing, and best prices have no ids that would tell how much.
    let expected = [
        format!("unfinished {file_text}"),
        "possible_gaps btcusdt@bookTicker".to_owned(),
        "interruptions ".to_owned(),
    ];
    assert_eq!(short(&after), expected, "{after:#}");
    std::fs::remove_dir_all(to).unwrap();
}

#[test]
fn failures_name_the_cause() {
    let address = closed_address();
    let closed = format!("ws://{address}");
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

#[test]
fn only_frames_with_events_are_counted_and_silent_streams_are_named() {
    let server = Server::start(&[
        ("btcusdt@newStream", "{\"e\":\"new\",\"s\":\"BTCUSDT\"}"),
        ("btcusdt@newStream", "{\"e\":\"new\",\"s\":\"BTCUSDT\"}"),
    ]);
    let to = folder("counted");
    let url = server.url();
    let names = ["record", "btcusdt@newStream", "nosuch@trade"];
    let common = ["--to", to.to_str().unwrap(), "--url", &url, "--seconds", "1"];
    let ended = run(&[&names[..], &common[..], &["--json"]].concat());
    let summary = ended.json();
    // The answer to the list of subscriptions is in the file, and is no event.
    assert_eq!(
        (ended.code, &summary["frames"], &summary["lost"]),
        (Some(0), &json!(2), &json!(0)),
        "{ended:#?}"
    );
    assert_eq!(summary["silent_streams"], json!(["nosuch@trade"]));
    let ended = run(&[&names[..], &common[..]].concat());
    assert_eq!(ended.out[..2], ["2 frames, 0 lost", "  nothing came from nosuch@trade"], "{ended:#?}");
    std::fs::remove_dir_all(to).unwrap();
}

#[cfg(unix)]
#[test]
fn paths_in_the_summary_are_json_whatever_is_in_them() {
    let server = Server::start(&[("btcusdt@newStream", "{\"e\":\"new\",\"s\":\"BTCUSDT\"}")]);
    let to = folder("a \"name\" with \\ and\ttab");
    let url = server.url();
    let common = ["--to", to.to_str().unwrap(), "--url", &url, "--seconds", "1", "--json"];
    let ended = run(&[&["record", "btcusdt@newStream"], &common[..]].concat());
    let summary = ended.json();
    let file = summary["files"][0].as_str().unwrap();
    assert!(Path::new(file).starts_with(&to) && Path::new(file).exists(), "{file}");
    std::fs::remove_dir_all(to).unwrap();
}

#[test]
fn gaps_are_said_while_recording() {
    let sim = Sim::start(&["--control", "127.0.0.1:0"]);
    let to = folder("gaps");
    let program = Program::start(&[
        "record",
        "btcusdt@trade",
        "--to",
        to.to_str().unwrap(),
        "--url",
        sim.url("stream"),
        "--json",
    ]);
    // Once it records.
    wait_until("frames are recorded", || {
        std::fs::read_dir(&to)
            .is_ok_and(|mut files| files.any(|file| file.unwrap().metadata().unwrap().len() > 500))
    });
    sim.inject(&json!({"fault": "drop", "on": {"stream": "btcusdt@trade"}, "times": {"count": 3}}));
    let note = program.error_line();
    assert!(note.starts_with("btcusdt@trade: gap from "), "{note}");
    program.signal("TERM");
    let ended = program.end();
    let summary = ended.json();
    assert_eq!(
        (ended.code, &summary["gaps"], &summary["finished"]),
        (Some(0), &json!(1), &json!(true)),
        "{ended:#?}"
    );
    // The last block is there, and the mark of the end.
    let report = run(&["replay", to.to_str().unwrap(), "--json"]).json();
    assert_eq!((&report["lines"], &report["finished"]), (&summary["frames"], &json!(true)), "{report:#}");
    assert_eq!(short(&report), ["missing_trades btcusdt@trade"]);
    std::fs::remove_dir_all(to).unwrap();
}

#[test]
fn snapshots_are_asked_for_until_one_fits() {
    let sim = Sim::start(&["--control", "127.0.0.1:0"]);
    let depth = json!({"request": "GET /api/v3/depth"});
    // The exchange is down, and then answers with a book of long ago.
    sim.inject(&json!({
        "fault": "answer", "status": 503, "body": "{\"code\":-1000,\"msg\":\"down\"}", "on": depth, "times": {"count": 8},
    }));
    sim.inject(&json!({
        "fault": "answer", "status": 200, "on": depth, "after": 8, "times": {"count": 2},
        "body": "{\"lastUpdateId\":1,\"bids\":[[\"1.00\",\"1\"]],\"asks\":[[\"2.00\",\"1\"]]}",
    }));
    let to = folder("retried");
    let ended = run(&[
        "record",
        "btcusdt@depth@100ms",
        "--to",
        to.to_str().unwrap(),
        "--url",
        sim.url("stream"),
        "--snapshots",
        "--rest",
        sim.url("rest"),
        "--seconds",
        "12",
        "--json",
    ]);
    let summary = ended.json();
    assert_eq!((ended.code, &summary["without_book"]), (Some(0), &json!([])), "{ended:#?}");
    assert!(ended.errors.starts_with("no snapshot of BTCUSDT yet: "), "{ended:#?}");
    assert!(ended.errors.contains("snapshot of BTCUSDT recorded"), "{ended:#?}");
    let report = run(&["replay", to.to_str().unwrap(), "--json"]).json();
    assert_eq!(
        (&report["symbols"][0]["synced"], &report["whole"]),
        (&json!(true), &json!(true)),
        "{report:#}"
    );
    std::fs::remove_dir_all(to).unwrap();
}

#[test]
fn each_file_has_a_snapshot_of_each_book() {
    let sim = Sim::start(&[]);
    let to = folder("each");
    let ended = run(&[
        "record",
        "btcusdt@depth@100ms",
        "ethusdt@depth@100ms",
        "--to",
        to.to_str().unwrap(),
        "--url",
        sim.url("stream"),
        "--snapshots",
        "--rest",
        sim.url("rest"),
        "--minutes",
        "0.04",
        "--seconds",
        "8",
        "--json",
    ]);
    let summary = ended.json();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let files = summary["files"].as_array().unwrap();
    assert!(files.len() > 2, "{summary:#}");
    // The last one may have begun a moment ago.
    for file in &files[..files.len() - 1] {
        let ended = run(&["replay", file.as_str().unwrap(), "--json"]);
        let report = ended.json();
        assert_eq!((ended.code, &report["whole"]), (Some(0), &json!(true)), "{report:#}");
        assert_eq!(report["symbols"].as_array().unwrap().len(), 2);
    }
    let ended = run(&["replay", to.to_str().unwrap(), "--json"]);
    let report = ended.json();
    assert_eq!((ended.code, &report["interruptions"]), (Some(0), &json!(0)), "{report:#}");
    run(&["record", "a@depth", "--to", "x", "--minutes", "0"]).failed(2, &["number of minutes above 0"]);
    std::fs::remove_dir_all(to).unwrap();
}

#[test]
fn a_symbol_that_does_not_exist_is_said_once() {
    let sim = Sim::start(&[]);
    let to = folder("unknown");
    let common =
        ["--to", to.to_str().unwrap(), "--url", sim.url("stream"), "--snapshots", "--rest", sim.url("rest")];
    let ended = run(&[&["record", "nosuch@depth"], &common[..], &["--seconds", "2", "--json"]].concat());
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert_eq!(ended.json()["without_book"], json!(["NOSUCH"]));
    assert_eq!(ended.errors.matches("no snapshot of NOSUCH: ").count(), 1, "{ended:#?}");
    std::fs::remove_dir_all(to).unwrap();
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_reported_at_once_with_what_is_safe() {
    let sim = Sim::start(&["--rate", "5000"]);
    let to = folder("full");
    std::fs::create_dir_all(&to).unwrap();
    let file = to.join("one.gz");
    // A limit on the size of files fails as a full disk does.
    let command = format!(
        "trap '' XFSZ; ulimit -f 60; exec {} record btcusdt@bookTicker ethusdt@bookTicker --to {} --url {}",
        env!("CARGO_BIN_EXE_binance"),
        file.display(),
        sim.url("stream")
    );
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &command]).stdout(std::process::Stdio::piped());
    let program = Program::start_command(shell);
    let note = program.error_line();
    assert!(note.starts_with("cannot write: ") && note.contains(" frames are safe in "), "{note}");
    program.signal("TERM");
    let ended = program.end();
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    let (_, said) = ended.errors.rsplit_once("; ").unwrap();
    assert!(said.contains("the recording is unfinished"), "{ended:#?}");
    let safe: u64 = said.split(' ').next().unwrap().replace(',', "").parse().unwrap();
    let report = run(&["replay", file.to_str().unwrap(), "--json"]).json();
    // One of them is the list of the streams.
    assert_eq!(report["lines"], json!(safe - 1), "{report:#} {ended:#?}");
    assert_eq!((&report["finished"], &report["damaged"]), (&json!(false), &json!(0)));
    std::fs::remove_dir_all(to).unwrap();
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_is_no_error() {
    let sim = Sim::start(&[]);
    let to = folder("head");
    let arguments = [
        "record",
        "btcusdt@trade",
        "--to",
        to.to_str().unwrap(),
        "--url",
        sim.url("stream"),
        "--seconds",
        "1",
    ];
    let (line, ended) = run_into_head(&arguments);
    assert!(line.contains(" frames, 0 lost"), "{line}");
    assert_eq!((ended.code, ended.errors.as_str()), (Some(0), ""));
    std::fs::remove_dir_all(to).unwrap();
}
