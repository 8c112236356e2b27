//! Refused timestamps (-1021): the exchange's time is measured over the connection, what was refused is asked once more, and
//! signed requests wait for the end of the measurement. Requests that change something are not repeated: such a refusal is
//! handed to the caller, who may send them again.

use super::{Actor, Asked, InFlight, Internal, Repeat, Socket, Written};
use crate::Error;
use crate::call::{Call, Reply};
use binance_kit_core::decode::Value;
use binance_kit_core::{Decode as _, ParamWriter, Security, Timestamp};
use std::collections::VecDeque;

/// What is known of the measurements of the exchange's time.
#[derive(Default)]
pub(super) struct ClockState {
    /// Number of measurements so far. A request that was written before the last of them is repeated without another one.
    pub(super) measured: u64,
    /// Whether one is under way.
    pub(super) is_measuring: bool,
    /// What was refused for its timestamp, to be asked again after the measurement.
    refused: Vec<Refused>,
    /// Requests of callers that are not written yet, in the order in which they came; see [`Actor::must_hold`].
    pub(super) held: VecDeque<Call>,
}

/// Something that was refused for its timestamp.
enum Refused {
    /// A query of a caller.
    Query { repeat: Box<Repeat>, reply: Box<dyn Reply>, error: Error },
    /// A request of the session.
    Internal { asked: Asked, error: Error },
}

impl Actor {
    /// A caller's request was refused for its timestamp.
    pub(super) fn query_refused(
        &mut self,
        socket: &mut Socket,
        mut request: InFlight<Written>,
        error: Error,
    ) {
        let is_stale = request.written.measured < self.clock.measured;
        match request.written.repeat.take() {
            Some(repeat) => {
                self.clock.refused.push(Refused::Query { repeat, reply: request.reply, error });
            }
            None => request.reply.failed(error),
        }
        self.measure_or_repeat(socket, is_stale);
    }

    /// A request of the session was refused for its timestamp, for the first time.
    pub(super) fn internal_refused(&mut self, socket: &mut Socket, asked: Asked, error: Error) {
        let is_stale = asked.measured < self.clock.measured;
        self.clock.refused.push(Refused::Internal { asked, error });
        self.measure_or_repeat(socket, is_stale);
    }

    fn measure_or_repeat(&mut self, socket: &mut Socket, is_stale: bool) {
        if self.clock.is_measuring {
            return;
        }
        if is_stale {
            return self.repeat_refused(socket, true);
        }
        let (method, cost) = (self.protocol.time, self.protocol.time_cost);
        let is_paid = self.context.governor().try_acquire(self.protocol.api, self.account, &cost).is_ok();
        let sent = self.context.clock().now();
        self.clock.is_measuring = is_paid
            && self.send_internal(socket, method, &ParamWriter::new(), Internal::Time { sent }).is_ok();
        if !self.clock.is_measuring {
            self.repeat_refused(socket, false);
        }
    }

    /// The query for the time was answered.
    pub(super) fn time_answered(
        &mut self,
        socket: &mut Socket,
        sent: Timestamp,
        result: Result<Option<Value<'_>>, Error>,
    ) {
        let exchange = result
            .ok()
            .flatten()
            .and_then(|result| result.get("serverTime"))
            .and_then(|time| Timestamp::decode(time).ok());
        self.clock.is_measuring = false;
        let clock = self.context.clock();
        let source = self.endpoint.authority();
        let observed =
            exchange.map(|exchange| clock.observe_exchange_time(&source, exchange, sent, clock.now()));
        let is_measured = matches!(observed, Some(Ok(())));
        if is_measured {
            self.clock.measured += 1;
            tracing::info!(offset_micros = clock.offset_micros(), "measured the clock of the exchange");
        } else {
            tracing::warn!("the time of the exchange could not be measured");
        }
        self.repeat_refused(socket, is_measured);
        self.release(socket);
    }

    /// Asks again what was refused, or fails it where the time could not be measured.
    fn repeat_refused(&mut self, socket: &mut Socket, is_measured: bool) {
        for refused in std::mem::take(&mut self.clock.refused) {
            match refused {
                Refused::Query { repeat, reply, error } => {
                    let governor = self.context.governor();
                    let is_repeated = is_measured
                        && !reply.abandoned()
                        && governor.try_acquire(self.protocol.api, self.account, &repeat.cost).is_ok();
                    if is_repeated {
                        let Repeat { method, params, security, .. } = *repeat;
                        self.write_signed(socket, &method, params, security, reply, None);
                    } else {
                        reply.failed(error);
                    }
                }
                Refused::Internal { asked, error } if is_measured => {
                    if let Err(error) = self.ask(socket, Asked { tries: asked.tries + 1, ..asked }) {
                        tracing::warn!(%error, "cannot write a request");
                    }
                    drop(error);
                }
                Refused::Internal { asked, error } => self.internal_failed(asked, error),
            }
        }
    }

    /// Fails what waited for a measurement on a connection that has ended. What is held was not written: the next connection
    /// writes it, unless its caller gives it up before.
    pub(super) fn forget_measurement(&mut self) {
        self.clock.is_measuring = false;
        for refused in std::mem::take(&mut self.clock.refused) {
            match refused {
                Refused::Query { reply, error, .. } => reply.failed(error),
                Refused::Internal { asked, error } => {
                    if let Some(reply) = asked.what.into_reply() {
                        let _ = reply.send(Err(error));
                    }
                }
            }
        }
    }

    /// Whether a request is not to be written now: signed ones during a measurement, those that change something while it is
    /// not known whether the peer still answers.
    pub(super) fn must_hold(&self, call: &Call) -> bool {
        (self.clock.is_measuring && call.security == Security::Signed)
            || (self.connection.liveness.is_suspect() && !call.is_query)
    }

    /// Writes what was held, as far as it may be written now.
    pub(super) fn release(&mut self, socket: &mut Socket) {
        // The log-on goes first on each connection.
        if !self.connection.is_live {
            return;
        }
        for call in std::mem::take(&mut self.clock.held) {
            if self.must_hold(&call) {
                self.clock.held.push_back(call);
            } else {
                self.write(socket, call);
            }
        }
    }
}
