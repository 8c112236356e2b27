//! Reading recordings back: of this crate, and of others that write `TIME FRAME` lines.

use crate::error::{Error, ErrorKind};
use crate::format::{ANY_VERSION, CONTINUES, VERSION};
use crate::lines::{Lines, Next};
use crate::recorder::Mark;
use crate::times;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use binance_kit_core::{Api, Symbol};
use std::fmt;
use std::path::{Path, PathBuf};

/// Maximum length of a line in bytes, if nothing else is set. The longest frame seen, a depth snapshot, has 400 KB.
const MAX_LINE: usize = 64 << 20;

/// An entry of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordEntry {
    /// A recorder begins. Only recordings of this crate have it.
    Begin(Begin),
    /// A frame.
    Frame(RecordedFrame),
    /// A snapshot of a book, with the request that it answers.
    Snapshot(RecordedSnapshot),
    /// A connection came up or was lost. One that comes up while it is up was lost before.
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
    /// The recorder closed the file.
    Finished {
        /// Time of the last entry before, in nanoseconds since the Unix epoch; 0 if the recorder wrote no other.
        at_nanos: u64,
    },
    /// The file ends with an incomplete block: the process was killed, or the file is still being written. Its
    /// content is lost; this is the last entry.
    Torn,
    /// The file ends without [`RecordEntry::Finished`], though its recorder writes that: the process was killed, or the file is
    /// still being written. What the recorder held in memory is lost; this is the last entry.
    Unfinished,
}

/// The beginning of a recorder in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Begin {
    /// Version of the format.
    pub version: u32,
    /// The product, where the recorder knows it.
    pub api: Option<Api>,
    /// Whether the recorder goes on from the file before, with the connections that were up there. Otherwise it is a new process,
    /// and no connection is up. Version 1 does not say so: `false`.
    pub continues: bool,
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

/// A snapshot of a book as it was received, with the request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedSnapshot {
    /// Receive time of the answer in nanoseconds since the Unix epoch.
    pub received_nanos: u64,
    /// The product.
    pub api: Api,
    /// The symbol that was asked for.
    pub symbol: Symbol,
    /// The number of levels that was asked for.
    pub limit: u32,
    /// The body of the answer.
    pub answer: String,
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

impl RecordEntry {
    /// Returns the time of the entry in nanoseconds since the Unix epoch, where it has one.
    pub fn at_nanos(&self) -> Option<u64> {
        match self {
            // A recorder that wrote nothing but its end knows no time.
            Self::Finished { at_nanos: 0 } | Self::Begin(_) | Self::Torn | Self::Unfinished => None,
            Self::Frame(frame) => Some(frame.received_nanos),
            Self::Snapshot(snapshot) => Some(snapshot.received_nanos),
            Self::Mark { at_nanos, .. } | Self::Lost { at_nanos, .. } | Self::Finished { at_nanos } => {
                Some(*at_nanos)
            }
        }
    }
}

/// The entries of a recording, in the order in which they were written. A file is read as it is needed: memory is bounded by a
/// block of a few megabytes and the longest line ([`Recording::max_line`]), however large the file is unpacked.
pub struct Recording {
    path: PathBuf,
    lines: Lines,
    line: Vec<u8>,
    /// The last beginning of a recorder.
    begin: Option<Begin>,
    /// Whether the recorder closed the file.
    is_finished: bool,
    ended: bool,
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("path", &self.path)
            .field("line", &self.lines.number)
            .field("position", &self.position())
            .field("length", &self.length())
            .finish_non_exhaustive()
    }
}

impl Recording {
    /// Opens a file: one of a [`Recorder`](crate::Recorder), or lines of `TIME FRAME`, plain or gzip.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        Ok(Self {
            path: path.to_owned(),
            lines: Lines::open(path, MAX_LINE)?,
            line: Vec::new(),
            begin: None,
            is_finished: false,
            ended: false,
        })
    }

    /// Sets the maximum length of a line in bytes (default 64 MiB). A longer one is an error of kind
    /// [`ErrorKind::Damaged`], and is passed over without being held in memory.
    #[must_use]
    pub fn max_line(mut self, bytes: usize) -> Self {
        self.lines.max_line = bytes.max(1);
        self
    }

    /// The length of the file in bytes, when it was opened.
    pub fn length(&self) -> u64 {
        self.lines.length
    }

    /// How many bytes of the file have been read: what progress is measured by.
    pub fn position(&self) -> u64 {
        self.lines.position()
    }

    /// The next entry; `None` at the end. Remarks are passed over.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] for a line that is no entry or a block that does not unpack; the next
    /// call goes on behind it where that can be found. [`ErrorKind::Io`] when the file cannot be read, and
    /// [`ErrorKind::Version`] for a newer version of the format; nothing follows.
    pub fn next_entry(&mut self) -> Result<Option<RecordEntry>, Error> {
        while !self.ended {
            match self.lines.next(&mut self.line)? {
                Next::Line => {
                    let entry = self.entry().inspect_err(|error| {
                        self.ended = error.kind() == ErrorKind::Version;
                    });
                    if let Some(entry) = entry? {
                        self.is_finished = matches!(entry, RecordEntry::Finished { .. });
                        if let RecordEntry::Begin(begin) = entry {
                            self.begin = Some(begin);
                        }
                        return Ok(Some(entry));
                    }
                }
                // A line that was cut off, or one that just lacks its end.
                Next::Partial => match self.entry() {
                    Ok(Some(entry)) => return Ok(Some(entry)),
                    Ok(None) => {}
                    Err(_) => {
                        self.ended = true;
                        return Ok(Some(RecordEntry::Torn));
                    }
                },
                Next::End => {
                    self.ended = true;
                    if self.begin.is_some_and(|begin| begin.version >= 2) && !self.is_finished {
                        return Ok(Some(RecordEntry::Unfinished));
                    }
                }
                Next::Torn => {
                    self.ended = true;
                    return Ok(Some(RecordEntry::Torn));
                }
            }
        }
        Ok(None)
    }

    /// Reads the line at hand; `None` for a comment or an empty line.
    fn entry(&self) -> Result<Option<RecordEntry>, Error> {
        let text = std::str::from_utf8(&self.line).map_err(|_| self.damaged("it is not UTF-8"))?;
        let line = text.trim_end_matches(['\n', '\r']);
        if let Some(begin) = line.strip_prefix(ANY_VERSION) {
            return self.begin(begin).map(|begin| Some(RecordEntry::Begin(begin)));
        }
        if line.is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        let (time, rest) =
            line.split_once([' ', '\t']).ok_or_else(|| self.damaged("there is no space after the time"))?;
        let is_ours = self.begin.is_some() || self.lines.has_blocks();
        let nanos = if is_ours { time.parse().ok() } else { times::nanos(time) };
        let nanos = nanos.ok_or_else(|| self.damaged("the line does not begin with a time"))?;
        if is_ours && rest == "." {
            return Ok(Some(RecordEntry::Finished { at_nanos: nanos }));
        }
        if let Some(count) = rest.strip_prefix("~ ") {
            let count = count.parse().map_err(|_| self.damaged("the number of lost frames is invalid"))?;
            return Ok(Some(RecordEntry::Lost { at_nanos: nanos, count }));
        }
        if is_ours && let Some(snapshot) = rest.strip_prefix("= ") {
            return self.snapshot(nanos, snapshot).map(|snapshot| Some(RecordEntry::Snapshot(snapshot)));
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

    /// Reads the rest of a first line.
    fn begin(&self, text: &str) -> Result<Begin, Error> {
        let mut words = text.split(' ');
        let version = words.next().and_then(|version| version.parse().ok());
        let version = version.ok_or_else(|| self.damaged("the version of the format is no number"))?;
        if version > VERSION {
            return Err(Error::version(&self.path, version));
        }
        let api = words.next().and_then(|api| api.parse().ok());
        Ok(Begin { version, api, continues: words.next() == Some(CONTINUES) })
    }

    /// Reads the rest of the line of a snapshot.
    fn snapshot(&self, received_nanos: u64, text: &str) -> Result<RecordedSnapshot, Error> {
        let mut words = text.splitn(4, ' ');
        let read = (|| {
            let api = words.next()?.parse().ok()?;
            let symbol = Symbol::new(words.next()?);
            let limit = words.next()?.parse().ok()?;
            Some((api, symbol, limit, words.next()?))
        })();
        let Some((api, symbol, limit, answer)) = read else {
            return Err(self.damaged("the request of a snapshot is invalid"));
        };
        let answer = match answer.strip_prefix('!') {
            None => answer.to_owned(),
            Some(encoded) => match self.decoded(encoded)? {
                FrameText::Text(text) => text,
                FrameText::Binary(_) => return Err(self.damaged("a snapshot is not a text")),
            },
        };
        Ok(RecordedSnapshot { received_nanos, api, symbol, limit, answer })
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
        Error::damaged(&self.path, format!("line {}: {what}", self.lines.number))
    }
}

impl Iterator for Recording {
    type Item = Result<RecordEntry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_entry().transpose()
    }
}
