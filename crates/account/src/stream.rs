//! The account's events with a snapshot first.

use crate::seam::Seam;
use binance_kit_core::{ApiError, DecodeError, Timestamp};
use binance_kit_model::spot::{Account, AccountEvent, AccountInformation, OpenOrders, Order};
use binance_kit_ws_api::{Error, UserDataItem, UserDataStream, WsApiClient};
use futures_core::Stream;
use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Sleep;

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
        event: Box<AccountEvent>,
        /// When the frame was read, by our wall clock.
        received_at: Timestamp,
        /// Whether the balances of the last snapshot hold it already: it happened while the snapshot was being taken. What
        /// it says of orders is true in any case; the open orders of the snapshot may be a little newer or older.
        in_snapshot: bool,
    },
    /// The connection was lost, or the exchange ended the stream. What happens from here until the next snapshot is seen
    /// only in that.
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

/// How long to wait before a snapshot is tried again, at first and at last.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// How many events are held while a snapshot is being taken; more stay in the queue of the subscription, which says so when it
/// runs full.
const MOST_HELD: usize = 65_536;
/// How long to wait for the balances that tell whether events of the snapshot's own millisecond are in it. They come right
/// behind the events.
const UNDECIDED_FOR: Duration = Duration::from_millis(500);

/// The events of a Spot account, with a snapshot first and after every interruption. Events that come while a snapshot is
/// being taken are delivered behind it.
pub struct AccountStream {
    client: WsApiClient,
    events: UserDataStream<AccountEvent>,
    snapshot: Option<SnapshotFuture>,
    retry_after: Duration,
    /// What came while the snapshot was being taken.
    held: VecDeque<(AccountEvent, Timestamp)>,
    seam: Option<Seam>,
    undecided_until: Option<Pin<Box<Sleep>>>,
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
            retry_after: RETRY_AFTER.0,
            held: VecDeque::new(),
            seam: None,
            undecided_until: None,
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
                self.snapshot_taken(result);
                continue;
            }
            if let Some(timer) = &mut self.undecided_until
                && timer.as_mut().poll(cx).is_ready()
            {
                self.settle();
                continue;
            }
            if self.ended {
                return Poll::Ready(None);
            }
            if self.held.len() >= MOST_HELD && self.snapshot.is_some() {
                // The snapshot wakes us.
                return Poll::Pending;
            }
            match Pin::new(&mut self.events).poll_next(cx) {
                Poll::Ready(Some(item)) => self.take(item),
                Poll::Ready(None) => {
                    self.ended = true;
                    self.snapshot = None;
                    self.settle();
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn take(&mut self, item: UserDataItem<AccountEvent>) {
        match item {
            UserDataItem::Subscribed => {
                self.settle();
                self.seam = None;
                self.retry_after = RETRY_AFTER.0;
                self.snapshot = Some(take_snapshot(self.client.clone(), Duration::ZERO));
            }
            UserDataItem::Event { data: event, received_at } => match &mut self.seam {
                Some(seam) => {
                    seam.admit(event, received_at, &mut self.ready);
                    self.time_undecided();
                }
                None => self.held.push_back((event, received_at)),
            },
            UserDataItem::Interrupted => {
                self.settle();
                // What is held stays: the next snapshot has it, but what it says of orders is told nowhere else.
                self.snapshot = None;
                self.seam = None;
                self.ready.push_back(AccountItem::Interrupted);
            }
            UserDataItem::Malformed { error, raw } => {
                self.ready.push_back(AccountItem::Malformed { error, raw });
            }
            UserDataItem::Refused(error) => self.ready.push_back(AccountItem::Refused(error)),
            _ => {}
        }
    }

    fn snapshot_taken(&mut self, result: Result<AccountSnapshot, Error>) {
        match result {
            Ok(snapshot) => {
                self.snapshot = None;
                let mut seam = Seam::new(&snapshot.account);
                self.ready.push_back(AccountItem::Snapshot(Box::new(snapshot)));
                for (event, received_at) in self.held.drain(..) {
                    seam.admit(event, received_at, &mut self.ready);
                }
                self.seam = Some(seam);
                self.time_undecided();
            }
            Err(error) => {
                self.ready.push_back(AccountItem::SnapshotFailed(error));
                self.snapshot = Some(take_snapshot(self.client.clone(), self.retry_after));
                self.retry_after = (self.retry_after * 2).min(RETRY_AFTER.1);
            }
        }
    }

    /// Starts the time that events may wait to be told from the snapshot, and ends it when none wait.
    fn time_undecided(&mut self) {
        if !self.seam.as_ref().is_some_and(Seam::is_undecided) {
            self.undecided_until = None;
        } else if self.undecided_until.is_none() {
            self.undecided_until = Some(Box::pin(tokio::time::sleep(UNDECIDED_FOR)));
        }
    }

    /// Events of which nothing shows that they are in the snapshot are not.
    fn settle(&mut self) {
        if let Some(seam) = &mut self.seam {
            seam.settle(false, &mut self.ready);
        }
        self.undecided_until = None;
    }
}

fn take_snapshot(client: WsApiClient, delay: Duration) -> SnapshotFuture {
    Box::pin(async move {
        tokio::time::sleep(delay).await;
        let (account, open_orders) =
            tokio::try_join!(client.send(Account::new()), client.send(OpenOrders::new()))?;
        Ok(AccountSnapshot { account: account.into_value(), open_orders: open_orders.into_value() })
    })
}

impl Stream for AccountStream {
    type Item = AccountItem;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<AccountItem>> {
        self.poll_item(cx)
    }
}
