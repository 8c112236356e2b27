//! The exchange's methods for faults and journals.

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
    /// Id, counted up in the order of connecting, HTTP connections included.
    pub id: u64,
    /// Whether it is a connection of the WebSocket API; otherwise one of streams.
    pub is_api: bool,
    /// Streams that it is subscribed to; unknown names are left out.
    pub streams: Vec<String>,
    /// Time of the handshake, by the exchange's clock.
    pub since: Timestamp,
    /// Number of frames that wait for the client to read.
    pub queued_frames: usize,
    /// Number of bytes that wait for the client to read.
    pub queued_bytes: usize,
    /// Whether a fault holds back what is sent on it.
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
    /// Injects a fault. See [`Fault`] for the kinds.
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
        self.shared.faults.inject(fault)
    }

    /// Returns the faults in force, in the order of their injection: those that wait for their time, and those that can still
    /// happen.
    pub fn faults(&self) -> Vec<FaultInForce> {
        self.shared.faults.in_force()
    }

    /// Removes the fault with this [`FaultInForce::id`], as [`FaultHandle::remove`] does.
    pub fn remove_fault(&self, id: u64) {
        self.shared.faults.remove(id);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.shared.faults.remove_all();
    }

    /// Returns the open WebSocket connections, in the order of connecting.
    pub fn connections(&self) -> Vec<ConnectionInfo> {
        self.shared.connections()
    }

    /// Starts a journal of the events of these streams, whether a client is subscribed or not, with at most `keep` events of
    /// each. What a client receives, and what it reports as missing, must add up to the journal.
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

    /// Returns the events of a stream since [`Exchange::keep_journal`]; an empty journal for other streams. It has the events
    /// that a fault withheld from a connection, too.
    pub fn journal(&self, stream: &str) -> Journal {
        self.shared.run(|core, _| core.hub.journal(stream)).unwrap_or_default()
    }

    /// Returns the number of events of a stream since [`Exchange::keep_journal`], without copying them.
    pub fn journal_len(&self, stream: &str) -> u64 {
        self.shared.run(|core, _| core.hub.journal_len(stream))
    }

    /// Cuts every connection, HTTP included, without a close frame.
    pub fn close_all_connections(&self) {
        self.shared.cut_all();
    }

    /// Injects [`Fault::answer`] on the next `request` (as in [`Exchange::request_count`], or `"*"`).
    pub fn fail_next_request(&self, request: &str, status: u16, body: &str) {
        self.inject(Fault::answer(status, body).on_request(request));
    }

    /// Injects [`Fault::answer_after`] on the next `request`.
    pub fn fail_next_response(&self, request: &str, status: u16, body: &str) {
        self.inject(Fault::answer_after(status, body).on_request(request));
    }

    /// Injects [`Fault::lose_request`] on the next `request`.
    pub fn drop_next_request(&self, request: &str) {
        self.inject(Fault::lose_request().on_request(request));
    }

    /// Injects [`Fault::lose_response`] on the next `request`.
    pub fn drop_next_response(&self, request: &str) {
        self.inject(Fault::lose_response().on_request(request));
    }

    /// Injects [`Fault::delay_response`] on the next `request`.
    pub fn delay_next_response(&self, request: &str, delay: Duration) {
        self.inject(Fault::delay_response(delay).on_request(request));
    }

    /// Delays all answers to `SUBSCRIBE` and the like; zero ends it. Injects [`Fault::delay_acknowledgement`] without end.
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

    /// Leaves out the next diff-depth event of a symbol on all connections: a gap for every client that keeps its book.
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

    /// Sends a text to every stream connection unchanged, valid or not.
    pub fn send_raw_frame_to_streams(&self, text: &str) {
        self.shared.run(|core, _| core.hub.send_raw(text));
    }

    /// Sends the event of a coming shutdown to every WebSocket connection, as [`Fault::server_shutdown`]. The exchange stays.
    pub fn server_shutdown_event(&self) {
        self.inject(Fault::server_shutdown());
    }
}
