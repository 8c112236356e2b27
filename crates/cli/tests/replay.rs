//! `binance replay`: recordings written by the tests, and those of the exchange where they are available.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit::record::{Mark, Payload, Recorder, RecorderOptions};
use common::{TempFile, run};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

const SECOND: u64 = 1_000_000_000;

/// A recording in the making; a line every half second.
#[derive(Default)]
struct Lines {
    text: String,
    lines: u64,
}

impl Lines {
    fn frame(mut self, frame: &str) -> Self {
        let time = 1_723_161_253 * SECOND + self.lines * SECOND / 2;
        writeln!(self.text, "{time} {frame}").unwrap();
        self.lines += 1;
        self
    }

    fn event(self, stream: &str, data: &Value) -> Self {
        let frame = format!("{{\"stream\":\"btcusdt@{stream}\",\"data\":{data}}}");
        self.frame(&frame)
    }

    fn snapshot(self, last: u64, bid: &str, ask: &str) -> Self {
        let frame = json!({"lastUpdateId": last, "bids": [[bid, "1.5"]], "asks": [[ask, "2.5"]]}).to_string();
        self.frame(&frame)
    }

    fn depth(self, first: u64, last: u64, bids: &Value) -> Self {
        self.event("depth@100ms", &json!({
            "e": "depthUpdate", "E": 1_723_161_255_208_u64, "s": "BTCUSDT", "U": first, "u": last, "b": bids, "a": [],
        }))
    }

    fn book_ticker(self, update: u64, bid: (&str, &str), ask: (&str, &str)) -> Self {
        self.event(
            "bookTicker",
            &json!({
                "u": update, "s": "BTCUSDT", "b": bid.0, "B": bid.1, "a": ask.0, "A": ask.1,
            }),
        )
    }

    fn trade(self, id: u64) -> Self {
        self.event(
            "trade",
            &json!({
                "e": "trade", "E": 1_723_161_255_343_u64, "s": "BTCUSDT", "t": id, "p": "100.00000000",
                "q": "0.02000000", "T": 1_723_161_255_342_u64, "m": true, "M": true,
            }),
        )
    }
}

/// What a recording falls short of: kinds and subjects.
fn short(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let list = report["falls_short"].as_array().unwrap().iter();
    list.map(|short| format!("{} {}", text(&short["kind"]), text(&short["subject"]))).collect()
}

/// A book, a gap in its ids, and a snapshot that resynchronises it.
fn with_a_gap() -> Lines {
    Lines::default()
        .snapshot(100, "99.00", "101.00")
        .book_ticker(105, ("99.50", "3.0"), ("101.00", "2.5"))
        .depth(101, 105, &json!([["99.50", "3.0"]]))
        .trade(7)
        .depth(110, 112, &json!([["99.60", "4.0"]]))
        .trade(8)
        .snapshot(120, "99.70", "101.00")
        .depth(113, 121, &json!([["99.80", "5.0"]]))
        .book_ticker(121, ("99.80", "5.0"), ("101.00", "2.5"))
        .trade(10)
}

fn gzip(text: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

#[test]
fn counts_gaps_and_books_come_out_of_plain_and_gzip_alike() {
    let lines = with_a_gap();
    let plain = TempFile::new("gap.txt", &lines.text);
    let packed = TempFile::new("gap.gz", gzip(&lines.text));
    for file in [&plain, &packed] {
        let ended = run(&["replay", file.path(), "--json"]);
        let report = ended.json();
        assert_eq!((ended.code, &report["whole"]), (Some(1), &Value::from(false)), "{ended:#?}");
        assert_eq!(short(&report), ["gaps btcusdt@depth@100ms", "missing_trades btcusdt@trade"]);
        let gaps: Vec<(&Value, &Value, &Value)> = report["gaps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|gap| (&gap["stream"], &gap["from"], &gap["to"]))
            .collect();
        assert_eq!(
            gaps,
            [
                (&json!("btcusdt@depth@100ms"), &json!(106), &json!(109)),
                (&json!("btcusdt@trade"), &json!(9), &json!(9)),
            ]
        );
        assert_eq!(report["product"], "spot");
        assert_eq!((&report["lines"], &report["received"]), (&json!(10), &json!(10)), "{report:#}");
        assert_eq!(report["decode_failures"], 0);
        assert_eq!(
            report["events"],
            json!({"depth snapshot (REST)": 2, "depthUpdate": 3, "bookTicker": 2, "trade": 3})
        );
        let [symbol] = report["symbols"].as_array().unwrap().as_slice() else { panic!("{report:#}") };
        for (name, expected) in [
            ("symbol", json!("BTCUSDT")),
            ("depth_events", json!(3)),
            ("gaps", json!(1)),
            // A ticker before its depth event, and one behind it.
            ("comparisons", json!(1)),
            ("mismatches", json!(0)),
            ("late_comparisons", json!(1)),
            ("late_mismatches", json!(0)),
            ("trades", json!(3)),
            ("missing_trades", json!(1)),
            ("synced", json!(true)),
            ("state", json!("synced")),
            ("snapshots", json!(2)),
            ("last_update_id", json!(121)),
            ("bid_levels", json!(2)),
            ("ask_levels", json!(1)),
            ("best_bid", json!(["99.80", "5.0"])),
            ("best_ask", json!(["101.00", "2.5"])),
        ] {
            assert_eq!(symbol[name], expected, "{name} of {symbol:#}");
        }
    }
    let ended = run(&["replay", plain.path()]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    let text = ended.out.join("\n");
    for said in [
        "gaps in their ids 1",
        "gap: expected 106, got 110",
        "ids missing 1",
        "0 undecoded",
        "book: synced, 2 snapshots, last update 121",
        "from 2024-08-08T23:54:13.000Z to 2024-08-08T23:54:17.500Z, 4.500 s",
        "btcusdt@trade: 1 gap in it, 1 id missing",
    ] {
        assert!(text.contains(said), "{said:?} is not in {text}");
    }
}

#[test]
fn a_frame_that_cannot_be_decoded_is_counted_shown_and_fails() {
    let lines =
        with_a_gap().event("trade", &json!({"e": "trade", "s": "BTCUSDT", "p": "nonsense"})).trade(11);
    let file = TempFile::new("undecodable.txt", &lines.text);
    let ended = run(&["replay", file.path(), "--json"]);
    let report = ended.json();
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert_eq!(report["whole"], false);
    assert_eq!((&report["decode_failures"], &report["received"]), (&json!(1), &json!(12)), "{report:#}");
    // The frames after it are read.
    assert_eq!(report["events"]["trade"], 4);

    let text = run(&["replay", file.path()]).out.join("\n");
    assert!(text.contains("1 undecoded") && text.contains("\"nonsense\""), "{text}");
}

#[test]
fn a_book_that_differs_from_the_best_prices_fails() {
    let lines = Lines::default()
        .snapshot(100, "99.00", "101.00")
        .book_ticker(105, ("99.55", "3.0"), ("101.00", "2.5"))
        .depth(101, 105, &json!([["99.50", "3.0"]]));
    let file = TempFile::new("different.txt", &lines.text);
    let ended = run(&["replay", file.path(), "--json"]);
    let report = ended.json();
    assert_eq!((ended.code, &report["symbols"][0]["mismatches"]), (Some(1), &json!(1)), "{ended:#?}");
}

#[test]
fn a_malformed_line_is_named() {
    let mut lines = with_a_gap();
    lines.text.push_str("no time here\n");
    let file = TempFile::new("malformed.txt", &lines.text);
    let ended = run(&["replay", file.path(), "--json"]);
    let report = ended.json();
    assert_eq!((ended.code, &report["damaged"], &report["received"]), (Some(1), &json!(1), &json!(10)));
    let detail = report["falls_short"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("line 11: the line does not begin with a time"), "{report:#}");
}

#[test]
fn files_that_are_not_recordings_are_refused() {
    run(&["replay", "no-such-file.gz"])
        .failed(1, &["error: cannot use no-such-file.gz", "caused by: No such file"]);
    let empty = TempFile::new("empty.txt", "\n\n");
    run(&["replay", empty.path()]).failed(1, &["there is no frame in it"]);
    // A recording without its end is played up to there.
    let mut lines = Lines::default().snapshot(100, "99.00", "101.00");
    for id in 1..10_000 {
        lines = lines.trade(id);
    }
    let packed = gzip(&lines.text);
    let cut = TempFile::new("cut.gz", &packed[..packed.len() / 2]);
    let ended = run(&["replay", cut.path(), "--json"]);
    let report = ended.json();
    assert_eq!((&report["torn"], report["received"] == report["lines"]), (&json!(true), true), "{report:#}");
}

#[test]
fn interruptions_of_the_recorder_are_reported() {
    let folder = std::env::temp_dir().join(format!("binance-kit-recorded-{}", std::process::id()));
    let recorder = Recorder::start(RecorderOptions::in_folder(&folder, "spot")).unwrap();
    recorder.mark(1, 0, Mark::Connected);
    recorder.frame(2, 0, Payload::Text(r#"{"result":["btcusdt@trade"],"id":1}"#));
    let lines = with_a_gap();
    for (number, line) in lines.text.lines().enumerate() {
        let (time, frame) = line.split_once(' ').unwrap();
        recorder.frame(time.parse().unwrap(), 0, Payload::Text(frame));
        if number == 3 {
            // The gap in the ids has a reason.
            recorder.mark(3, 0, Mark::Disconnected);
            recorder.mark(4, 0, Mark::Connected);
        }
    }
    let summary = recorder.finish().unwrap();
    let file = &summary.files[0];
    let ended = run(&[Path::new("replay"), file, Path::new("--json")]);
    let report = ended.json();
    assert_eq!((ended.code, &report["received"]), (Some(1), &json!(10)), "{report:#}");
    assert_eq!((&report["interruptions"], &report["torn"]), (&json!(1), &json!(false)));
    assert_eq!((&report["symbols"][0]["synced"], &report["finished"]), (&json!(true), &json!(true)));
    let interruption = json!({
        "kind": "interruptions", "subject": "", "only_strict": true,
        "detail": "the recorder was without a connection 1 time",
    });
    assert!(report["falls_short"].as_array().unwrap().contains(&interruption), "{report:#}");
    // Without its last byte the mark of its end is missing, and nothing else.
    let whole = std::fs::read(file).unwrap();
    std::fs::write(file, &whole[..whole.len() - 1]).unwrap();
    let report = run(&[Path::new("replay"), file, Path::new("--json")]).json();
    assert_eq!(
        (&report["torn"], &report["finished"], &report["received"]),
        (&json!(true), &json!(false), &json!(10))
    );
    assert!(short(&report).iter().any(|short| short.starts_with("unfinished ")), "{report:#}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_recording_is_played_at_its_own_pace() {
    // Ten lines, half a second between them.
    let file = TempFile::new("paced.txt", with_a_gap().text);
    let report = run(&["replay", file.path(), "--speed", "10x", "--json"]).json();
    assert_eq!(report["received"], 10, "{report:#}");
    // A timer may be late, but never early.
    assert!(report["elapsed_ms"].as_u64().unwrap() >= 450, "{report:#}");
    run(&["replay", file.path(), "--speed", "7x"]).failed(2, &["--speed"]);
}

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
    let options = RecorderOptions::in_folder(&folder.0, "spot").api(binance_kit::Api::Spot);
    let recorder = Recorder::start(options).unwrap();
    recorder.mark(NOON, 0, Mark::Connected);
    let symbols: Vec<String> = (0..400).map(|number| format!("COIN{number:03}USDT")).collect();
    for (number, symbol) in symbols.iter().enumerate() {
        let bid = format!("{}.5", 100 + number);
        let named = binance_kit::Symbol::new(symbol);
        recorder.snapshot(NOON + 1, binance_kit::Api::Spot, &named, 1000, &answer(500, &bid, "9000"));
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
        .api(binance_kit::Api::Spot)
        .file_interval(std::time::Duration::from_secs(60));
    let recorder = Recorder::start(options).unwrap();
    let symbol = binance_kit::Symbol::new("BTCUSDT");
    recorder.mark(NOON, 3, Mark::Connected);
    for minute in 0..3 {
        let at = NOON + minute * 60 * SECOND;
        let id = 100 + minute * 10;
        recorder.frame(at, 3, Payload::Text(&spot_depth("BTCUSDT", id + 1, id + 5, "10.00")));
        let snapshot = answer(id + 3, "10.00", "11.00");
        recorder.snapshot(at + 1, binance_kit::Api::Spot, &symbol, 1000, &snapshot);
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
fn every_kind_of_event_is_counted_and_its_ids_are_checked() {
    let mut lines = Lines::default();
    for id in [5, 6, 9] {
        lines = lines.event(
            "aggTrade",
            &json!({
                "e": "aggTrade", "E": 1_723_161_255_000_u64, "s": "BTCUSDT", "a": id, "p": "1", "q": "1", "f": id,
                "l": id, "T": 1_723_161_255_000_u64, "m": true, "M": true,
            }),
        );
    }
    for (minute, is_closed) in [(0_u64, true), (1, false), (3, true)] {
        let open = 1_723_161_240_000 + minute * 60_000;
        lines = lines.event(
            "kline_1m",
            &json!({"e": "kline", "E": open + 59_000, "s": "BTCUSDT", "k": {
                "t": open, "T": open + 59_999, "s": "BTCUSDT", "i": "1m", "f": 1, "L": 2, "o": "1", "c": "1", "h": "1",
                "l": "1", "v": "1", "n": 2, "x": is_closed, "q": "1", "V": "1", "Q": "1", "B": "0",
            }}),
        );
    }
    let ticker = json!({"e": "24hrMiniTicker", "E": 1_723_161_255_000_u64, "s": "BTCUSDT", "c": "1", "o": "1", "h": "1",
        "l": "1", "v": "1", "q": "1"});
    lines = lines.event("miniTicker", &ticker);
    let file = TempFile::new("kinds.txt", lines.text);
    let ended = run(&["replay", file.path(), "--json"]);
    let report = ended.json();
    assert_eq!(report["events"], json!({"24hrMiniTicker": 1, "aggTrade": 3, "kline": 3}), "{report:#}");
    assert_eq!(ended.code, Some(1));
    assert_eq!(
        short(&report),
        [
            "missing_agg_trades btcusdt@aggTrade",
            "missing_candles btcusdt@kline_1m",
            "unclosed_candles btcusdt@kline_1m",
        ]
    );
    let stream = |name: &str| {
        report["streams"].as_array().unwrap().iter().find(|stream| stream["stream"] == name).unwrap()
    };
    assert_eq!(
        (&stream("btcusdt@aggTrade")["missing"], &stream("btcusdt@aggTrade")["kind"]),
        (&json!(2), &json!("aggTrade"))
    );
    let candles = stream("btcusdt@kline_1m");
    assert_eq!(
        (&candles["candles"], &candles["missing"], &candles["unclosed_candles"]),
        (&json!(3), &json!(1), &json!(1))
    );
    assert_eq!(stream("btcusdt@miniTicker")["latency_us"]["count"], 1);
}

#[test]
fn a_book_that_stays_stale_fails() {
    let lines = Lines::default()
        .snapshot(100, "99.00", "101.00")
        .depth(101, 105, &json!([["99.50", "3.0"]]))
        .depth(110, 112, &json!([["99.60", "4.0"]]));
    let file = TempFile::new("stale.txt", lines.text);
    let ended = run(&["replay", file.path(), "--json"]);
    let report = ended.json();
    assert_eq!((ended.code, &report["whole"]), (Some(1), &json!(false)), "{report:#}");
    assert_eq!(short(&report), ["gaps btcusdt@depth@100ms", "stale_book BTCUSDT"]);
    let state = report["symbols"][0]["state"].as_str().unwrap();
    assert_eq!(state, "stale: events are missing: expected update 106, got 110");
    // Only a snapshot that is too old.
    let lines = Lines::default().snapshot(50, "99.00", "101.00").depth(101, 105, &json!([["99.50", "3.0"]]));
    let file = TempFile::new("syncing.txt", lines.text);
    let report = run(&["replay", file.path(), "--json"]).json();
    assert!(short(&report).contains(&"stale_book BTCUSDT".to_owned()), "{report:#}");
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

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_is_no_error() {
    let file = TempFile::new("head.txt", with_a_gap().text);
    let (line, ended) = common::run_into_head(&["replay", file.path()]);
    assert!(line.contains("(spot)"), "{line}");
    assert_eq!((ended.code, ended.errors.as_str()), (Some(1), ""));
}

/// Cells of the table under "What must come out of them", by file.
fn expected(readme: &str) -> Vec<Vec<String>> {
    let (_, section) = readme.split_once("## What must come out of them").unwrap();
    section
        .lines()
        .filter(|line| line.starts_with('|') && line.contains(".gz"))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

#[test]
fn the_recordings_of_the_exchange_give_the_table_beside_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let Ok(readme) = std::fs::read_to_string(folder.join("README.md")) else {
        println!("skipped: the recordings of the exchange are not available");
        return;
    };
    let rows = expected(&readme);
    assert!(!rows.is_empty());
    for row in rows {
        let path = folder.join(&row[0]);
        let ended = run(&[Path::new("replay"), &path, Path::new("--json")]);
        let report = ended.json();
        assert_eq!((ended.code, &report["whole"]), (Some(0), &json!(true)), "{report:#}");
        assert_eq!(report["lines"], report["received"]);
        let [symbol] = report["symbols"].as_array().unwrap().as_slice() else { panic!("{report:#}") };
        assert_eq!((&symbol["mismatches"], &symbol["missing_trades"]), (&json!(0), &json!(0)), "{symbol:#}");
        let level = |name: &str| {
            let part = |index: usize| symbol[name][index].as_str().unwrap().trim_end_matches('0').to_owned();
            format!("{} × {}", part(0), part(1))
        };
        let trimmed = |cell: &str| {
            let parts: Vec<&str> = cell.split(" × ").map(|part| part.trim_end_matches('0')).collect();
            parts.join(" × ")
        };
        let number = |name: &str| symbol[name].to_string();
        assert_eq!(
            [
                number("depth_events"),
                number("gaps"),
                number("comparisons"),
                number("trades"),
                number("last_update_id"),
                format!("{} / {}", number("bid_levels"), number("ask_levels")),
                level("best_bid"),
                level("best_ask"),
            ],
            [
                row[1].clone(),
                row[2].clone(),
                row[3].clone(),
                row[4].clone(),
                row[5].clone(),
                row[6].clone(),
                trimmed(&row[7]),
                trimmed(&row[8]),
            ],
            "{}",
            row[0]
        );
    }
}
