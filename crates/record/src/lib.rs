//! Recordings of raw frames: every frame as it was received, with its receive time and connection.
//!
//! This crate writes and reads files. It opens no connection and decodes no frame.
//!
//! A [`Recorder`] takes frames without waiting for the disk and writes them on its own thread, in blocks that are compressed one by
//! one, so that a process that is killed loses at most the last block. Files are rotated by size and age; frames that did not fit
//! into the queue are counted, and the count is part of the recording. Snapshots of books are stored with the request that they
//! answer. A file that its recorder closed says so: one that does not is unfinished.
//!
//! [`Recording`] reads recordings, and plain `time frame` lines of other recorders. It passes over damage and reports it, and
//! holds no more than a block and a line. [`recover`] removes an incomplete block from the end, so that a recording can be
//! continued.
//!
//! The format is gzip: `zcat` shows a recording as lines. See [`mod@format`].
//!
//! ```text
//!  frames ──► Recorder ──► queue ──► thread: blocks, gzip ──► files ──► Recording ──► entries
//!             (a tap)      bounded   one member each          rotated   (reader)      frames, marks, losses
//! ```
//!
//! ```
//! use binance_kit_record::{RecordEntry, Payload, Recorder, RecorderOptions, Recording};
//!
//! # let folder = std::env::temp_dir().join(format!("binance-kit-record-doc-{}", std::process::id()));
//! let recorder = Recorder::start(RecorderOptions::in_folder(&folder, "spot"))?;
//! recorder.frame(1_700_000_000_123_456_789, 0, Payload::Text(r#"{"e":"trade"}"#));
//! let summary = recorder.finish()?;
//! let mut recording = Recording::open(&summary.files[0])?;
//! let Some(RecordEntry::Begin(_)) = recording.next_entry()? else { panic!("a beginning") };
//! let Some(RecordEntry::Frame(frame)) = recording.next_entry()? else { panic!("a frame") };
//! assert_eq!((frame.received_nanos, frame.connection), (1_700_000_000_123_456_789, Some(0)));
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod disk;
mod error;
pub mod format;
mod lines;
pub mod options;
pub mod reader;
pub mod recorder;
mod recovery;
mod scan;
mod thread;
mod times;
mod writer;

pub use error::{Error, ErrorKind};
pub use options::RecorderOptions;
pub use reader::{Begin, FrameText, RecordEntry, RecordedFrame, RecordedSnapshot, Recording};
pub use recorder::{Mark, Payload, Recorder, RecorderStatus, Summary};
pub use recovery::{Recovered, recover};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
