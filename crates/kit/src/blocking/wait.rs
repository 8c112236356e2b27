//! Waiting for a future on a thread without a runtime.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use tokio::time::Instant;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a future whose waking comes from another thread; `None` when the deadline passes before. `now` reads the clock.
///
/// Nothing is driven here: the future must not need timers or sockets of its own, unless the caller has entered a runtime that
/// drives them on another thread (`Background::enter`). That is also why this can be called
/// anywhere, where a runtime's own way to block panics inside another runtime.
pub(super) fn wait_for<T>(
    future: impl Future<Output = T>,
    deadline: Option<Instant>,
    now: impl Fn() -> Instant,
) -> Option<T> {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return Some(value);
        }
        // A wake-up between the poll and here makes the park return at once.
        match deadline {
            None => std::thread::park(),
            Some(deadline) => {
                let left = deadline.saturating_duration_since(now());
                if left.is_zero() {
                    return None;
                }
                std::thread::park_timeout(left);
            }
        }
    }
}
