//! The frame layer: the only file that knows which library reads frames. Another codec needs but [`Frames::poll`].
//!
//! fastwebsockets' `read_frame` loses bytes when its future is dropped half-way, so the future here lives as long as the
//! connection: it reads frame after frame, leaves each in a slot, and goes on when it is polled the next time. A caller that waits for
//! a frame may stop waiting at any moment.

use super::guard::{Guard, Violation};
use bytes::BytesMut;
use fastwebsockets::{OpCode, Role, WebSocketError};
use std::fmt;
use std::future::{Future, poll_fn, ready};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::AsyncRead;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opcode {
    /// A further fragment of a message.
    Continuation,
    /// A text, or its first fragment.
    Text,
    /// Bytes, or their first fragment.
    Binary,
    /// The end of the connection.
    Close,
    /// Asks for a pong.
    Ping,
    /// Answers a ping.
    Pong,
}

impl Opcode {
    /// The number on the wire.
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }
}

/// A frame of the peer.
#[derive(Debug)]
pub(super) struct Frame {
    /// Whether it ends its message.
    pub(super) is_final: bool,
    /// What it carries.
    pub(super) opcode: Opcode,
    /// Its payload.
    pub(super) payload: BytesMut,
}

/// Why there are no more frames.
#[derive(Debug)]
pub(super) enum FrameError {
    /// The peer broke the protocol.
    Violation(Violation),
    /// The byte stream ended or failed.
    Io(io::Error),
}

type Slot = Arc<Mutex<Option<Frame>>>;

/// Reads frames.
pub(super) struct Frames {
    /// The loop of the codec, polled for one frame after the other.
    reader: Pin<Box<dyn Future<Output = FrameError> + Send>>,
    /// Where the loop leaves a frame.
    slot: Slot,
}

impl fmt::Debug for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Frames")
    }
}

impl Frames {
    pub(super) fn new<R>(guard: Guard<R>, max_frame: usize) -> Self
    where
        R: AsyncRead + Send + Unpin + 'static,
    {
        let slot = Slot::default();
        Self { reader: Box::pin(read(guard, max_frame, Arc::clone(&slot))), slot }
    }

    /// The next frame. Must not be called again after an error.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Frame, FrameError>> {
        if let Poll::Ready(error) = self.reader.as_mut().poll(cx) {
            return Poll::Ready(Err(error));
        }
        match self.slot.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(frame) => Poll::Ready(Ok(frame)),
            None => Poll::Pending,
        }
    }
}

async fn read<R: AsyncRead + Unpin>(guard: Guard<R>, max_frame: usize, slot: Slot) -> FrameError {
    let (mut reader, _) = fastwebsockets::after_handshake_split(guard, tokio::io::sink(), Role::Client);
    reader.set_auto_close(false);
    reader.set_auto_pong(false);
    // Its limit is the first length that is refused. The guard has refused what is longer.
    reader.set_max_message_size(max_frame.saturating_add(1));
    loop {
        // Nothing is obligatory with both automatisms off, so this is never called.
        let mut obligation = |_: fastwebsockets::Frame<'_>| ready(Ok::<(), io::Error>(()));
        let frame = match reader.read_frame(&mut obligation).await {
            Ok(frame) => frame,
            Err(error) => return explain(error),
        };
        let payload = match frame.payload {
            fastwebsockets::Payload::Bytes(bytes) => bytes,
            other => BytesMut::from(&other[..]),
        };
        let opcode = match frame.opcode {
            OpCode::Continuation => Opcode::Continuation,
            OpCode::Text => Opcode::Text,
            OpCode::Binary => Opcode::Binary,
            OpCode::Close => Opcode::Close,
            OpCode::Ping => Opcode::Ping,
            OpCode::Pong => Opcode::Pong,
        };
        *slot.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Frame { is_final: frame.fin, opcode, payload });
        hand_over().await;
    }
}

/// Is pending once without a wake-up: the poll that ends here takes the frame, the next one goes on.
async fn hand_over() {
    let mut handed = false;
    poll_fn(|_| if std::mem::replace(&mut handed, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

/// The guard finds all violations but that of UTF-8 first; the others are here in case it should not.
fn explain(error: WebSocketError) -> FrameError {
    FrameError::Violation(match error {
        WebSocketError::IoError(error) => {
            match error.get_ref().and_then(|inner| inner.downcast_ref::<Violation>()) {
                Some(violation) => *violation,
                None => return FrameError::Io(error),
            }
        }
        WebSocketError::UnexpectedEOF => {
            return FrameError::Io(io::ErrorKind::UnexpectedEof.into());
        }
        WebSocketError::InvalidUTF8 => Violation::NotUtf8("a text that is not UTF-8"),
        WebSocketError::FrameTooLarge => Violation::TooLarge("a frame above the limit"),
        _ => Violation::Protocol("a frame that is not valid"),
    })
}
