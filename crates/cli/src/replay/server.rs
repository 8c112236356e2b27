//! A WebSocket server on loopback that plays one recording to one client, as the exchange's combined streams would.

use super::recording::{Connections, END, SNAPSHOTS, is_control, stream_of};
use crate::Speed;
use base64::Engine as _;
use binance_kit::record::{FrameText, RecordEntry, Recording};
use fastwebsockets::{Frame, OpCode, Payload, Role, WebSocket};
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

type Failure = Box<dyn Error + Send + Sync>;

/// The interval between pings while the recording is silent.
const PING_INTERVAL: Duration = Duration::from_secs(5);
/// Maximum size of the head of a request, in bytes.
const MAX_HEAD: usize = 64 << 10;

/// Accepts a client, answers its listing of streams, and plays. Where the recording lost its connection, the client does, too,
/// and continues on a new one.
pub(super) async fn play(listener: TcpListener, path: PathBuf, speed: Speed) -> Result<u64, Failure> {
    let mut socket = accept(&listener).await?;
    let mut recording = Recording::open(&path)?;
    let mut origin: Option<(u64, Instant)> = None;
    let mut connections = Connections::default();
    let mut sent = 0;
    while let Some(entry) = recording.next_entry()? {
        let (received_nanos, frame) = match entry {
            RecordEntry::Frame(frame) => match frame.text {
                FrameText::Text(text) if !is_control(&text) => (frame.received_nanos, text),
                _ => continue,
            },
            RecordEntry::Mark { connection, mark, .. } => {
                connections.mark(connection, mark);
                continue;
            }
            _ => continue,
        };
        if connections.frame() {
            socket.flush().await?;
            drop(socket);
            socket = accept(&listener).await?;
        }
        let factor = match speed {
            Speed::Max => None,
            Speed::Recorded => Some(1),
            Speed::TenTimes => Some(10),
        };
        if let Some(factor) = factor {
            let (first, started) = *origin.get_or_insert((received_nanos, Instant::now()));
            let due = started + Duration::from_nanos(received_nanos.saturating_sub(first) / factor);
            while Instant::now() + PING_INTERVAL < due {
                tokio::time::sleep(PING_INTERVAL).await;
                socket.write_frame(Frame::new(true, OpCode::Ping, None, Payload::Borrowed(b""))).await?;
            }
            tokio::time::sleep_until(due).await;
        }
        let text = if stream_of(&frame).is_some() {
            frame
        } else {
            format!("{{\"stream\":\"{SNAPSHOTS}\",\"data\":{frame}}}")
        };
        socket.write_frame(Frame::text(Payload::Owned(text.into_bytes()))).await?;
        sent += 1;
    }
    let end = format!("{{\"stream\":\"{END}\",\"data\":{{}}}}");
    socket.write_frame(Frame::text(Payload::Owned(end.into_bytes()))).await?;
    socket.flush().await?;
    // The client closes when it has everything.
    while let Ok(frame) = socket.read_frame().await {
        if frame.opcode == OpCode::Close {
            break;
        }
    }
    Ok(sent)
}

async fn accept(listener: &TcpListener) -> Result<WebSocket<TcpStream>, Failure> {
    let (io, _) = listener.accept().await?;
    io.set_nodelay(true)?;
    let (mut socket, streams) = upgrade(io).await?;
    answer_list(&mut socket, &streams).await?;
    Ok(socket)
}

async fn upgrade(mut io: TcpStream) -> Result<(WebSocket<TcpStream>, Vec<String>), Failure> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > MAX_HEAD {
            return Err("the client's upgrade request is too long".into());
        }
        head.push(io.read_u8().await?);
    }
    let head = String::from_utf8(head)?;
    let target = head.split(' ').nth(1).unwrap_or_default();
    let streams = target
        .split_once("streams=")
        .map(|(_, names)| names.split('&').next().unwrap_or_default())
        .unwrap_or_default()
        .split('/')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    let key = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"))
        .map(|(_, value)| value.trim().to_owned())
        .ok_or("the client's upgrade request has no key")?;
    let digest = ring::digest::digest(
        &ring::digest::SHA1_FOR_LEGACY_USE_ONLY,
        format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11").as_bytes(),
    );
    let accept = base64::engine::general_purpose::STANDARD.encode(digest.as_ref());
    io.write_all(
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
        )
        .as_bytes(),
    )
    .await?;
    Ok((WebSocket::after_handshake(io, Role::Server), streams))
}

/// Answers the list of subscriptions that the SDK requests on each new connection.
async fn answer_list(socket: &mut WebSocket<TcpStream>, streams: &[String]) -> Result<(), Failure> {
    loop {
        let frame = socket.read_frame().await?;
        match frame.opcode {
            OpCode::Text => {
                let text = String::from_utf8_lossy(&frame.payload).into_owned();
                let id: String = text
                    .rsplit_once("\"id\":")
                    .map(|(_, id)| id.chars().take_while(char::is_ascii_digit).collect())
                    .ok_or("the client sent something without an id")?;
                let names: Vec<String> = streams.iter().map(|name| format!("\"{name}\"")).collect();
                let answer = format!("{{\"result\":[{}],\"id\":{id}}}", names.join(","));
                socket.write_frame(Frame::text(Payload::Owned(answer.into_bytes()))).await?;
                return Ok(());
            }
            OpCode::Close => return Err("the client closed the connection".into()),
            _ => {}
        }
    }
}
