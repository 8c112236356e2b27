//! Where a snapshot ends and the events begin: which events the snapshot contains already. No I/O, no clock.
//!
//! A snapshot says when the account last changed, to the millisecond, and an event when it changed the account. That
//! decides, except for events of that very millisecond, of which the snapshot may contain some and lack others. There the
//! balances decide: after everything that changes balances the exchange sends those that changed, and where they are the
//! snapshot's, it contains everything up to there.

use crate::product::UserData;
use crate::stream::{AccountChange, AccountItem};
use binance_kit_core::Timestamp;
use binance_kit_ws_api::Charge;
use std::collections::VecDeque;

/// Decides for each event after a snapshot whether the snapshot contains it.
pub(crate) struct SnapshotMerge<P: UserData> {
    /// What the snapshot contains.
    contents: P::Contents,
    /// Events of the snapshot's own millisecond, and what came after them, with what they take of the queue.
    undecided: Vec<(P::Event, Timestamp, Charge)>,
}

impl<P: UserData> SnapshotMerge<P> {
    pub(crate) fn new(snapshot: &P::Snapshot) -> Self {
        Self { contents: P::contents(snapshot), undecided: Vec::new() }
    }

    /// Whether events wait for the decision.
    pub(crate) fn is_undecided(&self) -> bool {
        !self.undecided.is_empty()
    }

    /// Takes the next event, and appends to `out` the events that are decided.
    pub(crate) fn push(
        &mut self,
        event: P::Event,
        received_at: Timestamp,
        charge: Charge,
        out: &mut VecDeque<AccountItem<P>>,
    ) {
        let updated_at = P::updated_at(&self.contents);
        match P::changed_at(&event) {
            Some(time) if time < updated_at => {
                self.settle(false, out);
                out.push_back(item(event, received_at, true));
            }
            Some(time) if time == updated_at => {
                let is_proof = P::is_contained(&self.contents, &event);
                self.undecided.push((event, received_at, charge));
                if is_proof {
                    self.settle(true, out);
                }
            }
            Some(_) => {
                self.settle(false, out);
                out.push_back(item(event, received_at, false));
            }
            // Events that change nothing keep their place.
            None if self.is_undecided() => self.undecided.push((event, received_at, charge)),
            None => out.push_back(item(event, received_at, false)),
        }
    }

    /// Decides for all events that wait.
    pub(crate) fn settle(&mut self, in_snapshot: bool, out: &mut VecDeque<AccountItem<P>>) {
        out.extend(
            self.undecided.drain(..).map(|(event, received_at, _)| item(event, received_at, in_snapshot)),
        );
    }
}

fn item<P: UserData>(data: P::Event, received_at: Timestamp, in_snapshot: bool) -> AccountItem<P> {
    AccountItem::Event(Box::new(AccountChange { data, received_at, in_snapshot }))
}
