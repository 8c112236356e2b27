//! The protocol of RFC 6455, case by case: a client that sends back the texts it gets, and a peer that sends all there is, right and
//! wrong. The cases are written here from the RFC; they bear the numbers under which the testsuite of the Autobahn project
//! has made them known, so that the two can be compared.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test should end it")]

// `cfg(test)` tells clippy that helpers outside of test functions are tests too.
#[cfg(test)]
mod cases;
#[cfg(test)]
#[path = "../common/mod.rs"]
mod common;
#[cfg(test)]
mod texts;

#[cfg(test)]
mod run {
    use super::cases::{Case, End, Step, all};
    use super::common::*;
    use binance_kit_net::{ErrorKind, WsConfig, WsMessage};
    use std::collections::{BTreeMap, BTreeSet};
    use std::time::Duration;

    /// Sends back texts and keeps binary data, which this client does not send, until the connection ends, or nothing more
    /// comes.
    async fn echo(socket: &mut Socket, got: &mut Vec<ClientFrame>) -> Option<ErrorKind> {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(1), socket.next()).await;
            match next {
                Err(_) => return None,
                Ok(Err(error)) => return Some(error.kind()),
                Ok(Ok(WsMessage::Text(payload))) => {
                    let text = std::str::from_utf8(&payload).unwrap().to_owned();
                    drop(payload);
                    socket.send_text(&text).unwrap();
                    got.push((TEXT, text.into_bytes()));
                }
                Ok(Ok(WsMessage::Binary(payload))) => {
                    got.push((BINARY, payload.to_vec()));
                }
                Ok(Ok(_)) => {}
            }
        }
    }

    async fn play(case: &Case) {
        let config = WsConfig::default().max_message(16 << 20).write_queue(64 << 20);
        let (mut socket, peer) = connected_with(&config).await;
        let (mut ended, mut got) = (None, Vec::new());
        for step in &case.steps {
            match step {
                Step::Send(bytes) => bytes.chunks(256 << 10).for_each(|part| peer.send(part)),
                Step::Chop(bytes, size) => {
                    for part in bytes.chunks(*size) {
                        peer.push(Read::Yield);
                        peer.send(part);
                    }
                }
                Step::Wait => ended = ended.or(echo(&mut socket, &mut got).await),
            }
        }
        ended = ended.or(echo(&mut socket, &mut got).await);
        if case.end == End::Open {
            assert_eq!(ended, None, "{}: it must stay open", case.number);
            peer.send(close_frame(1000, b""));
            ended = echo(&mut socket, &mut got).await;
        }
        peer.push(Read::Eof);
        let mut written = peer.written_frames();
        let (opcode, payload) =
            written.pop().unwrap_or_else(|| panic!("{}: nothing was written", case.number));
        assert_eq!(opcode, CLOSE, "{}: the last frame closes", case.number);
        let code = payload.get(..2).map(|code| u16::from_be_bytes(code.try_into().unwrap()));
        let (kind, expected) = match case.end {
            End::Open => (ErrorKind::Closed, Some(1000)),
            End::Closed(code) => (ErrorKind::Closed, code),
            End::Violation => (ErrorKind::Protocol, Some(1002)),
            End::NotText => (ErrorKind::Protocol, Some(1007)),
        };
        assert_eq!((ended, code), (Some(kind), expected), "{}", case.number);
        let (pongs, echoes): (Vec<_>, Vec<_>) = written.into_iter().partition(|(opcode, _)| *opcode == PONG);
        assert!(got == case.echoes, "{}: another message", case.number);
        got.retain(|(opcode, _)| *opcode == TEXT);
        assert!(echoes == got, "{}: another echo", case.number);
        // Of pings that come together the latest must be answered, and none twice or in another order.
        let mut wanted = case.pongs.iter();
        for (_, pong) in &pongs {
            assert!(wanted.any(|ping| ping == pong), "{}: a pong of nothing", case.number);
        }
        assert_eq!(pongs.last().map(|(_, pong)| pong), case.pongs.last(), "{}", case.number);
    }

    #[tokio::test(start_paused = true)]
    async fn every_case() {
        let cases = all();
        let numbers: BTreeSet<&str> = cases.iter().map(|case| case.number.as_str()).collect();
        let mut chapters: BTreeMap<u32, usize> = BTreeMap::new();
        for number in &numbers {
            let chapter = number.split('.').next().unwrap().parse().unwrap();
            *chapters.entry(chapter).or_default() += 1;
        }
        let expected = [(1, 16), (2, 11), (3, 7), (4, 10), (5, 20), (6, 145), (7, 37), (9, 54), (10, 1)];
        assert_eq!(chapters, expected.into());
        assert_eq!((cases.len(), numbers.len()), (301, 301));
        for case in &cases {
            play(case).await;
        }
    }
}
