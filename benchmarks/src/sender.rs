//! The sender that clients are measured against: it accepts WebSockets on loopback, answers SUBSCRIBE and LIST_SUBSCRIPTIONS as the
//! exchange does, and sends events of the streams of a connection, prepared beforehand, as fast as they are taken or paced. Ids
//! go on without a gap, as a client that looks for gaps must find them. Blocking threads, nothing asynchronous.
//!
//! The path says what is sent: `/flood/KIND/COUNT/FRAMING/STREAMS` or `/paced/KIND/COUNT/MICROSECONDS/STREAMS`. What follows is the exchange's:
//! `/stream?streams=…`.

use crate::payloads::{self, FIRST_TRADE, FIRST_UPDATE, Random, UPDATES};
use crate::{Outcome, clock};
use base64::Engine as _;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// The longest head of a handshake or control message that is read.
const MAX_INPUT: usize = 1 << 20;

/// A connection, plain or encrypted.
trait Link: Read + Write {
    fn socket(&self) -> &TcpStream;

    /// Takes bytes to send; with TLS they are one record if they fit in one.
    fn put(&mut self, bytes: &[u8]) -> std::io::Result<()>;

    /// Sends what was taken.
    fn push(&mut self) -> std::io::Result<()>;
}

impl Link for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }

    fn put(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.write_all(bytes)
    }

    fn push(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Link for StreamOwned<ServerConnection, TcpStream> {
    fn socket(&self) -> &TcpStream {
        &self.sock
    }

    fn put(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.conn.writer().write_all(bytes)
    }

    fn push(&mut self) -> std::io::Result<()> {
        while self.conn.wants_write() {
            self.conn.write_tls(&mut self.sock)?;
        }
        Ok(())
    }
}

/// Listens on two free ports, prints them and the certificate, and serves until the process is ended.
pub(crate) fn run() -> Outcome<()> {
    clock::pin(1);
    let certificate =
        rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    let key = rustls::pki_types::PrivateKeyDer::try_from(certificate.signing_key.serialize_der())?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.cert.der().clone()], key)?;
    let config = Arc::new(config);
    let plain = TcpListener::bind(("127.0.0.1", 0))?;
    let encrypted = TcpListener::bind(("127.0.0.1", 0))?;
    let ready = json!({
        "plain": plain.local_addr()?.port(),
        "tls": encrypted.local_addr()?.port(),
        "roots": certificate.cert.pem(),
    });
    println!("{ready}");
    std::thread::spawn(move || {
        for socket in plain.incoming().flatten() {
            std::thread::spawn(move || report(serve(socket)));
        }
    });
    for socket in encrypted.incoming().flatten() {
        let mut connection = ServerConnection::new(Arc::clone(&config))?;
        connection.set_buffer_limit(None);
        std::thread::spawn(move || report(serve(StreamOwned::new(connection, socket))));
    }
    Ok(())
}

/// A client that has what it wanted goes away without a word.
fn report(result: Outcome<()>) {
    if let Err(error) = result
        && error.downcast_ref::<std::io::Error>().is_none()
    {
        eprintln!("sender: {error}");
    }
}

fn serve<L: Link>(mut link: L) -> Outcome<()> {
    let mut input = Vec::new();
    let end = loop {
        if let Some(at) = input.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        receive(&mut link, &mut input)?;
    };
    let head = String::from_utf8(input.drain(..end).collect())?;
    let path = head.split(' ').nth(1).ok_or("no path")?.to_owned();
    let key = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("sec-websocket-key").then_some(value.trim())
    });
    let accept = format!("{}258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key.ok_or("not a WebSocket")?);
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, accept.as_bytes());
    let accept = base64::engine::general_purpose::STANDARD.encode(digest);
    link.put(
        format!("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n")
            .as_bytes(),
    )?;
    link.push()?;
    let segments: Vec<&str> = path.split(['/', '?']).filter(|segment| !segment.is_empty()).collect();
    let expected = segments.get(4).ok_or("no number of streams")?.parse()?;
    let streams = subscriptions(&mut link, &mut input, &path, expected)?;
    match segments.as_slice() {
        ["flood", kind, count, framing, ..] => {
            flood(&mut link, kind, &streams, count.parse()?, *framing == "single")?;
        }
        ["paced", _, count, microseconds, ..] => {
            paced(&mut link, count.parse()?, microseconds.parse::<u64>()? * 1_000)?;
        }
        _ => return Err(format!("a path that is not known: {path}").into()),
    }
    // The client goes first.
    link.socket().set_read_timeout(Some(Duration::from_secs(30)))?;
    while receive(&mut link, &mut input).is_ok() {
        input.clear();
    }
    Ok(())
}

/// Reads more; an end of the connection is an error.
fn receive<L: Link>(link: &mut L, input: &mut Vec<u8>) -> Outcome<()> {
    let mut chunk = [0; 4_096];
    let count = link.read(&mut chunk)?;
    if count == 0 || input.len() > MAX_INPUT {
        return Err(Box::new(std::io::Error::from(ErrorKind::UnexpectedEof)));
    }
    input.extend_from_slice(chunk.get(..count).unwrap_or_default());
    Ok(())
}

/// How long no control message may come before the events begin.
const QUIET: Duration = Duration::from_millis(300);

/// Answers control messages until none has come for a while and the expected streams are there. Gives the names of the streams.
fn subscriptions<L: Link>(
    link: &mut L,
    input: &mut Vec<u8>,
    path: &str,
    expected: usize,
) -> Outcome<Vec<String>> {
    let named = path.split_once("streams=").map(|(_, names)| names.split('&').next().unwrap_or_default());
    let mut streams: Vec<String> = named
        .into_iter()
        .flat_map(|names| names.split('/'))
        .filter(|name| !name.is_empty())
        .map(|name| name.replace("%40", "@"))
        .collect();
    if let Some(name) = path.split_once("/ws/").and_then(|(_, rest)| rest.split(['/', '?']).next()) {
        streams.push(name.replace("%40", "@"));
    }
    link.socket().set_read_timeout(Some(QUIET))?;
    loop {
        while let Some((operation, payload)) = take_frame(input)? {
            if operation == 9 {
                link.put(&frame(10, &payload))?;
                link.push()?;
            } else if operation == 1 {
                let answer = control(&payload, &mut streams)?;
                link.put(&frame(1, answer.to_string().as_bytes()))?;
                link.push()?;
            } else if operation == 8 {
                return Err(Box::new(std::io::Error::from(ErrorKind::ConnectionAborted)));
            }
        }
        match receive(link, input) {
            Ok(()) => {}
            Err(error) => {
                let is_quiet = error
                    .downcast_ref::<std::io::Error>()
                    .is_some_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
                if !is_quiet {
                    return Err(error);
                }
                if streams.len() >= expected {
                    return Ok(streams);
                }
            }
        }
    }
}

fn control(payload: &[u8], streams: &mut Vec<String>) -> Outcome<Value> {
    let message: Value = serde_json::from_slice(payload)?;
    let result = match message.get("method").and_then(Value::as_str) {
        Some("LIST_SUBSCRIPTIONS") => json!(streams),
        Some("SUBSCRIBE") => {
            let names = message.get("params").and_then(Value::as_array).into_iter().flatten();
            for name in names.filter_map(Value::as_str) {
                if !streams.iter().any(|known| known == name) {
                    streams.push(name.to_owned());
                }
            }
            Value::Null
        }
        _ => Value::Null,
    };
    Ok(json!({ "result": result, "id": message.get("id") }))
}

/// A frame of the server.
fn frame(operation: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0x80 | operation];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ 0..=125), _) => out.push(length),
        (_, Ok(length)) => {
            out.push(126);
            out.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            out.push(127);
            out.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
    out
}

/// Takes a frame of the client, which is masked, from the beginning of the input.
fn take_frame(input: &mut Vec<u8>) -> Outcome<Option<(u8, Vec<u8>)>> {
    let (head, length) = match input.as_slice() {
        [_, second, high, low, ..] if second & 127 == 126 => {
            (4, usize::from(u16::from_be_bytes([*high, *low])))
        }
        [_, second, ..] if second & 127 == 127 => return Err("a control message that is too long".into()),
        [_, second, ..] if second & 127 < 126 => (2, usize::from(second & 127)),
        _ => return Ok(None),
    };
    if input.len() < head + 4 + length {
        return Ok(None);
    }
    let taken: Vec<u8> = input.drain(..head + 4 + length).collect();
    let operation = taken.first().copied().unwrap_or(0) & 15;
    let (key, masked) = taken.get(head..).unwrap_or_default().split_at(4);
    Ok(Some((operation, masked.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect())))
}

/// A chunk of prepared frames.
struct Prepared {
    bytes: Vec<u8>,
    /// The end of each frame.
    ends: Vec<usize>,
    /// Where ids are written, and by how much the last id of a frame is above the first.
    ids: Vec<(usize, u64)>,
    /// The width of an id.
    width: usize,
    first: u64,
    /// From an event of a stream to the next.
    step: u64,
    streams: u64,
    events: u64,
}

impl Prepared {
    fn new(kind: &str, streams: &[String]) -> Outcome<Self> {
        let mut random = Random(99);
        let (levels, distinct) = match kind {
            "trade" => (0, 512),
            "depth1k" => (28, 128),
            "depth10k" => (316, 32),
            _ => return Err("no such kind".into()),
        };
        let is_depth = levels > 0;
        let (width, first, step) = if is_depth { (11, FIRST_UPDATE, UPDATES) } else { (10, FIRST_TRADE, 1) };
        let streams_count = u64::try_from(streams.len())?;
        let mut prepared = Self {
            bytes: Vec::new(),
            ends: Vec::new(),
            ids: Vec::new(),
            width,
            first,
            step,
            streams: streams_count,
            events: 0,
        };
        // Whole rounds of the streams, so that the next chunk goes on with the first of them.
        let rounds = u64::div_ceil(distinct, streams_count);
        while prepared.bytes.len() < 200_000 {
            for number in 0..rounds * streams_count {
                let stream = streams.get(usize::try_from(number % streams_count)?).ok_or("no stream")?;
                let symbol = stream.split('@').next().unwrap_or_default().to_uppercase();
                let data = if is_depth {
                    payloads::depth(&mut random, &symbol, number, levels)
                } else {
                    payloads::trade_at(&mut random, &symbol, first, 1_700_000_000_000 + number)
                };
                let start = prepared.bytes.len();
                prepared.bytes.extend(frame(1, payloads::combined(stream, &data).as_bytes()));
                let keys: &[(&str, u64)] =
                    if is_depth { &[("\"U\":", 0), ("\"u\":", UPDATES - 1)] } else { &[("\"t\":", 0)] };
                for (key, above) in keys {
                    let frame = prepared.bytes.get(start..).unwrap_or_default();
                    let at = frame.windows(key.len()).position(|window| window == key.as_bytes());
                    prepared.ids.push((start + at.ok_or("no id")? + key.len(), *above));
                }
                prepared.ends.push(prepared.bytes.len());
            }
        }
        Ok(prepared)
    }

    /// Writes the ids of the next events over those that were sent.
    fn renumber(&mut self) {
        let mut event = self.events;
        for (at, above) in &self.ids {
            let mut id = self.first + event / self.streams * self.step + above;
            let digits = self.bytes.get_mut(*at..at + self.width).unwrap_or_default();
            for digit in digits.iter_mut().rev() {
                *digit = b'0' + (id % 10) as u8;
                id /= 10;
            }
            // The last id of a frame ends its event.
            if *above > 0 || self.step == 1 {
                event += 1;
            }
        }
        self.events = event;
    }
}

fn flood<L: Link>(link: &mut L, kind: &str, streams: &[String], count: u64, is_single: bool) -> Outcome<()> {
    let mut prepared = Prepared::new(kind, streams)?;
    while prepared.events < count {
        prepared.renumber();
        if is_single {
            let mut start = 0;
            for (index, end) in prepared.ends.iter().enumerate() {
                link.put(prepared.bytes.get(start..*end).unwrap_or_default())?;
                start = *end;
                if index % 128 == 127 {
                    link.push()?;
                }
            }
            link.push()?;
        } else {
            for chunk in prepared.bytes.chunks(65_536) {
                link.put(chunk)?;
                link.push()?;
            }
        }
    }
    Ok(())
}

/// Added to the monotonic time, so that it is written with 16 digits, as a time in microseconds.
pub(crate) const TIME_OFFSET: u64 = 1_000_000_000_000_000;

/// One trade at a time, with the time of sending as the time of the event. The processor spins between them, so that the moment is exact.
fn paced<L: Link>(link: &mut L, count: u64, gap: u64) -> Outcome<()> {
    link.socket().set_nodelay(true)?;
    let mut random = Random(99);
    let mut next = clock::monotonic();
    for number in 0..count {
        next += gap;
        while clock::monotonic() < next {
            std::hint::spin_loop();
        }
        let time = TIME_OFFSET + clock::monotonic();
        let data = payloads::trade_at(&mut random, "BTCUSDT", FIRST_TRADE + number, time);
        link.put(&frame(1, payloads::combined("btcusdt@trade", &data).as_bytes()))?;
        link.push()?;
    }
    Ok(())
}
