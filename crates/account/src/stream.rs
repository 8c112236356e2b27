//! The account's events with a snapshot first.

use crate::product::UserData;
use crate::snapshot_merge::SnapshotMerge;
use binance_kit_core::product::Spot;
use binance_kit_core::{ApiError, DecodeError, Error, ErrorKind, Timestamp};
use binance_kit_ws_api::{Charge, UserDataItem, UserDataStream, WsApiClient};
use futures_core::Stream;
use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Sleep;

/// One item of an [`AccountStream`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum AccountItem<P: UserData = Spot> {
    /// The account at one moment: at the beginning, and again after every interruption.
    Snapshot(Arc<P::Snapshot>),
    /// An event of the account.
    Event(Box<AccountChange<P>>),
    /// The connection was lost, or the exchange ended the stream. What happens from here until the next snapshot is seen
    /// only in that.
    Interrupted,
    /// The snapshot could not be taken; the next attempt follows.
    SnapshotFailed(Error),
    /// A frame that could not be read.
    Malformed {
        /// Why.
        error: DecodeError,
        /// The event as JSON text.
        raw: String,
    },
    /// The exchange refused to subscribe again after a reconnect. The next attempt follows.
    Refused(ApiError),
}

impl<P: UserData> fmt::Display for AccountItem<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Snapshot(_) => f.write_str("snapshot"),
            Self::Event(change) => change.fmt(f),
            Self::Interrupted => f.write_str("interrupted"),
            Self::SnapshotFailed(error) => write!(f, "snapshot failed: {error}"),
            Self::Malformed { error, .. } => write!(f, "event unreadable: {error}"),
            Self::Refused(error) => write!(f, "subscription refused: {error}"),
        }
    }
}

/// An event of the account. Dereferences to its data.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AccountChange<P: UserData = Spot> {
    /// The event.
    pub data: P::Event,
    /// When the frame was read, by our wall clock.
    pub received_at: Timestamp,
    /// Whether the balances of the last snapshot contain the event already: it happened while the snapshot was being taken.
    /// What it says of orders holds in any case; the open orders of the snapshot may be a little newer or older.
    pub in_snapshot: bool,
}

impl<P: UserData> fmt::Display for AccountChange<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&P::event_type(&self.data))?;
        f.write_str(if self.in_snapshot { " (in the snapshot)" } else { "" })
    }
}

impl<P: UserData> Deref for AccountChange<P> {
    type Target = P::Event;

    fn deref(&self) -> &P::Event {
        &self.data
    }
}

type SnapshotFuture<P> = Pin<Box<dyn Future<Output = Result<<P as UserData>::Snapshot, Error>> + Send>>;

/// The waits before a failed snapshot is tried again: the first, and the longest.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// Maximum number of events held while a snapshot is being taken. More stay in the queue of the subscription, which reports
/// when it runs full.
const MAX_HELD: usize = 65_536;
/// Number of frames that must be unreadable, with none before that was not, for [`AccountStream::next_event`] to report it.
const MAX_FIRST_UNREADABLE: u64 = 3;
/// How long to wait for the balances that decide whether events of the snapshot's own millisecond are in it. They come right
/// after the events.
const UNDECIDED_TIMEOUT: Duration = Duration::from_millis(500);

/// The events of an account, with a snapshot first and after every interruption. Events that come while a snapshot is being
/// taken are delivered after it.
pub struct AccountStream<P: UserData = Spot> {
    /// The connection, for snapshots.
    client: WsApiClient<P>,
    /// The subscription.
    events: UserDataStream<P::Event>,
    /// The snapshot under way.
    snapshot: Option<SnapshotFuture<P>>,
    /// The last snapshot.
    last_snapshot: Option<Arc<P::Snapshot>>,
    /// The wait before the next attempt, should the snapshot fail.
    retry_after: Duration,
    /// The events that came while the snapshot was being taken, with what they take of the queue.
    held: VecDeque<(P::Event, Timestamp, Charge)>,
    /// Decides which events the last snapshot contains; `None` until there is one, and after an interruption.
    merge: Option<SnapshotMerge<P>>,
    /// The end of the wait for a decision, while events wait for it.
    undecided_until: Option<Pin<Box<Sleep>>>,
    /// Items to be delivered next.
    ready: VecDeque<AccountItem<P>>,
    /// Whether the subscription has ended.
    ended: bool,
    /// Number of frames that could not be read.
    unreadable: u64,
    /// Whether an event was read.
    has_read: bool,
    /// Whether [`AccountStream::next_event`] has reported that the queue ran full.
    has_reported_overflow: bool,
}

impl<P: UserData> fmt::Debug for AccountStream<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountStream")
            .field("taking_snapshot", &self.snapshot.is_some())
            .field("held", &self.held.len())
            .finish_non_exhaustive()
    }
}

/// Nothing in here is pinned in place.
impl<P: UserData> Unpin for AccountStream<P> {}

impl<P: UserData> AccountStream<P> {
    /// Subscribes to the account's events.
    ///
    /// # Errors
    ///
    /// As [`WsApiClient::send`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the subscription.
    pub async fn open(client: &WsApiClient<P>) -> Result<Self, Error> {
        Ok(Self {
            events: P::subscribe(client).await?,
            client: client.clone(),
            snapshot: None,
            last_snapshot: None,
            retry_after: RETRY_AFTER.0,
            held: VecDeque::new(),
            merge: None,
            undecided_until: None,
            ready: VecDeque::new(),
            ended: false,
            unreadable: 0,
            has_read: false,
            has_reported_overflow: false,
        })
    }

    /// Returns the next event; `None` when the client is closed. Everything else ([`AccountStream::next`] returns it) is skipped:
    /// a new snapshot is available from [`AccountStream::snapshot`], an interruption is followed by one, and frames that cannot
    /// be read are counted and logged.
    ///
    /// # Errors
    ///
    /// After an error the stream continues with its next attempt, so that the caller may call again.
    ///
    /// * [`ErrorKind::StreamRefused`] when the exchange refused to subscribe again after a reconnect.
    /// * The failure of a snapshot, when trying again does not help (the key was revoked, say); others are retried.
    /// * [`ErrorKind::Unreadable`] when none of the first frames could be read.
    /// * [`ErrorKind::Overflowed`] when the consumer was so slow that the queue ran full; the stream has ended then.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next_event(&mut self) -> Result<Option<AccountChange<P>>, Error> {
        while let Some(item) = self.next().await {
            match item {
                AccountItem::Event(change) => return Ok(Some(*change)),
                AccountItem::Refused(error) => {
                    return Err(Error::new(ErrorKind::StreamRefused).with_api_error(error));
                }
                AccountItem::SnapshotFailed(error) if !error.is_transient() => {
                    return Err(error);
                }
                AccountItem::SnapshotFailed(error) => tracing::warn!(%error, "account snapshot failed"),
                AccountItem::Malformed { error, .. } => {
                    tracing::warn!(%error, "account event unreadable");
                    if !self.has_read && self.unreadable == MAX_FIRST_UNREADABLE {
                        return Err(Error::new(ErrorKind::Unreadable).with_source(error));
                    }
                }
                AccountItem::Interrupted => tracing::info!("account stream interrupted"),
                AccountItem::Snapshot(_) => {}
            }
        }
        if self.is_overflowed() && !std::mem::replace(&mut self.has_reported_overflow, true) {
            return Err(Error::new(ErrorKind::Overflowed));
        }
        Ok(None)
    }

    /// Returns the last snapshot; `None` before the first.
    pub fn snapshot(&self) -> Option<&Arc<P::Snapshot>> {
        self.last_snapshot.as_ref()
    }

    /// Returns the number of frames that could not be read.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// Returns the next item; `None` when the client is closed, or the consumer was so slow that the queue ran full
    /// ([`AccountStream::is_overflowed`]).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<AccountItem<P>> {
        poll_fn(|cx| self.poll_item(cx)).await
    }

    /// Returns whether the stream ended because the consumer was too slow.
    pub fn is_overflowed(&self) -> bool {
        self.events.is_overflowed()
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<AccountItem<P>>> {
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
            if self.held.len() >= MAX_HELD && self.snapshot.is_some() {
                // The snapshot wakes the task.
                return Poll::Pending;
            }
            match self.events.poll_next_charged(cx) {
                Poll::Ready(Some((item, charge))) => self.take(item, charge),
                Poll::Ready(None) => {
                    self.ended = true;
                    self.snapshot = None;
                    self.settle();
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn take(&mut self, item: UserDataItem<P::Event>, charge: Charge) {
        match item {
            UserDataItem::Subscribed => {
                self.settle();
                self.merge = None;
                self.retry_after = RETRY_AFTER.0;
                self.snapshot = Some(take_snapshot::<P>(self.client.clone(), Duration::ZERO));
            }
            UserDataItem::Event { data: event, received_at } => {
                self.has_read = true;
                match &mut self.merge {
                    Some(merge) => {
                        merge.push(event, received_at, charge, &mut self.ready);
                        self.time_undecided();
                    }
                    None => self.held.push_back((event, received_at, charge)),
                }
            }
            UserDataItem::Interrupted => {
                self.settle();
                // The events held stay: the next snapshot contains them, but what they say of orders is in no snapshot.
                self.snapshot = None;
                self.merge = None;
                self.ready.push_back(AccountItem::Interrupted);
            }
            UserDataItem::Malformed { error, raw } => {
                self.unreadable += 1;
                self.ready.push_back(AccountItem::Malformed { error, raw });
            }
            UserDataItem::Refused(error) => self.ready.push_back(AccountItem::Refused(error)),
            _ => {}
        }
    }

    fn snapshot_taken(&mut self, result: Result<P::Snapshot, Error>) {
        match result {
            Ok(snapshot) => {
                self.snapshot = None;
                let mut merge = SnapshotMerge::new(&snapshot);
                let snapshot = Arc::new(snapshot);
                self.last_snapshot = Some(Arc::clone(&snapshot));
                self.ready.push_back(AccountItem::Snapshot(snapshot));
                for (event, received_at, charge) in self.held.drain(..) {
                    merge.push(event, received_at, charge, &mut self.ready);
                }
                self.merge = Some(merge);
                self.time_undecided();
            }
            Err(error) => {
                self.ready.push_back(AccountItem::SnapshotFailed(error));
                self.snapshot = Some(take_snapshot::<P>(self.client.clone(), self.retry_after));
                self.retry_after = (self.retry_after * 2).min(RETRY_AFTER.1);
            }
        }
    }

    /// Starts the wait for a decision when events need one, and ends it when none do.
    fn time_undecided(&mut self) {
        if !self.merge.as_ref().is_some_and(SnapshotMerge::is_undecided) {
            self.undecided_until = None;
        } else if self.undecided_until.is_none() {
            self.undecided_until = Some(Box::pin(tokio::time::sleep(UNDECIDED_TIMEOUT)));
        }
    }

    /// Events that nothing shows to be in the snapshot are not.
    fn settle(&mut self) {
        if let Some(merge) = &mut self.merge {
            merge.settle(false, &mut self.ready);
        }
        self.undecided_until = None;
    }
}

fn take_snapshot<P: UserData>(client: WsApiClient<P>, delay: Duration) -> SnapshotFuture<P> {
    Box::pin(async move {
        tokio::time::sleep(delay).await;
        P::take_snapshot(client).await
    })
}

impl<P: UserData> Stream for AccountStream<P> {
    type Item = AccountItem<P>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<AccountItem<P>>> {
        self.poll_item(cx)
    }
}
