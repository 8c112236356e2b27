//! Checks every frame header as the bytes pass, before the frame layer sees them: that layer would take masked frames, long
//! pongs, a new message within a fragmented one, and would reserve whatever length a header announces.
//!
//! Bytes before a violation still go through, so that no good frame is lost to a bad one behind it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Instant;

/// One TLS record; also what bounds the frame layer's buffer, which grows to a small multiple of the largest read.
const READ_BUFFER: usize = 16 << 10;
/// Maximum length of the header of an unmasked frame.
const MAX_HEADER: usize = 10;

/// How the peer broke the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Violation {
    /// Against RFC 6455: answered with 1002.
    #[error("{0}")]
    Protocol(&'static str),
    /// Text that is not UTF-8: answered with 1007.
    #[error("{0}")]
    NotUtf8(&'static str),
    /// Beyond a cap: answered with 1009.
    #[error("{0}")]
    TooLarge(&'static str),
}

/// What the guard counts, for the connection that cannot reach the guard itself: the reader owns it.
#[derive(Debug)]
pub(super) struct Watch {
    /// When the connection was opened.
    opened: Instant,
    /// Number of bytes received.
    received: AtomicU64,
    /// When the last of them came, in microseconds since `opened`.
    last_received_micros: AtomicU64,
    /// The number of the frame that is partial.
    frame_number: AtomicU64,
    /// Number of its bytes received; 0 between frames.
    frame_bytes: AtomicU64,
}

impl Watch {
    fn new() -> Self {
        Self {
            opened: Instant::now(),
            received: AtomicU64::new(0),
            last_received_micros: AtomicU64::new(0),
            frame_number: AtomicU64::new(0),
            frame_bytes: AtomicU64::new(0),
        }
    }

    /// The bytes received since the upgrade.
    pub(super) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// When the last of them came; at first, when the connection was opened.
    pub(super) fn last_received(&self) -> Instant {
        self.opened + Duration::from_micros(self.last_received_micros.load(Ordering::Relaxed))
    }

    /// The number of the frame of which a part has come, and how many bytes that is.
    pub(super) fn partial_frame(&self) -> Option<(u64, u64)> {
        let bytes = self.frame_bytes.load(Ordering::Relaxed);
        (bytes > 0).then(|| (self.frame_number.load(Ordering::Relaxed), bytes))
    }
}

/// Follows the frames in a stream of bytes.
#[derive(Debug)]
struct Checker {
    /// Maximum length of a payload, in bytes.
    max_frame: u64,
    /// The header of the current frame as far as it was received.
    header: [u8; MAX_HEADER],
    /// Length of that.
    header_length: usize,
    /// Number of bytes of the payload not received yet.
    payload_left: u64,
    /// Whether a fragmented message has begun and not ended.
    within_message: bool,
    /// Whether a close frame was received: nothing behind it counts.
    closed: bool,
    /// The number of the current frame.
    frame_number: u64,
    /// Number of its bytes received.
    frame_bytes: u64,
}

impl Checker {
    fn new(max_frame: usize) -> Self {
        Self {
            max_frame: u64::try_from(max_frame).unwrap_or(u64::MAX),
            header: [0; MAX_HEADER],
            header_length: 0,
            payload_left: 0,
            within_message: false,
            closed: false,
            frame_number: 0,
            frame_bytes: 0,
        }
    }

    /// Follows the frames of `chunk`. Returns how many of its bytes may go on, and what is wrong with the header behind them.
    /// What follows a close frame is left out without a word.
    fn check(&mut self, chunk: &[u8]) -> (usize, Option<Violation>) {
        let mut at = 0;
        let mut header_begins_at = 0;
        while at < chunk.len() && !self.closed {
            if self.payload_left > 0 {
                let rest = chunk.len() - at;
                let step = usize::try_from(self.payload_left).map_or(rest, |left| left.min(rest));
                at += step;
                self.payload_left -= step as u64;
                self.frame_bytes += step as u64;
                if self.payload_left == 0 {
                    self.end_frame();
                }
                continue;
            }
            if self.header_length == 0 {
                header_begins_at = at;
                self.frame_number += 1;
            }
            self.header[self.header_length] = chunk[at];
            self.header_length += 1;
            self.frame_bytes += 1;
            at += 1;
            if let Err(violation) = self.check_header() {
                return (header_begins_at, Some(violation));
            }
        }
        (at, None)
    }

    /// Checks the header byte that was just added.
    fn check_header(&mut self) -> Result<(), Violation> {
        let first = self.header[0];
        let is_control = first & 0x08 != 0;
        let short = self.header[1] & 0x7F;
        let whole = match (self.header_length, short) {
            (1, _) => {
                return self.check_first(first);
            }
            (_, 126) => 4,
            (_, 127) => 10,
            _ => 2,
        };
        if self.header_length == 2 {
            if self.header[1] & 0x80 != 0 {
                return Err(Violation::Protocol("a masked frame"));
            }
            if is_control && short > 125 {
                return Err(Violation::Protocol("a control frame of more than 125 bytes"));
            }
        }
        if self.header_length < whole {
            return Ok(());
        }
        let length = match whole {
            2 => u64::from(short),
            4 => u64::from(u16::from_be_bytes([self.header[2], self.header[3]])),
            _ => self.header[2..MAX_HEADER].iter().fold(0, |length, byte| (length << 8) | u64::from(*byte)),
        };
        if length >> 63 != 0 {
            return Err(Violation::Protocol("a length of 2^63 or more"));
        }
        if (whole == 4 && length < 126) || (whole == 10 && length < 1 << 16) {
            return Err(Violation::Protocol("a length that is not written in the shortest way"));
        }
        if length > self.max_frame {
            return Err(Violation::TooLarge("a frame above the limit"));
        }
        if !is_control {
            self.within_message = first & 0x80 == 0;
        }
        self.payload_left = length;
        if length == 0 {
            self.end_frame();
        }
        Ok(())
    }

    fn check_first(&self, first: u8) -> Result<(), Violation> {
        if first & 0x70 != 0 {
            return Err(Violation::Protocol("a reserved bit without an extension"));
        }
        let is_final = first & 0x80 != 0;
        match first & 0x0F {
            0 if !self.within_message => Err(Violation::Protocol("a continuation of nothing")),
            1 | 2 if self.within_message => Err(Violation::Protocol("a new message within a fragmented one")),
            8..=10 if !is_final => Err(Violation::Protocol("a fragmented control frame")),
            0..=2 | 8..=10 => Ok(()),
            _ => Err(Violation::Protocol("a reserved opcode")),
        }
    }

    fn end_frame(&mut self) {
        self.closed = self.header[0] & 0x0F == 8;
        self.header_length = 0;
        self.frame_bytes = 0;
    }
}

/// Reads from `R`, lets through what is in order, and fails where it is not.
#[derive(Debug)]
pub(super) struct Guard<R> {
    /// The byte stream.
    inner: R,
    /// Follows the frame headers.
    checker: Checker,
    /// The counts that the connection reads.
    watch: Arc<Watch>,
    /// What is wrong behind the checked bytes; reported once those are passed on.
    violation: Option<Violation>,
    /// The bytes of the last read.
    buffer: Box<[u8]>,
    /// Start of the checked bytes that were not passed on yet.
    begin: usize,
    /// End of the checked bytes.
    end: usize,
}

impl<R> Guard<R> {
    /// Guards `inner`; `already_read` are bytes behind the upgrade that came together with it.
    pub(super) fn new(inner: R, already_read: &[u8], max_frame: usize) -> Self {
        let mut buffer = vec![0; READ_BUFFER.max(already_read.len())].into_boxed_slice();
        buffer[..already_read.len()].copy_from_slice(already_read);
        let mut guard = Self {
            inner,
            checker: Checker::new(max_frame),
            watch: Arc::new(Watch::new()),
            violation: None,
            buffer,
            begin: 0,
            end: 0,
        };
        guard.accept(already_read.len());
        guard
    }

    pub(super) fn watch(&self) -> Arc<Watch> {
        Arc::clone(&self.watch)
    }

    /// Checks the first `length` bytes of the buffer, which have just been read.
    fn accept(&mut self, length: usize) {
        let (end, violation) = self.checker.check(&self.buffer[..length]);
        (self.begin, self.end, self.violation) = (0, end, violation);
        let watch = &self.watch;
        watch.received.fetch_add(length as u64, Ordering::Relaxed);
        let micros = u64::try_from(watch.opened.elapsed().as_micros()).unwrap_or(u64::MAX);
        watch.last_received_micros.store(micros, Ordering::Relaxed);
        watch.frame_number.store(self.checker.frame_number, Ordering::Relaxed);
        watch.frame_bytes.store(self.checker.frame_bytes, Ordering::Relaxed);
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Guard<R> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.begin == this.end && this.violation.is_none() && !this.checker.closed {
            let mut read = ReadBuf::new(&mut this.buffer);
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut read))?;
            let length = read.filled().len();
            if length > 0 {
                this.accept(length);
            }
        }
        if this.begin < this.end {
            let step = buf.remaining().min(this.end - this.begin);
            buf.put_slice(&this.buffer[this.begin..this.begin + step]);
            this.begin += step;
        } else if let Some(violation) = this.violation {
            return Poll::Ready(Err(io::Error::other(violation)));
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8]) -> (usize, Option<Violation>) {
        Checker::new(1 << 20).check(bytes)
    }

    #[test]
    fn good_frames_pass_and_bad_headers_stop_where_they_begin() {
        let good = [0x81, 2, b'h', b'i', 0x89, 0, 0x01, 1, b'a', 0x8A, 1, b'p', 0x80, 0];
        assert_eq!(check(&good), (good.len(), None));
        for (name, bad) in [
            ("masked", &[0x81, 0x80][..]),
            ("reserved bit", &[0xC1]),
            ("reserved bit", &[0xA1]),
            ("reserved bit", &[0x91]),
            ("reserved opcode", &[0x83]),
            ("reserved opcode", &[0x8B]),
            ("orphan continuation", &[0x80]),
            ("fragmented control", &[0x09]),
            ("long control", &[0x8A, 126]),
            ("length not minimal", &[0x82, 126, 0, 125]),
            ("length not minimal", &[0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]),
            ("length 2^63", &[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]),
        ] {
            let bytes = [&good[..], bad].concat();
            let (passed, violation) = check(&bytes);
            assert_eq!(passed, good.len(), "{name}");
            assert!(matches!(violation, Some(Violation::Protocol(_))), "{name}: {violation:?}");
        }
        let huge = [0x82, 127, 0, 0, 0, 0, 3, 0xF0, 0, 0];
        assert!(matches!(check(&huge), (0, Some(Violation::TooLarge(_)))));
        let inner = [0x01, 1, b'a', 0x81, 0];
        assert!(matches!(check(&inner), (3, Some(Violation::Protocol(_)))));
    }

    #[test]
    fn the_verdict_does_not_depend_on_where_the_bytes_are_cut() {
        let bytes = [0x01, 126, 0, 200]
            .into_iter()
            .chain([b'x'; 200])
            .chain([0x89, 1, 7, 0x80, 0, 0x88, 2, 3, 0xE8, 0xFF, 0xFF])
            .collect::<Vec<_>>();
        for cut in 0..=bytes.len() {
            let mut checker = Checker::new(1 << 20);
            let (first, second) = bytes.split_at(cut);
            let (passed_first, violation_first) = checker.check(first);
            let (passed_second, violation_second) = checker.check(second);
            assert_eq!((violation_first, violation_second), (None, None), "cut at {cut}");
            assert_eq!(
                passed_first + passed_second,
                bytes.len() - 2,
                "what follows the close frame is left out"
            );
        }
    }

    #[test]
    fn a_partial_frame_is_known_by_number_and_size() {
        let mut checker = Checker::new(1 << 20);
        checker.check(&[0x81, 1, b'a', 0x81]);
        assert_eq!((checker.frame_number, checker.frame_bytes), (2, 1));
        checker.check(&[3, b'a']);
        assert_eq!((checker.frame_number, checker.frame_bytes), (2, 3));
        checker.check(b"bc");
        assert_eq!((checker.frame_number, checker.frame_bytes), (2, 0));
    }
}
