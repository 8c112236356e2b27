//! What waits to be written to one connection. Bounded: a client that does not read is cut off, and no other waits
//! for it.

use super::link::End;
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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

/// What may wait for all connections of an exchange together.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Bytes that wait.
    queued: AtomicUsize,
    /// Connections that there are.
    outboxes: AtomicUsize,
    /// Bytes that may wait.
    max: usize,
}

impl Budget {
    pub(crate) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { queued: AtomicUsize::new(0), outboxes: AtomicUsize::new(0), max })
    }

    /// Whether a connection on which `own` bytes wait has to go for the sake of the others: there is too much, and it has
    /// more than its share of it.
    fn is_exceeded_by(&self, own: usize) -> bool {
        self.queued.load(Ordering::Relaxed) > self.max
            && own > self.max / self.outboxes.load(Ordering::Relaxed).max(1)
    }

    fn add(&self, bytes: usize) {
        self.queued.fetch_add(bytes, Ordering::Relaxed);
    }

    fn take(&self, bytes: usize) {
        self.queued.fetch_sub(bytes, Ordering::Relaxed);
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
    /// What may wait for all connections together.
    budget: Arc<Budget>,
    /// Notified when little waits.
    room: Notify,
}

/// More answers than this wait: no further request is taken up before some of them are written.
const BUSY_BYTES: usize = 1 << 20;

impl Drop for Outbox {
    fn drop(&mut self) {
        let queue = self.queue.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.budget.take(queue.bytes + queue.held_bytes);
        self.budget.outboxes.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Outbox {
    pub(crate) fn new(max_frames: usize, max_bytes: usize, budget: Arc<Budget>) -> Self {
        budget.outboxes.fetch_add(1, Ordering::Relaxed);
        Self {
            budget,
            room: Notify::new(),
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
            || self.budget.is_exceeded_by(queue.bytes + queue.held_bytes + bytes)
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
        self.budget.add(frame.len());
        true
    }

    /// Queues bytes that were held back.
    pub(crate) fn push_held(&self, frame: Bytes) -> bool {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.held_frames = queue.held_frames.saturating_sub(1);
        let held = queue.held_bytes.min(frame.len());
        queue.held_bytes -= held;
        self.budget.take(held);
        drop(queue);
        self.push(frame)
    }

    /// Queues bytes or something else that the writer is to do in its turn.
    pub(crate) fn push_piece(&self, frame: Piece) -> bool {
        let Some(mut queue) = self.room_for(frame.len()) else { return false };
        queue.bytes += frame.len();
        self.budget.add(frame.len());
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

    /// Whether the connection ends after what waits.
    pub(crate) fn is_finishing(&self) -> bool {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).finishing
    }

    /// Ends the connection at once.
    pub(crate) fn abort(&self) {
        self.aborted.store(true, Ordering::Relaxed);
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.frames.clear();
        self.budget.take(queue.bytes);
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

    /// Whether so many answers wait that no further request is taken up.
    pub(crate) fn is_busy(&self) -> bool {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.bytes > BUSY_BYTES && !queue.finishing
    }

    /// Waits until [`Outbox::is_busy`] is over.
    pub(crate) async fn has_room(&self) {
        while self.is_busy() {
            self.room.notified().await;
        }
    }

    /// Takes what is queued, at most about 64 KiB of bytes as one piece; none when all is written and done.
    pub(crate) async fn take(&self) -> Option<Piece> {
        const BATCH: usize = 64 * 1024;
        loop {
            {
                let mut locked = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
                let queue = &mut *locked;
                if let Some(first) = queue.frames.pop_front() {
                    let before = queue.bytes;
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
                    self.budget.take(before - queue.bytes);
                    if before > BUSY_BYTES && queue.bytes <= BUSY_BYTES {
                        self.room.notify_one();
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
        let outbox = Outbox::new(100, 1_000_000, Budget::new(usize::MAX));
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
        let outbox = Outbox::new(2, 10, Budget::new(usize::MAX));
        assert!(outbox.push(Bytes::from_static(b"12345678")));
        assert!(!outbox.push(Bytes::from_static(b"12345678")));
        outbox.aborted().await;
        assert!(!outbox.push(Bytes::from_static(b"1")));
        let outbox = Outbox::new(1, 10, Budget::new(usize::MAX));
        assert!(outbox.push(Bytes::from_static(b"1")));
        assert!(!outbox.push(Bytes::from_static(b"1")));
        outbox.aborted().await;
    }

    #[tokio::test]
    async fn what_is_held_back_counts() {
        let outbox = Outbox::new(2, 10, Budget::new(usize::MAX));
        let frame = Bytes::from_static(b"1234");
        assert!(outbox.hold(&frame) && outbox.push_held(frame.clone()) && outbox.hold(&frame));
        assert!(!outbox.hold(&frame));
        assert!(outbox.overflowed() && !outbox.push_held(frame.clone()));
        let outbox = Outbox::new(9, 10, Budget::new(usize::MAX));
        assert!(outbox.hold(&frame) && outbox.push(frame.clone()) && !outbox.push(frame));
    }

    #[tokio::test]
    async fn connections_share_a_budget() {
        let budget = Budget::new(1000);
        let outbox = || Outbox::new(1000, 1_000_000, Arc::clone(&budget));
        let (slow, other) = (outbox(), outbox());
        let frame = Bytes::from(vec![0; 300]);
        for _ in 0..3 {
            assert!(slow.push(frame.clone()));
        }
        // Together they have too much: the one with more than its half goes, not the one that is within it.
        assert!(other.push(frame.clone()) && other.push(Bytes::from(vec![0; 100])));
        assert!(!slow.push(frame.clone()) && slow.overflowed());
        assert!(!other.overflowed());
        assert_eq!(budget.queued.load(Ordering::Relaxed), 400);
        assert!(other.hold(&frame));
        assert_eq!(other.take().await.unwrap().len(), 400);
        assert_eq!(budget.queued.load(Ordering::Relaxed), 300);
        drop((slow, other));
        assert_eq!(
            (budget.queued.load(Ordering::Relaxed), budget.outboxes.load(Ordering::Relaxed)),
            (0, 0),
            "what a connection had is given back"
        );
    }

    #[tokio::test]
    async fn requests_wait_for_answers_to_be_written() {
        let outbox = Outbox::new(100, 1 << 30, Budget::new(usize::MAX));
        outbox.push(Bytes::from(vec![0; BUSY_BYTES]));
        assert!(!outbox.is_busy());
        outbox.push(Bytes::from(vec![0; 100_000]));
        assert!(outbox.is_busy());
        let (wrote, ()) = tokio::join!(outbox.take(), outbox.has_room());
        assert_eq!(wrote.unwrap().len(), BUSY_BYTES);
    }
}
