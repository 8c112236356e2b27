//! Reading: which request an answer belongs to, which subscription an event.

use super::{Actor, Done, Internal, Socket};
use crate::call::Answer;
use crate::error::Error;
use binance_kit_core::decode::{EventFrame, Frame, FrameId, ResponseFrame, Value};
use binance_kit_core::{ApiError, Decode as _, Delivery, ParamWriter, RateLimit, sbe};
use binance_kit_net::ws::Message;

impl Actor {
    pub(super) fn frame(&mut self, socket: &mut Socket, message: &Message) {
        // What is JSON is text, also on a connection that was asked to speak SBE.
        let (bytes, schema) = match message {
            Message::Text(bytes) => (bytes, None),
            Message::Binary(bytes) => (bytes, self.config.encoding.schema()),
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
            // An envelope says whom it is for, also where what is in it cannot be read.
            let id = schema.and_then(|schema| sbe::answered_id(schema, bytes));
            if let Some(request) = id.and_then(|id| self.connection.correlator.take(Some(id))) {
                request.reply.failed(Error::decode(error).of_method(&request.method));
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
        for usage in &rate_limits {
            self.context.governor().observe(usage);
        }
        let error = response.api_error();
        if let (Some(429 | 418), Some(error)) = (response.status, &error) {
            let now = self.context.clock().exchange_now();
            self.context.governor().hold(error.retry_after.map(|until| until.since(now)));
        }
        let id = match response.id {
            FrameId::Number(id) => Some(id),
            FrameId::Text(text) => text.parse().ok(),
            _ => None,
        };
        if id.is_none()
            && let Some(error) = error
        {
            return self.session_error(response.status, &error);
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
            (Some(error), _) => {
                request.reply.failed(Error::api(response.status, error).of_method(&request.method));
            }
            (None, Some(result)) => request.reply.answered(Answer {
                status: response.status.unwrap_or(200),
                result,
                rate_limits,
                round_trip: self.context.clock().monotonic() - request.written.at,
            }),
            (None, None) => request.reply.failed(
                Error::decode(binance_kit_core::DecodeError::missing("result")).of_method(&request.method),
            ),
        }
    }

    /// An error that answers no request: the exchange took the session back, or could not read what we wrote.
    pub(super) fn session_error(&mut self, status: Option<u16>, error: &ApiError) {
        tracing::warn!(?status, %error, "an error that concerns the connection");
        if status == Some(401) || error.code.is_authentication() {
            for request in self.connection.correlator.drain(|request| request.signed) {
                let error = Error::authentication(Delivery::MaybeWritten, error.clone());
                request.reply.failed(error.of_method(&request.method));
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
        error: Option<ApiError>,
    ) {
        let result = match error {
            Some(error) => Err(error),
            None => Ok(response.result),
        };
        let status = response.status;
        match internal {
            Internal::LogOn(reply) => {
                match &result {
                    Ok(_) => {
                        self.connection.authenticated = true;
                        self.connection.refused = None;
                    }
                    // Not a word about the key: try again later.
                    Err(error)
                        if error.code.is_rate_limit() || status.is_some_and(|status| status >= 500) =>
                    {
                        self.connection.revoked = true;
                    }
                    Err(error) => self.connection.refused = Some(error.clone()),
                }
                if let Some(reply) = reply {
                    self.announce();
                    let _ = reply.send(match result {
                        Ok(_) => Ok(()),
                        Err(error) => {
                            Err(Error::authentication(Delivery::Refused, error).of_method("session.logon"))
                        }
                    });
                }
            }
            Internal::LogOut(reply) => {
                if result.is_ok() {
                    self.announce();
                }
                let _ = reply.send(answer(status, "session.logout", result));
            }
            Internal::Subscribe { key, reply } => self.subscribed(socket, key, reply, status, result),
            Internal::Unsubscribe(reply) => {
                if let Some(reply) = reply {
                    let _ = reply.send(answer(status, "userDataStream.unsubscribe", result));
                }
            }
        }
    }

    pub(super) fn subscribed(
        &mut self,
        socket: &mut Socket,
        key: u64,
        reply: Option<Done>,
        status: Option<u16>,
        result: Result<Option<Value<'_>>, ApiError>,
    ) {
        let remote = match result {
            Ok(result) => result
                .and_then(|result| result.get("subscriptionId"))
                .ok_or_else(|| binance_kit_core::DecodeError::missing("subscriptionId"))
                .and_then(Value::as_u64)
                .map_err(Error::decode),
            Err(error) => {
                if let Some(subscription) = self.connection.subscriptions.get_mut(&key)
                    && reply.is_none()
                {
                    subscription.sink.refused(error.clone());
                    subscription.retry_at = Some(self.context.clock().monotonic() + subscription.retry_delay);
                    subscription.retry_delay = (subscription.retry_delay * 2).min(super::LONGEST_RETRY);
                }
                Err(Error::api(status, error))
            }
        };
        let outcome = match (remote, self.connection.subscriptions.get_mut(&key)) {
            (Ok(remote), Some(subscription)) => {
                subscription.remote = Some(remote);
                subscription.retry_at = None;
                subscription.retry_delay = super::FIRST_RETRY;
                subscription.sink.subscribed();
                Ok(())
            }
            (Ok(remote), None) => {
                // Given up while the answer was on its way.
                let mut params = ParamWriter::new();
                params.integer("subscriptionId", remote);
                let _ = self.send_internal(
                    socket,
                    "userDataStream.unsubscribe",
                    &params,
                    Internal::Unsubscribe(None),
                );
                Ok(())
            }
            (Err(error), _) => Err(error.of_method("userDataStream.subscribe")),
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

fn answer(
    status: Option<u16>,
    method: &str,
    result: Result<Option<Value<'_>>, ApiError>,
) -> Result<(), Error> {
    result.map(|_| ()).map_err(|error| Error::api(status, error).of_method(method))
}
