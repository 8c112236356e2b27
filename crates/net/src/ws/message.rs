//! What goes over a WebSocket connection.

use bytes::BytesMut;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// The bytes of a message. Drop them before the next message is read, or else the connection needs a new buffer for that one.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct MessageBytes(BytesMut);

impl MessageBytes {
    /// The buffer itself.
    pub fn into_inner(self) -> BytesMut {
        self.0
    }
}

impl From<&[u8]> for MessageBytes {
    fn from(bytes: &[u8]) -> Self {
        Self(BytesMut::from(bytes))
    }
}

impl From<BytesMut> for MessageBytes {
    fn from(bytes: BytesMut) -> Self {
        Self(bytes)
    }
}

impl Deref for MessageBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for MessageBytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl AsRef<[u8]> for MessageBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for MessageBytes {
    /// Only the length: messages of the account hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageBytes({} bytes)", self.0.len())
    }
}

/// A whole message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WsMessage {
    /// Text: valid UTF-8.
    Text(MessageBytes),
    /// Binary data.
    Binary(MessageBytes),
    /// The peer's ping, at most 125 bytes. The pong is on its way: there is nothing to do.
    Ping(MessageBytes),
    /// A pong, in answer to a ping of ours or unasked for: compare the payload.
    Pong(MessageBytes),
}

impl WsMessage {
    pub(super) fn new(kind: MessageKind, payload: BytesMut) -> Self {
        let payload = MessageBytes(payload);
        match kind {
            MessageKind::Text => Self::Text(payload),
            MessageKind::Binary => Self::Binary(payload),
            MessageKind::Ping => Self::Ping(payload),
            MessageKind::Pong => Self::Pong(payload),
        }
    }
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// Text.
    Text,
    /// Binary data.
    Binary,
    /// A ping.
    Ping,
    /// A pong.
    Pong,
}

/// Names a frame that was queued; see [`super::WebSocket::delivery`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sent(pub(super) u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_a_message_are_the_same_however_they_are_looked_at() {
        let mut bytes = MessageBytes::from(b"abc".as_slice());
        let by_reference: &[u8] = bytes.as_ref();
        assert_eq!((by_reference, &*bytes), (b"abc".as_slice(), b"abc".as_slice()));
        bytes.make_ascii_uppercase();
        assert_eq!(bytes.as_ref(), b"ABC");
        assert_eq!(bytes, MessageBytes::from(bytes.clone().into_inner()));
        assert_eq!(format!("{bytes:?}"), "MessageBytes(3 bytes)");
    }
}
