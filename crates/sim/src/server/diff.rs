//! What changed in a book since the last event of its diff-depth stream.

use crate::engine::{Fixed, Side};
use std::collections::BTreeMap;

/// Collects the changes of one book for one update speed.
#[derive(Debug)]
pub(crate) struct Diff {
    /// First update id that is not sent yet.
    first: u64,
    /// Changes since the last event.
    changes: Changes,
}

/// The changes from one update to another.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// First update id.
    pub(crate) first: u64,
    /// Last update id.
    pub(crate) last: u64,
    /// New quantities of bids.
    bids: BTreeMap<Fixed, Fixed>,
    /// New quantities of asks.
    asks: BTreeMap<Fixed, Fixed>,
}

impl Diff {
    /// Begins with the update behind `last`.
    pub(crate) fn starting_after(last: u64) -> Self {
        Self { first: last + 1, changes: Changes::default() }
    }

    pub(crate) fn record(&mut self, side: Side, price: Fixed, quantity: Fixed, update_id: u64) {
        let levels = match side {
            Side::Buy => &mut self.changes.bids,
            Side::Sell => &mut self.changes.asks,
        };
        levels.insert(price, quantity);
        self.changes.last = update_id;
    }

    /// What was collected, if anything; the next event begins right behind it.
    pub(crate) fn take(&mut self) -> Option<Changes> {
        if self.changes.last < self.first {
            return None;
        }
        let mut changes = std::mem::take(&mut self.changes);
        changes.first = self.first;
        self.first = changes.last + 1;
        Some(changes)
    }
}

impl Changes {
    /// Best first.
    pub(crate) fn bids(&self) -> impl Iterator<Item = (Fixed, Fixed)> + '_ {
        self.bids.iter().rev().map(|(price, quantity)| (*price, *quantity))
    }

    /// Best first.
    pub(crate) fn asks(&self) -> impl Iterator<Item = (Fixed, Fixed)> + '_ {
        self.asks.iter().map(|(price, quantity)| (*price, *quantity))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_join_and_the_last_quantity_counts() {
        let price = Fixed::from_int;
        let mut diff = Diff::starting_after(10);
        assert!(diff.take().is_none());
        diff.record(Side::Buy, price(1), price(5), 11);
        diff.record(Side::Buy, price(2), price(5), 12);
        diff.record(Side::Buy, price(1), price(0), 13);
        let changes = diff.take().unwrap();
        assert_eq!((changes.first, changes.last), (11, 13));
        assert_eq!(changes.bids().collect::<Vec<_>>(), [(price(2), price(5)), (price(1), price(0))]);
        assert!(diff.take().is_none());
        diff.record(Side::Sell, price(3), price(1), 14);
        assert_eq!(diff.take().unwrap().first, 14);
    }
}
