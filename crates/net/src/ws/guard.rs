//! Checks every frame header as the bytes pass, before the library's frame layer sees them ([`super::library`]).
//!
//! Bytes before a violation still go through, so that no good frame is lost to a bad one behind it.

use super::header::{MAX_HEADER, Opcode, Rules, Violation};
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
    /// What headers are read by.
    rules: Rules,
    /// The header of the current frame as far as it was received.
    header: [u8; MAX_HEADER],
    /// Length of that.
    header_length: usize,
    /// Number of bytes of the payload not received yet.
    payload_left: usize,
    /// Whether the current frame closes the connection.
    closes: bool,
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
            rules: Rules { max_frame, within_message: false },
            header: [0; MAX_HEADER],
            header_length: 0,
            payload_left: 0,
            closes: false,
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
                let step = self.payload_left.min(chunk.len() - at);
                at += step;
                self.payload_left -= step;
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
            match self.rules.read(&self.header[..self.header_length]) {
                Ok(None) => {}
                Ok(Some(header)) => {
                    self.rules.pass(&header);
                    self.payload_left = header.length;
                    self.closes = header.opcode == Opcode::Close;
                    if header.length == 0 {
                        self.end_frame();
                    }
                }
                Err(violation) => return (header_begins_at, Some(violation)),
            }
        }
        (at, None)
    }

    fn end_frame(&mut self) {
        self.closed = self.closes;
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
