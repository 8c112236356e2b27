//! Reading: finds the request that an answer belongs to, and the subscription of an event.

use super::session::{Asked, Internal, is_temporary};
use super::{Actor, InFlight, Socket, refused_key};
use crate::call::Answer;
use crate::response::Answered;
use crate::{Error, ErrorKind};
use binance_kit_core::decode::{
    DecodeInOrder as _, EventFrame, FastReader, Frame, FrameId, ResponseFrame, Value,
};
use binance_kit_core::scrub::Scrubber;
use binance_kit_core::{ApiError, Decode as _, Delivery, ErrorCode, ParamWriter, RateLimit, sbe};
use binance_kit_net::ws::WsMessage;
use std::time::Duration;

/// The event that ends a subscription.
const TERMINATED: &str = "eventStreamTerminated";
/// Of how many requests in flight echoes are looked for in an answer that belongs to none of them.
const MAX_SCRUBBED: usize = 64;
/// How often in a row a session is logged on again after the exchange took it back.
const MAX_REVOCATIONS: u32 = 2;
/// A session that lived for so long was healthy: its revocation is the first again.
const HEALTHY: Duration = Duration::from_secs(600);

impl Actor {
    pub(super) fn frame(&mut self, socket: &mut Socket, message: &WsMessage) {
        // JSON comes as text, also on a connection with answers in SBE.
        let (bytes, schema) = match message {
            WsMessage::Text(bytes) => (bytes, None),
            WsMessage::Binary(bytes) => (bytes, self.schema()),
            _ => return,
        };
        if let Some(schema) = schema
            && !self.warned
            && sbe::is_deprecated(schema, bytes)
        {
            self.warned = true;
            tracing::warn!(
                schema = schema.id,
                version = schema.version,
                "the exchange will stop answering in this version of the SBE schema"
            );
        }
        self.connection.frame_bytes = bytes.len();
        let is_text = matches!(message, WsMessage::Text(_));
        if is_text && (self.event_in_order(bytes) || self.answer_in_order(bytes).is_some()) {
            return;
        }
        // The decoder is lent out while `self` is used to route what it read.
        let mut decoder = self.connection.decoder.take().unwrap_or_default();
        let route = |frame: Frame<'_>| {
            match frame {
                Frame::Response(response) => self.response(socket, &response),
                Frame::Event(event) => self.event(socket, event),
                _ => {}
            }
            Ok(())
        };
        let result = match schema {
            Some(schema) => decoder.sbe_frame(schema, bytes, route),
            None => decoder.frame_in_parts(bytes, route),
        };
        self.connection.decoder = Some(decoder);
        if let Err(error) = result {
            let error = self.scrubber(None).decode_error(error);
            tracing::warn!(%error, "a frame could not be read");
            // The envelope names its request, also where its content cannot be read.
            let id = schema.and_then(|schema| sbe::answered_id(schema, bytes));
            if let Some(request) = id.and_then(|id| self.connection.correlator.take(Some(id))) {
                request.reply.failed(unreadable(error));
            }
        }
    }

    /// Takes an event of an account whose keys come in the documented order; `false` for anything else.
    fn event_in_order(&mut self, text: &[u8]) -> bool {
        let mut input = FastReader::new(text);
        let Some(remote) = input.subscription() else { return false };
        // Answers, which may be long, do not come here: their texts are checked where they are parsed.
        let Some(input) = text.get(text.len() - input.remaining()..).and_then(FastReader::checked) else {
            return false;
        };
        if input.peek_text(b"{\"e\":").is_none_or(|kind| kind == TERMINATED) {
            return false;
        }
        let found = self
            .connection
            .subscriptions
            .values_mut()
            .find(|subscription| subscription.remote == Some(remote));
        let Some(subscription) = found else { return false };
        subscription.sink.event_in_order(input, self.context.clock().now(), text.len())
    }

    /// Takes the answer to a request that was carried out, whose keys come in the documented order; `None` for anything else,
    /// and then nothing has changed.
    fn answer_in_order(&mut self, text: &[u8]) -> Option<()> {
        let mut input = FastReader::new(text);
        input.literal(b"{\"id\":")?;
        let id = if input.peek(b"\"") { input.text()?.parse().ok()? } else { input.whole()? };
        input.literal(b",\"status\":200,\"result\":")?;
        let request = self.connection.correlator.get_mut(id)?;
        if !request.reply.keep_in_order(&mut input) {
            return None;
        }
        let rate_limits = match input.literal(b",\"rateLimits\":") {
            Some(()) => Vec::<RateLimit>::decode_in_order(&mut input)?,
            None => Vec::new(),
        };
        input.literal(b"}")?;
        if input.remaining() > 0 {
            return None;
        }
        self.observe(&rate_limits);
        let InFlight { reply, written, .. } = self.connection.correlator.take(Some(id))?;
        let now = self.context.clock().monotonic();
        self.connection.liveness.has_answered = true;
        self.connection.liveness.answered(written.at, now);
        reply.kept(Answered { id: written.id, status: 200, rate_limits, round_trip: now - written.at });
        Some(())
    }

    /// The governor learns the usage of limits.
    fn observe(&self, rate_limits: &[RateLimit]) {
        for usage in rate_limits {
            self.context.governor().observe(self.protocol.api, self.account, usage);
        }
    }

    pub(super) fn event(&mut self, socket: &mut Socket, event: EventFrame<'_>) {
        let kind = event.data.get("e").and_then(|kind| kind.as_str().ok());
        let Some(remote) = event.subscription else {
            // Foreign text does not go into logs: the names of events are words.
            let is_word =
                |kind: &&str| kind.len() <= 32 && kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
            tracing::info!(kind = kind.filter(is_word), "an event that concerns the connection");
            return;
        };
        let found = self
            .connection
            .subscriptions
            .iter_mut()
            .find(|(_, subscription)| subscription.remote == Some(remote));
        let Some((key, subscription)) = found else { return };
        subscription.sink.event(event, self.context.clock().now(), self.connection.frame_bytes);
        if kind == Some(TERMINATED) {
            let key = *key;
            subscription.remote = None;
            subscription.sink.interrupted();
            let now = self.context.clock().monotonic();
            match subscription.ended(now) {
                Some(pause) => subscription.retry_at = Some(now + pause),
                None => {
                    let _ = self.subscribe(socket, key, None);
                }
            }
        }
    }

    pub(super) fn response(&mut self, socket: &mut Socket, response: &ResponseFrame<'_>) {
        let rate_limits =
            response.rate_limits.and_then(|limits| Vec::<RateLimit>::decode(limits).ok()).unwrap_or_default();
        self.observe(&rate_limits);
        let governor = self.context.governor();
        let id = match response.id {
            FrameId::Number(id) => Some(id),
            FrameId::Text(text) => text.parse().ok(),
            _ => None,
        };
        let error = self.failure(id, response).map(|error| error.with_rate_limits(rate_limits.clone()));
        if let Some(error) = &error {
            governor.observe_refusal(self.protocol.api, self.account, error);
        }
        if id.is_none()
            && let Some(error) = error
        {
            return self.session_error(&error);
        }
        let now = self.context.clock().monotonic();
        if let Some(asked) = id.and_then(|id| self.connection.internal.remove(&id)) {
            self.connection.liveness.has_answered |= error.is_none();
            self.connection.liveness.answered(asked.at, now);
            return self.internal_answer(socket, asked, response, error);
        }
        let Some(request) = self.connection.correlator.take(id) else {
            tracing::debug!(
                ?id,
                unmatched = self.connection.correlator.unmatched(),
                in_flight = self.connection.correlator.len(),
                "an answer that nothing waits for"
            );
            return;
        };
        self.connection.liveness.has_answered = true;
        self.connection.liveness.answered(request.written.at, now);
        match (error, response.result) {
            (Some(error), _) if error.code().is_some_and(ErrorCode::is_timestamp) => {
                self.query_refused(socket, request, error);
            }
            (Some(error), _) => request.reply.failed(error),
            (None, Some(result)) => {
                let InFlight { reply, written, .. } = request;
                reply.answered(Answer {
                    result,
                    answered: Answered {
                        id: written.id,
                        status: response.status.unwrap_or(200),
                        rate_limits,
                        round_trip: now - written.at,
                    },
                    scrubber: &|| Scrubber::of_params(self.api_key(), [&written.params]),
                });
            }
            (None, None) => request.reply.failed(
                unreadable(binance_kit_core::DecodeError::missing("result"))
                    .with_request_id(id)
                    .with_status(response.status)
                    .with_rate_limits(rate_limits),
            ),
        }
    }

    /// The error in an answer, or the one that its status amounts to where it has neither an error nor a result.
    fn failure(&self, id: Option<u64>, response: &ResponseFrame<'_>) -> Option<Error> {
        let now = self.context.clock().exchange_now();
        let is_success = response.status.is_none_or(|status| (200..300).contains(&status));
        if response.error.is_none() && (is_success || response.result.is_some()) {
            return None;
        }
        // An error without a status, or with one of success: the code decides, as with a status that means no more than
        // "refused". Otherwise an error that cannot be read leaves the status, as over REST.
        let (status, api) = match response.status.filter(|_| !is_success) {
            Some(status) => (status, response.error.and_then(|error| ApiError::decode(error).ok())),
            None => (400, response.api_error()),
        };
        let scrubber = self.scrubber(id);
        let api = api.map(|mut api| {
            scrubber.message(&mut api);
            api
        });
        let error = Error::answered(status, api, None, now).with_status(response.status).with_request_id(id);
        let body = response.error.map(Value::to_json).unwrap_or_default();
        Some(error.with_answer(Vec::new(), &scrubber.body(body.as_bytes())))
    }

    fn api_key(&self) -> Option<&str> {
        self.credentials.as_ref().map(|credentials| credentials.api_key().as_str())
    }

    /// Knows what an answer may echo of the request with this id; of all that are in flight, where it answers none of them.
    pub(super) fn scrubber(&self, id: Option<u64>) -> Scrubber {
        let connection = &self.connection;
        let call = id.and_then(|id| connection.correlator.get(id)).map(|request| &request.written.params);
        let internal = || id.and_then(|id| connection.internal.get(&id)).map(|asked| &asked.params);
        match call.or_else(internal) {
            Some(params) => Scrubber::of_params(self.api_key(), [params]),
            None => {
                let calls = connection.correlator.iter().map(|request| &request.written.params);
                let all = calls.chain(connection.internal.values().map(|asked| &asked.params));
                Scrubber::of_params(self.api_key(), all.take(MAX_SCRUBBED))
            }
        }
    }

    /// An error that answers no request: the exchange revoked the session, or could not read what we wrote.
    pub(super) fn session_error(&mut self, error: &Error) {
        tracing::warn!(%error, "an error that concerns the connection");
        let Some(api) = error.api_error() else { return };
        if error.status() == Some(401) || api.code.is_authentication() {
            for request in self.connection.correlator.drain(|request| request.signed) {
                request.reply.failed(refused_key(api.clone(), Delivery::MaybeWritten));
            }
            if self.connection.session && self.connection.refused.is_none() {
                self.session_revoked(api.clone());
            }
        }
    }

    /// The exchange took the session back. A new connection logs on once more; when that is refused, or revoked soon again, it
    /// stays so.
    fn session_revoked(&mut self, api: ApiError) {
        let now = self.context.clock().monotonic();
        let revocations = &mut self.connection.revocations;
        if revocations.logged_on.take().is_some_and(|at| now - at >= HEALTHY) {
            revocations.count = 0;
        }
        revocations.count += 1;
        if revocations.count >= MAX_REVOCATIONS {
            tracing::error!(error = %api, "the exchange revokes each session; signed requests end here");
            self.connection.refused = Some(api.clone());
        }
        self.connection.revoked = Some(api);
    }

    pub(super) fn internal_answer(
        &mut self,
        socket: &mut Socket,
        asked: Asked,
        response: &ResponseFrame<'_>,
        error: Option<Error>,
    ) {
        if let Internal::Time { sent } = asked.what {
            return self.time_answered(socket, sent, error.map_or(Ok(response.result), Err));
        }
        match error {
            None => self.internal_done(socket, asked, response.result),
            Some(error) if !matches!(asked.what, Internal::LogOn(_) | Internal::Subscribe { .. }) => {
                self.internal_failed(asked, error);
            }
            Some(error) if asked.tries == 0 && error.code().is_some_and(ErrorCode::is_timestamp) => {
                self.internal_refused(socket, asked, error);
            }
            // Before the session is up a new connection is the way to ask again.
            Some(error) if self.connection.is_live && asked.what.has_caller() && is_temporary(&error) => {
                self.postpone(asked, error);
            }
            Some(error) => self.internal_failed(asked, error),
        }
    }

    /// A request of the session succeeded.
    fn internal_done(&mut self, socket: &mut Socket, asked: Asked, result: Option<Value<'_>>) {
        match asked.what {
            Internal::LogOn(reply) => {
                self.connection.authenticated = true;
                self.connection.refused = None;
                self.connection.revocations.logged_on = Some(self.context.clock().monotonic());
                if self.connection.is_live {
                    self.announce();
                    self.renew_subscriptions(socket);
                }
                if let Some(reply) = reply {
                    let _ = reply.send(Ok(()));
                }
            }
            Internal::LogOut(reply) => {
                self.announce();
                let _ = reply.send(Ok(()));
            }
            Internal::Subscribe { .. } => {
                let remote = result
                    .and_then(|result| result.get("subscriptionId"))
                    .ok_or_else(|| binance_kit_core::DecodeError::missing("subscriptionId"))
                    .and_then(Value::as_u64);
                match remote {
                    Ok(remote) => self.subscribed(socket, asked, remote),
                    Err(error) => self.internal_failed(asked, unreadable(error)),
                }
            }
            Internal::Unsubscribe(reply) => {
                if let Some(reply) = reply {
                    let _ = reply.send(Ok(()));
                }
            }
            Internal::Time { .. } => {}
        }
    }

    fn subscribed(&mut self, socket: &mut Socket, asked: Asked, remote: u64) {
        let Internal::Subscribe { key, reply } = asked.what else { return };
        if let Some(subscription) = self.connection.subscriptions.get_mut(&key) {
            subscription.subscribed(remote, self.context.clock().monotonic());
        } else if let Some(methods) = self.protocol.user_data {
            // Given up while the answer was on its way.
            let mut params = ParamWriter::new();
            params.integer("subscriptionId", remote);
            let unsubscribe = Internal::Unsubscribe(None);
            let _ = self.send_internal(socket, methods.unsubscribe, &params, unsubscribe);
        }
        if let Some(reply) = reply {
            let _ = reply.send(Ok(()));
        }
    }
}

/// A success that cannot be read: the exchange executed the request; only its answer is lost.
fn unreadable(error: binance_kit_core::DecodeError) -> Error {
    Error::new(ErrorKind::Decode).with_delivery(Delivery::MaybeWritten).with_source(error)
}
