//! Servers that misbehave on purpose, each in one way. Whatever one does, every request ends within its deadline, with an outcome
//! that is never better than known; no order is written twice; and the client serves again as soon as the server does.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use binance_kit_core::{Delivery, RawWsRequest, Security};
use binance_kit_net::task;
use binance_kit_ws_api::{ErrorKind, WsApiClient, WsApiConfig};
use common::{Server, context, environment, hmac, id_of, read_head};
use fastwebsockets::{Frame, OpCode, Payload};
use serde_json::Value;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::time::Instant;

/// How long a request may take, as the client is configured.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The most that its end may be late.
const MARGIN: Duration = Duration::from_secs(1);

/// What the server does to the first order it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Nothing,
    End,
    Close(u16),
    /// A close frame, and nothing read or written after it.
    CloseAndStay,
    /// These texts, with `$` for the id of the order.
    Texts(&'static [&'static str]),
    /// So many times this text.
    Flood(u32, &'static str),
    /// Raw bytes as they are.
    Bytes(&'static [u8]),
    /// The answer, cut after so many bytes of its frame; then the end.
    CutAnswer(usize),
    /// The answer, cut likewise; then silence.
    StallAnswer(usize),
    /// The answer, one byte in two seconds.
    Drip,
    /// A frame that announces so many bytes.
    Announce(u64),
    /// A message of so many bytes.
    Huge(usize),
    /// JSON this deep.
    Deep(usize),
    /// Fragments without end.
    Fragments,
    /// Pings without end.
    Pings,
    /// The answer in binary, as if it were SBE.
    Binary,
    /// Nothing is read any more; pings of the server go on.
    Deaf,
}

use Act::{
    Announce, Binary, Bytes, Close, CloseAndStay, CutAnswer, Deaf, Deep, Drip, End, Flood, Fragments, Huge,
    Nothing, Pings, StallAnswer, Texts,
};

/// What becomes of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// The exchange's answer arrived.
    Answered,
    /// It was refused, so that it was not executed.
    Refused,
    /// It may have been executed.
    Unknown,
}

use Ending::{Answered, Refused, Unknown};

const SUCCESS: &str = r#"{"id":$,"status":200,"result":{"orderId":7}}"#;

const TABLE: &[(&str, Act, Ending)] = &[
    ("says nothing, answers pings", Nothing, Unknown),
    ("reads nothing more", Deaf, Unknown),
    ("ends the connection", End, Unknown),
    ("closes", Close(1000), Unknown),
    ("closes with 1008", Close(1008), Unknown),
    ("closes with a code that must not be sent", Close(1005), Unknown),
    ("closes and stays", CloseAndStay, Unknown),
    ("answers twice", Texts(&[SUCCESS, SUCCESS]), Answered),
    (
        "answers, then refuses",
        Texts(&[SUCCESS, r#"{"id":$,"status":400,"error":{"code":-2010,"msg":"x"}}"#]),
        Answered,
    ),
    (
        "refuses, then answers",
        Texts(&[r#"{"id":$,"status":400,"error":{"code":-2010,"msg":"x"}}"#, SUCCESS]),
        Refused,
    ),
    ("answers another id first", Texts(&[r#"{"id":1,"status":200,"result":{}}"#, SUCCESS]), Answered),
    ("answers another id only", Texts(&[r#"{"id":1,"status":200,"result":{}}"#]), Unknown),
    ("answers with the id as text", Texts(&[r#"{"id":"$","status":200,"result":{}}"#]), Answered),
    ("answers with null as id", Texts(&[r#"{"id":null,"status":200,"result":{}}"#]), Unknown),
    ("answers with an object as id", Texts(&[r#"{"id":{"a":$},"status":200,"result":{}}"#]), Unknown),
    ("answers with a negative id", Texts(&[r#"{"id":-$,"status":200,"result":{}}"#]), Unknown),
    ("answers with neither result nor error", Texts(&[r#"{"id":$,"status":200}"#]), Unknown),
    (
        "answers with both",
        Texts(&[r#"{"id":$,"status":200,"result":{},"error":{"code":-2010,"msg":"x"}}"#]),
        Refused,
    ),
    ("answers with a status that is none", Texts(&[r#"{"id":$,"status":"yes","result":{}}"#]), Answered),
    ("answers with an error without a code", Texts(&[r#"{"id":$,"status":500,"error":"no"}"#]), Unknown),
    (
        "answers with an enormous code",
        Texts(&[r#"{"id":$,"status":400,"error":{"code":-99999999999,"msg":"x"}}"#]),
        Refused,
    ),
    (
        "answers with a status of 999",
        Texts(&[r#"{"id":$,"status":999,"error":{"code":-1,"msg":"x"}}"#]),
        Unknown,
    ),
    ("answers with a list", Texts(&[r#"[{"id":$,"status":200,"result":{}}]"#]), Unknown),
    ("answers with keys twice", Texts(&[r#"{"id":1,"id":$,"status":200,"result":{}}"#, SUCCESS]), Answered),
    ("writes no JSON", Texts(&["<html>busy</html>", "{", "", "nul", SUCCESS]), Answered),
    ("writes numbers and words alone", Texts(&["1", "null", "\"x\"", "[]", "{}", SUCCESS]), Answered),
    (
        "revokes a session that there is not",
        Texts(&[r#"{"id":null,"status":401,"error":{"code":-2015,"msg":"x"}}"#]),
        Unknown,
    ),
    (
        "sends events of subscriptions that there are not",
        Flood(5000, r#"{"subscriptionId":3,"event":{"e":"x"}}"#),
        Unknown,
    ),
    ("floods with answers to nothing", Flood(5000, r#"{"id":2,"status":200,"result":{}}"#), Unknown),
    ("floods with texts that are no JSON", Flood(5000, "}{"), Unknown),
    ("sends bytes that are no frame", Bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Unknown),
    ("sets reserved bits", Bytes(&[0xf1, 0x02, b'{', b'}']), Unknown),
    ("masks", Bytes(&[0x81, 0x82, 1, 2, 3, 4, b'{', b'}']), Unknown),
    ("sends text that is not UTF-8", Bytes(&[0x81, 0x02, 0xff, 0xfe]), Unknown),
    ("cuts its answer in the header", CutAnswer(1), Unknown),
    ("cuts its answer before the last byte", CutAnswer(usize::MAX), Unknown),
    ("stalls in its answer", StallAnswer(20), Unknown),
    ("drips its answer", Drip, Unknown),
    ("announces an enormous frame", Announce(1 << 62), Unknown),
    ("announces a large frame and sends none", Announce(30 << 20), Unknown),
    ("sends more than allowed", Huge(33 << 20), Unknown),
    ("nests deeply", Deep(100_000), Unknown),
    ("fragments without end", Fragments, Unknown),
    ("pings without end", Pings, Unknown),
    ("answers in binary", Binary, Answered),
];

/// A text frame as a server writes it.
fn text_frame(text: &str) -> Vec<u8> {
    let length = text.len();
    let mut frame = vec![0x81];
    if length < 126 {
        frame.push(u8::try_from(length).unwrap());
    } else {
        frame.push(126);
        frame.extend_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
    }
    frame.extend_from_slice(text.as_bytes());
    frame
}

/// What is behind the frame layer, for acts below it.
async fn raw(server: Server, bytes: &[u8]) -> DuplexStream {
    let mut io = server.socket.into_inner();
    let _ = io.write_all(bytes).await;
    io
}

/// Reads and drops what comes until the client is gone.
async fn sink(mut io: DuplexStream) {
    let mut buffer = [0; 4096];
    while io.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
}

/// The orders that were written, in their order.
type Written = Arc<Mutex<Vec<Value>>>;

/// Takes the next order.
async fn next_order(server: &mut Server, written: &Written) -> Option<u64> {
    let text = server.text().await?;
    written.lock().unwrap().push(serde_json::from_str(&text).unwrap());
    Some(id_of(&text))
}

/// Answers as it should.
async fn serve(mut server: Server, written: Written) {
    while let Some(id) = next_order(&mut server, &written).await {
        server.send(&SUCCESS.replace('$', &id.to_string())).await;
    }
}

/// Misbehaves once, and serves from then on where the connection still is one.
async fn act(mut server: Server, act: Act, id: u64, written: Written) {
    let answer = SUCCESS.replace('$', &id.to_string());
    let frame = text_frame(&answer);
    match act {
        Nothing => serve(server, written).await,
        End => {}
        Close(code) => {
            server.close(code).await;
            server.idle().await;
        }
        CloseAndStay => {
            server.close(1000).await;
            pending::<()>().await;
        }
        Texts(texts) => {
            for text in texts {
                server.send(&text.replace('$', &id.to_string())).await;
            }
            serve(server, written).await;
        }
        Flood(count, text) => {
            for _ in 0..count {
                server.send(text).await;
            }
            serve(server, written).await;
        }
        Bytes(bytes) => sink(raw(server, bytes).await).await,
        CutAnswer(at) => drop(raw(server, &frame[..at.min(frame.len() - 1)]).await),
        StallAnswer(at) => sink(raw(server, &frame[..at]).await).await,
        Drip => {
            let mut io = raw(server, b"").await;
            for byte in frame {
                tokio::time::sleep(Duration::from_secs(2)).await;
                if io.write_u8(byte).await.is_err() {
                    break;
                }
            }
        }
        Announce(bytes) => {
            let mut header = vec![0x81, 127];
            header.extend_from_slice(&bytes.to_be_bytes());
            sink(raw(server, &header).await).await;
        }
        Huge(bytes) => {
            let text = Frame::text(Payload::Owned(vec![b' '; bytes]));
            let _ = server.socket.write_frame(text).await;
            serve(server, written).await;
        }
        Deep(depth) => {
            let text = format!("{{\"id\":{id},\"status\":200,\"result\":{}", "[".repeat(depth));
            server.send(&text).await;
            serve(server, written).await;
        }
        Fragments => {
            let mut opcode = OpCode::Text;
            loop {
                let part = Frame::new(false, opcode, None, Payload::Borrowed(b"[[[["));
                if server.socket.write_frame(part).await.is_err() {
                    return;
                }
                opcode = OpCode::Continuation;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        Pings => loop {
            let ping = Frame::new(true, OpCode::Ping, None, Payload::Borrowed(b"now"));
            if server.socket.write_frame(ping).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        },
        Binary => {
            let frame = Frame::binary(Payload::Owned(answer.into_bytes()));
            let _ = server.socket.write_frame(frame).await;
            serve(server, written).await;
        }
        Deaf => loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let ping = Frame::new(true, OpCode::Ping, None, Payload::Borrowed(b"x"));
            if server.socket.write_frame(ping).await.is_err() {
                return;
            }
        },
    }
}

fn order(number: u32) -> RawWsRequest<Value> {
    RawWsRequest::new("order.place", Security::Signed)
        .with("symbol", "BTCUSDT")
        .with("quantity", &number.to_string())
}

async fn play(name: &str, what: Act, expected: Ending) {
    let (context, mut connections) = context();
    let written = Written::default();
    let seen = Arc::clone(&written);
    let _serving = task::spawn("server", async move {
        let mut tasks = Vec::new();
        while let Some(io) = connections.recv().await {
            let mut server = Server::upgrade(io).await;
            let seen = Arc::clone(&seen);
            if tasks.is_empty() {
                let Some(id) = next_order(&mut server, &seen).await else { return };
                tasks.push(task::spawn("act", act(server, what, id, seen)));
            } else {
                tasks.push(task::spawn("serve", serve(server, seen)));
            }
        }
    });
    let config = WsApiConfig { timeout: TIMEOUT, ..WsApiConfig::default() };
    let builder = WsApiClient::builder(&context, &environment()).credentials(hmac()).config(config);
    let client = builder.connect().await.unwrap();

    let began = Instant::now();
    let first = client.send(order(1)).await;
    assert!(began.elapsed() <= TIMEOUT + MARGIN, "{name}: {:?}", began.elapsed());
    let end = match &first {
        Ok(_) => Answered,
        Err(error) if error.delivery() == Delivery::Refused => Refused,
        Err(error) => {
            assert!(error.outcome_unknown(), "{name}: {error}");
            Unknown
        }
    };
    assert_eq!(end, expected, "{name}: {first:?}");

    // Orders are answered again soon, on this connection or the next.
    let mut number = 2;
    loop {
        let began = Instant::now();
        let next = client.send(order(number)).await;
        assert!(began.elapsed() <= TIMEOUT + MARGIN, "{name}: {:?}", began.elapsed());
        match next {
            Ok(_) => break,
            Err(error) => assert!(number < 6, "{name}: it does not serve again: {error}"),
        }
        number += 1;
    }
    client.close().await;
    let quantities: Vec<String> =
        written.lock().unwrap().iter().map(|message| message["params"]["quantity"].to_string()).collect();
    let mut unique = quantities.clone();
    unique.dedup();
    assert_eq!(quantities, unique, "{name}: an order was written twice");
}

#[tokio::test(start_paused = true)]
async fn every_misbehaviour_of_a_server_has_a_definite_end() {
    assert!(TABLE.len() >= 40);
    for (name, act, expected) in TABLE {
        let ended = tokio::time::timeout(Duration::from_secs(300), play(name, *act, *expected)).await;
        assert!(ended.is_ok(), "{name}: hangs");
    }
}

#[tokio::test(start_paused = true)]
async fn every_refusal_of_an_upgrade_has_a_definite_end() {
    let answers: &[(&str, &str)] = &[
        ("no HTTP", "hello\r\n\r\n"),
        ("no status", "HTTP/1.1\r\n\r\n"),
        ("200", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"),
        ("a redirect", "HTTP/1.1 302 Found\r\nlocation: ws://127.0.0.1:2/\r\ncontent-length: 0\r\n\r\n"),
        (
            "no accept",
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
        ),
        (
            "a wrong accept",
            "HTTP/1.1 101 X\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: AAAA\r\n\r\n",
        ),
        ("a body without end", "HTTP/1.1 403 Forbidden\r\ncontent-length: 1000000000\r\n\r\nno"),
        ("a length that is none", "HTTP/1.1 403 Forbidden\r\ncontent-length: -1\r\n\r\n"),
        ("nothing", ""),
    ];
    for (name, answer) in answers {
        let (context, mut connections) = context();
        let _serving = task::spawn("server", async move {
            let mut open = Vec::new();
            while let Some(mut io) = connections.recv().await {
                read_head(&mut io).await;
                let _ = io.write_all(answer.as_bytes()).await;
                open.push(io);
            }
        });
        let began = Instant::now();
        let connecting = WsApiClient::builder(&context, &environment()).credentials(hmac()).connect();
        let connected = tokio::time::timeout(Duration::from_secs(60), connecting).await;
        let error = connected.unwrap_or_else(|_| panic!("{name}: hangs")).unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connect, Delivery::NotWritten), "{name}");
        assert!(began.elapsed() <= Duration::from_secs(21), "{name}: {:?}", began.elapsed());
    }
}
