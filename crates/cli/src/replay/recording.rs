//! One pass over a recording, before it is played: its streams, its interruptions, the number of its frames.

use binance_kit::Symbol;
use binance_kit::record::{FrameText, Mark, RecordEntry, Recording};
use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;

/// The stream on which the local server sends frames recorded without one: the answers of depth requests.
pub(super) const SNAPSHOTS: &str = "!restSnapshot@arr";

/// The stream on which the local server marks the end.
pub(super) const END: &str = "!replayEnd@arr";

/// Counts the connections of a recording that are up. An interruption is a time without any, between two frames; a connection
/// that replaces another is none.
#[derive(Debug, Default)]
pub(super) struct Connections {
    up: BTreeSet<u64>,
    /// Whether none has been up since the last frame.
    is_interrupted: bool,
}

impl Connections {
    pub(super) fn mark(&mut self, connection: u64, mark: Mark) {
        match mark {
            Mark::Connected => {
                self.up.insert(connection);
            }
            Mark::Disconnected => {
                self.up.remove(&connection);
                self.is_interrupted |= self.up.is_empty();
            }
        }
    }

    /// Adds a frame. Returns whether it follows an interruption.
    pub(super) fn frame(&mut self) -> bool {
        std::mem::take(&mut self.is_interrupted)
    }
}

/// The contents of a recording.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) lines: u64,
    pub(super) streams: BTreeSet<String>,
    /// The first frames, by which the product is detected.
    pub(super) sample: Vec<String>,
    /// Number of times without a connection between two frames.
    pub(super) interruptions: u64,
    /// Number of frames that the recorder could not write.
    pub(super) lost: u64,
    /// Whether the end is missing: the recorder was killed.
    pub(super) is_torn: bool,
}

impl Contents {
    /// Reads a recording once.
    pub(super) fn survey(path: &Path) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let mut contents = Self::default();
        let mut recording = Recording::open(path)?;
        let mut connections = Connections::default();
        while let Some(entry) = recording.next_entry()? {
            match entry {
                RecordEntry::Frame(frame) => {
                    let is_played = contents.frame(&frame.text)?;
                    contents.interruptions += u64::from(is_played && connections.frame());
                }
                RecordEntry::Mark { connection, mark, .. } => connections.mark(connection, mark),
                RecordEntry::Lost { count, .. } => contents.lost += count,
                RecordEntry::Torn => contents.is_torn = true,
                _ => {}
            }
        }
        Ok(contents)
    }

    /// Adds a frame. Returns whether it is played.
    fn frame(&mut self, frame: &FrameText) -> Result<bool, Box<dyn Error + Send + Sync>> {
        let FrameText::Text(text) = frame else {
            return Err("the recording holds binary frames (SBE), which are not replayed".into());
        };
        if is_control(text) {
            return Ok(false);
        }
        self.lines += 1;
        let stream = stream_of(text).unwrap_or(SNAPSHOTS);
        if !self.streams.contains(stream) {
            self.streams.insert(stream.to_owned());
        }
        if self.sample.len() < 1000 {
            self.sample.push(text.clone());
        }
        Ok(true)
    }

    /// The symbol, where all streams have the same. A snapshot that names no symbol belongs to it, even before the first event.
    pub(super) fn only_symbol(&self) -> Option<Symbol> {
        let mut symbols = self
            .streams
            .iter()
            .filter(|name| !name.starts_with('!'))
            .filter_map(|name| name.split_once('@').map(|(symbol, _)| symbol.to_uppercase()));
        let first = symbols.next()?;
        symbols.all(|symbol| symbol == first).then(|| Symbol::new(&first))
    }
}

/// The stream that a combined frame names; `None` for anything else.
pub(super) fn stream_of(frame: &str) -> Option<&str> {
    let (_, behind) = frame.get(..frame.len().min(300)).unwrap_or(frame).split_once("\"stream\":\"")?;
    behind.split_once('"').map(|(stream, _)| stream)
}

/// Whether a frame is the exchange's answer to a control message, which is no event.
pub(super) fn is_control(frame: &str) -> bool {
    frame.starts_with("{\"result\":") || frame.starts_with("{\"error\":") || frame.starts_with("{\"id\":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_symbol_follows_from_the_streams() {
        let of = |names: &[&str]| {
            let streams = names.iter().map(|name| (*name).to_owned()).collect();
            Contents { streams, ..Contents::default() }.only_symbol()
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[SNAPSHOTS]), None);
        assert_eq!(of(&["btcusdt@trade", "btcusdt@depth@100ms", SNAPSHOTS]), Some(Symbol::new("BTCUSDT")));
        assert_eq!(of(&["btcusdt@trade", "ethusdt@trade"]), None);
    }

    #[test]
    fn interruptions_lie_between_frames() {
        let mut connections = Connections::default();
        connections.mark(1, Mark::Connected);
        assert!(!connections.frame());
        // One takes over from another.
        connections.mark(2, Mark::Connected);
        connections.mark(1, Mark::Disconnected);
        assert!(!connections.frame());
        connections.mark(2, Mark::Disconnected);
        connections.mark(3, Mark::Connected);
        assert_eq!((connections.frame(), connections.frame()), (true, false));
    }

    #[test]
    fn answers_to_control_messages_are_no_events() {
        assert!(is_control(r#"{"result":null,"id":1}"#));
        assert!(!is_control(r#"{"stream":"a@trade","data":{}}"#));
        assert!(!is_control(r#"{"lastUpdateId":1,"bids":[],"asks":[]}"#));
    }
}
