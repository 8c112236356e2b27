//! The account's events during the demo: balances computed from them, and which orders they reported.

use super::board::Board;
use crate::task::{self, Task};
use binance_kit::ClientOrderId;
use binance_kit::account::spot::{Balances, SymbolAssets};
use binance_kit::account::{AccountItem, AccountStream};
use binance_kit::spot::AccountEvent;
use binance_kit::spot::SymbolRules;
use binance_kit::spot::account::ExecutionType;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the account's events reported.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// The balances computed from the first snapshot and the events after it; `None` before the snapshot.
    pub(super) balances: Option<Balances>,
    /// Client order ids of orders reported as new.
    pub(super) new: BTreeSet<ClientOrderId>,
    /// Client order ids of orders reported as cancelled.
    pub(super) canceled: BTreeSet<ClientOrderId>,
    /// Ids of reported order lists.
    pub(super) lists: BTreeSet<u64>,
    /// Events that could not be read or booked, and interruptions.
    pub(super) problems: Vec<String>,
}

/// The reports, shared by the task that follows the account and the checks. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct SharedReports(Arc<Mutex<Reports>>);

impl SharedReports {
    pub(super) fn lock(&self) -> MutexGuard<'_, Reports> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Follows the account in a task of its own.
pub(super) fn follow_account(
    mut stream: AccountStream,
    rules: &[SymbolRules],
    board: Board,
) -> (SharedReports, Task<()>) {
    let reports = SharedReports::default();
    let assets: Vec<_> = rules
        .iter()
        .map(|rules| (rules.symbol().clone(), rules.base_asset().clone(), rules.quote_asset().clone()))
        .collect();
    let shared = reports.clone();
    let task = task::spawn("account events", async move {
        while let Some(item) = stream.next().await {
            let mut reports = shared.lock();
            match item {
                AccountItem::Snapshot(snapshot) => {
                    let mut balances = Balances::starting_from(&snapshot.account);
                    for (symbol, base, quote) in &assets {
                        let (base, quote) = (base.clone(), quote.clone());
                        balances.symbol(symbol, SymbolAssets { base, quote });
                    }
                    reports.balances = Some(balances);
                }
                AccountItem::Event(change) => book(&mut reports, &board, &change, change.in_snapshot),
                AccountItem::Malformed { ref error, .. } => {
                    board.lock().decode_failures += 1;
                    reports.problems.push(error.to_string());
                }
                other => reports.problems.push(other.to_string()),
            }
        }
    });
    (reports, task)
}

fn book(reports: &mut Reports, board: &Board, event: &AccountEvent, in_snapshot: bool) {
    match event {
        AccountEvent::Order(report) => {
            *board.lock().reports.entry(report.execution_type.to_string()).or_default() += 1;
            match report.execution_type {
                ExecutionType::New => {
                    reports.new.insert(report.client_order_id.clone());
                }
                ExecutionType::Canceled => {
                    reports.canceled.insert(report.original_client_order_id.clone());
                }
                _ => {}
            }
            if !in_snapshot
                && let Some(balances) = &mut reports.balances
                && let Err(error) = balances.book_report(report)
            {
                reports.problems.push(error.to_string());
            }
        }
        AccountEvent::Balance(update) => {
            if !in_snapshot
                && let Some(balances) = &mut reports.balances
                && let Err(error) = balances.book_update(update)
            {
                reports.problems.push(error.to_string());
            }
        }
        AccountEvent::AccountPosition(_) => board.lock().account_updates += 1,
        AccountEvent::OrderList(status) => {
            reports.lists.insert(status.order_list_id.get());
        }
        AccountEvent::Unknown(event) => reports.problems.push(format!("unknown event {event:?}")),
        _ => {}
    }
}
