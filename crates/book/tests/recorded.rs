//! The recordings of the real exchange, where they are at hand: the ids, the best prices and the final books that the audit
//! finds in them must be those that were counted from the files by other means.

#![expect(clippy::unwrap_used, reason = "a failure here is the failure of a test")]
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

use binance_kit_book::{Diff, Level, ReplayAudit, Snapshot, SymbolReport, SyncRule, Touch};
use binance_kit_core::decode::{DecodeError, Frame, Value};
use binance_kit_core::id::{TradeId, UpdateId};
use binance_kit_core::{Decimal, Decode as _, Decoder, Symbol};
use std::io::Read as _;
use std::path::Path;

/// What must come out of a recording.
struct Expected {
    file: &'static str,
    rule: SyncRule,
    depth_events: u64,
    comparisons: u64,
    late_comparisons: u64,
    trades: u64,
    last_update_id: u64,
    levels: (usize, usize),
    best_bid: (&'static str, &'static str),
    best_ask: (&'static str, &'static str),
}

fn levels(value: Value<'_>) -> Result<Vec<Level>, DecodeError> {
    let pairs = Vec::<Vec<Decimal>>::decode(value)?;
    Ok(pairs.iter().map(|pair| Level::new(pair[0], pair[1])).collect())
}

fn get<T: binance_kit_core::Decode>(value: Value<'_>, name: &'static str) -> Result<T, DecodeError> {
    let found = value.object()?.find(|(key, _)| *key == name);
    T::decode(found.ok_or_else(|| DecodeError::missing(name))?.1)
}

fn get_levels(value: Value<'_>, name: &'static str) -> Result<Vec<Level>, DecodeError> {
    let found = value.object()?.find(|(key, _)| *key == name);
    levels(found.ok_or_else(|| DecodeError::missing(name))?.1)
}

fn observe(audit: &mut ReplayAudit, frame: Frame<'_>) -> Result<(), DecodeError> {
    let Frame::Event(event) = frame else { return Ok(()) };
    let data = event.data;
    let Some(stream) = event.stream else {
        let symbol: Option<Symbol> = get(data, "symbol").ok();
        let snapshot = Snapshot {
            last_update_id: get(data, "lastUpdateId")?,
            bids: get_levels(data, "bids")?,
            asks: get_levels(data, "asks")?,
        };
        audit.on_snapshot(symbol.as_ref(), &snapshot);
        return Ok(());
    };
    let symbol: Symbol = get(data, "s")?;
    if stream.contains("@depth") {
        let diff = Diff {
            first_update_id: get(data, "U")?,
            last_update_id: get(data, "u")?,
            previous_update_id: get(data, "pu").ok(),
            bids: get_levels(data, "b")?,
            asks: get_levels(data, "a")?,
        };
        audit.on_diff(&symbol, &diff);
    } else if stream.ends_with("@bookTicker") {
        let touch = Touch {
            update_id: get(data, "u")?,
            bid: Level::new(get(data, "b")?, get(data, "B")?),
            ask: Level::new(get(data, "a")?, get(data, "A")?),
        };
        audit.on_book_ticker(&symbol, touch);
    } else {
        audit.on_trade(&symbol, get::<TradeId>(data, "t")?);
    }
    Ok(())
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn check(expected: &Expected) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(expected.file);
    let Ok(file) = std::fs::File::open(&path) else {
        println!("skipped: {} is not here", expected.file);
        return;
    };
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
    let mut audit = ReplayAudit::new(expected.rule);
    let mut decoder = Decoder::new();
    for line in text.lines() {
        let (_, frame) = line.split_once(' ').unwrap();
        decoder.frame(frame.as_bytes(), |frame| observe(&mut audit, frame)).unwrap();
    }
    let report: Vec<SymbolReport> = audit.report();
    assert_eq!((report.len(), audit.unattributed_snapshots()), (1, 0));
    let report = &report[0];
    assert_eq!(report.depth_events, expected.depth_events);
    assert_eq!((report.gaps, report.stats.gaps), (0, 0));
    assert_eq!((report.comparisons, report.mismatches), (expected.comparisons, 0));
    assert_eq!((report.late_comparisons, report.late_mismatches), (expected.late_comparisons, 0));
    assert_eq!((report.trades, report.missing_trades, report.repeated_trades), (expected.trades, 0, 0));
    assert_eq!(report.last_update_id, Some(UpdateId(expected.last_update_id)));
    assert_eq!((report.bid_levels, report.ask_levels), expected.levels);
    let level = |(price, quantity)| Some(Level::new(decimal(price), decimal(quantity)));
    assert_eq!(report.best_bid, level(expected.best_bid));
    assert_eq!(report.best_ask, level(expected.best_ask));
    assert!(report.state.is_synced());
}

#[test]
fn spot() {
    check(&Expected {
        file: "spot-btcusdt-20240808.gz",
        rule: SyncRule::Spot,
        depth_events: 3451,
        comparisons: 564,
        late_comparisons: 0,
        trades: 9757,
        last_update_id: 50_093_421_584,
        levels: (1209, 2196),
        best_bid: ("61685.99", "1.0087"),
        best_ask: ("61686.00", "2.29327"),
    });
}

#[test]
fn usdm() {
    check(&Expected {
        file: "usdm-btcusdt-20240808.gz",
        rule: SyncRule::Futures,
        depth_events: 6551,
        comparisons: 503,
        late_comparisons: 126,
        trades: 21313,
        last_update_id: 5_123_135_475_514,
        levels: (5018, 4578),
        best_bid: ("61659.70", "1.486"),
        best_ask: ("61659.80", "0.981"),
    });
}

#[test]
fn coinm() {
    check(&Expected {
        file: "coinm-btcusd_perp-20240808.gz",
        rule: SyncRule::Futures,
        depth_events: 26847,
        comparisons: 1124,
        late_comparisons: 0,
        trades: 2286,
        last_update_id: 1_007_202_248_021,
        levels: (1110, 1123),
        best_bid: ("61668.6", "1380"),
        best_ask: ("61668.7", "871"),
    });
}
