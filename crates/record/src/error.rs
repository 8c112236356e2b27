//! Errors of recordings.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Kind of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file or folder could not be created, read or written. The source has the cause; a full disk is
    /// [`io::ErrorKind::StorageFull`].
    Io,
    /// The file is not a recording, or is damaged in the middle. A damaged end is not an error: a killed process leaves one.
    Damaged,
    /// The recording was written by a newer version of this crate, in a format that this one does not know.
    Version,
    /// The recorder has ended.
    Ended,
}

/// An error of a recording.
pub struct Error {
    kind: ErrorKind,
    path: PathBuf,
    detail: String,
    source: Option<io::Error>,
}

impl Error {
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self { kind: ErrorKind::Io, path: path.to_owned(), detail: String::new(), source: Some(source) }
    }

    pub(crate) fn damaged(path: &Path, detail: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Damaged, path: path.to_owned(), detail: detail.into(), source: None }
    }

    pub(crate) fn version(path: &Path, version: u32) -> Self {
        let detail = format!(
            "has version {version} of the format, and this program reads versions up to {}: update it",
            crate::format::VERSION
        );
        Self { kind: ErrorKind::Version, path: path.to_owned(), detail, source: None }
    }

    pub(crate) fn ended(path: &Path) -> Self {
        Self { kind: ErrorKind::Ended, path: path.to_owned(), detail: String::new(), source: None }
    }

    /// Returns the kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns the path of the file or folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the error of the operating system, for [`ErrorKind::Io`].
    pub fn io_error(&self) -> Option<&io::Error> {
        self.source.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.kind {
            ErrorKind::Io => write!(f, "cannot use {path}"),
            ErrorKind::Damaged => write!(f, "recording {path} is damaged: {}", self.detail),
            ErrorKind::Version => write!(f, "recording {path} {}", self.detail),
            ErrorKind::Ended => write!(f, "recorder of {path} has ended"),
        }
    }
}

// What a `main` that returns the error prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        binance_kit_core::failure::write_report(f, self)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}
