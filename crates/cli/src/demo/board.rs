//! The counters and last values of the demo, written by its tasks and read by the view and the summary.

use super::summary::Check;
use binance_kit::book::IdSequence;
use binance_kit::{Decimal, Symbol};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The last values of a symbol.
#[derive(Debug, Default, Clone)]
pub(super) struct SymbolLine {
    /// Number of decimal places of its prices, by its tick size.
    pub(super) price_scale: u32,
    /// The price of the last trade.
    pub(super) last_price: Option<Decimal>,
    /// The change over 24 hours, in percent.
    pub(super) change_percent: Option<Decimal>,
    /// Price and quantity of the best bid.
    pub(super) bid: Option<(Decimal, Decimal)>,
    /// Price and quantity of the best ask.
    pub(super) ask: Option<(Decimal, Decimal)>,
    /// The close of the current candle.
    pub(super) kline_close: Option<Decimal>,
    /// Number of events.
    pub(super) events: u64,
    /// The trade ids so far.
    pub(super) trades: IdSequence,
    /// The last update id of the diff stream.
    pub(super) last_depth_update: Option<u64>,
}

/// A request that changed orders.
#[derive(Debug, Clone)]
pub(super) struct OrderLine {
    /// The request in words.
    pub(super) what: String,
    /// Its outcome in words.
    pub(super) outcome: &'static str,
    /// Whether the outcome is known.
    pub(super) definite: bool,
}

/// All counters and values.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The current phase, for the error of a demo that fails or is stuck.
    pub(super) phase: &'static str,
    /// The checks made in the end.
    pub(super) checks: Vec<Check>,
    /// The values of each symbol.
    pub(super) symbols: BTreeMap<Symbol, SymbolLine>,
    /// Number of market events of each kind.
    pub(super) events: BTreeMap<&'static str, u64>,
    /// Number of frames that could not be read.
    pub(super) decode_failures: u64,
    /// Number of gaps in the ids of trades and of the diff stream.
    pub(super) gaps: u64,
    /// Number of events dropped because the demo was too slow.
    pub(super) lagged: u64,
    /// Number of connections lost.
    pub(super) disconnects: u64,
    /// The first gap or lost connection, in words.
    pub(super) first_loss: Option<String>,
    /// Number of gaps found by the local books.
    pub(super) book_gaps: u64,
    /// Number of times a local book became synced.
    pub(super) books_synced: u64,
    /// Number of updates of the local books.
    pub(super) book_updates: u64,
    /// Number of order events of each execution type.
    pub(super) reports: BTreeMap<String, u64>,
    /// Number of account events with balances.
    pub(super) account_updates: u64,
    /// The requests that changed orders, oldest first.
    pub(super) orders: Vec<OrderLine>,
    /// The round trips of confirmed requests.
    pub(super) round_trips: Vec<Duration>,
    /// Number of times the books were compared while trading.
    pub(super) checkpoints: u64,
}

impl Facts {
    /// Notes a loss, unless one was noted before.
    pub(super) fn lost(&mut self, what: impl FnOnce() -> String) {
        self.first_loss.get_or_insert_with(what);
    }

    /// Number of market events of all kinds.
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

/// Shared access to the facts. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Board(Arc<Mutex<Facts>>);

impl Board {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Facts { phase: "starting", ..Facts::default() })))
    }

    /// Adds a line for each symbol, with the number of decimal places of its prices.
    pub(super) fn follow(&self, symbols: impl IntoIterator<Item = (Symbol, u32)>) {
        let line = |price_scale| SymbolLine { price_scale, ..SymbolLine::default() };
        self.lock().symbols = symbols.into_iter().map(|(symbol, scale)| (symbol, line(scale))).collect();
    }

    /// Begins a phase.
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
