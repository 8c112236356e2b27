//! What a server sends over a WebSocket.

use std::time::Duration;

use binance_kit_net::{ErrorKind, WsConfig};

use crate::peer::{self, Peer, Read};

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(future)
}

/// Answers to the upgrade: `{accept}` stands for the value that the key asks for. Bytes after the head are frames.
pub(crate) fn handshake(input: &[u8]) {
    let answer = input.to_vec();
    block_on(async {
        let (peer, io) = Peer::answering(move |request| {
            let accept = peer::accept_of(request);
            match answer.windows(8).position(|window| window == b"{accept}") {
                Some(at) => [&answer[..at], accept.as_bytes(), &answer[at + 8..]].concat(),
                None => answer,
            }
        });
        let config = WsConfig::default().max_message(2_000);
        let upgrade = tokio::time::timeout(Duration::from_secs(60), peer::upgrade(io, &config));
        // An answer that is not whole is waited for, here by the caller's deadline.
        let Ok(upgraded) = upgrade.await else { return };
        match upgraded {
            Ok(mut socket) => {
                peer.push(Read::Eof);
                let (_, error) = peer::until_error(&mut socket).await;
                assert!(!error.to_string().is_empty());
            }
            Err(error) => {
                assert!(error.to_string().chars().all(|c| !c.is_control()), "{error:?}");
            }
        }
    });
}

/// Frames after the upgrade. Whole or in pieces of one byte, the messages and the end are the same.
pub(crate) fn frames(input: &[u8]) {
    let whole = receive(input, input.len().max(1));
    assert_eq!(whole, receive(input, 1), "in pieces of one byte");
    assert_eq!(whole, receive(input, 7), "in pieces of seven bytes");
}

type Outcome = (Vec<String>, ErrorKind, Option<u16>);

fn receive(input: &[u8], piece: usize) -> Outcome {
    block_on(async {
        let (mut socket, peer) = peer::connected_with(&WsConfig::default().max_message(2_000)).await;
        for bytes in input.chunks(piece) {
            peer.send(bytes);
            peer.push(Read::Yield);
        }
        peer.push(Read::Eof);
        let (messages, error) = peer::until_error(&mut socket).await;
        (messages, error.kind(), error.close_code())
    })
}
