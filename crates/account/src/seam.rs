//! Where a snapshot ends and the events begin: which of them the snapshot holds already. Without I/O and without a clock.
//!
//! A snapshot says when the account last changed, to the millisecond, and an event when it changed the account. That
//! decides, but for events of that very millisecond, of which the snapshot may hold some and lack others. There the
//! balances decide: behind everything that changes them the exchange sends those that changed, and where they are the
//! snapshot's, all up to there is in it.

use crate::stream::AccountItem;
use binance_kit_core::{Asset, Decimal, Timestamp};
use binance_kit_model::spot::{AccountEvent, AccountInformation, AccountPositionEvent};
use std::collections::{HashMap, VecDeque};

pub(crate) struct Seam {
    updated: Timestamp,
    balances: HashMap<Asset, (Decimal, Decimal)>,
    /// Events of the millisecond in question, and what came behind them.
    undecided: Vec<(AccountEvent, Timestamp)>,
}

impl Seam {
    pub(crate) fn new(account: &AccountInformation) -> Self {
        let balances = account
            .balances
            .iter()
            .map(|balance| (balance.asset.clone(), (balance.free, balance.locked)))
            .collect();
        Self { updated: account.update_time, balances, undecided: Vec::new() }
    }

    /// Whether events wait to be told from the snapshot.
    pub(crate) fn is_undecided(&self) -> bool {
        !self.undecided.is_empty()
    }

    /// Takes the next event, and puts out those of which it is known whether they are in the snapshot.
    pub(crate) fn admit(
        &mut self,
        event: AccountEvent,
        received_at: Timestamp,
        out: &mut VecDeque<AccountItem>,
    ) {
        match happened_at(&event) {
            Some(time) if time < self.updated => {
                self.settle(false, out);
                out.push_back(item(event, received_at, true));
            }
            Some(time) if time == self.updated => {
                let is_proof =
                    matches!(&event, AccountEvent::AccountPosition(position) if self.holds(position));
                self.undecided.push((event, received_at));
                if is_proof {
                    self.settle(true, out);
                }
            }
            Some(_) => {
                self.settle(false, out);
                out.push_back(item(event, received_at, false));
            }
            // Events that change nothing keep their place.
            None if self.is_undecided() => self.undecided.push((event, received_at)),
            None => out.push_back(item(event, received_at, false)),
        }
    }

    /// Decides for all events that wait.
    pub(crate) fn settle(&mut self, in_snapshot: bool, out: &mut VecDeque<AccountItem>) {
        out.extend(
            self.undecided.drain(..).map(|(event, received_at)| item(event, received_at, in_snapshot)),
        );
    }

    fn holds(&self, position: &AccountPositionEvent) -> bool {
        position.balances.iter().all(|balance| {
            let (free, locked) = self.balances.get(&balance.asset).copied().unwrap_or_default();
            free == balance.free && locked == balance.locked
        })
    }
}

fn item(event: AccountEvent, received_at: Timestamp, in_snapshot: bool) -> AccountItem {
    AccountItem::Event { event: Box::new(event), received_at, in_snapshot }
}

/// When an event changed the account.
fn happened_at(event: &AccountEvent) -> Option<Timestamp> {
    match event {
        AccountEvent::AccountPosition(position) => Some(position.last_update_time),
        AccountEvent::Balance(update) => Some(update.clear_time),
        AccountEvent::Order(report) => Some(report.transaction_time),
        AccountEvent::OrderList(status) => Some(status.transaction_time),
        AccountEvent::ExternalLock(update) => Some(update.transaction_time),
        _ => None,
    }
}
