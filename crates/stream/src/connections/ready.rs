//! Which of many connections has something to do: one waker for each, so that a task that drives a thousand of them looks at
//! those only that were woken.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

#[derive(Debug, Default)]
struct State {
    woken: VecDeque<u64>,
    parent: Option<Waker>,
}

/// The connections that were woken, in that order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ready(Arc<Mutex<State>>);

struct One {
    id: u64,
    ready: Ready,
}

impl Wake for One {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let parent = {
            let mut state = self.ready.lock();
            if state.woken.contains(&self.id) {
                return;
            }
            state.woken.push_back(self.id);
            state.parent.take()
        };
        if let Some(parent) = parent {
            parent.wake();
        }
    }
}

impl Ready {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A waker for the connection of this number.
    pub(crate) fn waker(&self, id: u64) -> Waker {
        Waker::from(Arc::new(One { id, ready: self.clone() }))
    }

    /// Marks a connection as woken, without waking the task: it is running.
    pub(crate) fn push(&self, id: u64) {
        let mut state = self.lock();
        if !state.woken.contains(&id) {
            state.woken.push_back(id);
        }
    }

    /// The next connection that was woken.
    pub(crate) fn pop(&self) -> Option<u64> {
        self.lock().woken.pop_front()
    }

    /// How many are woken.
    pub(crate) fn len(&self) -> usize {
        self.lock().woken.len()
    }

    /// Has `waker` woken by the next connection that is, and at once when one is woken already. A socket that has used up what
    /// the runtime lets a task do in one go wakes itself while it is polled: it must be polled again, but not before the task
    /// has given way.
    pub(crate) fn park(&self, waker: &Waker) {
        let mut state = self.lock();
        if !state.woken.is_empty() {
            drop(state);
            waker.wake_by_ref();
            return;
        }
        if !state.parent.as_ref().is_some_and(|parent| parent.will_wake(waker)) {
            state.parent = Some(waker.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_woken_once_and_in_order() {
        let ready = Ready::default();
        let parent = Ready::default();
        let waker = parent.waker(0);
        let (one, two) = (ready.waker(1), ready.waker(2));
        assert_eq!(ready.pop(), None);
        ready.park(&waker);
        two.wake_by_ref();
        one.wake_by_ref();
        two.wake_by_ref();
        assert_eq!((parent.pop(), parent.pop()), (Some(0), None), "the task is woken, once");
        // One that is woken before the task parks is not forgotten.
        ready.park(&waker);
        assert_eq!((parent.pop(), ready.len()), (Some(0), 2));
        assert_eq!((ready.pop(), ready.pop(), ready.pop()), (Some(2), Some(1), None));
    }
}
