//! A seam beside the hot path: who wants to see frames as they came, before anything reads them.

use std::fmt::Debug;

/// What came in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload<'a> {
    /// A text.
    Text(&'a str),
    /// Bytes.
    Binary(&'a [u8]),
}

/// What became of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It is up.
    Connected,
    /// It is lost, and what comes until the next [`Mark::Connected`] is missing.
    Disconnected,
}

/// Is shown every frame of a client's connections in the order in which they came, by the task that reads the socket: it must
/// not block. Times are nanoseconds since the Unix epoch, by the client's wall clock.
pub trait FrameTap: Debug + Send + Sync {
    /// A frame came.
    fn frame(&self, received_nanos: u64, connection: u64, payload: Payload<'_>);

    /// A connection came up or was lost.
    fn mark(&self, at_nanos: u64, connection: u64, mark: Mark);
}
