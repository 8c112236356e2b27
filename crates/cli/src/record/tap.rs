//! The tap between the client and the recorder: frames that hold events are counted apart from answers to control messages.

use crate::frames::{Kind, begins_as_event, classify};
use binance_kit::core::Decoder;
use binance_kit::core::tap::{FrameTap, Mark, Payload};
use binance_kit::record::Recorder;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Passes frames to a recorder, and counts them.
#[derive(Debug)]
pub(super) struct Tap {
    recorder: Arc<Recorder>,
    /// Number of frames that hold events.
    data: AtomicU64,
    /// Reads the few frames that do not begin with the name of a stream.
    decoder: Mutex<Decoder>,
}

impl Tap {
    pub(super) fn new(recorder: Arc<Recorder>) -> Self {
        Self { recorder, data: AtomicU64::new(0), decoder: Mutex::new(Decoder::new()) }
    }

    /// Number of frames that hold events, those that the recorder had to drop included.
    pub(super) fn data(&self) -> u64 {
        self.data.load(Ordering::Relaxed)
    }

    fn is_data(&self, payload: Payload<'_>) -> bool {
        match payload {
            // The lock is shared by all connections, so that only frames that need the decoder take it.
            Payload::Text(text) => begins_as_event(text).unwrap_or_else(|| {
                let mut decoder = self.decoder.lock().unwrap_or_else(PoisonError::into_inner);
                classify(&mut decoder, text) != Kind::Control
            }),
            Payload::Binary(_) => true,
        }
    }
}

impl FrameTap for Tap {
    fn frame(&self, received_nanos: u64, connection: u64, payload: Payload<'_>) {
        self.data.fetch_add(u64::from(self.is_data(payload)), Ordering::Relaxed);
        self.recorder.frame(received_nanos, connection, payload);
    }

    fn mark(&self, at_nanos: u64, connection: u64, mark: Mark) {
        self.recorder.mark(at_nanos, connection, mark);
    }
}
