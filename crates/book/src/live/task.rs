//! The only place of this crate that starts a task: one that ends with its owner.

use std::future::Future;
use tokio::task::JoinSet;

/// A task that is aborted at its next await when this value is dropped.
#[derive(Debug)]
pub(super) struct OwnedTask(JoinSet<()>);

impl OwnedTask {
    /// Starts the task on the current runtime. Must be called inside one.
    pub(super) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Self {
        let mut set = JoinSet::new();
        set.spawn(future);
        Self(set)
    }

    /// Waits for the task to end. Dropping the future aborts the task.
    pub(super) async fn join(mut self) {
        while self.0.join_next().await.is_some() {}
    }
}
