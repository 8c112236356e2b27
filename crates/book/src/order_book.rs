//! The book itself: its levels, and what can be computed from them.

use crate::input::{DepthDiff, DepthSnapshot};
use crate::level::{BookSide, Level, compare};
use crate::side::{Levels, SideLevels};
use binance_kit_core::Decimal;
use binance_kit_core::id::UpdateId;
use std::cmp::Ordering;
use std::fmt;

/// An order book at one update id.
///
/// The value does not say whether it is up to date: get it through [`BookSync::synced`](crate::BookSync::synced) (or a handle),
/// which returns it only while it is.
///
/// A snapshot has a limited number of levels. Levels beyond its last one are unknown until they change; then they are in the
/// book, but there may be others between them. [`OrderBook::known_to`] and [`OrderBook::known_levels`] say how far the book is
/// complete.
#[derive(Clone)]
pub struct OrderBook {
    /// The last update applied.
    last_update_id: UpdateId,
    /// The buyers.
    bids: SideLevels,
    /// The sellers.
    asks: SideLevels,
}

impl OrderBook {
    /// Creates the book of a snapshot. `limit` is the number of levels requested: a side with fewer is complete. Without it,
    /// each side counts as cut off at its last level.
    pub fn from_snapshot(snapshot: &impl DepthSnapshot, limit: Option<usize>) -> Self {
        let mut bids = SideLevels::new(BookSide::Bid);
        let mut asks = SideLevels::new(BookSide::Ask);
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

    /// Returns the last update in the book.
    pub fn last_update_id(&self) -> UpdateId {
        self.last_update_id
    }

    /// Returns the highest bid.
    pub fn best_bid(&self) -> Option<Level> {
        self.bids.best().copied()
    }

    /// Returns the lowest ask.
    pub fn best_ask(&self) -> Option<Level> {
        self.asks.best().copied()
    }

    /// Returns the best bid and ask; `None` while a side is empty.
    pub fn best(&self) -> Option<Touch> {
        Some(Touch { update_id: self.last_update_id, bid: self.best_bid()?, ask: self.best_ask()? })
    }

    /// Returns the bids, highest first.
    pub fn bids(&self) -> Levels<'_> {
        self.bids.levels()
    }

    /// Returns the asks, lowest first.
    pub fn asks(&self) -> Levels<'_> {
        self.asks.levels()
    }

    /// Returns the levels of a side, best first.
    pub fn levels(&self, side: BookSide) -> Levels<'_> {
        self.side(side).levels()
    }

    /// Returns the number of levels on a side.
    pub fn level_count(&self, side: BookSide) -> usize {
        self.side(side).len()
    }

    /// Returns the quantity at a price; `None` when there is no such level.
    pub fn quantity_at(&self, side: BookSide, price: Decimal) -> Option<Decimal> {
        self.side(side).quantity_at(&price)
    }

    /// Returns the price down to which (for asks: up to which) every level of the side is known; `None` when the whole side is.
    pub fn known_to(&self, side: BookSide) -> Option<Decimal> {
        self.side(side).known_to()
    }

    /// Returns the number of the best levels of a side between which none is missing.
    pub fn known_levels(&self, side: BookSide) -> usize {
        self.side(side).known()
    }

    /// Returns the lowest ask less the highest bid; `None` while a side is empty.
    pub fn spread(&self) -> Option<Decimal> {
        self.asks.best()?.price.checked_sub(self.bids.best()?.price)
    }

    /// Returns the middle between the highest bid and the lowest ask; `None` while a side is empty.
    pub fn mid(&self) -> Option<Decimal> {
        self.asks.best()?.price.checked_add(self.bids.best()?.price)?.checked_div(Decimal::TWO)
    }

    /// Copies the best `count` levels of each side.
    pub fn depth(&self, count: usize) -> BookDepth {
        BookDepth {
            last_update_id: self.last_update_id,
            bids: self.bids().take(count).collect(),
            asks: self.asks().take(count).collect(),
            known_bids: self.bids.known().min(count),
            known_asks: self.asks.known().min(count),
        }
    }

    /// Sums the quantity on a side at `price` and better.
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

    /// Computes the cost of taking a quantity of the base asset: [`Side::Buy`](crate::Side::Buy) takes from the asks,
    /// [`Side::Sell`](crate::Side::Sell) from the bids. A [`BookSide`] names the side to take from.
    ///
    /// # Errors
    ///
    /// [`CostError`] when the side has less than the quantity, or the quantity is not positive.
    pub fn cost(&self, side: impl Into<BookSide>, quantity: Decimal) -> Result<FillEstimate, CostError> {
        if quantity <= Decimal::ZERO {
            return Err(CostError::InvalidQuantity(quantity));
        }
        let name = side.into();
        let side = self.side(name);
        let mut missing = quantity;
        let mut notional = Decimal::ZERO;
        for (index, level) in side.levels().enumerate() {
            let taken = missing.min(level.quantity);
            let amount = taken.checked_mul(level.price).ok_or(CostError::Overflow)?;
            notional = notional.checked_add(amount).ok_or(CostError::Overflow)?;
            missing -= taken;
            if missing.is_zero() {
                return Ok(FillEstimate {
                    quantity,
                    notional,
                    average_price: notional.checked_div(quantity).ok_or(CostError::Overflow)?,
                    worst_price: level.price,
                    levels: index + 1,
                    complete: index < side.known(),
                });
            }
        }
        Err(CostError::TooThin { side: name, quantity, available: quantity - missing })
    }

    /// Computes the volume-weighted average price of taking a quantity of the base asset; see [`OrderBook::cost`].
    ///
    /// # Errors
    ///
    /// As [`OrderBook::cost`].
    pub fn vwap(&self, side: impl Into<BookSide>, quantity: Decimal) -> Result<Decimal, CostError> {
        self.cost(side, quantity).map(|cost| cost.average_price)
    }

    fn side(&self, side: BookSide) -> &SideLevels {
        match side {
            BookSide::Bid => &self.bids,
            BookSide::Ask => &self.asks,
        }
    }

    /// Sets the levels of a diff and adopts its id. The caller has checked that the diff follows the book.
    pub(crate) fn apply(&mut self, diff: &impl DepthDiff) {
        diff.bids().for_each(|level| self.bids.set(level));
        diff.asks().for_each(|level| self.asks.set(level));
        self.last_update_id = diff.last_update_id();
    }

    /// The best prices, when bids reach asks.
    pub(crate) fn crossed(&self) -> Option<(Decimal, Decimal)> {
        let (bid, ask) = (self.bids.best()?.price, self.asks.best()?.price);
        (compare(&bid, &ask) != Ordering::Less).then_some((bid, ask))
    }

    /// A side of which no level is known any more: the market has left the snapshot's range.
    pub(crate) fn exhausted(&self) -> Option<BookSide> {
        [&self.bids, &self.asks]
            .into_iter()
            .zip([BookSide::Bid, BookSide::Ask])
            .find(|(side, _)| side.known_to().is_some() && side.known() == 0)
            .map(|(_, name)| name)
    }

    /// Whether less than one `part`-th is left of the levels of a side that the snapshot contained.
    pub(crate) fn is_thin(&self, part: usize) -> bool {
        self.bids.is_thin(part) || self.asks.is_thin(part)
    }

    /// Counts the levels that differ between two books in the range that both know.
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
                let missing = |from: &SideLevels, to: &SideLevels| {
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

impl fmt::Display for Touch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bid, ask, .. } = self;
        write!(f, "{} × {} / {} × {}", bid.price, bid.quantity, ask.price, ask.quantity)
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

/// Books are equal when update id and levels are, whatever the number of trailing zeros.
impl PartialEq for OrderBook {
    fn eq(&self, other: &Self) -> bool {
        self.last_update_id == other.last_update_id
            && self.bids().eq(other.bids())
            && self.asks().eq(other.asks())
    }
}

impl Eq for OrderBook {}

/// The best bid and ask at an update, of a book or of a `bookTicker` event.
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
    /// Number of bids that are complete: after them, levels may be missing.
    pub known_bids: usize,
    /// Number of asks that are complete.
    pub known_asks: usize,
}

/// The quantity quoted down to a price.
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

/// The cost of taking a quantity from one side of a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FillEstimate {
    /// The quantity taken.
    pub quantity: Decimal,
    /// The sum of quantity × price, in the quote asset.
    pub notional: Decimal,
    /// The volume-weighted average price, rounded to 28 digits where it has more.
    pub average_price: Decimal,
    /// The price of the last level taken from.
    pub worst_price: Decimal,
    /// The number of levels taken from.
    pub levels: usize,
    /// Whether every level taken from is known; otherwise the true price may be better.
    pub complete: bool,
}

/// Why the cost of taking a quantity from a book cannot be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CostError {
    /// The book is too thin.
    #[error("cannot take {quantity} from the {side} side: the book has {available}")]
    TooThin {
        /// The side.
        side: BookSide,
        /// The quantity to be taken.
        quantity: Decimal,
        /// The quantity that the book has on this side.
        available: Decimal,
    },
    /// The quantity is zero or negative.
    #[error("the quantity {0} is not positive")]
    InvalidQuantity(Decimal),
    /// The sum of quantity × price does not fit into a decimal.
    #[error("the cost does not fit into a decimal")]
    Overflow,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Snapshot;
    use binance_kit_core::id::UpdateId;

    #[test]
    fn a_volume_is_complete_as_far_as_the_levels_are_known() {
        let levels = |prices: [i64; 3]| {
            prices.map(|price| Level { price: Decimal::from(price), quantity: Decimal::ONE }).to_vec()
        };
        let snapshot = Snapshot {
            last_update_id: UpdateId(1),
            bids: levels([99, 98, 97]),
            asks: levels([101, 102, 103]),
        };
        let volume = |book: &OrderBook, side, price| {
            let volume = book.volume_to_price(side, Decimal::from(price));
            (volume.levels, volume.complete)
        };
        // Fewer levels than asked for are all there are.
        let whole = OrderBook::from_snapshot(&snapshot, Some(5));
        assert_eq!(volume(&whole, BookSide::Bid, 1), (3, true));
        assert_eq!(volume(&whole, BookSide::Ask, 102), (2, true));
        let part = OrderBook::from_snapshot(&snapshot, Some(3));
        assert_eq!(volume(&part, BookSide::Bid, 97), (3, true));
        assert_eq!(volume(&part, BookSide::Bid, 96), (3, false), "there may be more at 96");
        assert_eq!(volume(&part, BookSide::Ask, 103), (3, true));
        assert_eq!(volume(&part, BookSide::Ask, 104), (3, false));
    }
}
