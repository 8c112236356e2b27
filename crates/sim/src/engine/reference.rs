//! The reference price of a symbol, and the range of prices around it within which orders may be executed.

use super::Instrument;
use super::fixed::Fixed;
use super::plan::Bounds;
use super::types::Side;
use binance_kit_core::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// How far from the reference price each side may be executed; what is not set is not limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct PriceRange {
    /// Highest price of a buy order, as a part of the reference.
    pub(crate) bid_up: Option<Fixed>,
    /// Lowest price of a buy order, as a part of the reference.
    pub(crate) bid_down: Option<Fixed>,
    /// Highest price of a sell order, as a part of the reference.
    pub(crate) ask_up: Option<Fixed>,
    /// Lowest price of a sell order, as a part of the reference.
    pub(crate) ask_down: Option<Fixed>,
}

/// Where the reference price comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum ReferenceSource {
    /// There is none.
    #[default]
    None,
    /// The mean of the prices of the trades of the last `count` buckets of `width` milliseconds.
    Mean { width: u32, count: u32 },
    /// It is set from outside, calculated in the way of this number.
    External(i64),
}

/// The trades of a bucket.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Bucket {
    /// Start in milliseconds.
    open: i64,
    /// Number of trades.
    trades: i64,
    /// Of their prices, in units of 10^-8.
    sum: i128,
}

/// The reference price as it develops.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Reference {
    /// Where the price comes from.
    source: ReferenceSource,
    /// Buckets of trades, oldest first.
    buckets: VecDeque<Bucket>,
    /// Price that was set from outside, and when.
    external: Option<(Option<Fixed>, Timestamp)>,
}

/// Both the counts and the sums of buckets have four more places while parts of them are taken.
const PLACES: i128 = 10_000;

impl Reference {
    pub(super) fn new(source: ReferenceSource) -> Self {
        Self { source, ..Self::default() }
    }

    pub(crate) const fn source(&self) -> ReferenceSource {
        self.source
    }

    /// Sets a price that comes from outside; `None` says that there is none at present.
    pub(super) fn set(&mut self, price: Option<Fixed>, now: Timestamp) {
        if !matches!(self.source, ReferenceSource::External(_)) {
            self.source = ReferenceSource::External(0);
        }
        self.external = Some((price, now));
    }

    pub(super) fn record(&mut self, price: Fixed, now: Timestamp) {
        let ReferenceSource::Mean { width, count } = self.source else { return };
        let width = i64::from(width.max(1));
        let open = now.as_millis().div_euclid(width) * width;
        match self.buckets.back_mut() {
            Some(bucket) if bucket.open == open => {
                bucket.trades += 1;
                bucket.sum += price.units();
            }
            _ => self.buckets.push_back(Bucket { open, trades: 1, sum: price.units() }),
        }
        let cutoff = now.as_millis() - width * i64::from(count);
        while self.buckets.front().is_some_and(|bucket| bucket.open + width <= cutoff) {
            self.buckets.pop_front();
        }
    }

    /// The price and since when it holds. The outer `None` says that the symbol never had one.
    pub(crate) fn price(&self, now: Timestamp) -> Option<(Option<Fixed>, Timestamp)> {
        match self.source {
            ReferenceSource::None => None,
            ReferenceSource::External(_) => self.external,
            ReferenceSource::Mean { width, count } => Some((self.mean(width, count, now), now)),
        }
    }

    fn mean(&self, width: u32, count: u32, now: Timestamp) -> Option<Fixed> {
        let width = i64::from(width.max(1));
        let cutoff = now.as_millis() - width * i64::from(count);
        let (mut trades, mut sum) = (0_i128, 0_i128);
        for bucket in self.buckets.iter().filter(|bucket| bucket.open + width > cutoff) {
            let (whole_trades, whole_sum) = (i128::from(bucket.trades) * PLACES, bucket.sum * PLACES);
            // The part of the oldest bucket that lies before the window does not count.
            let expired = i128::from((cutoff - bucket.open).max(0));
            trades += whole_trades - whole_trades * expired / i128::from(width);
            sum += whole_sum - whole_sum * expired / i128::from(width);
        }
        (trades > 0).then(|| Fixed::from_units(sum / trades))
    }
}

impl Instrument {
    /// The reference price, where there is one at present.
    pub(crate) fn reference_price(&self, now: Timestamp) -> Option<Fixed> {
        self.reference.price(now).and_then(|(price, _)| price)
    }

    /// The prices at which an order of this side may be executed now.
    pub(super) fn bounds(&self, side: Side, now: Timestamp) -> Bounds {
        let Some(range) = &self.rules.price_range else { return Bounds::default() };
        let Some(reference) = self.reference_price(now) else { return Bounds::default() };
        let (up, down) = match side {
            Side::Buy => (range.bid_up, range.bid_down),
            Side::Sell => (range.ask_up, range.ask_down),
        };
        Bounds {
            lowest: down.map(|factor| reference.times(factor)),
            highest: up.map(|factor| reference.times(factor)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_loses_its_oldest_bucket_bit_by_bit() {
        let mut reference = Reference::new(ReferenceSource::Mean { width: 1000, count: 2 });
        let at = Timestamp::from_millis;
        let price = |reference: &Reference, millis| reference.price(at(millis)).unwrap().0;
        assert_eq!(price(&reference, 0), None);
        reference.record(Fixed::from_int(10), at(500));
        reference.record(Fixed::from_int(20), at(1500));
        assert_eq!(price(&reference, 1500), Some(Fixed::from_int(15)));
        // Half of the first bucket is gone: (5 + 20) / 1.5.
        assert_eq!(price(&reference, 2500).unwrap().to_string(), "16.66666666");
        assert_eq!(price(&reference, 3000), Some(Fixed::from_int(20)));
        assert_eq!(price(&reference, 4000), None);
        let mut reference = Reference::new(ReferenceSource::None);
        assert!(reference.price(at(0)).is_none());
        reference.set(Some(Fixed::ONE), at(3));
        assert_eq!(reference.price(at(9)), Some((Some(Fixed::ONE), at(3))));
        reference.set(None, at(4));
        assert_eq!(reference.price(at(9)), Some((None, at(4))));
    }
}
