//! Rows C of the fault catalogue: frames, fragments, texts, closing.

use super::common::*;
use binance_kit_net::{ErrorKind, WsConfig, WsMessage};
use std::time::Duration;
use tokio::time::Instant;

async fn outcome(parts: &[Vec<u8>]) -> (Vec<String>, ErrorKind, Option<u16>, Vec<(u8, Vec<u8>)>) {
    let (mut socket, peer) = connected().await;
    for part in parts {
        peer.send(part.clone());
    }
    peer.push(Read::Eof);
    let (messages, error) = until_error(&mut socket).await;
    assert!(peer.is_dropped() || socket.next().await.unwrap_err().kind() == error.kind(), "errors stay");
    (messages, error.kind(), error.close_code(), peer.written_frames())
}

fn code(code: u16) -> Vec<(u8, Vec<u8>)> {
    vec![(CLOSE, code.to_be_bytes().to_vec())]
}

#[tokio::test(start_paused = true)]
async fn c1_one_byte_fragments_with_pings_between_are_the_same_message() {
    let message = "aµ€😀 {\"e\":\"trade\"}".repeat(20);
    let (mut socket, peer) = connected().await;
    let bytes = message.as_bytes();
    for (index, byte) in bytes.iter().enumerate() {
        let opcode = if index == 0 { TEXT } else { 0 };
        let fin = if index + 1 == bytes.len() { FIN } else { 0 };
        peer.send(frame(fin | opcode, &[*byte]));
        if fin == 0 {
            peer.send(frame(FIN | PING, index.to_string().as_bytes()));
            peer.send(frame(0, b""));
        }
    }
    peer.push(Read::Eof);
    let (messages, _) = until_error(&mut socket).await;
    let (pings, texts): (Vec<_>, Vec<_>) =
        messages.into_iter().partition(|message| message.starts_with("ping:"));
    assert_eq!(texts, [format!("t:{message}")]);
    assert_eq!(pings.len(), bytes.len() - 1);
}

#[tokio::test(start_paused = true)]
async fn c2_endless_fragments_end_at_the_cap_of_bytes_and_at_that_of_number() {
    let config = WsConfig { max_fragments: 100, ..WsConfig::default() };
    let (mut socket, peer) = connected_with(&config).await;
    peer.send(frame(BINARY, b""));
    for _ in 0..100 {
        peer.send(frame(0, b""));
    }
    let (messages, error) = until_error(&mut socket).await;
    assert_eq!((messages.len(), error.kind()), (0, ErrorKind::TooLarge));
    assert_eq!(peer.written_frames(), code(1009));

    let (mut socket, peer) = connected_with(&WsConfig::default().max_message(1000)).await;
    peer.send(frame(BINARY, &[1; 10]));
    for _ in 0..99 {
        peer.send(frame(0, &[1; 10]));
    }
    peer.send(frame(FIN, b""));
    assert!(matches!(socket.next().await.unwrap(), WsMessage::Binary(payload) if payload.len() == 1000));
    peer.send(frame(BINARY, &[1; 1000]));
    peer.send(frame(FIN, &[1]));
    assert_eq!(socket.next().await.unwrap_err().kind(), ErrorKind::TooLarge);
}

#[tokio::test(start_paused = true)]
async fn c3_a_huge_length_is_refused_before_anything_is_reserved() {
    for (length, kind, close) in [
        ((1_u64 << 63) - 1, ErrorKind::TooLarge, 1009),
        (63 << 20, ErrorKind::TooLarge, 1009),
        (1 << 63, ErrorKind::Protocol, 1002),
        (u64::MAX, ErrorKind::Protocol, 1002),
        (65_535, ErrorKind::Protocol, 1002),
        (0, ErrorKind::Protocol, 1002),
    ] {
        let header = [&[FIN | BINARY, 127][..], &length.to_be_bytes()].concat();
        assert_eq!(outcome(&[header]).await, (vec![], kind, None, code(close)), "{length}");
    }
    let header = vec![FIN | BINARY, 126, 0, 125];
    assert_eq!(outcome(&[header]).await, (vec![], ErrorKind::Protocol, None, code(1002)));
}

#[tokio::test(start_paused = true)]
async fn c4_text_that_is_not_utf8() {
    for bad in [
        &b"\xFF"[..],
        b"abc\xC0\xAF",
        b"\xED\xA0\x80",
        b"\xF4\x90\x80\x80",
        b"\xE2\x82",
        b"ok\xF0\x9F\x98",
        b"\xF8\x88\x80\x80\x80",
    ] {
        assert_eq!(
            outcome(&[frame(FIN | TEXT, bad)]).await,
            (vec![], ErrorKind::Protocol, None, code(1007)),
            "{bad:?}"
        );
        for cut in 0..=bad.len() {
            let parts = [frame(TEXT, &bad[..cut]), frame(FIN | PING, b""), frame(FIN, &bad[cut..])];
            let (messages, kind, _, written) = outcome(&parts).await;
            assert!(messages.iter().all(|message| message == "ping:"), "{bad:?} cut at {cut}");
            assert_eq!(
                (kind, written.last().cloned()),
                (ErrorKind::Protocol, code(1007).pop()),
                "{bad:?} cut at {cut}"
            );
        }
        // The same bytes are welcome as binary data.
        assert_eq!(outcome(&[frame(FIN | BINARY, bad)]).await.0.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn c5_a_masked_frame() {
    for first in [FIN | TEXT, FIN | BINARY, FIN | PING, FIN | CLOSE] {
        let masked = vec![first, 0x80, 1, 2, 3, 4];
        assert_eq!(outcome(&[masked]).await, (vec![], ErrorKind::Protocol, None, code(1002)));
    }
}

#[tokio::test(start_paused = true)]
async fn c6_control_frames_reserved_bits_and_reserved_opcodes() {
    let mut bad = vec![frame(FIN | PING, &[0; 126]), frame(PING, b""), frame(PONG, b""), frame(CLOSE, b"")];
    bad.extend([0x40, 0x20, 0x10, 0x70].map(|reserved| frame(FIN | TEXT | reserved, b"a")));
    bad.extend([3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(|opcode| frame(FIN | opcode, b"a")));
    bad.extend([3, 7, 11, 15].map(|opcode| frame(opcode, b"")));
    for bytes in bad {
        let parts = [text("good"), bytes.clone(), text("never seen")];
        let (messages, kind, _, written) = outcome(&parts).await;
        assert_eq!(
            (messages, kind, written),
            (vec!["t:good".to_owned()], ErrorKind::Protocol, code(1002)),
            "{bytes:?}"
        );
        // All in one read: what is good before it still comes.
        let (messages, kind, _, written) = outcome(&[parts.concat()]).await;
        assert_eq!(
            (messages, kind, written),
            (vec!["t:good".to_owned()], ErrorKind::Protocol, code(1002)),
            "{bytes:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn c7_the_order_of_fragments() {
    for parts in [
        vec![frame(FIN, b"a")],
        vec![frame(0, b"a")],
        vec![frame(TEXT, b"a"), frame(FIN, b"b"), frame(FIN, b"c")],
        vec![frame(TEXT, b"a"), frame(0, b"b"), frame(BINARY, b"c")],
    ] {
        let (_, kind, _, written) = outcome(&parts).await;
        assert_eq!((kind, written), (ErrorKind::Protocol, code(1002)));
    }
    let (messages, ..) =
        outcome(&[frame(TEXT, b"a"), frame(FIN, b"b"), frame(BINARY, b""), frame(FIN, b"")]).await;
    assert_eq!(messages, ["t:ab", "b:"]);
}

#[tokio::test(start_paused = true)]
async fn c8_close_frames() {
    for good in
        [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
    {
        let (_, kind, closed_with, written) = outcome(&[close_frame(good, "schön".as_bytes())]).await;
        assert_eq!((kind, closed_with, written), (ErrorKind::Closed, Some(good), code(good)));
    }
    for bad in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
        let (_, kind, closed_with, written) = outcome(&[close_frame(bad, b"")]).await;
        assert_eq!((kind, closed_with, written), (ErrorKind::Protocol, None, code(1002)), "{bad}");
    }
    let (_, kind, closed_with, written) = outcome(&[frame(FIN | CLOSE, b"")]).await;
    assert_eq!((kind, closed_with, written), (ErrorKind::Closed, None, vec![(CLOSE, vec![])]));
    let (_, kind, _, written) = outcome(&[frame(FIN | CLOSE, b"\x03")]).await;
    assert_eq!((kind, written), (ErrorKind::Protocol, code(1002)));
    let (_, kind, _, written) = outcome(&[close_frame(1000, b"\xFF")]).await;
    assert_eq!((kind, written), (ErrorKind::Protocol, code(1007)));
    let (_, kind, ..) = outcome(&[close_frame(1000, &[b'x'; 123])]).await;
    assert_eq!(kind, ErrorKind::Closed);

    let (mut socket, peer) = connected().await;
    peer.send(close_frame(1008, b"too many\nrequests"));
    let error = socket.next().await.unwrap_err();
    assert_eq!(error.to_string(), "the peer closed the connection with code 1008: \"too many\\nrequests\"");
    assert_eq!(socket.send_text("x").unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(socket.flush().await.unwrap_err().close_code(), Some(1008));
}

#[tokio::test(start_paused = true)]
async fn c9_what_follows_a_close_frame_is_ignored() {
    let (mut socket, peer) = connected().await;
    peer.send([text("before"), close_frame(1000, b""), text("behind"), vec![0xFF; 50]].concat());
    let (messages, error) = until_error(&mut socket).await;
    assert_eq!((messages, error.kind()), (vec!["t:before".to_owned()], ErrorKind::Closed));
    assert_eq!(peer.written_frames(), code(1000));
}

#[tokio::test(start_paused = true)]
async fn c10_text_and_binary_are_distinguished() {
    let parts =
        [frame(FIN | BINARY, b"\x00\x01"), text("{\"e\":\"serverShutdown\"}"), frame(FIN | BINARY, b"x")];
    let (messages, ..) = outcome(&parts).await;
    assert_eq!(messages, ["b:\0\x01", "t:{\"e\":\"serverShutdown\"}", "b:x"]);
}

/// Of a flood of pings the latest is answered, five times in a second at most, and the very first at once.
#[tokio::test(start_paused = true)]
async fn c11_a_flood_of_pings() {
    let (mut socket, peer) = connected().await;
    peer.send(frame(FIN | PING, b"first"));
    socket.next().await.unwrap();
    assert_eq!(peer.written_frames(), [(PONG, b"first".to_vec())], "before the caller sees the ping");
    let began = Instant::now();
    let mut pongs = Vec::new();
    for number in 0..10_000_u32 {
        peer.send(frame(FIN | PING, number.to_string().as_bytes()));
        socket.next().await.unwrap();
        pongs.extend(peer.written_frames());
        tokio::time::advance(Duration::from_micros(100)).await;
    }
    assert_eq!(began.elapsed(), Duration::from_secs(1));
    assert!(matches!(pongs.len(), 4..=5), "{} pongs in a second", pongs.len());
    assert!(pongs.iter().all(|(opcode, _)| *opcode == PONG));
    // The last ping is answered without any further message from the peer.
    assert!(tokio::time::timeout(Duration::from_secs(1), socket.next()).await.is_err());
    let last = peer.written_frames();
    assert_eq!(last, [(PONG, b"9999".to_vec())]);
}

#[tokio::test(start_paused = true)]
async fn c12_pongs_are_passed_on_with_their_payload_and_never_answered() {
    let (mut socket, peer) = connected().await;
    socket.send_ping(b"mine").unwrap();
    peer.send(frame(FIN | PONG, b"unasked"));
    peer.send(frame(FIN | PONG, b"mine"));
    assert_eq!(show(&socket.next().await.unwrap()), "pong:unasked");
    assert_eq!(show(&socket.next().await.unwrap()), "pong:mine");
    assert_eq!(peer.written_frames(), [(PING, b"mine".to_vec())]);
    assert_eq!(socket.send_ping(&[0; 126]).unwrap_err().kind(), ErrorKind::InvalidRequest);
}

/// The closing handshake from our side: what is queued goes first, the peer's last words are heard.
#[tokio::test(start_paused = true)]
async fn closing_from_our_side() {
    let (mut socket, peer) = connected().await;
    socket.send_text("last").unwrap();
    assert_eq!(socket.close(1005, "").unwrap_err().kind(), ErrorKind::InvalidRequest);
    socket.close(1000, &"ü".repeat(100)).unwrap();
    socket.close(1001, "once is enough").unwrap();
    assert_eq!(socket.send_text("too late").unwrap_err().kind(), ErrorKind::Closed);
    peer.send(text("still there"));
    peer.send(frame(FIN | PING, b"no pong behind a close frame"));
    peer.send(close_frame(1000, b""));
    let (messages, error) = until_error(&mut socket).await;
    assert_eq!(messages.len(), 2);
    assert_eq!((error.kind(), error.close_code()), (ErrorKind::Closed, Some(1000)));
    let written = peer.written_frames();
    assert_eq!(written[0], (TEXT, b"last".to_vec()));
    assert_eq!(written[1], (CLOSE, [&1000_u16.to_be_bytes()[..], "ü".repeat(61).as_bytes()].concat()));
    assert_eq!(written.len(), 2);

    let (mut socket, _peer) = connected().await;
    socket.close(1000, "").unwrap();
    let began = Instant::now();
    assert_eq!(socket.next().await.unwrap_err().kind(), ErrorKind::Timeout, "the peer never answers");
    assert_eq!(began.elapsed(), Duration::from_secs(5));
}

/// Sizes around those where the form of the length changes, both ways.
#[tokio::test(start_paused = true)]
async fn lengths_of_all_forms_both_ways() {
    let (mut socket, peer) = connected_with(&WsConfig::default()).await;
    for length in [0, 1, 7, 8, 9, 125, 126, 127, 65_535, 65_536, 70_000] {
        let payload = "abcdefghijk".chars().cycle().take(length).collect::<String>();
        peer.send(text(&payload));
        assert_eq!(show(&socket.next().await.unwrap()), format!("t:{payload}"));
        socket.send_text(&payload).unwrap();
        socket.flush().await.unwrap();
        assert_eq!(peer.written_frames(), [(TEXT, payload.into_bytes())]);
    }
}
