//! The market events of several products in one type.

/// A market event of any product, for lists of topics of several products: see [`MixedTopic`](binance_kit_core::MixedTopic).
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

/// A conversion from each event of a product.
macro_rules! events_of {
    ($feature:literal, $variant:ident: $($event:ty),* $(,)?) => {$(
        #[cfg(feature = $feature)]
        impl From<$event> for MarketEvent {
            fn from(event: $event) -> Self {
                Self::$variant(event.into())
            }
        }
    )*};
}

events_of!("spot", Spot:
    crate::spot::TradeEvent,
    crate::spot::AggTradeEvent,
    crate::spot::BlockTradeEvent,
    crate::spot::KlineEvent,
    crate::spot::MiniTickerEvent,
    Vec<crate::spot::MiniTickerEvent>,
    crate::spot::TickerEvent,
    Vec<crate::spot::TickerEvent>,
    crate::spot::RollingTickerEvent,
    Vec<crate::spot::RollingTickerEvent>,
    crate::spot::BookTickerEvent,
    crate::spot::AveragePriceEvent,
    crate::spot::PartialDepthEvent,
    crate::spot::DepthEvent,
    crate::spot::ReferencePriceEvent,
    crate::spot::ServerShutdownEvent,
);
events_of!("usdm", Usdm:
    crate::usdm::TradeEvent,
    crate::usdm::BookTickerEvent,
    crate::usdm::DepthEvent,
);
events_of!("coinm", Coinm:
    crate::coinm::TradeEvent,
    crate::coinm::BookTickerEvent,
    crate::coinm::DepthEvent,
);
