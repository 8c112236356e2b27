//! The bounds of one WebSocket connection. Everything that the peer can make grow or last has one.

use crate::attempts::Priority;
use std::time::Duration;

/// The bounds of a WebSocket connection. Sizes are bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WsConfig {
    /// The largest message, all its fragments together: 4 MiB.
    pub max_message: usize,
    /// The largest frame: 4 MiB. What is larger than [`Self::max_message`] is refused all the same.
    pub max_frame: usize,
    /// Maximum number of fragments of one message: 131,072.
    pub max_fragments: usize,
    /// Maximum number of bytes that may wait to be written: 1 MiB. Pongs and close frames are let through beyond it.
    pub write_queue: usize,
    /// How long a frame may stay unfinished: 10 s, and one second more for each [`Self::progress_floor`] of it that came.
    /// It counts while a caller waits in [`super::WebSocket::next`], so a slow consumer does not end the connection.
    pub frame_timeout: Duration,
    /// The same for a message in fragments: 30 s.
    pub message_timeout: Duration,
    /// The bytes in a second below which a long frame is taken for a stalled one: 16 KiB.
    pub progress_floor: u32,
    /// How long the peer may take none of what is to be written: 10 s.
    pub write_timeout: Duration,
    /// How long the peer may take to answer our close frame: 5 s.
    pub close_timeout: Duration,
    /// How long an error waits for the close frame before it to be written: 500 ms.
    pub ending_timeout: Duration,
    /// The shortest time between two pongs: 200 ms, because the exchange counts them. The latest ping is answered.
    pub pong_interval: Duration,
    /// Who goes first when attempts to connect are scarce.
    pub priority: Priority,
    /// The largest read buffer: 128 KiB. It begins with 4 KiB and grows when reads fill it, so that a flood takes few reads; a larger
    /// frame makes it larger, until the frame is consumed.
    pub read_buffer: usize,
    /// Who reads the frames.
    pub frame_layer: FrameLayer,
}

/// Who reads the frames of a connection. Both give the same messages and the same errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FrameLayer {
    /// This crate, where the frames lie in the read buffer.
    #[default]
    InPlace,
    /// The library fastwebsockets, behind a guard that refuses what it does not. Slower; for comparison.
    Fastwebsockets,
}

impl Default for WsConfig {
    fn default() -> Self {
        Self {
            max_message: 4 << 20,
            max_frame: 4 << 20,
            max_fragments: 1 << 17,
            write_queue: 1 << 20,
            frame_timeout: Duration::from_secs(10),
            message_timeout: Duration::from_secs(30),
            progress_floor: 16 << 10,
            write_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(5),
            ending_timeout: Duration::from_millis(500),
            pong_interval: Duration::from_millis(200),
            priority: Priority::Ordinary,
            read_buffer: 128 << 10,
            frame_layer: FrameLayer::InPlace,
        }
    }
}

impl WsConfig {
    /// The largest message, and the largest frame with it.
    #[must_use]
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.max_message = bytes;
        self.max_frame = bytes;
        self
    }

    /// Sets who reads the frames.
    #[must_use]
    pub fn frame_layer(mut self, layer: FrameLayer) -> Self {
        self.frame_layer = layer;
        self
    }

    /// Sets the maximum number of bytes that may wait to be written.
    #[must_use]
    pub fn write_queue(mut self, bytes: usize) -> Self {
        self.write_queue = bytes;
        self
    }
}
