//! Best prices that the exchange reported beside the diffs, kept until the book has come to the same update.

use crate::order_book::Touch;
use std::collections::VecDeque;

/// Maximum number of reports kept for one book. They come at once and diffs with a delay of at most a second, so that only a
/// few hundred wait even in a busy market; of a book that has stopped the newest are kept.
const MAX_REPORTS: usize = 1024;

/// Reported best prices, in the order of their ids.
#[derive(Debug, Clone, Default)]
pub(super) struct ReportedTouches(VecDeque<Touch>);

impl ReportedTouches {
    /// Keeps the report of an update that the book has yet to come to.
    pub(super) fn keep(&mut self, touch: Touch) {
        if self.0.back().is_some_and(|last| last.update_id > touch.update_id) {
            // Ids go back only when their numbering restarts: the reports kept belong to the old one.
            self.0.clear();
        }
        if self.0.len() >= MAX_REPORTS {
            self.0.pop_front();
        }
        self.0.push_back(touch);
    }

    /// Takes the report of this update, and drops it and all before.
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

    fn report(id: u64) -> Touch {
        let level = Level { price: Decimal::ONE, quantity: Decimal::ONE };
        Touch { update_id: UpdateId(id), bid: level, ask: level }
    }

    #[test]
    fn a_report_waits_for_its_update() {
        let mut reports = ReportedTouches::default();
        for id in [3, 5, 9] {
            reports.keep(report(id));
        }
        assert_eq!((reports.take(4), reports.take(5), reports.take(5)), (None, Some(report(5)), None));
        reports.keep(report(2));
        assert_eq!(reports.take(9), None, "the numbering restarted");
        for id in 0..3000 {
            reports.keep(report(id));
        }
        assert_eq!((reports.0.len(), reports.take(2999)), (MAX_REPORTS, Some(report(2999))));
    }
}
