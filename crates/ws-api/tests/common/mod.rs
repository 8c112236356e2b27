//! The server of the streams' tests, and a client of the WebSocket API.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../../../stream/tests/common/mod.rs"]
mod server;

use binance_kit_core::decode::EventFrame;
use binance_kit_core::{DecodeError, RawWsRequest, Security, StreamEvent};
use binance_kit_net::Context;
use binance_kit_sign::{Algorithm, Credentials, Ed25519Pair, VerifyingKey};
use binance_kit_ws_api::{UserDataItem, WsApiClient};
pub use server::*;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;

pub const SECRET: &str = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

/// The server's ends of connections.
pub type Links = mpsc::UnboundedReceiver<DuplexStream>;

pub fn ed25519() -> (Credentials, VerifyingKey) {
    let pair = Ed25519Pair::from_seed([7; 32]).unwrap();
    (pair.credentials("edKey").unwrap(), VerifyingKey::from_public_pem(pair.public_pem()).unwrap())
}

pub fn hmac() -> Credentials {
    Credentials::hmac("hmacKey", SECRET).unwrap()
}

pub async fn connect(
    context: &Context,
    connections: &mut Links,
    credentials: Option<Credentials>,
) -> (WsApiClient, Server) {
    let logs_on =
        credentials.as_ref().is_some_and(|credentials| credentials.algorithm() == Algorithm::Ed25519);
    let mut builder = WsApiClient::builder(context, &environment());
    if let Some(credentials) = credentials {
        builder = builder.credentials(credentials);
    }
    let (client, server) = tokio::join!(builder.connect(), async {
        let mut server = Server::accept(connections).await;
        if logs_on {
            log_on(&mut server).await;
        }
        server
    });
    (client.unwrap(), server)
}

pub async fn log_on(server: &mut Server) -> serde_json::Value {
    let (message, id) = request(server).await;
    assert_eq!(message["method"], "session.logon");
    server.send(&format!(r#"{{"id":{id},"status":200,"result":{{"apiKey":"edKey"}}}}"#)).await;
    message
}

pub async fn request(server: &mut Server) -> (serde_json::Value, u64) {
    let text = server.text().await.unwrap();
    (serde_json::from_str(&text).unwrap(), id_of(&text))
}

pub fn query(method: &'static str) -> RawWsRequest<serde_json::Value> {
    RawWsRequest::new(method, Security::None).query()
}

pub fn order(quantity: &str) -> RawWsRequest<serde_json::Value> {
    RawWsRequest::new("order.place", Security::Signed).with("symbol", "币安USDT").with("quantity", quantity)
}

/// An event with a number in it.
#[derive(Debug, PartialEq)]
pub struct Number(pub u64);

impl StreamEvent for Number {
    fn decode_event(frame: EventFrame<'_>) -> Result<Self, DecodeError> {
        let value = frame.data.get("n").ok_or_else(|| DecodeError::missing("n"))?;
        value.as_u64().map(Self).map_err(|error| error.at_key("n"))
    }
}

pub fn describe(item: Option<UserDataItem<Number>>) -> String {
    match item {
        Some(UserDataItem::Event { data, .. }) => data.0.to_string(),
        Some(UserDataItem::Subscribed) => "subscribed".into(),
        Some(UserDataItem::Interrupted) => "interrupted".into(),
        Some(UserDataItem::Malformed { raw, .. }) => format!("malformed {raw}"),
        Some(UserDataItem::Refused(error)) => format!("refused {}", error.code),
        Some(_) => "other".into(),
        None => "end".into(),
    }
}
