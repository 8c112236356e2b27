//! What faults do to a frame that is about to be sent.

use super::kind::FaultKind;
use crate::server::codec::{mask_frame, open_frame, ping_frame, text_frame, text_of};
use crate::server::link::End;
use crate::server::outbox::Piece;
use bytes::{Bytes, BytesMut};
use std::time::Duration;

/// The most that a frame is padded to.
const MAX_PADDING: usize = 64 * 1024 * 1024;

const fn end(reset: bool) -> End {
    if reset { End::Reset } else { End::Fin }
}

/// What is sent in place of a frame. `None` for kinds that are not about frames.
pub(super) fn damage(kind: &FaultKind, frame: &Bytes) -> Option<Vec<Piece>> {
    let whole = || Piece::Bytes(frame.clone());
    let split = |at: usize| {
        let at = at.min(frame.len());
        (Piece::Bytes(frame.slice(..at)), Piece::Bytes(frame.slice(at..)))
    };
    Some(match kind {
        FaultKind::Drop {} | FaultKind::Silence {} => Vec::new(),
        FaultKind::Duplicate {} => vec![whole(), whole()],
        FaultKind::Garble {} => {
            let text = text_of(frame);
            let mut end = text.len() * 2 / 3;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            vec![Piece::Bytes(text_frame(&text[..end]))]
        }
        FaultKind::Replace { text } => vec![Piece::Bytes(text_frame(text))],
        FaultKind::Insert { text } => vec![Piece::Bytes(text_frame(text)), whole()],
        FaultKind::InvalidUtf8 {} => {
            let mut bytes = BytesMut::from(&frame[..]);
            let payload = text_of(frame).len();
            let middle = bytes.len() - payload.div_ceil(2);
            if let Some(byte) = bytes.get_mut(middle) {
                *byte = 0xff;
            }
            vec![Piece::Bytes(bytes.freeze())]
        }
        FaultKind::Mask {} => vec![Piece::Bytes(mask_frame(frame))],
        FaultKind::Fragment { bytes, pings } => fragments(text_of(frame), (*bytes).max(1), *pings),
        FaultKind::Inflate { bytes } => {
            let mut text = text_of(frame).to_owned();
            let spaces = (*bytes).min(MAX_PADDING).saturating_sub(text.len());
            text.extend(std::iter::repeat_n(' ', spaces));
            vec![Piece::Bytes(text_frame(&text))]
        }
        FaultKind::Announce { bytes } => {
            let mut out = BytesMut::from(&[0x81, 127][..]);
            out.extend_from_slice(&bytes.to_be_bytes());
            out.extend_from_slice(text_of(frame).as_bytes());
            vec![Piece::Bytes(out.freeze()), Piece::Pause(None)]
        }
        FaultKind::FirstByte { byte } => {
            let mut bytes = BytesMut::from(&frame[..]);
            if let Some(first) = bytes.first_mut() {
                *first = *byte;
            }
            vec![Piece::Bytes(bytes.freeze())]
        }
        FaultKind::Cut { at, reset } => vec![split(*at).0, Piece::End(end(*reset))],
        FaultKind::Stall { at, millis } => {
            let (before, behind) = split(*at);
            vec![before, Piece::Pause(millis.map(Duration::from_millis)), behind]
        }
        FaultKind::Drip { bytes_per_second } => {
            vec![Piece::Pace(Some(*bytes_per_second)), whole(), Piece::Pace(None)]
        }
        _ => return None,
    })
}

fn fragments(text: &str, size: usize, pings: bool) -> Vec<Piece> {
    let chunks: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
    let last = chunks.len().saturating_sub(1);
    let mut pieces = Vec::new();
    for (index, chunk) in chunks.into_iter().enumerate() {
        pieces.push(Piece::Bytes(open_frame(index == last, u8::from(index == 0), chunk)));
        if pings && index < last {
            pieces.push(Piece::Bytes(ping_frame(b"between fragments")));
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(kind: &FaultKind, text: &str) -> Vec<u8> {
        let pieces = damage(kind, &text_frame(text)).unwrap();
        pieces
            .into_iter()
            .flat_map(|piece| match piece {
                Piece::Bytes(bytes) => bytes.to_vec(),
                _ => Vec::new(),
            })
            .collect()
    }

    #[test]
    fn frames_are_damaged_as_injected() {
        assert_eq!(bytes(&FaultKind::Duplicate {}, "ab"), b"\x81\x02ab\x81\x02ab");
        assert_eq!(bytes(&FaultKind::Garble {}, "{\"a\":1}"), b"\x81\x04{\"a\"");
        assert_eq!(bytes(&FaultKind::InvalidUtf8 {}, "abcd"), b"\x81\x04ab\xffd");
        assert_eq!(bytes(&FaultKind::Inflate { bytes: 4 }, "ab"), b"\x81\x04ab  ");
        assert_eq!(bytes(&FaultKind::FirstByte { byte: 0x82 }, "ab"), b"\x82\x02ab");
        assert_eq!(bytes(&FaultKind::Announce { bytes: 9 }, "ab"), b"\x81\x7f\0\0\0\0\0\0\0\x09ab");
        assert_eq!(bytes(&FaultKind::Cut { at: 3, reset: false }, "ab"), b"\x81\x02a");
        assert_eq!(bytes(&FaultKind::Cut { at: 99, reset: false }, "ab"), b"\x81\x02ab");
        let fragmented = bytes(&FaultKind::Fragment { bytes: 2, pings: false }, "abcde");
        assert_eq!(fragmented, b"\x01\x02ab\x00\x02cd\x80\x01e");
        let masked = bytes(&FaultKind::Mask {}, "ab");
        assert_eq!((masked[1], masked.len()), (0x82, 8));
    }
}
