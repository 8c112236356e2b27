//! Placing and cancelling orders with an honest outcome.

use crate::ids::ClientOrderIds;
use binance_kit_core::{ApiError, ClientOrderId, Delivery, ErrorCode, Symbol, Timestamp};
use binance_kit_model::spot::{
    CancelOrder, CancelReplace, CancelReplaceResponse, CancelResult, NewOrder, NewOrderResponse, Order,
    OrderKey, QueryOrder,
};
use binance_kit_net::Network;
use binance_kit_ws_api::{Error, Response, WsApiClient};
use std::time::Duration;

/// How long after its receive window a request may still be on its way to the matching engine: the exchange gives its own
/// calls ten seconds, and a second is added for clocks.
const ENGINE_DELAY: Duration = Duration::from_secs(11);
/// The receive window when none was set.
const DEFAULT_RECV_WINDOW: Duration = Duration::from_secs(5);

/// What became of a request that changes something.
#[derive(Debug)]
#[non_exhaustive]
pub enum OrderOutcome<T> {
    /// The exchange did it.
    Confirmed(Response<T>),
    /// The exchange refused it: nothing was done.
    Rejected(ApiError),
    /// It never left: nothing was done.
    NotSent(Error),
    /// It may have been done or not. Do not send it again: ask with [`Orders::resolve`].
    Unknown(UnknownOrder),
}

impl<T> OrderOutcome<T> {
    /// Whether it is known what became of it.
    pub fn is_definite(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }

    /// The answer, if the exchange did it.
    pub fn confirmed(self) -> Option<T> {
        match self {
            Self::Confirmed(response) => Some(response.into_value()),
            _ => None,
        }
    }
}

/// What became of a cancel-replace.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReplaceOutcome {
    /// The exchange said what became of each half: done, refused, or not attempted.
    Answered(CancelReplaceResponse),
    /// The request as a whole was refused, not sent, or its fate is not known. Never `Confirmed`.
    Other(OrderOutcome<CancelReplaceResponse>),
}

/// An order whose fate is not known.
#[derive(Debug)]
pub struct UnknownOrder {
    /// The symbol.
    pub symbol: Symbol,
    /// The client order id it was sent with.
    pub client_order_id: ClientOrderId,
    /// By the exchange's clock: an order that does not exist after this time never will.
    pub fence: Timestamp,
    /// Why it is not known.
    pub error: Error,
}

/// What was found out about an order whose fate was not known.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Resolution {
    /// It was placed.
    Placed(Box<Order>),
    /// It was not placed, and will not be any more.
    NotPlaced,
    /// The exchange could not be asked in the time given.
    StillUnknown,
}

/// Places and cancels orders over the WebSocket API. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Orders {
    client: WsApiClient,
    network: Network,
    ids: ClientOrderIds,
    recv_window: Duration,
}

impl Orders {
    /// Uses a connection; `prefix` begins the client order ids.
    pub fn new(client: &WsApiClient, network: &Network, prefix: &str) -> Self {
        Self {
            client: client.clone(),
            network: network.clone(),
            ids: ClientOrderIds::new(network, prefix),
            recv_window: DEFAULT_RECV_WINDOW,
        }
    }

    /// The receive window that the connection was configured with, when it is not the exchange's own 5 seconds: the longer it
    /// is, the longer an order can be late.
    #[must_use]
    pub fn recv_window(mut self, window: Duration) -> Self {
        self.recv_window = window;
        self
    }

    /// The maker of the client order ids.
    pub fn ids(&self) -> &ClientOrderIds {
        &self.ids
    }

    fn fence(&self) -> Timestamp {
        self.network.clock().exchange_now().plus(self.recv_window).plus(ENGINE_DELAY)
    }

    fn outcome<T>(
        &self,
        result: Result<Response<T>, Error>,
        symbol: Symbol,
        client_order_id: ClientOrderId,
    ) -> OrderOutcome<T> {
        match result {
            Ok(response) => OrderOutcome::Confirmed(response),
            Err(error) => match (error.delivery(), error.api_error()) {
                (Delivery::Refused, Some(refusal)) => OrderOutcome::Rejected(refusal.clone()),
                (Delivery::NotWritten, _) => OrderOutcome::NotSent(error),
                _ => {
                    tracing::warn!(%symbol, %client_order_id, %error, "the fate of an order is not known");
                    OrderOutcome::Unknown(UnknownOrder {
                        symbol,
                        client_order_id,
                        fence: self.fence(),
                        error,
                    })
                }
            },
        }
    }

    /// Places an order. It gets a client order id if it has none.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before the order was written takes it back; afterwards its fate is known to the exchange and the
    /// user-data stream alone.
    pub async fn place(&self, mut order: NewOrder) -> OrderOutcome<NewOrderResponse> {
        let id = order.new_client_order_id.get_or_insert_with(|| self.ids.next()).clone();
        let symbol = order.symbol.clone();
        let result = self.client.send(order).await;
        self.outcome(result, symbol, id)
    }

    /// Cancels an order by either of its ids.
    ///
    /// # Cancel safety
    ///
    /// As [`Orders::place`].
    pub async fn cancel(&self, symbol: impl Into<Symbol>, order: OrderKey) -> OrderOutcome<CancelResult> {
        let symbol = symbol.into();
        let id = match &order {
            OrderKey::Client(id) => id.clone(),
            OrderKey::Id(_) => ClientOrderId::default(),
        };
        let result = self.client.send(CancelOrder::new(symbol.clone(), order)).await;
        self.outcome(result, symbol, id)
    }

    /// Cancels an order and places another. The two halves have outcomes of their own: the answer says what became of each,
    /// also when the exchange refused one or both.
    ///
    /// # Cancel safety
    ///
    /// As [`Orders::place`].
    pub async fn cancel_replace(&self, mut request: CancelReplace) -> ReplaceOutcome {
        let id = request.order.new_client_order_id.get_or_insert_with(|| self.ids.next()).clone();
        let symbol = request.order.symbol.clone();
        match self.client.send(request).await {
            Ok(response) => ReplaceOutcome::Answered(response.into_value()),
            // One half was refused, or both; the error's `data` says which.
            Err(error) => match error.api_error().and_then(CancelReplaceResponse::from_error) {
                Some(Ok(answer)) => ReplaceOutcome::Answered(answer),
                _ => ReplaceOutcome::Other(self.outcome(Err(error), symbol, id)),
            },
        }
    }

    /// Finds out what became of an order: asks for it by its client order id until it is found, or until it cannot come any
    /// more (see [`UnknownOrder::fence`]) and was twice not found. Gives up after `patience`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future just stops asking.
    pub async fn resolve(&self, unknown: &UnknownOrder, patience: Duration) -> Resolution {
        let clock = self.network.clock();
        let deadline = clock.monotonic() + patience;
        let mut missed = 0;
        let mut wait = Duration::from_millis(100);
        loop {
            let key = OrderKey::Client(unknown.client_order_id.clone());
            match self.client.send(QueryOrder::new(unknown.symbol.clone(), key)).await {
                Ok(response) => return Resolution::Placed(Box::new(response.into_value())),
                Err(error)
                    if error.api_error().is_some_and(|error| error.code == ErrorCode::NO_SUCH_ORDER) =>
                {
                    // Before the fence this is no proof: the order may be on its way.
                    if clock.exchange_now() > unknown.fence {
                        missed += 1;
                        if missed >= 2 {
                            return Resolution::NotPlaced;
                        }
                    }
                }
                Err(error) => tracing::debug!(%error, "cannot ask for the order now"),
            }
            if clock.monotonic() + wait > deadline {
                return Resolution::StillUnknown;
            }
            clock.sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(2));
        }
    }
}
