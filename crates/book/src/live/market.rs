//! What differs from product to product.

use crate::input::{BestPrices, DepthDiff, DepthSnapshot, SyncRule};
use binance_kit_core::{InvalidStreamName, RestRequest, StreamEvent, StreamName, Symbol};

/// A product whose books can be kept: its diff stream, its depth request, and the rule by which the two fit together.
pub trait BookMarket: Send + Sync + 'static {
    /// The event of the diff stream.
    type Diff: StreamEvent + DepthDiff;
    /// The request for a snapshot.
    type Request: RestRequest<Response: DepthSnapshot> + Send + 'static;

    /// The event of the best prices, against which the books can be audited.
    type Ticker: StreamEvent + BestPrices;

    /// By which rule the ids follow one another.
    const RULE: SyncRule;

    /// The numbers of levels that a snapshot may have, ascending.
    const LIMITS: &'static [usize];

    /// The name of a symbol's diff stream.
    ///
    /// # Errors
    ///
    /// [`InvalidStreamName`] when the symbol cannot stand in one.
    fn stream(&self, symbol: &Symbol) -> Result<StreamName, InvalidStreamName>;

    /// The name of the stream of a symbol's best prices.
    ///
    /// # Errors
    ///
    /// [`InvalidStreamName`] when the symbol cannot stand in one.
    fn ticker_stream(&self, symbol: &Symbol) -> Result<StreamName, InvalidStreamName>;

    /// The request for a snapshot of this many levels, one of [`BookMarket::LIMITS`].
    fn request(&self, symbol: &Symbol, limit: usize) -> Self::Request;
}

/// Spot: `<symbol>@depth@100ms` or `<symbol>@depth`, and `GET /api/v3/depth`.
#[cfg(feature = "spot")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpotMarket {
    speed: binance_kit_model::spot::DepthSpeed,
}

#[cfg(feature = "spot")]
impl SpotMarket {
    /// Books that are updated ten times a second.
    pub const fn new() -> Self {
        Self { speed: binance_kit_model::spot::DepthSpeed::Every100Ms }
    }

    /// Books that are updated as often as this.
    pub const fn with_speed(speed: binance_kit_model::spot::DepthSpeed) -> Self {
        Self { speed }
    }
}

#[cfg(feature = "spot")]
impl Default for SpotMarket {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(feature = "spot")]
impl BookMarket for SpotMarket {
    type Diff = binance_kit_model::spot::DepthEvent;
    type Request = binance_kit_model::spot::Depth;
    type Ticker = binance_kit_model::spot::BookTickerEvent;

    const RULE: SyncRule = SyncRule::Spot;
    const LIMITS: &'static [usize] = &[100, 500, 1000, 5000];

    fn stream(&self, symbol: &Symbol) -> Result<StreamName, InvalidStreamName> {
        binance_kit_model::spot::stream::depth(symbol, self.speed)
    }

    fn ticker_stream(&self, symbol: &Symbol) -> Result<StreamName, InvalidStreamName> {
        binance_kit_model::spot::stream::book_ticker(symbol)
    }

    fn request(&self, symbol: &Symbol, limit: usize) -> Self::Request {
        binance_kit_model::spot::Depth::new(symbol).limit(u32::try_from(limit).unwrap_or(u32::MAX))
    }
}
