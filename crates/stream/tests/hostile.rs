//! Stream servers that misbehave on purpose, each in one way. Whatever one does ends in a typed error or a reported item, or changes
//! nothing; the stream delivers again as soon as the server does; and what the client holds meanwhile is bounded. A program of
//! its own: the allocator counts.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::decode::EventFrame;
use binance_kit_core::{DecodeError, ErrorKind, StreamEvent};
use binance_kit_net::task;
use binance_kit_net::ws::{FrameLayer, WsConfig};
use binance_kit_stream::{Item, StateChange, StreamClient, StreamConfig};
use common::{Server, context, environment, id_of, read_head, topics};
use fastwebsockets::{Frame, OpCode, Payload};
use std::future::pending;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::time::{Instant, sleep, timeout};

/// The most that a row may take of the simulated time.
const LIMIT: Duration = Duration::from_secs(300);
/// How long a server that still has its connection goes on with nothing but pongs before it delivers again.
const SILENCE: Duration = Duration::from_secs(20);
/// The most that the program may hold in a row: a message of the largest size several times (the test's own copy, the pipe, the
/// read buffer, the item), and what parsing it takes.
const MEMORY: u64 = 64 << 20;

/// An event with a number in it.
#[derive(Debug, PartialEq)]
struct Number(u64);

impl StreamEvent for Number {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        let value = frame.data.get("n").ok_or_else(|| DecodeError::missing("n"))?;
        value.as_u64().map(Self).map_err(|error| error.at_key("n"))
    }
}

/// What the server does on its first connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// Answers the list so, with `$` for its id.
    List(&'static [&'static str]),
    /// Answers the list with so many names.
    Names(usize),
    /// Answers the list, then sends these texts.
    Texts(&'static [&'static str]),
    /// So many times this text.
    Flood(u32, &'static str),
    /// Raw bytes as they are, then silence.
    Bytes(&'static [u8]),
    /// The end.
    End,
    Close(u16),
    /// A close frame, and nothing read after it.
    CloseAndStay,
    /// A close frame, and events behind it.
    CloseAndGoOn,
    /// An event, one byte in two seconds.
    Drip,
    /// A frame that announces so many bytes.
    Announce(u64),
    /// A text of so many bytes that is no JSON.
    Huge(usize),
    /// An event with so many numbers in a list.
    Wide(usize),
    /// JSON this deep.
    Deep(usize),
    /// A name of so many bytes.
    LongName(usize),
    /// Fragments without end.
    Fragments,
    /// So many pings at once.
    Pings(u32),
    /// So many pongs that no one asked for.
    Pongs(u32),
    /// An event in a binary frame.
    Binary,
    /// Nothing is read any more after a first ping; pings go on.
    Deaf,
}

use Act::{
    Announce, Binary, Bytes, Close, CloseAndGoOn, CloseAndStay, Deaf, Deep, Drip, End, Flood, Fragments,
    Huge, List, LongName, Names, Pings, Pongs, Texts, Wide,
};

/// What becomes of it, beside that events arrive again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Nothing is changed.
    Passed,
    /// Frames that cannot be read are reported as items; the connection stays.
    Malformed,
    /// The call to subscribe is an error with the streams that were refused.
    Refused,
    /// A message that was not answered is reported; the connection stays, or is replaced without a loss.
    Unanswered,
    /// The connection is reported as lost, and another one comes up.
    Reconnects,
}

use Ending::{Malformed, Passed, Reconnects, Refused, Unanswered};

const EVENT: &str = r#"{"stream":"a@trade","data":{"n":1}}"#;
const BOTH: &str = r#"{"result":["a@trade","b@trade"],"id":$}"#;

const TABLE: &[(&str, Act, Ending)] = &[
    // Control messages.
    ("never answers the list", List(&[]), Unanswered),
    (
        "answers the list with a wrong id",
        List(&[r#"{"result":["a@trade","b@trade"],"id":987654}"#]),
        Unanswered,
    ),
    ("answers the list with the id as text", List(&[r#"{"result":["a@trade","b@trade"],"id":"$"}"#]), Passed),
    ("answers the list twice", List(&[BOTH, BOTH]), Passed),
    ("answers the list with an object", List(&[r#"{"result":{"a":1},"id":$}"#]), Passed),
    ("leaves a stream out of the list", List(&[r#"{"result":["a@trade"],"id":$}"#]), Refused),
    (
        "lists what no one asked for",
        List(&[r#"{"result":["a@trade","b@trade","c@x",7,null],"id":$}"#]),
        Passed,
    ),
    ("lists a hundred thousand names", Names(100_000), Passed),
    (
        "refuses with control characters",
        List(&[r#"{"error":{"code":2,"msg":"\u001b[2J\u0007\u0000x"},"id":$}"#]),
        Passed,
    ),
    ("refuses what was not asked", Texts(&[r#"{"error":{"code":2,"msg":"x"},"id":987654}"#]), Passed),
    ("refuses without an id", Texts(&[r#"{"error":{"code":3,"msg":"Invalid JSON"},"id":null}"#]), Passed),
    ("floods with answers to nothing", Flood(5000, r#"{"result":null,"id":987654}"#), Passed),
    // Texts.
    ("writes no JSON", Texts(&["<html>busy</html>", "{", "nul", "}{"]), Malformed),
    ("writes nothing in a text", Texts(&[""]), Malformed),
    ("writes numbers and words alone", Texts(&["1", "null", "\"x\"", "true"]), Malformed),
    ("writes an empty object", Texts(&["{}"]), Malformed),
    ("writes an event of another stream", Texts(&[r#"{"stream":"c@trade","data":{"n":1}}"#]), Passed),
    ("writes a stream that is no text", Texts(&[r#"{"stream":7,"data":{"n":1}}"#]), Malformed),
    ("writes a name with control characters", Texts(&[r#"{"stream":"\u001b[2J","data":{"n":1}}"#]), Passed),
    ("writes a name of a mebibyte", LongName(1 << 20), Passed),
    ("writes an event without data", Texts(&[r#"{"stream":"a@trade"}"#]), Malformed),
    ("writes data of another shape", Texts(&[r#"{"stream":"a@trade","data":[7]}"#]), Malformed),
    ("writes an event of the wrong type", Texts(&[r#"{"stream":"a@trade","data":{"n":"x"}}"#]), Malformed),
    ("writes an event with a tail", Texts(&[r#"{"stream":"a@trade","data":{"n":1}}}"#]), Malformed),
    ("floods with texts that are no JSON", Flood(5000, "}{"), Malformed),
    ("nests deeply", Deep(100_000), Malformed),
    ("writes four mebibytes that are no JSON", Huge(4 << 20), Malformed),
    ("writes a list without an end in sight", Wide(1_500_000), Malformed),
    ("answers in binary", Binary, Passed),
    // Frames.
    ("writes more than allowed", Huge(5 << 20), Reconnects),
    ("announces an enormous frame", Announce(1 << 62), Reconnects),
    ("announces a length with its first bit", Announce(1 << 63), Reconnects),
    ("announces a large frame and sends none", Announce(3 << 20), Reconnects),
    ("stalls in a header", Bytes(&[0x81]), Reconnects),
    ("stalls in a frame", Bytes(&[0x81, 0x05, b'{']), Reconnects),
    ("drips an event", Drip, Reconnects),
    ("fragments without end", Fragments, Reconnects),
    ("sends bytes that are no frame", Bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Reconnects),
    ("sets reserved bits", Bytes(&[0xf1, 0x02, b'{', b'}']), Reconnects),
    ("masks", Bytes(&[0x81, 0x82, 1, 2, 3, 4, b'{', b'}']), Reconnects),
    ("uses an opcode that there is not", Bytes(&[0x83, 0x00]), Reconnects),
    ("sends text that is not UTF-8", Bytes(&[0x81, 0x02, 0xff, 0xfe]), Reconnects),
    ("continues what was not begun", Bytes(&[0x80, 0x01, b'1']), Reconnects),
    ("begins a message within another", Bytes(&[0x01, 0x01, b'1', 0x01, 0x01, b'2']), Reconnects),
    ("fragments a ping", Bytes(&[0x09, 0x00]), Reconnects),
    ("sends a long ping", Bytes(&[0x89, 126, 0, 126]), Reconnects),
    ("writes a short length in a long form", Bytes(&[0x81, 126, 0, 2, b'{', b'}']), Reconnects),
    // Ends.
    ("ends the connection", End, Reconnects),
    ("closes", Close(1000), Reconnects),
    ("closes with 1008", Close(1008), Reconnects),
    ("closes with a code of its own", Close(4999), Reconnects),
    ("closes with a code that must not be sent", Close(1005), Reconnects),
    ("closes with half a code", Bytes(&[0x88, 0x01, 0x03]), Reconnects),
    ("closes with a reason that is not UTF-8", Bytes(&[0x88, 0x03, 0x03, 0xe8, 0xff]), Reconnects),
    ("closes and stays", CloseAndStay, Reconnects),
    ("closes and goes on", CloseAndGoOn, Reconnects),
    // Pace.
    ("pings ten thousand times at once", Pings(10_000), Passed),
    ("sends pongs that no one asked for", Pongs(10_000), Passed),
    ("reads nothing more", Deaf, Unanswered),
    ("says ten thousand times that it shuts down", Flood(10_000, r#"{"e":"serverShutdown","E":1}"#), Passed),
];

/// Reads and drops what comes until the client is gone.
async fn sink(mut io: DuplexStream) {
    let mut buffer = [0; 4096];
    while io.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
}

/// What is behind the frame layer, for acts below it.
async fn raw(server: Server, bytes: &[u8]) -> DuplexStream {
    let mut io = server.socket.into_inner();
    let _ = io.write_all(bytes).await;
    io
}

/// Sends, as far as the client takes it.
async fn offer(server: &mut Server, frame: Frame<'_>) -> bool {
    let sent = timeout(Duration::from_secs(60), server.socket.write_frame(frame)).await;
    sent.is_ok_and(|sent| sent.is_ok())
}

async fn text(server: &mut Server, text: &str) -> bool {
    offer(server, Frame::text(Payload::Borrowed(text.as_bytes()))).await
}

/// Behaves: answers pings and lists, and delivers the event that the test waits for.
async fn deliver(mut server: Server, silence: Duration) {
    let begun = Instant::now();
    let mut has_answered = false;
    loop {
        if begun.elapsed() >= silence && !text(&mut server, r#"{"stream":"a@trade","data":{"n":7}}"#).await {
            return;
        }
        match timeout(Duration::from_secs(1), server.text()).await {
            Ok(Some(message)) if message.contains("LIST_SUBSCRIPTIONS") && !has_answered => {
                has_answered = true;
                let answer = BOTH.replace('$', &id_of(&message).to_string());
                text(&mut server, &answer).await;
            }
            Ok(None) => return,
            Ok(Some(_)) | Err(_) => {}
        }
    }
}

/// Misbehaves once, and behaves from then on where the connection still is one.
#[expect(clippy::too_many_lines, reason = "one arm for each act")]
async fn act(mut server: Server, act: Act) {
    let message = server.text().await.unwrap();
    let answer = |text: &str| text.replace('$', &id_of(&message).to_string());
    if !matches!(act, List(_) | Names(_)) {
        server.send(&answer(BOTH)).await;
    }
    match act {
        List(texts) => {
            for answered in texts {
                text(&mut server, &answer(answered)).await;
            }
        }
        Names(count) => {
            let names: Vec<String> = (0..count).map(|number| format!("\"x{number}@trade\",")).collect();
            let names = names.concat();
            let answered = answer(&format!(r#"{{"result":[{names}"a@trade","b@trade"],"id":$}}"#));
            text(&mut server, &answered).await;
        }
        Texts(texts) => {
            for one in texts {
                text(&mut server, one).await;
            }
        }
        Flood(count, one) => {
            for _ in 0..count {
                if !text(&mut server, one).await {
                    return;
                }
            }
        }
        Bytes(bytes) => return sink(raw(server, bytes).await).await,
        End => return,
        Close(code) => {
            server.close(code).await;
            return server.idle().await;
        }
        CloseAndStay => {
            server.close(1000).await;
            pending::<()>().await;
        }
        CloseAndGoOn => {
            server.close(1000).await;
            while text(&mut server, EVENT).await {
                sleep(Duration::from_millis(10)).await;
            }
            return;
        }
        Drip => {
            let mut io = raw(server, &[0x81, u8::try_from(EVENT.len()).unwrap()]).await;
            for byte in EVENT.bytes() {
                sleep(Duration::from_secs(2)).await;
                if io.write_u8(byte).await.is_err() {
                    break;
                }
            }
            return;
        }
        Announce(bytes) => {
            let mut header = vec![0x81, 127];
            header.extend_from_slice(&bytes.to_be_bytes());
            return sink(raw(server, &header).await).await;
        }
        Huge(bytes) => {
            offer(&mut server, Frame::text(Payload::Owned(vec![b'x'; bytes]))).await;
        }
        Wide(count) => {
            let list = vec!["1"; count].join(",");
            text(&mut server, &format!(r#"{{"stream":"a@trade","data":{{"n":2,"x":[{list}]}}}}"#)).await;
        }
        Deep(depth) => {
            let deep = format!(r#"{{"stream":"a@trade","data":{}"#, "[".repeat(depth));
            text(&mut server, &deep).await;
        }
        LongName(bytes) => {
            let name = "x".repeat(bytes);
            text(&mut server, &format!(r#"{{"stream":"{name}","data":{{"n":1}}}}"#)).await;
        }
        Fragments => {
            let mut opcode = OpCode::Text;
            while offer(&mut server, Frame::new(false, opcode, None, Payload::Borrowed(b"[["))).await {
                opcode = OpCode::Continuation;
                sleep(Duration::from_millis(10)).await;
            }
            return;
        }
        Pings(count) | Pongs(count) => {
            let opcode = if matches!(act, Pings(_)) { OpCode::Ping } else { OpCode::Pong };
            for _ in 0..count {
                offer(&mut server, Frame::new(true, opcode, None, Payload::Borrowed(b"now"))).await;
            }
        }
        Binary => {
            offer(&mut server, Frame::binary(Payload::Borrowed(EVENT.as_bytes()))).await;
        }
        Deaf => {
            // Answers the first ping, so that the client knows that its pings are answered.
            let _ = timeout(Duration::from_secs(15), server.text()).await;
            let ping = || Frame::new(true, OpCode::Ping, None, Payload::Borrowed(b"x"));
            while offer(&mut server, ping()).await {
                sleep(Duration::from_secs(1)).await;
            }
            return;
        }
    }
    deliver(server, SILENCE).await;
}

fn config(layer: FrameLayer) -> StreamConfig {
    let default = StreamConfig::default();
    StreamConfig { web_socket: WsConfig { frame_layer: layer, ..default.web_socket.clone() }, ..default }
}

/// What an item says, as far as the table does.
fn ending(item: &Item<Number>) -> Option<Ending> {
    match item {
        Item::Malformed(_) => Some(Malformed),
        Item::Unanswered(_) => Some(Unanswered),
        Item::State(StateChange::Disconnected { .. }) => Some(Reconnects),
        _ => None,
    }
}

async fn play(name: &str, what: Act, layer: FrameLayer) -> Vec<Ending> {
    let (context, mut connections) = context();
    let _serving = task::spawn("server", async move {
        let mut tasks = Vec::new();
        while let Some(io) = connections.recv().await {
            let server = Server::upgrade(io).await;
            tasks.push(if tasks.is_empty() {
                task::spawn("act", act(server, what))
            } else {
                task::spawn("deliver", deliver(server, Duration::ZERO))
            });
        }
    });
    let client = StreamClient::builder(&context, &environment()).config(config(layer)).build().unwrap();
    let mut stream = match client.subscribe(topics::<Number>(["a@trade", "b@trade"])).await {
        Ok(stream) => stream,
        Err(error) => {
            let shown = error.to_string();
            assert!(!shown.chars().any(char::is_control), "{name}: {shown:?}");
            assert_eq!(error.kind(), ErrorKind::StreamRefused, "{name}: {error}");
            return vec![Refused];
        }
    };
    let mut seen = Vec::new();
    loop {
        let item = stream.next().await.unwrap_or_else(|| panic!("{name}: the stream ended"));
        // No item is such that a terminal would obey it.
        let shown = item.to_string();
        assert!(!shown.chars().any(char::is_control), "{name}: {shown:?}");
        if matches!(&item, Item::Event(event) if event.data.0 == 7) {
            break;
        }
        seen.extend(ending(&item).filter(|ending| !seen.contains(ending)));
    }
    stream.close().await;
    seen
}

#[test]
fn every_misbehaviour_of_a_stream_server_is_reported_or_changes_nothing() {
    assert!(TABLE.len() >= 40);
    let mut wrong = Vec::new();
    for (name, act, expected) in TABLE {
        for layer in [FrameLayer::InPlace, FrameLayer::Fastwebsockets] {
            let mut ended = None;
            let counts = allocation_counter::measure(|| {
                let mut runtime = tokio::runtime::Builder::new_current_thread();
                let runtime = runtime.enable_time().start_paused(true).build().unwrap();
                ended = Some(runtime.block_on(async { timeout(LIMIT, play(name, *act, layer)).await }));
            });
            let seen = ended.unwrap();
            let is_right = match (&seen, expected) {
                (Ok(seen), Passed) => seen.is_empty(),
                (Ok(seen), expected) => seen == &[*expected],
                (Err(_), _) => false,
            };
            if !is_right || counts.bytes_max > MEMORY {
                wrong.push(format!(
                    "{name} ({layer:?}): {seen:?}, not {expected:?}; {} KiB",
                    counts.bytes_max >> 10
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What a server writes instead of a handshake.
const HANDSHAKES: &[(&str, &str)] = &[
    ("no HTTP", "hello\r\n\r\n"),
    ("no status", "HTTP/1.1\r\n\r\n"),
    ("200", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"),
    ("a redirect", "HTTP/1.1 302 Found\r\nlocation: ws://127.0.0.1:2/\r\ncontent-length: 0\r\n\r\n"),
    ("no accept", "HTTP/1.1 101 X\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"),
    (
        "a wrong accept",
        "HTTP/1.1 101 X\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: AAAA\r\n\r\n",
    ),
    ("no upgrade", "HTTP/1.1 101 X\r\nconnection: upgrade\r\nsec-websocket-accept: $\r\n\r\n"),
    (
        "another upgrade",
        "HTTP/1.1 101 X\r\nupgrade: h2c\r\nconnection: upgrade\r\nsec-websocket-accept: $\r\n\r\n",
    ),
    (
        "an extension that was not asked for",
        "HTTP/1.1 101 X\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: $\r\n\
         sec-websocket-extensions: permessage-deflate\r\n\r\n",
    ),
    (
        "a protocol that was not asked for",
        "HTTP/1.1 101 X\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: $\r\n\
         sec-websocket-protocol: chat\r\n\r\n",
    ),
    ("a body without end", "HTTP/1.1 403 Forbidden\r\ncontent-length: 1000000000\r\n\r\nno"),
    ("a length that is none", "HTTP/1.1 403 Forbidden\r\ncontent-length: -1\r\n\r\n"),
    ("control characters", "HTTP/1.1 403 \u{1b}[2J\r\n\r\n\u{1b}[2J"),
    ("nothing", ""),
];

/// The `Sec-WebSocket-Accept` to a head.
fn accept(head: &str) -> String {
    use base64::Engine as _;
    let key = head.lines().find_map(|line| {
        line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"))
    });
    let text = format!("{}258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key.unwrap().1.trim());
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(digest.as_ref())
}

#[tokio::test(start_paused = true)]
async fn every_bad_handshake_is_a_typed_error() {
    for (name, answer) in HANDSHAKES {
        let (context, mut connections) = context();
        let _serving = task::spawn("server", async move {
            let mut open = Vec::new();
            while let Some(mut io) = connections.recv().await {
                let answer = answer.replace('$', &accept(&read_head(&mut io).await));
                let _ = io.write_all(answer.as_bytes()).await;
                open.push(io);
            }
        });
        let client = StreamClient::new(&context, &environment()).unwrap();
        let subscribing = client.subscribe(topics::<Number>(["a@trade"]));
        let ended = timeout(Duration::from_secs(60), subscribing).await;
        let error = ended.unwrap_or_else(|_| panic!("{name}: hangs")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect, "{name}: {error}");
        let shown = format!("{error} {error:?}").replace('\n', " ");
        assert!(!shown.chars().any(char::is_control), "{name}: {shown:?}");
    }
}

/// A head without an end is given up when it is too long, and not read for ever.
#[tokio::test(start_paused = true)]
async fn a_head_without_end_is_a_typed_error() {
    let (context, mut connections) = context();
    let _serving = task::spawn("server", async move {
        let mut io = connections.recv().await.unwrap();
        read_head(&mut io).await;
        let _ = io.write_all(b"HTTP/1.1 101 X\r\n").await;
        while io.write_all(b"x-more: and more and more\r\n").await.is_ok() {
            tokio::task::yield_now().await;
        }
    });
    let client = StreamClient::new(&context, &environment()).unwrap();
    let ended = timeout(Duration::from_secs(60), client.subscribe(topics::<Number>(["a@trade"]))).await;
    assert_eq!(ended.unwrap().unwrap_err().kind(), ErrorKind::Connect);
}
