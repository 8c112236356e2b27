//! `binance sim`: the embedded exchange alone.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use common::{Program, Sim, TempFile, run};
use serde_json::Value;

#[test]
fn one_ready_line_has_urls_and_accounts() {
    let sim = Sim::start(&["--seed", "7"]);
    let address = sim.address();
    assert!(address.starts_with("127.0.0.1:") && !address.ends_with(":0"), "{address}");
    assert_eq!(sim.url("rest"), format!("http://{address}"));
    assert_eq!(sim.url("stream"), format!("ws://{address}"));
    assert_eq!(sim.url("ws_api"), format!("ws://{address}/ws-api/v3"));
    assert!(sim.ready.get("certificate").is_none());
    let [demo] = sim.ready["accounts"].as_array().unwrap().as_slice() else { panic!("{}", sim.ready) };
    assert_eq!(demo["name"], "demo");
    for (key, least) in
        [("hmac_api_key", 64), ("hmac_secret", 64), ("ed25519_api_key", 64), ("ed25519_private_pem", 100)]
    {
        assert!(demo[key].as_str().unwrap().len() >= least, "{key}: {demo}");
    }

    let (status, time) = sim.get("/api/v3/time", "");
    assert_eq!(status, 200);
    assert!(time["serverTime"].as_u64().unwrap() > 1_700_000_000_000, "{time}");
    let (status, error) = sim.get("/api/v3/depth?symbol=NOSUCH", "");
    assert_eq!((status, &error["code"]), (400, &Value::from(-1121)));
}

#[cfg(unix)]
#[test]
fn signals_stop_it_cleanly() {
    for signal in ["TERM", "INT"] {
        let sim = Sim::start(&[]);
        // A connected client does not delay the end.
        let client = std::net::TcpStream::connect(sim.address()).unwrap();
        sim.program.signal(signal);
        let ended = sim.program.end();
        assert_eq!(ended.code, Some(0), "{signal}: {ended:#?}");
        assert!(ended.out.is_empty() && ended.errors.is_empty(), "{signal}: {ended:#?}");
        drop(client);
    }
}

/// The first trades of the market.
fn first_trades(seed: &str) -> Vec<(String, String)> {
    let sim = Sim::start(&["--seed", seed, "--rate", "10000"]);
    // After ten live events, the first ten are in the record.
    let ended = run(&["stream", "btcusdt@aggTrade", "--url", sim.url("stream"), "--count", "10"]);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let (status, trades) = sim.get("/api/v3/aggTrades?symbol=BTCUSDT&fromId=1&limit=10", "");
    assert_eq!(status, 200, "{trades}");
    let text = |trade: &Value, key: &str| trade[key].as_str().unwrap().to_owned();
    trades.as_array().unwrap().iter().map(|trade| (text(trade, "p"), text(trade, "q"))).collect()
}

#[test]
fn the_same_seed_gives_the_same_market_and_the_same_keys() {
    let first = first_trades("7");
    assert_eq!(first.len(), 10);
    assert_eq!(first, first_trades("7"));
    assert_ne!(first, first_trades("8"));

    let keys = |seed| Sim::start(&["--seed", seed, "--quiet-market"]).ready["accounts"].clone();
    assert_eq!(keys("7"), keys("7"));
    assert_ne!(keys("7"), keys("8"));
}

#[test]
fn a_port_in_use_is_named() {
    let sim = Sim::start(&["--quiet-market"]);
    let address = sim.address();
    run(&["sim", "--listen", address])
        .failed(1, &[&format!("error: cannot listen on {address}"), "caused by: Address already in use"]);
}

#[test]
fn other_machines_are_let_in_only_when_asked_for() {
    let ended = run(&["sim", "--listen", "0.0.0.0:0"]);
    ended.failed(1, &["0.0.0.0:0 is not a loopback address", "--public"]);
    assert!(ended.out.is_empty());
}

#[test]
fn addresses_are_answered_with_what_to_write() {
    for (address, instead) in [
        ("localhost:9443", "write 127.0.0.1:9443"),
        (":9444", "write 127.0.0.1:9444"),
        ("9444", "write 127.0.0.1:9444"),
    ] {
        run(&["sim", "--listen", address]).failed(2, &[instead]);
        run(&["sim", "--control", address]).failed(2, &[instead]);
    }
}

#[test]
fn a_state_that_could_not_be_saved_is_refused_at_the_start() {
    let ended = run(&["sim", "--listen", "127.0.0.1:0", "--state", "no/such/folder/exchange.state"]);
    ended.failed(1, &["there is no folder no/such/folder", "create it"]);
    assert!(ended.out.is_empty());
}

#[test]
fn secrets_of_an_accounts_file_are_not_shown() {
    let head = "[[account]]\nname = \"alice\"\n[[account.key]]\napi_key = \"k\"\n";
    for secret in ["hmac_secret = 73616665", "hmac_secret = \"73616665", "hmac_secret = 73616665x"] {
        let file = TempFile::new("secret.toml", format!("{head}{secret}\n"));
        let ended = run(&["sim", "--listen", "127.0.0.1:0", "--accounts", file.path()]);
        ended.failed(1, &["line 5 of the accounts file"]);
        assert!(!ended.errors.contains("73616665"), "{ended:#?}");
    }
}

#[test]
fn accounts_come_from_a_file() {
    let file = TempFile::new("accounts.toml", include_str!("accounts.toml"));
    let sim = Sim::start(&["--quiet-market", "--accounts", file.path()]);
    let names: Vec<&str> = sim.ready["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|account| account["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["alice", "bob"]);
    let keys: Vec<&Value> =
        sim.ready["accounts"].as_array().unwrap().iter().map(|account| &account["api_keys"]).collect();
    assert_eq!(keys, [&Value::from(vec!["aliceHmacKey"]), &Value::from(vec!["bobHmacKey"])]);
    // The secrets are in the file already; the ready line does not repeat them.
    assert!(!sim.ready.to_string().contains("aliceSecret"), "{}", sim.ready);

    // A known key gets as far as its signature, an unknown one does not.
    let time = sim.get("/api/v3/time", "").1["serverTime"].clone();
    let account = format!("/api/v3/account?timestamp={time}&recvWindow=60000&signature=00");
    let (status, known) = sim.get(&account, "X-MBX-APIKEY: aliceHmacKey\r\n");
    assert_eq!((status, &known["code"]), (400, &Value::from(-1022)), "{known}");
    let (status, unknown) = sim.get(&account, "X-MBX-APIKEY: unknownKey\r\n");
    assert_ne!((status, &unknown["code"]), (400, &Value::from(-1022)), "{unknown}");
    assert_eq!(unknown["code"], -2015, "{status} {unknown}");
}

#[test]
fn a_bad_accounts_file_is_refused_with_the_line() {
    for (name, text, said) in [
        ("syntax.toml", "[[account]]\nname = \n", "line 2"),
        (
            "amount.toml",
            "[[account]]\nname = \"alice\"\nbalances = { USDT = \"many\" }\n",
            "line 3 of the accounts file: \"many\"",
        ),
        ("key.toml", "[[account]]\nname = \"alice\"\nnickname = \"al\"\n", "unknown field `nickname`"),
    ] {
        let file = TempFile::new(name, text);
        let ended = run(&["sim", "--listen", "127.0.0.1:0", "--accounts", file.path()]);
        ended.failed(1, &["accounts file", said]);
        assert!(ended.out.is_empty(), "{ended:#?}");
    }
    run(&["sim", "--listen", "127.0.0.1:0", "--accounts", "no/such/file.toml"])
        .failed(1, &["error: the accounts file no/such/file.toml cannot be read", "caused by: No such file"]);
}

#[test]
fn a_certificate_that_is_not_there_is_named() {
    run(&["sim", "--listen", "127.0.0.1:0", "--tls", "--cert", "no-cert.pem", "--key", "no-key.pem"])
        .failed(1, &["error: no-cert.pem: No such file"]);
    // A certificate without --tls is a mistake, not a wish for plain text.
    run(&["sim", "--cert", "cert.pem", "--key", "key.pem"]).failed(2, &["--tls"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_ready_line_that_cannot_be_written_is_an_error() {
    let full = std::fs::File::create("/dev/full").unwrap();
    let ended = Program::start_into(&["sim", "--listen", "127.0.0.1:0"], full.into()).end();
    ended.failed(1, &["error: cannot write to standard output"]);
}

/// Sends a request to the control API.
fn control(sim: &Sim, method: &str, path: &str, body: &str) -> Value {
    sim.control(method, path, body)
}

#[cfg(unix)]
#[test]
fn a_state_file_is_continued() {
    let file = TempFile::new("exchange.state", "");
    std::fs::remove_file(file.path()).unwrap();
    let arguments = [
        "--state",
        file.path(),
        "--control",
        "127.0.0.1:0",
        "--manual-clock",
        "--levels",
        "20",
        "--rate",
        "50",
    ];
    let sim = Sim::start(&arguments);
    control(&sim, "POST", "/accounts", r#"{"name": "alice", "balances": {"BTC": "1"}}"#);
    control(&sim, "POST", "/symbols/BTCUSDT/price", r#"{"price": "58000"}"#);
    let clock = control(&sim, "POST", "/clock", r#"{"advanceMillis": 1500}"#);
    let symbols = control(&sim, "GET", "/symbols", "");
    sim.program.signal("TERM");
    assert_eq!(sim.program.end().code, Some(0));

    let sim = Sim::start(&arguments);
    // The clock of a real machine may be behind what was saved; time does not go back.
    assert!(control(&sim, "GET", "/clock", "")["time"].as_i64() >= clock["time"].as_i64());
    let again = control(&sim, "GET", "/symbols", "");
    for key in ["price", "bid", "ask", "lastUpdateId"] {
        assert_eq!(again[0][key], symbols[0][key], "{key}");
    }
    let accounts = control(&sim, "GET", "/accounts", "");
    assert_eq!(accounts[1]["balances"]["BTC"]["free"], "1.00000000", "{accounts}");
    drop(sim);

    std::fs::write(file.path(), "nonsense").unwrap();
    run(&["sim", "--listen", "127.0.0.1:0", "--state", file.path()])
        .failed(1, &["cannot be used: it is not the state of an exchange"]);
}

#[test]
fn a_recording_can_be_the_market() {
    let file = TempFile::new(
        "market.txt",
        "1000000000 {\"lastUpdateId\":5,\"bids\":[[\"9.90\",\"5.5\"]],\"asks\":[[\"10.10\",\"4.0\"]]}\n\
         1000000000 {\"stream\":\"abusdt@depth\",\"data\":{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"ABUSDT\",\"U\":6,\"u\":6,\
         \"b\":[[\"9.80\",\"1.0\"]],\"a\":[]}}\n",
    );
    let sim = Sim::start(&[
        "--replay",
        file.path(),
        "--replay-percent",
        "1000",
        "--control",
        "127.0.0.1:0",
        "--manual-clock",
    ]);
    control(&sim, "POST", "/clock", r#"{"advanceMillis": 10}"#);
    let (status, depth) = sim.get("/api/v3/depth?symbol=ABUSDT", "");
    assert_eq!(status, 200, "{depth}");
    assert_eq!(
        depth["bids"],
        serde_json::json!([["9.90000000", "5.50000000"], ["9.80000000", "1.00000000"]])
    );
    let broken = TempFile::new("no-market.txt", "1000000000 {\"e\":\"trade\"}\n");
    run(&["sim", "--listen", "127.0.0.1:0", "--replay", broken.path()])
        .failed(1, &["frame 1 of the recording"]);
}
