//! `binance stream`: events as JSON lines.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use common::{Ended, Program, Sim, TempFile, closed_address, run, run_into_head};
use serde_json::Value;

/// The lines as JSON, each in the exchange's combined form.
#[track_caller]
fn events(ended: &Ended) -> Vec<(String, Value)> {
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    ended
        .out
        .iter()
        .map(|line| {
            let event: Value = serde_json::from_str(line).unwrap();
            assert_eq!(event.as_object().unwrap().len(), 2, "{line}");
            (event["stream"].as_str().unwrap().to_owned(), event["data"].clone())
        })
        .collect()
}

#[test]
fn trades_come_in_the_combined_form() {
    let sim = Sim::start(&[]);
    let ended = run(&["stream", "btcusdt@trade", "--url", sim.url("stream"), "--count", "3"]);
    assert_eq!(ended.errors, "");
    let events = events(&ended);
    assert_eq!(events.len(), 3);
    let mut ids = Vec::new();
    for (stream, trade) in &events {
        assert_eq!(stream, "btcusdt@trade");
        assert_eq!((&trade["e"], &trade["s"]), (&Value::from("trade"), &Value::from("BTCUSDT")));
        let milliseconds = trade["T"].as_u64().unwrap();
        assert!((1_700_000_000_000..17_000_000_000_000).contains(&milliseconds), "{trade}");
        for amount in ["p", "q"] {
            assert!(trade[amount].as_str().unwrap().parse::<f64>().unwrap() > 0.0, "{trade}");
        }
        ids.push(trade["t"].as_u64().unwrap());
    }
    assert!(ids.is_sorted_by(|one, next| one + 1 == *next), "{ids:?}");
}

#[test]
fn several_streams_share_the_output() {
    let sim = Sim::start(&[]);
    let names = ["btcusdt@trade", "ethusdt@depth@100ms", "btcusdt@bookTicker"];
    let url = sim.url("stream");
    let ended = run(&["stream", names[0], names[1], names[2], "--url", url, "--count", "100"]);
    let events = events(&ended);
    assert_eq!(events.len(), 100);
    for name in names {
        assert!(events.iter().any(|(stream, _)| stream == name), "{name}: {ended:#?}");
    }
    assert!(events.iter().all(|(stream, _)| names.contains(&stream.as_str())), "{ended:#?}");
}

#[test]
fn microseconds_are_requested() {
    let sim = Sim::start(&[]);
    let url = sim.url("stream");
    let ended = run(&["stream", "btcusdt@trade", "--url", url, "--count", "1", "--microseconds"]);
    let events = events(&ended);
    assert!(events[0].1["T"].as_u64().unwrap() > 1_700_000_000_000_000, "{events:?}");
}

#[test]
fn a_certificate_is_trusted_only_when_given() {
    let sim = Sim::start(&["--tls"]);
    let url = sim.url("stream");
    assert!(url.starts_with("wss://127.0.0.1:") && sim.url("rest").starts_with("https://"), "{}", sim.ready);
    let roots = TempFile::new("roots.pem", sim.url("certificate"));
    let ended = run(&["stream", "btcusdt@trade", "--url", url, "--count", "2", "--roots", roots.path()]);
    assert_eq!(events(&ended).len(), 2);

    let ended = run(&["stream", "btcusdt@trade", "--url", url, "--count", "2"]);
    ended.failed(
        1,
        &[
            "error: cannot connect: the TLS handshake failed: 127.0.0.1",
            "caused by: invalid peer certificate",
            "give its certificate: --roots FILE",
        ],
    );
    assert!(ended.out.is_empty());

    // A server without TLS fails the handshake, not the connection.
    let plain = Sim::start(&["--quiet-market"]);
    let wrong = format!("wss://{}", plain.address());
    run(&["stream", "btcusdt@trade", "--url", &wrong]).failed(1, &["the TLS handshake failed"]);
}

#[test]
fn files_without_certificates_are_refused() {
    run(&["stream", "btcusdt@trade", "--url", "wss://127.0.0.1:1", "--roots", "no-such.pem"])
        .failed(1, &["error: no-such.pem: No such file"]);
    let empty = TempFile::new("empty.pem", "nothing\n");
    run(&["stream", "btcusdt@trade", "--url", "wss://127.0.0.1:1", "--roots", empty.path()])
        .failed(1, &["holds no certificate"]);
}

#[test]
fn invalid_names_are_refused_before_connecting() {
    let address = closed_address();
    let url = format!("ws://{address}");
    for (name, said) in [("nonsense", "it has no `@`"), ("btc usdt@trade", "it holds white space")] {
        run(&["stream", name, "--url", &url]).failed(1, &["is not a stream name", name, said]);
    }
    run(&["stream"]).failed(2, &["<NAMES>"]);
}

#[test]
fn a_refused_connection_names_the_address() {
    let address = closed_address();
    let ended = run(&["stream", "btcusdt@trade", "--url", &format!("ws://{address}")]);
    ended.failed(
        1,
        &["error: cannot connect", &format!("127.0.0.1 ({address})\n  caused by: Connection refused")],
    );
}

#[test]
fn plain_text_stays_on_loopback() {
    run(&["stream", "btcusdt@trade", "--url", "ws://example.com"])
        .failed(1, &["plain text is refused off loopback"]);
}

#[test]
fn mistakes_on_the_command_line_say_what_to_write() {
    let stream = |more: &[&str]| run(&[&["stream", "btcusdt@trade"], more].concat());
    stream(&["--url", "127.0.0.1:9443"]).failed(1, &["it has no scheme: write ws://127.0.0.1:9443"]);
    stream(&["--url", "wss://user:hunter2@x.example"]).failed(1, &["leave out what is before the `@`"]);
    let ended = stream(&["--url", "wss://user:hunter2@x.example"]);
    assert!(!ended.errors.contains("hunter2") && !ended.errors.contains("user:"), "{ended:#?}");
    stream(&["--testnet", "--demo"]).failed(2, &["cannot be used with"]);
    stream(&["--testnet", "--url", "ws://127.0.0.1:1"]).failed(2, &["cannot be used with"]);
    run(&["stream", "btcusdt"]).failed(1, &["write it as one of ", "<symbol>@trade"]);
    let address = closed_address();
    run(&["stream", "btcusdt@trdae", "--url", &format!("ws://{address}")])
        .failed(1, &["\"btcusdt@trdae\" is no stream of spot; its streams are <symbol>@"]);
}

#[test]
fn a_log_level_that_does_not_exist_is_refused() {
    let ended = Program::start_with(&["stream", "btcusdt@trade"], &[("BINANCE_LOG", "bogus")]).end();
    ended.failed(
        2,
        &["BINANCE_LOG: \"bogus\" is not understood; write off, error, warn, info, debug or trace"],
    );
}

#[test]
fn e12_a_hostile_exchange_cannot_control_the_terminal() {
    let sim = Sim::start(&["--control", "127.0.0.1:0"]);
    // An event with escapes in a field, an event that is not known with an 8-bit control sequence, a frame that is no JSON.
    for fault in [
        r#"{"fault":"replace","text":"{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"new\\u001b[31m\u009b2J\",\"E\":1}}","on":{"stream":"btcusdt@trade"}}"#,
        "{\"fault\":\"replace\",\"text\":\"\\u001b]0;owned\\u0007 no JSON\",\"on\":{\"stream\":\"btcusdt@trade\"}}",
    ] {
        sim.control("POST", "/faults", fault);
    }
    let ended = run(&["stream", "btcusdt@trade", "--url", sim.url("stream"), "--count", "3"]);
    let all = format!("{} {}", ended.out.join(" "), ended.errors.replace('\n', " "));
    assert_eq!(all.chars().find(|c| c.is_control()), None, "{all:?}");
    assert!(ended.errors.contains("cannot read a frame") && ended.errors.contains("owned"), "{ended:#?}");
}

#[test]
fn a_silent_stream_is_named_after_a_while() {
    let sim = Sim::start(&[]);
    let url = sim.url("stream");
    let program = Program::start(&["stream", "nosuchsymbol@trade", "btcusdt@trade", "--url", url]);
    let note = program.error_line();
    assert!(note.starts_with("nothing yet from nosuchsymbol@trade: "), "{note}");
    assert!(!note.contains("btcusdt"), "{note}");
}

#[cfg(unix)]
#[test]
fn an_interruption_ends_it_quietly() {
    let sim = Sim::start(&[]);
    let program = Program::start(&["stream", "btcusdt@trade", "--url", sim.url("stream")]);
    program.line();
    program.signal("INT");
    let ended = program.end();
    assert_eq!((ended.code, ended.errors.as_str()), (Some(0), ""));
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_error() {
    let sim = Sim::start(&[]);
    let (line, ended) = run_into_head(&["stream", "btcusdt@trade", "--url", sim.url("stream")]);
    assert!(line.starts_with("{\"stream\":\"btcusdt@trade\""), "{line}");
    assert_eq!((ended.code, ended.errors.as_str()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let sim = Sim::start(&[]);
    let full = std::fs::File::create("/dev/full").unwrap();
    let arguments = ["stream", "btcusdt@trade", "--url", sim.url("stream")];
    let ended = Program::start_into(&arguments, full.into()).end();
    ended.failed(1, &["error: cannot write to standard output", "caused by: No space left"]);
}
