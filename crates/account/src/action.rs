//! Requests that change orders, and how to find out the outcome of one whose answer was lost.

use crate::ids::ClientOrderIds;
use crate::product::UserData;
use crate::sent_at::SentAt;
use binance_kit_core::{Error, ErrorCode, Request, Symbol, WsRequest};
use binance_kit_ws_api::WsApiClient;
use std::fmt::Debug;
use std::future::Future;

/// A request that changes orders.
///
/// [`Orders::send`](crate::Orders::send) takes any of them. What an implementation adds to the request is how to find out by
/// queries whether it took effect.
pub trait OrderAction:
    WsRequest<Product: UserData> + Request<Response: Clone + Debug + Sync> + Clone + Debug + Send + Sync + 'static
{
    /// What queries find of it: an order, an order list.
    type Found: Clone + Debug + PartialEq + Send + Sync + 'static;

    /// Returns the symbol.
    fn symbol(&self) -> &Symbol;

    /// Gives a client order id to everything that the request creates and that has none yet.
    fn assign_ids(&mut self, ids: &ClientOrderIds);

    /// Queries once whether the request took effect.
    ///
    /// # Errors
    ///
    /// When the exchange did not answer the queries; the caller asks again.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops asking. Nothing but queries is sent.
    fn look_up(
        &self,
        inquiry: &Inquiry<'_, Self::Product>,
    ) -> impl Future<Output = Result<Finding<Self::Found>, Error>> + Send;

    /// Returns whether an event of the account shows the outcome of the request that was sent at this time.
    fn is_settled_by(&self, event: &<Self::Product as UserData>::Event, sent_at: &SentAt) -> bool;
}

/// What one inquiry found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Finding<F> {
    /// The request took effect.
    Done(F),
    /// The request took no effect, and cannot any more.
    Failed(F),
    /// The request took no effect so far. That is definite once it cannot be executed any more.
    Unchanged(F),
    /// The exchange does not show what the request creates, or what it was to change. With what it shows instead. That is
    /// definite when seen twice after the request cannot be executed any more.
    Absent(Option<F>),
}

/// Access to the exchange for [`OrderAction::look_up`].
#[derive(Debug)]
pub struct Inquiry<'a, P: UserData> {
    /// The connection to ask on.
    pub(crate) client: &'a WsApiClient<P>,
    /// When the request was sent.
    pub(crate) sent_at: &'a SentAt,
}

impl<P: UserData> Inquiry<'_, P> {
    /// Sends a query; `None` when the exchange answers that there is no such order or list.
    ///
    /// # Errors
    ///
    /// Any other failure.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops asking.
    pub async fn ask<R: WsRequest<Product = P>>(&self, query: R) -> Result<Option<R::Response>, Error> {
        match self.client.send(query).await {
            Ok(response) => Ok(Some(response.into_value())),
            Err(error) if error.api_error().is_some_and(|error| error.code == ErrorCode::NO_SUCH_ORDER) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Returns when the request was sent.
    pub fn sent_at(&self) -> &SentAt {
        self.sent_at
    }
}
