//! The trading side of the demo: places orders of several kinds, follows what the exchange says of them, and holds everything
//! against the exchange's own books.

use super::board::{Board, OrderLine};
use super::rules::SymbolRules;
use super::summary::Check;
use crate::task::{self, Task};
use binance_kit::account::{
    AccountItem, AccountStream, Ledger, OrderOutcome, Orders, ReplaceOutcome, Resolution,
};
use binance_kit::book::{BookHandle, OrderBook};
use binance_kit::net::Clock;
use binance_kit::sim::Exchange;
use binance_kit::spot::account::ExecutionType;
use binance_kit::spot::trade::{
    CancelOpenOrders, CancelOrderList, CancelReplaceMode, NewOrderResponse, OrderListKey,
};
use binance_kit::spot::{self, AccountEvent, CancelReplace, NewOrder, OrderKey, OrderListOco};
use binance_kit::ws_api::WsApiClient;
use binance_kit::{ClientOrderId, Decimal, Symbol};
use std::collections::BTreeSet;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

type Failure = Box<dyn Error + Send + Sync>;

/// The pause between two steps: the exchange takes 50 orders in ten seconds.
const STEP: Duration = Duration::from_millis(300);
/// How long to wait for what is on its way.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the account's events told.
#[derive(Debug, Default)]
pub(super) struct Reports {
    ledger: Option<Ledger>,
    /// Client order ids of orders that were reported as new.
    new: BTreeSet<ClientOrderId>,
    /// Client order ids of orders that were reported as cancelled.
    canceled: BTreeSet<ClientOrderId>,
    lists: BTreeSet<u64>,
    problems: Vec<String>,
}

pub(super) type SharedReports = Arc<Mutex<Reports>>;

/// Follows the account in a task of its own.
pub(super) fn follow_account(
    mut stream: AccountStream,
    rules: &[SymbolRules],
    board: Board,
) -> (SharedReports, Task<()>) {
    let reports = SharedReports::default();
    let assets: Vec<_> =
        rules.iter().map(|rules| (rules.symbol.clone(), rules.base.clone(), rules.quote.clone())).collect();
    let shared = Arc::clone(&reports);
    let task = task::spawn("account events", async move {
        while let Some(item) = stream.next().await {
            let mut reports = shared.lock().unwrap_or_else(PoisonError::into_inner);
            match item {
                AccountItem::Snapshot(snapshot) => {
                    let mut ledger = Ledger::starting_from(&snapshot.account);
                    for (symbol, base, quote) in &assets {
                        ledger.symbol(symbol, base, quote);
                    }
                    reports.ledger = Some(ledger);
                }
                AccountItem::Event { event, in_snapshot, .. } => {
                    book(&mut reports, &board, &event, in_snapshot);
                }
                AccountItem::Malformed { error, .. } => {
                    board.lock().decode_failures += 1;
                    reports.problems.push(error.to_string());
                }
                AccountItem::Interrupted => reports.problems.push("the user data was interrupted".into()),
                AccountItem::SnapshotFailed(error) => reports.problems.push(error.to_string()),
                AccountItem::Refused(error) => reports.problems.push(error.to_string()),
                _ => {}
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
                && let Some(ledger) = &mut reports.ledger
                && let Err(error) = ledger.book_report(report)
            {
                reports.problems.push(error.to_string());
            }
        }
        AccountEvent::Balance(update) => {
            if !in_snapshot
                && let Some(ledger) = &mut reports.ledger
                && let Err(error) = ledger.book_update(update)
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

pub(super) struct Trader {
    pub(super) exchange: Arc<Exchange>,
    pub(super) account: String,
    pub(super) clock: Clock,
    pub(super) ws_api: WsApiClient,
    pub(super) orders: Orders,
    pub(super) rules: Vec<SymbolRules>,
    pub(super) books: Vec<BookHandle>,
    pub(super) board: Board,
    pub(super) reports: SharedReports,
}

impl Trader {
    /// Trades until the time is over.
    pub(super) async fn run(&mut self, until: Instant) -> Result<(), Failure> {
        let begun = self.clock.monotonic();
        let checkpoint_every = (until - begun) / 4;
        let mut next_checkpoint = begun + checkpoint_every;
        let mut round = 0;
        while self.clock.monotonic() < until {
            let index = round % self.rules.len().max(1);
            let (Some(rules), Some(book)) = (self.rules.get(index).cloned(), self.books.get(index).cloned())
            else {
                return Err("a symbol has no book".into());
            };
            self.round(&rules, &book, round, until).await?;
            round += 1;
            if self.clock.monotonic() >= next_checkpoint {
                next_checkpoint += checkpoint_every;
                let failures = self.compare_books().await?;
                if let Some(failure) = failures.first() {
                    return Err(format!("a local book differs from the exchange's: {failure}").into());
                }
                self.board.lock().checkpoints += 1;
            }
        }
        Ok(())
    }

    /// One symbol, through every kind of order.
    async fn round(
        &self,
        rules: &SymbolRules,
        book: &BookHandle,
        round: usize,
        until: Instant,
    ) -> Result<(), Failure> {
        let Some(touch) = book.touch() else {
            // Being repaired; that it comes back is checked in the end.
            self.clock.sleep(STEP).await;
            return Ok(());
        };
        let symbol = &rules.symbol;
        let low = rules.price(touch.bid.price * Decimal::new(98, 2));
        let high = rules.price(touch.ask.price * Decimal::new(102, 2));
        let quantity = rules.quantity(low, 4);
        let over = |trader: &Self| trader.clock.monotonic() >= until;

        let resting =
            self.place(NewOrder::limit_buy(symbol).quantity(quantity).price(low), "limit buy").await;
        self.clock.sleep(STEP).await;
        if let Some(order) = resting {
            self.cancel(symbol, order.client_order_id).await;
        }
        if over(self) {
            return Ok(());
        }
        self.place(NewOrder::market_buy(symbol).quantity(quantity), "market buy").await;
        self.clock.sleep(STEP).await;

        let resting =
            self.place(NewOrder::limit_sell(symbol).quantity(quantity).price(high), "limit sell").await;
        self.clock.sleep(STEP).await;
        if let Some(order) = resting {
            let replacement = NewOrder::limit_sell(symbol)
                .quantity(quantity)
                .price(rules.price(high * Decimal::new(101, 2)));
            if let Some(order) = self.replace(replacement, order.client_order_id).await {
                self.clock.sleep(STEP).await;
                self.cancel(symbol, order).await;
            }
        }
        if over(self) {
            return Ok(());
        }
        self.place(NewOrder::market_sell(symbol).quantity(quantity), "market sell").await;
        self.clock.sleep(STEP).await;
        if round.is_multiple_of(2) && !over(self) {
            let stop = rules.price(low * Decimal::new(99, 2));
            self.oco(rules, quantity, high, stop).await?;
        }
        Ok(())
    }

    fn record(&self, what: String, outcome: &'static str, definite: bool, round_trip: Option<Duration>) {
        let mut facts = self.board.lock();
        facts.orders.push(OrderLine { what, outcome, definite });
        facts.round_trips.extend(round_trip);
    }

    /// Records an outcome; one that is not known is looked into first.
    async fn settle<T>(&self, what: String, outcome: OrderOutcome<T>) -> Option<T> {
        match outcome {
            OrderOutcome::Confirmed(response) => {
                self.record(what, "confirmed", true, Some(response.round_trip()));
                Some(response.into_value())
            }
            OrderOutcome::Rejected(error) => {
                self.record(format!("{what} ({error})"), "rejected", true, None);
                None
            }
            OrderOutcome::NotSent(error) => {
                self.record(format!("{what} ({error})"), "not sent", true, None);
                None
            }
            OrderOutcome::Unknown(unknown) => {
                let (outcome, definite) = match self.orders.resolve(&unknown, Duration::from_secs(30)).await {
                    Resolution::Placed(_) => ("resolved: placed", true),
                    Resolution::NotPlaced => ("resolved: not placed", true),
                    _ => ("unknown", false),
                };
                self.record(what, outcome, definite, None);
                None
            }
            _ => {
                self.record(what, "unknown", false, None);
                None
            }
        }
    }

    async fn place(&self, order: NewOrder, kind: &str) -> Option<NewOrderResponse> {
        let what = format!(
            "{kind} {} {}{}",
            order.quantity.map(|quantity| quantity.normalize().to_string()).unwrap_or_default(),
            order.symbol,
            order.price.map(|price| format!(" at {}", price.normalize())).unwrap_or_default()
        );
        let outcome = self.orders.place(order).await;
        self.settle(what, outcome).await
    }

    async fn cancel(&self, symbol: &Symbol, id: ClientOrderId) {
        let outcome = self.orders.cancel(symbol, OrderKey::Client(id)).await;
        self.settle(format!("cancel {symbol}"), outcome).await;
    }

    /// Returns the client order id of the new order.
    async fn replace(&self, order: NewOrder, old: ClientOrderId) -> Option<ClientOrderId> {
        let what = format!("cancel-replace {}", order.symbol);
        let request = CancelReplace::new(order, CancelReplaceMode::StopOnFailure, OrderKey::Client(old));
        let begun = self.clock.monotonic();
        match self.orders.cancel_replace(request).await {
            ReplaceOutcome::Answered(answer) => {
                let round_trip = self.clock.monotonic() - begun;
                match answer.new_order_response {
                    spot::trade::NewOrderHalf::Placed(placed) => {
                        self.record(what, "confirmed", true, Some(round_trip));
                        Some(placed.client_order_id.clone())
                    }
                    _ => {
                        self.record(what, "rejected", true, Some(round_trip));
                        None
                    }
                }
            }
            ReplaceOutcome::Other(outcome) => {
                self.settle(what, outcome).await;
                None
            }
            _ => {
                self.record(what, "unknown", false, None);
                None
            }
        }
    }

    /// Places an OCO around the price, and cancels it.
    async fn oco(
        &self,
        rules: &SymbolRules,
        quantity: Decimal,
        high: Decimal,
        stop: Decimal,
    ) -> Result<(), Failure> {
        let symbol = &rules.symbol;
        // The stop order sells a little lower than where it is triggered, so that it finds a buyer.
        let limit = rules.price(stop * Decimal::new(99, 2));
        let request =
            OrderListOco::sell(symbol, quantity).above_limit_maker(high).below_stop_loss_limit(stop, limit);
        let what = format!("OCO sell {} {symbol}", quantity.normalize());
        match self.ws_api.send(request).await {
            Ok(placed) => {
                self.record(what, "confirmed", true, Some(placed.round_trip()));
                self.clock.sleep(STEP).await;
                let list = OrderListKey::Id(placed.order_list_id);
                match self.ws_api.send(CancelOrderList::new(symbol, list)).await {
                    Ok(canceled) => {
                        self.record(
                            format!("cancel OCO {symbol}"),
                            "confirmed",
                            true,
                            Some(canceled.round_trip()),
                        );
                    }
                    Err(error) => self.record(
                        format!("cancel OCO {symbol} ({error})"),
                        "failed",
                        !error.outcome_unknown(),
                        None,
                    ),
                }
            }
            Err(error) if error.outcome_unknown() => {
                // An order list is looked up by hand; the demo does not lose connections.
                self.record(format!("{what} ({error})"), "unknown", false, None);
            }
            Err(error) => self.record(format!("{what} ({error})"), "rejected", true, None),
        }
        Ok(())
    }

    /// Lets the market rest and compares each local book with the exchange's, level by level, at the same update id.
    async fn compare_books(&self) -> Result<Vec<String>, Failure> {
        self.exchange.pause_market();
        let mut failures = Vec::new();
        for handle in &self.books {
            let symbol = handle.symbol();
            let deadline = self.clock.monotonic() + PATIENCE;
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
                            "{symbol}: not at update {} after {PATIENCE:?}",
                            theirs.last_update_id
                        ));
                        break;
                    }
                    None => self.clock.sleep(Duration::from_millis(20)).await,
                }
            }
        }
        self.exchange.resume_market();
        Ok(failures)
    }

    /// Cancels what is open, and makes the checks.
    pub(super) async fn finish(&mut self) -> Result<Vec<Check>, Failure> {
        for rules in self.rules.clone() {
            match self.ws_api.send(CancelOpenOrders::new(&rules.symbol)).await {
                Ok(_) => {}
                // Nothing was open.
                Err(error)
                    if error
                        .api_error()
                        .is_some_and(|error| error.code == binance_kit::ErrorCode::CANCEL_REJECTED) => {}
                Err(error) => return Err(error.into()),
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

    /// The balances added up from the reports are those of the account, by its own request and by the exchange's ledger.
    async fn check_balances(&self) -> Result<Check, Failure> {
        let account = self.ws_api.send(spot::Account::new()).await?.into_value();
        let deadline = self.clock.monotonic() + PATIENCE;
        let differences = loop {
            let differences = {
                let reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
                reports.ledger.as_ref().map(|ledger| ledger.differences(&account))
            };
            match differences {
                Some(differences) if differences.is_empty() || self.clock.monotonic() > deadline => {
                    break differences;
                }
                None if self.clock.monotonic() > deadline => {
                    return Err("no snapshot of the account came".into());
                }
                _ => self.clock.sleep(Duration::from_millis(20)).await,
            }
        };
        let mut problems: Vec<String> = differences
            .iter()
            .map(|(asset, expected, actual)| format!("{asset}: {expected} added up, {actual} in the account"))
            .collect();
        for theirs in self.exchange.account(&self.account)?.balances() {
            let ours = account.balances.iter().find(|balance| balance.asset == theirs.asset);
            let same = match ours {
                Some(ours) => ours.free == theirs.free && ours.locked == theirs.locked,
                None => theirs.free.is_zero() && theirs.locked.is_zero(),
            };
            if !same {
                problems
                    .push(format!("{}: the account says otherwise than the exchange's ledger", theirs.asset));
            }
        }
        Ok(Check {
            name: "balances_match",
            passed: problems.is_empty(),
            detail: problems.first().cloned().unwrap_or_else(|| format!("{} assets", account.balances.len())),
        })
    }

    /// The exchange reported what it had confirmed, and nothing came that could not be booked.
    async fn check_reports(&self) -> Check {
        let deadline = self.clock.monotonic() + PATIENCE;
        loop {
            let check = self.reports_now();
            // The last ones may be on their way.
            if check.passed || self.clock.monotonic() > deadline {
                return check;
            }
            self.clock.sleep(Duration::from_millis(20)).await;
        }
    }

    fn reports_now(&self) -> Check {
        let reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
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
