//! Placing and cancelling orders with an honest outcome.

use crate::ids::ClientOrderIds;
use binance_kit_core::{ApiError, Delivery, ErrorCode, Symbol, Timestamp};
use binance_kit_model::spot::{
    CancelOrder, CancelReplace, CancelReplaceResponse, CancelResult, NewOrder, NewOrderResponse, Order,
    OrderEvent, OrderKey, OrderStatus, QueryOrder,
};
use binance_kit_ws_api::Context;
use binance_kit_ws_api::{Error, WsResponse, WsApiClient};
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
    Confirmed(WsResponse<T>),
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

/// What was asked for when the fate of an order became unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownRequest {
    /// To place it.
    Place,
    /// To cancel it.
    Cancel,
    /// To cancel another one ([`UnknownOrder::replaced`]) and to place it.
    CancelReplace,
}

/// An order whose fate is not known.
#[derive(Debug)]
#[non_exhaustive]
pub struct UnknownOrder {
    /// What was asked for.
    pub request: UnknownRequest,
    /// The symbol.
    pub symbol: Symbol,
    /// By what the exchange can be asked for it: of a new order the client order id, of a cancelled one the id that the
    /// caller gave.
    pub order: OrderKey,
    /// The order that was to be cancelled in its favour. Once it is known what became of the new one, ask for this one too.
    pub replaced: Option<OrderKey>,
    /// By the exchange's clock: what was not done by this time never will be.
    pub fence: Timestamp,
    /// Why it is not known.
    pub error: Error,
}

impl UnknownOrder {
    /// Whether an event of the account tells what became of the order, so that nobody need ask: a new one exists once
    /// there is any report of it, a cancelled one is gone once it can no longer be filled.
    pub fn is_settled_by(&self, report: &OrderEvent) -> bool {
        let same = match &self.order {
            OrderKey::Id(id) => report.order_id == *id,
            // A cancellation has an id of its own, and names the order's as the original.
            OrderKey::Client(id) => report.client_order_id == *id || report.original_client_order_id == *id,
        };
        same && report.symbol == self.symbol
            && (self.request != UnknownRequest::Cancel || is_over(&report.order_status))
    }
}

/// Whether an order can no longer be filled or cancelled.
fn is_over(status: &OrderStatus) -> bool {
    matches!(
        status,
        OrderStatus::Filled
            | OrderStatus::Canceled
            | OrderStatus::Rejected
            | OrderStatus::Expired
            | OrderStatus::ExpiredInMatch
    )
}

fn outcome<T>(
    result: Result<WsResponse<T>, Error>,
    doubt: impl FnOnce(Error) -> UnknownOrder,
) -> OrderOutcome<T> {
    match result {
        Ok(response) => OrderOutcome::Confirmed(response),
        Err(error) => match (error.delivery(), error.api_error()) {
            (Delivery::Refused, Some(refusal)) => OrderOutcome::Rejected(refusal.clone()),
            (Delivery::NotWritten, _) => OrderOutcome::NotSent(error),
            _ => {
                let unknown = doubt(error);
                tracing::warn!(
                    symbol = %unknown.symbol,
                    order = ?unknown.order,
                    request = ?unknown.request,
                    error = %unknown.error,
                    "the fate of an order is not known"
                );
                OrderOutcome::Unknown(unknown)
            }
        },
    }
}

/// What was found out about an order whose fate was not known.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Resolution {
    /// It exists. Of an order that was to be cancelled the status says whether it was.
    Placed(Box<Order>),
    /// It was not placed, and will not be any more.
    NotPlaced,
    /// It could not be found out in the time given.
    StillUnknown,
}

/// Places and cancels orders over the WebSocket API. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Orders {
    client: WsApiClient,
    context: Context,
    ids: ClientOrderIds,
    recv_window: Duration,
}

impl Orders {
    /// Uses a connection; `prefix` begins the client order ids.
    pub fn new(client: &WsApiClient, context: &Context, prefix: &str) -> Self {
        Self {
            client: client.clone(),
            context: context.clone(),
            ids: ClientOrderIds::new(context, prefix),
            recv_window: client.config().recv_window.unwrap_or(DEFAULT_RECV_WINDOW),
        }
    }

    /// Another receive window than that of the connection, for requests that carry one of their own: the longer it is, the
    /// longer an order can be late.
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
        self.context.clock().exchange_now().plus(self.recv_window).plus(ENGINE_DELAY)
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
        outcome(result, |error| UnknownOrder {
            request: UnknownRequest::Place,
            symbol,
            order: OrderKey::Client(id),
            replaced: None,
            fence: self.fence(),
            error,
        })
    }

    /// Cancels an order by either of its ids.
    ///
    /// # Cancel safety
    ///
    /// As [`Orders::place`].
    pub async fn cancel(
        &self,
        symbol: impl Into<Symbol>,
        order: impl Into<OrderKey>,
    ) -> OrderOutcome<CancelResult> {
        let (symbol, order) = (symbol.into(), order.into());
        let result = self.client.send(CancelOrder::new(symbol.clone(), order.clone())).await;
        outcome(result, |error| UnknownOrder {
            request: UnknownRequest::Cancel,
            symbol,
            order,
            replaced: None,
            fence: self.fence(),
            error,
        })
    }

    /// Cancels an order and places another. The two halves have outcomes of their own: the answer says what became of each,
    /// also when the exchange refused one or both.
    ///
    /// # Cancel safety
    ///
    /// As [`Orders::place`].
    pub async fn cancel_replace(&self, mut request: CancelReplace) -> ReplaceOutcome {
        let id = request.order.new_client_order_id.get_or_insert_with(|| self.ids.next()).clone();
        let (symbol, replaced) = (request.order.symbol.clone(), request.cancel.clone());
        match self.client.send(request).await {
            Ok(response) => ReplaceOutcome::Answered(response.into_value()),
            // One half was refused, or both; the error's `data` says which.
            Err(error) => match error.api_error().and_then(CancelReplaceResponse::from_error) {
                Some(Ok(answer)) => ReplaceOutcome::Answered(answer),
                _ => ReplaceOutcome::Other(outcome(Err(error), |error| UnknownOrder {
                    request: UnknownRequest::CancelReplace,
                    symbol,
                    order: OrderKey::Client(id),
                    replaced: Some(replaced),
                    fence: self.fence(),
                    error,
                })),
            },
        }
    }

    /// Finds out what became of an order: asks for it until it is found, or until it cannot come any more (see
    /// [`UnknownOrder::fence`]) and was twice not found. An order that was to be cancelled is asked for until it can no
    /// longer be filled, or until the cancellation cannot come any more. Gives up after `patience`; with less than half a
    /// minute there may be no proof that something was *not* done.
    ///
    /// Nothing is sent but queries. The account's events may know earlier: [`UnknownOrder::is_settled_by`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future just stops asking.
    pub async fn resolve(&self, unknown: &UnknownOrder, patience: Duration) -> Resolution {
        let clock = self.context.clock();
        let deadline = clock.monotonic() + patience;
        let mut missed = 0;
        let mut wait = Duration::from_millis(100);
        loop {
            // What is asked before the fence proves nothing, whenever the answer comes: the request may be on its way.
            let beyond = clock.exchange_now() > unknown.fence;
            match self.client.send(QueryOrder::new(unknown.symbol.clone(), unknown.order.clone())).await {
                Ok(response) => {
                    let order = response.into_value();
                    if unknown.request != UnknownRequest::Cancel || is_over(&order.status) || beyond {
                        return Resolution::Placed(Box::new(order));
                    }
                }
                Err(error)
                    if error.api_error().is_some_and(|error| error.code == ErrorCode::NO_SUCH_ORDER) =>
                {
                    missed += u32::from(beyond);
                    if missed >= 2 {
                        return Resolution::NotPlaced;
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
