//! The files of a recording, read as one: by their times, whichever of them were written at the same time.

use binance_kit::record::{Error as RecordError, ErrorKind as RecordErrorKind, RecordEntry, Recording};
use std::error::Error;
use std::path::{Path, PathBuf};

type Failure = Box<dyn Error + Send + Sync>;

/// Maximum length of a frame in bytes: that of the stream client. Longer lines are passed over without being held.
const MAX_LINE: usize = 4 << 20;

/// The files that the arguments name: files as they are, the recordings in folders, and those that match `*` and `?` in a last
/// part.
pub(super) fn expand(arguments: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for argument in arguments {
        if argument.is_dir() {
            let found = matching(argument, is_recording)?;
            if found.is_empty() {
                return Err(
                    format!("{}: there is no file that ends in .gz or .txt", argument.display()).into()
                );
            }
            files.extend(found);
            continue;
        }
        let pattern =
            argument.file_name().and_then(|name| name.to_str()).filter(|name| name.contains(['*', '?']));
        match pattern {
            // A file may have such a name.
            Some(pattern) if !argument.exists() => {
                let folder = argument.parent().filter(|folder| !folder.as_os_str().is_empty());
                let found = matching(folder.unwrap_or(Path::new(".")), |name| matches(pattern, name))?;
                if found.is_empty() {
                    return Err(format!("{}: there is no such file", argument.display()).into());
                }
                files.extend(found);
            }
            _ => files.push(argument.clone()),
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(file.clone()));
    Ok(files)
}

/// Whether a name is that of a recording.
fn is_recording(name: &str) -> bool {
    let extension = Path::new(name).extension();
    extension.is_some_and(|extension| {
        extension.eq_ignore_ascii_case("gz") || extension.eq_ignore_ascii_case("txt")
    })
}

/// The files in a folder whose names are wanted, by name.
fn matching(folder: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, Failure> {
    let context = |error: std::io::Error| format!("cannot read the folder {}: {error}", folder.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(context)? {
        let path = entry.map_err(context)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(|name| !name.starts_with('.') && is_wanted(name)) && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a name matches a pattern with `*` (any text) and `?` (any character).
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut in_name) = (0, 0);
    // Where to go on after a mismatch: behind the last `*`, which then takes a character more.
    let mut again: Option<(usize, usize)> = None;
    while in_name < name.len() {
        match pattern.get(at) {
            Some('*') => {
                again = Some((at + 1, in_name));
                at += 1;
            }
            Some(character) if *character == '?' || name.get(in_name) == Some(character) => {
                at += 1;
                in_name += 1;
            }
            _ => {
                let Some((behind, taken)) = again else { return false };
                again = Some((behind, taken + 1));
                (at, in_name) = (behind, taken + 1);
            }
        }
    }
    pattern.iter().skip(at).all(|character| *character == '*')
}

/// Something of a recording.
#[derive(Debug)]
pub(super) enum Part {
    /// An entry.
    Entry(RecordEntry),
    /// A part of the file that cannot be read, and is passed over.
    Damage(RecordError),
}

/// A part, and where it comes from.
#[derive(Debug)]
pub(super) struct Read {
    /// The recorder. Files that follow each other are of one recorder, whose connections go on; files of the same time are of
    /// several.
    pub(super) recorder: u64,
    /// The number of the file.
    pub(super) file: usize,
    /// The part.
    pub(super) part: Part,
}

/// A file that is being read.
struct Open {
    /// Its number.
    file: usize,
    /// Its recorder.
    recorder: u64,
    /// The file.
    recording: Recording,
    /// Its next entry.
    next: Option<Part>,
    /// Time of the next entry, or of the last one that had a time.
    at: u64,
}

impl Open {
    /// Goes on to the next part. `false` at the end.
    fn advance(&mut self) -> Result<bool, Failure> {
        self.next = match self.recording.next_entry() {
            Ok(entry) => entry.map(Part::Entry),
            Err(error) if error.kind() == RecordErrorKind::Damaged => Some(Part::Damage(error)),
            Err(error) => return Err(error.into()),
        };
        if let Some(Part::Entry(entry)) = &self.next
            && let Some(at) = entry.at_nanos()
        {
            self.at = at;
        }
        Ok(self.next.is_some())
    }
}

/// The entries of several files, by time.
pub(super) struct Merge {
    /// The files that are yet to be opened, the earliest last, with the time of their first entry.
    waiting: Vec<(u64, usize, PathBuf)>,
    /// The files that are being read.
    open: Vec<Open>,
    /// The recorders whose file has ended, with the time of its end.
    ended: Vec<(u64, u64)>,
    /// The number of the next recorder.
    next_recorder: u64,
    /// Bytes of the files that were read to their end.
    done: u64,
}

/// Opens a file with the limits of a replay.
pub(super) fn open(path: &Path) -> Result<Recording, RecordError> {
    Ok(Recording::open(path)?.max_line(MAX_LINE))
}

/// The time of the first entry of a file that has one; zero where none has. Damage is passed over.
fn first_time(path: &Path) -> Result<u64, Failure> {
    let mut recording = open(path)?;
    loop {
        match recording.next_entry() {
            Ok(Some(entry)) => {
                if let Some(at) = entry.at_nanos() {
                    return Ok(at);
                }
            }
            Ok(None) => return Ok(0),
            Err(error) if error.kind() == RecordErrorKind::Damaged => {}
            Err(error) => return Err(error.into()),
        }
    }
}

impl Merge {
    pub(super) fn new(files: &[PathBuf]) -> Result<Self, Failure> {
        let mut waiting = Vec::with_capacity(files.len());
        for (number, path) in files.iter().enumerate() {
            waiting.push((first_time(path)?, number, path.clone()));
        }
        waiting.sort_by(|one, other| other.cmp(one));
        Ok(Self { waiting, open: Vec::new(), ended: Vec::new(), next_recorder: 0, done: 0 })
    }

    /// Number of bytes read, for progress.
    pub(super) fn position(&self) -> u64 {
        self.done + self.open.iter().map(|open| open.recording.position()).sum::<u64>()
    }

    /// The next part; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Read>, Failure> {
        loop {
            let earliest = self.open.iter().map(|open| open.at).min();
            let is_due =
                self.waiting.last().is_some_and(|(at, ..)| earliest.is_none_or(|earliest| *at < earliest));
            if is_due && let Some((at, file, path)) = self.waiting.pop() {
                self.begin(at, file, &path)?;
                continue;
            }
            let index = self.open.iter().enumerate().min_by_key(|(_, open)| open.at).map(|(index, _)| index);
            let Some(open) = index.and_then(|index| self.open.get_mut(index)) else { return Ok(None) };
            let read = open.next.take().map(|part| Read { recorder: open.recorder, file: open.file, part });
            if !open.advance()? {
                self.done += open.recording.length();
                self.ended.push((open.at, open.recorder));
                self.open.remove(index.unwrap_or_default());
            }
            if read.is_some() {
                return Ok(read);
            }
        }
    }

    /// Begins to read a file. It goes on with the recorder whose file ended last, if one has.
    fn begin(&mut self, at: u64, file: usize, path: &Path) -> Result<(), Failure> {
        let last =
            self.ended.iter().enumerate().filter(|(_, (end, _))| *end <= at).max_by_key(|(_, (end, _))| *end);
        let recorder = match last.map(|(index, _)| index) {
            Some(index) => self.ended.swap_remove(index).1,
            None => {
                self.next_recorder += 1;
                self.next_recorder - 1
            }
        };
        let mut open = Open { file, recorder, recording: open(path)?, next: None, at };
        if open.advance()? {
            self.open.push(open);
        } else {
            self.done += open.recording.length();
            self.ended.push((at, recorder));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_patterns() {
        for (pattern, name) in [
            ("*", "a"),
            ("*.gz", "a.gz"),
            ("spot-*-1?.gz", "spot-2024-11-1x.gz"),
            ("a*b*c", "aXbYbZc"),
            ("?", "币"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.gz", "a.txt"), ("?", ""), ("a*b", "a"), ("", "a"), ("a", "")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
