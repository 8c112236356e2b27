//! The only place that spawns tasks. A [`Task`] ends when its owner drops it, so that none outlives its use.

use std::future::Future;
use tokio::task::JoinHandle;
use tracing::Instrument as _;

/// A running task. Dropping it aborts the task at its next await.
#[derive(Debug)]
#[must_use = "dropping the task aborts it"]
pub struct Task<T>(JoinHandle<T>);

impl<T> Task<T> {
    /// Waits for the task to end; `None` when it panicked or was aborted. Dropping the future aborts the task.
    pub async fn join(mut self) -> Option<T> {
        (&mut self.0).await.ok()
    }

    /// Aborts the task at its next await.
    pub fn abort(&self) {
        self.0.abort();
    }

    /// Whether the task has ended.
    pub fn is_finished(&self) -> bool {
        self.0.is_finished()
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts a task on the current tokio runtime. `name` goes into its tracing span.
///
/// # Panics
///
/// Outside a tokio runtime.
#[expect(clippy::disallowed_methods, reason = "this is the module that owns the tasks")]
pub fn spawn<F>(name: &'static str, future: F) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    Task(tokio::spawn(future.instrument(tracing::debug_span!("task", name))))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    #[tokio::test]
    async fn dropping_aborts_and_joining_returns() {
        assert_eq!(super::spawn("answer", async { 7 }).join().await, Some(7));
        let alive = Arc::new(());
        let held = Arc::clone(&alive);
        let task = super::spawn("forever", async move {
            std::future::pending::<()>().await;
            drop(held);
        });
        tokio::task::yield_now().await;
        drop(task);
        while Arc::strong_count(&alive) > 1 {
            tokio::task::yield_now().await;
        }
    }
}
