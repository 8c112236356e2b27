//! What a recording falls short of: each thing by itself, so that nothing that is missing hides behind a sum.

use super::report::Report;
use super::streams::StreamReport;
use crate::output::thousands;
use binance_kit::book::{BookState, SymbolReport};

/// Something that a recording lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shortfall {
    /// What kind it is of; a word for programs.
    pub(super) kind: &'static str,
    /// The stream, symbol or file; empty for the whole recording.
    pub(super) subject: String,
    /// What is wrong, in words.
    pub(super) detail: String,
    /// Whether it makes the replay fail only with `--strict`: nothing in the data is known to be wrong or missing.
    pub(super) is_minor: bool,
}

/// Collects shortfalls.
#[derive(Debug, Default)]
struct List(Vec<Shortfall>);

impl List {
    fn add(&mut self, kind: &'static str, subject: &str, detail: String) {
        self.0.push(Shortfall { kind, subject: subject.to_owned(), detail, is_minor: false });
    }

    fn add_minor(&mut self, kind: &'static str, subject: &str, detail: String) {
        self.0.push(Shortfall { kind, subject: subject.to_owned(), detail, is_minor: true });
    }
}

/// `1 gap`, `2 gaps`.
pub(super) fn counted(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {one}s", thousands(count)) }
}

/// Everything that a recording falls short of.
pub(super) fn shortfalls(report: &Report) -> Vec<Shortfall> {
    let mut list = List::default();
    if report.failures > 0 {
        list.add("unreadable_frames", "", format!("{} cannot be read", counted(report.failures, "frame")));
    }
    for (file, count) in &report.damaged {
        let first = report.first_damage.get(file).map(|first| format!(": {first}")).unwrap_or_default();
        list.add("damaged", file, format!("{} cannot be read{first}", counted(*count, "part")));
    }
    for file in &report.unfinished {
        let detail = "the end is missing: the recorder was killed, or is still running".to_owned();
        list.add("unfinished", file, detail);
    }
    if report.lost > 0 {
        let detail = format!("the recorder could not write {}", counted(report.lost, "frame"));
        list.add("lost_frames", "", detail);
    }
    if report.binary > 0 {
        let detail = format!("{} of a product that has none", counted(report.binary, "binary frame"));
        list.add("binary_frames", "", detail);
    }
    if report.left_out > 0 {
        let detail =
            format!("{} of other products or of too many streams", counted(report.left_out, "frame"));
        list.add("left_out", "", detail);
    }
    for (name, stream) in &report.streams.by_name {
        of_stream(&mut list, name, stream);
    }
    for symbol in &report.symbols {
        of_symbol(&mut list, symbol);
    }
    if report.unattributed > 0 {
        let detail = format!(
            "{} without a symbol: the recording does not say of which one, so no book uses them",
            counted(report.unattributed, "snapshot")
        );
        list.add_minor("unattributed_snapshots", "", detail);
    }
    if report.interruptions > 0 {
        let detail =
            format!("the recorder was without a connection {}", counted(report.interruptions, "time"));
        list.add_minor("interruptions", "", detail);
    }
    list.0
}

fn of_stream(list: &mut List, name: &str, stream: &StreamReport) {
    let certain = stream.gaps - stream.possible_gaps;
    if certain > 0 {
        let kind = match stream.kind.as_str() {
            "trade" => "missing_trades",
            "aggTrade" => "missing_agg_trades",
            "kline" | "continuous_kline" => "missing_candles",
            _ => "gaps",
        };
        let unit = if kind == "missing_candles" { "candle" } else { "id" };
        let detail = format!("{} in it, {} missing", counted(certain, "gap"), counted(stream.missing, unit));
        list.add(kind, name, detail);
    }
    if stream.possible_gaps > 0 {
        let detail = format!(
            "events may be missing {}: its connection was lost, and its events have no ids that would tell",
            counted(stream.possible_gaps, "time")
        );
        list.add("possible_gaps", name, detail);
    }
    if stream.unclosed > 0 {
        let detail = format!("{} without the last update", counted(stream.unclosed, "candle"));
        list.add("unclosed_candles", name, detail);
    }
    if stream.out_of_order > 0 {
        let detail = format!("{} older than the one before", counted(stream.out_of_order, "event"));
        list.add_minor("out_of_order", name, detail);
    }
}

fn of_symbol(list: &mut List, symbol: &SymbolReport) {
    let name = symbol.symbol.as_str();
    for (count, late) in [(symbol.mismatches, false), (symbol.late_mismatches, true)] {
        if count > 0 {
            let which = if late { "later " } else { "" };
            let detail = format!("the book differs from {which}best prices {}", counted(count, "time"));
            list.add("mismatches", name, detail);
        }
    }
    if symbol.depth_events == 0 {
        return;
    }
    if symbol.snapshots == 0 {
        list.add("no_snapshot", name, "there is no snapshot of its book".to_owned());
    } else {
        match symbol.state {
            BookState::Synced => {}
            BookState::Syncing => {
                let detail = "its book never became synced: no snapshot fits the events".to_owned();
                list.add("syncing_book", name, detail);
            }
            state => list.add("stale_book", name, format!("its book is {state}")),
        }
    }
    if symbol.outside_range > 0 {
        let detail = format!(
            "after {} the best price was outside the range of the snapshot, so that a better one may exist",
            counted(symbol.outside_range, "event")
        );
        list.add_minor("outside_range", name, detail);
    }
}
