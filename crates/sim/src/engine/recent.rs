//! The volume of the last minutes, kept as a running sum: every order needs the average price.

use super::event::Trade;
use super::fixed::Fixed;
use binance_kit_core::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The volume of a second.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Second {
    /// Start in milliseconds.
    start: i64,
    /// Traded quantity.
    base: Fixed,
    /// Traded value.
    quote: Fixed,
}

/// The sum over a window that ends with the last trade.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Window {
    /// Length in minutes.
    minutes: u32,
    /// How many of the seconds are older than the window.
    skip: usize,
    /// Traded quantity within it.
    base: Fixed,
    /// Traded value within it.
    quote: Fixed,
}

/// How many minutes back averages may go.
const MAX_MINUTES: i64 = 60;

/// The volumes of the last hour.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Recent {
    /// Seconds with trades, oldest first.
    seconds: VecDeque<Second>,
    /// Sums by length.
    windows: Vec<Window>,
}

impl Recent {
    /// Keeps the sums over these numbers of minutes ready.
    pub(super) fn watching(minutes: impl Iterator<Item = u32>) -> Self {
        let mut recent = Self::default();
        for minutes in minutes.filter(|minutes| *minutes > 0) {
            if !recent.windows.iter().any(|window| window.minutes == minutes) {
                recent.windows.push(Window { minutes, skip: 0, base: Fixed::ZERO, quote: Fixed::ZERO });
            }
        }
        recent
    }

    pub(super) fn record(&mut self, trade: &Trade) {
        let start = trade.time.as_millis().div_euclid(1000) * 1000;
        match self.seconds.back_mut() {
            Some(second) if second.start == start => {
                second.base += trade.quantity;
                second.quote += trade.quote;
            }
            _ => self.seconds.push_back(Second { start, base: trade.quantity, quote: trade.quote }),
        }
        for window in &mut self.windows {
            window.base += trade.quantity;
            window.quote += trade.quote;
            let from = trade.time.as_millis() - i64::from(window.minutes) * 60_000;
            while let Some(second) = self.seconds.get(window.skip).filter(|second| second.start < from) {
                window.base -= second.base;
                window.quote -= second.quote;
                window.skip += 1;
            }
        }
        let oldest = trade.time.as_millis() - MAX_MINUTES * 60_000;
        while self.seconds.front().is_some_and(|second| second.start < oldest) {
            self.seconds.pop_front();
            for window in &mut self.windows {
                window.skip = window.skip.saturating_sub(1);
            }
        }
    }

    /// The volume-weighted price of the last minutes, if there was a trade.
    pub(super) fn average(&self, now: Timestamp, minutes: u32) -> Option<Fixed> {
        let from = now.as_millis() - i64::from(minutes) * 60_000;
        let (mut base, mut quote, skip) = match self.windows.iter().find(|window| window.minutes == minutes) {
            Some(window) => (window.base, window.quote, window.skip),
            None => {
                let all = |of: fn(&Second) -> Fixed| self.seconds.iter().map(of).sum::<Fixed>();
                (all(|second| second.base), all(|second| second.quote), 0)
            }
        };
        // The time since the last trade may have left some more behind.
        for second in self.seconds.iter().skip(skip).take_while(|second| second.start < from) {
            base -= second.base;
            quote -= second.quote;
        }
        base.is_positive().then(|| quote.over(base))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_follow_the_time() {
        let mut recent = Recent::watching([1].into_iter());
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        let mut plain: Vec<(i64, i64, i64)> = Vec::new();
        for (index, seconds) in [0, 0, 10, 61, 62, 200, 201, 5000, 5001].into_iter().enumerate() {
            let (price, quantity) =
                (100 + i64::try_from(index).unwrap(), 1 + i64::try_from(index % 3).unwrap());
            recent.record(&Trade {
                id: 1,
                price: Fixed::from_int(price),
                quantity: Fixed::from_int(quantity),
                quote: Fixed::from_int(price * quantity),
                time: at(seconds),
                buyer_is_maker: false,
            });
            plain.push((seconds, quantity, price * quantity));
            for later in [0, 1, 45, 70] {
                for minutes in [1, 5] {
                    let from = seconds + later - minutes * 60;
                    let (base, quote) = plain
                        .iter()
                        .filter(|(at, ..)| *at >= from)
                        .fold((0, 0), |(base, quote), (_, b, q)| (base + b, quote + q));
                    let expected = (base > 0).then(|| Fixed::from_int(quote).over(Fixed::from_int(base)));
                    let minutes = u32::try_from(minutes).unwrap();
                    assert_eq!(recent.average(at(seconds + later), minutes), expected);
                }
            }
        }
    }
}
