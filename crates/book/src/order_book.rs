//! The book itself: what it holds and what can be asked of it.

use crate::input::{DepthDiff, DepthSnapshot};
use crate::level::{BookSide, Level, compare};
use crate::side::{Levels, Side};
use binance_kit_core::Decimal;
use binance_kit_core::id::UpdateId;
use std::cmp::Ordering;
use std::fmt;

/// An order book at one update id.
///
/// The value says nothing about whether it is up to date: get it through [`BookSync::synced`](crate::BookSync::synced)
/// (or a handle), which hands it out only while it is.
///
/// A snapshot has a limited number of levels. What lies behind its last level is not known until it changes; such levels
/// are in the book as the exchange reports them, but there may be others between them. [`OrderBook::known_to`] and
/// [`OrderBook::known_levels`] say how far the book is complete.
#[derive(Clone)]
pub struct OrderBook {
    last_update_id: UpdateId,
    bids: Side,
    asks: Side,
}

impl OrderBook {
    /// A book as a snapshot shows it. `limit` is the number of levels that was asked for: a side with fewer is complete.
    /// Without it, each side is taken to end where the snapshot was cut.
    pub fn from_snapshot(snapshot: &impl DepthSnapshot, limit: Option<usize>) -> Self {
        let mut bids = Side::new(BookSide::Bid);
        let mut asks = Side::new(BookSide::Ask);
        // From the worst level on, so that each next one goes to the end of its array.
        let (bid_levels, ask_levels) = (snapshot.bids(), snapshot.asks());
        let (bid_count, ask_count) = (bid_levels.len(), ask_levels.len());
        bid_levels.rev().for_each(|level| bids.set(level));
        ask_levels.rev().for_each(|level| asks.set(level));
        if limit.is_none_or(|limit| bid_count >= limit) {
            bids.know_only_present();
        }
        if limit.is_none_or(|limit| ask_count >= limit) {
            asks.know_only_present();
        }
        Self { last_update_id: snapshot.last_update_id(), bids, asks }
    }

    /// The last update in the book.
    pub fn last_update_id(&self) -> UpdateId {
        self.last_update_id
    }

    /// The highest bid.
    pub fn best_bid(&self) -> Option<Level> {
        self.bids.best().copied()
    }

    /// The lowest ask.
    pub fn best_ask(&self) -> Option<Level> {
        self.asks.best().copied()
    }

    /// The best prices; `None` while a side is empty.
    pub fn touch(&self) -> Option<Touch> {
        Some(Touch { update_id: self.last_update_id, bid: self.best_bid()?, ask: self.best_ask()? })
    }

    /// The bids, highest first.
    pub fn bids(&self) -> Levels<'_> {
        self.bids.levels()
    }

    /// The asks, lowest first.
    pub fn asks(&self) -> Levels<'_> {
        self.asks.levels()
    }

    /// The levels of a side, best first.
    pub fn levels(&self, side: BookSide) -> Levels<'_> {
        self.side(side).levels()
    }

    /// The number of levels on a side.
    pub fn level_count(&self, side: BookSide) -> usize {
        self.side(side).len()
    }

    /// The quantity at a price; `None` when there is no such level.
    pub fn quantity_at(&self, side: BookSide, price: Decimal) -> Option<Decimal> {
        self.side(side).quantity_at(&price)
    }

    /// The price down to which (for asks: up to which) every level of the side is known; `None` when the whole side is.
    pub fn known_to(&self, side: BookSide) -> Option<Decimal> {
        self.side(side).known_to()
    }

    /// How many of the best levels of a side are known to follow one another, so that none is missing between them.
    pub fn known_levels(&self, side: BookSide) -> usize {
        self.side(side).known()
    }

    /// The lowest ask less the highest bid; `None` while a side is empty.
    pub fn spread(&self) -> Option<Decimal> {
        self.asks.best()?.price.checked_sub(self.bids.best()?.price)
    }

    /// The middle between the highest bid and the lowest ask; `None` while a side is empty.
    pub fn mid(&self) -> Option<Decimal> {
        self.asks.best()?.price.checked_add(self.bids.best()?.price)?.checked_div(Decimal::TWO)
    }

    /// The best `count` levels of each side, and how many of them are complete.
    pub fn depth(&self, count: usize) -> BookDepth {
        BookDepth {
            last_update_id: self.last_update_id,
            bids: self.bids().take(count).collect(),
            asks: self.asks().take(count).collect(),
            known_bids: self.bids.known().min(count),
            known_asks: self.asks.known().min(count),
        }
    }

    /// The quantity on a side at `price` and better.
    pub fn volume_to_price(&self, side: BookSide, price: Decimal) -> Volume {
        let side = self.side(side);
        let mut quantity = Decimal::ZERO;
        let mut levels = 0;
        for level in side.levels().take_while(|level| side.reaches(&level.price, &price)) {
            quantity = quantity.saturating_add(level.quantity);
            levels += 1;
        }
        let complete = side.known_to().is_none_or(|limit| side.reaches(&price, &limit));
        Volume { quantity, levels, complete }
    }

    /// What taking `quantity` from a side would cost: from the asks to buy, from the bids to sell. `None` when the side
    /// does not hold so much, or when `quantity` is not positive.
    pub fn vwap_for(&self, side: BookSide, quantity: Decimal) -> Option<FillEstimate> {
        if quantity <= Decimal::ZERO {
            return None;
        }
        let side = self.side(side);
        let mut open = quantity;
        let mut notional = Decimal::ZERO;
        for (index, level) in side.levels().enumerate() {
            let taken = open.min(level.quantity);
            notional = notional.checked_add(taken.checked_mul(level.price)?)?;
            open = open.checked_sub(taken)?;
            if open.is_zero() {
                return Some(FillEstimate {
                    quantity,
                    notional,
                    average_price: notional.checked_div(quantity)?,
                    worst_price: level.price,
                    levels: index + 1,
                    complete: index < side.known(),
                });
            }
        }
        None
    }

    fn side(&self, side: BookSide) -> &Side {
        match side {
            BookSide::Bid => &self.bids,
            BookSide::Ask => &self.asks,
        }
    }

    /// Sets the levels of a diff and takes over its id. Whether the diff fits is for the caller to know.
    pub(crate) fn apply(&mut self, diff: &impl DepthDiff) {
        diff.bids().for_each(|level| self.bids.set(level));
        diff.asks().for_each(|level| self.asks.set(level));
        self.last_update_id = diff.last_update_id();
    }

    /// The touch, when bids reach asks.
    pub(crate) fn crossed(&self) -> Option<(Decimal, Decimal)> {
        let (bid, ask) = (self.bids.best()?.price, self.asks.best()?.price);
        (compare(&bid, &ask) != Ordering::Less).then_some((bid, ask))
    }

    /// A side of which nothing is known any more: the market has left the snapshot's range.
    pub(crate) fn exhausted(&self) -> Option<BookSide> {
        [&self.bids, &self.asks]
            .into_iter()
            .zip([BookSide::Bid, BookSide::Ask])
            .find(|(side, _)| side.known_to().is_some() && side.known() == 0)
            .map(|(_, name)| name)
    }

    /// Whether less than one `part`-th is left of the levels of a side that the snapshot told.
    pub(crate) fn is_thin(&self, part: usize) -> bool {
        self.bids.is_thin(part) || self.asks.is_thin(part)
    }

    /// The number of levels that differ between two books within what both know.
    pub(crate) fn differences(&self, other: &Self) -> usize {
        [BookSide::Bid, BookSide::Ask]
            .into_iter()
            .map(|name| {
                let (one, two) = (self.side(name), other.side(name));
                let within = |level: &Level| {
                    [one.known_to(), two.known_to()]
                        .iter()
                        .all(|limit| limit.is_none_or(|limit| one.reaches(&level.price, &limit)))
                };
                let missing = |from: &Side, to: &Side| {
                    from.levels()
                        .take_while(within)
                        .filter(|level| to.quantity_at(&level.price) != Some(level.quantity))
                        .count()
                };
                // A level with another quantity is missing both ways and counts once.
                let absent_in_one = two
                    .levels()
                    .take_while(within)
                    .filter(|level| one.quantity_at(&level.price).is_none())
                    .count();
                missing(one, two) + absent_in_one
            })
            .sum()
    }
}

impl fmt::Debug for OrderBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderBook")
            .field("last_update_id", &self.last_update_id)
            .field("best_bid", &self.best_bid())
            .field("best_ask", &self.best_ask())
            .field("bids", &self.bids.len())
            .field("asks", &self.asks.len())
            .finish_non_exhaustive()
    }
}

/// Equal when update id and levels are, whatever the number of zeros behind the digits.
impl PartialEq for OrderBook {
    fn eq(&self, other: &Self) -> bool {
        self.last_update_id == other.last_update_id
            && self.bids().eq(other.bids())
            && self.asks().eq(other.asks())
    }
}

impl Eq for OrderBook {}

/// The best prices at an update, as a book has them or as a `bookTicker` event tells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touch {
    /// The update.
    pub update_id: UpdateId,
    /// The highest bid.
    pub bid: Level,
    /// The lowest ask.
    pub ask: Level,
}

/// The best levels of a book, copied.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BookDepth {
    /// The last update in it.
    pub last_update_id: UpdateId,
    /// The bids, highest first.
    pub bids: Vec<Level>,
    /// The asks, lowest first.
    pub asks: Vec<Level>,
    /// How many of the bids are complete: behind them, levels may be missing.
    pub known_bids: usize,
    /// How many of the asks are complete.
    pub known_asks: usize,
}

/// How much is quoted down to a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Volume {
    /// The sum of the quantities.
    pub quantity: Decimal,
    /// The number of levels.
    pub levels: usize,
    /// Whether every level up to the price is known; otherwise there may be more.
    pub complete: bool,
}

/// What taking a quantity from one side comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FillEstimate {
    /// The quantity taken.
    pub quantity: Decimal,
    /// The sum of quantity × price, in the quote asset.
    pub notional: Decimal,
    /// The volume-weighted average price, rounded to 28 digits where it has more.
    pub average_price: Decimal,
    /// The price of the last level touched.
    pub worst_price: Decimal,
    /// The number of levels touched.
    pub levels: usize,
    /// Whether every level touched is known; otherwise the true price may be better.
    pub complete: bool,
}
