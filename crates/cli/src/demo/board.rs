//! What the demo knows: counters and last values, written by its tasks and read by the view and the summary.

use super::summary::Check;
use binance_kit::book::IdSequence;
use binance_kit::{Decimal, Symbol};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The last that was heard of a symbol.
#[derive(Debug, Default, Clone)]
pub(super) struct SymbolLine {
    pub(super) last_price: Option<Decimal>,
    pub(super) change_percent: Option<Decimal>,
    pub(super) bid: Option<(Decimal, Decimal)>,
    pub(super) ask: Option<(Decimal, Decimal)>,
    pub(super) kline_close: Option<Decimal>,
    pub(super) events: u64,
    pub(super) trades: IdSequence,
    pub(super) last_depth_update: Option<u64>,
}

/// One of the orders.
#[derive(Debug, Clone)]
pub(super) struct OrderLine {
    pub(super) what: String,
    pub(super) outcome: &'static str,
    pub(super) definite: bool,
}

/// Everything.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// What the demo is doing: what it is stuck in when it does not get further.
    pub(super) phase: &'static str,
    pub(super) checks: Vec<Check>,
    pub(super) symbols: BTreeMap<Symbol, SymbolLine>,
    pub(super) events: BTreeMap<&'static str, u64>,
    pub(super) decode_failures: u64,
    pub(super) gaps: u64,
    pub(super) lagged: u64,
    pub(super) disconnects: u64,
    /// The first gap or lost connection, in words.
    pub(super) first_loss: Option<String>,
    pub(super) book_gaps: u64,
    pub(super) books_synced: u64,
    pub(super) book_updates: u64,
    pub(super) reports: BTreeMap<String, u64>,
    pub(super) account_updates: u64,
    pub(super) orders: Vec<OrderLine>,
    pub(super) round_trips: Vec<Duration>,
    pub(super) checkpoints: u64,
}

impl Facts {
    /// Something was lost, or may have been.
    pub(super) fn lost(&mut self, what: impl FnOnce() -> String) {
        self.first_loss.get_or_insert_with(what);
    }

    /// The total of market events.
    pub(super) fn event_count(&self) -> u64 {
        self.events.values().sum()
    }

    /// The round trip that this share of the requests did not exceed.
    pub(super) fn percentile(&self, share: f64) -> Option<Duration> {
        let mut sorted = self.round_trips.clone();
        sorted.sort_unstable();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a small count"
        )]
        let index = ((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1);
        sorted.get(index.min(sorted.len().saturating_sub(1))).copied()
    }
}

/// A handle on the facts. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Board(Arc<Mutex<Facts>>);

impl Board {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Facts { phase: "starting", ..Facts::default() })))
    }

    /// Gives each symbol its line.
    pub(super) fn follow(&self, symbols: &[Symbol]) {
        self.lock().symbols = symbols.iter().map(|symbol| (symbol.clone(), SymbolLine::default())).collect();
    }

    /// The demo has come this far.
    pub(super) fn begin(&self, phase: &'static str) {
        self.lock().phase = phase;
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Facts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles() {
        let mut facts = Facts::default();
        assert_eq!(facts.percentile(0.5), None);
        facts.round_trips = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(facts.percentile(0.5), Some(Duration::from_millis(50)));
        assert_eq!(facts.percentile(0.99), Some(Duration::from_millis(99)));
        assert_eq!(facts.percentile(1.0), Some(Duration::from_millis(100)));
    }
}
