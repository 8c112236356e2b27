//! The checks of the demo: the SDK's books, balances and reports against those of the exchange.

use super::summary::Check;
use super::trader::{Failure, Trader};
use binance_kit::account::Outcome;
use binance_kit::book::OrderBook;
use binance_kit::{ErrorCode, spot};
use std::time::Duration;

/// How long events under way may take to arrive.
const ARRIVAL_TIMEOUT: Duration = Duration::from_secs(10);
/// The interval between two looks at what is to arrive.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

impl Trader {
    /// Pauses the market and compares each local book with the exchange's, level by level, at the same update id.
    pub(super) async fn compare_books(&self) -> Result<Vec<String>, Failure> {
        self.exchange.pause_market();
        let mut failures = Vec::new();
        for handle in &self.books {
            let symbol = handle.symbol();
            let deadline = self.clock.monotonic() + ARRIVAL_TIMEOUT;
            loop {
                let theirs = self.exchange.order_book(symbol.as_str())?;
                let compared = handle.with(|view| {
                    let ours = view.synced()?;
                    (ours.last_update_id().get() == theirs.last_update_id).then(|| difference(ours, &theirs))
                });
                match compared {
                    Some(None) => break,
                    Some(Some(difference)) => {
                        failures.push(format!("{symbol}: {difference}"));
                        break;
                    }
                    None if self.clock.monotonic() > deadline => {
                        failures.push(format!(
                            "{symbol}: not at update {} after {ARRIVAL_TIMEOUT:?}",
                            theirs.last_update_id
                        ));
                        break;
                    }
                    None => self.clock.sleep(POLL_INTERVAL).await,
                }
            }
        }
        self.exchange.resume_market();
        Ok(failures)
    }

    /// Cancels all open orders, and makes the checks.
    pub(super) async fn finish(&self) -> Result<Vec<Check>, Failure> {
        for rules in &self.rules {
            match self.orders.cancel_all(rules.symbol()).await {
                Outcome::Confirmed(_) => {}
                // Nothing was open.
                Outcome::Rejected(rejection) if rejection.code == ErrorCode::CANCEL_REJECTED => {}
                outcome => return Err(format!("cancel all {}: {outcome}", rules.symbol()).into()),
            }
        }
        let failures = self.compare_books().await?;
        let checkpoints = self.board.lock().checkpoints + 1;
        let books = Check {
            name: "books_match",
            passed: failures.is_empty(),
            detail: match failures.first() {
                None => format!("{} books, {checkpoints} times, level by level", self.books.len()),
                Some(failure) => failure.clone(),
            },
        };
        let (orders, definite) = {
            let facts = self.board.lock();
            (facts.orders.len(), facts.orders.iter().filter(|order| order.definite).count())
        };
        let outcomes = Check {
            name: "orders_definite",
            passed: orders > 0 && orders == definite,
            detail: format!("{definite} of {orders}"),
        };
        let balances = self.check_balances().await?;
        Ok(vec![books, balances, outcomes, self.check_reports().await])
    }

    /// Compares the balances computed from the reports with those of the account, and these with the exchange's own.
    async fn check_balances(&self) -> Result<Check, Failure> {
        let account = self.binance.ws_api().await?.send(spot::Account::new()).await?.into_value();
        let deadline = self.clock.monotonic() + ARRIVAL_TIMEOUT;
        let differences = loop {
            let differences =
                self.reports.lock().balances.as_ref().map(|balances| balances.differences(&account));
            match differences {
                Some(differences) if differences.is_empty() || self.clock.monotonic() > deadline => {
                    break differences;
                }
                None if self.clock.monotonic() > deadline => {
                    return Err("no snapshot of the account was taken".into());
                }
                _ => self.clock.sleep(POLL_INTERVAL).await,
            }
        };
        let mut problems: Vec<String> = differences.iter().map(ToString::to_string).collect();
        for theirs in self.exchange.account(&self.account)?.balances() {
            let ours = account.balances.iter().find(|balance| balance.asset == theirs.asset);
            let same = match ours {
                Some(ours) => ours.free == theirs.free && ours.locked == theirs.locked,
                None => theirs.free.is_zero() && theirs.locked.is_zero(),
            };
            if !same {
                problems.push(format!("{}: the account differs from the exchange's balances", theirs.asset));
            }
        }
        Ok(Check {
            name: "balances_match",
            passed: problems.is_empty(),
            detail: problems.first().cloned().unwrap_or_else(|| format!("{} assets", account.balances.len())),
        })
    }

    /// Checks that the exchange reported every order that it confirmed, and that every event could be booked.
    async fn check_reports(&self) -> Check {
        let deadline = self.clock.monotonic() + ARRIVAL_TIMEOUT;
        loop {
            let check = self.reports_now();
            // The last events may be under way.
            if check.passed || self.clock.monotonic() > deadline {
                return check;
            }
            self.clock.sleep(POLL_INTERVAL).await;
        }
    }

    fn reports_now(&self) -> Check {
        let reports = self.reports.lock();
        let facts = self.board.lock();
        let confirmed = |kinds: &[&str]| {
            facts
                .orders
                .iter()
                .filter(|order| {
                    order.outcome == "confirmed" && kinds.iter().any(|kind| order.what.starts_with(kind))
                })
                .count()
        };
        // An OCO has two orders; a cancel-replace cancels one and places one.
        let (replaced, lists) = (confirmed(&["cancel-replace"]), confirmed(&["OCO"]));
        let placed = confirmed(&["limit", "market"]) + replaced + 2 * lists;
        let canceled = confirmed(&["cancel "]) - confirmed(&["cancel OCO"]) + replaced;
        let updates = facts.account_updates;
        let passed = reports.problems.is_empty()
            && reports.new.len() >= placed
            && reports.canceled.len() >= canceled
            && reports.lists.len() >= lists
            && updates > 0;
        let detail = reports.problems.first().cloned().unwrap_or_else(|| {
            if !passed {
                return format!(
                    "{} of {placed} new, {} of {canceled} cancelled, {} of {lists} lists",
                    reports.new.len(),
                    reports.canceled.len(),
                    reports.lists.len()
                );
            }
            format!(
                "{} new, {} cancelled, {} lists, {updates} balance updates",
                reports.new.len(),
                reports.canceled.len(),
                reports.lists.len()
            )
        });
        Check { name: "reports_complete", passed, detail }
    }
}

/// The first difference between two books.
fn difference(ours: &OrderBook, theirs: &binance_kit::sim::ExchangeBook) -> Option<String> {
    let ours_bids: Vec<_> = ours.bids().map(|level| (level.price, level.quantity)).collect();
    let ours_asks: Vec<_> = ours.asks().map(|level| (level.price, level.quantity)).collect();
    for (side, ours, theirs) in [("bids", &ours_bids, &theirs.bids), ("asks", &ours_asks, &theirs.asks)] {
        if ours.len() != theirs.len() {
            return Some(format!("{} {side} instead of {}", ours.len(), theirs.len()));
        }
        if let Some((ours, theirs)) = ours.iter().zip(theirs).find(|(ours, theirs)| ours != theirs) {
            return Some(format!("{side}: {ours:?} instead of {theirs:?}"));
        }
    }
    None
}
