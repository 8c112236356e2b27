//! Each example runs, against an embedded exchange of its own, and prints what it should.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long an example may take until the test fails instead of waiting on.
const LIMIT: Duration = Duration::from_secs(90);

/// `<target>/<profile>/examples`, beside the `deps` that this test is in.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(|deps| deps.parent()).unwrap();
    let path = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.is_file(),
        "the example {name} is not built: run `cargo test -p binance-kit-examples` (without --test or --tests, which \
         leave the examples out), or `cargo build -p binance-kit-examples --examples` before"
    );
    path
}

/// A child that does not outlive the test.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn read_all(mut pipe: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).unwrap();
        let _ = sender.send(text);
    });
    receiver
}

/// Runs an example to its end: exit status, standard output, standard error.
#[track_caller]
fn run(name: &str, variables: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let mut command = Command::new(program(name));
    for variable in ["BINANCE_KIT", "BINANCE_API_KEY", "BINANCE_PRIVATE_KEY"] {
        command.env_remove(variable);
    }
    let mut child = Guard(
        command
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let out = read_all(child.0.stdout.take().unwrap());
    let errors = read_all(child.0.stderr.take().unwrap());
    let Ok(out) = out.recv_timeout(LIMIT) else { panic!("{name} did not end within {LIMIT:?}") };
    let errors = errors.recv_timeout(LIMIT).unwrap();
    (child.0.wait().unwrap().code(), out, errors)
}

/// Runs an example that must succeed and say nothing on standard error; its lines.
#[track_caller]
fn lines_of(name: &str) -> Vec<String> {
    let (code, out, errors) = run(name, &[]);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{name} printed {out}");
    out.lines().map(str::to_owned).collect()
}

#[test]
fn stream_trades() {
    let lines = lines_of("stream_trades");
    assert_eq!(lines.len(), 10);
    for line in &lines {
        let words: Vec<&str> = line.split(' ').collect();
        let [symbol, side, quantity, "at", price] = words.as_slice() else { panic!("{line}") };
        assert!(["BTCUSDT", "ETHUSDT"].contains(symbol) && ["bought", "sold"].contains(side), "{line}");
        assert!(quantity.parse::<f64>().unwrap() > 0.0 && price.parse::<f64>().unwrap() > 0.0, "{line}");
    }
}

#[test]
fn local_book() {
    let lines = lines_of("local_book");
    let mut updates = Vec::new();
    for line in lines.iter().filter(|line| line.starts_with("update ")) {
        let (update, prices) = line.trim_start_matches("update ").split_once(": ").unwrap();
        let (bid, ask) = prices.split_once(" / ").unwrap();
        assert!(bid.parse::<f64>().unwrap() < ask.parse::<f64>().unwrap(), "{line}");
        updates.push(update.parse::<u64>().unwrap());
    }
    assert_eq!(updates.len(), 5, "{lines:#?}");
    assert!(updates.is_sorted(), "{updates:?}");
    assert!(lines.iter().any(|line| line.starts_with("  0.5 BTC would cost ")), "{lines:#?}");
}

#[test]
fn place_order() {
    let lines = lines_of("place_order");
    assert!(lines[0].starts_with("placed "), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("ORDERS")), "{lines:#?}");
    assert_eq!(lines.last().unwrap(), "cancelled: true");
}

#[test]
fn user_data() {
    let lines = lines_of("user_data");
    let opened = lines.iter().position(|line| line == "0 open orders").unwrap();
    assert!(lines[..opened].iter().any(|line| line.starts_with("USDT ")), "the snapshot: {lines:#?}");
    let events = &lines[opened + 1..];
    assert_eq!(events.len(), 3, "{lines:#?}");
    assert!(events[0].contains(" NEW: "), "{lines:#?}");
    assert!(events[1].contains("FILLED: "), "{lines:#?}");
}

#[test]
fn klines_over_rest() {
    let lines = lines_of("klines_over_rest");
    assert!(lines[0].contains(" open ") && lines[0].contains(" close "), "{lines:#?}");
    assert!(lines.last().unwrap().starts_with("used "), "{lines:#?}");
}

#[test]
fn rules_and_history() {
    let lines = lines_of("rules_and_history");
    assert!(lines[0].starts_with("broken: `quantity` is 0.00123456789"), "{lines:#?}");
    assert!(lines.iter().any(|line| line.ends_with("(LOT_SIZE)")), "{lines:#?}");
    assert_eq!(lines.iter().filter(|line| line.starts_with("bought Some(0.00123")).count(), 3, "{lines:#?}");
    let before = lines.last().and_then(|line| line.strip_suffix(" before it")).unwrap();
    assert!(before.parse::<u32>().unwrap() >= 2, "{lines:#?}");
}

#[test]
fn callbacks_without_async() {
    let lines = lines_of("callbacks_without_async");
    assert_eq!(lines.len(), 10);
    for line in &lines {
        let price = line.strip_prefix("trade at ").or_else(|| line.strip_prefix("candle closes at "));
        assert!(price.is_some_and(|price| price.parse::<f64>().unwrap() > 0.0), "{line}");
    }
}

#[test]
fn an_exchange_that_there_is_not_is_a_clear_error() {
    for name in ["stream_trades", "place_order", "callbacks_without_async"] {
        let (code, out, errors) = run(name, &[("BINANCE_KIT", "nonsense")]);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{name}");
        assert_eq!(errors.trim_end(), "Error: BINANCE_KIT=nonsense: use sim, testnet, demo or production");
    }
}

#[test]
fn a_key_that_is_missing_is_a_clear_error() {
    let (code, _, errors) = run("place_order", &[("BINANCE_KIT", "testnet")]);
    assert_eq!((code, errors.trim_end()), (Some(1), "Error: set BINANCE_API_KEY to your API key"));

    let key = ("BINANCE_API_KEY", "key");
    let (code, _, errors) = run("user_data", &[("BINANCE_KIT", "testnet"), key]);
    assert_eq!((code, errors.trim_end()), (Some(1), "Error: set BINANCE_PRIVATE_KEY to a PEM file"));

    let file = ("BINANCE_PRIVATE_KEY", "no-such-key.pem");
    let (code, _, errors) = run("user_data", &[("BINANCE_KIT", "testnet"), key, file]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("no-such-key.pem") && errors.contains("\n  because: "), "{errors}");
}
