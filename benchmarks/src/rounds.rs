//! `receive`, `paced` and `scale`: runs the clients against one sender, in turns, and prints the figures of each run.

use crate::payloads::{self, FIRST_TRADE, Random};
use crate::{Outcome, clock, figures};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How a client is started: `NAME RUNTIME`, and by how much fewer messages it is sent because it takes longer for each.
struct Client {
    label: &'static str,
    name: &'static str,
    runtime: &'static str,
    fewer: u64,
}

const fn client(label: &'static str, name: &'static str, runtime: &'static str, fewer: u64) -> Client {
    Client { label, name, runtime, fewer }
}

const BARE: Client = client("bare loop", "bare", "current", 1);
const TUNGSTENITE: Client = client("tungstenite + serde_json", "tungstenite", "current", 2);
const PULL: Client = client("binance-kit, pull", "pull", "current", 1);
const SPAWNED: Client = client("binance-kit, spawned", "spawned", "current", 1);
const MIXED: Client = client("binance-kit, pull, MarketEvent", "mixed", "current", 1);
const SPAWNED_MAIN: Client = client("binance-kit, spawned, multi-threaded, main task", "spawned", "main", 2);
const SPAWNED_TASK: Client =
    client("binance-kit, spawned, multi-threaded, spawned task", "spawned", "task", 2);
const OFFICIAL: Client = client("official SDK", "official", "current", 6);
const OFFICIAL_MAIN: Client = client("official SDK, multi-threaded", "official", "main", 6);
const PYTHON: Client = client("python-binance", "python", "", 25);

/// Message kinds of `receive`: name, label, messages.
const KINDS: [(&str, &str, u64); 3] =
    [("trade", "trade", 800_000), ("depth1k", "28 levels", 240_000), ("depth10k", "316 levels", 36_000)];

/// The sender, in a process of its own; ended when this is dropped.
struct Sender {
    process: Child,
    plain: u64,
    tls: u64,
    roots: String,
}

impl Sender {
    fn start() -> Outcome<Self> {
        let mut process =
            Command::new(std::env::current_exe()?).arg("sender").stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let out = process.stdout.take().ok_or("no output of the sender")?;
        BufReader::new(out).read_line(&mut line)?;
        let ready: Value = serde_json::from_str(&line)?;
        let port = |name: &str| ready.get(name).and_then(Value::as_u64).ok_or("no port of the sender");
        let roots = ready.get("roots").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { plain: port("plain")?, tls: port("tls")?, roots, process })
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What is sent to a client.
struct Load<'a> {
    mode: &'a str,
    kind: &'a str,
    is_tls: bool,
    count: u64,
    framing: &'a str,
    streams: usize,
}

/// How long a client may take.
const TIMEOUT: Duration = Duration::from_secs(90);

/// Runs a client and prints its figures. A peer that fails is left out of the round, and standard error says so.
fn run(sender: &Sender, group: &str, bytes: usize, client: &Client, load: &Load<'_>) -> Outcome<()> {
    match run_once(sender, group, bytes, client, load) {
        Err(error) if !client.label.starts_with("binance-kit") => {
            eprintln!("left out of a round: {error}");
            Ok(())
        }
        result => result,
    }
}

fn run_once(sender: &Sender, group: &str, bytes: usize, client: &Client, load: &Load<'_>) -> Outcome<()> {
    let port = if load.is_tls { sender.tls } else { sender.plain };
    let count = (load.count / client.fewer).max(200);
    let mut command = match (client.name, python()) {
        ("python", Some(python)) => {
            let mut command = Command::new(python);
            command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/python/client.py"));
            command
        }
        _ => {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["client", client.name, client.runtime]);
            command
        }
    };
    command.args([load.mode, load.kind, &port.to_string(), if load.is_tls { "tls" } else { "plain" }]);
    command.args([&count.to_string(), load.framing, &load.streams.to_string()]);
    command.env("BENCHMARK_ROOTS", &sender.roots).stdout(Stdio::piped()).stdin(Stdio::null());
    let mut process = command.spawn()?;
    let begun = clock::monotonic();
    let status = loop {
        if let Some(status) = process.try_wait()? {
            break status;
        }
        if Duration::from_nanos(clock::monotonic() - begun) > TIMEOUT {
            process.kill()?;
            process.wait()?;
            return Err(format!("{group}: {} did not end", client.label).into());
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let mut text = String::new();
    process.stdout.take().ok_or("no output of the client")?.read_to_string(&mut text)?;
    if !status.success() {
        return Err(format!("{group}: {}: {status}", client.label).into());
    }
    let seen: Value = serde_json::from_str(text.trim())?;
    let metrics: Vec<(&str, Vec<f64>)> = seen
        .as_object()
        .ok_or("no figures")?
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), vec![value.as_f64()?])))
        .collect();
    figures::print(group, client.label, Some(bytes), &metrics)
}

/// The Python that has python-binance, if there is one.
fn python() -> Option<PathBuf> {
    std::env::var_os("BENCHMARK_PYTHON").map(PathBuf::from)
}

/// The clients that were built in and are there.
fn available<'a>(clients: &'a [&'a Client]) -> impl Iterator<Item = &'a Client> {
    clients.iter().copied().filter(|client| match client.name {
        "official" => cfg!(feature = "official"),
        "python" => python().is_some(),
        _ => true,
    })
}

/// Length of the first frame of a kind.
fn bytes(kind: &str) -> usize {
    let mut random = Random(99);
    let mut depth = |levels| payloads::depth(&mut random, "BTCUSDT", 0, levels);
    match kind {
        "depth1k" => payloads::combined("btcusdt@depth", &depth(28)).len(),
        "depth10k" => payloads::combined("btcusdt@depth", &depth(316)).len(),
        _ => {
            let trade = payloads::trade_at(&mut random, "BTCUSDT", FIRST_TRADE, 1_700_000_000_000);
            payloads::combined("btcusdt@trade", &trade).len()
        }
    }
}

/// Processor time of a message, at full speed.
pub(crate) fn receive(rounds: usize, part: u64, only: Option<&str>) -> Outcome<()> {
    let clients = [
        &BARE,
        &PULL,
        &SPAWNED,
        &MIXED,
        &SPAWNED_TASK,
        &SPAWNED_MAIN,
        &TUNGSTENITE,
        &OFFICIAL,
        &OFFICIAL_MAIN,
        &PYTHON,
    ];
    let sender = Sender::start()?;
    for (is_tls, framing, transport) in
        [(false, "batch", "plain"), (true, "single", "TLS, a record an event")]
    {
        for (kind, label, count) in KINDS {
            let bytes = bytes(kind);
            let group = format!("{label}, {bytes} B, {transport}");
            if only.is_some_and(|only| !group.contains(only)) {
                continue;
            }
            let count = if is_tls { count / 2 } else { count } / part;
            let load = Load { mode: "flood", kind, is_tls, count, framing, streams: 1 };
            for _ in 0..rounds {
                for client in available(&clients) {
                    run(&sender, &group, bytes, client, &load)?;
                }
            }
        }
    }
    Ok(())
}

/// Time from sending to the consumer, one trade at a time.
pub(crate) fn paced(rounds: usize, part: u64, only: Option<&str>) -> Outcome<()> {
    const RAW_TASK: Client = client("bare loop, multi-threaded, spawned task", "bare", "task", 1);
    const RAW_MAIN: Client = client("bare loop, multi-threaded, main task", "bare", "main", 1);
    const PULL_TASK: Client = client("binance-kit, pull, multi-threaded, spawned task", "pull", "task", 1);
    const PULL_MAIN: Client = client("binance-kit, pull, multi-threaded, main task", "pull", "main", 1);
    const PULL: Client = client("binance-kit, pull", "pull", "current", 1);
    const SPAWNED: Client = client("binance-kit, spawned", "spawned", "current", 1);
    const SPAWNED_TASK: Client =
        client("binance-kit, spawned, multi-threaded, spawned task", "spawned", "task", 1);
    const SPAWNED_MAIN: Client =
        client("binance-kit, spawned, multi-threaded, main task", "spawned", "main", 1);
    const TUNGSTENITE: Client = client("tungstenite + serde_json", "tungstenite", "current", 1);
    const OFFICIAL: Client = client("official SDK", "official", "current", 1);
    const OFFICIAL_MAIN: Client = client("official SDK, multi-threaded, main task", "official", "main", 1);
    const PYTHON: Client = client("python-binance", "python", "", 1);
    let clients = [
        &BARE,
        &PULL,
        &SPAWNED,
        &TUNGSTENITE,
        &OFFICIAL,
        &RAW_TASK,
        &PULL_TASK,
        &SPAWNED_TASK,
        &RAW_MAIN,
        &PULL_MAIN,
        &SPAWNED_MAIN,
        &OFFICIAL_MAIN,
        &PYTHON,
    ];
    let sender = Sender::start()?;
    let bytes = bytes("trade");
    for (gap, group) in [("200", "a trade every 200 µs"), ("1000", "a trade every ms")] {
        if only.is_some_and(|only| !group.contains(only)) {
            continue;
        }
        let count = if gap == "200" { 4_000 } else { 1_500 } / part;
        let load = Load { mode: "paced", kind: "trade", is_tls: false, count, framing: gap, streams: 1 };
        for _ in 0..rounds {
            for client in available(&clients) {
                run(&sender, group, bytes, client, &load)?;
            }
        }
    }
    Ok(())
}

/// Processor time of a message and memory, by the number of streams. The official SDK cannot subscribe to many streams on a runtime of
/// one thread: it blocks the thread to register a callback, for a lock that may be held by a task of that thread.
pub(crate) fn scale(rounds: usize, part: u64, only: Option<&str>) -> Outcome<()> {
    const FOUR: Client = client("binance-kit, pull, 4 connections", "pull-4", "current", 1);
    let clients = [&BARE, &PULL, &FOUR, &SPAWNED, &MIXED, &TUNGSTENITE, &OFFICIAL_MAIN];
    let sender = Sender::start()?;
    let bytes = bytes("trade");
    for streams in [1, 100, 1_000] {
        let group = if streams == 1 { "1 stream".to_owned() } else { format!("{streams} streams") };
        let is_needed = |client: &&Client| streams > 1 || client.name != FOUR.name;
        if only.is_some_and(|only| !group.starts_with(only)) {
            continue;
        }
        let count = 500_000 / part;
        let load = Load { mode: "flood", kind: "trade", is_tls: false, count, framing: "batch", streams };
        for _ in 0..rounds {
            for client in available(&clients).filter(is_needed) {
                run(&sender, &group, bytes, client, &load)?;
            }
        }
    }
    Ok(())
}
