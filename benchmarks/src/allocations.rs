//! Counts allocations. The only unsafe code of these programs: an allocator cannot be written without it, and one from a crate
//! costs more than a load and a store for each allocation, which the peers, who allocate most, would pay.
#![expect(
    unsafe_code,
    reason = "the trait of allocators is unsafe; each call goes to the system's one as it came"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

/// The system's allocator, counted.
pub(crate) struct Counting;

/// Allocations so far. Not exact when several threads allocate at once.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// Allocations and reallocations of the process so far; exact as long as one thread allocates.
pub(crate) fn count() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

fn one_more() {
    // No read-modify-write: it would cost more than many an allocation.
    COUNT.store(COUNT.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

// SAFETY: all calls are handed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        one_more();
        // SAFETY: the caller's promises are those of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        one_more();
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        one_more();
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}
