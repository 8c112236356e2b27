//! Fetching snapshots: for books that need one, for books that would profit from a larger one, and for comparison.

use super::Driver;
use crate::live::books::Settings;
use crate::live::event::BookEvent;
use crate::live::product::BookProduct;
use crate::live::schedule::{Job, Timer, delay, levels_for};
use crate::sync::{BookSync, SnapshotTicket};
use binance_kit_core::{Error as Failure, ErrorCode, ErrorKind as FailureKind, Request, StreamName};
use std::time::Duration;
use tokio::task::JoinError;

/// The answer to the depth request of a product.
type Answer<P> = <<P as BookProduct>::DepthRequest as Request>::Response;

/// A snapshot, or why there is none.
pub(super) struct Fetched<P: BookProduct> {
    /// The book and the request.
    job: Job,
    /// Number of levels requested.
    limit: usize,
    /// The answer.
    result: Result<Answer<P>, Failure>,
}

impl<P: BookProduct> Driver<P> {
    /// Plans the next comparison with a snapshot.
    pub(super) fn plan_audit(&mut self) {
        if let Some(every) = self.settings.audit_every {
            let books = u32::try_from(self.slots.len().max(1)).unwrap_or(u32::MAX);
            let when = self.now() + (every / books).max(Duration::from_secs(1));
            self.schedule.at(when, Timer::Audit);
        }
    }

    /// Compares the next synced book with a snapshot, if there is request weight to spare.
    pub(super) fn audit_next(&mut self) {
        self.plan_audit();
        let (used, allowed) = self.rest.context().governor().usage(P::API);
        if used > allowed / 2 || self.schedule.waiting() > 0 {
            return;
        }
        let audited = self.audited;
        let (after, before) = (self.slots.range(audited + 1..), self.slots.range(..=audited));
        let next = after
            .chain(before)
            .find(|(_, slot)| slot.cell.read(|sync| sync.state().is_synced() && sync.awaited().is_none()));
        if let Some((&slot, book)) = next {
            self.audited = slot;
            let ticket = book.cell.write(BookSync::request_snapshot);
            self.schedule.fetch(Job { slot, ticket, urgent: false }, self.now(), Duration::ZERO);
        }
    }

    /// Plans a snapshot, not before `at_least`.
    pub(super) fn request(&mut self, slot: usize, ticket: SnapshotTicket, at_least: Duration) {
        let now = self.now();
        let Some(book) = self.slots.get_mut(&slot).filter(|book| !book.is_refused()) else { return };
        let (attempt, owed) = book.next_attempt(now);
        let random = self.rest.context().random();
        let wait = delay(attempt, |bound| random.below(bound)).max(owed).max(at_least);
        let urgent = !book.cell.read(|sync| sync.state().is_synced());
        self.schedule.fetch(Job { slot, ticket, urgent }, now, wait);
    }

    pub(super) fn start_fetches(&mut self) {
        while self.fetches.len() < self.settings.concurrency
            && let Some(job) = self.schedule.next_job()
        {
            let waiting = self.schedule.waiting() + self.fetches.len() + 1;
            let (used, allowed) = self.rest.context().governor().usage(P::API);
            let Settings { floor, limit, .. } = self.settings;
            let levels = levels_for(&self.offered, floor, limit, waiting, allowed.saturating_sub(used));
            self.fetch(job, levels);
        }
        if self.settings.floor == self.settings.limit {
            return;
        }
        while self.fetches.len() < self.settings.concurrency {
            let (used, allowed) = self.rest.context().governor().usage(P::API);
            if used > allowed / 2 {
                let now = self.now();
                return self.schedule.improve_later(now);
            }
            let Some(slot) = self.schedule.next_improvement() else { return };
            if let Some(book) = self.slots.get(&slot)
                && book.cell.read(|sync| sync.state().is_synced() && sync.awaited().is_none())
            {
                let ticket = book.cell.write(BookSync::request_snapshot);
                self.fetch(Job { slot, ticket, urgent: false }, self.settings.limit);
            }
        }
    }

    fn fetch(&mut self, job: Job, limit: usize) {
        let Some(book) = self.slots.get(&job.slot) else { return };
        if !book.awaits(job.ticket) {
            return;
        }
        let request = P::depth(&book.symbol, limit);
        let rest = self.rest.clone();
        let handle = self.fetches.spawn(async move {
            let result = rest.send(request).await.map(binance_kit_rest::RestResponse::into_value);
            Fetched { job, limit, result }
        });
        self.fetching.insert(handle.id(), job);
    }

    pub(super) fn fetch_ended(&mut self, ended: Result<(tokio::task::Id, Fetched<P>), JoinError>) {
        match ended {
            Ok((id, fetched)) => {
                self.fetching.remove(&id);
                self.fetched(fetched);
            }
            Err(error) => {
                // A panic in a decoder must not leave the book waiting for ever.
                tracing::error!(%error, "fetching a snapshot panicked");
                if let Some(job) = self.fetching.remove(&error.id()) {
                    self.request(job.slot, job.ticket, Duration::ZERO);
                }
            }
        }
    }

    fn fetched(&mut self, Fetched { job, limit, result }: Fetched<P>) {
        let Some(book) = self.slots.get(&job.slot) else { return };
        if !book.awaits(job.ticket) {
            return;
        }
        match result {
            Ok(snapshot) => {
                self.change(job.slot, |sync| sync.on_snapshot(job.ticket, &snapshot, Some(limit)));
                if limit < self.settings.limit {
                    self.schedule.improve(job.slot);
                }
            }
            Err(error) => {
                tracing::debug!(symbol = %book.symbol, %error, "snapshot failed");
                if is_permanent(&error) {
                    return self.refuse(job.slot, error);
                }
                let wait = error.retry_after().unwrap_or_default();
                let event = BookEvent::SnapshotFailed { symbol: book.symbol.clone(), error };
                let _ = self.events.send(event);
                self.request(job.slot, job.ticket, wait);
            }
        }
    }

    /// Notes that a book will not become synced, whatever is tried.
    pub(super) fn refuse(&mut self, slot: usize, error: Failure) {
        if let Some(book) = self.slots.get_mut(&slot) {
            tracing::warn!(symbol = %book.symbol, %error, "book refused by the exchange");
            book.refuse(error, &self.events);
        }
    }

    pub(super) fn stream_of(&self, slot: usize) -> Vec<StreamName> {
        self.slots.get(&slot).map(|book| book.stream.clone()).into_iter().collect()
    }
}

/// Whether a request for a snapshot fails however often it is repeated.
fn is_permanent(error: &Failure) -> bool {
    error.code() == Some(ErrorCode::BAD_SYMBOL)
        || matches!(error.kind(), FailureKind::InvalidRequest | FailureKind::NotOffered)
}
