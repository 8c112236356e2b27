//! A made-up exchange publishes diffs; a lossy line drops, repeats, reorders and merges them, breaks, and answers
//! requests for snapshots late or with old ones. Whenever the book says it is synced it must be the exchange's book at
//! that update id, and on a good line it must become synced.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use binance_kit_book::{
    BookSide, BookSync, DepthDiff, Diff, Level, OrderBook, Snapshot, SnapshotTicket, SyncOptions, SyncRule,
};
use binance_kit_core::Decimal;
use binance_kit_core::id::UpdateId;
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap, VecDeque};

type Prices = BTreeMap<i64, i64>;

/// The exchange, with its book at every update id there was.
struct Exchange {
    rule: SyncRule,
    bids: Prices,
    asks: Prices,
    id: u64,
    history: HashMap<u64, (Prices, Prices)>,
    changes: Vec<(u64, BookSide, i64)>,
    random: u64,
}

impl Exchange {
    fn new(rule: SyncRule, seed: u64) -> Self {
        let bids: Prices = (1..40).map(|step| (1000 - step, step)).collect();
        let asks: Prices = (1..40).map(|step| (1000 + step, step)).collect();
        let history = HashMap::from([(1, (bids.clone(), asks.clone()))]);
        Self { rule, bids, asks, id: 1, history, changes: Vec::new(), random: seed }
    }

    fn draw(&mut self, bound: u64) -> u64 {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % bound
    }

    fn draw_price(&mut self, bound: u64) -> i64 {
        i64::try_from(self.draw(bound)).unwrap()
    }

    /// One update: a level changes, appears or goes, and the market never crosses.
    fn update(&mut self) {
        self.id += if self.rule == SyncRule::Futures { 1 + self.draw(4) } else { 1 };
        let (best_bid, best_ask) = (self.bids.keys().next_back(), self.asks.keys().next());
        let (best_bid, best_ask) = (*best_bid.unwrap(), *best_ask.unwrap());
        let side = if self.draw(2) == 0 { BookSide::Bid } else { BookSide::Ask };
        let away = self.draw_price(20) - self.draw_price(3);
        let quantity = if self.draw(3) == 0 { 0 } else { 1 + self.draw_price(9) };
        let (levels, price) = match side {
            BookSide::Bid => (&mut self.bids, (best_bid - away).min(best_ask - 1)),
            BookSide::Ask => (&mut self.asks, (best_ask + away).max(best_bid + 1)),
        };
        if quantity > 0 {
            levels.insert(price, quantity);
        } else if levels.len() > 1 {
            levels.remove(&price);
        }
        self.changes.push((self.id, side, price));
        self.history.insert(self.id, (self.bids.clone(), self.asks.clone()));
    }

    /// The event of everything after `after`, as the exchange would tell it now.
    fn event(&self, after: u64) -> Diff {
        let mut diff = Diff {
            first_update_id: UpdateId(after + 1),
            last_update_id: UpdateId(self.id),
            previous_update_id: (self.rule == SyncRule::Futures).then_some(UpdateId(after)),
            ..Diff::default()
        };
        for (id, side, price) in &self.changes {
            if *id > after {
                let (levels, changed) = match side {
                    BookSide::Bid => (&self.bids, &mut diff.bids),
                    BookSide::Ask => (&self.asks, &mut diff.asks),
                };
                changed.push(level(*price, levels.get(price).copied().unwrap_or(0)));
            }
        }
        diff
    }

    fn snapshot(&self, id: u64, limit: usize) -> Snapshot {
        let (bids, asks) = &self.history[&id];
        Snapshot {
            last_update_id: UpdateId(id),
            bids: bids.iter().rev().take(limit).map(|(price, quantity)| level(*price, *quantity)).collect(),
            asks: asks.iter().take(limit).map(|(price, quantity)| level(*price, *quantity)).collect(),
        }
    }
}

fn level(price: i64, quantity: i64) -> Level {
    Level { price: Decimal::new(price, 1), quantity: Decimal::new(quantity, 2) }
}

/// Compares what the book knows with the exchange's book at its id.
fn check(exchange: &Exchange, book: &OrderBook) -> Result<(), TestCaseError> {
    let (bids, asks) = exchange
        .history
        .get(&book.last_update_id().get())
        .ok_or_else(|| TestCaseError::fail("the book is at an id that the exchange never had"))?;
    let bids: Vec<Level> = bids.iter().rev().map(|(price, quantity)| level(*price, *quantity)).collect();
    let asks: Vec<Level> = asks.iter().map(|(price, quantity)| level(*price, *quantity)).collect();
    for (side, truth) in [(BookSide::Bid, bids), (BookSide::Ask, asks)] {
        let known = book.known_levels(side);
        prop_assert!(known > 0, "a synced book knows the top");
        let shown: Vec<Level> = book.levels(side).collect();
        prop_assert_eq!(&shown[..known], truth.get(..known).unwrap_or_default());
        for level in &shown {
            prop_assert!(truth.contains(level), "{level:?} is not in the exchange's book");
        }
        if book.known_to(side).is_none() {
            prop_assert_eq!(shown.len(), truth.len());
        }
    }
    Ok(())
}

/// The line between the two, and the book at its end.
struct Line {
    exchange: Exchange,
    sync: BookSync,
    /// The id up to which events were made.
    sent: u64,
    asked: Option<SnapshotTicket>,
    limit: usize,
    checked: usize,
}

impl Line {
    fn new(rule: SyncRule, seed: u64, limit: usize, options: SyncOptions) -> Self {
        let exchange = Exchange::new(rule, seed);
        Self {
            exchange,
            sync: BookSync::with_options(rule, options),
            sent: 1,
            asked: None,
            limit,
            checked: 0,
        }
    }

    fn publish(&mut self, updates: u64) -> Diff {
        for _ in 0..updates {
            self.exchange.update();
        }
        let event = self.exchange.event(self.sent);
        self.sent = self.exchange.id;
        event
    }

    fn deliver(&mut self, event: &Diff) -> Result<(), TestCaseError> {
        let before = self.sync.synced().map(OrderBook::last_update_id);
        let outcome = self.sync.on_diff(event);
        self.asked = outcome.request.or(self.asked);
        if let (Some(before), Some(book)) = (before, self.sync.synced()) {
            prop_assert!(book.last_update_id() >= before);
        }
        self.check()
    }

    fn answer(&mut self, age: u64) -> Result<(), TestCaseError> {
        let Some(ticket) = self.asked.take() else { return Ok(()) };
        let id = (1..=self.exchange.id.saturating_sub(age).max(1))
            .rev()
            .find(|id| self.exchange.history.contains_key(id))
            .unwrap_or(1);
        let snapshot = self.exchange.snapshot(id, self.limit);
        self.asked = self.sync.on_snapshot(ticket, &snapshot, Some(self.limit)).request;
        self.check()
    }

    fn check(&mut self) -> Result<(), TestCaseError> {
        if let Some(book) = self.sync.synced() {
            self.checked += 1;
            check(&self.exchange, book)?;
        }
        Ok(())
    }
}

fn run(rule: SyncRule, seed: u64, limit: usize, faults: &[(u8, u64)]) -> Result<usize, TestCaseError> {
    let mut options = SyncOptions::default();
    options.max_buffered_events = 20;
    options.max_buffered_levels = 60;
    options.refresh_part = usize::try_from(seed % 3).unwrap();
    let mut line = Line::new(rule, seed, limit, options);
    let mut delayed: VecDeque<Diff> = VecDeque::new();
    let mut last: Option<Diff> = None;
    for &(fault, size) in faults {
        let before = line.sent;
        let event = line.publish(1 + size % 4);
        match fault {
            0 => {}                                // lost
            1 => delayed.push_back(event.clone()), // late
            2 => {
                line.deliver(&event)?;
                line.deliver(&event)?;
            }
            3 => {
                if let Some(last) = &last {
                    line.deliver(last)?;
                }
                line.deliver(&event)?;
            }
            4 => {
                // Sent together with what was sent before.
                let earlier = before.saturating_sub(size % 5).max(1);
                let mut merged = line.exchange.event(earlier);
                if !line.exchange.history.contains_key(&earlier) {
                    merged = event.clone();
                }
                line.deliver(&merged)?;
            }
            5 => {
                let _ = line.sync.on_disconnected();
                line.asked = None;
                prop_assert!(line.sync.synced().is_none());
                if size.is_multiple_of(2) {
                    let _ = line.publish(size % 3);
                }
                line.asked = line.sync.on_connected().request;
                line.deliver(&event)?;
            }
            6 => {
                let outcome = line.sync.on_lost();
                line.asked = outcome.request.or(line.asked.filter(|_| line.sync.awaited().is_some()));
                prop_assert!(line.sync.synced().is_none());
                line.deliver(&event)?;
            }
            7 => {
                line.asked = Some(line.sync.request_snapshot());
                line.deliver(&event)?;
            }
            8..=11 => {
                line.deliver(&event)?;
                line.answer(size % 7)?;
            }
            12 => {
                line.answer(0)?;
                line.deliver(&event)?;
            }
            _ => {
                line.deliver(&event)?;
                if let Some(late) = delayed.pop_front() {
                    line.deliver(&late)?;
                }
            }
        }
        last = Some(event);
    }
    // The faults are over: a few events and good snapshots later the book must be right.
    for _ in 0..4 {
        let event = line.publish(1);
        line.deliver(&event)?;
        line.answer(0)?;
    }
    let event = line.publish(1);
    line.deliver(&event)?;
    line.answer(0)?;
    let book = line.sync.synced();
    prop_assert_eq!(book.map(OrderBook::last_update_id), Some(event.last_update_id()));
    Ok(line.checked)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_synced_book_is_the_exchanges(
        futures: bool,
        seed: u64,
        limit in prop::sample::select(vec![5_usize, 10, 1000]),
        faults in prop::collection::vec((0_u8..30, any::<u64>()), 0..150),
    ) {
        let rule = if futures { SyncRule::Futures } else { SyncRule::Spot };
        let checked = run(rule, seed, limit, &faults)?;
        prop_assert!(checked > 0);
    }
}
