//! What waits to be written to one connection. Bounded: a client that does not read is cut off, and no other waits
//! for it.

use super::link::End;
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// What the writer of a connection does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Writes these bytes.
    Bytes(Bytes),
    /// Writes nothing for a while, or any more.
    Pause(Option<Duration>),
    /// Writes at this pace, or as fast as it can.
    Pace(Option<u32>),
    /// Holds up the connection.
    Freeze { read: bool, write: bool },
    /// Ends the connection.
    End(End),
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            _ => 0,
        }
    }
}

#[derive(Debug, Default)]
struct Queue {
    /// What waits, in order.
    frames: VecDeque<Piece>,
    /// Bytes that wait.
    bytes: usize,
    /// What is held back elsewhere, to be queued later.
    held_frames: usize,
    /// Bytes that faults hold back.
    held_bytes: usize,
    /// Whether the connection ends after what waits.
    finishing: bool,
}

/// The queue of one connection.
#[derive(Debug)]
pub(crate) struct Outbox {
    /// What waits.
    queue: Mutex<Queue>,
    /// Notified when something waits.
    ready: Notify,
    /// Whether the connection is cut.
    aborted: AtomicBool,
    /// Whether it was cut because the client did not read.
    overflowed: AtomicBool,
    /// Notified when the connection is cut.
    abort: Notify,
    /// Frames that may wait.
    max_frames: usize,
    /// Bytes that may wait.
    max_bytes: usize,
}

impl Outbox {
    pub(crate) fn new(max_frames: usize, max_bytes: usize) -> Self {
        Self {
            queue: Mutex::default(),
            ready: Notify::new(),
            aborted: AtomicBool::new(false),
            overflowed: AtomicBool::new(false),
            abort: Notify::new(),
            max_frames,
            max_bytes,
        }
    }

    /// Queues bytes. False when the connection is over, which it is from the first byte too many on.
    pub(crate) fn push(&self, frame: Bytes) -> bool {
        self.push_piece(Piece::Bytes(frame))
    }

    /// The queue, when there is room for a frame of so many bytes.
    fn room_for(&self, bytes: usize) -> Option<MutexGuard<'_, Queue>> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.finishing || self.aborted.load(Ordering::Relaxed) {
            return None;
        }
        if queue.frames.len() + queue.held_frames >= self.max_frames
            || queue.bytes + queue.held_bytes + bytes > self.max_bytes
        {
            drop(queue);
            self.overflowed.store(true, Ordering::Relaxed);
            self.abort();
            return None;
        }
        Some(queue)
    }

    /// Counts bytes that are held back until [`Outbox::push_held`]. False as with [`Outbox::push`].
    pub(crate) fn hold(&self, frame: &Bytes) -> bool {
        let Some(mut queue) = self.room_for(frame.len()) else { return false };
        queue.held_frames += 1;
        queue.held_bytes += frame.len();
        true
    }

    /// Queues bytes that were held back.
    pub(crate) fn push_held(&self, frame: Bytes) -> bool {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.held_frames = queue.held_frames.saturating_sub(1);
        queue.held_bytes = queue.held_bytes.saturating_sub(frame.len());
        drop(queue);
        self.push(frame)
    }

    /// Queues bytes or something else that the writer is to do in its turn.
    pub(crate) fn push_piece(&self, frame: Piece) -> bool {
        let Some(mut queue) = self.room_for(frame.len()) else { return false };
        queue.bytes += frame.len();
        queue.frames.push_back(frame);
        let first = queue.frames.len() == 1;
        drop(queue);
        if first {
            self.ready.notify_one();
        }
        true
    }

    /// Lets the writer end when all is written.
    pub(crate) fn finish(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).finishing = true;
        self.ready.notify_one();
    }

    /// Ends the connection at once.
    pub(crate) fn abort(&self) {
        self.aborted.store(true, Ordering::Relaxed);
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.frames.clear();
        queue.bytes = 0;
        drop(queue);
        self.abort.notify_one();
    }

    /// Whether it was too much that ended the connection.
    pub(crate) fn overflowed(&self) -> bool {
        self.overflowed.load(Ordering::Relaxed)
    }

    /// Waits for [`Outbox::abort`].
    pub(crate) async fn aborted(&self) {
        while !self.aborted.load(Ordering::Relaxed) {
            self.abort.notified().await;
        }
    }

    /// How many frames and bytes wait.
    pub(crate) fn queued(&self) -> (usize, usize) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        (queue.frames.len(), queue.bytes)
    }

    /// Takes what is queued, at most about 64 KiB of bytes as one piece; none when all is written and done.
    pub(crate) async fn take(&self) -> Option<Piece> {
        const BATCH: usize = 64 * 1024;
        loop {
            {
                let mut locked = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
                let queue = &mut *locked;
                if let Some(first) = queue.frames.pop_front() {
                    queue.bytes -= first.len();
                    let next_is_bytes = matches!(queue.frames.front(), Some(Piece::Bytes(_)));
                    let piece = match first {
                        Piece::Bytes(first) if next_is_bytes && first.len() < BATCH => {
                            let mut batch = Vec::with_capacity(BATCH.min(queue.bytes + first.len()));
                            batch.extend_from_slice(&first);
                            while let Some(Piece::Bytes(next)) = queue.frames.front()
                                && batch.len() + next.len() <= BATCH
                            {
                                batch.extend_from_slice(next);
                                queue.bytes -= next.len();
                                queue.frames.pop_front();
                            }
                            Piece::Bytes(batch.into())
                        }
                        first => first,
                    };
                    if !queue.frames.is_empty() {
                        self.ready.notify_one();
                    }
                    return Some(piece);
                }
                if queue.finishing {
                    return None;
                }
            }
            self.ready.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn batches_and_finishes() {
        let outbox = Outbox::new(100, 1_000_000);
        assert!(outbox.push(Bytes::from_static(b"ab")));
        assert!(outbox.push(Bytes::from_static(b"cd")));
        assert!(outbox.push(Bytes::from(vec![0; 70_000])));
        assert!(outbox.push_piece(Piece::Pause(None)));
        assert!(outbox.push(Bytes::from_static(b"ef")));
        assert_eq!(outbox.take().await.unwrap(), Piece::Bytes(Bytes::from_static(b"abcd")));
        assert_eq!(outbox.take().await.unwrap().len(), 70_000);
        assert_eq!(outbox.take().await.unwrap(), Piece::Pause(None));
        assert_eq!(outbox.queued(), (1, 2));
        assert_eq!(outbox.take().await.unwrap(), Piece::Bytes(Bytes::from_static(b"ef")));
        outbox.finish();
        assert_eq!(outbox.take().await, None);
        assert!(!outbox.push(Bytes::from_static(b"late")));
    }

    #[tokio::test]
    async fn overflow_aborts() {
        let outbox = Outbox::new(2, 10);
        assert!(outbox.push(Bytes::from_static(b"12345678")));
        assert!(!outbox.push(Bytes::from_static(b"12345678")));
        outbox.aborted().await;
        assert!(!outbox.push(Bytes::from_static(b"1")));
        let outbox = Outbox::new(1, 10);
        assert!(outbox.push(Bytes::from_static(b"1")));
        assert!(!outbox.push(Bytes::from_static(b"1")));
        outbox.aborted().await;
    }

    #[tokio::test]
    async fn what_is_held_back_counts() {
        let outbox = Outbox::new(2, 10);
        let frame = Bytes::from_static(b"1234");
        assert!(outbox.hold(&frame) && outbox.push_held(frame.clone()) && outbox.hold(&frame));
        assert!(!outbox.hold(&frame));
        assert!(outbox.overflowed() && !outbox.push_held(frame.clone()));
        let outbox = Outbox::new(9, 10);
        assert!(outbox.hold(&frame) && outbox.push(frame.clone()) && !outbox.push(frame));
    }
}
