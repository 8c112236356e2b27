//! Where recordings are written: the file system, or in tests one that fails.

use std::fmt::Debug;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Opens files.
pub(crate) trait Disk: Debug + Send {
    /// Creates a file that must not exist.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>>;

    /// Opens a file to append to it; creates it if it does not exist.
    fn append(&self, path: &Path) -> io::Result<Box<dyn Output>>;
}

/// A file that is appended to.
pub(crate) trait Output: Debug + Send {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;
    fn set_len(&mut self, length: u64) -> io::Result<()>;
    fn sync_data(&mut self) -> io::Result<()>;
    fn sync_all(&mut self) -> io::Result<()>;
}

/// The file system.
#[derive(Debug)]
pub(crate) struct FileSystem;

impl Disk for FileSystem {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        Ok(Box::new(OpenOptions::new().append(true).create_new(true).open(path)?))
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        Ok(Box::new(OpenOptions::new().append(true).create(true).open(path)?))
    }
}

impl Output for File {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        io::Write::write_all(self, bytes)
    }

    fn set_len(&mut self, length: u64) -> io::Result<()> {
        Self::set_len(self, length)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        Self::sync_data(self)
    }

    fn sync_all(&mut self) -> io::Result<()> {
        Self::sync_all(self)
    }
}

/// A disk whose operations fail by their number.
#[cfg(test)]
pub(crate) mod failing {
    use super::{Disk, FileSystem, Output, io};
    use std::ops::Range;
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Which operations fail.
    #[derive(Debug)]
    pub(crate) struct Plan {
        /// Their numbers.
        pub(crate) fails: Range<u64>,
        /// How much of a write that fails is written all the same: so many eighths.
        pub(crate) eighths: usize,
        /// Number of operations so far.
        pub(crate) done: AtomicU64,
    }

    impl Plan {
        fn next(&self) -> io::Result<()> {
            let number = self.done.fetch_add(1, Ordering::Relaxed);
            if self.fails.contains(&number) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        }
    }

    #[derive(Debug, Clone)]
    pub(crate) struct Failing(pub(crate) Arc<Plan>);

    #[derive(Debug)]
    struct FailingFile(Box<dyn Output>, Arc<Plan>);

    impl Disk for Failing {
        fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
            self.0.next()?;
            Ok(Box::new(FailingFile(FileSystem.create(path)?, Arc::clone(&self.0))))
        }

        fn append(&self, path: &Path) -> io::Result<Box<dyn Output>> {
            self.0.next()?;
            Ok(Box::new(FailingFile(FileSystem.append(path)?, Arc::clone(&self.0))))
        }
    }

    impl Output for FailingFile {
        fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
            if let Err(error) = self.1.next() {
                self.0.write_all(&bytes[..bytes.len() * self.1.eighths / 8])?;
                return Err(error);
            }
            self.0.write_all(bytes)
        }

        fn set_len(&mut self, length: u64) -> io::Result<()> {
            self.1.next()?;
            self.0.set_len(length)
        }

        fn sync_data(&mut self) -> io::Result<()> {
            // Nothing is lost in a test by a file that is not on the disk yet.
            self.1.next()
        }

        fn sync_all(&mut self) -> io::Result<()> {
            self.1.next()
        }
    }
}
