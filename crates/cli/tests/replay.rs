//! `binance replay`: what is reported of recordings written by the tests, and of those of the exchange where they are available.
//! Those of many symbols, several files and other recorders are in `replay_files.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit::record::{Mark, Payload, Recorder, RecorderOptions};
use common::{TempFile, run, short};
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
