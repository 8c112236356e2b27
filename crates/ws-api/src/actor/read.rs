//! Reading: finds the request that an answer belongs to, and the subscription of an event.

use super::{Actor, Done, Internal, Socket, refused_key};
use crate::call::Answer;
use crate::{Error, ErrorKind};
use binance_kit_core::decode::{EventFrame, Frame, FrameId, ResponseFrame, Value};
use binance_kit_core::{ApiError, Decode as _, Delivery, ParamWriter, RateLimit, sbe};
use binance_kit_net::ws::WsMessage;

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
            None => decoder.frame(bytes, route),
        };
        self.connection.decoder = Some(decoder);
        if let Err(error) = result {
            tracing::warn!(%error, "a frame could not be read");
            // The envelope names its request, also where its content cannot be read.
            let id = schema.and_then(|schema| sbe::answered_id(schema, bytes));
            if let Some(request) = id.and_then(|id| self.connection.correlator.take(Some(id))) {
                request.reply.failed(unreadable(error));
            }
        }
    }

    pub(super) fn event(&mut self, socket: &mut Socket, event: EventFrame<'_>) {
        let kind = event.data.get("e").and_then(|kind| kind.as_str().ok());
        let Some(remote) = event.subscription else {
            tracing::info!(kind, "an event that concerns the connection");
            return;
        };
        let found = self
            .connection
            .subscriptions
            .iter_mut()
            .find(|(_, subscription)| subscription.remote == Some(remote));
        let Some((key, subscription)) = found else { return };
        subscription.sink.event(event, self.context.clock().now());
        if kind == Some("eventStreamTerminated") {
            let key = *key;
            subscription.remote = None;
            subscription.sink.interrupted();
            let _ = self.subscribe(socket, key, None);
        }
    }

    pub(super) fn response(&mut self, socket: &mut Socket, response: &ResponseFrame<'_>) {
        let rate_limits =
            response.rate_limits.and_then(|limits| Vec::<RateLimit>::decode(limits).ok()).unwrap_or_default();
        let governor = self.context.governor();
        for usage in &rate_limits {
            governor.observe(self.protocol.api, self.account, usage);
        }
        let error = self.failure(response).map(|error| error.with_rate_limits(rate_limits.clone()));
        if let Some(error) = &error {
            governor.observe_refusal(self.protocol.api, self.account, error);
        }
        let id = match response.id {
            FrameId::Number(id) => Some(id),
            FrameId::Text(text) => text.parse().ok(),
            _ => None,
        };
        if id.is_none()
            && let Some(error) = error
        {
            return self.session_error(&error);
        }
        if let Some((internal, _)) = id.and_then(|id| self.connection.internal.remove(&id)) {
            return self.internal_answer(socket, internal, response, error);
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
        match (error, response.result) {
            (Some(error), _) => request.reply.failed(error),
            (None, Some(result)) => request.reply.answered(Answer {
                status: response.status.unwrap_or(200),
                result,
                rate_limits,
                round_trip: self.context.clock().monotonic() - request.written.at,
            }),
            (None, None) => request.reply.failed(
                unreadable(binance_kit_core::DecodeError::missing("result"))
                    .with_status(response.status)
                    .with_rate_limits(rate_limits),
            ),
        }
    }

    /// The error in an answer, or the one that its status amounts to where it has neither an error nor a result.
    fn failure(&self, response: &ResponseFrame<'_>) -> Option<Error> {
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
        let error = Error::answered(status, api, None, now).with_status(response.status);
        let body = response.error.map(Value::to_json).unwrap_or_default();
        Some(error.with_answer(Vec::new(), body.as_bytes()))
    }

    /// An error that answers no request: the exchange revoked the session, or could not read what we wrote.
    pub(super) fn session_error(&mut self, error: &Error) {
        tracing::warn!(%error, "an error that concerns the connection");
        let Some(api) = error.api_error() else { return };
        if error.status() == Some(401) || api.code.is_authentication() {
            for request in self.connection.correlator.drain(|request| request.signed) {
                request.reply.failed(refused_key(api.clone(), Delivery::MaybeWritten));
            }
            // A new connection logs on once more; when that is refused, it stays so.
            self.connection.revoked = true;
        }
    }

    pub(super) fn internal_answer(
        &mut self,
        socket: &mut Socket,
        internal: Internal,
        response: &ResponseFrame<'_>,
        error: Option<Error>,
    ) {
        let result = match error {
            Some(error) => Err(error),
            None => Ok(response.result),
        };
        match internal {
            Internal::LogOn(reply) => {
                match &result {
                    Ok(_) => {
                        self.connection.authenticated = true;
                        self.connection.refused = None;
                    }
                    Err(error) => match error.api_error().filter(|_| !is_temporary(error)) {
                        Some(api) => self.connection.refused = Some(api.clone()),
                        // It says nothing about the key: try again later.
                        None => self.connection.revoked = true,
                    },
                }
                if let Some(reply) = reply {
                    self.announce();
                    let _ = reply.send(match result {
                        Ok(_) => Ok(()),
                        Err(error) if is_temporary(&error) => Err(error),
                        Err(error) => Err(error.with_kind(ErrorKind::AuthenticationRefused)),
                    });
                }
            }
            Internal::LogOut(reply) => {
                if result.is_ok() {
                    self.announce();
                }
                let _ = reply.send(result.map(|_| ()));
            }
            Internal::Subscribe { key, reply } => self.subscribed(socket, key, reply, result),
            Internal::Unsubscribe(reply) => {
                if let Some(reply) = reply {
                    let _ = reply.send(result.map(|_| ()));
                }
            }
        }
    }

    pub(super) fn subscribed(
        &mut self,
        socket: &mut Socket,
        key: u64,
        reply: Option<Done>,
        result: Result<Option<Value<'_>>, Error>,
    ) {
        let remote = match result {
            Ok(result) => result
                .and_then(|result| result.get("subscriptionId"))
                .ok_or_else(|| binance_kit_core::DecodeError::missing("subscriptionId"))
                .and_then(Value::as_u64)
                .map_err(unreadable),
            Err(error) => {
                if let Some(subscription) = self.connection.subscriptions.get_mut(&key)
                    && reply.is_none()
                {
                    if let Some(api) = error.api_error() {
                        subscription.sink.refused(api.clone());
                    }
                    subscription.retry_at = Some(self.context.clock().monotonic() + subscription.retry_delay);
                    subscription.retry_delay = (subscription.retry_delay * 2).min(super::MAX_RETRY_DELAY);
                }
                Err(error)
            }
        };
        let outcome = match (remote, self.connection.subscriptions.get_mut(&key)) {
            (Ok(remote), Some(subscription)) => {
                subscription.remote = Some(remote);
                subscription.retry_at = None;
                subscription.retry_delay = super::FIRST_RETRY_DELAY;
                subscription.sink.subscribed();
                Ok(())
            }
            (Ok(remote), None) => {
                // Given up while the answer was on its way.
                if let Some(methods) = self.protocol.user_data {
                    let mut params = ParamWriter::new();
                    params.integer("subscriptionId", remote);
                    let unsubscribe = Internal::Unsubscribe(None);
                    let _ = self.send_internal(socket, methods.unsubscribe, &params, unsubscribe);
                }
                Ok(())
            }
            (Err(error), _) => Err(error),
        };
        match (outcome, reply) {
            (Ok(()), Some(reply)) => {
                let _ = reply.send(Ok(()));
            }
            (Err(error), Some(reply)) => {
                self.connection.subscriptions.remove(&key);
                let _ = reply.send(Err(error));
            }
            (Err(error), None) => tracing::warn!(%error, "cannot subscribe to user data again"),
            (Ok(()), None) => {}
        }
    }
}

/// A success that cannot be read: the exchange executed the request; only its answer is lost.
fn unreadable(error: binance_kit_core::DecodeError) -> Error {
    Error::new(ErrorKind::Decode).with_delivery(Delivery::MaybeWritten).with_source(error)
}

/// Whether a refused log-on says nothing about the key.
fn is_temporary(error: &Error) -> bool {
    error.code().is_some_and(binance_kit_core::ErrorCode::is_rate_limit)
        || error.status().is_some_and(|status| status >= 500)
}
