//! A client of the plainest kind, written byte by byte, so that the exchange is tested by nothing but what it says.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test file uses a part of it, and what goes wrong in a test should end it"
)]

use binance_kit_core::{Decimal, Timestamp};
use binance_kit_sign::Credentials;
use binance_kit_sim::{AccountConfig, Exchange, ExchangeBuilder, SymbolConfig, TokioClock};
use serde_json::Value;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// When the exchanges of these tests start.
pub(crate) const START: i64 = 1_700_000_000_000;

/// An exchange in memory that starts at [`START`] and follows paused time, with one symbol, `ABUSDT`, no market, and
/// the accounts `alice` and `bob`.
pub(crate) fn quiet() -> ExchangeBuilder {
    let symbol =
        SymbolConfig::new("ABUSDT", "AB", "USDT", Decimal::new(100, 0)).step_size(Decimal::new(1, 3));
    bare().symbol(symbol).no_market().account(account("alice")).account(account("bob"))
}

/// An exchange in memory that starts at [`START`] and follows paused time.
pub(crate) fn bare() -> ExchangeBuilder {
    Exchange::builder().in_memory().clock(Arc::new(TokioClock::starting_at(Timestamp::from_millis(START))))
}

/// Key `<name>Key`, secret `<name>Secret`.
pub(crate) fn account(name: &str) -> AccountConfig {
    AccountConfig::new(name)
        .balance("AB", Decimal::new(1000, 0))
        .balance("USDT", Decimal::new(100_000, 0))
        .hmac_key(&format!("{name}Key"), &format!("{name}Secret"))
        .unwrap()
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// Body, with what is not UTF-8 replaced.
    pub(crate) body: String,
    /// Body as it came.
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Code and message of an error.
    pub(crate) fn error(&self) -> (i64, String) {
        let json = self.json();
        (json["code"].as_i64().unwrap(), json["msg"].as_str().unwrap().to_owned())
    }
}

/// Sends bytes on a new connection and reads one answer.
pub(crate) async fn raw(exchange: &Exchange, bytes: &[u8]) -> Option<Answer> {
    let mut link = exchange.connect();
    link.write_all(bytes).await.unwrap();
    read_answer(&mut link).await
}

async fn read_answer(link: &mut (impl AsyncRead + Unpin)) -> Option<Answer> {
    let mut received = Vec::new();
    let head_end = loop {
        if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        let mut byte = [0];
        if link.read(&mut byte).await.unwrap() == 0 {
            return None;
        }
        received.push(byte[0]);
    };
    let head = String::from_utf8(received[..head_end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    link.read_exact(&mut body).await.unwrap();
    Some(Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned(), bytes: body })
}

pub(crate) async fn request(
    exchange: &Exchange,
    method: &str,
    target: &str,
    headers: &str,
    body: &str,
) -> Answer {
    let length = body.len();
    let text =
        format!("{method} {target} HTTP/1.1\r\nHost: sim\r\n{headers}Content-Length: {length}\r\n\r\n{body}");
    raw(exchange, text.as_bytes()).await.unwrap()
}

pub(crate) async fn get(exchange: &Exchange, target: &str) -> Answer {
    request(exchange, "GET", target, "", "").await
}

/// Percent-encodes what base64 and JSON need.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::new();
    binance_kit_core::params::percent_encode(text, &mut out);
    out
}

/// A signed request of `<name>`: the parameters, the time, the signature.
pub(crate) async fn signed(
    exchange: &Exchange,
    name: &str,
    method: &str,
    path: &str,
    params: &str,
) -> Answer {
    let credentials = Credentials::hmac(format!("{name}Key"), format!("{name}Secret")).unwrap();
    signed_with(exchange, &format!("{name}Key"), &credentials, method, path, params).await
}

pub(crate) async fn signed_with(
    exchange: &Exchange,
    api_key: &str,
    credentials: &Credentials,
    method: &str,
    path: &str,
    params: &str,
) -> Answer {
    let join = if params.is_empty() { "" } else { "&" };
    let query = format!("{params}{join}timestamp={}", exchange.now().as_millis());
    let signature = credentials.sign(query.as_bytes()).unwrap();
    let signature = encode(signature.as_str());
    let headers = format!("X-MBX-APIKEY: {api_key}\r\n");
    request(exchange, method, &format!("{path}?{query}&signature={signature}"), &headers, "").await
}

/// What a WebSocket said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Frame {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(u16),
    /// The connection is gone.
    End,
}

/// What a socket runs over.
pub(crate) trait Link: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Link for T {}

pub(crate) struct Socket {
    pub(crate) link: Box<dyn Link>,
}

impl Socket {
    pub(crate) async fn open(exchange: &Exchange, target: &str) -> Self {
        Self::try_open(exchange, target, "")
            .await
            .unwrap_or_else(|answer| panic!("{} {}", answer.status, answer.body))
    }

    pub(crate) async fn try_open(exchange: &Exchange, target: &str, headers: &str) -> Result<Self, Answer> {
        Self::over(exchange.connect(), target, headers).await
    }

    /// Over TCP.
    pub(crate) async fn open_tcp(exchange: &Exchange, target: &str) -> Self {
        let link = tokio::net::TcpStream::connect(exchange.address().unwrap()).await.unwrap();
        Self::over(link, target, "")
            .await
            .unwrap_or_else(|answer| panic!("{} {}", answer.status, answer.body))
    }

    async fn over(mut link: impl Link + 'static, target: &str, headers: &str) -> Result<Self, Answer> {
        let text = format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
        );
        link.write_all(text.as_bytes()).await.unwrap();
        let answer = read_answer(&mut link).await.unwrap();
        if answer.status != 101 {
            return Err(answer);
        }
        assert_eq!(answer.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        Ok(Self { link: Box::new(link) })
    }

    /// Sends a frame as a client does: masked.
    pub(crate) async fn send_frame(&mut self, opcode: u8, payload: &[u8]) {
        let mut bytes = vec![0x80 | opcode];
        if payload.len() < 126 {
            bytes.push(0x80 | u8::try_from(payload.len()).unwrap());
        } else if let Ok(length) = u16::try_from(payload.len()) {
            bytes.push(0xfe);
            bytes.extend_from_slice(&length.to_be_bytes());
        } else {
            bytes.push(0xff);
            bytes.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
        let mask = [7, 13, 21, 34];
        bytes.extend_from_slice(&mask);
        bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        self.link.write_all(&bytes).await.unwrap();
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.send_frame(1, text.as_bytes()).await;
    }

    /// The next frame.
    pub(crate) async fn frame(&mut self) -> Frame {
        let mut head = [0; 2];
        if self.link.read_exact(&mut head).await.is_err() {
            return Frame::End;
        }
        assert_eq!(head[1] & 0x80, 0, "a server must not mask");
        let length = match head[1] {
            126 => usize::from(self.link.read_u16().await.unwrap()),
            127 => usize::try_from(self.link.read_u64().await.unwrap()).unwrap(),
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        if self.link.read_exact(&mut payload).await.is_err() {
            return Frame::End;
        }
        match head[0] {
            0x81 => Frame::Text(String::from_utf8(payload).unwrap()),
            0x82 => Frame::Binary(payload),
            0x89 => Frame::Ping(payload),
            0x8a => Frame::Pong(payload),
            0x88 => Frame::Close(u16::from_be_bytes([payload[0], payload[1]])),
            other => panic!("unexpected frame {other:#x}"),
        }
    }

    /// The next text, as JSON; pings are answered on the way.
    pub(crate) async fn json(&mut self) -> Value {
        loop {
            match self.frame().await {
                Frame::Text(text) => {
                    return serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
                }
                Frame::Ping(payload) => self.send_frame(10, &payload).await,
                other => panic!("unexpected {other:?}"),
            }
        }
    }

    /// Whether nothing comes for a while.
    pub(crate) async fn is_quiet(&mut self, time: Duration) -> bool {
        tokio::time::timeout(time, self.frame()).await.is_err()
    }

    /// Sends a request and reads its answer; events in between are left out.
    pub(crate) async fn ask(&mut self, text: &str) -> Value {
        self.send(text).await;
        loop {
            let json = self.json().await;
            if json.get("id").is_some() || json.get("code").is_some() {
                return json;
            }
        }
    }

    /// A request of the WebSocket API without a signature.
    pub(crate) async fn call(&mut self, method: &str, params: &Value) -> Value {
        let text = serde_json::json!({"id": 1, "method": method, "params": params}).to_string();
        self.ask(&text).await
    }

    /// A signed request of the WebSocket API.
    pub(crate) async fn call_signed(
        &mut self,
        exchange: &Exchange,
        credentials: &Credentials,
        api_key: &str,
        method: &str,
        params: Value,
    ) -> Value {
        let mut params = params;
        params["apiKey"] = api_key.into();
        params["timestamp"] = exchange.now().as_millis().into();
        let mut pairs: Vec<(String, String)> = params
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| {
                (name.clone(), value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned))
            })
            .collect();
        pairs.sort();
        let mut payload = String::new();
        for (name, value) in pairs {
            write!(payload, "{}{name}={value}", if payload.is_empty() { "" } else { "&" }).unwrap();
        }
        params["signature"] = credentials.sign(payload.as_bytes()).unwrap().as_str().into();
        self.call(method, &params).await
    }
}

pub(crate) fn hmac(name: &str) -> Credentials {
    Credentials::hmac(format!("{name}Key"), format!("{name}Secret")).unwrap()
}

/// The names of the accounts.
pub(crate) fn names(exchange: &Exchange) -> Vec<String> {
    exchange.accounts().iter().map(|account| account.name().to_owned()).collect()
}
