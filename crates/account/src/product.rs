//! What orders and account streams need of a product. Spot is the first implementation; margin and futures add theirs.

use crate::action::OrderAction;
use binance_kit_core::product::Product;
use binance_kit_core::{Error, StreamEvent, Symbol, Timestamp};
use binance_kit_ws_api::{UserDataStream, WsApiClient};
use std::borrow::Cow;
use std::fmt::Debug;
use std::future::Future;

/// The user data of a product: its events, and the snapshot that they follow.
///
/// [`AccountStream`](crate::AccountStream) is generic over it.
pub trait UserData: Product {
    /// An event of the account.
    type Event: StreamEvent + Clone + Debug + Sync + Unpin;
    /// The account at one moment.
    type Snapshot: Clone + Debug + Send + Sync + 'static;
    /// The part of a snapshot by which [`UserData::is_contained`] decides.
    type Contents: Send + 'static;

    /// Returns the type of an event in the exchange's words (`executionReport`).
    fn event_type(event: &Self::Event) -> Cow<'_, str>;

    /// Subscribes to the events of the account.
    ///
    /// # Errors
    ///
    /// As [`WsApiClient::send`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the subscription.
    fn subscribe(
        client: &WsApiClient<Self>,
    ) -> impl Future<Output = Result<UserDataStream<Self::Event>, Error>> + Send;

    /// Queries a snapshot.
    ///
    /// # Errors
    ///
    /// As [`WsApiClient::send`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops asking.
    fn take_snapshot(
        client: WsApiClient<Self>,
    ) -> impl Future<Output = Result<Self::Snapshot, Error>> + Send + 'static;

    /// Extracts the part of a snapshot by which events are compared with it.
    fn contents(snapshot: &Self::Snapshot) -> Self::Contents;

    /// Returns when the account last changed before the snapshot was taken.
    fn updated_at(contents: &Self::Contents) -> Timestamp;

    /// Returns when an event changed the account; `None` for events that change nothing.
    fn changed_at(event: &Self::Event) -> Option<Timestamp>;

    /// Returns whether an event carries balances that are those of the snapshot, so that the snapshot contains it and all
    /// events before it.
    fn is_contained(contents: &Self::Contents, event: &Self::Event) -> bool;
}

/// The orders of a product.
///
/// [`Orders`](crate::Orders) is generic over it; whatever a product has beyond these four (order lists, smart order routing)
/// is another [`OrderAction`] of it.
pub trait Trading: UserData {
    /// Places an order.
    type NewOrder: OrderAction<Product = Self>;
    /// Cancels an order.
    type CancelOrder: OrderAction<Product = Self>;
    /// Changes an open order.
    type AmendOrder: OrderAction<Product = Self>;
    /// Cancels all open orders of a symbol.
    type CancelAll: OrderAction<Product = Self>;
    /// The name of an order, by the exchange's id or by the client order id.
    type OrderKey;

    /// Builds the request that cancels an order.
    fn cancel_order(symbol: Symbol, order: Self::OrderKey) -> Self::CancelOrder;

    /// Builds the request that cancels all open orders of a symbol.
    fn cancel_all(symbol: Symbol) -> Self::CancelAll;
}
