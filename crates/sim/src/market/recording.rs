//! Recorded market data: depth events with a snapshot, and trades, of one symbol or several.

use super::track::{Frames, Open, Steps, Summary, Track};
use crate::engine::{Fixed, Side};
use crate::error::{SimError, SimErrorKind};
use binance_kit_core::{Symbol, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::Arc;

/// Price and quantity.
pub(super) type Level = (Fixed, Fixed);

/// Something that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Happened {
    /// The whole book as it was after this update.
    Snapshot { last: u64, bids: Vec<Level>, asks: Vec<Level> },
    /// What changed up to this update, and the exchange's time of it.
    Depth { last: u64, time: i64, bids: Vec<Level>, asks: Vec<Level> },
    /// A trade, when it was, and the side of its taker.
    Trade { time: i64, price: Fixed, quantity: Fixed, taker: Side },
}

/// Recorded market data as the market of an exchange: [`ExchangeBuilder::replay`](crate::ExchangeBuilder::replay).
///
/// Of the frames of the exchange's streams, `depthUpdate` and `trade` are used (with `aggTrade` instead of `trade` where a
/// symbol has no `trade`), and the answers of depth requests: a symbol needs one, before or behind its first events. An answer
/// does not name its symbol: with a key `s` put before the others it does, else it is that of the only symbol. Everything else is
/// passed over.
///
/// The model behind it, and its limits:
///
/// * Each recorded level is an order of an internal account. A recorded increase queues up behind the orders that are there, a recorded decrease
///   is taken from the back of that account's own queue: the least favourable guess for users who wait.
/// * A recorded trade is carried out as an order of an internal taker. It meets users' orders at better prices first, then
///   the level's queue in its order: users are filled once what was in front of them is gone. Where the recorded level is
///   smaller than the trade (the two streams are not in step), it is topped up at the end of the queue.
/// * A user who takes, takes from the recorded book, which does not react. What was taken comes back with the level's next
///   recorded change.
/// * A level that moves through a user's order trades with it.
/// * Ids and times are the exchange's own. When the recording is over, the book does not change any more.
#[derive(Debug, Clone)]
pub struct RecordedMarket {
    /// Recordings by symbol.
    pub(super) tracks: Vec<Arc<Track>>,
    /// Time of the first frame.
    start: Timestamp,
    /// Speed in percent of the recorded one.
    pub(super) percent: u64,
}

fn invalid(why: impl std::fmt::Display) -> SimError {
    SimError::new(SimErrorKind::Recording, why)
}

const SEVERAL_SYMBOLS: &str =
    "the recording has several symbols, and does not say of which one a snapshot is";

/// The longest line that is taken for a frame.
const MAX_LINE: u64 = 16 << 20;

impl RecordedMarket {
    /// Reads lines of receive time in nanoseconds, a space, and the frame. Blocks until all is read, and holds it in
    /// memory.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Recording`], with the line, for what is no such line or no frame, and when there is no symbol with a
    /// snapshot and events in it.
    pub fn from_lines(mut reader: impl BufRead) -> Result<Self, SimError> {
        let mut frames = Vec::new();
        let mut text = String::new();
        for number in 1_u64.. {
            text.clear();
            let wrong = |what: &str| invalid(format_args!("line {number} of the recording: {what}"));
            let read = std::io::Read::take(&mut reader, MAX_LINE).read_line(&mut text).map_err(|error| {
                let context = format_args!("line {number} of the recording cannot be read");
                SimError::with(SimErrorKind::Recording, context, error)
            })?;
            if read == 0 {
                break;
            }
            let line = text.trim_end();
            if line.is_empty() {
                continue;
            }
            let (time, frame) =
                line.split_once(' ').ok_or_else(|| wrong("there is no blank behind the time"))?;
            let time = time.parse().map_err(|_| wrong("it does not begin with a time in nanoseconds"))?;
            let frame = Frame::read(frame).map_err(|error| wrong(&error.to_string()))?;
            frames.extend(frame.map(|frame| (time, frame)));
        }
        Self::from_parsed(frames)
    }

    /// Takes frames with their receive time in nanoseconds.
    ///
    /// # Errors
    ///
    /// As [`RecordedMarket::from_lines`].
    pub fn from_frames<T: AsRef<str>>(frames: impl IntoIterator<Item = (u64, T)>) -> Result<Self, SimError> {
        let mut parsed = Vec::new();
        for (index, (time, text)) in frames.into_iter().enumerate() {
            let frame = Frame::read(text.as_ref())
                .map_err(|error| invalid(format_args!("frame {} of the recording: {error}", index + 1)))?;
            parsed.extend(frame.map(|frame| (time, frame)));
        }
        Self::from_parsed(parsed)
    }

    fn from_parsed(frames: Vec<(u64, Frame)>) -> Result<Self, SimError> {
        let start = frames.first().map_or(0, |(time, _)| *time);
        let mut symbols = frames.iter().filter_map(|(_, frame)| frame.symbol.clone());
        let first = symbols.next();
        // A snapshot as it came does not say of which symbol it is.
        let only = first.filter(|first| symbols.all(|symbol| symbol == *first));
        let mut tracks: BTreeMap<Symbol, Vec<(u64, Happened, bool)>> = BTreeMap::new();
        for (time, frame) in frames {
            let symbol = frame.symbol.or_else(|| only.clone()).ok_or_else(|| invalid(SEVERAL_SYMBOLS))?;
            let micros = time.saturating_sub(start) / 1000;
            tracks.entry(symbol).or_default().push((micros, frame.happened, frame.is_aggregate));
        }
        let tracks: Vec<Track> = tracks
            .into_iter()
            .map(|(symbol, steps)| {
                let mut summary = Summary::default();
                for (_, step, is_aggregate) in &steps {
                    summary.see(step, *is_aggregate);
                }
                let steps = steps
                    .into_iter()
                    .filter(|(_, _, is_aggregate)| !(summary.has_single_trades && *is_aggregate))
                    .map(|(time, step, _)| (time, step))
                    .collect();
                Track { symbol, steps: Steps::Held(steps), summary }
            })
            .collect();
        Self::of_tracks(tracks, start)
    }

    /// Takes frames with their receive time in nanoseconds from wherever `open` finds them, such as a file that is too large
    /// for the memory. They are read once now, and once for each symbol while they are played; no more than a frame of
    /// each is held.
    ///
    /// # Errors
    ///
    /// As [`RecordedMarket::from_lines`], and what `open` and its frames fail with. What fails later, while it is played, is
    /// logged, and ends the recording of that symbol.
    pub fn from_source<F, I, E>(open: F) -> Result<Self, SimError>
    where
        F: Fn() -> Result<I, E> + Send + Sync + 'static,
        I: Iterator<Item = Result<(u64, String), E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let failed =
            |error: E| SimError::with(SimErrorKind::Recording, "the recording cannot be read", error.into());
        let open: Arc<Open> = Arc::new(move || {
            let frames = open().map_err(failed)?;
            Ok(Box::new(frames.map(move |frame| frame.map_err(failed))) as Frames)
        });
        let mut first = None;
        let mut summaries: BTreeMap<Symbol, Summary> = BTreeMap::new();
        let mut nameless = Summary::default();
        for (index, frame) in open()?.enumerate() {
            let (time, text) = frame?;
            let frame = Frame::read(&text)
                .map_err(|error| invalid(format_args!("frame {} of the recording: {error}", index + 1)))?;
            let Some(frame) = frame else { continue };
            first.get_or_insert(time);
            let summary = match frame.symbol {
                Some(symbol) => summaries.entry(symbol).or_default(),
                None => &mut nameless,
            };
            summary.see(&frame.happened, frame.is_aggregate);
        }
        let start = first.unwrap_or(0);
        let is_only = summaries.len() == 1;
        if nameless.has_steps && !is_only && !summaries.is_empty() {
            return Err(invalid(SEVERAL_SYMBOLS));
        }
        if let (Some(only), true) = (summaries.values_mut().next(), is_only) {
            only.add(nameless);
        }
        let tracks = summaries
            .into_iter()
            .map(|(symbol, summary)| Track {
                symbol,
                steps: Steps::Read { open: Arc::clone(&open), start, is_only },
                summary,
            })
            .collect();
        Self::of_tracks(tracks, start)
    }

    fn of_tracks(tracks: Vec<Track>, start: u64) -> Result<Self, SimError> {
        let tracks: Vec<Arc<Track>> =
            tracks.into_iter().filter(|track| track.snapshot().is_some()).map(Arc::new).collect();
        if tracks.is_empty() {
            return Err(invalid("the recording has no symbol with a snapshot of its book"));
        }
        let start = Timestamp::from_micros(i64::try_from(start / 1000).unwrap_or(i64::MAX));
        Ok(Self { tracks, start, percent: 100 })
    }

    /// Sets the speed in percent of the recorded one (default: 100).
    #[must_use]
    pub fn speed_percent(mut self, percent: u32) -> Self {
        self.percent = u64::from(percent);
        self
    }

    /// Returns the time of the first frame, at which a [`TokioClock`](crate::TokioClock) may start.
    pub fn start(&self) -> Timestamp {
        self.start
    }

    pub(crate) fn tracks(&self) -> impl Iterator<Item = &Track> {
        self.tracks.iter().map(Arc::as_ref)
    }

    /// Returns the recorded symbols that have a book.
    pub fn symbols(&self) -> Vec<Symbol> {
        self.tracks.iter().map(|track| track.symbol.clone()).collect()
    }
}

/// A frame that matters.
#[derive(Debug)]
pub(super) struct Frame {
    /// Symbol that it is about.
    pub(super) symbol: Option<Symbol>,
    /// What it reports.
    pub(super) happened: Happened,
    /// Whether it is an aggregate trade.
    pub(super) is_aggregate: bool,
}

impl Frame {
    /// None for a frame that does not matter.
    pub(super) fn read(text: &str) -> Result<Option<Self>, SimError> {
        let error = |error| SimError::with(SimErrorKind::Recording, "it is not JSON", error);
        let value: Value = serde_json::from_str(text).map_err(error)?;
        let data = value.get("data").unwrap_or(&value);
        let symbol = data.get("s").and_then(Value::as_str).map(Symbol::new);
        let number = |name: &str| {
            data.get(name)
                .and_then(Value::as_u64)
                .ok_or_else(|| invalid(format_args!("there is no number {name}")))
        };
        // Both units mean something of their own only in comparison, and recordings do not mix them.
        let time = |name: &str| data.get(name).and_then(Value::as_i64).unwrap_or(i64::MAX);
        let happened = match data.get("e").and_then(Value::as_str) {
            Some("depthUpdate") => Happened::Depth {
                last: number("u")?,
                time: time("E"),
                bids: levels(data, "b")?,
                asks: levels(data, "a")?,
            },
            Some("trade" | "aggTrade") => Happened::Trade {
                time: time("T"),
                price: fixed(data.get("p"), "p")?,
                quantity: fixed(data.get("q"), "q")?,
                taker: match data.get("m").and_then(Value::as_bool) {
                    Some(true) => Side::Sell,
                    Some(false) => Side::Buy,
                    None => return Err(invalid("a trade without m")),
                },
            },
            None if data.get("lastUpdateId").is_some() && data.get("bids").is_some() => Happened::Snapshot {
                last: number("lastUpdateId")?,
                bids: levels(data, "bids")?,
                asks: levels(data, "asks")?,
            },
            _ => return Ok(None),
        };
        if let Happened::Trade { price, quantity, .. } = &happened
            && !(price.is_positive() && quantity.is_positive())
        {
            // Trades outside of the book are recorded as trades of nothing.
            return Ok(None);
        }
        let is_aggregate = data.get("e").and_then(Value::as_str) == Some("aggTrade");
        // Partial depth has no symbol but a stream, and is no snapshot of the whole book.
        let partial = value.get("stream").and_then(Value::as_str).is_some_and(|name| name.contains("@depth"));
        if partial && matches!(happened, Happened::Snapshot { .. }) {
            return Ok(None);
        }
        Ok(Some(Self { symbol, happened, is_aggregate }))
    }
}

fn fixed(value: Option<&Value>, name: &str) -> Result<Fixed, SimError> {
    value
        .and_then(Value::as_str)
        .and_then(|text| Fixed::parse(text).ok())
        .ok_or_else(|| invalid(format_args!("{name} is not a decimal with at most eight places")))
}

fn levels(data: &Value, name: &str) -> Result<Vec<Level>, SimError> {
    let rows = data.get(name).and_then(Value::as_array);
    rows.ok_or_else(|| invalid(format_args!("there are no levels {name}")))?
        .iter()
        .map(|row| Ok((fixed(row.get(0), "a price")?, fixed(row.get(1), "a quantity")?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::track::assets;
    use super::*;
    use binance_kit_core::Decimal;

    #[test]
    fn what_is_no_recording() {
        let error = |text: &str| {
            let error = RecordedMarket::from_lines(text.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), SimErrorKind::Recording);
            error.to_string()
        };
        assert_eq!(error("nonsense"), "line 1 of the recording: there is no blank behind the time");
        assert_eq!(error("\nx {}"), "line 2 of the recording: it does not begin with a time in nanoseconds");
        assert_eq!(error("1 {"), "line 1 of the recording: it is not JSON");
        assert_eq!(error("1 {}"), "the recording has no symbol with a snapshot of its book");
        let depth = r#"1 {"e":"depthUpdate","s":"ABUSDT","u":5,"b":[["1.123456789","1"]],"a":[]}"#;
        assert_eq!(
            error(depth),
            "line 1 of the recording: a price is not a decimal with at most eight places"
        );
        let two = "1 {\"e\":\"trade\",\"s\":\"A\",\"p\":\"1\",\"q\":\"1\",\"m\":true}\n\
                   1 {\"e\":\"trade\",\"s\":\"B\",\"p\":\"1\",\"q\":\"1\",\"m\":true}\n\
                   2 {\"lastUpdateId\":1,\"bids\":[],\"asks\":[]}\n";
        assert!(error(two).contains("several symbols"));
    }

    #[test]
    fn symbols_are_as_fine_as_their_recording() {
        let text = "1 {\"stream\":\"abusdt@trade\",\"data\":{\"e\":\"trade\",\"s\":\"ABUSDT\",\"p\":\"10.25000000\",\"q\":\"0.00500000\",\"m\":false}}\n\
                    2 {\"e\":\"aggTrade\",\"s\":\"ABUSDT\",\"p\":\"10.25\",\"q\":\"0.005\",\"m\":false}\n\
                    3 {\"lastUpdateId\":7,\"bids\":[[\"10.10000000\",\"2.00000000\"]],\"asks\":[[\"10.30000000\",\"1.50000000\"]]}\n";
        let recording = RecordedMarket::from_lines(text.as_bytes()).unwrap();
        assert_eq!(recording.symbols(), ["ABUSDT"]);
        let track = &recording.tracks[0];
        // The sum of the trade is not played a second time.
        assert!(matches!(&track.steps, Steps::Held(steps) if steps.len() == 2));
        let config = track.symbol_config();
        assert_eq!((config.tick_size, config.step_size), (Decimal::new(1, 2), Decimal::new(1, 3)));
        assert_eq!(config.initial_price, Decimal::new(101, 1));
        assert_eq!(assets("ETHBTC"), ("ETH", "BTC"));
    }

    #[test]
    fn a_recording_is_read_no_further_than_it_is_played() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let snapshot = |symbol: &str| {
            format!(r#"{{"s":"{symbol}","lastUpdateId":1,"bids":[["1","1"]],"asks":[["2","1"]]}}"#)
        };
        let trade = r#"{"e":"trade","s":"ABUSDT","p":"1","q":"1","T":1,"m":false}"#.to_owned();
        let mut frames = vec![(0, snapshot("ABUSDT")), (1000, snapshot("CDUSDT"))];
        frames.extend((2..100).map(|at| (at * 1000, trade.clone())));
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let open = move || {
            let counted = Arc::clone(&counted);
            let frames = frames.clone().into_iter().inspect(move |_| {
                counted.fetch_add(1, Ordering::Relaxed);
            });
            Ok::<_, std::io::Error>(frames.map(Ok))
        };
        let market = RecordedMarket::from_source(open).unwrap();
        count.store(0, Ordering::Relaxed);
        // A symbol of which nothing comes any more.
        let mut feed = market.tracks[1].feed(0);
        assert!(feed.next_until(10).is_some() && feed.next_until(10).is_none());
        assert_eq!(count.load(Ordering::Relaxed), 12);
        assert!(feed.next_until(u64::MAX).is_none());
        assert_eq!(count.load(Ordering::Relaxed), 100);
    }

    #[test]
    fn a_recording_that_is_read_is_the_one_that_is_held() {
        let depth = |symbol: &str, last: u64| {
            format!(
                r#"{{"stream":"x","data":{{"e":"depthUpdate","E":{last},"s":"{symbol}","u":{last},"b":[["10.{last}","1"]],"a":[]}}}}"#
            )
        };
        let trade =
            |kind: &str| format!(r#"{{"e":"{kind}","s":"ABUSDT","p":"10.25","q":"0.005","T":1,"m":false}}"#);
        let snapshot = r#"{"lastUpdateId":7,"bids":[["10.1","2"]],"asks":[["10.3","1.5"]]}"#.to_owned();
        let frames = vec![
            (1_000_000, depth("ABUSDT", 6)),
            (2_000_000, snapshot.clone()),
            (3_000_000, trade("trade")),
            (4_000_000, trade("aggTrade")),
            (5_000_000, "{\"result\":null,\"id\":1}".to_owned()),
            (6_000_000, depth("ABUSDT", 8)),
        ];
        let held = RecordedMarket::from_frames(frames.clone()).unwrap();
        let source = frames.clone();
        let open = move || Ok::<_, std::io::Error>(source.clone().into_iter().map(Ok));
        let read = RecordedMarket::from_source(open).unwrap();
        assert_eq!((read.start(), read.symbols()), (held.start(), held.symbols()));
        let config = |market: &RecordedMarket| format!("{:?}", market.tracks[0].symbol_config());
        assert_eq!(config(&read), config(&held));
        for position in 0..5 {
            let (mut one, mut two) = (held.tracks[0].feed(position), read.tracks[0].feed(position));
            for elapsed in [0, 0, 999, 1000, 2000, 5000, 5000, 5000, u64::MAX, u64::MAX] {
                assert_eq!(two.next_until(elapsed), one.next_until(elapsed), "{position} {elapsed}");
            }
        }
        // The name of a symbol may be written with escapes.
        let [one, two] = ["CDUSDT", "\\u0043DUSDT"].map(|name| {
            let snapshot =
                r#"{"s":"CDUSDT","lastUpdateId":1,"bids":[["1","1"]],"asks":[["2","1"]]}"#.to_owned();
            let more = vec![(7_000_000, snapshot), (8_000_000, depth(name, 9))];
            // Snapshots that name their symbol need not be of the only one.
            let named = frames[1].1.replacen('{', r#"{"s":"ABUSDT","#, 1);
            let all = [vec![frames[0].clone(), (2_000_000, named)], more].concat();
            let open = move || Ok::<_, std::io::Error>(all.clone().into_iter().map(Ok));
            let read = RecordedMarket::from_source(open).unwrap();
            assert_eq!(read.symbols(), ["ABUSDT", "CDUSDT"]);
            let mut feed = read.tracks[1].feed(0);
            [feed.next_until(u64::MAX), feed.next_until(u64::MAX), feed.next_until(u64::MAX)]
        });
        assert!(one[1].is_some() && one[2].is_none());
        assert_eq!(one, two);
        let failing = || Ok::<_, String>(vec![Ok((1, "{}".to_owned())), Err("gone".to_owned())].into_iter());
        let error = RecordedMarket::from_source(failing).unwrap_err();
        assert_eq!(error.to_string(), "the recording cannot be read");
        let several = [frames, vec![(7_000_000, depth("CDUSDT", 1))]].concat();
        let open = move || Ok::<_, std::io::Error>(several.clone().into_iter().map(Ok));
        assert_eq!(RecordedMarket::from_source(open).unwrap_err().to_string(), SEVERAL_SYMBOLS);
    }
}
