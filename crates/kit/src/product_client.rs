//! One product other than Spot, seen from the facade.

use crate::client::Binance;
use binance_kit_core::Product;
use std::fmt;
use std::marker::PhantomData;

/// A product other than Spot, over the same clients: see [`Binance::usdm`]. Cheap to clone.
///
/// Requests over REST and topics need none of it, since they know their product: they go through [`Binance::rest`] and
/// [`Binance::subscribe`].
pub struct ProductClient<P> {
    /// The clients.
    binance: Binance,
    /// The product.
    product: PhantomData<fn() -> P>,
}

impl<P> Clone for ProductClient<P> {
    fn clone(&self) -> Self {
        Self { binance: self.binance.clone(), product: PhantomData }
    }
}

impl<P: Product> fmt::Debug for ProductClient<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProductClient").field("api", &P::API).field("binance", &self.binance).finish()
    }
}

impl<P: Product> ProductClient<P> {
    #[cfg(any(feature = "usdm", feature = "coinm"))]
    pub(crate) fn new(binance: &Binance) -> Self {
        Self { binance: binance.clone(), product: PhantomData }
    }

    /// The clients of all products.
    pub fn binance(&self) -> &Binance {
        &self.binance
    }
}

#[cfg(feature = "ws-api")]
impl<P: crate::ws_apis::WsApiProduct> ProductClient<P> {
    /// The connection to the WebSocket API of the product; as [`Binance::ws_api`].
    ///
    /// # Errors
    ///
    /// As [`Binance::ws_api`].
    ///
    /// # Cancel safety
    ///
    /// As [`Binance::ws_api`].
    pub async fn ws_api(&self) -> Result<binance_kit_ws_api::WsApiClient<P>, binance_kit_core::Error> {
        self.binance.ws_api_of().await
    }
}

#[cfg(feature = "book")]
impl<P: binance_kit_book::BookProduct> ProductClient<P> {
    /// Local order books of these symbols of the product; as [`Binance::books`].
    ///
    /// # Errors
    ///
    /// As [`Binance::books`].
    ///
    /// # Cancel safety
    ///
    /// As [`Binance::books`].
    pub async fn books(
        &self,
        symbols: impl IntoIterator<Item: Into<binance_kit_core::Symbol>>,
    ) -> Result<binance_kit_book::Books<P>, binance_kit_book::Error> {
        self.binance.books_of(symbols).await
    }
}
