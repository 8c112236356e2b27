//! Best prices that the exchange told of a book beside its diffs, kept until the book has come to the same update.

use crate::order_book::Touch;
use std::collections::VecDeque;

/// The most tickers kept for one book. They come at once and diffs with a delay of at most a second, so that only a few
/// hundred wait even in a busy market; of a book that has stopped the newest are kept.
const MOST: usize = 1024;

/// Told best prices, in the order of their ids.
#[derive(Debug, Clone, Default)]
pub(super) struct ToldTouches(VecDeque<Touch>);

impl ToldTouches {
    /// Keeps what was told of an update that the book has yet to come to.
    pub(super) fn keep(&mut self, touch: Touch) {
        if self.0.back().is_some_and(|last| last.update_id > touch.update_id) {
            // Ids never go back but when they are numbered anew: what is here means nothing any more.
            self.0.clear();
        }
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back(touch);
    }

    /// What was told of the update, and forgets it and all before.
    pub(super) fn take(&mut self, update_id: u64) -> Option<Touch> {
        let mut found = None;
        while let Some(touch) = self.0.front().filter(|touch| touch.update_id.get() <= update_id) {
            found = (touch.update_id.get() == update_id).then_some(*touch);
            self.0.pop_front();
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::Level;
    use binance_kit_core::Decimal;
    use binance_kit_core::id::UpdateId;

    fn told(id: u64) -> Touch {
        let level = Level::new(Decimal::ONE, Decimal::ONE);
        Touch { update_id: UpdateId(id), bid: level, ask: level }
    }

    #[test]
    fn what_was_told_waits_for_its_update() {
        let mut touches = ToldTouches::default();
        for id in [3, 5, 9] {
            touches.keep(told(id));
        }
        assert_eq!((touches.take(4), touches.take(5), touches.take(5)), (None, Some(told(5)), None));
        touches.keep(told(2));
        assert_eq!(touches.take(9), None, "numbered anew");
        for id in 0..3000 {
            touches.keep(told(id));
        }
        assert_eq!((touches.0.len(), touches.take(2999)), (MOST, Some(told(2999))));
    }
}
