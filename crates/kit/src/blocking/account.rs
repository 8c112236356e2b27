//! Orders and the account's events for programs without an async runtime.

use super::client::Binance;
use super::error::BlockingError;
use super::thread::Background;
use super::wait::wait_for;
use binance_kit_account::spot::ReplaceOutcome;
use binance_kit_account::{
    AccountChange, AccountItem, ClientOrderIds, Doubt, OrderAction, Outcome, Resolution, Trading, UserData,
};
use binance_kit_core::Symbol;
use binance_kit_core::product::Spot;
use binance_kit_model::spot::trade::{CancelOrderList, OrderListKey, OrderListOpo, OrderListOpoco, SorOrder};
use binance_kit_model::spot::{CancelReplace, OrderListOco, OrderListOto, OrderListOtoco};
use binance_kit_net::Clock;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

impl Binance {
    /// Spot's orders over the WebSocket API; as [`crate::Binance::orders`].
    ///
    /// # Errors
    ///
    /// [`BlockingError::Client`] with the errors of [`crate::Binance::orders`].
    pub fn orders(&self) -> Result<Orders, BlockingError> {
        let binance = self.inner().clone();
        let inner = self.background().run(async move { binance.orders().await })??;
        Ok(Orders { inner, background: Arc::clone(self.background()) })
    }

    /// The events of the Spot account, with a snapshot first and after every interruption; as [`crate::Binance::account`].
    ///
    /// # Errors
    ///
    /// [`BlockingError::Client`] with the errors of [`crate::Binance::account`].
    pub fn account(&self) -> Result<AccountStream, BlockingError> {
        let binance = self.inner().clone();
        let stream = self.background().run(async move { binance.account().await })??;
        let clock = self.inner().context().clock().clone();
        Ok(AccountStream { stream, clock, background: Arc::clone(self.background()) })
    }
}

/// The blocking form of [`account::Orders`](crate::account::Orders), from [`Binance::orders`]. Cheap to clone.
///
/// ```no_run
/// use binance_kit::{blocking, prelude::*};
///
/// # fn main() -> binance_kit::Result {
/// let binance = Binance::builder().environment(Environment::testnet()).credentials(Credentials::from_env()?).build()?;
/// let orders = blocking::Binance::new(binance)?.orders()?;
/// match orders.place(spot::NewOrder::market_buy("BTCUSDT").quantity("0.001"))? {
///     Outcome::Confirmed(order) => println!("order {} is {:?}", order.order_id, order.status),
///     Outcome::Rejected(error) => println!("{error}"),
///     Outcome::NotSent(error) => println!("{error}"),
///     Outcome::Unknown(doubt) => println!("{:?}", orders.resolve(&doubt)?), // asks until it is definite, never sends again
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors of its methods
///
/// The outcome of a request is an [`Outcome`], never an error. [`BlockingError::InsideCallback`] means that nothing was sent.
/// [`BlockingError::Stopped`] means that the background thread has ended by a panic: the outcome is unknown then.
pub struct Orders<P: UserData = Spot> {
    /// The orders. In front of the thread, so that the connection's task ends first.
    inner: binance_kit_account::Orders<P>,
    /// The thread.
    background: Arc<Background>,
}

impl<P: UserData> Clone for Orders<P> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), background: Arc::clone(&self.background) }
    }
}

impl<P: UserData> fmt::Debug for Orders<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Orders").field("ids", self.ids()).finish_non_exhaustive()
    }
}

impl<P: UserData> Orders<P> {
    /// Sets the receive window; as [`account::Orders::recv_window`](crate::account::Orders::recv_window).
    #[must_use]
    pub fn recv_window(mut self, window: Duration) -> Self {
        self.inner = self.inner.recv_window(window);
        self
    }

    /// Returns the generator of the client order ids.
    pub fn ids(&self) -> &ClientOrderIds {
        self.inner.ids()
    }

    /// Sends a request that changes orders. Orders and lists that it creates get client order ids if they have none.
    ///
    /// # Errors
    ///
    /// See [`Orders`].
    pub fn send<A: OrderAction<Product = P>>(&self, action: A) -> Result<Outcome<A>, BlockingError> {
        let orders = self.inner.clone();
        Ok(self.background.run(async move { orders.send(action).await })?)
    }

    /// Asks the exchange until the outcome of a request is definite; as
    /// [`account::Doubt::resolve`](crate::account::Doubt::resolve). The methods of [`Doubt`] itself need a runtime.
    ///
    /// # Errors
    ///
    /// See [`Orders`]; nothing but queries is sent.
    pub fn resolve<A: OrderAction<Product = P>>(
        &self,
        doubt: &Doubt<A>,
    ) -> Result<Resolution<A::Found>, BlockingError> {
        let doubt = doubt.clone();
        Ok(self.background.run(async move { doubt.resolve().await })?)
    }

    /// The same, at most for this long; as [`account::Orders::resolve`](crate::account::Orders::resolve).
    ///
    /// # Errors
    ///
    /// As [`Orders::resolve`].
    pub fn resolve_within<A: OrderAction<Product = P>>(
        &self,
        doubt: &Doubt<A>,
        timeout: Duration,
    ) -> Result<Resolution<A::Found>, BlockingError> {
        let doubt = doubt.clone();
        Ok(self.background.run(async move { doubt.resolve_within(timeout).await })?)
    }
}

impl<P: Trading> Orders<P> {
    /// Places an order. It gets a client order id if it has none.
    ///
    /// # Errors
    ///
    /// See [`Orders`].
    pub fn place(&self, order: P::NewOrder) -> Result<Outcome<P::NewOrder>, BlockingError> {
        self.send(order)
    }

    /// Cancels an order by either of its ids.
    ///
    /// # Errors
    ///
    /// See [`Orders`].
    pub fn cancel(
        &self,
        symbol: impl Into<Symbol>,
        order: impl Into<P::OrderKey>,
    ) -> Result<Outcome<P::CancelOrder>, BlockingError> {
        self.send(P::cancel_order(symbol.into(), order.into()))
    }

    /// Changes an open order. Its new client order id, where the product has one, is of ours if none is set.
    ///
    /// # Errors
    ///
    /// See [`Orders`].
    pub fn amend(&self, change: P::AmendOrder) -> Result<Outcome<P::AmendOrder>, BlockingError> {
        self.send(change)
    }

    /// Cancels all open orders and order lists of a symbol.
    ///
    /// # Errors
    ///
    /// See [`Orders`].
    pub fn cancel_all(&self, symbol: impl Into<Symbol>) -> Result<Outcome<P::CancelAll>, BlockingError> {
        self.send(P::cancel_all(symbol.into()))
    }
}

macro_rules! placing {
    ($($name:ident($request:ty);)*) => {
        impl Orders<Spot> {
            $(
                #[doc = concat!(
                    "As [`account::Orders::", stringify!($name), "`](crate::account::Orders::", stringify!($name), ")."
                )]
                ///
                /// # Errors
                ///
                /// See [`Orders`].
                pub fn $name(&self, request: $request) -> Result<Outcome<$request>, BlockingError> {
                    self.send(request)
                }
            )*
        }
    };
}

placing! {
    place_oco(OrderListOco);
    place_oto(OrderListOto);
    place_otoco(OrderListOtoco);
    place_opo(OrderListOpo);
    place_opoco(OrderListOpoco);
    place_sor(SorOrder);
}

impl Orders<Spot> {
    /// Cancels an order and places another; as [`account::Orders::cancel_replace`](crate::account::Orders::cancel_replace).
    ///
    /// # Errors
    ///
    /// See [`Orders`].
    pub fn cancel_replace(&self, request: CancelReplace) -> Result<ReplaceOutcome, BlockingError> {
        let orders = self.inner.clone();
        Ok(self.background.run(async move { orders.cancel_replace(request).await })?)
    }

    /// Cancels an order list by either of its ids.
    ///
    /// # Errors
    ///
    /// See [`Orders`].
    pub fn cancel_list(
        &self,
        symbol: impl Into<Symbol>,
        list: impl Into<OrderListKey>,
    ) -> Result<Outcome<CancelOrderList>, BlockingError> {
        self.send(CancelOrderList::new(symbol, list))
    }
}

/// The events of an account as an iterator over all items, which waits for the next one, from [`Binance::account`]: a snapshot
/// first and after every interruption. `None` when the client is closed or the queue ran full. For the events alone:
/// [`AccountStream::events`].
pub struct AccountStream<P: UserData = Spot> {
    /// The stream.
    stream: binance_kit_account::AccountStream<P>,
    /// The clock of time-outs.
    clock: Clock,
    /// Drives the timers of the stream. Behind it, so that the connection's task is ended first.
    background: Arc<Background>,
}

impl<P: UserData> fmt::Debug for AccountStream<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stream.fmt(f)
    }
}

impl<P: UserData> AccountStream<P> {
    /// The next item, if one arrives within `timeout`.
    pub fn next_timeout(&mut self, timeout: Duration) -> Option<AccountItem<P>> {
        let _entered = self.background.enter();
        let deadline = self.clock.monotonic().checked_add(timeout);
        wait_for(self.stream.next(), deadline, || self.clock.monotonic()).flatten()
    }

    /// The events alone; as [`account::AccountStream::next_event`](crate::account::AccountStream::next_event).
    pub fn events(self) -> AccountEvents<P> {
        AccountEvents(self)
    }

    /// The last snapshot; `None` before the first.
    pub fn snapshot(&self) -> Option<&Arc<P::Snapshot>> {
        self.stream.snapshot()
    }

    /// Number of frames that could not be read.
    pub fn unreadable(&self) -> u64 {
        self.stream.unreadable()
    }

    /// Whether the stream ended because the program was too slow.
    pub fn is_overflowed(&self) -> bool {
        self.stream.is_overflowed()
    }
}

impl<P: UserData> Iterator for AccountStream<P> {
    type Item = AccountItem<P>;

    fn next(&mut self) -> Option<AccountItem<P>> {
        let _entered = self.background.enter();
        wait_for(self.stream.next(), None, || self.clock.monotonic()).flatten()
    }
}

/// The events of an [`AccountStream`]; see [`AccountStream::events`]. After an error it goes on.
pub struct AccountEvents<P: UserData = Spot>(AccountStream<P>);

impl<P: UserData> fmt::Debug for AccountEvents<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AccountEvents").field(&self.0).finish()
    }
}

impl<P: UserData> AccountEvents<P> {
    /// The last snapshot; `None` before the first.
    pub fn snapshot(&self) -> Option<&Arc<P::Snapshot>> {
        self.0.snapshot()
    }

    /// The next event, if one arrives within `timeout`.
    pub fn next_timeout(&mut self, timeout: Duration) -> Option<Result<AccountChange<P>, BlockingError>> {
        let AccountStream { stream, clock, background } = &mut self.0;
        let _entered = background.enter();
        let deadline = clock.monotonic().checked_add(timeout);
        let next = wait_for(stream.next_event(), deadline, || clock.monotonic())?;
        next.transpose().map(|next| next.map_err(BlockingError::Client))
    }
}

impl<P: UserData> Iterator for AccountEvents<P> {
    type Item = Result<AccountChange<P>, BlockingError>;

    fn next(&mut self) -> Option<Self::Item> {
        let AccountStream { stream, clock, background } = &mut self.0;
        let _entered = background.enter();
        let next = wait_for(stream.next_event(), None, || clock.monotonic())?;
        next.transpose().map(|next| next.map_err(BlockingError::Client))
    }
}
