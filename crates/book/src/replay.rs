//! Checks of a recording against itself: the ids of its events, and its best prices against the book built from it.
//!
//! Nothing is read from files here. The caller passes the events in the order in which they were received.

use crate::input::{DepthDiff, DepthSnapshot, SyncRule};
use crate::level::{BookSide, Level};
use crate::order_book::{OrderBook, Touch};
use crate::sequence::{IdHole, IdSequence};
use crate::sync::{BookState, BookSync, BookView, Change, SyncOptions, SyncStats, UpdateGap};
use binance_kit_core::Symbol;
use binance_kit_core::id::{AggTradeId, TradeId, UpdateId};
use std::collections::{BTreeMap, VecDeque};

/// A book whose best prices are not those that the exchange reported for the same update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mismatch {
    /// The report of the exchange.
    pub reported: Touch,
    /// The book's highest bid.
    pub bid: Option<Level>,
    /// The book's lowest ask.
    pub ask: Option<Level>,
}

/// Maximum number of tickers kept that the book of a symbol has not reached yet, some 1 MB.
const MAX_PENDING: usize = 10_000;
/// The same for a symbol of which neither a diff nor a snapshot came so far: it may have no book.
const MAX_PENDING_WITHOUT_BOOK: usize = 500;
/// Maximum number of a book's past best prices kept for tickers that come late.
const MAX_PAST: usize = 1000;
/// Maximum number of gaps and mismatches kept.
const MAX_EXAMPLES: usize = 100;

/// Maximum number of symbols; the exchange has some 3,500.
const MAX_SYMBOLS: usize = 10_000;
/// Maximum length of a symbol in bytes.
const MAX_SYMBOL: usize = 64;
/// Maximum number of levels of all books together, some 40 bytes each.
const MAX_LEVELS: usize = 8_000_000;

/// Checks a recording. Memory is bounded, whatever is in it: by ten thousand symbols and eight million price levels.
#[derive(Debug)]
pub struct ReplayAudit {
    /// How ids of successive diffs relate.
    rule: SyncRule,
    /// The state of each symbol.
    symbols: BTreeMap<Symbol, SymbolAudit>,
    /// What is beyond the limits: it is checked as one symbol, and not reported.
    beyond: SymbolAudit,
    /// Number of levels of all books.
    levels: usize,
    /// Number of snapshots whose symbol is unknown.
    unattributed_snapshots: u64,
}

impl ReplayAudit {
    /// Creates the audit of a recording whose ids follow this rule.
    pub fn new(rule: SyncRule) -> Self {
        Self {
            rule,
            symbols: BTreeMap::new(),
            beyond: SymbolAudit::new(rule),
            levels: 0,
            unattributed_snapshots: 0,
        }
    }

    fn symbol(&mut self, symbol: &Symbol) -> &mut SymbolAudit {
        let is_beyond = self.symbols.len() >= MAX_SYMBOLS || symbol.as_str().len() > MAX_SYMBOL;
        if is_beyond && !self.symbols.contains_key(symbol.as_str()) {
            return &mut self.beyond;
        }
        self.symbols.entry(symbol.clone()).or_insert_with(|| SymbolAudit::new(self.rule))
    }

    /// Checks an event of a diff-depth stream.
    pub fn on_diff(&mut self, symbol: &Symbol, diff: &impl DepthDiff) {
        self.in_book(symbol, |audit| audit.on_diff(diff));
    }

    /// Changes a book, and counts its levels. A book that would make them too many is given up.
    fn in_book(&mut self, symbol: &Symbol, change: impl FnOnce(&mut SymbolAudit)) {
        let (rule, others) = (self.rule, self.levels);
        let audit = self.symbol(symbol);
        let before = audit.levels;
        change(audit);
        audit.levels = audit.level_count();
        let others = others.saturating_sub(before);
        if others + audit.levels > MAX_LEVELS {
            audit.sync = new_sync(rule);
            audit.levels = 0;
        }
        let levels = others + audit.levels;
        self.levels = levels;
    }

    /// Applies a snapshot. Those of Spot and USD-M do not name their symbol: where the recording does not either, the snapshot is
    /// of no use, and is counted as unattributed. Nothing is guessed from the symbols seen.
    pub fn on_snapshot(&mut self, symbol: Option<&Symbol>, snapshot: &impl DepthSnapshot) {
        match symbol {
            Some(symbol) => self.in_book(symbol, |audit| audit.on_snapshot(snapshot)),
            None => self.unattributed_snapshots += 1,
        }
    }

    /// Checks the best prices of a `bookTicker` event.
    pub fn on_book_ticker(&mut self, symbol: &Symbol, touch: Touch) {
        self.symbol(symbol).on_book_ticker(touch);
    }

    /// Checks the id of a trade, and returns the trades missing before it.
    pub fn on_trade(&mut self, symbol: &Symbol, id: TradeId) -> Option<IdHole> {
        self.symbol(symbol).trades.observe(id.get())
    }

    /// Checks the id of an aggregate trade, and returns those missing before it.
    pub fn on_agg_trade(&mut self, symbol: &Symbol, id: AggTradeId) -> Option<IdHole> {
        self.symbol(symbol).agg_trades.observe(id.get())
    }

    /// Notes that the diff stream of a symbol was interrupted: its connection was lost. The book goes on where the next diff
    /// shows that nothing is missing, and with the next snapshot otherwise.
    pub fn on_disconnected(&mut self, symbol: &Symbol) {
        if let Some(audit) = self.symbols.get_mut(symbol.as_str()) {
            let _ = audit.sync.on_disconnected();
        }
    }

    /// Notes that a message of a symbol's diff stream was lost or unreadable, so that its book may be wrong.
    pub fn on_lost_of(&mut self, symbol: &Symbol) {
        if let Some(audit) = self.symbols.get_mut(symbol.as_str()) {
            let _ = audit.sync.on_lost();
        }
    }

    /// Notes that messages were lost or unreadable, so that any book may be wrong.
    pub fn on_lost(&mut self) {
        for audit in self.symbols.values_mut() {
            let _ = audit.sync.on_lost();
        }
    }

    /// Returns the number of snapshots whose symbol is unknown.
    pub fn unattributed_snapshots(&self) -> u64 {
        self.unattributed_snapshots
    }

    /// Returns the book of a symbol together with its state.
    pub fn book(&self, symbol: &Symbol) -> Option<BookView<'_>> {
        self.symbols.get(symbol).map(|audit| audit.sync.view())
    }

    /// Returns the findings of each symbol.
    pub fn report(&self) -> Vec<SymbolReport> {
        self.symbols.iter().map(|(symbol, audit)| audit.report(symbol)).collect()
    }
}

/// Checks the events of a product's recordings.
macro_rules! observe {
    ($feature:literal, $function:ident, $product:ident, $name:literal $(, $agg_trade:ident)?) => {
        #[cfg(feature = $feature)]
        impl ReplayAudit {
            #[doc = concat!("Checks an event of ", $name, ": trades, aggregate trades, best prices and diffs. Others are ignored.")]
            pub fn $function(&mut self, event: &binance_kit_model::$product::MarketEvent) {
                use binance_kit_model::$product::MarketEvent;
                match event {
                    MarketEvent::Depth(diff) => self.on_diff(&diff.symbol, diff),
                    MarketEvent::Trade(trade) => {
                        self.on_trade(&trade.symbol, trade.trade_id);
                    }
                    $(MarketEvent::$agg_trade(trade) => {
                        self.on_agg_trade(&trade.symbol, trade.agg_trade_id);
                    })?
                    MarketEvent::BookTicker(ticker) => {
                        let touch = Touch {
                            update_id: ticker.update_id,
                            bid: Level { price: ticker.bid_price, quantity: ticker.bid_quantity },
                            ask: Level { price: ticker.ask_price, quantity: ticker.ask_quantity },
                        };
                        self.on_book_ticker(&ticker.symbol, touch);
                    }
                    _ => {}
                }
            }
        }
    };
}

observe!("spot", on_spot_event, spot, "Spot", AggTrade);
observe!("usdm", on_usdm_event, usdm, "USD-M futures", AggTrade);
observe!("coinm", on_coinm_event, coinm, "COIN-M futures");

/// The findings of one symbol.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SymbolReport {
    /// The symbol.
    pub symbol: Symbol,
    /// Number of events of the diff stream.
    pub depth_events: u64,
    /// Number of gaps between one diff and the next.
    pub gaps: u64,
    /// The first hundred gaps.
    pub first_gaps: Vec<UpdateGap>,
    /// Number of snapshots.
    pub snapshots: u64,
    /// Number of snapshots that no book waited for.
    pub unused_snapshots: u64,
    /// Number of `bookTicker` events.
    pub book_tickers: u64,
    /// Number of diffs after which the book was compared with a `bookTicker` of the same update that had come before.
    pub comparisons: u64,
    /// Number of these comparisons that found a difference.
    pub mismatches: u64,
    /// Number of `bookTicker` events that came after the diff of the same update, and were compared with the book of that time.
    pub late_comparisons: u64,
    /// Number of these comparisons that found a difference.
    pub late_mismatches: u64,
    /// The first hundred differences of both kinds.
    pub first_mismatches: Vec<Mismatch>,
    /// Number of trades, each counted once.
    pub trades: u64,
    /// Number of trades that came again.
    pub repeated_trades: u64,
    /// Number of trade ids missing.
    pub missing_trades: u64,
    /// The first thousand ranges of missing trade ids.
    pub trade_holes: Vec<IdHole>,
    /// Number of aggregate trades, each counted once.
    pub agg_trades: u64,
    /// Number of aggregate trades that came again.
    pub repeated_agg_trades: u64,
    /// Number of ids of aggregate trades missing.
    pub missing_agg_trades: u64,
    /// The first thousand ranges of missing ids of aggregate trades.
    pub agg_trade_holes: Vec<IdHole>,
    /// Number of diffs after which the best price of a side was outside the range of the snapshot, so that a better one might
    /// exist.
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
    /// The counters of the state machine.
    pub stats: SyncStats,
}

/// A book that is built from a recording: it has no further snapshots, so the book continues outside the range, and that is
/// counted. A snapshot comes soon after the first events, if ever, so that few are kept for it.
fn new_sync(rule: SyncRule) -> BookSync {
    let options = SyncOptions {
        guard_range: false,
        refresh_part: 0,
        max_buffered_events: 5000,
        max_buffered_levels: 50_000,
        ..SyncOptions::default()
    };
    BookSync::with_options(rule, options)
}

#[derive(Debug)]
struct SymbolAudit {
    /// How ids of successive diffs relate.
    rule: SyncRule,
    /// The book.
    sync: BookSync,
    /// Number of its levels.
    levels: usize,
    /// The highest id of a diff.
    last_diff: Option<u64>,
    /// Number of diffs.
    depth_events: u64,
    /// Number of gaps between diffs.
    gaps: u64,
    /// The first gaps.
    first_gaps: Vec<UpdateGap>,
    /// Number of snapshots.
    snapshots: u64,
    /// Number of snapshots that the book did not wait for.
    unused_snapshots: u64,
    /// Number of `bookTicker` events.
    book_tickers: u64,
    /// Tickers of updates that the book has not reached.
    pending: BTreeMap<UpdateId, Touch>,
    /// The book's best prices after its last updates, oldest first.
    past: VecDeque<(UpdateId, Option<Level>, Option<Level>)>,
    /// Comparisons with tickers that came before their diff.
    early: Comparisons,
    /// Comparisons with tickers that came after their diff.
    late: Comparisons,
    /// The first differences of both kinds.
    first_mismatches: Vec<Mismatch>,
    /// The ids of the trades.
    trades: IdSequence,
    /// The ids of the aggregate trades.
    agg_trades: IdSequence,
    /// Number of diffs after which the best price of a side was outside the range of the snapshot.
    outside_range: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Comparisons {
    /// Number of comparisons.
    made: u64,
    /// Number of comparisons that found a difference.
    different: u64,
}

impl SymbolAudit {
    fn new(rule: SyncRule) -> Self {
        Self {
            rule,
            sync: new_sync(rule),
            levels: 0,
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
            agg_trades: IdSequence::new(),
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
        // A recorder that gets a snapshot is connected again, though nothing of the stream may have come yet.
        let _ = self.sync.on_connected();
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
        if let Some(reported) = self.pending.remove(&update_id) {
            let different = self.differs(reported, bid, ask);
            self.early.made += 1;
            self.early.different += u64::from(different);
        }
        self.pending = self.pending.split_off(&update_id);
        // Ids that went back are another numbering: those from here on are of other updates.
        while self.past.back().is_some_and(|(last, ..)| *last >= update_id) {
            self.past.pop_back();
        }
        if self.past.len() >= MAX_PAST {
            self.past.pop_front();
        }
        self.past.push_back((update_id, bid, ask));
    }

    fn on_book_ticker(&mut self, reported: Touch) {
        self.book_tickers += 1;
        let at = self.past.partition_point(|(update_id, _, _)| *update_id < reported.update_id);
        match self.past.get(at) {
            Some(&(update_id, bid, ask)) if update_id == reported.update_id => {
                let different = self.differs(reported, bid, ask);
                self.late.made += 1;
                self.late.different += u64::from(different);
            }
            Some(_) => {}
            None => {
                self.pending.insert(reported.update_id, reported);
                let has_book = self.last_diff.is_some() || self.snapshots > 0;
                let max = if has_book { MAX_PENDING } else { MAX_PENDING_WITHOUT_BOOK };
                if self.pending.len() > max {
                    self.pending.pop_first();
                }
            }
        }
    }

    fn differs(&mut self, reported: Touch, bid: Option<Level>, ask: Option<Level>) -> bool {
        let different = (bid, ask) != (Some(reported.bid), Some(reported.ask));
        if different && self.first_mismatches.len() < MAX_EXAMPLES {
            self.first_mismatches.push(Mismatch { reported, bid, ask });
        }
        different
    }

    /// The book as it is, or as it was when it was last correct.
    fn book(&self) -> Option<&OrderBook> {
        match self.sync.view() {
            BookView::Syncing => None,
            BookView::Synced(book) => Some(book),
            BookView::Stale(stale) => Some(stale.last_known()),
        }
    }

    fn level_count(&self) -> usize {
        self.book().map_or(0, |book| book.level_count(BookSide::Bid) + book.level_count(BookSide::Ask))
    }

    fn report(&self, symbol: &Symbol) -> SymbolReport {
        let book = self.book();
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
            agg_trades: self.agg_trades.count(),
            repeated_agg_trades: self.agg_trades.repeated(),
            missing_agg_trades: self.agg_trades.missing(),
            agg_trade_holes: self.agg_trades.holes().to_vec(),
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
