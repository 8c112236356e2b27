//! The result of a replay.

use super::shortfall::{Shortfall, counted, shortfalls};
use super::streams::{Latency, Streams};
use crate::output::thousands;
use binance_kit::Timestamp;
use binance_kit::book::{ReplayAudit, SymbolReport};
use binance_kit::core::{DecodeError, JsonWriter, Position, printable};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Maximum number of undecoded frames shown.
const MAX_SHOWN: usize = 5;
/// Maximum number of types of events that are counted apart, and maximum length of their names in bytes.
const MAX_KINDS: usize = 200;
const MAX_KIND: usize = 40;
/// Maximum number of gaps shown as text.
const MAX_GAPS_SHOWN: usize = 20;

/// The result of a replay.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// The files, as they were named.
    pub(super) files: Vec<String>,
    /// The product.
    pub(super) product: &'static str,
    /// Number of frames and snapshots.
    pub(super) lines: u64,
    /// Number of times that the recorder was without a connection.
    pub(super) interruptions: u64,
    /// Number of copies of events, recorded on several connections.
    pub(super) duplicates: u64,
    /// Number of frames that the recorder could not write.
    pub(super) lost: u64,
    /// Whether a file ends within a block.
    pub(super) is_torn: bool,
    /// The files that their recorder did not close.
    pub(super) unfinished: BTreeSet<String>,
    /// Number of damaged parts by file, and the first of each.
    pub(super) damaged: BTreeMap<String, u64>,
    pub(super) first_damage: BTreeMap<String, String>,
    /// Number of frames that are binary, of a product without SBE.
    pub(super) binary: u64,
    /// Number of frames of other products, or of more streams than are played.
    pub(super) left_out: u64,
    /// Number of events by type.
    pub(super) kinds: BTreeMap<String, u64>,
    /// Number of frames that cannot be read.
    pub(super) failures: u64,
    first_failures: Vec<String>,
    /// What there is of each stream.
    pub(super) streams: Streams,
    /// What there is of each symbol.
    pub(super) symbols: Vec<SymbolReport>,
    /// Number of snapshots that do not say of which symbol they are.
    pub(super) unattributed: u64,
    /// Receive time of the first and of the last frame.
    pub(super) first_at: Option<Timestamp>,
    pub(super) last_at: Option<Timestamp>,
    elapsed: Duration,
    shortfalls: Vec<Shortfall>,
}

impl Report {
    pub(super) fn new(files: Vec<String>, product: &'static str) -> Self {
        Self { files, product, ..Self::default() }
    }

    pub(super) fn count(&mut self, kind: &str) {
        if let Some(count) = self.kinds.get_mut(kind) {
            *count += 1;
            return;
        }
        // Kinds that the model does not know are what the recording says.
        let is_kept = self.kinds.len() < MAX_KINDS && kind.len() <= MAX_KIND;
        let kind = if is_kept { kind } else { "other" };
        *self.kinds.entry(kind.to_owned()).or_default() += 1;
    }

    pub(super) fn undecoded(&mut self, error: &DecodeError, raw: &[u8]) {
        self.failures += 1;
        if self.first_failures.len() < MAX_SHOWN {
            let text: String = String::from_utf8_lossy(raw).chars().take(200).collect();
            self.first_failures.push(format!("{error}: {text}"));
        }
    }

    pub(super) fn damage(&mut self, file: &str, detail: &str) {
        *self.damaged.entry(file.to_owned()).or_default() += 1;
        self.first_damage.entry(file.to_owned()).or_insert_with(|| detail.to_owned());
    }

    /// Number of frames received, decoded or not.
    pub(super) fn received(&self) -> u64 {
        self.kinds.values().sum::<u64>() + self.failures
    }

    pub(super) fn finish(&mut self, audit: &ReplayAudit, elapsed: Duration) {
        self.symbols = audit.report();
        self.unattributed = audit.unattributed_snapshots();
        self.elapsed = elapsed;
        self.shortfalls = shortfalls(self);
    }

    /// Whether nothing is known to be wrong or missing; with `is_strict`, whether nothing at all falls short.
    pub(super) fn is_whole(&self, is_strict: bool) -> bool {
        self.shortfalls.iter().all(|shortfall| shortfall.is_minor && !is_strict)
    }

    fn span(&self) -> Duration {
        match (self.first_at, self.last_at) {
            (Some(first), Some(last)) => last.since(first),
            _ => Duration::ZERO,
        }
    }

    fn rate(&self) -> u64 {
        let micros = u64::try_from(self.elapsed.as_micros()).unwrap_or(u64::MAX).max(1);
        self.received().saturating_mul(1_000_000) / micros
    }

    pub(super) fn to_text(&self) -> String {
        let mut lines = Vec::new();
        match self.files.as_slice() {
            [file] => lines.push(format!("{file} ({})", self.product)),
            files => {
                lines.push(format!("{} ({})", counted(files.len() as u64, "file"), self.product));
                lines.extend(files.iter().map(|file| format!("  {file}")));
            }
        }
        lines.push(format!(
            "  {} frames in {:.2} s, {} per second, {} undecoded",
            thousands(self.received()),
            self.elapsed.as_secs_f64(),
            thousands(self.rate()),
            self.failures
        ));
        if let (Some(first), Some(last)) = (self.first_at, self.last_at) {
            lines.push(format!("  from {first} to {last}, {:.3} s", self.span().as_secs_f64()));
        }
        if self.duplicates > 0 {
            lines.push(format!(
                "  {} copies of events that were recorded on another connection, too",
                thousands(self.duplicates)
            ));
        }
        lines.extend(self.first_failures.iter().map(|failure| format!("    {failure}")));
        for (kind, count) in &self.kinds {
            lines.push(format!("  {kind:<22} {:>12}", thousands(*count)));
        }
        self.streams_to_text(&mut lines);
        self.symbols_to_text(&mut lines);
        if self.shortfalls.is_empty() {
            lines.push("  nothing falls short".to_owned());
        } else {
            lines.push("  falls short:".to_owned());
        }
        for Shortfall { subject, detail, is_minor, .. } in &self.shortfalls {
            let separator = if subject.is_empty() { "" } else { ": " };
            let strict = if *is_minor { " (an error only with --strict)" } else { "" };
            lines.push(format!("    {subject}{separator}{detail}{strict}"));
        }
        // Names and frames are as the recording has them.
        let lines: Vec<String> = lines.iter().map(|line| printable(line).to_string()).collect();
        lines.join("\n")
    }

    fn streams_to_text(&self, lines: &mut Vec<String>) {
        if self.streams.by_name.is_empty() {
            return;
        }
        lines.push("  streams: events, gaps, ids missing, latency in ms (median, 99 %, maximum)".to_owned());
        for (name, stream) in &self.streams.by_name {
            let millis = |micros: i64| {
                let tenths = micros.saturating_add(50).div_euclid(100);
                format!("{}.{}", tenths / 10, tenths.rem_euclid(10))
            };
            let latency = &stream.latency;
            let latency = if latency.count == 0 {
                "-".to_owned()
            } else {
                let parts = [latency.per_mille(500), latency.per_mille(990), latency.max];
                parts.map(millis).join(" ")
            };
            lines.push(format!(
                "    {name:<28} {:>10} {:>4} {:>6}  {latency}",
                thousands(stream.events),
                thousands(stream.gaps),
                thousands(stream.missing)
            ));
        }
        for gap in self.streams.gaps.iter().take(MAX_GAPS_SHOWN) {
            let (from, to) = (position(gap.from), position(gap.to));
            lines.push(format!("    gap: {} from {from} to {to}, before {}", gap.stream, gap.at));
        }
        let more = self.streams.gap_count.saturating_sub(MAX_GAPS_SHOWN as u64);
        if more > 0 {
            lines.push(format!("    {} more (--json has the first thousand)", counted(more, "gap")));
        }
    }

    fn symbols_to_text(&self, lines: &mut Vec<String>) {
        for symbol in &self.symbols {
            lines.push(format!("  {}", symbol.symbol));
            lines.push(format!(
                "    depth events {}, gaps in their ids {}; trades {}, ids missing {}; aggregate trades {}, ids missing {}",
                symbol.depth_events,
                symbol.gaps,
                symbol.trades,
                symbol.missing_trades,
                symbol.agg_trades,
                symbol.missing_agg_trades
            ));
            for gap in &symbol.first_gaps {
                lines.push(format!("      gap: expected {}, got {}", gap.expected, gap.got));
            }
            if symbol.book_tickers > 0 {
                lines.push(format!(
                    "    compared with bookTicker at the same update: {} times, {} different (later ones: {}, {} different)",
                    symbol.comparisons, symbol.mismatches, symbol.late_comparisons, symbol.late_mismatches
                ));
            }
            if symbol.depth_events == 0 && symbol.snapshots == 0 {
                continue;
            }
            let id = symbol.last_update_id.map_or_else(|| "none".to_owned(), |id| id.to_string());
            lines.push(format!(
                "    book: {}, {}, last update {id}, levels {} / {}",
                symbol.state,
                counted(symbol.snapshots, "snapshot"),
                symbol.bid_levels,
                symbol.ask_levels
            ));
            for (side, level) in [("bid", symbol.best_bid), ("ask", symbol.best_ask)] {
                if let Some(level) = level {
                    lines.push(format!("    best {side} {} × {}", level.price, level.quantity));
                }
            }
        }
    }

    pub(super) fn to_json(&self, is_strict: bool) -> String {
        let mut json = JsonWriter::new();
        json.begin_object();
        json.field("file", self.files.first().map(String::as_str).unwrap_or_default());
        json.field("files", &self.files);
        json.field("product", self.product);
        json.field("whole", &self.is_whole(is_strict));
        json.key("falls_short");
        json.begin_array();
        for shortfall in &self.shortfalls {
            json.element();
            json.begin_object();
            json.field("kind", shortfall.kind);
            json.field("subject", &shortfall.subject);
            json.field("detail", &shortfall.detail);
            json.field("only_strict", &shortfall.is_minor);
            json.end_object();
        }
        json.end_array();
        json.field("lines", &self.lines);
        json.field("received", &self.received());
        json.field("decode_failures", &self.failures);
        json.field("damaged", &self.damaged.values().sum::<u64>());
        json.field("interruptions", &self.interruptions);
        json.field("duplicates", &self.duplicates);
        json.field("lost_frames", &self.lost);
        json.field("torn", &self.is_torn);
        json.field("finished", &self.unfinished.is_empty());
        for (name, time) in [("from", self.first_at), ("to", self.last_at)] {
            json.key(name);
            match time {
                Some(time) => json.display_string(&time),
                None => json.null(),
            }
        }
        json.field("span_ms", &u64::try_from(self.span().as_millis()).unwrap_or(u64::MAX));
        json.field("elapsed_ms", &u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX));
        json.field("frames_per_second", &self.rate());
        json.key("events");
        json.begin_object();
        for (kind, count) in &self.kinds {
            json.field(kind, count);
        }
        json.end_object();
        let mut all = Latency::default();
        self.streams.by_name.values().for_each(|stream| all.merge(&stream.latency));
        latency(&mut json, &all);
        self.streams_to_json(&mut json);
        json.field("unattributed_snapshots", &self.unattributed);
        self.symbols_to_json(&mut json);
        json.end_object();
        json.into_string()
    }

    fn streams_to_json(&self, json: &mut JsonWriter) {
        json.key("streams");
        json.begin_array();
        for (name, stream) in &self.streams.by_name {
            json.element();
            json.begin_object();
            json.field("stream", name);
            json.field("kind", &stream.kind);
            json.field("events", &stream.events);
            json.field("unreadable", &stream.unreadable);
            json.field("gaps", &stream.gaps);
            json.field("possible_gaps", &stream.possible_gaps);
            json.field("missing", &stream.missing);
            json.field("out_of_order", &stream.out_of_order);
            json.optional("first_id", stream.first_id.as_ref());
            json.optional("last_id", stream.last_id.as_ref());
            if stream.candles > 0 {
                json.field("candles", &stream.candles);
                json.field("unclosed_candles", &stream.unclosed);
            }
            for (name, time) in [("from", stream.first_at), ("to", stream.last_at)] {
                if let Some(time) = time {
                    json.key(name);
                    json.display_string(&time);
                }
            }
            latency(json, &stream.latency);
            json.end_object();
        }
        json.end_array();
        json.field("gap_count", &self.streams.gap_count);
        json.key("gaps");
        json.begin_array();
        for gap in &self.streams.gaps {
            json.element();
            json.begin_object();
            json.field("stream", &gap.stream);
            for (name, place) in [("from", gap.from), ("to", gap.to)] {
                json.key(name);
                match place {
                    Position::Id(id) => json.display(&id),
                    place => json.display_string(&position(place)),
                }
            }
            json.optional("missing", gap.count.as_ref());
            json.key("before");
            json.display_string(&gap.at);
            json.end_object();
        }
        json.end_array();
    }

    fn symbols_to_json(&self, json: &mut JsonWriter) {
        json.key("symbols");
        json.begin_array();
        for symbol in &self.symbols {
            json.element();
            json.begin_object();
            json.field("symbol", &symbol.symbol);
            json.field("depth_events", &symbol.depth_events);
            json.field("gaps", &symbol.gaps);
            json.field("snapshots", &symbol.snapshots);
            json.field("comparisons", &symbol.comparisons);
            json.field("mismatches", &symbol.mismatches);
            json.field("late_comparisons", &symbol.late_comparisons);
            json.field("late_mismatches", &symbol.late_mismatches);
            json.field("trades", &symbol.trades);
            json.field("missing_trades", &symbol.missing_trades);
            json.field("agg_trades", &symbol.agg_trades);
            json.field("missing_agg_trades", &symbol.missing_agg_trades);
            json.field("synced", &symbol.state.is_synced());
            json.key("state");
            json.display_string(&symbol.state);
            json.field("last_update_id", &symbol.last_update_id);
            json.field("bid_levels", &symbol.bid_levels);
            json.field("ask_levels", &symbol.ask_levels);
            for (name, level) in [("best_bid", symbol.best_bid), ("best_ask", symbol.best_ask)] {
                json.key(name);
                match level {
                    Some(level) => {
                        json.begin_array();
                        json.element();
                        json.display_string(&level.price);
                        json.element();
                        json.display_string(&level.quantity);
                        json.end_array();
                    }
                    None => json.null(),
                }
            }
            json.end_object();
        }
        json.end_array();
    }
}

fn position(place: Position) -> String {
    match place {
        Position::Id(id) => id.to_string(),
        Position::Time(time) => time.to_string(),
        other => format!("{other:?}"),
    }
}

/// The time from an event to its receipt, in microseconds.
fn latency(json: &mut JsonWriter, latency: &Latency) {
    json.key("latency_us");
    if latency.count == 0 {
        return json.null();
    }
    json.begin_object();
    json.field("count", &latency.count);
    json.field("min", &latency.min);
    json.field("mean", &latency.mean());
    json.field("p50", &latency.per_mille(500));
    json.field("p99", &latency.per_mille(990));
    json.field("max", &latency.max);
    json.end_object();
}
