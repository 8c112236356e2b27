//! What clients send to the embedded exchange.
//!
//! Each input has an exchange of its own, in memory and in simulated time. Whatever it was sent, it answers the next client, and its
//! accounts own together what they owned before: they pay no commission here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use binance_kit_core::{Decimal, Timestamp};
use binance_kit_sign::Credentials;
use binance_kit_sim::{AccountConfig, Exchange, MemoryLink, SymbolConfig, TokioClock};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const NAMES: [&str; 2] = ["alice", "bob"];

/// More requests than this are cut off, so that one input takes no second.
const MAX_REQUESTS: usize = 24;

fn key(name: &str) -> (String, Credentials) {
    let credentials = Credentials::hmac(format!("{name}Key"), format!("{name}Secret")).unwrap();
    (format!("{name}Key"), credentials)
}

fn on_an_exchange(run: impl AsyncFnOnce(&Exchange)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.unwrap().block_on(async {
        let clock = Arc::new(TokioClock::starting_at(Timestamp::from_millis(1_700_000_000_000)));
        let symbol =
            SymbolConfig::new("ABUSDT", "AB", "USDT", Decimal::new(100, 0)).step_size(Decimal::new(1, 3));
        let mut builder = Exchange::builder().in_memory().clock(clock).symbol(symbol).no_market();
        for name in NAMES {
            let account = AccountConfig::new(name)
                .balance("AB", Decimal::new(1000, 0))
                .balance("USDT", Decimal::new(100_000, 0))
                .maker_commission(Decimal::ZERO)
                .taker_commission(Decimal::ZERO)
                .hmac_key(&format!("{name}Key"), &format!("{name}Secret"))
                .unwrap();
            builder = builder.account(account);
        }
        let exchange = builder.start().await.unwrap();
        let before = wealth(&exchange);
        run(&exchange).await;
        // It still serves, if not this address: it may have been banned, which says so.
        let answers =
            http(&exchange, b"GET /api/v3/ping HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n").await;
        let answers = String::from_utf8_lossy(&answers);
        let ends = ["HTTP/1.1 200", "HTTP/1.1 418", "HTTP/1.1 429"];
        assert!(ends.iter().any(|status| answers.starts_with(status)), "{answers}");
        assert_eq!(wealth(&exchange), before, "money was made or lost");
        exchange.shutdown().await;
    });
}

/// What the accounts own together, by asset; nothing is negative, and what is locked belongs to open orders.
fn wealth(exchange: &Exchange) -> BTreeMap<String, Decimal> {
    let mut sum: BTreeMap<String, Decimal> = BTreeMap::new();
    for name in NAMES {
        let account = exchange.account(name).unwrap();
        let has_open = !account.open_orders().is_empty();
        for balance in account.balances() {
            assert!(balance.free >= Decimal::ZERO && balance.locked >= Decimal::ZERO, "{name}: {balance:?}");
            assert!(
                has_open || balance.locked == Decimal::ZERO,
                "{name}: locked without an order: {balance:?}"
            );
            *sum.entry(balance.asset.as_str().to_owned()).or_default() += balance.total();
        }
    }
    sum.retain(|_, amount| *amount != Decimal::ZERO);
    sum
}

/// Sends bytes on a new connection, and reads until the exchange ends it, which they ask for.
async fn http(exchange: &Exchange, bytes: &[u8]) -> Vec<u8> {
    let mut link = exchange.connect();
    // It may hang up before it has read all.
    let _ = link.write_all(bytes).await;
    rest_of(&mut link).await
}

async fn rest_of(link: &mut MemoryLink) -> Vec<u8> {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(600), link.read_to_end(&mut answer));
    let _ = read.await.unwrap_or_else(|_| panic!("the exchange does not end the connection"));
    answer
}

/// Any bytes on a connection; after `ws ` or `api `, on one that was upgraded.
pub(crate) fn bytes(input: &[u8]) {
    on_an_exchange(async |exchange| {
        let upgraded = [(&b"ws "[..], "/ws"), (b"api ", "/ws-api/v3"), (b"streams ", "/stream")];
        let sent = match upgraded.iter().find(|(prefix, _)| input.starts_with(prefix)) {
            Some((prefix, path)) => [upgrade(path).as_bytes(), &input[prefix.len()..]].concat(),
            None => input.to_vec(),
        };
        // More may come, for all that the exchange knows, and then the client hangs up.
        let mut link = exchange.connect();
        let _ = link.write_all(&sent).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let _ = link.shutdown().await;
        let answer = rest_of(&mut link).await;
        // A request in HTTP/1.0 is answered in it.
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1."), "{}", answer.escape_ascii());
    });
}

fn upgrade(path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

fn signature(credentials: &Credentials, payload: &str) -> String {
    let mut encoded = String::new();
    let signed = credentials.sign(payload.as_bytes()).unwrap();
    binance_kit_core::params::percent_encode(signed.as_str(), &mut encoded);
    encoded
}

/// Requests over REST, one a line: `ACCOUNT METHOD PATH PARAMETERS`, signed unless the account is `-`.
pub(crate) fn rest(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    on_an_exchange(async |exchange| {
        for line in text.lines().take(MAX_REQUESTS) {
            let mut words = line.splitn(4, ' ');
            let (account, method, path) = (words.next(), words.next(), words.next());
            let (Some(account), Some(method), Some(path)) = (account, method, path) else { continue };
            let mut query = words.next().unwrap_or_default().to_owned();
            // Bytes that end a line or a head belong to the target `exchange_bytes`.
            if [method, path, &query].iter().any(|word| word.chars().any(|c| !c.is_ascii_graphic())) {
                continue;
            }
            let mut headers = String::new();
            if let Some(name) = NAMES.iter().find(|name| **name == account) {
                let (api_key, credentials) = key(name);
                let join = if query.is_empty() { "" } else { "&" };
                write!(query, "{join}timestamp={}", exchange.now().as_millis()).unwrap();
                let signature = signature(&credentials, &query);
                write!(query, "&signature={signature}").unwrap();
                write!(headers, "X-MBX-APIKEY: {api_key}\r\n").unwrap();
            }
            let head = format!(
                "{method} {path}?{query} HTTP/1.1\r\nHost: sim\r\n{headers}Connection: close\r\n\r\n"
            );
            let answer = http(exchange, head.as_bytes()).await;
            check_answer(&String::from_utf8_lossy(&answer), line);
        }
    });
}

/// An answer has a status that the exchange uses, and a body of JSON, unless it is a page for people.
fn check_answer(answer: &str, line: &str) {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        panic!("{line}: no answer: {answer}");
    };
    let status = head.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok()).unwrap_or_default();
    let known = [101, 200, 400, 401, 403, 404, 405, 409, 413, 414, 418, 426, 429, 431, 501, 505];
    assert!(known.contains(&status), "{line}: {answer}");
    let is_json = head.to_ascii_lowercase().contains("content-type: application/json");
    if is_json && !body.is_empty() && !head.to_ascii_lowercase().contains("transfer-encoding") {
        let json = serde_json::from_str::<Value>(body);
        assert!(json.is_ok(), "{line}: {answer}");
    }
}

/// A frame as a client sends it, with a mask that changes nothing.
fn frame(text: &str) -> Vec<u8> {
    let mut bytes = vec![0x81];
    match u16::try_from(text.len()) {
        Ok(length @ 0..=125) => bytes.push(0x80 | u8::try_from(length).unwrap()),
        Ok(length) => {
            bytes.push(0xfe);
            bytes.extend(length.to_be_bytes());
        }
        Err(_) => {
            bytes.push(0xff);
            bytes.extend((text.len() as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(text.as_bytes());
    bytes
}

/// Texts over a WebSocket, one a line: over the WebSocket API, or to the streams if the first line is `streams`. A line
/// `ACCOUNT METHOD {PARAMETERS}` is a request that is signed.
pub(crate) fn ws(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    on_an_exchange(async |exchange| {
        let (path, lines) = match text.strip_prefix("streams\n") {
            Some(lines) => ("/stream", lines),
            None => ("/ws-api/v3", text),
        };
        let mut sent = upgrade(path).into_bytes();
        for (number, line) in lines.lines().take(MAX_REQUESTS).enumerate() {
            sent.extend(frame(&signed(exchange, number, line).unwrap_or_else(|| line.to_owned())));
        }
        // A close frame with code 1000, and nothing after it.
        sent.extend([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);
        let answer = http(exchange, &sent).await;
        let Some(head) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
            panic!("no upgrade: {}", answer.escape_ascii());
        };
        check_frames(&answer[head + 4..]);
    });
}

fn signed(exchange: &Exchange, number: usize, line: &str) -> Option<String> {
    let mut words = line.splitn(3, ' ');
    let (name, method) = (words.next()?, words.next()?);
    let (api_key, credentials) = key(NAMES.iter().find(|known| **known == name)?);
    let Ok(Value::Object(mut params)) = serde_json::from_str(words.next()?) else { return None };
    params.insert("apiKey".to_owned(), api_key.into());
    params.insert("timestamp".to_owned(), exchange.now().as_millis().into());
    let mut pairs: Vec<(String, String)> = params
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    pairs.sort();
    let payload: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let signature = credentials.sign(payload.join("&").as_bytes()).unwrap();
    params.insert("signature".to_owned(), signature.as_str().into());
    Some(serde_json::json!({"id": number, "method": method, "params": params}).to_string())
}

/// Whole frames of a server, and JSON in those of text.
fn check_frames(mut bytes: &[u8]) {
    while let Some(([first, second], rest)) = bytes.split_first_chunk() {
        assert_eq!(second & 0x80, 0, "a server does not mask");
        let (length, rest) = match second {
            126 => rest
                .split_first_chunk()
                .map(|(length, rest)| (usize::from(u16::from_be_bytes(*length)), rest)),
            127 => rest
                .split_first_chunk()
                .map(|(length, rest)| (usize::try_from(u64::from_be_bytes(*length)).unwrap(), rest)),
            short => Some((usize::from(*short), rest)),
        }
        .unwrap_or((usize::MAX, rest));
        // The last frame may be cut off when the exchange ends the connection.
        let Some((payload, rest)) = rest.split_at_checked(length) else { return };
        if first & 0x0f == 1 {
            let json = serde_json::from_slice::<Value>(payload);
            assert!(json.is_ok(), "not JSON: {}", payload.escape_ascii());
        }
        bytes = rest;
    }
}
