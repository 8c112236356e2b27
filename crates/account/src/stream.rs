//! The account's events with a snapshot first.

use binance_kit_core::{ApiError, DecodeError, Timestamp};
use binance_kit_model::spot::{Account, AccountInformation, OpenOrders, Order, UserDataEvent};
use binance_kit_ws_api::{Error, UserDataItem, UserDataStream, WsApiClient};
use futures_core::Stream;
use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// The account at one moment.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AccountSnapshot {
    /// Balances, commissions, permissions.
    pub account: AccountInformation,
    /// The open orders of all symbols.
    pub open_orders: Vec<Order>,
}

/// One item of an [`AccountStream`].
#[derive(Debug)]
#[non_exhaustive]
pub enum AccountItem {
    /// The account as it is: at the beginning, and again after every interruption.
    Snapshot(Box<AccountSnapshot>),
    /// Something happened.
    Event {
        /// What.
        event: Box<UserDataEvent>,
        /// When the frame was read, by our wall clock.
        received_at: Timestamp,
        /// Whether the last snapshot holds it already: it happened while the snapshot was being taken.
        in_snapshot: bool,
    },
    /// The connection was lost, or the exchange ended the stream. What happens until the next snapshot is seen only in
    /// that.
    Interrupted,
    /// The snapshot could not be taken; the next attempt follows.
    SnapshotFailed(Error),
    /// A frame that could not be read.
    Malformed {
        /// What is wrong with it.
        error: DecodeError,
        /// The event as JSON text.
        raw: String,
    },
    /// The exchange refused to subscribe again after a reconnect.
    Refused(ApiError),
}

type SnapshotFuture = Pin<Box<dyn Future<Output = Result<AccountSnapshot, Error>> + Send>>;

/// How long to wait before a snapshot is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The events of a Spot account, with a snapshot first and after every interruption. Events that come while a snapshot is
/// being taken are delivered behind it.
pub struct AccountStream {
    client: WsApiClient,
    events: UserDataStream<UserDataEvent>,
    snapshot: Option<SnapshotFuture>,
    held: VecDeque<(UserDataEvent, Timestamp)>,
    ready: VecDeque<AccountItem>,
    ended: bool,
}

impl fmt::Debug for AccountStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountStream")
            .field("taking_snapshot", &self.snapshot.is_some())
            .field("held", &self.held.len())
            .finish_non_exhaustive()
    }
}

impl AccountStream {
    /// Subscribes to the account's events.
    ///
    /// # Errors
    ///
    /// As [`WsApiClient::subscribe_user_data`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the subscription up.
    pub async fn open(client: &WsApiClient) -> Result<Self, Error> {
        Ok(Self {
            events: client.subscribe_user_data().await?,
            client: client.clone(),
            snapshot: None,
            held: VecDeque::new(),
            ready: VecDeque::new(),
            ended: false,
        })
    }

    /// The next item; `None` when the client is closed, or the consumer was so slow that the queue ran full
    /// ([`AccountStream::is_overflowed`]).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<AccountItem> {
        poll_fn(|cx| self.poll_item(cx)).await
    }

    /// Whether the stream ended because the consumer was too slow.
    pub fn is_overflowed(&self) -> bool {
        self.events.is_overflowed()
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<AccountItem>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Poll::Ready(Some(item));
            }
            if let Some(snapshot) = &mut self.snapshot
                && let Poll::Ready(result) = snapshot.as_mut().poll(cx)
            {
                self.snapshot = None;
                self.snapshot_taken(result);
                continue;
            }
            if self.ended {
                return Poll::Ready(None);
            }
            match Pin::new(&mut self.events).poll_next(cx) {
                Poll::Ready(Some(item)) => self.take(item),
                Poll::Ready(None) => {
                    self.ended = true;
                    self.snapshot = None;
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn take(&mut self, item: UserDataItem<UserDataEvent>) {
        match item {
            UserDataItem::Subscribed => {
                self.snapshot = Some(take_snapshot(self.client.clone(), Duration::ZERO))
            }
            UserDataItem::Event { event, received_at } if self.snapshot.is_some() => {
                self.held.push_back((event, received_at));
            }
            UserDataItem::Event { event, received_at } => {
                self.ready.push_back(AccountItem::Event {
                    event: Box::new(event),
                    received_at,
                    in_snapshot: false,
                });
            }
            UserDataItem::Interrupted => {
                // What was held belongs to a picture that will never be shown; the next snapshot has it.
                self.snapshot = None;
                self.held.clear();
                self.ready.push_back(AccountItem::Interrupted);
            }
            UserDataItem::Malformed { error, raw } => {
                self.ready.push_back(AccountItem::Malformed { error, raw })
            }
            UserDataItem::Refused(error) => self.ready.push_back(AccountItem::Refused(error)),
            _ => {}
        }
    }

    fn snapshot_taken(&mut self, result: Result<AccountSnapshot, Error>) {
        match result {
            Ok(snapshot) => {
                let updated = snapshot.account.update_time;
                self.ready.push_back(AccountItem::Snapshot(Box::new(snapshot)));
                for (event, received_at) in self.held.drain(..) {
                    let in_snapshot = happened_at(&event).is_some_and(|time| time <= updated);
                    self.ready.push_back(AccountItem::Event {
                        event: Box::new(event),
                        received_at,
                        in_snapshot,
                    });
                }
            }
            Err(error) => {
                self.ready.push_back(AccountItem::SnapshotFailed(error));
                self.snapshot = Some(take_snapshot(self.client.clone(), RETRY_AFTER));
            }
        }
    }
}

fn take_snapshot(client: WsApiClient, delay: Duration) -> SnapshotFuture {
    Box::pin(async move {
        tokio::time::sleep(delay).await;
        let (account, open_orders) =
            tokio::join!(client.send(Account::new()), client.send(OpenOrders::new()));
        Ok(AccountSnapshot { account: account?.into_value(), open_orders: open_orders?.into_value() })
    })
}

/// When an event changed the account.
fn happened_at(event: &UserDataEvent) -> Option<Timestamp> {
    match event {
        UserDataEvent::AccountPosition(position) => Some(position.last_update_time),
        UserDataEvent::BalanceUpdate(update) => Some(update.clear_time),
        UserDataEvent::ExecutionReport(report) => Some(report.transaction_time),
        UserDataEvent::ListStatus(status) => Some(status.transaction_time),
        UserDataEvent::ExternalLockUpdate(update) => Some(update.transaction_time),
        _ => None,
    }
}

impl Stream for AccountStream {
    type Item = AccountItem;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<AccountItem>> {
        self.poll_item(cx)
    }
}
