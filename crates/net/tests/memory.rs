//! What a hostile peer can make us reserve. A program of its own, so that no other test's memory is counted.

#[cfg(test)]
#[path = "common/mod.rs"]
mod common;

use binance_kit_net::{ErrorKind, WsConfig};
use common::*;

/// A value of `/proc/self/status` in KiB.
fn status(name: &str) -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[test]
fn k9_memory_follows_what_was_received_and_not_what_was_announced() {
    if status("VmRSS").is_none() {
        println!("skipped: /proc/self/status is not here");
        return;
    }
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        // Above the cap: not even address space.
        let before = status("VmSize").unwrap();
        for _ in 0..50 {
            let (mut socket, peer) = connected().await;
            peer.send([&[FIN | BINARY, 127][..], &(63_u64 << 20).to_be_bytes()].concat());
            assert_eq!(socket.next().await.unwrap_err().kind(), ErrorKind::TooLarge);
        }
        let grown = status("VmSize").unwrap().saturating_sub(before);
        assert!(grown < 4 << 10, "{grown} KiB of address space for refused frames");

        // Below the cap: address space at most, and only so many frames at a time as connections.
        let before = status("VmRSS").unwrap();
        let mut open = Vec::new();
        for _ in 0..20 {
            let (mut socket, peer) = connected().await;
            peer.send([&[FIN | BINARY, 127][..], &(4_u64 << 20).to_be_bytes(), &[1; 100]].concat());
            assert!(poll_once(socket.next()).is_pending());
            open.push((socket, peer));
        }
        let grown = status("VmRSS").unwrap().saturating_sub(before);
        assert!(grown < 20 * 128, "{grown} KiB for 20 connections that received 110 bytes each");
        drop(open);

        // Endless fragments: the cap and the slack of a growing buffer.
        let before = status("VmHWM").unwrap();
        let (mut socket, peer) = connected_with(&WsConfig::default().max_message(4 << 20)).await;
        peer.send(frame(BINARY, &[1; 1000]));
        let error = loop {
            peer.send(frame(0, &[1; 1000]));
            if let std::task::Poll::Ready(result) = poll_once(socket.next()) {
                break result.unwrap_err();
            }
        };
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        let grown = status("VmHWM").unwrap().saturating_sub(before);
        assert!(grown < 13 << 10, "{grown} KiB for a cap of 4 MiB");

        // What a large message took goes with it, and not with the connection.
        let before = status("VmRSS").unwrap();
        let mut open = Vec::new();
        for _ in 0..20 {
            let (mut socket, peer) = connected().await;
            for first in [FIN | TEXT, FIN | BINARY, TEXT] {
                peer.send(frame(first, &vec![b'x'; 3 << 20]));
            }
            peer.send(frame(FIN, b"x"));
            for _ in 0..3 {
                socket.next().await.unwrap();
            }
            assert!(poll_once(socket.next()).is_pending());
            open.push((socket, peer));
        }
        let grown = status("VmRSS").unwrap().saturating_sub(before);
        assert!(grown < 16 << 10, "{grown} KiB for 20 connections that are idle after large messages");
        drop(open);

        // A backlog of small frames does not make the read buffer grow.
        let before = status("VmRSS").unwrap();
        let (mut socket, peer) = connected().await;
        let small = frame(FIN | TEXT, &[b'x'; 168]);
        for _ in 0..500 {
            peer.send(small.repeat(100));
            for _ in 0..100 {
                socket.next().await.unwrap();
            }
        }
        let grown = status("VmRSS").unwrap().saturating_sub(before);
        assert!(grown < 1 << 10, "{grown} KiB for a steady stream");
    });
}
