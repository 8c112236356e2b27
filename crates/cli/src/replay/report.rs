//! The result of a replay.

use super::recording::Contents;
use crate::output::thousands;
use binance_kit::book::{ReplayAudit, SymbolReport};
use binance_kit::core::{DecodeError, JsonWriter};
use std::collections::BTreeMap;
use std::time::Duration;

/// Maximum number of undecoded frames shown.
const MAX_SHOWN: usize = 5;

#[derive(Debug)]
pub(super) struct Report {
    file: String,
    product: &'static str,
    lines: u64,
    /// Number of times the recorder lost its connection, and the replay so far.
    interruptions: u64,
    interrupted: u64,
    /// Number of copies of events, recorded on several connections.
    pub(super) duplicates: u64,
    /// Number of frames that the recorder could not write.
    lost: u64,
    /// Whether the end is missing.
    is_torn: bool,
    kinds: BTreeMap<&'static str, u64>,
    failures: u64,
    first_failures: Vec<String>,
    symbols: Vec<SymbolReport>,
    /// Number of snapshots that could belong to any of several symbols.
    unattributed: u64,
    elapsed: Duration,
}

impl Report {
    pub(super) fn new(file: String, product: &'static str, contents: &Contents) -> Self {
        Self {
            file,
            product,
            lines: contents.lines,
            interruptions: contents.interruptions,
            interrupted: 0,
            duplicates: 0,
            lost: contents.lost,
            is_torn: contents.is_torn,
            kinds: BTreeMap::new(),
            failures: 0,
            first_failures: Vec::new(),
            symbols: Vec::new(),
            unattributed: 0,
            elapsed: Duration::ZERO,
        }
    }

    pub(super) fn count(&mut self, kind: &'static str) {
        *self.kinds.entry(kind).or_default() += 1;
    }

    pub(super) fn undecoded(&mut self, error: &DecodeError, raw: &[u8]) {
        self.failures += 1;
        if self.first_failures.len() < MAX_SHOWN {
            let text: String = String::from_utf8_lossy(raw).chars().take(200).collect();
            self.first_failures.push(format!("{error}: {text}"));
        }
    }

    /// Counts a loss of the replay's connection, and returns the number so far.
    pub(super) fn interrupted(&mut self) -> u64 {
        self.interrupted += 1;
        self.interrupted
    }

    /// Number of frames received, decoded or not.
    pub(super) fn received(&self) -> u64 {
        self.kinds.values().sum::<u64>() + self.failures
    }

    pub(super) fn finish(&mut self, audit: &ReplayAudit, elapsed: Duration) {
        self.symbols = audit.report();
        self.unattributed = audit.unattributed_snapshots();
        self.elapsed = elapsed;
    }

    /// Whether every frame was received and decoded, and no book differed.
    pub(super) fn is_whole(&self) -> bool {
        self.received() + self.duplicates == self.lines
            && self.failures == 0
            && self.symbols.iter().all(|symbol| symbol.mismatches == 0 && symbol.late_mismatches == 0)
    }

    fn rate(&self) -> u64 {
        let micros = u64::try_from(self.elapsed.as_micros()).unwrap_or(u64::MAX).max(1);
        self.received().saturating_mul(1_000_000) / micros
    }

    pub(super) fn to_text(&self) -> String {
        let mut lines = vec![format!("{} ({})", self.file, self.product)];
        lines.push(format!(
            "  {} frames in {:.2} s, {} per second, {} undecoded",
            thousands(self.received()),
            self.elapsed.as_secs_f64(),
            thousands(self.rate()),
            self.failures
        ));
        if self.interruptions > 0 {
            lines.push(format!("  the recorder was without a connection {} times", self.interruptions));
        }
        if self.duplicates > 0 {
            lines.push(format!(
                "  {} copies of events that were recorded on another connection, too",
                thousands(self.duplicates)
            ));
        }
        if self.lost > 0 {
            lines.push(format!("  the recorder lost {} frames", thousands(self.lost)));
        }
        if self.is_torn {
            lines.push("  the end is missing: the recorder was killed, or is still running".to_owned());
        }
        for failure in &self.first_failures {
            lines.push(format!("    {failure}"));
        }
        for (kind, count) in &self.kinds {
            lines.push(format!("  {kind:<22} {:>10}", thousands(*count)));
        }
        if self.unattributed > 0 {
            lines.push(format!("  {} snapshots without a symbol", self.unattributed));
        }
        for symbol in &self.symbols {
            lines.push(format!("  {}", symbol.symbol));
            lines.push(format!(
                "    depth events {}, gaps in their ids {}; trades {}, ids missing {}",
                symbol.depth_events, symbol.gaps, symbol.trades, symbol.missing_trades
            ));
            for gap in &symbol.first_gaps {
                lines.push(format!("      gap: expected {}, got {}", gap.expected, gap.got));
            }
            lines.push(format!(
                "    compared with bookTicker at the same update: {} times, {} different (later ones: {}, {} different)",
                symbol.comparisons, symbol.mismatches, symbol.late_comparisons, symbol.late_mismatches
            ));
            let id = symbol.last_update_id.map_or_else(|| "none".to_owned(), |id| id.to_string());
            lines.push(format!(
                "    book: {:?}, last update {id}, levels {} / {}",
                symbol.state, symbol.bid_levels, symbol.ask_levels
            ));
            for (side, level) in [("bid", symbol.best_bid), ("ask", symbol.best_ask)] {
                if let Some(level) = level {
                    lines.push(format!("    best {side} {} × {}", level.price, level.quantity));
                }
            }
        }
        lines.join("\n")
    }

    pub(super) fn to_json(&self) -> String {
        let mut json = JsonWriter::new();
        json.begin_object();
        json.field("file", &self.file);
        json.field("product", self.product);
        json.field("whole", &self.is_whole());
        json.field("lines", &self.lines);
        json.field("received", &self.received());
        json.field("decode_failures", &self.failures);
        json.field("interruptions", &self.interruptions);
        json.field("duplicates", &self.duplicates);
        json.field("lost_frames", &self.lost);
        json.field("torn", &self.is_torn);
        json.field("elapsed_ms", &u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX));
        json.field("frames_per_second", &self.rate());
        json.key("events");
        json.begin_object();
        for (kind, count) in &self.kinds {
            json.field(kind, count);
        }
        json.end_object();
        json.field("unattributed_snapshots", &self.unattributed);
        json.key("symbols");
        json.begin_array();
        for symbol in &self.symbols {
            json.element();
            json.begin_object();
            json.field("symbol", &symbol.symbol);
            json.field("depth_events", &symbol.depth_events);
            json.field("gaps", &symbol.gaps);
            json.field("comparisons", &symbol.comparisons);
            json.field("mismatches", &symbol.mismatches);
            json.field("late_comparisons", &symbol.late_comparisons);
            json.field("late_mismatches", &symbol.late_mismatches);
            json.field("trades", &symbol.trades);
            json.field("missing_trades", &symbol.missing_trades);
            json.field("synced", &symbol.state.is_synced());
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
        json.end_object();
        json.into_string()
    }
}
