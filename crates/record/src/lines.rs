//! The lines of a file, whatever they are packed in. Memory is bounded: a block that unpacks to more than a few megabytes is
//! unpacked twice, once to check it and once to read it, instead of being held.

use crate::error::Error;
use crate::format::{HEADER_LENGTH, member_length};
use crate::scan::find_block;
use flate2::bufread::GzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Maximum length of the text of a block that is held, in bytes.
const HELD: u64 = 4 << 20;

/// Maximum length of an unpacked block in bytes: twice the largest that is written, since a block ends with a line.
const MAX_BLOCK: u64 = 128 << 20;

/// What is kept of a buffer after an outlier, in bytes.
const KEPT: usize = 1 << 20;

/// A file whose reading is counted, for progress.
#[derive(Debug)]
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

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = self.inner.seek(to)?;
        self.count.store(at, Ordering::Relaxed);
        Ok(at)
    }
}

type CountedFile = BufReader<Counted<File>>;

/// The text of the block at hand.
enum Text {
    /// All of it, and how much of it was read.
    Held(Vec<u8>, usize),
    /// A long one, which has been checked and is unpacked again.
    Long(BufReader<GzDecoder<Cursor<Vec<u8>>>>),
}

/// Blocks of this crate's format.
struct Blocks {
    file: CountedFile,
    /// Where the next block begins in the file.
    next: u64,
    text: Text,
}

/// Where lines come from.
enum Source {
    /// Blocks of this crate's format.
    Blocks(Box<Blocks>),
    /// Lines of any other recording, compressed or not.
    Plain { lines: BufReader<Box<dyn Read + Send>>, is_packed: bool },
}

/// What a file has next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// A line is in the buffer.
    Line,
    /// The last line, without its end, is in the buffer.
    Partial,
    /// Nothing follows.
    End,
    /// The file ends within a block.
    Torn,
}

/// What was read of a text.
enum Taken {
    Line,
    Partial,
    TooLong,
    End,
}

/// Reads a line of at most `max` bytes. A longer one is passed over without being held.
fn take_line(text: &mut impl BufRead, max: usize, line: &mut Vec<u8>) -> io::Result<Taken> {
    let length = Read::by_ref(text).take(max as u64 + 1).read_until(b'\n', line)?;
    if length == 0 {
        return Ok(Taken::End);
    }
    if line.last() == Some(&b'\n') {
        return Ok(Taken::Line);
    }
    if length <= max {
        return Ok(Taken::Partial);
    }
    *line = Vec::new();
    loop {
        let part = text.fill_buf()?;
        if part.is_empty() {
            return Ok(Taken::TooLong);
        }
        match part.iter().position(|byte| *byte == b'\n') {
            Some(end) => {
                text.consume(end + 1);
                return Ok(Taken::TooLong);
            }
            None => {
                let length = part.len();
                text.consume(length);
            }
        }
    }
}

/// The lines of a file.
pub(crate) struct Lines {
    path: PathBuf,
    source: Source,
    /// Maximum length of a line in bytes.
    pub(crate) max_line: usize,
    /// Number of lines read.
    pub(crate) number: u64,
    pub(crate) length: u64,
    position: Arc<AtomicU64>,
    ended: bool,
}

impl Lines {
    pub(crate) fn open(path: &Path, max_line: usize) -> Result<Self, Error> {
        let wrap = |error| Error::io(path, error);
        let mut file = File::open(path).map_err(wrap)?;
        let length = file.metadata().map_err(wrap)?.len();
        let mut head = Vec::new();
        Read::by_ref(&mut file).take(HEADER_LENGTH as u64).read_to_end(&mut head).map_err(wrap)?;
        file.seek(SeekFrom::Start(0)).map_err(wrap)?;
        let position = Arc::new(AtomicU64::new(0));
        let file = BufReader::with_capacity(1 << 16, Counted { inner: file, count: Arc::clone(&position) });
        let source = if is_ours(&head) {
            Source::Blocks(Box::new(Blocks { file, next: 0, text: Text::Held(Vec::new(), 0) }))
        } else {
            let is_packed = head.starts_with(&[0x1f, 0x8b]);
            let reader: Box<dyn Read + Send> =
                if is_packed { Box::new(flate2::bufread::MultiGzDecoder::new(file)) } else { Box::new(file) };
            Source::Plain { lines: BufReader::with_capacity(1 << 16, reader), is_packed }
        };
        Ok(Self { path: path.to_owned(), source, max_line, number: 0, length, position, ended: false })
    }

    /// Whether the file consists of this crate's blocks.
    pub(crate) fn has_blocks(&self) -> bool {
        matches!(self.source, Source::Blocks(_))
    }

    pub(crate) fn position(&self) -> u64 {
        self.position.load(Ordering::Relaxed).min(self.length)
    }

    /// Puts the next line into the buffer. After an error reading goes on behind the damage, where that can be found.
    pub(crate) fn next(&mut self, line: &mut Vec<u8>) -> Result<Next, Error> {
        line.clear();
        line.shrink_to(KEPT);
        while !self.ended {
            let (taken, is_packed) = match &mut self.source {
                Source::Plain { lines, is_packed } => (take_line(lines, self.max_line, line), *is_packed),
                Source::Blocks(blocks) => (blocks.line(self.max_line, line), false),
            };
            match taken {
                Ok(Taken::Line) => {
                    self.number += 1;
                    return Ok(Next::Line);
                }
                Ok(Taken::TooLong) => {
                    self.number += 1;
                    let detail = format!(
                        "line {}: it is longer than {} bytes and is skipped",
                        self.number, self.max_line
                    );
                    return Err(Error::damaged(&self.path, detail));
                }
                Ok(Taken::Partial) => {
                    self.number += 1;
                    // Blocks end with a line; within one, a line without its end is as good as any.
                    self.ended = !self.has_blocks();
                    return Ok(if self.ended { Next::Partial } else { Next::Line });
                }
                Ok(Taken::End) => match self.next_block()? {
                    None => {}
                    Some(end) => return Ok(end),
                },
                // A process that was killed leaves this. Lines after damage cannot be found in such a file either, so the two
                // cases look the same.
                Err(error) if is_packed && error.kind() == io::ErrorKind::UnexpectedEof => {
                    self.ended = true;
                    return Ok(Next::Torn);
                }
                Err(error) if is_packed && is_corrupt(&error) => {
                    self.ended = true;
                    let detail = format!(
                        "it cannot be unpacked ({error}) beyond line {}; nothing after that can be read",
                        self.number
                    );
                    return Err(Error::damaged(&self.path, detail));
                }
                Err(error) => {
                    self.ended = true;
                    return Err(Error::io(&self.path, error));
                }
            }
        }
        Ok(Next::End)
    }

    /// Goes on to the next block; `None` when there is one.
    fn next_block(&mut self) -> Result<Option<Next>, Error> {
        let Source::Blocks(blocks) = &mut self.source else {
            self.ended = true;
            return Ok(Some(Next::End));
        };
        match blocks.next_block() {
            Ok(Block::Read) => Ok(None),
            Ok(Block::End) => {
                self.ended = true;
                Ok(Some(Next::End))
            }
            Ok(Block::Torn) => {
                self.ended = true;
                Ok(Some(Next::Torn))
            }
            Ok(Block::Damaged { detail, is_last }) => {
                self.ended = is_last;
                Err(Error::damaged(&self.path, detail))
            }
            Err(error) => {
                self.ended = true;
                Err(Error::io(&self.path, error))
            }
        }
    }
}

/// Whether compressed data is invalid, not the file unreadable.
fn is_corrupt(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData)
}

/// The next block of a file.
enum Block {
    /// Its text can be read.
    Read,
    /// There is none.
    End,
    /// It is incomplete, and the last one.
    Torn,
    /// It is passed over, and reading goes on behind it unless nothing is found there.
    Damaged { detail: String, is_last: bool },
}

impl Blocks {
    fn line(&mut self, max: usize, line: &mut Vec<u8>) -> io::Result<Taken> {
        match &mut self.text {
            Text::Held(text, read) => {
                let mut rest = text.get(*read..).unwrap_or_default();
                let before = rest.len();
                let taken = take_line(&mut rest, max, line);
                *read += before - rest.len();
                taken
            }
            Text::Long(text) => take_line(text, max, line),
        }
    }

    /// Reads and unpacks the next block.
    fn next_block(&mut self) -> io::Result<Block> {
        let mut text = match std::mem::replace(&mut self.text, Text::Held(Vec::new(), 0)) {
            Text::Held(text, _) => text,
            Text::Long(_) => Vec::new(),
        };
        text.clear();
        text.shrink_to(KEPT);
        let start = self.next;
        let mut member = Vec::new();
        let input = &mut self.file;
        let mut fill = |member: &mut Vec<u8>, wanted: usize| {
            Read::by_ref(input).take(wanted.saturating_sub(member.len()) as u64).read_to_end(member)
        };
        fill(&mut member, HEADER_LENGTH)?;
        let Some(header) = member.first_chunk() else {
            return Ok(if member.is_empty() { Block::End } else { Block::Torn });
        };
        let Some(length) = member_length(header) else {
            return self.skip(start, |skipped| match skipped {
                Some(bytes) => format!("{bytes} bytes at byte {start} are no block and are skipped"),
                None => {
                    format!("the block at byte {start} has no valid header; nothing after it can be read")
                }
            });
        };
        fill(&mut member, length)?;
        if member.len() < length {
            let skipped =
                self.skip(start, |_| format!("the block at byte {start} is incomplete and is skipped"))?;
            // With nothing behind it, it is the one that was being written.
            return Ok(match skipped {
                Block::Damaged { is_last: true, .. } => Block::Torn,
                other => other,
            });
        }
        match unpack(member, text) {
            Ok(text) => {
                self.text = text;
                self.next = start + length as u64;
                Ok(Block::Read)
            }
            Err(error) => {
                let skipped = self.skip(start, |_| {
                    format!(
                        "the block of {length} bytes at byte {start} cannot be unpacked ({error}) and is skipped"
                    )
                })?;
                let is_end = self.file.get_ref().inner.metadata()?.len() <= start + length as u64;
                Ok(match skipped {
                    // A loss of power leaves the length without the content.
                    Block::Damaged { is_last: true, .. } if is_end => Block::Torn,
                    other => other,
                })
            }
        }
    }

    /// Passes over the block that begins here, to the next one that can be found.
    fn skip(&mut self, start: u64, detail: impl FnOnce(Option<u64>) -> String) -> io::Result<Block> {
        let next = find_block(&mut self.file, start + 1)?;
        if let Some(next) = next {
            self.file.seek(SeekFrom::Start(next))?;
            self.next = next;
        }
        let detail = detail(next.map(|next| next - start));
        Ok(Block::Damaged { detail, is_last: next.is_none() })
    }
}

/// Unpacks a block and checks it; `held` is a buffer to use.
fn unpack(member: Vec<u8>, mut held: Vec<u8>) -> io::Result<Text> {
    let mut decoder = GzDecoder::new(member.as_slice());
    Read::by_ref(&mut decoder).take(HELD + 1).read_to_end(&mut held)?;
    if held.len() as u64 <= HELD {
        return Ok(Text::Held(held, 0));
    }
    drop(held);
    let rest = MAX_BLOCK - HELD;
    if io::copy(&mut Read::by_ref(&mut decoder).take(rest), &mut io::sink())? == rest {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is too large"));
    }
    drop(decoder);
    Ok(Text::Long(BufReader::with_capacity(1 << 16, GzDecoder::new(Cursor::new(member)))))
}

/// Whether a file begins like one of this crate, be it cut short.
fn is_ours(head: &[u8]) -> bool {
    match head.first_chunk() {
        Some(header) => member_length(header).is_some(),
        None => head.starts_with(&[0x1f, 0x8b, 8, 4]),
    }
}
