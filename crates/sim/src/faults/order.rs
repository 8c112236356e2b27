//! The exchange's methods that have to do with faults.

use super::fault::Fault;
use super::registry::{FaultHandle, FaultInForce};
use crate::error::{SimError, SimErrorKind};
use crate::exchange::{Exchange, find_symbol};
use crate::journal::Journal;
use crate::server::hub::ClientKind;
use crate::shared::Shared;
use binance_kit_core::Timestamp;
use std::sync::PoisonError;
use std::time::Duration;

/// A WebSocket connection to the exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionInfo {
    /// Its number: they count up in the order in which connections are made, together with those of HTTP.
    pub id: u64,
    /// Whether it is one of the WebSocket API, rather than of streams.
    pub is_api: bool,
    /// The streams it is subscribed to, as far as their names mean something.
    pub streams: Vec<String>,
    /// Since when, by the exchange's clock.
    pub since: Timestamp,
    /// Frames that wait for the client to read.
    pub queued_frames: usize,
    /// Their bytes.
    pub queued_bytes: usize,
    /// Whether a fault holds back what is sent to it.
    pub is_held_up: bool,
}

impl Shared {
    pub(crate) fn connections(&self) -> Vec<ConnectionInfo> {
        let mut streams = self.run(|core, _| core.hub.streams());
        let clients = self.faults.clients();
        clients
            .iter()
            .map(|client| {
                let (queued_frames, queued_bytes) = client.outbox.queued();
                ConnectionInfo {
                    id: client.id,
                    is_api: client.kind == ClientKind::Api,
                    streams: streams.remove(&client.id).unwrap_or_default(),
                    since: client.since,
                    queued_frames,
                    queued_bytes,
                    is_held_up: client.link.is_frozen(),
                }
            })
            .collect()
    }
}

impl Exchange {
    /// Lets something go wrong. See [`Fault`] for what there is.
    ///
    /// ```
    /// use binance_kit_sim::{Exchange, Fault};
    /// use std::time::Duration;
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let exchange = Exchange::builder().in_memory().start().await?;
    /// exchange.inject(Fault::unavailable(Some(Duration::from_secs(3))).on_handshake().times(2));
    /// let silent = exchange.inject(Fault::silent_stream("btcusdt@trade").at(Duration::from_secs(60)));
    /// assert_eq!(exchange.faults().len(), 2);
    /// silent.remove();
    /// assert_eq!(silent.hits(), 0);
    /// # Ok::<(), binance_kit_sim::SimError>(())
    /// # }).unwrap();
    /// ```
    pub fn inject(&self, fault: Fault) -> FaultHandle {
        self.shared.faults.order(fault)
    }

    /// The faults in force, in the order in which they were ordered: those that wait, and those that have something left to
    /// do.
    pub fn faults(&self) -> Vec<FaultInForce> {
        self.shared.faults.in_force()
    }

    /// Ends the fault of this number ([`FaultInForce::id`]), as [`FaultHandle::remove`] does.
    pub fn remove_fault(&self, id: u64) {
        self.shared.faults.remove(id);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.shared.faults.remove_all();
    }

    /// The WebSocket connections there are, in the order in which they were made.
    pub fn connections(&self) -> Vec<ConnectionInfo> {
        self.shared.connections()
    }

    /// Begins to keep what is published on these streams, from now on and whoever listens, at most `keep` events of each:
    /// what arrives, and what is reported missing, must add up to it. See [`Exchange::journal`].
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Unknown`](crate::SimErrorKind::Unknown) for a stream that does not exist.
    pub fn keep_journal<S: AsRef<str>>(
        &self,
        streams: impl IntoIterator<Item = S>,
        keep: usize,
    ) -> Result<(), SimError> {
        self.shared.run(|core, _| {
            for stream in streams {
                let stream = stream.as_ref();
                if !core.hub.record(stream, keep, &core.engine) {
                    return Err(SimError::new(
                        SimErrorKind::Unknown,
                        format_args!("there is no stream {stream}"),
                    ));
                }
            }
            Ok(())
        })
    }

    /// What was published on a stream since [`Exchange::keep_journal`]; nothing for others. What a fault lost on the way to
    /// a connection was published all the same.
    pub fn journal(&self, stream: &str) -> Journal {
        self.shared.run(|core, _| core.hub.journal(stream)).unwrap_or_default()
    }

    /// How many events were published on a stream since [`Exchange::keep_journal`], without a copy of them.
    pub fn journal_len(&self, stream: &str) -> u64 {
        self.shared.run(|core, _| core.hub.journal_len(stream))
    }

    /// Cuts every connection, those of HTTP too, without a word.
    pub fn close_all_connections(&self) {
        self.shared.cut_all();
    }

    /// [`Fault::answer`] on the next `request` (as in [`Exchange::request_count`], or `"*"`).
    pub fn fail_next_request(&self, request: &str, status: u16, body: &str) {
        self.inject(Fault::answer(status, body).on_request(request));
    }

    /// [`Fault::answer_after`] on the next `request`.
    pub fn fail_next_response(&self, request: &str, status: u16, body: &str) {
        self.inject(Fault::answer_after(status, body).on_request(request));
    }

    /// [`Fault::lose_request`] on the next `request`.
    pub fn drop_next_request(&self, request: &str) {
        self.inject(Fault::lose_request().on_request(request));
    }

    /// [`Fault::lose_response`] on the next `request`.
    pub fn drop_next_response(&self, request: &str) {
        self.inject(Fault::lose_response().on_request(request));
    }

    /// [`Fault::delay_response`] on the next `request`.
    pub fn delay_next_response(&self, request: &str, delay: Duration) {
        self.inject(Fault::delay_response(delay).on_request(request));
    }

    /// From now on answers `SUBSCRIBE` and its like late; zero ends it. A [`Fault::delay_acknowledgement`] without end.
    pub fn delay_ack(&self, delay: Duration) {
        let old = self.shared.ack_delay.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(old) = old {
            old.remove();
        }
        if !delay.is_zero() {
            let new = self.inject(Fault::delay_acknowledgement(delay).always());
            *self.shared.ack_delay.lock().unwrap_or_else(PoisonError::into_inner) = Some(new);
        }
    }

    /// Leaves out the next diff-depth event of a symbol: a gap for everybody who keeps its book, on whatever connection.
    ///
    /// # Errors
    ///
    /// [`SimErrorKind::Unknown`](crate::SimErrorKind::Unknown) when there is no such symbol.
    pub fn skip_next_depth_event(&self, symbol: &str) -> Result<(), SimError> {
        self.shared.run(|core, _| {
            let id = find_symbol(&core.engine, symbol)?;
            core.hub.skip_depth(id);
            Ok(())
        })
    }

    /// Sends a text to every stream connection as it is: malformed, of an unknown type, whatever.
    pub fn send_raw_frame_to_streams(&self, text: &str) {
        self.shared.run(|core, _| core.hub.send_raw(text));
    }

    /// Tells every WebSocket connection that the server is about to shut down. It does not: [`Fault::server_shutdown`].
    pub fn server_shutdown_event(&self) {
        self.inject(Fault::server_shutdown());
    }
}
