//! A server that a test controls step by step, over links in memory. It is built on fastwebsockets in its server role, and so
//! shares no code with the client it tests.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use base64::Engine as _;
use binance_kit_core::{Api, Timestamp, Topic};
use binance_kit_net::clock::VirtualWallClock;
use binance_kit_net::io::DialWith;
use binance_kit_net::{Clock, Context, Environment, ErrorKind, Random};
use fastwebsockets::{Frame, OpCode, Payload, Role, WebSocket};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::mpsc;

/// A context whose connections come out of the receiver. While the receiver is gone, connections are refused.
pub fn context() -> (Context, mpsc::UnboundedReceiver<DuplexStream>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let dial = DialWith::new(move |_: &binance_kit_net::Endpoint| {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        sender
            .send(theirs)
            .map_err(|_| binance_kit_net::Error::with_detail(ErrorKind::Connect, "connection refused"))?;
        Ok(ours)
    });
    (build(dial), receiver)
}

/// The server's ends of connections, with the URL each was opened to.
pub type Connections = mpsc::UnboundedReceiver<(String, DuplexStream)>;

/// As [`context`], with the URL of each connection.
pub fn context_by_endpoint() -> (Context, Connections) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let dial = DialWith::new(move |endpoint: &binance_kit_net::Endpoint| {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        sender
            .send((endpoint.to_string(), theirs))
            .map_err(|_| binance_kit_net::Error::with_detail(ErrorKind::Connect, "connection refused"))?;
        Ok(ours)
    });
    (build(dial), receiver)
}

fn build(dial: impl binance_kit_net::io::Dial) -> Context {
    Context::builder()
        .dial(dial)
        .clock(Clock::new(VirtualWallClock::starting_at(Timestamp::from_millis(1_700_000_000_000))))
        .random(Random::seeded(7))
        .build()
        .unwrap()
}

pub fn environment() -> Environment {
    Environment::custom("http://127.0.0.1:1", "ws://127.0.0.1:1", "ws://127.0.0.1:1/ws-api/v3").unwrap()
}

/// A topic of Spot with the cadence that the documents give for its name.
pub fn topic<E>(name: impl AsRef<str>) -> Topic<E> {
    let name = name.as_ref();
    let topic = Topic::raw(Api::Spot, name);
    let millis = match name.split_once('@') {
        Some((_, kind)) if kind.ends_with("@100ms") => 100,
        Some((_, "ticker" | "miniTicker" | "depth" | "depth5" | "kline_1s")) => 1000,
        _ => return topic,
    };
    topic.cadence(std::time::Duration::from_millis(millis))
}

/// Topics of Spot.
pub fn topics<E>(names: impl IntoIterator<Item: AsRef<str>>) -> Vec<Topic<E>> {
    names.into_iter().map(topic).collect()
}

/// The server's end of a WebSocket connection.
pub struct Server {
    pub socket: WebSocket<DuplexStream>,
    /// The path and query of the upgrade request.
    pub path: String,
}

impl Server {
    /// Takes the next connection and upgrades it.
    pub async fn accept(connections: &mut mpsc::UnboundedReceiver<DuplexStream>) -> Self {
        Self::upgrade(connections.recv().await.unwrap()).await
    }

    pub async fn upgrade(mut io: DuplexStream) -> Self {
        let head = read_head(&mut io).await;
        let key = head
            .lines()
            .find_map(|line| {
                line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"))
            })
            .map(|(_, value)| value.trim().to_owned())
            .unwrap();
        let digest = ring::digest::digest(
            &ring::digest::SHA1_FOR_LEGACY_USE_ONLY,
            format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11").as_bytes(),
        );
        let accept = base64::engine::general_purpose::STANDARD.encode(digest.as_ref());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        io.write_all(answer.as_bytes()).await.unwrap();
        let path = head.split(' ').nth(1).unwrap().to_owned();
        let mut socket = WebSocket::after_handshake(io, Role::Server);
        socket.set_auto_close(false);
        Self { socket, path }
    }

    /// Sends a text.
    pub async fn send(&mut self, text: &str) {
        let frame = Frame::text(Payload::Owned(text.as_bytes().to_vec()));
        self.socket.write_frame(frame).await.unwrap();
    }

    /// The next text; answers pings, and passes over them and over pongs. `None` when the client has closed or gone away.
    pub async fn text(&mut self) -> Option<String> {
        loop {
            let frame = self.socket.read_frame().await.ok()?;
            match frame.opcode {
                OpCode::Text => return Some(String::from_utf8(frame.payload.to_vec()).unwrap()),
                OpCode::Close => return None,
                _ => {}
            }
        }
    }

    /// Answers pings until the client has closed or gone away; nothing else.
    pub async fn idle(&mut self) {
        while self.text().await.is_some() {}
    }

    /// Closes with a code.
    pub async fn close(&mut self, code: u16) {
        self.socket.write_frame(Frame::close(code, b"bye")).await.unwrap();
    }

    /// Answers the listing that the client begins with, with these names.
    pub async fn answer_list(&mut self, names: &[&str]) {
        let text = self.text().await.unwrap();
        assert!(text.contains("LIST_SUBSCRIPTIONS"), "{text}");
        let listed = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(",");
        let id = id_of(&text);
        self.send(&format!("{{\"result\":[{listed}],\"id\":{id}}}")).await;
    }

    /// Acknowledges the next message.
    pub async fn acknowledge(&mut self) -> String {
        let text = self.text().await.unwrap();
        self.send(&format!("{{\"result\":null,\"id\":{}}}", id_of(&text))).await;
        text
    }
}

/// The `id` of a message.
pub fn id_of(text: &str) -> u64 {
    let (_, after) = text.split_once("\"id\":").unwrap();
    after.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

/// Everything up to the blank line.
pub async fn read_head(io: &mut DuplexStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(io.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}
