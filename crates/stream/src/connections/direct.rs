//! The short way of an event: from the buffer it was received in to the consumer, without a copy of its frame, a slot or a queue.
//!
//! It is open to an event whose frame has the documented form and that simply follows the last one on the only connection of
//! its stream, with nothing held, closed or being changed: nearly all of a flood. Whatever else comes is handed to the general
//! way ([`super::events`]), with the same result. This is the one part of the connections that is compiled for each event type.

use super::events::{Origin, content_hash, origin};
use super::link::Stage;
use super::{Connections, MESSAGES_BETWEEN_TIMERS, Source, Target};
use crate::delivery::{Direct, Events};
use crate::filter::EventFilter;
use crate::item::Event;
use binance_kit_core::Decoded;
use binance_kit_net::Error;
use binance_kit_net::ws::{MessageKind, WsMessage};
use std::task::{Context as TaskContext, Poll};

impl Connections {
    /// Whether the general way has nothing to do before the next message.
    #[inline]
    fn is_direct(&self) -> bool {
        let is_quiet = self.items.is_empty() && self.held == 0 && !self.is_closing && !self.is_closed;
        // The general way looks at timers, commands and other connections at its turn.
        let is_turn = self.messages > 0 && self.messages + 1 < MESSAGES_BETWEEN_TIMERS;
        is_quiet && is_turn && self.allows_direct
    }

    /// The next event of the connection that gave the last message, if it can go the short way. Without one, what was read is
    /// among the items, or the connection has nothing more.
    #[inline]
    pub(crate) fn direct<E: Send + 'static>(&mut self, events: &mut Events<E>) -> Option<Direct<E>> {
        if !self.is_direct() {
            return None;
        }
        let source = self.hot?;
        let link = self.links.get_mut(&source)?;
        let Stage::Live(socket) = &mut link.stage else { return None };
        if link.set.is_waiting() {
            return None;
        }
        let mut cx = TaskContext::from_waker(&link.waker);
        let Poll::Ready(lent) = socket.poll_lent(&mut cx) else {
            if link.drained_at.is_none() {
                let now = self.target.context.clock().monotonic();
                link.drained_at = Some(now.saturating_duration_since(self.origin));
            }
            self.hot = None;
            return None;
        };
        self.messages += 1;
        link.drained_at = None;
        let lent = match lent {
            Ok(lent) => lent,
            Err(error) => {
                self.general(source, Err(error), events);
                return None;
            }
        };
        self.read_at.note(source, lent.received_bytes(), self.target.context.clock(), self.origin);
        let arrived = self.target.meter.arrived();
        if lent.kind() == MessageKind::Text
            && let frame = lent.bytes()
            && let Origin::Stream { number, body } = origin(&self.mode, &self.streams, link.group, frame)
            && let Some(name) = self.streams.name(number)
            && let Some(decoded) = events.direct(number, name, frame, body)
            && let Some(state) = self.streams.get(number)
        {
            let Decoded { event: data, time, sequence, heap, .. } = decoded;
            let bytes = Events::<E>::bytes(heap, frame);
            let received_at = self.read_at.time;
            if state.order.follows(source, sequence, received_at, || content_hash(frame)) {
                let meter = &self.target.meter;
                meter.message(frame.len());
                meter.decoded(arrived);
                meter.age(time, received_at);
                link.messages += 1;
                link.has_delivered = true;
                (state.was_readable, state.unreadable) = (true, 0);
                state.events += 1;
                let (lane, connection) = (state.lane, link.id);
                let (api, stream) = state.id();
                // A read may be old when the consumer is slow: no stream was silent before the last look at all of them.
                let at = self.read_at.at.max(self.tick.last());
                if self.active_on(at, number, lane) {
                    self.resumed(number);
                }
                let event = Event { data, stream, api, received_at, connection, backfilled: false };
                return Some(Direct { event, bytes });
            }
        }
        let message = lent.into_message();
        self.general(source, Ok(message), events);
        None
    }

    /// Takes a message that cannot go the short way.
    #[cold]
    fn general<E: Send + 'static>(
        &mut self,
        source: Source,
        result: Result<WsMessage, Error>,
        events: &mut Events<E>,
    ) {
        let span = self.span();
        let _entered = span.enter();
        self.received(source, result);
        self.deliver(events);
        self.tidy_up(events);
    }

    /// Whether these settings leave the short way open: one connection for each stream, no filter and no tap.
    pub(super) fn allows_direct(target: &Target, filter: Option<&EventFilter>) -> bool {
        target.bases.replicas() < 2 && target.config.tap.is_none() && filter.is_none()
    }
}
