//! The account's own events, as they come on the connection of the WebSocket API.

use crate::Error;
use crate::client::Handle;
use binance_kit_core::decode::{EventFrame, FastReader};
use binance_kit_core::{ApiError, DecodeError, HEAP_FACTOR, StreamEvent, Timestamp, UnreadableElement};
use binance_kit_net::{Charge, SplitShare};
use futures_core::Stream;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::sync::mpsc::{self, error::TrySendError};

/// One item of a user-data stream.
#[derive(Debug)]
#[non_exhaustive]
pub enum UserDataItem<E> {
    /// An event.
    Event {
        /// The event.
        data: E,
        /// When the frame was read, by our wall clock.
        received_at: Timestamp,
    },
    /// Subscribed, for the first time or again. What happened before is not replayed by the exchange: a program that
    /// keeps a picture of the account must take a snapshot now.
    Subscribed,
    /// The connection was lost, or the exchange ended the stream. Events may be missing from here to the next
    /// `Subscribed`.
    Interrupted,
    /// A frame that could not be read, or an element of a list in the event before; that event has the others.
    Malformed {
        /// What is wrong with it.
        error: DecodeError,
        /// The event or the element as JSON text.
        raw: String,
    },
    /// The exchange refused to subscribe again after a reconnect. It is asked again after a while, and by the next
    /// connection; until then nothing comes.
    Refused(ApiError),
}

/// Where events of a subscription go, whatever their type.
pub(crate) trait Sink: Send {
    /// Takes an event. `frame` is the length of its frame in bytes.
    fn event(&mut self, event: EventFrame<'_>, received_at: Timestamp, frame: usize);
    /// Takes an event whose keys come in the documented order; `false` if it is not one, and then nothing was taken.
    fn event_in_order(&mut self, input: FastReader<'_>, received_at: Timestamp, frame: usize) -> bool;
    fn subscribed(&mut self);
    fn interrupted(&mut self);
    fn refused(&mut self, error: ApiError);
    /// Whether the consumer is gone, or was too slow.
    fn is_dead(&self) -> bool;
}

pub(crate) struct TypedSink<E> {
    /// To the consumer.
    sender: mpsc::Sender<(UserDataItem<E>, Charge)>,
    /// What the items take that the consumer has not taken.
    share: SplitShare,
    /// Whether the queue ran full.
    overflowed: Arc<AtomicBool>,
}

impl<E> TypedSink<E> {
    /// Queues an item that takes so many bytes outside of itself.
    fn put(&mut self, item: UserDataItem<E>, heap: usize) {
        if self.overflowed.load(Ordering::Relaxed) {
            return;
        }
        let charge = self.share.charge(heap.saturating_add(size_of::<(UserDataItem<E>, Charge)>()));
        let has_room =
            charge.map(|charge| !matches!(self.sender.try_send((item, charge)), Err(TrySendError::Full(_))));
        if has_room != Some(true) {
            // An execution report is never dropped silently: the stream ends here, and reports it.
            tracing::error!("user-data queue full, stream ends");
            self.overflowed.store(true, Ordering::Relaxed);
        }
    }
}

impl<E: StreamEvent> Sink for TypedSink<E> {
    fn event(&mut self, event: EventFrame<'_>, received_at: Timestamp, frame: usize) {
        match E::decode_event(event) {
            Ok(data) => {
                let heap = data.heap_size().unwrap_or(frame.saturating_mul(HEAP_FACTOR));
                let mut unreadable = Vec::new();
                data.each_unreadable(&mut |element| unreadable.push(element.clone()));
                self.put(UserDataItem::Event { data, received_at }, heap);
                for UnreadableElement { index, text, error, .. } in unreadable {
                    let heap = text.capacity();
                    self.put(UserDataItem::Malformed { error: error.at_index(index), raw: text }, heap);
                }
            }
            Err(error) => {
                let raw = event.data.to_json();
                let heap = raw.capacity();
                self.put(UserDataItem::Malformed { error, raw }, heap);
            }
        }
    }

    fn event_in_order(&mut self, mut input: FastReader<'_>, received_at: Timestamp, frame: usize) -> bool {
        let Some(data) = E::decode_in_order(&mut input, None) else { return false };
        if input.finish(true).is_none() {
            return false;
        }
        let heap = data.heap_size().unwrap_or(frame.saturating_mul(HEAP_FACTOR));
        self.put(UserDataItem::Event { data, received_at }, heap);
        true
    }

    fn subscribed(&mut self) {
        self.put(UserDataItem::Subscribed, 0);
    }

    fn interrupted(&mut self) {
        self.put(UserDataItem::Interrupted, 0);
    }

    fn refused(&mut self, error: ApiError) {
        let heap = error.message.len();
        self.put(UserDataItem::Refused(error), heap);
    }

    fn is_dead(&self) -> bool {
        self.sender.is_closed() || self.overflowed.load(Ordering::Relaxed)
    }
}

/// The account's events. Begins with [`UserDataItem::Subscribed`]. Dropping it ends the subscription.
///
/// The queue behind it is bounded in events and in bytes and never drops an event silently: when the consumer lets it run full, the stream ends
/// after what is queued, and [`UserDataStream::is_overflowed`] says why.
pub struct UserDataStream<E> {
    /// The items that the task has put in.
    receiver: mpsc::Receiver<(UserDataItem<E>, Charge)>,
    /// Whether the queue ran full.
    overflowed: Arc<AtomicBool>,
    /// Our key of the subscription.
    key: u64,
    /// The connection, which stays open as long as this stream.
    connection: Handle,
}

impl<E> fmt::Debug for UserDataStream<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserDataStream").field("queued", &self.receiver.len()).finish_non_exhaustive()
    }
}

pub(crate) struct Lane<E> {
    /// The items that the task has put in.
    receiver: mpsc::Receiver<(UserDataItem<E>, Charge)>,
    /// Whether the queue ran full.
    overflowed: Arc<AtomicBool>,
}

pub(crate) fn lane<E: StreamEvent>(capacity: usize, share: SplitShare) -> (Box<dyn Sink>, Lane<E>) {
    let (sender, receiver) = mpsc::channel(capacity.max(1));
    let overflowed = Arc::new(AtomicBool::new(false));
    (
        Box::new(TypedSink { sender, share, overflowed: Arc::clone(&overflowed) }),
        Lane { receiver, overflowed },
    )
}

impl<E: StreamEvent> UserDataStream<E> {
    pub(crate) fn new(lane: Lane<E>, key: u64, connection: Handle) -> Self {
        Self { receiver: lane.receiver, overflowed: lane.overflowed, key, connection }
    }

    /// The next item; `None` when the client is closed or the queue ran full.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<UserDataItem<E>> {
        poll_fn(|cx| self.poll_item(cx)).await
    }

    /// Whether the consumer was too slow, so that the stream ended. Subscribe again and take a snapshot.
    pub fn is_overflowed(&self) -> bool {
        self.overflowed.load(Ordering::Relaxed)
    }

    /// Ends the subscription at the exchange, and waits for its answer.
    ///
    /// # Errors
    ///
    /// Those of the exchange or the connection; nothing is delivered any more in any case.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the subscription all the same.
    pub async fn unsubscribe(self) -> Result<(), Error> {
        self.connection.unsubscribe_user_data(self.key).await
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<UserDataItem<E>>> {
        self.poll_next_charged(cx).map(|next| next.map(|(item, _)| item))
    }

    /// The next item, with the bytes it takes of [`crate::WsApiConfig::user_data_bytes`] until the charge is dropped: for a consumer that
    /// holds events back itself.
    pub fn poll_next_charged(&mut self, cx: &mut Context<'_>) -> Poll<Option<(UserDataItem<E>, Charge)>> {
        if self.is_overflowed() {
            // The task keeps its end until it next looks; what is queued is still delivered.
            return Poll::Ready(self.receiver.try_recv().ok());
        }
        self.receiver.poll_recv(cx)
    }
}

impl<E: StreamEvent> Stream for UserDataStream<E> {
    type Item = UserDataItem<E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<UserDataItem<E>>> {
        self.poll_item(cx)
    }
}

impl<E> Drop for UserDataStream<E> {
    fn drop(&mut self) {
        self.connection.forget_user_data(self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use binance_kit_core::ErrorCode;
    use binance_kit_net::ByteBudget;

    struct Any;

    impl StreamEvent for Any {
        fn decode_event(_: EventFrame<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }
    }

    #[test]
    fn an_item_takes_its_own_size_and_what_it_holds_outside_of_itself() {
        let share = ByteBudget::new(1 << 20).split_share(1 << 20);
        let (mut sink, mut lane) = lane::<Any>(10, share.clone());
        let own = size_of::<(UserDataItem<Any>, Charge)>();
        sink.subscribed();
        assert_eq!(share.held(), own);
        sink.interrupted();
        assert_eq!(share.held(), 2 * own);
        sink.refused(ApiError::new(ErrorCode(-2015), "seven b"));
        assert_eq!(share.held(), 3 * own + 7);
        while lane.receiver.try_recv().is_ok() {}
        assert_eq!(share.held(), 0);
    }
}
