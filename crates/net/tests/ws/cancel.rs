//! K4 of the fault catalogue: every future may be dropped at every await, and nothing is lost or doubled.

use super::common::*;
use binance_kit_core::Delivery;
use binance_kit_net::WsConfig;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Polls the future at most `polls` times, then drops it.
fn poll_at_most<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..polls {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Some(output);
        }
    }
    None
}

#[tokio::test(start_paused = true)]
async fn k4_next_dropped_at_every_poll() {
    let frames: Vec<u8> = [
        text("one"),
        frame(TEXT, b"tw"),
        frame(FIN | PING, b"p"),
        frame(FIN, b"o"),
        frame(FIN | BINARY, &[b'x'; 200]),
        frame(FIN | PONG, b""),
    ]
    .concat();
    let wanted = ["t:one", "ping:p", "t:two", &format!("b:{}", "x".repeat(200)), "pong:"].map(str::to_owned);
    for polls in 1..40 {
        let (mut socket, peer) = connected().await;
        peer.set_write(Write::TakeAtMost(1));
        peer.send_slowly(&frames);
        let sent = socket.send_text("request").unwrap();
        let mut messages = Vec::new();
        while messages.len() < wanted.len() {
            if let Some(message) = poll_at_most(socket.next(), polls) {
                messages.push(show(&message.unwrap()));
            }
        }
        assert_eq!(messages, wanted, "dropped after {polls} polls");
        assert_eq!(socket.delivery(sent), Delivery::MaybeWritten);
        assert_eq!(peer.written_frames(), [(TEXT, b"request".to_vec()), (PONG, b"p".to_vec())]);
    }
}

#[tokio::test(start_paused = true)]
async fn k4_flush_dropped_at_every_byte() {
    let (mut socket, peer) = connected().await;
    peer.set_write(Write::TakeThenBlock(0));
    socket.send_text("first").unwrap();
    socket.send_text("second").unwrap();
    let mut drops = 0;
    while poll_at_most(socket.flush(), 1).is_none() {
        drops += 1;
        peer.set_write(Write::TakeThenBlock(1));
    }
    assert_eq!(drops, 6 + 5 + 6 + 6, "one byte each time");
    assert_eq!(peer.written_frames(), [(TEXT, b"first".to_vec()), (TEXT, b"second".to_vec())]);
}

#[tokio::test(start_paused = true)]
async fn k4_the_end_dropped_at_every_byte() {
    let (mut socket, peer) = connected().await;
    peer.set_write(Write::TakeThenBlock(0));
    peer.send_slowly(&close_frame(1000, b"bye"));
    let error = loop {
        if let Some(result) = poll_at_most(socket.next(), 1) {
            break result.unwrap_err();
        }
        peer.set_write(Write::TakeThenBlock(1));
    };
    assert_eq!(error.close_code(), Some(1000));
    assert_eq!(peer.written_frames(), [(CLOSE, 1000_u16.to_be_bytes().to_vec())]);
}

/// Dropping the upgrade at every poll closes the byte stream.
#[tokio::test(start_paused = true)]
async fn k4_the_upgrade_dropped_at_every_poll() {
    let mut polls = 0;
    loop {
        let (peer, io) = Peer::answering(switching);
        peer.set_write(Write::TakeAtMost(7));
        for _ in 0..10 {
            peer.push(Read::Yield);
        }
        let done = poll_at_most(upgrade(io, &WsConfig::default()), polls);
        if let Some(result) = done {
            assert!(result.is_ok());
            break;
        }
        assert!(peer.is_dropped(), "after {polls} polls");
        polls += 1;
    }
    assert!(polls > 5);
}

/// Other work in the same task, as everybody writes it: `select!` in a loop.
#[tokio::test(start_paused = true)]
async fn k4_select_in_a_loop() {
    let (mut socket, peer) = connected().await;
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(1));
    let (mut seen, mut sent, mut written) = (0, 0, Vec::new());
    for round in 0..2000_u32 {
        // Three bytes of a stream of frames of eleven in each round, out of step with everything.
        let frame = text("number___");
        let at = (round as usize * 3) % 11;
        peer.send(frame.iter().cycle().skip(at).take(3).copied().collect::<Vec<_>>());
        for _ in 0..2 {
            tokio::select! {
                biased;
                _ = ticks.tick() => {
                    socket.send_text("tick").unwrap();
                    sent += 1;
                }
                message = socket.next() => {
                    assert_eq!(show(&message.unwrap()), "t:number___");
                    seen += 1;
                }
            }
        }
        written.extend(peer.take_written());
    }
    let _ = poll_once(socket.next());
    socket.flush().await.unwrap();
    written.extend(peer.take_written());
    assert_eq!(seen, 2000 * 3 / 11);
    assert_eq!(client_frames(&written).len(), sent);
}
