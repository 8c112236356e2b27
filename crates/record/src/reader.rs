//! Reading recordings back: of this crate, and of others that write `TIME FRAME` lines.

use crate::error::Error;
use crate::format::{HEADER_LENGTH, member_length};
use crate::recorder::Mark;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Maximum length of a line in bytes. The longest frame seen, a depth snapshot, has 400 KB.
const MAX_LINE: u64 = 64 << 20;

/// Maximum length of an unpacked block in bytes: twice the largest that is written, since a block ends with a line.
const MAX_BLOCK: u64 = 128 << 20;

/// An entry of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordEntry {
    /// A frame.
    Frame(RecordedFrame),
    /// A connection came up or was lost.
    Mark {
        /// Time of the change, in nanoseconds since the Unix epoch.
        at_nanos: u64,
        /// Number of the connection.
        connection: u64,
        /// Whether it came up or was lost.
        mark: Mark,
    },
    /// Frames that the recorder could not write: they are missing here.
    Lost {
        /// When the recorder could write again, in nanoseconds since the Unix epoch.
        at_nanos: u64,
        /// Number of missing frames.
        count: u64,
    },
    /// The file ends with an incomplete block: the process was killed, or the file is still being written. Its
    /// content is lost; this is the last entry.
    Torn,
}

/// A frame as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedFrame {
    /// Receive time in nanoseconds since the Unix epoch.
    pub received_nanos: u64,
    /// Number of the connection; `None` if the recording does not contain it.
    pub connection: Option<u64>,
    /// Payload of the frame.
    pub text: FrameText,
}

/// Payload of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameText {
    /// Payload of a text frame.
    Text(String),
    /// Payload of a binary frame.
    Binary(Vec<u8>),
}

impl FrameText {
    /// Returns the payload as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

/// A file whose reading is counted, for progress.
struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::Relaxed);
        Ok(count)
    }
}

/// Where lines come from.
enum Source {
    /// Blocks of this crate's format.
    Blocks { file: BufReader<Counted<File>>, block: Vec<u8>, read: usize },
    /// Lines of any other recording, compressed or not.
    Lines { lines: BufReader<Box<dyn Read + Send>>, is_packed: bool },
}

/// What a source has next.
enum Next {
    /// A line is in the buffer.
    Line,
    End,
    Torn,
}

/// The entries of a recording, in the order in which they were written.
pub struct Recording {
    path: PathBuf,
    source: Source,
    line: Vec<u8>,
    number: u64,
    length: u64,
    position: Arc<AtomicU64>,
    ended: bool,
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("path", &self.path)
            .field("line", &self.number)
            .field("position", &self.position())
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl Recording {
    /// Opens a file: one of a [`Recorder`](crate::Recorder), or lines of `TIME FRAME`, plain or gzip.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let wrap = |error| Error::io(path, error);
        let mut file = File::open(path).map_err(wrap)?;
        let length = file.metadata().map_err(wrap)?.len();
        let mut head = Vec::new();
        Read::by_ref(&mut file).take(HEADER_LENGTH as u64).read_to_end(&mut head).map_err(wrap)?;
        file.seek(SeekFrom::Start(0)).map_err(wrap)?;
        let position = Arc::new(AtomicU64::new(0));
        let file = BufReader::with_capacity(1 << 16, Counted { inner: file, count: Arc::clone(&position) });
        let source = if is_ours(&head) {
            Source::Blocks { file, block: Vec::new(), read: 0 }
        } else {
            let is_packed = head.starts_with(&[0x1f, 0x8b]);
            let reader: Box<dyn Read + Send> =
                if is_packed { Box::new(flate2::bufread::MultiGzDecoder::new(file)) } else { Box::new(file) };
            Source::Lines { lines: BufReader::with_capacity(1 << 16, reader), is_packed }
        };
        Ok(Self {
            path: path.to_owned(),
            source,
            line: Vec::new(),
            number: 0,
            length,
            position,
            ended: false,
        })
    }

    /// The length of the file in bytes, when it was opened.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// How many bytes of the file have been read: what progress is measured by.
    pub fn position(&self) -> u64 {
        self.position.load(Ordering::Relaxed).min(self.length)
    }

    /// The next entry; `None` at the end. Remarks are passed over.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`](crate::ErrorKind::Damaged) for a line that is no entry or a block that does not unpack; reading goes
    /// on behind it where that can be found. [`ErrorKind::Io`](crate::ErrorKind::Io) when the file cannot be read.
    pub fn next_entry(&mut self) -> Result<Option<RecordEntry>, Error> {
        while !self.ended {
            match self.next_line()? {
                Next::Line => {
                    if let Some(entry) = self.entry()? {
                        return Ok(Some(entry));
                    }
                }
                Next::End => self.ended = true,
                Next::Torn => {
                    self.ended = true;
                    return Ok(Some(RecordEntry::Torn));
                }
            }
        }
        Ok(None)
    }

    fn next_line(&mut self) -> Result<Next, Error> {
        self.line.clear();
        let is_packed = match &self.source {
            Source::Blocks { .. } => return self.next_line_of_blocks(),
            Source::Lines { is_packed, .. } => *is_packed,
        };
        let Source::Lines { lines, .. } = &mut self.source else { return Ok(Next::End) };
        self.number += 1;
        match lines.take(MAX_LINE).read_until(b'\n', &mut self.line) {
            Ok(0) => Ok(Next::End),
            Ok(length) if self.line.last() != Some(&b'\n') => {
                // The end of a file: a line that was cut off, or one that just lacks its end.
                self.ended = true;
                if length as u64 >= MAX_LINE {
                    return Err(self.damaged("the line is too long"));
                }
                Ok(if self.entry().is_ok() { Next::Line } else { Next::Torn })
            }
            Ok(_) => Ok(Next::Line),
            // A process that was killed leaves this. Lines after damage cannot be found in such a file either, so the two cases
            // look the same.
            Err(error) if is_packed && error.kind() == io::ErrorKind::UnexpectedEof => Ok(Next::Torn),
            Err(error) => {
                self.ended = true;
                Err(Error::io(&self.path, error))
            }
        }
    }

    fn next_line_of_blocks(&mut self) -> Result<Next, Error> {
        loop {
            let Source::Blocks { block, read, .. } = &mut self.source else { return Ok(Next::End) };
            if *read < block.len() {
                let rest = block.get(*read..).unwrap_or_default();
                let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
                self.line.extend_from_slice(rest.get(..end).unwrap_or_default());
                *read += end;
                self.number += 1;
                return Ok(Next::Line);
            }
            // Blocks without a line are skipped.
            if let Some(end) = self.next_block()? {
                return Ok(end);
            }
        }
    }

    /// Reads and unpacks the next block; returns the end if there is no block.
    fn next_block(&mut self) -> Result<Option<Next>, Error> {
        let Source::Blocks { file, block, read } = &mut self.source else { return Ok(Some(Next::End)) };
        block.clear();
        *read = 0;
        let mut member = Vec::new();
        let mut fill = |member: &mut Vec<u8>, wanted: usize| {
            file.take(wanted.saturating_sub(member.len()) as u64).read_to_end(member)
        };
        if let Err(error) = fill(&mut member, HEADER_LENGTH) {
            self.ended = true;
            return Err(Error::io(&self.path, error));
        }
        let Some(header) = member.first_chunk() else {
            return Ok(Some(if member.is_empty() { Next::End } else { Next::Torn }));
        };
        let Some(length) = member_length(header) else {
            self.ended = true;
            return Err(Error::damaged(
                &self.path,
                "a block has no valid header; nothing after it can be read",
            ));
        };
        if let Err(error) = fill(&mut member, length) {
            self.ended = true;
            return Err(Error::io(&self.path, error));
        }
        if member.len() < length {
            return Ok(Some(Next::Torn));
        }
        let unpacked = flate2::read::GzDecoder::new(member.as_slice()).take(MAX_BLOCK).read_to_end(block);
        let is_last = self.position.load(Ordering::Relaxed) >= self.length && file.buffer().is_empty();
        match unpacked {
            Ok(_) => Ok(None),
            Err(_) if is_last => {
                block.clear();
                Ok(Some(Next::Torn))
            }
            Err(error) => {
                block.clear();
                let detail = format!("a block of {length} bytes cannot be unpacked ({error}) and is skipped");
                Err(Error::damaged(&self.path, detail))
            }
        }
    }

    /// Reads the line at hand; `None` for a comment or an empty line.
    fn entry(&self) -> Result<Option<RecordEntry>, Error> {
        let text = std::str::from_utf8(&self.line).map_err(|_| self.damaged("the line is not UTF-8"))?;
        let line = text.trim_end_matches(['\n', '\r']);
        if line.is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        let (time, rest) =
            line.split_once(' ').ok_or_else(|| self.damaged("there is no space after the time"))?;
        let nanos =
            time.parse().map_err(|_| self.damaged("the line does not begin with a time in nanoseconds"))?;
        if let Some(count) = rest.strip_prefix("~ ") {
            let count = count.parse().map_err(|_| self.damaged("the number of lost frames is invalid"))?;
            return Ok(Some(RecordEntry::Lost { at_nanos: nanos, count }));
        }
        // A connection is a number followed by a space, which no JSON frame begins with.
        let numbered = rest
            .split_once(' ')
            .and_then(|(number, rest)| number.parse().ok().map(|number: u64| (number, rest)));
        let Some((connection, text)) = numbered else {
            let text = FrameText::Text(rest.to_owned());
            return Ok(Some(RecordEntry::Frame(RecordedFrame {
                received_nanos: nanos,
                connection: None,
                text,
            })));
        };
        let mark = match text {
            "+" => Some(Mark::Connected),
            "-" => Some(Mark::Disconnected),
            _ => None,
        };
        if let Some(mark) = mark {
            return Ok(Some(RecordEntry::Mark { at_nanos: nanos, connection, mark }));
        }
        let text = match text.strip_prefix('!') {
            None => FrameText::Text(text.to_owned()),
            Some(encoded) => self.decoded(encoded)?,
        };
        Ok(Some(RecordEntry::Frame(RecordedFrame {
            received_nanos: nanos,
            connection: Some(connection),
            text,
        })))
    }

    fn decoded(&self, encoded: &str) -> Result<FrameText, Error> {
        let (encoded, is_text) = match encoded.strip_prefix('!') {
            Some(text) => (text, true),
            None => (encoded, false),
        };
        let bytes = STANDARD.decode(encoded).map_err(|_| self.damaged("the frame is not in base64"))?;
        if !is_text {
            return Ok(FrameText::Binary(bytes));
        }
        String::from_utf8(bytes).map(FrameText::Text).map_err(|_| self.damaged("the frame is not UTF-8"))
    }

    fn damaged(&self, what: &str) -> Error {
        Error::damaged(&self.path, format!("line {}: {what}", self.number))
    }
}

impl Iterator for Recording {
    type Item = Result<RecordEntry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_entry().transpose()
    }
}

/// Whether a file begins like one of this crate, be it cut short.
fn is_ours(head: &[u8]) -> bool {
    match head.first_chunk() {
        Some(header) => member_length(header).is_some(),
        None => head.starts_with(&[0x1f, 0x8b, 8, 4]),
    }
}
