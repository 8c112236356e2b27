//! Reading messages: lent from the buffer they were received in, or handed over.

use super::assemble::Assembled;
use super::frames::{Frame, Place};
use super::message::{MessageKind, WsMessage};
use super::{KEPT, State, WebSocket};
use crate::error::{Error, ErrorKind};
use crate::io::Io;
use bytes::BytesMut;
use std::fmt;
use std::task::{Context as TaskContext, Poll, ready};

/// Where a message lies.
#[derive(Debug, Clone, Copy)]
enum Lies {
    /// In the buffer of the frame layer.
    Frame(Place),
    /// In the buffer of joined fragments.
    Joined,
}

/// A whole message that still lies in the buffers of its connection; see [`WebSocket::poll_lent`].
pub struct Lent<'a, T> {
    /// The connection.
    socket: &'a mut WebSocket<T>,
    /// What the message is.
    kind: MessageKind,
    /// Where it lies.
    lies: Lies,
}

impl<T: Io> fmt::Debug for Lent<'_, T> {
    /// Only kind and length: messages of the account hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lent").field("kind", &self.kind).field("bytes", &self.bytes().len()).finish()
    }
}

impl<T: Io> Lent<'_, T> {
    /// What the message is.
    #[inline]
    pub fn kind(&self) -> MessageKind {
        self.kind
    }

    /// Its payload; valid UTF-8 when it is text.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        match self.lies {
            Lies::Frame(place) => self.socket.frames.payload(place),
            Lies::Joined => self.socket.assembler.joined(),
        }
    }

    /// The bytes received since the upgrade, those behind this message included: they tell reads of the transport apart.
    #[inline]
    pub fn received_bytes(&self) -> u64 {
        self.socket.received_bytes()
    }

    /// Takes the message with a copy of its payload.
    pub fn into_message(self) -> WsMessage {
        let Self { socket, kind, lies } = self;
        let payload = match lies {
            Lies::Frame(place) => socket.frames.payload(place),
            Lies::Joined => socket.assembler.joined(),
        };
        // A large message has a buffer of its own, which goes with it; the others share one, which is used again.
        let payload = if payload.len() > KEPT {
            BytesMut::from(payload)
        } else {
            socket.handed_over.extend_from_slice(payload);
            socket.handed_over.split()
        };
        WsMessage::new(kind, payload)
    }
}

impl<T: Io> WebSocket<T> {
    /// [`Self::next`] for futures written by hand.
    ///
    /// # Errors
    ///
    /// Those of [`Self::next`].
    pub fn poll_next(&mut self, cx: &mut TaskContext<'_>) -> Poll<Result<WsMessage, Error>> {
        self.poll_lent(cx).map_ok(Lent::into_message)
    }

    /// As [`Self::poll_next`]; the message stays where it was received until it is looked at or taken. Dropping what is lent
    /// drops the message.
    ///
    /// # Errors
    ///
    /// Those of [`Self::next`].
    #[inline]
    pub fn poll_lent(&mut self, cx: &mut TaskContext<'_>) -> Poll<Result<Lent<'_, T>, Error>> {
        let (kind, lies) = ready!(self.poll_place(cx))?;
        Poll::Ready(Ok(Lent { socket: self, kind, lies }))
    }

    fn poll_place(&mut self, cx: &mut TaskContext<'_>) -> Poll<Result<(MessageKind, Lies), Error>> {
        match &self.state {
            State::Open => {}
            State::Ending { .. } => return self.poll_end(cx).map(Err),
            State::Ended(ended) => return Poll::Ready(Err(ended.again())),
        }
        self.write(cx);
        loop {
            match self.frames.poll(cx) {
                Poll::Ready(Ok(frame)) => {
                    if let Some((kind, lies)) = self.take(frame) {
                        if kind == MessageKind::Ping {
                            self.write(cx);
                        }
                        return Poll::Ready(Ok((kind, lies)));
                    }
                }
                Poll::Ready(Err(error)) => self.end_with(error),
                Poll::Pending => {
                    self.assembler.idle();
                    ready!(self.poll_waiting(cx));
                }
            }
            if !matches!(self.state, State::Open) {
                return self.poll_end(cx).map(Err);
            }
        }
    }

    fn take(&mut self, frame: Frame) -> Option<(MessageKind, Lies)> {
        let payload = self.frames.payload(frame.place);
        match self.assembler.take(frame.opcode, frame.is_final, payload) {
            Ok(Assembled::Whole(kind)) => {
                if kind == MessageKind::Ping {
                    self.pong.ask(payload);
                }
                Some((kind, Lies::Frame(frame.place)))
            }
            Ok(Assembled::Joined(kind)) => Some((kind, Lies::Joined)),
            Ok(Assembled::Part) => None,
            Ok(Assembled::Close(code, reason)) => {
                let mut error = Error::new(ErrorKind::Closed).with_close_code(code);
                if !reason.is_empty() {
                    error = error.detail(format!("{reason:?}"));
                }
                self.end_with_close(error, code);
                None
            }
            Err(violation) => {
                self.end_with_violation(violation);
                None
            }
        }
    }
}
