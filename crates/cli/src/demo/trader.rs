//! The trading side of the demo: places orders of several kinds and records the outcome of each.

use super::board::{Board, OrderLine};
use super::reports::SharedReports;
use binance_kit::account::spot::ReplaceOutcome;
use binance_kit::account::{OrderAction, Orders, Outcome, Resolution};
use binance_kit::book::BookHandle;
use binance_kit::core::product::Spot;
use binance_kit::net::Clock;
use binance_kit::sim::Exchange;
use binance_kit::spot::SymbolRules;
use binance_kit::spot::rules::Filter;
use binance_kit::spot::trade::{CancelReplaceMode, NewOrderHalf, OrderLeg};
use binance_kit::spot::{CancelReplace, NewOrder, OrderListOco, Rounding};
use binance_kit::{Binance, ClientOrderId, Decimal, Symbol, dec};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

pub(super) type Failure = Box<dyn Error + Send + Sync>;

/// The pause between two steps: the exchange takes 50 orders in ten seconds.
const STEP: Duration = Duration::from_millis(300);
/// How long an outcome that is unknown may take to be found out.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(30);

/// The least worth of an order, where the rules have one.
pub(super) fn min_notional(rules: &SymbolRules) -> Option<Decimal> {
    rules.filters().iter().find_map(|filter| match filter {
        Filter::Notional(filter) => Some(filter.min_notional),
        Filter::MinNotional(filter) => Some(filter.min_notional),
        _ => None,
    })
}

/// The number of decimal places of the prices: those of the tick size.
pub(super) fn price_scale(rules: &SymbolRules) -> u32 {
    let tick = rules.filters().iter().find_map(|filter| match filter {
        Filter::Price(filter) => Some(filter.tick_size.normalize().scale()),
        _ => None,
    });
    tick.unwrap_or(2)
}

/// Places orders, and checks their effects in the end.
pub(super) struct Trader {
    /// The embedded exchange, whose books and balances the SDK's are compared with.
    pub(super) exchange: Arc<Exchange>,
    /// The name of the account on the exchange.
    pub(super) account: String,
    /// The time.
    pub(super) clock: Clock,
    /// The clients, for queries.
    pub(super) binance: Binance,
    /// The orders of the account.
    pub(super) orders: Orders,
    /// The rules of the symbols.
    pub(super) rules: Vec<SymbolRules>,
    /// The local books, in the order of the rules.
    pub(super) books: Vec<BookHandle>,
    /// The counters.
    pub(super) board: Board,
    /// The account's events.
    pub(super) reports: SharedReports,
}

impl Trader {
    /// Trades until this time.
    pub(super) async fn run(&self, until: Instant) -> Result<(), Failure> {
        let begun = self.clock.monotonic();
        let checkpoint_every = (until - begun) / 4;
        let mut next_checkpoint = begun + checkpoint_every;
        let markets = self.rules.iter().zip(&self.books).cycle();
        for (round, (rules, book)) in markets.enumerate() {
            if self.clock.monotonic() >= until {
                break;
            }
            self.round(rules, book, round, until).await?;
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

    /// Trades one symbol with every kind of order.
    async fn round(
        &self,
        rules: &SymbolRules,
        book: &BookHandle,
        round: usize,
        until: Instant,
    ) -> Result<(), Failure> {
        let Some(best) = book.best() else {
            // Being resynchronised; the checks in the end need it back.
            self.clock.sleep(STEP).await;
            return Ok(());
        };
        let symbol = rules.symbol();
        let (low, high) = (best.bid.price * dec!(0.98), best.ask.price * dec!(1.02));
        let quantity = min_notional(rules)
            .and_then(|least| rules.round_quantity(least * dec!(4) / low, Rounding::Up))
            .ok_or_else(|| format!("the rules of {symbol} allow no order of four times the least worth"))?;
        let over = || self.clock.monotonic() >= until;

        let order = NewOrder::limit_buy(symbol).quantity(quantity).price(low);
        let order = order.rounded(rules, Rounding::Passive)?;
        let resting = self.place(order, "limit buy").await;
        self.clock.sleep(STEP).await;
        if let Some(id) = resting {
            self.cancel(symbol, id).await;
        }
        if over() {
            return Ok(());
        }
        self.place(NewOrder::market_buy(symbol).quantity(quantity), "market buy").await;
        self.clock.sleep(STEP).await;

        let order = NewOrder::limit_sell(symbol).quantity(quantity).price(high);
        let order = order.rounded(rules, Rounding::Passive)?;
        let resting = self.place(order, "limit sell").await;
        self.clock.sleep(STEP).await;
        if let Some(id) = resting {
            let order = NewOrder::limit_sell(symbol).quantity(quantity).price(high * dec!(1.01));
            let order = order.rounded(rules, Rounding::Passive)?;
            if let Some(id) = self.replace(order, id).await {
                self.clock.sleep(STEP).await;
                self.cancel(symbol, id).await;
            }
        }
        if over() {
            return Ok(());
        }
        self.place(NewOrder::market_sell(symbol).quantity(quantity), "market sell").await;
        self.clock.sleep(STEP).await;
        if round.is_multiple_of(2) && !over() {
            // The stop order sells a little lower than its trigger, so that it finds a buyer.
            let stop = low * dec!(0.99);
            let list = OrderListOco::sell(symbol, quantity)
                .above_limit_maker(high)
                .below(OrderLeg::stop_loss_limit().stop_price(stop).price(stop * dec!(0.99)));
            self.oco(list.rounded(rules, Rounding::Passive)?).await;
        }
        Ok(())
    }

    fn record(&self, what: String, outcome: &'static str, definite: bool, round_trip: Option<Duration>) {
        let mut facts = self.board.lock();
        facts.orders.push(OrderLine { what, outcome, definite });
        facts.round_trips.extend(round_trip);
    }

    /// Records an outcome; one that is unknown is resolved first. Returns the answer of a request that was confirmed.
    async fn settle<A>(&self, what: String, outcome: Outcome<A>) -> Option<A::Response>
    where
        A: OrderAction<Product = Spot>,
    {
        match outcome {
            Outcome::Confirmed(response) => {
                self.record(what, "confirmed", true, Some(response.round_trip()));
                return Some(response.into_value());
            }
            Outcome::Rejected(rejection) => {
                self.record(format!("{what} ({rejection})"), "rejected", true, None);
            }
            Outcome::NotSent(error) => self.record(format!("{what} ({error})"), "not sent", true, None),
            Outcome::Unknown(doubt) => {
                let (outcome, definite) = match doubt.resolve_within(RESOLVE_TIMEOUT).await {
                    Resolution::Done(_) => ("resolved: done", true),
                    Resolution::NotDone(_) => ("resolved: not done", true),
                    _ => ("unknown", false),
                };
                self.record(format!("{what} ({doubt})"), outcome, definite, None);
            }
        }
        None
    }

    /// Places an order. Returns its client order id.
    async fn place(&self, order: NewOrder, kind: &str) -> Option<ClientOrderId> {
        let what = format!(
            "{kind} {} {}{}",
            order.quantity.map(|quantity| quantity.normalize().to_string()).unwrap_or_default(),
            order.symbol,
            order.price.map(|price| format!(" at {}", price.normalize())).unwrap_or_default()
        );
        let placed = self.settle(what, self.orders.place(order).await).await?;
        Some(placed.client_order_id)
    }

    async fn cancel(&self, symbol: &Symbol, id: ClientOrderId) {
        let outcome = self.orders.cancel(symbol, id).await;
        self.settle(format!("cancel {symbol}"), outcome).await;
    }

    /// Replaces an order by another. Returns the client order id of the new one.
    async fn replace(&self, order: NewOrder, old: ClientOrderId) -> Option<ClientOrderId> {
        let what = format!("cancel-replace {}", order.symbol);
        let request = CancelReplace::new(order, CancelReplaceMode::StopOnFailure, old);
        let begun = self.clock.monotonic();
        match self.orders.cancel_replace(request).await {
            ReplaceOutcome::Answered { answer, .. } => {
                let round_trip = Some(self.clock.monotonic() - begun);
                if let NewOrderHalf::Placed(placed) = answer.new_order_response {
                    self.record(what, "confirmed", true, round_trip);
                    return Some(placed.client_order_id.clone());
                }
                self.record(what, "rejected", true, round_trip);
            }
            ReplaceOutcome::Whole(outcome) => {
                self.settle(what, outcome).await;
            }
            _ => self.record(what, "unknown", false, None),
        }
        None
    }

    /// Places an OCO, and cancels it.
    async fn oco(&self, list: OrderListOco) {
        let symbol = list.symbol.clone();
        let what = format!("OCO sell {} {symbol}", list.quantity.normalize());
        let Some(placed) = self.settle(what, self.orders.place_oco(list).await).await else { return };
        self.clock.sleep(STEP).await;
        let outcome = self.orders.cancel_list(&symbol, placed.order_list_id).await;
        self.settle(format!("cancel OCO {symbol}"), outcome).await;
    }
}
