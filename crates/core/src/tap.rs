//! A tap: sees each frame as it was received, before it is decoded. Recorders are taps.

use std::fmt::Debug;

/// Payload of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload<'a> {
    /// Payload of a text frame.
    Text(&'a str),
    /// Payload of a binary frame.
    Binary(&'a [u8]),
}

/// A change of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It came up.
    Connected,
    /// It was lost; frames until the next [`Mark::Connected`] are missing.
    Disconnected,
}

/// Sees every frame of a client's connections, in the order of their receipt. It is called by the task that reads the socket and
/// must not block. Times are nanoseconds since the Unix epoch, by the client's wall clock.
pub trait FrameTap: Debug + Send + Sync {
    /// Called for each frame.
    fn frame(&self, received_nanos: u64, connection: u64, payload: Payload<'_>);

    /// Called when a connection came up or was lost.
    fn mark(&self, at_nanos: u64, connection: u64, mark: Mark);
}
