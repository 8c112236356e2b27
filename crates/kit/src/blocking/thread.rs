//! The background thread with its runtime.

use super::error::BlockingError;
use std::future::Future;
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::thread::ThreadId;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Why a future was not run to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunError {
    /// The thread has stopped.
    Stopped,
    /// The caller is the thread itself, which would wait for itself for ever.
    Inside,
}

/// A thread that runs a current-thread runtime until it is stopped or dropped.
#[derive(Debug)]
pub(super) struct Background {
    handle: Handle,
    thread: ThreadId,
    stop: Mutex<Option<oneshot::Sender<()>>>,
    ended: Arc<Ended>,
}

/// Whether the thread is done, with everything that ran on it.
#[derive(Debug, Default)]
struct Ended {
    flag: Mutex<bool>,
    changed: Condvar,
}

/// Says so, even when the thread panics.
struct AnnounceEnd(Arc<Ended>);

impl Drop for AnnounceEnd {
    fn drop(&mut self) {
        *self.0.flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.changed.notify_all();
    }
}

impl Background {
    pub(super) fn start(name: &str) -> Result<Self, BlockingError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(BlockingError::Thread)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = Arc::new(Ended::default());
        let announce = AnnounceEnd(Arc::clone(&ended));
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                // Dropped last, when all tasks are.
                let _announce = announce;
                // Ends when it is stopped, or when the owner is gone.
                let _ = runtime.block_on(stopped);
                runtime.shutdown_background();
            })
            .map_err(BlockingError::Thread)?;
        // The handle of the thread is not kept: whoever waits for its end waits for the announcement, so that any number can.
        Ok(Self { handle, thread: thread.thread().id(), stop: Mutex::new(Some(stop)), ended })
    }

    /// Whether the caller runs on this thread.
    pub(super) fn is_inside(&self) -> bool {
        self.thread == std::thread::current().id()
    }

    /// Runs a future on the background thread and waits for it.
    pub(super) fn run<F>(&self, future: F) -> Result<F::Output, RunError>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        if self.is_inside() {
            return Err(RunError::Inside);
        }
        let (sender, receiver) = mpsc::sync_channel(1);
        let task = self.spawn("blocking call", async move {
            let _ = sender.send(future.await);
        });
        // A runtime that stops drops the task, and the sender with it.
        let result = receiver.recv().map_err(|_| RunError::Stopped);
        drop(task);
        result
    }

    /// Lets timers that the caller polls run on the background thread, until the guard is dropped.
    #[cfg(feature = "account")]
    pub(super) fn enter(&self) -> tokio::runtime::EnterGuard<'_> {
        self.handle.enter()
    }

    /// Starts a task on the background thread.
    pub(super) fn spawn<F>(&self, name: &'static str, future: F) -> binance_kit_net::task::Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let _entered = self.handle.enter();
        binance_kit_net::task::spawn(name, future)
    }

    /// Ends the thread and everything on it, and waits for that, unless the caller is on it.
    pub(super) fn stop(&self) {
        // No lock is held while waiting: what still runs on the thread may stop it too.
        let stop = self.stop.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(stop) = stop {
            let _ = stop.send(());
        }
        self.wait();
    }

    /// Waits until the thread has ended, unless the caller is on it.
    pub(super) fn wait(&self) {
        if self.is_inside() {
            return;
        }
        let mut ended = self.ended.flag.lock().unwrap_or_else(PoisonError::into_inner);
        while !*ended {
            ended = self.ended.changed.wait(ended).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.stop();
    }
}
