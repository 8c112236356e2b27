//! The levels of one side, sorted.
//!
//! A list of short sorted arrays, the best price at the very end: reading the top takes no search, a change near the
//! touch (nearly all are) moves a few neighbours in one cache line or two, and a change anywhere costs two bisections and
//! at most [`CHUNK`] moves, however many levels there are.

use crate::level::{BookSide, Level, compare};
use binance_kit_core::Decimal;
use std::cmp::Ordering;
use std::iter::FusedIterator;

/// Maximum number of levels in one array: 2 KiB.
const CHUNK: usize = 64;

/// Number of emptied arrays kept for reuse.
const SPARE: usize = 4;

/// The levels of one side.
#[derive(Debug)]
pub(crate) struct SideLevels {
    /// Which side it is; decides the order of prices.
    kind: BookSide,
    /// From the worst to the best price, in the arrays too. No array is empty.
    chunks: Vec<Vec<Level>>,
    /// Emptied arrays for reuse.
    spare: Vec<Vec<Level>>,
    /// Number of levels.
    count: usize,
    /// The worst price down to which every level is known; `None` when the whole side is.
    known_to: Option<Decimal>,
    /// The number of levels that are not worse than `known_to`.
    known: usize,
    /// That number right after the snapshot.
    known_at_first: usize,
}

impl Clone for SideLevels {
    fn clone(&self) -> Self {
        Self { chunks: self.chunks.clone(), spare: Vec::new(), ..*self }
    }
}

impl SideLevels {
    pub(crate) const fn new(kind: BookSide) -> Self {
        Self {
            kind,
            chunks: Vec::new(),
            spare: Vec::new(),
            count: 0,
            known_to: None,
            known: 0,
            known_at_first: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn known_to(&self) -> Option<Decimal> {
        self.known_to
    }

    /// Number of the best levels between which none is missing.
    pub(crate) fn known(&self) -> usize {
        if self.known_to.is_some() { self.known } else { self.count }
    }

    /// Whether less than one `part`-th is left of the levels that were known at first.
    pub(crate) fn is_thin(&self, part: usize) -> bool {
        self.known_to.is_some() && self.known.saturating_mul(part) < self.known_at_first
    }

    pub(crate) fn best(&self) -> Option<&Level> {
        self.chunks.last()?.last()
    }

    pub(crate) fn levels(&self) -> Levels<'_> {
        Levels { chunks: &self.chunks, front: &[], back: &[], count: self.count }
    }

    /// Orders prices from worse to better.
    #[inline]
    fn rank(&self, left: &Decimal, right: &Decimal) -> Ordering {
        match self.kind {
            BookSide::Bid => compare(left, right),
            BookSide::Ask => compare(right, left),
        }
    }

    /// Whether `price` is at `limit` or better.
    pub(crate) fn reaches(&self, price: &Decimal, limit: &Decimal) -> bool {
        self.rank(price, limit) != Ordering::Less
    }

    /// Limits what is known to the prices not worse than the worst level now held.
    pub(crate) fn know_only_present(&mut self) {
        self.known_to = self.chunks.first().and_then(|chunk| chunk.first()).map(|level| level.price);
        self.known = self.count;
        self.known_at_first = self.count;
    }

    /// The array that holds the price or would hold it.
    fn chunk_of(&self, price: &Decimal) -> usize {
        let last = self.chunks.len().saturating_sub(1);
        let starts_at_or_before = |chunk: &Vec<Level>| {
            chunk.first().is_some_and(|first| self.rank(&first.price, price) != Ordering::Greater)
        };
        if self.chunks.last().is_some_and(starts_at_or_before) {
            return last;
        }
        self.chunks.partition_point(starts_at_or_before).saturating_sub(1)
    }

    /// The quantity at a price; `None` when there is no such level.
    pub(crate) fn quantity_at(&self, price: &Decimal) -> Option<Decimal> {
        let chunk = self.chunks.get(self.chunk_of(price))?;
        let at = chunk.binary_search_by(|held| self.rank(&held.price, price)).ok()?;
        chunk.get(at).map(|level| level.quantity)
    }

    /// Sets the quantity of a level; zero removes it, and removing what is not there does nothing.
    pub(crate) fn set(&mut self, level: Level) {
        let index = self.chunk_of(&level.price);
        let Some(chunk) = self.chunks.get(index) else {
            if !level.quantity.is_zero() {
                let mut chunk = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(CHUNK));
                chunk.push(level);
                self.chunks.push(chunk);
                self.count_one(&level.price, true);
            }
            return;
        };
        let found = chunk.binary_search_by(|held| self.rank(&held.price, &level.price));
        // The second look-up is needed: the search above reads `self.kind` while it borrows the array.
        let Some(chunk) = self.chunks.get_mut(index) else { return };
        match found {
            Ok(at) if level.quantity.is_zero() => {
                chunk.remove(at);
                if chunk.len() < CHUNK / 4 {
                    self.thin_out(index);
                }
                self.count_one(&level.price, false);
            }
            Ok(at) => {
                if let Some(held) = chunk.get_mut(at) {
                    *held = level;
                }
            }
            Err(_) if level.quantity.is_zero() => {}
            Err(at) => {
                if chunk.len() < CHUNK {
                    chunk.insert(at, level);
                } else {
                    self.insert_into_full(index, at, level);
                }
                self.count_one(&level.price, true);
            }
        }
    }

    #[cold]
    fn insert_into_full(&mut self, index: usize, at: usize, level: Level) {
        let mut upper = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(CHUNK));
        let Some(lower) = self.chunks.get_mut(index) else { return };
        // A new best price starts an array of its own, so that a side filled from worst to best has full ones.
        let middle = if at == lower.len() { at } else { lower.len() / 2 };
        upper.extend(lower.drain(middle..));
        if at < middle || (at == middle && !upper.is_empty()) {
            lower.insert(at, level);
        } else {
            upper.insert(at - middle, level);
        }
        self.chunks.insert(index + 1, upper);
    }

    /// Joins an array that has few levels left with its neighbour, so that memory follows the number of levels.
    fn thin_out(&mut self, index: usize) {
        let Some(few) = self.chunks.get(index).map(Vec::len) else { return };
        let neighbour = index.checked_sub(1).and_then(|before| self.chunks.get(before)).map(Vec::len);
        let joined = neighbour.is_some_and(|many| many + few <= CHUNK / 2);
        if few > 0 && !joined {
            return;
        }
        let mut emptied = self.chunks.remove(index);
        if let Some(before) = index.checked_sub(1).and_then(|before| self.chunks.get_mut(before)) {
            before.append(&mut emptied);
        }
        if self.spare.len() < SPARE {
            self.spare.push(emptied);
        }
    }

    fn count_one(&mut self, price: &Decimal, added: bool) {
        let inside = self.known_to.is_none_or(|limit| self.reaches(price, &limit));
        if added {
            self.count += 1;
            self.known += usize::from(inside);
        } else {
            self.count -= 1;
            self.known -= usize::from(inside);
        }
    }
}

/// The levels of one side, the best first. The book is read in place.
#[derive(Debug, Clone)]
pub struct Levels<'a> {
    chunks: &'a [Vec<Level>],
    front: &'a [Level],
    back: &'a [Level],
    count: usize,
}

impl Iterator for Levels<'_> {
    type Item = Level;

    #[inline]
    fn next(&mut self) -> Option<Level> {
        loop {
            if let Some((best, rest)) = self.front.split_last() {
                self.front = rest;
                self.count -= 1;
                return Some(*best);
            }
            match self.chunks.split_last() {
                Some((best, rest)) => {
                    self.front = best;
                    self.chunks = rest;
                }
                None => {
                    let (worst, rest) = self.back.split_last()?;
                    self.back = rest;
                    self.count -= 1;
                    return Some(*worst);
                }
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.count, Some(self.count))
    }
}

impl DoubleEndedIterator for Levels<'_> {
    fn next_back(&mut self) -> Option<Level> {
        loop {
            if let Some((worst, rest)) = self.back.split_first() {
                self.back = rest;
                self.count -= 1;
                return Some(*worst);
            }
            match self.chunks.split_first() {
                Some((worst, rest)) => {
                    self.back = worst;
                    self.chunks = rest;
                }
                None => {
                    let (best, rest) = self.front.split_first()?;
                    self.front = rest;
                    self.count -= 1;
                    return Some(*best);
                }
            }
        }
    }
}

impl ExactSizeIterator for Levels<'_> {}
impl FusedIterator for Levels<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn level(price: i64, quantity: i64) -> Level {
        Level { price: Decimal::new(price, 2), quantity: Decimal::new(quantity, 3) }
    }

    #[test]
    fn one_level_whatever_its_text() {
        let mut side = SideLevels::new(BookSide::Bid);
        side.set(Level { price: Decimal::new(10, 1), quantity: Decimal::new(5, 0) });
        side.set(Level { price: Decimal::new(100, 2), quantity: Decimal::new(70, 1) });
        assert_eq!(side.len(), 1);
        let best = side.best().unwrap();
        assert_eq!(
            (best.price.to_string(), best.quantity.to_string()),
            ("1.00".to_owned(), "7.0".to_owned())
        );
        assert_eq!(side.quantity_at(&Decimal::ONE), Some(Decimal::new(70, 1)));
        side.set(Level { price: Decimal::ONE, quantity: Decimal::new(0, 8) });
        assert_eq!((side.len(), side.best()), (0, None));
    }

    #[test]
    fn knowledge_ends_at_the_snapshots_last_level() {
        let mut side = SideLevels::new(BookSide::Ask);
        for price in [100, 101, 102] {
            side.set(level(price, 1));
        }
        assert_eq!(side.known(), 3);
        side.know_only_present();
        side.set(level(200, 1));
        side.set(level(99, 1));
        assert_eq!((side.len(), side.known(), side.known_to()), (5, 4, Some(Decimal::new(102, 2))));
        for price in [99, 100, 101, 102] {
            side.set(level(price, 0));
        }
        assert_eq!((side.len(), side.known()), (1, 0));
    }

    #[test]
    fn arrays_with_less_than_a_quarter_are_joined_and_kept_for_reuse() {
        let full = i64::try_from(CHUNK).unwrap();
        let mut side = SideLevels::new(BookSide::Bid);
        let prices = |array: i64| array * full..(array + 1) * full;
        prices(0).chain(prices(1)).for_each(|price| side.set(level(price, 1)));
        assert_eq!(side.chunks.iter().map(Vec::len).collect::<Vec<_>>(), [CHUNK, CHUNK]);
        for array in 0..2 {
            prices(array).skip(CHUNK / 4).for_each(|price| side.set(level(price, 0)));
        }
        assert_eq!((side.chunks.len(), side.spare.len()), (2, 0), "a quarter is enough");
        side.set(level(full, 0));
        assert_eq!((side.chunks.len(), side.spare.len(), side.len()), (1, 1, CHUNK / 2 - 1));
        // The arrays of a side that is emptied are kept, up to a number.
        for array in 0..10 {
            prices(array).for_each(|price| side.set(level(price, 1)));
        }
        assert!(side.spare.is_empty());
        for array in 0..10 {
            prices(array).for_each(|price| side.set(level(price, 0)));
        }
        assert_eq!((side.chunks.len(), side.spare.len(), side.len()), (0, SPARE, 0));
    }

    proptest! {
        #[test]
        fn agrees_with_a_tree(
            changes in prop::collection::vec((0_i64..600, 0_i64..3), 0..2500), bid: bool, from_the_back: u64
        ) {
            let mut side = SideLevels::new(if bid { BookSide::Bid } else { BookSide::Ask });
            let mut tree = BTreeMap::new();
            for (price, quantity) in changes {
                // Mixed scales: the same price is written with two and with three places.
                let price_written = if quantity == 1 { Decimal::new(price * 10, 3) } else { Decimal::new(price, 2) };
                side.set(Level { price: price_written, quantity: Decimal::new(quantity, 3) });
                if quantity == 0 { tree.remove(&price); } else { tree.insert(price, quantity); }
                prop_assert_eq!(side.len(), tree.len());
                let best = if bid { tree.last_key_value() } else { tree.first_key_value() };
                prop_assert_eq!(
                    side.best().copied(),
                    best.map(|(price, quantity)| level(*price, *quantity))
                );
            }
            let mut expected: Vec<Level> = tree.iter().map(|(price, quantity)| level(*price, *quantity)).collect();
            if bid { expected.reverse(); }
            prop_assert_eq!(side.levels().collect::<Vec<_>>(), expected.clone());
            prop_assert_eq!(side.clone().levels().len(), expected.len());
            for wanted in &expected {
                prop_assert_eq!(side.quantity_at(&wanted.price), Some(wanted.quantity));
            }
            // From both ends in a random pattern.
            let mut levels = side.levels();
            let (mut front, mut back) = (Vec::new(), Vec::new());
            for step in 0.. {
                let taken = if from_the_back >> (step % 64) & 1 == 1 {
                    levels.next_back().map(|level| back.push(level))
                } else {
                    levels.next().map(|level| front.push(level))
                };
                if taken.is_none() { break; }
            }
            prop_assert_eq!(levels.len(), 0);
            front.extend(back.into_iter().rev());
            prop_assert_eq!(front, expected);
        }
    }
}
