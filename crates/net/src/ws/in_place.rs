//! Reads frames where they lie: bytes go from the socket into one buffer, and frames are parts of it. A read brings many frames,
//! and a frame costs its header and, where it is a text, one look at each byte.
//!
//! [`Inbox`] knows no socket: it is given bytes and finds frames in them, so that it can be tested with every cut.

use super::frames::{Frame, FrameError, Place};
use super::header::{Opcode, Rules, Violation};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Instant;

/// The size of the buffer of a quiet connection, in bytes.
const SMALL: usize = 4 << 10;
/// Number of reads in a row that fill less than a quarter of the buffer, until it is made smaller.
const READS_UNTIL_SMALLER: u32 = 64;

/// What is found in the bytes that have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// A whole frame.
    Frame(Frame),
    /// The rest of it, or all of it, is missing.
    Nothing,
    /// The peer broke the protocol here.
    Violation(Violation),
}

/// Bytes that have come, and the frames in them.
#[derive(Debug)]
struct Inbox {
    /// The bytes: those of `begin..end` have come and are not consumed. Its length is what the next read may fill.
    buffer: Vec<u8>,
    /// Start of the bytes that are not consumed.
    begin: usize,
    /// End of them.
    end: usize,
    /// The size that the buffer should have, by what the last reads brought; at most `max_size`.
    size: usize,
    /// The largest size, in bytes. One frame that is larger makes the buffer larger, until it is consumed.
    max_size: usize,
    /// Number of reads in a row that filled less than a quarter of the buffer.
    small_reads: u32,
    /// Number of bytes that the unfinished frame at `begin` has in all, as far as its header says.
    wanted: usize,
    /// What headers are read by.
    rules: Rules,
    /// Whether a close frame was received: nothing behind it counts.
    is_closed: bool,
    /// Number of whole frames found.
    frames: u64,
    /// Number of bytes that were moved to the front.
    #[cfg(test)]
    moved: usize,
}

impl Inbox {
    fn new(max_frame: usize, max_size: usize, already_read: &[u8]) -> Self {
        let mut inbox = Self {
            buffer: Vec::new(),
            begin: 0,
            end: 0,
            size: SMALL.min(max_size.max(1)),
            max_size: max_size.max(1),
            small_reads: 0,
            wanted: 0,
            rules: Rules { max_frame, within_message: false },
            is_closed: false,
            frames: 0,
            #[cfg(test)]
            moved: 0,
        };
        if !already_read.is_empty() {
            inbox.buffer = already_read.to_vec();
            inbox.end = already_read.len();
        }
        inbox
    }

    /// Finds the next frame and consumes it. Its payload stays where it is until [`Self::space`] is called.
    #[inline]
    fn next(&mut self) -> Found {
        let Some(bytes) = self.buffer.get(self.begin..self.end) else { return Found::Nothing };
        if bytes.is_empty() || self.is_closed {
            return Found::Nothing;
        }
        let header = match self.rules.read(bytes) {
            Ok(Some(header)) => header,
            Ok(None) => return Found::Nothing,
            Err(violation) => return Found::Violation(violation),
        };
        // A frame is at most as long as the buffer of a message may become.
        let whole = header.size.saturating_add(header.length);
        let Some(payload) = bytes.get(header.size..whole) else {
            self.wanted = whole;
            return Found::Nothing;
        };
        if header.opcode == Opcode::Text && header.is_final && simdutf8::basic::from_utf8(payload).is_err() {
            return Found::Violation(Violation::NotUtf8("a text that is not UTF-8"));
        }
        self.rules.pass(&header);
        let begin = self.begin + header.size;
        self.begin += whole;
        self.wanted = 0;
        self.frames += 1;
        self.is_closed = header.opcode == Opcode::Close;
        let place = Place { begin, end: self.begin };
        Found::Frame(Frame { is_final: header.is_final, opcode: header.opcode, place })
    }

    /// Where the next bytes go; never empty.
    fn space(&mut self) -> &mut [u8] {
        if self.begin == self.end {
            (self.begin, self.end) = (0, 0);
            if self.buffer.len() != self.size {
                self.buffer = vec![0; self.size];
            }
        } else if self.end == self.buffer.len() || self.begin.saturating_add(self.wanted) > self.buffer.len()
        {
            // What has begun goes to the front, so that it can be read to its end in one piece; once for each frame.
            if self.begin > 0 {
                self.buffer.copy_within(self.begin..self.end, 0);
                #[cfg(test)]
                {
                    self.moved += self.end - self.begin;
                }
                (self.begin, self.end) = (0, self.end - self.begin);
            }
            if self.buffer.len() < self.size {
                self.buffer.resize(self.size, 0);
            }
            if self.end == self.buffer.len() {
                // With what has come, and not with what the header says: that is not believed.
                self.buffer.resize(self.end.saturating_mul(2).min(self.wanted).max(self.end + SMALL), 0);
            }
        }
        self.buffer.get_mut(self.end..).unwrap_or_default()
    }

    /// `count` bytes have come into the space.
    fn filled(&mut self, count: usize) {
        let space = self.buffer.len() - self.end;
        self.end += count;
        if count >= space {
            self.size = self.size.saturating_mul(2).min(self.max_size);
            self.small_reads = 0;
        } else if count < self.size / 4 {
            self.small_reads += 1;
            if self.small_reads >= READS_UNTIL_SMALLER {
                self.size = (self.size / 2).max(SMALL.min(self.max_size));
                self.small_reads = 0;
            }
        } else {
            self.small_reads = 0;
        }
    }

    /// Gives back what an outlier took, once nothing waits.
    fn idle(&mut self) {
        if self.begin == self.end && self.buffer.len() > self.size {
            (self.begin, self.end) = (0, 0);
            self.buffer = Vec::new();
        }
    }

    /// The number of the frame of which a part has come, and how many bytes that is.
    fn partial_frame(&self) -> Option<(u64, u64)> {
        let bytes = (self.end - self.begin) as u64;
        (bytes > 0 && !self.is_closed).then_some((self.frames + 1, bytes))
    }
}

/// The frame layer of a connection.
#[derive(Debug)]
pub(super) struct InPlace<R> {
    /// The reading half of the byte stream.
    io: R,
    /// The bytes that have come.
    inbox: Inbox,
    /// Number of bytes received since the upgrade.
    received: u64,
    /// When the last of them came; at first, when the connection was opened.
    last_received: Instant,
}

impl<R> InPlace<R> {
    /// `already_read` are bytes behind the upgrade that came together with it.
    pub(super) fn new(io: R, already_read: &[u8], max_frame: usize, max_size: usize) -> Self {
        Self {
            io,
            inbox: Inbox::new(max_frame, max_size, already_read),
            received: already_read.len() as u64,
            last_received: Instant::now(),
        }
    }

    pub(super) fn received(&self) -> u64 {
        self.received
    }

    pub(super) fn last_received(&self) -> Instant {
        self.last_received
    }

    pub(super) fn partial_frame(&self) -> Option<(u64, u64)> {
        self.inbox.partial_frame()
    }

    /// The bytes of a frame that was found last.
    #[inline]
    pub(super) fn payload(&self, place: Place) -> &[u8] {
        self.inbox.buffer.get(place.begin..place.end).unwrap_or_default()
    }
}

impl<R: AsyncRead + Unpin> InPlace<R> {
    /// The next frame. Must not be called again after an error.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Frame, FrameError>> {
        loop {
            match self.inbox.next() {
                Found::Frame(frame) => return Poll::Ready(Ok(frame)),
                Found::Violation(violation) => return Poll::Ready(Err(FrameError::Violation(violation))),
                Found::Nothing => {}
            }
            let mut space = ReadBuf::new(self.inbox.space());
            let read = Pin::new(&mut self.io).poll_read(cx, &mut space);
            let count = space.filled().len();
            if read.is_pending() {
                self.inbox.idle();
            }
            if let Err(error) = ready!(read) {
                return Poll::Ready(Err(FrameError::Io(error)));
            }
            if count == 0 {
                return Poll::Ready(Err(FrameError::Io(io::ErrorKind::UnexpectedEof.into())));
            }
            self.inbox.filled(count);
            self.received += count as u64;
            self.last_received = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame: what it carries, whether it ends its message, and its payload.
    type Shown = (Opcode, bool, Vec<u8>);

    /// Gives `bytes` in reads of the sizes that `sizes` repeats, and collects what is found.
    fn find(bytes: &[u8], sizes: &[usize], inbox: &mut Inbox) -> (Vec<Shown>, Option<Violation>) {
        let (mut frames, mut rest) = (Vec::new(), bytes);
        let mut sizes = sizes.iter().cycle();
        loop {
            match inbox.next() {
                Found::Frame(frame) => {
                    let payload = inbox.buffer[frame.place.begin..frame.place.end].to_vec();
                    frames.push((frame.opcode, frame.is_final, payload));
                }
                Found::Violation(violation) => return (frames, Some(violation)),
                Found::Nothing if rest.is_empty() => return (frames, None),
                Found::Nothing => {
                    let space = inbox.space();
                    let count = rest.len().min(space.len()).min(*sizes.next().unwrap());
                    space[..count].copy_from_slice(&rest[..count]);
                    rest = &rest[count..];
                    inbox.filled(count);
                }
            }
        }
    }

    fn text(length: usize) -> Vec<u8> {
        let mut frame = vec![0x81];
        match length {
            0..=125 => frame.push(u8::try_from(length).unwrap()),
            126..=65_535 => {
                frame.extend([&[126][..], &u16::try_from(length).unwrap().to_be_bytes()].concat());
            }
            _ => frame.extend([&[127][..], &(length as u64).to_be_bytes()].concat()),
        }
        frame.extend(std::iter::repeat_n(b'x', length));
        frame
    }

    #[test]
    fn the_frames_do_not_depend_on_where_the_bytes_are_cut() {
        let bytes = [
            text(3),
            vec![0x01, 2, b'a', b'b', 0x89, 1, 7, 0x80, 1, b'c'],
            text(200),
            text(0),
            text(9000),
            vec![0x88, 2, 3, 0xE8, 0xFF, 0xFF],
        ]
        .concat();
        let whole = find(&bytes, &[usize::MAX], &mut Inbox::new(1 << 20, 64 << 10, &[]));
        let lengths = whole.0.iter().map(|(_, _, payload)| payload.len()).collect::<Vec<_>>();
        assert_eq!(
            (lengths, whole.1),
            (vec![3, 2, 1, 1, 200, 0, 9000, 2], None),
            "nothing behind a close frame"
        );
        for size in 1..300 {
            assert_eq!(
                find(&bytes, &[size], &mut Inbox::new(1 << 20, 64 << 10, &[])),
                whole,
                "reads of {size}"
            );
        }
        for cut in 0..bytes.len() {
            let mut inbox = Inbox::new(1 << 20, 64 << 10, &bytes[..cut]);
            assert_eq!(find(&bytes[cut..], &[usize::MAX], &mut inbox), whole, "{cut} bytes with the upgrade");
        }
    }

    #[test]
    fn good_frames_come_before_the_violation_behind_them() {
        let bytes = [text(2), text(3), vec![0x81, 0x82]].concat();
        let (frames, violation) = find(&bytes, &[usize::MAX], &mut Inbox::new(1 << 20, 64 << 10, &[]));
        assert_eq!((frames.len(), violation), (2, Some(Violation::Protocol("a masked frame"))));
        let bytes = [text(2), vec![0x81, 2, 0xC3, 0x28]].concat();
        let (frames, violation) = find(&bytes, &[usize::MAX], &mut Inbox::new(1 << 20, 64 << 10, &[]));
        assert_eq!((frames.len(), violation), (1, Some(Violation::NotUtf8("a text that is not UTF-8"))));
    }

    #[test]
    fn the_buffer_grows_with_what_comes_and_what_an_outlier_took_is_given_back() {
        let mut inbox = Inbox::new(4 << 20, 64 << 10, &[]);
        // A header alone is not believed.
        find(&[0x82, 127, 0, 0, 0, 0, 0, 0x40, 0, 0], &[usize::MAX], &mut inbox);
        inbox.space();
        assert!(inbox.buffer.len() <= SMALL, "{}", inbox.buffer.len());
        find(&vec![1; 4 << 20], &[16 << 10], &mut inbox);
        assert!(inbox.buffer.len() <= 8 << 20, "{}", inbox.buffer.len());
        inbox.idle();
        assert_eq!(inbox.buffer.len(), 0);
        // A flood makes it large, and quiet times make it small again.
        find(&text(100).repeat(20_000), &[usize::MAX], &mut inbox);
        assert_eq!((inbox.size, inbox.buffer.len()), (64 << 10, 64 << 10));
        for _ in 0..READS_UNTIL_SMALLER * 4 {
            find(&text(100), &[usize::MAX], &mut inbox);
        }
        inbox.idle();
        inbox.space();
        assert_eq!(inbox.buffer.len(), SMALL);
    }

    #[test]
    fn a_large_frame_in_small_pieces_is_not_moved_with_each_of_them() {
        let bytes = [text(100), text(1 << 20), text(3)].concat();
        for size in [1, 100, 1448] {
            let mut inbox = Inbox::new(4 << 20, 128 << 10, &[]);
            assert_eq!(find(&bytes, &[size], &mut inbox).0.len(), 3);
            assert!(inbox.moved <= 2 * SMALL, "{} bytes moved, in reads of {size}", inbox.moved);
        }
    }

    #[test]
    fn a_partial_frame_is_known_by_number_and_size() {
        let mut inbox = Inbox::new(1 << 20, 64 << 10, &[]);
        find(&[0x81, 1, b'a', 0x81], &[usize::MAX], &mut inbox);
        assert_eq!(inbox.partial_frame(), Some((2, 1)));
        find(&[3, b'a'], &[usize::MAX], &mut inbox);
        assert_eq!(inbox.partial_frame(), Some((2, 3)));
        find(b"bc", &[usize::MAX], &mut inbox);
        assert_eq!(inbox.partial_frame(), None);
    }
}
