//! Judging a recording by its own words: the ids of its events, and its best prices against the book built from it.
//!
//! Nothing is read from files here. Events are handed in in the order in which they were received.

use crate::input::{DepthDiff, DepthSnapshot, SyncRule};
use crate::level::{BookSide, Level};
use crate::order_book::{OrderBook, Touch};
use crate::sequence::{IdHole, IdSequence};
use crate::sync::{BookState, BookSync, BookView, Change, SyncOptions, SyncStats, UpdateGap};
use binance_kit_core::Symbol;
use binance_kit_core::id::{TradeId, UpdateId};
use std::collections::{BTreeMap, VecDeque};

/// A book whose best prices are not those that the exchange told for the same update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mismatch {
    /// What the exchange told.
    pub told: Touch,
    /// The book's highest bid.
    pub bid: Option<Level>,
    /// The book's lowest ask.
    pub ask: Option<Level>,
}

/// How many tickers are kept that the book has not reached yet.
const MAX_PENDING: usize = 100_000;
/// How many of the book's past best prices are kept for tickers that come late.
const MAX_PAST: usize = 10_000;
/// How many gaps and mismatches are kept one by one.
const MAX_EXAMPLES: usize = 100;

/// Audits a recording.
#[derive(Debug)]
pub struct ReplayAudit {
    rule: SyncRule,
    symbols: BTreeMap<Symbol, SymbolAudit>,
    unattributed_snapshots: u64,
}

impl ReplayAudit {
    /// An audit of a recording whose ids follow this rule.
    pub fn new(rule: SyncRule) -> Self {
        Self { rule, symbols: BTreeMap::new(), unattributed_snapshots: 0 }
    }

    fn symbol(&mut self, symbol: &Symbol) -> &mut SymbolAudit {
        if !self.symbols.contains_key(symbol.as_str()) {
            self.symbols.insert(symbol.clone(), SymbolAudit::new(self.rule));
        }
        self.symbols.entry(symbol.clone()).or_insert_with(|| SymbolAudit::new(self.rule))
    }

    /// Takes an event of a diff-depth stream.
    pub fn on_diff(&mut self, symbol: &Symbol, diff: &impl DepthDiff) {
        self.symbol(symbol).on_diff(diff);
    }

    /// Takes a snapshot. Spot and USD-M snapshots do not say of which symbol they are; without one, the snapshot is taken
    /// for that of the only symbol seen so far, and counted as unattributed when there are more.
    pub fn on_snapshot(&mut self, symbol: Option<&Symbol>, snapshot: &impl DepthSnapshot) {
        match (symbol, self.symbols.len()) {
            (Some(symbol), _) => self.symbol(symbol).on_snapshot(snapshot),
            (None, 1) => self.symbols.values_mut().for_each(|audit| audit.on_snapshot(snapshot)),
            (None, _) => self.unattributed_snapshots += 1,
        }
    }

    /// Takes the best prices of a `bookTicker` event.
    pub fn on_book_ticker(&mut self, symbol: &Symbol, touch: Touch) {
        self.symbol(symbol).on_book_ticker(touch);
    }

    /// Takes the id of a trade, and says which trades before it are missing.
    pub fn on_trade(&mut self, symbol: &Symbol, id: TradeId) -> Option<IdHole> {
        self.symbol(symbol).trades.observe(id.get())
    }

    /// Messages were lost or could not be decoded; any book may be wrong.
    pub fn on_lost(&mut self) {
        for audit in self.symbols.values_mut() {
            let _ = audit.sync.on_lost();
        }
    }

    /// How many snapshots could not be given to a symbol.
    pub fn unattributed_snapshots(&self) -> u64 {
        self.unattributed_snapshots
    }

    /// The book of a symbol, with what it is worth.
    pub fn book(&self, symbol: &Symbol) -> Option<BookView<'_>> {
        self.symbols.get(symbol).map(|audit| audit.sync.view())
    }

    /// What was found, symbol by symbol.
    pub fn report(&self) -> Vec<SymbolReport> {
        self.symbols.iter().map(|(symbol, audit)| audit.report(symbol)).collect()
    }
}

/// Takes the events of a product's recordings.
macro_rules! observe {
    ($feature:literal, $function:ident, $product:ident, $name:literal) => {
        #[cfg(feature = $feature)]
        impl ReplayAudit {
            #[doc = concat!("Takes an event of ", $name, ": trades, best prices and diffs. Others are passed over.")]
            pub fn $function(&mut self, event: &binance_kit_model::$product::MarketEvent) {
                use binance_kit_model::$product::MarketEvent;
                match event {
                    MarketEvent::Depth(diff) => self.on_diff(&diff.symbol, diff),
                    MarketEvent::Trade(trade) => {
                        self.on_trade(&trade.symbol, trade.trade_id);
                    }
                    MarketEvent::BookTicker(ticker) => {
                        let touch = Touch {
                            update_id: ticker.update_id,
                            bid: Level::new(ticker.bid_price, ticker.bid_quantity),
                            ask: Level::new(ticker.ask_price, ticker.ask_quantity),
                        };
                        self.on_book_ticker(&ticker.symbol, touch);
                    }
                    _ => {}
                }
            }
        }
    };
}

observe!("spot", on_spot_event, spot, "spot");
observe!("usdm", on_usdm_event, usdm, "USD-M futures");
observe!("coinm", on_coinm_event, coinm, "COIN-M futures");

/// What was found about one symbol.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SymbolReport {
    /// The symbol.
    pub symbol: Symbol,
    /// Events of the diff stream.
    pub depth_events: u64,
    /// Holes between one diff and the next.
    pub gaps: u64,
    /// The first hundred of them.
    pub first_gaps: Vec<UpdateGap>,
    /// Snapshots.
    pub snapshots: u64,
    /// Snapshots that no book waited for.
    pub unused_snapshots: u64,
    /// `bookTicker` events.
    pub book_tickers: u64,
    /// Diffs after which the book could be compared with a `bookTicker` of the same update that had come before.
    pub comparisons: u64,
    /// How many of them differed.
    pub mismatches: u64,
    /// `bookTicker` events that came after the diff with the same update, and were compared with the book of that time.
    pub late_comparisons: u64,
    /// How many of them differed.
    pub late_mismatches: u64,
    /// The first hundred differences of both kinds.
    pub first_mismatches: Vec<Mismatch>,
    /// Trades, each counted once.
    pub trades: u64,
    /// Trades that came again.
    pub repeated_trades: u64,
    /// Trade ids that never came.
    pub missing_trades: u64,
    /// Where they are missing, the first thousand places.
    pub trade_holes: Vec<IdHole>,
    /// Diffs after which the best price of a side lay outside the range of the snapshot, so that a better one might exist.
    pub outside_range: u64,
    /// The state of the book at the end.
    pub state: BookState,
    /// The last update of the book; `None` when there never was one.
    pub last_update_id: Option<UpdateId>,
    /// The number of bids.
    pub bid_levels: usize,
    /// The number of asks.
    pub ask_levels: usize,
    /// The highest bid.
    pub best_bid: Option<Level>,
    /// The lowest ask.
    pub best_ask: Option<Level>,
    /// What the state machine counted.
    pub stats: SyncStats,
}

#[derive(Debug)]
struct SymbolAudit {
    rule: SyncRule,
    sync: BookSync,
    last_diff: Option<u64>,
    depth_events: u64,
    gaps: u64,
    first_gaps: Vec<UpdateGap>,
    snapshots: u64,
    unused_snapshots: u64,
    book_tickers: u64,
    /// Tickers of updates that the book has not reached.
    pending: BTreeMap<UpdateId, Touch>,
    /// The book's best prices after its last updates, oldest first.
    past: VecDeque<(UpdateId, Option<Level>, Option<Level>)>,
    early: Comparisons,
    late: Comparisons,
    first_mismatches: Vec<Mismatch>,
    trades: IdSequence,
    outside_range: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Comparisons {
    made: u64,
    different: u64,
}

impl SymbolAudit {
    fn new(rule: SyncRule) -> Self {
        // A recording has no further snapshots to offer, so the book goes on outside the range, and that is counted.
        let options = SyncOptions { guard_range: false, refresh_part: 0, ..SyncOptions::default() };
        Self {
            rule,
            sync: BookSync::with_options(rule, options),
            last_diff: None,
            depth_events: 0,
            gaps: 0,
            first_gaps: Vec::new(),
            snapshots: 0,
            unused_snapshots: 0,
            book_tickers: 0,
            pending: BTreeMap::new(),
            past: VecDeque::new(),
            early: Comparisons::default(),
            late: Comparisons::default(),
            first_mismatches: Vec::new(),
            trades: IdSequence::new(),
            outside_range: 0,
        }
    }

    fn on_diff(&mut self, diff: &impl DepthDiff) {
        self.depth_events += 1;
        let last = diff.last_update_id().get();
        if let Some(before) = self.last_diff {
            if let Some(gap) = self.rule.gap_between(before, diff) {
                self.gaps += 1;
                if self.first_gaps.len() < MAX_EXAMPLES {
                    self.first_gaps.push(gap);
                }
            }
            self.last_diff = Some(before.max(last));
        } else {
            self.last_diff = Some(last);
        }
        let outcome = self.sync.on_diff(diff);
        if matches!(outcome.change, Change::Updated { .. } | Change::Synced { .. })
            && let Some(book) = self.sync.synced()
        {
            let touch = (book.last_update_id(), book.best_bid(), book.best_ask());
            self.outside_range += u64::from(book.exhausted().is_some());
            self.reached(touch);
        }
    }

    fn on_snapshot(&mut self, snapshot: &impl DepthSnapshot) {
        self.snapshots += 1;
        let ticket = match self.sync.awaited() {
            Some(ticket) => ticket,
            None if !self.sync.state().is_synced() => self.sync.request_snapshot(),
            None => {
                self.unused_snapshots += 1;
                return;
            }
        };
        let mut shown = Vec::new();
        let outcome = self.sync.on_snapshot_observed(ticket, snapshot, None, |book: &OrderBook| {
            shown.push((book.last_update_id(), book.best_bid(), book.best_ask()));
        });
        if matches!(outcome.change, Change::Synced { .. }) {
            for touch in shown {
                self.reached(touch);
            }
        }
    }

    /// The book is at an update: compares it with the ticker of that update, if there was one.
    fn reached(&mut self, (update_id, bid, ask): (UpdateId, Option<Level>, Option<Level>)) {
        if let Some(told) = self.pending.remove(&update_id) {
            let different = self.differs(told, bid, ask);
            self.early.made += 1;
            self.early.different += u64::from(different);
        }
        self.pending = self.pending.split_off(&update_id);
        if self.past.len() >= MAX_PAST {
            self.past.pop_front();
        }
        self.past.push_back((update_id, bid, ask));
    }

    fn on_book_ticker(&mut self, told: Touch) {
        self.book_tickers += 1;
        let at = self.past.partition_point(|(update_id, _, _)| *update_id < told.update_id);
        match self.past.get(at) {
            Some(&(update_id, bid, ask)) if update_id == told.update_id => {
                let different = self.differs(told, bid, ask);
                self.late.made += 1;
                self.late.different += u64::from(different);
            }
            Some(_) => {}
            None => {
                self.pending.insert(told.update_id, told);
                if self.pending.len() > MAX_PENDING {
                    self.pending.pop_first();
                }
            }
        }
    }

    fn differs(&mut self, told: Touch, bid: Option<Level>, ask: Option<Level>) -> bool {
        let different = (bid, ask) != (Some(told.bid), Some(told.ask));
        if different && self.first_mismatches.len() < MAX_EXAMPLES {
            self.first_mismatches.push(Mismatch { told, bid, ask });
        }
        different
    }

    fn report(&self, symbol: &Symbol) -> SymbolReport {
        let book = match self.sync.view() {
            BookView::Syncing => None,
            BookView::Synced(book) => Some(book),
            BookView::Stale(stale) => Some(stale.last_known()),
        };
        SymbolReport {
            symbol: symbol.clone(),
            depth_events: self.depth_events,
            gaps: self.gaps,
            first_gaps: self.first_gaps.clone(),
            snapshots: self.snapshots,
            unused_snapshots: self.unused_snapshots,
            book_tickers: self.book_tickers,
            comparisons: self.early.made,
            mismatches: self.early.different,
            late_comparisons: self.late.made,
            late_mismatches: self.late.different,
            first_mismatches: self.first_mismatches.clone(),
            trades: self.trades.count(),
            repeated_trades: self.trades.repeated(),
            missing_trades: self.trades.missing(),
            trade_holes: self.trades.holes().to_vec(),
            outside_range: self.outside_range,
            state: self.sync.state(),
            last_update_id: book.map(OrderBook::last_update_id),
            bid_levels: book.map_or(0, |book| book.level_count(BookSide::Bid)),
            ask_levels: book.map_or(0, |book| book.level_count(BookSide::Ask)),
            best_bid: book.and_then(OrderBook::best_bid),
            best_ask: book.and_then(OrderBook::best_ask),
            stats: self.sync.stats(),
        }
    }
}
