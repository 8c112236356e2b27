//! Writing: requests of callers, signed at the last moment, and those of the session itself.

use super::session::{Asked, Internal};
use super::{
    Actor, Command, Done, InFlight, Repeat, Revocations, Socket, Subscription, Written, refused_key,
};
use crate::call::{Call, Reply};
use crate::correlator::next_id;
use crate::{Error, ErrorKind};
use binance_kit_core::{Delivery, JsonWriter, ParamWriter, Security};
use std::time::Duration;

impl Actor {
    /// Ends subscriptions whose consumers are gone.
    pub(super) fn drop_dead(&mut self, socket: &mut Socket) -> Result<(), binance_kit_net::Error> {
        let dead: Vec<u64> = self
            .connection
            .subscriptions
            .iter()
            .filter(|(_, subscription)| subscription.sink.is_dead())
            .map(|(key, _)| *key)
            .collect();
        for key in dead {
            self.unsubscribe(socket, key, None)?;
        }
        Ok(())
    }

    pub(super) fn command(&mut self, socket: &mut Socket, command: Command) {
        match command {
            Command::Call(call) if self.must_hold(&call) => self.clock.held.push_back(call),
            Command::Call(call) => self.write(socket, call),
            Command::SubscribeUserData { key, sink, claim, reply } => {
                if !claim.take() {
                    return;
                }
                if let Some(error) = self.unauthenticated() {
                    let _ = reply.send(Err(error));
                    return;
                }
                self.connection.subscriptions.insert(key, Subscription::new(sink));
                // The exchange allows one subscription of an account on a connection: one that overflowed makes room.
                // A failure to write ends the connection soon enough, and with it this request.
                let subscribed =
                    self.drop_dead(socket).and_then(|()| self.subscribe(socket, key, Some(reply)));
                if let Err(error) = subscribed {
                    tracing::warn!(%error, "cannot write a request");
                }
            }
            Command::UnsubscribeUserData { key, reply } => {
                if let Err(error) = self.unsubscribe(socket, key, reply) {
                    tracing::warn!(%error, "cannot write a request");
                }
            }
            Command::LogOn(reply) => {
                self.connection.refused = None;
                self.connection.revocations = Revocations::default();
                self.connection.session = true;
                let _ = self.ask(socket, self.wanted(Internal::LogOn(Some(reply))));
            }
            Command::LogOut(reply) => {
                self.connection.session = false;
                self.connection.postponed.retain(|asked| !matches!(asked.what, Internal::LogOn(_)));
                let _ = self.ask(socket, self.wanted(Internal::LogOut(reply)));
                // What is written behind it must be signed, and so must what it sets off: the exchange ends the
                // subscriptions of a session before it answers.
                self.connection.authenticated = false;
            }
        }
    }

    /// Why a signed request cannot be sent now, if it cannot.
    pub(super) fn unauthenticated(&self) -> Option<Error> {
        if self.credentials.is_none() {
            return Some(Error::new(ErrorKind::MissingCredentials));
        }
        let refused = self.connection.refused.as_ref().filter(|_| self.connection.session)?;
        Some(refused_key(refused.clone(), Delivery::NotWritten))
    }

    pub(super) fn write(&mut self, socket: &mut Socket, call: Call) {
        // From here on the caller cannot take it back.
        if !call.claim.take() {
            return;
        }
        let Call { method, params, security, reply, cost, is_query, .. } = call;
        if security != Security::None
            && let Some(error) = self.unauthenticated()
        {
            return reply.failed(error);
        }
        // Only what changes nothing is ever repeated.
        let repeat = (is_query && security == Security::Signed)
            .then(|| Box::new(Repeat { method: method.clone(), params: params.clone(), security, cost }));
        self.write_signed(socket, &method, params, security, reply, repeat);
    }

    /// Signs and writes a request of a caller. `repeat` is what to repeat when its timestamp is refused.
    pub(super) fn write_signed(
        &mut self,
        socket: &mut Socket,
        method: &str,
        mut params: ParamWriter,
        security: Security,
        reply: Box<dyn Reply>,
        repeat: Option<Box<Repeat>>,
    ) {
        let signed = security != Security::None;
        if let Err(error) = self.authorize(method, security, &mut params) {
            return reply.failed(error);
        }
        let id = next_id();
        match socket.send_text(&request_text(id, method, &params)) {
            Ok(sent) => {
                reply.written_as(id);
                let at = self.context.clock().monotonic();
                let written = Written { id, params, sent, at, measured: self.clock.measured, repeat };
                self.connection.correlator.insert(id, InFlight { reply, signed, written });
            }
            Err(error) => {
                reply.failed(Error::new(ErrorKind::ConnectionLost).with_source(error));
            }
        }
    }

    /// Adds what a signed request needs, at the last moment.
    pub(super) fn authorize(
        &self,
        method: &str,
        security: Security,
        params: &mut ParamWriter,
    ) -> Result<(), Error> {
        if security == Security::None {
            return Ok(());
        }
        let Some(credentials) = &self.credentials else {
            return Err(Error::new(ErrorKind::MissingCredentials));
        };
        let session = self.connection.authenticated && method != self.protocol.log_on;
        if !session {
            params.text("apiKey", credentials.api_key().as_str());
        }
        if security == Security::ApiKey {
            return Ok(());
        }
        if let Some(window) = self.config.recv_window
            && !params.names().any(|name| name == "recvWindow")
        {
            params.json("recvWindow", &milliseconds(window));
        }
        params.integer("timestamp", self.context.clock().exchange_now().as_millis());
        if !session {
            let signature = credentials
                .sign(params.to_sorted_payload().as_bytes())
                .map_err(|error| Error::new(ErrorKind::Signing).with_source(error))?;
            params.text("signature", signature.as_str());
        }
        Ok(())
    }

    pub(super) fn write_internal(
        &mut self,
        socket: &mut Socket,
        method: &str,
        mut asked: Asked,
    ) -> Result<(), binance_kit_net::Error> {
        let security = match &asked.what {
            Internal::LogOn(_) => Security::Signed,
            Internal::Subscribe { .. } if !self.connection.authenticated => Security::Signed,
            _ => Security::None,
        };
        let mut params = ParamWriter::new();
        if let Err(error) = self.authorize(method, security, &mut params) {
            if let Some(reply) = asked.what.into_reply() {
                let _ = reply.send(Err(error));
            } else {
                tracing::error!(%error, method, "cannot sign");
            }
            return Ok(());
        }
        let id = next_id();
        socket.send_text(&request_text(id, method, &params))?;
        asked.at = self.context.clock().monotonic();
        asked.params = params;
        asked.measured = self.clock.measured;
        self.connection.internal.insert(id, asked);
        Ok(())
    }

    pub(super) fn send_internal(
        &mut self,
        socket: &mut Socket,
        method: &str,
        params: &ParamWriter,
        internal: Internal,
    ) -> Result<(), binance_kit_net::Error> {
        let id = next_id();
        socket.send_text(&request_text(id, method, params))?;
        let asked = self.wanted(internal);
        self.connection.internal.insert(id, asked);
        Ok(())
    }

    pub(super) fn subscribe(
        &mut self,
        socket: &mut Socket,
        key: u64,
        reply: Option<Done>,
    ) -> Result<(), binance_kit_net::Error> {
        self.ask(socket, self.wanted(Internal::Subscribe { key, reply }))
    }

    pub(super) fn unsubscribe(
        &mut self,
        socket: &mut Socket,
        key: u64,
        reply: Option<Done>,
    ) -> Result<(), binance_kit_net::Error> {
        let remote = self.connection.subscriptions.remove(&key).and_then(|subscription| subscription.remote);
        match (remote, self.protocol.user_data) {
            (Some(remote), Some(methods)) => {
                let mut params = ParamWriter::new();
                params.integer("subscriptionId", remote);
                self.send_internal(socket, methods.unsubscribe, &params, Internal::Unsubscribe(reply))
            }
            _ => {
                if let Some(reply) = reply {
                    let _ = reply.send(Ok(()));
                }
                Ok(())
            }
        }
    }
}

fn request_text(id: u64, method: &str, params: &ParamWriter) -> String {
    let mut json = JsonWriter::new();
    json.begin_object();
    json.field("id", &id);
    json.field("method", method);
    if !params.is_empty() {
        json.key("params");
        params.write_json(&mut json);
    }
    json.end_object();
    json.into_string()
}

/// Milliseconds with up to three decimals, as `recvWindow` takes them.
fn milliseconds(duration: Duration) -> String {
    let micros = duration.as_micros();
    let (whole, part) = (micros / 1000, micros % 1000);
    if part == 0 { whole.to_string() } else { format!("{whole}.{part:03}").trim_end_matches('0').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recv_windows() {
        for (micros, text) in [(5_000_000, "5000"), (1_500, "1.5"), (60_000_000, "60000"), (1, "0.001")] {
            assert_eq!(milliseconds(Duration::from_micros(micros)), text);
        }
    }
}
