//! The recorder: collects lines in memory; a thread writes them.

use crate::error::Error;
use crate::options::RecorderOptions;
use crate::thread;
use crate::writer::Writer;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use binance_kit_core::tap::FrameTap;
pub use binance_kit_core::tap::{Mark, Payload};
use binance_kit_core::{Api, Symbol};
use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// State of a running recording.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecorderStatus {
    /// Number of frames accepted.
    pub frames: u64,
    /// Number of frames in the files: they survive the process.
    pub frames_written: u64,
    /// Number of frames that were dropped because the queue was full.
    pub lost: u64,
    /// Bytes of text in the queue, not yet on the disk.
    pub waiting: usize,
    /// Bytes written, compressed.
    pub written: u64,
    /// Files written so far, in order.
    pub files: Vec<PathBuf>,
    /// Error of the last write; `None` after a write that succeeded. A failed write is repeated every
    /// [`block_interval`](RecorderOptions::block_interval); nothing is lost until the queue is full.
    pub failing: Option<String>,
}

/// Result of a finished recording.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Number of recorded frames.
    pub frames: u64,
    /// Number of frames that were dropped because the queue was full.
    pub lost: u64,
    /// Bytes written, compressed.
    pub written: u64,
    /// Files, in order.
    pub files: Vec<PathBuf>,
}

#[derive(Debug, Default)]
struct Queue {
    /// Lines that are not yet taken by the thread.
    text: Vec<u8>,
    /// Receive time of the first frame in `text`.
    first_nanos: u64,
    /// Number of frames accepted since the start.
    frames: u64,
    /// Number of frames in the files.
    frames_written: u64,
    /// Number of frames dropped since the start.
    lost: u64,
    /// Number of frames dropped since the last line that reports a loss.
    lost_unreported: u64,
    /// Whether a mark was dropped since then: what was interrupted is not known.
    mark_lost: bool,
    /// No more frames are accepted; the thread ends when the queue is empty.
    closed: bool,
    /// Number of flushes requested.
    flush_wanted: u64,
    /// Number of flushes completed.
    flush_done: u64,
    /// The thread has ended.
    ended: bool,
    /// Bytes that the thread has taken and not yet written.
    in_hand: usize,
    /// Bytes written, compressed.
    written: u64,
    /// Files written so far.
    files: Vec<PathBuf>,
    /// Error of the last write.
    failing: Option<String>,
}

struct Shared {
    queue: Mutex<Queue>,
    /// Wakes the thread: the queue has text, or was closed.
    wake: Condvar,
    /// The recorder is closed: the thread repeats a failed write now instead of waiting.
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

/// Marks the queue as ended when the thread ends, also by a panic.
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

/// Writes a recording. A frame is copied into a buffer, without waiting for the disk; a thread compresses and writes.
/// Dropping the recorder writes the rest of the buffer and waits for it; [`Recorder::finish`] also returns the result.
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
    /// Starts a recording: opens the target and starts the thread.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the file or folder cannot be used, and
    /// [`ErrorKind::Damaged`](crate::ErrorKind::Damaged) for a file to be continued that is not a recording.
    pub fn start(options: RecorderOptions) -> Result<Self, Error> {
        let writer = Writer::new(options.clone())?;
        Self::with(options, writer)
    }

    /// Starts the thread, with a target that is open.
    fn with(options: RecorderOptions, writer: Writer) -> Result<Self, Error> {
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
            let _end = AnnounceEnd(&own);
            write(&own, writer)
        })
        .map_err(|error| Error::io(&path, error))?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)), path })
    }

    /// Records a frame with its receive time (nanoseconds since the Unix epoch) and the number of its connection. Never blocks on
    /// the disk; a frame that does not fit into the queue is dropped and counted.
    pub fn frame(&self, received_nanos: u64, connection: u64, payload: Payload<'_>) {
        let size = match payload {
            Payload::Text(text) => text.len(),
            Payload::Binary(bytes) => bytes.len() / 3 * 4 + 4,
        };
        self.line(received_nanos, size, true, |line| {
            push(line, format_args!("{received_nanos} {connection} "));
            match payload {
                Payload::Text(payload) => text(payload, line),
                Payload::Binary(bytes) => encode(bytes, b"!", line),
            }
        });
    }

    /// Records a snapshot of a book with its receive time (nanoseconds since the Unix epoch), the depth request and the body of its
    /// answer as it came. Counts as a frame.
    pub fn snapshot(&self, received_nanos: u64, api: Api, symbol: &Symbol, limit: u32, answer: &str) {
        self.line(received_nanos, answer.len() + symbol.as_str().len(), true, |line| {
            push(line, format_args!("{received_nanos} = {api} {symbol} {limit} "));
            text(answer, line);
        });
    }

    /// Records that a connection came up or was lost.
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
        // 64 for the numbers, and for the line that reports a loss.
        if queue.closed || queue.text.len() + queue.in_hand + size + 64 > options.queue_bytes {
            queue.lost += u64::from(is_frame);
            queue.lost_unreported += u64::from(is_frame);
            queue.mark_lost |= !is_frame;
            return;
        }
        let was_empty = queue.text.is_empty();
        if was_empty {
            queue.first_nanos = nanos;
        }
        let lost = std::mem::take(&mut queue.lost_unreported);
        if lost > 0 || std::mem::take(&mut queue.mark_lost) {
            queue.mark_lost = false;
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

    /// Returns the state of the recording.
    pub fn status(&self) -> RecorderStatus {
        let queue = self.shared.lock();
        RecorderStatus {
            frames: queue.frames,
            frames_written: queue.frames_written,
            lost: queue.lost,
            waiting: queue.text.len() + queue.in_hand,
            written: queue.written,
            files: queue.files.clone(),
            failing: queue.failing.clone(),
        }
    }

    /// Waits until all accepted frames are written. Blocks the thread.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Ended`](crate::ErrorKind::Ended) if a write failed or the recording has ended;
    /// [`Recorder::status`] has the cause.
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

    /// Writes the rest of the buffer and ends the recording. Blocks the thread. Later frames are counted as lost.
    ///
    /// # Errors
    ///
    /// The error of the last write.
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

/// Records all frames of a client, if it is part of the client's configuration (in an [`Arc`]).
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
            tracing::error!(%error, "end of a recording lost");
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

fn text(text: &str, line: &mut Vec<u8>) {
    // A text that begins like a mark of the format, or breaks its lines, would read as something else.
    if text.contains(['\n', '\r']) || text.starts_with(['!', '+', '-']) {
        encode(text.as_bytes(), b"!!", line);
    } else {
        line.extend_from_slice(text.as_bytes());
    }
}

fn encode(bytes: &[u8], sign: &[u8], line: &mut Vec<u8>) {
    line.extend_from_slice(sign);
    line.extend_from_slice(STANDARD.encode(bytes).as_bytes());
}

/// The loop of the thread: writes the queue in blocks until the recorder is closed.
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
                    queue.frames_written += frames_in(block);
                    rest = behind;
                    queue.in_hand = rest.len();
                    queue.failing = None;
                }
                Err(error) => {
                    if queue.failing.is_none() {
                        tracing::error!(%error, "cannot write a block of the recording, will retry");
                    }
                    let reason = error.io_error().map(ToString::to_string);
                    queue.failing = Some(reason.unwrap_or_else(|| error.to_string()));
                    shared.flushed.notify_all();
                    if queue.closed {
                        return Err(error);
                    }
                    // Repeated later: a full disk may have space by then.
                    let _ = shared.closing.wait_timeout(queue, shared.options.block_interval);
                }
            }
        }
        text.clear();
        // What piled up while the disk failed is not kept; usual blocks fit.
        text.shrink_to(shared.options.block_bytes.saturating_mul(4));
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

/// Number of frames in a block.
fn frames_in(block: &[u8]) -> u64 {
    let is_frame = |line: &&[u8]| {
        let mut words = line.splitn(3, |byte| *byte == b' ').skip(1);
        match (words.next(), words.next()) {
            (Some(b"="), _) => true,
            (Some(b"~" | b"."), _) | (_, None | Some(b"+" | b"-")) => false,
            _ => true,
        }
    };
    u64::try_from(block.split(|byte| *byte == b'\n').filter(is_frame).count()).unwrap_or(u64::MAX)
}

/// The time at the beginning of a line.
pub(crate) fn nanos_of(block: &[u8]) -> Option<u64> {
    let digits = block.split(|byte| *byte == b' ').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
    fn a_mark_that_does_not_fit_leaves_a_loss_behind() {
        use crate::disk::failing::{Failing, Plan};
        use crate::reader::{RecordEntry, Recording};
        let path = std::env::temp_dir().join(format!("binance-kit-lost-mark-{}", std::process::id()));
        let options = RecorderOptions::to_file(&path)
            .queue_bytes(1024)
            .block_interval(std::time::Duration::from_millis(1));
        let plan = Plan { fails: 2..30, eighths: 0, done: std::sync::atomic::AtomicU64::default() };
        let writer = Writer::onto(options.clone(), Box::new(Failing(Arc::new(plan)))).unwrap();
        let recorder = Recorder::with(options, writer).unwrap();
        // Just so much that nothing else fits.
        recorder.frame(1, 0, Payload::Text(&"x".repeat(1024 - 64)));
        recorder.mark(2, 0, Mark::Disconnected);
        recorder.flush().unwrap_or_default();
        // The thread repeats what failed; one that hangs has a name.
        let is_written = (0..9000).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(5));
            recorder.status().waiting == 0
        });
        assert!(is_written, "the frame is not written: {:?}", recorder.status());
        recorder.frame(3, 0, Payload::Text("{}"));
        assert_eq!(recorder.finish().unwrap().lost, 0, "no frame is");
        let entries: Vec<RecordEntry> = Recording::open(&path).unwrap().map(Result::unwrap).collect();
        let lost = RecordEntry::Lost { at_nanos: 3, count: 0 };
        assert!(entries.contains(&lost), "{entries:?}");
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    #[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
    fn the_error_of_the_last_write_is_that_of_the_recording() {
        use crate::disk::failing::{Failing, Plan};
        let path = std::env::temp_dir().join(format!("binance-kit-last-write-{}", std::process::id()));
        let options = RecorderOptions::to_file(&path);
        // The file is opened and begun; nothing else succeeds.
        let plan = Plan { fails: 2..u64::MAX, eighths: 4, done: std::sync::atomic::AtomicU64::default() };
        let writer = Writer::onto(options.clone(), Box::new(Failing(Arc::new(plan)))).unwrap();
        let recorder = Recorder::with(options, writer).unwrap();
        recorder.frame(1, 0, Payload::Text("{}"));
        let error = recorder.finish().unwrap_err();
        assert_eq!(error.io_error().unwrap().kind(), std::io::ErrorKind::StorageFull, "{error}");
        let status = recorder.status();
        assert!(status.failing.is_some());
        assert_eq!((status.frames, status.frames_written), (1, 0));
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn blocks_end_with_lines() {
        assert_eq!(cut(b"1 a\n2 b\n3 c\n", 5), (b"1 a\n2 b\n".as_slice(), b"3 c\n".as_slice()));
        assert_eq!(cut(b"1 a\n2 b\n", 4), (b"1 a\n".as_slice(), b"2 b\n".as_slice()));
        assert_eq!(cut(b"1 a\n", 100), (b"1 a\n".as_slice(), b"".as_slice()));
        assert_eq!(nanos_of(b"17 0 {}\n"), Some(17));
        assert_eq!(
            frames_in(b"# x\n1 0 {}\n1 0 +\n2 0 -\n2 ~ 7\n3 = spot A 5 {}\n3 0 [1, 2]\n4 .\n4 0 \n"),
            4
        );
    }
}
