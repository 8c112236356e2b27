//! What most programs do: tokio-tungstenite, and serde_json into a type with decimals as texts.

use super::{Job, Meter, bare};
use crate::Outcome;
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

#[derive(Deserialize)]
#[expect(dead_code, reason = "all fields are read, few are looked at")]
struct Combined<T> {
    stream: String,
    data: T,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "all fields are read, few are looked at")]
struct Trade {
    #[serde(rename = "E")]
    event_time: u64,
    #[serde(rename = "s")]
    symbol: String,
    #[serde(rename = "t")]
    id: u64,
    #[serde(rename = "p")]
    price: String,
    #[serde(rename = "q")]
    quantity: String,
    #[serde(rename = "T")]
    trade_time: u64,
    #[serde(rename = "m")]
    is_buyer_maker: bool,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "all fields are read, few are looked at")]
struct Depth {
    #[serde(rename = "E")]
    event_time: u64,
    #[serde(rename = "s")]
    symbol: String,
    #[serde(rename = "U")]
    first: u64,
    #[serde(rename = "u")]
    last: u64,
    #[serde(rename = "b")]
    bids: Vec<[String; 2]>,
    #[serde(rename = "a")]
    asks: Vec<[String; 2]>,
}

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

async fn receive<S: AsyncRead + AsyncWrite + Unpin>(mut socket: S, job: &Job) -> Outcome<Value> {
    bare::upgrade(&mut socket, job).await?;
    let mut socket = WebSocketStream::from_raw_socket(socket, Role::Client, None).await;
    let mut meter = Meter::new(job);
    while let Some(message) = socket.next().await {
        let message = message?;
        let text = message.to_text()?;
        let time = if job.is_depth() {
            let event: Combined<Depth> = serde_json::from_str(text)?;
            std::hint::black_box(&event).data.event_time
        } else {
            let event: Combined<Trade> = serde_json::from_str(text)?;
            std::hint::black_box(&event).data.event_time
        };
        if meter.event(time) {
            return Ok(meter.finish());
        }
    }
    Err("the sender has closed".into())
}
