//! Options of a recording.

use binance_kit_core::Api;
use std::path::PathBuf;
use std::time::Duration;

/// Options of a recording: its target and the size of its parts.
#[derive(Debug, Clone)]
#[must_use = "nothing is recorded before `Recorder::start`"]
pub struct RecorderOptions {
    pub(crate) target: Target,
    pub(crate) block_bytes: usize,
    pub(crate) block_interval: Duration,
    pub(crate) file_bytes: u64,
    pub(crate) file_interval: Duration,
    pub(crate) level: u32,
    pub(crate) sync: bool,
    pub(crate) queue_bytes: usize,
    pub(crate) api: Option<Api>,
}

/// Target of a recording.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// One file, continued if it exists.
    File(PathBuf),
    /// Files in a folder, one after another.
    Folder { folder: PathBuf, name: String },
}

impl RecorderOptions {
    fn new(target: Target) -> Self {
        Self {
            target,
            block_bytes: 256 * 1024,
            block_interval: Duration::from_secs(1),
            file_bytes: 256 << 20,
            file_interval: Duration::from_secs(3600),
            level: 3,
            sync: false,
            queue_bytes: 64 << 20,
            api: None,
        }
    }

    /// Writes files into this folder, which is created if needed: `name-YYYYMMDDThhmmssZ.gz`, after the receive time of their first
    /// frame (UTC), with a number appended if that name is taken. Files are rotated by [`RecorderOptions::file_bytes`] and
    /// [`RecorderOptions::file_interval`]; existing files are never changed.
    pub fn in_folder(folder: impl Into<PathBuf>, name: impl Into<String>) -> Self {
        Self::new(Target::Folder { folder: folder.into(), name: name.into() })
    }

    /// Writes this one file, which is never rotated. An existing recording is continued, after an incomplete block at its
    /// end is removed ([`recover`](crate::recover)); a file that is not a recording is refused.
    pub fn to_file(path: impl Into<PathBuf>) -> Self {
        Self::new(Target::File(path.into()))
    }

    /// Names the product whose frames are recorded; each file says so at its beginning. Not set by default.
    pub fn api(mut self, api: Api) -> Self {
        self.api = Some(api);
        self
    }

    /// Sets the size of a block in bytes of text (default 256 KiB; 4 KiB to 64 MiB). A killed process loses at most one block.
    pub fn block_bytes(mut self, bytes: usize) -> Self {
        self.block_bytes = bytes.clamp(4 * 1024, 64 << 20);
        self
    }

    /// Sets the maximum age of the first frame of a block; then the block is written even if it is not full (default 1 second).
    pub fn block_interval(mut self, interval: Duration) -> Self {
        self.block_interval = interval;
        self
    }

    /// Sets the compressed size of a file in bytes after which it is rotated (default 256 MiB).
    pub fn file_bytes(mut self, bytes: u64) -> Self {
        self.file_bytes = bytes.max(1);
        self
    }

    /// Sets the age of a file, by receive times, after which it is rotated (default 1 hour).
    pub fn file_interval(mut self, interval: Duration) -> Self {
        self.file_interval = interval;
        self
    }

    /// Sets the level of compression, 1 (fast) to 9 (small); default 3.
    pub fn compression(mut self, level: u32) -> Self {
        self.level = level.clamp(1, 9);
        self
    }

    /// Sets whether each block is synced to the disk, so that it survives a loss of power (default false: it survives the process).
    pub fn sync_each_block(mut self, sync: bool) -> Self {
        self.sync = sync;
        self
    }

    /// Sets the size of the queue in bytes (default 64 MiB). Frames that do not fit are dropped and counted, and the count is part
    /// of the recording.
    pub fn queue_bytes(mut self, bytes: usize) -> Self {
        self.queue_bytes = bytes.max(1024);
        self
    }
}
