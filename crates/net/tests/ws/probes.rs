//! The probes that the frame library fails when it is used as it comes.

use super::common::*;
use binance_kit_net::{ErrorKind, WsConfig};
use std::time::Duration;

/// Cancelled after every single byte, header and payload, the stream stays in step.
#[tokio::test(start_paused = true)]
async fn p1_cancelling_at_every_byte_loses_nothing() {
    let (mut socket, peer) = connected().await;
    let long = "x".repeat(300);
    let wanted = ["t:hello".to_owned(), format!("t:{long}"), "ping:p".to_owned(), format!("t:{long}{long}")];
    for bytes in [
        text("hello"),
        text(&long),
        frame(TEXT, long.as_bytes()),
        frame(FIN | PING, b"p"),
        frame(FIN, long.as_bytes()),
    ] {
        peer.send_slowly(&bytes);
    }
    let mut messages = Vec::new();
    while messages.len() < wanted.len() {
        // Each poll is the only one of its future.
        if let std::task::Poll::Ready(message) = poll_once(socket.next()) {
            messages.push(show(&message.unwrap()));
        }
    }
    assert_eq!(messages, wanted);
}

#[tokio::test(start_paused = true)]
async fn p2_the_cap_is_on_the_whole_message() {
    let (mut socket, peer) = connected_with(&WsConfig::default().max_message(1 << 20)).await;
    let part = vec![b'x'; 512 << 10];
    peer.send(frame(BINARY, &part));
    peer.send(frame(0, &part));
    peer.send(frame(0, b"x"));
    let (messages, error) = until_error(&mut socket).await;
    assert_eq!((messages.len(), error.kind()), (0, ErrorKind::TooLarge));
    assert_eq!(peer.written_frames(), [(CLOSE, 1009_u16.to_be_bytes().to_vec())]);
}

#[tokio::test(start_paused = true)]
async fn p3_a_text_that_ends_within_a_character_is_refused() {
    let (mut socket, peer) = connected().await;
    peer.send(frame(TEXT, b"abc"));
    peer.send(frame(FIN, b"de\xE2\x82"));
    let (messages, error) = until_error(&mut socket).await;
    assert_eq!((messages.len(), error.kind()), (0, ErrorKind::Protocol));
    assert_eq!(peer.written_frames(), [(CLOSE, 1007_u16.to_be_bytes().to_vec())]);
}

#[tokio::test(start_paused = true)]
async fn p4_a_new_message_within_a_fragmented_one_is_refused() {
    for first in [TEXT, FIN | TEXT, BINARY, FIN | BINARY] {
        let (mut socket, peer) = connected().await;
        peer.send(frame(TEXT, b"AAA"));
        peer.send(frame(first, b"BBB"));
        peer.send(frame(FIN, b"CCC"));
        let (messages, error) = until_error(&mut socket).await;
        assert_eq!((messages.len(), error.kind()), (0, ErrorKind::Protocol));
        assert_eq!(peer.written_frames(), [(CLOSE, 1002_u16.to_be_bytes().to_vec())]);
    }
}

#[tokio::test(start_paused = true)]
async fn p5_a_masked_frame_is_refused() {
    let (mut socket, peer) = connected().await;
    peer.send(text("before"));
    peer.send([FIN | TEXT, 0x80 | 3, 1, 2, 3, 4, b'a' ^ 1, b'b' ^ 2, b'c' ^ 3]);
    let (messages, error) = until_error(&mut socket).await;
    assert_eq!((messages, error.kind()), (vec!["t:before".to_owned()], ErrorKind::Protocol));
    assert_eq!(peer.written_frames(), [(CLOSE, 1002_u16.to_be_bytes().to_vec())]);
}

#[tokio::test(start_paused = true)]
async fn p6_a_long_control_frame_is_refused() {
    for opcode in [PING, PONG, CLOSE] {
        for length in [126, 200] {
            let (mut socket, peer) = connected().await;
            peer.send(frame(FIN | opcode, &vec![b'x'; length]));
            let (messages, error) = until_error(&mut socket).await;
            assert_eq!((messages.len(), error.kind()), (0, ErrorKind::Protocol));
            assert_eq!(peer.written_frames(), [(CLOSE, 1002_u16.to_be_bytes().to_vec())]);
        }
        let (mut socket, peer) = connected().await;
        peer.send(frame(FIN | opcode, &[3; 125]));
        if opcode != CLOSE {
            assert!(socket.next().await.is_ok());
        }
    }
}

/// The memory side of it is in its own program, `tests/memory.rs`.
#[tokio::test(start_paused = true)]
async fn p7_an_announced_length_above_the_cap_is_refused_from_its_header_alone() {
    for length in [(4 << 20) + 1_u64, 63 << 20, u64::MAX >> 1] {
        let (mut socket, peer) = connected().await;
        peer.send([&[FIN | BINARY, 127][..], &length.to_be_bytes()].concat());
        let (messages, error) = until_error(&mut socket).await;
        assert_eq!((messages.len(), error.kind()), (0, ErrorKind::TooLarge));
        assert_eq!(peer.written_frames(), [(CLOSE, 1009_u16.to_be_bytes().to_vec())]);
    }
    let (mut socket, peer) = connected().await;
    peer.send(frame(FIN | BINARY, &vec![7; 4 << 20]));
    assert!(
        matches!(socket.next().await.unwrap(), binance_kit_net::WsMessage::Binary(payload) if payload.len() == 4 << 20)
    );
}

#[tokio::test(start_paused = true)]
async fn p8_the_answer_to_the_upgrade_is_verified() {
    type Change = fn(String) -> String;
    let changes: [(&str, Change, bool); 5] = [
        ("a: wrong accept", |answer| answer.replace("Accept: ", "Accept: AAAA"), false),
        ("b: no accept", |answer| answer.replace("Sec-WebSocket-Accept", "X-Other"), false),
        ("c: a list of tokens", |answer| answer.replace(": Upgrade", ": keep-alive, Upgrade"), true),
        (
            "d: an extension",
            |answer| {
                answer.replace("Upgrade: w", "Sec-WebSocket-Extensions: permessage-deflate\r\nUpgrade: w")
            },
            false,
        ),
        ("as it should be", |answer| answer, true),
    ];
    for (name, change, is_good) in changes {
        let (_peer, io) = Peer::answering(move |request| {
            change(String::from_utf8(switching(request)).unwrap()).into_bytes()
        });
        let result = upgrade(io, &WsConfig::default()).await;
        assert_eq!(
            result.as_ref().err().map(binance_kit_net::Error::kind),
            (!is_good).then_some(ErrorKind::BadUpgrade),
            "{name}"
        );
    }
}

/// The peer pings and does not read: reading goes on, nothing piles up, and the write deadline ends it.
#[tokio::test(start_paused = true)]
async fn p9_reading_goes_on_while_the_peer_takes_nothing() {
    let (mut socket, peer) = connected().await;
    peer.set_write(Write::TakeThenBlock(3));
    for number in 0..10_000 {
        peer.send(frame(FIN | PING, format!("{number}").as_bytes()));
        peer.send(text("data"));
    }
    let mut texts = 0;
    for _ in 0..20_000 {
        if show(&socket.next().await.unwrap()) == "t:data" {
            texts += 1;
        }
    }
    assert_eq!(texts, 10_000);
    assert!(socket.queued_bytes() < 200, "only the first pong waits");
    let began = tokio::time::Instant::now();
    let error = socket.next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(began.elapsed(), Duration::from_secs(10));
}
