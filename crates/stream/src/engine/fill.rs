//! Filling gaps: the fetches that are under way.

use super::{Engine, Now};
use crate::backfill::{Fetched, Fetching, Missing};
use crate::item::{ConnectionId, Event};
use crate::tracker::Source;
use binance_kit_core::{Position, StreamEvent, StreamName};
use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use tokio::time::Sleep;

/// A gap that is being filled.
pub(super) struct Fill<E> {
    number: usize,
    stream: StreamName,
    from: Position,
    to: Position,
    fetching: Fetching<E>,
    deadline: Pin<Box<Sleep>>,
    waker: Waker,
}

impl<E> Fill<E> {
    pub(super) fn is_for(&self, stream: &StreamName) -> bool {
        self.stream == *stream
    }
}

impl<E: StreamEvent> Engine<E> {
    pub(super) fn begin_fill(&mut self, now: Now, number: usize, from: Position, to: Position) {
        let Some(stream) = self.streams.get(number).map(|state| state.name.clone()) else { return };
        let Some(backfill) = &self.options.backfill else {
            return self.end_fill(now, number, None);
        };
        // Nobody waits any more for one that was begun before.
        self.fills.retain(|_, fill| !fill.is_for(&stream));
        let fetching = backfill.fetch(Missing { stream: stream.clone(), from, to });
        let deadline = now.instant(now.at + self.target.config.backfill_timeout);
        let deadline = Box::pin(tokio::time::sleep_until(deadline));
        let source = self.next_source;
        self.next_source += 1;
        let waker = self.wakes.waker(source);
        self.fills.insert(source, Fill { number, stream, from, to, fetching, deadline, waker });
        self.wakes.push(source);
        // So that it is polled.
        self.arm(now.at);
    }

    pub(super) fn poll_fill(&mut self, source: Source) -> Poll<()> {
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
        let waits = self
            .streams
            .get(done.number)
            .is_some_and(|state| state.name == done.stream && state.tracker.is_filling(done.from, done.to));
        if waits {
            self.end_fill(now, done.number, result);
        }
        Poll::Ready(())
    }

    fn end_fill(&mut self, now: Now, number: usize, result: Option<Fetched<E>>) {
        let received_at = self.target.context.clock().now();
        let Some(state) = self.streams.get(number) else { return };
        let Fetched { events, is_complete } =
            result.unwrap_or(Fetched { events: Vec::new(), is_complete: false });
        let connection = ConnectionId { connection: state.lane, ..ConnectionId::default() };
        let events = events
            .into_iter()
            .filter_map(|event| {
                let sequence = event.sequence()?;
                let stream = state.name.clone();
                Some((sequence, Event { stream, event, received_at, connection, recovered: true }))
            })
            .collect();
        let before = state.tracker.held();
        state.tracker.filled(now.at, events, is_complete, &mut self.scratch);
        self.emit(now, number, before);
    }

    /// Whether gaps of this stream can be filled.
    pub(super) fn can_fill(&self, stream: &StreamName) -> bool {
        self.options.backfill.as_ref().is_some_and(|backfill| backfill.can_fetch(stream))
    }
}
