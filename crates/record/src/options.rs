//! How a recording is written.

use std::path::PathBuf;
use std::time::Duration;

/// Where a recording goes, and in what pieces.
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
}

/// Where it goes.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// Into one file, continued where it is there already.
    File(PathBuf),
    /// Into files of a folder, one after another.
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
        }
    }

    /// Into files of this folder, which is made if it is not there: `name-YYYYMMDDThhmmssZ.gz`, by the receive time of their first
    /// frame (UTC), with a number behind it where that name is taken. A new file is begun by [`RecorderOptions::file_bytes`] and
    /// [`RecorderOptions::file_interval`]; no file that is there is ever touched.
    pub fn in_folder(folder: impl Into<PathBuf>, name: impl Into<String>) -> Self {
        Self::new(Target::Folder { folder: folder.into(), name: name.into() })
    }

    /// Into this one file, which is never rotated. One that is there is continued, after what a kill left half written at its
    /// end is cut off ([`recover`](crate::recover)); a file that is not a recording is refused.
    pub fn to_file(path: impl Into<PathBuf>) -> Self {
        Self::new(Target::File(path.into()))
    }

    /// How much text makes a block (256 KiB; 4 KiB to 64 MiB): at most so much is lost when the process is killed.
    pub fn block_bytes(mut self, bytes: usize) -> Self {
        self.block_bytes = bytes.clamp(4 * 1024, 64 << 20);
        self
    }

    /// How old the first frame of a block may become before the block is written, full or not (1 second).
    pub fn block_interval(mut self, interval: Duration) -> Self {
        self.block_interval = interval;
        self
    }

    /// The length of a file, compressed, after which the next one is begun (256 MiB).
    pub fn file_bytes(mut self, bytes: u64) -> Self {
        self.file_bytes = bytes.max(1);
        self
    }

    /// The age of a file, by receive times, after which the next one is begun (1 hour).
    pub fn file_interval(mut self, interval: Duration) -> Self {
        self.file_interval = interval;
        self
    }

    /// How hard to compress, 1 (fast) to 9 (small); 3 without it.
    pub fn compression(mut self, level: u32) -> Self {
        self.level = level.clamp(1, 9);
        self
    }

    /// Whether each block is forced to the disk, so that it survives a loss of power, too (no: it survives the process).
    pub fn sync_each_block(mut self, sync: bool) -> Self {
        self.sync = sync;
        self
    }

    /// How much may wait for the disk (64 MiB). Frames that come while it is full are dropped, counted, and named in the
    /// recording.
    pub fn queue_bytes(mut self, bytes: usize) -> Self {
        self.queue_bytes = bytes.max(1024);
        self
    }
}
