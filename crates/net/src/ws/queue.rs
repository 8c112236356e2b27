//! What is to be written: whole masked frames in one buffer, and how much of it was handed to the transport. The library
//! fastwebsockets writes and masks the frames.

use super::header::Opcode;
use super::message::Sent;
use crate::random::Random;
use binance_kit_core::Delivery;
use bytes::{Buf as _, BytesMut};
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::AsyncWrite;

/// The longest header of a masked frame.
const MAX_HEAD: usize = 14;

/// Writes frames to `W`.
#[derive(Debug)]
pub(super) struct WriteQueue<W> {
    /// The writing half of the byte stream.
    io: W,
    /// Makes the masks.
    random: Random,
    /// The other half of the last random number.
    spare_mask: Option<[u8; 4]>,
    /// The masked frames that wait.
    bytes: BytesMut,
    /// How many bytes the transport has taken since the upgrade: the position of the first of `bytes`.
    handed: u64,
    /// Up to where the transport may have taken bytes without saying so, when it failed.
    uncertain: u64,
    /// From where on frames were taken back. Their positions are those of the close frame now.
    taken_back_from: u64,
    /// Where the last frame that is wholly handed over ends.
    completed: u64,
    /// Where each of the others ends.
    ends: VecDeque<u64>,
    /// Whether the transport holds bytes that were not flushed.
    needs_flush: bool,
}

impl<W: AsyncWrite + Unpin> WriteQueue<W> {
    pub(super) fn new(io: W, random: Random) -> Self {
        Self {
            io,
            random,
            spare_mask: None,
            bytes: BytesMut::new(),
            handed: 0,
            uncertain: 0,
            taken_back_from: u64::MAX,
            completed: 0,
            ends: VecDeque::new(),
            needs_flush: false,
        }
    }

    /// Whether there is nothing to do.
    pub(super) fn is_idle(&self) -> bool {
        self.bytes.is_empty() && !self.needs_flush
    }

    /// How many bytes wait.
    pub(super) fn waiting(&self) -> usize {
        self.bytes.len()
    }

    /// How many bytes the transport has taken.
    pub(super) fn handed(&self) -> u64 {
        self.handed
    }

    /// Where the last queued frame ends.
    pub(super) fn queued(&self) -> u64 {
        self.handed + self.bytes.len() as u64
    }

    pub(super) fn delivery(&self, sent: Sent) -> Delivery {
        let begun = sent.0 < self.handed.max(self.uncertain) && sent.0 < self.taken_back_from;
        if begun { Delivery::MaybeWritten } else { Delivery::NotWritten }
    }

    /// The size of a frame with this payload.
    pub(super) fn frame_size(payload: usize) -> usize {
        payload.saturating_add(match payload {
            0..=125 => 6,
            126..=65_535 => 8,
            _ => 14,
        })
    }

    /// Queues a whole masked frame.
    pub(super) fn queue(&mut self, opcode: Opcode, payload: &[u8]) -> Sent {
        let sent = Sent(self.queued());
        let mask = self.mask();
        let begin = self.bytes.len();
        let whole = Self::frame_size(payload.len());
        let head = whole - payload.len();
        self.bytes.reserve(whole);
        self.bytes.extend_from_slice(&[0; MAX_HEAD][..head]);
        self.bytes.extend_from_slice(payload);
        let (head, masked) = self.bytes[begin..].split_at_mut(head);
        let masked = fastwebsockets::Payload::BorrowedMut(masked);
        let mut frame = fastwebsockets::Frame::new(true, opcode.code(), Some(mask), masked);
        frame.fmt_head(head);
        frame.mask();
        self.ends.push_back(self.queued());
        sent
    }

    fn mask(&mut self) -> [u8; 4] {
        if let Some(mask) = self.spare_mask.take() {
            return mask;
        }
        let bits = self.random.next_u64();
        let (mask, spare) = (bits & 0xFFFF_FFFF, bits >> 32);
        self.spare_mask = u32::try_from(spare).ok().map(u32::to_le_bytes);
        u32::try_from(mask).unwrap_or_default().to_le_bytes()
    }

    /// Takes back the frames of which nothing was handed over. Only a close frame may be queued after that.
    pub(super) fn take_back(&mut self) {
        let keep = match self.ends.front() {
            // A frame that began must go on to its end, or else the peer cannot read what follows.
            Some(end) if self.handed > self.completed => *end,
            _ => self.handed,
        };
        self.bytes.truncate(usize::try_from(keep - self.handed).unwrap_or(usize::MAX));
        self.taken_back_from = keep;
        self.ends.truncate(usize::from(keep > self.handed));
    }

    /// Hands over what the transport takes. Ready when everything is handed over and flushed.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.bytes.is_empty() {
            match ready!(Pin::new(&mut self.io).poll_write(cx, &self.bytes)) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(taken) if taken <= self.bytes.len() => {
                    self.bytes.advance(taken);
                    self.handed += taken as u64;
                    while let Some(end) = self.ends.front().copied().filter(|end| *end <= self.handed) {
                        self.completed = end;
                        self.ends.pop_front();
                    }
                    self.needs_flush = true;
                }
                Ok(_) => {
                    return Poll::Ready(Err(io::Error::other("the transport took more than it was given")));
                }
                Err(error) => {
                    // TLS may have sent a part of it before it failed.
                    self.uncertain = self.queued();
                    return Poll::Ready(Err(error));
                }
            }
        }
        if self.needs_flush {
            ready!(Pin::new(&mut self.io).poll_flush(cx))?;
            self.needs_flush = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Ends our direction of the byte stream.
    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
