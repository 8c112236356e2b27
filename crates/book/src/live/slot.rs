//! The task's state of one book.

use super::event::BookEvent;
use super::handle::{BookCell, Notice};
use crate::order_book::OrderBook;
use crate::sync::{BookSync, Change, SnapshotTicket, StaleReason};
use binance_kit_core::Error;
use binance_kit_core::{StreamName, Symbol};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::time::Instant;

/// How many snapshots a book may request in a row, and how often another after that: a book whose stream shows gap after gap
/// must not use up the request weight of all others.
const BURST: u32 = 8;
const INTERVAL: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub(super) struct Slot {
    /// The symbol.
    pub(super) symbol: Symbol,
    /// Its diff stream.
    pub(super) stream: StreamName,
    /// The subscription of the stream.
    pub(super) group: usize,
    /// Whether the subscription is acknowledged and its connection is up.
    pub(super) connected: bool,
    /// The book.
    pub(super) cell: BookCell,
    /// Number of snapshots requested since the book last was synced.
    attempt: u32,
    /// When all the snapshots requested so far are paid off, at one in an interval.
    paid_off: Option<Instant>,
}

impl Slot {
    pub(super) fn new(symbol: Symbol, stream: StreamName, group: usize, cell: BookCell) -> Self {
        Self { symbol, stream, group, connected: false, cell, attempt: 0, paid_off: None }
    }

    /// Counts a request for a snapshot. Returns the number of the attempt, 0 for the first since the book was synced, and how
    /// long it has to wait because the book requested so many.
    pub(super) fn next_attempt(&mut self, now: Instant) -> (u32, Duration) {
        let attempt = self.attempt;
        self.attempt = attempt.saturating_add(1);
        let paid_off = self.paid_off.map_or(now, |paid_off| paid_off.max(now)) + INTERVAL;
        self.paid_off = Some(paid_off);
        (attempt, paid_off.saturating_duration_since(now + INTERVAL * BURST))
    }

    /// Whether the book still waits for a snapshot with this ticket.
    pub(super) fn awaits(&self, ticket: SnapshotTicket) -> bool {
        self.cell.read(BookSync::awaited) == Some(ticket)
    }

    /// Whether the exchange refused the book for good.
    pub(super) fn is_refused(&self) -> bool {
        self.cell.refusal().is_some()
    }

    /// Notes that the exchange refused the book for good. The first reason stays.
    pub(super) fn refuse(&mut self, error: Error, events: &broadcast::Sender<BookEvent>) {
        if self.cell.refuse(error.clone()) {
            self.cell.notify(Notice::Touched);
            // There may be no reader.
            let _ = events.send(BookEvent::Refused { symbol: self.symbol.clone(), error });
        }
    }

    /// Notifies readers of a change.
    pub(super) fn announce(&mut self, change: Change, events: &broadcast::Sender<BookEvent>) {
        let symbol = self.symbol.clone();
        let event = match change {
            Change::Updated { touch_changed } => {
                self.cell.notify(if touch_changed { Notice::Touched } else { Notice::Updated });
                let update_id = self.cell.read(|sync| sync.synced().map(OrderBook::last_update_id));
                update_id.map(|update_id| BookEvent::Updated { symbol, update_id, touch_changed })
            }
            Change::Synced { update_id, .. } => {
                self.attempt = 0;
                self.cell.notify(Notice::Touched);
                Some(BookEvent::Synced { symbol, update_id })
            }
            Change::Stale(reason) => {
                tracing::debug!(symbol = %self.symbol, %reason, "book is stale");
                self.cell.notify(Notice::Touched);
                if let StaleReason::Gap(gap) = reason {
                    let _ = events.send(BookEvent::Gap { symbol: symbol.clone(), gap });
                }
                Some(BookEvent::Stale { symbol, reason })
            }
            Change::Buffered { gap: Some(gap), .. } => Some(BookEvent::Gap { symbol, gap }),
            Change::Refreshed { update_id, differing_levels } => {
                self.attempt = 0;
                if differing_levels.is_some_and(|levels| levels > 0) {
                    tracing::warn!(symbol = %self.symbol, differing_levels, "book differed from a snapshot");
                }
                self.cell.notify(Notice::Touched);
                Some(BookEvent::Refreshed { symbol, update_id, differing_levels })
            }
            Change::SnapshotRefused(fault) => {
                tracing::debug!(symbol = %self.symbol, %fault, "snapshot refused");
                Some(BookEvent::SnapshotRefused { symbol, fault })
            }
            Change::Nothing | Change::Buffered { gap: None, .. } => None,
        };
        if let Some(event) = event {
            // There may be no reader.
            let _ = events.send(event);
        }
    }
}
