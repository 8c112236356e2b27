//! How many bytes queues may hold: the most for one queue, and the most for all queues of a program together. What is queued is
//! counted by whoever holds the queue; only what all hold together is shared, as one atomic number.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How exactly a [`ByteShare`] tells the budget what it holds: so that not every event touches the shared number.
const GRAIN: usize = 64 << 10;
/// What a queue may hold although the others have used up the budget: one slow consumer does not stop the others.
const GUARANTEED: usize = 1 << 20;

/// Number of bytes that the queues of a program may hold together. Cheap to clone; clones share the budget.
///
/// A queue beyond its own limit is full, and so is one that holds more than 1 MiB while all hold more than the budget. A queue
/// that is empty always takes one event, however large. So what is held is at most the budget, and for each queue 1 MiB and
/// one event.
#[derive(Clone)]
pub struct ByteBudget(Arc<Inner>);

struct Inner {
    /// The most that all queues may hold together.
    limit: usize,
    /// What they hold.
    used: AtomicUsize,
}

impl fmt::Debug for ByteBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteBudget").field("limit", &self.limit()).field("used", &self.used()).finish()
    }
}

impl Default for ByteBudget {
    /// 256 MiB.
    fn default() -> Self {
        Self::new(256 << 20)
    }
}

impl ByteBudget {
    /// A budget of `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Inner { limit, used: AtomicUsize::new(0) }))
    }

    /// The most that all queues may hold together, in bytes.
    pub fn limit(&self) -> usize {
        self.0.limit
    }

    /// What all queues hold together, to within 64 KiB for each of them.
    pub fn used(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }

    /// The share of one queue, which may hold `limit` bytes itself.
    pub fn share(&self, limit: usize) -> ByteShare {
        ByteShare { budget: self.clone(), limit, held: 0, charged: 0 }
    }

    /// A share of a queue whose two ends are on different threads.
    pub fn split_share(&self, limit: usize) -> SplitShare {
        SplitShare(Arc::new(Split { budget: self.clone(), limit, held: AtomicUsize::new(0) }))
    }

    fn is_used_up(&self) -> bool {
        self.used() >= self.0.limit
    }

    fn add(&self, bytes: usize) {
        self.0.used.fetch_add(bytes, Ordering::Relaxed);
    }

    fn remove(&self, bytes: usize) {
        self.0.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// What one queue holds of a [`ByteBudget`]. Given back when it is dropped.
#[derive(Debug)]
pub struct ByteShare {
    /// What all queues may hold together.
    budget: ByteBudget,
    /// The most that this one may hold.
    limit: usize,
    /// What it holds.
    held: usize,
    /// What of that the budget knows; the difference is less than [`GRAIN`].
    charged: usize,
}

impl ByteShare {
    /// Counts bytes that are held from now on.
    #[inline]
    pub fn add(&mut self, bytes: usize) {
        self.held = self.held.saturating_add(bytes);
        if self.held >= self.charged + GRAIN {
            self.budget.add(self.held - self.charged);
            self.charged = self.held;
        }
    }

    /// Counts bytes that are no longer held.
    #[inline]
    pub fn remove(&mut self, bytes: usize) {
        self.held = self.held.saturating_sub(bytes);
        if self.held + GRAIN <= self.charged {
            self.budget.remove(self.charged - self.held);
            self.charged = self.held;
        }
    }

    /// Number of bytes held.
    pub fn held(&self) -> usize {
        self.held
    }

    /// Whether nothing more is to be added now, `bytes` for example. What is empty takes anything.
    #[inline]
    pub fn is_full_for(&self, bytes: usize) -> bool {
        self.held > 0 && self.held.saturating_add(bytes) > self.allowance(self.held)
    }

    /// What one of several queues with this share may hold, which holds `part` of it now. A sixteenth of the limit, up to 1 MiB, is
    /// allowed whatever the others hold.
    #[inline]
    pub fn allowance(&self, part: usize) -> usize {
        let floor = GUARANTEED.min(self.limit / 16);
        let others = self.held.saturating_sub(part);
        let allowed = self.limit.saturating_sub(others).max(floor);
        if self.budget.is_used_up() { allowed.min(GUARANTEED.min(self.limit)) } else { allowed }
    }
}

impl Drop for ByteShare {
    fn drop(&mut self) {
        self.budget.remove(self.charged);
    }
}

/// What a queue with two ends holds of a [`ByteBudget`]: charged where an item is put in, given back where it is taken out.
#[derive(Debug, Clone)]
pub struct SplitShare(Arc<Split>);

#[derive(Debug)]
struct Split {
    /// What all queues may hold together.
    budget: ByteBudget,
    /// The most that this one may hold.
    limit: usize,
    /// What it holds.
    held: AtomicUsize,
}

impl SplitShare {
    /// Charges `bytes`, unless the queue is full; what is empty takes anything.
    pub fn charge(&self, bytes: usize) -> Option<Charge> {
        let Split { budget, limit, held } = &*self.0;
        let before = held.load(Ordering::Relaxed);
        if before > 0
            && (before.saturating_add(bytes) > *limit
                || (before > GUARANTEED.min(*limit) && budget.is_used_up()))
        {
            return None;
        }
        held.fetch_add(bytes, Ordering::Relaxed);
        budget.add(bytes);
        Some(Charge { share: self.clone(), bytes })
    }

    /// Number of bytes held.
    pub fn held(&self) -> usize {
        self.0.held.load(Ordering::Relaxed)
    }
}

/// Bytes that are held as long as this lives.
#[derive(Debug)]
pub struct Charge {
    /// Where they are given back.
    share: SplitShare,
    /// How many.
    bytes: usize,
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.share.0.held.fetch_sub(self.bytes, Ordering::Relaxed);
        self.share.0.budget.remove(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k11_a_queue_is_full_by_its_own_limit_and_by_that_of_all() {
        let budget = ByteBudget::new(10 << 20);
        let mut one = budget.share(8 << 20);
        assert!(!one.is_full_for(100 << 20), "what is empty takes anything");
        one.add(8 << 20);
        assert!(one.is_full_for(1) && !one.is_full_for(0));
        let mut two = budget.share(8 << 20);
        two.add(2 << 20);
        assert!(two.is_full_for(1), "the budget is used up");
        let mut three = budget.share(8 << 20);
        three.add((1 << 20) - 1);
        assert!(!three.is_full_for(1), "each has a mebibyte of its own");
        three.add(1);
        assert!(three.is_full_for(1));
        drop(one);
        assert!(!two.is_full_for(1) && !three.is_full_for(1));
        drop((two, three));
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn k11_the_shared_number_follows_what_is_held() {
        let budget = ByteBudget::new(1 << 20);
        let mut share = budget.share(1 << 20);
        let mut sizes = Vec::new();
        for number in 0..10_000_usize {
            let size = number * 31 % 2000;
            if number % 3 == 2 {
                share.remove(sizes.pop().unwrap());
            } else {
                share.add(size);
                sizes.push(size);
            }
            assert!(budget.used().abs_diff(share.held()) < GRAIN);
        }
        assert_eq!(share.held(), sizes.iter().sum());
    }

    #[test]
    fn k11_charges_are_given_back_where_they_end() {
        let budget = ByteBudget::new(1 << 30);
        let share = budget.split_share(1000);
        let first = share.charge(5000).unwrap();
        assert!(share.charge(1).is_none());
        drop(first);
        let held: Vec<Charge> = (0..10).map(|_| share.charge(100).unwrap()).collect();
        assert!(share.charge(1).is_none());
        assert_eq!((share.held(), budget.used()), (1000, 1000));
        drop(held);
        assert_eq!((share.held(), budget.used()), (0, 0));
    }
}
