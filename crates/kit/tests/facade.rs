//! One `Binance`: its clients are made once and shared by clones, accounts and products.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use binance_kit::core::HttpMethod;
use binance_kit::net::task::{self, Task};
use binance_kit::prelude::*;
use binance_kit::sim::Exchange;
use binance_kit::{Delivery, ErrorCode, Responsible};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// An HTTP server that answers everything with one body, and remembers the requests of each connection.
struct Recording {
    url: String,
    connections: Arc<Mutex<Vec<Vec<String>>>>,
    /// Ends with the server.
    _server: Task<()>,
}

impl Recording {
    async fn start(body: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let connections: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
        let seen = Arc::clone(&connections);
        let server = task::spawn("recording server", async move {
            let mut serving = JoinSet::new();
            while let Ok((mut io, _)) = listener.accept().await {
                let number = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(Vec::new());
                    seen.len() - 1
                };
                let seen = Arc::clone(&seen);
                serving.spawn(async move {
                    let mut head = Vec::new();
                    while let Ok(byte) = io.read_u8().await {
                        head.push(byte);
                        if !head.ends_with(b"\r\n\r\n") {
                            continue;
                        }
                        let text = String::from_utf8(std::mem::take(&mut head)).unwrap();
                        let line = text.lines().next().unwrap_or_default().to_owned();
                        seen.lock().unwrap()[number].push(line);
                        let answer = format!(
                            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                            body.len()
                        );
                        io.write_all(answer.as_bytes()).await.unwrap();
                    }
                });
            }
        });
        Self { url, connections, _server: server }
    }

    fn requests(&self) -> Vec<Vec<String>> {
        self.connections.lock().unwrap().clone()
    }
}

const TIME: &str = r#"{"serverTime":1700000000000}"#;
const BOOK: &str = r#"{"lastUpdateId":1,"E":1700000000000,"T":1700000000000,"bids":[],"asks":[]}"#;

#[tokio::test]
async fn five_rest_clients_use_one_connection_and_two_products_two_pools() {
    let (spot_host, usdm_host) = (Recording::start(TIME).await, Recording::start(BOOK).await);
    let environment = Environment::empty("recording")
        .with_rest(Api::Spot, &spot_host.url)
        .unwrap()
        .with_rest(Api::UsdmFutures, &usdm_host.url)
        .unwrap();
    let binance = Binance::builder().environment(environment).build().unwrap();
    for _ in 0..5 {
        let time = binance.clone().rest().send(spot::general::Time::new()).await.unwrap();
        assert_eq!(time.server_time.as_millis(), 1_700_000_000_000);
    }
    let requests = spot_host.requests();
    assert_eq!(requests.len(), 1, "one connection: {requests:?}");
    assert_eq!(requests[0], vec!["GET /api/v3/time HTTP/1.1"; 5]);

    let book = binance.rest().send(usdm::Depth::new("BTCUSDT")).await.unwrap();
    assert_eq!(book.last_update_id.get(), 1);
    let requests = usdm_host.requests();
    assert_eq!(requests, [["GET /fapi/v1/depth?symbol=BTCUSDT HTTP/1.1"]], "a pool of its own");
    assert_eq!(spot_host.requests().concat().len(), 5, "nothing of it went to Spot");

    let other = binance.with_account(Credentials::hmac("key", "secret").unwrap()).unwrap();
    other.rest().send(spot::general::Time::new()).await.unwrap();
    assert_eq!(spot_host.requests().len(), 1, "accounts share the connections");
}

#[tokio::test]
async fn what_an_environment_does_not_offer_is_refused_before_anything_is_sent() {
    let host = Recording::start(TIME).await;
    let environment = Environment::empty("spot only").with_rest(Api::Spot, &host.url).unwrap();
    let binance = Binance::builder().environment(environment).build().unwrap();
    let rest = binance.rest().send(usdm::Depth::new("BTCUSDT")).await.unwrap_err();
    let stream = binance.subscribe([usdm::stream::agg_trade("BTCUSDT")]).await.unwrap_err();
    let ws_api = binance.ws_api().await.unwrap_err();
    let raw: Result<u8, _> = binance.rest().raw(Api::Sapi, HttpMethod::Get, "/sapi/v1/x").await;
    for error in [rest, stream, ws_api, raw.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::NotOffered, "{error}");
        assert_eq!((error.delivery(), error.responsible()), (Delivery::NotWritten, Responsible::Caller));
        assert!(error.to_string().contains("spot only"), "{error}");
    }
    assert!(host.requests().is_empty());

    let data = Binance::builder().environment(Environment::market_data_only()).build().unwrap();
    let account = data.with_account(Credentials::hmac("key", "secret").unwrap()).unwrap();
    let error = account.rest().send(spot::Account::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotOffered, "{error}");
    assert_eq!(data.ws_api().await.unwrap_err().kind(), ErrorKind::NotOffered);
}

#[tokio::test]
async fn without_an_account_orders_say_what_to_do() {
    let binance = Binance::testnet().unwrap();
    for error in [binance.orders().await.unwrap_err(), binance.account().await.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::MissingCredentials);
        assert!(error.to_string().contains("credentials("), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_connection_to_the_websocket_api_is_shared_and_made_again_after_it_was_closed() {
    let exchange = Exchange::builder().seed(7).in_memory().start().await.unwrap();
    let binance = Binance::embedded_in(&exchange).unwrap();
    let first = binance.ws_api().await.unwrap();
    let again = binance.clone().ws_api().await.unwrap();
    again.close().await;
    let error = first.send(spot::general::Time::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed, "both are one connection");
    let new = binance.ws_api().await.unwrap();
    new.send(spot::general::Time::new()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rules_of_a_symbol_that_is_not_listed_are_an_error() {
    let exchange = Exchange::builder().seed(7).in_memory().start().await.unwrap();
    let binance = Binance::embedded_in(&exchange).unwrap();
    binance.rules("BTCUSDT").await.unwrap();
    let error = binance.rules("NOSUCH").await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::BAD_SYMBOL), "{error}");
    // One that is listed, in a row that cannot be read.
    exchange.fail_next_request("GET /api/v3/exchangeInfo", 200, r#"{"symbols":[{"symbol":"BTCUSDT"}]}"#);
    let error = binance.rules("BTCUSDT").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Decode, None), "{error}");
    assert_eq!(error.decode_error().unwrap().path(), "symbols[0].status");
}

#[test]
fn base_urls_with_the_paths_of_the_client_are_refused() {
    for url in ["ws://127.0.0.1:1/ws", "ws://127.0.0.1:1/stream"] {
        let error = Environment::custom("http://127.0.0.1:1", url, "ws://127.0.0.1:1/ws-api/v3").unwrap_err();
        assert!(error.to_string().contains("write ws://127.0.0.1:1"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn shutdown_ends_everything_within_the_deadline() {
    let exchange = Exchange::builder().seed(7).in_memory().start().await.unwrap();
    let binance = Binance::embedded_in(&exchange).unwrap();
    let mut trades = binance.subscribe([spot::stream::trade("BTCUSDT")]).await.unwrap();
    let ws_api = binance.ws_api().await.unwrap();
    binance.rest().send(spot::general::Time::new()).await.unwrap();
    let started = tokio::time::Instant::now();
    assert_eq!(binance.shutdown(Duration::from_secs(5)).await, 0, "nothing was in flight");
    assert!(started.elapsed() <= Duration::from_secs(5));
    // What was read before is still delivered; then the stream ends.
    while trades.next().await.is_some() {}
    for error in [
        ws_api.send(spot::general::Time::new()).await.unwrap_err(),
        binance.rest().send(spot::general::Time::new()).await.unwrap_err(),
        binance.ws_api().await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
    }
}
