//! Filling gaps: the fetches that are under way.

use super::{Connections, Now, Source, WantedFill};
use crate::backfill::Missing;
use crate::delivery::{Delivery, FetchedAny, FetchingAny};
use crate::item::{ConnectionId, Event};
use binance_kit_core::Position;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use tokio::time::Sleep;

/// A gap that is being filled.
pub(super) struct Fill {
    /// The number of the stream.
    pub(super) number: usize,
    /// First missing position.
    from: Position,
    /// Last missing position.
    to: Position,
    /// The fetch.
    fetching: FetchingAny,
    /// When it is given up.
    deadline: Pin<Box<Sleep>>,
    /// Wakes the connections for this fetch.
    waker: Waker,
}

impl Connections {
    pub(super) fn begin_fill(&mut self, now: Now, wanted: WantedFill, delivery: &mut dyn Delivery) {
        let WantedFill { number, from, to } = wanted;
        let Some(info) = self.streams.get(number).map(|state| state.info.clone()) else { return };
        // An earlier fetch of the stream is no longer waited for.
        self.fills.retain(|_, fill| fill.number != number);
        let Some(fetching) = delivery.fetch(Missing { stream: info, from, to }) else {
            return self.end_fill(now, number, None, delivery);
        };
        let deadline = now.instant(now.at + self.target.config.backfill_timeout);
        let deadline = Box::pin(tokio::time::sleep_until(deadline));
        let source = self.next_source;
        self.next_source += 1;
        let waker = self.wakes.waker(source);
        self.fills.insert(source, Fill { number, from, to, fetching, deadline, waker });
        self.wakes.push(source);
        // So that it is polled.
        self.arm(now.at);
    }

    pub(super) fn poll_fill(&mut self, source: Source, delivery: &mut dyn Delivery) -> Poll<()> {
        let Some(fill) = self.fills.get_mut(&source) else { return Poll::Pending };
        let waker = fill.waker.clone();
        let mut cx = Context::from_waker(&waker);
        let result = match fill.fetching.as_mut().poll(&mut cx) {
            Poll::Ready(result) => result,
            Poll::Pending if fill.deadline.as_mut().poll(&mut cx).is_ready() => None,
            Poll::Pending => return Poll::Pending,
        };
        let Some(done) = self.fills.remove(&source) else { return Poll::Ready(()) };
        let now = self.now();
        // The wait may have been given up since.
        let waits =
            self.streams.get(done.number).is_some_and(|state| state.order.is_filling(done.from, done.to));
        if waits {
            self.end_fill(now, done.number, result, delivery);
        }
        Poll::Ready(())
    }

    fn end_fill(&mut self, now: Now, number: usize, result: Option<FetchedAny>, delivery: &mut dyn Delivery) {
        let received_at = self.target.context.clock().now();
        let Some(state) = self.streams.get(number) else { return };
        let (events, is_complete) =
            result.map_or_else(Default::default, |result| delivery.take_fetched(result));
        let connection = ConnectionId { connection: state.lane, ..ConnectionId::default() };
        let events = events
            .into_iter()
            .map(|(sequence, data)| {
                let (api, stream) = state.id();
                (sequence, Event { data, stream, api, received_at, connection, backfilled: true })
            })
            .collect();
        let before = state.order.held();
        state.order.filled(now.at, events, is_complete, &mut self.scratch);
        self.emit(now, number, before);
    }
}
