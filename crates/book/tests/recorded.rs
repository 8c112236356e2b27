//! The recordings of the real exchange, where they are at hand: the ids, the best prices and the final books that the audit
//! finds in them must be those that were counted from the files by other means.

#![cfg(all(feature = "spot", feature = "usdm", feature = "coinm"))]
#![expect(clippy::unwrap_used, reason = "a failure here is the failure of a test")]
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

use binance_kit_book::{Level, ReplayAudit, SymbolReport, SyncRule};
use binance_kit_core::decode::{DecodeError, EventFrame, Frame};
use binance_kit_core::id::UpdateId;
use binance_kit_core::{Decimal, Decode as _, Decoder, StreamEvent as _, Symbol};
use binance_kit_model::{coinm, spot, usdm};
use std::io::Read as _;
use std::path::Path;

type Observe = fn(&mut ReplayAudit, EventFrame<'_>) -> Result<(), DecodeError>;

/// What must come out of a recording.
struct Expected {
    file: &'static str,
    rule: SyncRule,
    observe: Observe,
    depth_events: u64,
    comparisons: u64,
    late_comparisons: u64,
    trades: u64,
    last_update_id: u64,
    levels: (usize, usize),
    best_bid: (&'static str, &'static str),
    best_ask: (&'static str, &'static str),
}

/// Snapshots are in the recordings without the wrapper of a stream.
fn observe_spot(audit: &mut ReplayAudit, frame: EventFrame<'_>) -> Result<(), DecodeError> {
    match frame.stream {
        None => audit.on_snapshot(Some(&Symbol::new("BTCUSDT")), &spot::OrderBook::decode(frame.data)?),
        Some(_) => audit.on_spot_event(&spot::MarketEvent::decode_event(frame)?),
    }
    Ok(())
}

fn observe_usdm(audit: &mut ReplayAudit, frame: EventFrame<'_>) -> Result<(), DecodeError> {
    match frame.stream {
        None => audit.on_snapshot(Some(&Symbol::new("BTCUSDT")), &usdm::OrderBook::decode(frame.data)?),
        Some(_) => audit.on_usdm_event(&usdm::MarketEvent::decode_event(frame)?),
    }
    Ok(())
}

fn observe_coinm(audit: &mut ReplayAudit, frame: EventFrame<'_>) -> Result<(), DecodeError> {
    match frame.stream {
        None => {
            let snapshot = coinm::OrderBook::decode(frame.data)?;
            audit.on_snapshot(Some(&snapshot.symbol), &snapshot);
        }
        Some(_) => audit.on_coinm_event(&coinm::MarketEvent::decode_event(frame)?),
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
        let observed = decoder.frame(frame.as_bytes(), |frame| match frame {
            Frame::Event(event) => (expected.observe)(&mut audit, event),
            _ => Ok(()),
        });
        observed.unwrap();
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
    let level = |(price, quantity)| Some(Level { price: decimal(price), quantity: decimal(quantity) });
    assert_eq!(report.best_bid, level(expected.best_bid));
    assert_eq!(report.best_ask, level(expected.best_ask));
    assert!(report.state.is_synced());
}

#[test]
fn spot() {
    check(&Expected {
        file: "spot-btcusdt-20240808.gz",
        rule: SyncRule::Spot,
        observe: observe_spot,
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
        observe: observe_usdm,
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
        observe: observe_coinm,
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
