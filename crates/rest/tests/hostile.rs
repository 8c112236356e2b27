//! Forty servers that break the rules of HTTP or of the exchange. Whatever one does, an order is on the wire once, the call ends by
//! its deadline with a typed error or the answer that really came, and nothing of the answer can harm a terminal.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure here is the failure of a test")]

mod common;

use binance_kit_core::Delivery;
use common::{Act, Exchange, order};
use std::time::Duration;

/// The time that a call may take, by its configuration.
const TIMEOUT: Duration = Duration::from_secs(8);

fn send(text: &str) -> Vec<Act> {
    vec![Act::Send(text.as_bytes().to_vec()), Act::Hang]
}

fn send_and_close(text: &str) -> Vec<Act> {
    vec![Act::Send(text.as_bytes().to_vec()), Act::Close]
}

/// A 200 with this body.
fn body(text: &str) -> Vec<Act> {
    send(&format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}", text.len()))
}

/// An error with this status and body.
fn refusal(status: u16, headers: &str, text: &str) -> Vec<Act> {
    send(&format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n{text}", text.len()))
}

fn dripping(head: &str, byte: &str) -> Vec<Act> {
    let mut acts = vec![Act::Send(head.as_bytes().to_vec())];
    for _ in 0..500 {
        acts.extend([Act::Wait(Duration::from_millis(500)), Act::Send(byte.as_bytes().to_vec())]);
    }
    acts
}

/// Name, and what the server does after it has read the order.
fn servers() -> Vec<(&'static str, Vec<Act>)> {
    vec![
        // The connection.
        ("says nothing", vec![Act::Hang]),
        ("hangs up", vec![Act::Close]),
        ("hangs up after a while", vec![Act::Wait(Duration::from_secs(3)), Act::Close]),
        ("cuts the status line", send_and_close("HTTP/1.1 20")),
        ("cuts the head", send_and_close("HTTP/1.1 200 OK\r\ncontent-le")),
        ("cuts the body", send_and_close("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[1")),
        ("stops in the body", send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[1")),
        ("drips the head", dripping("HTTP/1.1 200 OK\r\nx: ", "y")),
        ("drips the body", dripping("HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n", " ")),
        ("drips chunks", dripping("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\n \r\n")),
        // The head.
        ("sends another protocol", send("SSH-2.0-OpenSSH_9.6\r\n")),
        ("sends TLS", send("\x16\x03\x01\x02\x00\x01\x00")),
        ("sends HTTP/2", send("HTTP/2 200\r\ncontent-length: 3\r\n\r\n[1]")),
        ("sends HTTP/0.9", send_and_close("<html>hello</html>")),
        ("has no status", send("HTTP/1.1 OK\r\ncontent-length: 3\r\n\r\n[1]")),
        ("has a status of four digits", send("HTTP/1.1 2000 OK\r\ncontent-length: 3\r\n\r\n[1]")),
        ("has a head without end", send(&format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(70_000)))),
        ("has a thousand headers", send(&format!("HTTP/1.1 200 OK\r\n{}\r\n[1]", "x: y\r\n".repeat(1_000)))),
        ("has two lengths", send("HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\n[1]")),
        ("has a negative length", send("HTTP/1.1 200 OK\r\ncontent-length: -3\r\n\r\n[1]")),
        ("has a length of words", send("HTTP/1.1 200 OK\r\ncontent-length: three\r\n\r\n[1]")),
        ("has a length of 2^64", send("HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551616\r\n\r\n[1]")),
        ("announces a terabyte", send("HTTP/1.1 200 OK\r\ncontent-length: 1099511627776\r\n\r\n[1]")),
        (
            "has a chunk without a size",
            send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n[1]\r\n0\r\n\r\n"),
        ),
        (
            "has a chunk of 2^64",
            send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n[1]"),
        ),
        (
            "switches protocols",
            send("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
        ),
        ("goes on for ever with 100", send(&"HTTP/1.1 100 Continue\r\n\r\n".repeat(10_000))),
        // The body.
        (
            "packs the body",
            send("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x08zz"),
        ),
        ("sends nothing as the body", body("")),
        ("sends text", body("hello")),
        ("sends half of JSON", body("[1,2")),
        ("sends two values", body("[1][2]")),
        ("sends another type", body("{\"orderId\":1}")),
        ("sends numbers too large", body("[18446744073709551616]")),
        ("nests without end", body(&"[".repeat(100_000))),
        (
            "sends no UTF-8",
            vec![Act::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n[\"\xff\"".to_vec()), Act::Hang],
        ),
        // Refusals.
        ("refuses with a page", refusal(403, "content-type: text/html\r\n", "<html>\x1b[2J\u{7}no</html>")),
        ("refuses with escapes", refusal(400, "", r#"{"code":-1100,"msg":"\u001b[31mred\u0007\r\nX: y"}"#)),
        ("refuses with a code of text", refusal(400, "", r#"{"code":"x","msg":7}"#)),
        ("waits for ever", refusal(429, "retry-after: 99999999999999999999\r\n", "{}")),
        ("redirects to itself", refusal(307, "location: /api/v3/order\r\n", "")),
        ("redirects elsewhere", refusal(302, "location: http://evil.test/\r\n", "")),
        ("fails", refusal(502, "", "<html>bad gateway</html>")),
        ("has a status below 200", refusal(199, "", "{}")),
        ("has a status of 999", refusal(999, "", "{}")),
    ]
}

#[tokio::test(start_paused = true)]
async fn an_order_is_sent_once_and_ends_typed_whatever_the_server_does() {
    let servers = servers();
    assert!(servers.len() >= 37);
    for (name, acts) in servers {
        let exchange = Exchange::new(move |_, _| acts.clone());
        let client = exchange.builder().timeout(TIMEOUT).max_body(300_000).build().unwrap();
        let begun = tokio::time::Instant::now();
        let limit = TIMEOUT + Duration::from_secs(1);
        let result = tokio::time::timeout(limit, client.send(order())).await;
        let error = result
            .unwrap_or_else(|_| panic!("{name}: no end after {limit:?}"))
            .map(|response| response.0.clone())
            .expect_err(name);
        assert!(begun.elapsed() <= limit, "{name}");
        assert_eq!((exchange.count(), exchange.connections()), (1, 1), "{name}: sent again: {error:?}");
        // It reached the server: that it was not sent would be a lie.
        assert_ne!(error.delivery(), Delivery::NotWritten, "{name}: {error:?}");
        let is_refusal = matches!(error.status(), Some(300..=499));
        assert!(error.outcome_unknown() || is_refusal, "{name}: {error:?}");
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(text.chars().all(|c| !c.is_control() || c == '\n'), "{name}: {text:?}");
            assert!(!text.contains("SENTINEL"), "{name}: {text}");
        }
    }
}
