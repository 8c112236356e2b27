//! Clients that mean harm, or do not know better.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test should end it")]

mod common;

use common::{Frame, Socket, get, quiet};
use proptest::prelude::*;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

#[tokio::test(start_paused = true)]
async fn k10_a_head_that_never_ends_is_not_waited_for() {
    let exchange = quiet().start().await.unwrap();
    let mut link = exchange.connect();
    link.write_all(b"GET /api/v3/ping HTTP/1.1\r\n").await.unwrap();
    let mut rest = Vec::new();
    tokio::time::timeout(Duration::from_secs(61), link.read_to_end(&mut rest)).await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn k10_a_body_that_never_ends_is_not_waited_for() {
    let exchange = quiet().start().await.unwrap();
    let mut link = exchange.connect();
    link.write_all(b"POST /api/v3/order HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nsymbol=")
        .await
        .unwrap();
    let mut rest = Vec::new();
    tokio::time::timeout(Duration::from_secs(11), link.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert!(rest.is_empty());
}

#[tokio::test(start_paused = true)]
async fn k10_huge_heads_are_refused() {
    let exchange = quiet().start().await.unwrap();
    let mut link = exchange.connect();
    let head = format!("GET /api/v3/ping HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(300_000));
    // The server may hang up before all is written.
    let _ = link.write_all(head.as_bytes()).await;
    let mut answer = Vec::new();
    link.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test(start_paused = true)]
async fn k10_handshakes_that_are_none_are_refused() {
    let exchange = quiet().start().await.unwrap();
    let upgrade = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n";
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (headers, status) in [
        (String::new(), 400),
        (format!("{upgrade}{key}"), 426),
        (format!("{upgrade}{key}Sec-WebSocket-Version: 8\r\n"), 426),
        (format!("{upgrade}Sec-WebSocket-Version: 13\r\n"), 400),
        (format!("{upgrade}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2hvcnQ=\r\n"), 400),
        (format!("{upgrade}{key}Sec-WebSocket-Version: 13\r\nOrigin: https://evil.example\r\n"), 403),
    ] {
        let answer = common::request(&exchange, "GET", "/ws", &headers, "").await;
        assert_eq!(answer.status, status, "{headers}");
    }
    assert_eq!(exchange.counts().websockets, 0);
}

#[tokio::test(start_paused = true)]
async fn deep_json_is_refused() {
    let exchange = quiet().start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    let answer = socket.ask(&"[".repeat(60_000)).await;
    assert_eq!(answer["error"]["code"], -1135);
}

/// Who asks for much and reads nothing is not answered without end.
#[tokio::test(start_paused = true)]
async fn answers_that_are_not_read_do_not_pile_up() {
    let exchange = common::bare().limits(false).start().await.unwrap();
    let mut socket = Socket::open(&exchange, "/ws-api/v3").await;
    let ask = r#"{"id":1,"method":"depth","params":{"symbol":"BTCUSDT","limit":5000}}"#;
    for _ in 0..3000 {
        let sent = tokio::time::timeout(Duration::from_secs(1), socket.send(ask)).await;
        if sent.is_err() {
            break;
        }
    }
    let waiting: usize = exchange.connections().iter().map(|connection| connection.queued_bytes).sum();
    assert!(waiting <= 4 << 20, "{waiting} bytes wait for a client that does not read");
    // It is no client any more when it does not answer pings either.
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert!(exchange.connections().is_empty());
}

/// Whoever does not read what REST answers is not waited for, whether or not that was the last request.
#[tokio::test(start_paused = true)]
async fn k10_answers_of_rest_that_are_not_read_end_the_connection() {
    let exchange = common::bare().limits(false).start().await.unwrap();
    exchange.pause_market();
    let target = "/api/v3/depth?symbol=BTCUSDT&limit=5000";
    let one = get(&exchange, target).await.bytes.len();
    // More than a link in memory holds.
    assert!(3 * one > 300_000, "{one}");
    for last in ["", "Connection: close\r\n"] {
        let mut link = exchange.connect();
        let ask = |more: &str| format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n");
        link.write_all(format!("{0}{0}{1}", ask(""), ask(last)).as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_secs(120)).await;
        let mut received = Vec::new();
        // How it ends is not of interest.
        let ended = tokio::time::timeout(Duration::from_secs(1), link.read_to_end(&mut received)).await;
        assert!(ended.is_ok() && received.len() < 3 * one, "{last:?}: {} bytes", received.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn k10_any_bytes_over_http(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        block_on(async {
            let exchange = quiet().start().await.unwrap();
            let mut link = exchange.connect();
            link.write_all(&bytes).await.unwrap();
            link.shutdown().await.unwrap();
            let mut answer = Vec::new();
            link.read_to_end(&mut answer).await.unwrap();
            assert_eq!(get(&exchange, "/api/v3/ping").await.status, 200);
        });
    }

    #[test]
    fn any_query(query in "[a-zA-Z0-9=&%+._~-]{0,80}") {
        block_on(async {
            let exchange = quiet().start().await.unwrap();
            for path in ["depth", "klines", "aggTrades", "ticker", "exchangeInfo", "account"] {
                let answer = get(&exchange, &format!("/api/v3/{path}?symbol=ABUSDT&{query}")).await;
                assert!(matches!(answer.status, 200 | 400 | 401), "{} {}", answer.status, answer.body);
                answer.json();
            }
        });
    }

    #[test]
    fn k10_any_bytes_over_a_websocket(bytes in prop::collection::vec(any::<u8>(), 0..400), api: bool) {
        block_on(async {
            let exchange = quiet().start().await.unwrap();
            let mut socket = Socket::open(&exchange, if api { "/ws-api/v3" } else { "/ws" }).await;
            socket.link.write_all(&bytes).await.unwrap();
            socket.link.shutdown().await.unwrap();
            while socket.frame().await != Frame::End {}
            assert_eq!(get(&exchange, "/api/v3/ping").await.status, 200);
        });
    }

    #[test]
    fn any_text_over_a_websocket(text in r#"[{}\[\]":,a-z0-9 ]{0,60}"#, method in "[a-zA-Z.]{0,20}", api: bool) {
        block_on(async {
            let exchange = quiet().start().await.unwrap();
            let mut socket = Socket::open(&exchange, if api { "/ws-api/v3" } else { "/ws" }).await;
            socket.ask(&text).await;
            socket.ask(&format!("{{\"id\":1,\"method\":\"{method}\",\"params\":{text}}}")).await;
        });
    }
}
