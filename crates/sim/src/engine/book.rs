//! The order book of one symbol: price levels, and in each level the orders in the order of their arrival.

use super::fixed::Fixed;
use super::types::Side;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One price.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Level {
    /// Sum of what its orders show.
    total: Fixed,
    /// Order ids by priority: a map, so that a cancel in a crowded level stays cheap.
    queue: BTreeMap<u64, u64>,
}

/// Both sides of a book.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Book {
    /// Levels of buy orders.
    bids: BTreeMap<Fixed, Level>,
    /// Levels of sell orders.
    asks: BTreeMap<Fixed, Level>,
}

impl Book {
    fn side(&self, side: Side) -> &BTreeMap<Fixed, Level> {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut BTreeMap<Fixed, Level> {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }

    /// Adds an order behind all others of its price. Returns the new quantity of the level.
    pub(crate) fn insert(
        &mut self,
        side: Side,
        price: Fixed,
        priority: u64,
        id: u64,
        quantity: Fixed,
    ) -> Fixed {
        let level = self.side_mut(side).entry(price).or_default();
        level.total += quantity;
        level.queue.insert(priority, id);
        level.total
    }

    /// Takes `quantity` off a level, and the order with it when `gone` names its priority. Returns the new quantity of
    /// the level.
    pub(crate) fn reduce(&mut self, side: Side, price: Fixed, quantity: Fixed, gone: Option<u64>) -> Fixed {
        let levels = self.side_mut(side);
        let Some(level) = levels.get_mut(&price) else { return Fixed::ZERO };
        level.total -= quantity;
        if let Some(priority) = gone {
            level.queue.remove(&priority);
        }
        let total = level.total;
        if level.queue.is_empty() {
            levels.remove(&price);
        }
        total
    }

    /// The best price of a side, with its quantity.
    pub(crate) fn best(&self, side: Side) -> Option<(Fixed, Fixed)> {
        let level = match side {
            Side::Buy => self.bids.last_key_value(),
            Side::Sell => self.asks.first_key_value(),
        };
        level.map(|(price, level)| (*price, level.total))
    }

    /// The order that trades next on a side: its price and id.
    pub(crate) fn first(&self, side: Side) -> Option<(Fixed, u64)> {
        let (price, level) = match side {
            Side::Buy => self.bids.last_key_value(),
            Side::Sell => self.asks.first_key_value(),
        }?;
        level.queue.first_key_value().map(|(_, id)| (*price, *id))
    }

    /// The levels of a side, best first.
    pub(crate) fn levels(&self, side: Side) -> impl Iterator<Item = (Fixed, Fixed)> + '_ {
        let map = self.side(side);
        let (up, down) = match side {
            Side::Buy => (None, Some(map.iter().rev())),
            Side::Sell => (Some(map.iter()), None),
        };
        up.into_iter().flatten().chain(down.into_iter().flatten()).map(|(price, level)| (*price, level.total))
    }

    /// How many levels a side has.
    pub(crate) fn depth(&self, side: Side) -> usize {
        self.side(side).len()
    }

    /// The orders of a side at this price and further from the best, in the order in which they trade: price and id.
    pub(crate) fn orders_from(&self, side: Side, from: Fixed) -> impl Iterator<Item = (Fixed, u64)> + '_ {
        let map = self.side(side);
        let (up, down) = match side {
            Side::Buy => (None, Some(map.range(..=from).rev())),
            Side::Sell => (Some(map.range(from..)), None),
        };
        up.into_iter()
            .flatten()
            .chain(down.into_iter().flatten())
            .flat_map(|(price, level)| level.queue.values().map(move |id| (*price, *id)))
    }

    /// The orders of a side, those first that trade last: price and id.
    pub(crate) fn orders_back(&self, side: Side) -> impl Iterator<Item = (Fixed, u64)> + '_ {
        let map = self.side(side);
        let (up, down) = match side {
            Side::Buy => (Some(map.iter()), None),
            Side::Sell => (None, Some(map.iter().rev())),
        };
        up.into_iter()
            .flatten()
            .chain(down.into_iter().flatten())
            .flat_map(|(price, level)| level.queue.values().rev().map(move |id| (*price, *id)))
    }

    /// The levels of a side, best first: price, and the ids of its orders in the order of their priority.
    pub(crate) fn queues(
        &self,
        side: Side,
    ) -> impl Iterator<Item = (Fixed, impl Iterator<Item = u64> + '_)> + '_ {
        let map = self.side(side);
        let (up, down) = match side {
            Side::Buy => (None, Some(map.iter().rev())),
            Side::Sell => (Some(map.iter()), None),
        };
        up.into_iter()
            .flatten()
            .chain(down.into_iter().flatten())
            .map(|(price, level)| (*price, level.queue.values().copied()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_priority() {
        let mut book = Book::default();
        let price = Fixed::from_int;
        assert_eq!(book.insert(Side::Buy, price(10), 1, 100, price(1)), price(1));
        assert_eq!(book.insert(Side::Buy, price(10), 2, 101, price(2)), price(3));
        book.insert(Side::Buy, price(11), 3, 102, price(4));
        book.insert(Side::Sell, price(12), 4, 103, price(5));
        assert_eq!(book.best(Side::Buy), Some((price(11), price(4))));
        assert_eq!(book.first(Side::Buy), Some((price(11), 102)));
        assert_eq!(book.reduce(Side::Buy, price(11), price(4), Some(3)), Fixed::ZERO);
        assert_eq!(book.queues(Side::Buy).flat_map(|(_, queue)| queue).collect::<Vec<_>>(), [100, 101]);
        assert_eq!(book.reduce(Side::Buy, price(10), price(1), None), price(2));
        assert_eq!(book.levels(Side::Buy).collect::<Vec<_>>(), [(price(10), price(2))]);
        assert_eq!(book.best(Side::Sell), Some((price(12), price(5))));
    }
}
