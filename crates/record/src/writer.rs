//! Writes blocks into files: one write per member, one file after another.

use crate::disk::{Disk, FileSystem, Output};
use crate::error::Error;
use crate::format::{CONTINUES, FIRST_LINE, pack};
use crate::options::{RecorderOptions, Target};
use crate::recorder::nanos_of;
use crate::recovery::recover;
use binance_kit_core::{Api, Timestamp};
use std::io;
use std::path::{Path, PathBuf};

/// The file that is being written.
#[derive(Debug)]
struct Open {
    file: Box<dyn Output>,
    path: PathBuf,
    /// Its length, without what a failed write may have left behind it.
    length: u64,
    /// Whether a failed write may have left something that could not be removed.
    has_rest: bool,
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
    disk: Box<dyn Disk>,
    open: Option<Open>,
    files: Vec<PathBuf>,
    member: Vec<u8>,
    written: u64,
}

impl Writer {
    /// Opens the target.
    pub(crate) fn new(options: RecorderOptions) -> Result<Self, Error> {
        Self::onto(options, Box::new(FileSystem))
    }

    /// Opens the target on this disk.
    pub(crate) fn onto(options: RecorderOptions, disk: Box<dyn Disk>) -> Result<Self, Error> {
        let mut writer =
            Self { options, disk, open: None, files: Vec::new(), member: Vec::new(), written: 0 };
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
        if open.has_rest {
            open.file.set_len(open.length).map_err(|error| Error::io(&open.path, error))?;
            open.has_rest = false;
        }
        // One write for the whole member: a process that is killed can only leave the last member incomplete.
        let mut result = open.file.write_all(member);
        if options.sync {
            result = result.and_then(|()| open.file.sync_data());
        }
        if let Err(error) = result {
            // A part that a full disk accepted must not remain before the next block, nor all of it before its repetition.
            open.has_rest = open.file.set_len(open.length).is_err();
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
                    match self.disk.create(&path) {
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
        let file = self.disk.append(&path).map_err(|error| Error::io(&path, error))?;
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
    fn new(file: Box<dyn Output>, path: PathBuf, length: u64, since_nanos: u64) -> Self {
        Self { file, path, length, has_rest: false, since_nanos, last_nanos: since_nanos, is_finished: false }
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
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;

    use crate::disk::failing::{Failing, Plan};
    use crate::reader::{RecordEntry, Recording};
    use std::ops::Range;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A folder that goes when the test is over.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("binance-kit-writer-{}-{name}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    /// What a file holds: its frames, and its end.
    fn frames(path: &Path) -> Vec<String> {
        let mut frames = Vec::new();
        let mut is_finished = false;
        for entry in Recording::open(path).unwrap() {
            match entry.unwrap() {
                RecordEntry::Frame(frame) => {
                    frames.push(String::from_utf8(frame.text.as_bytes().to_vec()).unwrap());
                }
                RecordEntry::Begin(_) => {}
                RecordEntry::Finished { .. } => is_finished = true,
                other => panic!("{other:?}"),
            }
        }
        assert!(is_finished, "{}", path.display());
        frames
    }

    /// Writes blocks onto a disk that fails, repeats what failed, and reads them back. Returns the number of operations.
    fn play(
        name: &str,
        options: impl Fn(&Path) -> RecorderOptions,
        fails: Range<u64>,
        eighths: usize,
    ) -> u64 {
        let folder = Folder::new(name);
        let plan = Arc::new(Plan { fails, eighths, done: AtomicU64::new(0) });
        let options = options(&folder.0).sync_each_block(true).file_bytes(300);
        let disk = || Box::new(Failing(Arc::clone(&plan)));
        let (mut failures, mut expected) = (0, Vec::new());
        let mut until_done = |what: &mut dyn FnMut() -> Result<(), Error>| {
            while let Err(error) = what() {
                assert_eq!(error.io_error().unwrap().kind(), io::ErrorKind::StorageFull, "{error}");
                failures += 1;
                assert!(failures < 100);
            }
        };
        let mut opened = None;
        until_done(&mut || {
            opened = Some(Writer::onto(options.clone(), disk())?);
            Ok(())
        });
        let mut writer = opened.unwrap();
        for block in 0..6_u64 {
            let lines: Vec<String> =
                (0..3).map(|line| format!("{block}.{line} {}", "x".repeat(40))).collect();
            let text = lines.iter().fold(String::new(), |text, line| text + &format!("{block} 0 {line}\n"));
            until_done(&mut || writer.block(text.as_bytes(), block));
            expected.extend(lines);
        }
        until_done(&mut || writer.close());
        let read: Vec<String> = writer.files().iter().flat_map(|file| frames(file)).collect();
        assert_eq!(read, expected, "{name}");
        let in_folder = std::fs::read_dir(&folder.0).unwrap().count();
        assert_eq!(in_folder, writer.files().len(), "no file is left behind");
        plan.done.load(Ordering::Relaxed)
    }

    /// Opening, a write after some bytes, syncing, cutting, the change of files: whatever fails, once or several times in a row, each
    /// block is in the files once, and nothing is damaged.
    #[test]
    fn an_operation_that_fails_costs_no_block_and_repeats_none() {
        let in_folder = |folder: &Path| RecorderOptions::in_folder(folder, "a");
        let in_file = |folder: &Path| RecorderOptions::to_file(folder.join("a.gz"));
        for eighths in [0, 3, 8] {
            for failures in 1..=3 {
                let mut first = 0;
                loop {
                    let name = format!("{first}-{failures}-{eighths}");
                    let done = play(&name, in_folder, first..first + failures, eighths);
                    play(&name, in_file, first..first + failures, eighths);
                    if done < first {
                        break;
                    }
                    first += 1;
                }
                assert!(first > 25, "{first}");
            }
        }
    }

    #[test]
    fn names_say_the_time() {
        assert_eq!(stamp(1_700_000_000_123_456_789), "20231114T221320Z");
        assert_eq!(stamp(0), "19700101T000000Z");
    }
}
