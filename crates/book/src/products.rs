//! The events and answers of each product as input of books.

use crate::input::{BestPrices, DepthDiff, DepthSnapshot};
use crate::level::Level;
use crate::order_book::Touch;
use binance_kit_core::id::UpdateId;

/// A diff event, with the field that names the end of the event before, where the product has one.
macro_rules! diff {
    ($type:ty $(, $previous:ident)?) => {
        impl DepthDiff for $type {
            fn first_update_id(&self) -> UpdateId {
                self.first_update_id
            }

            fn last_update_id(&self) -> UpdateId {
                self.last_update_id
            }

            $(fn previous_update_id(&self) -> Option<UpdateId> {
                self.$previous
            })?

            fn bids(&self) -> impl ExactSizeIterator<Item = Level> {
                self.bids.iter().copied()
            }

            fn asks(&self) -> impl ExactSizeIterator<Item = Level> {
                self.asks.iter().copied()
            }
        }
    };
}

/// The answer of a depth request.
macro_rules! snapshot {
    ($type:ty) => {
        impl DepthSnapshot for $type {
            fn last_update_id(&self) -> UpdateId {
                self.last_update_id
            }

            fn bids(&self) -> impl DoubleEndedIterator<Item = Level> + ExactSizeIterator {
                self.bids.iter().copied()
            }

            fn asks(&self) -> impl DoubleEndedIterator<Item = Level> + ExactSizeIterator {
                self.asks.iter().copied()
            }
        }
    };
}

/// The event of the best prices. A side without orders has the price zero.
macro_rules! best_prices {
    ($type:ty) => {
        impl BestPrices for $type {
            fn touch(&self) -> Option<Touch> {
                let bid = Level { price: self.bid_price, quantity: self.bid_quantity };
                let ask = Level { price: self.ask_price, quantity: self.ask_quantity };
                let has_both = !bid.price.is_zero() && !ask.price.is_zero();
                has_both.then_some(Touch { update_id: self.update_id, bid, ask })
            }
        }
    };
}

#[cfg(feature = "spot")]
mod spot {
    use super::{BestPrices, DepthDiff, DepthSnapshot, Level, Touch, UpdateId};
    use binance_kit_model::spot;

    diff!(spot::DepthEvent);
    snapshot!(spot::OrderBook);
    best_prices!(spot::BookTickerEvent);
}

#[cfg(feature = "usdm")]
mod usdm {
    use super::{BestPrices, DepthDiff, DepthSnapshot, Level, Touch, UpdateId};
    use binance_kit_model::usdm;

    diff!(usdm::DepthEvent, previous_last_update_id);
    snapshot!(usdm::OrderBook);
    best_prices!(usdm::BookTickerEvent);
}

#[cfg(feature = "coinm")]
mod coinm {
    use super::{BestPrices, DepthDiff, DepthSnapshot, Level, Touch, UpdateId};
    use binance_kit_model::coinm;

    diff!(coinm::DepthEvent, previous_last_update_id);
    snapshot!(coinm::OrderBook);
    best_prices!(coinm::BookTickerEvent);
}
