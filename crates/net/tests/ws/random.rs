//! Streams of frames made by a seed: whatever they hold and wherever they are cut, the outcome is the same, and it is that of a
//! plain decoder that reads the whole stream at once.

use super::common::*;
use binance_kit_net::{ErrorKind, Random, WsConfig};
use std::task::Poll;

const CAP: usize = 2_000;

/// What must come out: the messages, and how it ends.
#[derive(Debug, PartialEq)]
struct Outcome {
    messages: Vec<Vec<u8>>,
    end: End,
}

#[derive(Debug, PartialEq, Clone, Copy)]
enum End {
    Eof,
    Closed,
    /// The close code that is the answer to it.
    Refused(u16),
}

/// Reads RFC 6455 as a list of rules, without any thought of speed or of streams.
fn decode(mut bytes: &[u8]) -> Outcome {
    let mut messages = Vec::new();
    let mut begun: Option<(u8, Vec<u8>)> = None;
    let end = loop {
        let Some(&first) = bytes.first() else { break End::Eof };
        let (fin, opcode) = (first & FIN != 0, first & 0x0F);
        let is_control = opcode >= 8;
        let orphan = opcode == 0 && begun.is_none();
        let nested = matches!(opcode, 1 | 2) && begun.is_some();
        if first & 0x70 != 0 || matches!(opcode, 3..=7 | 11..) || (is_control && !fin) || orphan || nested {
            break End::Refused(1002);
        }
        let Some(&second) = bytes.get(1) else { break End::Eof };
        if second & 0x80 != 0 || (is_control && second > 125) {
            break End::Refused(1002);
        }
        let extra = match second {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let Some(wide) = bytes.get(2..2 + extra) else { break End::Eof };
        let length = match extra {
            0 => u64::from(second),
            _ => wide.iter().fold(0, |length, byte| (length << 8) | u64::from(*byte)),
        };
        if (extra == 2 && length < 126) || (extra == 8 && length < 65_536) || length > u64::MAX >> 1 {
            break End::Refused(1002);
        }
        if length > CAP as u64 {
            break End::Refused(1009);
        }
        let behind = 2 + extra + usize::try_from(length).unwrap();
        let Some(payload) = bytes.get(2 + extra..behind) else { break End::Eof };
        bytes = &bytes[behind..];
        match opcode {
            CLOSE => match payload {
                [] => break End::Closed,
                [_] => break End::Refused(1002),
                [high, low, reason @ ..] => match u16::from_be_bytes([*high, *low]) {
                    1000..=1003 | 1007..=1014 | 3000..=4999 if std::str::from_utf8(reason).is_ok() => {
                        break End::Closed;
                    }
                    1000..=1003 | 1007..=1014 | 3000..=4999 => break End::Refused(1007),
                    _ => break End::Refused(1002),
                },
            },
            PING | PONG => messages.push([&[opcode], payload].concat()),
            _ => {
                let (kind, mut whole) = begun.take().unwrap_or((opcode, Vec::new()));
                whole.extend_from_slice(payload);
                if whole.len() > CAP {
                    break End::Refused(1009);
                }
                if kind == TEXT {
                    match std::str::from_utf8(&whole) {
                        Err(error) if fin || error.error_len().is_some() => break End::Refused(1007),
                        _ => {}
                    }
                }
                if fin {
                    messages.push([&[kind], &whole[..]].concat());
                } else {
                    begun = Some((kind, whole));
                }
            }
        }
    };
    Outcome { messages, end }
}

/// Frames most of which are good, in an order that mostly is.
fn stream(random: &Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut within = false;
    for _ in 0..random.below(12) {
        let length = match random.below(10) {
            0 => 0,
            1 => 125 + usize::try_from(random.below(3)).unwrap(),
            2 => usize::try_from(random.below(1_200)).unwrap(),
            _ => usize::try_from(random.below(20)).unwrap(),
        };
        let text: String =
            "aé€😀".chars().cycle().skip(usize::try_from(random.below(4)).unwrap()).take(length).collect();
        let cut = if random.below(8) == 0 { text.len() / 2 } else { text.len() };
        let fin = if random.below(2) == 0 { FIN } else { 0 };
        match random.below(8) {
            0 => bytes.extend(frame(FIN | PING, &text.as_bytes()[..text.len().min(125)])),
            1 => bytes.extend(frame(FIN | PONG, &text.as_bytes()[..text.len().min(125)])),
            2 if random.below(4) == 0 => {
                bytes.extend(close_frame(1000 + u16::try_from(random.below(16)).unwrap(), b""));
            }
            _ => {
                let opcode = if within { 0 } else { 1 + u8::try_from(random.below(2)).unwrap() };
                within = fin == 0;
                bytes.extend(frame(fin | opcode, &text.as_bytes()[..cut]));
            }
        }
    }
    // A bit may flip, and the end may be missing.
    if !bytes.is_empty() && random.below(2) == 0 {
        let at = usize::try_from(random.below(bytes.len() as u64)).unwrap();
        bytes[at] ^= 1 << random.below(8);
    }
    if random.below(4) == 0 {
        bytes.truncate(usize::try_from(random.below(bytes.len() as u64 + 1)).unwrap());
    }
    bytes
}

/// Sends the bytes in pieces at random, drops futures at random, and sees what comes out.
async fn receive(bytes: &[u8], random: &Random) -> Outcome {
    let (mut socket, peer) = connected_with(&WsConfig::default().max_message(CAP)).await;
    if random.below(4) == 0 {
        peer.set_write(Write::TakeAtMost(1));
    }
    let largest = 1 + random.below(if random.below(3) == 0 { 3 } else { 600 });
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, behind) =
            rest.split_at(rest.len().min(usize::try_from(1 + random.below(largest)).unwrap()));
        peer.send(piece);
        if random.below(2) == 0 {
            peer.push(Read::Yield);
        }
        rest = behind;
    }
    peer.push(Read::Eof);
    let mut messages = Vec::new();
    let error = loop {
        let result = if random.below(2) == 0 {
            match poll_once(socket.next()) {
                Poll::Ready(result) => result,
                Poll::Pending => continue,
            }
        } else {
            socket.next().await
        };
        match result {
            Ok(message) => messages.push(match message {
                binance_kit_net::WsMessage::Text(payload) => [&[TEXT], &payload[..]].concat(),
                binance_kit_net::WsMessage::Binary(payload) => [&[BINARY], &payload[..]].concat(),
                binance_kit_net::WsMessage::Ping(payload) => [&[PING], &payload[..]].concat(),
                binance_kit_net::WsMessage::Pong(payload) => [&[PONG], &payload[..]].concat(),
                _ => panic!("a new kind of message"),
            }),
            Err(error) => break error,
        }
    };
    let last = peer.written_frames().pop().filter(|(opcode, _)| *opcode == CLOSE).map(|(_, payload)| payload);
    let end = match error.kind() {
        ErrorKind::ConnectionLost => End::Eof,
        ErrorKind::Closed => {
            assert_eq!(
                last.as_deref(),
                Some(&error.close_code().map_or(vec![], |code| code.to_be_bytes().to_vec())[..])
            );
            End::Closed
        }
        ErrorKind::Protocol | ErrorKind::TooLarge => {
            let code = u16::from_be_bytes(last.expect("no close frame").try_into().unwrap());
            assert_eq!(error.kind() == ErrorKind::TooLarge, code == 1009);
            End::Refused(code)
        }
        other => panic!("{other:?}"),
    };
    Outcome { messages, end }
}

#[tokio::test(start_paused = true)]
async fn every_stream_comes_out_as_a_plain_decoder_reads_it() {
    let mut ends = std::collections::HashMap::new();
    for seed in 0..3_000 {
        let random = Random::seeded(seed);
        let bytes = stream(&random);
        let wanted = decode(&bytes);
        for _ in 0..2 {
            assert_eq!(receive(&bytes, &random).await, wanted, "seed {seed}: {bytes:02X?}");
        }
        *ends.entry(format!("{:?}", wanted.end)).or_insert(0) += 1;
    }
    for end in ["Eof", "Closed", "Refused(1002)", "Refused(1007)", "Refused(1009)"] {
        assert!(ends.get(end).is_some_and(|times| *times > 10), "{end} is hardly tried: {ends:?}");
    }
}
