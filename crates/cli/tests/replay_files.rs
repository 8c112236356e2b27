//! `binance replay`: recordings of many symbols, several files and other recorders, damage included.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit::core::{Decoder, sbe};
use binance_kit::record::{Mark, Payload, Recorder, RecorderOptions};
use binance_kit::{Api, Symbol};
use common::{TempFile, run, short};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

const SECOND: u64 = 1_000_000_000;

/// Lines of times and frames.
fn recording<'a>(lines: impl IntoIterator<Item = (impl std::fmt::Display, &'a String)>) -> String {
    let mut text = String::new();
    for (time, frame) in lines {
        writeln!(text, "{time} {frame}").unwrap();
    }
    text
}

fn spot_trade(symbol: &str, id: u64, millis: u64) -> String {
    let name = symbol.to_lowercase();
    let data = json!({
        "e": "trade", "E": millis, "s": symbol, "t": id, "p": "1.5", "q": "2", "T": millis, "m": true, "M": true,
    });
    format!("{{\"stream\":\"{name}@trade\",\"data\":{data}}}")
}

fn spot_depth(symbol: &str, first: u64, last: u64, bid: &str) -> String {
    let name = symbol.to_lowercase();
    let data = json!({
        "e": "depthUpdate", "E": 1_700_000_000_000_u64, "s": symbol, "U": first, "u": last, "b": [[bid, "3"]], "a": [],
    });
    format!("{{\"stream\":\"{name}@depth@100ms\",\"data\":{data}}}")
}

fn answer(last: u64, bid: &str, ask: &str) -> String {
    json!({"lastUpdateId": last, "bids": [[bid, "1"]], "asks": [[ask, "1"]]}).to_string()
}

/// A folder that goes with the test.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const NOON: u64 = 1_700_000_000 * SECOND;

#[test]
fn a_snapshot_without_a_symbol_builds_no_book_where_it_may_be_of_two() {
    // The first frame is of one symbol, the first snapshot of the other.
    let lines = [
        json!({"stream": "usdcusdt@bookTicker", "data": {
            "u": 500, "s": "USDCUSDT", "b": "0.9999", "B": "7", "a": "1", "A": "9",
        }})
        .to_string(),
        answer(500, "0.9980", "0.9981"),
        answer(500, "0.9999", "1.0000"),
        spot_depth("FDUSDUSDT", 501, 501, "0.9970"),
        spot_depth("USDCUSDT", 501, 501, "0.9970"),
    ];
    let text = recording((NOON..).zip(&lines));
    let file = TempFile::new("two-symbols.txt", text);
    let ended = run(&["replay", file.path(), "--json"]);
    let report = ended.json();
    assert_eq!((ended.code, &report["unattributed_snapshots"]), (Some(1), &json!(2)), "{report:#}");
    assert_eq!(
        short(&report),
        ["no_snapshot FDUSDUSDT", "no_snapshot USDCUSDT", "unattributed_snapshots "],
        "{report:#}"
    );
    for symbol in report["symbols"].as_array().unwrap() {
        assert_eq!((&symbol["synced"], &symbol["state"]), (&json!(false), &json!("syncing")), "{symbol:#}");
        assert_eq!(symbol["best_bid"], Value::Null, "{symbol:#}");
    }
}

#[test]
fn snapshots_with_their_request_build_the_books_of_a_hundred_symbols() {
    let folder = Folder::new("hundred");
    let options = RecorderOptions::in_folder(&folder.0, "spot").api(Api::Spot);
    let recorder = Recorder::start(options).unwrap();
    recorder.mark(NOON, 0, Mark::Connected);
    let symbols: Vec<String> = (0..400).map(|number| format!("COIN{number:03}USDT")).collect();
    for (number, symbol) in symbols.iter().enumerate() {
        let bid = format!("{}.5", 100 + number);
        let named = Symbol::new(symbol);
        recorder.snapshot(NOON + 1, Api::Spot, &named, 1000, &answer(500, &bid, "9000"));
        let ticker = json!({"stream": format!("{}@bookTicker", symbol.to_lowercase()), "data": {
            "u": 501, "s": symbol, "b": bid, "B": "3", "a": "9000", "A": "1",
        }});
        recorder.frame(NOON + 2, 0, Payload::Text(&ticker.to_string()));
        recorder.frame(NOON + 2, 0, Payload::Text(&spot_depth(symbol, 501, 501, &bid)));
        recorder.frame(NOON + 3, 0, Payload::Text(&spot_trade(symbol, 7, 1_700_000_000_000)));
    }
    recorder.finish().unwrap();
    let ended = run(&["replay", folder.path(), "--strict", "--json"]);
    let report = ended.json();
    assert_eq!((ended.code, &report["whole"]), (Some(0), &json!(true)), "{report:#}");
    // 1,200 streams: more than a connection of the exchange carries.
    assert_eq!(report["streams"].as_array().unwrap().len(), 1200);
    let found = report["symbols"].as_array().unwrap();
    assert_eq!(found.len(), 400);
    for (number, symbol) in found.iter().enumerate() {
        assert_eq!((&symbol["symbol"], &symbol["synced"]), (&json!(symbols[number]), &json!(true)));
        assert_eq!(symbol["best_bid"], json!([format!("{}.5", 100 + number), "3"]));
        assert_eq!((&symbol["comparisons"], &symbol["mismatches"]), (&json!(1), &json!(0)));
    }
}

#[test]
fn a_connection_that_comes_up_again_after_a_kill_is_a_new_one() {
    let lines = [
        "# binance-kit recording 1".to_owned(),
        "1000000000 0 +".to_owned(),
        format!("1000000001 {} {}", u64::MAX, answer(100, "10.00", "11.00")),
        format!("1000000002 0 {}", spot_depth("BTCUSDT", 101, 102, "10.00")),
        "9000000000 0 +".to_owned(),
        format!("9000000001 {} {}", u64::MAX, answer(200, "20.00", "21.00")),
        format!("9000000002 0 {}", spot_depth("BTCUSDT", 201, 202, "20.00")),
        format!("9000000003 0 {}", spot_depth("BTCUSDT", 203, 204, "20.50")),
    ];
    let file = TempFile::new("continued.txt", lines.join("\n") + "\n");
    let ended = run(&["replay", file.path(), "--json"]);
    let report = ended.json();
    let symbol = &report["symbols"][0];
    assert_eq!((&symbol["state"], &symbol["last_update_id"]), (&json!("synced"), &json!(204)), "{report:#}");
    assert_eq!((&symbol["best_bid"], &symbol["snapshots"]), (&json!(["20.50", "3"]), &json!(2)));
    assert_eq!((&report["interruptions"], &symbol["gaps"]), (&json!(1), &json!(1)));
    // What was missed meanwhile is missing.
    assert_eq!(
        (ended.code, &report["gaps"][0]["from"], &report["gaps"][0]["to"]),
        (Some(1), &json!(103), &json!(200))
    );
}

#[test]
fn rotated_files_are_one_recording_and_each_is_one_by_itself() {
    let folder = Folder::new("rotated");
    let options = RecorderOptions::in_folder(&folder.0, "spot")
        .api(Api::Spot)
        .file_interval(std::time::Duration::from_secs(60));
    let recorder = Recorder::start(options).unwrap();
    let symbol = Symbol::new("BTCUSDT");
    recorder.mark(NOON, 3, Mark::Connected);
    for minute in 0..3 {
        let at = NOON + minute * 60 * SECOND;
        let id = 100 + minute * 10;
        recorder.frame(at, 3, Payload::Text(&spot_depth("BTCUSDT", id + 1, id + 5, "10.00")));
        let snapshot = answer(id + 3, "10.00", "11.00");
        recorder.snapshot(at + 1, Api::Spot, &symbol, 1000, &snapshot);
        recorder.frame(at + 2, 3, Payload::Text(&spot_depth("BTCUSDT", id + 6, id + 10, "10.50")));
        recorder.flush().unwrap();
    }
    let files = recorder.finish().unwrap().files;
    assert_eq!(files.len(), 3);
    let replay = |arguments: &[&str]| {
        let ended = run(&[&["replay", "--strict", "--json"], arguments].concat());
        let report = ended.json();
        assert_eq!((ended.code, &report["whole"]), (Some(0), &json!(true)), "{report:#}");
        assert_eq!(report["symbols"][0]["synced"], true, "{report:#}");
        report
    };
    let names: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    // In any order, by pattern, by folder.
    let pattern = folder.0.join("spot-*.gz");
    for arguments in [
        vec![names[2], names[0], names[1]],
        vec![pattern.to_str().unwrap()],
        vec![folder.path()],
        vec![folder.path(), names[1]],
    ] {
        let report = replay(&arguments);
        assert_eq!((&report["lines"], &report["symbols"][0]["last_update_id"]), (&json!(9), &json!(130)));
        assert_eq!(report["files"].as_array().unwrap().len(), 3);
    }
    for (minute, name) in names.iter().enumerate() {
        let report = replay(&[name]);
        assert_eq!(report["symbols"][0]["last_update_id"], json!(110 + minute * 10), "{report:#}");
    }
    // Without the second, its events are missing, and the third is good again.
    let ended = run(&["replay", "--json", names[0], names[2]]);
    let report = ended.json();
    assert_eq!((ended.code, short(&report)), (Some(1), vec!["gaps btcusdt@depth@100ms".to_owned()]));
    run(&["replay", folder.0.join("usdm-*.gz").to_str().unwrap()]).failed(1, &["there is no such file"]);
}

#[test]
fn recordings_of_the_same_time_are_played_together() {
    let folder = Folder::new("together");
    // Two recorders of different streams, both with a connection 0; one lost it.
    for (name, offset) in [("one", 0), ("two", 1)] {
        let recorder = Recorder::start(RecorderOptions::in_folder(&folder.0, name)).unwrap();
        recorder.mark(NOON + offset, 0, Mark::Connected);
        for id in 0..10 {
            let symbol = if offset == 0 { "BTCUSDT" } else { "ETHUSDT" };
            let frame = spot_trade(symbol, 5 + id, 1_700_000_000_000);
            recorder.frame(NOON + id * SECOND + offset, 0, Payload::Text(&frame));
        }
        recorder.finish().unwrap();
    }
    let report = run(&["replay", folder.path(), "--strict", "--json"]).json();
    assert_eq!((&report["whole"], &report["received"]), (&json!(true), &json!(20)), "{report:#}");
    assert_eq!((&report["interruptions"], &report["span_ms"]), (&json!(0), &json!(9000)));
}

#[test]
fn a_recorder_that_recorded_nothing_does_not_delay_the_next() {
    let folder = Folder::new("nothing-first");
    let file = folder.0.join("one.gz");
    // Its end has no time, since there was no frame.
    Recorder::start(RecorderOptions::to_file(&file)).unwrap().finish().unwrap();
    let recorder = Recorder::start(RecorderOptions::to_file(&file)).unwrap();
    recorder.frame(NOON, 0, Payload::Text(&spot_trade("BTCUSDT", 1, 1_700_000_000_000)));
    recorder.finish().unwrap();
    let ended = run(&["replay", file.to_str().unwrap(), "--speed", "1x", "--strict", "--json"]);
    let report = ended.json();
    assert_eq!((ended.code, &report["received"]), (Some(0), &json!(1)), "{report:#}");
}

#[test]
fn what_the_recorder_lost_and_what_cannot_be_played_falls_short() {
    let lines = [
        "# binance-kit recording 2 spot".to_owned(),
        format!("{NOON} 0 +"),
        format!("{NOON} 0 {}", spot_trade("BTCUSDT", 1, 1_700_000_000_000)),
        format!("{NOON} ~ 3"),
        format!("{NOON} = usdm BTCUSDT 1000 {}", answer(7, "1.00", "2.00")),
        format!("{NOON} 0 {}", spot_trade("BTCUSDT", 2, 1_700_000_000_000)),
        format!("{NOON} ."),
    ];
    let file = TempFile::new("lost.txt", lines.join("\n") + "\n");
    let ended = run(&["replay", file.path(), "--json"]);
    let report = ended.json();
    assert_eq!((ended.code, &report["lost_frames"]), (Some(1), &json!(3)), "{report:#}");
    assert_eq!(short(&report), ["lost_frames ", "left_out "], "{report:#}");
    // Of a product without SBE.
    let lines = [
        "# binance-kit recording 2 usdm".to_owned(),
        format!("{NOON} 0 +"),
        format!("{NOON} 0 !AAEC"),
        format!("{NOON} ."),
    ];
    let file = TempFile::new("binary.txt", lines.join("\n") + "\n");
    let ended = run(&["replay", file.path(), "--json"]);
    assert_eq!((ended.code, short(&ended.json())), (Some(1), vec!["binary_frames ".to_owned()]));
}

/// A message of Spot's streams in SBE, from the event in JSON with times in microseconds.
fn sbe_message(layout: &str, event: &Value) -> Vec<u8> {
    let schema = &binance_kit::spot::sbe::STREAM;
    let layout = schema.layouts.iter().find(|known| known.name == layout).unwrap();
    let mut out = Vec::new();
    let text = event.to_string();
    let written =
        Decoder::new().parse(text.as_bytes(), |value| Ok(sbe::encode(schema, layout, value, &mut out)));
    written.unwrap().unwrap();
    out
}

#[test]
fn frames_in_sbe_are_the_same_events() {
    let folder = Folder::new("sbe");
    let micros = NOON / 1000;
    let trade = |id: u64| {
        let trade = json!({"e": "trade", "E": micros, "s": "BTCUSDT", "t": id, "p": "1.5", "q": "2", "T": micros,
            "m": true, "M": true});
        sbe_message("TradesStreamEvent", &trade)
    };
    let depth = |first: u64, last: u64, bid: &str| {
        let depth = json!({"e": "depthUpdate", "E": micros, "s": "BTCUSDT", "U": first, "u": last,
            "b": [[bid, "3"]], "a": []});
        sbe_message("DepthDiffStreamEvent", &depth)
    };
    let best = json!({"E": micros, "u": 12, "s": "BTCUSDT", "b": "1.10", "B": "3", "a": "2.00", "A": "1"});
    let frames = [
        trade(1),
        depth(1, 5, "1.00"),
        trade(2),
        trade(4),
        depth(6, 12, "1.10"),
        sbe_message("BestBidAskStreamEvent", &best),
    ];
    let play = |name: &str, more: &[&[u8]]| {
        let file = folder.0.join(name);
        let recorder = Recorder::start(RecorderOptions::to_file(&file).api(Api::Spot)).unwrap();
        recorder.mark(NOON, 0, Mark::Connected);
        for frame in &frames {
            recorder.frame(NOON, 0, Payload::Binary(frame));
        }
        recorder.snapshot(NOON, Api::Spot, &Symbol::new("BTCUSDT"), 1000, &answer(5, "1.00", "2.00"));
        for frame in more {
            recorder.frame(NOON, 0, Payload::Binary(frame));
        }
        recorder.finish().unwrap();
        run(&["replay", file.to_str().unwrap(), "--json"])
    };
    let ended = play("whole.txt", &[]);
    let report = ended.json();
    assert_eq!((ended.code, &report["received"]), (Some(1), &json!(7)), "trade 3 is missing: {report:#}");
    let book = &report["symbols"][0];
    assert_eq!((&book["symbol"], &book["state"]), (&json!("BTCUSDT"), &json!("synced")));
    assert_eq!((&book["best_bid"], &book["last_update_id"]), (&json!(["1.10", "3"]), &json!(12)));
    assert_eq!((&book["trades"], &book["missing_trades"]), (&json!(3), &json!(1)));
    assert_eq!((&book["comparisons"], &book["mismatches"]), (&json!(1), &json!(0)));
    assert_eq!(short(&report), ["missing_trades btcusdt@trade"], "{report:#}");
    // A frame cut short, and one of no known kind.
    let cut = &frames[0][..frames[0].len() - 3];
    let report = play("damaged.txt", &[cut, &[0, 1, 2]]).json();
    assert_eq!(report["decode_failures"], json!(2), "{report:#}");
}

#[test]
fn a_damaged_block_costs_what_is_in_it_and_fails() {
    let folder = Folder::new("damaged");
    let file = folder.0.join("one.gz");
    let recorder = Recorder::start(RecorderOptions::to_file(&file)).unwrap();
    let mut ends = Vec::new();
    for id in 0..4 {
        recorder.frame(NOON, 0, Payload::Text(&spot_trade("BTCUSDT", 10 + id, 1_700_000_000_000)));
        recorder.flush().unwrap();
        ends.push(usize::try_from(std::fs::metadata(&file).unwrap().len()).unwrap());
    }
    recorder.finish().unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[ends[1] - 10] ^= 0xff;
    std::fs::write(&file, bytes).unwrap();
    let ended = run(&["replay", file.to_str().unwrap(), "--json"]);
    let report = ended.json();
    assert_eq!(
        (ended.code, &report["damaged"], &report["received"]),
        (Some(1), &json!(1), &json!(3)),
        "{report:#}"
    );
    let name = file.to_str().unwrap();
    assert_eq!(short(&report), [format!("damaged {name}"), "missing_trades btcusdt@trade".to_owned()]);
    let detail = report["falls_short"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("cannot be unpacked") && detail.contains("is skipped"), "{detail}");
}

#[test]
fn frames_are_read_as_json_whatever_their_spaces_and_order() {
    // As Python's json writes them, with the stream behind 300 bytes of data, and of a connection of a single stream.
    let python = spot_trade("BTCUSDT", 1, 1_700_000_000_000).replace(':', ": ").replace(',', ", ");
    let data = json!({
        "e": "trade", "E": 1_700_000_000_000_u64, "s": "BTCUSDT", "t": 2, "p": "1", "q": "1", "T": 1, "m": true,
        "M": true, "more": "x".repeat(300),
    });
    let late = format!("{{\"data\":{data},\"stream\":\"btcusdt@trade\"}}");
    let raw = spot_trade("BTCUSDT", 3, 1_700_000_000_000);
    let raw = raw.split_once("\"data\":").unwrap().1.strip_suffix('}').unwrap().to_owned();
    let control = "{\"id\": 5, \"result\": null}".to_owned();
    let text = recording([python, control, late, raw].iter().map(|line| (NOON, line)));
    let file = TempFile::new("json.txt", text);
    let ended = run(&["replay", file.path(), "--strict", "--json"]);
    let report = ended.json();
    assert_eq!(
        (ended.code, &report["lines"], &report["events"]),
        (Some(0), &json!(3), &json!({"trade": 3})),
        "{report:#}"
    );
    assert_eq!(report["streams"][0]["last_id"], 3);
}

#[test]
fn times_of_any_unit_play_at_their_own_pace() {
    for (name, times) in [
        ("nanos", ["1754006400000000000", "1754006400400000000"]),
        ("micros", ["1754006400000000", "1754006400400000"]),
        ("millis", ["1754006400000", "1754006400400"]),
        ("seconds", ["1754006400", "1754006400.4"]),
    ] {
        let trades = [7, 8].map(|id| spot_trade("BTCUSDT", id, 1_754_006_400_000));
        let text = recording(times.iter().zip(&trades));
        let file = TempFile::new(&format!("unit-{name}.txt"), text);
        let report = run(&["replay", file.path(), "--speed", "1x", "--json"]).json();
        assert_eq!(
            (&report["span_ms"], &report["from"]),
            (&json!(400), &json!("2025-08-01T00:00:00.000Z")),
            "{name}"
        );
        assert!(report["elapsed_ms"].as_u64().unwrap() >= 400, "{name}: {report:#}");
        assert_eq!(report["streams"][0]["latency_us"]["max"], 400_000, "{name}");
    }
}

#[test]
fn what_is_no_proof_of_a_loss_fails_only_with_strict() {
    let folder = Folder::new("strict");
    let file = folder.0.join("one.gz");
    let recorder = Recorder::start(RecorderOptions::to_file(&file)).unwrap();
    recorder.mark(NOON, 0, Mark::Connected);
    recorder.frame(NOON, 0, Payload::Text(&spot_trade("BTCUSDT", 1, 1_700_000_000_000)));
    recorder.mark(NOON + 1, 0, Mark::Disconnected);
    recorder.mark(NOON + 2, 1, Mark::Connected);
    recorder.frame(NOON + 3, 1, Payload::Text(&spot_trade("BTCUSDT", 2, 1_700_000_000_000)));
    recorder.finish().unwrap();
    let name = file.to_str().unwrap();
    let ended = run(&["replay", name, "--json"]);
    assert_eq!((ended.code, &ended.json()["whole"]), (Some(0), &json!(true)), "{ended:#?}");
    let ended = run(&["replay", name, "--json", "--strict"]);
    let report = ended.json();
    assert_eq!(
        (ended.code, &report["whole"], short(&report)),
        (Some(1), &json!(false), vec!["interruptions ".to_owned()])
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_small_file_that_unpacks_to_a_large_one_needs_little_memory() {
    use std::io::Write as _;
    // A line of 100 MB and one of a trade.
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    write!(gzip, "{NOON} ").unwrap();
    let ones = vec![b'1'; 1 << 20];
    for _ in 0..100 {
        gzip.write_all(&ones).unwrap();
    }
    writeln!(gzip, "\n{NOON} {}", spot_trade("BTCUSDT", 7, 1_700_000_000_000)).unwrap();
    let packed = gzip.finish().unwrap();
    assert!(packed.len() < 2 << 20, "{}", packed.len());
    let file = TempFile::new("bomb.gz", packed);
    let limited = |binary: &str| format!("ulimit -v 300000; exec {binary} replay {} --json", file.path());
    let output = std::process::Command::new("sh")
        .args(["-c", &limited(env!("CARGO_BIN_EXE_binance"))])
        .env("TOKIO_WORKER_THREADS", "2")
        .output()
        .unwrap();
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    assert_eq!(
        (output.status.code(), &report["damaged"], &report["received"]),
        (Some(1), &json!(1), &json!(1))
    );
}
