//! The tasks of an exchange: owned, and ended when their owner is dropped. The only module that spawns.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

/// Owns tasks; dropping it aborts them.
#[derive(Debug)]
pub(crate) struct Tasks {
    /// The tasks.
    set: Arc<Mutex<JoinSet<()>>>,
    /// Runtime that they run on.
    runtime: Handle,
}

/// Adds tasks to the set as long as its owner lives. Does not keep it alive.
#[derive(Debug, Clone)]
pub(crate) struct Spawner {
    /// The tasks.
    set: Weak<Mutex<JoinSet<()>>>,
    /// Runtime that they run on.
    runtime: Handle,
}

impl Tasks {
    /// Tasks of the runtime that this is called on.
    pub(crate) fn new() -> Self {
        Self { set: Arc::default(), runtime: Handle::current() }
    }

    pub(crate) fn spawner(&self) -> Spawner {
        Spawner { set: Arc::downgrade(&self.set), runtime: self.runtime.clone() }
    }

    /// Aborts all tasks and waits until they are gone.
    pub(crate) async fn shutdown(&self) {
        let mut set = std::mem::take(&mut *self.set.lock().unwrap_or_else(PoisonError::into_inner));
        set.shutdown().await;
    }
}

impl Spawner {
    /// Runs a future as a task, wherever it is called from. Does nothing when the owner is gone.
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        let Some(set) = self.set.upgrade() else { return };
        let mut set = set.lock().unwrap_or_else(PoisonError::into_inner);
        // Connections come and go: finished tasks must not pile up.
        while set.try_join_next().is_some() {}
        set.spawn_on(future, &self.runtime);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    struct CountDrop(Arc<AtomicUsize>);
    impl Drop for CountDrop {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[tokio::test]
    async fn shutdown_ends_all_and_later_spawns_do_nothing_after_drop() {
        let tasks = Tasks::new();
        let ended = Arc::new(AtomicUsize::new(0));
        for _ in 0..3 {
            let guard = CountDrop(Arc::clone(&ended));
            tasks.spawner().spawn(async move {
                let _guard = guard;
                std::future::pending::<()>().await;
            });
        }
        tasks.shutdown().await;
        assert_eq!(ended.load(Ordering::SeqCst), 3);
        let spawner = tasks.spawner();
        drop(tasks);
        let guard = CountDrop(Arc::clone(&ended));
        spawner.spawn(async move { drop(guard) });
        assert_eq!(ended.load(Ordering::SeqCst), 4);
    }
}
