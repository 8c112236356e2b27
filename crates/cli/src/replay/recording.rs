//! Reading recordings: lines of receive time in nanoseconds, a blank, and the frame; plain or gzip.

use binance_kit::Symbol;
use std::collections::BTreeSet;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;

/// The longest line that is taken for a frame. The longest recorded one, a REST snapshot, has 100 KB.
const MAX_LINE: u64 = 16 << 20;

/// The stream under which the local server sends what was recorded without one: the answers of depth requests.
pub(super) const SNAPSHOTS: &str = "!restSnapshot@arr";

/// A line of a recording.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) received_nanos: u64,
    pub(super) frame: String,
}

/// What one pass over a recording tells.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) lines: u64,
    pub(super) streams: BTreeSet<String>,
    /// The first frames, to tell the product from.
    pub(super) sample: Vec<String>,
}

impl Contents {
    /// The symbol of all streams, when it is one. A snapshot that does not say of which symbol it is, is of that one, even
    /// when it comes before every event.
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

/// The lines of a recording.
pub(super) struct Recording {
    reader: BufReader<Box<dyn Read + Send>>,
    number: u64,
}

impl Recording {
    /// Opens a file; gzip is told by its first bytes.
    pub(super) fn open(path: &Path) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let name = |error: std::io::Error| format!("{}: {error}", path.display());
        let mut file = File::open(path).map_err(name)?;
        let mut magic = [0; 2];
        let length = file.read(&mut magic).map_err(name)?;
        file.seek(SeekFrom::Start(0)).map_err(name)?;
        let reader: Box<dyn Read + Send> = if length == 2 && magic == [0x1f, 0x8b] {
            Box::new(flate2::read::MultiGzDecoder::new(file))
        } else {
            Box::new(file)
        };
        Ok(Self { reader: BufReader::with_capacity(1 << 16, reader), number: 0 })
    }

    /// Goes through the whole of it once.
    pub(super) fn survey(path: &Path) -> Result<Contents, Box<dyn Error + Send + Sync>> {
        let mut contents = Contents::default();
        let mut recording = Self::open(path)?;
        while let Some(line) = recording.next()? {
            contents.lines += 1;
            match stream_of(&line.frame) {
                Some(stream) if !contents.streams.contains(stream) => {
                    contents.streams.insert(stream.to_owned());
                }
                Some(_) => {}
                None => {
                    contents.streams.insert(SNAPSHOTS.to_owned());
                }
            }
            if contents.sample.len() < 1000 {
                contents.sample.push(line.frame);
            }
        }
        Ok(contents)
    }

    /// The next line; `None` at the end. Empty lines are passed over.
    pub(super) fn next(&mut self) -> Result<Option<Line>, Box<dyn Error + Send + Sync>> {
        let mut text = String::new();
        loop {
            text.clear();
            self.number += 1;
            let number = self.number;
            let wrong = |what: &dyn std::fmt::Display| format!("line {number} of the recording: {what}");
            let read =
                (&mut self.reader).take(MAX_LINE).read_line(&mut text).map_err(|error| wrong(&error))?;
            if read == 0 {
                return Ok(None);
            }
            let line = text.trim_end();
            if line.is_empty() {
                continue;
            }
            let (time, frame) =
                line.split_once(' ').ok_or_else(|| wrong(&"there is no blank behind the time"))?;
            let received_nanos =
                time.parse().map_err(|_| wrong(&"it does not begin with a time in nanoseconds"))?;
            return Ok(Some(Line { received_nanos, frame: frame.to_owned() }));
        }
    }
}

/// The stream that a combined frame names; `None` for anything else.
pub(super) fn stream_of(frame: &str) -> Option<&str> {
    let (_, behind) = frame.get(..frame.len().min(300)).unwrap_or(frame).split_once("\"stream\":\"")?;
    behind.split_once('"').map(|(stream, _)| stream)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn write(name: &str, bytes: &[u8]) -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("binance-kit-{name}-{}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        path
    }

    #[test]
    fn plain_and_gzip_give_the_same_lines() {
        let text = "17 {\"stream\":\"a@trade\",\"data\":{}}\n\n18 {\"lastUpdateId\":1}\n";
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        for (name, bytes) in [("plain", text.as_bytes().to_vec()), ("gzip", gzip.finish().unwrap())] {
            let path = write(name, &bytes);
            let contents = Recording::survey(&path).unwrap();
            assert_eq!(contents.lines, 2);
            assert_eq!(contents.streams.into_iter().collect::<Vec<_>>(), [SNAPSHOTS, "a@trade"]);
            let mut recording = Recording::open(&path).unwrap();
            assert_eq!(recording.next().unwrap().unwrap().received_nanos, 17);
            std::fs::remove_file(path).unwrap();
        }
    }

    #[test]
    fn one_symbol_is_told_from_the_streams() {
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
    fn a_bad_line_is_named() {
        for (text, expected) in [
            ("17 {}\nnonsense\n", "line 2 of the recording: there is no blank behind the time"),
            ("x {}\n", "line 1 of the recording: it does not begin with a time in nanoseconds"),
        ] {
            let path = write("bad", text.as_bytes());
            assert_eq!(Recording::survey(&path).unwrap_err().to_string(), expected);
            std::fs::remove_file(path).unwrap();
        }
        assert!(
            Recording::survey(Path::new("no such file"))
                .unwrap_err()
                .to_string()
                .starts_with("no such file: ")
        );
    }
}
