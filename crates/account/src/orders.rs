//! Placing, changing and cancelling orders with a definite outcome or a doubt that can be resolved.

use crate::action::{Finding, Inquiry, OrderAction};
use crate::ids::ClientOrderIds;
use crate::outcome::{Doubt, Outcome, Resolution};
use crate::product::{Trading, UserData};
use crate::sent_at::SentAt;
use binance_kit_core::product::Spot;
use binance_kit_core::{Error, ErrorKind, Symbol};
use binance_kit_ws_api::{Context, WsApiClient};
use std::time::Duration;
use tokio::time::Instant;

/// How long after its receive window a request may still be on its way to the matching engine: the exchange gives its own
/// calls ten seconds, and a second is added for clocks.
const ENGINE_DELAY: Duration = Duration::from_secs(11);
/// The receive window that the exchange assumes when a request has none.
const DEFAULT_RECV_WINDOW: Duration = Duration::from_secs(5);
/// The waits between two inquiries: the first, and the longest.
const INQUIRY_INTERVALS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// Places, changes and cancels the orders of a product over the WebSocket API. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Orders<P: UserData = Spot> {
    /// The connection.
    client: WsApiClient<P>,
    /// The clock that dates requests and fences.
    context: Context,
    /// Gives client order ids to requests without one.
    ids: ClientOrderIds,
    /// The receive window of the requests; the fence depends on it.
    recv_window: Duration,
}

impl<P: UserData> Orders<P> {
    /// Creates the orders of a connection. The client order ids begin with `prefix`.
    pub fn new(client: &WsApiClient<P>, context: &Context, prefix: &str) -> Self {
        Self {
            client: client.clone(),
            context: context.clone(),
            ids: ClientOrderIds::new(context, prefix),
            recv_window: client.config().recv_window.unwrap_or(DEFAULT_RECV_WINDOW),
        }
    }

    /// Sets the receive window, for requests that carry one of their own; that of the connection is the default. The longer it
    /// is, the later a request can be executed.
    #[must_use]
    pub fn recv_window(mut self, window: Duration) -> Self {
        self.recv_window = window;
        self
    }

    /// Returns the generator of the client order ids.
    pub fn ids(&self) -> &ClientOrderIds {
        &self.ids
    }

    /// Sends a request that changes orders. Orders and lists that it creates get client order ids if they have none.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before the request was written withdraws it. Afterwards only the exchange and the user data know
    /// the outcome.
    pub async fn send<A: OrderAction<Product = P>>(&self, mut action: A) -> Outcome<A> {
        action.assign_ids(&self.ids);
        let sent_at = self.sent_at();
        let result = self.client.send(action.clone()).await;
        Outcome::of(result, |error| self.doubt(action, sent_at, error))
    }

    pub(crate) fn client(&self) -> &WsApiClient<P> {
        &self.client
    }

    /// The time of a request that is sent now.
    pub(crate) fn sent_at(&self) -> SentAt {
        SentAt::now(&self.context, self.recv_window)
    }

    pub(crate) fn doubt<A: OrderAction<Product = P>>(
        &self,
        action: A,
        sent_at: SentAt,
        error: Error,
    ) -> Doubt<A> {
        let fence = self.context.clock().exchange_now().plus(self.recv_window).plus(ENGINE_DELAY);
        Doubt::new(action, sent_at, fence, error, self.clone())
    }

    /// Finds out the outcome of a request: asks until it is seen to have taken effect, or until it cannot be executed any more
    /// ([`Doubt::fence`]) and was seen not to have: what does not exist must be missing twice. Gives up after `timeout`; with
    /// less than half a minute there may be no proof that something was *not* done.
    ///
    /// Sends nothing but queries. The account's events may know earlier: [`Doubt::is_settled_by`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops asking.
    pub async fn resolve<A: OrderAction<Product = P>>(
        &self,
        doubt: &Doubt<A>,
        timeout: Duration,
    ) -> Resolution<A::Found> {
        self.resolve_until(doubt, self.context.clock().monotonic().checked_add(timeout)).await
    }

    /// The same; without a deadline for as long as the client is open.
    pub(crate) async fn resolve_until<A: OrderAction<Product = P>>(
        &self,
        doubt: &Doubt<A>,
        deadline: Option<Instant>,
    ) -> Resolution<A::Found> {
        let clock = self.context.clock();
        let inquiry = Inquiry { client: &self.client, sent_at: doubt.sent_at() };
        let mut absences = 0;
        let mut wait = INQUIRY_INTERVALS.0;
        loop {
            // An inquiry made before the fence proves nothing, whenever its answer comes: the request may be on its way.
            let is_final = clock.exchange_now() > doubt.fence();
            match doubt.request().look_up(&inquiry).await {
                Ok(Finding::Done(found)) => return Resolution::Done(found),
                Ok(Finding::Failed(found)) => return Resolution::NotDone(Some(found)),
                Ok(Finding::Unchanged(found)) => {
                    if is_final {
                        return Resolution::NotDone(Some(found));
                    }
                }
                Ok(Finding::Absent(instead)) => {
                    absences += u32::from(is_final);
                    if absences >= 2 {
                        return Resolution::NotDone(instead);
                    }
                }
                Err(error) if error.kind() == ErrorKind::Closed => return Resolution::StillUnknown,
                Err(error) => tracing::debug!(%error, "cannot query the outcome"),
            }
            if deadline.is_some_and(|deadline| clock.monotonic() + wait > deadline) {
                return Resolution::StillUnknown;
            }
            clock.sleep(wait).await;
            wait = (wait * 2).min(INQUIRY_INTERVALS.1);
        }
    }
}

impl<P: Trading> Orders<P> {
    /// Places an order. It gets a client order id if it has none.
    ///
    /// # Cancel safety
    ///
    /// As [`Orders::send`].
    pub async fn place(&self, order: P::NewOrder) -> Outcome<P::NewOrder> {
        self.send(order).await
    }

    /// Cancels an order by either of its ids.
    ///
    /// # Cancel safety
    ///
    /// As [`Orders::send`].
    pub async fn cancel(
        &self,
        symbol: impl Into<Symbol>,
        order: impl Into<P::OrderKey>,
    ) -> Outcome<P::CancelOrder> {
        self.send(P::cancel_order(symbol.into(), order.into())).await
    }

    /// Changes an open order. Its new client order id, where the product has one, is of ours if none is set.
    ///
    /// # Cancel safety
    ///
    /// As [`Orders::send`].
    pub async fn amend(&self, change: P::AmendOrder) -> Outcome<P::AmendOrder> {
        self.send(change).await
    }

    /// Cancels all open orders and order lists of a symbol.
    ///
    /// # Cancel safety
    ///
    /// As [`Orders::send`].
    pub async fn cancel_all(&self, symbol: impl Into<Symbol>) -> Outcome<P::CancelAll> {
        self.send(P::cancel_all(symbol.into())).await
    }
}
