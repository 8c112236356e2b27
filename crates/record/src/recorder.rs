//! The recorder: takes lines, and has a thread write them.

use crate::error::Error;
use crate::options::RecorderOptions;
use crate::thread;
use crate::writer::Writer;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use binance_kit_core::tap::FrameTap;
pub use binance_kit_core::tap::{Mark, Payload};
use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// How a recording is coming along.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecorderStatus {
    /// Frames taken.
    pub frames: u64,
    /// Frames that were dropped because the disk could not keep up.
    pub lost: u64,
    /// Bytes of text that wait for the disk.
    pub waiting: usize,
    /// Bytes written, compressed.
    pub written: u64,
    /// The files so far.
    pub files: Vec<PathBuf>,
    /// Why the last attempt to write failed, while it does. It is tried again each
    /// [`block_interval`](RecorderOptions::block_interval), and nothing is lost until the queue is full.
    pub failing: Option<String>,
}

/// What came of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Frames in it.
    pub frames: u64,
    /// Frames that the disk could not keep up with.
    pub lost: u64,
    /// Bytes written, compressed.
    pub written: u64,
    /// The files, in order.
    pub files: Vec<PathBuf>,
}

#[derive(Debug, Default)]
struct Queue {
    /// Lines that wait.
    text: Vec<u8>,
    /// The receive time of the first of them.
    first_nanos: u64,
    frames: u64,
    lost: u64,
    /// Lost since the last line that says so.
    lost_untold: u64,
    closed: bool,
    /// What is waiting is to be written now; counts the requests, and those that were met.
    flush_wanted: u64,
    flush_done: u64,
    /// Nothing is written any more.
    ended: bool,
    /// The thread has a block in hand.
    in_hand: usize,
    written: u64,
    files: Vec<PathBuf>,
    failing: Option<String>,
}

struct Shared {
    queue: Mutex<Queue>,
    /// There is something to do.
    wake: Condvar,
    /// The recorder is closed: a thread that waits to try again is to try now.
    closing: Condvar,
    /// A flush is done.
    flushed: Condvar,
    options: RecorderOptions,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        self.lock().closed = true;
        self.wake.notify_all();
        self.closing.notify_all();
    }
}

/// Says that nothing is written any more.
struct AnnounceEnd<'a>(&'a Shared);

impl Drop for AnnounceEnd<'_> {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        queue.ended = true;
        queue.closed = true;
        drop(queue);
        self.0.flushed.notify_all();
    }
}

/// Writes a recording. Taking a frame copies it into a buffer and never waits for the disk; a thread compresses and writes.
/// Dropping it writes what is left, and waits for that; [`Recorder::finish`] does the same and says how it went.
pub struct Recorder {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<Result<(), Error>>>>,
    path: PathBuf,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("path", &self.path)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

impl Recorder {
    /// Makes sure that the target can be written, and starts the thread.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the file or folder cannot be used, and
    /// [`ErrorKind::Damaged`](crate::ErrorKind::Damaged) for a file to be continued that is not a recording.
    pub fn start(options: RecorderOptions) -> Result<Self, Error> {
        let writer = Writer::new(options.clone())?;
        let path = writer.path().to_owned();
        let queue = Queue { files: writer.files().to_vec(), written: writer.written(), ..Queue::default() };
        let shared = Arc::new(Shared {
            queue: Mutex::new(queue),
            wake: Condvar::new(),
            closing: Condvar::new(),
            flushed: Condvar::new(),
            options,
        });
        let own = Arc::clone(&shared);
        let thread = thread::spawn("recorder", move || {
            // Told also when it ends by a panic.
            let _end = AnnounceEnd(&own);
            write(&own, writer)
        })
        .map_err(|error| Error::io(&path, error))?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)), path })
    }

    /// Takes a frame, received at this time (nanoseconds since the Unix epoch) on this connection.
    pub fn frame(&self, received_nanos: u64, connection: u64, payload: Payload<'_>) {
        let size = match payload {
            Payload::Text(text) => text.len(),
            Payload::Binary(bytes) => bytes.len() / 3 * 4 + 4,
        };
        self.line(received_nanos, size, true, |line| {
            push(line, format_args!("{received_nanos} {connection} "));
            match payload {
                // A text that begins like a mark of the format, or breaks its lines, would read as something else.
                Payload::Text(text) if !text.contains(['\n', '\r']) && !text.starts_with(['!', '+', '-']) => {
                    line.extend_from_slice(text.as_bytes());
                }
                Payload::Text(text) => encode(text.as_bytes(), b"!!", line),
                Payload::Binary(bytes) => encode(bytes, b"!", line),
            }
        });
    }

    /// Notes that a connection came up or was lost.
    pub fn mark(&self, at_nanos: u64, connection: u64, mark: Mark) {
        self.line(at_nanos, 1, false, |line| {
            let sign = match mark {
                Mark::Connected => '+',
                Mark::Disconnected => '-',
            };
            push(line, format_args!("{at_nanos} {connection} {sign}"));
        });
    }

    fn line(&self, nanos: u64, size: usize, is_frame: bool, write: impl FnOnce(&mut Vec<u8>)) {
        let mut queue = self.shared.lock();
        let options = &self.shared.options;
        // 64 for the numbers, and for the line that tells of a loss.
        if queue.closed || queue.text.len() + queue.in_hand + size + 64 > options.queue_bytes {
            queue.lost += u64::from(is_frame);
            queue.lost_untold += u64::from(is_frame);
            return;
        }
        let was_empty = queue.text.is_empty();
        if was_empty {
            queue.first_nanos = nanos;
        }
        let lost = std::mem::take(&mut queue.lost_untold);
        if lost > 0 {
            push(&mut queue.text, format_args!("{nanos} ~ {lost}\n"));
        }
        write(&mut queue.text);
        queue.text.push(b'\n');
        queue.frames += u64::from(is_frame);
        let is_full = queue.text.len() >= options.block_bytes;
        drop(queue);
        if was_empty || is_full {
            self.shared.wake.notify_one();
        }
    }

    /// How it is coming along.
    pub fn status(&self) -> RecorderStatus {
        let queue = self.shared.lock();
        RecorderStatus {
            frames: queue.frames,
            lost: queue.lost,
            waiting: queue.text.len() + queue.in_hand,
            written: queue.written,
            files: queue.files.clone(),
            failing: queue.failing.clone(),
        }
    }

    /// Waits until everything taken so far has been written, or could not be. Blocks the thread.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Ended`](crate::ErrorKind::Ended) when it cannot be written, or the recording has ended;
    /// [`Recorder::status`] says why.
    pub fn flush(&self) -> Result<(), Error> {
        let mut queue = self.shared.lock();
        queue.flush_wanted += 1;
        let wanted = queue.flush_wanted;
        self.shared.wake.notify_one();
        while queue.flush_done < wanted && queue.failing.is_none() && !queue.ended {
            queue = self.shared.flushed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        if queue.flush_done < wanted { Err(Error::ended(&self.path)) } else { Ok(()) }
    }

    /// Writes what is left and ends the recording. Blocks the thread until the disk has it. Frames that come afterwards, from a
    /// client that still shows them, are counted as lost.
    ///
    /// # Errors
    ///
    /// What kept the rest from being written.
    pub fn finish(&self) -> Result<Summary, Error> {
        self.end()?;
        let RecorderStatus { frames, lost, written, files, .. } = self.status();
        Ok(Summary { frames, lost, written, files })
    }

    fn end(&self) -> Result<(), Error> {
        self.shared.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        match thread.map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(Error::ended(&self.path)),
            None => Ok(()),
        }
    }
}

/// Give it to a client's configuration (in an [`Arc`]) and everything the client's connections receive is recorded.
impl FrameTap for Recorder {
    fn frame(&self, received_nanos: u64, connection: u64, payload: Payload<'_>) {
        Self::frame(self, received_nanos, connection, payload);
    }

    fn mark(&self, at_nanos: u64, connection: u64, mark: Mark) {
        Self::mark(self, at_nanos, connection, mark);
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::error!(%error, "the end of a recording is lost");
        }
    }
}

fn push(line: &mut Vec<u8>, text: fmt::Arguments<'_>) {
    struct Bytes<'a>(&'a mut Vec<u8>);
    impl fmt::Write for Bytes<'_> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.extend_from_slice(text.as_bytes());
            Ok(())
        }
    }
    // Writing into memory does not fail.
    let _ = Bytes(line).write_fmt(text);
}

fn encode(bytes: &[u8], sign: &[u8], line: &mut Vec<u8>) {
    line.extend_from_slice(sign);
    line.extend_from_slice(STANDARD.encode(bytes).as_bytes());
}

/// The thread: takes what waits, in blocks, until the recorder is closed.
fn write(shared: &Shared, mut writer: Writer) -> Result<(), Error> {
    let mut text = Vec::new();
    loop {
        let (first_nanos, closed, flush) = {
            let mut queue = shared.lock();
            loop {
                let due = queue.text.len() >= shared.options.block_bytes;
                if due || queue.closed || queue.flush_done < queue.flush_wanted {
                    break;
                }
                if queue.text.is_empty() {
                    queue = shared.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
                    continue;
                }
                let waited = shared.wake.wait_timeout(queue, shared.options.block_interval);
                let (woken, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
                queue = woken;
                if timeout.timed_out() {
                    break;
                }
            }
            std::mem::swap(&mut queue.text, &mut text);
            queue.in_hand = text.len();
            (queue.first_nanos, queue.closed, queue.flush_wanted)
        };
        let mut rest = text.as_slice();
        while !rest.is_empty() {
            let (block, behind) = cut(rest, shared.options.block_bytes);
            let result = writer.block(block, nanos_of(block).unwrap_or(first_nanos));
            let mut queue = shared.lock();
            queue.written = writer.written();
            queue.files = writer.files().to_vec();
            match result {
                Ok(()) => {
                    rest = behind;
                    queue.in_hand = rest.len();
                    queue.failing = None;
                }
                Err(error) => {
                    if queue.failing.is_none() {
                        tracing::error!(%error, "a block of the recording cannot be written yet");
                    }
                    let reason = error.io_error().map(ToString::to_string);
                    queue.failing = Some(reason.unwrap_or_else(|| error.to_string()));
                    shared.flushed.notify_all();
                    if queue.closed {
                        return Err(error);
                    }
                    // Again a little later: room may be made.
                    let _ = shared.closing.wait_timeout(queue, shared.options.block_interval);
                }
            }
        }
        text.clear();
        let mut queue = shared.lock();
        queue.flush_done = flush;
        shared.flushed.notify_all();
        if closed && queue.text.is_empty() {
            drop(queue);
            return writer.close();
        }
    }
}

/// The first lines of a text that make a block.
fn cut(text: &[u8], block_bytes: usize) -> (&[u8], &[u8]) {
    let least = block_bytes.min(text.len()).saturating_sub(1);
    let end = text.iter().skip(least).position(|byte| *byte == b'\n').map_or(text.len(), |at| least + at + 1);
    text.split_at_checked(end).unwrap_or((text, &[]))
}

/// The time at the beginning of a line.
fn nanos_of(block: &[u8]) -> Option<u64> {
    let digits = block.split(|byte| *byte == b' ').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_end_with_lines() {
        assert_eq!(cut(b"1 a\n2 b\n3 c\n", 5), (b"1 a\n2 b\n".as_slice(), b"3 c\n".as_slice()));
        assert_eq!(cut(b"1 a\n2 b\n", 4), (b"1 a\n".as_slice(), b"2 b\n".as_slice()));
        assert_eq!(cut(b"1 a\n", 100), (b"1 a\n".as_slice(), b"".as_slice()));
        assert_eq!(nanos_of(b"17 0 {}\n"), Some(17));
    }
}
