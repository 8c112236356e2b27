//! The background thread with its runtime.

use std::future::Future;
use std::sync::mpsc;
use std::thread::JoinHandle;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// The background thread could not be started.
#[derive(Debug, thiserror::Error)]
#[error("the background thread could not be started")]
pub struct StartError(#[source] std::io::Error);

/// A thread that runs a current-thread runtime until it is told to stop or dropped.
#[derive(Debug)]
pub(super) struct Background {
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    pub(super) fn start(name: &str) -> Result<Self, StartError> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(StartError)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                // Ends when told to, or when the owner is gone.
                let _ = runtime.block_on(stopped);
                runtime.shutdown_background();
            })
            .map_err(StartError)?;
        Ok(Self { handle, stop: Some(stop), thread: Some(thread) })
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Runs a future on the background thread and waits for it; `None` when the thread is stopped.
    pub(super) fn run<F>(&self, future: F) -> Option<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (sender, receiver) = mpsc::sync_channel(1);
        let task = {
            let _entered = self.handle.enter();
            binance_kit_net::task::spawn("blocking call", async move {
                let _ = sender.send(future.await);
            })
        };
        let result = receiver.recv().ok();
        drop(task);
        result
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

    pub(super) fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.stop();
    }
}
