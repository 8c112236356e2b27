//! Rows A of the fault catalogue, what was written and what was not, and the deadlines.

use super::common::*;
use binance_kit_core::Delivery;
use binance_kit_net::{ErrorKind, WsConfig};
use std::io::{self, BufRead as _, Read as _};
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn a1_a_reset_is_typed() {
    let (mut socket, peer) = connected().await;
    peer.send(text("one"));
    peer.push(Read::Fail(io::ErrorKind::ConnectionReset));
    let (messages, error) = until_error(&mut socket).await;
    assert_eq!(messages, ["t:one"]);
    assert_eq!(
        (error.kind(), error.io_kind()),
        (ErrorKind::ConnectionLost, Some(io::ErrorKind::ConnectionReset))
    );
    assert_eq!(socket.next().await.unwrap_err().kind(), ErrorKind::ConnectionLost, "and stays so");
    assert_eq!(socket.send_text("x").unwrap_err().kind(), ErrorKind::ConnectionLost);
    assert_eq!(socket.flush().await.unwrap_err().kind(), ErrorKind::ConnectionLost);
    assert_eq!(socket.close(1000, "").unwrap_err().kind(), ErrorKind::ConnectionLost);
}

#[tokio::test(start_paused = true)]
async fn a2_an_end_without_a_close_frame_is_typed() {
    let (mut socket, peer) = connected().await;
    peer.send(text("one"));
    peer.push(Read::Eof);
    let (messages, error) = until_error(&mut socket).await;
    assert_eq!(messages, ["t:one"]);
    assert_eq!(
        (error.kind(), error.io_kind()),
        (ErrorKind::ConnectionLost, Some(io::ErrorKind::UnexpectedEof))
    );
}

#[tokio::test(start_paused = true)]
async fn a5_a_frame_that_stalls_ends_at_its_deadline() {
    for (bytes, seconds) in
        [(&text("hello")[..1], 10), (&text("hello")[..4], 10), (&frame(TEXT, b"never ends")[..], 30)]
    {
        let (mut socket, peer) = connected().await;
        // Silence between frames has no deadline here: that is for callers that know how often the peer sends.
        assert!(tokio::time::timeout(Duration::from_secs(3600), socket.next()).await.is_err());
        peer.send(bytes);
        let began = Instant::now();
        assert_eq!(socket.next().await.unwrap_err().kind(), ErrorKind::Timeout);
        assert_eq!(began.elapsed(), Duration::from_secs(seconds));
    }
}

/// A drip of one byte in a second does not move the deadline, whether the byte is within a frame or is an empty fragment with a
/// ping beside it; a long frame that comes steadily may take its time.
#[tokio::test(start_paused = true)]
async fn a6_a_slow_drip_ends_at_the_deadline_and_a_long_frame_does_not() {
    let (mut socket, peer) = connected().await;
    let began = Instant::now();
    let drip = async {
        for byte in frame(FIN | TEXT, &[b'x'; 200]) {
            peer.send([byte]);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    let error = tokio::select! {
        result = socket.next() => result.unwrap_err(),
        () = drip => panic!("it took everything"),
    };
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(began.elapsed().as_secs(), 10);

    let (mut socket, peer) = connected().await;
    let began = Instant::now();
    peer.send(frame(TEXT, b"x"));
    let drip = async {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            peer.send(frame(FIN | PING, b""));
            peer.send(frame(0, b""));
        }
    };
    let (messages, error) = tokio::select! {
        result = until_error(&mut socket) => result,
        () = drip => panic!("never ends"),
    };
    assert!(messages.len() >= 29 && messages.iter().all(|message| message == "ping:"));
    assert_eq!(began.elapsed().as_secs(), 30);
    assert_eq!(error.kind(), ErrorKind::Timeout);

    let (mut socket, peer) = connected().await;
    let payload = vec![b'x'; 1 << 20];
    let bytes = frame(FIN | TEXT, &payload);
    let feed = async {
        for piece in bytes.chunks(32 << 10) {
            peer.send(piece);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        std::future::pending::<()>().await;
    };
    let message = tokio::select! {
        result = socket.next() => result.unwrap(),
        () = feed => panic!("never ends"),
    };
    assert_eq!(show(&message).len(), payload.len() + 2);
}

/// A consumer that stays away does not make the peer late.
#[tokio::test(start_paused = true)]
async fn a6_the_deadline_does_not_count_while_no_caller_waits() {
    let (mut socket, peer) = connected().await;
    peer.send([text("one"), text("two")[..2].to_vec()].concat());
    assert_eq!(show(&socket.next().await.unwrap()), "t:one");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(tokio::time::timeout(Duration::from_secs(5), socket.next()).await.is_err());
    tokio::time::sleep(Duration::from_secs(60)).await;
    peer.send(&text("two")[2..3]);
    assert!(tokio::time::timeout(Duration::from_secs(5), socket.next()).await.is_err());
    peer.send(&text("two")[3..]);
    assert_eq!(show(&socket.next().await.unwrap()), "t:two");
}

/// Frames as the exchange sends them: recorded ones when they are there, and some of every form.
fn sample_frames() -> Vec<Vec<u8>> {
    let mut frames =
        vec![text(""), text("{}"), frame(FIN | BINARY, &[9; 130]), frame(FIN | PING, b"1700000000000")];
    let recording =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/spot-btcusdt-20240808.gz");
    match std::fs::File::open(recording) {
        Ok(file) => {
            let lines = io::BufReader::new(flate2::read::GzDecoder::new(file)).lines();
            let lines = lines.map_while(Result::ok).filter(|line| line.len() < 400).take(1000);
            frames.extend(lines.map(|line| text(line.split_once(' ').unwrap().1)));
        }
        Err(_) => {
            println!("skipped: the recorded frames are not here; made ones are used");
            frames.extend((0..100).map(|number| {
                text(&format!("{{\"stream\":\"btcusdt@trade\",\"data\":{{\"e\":\"trade\",\"t\":{number}}}}}"))
            }));
        }
    }
    frames
}

/// Cut at every offset: what came before is delivered once, and nothing of the frame that was cut.
#[tokio::test(start_paused = true)]
async fn a7_a_cut_at_every_byte_delivers_no_partial_frame() {
    let mut cuts = 0;
    for bytes in sample_frames() {
        for cut in 0..bytes.len() {
            // One poll is enough: what is there is there.
            let (mut socket, peer) = connected().await;
            peer.send([&text("before")[..], &bytes[..cut]].concat());
            peer.push(if cut % 2 == 0 { Read::Eof } else { Read::Fail(io::ErrorKind::ConnectionReset) });
            let (messages, error) = until_error(&mut socket).await;
            assert_eq!(
                (messages, error.kind()),
                (vec!["t:before".to_owned()], ErrorKind::ConnectionLost),
                "cut at {cut}"
            );
            cuts += 1;
        }
    }
    assert!(cuts > 5_000);
}

/// Data keeps flowing while the peer does not read; then the queue is full, then the deadline ends it.
#[tokio::test(start_paused = true)]
async fn a8_a_peer_that_takes_nothing_blocks_neither_reading_nor_memory() {
    let (mut socket, peer) = connected_with(&WsConfig::default().write_queue(1000)).await;
    peer.set_write(Write::TakeThenBlock(0));
    let mut sent = Vec::new();
    let full = loop {
        match socket.send_text(&"x".repeat(100)) {
            Ok(handle) => sent.push(handle),
            Err(error) => break error,
        }
    };
    assert_eq!((full.kind(), sent.len()), (ErrorKind::WriteQueueFull, 9));
    assert!(full.is_transient());
    for _ in 0..100 {
        peer.send(text("data"));
        assert_eq!(show(&socket.next().await.unwrap()), "t:data");
    }
    let began = Instant::now();
    assert_eq!(socket.next().await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(began.elapsed(), Duration::from_secs(10));
    assert!(sent.iter().all(|handle| socket.delivery(*handle) == Delivery::NotWritten));

    // The same in `flush`; one byte taken in time restarts the deadline.
    let (mut socket, peer) = connected().await;
    peer.set_write(Write::TakeThenBlock(0));
    let handle = socket.send_text("x").unwrap();
    assert!(tokio::time::timeout(Duration::from_secs(8), socket.flush()).await.is_err());
    peer.set_write(Write::TakeThenBlock(1));
    let began = Instant::now();
    assert_eq!(socket.flush().await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(began.elapsed(), Duration::from_secs(10));
    assert_eq!(socket.delivery(handle), Delivery::MaybeWritten);
    assert_eq!(socket.next().await.unwrap_err().kind(), ErrorKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn a9_a_write_of_nothing_or_an_interrupted_one_is_an_error_and_no_loop() {
    for (write, kind) in [
        (Write::Zero, io::ErrorKind::WriteZero),
        (Write::Fail(io::ErrorKind::Interrupted), io::ErrorKind::Interrupted),
        (Write::Fail(io::ErrorKind::BrokenPipe), io::ErrorKind::BrokenPipe),
    ] {
        for by_flush in [true, false] {
            let (mut socket, peer) = connected().await;
            peer.set_write(write);
            socket.send_text("x").unwrap();
            let before = peer.polls();
            let error =
                if by_flush { socket.flush().await.unwrap_err() } else { socket.next().await.unwrap_err() };
            assert_eq!((error.kind(), error.io_kind()), (ErrorKind::ConnectionLost, Some(kind)));
            assert!(peer.polls() - before <= 3, "{} polls", peer.polls() - before);
            assert!(socket.send_text("y").is_err());
        }
    }
    let (mut socket, peer) = connected().await;
    peer.push(Read::Fail(io::ErrorKind::Interrupted));
    assert_eq!(socket.next().await.unwrap_err().kind(), ErrorKind::ConnectionLost);
}

/// What had come in before writing failed is not thrown away.
#[tokio::test(start_paused = true)]
async fn a_failed_write_does_not_lose_what_was_received() {
    let (mut socket, peer) = connected().await;
    peer.set_write(Write::Fail(io::ErrorKind::BrokenPipe));
    socket.send_text("x").unwrap();
    assert!(socket.flush().await.is_err());
    peer.send([text("answer one"), text("answer two")].concat());
    assert_eq!(show(&socket.next().await.unwrap()), "t:answer one");
    assert_eq!(show(&socket.next().await.unwrap()), "t:answer two");
    let error = socket.next().await.unwrap_err();
    assert_eq!((error.kind(), error.io_kind()), (ErrorKind::ConnectionLost, Some(io::ErrorKind::BrokenPipe)));
}

/// Whether a frame may have been seen is known to the byte.
#[tokio::test(start_paused = true)]
async fn delivery_is_known_for_every_split() {
    let size = 6 + 5;
    for taken in 0..=3 * size {
        let (mut socket, peer) = connected().await;
        peer.set_write(Write::TakeThenBlock(taken));
        let sent = ["one__", "two__", "three"].map(|text| socket.send_text(text).unwrap());
        let before = sent.map(|handle| socket.delivery(handle));
        assert_eq!(before, [Delivery::NotWritten; 3]);
        assert_eq!(poll_once(socket.flush()).is_ready(), taken == 3 * size);
        let wanted: Vec<_> = (0..3)
            .map(|index| if taken > index * size { Delivery::MaybeWritten } else { Delivery::NotWritten })
            .collect();
        assert_eq!(sent.map(|handle| socket.delivery(handle)).to_vec(), wanted, "{taken} bytes taken");
        assert_eq!(socket.queued_bytes(), 3 * size - taken);
    }
    // When the transport fails it does not say how much it took.
    let (mut socket, peer) = connected().await;
    peer.set_write(Write::Fail(io::ErrorKind::ConnectionReset));
    let sent = socket.send_text("order").unwrap();
    assert!(socket.flush().await.is_err());
    assert_eq!(socket.delivery(sent), Delivery::MaybeWritten);
}

/// A frame that was not begun when the peer closed is never written, and one that was goes on to its end.
#[tokio::test(start_paused = true)]
async fn frames_behind_the_peers_close_are_taken_back() {
    for taken in [0, 1, 6, 11] {
        let (mut socket, peer) = connected().await;
        peer.set_write(Write::TakeThenBlock(taken));
        let sent = ["one__", "two__", "three"].map(|text| socket.send_text(text).unwrap());
        assert!(poll_once(socket.flush()).is_pending());
        peer.send(close_frame(1001, b"going away"));
        assert!(poll_once(socket.next()).is_pending());
        peer.set_write(Write::TakeAtMost(1));
        assert_eq!(socket.next().await.unwrap_err().close_code(), Some(1001));
        let mut wanted = vec![(CLOSE, 1001_u16.to_be_bytes().to_vec())];
        if taken > 0 {
            wanted.insert(0, (TEXT, b"one__".to_vec()));
        }
        assert_eq!(peer.written_frames(), wanted, "{taken} bytes taken");
        let first = if taken > 0 { Delivery::MaybeWritten } else { Delivery::NotWritten };
        assert_eq!(
            sent.map(|handle| socket.delivery(handle)),
            [first, Delivery::NotWritten, Delivery::NotWritten]
        );
    }
    // A peer that does not read gets no close frame, and the error comes soon.
    let (mut socket, peer) = connected().await;
    peer.set_write(Write::TakeThenBlock(0));
    peer.send(close_frame(1001, b""));
    let began = Instant::now();
    assert_eq!(socket.next().await.unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(began.elapsed(), Duration::from_millis(500));
}

#[tokio::test(start_paused = true)]
async fn received_bytes_and_their_time_are_known() {
    let (mut socket, peer) = connected().await;
    let opened = Instant::now();
    assert_eq!((socket.received_bytes(), socket.last_received()), (0, opened));
    tokio::time::sleep(Duration::from_secs(7)).await;
    peer.send(&text("hello")[..3]);
    assert!(poll_once(socket.next()).is_pending());
    assert_eq!((socket.received_bytes(), socket.last_received()), (3, opened + Duration::from_secs(7)));
    assert!(format!("{socket:?}").contains("Open"));
}

/// Nothing polls the transport without a reason: an idle connection sleeps.
#[tokio::test(start_paused = true)]
async fn an_idle_connection_does_not_spin() {
    let (mut socket, peer) = connected().await;
    let before = peer.polls();
    assert!(tokio::time::timeout(Duration::from_secs(86_400), socket.next()).await.is_err());
    assert!(peer.polls() - before <= 2);
}

/// The masks differ, and come from the random source: the same seed writes the same bytes.
#[tokio::test(start_paused = true)]
async fn masks_come_from_the_random_source() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (mut socket, peer) = connected().await;
        for _ in 0..4 {
            socket.send_text("aaaa").unwrap();
        }
        socket.flush().await.unwrap();
        runs.push(peer.take_written());
    }
    assert_eq!(runs[0], runs[1]);
    let masks: std::collections::HashSet<_> = runs[0].chunks(10).map(|frame| frame[2..6].to_vec()).collect();
    assert_eq!(masks.len(), 4);
    // Two masks come from one number.
    let random = binance_kit_net::Random::seeded(1);
    let numbers: Vec<[u8; 8]> = (0..8).map(|_| random.next_u64().to_le_bytes()).collect();
    let halves = |number: &[u8; 8]| [number[..4].to_vec(), number[4..].to_vec()];
    let known: Vec<Vec<u8>> = numbers.iter().flat_map(halves).collect();
    let at = |frame: &[u8]| known.iter().position(|half| *half == frame[2..6]).unwrap();
    let places: Vec<usize> = runs[0].chunks(10).map(at).collect();
    assert_eq!(places, (places[0]..places[0] + 4).collect::<Vec<_>>());
    let mut first = [0; 2];
    runs[0].as_slice().read_exact(&mut first).unwrap();
    assert_eq!(first, [FIN | TEXT, 0x84]);
}
