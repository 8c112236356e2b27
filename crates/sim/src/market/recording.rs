//! Recorded market data: depth events with a snapshot, and trades, of one symbol or several.

use crate::engine::{Fixed, Side, SymbolConfig};
use crate::error::{SimError, SimErrorKind};
use binance_kit_core::{Decimal, Symbol, Timestamp};
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

/// Everything of one symbol, with the time since the recording began in microseconds.
#[derive(Debug)]
pub(crate) struct Track {
    /// Symbol.
    pub(super) symbol: Symbol,
    /// What happened, by time in microseconds since the start.
    pub(super) steps: Vec<(u64, Happened)>,
}

/// Recorded market data as the market of an exchange: [`ExchangeBuilder::replay`](crate::ExchangeBuilder::replay).
///
/// Of the frames of the exchange's streams, `depthUpdate` and `trade` are used (with `aggTrade` instead of `trade` where a
/// symbol has no `trade`), and the answers of depth requests: a symbol needs one, before or behind its first events.
/// Everything else is passed over.
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
        // A snapshot does not say of which symbol it is.
        let only = first.filter(|first| symbols.all(|symbol| symbol == *first));
        let mut tracks: BTreeMap<Symbol, Vec<(u64, Happened, bool)>> = BTreeMap::new();
        for (time, frame) in frames {
            let symbol = frame.symbol.or_else(|| only.clone()).ok_or_else(|| {
                invalid("the recording has several symbols, and does not say of which one a snapshot is")
            })?;
            let micros = time.saturating_sub(start) / 1000;
            tracks.entry(symbol).or_default().push((micros, frame.happened, frame.is_aggregate));
        }
        let tracks: Vec<Arc<Track>> = tracks
            .into_iter()
            .map(|(symbol, steps)| {
                let single =
                    steps.iter().any(|(_, step, sum)| matches!(step, Happened::Trade { .. }) && !sum);
                let steps = steps
                    .into_iter()
                    .filter(|(_, _, is_aggregate)| !(single && *is_aggregate))
                    .map(|(time, step, _)| (time, step))
                    .collect();
                Track { symbol, steps }
            })
            .filter(|track| track.snapshot().is_some())
            .map(Arc::new)
            .collect();
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

impl Track {
    pub(crate) fn symbol(&self) -> &str {
        self.symbol.as_str()
    }

    /// The first snapshot.
    pub(super) fn snapshot(&self) -> Option<&Happened> {
        self.steps.iter().map(|(_, step)| step).find(|step| matches!(step, Happened::Snapshot { .. }))
    }

    /// What the symbol must be like: the steps are as fine as anything in the recording.
    pub(crate) fn symbol_config(&self) -> SymbolConfig {
        let (mut price_places, mut quantity_places, mut last) = (0, 0, Fixed::ONE);
        let mut see = |price: Fixed, quantity: Fixed| {
            price_places = price_places.max(places(price));
            quantity_places = quantity_places.max(places(quantity));
            last = price;
        };
        for (_, step) in self.steps.iter().rev() {
            match step {
                Happened::Snapshot { bids, asks, .. } | Happened::Depth { bids, asks, .. } => {
                    for (price, quantity) in asks.iter().chain(bids.iter().rev()) {
                        see(*price, *quantity);
                    }
                }
                Happened::Trade { price, quantity, .. } => see(*price, *quantity),
            }
        }
        if let Some(Happened::Snapshot { bids, .. }) = self.snapshot() {
            last = bids.first().map_or(last, |(price, _)| *price);
        }
        let (base, quote) = assets(self.symbol.as_str());
        SymbolConfig::new(self.symbol.as_str(), base, quote, last.to_decimal())
            .tick_size(Decimal::new(1, price_places))
            .step_size(Decimal::new(1, quantity_places))
    }
}

/// How many places behind the point are not zero.
fn places(value: Fixed) -> u32 {
    let mut units = value.units();
    let mut places = 8;
    while places > 0 && units % 10 == 0 {
        units /= 10;
        places -= 1;
    }
    places
}

/// Base and quote asset, which the name of a symbol does not tell apart: by the quotes there usually are.
fn assets(symbol: &str) -> (&str, &str) {
    const QUOTES: [&str; 14] = [
        "USDT", "USDC", "FDUSD", "TUSD", "BUSD", "DAI", "EUR", "TRY", "BRL", "JPY", "BTC", "ETH", "BNB",
        "USD",
    ];
    QUOTES
        .iter()
        .find_map(|quote| {
            symbol.strip_suffix(quote).filter(|base| !base.is_empty()).map(|base| (base, *quote))
        })
        .unwrap_or((symbol, "USDT"))
}

/// A frame that matters.
#[derive(Debug)]
struct Frame {
    /// Symbol that it is about.
    symbol: Option<Symbol>,
    /// What it reports.
    happened: Happened,
    /// Whether it is an aggregate trade.
    is_aggregate: bool,
}

impl Frame {
    /// None for a frame that does not matter.
    fn read(text: &str) -> Result<Option<Self>, SimError> {
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
    use super::*;

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
        assert_eq!(track.steps.len(), 2);
        let config = track.symbol_config();
        assert_eq!((config.tick_size, config.step_size), (Decimal::new(1, 2), Decimal::new(1, 3)));
        assert_eq!(config.initial_price, Decimal::new(101, 1));
        assert_eq!(assets("ETHBTC"), ("ETH", "BTC"));
    }
}
