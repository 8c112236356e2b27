//! Recordings of what came over the wire: every frame as it was received, with the time and the connection.
//!
//! A [`Recorder`] takes frames from the hot path without waiting for the disk and writes them on a thread of its own: in
//! blocks, each compressed by itself and written whole, so that a process that is killed loses at most the block it was
//! filling. Files are rotated by size and age; what the disk could not keep up with is counted and said in the recording
//! itself. [`Recording`] reads all of it back, and the plain `time frame` lines of other recorders too. [`recover`] cuts what
//! a kill left half written, so that a recording can be continued.
//!
//! The format is gzip: `zcat` shows a recording as lines. See [`mod@format`].
//!
//! ```
//! use binance_kit_record::{Entry, Payload, Recorder, RecorderOptions, Recording};
//!
//! # let folder = std::env::temp_dir().join(format!("binance-kit-record-doc-{}", std::process::id()));
//! let recorder = Recorder::start(RecorderOptions::in_folder(&folder, "spot"))?;
//! recorder.frame(1_700_000_000_123_456_789, 0, Payload::Text(r#"{"e":"trade"}"#));
//! let summary = recorder.finish()?;
//! let mut recording = Recording::open(&summary.files[0])?;
//! let Some(Entry::Frame(frame)) = recording.next_entry()? else { panic!("a frame") };
//! assert_eq!((frame.received_nanos, frame.connection), (1_700_000_000_123_456_789, Some(0)));
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
pub mod format;
pub mod options;
pub mod reader;
pub mod recorder;
mod recovery;
mod thread;
mod writer;

pub use error::{Error, ErrorKind};
pub use options::RecorderOptions;
pub use reader::{Entry, Frame, FrameText, Recording};
pub use recorder::{Mark, Payload, Recorder, RecorderStatus, Summary};
pub use recovery::{Recovered, recover};
