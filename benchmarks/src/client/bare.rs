//! The floor: a loop that finds the frames in a large buffer and does nothing with them. It is no WebSocket client: it knows neither
//! control frames nor fragments, checks no text and decodes nothing. Paced, it reads the time of the event, as all do.

use super::{Job, Meter};
use crate::Outcome;
use serde_json::Value;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// As binance-kit reads with.
const BUFFER: usize = 256 << 10;

pub(super) async fn run(job: &Job) -> Outcome<Value> {
    let socket = TcpStream::connect(("127.0.0.1", job.port)).await?;
    socket.set_nodelay(true)?;
    if job.is_tls {
        let connector = tokio_rustls::TlsConnector::from(Arc::new(job.tls()?));
        receive(connector.connect("localhost".try_into()?, socket).await?, job).await
    } else {
        receive(socket, job).await
    }
}

/// The upgrade to a WebSocket; the sender's answer is believed.
pub(super) async fn upgrade<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut S, job: &Job) -> Outcome<()> {
    let request = format!(
        "GET {}/stream?streams={} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        job.prefix(),
        job.names().join("/")
    );
    socket.write_all(request.as_bytes()).await?;
    socket.flush().await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await?);
    }
    if head.starts_with(b"HTTP/1.1 101") { Ok(()) } else { Err("no upgrade".into()) }
}

/// Where the payload of the first frame begins and ends, once it is there.
#[inline]
fn first(input: &[u8]) -> Option<(usize, usize)> {
    let (head, length) = match input {
        [_, 126, high, low, ..] => (4, usize::from(u16::from_be_bytes([*high, *low]))),
        [_, length @ 0..=125, ..] => (2, usize::from(*length)),
        _ => return None,
    };
    (input.len() >= head + length).then_some((head, head + length))
}

async fn receive<S: AsyncRead + AsyncWrite + Unpin>(mut socket: S, job: &Job) -> Outcome<Value> {
    upgrade(&mut socket, job).await?;
    let mut meter = Meter::new(job);
    let is_paced = job.mode == "paced";
    let mut buffer = vec![0; BUFFER];
    let (mut start, mut end) = (0, 0);
    loop {
        while let Some((from, to)) = first(buffer.get(start..end).ok_or("lost in the buffer")?) {
            let payload = buffer.get(start + from..start + to).ok_or("lost in the buffer")?;
            std::hint::black_box(payload.last());
            start += to;
            let time = if is_paced { time(payload)? } else { 0 };
            if meter.event(time) {
                return Ok(meter.finish());
            }
        }
        if start == end {
            (start, end) = (0, 0);
        } else if end + (BUFFER >> 3) > BUFFER {
            buffer.copy_within(start..end, 0);
            (start, end) = (0, end - start);
        }
        let count = socket.read(buffer.get_mut(end..).unwrap_or_default()).await?;
        if count == 0 {
            return Err("the sender has closed".into());
        }
        end += count;
    }
}

/// The time of the event, which is at a fixed place in all of the sender's trades.
fn time(payload: &[u8]) -> Outcome<u64> {
    const BEFORE: &[u8] = br#"{"stream":"btcusdt@trade","data":{"e":"trade","E":"#;
    let digits = payload.get(BEFORE.len()..BEFORE.len() + 16).ok_or("a short payload")?;
    Ok(std::str::from_utf8(digits)?.parse()?)
}
