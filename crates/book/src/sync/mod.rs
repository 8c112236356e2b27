//! The documented procedure for a local book, as a state machine: its inputs are diffs, snapshots and interruptions, its
//! outputs the book and requests for snapshots. No socket, no clock, no task.

mod audit;
mod buffer;
mod state;

pub use state::{
    BookState, BookView, Change, SnapshotFault, SnapshotTicket, StaleBook, StaleReason, SyncOutcome,
    UpdateGap,
};

use crate::input::{DepthDiff, DepthSnapshot, SyncRule};
use crate::level::Level;
use crate::order_book::{OrderBook, Touch};
use audit::ReportedTouches;
use binance_kit_core::id::UpdateId;
use buffer::DiffBuffer;

/// Settings of a [`BookSync`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SyncOptions {
    /// Maximum number of diffs kept while a snapshot is awaited (10,000: a quarter of an hour at ten a second). The oldest are
    /// dropped.
    pub max_buffered_events: usize,
    /// Maximum number of levels in the diffs kept (200,000, some 6 MB). The oldest diffs are dropped.
    pub max_buffered_levels: usize,
    /// Number of successive events older than the book after which the ids count as renumbered (1,000).
    pub max_old_events: u32,
    /// A new snapshot is requested, while the book stays synced, when less than one part in so many is left of the known levels
    /// of a side (5: a fifth); 0 for never.
    pub refresh_part: usize,
    /// Whether a book whose best price left the range of its snapshot is stale (true). Without it the book goes on, and
    /// [`OrderBook::known_levels`] says 0.
    pub guard_range: bool,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            max_buffered_events: 10_000,
            max_buffered_levels: 200_000,
            max_old_events: 1000,
            refresh_part: 5,
            guard_range: true,
        }
    }
}

/// Counters of a [`BookSync`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SyncStats {
    /// Diffs applied.
    pub applied: u64,
    /// Diffs ignored because the book contained them already.
    pub old: u64,
    /// Gaps in the ids.
    pub gaps: u64,
    /// Times the book was crossed.
    pub crossed: u64,
    /// Times the book became stale, for whatever reason.
    pub stale: u64,
    /// Times the book became synced.
    pub synced: u64,
    /// Snapshots refused.
    pub refused_snapshots: u64,
    /// Diffs dropped because the buffer was full.
    pub dropped: u64,
    /// Comparisons with best prices reported for the same update, and with snapshots taken while the book was synced.
    pub audits: u64,
    /// Number of comparisons that found a difference.
    pub contradictions: u64,
}

/// Keeps one book by the documented procedure.
///
/// It differs from the letter of the documents in ways of which none lets a gap pass:
///
/// * Spot: the documents discard a snapshot that is older than the first event's `U`, even by one. Here a snapshot that ends
///   right before the first event is accepted, since nothing is missing between the two.
/// * Futures: the documents require the first event to span the snapshot's id. Here it suffices that the snapshot's id lies
///   between the event's `pu` and its `u`, since nothing happened between `pu` and `U`; and later events whose `pu` lies
///   before the book's id are applied, as on Spot.
/// * The buffered events are kept when a snapshot is too old.
/// * After an interruption the book continues without a snapshot when the first event shows that nothing was missed.
#[derive(Debug, Clone)]
pub struct BookSync {
    /// How ids of successive diffs relate.
    rule: SyncRule,
    /// The settings.
    options: SyncOptions,
    /// The book, from the first snapshot on.
    book: Option<OrderBook>,
    /// Whether the book can be trusted.
    state: BookState,
    /// Whether the stream runs.
    connected: bool,
    /// Whether the book was left in a good state, so that it continues if the next diff follows it.
    resumable: bool,
    /// Whether the ids were renumbered, so that the old book's id is no lower bound for snapshots.
    renumbered: bool,
    /// The diffs that wait for a snapshot.
    buffer: DiffBuffer,
    /// The ticket of the snapshot under way.
    awaited: Option<SnapshotTicket>,
    /// Best prices reported for updates to come.
    reported: ReportedTouches,
    /// Number of tickets issued.
    tickets: u64,
    /// Number of successive diffs that were older than the book.
    old_in_a_row: u32,
    /// The counters.
    stats: SyncStats,
}

impl BookSync {
    /// Creates a book that waits for its first diff and snapshot.
    pub fn new(rule: SyncRule) -> Self {
        Self::with_options(rule, SyncOptions::default())
    }

    /// Creates a book with other settings than the default.
    pub fn with_options(rule: SyncRule, options: SyncOptions) -> Self {
        Self {
            rule,
            options,
            book: None,
            state: BookState::Syncing,
            connected: true,
            resumable: false,
            renumbered: false,
            buffer: DiffBuffer::default(),
            awaited: None,
            reported: ReportedTouches::default(),
            tickets: 0,
            old_in_a_row: 0,
            stats: SyncStats::default(),
        }
    }

    /// Returns whether the book can be trusted.
    pub fn state(&self) -> BookState {
        self.state
    }

    /// Returns the book, if it can be trusted.
    pub fn synced(&self) -> Option<&OrderBook> {
        self.view().synced()
    }

    /// Returns the last known book, if it cannot be trusted any more.
    pub fn stale_view(&self) -> Option<StaleBook<'_>> {
        self.view().stale()
    }

    /// Returns the book together with its state.
    pub fn view(&self) -> BookView<'_> {
        match (&self.book, self.state) {
            (Some(book), BookState::Synced) => BookView::Synced(book),
            (Some(book), BookState::Stale(reason)) => BookView::Stale(StaleBook { book, reason }),
            _ => BookView::Syncing,
        }
    }

    /// Returns the counters.
    pub fn stats(&self) -> SyncStats {
        self.stats
    }

    /// Returns the number of diffs that wait for a snapshot.
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// Returns the ticket of the snapshot under way.
    pub fn awaited(&self) -> Option<SnapshotTicket> {
        self.awaited
    }

    /// Applies an event of the diff stream, or buffers it.
    pub fn on_diff(&mut self, diff: &impl DepthDiff) -> SyncOutcome {
        self.connected = true;
        let (base, last) = (self.rule.base_of(diff), diff.last_update_id().get());
        if base > last || diff.first_update_id().get() > last || diff.bids().chain(diff.asks()).any(negative)
        {
            // Its range is not credible, so it is not buffered either: the next event shows what is missing.
            return self.malformed();
        }
        let have = match (&self.book, self.state) {
            (Some(book), BookState::Synced) => book.last_update_id().get(),
            (Some(book), BookState::Stale(_)) if self.resumable => book.last_update_id().get(),
            _ => return self.buffer_diff(diff),
        };
        let synced = self.state.is_synced();
        if last < have || (last == have && synced) {
            return self.old_diff(diff, have);
        }
        self.old_in_a_row = 0;
        if let Some(gap) = self.rule.gap_between(have, diff) {
            self.stats.gaps += 1;
            return self.fail_with(StaleReason::Gap(gap), diff);
        }
        let Some(book) = &mut self.book else { return NOTHING };
        let touch = (book.best_bid(), book.best_ask());
        if last > have {
            book.apply(diff);
            self.stats.applied += 1;
            if self.awaited.is_some() {
                self.keep(diff);
            }
        }
        let Some(book) = &self.book else { return NOTHING };
        if let Some((bid, ask)) = book.crossed() {
            self.stats.crossed += 1;
            return self.fail_applied(StaleReason::Crossed { bid, ask });
        }
        if let Some(side) = book.exhausted().filter(|_| self.options.guard_range) {
            return self.fail_applied(StaleReason::RangeExhausted(side));
        }
        let touch_changed = (book.best_bid(), book.best_ask()) != touch;
        if let Some(reported) = self.reported.take(last)
            && let Some(reason) = self.contradiction(reported)
        {
            return self.fail_applied(reason);
        }
        let Some(book) = &self.book else { return NOTHING };
        let thin = self.options.refresh_part > 0 && book.is_thin(self.options.refresh_part);
        let request = if thin && self.awaited.is_none() { Some(self.request_snapshot()) } else { None };
        let change = if synced {
            Change::Updated { touch_changed }
        } else {
            self.become_synced(usize::from(last > have))
        };
        SyncOutcome { change, request }
    }

    /// Compares the best prices that the exchange reports for one update (`bookTicker`) with the book. A synced book that has
    /// others at the same update becomes stale, and a snapshot is requested. A report for an update to come is kept until then;
    /// one for an update in the middle of a diff says nothing about the book and is dropped.
    pub fn on_touch(&mut self, reported: Touch) -> SyncOutcome {
        let have = self.book.as_ref().filter(|_| self.state.is_synced()).map(OrderBook::last_update_id);
        match have {
            Some(have) if have == reported.update_id => match self.contradiction(reported) {
                Some(reason) => self.fail_applied(reason),
                None => NOTHING,
            },
            Some(have) if have > reported.update_id => NOTHING,
            _ => {
                self.reported.keep(reported);
                NOTHING
            }
        }
    }

    /// Compares the book with a report of the same update.
    fn contradiction(&mut self, reported: Touch) -> Option<StaleReason> {
        self.stats.audits += 1;
        let book = self.book.as_ref()?;
        if (book.best_bid(), book.best_ask()) == (Some(reported.bid), Some(reported.ask)) {
            return None;
        }
        self.stats.contradictions += 1;
        Some(StaleReason::Contradicted(reported))
    }

    /// Applies a snapshot that was requested. `limit` is the number of levels requested: a side with fewer is complete.
    pub fn on_snapshot(
        &mut self,
        ticket: SnapshotTicket,
        snapshot: &impl DepthSnapshot,
        limit: Option<usize>,
    ) -> SyncOutcome {
        self.on_snapshot_observed(ticket, snapshot, limit, |_| ())
    }

    /// [`BookSync::on_snapshot`], which calls `observe` with the book after each of the buffered diffs. The calls count only if
    /// the step makes the book synced.
    pub(crate) fn on_snapshot_observed(
        &mut self,
        ticket: SnapshotTicket,
        snapshot: &impl DepthSnapshot,
        limit: Option<usize>,
        mut observe: impl FnMut(&OrderBook),
    ) -> SyncOutcome {
        if self.awaited != Some(ticket) {
            return NOTHING;
        }
        self.awaited = None;
        if !self.connected {
            return NOTHING;
        }
        let id = snapshot.last_update_id().get();
        // Ids never go back: not before the buffered events, and not before the book shown last.
        let shown =
            if self.renumbered { None } else { self.book.as_ref().map(|book| book.last_update_id().get()) };
        let needed = match shown {
            Some(shown) if !self.state.is_synced() => shown.max(self.buffer.floor()),
            _ => self.buffer.floor(),
        };
        if id < needed {
            return self.refuse(SnapshotFault::TooOld {
                snapshot: snapshot.last_update_id(),
                needed: UpdateId(needed),
            });
        }
        if snapshot.bids().chain(snapshot.asks()).any(negative) {
            return self.refuse(SnapshotFault::Malformed);
        }
        let mut book = OrderBook::from_snapshot(snapshot, limit);
        self.buffer.forget_until(id);
        let mut crossed = book.crossed().is_some();
        let mut replayed = 0;
        for diff in self.buffer.diffs() {
            book.apply(diff);
            observe(&book);
            replayed += 1;
            crossed |= book.crossed().is_some();
        }
        if crossed {
            self.stats.crossed += 1;
            return self.refuse(SnapshotFault::Crossed);
        }
        if self.options.guard_range && book.exhausted().is_some() {
            return self.refuse(SnapshotFault::TooShort);
        }
        self.stats.applied += u64::try_from(replayed).unwrap_or_default();
        self.buffer.clear();
        self.renumbered = false;
        self.old_in_a_row = 0;
        let update_id = book.last_update_id();
        let old = self.book.replace(book);
        let change = match (self.state, old, &self.book) {
            (BookState::Synced, Some(old), Some(new)) => {
                let differing_levels = (old.last_update_id() == update_id).then(|| old.differences(new));
                self.stats.audits += u64::from(differing_levels.is_some());
                self.stats.contradictions += u64::from(differing_levels.is_some_and(|count| count > 0));
                Change::Refreshed { update_id, differing_levels }
            }
            _ => self.become_synced(replayed),
        };
        SyncOutcome { change, request: None }
    }

    /// Asks for a snapshot: when the stream is quiet, so that no diff asks for one; when the one under way was lost; or to
    /// check a synced book. A ticket given before becomes void.
    pub fn request_snapshot(&mut self) -> SnapshotTicket {
        // A book that is good has its diffs kept from here on; those kept for an earlier ticket may end before it.
        if let Some(book) = self.book.as_ref().filter(|_| self.state.is_synced() || self.resumable)
            && self.buffer.tail() != book.last_update_id().get()
        {
            self.buffer.start_at(book.last_update_id().get());
        }
        self.tickets += 1;
        let ticket = SnapshotTicket(self.tickets);
        self.awaited = Some(ticket);
        ticket
    }

    /// Notes that the stream is interrupted. The book is stale at once, and continues if the first event after the interruption
    /// follows it.
    pub fn on_disconnected(&mut self) -> SyncOutcome {
        self.connected = false;
        self.awaited = None;
        self.buffer.clear();
        if self.state.is_synced() {
            self.resumable = true;
            return SyncOutcome { change: self.become_stale(StaleReason::Disconnected), request: None };
        }
        NOTHING
    }

    /// Notes that the stream runs (its subscription was acknowledged). Requests a snapshot, unless the book was left in a good
    /// state and continues if the next event follows it, or one is under way. Snapshots requested during an interruption are
    /// not accepted any more.
    pub fn on_connected(&mut self) -> SyncOutcome {
        if !self.connected {
            self.awaited = None;
        }
        self.connected = true;
        let served = self.resumable || self.state.is_synced() || self.awaited.is_some();
        let request = if served { None } else { Some(self.request_snapshot()) };
        SyncOutcome { change: Change::Nothing, request }
    }

    /// Notes that messages were lost which may have been this book's. The book is stale at once, and continues if the next event
    /// shows that nothing is missing. In case none comes soon, call [`BookSync::request_snapshot`].
    pub fn on_lost(&mut self) -> SyncOutcome {
        if self.state.is_synced() {
            self.resumable = true;
            self.awaited = None;
            return SyncOutcome { change: self.become_stale(StaleReason::Lost), request: None };
        }
        // A snapshot under way may be older than the lost messages.
        let request = if self.awaited.is_some() { Some(self.request_snapshot()) } else { None };
        SyncOutcome { change: Change::Nothing, request }
    }

    /// Returns whether the book is stale, but continues without a snapshot if the next event follows it.
    pub fn is_resumable(&self) -> bool {
        self.resumable && !self.state.is_synced()
    }

    /// An event that contradicts itself. What it changed is unknown; if it changed anything, the next event shows a gap, and if
    /// none comes, the snapshot does.
    fn malformed(&mut self) -> SyncOutcome {
        let change = if self.state.is_synced() {
            self.resumable = true;
            self.become_stale(StaleReason::Malformed)
        } else {
            Change::Nothing
        };
        SyncOutcome { change, request: Some(self.request_snapshot()) }
    }

    fn become_synced(&mut self, replayed: usize) -> Change {
        self.state = BookState::Synced;
        self.resumable = false;
        self.stats.synced += 1;
        let update_id = self.book.as_ref().map(OrderBook::last_update_id).unwrap_or_default();
        Change::Synced { update_id, replayed }
    }

    fn become_stale(&mut self, reason: StaleReason) -> Change {
        self.state = BookState::Stale(reason);
        self.stats.stale += 1;
        Change::Stale(reason)
    }

    /// Keeps a diff for the snapshot that is awaited.
    fn keep(&mut self, diff: &impl DepthDiff) -> usize {
        let SyncOptions { max_buffered_events, max_buffered_levels, .. } = self.options;
        let dropped = self.buffer.push(self.rule, diff, max_buffered_events, max_buffered_levels);
        self.stats.dropped += u64::try_from(dropped).unwrap_or_default();
        dropped
    }

    fn request_if_none(&mut self) -> Option<SnapshotTicket> {
        if self.awaited.is_some() { None } else { Some(self.request_snapshot()) }
    }

    /// Stale with the last diff applied: the next run begins behind it.
    fn fail_applied(&mut self, reason: StaleReason) -> SyncOutcome {
        self.resumable = false;
        self.buffer.start_at(self.book.as_ref().map_or(0, |book| book.last_update_id().get()));
        let change = self.become_stale(reason);
        SyncOutcome { change, request: self.request_if_none() }
    }

    /// Stale, with this diff as the first of a new run.
    fn fail_with(&mut self, reason: StaleReason, diff: &impl DepthDiff) -> SyncOutcome {
        self.resumable = false;
        self.buffer.clear();
        self.keep(diff);
        let change = self.become_stale(reason);
        SyncOutcome { change, request: self.request_if_none() }
    }

    fn buffer_diff(&mut self, diff: &impl DepthDiff) -> SyncOutcome {
        let (last, tail) = (diff.last_update_id().get(), self.buffer.tail());
        if last <= tail {
            return self.old_diff(diff, tail);
        }
        self.old_in_a_row = 0;
        let gap = if tail > 0 { self.rule.gap_between(tail, diff) } else { None };
        if gap.is_some() {
            self.stats.gaps += 1;
            self.buffer.clear();
        }
        let dropped = self.keep(diff);
        SyncOutcome { change: Change::Buffered { gap, dropped }, request: self.request_if_none() }
    }

    /// A diff that ends before `have`. A long run of them means that the ids were renumbered.
    fn old_diff(&mut self, diff: &impl DepthDiff, have: u64) -> SyncOutcome {
        self.stats.old += 1;
        self.old_in_a_row = self.old_in_a_row.saturating_add(1);
        // One event suffices where the book's id cannot be one.
        let is_damaged = have.saturating_sub(diff.last_update_id().get()) > MAX_STEP;
        if self.old_in_a_row <= self.options.max_old_events && !is_damaged {
            return NOTHING;
        }
        self.old_in_a_row = 0;
        self.renumbered = true;
        self.awaited = None;
        let reason = StaleReason::IdsWentBack { from: UpdateId(have), to: diff.last_update_id() };
        if self.book.is_some() {
            return self.fail_with(reason, diff);
        }
        self.buffer.clear();
        let dropped = self.keep(diff);
        SyncOutcome { change: Change::Buffered { gap: None, dropped }, request: self.request_if_none() }
    }

    fn refuse(&mut self, fault: SnapshotFault) -> SyncOutcome {
        self.stats.refused_snapshots += 1;
        self.tickets += 1;
        let ticket = SnapshotTicket(self.tickets);
        self.awaited = Some(ticket);
        SyncOutcome { change: Change::SnapshotRefused(fault), request: Some(ticket) }
    }
}

/// The largest step between two update ids that can be one: ids of the exchange are far below it.
const MAX_STEP: u64 = 1 << 48;

const NOTHING: SyncOutcome = SyncOutcome { change: Change::Nothing, request: None };

fn negative(level: Level) -> bool {
    level.price.is_sign_negative() || level.quantity.is_sign_negative()
}

#[cfg(test)]
mod tests;
