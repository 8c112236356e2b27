//! A peer that does exactly what a test says, byte by byte: no socket, no second task, no clock.

#![allow(dead_code, reason = "each test program uses a part of it")]

use base64::Engine as _;
use binance_kit_net::{Error, FrameLayer, Random, WebSocket, WsConfig, WsMessage};
use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;
pub(crate) const FIN: u8 = 0x80;

/// A frame as a server sends it: `first` is the first byte of the header.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(u8::try_from(length).unwrap()),
        length @ 126..=65_535 => {
            bytes.push(126);
            bytes.extend_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            bytes.push(127);
            bytes.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(payload);
    bytes
}

pub(crate) fn text(payload: &str) -> Vec<u8> {
    frame(FIN | TEXT, payload.as_bytes())
}

pub(crate) fn close_frame(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(FIN | CLOSE, &[&code.to_be_bytes()[..], reason].concat())
}

/// The opcode and the unmasked payload of a frame that a client wrote.
pub(crate) type ClientFrame = (u8, Vec<u8>);

/// Takes apart what a client wrote: whole masked frames, and nothing behind them.
pub(crate) fn client_frames(mut bytes: &[u8]) -> Vec<ClientFrame> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let (frame, rest) = client_frame(bytes).expect("a partial frame");
        frames.push(frame);
        bytes = rest;
    }
    frames
}

/// The first whole masked frame.
pub(crate) fn client_frame(bytes: &[u8]) -> Option<(ClientFrame, &[u8])> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    assert_eq!(first & 0x70, 0, "reserved bits");
    assert_eq!(first & FIN, FIN, "our client never fragments");
    assert_eq!(second & 0x80, 0x80, "a client masks");
    let (length, at) = match second & 0x7F {
        126 => (usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().unwrap())), 4),
        127 => (usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().unwrap())).unwrap(), 10),
        short => (usize::from(short), 2),
    };
    let mask = bytes.get(at..at + 4)?;
    let payload = bytes.get(at + 4..at + 4 + length)?;
    let payload = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
    Some(((first & 0x0F, payload), &bytes[at + 4 + length..]))
}

/// The header of a request in its text.
pub(crate) fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    request.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

pub(crate) fn accept_of(request: &str) -> String {
    let key = header(request, "Sec-WebSocket-Key").expect("no key");
    let mut hash = ring::digest::Context::new(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY);
    hash.update(key.as_bytes());
    hash.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    base64::engine::general_purpose::STANDARD.encode(hash.finish())
}

pub(crate) fn switching(request: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n",
        accept_of(request)
    )
    .into_bytes()
}

/// What a read gives.
#[derive(Debug, Clone)]
pub(crate) enum Read {
    /// These bytes, in one read if there is room.
    Bytes(Vec<u8>),
    /// Nothing yet, but at once again.
    Yield,
    /// The end of the stream, for ever.
    Eof,
    /// A failure, for ever.
    Fail(io::ErrorKind),
}

/// What a write does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Write {
    Take,
    /// At most so many bytes in one call.
    TakeAtMost(usize),
    /// So many bytes in all, then nothing more.
    TakeThenBlock(usize),
    /// Says that it took nothing.
    Zero,
    Fail(io::ErrorKind),
}

type Answer = Box<dyn FnOnce(&str) -> Vec<u8> + Send>;

struct PeerState {
    reads: VecDeque<Read>,
    write: Write,
    written: Vec<u8>,
    answer: Option<Answer>,
    reader: Option<Waker>,
    writer: Option<Waker>,
    polls: usize,
    dropped: bool,
}

/// The peer, in the hands of the test.
#[derive(Clone)]
pub(crate) struct Peer(Arc<Mutex<PeerState>>);

/// The byte stream, in the hands of the connection.
pub(crate) struct PeerIo(Peer);

impl Peer {
    /// A peer that answers the upgrade with what `answer` makes of the request.
    pub(crate) fn answering(answer: impl FnOnce(&str) -> Vec<u8> + Send + 'static) -> (Self, PeerIo) {
        let peer = Self(Arc::new(Mutex::new(PeerState {
            reads: VecDeque::new(),
            write: Write::Take,
            written: Vec::new(),
            answer: Some(Box::new(answer)),
            reader: None,
            writer: None,
            polls: 0,
            dropped: false,
        })));
        (peer.clone(), PeerIo(peer))
    }

    pub(crate) fn push(&self, read: Read) {
        let mut state = self.0.lock().unwrap();
        state.reads.push_back(read);
        if let Some(waker) = state.reader.take() {
            waker.wake();
        }
    }

    pub(crate) fn send(&self, bytes: impl Into<Vec<u8>>) {
        self.push(Read::Bytes(bytes.into()));
    }

    /// One byte in each read, and nothing at all between two of them.
    pub(crate) fn send_slowly(&self, bytes: &[u8]) {
        for byte in bytes {
            self.push(Read::Yield);
            self.send([*byte]);
        }
    }

    pub(crate) fn set_write(&self, write: Write) {
        let mut state = self.0.lock().unwrap();
        state.write = write;
        if let Some(waker) = state.writer.take() {
            waker.wake();
        }
    }

    /// What was written since the upgrade, or since the last call.
    pub(crate) fn take_written(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap().written)
    }

    pub(crate) fn written_frames(&self) -> Vec<ClientFrame> {
        client_frames(&self.take_written())
    }

    /// How often the byte stream was polled, for reading and writing.
    pub(crate) fn polls(&self) -> usize {
        self.0.lock().unwrap().polls
    }

    pub(crate) fn is_dropped(&self) -> bool {
        self.0.lock().unwrap().dropped
    }
}

impl Drop for PeerIo {
    fn drop(&mut self) {
        self.0.0.lock().unwrap().dropped = true;
    }
}

impl AsyncRead for PeerIo {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut state = self.0.0.lock().unwrap();
        state.polls += 1;
        match state.reads.pop_front() {
            Some(Read::Bytes(mut bytes)) => {
                let rest = bytes.split_off(bytes.len().min(buf.remaining()));
                buf.put_slice(&bytes);
                if !rest.is_empty() {
                    state.reads.push_front(Read::Bytes(rest));
                }
                Poll::Ready(Ok(()))
            }
            Some(Read::Yield) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Read::Eof) => {
                state.reads.push_front(Read::Eof);
                Poll::Ready(Ok(()))
            }
            Some(Read::Fail(kind)) => {
                state.reads.push_front(Read::Fail(kind));
                Poll::Ready(Err(kind.into()))
            }
            None => {
                state.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl AsyncWrite for PeerIo {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut state = self.0.0.lock().unwrap();
        state.polls += 1;
        let taken = match &mut state.write {
            Write::Take => bytes.len(),
            Write::TakeAtMost(count) => bytes.len().min(*count),
            Write::TakeThenBlock(0) => {
                state.writer = Some(cx.waker().clone());
                return Poll::Pending;
            }
            Write::TakeThenBlock(left) => {
                let taken = bytes.len().min(*left);
                *left -= taken;
                taken
            }
            Write::Zero => 0,
            Write::Fail(kind) => return Poll::Ready(Err((*kind).into())),
        };
        state.written.extend_from_slice(&bytes[..taken]);
        if state.written.ends_with(b"\r\n\r\n")
            && let Some(answer) = state.answer.take()
        {
            let request = String::from_utf8(std::mem::take(&mut state.written)).unwrap();
            let answer = answer(&request);
            state.reads.push_back(Read::Bytes(answer));
            if let Some(waker) = state.reader.take() {
                waker.wake();
            }
        }
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

pub(crate) type Socket = WebSocket<PeerIo>;

/// The frame layer under test: each suite is a program for each of them.
pub(crate) fn frame_layer() -> FrameLayer {
    if env!("CARGO_CRATE_NAME").ends_with("_fastwebsockets") {
        FrameLayer::Fastwebsockets
    } else {
        FrameLayer::InPlace
    }
}

/// The upgrade over a byte stream.
pub(crate) async fn upgrade(io: PeerIo, config: &WsConfig) -> Result<Socket, Error> {
    let config = &config.clone().frame_layer(frame_layer());
    WebSocket::handshake(io, "exchange.test", "/ws", &[], &Random::seeded(1), config).await
}

/// An upgraded connection.
pub(crate) async fn connected_with(config: &WsConfig) -> (Socket, Peer) {
    let (peer, io) = Peer::answering(switching);
    (upgrade(io, config).await.unwrap(), peer)
}

pub(crate) async fn connected() -> (Socket, Peer) {
    connected_with(&WsConfig::default()).await
}

/// Polls a future once.
pub(crate) fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// A message in short: `t:…`, `b:…`, `ping:…`, `pong:…`.
pub(crate) fn show(message: &WsMessage) -> String {
    let (kind, payload) = match message {
        WsMessage::Text(payload) => ("t", payload),
        WsMessage::Binary(payload) => ("b", payload),
        WsMessage::Ping(payload) => ("ping", payload),
        WsMessage::Pong(payload) => ("pong", payload),
        _ => panic!("a new kind of message"),
    };
    format!("{kind}:{}", String::from_utf8_lossy(payload))
}

/// All messages up to the error that ends them.
pub(crate) async fn until_error(socket: &mut Socket) -> (Vec<String>, Error) {
    let mut messages = Vec::new();
    loop {
        match socket.next().await {
            Ok(message) => messages.push(show(&message)),
            Err(error) => return (messages, error),
        }
    }
}
