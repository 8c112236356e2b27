//! The market events of several products in one type.

/// A market event of any product, for lists of topics of several products: see [`MixedTopic`](binance_kit_core::MixedTopic). It has
/// a `From` for each event of each product.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum MarketEvent {
    /// Of Spot.
    #[cfg(feature = "spot")]
    Spot(crate::spot::MarketEvent),
    /// Of the USD-M futures.
    #[cfg(feature = "usdm")]
    Usdm(crate::usdm::MarketEvent),
    /// Of the COIN-M futures.
    #[cfg(feature = "coinm")]
    Coinm(crate::coinm::MarketEvent),
}
