//! What differs from product to product.

use crate::input::{BestPrices, DepthDiff, DepthSnapshot, SyncRule};
use binance_kit_core::{Product, RestRequest, StreamEvent, Symbol, Topic};
use std::fmt::Debug;

/// A product whose books can be kept: its diff stream, its depth request, and how the two fit together.
pub trait BookProduct: Product {
    /// An event of the diff stream.
    type Diff: StreamEvent + DepthDiff;

    /// An event of the best prices, with which the books can be audited.
    type Ticker: StreamEvent + BestPrices;

    /// The request for a snapshot.
    type DepthRequest: RestRequest<Response: DepthSnapshot> + Send + 'static;

    /// How often the diff stream sends.
    type Speed: Clone + Debug + Send + Sync + 'static;

    /// How the ids of successive diffs relate.
    const RULE: SyncRule;

    /// The numbers of levels that a snapshot may have, ascending.
    const LIMITS: &'static [usize];

    /// Returns the speed of books for which none is set: the fastest that costs no extra.
    fn default_speed() -> Self::Speed;

    /// Returns the diff stream of a symbol.
    fn diffs(symbol: &Symbol, speed: &Self::Speed) -> Topic<Self::Diff>;

    /// Returns the stream of a symbol's best prices.
    fn tickers(symbol: &Symbol) -> Topic<Self::Ticker>;

    /// Builds the request for a snapshot of this many levels, one of [`BookProduct::LIMITS`].
    fn depth(symbol: &Symbol, limit: usize) -> Self::DepthRequest;
}

/// The books of a product of the model.
macro_rules! product {
    ($feature:literal, $product:ident, $model:ident, $rule:ident, $limits:expr) => {
        #[cfg(feature = $feature)]
        impl BookProduct for binance_kit_core::product::$product {
            type Diff = binance_kit_model::$model::DepthEvent;
            type Ticker = binance_kit_model::$model::BookTickerEvent;
            type DepthRequest = binance_kit_model::$model::Depth;
            type Speed = binance_kit_model::$model::stream::DepthSpeed;

            const RULE: SyncRule = SyncRule::$rule;
            const LIMITS: &'static [usize] = $limits;

            fn default_speed() -> Self::Speed {
                binance_kit_model::$model::stream::DepthSpeed::Every100Ms
            }

            fn diffs(symbol: &Symbol, speed: &Self::Speed) -> Topic<Self::Diff> {
                binance_kit_model::$model::stream::depth(symbol, *speed)
            }

            fn tickers(symbol: &Symbol) -> Topic<Self::Ticker> {
                binance_kit_model::$model::stream::book_ticker(symbol)
            }

            fn depth(symbol: &Symbol, limit: usize) -> Self::DepthRequest {
                binance_kit_model::$model::Depth::new(symbol).limit(u32::try_from(limit).unwrap_or(u32::MAX))
            }
        }
    };
}

product!("spot", Spot, spot, Spot, &[100, 500, 1000, 5000]);
product!("usdm", Usdm, usdm, Futures, &[100, 500, 1000]);
product!("coinm", Coinm, coinm, Futures, &[100, 500, 1000]);
