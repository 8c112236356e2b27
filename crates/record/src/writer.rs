//! Writes blocks into files: one write per member, one file after another.

use crate::error::Error;
use crate::format::{CONTINUES, FIRST_LINE, pack};
use crate::options::{RecorderOptions, Target};
use crate::recorder::nanos_of;
use crate::recovery::recover;
use binance_kit_core::{Api, Timestamp};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The file that is being written.
#[derive(Debug)]
struct Open {
    file: File,
    path: PathBuf,
    length: u64,
    /// The receive time of its first frame.
    since_nanos: u64,
    /// The time of its last line.
    last_nanos: u64,
    /// Whether it has its last line.
    is_finished: bool,
}

/// Writes blocks.
#[derive(Debug)]
pub(crate) struct Writer {
    options: RecorderOptions,
    open: Option<Open>,
    files: Vec<PathBuf>,
    member: Vec<u8>,
    written: u64,
}

impl Writer {
    /// Opens the target.
    pub(crate) fn new(options: RecorderOptions) -> Result<Self, Error> {
        let mut writer = Self { options, open: None, files: Vec::new(), member: Vec::new(), written: 0 };
        match &writer.options.target {
            Target::Folder { folder, .. } => {
                std::fs::create_dir_all(folder).map_err(|error| Error::io(folder, error))?;
            }
            Target::File(path) => {
                let path = path.clone();
                writer.continue_file(path)?;
            }
        }
        Ok(writer)
    }

    /// The file or folder, for errors.
    pub(crate) fn path(&self) -> &Path {
        match &self.options.target {
            Target::File(path) => path,
            Target::Folder { folder, .. } => folder,
        }
    }

    /// The files written so far.
    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Bytes written.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Writes a block; `first_nanos` is the receive time of its first frame. After an error the file has nothing of the block.
    pub(crate) fn block(&mut self, text: &[u8], first_nanos: u64) -> Result<(), Error> {
        if self.open.as_ref().is_some_and(|open| self.is_full(open, first_nanos)) {
            self.close()?;
        }
        if self.open.is_none() {
            self.next_file(first_nanos)?;
        }
        self.append(text)
    }

    /// Appends a block to the open file.
    fn append(&mut self, text: &[u8]) -> Result<(), Error> {
        let Self { open: Some(open), options, member, written, .. } = self else { return Ok(()) };
        pack(text, options.level, member).map_err(|error| Error::io(&open.path, error))?;
        // One write for the whole member: a process that is killed can only leave the last member incomplete.
        let mut result = open.file.write_all(member);
        if options.sync {
            result = result.and_then(|()| open.file.sync_data());
        }
        if let Err(error) = result {
            // A part that a full disk accepted must not remain before the next block, nor all of it before its repetition.
            let _ = open.file.set_len(open.length);
            return Err(Error::io(&open.path, error));
        }
        let length = u64::try_from(member.len()).unwrap_or(u64::MAX);
        open.length += length;
        *written += length;
        let last = text.strip_suffix(b"\n").unwrap_or(text).rsplit(|byte| *byte == b'\n').next();
        open.last_nanos = last.and_then(nanos_of).unwrap_or(open.last_nanos);
        Ok(())
    }

    fn is_full(&self, open: &Open, now_nanos: u64) -> bool {
        let age = u128::from(now_nanos.saturating_sub(open.since_nanos));
        matches!(self.options.target, Target::Folder { .. })
            && (open.length >= self.options.file_bytes || age >= self.options.file_interval.as_nanos())
    }

    /// Closes the file with its last line, after the disk has it. After an error the file is still open, and closing it can be
    /// repeated.
    pub(crate) fn close(&mut self) -> Result<(), Error> {
        let Some(open) = &self.open else { return Ok(()) };
        if !open.is_finished {
            let line = format!("{} .\n", open.last_nanos);
            self.append(line.as_bytes())?;
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        open.is_finished = true;
        open.file.sync_all().map_err(|error| Error::io(&open.path, error))?;
        self.open = None;
        Ok(())
    }

    fn next_file(&mut self, first_nanos: u64) -> Result<(), Error> {
        match &self.options.target {
            Target::File(path) => {
                let path = path.clone();
                self.continue_file(path)
            }
            Target::Folder { folder, name } => {
                let stamp = stamp(first_nanos);
                let mut count = 0;
                let (file, path) = loop {
                    let number = if count == 0 { String::new() } else { format!("-{count}") };
                    let path = folder.join(format!("{name}-{stamp}{number}.gz"));
                    match OpenOptions::new().append(true).create_new(true).open(&path) {
                        Ok(file) => break (file, path),
                        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => count += 1,
                        Err(error) => return Err(Error::io(&path, error)),
                    }
                };
                let continues = !self.files.is_empty();
                let begun = self.begin(Open::new(file, path.clone(), 0, first_nanos), continues);
                if begun.is_err() {
                    // Or else a disk that stays full collects empty files.
                    let _ = std::fs::remove_file(&path);
                }
                begun
            }
        }
    }

    fn continue_file(&mut self, path: PathBuf) -> Result<(), Error> {
        let length = if path.try_exists().map_err(|error| Error::io(&path, error))? {
            let recovered = recover(&path)?;
            if recovered.cut > 0 {
                tracing::warn!(path = %path.display(), bytes = recovered.cut, "removed an incomplete block");
            }
            recovered.kept
        } else {
            0
        };
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&path)
            .map_err(|error| Error::io(&path, error))?;
        self.begin(Open::new(file, path, length, 0), false)
    }

    /// Continues with this file, and says so in it.
    fn begin(&mut self, open: Open, continues: bool) -> Result<(), Error> {
        let api = self.options.api.map_or("-", Api::as_str);
        let more = if continues { format!(" {CONTINUES}") } else { String::new() };
        let path = open.path.clone();
        self.open = Some(open);
        if let Err(error) = self.append(format!("{FIRST_LINE} {api}{more}\n").as_bytes()) {
            // Begun again with the next block.
            self.open = None;
            return Err(error);
        }
        if !self.files.contains(&path) {
            self.files.push(path);
        }
        Ok(())
    }
}

impl Open {
    fn new(file: File, path: PathBuf, length: u64, since_nanos: u64) -> Self {
        Self { file, path, length, since_nanos, last_nanos: since_nanos, is_finished: false }
    }
}

/// `20231114T221320Z`.
fn stamp(nanos: u64) -> String {
    let micros = i64::try_from(nanos / 1000).unwrap_or(i64::MAX);
    let text = Timestamp::from_micros(micros).to_string();
    // As `2023-11-14T22:13:20.123456Z`, without the signs and what is below a second.
    let whole: String = text
        .split(['.', 'Z'])
        .next()
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    format!("{whole}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_time() {
        assert_eq!(stamp(1_700_000_000_123_456_789), "20231114T221320Z");
        assert_eq!(stamp(0), "19700101T000000Z");
    }
}
