//! The WebSocket API connections of one account: one of each product, made when first used.

use crate::both::both;
use binance_kit_core::product::{Coinm, Product, Spot, Usdm};
use binance_kit_core::{Api, Encoding, Error, ErrorKind};
use binance_kit_net::{Context, Environment};
use binance_kit_sign::Credentials;
use binance_kit_ws_api::{SessionState, WsApiClient, WsApiConfig};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// A connection that is made when first used, and again after it was closed.
pub(crate) type Slot<P> = Mutex<Option<WsApiClient<P>>>;

/// The connections of an account.
#[derive(Debug, Default)]
pub struct WsApis {
    /// Spot's.
    pub(crate) spot: Slot<Spot>,
    /// That of the USD-M futures.
    pub(crate) usdm: Slot<Usdm>,
    /// That of the COIN-M futures.
    pub(crate) coinm: Slot<Coinm>,
    /// Whether they were closed for good.
    is_closed: AtomicBool,
}

/// A product whose WebSocket API is known.
pub trait WsApiProduct: Product + sealed::Slots {}

impl<P: Product + sealed::Slots> WsApiProduct for P {}

pub(crate) mod sealed {
    use super::{Coinm, Slot, Spot, Usdm, WsApis};
    use binance_kit_core::product::Product;

    /// Where the connection of a product is kept.
    pub trait Slots: Product {
        #[doc(hidden)]
        fn slot(connections: &WsApis) -> &Slot<Self>
        where
            Self: Sized;
    }

    impl Slots for Spot {
        fn slot(connections: &WsApis) -> &Slot<Self> {
            &connections.spot
        }
    }

    impl Slots for Usdm {
        fn slot(connections: &WsApis) -> &Slot<Self> {
            &connections.usdm
        }
    }

    impl Slots for Coinm {
        fn slot(connections: &WsApis) -> &Slot<Self> {
            &connections.coinm
        }
    }
}

/// What a connection is made with.
pub(crate) struct Target<'a> {
    pub(crate) context: &'a Context,
    pub(crate) environment: &'a Environment,
    pub(crate) credentials: Option<&'a Credentials>,
    pub(crate) config: &'a WsApiConfig,
}

impl WsApis {
    /// Closes the connections; see [`WsApiClient::close_within`]. Returns how many requests were given up.
    pub(crate) async fn close_within(&self, deadline: Duration) -> usize {
        self.is_closed.store(true, Ordering::Release);
        let futures = both(close(&self.usdm, deadline), close(&self.coinm, deadline));
        both(close(&self.spot, deadline), futures).await
    }

    fn check_open(&self) -> Result<(), Error> {
        if self.is_closed.load(Ordering::Acquire) { Err(Error::new(ErrorKind::Closed)) } else { Ok(()) }
    }

    /// The connection of a product, made if there is none or it was closed.
    pub(crate) async fn get<P: WsApiProduct>(&self, target: Target<'_>) -> Result<WsApiClient<P>, Error> {
        let mut slot = P::slot(self).lock().await;
        if let Some(client) = slot.as_ref().filter(|client| *client.state().borrow() != SessionState::Closed)
        {
            return Ok(client.clone());
        }
        let mut config = target.config.clone();
        if P::API != Api::Spot {
            // SBE is Spot's.
            config.encoding = Encoding::Json;
        }
        let mut builder =
            WsApiClient::<P>::product_builder(target.context, target.environment).config(config);
        if let Some(credentials) = target.credentials {
            builder = builder.credentials(credentials.clone());
        }
        self.check_open()?;
        let client = builder.connect().await?;
        if let Err(closed) = self.check_open() {
            client.close().await;
            return Err(closed);
        }
        *slot = Some(client.clone());
        Ok(client)
    }
}

/// Closes one connection. One that is still being made at the deadline is given up by those who make it.
async fn close<P: Product>(slot: &Slot<P>, deadline: Duration) -> usize {
    let begun = Instant::now();
    match tokio::time::timeout(deadline, slot.lock()).await.map(|mut slot| slot.take()) {
        Ok(Some(client)) => client.close_within(deadline.saturating_sub(begun.elapsed())).await,
        Ok(None) | Err(_) => 0,
    }
}
