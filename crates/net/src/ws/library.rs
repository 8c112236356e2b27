//! The frame layer of the library fastwebsockets, behind a guard that knows the rules it does not ([`super::guard`]).
//!
//! fastwebsockets' `read_frame` loses bytes when its future is dropped half-way, so the future here lives as long as the
//! connection: it reads frame after frame, leaves each in a slot, and goes on when it is polled the next time. A caller that waits for
//! a frame may stop waiting at any moment.

use super::frames::{Frame, FrameError, Place};
use super::guard::{Guard, Watch};
use super::header::{Opcode, Violation};
use bytes::BytesMut;
use fastwebsockets::{OpCode, Role, WebSocketError};
use std::future::{Future, poll_fn, ready};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::AsyncRead;

/// A frame with its payload.
type Slot = Arc<Mutex<Option<(bool, Opcode, BytesMut)>>>;

/// Reads frames.
pub(super) struct Library {
    /// The loop of the codec, polled for one frame after the other.
    reader: Pin<Box<dyn Future<Output = FrameError> + Send>>,
    /// Where the loop leaves a frame.
    slot: Slot,
    /// The payload of the last frame.
    payload: BytesMut,
    /// What the guard counts below the codec.
    watch: Arc<Watch>,
}

impl Library {
    pub(super) fn new<R>(io: R, already_read: &[u8], max_frame: usize) -> Self
    where
        R: AsyncRead + Send + Unpin + 'static,
    {
        let guard = Guard::new(io, already_read, max_frame);
        let (watch, slot) = (guard.watch(), Slot::default());
        let reader = Box::pin(read(guard, max_frame, Arc::clone(&slot)));
        Self { reader, slot, payload: BytesMut::new(), watch }
    }

    pub(super) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// The payload of the last frame.
    pub(super) fn payload(&self, place: Place) -> &[u8] {
        self.payload.get(place.begin..place.end).unwrap_or_default()
    }

    /// The next frame. Must not be called again after an error.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Frame, FrameError>> {
        self.payload = BytesMut::new();
        if let Poll::Ready(error) = self.reader.as_mut().poll(cx) {
            return Poll::Ready(Err(error));
        }
        match self.slot.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some((is_final, opcode, payload)) => {
                let place = Place { begin: 0, end: payload.len() };
                self.payload = payload;
                Poll::Ready(Ok(Frame { is_final, opcode, place }))
            }
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
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some((frame.fin, opcode, payload));
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
