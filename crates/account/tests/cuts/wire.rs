//! The bytes between client and exchange: passed on, cut at any place, delayed; frames of the exchange repeated, and old ones sent
//! again.

use binance_kit_net::task;
use binance_kit_sim::MemoryLink;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};

/// An answer without a request.
const STRAY: &str = r#"{"id":999999999999,"status":200,"result":{"orderId":1}}"#;
/// How many old frames are kept.
const KEPT: usize = 20;

/// What happens to the bytes.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// After so many bytes to the exchange all connections that carry any are cut.
    pub(crate) cut_request: Option<usize>,
    /// The same for bytes to the client.
    pub(crate) cut_answer: Option<usize>,
    /// How late what the exchange sends arrives.
    pub(crate) delay: Duration,
    /// Whether each frame of the exchange comes twice.
    pub(crate) is_double: bool,
    /// Whether an old frame, and one that answers nothing, comes before each.
    pub(crate) is_stray: bool,
}

/// All connections.
#[derive(Debug, Default)]
pub(crate) struct Wire(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    plan: Plan,
    /// Whether the plan has cut a connection.
    has_cut: bool,
    /// Frames of the exchange, to be sent again.
    old: Vec<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Request,
    Answer,
}

impl Wire {
    /// Replaces the plan. Returns whether the one before has cut something.
    pub(crate) fn set(&self, plan: Plan) -> bool {
        let mut state = self.0.lock().unwrap();
        state.plan = plan;
        std::mem::take(&mut state.has_cut)
    }

    /// From now on everything arrives, and at once.
    pub(crate) fn calm(&self) {
        let mut state = self.0.lock().unwrap();
        state.plan =
            Plan { is_double: state.plan.is_double, is_stray: state.plan.is_stray, ..Plan::default() };
    }

    /// The client's end of a connection to the exchange.
    pub(crate) fn connect(self: &Arc<Self>, exchange: MemoryLink) -> Connection {
        let (ours, theirs) = tokio::io::duplex(1 << 18);
        let relay = task::spawn("relay", relay(theirs, exchange, Arc::clone(self)));
        Connection { io: ours, _relay: relay }
    }

    /// How many of these bytes pass; fewer than there are where the connection is cut behind them.
    fn pass(&self, way: Way, bytes: usize) -> usize {
        let mut state = self.0.lock().unwrap();
        let left = match way {
            Way::Request => &mut state.plan.cut_request,
            Way::Answer => &mut state.plan.cut_answer,
        };
        match left {
            Some(at) if *at < bytes => {
                let passed = *at;
                *left = None;
                state.has_cut = true;
                passed
            }
            Some(at) => {
                *at -= bytes;
                bytes
            }
            None => bytes,
        }
    }

    /// What is sent instead of one frame of the exchange.
    fn frames(&self, frame: Vec<u8>) -> Vec<Vec<u8>> {
        let mut state = self.0.lock().unwrap();
        let mut frames = Vec::new();
        if state.plan.is_stray {
            frames.extend(state.old.first().cloned());
            let mut stray = vec![0x81, u8::try_from(STRAY.len()).unwrap()];
            stray.extend_from_slice(STRAY.as_bytes());
            frames.push(stray);
        }
        if frame.first() == Some(&0x81) {
            state.old.push(frame.clone());
            if state.old.len() > KEPT {
                state.old.remove(0);
            }
            if state.plan.is_double {
                frames.push(frame.clone());
            }
        }
        frames.push(frame);
        frames
    }

    fn delay(&self) -> Duration {
        self.0.lock().unwrap().plan.delay
    }
}

/// The client's end of a connection.
#[derive(Debug)]
pub(crate) struct Connection {
    io: DuplexStream,
    /// Ends with the connection.
    _relay: task::Task<()>,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        std::pin::Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

async fn relay(client: DuplexStream, exchange: MemoryLink, wire: Arc<Wire>) {
    let (client_read, client_write) = tokio::io::split(client);
    let (exchange_read, exchange_write) = tokio::io::split(exchange);
    tokio::select! {
        _ = requests(client_read, exchange_write, &wire) => {}
        _ = answers(exchange_read, client_write, &wire) => {}
    }
}

async fn requests(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    wire: &Wire,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        let passed = wire.pass(Way::Request, count);
        to.write_all(&buffer[..passed]).await?;
        to.flush().await?;
        if passed < count {
            // What has passed arrives.
            tokio::time::sleep(Duration::from_millis(1)).await;
            return Ok(());
        }
    }
}

async fn answers(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    wire: &Wire,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    let mut pending: Vec<u8> = Vec::new();
    // Whether frames come; before the end of the first head that is not known.
    let mut has_frames = None;
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        pending.extend_from_slice(&buffer[..count]);
        let mut out = Vec::new();
        if has_frames.is_none()
            && let Some(end) = pending.windows(4).position(|bytes| bytes == b"\r\n\r\n")
        {
            has_frames = Some(pending.starts_with(b"HTTP/1.1 101"));
            out.push(pending.drain(..end + 4).collect());
        }
        match has_frames {
            Some(true) => {
                while let Some(frame) = take_frame(&mut pending) {
                    out.extend(wire.frames(frame));
                }
            }
            _ => out.push(std::mem::take(&mut pending)),
        }
        let delay = wire.delay();
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        for bytes in out {
            let passed = wire.pass(Way::Answer, bytes.len());
            to.write_all(&bytes[..passed]).await?;
            to.flush().await?;
            if passed < bytes.len() {
                tokio::time::sleep(Duration::from_millis(1)).await;
                return Ok(());
            }
        }
    }
}

/// Takes the first frame of a server out of the bytes, if it is whole.
fn take_frame(bytes: &mut Vec<u8>) -> Option<Vec<u8>> {
    let (header, length) = match bytes.get(1)? & 127 {
        126 => (4, usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]))),
        127 => {
            let length: [u8; 8] = bytes.get(2..10)?.try_into().unwrap();
            (10, usize::try_from(u64::from_be_bytes(length)).unwrap())
        }
        short => (2, usize::from(short)),
    };
    let end = header + length;
    (bytes.len() >= end).then(|| bytes.drain(..end).collect())
}
