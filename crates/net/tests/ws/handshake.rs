//! Rows B8 and B9 of the fault catalogue: the answer to the upgrade.

use super::common::*;
use binance_kit_net::{Error, ErrorKind, WsConfig};
use std::time::Duration;

async fn answered(answer: impl FnOnce(&str) -> Vec<u8> + Send + 'static) -> Result<Socket, Error> {
    let (_peer, io) = Peer::answering(answer);
    upgrade(io, &WsConfig::default()).await
}

async fn changed(change: impl FnOnce(String) -> String + Send + 'static) -> Option<ErrorKind> {
    let result =
        answered(|request| change(String::from_utf8(switching(request)).unwrap()).into_bytes()).await;
    result.err().map(|error| error.kind())
}

fn refusal(status: &str, headers: &str, body: &str) -> impl FnOnce(&str) -> Vec<u8> + Send + use<> {
    let answer = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len());
    move |_| answer.into_bytes()
}

#[tokio::test(start_paused = true)]
async fn b8_a_refusal_keeps_status_time_to_wait_and_body() {
    for (status, headers, retry_after) in [
        ("200 OK", "", None),
        ("301 Moved", "Location: https://elsewhere.test/?key=hunter2\r\n", None),
        ("403 Forbidden", "Content-Type: text/html\r\n", None),
        ("418 Teapot", "Retry-After: 120\r\n", Some(120)),
        ("429 Too Many Requests", "Retry-After: 7\r\n", Some(7)),
        ("429 Too Many Requests", "Retry-After: -7\r\n", None),
        ("503 Unavailable", "Retry-After: 1000000000000\r\n", Some(3 * 86_400)),
        (
            "503 Unavailable",
            "Date: Tue, 25 Nov 2025 10:00:00 GMT\r\nRetry-After: Tue, 25 Nov 2025 10:01:30 GMT\r\n",
            Some(90),
        ),
    ] {
        let error = answered(refusal(status, headers, "<html>no</html>")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UpgradeRefused);
        assert_eq!(error.status(), status[..3].parse().ok());
        assert_eq!(error.retry_after(), retry_after.map(Duration::from_secs), "{headers}");
        assert_eq!(error.body(), Some(&b"<html>no</html>"[..]));
        assert!(error.is_transient());
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

#[tokio::test(start_paused = true)]
async fn b8_the_body_of_a_refusal_is_bounded_in_size_and_time() {
    let error = answered(refusal("403 Forbidden", "", &"x".repeat(100_000))).await.unwrap_err();
    assert_eq!(error.body().map(<[u8]>::len), Some(4096));
    let chunked = "HTTP/1.1 429 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    assert_eq!(answered(|_| chunked.into()).await.unwrap_err().body(), Some(&b"abcde"[..]));
    // A body that never ends in time does not cost the status.
    let began = tokio::time::Instant::now();
    let stalled = "HTTP/1.1 429 No\r\nContent-Length: 1000000000000\r\nRetry-After: 3\r\n\r\npart";
    let error = answered(|_| stalled.into()).await.unwrap_err();
    assert_eq!((error.status(), error.body()), (Some(429), Some(&b"part"[..])));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
    assert_eq!(began.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn b9_01_a_wrong_accept_is_refused() {
    assert_eq!(changed(|answer| answer.replace("Accept: ", "Accept: A")).await, Some(ErrorKind::BadUpgrade));
}

#[tokio::test(start_paused = true)]
async fn b9_02_a_missing_or_second_accept_is_refused() {
    assert_eq!(
        changed(|answer| answer.replace("Sec-WebSocket-Accept", "X")).await,
        Some(ErrorKind::BadUpgrade)
    );
    let twice = |answer: String| {
        let line = answer.lines().find(|line| line.starts_with("Sec-")).unwrap().to_owned();
        answer.replace("\r\n\r\n", &format!("\r\n{line}\r\n\r\n"))
    };
    assert_eq!(changed(twice).await, Some(ErrorKind::BadUpgrade));
}

#[tokio::test(start_paused = true)]
async fn b9_03_an_extension_that_was_not_asked_for_is_refused() {
    let change = |answer: String| {
        answer.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
    };
    assert_eq!(changed(change).await, Some(ErrorKind::BadUpgrade));
}

#[tokio::test(start_paused = true)]
async fn b9_04_a_subprotocol_that_was_not_asked_for_is_refused() {
    let change = |answer: String| answer.replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: chat\r\n\r\n");
    assert_eq!(changed(change).await, Some(ErrorKind::BadUpgrade));
}

#[tokio::test(start_paused = true)]
async fn b9_05_keep_alive_upgrade_is_accepted() {
    assert_eq!(changed(|answer| answer.replace(": Upgrade", ": keep-alive, Upgrade")).await, None);
    assert_eq!(
        changed(|answer| answer.replace(": Upgrade", ": keep-alive\r\nconnection: UPGRADE")).await,
        None
    );
}

#[tokio::test(start_paused = true)]
async fn b9_06_a_connection_header_without_upgrade_is_refused() {
    assert_eq!(
        changed(|answer| answer.replace(": Upgrade", ": keep-alive")).await,
        Some(ErrorKind::BadUpgrade)
    );
    assert_eq!(
        changed(|answer| answer.replace(": Upgrade", ": not-upgrade")).await,
        Some(ErrorKind::BadUpgrade)
    );
}

#[tokio::test(start_paused = true)]
async fn b9_07_the_upgrade_must_be_to_websocket() {
    assert_eq!(changed(|answer| answer.replace(": websocket", ": WebSocket")).await, None);
    assert_eq!(changed(|answer| answer.replace(": websocket", ": h2c, websocket")).await, None);
    assert_eq!(changed(|answer| answer.replace(": websocket", ": h2c")).await, Some(ErrorKind::BadUpgrade));
    assert_eq!(
        changed(|answer| answer.replace("Upgrade: websocket\r\n", "")).await,
        Some(ErrorKind::BadUpgrade)
    );
}

#[tokio::test(start_paused = true)]
async fn b9_08_endless_headers_end_at_the_cap() {
    let (peer, io) = Peer::answering(|_| b"HTTP/1.1 101 Switching Protocols\r\n".to_vec());
    for _ in 0..10_000 {
        peer.send(format!("X-Filler: {}\r\n", "x".repeat(100)));
    }
    assert_eq!(upgrade(io, &WsConfig::default()).await.unwrap_err().kind(), ErrorKind::BadUpgrade);
    let (peer, io) = Peer::answering(|_| b"HTTP/1.1 200 OK\r\nX: ".to_vec());
    for _ in 0..2_000 {
        peer.send(vec![b'x'; 1000]);
    }
    assert_eq!(upgrade(io, &WsConfig::default()).await.unwrap_err().kind(), ErrorKind::BadUpgrade);
}

#[tokio::test(start_paused = true)]
async fn b9_09_what_is_not_http_is_refused_at_once() {
    for garbage in [
        "SSH-2.0-x\r\n",
        "HTTP/2 200\r\n\r\n",
        "\0\0\0",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 101 x\nA: b\n\r\n\r\n",
    ] {
        let error = answered(move |_| garbage.into()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadUpgrade, "{garbage:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn b9_10_the_answer_may_come_byte_by_byte_and_with_frames_behind_it() {
    for together in [true, false] {
        let (peer, io) = Peer::answering(move |request| {
            let mut answer =
                b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".to_vec();
            answer.extend(switching(request));
            if together {
                answer.extend(text("already there"));
                answer.extend(&text("half")[..3]);
            }
            answer
        });
        let mut socket = upgrade(io, &WsConfig::default()).await.unwrap();
        if together {
            assert_eq!(show(&socket.next().await.unwrap()), "t:already there");
            assert_eq!(socket.received_bytes(), (text("already there").len() + 3) as u64);
            peer.send(&text("half")[3..]);
        } else {
            peer.send_slowly(&text("half"));
        }
        assert_eq!(show(&socket.next().await.unwrap()), "t:half");
    }
    // Cut anywhere, the answer is an answer.
    let whole = "HTTP/1.1 429 Slow\r\nRetry-After: 9\r\nContent-Length: 2\r\n\r\nno";
    for cut in 0..whole.len() {
        let (peer, io) = Peer::answering(move |_| whole[..cut].into());
        peer.push(Read::Yield);
        let config = WsConfig::default();
        let connecting = upgrade(io, &config);
        let feeding = async {
            tokio::task::yield_now().await;
            peer.send(&whole.as_bytes()[cut..]);
        };
        let (result, ()) = tokio::join!(connecting, feeding);
        let error = result.unwrap_err();
        // An empty piece is the end of the stream.
        let wanted = if cut == 0 { ErrorKind::ConnectionLost } else { ErrorKind::UpgradeRefused };
        assert_eq!(error.kind(), wanted, "cut at {cut}");
    }
}

#[tokio::test(start_paused = true)]
async fn b9_11_an_answer_that_is_cut_off_is_a_lost_connection() {
    let (_probe, io) = Peer::answering(switching);
    drop(io);
    let whole = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
    for cut in 1..whole.len() {
        let config = WsConfig::default();
        let (peer, io) = Peer::answering(move |_| whole[..cut].to_vec());
        let (result, ()) = tokio::join!(upgrade(io, &config), async {
            tokio::task::yield_now().await;
            peer.push(if cut % 2 == 0 { Read::Eof } else { Read::Fail(std::io::ErrorKind::ConnectionReset) });
        });
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionLost, "cut at {cut}");
        assert!(error.io_kind().is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn b9_12_our_own_request() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let (_peer, io) = Peer::answering(move |request| {
        sender.send(request.to_owned()).unwrap();
        switching(request)
    });
    let random = binance_kit_net::Random::seeded(3);
    let headers = [("X-MBX-APIKEY", "abc")];
    binance_kit_net::WebSocket::handshake(
        io,
        "h.test:9443",
        "/ws/a@trade?x=1",
        &headers,
        &random,
        &WsConfig::default(),
    )
    .await
    .unwrap();
    let request = receiver.recv().unwrap();
    assert!(request.starts_with("GET /ws/a@trade?x=1 HTTP/1.1\r\n"));
    for (name, value) in [
        ("Host", "h.test:9443"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("X-MBX-APIKEY", "abc"),
    ] {
        assert_eq!(header(&request, name), Some(value));
    }
    assert_eq!(header(&request, "Sec-WebSocket-Key").map(str::len), Some(24));
    assert_eq!(header(&request, "Sec-WebSocket-Extensions"), None);
    assert_eq!(header(&request, "Accept-Encoding"), None);

    for (name, value) in
        [("X-A", "a\r\nX-B: c"), ("X-A\r\n", "a"), ("Host", "elsewhere"), ("Sec-WebSocket-Key", "a")]
    {
        let (peer, io) = Peer::answering(switching);
        let result = binance_kit_net::WebSocket::handshake(
            io,
            "h",
            "/",
            &[(name, value)],
            &random,
            &WsConfig::default(),
        )
        .await;
        assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidRequest);
        assert_eq!(peer.polls(), 0, "nothing was sent");
    }
}
